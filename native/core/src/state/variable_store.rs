//! What the program's functions keep for the keys of one shard: its variables, and the times at which a key is due.
//!
//! Keys are rows of a table; beside it, by row, stand the bytes of each variable and the key's timers. A key that holds
//! nothing is no row.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::ArrayRef;

use super::expiry::ExpiryIndex;
use super::variable::{NO_EXPIRY, VariableCodec};
use super::{Budget, GroupTable, KeyView, Layout, Tag};
use crate::error::Result;

/// Bytes of a vector that holds nothing.
const EMPTY_VEC_BYTES: u64 = 24;

/// The state of one shard.
pub struct VariableStore {
    table: GroupTable,
    variables: Arc<[VariableCodec]>,
    /// What each variable holds, variable by variable, row by row.
    held: Vec<Vec<u8>>,
    /// When each row's key is due (ms), ascending.
    timers: Vec<Vec<i64>>,
    /// When the first of each row's values expires: what `by_expiry` has it under.
    expiries: Vec<i64>,
    by_timer: ExpiryIndex,
    by_expiry: ExpiryIndex,
    num_rows: u64,
    budget: Arc<Budget>,
    charged: u64,
}

impl VariableStore {
    /// No keys yet; their bytes are charged to `budget`.
    pub fn new(variables: Arc<[VariableCodec]>, budget: Arc<Budget>) -> Self {
        Self {
            table: GroupTable::new(Layout::with_extra(&[], 0), Tag::Batch, Arc::clone(&budget)),
            variables,
            held: Vec::new(),
            timers: Vec::new(),
            expiries: Vec::new(),
            by_timer: ExpiryIndex::new(Arc::clone(&budget)),
            by_expiry: ExpiryIndex::new(Arc::clone(&budget)),
            num_rows: 0,
            budget,
            charged: 0,
        }
    }

    /// Spark's number of rows of state.
    pub fn num_rows(&self) -> u64 {
        self.num_rows
    }

    /// Number of keys that hold anything.
    pub fn num_keys(&self) -> u64 {
        self.table.num_live() as u64
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.table.bytes() + self.by_timer.bytes() + self.by_expiry.bytes() + self.charged
    }

    /// The row of a key.
    pub fn find(&self, key: KeyView<'_>) -> Option<u32> {
        self.table.find(key)
    }

    /// What a variable holds for a row; empty for nothing.
    pub fn held(&self, row: u32, variable: usize) -> &[u8] {
        &self.held[row as usize * self.variables.len() + variable]
    }

    /// The timers of a row, ascending.
    pub fn timers(&self, row: u32) -> &[i64] {
        &self.timers[row as usize]
    }

    /// The keys that are due before `limit`, with their times, in order of the times.
    pub fn due_before(&self, limit: i64) -> impl Iterator<Item = (i64, KeyView<'_>)> {
        self.by_timer
            .entries_before(limit)
            .map(|(time, row)| (time, self.table.key(row)))
    }

    /// When the first key is due, or the first value expires.
    pub fn first_due(&self) -> Option<i64> {
        let first = |index: &ExpiryIndex| index.entries_before(NO_EXPIRY).next().map(|(time, _)| time);
        match (first(&self.by_timer), first(&self.by_expiry)) {
            (Some(timer), Some(expiry)) => Some(timer.min(expiry)),
            (timer, expiry) => timer.or(expiry),
        }
    }

    /// Forgets which keys the last batch changed, and gives back the memory of those that are gone where it is worth it.
    pub fn begin_batch(&mut self) -> Result<()> {
        self.table.forget_touched();
        if !self.table.wants_compaction() {
            return Ok(());
        }
        let moved = self.table.compact()?;
        self.by_timer.renumber(&moved);
        self.by_expiry.renumber(&moved);
        let kept = || moved.iter().map(|&row| row != super::table::removal::DROPPED);
        let (mut of_timers, mut of_expiries) = (kept(), kept());
        self.timers.retain(|_| of_timers.next().unwrap_or(false));
        self.expiries.retain(|_| of_expiries.next().unwrap_or(false));
        let count = self.variables.len();
        let mut place = 0;
        self.held.retain(|_| {
            let row = place / count.max(1);
            place += 1;
            moved[row] != super::table::removal::DROPPED
        });
        self.timers.shrink_to_fit();
        self.expiries.shrink_to_fit();
        self.held.shrink_to_fit();
        let num_gone = (moved.len() - self.timers.len()) as u64;
        self.release(num_gone * self.row_bytes());
        Ok(())
    }

