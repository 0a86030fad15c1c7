//! Times by a pattern as Spark 2 read and wrote them: `spark.sql.legacy.timeParserPolicy` LEGACY, and EXCEPTION's look at what
//! LEGACY would have read.
//!
//! Functions used java.text.SimpleDateFormat with a strict calendar; data sources commons-lang's FastDateFormat, whose
//! calendar rolls over.

mod calendar;
mod pattern;
mod read;
mod write;

use super::calendar::{MICROS_PER_DAY, MICROS_PER_SECOND, civil_from_days};
use super::time_zone::TimeZone;
use crate::error::{Error, ErrorCode, Result};
use pattern::{Part, parts_of};
use read::{Manner, Zone, read};
use write::{Time, write};

const MICROS_PER_MILLI: i64 = 1000;

/// What happens to times that Spark 2 would have read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeParserPolicy {
    /// As Spark 3 reads them.
    Corrected,
    /// An error.
    Exception,
    /// As Spark 2 read them.
    Legacy,
}

/// Whether SimpleDateFormat takes a pattern.
pub(super) fn legacy_takes(pattern: &str) -> bool {
    parts_of(pattern).is_some()
}

/// A pattern of Spark 2.
#[derive(Clone, Debug)]
pub(crate) struct LegacyPattern {
    parts: Vec<Part>,
    is_lenient: bool,
    year_now: i64,
    /// Ten to the number of S: data sources read them as a fraction, functions as a number of milliseconds.
    fraction: i64,
}

impl LegacyPattern {
    /// Compiles a pattern; functions are strict, data sources lenient. Fails with INVALID_DATETIME_PATTERN.
    pub(crate) fn compile(pattern: &str, is_lenient: bool) -> Result<Self> {
        let parts = parts_of(pattern).ok_or_else(|| {
            Error::new(ErrorCode::InvalidDatetimePatternWithSuggestion)
                .with("pattern", format!("'{}'", pattern.replace('\'', "\\'")))
        })?;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let days = now.map_or(0, |now| now.as_secs() / 86_400);
        let digits = parts.iter().map(|part| match part {
            Part::Letters('S', count) => *count,
            _ => 0,
        });
        Ok(Self {
            fraction: 10i64.pow(digits.sum::<usize>().min(9) as u32),
            parts,
            is_lenient,
            year_now: civil_from_days(i64::try_from(days).unwrap_or(0)).0,
        })
    }

    /// Microseconds since 1970-01-01T00:00:00Z of the time that `text` begins with.
    pub(crate) fn parse(&self, text: &[u8], zone: &TimeZone) -> Option<i64> {
        let manner = Manner {
            is_lenient: self.is_lenient,
            zone,
            year_now: self.year_now,
        };
        let (mut calendar, found) = read(&self.parts, text, manner)?;
        let fraction = if self.is_lenient { calendar.take_fraction() } else { 0 };
        let (days, millis) = calendar.resolve(self.is_lenient)?;
        let micros = millis * MICROS_PER_MILLI + fraction * MICROS_PER_SECOND / self.fraction;
        match found {
            None => self.instant_of(zone, days, micros),
            Some(Zone::Offset(seconds)) => TimeZone::fixed("", seconds).instant_of(days, micros),
            Some(Zone::Named { zone, is_daylight }) => {
                let near = zone.instant_of(days, micros)?.div_euclid(MICROS_PER_SECOND);
                let standard = zone.offset_at(near) - zone.daylight_saving_at(near);
                let saving = if is_daylight {
                    zone.daylight_saving_near(near)
                } else {
                    0
                };
                TimeZone::fixed("", standard + saving).instant_of(days, micros)
            }
        }
    }

    /// Java's calendar takes the later of two instants, and a strict one refuses a time that the clocks skip.
    fn instant_of(&self, zone: &TimeZone, days: i64, micros_of_day: i64) -> Option<i64> {
        /// Clocks are never set back by more than this, but where a zone crosses the date line.
        const TURN_SECONDS: i64 = 3 * 3600;
        let earlier = zone.instant_of(days, micros_of_day)?;
        let seconds = earlier.div_euclid(MICROS_PER_SECOND);
        let offset = zone.offset_at(seconds);
        let local = i128::from(days) * i128::from(MICROS_PER_DAY) + i128::from(micros_of_day);
        let at_offset = |offset: i64| i64::try_from(local - i128::from(offset * MICROS_PER_SECOND)).ok();
        if at_offset(offset) != Some(earlier) {
            return self.is_lenient.then_some(earlier);
        }
        let next_offset = zone.offset_at(seconds + TURN_SECONDS);
        let later = at_offset(next_offset)
            .filter(|later| next_offset < offset && zone.offset_at(later.div_euclid(MICROS_PER_SECOND)) == next_offset);
        Some(later.unwrap_or(earlier))
    }

