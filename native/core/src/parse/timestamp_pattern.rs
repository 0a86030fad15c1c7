//! Text to timestamps by a pattern such as `dd-MM-yyyy-HH-mm`, as Spark's `to_timestamp` reads them.

use arrow_array::{Array, BinaryViewArray, TimestampMicrosecondArray};
use arrow_buffer::{NullBufferBuilder, ScalarBuffer};

use super::calendar::{MICROS_PER_DAY, micros_of};
use super::locale_names::LocaleNames;
use super::time_memo::TimeMemo;
use super::time_zone::TimeZone;
use super::timestamp_legacy::{LegacyPattern, TimeParserPolicy};
use super::timestamp_pattern_compile::compile;
use super::timestamp_pattern_fixed::FixedPattern;
use super::timestamp_pattern_resolve::{Moment, resolve};
use super::timestamp_pattern_step::{Fields, Step, run};
use crate::error::{Error, ErrorCode, Result};

/// A compiled pattern with the zone of texts that name none.
#[derive(Clone, Debug)]
pub struct TimestampPattern {
    steps: Vec<Step>,
    fixed: Option<FixedPattern>,
    zone: TimeZone,
    /// Spark 2's reading: all there is under policy LEGACY, and what EXCEPTION compares with.
    legacy: Option<LegacyPattern>,
    policy: TimeParserPolicy,
}

impl TimestampPattern {
    /// Compiles a pattern. Fails with Spark's INCONSISTENT_BEHAVIOR_CROSS_VERSION or INVALID_DATETIME_PATTERN
    /// conditions for what its parser refuses.
    pub fn compile(pattern: &str, zone: &TimeZone) -> Result<Self> {
        Self::compile_in(LocaleNames::english(), pattern, zone)
    }

    fn compile_in(locale: &'static LocaleNames, pattern: &str, zone: &TimeZone) -> Result<Self> {
        let steps = compile(pattern, locale)?.steps;
        let fixed = FixedPattern::of(&steps);
        Ok(Self {
            steps,
            fixed,
            zone: zone.clone(),
            legacy: None,
            policy: TimeParserPolicy::Corrected,
        })
    }

    /// As `compile`, under a policy; data sources were lenient in Spark 2, functions were not. Under LEGACY only what
    /// Spark 2 refused is an error.
    pub fn compile_under(policy: TimeParserPolicy, pattern: &str, zone: &TimeZone, is_lenient: bool) -> Result<Self> {
        Self::compile_under_in(LocaleNames::english(), policy, pattern, zone, is_lenient)
    }

    /// As `compile_under`, with the names of a locale. What Spark 2 read knows English names only.
    pub fn compile_under_in(
        locale: &'static LocaleNames,
        policy: TimeParserPolicy,
        pattern: &str,
        zone: &TimeZone,
        is_lenient: bool,
    ) -> Result<Self> {
        let compiled = match policy {
            TimeParserPolicy::Legacy => Self {
                steps: Vec::new(),
                fixed: None,
                zone: zone.clone(),
                legacy: Some(LegacyPattern::compile(pattern, is_lenient)?),
                policy,
            },
            _ => Self::compile_in(locale, pattern, zone)?,
        };
        Ok(match policy {
            TimeParserPolicy::Exception => Self {
                legacy: LegacyPattern::compile(pattern, is_lenient).ok(),
                policy,
                ..compiled
            },
            _ => compiled,
        })
    }

    /// The pattern of Spark 2, where it is the one to read by.
    fn legacy_only(&self) -> Option<&LegacyPattern> {
        self.legacy.as_ref().filter(|_| self.policy == TimeParserPolicy::Legacy)
    }

    /// Microseconds since 1970-01-01T00:00:00Z, or none where the text does not fit the pattern.
    pub fn parse(&self, text: &[u8]) -> Option<i64> {
        if let Some(local) = self.fixed.as_ref().and_then(|fixed| fixed.parse(text)) {
            return self.zone.checked_to_utc_micros(local);
        }
        if let Some(legacy) = self.legacy_only() {
            return legacy.parse(text, &self.zone);
        }
        self.parse_strictly(text).ok()
    }

