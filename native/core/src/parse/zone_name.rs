//! Names of zones inside timestamps: region ids without regard to case, and English abbreviations.

use super::time_zone::TimeZone;

/// The region of a name, compared without case. None for offsets.
pub(super) fn region_without_case(name: &str) -> Option<TimeZone> {
    if !name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let known = chrono_tz::TZ_VARIANTS
        .iter()
        .find(|zone| zone.name().eq_ignore_ascii_case(name))?;
    TimeZone::find(known.name())
}

/// Abbreviations that Java's en_US names have for one region each, longest first where one begins another.
const ABBREVIATIONS: [(&str, &str); 26] = [
    ("AKST", "America/Anchorage"),
    ("AKDT", "America/Anchorage"),
    ("AEST", "Australia/Sydney"),
    ("AEDT", "Australia/Sydney"),
    ("CEST", "Europe/Paris"),
    ("EEST", "Europe/Athens"),
    ("WEST", "Europe/Lisbon"),
    ("NZST", "Pacific/Auckland"),
    ("NZDT", "Pacific/Auckland"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("MST", "America/Denver"),
    ("MDT", "America/Denver"),
    ("CST", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("EST", "America/New_York"),
    ("EDT", "America/New_York"),
    ("AST", "America/Halifax"),
    ("ADT", "America/Halifax"),
    ("HST", "Pacific/Honolulu"),
    ("CET", "Europe/Paris"),
    ("EET", "Europe/Athens"),
    ("WET", "Europe/Lisbon"),
    ("BST", "Europe/London"),
    ("JST", "Asia/Tokyo"),
    ("IST", "Europe/Dublin"),
];

/// The abbreviation at `at`, and its region.
pub(super) fn abbreviated_zone(text: &[u8], at: usize) -> Option<(&'static str, &'static str)> {
    ABBREVIATIONS.into_iter().find(|(name, _)| {
        let end = at + name.len();
        text.get(at..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
            && !text.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The zone of an abbreviation at `at`, and the position behind it.
pub(super) fn match_zone_name(text: &[u8], at: usize) -> Option<(TimeZone, usize)> {
    let (name, region) = abbreviated_zone(text, at)?;
    TimeZone::find(region).map(|zone| (zone, at + name.len()))
}
