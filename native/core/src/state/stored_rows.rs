//! State read as rows: that of a checkpoint, where what it says about an operator is enough to read its files, or that of a running query.
//!
//! Of the state of the program, each value, element and entry is a row; of a deduplication each key. What groups, sessions and joins keep
//! are intermediate results that mean something to their query alone: they are refused.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, Int64Array, StructArray};
use parking_lot::Mutex;
use serde::Deserialize;

use super::codec::ColumnBuilder;
use super::key_list::KeyList;
use super::variable::{NO_EXPIRY, VariableCodec};
use super::{Budget, KeyCodec, NEVER, SeenKeys, ValueCodec, VariableStore};
use crate::checkpoint::{Checkpoint, FileMark, OperatorSchema, ShardLog, Versioned};
use crate::column::{DataType, Field, StructType, parse_data_type};
use crate::error::{Error, ErrorCode, Result};
use crate::plan::{COMPUTED_KEY, StateVariable, VariableKind};
use crate::query::Rows;

/// The state of an operator in a checkpoint.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredState {
    /// Number of the operator.
    pub operator: usize,
    /// The operator as the checkpoint knows it.
    pub schema: OperatorSchema,
    /// Which of its variables, where it has any.
    pub variable: Option<String>,
    /// The newest delta of each shard, where it is in a checkpoint.
    pub marks: Vec<Option<String>>,
}

/// What looks at the keys of a shard.
pub type LookAtKeys<'a> = &'a mut dyn FnMut(&SeenKeys) -> Result<()>;
/// What looks at the variables of a shard.
pub type LookAtVariables<'a> = &'a mut dyn FnMut(&VariableStore) -> Result<()>;

/// Where the shards of an operator are.
pub trait StateShards {
    /// Lets `look` see the keys of a shard.
    fn keys(&self, shard: usize, look: LookAtKeys<'_>) -> Result<()>;
    /// Lets `look` see the variables of a shard.
    fn variables(&self, shard: usize, codecs: &Arc<[VariableCodec]>, look: LookAtVariables<'_>) -> Result<()>;
}

/// The shards of a checkpoint's operator, each read from its files when it is looked at.
struct FileShards<'a> {
    state: &'a StoredState,
    checkpoint: &'a Checkpoint,
}

impl FileShards<'_> {
    /// Brings a store to the state of a shard.
    fn restore<T>(&self, shard: usize, store: &Mutex<T>) -> Result<()>
    where
        for<'a> parking_lot::MutexGuard<'a, T>: Versioned,
    {
        let mark = self.state.marks.get(shard).and_then(Option::as_deref);
        let unreadable = |text: &str| Error::internal(format!("{text} names no state file"));
        let mark = mark
            .map(|text| FileMark::parse(text).ok_or_else(|| unreadable(text)))
            .transpose()?;
        let (operator, mut damaged) = (self.state.operator, Vec::new());
        ShardLog::restore(operator, shard, self.checkpoint, mark, &mut store.lock(), &mut damaged)?;
        Ok(())
    }
}

impl StateShards for FileShards<'_> {
    fn keys(&self, shard: usize, look: LookAtKeys<'_>) -> Result<()> {
        let store = Mutex::new(SeenKeys::new(Arc::new(Budget::new(0))));
        self.restore(shard, &store)?;
        look(&store.into_inner())
    }

    fn variables(&self, shard: usize, codecs: &Arc<[VariableCodec]>, look: LookAtVariables<'_>) -> Result<()> {
        let store = Mutex::new(VariableStore::new(Arc::clone(codecs), Arc::new(Budget::new(0))));
        self.restore(shard, &store)?;
        look(&store.into_inner())
    }
}

/// A key's type where the program computes keys, in an operator's schema.
pub const COMPUTED: &str = "computed";

/// A variable in an operator's schema: its name in backquotes, its kind, the type of all it holds, and whether that expires.
pub fn variable_text(variable: &StateVariable) -> String {
    let ttl = if variable.ttl_ms.is_some() { WITH_TTL } else { "" };
    let name = variable.name.replace('`', "``");
    format!("`{name}` {:?} {}{ttl}", variable.kind, variable.column_type().sql())
}

const WITH_TTL: &str = " with ttl";

/// What [`variable_text`] gave; a time to live is one millisecond, since only whether there is one is known.
fn parse_variable(text: &str) -> Result<StateVariable> {
    let unreadable = || Error::internal(format!("{text} is no variable of state"));
    let (name, rest) = text
        .strip_prefix('`')
        .and_then(|rest| rest.rsplit_once("` "))
        .ok_or_else(unreadable)?;
    let (kind, rest) = rest.split_once(' ').ok_or_else(unreadable)?;
    let (type_text, ttl_ms) = match rest.strip_suffix(WITH_TTL) {
        Some(type_text) => (type_text, Some(1)),
        None => (rest, None),
    };
    let (kind, key_type, data_type) = match (kind, parse_data_type(type_text)?) {
        ("Value", data_type) => (VariableKind::Value, None, data_type),
        ("List", DataType::Array { element, .. }) => (VariableKind::List, None, *element),
        ("Map", DataType::Map { key, value, .. }) => (VariableKind::Map, Some(*key), *value),
        _ => return Err(unreadable()),
    };
    Ok(StateVariable {
        name: name.replace("``", "`"),
        kind,
        data_type,
        key_type,
        ttl_ms,
    })
}

