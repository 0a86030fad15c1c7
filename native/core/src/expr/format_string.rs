//! format_string and printf: java.util.Formatter's conversions of texts, numbers and truths.

use arrow_array::types::{Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};

use super::rows::{Memo, Nulls, Row, bytes_call};
use super::string_parts::RESULT_BYTES_MAX;
use super::{Bind, Call, Expr, cast};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{java_text, write_java_double};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("format_string", bind_format_string), ("printf", bind_format_string)];

/// A piece of a format.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    Value(Conversion),
}

/// `%[index$][flags][width][.precision]conversion`.
#[derive(Clone, Debug, PartialEq)]
struct Conversion {
    /// Place of the argument, from 0.
    argument: usize,
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    group: bool,
    parentheses: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    letter: char,
}

fn refused(format: &str, reason: &str) -> Error {
    Error::new(ErrorCode::FormatStringInvalid)
        .with("format", format)
        .with("reason", reason)
}

/// Binds format_string(format, value...). A null value is written as `null`, a null format makes null.
fn bind_format_string(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.is_empty() {
        call.expect_arguments(1)?;
    }
    call.coerce(0, &DataType::String)?;
    let mut types = Vec::new();
    for index in 1..call.arguments.len() {
        let data_type = call.arguments[index].data_type.clone();
        let is_plain = data_type.is_numeric() || matches!(data_type, DataType::String | DataType::Boolean);
        if is_plain {
            types.push(data_type);
        } else {
            // What Java has no number for is written as its text.
            call.arguments[index] = cast(call.arguments[index].clone(), &DataType::String, call.session, false)?;
            types.push(DataType::String);
        }
    }
    let formats = Memo::new();
    Ok(bytes_call(
        call,
        "format_string",
        DataType::String,
        true,
        Nulls::Seen,
        move |row, out| {
            if row.is_null(0) {
                return Ok(false);
            }
            let pieces = formats.get(row.bytes(0), || pieces_of(&String::from_utf8_lossy(row.bytes(0))))?;
            for piece in &*pieces {
                match piece {
                    Piece::Literal(text) => out.extend_from_slice(text.as_bytes()),
                    Piece::Value(conversion) => {
                        let data_type = types
                            .get(conversion.argument)
                            .ok_or_else(|| refused("", &format!("there is no argument {}", conversion.argument + 1)))?;
                        let argument = Argument {
                            row,
                            index: conversion.argument + 1,
                            data_type,
                        };
                        conversion.write(&argument, out)?;
                    }
                }
            }
            Ok(true)
        },
    ))
}

fn pieces_of(format: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut ordinary = 0;
    let mut last = None;
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        literal.push_str(before);
        let number = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let mut spec = after;
        let mut index = None;
        let digits = number(spec);
        if digits > 0 && !spec.starts_with('0') && spec[digits..].starts_with('$') {
            index = spec[..digits].parse::<usize>().ok();
            spec = &spec[digits + 1..];
        }
        let mut conversion = Conversion {
            argument: 0,
            left: false,
            zero: false,
            plus: false,
            space: false,
            group: false,
            parentheses: false,
            alternate: false,
            width: 0,
            precision: None,
            letter: ' ',
        };
        let mut again = false;
        while let Some(flag) = spec.chars().next() {
            match flag {
                '-' => conversion.left = true,
                '0' => conversion.zero = true,
                '+' => conversion.plus = true,
                ' ' => conversion.space = true,
                ',' => conversion.group = true,
                '(' => conversion.parentheses = true,
                '#' => conversion.alternate = true,
                '<' => again = true,
                _ => break,
            }
            spec = &spec[1..];
        }
        let digits = number(spec);
        let too_long = || Error::limit("bytes of a text", usize::MAX, RESULT_BYTES_MAX);
        if digits > 0 {
            conversion.width = spec[..digits].parse().map_err(|_| too_long())?;
            spec = &spec[digits..];
        }
        if let Some(precision) = spec.strip_prefix('.') {
            let digits = number(precision);
            conversion.precision = Some(
                precision[..digits]
                    .parse()
                    .map_err(|_| refused(format, "a precision is missing"))?,
            );
            spec = &precision[digits..];
        }
        if conversion.width.max(conversion.precision.unwrap_or(0)) > RESULT_BYTES_MAX {
            return Err(too_long());
        }
        conversion.letter = spec
            .chars()
            .next()
            .ok_or_else(|| refused(format, "the conversion is missing"))?;
        rest = &spec[conversion.letter.len_utf8()..];
        match conversion.letter {
            'n' => literal.push('\n'),
            '%' => literal.push_str(&padded("%", conversion.width, conversion.left)),
            'b' | 'B' | 's' | 'S' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' | 'c' | 'C' | 'h' | 'H' => {
                conversion.argument = match (index, again) {
                    (Some(index), _) => index - 1,
                    (None, true) => last.ok_or_else(|| refused(format, "'<' has no argument before it"))?,
                    (None, false) => {
                        ordinary += 1;
                        ordinary - 1
                    }
                };
                if (conversion.left || conversion.zero) && conversion.width == 0 {
                    return Err(refused(format, "a flag needs a width"));
                }
                last = Some(conversion.argument);
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Value(conversion));
            }
            letter => return Err(refused(format, &format!("'{letter}' is no conversion"))),
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(pieces)
}

