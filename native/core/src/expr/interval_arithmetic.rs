//! `+` and `-` between times and intervals: months and days move the wall clock of the session's zone, the rest the instant.

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, DurationMicrosecondType, IntervalMonthDayNanoType, IntervalYearMonthType,
    TimestampMicrosecondType,
};
use serde_json::Value as Json;

use super::date_arithmetic::{moved, plus_months};
use super::rows::{Nulls, Row, number_call};
use super::{Call, Expr, cast, literal};
use crate::column::{DataType, DayTimeField, FieldRange};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{Interval, MICROS_PER_DAY, TimeZone};

/// INTERVAL DAY.
const DAYS: DataType = DataType::DayTimeInterval(FieldRange {
    first: DayTimeField::Day,
    last: DayTimeField::Day,
});

/// How `+` or `-` is asked for.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// `-`.
    pub subtracts: bool,
    /// try_add, try_subtract: null instead of an error.
    pub attempts: bool,
}

impl Way {
    fn sign(self) -> i64 {
        if self.subtracts { -1 } else { 1 }
    }

    fn name(self) -> &'static str {
        match (self.subtracts, self.attempts) {
            (false, false) => "+",
            (true, false) => "-",
            (false, true) => "try_add",
            (true, true) => "try_subtract",
        }
    }

    /// The sum or difference of two whole numbers.
    fn of(self, left: i64, right: i64) -> Option<i64> {
        if self.subtracts {
            left.checked_sub(right)
        } else {
            left.checked_add(right)
        }
    }
}

fn is_interval(data_type: &DataType) -> bool {
    data_type.is_ansi_interval() || *data_type == DataType::CalendarInterval
}

fn is_instant(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp | DataType::TimestampNtz)
}

/// Whether the operands of `+` or `-` are of this room, which Spark tells by one of them, whatever the other is.
pub(super) fn applies(left: &DataType, right: &DataType, subtracts: bool) -> bool {
    let is_own =
        |operand: &DataType| is_interval(operand) || *operand == DataType::Date || (subtracts && is_instant(operand));
    is_own(left) || is_own(right)
}

