//! A running query: its compiled pipeline, its state, and the batches it is working on.
//!
//! Queries live in a process-wide registry and are addressed by handle, so that any worker thread can work on any query.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arrow_array::ArrayRef;
use parking_lot::{Mutex, RwLock};
use serde::Serialize;

pub use crate::batch::{Batch, BatchSpec, PartialKey, Sender};
use crate::checkpoint::{OperatorSchema, StateFiles};
use crate::column::schema_to_json;
use crate::divert::Diversions;
use crate::error::{Error, ErrorCode, Result};
use crate::pipeline;
use crate::plan::{
    Flow, Origin, OutputMode, Relation, ResolvedPlan, SourceSpec, Stage, Step, check_batch, check_streaming, resolve,
};
use crate::result::{ResultCounters, StateCounters, encode_result};
pub use crate::routes::Route;
use crate::routes::{WantedColumns, routes_of};
pub use crate::row_counts::RowCounts;
use crate::session::Session;
use crate::source::Split;
pub use crate::stage::{Grouping, StageState};
use crate::state::{Budget, JoinState, SavedHeader, ShardCounters, read_saved, write_saved};
use crate::window::EventTimeStats;

/// What a map task reports.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MapReport {
    /// Rows that the source gave.
    pub num_input_rows: u64,
    /// Bytes of input.
    pub input_bytes: u64,
    /// One entry for each watermark that saw rows.
    pub event_time: Vec<EventTimeStats>,
    /// What became of the rows.
    #[serde(skip)]
    pub counts: RowCounts,
    /// Rows of the source that were late at each stage.
    #[serde(skip)]
    pub late_rows: BTreeMap<usize, u64>,
}

/// A query that was opened.
pub struct StreamingQuery {
    /// The pipeline.
    pub plan: ResolvedPlan,
    /// The configurations it was planned under.
    pub session: Session,
    /// Its output mode.
    pub mode: OutputMode,
    /// Its flows.
    pub routes: Vec<Route>,
    wanted: WantedColumns,
    /// Its stages, with their state.
    pub stages: Vec<StageState>,
    /// The batches in work, the older one first: while it is reduced and written, splits of the next one are mapped.
    batches: Mutex<Vec<Arc<Batch>>>,
    /// What of its state is in its checkpoint.
    pub state_files: StateFiles,
    last_batch_id: AtomicU64,
    is_failed: AtomicBool,
    /// Which records are kept instead of ending the query.
    pub(crate) diversions: Mutex<Diversions>,
}

/// What [`StreamingQuery::open`] tells about the query: the QueryDescription of docs/design/border.md.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    handle: u32,
    schema: serde_json::Value,
    stages: Vec<serde_json::Value>,
    operators: Vec<OperatorSchema>,
    watermarks: Vec<serde_json::Value>,
    wants_no_data_batch: bool,
    times_known_when_mapped: bool,
    sources: Vec<serde_json::Value>,
}

impl StreamingQuery {
    /// Resolves and checks a plan. Fails with Spark's analysis errors.
    pub fn new(relation: &Relation, session: Session, mode: OutputMode) -> Result<Self> {
        let plan = resolve(relation, &session)?;
        if plan.is_streaming {
            check_streaming(&plan, mode, session.checks_late_rows)?;
        } else {
            check_batch(&plan)?;
        }
        let budget = Arc::new(Budget::new(session.state_bytes_max));
        let stages: Vec<StageState> = plan
            .stages
            .iter()
            .map(|stage| StageState::new(&stage.operator, &session, &budget))
            .collect();
        let (routes, wanted) = routes_of(&plan);
        Ok(Self {
            plan,
            session,
            mode,
            routes,
            wanted,
            stages,
            batches: Mutex::default(),
            state_files: StateFiles::default(),
            last_batch_id: AtomicU64::new(0),
            is_failed: AtomicBool::new(false),
            diversions: Mutex::default(),
        })
    }

    /// Whether rows of a join's left side meet those of the other where they are read: not where records that can't go on
    /// are kept, for those are found before anything is done with their neighbours.
    pub(crate) fn joins_on_the_way(&self, join: &JoinState) -> bool {
        join.is_broadcast() && !self.diversions().bad
    }

