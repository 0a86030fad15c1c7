//! Functions over windows of rows: the rows are sorted by window and order, and each function looks at them there.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int32Array, UInt32Array};
use arrow_ord::ord::{DynComparator, make_comparator};
use arrow_ord::partition::partition;
use arrow_schema::SortOptions;
use arrow_select::concat::concat;
use arrow_select::take::take;
use arrow_select::zip::zip;

use super::{AggregateCall, finish, update};
use crate::error::Result;
use crate::expr::{Expr, comparable, filter_columns, sort_rows, true_rows};
use crate::plan::{Frame, RangeBound, SortKey, WindowFunctionKind, WindowFunctionsSpec};
use crate::query::Rows;
use crate::state::{Budget, GroupTable, KeyCodec, Layout, Tag};

/// The rows window by window, with a column for each function behind their own.
pub fn over_rows(spec: &WindowFunctionsSpec, columns: &[ArrayRef], rows: usize) -> Result<Rows> {
    let by_window = spec.partition_by.iter().map(|key| SortKey {
        expr: key.clone(),
        descending: false,
        nulls_first: true,
    });
    let keys: Vec<SortKey> = by_window.chain(spec.order_by.iter().cloned()).collect();
    let (mut columns, rows) = sort_rows(&keys, columns, rows)?;
    let values = keys
        .iter()
        .map(|key| comparable(&key.expr.evaluate(&columns, rows)?.into_array(rows)?))
        .collect::<Result<Vec<_>>>()?;
    let sorted = Sorted {
        columns: columns.clone(),
        rows,
        windows: ranges_of(&values[..spec.partition_by.len()], rows)?,
        peers: ranges_of(&values, rows)?,
        order: spec.order_by.first().cloned(),
    };
    for function in &spec.functions {
        columns.push(sorted.function(&function.kind)?);
    }
    Ok((columns, rows))
}

/// Runs of rows that are equal in all of these columns.
fn ranges_of(columns: &[ArrayRef], rows: usize) -> Result<Vec<Range<usize>>> {
    if rows == 0 {
        return Ok(Vec::new());
    }
    if columns.is_empty() {
        return Ok(std::iter::once(0..rows).collect());
    }
    Ok(partition(columns)?.ranges())
}

/// Rows in the order of their windows.
struct Sorted {
    columns: Vec<ArrayRef>,
    rows: usize,
    windows: Vec<Range<usize>>,
    /// Rows of a window that are equal in its order.
    peers: Vec<Range<usize>>,
    order: Option<SortKey>,
}

impl Sorted {
    fn function(&self, kind: &WindowFunctionKind) -> Result<ArrayRef> {
        Ok(match kind {
            WindowFunctionKind::RowNumber => self.places(|_, row, _| row + 1),
            WindowFunctionKind::Rank => self.places(|peers, _, _| peers.start + 1),
            WindowFunctionKind::DenseRank => {
                let mut rank = 0;
                self.places(|peers, row, _| {
                    rank = match (row, row == peers.start) {
                        (0, _) => 1,
                        (_, true) => rank + 1,
                        _ => rank,
                    };
                    rank
                })
            }
            WindowFunctionKind::Ntile { buckets } => self.places(|_, row, rows| tile(row, rows, *buckets)),
            WindowFunctionKind::PercentRank => self.shares(|peers, rows| match rows {
                1 => 0.0,
                rows => peers.start as f64 / (rows - 1) as f64,
            }),
            WindowFunctionKind::CumeDist => self.shares(|peers, rows| peers.end as f64 / rows as f64),
            WindowFunctionKind::Shift {
                value,
                rows,
                default,
                ignore_nulls,
            } => self.shift(value, *rows, default, *ignore_nulls)?,
            WindowFunctionKind::Nth {
                value,
                number,
                ignore_nulls,
                frame,
            } => self.nth(value, *number, *ignore_nulls, frame)?,
            WindowFunctionKind::Aggregate { call, frame } => self.aggregate(call, frame)?,
        })
    }

    /// Calls `each` with every row's peers and place, both counted from the start of its window, and the window's rows.
    fn for_each_row(&self, mut each: impl FnMut(Range<usize>, usize, usize)) {
        let mut peers = self.peers.iter();
        for window in &self.windows {
            let mut row = window.start;
            while row < window.end {
                let Some(equal) = peers.next() else { return };
                while row < equal.end {
                    let local = equal.start - window.start..equal.end - window.start;
                    each(local, row - window.start, window.len());
                    row += 1;
                }
            }
        }
    }

    fn places(&self, mut place: impl FnMut(Range<usize>, usize, usize) -> usize) -> ArrayRef {
        let mut places = Vec::with_capacity(self.rows);
        self.for_each_row(|peers, row, rows| places.push(place(peers, row, rows) as i32));
        Arc::new(Int32Array::from(places))
    }

