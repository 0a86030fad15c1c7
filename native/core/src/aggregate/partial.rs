//! Partial groups of a map task: one table over (pane, key), split by shard when the task ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_select::filter::filter;
use arrow_select::take::take;

use super::{AggregateCall, Fate, Fates, RawRows, update};
use crate::error::{Error, Result};
use crate::expr::{Expr, filter_columns, mask_of};
use crate::plan::OutputMode;
use crate::query::{BatchSpec, Grouping};
use crate::state::{Budget, GroupKeys, GroupTable, KeyCodec, KeyView, Tag};
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
    worth: Worth,
    raw_rows: Vec<RawRows>,
    num_shards: usize,
}

/// Whether it is worth it to group the rows of a task before they go into the state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It is not asked: rows are grouped.
    Taken,
    /// So many rows were grouped; it is not known yet.
    OnTrial(usize),
    /// It is not: nearly each row is a group.
    Refused,
}

/// Rows after which it is decided whether grouping them is worth it.
const TRIAL_ROWS: usize = 16 * 1024;
/// Rows whose groups are found before they are updated: the groups are still in the first-level cache then.
const GROUPED_AT_ONCE: usize = 256;

/// Whether groups may be made per pane and put together into windows: exact only where the order of rows does not
/// matter; otherwise each row goes into each of its windows, as in Spark.
pub fn uses_panes(calls: &[AggregateCall]) -> bool {
    calls.iter().all(|call| call.is_exact())
}

impl PartialGroups {
    /// Nothing yet.
    pub fn new<Store>(grouping: &Grouping<Store>, mode: OutputMode, spec: BatchSpec) -> Self {
        let event_time = grouping.spec.event_time.clone();
        let panes = match &event_time {
            Some(key @ EventTimeKey::Window { spec, .. }) if uses_panes(grouping.calls()) || !key.slides() => {
                Some(PaneAssigner::new(*spec))
            }
            _ => None,
        };
        let drops_late = grouping.spec.is_bounded && mode != OutputMode::Complete;
        let late_before = match &event_time {
            Some(key) if drops_late => key.late_before(spec.late_watermark_ms.saturating_mul(1000)),
            _ => i64::MIN,
        };
        // Partial groups live as long as their batch: they are not charged to the state's budget.
        let mut table = GroupTable::new(grouping.layout.clone(), Tag::Pane, Arc::new(Budget::new(0)));
        table.set_expected_rows(grouping.expected_partial_rows());
        Self {
            table,
            keys: grouping.spec.keys.clone(),
            key_codec: grouping.keys.clone(),
            calls: grouping.spec.calls.clone(),
            event_time,
            panes,
            late_before,
            groups: Vec::new(),
            by_shard: Vec::new(),
            worth: Worth::Taken,
            raw_rows: Vec::new(),
            num_shards: grouping.shards.len(),
        }
    }

    /// Lets rows go ungrouped where nearly each is a group: exact only where the order of rows does not matter. A row of
    /// several windows is still put into its pane first.
    pub fn with_raw_rows<Store>(mut self, grouping: &Grouping<Store>) -> Self {
        let has_filters =
            self.calls.iter().any(|call| call.filter.is_some()) || !grouping.spec.group_filters.is_empty();
        let slides = self.event_time.as_ref().is_some_and(EventTimeKey::slides);
        if uses_panes(&self.calls) && !has_filters && !slides {
            self.worth = Worth::OnTrial(0);
        }
        self
    }

