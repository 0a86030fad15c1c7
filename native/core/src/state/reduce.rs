//! A shard's part of a batch: drop what is late, merge the rest into the state, make result rows, evict closed windows.

use std::collections::HashSet;
use std::sync::Arc;

use super::arrivals::{Arrival, ShardBatch};
use super::fold_groups::apply_folds;
use super::results::{WindowResults, WindowRows};
use super::{KeyView, OpenFolds, ShardCounters, Span};
use crate::error::Result;
use crate::pipeline::Partial;
use crate::plan::OutputMode;
use crate::query::{BatchSpec, Grouping};

/// Reduces one shard of a batch; `folds` are its groups as the program's own aggregates left them, where there are any. Results
/// are those of the output mode: all groups, the changed ones, or those of closed windows, by the start of their window.
pub fn reduce_groups(
    grouping: &Grouping,
    mode: OutputMode,
    (batch_id, batch): (u64, BatchSpec),
    shard: usize,
    partials: &[Arc<Partial>],
    folds: Option<&OpenFolds>,
) -> Result<(Vec<WindowRows>, ShardCounters)> {
    let of_shard = ShardBatch::new(grouping, mode, batch, shard);
    let mut store = grouping.shards[shard].lock();
    let mut counters = ShardCounters::default();
    store.begin_batch();

    // Spark counts late rows behind its partial aggregation: one for each window and key of the batch.
    let mut late: HashSet<(i64, Option<Vec<u8>>)> = HashSet::new();
    let mut note_late = |span: Span, key: KeyView<'_>| {
        late.insert((span.start, key.with_bytes(|key| key.map(<[u8]>::to_vec))));
    };
    of_shard.visit(partials, |span, arrival| match arrival {
        Arrival::Groups(table, rows) if of_shard.is_late(span) => {
            rows.iter().for_each(|&row| note_late(span, table.key(row)));
            Ok(())
        }
        Arrival::Rows(raw, rows) if of_shard.is_late(span) => {
            rows.iter().for_each(|&row| note_late(span, raw.key(row)));
            Ok(())
        }
        Arrival::Groups(table, rows) => store.absorb(span, batch_id, table, &rows, grouping.calls()),
        Arrival::Rows(raw, rows) => store.absorb_rows(span, batch_id, raw, rows, grouping.calls()),
    })?;
    counters.num_rows_dropped_by_watermark = late.len() as u64;

    // A global aggregate has its one group, and changes it in every batch, even where no row came.
    if let Some(key) = of_shard.global_key() {
        let table = store.window(Span::ALL);
        let row = table.find_or_insert(key, 0)?;
        table.touch(row, batch_id);
    }
    apply_folds(folds, grouping.calls(), shard, &mut *store)?;

    let mut results = WindowResults::new(of_shard);
    for (span, table) in store.windows() {
        counters.num_rows_updated += table.touched().len() as u64;
        let rows = match mode {
            OutputMode::Update => table.touched().to_vec(),
            OutputMode::Complete => (0..table.len() as u32).collect(),
            OutputMode::Append => continue,
        };
        results.add(span, table, rows)?;
    }
    let mut made = results.finish()?;
    let evicted = store.evict(|span| of_shard.closes(span));
    let mut results = WindowResults::new(of_shard);
    for (span, table) in &evicted {
        counters.num_rows_removed += table.len() as u64;
        if mode == OutputMode::Append {
            results.add(*span, table, (0..table.len() as u32).collect())?;
        }
    }
    made.extend(results.finish()?);
    counters.num_rows_total = store.len();
    counters.memory_used_bytes = store.bytes();
    Ok((made, counters))
}
