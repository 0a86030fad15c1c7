//! Text to timestamps and dates without a pattern: the rules of Spark's casts.

use super::calendar::{MICROS_PER_SECOND, checked_days_from_civil, micros_of};
use super::time_zone::TimeZone;

/// What a timestamp's text says.
struct Parts<'a> {
    /// Year, month, day, hour, minute, second, microsecond.
    segments: [i64; 7],
    /// What stands after the time: a zone's name.
    zone: Option<&'a [u8]>,
    /// No date was given: Spark takes the current one.
    just_time: bool,
}

/// Microseconds of `CAST(text AS TIMESTAMP)`, or none where Spark refuses the text. `zone` is the session's.
pub fn parse_timestamp_text(text: &[u8], zone: &TimeZone) -> Option<i64> {
    let parts = split(text)?;
    let named;
    let zone = match parts.zone {
        Some(name) => {
            named = TimeZone::find(std::str::from_utf8(name).ok()?.trim_matches(|c: char| c <= ' '))?;
            &named
        }
        None => zone,
    };
    let [year, month, day, ..] = parts.segments;
    let days = if parts.just_time {
        zone.to_local_micros(now_micros())
            .div_euclid(super::calendar::MICROS_PER_DAY)
    } else {
        checked_days_from_civil(year, month, day)?
    };
    zone.instant_of(days, time_of_day(&parts.segments)?)
}

/// Wall-clock microseconds of `CAST(text AS TIMESTAMP_NTZ)`; a zone in the text is ignored where `allow_zone`,
/// and refused where not.
pub fn parse_timestamp_ntz_text(text: &[u8], allow_zone: bool) -> Option<i64> {
    let parts = split(text)?;
    if parts.just_time {
        return None;
    }
    if let Some(name) = parts.zone {
        TimeZone::find(std::str::from_utf8(name).ok()?.trim_matches(|c: char| c <= ' '))?;
        if !allow_zone {
            return None;
        }
    }
    local_micros(&parts.segments)
}

/// Days since 1970-01-01 of `CAST(text AS DATE)`, or none where Spark refuses the text.
pub fn parse_date_text(text: &[u8]) -> Option<i32> {
    let bytes = trim(text);
    let (sign, mut at) = match bytes.first()? {
        b'-' => (-1, 1),
        b'+' => (1, 1),
        _ => (1, 0),
    };
    let valid = |segment: usize, digits: usize| match segment {
        0 => (4..=7).contains(&digits),
        _ => (1..=2).contains(&digits),
    };
    let mut segments = [1i64; 3];
    let (mut segment, mut value, mut digits) = (0, 0i64, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte == b' ' || byte == b'T' {
            break;
        }
        if segment < 2 && byte == b'-' {
            if !valid(segment, digits) {
                return None;
            }
            segments[segment] = value;
            (segment, value, digits) = (segment + 1, 0, 0);
        } else if byte.is_ascii_digit() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            digits += 1;
        } else {
            return None;
        }
        at += 1;
    }
    // A year, or a year and month, must be all there is; after a day anything may follow a space or a T.
    if !valid(segment, digits) || (segment < 2 && at < bytes.len()) {
        return None;
    }
    segments[segment] = value;
    let days = checked_days_from_civil(sign * segments[0], segments[1], segments[2])?;
    i32::try_from(days).ok()
}

/// Spark's `trimAll`: white space and control characters at both ends.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| *byte <= b' ' || *byte == 0x7f;
    let Some(first) = text.iter().position(|byte| !blank(byte)) else {
        return &[];
    };
    let last = text.iter().rposition(|byte| !blank(byte)).unwrap_or(first);
    &text[first..=last]
}

