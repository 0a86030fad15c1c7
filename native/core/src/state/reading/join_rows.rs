//! The rows that a join keeps of its sides as rows, in the four stores that Spark has them in.
//!
//! ```text
//! left-keyToNumValues        key -> how many rows        left-keyWithIndexToValue        key, index -> row, matched
//! ```
//!
//! The index of a row is its place among those of its key, in the order in which they came.

use std::collections::{BTreeMap, HashMap};

use super::key_cells::{put_long, struct_field};
use super::rows::{Change, Visit};
use super::shards::ShardView;
use super::{RowReader, SideShape, Wanted};
use crate::checkpoint::{RecordReader, RecordWriter, Versioned};
use crate::column::{DataType, Field};
use crate::error::{Error, Result};
use crate::state::ValueCodec;
use crate::state::join_versions::{JoinRecord, read_kind, read_row};

/// A row that a join keeps.
pub struct KeptRow<'a> {
    /// The columns of its key, encoded one after the other.
    pub key: &'a [u8],
    /// Whether it has met another.
    pub is_matched: bool,
    /// Its columns, encoded one after the other.
    pub values: &'a [u8],
}

/// Where rows of a join are.
pub trait JoinRows {
    /// Gives the rows of a side in the order in which they came; those of one key where one is wanted.
    fn each(&self, side: usize, wanted: &Wanted, visit: &mut dyn FnMut(KeptRow<'_>) -> Result<()>) -> Result<()>;
}

/// What is read of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinStore {
    /// The rows themselves, with their keys: Spark's option joinSide.
    Rows,
    /// How many rows a key has.
    NumValues,
    /// The rows by key and index.
    WithIndex,
}

/// Reads the rows of one side.
pub struct JoinSideRows {
    side: usize,
    store: JoinStore,
    fields: Vec<Field>,
}

impl JoinSideRows {
    /// For a side whose keys and whose rows have these columns.
    pub fn new(side: usize, store: JoinStore, mut key: Vec<Field>, columns: Vec<Field>) -> Self {
        let mut value = columns;
        match store {
            JoinStore::Rows => {}
            JoinStore::NumValues => value = vec![Field::new("value", DataType::BigInt, true)],
            JoinStore::WithIndex => {
                key.push(Field::new("index", DataType::BigInt, true));
                value.push(Field::new("matched", DataType::Boolean, true));
            }
        }
        Self {
            side,
            store,
            fields: vec![struct_field("key", key), struct_field("value", value)],
        }
    }

    fn counts(&self, rows: &dyn JoinRows, wanted: &Wanted, visit: Visit<'_>) -> Result<()> {
        let mut counts: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        rows.each(self.side, wanted, &mut |row| {
            *counts.entry(row.key.to_vec()).or_default() += 1;
            Ok(())
        })?;
        for (key, count) in counts {
            let mut value = vec![1];
            put_long(Some(count), &mut value);
            visit(&[&[&[1], key.as_slice()].concat()], Change::Update(&[&value]))?;
        }
        Ok(())
    }
}

impl RowReader for JoinSideRows {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn rows(&self, shard: ShardView<'_>, wanted: &Wanted, visit: Visit<'_>) -> Result<()> {
        let ShardView::Join(rows) = shard else {
            return Err(Error::internal("rows of a stage that joins nothing"));
        };
        if self.store == JoinStore::NumValues {
            return self.counts(rows, wanted, visit);
        }
        let mut indexes: HashMap<Vec<u8>, i64> = HashMap::new();
        rows.each(self.side, wanted, &mut |row| {
            let mut key = [&[1], row.key].concat();
            let mut value = [&[1], row.values].concat();
            if self.store == JoinStore::WithIndex {
                let index = indexes.entry(row.key.to_vec()).or_default();
                put_long(Some(*index), &mut key);
                *index += 1;
                value.extend_from_slice(&[1, u8::from(row.is_matched)]);
            }
            visit(&[&key], Change::Update(&[&value]))
        })
    }
}

/// The rows of a shard of a join as state files have them.
pub struct StoredJoin {
    sides: [StoredSide; 2],
}

struct StoredSide {
    /// How each column is encoded.
    columns: Vec<ValueCodec>,
    shape: SideShape,
    rows: BTreeMap<u64, StoredRow>,
}

struct StoredRow {
    is_matched: bool,
    /// Its columns, and its key where that is computed.
    values: Vec<u8>,
}

impl StoredJoin {
    /// No rows yet, of sides with these columns.
    pub fn new(sides: [(&SideShape, &[Field]); 2]) -> Self {
        let side = |(shape, columns): (&SideShape, &[Field])| StoredSide {
            columns: columns
                .iter()
                .map(|column| ValueCodec::new(&column.data_type))
                .collect(),
            shape: shape.clone(),
            rows: BTreeMap::new(),
        };
        Self { sides: sides.map(side) }
    }
}

impl StoredSide {
    /// The columns of a row's key, and those of the row.
    fn parts_of<'a>(&self, row: &'a StoredRow) -> Result<(Vec<u8>, &'a [u8])> {
        let mut rest = row.values.as_slice();
        let columns = self.columns.iter().map(|codec| codec.split(&mut rest));
        let columns = columns.collect::<Result<Vec<&[u8]>>>()?;
        let values = &row.values[..row.values.len() - rest.len()];
        if !self.shape.holds_keys() {
            return Ok((rest.to_vec(), values));
        }
        let keys = self.shape.keys.iter().flatten().filter_map(|&key| columns.get(key));
        Ok((keys.copied().collect::<Vec<_>>().concat(), values))
    }
}

impl JoinRows for StoredJoin {
    fn each(&self, side: usize, _wanted: &Wanted, visit: &mut dyn FnMut(KeptRow<'_>) -> Result<()>) -> Result<()> {
        let side = &self.sides[side];
        side.rows.values().try_for_each(|row| {
            let (key, values) = side.parts_of(row)?;
            visit(KeptRow {
                key: &key,
                is_matched: row.is_matched,
                values,
            })
        })
    }
}

/// What is read is not written again.
fn is_read_only() -> Error {
    Error::internal("the rows of a checkpoint that is read are not written")
}

impl Versioned for StoredJoin {
    fn write_changes(&self, _out: &mut RecordWriter) -> Result<()> {
        Err(is_read_only())
    }

    fn write_all(&self, _out: &mut RecordWriter) -> Result<()> {
        Err(is_read_only())
    }

    fn num_rows(&self) -> u64 {
        self.sides.iter().map(|side| side.rows.len() as u64).sum()
    }

    fn apply(&mut self, records: &mut RecordReader) -> Result<()> {
        while let Some((kind, side)) = read_kind(records)? {
            let rows = &mut self.sides[side].rows;
            match kind {
                JoinRecord::Rows => {
                    for _ in 0..records.count()? {
                        let row = read_row(records)?;
                        let stored = StoredRow {
                            is_matched: row.is_matched,
                            values: row.values.to_vec(),
                        };
                        rows.insert(row.id, stored);
                    }
                }
                JoinRecord::Matched => {
                    if let Some(row) = rows.get_mut(&records.u64()?) {
                        row.is_matched = true;
                    }
                }
                JoinRecord::Gone => {
                    rows.remove(&records.u64()?);
                }
            }
        }
        Ok(())
    }
}
