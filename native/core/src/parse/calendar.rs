//! The proleptic Gregorian calendar: days since 1970-01-01 to year, month, day and back.

/// Microseconds of a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// Whether `year` has a 29th of February.
pub fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month, 1 to 12; 0 for any other number.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Days since 1970-01-01 of a date that is known to exist.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years are counted from March, so that the leap day is a year's last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Days since 1970-01-01, or none where the calendar has no such date.
pub fn checked_days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let exists = (-999_999_999..=999_999_999).contains(&year) && day >= 1 && day <= days_in_month(year, month);
    exists.then(|| days_from_civil(year, month, day))
}

/// Year, month and day of a day since 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

/// Microseconds of `days` and the time within the day, or none where 64 bits do not hold them.
pub fn micros_of(days: i64, micros_of_day: i64) -> Option<i64> {
    let total = i128::from(days) * i128::from(MICROS_PER_DAY) + i128::from(micros_of_day);
    i64::try_from(total).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(days_from_civil(2026, 11, 22), 20_779);
        assert_eq!(days_from_civil(0, 1, 1), -719_528);
        assert_eq!(checked_days_from_civil(2026, 2, 29), None);
        assert_eq!(checked_days_from_civil(2024, 13, 1), None);
    }

    proptest! {
        #[test]
        fn days_are_those_of_another_calendar(days in -90_000_000i32..90_000_000) {
            use chrono::Datelike as _;
            // chrono counts from the first day of year 1.
            let date = chrono::NaiveDate::from_num_days_from_ce_opt(days + 719_163).unwrap();
            let expected = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
            prop_assert_eq!(civil_from_days(days.into()), expected);
        }

        #[test]
        fn there_and_back(days in -400_000_000i64..400_000_000) {
            let (year, month, day) = civil_from_days(days);
            prop_assert_eq!(checked_days_from_civil(year, month, day), Some(days));
        }
    }
}
