//! The steps of a compiled date-time pattern, each as strict as Java's DateTimeFormatter.

use super::time_zone::TimeZone;

/// A field of a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    YearOfEra,
    Era,
    Month,
    Day,
    DayOfYear,
    ModifiedJulianDay,
    Hour,
    ClockHour24,
    Hour12,
    ClockHour12,
    HalfDay,
    Minute,
    Second,
    Nano,
    Offset,
}

/// Number of fields.
pub(super) const FIELDS: usize = 16;

/// Java's SignStyle, those that parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignStyle {
    Normal,
    NotNegative,
    ExceedsPad,
}

/// A number of some width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NumberStep {
    pub field: Field,
    pub width_min: u8,
    pub width_max: u8,
    pub sign: SignStyle,
    /// Digits that fixed-width numbers right behind this one need.
    pub subsequent: u8,
    /// Two digits of a year: 2000 to 2099.
    pub reduced: bool,
    /// Digits after a point, to nanoseconds.
    pub fraction: bool,
}

impl NumberStep {
    pub(super) fn new(field: Field, width_min: u8, width_max: u8, sign: SignStyle) -> Self {
        Self {
            field,
            width_min,
            width_max,
            sign,
            subsequent: 0,
            reduced: false,
            fraction: false,
        }
    }
}

/// Names with the values from `first` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameList {
    pub names: &'static [&'static str],
    pub first: i64,
}

impl NameList {
    /// The name of a value; empty where it has none.
    pub(super) fn name_of(self, value: i64) -> &'static str {
        let index = usize::try_from(value - self.first).ok();
        index.and_then(|index| self.names.get(index)).copied().unwrap_or("")
    }
}

/// Shapes of an offset; lower case letters may be missing.
#[allow(non_camel_case_types, clippy::upper_case_acronyms)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OffsetStyle {
    HHmm,
    HHMM,
    HH_MM,
    HHMMss,
    HH_MM_ss,
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Literal(String),
    Number(NumberStep),
    /// One to so many digits after the point.
    Fraction(u8),
    Text(Field, NameList),
    Offset(OffsetStyle, &'static str),
    LocalizedOffset {
        full: bool,
    },
    ZoneId,
    ZoneName {
        full: bool,
        /// Without the season: `ET`.
        generic: bool,
    },
    /// Name of the day of the week; written only.
    Weekday(NameList),
    /// Number of the day in the week that is counted from the month's first day; written only.
    AlignedDayOfWeek,
    /// `4`, `04`; written only.
    Quarter(u8),
    /// `Q4`, `4th quarter`; written only.
    QuarterName(NameList),
    /// Steps up to this index may be missing together.
    OptionalStart(usize),
}

/// What was read: a value per field, and a zone.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    values: [Option<i64>; FIELDS],
    pub zone: Option<TimeZone>,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self {
            values: [None; FIELDS],
            zone: None,
        }
    }

    pub(super) fn get(&self, field: Field) -> Option<i64> {
        self.values[field as usize]
    }

    /// Sets a field; false where it stands with another value.
    fn set(&mut self, field: Field, value: i64) -> bool {
        let old = self.values[field as usize].replace(value);
        old.is_none_or(|old| old == value)
    }
}

/// Position after a step, or the position where it failed.
pub(super) type Position = Result<usize, usize>;

/// Runs one step (no section) at `at`.
pub(super) fn run(step: &Step, text: &[u8], at: usize, fields: &mut Fields) -> Position {
    match step {
        Step::Literal(literal) => take(text, at, literal).ok_or(at),
        Step::Number(number) if number.fraction => fraction(number.width_max, text, at, fields),
        Step::Number(number) => self::number(number, text, at, fields),
        Step::Fraction(width_max) => fraction(*width_max, text, at, fields),
        Step::Text(field, names) => name(*field, *names, text, at, fields),
        Step::Offset(style, zero) => offset(*style, zero, text, at, fields),
        Step::LocalizedOffset { full } => localized_offset(*full, text, at, fields),
        Step::ZoneId => zone_id(text, at, fields),
        Step::ZoneName { .. } => match super::zone_name::match_zone_name(text, at) {
            Some((zone, end)) => {
                fields.zone = Some(zone);
                Ok(end)
            }
            None => zone_id(text, at, fields),
        },
        Step::OptionalStart(_)
        | Step::Weekday(_)
        | Step::AlignedDayOfWeek
        | Step::Quarter(_)
        | Step::QuarterName(_) => Ok(at),
    }
}

