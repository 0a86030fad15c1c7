//! Time zones: Spark's zone names, and a flat table of offsets with a cache of the last range.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono_tz::{OffsetComponents, Tz};
use parking_lot::Mutex;

use super::calendar::{civil_from_days, days_from_civil, is_leap_year};
use super::zone_display_names::{Season, name_of as zone_name};
use super::zone_offset::parse_zone_offset;
use crate::error::{Error, ErrorCode, Result};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// The table of a zone begins here; before it the zone keeps its local mean time.
const TABLE_YEAR_FIRST: i64 = 1800;
/// The table ends here; later years behave as an equal year of the table's last 28 years.
const TABLE_YEAR_END: i64 = 2090;

/// A time zone, ready to shift instants. Cheap to clone.
#[derive(Debug)]
pub struct TimeZone {
    name: Arc<str>,
    ranges: Arc<[Range]>,
    /// Whether the offset is one and the same for ever.
    fixed: bool,
    /// Range of the last answer: event times come close together.
    last: AtomicUsize,
}

/// A stretch of time with one offset from UTC.
#[derive(Clone, Copy, Debug)]
struct Range {
    /// First instant, in UTC seconds.
    utc_start: i64,
    /// First local second that belongs to this range. Spark resolves a local time in a gap or in an overlap with
    /// the offset before the transition, so this is the later of the transition's two local times.
    local_start: i64,
    /// Seconds east of UTC.
    offset: i64,
}

impl Clone for TimeZone {
    fn clone(&self) -> Self {
        Self {
            name: Arc::clone(&self.name),
            ranges: Arc::clone(&self.ranges),
            fixed: self.fixed,
            last: AtomicUsize::new(self.last.load(Ordering::Relaxed)),
        }
    }
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl TimeZone {
    /// The zone of UTC.
    pub fn utc() -> Self {
        Self::fixed("UTC", 0)
    }

    /// The zone of a name that `spark.sql.session.timeZone` takes: a region (`Europe/Berlin`), an offset (`+05:30`,
    /// `-8:00`, `GMT+1`), `UTC`, `Z`, or one of Java's short ids (`PST`). Fails with INVALID_TIMEZONE.
    pub fn parse(name: &str) -> Result<Self> {
        Self::find(name).ok_or_else(|| Error::new(ErrorCode::InvalidTimezone).with("timeZone", name))
    }

    /// As `parse`, with none for a name that Spark refuses.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let padded = pad_offset(name);
        let name = short_id(&padded).unwrap_or(&padded);
        if name == "Z" {
            return Some(Self::fixed("Z", 0));
        }
        if name.starts_with(['+', '-']) {
            return parse_zone_offset(name).map(|seconds| Self::fixed(name, seconds));
        }
        for prefix in ["UTC", "GMT", "UT"] {
            if let Some(rest) = name.strip_prefix(prefix)
                && (rest.is_empty() || rest.starts_with(['+', '-']))
            {
                let seconds = if rest.is_empty() {
                    Some(0)
                } else {
                    parse_zone_offset(rest)
                };
                return seconds.map(|seconds| Self::fixed(name, seconds));
            }
        }
        Self::region(name)
    }

    /// A zone that never shifts, `seconds` east of UTC.
    pub(crate) fn fixed(name: &str, seconds: i64) -> Self {
        let range = Range {
            utc_start: i64::MIN,
            local_start: i64::MIN,
            offset: seconds,
        };
        Self {
            name: name.into(),
            ranges: Arc::new([range]),
            fixed: true,
            last: AtomicUsize::new(0),
        }
    }

    fn region(name: &str) -> Option<Self> {
        // Java drops this alias of Asia/Taipei.
        if name == "ROC" {
            return None;
        }
        let zone = Tz::from_str(name).ok()?;
        // A table takes a while to find and there are as many as regions, so each is kept once it is known.
        static KNOWN: Mutex<BTreeMap<&'static str, TimeZone>> = Mutex::new(BTreeMap::new());
        if let Some(known) = KNOWN.lock().get(zone.name()) {
            return Some(known.clone());
        }
        let ranges = ranges_of(zone);
        let found = Self {
            name: name.into(),
            fixed: ranges.len() == 1,
            ranges: ranges.into(),
            last: AtomicUsize::new(0),
        };
        KNOWN.lock().insert(zone.name(), found.clone());
        Some(found)
    }

