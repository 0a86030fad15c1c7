//! The rows of one side of a join, as columns: chunks as they came, an index over their keys, marks beside them.
//!
//! ```text
//! index: key hash -> (chunk, row)*        chunk: columns | keys | times | is_live | is_matched
//! ```
//!
//! A row that is not needed any more loses its mark; its bytes and its place in the index go with the next compaction,
//! which comes when more rows are dead than alive, so that its cost is spread over the rows that died.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::interleave::interleave;
use arrow_select::take::take;

use super::join_index::{KeyIndex, RowRef};
use super::{Budget, GroupKeys, KeyView};
use crate::column::DataType;
use crate::error::Result;

/// Dead rows that are not worth a compaction.
const DEAD_ROWS_MIN: usize = 4096;

/// Rows of a side with what a join looks at.
pub(super) struct Chunk {
    pub columns: Vec<ArrayRef>,
    pub rows: usize,
    /// The keys, and for each row whether it can meet any other: not where a key is null.
    pub keys: GroupKeys,
    pub has_key: Vec<bool>,
    /// The time that a watermark bounds, microseconds; none for a null.
    pub times: Vec<Option<i64>>,
    pub is_matched: Vec<bool>,
}

impl Chunk {
    /// These rows alone.
    pub fn select(&self, rows: &[u32], encode: impl Fn(&[ArrayRef], usize) -> Result<GroupKeys>) -> Result<Self> {
        let indices = UInt32Array::from(rows.to_vec());
        let columns = self
            .columns
            .iter()
            .map(|column| Ok(take(column, &indices, None)?))
            .collect::<Result<Vec<_>>>()?;
        let keys = encode(&columns, rows.len())?;
        let of = |marks: &[bool]| rows.iter().map(|&row| marks[row as usize]).collect();
        Ok(Self {
            keys,
            rows: rows.len(),
            has_key: of(&self.has_key),
            times: rows.iter().map(|&row| self.times[row as usize]).collect(),
            is_matched: of(&self.is_matched),
            columns,
        })
    }

    /// Bytes held, the marks and numbers of a stored chunk among them.
    fn bytes(&self) -> u64 {
        let columns: usize = self.columns.iter().map(|column| column.get_array_memory_size()).sum();
        let marks = size_of::<Option<i64>>() + size_of::<u64>() + 3 * size_of::<bool>();
        (columns + self.keys.memory_bytes() + self.rows * marks) as u64
    }
}

struct StoredChunk {
    chunk: Chunk,
    /// Numbers of the rows, ascending: what state files call them.
    ids: Vec<u64>,
    is_live: Vec<bool>,
    bytes: u64,
}

/// What a batch has changed so far.
#[derive(Default)]
pub(super) struct JoinChanges {
    /// Rows from this number on are new.
    pub first_new: u64,
    /// Older rows that have met another.
    pub matched: Vec<u64>,
    /// Older rows that are not needed any more.
    pub gone: Vec<u64>,
}

/// The rows that are kept of one side in one shard.
pub(super) struct JoinSide {
    types: Vec<DataType>,
    chunks: Vec<StoredChunk>,
    index: KeyIndex,
    num_live: usize,
    num_dead: usize,
    next_id: u64,
    /// Rows that the batch may bring yet.
    expected: usize,
    changes: JoinChanges,
    budget: Arc<Budget>,
}

impl JoinSide {
    pub fn new(types: Vec<DataType>, budget: Arc<Budget>) -> Self {
        Self {
            types,
            chunks: Vec::new(),
            index: KeyIndex::default(),
            num_live: 0,
            num_dead: 0,
            next_id: 0,
            expected: 0,
            changes: JoinChanges::default(),
            budget,
        }
    }

    /// Rows that are kept.
    pub fn len(&self) -> usize {
        self.num_live
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.chunks.iter().map(|stored| stored.bytes).sum()
    }

    /// The types of its columns.
    pub fn types(&self) -> &[DataType] {
        &self.types
    }

    /// A batch begins that brings so many rows: it has changed nothing yet.
    pub fn begin_batch(&mut self, rows: usize) {
        self.expected = rows;
        self.changes = JoinChanges {
            first_new: self.next_id,
            ..JoinChanges::default()
        };
    }

    /// What the batch has changed.
    pub fn changes(&self) -> &JoinChanges {
        &self.changes
    }

