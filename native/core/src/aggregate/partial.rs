//! Partial groups of a map task: one table over (pane, key), split by shard when the task ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_select::filter::filter;
use arrow_select::take::take;

use super::{AggregateCall, Fates, update};
use crate::error::{Error, Result};
use crate::expr::{Expr, true_rows};
use crate::plan::OutputMode;
use crate::query::{BatchSpec, Grouping};
use crate::state::{Budget, GroupTable, KeyCodec, Tag};
use crate::window::{EventTimeKey, PaneAssigner, expand_windows};

/// The groups that one map task made.
pub struct PartialGroups {
    table: GroupTable,
    keys: Vec<Expr>,
    key_codec: KeyCodec,
    calls: Vec<AggregateCall>,
    event_time: Option<EventTimeKey>,
    panes: Option<PaneAssigner>,
    /// Times below this are late in all their windows.
    late_before: i64,
    groups: Vec<u32>,
    by_shard: Vec<Vec<(i64, Vec<u32>)>>,
}

/// Whether groups may be made per pane and put together into windows: exact only where the order of rows does not
/// matter; otherwise each row goes into each of its windows, as in Spark.
pub fn uses_panes(calls: &[AggregateCall]) -> bool {
    calls.iter().all(|call| call.is_exact())
}

impl PartialGroups {
    /// Nothing yet.
    pub fn new<Store>(grouping: &Grouping<Store>, mode: OutputMode, spec: BatchSpec) -> Self {
        let event_time = grouping.spec.event_time.clone();
        let is_tumbling = |key: &EventTimeKey| matches!(key, EventTimeKey::Window { spec, .. } if spec.size_micros == spec.slide_micros);
        let panes = match &event_time {
            Some(key @ EventTimeKey::Window { spec, .. }) if uses_panes(grouping.calls()) || is_tumbling(key) => {
                Some(PaneAssigner::new(*spec))
            }
            _ => None,
        };
        let drops_late = grouping.spec.is_bounded && mode != OutputMode::Complete;
        let late_before = match &event_time {
            Some(key) if drops_late => key.late_before(spec.late_watermark_ms.saturating_mul(1000)),
            _ => i64::MIN,
        };
        Self {
            // Partial groups live as long as their batch: they are not charged to the state's budget.
            table: GroupTable::new(grouping.layout.clone(), Tag::Pane, Arc::new(Budget::new(0))),
            keys: grouping.spec.keys.clone(),
            key_codec: grouping.keys.clone(),
            calls: grouping.spec.calls.clone(),
            event_time,
            panes,
            late_before,
            groups: Vec::new(),
            by_shard: Vec::new(),
        }
    }

    /// Evaluates what [`Self::push`] will, and keeps nothing: so that a chunk is either taken in whole or not at all. Fails with
    /// the expression that raised; the error names its row of the chunk.
    pub fn check(&self, columns: &[ArrayRef], rows: usize) -> Result<(), (Error, &Expr)> {
        let time = self.event_time.as_ref().map(EventTimeKey::time);
        for expr in time.into_iter().chain(&self.keys) {
            expr.evaluate(columns, rows).map_err(|error| (error, expr))?;
        }
        for call in &self.calls {
            let (mut kept, mut narrowed) = (None, columns.to_vec());
            if let Some(condition) = &call.filter {
                let mut narrow = || {
                    let mask = condition.evaluate(columns, rows)?.into_array(rows)?;
                    let mask = BooleanArray::new(true_rows(mask.as_boolean()), None);
                    kept = Some(mask.values().set_indices().collect::<Vec<_>>());
                    narrowed = columns
                        .iter()
                        .map(|column| Ok(filter(column, &mask)?))
                        .collect::<Result<_>>()?;
                    Ok(())
                };
                narrow().map_err(|error| (error, condition))?;
            }
            let count = kept.as_ref().map_or(rows, Vec::len);
            for expr in call.beside.iter().chain(&call.arguments) {
                expr.evaluate(&narrowed, count)
                    .map_err(|error| match (error.row(), &kept) {
                        (Some(row), Some(kept)) => (error.at_row(kept[row]), expr),
                        _ => (error, expr),
                    })?;
            }
        }
        Ok(())
    }