/// How the rows of an operator are read.
enum Reader {
    /// Keys that were seen, until they expire.
    Keys,
    /// The state of a group function, with its timeout.
    GroupState(StateVariable),
    /// A variable, by its position among them.
    Variable(usize, Vec<StateVariable>),
}

impl StoredState {
    fn reader(&self) -> Result<Reader> {
        let mut variables = self.schema.values.iter().map(|text| parse_variable(text));
        match self.schema.name.as_str() {
            "dedupe" | "dedupeWithinWatermark" => Ok(Reader::Keys),
            "flatMapGroupsWithState" => match variables.next() {
                Some(variable) => Ok(Reader::GroupState(variable?)),
                None => Err(Error::internal("a group function without state")),
            },
            "transformWithStateExec" => {
                let variables = variables.collect::<Result<Vec<_>>>()?;
                let asked = self.variable.as_deref();
                let position = variables
                    .iter()
                    .position(|variable| Some(variable.name.as_str()) == asked);
                let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
                let position = position.ok_or_else(|| {
                    option_invalid(
                        "stateVarName",
                        asked.unwrap_or("none"),
                        &format!("one of {}", names.join(", ")),
                    )
                })?;
                Ok(Reader::Variable(position, variables))
            }
            other => Err(option_invalid(
                "operatorId",
                &self.operator.to_string(),
                &format!("an operator whose state is rows of its own; {other} keeps intermediate results"),
            )),
        }
    }

    fn key_types(&self) -> Result<Vec<DataType>> {
        let keys = self.schema.keys.iter();
        keys.map(|text| {
            if text == COMPUTED {
                Ok(COMPUTED_KEY)
            } else {
                parse_data_type(text)
            }
        })
        .collect()
    }

    /// The key as a struct: one key is `value`, several are `_1`, `_2`, as Spark's encoders have them.
    fn key_struct(&self) -> Result<StructType> {
        let types = self.key_types()?;
        let name = |position: usize| {
            if types.len() == 1 {
                "value".to_string()
            } else {
                format!("_{}", position + 1)
            }
        };
        let fields = types.iter().enumerate();
        Ok(StructType::new(
            fields
                .map(|(at, key)| Field::new(name(at), key.clone(), true))
                .collect(),
        ))
    }

    /// The columns of the rows. Fails with OPTION_INVALID where the state cannot be read as rows.
    pub fn columns(&self) -> Result<StructType> {
        let mut fields = vec![Field::new("key", DataType::Struct(self.key_struct()?), false)];
        let beside = |value: Field, name: &str| {
            DataType::Struct(StructType::new(vec![value, Field::new(name, DataType::BigInt, true)]))
        };
        match self.reader()? {
            Reader::Keys => {
                let expiry = StructType::new(vec![Field::new("expiresAtMicros", DataType::BigInt, true)]);
                fields.push(Field::new("value", DataType::Struct(expiry), false));
            }
            Reader::GroupState(variable) => {
                let state = Field::new("groupState", variable.data_type, true);
                fields.push(Field::new("value", beside(state, "timeoutTimestamp"), false));
            }
            Reader::Variable(position, variables) => {
                let variable = &variables[position];
                let value = match variable.ttl_ms {
                    Some(_) => beside(Field::new("value", variable.data_type.clone(), true), "ttlExpirationMs"),
                    None => variable.data_type.clone(),
                };
                let name = match variable.kind {
                    VariableKind::Value => "value",
                    VariableKind::List => "list_element",
                    VariableKind::Map => "user_map_value",
                };
                if let Some(key) = &variable.key_type {
                    fields.push(Field::new("user_map_key", key.clone(), true));
                }
                fields.push(Field::new(name, value, true));
            }
        }
        fields.push(Field::new("partition_id", DataType::Int, false));
        Ok(StructType::new(fields))
    }

    /// Reads the rows of a checkpoint, shard by shard. Fails with CHECKPOINT_CORRUPT.
    pub fn read(&self, checkpoint: &Checkpoint) -> Result<Rows> {
        self.read_from(&FileShards {
            state: self,
            checkpoint,
        })
    }

    /// Reads the rows, shard by shard.
    pub fn read_from(&self, shards: &dyn StateShards) -> Result<Rows> {
        let mut rows = match self.reader()? {
            Reader::Keys => self.read_keys(shards)?,
            Reader::GroupState(variable) => self.read_variable(shards, 0, &[variable], true)?,
            Reader::Variable(position, variables) => self.read_variable(shards, position, &variables, false)?,
        };
        let count = rows.keys.len();
        let keys = KeyCodec::new(&self.key_types()?).decode((0..count).map(|row| rows.keys.get(row)))?;
        let key = StructArray::try_new(self.key_struct()?.to_arrow(), keys, None)?;
        let mut columns: Vec<ArrayRef> = vec![Arc::new(key)];
        columns.append(&mut rows.values);
        columns.push(Arc::new(Int32Array::from(rows.shards)));
        Ok((columns, count))
    }

