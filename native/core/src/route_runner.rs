//! Rows along one route, from an origin through its steps to the stage or the sink where it ends; and what became of the
//! source's rows on the way.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::ArrayRef;

use crate::aggregate::{BestFates, Fate, Fates, PartialGroups, PartialSessions};
use crate::column::StructType;
use crate::divert::{BadRecord, Diversions, Diverted, LateRecord, Record, around_bad_rows};
use crate::error::{Error, Result};
use crate::expr::{JsonStyle, StepRunner};
use crate::pipeline::gather;
use crate::plan::Origin;
use crate::query::{Batch, MapReport, PartialKey, Route, RowCounts, Rows, Sender, StreamingQuery};
use crate::source::Chunk;
use crate::stage::StageState;
use crate::state::{JoinState, JoinTable, WindowRows};
use crate::window::EventTimeStats;

/// What a task leaves for the stage, or the sink, behind it.
pub enum Partial {
    /// Groups that were made on the way.
    Groups(Box<PartialGroups>),
    /// Sessions that were made on the way.
    Sessions(Box<PartialSessions>),
    /// Rows as they are, by the start of their window where they come out of one.
    Rows(Vec<(i64, Rows)>),
    /// Rows by the shard of their keys.
    Exchanged(Vec<Vec<Rows>>),
}

/// Where a route leads.
enum RouteEnd<'a> {
    /// To what is left for a stage.
    Partial(Partial),
    /// Through a join whose other side is there already, and on along the routes behind it.
    Join(&'a JoinState, Arc<JoinTable>, Vec<RouteRunner<'a>>),
}

impl<'a> RouteEnd<'a> {
    /// The end of a route, nothing brought there yet.
    fn of(query: &'a StreamingQuery, batch: &Batch, route: &Route) -> Result<Self> {
        let spec = batch.spec_of(route.stage);
        Ok(RouteEnd::Partial(match query.stages.get(route.stage) {
            Some(StageState::Join(join)) if query.joins_on_the_way(join) && route.side == 0 => {
                let table = batch.table_of(route.stage, || {
                    let types = &query.plan.stages[route.stage].inputs[1].types;
                    JoinTable::new(join, gather(batch, (route.stage, 1), Some(0), types)?)
                })?;
                let behind = RouteRunner::all(query, batch, Origin::Stage(route.stage))?;
                return Ok(RouteEnd::Join(join, table, behind));
            }
            Some(StageState::Groups(grouping)) => {
                let groups = PartialGroups::new(grouping, query.mode, spec).with_raw_rows(grouping);
                Partial::Groups(Box::new(groups))
            }
            Some(StageState::Sessions(sessions)) => {
                Partial::Sessions(Box::new(PartialSessions::new(sessions, query.mode, spec)))
            }
            // Their keys are not there yet.
            Some(StageState::Program(program)) if program.spec.computes_keys => Partial::Rows(Vec::new()),
            Some(StageState::Keys(_) | StageState::Program(_) | StageState::Join(_)) => {
                Partial::Exchanged(vec![Vec::new(); query.num_shards(route.stage)])
            }
            Some(StageState::Gather) | None => Partial::Rows(Vec::new()),
        }))
    }
}

/// Brings rows along one route, chunk by chunk, into a partial or through a join.
pub(crate) struct RouteRunner<'a> {
    route: &'a Route,
    stage: Option<&'a StageState>,
    steps: StepRunner<'a>,
    end: RouteEnd<'a>,
    counts: RowCounts,
    diverted: Diverted,
    /// The watermark that rows are late by at the end of the route, milliseconds.
    late_watermark_ms: i64,
    /// The routes that are not run, since what this one leaves is what they would.
    stands_for: Vec<&'a Route>,
}

/// Of what a map task reads: the source's columns, and what shall become of records that can't go on.
pub(crate) struct MapContext<'a> {
    /// The columns.
    pub schema: &'a StructType,
    /// How records that came as columns are shown.
    pub style: JsonStyle,
    /// What is kept of records that can't go on.
    pub diversions: Diversions,
}

