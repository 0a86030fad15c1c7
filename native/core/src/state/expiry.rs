//! Which rows of a table the watermark closes next: an index in the order of their ends, so that eviction looks at no other.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Budget;
use super::table::removal::DROPPED;
use crate::error::Result;

/// Bytes of an entry in a tree whose nodes are three quarters full.
const ENTRY_BYTES: u64 = 24;

/// Entries that are charged at once: the budget is shared by all workers.
const LOT: u64 = 16;

/// Rows by the time (micros) at which they expire.
pub struct ExpiryIndex {
    entries: BTreeSet<(i64, u32)>,
    budget: Arc<Budget>,
    /// Entries that are charged, in whole lots.
    charged: u64,
}

impl ExpiryIndex {
    /// No rows yet; bytes are charged to `budget`.
    pub fn new(budget: Arc<Budget>) -> Self {
        Self {
            entries: BTreeSet::new(),
            budget,
            charged: 0,
        }
    }

    /// Adds a row.
    pub fn insert(&mut self, expiry: i64, row: u32) -> Result<()> {
        if self.entries.len() as u64 == self.charged {
            self.budget.charge(LOT * ENTRY_BYTES)?;
            self.charged += LOT;
        }
        self.entries.insert((expiry, row));
        Ok(())
    }

    /// Takes a row out.
    pub fn remove(&mut self, expiry: i64, row: u32) {
        self.entries.remove(&(expiry, row));
        self.uncharge();
    }

    /// Gives a row another time.
    pub fn postpone(&mut self, expiry: i64, row: u32, to: i64) {
        if self.entries.remove(&(expiry, row)) {
            self.entries.insert((to, row));
        }
    }

    /// Gives back what is charged beyond the entries and a lot.
    fn uncharge(&mut self) {
        let needed = (self.entries.len() as u64 + LOT).next_multiple_of(LOT);
        if self.charged > needed {
            self.budget.release((self.charged - needed) * ENTRY_BYTES);
            self.charged = needed;
        }
    }

    /// Takes out the rows that have expired by `limit`, in order.
    pub fn take_until(&mut self, limit: i64) -> Vec<u32> {
        let mut expired = Vec::new();
        while let Some(&(expiry, row)) = self.entries.first()
            && expiry <= limit
        {
            self.entries.pop_first();
            expired.push(row);
        }
        self.uncharge();
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
        self.entries = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|(expiry, row)| (expiry, moved[row as usize]))
            .filter(|&(_, row)| row != DROPPED)
            .collect();
        // A row that is gone may have left an entry behind.
        self.uncharge();
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.charged * ENTRY_BYTES
    }
}

impl Drop for ExpiryIndex {
    fn drop(&mut self) {
        self.budget.release(self.bytes());
    }
}
