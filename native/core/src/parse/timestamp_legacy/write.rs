//! Times written by a SimpleDateFormat pattern.

use super::super::time_zone::TimeZone;
use super::super::zone_display_names::{Season, name_of};
use super::calendar::{Field, days_of_proleptic, field_at};
use super::pattern::{MONTHS, Part, WEEKDAYS};

/// A wall-clock time in its zone.
pub(super) struct Time<'a> {
    /// Days on Spark's calendar.
    pub days: i64,
    pub millis: i64,
    /// What S writes where that is not the milliseconds.
    pub fraction: Option<i64>,
    pub offset: i64,
    pub is_daylight: bool,
    pub zone: &'a TimeZone,
}

/// Writes `time` by the parts of a pattern.
pub(super) fn write(parts: &[Part], time: &Time<'_>, out: &mut String) {
    let days = days_of_proleptic(time.days);
    for part in parts {
        match *part {
            Part::Literal(letter) => out.push(letter),
            Part::Letters(letter, count) => write_letters(letter, count, days, time, out),
        }
    }
}

fn write_letters(letter: char, count: usize, days: i64, time: &Time<'_>, out: &mut String) {
    let value = |field: Field| field_at(field, days, time.millis);
    let index = |field: Field| usize::try_from(value(field)).unwrap_or(0);
    let mut name = |name: &str, is_full: bool| out.push_str(if is_full { name } else { &name[..3] });
    let number = match letter {
        'G' => return out.push_str(["BC", "AD"][index(Field::Era)]),
        'a' => return out.push_str(["AM", "PM"][index(Field::HalfDay)]),
        'E' => return name(WEEKDAYS[index(Field::DayOfWeek) - 1], count >= 4),
        'M' | 'L' if count >= 3 => return name(MONTHS[index(Field::Month)], count >= 4),
        'z' => return write_zone(time, count >= 4, out),
        'Z' | 'X' => return write_offset(letter, count, time.offset, out),
        'y' | 'Y' => {
            let year = value(if letter == 'y' { Field::Year } else { Field::WeekYear });
            if count == 2 { year % 100 } else { year }
        }
        'M' | 'L' => value(Field::Month) + 1,
        'd' => value(Field::Day),
        'D' => value(Field::DayOfYear),
        'F' => value(Field::DayOfWeekInMonth),
        'w' => value(Field::WeekOfYear),
        'W' => value(Field::WeekOfMonth),
        'u' => (value(Field::DayOfWeek) + 5) % 7 + 1,
        'H' => value(Field::Hour),
        'k' => (value(Field::Hour) + 23) % 24 + 1,
        'K' => value(Field::Hour12),
        'h' => (value(Field::Hour12) + 11) % 12 + 1,
        'm' => value(Field::Minute),
        's' => value(Field::Second),
        _ => time.fraction.unwrap_or_else(|| value(Field::Milli)),
    };
    out.push_str(&format!("{number:0count$}"));
}

fn write_zone(time: &Time<'_>, is_full: bool, out: &mut String) {
    let season = if time.is_daylight {
        Season::Daylight
    } else {
        Season::Standard
    };
    if let Some(name) = name_of(time.zone.name(), season, is_full) {
        return out.push_str(name);
    }
    out.push_str("GMT");
    if time.offset != 0 {
        out.push(if time.offset < 0 { '-' } else { '+' });
        let minutes = time.offset.abs() / 60;
        out.push_str(&format!("{:02}:{:02}", minutes / 60, minutes % 60));
    }
}

fn write_offset(letter: char, count: usize, offset: i64, out: &mut String) {
    if letter == 'X' && offset == 0 {
        return out.push('Z');
    }
    let minutes = offset.abs() / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    out.push(if offset < 0 { '-' } else { '+' });
    out.push_str(&match (letter, count) {
        ('X', 1) => format!("{hours:02}"),
        ('X', 3) => format!("{hours:02}:{minutes:02}"),
        _ => format!("{hours:02}{minutes:02}"),
    });
}
