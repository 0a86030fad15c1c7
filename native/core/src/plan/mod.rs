//! Planning: unresolved nodes from TypeScript are resolved, checked and made into a pipeline.
//!
//! `nodes_generated` is what crosses the border, `resolve` gives names and types, `aggregate` splits a grouping into
//! keys, accumulators and results, `check` refuses what a stream can't do, `explain` prints.

mod aggregate;
mod call_text;
mod check;
pub mod coerce;
mod deduplicate;
mod desugar;
mod event_time;
mod explain;
mod expressions;
mod flows;
mod function_names;
mod generators;
mod grouping_sets;
mod groups_with_state;
mod hidden;
mod join;
mod join_spec;
mod join_times;
mod naming;
mod needed;
mod nodes_generated;
mod observe;
mod operation;
mod resolve;
mod sample;
mod scope;
mod session_window;
mod set_operation;
mod sql;
mod window_functions;
mod window_text;

pub use check::{OutputMode, check_batch, check_streaming};
pub use explain::explain;
pub use function_names::function_names;
pub use groups_with_state::{COMPUTED_KEY, GroupsApi, GroupsWithStateSpec, StateVariable, TimeMode, VariableKind};
pub use join_spec::{JoinBound, JoinSpec, JoinTimes, JoinType};
pub use needed::prune;
pub use nodes_generated::{Branch, Expression, Relation};
pub use observe::ObserveSpec;
pub use operation::{Operation, OperationKind};
pub use resolve::resolve;
pub use sql::{Catalog, parse_expression, parse_query};
pub use window_functions::{
    Frame, RangeBound, WINDOW_FUNCTION_NAMES, WindowFunction, WindowFunctionKind, WindowFunctionsSpec,
};

use crate::aggregate::AggregateCall;
use crate::column::StructType;
use crate::error::{Error, Result};
use crate::expr::{Expr, Generator};
use crate::limits::PLAN_DEPTH_MAX;
use crate::window::EventTimeKey;

/// A step of a pipeline: takes a chunk of rows, gives a chunk of rows.
#[derive(Clone, Debug)]
pub enum Step {
    /// Computes the output columns.
    Project(Vec<Expr>),
    /// Keeps the rows where the condition is true.
    Filter(Expr),
    /// Looks at the event time in `column`, for the watermark of node `node`.
    Watermark {
        /// Number of the withWatermark node, from 0.
        node: usize,
        /// Position of the event-time column.
        column: usize,
    },
    /// Appends a column of windows: a row comes once for each window that holds it, not at all where its time is null.
    ExpandWindows {
        /// The windows.
        key: EventTimeKey,
        /// Number of columns before the new one.
        width: usize,
    },
    /// Appends the columns that a generator makes; a row comes once for each row that is made of it.
    Generate {
        /// The generator.
        generator: Box<Generator>,
        /// Number of columns before the new ones.
        width: usize,
    },
    /// Gives each row once for each of these projections, which have the same types.
    Expand(Vec<Vec<Expr>>),
    /// Gives each row as often as this BIGINT says; not at all where it is below 1 or null.
    Repeat(Expr),
}

/// A reader of the plan.
#[derive(Clone, Debug)]
pub struct SourceSpec {
    /// Number that the plan gave it.
    pub number: u32,
    /// `text`, `json`, `kafka`, `rate` or `columns`.
    pub format: String,
    /// Options, names in lower case.
    pub options: std::collections::BTreeMap<String, String>,
    /// Its columns.
    pub schema: StructType,
    /// Whether the last of them is the hidden column `_metadata` of files.
    pub has_metadata: bool,
}

/// A withWatermark node.
#[derive(Clone, Debug)]
pub struct WatermarkSpec {
    /// Number of the node, from 0.
    pub node: usize,
    /// How late a row may be, in milliseconds.
    pub delay_ms: i64,
    /// The reader below it.
    pub source: u32,
}

/// A grouping: what the rows are grouped by, what is kept for each group, what comes out.
#[derive(Clone, Debug)]
pub struct AggregateSpec {
    /// Keys other than event time.
    pub keys: Vec<Expr>,
    /// The window or time that the grouping has among its keys.
    pub event_time: Option<EventTimeKey>,
    /// Position of the event-time key among all keys.
    pub event_time_position: usize,
    /// Names of all keys, in their written order, as Spark's state has them.
    pub key_names: Vec<String>,
    /// Whether a watermark bounds the event-time key, so that its groups can be closed.
    pub is_bounded: bool,
    /// Conditions on the keys (all, in their written order) that a group must meet to be kept at all.
    pub group_filters: Vec<Expr>,
    /// What is computed for each group.
    pub calls: Vec<AggregateCall>,
    /// Output columns over (keys in their written order, then the calls' results).
    pub output: Vec<Expr>,
}

/// A grouping by session_window(): intervals that rows of one key extend and join.
#[derive(Clone, Debug)]
pub struct SessionSpec {
    /// Each row's own session: a struct of start and end.
    pub window: Expr,
    /// The rest of the grouping; the session stands at `event_time_position` among its keys.
    pub groups: AggregateSpec,
    /// Whether the sessions of a map task are joined before any is judged late.
    pub merges_early: bool,
}

/// When a deduplication forgets a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLifetime {
    /// Never.
    Forever,
    /// Once the watermark has reached the event time that is a part of it.
    EventTime,
    /// Once the watermark has reached the event time of its first row and as many microseconds.
    Delay(i64),
}

