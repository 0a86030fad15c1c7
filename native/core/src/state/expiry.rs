//! Which rows of a table the watermark closes next: an index in the order of their ends, so that eviction looks at no other.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Budget;
use super::table::removal::DROPPED;
use crate::error::Result;

/// Bytes of an entry in a tree whose nodes are three quarters full.
const ENTRY_BYTES: u64 = 24;

/// Rows by the time (micros) at which they expire.
pub struct ExpiryIndex {
    entries: BTreeSet<(i64, u32)>,
    budget: Arc<Budget>,
}

impl ExpiryIndex {
    /// No rows yet; bytes are charged to `budget`.
    pub fn new(budget: Arc<Budget>) -> Self {
        Self {
            entries: BTreeSet::new(),
            budget,
        }
    }

    /// Adds a row.
    pub fn insert(&mut self, expiry: i64, row: u32) -> Result<()> {
        self.budget.charge(ENTRY_BYTES)?;
        if !self.entries.insert((expiry, row)) {
            self.budget.release(ENTRY_BYTES);
        }
        Ok(())
    }

    /// Takes a row out.
    pub fn remove(&mut self, expiry: i64, row: u32) {
        if self.entries.remove(&(expiry, row)) {
            self.budget.release(ENTRY_BYTES);
        }
    }

    /// Takes out the rows that have expired by `limit`, in order.
    pub fn take_until(&mut self, limit: i64) -> Vec<u32> {
        let mut expired = Vec::new();
        while let Some(&(expiry, row)) = self.entries.first() {
            if expiry > limit {
                break;
            }
            self.remove(expiry, row);
            expired.push(row);
        }
        expired
    }

    /// The rows that expire before `limit`, with their times, in order.
    pub fn entries_before(&self, limit: i64) -> impl Iterator<Item = (i64, u32)> {
        self.entries.range(..(limit, 0)).copied()
    }

    /// The rows that expire after `micros`, in order.
    pub fn rows_after(&self, micros: i64) -> impl Iterator<Item = u32> {
        self.entries.range((micros, u32::MAX)..).map(|&(_, row)| row)
    }

    /// All rows in order.
    pub fn rows(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().map(|&(_, row)| row)
    }

    /// Follows the table's rows to where compacting moved them.
    pub fn renumber(&mut self, moved: &[u32]) {
        let entries = std::mem::take(&mut self.entries);
        let before = entries.len() as u64;
        self.entries = entries
            .into_iter()
            .map(|(expiry, row)| (expiry, moved[row as usize]))
            .filter(|&(_, row)| row != DROPPED)
            .collect();
        // A row that is gone may have left an entry behind.
        self.budget.release((before - self.entries.len() as u64) * ENTRY_BYTES);
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.entries.len() as u64 * ENTRY_BYTES
    }
}

impl Drop for ExpiryIndex {
    fn drop(&mut self) {
        self.budget.release(self.bytes());
    }
}
