//! Which columns are needed at all, and which fields of structs: what nobody reads further on is not computed, and not read from the
//! source (Spark's ColumnPruning).

use std::collections::{BTreeMap, BTreeSet};

use super::{AggregateSpec, Operator, Step};
use crate::expr::{Expr, Kind};

/// What is needed of a column.
enum Part {
    Whole,
    /// These fields of a struct.
    Fields(BTreeSet<usize>),
}

/// Columns that are needed, by position.
type Columns = BTreeMap<usize, Part>;

/// `None` for all of them.
type Needed = Option<Columns>;

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
        .map(|column| needed.as_ref().is_none_or(|needed| needed.contains_key(&column)))
        .collect()
}

fn of_groups(spec: &AggregateSpec) -> Columns {
    let mut needed = Columns::new();
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
    let part_of = |position: usize| match &needed {
        Some(needed) => needed.get(&position),
        None => Some(&Part::Whole),
    };
    match step {
        Step::Project(exprs) => {
            let mut named = Columns::new();
            compute_only(exprs, &part_of, &mut named);
            Some(named)
        }
        Step::Expand(projections) => {
            let mut named = Columns::new();
            for exprs in projections {
                compute_only(exprs, &part_of, &mut named);
            }
            Some(named)
        }
        Step::Filter(expr) | Step::Repeat(expr) => with(needed, [&*expr]),
        Step::Watermark { column, .. } => needed.map(|mut needed| {
            needed.insert(*column, Part::Whole);
            needed
        }),
        Step::ExpandWindows { key, width } => with(up_to(needed, *width), [key.time()]),
        Step::Generate { generator, width } => with(up_to(needed, *width), generator.arguments()),
    }
}

/// Leaves of a projection what is needed. The places of the others stay: a null is in them, or a column as it is.
fn compute_only<'a>(exprs: &mut [Expr], part_of: &dyn Fn(usize) -> Option<&'a Part>, named: &mut Columns) {
    for (position, expr) in exprs.iter_mut().enumerate() {
        match (part_of(position), &expr.kind) {
            (Some(Part::Fields(fields)), Kind::Column(column)) => {
                fields.iter().for_each(|field| add(*column, Some(*field), named));
            }
            (Some(part), _) => {
                if let Part::Fields(fields) = part {
                    expr.narrow(|field| fields.contains(&field));
                }
                name(expr, named);
            }
            (None, Kind::Column(_)) => {}
            (None, _) => *expr = Expr::null(expr.data_type.clone()),
        }
    }
}

fn up_to(needed: Needed, width: usize) -> Needed {
    needed.map(|mut needed| {
        needed.retain(|position, _| *position < width);
        needed
    })
}

fn with<'a>(needed: Needed, exprs: impl IntoIterator<Item = &'a Expr>) -> Needed {
    needed.map(|mut needed| {
        for expr in exprs {
            name(expr, &mut needed);
        }
        needed
    })
}

fn name(expr: &Expr, named: &mut Columns) {
    for (column, field) in expr.used_fields() {
        add(column, field, named);
    }
}

/// A column is needed, or a field of it.
fn add(column: usize, field: Option<usize>, named: &mut Columns) {
    match (named.get_mut(&column), field) {
        (Some(Part::Whole), _) => {}
        (Some(Part::Fields(fields)), Some(field)) => {
            fields.insert(field);
        }
        (None, Some(field)) => {
            named.insert(column, Part::Fields(BTreeSet::from([field])));
        }
        (_, None) => {
            named.insert(column, Part::Whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::column::{DataType, parse_schema};
    use crate::expr::{Kernel, StructUse, get_field};

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
    fn of_structs_the_fields_are_made_that_are_looked_at() {
        let fields = parse_schema("a BIGINT, b BIGINT, c BIGINT").unwrap();
        let data_type = DataType::Struct(fields);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let made = || {
            let asked = Arc::clone(&asked);
            let kernel = |values: &[crate::expr::Value], _: usize| Ok(values[0].clone());
            let narrow = move |wanted: &[bool]| -> Kernel {
                asked.lock().unwrap().push(wanted.to_vec());
                Arc::new(kernel)
            };
            Expr::call("made", vec![column(2)], data_type.clone(), true, kernel)
                .with_struct_use(StructUse::Makes(Arc::new(narrow)))
        };
        let whole = Expr::column(0, data_type.clone(), true);
        let field = |base: &Expr, position: usize| get_field(base.clone(), position).unwrap();
        // Through a column that is only handed on, a filter, and a projection.
        let mut steps = vec![
            Step::Project(vec![made()]),
            Step::Project(vec![whole.clone()]),
            Step::Filter(field(&whole, 2)),
            Step::Project(vec![field(&whole, 0)]),
        ];
        assert_eq!(prune(&mut steps, None, 4), [false, false, true, false]);
        assert_eq!(*asked.lock().unwrap(), [[true, false, true]]);
        // Something looks at all of it.
        let null_test = Expr::call("isnull", vec![whole.clone()], DataType::Boolean, false, |values, _| {
            Ok(values[0].clone())
        });
        let mut steps = vec![
            Step::Project(vec![made()]),
            Step::Project(vec![field(&whole, 0), null_test]),
        ];
        prune(&mut steps, None, 4);
        assert_eq!(asked.lock().unwrap().len(), 1);
        // Within one expression.
        field(&made(), 1);
        assert_eq!(asked.lock().unwrap()[1..], [[false, true, false]]);
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