    /// The row of a key that a batch changes, made where there is none; `known` is one that the key has been found at.
    pub fn row_of(&mut self, batch: u64, key: KeyView<'_>, known: Option<u32>) -> Result<u32> {
        let row = match known.filter(|&row| self.table.is_of(row, key)) {
            Some(row) => row,
            None => self.table.find_or_insert(key, 0)?,
        };
        if self.timers.len() <= row as usize {
            self.charge(self.row_bytes())?;
            self.timers.resize(row as usize + 1, Vec::new());
            self.expiries.resize(row as usize + 1, NO_EXPIRY);
            self.held.resize((row as usize + 1) * self.variables.len(), Vec::new());
        }
        self.table.touch(row, batch);
        Ok(row)
    }

    /// Writes a value into a variable of a row; see [`VariableCodec::write`].
    pub fn write(
        &mut self,
        row: u32,
        variable: usize,
        (column, at): (&ArrayRef, usize),
        replaces: bool,
        now_ms: i64,
    ) -> Result<()> {
        self.change(row, variable, |codec, held| {
            codec.write(held, column, at, replaces, now_ms)
        })?;
        self.note_expiry(row, variable)
    }

    /// A variable of a row has changed: the row is found by what expires first.
    fn note_expiry(&mut self, row: u32, changed: usize) -> Result<()> {
        match self.variables[changed].expires() {
            true => self.index_expiry(row),
            false => Ok(()),
        }
    }

    fn index_expiry(&mut self, row: u32) -> Result<()> {
        let mut first = NO_EXPIRY;
        for (number, codec) in self.variables.iter().enumerate() {
            first = first.min(codec.first_expiry(self.held(row, number))?);
        }
        let before = std::mem::replace(&mut self.expiries[row as usize], first);
        if before == first {
            return Ok(());
        }
        self.by_expiry.remove(before, row);
        if first == NO_EXPIRY {
            return Ok(());
        }
        self.by_expiry.insert(first, row)
    }

