//! The sessions of one shard: intervals per key that do not meet, in order, each with its accumulators.
//!
//! ```text
//! index: key --> first session of the key --next--> second --next--> ...      one row of the table each
//! by end: (end, row) over all keys                                            what the watermark closes next
//! ```
//!
//! A session's row has three words of its own: start, end (micros, not in the session), and the row of the key's next one.

mod merging;

use std::collections::HashSet;
use std::sync::Arc;

use self::merging::Merging;
pub use self::merging::{MergeCounts, SessionPart};
use super::expiry::ExpiryIndex;
use super::table::removal::DROPPED;
use super::{Budget, GroupTable, KeyView, Layout, Tag};
use crate::aggregate::{AccumulatorShape, AggregateCall};
use crate::checkpoint::RecordReader;
use crate::error::Result;

const START: usize = 0;
const END: usize = 1;
const NEXT: usize = 2;
const EXTRA_WORDS: usize = 3;
/// No next session.
const NONE: u64 = u64::MAX;

/// A session of partial groups, on its way into the state.
#[derive(Clone, Copy, Debug)]
pub struct SessionPiece {
    /// First instant, micros.
    pub start: i64,
    /// The instant after its last, micros.
    pub end: i64,
    /// Which of the given tables it is in.
    pub table: usize,
    /// Its row there.
    pub row: u32,
}

/// The sessions of one shard.
pub struct SessionStore {
    table: GroupTable,
    by_end: ExpiryIndex,
    layout: Layout,
    /// The batch that the sessions of a state file count as changed by.
    restored_as: u64,
    /// Used again for each key.
    merging: Merging,
}

impl SessionStore {
    /// No sessions yet; their bytes are charged to `budget`.
    pub fn new(calls: &[AggregateCall], budget: Arc<Budget>) -> Self {
        Self::with_layout(Layout::with_extra(calls, EXTRA_WORDS), budget)
    }

    /// The same for accumulators of these shapes, of whichever query.
    pub fn of_shapes(shapes: &[AccumulatorShape]) -> Self {
        Self::with_layout(Layout::of_shapes(shapes, EXTRA_WORDS), Arc::new(Budget::new(0)))
    }

    fn with_layout(layout: Layout, budget: Arc<Budget>) -> Self {
        Self {
            table: GroupTable::new(layout.clone(), Tag::Batch, Arc::clone(&budget)),
            by_end: ExpiryIndex::new(budget),
            layout,
            restored_as: Self::NO_BATCH,
            merging: Merging::default(),
        }
    }

    /// What sessions of a state file count as changed by: no batch.
    const NO_BATCH: u64 = u64::MAX;

    /// Lets what is restored from now on count as changed by a batch.
    pub fn follow(&mut self, batch: u64) -> Result<()> {
        self.restored_as = batch;
        self.begin_batch()
    }

    /// The sessions that the batch changed, the gone ones included.
    pub(super) fn changed_rows(&self) -> &[u32] {
        self.table.touched()
    }

    /// Their rows.
    pub fn table(&self) -> &GroupTable {
        &self.table
    }

    /// Number of sessions.
    pub fn len(&self) -> u64 {
        self.table.num_live() as u64
    }

