//! Runs the steps of a pipeline over a chunk: projections, filters, windows of stateless queries, event-time statistics.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow_select::concat::concat;
use arrow_select::take::take;

use super::pushed::is_pushed;
use super::{Expr, filter_columns, mask_of};
use crate::error::Result;
use crate::plan::Step;
use crate::query::Rows;
use crate::window::{EventTimeStats, expand_windows, window_column};

/// Runs the same steps over chunk after chunk and adds up what they see.
pub struct StepRunner<'a> {
    steps: &'a [Step],
    event_times: Vec<EventTimeStats>,
    /// How many of the first steps a reader does in Spark, and how many rows those removed.
    num_pushed: usize,
    num_unread_rows: u64,
    /// The expression that is evaluated, and the step that it is of: where an error rose.
    at: Option<(usize, &'a Expr)>,
    /// Which row of its input each step kept, for the last chunk: what traces an error back to its record.
    kept: Vec<Kept>,
}

enum Kept {
    Mask(BooleanArray),
    Rows(UInt32Array),
}

impl<'a> StepRunner<'a> {
    /// For these steps.
    pub fn new(steps: &'a [Step]) -> Self {
        Self {
            steps,
            event_times: Vec::new(),
            num_pushed: 0,
            num_unread_rows: 0,
            at: None,
            kept: Vec::new(),
        }
    }

    /// Behind a reader that tests conditions itself, in Spark: the rows that those remove are none of its rows there.
    pub fn behind_testing_reader(mut self) -> Self {
        let is_pushed = |step: &&Step| match step {
            Step::Filter(condition) => is_pushed(condition),
            // Nothing happens to the rows there.
            Step::Watermark { .. } => true,
            _ => false,
        };
        self.num_pushed = self.steps.iter().take_while(is_pushed).count();
        self
    }

    /// Rows that such a reader would not have given.
    pub fn num_unread_rows(&self) -> u64 {
        self.num_unread_rows
    }

    /// Runs the steps. An error names the row of the columns where it rose; [`Self::input_row`] turns that into one of
    /// the chunk.
    pub fn run(&mut self, mut columns: Vec<ArrayRef>, mut rows: usize) -> Result<Rows> {
        self.kept.clear();
        for (number, step) in self.steps.iter().enumerate() {
            match step {
                Step::Project(exprs) => {
                    columns = exprs
                        .iter()
                        .map(|expr| {
                            self.at = Some((number, expr));
                            expr.evaluate(&columns, rows)?.into_array(rows)
                        })
                        .collect::<Result<Vec<_>>>()?;
                }
                Step::Filter(condition) => {
                    self.at = Some((number, condition));
                    let mask = mask_of(condition, &columns, rows)?;
                    let count = mask.values().count_set_bits();
                    if number < self.num_pushed {
                        self.num_unread_rows += (rows - count) as u64;
                    }
                    if count < rows {
                        columns = filter_columns(&columns, &mask)?;
                        rows = count;
                        self.kept.push(Kept::Mask(mask));
                    }
                }
                Step::Watermark { node, column } => self.watch(*node, &columns[*column]),
                Step::Repeat(times) => {
                    self.at = Some((number, times));
                    let times = times.evaluate(&columns, rows)?.into_array(rows)?;
                    let times = times.as_primitive::<Int64Type>();
                    let repeated = times
                        .iter()
                        .enumerate()
                        .flat_map(|(row, times)| (0..times.unwrap_or(0)).map(move |_| row as u32));
                    let kept = UInt32Array::from_iter_values(repeated);
                    columns = columns
                        .iter()
                        .map(|column| Ok(take(column, &kept, None)?))
                        .collect::<Result<Vec<_>>>()?;
                    rows = kept.len();
                    self.kept.push(Kept::Rows(kept));
                }
                Step::Expand(projections) => {
                    let (kept, expanded) = expand(projections, &columns, rows)?;
                    (columns, rows) = (expanded, kept.len());
                    self.kept.push(Kept::Rows(kept));
                }
                Step::Generate { generator, .. } => {
                    let (kept, made) = generator.generate(&columns, rows)?;
                    columns = columns
                        .iter()
                        .map(|column| Ok(take(column, &kept, None)?))
                        .collect::<Result<Vec<_>>>()?;
                    columns.extend(made);
                    rows = kept.len();
                    self.kept.push(Kept::Rows(kept));
                }
                Step::ExpandWindows { key, .. } => {
                    crate::fault::enter_stage("window");
                    self.at = Some((number, key.time()));
                    let times = key.time().evaluate(&columns, rows)?.into_array(rows)?;
                    let (kept, starts) = expand_windows(key, times.as_primitive::<TimestampMicrosecondType>());
                    columns = columns
                        .iter()
                        .map(|column| Ok(take(column, &kept, None)?))
                        .collect::<Result<Vec<_>>>()?;
                    let ends = starts.values().iter().map(|&start| key.end_of(start)).collect();
                    columns.push(window_column(key, starts.values().to_vec(), ends)?);
                    rows = kept.len();
                    self.kept.push(Kept::Rows(kept));
                }
            }
        }
        Ok((columns, rows))
    }

