//! java.util.GregorianCalendar for English (United States): fields that were set one after the other become a wall-clock time.
//!
//! Weeks begin on Sunday and the week of January 1st is the first. Before 1582-10-15 dates are Julian; Spark keeps their
//! year, month and day when it moves them to its own calendar.

use super::super::calendar::{civil_from_days, days_from_civil};

/// A field of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    Year,
    /// From 0.
    Month,
    WeekOfYear,
    WeekOfMonth,
    Day,
    DayOfYear,
    /// From 1, a Sunday.
    DayOfWeek,
    DayOfWeekInMonth,
    HalfDay,
    Hour12,
    Hour,
    Minute,
    Second,
    Milli,
    WeekYear,
}

const FIELDS: [Field; 16] = [
    Field::Era,
    Field::Year,
    Field::Month,
    Field::WeekOfYear,
    Field::WeekOfMonth,
    Field::Day,
    Field::DayOfYear,
    Field::DayOfWeek,
    Field::DayOfWeekInMonth,
    Field::HalfDay,
    Field::Hour12,
    Field::Hour,
    Field::Minute,
    Field::Second,
    Field::Milli,
    Field::WeekYear,
];

const MILLIS_PER_DAY: i64 = 86_400_000;
/// 1582-10-15, the first day that is not Julian.
const GREGORIAN_FIRST_DAY: i64 = -141_427;
const DAYS_FROM_JULIAN_EPOCH: i64 = 2_440_588 + 32_082;

/// The fields that were set, each with the order it was set in.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    values: [i64; FIELDS.len()],
    stamps: [u8; FIELDS.len()],
    last_stamp: u8,
}

impl Calendar {
    pub(super) fn set(&mut self, field: Field, value: i32) {
        self.last_stamp = self.last_stamp.saturating_add(1);
        self.stamps[field as usize] = self.last_stamp;
        self.values[field as usize] = i64::from(value);
    }

    /// The digits after the point, which are then no milliseconds any more.
    pub(super) fn take_fraction(&mut self) -> i64 {
        std::mem::take(&mut self.values[Field::Milli as usize])
    }

    fn get(&self, field: Field) -> Option<i64> {
        (self.stamp(field) > 0).then(|| self.values[field as usize])
    }

    /// When a field was set; 0 where it was not.
    fn stamp(&self, field: Field) -> u8 {
        self.stamps[field as usize]
    }

    /// Days (on Spark's calendar) and milliseconds of the day; none where the calendar is strict and a field is out of its
    /// range or says something else than the others.
    pub(super) fn resolve(&self, is_lenient: bool) -> Option<(i64, i64)> {
        let in_range = |field: &Field| self.get(*field).is_none_or(|value| range_of(*field).contains(&value));
        if !is_lenient && !FIELDS.iter().all(in_range) {
            return None;
        }
        let millis = self.millis();
        let days = self.days()? + millis.div_euclid(MILLIS_PER_DAY);
        let millis = millis.rem_euclid(MILLIS_PER_DAY);
        let agrees = |field: &Field| {
            self.get(*field)
                .is_none_or(|value| value == field_at(*field, days, millis))
        };
        if !is_lenient && !FIELDS.iter().all(agrees) {
            return None;
        }
        let (year, month, day) = civil(days);
        Some((days_from_civil(year, month, 1) + day - 1, millis))
    }

    fn millis(&self) -> i64 {
        let of = |field: Field| self.get(field).unwrap_or(0);
        let both = match (self.stamp(Field::Hour12), self.stamp(Field::HalfDay)) {
            (0, _) | (_, 0) => 0,
            (hour, half) => hour.max(half),
        };
        let hour_stamp = self.stamp(Field::Hour);
        let hour = if hour_stamp > 0 && hour_stamp >= both {
            of(Field::Hour)
        } else {
            of(Field::Hour12) + 12 * of(Field::HalfDay)
        };
        ((hour * 60 + of(Field::Minute)) * 60 + of(Field::Second)) * 1000 + of(Field::Milli)
    }

