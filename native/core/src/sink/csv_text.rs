//! Rows as CSV, as univocity writes them for Spark.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};

use crate::column::{DataType, StructType};
use crate::error::Result;
use crate::expr::ValueFormatter;
use crate::options::Options;
use crate::parse::{LocaleNames, MICROS_PER_DAY, TimeZone, TimestampFormat};

/// How CSV is written.
pub struct CsvStyle {
    separator: Vec<u8>,
    quote: Option<u8>,
    escape: Option<u8>,
    /// What goes before an escape character within quotes.
    escape_escape: Option<u8>,
    quotes_all: bool,
    escapes_quotes: bool,
    has_header: bool,
    null_text: Vec<u8>,
    empty_text: Vec<u8>,
    trims_start: bool,
    trims_end: bool,
    line_separator: Vec<u8>,
    names: Vec<String>,
    values: Vec<CsvValue>,
}

/// How the values of a column become text.
enum CsvValue {
    Bytes,
    Date(TimestampFormat),
    Timestamp(TimestampFormat),
    LocalTimestamp(TimestampFormat),
    Other(ValueFormatter),
}

impl CsvStyle {
    /// Reads the options of csv files. Fails with OPTION_INVALID, or with what is wrong with a pattern.
    pub fn new(schema: &StructType, options: Options<'_>, session_zone: &TimeZone) -> Result<Self> {
        let zone = options.zone(session_zone)?;
        let quote = options.mark("quote", Some(b'"'))?;
        let escape = options.mark("escape", Some(b'\\'))?;
        let escape_escape = options.mark("charToEscapeQuoteEscaping", escape.filter(|_| escape != quote))?;
        let locale = options
            .text("locale")
            .map_or_else(LocaleNames::english, LocaleNames::of);
        let pattern = |name: &str, default: &str| {
            TimestampFormat::compile_in(locale, options.text(name).unwrap_or(default), &zone)
        };
        let value = |data_type: &DataType| {
            Ok(match data_type {
                DataType::String | DataType::Binary => CsvValue::Bytes,
                DataType::Date => CsvValue::Date(pattern("dateFormat", "yyyy-MM-dd")?),
                DataType::Timestamp => CsvValue::Timestamp(pattern("timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")?),
                DataType::TimestampNtz => {
                    CsvValue::LocalTimestamp(pattern("timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSS")?)
                }
                other => CsvValue::Other(ValueFormatter::new(other, &zone)),
            })
        };
        let bytes = |name: &str, default: &str| options.text(name).unwrap_or(default).as_bytes().to_vec();
        Ok(Self {
            separator: options.separator()?,
            quote,
            escape,
            escape_escape,
            quotes_all: options.flag("quoteAll", false)?,
            escapes_quotes: options.flag("escapeQuotes", true)?,
            has_header: options.flag("header", false)?,
            null_text: bytes("nullValue", ""),
            empty_text: bytes("emptyValue", "\"\""),
            trims_start: options.flag("ignoreLeadingWhiteSpace", true)?,
            trims_end: options.flag("ignoreTrailingWhiteSpace", true)?,
            line_separator: bytes("lineSep", "\n"),
            names: schema.fields.iter().map(|field| field.name.clone()).collect(),
            values: (schema.fields.iter())
                .map(|field| value(&field.data_type))
                .collect::<Result<_>>()?,
        })
    }

    /// Whether a file begins with the names of the columns.
    pub fn write_header(&self, out: &mut Vec<u8>) {
        if self.has_header {
            for (number, name) in self.names.iter().enumerate() {
                self.separate(number, out);
                self.write_text(name.as_bytes(), out);
            }
            out.extend_from_slice(&self.line_separator);
        }
    }

    /// Writes the rows.
    pub fn write(&self, columns: &[ArrayRef], rows: usize, out: &mut Vec<u8>) {
        let mut text = String::new();
        for row in 0..rows {
            for (number, (column, value)) in columns.iter().zip(&self.values).enumerate() {
                self.separate(number, out);
                if column.is_null(row) {
                    out.extend_from_slice(&self.null_text);
                    continue;
                }
                text.clear();
                match value {
                    CsvValue::Bytes => {
                        self.write_text(column.as_binary_view().value(row), out);
                        continue;
                    }
                    CsvValue::Date(format) => {
                        let days = i64::from(column.as_primitive::<Date32Type>().value(row));
                        format.write_local(days.saturating_mul(MICROS_PER_DAY), &mut text);
                    }
                    CsvValue::Timestamp(format) => {
                        format.write(column.as_primitive::<TimestampMicrosecondType>().value(row), &mut text);
                    }
                    CsvValue::LocalTimestamp(format) => {
                        format.write_local(column.as_primitive::<TimestampMicrosecondType>().value(row), &mut text);
                    }
                    CsvValue::Other(formatter) => formatter.write(column, row, &mut text),
                }
                self.write_text(text.as_bytes(), out);
            }
            out.extend_from_slice(&self.line_separator);
        }
    }

