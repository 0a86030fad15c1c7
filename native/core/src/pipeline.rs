//! The journey of a batch on one screen: map tasks bring splits to the stages as partials, the stages' reduce tasks turn
//! those into state and results and bring what comes out to the stages behind. The stages know nothing of each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use arrow_select::concat::concat;
use parking_lot::Mutex;

use crate::aggregate::{observe, over_rows};
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, Result};
use crate::expr::{JsonStyle, limit_rows, sample_rows, sort_rows};
use crate::limits::CHUNK_ROWS_MAX;
use crate::plan::{COMPUTED_KEY, Operator, Origin};
use crate::query::{Batch, MapReport, PartialKey, Rows, Sender, StreamingQuery};
use crate::result::encode_tables;
pub use crate::route_runner::Partial;
use crate::route_runner::{MapContext, RouteRunner, exchange};
use crate::source::{ReadContext, Split, Undecodable, read_split, tables_of};
use crate::stage::StageState;
use crate::state::{
    GroupsWithState, INITIAL_SIDE, ShardCounters, ShardRows, WindowRows, open_folds, open_session_folds, reduce_groups,
    reduce_sessions,
};

/// Rows that a join takes at once: what it makes of them is reused memory, and small beside the state.
const JOINED_ROWS_MAX: usize = 8 * CHUNK_ROWS_MAX;

/// A map task: source → parse → expr → window → aggregate, a chunk at a time.
pub fn map_split(
    query: &StreamingQuery,
    batch: &Batch,
    task: u32,
    split: &Split,
    buffers: &[&[u8]],
) -> Result<MapReport> {
    crate::fault::enter_stage("source");
    let source = query.source(split.source())?;
    let mut routes = RouteRunner::all(query, batch, Origin::Source(source.number))?;
    let num_scans = routes.iter().map(RouteRunner::num_scans).sum::<usize>();
    // A task that runs again diverts again.
    batch.diverted.lock().remove(&task);
    let mut report = MapReport::default();
    let diversions = query.diversions();
    let context = MapContext {
        schema: &source.schema,
        style: JsonStyle::of(&BTreeMap::new(), &query.session.zone)?,
        diversions,
    };
    let undecodable = if diversions.bad {
        Undecodable::Hand
    } else {
        Undecodable::Raise
    };
    let read = ReadContext {
        source,
        session: &query.session,
        wanted: &query.wanted_columns(source),
        undecodable,
    };
    report.input_bytes = read_split(split, buffers, &read, |chunk| {
        // Spark counts the rows of each scan.
        report.num_input_rows += (chunk.rows * num_scans) as u64;
        crate::fault::enter_stage("expr");
        let mut routes = routes.iter_mut();
        routes.try_for_each(|route| route.push_chunk(&chunk, &context))
    })?;
    for mut route in routes {
        route.report(&mut report);
        batch.divert(task, route.take_diverted());
        route.deliver(batch, Sender::Task(task))?;
    }
    Ok(report)
}

/// The map task of what reads nothing: one row without columns.
pub fn map_one_row(query: &StreamingQuery, batch: &Batch) -> Result<()> {
    for mut route in RouteRunner::all(query, batch, Origin::OneRow)? {
        route.push(Vec::new(), 1)?;
        route.deliver(batch, Sender::Task(0))?;
    }
    Ok(())
}

