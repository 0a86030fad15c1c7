//! One arena of groups: a hash table of row numbers over rows of words.
//!
//! ```text
//! index: HashTable<Entry>  --hash of the key-->  row number, a part of that hash
//! words: | key hash | key view, 2 words | tag | flags .. | accumulator words .. | extra words .. |   one row, `stride` words
//! keys:  bytes of keys longer than 12 bytes           heap: values that have no fixed size
//! ```
//!
//! A key view is Arrow's: length and 12 bytes, or length, 4 bytes and a place in `keys`; so most comparisons are two
//! words. The tag is the pane in the tables of a map task, and the batch that last touched the group in the state.
//! Dropping the table is dropping the window: nothing else points into it. Where rows go one by one instead (sessions,
//! keys of a deduplication), `removal` marks them dead and closes the gaps later.

mod growth;
mod layout;
pub(super) mod removal;
mod together;

use std::sync::Arc;

use hashbrown::HashTable;

pub use self::layout::{Layout, Slot};
use super::budget::Budget;
use super::heap::{HeapValue, ValueBag};
use super::key::KeyView;
use super::quantiles::QuantileSummary;
use crate::checkpoint::RecordReader;
use crate::error::{Error, Result};

/// Words of a row before its flags.
const HEADER_WORDS: usize = 4;
/// A value may keep this much more memory than it needs, or four times as much.
const SPARE_BYTES_MAX: usize = 256;
const TAG_WORD: usize = 3;

/// What the index leads to: a row, and the mark of its key, so that the index grows without a look at the rows.
#[derive(Clone, Copy, Debug)]
struct Entry {
    row: u32,
    mark: u32,
}

/// The hash that an entry lies under.
#[inline]
fn spread(mark: u32) -> u64 {
    u64::from(mark).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// What the tag word of a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The pane: a part of the key. Tables of map tasks.
    Pane,
    /// The batch that last touched the group. Tables of the state.
    Batch,
}

/// Groups and their accumulators.
pub struct GroupTable {
    layout: Layout,
    tag: Tag,
    index: HashTable<Entry>,
    words: Vec<u64>,
    keys: Vec<u8>,
    heap: Vec<HeapValue>,
    touched: Vec<u32>,
    num_dead: usize,
    expected_rows: usize,
    budget: Arc<Budget>,
    charged: u64,
}

impl GroupTable {
    /// An empty table whose bytes are charged to `budget`.
    pub fn new(layout: Layout, tag: Tag, budget: Arc<Budget>) -> Self {
        Self {
            layout,
            tag,
            index: HashTable::new(),
            words: Vec::new(),
            keys: Vec::new(),
            heap: Vec::new(),
            touched: Vec::new(),
            num_dead: 0,
            expected_rows: 0,
            budget,
            charged: 0,
        }
    }

