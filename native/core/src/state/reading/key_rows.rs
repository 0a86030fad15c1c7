//! The keys that a deduplication has seen as rows, with the time at which each expires where it does so by itself.

use super::key_cells::{KeyCells, put_long, struct_field};
use super::rows::{Change, Visit};
use super::shards::ShardView;
use super::{RowReader, Wanted};
use crate::column::{DataType, Field};
use crate::error::{Error, Result};
use crate::state::{KeyView, NEVER, SeenKeys};

/// Reads seen keys.
pub struct KeyRows {
    keys: KeyCells,
    expires: bool,
    fields: Vec<Field>,
}

impl KeyRows {
    /// For keys of these columns; `expires` says whether a time is kept that is no column.
    pub fn new(columns: Vec<Field>, expires: bool) -> Self {
        let types: Vec<DataType> = columns.iter().map(|column| column.data_type.clone()).collect();
        let value = if expires {
            Field::new("expiresAtMicros", DataType::BigInt, true)
        } else {
            Field::new("__dummy__", DataType::Void, true)
        };
        Self {
            keys: KeyCells::new(&types),
            expires,
            fields: vec![struct_field("key", columns), struct_field("value", vec![value])],
        }
    }

    fn show(&self, key: KeyView<'_>, expiry: Option<i64>, visit: Visit<'_>) -> Result<()> {
        let mut cell = Vec::new();
        self.keys.cell(key, &mut cell);
        let Some(expiry) = expiry else {
            return visit(&[&cell], Change::Delete);
        };
        let mut value = vec![1];
        put_long((self.expires && expiry != NEVER).then_some(expiry), &mut value);
        visit(&[&cell], Change::Update(&[&value]))
    }
}

fn keys_of(shard: ShardView<'_>) -> Result<&SeenKeys> {
    match shard {
        ShardView::Keys(keys) => Ok(keys),
        _ => Err(Error::internal("keys of a stage that has none")),
    }
}

impl RowReader for KeyRows {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn rows(&self, shard: ShardView<'_>, wanted: &Wanted, visit: Visit<'_>) -> Result<()> {
        let store = keys_of(shard)?;
        match wanted.key() {
            Some(key) => match store.find(key) {
                Some(expiry) => self.show(key, Some(expiry), visit),
                None => Ok(()),
            },
            None => store
                .all_keys()
                .try_for_each(|(key, expiry)| self.show(key, Some(expiry), visit)),
        }
    }

    fn notes_changes(&self) -> bool {
        true
    }

    fn noted_changes(&self, shard: ShardView<'_>, visit: Visit<'_>) -> Result<()> {
        let mut changed = keys_of(shard)?.changed_keys();
        changed.try_for_each(|(key, expiry)| self.show(key, expiry, visit))
    }
}