/// dropDuplicates() and its kin: of the rows with equal keys the first comes out.
#[derive(Clone, Debug)]
pub struct DedupSpec {
    /// What must differ.
    pub keys: Vec<Expr>,
    /// The names of those columns.
    pub key_names: Vec<String>,
    /// The event time by which rows are late, where a watermark stands on one.
    pub event_time: Option<Expr>,
    /// When a key is forgotten.
    pub lifetime: KeyLifetime,
    /// Whether it is dropDuplicatesWithinWatermark().
    pub within_watermark: bool,
}

/// A key of a sort.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// What is compared.
    pub expr: Expr,
    /// Greatest first.
    pub descending: bool,
    /// Nulls before everything else.
    pub nulls_first: bool,
}

/// Where the rows of a flow come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A reader, by its number.
    Source(u32),
    /// What a stage gives, by its position among the stages.
    Stage(usize),
    /// One row without columns: SELECT without FROM.
    OneRow,
}

/// Rows on their way: from an origin through steps that look at one chunk at a time.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Where the rows come from.
    pub origin: Origin,
    /// What happens to them on the way.
    pub steps: Vec<Step>,
}

/// What a stage does with its rows.
#[derive(Clone, Debug)]
pub enum Operator {
    /// groupBy(): groups are kept by shard.
    Aggregate(Box<AggregateSpec>),
    /// groupBy() with a session_window(): sessions are kept by shard.
    Sessions(Box<SessionSpec>),
    /// dropDuplicates(), distinct(), dropDuplicatesWithinWatermark(): keys are kept by shard.
    Deduplicate(Box<DedupSpec>),
    /// groupByKey(): the program's functions work on groups; what they keep is kept by shard.
    GroupsWithState(Box<GroupsWithStateSpec>),
    /// join(): of two inputs; what is kept between batches is kept by shard.
    Join(Box<JoinSpec>),
    /// orderBy() of all rows.
    Sort(Vec<SortKey>),
    /// limit(), offset() of all rows; no count = all.
    Limit {
        /// Rows at most.
        count: Option<usize>,
        /// Rows passed over.
        offset: usize,
    },
    /// sample(): each row by chance.
    Sample {
        /// How likely a row is kept.
        fraction: f64,
        /// What chance begins with.
        seed: i64,
    },
    /// Functions over windows of rows, each of which adds a column.
    Windows(Box<WindowFunctionsSpec>),
    /// observe(): nothing comes out but a report.
    Observe(Box<ObserveSpec>),
}

/// Work that needs rows of many chunks together: the rows of its flows are brought to shards, and what comes out of
/// those is the origin of further flows.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it takes: a join has two inputs, everything else one.
    pub inputs: Vec<StageInput>,
    /// What is done.
    pub operator: Operator,
    /// An earlier stage that groups the same rows of sources in the same way: what map tasks make for that one is this one's too.
    pub same_as: Option<usize>,
}

/// One side of a stage.
#[derive(Clone, Debug)]
pub struct StageInput {
    /// The flows that end here.
    pub flows: Vec<Flow>,
    /// Types of the columns that they bring.
    pub types: Vec<crate::column::DataType>,
}

/// A resolved query: flows from sources to the sink, through stages where rows must meet.
#[derive(Clone, Debug, Default)]
pub struct ResolvedPlan {
    /// Its readers, each once.
    pub sources: Vec<SourceSpec>,
    /// Whether any reader is streaming.
    pub is_streaming: bool,
    /// Its watermarks.
    pub watermarks: Vec<WatermarkSpec>,
    /// Whether rows that have a watermark are given another.
    pub redefines_watermark: bool,
    /// The event-time columns of a stateful operator's rows, where there are several: Spark can't tell which is meant.
    pub ambiguous_event_times: Option<String>,
    /// Its stages: each takes from sources and from stages before it.
    pub stages: Vec<Stage>,
    /// The flows that end in the sink.
    pub output: Vec<Flow>,
    /// What it does, operation by operation, the last one nearest the sink.
    pub operations: Vec<Operation>,
    /// The row type that comes out.
    pub schema: StructType,
}

impl ResolvedPlan {
    /// The groupings of the plan, in the order of their stages.
    pub fn aggregates(&self) -> impl DoubleEndedIterator<Item = &AggregateSpec> {
        self.stages.iter().filter_map(|stage| match &stage.operator {
            Operator::Aggregate(spec) => Some(spec.as_ref()),
            Operator::Sessions(spec) => Some(&spec.groups),
            Operator::Deduplicate(_)
            | Operator::GroupsWithState(_)
            | Operator::Join(_)
            | Operator::Sort(_)
            | Operator::Limit { .. }
            | Operator::Sample { .. }
            | Operator::Windows(_)
            | Operator::Observe(_) => None,
        })
    }
}

/// Reads the plan's JSON. Fails with LIMIT_EXCEEDED where it nests deeper than the reader follows.
pub fn relation_from_json(text: &str) -> Result<Relation> {
    serde_json::from_str(text).map_err(|error| {
        if error.to_string().contains("recursion limit") {
            Error::limit("nesting depth of a plan", "more", PLAN_DEPTH_MAX)
        } else {
            Error::internal(format!("plan: {error}"))
        }
    })
}
