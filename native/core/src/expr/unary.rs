//! Unary arithmetic: `-`, `+`, abs and sign over numbers and intervals.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalMonthDayNanoType, IntervalYearMonthType,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray};

use super::decimal::{BigDecimal, Rounding, fits};
use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::config_generated::ANSI_ENABLED;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::Interval;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("negative", bind),
    ("positive", bind),
    ("abs", bind),
    ("sign", bind_sign),
    ("signum", bind_sign),
];

/// Digits of Scala's BigDecimal, which negates with rounding.
const SCALA_DIGITS: u32 = 34;
/// Decimals with at most as many digits are longs in Spark.
const COMPACT_DIGITS: u8 = 18;

/// Binds negative, positive and abs: the type stays.
fn bind(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    if matches!(call.arguments[0].data_type, DataType::String | DataType::Void) {
        call.coerce(0, &DataType::Double)?;
    }
    let data_type = call.arguments[0].data_type.clone();
    let is_interval = data_type.is_ansi_interval() || (data_type == DataType::CalendarInterval && call.name != "abs");
    if !data_type.is_numeric() && !is_interval {
        return Err(call.wrong_type(
            0,
            "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")",
        ));
    }
    if call.name == "positive" {
        return Ok(call.arguments.swap_remove(0));
    }
    let (name, only_negative) = if call.name == "abs" {
        ("abs", true)
    } else {
        ("negative", false)
    };
    let (nullable, ansi) = (call.any_nullable(), call.session.ansi);
    let kernel_type = data_type.clone();
    Ok(Expr::call(
        name,
        call.arguments,
        data_type,
        nullable,
        move |values, _| {
            let array = values[0].array();
            let flags = (ansi, only_negative);
            let result: ArrayRef = match &kernel_type {
                DataType::TinyInt => integers::<Int8Type>(array, flags, i8::overflowing_neg)?,
                DataType::SmallInt => integers::<Int16Type>(array, flags, i16::overflowing_neg)?,
                DataType::Int => integers::<Int32Type>(array, flags, i32::overflowing_neg)?,
                DataType::BigInt => integers::<Int64Type>(array, flags, i64::overflowing_neg)?,
                // Intervals never wrap.
                DataType::DayTimeInterval(_) => {
                    integers::<DurationMicrosecondType>(array, (true, only_negative), i64::overflowing_neg)?
                }
                DataType::YearMonthInterval(_) => {
                    integers::<IntervalYearMonthType>(array, (true, only_negative), i32::overflowing_neg)?
                }
                DataType::CalendarInterval => calendar_intervals(array, ansi)?,
                DataType::Decimal { precision, scale } => decimals(array, only_negative, *precision, *scale)?,
                DataType::Float => {
                    let values = array.as_primitive::<Float32Type>();
                    Arc::new(values.unary::<_, Float32Type>(|v| if only_negative { v.abs() } else { -v }))
                }
                _ => {
                    let values = array.as_primitive::<Float64Type>();
                    Arc::new(values.unary::<_, Float64Type>(|v| if only_negative { v.abs() } else { -v }))
                }
            };
            Ok(if values[0].is_scalar() {
                Value::Scalar(result)
            } else {
                Value::Array(result)
            })
        },
    ))
}

/// Negates each part; under ANSI a part that has no negative raises.
fn calendar_intervals(array: &ArrayRef, raises: bool) -> Result<ArrayRef> {
    let values = array.as_primitive::<IntervalMonthDayNanoType>();
    let negated: PrimitiveArray<IntervalMonthDayNanoType> = values.try_unary(|native| {
        let Interval { months, days, micros } = native.into();
        let overflows = months == i32::MIN || days == i32::MIN || micros == i64::MIN;
        if raises && overflows {
            return Err(Error::long_overflow());
        }
        Ok(Interval {
            months: months.wrapping_neg(),
            days: days.wrapping_neg(),
            micros: micros.wrapping_neg(),
        }
        .into())
    })?;
    Ok(Arc::new(negated))
}

/// Negates; with `only_negative` just what is below zero. What overflows raises or wraps.
fn integers<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    (raises, only_negative): (bool, bool),
    negate: fn(T::Native) -> (T::Native, bool),
) -> Result<ArrayRef> {
    let values = array.as_primitive::<T>();
    let operation = |value: T::Native| {
        if only_negative && value >= T::Native::default() {
            (value, false)
        } else {
            negate(value)
        }
    };
    if raises {
        let guilty = (0..values.len()).find(|&row| values.is_valid(row) && operation(values.value(row)).1);
        if let Some(row) = guilty {
            return Err(Error::new(ErrorCode::ArithmeticOverflow)
                .with("message", "overflow")
                .with("alternative", "")
                .with("config", format!("\"{ANSI_ENABLED}\""))
                .at_row(row));
        }
    }
    let result: PrimitiveArray<T> = values.unary(|value| operation(value).0);
    Ok(Arc::new(result))
}

/// Negates decimals. Spark rounds long ones to 34 digits on the way, half to even, and refuses what then does not fit.
fn decimals(array: &ArrayRef, only_negative: bool, precision: u8, scale: i8) -> Result<ArrayRef> {
    let values = array.as_primitive::<Decimal128Type>();
    let mut result = PrimitiveArray::<Decimal128Type>::builder(values.len());
    for row in 0..values.len() {
        if values.is_null(row) {
            result.append_null();
            continue;
        }
        let value = values.value(row);
        if only_negative && value >= 0 {
            result.append_value(value);
        } else if precision <= COMPACT_DIGITS || fits(value, SCALA_DIGITS as u8) {
            result.append_value(-value);
        } else {
            let rounded = BigDecimal::new(-value, scale).rounded(SCALA_DIGITS, Rounding::HalfEven);
            let negated = rounded.to_decimal(precision, scale).ok_or_else(|| {
                Error::new(ErrorCode::NumericValueOutOfRangeWithoutSuggestion)
                    .with("roundedValue", rounded.to_plain_text())
                    .with("originalValue", rounded.to_plain_text())
                    .with("precision", precision.to_string())
                    .with("scale", scale.to_string())
                    .at_row(row)
            })?;
            result.append_value(negated);
        }
    }
    Ok(Arc::new(result.finish().with_precision_and_scale(precision, scale)?))
}

/// Binds sign: a double, -1.0, 0.0 or 1.0.
fn bind_sign(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    match &call.arguments[0].data_type {
        found if found.is_numeric() => {}
        DataType::String | DataType::Void => {}
        DataType::DayTimeInterval(_) | DataType::YearMonthInterval(_) => call.coerce(
            0,
            &DataType::Decimal {
                precision: 38,
                scale: 6,
            },
        )?,
        _ => return Err(call.wrong_type(0, "\"DOUBLE\"")),
    }
    call.coerce(0, &DataType::Double)?;
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "sign",
        call.arguments,
        DataType::Double,
        nullable,
        |values, _| {
            let array = values[0].array().as_primitive::<Float64Type>();
            // Java's signum keeps zeros and NaN as they are.
            let signs = array.unary::<_, Float64Type>(|v| {
                if v > 0.0 {
                    1.0
                } else if v < 0.0 {
                    -1.0
                } else {
                    v
                }
            });
            let signs: ArrayRef = Arc::new(signs);
            Ok(if values[0].is_scalar() {
                Value::Scalar(signs)
            } else {
                Value::Array(signs)
            })
        },
    ))
}
