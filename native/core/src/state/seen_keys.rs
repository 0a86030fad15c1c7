//! The keys of one shard that a deduplication has seen, each until it expires.

use std::collections::HashSet;
use std::sync::Arc;

use super::expiry::ExpiryIndex;
use super::{Budget, GroupTable, KeyView, Layout, Tag};
use crate::error::Result;

const EXPIRY: usize = 0;
const EXTRA_WORDS: usize = 1;
/// When a key expires that never does.
pub const NEVER: i64 = i64::MAX;

/// The keys of one shard.
pub struct SeenKeys {
    table: GroupTable,
    by_expiry: ExpiryIndex,
    /// The batch that the keys of a state file count as changed by.
    restored_as: u64,
}

/// What keys of a state file count as changed by: no batch.
const NO_BATCH: u64 = u64::MAX;

impl SeenKeys {
    /// No keys yet; their bytes are charged to `budget`.
    pub fn new(budget: Arc<Budget>) -> Self {
        let layout = Layout::with_extra(&[], EXTRA_WORDS);
        Self {
            table: GroupTable::new(layout, Tag::Batch, Arc::clone(&budget)),
            by_expiry: ExpiryIndex::new(budget),
            restored_as: NO_BATCH,
        }
    }

    /// Lets what is restored from now on count as changed by a batch.
    pub fn follow(&mut self, batch: u64) -> Result<()> {
        self.restored_as = batch;
        self.begin_batch()
    }

    /// When a key expires; none where it was not seen.
    pub(super) fn find(&self, key: KeyView<'_>) -> Option<i64> {
        self.table.find(key).map(|row| self.expiry(row))
    }

    /// Number of keys.
    pub fn len(&self) -> u64 {
        self.table.num_live() as u64
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.table.bytes() + self.by_expiry.bytes()
    }

    /// Notes a key, and says whether it is new. A new one is kept until the watermark reaches `expiry` (micros), or for
    /// good where that is [`NEVER`].
    pub fn insert(&mut self, batch: u64, key: KeyView<'_>, expiry: i64) -> Result<bool> {
        let before = self.table.len();
        let row = self.table.find_or_insert(key, 0)?;
        let is_new = self.table.len() > before;
        if is_new {
            self.table.touch(row, batch);
            self.keep_until(row, expiry)?;
        }
        Ok(is_new)
    }

    /// Forgets the keys that have expired by `watermark` (micros). Returns how many they were.
    pub fn evict(&mut self, batch: u64, watermark: i64) -> u64 {
        let expired = self.by_expiry.take_until(watermark);
        for &row in &expired {
            self.table.touch(row, batch);
            self.table.remove(row);
        }
        expired.len() as u64
    }

    /// Forgets which keys the last batch changed, and gives back the memory of forgotten keys where it is worth it.
    pub fn begin_batch(&mut self) -> Result<()> {
        self.table.forget_touched();
        if self.table.wants_compaction() {
            let moved = self.table.compact()?;
            self.by_expiry.renumber(&moved);
        }
        Ok(())
    }

    /// The keys that the batch changed, with their expiries; none of a key that was forgotten.
    pub(super) fn changed_keys(&self) -> impl Iterator<Item = (KeyView<'_>, Option<i64>)> {
        let mut seen = HashSet::new();
        let rows = self.table.touched().iter();
        rows.map(|&row| self.table.key(row))
            .filter_map(move |key| match self.table.find(key) {
                Some(kept) => seen.insert(kept).then(|| (key, Some(self.expiry(kept)))),
                None => Some((key, None)),
            })
    }