    fn separate(&self, number: usize, out: &mut Vec<u8>) {
        if number > 0 {
            out.extend_from_slice(&self.separator);
        }
    }

    fn write_text(&self, text: &[u8], out: &mut Vec<u8>) {
        let is_space = |byte: &u8| *byte <= b' ';
        let start = if self.trims_start {
            text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len())
        } else {
            0
        };
        let end = if self.trims_end {
            text.iter()
                .rposition(|byte| !is_space(byte))
                .map_or(start, |last| last + 1)
        } else {
            text.len()
        };
        let text = &text[start..end.max(start)];
        if text.is_empty() {
            out.extend_from_slice(&self.empty_text);
            return;
        }
        match self.quote.filter(|&quote| self.must_be_quoted(text, quote)) {
            None => out.extend_from_slice(text),
            Some(quote) => {
                out.push(quote);
                for &byte in text {
                    if byte == quote {
                        out.extend(self.escape);
                    } else if Some(byte) == self.escape {
                        out.extend(self.escape_escape);
                    }
                    out.push(byte);
                }
                out.push(quote);
            }
        }
    }

    fn must_be_quoted(&self, text: &[u8], quote: u8) -> bool {
        self.quotes_all
            || text[0] == quote
            || memchr::memchr2(b'\n', b'\r', text).is_some()
            || (self.escapes_quotes && memchr::memchr(quote, text).is_some())
            || memchr::memmem::find(text, &self.separator).is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use arrow_array::{BinaryViewArray, Int32Array, TimestampMicrosecondArray};

    use super::*;
    use crate::column::Field;

    fn written(options: &[(&str, &str)]) -> String {
        let options: BTreeMap<String, String> = options
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        let schema = StructType::new(vec![
            Field::new("n", DataType::Int, true),
            Field::new("t", DataType::String, true),
            Field::new("ts", DataType::Timestamp, true),
        ]);
        let zone = TimeZone::parse("UTC").unwrap();
        let style = CsvStyle::new(&schema, Options::new(&options), &zone).unwrap();
        let texts: [Option<&[u8]>; 5] = [Some(b"a,b"), Some(b""), None, Some(b" say \"hi\\\" "), Some(b"x\\y")];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int32Array::from(vec![Some(1), None, Some(3), Some(4), Some(5)])),
            Arc::new(BinaryViewArray::from_iter(texts)),
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(1_500_000), None, Some(0), Some(0), Some(0)])
                    .with_timezone("UTC"),
            ),
        ];
        let mut out = Vec::new();
        style.write_header(&mut out);
        style.write(&columns, 5, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_are_written_as_univocity_does() {
        let expected = concat!(
            "1,\"a,b\",1970-01-01T00:00:01.500Z\n",
            ",\"\",\n",
            "3,,1970-01-01T00:00:00.000Z\n",
            "4,\"say \\\"hi\\\\\\\"\",1970-01-01T00:00:00.000Z\n",
            "5,x\\y,1970-01-01T00:00:00.000Z\n",
        );
        assert_eq!(written(&[]), expected);
    }

    #[test]
    fn options_have_sparks_names() {
        let options = [
            ("HEADER", "true"),
            ("delimiter", "|"),
            ("nullValue", "-"),
            ("timestampFormat", "HH:mm"),
            ("quoteAll", "true"),
            ("ignoreLeadingWhiteSpace", "false"),
        ];
        let text = written(&options);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "\"n\"|\"t\"|\"ts\"");
        assert_eq!(lines[1], "\"1\"|\"a,b\"|\"00:00\"");
        assert_eq!(lines[2], "-|\"\"|-");
        assert!(lines[4].starts_with("\"4\"|\" say"), "{}", lines[4]);
    }
}