    fn days(&self) -> Option<i64> {
        if self.stamp(Field::WeekYear) > self.stamp(Field::Year) {
            let first = sunday_before(days_of(self.get(Field::WeekYear)?, 1, 1));
            let week = self.get(Field::WeekOfYear).unwrap_or(1);
            let weekday = self.get(Field::DayOfWeek).unwrap_or(1);
            return Some(first + (week - 1) * 7 + weekday - 1);
        }
        let mut year = self.get(Field::Year).unwrap_or(1970);
        if self.get(Field::Era) == Some(0) {
            year = 1 - year;
        }
        let of = |field: Field| self.get(field).unwrap_or(0);
        let weekday = self.get(Field::DayOfWeek);
        let by = self.way();
        if matches!(by, Way::DayOfYear | Way::WeekOfYear) {
            let first = days_of(year, 1, 1);
            return Some(match by {
                Way::DayOfYear => first + of(Field::DayOfYear) - 1,
                _ => sunday_before(first) + (of(Field::WeekOfYear) - 1) * 7 + weekday.unwrap_or(1) - 1,
            });
        }
        let months = of(Field::Month);
        let (year, month) = (year + months.div_euclid(12), months.rem_euclid(12) + 1);
        let first = days_of(year, month, 1);
        Some(match by {
            Way::WeekOfMonth => sunday_before(first) + (of(Field::WeekOfMonth) - 1) * 7 + weekday.unwrap_or(1) - 1,
            Way::WeekdayInMonth => {
                let number = self.get(Field::DayOfWeekInMonth).unwrap_or(1);
                let last = if number >= 0 {
                    first + 7 * number - 1
                } else {
                    let next = days_of(year + month / 12, month % 12 + 1, 1);
                    next + 7 * (number + 1) - 1
                };
                last - (weekday_of(last) - weekday.unwrap_or(1)).rem_euclid(7)
            }
            _ => days_of(year, month, self.get(Field::Day).unwrap_or(1)),
        })
    }

    /// Which fields name the day: of those that are complete the ones that were set last.
    fn way(&self) -> Way {
        let weekday = self.stamp(Field::DayOfWeek);
        let complete = |field: Field| match (self.stamp(field), weekday) {
            (0, _) | (_, 0) => 0,
            (stamp, weekday) => stamp.max(weekday),
        };
        let day = self.stamp(Field::Day);
        let day_of_year = self.stamp(Field::DayOfYear);
        let (mut week_of_month, mut in_month, mut week_of_year) = (
            complete(Field::WeekOfMonth),
            complete(Field::DayOfWeekInMonth),
            complete(Field::WeekOfYear),
        );
        let mut best = day.max(week_of_month).max(in_month).max(day_of_year).max(week_of_year);
        if best == 0 {
            // Nothing is complete: a week alone, or a weekday alone, the first one of its month.
            week_of_month = self.stamp(Field::WeekOfMonth);
            in_month = self.stamp(Field::DayOfWeekInMonth).max(weekday);
            week_of_year = self.stamp(Field::WeekOfYear);
            best = week_of_month.max(in_month).max(week_of_year);
        }
        let of_year = self.stamp(Field::WeekOfYear);
        if best == day {
            Way::Day
        } else if best == week_of_month && self.stamp(Field::WeekOfMonth) >= of_year {
            if week_of_month == in_month && self.stamp(Field::WeekOfMonth) < self.stamp(Field::DayOfWeekInMonth) {
                Way::WeekdayInMonth
            } else {
                Way::WeekOfMonth
            }
        } else if best == in_month && self.stamp(Field::DayOfWeekInMonth) >= of_year {
            Way::WeekdayInMonth
        } else if best == day_of_year {
            Way::DayOfYear
        } else {
            Way::WeekOfYear
        }
    }
}

/// The ways to name a day of a year.
enum Way {
    Day,
    WeekOfMonth,
    WeekdayInMonth,
    DayOfYear,
    WeekOfYear,
}

fn range_of(field: Field) -> std::ops::RangeInclusive<i64> {
    match field {
        Field::Era | Field::HalfDay => 0..=1,
        Field::Year | Field::WeekYear => 1..=292_278_994,
        Field::Month | Field::Hour12 => 0..=11,
        Field::WeekOfYear => 1..=53,
        Field::WeekOfMonth => 0..=6,
        Field::Day => 1..=31,
        Field::DayOfYear => 1..=366,
        Field::DayOfWeek => 1..=7,
        Field::DayOfWeekInMonth => -1..=6,
        Field::Hour => 0..=23,
        Field::Minute | Field::Second => 0..=59,
        Field::Milli => 0..=999,
    }
}

