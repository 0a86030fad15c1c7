//! A shard's part of a deduplication: drop what is late, let the first row of each new key through, forget expired keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef};
use parking_lot::Mutex;

use super::exchange::{rows_of, split_by_key};
use super::reading::StateShape;
use super::{Budget, GroupKeys, KeyCodec, NEVER, SeenKeys, ShardCounters};
use crate::checkpoint::OperatorSchema;
use crate::error::Result;
use crate::plan::{DedupSpec, KeyLifetime};
use crate::query::{BatchSpec, Rows};

/// The state of a deduplication.
pub struct Deduplication {
    /// As resolved.
    pub spec: DedupSpec,
    /// How keys are encoded.
    pub keys: KeyCodec,
    /// The keys that were seen, by shard.
    pub shards: Vec<Mutex<SeenKeys>>,
}

impl Deduplication {
    /// No keys yet, `shards` shards, its bytes charged to `budget`.
    pub fn new(spec: DedupSpec, shards: usize, budget: Arc<Budget>) -> Self {
        let key_types: Vec<_> = spec.keys.iter().map(|key| key.data_type.clone()).collect();
        Self {
            keys: KeyCodec::new(&key_types),
            shards: (0..shards)
                .map(|_| Mutex::new(SeenKeys::new(Arc::clone(&budget))))
                .collect(),
            spec,
        }
    }

    /// Spark's name of the operator.
    pub fn operator_name(&self) -> &'static str {
        if self.spec.within_watermark {
            "dedupeWithinWatermark"
        } else {
            "dedupe"
        }
    }

    /// What a checkpoint knows it by.
    pub fn schema(&self) -> OperatorSchema {
        OperatorSchema {
            name: self.operator_name().to_string(),
            num_shards: self.shards.len(),
            keys: self.spec.keys.iter().map(|key| key.data_type.sql()).collect(),
            values: Vec::new(),
            properties: BTreeMap::new(),
            rows: StateShape {
                keys: self.spec.key_names.clone(),
                ..StateShape::default()
            },
        }
    }

    /// When a key expires whose first row has this event time.
    fn expiry(&self, time: Option<i64>) -> i64 {
        match self.spec.lifetime {
            KeyLifetime::Forever => NEVER,
            KeyLifetime::EventTime => time.unwrap_or(NEVER),
            // Spark reads a null event time as 1970.
            KeyLifetime::Delay(delay) => time.unwrap_or(0).saturating_add(delay),
        }
    }

    /// Cuts rows by the shard of their keys.
    pub fn split(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<Rows>> {
        if self.shards.len() == 1 {
            return Ok(vec![(columns.to_vec(), rows)]);
        }
        split_by_key(&self.encode(columns, rows)?, columns, rows, self.shards.len())
    }

    /// Reduces one shard of a batch: gives the rows that come out, in the order they came.
    pub fn reduce(
        &self,
        (batch_id, batch): (u64, BatchSpec),
        shard: usize,
        (columns, rows): Rows,
    ) -> Result<(Rows, ShardCounters)> {
        let mut counters = ShardCounters::default();
        let mut seen = self.shards[shard].lock();
        seen.begin_batch()?;
        let keys = self.encode(&columns, rows)?;
        let times = match &self.spec.event_time {
            Some(time) => Some(time.evaluate(&columns, rows)?.into_array(rows)?),
            None => None,
        };
        let times = times
            .as_ref()
            .map(|times| times.as_primitive::<TimestampMicrosecondType>());
        let late_until = batch.late_watermark_ms.saturating_mul(1000);
        let mut first_rows: Vec<u32> = Vec::new();
        for row in 0..rows {
            let time = times.filter(|times| times.is_valid(row)).map(|times| times.value(row));
            if time.is_some_and(|time| time <= late_until) {
                counters.num_rows_dropped_by_watermark += 1;
            } else if seen.insert(batch_id, keys.get(row), self.expiry(time))? {
                first_rows.push(row as u32);
            } else {
                counters.num_dropped_duplicate_rows += 1;
            }
        }
        counters.num_rows_updated = first_rows.len() as u64;
        if self.spec.lifetime != KeyLifetime::Forever {
            counters.num_rows_removed = seen.evict(batch_id, batch.evict_watermark_ms.saturating_mul(1000));
        }
        counters.num_rows_total = seen.len();
        counters.memory_used_bytes = seen.bytes();
        Ok((rows_of(&columns, first_rows)?, counters))
    }

    fn encode(&self, columns: &[ArrayRef], rows: usize) -> Result<GroupKeys> {
        let keys = self
            .spec
            .keys
            .iter()
            .map(|key| key.evaluate(columns, rows)?.into_array(rows))
            .collect::<Result<Vec<_>>>()?;
        Ok(self.keys.encode(&keys, rows))
    }
}
