//! Timestamps to text by a pattern, as Java's DateTimeFormatter writes them.

use super::calendar::{MICROS_PER_DAY, MICROS_PER_SECOND, civil_from_days, days_from_civil};
use super::locale_names::LocaleNames;
use super::time_zone::TimeZone;
use super::timestamp_legacy::{LegacyPattern, TimeParserPolicy};
use super::timestamp_pattern_compile::compile_for_writing;
use super::timestamp_pattern_step::{Field, NumberStep, OffsetStyle, SignStyle, Step};
use crate::error::Result;

/// A compiled pattern to write by.
#[derive(Clone, Debug)]
pub struct TimestampFormat {
    steps: Vec<Step>,
    zone: TimeZone,
    /// What writes instead of the steps, under policy LEGACY.
    legacy: Option<LegacyPattern>,
}

/// A moment taken apart.
struct Parts {
    days: i64,
    year: i64,
    month: i64,
    day: i64,
    /// Microseconds of the day.
    micros: i64,
    offset: i64,
}

impl TimestampFormat {
    /// Compiles a pattern. Fails with Spark's INCONSISTENT_BEHAVIOR_CROSS_VERSION or INVALID_DATETIME_PATTERN.
    pub fn compile(pattern: &str, zone: &TimeZone) -> Result<Self> {
        Self::compile_in(LocaleNames::english(), pattern, zone)
    }

    /// As `compile`, with the names of a locale.
    pub fn compile_in(locale: &'static LocaleNames, pattern: &str, zone: &TimeZone) -> Result<Self> {
        Ok(Self {
            steps: compile_for_writing(pattern, locale)?.steps,
            zone: zone.clone(),
            legacy: None,
        })
    }

    /// As `compile`, under a policy; data sources wrote the whole fraction in Spark 2, functions milliseconds.
    pub fn compile_under(policy: TimeParserPolicy, pattern: &str, zone: &TimeZone, is_source: bool) -> Result<Self> {
        match policy {
            TimeParserPolicy::Legacy => Ok(Self {
                steps: Vec::new(),
                zone: zone.clone(),
                legacy: Some(LegacyPattern::compile(pattern, is_source)?),
            }),
            _ => Self::compile(pattern, zone),
        }
    }

    /// Writes an instant as the zone's wall clock shows it.
    pub fn write(&self, micros: i64, out: &mut String) {
        if let Some(legacy) = &self.legacy {
            return legacy.write(micros, &self.zone, out);
        }
        let offset = self.zone.offset_at(micros.div_euclid(MICROS_PER_SECOND));
        // The local time may lie beyond 64 bits.
        let local = i128::from(micros) + i128::from(offset) * i128::from(MICROS_PER_SECOND);
        self.write_parts(local, offset, micros, out);
    }

    /// Writes a wall-clock time.
    pub fn write_local(&self, micros: i64, out: &mut String) {
        self.write_parts(i128::from(micros), 0, micros, out);
    }

    fn write_parts(&self, local: i128, offset: i64, instant: i64, out: &mut String) {
        let day_length = i128::from(MICROS_PER_DAY);
        let days = local.div_euclid(day_length) as i64;
        let (year, month, day) = civil_from_days(days);
        let parts = Parts {
            days,
            year,
            month,
            day,
            micros: local.rem_euclid(day_length) as i64,
            offset,
        };
        for step in &self.steps {
            self.write_step(step, &parts, instant, out);
        }
    }

    fn write_step(&self, step: &Step, parts: &Parts, instant: i64, out: &mut String) {
        match step {
            Step::Literal(text) => out.push_str(text),
            Step::Number(number) => write_number(number, parts.get(number.field), out),
            Step::Fraction(width) => {
                let nanos = format!("{:09}", parts.get(Field::Nano));
                out.push_str(&nanos[..usize::from(*width).min(9)]);
            }
            Step::Text(field, names) => out.push_str(names.name_of(parts.get(*field))),
            Step::Weekday(names) => out.push_str(names.name_of((parts.days + 3).rem_euclid(7))),
            Step::AlignedDayOfWeek => out.push_str(&((parts.day - 1) % 7 + 1).to_string()),
            Step::Quarter(width) => {
                let width = usize::from(*width);
                out.push_str(&format!("{:0width$}", parts.quarter()));
            }
            Step::QuarterName(names) => out.push_str(names.name_of(parts.quarter())),
            Step::Offset(style, zero) => write_offset(*style, zero, parts.offset, out),
            Step::LocalizedOffset { full } => write_localized_offset(*full, parts.offset, out),
            Step::ZoneId => out.push_str(self.zone.name()),
            Step::ZoneName { full, generic } => {
                let name = self.zone.display_name(instant, *full, *generic);
                out.push_str(name.unwrap_or(self.zone.name()));
            }
            Step::OptionalStart(_) => {}
        }
    }
}

