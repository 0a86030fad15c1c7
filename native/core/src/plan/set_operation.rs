//! Rows of two relations put together or compared: union, except, intersect.

use serde_json::Value as Json;

use super::flows::Resolved;
use super::resolve::Resolver;
use super::scope::{EventTime, Scope, ScopeColumn};
use super::{Expression, OperationKind, Relation, Step, coerce};
use crate::column::{DataType, Field};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, literal};

/// Resolves a union: the columns have the names of the left side and types in which both fit.
pub(super) fn resolve_union(
    resolver: &mut Resolver<'_>,
    (left, right): (&Relation, &Relation),
    by_name: bool,
    allow_missing: bool,
) -> Result<()> {
    let left = resolver.relation(left)?;
    let mut right = resolver.relation(right)?;
    let inputs = vec![left.head, right.head];
    let (left, right) = if by_name {
        let left = with_missing(left, &right.scope, allow_missing)?;
        let found = with_missing(right, &left.scope, allow_missing)?;
        right = in_order_of(found, &left.scope);
        (left, right)
    } else {
        (left, right)
    };
    unite(resolver, [left, right], "UNION")?;
    resolver.note_over(OperationKind::Union, inputs);
    Ok(())
}

/// Resolves EXCEPT or INTERSECT: rows are counted on both sides, and come out as often as the counts say.
pub(super) fn resolve_set_operation(
    resolver: &mut Resolver<'_>,
    (left, right): (&Relation, &Relation),
    kind: &str,
    all: bool,
) -> Result<()> {
    let left = resolver.relation(left)?;
    let right = resolver.relation(right)?;
    let inputs = vec![left.head, right.head];
    let names: Vec<String> = left
        .scope
        .columns
        .iter()
        .map(|column| column.field.name.clone())
        .collect();
    let operator = if kind == "except" { "EXCEPT" } else { "INTERSECT" };
    let sides = [with_counts(left, [1, 0])?, with_counts(right, [0, 1])?];
    unite(resolver, sides, operator)?;
    let width = names.len();
    // Positions are the names now: the columns' own may be there twice.
    for (position, column) in resolver.scope.columns.iter_mut().enumerate() {
        column.field.name = position.to_string();
        column.qualifier = None;
    }
    let at = |position: usize| Expression::Column {
        name: format!("`{position}`"),
    };
    let number = |value: i32| Expression::Literal {
        value: value.into(),
        data_type: "BIGINT".to_string(),
    };
    let call = |name: &str, arguments: Vec<Expression>| Expression::Call {
        name: name.to_string(),
        arguments,
        options: None,
        distinct: None,
        filter: None,
    };
    let alias = |child: Expression, name: &str| Expression::Alias {
        child: Box::new(child),
        name: name.to_string(),
    };
    let keys: Vec<Expression> = (0..width).map(at).collect();
    let sums =
        [(width, "left"), (width + 1, "right")].map(|(position, name)| alias(call("sum", vec![at(position)]), name));
    super::aggregate::resolve_aggregate(resolver, &keys, &sums, None)?;
    let [left, right] = ["left", "right"].map(|name| Expression::Column { name: name.to_string() });
    let times = match (kind, all) {
        ("except", false) => call(
            "if",
            vec![
                call(
                    "and",
                    vec![call(">", vec![left, number(0)]), call("=", vec![right, number(0)])],
                ),
                number(1),
                number(0),
            ],
        ),
        ("except", true) => call("-", vec![left, right]),
        (_, false) => call("least", vec![left, right, number(1)]),
        (_, true) => call("least", vec![left, right]),
    };
    let times = resolver.expression(&times)?;
    resolver.push(Step::Repeat(times));
    resolver.scope.columns.truncate(width);
    let kept: Vec<Expr> = (0..width).map(|position| resolver.column_at(position).expr).collect();
    resolver.push(Step::Project(kept));
    for (column, name) in resolver.scope.columns.iter_mut().zip(names) {
        column.field.name = name;
    }
    let kind = if kind == "except" {
        OperationKind::Except
    } else {
        OperationKind::Intersect
    };
    resolver.note_over(kind, inputs);
    Ok(())
}

