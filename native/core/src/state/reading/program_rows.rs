//! What the program's functions keep as rows: a variable of a processor, the state of a group function, timers.

use super::key_cells::{KeyCells, put_long, struct_field};
use super::rows::{Change, NULL, Visit};
use super::shards::ShardView;
use super::{RowReader, Wanted};
use crate::column::{DataType, Field};
use crate::error::{Error, Result};
use crate::plan::{StateVariable, VariableKind};
use crate::state::VariableStore;
use crate::state::variable::{NO_EXPIRY, VariableCodec};

/// Spark's timeout of a key that has none.
const NO_TIMEOUT: i64 = -1;

/// What is read of a key.
enum Shown {
    /// A variable: its number, and whether an entry of a list or map is a row.
    Variable { number: usize, is_flat: bool },
    /// The state of a group function, and whether its timeout stands beside it.
    GroupState { has_timeout: bool },
    /// Its timers.
    Timers,
}

/// Reads what the program's functions keep.
pub struct ProgramRows {
    keys: KeyCells,
    variables: Vec<StateVariable>,
    codecs: Vec<VariableCodec>,
    shown: Shown,
    fields: Vec<Field>,
}

impl ProgramRows {
    fn new(key: Vec<Field>, variables: Vec<StateVariable>, shown: Shown, values: Vec<Field>) -> Self {
        let types: Vec<DataType> = key.iter().map(|column| column.data_type.clone()).collect();
        let mut fields = vec![struct_field("key", key)];
        fields.extend(values);
        Self {
            keys: KeyCells::new(&types),
            codecs: variables.iter().map(VariableCodec::new).collect(),
            variables,
            shown,
            fields,
        }
    }

    /// For variable `number` of a processor; unless `is_flat`, lists and maps are one row a key.
    pub fn variable(key: Vec<Field>, variables: Vec<StateVariable>, number: usize, is_flat: bool) -> Self {
        let variable = &variables[number];
        let value_type = entry_type(variable);
        let mut fields = Vec::new();
        match (variable.kind, &variable.key_type) {
            (VariableKind::Map, Some(key_type)) if is_flat => {
                fields.push(Field::new("user_map_key", key_type.clone(), true));
                fields.push(Field::new("user_map_value", value_type, true));
            }
            (VariableKind::Map, Some(key_type)) => {
                let map = DataType::Map {
                    key: Box::new(key_type.clone()),
                    value: Box::new(value_type),
                    value_contains_null: true,
                };
                fields.push(Field::new("map_value", map, true));
            }
            (VariableKind::List, _) if !is_flat => {
                let list = DataType::Array {
                    element: Box::new(value_type),
                    contains_null: true,
                };
                fields.push(Field::new("list_value", list, true));
            }
            (VariableKind::List, _) => fields.push(Field::new("list_element", value_type, true)),
            _ => fields.push(Field::new("value", value_type, true)),
        }
        Self::new(key, variables, Shown::Variable { number, is_flat }, fields)
    }

    /// For the state of a group function.
    pub fn group_state(key: Vec<Field>, variable: StateVariable, has_timeout: bool) -> Self {
        let mut value = vec![Field::new("groupState", variable.data_type.clone(), true)];
        if has_timeout {
            value.push(Field::new("timeoutTimestamp", DataType::BigInt, true));
        }
        let value = struct_field("value", value);
        Self::new(key, vec![variable], Shown::GroupState { has_timeout }, vec![value])
    }

    /// For the timers of a processor.
    pub fn timers(key: Vec<Field>, variables: Vec<StateVariable>) -> Self {
        let time = Field::new("expiration_timestamp_ms", DataType::BigInt, true);
        Self::new(key, variables, Shown::Timers, vec![time])
    }

    fn show(&self, store: &VariableStore, row: u32, key: &[u8], visit: Visit<'_>) -> Result<()> {
        match self.shown {
            Shown::Timers => store.timers(row).iter().try_for_each(|&time| {
                let mut value = Vec::new();
                put_long(Some(time), &mut value);
                visit(&[key], Change::Update(&[&value]))
            }),
            Shown::GroupState { has_timeout } => {
                let held = store.held(row, 0);
                let mut value = vec![1];
                value.extend_from_slice(if held.is_empty() { NULL } else { held });
                if has_timeout {
                    let timeout = store.timers(row).first().copied().unwrap_or(NO_TIMEOUT);
                    put_long(Some(timeout), &mut value);
                }
                visit(&[key], Change::Update(&[&value]))
            }
            Shown::Variable { number, is_flat: true } => self.each_entry(store, row, number, |map_key, value| {
                if self.codecs[number].is_map() {
                    visit(&[key, map_key], Change::Update(&[value]))
                } else {
                    visit(&[key], Change::Update(&[value]))
                }
            }),
            Shown::Variable { number, .. } => {
                let (mut count, mut entries) = (0u32, Vec::new());
                self.each_entry(store, row, number, |map_key, value| {
                    count += 1;
                    entries.extend_from_slice(map_key);
                    entries.extend_from_slice(value);
                    Ok(())
                })?;
                if count == 0 {
                    return Ok(());
                }
                let mut whole = Vec::with_capacity(entries.len() + 5);
                if self.variables[number].kind != VariableKind::Value {
                    whole.push(1);
                    whole.extend_from_slice(&count.to_le_bytes());
                }
                whole.extend_from_slice(&entries);
                visit(&[key], Change::Update(&[&whole]))
            }
        }
    }

    /// The entries of a variable: the key of a map's, and the value, in a struct with its expiry where it has one.
    fn each_entry(
        &self,
        store: &VariableStore,
        row: u32,
        number: usize,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        let expires = self.variables[number].ttl_ms.is_some();
        let mut with_expiry = Vec::new();
        self.codecs[number].each(store.held(row, number), |map_key, value, expiry_ms| {
            if !expires {
                return visit(map_key, value);
            }
            with_expiry.clear();
            with_expiry.push(1);
            with_expiry.extend_from_slice(value);
            put_long((expiry_ms != NO_EXPIRY).then_some(expiry_ms), &mut with_expiry);
            visit(map_key, &with_expiry)
        })
    }
}

/// The type of an entry's value.
fn entry_type(variable: &StateVariable) -> DataType {
    if variable.ttl_ms.is_none() {
        return variable.data_type.clone();
    }
    let value = Field::new("value", variable.data_type.clone(), true);
    let expiry = Field::new("ttlExpirationMs", DataType::BigInt, true);
    struct_field("", vec![value, expiry]).data_type
}

impl RowReader for ProgramRows {
    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn num_keys(&self) -> usize {
        match self.shown {
            Shown::Variable { number, is_flat: true } if self.codecs[number].is_map() => 2,
            _ => 1,
        }
    }

    fn is_list(&self) -> bool {
        matches!(self.shown, Shown::Variable { number, is_flat: true } if self.variables[number].kind == VariableKind::List)
    }

    fn rows(&self, shard: ShardView<'_>, wanted: &Wanted, visit: Visit<'_>) -> Result<()> {
        let ShardView::Program(store) = shard else {
            return Err(Error::internal("variables of a stage that has none"));
        };
        let mut cell = Vec::new();
        if let Some(key) = wanted.key() {
            self.keys.cell(key, &mut cell);
            return store
                .find(key)
                .map_or(Ok(()), |row| self.show(store, row, &cell, visit));
        }
        store.all_keys().try_for_each(|(key, row)| {
            self.keys.cell(key, &mut cell);
            self.show(store, row, &cell, visit)
        })
    }
}
