//! Subqueries of WHERE: `IN (SELECT ...)` and `EXISTS (SELECT ...)` become semi joins, their negations anti joins.

use sqlparser::ast::{BinaryOperator, Expr, Query, Select, SelectItem, SetExpr, TableFactor, UnaryOperator};

use super::super::naming::output_name;
use super::super::{Expression, Relation};
use super::expression::{call, expression, object_name, quoted};
use super::from::{from, lateral_view};
use super::query::{query, select_item};
use super::{Catalog, unsupported};
use crate::error::Result;

/// Name that the one column of an IN subquery gets: no column of a view is likely to have it.
const VALUE: &str = "__subquery_value";

/// The rows for which a WHERE condition is true. Its parts that are plain come first, then those with subqueries.
pub(super) fn filtered(relation: Relation, condition: &Expr, catalog: &Catalog) -> Result<Relation> {
    let (subqueries, plain): (Vec<&Expr>, Vec<&Expr>) =
        conjuncts(condition).into_iter().partition(|part| is_subquery(part));
    let mut relation = match conjunction(&plain, catalog)? {
        Some(condition) => Relation::Filter {
            input: Box::new(relation),
            condition: Box::new(condition),
        },
        None => relation,
    };
    for part in subqueries {
        relation = joined(relation, part, false, catalog)?;
    }
    Ok(relation)
}

/// The parts of a condition that AND joins, in their order.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    let mut waiting = vec![condition];
    let mut parts = Vec::new();
    while let Some(expr) = waiting.pop() {
        match expr {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => waiting.extend([right.as_ref(), left.as_ref()]),
            Expr::Nested(inner) => waiting.push(inner),
            other => parts.push(other),
        }
    }
    parts
}

fn conjunction(parts: &[&Expr], catalog: &Catalog) -> Result<Option<Expression>> {
    let mut all = None;
    for part in parts {
        let part = expression(part, catalog)?;
        all = Some(match all {
            None => part,
            Some(before) => call("and", vec![before, part]),
        });
    }
    Ok(all)
}

fn is_subquery(expr: &Expr) -> bool {
    match expr {
        Expr::InSubquery { .. } | Expr::Exists { .. } => true,
        Expr::Nested(inner)
        | Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            expr: inner,
        } => is_subquery(inner),
        _ => false,
    }
}

/// The rows that a condition with a subquery keeps.
fn joined(relation: Relation, condition: &Expr, is_negated: bool, catalog: &Catalog) -> Result<Relation> {
    match condition {
        Expr::Nested(inner) => joined(relation, inner, is_negated, catalog),
        Expr::UnaryOp { expr, .. } => joined(relation, expr, !is_negated, catalog),
        Expr::Exists { subquery, negated } => {
            let (right, correlation) = correlated(subquery, catalog)?;
            Ok(join(relation, right, correlation, is_negated != *negated))
        }
        Expr::InSubquery {
            expr,
            subquery,
            negated,
        } => {
            let (right, correlation) = values(subquery, catalog)?;
            let column = Expression::Column {
                name: VALUE.to_string(),
            };
            let mut matches = call("=", vec![expression(expr, catalog)?, column]);
            let is_negated = is_negated != *negated;
            if is_negated {
                // NOT IN is not true either where a null leaves it open.
                let is_open = call("isnull", vec![matches.clone()]);
                matches = call("or", vec![matches, is_open]);
            }
            let matches = match correlation {
                Some(correlation) => call("and", vec![matches, correlation]),
                None => matches,
            };
            Ok(join(relation, right, Some(matches), is_negated))
        }
        other => Err(unsupported(other)),
    }
}

fn join(left: Relation, right: Relation, condition: Option<Expression>, is_negated: bool) -> Relation {
    Relation::Join {
        left: Box::new(left),
        right: Box::new(right),
        condition: condition.map(Box::new),
        using: Vec::new(),
        how: if is_negated { "left_anti" } else { "left_semi" }.to_string(),
    }
}

