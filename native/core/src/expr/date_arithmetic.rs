//! Moves and differences of dates and times: date_add, add_months, datediff, timestampadd, make_date, zone shifts.

use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};

use super::date_fields::Clock;
use super::rows::{Nulls, Row, number_call};
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{
    MICROS_PER_DAY, MICROS_PER_SECOND, TimeZone, checked_days_from_civil, civil_from_days, days_from_civil,
    days_in_month,
};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("date_add", bind_date_add),
    ("dateadd", bind_date_add),
    ("date_sub", bind_date_add),
    ("datediff", bind_datediff),
    ("date_diff", bind_datediff),
    ("add_months", bind_add_months),
    ("months_between", bind_months_between),
    ("next_day", bind_next_day),
    ("from_utc_timestamp", bind_zone_shift),
    ("to_utc_timestamp", bind_zone_shift),
    ("convert_timezone", bind_convert_timezone),
    ("timestampadd", bind_timestampadd),
    ("timestampdiff", bind_timestampdiff),
    ("make_date", bind_make_date),
    ("make_timestamp", bind_make_timestamp),
    ("make_timestamp_ltz", bind_make_timestamp),
    ("make_timestamp_ntz", bind_make_timestamp),
    ("try_make_timestamp", bind_make_timestamp),
    ("try_make_timestamp_ltz", bind_make_timestamp),
    ("try_make_timestamp_ntz", bind_make_timestamp),
];

/// Binds date_add(date, days) and date_sub; they wrap, as in Java.
pub(super) fn bind_date_add(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.len() == 3 {
        return bind_timestampadd(call);
    }
    call.expect_arguments(2)?;
    let clock = Clock::of(&mut call, 0, &DataType::Date)?;
    let is_count = match call.arguments[1].data_type {
        DataType::Int | DataType::SmallInt | DataType::TinyInt | DataType::Void => true,
        DataType::String => call.session.ansi,
        _ => false,
    };
    if !is_count {
        return Err(call.wrong_type(1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")"));
    }
    call.coerce(1, &DataType::Int)?;
    let (name, sign) = if call.name == "date_sub" {
        ("date_sub", -1)
    } else {
        ("date_add", 1)
    };
    Ok(number_call::<Date32Type>(
        call,
        name,
        DataType::Date,
        false,
        Nulls::Pass,
        move |row| {
            let days = clock.days(row, 0) as i32;
            Ok(Some(days.wrapping_add(row.number::<Int32Type>(1).wrapping_mul(sign))))
        },
    ))
}

fn bind_datediff(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.len() == 3 {
        return bind_timestampdiff(call);
    }
    call.expect_arguments(2)?;
    let end = Clock::of(&mut call, 0, &DataType::Date)?;
    let start = Clock::of(&mut call, 1, &DataType::Date)?;
    Ok(number_call::<Int32Type>(
        call,
        "datediff",
        DataType::Int,
        false,
        Nulls::Pass,
        move |row| Ok(Some((end.days(row, 0) as i32).wrapping_sub(start.days(row, 1) as i32))),
    ))
}

/// The day `months` later; the last day of a shorter month where there is no such day.
pub(super) fn plus_months(days: i64, months: i64) -> Option<i64> {
    let (year, month, day) = civil_from_days(days);
    let total = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(months)?;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    checked_days_from_civil(year, month, day.min(days_in_month(year, month)))
}

fn bind_add_months(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let clock = Clock::of(&mut call, 0, &DataType::Date)?;
    call.coerce(1, &DataType::Int)?;
    Ok(number_call::<Date32Type>(
        call,
        "add_months",
        DataType::Date,
        false,
        Nulls::Pass,
        move |row| {
            let moved = plus_months(clock.days(row, 0), i64::from(row.number::<Int32Type>(1)));
            let days = moved.and_then(|days| i32::try_from(days).ok());
            days.map(Some)
                .ok_or_else(|| Error::arithmetic_overflow("integer overflow"))
        },
    ))
}

