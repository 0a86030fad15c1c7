//! The journey of a batch on one screen: map tasks turn splits into partial groups, reduce tasks turn those into state
//! and results. The stages know nothing of each other.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_select::concat::concat;

use crate::aggregate::PartialGroups;
use crate::column::DataType;
use crate::error::Result;
use crate::expr::StepRunner;
use crate::query::{Batch, MapReport, Rows, StreamingQuery};
use crate::source::{Split, read_split};
use crate::state::{ShardCounters, reduce_groups};

/// What a map task leaves for the reduce tasks.
pub struct Partial {
    /// Partial groups, where the query groups.
    pub groups: Option<PartialGroups>,
    /// Rows for the sink, where it does not.
    pub rows: Vec<Rows>,
    /// What it saw.
    pub report: MapReport,
}

/// What a reduce task leaves for the sink.
#[derive(Default)]
pub struct ShardOutput {
    /// Rows by the start of their window, in order.
    pub pieces: Vec<(i64, Rows)>,
    /// What happened to the shard.
    pub counters: ShardCounters,
}

/// A map task: source → parse → expr → window → aggregate, a chunk at a time.
pub fn map_split(
    query: &StreamingQuery,
    batch: &Batch,
    split: &Split,
    bytes: Option<&[u8]>,
) -> Result<(Partial, MapReport)> {
    crate::fault::enter_stage("source");
    let source = query.source(split.source())?;
    let mut steps = StepRunner::new(&query.plan.steps);
    let mut groups = query
        .grouping
        .as_ref()
        .map(|grouping| PartialGroups::new(grouping, query.mode, batch.spec));
    let mut rows = Vec::new();
    let mut report = MapReport::default();
    report.input_bytes = read_split(split, bytes, source, &query.session.zone, |chunk| {
        report.num_input_rows += chunk.rows as u64;
        crate::fault::enter_stage("expr");
        let place = chunk.place;
        let traced = steps
            .run(chunk.columns, chunk.rows)
            .and_then(|(columns, count)| match &mut groups {
                Some(groups) => groups.push(&columns, count),
                None => {
                    rows.push((columns, count));
                    Ok(())
                }
            });
        // An error names a row of the chunk as it stood; the steps know which record that was.
        traced.map_err(|error| match error.row() {
            Some(row) => place.describe(error, steps.input_row(row)),
            None => error,
        })
    })?;
    report.event_time = steps.event_times();
    report.num_filtered_rows = steps.num_filtered_rows();
    report.num_late_rows = groups.as_ref().map_or(0, PartialGroups::num_late_rows);
    if let Some(groups) = &mut groups {
        groups.split_by_shard(query.num_shards());
    }
    Ok((
        Partial {
            groups,
            rows,
            report: report.clone(),
        },
        report,
    ))
}

/// The map task of a query that reads nothing: one row without columns.
pub fn map_one_row(query: &StreamingQuery, batch: &Batch) -> Result<(Partial, MapReport)> {
    let mut groups = query
        .grouping
        .as_ref()
        .map(|grouping| PartialGroups::new(grouping, query.mode, batch.spec));
    let (columns, count) = StepRunner::new(&query.plan.steps).run(Vec::new(), 1)?;
    let mut rows = Vec::new();
    match &mut groups {
        Some(groups) => {
            groups.push(&columns, count)?;
            groups.split_by_shard(query.num_shards());
        }
        None => rows.push((columns, count)),
    }
    Ok((
        Partial {
            groups,
            rows,
            report: MapReport::default(),
        },
        MapReport::default(),
    ))
}

/// A reduce task: partial groups → state → result rows of one shard.
pub fn reduce_shard(query: &StreamingQuery, batch: &Batch, shard: usize) -> Result<ShardOutput> {
    crate::fault::enter_stage("state");
    let Some(grouping) = &query.grouping else {
        return Ok(ShardOutput::default());
    };
    let partials: Vec<Arc<Partial>> = batch.partials.lock().values().cloned().collect();
    let mut output = reduce_groups(grouping, query.mode, batch, shard, &partials)?;
    for (_, rows) in &mut output.pieces {
        let (columns, count) = std::mem::take(rows);
        *rows = run_result_steps(query, columns, count)?;
    }
    Ok(output)
}

/// The rows of a batch for the sink: windows in order, within a window shard by shard.
pub fn collect_output(query: &StreamingQuery, batch: &Batch) -> Result<Rows> {
    let mut pieces: Vec<(i64, Rows)> = Vec::new();
    for output in batch.outputs.lock().values_mut() {
        pieces.append(&mut output.pieces);
    }
    // Stable: shards stay in order.
    pieces.sort_by_key(|(start, _)| *start);
    if query.grouping.is_none() {
        for partial in batch.partials.lock().values() {
            pieces.extend(partial.rows.iter().cloned().map(|rows| (0, rows)));
        }
    }
    let types: Vec<DataType> = match query.plan.steps_output() {
        Some(types) => types,
        None => query
            .plan
            .schema
            .fields
            .iter()
            .map(|field| field.data_type.clone())
            .collect(),
    };
    concat_rows(pieces.into_iter().map(|(_, rows)| rows).collect(), &types)
}

/// One table of several.
pub fn concat_rows(pieces: Vec<Rows>, types: &[DataType]) -> Result<Rows> {
    let rows = pieces.iter().map(|(_, count)| count).sum();
    let columns = types
        .iter()
        .enumerate()
        .map(|(index, data_type)| {
            let parts: Vec<&dyn arrow_array::Array> = pieces
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(columns, _): &Rows| columns[index].as_ref())
                .collect();
            Ok(match parts.as_slice() {
                [] => arrow_array::new_empty_array(&data_type.to_arrow()),
                parts => concat(parts)?,
            })
        })
        .collect::<Result<Vec<ArrayRef>>>()?;
    Ok((columns, rows))
}

fn run_result_steps(query: &StreamingQuery, columns: Vec<ArrayRef>, rows: usize) -> Result<Rows> {
    StepRunner::new(&query.plan.result_steps).run(columns, rows)
}