/// The position behind `literal`, compared without case.
fn take(text: &[u8], at: usize, literal: &str) -> Option<usize> {
    let end = at + literal.len();
    let found = text.get(at..end)?;
    let equal = found.eq_ignore_ascii_case(literal.as_bytes())
        || std::str::from_utf8(found).is_ok_and(|found| found.to_lowercase() == literal.to_lowercase());
    equal.then_some(end)
}

fn digit_at(text: &[u8], at: usize) -> Option<i64> {
    text.get(at)
        .filter(|byte| byte.is_ascii_digit())
        .map(|byte| i64::from(byte - b'0'))
}

fn number(step: &NumberStep, text: &[u8], at: usize, fields: &mut Fields) -> Position {
    let mut start = at;
    let (mut negative, mut positive) = (false, false);
    match text.get(at).ok_or(at)? {
        b'+' if step.sign == SignStyle::ExceedsPad => positive = true,
        b'-' if step.sign != SignStyle::NotNegative => negative = true,
        b'+' | b'-' => return Err(at),
        _ => {}
    }
    start += usize::from(positive || negative);
    let width_min = usize::from(step.width_min);
    if start + width_min > text.len() {
        return Err(start);
    }
    let mut width_max = usize::from(step.width_max) + usize::from(step.subsequent);
    let digits = (0..width_max)
        .take_while(|index| digit_at(text, start + index).is_some())
        .count();
    if digits < width_min {
        return Err(start);
    }
    width_max = digits;
    if step.subsequent > 0 {
        width_max = width_min.max(digits.saturating_sub(usize::from(step.subsequent)));
    }
    let mut end = start + width_max;
    let mut total = 0i128;
    for index in start..end {
        total = total * 10 + i128::from(digit_at(text, index).ok_or(start)?);
    }
    if negative && total == 0 {
        return Err(at);
    }
    if !negative && step.sign == SignStyle::ExceedsPad {
        match (positive, width_max > width_min) {
            (true, false) => return Err(at),
            (false, true) => return Err(start),
            _ => {}
        }
    }
    if total > i128::from(i64::MAX) {
        // Java reads one digit less then.
        total /= 10;
        end -= 1;
    }
    let mut value = i64::try_from(total).map_err(|_| start)?;
    if negative {
        value = -value;
    }
    if step.reduced && end - start == 2 {
        value += 2000;
    }
    if fields.set(step.field, value) {
        Ok(end)
    } else {
        Err(start)
    }
}

fn fraction(width_max: u8, text: &[u8], at: usize, fields: &mut Fields) -> Position {
    let digits = (0..usize::from(width_max))
        .take_while(|index| digit_at(text, at + index).is_some())
        .count();
    if digits == 0 {
        return Err(at);
    }
    let mut nanos = 0;
    for index in 0..9 {
        let digit = if index < digits {
            digit_at(text, at + index).unwrap_or(0)
        } else {
            0
        };
        nanos = nanos * 10 + digit;
    }
    if fields.set(Field::Nano, nanos) {
        Ok(at + digits)
    } else {
        Err(at)
    }
}

/// The longest of the names that stands at `at`, as Java tries them.
fn name(field: Field, list: NameList, text: &[u8], at: usize, fields: &mut Fields) -> Position {
    let fitting = (list.first..).zip(list.names);
    let fitting = fitting.filter_map(|(value, name)| Some((take(text, at, name)?, value)));
    match fitting.max_by_key(|(end, _)| *end) {
        Some((end, value)) if fields.set(field, value) => Ok(end),
        _ => Err(at),
    }
}

/// Two digits below 60.
fn pair(text: &[u8], at: usize) -> Option<i64> {
    let value = digit_at(text, at)? * 10 + digit_at(text, at + 1)?;
    (value < 60).then_some(value)
}

fn offset(style: OffsetStyle, zero: &str, text: &[u8], at: usize, fields: &mut Fields) -> Position {
    let found = match take(text, at, zero) {
        Some(end) => Some((0, end)),
        None => signed_offset(style, text, at),
    };
    let (seconds, end) = found.ok_or(at)?;
    if fields.set(Field::Offset, seconds) {
        Ok(end)
    } else {
        Err(at)
    }
}

