//! State read as rows: that of a checkpoint, where what it says about an operator is enough to read its files, or that of a
//! running query. Spark counterpart: the data source `statestore`.
//!
//! Every kind of state has a reader that turns what a shard keeps into rows of cells (`group_rows`, `key_rows`, `join_rows`,
//! `program_rows`; `key_cells` makes their keys); `rows` makes columns of them. `stored` reads shards out of files, batch by batch where
//! changes are asked for, `live` those of a running query, `wanted` says which of its rows. `shape` is what a checkpoint keeps for it.

mod group_rows;
mod join_rows;
mod key_cells;
mod key_rows;
mod live;
mod program_rows;
mod rows;
mod shape;
mod shards;
mod stored;
mod variable_text;
mod wanted;

pub use join_rows::{JoinRows, KeptRow};
pub use key_cells::KeyCells;
pub use live::LiveState;
pub use shape::{SideShape, StateShape};
pub use shards::ShardView;
pub use stored::StoredState;
pub use variable_text::{COMPUTED, variable_text};
pub use wanted::Wanted;

use std::sync::Arc;

use serde::Deserialize;

use self::group_rows::GroupRows;
use self::join_rows::{JoinSideRows, JoinStore, StoredJoin};
use self::key_rows::KeyRows;
use self::program_rows::ProgramRows;
use self::rows::Visit;
use self::shards::StoredShard;
use self::variable_text::parse_variable;
use super::variable::VariableCodec;
use super::{Budget, Layout, SeenKeys, SessionStore, ShardStore, VariableStore};
use crate::checkpoint::OperatorSchema;
use crate::column::{DataType, Field, parse_data_type};
use crate::error::{Error, ErrorCode, Result};
use crate::plan::{COMPUTED_KEY, StateVariable};

/// Turns what the shards of an operator keep into rows.
trait RowReader {
    /// The columns: those of the key, then those of the value.
    fn fields(&self) -> &[Field];

    /// Number of columns that are keys.
    fn num_keys(&self) -> usize {
        1
    }

    /// Whether the rows of a key are a list.
    fn is_list(&self) -> bool {
        false
    }

    /// Gives the wanted rows of a shard.
    fn rows(&self, shard: ShardView<'_>, wanted: &Wanted, visit: Visit<'_>) -> Result<()>;

    /// Whether the stores note what a batch changes; else two states are compared.
    fn notes_changes(&self) -> bool {
        false
    }

    /// Gives what the followed batch changed, as the store has noted it.
    fn noted_changes(&self, _shard: ShardView<'_>, _visit: Visit<'_>) -> Result<()> {
        Err(Error::internal("changes of a store that notes none"))
    }
}

/// What is read of an operator.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadOptions {
    /// Which of the program's variables.
    pub variable: Option<String>,
    /// Which store of a join, by Spark's name.
    pub store_name: Option<String>,
    /// Which side of a join.
    pub join_side: Option<String>,
    /// Timers, not variables.
    pub timers: bool,
    /// Whether a list or a map is one row.
    pub whole_collections: bool,
}

/// The state of an operator, as a checkpoint or a query knows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorState {
    /// Number of the operator.
    pub operator: usize,
    /// The operator.
    pub schema: OperatorSchema,
    /// What of it is read.
    #[serde(default)]
    pub options: ReadOptions,
}

impl OperatorState {
    /// What reads its rows. Fails with OPTION_INVALID where what is asked for is not there.
    fn reader(&self) -> Result<Box<dyn RowReader>> {
        let shape = &self.schema.rows;
        Ok(match self.schema.name.as_str() {
            "stateStoreSave" => Box::new(GroupRows::new(shape, self.key_types()?, false)?),
            "sessionWindowStateStoreSaveExec" => Box::new(GroupRows::new(shape, self.key_types()?, true)?),
            "dedupe" => Box::new(KeyRows::new(self.key_fields()?, false)),
            "dedupeWithinWatermark" => Box::new(KeyRows::new(self.key_fields()?, true)),
            "symmetricHashJoin" => Box::new(self.join_side()?),
            "flatMapGroupsWithState" => {
                let variable = self.variables()?.into_iter().next();
                let variable = variable.ok_or_else(|| Error::internal("a group function without state"))?;
                Box::new(ProgramRows::group_state(
                    self.key_fields()?,
                    variable,
                    shape.has_timeout,
                ))
            }
            "transformWithStateExec" => Box::new(self.processor()?),
            other => return Err(Error::internal(format!("{other} keeps no state"))),
        })
    }

