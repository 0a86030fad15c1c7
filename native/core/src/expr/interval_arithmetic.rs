//! `+` and `-` between times and intervals: months and days move the wall clock of the session's zone, the rest the instant.

use arrow_array::types::{Date32Type, DurationMicrosecondType, IntervalYearMonthType, TimestampMicrosecondType};

use super::date_arithmetic::{moved, plus_months};
use super::rows::{Nulls, Row, number_call};
use super::{Call, Expr, cast};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::TimeZone;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Whether the operands of `+` or `-` are of this room.
pub(super) fn applies(left: &DataType, right: &DataType) -> bool {
    let is_interval =
        |data_type: &DataType| matches!(data_type, DataType::DayTimeInterval | DataType::YearMonthInterval);
    let is_time =
        |data_type: &DataType| matches!(data_type, DataType::Timestamp | DataType::TimestampNtz | DataType::Date);
    is_interval(left)
        || is_interval(right)
        || (is_time(left) && is_time(right))
        || (*left == DataType::Date && right.is_integral())
        || (left.is_integral() && *right == DataType::Date)
}

/// Binds `left + right` or `left - right`. Fails with DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES.
pub(super) fn bind(mut call: Call<'_>, subtracts: bool) -> Result<Expr> {
    use DataType::*;
    let (left, right) = (call.arguments[0].data_type.clone(), call.arguments[1].data_type.clone());
    // interval + time is time + interval; days may stand in front of a date, too.
    let is_interval = |data_type: &DataType| matches!(data_type, DayTimeInterval | YearMonthInterval);
    if !subtracts && ((is_interval(&left) && !is_interval(&right)) || (left.is_integral() && right == Date)) {
        call.arguments.swap(0, 1);
        call.argument_sql.swap(0, 1);
        return bind(call, false);
    }
    let name = if subtracts { "-" } else { "+" };
    let sign = if subtracts { -1 } else { 1 };
    let zone = if left == TimestampNtz {
        TimeZone::utc()
    } else {
        call.session.zone.clone()
    };
    Ok(match (&left, &right) {
        (Timestamp | TimestampNtz, DayTimeInterval) => {
            number_call::<TimestampMicrosecondType>(call, name, left, false, Nulls::Pass, move |row| {
                let (days, micros) = split(sign, row.number::<DurationMicrosecondType>(1));
                in_range(moved(&zone, row.number::<TimestampMicrosecondType>(0), 0, days, micros))
            })
        }
        (Timestamp | TimestampNtz, YearMonthInterval) => {
            number_call::<TimestampMicrosecondType>(call, name, left, false, Nulls::Pass, move |row| {
                let months = sign * i64::from(row.number::<IntervalYearMonthType>(1));
                in_range(moved(&zone, row.number::<TimestampMicrosecondType>(0), months, 0, 0))
            })
        }
        (Date, YearMonthInterval) => number_call::<Date32Type>(call, name, Date, false, Nulls::Pass, move |row| {
            let months = sign * i64::from(row.number::<IntervalYearMonthType>(1));
            let days = plus_months(i64::from(row.number::<Date32Type>(0)), months);
            in_range(days.and_then(|days| i32::try_from(days).ok()))
        }),
        // A number beside a date counts days.
        (Date, number) if number.is_integral() => {
            call.name = if subtracts { "date_sub" } else { "date_add" };
            return super::date_arithmetic::bind_date_add(call);
        }
        (Date, Date) if subtracts => {
            let difference = |row: &Row<'_>| {
                let days = i64::from(row.number::<Date32Type>(0)) - i64::from(row.number::<Date32Type>(1));
                in_range(days.checked_mul(MICROS_PER_DAY))
            };
            number_call::<DurationMicrosecondType>(call, name, DayTimeInterval, false, Nulls::Pass, difference)
        }
        (Date | String, DayTimeInterval) => {
            call.arguments[0] = cast(call.arguments[0].clone(), &Timestamp, call.session, false)?;
            return bind(call, subtracts);
        }
        // A date beside an instant is its midnight.
        (Timestamp | TimestampNtz, Date) if subtracts => {
            call.arguments[1] = cast(call.arguments[1].clone(), &left, call.session, false)?;
            return bind(call, subtracts);
        }
        (Date, Timestamp | TimestampNtz) if subtracts => {
            call.arguments[0] = cast(call.arguments[0].clone(), &right, call.session, false)?;
            return bind(call, subtracts);
        }
        (Timestamp, Timestamp) | (TimestampNtz, TimestampNtz) if subtracts => {
            let difference = move |row: &Row<'_>| {
                let (end, start) = (
                    row.number::<TimestampMicrosecondType>(0),
                    row.number::<TimestampMicrosecondType>(1),
                );
                in_range(zone.to_local_micros(end).checked_sub(zone.to_local_micros(start)))
            };
            number_call::<DurationMicrosecondType>(call, name, DayTimeInterval, false, Nulls::Pass, difference)
        }
        (DayTimeInterval, DayTimeInterval) => {
            number_call::<DurationMicrosecondType>(call, name, DayTimeInterval, false, Nulls::Pass, move |row| {
                let (a, b) = (
                    row.number::<DurationMicrosecondType>(0),
                    row.number::<DurationMicrosecondType>(1),
                );
                in_range(if subtracts { a.checked_sub(b) } else { a.checked_add(b) })
            })
        }
        (YearMonthInterval, YearMonthInterval) => {
            number_call::<IntervalYearMonthType>(call, name, YearMonthInterval, false, Nulls::Pass, move |row| {
                let (a, b) = (
                    row.number::<IntervalYearMonthType>(0),
                    row.number::<IntervalYearMonthType>(1),
                );
                in_range(if subtracts { a.checked_sub(b) } else { a.checked_add(b) })
            })
        }
        _ => {
            return Err(Error::new(ErrorCode::DatatypeMismatchBinaryOpDiffTypes)
                .with("sqlExpr", format!("\"{}\"", call.sql))
                .with("left", left.quoted_sql())
                .with("right", right.quoted_sql()));
        }
    })
}

/// Whole days, which move the wall clock, and the rest, as Spark splits a day-time interval.
fn split(sign: i64, interval: i64) -> (i64, i64) {
    let interval = interval.wrapping_mul(sign);
    (interval / MICROS_PER_DAY, interval % MICROS_PER_DAY)
}

fn in_range<T>(value: Option<T>) -> Result<Option<T>> {
    value.map(Some).ok_or_else(Error::long_overflow)
}
