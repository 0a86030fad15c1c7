//! The fields of intervals, for extract and date_part: `extract(HOUR FROM INTERVAL '1 2:3:4' DAY TO SECOND)`.

use arrow_array::types::{Decimal128Type, Int8Type, Int32Type};

use super::interval_arithmetic::interval_at;
use super::rows::{Nulls, number_call};
use super::{Call, Expr};
use crate::column::{DataType, DayTimeField, IntervalField, YearMonthField};
use crate::parse::{Interval, MICROS_PER_DAY, MICROS_PER_SECOND};

const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;
const MICROS_PER_HOUR: i64 = 60 * MICROS_PER_MINUTE;

/// Whether an interval of this type has the field; `name` is singular and in small letters.
pub(super) fn has_field(source: &DataType, name: &str) -> bool {
    match source {
        DataType::YearMonthInterval(fields) => {
            YearMonthField::named(name).is_some_and(|field| fields.first <= field && field <= fields.last)
        }
        DataType::DayTimeInterval(fields) => {
            DayTimeField::named(name).is_some_and(|field| fields.first <= field && field <= fields.last)
        }
        _ => true,
    }
}

/// The field of the call's only argument, an interval that has it.
pub(super) fn extract(call: Call<'_>, name: &'static str) -> Expr {
    let source = call.arguments[0].data_type.clone();
    match name {
        "second" => number_call::<Decimal128Type>(
            call,
            "extract",
            DataType::Decimal { precision: 8, scale: 6 },
            false,
            Nulls::Pass,
            move |row| {
                Ok(Some(i128::from(
                    interval_at(row, 0, &source).micros % MICROS_PER_MINUTE,
                )))
            },
        ),
        "year" | "day" => number_call::<Int32Type>(call, "extract", DataType::Int, false, Nulls::Pass, move |row| {
            let Interval { months, days, .. } = interval_at(row, 0, &source);
            Ok(Some(if name == "year" { months / 12 } else { days }))
        }),
        _ => number_call::<Int8Type>(call, "extract", DataType::TinyInt, false, Nulls::Pass, move |row| {
            let Interval { months, micros, .. } = interval_at(row, 0, &source);
            // Each is less than 60, but for the hours of a calendar interval, which Spark cuts to a day's too.
            Ok(Some(match name {
                "month" => (months % 12) as i8,
                "hour" => (micros % MICROS_PER_DAY / MICROS_PER_HOUR) as i8,
                _ => (micros % MICROS_PER_HOUR / MICROS_PER_MINUTE) as i8,
            }))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::FieldRange;

    #[test]
    fn fields_lie_within_the_type() {
        let hours = FieldRange::new(DayTimeField::Day, DayTimeField::Hour).map(DataType::DayTimeInterval);
        assert_eq!(
            hours.map(|found| (has_field(&found, "hour"), has_field(&found, "second"))),
            Some((true, false))
        );
        assert!(!has_field(
            &DataType::YearMonthInterval(FieldRange::of(YearMonthField::Month)),
            "year"
        ));
        assert!(has_field(&DataType::CalendarInterval, "minute"));
    }
}