    /// The number of a row.
    pub fn id(&self, at: RowRef) -> u64 {
        self.chunks[at.chunk as usize].ids[at.row as usize]
    }

    /// A row: its chunk and its place there.
    pub fn row(&self, at: RowRef) -> (&Chunk, usize) {
        (&self.chunks[at.chunk as usize].chunk, at.row as usize)
    }

    /// Rows with this number or a later one.
    pub fn rows_since(&self, id: u64) -> Vec<RowRef> {
        let mut rows = self.live_rows();
        rows.retain(|&at| self.id(at) >= id);
        rows
    }

    /// Keeps the rows of a chunk. Fails with STATE_MEMORY_LIMIT_EXCEEDED.
    pub fn store(&mut self, chunk: Chunk) -> Result<()> {
        let ids = (self.next_id..self.next_id + chunk.rows as u64).collect();
        self.store_as(chunk, ids)
    }

    /// Keeps the rows of a chunk that have their numbers already.
    pub fn store_as(&mut self, mut chunk: Chunk, ids: Vec<u64>) -> Result<()> {
        if chunk.rows == 0 {
            return Ok(());
        }
        // A view would keep all bytes that were read with it.
        chunk.columns = chunk.columns.iter().map(own_bytes).collect();
        chunk.keys = chunk.keys.detached();
        // Nobody knows yet how many of the keys are new: what they don't take is given back.
        let key_bytes_max = chunk.rows as u64 * KeyIndex::KEY_BYTES;
        let bytes = chunk.bytes() + chunk.rows as u64 * KeyIndex::ROW_BYTES;
        self.budget.charge(bytes + key_bytes_max)?;
        let keys_before = self.index.len();
        self.index.push_chunk(chunk.rows, self.expected, |row| {
            chunk.has_key[row].then(|| chunk.keys.hash(row))
        });
        let key_bytes = (self.index.len() - keys_before) as u64 * KeyIndex::KEY_BYTES;
        self.budget.release(key_bytes_max - key_bytes);
        self.expected = self.expected.saturating_sub(chunk.rows);
        self.num_live += chunk.rows;
        self.next_id = self.next_id.max(ids.last().map_or(0, |last| last + 1));
        self.chunks.push(StoredChunk {
            ids,
            is_live: vec![true; chunk.rows],
            bytes: bytes + key_bytes,
            chunk,
        });
        Ok(())
    }

    /// Adds to `pairs` a row of `probe` with each of the rows whose keys equal its own, in the order in which they came.
    pub fn add_pairs(&mut self, probe: &Chunk, row: usize, pairs: &mut Vec<(u32, RowRef)>) {
        if !probe.has_key[row] {
            return;
        }
        let key = probe.keys.get(row);
        let chunks = &self.chunks;
        let is_gone = |at: RowRef| !chunks[at.chunk as usize].is_live[at.row as usize];
        let mut next = self.index.first_live(key.hash, is_gone);
        while let Some(at) = next {
            if self.is_live_row_of(at, &key) {
                pairs.push((row as u32, at));
            }
            next = self.index.next(at);
        }
    }

    /// The rows of a key, in the order in which they came.
    pub fn rows_of_key(&self, key: KeyView<'_>) -> Vec<RowRef> {
        let rows = std::iter::successors(self.index.first(key.hash), |at| self.index.next(*at));
        rows.filter(|&at| self.is_live_row_of(at, &key)).collect()
    }

    #[inline]
    fn is_live_row_of(&self, at: RowRef, key: &KeyView<'_>) -> bool {
        let stored = &self.chunks[at.chunk as usize];
        stored.is_live[at.row as usize] && stored.chunk.keys.is_at(at.row as usize, key)
    }

    pub fn is_matched(&self, at: RowRef) -> bool {
        self.chunks[at.chunk as usize].chunk.is_matched[at.row as usize]
    }

    pub fn set_matched(&mut self, at: RowRef) {
        let id = self.id(at);
        let mark = &mut self.chunks[at.chunk as usize].chunk.is_matched[at.row as usize];
        if !*mark && id < self.changes.first_new {
            self.changes.matched.push(id);
        }
        *mark = true;
    }