/// The rows of an IN subquery with their one column under the name [`VALUE`], and what ties them to the outer rows.
fn values(subquery: &Query, catalog: &Catalog) -> Result<(Relation, Option<Expression>)> {
    let value_of = |item: &SelectItem| -> Result<Expression> {
        match select_item(item, catalog)? {
            Expression::Star { .. } => Err(unsupported("* in an IN subquery")),
            item => Ok(item),
        }
    };
    let Some(select) = plain_select(subquery, catalog) else {
        let SetExpr::Select(select) = subquery.body.as_ref() else {
            return Err(unsupported(subquery));
        };
        let [item] = select.projection.as_slice() else {
            return Err(unsupported(subquery));
        };
        let name = output_name(&value_of(item)?);
        let column = Expression::Column { name: quoted(&name) };
        return Ok((named(query(subquery, catalog)?, column), None));
    };
    let [item] = select.projection.as_slice() else {
        return Err(unsupported(subquery));
    };
    let (right, correlation) = correlated(subquery, catalog)?;
    let value = Expression::Alias {
        child: Box::new(value_of(item)?),
        name: VALUE.to_string(),
    };
    // The outer rows' names must not meet those of a subquery that does not know them.
    let right = match correlation {
        None => Relation::Project {
            input: Box::new(right),
            expressions: vec![value],
        },
        Some(_) => Relation::WithColumns {
            input: Box::new(right),
            columns: vec![value],
        },
    };
    Ok((right, correlation))
}

fn named(relation: Relation, column: Expression) -> Relation {
    Relation::Project {
        input: Box::new(relation),
        expressions: vec![Expression::Alias {
            child: Box::new(column),
            name: VALUE.to_string(),
        }],
    }
}

/// The SELECT of a query that neither groups nor limits: only such a one can look at the outer rows here.
fn plain_select<'a>(subquery: &'a Query, catalog: &Catalog) -> Option<&'a Select> {
    let SetExpr::Select(select) = subquery.body.as_ref() else {
        return None;
    };
    let has_items_alone = select.having.is_none()
        && select.distinct.is_none()
        && matches!(&select.group_by, sqlparser::ast::GroupByExpr::Expressions(keys, modifiers) if keys.is_empty() && modifiers.is_empty())
        && subquery.with.is_none()
        && subquery.limit_clause.is_none();
    let has_aggregate = select
        .projection
        .iter()
        .any(|item| select_item(item, catalog).is_ok_and(|item| super::super::expressions::has_aggregate(&item)));
    (has_items_alone && !has_aggregate).then_some(select)
}

/// The rows of a subquery, and the parts of its condition that name other tables than its own.
fn correlated(subquery: &Query, catalog: &Catalog) -> Result<(Relation, Option<Expression>)> {
    let Some(select) = plain_select(subquery, catalog) else {
        return Ok((query(subquery, catalog)?, None));
    };
    let mut relation = from(&select.from, catalog)?;
    for view in &select.lateral_views {
        relation = lateral_view(relation, view, catalog)?;
    }
    let own = table_names(select);
    let parts = select.selection.as_ref().map(conjuncts).unwrap_or_default();
    let mut outer = None;
    for part in parts {
        let node = expression(part, catalog)?;
        if is_of(&node, &own) {
            relation = filtered(relation, part, catalog)?;
        } else {
            outer = Some(match outer {
                None => node,
                Some(before) => call("and", vec![before, node]),
            });
        }
    }
    Ok((relation, outer))
}

fn table_names(select: &Select) -> Vec<String> {
    let factors = select
        .from
        .iter()
        .flat_map(|table| std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation)));
    factors
        .filter_map(|factor| match factor {
            TableFactor::Table { name, alias, .. } => Some(match alias {
                Some(alias) => alias.name.value.clone(),
                None => object_name(name),
            }),
            TableFactor::Derived { alias, .. } => alias.as_ref().map(|alias| alias.name.value.clone()),
            _ => None,
        })
        .collect()
}

/// Whether every qualified name is of one of these tables, or reaches into a column.
fn is_of(node: &Expression, own: &[String]) -> bool {
    match node {
        Expression::Column { name } => match name.split_once('.') {
            Some((qualifier, _)) => own.iter().any(|own| own.eq_ignore_ascii_case(qualifier)),
            None => true,
        },
        Expression::Call { arguments, .. } => arguments.iter().all(|argument| is_of(argument, own)),
        Expression::Cast { child, .. } | Expression::Alias { child, .. } => is_of(child, own),
        Expression::CaseWhen { branches, otherwise } => {
            branches
                .iter()
                .all(|branch| is_of(&branch.when, own) && is_of(&branch.then, own))
                && otherwise.as_deref().is_none_or(|otherwise| is_of(otherwise, own))
        }
        _ => true,
    }
}
