//! Casts of text: numbers, booleans, dates, times and intervals in Spark's syntax.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalYearMonthType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray};

use super::row::{Misfit, Types, collect};
use super::{CastKernel, Mode};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{TimeZone, parse_date_text, parse_decimal_text, parse_timestamp_ntz_text, parse_timestamp_text};

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
        DataType::DayTimeInterval => each::<DurationMicrosecondType>(types, |bytes| {
            day_time(bytes).ok_or_else(|| {
                unmatched(
                    bytes,
                    ErrorCode::InvalidIntervalFormatUnmatchedFormatStringWithNotice,
                    "day-time",
                    "`[+|-]d h:m:s.n`, `INTERVAL [+|-]'[+|-]d h:m:s.n' DAY TO SECOND`",
                    "interval day to second",
                )
            })
        }),
        DataType::YearMonthInterval => each::<IntervalYearMonthType>(types, |bytes| {
            year_month(bytes).ok_or_else(|| {
                unmatched(
                    bytes,
                    ErrorCode::InvalidIntervalFormatUnmatchedFormatString,
                    "year-month",
                    "`[+|-]y-m`, `INTERVAL [+|-]'[+|-]y-m' YEAR TO MONTH`",
                    "interval year to month",
                )
            })
        }),
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

fn unmatched(bytes: &[u8], code: ErrorCode, interval: &str, formats: &str, type_name: &str) -> Misfit {
    Misfit::Always(Box::new(
        Error::new(code)
            .with("input", String::from_utf8_lossy(bytes))
            .with("intervalStr", interval)
            .with("supportedFormat", formats)
            .with("typeName", type_name),
    ))
}

/// The sign and the text within `INTERVAL '...' UNIT TO UNIT`, or of the bare text.
fn interval_body<'a>(text: &'a str, units: [&str; 2]) -> Option<(bool, &'a str)> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let is_literal = text.get(..8).is_some_and(|word| word.eq_ignore_ascii_case("INTERVAL"));
    let (outer, quoted) = if is_literal {
        let rest = text[8..].strip_prefix(|c: char| c.is_ascii_whitespace())?.trim_start();
        let (negative, rest) = sign(rest);
        let (inner, tail) = rest.strip_prefix('\'')?.split_once('\'')?;
        let mut words = tail.split_ascii_whitespace();
        let expected = [units[0], "TO", units[1]];
        if !expected
            .iter()
            .all(|word| words.next().is_some_and(|found| found.eq_ignore_ascii_case(word)))
            || words.next().is_some()
        {
            return None;
        }
        (negative, inner)
    } else {
        (false, text)
    };
    let (inner, body) = sign(quoted);
    Some((outer != inner, body))
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn number(text: &str, digits_max: usize) -> Option<i64> {
    let is_number = (1..=digits_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Microseconds of `1 02:03:04.5`.
fn day_time(bytes: &[u8]) -> Option<i64> {
    let (negative, body) = interval_body(std::str::from_utf8(bytes).ok()?, ["DAY", "SECOND"])?;
    let (days, clock) = body.split_once(' ')?;
    let mut parts = clock.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (seconds, fraction) = seconds
        .split_once('.')
        .map_or((seconds, None), |(whole, rest)| (whole, Some(rest)));
    let micros = match fraction {
        None => 0,
        Some(digits) => {
            number(digits, 9)?;
            number(&format!("{digits:0<9}")[..6], 6)?
        }
    };
    let (hours, minutes, seconds) = (number(hours, 2)?, number(minutes, 2)?, number(seconds, 2)?);
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let of_day = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros;
    let days = i128::from(number(days, 9)?) * 86_400_000_000;
    let total = days + i128::from(of_day);
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Months of `1-2`.
fn year_month(bytes: &[u8]) -> Option<i32> {
    let (negative, body) = interval_body(std::str::from_utf8(bytes).ok()?, ["YEAR", "MONTH"])?;
    let (years, months) = body.split_once('-')?;
    let (years, months) = (number(years, 9)?, number(months, 2)?);
    if months > 11 {
        return None;
    }
    let total = years * 12 + months;
    i32::try_from(if negative { -total } else { total }).ok()
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

    #[test]
    fn intervals() {
        assert_eq!(day_time(b"1 02:03:04"), Some(93_784_000_000));
        assert_eq!(day_time(b"INTERVAL -'0 00:00:00.5' DAY TO SECOND"), Some(-500_000));
        assert_eq!(day_time(b"1"), None);
        assert_eq!(year_month(b"-1-2"), Some(-14));
        assert_eq!(year_month(b"interval '1-2' year to month"), Some(14));
        assert_eq!(year_month(b"1-12"), None);
    }
}
