//! What months, weekdays, halves of the day, eras and quarters are called in the locales that Java 17 knows.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

/// A line per set of names: a list for each of [`Names`], then the locales that have them.
/// `scripts/locale-names/LocaleNames.java` writes it.
const TABLE: &str = include_str!("locale_names.tsv");
const LISTS: usize = 11;
/// Locale.US, which Spark formats by where no locale is given.
const ENGLISH: &str = "en";
/// Locale.ROOT, whose names locales have that nobody knows.
const ROOT: &str = "und";

/// Lists of names, in the order of the table's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    MonthsShort,
    MonthsFull,
    MonthsAloneShort,
    MonthsAloneFull,
    WeekdaysShort,
    WeekdaysFull,
    HalfDays,
    ErasShort,
    ErasFull,
    QuartersShort,
    QuartersFull,
}

/// The names of one locale.
pub struct LocaleNames([Vec<&'static str>; LISTS]);

impl LocaleNames {
    /// The names of `Locale.forLanguageTag(tag)`: those of its language where its country has none of its own.
    pub fn of(tag: &str) -> &'static Self {
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let country = parts.find(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
        let country = country.map(|country| format!("{language}-{}", country.to_ascii_uppercase()));
        let found = country.and_then(|tag| index().get(tag.as_str()));
        found
            .or_else(|| index().get(language.as_str()))
            .unwrap_or_else(|| Self::known(ROOT))
    }

    /// The names where no locale is given.
    pub fn english() -> &'static Self {
        Self::known(ENGLISH)
    }

    fn known(tag: &str) -> &'static Self {
        static NONE: LocaleNames = LocaleNames([const { Vec::new() }; LISTS]);
        index().get(tag).unwrap_or(&NONE)
    }

    pub(super) fn list(&'static self, names: Names) -> &'static [&'static str] {
        &self.0[names as usize]
    }
}

impl fmt::Debug for LocaleNames {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "LocaleNames({})", self.0[0].join("|"))
    }
}

fn index() -> &'static HashMap<&'static str, LocaleNames> {
    static INDEX: OnceLock<HashMap<&'static str, LocaleNames>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = HashMap::new();
        for line in TABLE.lines() {
            let columns: Vec<&'static str> = line.split('\t').collect();
            for tag in columns.get(LISTS).unwrap_or(&"").split(' ') {
                let list = |at| {
                    columns
                        .get(at)
                        .map_or_else(Vec::new, |names: &&str| names.split('|').collect())
                };
                index.insert(tag, LocaleNames(std::array::from_fn(list)));
            }
        }
        index
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_their_languages_names() {
        let month = |tag: &str, at: usize| LocaleNames::of(tag).list(Names::MonthsFull)[at];
        assert_eq!(month("de", 2), "März");
        assert_eq!(month("de-DE", 2), "März");
        assert_eq!(month("de-AT", 0), "Jänner");
        assert_eq!(month("DE-at", 0), "Jänner");
        assert_eq!(month("en-US", 2), "March");
        assert_eq!(month("xx", 2), "Mar");
        assert_eq!(LocaleNames::english().list(Names::HalfDays), ["AM", "PM"]);
    }

    #[test]
    fn every_line_has_its_names() {
        for (tag, names) in index() {
            let counts: Vec<usize> = names.0.iter().map(Vec::len).collect();
            assert_eq!(counts, [12, 12, 12, 12, 7, 7, 2, 2, 2, 4, 4], "{tag}");
        }
    }
}
