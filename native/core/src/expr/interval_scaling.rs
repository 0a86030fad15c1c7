//! Intervals times and divided by numbers: rounded half up to whole microseconds or months.

use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, DurationMicrosecondType, Float64Type, Int64Type, IntervalMonthDayNanoType,
    IntervalYearMonthType,
};
use num_bigint::BigUint;

use super::decimal::{BigDecimal, Rounding, divide_half_up};
use super::rows::{Nulls, Row, number_call};
use super::{Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{Interval, MICROS_PER_DAY};

/// How an interval is scaled.
#[derive(Clone, Copy)]
pub(super) struct Scaling {
    /// `/`, else `*`.
    pub divides: bool,
    /// try_multiply, try_divide: null instead of an error.
    pub attempts: bool,
}

/// Whether `*` or `/` has an interval in a place where it can be scaled.
pub(super) fn applies(divides: bool, left: &DataType, right: &DataType) -> bool {
    let is_interval = |data_type: &DataType| data_type.is_ansi_interval() || *data_type == DataType::CalendarInterval;
    is_interval(left) || (!divides && is_interval(right))
}

/// Binds interval * number, number * interval or interval / number. Fails with DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE.
pub(super) fn bind(mut call: Call<'_>, scaling: Scaling) -> Result<Expr> {
    let is_first = applies(true, &call.arguments[0].data_type, &call.arguments[1].data_type);
    if !is_first {
        call.arguments.swap(0, 1);
        call.argument_sql.swap(0, 1);
    }
    let interval = call.arguments[0].data_type.clone();
    let number = call.arguments[1].data_type.clone();
    let is_calendar = interval == DataType::CalendarInterval;
    match &number {
        DataType::String | DataType::Void => call.coerce(1, &DataType::Double)?,
        found if !found.is_numeric() => {
            return Err(call.wrong_type(1, if is_calendar { "\"DOUBLE\"" } else { "\"NUMERIC\"" }));
        }
        _ if is_calendar => call.coerce(1, &DataType::Double)?,
        found if found.is_integral() => call.coerce(1, &DataType::BigInt)?,
        DataType::Decimal { .. } => {}
        _ => call.coerce(1, &DataType::Double)?,
    }
    Ok(match interval {
        DataType::CalendarInterval => scale_calendar(call, scaling),
        DataType::DayTimeInterval(_) => scale::<DurationMicrosecondType>(call, scaling, DataType::DAY_TIME),
        _ => scale::<IntervalYearMonthType>(call, scaling, DataType::YEAR_MONTH),
    })
}

fn name_of(scaling: Scaling) -> &'static str {
    match (scaling.divides, scaling.attempts) {
        (false, false) => "*",
        (true, false) => "/",
        (false, true) => "try_multiply",
        (true, true) => "try_divide",
    }
}

fn divided_by_zero() -> Error {
    Error::new(ErrorCode::IntervalDividedByZero)
}