    /// Wall-clock microseconds of a text; a zone in it is ignored where `allow_zone`, and refused where not.
    pub fn parse_ntz(&self, text: &[u8], allow_zone: bool) -> Option<i64> {
        let moment = self.moment(text).ok()?;
        if moment.zone.is_some() && !allow_zone {
            return None;
        }
        micros_of(moment.days, moment.micros_of_day)
    }

    /// Days since 1970-01-01 of the text's date, in the text's own zone.
    pub fn parse_date(&self, text: &[u8]) -> Option<i32> {
        if let Some(legacy) = self.legacy_only() {
            let micros = self.zone.to_local_micros(legacy.parse(text, &self.zone)?);
            return i32::try_from(micros.div_euclid(MICROS_PER_DAY)).ok();
        }
        i32::try_from(self.moment(text).ok()?.days).ok()
    }

    /// Parses a column. What does not parse is null, or under `ansi` fails with CANNOT_PARSE_TIMESTAMP at its row;
    /// `function` is the tolerant function that the message recommends.
    pub fn parse_column(
        &self,
        texts: &BinaryViewArray,
        ansi: bool,
        function: &str,
    ) -> Result<TimestampMicrosecondArray> {
        let mut micros: Vec<i64> = Vec::new();
        let bytes = texts.len() * size_of::<i64>();
        micros
            .try_reserve_exact(texts.len())
            .map_err(|_| Error::no_memory(bytes, "timestamps"))?;
        let mut nulls = NullBufferBuilder::new(texts.len());
        let mut memo = TimeMemo::new();
        for row in 0..texts.len() {
            if texts.is_null(row) {
                micros.push(0);
                nulls.append_null();
                continue;
            }
            let text = texts.value(row);
            match memo.get_or_read(text, |text| self.parse(text)) {
                Some(value) => {
                    micros.push(value);
                    nulls.append_non_null();
                }
                None if ansi || self.policy == TimeParserPolicy::Exception => {
                    self.check_upgrade(text).map_err(|error| error.at_row(row))?;
                    if ansi {
                        return Err(self.refusal(text, function).at_row(row));
                    }
                    micros.push(0);
                    nulls.append_null();
                }
                None => {
                    micros.push(0);
                    nulls.append_null();
                }
            }
        }
        Ok(TimestampMicrosecondArray::new(ScalarBuffer::from(micros), nulls.finish()).with_timezone("UTC"))
    }

    /// CANNOT_PARSE_TIMESTAMP with Java's reason for a text that does not parse.
    pub fn refusal(&self, text: &[u8], function: &str) -> Error {
        let message = self
            .parse_strictly(text)
            .err()
            .unwrap_or_else(|| "long overflow".into());
        Error::new(ErrorCode::CannotParseTimestamp)
            .with("message", message)
            .with("func", format!("`{function}`"))
    }

    /// Under policy EXCEPTION: an error where Spark 2 would have parsed what this pattern does not.
    pub(crate) fn check_upgrade(&self, text: &[u8]) -> Result<()> {
        let legacy = self
            .legacy
            .as_ref()
            .filter(|_| self.policy == TimeParserPolicy::Exception);
        match legacy.and_then(|legacy| legacy.parse(text, &self.zone)) {
            Some(_) => Err(upgrade_error(text)),
            None => Ok(()),
        }
    }

    /// The general way: step by step. The reason is worded as Java does.
    pub(crate) fn parse_strictly(&self, text: &[u8]) -> Result<i64, String> {
        if let Some(legacy) = self.legacy_only() {
            let refusal = || format!("Unparseable date: \"{}\"", String::from_utf8_lossy(text));
            return legacy.parse(text, &self.zone).ok_or_else(refusal);
        }
        let moment = self.moment(text)?;
        let zone = moment.zone.as_ref().unwrap_or(&self.zone);
        zone.instant_of(moment.days, moment.micros_of_day)
            .ok_or_else(|| "long overflow".to_string())
    }

