//! A shard's part of a batch: drop what is late, merge the rest into the state, make result rows, evict closed windows.

use std::collections::HashSet;
use std::sync::Arc;

use super::results::{kept_groups, result_rows};
use super::{ShardCounters, Span};
use crate::aggregate::shard_of;
use crate::error::Result;
use crate::pipeline::Partial;
use crate::plan::OutputMode;
use crate::query::{BatchSpec, Grouping, Rows};
use crate::state::KeyView;
use crate::window::window_column;

/// Reduces one shard of a batch. Results are those of the output mode: all groups, the changed ones, or those of closed
/// windows, by the start of their window.
pub fn reduce_groups(
    grouping: &Grouping,
    mode: OutputMode,
    (batch_id, batch): (u64, BatchSpec),
    shard: usize,
    partials: &[Arc<Partial>],
) -> Result<(Vec<(i64, Rows)>, ShardCounters)> {
    let partials = partials.iter().filter_map(|partial| match partial.as_ref() {
        Partial::Groups(groups) => Some(groups),
        _ => None,
    });
    let mut store = grouping.shards[shard].lock();
    let mut counters = ShardCounters::default();
    let event_time = grouping.spec.event_time.as_ref();
    // In complete mode nothing is late and nothing is evicted: Spark keeps every group.
    let is_bounded = grouping.spec.is_bounded && mode != OutputMode::Complete;
    let ends_by = |span: Span, watermark_ms: i64| is_bounded && span.end <= watermark_ms.saturating_mul(1000);
    let span_of = |start: i64| Span {
        end: event_time.map_or(0, |key| key.end_of(start)),
        start,
    };
    let times_of = |span: Span| {
        move |rows: &[u32]| {
            let bounds = |micros: i64| vec![micros; rows.len()];
            event_time
                .map(|key| window_column(key, bounds(span.start), bounds(span.end)))
                .transpose()
        }
    };
    store.begin_batch();

    // Spark counts late rows behind its partial aggregation: one for each window and key of the batch.
    let mut late: HashSet<(i64, Option<Vec<u8>>)> = HashSet::new();
    for groups in partials {
        for (pane, rows) in groups.shard(shard) {
            let starts = match event_time {
                Some(key) if groups.is_by_pane() => key.starts_of_pane(*pane),
                _ => vec![*pane],
            };
            for start in starts {
                let span = span_of(start);
                let kept = kept_groups(grouping, groups.table(), rows, &times_of(span))?;
                let rows = kept.as_deref().unwrap_or(rows);
                if rows.is_empty() {
                    continue;
                }
                if ends_by(span, batch.late_watermark_ms) {
                    for &row in rows {
                        late.insert((start, groups.table().key(row).with_bytes(|key| key.map(<[u8]>::to_vec))));
                    }
                } else {
                    store.absorb(span, batch_id, groups.table(), rows, grouping.calls())?;
                }
            }
        }
        for raw in groups.raw_rows() {
            // Its pane is a row's window.
            for (start, rows) in raw.shard(shard) {
                let span = span_of(*start);
                if ends_by(span, batch.late_watermark_ms) {
                    for &row in rows {
                        late.insert((*start, raw.key(row).with_bytes(|key| key.map(<[u8]>::to_vec))));
                    }
                } else {
                    store.absorb_rows(span, batch_id, raw, rows, grouping.calls())?;
                }
            }
        }
    }
    counters.num_rows_dropped_by_watermark = late.len() as u64;

    // A global aggregate has its one group, and changes it in every batch, even where no row came.
    let empty_key = KeyView::of(&[]);
    let is_global = grouping.spec.keys.is_empty() && event_time.is_none();
    if is_global && shard_of(empty_key.hash, grouping.shards.len()) == shard {
        let table = store.window(Span::ALL);
        let row = table.find_or_insert(empty_key, 0)?;
        table.touch(row, batch_id);
    }

    let mut pieces = Vec::new();
    for (span, table) in store.windows() {
        counters.num_rows_updated += table.touched().len() as u64;
        let rows = match mode {
            OutputMode::Update => table.touched().to_vec(),
            OutputMode::Complete => (0..table.len() as u32).collect(),
            OutputMode::Append => continue,
        };
        if !rows.is_empty() {
            pieces.push((span.start, result_rows(grouping, table, &rows, &times_of(span))?));
        }
    }
    for (span, table) in store.evict(|span| ends_by(span, batch.evict_watermark_ms)) {
        counters.num_rows_removed += table.len() as u64;
        if mode == OutputMode::Append {
            let rows: Vec<u32> = (0..table.len() as u32).collect();
            pieces.push((span.start, result_rows(grouping, &table, &rows, &times_of(span))?));
        }
    }
    counters.num_rows_total = store.len();
    counters.memory_used_bytes = store.bytes();
    Ok((pieces, counters))
}