/// Months or microseconds, scaled. Whatever the mode, what does not fit is an error.
fn scale<T>(call: Call<'_>, scaling: Scaling, data_type: DataType) -> Expr
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64> + Into<i64>,
{
    let number = call.arguments[1].data_type.clone();
    let nullable = scaling.attempts;
    number_call::<T>(call, name_of(scaling), data_type, nullable, Nulls::Pass, move |row| {
        let units: i64 = row.number::<T>(0).into();
        let scaled = match scaled(units, row, &number, scaling.divides) {
            Err(_) if scaling.attempts => return Ok(None),
            scaled => scaled?,
        };
        match scaled.and_then(|scaled| T::Native::try_from(scaled).ok()) {
            None if scaling.attempts => Ok(None),
            None => Err(Error::long_overflow()),
            scaled => Ok(scaled),
        }
    })
}

/// None where the result has more than 64 bits. Fails with INTERVAL_DIVIDED_BY_ZERO.
fn scaled(units: i64, row: &Row<'_>, number: &DataType, divides: bool) -> Result<Option<i64>> {
    let narrow = |wide: i128| i64::try_from(wide).ok();
    Ok(match number {
        DataType::BigInt => {
            let factor = row.number::<Int64Type>(1);
            match (divides, factor) {
                (false, _) => units.checked_mul(factor),
                (true, 0) => return Err(divided_by_zero()),
                (true, _) => narrow(divide_half_up(units.into(), factor.into())),
            }
        }
        DataType::Decimal { scale, .. } => {
            let factor = row.number::<Decimal128Type>(1);
            if !divides {
                let mut product = BigDecimal::new(factor, *scale);
                product.unscaled *= units;
                product
                    .with_scale(0, Rounding::HalfUp)
                    .to_decimal(38, 0)
                    .and_then(narrow)
            } else if factor == 0 {
                return Err(divided_by_zero());
            } else {
                quotient(units, factor, *scale)
            }
        }
        _ => {
            let factor = row.number::<Float64Type>(1);
            if divides && factor == 0.0 {
                return Err(divided_by_zero());
            }
            let exact = if divides {
                units as f64 / factor
            } else {
                units as f64 * factor
            };
            // Rounded away from zero where two are as near.
            let rounded = exact.round();
            let fits = rounded >= i64::MIN as f64 && rounded < i64::MAX as f64;
            fits.then_some(rounded as i64)
        }
    })
}

/// `units / (unscaled / 10^scale)`, rounded half up.
fn quotient(units: i64, unscaled: i128, scale: i8) -> Option<i64> {
    let power = BigUint::from(10u8).pow(u32::from(scale.unsigned_abs()));
    let divisor = BigUint::from(unscaled.unsigned_abs());
    // Half of the divisor is added to the magnitude, everything doubled to stay whole.
    let magnitude = (BigUint::from(units.unsigned_abs()) * power * 2u8 + &divisor) / (divisor * 2u8);
    let is_negative = (units < 0) != (unscaled < 0);
    let magnitude = i128::try_from(magnitude).ok()?;
    let signed = if is_negative { -magnitude } else { magnitude };
    i64::try_from(signed).ok()
}

/// A calendar interval scaled part by part: months lose their fraction, that of a day becomes microseconds, which are
/// rounded. Without ANSI what does not fit is cut off, and a quotient by zero is null.
fn scale_calendar(call: Call<'_>, scaling: Scaling) -> Expr {
    let raises = call.session.ansi && !scaling.attempts;
    let exact = call.session.ansi || scaling.attempts;
    let data_type = DataType::CalendarInterval;
    number_call::<IntervalMonthDayNanoType>(call, name_of(scaling), data_type, true, Nulls::Pass, move |row| {
        let interval: Interval = row.number::<IntervalMonthDayNanoType>(0).into();
        let factor = row.number::<Float64Type>(1);
        if scaling.divides && factor == 0.0 {
            return if raises { Err(divided_by_zero()) } else { Ok(None) };
        }
        let part = |value: f64| {
            if scaling.divides {
                value / factor
            } else {
                value * factor
            }
        };
        let (months, days) = (part(interval.months.into()), part(interval.days.into()));
        // Java's round: halves go up.
        let of_day = (days - days.trunc()) * MICROS_PER_DAY as f64;
        let micros = (part(interval.micros as f64) + of_day + 0.5).floor() as i64;
        let whole = |value: f64| {
            if exact {
                i32::try_from(value as i64).ok()
            } else {
                Some(value as i32)
            }
        };
        match (whole(months), whole(days)) {
            (Some(months), Some(days)) => Ok(Some(Interval { months, days, micros }.into())),
            _ if raises => Err(Error::arithmetic_overflow("integer overflow")),
            _ => Ok(None),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotients_round_away_from_zero() {
        assert_eq!(quotient(5, 2, 0), Some(3));
        assert_eq!(quotient(-5, 2, 0), Some(-3));
        assert_eq!(quotient(5, -20, 1), Some(-3));
        assert_eq!(quotient(4, 3, 0), Some(1));
        assert_eq!(quotient(1, 15, 1), Some(1));
        assert_eq!(quotient(i64::MAX, 1, 1), None);
    }
}
