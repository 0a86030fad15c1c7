//! Rows that go one by one: a removed row is marked dead where it stands, and its place is given back when the table is
//! compacted. Several rows may share one key: the index leads to one of them, the table's owner links the others.

use std::collections::HashMap;

use hashbrown::HashTable;

use super::growth::INDEX_SLOT_BYTES;
use super::{Entry, GroupTable, HeapValue, KeyView, TAG_WORD, spread};
use crate::error::{Error, Result};

/// Tag of a row that was removed.
const DEAD: u64 = u64::MAX - 1;
/// What [`GroupTable::compact`] gives for a row that is no more.
pub const DROPPED: u32 = u32::MAX;
/// Tables with fewer dead rows are left as they are.
const DEAD_ROWS_MIN: usize = 64;

impl GroupTable {
    /// Whether a row has not been removed.
    pub fn is_live(&self, row: u32) -> bool {
        self.word(row, TAG_WORD) != DEAD
    }

    /// Whether a row is one of this key that has not been removed; false for a row that is not there.
    pub fn is_of(&self, row: u32, key: KeyView<'_>) -> bool {
        let is_there = (row as usize * self.layout.stride) < self.words.len();
        is_there && self.is_live(row) && self.is_row_of(row, &key, 0)
    }

    /// Number of rows that have not been removed.
    pub fn num_live(&self) -> usize {
        self.len() - self.num_dead
    }

    /// The rows that the index leads to: one a key.
    pub fn indexed_rows(&self) -> impl Iterator<Item = u32> {
        self.index.iter().map(|entry| entry.row)
    }

    /// A further row with the key of `of`, which the index does not lead to.
    pub fn push_sibling(&mut self, of: u32) -> Result<u32> {
        let row = self.next_row()?;
        self.reserve_words()?;
        let start = of as usize * self.layout.stride;
        let key = [self.words[start], self.words[start + 1], self.words[start + 2]];
        self.push_row([key[0], key[1], key[2], u64::MAX]);
        Ok(row)
    }

    /// Makes the index lead to `to` where it led to `from`, a row of the same key.
    pub fn redirect(&mut self, from: u32, to: u32) {
        let mark = self.tag.mark(self.key_hash(from), 0);
        if let Some(entry) = self.index.find_mut(spread(mark), |entry| entry.row == from) {
            entry.row = to;
        }
    }

    /// Removes a row. Its key can be read until the table is compacted.
    pub fn remove(&mut self, row: u32) {
        let mark = self.tag.mark(self.key_hash(row), self.word(row, TAG_WORD));
        if let Ok(entry) = self.index.find_entry(spread(mark), |entry| entry.row == row) {
            entry.remove();
        }
        for slot in self.layout.slots.clone().iter().filter(|slot| slot.is_on_heap) {
            if self.flag(row, *slot) {
                let place = self.word(row, slot.word) as usize;
                let value = std::mem::replace(&mut self.heap[place], HeapValue::Bytes(Vec::new()));
                self.uncharge(value.size() as u64);
            }
        }
        *self.word_mut(row, TAG_WORD) = DEAD;
        self.num_dead += 1;
    }

    /// Whether compacting would give back a good part of the memory.
    pub fn wants_compaction(&self) -> bool {
        self.num_dead >= DEAD_ROWS_MIN.max(self.num_live())
    }

