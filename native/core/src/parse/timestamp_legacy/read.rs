//! Texts read by a SimpleDateFormat pattern: numbers of any width, names without case, what follows is ignored.

use super::super::decimal_text::decimal_digit;
use super::super::time_zone::TimeZone;
use super::super::zone_display_names::{names_of, zone_of_full_name};
use super::super::zone_name::abbreviated_zone;
use super::calendar::{Calendar, Field};
use super::pattern::{MONTHS, Part, WEEKDAYS};

/// A zone that stood in a text.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// Seconds east of UTC.
    Offset(i64),
    /// A zone by a name of its standard time or of its summer time, whatever the season of the date.
    Named { zone: TimeZone, is_daylight: bool },
}

/// How texts are read.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    pub is_lenient: bool,
    /// The zone whose names are tried first.
    pub zone: &'a TimeZone,
    /// The year that two digits are nearest to from below, by 80 years.
    pub year_now: i64,
}

/// Reads the beginning of `text`; none where it does not fit.
pub(super) fn read(parts: &[Part], text: &[u8], manner: Manner<'_>) -> Option<(Calendar, Option<Zone>)> {
    let mut calendar = Calendar::default();
    let mut zone = None;
    let mut at = 0;
    for (index, part) in parts.iter().enumerate() {
        match *part {
            Part::Literal(letter) => {
                let mut buffer = [0; 4];
                let bytes = letter.encode_utf8(&mut buffer).as_bytes();
                at = text.get(at..)?.starts_with(bytes).then(|| at + bytes.len())?;
            }
            Part::Letters(letter @ ('z' | 'Z' | 'X'), count) => {
                let start = after_blanks(text, at)?;
                let (found, end) = if letter == 'X' {
                    iso_zone(text, start, count)?
                } else {
                    general_zone(text, start, manner.zone)?
                };
                (zone, at) = (Some(found), end);
            }
            Part::Letters(letter, count) => {
                // A number right before another number keeps to its width.
                let width = parts.get(index + 1).is_some_and(is_number).then_some(count);
                at = letters(letter, count, text, (at, width), manner, &mut calendar)?;
            }
        }
    }
    Some((calendar, zone))
}

fn is_number(part: &Part) -> bool {
    match part {
        Part::Letters('M' | 'L', count) => *count <= 2,
        Part::Letters(letter, _) => "yYdDFHhKkmsSuwW".contains(*letter),
        Part::Literal(_) => false,
    }
}

/// Reads one run of letters that is no zone, from `at` with the width that it must keep to.
fn letters(
    letter: char,
    count: usize,
    text: &[u8],
    (at, width): (usize, Option<usize>),
    manner: Manner<'_>,
    calendar: &mut Calendar,
) -> Option<usize> {
    let start = after_blanks(text, at)?;
    let mut name = |field: Field, first: i32, names: &[&str], short: Option<usize>| {
        let (index, end) = longest_name(text, at, names, short)?;
        calendar.set(field, i32::try_from(index).ok()? + first);
        Some(end)
    };
    match letter {
        'G' => return name(Field::Era, 0, &["BC", "AD"], None),
        'a' => return name(Field::HalfDay, 0, &["AM", "PM"], None),
        'E' => return name(Field::DayOfWeek, 1, &WEEKDAYS, Some(3)),
        'M' | 'L' if count > 2 => return name(Field::Month, 0, &MONTHS, Some(3)),
        _ => {}
    }
    let (value, end) = number(text, at, start, width, manner.is_lenient)?;
    let clock = |most: i32| {
        let fits = manner.is_lenient || (1..=most).contains(&value);
        fits.then_some(if value == most { 0 } else { value })
    };
    let (field, value) = match letter {
        'y' | 'Y' => {
            let two_digits = end - start == 2 && text.get(start..end)?.iter().all(u8::is_ascii_digit);
            let value = if count <= 2 && two_digits {
                full_year(value, manner.year_now)
            } else {
                value
            };
            (if letter == 'y' { Field::Year } else { Field::WeekYear }, value)
        }
        'M' | 'L' => (Field::Month, value.wrapping_sub(1)),
        'd' => (Field::Day, value),
        'D' => (Field::DayOfYear, value),
        'F' => (Field::DayOfWeekInMonth, value),
        'w' => (Field::WeekOfYear, value),
        'W' => (Field::WeekOfMonth, value),
        // From Monday on, where the calendar counts from Sunday.
        'u' if (1..=7).contains(&value) => (Field::DayOfWeek, value % 7 + 1),
        'u' => (Field::DayOfWeek, value),
        'H' => (Field::Hour, value),
        'k' => (Field::Hour, clock(24)?),
        'K' => (Field::Hour12, value),
        'h' => (Field::Hour12, clock(12)?),
        'm' => (Field::Minute, value),
        's' => (Field::Second, value),
        'S' => (Field::Milli, value),
        _ => return None,
    };
    calendar.set(field, value);
    Some(end)
}

