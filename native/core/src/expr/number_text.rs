//! Numbers as text and back by a format: to_number, try_to_number, to_char, to_varchar, format_number.

use arrow_array::types::{Decimal128Type, Float64Type, Int32Type};

use super::decimal::decimal_for;
use super::number_format::NumberFormat;
use super::number_pattern::NumberPattern;
use super::registry::bind_call;
use super::rows::{Memo, Nulls, bytes_call, number_call};
use super::{Bind, Call, Expr, literal};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::java_text;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("to_number", bind_to_number),
    ("try_to_number", bind_to_number),
    ("to_char", bind_to_char),
    ("to_varchar", bind_to_char),
    ("format_number", bind_format_number),
];

/// Binds to_number(text, format) and try_to_number.
fn bind_to_number(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::String)?;
    if is_null(&call.arguments[1]) {
        let (precision, scale) = (38, 18);
        return literal(&serde_json::Value::Null, &DataType::Decimal { precision, scale });
    }
    let format = NumberFormat::new(&call.text_argument(1)?)?;
    let (precision, scale) = format.shape();
    let raises = call.name == "to_number";
    let name = if raises { "to_number" } else { "try_to_number" };
    let data_type = DataType::Decimal { precision, scale };
    Ok(number_call::<Decimal128Type>(
        call,
        name,
        data_type,
        true,
        Nulls::Pass,
        move |row| {
            let text = java_text(row.bytes(0));
            match format.parse(&text) {
                None if raises => Err(format.mismatch(&text)),
                number => Ok(number),
            }
        },
    ))
}

fn is_null(argument: &Expr) -> bool {
    argument.as_literal().is_some_and(|constant| constant.is_null(0)) || argument.data_type == DataType::Void
}

/// Binds to_char(value, format): of times as date_format, of bytes as base64, hex or decode, of numbers by a number format.
fn bind_to_char(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    match &call.arguments[0].data_type {
        DataType::Date | DataType::Timestamp | DataType::TimestampNtz => {
            return bind_call(Call {
                name: "date_format",
                ..call
            });
        }
        DataType::Binary => return bind_bytes_to_char(call),
        _ => {}
    }
    if is_null(&call.arguments[1]) {
        return literal(&serde_json::Value::Null, &DataType::String);
    }
    let format = NumberFormat::new(&call.text_argument(1)?)?;
    let (precision, scale) = match &call.arguments[0].data_type {
        DataType::String | DataType::Void => (38, 18),
        number => decimal_for(number).ok_or_else(|| call.wrong_type(0, "\"DECIMAL\""))?,
    };
    call.coerce(0, &DataType::Decimal { precision, scale })?;
    Ok(bytes_call(
        call,
        "to_char",
        DataType::String,
        true,
        Nulls::Pass,
        move |row, out| {
            let mut text = String::new();
            format.write(row.number::<Decimal128Type>(0), scale, &mut text);
            out.extend_from_slice(text.as_bytes());
            Ok(true)
        },
    ))
}

fn bind_bytes_to_char(mut call: Call<'_>) -> Result<Expr> {
    let format = call.text_argument(1)?;
    let name = match format.trim().to_lowercase().as_str() {
        "base64" => "base64",
        "hex" => "hex",
        "utf-8" => "decode",
        _ => {
            return Err(Error::new(ErrorCode::InvalidParameterValueBinaryFormat)
                .with("parameter", "`format`")
                .with("functionName", format!("`{}`", call.name))
                .with("invalidFormat", format!("'{format}'")));
        }
    };
    if name != "decode" {
        call.arguments.truncate(1);
        call.argument_sql.truncate(1);
    }
    bind_call(Call { name, ..call })
}

/// Binds format_number(number, digits or pattern): null for negative digits.
fn bind_format_number(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let has_pattern = call.arguments[1].data_type == DataType::String;
    if !has_pattern {
        if !matches!(
            call.arguments[1].data_type,
            DataType::TinyInt | DataType::SmallInt | DataType::Int | DataType::Void
        ) {
            return Err(call.wrong_type(1, "(\"INT\" or \"STRING\")"));
        }
        call.coerce(1, &DataType::Int)?;
    }
    // Whole numbers and decimals are written to the last digit.
    let exact = match &call.arguments[0].data_type {
        DataType::Float | DataType::Double | DataType::Void => None,
        number => Some(decimal_for(number).ok_or_else(|| call.wrong_type(0, "\"NUMERIC\""))?),
    };
    let number_type = exact.map_or(DataType::Double, |(precision, scale)| DataType::Decimal {
        precision,
        scale,
    });
    call.coerce(0, &number_type)?;
    let patterns = Memo::new();
    Ok(bytes_call(
        call,
        "format_number",
        DataType::String,
        true,
        Nulls::Pass,
        move |row, out| {
            let pattern = if has_pattern {
                let text = row.bytes(1);
                patterns.get(text, || NumberPattern::new(&java_text(text)))?
            } else {
                let Ok(places) = usize::try_from(row.number::<Int32Type>(1)) else {
                    return Ok(false);
                };
                if places > 1000 {
                    return Err(Error::limit("digits of format_number", places, 1000));
                }
                patterns.get(&places.to_le_bytes(), || Ok(NumberPattern::with_places(places)))?
            };
            let mut text = String::new();
            match exact {
                Some((_, scale)) => pattern.write_decimal(row.number::<Decimal128Type>(0), scale, &mut text),
                None => pattern.write_double(row.number::<Float64Type>(0), &mut text),
            }
            out.extend_from_slice(text.as_bytes());
            Ok(true)
        },
    ))
}
