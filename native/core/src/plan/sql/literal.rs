//! Constants of SQL text: numbers with Spark's types, text, typed text.

use serde_json::Value as Json;
use sqlparser::ast::{TypedString, Value};

use super::super::Expression;
use super::unsupported;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{TimeZone, parse_date_text, parse_timestamp_ntz_text, parse_timestamp_text};

fn literal(value: Json, data_type: impl Into<String>) -> Expression {
    Expression::Literal {
        value,
        data_type: data_type.into(),
    }
}

/// A text constant.
pub(super) fn text(value: &str) -> Expression {
    literal(Json::String(value.to_string()), "string")
}

/// A constant as the tokenizer found it.
pub(super) fn value(value: &Value) -> Result<Expression> {
    Ok(match value {
        Value::Number(digits, is_long) => {
            return if *is_long { long(digits) } else { number(digits) };
        }
        Value::SingleQuotedString(found)
        | Value::DoubleQuotedString(found)
        | Value::TripleSingleQuotedString(found)
        | Value::TripleDoubleQuotedString(found)
        | Value::SingleQuotedRawStringLiteral(found)
        | Value::DoubleQuotedRawStringLiteral(found)
        | Value::EscapedStringLiteral(found)
        | Value::UnicodeStringLiteral(found) => text(found),
        Value::HexStringLiteral(digits) => hex(digits)?,
        Value::Boolean(truth) => literal(Json::Bool(*truth), "boolean"),
        Value::Null => literal(Json::Null, "void"),
        other => return Err(unsupported(other)),
    })
}

/// `X'1A'`; an odd number of digits has a zero in front, as in Spark.
fn hex(digits: &str) -> Result<Expression> {
    use base64::Engine;
    let even = if digits.len() % 2 == 1 {
        format!("0{digits}")
    } else {
        digits.to_string()
    };
    let bytes = (0..even.len() / 2)
        .map(|index| u8::from_str_radix(even.get(index * 2..index * 2 + 2)?, 16).ok())
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| unsupported(format!("X'{digits}'")))?;
    Ok(literal(
        Json::String(base64::engine::general_purpose::STANDARD.encode(bytes)),
        "binary",
    ))
}

/// INT where it fits, else BIGINT, else DECIMAL; with a point DECIMAL; with an exponent DOUBLE.
fn number(digits: &str) -> Result<Expression> {
    if digits.contains(['e', 'E']) {
        return double(digits);
    }
    if let Ok(value) = digits.parse::<i64>() {
        let data_type = if i32::try_from(value).is_ok() { "int" } else { "bigint" };
        return Ok(literal(Json::String(value.to_string()), data_type));
    }
    decimal(digits)
}

fn long(digits: &str) -> Result<Expression> {
    match digits.parse::<i64>() {
        Ok(value) => Ok(literal(Json::String(value.to_string()), "bigint")),
        Err(_) => Err(out_of_range(digits, "bigint")),
    }
}

fn double(digits: &str) -> Result<Expression> {
    let value: f64 = digits.parse().map_err(|_| unsupported(digits))?;
    if value.is_infinite() {
        return Err(out_of_range(digits, "double"));
    }
    Ok(literal(Json::String(format!("{value:?}")), "double"))
}

fn decimal(digits: &str) -> Result<Expression> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let precision = (whole.len() + fraction.len()).max(fraction.len()).max(1);
    if precision > 38 {
        return Err(Error::new(ErrorCode::DecimalPrecisionExceedsMaxPrecision)
            .with("precision", precision.to_string())
            .with("maxPrecision", "38"));
    }
    let text = format!("{}.{fraction}", if whole.is_empty() { "0" } else { whole });
    Ok(literal(
        Json::String(text.trim_end_matches('.').to_string()),
        format!("decimal({precision},{})", fraction.len()),
    ))
}