/// Two digits are a year of the hundred that began 80 years ago.
fn full_year(value: i32, year_now: i64) -> i32 {
    let first = i32::try_from(year_now - 80).unwrap_or(1946);
    let century = first - first.rem_euclid(100);
    // The year of the turn itself is the later one, but for its last days: Java compares with this day, 80 years ago.
    value + century + if value <= first.rem_euclid(100) { 100 } else { 0 }
}

/// The position behind blanks; none at the end of the text.
fn after_blanks(text: &[u8], at: usize) -> Option<usize> {
    let blanks = text
        .get(at..)?
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    (at + blanks < text.len()).then_some(at + blanks)
}

/// A number as DecimalFormat reads it: a minus, digits, even an exponent. It wraps to 32 bits as Java's `intValue` does.
fn number(text: &[u8], at: usize, start: usize, width: Option<usize>, is_lenient: bool) -> Option<(i32, usize)> {
    // Data sources read digits alone, and a width leaves no place for blanks there.
    let start = if is_lenient && width.is_some() { at } else { start };
    let text = match width {
        Some(width) if is_lenient => text.get(..text.len().min(at + width))?,
        Some(width) => text.get(..at + width)?,
        None => text,
    };
    let negative = !is_lenient && text.get(start) == Some(&b'-');
    let mut end = start + usize::from(negative);
    let mut value = 0f64;
    let first = end;
    while let Some((digit, length)) = digit_at(text, end) {
        value = value * 10.0 + f64::from(digit);
        end += length;
    }
    if end == first {
        return None;
    }
    let mut value = if negative { -value } else { value };
    if !is_lenient
        && text.get(end) == Some(&b'E')
        && let Some((exponent, behind)) = exponent(text, end + 1)
    {
        value *= 10f64.powi(exponent);
        end = behind;
    }
    // A double where 64 bits do not hold it, which saturates; else the low 32 bits.
    let held = value.abs() < i64::MAX as f64;
    Some((if held { value as i64 as i32 } else { value as i32 }, end))
}

/// A decimal digit of any script, and its length in bytes.
fn digit_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let first = *text.get(at)?;
    if first.is_ascii() {
        return first.is_ascii_digit().then(|| (first - b'0', 1));
    }
    let length = (2..=4).find(|length| {
        text.get(at..at + length)
            .is_some_and(|bytes| std::str::from_utf8(bytes).is_ok())
    })?;
    let character = std::str::from_utf8(text.get(at..at + length)?).ok()?.chars().next()?;
    decimal_digit(character).map(|digit| (digit, length))
}

fn exponent(text: &[u8], at: usize) -> Option<(i32, usize)> {
    let negative = text.get(at) == Some(&b'-');
    let first = at + usize::from(negative);
    let digits = text.get(first..)?.iter().take_while(|byte| byte.is_ascii_digit());
    let count = digits.clone().count();
    let value = digits.fold(0i32, |value, digit| {
        value.saturating_mul(10).saturating_add(i32::from(digit - b'0'))
    });
    (count > 0).then_some((if negative { -value } else { value }, first + count))
}

