//! How far apart in time the rows of a stream-stream join may be: what lets the watermark bound its state.
//!
//! Spark's rules (StreamingJoinHelper): either a join key is event time, or a condition compares the event times of both
//! sides and so tells how old a row of one side must be before no row of the other can meet it.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    DurationMicrosecondType, Int32Type, Int64Type, IntervalMonthDayNanoType, TimestampMicrosecondType,
};

use super::scope::{Scope, ScopeColumn};
use super::{JoinBound, JoinTimes, JoinType};
use crate::column::DataType;
use crate::expr::{Expr, Kind, get_field};

impl JoinTimes {
    /// Whether rows that wait for a partner in vain come out at last: what outer and semi joins of streams need.
    pub(super) fn bounds_outer_rows(&self, join_type: JoinType) -> bool {
        let [left, right] = self.bounds.each_ref().map(Option::is_some);
        match join_type {
            JoinType::LeftOuter | JoinType::LeftSemi | JoinType::LeftAnti => left,
            JoinType::RightOuter => right,
            JoinType::FullOuter => left || right,
            JoinType::Inner | JoinType::Cross => true,
        }
    }
}

/// The event-time column of a side, as a time; none where it has no watermark, and where it has several.
pub(super) fn event_time(scope: &Scope) -> Option<Expr> {
    let mut found = event_time_columns(scope);
    let (position, column) = found.next()?;
    time_of(Expr::column(
        position,
        column.field.data_type.clone(),
        column.field.nullable,
    ))
}

/// Names of the event-time columns of a side: a stream may have but one.
pub(super) fn event_time_columns(scope: &Scope) -> impl Iterator<Item = (usize, &ScopeColumn)> {
    let columns = scope.columns.iter().enumerate();
    columns.filter(|(_, column)| column.event_time.watermark.is_some())
}

/// A time, or the end of a window.
fn time_of(expr: Expr) -> Option<Expr> {
    match &expr.data_type {
        DataType::Timestamp => Some(expr),
        DataType::Struct(fields) if fields.fields.len() == 2 => get_field(expr, 1).ok(),
        _ => None,
    }
}

/// How both sides are bounded where a key is event time on either side.
pub(super) fn watermark_of_keys(keys: &[(&Expr, &Expr)], scopes: [&Scope; 2]) -> Option<[JoinBound; 2]> {
    let carries = |key: &Expr, scope: &Scope| matches!(key.kind, Kind::Column(position) if scope.columns[position].event_time.watermark.is_some());
    let (left, right) = keys
        .iter()
        .find(|(left, right)| carries(left, scopes[0]) || carries(right, scopes[1]))?;
    let bound = |key: &Expr| {
        Some(JoinBound {
            time: time_of(key.clone())?,
            shift_micros: 0,
            is_strict: false,
            limit_ms: None,
        })
    };
    Some([bound(left)?, bound(right)?])
}

/// How a side is bounded by conditions on the event times of both; where several do, the most patient one decides.
pub(super) fn bound_of_side(side: usize, conditions: &[Expr], scopes: [&Scope; 2], width: usize) -> Option<JoinBound> {
    // A watermark of the other side is what moves the bound.
    let other = event_time_columns(scopes[1 - side]).next()?.0 + if side == 0 { width } else { 0 };
    let is_own = |position: usize| (position < width) == (side == 0);
    let bounds = conditions.iter().filter_map(|condition| {
        let Kind::Call { name, arguments, .. } = &condition.kind else {
            return None;
        };
        let [less, more] = arguments.as_slice() else {
            return None;
        };
        let (less, more, is_strict) = match *name {
            "<" => (less, more, false),
            "<=" => (less, more, true),
            ">" => (more, less, false),
            ">=" => (more, less, true),
            _ => return None,
        };
        // less - more < 0, as terms; own time > other time + shift is what bounds it.
        let mut sum = Sum::default();
        sum.add(less, 1)?;
        sum.add(more, -1)?;
        let [(first, first_sign), (second, second_sign)] = sum.columns.as_slice() else {
            return None;
        };
        let own = [first, second].into_iter().find(|position| is_own(**position))?;
        let signs = if own == first {
            (*first_sign, *second_sign)
        } else {
            (*second_sign, *first_sign)
        };
        let has_other = [first, second].into_iter().any(|position| *position == other);
        if signs != (-1, 1) || !has_other {
            return None;
        }
        let own = own - if side == 0 { 0 } else { width };
        let column = &scopes[side].columns[own].field;
        Some(JoinBound {
            time: Expr::column(own, column.data_type.clone(), column.nullable),
            shift_micros: sum.micros,
            is_strict,
            limit_ms: None,
        })
    });
    bounds.min_by_key(|bound| bound.threshold_micros(0))
}

