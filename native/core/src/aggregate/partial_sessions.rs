//! Partial sessions of a map task: rows of one key whose own sessions are the same are one group, as in Spark, which judges
//! groups, not rows, late.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::fold::join_values;
use super::{Fate, Fates, PartialGroups, merge};
use crate::error::{Error, Result};
use crate::expr::Expr;
use crate::plan::OutputMode;
use crate::query::BatchSpec;
use crate::state::{Budget, GroupTable, Layout, SessionPiece, Sessions, Tag, mix};

/// The sessions that one map task made.
pub struct PartialSessions {
    /// Tagged by the number of their interval.
    groups: PartialGroups,
    intervals: Intervals,
    window: Expr,
    merges_early: bool,
    late_until: i64,
    by_shard: Vec<Vec<u32>>,
}

/// The different intervals of a task, numbered as they come.
#[derive(Default)]
struct Intervals {
    bounds: Vec<(i64, i64)>,
    numbers: HashTable<u32>,
}

impl Intervals {
    #[inline]
    fn number(&mut self, start: i64, end: i64) -> i64 {
        let hash = |(start, end): (i64, i64)| mix([start as u64, end as u64]);
        let is_it = |number: &u32| self.bounds[*number as usize] == (start, end);
        let hash_of = |number: &u32| hash(self.bounds[*number as usize]);
        let number = match self.numbers.entry(hash((start, end)), is_it, hash_of) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let number = self.bounds.len() as u32;
                self.bounds.push((start, end));
                *entry.insert(number).get()
            }
        };
        i64::from(number)
    }
}

impl PartialSessions {
    /// Nothing yet.
    pub fn new(sessions: &Sessions, mode: OutputMode, spec: BatchSpec) -> Self {
        Self {
            groups: PartialGroups::new(&sessions.grouping, mode, spec),
            intervals: Intervals::default(),
            window: sessions.window.clone(),
            merges_early: sessions.merges_early,
            late_until: sessions.late_until(spec.late_watermark_ms),
            by_shard: Vec::new(),
        }
    }

    /// As [`PartialGroups::check`].
    pub fn check(&self, columns: &[ArrayRef], rows: usize) -> Result<(), (Error, &Expr)> {
        let window = self.window.evaluate(columns, rows);
        window.map_err(|error| (error, &self.window))?;
        self.groups.check(columns, rows)
    }

    /// Groups a chunk; says what became of its rows where some were not taken in. An error names its row of the chunk.
    pub fn push(&mut self, columns: &[ArrayRef], rows: usize) -> Result<Option<Fates>> {
        crate::fault::enter_stage("window");
        let windows = self.window.evaluate(columns, rows)?.into_array(rows)?;
        let windows = windows.as_struct();
        let starts = windows.column(0).as_primitive::<TimestampMicrosecondType>().values();
        let ends = windows.column(1).as_primitive::<TimestampMicrosecondType>().values();
        let last_times = windows.column(1).as_primitive::<TimestampMicrosecondType>();
        let fates = Fates::of(last_times, Fate::Timeless, |end| end <= self.late_until);
        let intervals = &mut self.intervals;
        self.groups
            .push_panes(columns, rows, |row| intervals.number(starts[row], ends[row]))?;
        // What is late is a session's end; the row itself is as old as its start.
        let starts = windows.column(0).as_primitive::<TimestampMicrosecondType>();
        Ok(fates.map(|fates| Fates {
            times: starts.clone(),
            ..fates
        }))
    }

    /// Sorts the sessions by the shard of their key; done once, when the task ends.
    pub fn split_by_shard(&mut self, sessions: &Sessions) -> Result<()> {
        if self.merges_early {
            self.join_neighbours(sessions)?;
        }
        self.by_shard = self.groups.rows_by_shard(&sessions.grouping);
        Ok(())
    }

    /// The sessions, as groups.
    pub fn table(&self) -> &GroupTable {
        self.groups.table()
    }

    /// The sessions of a shard, by their rows.
    pub fn shard_rows(&self, shard: usize) -> &[u32] {
        self.by_shard.get(shard).map_or(&[], Vec::as_slice)
    }

    /// Start and end (micros) of a session.
    pub fn bounds(&self, row: u32) -> (i64, i64) {
        self.intervals.bounds[self.table().pane(row) as usize]
    }

    fn join_neighbours(&mut self, sessions: &Sessions) -> Result<()> {
        let grouping = &sessions.grouping;
        let mut joined = GroupTable::new(grouping.layout.clone(), Tag::Pane, Arc::new(Budget::new(0)));
        let mut intervals = Intervals::default();
        let all: Vec<u32> = (0..self.table().len() as u32).collect();
        let pieces = pieces_by_key(&[(self, &all)])?;
        let mut rest = pieces.as_slice();
        while let Some(&(key, first)) = rest.first() {
            let mut end = first.end;
            let mut count = 1;
            while let Some((_, next)) = rest
                .get(count)
                .filter(|(other, next)| *other == key && next.start <= end)
            {
                end = end.max(next.end);
                count += 1;
            }
            let number = intervals.number(first.start, end) as u64;
            let row = joined.find_or_insert(self.table().key(first.row), number)?;
            for (_, piece) in &rest[..count] {
                for (index, call) in grouping.calls().iter().enumerate() {
                    if call.fold().is_some() {
                        let slot = joined.slot(index);
                        join_values(&mut joined, row, self.table(), piece.row, slot)?;
                        continue;
                    }
                    merge(&mut joined, &[row], self.table(), &[piece.row], index, call)?;
                }
            }
            rest = &rest[count..];
        }
        self.intervals = intervals;
        self.groups.set_table(joined);
        Ok(())
    }
}

/// Sessions of several tasks with numbers for their keys: key by key, in the order of starts, ends and tasks.
pub fn pieces_by_key(partials: &[(&PartialSessions, &[u32])]) -> Result<Vec<(u32, SessionPiece)>> {
    let mut keys = GroupTable::new(Layout::new(&[]), Tag::Batch, Arc::new(Budget::new(0)));
    let mut pieces = Vec::new();
    for (table, (partial, rows)) in partials.iter().enumerate() {
        for &row in *rows {
            let key = keys.find_or_insert(partial.table().key(row), 0)?;
            let (start, end) = partial.bounds(row);
            pieces.push((key, SessionPiece { start, end, table, row }));
        }
    }
    pieces.sort_unstable_by_key(|(key, piece)| (*key, piece.start, piece.end, piece.table, piece.row));
    Ok(pieces)
}
