//! What the stages of a running query keep between batches.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::ArrayRef;
use parking_lot::Mutex;

use crate::aggregate::{AccumulatorShape, AggregateCall, Fates};
use crate::checkpoint::{OperatorSchema, Versioned};
use crate::error::Result;
use crate::plan::{AggregateSpec, Operator, OutputMode};
use crate::session::Session;
use crate::state::{
    Budget, Deduplication, GroupsWithState, INITIAL_SIDE, JoinState, KeyCodec, Layout, Sessions, ShardStore,
    StateShape, describe_folds, describe_session_folds, fates_of_rows,
};

/// What a stage keeps while the query runs.
pub enum StageState {
    /// Groups, by shard.
    Groups(Box<Grouping>),
    /// Sessions, by shard.
    Sessions(Box<Sessions>),
    /// Keys that were seen, by shard.
    Keys(Box<Deduplication>),
    /// What the program's functions keep, by shard.
    Program(Box<GroupsWithState>),
    /// Rows that wait for others, by shard.
    Join(Box<JoinState>),
    /// Nothing: it needs all rows of the batch in one place.
    Gather,
}

impl StageState {
    /// Nothing kept yet; what it will keep counts against the query's `budget`.
    pub fn new(operator: &Operator, session: &Session, budget: &Arc<Budget>) -> Self {
        let shards = session.shards;
        let budget = Arc::new(Budget::part_of(budget));
        match operator {
            Operator::Aggregate(spec) => StageState::Groups(Box::new(Grouping::new(
                spec.as_ref().clone(),
                shards,
                budget,
                ShardStore::new,
            ))),
            Operator::Sessions(spec) => {
                StageState::Sessions(Box::new(Sessions::new(spec.as_ref().clone(), shards, budget)))
            }
            Operator::Deduplicate(spec) => {
                StageState::Keys(Box::new(Deduplication::new(spec.as_ref().clone(), shards, budget)))
            }
            Operator::GroupsWithState(spec) => {
                StageState::Program(Box::new(GroupsWithState::new(spec.as_ref().clone(), shards, budget)))
            }
            Operator::Join(spec) => StageState::Join(Box::new(JoinState::new(spec.as_ref().clone(), shards, budget))),
            Operator::Sort(_)
            | Operator::Limit { .. }
            | Operator::Sample { .. }
            | Operator::Windows(_)
            | Operator::Observe(_) => StageState::Gather,
        }
    }

    /// Spark's name of a stateful operator; none where nothing is kept between batches.
    pub fn operator_name(&self) -> Option<&'static str> {
        match self {
            StageState::Groups(_) => Some("stateStoreSave"),
            StageState::Sessions(_) => Some("sessionWindowStateStoreSaveExec"),
            StageState::Keys(keys) => Some(keys.operator_name()),
            StageState::Program(program) => Some(program.operator_name()),
            StageState::Join(join) if join.is_stateful() => Some("symmetricHashJoin"),
            StageState::Join(_) | StageState::Gather => None,
        }
    }

    /// What a checkpoint knows the stage by; none where nothing is kept between batches.
    pub fn operator_schema(&self) -> Option<OperatorSchema> {
        let name = self.operator_name()?;
        match self {
            StageState::Groups(grouping) => Some(grouping.schema(name)),
            StageState::Sessions(sessions) => Some(sessions.schema(name)),
            StageState::Keys(keys) => Some(keys.schema()),
            StageState::Program(program) => Some(program.schema()),
            StageState::Join(join) => join.schema(name),
            StageState::Gather => None,
        }
    }

    /// What becomes of rows that are brought to a side, where the stage takes them one by one and the watermark has passed some.
    pub fn fates_of_rows(
        &self,
        side: usize,
        columns: &[ArrayRef],
        rows: usize,
        watermark_ms: i64,
    ) -> Result<Option<Fates>> {
        let event_time = match self {
            StageState::Keys(keys) => keys.spec.event_time.as_ref(),
            StageState::Program(program) if side != INITIAL_SIDE => program.spec.event_time.as_ref(),
            StageState::Join(join) => join.event_time(side),
            // Groupings judge windows, by themselves.
            _ => None,
        };
        fates_of_rows(event_time, columns, rows, watermark_ms)
    }

    /// Shards; 1 where it keeps no state.
    pub fn num_shards(&self) -> usize {
        match self {
            StageState::Groups(grouping) => grouping.shards.len(),
            StageState::Sessions(sessions) => sessions.grouping.shards.len(),
            StageState::Keys(keys) => keys.shards.len(),
            StageState::Program(program) => program.shards.len(),
            StageState::Join(join) => join.num_shards(),
            StageState::Gather => 1,
        }
    }

    /// What TypeScript must know of it: a part of the QueryDescription of docs/design/border.md.
    pub fn describe(&self, operator: &Operator) -> serde_json::Value {
        let mut description = serde_json::json!({ "numShards": self.num_shards() });
        if let Operator::Observe(spec) = operator {
            description["observes"] = spec.name.clone().into();
        }
        if let StageState::Program(program) = self {
            description["program"] = program.describe();
        }
        let folds = match self {
            StageState::Groups(grouping) => describe_folds(grouping),
            StageState::Sessions(sessions) => describe_session_folds(sessions),
            _ => None,
        };
        if let Some(folds) = folds {
            description["folds"] = folds;
        }
        description
    }

    /// The state of a shard, for its checkpoint.
    pub fn lock_shard(&self, shard: usize) -> Option<Box<dyn Versioned + '_>> {
        match self {
            StageState::Groups(grouping) => Some(Box::new(grouping.shards.get(shard)?.lock())),
            StageState::Sessions(sessions) => Some(Box::new(sessions.grouping.shards.get(shard)?.lock())),
            StageState::Keys(keys) => Some(Box::new(keys.shards.get(shard)?.lock())),
            StageState::Program(program) => Some(Box::new(program.shards.get(shard)?.lock())),
            StageState::Join(join) => Some(Box::new(join.lock_shard(shard)?)),
            StageState::Gather => None,
        }
    }

    /// Whether a moved watermark alone can bring rows out or let some go: Spark's rule for a batch without data.
    pub fn follows_watermark(&self, mode: OutputMode) -> bool {
        match self {
            // A grouping asks for it even where the watermark bounds none of its groups.
            StageState::Groups(_) => mode != OutputMode::Complete,
            StageState::Sessions(sessions) => sessions.grouping.spec.is_bounded && mode != OutputMode::Complete,
            StageState::Keys(keys) => keys.spec.event_time.is_some(),
            StageState::Program(program) => program.follows_watermark(mode),
            StageState::Join(join) => join.is_bounded() && mode != OutputMode::Complete,
            StageState::Gather => false,
        }
    }
}

