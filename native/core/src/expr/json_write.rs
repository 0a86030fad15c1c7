//! to_json: structs, arrays and maps as JSON text, as Jackson writes them for Spark.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::rows::{Nulls, bytes_call};
use super::{Bind, Call, Expr, ValueFormatter};
use crate::column::DataType;
use crate::error::Result;
use crate::parse::{LocaleNames, TimeZone, TimestampFormat, java_text};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("to_json", bind_to_json)];

/// How values are written.
struct Style {
    keeps_nulls: bool,
    is_pretty: bool,
    is_ascii: bool,
    timestamps: Option<TimestampFormat>,
    local_timestamps: TimestampFormat,
    dates: Option<TimestampFormat>,
    zone: TimeZone,
}

impl Style {
    fn of(options: &BTreeMap<String, String>, session_zone: &TimeZone) -> Result<Self> {
        let get = |name: &str| {
            options
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let flag = |name: &str, default: bool| get(name).map_or(default, |value| value.eq_ignore_ascii_case("true"));
        let zone = match get("timeZone") {
            Some(name) => TimeZone::parse(name)?,
            None => session_zone.clone(),
        };
        let locale = get("locale").map_or_else(LocaleNames::english, LocaleNames::of);
        let compile = |pattern: Option<&str>| {
            pattern
                .map(|pattern| TimestampFormat::compile_in(locale, pattern, &zone))
                .transpose()
        };
        Ok(Self {
            keeps_nulls: !flag("ignoreNullFields", true),
            is_pretty: flag("pretty", false),
            is_ascii: flag("writeNonAsciiCharacterAsCodePoint", false),
            timestamps: compile(get("timestampFormat"))?,
            local_timestamps: TimestampFormat::compile_in(
                locale,
                get("timestampNTZFormat").unwrap_or("yyyy-MM-dd'T'HH:mm:ss.SSS"),
                &zone,
            )?,
            dates: compile(get("dateFormat"))?,
            zone,
        })
    }
}

/// Binds to_json(value[, options]).
fn bind_to_json(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let data_type = call.arguments[0].data_type.clone();
    if !data_type.is_nested() {
        return Err(call.wrong_type(0, "\"STRUCT\" or \"ARRAY\" or \"MAP\""));
    }
    let style = Style::of(call.options, &call.session.zone)?;
    Ok(bytes_call(
        call,
        "to_json",
        DataType::String,
        false,
        Nulls::Pass,
        move |row, out| {
            let (array, place) = row.cell(0);
            let mut writer = Writer {
                style: &style,
                out: String::new(),
                depth: 0,
            };
            writer.value(&data_type, array, place);
            out.extend_from_slice(writer.out.as_bytes());
            Ok(true)
        },
    ))
}

struct Writer<'a> {
    style: &'a Style,
    out: String,
    depth: usize,
}

impl Writer<'_> {
    /// Recursion follows the type, whose depth is bounded.
    fn value(&mut self, data_type: &DataType, array: &ArrayRef, row: usize) {
        if *data_type == DataType::Void || array.is_null(row) {
            self.out.push_str("null");
            return;
        }
        match data_type {
            DataType::Struct(fields) => {
                let columns = array.as_struct();
                self.open('{');
                let mut is_first = true;
                for (field, column) in fields.fields.iter().zip(columns.columns()) {
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
        let mut text = String::new();
        match data_type {
            DataType::Boolean => self
                .out
                .push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
            DataType::TinyInt => self
                .out
                .push_str(&array.as_primitive::<Int8Type>().value(row).to_string()),
            DataType::SmallInt => self
                .out
                .push_str(&array.as_primitive::<Int16Type>().value(row).to_string()),
            DataType::Int => self
                .out
                .push_str(&array.as_primitive::<Int32Type>().value(row).to_string()),
            DataType::BigInt => self
                .out
                .push_str(&array.as_primitive::<Int64Type>().value(row).to_string()),
            DataType::Float | DataType::Double => {
                let is_finite = if *data_type == DataType::Float {
                    array.as_primitive::<Float32Type>().value(row).is_finite()
                } else {
                    array.as_primitive::<Float64Type>().value(row).is_finite()
                };
                ValueFormatter::new(data_type, &self.style.zone).write(array, row, &mut text);
                if is_finite {
                    self.out.push_str(&text);
                } else {
                    self.quoted(&text);
                }
            }
            DataType::Decimal { .. } => {
                ValueFormatter::new(data_type, &self.style.zone).write(array, row, &mut text);
                self.out.push_str(&text);
            }
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
                match &self.style.timestamps {
                    Some(format) => format.write(micros, &mut text),
                    None => self.iso_timestamp(micros, &mut text),
                }
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
    }

    /// `2024-01-02T03:04:05.123-05:00`; an offset shows its seconds where it has some.
    fn iso_timestamp(&self, micros: i64, text: &mut String) {
        let pattern = "yyyy-MM-dd'T'HH:mm:ss.SSSXXXXX";
        if let Ok(format) = TimestampFormat::compile(pattern, &self.style.zone) {
            format.write(micros, text);
        }
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
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