    /// Groups a chunk; says what became of its rows where some were not taken in. An error names its row of the chunk.
    pub fn push(&mut self, columns: &[ArrayRef], rows: usize) -> Result<Option<Fates>> {
        crate::fault::enter_stage("window");
        let times = match &self.event_time {
            Some(key) => Some(key.time().evaluate(columns, rows)?.into_array(rows)?),
            None => None,
        };
        let Some(times) = times else {
            self.push_panes(columns, rows, |_| 0)?;
            return Ok(None);
        };
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let fates = Fates::of(times, |time| time < self.late_before);
        let outcome = match (self.panes.take(), &self.event_time) {
            (Some(mut panes), _) => {
                let outcome = if times.null_count() > 0 {
                    // A row without a time is in no window.
                    let mask = BooleanArray::new(
                        times.nulls().map_or_else(
                            || arrow_buffer::BooleanBuffer::new_set(rows),
                            |nulls| nulls.inner().clone(),
                        ),
                        None,
                    );
                    let columns = columns
                        .iter()
                        .map(|column| Ok(filter(column, &mask)?))
                        .collect::<Result<Vec<_>>>()?;
                    let times: ArrayRef = filter(times, &mask)?;
                    let times = times.as_primitive::<TimestampMicrosecondType>().values();
                    let kept: Vec<usize> = mask.values().set_indices().collect();
                    self.push_panes(&columns, kept.len(), |row| panes.pane_of(times[row]))
                        .map_err(|error| match error.row() {
                            Some(row) => error.at_row(kept[row]),
                            None => error,
                        })
                } else {
                    let times = times.values();
                    self.push_panes(columns, rows, |row| panes.pane_of(times[row]))
                };
                self.panes = Some(panes);
                outcome
            }
            (None, Some(key)) => {
                let (kept, starts) = expand_windows(key, times);
                let columns = columns
                    .iter()
                    .map(|column| Ok(take(column, &kept, None)?))
                    .collect::<Result<Vec<_>>>()?;
                self.push_panes(&columns, kept.len(), |row| starts.value(row))
                    .map_err(|error| match error.row() {
                        Some(row) => error.at_row(kept.value(row) as usize),
                        None => error,
                    })
            }
            (None, None) => Ok(()),
        };
        outcome.map(|()| fates)
    }

    /// Finds each row's group, then runs one loop for each accumulator.
    pub(super) fn push_panes(
        &mut self,
        columns: &[ArrayRef],
        rows: usize,
        mut pane_of: impl FnMut(usize) -> i64,
    ) -> Result<()> {
        crate::fault::enter_stage("aggregate");
        let keys = self
            .keys
            .iter()
            .map(|key| key.evaluate(columns, rows)?.into_array(rows))
            .collect::<Result<Vec<_>>>()?;
        let keys = self.key_codec.encode(&keys, rows);
        self.groups.clear();
        self.groups.reserve(rows);
        for row in 0..rows {
            let group = self.table.find_or_insert(keys.get(row), pane_of(row) as u64)?;
            self.groups.push(group);
        }
        for (index, call) in self.calls.iter().enumerate() {
            match &call.filter {
                None => update_call(&mut self.table, index, call, &self.groups, columns, rows)?,
                Some(condition) => {
                    // The arguments are not looked at where the condition does not hold: they might raise there.
                    let condition = condition.evaluate(columns, rows)?.into_array(rows)?;
                    let mask = BooleanArray::new(true_rows(condition.as_boolean()), None);
                    let columns = columns
                        .iter()
                        .map(|column| Ok(filter(column, &mask)?))
                        .collect::<Result<Vec<_>>>()?;
                    let kept: Vec<usize> = mask.values().set_indices().collect();
                    let groups: Vec<u32> = kept.iter().map(|&row| self.groups[row]).collect();
                    update_call(&mut self.table, index, call, &groups, &columns, kept.len()).map_err(|error| {
                        match error.row() {
                            Some(row) => error.at_row(kept[row]),
                            None => error,
                        }
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Sorts the groups by the shard of their key and by pane; done once, when the task ends.
    pub fn split_by_shard(&mut self, shards: usize) {
        let mut by_shard: Vec<BTreeMap<i64, Vec<u32>>> = vec![BTreeMap::new(); shards];
        for row in 0..self.table.len() as u32 {
            let shard = shard_of(self.table.key_hash(row), shards);
            by_shard[shard].entry(self.table.pane(row)).or_default().push(row);
        }
        self.by_shard = by_shard.into_iter().map(|panes| panes.into_iter().collect()).collect();
    }

    /// Puts other groups in the place of the groups.
    pub(super) fn set_table(&mut self, table: GroupTable) {
        self.table = table;
    }

    /// The groups.
    pub fn table(&self) -> &GroupTable {
        &self.table
    }

    /// The panes of a shard, each with its groups, in order.
    pub fn shard(&self, shard: usize) -> &[(i64, Vec<u32>)] {
        self.by_shard.get(shard).map_or(&[], Vec::as_slice)
    }

    /// Whether groups are per pane (and belong to all its windows) or per window.
    pub fn is_by_pane(&self) -> bool {
        self.panes.is_some()
    }
}

/// Evaluates the arguments of a call and puts them into the rows' groups.
fn update_call(
    table: &mut GroupTable,
    index: usize,
    call: &AggregateCall,
    groups: &[u32],
    columns: &[ArrayRef],
    rows: usize,
) -> Result<()> {
    let arguments = call
        .beside
        .iter()
        .chain(&call.arguments)
        .map(|argument| argument.evaluate(columns, rows)?.into_array(rows))
        .collect::<Result<Vec<_>>>()?;
    update(table, index, call, groups, &arguments)
}

/// The shard of a key: the upper bits of its hash, which is part of the checkpoint's format.
pub fn shard_of(hash: u64, shards: usize) -> usize {
    ((u128::from(hash) * shards as u128) >> 64) as usize
}
