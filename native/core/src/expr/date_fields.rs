//! Parts of dates and times: year ... second, extract, date_trunc, trunc, last_day, seconds since 1970.

use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};

use super::rows::{Nulls, Row, bytes_call, number_call, unary_call};
use super::{Bind, Call, Expr, interval_extract, literal};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{MICROS_PER_DAY, MICROS_PER_SECOND, TimeZone, civil_from_days, days_from_civil, days_in_month};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("year", bind_field),
    ("quarter", bind_field),
    ("month", bind_field),
    ("day", bind_field),
    ("dayofmonth", bind_field),
    ("dayofweek", bind_field),
    ("weekday", bind_field),
    ("dayofyear", bind_field),
    ("weekofyear", bind_field),
    ("hour", bind_field),
    ("minute", bind_field),
    ("second", bind_field),
    ("extract", bind_extract),
    ("date_part", bind_extract),
    ("datepart", bind_extract),
    ("dayname", bind_name),
    ("monthname", bind_name),
    ("date_trunc", bind_date_trunc),
    ("trunc", bind_trunc),
    ("last_day", bind_last_day),
    ("unix_date", bind_unix),
    ("unix_seconds", bind_unix),
    ("unix_millis", bind_unix),
    ("unix_micros", bind_unix),
    ("date_from_unix_date", bind_date_from_unix_date),
];

/// How an argument tells its wall-clock time.
#[derive(Clone)]
pub(super) enum Clock {
    Date,
    Zoned(TimeZone),
    Local,
}

impl Clock {
    /// For argument `index`, which is cast to a timestamp where it is no time at all.
    pub(super) fn of(call: &mut Call<'_>, index: usize, fallback: &DataType) -> Result<Self> {
        if !matches!(
            call.arguments[index].data_type,
            DataType::Date | DataType::Timestamp | DataType::TimestampNtz
        ) {
            call.coerce(index, fallback)?;
        }
        Ok(match call.arguments[index].data_type {
            DataType::Date => Clock::Date,
            DataType::TimestampNtz => Clock::Local,
            _ => Clock::Zoned(call.session.zone.clone()),
        })
    }

    /// Days since 1970 and microseconds of the day.
    pub(super) fn local(&self, row: &Row<'_>, index: usize) -> (i64, i64) {
        let micros = match self {
            Clock::Date => return (i64::from(row.number::<Date32Type>(index)), 0),
            Clock::Local => i128::from(row.number::<TimestampMicrosecondType>(index)),
            Clock::Zoned(zone) => {
                let micros = row.number::<TimestampMicrosecondType>(index);
                i128::from(micros)
                    + i128::from(zone.offset_at(micros.div_euclid(MICROS_PER_SECOND))) * i128::from(MICROS_PER_SECOND)
            }
        };
        let day = i128::from(MICROS_PER_DAY);
        (micros.div_euclid(day) as i64, micros.rem_euclid(day) as i64)
    }

    /// The day alone, as casts to DATE give it.
    pub(super) fn days(&self, row: &Row<'_>, index: usize) -> i64 {
        self.local(row, index).0
    }
}

/// Days since Monday.
fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

/// The ISO year of a week and its number.
fn week_of(days: i64) -> (i64, i64) {
    // A week belongs to the year that its Thursday is in.
    let thursday = days - weekday(days) + 3;
    let (year, _, _) = civil_from_days(thursday);
    (year, (thursday - days_from_civil(year, 1, 1)) / 7 + 1)
}

fn field_of(name: &str, days: i64, micros: i64) -> i64 {
    let (year, month, day) = civil_from_days(days);
    let seconds = micros / MICROS_PER_SECOND;
    match name {
        "year" => year,
        "quarter" => (month - 1) / 3 + 1,
        "month" => month,
        "dayofweek" => (weekday(days) + 1) % 7 + 1,
        "dayofweek_iso" => weekday(days) + 1,
        "weekday" => weekday(days),
        "dayofyear" => days - days_from_civil(year, 1, 1) + 1,
        "weekofyear" => week_of(days).1,
        "yearofweek" => week_of(days).0,
        "hour" => seconds / 3600,
        "minute" => seconds / 60 % 60,
        "second" => seconds % 60,
        _ => day,
    }
}

