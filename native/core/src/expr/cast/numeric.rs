//! Casts among numbers, booleans and times: range checks, Java's wrapping and saturation, decimal digits.

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray};

use super::row::{Misfit, Types, convert};
use super::{CastKernel, Mode};
use crate::column::DataType;
use crate::expr::decimal::{BigDecimal, Rounding, fits, power_of_ten, rescale, to_double, to_float};
use crate::parse::{java_double_digits, parse_decimal_text};

const MICROS_PER_SECOND: i64 = 1_000_000;
/// Digits that Spark keeps in a long; decimals with more are java.math.BigDecimal there.
const COMPACT_DIGITS: u8 = 18;

/// A cast whose every value fits.
fn always<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    each: impl Fn(S::Native) -> T::Native + Send + Sync + 'static,
    types: &Types,
) -> CastKernel {
    let arrow = types.target.to_arrow();
    Arc::new(move |array| {
        let values: PrimitiveArray<T> = array.as_primitive::<S>().unary(&each);
        Ok(Arc::new(values.with_data_type(arrow.clone())))
    })
}

/// A cast whose values may not fit.
fn checked<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    types: &Types,
    each: impl Fn(S::Native) -> std::result::Result<T::Native, Misfit> + Send + Sync + 'static,
) -> CastKernel {
    let types = types.clone();
    Arc::new(move |array| convert::<S, T>(array, &types, &each))
}

/// The cast of an integer column, none where it is not to a number, boolean, time or interval.
pub fn from_integer<S>(types: &Types) -> Option<CastKernel>
where
    S: ArrowPrimitiveType,
    S::Native: Into<i64>,
{
    fn narrow<S, T>(types: &Types, wrap: fn(i64) -> T::Native) -> CastKernel
    where
        S: ArrowPrimitiveType,
        S::Native: Into<i64>,
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i64>,
    {
        // Without ANSI a narrowing cast wraps, as in Java; a widening one never fails.
        if types.mode == Mode::Legacy || size_of::<T::Native>() >= size_of::<S::Native>() {
            return always::<S, T>(move |value| wrap(value.into()), types);
        }
        checked::<S, T>(types, |value| {
            T::Native::try_from(value.into()).map_err(|_| Misfit::Overflow)
        })
    }
    Some(match &types.target {
        DataType::TinyInt => narrow::<S, Int8Type>(types, |v| v as i8),
        DataType::SmallInt => narrow::<S, Int16Type>(types, |v| v as i16),
        DataType::Int => narrow::<S, Int32Type>(types, |v| v as i32),
        DataType::BigInt => always::<S, Int64Type>(Into::into, types),
        DataType::Float => always::<S, Float32Type>(|v| v.into() as f32, types),
        DataType::Double => always::<S, Float64Type>(|v| v.into() as f64, types),
        DataType::Decimal { precision, scale } => {
            let (precision, scale) = (*precision, *scale);
            checked::<S, Decimal128Type>(types, move |v| {
                rescale(i128::from(v.into()), 0, precision, scale).ok_or(Misfit::Digits)
            })
        }
        DataType::Boolean => truth::<S>(|v| v.into() != 0),
        // Seconds; overflow saturates, as Java's TimeUnit does.
        DataType::Timestamp => {
            always::<S, TimestampMicrosecondType>(|v| v.into().saturating_mul(MICROS_PER_SECOND), types)
        }
        DataType::Binary => Arc::new(|array| {
            let mut bytes = BinaryViewBuilder::with_capacity(array.len());
            let values = array.as_primitive::<S>();
            let width = size_of::<S::Native>();
            for row in 0..values.len() {
                if values.is_null(row) {
                    bytes.append_null();
                } else {
                    let value: i64 = values.value(row).into();
                    bytes.append_value(&value.to_be_bytes()[8 - width..]);
                }
            }
            Ok(Arc::new(bytes.finish()))
        }),
        _ => return None,
    })
}

fn truth<S: ArrowPrimitiveType>(test: fn(S::Native) -> bool) -> CastKernel {
    Arc::new(move |array| Ok(Arc::new(BooleanArray::from_unary(array.as_primitive::<S>(), test))))
}