impl<'a> RouteRunner<'a> {
    /// The routes that begin at `origin`, each with those that it stands for.
    pub(crate) fn all(query: &'a StreamingQuery, batch: &Batch, origin: Origin) -> Result<Vec<Self>> {
        let late_by = |route: &Route| batch.spec_of(route.stage).late_watermark_ms;
        // Records that can't go on are kept for each route.
        let Diversions { bad, late } = query.diversions();
        let same_as = |route: &Route| {
            let other = route.same_as.filter(|_| !bad && !late);
            other.filter(|&other| late_by(&query.routes[other]) == late_by(route))
        };
        let from_here = || query.routes.iter().filter(|route| route.origin == origin);
        from_here()
            .filter(|route| same_as(route).is_none())
            .map(|route| {
                let end = RouteEnd::of(query, batch, route)?;
                let late_watermark_ms = match &end {
                    RouteEnd::Partial(_) => Some(batch.spec_of(route.stage).late_watermark_ms),
                    RouteEnd::Join(_, _, behind) => behind.iter().map(|behind| behind.late_watermark_ms).max(),
                };
                Ok(Self {
                    route,
                    stage: query.stages.get(route.stage),
                    steps: steps_of(query, route),
                    end,
                    counts: RowCounts::default(),
                    diverted: Diverted::default(),
                    late_watermark_ms: late_watermark_ms.unwrap_or(batch.spec.late_watermark_ms),
                    stands_for: from_here()
                        .filter(|other| same_as(other) == Some(route.number))
                        .collect(),
                })
            })
            .collect()
    }

    /// How many routes it stands for.
    pub(crate) fn num_scans(&self) -> usize {
        1 + self.stands_for.len()
    }

    /// Whether rows stay apart by the windows that they came out of.
    pub(crate) fn keeps_starts(&self) -> bool {
        match &self.end {
            RouteEnd::Partial(partial) => matches!(partial, Partial::Rows(_)),
            RouteEnd::Join(_, _, behind) => behind.iter().any(Self::keeps_starts),
        }
    }

    /// Brings rows that a stage gave along, whatever windows they came out of.
    pub(crate) fn push(&mut self, columns: Vec<ArrayRef>, rows: usize) -> Result<()> {
        self.push_of_window(0, columns, rows)
    }

    fn push_of_window(&mut self, start: i64, columns: Vec<ArrayRef>, rows: usize) -> Result<()> {
        let (columns, rows) = self.steps.run(columns, rows)?;
        self.take(start, columns, rows).map(drop)
    }

    /// The same, window by window.
    pub(crate) fn push_windows(&mut self, piece: &WindowRows) -> Result<()> {
        let (columns, rows) = &piece.rows;
        let keeps_rows = self.route.keeps_rows() && matches!(self.end, RouteEnd::Partial(_));
        let columns = match keeps_rows {
            true => &self.steps.run(columns.clone(), *rows)?.0,
            false => columns,
        };
        let mut from = 0;
        for &(start, count) in &piece.windows {
            let of_window = columns.iter().map(|column| column.slice(from, count)).collect();
            from += count;
            match keeps_rows {
                true => drop(self.take(start, of_window, count)?),
                false => self.push_of_window(start, of_window, count)?,
            }
        }
        Ok(())
    }

    /// Brings rows that are a source's still along; says what became of those that came to the end, as `take` does.
    fn push_source_rows(&mut self, start: i64, columns: Vec<ArrayRef>, rows: usize) -> Result<(usize, Option<Fates>)> {
        let (columns, rows) = self.steps.run(columns, rows)?;
        Ok((rows, self.judge_and_take(start, columns, rows)?))
    }

    /// Brings a source's rows to the end of the route; says what became of them where some were not taken in.
    fn judge_and_take(&mut self, start: i64, columns: Vec<ArrayRef>, rows: usize) -> Result<Option<Fates>> {
        // The stage itself drops late rows when it is reduced, where the records that they were are not known any more.
        let judged = match self.stage {
            Some(stage) => stage.fates_of_rows(self.route.side, &columns, rows, self.late_watermark_ms)?,
            None => None,
        };
        Ok(self.take(start, columns, rows)?.or(judged))
    }

    /// Brings a chunk of the source along. An error names its record; with diversions the record is kept instead, and the
    /// rest goes on.
    pub(crate) fn push_chunk(&mut self, chunk: &Chunk, context: &MapContext<'_>) -> Result<()> {
        self.counts.input += chunk.rows as u64;
        if let Some(error) = &chunk.undecoded {
            let record = Record::of(chunk, context.schema, &context.style, 0);
            self.keep_bad(vec![BadRecord {
                record,
                error: error.clone(),
                column: String::new(),
            }]);
            return Ok(());
        }
        if !context.diversions.bad {
            return self
                .push_piece(chunk, 0..chunk.rows, context)
                .map_err(|(error, _)| match error.row() {
                    Some(row) => chunk.place.describe(error, row),
                    None => error,
                });
        }
        let mut bad = Vec::new();
        // Told by what did the work, taken by what keeps the record: one after the other.
        let column = RefCell::new(String::new());
        around_bad_rows(
            chunk.rows,
            |piece| {
                self.push_piece(chunk, piece, context).map_err(|(error, columns)| {
                    let names = columns.iter().map(|&at| context.schema.fields[at].name.as_str());
                    *column.borrow_mut() = names.collect::<Vec<_>>().join(", ");
                    error
                })
            },
            |row, error| {
                bad.push(BadRecord {
                    record: Record::of(chunk, context.schema, &context.style, row),
                    error,
                    column: column.take(),
                });
            },
        )?;
        self.keep_bad(bad);
        Ok(())
    }

