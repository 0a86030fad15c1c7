//! ANSI intervals as text: `1 02:03:04.5` of DAY TO SECOND, `1-2` of YEAR TO MONTH, each alone or within a literal.

use crate::column::{DayTimeField, FieldRange, IntervalField, YearMonthField};
use crate::error::{Error, ErrorCode};

/// Microseconds of a text that is cast to an interval of these fields; none where it is of another form. The text may
/// be the literal `INTERVAL '...' DAY TO SECOND`.
pub fn cast_day_time(text: &[u8], fields: FieldRange<DayTimeField>) -> Option<i64> {
    let (negative, body) = interval_body(std::str::from_utf8(text).ok()?, fields)?;
    day_time(negative, body, fields)
}

/// Months of a text that is cast to an interval of these fields.
pub fn cast_year_month(text: &[u8], fields: FieldRange<YearMonthField>) -> Option<i32> {
    let (negative, body) = interval_body(std::str::from_utf8(text).ok()?, fields)?;
    year_month(negative, body, fields)
}

/// Microseconds of the text within a literal of these fields.
pub fn parse_day_time(text: &str, negative: bool, fields: FieldRange<DayTimeField>) -> Option<i64> {
    let (inner, body) = sign(text.trim());
    day_time(negative != inner, body, fields)
}

/// Months of the text within a literal of these fields.
pub fn parse_year_month(text: &str, negative: bool, fields: FieldRange<YearMonthField>) -> Option<i32> {
    let (inner, body) = sign(text.trim());
    year_month(negative != inner, body, fields)
}

/// INVALID_INTERVAL_FORMAT of a text that is no day-time interval of these fields.
pub fn not_day_time(text: &[u8], fields: FieldRange<DayTimeField>) -> Error {
    const FORMS: [(DayTimeField, &str); 4] = [
        (DayTimeField::Day, "d"),
        (DayTimeField::Hour, "h"),
        (DayTimeField::Minute, "m"),
        (DayTimeField::Second, "s.n"),
    ];
    let code = ErrorCode::InvalidIntervalFormatUnmatchedFormatStringWithNotice;
    unmatched(code, text, "day-time", fields, &FORMS, |first| {
        if first == DayTimeField::Day { ' ' } else { ':' }
    })
}

/// INVALID_INTERVAL_FORMAT of a text that is no year-month interval of these fields.
pub fn not_year_month(text: &[u8], fields: FieldRange<YearMonthField>) -> Error {
    const FORMS: [(YearMonthField, &str); 2] = [(YearMonthField::Year, "y"), (YearMonthField::Month, "m")];
    let code = ErrorCode::InvalidIntervalFormatUnmatchedFormatString;
    unmatched(code, text, "year-month", fields, &FORMS, |_| '-')
}

fn unmatched<F: IntervalField>(
    code: ErrorCode,
    text: &[u8],
    name: &str,
    fields: FieldRange<F>,
    forms: &[(F, &str)],
    separator_behind: fn(F) -> char,
) -> Error {
    let mut form = String::from("[+|-]");
    for (field, text) in forms.iter().filter(|(field, _)| fields.contains(*field)) {
        form.push_str(text);
        if *field != fields.last {
            form.push(separator_behind(*field));
        }
    }
    let literal = format!("INTERVAL [+|-]'{form}' {}", fields.to_string().to_uppercase());
    Error::new(code)
        .with("input", String::from_utf8_lossy(text))
        .with("intervalStr", name)
        .with("supportedFormat", format!("`{form}`, `{literal}`"))
        .with("typeName", format!("interval {fields}"))
}