/// The cast of a float column.
pub fn from_float<S>(types: &Types) -> Option<CastKernel>
where
    S: ArrowPrimitiveType,
    S::Native: Into<f64>,
{
    fn truncate<S, T>(types: &Types, bounds: (f64, f64), convert: fn(f64) -> T::Native) -> CastKernel
    where
        S: ArrowPrimitiveType,
        S::Native: Into<f64>,
        T: ArrowPrimitiveType,
    {
        if types.mode == Mode::Legacy {
            return always::<S, T>(move |v| convert(v.into()), types);
        }
        checked::<S, T>(types, move |v| {
            let value: f64 = v.into();
            if value.floor() <= bounds.1 && value.ceil() >= bounds.0 {
                Ok(convert(value))
            } else {
                Err(Misfit::Overflow)
            }
        })
    }
    // Without ANSI: to int and long saturate; to byte and short go through int and wrap.
    Some(match &types.target {
        DataType::TinyInt => truncate::<S, Int8Type>(types, (-128.0, 127.0), |v| v as i32 as i8),
        DataType::SmallInt => truncate::<S, Int16Type>(types, (-32768.0, 32767.0), |v| v as i32 as i16),
        DataType::Int => truncate::<S, Int32Type>(types, (i32::MIN.into(), i32::MAX.into()), |v| v as i32),
        DataType::BigInt => truncate::<S, Int64Type>(types, (i64::MIN as f64, i64::MAX as f64), |v| v as i64),
        DataType::Float => always::<S, Float32Type>(|v| v.into() as f32, types),
        DataType::Double => always::<S, Float64Type>(Into::into, types),
        DataType::Decimal { precision, scale } => {
            let (precision, scale) = (*precision, *scale);
            checked::<S, Decimal128Type>(types, move |v| double_to_decimal(v.into(), precision, scale))
        }
        DataType::Boolean => truth::<S>(|v| v.into() != 0.0),
        DataType::Timestamp => {
            let legacy = types.mode == Mode::Legacy;
            checked::<S, TimestampMicrosecondType>(types, move |v| {
                let seconds: f64 = v.into();
                let micros = seconds * MICROS_PER_SECOND as f64;
                if !seconds.is_finite() {
                    Err(Misfit::Malformed)
                } else if legacy || (micros.floor() <= i64::MAX as f64 && micros.ceil() >= i64::MIN as f64) {
                    Ok(micros as i64)
                } else {
                    Err(Misfit::Overflow)
                }
            })
        }
        _ => return None,
    })
}

/// Spark goes by Java's text of the double; what is no number is null in every mode.
fn double_to_decimal(value: f64, precision: u8, scale: i8) -> std::result::Result<i128, Misfit> {
    if !value.is_finite() {
        return Err(Misfit::Null);
    }
    parse_decimal_text(java_double_digits(value).as_bytes(), precision, scale).ok_or(Misfit::Digits)
}

/// The cast of a decimal column.
pub fn from_decimal(types: &Types, own: (u8, i8)) -> Option<CastKernel> {
    fn narrow<T>(types: &Types, own: (u8, i8), bounds: (f64, f64), wrap: fn(i64) -> T::Native) -> CastKernel
    where
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i128>,
    {
        let (precision, scale) = own;
        let legacy = types.mode == Mode::Legacy;
        checked::<Decimal128Type, T>(types, move |v| {
            let whole = truncated(v, scale);
            if legacy {
                return Ok(wrap(whole as i64));
            }
            // Spark compares long decimals as doubles, so what rounds past the bound does not fit.
            if precision > COMPACT_DIGITS && size_of::<T::Native>() < 8 {
                let double = to_double(v, scale);
                if double.floor() > bounds.1 || double.ceil() < bounds.0 {
                    return Err(Misfit::Overflow);
                }
            }
            T::Native::try_from(whole).map_err(|_| Misfit::Overflow)
        })
    }
    let scale = own.1;
    Some(match &types.target {
        DataType::TinyInt => narrow::<Int8Type>(types, own, (-128.0, 127.0), |v| v as i8),
        DataType::SmallInt => narrow::<Int16Type>(types, own, (-32768.0, 32767.0), |v| v as i16),
        DataType::Int => narrow::<Int32Type>(types, own, (i32::MIN.into(), i32::MAX.into()), |v| v as i32),
        DataType::BigInt => narrow::<Int64Type>(types, own, (0.0, 0.0), |v| v),
        DataType::Float => always::<Decimal128Type, Float32Type>(move |v| to_float(v, scale), types),
        DataType::Double => always::<Decimal128Type, Float64Type>(move |v| to_double(v, scale), types),
        DataType::Decimal { precision, scale: to } => {
            let (precision, to) = (*precision, *to);
            if to >= scale && i16::from(precision) - i16::from(to) >= i16::from(own.0) - i16::from(scale) {
                let factor = power_of_ten(u32::from(to.abs_diff(scale)))?;
                return Some(always::<Decimal128Type, Decimal128Type>(
                    move |v| v.wrapping_mul(factor),
                    types,
                ));
            }
            checked::<Decimal128Type, Decimal128Type>(types, move |v| {
                rescale(v, scale, precision, to).ok_or(Misfit::Digits)
            })
        }
        DataType::Boolean => truth::<Decimal128Type>(|v| v != 0),
        DataType::Timestamp => always::<Decimal128Type, TimestampMicrosecondType>(
            move |v| match v.checked_mul(i128::from(MICROS_PER_SECOND)) {
                // Scala's product has 34 digits; what does not fit a long loses its high bits.
                Some(micros) if fits(micros, 34) => truncated(micros, scale) as i64,
                _ => {
                    let mut micros = BigDecimal::new(v, scale);
                    micros.unscaled *= MICROS_PER_SECOND;
                    micros.rounded(34, Rounding::HalfEven).to_wrapped_long()
                }
            },
            types,
        ),
        _ => return None,
    })
}

