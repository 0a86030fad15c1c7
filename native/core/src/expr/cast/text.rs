//! Casts of text: numbers, booleans, dates, times and intervals in Spark's syntax.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalMonthDayNanoType, IntervalYearMonthType, Time64NanosecondType,
    TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray};

use super::row::{Misfit, Types, collect};
use super::{CastKernel, Mode};
use crate::column::DataType;
use crate::error::Result;
use crate::parse::{
    TimeZone, cast_day_time, cast_year_month, interval_of, not_day_time, not_year_month, parse_date_text,
    parse_decimal_text, parse_time_text, parse_timestamp_ntz_text, parse_timestamp_text, truncate_time,
};

/// The cast of text to `types.target`, none where that is no type that text is cast to here.
pub fn kernel(types: Types, zone: TimeZone) -> Option<CastKernel> {
    let legacy = types.mode == Mode::Legacy;
    Some(match types.target.clone() {
        DataType::TinyInt => integer::<Int8Type>(types),
        DataType::SmallInt => integer::<Int16Type>(types),
        DataType::Int => integer::<Int32Type>(types),
        DataType::BigInt => each::<Int64Type>(types, move |bytes| {
            parse_integer(bytes, legacy).ok_or(Misfit::Malformed)
        }),
        DataType::Float => each::<Float32Type>(types, |bytes| parse_float(bytes).ok_or(Misfit::Malformed)),
        DataType::Double => each::<Float64Type>(types, |bytes| parse_float(bytes).ok_or(Misfit::Malformed)),
        DataType::Decimal { precision, scale } => {
            each::<Decimal128Type>(types, move |bytes| decimal(trim_java(bytes), precision, scale))
        }
        DataType::Boolean => Arc::new(move |array| boolean(array, &types)),
        DataType::Date => each::<Date32Type>(types, |bytes| parse_date_text(bytes).ok_or(Misfit::Malformed)),
        DataType::Timestamp => each::<TimestampMicrosecondType>(types, move |bytes| {
            parse_timestamp_text(bytes, &zone).ok_or(Misfit::Malformed)
        }),
        DataType::TimestampNtz => each::<TimestampMicrosecondType>(types, |bytes| {
            parse_timestamp_ntz_text(bytes, true).ok_or(Misfit::Malformed)
        }),
        DataType::DayTimeInterval(fields) => each::<DurationMicrosecondType>(types, move |bytes| {
            let always = || Misfit::Always(Box::new(not_day_time(bytes, fields)));
            cast_day_time(bytes, fields).ok_or_else(always)
        }),
        DataType::YearMonthInterval(fields) => each::<IntervalYearMonthType>(types, move |bytes| {
            let always = || Misfit::Always(Box::new(not_year_month(bytes, fields)));
            cast_year_month(bytes, fields).ok_or_else(always)
        }),
        DataType::Time(precision) => each::<Time64NanosecondType>(types, move |bytes| {
            let nanos = parse_time_text(bytes).ok_or(Misfit::Malformed)?;
            Ok(truncate_time(nanos, precision))
        }),
        DataType::CalendarInterval => {
            each::<IntervalMonthDayNanoType>(types, |bytes| interval_of(bytes).map(Into::into).ok_or(Misfit::Null))
        }
        _ => return None,
    })
}

fn each<T: ArrowPrimitiveType>(
    types: Types,
    parse: impl Fn(&[u8]) -> std::result::Result<T::Native, Misfit> + Send + Sync + 'static,
) -> CastKernel {
    Arc::new(move |array| {
        let texts = array.as_binary_view();
        collect::<T>(array, &types, |row| parse(texts.value(row)))
    })
}

fn integer<T>(types: Types) -> CastKernel
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64>,
{
    // '12.7' is malformed under ANSI and 12 without.
    let legacy = types.mode == Mode::Legacy;
    each::<T>(types, move |bytes| {
        parse_integer(bytes, legacy)
            .and_then(|value| T::Native::try_from(value).ok())
            .ok_or(Misfit::Malformed)
    })
}

