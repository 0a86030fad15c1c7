//! A shard's part of a join in a batch.
//!
//! Where one side is no stream nothing is kept: the right side is indexed, the left one looked up in it. Two streams are
//! Spark's symmetric hash join: the new rows of each side meet what is kept of the other, then are kept themselves until
//! the watermark says that no partner can come any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, ArrayRef, new_null_array};
use arrow_buffer::BooleanBuffer;
use parking_lot::Mutex;

use super::exchange::{rows_of, split_by_key};
use super::join_index::RowRef;
use super::join_side::{Chunk, JoinSide};
use super::join_versions::JoinShard;
use super::reading::{KeyCells, SideShape, StateShape};
use super::{Budget, GroupKeys, KeyCodec, ShardCounters, fates_of_rows};
use crate::aggregate::Fate;
use crate::checkpoint::OperatorSchema;
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, Kind, true_rows};
use crate::plan::{JoinSpec, JoinTimes, JoinType};
use crate::query::{BatchSpec, Rows};

/// Pairs that are looked at together.
pub(super) const PAIRS_AT_ONCE: usize = 32_768;

/// A join with what it keeps between batches.
pub struct JoinState {
    spec: JoinSpec,
    codec: KeyCodec,
    shards: Vec<Mutex<[JoinSide; 2]>>,
}

impl JoinState {
    /// Nothing kept yet. Without keys all rows must meet: there is one shard.
    pub fn new(spec: JoinSpec, shards: usize, budget: Arc<Budget>) -> Self {
        let key_types: Vec<_> = spec.keys[0].iter().map(|key| key.data_type.clone()).collect();
        let shards = if key_types.is_empty() || spec.is_broadcast {
            1
        } else {
            shards
        };
        let side = |side: usize| JoinSide::new(spec.types[side].clone(), Arc::clone(&budget));
        Self {
            codec: KeyCodec::new(&key_types),
            shards: (0..shards).map(|_| Mutex::new([side(0), side(1)])).collect(),
            spec,
        }
    }

    /// Whether the rows of its right side are looked up where those of its left side are read.
    pub fn is_broadcast(&self) -> bool {
        self.spec.is_broadcast
    }

    /// What rows of a side are late by, where the watermark passes any.
    pub fn event_time(&self, side: usize) -> Option<&Expr> {
        self.spec.times.as_ref()?.event_times[side].as_ref()
    }

    /// Its type.
    pub(super) fn join_type(&self) -> JoinType {
        self.spec.join_type
    }

    /// What must hold beside the keys.
    pub(super) fn conditions(&self) -> &[Expr] {
        &self.spec.conditions
    }

    /// Number of shards.
    pub fn num_shards(&self) -> usize {
        self.shards.len()
    }

    /// Whether rows are kept between batches.
    pub fn is_stateful(&self) -> bool {
        self.spec.times.is_some()
    }

    /// Whether a moved watermark alone can bring rows out or let some go.
    pub fn is_bounded(&self) -> bool {
        self.spec
            .times
            .as_ref()
            .is_some_and(|times| times.bounds.iter().any(Option::is_some))
    }