    /// Evaluates what [`Self::push`] will, and keeps nothing: so that a chunk is either taken in whole or not at all. Fails with
    /// the expression that raised; the error names its row of the chunk.
    pub fn check(&self, columns: &[ArrayRef], rows: usize) -> Result<(), (Error, &Expr)> {
        let time = self.event_time.as_ref().map(EventTimeKey::time);
        for expr in time.into_iter().chain(&self.keys) {
            expr.evaluate(columns, rows).map_err(|error| (error, expr))?;
        }
        for call in &self.calls {
            let narrowed = match &call.filter {
                Some(condition) => Some(narrow(condition, columns, rows).map_err(|error| (error, condition))?),
                None => None,
            };
            for expr in call.beside.iter().chain(&call.arguments) {
                let evaluated = match &narrowed {
                    Some((columns, kept)) => expr
                        .evaluate(columns, kept.len())
                        .map_err(|error| error.map_row(|row| kept[row])),
                    None => expr.evaluate(columns, rows),
                };
                evaluated.map_err(|error| (error, expr))?;
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
        let fates = Fates::of(times, Fate::Timeless, |time| time < self.late_before);
        let outcome = match (self.panes, &self.event_time) {
            (Some(panes), _) => {
                if times.null_count() > 0 {
                    // A row without a time is in no window.
                    let mask = BooleanArray::new(
                        times.nulls().map_or_else(
                            || arrow_buffer::BooleanBuffer::new_set(rows),
                            |nulls| nulls.inner().clone(),
                        ),
                        None,
                    );
                    let columns = filter_columns(columns, &mask)?;
                    let times: ArrayRef = filter(times, &mask)?;
                    let times = times.as_primitive::<TimestampMicrosecondType>().values();
                    let kept: Vec<usize> = mask.values().set_indices().collect();
                    self.push_panes(&columns, kept.len(), |row| panes.pane_of(times[row]))
                        .map_err(|error| error.map_row(|row| kept[row]))
                } else {
                    let times = times.values();
                    self.push_panes(columns, rows, |row| panes.pane_of(times[row]))
                }
            }
            (None, Some(key)) => {
                let (kept, starts) = expand_windows(key, times);
                let columns = columns
                    .iter()
                    .map(|column| Ok(take(column, &kept, None)?))
                    .collect::<Result<Vec<_>>>()?;
                self.push_panes(&columns, kept.len(), |row| starts.value(row))
                    .map_err(|error| error.map_row(|row| kept.value(row) as usize))
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
        if self.worth == Worth::Refused {
            let arguments = self
                .calls
                .iter()
                .map(|call| arguments_of(call, columns, rows))
                .collect::<Result<Vec<_>>>()?;
            let panes = (0..rows).map(pane_of);
            self.raw_rows
                .push(RawRows::new(keys, arguments, self.num_shards, panes));
            return Ok(());
        }
        self.group(&keys, columns, rows, &mut pane_of)?;
        self.judge(rows);
        for index in 0..self.calls.len() {
            self.update_filtered(index, columns, rows)?;
        }
        Ok(())
    }

    /// Finds the groups of a chunk's rows and updates all that has no condition, some rows at a time.
    fn group(
        &mut self,
        keys: &GroupKeys,
        columns: &[ArrayRef],
        rows: usize,
        pane_of: &mut impl FnMut(usize) -> i64,
    ) -> Result<()> {
        let unconditional = |(_, call): &(usize, &AggregateCall)| call.filter.is_none();
        let calls = self.calls.iter().enumerate().filter(unconditional);
        let calls = calls
            .map(|(index, call)| Ok((index, call, arguments_of(call, columns, rows)?)))
            .collect::<Result<Vec<_>>>()?;
        let (table, groups) = (&mut self.table, &mut self.groups);
        groups.clear();
        groups.reserve(rows);
        for first in (0..rows).step_by(GROUPED_AT_ONCE) {
            let count = GROUPED_AT_ONCE.min(rows - first);
            let pane_of = |nth: usize| pane_of(first + nth) as u64;
            match (keys, keys.short_views(first..first + count)) {
                (GroupKeys::None, _) => table.find_or_insert_tags(count, keys.get(0), pane_of, groups)?,
                (_, Some(views)) => {
                    table.find_or_insert_all(count, |nth| KeyView::of_short(views[nth]), pane_of, groups)?;
                }
                _ => table.find_or_insert_all(count, |nth| keys.get(first + nth), pane_of, groups)?,
            }
            for (index, call, arguments) in &calls {
                let arguments: Vec<ArrayRef> = arguments.iter().map(|array| array.slice(first, count)).collect();
                update(table, *index, call, &groups[first..], &arguments)
                    .map_err(|error| error.map_row(|row| first + row))?;
            }
        }
        Ok(())
    }

    /// Updates a call that has a condition. Its arguments are not looked at where that does not hold: they might raise there.
    fn update_filtered(&mut self, index: usize, columns: &[ArrayRef], rows: usize) -> Result<()> {
        let call = &self.calls[index];
        let Some(condition) = &call.filter else { return Ok(()) };
        let (columns, kept) = narrow(condition, columns, rows)?;
        let groups: Vec<u32> = kept.iter().map(|&row| self.groups[row]).collect();
        let arguments = arguments_of(call, &columns, kept.len());
        let updated = arguments.and_then(|arguments| update(&mut self.table, index, call, &groups, &arguments));
        updated.map_err(|error| error.map_row(|row| kept[row]))
    }

    /// Decides after the first rows whether grouping them was worth it.
    fn judge(&mut self, rows: usize) {
        if let Worth::OnTrial(before) = self.worth {
            let seen = before + rows;
            self.worth = match seen {
                ..TRIAL_ROWS => Worth::OnTrial(seen),
                _ if self.table.len() > seen / 4 * 3 => Worth::Refused,
                _ => Worth::Taken,
            };
        }
    }

    /// Rows that were not grouped, chunk by chunk; they come behind the groups.
    pub fn raw_rows(&self) -> &[RawRows] {
        &self.raw_rows
    }

    /// Sorts the groups by the shard of their key and by pane; done once, when the task ends.
    pub fn split_by_shard<Store>(&mut self, grouping: &Grouping<Store>) {
        let by_pane = |rows: Vec<u32>| {
            let mut panes: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
            for row in rows {
                panes.entry(self.table.pane(row)).or_default().push(row);
            }
            panes.into_iter().collect()
        };
        self.by_shard = self.rows_by_shard(grouping).into_iter().map(by_pane).collect();
    }

    /// The groups by the shard of their key.
    pub(super) fn rows_by_shard<Store>(&self, grouping: &Grouping<Store>) -> Vec<Vec<u32>> {
        grouping.note_partial_rows(self.table.len());
        let mut by_shard = vec![Vec::new(); grouping.shards.len()];
        for row in 0..self.table.len() as u32 {
            by_shard[shard_of(self.table.key_hash(row), grouping.shards.len())].push(row);
        }
        by_shard
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

/// The rows where a condition holds, and which they are.
fn narrow(condition: &Expr, columns: &[ArrayRef], rows: usize) -> Result<(Vec<ArrayRef>, Vec<usize>)> {
    let mask = mask_of(condition, columns, rows)?;
    Ok((filter_columns(columns, &mask)?, mask.values().set_indices().collect()))
}

/// What a call is made over, for each row.
fn arguments_of(call: &AggregateCall, columns: &[ArrayRef], rows: usize) -> Result<Vec<ArrayRef>> {
    let arguments = call.beside.iter().chain(&call.arguments);
    arguments
        .map(|argument| argument.evaluate(columns, rows)?.into_array(rows))
        .collect()
}

/// The shard of a key: the upper bits of its hash, which is part of the checkpoint's format.
pub fn shard_of(hash: u64, shards: usize) -> usize {
    ((u128::from(hash) * shards as u128) >> 64) as usize
}
