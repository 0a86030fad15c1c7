//! Columns of times to panes and windows.

use std::sync::Arc;

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, Int64Array, PrimitiveArray, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;

use super::{EventTimeKey, NO_TIME, WindowSpec};
use crate::column::DataType;
use crate::error::Result;

type Times = PrimitiveArray<TimestampMicrosecondType>;

/// Puts times into panes: the remainder of a division by a constant, by multiplication and without a branch, because late
/// rows leave the pane of the row before at random.
#[derive(Clone, Copy, Debug)]
pub struct PaneAssigner {
    start_micros: i64,
    pane_micros: u64,
    /// 2^64 divided by the pane: a quotient made with it is right or one too small.
    reciprocal: u64,
    /// The remainder of 2^63, which all dividends are raised by: they are not negative then.
    raise: u64,
}

impl PaneAssigner {
    /// For these windows.
    pub fn new(spec: WindowSpec) -> Self {
        let pane_micros = spec.pane_micros() as u64;
        Self {
            start_micros: spec.start_micros,
            pane_micros,
            reciprocal: u64::MAX / pane_micros,
            raise: (1 << 63) % pane_micros,
        }
    }

    /// Start of the pane that holds `time`.
    #[inline]
    pub fn pane_of(&self, time: i64) -> i64 {
        let pane = self.pane_micros;
        let dividend = time.wrapping_sub(self.start_micros) as u64 ^ 1 << 63;
        let quotient = ((u128::from(dividend) * u128::from(self.reciprocal)) >> 64) as u64;
        let rest = dividend.wrapping_sub(quotient.wrapping_mul(pane));
        // Of two numbers that are a pane apart, the one that did not wrap around is the smaller.
        let rest = rest.min(rest.wrapping_sub(pane)).wrapping_sub(self.raise);
        let offset = rest.min(rest.wrapping_add(pane));
        time.wrapping_sub(offset as i64)
    }
}

/// For each row and each window that holds it, the row and the window's start, in Spark's order. A null time is in no
/// window; where the key is a column that was there before, null is a key like others.
pub fn expand_windows(key: &EventTimeKey, times: &Times) -> (UInt32Array, Int64Array) {
    let mut rows = Vec::with_capacity(times.len());
    let mut starts = Vec::with_capacity(times.len());
    for (row, time) in times.iter().enumerate() {
        match key {
            EventTimeKey::Instant { .. } | EventTimeKey::Held { .. } => {
                rows.push(row as u32);
                starts.push(time.unwrap_or(NO_TIME));
            }
            EventTimeKey::Window { spec, .. } => {
                for start in time.into_iter().flat_map(|time| spec.starts_of(time)) {
                    rows.push(row as u32);
                    starts.push(start);
                }
            }
        }
    }
    (UInt32Array::from(rows), Int64Array::from(starts))
}

/// The column of an event-time key: structs of the given starts and ends, or the times themselves.
pub fn window_column(key: &EventTimeKey, starts: Vec<i64>, ends: Vec<i64>) -> Result<ArrayRef> {
    let nulls = match key {
        EventTimeKey::Window { .. } => None,
        _ if !starts.contains(&NO_TIME) => None,
        _ => Some(NullBuffer::from_iter(starts.iter().map(|&start| start != NO_TIME))),
    };
    match key {
        EventTimeKey::Instant { time } => Ok(times(starts, nulls, &time.data_type)),
        EventTimeKey::Window { .. } | EventTimeKey::Held { .. } => {
            window_structs(&key.data_type(), starts, ends, nulls)
        }
    }
}

/// Windows of type `data_type`, from their starts and ends.
pub fn window_structs(
    data_type: &DataType,
    starts: Vec<i64>,
    ends: Vec<i64>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let (DataType::Struct(fields), Some(time_type)) = (data_type, data_type.window_time()) else {
        return Err(crate::error::Error::internal("a window is a struct"));
    };
    let bounds = vec![
        times(starts, nulls.clone(), time_type),
        times(ends, nulls.clone(), time_type),
    ];
    Ok(Arc::new(StructArray::try_new(fields.to_arrow(), bounds, nulls)?))
}

fn times(values: Vec<i64>, nulls: Option<NullBuffer>, data_type: &DataType) -> ArrayRef {
    let times = Times::new(values.into(), nulls);
    let is_utc = *data_type != DataType::TimestampNtz;
    Arc::new(if is_utc { times.with_timezone("UTC") } else { times })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The pane of a time, worked out anew in whole numbers that cannot overflow.
    fn pane_naive(spec: WindowSpec, time: i64) -> i128 {
        let pane = i128::from(spec.pane_micros());
        let start = i128::from(spec.start_micros);
        (i128::from(time) - start).div_euclid(pane) * pane + start
    }

    proptest! {
        #[test]
        fn a_pane_is_the_floor_in_whole_numbers(
            slide in prop_oneof![1i64..100, 1i64..4_000_000_000_000_000_000, (0u32..62).prop_map(|bits| 1 << bits)],
            extra in 0i64..100,
            offset in any::<i64>(),
            times in proptest::collection::vec(prop_oneof![-300i64..300, -62_135_596_800_000_000i64..253_402_300_800_000_000], 1..40),
        ) {
            let spec = WindowSpec { size_micros: slide + extra, slide_micros: slide, start_micros: offset % slide };
            let assigner = PaneAssigner::new(spec);
            for time in times {
                prop_assert_eq!(i128::from(assigner.pane_of(time)), pane_naive(spec, time));
            }
        }
    }
}