    /// Whether every watermark sees its rows in map tasks, so that event times are known before anything is reduced.
    fn times_known_when_mapped(&self) -> bool {
        // Stages that map tasks go through: joins whose rows meet where they are read.
        let mut passed = Vec::with_capacity(self.stages.len());
        for (number, stage) in self.stages.iter().enumerate() {
            let is_join = matches!(stage, StageState::Join(join) if join.is_broadcast());
            let mut into = self.routes.iter().filter(|route| route.stage == number);
            let is_passed = is_join && into.all(|route| is_mapped(route.origin, &passed));
            passed.push(is_passed);
        }
        let sees_times = |route: &&Route| route.steps.iter().any(|step| matches!(step, Step::Watermark { .. }));
        let mut seeing = self.routes.iter().filter(sees_times);
        seeing.all(|route| is_mapped(route.origin, &passed))
    }

    /// The reader that a split is of.
    pub fn source(&self, number: u32) -> Result<&SourceSpec> {
        self.plan
            .sources
            .iter()
            .find(|source| source.number == number)
            .ok_or_else(|| Error::internal(format!("there is no reader {number}")))
    }

    /// Which columns of a reader anything is computed from, by position; nobody looks into the others. Where records are kept,
    /// all of them are shown.
    pub fn wanted_columns(&self, source: &SourceSpec) -> Vec<bool> {
        let Diversions { bad, late } = self.diversions();
        match self.wanted.get(&source.number) {
            Some(wanted) if !bad && !late => wanted.clone(),
            _ => vec![true; source.schema.fields.len()],
        }
    }

    /// Begins a batch. The one right before it may still be in work; what others left unfinished is dropped.
    pub fn begin_batch(&self, id: u64, spec: BatchSpec) -> Result<()> {
        self.check_usable()?;
        if self.plan.redefines_watermark {
            return Err(Error::new(ErrorCode::LegacyErrorTemp3076)
                .with("config", "spark.sql.streaming.statefulOperator.allowMultiple"));
        }
        if let Some(columns) = &self.plan.ambiguous_event_times {
            return Err(Error::new(ErrorCode::MultipleEventTimeColumns).with("eventTimeCols", columns));
        }
        let lacks_equality = |stage: &Stage| matches!(&stage.operator, crate::plan::Operator::Join(spec) if spec.times.is_some() && spec.keys[0].is_empty());
        if self.plan.stages.iter().any(lacks_equality) {
            return Err(Error::new(ErrorCode::LegacyErrorTemp1181));
        }
        let is_global = |stage: &StageState| matches!(stage, StageState::Sessions(sessions) if sessions.grouping.spec.keys.is_empty());
        if self.plan.is_streaming && self.stages.iter().any(is_global) {
            // Spark, too, finds out only when the query runs.
            return Err(Error::new(ErrorCode::LegacyErrorTemp3102).with(
                "msg",
                "Global aggregation with session window in streaming query is not supported.",
            ));
        }
        let batch = Arc::new(Batch::new(id, spec, self.stage_specs(spec)));
        pipeline::map_one_row(self, &batch)?;
        let mut batches = self.batches.lock();
        batches.retain(|begun| begun.id + 1 == id);
        batches.push(batch);
        Ok(())
    }

    pub(crate) fn current(&self, id: u64) -> Result<Arc<Batch>> {
        let batches = self.batches.lock();
        let begun = batches.iter().find(|batch| batch.id == id);
        begun
            .cloned()
            .ok_or_else(|| Error::internal(format!("batch {id} is not one that was begun")))
    }