/// The longest of the names, in full or with their first letters, that stands at `at`.
fn longest_name(text: &[u8], at: usize, names: &[&str], short: Option<usize>) -> Option<(usize, usize)> {
    let fits = |name: &str| {
        let found = text.get(at..at + name.len())?;
        found.eq_ignore_ascii_case(name.as_bytes()).then_some(at + name.len())
    };
    let ends = names.iter().enumerate().filter_map(|(index, name)| {
        let shortened = short.and_then(|length| fits(&name[..length]));
        fits(name).or(shortened).map(|end| (index, end))
    });
    ends.max_by_key(|(_, end)| *end)
}

/// `GMT+1:30`, `+0130`, or a zone's name.
fn general_zone(text: &[u8], at: usize, own: &TimeZone) -> Option<(Zone, usize)> {
    let sign_at = |at: usize| match text.get(at) {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => 0,
    };
    if sign_at(at) != 0 {
        return numeric_zone(text, at + 1, sign_at(at), 0, false);
    }
    if text
        .get(at..at + 3)
        .is_some_and(|found| found.eq_ignore_ascii_case(b"GMT"))
    {
        return match sign_at(at + 3) {
            0 => Some((Zone::Offset(0), at + 3)),
            sign => numeric_zone(text, at + 4, sign, 0, true),
        };
    }
    let rest = text.get(at..)?;
    let own_names =
        names_of(own.name()).map(|names| [(names[0], false), (names[1], true), (names[3], false), (names[4], true)]);
    let own_name = own_names.and_then(|names| {
        let fitting = names.into_iter().filter(|(name, _)| {
            rest.get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        });
        fitting.max_by_key(|(name, _)| name.len())
    });
    if let Some((name, is_daylight)) = own_name {
        let zone = own.clone();
        return Some((Zone::Named { zone, is_daylight }, at + name.len()));
    }
    let (region, is_daylight, length) = match abbreviated_zone(text, at) {
        Some((name, region)) => {
            let is_daylight = names_of(region).is_some_and(|names| names[0] != names[1] && names[1] == name);
            (region, is_daylight, name.len())
        }
        None => zone_of_full_name(rest)?,
    };
    let zone = TimeZone::find(region)?;
    Some((Zone::Named { zone, is_daylight }, at + length))
}

/// `Z`, or hours, minutes and a colon as the count of X asks for.
fn iso_zone(text: &[u8], at: usize, count: usize) -> Option<(Zone, usize)> {
    match text.get(at)? {
        b'Z' => Some((Zone::Offset(0), at + 1)),
        b'+' => numeric_zone(text, at + 1, 1, count, count == 3),
        b'-' => numeric_zone(text, at + 1, -1, count, count == 3),
        _ => None,
    }
}

fn numeric_zone(text: &[u8], at: usize, sign: i64, count: usize, colon: bool) -> Option<(Zone, usize)> {
    let digit = |at: usize| {
        let byte = text.get(at).filter(|byte| byte.is_ascii_digit())?;
        Some(i64::from(byte - b'0'))
    };
    let mut hours = digit(at)?;
    let mut end = at + 1;
    match digit(end) {
        Some(ones) => {
            hours = hours * 10 + ones;
            end += 1;
        }
        // Only beside a colon may the hour have one digit.
        None if count > 0 || !colon => return None,
        None => {}
    }
    let mut minutes = 0;
    if count != 1 {
        if colon {
            end = (text.get(end) == Some(&b':')).then_some(end + 1)?;
        }
        minutes = digit(end)? * 10 + digit(end + 1)?;
        end += 2;
    }
    (hours <= 23 && minutes <= 59).then_some((Zone::Offset(sign * (hours * 3600 + minutes * 60)), end))
}