/// Numbers with a type suffix, which the tokenizer takes for names: `1Y 1S 1L 1F 1D 1BD`.
pub(super) fn number_word(word: &str) -> Option<Result<Expression>> {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit()) || word.starts_with('.');
    if !is_number {
        return None;
    }
    let upper = word.to_ascii_uppercase();
    let small = |digits: &str, bound: i64, data_type: &str| match digits.parse::<i64>() {
        Ok(value) if value <= bound => Ok(literal(Json::String(value.to_string()), data_type)),
        _ => Err(out_of_range(digits, data_type)),
    };
    let is_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let is_fraction = |digits: &str| digits.parse::<f64>().is_ok();
    Some(
        if let Some(digits) = upper.strip_suffix("BD").filter(|digits| is_fraction(digits)) {
            decimal(digits)
        } else if let Some(digits) = upper.strip_suffix('L').filter(|digits| is_digits(digits)) {
            long(digits)
        } else if let Some(digits) = upper.strip_suffix('S').filter(|digits| is_digits(digits)) {
            // One more than the greatest: the sign may come.
            small(digits, 1 << 15, "smallint")
        } else if let Some(digits) = upper.strip_suffix('Y').filter(|digits| is_digits(digits)) {
            small(digits, 1 << 7, "tinyint")
        } else if let Some(digits) = upper.strip_suffix('D').filter(|digits| is_fraction(digits)) {
            double(digits)
        } else if let Some(digits) = upper.strip_suffix('F').filter(|digits| is_fraction(digits)) {
            double(digits).map(|node| match node {
                Expression::Literal { value, .. } => literal(value, "float"),
                other => other,
            })
        } else {
            return None;
        },
    )
}

/// The constant with its sign changed.
pub(super) fn negative(node: Expression) -> Expression {
    let Expression::Literal {
        value: Json::String(digits),
        data_type,
    } = &node
    else {
        return super::expression::call("negative", vec![node]);
    };
    let is_number = !matches!(data_type.as_str(), "string" | "binary" | "date")
        && !data_type.starts_with("interval")
        && !data_type.starts_with("timestamp");
    if !is_number {
        return super::expression::call("negative", vec![node]);
    }
    // 2147483648 alone is a BIGINT, with its sign an INT.
    let negated = format!("-{digits}");
    let data_type = if data_type == "bigint" && negated.parse::<i32>().is_ok() {
        "int"
    } else {
        data_type.as_str()
    };
    let data_type = if data_type.starts_with("decimal") && negated.parse::<i64>().is_ok() && !digits.contains('.') {
        "bigint"
    } else {
        data_type
    };
    literal(Json::String(negated), data_type)
}

fn out_of_range(digits: &str, data_type: &str) -> Error {
    Error::new(ErrorCode::InvalidNumericLiteralRange)
        .with("rawStrippedQualifier", digits)
        .with("typeName", data_type)
        .with("minValue", "")
        .with("maxValue", "")
}

/// `DATE'2024-01-02'`, `TIMESTAMP'...'`, `TIMESTAMP_NTZ'...'`, `X'...'`. A timestamp is a cast of the text, for its zone
/// is the session's. Fails with INVALID_TYPED_LITERAL where the text is no such date or time.
pub(super) fn typed_text(constant: &TypedString) -> Result<Expression> {
    let inner = value(&constant.value.value)?;
    let data_type = constant.data_type.to_string();
    let Expression::Literal {
        value: Json::String(found),
        ..
    } = &inner
    else {
        return Err(unsupported(constant));
    };
    let name = data_type.to_ascii_uppercase();
    let number = |number: Option<i64>, data_type: &str| {
        let number = number.ok_or_else(|| {
            Error::new(ErrorCode::InvalidTypedLiteral)
                .with("valueType", format!("\"{name}\""))
                .with("value", format!("'{found}'"))
        });
        number.map(|number| literal(Json::String(number.to_string()), data_type))
    };
    let bytes = found.as_bytes();
    match name.as_str() {
        "DATE" => return number(parse_date_text(bytes).map(i64::from), "date"),
        "TIMESTAMP_NTZ" => return number(parse_timestamp_ntz_text(bytes, true), "timestamp_ntz"),
        "TIMESTAMP" | "TIMESTAMP_LTZ" => {
            number(parse_timestamp_text(bytes, &TimeZone::utc()), "timestamp")?;
        }
        _ => {}
    }
    Ok(Expression::Cast {
        child: Box::new(inner),
        data_type,
        attempt: false,
    })
}
