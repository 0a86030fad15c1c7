//! sequence(start, stop[, step]): integers by integers, dates and times by intervals.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, ArrowPrimitiveType, Int32Array, Int64Array, PrimitiveArray};

use super::arrays::{ELEMENTS_MAX, array_of};
use super::date_arithmetic::moved;
use super::interval_arithmetic::interval_at;
use super::rows::{Cell, Nulls, nested_call};
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{Interval, MICROS_PER_DAY, TimeZone};
use crate::plan::coerce::common_type;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("sequence", bind_sequence)];

/// Days that a month has in the estimate of a sequence's length, and in which direction it goes.
const DAYS_PER_MONTH: i64 = 31;

fn bind_sequence(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, 3)?;
    let ends: Vec<DataType> = call.arguments[..2].iter().map(|end| end.data_type.clone()).collect();
    match common_type(&ends) {
        Some(element @ (DataType::Date | DataType::Timestamp | DataType::TimestampNtz)) => bind_times(call, element),
        _ => bind_integers(call),
    }
}

fn bind_integers(mut call: Call<'_>) -> Result<Expr> {
    let types: Vec<DataType> = call
        .arguments
        .iter()
        .map(|argument| argument.data_type.clone())
        .collect();
    let element = common_type(&types)
        .filter(DataType::is_integral)
        .ok_or_else(|| call.wrong_type(0, "\"INTEGRAL\""))?;
    let is_int = element != DataType::BigInt;
    let element = if is_int { DataType::Int } else { element };
    for index in 0..call.arguments.len() {
        call.coerce(index, &element)?;
    }
    Ok(nested_call(
        call,
        "sequence",
        array_of(element, false),
        false,
        Nulls::Pass,
        move |row| {
            let number = |index: usize| {
                if is_int {
                    i64::from(row.number::<Int32Type>(index))
                } else {
                    row.number::<Int64Type>(index)
                }
            };
            let (start, stop) = (number(0), number(1));
            let step = match row.len() {
                3 => number(2),
                _ if start <= stop => 1,
                _ => -1,
            };
            let count = count_of(start, stop, step)?;
            let values = (0..count).map(|index| start + index * step);
            let array: ArrayRef = if is_int {
                Arc::new(Int32Array::from_iter_values(values.map(|value| value as i32)))
            } else {
                Arc::new(Int64Array::from_iter_values(values))
            };
            Ok(Some(Cell::List(Cell::all(&array))))
        },
    ))
}

/// How many elements there are, if none lies behind `stop`. Fails where `stop` is never reached.
fn count_of(start: i64, stop: i64, step: i64) -> Result<i64> {
    let is_reachable = (step > 0 && start <= stop) || (step < 0 && start >= stop) || (step == 0 && start == stop);
    if !is_reachable {
        return Err(unreachable(start, stop, &step.to_string()));
    }
    let last = if step == 0 {
        0
    } else {
        (i128::from(stop) - i128::from(start)) / i128::from(step)
    };
    if last >= i128::from(ELEMENTS_MAX) {
        return Err(Error::limit("elements of an array", last, ELEMENTS_MAX));
    }
    Ok(last as i64 + 1)
}

fn unreachable(start: i64, stop: i64, step: &str) -> Error {
    Error::new(ErrorCode::ArgumentInvalid)
        .with("function", "sequence")
        .with(
            "reason",
            format!("Illegal sequence boundaries: {start} to {stop} by {step}"),
        )
}