fn bind_field(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let name = match call.name {
        "year" => "year",
        "quarter" => "quarter",
        "month" => "month",
        "dayofweek" => "dayofweek",
        "weekday" => "weekday",
        "dayofyear" => "dayofyear",
        "weekofyear" => "weekofyear",
        "hour" => "hour",
        "minute" => "minute",
        "second" => "second",
        _ => "day",
    };
    field_call(call, name)
}

fn field_call(mut call: Call<'_>, name: &'static str) -> Result<Expr> {
    let is_time = matches!(name, "hour" | "minute" | "second");
    if is_time && call.arguments[0].data_type == DataType::Date {
        call.coerce(0, &DataType::Timestamp)?;
    }
    let clock = Clock::of(
        &mut call,
        0,
        if is_time { &DataType::Timestamp } else { &DataType::Date },
    )?;
    Ok(number_call::<Int32Type>(
        call,
        name,
        DataType::Int,
        false,
        Nulls::Pass,
        move |row| {
            let (days, micros) = clock.local(row, 0);
            Ok(Some(field_of(name, days, micros) as i32))
        },
    ))
}

/// Binds extract(field FROM time) and date_part('field', time).
fn bind_extract(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let field = call.text_argument(0)?.to_uppercase();
    let source = call.arguments[1].data_type.clone();
    let is_interval = source.is_ansi_interval() || source == DataType::CalendarInterval;
    let name = match field.as_str() {
        "YEAROFWEEK" | "QUARTER" | "QTR" | "WEEK" | "W" | "WEEKS" | "DAYOFWEEK" | "DOW" | "DAYOFWEEK_ISO"
        | "DOW_ISO" | "DOY"
            if is_interval =>
        {
            return Err(no_such_field(&call, &field));
        }
        "YEAR" | "Y" | "YEARS" | "YR" | "YRS" => "year",
        "YEAROFWEEK" => "yearofweek",
        "QUARTER" | "QTR" => "quarter",
        "MONTH" | "MON" | "MONS" | "MONTHS" => "month",
        "WEEK" | "W" | "WEEKS" => "weekofyear",
        "DAY" | "D" | "DAYS" => "day",
        "DAYOFWEEK" | "DOW" => "dayofweek",
        "DAYOFWEEK_ISO" | "DOW_ISO" => "dayofweek_iso",
        "DOY" => "dayofyear",
        "HOUR" | "H" | "HOURS" | "HR" | "HRS" => "hour",
        "MINUTE" | "M" | "MIN" | "MINS" | "MINUTES" => "minute",
        "SECOND" | "S" | "SEC" | "SECONDS" | "SECS" => "second",
        _ => return Err(no_such_field(&call, &field)),
    };
    if is_interval && !interval_extract::has_field(&source, name) {
        return Err(no_such_field(&call, &field));
    }
    call.arguments.remove(0);
    call.argument_sql.remove(0);
    if is_interval {
        return Ok(interval_extract::extract(call, name));
    }
    if name != "second" {
        return field_call(call, name);
    }
    let clock = Clock::of(&mut call, 0, &DataType::Timestamp)?;
    let data_type = DataType::Decimal { precision: 8, scale: 6 };
    Ok(number_call::<Decimal128Type>(
        call,
        "extract",
        data_type,
        false,
        Nulls::Pass,
        move |row| Ok(Some(i128::from(clock.local(row, 0).1 % (60 * MICROS_PER_SECOND)))),
    ))
}