    /// Fails with STATE_POISONED where the state is not trusted any more.
    pub fn check_usable(&self) -> Result<()> {
        if self.is_failed.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorCode::StatePoisoned));
        }
        Ok(())
    }

    /// A panic or a half-done reduce: the state is not used again.
    pub fn poison(&self) {
        self.is_failed.store(true, Ordering::SeqCst);
    }

    /// Runs one map task; `buffers` are the split's input where it is no file.
    pub fn map_split(&self, batch: u64, task: u32, split: &Split, buffers: &[&[u8]]) -> Result<MapReport> {
        self.check_usable()?;
        let _guard = PoisonOnPanic(self);
        let batch = self.current(batch)?;
        let report = pipeline::map_split(self, &batch, task, split, buffers)?;
        batch.reports.lock().insert(task, report.clone());
        Ok(report)
    }

    /// Runs the reduce tasks of `count` shards of a stage from `first` on; the stages before it must be through. Gives the
    /// event times that watermarks behind the stage saw.
    pub fn reduce_shards(&self, batch: u64, stage: usize, first: usize, count: usize) -> Result<Vec<EventTimeStats>> {
        self.check_usable()?;
        let _guard = PoisonOnPanic(self);
        let batch = self.current(batch)?;
        if stage >= self.stages.len() {
            return Err(Error::internal(format!("there is no stage {stage}")));
        }
        batch.is_reducing.store(true, Ordering::SeqCst);
        self.state_files.begin_changes();
        let mut report = MapReport::default();
        for shard in first..(first + count).min(self.num_shards(stage)) {
            let reduced = pipeline::reduce_shard(self, &batch, (stage, shard), &mut report);
            let counters = reduced.inspect_err(|_| self.poison())?;
            batch.counters.lock().insert((stage, shard), counters);
        }
        Ok(report.event_time)
    }

    /// Hands the groups of `count` shards of a stage from `first` on over to the program's functions; the stages before it
    /// must be through.
    pub fn open_groups(&self, batch: u64, stage: usize, first: usize, count: usize) -> Result<Vec<u8>> {
        self.check_usable()?;
        let _guard = PoisonOnPanic(self);
        let end = (first + count).min(self.num_shards(stage));
        pipeline::open_groups(self, &*self.current(batch)?, stage, first.min(end)..end)
    }

    /// Hands over the rows of a side of a stage whose keys the program computes; the stages before it must be through.
    pub fn open_rows(&self, batch: u64, place: (usize, usize)) -> Result<Vec<u8>> {
        self.check_usable()?;
        let _guard = PoisonOnPanic(self);
        pipeline::open_rows(self, &*self.current(batch)?, place)
    }

    /// Takes in their keys.
    pub fn answer_rows(&self, batch: u64, place: (usize, usize), keys: &[u8]) -> Result<()> {
        self.check_usable()?;
        let _guard = PoisonOnPanic(self);
        pipeline::answer_rows(self, &*self.current(batch)?, place, keys)
    }

    /// Takes in what the program's functions made of them. No state changes before the stage is reduced.
    pub fn answer_groups(&self, batch: u64, stage: usize, first: usize, answer: &[u8]) -> Result<()> {
        self.check_usable()?;
        let _guard = PoisonOnPanic(self);
        pipeline::answer_groups(self, &*self.current(batch)?, stage, first, answer)
    }

    /// When the clock (ms) makes a batch due though no row came: a timer that goes by it, or a value that expires.
    pub fn first_due(&self) -> Option<i64> {
        let programs = self.stages.iter().filter_map(|stage| match stage {
            StageState::Program(program) => program.first_due(),
            _ => None,
        });
        programs.min()
    }

    /// Ends a batch: its rows and counters as an encoded ResultBatch.
    pub fn finish_batch(&self, id: u64) -> Result<Vec<u8>> {
        self.check_usable()?;
        let _guard = PoisonOnPanic(self);
        let batch = self.current(id)?;
        let (columns, rows) = pipeline::collect_output(self, &batch);
        let mut counters = ResultCounters {
            batch_id: id,
            watermark_ms: batch.spec.evict_watermark_ms,
            ..ResultCounters::default()
        };
        let mut late_rows: BTreeMap<usize, u64> = BTreeMap::new();
        for report in batch.reports.lock().values() {
            counters.num_input_rows += report.num_input_rows;
            counters.rows.add(report.counts);
            for (stage, rows) in &report.late_rows {
                *late_rows.entry(*stage).or_default() += rows;
            }
        }
        counters.state_operators = self.state_counters(&batch, &late_rows);
        crate::fault::enter_stage("result");
        let bytes = encode_result(&self.plan.schema, &columns, rows, &counters)?;
        self.last_batch_id.store(id, Ordering::SeqCst);
        self.batches.lock().retain(|begun| begun.id != id);
        Ok(bytes)
    }

    /// The watermarks that each stage goes by: the least of those of what it reads, as Spark hands them on from operator to
    /// operator. The sources have the query's own.
    fn stage_specs(&self, spec: BatchSpec) -> Vec<BatchSpec> {
        // What comes in, and what goes out, of the stages so far.
        let (mut specs, mut given) = (
            Vec::with_capacity(self.stages.len()),
            Vec::with_capacity(self.stages.len()),
        );
        for (stage, state) in self.plan.stages.iter().zip(&self.stages) {
            let flows = stage.inputs.iter().flat_map(|input| &input.flows);
            let own = flows.fold(spec, |least: BatchSpec, flow| match flow.origin {
                Origin::Stage(before) => least.earlier_of(given[before]),
                Origin::Source(_) | Origin::OneRow => least,
            });
            given.push(match state {
                StageState::Join(join) => BatchSpec {
                    late_watermark_ms: join.output_watermark_ms(own.late_watermark_ms),
                    evict_watermark_ms: join.output_watermark_ms(own.evict_watermark_ms),
                    ..own
                },
                _ => own,
            });
            specs.push(own);
        }
        specs
    }

    /// What happened to the state, the operator nearest the sink first.
    fn state_counters(&self, batch: &Batch, late_rows: &BTreeMap<usize, u64>) -> Vec<StateCounters> {
        let counters = batch.counters.lock();
        let of_stage = |(stage, state): (usize, &StageState)| {
            let name = state.operator_name()?;
            let mut sum = ShardCounters::default();
            for (_, shard) in counters.range((stage, 0)..(stage + 1, 0)) {
                sum.add(shard);
            }
            Some(StateCounters {
                operator_name: name.to_string(),
                num_late_input_rows: match state {
                    // Rows come one by one to it.
                    StageState::Keys(_) | StageState::Program(_) => sum.num_rows_dropped_by_watermark,
                    StageState::Join(_) => 0,
                    _ => late_rows.get(&stage).copied().unwrap_or_default(),
                },
                shards: sum,
                num_shards: self.num_shards(stage) as u32,
            })
        };
        self.stages_from_sink()
            .into_iter()
            .filter_map(|stage| of_stage((stage, &self.stages[stage])))
            .collect()
    }

    /// The stages as Spark numbers operators: each before what it reads, left before right.
    fn stages_from_sink(&self) -> Vec<usize> {
        let stage_of = |flow: &Flow| match flow.origin {
            Origin::Stage(stage) => Some(stage),
            Origin::Source(_) | Origin::OneRow => None,
        };
        let mut found = Vec::with_capacity(self.stages.len());
        let mut waiting: Vec<usize> = self.plan.output.iter().rev().filter_map(stage_of).collect();
        while let Some(stage) = waiting.pop() {
            found.push(stage);
            let inputs = self.plan.stages[stage].inputs.iter().rev();
            waiting.extend(inputs.flat_map(|input| input.flows.iter().rev().filter_map(stage_of)));
        }
        found
    }

    /// Drops a batch. Where it had begun to change the state, the query is failed.
    pub fn abort_batch(&self, id: u64) {
        let mut batches = self.batches.lock();
        let Some(position) = batches.iter().position(|begun| begun.id == id) else {
            return;
        };
        let dropped = batches.remove(position);
        if dropped.is_reducing.load(Ordering::SeqCst) && self.stages.iter().any(|stage| stage.operator_name().is_some())
        {
            self.poison();
        }
    }

    /// Shards of a stage; 1 where it keeps no state, and for the sink.
    pub fn num_shards(&self, stage: usize) -> usize {
        self.stages.get(stage).map_or(1, StageState::num_shards)
    }

    fn saved_header(&self, watermark_ms: i64, late_watermark_ms: i64) -> Result<(SavedHeader, &Grouping)> {
        let mut stateful = self.stages.iter().filter(|stage| stage.operator_name().is_some());
        let (Some(StageState::Groups(grouping)), None) = (stateful.next(), stateful.next()) else {
            return Err(Error::new(ErrorCode::ArgumentInvalid)
                .with("function", "saveState")
                .with("reason", "the state of the query is not that of one grouping"));
        };
        let spec = &grouping.spec;
        let header = SavedHeader {
            shape: format!("{:?} {:?} {:?}", spec.event_time, spec.keys, spec.calls),
            num_shards: grouping.shards.len(),
            watermark_ms,
            late_watermark_ms,
            batch_id: self.last_batch_id.load(Ordering::SeqCst),
        };
        Ok((header, grouping))
    }

    /// Writes the state to one durable file, with the watermarks (ms) that the next batch shall run under.
    pub fn save_state(&self, path: &Path, watermark_ms: i64, late_watermark_ms: i64) -> Result<()> {
        self.check_usable()?;
        let (header, grouping) = self.saved_header(watermark_ms, late_watermark_ms)?;
        write_saved(path, &header, &grouping.shards)
    }

    /// Reads the state that [`Self::save_state`] wrote; the query must be new. Returns what it says about itself.
    pub fn load_state(&self, path: &Path) -> Result<SavedHeader> {
        self.check_usable()?;
        let (expected, grouping) = self.saved_header(0, 0)?;
        let header = read_saved(path, &expected, &grouping.shards).inspect_err(|_| self.poison())?;
        self.last_batch_id.store(header.batch_id, Ordering::SeqCst);
        Ok(header)
    }
}

