//! Offsets such as `+05:30` as Java's `ZoneOffset.of` reads them.

/// Seconds east of UTC of `Z`, `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`; at most 18 hours either way.
pub(crate) fn parse_zone_offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let bytes = text.as_bytes();
    let sign = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let pair = |at: usize| -> Option<i64> {
        let (tens, ones) = (bytes.get(at)?, bytes.get(at + 1)?);
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let colon = |at: usize| bytes.get(at) == Some(&b':');
    let (hours, minutes, seconds) = match bytes.len() {
        2 if bytes.get(1).is_some_and(u8::is_ascii_digit) => (i64::from(bytes[1] - b'0'), 0, 0),
        3 => (pair(1)?, 0, 0),
        5 => (pair(1)?, pair(3)?, 0),
        6 if colon(3) => (pair(1)?, pair(4)?, 0),
        7 => (pair(1)?, pair(3)?, pair(5)?),
        9 if colon(3) && colon(6) => (pair(1)?, pair(4)?, pair(7)?),
        _ => return None,
    };
    let total = hours * 3600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && total <= 18 * 3600).then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_java_offsets() {
        assert_eq!(parse_zone_offset("+05:30"), Some(19_800));
        assert_eq!(parse_zone_offset("-8"), Some(-28_800));
        assert_eq!(parse_zone_offset("+010203"), Some(3723));
        for bad in ["", "+", "5", "+5:30", "+18:01", "+01:60", "+1a", "+é"] {
            assert_eq!(parse_zone_offset(bad), None, "{bad}");
        }
    }
}
