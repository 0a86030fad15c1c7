//! Intervals as text: `INTERVAL '1 02:03:04.5' DAY TO SECOND`, `INTERVAL '1-2' YEAR TO MONTH`, `1 years 2 days`.

use std::fmt::Write;

use super::interval::Interval;
use crate::column::{DayTimeField, FieldRange, IntervalField, YearMonthField};

/// Appends an ANSI day-time interval with just its fields.
pub(crate) fn write_day_time_interval(micros: i64, fields: FieldRange<DayTimeField>, out: &mut String) {
    out.push_str(if micros < 0 { "INTERVAL '-" } else { "INTERVAL '" });
    let mut rest = micros.unsigned_abs();
    for &field in DayTimeField::ALL.iter().filter(|field| fields.contains(**field)) {
        if field != fields.first {
            out.push(if field == DayTimeField::Hour { ' ' } else { ':' });
        }
        let unit = field.micros().unsigned_abs();
        let value = rest / unit;
        rest %= unit;
        // Writing to a String can't fail.
        let _ = match field {
            DayTimeField::Day => write!(out, "{value}"),
            _ => write!(out, "{value:02}"),
        };
        if field == DayTimeField::Second {
            write_fraction(rest, out);
        }
    }
    write_end(fields, out);
}

/// Appends an ANSI year-month interval with just its fields.
pub(crate) fn write_year_month_interval(months: i32, fields: FieldRange<YearMonthField>, out: &mut String) {
    out.push_str(if months < 0 { "INTERVAL '-" } else { "INTERVAL '" });
    let rest = months.unsigned_abs();
    let _ = match (fields.first, fields.last) {
        (YearMonthField::Year, YearMonthField::Month) => write!(out, "{}-{}", rest / 12, rest % 12),
        (YearMonthField::Year, _) => write!(out, "{}", rest / 12),
        (YearMonthField::Month, _) => write!(out, "{rest}"),
    };
    write_end(fields, out);
}

fn write_end<F: IntervalField>(fields: FieldRange<F>, out: &mut String) {
    let _ = write!(out, "' {}", fields.to_string().to_uppercase());
}

/// Appends a calendar interval: what is not zero of each unit.
pub(crate) fn write_calendar_interval(interval: Interval, out: &mut String) {
    let start = out.len();
    let mut part = |value: i64, unit: &str| {
        if value != 0 {
            let space = if out.len() > start { " " } else { "" };
            let _ = write!(out, "{space}{value} {unit}");
        }
    };
    part(i64::from(interval.months / 12), "years");
    part(i64::from(interval.months % 12), "months");
    part(i64::from(interval.days), "days");
    part(interval.micros / DayTimeField::Hour.micros(), "hours");
    part(
        interval.micros % DayTimeField::Hour.micros() / DayTimeField::Minute.micros(),
        "minutes",
    );
    let rest = interval.micros % DayTimeField::Minute.micros();
    if rest != 0 {
        let space = if out.len() > start { " " } else { "" };
        let sign = if rest < 0 { "-" } else { "" };
        let _ = write!(out, "{space}{sign}{}", rest.unsigned_abs() / 1_000_000);
        write_fraction(rest.unsigned_abs() % 1_000_000, out);
        out.push_str(" seconds");
    } else if out.len() == start {
        out.push_str("0 seconds");
    }
}

/// The fraction of a second, without zeros at its end.
pub(crate) fn write_fraction(micros: u64, out: &mut String) {
    if micros != 0 {
        let fraction = format!(".{micros:06}");
        out.push_str(fraction.trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DayTimeField::{Day, Hour, Minute, Second};
    use YearMonthField::{Month, Year};

    #[test]
    fn ansi_intervals_show_their_fields() {
        let day_time = |micros: i64, first: DayTimeField, last: DayTimeField| {
            let mut out = String::new();
            write_day_time_interval(micros, FieldRange::new(first, last).unwrap(), &mut out);
            out
        };
        assert_eq!(
            day_time(93_784_000_000, Day, Second),
            "INTERVAL '1 02:03:04' DAY TO SECOND"
        );
        assert_eq!(
            day_time(-93_784_500_000, Hour, Second),
            "INTERVAL '-26:03:04.5' HOUR TO SECOND"
        );
        assert_eq!(day_time(864_000_000_000, Day, Day), "INTERVAL '10' DAY");
        assert_eq!(day_time(60_000_000, Minute, Minute), "INTERVAL '01' MINUTE");
        assert_eq!(
            day_time(i64::MIN, Day, Second),
            "INTERVAL '-106751991 04:00:54.775808' DAY TO SECOND"
        );
        let year_month = |months: i32, first: YearMonthField, last: YearMonthField| {
            let mut out = String::new();
            write_year_month_interval(months, FieldRange::new(first, last).unwrap(), &mut out);
            out
        };
        assert_eq!(year_month(-1, Year, Month), "INTERVAL '-0-1' YEAR TO MONTH");
        assert_eq!(year_month(36, Year, Year), "INTERVAL '3' YEAR");
        assert_eq!(year_month(-14, Month, Month), "INTERVAL '-14' MONTH");
    }

    #[test]
    fn calendar_intervals_show_what_is_there() {
        let text = |months: i32, days: i32, micros: i64| {
            let mut out = String::new();
            write_calendar_interval(Interval { months, days, micros }, &mut out);
            out
        };
        assert_eq!(
            text(14, 25, 18_367_500_000),
            "1 years 2 months 25 days 5 hours 6 minutes 7.5 seconds"
        );
        assert_eq!(text(0, 0, 0), "0 seconds");
        assert_eq!(text(-1, 0, -500_000), "-1 months -0.5 seconds");
        assert_eq!(text(0, 0, 3_600_000_000), "1 hours");
    }
}