    /// Closes the gaps that removed rows left; no row may count as touched. Returns the new number of each row, [`DROPPED`] for removed ones.
    pub fn compact(&mut self) -> Result<Vec<u32>> {
        let stride = self.layout.stride;
        let num_live = self.num_live();
        debug_assert!(self.touched.is_empty(), "touched rows must have been forgotten");
        let mut moved = vec![DROPPED; self.len()];
        let mut words = Vec::new();
        words
            .try_reserve_exact(num_live * stride)
            .map_err(|_| Error::no_memory(num_live * stride * 8, "groups"))?;
        let (mut keys, mut heap) = (Vec::new(), Vec::new());
        // Rows of one key share its bytes.
        let mut key_places: HashMap<u64, u64> = HashMap::new();
        let mut heap_bytes = 0;
        for row in 0..self.len() as u32 {
            if !self.is_live(row) {
                continue;
            }
            moved[row as usize] = (words.len() / stride) as u32;
            let (old, new) = (row as usize * stride, words.len());
            words.extend_from_slice(&self.words[old..old + stride]);
            if let Some(bytes) = self.key(row).long {
                words[new + 2] = *key_places.entry(self.words[old + 2]).or_insert_with(|| {
                    let place = keys.len() as u64;
                    keys.extend_from_slice(bytes);
                    place
                });
            }
            for slot in self.layout.slots.clone().iter().filter(|slot| slot.is_on_heap) {
                if self.flag(row, *slot) {
                    let place = self.word(row, slot.word) as usize;
                    let value = std::mem::replace(&mut self.heap[place], HeapValue::Bytes(Vec::new()));
                    heap_bytes += value.size();
                    words[new + slot.word] = heap.len() as u64;
                    heap.push(value);
                }
            }
        }
        let mut index = HashTable::new();
        let hash = |entry: &Entry| spread(entry.mark);
        index
            .try_reserve(self.index.len(), hash)
            .map_err(|_| Error::no_memory(self.index.len() * INDEX_SLOT_BYTES, "group index"))?;
        for entry in &self.index {
            let row = moved[entry.row as usize];
            index.insert_unique(hash(entry), Entry { row, ..*entry }, hash);
        }
        let held = words.capacity() * 8 + keys.capacity() + index.capacity() * INDEX_SLOT_BYTES + heap_bytes;
        self.uncharge(self.charged.saturating_sub(held as u64));
        (self.words, self.keys, self.heap, self.index) = (words, keys, heap, index);
        self.num_dead = 0;
        Ok(moved)
    }

    /// Gives bytes back that were charged.
    pub(super) fn uncharge(&mut self, bytes: u64) {
        let bytes = bytes.min(self.charged);
        self.budget.release(bytes);
        self.charged -= bytes;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::state::{Budget, KeyView, Layout, Tag};

    fn table(budget: &Arc<Budget>) -> GroupTable {
        GroupTable::new(Layout::with_extra(&[], 1), Tag::Batch, Arc::clone(budget))
    }

    #[test]
    fn a_removed_row_is_not_found_and_its_memory_comes_back() {
        let budget = Arc::new(Budget::new(0));
        let mut table = table(&budget);
        let name = |number: u32| format!("a key that does not fit a view, number {number}").into_bytes();
        for number in 0..1000 {
            let row = table.find_or_insert(KeyView::of(&name(number)), 0).unwrap();
            *table.extra_mut(row, 0) = u64::from(number);
        }
        let full = budget.used();
        for number in (0..1000).filter(|number| number % 10 != 0) {
            let row = table.find(KeyView::of(&name(number))).unwrap();
            table.remove(row);
        }
        assert_eq!(table.num_live(), 100);
        assert!(table.find(KeyView::of(&name(1))).is_none());
        assert!(table.wants_compaction());
        table.compact().unwrap();
        assert!(!table.wants_compaction());
        assert!(budget.used() < full / 5, "{} of {full} bytes", budget.used());
        for number in (0..1000).step_by(10) {
            let row = table.find(KeyView::of(&name(number))).unwrap();
            assert_eq!(table.extra(row, 0), u64::from(number));
            assert!(
                table
                    .key(row)
                    .with_bytes(|bytes| bytes == Some(name(number).as_slice()))
            );
        }
        drop(table);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn siblings_share_a_key_and_the_index_leads_to_one_of_them() {
        let budget = Arc::new(Budget::new(0));
        let mut table = table(&budget);
        let key = KeyView::of(b"a key that does not fit a view");
        let first = table.find_or_insert(key, 0).unwrap();
        let second = table.push_sibling(first).unwrap();
        assert_eq!(table.find(key), Some(first));
        table.redirect(first, second);
        table.remove(first);
        assert_eq!(table.find(key), Some(second));
        let moved = table.compact().unwrap();
        assert_eq!((moved[0], moved[1]), (DROPPED, 0));
        assert_eq!(table.find(key), Some(0));
    }
}
