//! Casts between ANSI intervals and numbers: a number counts the interval's last field.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, DurationMicrosecondType, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalYearMonthType,
};

use super::CastKernel;
use super::row::{Misfit, Types, collect, convert};
use crate::column::{DataType, YearMonthField};
use crate::expr::decimal::{BigDecimal, Rounding, rescale};

/// How many of an interval's microseconds or months one of its last field is.
fn unit_of(interval: &DataType) -> i64 {
    match interval {
        DataType::DayTimeInterval(fields) => fields.last.micros(),
        DataType::YearMonthInterval(fields) if fields.last == YearMonthField::Year => 12,
        _ => 1,
    }
}

/// An interval that is too long is an error in every mode but try_cast.
fn checked<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    types: &Types,
    each: impl Fn(S::Native) -> Option<T::Native> + Send + Sync + 'static,
) -> CastKernel {
    let types = types.clone();
    Arc::new(move |array| {
        let values = array.as_primitive::<S>();
        collect::<T>(array, &types, |row| {
            each(values.value(row)).ok_or_else(|| types.overflow_always(array, row))
        })
    })
}

/// The cast of a number or an interval to an interval, none where there is no such cast.
pub fn to_interval(types: &Types) -> Option<CastKernel> {
    if matches!(types.target, DataType::DayTimeInterval(_)) {
        to::<DurationMicrosecondType>(types)
    } else {
        to::<IntervalYearMonthType>(types)
    }
}

fn to<T>(types: &Types) -> Option<CastKernel>
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64> + Into<i64>,
{
    fn of_integer<S, T>(types: &Types, unit: i64) -> CastKernel
    where
        S: ArrowPrimitiveType,
        S::Native: Into<i64>,
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i64>,
    {
        checked::<S, T>(types, move |value| {
            let value: i64 = value.into();
            value
                .checked_mul(unit)
                .and_then(|units| T::Native::try_from(units).ok())
        })
    }
    let unit = unit_of(&types.target);
    Some(match &types.source {
        DataType::TinyInt => of_integer::<Int8Type, T>(types, unit),
        DataType::SmallInt => of_integer::<Int16Type, T>(types, unit),
        DataType::Int => of_integer::<Int32Type, T>(types, unit),
        DataType::BigInt => of_integer::<Int64Type, T>(types, unit),
        DataType::Decimal { scale, .. } => {
            let scale = *scale;
            checked::<Decimal128Type, T>(types, move |value| {
                let mut units = BigDecimal::new(value, scale);
                units.unscaled *= unit;
                let units = units.with_scale(0, Rounding::HalfUp).to_decimal(38, 0)?;
                T::Native::try_from(i64::try_from(units).ok()?).ok()
            })
        }
        // What is shorter than the last field is cut off.
        DataType::DayTimeInterval(fields) if fields.last.micros() >= unit => Arc::new(|array| Ok(Arc::clone(array))),
        DataType::DayTimeInterval(_) | DataType::YearMonthInterval(_) => checked::<T, T>(types, move |value| {
            let value: i64 = value.into();
            T::Native::try_from(value - value % unit).ok()
        }),
        _ => return None,
    })
}

/// The cast of an interval to a number, none where there is no such cast.
pub fn from_interval(types: &Types) -> Option<CastKernel> {
    if matches!(types.source, DataType::DayTimeInterval(_)) {
        from::<DurationMicrosecondType>(types)
    } else {
        from::<IntervalYearMonthType>(types)
    }
}

fn from<S>(types: &Types) -> Option<CastKernel>
where
    S: ArrowPrimitiveType,
    S::Native: Into<i64>,
{
    fn whole<S, T>(types: &Types, unit: i64) -> CastKernel
    where
        S: ArrowPrimitiveType,
        S::Native: Into<i64>,
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i64>,
    {
        checked::<S, T>(types, move |value| {
            let value: i64 = value.into();
            T::Native::try_from(value / unit).ok()
        })
    }
    let unit = unit_of(&types.source);
    Some(match &types.target {
        DataType::TinyInt => whole::<S, Int8Type>(types, unit),
        DataType::SmallInt => whole::<S, Int16Type>(types, unit),
        DataType::Int => whole::<S, Int32Type>(types, unit),
        DataType::BigInt => whole::<S, Int64Type>(types, unit),
        DataType::Decimal { precision, scale } => {
            let (precision, scale) = (*precision, *scale);
            // Seconds keep their fraction.
            let (unit, own_scale) = if unit == 1_000_000 { (1, 6) } else { (unit, 0) };
            let types = types.clone();
            Arc::new(move |array| {
                convert::<S, Decimal128Type>(array, &types, |value| {
                    let value: i64 = value.into();
                    rescale(i128::from(value / unit), own_scale, precision, scale).ok_or(Misfit::Digits)
                })
            })
        }
        _ => return None,
    })
}