/// Binds months_between(a, b[, rounds]): whole months between equal or last days, else 31sts of a month.
fn bind_months_between(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, 3)?;
    call.coerce(0, &DataType::Timestamp)?;
    call.coerce(1, &DataType::Timestamp)?;
    if call.arguments.len() == 3 {
        call.coerce(2, &DataType::Boolean)?;
    }
    let zone = call.session.zone.clone();
    let clock = Clock::Zoned(zone.clone());
    Ok(number_call::<Float64Type>(
        call,
        "months_between",
        DataType::Double,
        false,
        Nulls::Pass,
        move |row| {
            let (days1, _) = clock.local(row, 0);
            let (days2, _) = clock.local(row, 1);
            let (year1, month1, day1) = civil_from_days(days1);
            let (year2, month2, day2) = civil_from_days(days2);
            let months = ((year1 * 12 + month1) - (year2 * 12 + month2)) as f64;
            let is_last = |year, month, day| day == days_in_month(year, month);
            if day1 == day2 || (is_last(year1, month1, day1) && is_last(year2, month2, day2)) {
                return Ok(Some(months));
            }
            // Time that went by since midnight, which a change of the clocks makes shorter or longer than the wall clock.
            let seconds = |index: usize, days: i64| {
                let midnight = zone.instant_of(days, 0).unwrap_or(i64::MIN);
                row.number::<TimestampMicrosecondType>(index).saturating_sub(midnight) / MICROS_PER_SECOND
            };
            let difference = (day1 - day2) * 86_400 + seconds(0, days1) - seconds(1, days2);
            let difference = months + difference as f64 / (31.0 * 86_400.0);
            let rounds = row.len() < 3 || row.flag(2);
            Ok(Some(if rounds {
                (difference * 1e8).round() / 1e8
            } else {
                difference
            }))
        },
    ))
}

/// Binds next_day(date, 'Mon').
fn bind_next_day(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let clock = Clock::of(&mut call, 0, &DataType::Date)?;
    call.coerce(1, &DataType::String)?;
    let ansi = call.session.ansi;
    Ok(number_call::<Date32Type>(
        call,
        "next_day",
        DataType::Date,
        true,
        Nulls::Pass,
        move |row| {
            let name = row.bytes(1);
            // Days since Thursday, the day that 1970 began with.
            let wanted = match name.to_ascii_uppercase().as_slice() {
                b"TH" | b"THU" | b"THURSDAY" => 0,
                b"FR" | b"FRI" | b"FRIDAY" => 1,
                b"SA" | b"SAT" | b"SATURDAY" => 2,
                b"SU" | b"SUN" | b"SUNDAY" => 3,
                b"MO" | b"MON" | b"MONDAY" => 4,
                b"TU" | b"TUE" | b"TUESDAY" => 5,
                b"WE" | b"WED" | b"WEDNESDAY" => 6,
                _ if ansi => {
                    let text = String::from_utf8_lossy(name);
                    return Err(Error::new(ErrorCode::IllegalDayOfWeek).with("string", text));
                }
                _ => return Ok(None),
            };
            let days = clock.days(row, 0);
            Ok(Some((days + 1 + (wanted - 1 - days).rem_euclid(7)) as i32))
        },
    ))
}

/// Binds from_utc_timestamp and to_utc_timestamp.
fn bind_zone_shift(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::Timestamp)?;
    call.coerce(1, &DataType::String)?;
    let from_utc = call.name == "from_utc_timestamp";
    let name = if from_utc {
        "from_utc_timestamp"
    } else {
        "to_utc_timestamp"
    };
    Ok(number_call::<TimestampMicrosecondType>(
        call,
        name,
        DataType::Timestamp,
        false,
        Nulls::Pass,
        move |row| {
            let zone = TimeZone::parse(&String::from_utf8_lossy(row.bytes(1)))?;
            let micros = row.number::<TimestampMicrosecondType>(0);
            let shifted = if from_utc {
                let offset = zone.offset_at(micros.div_euclid(MICROS_PER_SECOND));
                micros.checked_add(offset * MICROS_PER_SECOND)
            } else {
                zone.checked_to_utc_micros(micros)
            };
            shifted.map(Some).ok_or_else(Error::long_overflow)
        },
    ))
}

/// Binds convert_timezone([from,] to, wall clock).
fn bind_convert_timezone(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, 3)?;
    let last = call.arguments.len() - 1;
    for index in 0..last {
        call.coerce(index, &DataType::String)?;
    }
    call.coerce(last, &DataType::TimestampNtz)?;
    let session_zone = call.session.zone.clone();
    Ok(number_call::<TimestampMicrosecondType>(
        call,
        "convert_timezone",
        DataType::TimestampNtz,
        false,
        Nulls::Pass,
        move |row| {
            let zone_at = |index: usize| TimeZone::parse(&String::from_utf8_lossy(row.bytes(index)));
            let last = row.len() - 1;
            let from = if last == 2 { zone_at(0)? } else { session_zone.clone() };
            let to = zone_at(last - 1)?;
            let instant = from.checked_to_utc_micros(row.number::<TimestampMicrosecondType>(last));
            Ok(instant.map(|instant| to.to_local_micros(instant)))
        },
    ))
}

