//! The static side of a stream-static join: rows that are all there before the stream's come, looked up where those are
//! read, so that they need not be brought together by their keys first.

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;
use hashbrown::HashTable;

use super::exchange::rows_of;
use super::join::{JoinState, PAIRS_AT_ONCE, conjunction};
use super::{GroupKeys, KeyView};
use crate::error::Result;
use crate::plan::JoinType;
use crate::query::Rows;

/// The end of a chain of rows.
const NO_ROW: u32 = u32::MAX;

/// Keys that are hashed before the first is looked for: none waits for the memory of another.
const HASHED_AT_ONCE: usize = 64;

/// A key: its hash, and the first of its rows.
struct Entry {
    hash: u64,
    first: u32,
}

impl Entry {
    /// Whether it is of a key, where `keys` are those of the table.
    #[inline]
    fn is_of(&self, key: &KeyView<'_>, keys: &GroupKeys) -> bool {
        self.hash == key.hash && keys.is_at(self.first as usize, key)
    }
}

/// Rows of one batch, by their keys.
pub struct JoinTable {
    columns: Vec<ArrayRef>,
    keys: GroupKeys,
    index: HashTable<Entry>,
    /// For each row the next one of the same key.
    next: Vec<u32>,
}

impl JoinTable {
    /// The right side of a join.
    pub fn new(join: &JoinState, rows: Rows) -> Result<Self> {
        let (chunk, _) = join.chunk(1, rows, None)?;
        let keys = chunk.keys;
        let mut index: HashTable<Entry> = HashTable::with_capacity(chunk.rows);
        let mut next = vec![NO_ROW; chunk.rows];
        // From the last one on, so that each chain has its rows in order.
        for row in (0..chunk.rows).rev().filter(|&row| chunk.has_key[row]) {
            let key = keys.get(row);
            let entry = index.entry(key.hash, |entry| entry.is_of(&key, &keys), |entry| entry.hash);
            let (hash, first) = (key.hash, row as u32);
            entry
                .and_modify(|entry| next[row] = std::mem::replace(&mut entry.first, first))
                .or_insert(Entry { hash, first });
        }
        Ok(Self {
            columns: chunk.columns,
            keys,
            index,
            next,
        })
    }

    /// The first row of a key.
    #[inline]
    fn first_of(&self, key: &KeyView<'_>) -> Option<u32> {
        let entry = self.index.find(key.hash, |entry| entry.is_of(key, &self.keys));
        entry.map(|entry| entry.first)
    }

    /// The next row of the key that a row has.
    #[inline]
    fn next_of(&self, row: u32) -> Option<u32> {
        self.next.get(row as usize).copied().filter(|&next| next != NO_ROW)
    }
}

impl JoinState {
    /// Lets rows of the left side meet those of `table`. What comes out is handed on in pieces, in the order of the left
    /// rows, with the left row that each of its rows is of.
    pub fn meet_table(
        &self,
        table: &JoinTable,
        columns: &[ArrayRef],
        rows: usize,
        mut each: impl FnMut(Rows, &[u32]) -> Result<()>,
    ) -> Result<()> {
        let can_meet = self.can_meet(0, columns, rows)?;
        let keys = self.encode(0, columns, rows)?;
        let mut first = 0;
        while first < rows {
            let mut pairs = Pairs::with_capacity(PAIRS_AT_ONCE.min(rows - first));
            let mut row = first;
            while row < rows && pairs.left.len() < PAIRS_AT_ONCE {
                let count = HASHED_AT_ONCE.min(rows - row);
                let mut sought = [KeyView::default(); HASHED_AT_ONCE];
                for (nth, key) in sought[..count].iter_mut().enumerate() {
                    *key = keys.get(row + nth);
                }
                for key in &sought[..count] {
                    if pairs.left.len() >= PAIRS_AT_ONCE {
                        break;
                    }
                    let mut partner = if can_meet.value(row) { table.first_of(key) } else { None };
                    while let Some(right) = partner {
                        pairs.left.push(row as u32);
                        pairs.right.push(right);
                        partner = table.next_of(right);
                    }
                    row += 1;
                }
            }
            let joined = self.come_out(table, columns, pairs, first as u32..row as u32)?;
            if let Some((joined, left)) = joined {
                each(joined, &left)?;
            }
            first = row;
        }
        Ok(())
    }

    /// What comes out of `rows` of the left side, whose pairs are these.
    fn come_out(
        &self,
        table: &JoinTable,
        columns: &[ArrayRef],
        mut pairs: Pairs,
        rows: std::ops::Range<u32>,
    ) -> Result<Option<(Rows, Vec<u32>)>> {
        let conditions = self.conditions();
        if !conditions.is_empty() && !pairs.left.is_empty() {
            let joined = pairs.columns(table, columns)?;
            let holds = conjunction(conditions, &joined, pairs.left.len())?;
            pairs = Pairs {
                left: holds.set_indices().map(|index| pairs.left[index]).collect(),
                right: holds.set_indices().map(|index| pairs.right[index]).collect(),
            };
        }
        let left = match self.join_type() {
            JoinType::LeftSemi => {
                pairs.left.dedup();
                pairs.left
            }
            JoinType::LeftAnti => pairs.alone(rows),
            JoinType::LeftOuter => {
                let alone = pairs.alone(rows);
                pairs.add_alone(alone);
                return pairs.whole(table, columns);
            }
            _ => return pairs.whole(table, columns),
        };
        if left.is_empty() {
            return Ok(None);
        }
        Ok(Some((rows_of(columns, left.clone())?, left)))
    }
}

/// Rows of the left side, ascending, each with a row of the table; `NO_ROW` for nulls.
struct Pairs {
    left: Vec<u32>,
    right: Vec<u32>,
}

impl Pairs {
    /// None yet.
    fn with_capacity(pairs: usize) -> Self {
        Self {
            left: Vec::with_capacity(pairs),
            right: Vec::with_capacity(pairs),
        }
    }

    /// The columns of both sides.
    fn columns(&self, table: &JoinTable, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        let (mut joined, _) = rows_of(columns, self.left.clone())?;
        let right: UInt32Array = if self.right.contains(&NO_ROW) {
            self.right.iter().map(|&row| (row != NO_ROW).then_some(row)).collect()
        } else {
            self.right.clone().into()
        };
        for column in &table.columns {
            joined.push(take(column, &right, None)?);
        }
        Ok(joined)
    }

    fn whole(self, table: &JoinTable, columns: &[ArrayRef]) -> Result<Option<(Rows, Vec<u32>)>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        Ok(Some(((self.columns(table, columns)?, self.left.len()), self.left)))
    }

    /// Those of `rows` that are in no pair.
    fn alone(&self, rows: std::ops::Range<u32>) -> Vec<u32> {
        let mut paired = self.left.iter().copied().peekable();
        rows.filter(|row| {
            let is_paired = paired.peek() == Some(row);
            while paired.next_if_eq(row).is_some() {}
            !is_paired
        })
        .collect()
    }

    /// Puts rows without a partner between the others.
    fn add_alone(&mut self, alone: Vec<u32>) {
        if alone.is_empty() {
            return;
        }
        let paired = std::mem::take(&mut self.left)
            .into_iter()
            .zip(std::mem::take(&mut self.right));
        let mut all: Vec<(u32, u32)> = paired.chain(alone.into_iter().map(|row| (row, NO_ROW))).collect();
        // Stable: partners of one row stay in order.
        all.sort_by_key(|(left, _)| *left);
        (self.left, self.right) = all.into_iter().unzip();
    }
}