    /// Notes when a row's key is due, or takes that back.
    pub fn set_timer(&mut self, row: u32, time: i64, is_registered: bool) -> Result<()> {
        let timers = &mut self.timers[row as usize];
        match (timers.binary_search(&time), is_registered) {
            (Err(place), true) => {
                timers.insert(place, time);
                self.by_timer.insert(time, row)?;
            }
            (Ok(place), false) => {
                timers.remove(place);
                self.by_timer.remove(time, row);
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes back all timers of a row.
    pub fn clear_timers(&mut self, row: u32) {
        for time in std::mem::take(&mut self.timers[row as usize]) {
            self.by_timer.remove(time, row);
        }
    }

    /// Takes out the values that have expired by `now_ms`. Returns how many they were.
    pub fn expire(&mut self, batch: u64, now_ms: i64) -> Result<u64> {
        let mut num_expired = 0;
        let variables = Arc::clone(&self.variables);
        for row in self.by_expiry.take_until(now_ms) {
            for number in (0..self.variables.len()).filter(|&number| variables[number].expires()) {
                num_expired += self.change(row, number, |codec, held| codec.expire(held, now_ms))?;
                self.index_expiry(row)?;
            }
            self.table.touch(row, batch);
            self.drop_if_empty(row);
        }
        Ok(num_expired)
    }

    /// Forgets the keys that the batch has left with nothing.
    pub fn drop_empty_keys(&mut self) {
        for index in 0..self.table.touched().len() {
            self.drop_if_empty(self.table.touched()[index]);
        }
    }

    fn drop_if_empty(&mut self, row: u32) {
        let first = row as usize * self.variables.len();
        let held = &self.held[first..first + self.variables.len()];
        if self.table.is_live(row) && self.timers[row as usize].is_empty() && held.iter().all(Vec::is_empty) {
            self.table.remove(row);
        }
    }

    /// The keys that the batch changed, with their rows; no row for a key that is gone.
    pub(super) fn changed_keys(&self) -> impl Iterator<Item = (KeyView<'_>, Option<u32>)> {
        let mut seen = HashSet::new();
        let rows = self.table.touched().iter().map(|&row| self.table.key(row));
        rows.filter_map(move |key| match self.table.find(key) {
            Some(row) => seen.insert(row).then_some((key, Some(row))),
            None => Some((key, None)),
        })
    }

    /// All keys with their rows.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = (KeyView<'_>, u32)> {
        self.table.indexed_rows().map(|row| (self.table.key(row), row))
    }

    /// Number of variables.
    pub(super) fn num_variables(&self) -> usize {
        self.variables.len()
    }

    /// Makes a variable of a row hold what a state file says.
    pub(super) fn restore(&mut self, row: u32, variable: usize, bytes: &[u8]) -> Result<()> {
        self.change(row, variable, |_, held| {
            held.clear();
            held.extend_from_slice(bytes);
            Ok(())
        })?;
        self.note_expiry(row, variable)
    }

    /// Forgets a key, whatever it holds.
    pub(super) fn forget(&mut self, key: KeyView<'_>) -> Result<()> {
        let Some(row) = self.table.find(key) else { return Ok(()) };
        self.clear_timers(row);
        for number in 0..self.variables.len() {
            self.change(row, number, |_, held| {
                held.clear();
                Ok(())
            })?;
            self.note_expiry(row, number)?;
        }
        self.drop_if_empty(row);
        Ok(())
    }

    /// Changes what a variable holds for a row, and keeps the sums over all.
    fn change<T>(
        &mut self,
        row: u32,
        variable: usize,
        change: impl FnOnce(&VariableCodec, &mut Vec<u8>) -> Result<T>,
    ) -> Result<T> {
        let codec = &self.variables[variable];
        let held = &mut self.held[row as usize * self.variables.len() + variable];
        let (rows_before, bytes_before) = (codec.num_rows(held), held.capacity() as u64);
        let outcome = change(codec, held)?;
        if held.is_empty() {
            *held = Vec::new();
        }
        let (rows_after, bytes_after) = (codec.num_rows(held), held.capacity() as u64);
        self.num_rows = self.num_rows + rows_after - rows_before;
        match bytes_after.cmp(&bytes_before) {
            Ordering::Greater => self.charge(bytes_after - bytes_before)?,
            Ordering::Less => self.release(bytes_before - bytes_after),
            Ordering::Equal => {}
        }
        Ok(outcome)
    }

    /// Bytes of a row that holds nothing.
    fn row_bytes(&self) -> u64 {
        EMPTY_VEC_BYTES * (1 + self.variables.len() as u64) + size_of::<i64>() as u64
    }

    fn charge(&mut self, bytes: u64) -> Result<()> {
        self.budget.charge(bytes)?;
        self.charged += bytes;
        Ok(())
    }

    fn release(&mut self, bytes: u64) {
        self.budget.release(bytes);
        self.charged -= bytes;
    }
}

impl Drop for VariableStore {
    fn drop(&mut self) {
        self.budget.release(self.charged);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow_array::Int64Array;
    use parking_lot::Mutex;
    use proptest::prelude::*;

    use super::*;
    use crate::checkpoint::{RecordWriter, Versioned};
    use crate::column::DataType;
    use crate::plan::{StateVariable, VariableKind};
    use crate::state::ValueCodec;

    /// What a key holds in the model: a value with its expiry, the values of a list, timers.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Held {
        value: Option<(i64, i64)>,
        list: Vec<i64>,
        timers: Vec<i64>,
    }

    const TTL_MS: i64 = 30;

    fn variables() -> Arc<[VariableCodec]> {
        let variable = |kind, ttl_ms| {
            VariableCodec::new(&StateVariable {
                name: String::new(),
                kind,
                data_type: DataType::BigInt,
                key_type: None,
                ttl_ms,
            })
        };
        [
            variable(VariableKind::Value, Some(TTL_MS)),
            variable(VariableKind::List, None),
        ]
        .into()
    }

    fn new_store(budget: &Arc<Budget>) -> VariableStore {
        VariableStore::new(variables(), Arc::clone(budget))
    }

    fn contents(store: &VariableStore) -> BTreeMap<Vec<u8>, Held> {
        let longs = |column: ArrayRef| -> Vec<i64> {
            let longs = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(&column);
            longs.values().to_vec()
        };
        let list = ValueCodec::new(&DataType::BigInt);
        let keys = store.all_keys().map(|(key, row)| {
            let value = store.held(row, 0).split_first_chunk::<8>().map(|(expiry, value)| {
                let column = list.decode_all([Some(value)].into_iter()).unwrap();
                (i64::from_le_bytes(*expiry), longs(column)[0])
            });
            let mut rest = store.held(row, 1);
            let mut elements = Vec::new();
            while !rest.is_empty() {
                elements.push(Some(list.split(&mut rest).unwrap()));
            }
            let held = Held {
                value,
                list: longs(list.decode_all(elements.into_iter()).unwrap()),
                timers: store.timers(row).to_vec(),
            };
            (key.with_bytes(|bytes| bytes.unwrap().to_vec()), held)
        });
        keys.collect()
    }

    #[derive(Clone, Debug)]
    enum Change {
        Value(Option<i64>),
        List(Vec<i64>, bool),
        Timer(i64, bool),
        NoTimers,
    }

    fn change() -> impl Strategy<Value = Change> {
        prop_oneof![
            proptest::option::of(0i64..9).prop_map(Change::Value),
            (proptest::collection::vec(0i64..9, 0..4), any::<bool>())
                .prop_map(|(list, replaces)| Change::List(list, replaces)),
            (0i64..9, any::<bool>()).prop_map(|(time, registered)| Change::Timer(time, registered)),
            Just(Change::NoTimers),
        ]
    }

    fn make(store: &mut VariableStore, batch: u64, key: &[u8], change: &Change, now_ms: i64) {
        // Right or not, what is said to be known changes nothing.
        let known = Some(key.len() as u32);
        let row = store.row_of(batch, KeyView::of(key), known).unwrap();
        match change {
            Change::Value(value) => {
                let column: ArrayRef = Arc::new(Int64Array::from(vec![*value]));
                store.write(row, 0, (&column, 0), true, now_ms).unwrap();
            }
            Change::List(values, replaces) => {
                let mut list = arrow_array::builder::ListBuilder::new(arrow_array::builder::Int64Builder::new());
                list.append_value(values.iter().map(|&value| Some(value)));
                let column: ArrayRef = Arc::new(list.finish());
                store.write(row, 1, (&column, 0), *replaces, now_ms).unwrap();
            }
            Change::Timer(time, registered) => store.set_timer(row, *time, *registered).unwrap(),
            Change::NoTimers => store.clear_timers(row),
        }
    }

    fn note(held: &mut Held, change: &Change, now_ms: i64) {
        match change {
            Change::Value(value) => held.value = value.map(|value| (now_ms + TTL_MS, value)),
            Change::List(values, replaces) => {
                if *replaces {
                    held.list.clear();
                }
                held.list.extend(values);
            }
            Change::Timer(time, registered) => {
                held.timers.retain(|known| known != time);
                if *registered {
                    held.timers.push(*time);
                    held.timers.sort_unstable();
                }
            }
            Change::NoTimers => held.timers.clear(),
        }
    }

    proptest! {
        #[test]
        fn keys_hold_what_a_map_holds_also_when_read_back(
            batches in proptest::collection::vec(
                (proptest::collection::vec((0u8..90, change()), 0..60), 0i64..20),
                1..10,
            ),
        ) {
            let budget = Arc::new(Budget::new(0));
            let mut store = new_store(&budget);
            let mut copy = new_store(&Arc::new(Budget::new(0)));
            let mut expected: BTreeMap<Vec<u8>, Held> = BTreeMap::new();
            let mut now_ms = 0;
            for (batch, (changes, passed_ms)) in batches.iter().enumerate() {
                now_ms += passed_ms;
                store.begin_batch().unwrap();
                for (key, change) in changes {
                    let key = vec![*key; if key.is_multiple_of(2) { 3 } else { 30 }];
                    make(&mut store, batch as u64, &key, change, now_ms);
                    note(expected.entry(key).or_default(), change, now_ms);
                }
                store.drop_empty_keys();
                store.expire(batch as u64, now_ms).unwrap();
                for held in expected.values_mut() {
                    held.value = held.value.filter(|(expiry, _)| *expiry > now_ms);
                }
                expected.retain(|_, held| *held != Held::default());
                prop_assert_eq!(contents(&store), expected.clone());
                let rows = expected.values().map(|held| u64::from(held.value.is_some()) + u64::from(!held.list.is_empty()));
                prop_assert_eq!(store.num_rows(), rows.sum::<u64>());
                let due: usize = expected.values().map(|held| held.timers.iter().filter(|&&time| time < 5).count()).sum();
                prop_assert_eq!(store.due_before(5).count(), due);
                let shard = Mutex::new(store);
                copy.begin_batch().unwrap();
                copy = copied(copy, |out| shard.lock().write_changes(out));
                store = shard.into_inner();
                prop_assert_eq!(contents(&copy), expected.clone());
            }
            let shard = Mutex::new(store);
            let restored = copied(new_store(&Arc::new(Budget::new(0))), |out| shard.lock().write_all(out));
            store = shard.into_inner();
            prop_assert_eq!(contents(&restored), expected);
            prop_assert_eq!(restored.first_due(), store.first_due());
            drop(store);
            prop_assert_eq!(budget.used(), 0);
        }
    }

    /// The store with what `write` writes taken over.
    fn copied(store: VariableStore, write: impl Fn(&mut RecordWriter) -> Result<()>) -> VariableStore {
        let shard = Mutex::new(store);
        crate::checkpoint::testing::through_a_file(write, |records| shard.lock().apply(records));
        shard.into_inner()
    }

    #[test]
    fn only_what_is_there_makes_a_key_due() {
        let variable = StateVariable {
            name: String::new(),
            kind: VariableKind::List,
            data_type: DataType::BigInt,
            key_type: None,
            ttl_ms: Some(TTL_MS),
        };
        let mut store = VariableStore::new([VariableCodec::new(&variable)].into(), Arc::new(Budget::new(0)));
        let row = store.row_of(0, KeyView::of(b"key"), None).unwrap();
        for (values, now_ms, due) in [
            (vec![], 1, None),
            (vec![Some(1)], 7, Some(7 + TTL_MS)),
            (vec![Some(2)], 9, Some(9 + TTL_MS)),
            (vec![], 10, None),
        ] {
            let mut list = arrow_array::builder::ListBuilder::new(arrow_array::builder::Int64Builder::new());
            list.append_value(values);
            let column: ArrayRef = Arc::new(list.finish());
            store.write(row, 0, (&column, 0), true, now_ms).unwrap();
            assert_eq!(store.first_due(), due);
            assert_eq!(store.by_expiry.rows().count(), usize::from(due.is_some()));
        }
    }

    #[test]
    fn the_budget_is_a_limit() {
        let mut store = new_store(&Arc::new(Budget::new(4096)));
        let outcome =
            (0..200u32).try_for_each(|key| store.row_of(0, KeyView::of(&key.to_le_bytes()), None).map(|_| ()));
        assert_eq!(
            outcome.unwrap_err().code(),
            crate::error::ErrorCode::StateMemoryLimitExceeded
        );
    }
}
