//! Groups as rows: their key columns, the conditions on those, and result rows.

use std::iter::once;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use arrow_select::concat::concat;

use super::arrivals::ShardBatch;
use super::{GroupTable, Span};
use crate::aggregate::finish;
use crate::error::{Error, Result};
use crate::expr::true_rows;
use crate::limits::CHUNK_ROWS_MAX;
use crate::query::{Grouping, Rows};

/// Result rows that came out together: of windows one behind the other.
pub struct WindowRows {
    /// The rows of all.
    pub rows: Rows,
    /// The start of each window (micros), and how many rows are its own.
    pub windows: Vec<(i64, usize)>,
}

impl WindowRows {
    /// Rows that are of no window.
    pub fn of_none(rows: Rows) -> Self {
        Self {
            windows: vec![(0, rows.1)],
            rows,
        }
    }
}

/// Groups of a table, by their rows.
type Groups<'a> = (&'a GroupTable, &'a [u32]);

/// The groups that meet the conditions on their keys; none where there are no conditions. `event_times` makes the event-time key
/// of all of them, where event time is one.
pub fn kept_groups<Store>(
    grouping: &Grouping<Store>,
    groups: Groups<'_>,
    event_times: impl FnOnce() -> Result<Option<ArrayRef>>,
) -> Result<Option<Vec<u32>>> {
    if grouping.spec.group_filters.is_empty() {
        return Ok(None);
    }
    let (_, rows) = groups;
    let keys = key_columns(grouping, once(groups), event_times()?)?;
    let mut kept = BooleanBuffer::new_set(rows.len());
    for condition in &grouping.spec.group_filters {
        let truth = condition.evaluate(&keys, rows.len())?.into_array(rows.len())?;
        kept = &kept & &true_rows(truth.as_boolean());
    }
    Ok(Some(kept.set_indices().map(|index| rows[index]).collect()))
}

/// The key columns of groups, in their written order.
fn key_columns<'a, Store>(
    grouping: &Grouping<Store>,
    groups: impl Iterator<Item = Groups<'a>>,
    event_times: Option<ArrayRef>,
) -> Result<Vec<ArrayRef>> {
    let keys = groups.flat_map(|(table, rows)| rows.iter().map(|&row| table.key(row)));
    let mut columns = grouping.keys.decode(keys)?;
    if let Some(event_times) = event_times {
        columns.insert(grouping.spec.event_time_position, event_times);
    }
    Ok(columns)
}

/// Result rows of groups: keys and accumulators' results, then the output expressions over both.
pub fn result_rows<'a, Store>(
    grouping: &Grouping<Store>,
    groups: impl Iterator<Item = Groups<'a>> + Clone,
    event_times: Option<ArrayRef>,
) -> Result<Rows> {
    let spec = &grouping.spec;
    let count = groups.clone().map(|(_, rows)| rows.len()).sum();
    let mut columns = key_columns(grouping, groups.clone(), event_times)?;
    for (index, call) in spec.calls.iter().enumerate() {
        let parts = groups.clone().map(|(table, rows)| finish(table, rows, index, call));
        let parts = parts.collect::<Result<Vec<_>>>()?;
        columns.push(concat(
            &parts.iter().map(|part| part.as_ref() as &dyn Array).collect::<Vec<_>>(),
        )?);
    }
    let output = spec
        .output
        .iter()
        .map(|expr| expr.evaluate(&columns, count)?.into_array(count))
        .collect::<Result<Vec<_>>>()?;
    if output.iter().any(|column| column.len() != count) {
        return Err(Error::internal("a result column has another number of rows"));
    }
    Ok((output, count))
}

/// Makes result rows of windows: those of small ones together, for each making costs something, however few rows there are.
pub struct WindowResults<'a> {
    shard: ShardBatch<'a>,
    waiting: Vec<(Span, &'a GroupTable, Vec<u32>)>,
    num_waiting: usize,
    made: Vec<WindowRows>,
}

impl<'a> WindowResults<'a> {
    /// None yet.
    pub fn new(shard: ShardBatch<'a>) -> Self {
        Self {
            shard,
            waiting: Vec::new(),
            num_waiting: 0,
            made: Vec::new(),
        }
    }

    /// Adds groups of a window that come out.
    pub fn add(&mut self, span: Span, table: &'a GroupTable, rows: Vec<u32>) -> Result<()> {
        if self.num_waiting + rows.len() > CHUNK_ROWS_MAX {
            self.make()?;
        }
        self.num_waiting += rows.len();
        self.waiting.push((span, table, rows));
        Ok(())
    }

    /// The rows of all of them, in their order.
    pub fn finish(mut self) -> Result<Vec<WindowRows>> {
        self.make()?;
        Ok(self.made)
    }

    fn make(&mut self) -> Result<()> {
        if self.num_waiting > 0 {
            let spans = self.waiting.iter().map(|(span, _, rows)| (*span, rows.len()));
            let groups = self.waiting.iter().map(|(_, table, rows)| (*table, rows.as_slice()));
            let times = self.shard.times_of(spans.clone())?;
            self.made.push(WindowRows {
                rows: result_rows(self.shard.grouping, groups, times)?,
                windows: spans.map(|(span, count)| (span.start, count)).collect(),
            });
        }
        self.waiting.clear();
        self.num_waiting = 0;
        Ok(())
    }
}