    /// Whether there is no session.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.table.bytes() + self.by_end.bytes()
    }

    /// The first instant of a session.
    pub fn start(&self, row: u32) -> i64 {
        self.table.extra(row, START) as i64
    }

    /// The instant after the last of a session.
    pub fn end(&self, row: u32) -> i64 {
        self.table.extra(row, END) as i64
    }

    /// All sessions in the order of their ends.
    pub fn rows(&self) -> Vec<u32> {
        self.by_end.rows().collect()
    }

    /// The sessions that end after `micros`, in the order of their ends.
    pub(super) fn rows_after(&self, micros: i64) -> Vec<u32> {
        self.by_end.rows_after(micros).collect()
    }

    /// The sessions that have ended by `watermark` (micros), in the order of their ends. [`Self::remove_closed`] takes them
    /// out of the state once their results are made.
    pub fn take_closed(&mut self, watermark: i64) -> Vec<u32> {
        self.by_end.take_until(watermark)
    }

    /// Removes what [`Self::take_closed`] gave. Sessions of a key do not meet, so the first to end is the key's first.
    pub fn remove_closed(&mut self, batch: u64, rows: &[u32]) {
        for &row in rows {
            let next = self.table.extra(row, NEXT);
            if next != NONE {
                self.table.redirect(row, next as u32);
            }
            self.table.touch(row, batch);
            self.table.remove(row);
        }
    }

    /// Forgets which keys the last batch changed, and gives back the memory of sessions that are gone where it is worth it.
    pub fn begin_batch(&mut self) -> Result<()> {
        self.table.forget_touched();
        if !self.table.wants_compaction() {
            return Ok(());
        }
        let moved = self.table.compact()?;
        self.by_end.renumber(&moved);
        for row in moved.iter().copied().filter(|&row| row != DROPPED) {
            let next = self.table.extra(row, NEXT);
            if next != NONE {
                *self.table.extra_mut(row, NEXT) = u64::from(moved[next as usize]);
            }
        }
        Ok(())
    }

    /// The keys that the batch changed, each by a row that has it; the row may be gone, and so may all sessions of the key.
    pub(super) fn changed_keys(&self) -> impl Iterator<Item = KeyView<'_>> {
        let mut seen = HashSet::new();
        let rows = self.table.touched().iter();
        rows.map(|&row| self.table.key(row))
            .filter(move |&key| self.table.find(key).is_none_or(|first| seen.insert(first)))
    }

    /// All keys.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = KeyView<'_>> {
        self.table.indexed_rows().map(|row| self.table.key(row))
    }

    /// Makes a key have `count` sessions in the place of those that it has: their rows, to be filled by
    /// [`Self::restore`] in the order of their starts.
    pub(super) fn replace(&mut self, key: KeyView<'_>, count: usize) -> Result<Vec<u32>> {
        for row in self.sessions_of(key) {
            self.by_end.remove(self.end(row), row);
            self.table.touch(row, self.restored_as);
            self.table.remove(row);
        }
        let mut rows: Vec<u32> = Vec::new();
        for _ in 0..count {
            let row = match rows.first() {
                Some(&first) => self.table.push_sibling(first)?,
                None => self.table.find_or_insert(key, 0)?,
            };
            self.table.touch(row, self.restored_as);
            rows.push(row);
        }
        self.link(None, &rows);
        Ok(rows)
    }

    /// Says what a row that [`Self::replace`] made is.
    pub(super) fn restore(&mut self, row: u32, start: i64, end: i64, records: &mut RecordReader) -> Result<()> {
        *self.table.extra_mut(row, START) = start as u64;
        *self.table.extra_mut(row, END) = end as u64;
        self.by_end.insert(end, row)?;
        self.table.read_accumulators(row, records)
    }

    /// The session of a key that begins at `start`.
    pub(super) fn find(&self, key: KeyView<'_>, start: i64) -> Option<u32> {
        self.sessions_of(key).into_iter().find(|&row| self.start(row) == start)
    }

    /// Its rows, to put into them what the program's own aggregates made.
    pub(super) fn table_mut(&mut self) -> &mut GroupTable {
        &mut self.table
    }

    /// The sessions of a key, in order.
    pub(super) fn sessions_of(&self, key: KeyView<'_>) -> Vec<u32> {
        let mut rows = Vec::new();
        let mut next = self.table.find(key).map_or(NONE, u64::from);
        while next != NONE {
            rows.push(next as u32);
            next = self.table.extra(next as u32, NEXT);
        }
        rows
    }

    /// Links the sessions of a key, in order; the index leads to `indexed` until then, where that is no longer the first.
    fn link(&mut self, indexed: Option<u32>, rows: &[u32]) {
        if let (Some(indexed), Some(&first)) = (indexed, rows.first()) {
            self.table.redirect(indexed, first);
        }
        for (index, &row) in rows.iter().enumerate() {
            *self.table.extra_mut(row, NEXT) = rows.get(index + 1).map_or(NONE, |&next| u64::from(next));
        }
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;
    use proptest::prelude::*;

    use super::*;
    use crate::aggregate::Function;
    use crate::checkpoint::{RecordWriter, Versioned};
    use crate::column::DataType;

    fn count() -> Vec<AggregateCall> {
        vec![AggregateCall {
            function: Function::Count,
            arguments: Vec::new(),
            given: Vec::new(),
            distinct: false,
            sorts_many: false,
            filter: None,
            beside: Vec::new(),
            data_type: DataType::BigInt,
            nullable: false,
        }]
    }

    /// A row of a batch: key, time, gap.
    type Event = (u8, i64, i64);

    fn key_bytes(key: u8) -> Vec<u8> {
        // Long and short keys stand differently in a table.
        vec![key; if key.is_multiple_of(2) { 3 } else { 30 }]
    }

    /// Merges the rows of a batch as a reduce task does: key by key, in the order of their starts.
    fn absorb(store: &mut SessionStore, batch: u64, events: &[Event]) -> MergeCounts {
        let calls = count();
        let mut partial = GroupTable::new(Layout::new(&calls), Tag::Pane, Arc::new(Budget::new(0)));
        let mut events: Vec<Event> = events.to_vec();
        events.sort_unstable();
        let mut counts = MergeCounts::default();
        for of_key in events.chunk_by(|left, right| left.0 == right.0) {
            let bytes = key_bytes(of_key[0].0);
            let mut pieces = Vec::new();
            for &(_, start, gap) in of_key {
                let row = partial
                    .find_or_insert(KeyView::of(&bytes), pieces.len() as u64)
                    .unwrap();
                let slot = partial.slot(0);
                *partial.word_mut(row, slot.word) = 1;
                pieces.push(SessionPiece {
                    start,
                    end: start + gap,
                    table: 0,
                    row,
                });
            }
            let key = KeyView::of(&bytes);
            let merged = store.absorb(batch, key, &pieces, &[&partial], &calls).unwrap();
            counts.updated += merged.updated;
            counts.removed += merged.removed;
        }
        counts
    }

    /// The store with what `write` writes taken over.
    fn copied(store: SessionStore, write: impl Fn(&mut RecordWriter) -> Result<()>) -> SessionStore {
        let shard = Mutex::new(store);
        crate::checkpoint::testing::through_a_file(write, |records| shard.lock().apply(records));
        shard.into_inner()
    }

    /// Key, start, end and number of rows of all sessions.
    fn sessions(store: &SessionStore) -> Vec<(u8, i64, i64, u64)> {
        let mut found: Vec<_> = (store.rows().into_iter())
            .map(|row| {
                let key = store.table().key(row).with_bytes(|bytes| bytes.unwrap()[0]);
                let count = store.table().word(row, store.table().slot(0).word);
                (key, store.start(row), store.end(row), count)
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// The obvious way: keep a list of sessions, and join any two that meet until none do.
    fn naive(sessions: &mut Vec<(u8, i64, i64, u64)>, events: &[Event]) {
        sessions.extend(events.iter().map(|&(key, start, gap)| (key, start, start + gap, 1)));
        'again: loop {
            sessions.sort_unstable();
            for at in 1..sessions.len() {
                let (left, right) = (sessions[at - 1], sessions[at]);
                if left.0 == right.0 && right.1 <= left.2 {
                    sessions[at - 1] = (left.0, left.1, left.2.max(right.2), left.3 + right.3);
                    sessions.remove(at);
                    continue 'again;
                }
            }
            return;
        }
    }

    fn events() -> impl Strategy<Value = Vec<Vec<Event>>> {
        let event = (0u8..4, -50i64..200, 1i64..15);
        proptest::collection::vec(proptest::collection::vec(event, 0..12), 1..12)
    }

    proptest! {
        #[test]
        fn sessions_are_those_of_the_obvious_way(batches in events(), lag in 1i64..60) {
            let budget = Arc::new(Budget::new(0));
            let mut store = SessionStore::new(&count(), Arc::clone(&budget));
            let mut copy = SessionStore::new(&count(), Arc::new(Budget::new(0)));
            let mut expected = Vec::new();
            let mut watermark = i64::MIN;
            for (batch, events) in batches.iter().enumerate() {
                let batch = batch as u64;
                store.begin_batch().unwrap();
                let on_time: Vec<Event> = events.iter().copied().filter(|event| event.1 + event.2 > watermark).collect();
                let starts: HashSet<_> = expected.iter().map(|session: &(u8, i64, i64, u64)| (session.0, session.1)).collect();
                naive(&mut expected, &on_time);
                let counts = absorb(&mut store, batch, &on_time);
                let touched: HashSet<u8> = on_time.iter().map(|event| event.0).collect();
                let updated = expected.iter().filter(|session| touched.contains(&session.0)).count() as u64;
                let kept = expected.iter().filter(|session| starts.contains(&(session.0, session.1))).count();
                prop_assert_eq!(counts, MergeCounts { updated, removed: (starts.len() - kept) as u64 });
                prop_assert_eq!(sessions(&store), expected.clone());

                watermark = events.iter().map(|event| event.1).max().map_or(watermark, |time| watermark.max(time - lag));
                let closed = store.take_closed(watermark);
                let ends: Vec<i64> = closed.iter().map(|&row| store.end(row)).collect();
                prop_assert!(ends.is_sorted());
                store.remove_closed(batch, &closed);
                expected.retain(|session| session.2 > watermark);
                prop_assert_eq!(sessions(&store), expected.clone());

                // What a batch changed, written and taken over, keeps a copy equal.
                let shard = Mutex::new(store);
                copy.begin_batch().unwrap();
                copy = copied(copy, |out| shard.lock().write_changes(out));
                store = shard.into_inner();
                prop_assert_eq!(sessions(&copy), expected.clone());
            }
            let shard = Mutex::new(store);
            let restored = copied(SessionStore::new(&count(), Arc::new(Budget::new(0))), |out| shard.lock().write_all(out));
            store = shard.into_inner();
            prop_assert_eq!(sessions(&restored), expected);
            drop(store);
            prop_assert_eq!(budget.used(), 0);
        }
    }

    #[test]
    fn memory_stays_flat_while_sessions_come_and_go() {
        let budget = Arc::new(Budget::new(0));
        let mut store = SessionStore::new(&count(), Arc::clone(&budget));
        let mut bytes_after_warm_up = 0;
        for batch in 0..200 {
            store.begin_batch().unwrap();
            let time = batch as i64 * 100;
            let events: Vec<Event> = (0..200u8).map(|key| (key, time + i64::from(key % 7), 5)).collect();
            absorb(&mut store, batch, &events);
            let closed = store.take_closed(time);
            store.remove_closed(batch, &closed);
            assert_eq!(store.len(), 200);
            if batch == 20 {
                bytes_after_warm_up = budget.used();
            }
        }
        assert!(
            budget.used() <= bytes_after_warm_up * 2,
            "{} of {bytes_after_warm_up}",
            budget.used()
        );
    }
}