    /// A shard, for its checkpoint.
    pub fn lock_shard(&self, shard: usize) -> Option<JoinShard<'_>> {
        let sides = self.shards.get(shard)?.lock();
        Some(JoinShard { join: self, sides })
    }

    /// What a checkpoint knows it by; none where nothing is kept.
    pub fn schema(&self, name: &str) -> Option<OperatorSchema> {
        self.is_stateful().then(|| OperatorSchema {
            name: name.to_string(),
            num_shards: self.num_shards(),
            keys: self.spec.keys[0].iter().map(|key| key.data_type.sql()).collect(),
            values: self.spec.types.iter().flatten().map(DataType::sql).collect(),
            // What has been given out, and so need not be kept, depends on it.
            properties: BTreeMap::from([("joinType".to_string(), format!("{:?}", self.spec.join_type))]),
            rows: StateShape {
                sides: Some([self.side_shape(0), self.side_shape(1)]),
                ..StateShape::default()
            },
        })
    }

    /// How the rows of a side read.
    pub(super) fn side_shape(&self, side: usize) -> SideShape {
        let column_of = |key: &Expr| match key.kind {
            Kind::Column(position) => Some(position),
            _ => None,
        };
        SideShape {
            columns: self.spec.names[side].clone(),
            keys: self.spec.keys[side].iter().map(column_of).collect(),
        }
    }

    /// What makes cells of its keys.
    pub(super) fn key_cells(&self) -> KeyCells {
        let types: Vec<_> = self.spec.keys[0].iter().map(|key| key.data_type.clone()).collect();
        KeyCells::new(&types)
    }

    /// The watermark of what comes out, under that of what goes in: rows may wait as long as the bounds of both sides say.
    pub fn output_watermark_ms(&self, watermark_ms: i64) -> i64 {
        let bounds = self.spec.times.iter().flat_map(|times| times.bounds.iter().flatten());
        bounds
            .map(|bound| bound.threshold_ms(watermark_ms))
            .fold(watermark_ms, i64::min)
    }

    /// Cuts rows of a side by the shard of their keys.
    pub fn split(&self, side: usize, columns: &[ArrayRef], rows: usize) -> Result<Vec<Rows>> {
        if self.shards.len() == 1 {
            return Ok(vec![(columns.to_vec(), rows)]);
        }
        let keys = self.encode(side, columns, rows)?;
        split_by_key(&keys, columns, rows, self.shards.len())
    }

    /// Joins what a batch brought to a shard: the rows of both sides, in pieces that are not empty.
    pub fn reduce(
        &self,
        shard: usize,
        [left, right]: [Vec<Rows>; 2],
        batch: BatchSpec,
    ) -> Result<(Vec<Rows>, ShardCounters)> {
        let mut sides = self.shards[shard].lock();
        for (side, pieces) in sides.iter_mut().zip([&left, &right]) {
            side.begin_batch(pieces.iter().map(|(_, rows)| rows).sum());
        }
        let mut output = Vec::new();
        let mut counters = ShardCounters::default();
        match &self.spec.times {
            None => self.join_once(&mut sides, left, right, &mut output)?,
            Some(times) => {
                if times.ambiguous.is_some() && !(left.is_empty() && right.is_empty()) {
                    return Err(Error::new(ErrorCode::MultipleEventTimeColumns)
                        .with("eventTimeCols", times.ambiguous.as_deref().unwrap_or_default()));
                }
                let mut inputs = [(0, left), (1, right)];
                if self.spec.join_type == JoinType::LeftSemi {
                    // A row of the left side that meets one of its own batch is not kept at all.
                    inputs.reverse();
                }
                for (side, pieces) in inputs {
                    for rows in pieces {
                        self.take_in(&mut sides, side, rows, times, batch, &mut output, &mut counters)?;
                    }
                }
                self.evict(&mut sides, times, batch, &mut output, &mut counters)?;
                counters.num_rows_total = sides.iter().map(|side| side.len() as u64).sum();
                counters.memory_used_bytes = sides.iter().map(JoinSide::bytes).sum();
            }
        }
        Ok((output, counters))
    }

    /// A join of rows that are all there.
    fn join_once(
        &self,
        sides: &mut [JoinSide; 2],
        left: Vec<Rows>,
        right: Vec<Rows>,
        output: &mut Vec<Rows>,
    ) -> Result<()> {
        let join_type = self.spec.join_type;
        let [_, kept] = sides;
        for rows in right {
            let (right, hopeless) = self.chunk(1, rows, None)?;
            kept.store(right)?;
            if join_type.keeps_right() {
                output.push(self.beside_nulls(1, hopeless)?);
            }
        }
        let mut alone = Vec::new();
        for rows in left {
            let (mut left, hopeless) = self.chunk(0, rows, None)?;
            self.probe(0, &mut left, kept, output)?;
            if join_type.keeps_left() || join_type == JoinType::LeftAnti {
                let rows = (0..left.rows as u32).filter(|&row| !left.is_matched[row as usize]);
                alone.extend([rows_of(&left.columns, rows.collect())?, hopeless]);
            }
        }
        for rows in alone {
            output.push(if join_type.keeps_left() {
                self.beside_nulls(0, rows)?
            } else {
                rows
            });
        }
        if join_type.keeps_right() {
            let rows = unmatched(kept, kept.live_rows());
            output.push(self.beside_nulls(1, (kept.rows(&rows)?, rows.len()))?);
        }
        kept.clear();
        Ok(())
    }

    /// New rows of one side of a stream-stream join.
    #[expect(clippy::too_many_arguments, reason = "a step of reduce, which holds them all")]
    fn take_in(
        &self,
        sides: &mut [JoinSide; 2],
        side: usize,
        rows: Rows,
        times: &JoinTimes,
        batch: BatchSpec,
        output: &mut Vec<Rows>,
        counters: &mut ShardCounters,
    ) -> Result<()> {
        let (rows, dropped) = self.without_late(side, rows, batch.late_watermark_ms)?;
        counters.num_rows_dropped_by_watermark += dropped;
        let (mut chunk, hopeless) = self.chunk(side, rows, times.bounds[side].as_ref().map(|bound| &bound.time))?;
        self.probe(side, &mut chunk, &mut sides[1 - side], output)?;
        if self.spec.join_type.keeps(side) {
            output.push(self.beside_nulls(side, hopeless)?);
        }
        if self.spec.join_type == JoinType::LeftSemi {
            // A row of the left side that has met its partner is done with.
            if side == 0 {
                let waiting: Vec<u32> = (0..chunk.rows as u32)
                    .filter(|&row| !chunk.is_matched[row as usize])
                    .collect();
                chunk = chunk.select(&waiting, |columns, rows| self.encode(side, columns, rows))?;
            } else {
                let done: Vec<RowRef> = sides[0].matched_rows();
                counters.num_rows_removed += done.len() as u64;
                sides[0].remove(&done, |columns, rows| self.encode(0, columns, rows))?;
            }
        }
        // Rows of the left side that the watermark has passed are kept until the end of the batch: the other side may bring a
        // partner. Of the right side only those are that come out for want of a partner, so that a semi join, where the right
        // side is first, finds no partner among the others.
        if let (1, Some(bound)) = (side, &times.bounds[side]) {
            let threshold = bound.threshold_micros(batch.evict_watermark_ms);
            let waits = self.spec.join_type.keeps(side);
            let is_needed = |row: &u32| {
                let row = *row as usize;
                chunk.times[row].is_none_or(|time| time > threshold) || (waits && !chunk.is_matched[row])
            };
            let needed: Vec<u32> = (0..chunk.rows as u32).filter(is_needed).collect();
            if needed.len() < chunk.rows {
                chunk = chunk.select(&needed, |columns, rows| self.encode(side, columns, rows))?;
            }
        }
        counters.num_rows_updated += chunk.rows as u64;
        sides[side].store(chunk)
    }

    /// Lets go of rows that no partner can come for; those of an outer side come out.
    fn evict(
        &self,
        sides: &mut [JoinSide; 2],
        times: &JoinTimes,
        batch: BatchSpec,
        output: &mut Vec<Rows>,
        counters: &mut ShardCounters,
    ) -> Result<()> {
        for (side, kept) in sides.iter_mut().enumerate() {
            let Some(bound) = &times.bounds[side] else { continue };
            let past = kept.rows_until(bound.threshold_micros(batch.evict_watermark_ms));
            if past.is_empty() {
                continue;
            }
            if self.spec.join_type.keeps(side) {
                let alone = unmatched(kept, past.clone());
                output.push(self.beside_nulls(side, (kept.rows(&alone)?, alone.len()))?);
            }
            counters.num_rows_removed += past.len() as u64;
            kept.remove(&past, |columns, rows| self.encode(side, columns, rows))?;
        }
        Ok(())
    }

    /// Rows of a side with their keys; apart from them those that a condition on their side alone keeps from any match.
    pub(super) fn chunk(&self, side: usize, (columns, rows): Rows, time: Option<&Expr>) -> Result<(Chunk, Rows)> {
        let hopeful = conjunction(&self.spec.side_conditions[side], &columns, rows)?;
        let pick = |wanted: bool| -> Result<Rows> {
            let picked = (0..rows as u32).filter(|&row| hopeful.value(row as usize) == wanted);
            rows_of(&columns, picked.collect())
        };
        let (hopeless, (columns, rows)) = if hopeful.count_set_bits() == rows {
            (rows_of(&columns, Vec::new())?, (columns, rows))
        } else {
            (pick(false)?, pick(true)?)
        };
        let has_key = self.has_key(side, &columns, rows)?;
        let times = match time {
            Some(time) => {
                let times = time.evaluate(&columns, rows)?.into_array(rows)?;
                times.as_primitive::<TimestampMicrosecondType>().iter().collect()
            }
            None => vec![None; rows],
        };
        let chunk = Chunk {
            keys: self.encode(side, &columns, rows)?,
            has_key: has_key.iter().collect(),
            times,
            is_matched: vec![false; rows],
            columns,
            rows,
        };
        Ok((chunk, hopeless))
    }

    /// The rows of a side that no null keeps from a partner.
    fn has_key(&self, side: usize, columns: &[ArrayRef], rows: usize) -> Result<BooleanBuffer> {
        let mut has_key = BooleanBuffer::new_set(rows);
        for (key, null_safe) in self.spec.keys[side].iter().zip(&self.spec.null_safe) {
            let values = key.evaluate(columns, rows)?.into_array(rows)?;
            // Spark's state finds null under null: only the filters on nullable sides keep such rows apart.
            if let (false, false, Some(nulls)) = (null_safe, self.is_stateful(), values.logical_nulls()) {
                has_key = &has_key & nulls.inner();
            }
        }
        Ok(has_key)
    }

    /// The rows of a side that may have a partner at all.
    pub(super) fn can_meet(&self, side: usize, columns: &[ArrayRef], rows: usize) -> Result<BooleanBuffer> {
        let hopeful = conjunction(&self.spec.side_conditions[side], columns, rows)?;
        Ok(&hopeful & &self.has_key(side, columns, rows)?)
    }

    /// The keys of rows of a side.
    pub(super) fn encode(&self, side: usize, columns: &[ArrayRef], rows: usize) -> Result<GroupKeys> {
        let keys = self.spec.keys[side]
            .iter()
            .map(|key| key.evaluate(columns, rows)?.into_array(rows))
            .collect::<Result<Vec<_>>>()?;
        Ok(self.codec.encode(&keys, rows))
    }

    /// Lets rows of a side meet what is kept of the other; both get their marks, pairs come out.
    fn probe(&self, side: usize, probe: &mut Chunk, kept: &mut JoinSide, output: &mut Vec<Rows>) -> Result<()> {
        let mut pairs: Vec<(u32, RowRef)> = Vec::new();
        for row in 0..probe.rows {
            kept.add_pairs(probe, row, &mut pairs);
            if pairs.len() >= PAIRS_AT_ONCE {
                self.meet(side, probe, kept, std::mem::take(&mut pairs), output)?;
            }
        }
        self.meet(side, probe, kept, pairs, output)
    }

    fn meet(
        &self,
        side: usize,
        probe: &mut Chunk,
        kept: &mut JoinSide,
        mut pairs: Vec<(u32, RowRef)>,
        output: &mut Vec<Rows>,
    ) -> Result<()> {
        let joined = |pairs: &[(u32, RowRef)], probe: &Chunk, kept: &JoinSide| -> Result<Vec<ArrayRef>> {
            let own = rows_of(&probe.columns, pairs.iter().map(|(row, _)| *row).collect())?.0;
            let other = kept.rows(&pairs.iter().map(|(_, at)| *at).collect::<Vec<_>>())?;
            let (left, right) = if side == 0 { (own, other) } else { (other, own) };
            Ok(left.into_iter().chain(right).collect())
        };
        let mut columns = None;
        if !self.spec.conditions.is_empty() && !pairs.is_empty() {
            let found = joined(&pairs, probe, kept)?;
            let holds = conjunction(&self.spec.conditions, &found, pairs.len())?;
            if holds.count_set_bits() == pairs.len() {
                columns = Some(found);
            } else {
                pairs = holds.set_indices().map(|index| pairs[index]).collect();
            }
        }
        if pairs.is_empty() {
            return Ok(());
        }
        let is_semi = self.spec.join_type == JoinType::LeftSemi;
        let mut first_matches = Vec::new();
        for &(row, at) in &pairs {
            let is_first = if side == 0 {
                !probe.is_matched[row as usize]
            } else {
                !kept.is_matched(at)
            };
            if is_semi && is_first {
                first_matches.push((row, at));
            }
            probe.is_matched[row as usize] = true;
            kept.set_matched(at);
        }
        match self.spec.join_type {
            JoinType::LeftAnti => {}
            JoinType::LeftSemi if side == 0 => {
                output.push(rows_of(
                    &probe.columns,
                    first_matches.iter().map(|(row, _)| *row).collect(),
                )?);
            }
            JoinType::LeftSemi => {
                let rows: Vec<RowRef> = first_matches.iter().map(|(_, at)| *at).collect();
                output.push((kept.rows(&rows)?, rows.len()));
            }
            _ => {
                let columns = match columns {
                    Some(columns) => columns,
                    None => joined(&pairs, probe, kept)?,
                };
                output.push((columns, pairs.len()));
            }
        }
        Ok(())
    }

    /// The rows of a side that are not late, and how many are.
    fn without_late(&self, side: usize, (columns, rows): Rows, watermark_ms: i64) -> Result<(Rows, u64)> {
        let Some(fates) = fates_of_rows(self.event_time(side), &columns, rows, watermark_ms)? else {
            return Ok(((columns, rows), 0));
        };
        let is_kept = |row: &u32| fates.fates[*row as usize] == Fate::Kept;
        let kept: Vec<u32> = (0..rows as u32).filter(is_kept).collect();
        let dropped = (rows - kept.len()) as u64;
        let rows = if dropped == 0 {
            (columns, rows)
        } else {
            rows_of(&columns, kept)?
        };
        Ok((rows, dropped))
    }

    /// Rows of a side with nulls for the columns of the other.
    fn beside_nulls(&self, side: usize, (own, rows): Rows) -> Result<Rows> {
        let other = self.spec.types[1 - side].iter();
        let other: Vec<ArrayRef> = other
            .map(|data_type| new_null_array(&data_type.to_arrow(), rows))
            .collect();
        let (left, right) = if side == 0 { (own, other) } else { (other, own) };
        Ok((left.into_iter().chain(right).collect(), rows))
    }
}

/// The rows of a side that never met another.
fn unmatched(side: &JoinSide, rows: Vec<RowRef>) -> Vec<RowRef> {
    rows.into_iter().filter(|&at| !side.is_matched(at)).collect()
}

/// Where all conditions hold.
pub(super) fn conjunction(conditions: &[Expr], columns: &[ArrayRef], rows: usize) -> Result<BooleanBuffer> {
    let mut holds = BooleanBuffer::new_set(rows);
    for condition in conditions {
        let truth = condition.evaluate(columns, rows)?.into_array(rows)?;
        holds = &holds & &true_rows(truth.as_boolean());
    }
    Ok(holds)
}