    /// The zone's name as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the zone is called at an instant, or at all times where `generic`; offsets have no name.
    pub(crate) fn display_name(&self, micros: i64, full: bool, generic: bool) -> Option<&'static str> {
        let name = match &*self.name {
            // The ids that are offsets to Java, and still have names.
            "Z" => return None,
            "GMT0" => "GMT",
            name => name,
        };
        let season = if generic {
            Season::Generic
        } else if self.daylight_saving_at(micros.div_euclid(MICROS_PER_SECOND)) > 0 {
            Season::Daylight
        } else {
            Season::Standard
        };
        zone_name(name, season, full)
    }

    /// Seconds that the clocks are ahead of standard time. Where a law calls the summer's time the standard and sets
    /// the clocks back in winter, as in Dublin, Java counts as if it were the other way round.
    pub(crate) fn daylight_saving_at(&self, utc_seconds: i64) -> i64 {
        const HALF_A_YEAR: i64 = 182 * SECONDS_PER_DAY;
        let saving = self.saving_of_law(utc_seconds);
        let winter = self
            .saving_of_law(utc_seconds - HALF_A_YEAR)
            .min(self.saving_of_law(utc_seconds + HALF_A_YEAR));
        if saving == 0 && winter < 0 {
            -winter
        } else {
            saving.max(0)
        }
    }

    /// Seconds that the clocks are ahead in summer, about this time; an hour where there is no summer time.
    pub(crate) fn daylight_saving_near(&self, utc_seconds: i64) -> i64 {
        let months = (-6..=6).map(|months| self.daylight_saving_at(utc_seconds + months * 30 * SECONDS_PER_DAY));
        months.max().filter(|saving| *saving > 0).unwrap_or(3600)
    }

    fn saving_of_law(&self, utc_seconds: i64) -> i64 {
        use chrono::TimeZone as _;
        let time = chrono::DateTime::from_timestamp(within_table(utc_seconds), 0);
        let offset = Tz::from_str(&self.name)
            .ok()
            .zip(time)
            .map(|(zone, time)| zone.offset_from_utc_datetime(&time.naive_utc()));
        offset.map_or(0, |offset| offset.dst_offset().num_seconds())
    }

    /// Seconds east of UTC at an instant given in UTC seconds.
    pub fn offset_at(&self, utc_seconds: i64) -> i64 {
        let seconds = if self.fixed {
            utc_seconds
        } else {
            within_table(utc_seconds)
        };
        self.lookup(seconds, |range| range.utc_start)
    }

    /// Wall-clock microseconds of an instant.
    #[inline]
    pub fn to_local_micros(&self, utc: i64) -> i64 {
        let offset = self.offset_at(utc.div_euclid(MICROS_PER_SECOND));
        utc.saturating_add(offset * MICROS_PER_SECOND)
    }

    /// The instant of wall-clock microseconds. A time that a gap skips moves forward by the gap; of two instants the
    /// earlier is taken. Saturates at the ends of 64 bits.
    #[inline]
    pub fn to_utc_micros(&self, local: i64) -> i64 {
        self.checked_to_utc_micros(local)
            .unwrap_or(if local < 0 { i64::MIN } else { i64::MAX })
    }

    /// As `to_utc_micros`, with none where 64 bits do not hold the instant.
    #[inline]
    pub fn checked_to_utc_micros(&self, local: i64) -> Option<i64> {
        let local_seconds = local.div_euclid(MICROS_PER_SECOND);
        let seconds = if self.fixed {
            local_seconds
        } else {
            within_table(local_seconds)
        };
        let offset = self.lookup(seconds, |range| range.local_start);
        local.checked_sub(offset * MICROS_PER_SECOND)
    }

    /// The instant of a local day and time within it, with none where 64 bits do not hold it. The local time itself
    /// may lie beyond them.
    pub(crate) fn instant_of(&self, days: i64, micros_of_day: i64) -> Option<i64> {
        let local_seconds = days
            .checked_mul(SECONDS_PER_DAY)?
            .checked_add(micros_of_day / MICROS_PER_SECOND)?;
        let seconds = if self.fixed {
            local_seconds
        } else {
            within_table(local_seconds)
        };
        let offset = self.lookup(seconds, |range| range.local_start);
        let micros = i128::from(local_seconds - offset) * i128::from(MICROS_PER_SECOND)
            + i128::from(micros_of_day % MICROS_PER_SECOND);
        i64::try_from(micros).ok()
    }

    #[inline]
    fn lookup(&self, seconds: i64, start: impl Fn(&Range) -> i64) -> i64 {
        let ranges = &self.ranges;
        let last = self.last.load(Ordering::Relaxed);
        if let Some(range) = ranges.get(last)
            && start(range) <= seconds
            && ranges.get(last + 1).is_none_or(|next| seconds < start(next))
        {
            return range.offset;
        }
        let index = ranges
            .partition_point(|range| start(range) <= seconds)
            .saturating_sub(1);
        self.last.store(index, Ordering::Relaxed);
        ranges.get(index).map_or(0, |range| range.offset)
    }
}

