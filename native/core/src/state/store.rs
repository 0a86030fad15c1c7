//! The state of one shard: an arena per window, so that closing a window is dropping an arena.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Budget, GroupTable, Layout, Tag};
use crate::aggregate::{AggregateCall, merge};
use crate::error::Result;

/// What happened to the state in a batch; Spark's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShardCounters {
    /// Groups after the batch.
    pub num_rows_total: u64,
    /// Groups that the batch changed or made.
    pub num_rows_updated: u64,
    /// Groups that were evicted.
    pub num_rows_removed: u64,
    /// Partial groups that came behind the watermark.
    pub num_rows_dropped_by_watermark: u64,
    /// Bytes held.
    pub memory_used_bytes: u64,
}

/// The arenas of one shard, by the start of their window (micros); groups without event time are in one at 0.
pub struct ShardStore {
    windows: BTreeMap<i64, GroupTable>,
    layout: Layout,
    budget: Arc<Budget>,
}

impl ShardStore {
    /// An empty shard.
    pub fn new(layout: Layout, budget: Arc<Budget>) -> Self {
        Self {
            windows: BTreeMap::new(),
            layout,
            budget,
        }
    }

    /// The arena of a window, made where there is none.
    pub fn window(&mut self, start: i64) -> &mut GroupTable {
        let (layout, budget) = (&self.layout, &self.budget);
        self.windows
            .entry(start)
            .or_insert_with(|| GroupTable::new(layout.clone(), Tag::Batch, Arc::clone(budget)))
    }

    /// Merges the partial groups `from_rows` of a map task into the window that starts at `start`.
    pub fn absorb(
        &mut self,
        start: i64,
        batch: u64,
        from: &GroupTable,
        from_rows: &[u32],
        calls: &[AggregateCall],
    ) -> Result<()> {
        let table = self.window(start);
        let mut rows = Vec::with_capacity(from_rows.len());
        for &from_row in from_rows {
            let row = table.find_or_insert(from.key(from_row), 0)?;
            table.touch(row, batch);
            rows.push(row);
        }
        for (index, call) in calls.iter().enumerate() {
            merge(table, &rows, from, from_rows, index, call)?;
        }
        Ok(())
    }

    /// The arenas in the order of their windows.
    pub fn windows(&self) -> impl Iterator<Item = (i64, &GroupTable)> {
        self.windows.iter().map(|(&start, table)| (start, table))
    }

    /// The arenas in the order of their windows, to be changed.
    pub fn windows_mut(&mut self) -> impl Iterator<Item = (i64, &mut GroupTable)> {
        self.windows.iter_mut().map(|(&start, table)| (start, table))
    }

    /// Takes out the arenas of windows that are closed, in order.
    pub fn evict(&mut self, is_closed: impl Fn(i64) -> bool) -> Vec<(i64, GroupTable)> {
        let mut evicted = Vec::new();
        // Windows of one length close in the order of their starts.
        while let Some(entry) = self.windows.first_entry() {
            if !is_closed(*entry.key()) {
                break;
            }
            evicted.push(entry.remove_entry());
        }
        evicted
    }

    /// Number of groups.
    pub fn len(&self) -> u64 {
        self.windows.values().map(|table| table.len() as u64).sum()
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.windows.values().map(GroupTable::bytes).sum()
    }
}