/// Seconds of an offset at `at`, and the position behind it.
fn signed_offset(style: OffsetStyle, text: &[u8], at: usize) -> Option<(i64, usize)> {
    let sign = match text.get(at)? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let colons = matches!(style, OffsetStyle::HH_MM | OffsetStyle::HH_MM_ss);
    // A further part: its value and the position behind it.
    let part = |from: usize| -> Option<(i64, usize)> {
        let from = if colons {
            (text.get(from) == Some(&b':')).then_some(from + 1)?
        } else {
            from
        };
        pair(text, from).map(|value| (value, from + 2))
    };
    let hours = pair(text, at + 1)?;
    let mut end = at + 3;
    let mut seconds = hours * 3600;
    match part(end) {
        Some((minutes, next)) => {
            seconds += minutes * 60;
            end = next;
            if matches!(style, OffsetStyle::HHMMss | OffsetStyle::HH_MM_ss)
                && let Some((value, next)) = part(end)
            {
                seconds += value;
                end = next;
            }
        }
        None if style == OffsetStyle::HHmm => {}
        None => return None,
    }
    Some((sign * seconds, end))
}

fn localized_offset(full: bool, text: &[u8], at: usize, fields: &mut Fields) -> Position {
    let mut end = take(text, at, "GMT").ok_or(at)?;
    let sign = match text.get(end) {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => 0,
    };
    if sign == 0 {
        return if fields.set(Field::Offset, 0) { Ok(end) } else { Err(at) };
    }
    end += 1;
    let mut hours = digit_at(text, end).ok_or(at)?;
    end += 1;
    if full {
        hours = hours * 10 + digit_at(text, end).ok_or(at)?;
        end += 1;
        if text.get(end) != Some(&b':') {
            return Err(at);
        }
    } else if let Some(ones) = digit_at(text, end) {
        hours = hours * 10 + ones;
        end += 1;
    }
    let mut seconds = hours * 3600;
    if text.get(end) == Some(&b':') {
        match (digit_at(text, end + 1), digit_at(text, end + 2)) {
            (Some(tens), Some(ones)) => {
                seconds += (tens * 10 + ones) * 60;
                end += 3;
            }
            _ if full => return Err(at),
            _ => {}
        }
        if text.get(end) == Some(&b':')
            && let (Some(tens), Some(ones)) = (digit_at(text, end + 1), digit_at(text, end + 2))
        {
            seconds += tens * 10 + ones;
            end += 3;
        }
    }
    if fields.set(Field::Offset, sign * seconds) {
        Ok(end)
    } else {
        Err(at)
    }
}

/// A zone's id: an offset, `UTC`, `GMT` or `UT` with or without one, or the longest region name that fits.
fn zone_id(text: &[u8], at: usize, fields: &mut Fields) -> Position {
    let rest = text.get(at..).unwrap_or_default();
    let prefix = |name: &str| take(text, at, name).is_some();
    // Within an id an offset has two digits each: `GMT+1` is `GMT` and something behind it.
    let offset_behind = |from: usize| {
        signed_offset(OffsetStyle::HH_MM_ss, text, from).filter(|(seconds, _)| seconds.abs() <= 18 * 3600)
    };
    match rest.first() {
        None => return Err(at),
        Some(b'+' | b'-') => {
            let (seconds, end) = offset_behind(at).ok_or(at)?;
            let name = String::from_utf8_lossy(&text[at..end]);
            fields.zone = Some(TimeZone::fixed(&name, seconds));
            return Ok(end);
        }
        _ => {}
    }
    for (name, length) in [("UTC", 3), ("GMT0", 4), ("GMT", 3), ("UT", 2)] {
        if prefix(name) {
            let from = at + length;
            if let Some((seconds, end)) = offset_behind(from) {
                fields.zone = Some(TimeZone::fixed(name, seconds));
                return Ok(end);
            }
            fields.zone = Some(TimeZone::fixed(name, 0));
            return Ok(from);
        }
    }
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+');
    let length = rest.iter().take_while(|byte| named(byte)).count().min(40);
    for length in (1..=length).rev() {
        let Ok(name) = std::str::from_utf8(&rest[..length]) else {
            continue;
        };
        if let Some(zone) = super::zone_name::region_without_case(name) {
            fields.zone = Some(zone);
            return Ok(at + length);
        }
    }
    if prefix("Z") {
        fields.zone = Some(TimeZone::fixed("Z", 0));
        return Ok(at + 1);
    }
    Err(at)
}