/// Binds `left + right` or `left - right`. Fails with DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES.
pub(super) fn bind(mut call: Call<'_>, way: Way) -> Result<Expr> {
    use DataType::*;
    let (left, right) = (call.arguments[0].data_type.clone(), call.arguments[1].data_type.clone());
    // interval + time is time + interval; days may stand in front of a date, too.
    let is_turned = (is_interval(&left) && !is_interval(&right) && right != Void) || (left != Date && right == Date);
    if !way.subtracts && is_turned {
        call.arguments.swap(0, 1);
        call.argument_sql.swap(0, 1);
        return bind(call, way);
    }
    match (&left, &right) {
        (CalendarInterval, CalendarInterval) => Ok(add_calendar(call, way)),
        (DayTimeInterval(_), DayTimeInterval(_)) | (YearMonthInterval(_), YearMonthInterval(_)) => add_ansi(call, way),
        (Void, CalendarInterval) => literal(&Json::Null, &Void),
        (Void, interval) if interval.is_ansi_interval() => {
            call.coerce(0, interval)?;
            bind(call, way)
        }
        (interval, Void) if interval.is_ansi_interval() => {
            call.coerce(1, interval)?;
            bind(call, way)
        }
        (Date, CalendarInterval) => Ok(move_date(call, way)),
        (Date, YearMonthInterval(_)) => Ok(number_call::<Date32Type>(
            call,
            way.name(),
            Date,
            way.attempts,
            Nulls::Pass,
            move |row| {
                let months = way.sign() * i64::from(row.number::<IntervalYearMonthType>(1));
                let days = plus_months(i64::from(row.number::<Date32Type>(0)), months);
                kept(
                    days.and_then(|days| i32::try_from(days).ok()),
                    way,
                    Error::long_overflow,
                )
            },
        )),
        // Whole days leave a date a date.
        (Date, days) if *days == DAYS => Ok(number_call::<Date32Type>(
            call,
            way.name(),
            Date,
            way.attempts,
            Nulls::Pass,
            move |row| {
                let days = row.number::<DurationMicrosecondType>(1) / MICROS_PER_DAY * way.sign();
                Ok(Some(row.number::<Date32Type>(0).wrapping_add(days as i32)))
            },
        )),
        (Date, DayTimeInterval(_)) => {
            call.coerce(0, &Timestamp)?;
            bind(call, way)
        }
        (time, interval) if is_instant(time) && is_interval(interval) => Ok(move_instant(call, way)),
        // Text is a timestamp for as long as it is moved.
        (String, DayTimeInterval(_) | CalendarInterval) => {
            let session = call.session;
            call.coerce(0, &Timestamp)?;
            cast(move_instant(call, way), &String, session, false)
        }
        // What has no time in it cannot be moved.
        (_, DayTimeInterval(_) | CalendarInterval) if !is_interval(&left) => Err(call.wrong_type(0, "\"TIMESTAMP\"")),
        // Text is a date where the other side is one; Spark does so without ANSI only on the left.
        (Date, String) if way.subtracts && call.session.ansi => {
            call.coerce(1, &Date)?;
            bind(call, way)
        }
        // A number beside a date counts days, and nothing else does.
        (Date, String) => Err(call.wrong_type(1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")")),
        (Date, number) if !is_interval(number) && !(way.subtracts && (is_instant(number) || *number == Date)) => {
            call.name = if way.subtracts { "date_sub" } else { "date_add" };
            super::date_arithmetic::bind_date_add(call)
        }
        (Date, Date) if way.subtracts => Ok(number_call::<DurationMicrosecondType>(
            call,
            way.name(),
            DAYS,
            way.attempts,
            Nulls::Pass,
            move |row| {
                let days = i64::from(row.number::<Date32Type>(0)) - i64::from(row.number::<Date32Type>(1));
                kept(days.checked_mul(MICROS_PER_DAY), way, Error::long_overflow)
            },
        )),
        (Timestamp, Timestamp) | (TimestampNtz, TimestampNtz) if way.subtracts => Ok(subtract_instants(call, way)),
        (Timestamp | TimestampNtz, Timestamp | TimestampNtz) if way.subtracts => {
            call.coerce(0, &Timestamp)?;
            call.coerce(1, &Timestamp)?;
            bind(call, way)
        }
        // What stands beside an instant is read as one: a date as its midnight, and under ANSI text.
        (time, String) if way.subtracts && is_instant(time) && !call.session.ansi => {
            Err(call.wrong_type(1, &time.quoted_sql()))
        }
        (String, time) if way.subtracts && is_instant(time) && !call.session.ansi => {
            Err(call.wrong_type(0, &time.quoted_sql()))
        }
        (time, _) if way.subtracts && is_instant(time) && !is_interval(&right) => {
            call.coerce(1, time)?;
            bind(call, way)
        }
        (_, time) if way.subtracts && (is_instant(time) || *time == Date) => {
            call.coerce(0, time)?;
            bind(call, way)
        }
        _ => Err(Error::new(ErrorCode::DatatypeMismatchBinaryOpDiffTypes)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("left", left.quoted_sql())
            .with("right", right.quoted_sql())),
    }
}

/// The zone that a time's wall clock is in.
fn zone_of(call: &Call<'_>) -> TimeZone {
    if call.arguments[0].data_type == DataType::TimestampNtz {
        TimeZone::utc()
    } else {
        call.session.zone.clone()
    }
}

/// A timestamp moved by an interval.
fn move_instant(call: Call<'_>, way: Way) -> Expr {
    let zone = zone_of(&call);
    let (time, interval) = (call.arguments[0].data_type.clone(), call.arguments[1].data_type.clone());
    number_call::<TimestampMicrosecondType>(call, way.name(), time, way.attempts, Nulls::Pass, move |row| {
        let Interval { months, days, micros } = interval_at(row, 1, &interval);
        let moved = by_sign(way, months.into(), days.into(), micros).and_then(|(months, days, micros)| {
            moved(&zone, row.number::<TimestampMicrosecondType>(0), months, days, micros)
        });
        kept(moved, way, Error::long_overflow)
    })
}

fn by_sign(way: Way, months: i64, days: i64, micros: i64) -> Option<(i64, i64, i64)> {
    Some((months * way.sign(), days * way.sign(), micros.checked_mul(way.sign())?))
}

/// Any interval's parts: whole days of a day-time interval move the wall clock.
pub(super) fn interval_at(row: &Row<'_>, index: usize, data_type: &DataType) -> Interval {
    match data_type {
        DataType::CalendarInterval => row.number::<IntervalMonthDayNanoType>(index).into(),
        DataType::YearMonthInterval(_) => Interval {
            months: row.number::<IntervalYearMonthType>(index),
            ..Interval::default()
        },
        _ => {
            let micros = row.number::<DurationMicrosecondType>(index);
            Interval {
                // The days of 64 bits of microseconds have 27 bits.
                days: (micros / MICROS_PER_DAY) as i32,
                micros: micros % MICROS_PER_DAY,
                ..Interval::default()
            }
        }
    }
}

