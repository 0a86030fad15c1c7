//! How what came for a key goes into its sessions: those that meet or touch become one.

use std::sync::Arc;

use super::{END, NEXT, NONE, START, SessionPiece, SessionStore};
use crate::aggregate::{AggregateCall, merge};
use crate::error::Result;
use crate::state::{Budget, GroupTable, KeyView, Tag};

/// What goes into a session when pieces are merged.
#[derive(Clone, Copy, Debug)]
pub enum SessionPart {
    /// A session of the state, by its row.
    Held(u32),
    /// A piece that came.
    Piece(SessionPiece),
}

/// A step of merging pieces into the sessions of a key: accumulators are put together in the order of the steps.
#[derive(Clone, Copy, Debug)]
pub struct MergeStep {
    /// What is put in.
    pub part: SessionPart,
    /// Whether a session begins with it; else it goes into the one that the step before went into.
    pub begins: bool,
    /// First instant of the part, micros.
    pub start: i64,
    /// The instant after its last, micros.
    pub end: i64,
}

/// What merging pieces did to the sessions of a key; Spark's state rows are sessions by key and start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeCounts {
    /// Sessions that the key has now: Spark writes all of them.
    pub updated: u64,
    /// Sessions of the state whose start is no session's any more.
    pub removed: u64,
}

/// What is known of one key while pieces are merged into its sessions.
#[derive(Default)]
pub(super) struct Merging {
    steps: Vec<MergeStep>,
    /// The sessions that there will be, in order.
    rows: Vec<u32>,
    /// By which end each of them is filed; a new one is not.
    filed: Vec<Option<i64>>,
    /// Those that have become parts of others.
    swallowed: Vec<u32>,
}

impl SessionStore {
    /// Says how pieces of one key, in the order of their starts, go into its sessions: those that meet or touch become one.
    pub(in crate::state) fn plan_merge(&self, key: KeyView<'_>, pieces: &[SessionPiece], steps: &mut Vec<MergeStep>) {
        steps.clear();
        let mut held = self.table.find(key).map_or(NONE, u64::from);
        let mut pieces = pieces.iter().copied().peekable();
        let mut current_end = None;
        loop {
            let is_held = held != NONE && pieces.peek().is_none_or(|piece| self.start(held as u32) <= piece.start);
            let (part, start, end) = if is_held {
                let row = held as u32;
                held = self.table.extra(row, NEXT);
                (SessionPart::Held(row), self.start(row), self.end(row))
            } else if let Some(piece) = pieces.next() {
                (SessionPart::Piece(piece), piece.start, piece.end)
            } else {
                return;
            };
            let joined = current_end.filter(|&current_end| start <= current_end);
            current_end = Some(joined.map_or(end, |current_end| end.max(current_end)));
            let begins = joined.is_none();
            steps.push(MergeStep {
                part,
                begins,
                start,
                end,
            });
        }
    }

    /// Merges pieces of one key, in the order of their starts, into its sessions; accumulators are put together in the order
    /// of the starts, as Spark does.
    pub fn absorb(
        &mut self,
        batch: u64,
        key: KeyView<'_>,
        pieces: &[SessionPiece],
        tables: &[&GroupTable],
        calls: &[AggregateCall],
    ) -> Result<MergeCounts> {
        let indexed = self.table.find(key);
        let mut merging = std::mem::take(&mut self.merging);
        let Merging {
            steps,
            rows,
            filed,
            swallowed,
        } = &mut merging;
        self.plan_merge(key, pieces, steps);
        rows.clear();
        filed.clear();
        swallowed.clear();
        for step in &*steps {
            let current = rows.last().copied().filter(|_| !step.begins);
            match (step.part, current) {
                (SessionPart::Held(row), None) => {
                    rows.push(row);
                    filed.push(Some(self.end(row)));
                }
                (SessionPart::Held(row), Some(current)) => {
                    self.swallow(current, row, calls)?;
                    swallowed.push(row);
                }
                (SessionPart::Piece(piece), current) => {
                    let row = match current {
                        Some(current) => {
                            self.extend(current, piece.end);
                            current
                        }
                        None => {
                            let sibling = indexed.or(rows.first().copied());
                            let row = self.insert(key, sibling, piece.start, piece.end)?;
                            rows.push(row);
                            filed.push(None);
                            row
                        }
                    };
                    merge_row(&mut self.table, row, tables[piece.table], piece.row, calls)?;
                }
            }
        }
        self.link(indexed, rows);
        for (&row, &filed) in rows.iter().zip(&*filed) {
            self.file(row, filed)?;
        }
        for &row in &*swallowed {
            self.by_end.remove(self.end(row), row);
            self.table.remove(row);
        }
        if let Some(&first) = rows.first() {
            self.table.touch(first, batch);
        }
        let counts = MergeCounts {
            updated: rows.len() as u64,
            removed: swallowed.len() as u64,
        };
        self.merging = merging;
        Ok(counts)
    }

    /// A new session without rows, which is not filed by its end; `sibling` is one of the same key, where there is one.
    fn insert(&mut self, key: KeyView<'_>, sibling: Option<u32>, start: i64, end: i64) -> Result<u32> {
        let row = match sibling {
            Some(sibling) => self.table.push_sibling(sibling)?,
            None => self.table.find_or_insert(key, 0)?,
        };
        *self.table.extra_mut(row, START) = start as u64;
        *self.table.extra_mut(row, END) = end as u64;
        *self.table.extra_mut(row, NEXT) = NONE;
        Ok(row)
    }

    fn extend(&mut self, row: u32, end: i64) {
        *self.table.extra_mut(row, END) = self.end(row).max(end) as u64;
    }

    /// Files a session by its end; `before` is the end that it is filed by.
    fn file(&mut self, row: u32, before: Option<i64>) -> Result<()> {
        let end = self.end(row);
        match before {
            Some(before) if before == end => {}
            Some(before) => self.by_end.postpone(before, row, end),
            None => self.by_end.insert(end, row)?,
        }
        Ok(())
    }

    /// Puts the later session `row` into `current`. Its accumulators go by way of a table of their own, since a table is
    /// not merged with itself.
    fn swallow(&mut self, current: u32, row: u32, calls: &[AggregateCall]) -> Result<()> {
        let mut beside = GroupTable::new(self.layout.clone(), Tag::Batch, Arc::new(Budget::new(0)));
        let copy = beside.find_or_insert(KeyView::of(&[]), 0)?;
        merge_row(&mut beside, copy, &self.table, row, calls)?;
        merge_row(&mut self.table, current, &beside, copy, calls)?;
        self.extend(current, self.end(row));
        Ok(())
    }
}

fn merge_row(
    table: &mut GroupTable,
    row: u32,
    from: &GroupTable,
    from_row: u32,
    calls: &[AggregateCall],
) -> Result<()> {
    for (index, call) in calls.iter().enumerate() {
        merge(table, &[row], from, &[from_row], index, call)?;
    }
    Ok(())
}
