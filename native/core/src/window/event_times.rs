//! What a watermark saw: how many event times, the least, the greatest, their average.

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, PrimitiveArray};
use serde::Serialize;

/// Microseconds of a millisecond.
const MILLI: i64 = 1000;
/// At most so many rows have the average of their event times taken row by row.
const STEPWISE_ROWS_MAX: usize = 1024;

/// Event times that a map task saw below one withWatermark node.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventTimeStats {
    /// The node.
    pub node: usize,
    /// Rows; a null counts as 1970, as in Spark.
    pub count: u64,
    /// Least, milliseconds.
    pub min_ms: i64,
    /// Greatest, milliseconds.
    pub max_ms: i64,
    /// Average of milliseconds.
    pub avg_ms: f64,
}

impl EventTimeStats {
    /// Of a column; none where it has no rows. Spark takes them in milliseconds.
    pub fn of(node: usize, times: &PrimitiveArray<TimestampMicrosecondType>) -> Option<Self> {
        match times.nulls().filter(|nulls| nulls.null_count() > 0) {
            None => Self::of_micros(node, times.values()),
            Some(nulls) => {
                let given = times.values().iter().enumerate();
                let all: Vec<i64> = given
                    .map(|(row, &micros)| if nulls.is_valid(row) { micros } else { 0 })
                    .collect();
                Self::of_micros(node, &all)
            }
        }
    }

    fn of_micros(node: usize, times: &[i64]) -> Option<Self> {
        let first = *times.first()?;
        let range = |(least, greatest): (i64, i64), &micros: &i64| (least.min(micros), greatest.max(micros));
        let (least, greatest) = times.iter().fold((first, first), range);
        let count = times.len() as u64;
        // Spark moves the average row by row, and shows its milliseconds without their fraction. Where there are many
        // rows that is the sum's average but for one batch in thousands, and a division a row would be dear.
        let avg_ms = if times.len() <= STEPWISE_ROWS_MAX {
            let step = |(seen, average): (f64, f64), &micros: &i64| {
                let seen = seen + 1.0;
                (seen, average + (micros.div_euclid(MILLI) as f64 - average) / seen)
            };
            times.iter().fold((0.0, 0.0), step).1
        } else {
            sum_of_millis(times, least, greatest) as f64 / count as f64
        };
        Some(Self {
            node,
            count,
            min_ms: least.div_euclid(MILLI),
            max_ms: greatest.div_euclid(MILLI),
            avg_ms,
        })
    }

    /// Adds what was seen further on.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.min_ms = self.min_ms.min(other.min_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
        self.avg_ms += (other.avg_ms - self.avg_ms) * other.count as f64 / self.count as f64;
    }
}

/// The sum of the whole milliseconds of times between `least` and `greatest`. Those of an hour or so are counted from the first of
/// them on: vector units divide small numbers.
fn sum_of_millis(times: &[i64], least: i64, greatest: i64) -> i128 {
    let base_ms = least.div_euclid(MILLI);
    let base = base_ms
        .checked_mul(MILLI)
        .filter(|base| greatest.abs_diff(*base) <= u64::from(u32::MAX));
    match base {
        Some(base) => {
            let behind: u64 = times
                .iter()
                .map(|micros| u64::from(micros.wrapping_sub(base) as u32 / MILLI as u32))
                .sum();
            i128::from(base_ms) * times.len() as i128 + i128::from(behind)
        }
        None => times.iter().map(|micros| i128::from(micros.div_euclid(MILLI))).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn millis_are_summed_as_one_by_one(
            start in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -5000i64..5000],
            steps in proptest::collection::vec(prop_oneof![9 => 0u64..1 << 32, 1 => any::<u64>()], 1..50),
            room in prop_oneof![Just(1u64), Just(1000), Just(u64::MAX)],
        ) {
            let times: Vec<i64> = steps.iter().map(|step| start.saturating_add_unsigned(step / room)).collect();
            let (least, greatest) = (*times.iter().min().unwrap(), *times.iter().max().unwrap());
            let naive: i128 = times.iter().map(|micros| i128::from(micros.div_euclid(1000))).sum();
            prop_assert_eq!(sum_of_millis(&times, least, greatest), naive);
        }
    }

    #[test]
    fn a_null_is_the_start_of_1970() {
        let stats = EventTimeStats::of(3, &PrimitiveArray::from(vec![Some(2_999), None, Some(-1)])).unwrap();
        assert_eq!((stats.node, stats.count, stats.min_ms, stats.max_ms), (3, 3, -1, 2));
        assert!((stats.avg_ms - 1.0 / 3.0).abs() < 1e-9);
        assert!(EventTimeStats::of(3, &PrimitiveArray::from(Vec::<i64>::new())).is_none());
    }
}