    /// The columns of these rows.
    pub fn rows(&self, rows: &[RowRef]) -> Result<Vec<ArrayRef>> {
        let places: Vec<(usize, usize)> = rows.iter().map(|at| (at.chunk as usize, at.row as usize)).collect();
        self.types
            .iter()
            .enumerate()
            .map(|(index, data_type)| {
                if places.is_empty() {
                    return Ok(arrow_array::new_empty_array(&data_type.to_arrow()));
                }
                let chunks: Vec<&dyn Array> = self
                    .chunks
                    .iter()
                    .map(|stored| stored.chunk.columns[index].as_ref())
                    .collect();
                Ok(interleave(&chunks, &places)?)
            })
            .collect()
    }

    /// All rows, in the order in which they came.
    pub fn live_rows(&self) -> Vec<RowRef> {
        self.live(|_, _| true)
    }

    /// The rows whose time is at or below a threshold.
    pub fn rows_until(&self, threshold_micros: i64) -> Vec<RowRef> {
        self.live(|chunk, row| chunk.times[row].is_some_and(|time| time <= threshold_micros))
    }

    /// The rows that have met another.
    pub fn matched_rows(&self) -> Vec<RowRef> {
        self.live(|chunk, row| chunk.is_matched[row])
    }

    fn live(&self, wanted: impl Fn(&Chunk, usize) -> bool) -> Vec<RowRef> {
        let mut rows = Vec::new();
        for (number, stored) in self.chunks.iter().enumerate() {
            let live = (0..stored.chunk.rows).filter(|&row| stored.is_live[row] && wanted(&stored.chunk, row));
            rows.extend(live.map(|row| RowRef {
                chunk: number as u32,
                row: row as u32,
            }));
        }
        rows
    }

    /// Forgets these rows; `encode` makes the keys of those that are written together.
    pub fn remove(&mut self, rows: &[RowRef], encode: impl Fn(&[ArrayRef], usize) -> Result<GroupKeys>) -> Result<()> {
        for at in rows {
            let id = self.id(*at);
            if id < self.changes.first_new {
                self.changes.gone.push(id);
            }
            self.chunks[at.chunk as usize].is_live[at.row as usize] = false;
        }
        self.num_live -= rows.len();
        self.num_dead += rows.len();
        if self.num_live == 0 {
            self.clear();
        } else if self.num_dead > self.num_live + DEAD_ROWS_MIN {
            self.compact(encode)?;
        }
        Ok(())
    }

    /// Writes the rows that are left together.
    fn compact(&mut self, encode: impl Fn(&[ArrayRef], usize) -> Result<GroupKeys>) -> Result<()> {
        let rows = self.live_rows();
        let columns = self.rows(&rows)?;
        let at = |at: &RowRef| (&self.chunks[at.chunk as usize].chunk, at.row as usize);
        let chunk = Chunk {
            keys: encode(&columns, rows.len())?,
            rows: rows.len(),
            has_key: rows.iter().map(at).map(|(chunk, row)| chunk.has_key[row]).collect(),
            times: rows.iter().map(at).map(|(chunk, row)| chunk.times[row]).collect(),
            is_matched: rows.iter().map(at).map(|(chunk, row)| chunk.is_matched[row]).collect(),
            columns,
        };
        let ids = rows.iter().map(|&at| self.id(at)).collect();
        self.clear();
        self.store_as(chunk, ids)
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.budget.release(self.bytes());
        self.chunks.clear();
        self.index.clear();
        (self.num_live, self.num_dead) = (0, 0);
    }
}

impl Drop for JoinSide {
    fn drop(&mut self) {
        self.clear();
    }
}