    /// Writes an instant as the zone's wall clock shows it, to the millisecond.
    pub(crate) fn write(&self, micros: i64, zone: &TimeZone, out: &mut String) {
        let seconds = micros.div_euclid(MICROS_PER_SECOND);
        let offset = zone.offset_at(seconds);
        let local = i128::from(micros) + i128::from(offset * MICROS_PER_SECOND);
        let day = i128::from(MICROS_PER_DAY);
        let time = Time {
            days: local.div_euclid(day) as i64,
            millis: local.rem_euclid(day) as i64 / MICROS_PER_MILLI,
            fraction: self
                .is_lenient
                .then(|| micros.rem_euclid(MICROS_PER_SECOND) * self.fraction / MICROS_PER_SECOND),
            offset,
            is_daylight: zone.daylight_saving_at(seconds) > 0,
            zone,
        };
        write(&self.parts, &time, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(pattern: &str, text: &str, is_lenient: bool) -> Option<i64> {
        let zone = TimeZone::parse("Europe/Berlin").unwrap();
        let pattern = LegacyPattern::compile(pattern, is_lenient).unwrap();
        pattern
            .parse(text.as_bytes(), &zone)
            .map(|micros| micros / MICROS_PER_MILLI)
    }

    #[test]
    fn functions_are_strict() {
        // What Java 17's SimpleDateFormat answers, not lenient, in Europe/Berlin.
        for (pattern, text, expected) in [
            ("dMMM", "2Nov", Some(26_348_400_000)),
            ("ddMMMyyyy", "222Nov2026", None),
            ("G", "B", None),
            ("HH", "-1", None),
            ("yy", "45", Some(2_366_838_000_000)),
            ("yy", "47", Some(-725_850_000_000)),
            ("z", "EST", Some(18_000_000)),
            ("z", "India Standard Time", Some(-19_800_000)),
            ("HH:mm z", "12:00 EDT", Some(57_600_000)),
            ("YYYY-ww-u", "2026-05-3", Some(1_769_554_800_000)),
            ("yyyy-MM-F-E", "2026-05-3-Sun", Some(1_778_968_800_000)),
            ("u", "3", Some(514_800_000)),
            ("dd-MM-yyyy", "31-02-2026", None),
            ("yyyy-MM-dd HH:mm", "2026-03-29 02:30", None),
            ("yyyy-MM-dd HH:mm", "2026-10-25 02:30", Some(1_792_891_800_000)),
            ("ss.SSS", "6.1234", None),
            ("yyyy", "2026 and more", Some(1_767_222_000_000)),
        ] {
            assert_eq!(parsed(pattern, text, false), expected, "{pattern} {text}");
        }
        // Java's own answer is of the year 1000; Spark keeps year, month and day on its calendar and its zone's mean time.
        let year_1000 = parsed("y", "1E3", false).unwrap();
        assert_eq!(year_1000, parsed("yyyy-MM-dd", "1000-01-01", false).unwrap());
    }

    #[test]
    fn data_sources_roll_over() {
        let day = |text: &str| parsed("dd-MM-yyyy-HH-mm", text, true);
        assert_eq!(day("31-02-2026-24-60"), day("04-03-2026-01-00"));
        assert_eq!(day("22/11/2026-12-05"), None);
        assert_eq!(parsed("yyyyMMdd", "20260101", true), Some(1_767_222_000_000));
    }

    #[test]
    fn writes_what_java_writes() {
        let zone = TimeZone::parse("America/New_York").unwrap();
        let mut out = String::new();
        let pattern = "G EEEE LLLL LL F W w u Y YY yyyyyy XXX X Z z zzzz k K DDDD SSSSSS 'o''c'";
        let pattern = LegacyPattern::compile(pattern, false).unwrap();
        pattern.write(1_795_349_106_123_456, &zone, &mut out);
        assert_eq!(
            out,
            "AD Sunday November 11 4 4 48 7 2026 26 002026 -05:00 -05 -0500 EST Eastern Standard Time 7 7 0326 000123 o'c"
        );
    }

    proptest! {
        #[test]
        fn never_panics(pattern in "[yMdHhkKmsSaGzXZDEFwWuY'\\[\\] :./-]{0,12}", text in "\\PC{0,24}", micros: i64) {
            if let Ok(pattern) = LegacyPattern::compile(&pattern, micros % 2 == 0) {
                let mut out = String::new();
                pattern.write(micros, &TimeZone::utc(), &mut out);
                let _ = pattern.parse(text.as_bytes(), &TimeZone::utc());
                let _ = pattern.parse(out.as_bytes(), &TimeZone::utc());
            }
        }

        #[test]
        fn what_was_written_is_read(seconds in -60_000_000_000i64..60_000_000_000) {
            let zone = TimeZone::parse("+05:30").unwrap();
            let pattern = LegacyPattern::compile("yyyy-MM-dd G HH:mm:ss", false).unwrap();
            let micros = seconds * MICROS_PER_SECOND;
            let mut out = String::new();
            pattern.write(micros, &zone, &mut out);
            let back = pattern.parse(out.as_bytes(), &zone);
            // Ten days are not in this calendar.
            prop_assert!(back == Some(micros) || out.starts_with("1582-10"));
        }
    }
}
