//! Rounding: round, bround, ceil and floor of integers, decimals and doubles.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, new_null_array};
use num_bigint::BigInt;

use super::cast::out_of_range;
use super::decimal::{BigDecimal, Rounding, decimal_for};
use super::{Bind, Call, Expr, Kind, Value};
use crate::column::DataType;
use crate::config_generated::ANSI_ENABLED;
use crate::error::{Error, ErrorCode, Result};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("round", bind_round),
    ("bround", bind_round),
    ("ceil", bind_whole),
    ("ceiling", bind_whole),
    ("floor", bind_whole),
];

/// No double has digits past these places.
const PLACES_MAX: i64 = 400;

/// Binds round(value[, scale]) and bround: the type stays, a decimal's digits change.
fn bind_round(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 2)?;
    let (name, rounding) = if call.name == "round" {
        ("round", Rounding::HalfUp)
    } else {
        ("bround", Rounding::HalfEven)
    };
    if matches!(call.arguments[0].data_type, DataType::String | DataType::Void) {
        call.coerce(0, &DataType::Double)?;
    }
    if !call.arguments[0].data_type.is_numeric() {
        return Err(call.wrong_type(0, "\"NUMERIC\""));
    }
    let places = places_of(&mut call)?;
    to_places(call, name, rounding, places)
}

/// The constant second argument, 0 where there is none; none where it is NULL.
fn places_of(call: &mut Call<'_>) -> Result<Option<i32>> {
    if call.arguments.len() == 1 {
        return Ok(Some(0));
    }
    call.coerce(1, &DataType::Int)?;
    let folded = match &call.arguments[1].kind {
        Kind::Column(_) => None,
        _ if call.arguments[1].any(&|part| matches!(part.kind, Kind::Column(_))) => None,
        _ => Some(call.arguments[1].evaluate(&[], 1)?.into_array(1)?),
    };
    let Some(array) = folded else {
        return Err(Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("inputName", "`scale`")
            .with("inputType", "\"INT\"")
            .with("inputExpr", format!("\"{}\"", call.argument_sql[1])));
    };
    call.arguments.truncate(1);
    Ok(array.is_valid(0).then(|| array.as_primitive::<Int32Type>().value(0)))
}

/// Spark's type of a rounded decimal: one more digit before the point, in case the value carries.
fn rounded_type(precision: u8, scale: i8, places: i32) -> (u8, i8) {
    let whole = i32::from(precision) - i32::from(scale) + 1;
    if places < 0 {
        (whole.max(places.saturating_neg().saturating_add(1)).min(38) as u8, 0)
    } else {
        let scale = i32::from(scale).min(places);
        ((whole + scale).min(38) as u8, scale as i8)
    }
}