    fn watch(&mut self, node: usize, column: &ArrayRef) {
        // The event time of a window is its end.
        let times = match column.as_struct_opt() {
            Some(windows) => windows.column(1),
            None => column,
        };
        let Some(seen) = EventTimeStats::of(node, times.as_primitive::<TimestampMicrosecondType>()) else {
            return;
        };
        match self.event_times.iter_mut().find(|known| known.node == node) {
            Some(known) => known.add(&seen),
            None => self.event_times.push(seen),
        }
    }

    /// The row of the chunk that `row` of the columns where the error rose came from.
    pub fn input_row(&self, row: usize) -> usize {
        self.kept.iter().rev().fold(row, |row, kept| match kept {
            Kept::Mask(mask) => mask.values().set_indices().nth(row).unwrap_or(row),
            Kept::Rows(rows) => rows.values().get(row).map_or(row, |&row| row as usize),
        })
    }

    /// Whether the last chunk's rows are not each one of its input at most: some step made several of one.
    pub fn has_expanded(&self) -> bool {
        self.kept.iter().any(|kept| matches!(kept, Kept::Rows(_)))
    }

    /// For each of the `rows` rows that came out last, the row of the chunk that it came from.
    pub fn input_rows(&self, rows: usize) -> Vec<usize> {
        let mut origins: Vec<usize> = (0..rows).collect();
        for kept in self.kept.iter().rev() {
            match kept {
                Kept::Mask(mask) => {
                    let before: Vec<usize> = mask.values().set_indices().collect();
                    origins.iter_mut().for_each(|origin| *origin = before[*origin]);
                }
                Kept::Rows(rows) => origins
                    .iter_mut()
                    .for_each(|origin| *origin = rows.value(*origin) as usize),
            }
        }
        origins
    }

    /// The columns of the chunk, of which there are `width`, that the expression which raised last is computed from.
    pub fn raising_columns(&self, width: usize) -> Vec<usize> {
        let Some((number, expr)) = self.at else {
            return Vec::new();
        };
        self.columns_of(number, expr, width)
    }

    /// The columns of the chunk that an expression over what the steps give is computed from.
    pub fn columns_behind(&self, expr: &Expr, width: usize) -> Vec<usize> {
        self.columns_of(self.steps.len(), expr, width)
    }

    fn columns_of(&self, end: usize, expr: &Expr, width: usize) -> Vec<usize> {
        let mut named = vec![expr];
        for step in self.steps[..end].iter().rev() {
            if let Step::Project(exprs) = step {
                let is_named = |column: usize| named.iter().any(|expr| expr.names_column(column));
                named = (0..exprs.len())
                    .filter(|&column| is_named(column))
                    .map(|column| &exprs[column])
                    .collect();
            }
        }
        (0..width)
            .filter(|&column| named.iter().any(|expr| expr.names_column(column)))
            .collect()
    }

    /// What the watermark steps saw.
    pub fn event_times(&self) -> Vec<EventTimeStats> {
        self.event_times.clone()
    }

    /// Puts back what had been seen: the chunk that was run since is run again, in pieces.
    pub fn restore(&mut self, (event_times, num_unread_rows): (Vec<EventTimeStats>, u64)) {
        self.event_times = event_times;
        self.num_unread_rows = num_unread_rows;
    }
}

/// Each row once for each projection, beside the row that it is: the rows of the first projection stand first.
fn expand(projections: &[Vec<Expr>], columns: &[ArrayRef], rows: usize) -> Result<(UInt32Array, Vec<ArrayRef>)> {
    let made = projections
        .iter()
        .map(|exprs| {
            exprs
                .iter()
                .map(|expr| expr.evaluate(columns, rows)?.into_array(rows))
                .collect::<Result<Vec<_>>>()
        })
        .collect::<Result<Vec<_>>>()?;
    let width = projections.first().map_or(0, Vec::len);
    let expanded = (0..width)
        .map(|column| {
            let parts: Vec<&dyn Array> = made.iter().map(|columns| columns[column].as_ref()).collect();
            Ok(concat(&parts)?)
        })
        .collect::<Result<_>>()?;
    let kept = (0..projections.len()).flat_map(|_| 0..rows as u32);
    Ok((UInt32Array::from_iter_values(kept), expanded))
}