    fn shares(&self, share: impl Fn(Range<usize>, usize) -> f64) -> ArrayRef {
        let mut shares = Vec::with_capacity(self.rows);
        self.for_each_row(|peers, _, rows| shares.push(share(peers, rows)));
        Arc::new(Float64Array::from(shares))
    }

    fn evaluate(&self, expr: &Expr) -> Result<ArrayRef> {
        expr.evaluate(&self.columns, self.rows)?.into_array(self.rows)
    }

    /// The value so many rows away, or the default where the window has no such row.
    fn shift(&self, value: &Expr, distance: i64, default: &Expr, ignore_nulls: bool) -> Result<ArrayRef> {
        let values = self.evaluate(value)?;
        let mut targets: Vec<Option<u32>> = Vec::with_capacity(self.rows);
        for window in &self.windows {
            for row in window.clone() {
                let target = match ignore_nulls && distance != 0 {
                    false => i64::try_from(row).ok().and_then(|row| row.checked_add(distance)),
                    true => nth_valid(&values, window, row, distance),
                };
                let target = target.and_then(|target| usize::try_from(target).ok());
                targets.push(
                    target
                        .filter(|target| window.contains(target))
                        .map(|target| target as u32),
                );
            }
        }
        let targets = UInt32Array::from(targets);
        let found: BooleanArray = (0..self.rows).map(|row| Some(targets.is_valid(row))).collect();
        let shifted = take(&values, &targets, None)?;
        Ok(zip(&found, &shifted, &self.evaluate(default)?)?)
    }

    fn nth(&self, value: &Expr, number: usize, ignore_nulls: bool, frame: &Frame) -> Result<ArrayRef> {
        let values = self.evaluate(value)?;
        let mut seen = self.frames(frame)?.into_iter();
        let pick = |rows: Range<usize>| {
            let mut rows = rows.filter(|&row| !ignore_nulls || values.is_valid(row));
            rows.nth(number - 1).map(|row| row as u32)
        };
        let targets: UInt32Array = (0..self.rows).map(|_| seen.next().and_then(pick)).collect();
        Ok(take(&values, &targets, None)?)
    }

    /// The rows that each row sees.
    fn frames(&self, frame: &Frame) -> Result<Vec<Range<usize>>> {
        let bounds = match frame {
            Frame::Rows { lower, upper } => return Ok(self.frames_of_rows(*lower, *upper)),
            Frame::Range { lower, upper } => [self.bound(lower)?, self.bound(upper)?],
        };
        let mut frames = Vec::with_capacity(self.rows);
        let mut peers = self.peers.iter();
        for window in &self.windows {
            let mut row = window.start;
            while row < window.end {
                let Some(equal) = peers.next() else { break };
                for row in equal.clone() {
                    let start = bounds[0].place(window, equal.start, window.start, row, Ordering::Less);
                    let end = bounds[1].place(window, equal.end, window.end, row, Ordering::Equal);
                    frames.push(start..end.max(start));
                }
                row = equal.end;
            }
        }
        Ok(frames)
    }

    fn frames_of_rows(&self, lower: Option<i64>, upper: Option<i64>) -> Vec<Range<usize>> {
        let mut frames = Vec::with_capacity(self.rows);
        for window in &self.windows {
            let within = |place: i64| (place.max(window.start as i64) as usize).min(window.end);
            for row in window.clone() {
                let at = |distance: i64| (row as i64).saturating_add(distance);
                let start = lower.map_or(window.start, |distance| within(at(distance)));
                let end = upper.map_or(window.end, |distance| within(at(distance).saturating_add(1)));
                frames.push(start..end.max(start));
            }
        }
        frames
    }

    fn bound(&self, bound: &RangeBound) -> Result<Bound> {
        Ok(match (bound, &self.order) {
            (RangeBound::At(place), Some(order)) => {
                let options = SortOptions {
                    descending: order.descending,
                    nulls_first: order.nulls_first,
                };
                Bound::At(make_comparator(
                    &self.evaluate(&order.expr)?,
                    &self.evaluate(place)?,
                    options,
                )?)
            }
            (RangeBound::Current, _) => Bound::Current,
            (RangeBound::Unbounded | RangeBound::At(_), _) => Bound::Unbounded,
        })
    }