    fn keep_bad(&mut self, bad: Vec<BadRecord>) {
        self.counts.bad += bad.len() as u64;
        self.diverted.bad.extend(bad);
    }

    /// Some rows of a chunk, all of them or, where one raises, none: the error names its row of the piece, beside the columns
    /// that it was computed from.
    fn push_piece(
        &mut self,
        chunk: &Chunk,
        piece: Range<usize>,
        context: &MapContext<'_>,
    ) -> Result<(), (Error, Vec<usize>)> {
        let width = chunk.columns.len();
        let is_whole = piece.len() == chunk.rows;
        let columns = match is_whole {
            true => chunk.columns.clone(),
            false => {
                let slice = |column: &ArrayRef| column.slice(piece.start, piece.len());
                chunk.columns.iter().map(slice).collect()
            }
        };
        let seen = context
            .diversions
            .bad
            .then(|| (self.steps.event_times(), self.steps.num_unread_rows()));
        let outcome = self.run_piece(columns, piece.len(), width, context.diversions.bad);
        let (rows, fates) = outcome.map_err(|(error, columns)| {
            if let Some(seen) = seen {
                self.steps.restore(seen);
            }
            (error.map_row(|row| self.steps.input_row(row)), columns)
        })?;
        self.count(chunk, piece, context, rows, fates.as_ref());
        Ok(())
    }

    fn run_piece(
        &mut self,
        columns: Vec<ArrayRef>,
        rows: usize,
        width: usize,
        checks: bool,
    ) -> Result<(usize, Option<Fates>), (Error, Vec<usize>)> {
        let ran = self.steps.run(columns, rows);
        let (columns, rows) = ran.map_err(|error| (error, self.steps.raising_columns(width)))?;
        if checks {
            let checked = match &self.end {
                RouteEnd::Partial(Partial::Groups(groups)) => groups.check(&columns, rows),
                RouteEnd::Partial(Partial::Sessions(sessions)) => sessions.check(&columns, rows),
                RouteEnd::Partial(Partial::Rows(_) | Partial::Exchanged(_)) | RouteEnd::Join(..) => Ok(()),
            };
            checked.map_err(|(error, expr)| (error, self.steps.columns_behind(expr, width)))?;
        }
        let taken = self.judge_and_take(0, columns, rows);
        taken.map(|fates| (rows, fates)).map_err(|error| (error, Vec::new()))
    }

    /// Counts what became of the rows of a piece, of which `rows` came to the end.
    fn count(
        &mut self,
        chunk: &Chunk,
        piece: Range<usize>,
        context: &MapContext<'_>,
        rows: usize,
        fates: Option<&Fates>,
    ) {
        if fates.is_none() && !self.steps.has_expanded() {
            self.counts.processed += rows as u64;
            self.counts.filtered += (piece.len() - rows) as u64;
            return;
        }
        // A row of the source is what the best of the rows that were made of it is.
        let mut best = BestFates::of(piece.len());
        best.note(self.steps.input_rows(rows).into_iter(), fates);
        for (origin, fate) in best.iter().enumerate() {
            match fate {
                Some((Fate::Kept, _)) => self.counts.processed += 1,
                Some((Fate::Late, Some(event_time))) => {
                    self.counts.late += 1;
                    if context.diversions.late {
                        self.diverted.late.push(LateRecord {
                            record: Record::of(chunk, context.schema, &context.style, piece.start + origin),
                            event_time,
                            watermark_ms: self.late_watermark_ms,
                        });
                    }
                }
                _ => self.counts.filtered += 1,
            }
        }
    }