/// What a field says of a time; `days` are of this calendar.
pub(super) fn field_at(field: Field, days: i64, millis: i64) -> i64 {
    let (year, month, day) = civil(days);
    let hour = millis / 3_600_000;
    match field {
        Field::Era => i64::from(year > 0),
        Field::Year if year > 0 => year,
        Field::Year => 1 - year,
        Field::Month => month - 1,
        Field::WeekOfYear => {
            let first = sunday_before(days_of(civil(saturday_after(days)).0, 1, 1));
            (days - first) / 7 + 1
        }
        Field::WeekYear => civil(saturday_after(days)).0,
        Field::WeekOfMonth => (days - sunday_before(days_of(year, month, 1))) / 7 + 1,
        Field::Day => day,
        Field::DayOfYear => days - days_of(year, 1, 1) + 1,
        Field::DayOfWeek => weekday_of(days),
        Field::DayOfWeekInMonth => (day - 1) / 7 + 1,
        Field::HalfDay => hour / 12,
        Field::Hour12 => hour % 12,
        Field::Hour => hour,
        Field::Minute => millis / 60_000 % 60,
        Field::Second => millis / 1000 % 60,
        Field::Milli => millis % 1000,
    }
}

/// This calendar's days of a day on Spark's, which keeps year, month and day.
pub(super) fn days_of_proleptic(days: i64) -> i64 {
    let (year, month, day) = civil_from_days(days);
    days_of(year, month, day)
}

/// 1 for a Sunday.
fn weekday_of(days: i64) -> i64 {
    (days + 4).rem_euclid(7) + 1
}

fn sunday_before(days: i64) -> i64 {
    days - weekday_of(days) + 1
}

fn saturday_after(days: i64) -> i64 {
    sunday_before(days) + 6
}

/// Days of a year, a month from 1 and a day that may lie beyond the month.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let gregorian = days_from_civil(year, month, 1) + day - 1;
    if gregorian >= GREGORIAN_FIRST_DAY {
        return gregorian;
    }
    // Years are counted from March, so that a leap day is the last.
    let before_march = i64::from(month < 3);
    let (year, month) = (year + 4800 - before_march, month + 12 * before_march - 3);
    let day_of_year = (153 * month + 2) / 5 + day;
    day_of_year + 365 * year + year.div_euclid(4) - 1 - DAYS_FROM_JULIAN_EPOCH
}

/// Year, month and day of this calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    if days >= GREGORIAN_FIRST_DAY {
        return civil_from_days(days);
    }
    let count = days + DAYS_FROM_JULIAN_EPOCH;
    let year = (4 * count + 3).div_euclid(1461);
    let day_of_year = count - (1461 * year).div_euclid(4);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    (year - 4800 + month / 10, month + 3 - 12 * (month / 10), day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resolved(fields: &[(Field, i32)], is_lenient: bool) -> Option<(i64, i64)> {
        let mut calendar = Calendar::default();
        fields.iter().for_each(|(field, value)| calendar.set(*field, *value));
        calendar.resolve(is_lenient)
    }

    #[test]
    fn what_was_set_last_names_the_day() {
        use Field::*;
        // What Java 17 answers in UTC.
        let day = |fields: &[(Field, i32)]| resolved(fields, false).map(|(days, _)| civil_from_days(days));
        assert_eq!(
            day(&[(WeekYear, 2026), (WeekOfYear, 5), (DayOfWeek, 4)]),
            Some((2026, 1, 28))
        );
        assert_eq!(
            day(&[(Year, 2026), (Month, 4), (WeekOfMonth, 3), (DayOfWeek, 1)]),
            Some((2026, 5, 10))
        );
        assert_eq!(
            day(&[(Year, 2026), (Month, 4), (DayOfWeekInMonth, 3)]),
            Some((2026, 5, 17))
        );
        assert_eq!(day(&[(DayOfWeek, 1)]), Some((1970, 1, 4)));
        assert_eq!(day(&[(Year, 2026), (DayOfYear, 366)]), None);
        assert_eq!(day(&[(Year, 1582), (Month, 9), (Day, 10)]), None);
    }

    #[test]
    fn only_a_lenient_one_rolls_over() {
        use Field::*;
        let fields = [(Year, 2026), (Month, 1), (Day, 31), (Hour, 24)];
        assert_eq!(resolved(&fields, false), None);
        assert_eq!(resolved(&fields, true), Some((days_from_civil(2026, 3, 4), 0)));
    }

    proptest! {
        #[test]
        fn days_come_back(days in -4_000_000i64..4_000_000) {
            let (year, month, day) = civil(days);
            prop_assert_eq!(days_of(year, month, day), days);
        }
    }
}