/// The state of a grouping; a `Store` keeps the groups of one shard.
pub struct Grouping<Store = ShardStore> {
    /// The grouping as resolved.
    pub spec: AggregateSpec,
    /// How keys are encoded.
    pub keys: KeyCodec,
    /// Row layout of its tables.
    pub layout: Layout,
    /// The state, by shard.
    pub shards: Vec<Mutex<Store>>,
    /// Bytes of state.
    pub budget: Arc<Budget>,
    /// Groups that a map task made lately.
    partial_rows: AtomicUsize,
}

impl<Store> Grouping<Store> {
    /// No groups yet, `shards` shards made by `store`, its bytes charged to `budget`.
    pub fn new(
        spec: AggregateSpec,
        shards: usize,
        budget: Arc<Budget>,
        store: impl Fn(Layout, Arc<Budget>) -> Store,
    ) -> Self {
        let layout = Layout::new(&spec.calls);
        let key_types: Vec<_> = spec.keys.iter().map(|key| key.data_type.clone()).collect();
        Self {
            keys: KeyCodec::new(&key_types),
            shards: (0..shards)
                .map(|_| Mutex::new(store(layout.clone(), Arc::clone(&budget))))
                .collect(),
            layout,
            budget,
            spec,
            partial_rows: AtomicUsize::new(0),
        }
    }

    /// Groups that a map task is likely to make.
    pub fn expected_partial_rows(&self) -> usize {
        self.partial_rows.load(Ordering::Relaxed)
    }

    /// Notes how many groups a map task made.
    pub fn note_partial_rows(&self, rows: usize) {
        self.partial_rows.store(rows, Ordering::Relaxed);
    }

    /// What a checkpoint knows it by: the length of windows and what the keys are computed from may change.
    pub fn schema(&self, name: &str) -> OperatorSchema {
        let mut keys: Vec<String> = self.spec.keys.iter().map(|key| key.data_type.sql()).collect();
        if let Some(key) = &self.spec.event_time {
            keys.insert(self.spec.event_time_position, key.data_type().sql());
        }
        let value = |call: &AggregateCall| {
            let distinct = if call.distinct { " DISTINCT" } else { "" };
            format!("{:?}{distinct} {}", call.function, call.data_type.sql())
        };
        OperatorSchema {
            name: name.to_string(),
            num_shards: self.shards.len(),
            keys,
            values: self.spec.calls.iter().map(value).collect(),
            properties: BTreeMap::new(),
            rows: StateShape {
                keys: self.spec.key_names.clone(),
                event_time: self.spec.event_time.as_ref().map(|_| self.spec.event_time_position),
                accumulators: self.spec.calls.iter().map(AccumulatorShape::of).collect(),
                ..StateShape::default()
            },
        }
    }

    /// The accumulators.
    pub fn calls(&self) -> &[AggregateCall] {
        &self.spec.calls
    }
}