/// Months, days and microseconds of one of a unit.
fn unit_of(call: &Call<'_>) -> Result<(i64, i64, i64)> {
    let name = call.text_argument(0)?.to_uppercase();
    Ok(match name.as_str() {
        "YEAR" => (12, 0, 0),
        "QUARTER" => (3, 0, 0),
        "MONTH" => (1, 0, 0),
        "WEEK" => (0, 7, 0),
        "DAY" | "DAYOFYEAR" => (0, 1, 0),
        "HOUR" => (0, 0, 3600 * MICROS_PER_SECOND),
        "MINUTE" => (0, 0, 60 * MICROS_PER_SECOND),
        "SECOND" => (0, 0, MICROS_PER_SECOND),
        "MILLISECOND" => (0, 0, 1000),
        "MICROSECOND" => (0, 0, 1),
        _ => return Err(call.wrong_type(0, "a unit such as DAY")),
    })
}

/// A time moved by months, then days (both on the wall clock), then microseconds.
pub(super) fn moved(zone: &TimeZone, micros: i64, months: i64, days: i64, extra: i64) -> Option<i64> {
    let moved = if months == 0 && days == 0 {
        micros
    } else {
        let offset = zone.offset_at(micros.div_euclid(MICROS_PER_SECOND));
        let local = i128::from(micros) + i128::from(offset * MICROS_PER_SECOND);
        let day = local.div_euclid(i128::from(MICROS_PER_DAY)) as i64;
        let of_day = local.rem_euclid(i128::from(MICROS_PER_DAY)) as i64;
        let day = plus_months(day, months)?.checked_add(days)?;
        // In an overlap the offset at hand is kept where it still holds.
        let kept = i128::from(day) * i128::from(MICROS_PER_DAY) + i128::from(of_day - offset * MICROS_PER_SECOND);
        match i64::try_from(kept) {
            Ok(kept) if zone.offset_at(kept.div_euclid(MICROS_PER_SECOND)) == offset => kept,
            _ => zone.instant_of(day, of_day)?,
        }
    };
    moved.checked_add(extra)
}

/// Binds timestampadd('unit', count, time).
fn bind_timestampadd(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    let (months, days, micros) = unit_of(&call)?;
    call.coerce(1, &DataType::BigInt)?;
    // A wall clock moves as one.
    let is_wall_clock = call.arguments[2].data_type == DataType::TimestampNtz;
    if !is_wall_clock {
        call.coerce(2, &DataType::Timestamp)?;
    }
    let zone = if is_wall_clock {
        TimeZone::utc()
    } else {
        call.session.zone.clone()
    };
    let data_type = call.arguments[2].data_type.clone();
    Ok(number_call::<TimestampMicrosecondType>(
        call,
        "timestampadd",
        data_type,
        false,
        Nulls::Pass,
        move |row| {
            let count = row.number::<Int64Type>(1);
            let time = row.number::<TimestampMicrosecondType>(2);
            let result = (|| {
                moved(
                    &zone,
                    time,
                    count.checked_mul(months)?,
                    count.checked_mul(days)?,
                    count.checked_mul(micros)?,
                )
            })();
            result.map(Some).ok_or_else(|| {
                Error::new(ErrorCode::DatetimeOverflow).with("operation", format!("add {count} units to a TIMESTAMP"))
            })
        },
    ))
}

/// Binds timestampdiff('unit', start, end): whole units, on the wall clock.
fn bind_timestampdiff(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    let (months, days, micros) = unit_of(&call)?;
    call.coerce(1, &DataType::Timestamp)?;
    call.coerce(2, &DataType::Timestamp)?;
    let clock = Clock::Zoned(call.session.zone.clone());
    Ok(number_call::<Int64Type>(
        call,
        "timestampdiff",
        DataType::BigInt,
        false,
        Nulls::Pass,
        move |row| {
            let wall = |(days, micros): (i64, i64)| i128::from(days) * i128::from(MICROS_PER_DAY) + i128::from(micros);
            let (start, end) = (clock.local(row, 1), clock.local(row, 2));
            let count = if months > 0 {
                let (year1, month1, day1) = civil_from_days(start.0);
                let (year2, month2, day2) = civil_from_days(end.0);
                let mut count = (year2 * 12 + month2) - (year1 * 12 + month1);
                let (left, right) = ((day1, start.1), (day2, end.1));
                // A month is not whole before its day and time.
                if count > 0 && right < left {
                    count -= 1;
                } else if count < 0 && right > left {
                    count += 1;
                }
                count / months
            } else {
                let length = i128::from(days) * i128::from(MICROS_PER_DAY) + i128::from(micros);
                i64::try_from((wall(end) - wall(start)) / length).unwrap_or(i64::MAX)
            };
            Ok(Some(count))
        },
    ))
}