    /// Number of rows; those that were removed count until the table is compacted.
    pub fn len(&self) -> usize {
        self.words.len() / self.layout.stride
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Bytes it holds.
    pub fn bytes(&self) -> u64 {
        self.charged
    }

    /// Where accumulator number `call` stands.
    #[inline]
    pub fn slot(&self, call: usize) -> Slot {
        self.layout.slots[call]
    }

    /// The row of the group with this key (and, in tables tagged by pane, this pane), made where there is none.
    #[inline]
    pub fn find_or_insert(&mut self, key: KeyView<'_>, tag: u64) -> Result<u32> {
        let mark = self.tag.mark(key.hash, tag);
        // Not `find`, which calls its closure by pointer.
        let found = self
            .index
            .iter_hash(spread(mark))
            .find(|entry| entry.mark == mark && self.is_row_of(entry.row, &key, tag));
        match found {
            Some(entry) => Ok(entry.row),
            None => self.insert(key, mark, tag),
        }
    }

    /// The row of the group with this key, in tables that are not tagged by pane.
    pub fn find(&self, key: KeyView<'_>) -> Option<u32> {
        let mark = self.tag.mark(key.hash, 0);
        let is_it = |entry: &Entry| entry.mark == mark && self.is_row_of(entry.row, &key, 0);
        self.index.find(spread(mark), is_it).map(|entry| entry.row)
    }

    /// Whether a row is that of this key and, in tables tagged by pane, of the pane `tag`.
    #[inline(always)]
    fn is_row_of(&self, row: u32, key: &KeyView<'_>, tag: u64) -> bool {
        let start = row as usize * self.layout.stride;
        let header = &self.words[start..start + HEADER_WORDS];
        key.equals([header[1], header[2]], &self.keys) && (self.tag != Tag::Pane || header[TAG_WORD] == tag)
    }

    fn insert(&mut self, key: KeyView<'_>, mark: u32, tag: u64) -> Result<u32> {
        let row = self.next_row()?;
        self.reserve_words()?;
        self.reserve_key(key.long.map_or(0, <[u8]>::len))?;
        self.reserve_index()?;
        self.index
            .insert_unique(spread(mark), Entry { row, mark }, |entry| spread(entry.mark));
        let view = match key.long {
            Some(bytes) => {
                let place = self.keys.len() as u64;
                self.keys.extend_from_slice(bytes);
                [key.words[0], place]
            }
            None => key.words,
        };
        // A new group of the state has been touched by no batch yet.
        let tag = if self.tag == Tag::Pane { tag } else { u64::MAX };
        self.push_row([key.hash, view[0], view[1], tag]);
        Ok(row)
    }

    /// Appends a row that begins with these words; the others are zero.
    #[inline]
    fn push_row(&mut self, header: [u64; HEADER_WORDS]) {
        let start = self.words.len();
        self.words.resize(start + self.layout.stride, 0);
        // Word by word: four words that are copied at once wait for those just written.
        for (word, value) in self.words[start..].iter_mut().zip(header) {
            *word = value;
        }
    }

    fn next_row(&self) -> Result<u32> {
        u32::try_from(self.len())
            .ok()
            .filter(|&row| row < u32::MAX)
            .ok_or_else(|| Error::limit("groups of one window and shard", self.len(), u32::MAX))
    }

    fn charge(&mut self, bytes: usize) -> Result<()> {
        self.budget.charge(bytes as u64)?;
        self.charged += bytes as u64;
        Ok(())
    }

    /// What took `before` bytes takes `after`.
    fn recharge(&mut self, before: usize, after: usize) -> Result<()> {
        match after.checked_sub(before) {
            Some(more) => self.charge(more),
            None => {
                self.uncharge((before - after) as u64);
                Ok(())
            }
        }
    }

    /// A word of a group's row.
    #[inline]
    pub fn word(&self, row: u32, word: usize) -> u64 {
        self.words[row as usize * self.layout.stride + word]
    }

    #[inline]
    fn row(&self, row: u32) -> &[u64] {
        let start = row as usize * self.layout.stride;
        &self.words[start..start + self.layout.stride]
    }

    /// The words of a group's row, to be written.
    #[inline]
    pub fn row_mut(&mut self, row: u32) -> &mut [u64] {
        let start = row as usize * self.layout.stride;
        &mut self.words[start..start + self.layout.stride]
    }

    /// A word of a group's row, to be written.
    #[inline]
    pub fn word_mut(&mut self, row: u32, word: usize) -> &mut u64 {
        &mut self.words[row as usize * self.layout.stride + word]
    }

    /// One of the words that the table's owner keeps in a row.
    #[inline]
    pub fn extra(&self, row: u32, index: usize) -> u64 {
        self.word(row, self.layout.first_extra + index)
    }

    /// One of the words that the table's owner keeps in a row, to be written.
    #[inline]
    pub fn extra_mut(&mut self, row: u32, index: usize) -> &mut u64 {
        self.word_mut(row, self.layout.first_extra + index)
    }

    /// Whether an accumulator has had a value.
    #[inline]
    pub fn flag(&self, row: u32, slot: Slot) -> bool {
        slot.is_set(self.row(row))
    }

    /// Says that an accumulator has had a value.
    #[inline]
    pub fn set_flag(&mut self, row: u32, slot: Slot) {
        slot.set(self.row_mut(row), true);
    }

    /// Says that an accumulator has had no value.
    pub fn clear_flag(&mut self, row: u32, slot: Slot) {
        slot.set(self.row_mut(row), false);
    }

    /// What an accumulator without a fixed size holds; none before it has had a value.
    pub fn heap_value(&self, row: u32, slot: Slot) -> Option<&HeapValue> {
        self.flag(row, slot)
            .then(|| &self.heap[self.word(row, slot.word) as usize])
    }

    /// The bytes that an accumulator holds; empty where it holds none.
    pub fn heap(&self, row: u32, slot: Slot) -> &[u8] {
        match self.heap_value(row, slot) {
            Some(HeapValue::Bytes(bytes)) => bytes,
            _ => &[],
        }
    }

    /// The bag that an accumulator holds.
    pub fn bag(&self, row: u32, slot: Slot) -> Option<&ValueBag> {
        match self.heap_value(row, slot) {
            Some(HeapValue::Bag(bag)) => Some(bag),
            _ => None,
        }
    }

    /// What an accumulator without a fixed size holds, made by `empty` where it has had no value.
    #[inline]
    fn heap_mut(&mut self, row: u32, slot: Slot, empty: impl FnOnce() -> HeapValue) -> &mut HeapValue {
        if !self.flag(row, slot) {
            *self.word_mut(row, slot.word) = self.heap.len() as u64;
            self.heap.push(empty());
            self.set_flag(row, slot);
        }
        let place = self.word(row, slot.word) as usize;
        &mut self.heap[place]
    }

    /// The bytes of an accumulator, to be changed; `length` zeros where it has had no value.
    #[inline]
    pub fn heap_bytes_mut(&mut self, row: u32, slot: Slot, length: usize) -> Result<&mut [u8]> {
        if !self.flag(row, slot) {
            self.charge(length)?;
        }
        match self.heap_mut(row, slot, || HeapValue::Bytes(vec![0; length])) {
            HeapValue::Bytes(bytes) => Ok(bytes),
            _ => Err(wrong_kind()),
        }
    }

    /// Gives an accumulator without a fixed size its bytes.
    pub fn set_heap(&mut self, row: u32, slot: Slot, bytes: &[u8]) -> Result<()> {
        let held = self.heap(row, slot).len();
        self.recharge(held, bytes.len())?;
        match self.heap_mut(row, slot, || HeapValue::Bytes(Vec::new())) {
            HeapValue::Bytes(kept) => {
                kept.clear();
                // What is charged is what there is: not much more memory than that is held on to.
                if kept.capacity() > SPARE_BYTES_MAX.max(4 * bytes.len()) {
                    kept.shrink_to(bytes.len());
                }
                kept.extend_from_slice(bytes);
                Ok(())
            }
            _ => Err(wrong_kind()),
        }
    }

    /// Appends to the bytes of an accumulator.
    pub fn append_heap(&mut self, row: u32, slot: Slot, bytes: &[u8]) -> Result<()> {
        self.charge(bytes.len())?;
        match self.heap_mut(row, slot, || HeapValue::Bytes(Vec::new())) {
            HeapValue::Bytes(kept) => {
                kept.try_reserve(bytes.len())
                    .map_err(|_| Error::no_memory(bytes.len(), "values of a group"))?;
                kept.extend_from_slice(bytes);
                Ok(())
            }
            _ => Err(wrong_kind()),
        }
    }

    /// Adds a value to the bag of an accumulator, `count` times.
    pub fn add_to_bag(&mut self, row: u32, slot: Slot, value: &[u8], count: u64) -> Result<()> {
        match self.heap_mut(row, slot, || HeapValue::Bag(ValueBag::default())) {
            HeapValue::Bag(bag) => {
                let grown = bag.add(value, count)?;
                if grown > 0 { self.charge(grown) } else { Ok(()) }
            }
            _ => Err(wrong_kind()),
        }
    }

    /// Changes the summary of quantiles of an accumulator.
    pub fn with_quantiles(
        &mut self,
        row: u32,
        slot: Slot,
        relative_error: f64,
        change: impl FnOnce(&mut QuantileSummary),
    ) -> Result<()> {
        let value = self.heap_mut(row, slot, || HeapValue::Quantiles(QuantileSummary::new(relative_error)));
        let before = value.size();
        match value {
            HeapValue::Quantiles(summary) => change(summary),
            _ => return Err(wrong_kind()),
        }
        let after = value.size();
        self.recharge(before, after)
    }

    /// The pane of a group of a map task.
    pub fn pane(&self, row: u32) -> i64 {
        self.word(row, TAG_WORD) as i64
    }

    /// Hash of a group's key: its upper bits pick the shard.
    pub fn key_hash(&self, row: u32) -> u64 {
        self.word(row, 0)
    }

    /// A group's key.
    pub fn key(&self, row: u32) -> KeyView<'_> {
        let start = row as usize * self.layout.stride;
        KeyView::stored(
            self.words[start],
            [self.words[start + 1], self.words[start + 2]],
            &self.keys,
        )
    }