/// Whether map tasks bring rows along the routes that begin here; `passed` says so of stages.
fn is_mapped(origin: Origin, passed: &[bool]) -> bool {
    match origin {
        Origin::Source(_) | Origin::OneRow => true,
        Origin::Stage(stage) => passed.get(stage).copied().unwrap_or_default(),
    }
}

/// After a panic the state may be half updated: the query is failed.
struct PoisonOnPanic<'a>(&'a StreamingQuery);

impl Drop for PoisonOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison();
        }
    }
}

type Registry = RwLock<HashMap<u32, Arc<StreamingQuery>>>;

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(Registry::default)
}

/// Opens a query and returns its description as JSON, handle included.
pub fn open(query: StreamingQuery) -> Result<String> {
    static NEXT_HANDLE: AtomicU32 = AtomicU32::new(1);
    let handle = NEXT_HANDLE.fetch_add(1, Ordering::SeqCst);
    let json_of = |text: String| serde_json::from_str(&text).unwrap_or(serde_json::Value::Null);
    let wants_no_data_batch = query.stages.iter().any(|stage| stage.follows_watermark(query.mode));
    let description = Description {
        handle,
        schema: json_of(schema_to_json(&query.plan.schema)),
        stages: query.stage_descriptions(),
        operators: query.operator_schemas(),
        watermarks: query
            .plan
            .watermarks
            .iter()
            .map(|mark| serde_json::json!({ "node": mark.node, "delayMs": mark.delay_ms, "source": mark.source }))
            .collect(),
        wants_no_data_batch,
        times_known_when_mapped: query.times_known_when_mapped(),
        sources: query
            .plan
            .sources
            .iter()
            .map(|source| {
                serde_json::json!({
                    "source": source.number,
                    "format": source.format,
                    "schema": json_of(schema_to_json(&source.schema)),
                })
            })
            .collect(),
    };
    let text = serde_json::to_string(&description).map_err(|error| Error::internal(error.to_string()))?;
    registry().write().insert(handle, Arc::new(query));
    Ok(text)
}

/// The query with this handle. Fails with QUERY_NOT_ACTIVE.
pub fn get(handle: u32) -> Result<Arc<StreamingQuery>> {
    registry()
        .read()
        .get(&handle)
        .cloned()
        .ok_or_else(|| Error::new(ErrorCode::QueryNotActive).with("name", format!("#{handle}")))
}

/// Closes a query: its state goes once the last task on it has ended.
pub fn close(handle: u32) {
    let query = registry().write().remove(&handle);
    // Every thread ends before its query does. What a snapshot failed with does not matter any more: it was a shortcut.
    if let Some(query) = query {
        let _ = query.finish_snapshots();
    }
}

/// Columns and their number of rows.
pub type Rows = (Vec<ArrayRef>, usize);
