//! What zones are called in English: `EST`, `Eastern Standard Time`, `ET`, as CLDR has it in Java 17.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A line per set of names: short, short in summer, short without season, the same in full, and the zones that have them.
/// `scripts/zone-names/ZoneNames.java` writes it.
const TABLE: &str = include_str!("zone_display_names.tsv");

/// The season of a zone's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Season {
    Standard,
    Daylight,
    /// `Eastern Time`.
    Generic,
}

/// The names of a zone: three short ones and three in full.
pub(super) type Names = [&'static str; 6];

fn names() -> &'static HashMap<&'static str, Names> {
    static INDEX: OnceLock<HashMap<&'static str, Names>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = HashMap::new();
        for line in TABLE.lines() {
            let mut columns = line.split('\t');
            let names: Names = std::array::from_fn(|_| columns.next().unwrap_or(""));
            for zone in columns.next().unwrap_or("").split(' ') {
                index.insert(zone, names);
            }
        }
        index
    })
}

/// All names of the region `zone`, where CLDR has some.
pub(super) fn names_of(zone: &str) -> Option<&'static Names> {
    names().get(zone)
}

/// One name of the region `zone`.
pub(super) fn name_of(zone: &str, season: Season, full: bool) -> Option<&'static str> {
    let column = usize::from(full) * 3 + season as usize;
    names_of(zone).map(|names| names[column])
}

/// The first zone in the table with the longest full name that `text` begins with, compared without case; and whether
/// it is the summer's name.
pub(super) fn zone_of_full_name(text: &[u8]) -> Option<(&'static str, bool, usize)> {
    let mut best: Option<(&str, bool, usize)> = None;
    for line in TABLE.lines() {
        let columns: Vec<&'static str> = line.split('\t').collect();
        let [_, _, _, standard, daylight, _, zones] = columns[..] else {
            continue;
        };
        for (name, is_daylight) in [(standard, false), (daylight, true)] {
            let fits = text
                .get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
            if fits && best.is_none_or(|(_, _, length)| name.len() > length) {
                best = zones.split(' ').next().map(|zone| (zone, is_daylight, name.len()));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_season() {
        assert_eq!(name_of("America/New_York", Season::Standard, false), Some("EST"));
        assert_eq!(
            name_of("Asia/Kolkata", Season::Standard, true),
            Some("India Standard Time")
        );
        assert_eq!(name_of("Australia/Lord_Howe", Season::Daylight, false), Some("LHDT"));
        assert_eq!(name_of("America/New_York", Season::Generic, false), Some("ET"));
        assert_eq!(name_of("Mars/X", Season::Generic, false), None);
    }

    #[test]
    fn every_line_is_whole() {
        for line in TABLE.lines() {
            assert_eq!(line.split('\t').count(), 7, "{line}");
        }
    }

    #[test]
    fn full_names_are_found_without_case() {
        let (zone, is_daylight, length) = zone_of_full_name(b"eastern daylight time!").unwrap();
        assert_eq!(
            (name_of(zone, Season::Standard, false), is_daylight, length),
            (Some("EST"), true, 21)
        );
    }
}