    /// Notes that `batch` changed a group.
    #[inline]
    pub fn touch(&mut self, row: u32, batch: u64) {
        let tag = self.word_mut(row, TAG_WORD);
        if *tag != batch {
            *tag = batch;
            self.touched.push(row);
        }
    }

    /// The same for several.
    pub fn touch_all(&mut self, rows: &[u32], batch: u64) {
        self.touched.reserve(rows.len());
        rows.iter().for_each(|&row| self.touch(row, batch));
    }

    /// The groups that the batch has touched so far.
    pub fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// A batch begins: it has touched nothing yet.
    pub fn forget_touched(&mut self) {
        self.touched.clear();
    }

    /// The accumulators' words of a group, flags first, for a state file. Words of values on the heap are places.
    pub fn accumulators(&self, row: u32) -> &[u64] {
        let start = row as usize * self.layout.stride;
        &self.words[start + HEADER_WORDS..start + HEADER_WORDS + self.layout.accumulator_words()]
    }

    /// The values that a group has on the heap, in the order of its accumulators.
    pub fn heap_values_of(&self, row: u32) -> impl Iterator<Item = &HeapValue> {
        let slots = self.layout.slots.iter().filter(|slot| slot.is_on_heap);
        slots.filter_map(move |&slot| self.heap_value(row, slot))
    }

