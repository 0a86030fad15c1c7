//! How a table grows: memory is charged to the budget before it is taken.

use super::{GroupTable, spread};
use crate::error::{Error, Result};

/// A slot is an entry and a control byte, at most 7/8 full.
pub(super) const INDEX_SLOT_BYTES: usize = 11;

/// Rows that the first growth makes room for.
const ROWS_MIN: usize = 8;
/// Tables with fewer rows grow by doubling, whatever is expected of them.
const ROWS_FEW: usize = 1024;
/// How many times its rows a table grows by at most.
const GROWTH_MAX: usize = 15;

impl GroupTable {
    /// Makes room for the words of one more row.
    #[inline]
    pub(super) fn reserve_words(&mut self) -> Result<()> {
        if self.words.capacity() - self.words.len() < self.layout.stride {
            self.grow_words(self.growth())?;
        }
        Ok(())
    }

    fn grow_words(&mut self, more_rows: usize) -> Result<()> {
        let more = more_rows * self.layout.stride;
        self.charge(more * 8)?;
        self.words
            .try_reserve_exact(more)
            .map_err(|_| Error::no_memory(more * 8, "groups"))
    }

    /// Makes room for the bytes of one more key.
    #[inline]
    pub(super) fn reserve_key(&mut self, key_bytes: usize) -> Result<()> {
        if self.keys.capacity() - self.keys.len() < key_bytes {
            let more = self.keys.len().max(key_bytes).max(256);
            self.charge(more)?;
            self.keys
                .try_reserve_exact(more)
                .map_err(|_| Error::no_memory(more, "group keys"))?;
        }
        Ok(())
    }

    /// Makes room for `rows` groups in a table that has had none, which then need not grow step by step.
    pub fn expect_rows(&mut self, rows: usize) -> Result<()> {
        if self.words.capacity() == 0 && rows > 0 {
            self.grow_words(rows)?;
            self.grow_index(rows)?;
        }
        Ok(())
    }

    /// Makes room for one more entry of the index.
    #[inline]
    pub(super) fn reserve_index(&mut self) -> Result<()> {
        if self.index.capacity() == self.index.len() {
            self.grow_index(self.growth())?;
        }
        Ok(())
    }

    /// Says how many rows tables like this one have had: a table that grows large then does so in fewer steps.
    pub fn set_expected_rows(&mut self, rows: usize) {
        self.expected_rows = rows;
    }

    /// Rows to make room for when there is none left.
    fn growth(&self) -> usize {
        let rows = self.len();
        if rows < ROWS_FEW {
            return rows.max(ROWS_MIN);
        }
        self.expected_rows.saturating_sub(rows).clamp(rows, GROWTH_MAX * rows)
    }

    fn grow_index(&mut self, more: usize) -> Result<()> {
        self.charge(more * INDEX_SLOT_BYTES)?;
        self.index
            .try_reserve(more, |entry| spread(entry.mark))
            .map_err(|_| Error::no_memory(more * INDEX_SLOT_BYTES, "group index"))?;
        Ok(())
    }
}