/// Spark trims control characters and blanks around a number.
fn trim(bytes: &[u8]) -> &[u8] {
    let is_blank = |b: &u8| *b <= b' ' || *b == 0x7f;
    let start = bytes.iter().position(|b| !is_blank(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !is_blank(b)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// Java's `String.trim`, which Spark uses before decimals.
fn trim_java(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|b| *b > b' ').unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| *b > b' ').map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// An integer by UTF8String's rules: digits with a sign, and where a fraction is allowed, a point with digits or none
/// on either side.
fn parse_integer(bytes: &[u8], allows_fraction: bool) -> Option<i64> {
    let text = trim(bytes);
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for (place, byte) in digits.iter().enumerate() {
        match byte {
            // Counted downwards, so that the least value fits.
            b'0'..=b'9' => value = value.checked_mul(10)?.checked_sub(i64::from(byte - b'0'))?,
            b'.' if allows_fraction => {
                let fraction = &digits[place + 1..];
                return fraction
                    .iter()
                    .all(u8::is_ascii_digit)
                    .then_some(())
                    .and_then(|()| if negative { Some(value) } else { value.checked_neg() });
            }
            _ => return None,
        }
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// A float by Java's rules, with Spark's names for what is no number.
fn parse_float<F: std::str::FromStr + From<f32> + std::ops::Neg<Output = F>>(bytes: &[u8]) -> Option<F> {
    let text = std::str::from_utf8(trim(bytes)).ok()?;
    match text.to_ascii_lowercase().as_str() {
        "nan" => return Some(F::from(f32::NAN)),
        "inf" | "+inf" | "infinity" | "+infinity" => return Some(F::from(f32::INFINITY)),
        "-inf" | "-infinity" => return Some(F::from(f32::NEG_INFINITY)),
        _ => {}
    }
    // Java's parser takes a type suffix: '1d', '1.5f'.
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    if !digits.bytes().any(|b| b.is_ascii_digit()) || digits.bytes().any(|b| b.is_ascii_alphabetic() && b | 32 != b'e')
    {
        return None;
    }
    digits.parse().ok()
}

/// Malformed and too large are told apart by reading once more without a limit of digits.
fn decimal(text: &[u8], precision: u8, scale: i8) -> std::result::Result<i128, Misfit> {
    match parse_decimal_text(text, precision, scale) {
        Some(value) => Ok(value),
        None if is_decimal(text) => Err(Misfit::Digits),
        None => Err(Misfit::Malformed),
    }
}

/// Whether the text has BigDecimal's syntax: its mantissa alone, cut after the first digit, is a number.
fn is_decimal(text: &[u8]) -> bool {
    let (mantissa, exponent) = match text.iter().position(|byte| byte | 32 == b'e') {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let unsigned = mantissa
        .strip_prefix(b"-")
        .or(mantissa.strip_prefix(b"+"))
        .unwrap_or(mantissa);
    let exponent_is_fine = exponent.is_none_or(|digits| {
        let digits = digits
            .strip_prefix(b"-")
            .or(digits.strip_prefix(b"+"))
            .unwrap_or(digits);
        (1..=10).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
    });
    let Ok(unsigned) = std::str::from_utf8(unsigned) else {
        return false;
    };
    let points = unsigned.bytes().filter(|byte| *byte == b'.').count();
    let mut digits = unsigned.chars().filter(|character| *character != '.').peekable();
    exponent_is_fine
        && points <= 1
        && digits.peek().is_some()
        && digits.all(|digit| parse_decimal_text(digit.encode_utf8(&mut [0; 4]).as_bytes(), 1, 0).is_some())
}

fn boolean(array: &ArrayRef, types: &Types) -> Result<ArrayRef> {
    let texts = array.as_binary_view();
    let mut values: Vec<Option<bool>> = Vec::with_capacity(texts.len());
    for row in 0..texts.len() {
        if texts.is_null(row) {
            values.push(None);
            continue;
        }
        values.push(match trim(texts.value(row)).to_ascii_lowercase().as_slice() {
            b"t" | b"true" | b"y" | b"yes" | b"1" => Some(true),
            b"f" | b"false" | b"n" | b"no" | b"0" => Some(false),
            _ => match types.failure(Misfit::Malformed, array, row) {
                Some(error) => return Err(error),
                None => None,
            },
        });
    }
    Ok(Arc::new(BooleanArray::from(values)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        assert_eq!(parse_integer(b" 7 ", false), Some(7));
        assert_eq!(parse_integer(b"-9223372036854775808", false), Some(i64::MIN));
        assert_eq!(parse_integer(b"9223372036854775808", false), None);
        assert_eq!(parse_integer(b"12.7", false), None);
        assert_eq!(parse_integer(b"12.7", true), Some(12));
        assert_eq!(parse_integer(b".", true), Some(0));
        assert_eq!(parse_integer(b"--1", true), None);
    }
}