fn own_bytes(column: &ArrayRef) -> ArrayRef {
    match column.as_binary_view_opt() {
        Some(view) => Arc::new(view.gc()),
        None => Arc::clone(column),
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::types::Int64Type;
    use arrow_array::{BinaryViewArray, Int64Array};
    use arrow_buffer::Buffer;
    use proptest::prelude::*;

    use super::*;
    use crate::state::KeyCodec;

    /// A side that has stored rows with these keys, each a view into a block of a megabyte that was read with it.
    fn side_of(keys: &[&str]) -> (JoinSide, Buffer) {
        let mut block = vec![b'.'; 1 << 20];
        let mut views = Vec::new();
        for (row, key) in keys.iter().enumerate() {
            let at = row * 64;
            block[at..at + key.len()].copy_from_slice(key.as_bytes());
            views.push(
                arrow_data::ByteView::new(key.len() as u32, &key.as_bytes()[..4])
                    .with_offset(at as u32)
                    .as_u128(),
            );
        }
        let block = Buffer::from_vec(block);
        let texts: ArrayRef = Arc::new(BinaryViewArray::new(views.into(), vec![block.clone()], None));
        let codec = KeyCodec::new(&[DataType::String]);
        let rows = keys.len();
        let chunk = Chunk {
            keys: codec.encode(std::slice::from_ref(&texts), rows),
            columns: vec![texts],
            rows,
            has_key: vec![true; rows],
            times: vec![None; rows],
            is_matched: vec![false; rows],
        };
        let mut side = JoinSide::new(vec![DataType::String], Arc::default());
        side.store(chunk).unwrap();
        (side, block)
    }

    #[test]
    fn rows_that_are_kept_hold_no_bytes_that_were_read_beside_them() {
        let (side, block) = side_of(&["a key longer than twelve", "another one longer than twelve"]);
        assert_eq!(side.len(), 2);
        assert_eq!(block.strong_count(), 1);
        assert!(side.bytes() < 4096, "{}", side.bytes());
    }

    #[test]
    fn what_keys_take_in_the_index_is_counted() {
        let texts: Vec<String> = (0..1000)
            .map(|row| format!("a key longer than twelve {row:04}"))
            .collect();
        let distinct: Vec<&str> = texts.iter().map(String::as_str).collect();
        let (many, _) = side_of(&distinct);
        let (one, _) = side_of(&vec![distinct[0]; 1000]);
        assert_eq!(many.bytes() - one.bytes(), 999 * KeyIndex::KEY_BYTES);
    }

    fn numbers_of(columns: &[ArrayRef], rows: usize) -> Result<GroupKeys> {
        Ok(KeyCodec::new(&[DataType::BigInt]).encode(&columns[..1], rows))
    }

    fn chunk_of(rows: &[(i64, i64)]) -> Chunk {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>()),
        ];
        Chunk {
            keys: numbers_of(&columns, rows.len()).unwrap(),
            columns,
            rows: rows.len(),
            has_key: vec![true; rows.len()],
            times: vec![None; rows.len()],
            is_matched: vec![false; rows.len()],
        }
    }

    /// The values of the rows of a key, in order.
    fn partners_of(side: &mut JoinSide, key: i64) -> Vec<i64> {
        let probe = chunk_of(&[(key, 0)]);
        let mut pairs = Vec::new();
        side.add_pairs(&probe, 0, &mut pairs);
        let rows: Vec<RowRef> = pairs.into_iter().map(|(_, at)| at).collect();
        assert_eq!(rows, side.rows_of_key(probe.keys.get(0)));
        let columns = side.rows(&rows).unwrap();
        columns[1].as_primitive::<Int64Type>().values().to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        /// The obvious way: a list of all rows. Steps are long enough for rows to be written anew.
        #[test]
        fn rows_of_a_key_are_those_of_a_list(steps in proptest::collection::vec((0usize..4000, 1i64..40, 0i64..9), 1..8)) {
            let mut side = JoinSide::new(vec![DataType::BigInt; 2], Arc::default());
            let mut known: Vec<(i64, i64)> = Vec::new();
            for (count, keys, kept) in steps {
                let next = known.last().map_or(0, |row| row.1 + 1);
                let rows: Vec<(i64, i64)> = (next..next + count as i64).map(|value| (value * 7 % keys, value)).collect();
                side.store(chunk_of(&rows)).unwrap();
                known.extend(rows);
                // The oldest go, and of the others some.
                let goes = |value: i64| kept < 8 && (value < next || value % 9 > kept);
                let live = side.live_rows();
                let columns = side.rows(&live).unwrap();
                let values = columns[1].as_primitive::<Int64Type>().values();
                let gone: Vec<RowRef> = live.iter().zip(values).filter(|(_, value)| goes(**value)).map(|(at, _)| *at).collect();
                side.remove(&gone, numbers_of).unwrap();
                known.retain(|row| !goes(row.1));
                prop_assert_eq!(side.len(), known.len());
                for key in 0..keys {
                    let expected: Vec<i64> = known.iter().filter(|row| row.0 == key).map(|row| row.1).collect();
                    prop_assert_eq!(partners_of(&mut side, key), expected);
                }
            }
            side.clear();
            prop_assert_eq!((side.len(), side.bytes()), (0, 0));
        }
    }
}
