//! Times out of text and numbers and back: to_timestamp with a pattern, timestamp_seconds, date_format.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};

use super::rows::{Memo, Nulls, Row, bytes_call, number_call};
use super::{Bind, Call, Expr, Value, cast, literal};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{MICROS_PER_DAY, MICROS_PER_SECOND, TimeParserPolicy, TimestampFormat, TimestampPattern};

/// The pattern of functions that were given none.
const DEFAULT_PATTERN: &str = "yyyy-MM-dd HH:mm:ss";

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("to_timestamp", bind_to_time),
    ("try_to_timestamp", bind_to_time),
    ("to_timestamp_ltz", bind_to_time),
    ("to_timestamp_ntz", bind_to_time),
    ("to_date", bind_to_time),
    ("try_to_date", bind_to_time),
    ("unix_timestamp", bind_to_time),
    ("to_unix_timestamp", bind_to_time),
    ("date_format", bind_format),
    ("from_unixtime", bind_format),
    ("timestamp_seconds", bind_from_epoch),
    ("timestamp_millis", bind_from_epoch),
    ("timestamp_micros", bind_from_epoch),
    ("window_time", bind_window_time),
];

/// Binds the functions that read a time by a pattern. Without one they are casts, but for unix_timestamp.
fn bind_to_time(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 2)?;
    let attempt = call.name.starts_with("try_");
    let (name, data_type) = match call.name {
        "to_timestamp" | "to_timestamp_ltz" => ("to_timestamp", DataType::Timestamp),
        "try_to_timestamp" => ("try_to_timestamp", DataType::Timestamp),
        "to_timestamp_ntz" => ("to_timestamp_ntz", DataType::TimestampNtz),
        "to_date" => ("to_date", DataType::Date),
        "try_to_date" => ("try_to_date", DataType::Date),
        "to_unix_timestamp" => ("to_unix_timestamp", DataType::BigInt),
        _ => ("unix_timestamp", DataType::BigInt),
    };
    let is_unix = data_type == DataType::BigInt;
    let given = &call.arguments[0].data_type;
    let is_time = matches!(
        given,
        DataType::Date | DataType::Timestamp | DataType::TimestampNtz | DataType::Void
    );
    if is_unix && *given != DataType::String {
        if !is_time {
            let required = "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\")";
            return Err(call.wrong_type(0, required));
        }
        call.arguments.truncate(1);
        return super::date_fields::unix_seconds(call, name);
    }
    // Numbers are seconds of a timestamp; whatever else is no time is read as text.
    let is_taken = is_time || (data_type == DataType::Timestamp && given.is_numeric());
    if !is_taken {
        call.coerce(0, &DataType::String)?;
    }
    let is_text = call.arguments[0].data_type == DataType::String;
    if !is_text || (call.arguments.len() == 1 && !is_unix) {
        return cast(call.arguments.swap_remove(0), &data_type, call.session, attempt);
    }
    let zone = call.session.zone.clone();
    // Wall clocks came after Spark 2, which has no pattern for them; its reading of a text is compared all the same.
    let is_wall_clock = data_type == DataType::TimestampNtz;
    let policy = match call.session.time_parser_policy {
        TimeParserPolicy::Legacy if is_wall_clock => TimeParserPolicy::Corrected,
        policy => policy,
    };
    let compile = move |pattern: &str| {
        TimestampPattern::compile_under(policy, pattern, &zone, false).map_err(|error| {
            let is_upgrade = error.code() == ErrorCode::InconsistentBehaviorCrossVersionDatetimePatternRecognition;
            if is_wall_clock && is_upgrade {
                Error::new(ErrorCode::InvalidDatetimePatternWithSuggestion).with("pattern", pattern)
            } else {
                error
            }
        })
    };
    if call.arguments.len() == 1 {
        call.arguments
            .push(literal(&DEFAULT_PATTERN.into(), &DataType::String)?);
        call.argument_sql.push(DEFAULT_PATTERN.into());
    }
    let raises = call.session.ansi && !attempt;
    let zone = call.session.zone.clone();
    let function = if data_type == DataType::Date {
        "try_to_date"
    } else {
        "try_to_timestamp"
    };
    let is_constant = call.arguments[1]
        .as_literal()
        .is_some_and(|pattern| pattern.is_valid(0));
    if is_constant && data_type == DataType::Timestamp {
        // A bad pattern is an error of the query's rows, not of the call: Spark makes its formatter when it runs.
        let pattern = compile(&call.text_argument(1)?);
        call.arguments.truncate(1);
        let nullable = call.any_nullable() || !raises;
        return Ok(Expr::call(
            name,
            call.arguments,
            data_type,
            nullable,
            move |values, _| {
                crate::fault::enter_stage("parse");
                let pattern = pattern.as_ref().map_err(Clone::clone)?;
                let times = pattern.parse_column(values[0].array().as_binary_view(), raises, function)?;
                let times = Arc::new(times);
                Ok(if values[0].is_scalar() {
                    Value::Scalar(times)
                } else {
                    Value::Array(times)
                })
            },
        ));
    }
    call.coerce(1, &DataType::String)?;
    let patterns = Memo::new();
    let of = move |row: &Row<'_>| -> Result<Option<i64>> {
        let pattern = patterns.get(row.bytes(1), || compile(&String::from_utf8_lossy(row.bytes(1))))?;
        let text = row.bytes(0);
        let found = match &data_type_of(name) {
            DataType::TimestampNtz => pattern.parse_ntz(text, true),
            _ => pattern.parse(text),
        };
        if found.is_none() {
            pattern.check_upgrade(text)?;
            if raises {
                return Err(pattern.refusal(text, function));
            }
        }
        Ok(found)
    };
    let nullable = !raises;
    Ok(match data_type {
        DataType::Date => number_call::<Date32Type>(call, name, data_type, nullable, Nulls::Pass, move |row| {
            let days = |micros| zone.to_local_micros(micros).div_euclid(MICROS_PER_DAY) as i32;
            Ok(of(row)?.map(days))
        }),
        DataType::BigInt => number_call::<Int64Type>(call, name, data_type, nullable, Nulls::Pass, move |row| {
            Ok(of(row)?.map(|micros| micros.div_euclid(MICROS_PER_SECOND)))
        }),
        _ => number_call::<TimestampMicrosecondType>(call, name, data_type, nullable, Nulls::Pass, of),
    })
}