/// A date moved by a calendar interval. Under ANSI it may have no time of day; without, the date's midnight is moved.
fn move_date(call: Call<'_>, way: Way) -> Expr {
    let (zone, ansi) = (call.session.zone.clone(), call.session.ansi);
    number_call::<Date32Type>(
        call,
        way.name(),
        DataType::Date,
        way.attempts,
        Nulls::Pass,
        move |row| {
            let interval: Interval = row.number::<IntervalMonthDayNanoType>(1).into();
            let start = i64::from(row.number::<Date32Type>(0));
            if ansi && interval.micros != 0 {
                return kept(None, way, || {
                    Error::new(ErrorCode::LegacyErrorTemp2000).with(
                        "message",
                        "Cannot add hours, minutes or seconds, milliseconds, microseconds to a date",
                    )
                });
            }
            let days = by_sign(way, interval.months.into(), interval.days.into(), interval.micros).and_then(
                |(months, days, micros)| {
                    if micros == 0 {
                        return plus_months(start, months)?.checked_add(days);
                    }
                    let moved = moved(&zone, zone.instant_of(start, 0)?, months, days, micros)?;
                    Some(zone.to_local_micros(moved).div_euclid(MICROS_PER_DAY))
                },
            );
            kept(
                days.and_then(|days| i32::try_from(days).ok()),
                way,
                Error::long_overflow,
            )
        },
    )
}

fn subtract_instants(call: Call<'_>, way: Way) -> Expr {
    let zone = zone_of(&call);
    number_call::<DurationMicrosecondType>(
        call,
        way.name(),
        DataType::DAY_TIME,
        way.attempts,
        Nulls::Pass,
        move |row| {
            let local = |index: usize| zone.to_local_micros(row.number::<TimestampMicrosecondType>(index));
            kept(local(0).checked_sub(local(1)), way, Error::long_overflow)
        },
    )
}

/// Two ANSI intervals of one kind: the result has the fields of both.
fn add_ansi(call: Call<'_>, way: Way) -> Result<Expr> {
    fn add<T>(call: Call<'_>, way: Way, data_type: DataType) -> Expr
    where
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i64> + Into<i64>,
    {
        number_call::<T>(call, way.name(), data_type, way.attempts, Nulls::Pass, move |row| {
            let sum = way.of(row.number::<T>(0).into(), row.number::<T>(1).into());
            kept(sum.and_then(|sum| T::Native::try_from(sum).ok()), way, || {
                let function = if way.subtracts { "`try_subtract`" } else { "`try_add`" };
                Error::new(ErrorCode::IntervalArithmeticOverflowWithSuggestion).with("functionName", function)
            })
        })
    }
    match (&call.arguments[0].data_type, &call.arguments[1].data_type) {
        (DataType::DayTimeInterval(left), DataType::DayTimeInterval(right)) => {
            let data_type = DataType::DayTimeInterval(left.union(*right));
            Ok(add::<DurationMicrosecondType>(call, way, data_type))
        }
        (DataType::YearMonthInterval(left), DataType::YearMonthInterval(right)) => {
            let data_type = DataType::YearMonthInterval(left.union(*right));
            Ok(add::<IntervalYearMonthType>(call, way, data_type))
        }
        _ => Err(Error::internal("intervals of two kinds")),
    }
}

/// Two calendar intervals, part by part; without ANSI the parts wrap.
fn add_calendar(call: Call<'_>, way: Way) -> Expr {
    let raises = call.session.ansi || way.attempts;
    let data_type = DataType::CalendarInterval;
    number_call::<IntervalMonthDayNanoType>(call, way.name(), data_type, way.attempts, Nulls::Pass, move |row| {
        let interval = |index: usize| Interval::from(row.number::<IntervalMonthDayNanoType>(index));
        let (left, right) = (interval(0), interval(1));
        let (months, days) = (
            i64::from(left.months) + way.sign() * i64::from(right.months),
            i64::from(left.days) + way.sign() * i64::from(right.days),
        );
        let micros = way.of(left.micros, right.micros);
        let exact = || {
            Some(Interval {
                months: months.try_into().ok()?,
                days: days.try_into().ok()?,
                micros: micros?,
            })
        };
        let wrapped = Interval {
            months: months as i32,
            days: days as i32,
            micros: left.micros.wrapping_add(right.micros.wrapping_mul(way.sign())),
        };
        let sum = if raises { exact() } else { Some(wrapped) };
        kept(sum.map(Into::into), way, Error::long_overflow)
    })
}

/// The value; where there is none an error, or null where the way is an attempt.
fn kept<T>(value: Option<T>, way: Way, error: impl FnOnce() -> Error) -> Result<Option<T>> {
    match value {
        None if way.attempts => Ok(None),
        None => Err(error()),
        value => Ok(value),
    }
}