    /// An aggregate of the rows that each row sees. Where frames only grow, as from the start of the window to the row at
    /// hand, one accumulator takes in row after row, as Spark's does.
    fn aggregate(&self, call: &AggregateCall, frame: &Frame) -> Result<ArrayRef> {
        let frames = self.frames(frame)?;
        let (arguments, kept) = self.arguments(call)?;
        // Where a row of the window stands among those that the call's condition keeps.
        let place = |row: usize| kept.as_ref().map_or(row, |kept| kept[row]);
        let keys = KeyCodec::new(&[]).encode(&[], 1);
        let mut table = GroupTable::new(
            Layout::new(std::slice::from_ref(call)),
            Tag::Pane,
            Arc::new(Budget::new(0)),
        );
        let mut results: Vec<ArrayRef> = Vec::new();
        let mut of_row: Vec<u32> = Vec::with_capacity(self.rows);
        let mut taken: Option<(u32, Range<usize>)> = None;
        let mut starts = self.windows.iter().map(|window| window.start).peekable();
        for (row, frame) in frames.into_iter().enumerate() {
            let is_first = starts.next_if_eq(&row).is_some();
            let is_grown = |seen: &Range<usize>| !is_first && seen.start == frame.start && seen.end <= frame.end;
            let known = taken.take().filter(|(_, seen)| is_grown(seen));
            let is_new = known.is_none();
            let (group, seen) = match known {
                Some(known) => known,
                None => (table.find_or_insert(keys.get(0), row as u64)?, frame.start..frame.start),
            };
            if is_new || seen != frame {
                let added = place(seen.end)..place(frame.end);
                let slices: Vec<ArrayRef> = arguments
                    .iter()
                    .map(|argument| argument.slice(added.start, added.len()))
                    .collect();
                update(&mut table, 0, call, &vec![group; added.len()], &slices)?;
                results.push(finish(&table, &[group], 0, call)?);
            }
            of_row.push(results.len() as u32 - 1);
            taken = Some((group, frame));
        }
        let results: Vec<&dyn Array> = results.iter().map(AsRef::as_ref).collect();
        match results.is_empty() {
            true => Ok(arrow_array::new_empty_array(&call.data_type.to_arrow())),
            false => Ok(take(&concat(&results)?, &UInt32Array::from(of_row), None)?),
        }
    }

    /// The arguments of a call for the rows that it is given, and, where those are not all, how many there are before each row.
    fn arguments(&self, call: &AggregateCall) -> Result<(Vec<ArrayRef>, Option<Vec<usize>>)> {
        let Some(condition) = &call.filter else {
            let arguments = call.arguments.iter().map(|argument| self.evaluate(argument));
            return Ok((arguments.collect::<Result<_>>()?, None));
        };
        let mask = BooleanArray::new(true_rows(self.evaluate(condition)?.as_boolean()), None);
        let columns = filter_columns(&self.columns, &mask)?;
        let count = mask.true_count();
        let arguments = call
            .arguments
            .iter()
            .map(|argument| argument.evaluate(&columns, count)?.into_array(count));
        let mut before = Vec::with_capacity(self.rows + 1);
        let mut kept = 0;
        before.push(0);
        for row in 0..self.rows {
            kept += usize::from(mask.value(row));
            before.push(kept);
        }
        Ok((arguments.collect::<Result<_>>()?, Some(before)))
    }
}

/// One side of a frame by order.
enum Bound {
    Unbounded,
    Current,
    At(DynComparator),
}

impl Bound {
    /// Where the side is for a row: at `equal` for the row's own place, at `end` without bound, else behind the rows of the
    /// window whose order is up to `before` in comparison with its value.
    fn place(&self, window: &Range<usize>, equal: usize, end: usize, row: usize, before: Ordering) -> usize {
        match self {
            Bound::Unbounded => end,
            Bound::Current => equal,
            Bound::At(compare) => {
                let (mut low, mut high) = (window.start, window.end);
                while low < high {
                    let middle = low + (high - low) / 2;
                    if compare(middle, row) <= before {
                        low = middle + 1;
                    } else {
                        high = middle;
                    }
                }
                low
            }
        }
    }
}

/// The part of `buckets` that a row is in, from 1: the first ones have a row more where it does not come out even.
fn tile(row: usize, rows: usize, buckets: usize) -> usize {
    let (size, larger) = (rows / buckets, rows % buckets);
    let in_larger = larger * (size + 1);
    match row < in_larger {
        true => row / (size + 1) + 1,
        false => larger + (row - in_larger) / size.max(1) + 1,
    }
}

/// The row with the value so many values away from a row, nulls not counted.
fn nth_valid(values: &ArrayRef, window: &Range<usize>, row: usize, distance: i64) -> Option<i64> {
    let nth = usize::try_from(distance.unsigned_abs()).ok()?.checked_sub(1)?;
    let found = match distance > 0 {
        true => (row + 1..window.end).filter(|&at| values.is_valid(at)).nth(nth),
        false => (window.start..row).rev().filter(|&at| values.is_valid(at)).nth(nth),
    };
    found.map(|at| at as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_equal_as_can_be() {
        let tiles = |rows: usize, buckets: usize| (0..rows).map(|row| tile(row, rows, buckets)).collect::<Vec<_>>();
        assert_eq!(tiles(7, 3), [1, 1, 1, 2, 2, 3, 3]);
        assert_eq!(tiles(2, 5), [1, 2]);
        assert_eq!(tiles(4, 2), [1, 1, 2, 2]);
    }
}