/// Dates or times by an interval; a day where there is none. Every element is the start moved by a multiple of it.
fn bind_times(mut call: Call<'_>, element: DataType) -> Result<Expr> {
    call.coerce(0, &element)?;
    call.coerce(1, &element)?;
    let step_type = call.arguments.get(2).map(|step| step.data_type.clone());
    if let Some(found) = &step_type
        && !(found.is_ansi_interval() || *found == DataType::CalendarInterval)
    {
        return Err(call.wrong_type(
            2,
            "(\"INTERVAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")",
        ));
    }
    let is_date = element == DataType::Date;
    let zone = if element == DataType::Timestamp {
        call.session.zone.clone()
    } else {
        TimeZone::utc()
    };
    let arrow = element.to_arrow();
    let data_type = array_of(element, false);
    Ok(nested_call(
        call,
        "sequence",
        data_type,
        false,
        Nulls::Pass,
        move |row| {
            let end = |index: usize| {
                if is_date {
                    i64::from(row.number::<Date32Type>(index)) * MICROS_PER_DAY
                } else {
                    row.number::<TimestampMicrosecondType>(index)
                }
            };
            let (start, stop) = (end(0), end(1));
            let step = match &step_type {
                Some(found) => interval_at(row, 2, found),
                None => Interval {
                    days: if start <= stop { 1 } else { -1 },
                    ..Interval::default()
                },
            };
            if is_date && step.months == 0 && step.days == 0 {
                return Err(Error::new(ErrorCode::ArgumentInvalid)
                    .with("function", "sequence")
                    .with("reason", "dates need a step of days, months or years"));
            }
            let times = times(&zone, start, stop, step)?;
            let array: ArrayRef = if is_date {
                array_of_times::<Date32Type>(times.iter().map(|micros| (micros / MICROS_PER_DAY) as i32), &arrow)
            } else {
                array_of_times::<TimestampMicrosecondType>(times.into_iter(), &arrow)
            };
            Ok(Some(Cell::List(Cell::all(&array))))
        },
    ))
}

fn array_of_times<T: ArrowPrimitiveType>(
    values: impl Iterator<Item = T::Native>,
    arrow: &arrow_schema::DataType,
) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(values).with_data_type(arrow.clone()))
}

fn times(zone: &TimeZone, start: i64, stop: i64, step: Interval) -> Result<Vec<i64>> {
    let days = i64::from(step.months) * DAYS_PER_MONTH + i64::from(step.days);
    let length = i128::from(days) * i128::from(MICROS_PER_DAY) + i128::from(step.micros);
    let length = i64::try_from(length).map_err(|_| Error::long_overflow())?;
    let most = count_of(start, stop, length)?;
    let mut times = Vec::new();
    // Months may be shorter than in the estimate: a few elements more than that.
    for index in 0..most.saturating_add(most / 8 + 2) {
        let scaled = |part: i64| part.checked_mul(index);
        let parts = (|| {
            Some((
                scaled(step.months.into())?,
                scaled(step.days.into())?,
                scaled(step.micros)?,
            ))
        })();
        let time = parts.and_then(|(months, days, micros)| moved(zone, start, months, days, micros));
        let Some(time) = time else {
            return Err(Error::long_overflow());
        };
        let is_behind = if length > 0 { time > stop } else { time < stop };
        if is_behind && length != 0 {
            break;
        }
        times.push(time);
        if length == 0 {
            break;
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(months: i32, days: i32) -> Interval {
        Interval {
            months,
            days,
            ..Interval::default()
        }
    }

    #[test]
    fn months_count_from_the_start() {
        let zone = TimeZone::utc();
        // 2024-01-31 to 2024-04-30, a month at a time: the last days of the months.
        let (start, stop) = (19_753 * MICROS_PER_DAY, 19_843 * MICROS_PER_DAY);
        let found = times(&zone, start, stop, days(1, 0)).unwrap_or_default();
        let found: Vec<i64> = found.into_iter().map(|micros| micros / MICROS_PER_DAY).collect();
        assert_eq!(found, [19_753, 19_782, 19_813, 19_843]);
        assert_eq!(
            times(&zone, stop, start, days(0, -60)).map(|found| found.len()).ok(),
            Some(2)
        );
        assert!(times(&zone, start, stop, days(0, -1)).is_err());
    }
}