/// The sign and the text within `INTERVAL '...' UNIT TO UNIT`, or of the bare text.
fn interval_body<F: IntervalField>(text: &str, fields: FieldRange<F>) -> Option<(bool, &str)> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let is_literal = text.get(..8).is_some_and(|word| word.eq_ignore_ascii_case("INTERVAL"));
    let (outer, quoted) = if is_literal {
        let rest = text[8..].strip_prefix(|c: char| c.is_ascii_whitespace())?.trim_start();
        let (negative, rest) = sign(rest);
        let (inner, tail) = rest.strip_prefix('\'')?.split_once('\'')?;
        let words: Vec<&str> = tail.split_ascii_whitespace().collect();
        if !words.join(" ").eq_ignore_ascii_case(&fields.to_string()) {
            return None;
        }
        (negative, inner)
    } else {
        (false, text)
    };
    let (inner, body) = sign(quoted);
    Some((outer != inner, body))
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn number(text: &str, digits_max: usize) -> Option<i64> {
    let is_number = (1..=digits_max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The first field has all its digits; the others have two at most, and stay below one of the field before.
fn day_time(negative: bool, body: &str, fields: FieldRange<DayTimeField>) -> Option<i64> {
    let mut rest = Some(body);
    let mut total = 0i128;
    for &field in DayTimeField::ALL.iter().filter(|field| fields.contains(**field)) {
        let text = rest?;
        let separator = if field == DayTimeField::Day { ' ' } else { ':' };
        let mut part = text;
        rest = None;
        if field != fields.last {
            let (head, tail) = text.split_once(separator)?;
            (part, rest) = (head, Some(tail));
        }
        let mut micros = 0;
        if field == DayTimeField::Second
            && let Some((whole, fraction)) = part.split_once('.')
        {
            number(fraction, 9)?;
            micros = number(&format!("{fraction:0<9}")[..6], 6)?;
            part = whole;
        }
        let is_first = field == fields.first;
        let value = number(part, if is_first { leading_digits(field) } else { 2 })?;
        let bound = if field == DayTimeField::Hour { 24 } else { 60 };
        if !is_first && value >= bound {
            return None;
        }
        total += i128::from(value) * i128::from(field.micros()) + i128::from(micros);
    }
    if rest.is_some() {
        return None;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Digits that 64 bits of microseconds leave to a field that stands first.
fn leading_digits(field: DayTimeField) -> usize {
    match field {
        DayTimeField::Day => 9,
        DayTimeField::Hour => 10,
        DayTimeField::Minute => 12,
        DayTimeField::Second => 13,
    }
}

fn year_month(negative: bool, body: &str, fields: FieldRange<YearMonthField>) -> Option<i32> {
    let months = match (fields.first, fields.last) {
        (YearMonthField::Year, YearMonthField::Month) => {
            let (years, months) = body.split_once('-')?;
            let months = number(months, 2).filter(|months| *months < 12)?;
            number(years, 9)? * 12 + months
        }
        (YearMonthField::Year, _) => number(body, 9)? * 12,
        (YearMonthField::Month, _) => number(body, 10)?,
    };
    i32::try_from(if negative { -months } else { months }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use DayTimeField::{Day, Hour, Minute, Second};
    use YearMonthField::{Month, Year};

    fn range<F: IntervalField>(first: F, last: F) -> FieldRange<F> {
        FieldRange::new(first, last).unwrap()
    }

    #[test]
    fn day_times() {
        let whole = range(Day, Second);
        assert_eq!(cast_day_time(b"1 02:03:04", whole), Some(93_784_000_000));
        assert_eq!(
            cast_day_time(b"INTERVAL -'0 00:00:00.5' DAY TO SECOND", whole),
            Some(-500_000)
        );
        assert_eq!(cast_day_time(b"1", whole), None);
        assert_eq!(cast_day_time(b"1", range(Day, Day)), Some(86_400_000_000));
        assert_eq!(
            cast_day_time(b"interval '-30' hour", range(Hour, Hour)),
            Some(-108_000_000_000)
        );
        assert_eq!(cast_day_time(b"INTERVAL '1' DAY", whole), None);
        assert_eq!(cast_day_time(b"90:05", range(Minute, Second)), Some(5_405_000_000));
        assert_eq!(cast_day_time(b"1 24", range(Day, Hour)), None);
        assert_eq!(cast_day_time(b"1 02:03:04:05", whole), None);
        assert_eq!(cast_day_time(b"1.5", range(Second, Second)), Some(1_500_000));
        assert_eq!(cast_day_time(b"1.5", range(Minute, Minute)), None);
    }

    #[test]
    fn year_months() {
        let whole = range(Year, Month);
        assert_eq!(cast_year_month(b"-1-2", whole), Some(-14));
        assert_eq!(cast_year_month(b"interval '1-2' year to month", whole), Some(14));
        assert_eq!(cast_year_month(b"1-12", whole), None);
        assert_eq!(cast_year_month(b"3", range(Year, Year)), Some(36));
        assert_eq!(cast_year_month(b"3", range(Month, Month)), Some(3));
        assert_eq!(cast_year_month(b"3", whole), None);
    }

    #[test]
    fn errors_show_the_form() {
        let error = not_day_time(b"x", range(Hour, Second));
        assert!(
            error
                .to_string()
                .contains("`[+|-]h:m:s.n`, `INTERVAL [+|-]'[+|-]h:m:s.n' HOUR TO SECOND`")
        );
    }
}
