//! A shard's part of a batch of sessions: drop what is late, merge the rest into the sessions of its keys, make result rows,
//! evict closed sessions.

use std::sync::Arc;

use super::fold_groups::apply_folds;
use super::results::{WindowRows, result_rows};
use super::session_arrivals::SessionArrivals;
use super::{Budget, OpenFolds, SessionStore, ShardCounters};
use crate::checkpoint::OperatorSchema;
use crate::error::Result;
use crate::expr::Expr;
use crate::pipeline::Partial;
use crate::plan::{OutputMode, SessionSpec};
use crate::query::{BatchSpec, Grouping};
use crate::window::window_structs;

/// The state of a grouping by sessions.
pub struct Sessions {
    /// Keys, accumulators and shards.
    pub grouping: Grouping<SessionStore>,
    /// Each row's own session.
    pub window: Expr,
    /// Whether the sessions of a map task are joined before any is judged late.
    pub merges_early: bool,
}

impl Sessions {
    /// No sessions yet, `shards` shards, its bytes charged to `budget`.
    pub fn new(spec: SessionSpec, shards: usize, budget: Arc<Budget>) -> Self {
        let calls = spec.groups.calls.clone();
        Self {
            grouping: Grouping::new(spec.groups, shards, budget, |_, budget| {
                SessionStore::new(&calls, budget)
            }),
            window: spec.window,
            merges_early: spec.merges_early,
        }
    }

    /// What a checkpoint knows it by.
    pub fn schema(&self, name: &str) -> OperatorSchema {
        let mut schema = self.grouping.schema(name);
        let position = self.grouping.spec.event_time_position;
        schema.keys.insert(position, self.window.data_type.sql());
        schema.rows.event_time = Some(position);
        schema
    }

    /// Rows whose own session ends at or before this (micros) are late, in complete mode too, other than rows of windows; without a
    /// watermark none are.
    pub fn late_until(&self, watermark_ms: i64) -> i64 {
        if self.grouping.spec.is_bounded {
            watermark_ms.saturating_mul(1000)
        } else {
            i64::MIN
        }
    }

    /// Sessions that end at or before this (micros) are closed; in complete mode, and without a watermark, none.
    fn closed_until(&self, mode: OutputMode, watermark_ms: i64) -> i64 {
        match mode {
            OutputMode::Complete => i64::MIN,
            _ => self.late_until(watermark_ms),
        }
    }
}

/// Reduces one shard of a batch; `folds` are its sessions as the program's own aggregates left them, where there are any.
/// Results are all sessions in complete mode, else those that the watermark closed.
pub fn reduce_sessions(
    sessions: &Sessions,
    mode: OutputMode,
    (batch_id, batch): (u64, BatchSpec),
    shard: usize,
    partials: &[Arc<Partial>],
    folds: Option<&OpenFolds>,
) -> Result<(Vec<WindowRows>, ShardCounters)> {
    let grouping = &sessions.grouping;
    let mut counters = ShardCounters::default();
    let mut store = grouping.shards[shard].lock();
    store.begin_batch()?;

    let arrivals = SessionArrivals::new(sessions, batch, shard, partials)?;
    counters.num_rows_dropped_by_watermark = arrivals.visit(|key, on_time| {
        let merged = store.absorb(batch_id, key, on_time, arrivals.tables(), grouping.calls())?;
        counters.num_rows_updated += merged.updated;
        counters.num_rows_removed += merged.removed;
        Ok(())
    })?;
    apply_folds(folds, grouping.calls(), shard, &mut *store)?;

    let mut pieces = Vec::new();
    let mut give = |store: &SessionStore, rows: &[u32]| -> Result<()> {
        if !rows.is_empty() {
            let bounds = rows.iter().map(|&row| (store.start(row), store.end(row)));
            let windows = window_column(sessions, bounds)?;
            let groups = std::iter::once((store.table(), rows));
            pieces.push(WindowRows::of_none(result_rows(grouping, groups, Some(windows))?));
        }
        Ok(())
    };
    if mode == OutputMode::Complete {
        give(&store, &store.rows())?;
    } else {
        let closed = store.take_closed(sessions.closed_until(mode, batch.evict_watermark_ms));
        give(&store, &closed)?;
        counters.num_rows_removed += closed.len() as u64;
        store.remove_closed(batch_id, &closed);
    }
    counters.num_rows_total = store.len();
    counters.memory_used_bytes = store.bytes();
    Ok((pieces, counters))
}

/// Sessions as values of the key that they are, from their starts and ends (micros).
pub(super) fn window_column(
    sessions: &Sessions,
    bounds: impl Iterator<Item = (i64, i64)>,
) -> Result<arrow_array::ArrayRef> {
    let (starts, ends) = bounds.unzip();
    window_structs(&sessions.window.data_type, starts, ends, None)
}