/// Brings the flows of both sides together; the scope becomes what both have in common.
fn unite(resolver: &mut Resolver<'_>, sides: [Resolved; 2], operator: &str) -> Result<()> {
    let [left, right] = sides;
    let (left_columns, right_columns) = (&left.scope.columns, &right.scope.columns);
    if left_columns.len() != right_columns.len() {
        return Err(Error::new(ErrorCode::NumColumnsMismatch)
            .with("operator", operator)
            .with("firstNumColumns", left_columns.len().to_string())
            .with("invalidOrdinalNum", "second")
            .with("invalidNumColumns", right_columns.len().to_string()));
    }
    let mut columns = Vec::with_capacity(left_columns.len());
    for (position, (one, other)) in left_columns.iter().zip(right_columns).enumerate() {
        let types = [one.field.data_type.clone(), other.field.data_type.clone()];
        let Some(common) = coerce::widest_type(&types, true) else {
            return Err(Error::new(ErrorCode::IncompatibleColumnType)
                .with("operator", operator)
                .with("columnOrdinalNumber", ordinal(position))
                .with("tableOrdinalNumber", "second")
                .with("dataType1", types[1].quoted_sql())
                .with("dataType2", types[0].quoted_sql())
                .with("hint", ""));
        };
        columns.push(ScopeColumn {
            field: Field::new(&one.field.name, common, one.field.nullable || other.field.nullable),
            // What comes out is the first side's column, its metadata with it: a watermark that the other side alone has moves
            // the query's, but the column is event time no longer.
            event_time: one.event_time,
            qualifier: one.qualifier.clone(),
        });
    }
    let mut flows = Vec::new();
    for side in [left, right] {
        let exprs = side.columns();
        let casts: Vec<Expr> = exprs
            .into_iter()
            .zip(&columns)
            .map(|(expr, column)| coerce::cast_to(expr, &column.field.data_type, resolver.session))
            .collect::<Result<_>>()?;
        let is_same = side
            .scope
            .columns
            .iter()
            .zip(&columns)
            .all(|(own, common)| own.field.data_type == common.field.data_type);
        flows.extend(side.flows.into_iter().map(|mut flow| {
            if !is_same {
                flow.steps.push(Step::Project(casts.clone()));
            }
            flow
        }));
    }
    resolver.flows = flows;
    resolver.scope.columns = columns;
    Ok(())
}

fn ordinal(position: usize) -> String {
    const NAMES: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
    NAMES
        .get(position)
        .map_or_else(|| format!("{}th", position + 1), |name| (*name).to_string())
}

/// The rows with two constant columns behind them: how often a row counts on either side.
fn with_counts(mut side: Resolved, counts: [i64; 2]) -> Result<Resolved> {
    let mut exprs = side.columns();
    for count in counts {
        exprs.push(literal(&Json::from(count), &DataType::BigInt)?);
        side.scope.columns.push(unnamed(DataType::BigInt, false));
    }
    side.project(exprs);
    Ok(side)
}

fn unnamed(data_type: DataType, nullable: bool) -> ScopeColumn {
    ScopeColumn {
        field: Field::new("", data_type, nullable),
        event_time: EventTime::default(),
        qualifier: None,
    }
}

/// The rows with nulls for the columns that only `other` has. Fails with UNRESOLVED_COLUMN where that is not allowed.
fn with_missing(mut side: Resolved, other: &Scope, allowed: bool) -> Result<Resolved> {
    let mut exprs = side.columns();
    let width = exprs.len();
    for column in &other.columns {
        let name = &column.field.name;
        if side
            .scope
            .columns
            .iter()
            .any(|own| side.scope.same_name(&own.field.name, name))
        {
            continue;
        }
        if !allowed {
            // The error names the column and what is there.
            side.scope.lookup(&format!("`{}`", name.replace('`', "``")))?;
        }
        exprs.push(literal(&Json::Null, &column.field.data_type)?);
        let mut added = unnamed(column.field.data_type.clone(), true);
        added.field.name = name.clone();
        side.scope.columns.push(added);
    }
    if exprs.len() > width {
        side.project(exprs);
    }
    Ok(side)
}

/// The columns in the order of `wanted`, which has the same names.
fn in_order_of(mut side: Resolved, wanted: &Scope) -> Resolved {
    let positions: Vec<usize> = wanted
        .columns
        .iter()
        .filter_map(|column| {
            let same = |own: &ScopeColumn| side.scope.same_name(&own.field.name, &column.field.name);
            side.scope.columns.iter().position(same)
        })
        .collect();
    let exprs = side.columns();
    let exprs = positions.iter().map(|&position| exprs[position].clone()).collect();
    side.scope.columns = positions
        .iter()
        .map(|&position| side.scope.columns[position].clone())
        .collect();
    side.project(exprs);
    side
}