    /// Puts back what [`Self::accumulators`] and [`Self::heap_values_of`] gave, from a state file.
    pub fn read_accumulators(&mut self, row: u32, records: &mut RecordReader) -> Result<()> {
        let start = row as usize * self.layout.stride + HEADER_WORDS;
        let words = start..start + self.layout.accumulator_words();
        if !self.layout.slots.iter().any(|slot| slot.is_on_heap) {
            return records.words(&mut self.words[words]);
        }
        let slots = Arc::clone(&self.layout.slots);
        let on_heap = || slots.iter().filter(|slot| slot.is_on_heap);
        // Values on the heap keep their places: those of a group that is there already are replaced.
        let mut places = Vec::new();
        places.extend(on_heap().map(|&slot| self.flag(row, slot).then(|| self.word(row, slot.word) as usize)));
        records.words(&mut self.words[words])?;
        for (&slot, place) in on_heap().zip(places) {
            if !self.flag(row, slot) {
                continue;
            }
            let value = HeapValue::from_bytes(records.bytes()?)?;
            let place = place.unwrap_or(self.heap.len());
            let held = self.heap.get(place).map_or(0, HeapValue::size);
            self.charge(value.size().saturating_sub(held))?;
            *self.word_mut(row, slot.word) = place as u64;
            match self.heap.get_mut(place) {
                Some(kept) => *kept = value,
                None => self.heap.push(value),
            }
        }
        Ok(())
    }
}

fn wrong_kind() -> Error {
    Error::internal("an accumulator holds a value of another kind")
}

impl Drop for GroupTable {
    fn drop(&mut self) {
        self.budget.release(self.charged);
    }
}

impl Tag {
    #[inline]
    fn hash(self, key_hash: u64, tag: u64) -> u64 {
        match self {
            // Panes are multiples of a duration: the odd factor spreads them over all bits.
            Tag::Pane => (key_hash ^ tag.wrapping_mul(0x9e37_79b9_7f4a_7c15))
                .rotate_left(23)
                .wrapping_mul(0xd6e8_feb8_6659_fd93),
            Tag::Batch => key_hash,
        }
    }

    /// What the index knows a row by.
    #[inline]
    fn mark(self, key_hash: u64, tag: u64) -> u32 {
        let hash = self.hash(key_hash, tag);
        (hash ^ hash >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn groups_are_those_of_a_map(
            // Keys of at most 12 bytes lie in their view, longer ones beside it.
            rows in proptest::collection::vec((0u8..60, 0usize..40, 0u64..4), 0..300),
            cut in 0usize..300,
        ) {
            let budget = Arc::new(Budget::new(0));
            let mut table = GroupTable::new(Layout::new(&[]), Tag::Pane, Arc::clone(&budget));
            let mut expected: HashMap<(Vec<u8>, u64), u32> = HashMap::new();
            let keys: Vec<Vec<u8>> = rows.iter().map(|&(byte, length, _)| vec![byte; length]).collect();
            let (alone, together) = rows.split_at(cut.min(rows.len()));
            let mut found = Vec::new();
            for (key, &(_, _, pane)) in keys.iter().zip(alone) {
                found.push(table.find_or_insert(KeyView::of(key), pane).unwrap());
            }
            let key_of = |nth: usize| KeyView::of(&keys[alone.len() + nth]);
            table.find_or_insert_all(together.len(), key_of, |nth| together[nth].2, &mut found).unwrap();
            for ((row, key), &(_, _, pane)) in found.into_iter().zip(keys).zip(&rows) {
                let next = expected.len() as u32;
                prop_assert_eq!(row, *expected.entry((key, pane)).or_insert(next));
            }
            prop_assert_eq!(table.len(), expected.len());
            for ((key, _), row) in expected {
                table.key(row).with_bytes(|bytes| assert_eq!(bytes, Some(key.as_slice())));
            }
            drop(table);
            prop_assert_eq!(budget.used(), 0);
        }

        #[test]
        fn tags_of_one_key_are_found_as_one_by_one(tags in proptest::collection::vec(0u64..4, 0..100)) {
            let new_table = || GroupTable::new(Layout::new(&[]), Tag::Pane, Arc::new(Budget::new(0)));
            let (mut one_by_one, mut together) = (new_table(), new_table());
            let key = KeyView::of(b"key");
            let expected: Vec<u32> = tags.iter().map(|&tag| one_by_one.find_or_insert(key, tag).unwrap()).collect();
            let mut found = Vec::new();
            together.find_or_insert_tags(tags.len(), key, |nth| tags[nth], &mut found).unwrap();
            prop_assert_eq!(found, expected);
        }
    }
}