    fn read_keys(&self, shards: &dyn StateShards) -> Result<StoredRows> {
        let mut rows = StoredRows::default();
        let mut expiries = Vec::new();
        for shard in 0..self.schema.num_shards {
            shards.keys(shard, &mut |store| {
                for (key, expiry) in store.all_keys() {
                    rows.push(key, shard);
                    expiries.push((expiry != NEVER).then_some(expiry));
                }
                Ok(())
            })?;
        }
        rows.values
            .push(one_struct("expiresAtMicros", Arc::new(Int64Array::from(expiries)))?);
        Ok(rows)
    }

    fn read_variable(
        &self,
        shards: &dyn StateShards,
        position: usize,
        variables: &[StateVariable],
        has_timeout: bool,
    ) -> Result<StoredRows> {
        let variable = &variables[position];
        let codecs: Arc<[VariableCodec]> = variables.iter().map(VariableCodec::new).collect();
        let mut rows = StoredRows::default();
        let mut values = ValueCodec::new(&variable.data_type).builder();
        let mut map_keys: Option<ColumnBuilder> = variable.key_type.as_ref().map(|key| ValueCodec::new(key).builder());
        let mut times: Vec<Option<i64>> = Vec::new();
        for shard in 0..self.schema.num_shards {
            shards.variables(shard, &codecs, &mut |store| {
                for (key, row) in store.all_keys() {
                    let held = store.held(row, position);
                    if has_timeout && held.is_empty() {
                        rows.push(key, shard);
                        values.push_null();
                        times.push(store.timers(row).first().copied());
                    }
                    codecs[position].each(held, |map_key, value, expiry_ms| {
                        rows.push(key, shard);
                        if let Some(map_keys) = &mut map_keys {
                            map_keys.push(&mut { map_key })?;
                        }
                        times.push(if has_timeout {
                            store.timers(row).first().copied()
                        } else {
                            (expiry_ms != NO_EXPIRY).then_some(expiry_ms)
                        });
                        values.push(&mut { value })
                    })?;
                }
                Ok(())
            })?;
        }
        if let Some(map_keys) = map_keys {
            rows.values.push(map_keys.finish()?);
        }
        let values = values.finish()?;
        rows.values.push(match (has_timeout, variable.ttl_ms) {
            (true, _) => two_structs(("groupState", values), ("timeoutTimestamp", times))?,
            (false, Some(_)) => two_structs(("value", values), ("ttlExpirationMs", times))?,
            (false, None) => values,
        });
        Ok(rows)
    }
}

/// Rows on their way: key and shard of each, and the columns between.
#[derive(Default)]
struct StoredRows {
    keys: KeyList,
    values: Vec<ArrayRef>,
    shards: Vec<i32>,
}

impl StoredRows {
    fn push(&mut self, key: super::KeyView<'_>, shard: usize) {
        self.keys.push(key);
        self.shards.push(shard as i32);
    }
}

fn one_struct(name: &str, column: ArrayRef) -> Result<ArrayRef> {
    let field = arrow_schema::Field::new(name, column.data_type().clone(), true);
    Ok(Arc::new(StructArray::try_new(vec![field].into(), vec![column], None)?))
}

fn two_structs((name, values): (&str, ArrayRef), (time_name, times): (&str, Vec<Option<i64>>)) -> Result<ArrayRef> {
    let times: ArrayRef = Arc::new(Int64Array::from(times));
    let fields = vec![
        arrow_schema::Field::new(name, values.data_type().clone(), true),
        arrow_schema::Field::new(time_name, times.data_type().clone(), true),
    ];
    Ok(Arc::new(StructArray::try_new(
        fields.into(),
        vec![values, times],
        None,
    )?))
}

pub(super) fn option_invalid(name: &str, value: &str, expected: &str) -> Error {
    Error::new(ErrorCode::OptionInvalid)
        .with("name", name)
        .with("value", value)
        .with("reason", format!("it must be {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_variable_is_the_variable() {
        for (kind, key_type) in [
            (VariableKind::Value, None),
            (VariableKind::List, None),
            (VariableKind::Map, Some(DataType::Int)),
        ] {
            let variable = StateVariable {
                name: "a `strange` Value name".to_string(),
                kind,
                data_type: parse_data_type("struct<a: int, b: array<string>>").unwrap(),
                key_type,
                ttl_ms: Some(1),
            };
            let back = parse_variable(&variable_text(&variable)).unwrap();
            assert_eq!(format!("{back:?}"), format!("{variable:?}"));
        }
        assert!(parse_variable("total BIGINT").is_err());
    }
}