/// One row's value to be written.
struct Argument<'a> {
    row: &'a Row<'a>,
    index: usize,
    data_type: &'a DataType,
}

impl Argument<'_> {
    fn integer(&self) -> Option<i64> {
        let (row, index) = (self.row, self.index);
        Some(match self.data_type {
            DataType::TinyInt => row.number::<Int8Type>(index).into(),
            DataType::SmallInt => row.number::<Int16Type>(index).into(),
            DataType::Int => row.number::<Int32Type>(index).into(),
            DataType::BigInt => row.number::<Int64Type>(index),
            _ => return None,
        })
    }

    fn double(&self) -> Option<f64> {
        match self.data_type {
            DataType::Float => Some(self.row.number::<Float32Type>(self.index).into()),
            DataType::Double => Some(self.row.number::<Float64Type>(self.index)),
            _ => None,
        }
    }

    fn bits(&self) -> u32 {
        match self.data_type {
            DataType::TinyInt => 8,
            DataType::SmallInt => 16,
            DataType::Int => 32,
            _ => 64,
        }
    }

    /// The value as Java's `toString` has it.
    fn text(&self) -> String {
        if let Some(value) = self.integer() {
            return value.to_string();
        }
        match self.data_type {
            DataType::Boolean => self.row.flag(self.index).to_string(),
            DataType::Float => {
                let mut text = String::new();
                crate::parse::write_java_float(self.row.number::<Float32Type>(self.index), &mut text);
                text
            }
            DataType::Double => {
                let mut text = String::new();
                write_java_double(self.row.number::<Float64Type>(self.index), &mut text);
                text
            }
            DataType::Decimal { scale, .. } => decimal_text(self.row.number::<Decimal128Type>(self.index), *scale),
            _ => java_text(self.row.bytes(self.index)).into_owned(),
        }
    }
}