    /// Brings rows to the end of the route; says what became of them where some were not taken in.
    fn take(&mut self, start: i64, columns: Vec<ArrayRef>, rows: usize) -> Result<Option<Fates>> {
        let partial = match &mut self.end {
            RouteEnd::Partial(partial) => partial,
            RouteEnd::Join(join, table, behind) => {
                // One route that took all in leaves nothing to tell; several may differ.
                let mut best = (behind.len() > 1).then(|| BestFates::of(rows));
                let mut has_lost = false;
                join.meet_table(table, &columns, rows, |(columns, count), of| {
                    for route in &mut *behind {
                        // An error names a row of those that were brought here.
                        let pushed = route.push_source_rows(start, columns.clone(), count);
                        let (count, fates) =
                            pushed.map_err(|error| error.map_row(|row| of[route.steps.input_row(row)] as usize))?;
                        has_lost |= fates.is_some();
                        if fates.is_some() || best.is_some() {
                            let origins = route.steps.input_rows(count).into_iter();
                            let best = best.get_or_insert_with(|| BestFates::of(rows));
                            best.note(origins.map(|row| of[row] as usize), fates.as_ref());
                        }
                    }
                    Ok(())
                })?;
                return Ok(best.filter(|_| has_lost).map(BestFates::into_fates));
            }
        };
        match (partial, self.stage) {
            (Partial::Groups(groups), _) => return groups.push(&columns, rows),
            (Partial::Sessions(sessions), _) => return sessions.push(&columns, rows),
            (Partial::Exchanged(shards), Some(StageState::Join(join))) => {
                exchange(shards, join.split(self.route.side, &columns, rows)?);
            }
            (Partial::Exchanged(shards), Some(StageState::Keys(keys))) => exchange(shards, keys.split(&columns, rows)?),
            (Partial::Exchanged(shards), Some(StageState::Program(program))) => {
                exchange(shards, program.split(self.route.side, &columns, rows)?);
            }
            (Partial::Exchanged(_), _) => {}
            (Partial::Rows(pieces), _) => pieces.push((start, (columns, rows))),
        }
        Ok(None)
    }

    /// Adds to a report what watermarks on the way saw, and what became of the source's rows; those that Spark's reader
    /// would not have given are no input.
    pub(crate) fn report(&self, report: &mut MapReport) {
        let seen = self.steps.event_times();
        report.event_time.extend(&seen);
        for other in &self.stands_for {
            let nodes: BTreeMap<usize, usize> = self.route.watermarks().zip(other.watermarks()).collect();
            report.event_time.extend(seen.iter().filter_map(|&stats| {
                let node = *nodes.get(&stats.node)?;
                Some(EventTimeStats { node, ..stats })
            }));
        }
        for stage in std::iter::once(self.stage_of_late_rows()).chain(self.stands_for.iter().map(|other| other.stage)) {
            report.counts.add(self.counts);
            *report.late_rows.entry(stage).or_default() += self.counts.late;
            report.num_input_rows -= self.steps.num_unread_rows();
        }
        if let RouteEnd::Join(_, _, behind) = &self.end {
            behind.iter().for_each(|route| route.report(report));
        }
    }

    /// The stage that the route's late rows are late at: behind joins on the way the first one there is.
    fn stage_of_late_rows(&self) -> usize {
        match &self.end {
            RouteEnd::Join(_, _, behind) => behind.first().map_or(self.route.stage, Self::stage_of_late_rows),
            RouteEnd::Partial(_) => self.route.stage,
        }
    }

    /// The records that did not go on, which are given away.
    pub(crate) fn take_diverted(&mut self) -> Diverted {
        std::mem::take(&mut self.diverted)
    }

    /// Leaves what was brought with the batch.
    pub(crate) fn deliver(self, batch: &Batch, sender: Sender) -> Result<()> {
        let mut partial = match self.end {
            RouteEnd::Partial(partial) => partial,
            RouteEnd::Join(_, _, behind) => {
                return behind.into_iter().try_for_each(|route| route.deliver(batch, sender));
            }
        };
        match (&mut partial, self.stage) {
            (Partial::Groups(groups), Some(StageState::Groups(grouping))) => groups.split_by_shard(grouping),
            (Partial::Sessions(partial), Some(StageState::Sessions(sessions))) => partial.split_by_shard(sessions)?,
            _ => {}
        }
        let (partial, mut partials) = (Arc::new(partial), batch.partials.lock());
        for route in std::iter::once(self.route).chain(self.stands_for) {
            let key = PartialKey {
                stage: route.stage,
                side: route.side,
                route: route.number,
                sender,
            };
            partials.insert(key, Arc::clone(&partial));
        }
        Ok(())
    }
}

/// The steps of a route; behind files of records Spark's reader does the first ones.
fn steps_of<'a>(query: &StreamingQuery, route: &'a Route) -> StepRunner<'a> {
    let steps = StepRunner::new(&route.steps);
    let reader = match route.origin {
        Origin::Source(number) => query.source(number).ok(),
        _ => None,
    };
    match reader.is_some_and(|source| matches!(source.format.as_str(), "json" | "csv")) {
        true => steps.behind_testing_reader(),
        false => steps,
    }
}

/// Adds pieces of rows to those of their shards.
pub(crate) fn exchange(shards: &mut [Vec<Rows>], pieces: Vec<Rows>) {
    for (shard, piece) in shards.iter_mut().zip(pieces) {
        shard.push(piece);
    }
}
