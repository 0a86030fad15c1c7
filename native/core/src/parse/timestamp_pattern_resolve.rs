//! From the fields that a pattern read to a moment: java.time's strict resolution, then Spark's defaults.

use super::calendar::{checked_days_from_civil, civil_from_days, days_from_civil, days_in_month, is_leap_year};
use super::time_zone::TimeZone;
use super::timestamp_pattern_step::{Field, Fields};

/// A wall-clock moment and the zone that stood beside it.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub days: i64,
    pub micros_of_day: i64,
    pub zone: Option<TimeZone>,
}

const EPOCH_OF_MODIFIED_JULIAN_DAYS: i64 = 40_587;

/// Resolves the fields; `refuse` words a reason of java.time's own parsing, Spark's defaults fail with bare reasons.
pub(super) fn resolve(fields: &Fields, refuse: &dyn Fn(String) -> String) -> Result<Moment, String> {
    let days = resolve_date(fields, refuse)?;
    let micros_of_day = resolve_time(fields).map_err(refuse)?;
    let zone = match (&fields.zone, fields.get(Field::Offset)) {
        (Some(zone), _) => Some(zone.clone()),
        (None, Some(seconds)) => {
            let seconds = in_range("OffsetSeconds", seconds, -64_800, 64_800).map_err(refuse)?;
            Some(TimeZone::fixed("", seconds))
        }
        _ => None,
    };
    Ok(Moment {
        days,
        micros_of_day,
        zone,
    })
}

fn in_range(name: &str, value: i64, first: i64, last: i64) -> Result<i64, String> {
    if (first..=last).contains(&value) {
        return Ok(value);
    }
    let last = match name {
        "DayOfMonth" => "28/31".to_string(),
        "DayOfYear" => "365/366".to_string(),
        _ => last.to_string(),
    };
    Err(format!(
        "Invalid value for {name} (valid values {first} - {last}): {value}"
    ))
}

fn resolve_date(fields: &Fields, refuse: &dyn Fn(String) -> String) -> Result<i64, String> {
    const YEAR_LAST: i64 = 999_999_999;
    let era = fields.get(Field::Era);
    let mut year = fields.get(Field::Year);
    if let Some(year_of_era) = fields.get(Field::YearOfEra) {
        let year_of_era = in_range("YearOfEra", year_of_era, 1, YEAR_LAST).map_err(refuse)?;
        // Without an era (a section may be missing) strict resolution leaves the year open.
        year = match era {
            Some(1) => Some(year_of_era),
            Some(_) => Some(1 - year_of_era),
            None => year,
        };
    }
    let month = fields.get(Field::Month);
    let day = fields.get(Field::Day);
    let mut resolved = fields
        .get(Field::ModifiedJulianDay)
        .map(|day| day.saturating_sub(EPOCH_OF_MODIFIED_JULIAN_DAYS))
        .filter(|days| days.abs() < 300_000_000_000);
    if let (None, Some(year), Some(month), Some(day)) = (resolved, year, month, day) {
        resolved = Some(date(year, month, day).map_err(refuse)?);
    }
    if let (None, Some(year), Some(day_of_year)) = (resolved, year, fields.get(Field::DayOfYear)) {
        let year = in_range("Year", year, -YEAR_LAST, YEAR_LAST).map_err(refuse)?;
        let day_of_year = in_range("DayOfYear", day_of_year, 1, 366).map_err(refuse)?;
        if day_of_year == 366 && !is_leap_year(year) {
            return Err(refuse(format!(
                "Invalid date 'DayOfYear 366' as '{year}' is not a leap year"
            )));
        }
        resolved = Some(days_from_civil(year, 1, 1) + day_of_year - 1);
    }
    let Some(days) = resolved else {
        // Spark's defaults for what a pattern leaves out.
        return date(year.unwrap_or(1970), month.unwrap_or(1), day.unwrap_or(1));
    };
    let (found_year, found_month, found_day) = civil_from_days(days);
    let agrees = |given: Option<i64>, found: i64| given.is_none_or(|given| given == found);
    let day_of_year = days - days_from_civil(found_year, 1, 1) + 1;
    let all_agree = agrees(year, found_year)
        && agrees(month, found_month)
        && agrees(day, found_day)
        && agrees(fields.get(Field::DayOfYear), day_of_year)
        && agrees(era, i64::from(found_year > 0));
    if all_agree {
        Ok(days)
    } else {
        Err(refuse("Conflict found: the fields name different dates".into()))
    }
}

fn date(year: i64, month: i64, day: i64) -> Result<i64, String> {
    const MONTHS: [&str; 12] = [
        "JANUARY",
        "FEBRUARY",
        "MARCH",
        "APRIL",
        "MAY",
        "JUNE",
        "JULY",
        "AUGUST",
        "SEPTEMBER",
        "OCTOBER",
        "NOVEMBER",
        "DECEMBER",
    ];
    let year = in_range("Year", year, -999_999_999, 999_999_999)?;
    let month = in_range("MonthOfYear", month, 1, 12)?;
    let day = in_range("DayOfMonth", day, 1, 31)?;
    if let Some(days) = checked_days_from_civil(year, month, day) {
        return Ok(days);
    }
    if day == 29 && days_in_month(year, month) == 28 {
        return Err(format!("Invalid date 'February 29' as '{year}' is not a leap year"));
    }
    let index = usize::try_from(month - 1).unwrap_or(0);
    Err(format!("Invalid date '{} {day}'", MONTHS.get(index).unwrap_or(&"")))
}

fn resolve_time(fields: &Fields) -> Result<i64, String> {
    let ranged = |field: Field, name: &str, first: i64, last: i64| {
        fields
            .get(field)
            .map(|value| in_range(name, value, first, last))
            .transpose()
    };
    let merge = |one: Option<i64>, other: Option<i64>| match (one, other) {
        (Some(one), Some(other)) if one != other => Err("Conflict found: the fields name different hours".to_string()),
        (one, other) => Ok(one.or(other)),
    };
    let clock_hour = ranged(Field::ClockHour24, "ClockHourOfDay", 1, 24)?.map(|hour| hour % 24);
    let clock_hour12 = ranged(Field::ClockHour12, "ClockHourOfAmPm", 1, 12)?.map(|hour| hour % 12);
    let hour12 = merge(clock_hour12, ranged(Field::Hour12, "HourOfAmPm", 0, 11)?)?;
    let half = fields.get(Field::HalfDay);
    let hour = merge(ranged(Field::Hour, "HourOfDay", 0, 23)?, clock_hour)?;
    let from_half = half.zip(hour12).map(|(half, hour12)| half * 12 + hour12);
    let hour = merge(hour, from_half)?;
    if let Some(hour) = hour {
        merge(hour12, hour12.map(|_| hour % 12))?;
        merge(half, half.map(|_| hour / 12))?;
    }
    // An hour of a half day without the half is taken for the morning; a bare PM is noon.
    let hour = hour.or(hour12).unwrap_or(if half == Some(1) { 12 } else { 0 });
    let minute = ranged(Field::Minute, "MinuteOfHour", 0, 59)?.unwrap_or(0);
    let second = ranged(Field::Second, "SecondOfMinute", 0, 59)?.unwrap_or(0);
    let micros = fields.get(Field::Nano).unwrap_or(0) / 1000;
    Ok(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}
