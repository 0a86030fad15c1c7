//! groupByKey() and the program's own functions over each key's rows and state: transformWithState(),
//! flatMapGroupsWithState(), mapGroupsWithState(). What they compute is the program's; what they keep is described here.

use serde::Deserialize;
use serde_json::Value;

use super::flows::Resolved;
use super::resolve::Resolver;
use super::scope::{EventTime, ScopeColumn};
use super::{Expression, OperationKind, Operator, OutputMode, Relation, StageInput};
use crate::column::{DataType, StructType, parse_data_type, schema_from_text};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::Expr;

/// The type of a key that the program computes.
pub const COMPUTED_KEY: DataType = DataType::String;

/// How the program states what it does with a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GroupsApi {
    /// Named variables of state, timers.
    TransformWithState,
    /// One value of state with a timeout; any number of rows for a call.
    FlatMapGroupsWithState,
    /// One value of state with a timeout; one row for a call.
    MapGroupsWithState,
}

impl GroupsApi {
    /// Its name, as the program calls it.
    pub fn name(self) -> &'static str {
        match self {
            GroupsApi::TransformWithState => "transformWithState",
            GroupsApi::FlatMapGroupsWithState => "flatMapGroupsWithState",
            GroupsApi::MapGroupsWithState => "mapGroupsWithState",
        }
    }
}

/// What timers and timeouts go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TimeMode {
    /// There are none.
    None,
    /// The watermark.
    EventTime,
    /// The clock.
    ProcessingTime,
}

/// What a variable of state holds for each key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VariableKind {
    /// One value.
    Value,
    /// Values in order.
    List,
    /// Values by keys of their own.
    Map,
}

/// A variable of state.
#[derive(Clone, Debug)]
pub struct StateVariable {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: VariableKind,
    /// Type of its values.
    pub data_type: DataType,
    /// Type of its own keys, of a map.
    pub key_type: Option<DataType>,
    /// How long a value stays, milliseconds of processing time; none = until it is removed.
    pub ttl_ms: Option<i64>,
}

impl StateVariable {
    /// The type of what it holds for a key as one column: the value, a list of values, or a map of them.
    pub fn column_type(&self) -> DataType {
        match (self.kind, &self.key_type) {
            (VariableKind::List, _) => DataType::Array {
                element: Box::new(self.data_type.clone()),
                contains_null: true,
            },
            (VariableKind::Map, Some(key)) => DataType::Map {
                key: Box::new(key.clone()),
                value: Box::new(self.data_type.clone()),
                value_contains_null: true,
            },
            _ => self.data_type.clone(),
        }
    }
}

/// Rows that are handed to the functions in the first batch, before any other.
#[derive(Clone, Debug)]
pub struct InitialState {
    /// What they are grouped by.
    pub keys: Vec<Expr>,
    /// Spark's hash of the keys.
    pub shard_hash: Expr,
    /// Their columns.
    pub rows: StructType,
}

/// A stage where the program's functions work on groups.
#[derive(Clone, Debug)]
pub struct GroupsWithStateSpec {
    /// Number of the functions within the process.
    pub program: u32,
    /// How the program states it.
    pub api: GroupsApi,
    /// What rows are grouped by.
    pub keys: Vec<Expr>,
    /// Whether the program computes the key: it is the column behind those of the input then, text of its own.
    pub computes_keys: bool,
    /// Spark's hash of the keys, which decides a row's shard: Spark counts some changes of state by partition.
    pub shard_hash: Expr,
    /// The event time by which rows are late, where rows are judged at all.
    pub event_time: Option<Expr>,
    /// Whether the rows have a watermark.
    pub has_watermark: bool,
    /// What timers and timeouts go by.
    pub time_mode: TimeMode,
    /// What is kept for each key.
    pub variables: Vec<StateVariable>,
    /// The rows that come in.
    pub input: StructType,
    /// What the stage begins with, where it begins with anything.
    pub initial: Option<InitialState>,
    /// The rows that go out.
    pub output: StructType,
    /// The output mode that the functions were written for, where it was said.
    pub output_mode: Option<OutputMode>,
}

/// A variable as the plan has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct VariableNode {
    name: String,
    kind: VariableKind,
    #[serde(rename = "type")]
    data_type: String,
    key_type: Option<String>,
    ttl_ms: Option<i64>,
}

/// The parts of a node that are not its input.
pub(super) struct GroupsNode<'a> {
    pub program: u32,
    pub api: &'a str,
    pub keys: &'a [Expression],
    pub computes_keys: bool,
    pub variables: &'a Value,
    pub output: &'a str,
    pub output_mode: Option<&'a str>,
    pub time_mode: &'a str,
    pub initial: Option<(&'a Relation, &'a [Expression])>,
}

