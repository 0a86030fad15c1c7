//! Event times out of text and numbers: to_timestamp with a pattern, timestamp_seconds, _millis, _micros.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};

use super::{Bind, Call, Expr, Value, cast};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::TimestampPattern;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("to_timestamp", bind_to_timestamp),
    ("try_to_timestamp", bind_to_timestamp),
    ("timestamp_seconds", bind_from_epoch),
    ("timestamp_millis", bind_from_epoch),
    ("timestamp_micros", bind_from_epoch),
    ("window_time", bind_window_time),
];

/// Binds to_timestamp(text[, pattern]) and try_to_timestamp. Without a pattern it is a cast.
fn bind_to_timestamp(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 2)?;
    let attempt = call.name == "try_to_timestamp";
    if call.arguments.len() == 1 || call.arguments[0].data_type != DataType::String {
        return cast(
            call.arguments.swap_remove(0),
            &DataType::Timestamp,
            call.session,
            attempt,
        );
    }
    let pattern = TimestampPattern::compile(&call.text_argument(1)?, &call.session.zone)?;
    let raises = call.session.ansi && !attempt;
    call.arguments.truncate(1);
    let nullable = call.any_nullable() || !raises;
    let name = if attempt { "try_to_timestamp" } else { "to_timestamp" };
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::Timestamp,
        nullable,
        move |values, _| {
            crate::fault::enter_stage("parse");
            let times = pattern.parse_column(values[0].array().as_binary_view(), raises, "try_to_timestamp")?;
            let times = Arc::new(times);
            Ok(if values[0].is_scalar() {
                Value::Scalar(times)
            } else {
                Value::Array(times)
            })
        },
    ))
}

/// Binds timestamp_seconds, timestamp_millis and timestamp_micros of an integer.
fn bind_from_epoch(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    if !call.arguments[0].data_type.is_integral() {
        return Err(call.wrong_type(0, "\"INTEGRAL\""));
    }
    let (name, factor) = match call.name {
        "timestamp_seconds" => ("timestamp_seconds", 1_000_000),
        "timestamp_millis" => ("timestamp_millis", 1_000),
        _ => ("timestamp_micros", 1),
    };
    call.coerce(0, &DataType::BigInt)?;
    let nullable = call.any_nullable();
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::Timestamp,
        nullable,
        move |values, _| {
            let numbers = values[0].array().as_primitive::<Int64Type>();
            let too_large = |row: &usize| numbers.is_valid(*row) && numbers.value(*row).checked_mul(factor).is_none();
            if let Some(row) = (0..numbers.len()).find(too_large) {
                // Spark raises this whatever the ANSI mode: Math.multiplyExact.
                return Err(Error::new(ErrorCode::ArithmeticOverflow)
                    .with("message", "long overflow")
                    .with("alternative", "")
                    .with("config", "\"spark.sql.ansi.enabled\"")
                    .at_row(row));
            }
            let times = numbers
                .unary::<_, TimestampMicrosecondType>(|v| v.wrapping_mul(factor))
                .with_timezone("UTC");
            let times: ArrayRef = Arc::new(times);
            Ok(if values[0].is_scalar() {
                Value::Scalar(times)
            } else {
                Value::Array(times)
            })
        },
    ))
}

/// Binds window_time(window): the last instant of a window, its event time.
fn bind_window_time(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    if call.arguments[0].data_type.window_time().is_none() {
        return Err(call.wrong_type(0, "\"STRUCT<start: TIMESTAMP, end: TIMESTAMP>\""));
    }
    window_time(call.arguments.swap_remove(0))
}

/// The last instant of a window: its end less a microsecond.
pub fn window_time(window: Expr) -> Result<Expr> {
    let end = super::get_field(window, 1)?;
    let (data_type, nullable) = (end.data_type.clone(), end.nullable);
    let is_utc = data_type == DataType::Timestamp;
    Ok(Expr::call(
        "window_time",
        vec![end],
        data_type,
        nullable,
        move |values, _| {
            let ends = values[0].array().as_primitive::<TimestampMicrosecondType>();
            let times = ends.unary::<_, TimestampMicrosecondType>(|end| end.wrapping_sub(1));
            let times: ArrayRef = Arc::new(if is_utc { times.with_timezone("UTC") } else { times });
            Ok(if values[0].is_scalar() {
                Value::Scalar(times)
            } else {
                Value::Array(times)
            })
        },
    ))
}