impl Parts {
    fn quarter(&self) -> i64 {
        (self.month - 1) / 3 + 1
    }

    fn get(&self, field: Field) -> i64 {
        let seconds = self.micros / MICROS_PER_SECOND;
        let hour = seconds / 3600;
        match field {
            Field::Year => self.year,
            Field::YearOfEra if self.year > 0 => self.year,
            Field::YearOfEra => 1 - self.year,
            Field::Era => i64::from(self.year > 0),
            Field::Month => self.month,
            Field::Day => self.day,
            Field::DayOfYear => self.days - days_from_civil(self.year, 1, 1) + 1,
            Field::ModifiedJulianDay => self.days + 40_587,
            Field::Hour => hour,
            Field::ClockHour24 => (hour + 23) % 24 + 1,
            Field::Hour12 => hour % 12,
            Field::ClockHour12 => (hour + 11) % 12 + 1,
            Field::HalfDay => hour / 12,
            Field::Minute => seconds / 60 % 60,
            Field::Second => seconds % 60,
            Field::Nano => self.micros % MICROS_PER_SECOND * 1000,
            Field::Offset => self.offset,
        }
    }
}

fn write_number(step: &NumberStep, value: i64, out: &mut String) {
    let width = usize::from(step.width_min);
    if step.fraction {
        let nanos = format!("{value:09}");
        out.push_str(&nanos[..width.min(9)]);
    } else if step.reduced {
        out.push_str(&format!("{:02}", value.unsigned_abs() % 100));
    } else {
        let digits = value.unsigned_abs().to_string();
        if value < 0 {
            out.push('-');
        } else if step.sign == SignStyle::ExceedsPad && digits.len() > width {
            out.push('+');
        }
        out.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
        out.push_str(&digits);
    }
}

fn write_offset(style: OffsetStyle, zero: &str, offset: i64, out: &mut String) {
    let total = offset.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    let mut text = format!("{}{hours:02}", if offset < 0 { '-' } else { '+' });
    let colon = if matches!(style, OffsetStyle::HH_MM | OffsetStyle::HH_MM_ss) {
        ":"
    } else {
        ""
    };
    let shows_minutes = style != OffsetStyle::HHmm || minutes > 0;
    let shows_seconds = matches!(style, OffsetStyle::HHMMss | OffsetStyle::HH_MM_ss) && seconds > 0;
    if shows_minutes {
        text += &format!("{colon}{minutes:02}");
    }
    if shows_seconds {
        text += &format!("{colon}{seconds:02}");
    }
    // What would be all zeros is written as the zero text.
    if hours == 0 && minutes == 0 && !shows_seconds {
        text = zero.to_string();
    }
    out.push_str(&text);
}

fn write_localized_offset(full: bool, offset: i64, out: &mut String) {
    out.push_str("GMT");
    if offset == 0 {
        return;
    }
    let total = offset.unsigned_abs();
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
    out.push(if offset < 0 { '-' } else { '+' });
    if full {
        out.push_str(&format!("{hours:02}:{minutes:02}"));
    } else {
        out.push_str(&hours.to_string());
        if minutes > 0 || seconds > 0 {
            out.push_str(&format!(":{minutes:02}"));
        }
    }
    if seconds > 0 {
        out.push_str(&format!(":{seconds:02}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(pattern: &str, zone: &str, micros: i64) -> String {
        let zone = TimeZone::parse(zone).unwrap();
        let mut out = String::new();
        TimestampFormat::compile(pattern, &zone)
            .unwrap()
            .write(micros, &mut out);
        out
    }

    #[test]
    fn writes_what_java_writes() {
        let time = 1_795_349_106_123_456;
        assert_eq!(
            written("EEE, d MMM yyyy HH:mm:ss Z", "UTC", time),
            "Sun, 22 Nov 2026 12:05:06 +0000"
        );
        assert_eq!(
            written("QQQQ yyyyy SSSS XXX", "America/New_York", time),
            "4th quarter 02026 1234 -05:00"
        );
        assert_eq!(
            written("OOOO X", "America/New_York", -62_135_596_800_000_001),
            "GMT-04:56:02 -0456"
        );
        assert_eq!(written("h k K a", "UTC", 0), "12 24 0 AM");
    }

    proptest! {
        #[test]
        fn never_panics(pattern in "[yMdHhkKmsSaGzVOXxZDEFqQg'\\[\\] :./-]{0,12}", micros: i64) {
            if let Ok(format) = TimestampFormat::compile(&pattern, &TimeZone::utc()) {
                let mut out = String::new();
                format.write(micros, &mut out);
            }
        }
    }
}