fn truncated(unscaled: i128, scale: i8) -> i128 {
    power_of_ten(u32::from(scale.unsigned_abs())).map_or(0, |divisor| unscaled / divisor)
}

/// The cast of a boolean column.
pub fn from_boolean(types: &Types) -> Option<CastKernel> {
    fn numbers<T: ArrowPrimitiveType>(types: &Types, one: T::Native) -> CastKernel {
        let arrow = types.target.to_arrow();
        Arc::new(move |array| {
            let flags = array.as_boolean();
            let values: PrimitiveArray<T> = flags
                .iter()
                .map(|flag| flag.map(|flag| if flag { one } else { T::Native::default() }))
                .collect();
            Ok(Arc::new(values.with_data_type(arrow.clone())))
        })
    }
    Some(match &types.target {
        DataType::TinyInt => numbers::<Int8Type>(types, 1),
        DataType::SmallInt => numbers::<Int16Type>(types, 1),
        DataType::Int => numbers::<Int32Type>(types, 1),
        DataType::BigInt => numbers::<Int64Type>(types, 1),
        DataType::Float => numbers::<Float32Type>(types, 1.0),
        DataType::Double => numbers::<Float64Type>(types, 1.0),
        // A microsecond.
        DataType::Timestamp => numbers::<TimestampMicrosecondType>(types, 1),
        DataType::Decimal { precision, scale } => {
            let (types, one) = (types.clone(), rescale(1, 0, *precision, *scale));
            Arc::new(move |array| {
                let flags = array.as_boolean();
                super::row::collect::<Decimal128Type>(array, &types, |row| {
                    if flags.value(row) {
                        one.ok_or(Misfit::Digits)
                    } else {
                        Ok(0)
                    }
                })
            })
        }
        _ => return None,
    })
}

/// The cast of a timestamp to a number or boolean.
pub fn from_timestamp(types: &Types) -> Option<CastKernel> {
    fn narrow<T>(types: &Types) -> CastKernel
    where
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i64>,
    {
        checked::<TimestampMicrosecondType, T>(types, |v| {
            T::Native::try_from(v.div_euclid(MICROS_PER_SECOND)).map_err(|_| Misfit::Overflow)
        })
    }
    let seconds = |micros: i64| micros as f64 / MICROS_PER_SECOND as f64;
    Some(match &types.target {
        DataType::TinyInt => narrow::<Int8Type>(types),
        DataType::SmallInt => narrow::<Int16Type>(types),
        DataType::Int => narrow::<Int32Type>(types),
        DataType::BigInt => always::<TimestampMicrosecondType, Int64Type>(|v| v.div_euclid(MICROS_PER_SECOND), types),
        DataType::Float => always::<TimestampMicrosecondType, Float32Type>(move |v| seconds(v) as f32, types),
        DataType::Double => always::<TimestampMicrosecondType, Float64Type>(seconds, types),
        DataType::Decimal { precision, scale } => {
            let (precision, scale) = (*precision, *scale);
            checked::<TimestampMicrosecondType, Decimal128Type>(types, move |v| {
                rescale(i128::from(v), 6, precision, scale).ok_or(Misfit::Digits)
            })
        }
        DataType::Boolean => truth::<TimestampMicrosecondType>(|v| v != 0),
        _ => return None,
    })
}

/// A column of nulls: dates have no number without ANSI.
pub fn nulls(types: &Types) -> CastKernel {
    let arrow = types.target.to_arrow();
    Arc::new(move |array: &ArrayRef| Ok(arrow_array::new_null_array(&arrow, array.len())))
}
