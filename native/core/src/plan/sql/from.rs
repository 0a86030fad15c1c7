//! FROM: views, subqueries, joins, LATERAL VIEW.

use sqlparser::ast::{JoinConstraint, JoinOperator, LateralView, ObjectName, TableFactor, TableWithJoins};

use super::super::{Expression, Relation};
use super::Catalog;
use super::expression::{expression, object_name};
use super::query::query;
use super::refusals::{check_alias, check_table};
use super::sample::sampled;
use super::unsupported;
use crate::error::{Error, ErrorCode, Result};

/// The relation of a FROM clause: tables without a join between them are crossed.
pub(super) fn from(tables: &[TableWithJoins], catalog: &Catalog) -> Result<Relation> {
    let mut relation = None;
    for table in tables {
        let right = joined(table, catalog)?;
        relation = Some(match relation {
            None => right,
            Some(left) => join(left, right, None, Vec::new(), "cross"),
        });
    }
    Ok(relation.unwrap_or(Relation::OneRow {}))
}

fn join(left: Relation, right: Relation, condition: Option<Expression>, using: Vec<String>, how: &str) -> Relation {
    Relation::Join {
        left: Box::new(left),
        right: Box::new(right),
        condition: condition.map(Box::new),
        using,
        how: how.to_string(),
    }
}

/// A table with the tables joined to it, from left to right.
fn joined(table: &TableWithJoins, catalog: &Catalog) -> Result<Relation> {
    let mut relation = factor(&table.relation, catalog)?;
    for step in &table.joins {
        if step.global {
            return Err(unsupported("GLOBAL JOIN"));
        }
        let right = factor(&step.relation, catalog)?;
        let (how, constraint) = match &step.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => ("inner", constraint),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => ("left_outer", constraint),
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => ("right_outer", constraint),
            JoinOperator::FullOuter(constraint) => ("full_outer", constraint),
            JoinOperator::CrossJoin(constraint) => ("cross", constraint),
            JoinOperator::Semi(constraint) | JoinOperator::LeftSemi(constraint) => ("left_semi", constraint),
            JoinOperator::Anti(constraint) | JoinOperator::LeftAnti(constraint) => ("left_anti", constraint),
            _ => return Err(unsupported(step)),
        };
        let (condition, using) = match constraint {
            JoinConstraint::On(condition) => (Some(expression(condition, catalog)?), Vec::new()),
            JoinConstraint::Using(names) => (None, names.iter().map(column_name).collect()),
            JoinConstraint::None => (None, Vec::new()),
            JoinConstraint::Natural => return Err(unsupported("NATURAL JOIN")),
        };
        relation = join(relation, right, condition, using, how);
    }
    Ok(relation)
}

fn column_name(name: &ObjectName) -> String {
    let last = name.0.last().and_then(|part| part.as_ident());
    last.map_or_else(String::new, |ident| ident.value.clone())
}

fn factor(factor: &TableFactor, catalog: &Catalog) -> Result<Relation> {
    check_table(factor)?;
    match factor {
        TableFactor::Table {
            name,
            alias,
            args: None,
            sample,
            ..
        } => {
            check_alias(alias.as_ref())?;
            let name = object_name(name);
            let relation = catalog
                .views
                .iter()
                .find(|(view, _)| view.eq_ignore_ascii_case(&name))
                .map(|(_, view)| view.clone());
            let relation = relation
                .ok_or_else(|| Error::new(ErrorCode::TableOrViewNotFound).with("relationName", format!("`{name}`")))?;
            let relation = sampled(relation, sample.as_ref())?;
            let alias = alias.as_ref().map_or(name, |alias| alias.name.value.clone());
            Ok(Relation::SubqueryAlias {
                input: Box::new(relation),
                alias,
            })
        }
        TableFactor::Derived {
            subquery,
            alias,
            sample,
            ..
        } => {
            check_alias(alias.as_ref())?;
            let relation = sampled(query(subquery, catalog)?, sample.as_ref())?;
            Ok(match alias {
                None => relation,
                Some(alias) => Relation::SubqueryAlias {
                    input: Box::new(relation),
                    alias: alias.name.value.clone(),
                },
            })
        }
        TableFactor::NestedJoin {
            table_with_joins,
            alias: None,
        } => joined(table_with_joins, catalog),
        other => Err(unsupported(other)),
    }
}

/// The input's rows beside those that a generator makes of each.
pub(super) fn lateral_view(input: Relation, view: &LateralView, catalog: &Catalog) -> Result<Relation> {
    let qualifier = object_name(&view.lateral_view_name);
    Ok(Relation::Generate {
        input: Box::new(input),
        generator: Box::new(expression(&view.lateral_view, catalog)?),
        outer: view.outer,
        qualifier: (!qualifier.is_empty()).then_some(qualifier),
        names: view.lateral_col_alias.iter().map(|alias| alias.value.clone()).collect(),
    })
}
