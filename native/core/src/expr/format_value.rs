//! Values to text, as Spark casts them to strings.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, IntervalYearMonthType, Time64NanosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrowPrimitiveType};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{
    TimeZone, civil_from_days, java_text, write_calendar_interval, write_day_time_interval, write_fraction,
    write_java_double, write_java_float, write_time, write_year_month_interval,
};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BinaryStyle {
    /// As text, as a cast does.
    #[default]
    Text,
    /// `[01 02]`, as `show` does.
    HexDiscrete,
    /// `0102`
    Hex,
    /// `[1, 2]`
    Basic,
    /// `AQI`, without padding.
    Base64,
}

impl BinaryStyle {
    /// Reads a value of `spark.sql.binaryOutputStyle`. Fails with CONFIG_INVALID.
    pub fn parse(text: &str) -> Result<Self> {
        match text.to_ascii_uppercase().as_str() {
            "UTF-8" => Ok(BinaryStyle::Text),
            "HEX_DISCRETE" => Ok(BinaryStyle::HexDiscrete),
            "HEX" => Ok(BinaryStyle::Hex),
            "BASIC" => Ok(BinaryStyle::Basic),
            "BASE64" => Ok(BinaryStyle::Base64),
            _ => Err(Error::new(ErrorCode::ConfigInvalid)
                .with("name", crate::config_generated::BINARY_OUTPUT_STYLE)
                .with("value", text)
                .with("reason", "it must be UTF-8, BASIC, BASE64, HEX or HEX_DISCRETE")),
        }
    }
}

/// Writes the values of one type.
#[derive(Clone, Debug)]
pub struct ValueFormatter {
    data_type: DataType,
    zone: TimeZone,
    null_text: &'static str,
    binary: BinaryStyle,
    plain_decimals: bool,
}

impl ValueFormatter {
    /// A formatter of casts to STRING; timestamps show the wall clock of `zone`.
    pub fn new(data_type: &DataType, zone: &TimeZone) -> Self {
        Self {
            data_type: data_type.clone(),
            zone: zone.clone(),
            null_text: "null",
            binary: BinaryStyle::Text,
            plain_decimals: false,
        }
    }

    /// The formatter, writing decimals without an exponent where `plain`: casts to STRING do so under ANSI.
    pub fn with_plain_decimals(self, plain: bool) -> Self {
        Self {
            plain_decimals: plain,
            ..self
        }
    }

    /// A formatter of `Dataset.show`: nulls are NULL, bytes in a style, decimals never with an exponent.
    pub fn for_show(data_type: &DataType, zone: &TimeZone, binary: BinaryStyle) -> Self {
        Self {
            null_text: "NULL",
            binary,
            plain_decimals: true,
            ..Self::new(data_type, zone)
        }
    }

    /// Appends the text of a row. A null is `null`, which is also how Spark writes it within arrays, maps and structs.
    pub fn write(&self, array: &dyn Array, row: usize, out: &mut String) {
        self.write_value(&self.data_type, array, row, out);
    }

    /// Recursion follows the type, whose depth is bounded.
    fn write_value(&self, data_type: &DataType, array: &dyn Array, row: usize, out: &mut String) {
        if *data_type == DataType::Void || row >= array.len() || array.is_null(row) {
            out.push_str(self.null_text);
            return;
        }
        if self.write_scalar(data_type, array, row, out).is_none()
            && self.write_nested(data_type, array, row, out).is_none()
        {
            out.push_str(self.null_text);
        }
    }