impl Resolver<'_> {
    /// Resolves a stage of the program's functions; its output becomes the scope.
    pub(super) fn groups_with_state(&mut self, node: &GroupsNode<'_>) -> Result<()> {
        let keys = if node.computes_keys {
            vec![self.computed_key()]
        } else {
            let keys = node.keys.iter().map(|key| self.expression(key));
            keys.collect::<Result<Vec<_>>>()?
        };
        let api: GroupsApi = word("api", node.api)?;
        let time_mode: TimeMode = word("timeMode", node.time_mode)?;
        self.note_event_times(&self.all_columns());
        let event_time = self.event_time_of(&[])?.map(|(_, time, _)| time);
        let has_watermark = event_time.is_some();
        // A timeout by event time is what makes late rows harmful to the older functions; the newer one never sees them.
        let judges_rows = api == GroupsApi::TransformWithState || time_mode == TimeMode::EventTime;
        let output = schema_from_text(node.output)?;
        let input_schema = self.scope.schema();
        let shard_hash = self.call("hash", keys.clone())?;
        let mut inputs = vec![self.take_input()];
        let initial = match node.initial {
            None => None,
            Some((relation, initial_keys)) => {
                let (side, initial) = self.initial_state(relation, initial_keys, node.computes_keys)?;
                check_keys(&keys, &initial.keys)?;
                inputs.push(side);
                Some(initial)
            }
        };
        let spec = GroupsWithStateSpec {
            program: node.program,
            api,
            shard_hash,
            keys,
            computes_keys: node.computes_keys,
            event_time: event_time.filter(|_| judges_rows),
            has_watermark,
            time_mode,
            variables: variables(node.variables)?,
            input: input_schema,
            initial,
            output: output.clone(),
            output_mode: node.output_mode.map(OutputMode::parse).transpose()?,
        };
        let kind = OperationKind::GroupsWithState {
            api,
            output_mode: spec.output_mode,
            lacks_watermark: time_mode == TimeMode::EventTime && !has_watermark,
            emits_late: time_mode == TimeMode::EventTime && api != GroupsApi::TransformWithState,
        };
        let heads = inputs.iter().map(|side| side.head).collect();
        let sides = inputs.into_iter().map(|side| StageInput {
            types: side.scope.types(),
            flows: side.flows,
        });
        self.begin_stage(Operator::GroupsWithState(Box::new(spec)), sides.collect());
        self.note_over(kind, heads);
        self.scope.columns = output
            .fields
            .into_iter()
            .map(|field| ScopeColumn {
                field,
                event_time: EventTime::default(),
                qualifier: None,
            })
            .collect();
        Ok(())
    }
}

impl Resolver<'_> {
    /// The key that the program computes: the column behind those of the rows.
    fn computed_key(&self) -> Expr {
        Expr::column(self.scope.columns.len(), COMPUTED_KEY, false)
    }

    /// What was resolved last, as the input of an operation that has several.
    fn take_input(&mut self) -> Resolved {
        Resolved {
            scope: self.scope.clone(),
            flows: std::mem::take(&mut self.flows),
            head: self.head,
            is_streaming: self.plan.operations[self.head].is_streaming,
        }
    }

    /// Resolves the rows that state begins with. Fails with _LEGACY_ERROR_TEMP_3102 where they are a stream.
    fn initial_state(
        &mut self,
        relation: &Relation,
        keys: &[Expression],
        computes_keys: bool,
    ) -> Result<(Resolved, InitialState)> {
        let side = self.relation(relation)?;
        if side.is_streaming {
            return Err(Error::new(ErrorCode::LegacyErrorTemp3102).with(
                "msg",
                "Non-streaming DataFrame/Dataset is not supported as the initial state in [flatMap|map]GroupsWithState operation on a streaming DataFrame/Dataset",
            ));
        }
        let keys = if computes_keys {
            vec![self.computed_key()]
        } else {
            let keys = keys.iter().map(|key| self.expression(key));
            keys.collect::<Result<Vec<_>>>()?
        };
        let initial = InitialState {
            shard_hash: self.call("hash", keys.clone())?,
            keys,
            rows: side.scope.schema(),
        };
        Ok((side, initial))
    }
}

/// State is found by the keys of the input: those that it begins with must be of the same types.
fn check_keys(input: &[Expr], initial: &[Expr]) -> Result<()> {
    let types = |keys: &[Expr]| {
        keys.iter()
            .map(|key| key.data_type.sql())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (input, initial) = (types(input), types(initial));
    if input == initial {
        return Ok(());
    }
    Err(Error::new(ErrorCode::ArgumentInvalid)
        .with("function", "initialState")
        .with("reason", format!("its keys are {initial}, those of the rows {input}")))
}

fn variables(node: &Value) -> Result<Vec<StateVariable>> {
    let nodes: Vec<VariableNode> =
        serde_json::from_value(node.clone()).map_err(|error| Error::internal(format!("variables: {error}")))?;
    let variable = |node: VariableNode| {
        Ok(StateVariable {
            name: node.name,
            kind: node.kind,
            data_type: parse_data_type(&node.data_type)?,
            key_type: node.key_type.as_deref().map(parse_data_type).transpose()?,
            ttl_ms: node.ttl_ms,
        })
    };
    nodes.into_iter().map(variable).collect()
}

/// Reads a word of a node.
fn word<'a, T: Deserialize<'a>>(field: &str, text: &'a str) -> Result<T> {
    let reader = serde::de::value::BorrowedStrDeserializer::<serde::de::value::Error>::new(text);
    T::deserialize(reader).map_err(|error| Error::internal(format!("{field}: {error}")))
}