    fn moment(&self, text: &[u8]) -> Result<Moment, String> {
        let at_index = |reason: &str, at: usize| {
            let index = String::from_utf8_lossy(&text[..at.min(text.len())])
                .encode_utf16()
                .count();
            format!(
                "Text '{}' could not be parsed{reason} at index {index}",
                abbreviated(text)
            )
        };
        let mut fields = Fields::new();
        let end = self.run_steps(text, &mut fields).map_err(|at| at_index("", at))?;
        if end < text.len() {
            return Err(at_index(", unparsed text found", end));
        }
        resolve(&fields, &|reason| {
            format!("Text '{}' could not be parsed: {reason}", abbreviated(text))
        })
    }

    fn run_steps(&self, text: &[u8], fields: &mut Fields) -> Result<usize, usize> {
        /// An optional section that is being read: where it ends, and what to go back to.
        struct Section {
            end: usize,
            at: usize,
            fields: Fields,
        }
        let mut sections: Vec<Section> = Vec::new();
        let mut at = 0;
        let mut index = 0;
        loop {
            while sections.last().is_some_and(|section| section.end == index) {
                sections.pop();
            }
            let Some(step) = self.steps.get(index) else {
                return Ok(at);
            };
            if let Step::OptionalStart(end) = step {
                sections.push(Section {
                    end: *end,
                    at,
                    fields: fields.clone(),
                });
                index += 1;
                continue;
            }
            match run(step, text, at, fields) {
                Ok(next) => {
                    at = next;
                    index += 1;
                }
                Err(failed) => match sections.pop() {
                    Some(section) => {
                        at = section.at;
                        index = section.end;
                        *fields = section.fields;
                    }
                    None => return Err(failed),
                },
            }
        }
    }
}

/// PARSE_DATETIME_BY_NEW_PARSER: a text that only Spark 2 reads.
pub(super) fn upgrade_error(text: &[u8]) -> Error {
    Error::new(ErrorCode::InconsistentBehaviorCrossVersionParseDatetimeByNewParser)
        .with("datetime", format!("'{}'", String::from_utf8_lossy(text)))
        .with("config", "\"spark.sql.legacy.timeParserPolicy\"")
}