    fn processor(&self) -> Result<ProgramRows> {
        let (key, variables) = (self.key_fields()?, self.variables()?);
        if self.options.timers {
            return Ok(ProgramRows::timers(key, variables));
        }
        let asked = self.options.variable.as_deref();
        let named = |variable: &StateVariable| Some(variable.name.as_str()) == asked;
        let Some(number) = variables.iter().position(named) else {
            let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
            let expected = format!("one of {}", names.join(", "));
            return Err(option_invalid("stateVarName", asked.unwrap_or("none"), &expected));
        };
        let is_flat = !self.options.whole_collections;
        Ok(ProgramRows::variable(key, variables, number, is_flat))
    }

    fn join_side(&self) -> Result<JoinSideRows> {
        let (side, store) = match (self.options.join_side.as_deref(), self.options.store_name.as_deref()) {
            (Some("left"), _) => (0, JoinStore::Rows),
            (Some("right"), _) => (1, JoinStore::Rows),
            (_, Some("left-keyToNumValues")) => (0, JoinStore::NumValues),
            (_, Some("right-keyToNumValues")) => (1, JoinStore::NumValues),
            (_, Some("left-keyWithIndexToValue")) => (0, JoinStore::WithIndex),
            (_, Some("right-keyWithIndexToValue")) => (1, JoinStore::WithIndex),
            (_, name) => return Err(option_invalid("joinSide", name.unwrap_or("none"), "left or right")),
        };
        let [left, right] = self.join_columns()?;
        let columns = if side == 0 { left } else { right };
        Ok(JoinSideRows::new(side, store, self.key_fields()?, columns))
    }

    /// The columns of each side of a join.
    fn join_columns(&self) -> Result<[Vec<Field>; 2]> {
        let sides = self.schema.rows.sides.iter().flatten();
        let names = sides.flat_map(|side| &side.columns);
        let fields = names.zip(&self.schema.values);
        let mut left: Vec<Field> = fields
            .map(|(name, text)| Ok(Field::new(name, parse_data_type(text)?, true)))
            .collect::<Result<_>>()?;
        let width = self
            .schema
            .rows
            .sides
            .as_ref()
            .map_or(0, |[left, _]| left.columns.len());
        let right = left.split_off(width.min(left.len()));
        Ok([left, right])
    }

    fn variables(&self) -> Result<Vec<StateVariable>> {
        self.schema.values.iter().map(|text| parse_variable(text)).collect()
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

    /// The columns of the key: by their names where they have some, those of a join by their numbers, else one is `value` and several are
    /// `_1`, `_2`, as Spark's encoders have them.
    fn key_fields(&self) -> Result<Vec<Field>> {
        let (types, names) = (self.key_types()?, &self.schema.rows.keys);
        let (is_single, is_join) = (types.len() == 1, self.schema.rows.sides.is_some());
        let name_of = |position: usize| match names.get(position) {
            Some(name) => name.clone(),
            None if is_join => format!("field{position}"),
            None if is_single => "value".to_string(),
            None => format!("_{}", position + 1),
        };
        let fields = types.into_iter().enumerate();
        Ok(fields
            .map(|(position, data_type)| Field::new(name_of(position), data_type, true))
            .collect())
    }

    /// A store that the files of a shard are read into.
    fn empty_shard(&self) -> Result<StoredShard> {
        let budget = Arc::new(Budget::new(0));
        let accumulators = &self.schema.rows.accumulators;
        Ok(match self.schema.name.as_str() {
            "stateStoreSave" => StoredShard::Groups(ShardStore::new(Layout::of_shapes(accumulators, 0), budget).into()),
            "sessionWindowStateStoreSaveExec" => StoredShard::Sessions(SessionStore::of_shapes(accumulators).into()),
            "symmetricHashJoin" => {
                let [left, right] = self.join_columns()?;
                let sides = self.schema.rows.sides.as_ref();
                let [left_shape, right_shape] = sides.ok_or_else(|| Error::internal("a join without sides"))?;
                StoredShard::Join(StoredJoin::new([(left_shape, &left), (right_shape, &right)]).into())
            }
            "flatMapGroupsWithState" | "transformWithStateExec" => {
                let codecs: Arc<[VariableCodec]> = self.variables()?.iter().map(VariableCodec::new).collect();
                StoredShard::Program(VariableStore::new(codecs, budget).into())
            }
            _ => StoredShard::Keys(SeenKeys::new(budget).into()),
        })
    }
}

fn option_invalid(name: &str, value: &str, expected: &str) -> Error {
    Error::new(ErrorCode::OptionInvalid)
        .with("name", name)
        .with("value", value)
        .with("reason", format!("it must be {expected}"))
}