/// A reduce task: the partials of one shard of a stage → state → result rows, on to the stages behind. What watermarks
/// behind the stage saw goes into `report`.
pub fn reduce_shard(
    query: &StreamingQuery,
    batch: &Batch,
    (stage, shard): (usize, usize),
    report: &mut MapReport,
) -> Result<ShardCounters> {
    crate::fault::enter_stage("state");
    let (pieces, counters) = match &query.stages[stage] {
        StageState::Groups(grouping) => reduce_groups(
            grouping,
            query.mode,
            (batch.id, batch.spec_of(stage)),
            shard,
            &batch.partials_of(stage, 0),
            opened(&batch.folds, (stage, shard), |open| open.holds(shard)).as_deref(),
        )?,
        StageState::Sessions(sessions) => reduce_sessions(
            sessions,
            query.mode,
            (batch.id, batch.spec_of(stage)),
            shard,
            &batch.partials_of(stage, 0),
            opened(&batch.folds, (stage, shard), |open| open.holds(shard)).as_deref(),
        )?,
        StageState::Keys(keys) => {
            let rows = gather(
                batch,
                (stage, 0),
                Some(shard),
                &query.plan.stages[stage].inputs[0].types,
            )?;
            let (rows, counters) = keys.reduce((batch.id, batch.spec_of(stage)), shard, rows)?;
            (vec![WindowRows::of_none(rows)], counters)
        }
        StageState::Program(program) => {
            let open = opened(&batch.groups, (stage, shard), |open| open.holds(shard));
            let open = open.ok_or_else(|| not_open(shard))?;
            let (pieces, counters) = program.reduce((batch.id, batch.spec_of(stage)), shard, &open)?;
            (pieces.into_iter().map(WindowRows::of_none).collect(), counters)
        }
        // Its rows met where they were read.
        StageState::Join(join) if query.joins_on_the_way(join) => (Vec::new(), ShardCounters::default()),
        StageState::Join(join) => {
            let side = |side: usize| {
                let partials = batch.partials_of(stage, side);
                joined(pieces_of(&partials, Some(shard)).into_iter(), JOINED_ROWS_MAX)
            };
            let (pieces, counters) = join.reduce(shard, [side(0)?, side(1)?], batch.spec_of(stage))?;
            (pieces.into_iter().map(WindowRows::of_none).collect(), counters)
        }
        StageState::Gather => {
            let (columns, rows) = gather(batch, (stage, 0), None, &query.plan.stages[stage].inputs[0].types)?;
            let rows = match &query.plan.stages[stage].operator {
                Operator::Observe(spec) => {
                    let metrics = observe(spec, &columns, rows, &query.session.zone)?;
                    batch.observed.lock().insert(spec.name.clone(), metrics);
                    (Vec::new(), 0)
                }
                Operator::Sort(keys) => sort_rows(keys, &columns, rows)?,
                Operator::Windows(spec) => over_rows(spec, &columns, rows)?,
                Operator::Sample { fraction, seed } => sample_rows(*fraction, *seed, &columns, rows)?,
                Operator::Limit { count, offset } => limit_rows(*count, *offset, &columns, rows),
                _ => (columns, rows),
            };
            (vec![WindowRows::of_none(rows)], ShardCounters::default())
        }
    };
    let mut routes = RouteRunner::all(query, batch, Origin::Stage(stage))?;
    let (mut apart, mut together): (Vec<_>, Vec<_>) = routes.iter_mut().partition(|route| route.keeps_starts());
    if !together.is_empty() {
        for (columns, rows) in joined(pieces.iter().map(|piece| &piece.rows), CHUNK_ROWS_MAX)? {
            for route in &mut together {
                route.push(columns.clone(), rows)?;
            }
        }
    }
    for piece in pieces {
        for route in &mut apart {
            route.push_windows(&piece)?;
        }
    }
    for route in routes {
        route.report(report);
        route.deliver(batch, Sender::Shard { stage, shard })?;
    }
    Ok(counters)
}

/// Hands the groups of some shards over to the program's functions: their rows with what is kept for them, encoded.
pub fn open_groups(
    query: &StreamingQuery,
    batch: &Batch,
    stage: usize,
    shards: std::ops::Range<usize>,
) -> Result<Vec<u8>> {
    let first = shards.start;
    let (spec, partials) = (batch.spec_of(stage), || batch.partials_of(stage, 0));
    let folds = match query.stages.get(stage) {
        Some(StageState::Groups(grouping)) => {
            Some(open_folds(grouping, query.mode, spec, shards.clone(), &partials())?)
        }
        Some(StageState::Sessions(sessions)) => Some(open_session_folds(sessions, spec, shards.clone(), &partials())?),
        _ => None,
    };
    if let Some((bytes, open)) = folds {
        batch.folds.lock().insert((stage, first), Arc::new(open));
        return Ok(bytes);
    }
    let program = program_of(query, stage)?;
    let inputs = &query.plan.stages[stage].inputs;
    let mut types = inputs[0].types.clone();
    types.extend(program.spec.computes_keys.then_some(COMPUTED_KEY));
    let input = gather_shards(batch, (stage, 0), shards.clone(), &types)?;
    // What state begins with is taken in with the first batch, and never looked at again.
    let initial = inputs.get(INITIAL_SIDE).filter(|_| batch.id == 0);
    let initial = initial.map(|side| {
        let mut types = side.types.clone();
        types.extend(program.spec.computes_keys.then_some(COMPUTED_KEY));
        gather_shards(batch, (stage, INITIAL_SIDE), shards, &types)
    });
    let (bytes, open) = program.open(spec, first, input, initial.transpose()?)?;
    batch.groups.lock().insert((stage, first), Arc::new(open));
    Ok(bytes)
}

