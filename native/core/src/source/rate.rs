//! The rate source: consecutive numbers with the times they stand for.

use std::sync::Arc;

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, Int64Array, PrimitiveArray};
use serde::Deserialize;

use super::{Chunk, Place};
use crate::column::{DataType, Field, StructType};
use crate::error::Result;
use crate::limits::CHUNK_ROWS_MAX;

/// Values `start..end`; value 0 stands for `start_timestamp_ms`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateRange {
    /// The reader's number.
    pub source: u32,
    /// First value.
    pub start: i64,
    /// Value after the last.
    pub end: i64,
    /// Time of value 0.
    pub start_timestamp_ms: i64,
    /// Values in a second; 0 = all of them at the same time.
    pub rows_per_second: i64,
}

/// timestamp TIMESTAMP, value BIGINT.
pub fn schema() -> StructType {
    StructType::new(vec![
        Field::new("timestamp", DataType::Timestamp, true),
        Field::new("value", DataType::BigInt, true),
    ])
}

/// Makes the values.
pub fn read(range: &RateRange, each: &mut impl FnMut(Chunk) -> Result<()>) -> Result<u64> {
    let mut first = range.start;
    while first < range.end {
        let last = range.end.min(first + CHUNK_ROWS_MAX as i64);
        let micros = |value: i64| {
            let since = (i128::from(value) * 1_000_000).checked_div(i128::from(range.rows_per_second));
            range.start_timestamp_ms * 1000 + since.unwrap_or(0) as i64
        };
        let times = PrimitiveArray::<TimestampMicrosecondType>::from_iter_values((first..last).map(micros));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(times.with_timezone("UTC")),
            Arc::new(Int64Array::from_iter_values(first..last)),
        ];
        let place = Place::Memory {
            first_row: (first - range.start) as usize,
        };
        each(Chunk::new(columns, (last - first) as usize, place))?;
        first = last;
    }
    Ok(0)
}