/// A moment of the same month, day and weekday that lies within the table. Rules without an end repeat every 28 years.
#[inline]
fn within_table(seconds: i64) -> i64 {
    const END: i64 = 3_786_912_000; // 2090-01-01T00:00:00Z
    if seconds < END { seconds } else { equal_moment(seconds) }
}

#[cold]
fn equal_moment(seconds: i64) -> i64 {
    let days = seconds.div_euclid(SECONDS_PER_DAY);
    let (year, _, _) = civil_from_days(days);
    let first_day = days_from_civil(year, 1, 1);
    let is_equal = |candidate: &i64| {
        is_leap_year(*candidate) == is_leap_year(year) && (days_from_civil(*candidate, 1, 1) - first_day) % 7 == 0
    };
    let equal = (TABLE_YEAR_END - 28..TABLE_YEAR_END)
        .find(is_equal)
        .unwrap_or(TABLE_YEAR_END - 1);
    seconds - (first_day - days_from_civil(equal, 1, 1)) * SECONDS_PER_DAY
}

/// Every stretch of one offset, found by stepping through the table's years a day at a time and bisecting.
fn ranges_of(zone: Tz) -> Vec<Range> {
    let first = days_from_civil(TABLE_YEAR_FIRST, 1, 1) * SECONDS_PER_DAY;
    let end = days_from_civil(TABLE_YEAR_END, 1, 1) * SECONDS_PER_DAY;
    let mut offset = offset_of(zone, first);
    let mut ranges = vec![Range {
        utc_start: i64::MIN,
        local_start: i64::MIN,
        offset,
    }];
    let mut time = first;
    while time < end {
        let next = time + SECONDS_PER_DAY;
        let next_offset = offset_of(zone, next);
        if next_offset != offset {
            let (mut low, mut high) = (time, next);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if offset_of(zone, middle) == offset {
                    low = middle
                } else {
                    high = middle
                }
            }
            let local_start = high + offset.max(next_offset);
            ranges.push(Range {
                utc_start: high,
                local_start,
                offset: next_offset,
            });
            offset = next_offset;
        }
        time = next;
    }
    ranges
}

fn offset_of(zone: Tz, utc_seconds: i64) -> i64 {
    use chrono::TimeZone as _;
    let Some(time) = chrono::DateTime::from_timestamp(utc_seconds, 0) else {
        return 0;
    };
    let offset = zone.offset_from_utc_datetime(&time.naive_utc());
    offset.base_utc_offset().num_seconds() + offset.dst_offset().num_seconds()
}

/// Spark takes `+7:30` and `-07:3`, as it did before 3.0: the parts are padded to two digits.
fn pad_offset(name: &str) -> String {
    let bytes = name.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let mut padded = name.to_string();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(byte, b'+' | b'-') && digit(index + 1) && bytes.get(index + 2) == Some(&b':') {
            padded.insert(index + 1, '0');
            break;
        }
    }
    let length = padded.len();
    let tail = padded.as_bytes().get(length.saturating_sub(5)..).unwrap_or_default();
    if let [b'+' | b'-', a, b, b':', c] = tail
        && a.is_ascii_digit()
        && b.is_ascii_digit()
        && c.is_ascii_digit()
    {
        padded.insert(length - 1, '0');
    }
    padded
}