fn data_type_of(name: &str) -> DataType {
    if name == "to_timestamp_ntz" {
        DataType::TimestampNtz
    } else {
        DataType::Timestamp
    }
}

/// Binds date_format(time, pattern) and from_unixtime(seconds[, pattern]).
fn bind_format(mut call: Call<'_>) -> Result<Expr> {
    let is_unix = call.name == "from_unixtime";
    call.expect_arguments_between(if is_unix { 1 } else { 2 }, 2)?;
    if call.arguments.len() == 1 {
        call.arguments
            .push(literal(&DEFAULT_PATTERN.into(), &DataType::String)?);
        call.argument_sql.push(DEFAULT_PATTERN.into());
    }
    call.coerce(
        0,
        if is_unix {
            &DataType::BigInt
        } else {
            &DataType::Timestamp
        },
    )?;
    call.coerce(1, &DataType::String)?;
    let zone = call.session.zone.clone();
    let policy = call.session.time_parser_policy;
    let formats = Memo::new();
    let name = if is_unix { "from_unixtime" } else { "date_format" };
    let nullable = is_unix;
    Ok(bytes_call(
        call,
        name,
        DataType::String,
        nullable,
        Nulls::Pass,
        move |row, out| {
            let format = formats.get(row.bytes(1), || {
                TimestampFormat::compile_under(policy, &String::from_utf8_lossy(row.bytes(1)), &zone, false)
            })?;
            let micros = if is_unix {
                row.number::<Int64Type>(0).wrapping_mul(MICROS_PER_SECOND)
            } else {
                row.number::<TimestampMicrosecondType>(0)
            };
            let mut text = String::new();
            format.write(micros, &mut text);
            out.extend_from_slice(text.as_bytes());
            Ok(true)
        },
    ))
}

/// Binds timestamp_seconds of a number with a fraction: a double saturates, a decimal must come out whole.
fn bind_fractional_seconds(call: Call<'_>) -> Result<Expr> {
    let data_type = call.arguments[0].data_type.clone();
    let result = DataType::Timestamp;
    Ok(match data_type {
        DataType::Decimal { scale, .. } => {
            number_call::<TimestampMicrosecondType>(call, "timestamp_seconds", result, false, Nulls::Pass, move |row| {
                let divisor = 10i128.pow(u32::from(scale.unsigned_abs()));
                let micros = row
                    .number::<Decimal128Type>(0)
                    .checked_mul(i128::from(MICROS_PER_SECOND));
                let whole = micros
                    .filter(|micros| micros % divisor == 0)
                    .map(|micros| micros / divisor);
                let micros = whole.and_then(|micros| i64::try_from(micros).ok());
                micros
                    .map(Some)
                    .ok_or_else(|| Error::arithmetic_overflow("Rounding necessary"))
            })
        }
        _ => {
            let is_float = data_type == DataType::Float;
            number_call::<TimestampMicrosecondType>(call, "timestamp_seconds", result, true, Nulls::Pass, move |row| {
                let seconds = if is_float {
                    f64::from(row.number::<Float32Type>(0))
                } else {
                    row.number::<Float64Type>(0)
                };
                Ok(seconds
                    .is_finite()
                    .then_some((seconds * MICROS_PER_SECOND as f64) as i64))
            })
        }
    })
}

/// Binds timestamp_seconds, timestamp_millis and timestamp_micros; only seconds may have a fraction.
fn bind_from_epoch(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let given = &call.arguments[0].data_type;
    if call.name == "timestamp_seconds" && given.is_numeric() && !given.is_integral() {
        return bind_fractional_seconds(call);
    }
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
                let unit = if factor == MICROS_PER_SECOND {
                    "seconds"
                } else {
                    "milliseconds"
                };
                let operation = format!("create a TIMESTAMP from {}L {unit} since the epoch", numbers.value(row));
                let error = Error::new(ErrorCode::DatetimeOverflow).with("operation", operation);
                return Err(error.at_row(row));
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
    if !matches!(call.arguments[0].data_type, DataType::Struct(_)) {
        return Err(call.wrong_type(0, "\"STRUCT\""));
    }
    if call.arguments[0].data_type.window_time().is_none() {
        return Err(Error::new(ErrorCode::LegacyErrorTemp3101).with("windowTime", call.sql));
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
