//! Rows of state on their way to columns: cells as encoded values, and beside them where, and in a change feed when and how.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::{ArrayRef, Int32Array, Int64Array};

use crate::column::{DataType, Field};
use crate::error::Result;
use crate::query::Rows;
use crate::state::ValueCodec;
use crate::state::codec::ColumnBuilder;

/// A null, as a cell.
pub const NULL: &[u8] = &[0];

/// What is there for a key, or became of it: the cells of the value's columns.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    /// This is its value.
    Update(&'a [&'a [u8]]),
    /// This has come to its list.
    Append(&'a [&'a [u8]]),
    /// It is gone.
    Delete,
}

impl<'a> Change<'a> {
    /// Spark's name.
    fn name(self) -> &'static str {
        match self {
            Change::Update(_) => "update",
            Change::Append(_) => "append",
            Change::Delete => "delete",
        }
    }

    fn values(self) -> Option<&'a [&'a [u8]]> {
        match self {
            Change::Update(values) | Change::Append(values) => Some(values),
            Change::Delete => None,
        }
    }
}

/// Takes rows: the cells of the key's columns, and what is there for them.
pub type Visit<'a> = &'a mut dyn FnMut(&[&[u8]], Change<'_>) -> Result<()>;

/// Rows under construction.
pub struct RowSink {
    columns: Vec<ColumnBuilder>,
    num_keys: usize,
    shards: Vec<i32>,
    changes: Option<Changes>,
}

#[derive(Default)]
struct Changes {
    batches: Vec<i64>,
    types: BinaryViewBuilder,
}

impl RowSink {
    /// No rows yet, of these columns, the first `num_keys` of which are keys.
    pub fn new(fields: &[Field], num_keys: usize, has_changes: bool) -> Self {
        Self {
            columns: fields
                .iter()
                .map(|field| ValueCodec::new(&field.data_type).builder())
                .collect(),
            num_keys,
            shards: Vec::new(),
            changes: has_changes.then(Changes::default),
        }
    }

    /// Adds a row of a shard, in a change feed that of a batch.
    pub fn push(&mut self, shard: usize, batch: u64, keys: &[&[u8]], change: Change<'_>) -> Result<()> {
        let values = change.values();
        let (key_columns, value_columns) = self.columns.split_at_mut(self.num_keys);
        for (column, mut cell) in key_columns.iter_mut().zip(keys.iter().copied()) {
            column.push(&mut cell)?;
        }
        for (index, column) in value_columns.iter_mut().enumerate() {
            column.push(&mut values.map_or(NULL, |cells| cells[index]))?;
        }
        self.shards.push(shard as i32);
        if let Some(changes) = &mut self.changes {
            changes.batches.push(batch as i64);
            changes.types.append_value(change.name());
        }
        Ok(())
    }

    /// The columns.
    pub fn finish(self) -> Result<Rows> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        if let Some(mut changes) = self.changes {
            columns.push(Arc::new(Int64Array::from(changes.batches)));
            columns.push(Arc::new(changes.types.finish()));
        }
        for column in self.columns {
            columns.push(column.finish()?);
        }
        let count = self.shards.len();
        columns.push(Arc::new(Int32Array::from(self.shards)));
        Ok((columns, count))
    }
}

/// The columns that stand around those of the state.
pub fn with_places(fields: Vec<Field>, has_changes: bool) -> Vec<Field> {
    let mut all = Vec::with_capacity(fields.len() + 3);
    if has_changes {
        all.push(Field::new("batch_id", DataType::BigInt, true));
        all.push(Field::new("change_type", DataType::String, true));
    }
    all.extend(fields);
    all.push(Field::new("partition_id", DataType::Int, true));
    all
}

/// Rows by their keys, to find out what has changed between two states.
#[derive(Default)]
pub struct RowMap(BTreeMap<Cells, Vec<Cells>>);

type Cells = Vec<Vec<u8>>;