fn decimal_text(unscaled: i128, scale: i8) -> String {
    let scale = usize::from(scale.unsigned_abs());
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if unscaled < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

impl Conversion {
    fn write(&self, argument: &Argument<'_>, out: &mut Vec<u8>) -> Result<()> {
        let mismatch = || {
            let reason = format!("%{} does not take {}", self.letter, argument.data_type.quoted_sql());
            refused("", &reason)
        };
        let is_null = argument.row.is_null(argument.index);
        let text = match self.letter.to_ascii_lowercase() {
            'b' => self.cut(match argument.data_type {
                _ if is_null => "false".into(),
                DataType::Boolean => argument.text(),
                _ => "true".into(),
            }),
            _ if is_null => self.cut("null".into()),
            's' => self.cut(argument.text()),
            'd' => {
                let value = argument.integer().ok_or_else(mismatch)?;
                self.number(value < 0, value.unsigned_abs().to_string(), "")
            }
            'x' | 'o' => {
                let value = argument.integer().ok_or_else(mismatch)?;
                self.unsigned(value as u64 & (u64::MAX >> (64 - argument.bits())))
            }
            'c' => {
                let code = argument.integer().and_then(|code| u32::try_from(code).ok());
                code.and_then(char::from_u32).ok_or_else(mismatch)?.to_string()
            }
            'f' | 'e' | 'g' => match (argument.double(), argument.data_type) {
                (Some(value), _) => self.double(value),
                (None, DataType::Decimal { .. }) if self.letter == 'f' => {
                    let text = argument.text();
                    self.decimal(&text)
                }
                _ => return Err(mismatch()),
            },
            _ => return Err(mismatch()),
        };
        let text = if self.letter.is_ascii_uppercase() {
            text.to_uppercase()
        } else {
            text
        };
        out.extend_from_slice(padded(&text, self.width, self.left).as_bytes());
        Ok(())
    }

    fn cut(&self, text: String) -> String {
        match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text,
        }
    }

    /// Sign, zeros up to the width and commas around digits that have no sign.
    fn number(&self, negative: bool, whole: String, fraction: &str) -> String {
        let mut digits = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if self.group && index > 0 && (whole.len() - index).is_multiple_of(3) {
                digits.push(',');
            }
            digits.push(digit);
        }
        digits.push_str(fraction);
        let (before, after) = match negative {
            true if self.parentheses => ("(", ")"),
            true => ("-", ""),
            false if self.plus => ("+", ""),
            false if self.space => (" ", ""),
            false => ("", ""),
        };
        let zeros = if self.zero {
            self.width.saturating_sub(before.len() + digits.len() + after.len())
        } else {
            0
        };
        format!("{before}{}{digits}{after}", "0".repeat(zeros))
    }

    fn unsigned(&self, value: u64) -> String {
        let (prefix, digits) = if self.letter == 'o' {
            ("0", format!("{value:o}"))
        } else {
            ("0x", format!("{value:x}"))
        };
        let prefix = if self.alternate { prefix } else { "" };
        let zeros = if self.zero {
            self.width.saturating_sub(prefix.len() + digits.len())
        } else {
            0
        };
        format!("{prefix}{}{digits}", "0".repeat(zeros))
    }

    fn double(&self, value: f64) -> String {
        if !value.is_finite() {
            let name = if value.is_nan() { "NaN" } else { "Infinity" };
            let sign = match value < 0.0 {
                true if self.parentheses => return format!("({name})"),
                true => "-",
                false if self.plus && !value.is_nan() => "+",
                false => "",
            };
            return format!("{sign}{name}");
        }
        let negative = value.is_sign_negative();
        let mut digits = String::new();
        write_java_double(value.abs(), &mut digits);
        let precision = self.precision.unwrap_or(6);
        match self.letter.to_ascii_lowercase() {
            'f' => self.fixed(negative, &plain(&digits), precision),
            'e' => self.scientific(negative, &digits, precision),
            _ => {
                let precision = precision.max(1);
                let places = precision - 1;
                // Rounding may carry into the next power of ten.
                let rounded = scientific_parts(&digits, places);
                let exponent = rounded.2;
                if (-4..precision as i64).contains(&exponent) {
                    let places = i64::try_from(precision).unwrap_or(i64::MAX) - 1 - exponent;
                    self.fixed(negative, &plain(&digits), usize::try_from(places).unwrap_or(0))
                } else {
                    self.scientific(negative, &digits, places)
                }
            }
        }
    }

    fn decimal(&self, text: &str) -> String {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        self.fixed(negative, digits, self.precision.unwrap_or(6))
    }

    fn fixed(&self, negative: bool, digits: &str, places: usize) -> String {
        let (whole, fraction) = rounded_half_up(digits, places);
        let point = if places > 0 || self.alternate { "." } else { "" };
        self.number(negative, whole, &format!("{point}{fraction}"))
    }

    fn scientific(&self, negative: bool, digits: &str, places: usize) -> String {
        let (whole, fraction, exponent) = scientific_parts(digits, places);
        let point = if places > 0 || self.alternate { "." } else { "" };
        let sign = if exponent < 0 { '-' } else { '+' };
        self.number(
            negative,
            whole,
            &format!("{point}{fraction}e{sign}{:02}", exponent.abs()),
        )
    }
}