fn split(text: &[u8]) -> Option<Parts<'_>> {
    let bytes = trim(text);
    let valid = |segment: usize, digits: usize| match segment {
        0 => (4..=6).contains(&digits),
        6 => true,
        7 => digits <= 2,
        _ => (1..=2).contains(&digits),
    };
    let mut segments = [1i64, 1, 1, 0, 0, 0, 0, 0, 0];
    let mut zone = None;
    let mut just_time = false;
    let (mut segment, mut value, mut digits, mut fraction_digits) = (0usize, 0i64, 0usize, 0);
    let sign = match bytes.first()? {
        b'-' => Some(-1),
        b'+' => Some(1),
        _ => None,
    };
    let mut at = usize::from(sign.is_some());
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_digit() {
            fraction_digits += usize::from(segment == 6);
            // Digits past the sixth of a fraction are dropped.
            if segment != 6 || digits < 6 {
                value = value.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            }
            digits += 1;
            at += 1;
            continue;
        }
        if at == 0 && byte == b'T' {
            just_time = true;
            segment = 3;
            at += 1;
            continue;
        }
        let next = match (segment, byte) {
            (0 | 1, b'-') => segment + 1,
            (0, b':') if sign.is_none() => {
                just_time = true;
                segment = 3;
                4
            }
            (2, b' ' | b'T') => 3,
            (3 | 4, b':') => segment + 1,
            (5, b'.') => 6,
            (5 | 6, _) => {
                zone = Some(&bytes[at..]);
                7
            }
            _ => return None,
        };
        if !valid(segment, digits) {
            return None;
        }
        segments[segment] = value;
        (segment, value, digits) = (next, 0, 0);
        if zone.is_some() {
            break;
        }
        at += 1;
    }
    if !valid(segment, digits) {
        return None;
    }
    segments[segment] = value;
    for _ in fraction_digits..6 {
        segments[6] *= 10;
    }
    segments[0] *= sign.unwrap_or(1);
    let [year, month, day, hour, minute, second, micros, ..] = segments;
    Some(Parts {
        segments: [year, month, day, hour, minute, second, micros],
        zone,
        just_time,
    })
}

fn time_of_day(segments: &[i64; 7]) -> Option<i64> {
    let [_, _, _, hour, minute, second, micros] = *segments;
    (hour < 24 && minute < 60 && second < 60).then(|| ((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + micros)
}

fn local_micros(segments: &[i64; 7]) -> Option<i64> {
    let [year, month, day, ..] = *segments;
    micros_of(checked_days_from_civil(year, month, day)?, time_of_day(segments)?)
}

fn now_micros() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |elapsed| i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_what_spark_takes() {
        let utc = TimeZone::utc();
        let at = |text: &str| parse_timestamp_text(text.as_bytes(), &utc);
        assert_eq!(at("2026"), Some(1_767_225_600_000_000));
        assert_eq!(at("2026-1"), at("2026"));
        assert_eq!(at("  2026-01-01T00:00:00Z "), at("2026"));
        assert_eq!(at("2026-01-01 01:30:00+1:30"), at("2026"));
        assert_eq!(at("2026-01-01 00:00:06."), at("2026-01-01 00:00:06"));
        assert_eq!(
            at("2026-01-01 00:00:00.1234567"),
            at("2026").map(|micros| micros + 123_456)
        );
        for bad in [
            "",
            " ",
            "26",
            "2026-01-01t00:00:00",
            "2026-01-01 12:05Z",
            "2026/01/01",
            "2026-02-30",
            "é",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(parse_date_text(b"2024-01-02T24:00:00"), Some(19_724));
        assert_eq!(parse_date_text(b"+2024-1-2 x"), Some(19_724));
        assert_eq!(parse_date_text(b"20240102"), None);
        assert_eq!(parse_date_text(b"2024-01 "), parse_date_text(b"2024-01-01"));
        assert_eq!(parse_date_text(b"2024T"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse_timestamp_text(&text, &TimeZone::utc());
            let _ = parse_date_text(&text);
            let _ = parse_timestamp_ntz_text(&text, true);
        }
    }
}
