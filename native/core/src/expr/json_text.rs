//! JSON text of values, as Jackson writes it for Spark: of to_json and of json files.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::ValueFormatter;
use crate::column::{DataType, StructType};
use crate::error::Result;
use crate::options::option_invalid;
use crate::parse::{LocaleNames, TimeZone, TimestampFormat, java_text, write_java_double, write_java_float};

/// `2024-01-02T03:04:05.123-05:00`; an offset shows its seconds where it has some.
const TIMESTAMP_PATTERN: &str = "yyyy-MM-dd'T'HH:mm:ss.SSSXXXXX";

/// How values are written.
pub struct JsonStyle {
    keeps_nulls: bool,
    is_pretty: bool,
    is_ascii: bool,
    timestamps: TimestampFormat,
    local_timestamps: TimestampFormat,
    dates: Option<TimestampFormat>,
    zone: TimeZone,
}

impl JsonStyle {
    /// Reads the options of to_json and of json files; names ignore case. Fails with what is wrong with a pattern.
    pub fn of(options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<Self> {
        let get = |name: &str| {
            options
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let flag = |name: &str, default: bool| get(name).map_or(default, |value| value.eq_ignore_ascii_case("true"));
        if flag("sortKeys", false) {
            return Err(option_invalid("sortKeys", "true", "Spark has it, this version has not"));
        }
        let zone = match get("timeZone") {
            Some(name) => TimeZone::parse(name)?,
            None => session_zone.clone(),
        };
        let locale = get("locale").map_or_else(LocaleNames::english, LocaleNames::of);
        let compile = |pattern: &str| TimestampFormat::compile_in(locale, pattern, &zone);
        Ok(Self {
            keeps_nulls: !flag("ignoreNullFields", true),
            is_pretty: flag("pretty", false),
            is_ascii: flag("writeNonAsciiCharacterAsCodePoint", false),
            timestamps: compile(get("timestampFormat").unwrap_or(TIMESTAMP_PATTERN))?,
            local_timestamps: compile(get("timestampNTZFormat").unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSS"))?,
            dates: get("dateFormat").map(compile).transpose()?,
            zone,
        })
    }
}

/// Writes values one after the other.
pub struct JsonText<'a> {
    style: &'a JsonStyle,
    out: String,
    /// Memory for one value's text.
    scratch: String,
    depth: usize,
}

impl<'a> JsonText<'a> {
    /// Writes in a style.
    pub fn new(style: &'a JsonStyle) -> Self {
        Self {
            style,
            out: String::new(),
            scratch: String::new(),
            depth: 0,
        }
    }

    /// What was written; the next value begins with nothing.
    pub fn text(&self) -> &str {
        &self.out
    }

    /// Forgets what was written, and keeps its memory.
    pub fn clear(&mut self) {
        self.out.clear();
    }

    /// Recursion follows the type, whose depth is bounded.
    pub fn value(&mut self, data_type: &DataType, array: &ArrayRef, row: usize) {
        if *data_type == DataType::Void || array.is_null(row) {
            self.out.push_str("null");
            return;
        }
        match data_type {
            DataType::Struct(fields) => self.object(fields, array.as_struct().columns(), row),
            DataType::Array { element, .. } => {
                let values = array.as_list::<i32>().value(row);
                self.out.push('[');
                for index in 0..values.len() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    // Pretty printing keeps arrays on one line, with spaces.
                    if self.style.is_pretty {
                        self.out.push(' ');
                    }
                    self.value(element, &values, index);
                }
                self.out.push_str(if self.style.is_pretty { " ]" } else { "]" });
            }
            DataType::Map { key, value, .. } => {
                let entries = array.as_map().value(row);
                self.open('{');
                let mut is_first = true;
                for index in 0..entries.len() {
                    self.part(&mut is_first);
                    let name = self.key(key, entries.column(0), index);
                    self.name(&name);
                    self.value(value, entries.column(1), index);
                }
                self.close('}', is_first);
            }
            _ => self.scalar(data_type, array, row),
        }
    }

    /// A row of columns as an object.
    pub fn object(&mut self, fields: &StructType, columns: &[ArrayRef], row: usize) {
        self.open('{');
        let mut is_first = true;
        for (field, column) in fields.fields.iter().zip(columns) {
            let is_null = field.data_type == DataType::Void || column.is_null(row);
            if is_null && !self.style.keeps_nulls {
                continue;
            }
            self.part(&mut is_first);
            self.name(&field.name);
            self.value(&field.data_type, column, row);
        }
        self.close('}', is_first);
    }

    fn open(&mut self, mark: char) {
        self.out.push(mark);
        self.depth += 1;
    }

    fn close(&mut self, mark: char, is_empty: bool) {
        self.depth -= 1;
        if self.style.is_pretty {
            if is_empty {
                self.out.push(' ');
            } else {
                self.line();
            }
        }
        self.out.push(mark);
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }

    fn part(&mut self, is_first: &mut bool) {
        if !*is_first {
            self.out.push(',');
        }
        *is_first = false;
        if self.style.is_pretty {
            self.line();
        }
    }

    fn name(&mut self, name: &str) {
        self.quoted(name);
        self.out.push_str(if self.style.is_pretty { " : " } else { ":" });
    }

    /// Spark writes a key's inner value: days and microseconds as numbers.
    fn key(&self, data_type: &DataType, array: &ArrayRef, row: usize) -> String {
        match data_type {
            DataType::Date => array.as_primitive::<Date32Type>().value(row).to_string(),
            DataType::Timestamp | DataType::TimestampNtz => {
                array.as_primitive::<TimestampMicrosecondType>().value(row).to_string()
            }
            _ => {
                let mut text = String::new();
                ValueFormatter::new(data_type, &self.style.zone).write(array, row, &mut text);
                text
            }
        }
    }

    fn scalar(&mut self, data_type: &DataType, array: &ArrayRef, row: usize) {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        match data_type {
            DataType::Boolean => self
                .out
                .push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
            DataType::TinyInt => write_number(&mut self.out, array.as_primitive::<Int8Type>().value(row)),
            DataType::SmallInt => write_number(&mut self.out, array.as_primitive::<Int16Type>().value(row)),
            DataType::Int => write_number(&mut self.out, array.as_primitive::<Int32Type>().value(row)),
            DataType::BigInt => write_number(&mut self.out, array.as_primitive::<Int64Type>().value(row)),
            DataType::Float => {
                let value = array.as_primitive::<Float32Type>().value(row);
                write_java_float(value, &mut text);
                self.number_or_name(value.is_finite(), &text);
            }
            DataType::Double => {
                let value = array.as_primitive::<Float64Type>().value(row);
                write_java_double(value, &mut text);
                self.number_or_name(value.is_finite(), &text);
            }
            DataType::Decimal { .. } => {
                ValueFormatter::new(data_type, &self.style.zone).write(array, row, &mut text);
                self.out.push_str(&text);
            }
            DataType::Variant => self.out.push_str(&java_text(array.as_binary_view().value(row))),
            DataType::String => {
                let text = java_text(array.as_binary_view().value(row));
                self.quoted(&text);
            }
            DataType::Binary => {
                let text = BASE64.encode(array.as_binary_view().value(row));
                self.quoted(&text);
            }
            DataType::Timestamp => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                self.style.timestamps.write(micros, &mut text);
                self.quoted(&text);
            }
            DataType::TimestampNtz => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                self.style.local_timestamps.write_local(micros, &mut text);
                self.quoted(&text);
            }
            DataType::Date => {
                match &self.style.dates {
                    Some(format) => {
                        let days = i64::from(array.as_primitive::<Date32Type>().value(row));
                        format.write_local(days.saturating_mul(crate::parse::MICROS_PER_DAY), &mut text);
                    }
                    None => ValueFormatter::new(data_type, &self.style.zone).write(array, row, &mut text),
                }
                self.quoted(&text);
            }
            _ => {
                ValueFormatter::new(data_type, &self.style.zone).write(array, row, &mut text);
                self.quoted(&text);
            }
        }
        self.scratch = text;
    }

    /// What is no number is its name, in quotes.
    fn number_or_name(&mut self, is_number: bool, text: &str) {
        if is_number {
            self.out.push_str(text);
        } else {
            self.quoted(text);
        }
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        let is_plain =
            |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\' && (byte.is_ascii() || !self.style.is_ascii);
        if text.bytes().all(is_plain) {
            self.out.push_str(text);
            self.out.push('"');
            return;
        }
        for character in text.chars() {
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                '\0'..' ' => self.out.push_str(&format!("\\u{:04X}", u32::from(character))),
                other if self.style.is_ascii && !other.is_ascii() => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        self.out.push_str(&format!("\\u{unit:04X}"));
                    }
                }
                other => self.out.push(other),
            }
        }
        self.out.push('"');
    }
}

fn write_number(out: &mut String, number: impl std::fmt::Display) {
    use std::fmt::Write;
    // Writing to a String never fails.
    let _ = write!(out, "{number}");
}