/// Hands over the rows of a side of a stage whose keys the program computes, encoded.
pub fn open_rows(query: &StreamingQuery, batch: &Batch, (stage, side): (usize, usize)) -> Result<Vec<u8>> {
    program_of(query, stage)?;
    let rows = gather(batch, (stage, side), None, side_types(query, (stage, side))?)?;
    let bytes = encode_tables(std::slice::from_ref(&rows))?;
    let mut partials = batch.partials.lock();
    partials.retain(|key, _| (key.stage, key.side) != (stage, side));
    let key = PartialKey {
        stage,
        side,
        route: 0,
        sender: Sender::Task(0),
    };
    partials.insert(key, Arc::new(Partial::Rows(vec![(0, rows)])));
    Ok(bytes)
}

/// Takes in the keys of those rows, and brings them to the shards of their keys.
pub fn answer_rows(query: &StreamingQuery, batch: &Batch, (stage, side): (usize, usize), keys: &[u8]) -> Result<()> {
    let program = program_of(query, stage)?;
    let (mut columns, rows) = gather(batch, (stage, side), None, side_types(query, (stage, side))?)?;
    let schema = StructType::new(vec![Field::new("key", COMPUTED_KEY, false)]);
    let keys = tables_of(keys, std::slice::from_ref(&schema))?.pop();
    let (key, _) = keys
        .filter(|(_, count)| *count == rows)
        .ok_or_else(|| Error::internal("keys were computed for another number of rows"))?;
    columns.extend(key);
    let mut shards = vec![Vec::new(); query.num_shards(stage)];
    exchange(&mut shards, program.split(side, &columns, rows)?);
    let mut partials = batch.partials.lock();
    let partial = partials
        .iter_mut()
        .find(|(key, _)| (key.stage, key.side) == (stage, side));
    if let Some((_, partial)) = partial {
        *partial = Arc::new(Partial::Exchanged(shards));
    }
    Ok(())
}

/// Takes in what the program's functions made of groups that were handed over; the stage's reduce tasks put it into effect.
pub fn answer_groups(query: &StreamingQuery, batch: &Batch, stage: usize, first: usize, answer: &[u8]) -> Result<()> {
    let calls = match query.stages.get(stage) {
        Some(StageState::Groups(grouping)) => Some(grouping.calls()),
        Some(StageState::Sessions(sessions)) => Some(sessions.grouping.calls()),
        _ => None,
    };
    if let Some(calls) = calls {
        let mut folds = batch.folds.lock();
        let open = folds.get_mut(&(stage, first)).and_then(Arc::get_mut);
        return open.ok_or_else(|| not_open(first))?.answer(calls, answer);
    }
    let mut groups = batch.groups.lock();
    let open = groups.get_mut(&(stage, first)).and_then(Arc::get_mut);
    program_of(query, stage)?.answer(open.ok_or_else(|| not_open(first))?, answer)
}

/// What was handed over with a shard among it: the lock is held for the look alone, so that shards are reduced side by side.
fn opened<T>(
    all: &Mutex<BTreeMap<(usize, usize), Arc<T>>>,
    (stage, shard): (usize, usize),
    holds: impl Fn(&T) -> bool,
) -> Option<Arc<T>> {
    let all = all.lock();
    let ((of_stage, _), open) = all.range(..=(stage, shard)).next_back()?;
    (*of_stage == stage && holds(open)).then(|| Arc::clone(open))
}

fn not_open(shard: usize) -> Error {
    Error::internal(format!("the groups of shard {shard} were not handed over"))
}

/// The types of the columns that come in on a side of a stage.
fn side_types(query: &StreamingQuery, (stage, side): (usize, usize)) -> Result<&[DataType]> {
    let input = query.plan.stages.get(stage).and_then(|stage| stage.inputs.get(side));
    let input = input.ok_or_else(|| Error::internal(format!("stage {stage} has no side {side}")))?;
    Ok(&input.types)
}

fn program_of(query: &StreamingQuery, stage: usize) -> Result<&GroupsWithState> {
    match query.stages.get(stage) {
        Some(StageState::Program(program)) => Ok(program),
        _ => Err(Error::internal(format!(
            "stage {stage} runs none of the program's functions"
        ))),
    }
}

