//! Rows of a map task that were not grouped, because nearly each would have been a group of its own: they go into the
//! state one by one.

use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::take::take;

use super::{AggregateCall, shard_of, update};
use crate::error::Result;
use crate::state::{GroupKeys, GroupTable, KeyView};

/// The rows of a chunk: their keys, what is aggregated of them, and which belong to which shard and pane.
pub struct RawRows {
    keys: GroupKeys,
    /// The arguments of each call.
    arguments: Vec<Vec<ArrayRef>>,
    by_shard: Vec<Vec<(i64, Vec<u32>)>>,
}

impl RawRows {
    /// The rows of a chunk, sorted by shard and pane.
    pub(super) fn new(
        keys: GroupKeys,
        arguments: Vec<Vec<ArrayRef>>,
        shards: usize,
        panes: impl Iterator<Item = i64>,
    ) -> Self {
        let mut by_shard: Vec<Vec<(i64, Vec<u32>)>> = vec![Vec::new(); shards];
        for (row, pane) in panes.enumerate() {
            let of_shard = &mut by_shard[shard_of(keys.hash(row), shards)];
            // Neighbouring rows mostly share a pane, and a chunk has few of them.
            match of_shard.iter_mut().rev().find(|(known, _)| *known == pane) {
                Some((_, rows)) => rows.push(row as u32),
                None => of_shard.push((pane, vec![row as u32])),
            }
        }
        Self {
            keys,
            arguments,
            by_shard,
        }
    }

    /// The panes of a shard, each with its rows.
    pub fn shard(&self, shard: usize) -> &[(i64, Vec<u32>)] {
        self.by_shard.get(shard).map_or(&[], Vec::as_slice)
    }

    /// The key of a row.
    pub fn key(&self, row: u32) -> KeyView<'_> {
        self.keys.get(row as usize)
    }

    /// Puts `rows`, which ascend, into the groups `groups` of a table.
    pub fn update(&self, table: &mut GroupTable, groups: &[u32], rows: &[u32], calls: &[AggregateCall]) -> Result<()> {
        let (Some(&first), Some(&last)) = (rows.first(), rows.last()) else {
            return Ok(());
        };
        let is_run = (last - first) as usize + 1 == rows.len();
        let indices = UInt32Array::from(rows.to_vec());
        for (index, (call, arguments)) in calls.iter().zip(&self.arguments).enumerate() {
            let arguments = arguments
                .iter()
                .map(|array| match is_run {
                    true => Ok(array.slice(first as usize, rows.len())),
                    false => Ok(take(array, &indices, None)?),
                })
                .collect::<Result<Vec<_>>>()?;
            update(table, index, call, groups, &arguments)?;
        }
        Ok(())
    }
}
