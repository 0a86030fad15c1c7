//! Columns of times to panes and windows.

use std::sync::Arc;

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, Int64Array, PrimitiveArray, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;

use super::{EventTimeKey, NO_TIME, WindowSpec};
use crate::column::DataType;
use crate::error::Result;

type Times = PrimitiveArray<TimestampMicrosecondType>;

/// Puts times into panes. Neighbouring rows mostly share a pane, so the last one is tried first.
pub struct PaneAssigner {
    spec: WindowSpec,
    pane_micros: i64,
    last_pane: i64,
}

impl PaneAssigner {
    /// For these windows.
    pub fn new(spec: WindowSpec) -> Self {
        Self {
            spec,
            pane_micros: spec.pane_micros(),
            last_pane: spec.pane_of(0),
        }
    }

    /// Start of the pane that holds `time`.
    #[inline]
    pub fn pane_of(&mut self, time: i64) -> i64 {
        // Unsigned: one test says both not before and not after.
        if (time.wrapping_sub(self.last_pane) as u64) < self.pane_micros as u64 {
            return self.last_pane;
        }
        let offset = time.wrapping_sub(self.spec.start_micros).rem_euclid(self.pane_micros);
        self.last_pane = time.wrapping_sub(offset);
        self.last_pane
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
        fn a_pane_does_not_depend_on_the_times_before(
            slide in 1i64..100, extra in 0i64..100, offset in -99i64..100,
            times in proptest::collection::vec(prop_oneof![-300i64..300, -62_135_596_800_000_000i64..253_402_300_800_000_000], 1..40),
        ) {
            let spec = WindowSpec { size_micros: slide + extra, slide_micros: slide, start_micros: offset % slide };
            let mut assigner = PaneAssigner::new(spec);
            for time in times {
                prop_assert_eq!(i128::from(assigner.pane_of(time)), pane_naive(spec, time));
            }
        }
    }
}