/// Where a condition on one side alone stops its bound: `amount > 0` reads as a time of 0 in Spark, so that an outer join
/// with it never lets go of that side. Milliseconds since 1970.
pub(super) fn limit_of_side(conditions: &[Expr]) -> Option<i64> {
    let limits = conditions.iter().filter_map(|condition| {
        let Kind::Call { name, arguments, .. } = &condition.kind else {
            return None;
        };
        let (column, constant, is_strict) = match (*name, arguments.as_slice()) {
            (">", [column, constant]) | ("<", [constant, column]) => (column, constant, 0),
            (">=", [column, constant]) | ("<=", [constant, column]) => (column, constant, 1),
            _ => return None,
        };
        matches!(column.kind, Kind::Column(_)).then_some(())?;
        let value = match constant_micros(constant) {
            Some(micros) => micros,
            None => constant_integer(constant)?,
        };
        Some(value / 1000 - is_strict)
    });
    limits.min()
}

fn constant_integer(expr: &Expr) -> Option<i64> {
    let array = expr.as_literal().filter(|array| !array.is_null(0))?;
    let int = array
        .as_primitive_opt::<Int32Type>()
        .map(|array| i64::from(array.value(0)));
    int.or_else(|| Some(array.as_primitive_opt::<Int64Type>()?.value(0)))
}

/// A sum of columns of times and of constant intervals.
#[derive(Default)]
struct Sum {
    columns: Vec<(usize, i32)>,
    micros: i64,
}

impl Sum {
    /// Adds `sign` times an expression; none where it is no such sum.
    fn add(&mut self, expr: &Expr, sign: i32) -> Option<()> {
        match &expr.kind {
            Kind::Column(position) if expr.data_type == DataType::Timestamp => {
                self.columns.push((*position, sign));
                Some(())
            }
            Kind::Literal(_) => {
                self.micros = self
                    .micros
                    .checked_add(i64::from(sign).checked_mul(constant_micros(expr)?)?)?;
                Some(())
            }
            Kind::Call { name, arguments, .. } => match (*name, arguments.as_slice()) {
                ("+", [left, right]) => {
                    self.add(left, sign)?;
                    self.add(right, sign)
                }
                ("-", [left, right]) => {
                    self.add(left, sign)?;
                    self.add(right, -sign)
                }
                ("negative", [only]) => self.add(only, -sign),
                // Spark looks through casts, and so takes a time as seconds for the time itself.
                ("cast", [only]) if expr.data_type == DataType::Timestamp || expr.data_type.is_numeric() => {
                    self.add(only, sign)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// A constant time or interval in microseconds; none where it has months.
fn constant_micros(expr: &Expr) -> Option<i64> {
    let array = expr.as_literal()?;
    if array.is_null(0) {
        return None;
    }
    if let Some(duration) = array.as_primitive_opt::<DurationMicrosecondType>() {
        return Some(duration.value(0));
    }
    if let Some(time) = array.as_primitive_opt::<TimestampMicrosecondType>() {
        return Some(time.value(0));
    }
    let interval = array.as_primitive_opt::<IntervalMonthDayNanoType>()?.value(0);
    let days = i64::from(interval.days).checked_mul(86_400_000_000)?;
    (interval.months == 0).then(|| days.checked_add(interval.nanoseconds / 1000))?
}