fn out_of_bounds(message: String) -> Error {
    Error::new(ErrorCode::DatetimeFieldOutOfBoundsWithoutSuggestion).with("rangeMessage", message)
}

fn date_of(year: i32, month: i32, day: i32) -> Result<i64> {
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    if let Some(days) = checked_days_from_civil(year, month, day) {
        return Ok(days);
    }
    Err(out_of_bounds(if !(1..=12).contains(&month) {
        format!("Invalid value for MonthOfYear (valid values 1 - 12): {month}")
    } else if !(1..=31).contains(&day) {
        format!("Invalid value for DayOfMonth (valid values 1 - 28/31): {day}")
    } else if month == 2 && day == 29 {
        format!("Invalid date 'February 29' as '{year}' is not a leap year")
    } else {
        format!("Invalid date '{month} {day}'")
    }))
}

fn bind_make_date(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    for index in 0..3 {
        call.coerce(index, &DataType::Int)?;
    }
    let ansi = call.session.ansi;
    Ok(number_call::<Date32Type>(
        call,
        "make_date",
        DataType::Date,
        !ansi,
        Nulls::Pass,
        move |row| {
            let part = |index: usize| row.number::<Int32Type>(index);
            match date_of(part(0), part(1), part(2)).map(i32::try_from) {
                Ok(Ok(days)) => Ok(Some(days)),
                Ok(Err(_)) => Err(Error::arithmetic_overflow("integer overflow")),
                Err(error) if ansi => Err(error),
                Err(_) => Ok(None),
            }
        },
    ))
}

/// Binds make_timestamp(year, month, day, hour, minute, seconds[, zone]) and its kin.
fn bind_make_timestamp(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(6, 7)?;
    for index in 0..5 {
        call.coerce(index, &DataType::Int)?;
    }
    call.coerce(
        5,
        &DataType::Decimal {
            precision: 16,
            scale: 6,
        },
    )?;
    if call.arguments.len() == 7 {
        call.coerce(6, &DataType::String)?;
    }
    let raises = call.session.ansi && !call.name.starts_with("try_");
    let is_local = call.name.ends_with("ntz");
    let data_type = if is_local {
        DataType::TimestampNtz
    } else {
        DataType::Timestamp
    };
    let session_zone = call.session.zone.clone();
    Ok(number_call::<TimestampMicrosecondType>(
        call,
        "make_timestamp",
        data_type,
        !raises,
        Nulls::Pass,
        move |row| {
            let zone = match row.len() {
                7 => TimeZone::parse(&String::from_utf8_lossy(row.bytes(6)))?,
                _ if is_local => TimeZone::utc(),
                _ => session_zone.clone(),
            };
            match parts_of(row) {
                Ok((days, micros)) => match zone.instant_of(days, micros) {
                    Some(instant) => Ok(Some(instant)),
                    None => Err(Error::long_overflow()),
                },
                Err(error) if raises => Err(error),
                Err(_) => Ok(None),
            }
        },
    ))
}

fn parts_of(row: &Row<'_>) -> Result<(i64, i64)> {
    let part = |index: usize| row.number::<Int32Type>(index);
    let micros = row.number::<Decimal128Type>(5);
    let (hour, minute) = (i64::from(part(3)), i64::from(part(4)));
    let seconds = micros.div_euclid(1_000_000);
    // Sixty seconds are the next minute; a fraction of them is none.
    let is_next_minute = micros == 60_000_000;
    if seconds == 60 && !is_next_minute {
        return Err(
            Error::new(ErrorCode::InvalidFractionOfSecond).with("secAndMicros", format!("{}", micros as f64 / 1e6))
        );
    }
    let ranged = |name: &str, value: i64, last: i64| {
        if (0..=last).contains(&value) {
            return Ok(());
        }
        Err(out_of_bounds(format!(
            "Invalid value for {name} (valid values 0 - {last}): {value}"
        )))
    };
    let days = date_of(part(0), part(1), part(2))?;
    ranged("HourOfDay", hour, 23)?;
    ranged("MinuteOfHour", minute, 59)?;
    if !is_next_minute {
        ranged("SecondOfMinute", i64::try_from(seconds).unwrap_or(i64::MAX), 59)?;
    }
    let of_day = (hour * 60 + minute) * 60 * MICROS_PER_SECOND + i64::try_from(micros).unwrap_or(0);
    let first = days_from_civil(1970, 1, 1);
    Ok((days - first + of_day / MICROS_PER_DAY, of_day % MICROS_PER_DAY))
}
