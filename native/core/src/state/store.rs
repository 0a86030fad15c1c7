//! The state of one shard: an arena per window, so that closing a window is dropping an arena.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::{Budget, GroupTable, KeyView, Layout, Tag};
use crate::aggregate::{AggregateCall, RawRows, merge};
use crate::error::Result;

/// Groups that are merged together: what was looked at to find them is still in the cache when their values are merged.
const ABSORBED_AT_ONCE: usize = 512;

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
    /// Rows whose key a deduplication had seen.
    pub num_dropped_duplicate_rows: u64,
    /// Timers that the program's functions registered.
    pub num_registered_timers: u64,
    /// Timers that were deleted, fired ones included.
    pub num_deleted_timers: u64,
    /// Timers that fired.
    pub num_expired_timers: u64,
    /// Bytes held.
    pub memory_used_bytes: u64,
}

impl ShardCounters {
    /// Adds what happened to another shard.
    pub fn add(&mut self, other: &Self) {
        self.num_rows_total += other.num_rows_total;
        self.num_rows_updated += other.num_rows_updated;
        self.num_rows_removed += other.num_rows_removed;
        self.num_rows_dropped_by_watermark += other.num_rows_dropped_by_watermark;
        self.num_dropped_duplicate_rows += other.num_dropped_duplicate_rows;
        self.num_registered_timers += other.num_registered_timers;
        self.num_deleted_timers += other.num_deleted_timers;
        self.num_expired_timers += other.num_expired_timers;
        self.memory_used_bytes += other.memory_used_bytes;
    }
}

/// Where a window lies in event time, micros; 0 and 0 for groups without event time. Each has its own end: a query may
/// go on from a checkpoint with windows of another length, and those that are open close when they would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The end, which comes first: windows close in its order.
    pub end: i64,
    /// The start.
    pub start: i64,
}

impl Span {
    /// Where groups without event time are.
    pub const ALL: Span = Span { end: 0, start: 0 };
}

/// The arenas of one shard, by their window.
pub struct ShardStore {
    windows: BTreeMap<Span, GroupTable>,
    /// Windows that the last batch closed.
    closed: Vec<Span>,
    /// The batch that the groups of a state file count as changed by, and the windows that it closed, where that is followed.
    followed: Option<(u64, Vec<(Span, GroupTable)>)>,
    /// Groups that a snapshot brings.
    pub expected_rows: usize,
    layout: Layout,
    budget: Arc<Budget>,
}

impl ShardStore {
    /// An empty shard.
    pub fn new(layout: Layout, budget: Arc<Budget>) -> Self {
        Self {
            windows: BTreeMap::new(),
            closed: Vec::new(),
            followed: None,
            expected_rows: 0,
            layout,
            budget,
        }
    }

    /// The arena of a window, made where there is none.
    pub fn window(&mut self, span: Span) -> &mut GroupTable {
        let (layout, budget) = (&self.layout, &self.budget);
        let newest_rows = self.windows.last_key_value().map_or(0, |(_, newest)| newest.len());
        self.windows.entry(span).or_insert_with(|| {
            let mut table = GroupTable::new(layout.clone(), Tag::Batch, Arc::clone(budget));
            table.set_expected_rows(newest_rows);
            table
        })
    }

    /// Merges the partial groups `from_rows` of a map task into a window.
    pub fn absorb(
        &mut self,
        span: Span,
        batch: u64,
        from: &GroupTable,
        from_rows: &[u32],
        calls: &[AggregateCall],
    ) -> Result<()> {
        let table = self.window(span);
        table.expect_rows(from_rows.len())?;
        let mut rows = Vec::with_capacity(ABSORBED_AT_ONCE);
        for from_rows in from_rows.chunks(ABSORBED_AT_ONCE) {
            touch_groups(table, batch, from_rows, |row| from.key(row), &mut rows)?;
            for (index, call) in calls.iter().enumerate() {
                merge(table, &rows, from, from_rows, index, call)?;
            }
        }
        Ok(())
    }

    /// Puts rows of a map task that were not grouped into a window.
    pub fn absorb_rows(
        &mut self,
        span: Span,
        batch: u64,
        from: &RawRows,
        from_rows: &[u32],
        calls: &[AggregateCall],
    ) -> Result<()> {
        let table = self.window(span);
        table.expect_rows(from_rows.len())?;
        let mut rows = Vec::with_capacity(ABSORBED_AT_ONCE);
        for from_rows in from_rows.chunks(ABSORBED_AT_ONCE) {
            touch_groups(table, batch, from_rows, |row| from.key(row), &mut rows)?;
            from.update(table, &rows, from_rows, calls)?;
        }
        Ok(())
    }

    /// The group of a key in a window, where there is one: its arena and its row.
    pub fn group(&self, span: Span, key: KeyView<'_>) -> Option<(&GroupTable, u32)> {
        let table = self.windows.get(&span)?;
        Some((table, table.find(key)?))
    }

    /// Forgets what the batch before changed.
    pub fn begin_batch(&mut self) {
        self.closed.clear();
        self.windows.values_mut().for_each(GroupTable::forget_touched);
    }

    /// The arenas in the order of their windows.
    pub fn windows(&self) -> impl Iterator<Item = (Span, &GroupTable)> {
        self.windows.iter().map(|(&span, table)| (span, table))
    }

    /// The windows that this batch closed.
    pub fn closed(&self) -> &[Span] {
        &self.closed
    }

    /// Drops the arena of a window.
    pub fn forget(&mut self, span: Span) {
        let gone = self.windows.remove(&span);
        if let (Some((_, followed)), Some(table)) = (&mut self.followed, gone) {
            followed.push((span, table));
        }
    }

    /// Lets what is restored from now on count as changed by a batch.
    pub fn follow(&mut self, batch: u64) {
        self.begin_batch();
        self.followed = Some((batch, Vec::new()));
    }

    /// The batch that restored groups count as changed by.
    pub(super) fn followed_batch(&self) -> Option<u64> {
        self.followed.as_ref().map(|(batch, _)| *batch)
    }

    /// The windows that the followed batch closed, as they were.
    pub(super) fn gone_windows(&self) -> &[(Span, GroupTable)] {
        self.followed.as_ref().map_or(&[], |(_, gone)| gone)
    }

    /// The arenas of windows that end after `micros`, in the order of their windows; all where that is the first instant.
    pub(super) fn windows_after(&self, micros: i64) -> impl Iterator<Item = (Span, &GroupTable)> {
        let from = match micros {
            i64::MIN => Bound::Unbounded,
            end => Bound::Excluded(Span { end, start: i64::MAX }),
        };
        let windows = self.windows.range((from, Bound::Unbounded));
        windows.map(|(&span, table)| (span, table))
    }

    /// Takes out the arenas of windows that are closed, in order.
    pub fn evict(&mut self, is_closed: impl Fn(Span) -> bool) -> Vec<(Span, GroupTable)> {
        let mut evicted = Vec::new();
        while let Some(entry) = self.windows.first_entry() {
            if !is_closed(*entry.key()) {
                break;
            }
            self.closed.push(*entry.key());
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

/// Finds the groups with the keys of these rows, which are made where there are none; all count as changed by `batch`.
fn touch_groups<'a>(
    table: &mut GroupTable,
    batch: u64,
    from_rows: &[u32],
    key_of: impl Fn(u32) -> KeyView<'a>,
    rows: &mut Vec<u32>,
) -> Result<()> {
    rows.clear();
    table.find_or_insert_all(from_rows.len(), |nth| key_of(from_rows[nth]), |_| 0, rows)?;
    table.touch_all(rows, batch);
    Ok(())
}
