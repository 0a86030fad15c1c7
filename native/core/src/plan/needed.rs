//! Which columns are needed at all: what nobody reads further on is not computed, and not read from the source (Spark's ColumnPruning).

use std::collections::BTreeSet;

use super::{AggregateSpec, Operator, Step};
use crate::expr::Expr;

/// Columns that are needed, by position; `None` for all of them.
type Needed = Option<BTreeSet<usize>>;

/// Takes out of `steps` what an operator behind them does not look at, and gives the columns of the origin, of which there are
/// `width`, that are needed. Rows for the sink (no operator) and for operators that hand rows on are needed whole.
pub fn prune(steps: &mut [Step], operator: Option<&Operator>, width: usize) -> Vec<bool> {
    let mut needed = match operator {
        Some(Operator::Aggregate(spec)) => Some(of_groups(spec)),
        Some(Operator::Sessions(spec)) => {
            let mut needed = of_groups(&spec.groups);
            name(&spec.window, &mut needed);
            Some(needed)
        }
        _ => None,
    };
    for step in steps.iter_mut().rev() {
        needed = before(step, needed);
    }
    (0..width)
        .map(|column| needed.as_ref().is_none_or(|needed| needed.contains(&column)))
        .collect()
}

fn of_groups(spec: &AggregateSpec) -> BTreeSet<usize> {
    let mut needed = BTreeSet::new();
    let time = spec.event_time.as_ref().map(|key| key.time());
    let of_calls = spec.calls.iter().flat_map(|call| {
        let given = call.arguments.iter().chain(&call.given);
        given.chain(&call.filter).chain(&call.beside)
    });
    for expr in spec.keys.iter().chain(time).chain(of_calls) {
        name(expr, &mut needed);
    }
    needed
}

/// What is needed before a step where `needed` is needed behind it.
fn before(step: &mut Step, needed: Needed) -> Needed {
    let is_needed = |position: usize| needed.as_ref().is_none_or(|needed| needed.contains(&position));
    match step {
        Step::Project(exprs) => {
            let mut named = BTreeSet::new();
            compute_only(exprs, &is_needed, &mut named);
            Some(named)
        }
        Step::Expand(projections) => {
            let mut named = BTreeSet::new();
            for exprs in projections {
                compute_only(exprs, &is_needed, &mut named);
            }
            Some(named)
        }
        Step::Filter(expr) | Step::Repeat(expr) => with(needed, [&*expr]),
        Step::Watermark { column, .. } => needed.map(|mut needed| {
            needed.insert(*column);
            needed
        }),
        Step::ExpandWindows { key, width } => with(up_to(needed, *width), [key.time()]),
        Step::Generate { generator, width } => with(up_to(needed, *width), generator.arguments()),
    }
}

/// Leaves of a projection what is needed. The places of the others stay: a null is in them, or a column as it is.
fn compute_only(exprs: &mut [Expr], is_needed: &dyn Fn(usize) -> bool, named: &mut BTreeSet<usize>) {
    for (position, expr) in exprs.iter_mut().enumerate() {
        if is_needed(position) {
            name(expr, named);
        } else if !expr.is_column() {
            *expr = Expr::null(expr.data_type.clone());
        }
    }
}

fn up_to(needed: Needed, width: usize) -> Needed {
    needed.map(|needed| needed.into_iter().filter(|&position| position < width).collect())
}

fn with<'a>(needed: Needed, exprs: impl IntoIterator<Item = &'a Expr>) -> Needed {
    needed.map(|mut needed| {
        for expr in exprs {
            name(expr, &mut needed);
        }
        needed
    })
}

fn name(expr: &Expr, named: &mut BTreeSet<usize>) {
    named.extend(expr.named_columns());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::DataType;

    fn column(position: usize) -> Expr {
        Expr::column(position, DataType::BigInt, true)
    }

    fn computed(position: usize) -> Expr {
        let kernel = |values: &[crate::expr::Value], _: usize| Ok(values[0].clone());
        Expr::call("same", vec![column(position)], DataType::BigInt, true, kernel)
    }

    #[test]
    fn what_a_grouping_does_not_look_at_is_not_computed() {
        let mut steps = vec![
            Step::Filter(column(3)),
            Step::Project(vec![computed(0), computed(1), column(2), column(4)]),
            Step::Watermark { node: 0, column: 3 },
        ];
        let spec = AggregateSpec {
            keys: vec![column(0)],
            key_names: vec!["k".to_string()],
            event_time: None,
            event_time_position: 0,
            is_bounded: false,
            group_filters: Vec::new(),
            calls: Vec::new(),
            output: vec![column(0)],
        };
        let needed = prune(&mut steps, Some(&Operator::Aggregate(Box::new(spec))), 6);
        assert_eq!(needed, [true, false, false, true, true, false]);
        let Step::Project(exprs) = &steps[1] else {
            panic!("it is the projection")
        };
        assert!(exprs[0].as_literal().is_none());
        assert!(exprs[1].as_literal().is_some());
        assert!(exprs[2].is_column());
    }

    #[test]
    fn rows_that_come_out_are_whole() {
        assert_eq!(prune(&mut [], None, 2), [true, true]);
        let mut steps = [Step::Project(vec![computed(1)])];
        assert_eq!(prune(&mut steps, None, 3), [false, true, false]);
        let steps = &mut [Step::Project(vec![column(1)]), Step::Filter(column(0))];
        assert_eq!(prune(steps, None, 3), [false, true, false]);
    }
}