fn padded(text: &str, width: usize, left: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(text.encode_utf16().count()));
    if left {
        format!("{text}{blanks}")
    } else {
        format!("{blanks}{text}")
    }
}

/// Java's text of a double without its exponent.
fn plain(digits: &str) -> String {
    let Some((mantissa, exponent)) = digits.split_once('E') else {
        return digits.to_string();
    };
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let point = 1 + exponent;
    if point <= 0 {
        return format!("0.{}{all}", "0".repeat(usize::try_from(-point).unwrap_or(0)));
    }
    let point = usize::try_from(point).unwrap_or(0);
    if point >= all.len() {
        return format!("{all}{}", "0".repeat(point - all.len()));
    }
    format!("{}.{}", &all[..point], &all[point..])
}

/// `whole.fraction` rounded half up to so many places.
fn rounded_half_up(digits: &str, places: usize) -> (String, String) {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all: Vec<u8> = whole
        .bytes()
        .chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(places))
        .collect();
    if fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5') {
        let carries = all.iter().rev().take_while(|digit| **digit == b'9').count();
        let length = all.len();
        all[length - carries..].fill(b'0');
        match length.checked_sub(carries + 1) {
            Some(at) => all[at] += 1,
            None => all.insert(0, b'1'),
        }
    }
    let text = String::from_utf8(all).unwrap_or_default();
    let (whole, fraction) = text.split_at(text.len() - places);
    (whole.to_string(), fraction.to_string())
}

/// One digit, a fraction of so many, and the exponent.
fn scientific_parts(digits: &str, places: usize) -> (String, String, i64) {
    let plain = plain(digits);
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    if significant.is_empty() {
        return ("0".into(), "0".repeat(places), 0);
    }
    let zeros = all.len() - significant.len();
    let exponent = whole.len() as i64 - 1 - zeros as i64;
    let normal = format!("{}.{}", &significant[..1], &significant[1..]);
    let (whole, fraction) = rounded_half_up(&normal, places);
    // 9.99 may have become 10.0.
    if whole.len() > 1 {
        let fraction = format!("{}{fraction}", &whole[1..]);
        return (whole[..1].into(), fraction[..places].into(), exponent + 1);
    }
    (whole, fraction, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn double(format: &str, value: f64) -> String {
        match pieces_of(format).unwrap().remove(0) {
            Piece::Value(conversion) => padded(&conversion.double(value), conversion.width, conversion.left),
            Piece::Literal(text) => text,
        }
    }

    #[test]
    fn doubles_are_rounded_half_up_from_their_digits() {
        assert_eq!(double("%.2f", 0.125), "0.13");
        assert_eq!(double("%.0f", 2.5), "3");
        assert_eq!(double("%,.2f", 1_234_567.891), "1,234,567.89");
        assert_eq!(double("%e", 1e-10), "1.000000e-10");
        assert_eq!(double("%.1e", 9.96), "1.0e+01");
        assert_eq!(double("%010.1f", -2.25), "-0000002.3");
        assert_eq!(double("%g", 0.0001), "0.000100000");
        assert_eq!(double("%8.3g|", 123_456.0), "1.23e+05");
        assert_eq!(double("%f", f64::NEG_INFINITY), "-Infinity");
    }

    #[test]
    fn refuses_what_java_refuses() {
        for format in ["%", "%y", "%-s", "%.s", "%0d", "%<s"] {
            assert!(pieces_of(format).is_err(), "{format}");
        }
        assert_eq!(pieces_of("100%%%n").unwrap(), [Piece::Literal("100%\n".into())]);
    }

    proptest! {
        #[test]
        fn never_panics(format in "[%0-9$.,(<# sdfegxc+-]{0,12}", value: f64) {
            for piece in pieces_of(&format).unwrap_or_default() {
                if let Piece::Value(conversion) = piece
                    && conversion.width < 1000
                    && conversion.precision.unwrap_or(0) < 1000
                {
                    let _ = conversion.double(value);
                }
            }
        }
    }
}