fn no_such_field(call: &Call<'_>, field: &str) -> Error {
    Error::new(ErrorCode::InvalidExtractField)
        .with("field", format!("`{field}`"))
        .with("expr", format!("\"{}\"", call.argument_sql[1]))
}

/// Binds dayname and monthname: three letters.
fn bind_name(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let is_day = call.name == "dayname";
    let clock = Clock::of(&mut call, 0, &DataType::Date)?;
    let name = if is_day { "dayname" } else { "monthname" };
    Ok(bytes_call(
        call,
        name,
        DataType::String,
        false,
        Nulls::Pass,
        move |row, out| {
            let days = clock.days(row, 0);
            let text = if is_day {
                DAYS[weekday(days) as usize]
            } else {
                MONTHS[(civil_from_days(days).1 - 1) as usize]
            };
            out.extend_from_slice(text.as_bytes());
            Ok(true)
        },
    ))
}

/// The units of trunc and date_trunc.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    /// A fixed number of microseconds.
    Micros(i64),
}

fn unit_of(name: &[u8]) -> Option<Unit> {
    Some(match name.to_ascii_uppercase().as_slice() {
        b"YEAR" | b"YYYY" | b"YY" => Unit::Year,
        b"QUARTER" => Unit::Quarter,
        b"MONTH" | b"MM" | b"MON" => Unit::Month,
        b"WEEK" => Unit::Week,
        b"DAY" | b"DD" => Unit::Day,
        b"HOUR" => Unit::Micros(3600 * MICROS_PER_SECOND),
        b"MINUTE" => Unit::Micros(60 * MICROS_PER_SECOND),
        b"SECOND" => Unit::Micros(MICROS_PER_SECOND),
        b"MILLISECOND" => Unit::Micros(1000),
        b"MICROSECOND" => Unit::Micros(1),
        _ => return None,
    })
}

fn first_day(unit: Unit, days: i64) -> i64 {
    let (year, month, _) = civil_from_days(days);
    match unit {
        Unit::Year => days_from_civil(year, 1, 1),
        Unit::Quarter => days_from_civil(year, (month - 1) / 3 * 3 + 1, 1),
        Unit::Month => days_from_civil(year, month, 1),
        Unit::Week => days - weekday(days),
        Unit::Day | Unit::Micros(_) => days,
    }
}

/// Binds date_trunc('unit', time); null for what is no unit.
fn bind_date_trunc(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::String)?;
    call.coerce(1, &DataType::Timestamp)?;
    // Where the constant is no unit Spark does not look at the time, which may be beyond what the cast holds.
    if call
        .text_argument(0)
        .is_ok_and(|unit| unit_of(unit.as_bytes()).is_none())
    {
        return literal(&serde_json::Value::Null, &DataType::Timestamp);
    }
    let zone = call.session.zone.clone();
    let clock = Clock::Zoned(zone.clone());
    Ok(number_call::<TimestampMicrosecondType>(
        call,
        "date_trunc",
        DataType::Timestamp,
        true,
        Nulls::Pass,
        move |row| {
            let Some(unit) = unit_of(row.bytes(0)) else {
                return Ok(None);
            };
            let micros = row.number::<TimestampMicrosecondType>(1);
            let truncated = match unit {
                // Offsets are whole seconds: these units need no zone.
                Unit::Micros(length) if length <= MICROS_PER_SECOND => micros.checked_sub(micros.rem_euclid(length)),
                Unit::Micros(length) => {
                    let (days, of_day) = clock.local(row, 1);
                    let offset = zone.offset_at(micros.div_euclid(MICROS_PER_SECOND));
                    let local = i128::from(days) * i128::from(MICROS_PER_DAY) + i128::from(of_day - of_day % length);
                    let instant = local - i128::from(offset) * i128::from(MICROS_PER_SECOND);
                    // The offset at hand is kept, unless it does not hold at the start of the unit.
                    match i64::try_from(instant) {
                        Ok(instant) if zone.offset_at(instant.div_euclid(MICROS_PER_SECOND)) == offset => Some(instant),
                        Ok(_) => zone.instant_of(days, of_day - of_day % length),
                        Err(_) => None,
                    }
                }
                unit => zone.instant_of(first_day(unit, clock.local(row, 1).0), 0),
            };
            truncated.map(Some).ok_or_else(Error::long_overflow)
        },
    ))
}