impl RowMap {
    /// Adds a row; those of one key are a list.
    pub fn insert(&mut self, keys: &[&[u8]], change: Change<'_>) {
        let owned = |cells: &[&[u8]]| cells.iter().map(|cell| cell.to_vec()).collect();
        let rows = self.0.entry(owned(keys)).or_default();
        rows.extend(change.values().map(owned));
    }

    /// Gives what is different in `after`: rows that are new or other, what has come to a list, and rows that are gone.
    pub fn changes_to(&self, after: &Self, is_list: bool, visit: Visit<'_>) -> Result<()> {
        for (keys, rows) in &after.0 {
            let before = self.0.get(keys).map_or(&[] as &[Cells], Vec::as_slice);
            let appended = if is_list { rows.strip_prefix(before) } else { None };
            match appended {
                Some(appended) => {
                    for values in appended {
                        visit(&lent(keys), Change::Append(&lent(values)))?;
                    }
                }
                None if before == rows => {}
                None => {
                    for (index, values) in rows.iter().enumerate() {
                        let values = lent(values);
                        let change = if index == 0 {
                            Change::Update(&values)
                        } else {
                            Change::Append(&values)
                        };
                        visit(&lent(keys), change)?;
                    }
                }
            }
        }
        let mut gone = self.0.keys().filter(|keys| !after.0.contains_key(*keys));
        gone.try_for_each(|keys| visit(&lent(keys), Change::Delete))
    }
}

fn lent(cells: &Cells) -> Vec<&[u8]> {
    cells.iter().map(Vec::as_slice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of keys with the values that each has, in order.
    fn rows(of: &[(&[u8], &[&[u8]])]) -> RowMap {
        let mut map = RowMap::default();
        for (key, values) in of {
            for value in *values {
                map.insert(&[key], Change::Update(&[value]));
            }
        }
        map
    }

    fn changes(before: &RowMap, after: &RowMap, is_list: bool) -> Vec<String> {
        let mut found = Vec::new();
        let text = |cells: &[&[u8]]| String::from_utf8(cells.concat()).unwrap();
        let visit: Visit<'_> = &mut |keys, change| {
            let value = change.values().map(text).unwrap_or_default();
            found.push(format!("{} {} {value}", change.name(), text(keys)));
            Ok(())
        };
        before.changes_to(after, is_list, visit).unwrap();
        found
    }

    #[test]
    fn a_value_that_is_other_is_an_update_and_one_that_stays_is_none() {
        let before = rows(&[(b"a", &[b"1"]), (b"b", &[b"2"]), (b"c", &[b"3"])]);
        let after = rows(&[(b"a", &[b"1"]), (b"b", &[b"4"]), (b"d", &[b"5"])]);
        assert_eq!(
            changes(&before, &after, false),
            ["update b 4", "update d 5", "delete c "]
        );
    }

    #[test]
    fn what_comes_to_a_list_is_appended_and_another_list_takes_its_place() {
        let before = rows(&[(b"a", &[b"1"]), (b"b", &[b"2", b"3"])]);
        let after = rows(&[(b"a", &[b"1", b"2"]), (b"b", &[b"3", b"4"]), (b"c", &[b"5"])]);
        assert_eq!(
            changes(&before, &after, true),
            ["append a 2", "update b 3", "append b 4", "append c 5"]
        );
    }

    #[test]
    fn a_row_that_is_gone_has_its_keys_and_no_value() {
        let fields = [
            Field::new("key", DataType::Int, true),
            Field::new("value", DataType::Int, true),
        ];
        let mut sink = RowSink::new(&fields, 1, true);
        let cell = |value: i32| [&[1], value.to_le_bytes().as_slice()].concat();
        sink.push(3, 7, &[&cell(1)], Change::Update(&[&cell(2)])).unwrap();
        sink.push(3, 8, &[&cell(1)], Change::Delete).unwrap();
        let (columns, count) = sink.finish().unwrap();
        assert_eq!((columns.len(), count), (5, 2));
        assert_eq!(columns[3].null_count(), 1);
        assert_eq!(columns[2].null_count(), 0);
    }
}
