//! Durations as text: `10 minutes`, `1 hour -30 minutes`, `interval 1.5 seconds`.

use arrow_buffer::IntervalMonthDayNano;

use super::timestamp_text::trim;
use crate::error::{Error, ErrorCode, Result};

/// A calendar interval: its three parts are added to a time one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Months, years included.
    pub months: i32,
    /// Days, weeks included.
    pub days: i32,
    /// Microseconds of the rest.
    pub micros: i64,
}

/// The native value of a column of calendar intervals, whose nanoseconds hold microseconds.
impl From<IntervalMonthDayNano> for Interval {
    fn from(native: IntervalMonthDayNano) -> Self {
        Self {
            months: native.months,
            days: native.days,
            micros: native.nanoseconds,
        }
    }
}

impl From<Interval> for IntervalMonthDayNano {
    fn from(interval: Interval) -> Self {
        Self::new(interval.months, interval.days, interval.micros)
    }
}

/// Reads Spark's interval text. Units are whole words, singular or plural, in any case; every number may have a
/// sign, only seconds a fraction. Fails with CANNOT_PARSE_INTERVAL.
pub fn parse_interval(text: &str) -> Result<Interval> {
    interval_of(text.as_bytes()).ok_or_else(|| {
        let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
        Error::new(ErrorCode::CannotParseInterval).with("intervalString", format!("'{quoted}'"))
    })
}

/// As `parse_interval`, with none for text that Spark refuses.
pub(crate) fn interval_of(text: &[u8]) -> Option<Interval> {
    let lowered = trim(text).to_ascii_lowercase();
    let mut rest = lowered.as_slice();
    if let Some(after) = rest.strip_prefix(b"interval") {
        // The prefix is a word of its own.
        if !after.first().is_some_and(|byte| is_blank(*byte)) {
            return None;
        }
        rest = skip_blanks(after);
    }
    let unquoted: Vec<u8>;
    if lowered.starts_with(b"interval") && rest.first() == Some(&b'\'') {
        // SQL's literal: the quotes stand around the numbers, or around all of it.
        if rest.iter().filter(|byte| **byte == b'\'').count() % 2 != 0 {
            return None;
        }
        unquoted = rest.iter().copied().filter(|byte| *byte != b'\'').collect();
        rest = &unquoted;
    }
    let mut interval = Interval::default();
    rest = skip_blanks(rest);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        rest = read_part(rest, &mut interval)?;
    }
    Some(interval)
}

/// Reads a sign, a number and its unit into `interval`; gives what follows, blanks skipped.
fn read_part<'a>(text: &'a [u8], interval: &mut Interval) -> Option<&'a [u8]> {
    let (negative, rest) = match text.first()? {
        b'-' => (true, skip_blanks(&text[1..])),
        b'+' => (false, skip_blanks(&text[1..])),
        _ => (false, text),
    };
    let (value, digits) = read_digits(rest)?;
    let mut rest = &rest[digits..];
    let mut fraction_micros = 0;
    let mut has_fraction = false;
    if rest.first() == Some(&b'.') {
        has_fraction = true;
        let length = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let fraction = &rest[1..=length];
        // A bare point needs digits on one of its sides; nine digits are the most.
        if (length == 0 && digits == 0) || length > 9 {
            return None;
        }
        let nanos = fraction
            .iter()
            .fold(0i64, |sum, byte| sum * 10 + i64::from(byte - b'0'))
            * 10i64.pow(u32::try_from(9 - length).ok()?);
        fraction_micros = nanos / 1000;
        rest = &rest[1 + length..];
    } else if digits == 0 {
        return None;
    }
    if !rest.first().is_some_and(|byte| is_blank(*byte)) {
        return None;
    }
    rest = skip_blanks(rest);
    let length = rest.iter().take_while(|byte| !is_blank(**byte)).count();
    let unit = rest.get(..length)?;
    let unit = unit.strip_suffix(b"s").unwrap_or(unit);
    if has_fraction && unit != b"second" {
        return None;
    }
    let signed = if negative { value.checked_neg()? } else { value };
    add_part(
        interval,
        unit,
        signed,
        if negative { -fraction_micros } else { fraction_micros },
    )?;
    Some(skip_blanks(&rest[length..]))
}

fn add_part(interval: &mut Interval, unit: &[u8], value: i64, fraction_micros: i64) -> Option<()> {
    let narrow = |scaled: i64| i32::try_from(scaled).ok();
    let micros_each = match unit {
        b"year" => {
            interval.months = interval.months.checked_add(narrow(value.checked_mul(12)?)?)?;
            return Some(());
        }
        b"month" => {
            interval.months = interval.months.checked_add(narrow(value)?)?;
            return Some(());
        }
        b"week" => {
            interval.days = interval.days.checked_add(narrow(value.checked_mul(7)?)?)?;
            return Some(());
        }
        b"day" => {
            interval.days = interval.days.checked_add(narrow(value)?)?;
            return Some(());
        }
        b"hour" => 3_600_000_000,
        b"minute" => 60_000_000,
        b"second" => 1_000_000,
        b"millisecond" => 1000,
        b"microsecond" => 1,
        _ => return None,
    };
    let micros = value.checked_mul(micros_each)?.checked_add(fraction_micros)?;
    interval.micros = interval.micros.checked_add(micros)?;
    Some(())
}

/// The number at the front and how many digits it has.
fn read_digits(text: &[u8]) -> Option<(i64, usize)> {
    let mut value = 0i64;
    let mut digits = 0;
    for byte in text.iter().take_while(|byte| byte.is_ascii_digit()) {
        value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
        digits += 1;
    }
    Some((value, digits))
}

fn is_blank(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    &text[blanks..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_what_spark_takes() {
        let micros = |text: &str| parse_interval(text).map(|interval| interval.micros).ok();
        assert_eq!(micros("10 minutes"), Some(600_000_000));
        assert_eq!(micros(" INTERVAL  10 Minutes "), Some(600_000_000));
        assert_eq!(micros("1.5 seconds"), Some(1_500_000));
        assert_eq!(micros("interval '10' minutes"), Some(600_000_000));
        assert_eq!(micros("INTERVAL '10 minutes'"), Some(600_000_000));
        assert_eq!(micros("1 hour -30 minutes"), Some(1_800_000_000));
        let mixed = parse_interval("1 year -12 months 2 weeks 5 minutes").unwrap();
        assert_eq!(
            mixed,
            Interval {
                months: 0,
                days: 14,
                micros: 300_000_000
            }
        );
    }

    #[test]
    fn refuses_what_spark_refuses() {
        for text in [
            "",
            "10 min",
            "600 s",
            "1 h",
            "10minutes",
            "1.5 minutes",
            "interval",
            "10",
            "minutes",
            "é",
            "'10 minutes'",
        ] {
            assert!(parse_interval(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[ 0-9a-z.+-]{0,40}") {
            let _ = parse_interval(&text);
        }
    }
}