/// Java's `ZoneId.SHORT_IDS`, which Spark passes along.
fn short_id(name: &str) -> Option<&'static str> {
    Some(match name {
        "EST" => "-05:00",
        "MST" => "-07:00",
        "HST" => "-10:00",
        "ACT" => "Australia/Darwin",
        "AET" => "Australia/Sydney",
        "AGT" => "America/Argentina/Buenos_Aires",
        "ART" => "Africa/Cairo",
        "AST" => "America/Anchorage",
        "BET" => "America/Sao_Paulo",
        "BST" => "Asia/Dhaka",
        "CAT" => "Africa/Harare",
        "CNT" => "America/St_Johns",
        "CST" => "America/Chicago",
        "CTT" => "Asia/Shanghai",
        "EAT" => "Africa/Addis_Ababa",
        "ECT" => "Europe/Paris",
        "IET" => "America/Indiana/Indianapolis",
        "IST" => "Asia/Kolkata",
        "JST" => "Asia/Tokyo",
        "MIT" => "Pacific/Apia",
        "NET" => "Asia/Yerevan",
        "NST" => "Pacific/Auckland",
        "PLT" => "Asia/Karachi",
        "PNT" => "America/Phoenix",
        "PRT" => "America/Puerto_Rico",
        "PST" => "America/Los_Angeles",
        "SST" => "Pacific/Guadalcanal",
        "VST" => "Asia/Ho_Chi_Minh",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{MappedLocalTime, TimeZone as _};
    use proptest::prelude::*;

    const REGIONS: [&str; 6] = [
        "America/New_York",
        "Europe/Dublin",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "America/Sao_Paulo",
    ];

    /// What chrono says of a wall clock: of two instants the earlier, and in a gap what the offset of a day before makes of it.
    fn utc_naive(zone: Tz, local: i64) -> i64 {
        let wall_clock = chrono::DateTime::from_timestamp(local, 0).unwrap().naive_utc();
        match zone.from_local_datetime(&wall_clock) {
            MappedLocalTime::Single(instant) => instant.timestamp(),
            MappedLocalTime::Ambiguous(first, second) => first.timestamp().min(second.timestamp()),
            MappedLocalTime::None => local - offset_of(zone, local - SECONDS_PER_DAY),
        }
    }

    proptest! {
        #[test]
        fn the_table_and_its_last_range_equal_the_rules(
            region in prop::sample::select(REGIONS.to_vec()),
            // From 1800 to 2090, most of it near transitions of one year.
            seconds in proptest::collection::vec(prop_oneof![-5_364_662_400i64..3_786_912_000, 1_767_225_600i64..1_798_761_600], 1..30),
        ) {
            let zone = TimeZone::parse(region).unwrap();
            let rules: Tz = region.parse().unwrap();
            for second in seconds {
                prop_assert_eq!(zone.offset_at(second), offset_of(rules, second), "{} {}", region, second);
                prop_assert_eq!(zone.to_utc_micros(second * 1_000_000), utc_naive(rules, second) * 1_000_000, "{} {}", region, second);
            }
        }
    }

    use crate::parse::calendar::micros_of;

    fn local(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> i64 {
        let time = (hour * 60 + minute) * 60 * MICROS_PER_SECOND;
        micros_of(days_from_civil(year, month, day), time).unwrap()
    }

    #[test]
    fn takes_sparks_names() {
        for name in [
            "UTC",
            "Z",
            "GMT",
            "UT",
            "GMT+1",
            "UTC+01:30",
            "+05:30",
            "-8:00",
            "+18",
            "PST",
            "Europe/Berlin",
            "Etc/GMT+5",
            "+01:02:03",
            "-0800",
            "GMT0",
        ] {
            assert!(TimeZone::parse(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "Mars/X",
            "+19:00",
            "utc",
            "europe/berlin",
            "z",
            "+",
            "GMT+",
            "UTC+25",
            "ROC",
        ] {
            assert!(TimeZone::parse(name).is_err(), "{name}");
        }
        assert_eq!(TimeZone::parse("-8:00").unwrap().offset_at(0), -8 * 3600);
    }

    #[test]
    fn gaps_shift_forward_and_overlaps_take_the_earlier_offset() {
        let zone = TimeZone::parse("America/New_York").unwrap();
        let gap = zone.to_utc_micros(local(2024, 3, 10, 2, 30));
        assert_eq!(zone.to_local_micros(gap), local(2024, 3, 10, 3, 30));
        assert_eq!(zone.to_utc_micros(local(2024, 11, 3, 1, 30)), local(2024, 11, 3, 5, 30));
        assert_eq!(
            zone.to_utc_micros(local(1850, 1, 1, 0, 0)),
            local(1850, 1, 1, 4, 56) + 2_000_000
        );
    }

    #[test]
    fn rules_go_on_after_the_table() {
        let zone = TimeZone::parse("America/New_York").unwrap();
        assert_eq!(zone.to_utc_micros(local(2500, 7, 1, 0, 0)), local(2500, 7, 1, 4, 0));
        assert_eq!(zone.to_utc_micros(local(2500, 1, 1, 0, 0)), local(2500, 1, 1, 5, 0));
        let _ = zone.to_utc_micros(i64::MAX);
        let _ = zone.to_local_micros(i64::MIN);
    }
}