    /// All keys, with their expiries.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = (KeyView<'_>, i64)> {
        self.table
            .indexed_rows()
            .map(|row| (self.table.key(row), self.expiry(row)))
    }

    /// Makes a key have this expiry, or forgets it.
    pub(super) fn restore(&mut self, key: KeyView<'_>, expiry: Option<i64>) -> Result<()> {
        if let Some(row) = self.table.find(key) {
            self.by_expiry.remove(self.expiry(row), row);
            self.table.touch(row, self.restored_as);
            self.table.remove(row);
        }
        let Some(expiry) = expiry else { return Ok(()) };
        let row = self.table.find_or_insert(key, 0)?;
        self.table.touch(row, self.restored_as);
        self.keep_until(row, expiry)
    }

    fn keep_until(&mut self, row: u32, expiry: i64) -> Result<()> {
        *self.table.extra_mut(row, EXPIRY) = expiry as u64;
        if expiry == NEVER {
            return Ok(());
        }
        self.by_expiry.insert(expiry, row)
    }

    fn expiry(&self, row: u32) -> i64 {
        self.table.extra(row, EXPIRY) as i64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use parking_lot::Mutex;
    use proptest::prelude::*;

    use super::*;
    use crate::checkpoint::{RecordWriter, Versioned};

    /// The keys with what `write` writes taken over.
    fn copied(seen: SeenKeys, write: impl Fn(&mut RecordWriter) -> Result<()>) -> SeenKeys {
        let shard = Mutex::new(seen);
        crate::checkpoint::testing::through_a_file(write, |records| shard.lock().apply(records));
        shard.into_inner()
    }

    fn keys(seen: &SeenKeys) -> BTreeMap<Vec<u8>, i64> {
        let rows = seen.table.indexed_rows();
        rows.map(|row| {
            let key = seen
                .table
                .key(row)
                .with_bytes(|bytes| bytes.unwrap_or(b"null").to_vec());
            (key, seen.expiry(row))
        })
        .collect()
    }

    proptest! {
        #[test]
        fn keys_are_those_of_a_map(
            batches in proptest::collection::vec(
                (proptest::collection::vec((0u8..40, prop_oneof![0i64..100, Just(NEVER)]), 0..80), 0i64..100),
                1..12,
            ),
        ) {
            let budget = Arc::new(Budget::new(0));
            let mut seen = SeenKeys::new(Arc::clone(&budget));
            let mut copy = SeenKeys::new(Arc::new(Budget::new(0)));
            let mut expected: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
            for (batch, (rows, watermark)) in batches.iter().enumerate() {
                seen.begin_batch().unwrap();
                for &(key, expiry) in rows {
                    let bytes = vec![key; if key.is_multiple_of(2) { 3 } else { 30 }];
                    let is_new = !expected.contains_key(&bytes);
                    expected.entry(bytes.clone()).or_insert(expiry);
                    prop_assert_eq!(seen.insert(batch as u64, KeyView::of(&bytes), expiry).unwrap(), is_new);
                }
                let before = expected.len();
                expected.retain(|_, expiry| *expiry > *watermark);
                prop_assert_eq!(seen.evict(batch as u64, *watermark), (before - expected.len()) as u64);
                prop_assert_eq!(keys(&seen), expected.clone());
                let shard = Mutex::new(seen);
                copy.begin_batch().unwrap();
                copy = copied(copy, |out| shard.lock().write_changes(out));
                seen = shard.into_inner();
                prop_assert_eq!(keys(&copy), expected.clone());
            }
            let shard = Mutex::new(seen);
            let restored = copied(SeenKeys::new(Arc::new(Budget::new(0))), |out| shard.lock().write_all(out));
            seen = shard.into_inner();
            prop_assert_eq!(keys(&restored), expected);
            drop(seen);
            prop_assert_eq!(budget.used(), 0);
        }
    }

    #[test]
    fn the_null_of_a_text_key_is_a_key() {
        let mut seen = SeenKeys::new(Arc::new(Budget::new(0)));
        assert!(seen.insert(0, KeyView::null(), 5).unwrap());
        assert!(seen.insert(0, KeyView::of(b""), 6).unwrap());
        assert!(!seen.insert(0, KeyView::null(), 7).unwrap());
        let shard = Mutex::new(seen);
        let mut restored = copied(SeenKeys::new(Arc::new(Budget::new(0))), |out| {
            shard.lock().write_all(out)
        });
        assert_eq!(restored.evict(1, 5), 1);
        assert!(restored.insert(1, KeyView::null(), 9).unwrap());
    }
}
