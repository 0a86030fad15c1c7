//! Times of day as text: `12:34`, `T12:34:56.789`.

use std::fmt::Write;

use super::timestamp_text::trim;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Nanoseconds of a unit of the last digit that a TIME of that many digits keeps, from none to six.
const UNITS: [i64; 7] = [
    NANOS_PER_SECOND,
    100_000_000,
    10_000_000,
    1_000_000,
    100_000,
    10_000,
    1_000,
];

/// Nanoseconds of the day of a text; none where it is no time. Hours, minutes and seconds have one digit or two, the
/// fraction as many as it likes, of which six count.
pub fn parse_time_text(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(trim(text)).ok()?;
    let mut parts = text.strip_prefix('T').unwrap_or(text).splitn(3, ':');
    let pair = |text: &str, bound: i64| -> Option<i64> {
        let is_number = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|value| is_number && *value < bound)
    };
    let (hour, minute) = (pair(parts.next()?, 24)?, pair(parts.next()?, 60)?);
    let (mut second, mut nanos) = (0, 0);
    if let Some(rest) = parts.next() {
        let (whole, fraction) = rest
            .split_once('.')
            .map_or((rest, ""), |(whole, fraction)| (whole, fraction));
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        second = pair(whole, 60)?;
        let digits = &fraction[..fraction.len().min(6)];
        nanos = format!("{digits:0<6}").parse::<i64>().ok()? * 1000;
    }
    Some(((hour * 60 + minute) * 60 + second) * NANOS_PER_SECOND + nanos)
}

/// The time without the digits that a TIME of this precision has no room for.
pub fn truncate_time(nanos: i64, precision: u8) -> i64 {
    let unit = UNITS.get(usize::from(precision)).copied().unwrap_or(1);
    nanos - nanos % unit
}

/// Appends `12:34:56.789`, without zeros at the end of the fraction.
pub(crate) fn write_time(nanos: i64, out: &mut String) {
    let seconds = nanos / NANOS_PER_SECOND;
    // Writing to a String can't fail.
    let _ = write!(
        out,
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    let fraction = nanos % NANOS_PER_SECOND;
    if fraction != 0 {
        let _ = write!(out, ".{}", format!("{fraction:09}").trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_writes_and_cuts() {
        let text = |text: &str| {
            parse_time_text(text.as_bytes()).map(|nanos| {
                let mut out = String::new();
                write_time(nanos, &mut out);
                out
            })
        };
        assert_eq!(text("12:34").as_deref(), Some("12:34:00"));
        assert_eq!(text(" T1:2:3.5 ").as_deref(), Some("01:02:03.5"));
        assert_eq!(text("23:59:59.1234567").as_deref(), Some("23:59:59.123456"));
        for bad in [
            "",
            "12",
            "24:00",
            "12:60",
            "12:34:56.x",
            "12:34:5:6",
            "2024-01-01 12:34",
            "12:34Z",
        ] {
            assert_eq!(text(bad), None, "{bad}");
        }
        assert_eq!(truncate_time(3_123_456_000, 3), 3_123_000_000);
        assert_eq!(truncate_time(3_123_456_000, 0), 3_000_000_000);
    }
}