    /// None where the type is nested, or the array does not carry it.
    fn write_scalar(&self, data_type: &DataType, array: &dyn Array, row: usize, out: &mut String) -> Option<()> {
        match data_type {
            DataType::Boolean => {
                out.push_str(if array.as_boolean_opt()?.value(row) {
                    "true"
                } else {
                    "false"
                });
            }
            DataType::TinyInt => write_integer(value::<Int8Type>(array, row)?, out),
            DataType::SmallInt => write_integer(value::<Int16Type>(array, row)?, out),
            DataType::Int => write_integer(value::<Int32Type>(array, row)?, out),
            DataType::BigInt => write_integer(value::<Int64Type>(array, row)?, out),
            DataType::Float => write_java_float(value::<Float32Type>(array, row)?, out),
            DataType::Double => write_java_double(value::<Float64Type>(array, row)?, out),
            DataType::Decimal { scale, .. } => {
                write_decimal(value::<Decimal128Type>(array, row)?, *scale, self.plain_decimals, out);
            }
            DataType::String | DataType::Variant => out.push_str(&java_text(array.as_binary_view_opt()?.value(row))),
            DataType::Binary => self.write_bytes(array.as_binary_view_opt()?.value(row), out),
            DataType::Date => write_date(i64::from(value::<Date32Type>(array, row)?), out),
            DataType::Timestamp => {
                let micros = value::<TimestampMicrosecondType>(array, row)?;
                let offset = self.zone.offset_at(micros.div_euclid(MICROS_PER_SECOND));
                // The local time may lie beyond 64 bits.
                write_local(i128::from(micros) + i128::from(offset * MICROS_PER_SECOND), out);
            }
            DataType::TimestampNtz => write_local(i128::from(value::<TimestampMicrosecondType>(array, row)?), out),
            DataType::DayTimeInterval(fields) => {
                write_day_time_interval(value::<DurationMicrosecondType>(array, row)?, *fields, out);
            }
            DataType::YearMonthInterval(fields) => {
                write_year_month_interval(value::<IntervalYearMonthType>(array, row)?, *fields, out);
            }
            DataType::Time(_) => write_time(value::<Time64NanosecondType>(array, row)?, out),
            DataType::CalendarInterval => {
                write_calendar_interval(value::<IntervalMonthDayNanoType>(array, row)?.into(), out);
            }
            _ => return None,
        }
        Some(())
    }

    fn write_nested(&self, data_type: &DataType, array: &dyn Array, row: usize, out: &mut String) -> Option<()> {
        match data_type {
            DataType::Struct(fields) => {
                let columns = array.as_struct_opt()?.columns();
                out.push('{');
                for (index, (field, column)) in fields.fields.iter().zip(columns).enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    self.write_value(&field.data_type, column, row, out);
                }
                out.push('}');
            }
            DataType::Array { element, .. } => {
                let values = array.as_list_opt::<i32>()?.value(row);
                out.push('[');
                for index in 0..values.len() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    self.write_value(element, &values, index, out);
                }
                out.push(']');
            }
            DataType::Map { key, value, .. } => {
                let entries = array.as_map_opt()?.value(row);
                out.push('{');
                for index in 0..entries.len() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    self.write_value(key, entries.column(0), index, out);
                    out.push_str(" -> ");
                    self.write_value(value, entries.column(1), index, out);
                }
                out.push('}');
            }
            _ => return None,
        }
        Some(())
    }

    fn write_bytes(&self, bytes: &[u8], out: &mut String) {
        let joined = |separator: &str, text: &dyn Fn(&u8) -> String| {
            let parts: Vec<String> = bytes.iter().map(text).collect();
            parts.join(separator)
        };
        let hex = |byte: &u8| format!("{byte:02X}");
        match self.binary {
            BinaryStyle::Text => out.push_str(&String::from_utf8_lossy(bytes)),
            BinaryStyle::HexDiscrete => out.push_str(&format!("[{}]", joined(" ", &hex))),
            BinaryStyle::Hex => out.push_str(&joined("", &hex)),
            // Java's bytes have a sign.
            BinaryStyle::Basic => out.push_str(&format!("[{}]", joined(", ", &|byte| (*byte as i8).to_string()))),
            BinaryStyle::Base64 => STANDARD_NO_PAD.encode_string(bytes, out),
        }
    }
}