/// The text as Java's messages show it: 64 characters at most.
fn abbreviated(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let units: Vec<u16> = text.encode_utf16().collect();
    if units.len() <= 64 {
        return text.into_owned();
    }
    String::from_utf16_lossy(&units[..64]) + "..."
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utc(pattern: &str) -> TimestampPattern {
        TimestampPattern::compile(pattern, &TimeZone::utc()).unwrap()
    }

    #[test]
    fn months_have_the_names_of_a_locale() {
        let locale = LocaleNames::of("de-DE");
        let date = |pattern: &str, text: &str| {
            let pattern = TimestampPattern::compile_in(locale, pattern, &TimeZone::utc()).unwrap();
            pattern.parse_date(text.as_bytes())
        };
        assert_eq!(date("d MMM yyyy", "22 nov. 2026"), Some(20_779));
        assert_eq!(date("d MMM yyyy", "22 Nov 2026"), None);
        assert_eq!(date("d LLL yyyy", "22 Nov 2026"), Some(20_779));
        assert_eq!(date("d MMMM yyyy", "1 MÄRZ 2026"), Some(20_513));
    }

    #[test]
    fn the_articles_pattern() {
        let pattern = utc("dd-MM-yyyy-HH-mm");
        assert_eq!(pattern.parse(b"22-11-2026-12-05"), Some(1_795_349_100_000_000));
        for bad in [
            "2-11-2026-12-05",
            "22-11-26-12-05",
            "30-02-2026-00-00",
            "22-11-2026-24-00",
            " 22-11-2026-12-05",
            "",
        ] {
            assert_eq!(pattern.parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn widths_fractions_and_sections() {
        assert_eq!(
            utc("d/M/y H").parse(b"01/002/2026 03"),
            utc("yyyy-MM-dd HH").parse(b"2026-02-01 03")
        );
        let fraction = utc("ss.SSS");
        assert_eq!(fraction.parse(b"01.5"), Some(1_500_000));
        assert_eq!(fraction.parse(b"01.5000"), None);
        assert_eq!(utc("yyyyMMddHHmmssSSS").parse(b"20260101000000000"), None);
        assert_eq!(
            utc("yyyyMMddHHmmss").parse(b"20260101000000"),
            Some(1_767_225_600_000_000)
        );
        let section = utc("yyyy[-MM[-dd]]");
        assert_eq!(section.parse(b"2026"), section.parse(b"2026-01-01"));
        assert_eq!(utc("MM-dd").parse(b"02-29"), None);
        assert_eq!(
            utc("yyyy-MM-dd'T'HHXXX").parse(b"2026-01-01t01+01:00"),
            Some(1_767_225_600_000_000)
        );
        assert_eq!(
            utc("dd MMM yy h a").parse(b"01 jan 26 12 am"),
            Some(1_767_225_600_000_000)
        );
    }

    #[test]
    fn says_what_java_says() {
        let pattern = utc("dd-MM-yyyy-HH-mm");
        let reason = |text: &str| pattern.parse_strictly(text.as_bytes()).unwrap_err();
        assert_eq!(
            reason("2-11-2026-12-05"),
            "Text '2-11-2026-12-05' could not be parsed at index 0"
        );
        assert_eq!(
            reason("22-11-26-12-05"),
            "Text '22-11-26-12-05' could not be parsed at index 6"
        );
        assert_eq!(
            reason("22-11-2026-12-05x"),
            "Text '22-11-2026-12-05x' could not be parsed, unparsed text found at index 16"
        );
    }

    #[test]
    fn refuses_patterns_as_spark_does() {
        for pattern in [
            "E",
            "u",
            "aa",
            "YYYY",
            "SSSSSSSSSS",
            "QQQQQ",
            "yyyy q",
            "n",
            "MMMMM",
            "]",
            "{",
        ] {
            assert!(
                TimestampPattern::compile(pattern, &TimeZone::utc()).is_err(),
                "{pattern}"
            );
        }
    }

    proptest! {
        #[test]
        fn fixed_width_equals_step_by_step(text in "[0-3][0-9][-/][0-1][0-9]-[0-9]{3,5}-[0-2][0-9]-[0-6][0-9].?") {
            let pattern = utc("dd-MM-yyyy-HH-mm");
            prop_assert_eq!(pattern.parse(text.as_bytes()), pattern.parse_strictly(text.as_bytes()).ok());
        }

        #[test]
        fn any_fixed_pattern_equals_its_steps(
            order in Just([0usize, 1, 2, 3, 4, 5]).prop_shuffle(),
            separators in proptest::collection::vec(prop::sample::select(vec!["-", "/", ":", " ", ".", "", ", "]), 6),
            values in (0i64..10_000, 0i64..14, 0i64..33, 0i64..26, 0i64..62, 0i64..62),
            damage in prop::option::of((0usize..30, any::<u8>())),
        ) {
            let letters = ["yyyy", "MM", "dd", "HH", "mm", "ss"];
            let values = [values.0, values.1, values.2, values.3, values.4, values.5];
            let (mut pattern, mut text) = (String::new(), String::new());
            for (field, separator) in order.into_iter().zip(separators) {
                pattern += letters[field];
                pattern += separator;
                text += &format!("{:0width$}{separator}", values[field], width = letters[field].len());
            }
            let mut text = text.into_bytes();
            if let Some((at, byte)) = damage
                && let Some(place) = text.get_mut(at)
            {
                *place = byte;
            }
            let pattern = utc(&pattern);
            prop_assert_eq!(pattern.parse(&text), pattern.parse_strictly(&text).ok());
        }

        #[test]
        fn never_panics(pattern in "[yMdHhmsSaGzVOXxZD'\\[\\] :./-]{0,12}", text in "\\PC{0,24}") {
            if let Ok(pattern) = TimestampPattern::compile(&pattern, &TimeZone::utc()) {
                let _ = pattern.parse(text.as_bytes());
            }
        }
    }
}
