//! What became of the rows that the sources gave: none is lost without being counted.

use crate::divert::{Diversions, Diverted, bad_rows, bad_schema, late_rows, late_schema};
use crate::error::Result;
use crate::query::{Batch, StreamingQuery};
use crate::result::{ResultCounters, encode_result};

/// Rows of the sources, once for each scan: `input` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// All.
    pub input: u64,
    /// Those that the first stage, or the sink, took in.
    pub processed: u64,
    /// Those of which filters, or the lack of an event time, left nothing.
    pub filtered: u64,
    /// Those behind the watermark, in all their windows where there are some.
    pub late: u64,
    /// Those that raised, and were kept aside.
    pub bad: u64,
}

impl RowCounts {
    /// Adds other rows.
    pub fn add(&mut self, other: RowCounts) {
        self.input += other.input;
        self.processed += other.processed;
        self.filtered += other.filtered;
        self.late += other.late;
        self.bad += other.bad;
    }
}

/// Which of a batch's diverted records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DivertedKind {
    /// Those whose evaluation raised.
    Bad,
    /// Those that came too late.
    Late,
}

impl Batch {
    /// Keeps what a route of a map task diverted; a task that runs again does so as a whole, for each of its routes.
    pub(crate) fn divert(&self, task: u32, diverted: Diverted) {
        if diverted.bad.is_empty() && diverted.late.is_empty() {
            return;
        }
        let mut all = self.diverted.lock();
        let of_task = all.entry(task).or_default();
        of_task.bad.extend(diverted.bad);
        of_task.late.extend(diverted.late);
    }
}

impl StreamingQuery {
    /// Says which records are kept instead of ending the query; before its first batch.
    pub fn divert(&self, diversions: Diversions) {
        *self.diversions.lock() = diversions;
    }

    pub(crate) fn diversions(&self) -> Diversions {
        *self.diversions.lock()
    }

    /// The diverted records of a batch that is not finished, as an encoded ResultBatch.
    pub fn diverted(&self, id: u64, kind: DivertedKind) -> Result<Vec<u8>> {
        self.check_usable()?;
        let batch = self.current(id)?;
        let diverted = batch.diverted.lock();
        let (schema, (columns, rows)) = match kind {
            DivertedKind::Bad => {
                let bad: Vec<_> = diverted.values().flat_map(|task| task.bad.iter().cloned()).collect();
                (bad_schema(), bad_rows(&bad))
            }
            DivertedKind::Late => {
                let late: Vec<_> = diverted.values().flat_map(|task| task.late.iter().cloned()).collect();
                (late_schema(), late_rows(&late))
            }
        };
        let counters = ResultCounters {
            batch_id: id,
            watermark_ms: batch.spec.evict_watermark_ms,
            ..ResultCounters::default()
        };
        let columns: Vec<_> = columns.into_iter().map(|column| vec![column]).collect();
        encode_result(&schema, &columns, rows, &counters)
    }

    /// What TypeScript must know of each stage.
    pub(crate) fn stage_descriptions(&self) -> Vec<serde_json::Value> {
        let stages = self.stages.iter().zip(&self.plan.stages);
        stages.map(|(state, stage)| state.describe(&stage.operator)).collect()
    }

    /// What was observed in a batch that is not finished: JSON of metrics by name.
    pub fn observed(&self, id: u64) -> Result<String> {
        let batch = self.current(id)?;
        let observed = batch.observed.lock();
        let metrics: Vec<String> = observed
            .iter()
            .map(|(name, metrics)| format!("{}:{metrics}", serde_json::json!(name)))
            .collect();
        Ok(format!("{{{}}}", metrics.join(",")))
    }
}