fn value<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> Option<T::Native> {
    array.as_primitive_opt::<T>().map(|array| array.value(row))
}

fn write_integer(value: impl itoa::Integer, out: &mut String) {
    out.push_str(itoa::Buffer::new().format(value));
}

/// Two digits.
fn write_two(value: i64, out: &mut String) {
    let digit = |value: i64| char::from(b'0' + (value % 10) as u8);
    out.extend([digit(value / 10), digit(value)]);
}

/// Java's `BigDecimal.toString`, or `toPlainString`: below 1E-6 the first has an exponent.
fn write_decimal(unscaled: i128, scale: i8, plain: bool, out: &mut String) {
    if unscaled < 0 {
        out.push('-');
    }
    let digits = unscaled.unsigned_abs().to_string();
    let scale = usize::try_from(scale).unwrap_or(0);
    if scale == 0 {
        out.push_str(&digits);
    } else if !plain && scale + 1 > digits.len() + 6 {
        // Exponent of the first digit: digits - 1 - scale, below -6 here.
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        out.push_str(&format!("E-{}", scale + 1 - digits.len()));
    } else if digits.len() > scale {
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        out.push_str(whole);
        out.push('.');
        out.push_str(fraction);
    } else {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', scale - digits.len()));
        out.push_str(&digits);
    }
}

/// `2026-11-22`; years above 9999 have a plus, negative ones a minus, and at least four digits.
fn write_date(days: i64, out: &mut String) {
    let (year, month, day) = civil_from_days(days);
    match year {
        10_000.. => out.push_str(&format!("+{year}")),
        0..=9999 => {
            write_two(year / 100, out);
            write_two(year % 100, out);
        }
        _ => out.push_str(&format!("-{:04}", year.unsigned_abs())),
    }
    for part in [month, day] {
        out.push('-');
        write_two(part, out);
    }
}

/// `2026-11-22 12:05:06.123`: the fraction has no zeros at its end.
fn write_local(micros: i128, out: &mut String) {
    let day = i128::from(MICROS_PER_DAY);
    write_date(micros.div_euclid(day) as i64, out);
    let of_day = micros.rem_euclid(day) as i64;
    let seconds = of_day / MICROS_PER_SECOND;
    for (mark, part) in [(' ', seconds / 3600), (':', seconds / 60 % 60), (':', seconds % 60)] {
        out.push(mark);
        write_two(part, out);
    }
    write_fraction((of_day % MICROS_PER_SECOND).unsigned_abs(), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dates() {
        let local = |micros: i64| {
            let mut out = String::new();
            write_local(micros.into(), &mut out);
            out
        };
        assert_eq!(local(1_795_349_106_123_456), "2026-11-22 12:05:06.123456");
        assert_eq!(local(1_795_349_106_100_000), "2026-11-22 12:05:06.1");
        assert_eq!(local(-1), "1969-12-31 23:59:59.999999");
        assert_eq!(local(253_402_300_800_000_000), "+10000-01-01 00:00:00");
        assert_eq!(local(i64::MIN).chars().next(), Some('-'));
    }

    #[test]
    fn decimals() {
        let decimal = |unscaled: i128, scale: i8, plain: bool| {
            let mut out = String::new();
            write_decimal(unscaled, scale, plain, &mut out);
            out
        };
        assert_eq!(decimal(-150, 2, false), "-1.50");
        assert_eq!(decimal(5, 2, false), "0.05");
        assert_eq!(decimal(1, 18, false), "1E-18");
        assert_eq!(decimal(12, 18, false), "1.2E-17");
        assert_eq!(decimal(0, 18, false), "0E-18");
        assert_eq!(decimal(1, 18, true), "0.000000000000000001");
        assert_eq!(decimal(1, 6, false), "0.000001");
        assert_eq!(decimal(1, 7, false), "1E-7");
    }
}
