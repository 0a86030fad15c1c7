//! Intervals out of numbers: make_interval, try_make_interval, make_dt_interval, make_ym_interval.

use arrow_array::types::{
    Decimal128Type, DurationMicrosecondType, Int32Type, IntervalMonthDayNanoType, IntervalYearMonthType,
};
use serde_json::Value as Json;

use super::rows::{Nulls, Row, number_call};
use super::{Bind, Call, Expr, literal};
use crate::column::{DataType, DayTimeField};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::Interval;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("make_interval", bind_make_interval),
    ("try_make_interval", bind_make_interval),
    ("make_dt_interval", bind_make_dt_interval),
    ("make_ym_interval", bind_make_ym_interval),
];

/// Seconds to the microsecond.
const SECONDS: DataType = DataType::Decimal {
    precision: 18,
    scale: 6,
};

/// Makes the arguments `integers` INTs and then, where there is one more, seconds; those that are missing are zero.
fn complete(call: &mut Call<'_>, integers: usize, has_seconds: bool) -> Result<()> {
    let count = integers + usize::from(has_seconds);
    call.expect_arguments_between(0, count)?;
    while call.arguments.len() < count {
        call.arguments.push(literal(&Json::from(0), &DataType::Int)?);
    }
    for index in 0..count {
        call.coerce(index, if index < integers { &DataType::Int } else { &SECONDS })?;
    }
    Ok(())
}

fn integer(row: &Row<'_>, index: usize) -> i64 {
    i64::from(row.number::<Int32Type>(index))
}

/// Binds make_interval(years, months, weeks, days, hours, minutes, seconds).
fn bind_make_interval(mut call: Call<'_>) -> Result<Expr> {
    complete(&mut call, 6, true)?;
    let raises = call.session.ansi && call.name == "make_interval";
    let name = if call.name == "make_interval" {
        "make_interval"
    } else {
        "try_make_interval"
    };
    let data_type = DataType::CalendarInterval;
    Ok(number_call::<IntervalMonthDayNanoType>(
        call,
        name,
        data_type,
        !raises,
        Nulls::Pass,
        move |row| match calendar_interval(row) {
            Ok(interval) => Ok(Some(interval.into())),
            Err(error) if raises => Err(error),
            Err(_) => Ok(None),
        },
    ))
}

fn calendar_interval(row: &Row<'_>) -> Result<Interval> {
    // Products and sums of two INTs have 64 bits.
    let narrow = |wide: i64| i32::try_from(wide).map_err(|_| Error::arithmetic_overflow("integer overflow"));
    let months = narrow(narrow(integer(row, 0) * 12)? as i64 + integer(row, 1))?;
    let days = narrow(narrow(integer(row, 2) * 7)? as i64 + integer(row, 3))?;
    let micros = i128::from(integer(row, 4)) * i128::from(DayTimeField::Hour.micros())
        + i128::from(integer(row, 5)) * i128::from(DayTimeField::Minute.micros())
        + row.number::<Decimal128Type>(6);
    let micros = i64::try_from(micros).map_err(|_| Error::long_overflow())?;
    Ok(Interval { months, days, micros })
}

/// Binds make_dt_interval(days, hours, minutes, seconds).
fn bind_make_dt_interval(mut call: Call<'_>) -> Result<Expr> {
    complete(&mut call, 3, true)?;
    let data_type = DataType::DAY_TIME;
    Ok(number_call::<DurationMicrosecondType>(
        call,
        "make_dt_interval",
        data_type,
        false,
        Nulls::Pass,
        |row| {
            let fields = [DayTimeField::Day, DayTimeField::Hour, DayTimeField::Minute];
            let parts = fields.iter().enumerate();
            let whole: i128 = parts
                .map(|(index, field)| i128::from(integer(row, index)) * i128::from(field.micros()))
                .sum();
            in_range(i64::try_from(whole + row.number::<Decimal128Type>(3)).ok())
        },
    ))
}

/// Binds make_ym_interval(years, months).
fn bind_make_ym_interval(mut call: Call<'_>) -> Result<Expr> {
    complete(&mut call, 2, false)?;
    let data_type = DataType::YEAR_MONTH;
    Ok(number_call::<IntervalYearMonthType>(
        call,
        "make_ym_interval",
        data_type,
        false,
        Nulls::Pass,
        |row| in_range(i32::try_from(integer(row, 0) * 12 + integer(row, 1)).ok()),
    ))
}

/// An ANSI interval that is too long is an error in either mode.
fn in_range<T>(value: Option<T>) -> Result<Option<T>> {
    value
        .map(Some)
        .ok_or_else(|| Error::new(ErrorCode::IntervalArithmeticOverflowWithoutSuggestion))
}