/// The rows of a batch for the sink: windows in order, within a window shard by shard; each column in parts, and how many
/// rows there are.
pub fn collect_output(query: &StreamingQuery, batch: &Batch) -> (Vec<Vec<ArrayRef>>, usize) {
    let partials = batch.partials_of(query.stages.len(), 0);
    let pieces = pieces_of(&partials, None);
    let rows = pieces.iter().map(|(_, count)| count).sum();
    let fields = query.plan.schema.fields.iter().enumerate();
    let columns = fields.map(|(index, field)| {
        let filled = pieces.iter().filter(|(_, count)| *count > 0);
        let parts: Vec<ArrayRef> = filled.map(|(columns, _)| Arc::clone(&columns[index])).collect();
        match parts.is_empty() {
            true => vec![arrow_array::new_empty_array(&field.data_type.to_arrow())],
            false => parts,
        }
    });
    (columns.collect(), rows)
}

/// All rows that were brought to a side of a stage (or to one shard of it), as one table of columns of these types.
pub(crate) fn gather(batch: &Batch, place: (usize, usize), shard: Option<usize>, types: &[DataType]) -> Result<Rows> {
    let partials = batch.partials_of(place.0, place.1);
    let pieces = pieces_of(&partials, shard);
    let rows = pieces.iter().map(|(_, count)| count).sum();
    Ok((concat_pieces(&pieces, types)?, rows))
}

/// The rows that were brought to several shards of a stage, shard by shard, with how many each has.
fn gather_shards(
    batch: &Batch,
    place: (usize, usize),
    shards: std::ops::Range<usize>,
    types: &[DataType],
) -> Result<ShardRows> {
    let partials = batch.partials_of(place.0, place.1);
    let (mut pieces, mut counts) = (Vec::new(), Vec::new());
    for shard in shards {
        let of_shard = pieces_of(&partials, Some(shard));
        counts.push(of_shard.iter().map(|(_, count)| count).sum());
        pieces.extend(of_shard);
    }
    let rows = counts.iter().sum();
    Ok(ShardRows {
        rows: (concat_pieces(&pieces, types)?, rows),
        counts,
    })
}

/// The pieces of rows in partials, in order.
fn pieces_of(partials: &[Arc<Partial>], shard: Option<usize>) -> Vec<&Rows> {
    let mut pieces: Vec<(i64, &Rows)> = Vec::new();
    for partial in partials {
        match (partial.as_ref(), shard) {
            (Partial::Rows(rows), _) => pieces.extend(rows.iter().map(|(start, rows)| (*start, rows))),
            (Partial::Exchanged(shards), Some(shard)) => pieces.extend(shards[shard].iter().map(|rows| (0, rows))),
            (Partial::Exchanged(_) | Partial::Groups(_) | Partial::Sessions(_), _) => {}
        }
    }
    // Stable: routes, tasks and shards stay in order.
    pieces.sort_by_key(|(start, _)| *start);
    pieces.into_iter().map(|(_, rows)| rows).collect()
}

/// The same rows in pieces of up to `rows_max`, but for those that are larger: each piece costs something, however few rows it has.
fn joined<'a>(pieces: impl Iterator<Item = &'a Rows>, rows_max: usize) -> Result<Vec<Rows>> {
    let mut joined = Vec::new();
    let mut next = pieces.filter(|(_, rows)| *rows > 0).peekable();
    while let Some(first) = next.next() {
        let (mut alike, mut rows) = (vec![first], first.1);
        while let Some(piece) = next.next_if(|(_, more)| rows + more <= rows_max) {
            alike.push(piece);
            rows += piece.1;
        }
        let columns = (0..first.0.len()).map(|index| Ok(concat(&parts_of(&alike, index))?));
        joined.push((columns.collect::<Result<_>>()?, rows));
    }
    Ok(joined)
}

fn concat_pieces(pieces: &[&Rows], types: &[DataType]) -> Result<Vec<ArrayRef>> {
    types
        .iter()
        .enumerate()
        .map(|(index, data_type)| {
            Ok(match parts_of(pieces, index).as_slice() {
                [] => arrow_array::new_empty_array(&data_type.to_arrow()),
                parts => concat(parts)?,
            })
        })
        .collect()
}

/// A column of pieces, as it is in those that have rows.
fn parts_of<'a>(pieces: &[&'a Rows], index: usize) -> Vec<&'a dyn Array> {
    let filled = pieces.iter().filter(|(_, count)| *count > 0);
    filled.map(|(columns, _)| columns[index].as_ref()).collect()
}