/// Binds trunc(date, 'unit'); null for units below a week and for what is no unit.
fn bind_trunc(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let clock = Clock::of(&mut call, 0, &DataType::Date)?;
    call.coerce(1, &DataType::String)?;
    Ok(number_call::<Date32Type>(
        call,
        "trunc",
        DataType::Date,
        true,
        Nulls::Pass,
        move |row| {
            Ok(match unit_of(row.bytes(1)) {
                Some(unit @ (Unit::Year | Unit::Quarter | Unit::Month | Unit::Week)) => {
                    Some(first_day(unit, clock.days(row, 0)) as i32)
                }
                _ => None,
            })
        },
    ))
}

/// Binds last_day(date).
fn bind_last_day(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let clock = Clock::of(&mut call, 0, &DataType::Date)?;
    Ok(number_call::<Date32Type>(
        call,
        "last_day",
        DataType::Date,
        false,
        Nulls::Pass,
        move |row| {
            let days = clock.days(row, 0);
            let (year, month, _) = civil_from_days(days);
            Ok(Some(days_from_civil(year, month, days_in_month(year, month)) as i32))
        },
    ))
}

/// Binds unix_date, unix_seconds, unix_millis and unix_micros.
fn bind_unix(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    if call.name == "unix_date" {
        if !matches!(call.arguments[0].data_type, DataType::Date | DataType::Void) {
            return Err(call.wrong_type(0, "\"DATE\""));
        }
        call.coerce(0, &DataType::Date)?;
        let days = |days| days;
        return Ok(unary_call::<Date32Type, Int32Type>(
            call,
            "unix_date",
            DataType::Int,
            days,
        ));
    }
    match call.arguments[0].data_type {
        // A wall clock is counted as it stands, whatever the zone.
        DataType::Timestamp | DataType::TimestampNtz => {}
        DataType::Void => call.coerce(0, &DataType::Timestamp)?,
        _ => return Err(call.wrong_type(0, "\"TIMESTAMP\"")),
    }
    let big = DataType::BigInt;
    Ok(match call.name {
        "unix_seconds" => unary_call::<TimestampMicrosecondType, Int64Type>(call, "unix_seconds", big, |micros| {
            micros.div_euclid(MICROS_PER_SECOND)
        }),
        "unix_millis" => unary_call::<TimestampMicrosecondType, Int64Type>(call, "unix_millis", big, |micros| {
            micros.div_euclid(1000)
        }),
        _ => unary_call::<TimestampMicrosecondType, Int64Type>(call, "unix_micros", big, |micros| micros),
    })
}

/// unix_timestamp of something that is a time already.
pub(super) fn unix_seconds(mut call: Call<'_>, name: &'static str) -> Result<Expr> {
    // A wall clock is counted as it stands, whatever the zone.
    if call.arguments[0].data_type != DataType::TimestampNtz {
        call.coerce(0, &DataType::Timestamp)?;
    }
    Ok(number_call::<Int64Type>(
        call,
        name,
        DataType::BigInt,
        false,
        Nulls::Pass,
        // Spark cuts towards zero here, where unix_seconds rounds down.
        |row| Ok(Some(row.number::<TimestampMicrosecondType>(0) / MICROS_PER_SECOND)),
    ))
}

/// Binds date_from_unix_date(days).
fn bind_date_from_unix_date(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::Int)?;
    Ok(number_call::<Date32Type>(
        call,
        "date_from_unix_date",
        DataType::Date,
        false,
        Nulls::Pass,
        |row| Ok(Some(row.number::<Int32Type>(0))),
    ))
}