fn to_places(call: Call<'_>, name: &'static str, rounding: Rounding, places: Option<i32>) -> Result<Expr> {
    let own = call.arguments[0].data_type.clone();
    let data_type = match own {
        DataType::Decimal { precision, scale } => {
            let (precision, scale) = rounded_type(precision, scale, places.unwrap_or(0));
            DataType::Decimal { precision, scale }
        }
        other => other,
    };
    let raises = call.session.ansi;
    let nullable = call.any_nullable() || places.is_none() || !raises;
    let kernel_type = data_type.clone();
    let source = call.arguments[0].data_type.clone();
    Ok(Expr::call(
        name,
        call.arguments,
        data_type,
        nullable,
        move |values, _| {
            let array = values[0].array();
            let result: ArrayRef = match (places, &kernel_type) {
                (None, _) => new_null_array(&kernel_type.to_arrow(), array.len()),
                (Some(places), DataType::TinyInt) => integers::<Int8Type>(array, places, rounding, raises)?,
                (Some(places), DataType::SmallInt) => integers::<Int16Type>(array, places, rounding, raises)?,
                (Some(places), DataType::Int) => integers::<Int32Type>(array, places, rounding, raises)?,
                (Some(places), DataType::BigInt) => integers::<Int64Type>(array, places, rounding, raises)?,
                (Some(places), DataType::Decimal { .. }) => {
                    decimals(array, &source, &kernel_type, places, rounding, raises)?
                }
                (Some(places), DataType::Float) => {
                    let values = array.as_primitive::<Float32Type>();
                    Arc::new(values.unary::<_, Float32Type>(|v| {
                        if v.is_finite() {
                            rounded(&format!("{v:e}"), places, rounding).parse().unwrap_or(v)
                        } else {
                            v
                        }
                    }))
                }
                (Some(places), _) => {
                    let values = array.as_primitive::<Float64Type>();
                    Arc::new(values.unary::<_, Float64Type>(|v| {
                        if v.is_finite() {
                            rounded(&format!("{v:e}"), places, rounding).parse().unwrap_or(v)
                        } else {
                            v
                        }
                    }))
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

/// The number that `scientific` is, rounded to so many places; without a sign where it is zero.
fn rounded(scientific: &str, places: i32, rounding: Rounding) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let unscaled: i128 = format!("{whole}{fraction}").parse().unwrap_or(0);
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let value = BigDecimal {
        unscaled: BigInt::from(unscaled),
        scale: fraction.len() as i64 - exponent,
    };
    let places = i64::from(places).clamp(-PLACES_MAX, PLACES_MAX);
    let value = if places >= value.scale {
        value
    } else {
        value.with_scale(places, rounding)
    };
    format!("{}e{}", value.unscaled, -value.scale)
}

/// Only places before the point change an integer. What no longer fits raises, or loses its high bits.
fn integers<T>(array: &ArrayRef, places: i32, rounding: Rounding, raises: bool) -> Result<ArrayRef>
where
    T: ArrowPrimitiveType,
    T::Native: Into<i64> + TryFrom<i128>,
{
    if places >= 0 {
        return Ok(Arc::clone(array));
    }
    let values = array.as_primitive::<T>();
    let mut result = PrimitiveArray::<T>::builder(values.len());
    let bits = size_of::<T::Native>() * 8;
    for row in 0..values.len() {
        if values.is_null(row) {
            result.append_null();
            continue;
        }
        let value = BigDecimal::new(i128::from(values.value(row).into()), 0);
        let places = i64::from(places).max(-PLACES_MAX);
        let exact = value.with_scale(places, rounding).with_scale(0, Rounding::Down);
        let exact = i128::try_from(exact.unscaled).unwrap_or(0);
        match T::Native::try_from(exact) {
            Ok(value) => result.append_value(value),
            Err(_) if raises => {
                return Err(Error::new(ErrorCode::ArithmeticOverflow)
                    .with("message", "Overflow")
                    .with("alternative", "")
                    .with("config", format!("\"{ANSI_ENABLED}\""))
                    .at_row(row));
            }
            Err(_) => {
                let low = exact << (128 - bits) >> (128 - bits);
                result.append_option(T::Native::try_from(low).ok());
            }
        }
    }
    Ok(Arc::new(result.finish()))
}

fn decimals(
    array: &ArrayRef,
    source: &DataType,
    target: &DataType,
    places: i32,
    rounding: Rounding,
    raises: bool,
) -> Result<ArrayRef> {
    let (Some((_, own)), Some((precision, scale))) = (decimal_for(source), decimal_for(target)) else {
        return Err(Error::internal("rounding a decimal that is none"));
    };
    let values = array.as_primitive::<Decimal128Type>();
    let mut result = PrimitiveArray::<Decimal128Type>::builder(values.len());
    let places = i64::from(places).max(-PLACES_MAX);
    for row in 0..values.len() {
        if values.is_null(row) {
            result.append_null();
            continue;
        }
        let value = BigDecimal::new(values.value(row), own);
        let value = if places >= value.scale {
            value
        } else {
            value.with_scale(places, rounding)
        };
        match value.to_decimal(precision, scale) {
            Some(unscaled) => result.append_value(unscaled),
            None if raises => return Err(out_of_range(value.to_plain_text(), precision, scale).at_row(row)),
            None => result.append_null(),
        }
    }
    Ok(Arc::new(result.finish().with_data_type(target.to_arrow())))
}

/// Binds ceil and floor: BIGINT of integers and doubles, a decimal of decimals; with places always a decimal.
fn bind_whole(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 2)?;
    let (name, rounding) = if call.name == "floor" {
        ("floor", Rounding::Floor)
    } else {
        ("ceil", Rounding::Ceiling)
    };
    if matches!(
        call.arguments[0].data_type,
        DataType::String | DataType::Void | DataType::Float
    ) {
        call.coerce(0, &DataType::Double)?;
    }
    let own = call.arguments[0].data_type.clone();
    if !own.is_numeric() {
        return Err(call.wrong_type(0, "(\"DECIMAL\" or \"DOUBLE\" or \"BIGINT\")"));
    }
    if call.arguments.len() == 2 {
        let places = places_of(&mut call)?;
        if let Some((precision, scale)) = decimal_for(&own) {
            call.coerce(0, &DataType::Decimal { precision, scale })?;
        }
        return to_places(call, name, rounding, places);
    }
    if own.is_integral() {
        call.coerce(0, &DataType::BigInt)?;
        return Ok(call.arguments.swap_remove(0));
    }
    if matches!(own, DataType::Decimal { scale: 0, .. }) {
        return Ok(call.arguments.swap_remove(0));
    }
    if matches!(own, DataType::Decimal { .. }) {
        return to_places(call, name, rounding, Some(0));
    }
    let (nullable, raises) = (call.any_nullable(), call.session.ansi);
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::BigInt,
        nullable,
        move |values, _| {
            let numbers = values[0].array().as_primitive::<Float64Type>();
            let whole = |value: f64| {
                if rounding == Rounding::Floor {
                    value.floor()
                } else {
                    value.ceil()
                }
            };
            let too_large = |value: f64| value > i64::MAX as f64 || value < i64::MIN as f64;
            if raises
                && let Some(row) =
                    (0..numbers.len()).find(|&row| numbers.is_valid(row) && too_large(whole(numbers.value(row))))
            {
                return Err(Error::new(ErrorCode::ArithmeticOverflow)
                    .with("message", "Overflow")
                    .with("alternative", "")
                    .with("config", format!("\"{ANSI_ENABLED}\""))
                    .at_row(row));
            }
            let result: ArrayRef = Arc::new(numbers.unary::<_, Int64Type>(|value| whole(value) as i64));
            Ok(if values[0].is_scalar() {
                Value::Scalar(result)
            } else {
                Value::Array(result)
            })
        },
    ))
}
