//! The batch in work: what its tasks leave for each other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use serde::Deserialize;

use crate::divert::Diverted;
use crate::error::Result;
use crate::pipeline::Partial;
use crate::query::MapReport;
use crate::state::{JoinTable, OpenFolds, OpenGroups, ShardCounters};

/// What a batch is run under; milliseconds since 1970.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchSpec {
    /// Rows of windows that end at or before this are late: the watermark of the batch before.
    pub late_watermark_ms: i64,
    /// Windows that end at or before this are closed: the watermark of this batch.
    pub evict_watermark_ms: i64,
    /// The batch's processing time.
    pub batch_timestamp_ms: i64,
}

impl BatchSpec {
    /// The earlier watermarks of both.
    pub(crate) fn earlier_of(self, other: Self) -> Self {
        Self {
            late_watermark_ms: self.late_watermark_ms.min(other.late_watermark_ms),
            evict_watermark_ms: self.evict_watermark_ms.min(other.evict_watermark_ms),
            ..self
        }
    }
}

/// Who left a partial with a stage: the order of senders is the order of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// A map task.
    Task(u32),
    /// A reduce task of a stage before.
    Shard {
        /// The stage.
        stage: usize,
        /// Its shard.
        shard: usize,
    },
}

/// Names a partial. They are taken in this order, whichever worker was first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartialKey {
    /// The stage it is for; the number of stages stands for the sink.
    pub stage: usize,
    /// The side of the stage.
    pub side: usize,
    /// The route it came by.
    pub route: usize,
    /// Who left it.
    pub sender: Sender,
}

/// The batch in work.
pub struct Batch {
    /// Its id.
    pub id: u64,
    /// What it runs under.
    pub spec: BatchSpec,
    /// What each stage runs under: a join lets rows out later than the watermark says.
    stage_specs: Vec<BatchSpec>,
    /// Records that did not go on, by map task.
    pub(crate) diverted: Mutex<BTreeMap<u32, Diverted>>,
    pub(crate) observed: Mutex<BTreeMap<String, String>>,
    /// What tasks have left for the stages behind them.
    pub partials: Mutex<BTreeMap<PartialKey, Arc<Partial>>>,
    /// What map tasks reported.
    pub(crate) reports: Mutex<BTreeMap<u32, MapReport>>,
    pub(crate) counters: Mutex<BTreeMap<(usize, usize), ShardCounters>>,
    /// The static sides of joins that are looked up where rows are read, by stage.
    tables: Mutex<BTreeMap<usize, Arc<JoinTable>>>,
    /// Groups that the program's functions work on, by stage and first shard.
    pub groups: Mutex<BTreeMap<(usize, usize), Arc<OpenGroups>>>,
    /// Groups that the program's own aggregates work on, by stage and first shard.
    pub folds: Mutex<BTreeMap<(usize, usize), Arc<OpenFolds>>>,
    /// Whether any state may have changed.
    pub(crate) is_reducing: AtomicBool,
}

impl Batch {
    /// Nothing was done yet.
    pub(crate) fn new(id: u64, spec: BatchSpec, stage_specs: Vec<BatchSpec>) -> Self {
        Self {
            id,
            spec,
            stage_specs,
            diverted: Mutex::default(),
            observed: Mutex::default(),
            partials: Mutex::default(),
            reports: Mutex::default(),
            counters: Mutex::default(),
            tables: Mutex::default(),
            groups: Mutex::default(),
            folds: Mutex::default(),
            is_reducing: AtomicBool::new(false),
        }
    }

    /// What a stage runs under.
    pub fn spec_of(&self, stage: usize) -> BatchSpec {
        self.stage_specs.get(stage).copied().unwrap_or(self.spec)
    }

    /// The static side of a join, made by whoever comes first.
    pub fn table_of(&self, stage: usize, make: impl FnOnce() -> Result<JoinTable>) -> Result<Arc<JoinTable>> {
        let mut tables = self.tables.lock();
        if let Some(table) = tables.get(&stage) {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(make()?);
        tables.insert(stage, Arc::clone(&table));
        Ok(table)
    }

    /// What was left for a side of a stage, in order.
    pub fn partials_of(&self, stage: usize, side: usize) -> Vec<Arc<Partial>> {
        let partials = self.partials.lock();
        let of_stage = partials
            .iter()
            .filter(|(key, _)| (key.stage, key.side) == (stage, side));
        of_stage.map(|(_, partial)| Arc::clone(partial)).collect()
    }
}
