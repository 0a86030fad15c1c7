//! Rows to the shards of their keys.

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;

use super::GroupKeys;
use crate::aggregate::shard_of;
use crate::error::Result;
use crate::query::Rows;

/// Cuts rows by the shard of their keys.
pub fn split_by_key(keys: &GroupKeys, columns: &[ArrayRef], rows: usize, shards: usize) -> Result<Vec<Rows>> {
    let mut by_shard = vec![Vec::new(); shards];
    for row in 0..rows {
        by_shard[shard_of(keys.hash(row), shards)].push(row as u32);
    }
    by_shard.into_iter().map(|rows| rows_of(columns, rows)).collect()
}

/// Some of the rows.
pub fn rows_of(columns: &[ArrayRef], rows: Vec<u32>) -> Result<Rows> {
    let rows = UInt32Array::from(rows);
    let columns = columns
        .iter()
        .map(|column| Ok(take(column, &rows, None)?))
        .collect::<Result<Vec<_>>>()?;
    Ok((columns, rows.len()))
}
