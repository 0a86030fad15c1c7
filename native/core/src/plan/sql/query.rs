//! SELECT to relations.
//!
//! A grouped SELECT becomes an aggregate whose results have names of their own, then a projection that picks and names
//! what was selected; HAVING and ORDER BY see the results by those names.

use sqlparser::ast::{
    Distinct, Expr, LimitClause, OrderByExpr, OrderByKind, OrderBySort, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Value,
};

use super::super::expressions::{has_aggregate, is_aggregate};
use super::super::{Expression, Relation};
use super::expression::{call, expression, object_name, quoted};
use super::from::{from, lateral_view};
use super::group_by::{GroupBy, group_by};
use super::literal::text;
use super::refusals::{check_query, check_select, check_star};
use super::subquery::filtered;
use super::{Catalog, unsupported};
use crate::error::Result;
use crate::expr::GENERATOR_NAMES;

/// The relation of a query.
pub(super) fn query(query: &Query, catalog: &Catalog) -> Result<Relation> {
    check_query(query)?;
    let orders = match &query.order_by {
        None => Vec::new(),
        Some(order_by) => match &order_by.kind {
            OrderByKind::Expressions(orders) => orders
                .iter()
                .map(|entry| order(entry, catalog))
                .collect::<Result<Vec<_>>>()?,
            OrderByKind::All(_) => return Err(unsupported("ORDER BY ALL")),
        },
    };
    let relation = match query.body.as_ref() {
        SetExpr::Select(select) => select_relation(select, orders, catalog)?,
        SetExpr::Query(inner) => sorted(self::query(inner, catalog)?, orders),
        other => return Err(unsupported(other)),
    };
    limited(relation, query.limit_clause.as_ref())
}

fn sorted(relation: Relation, orders: Vec<Expression>) -> Relation {
    if orders.is_empty() {
        relation
    } else {
        Relation::Sort {
            input: Box::new(relation),
            orders,
        }
    }
}

fn limited(relation: Relation, clause: Option<&LimitClause>) -> Result<Relation> {
    let number = |expr: &Expr| match expr {
        Expr::Value(constant) => match &constant.value {
            Value::Number(digits, _) => digits.parse::<u32>().map_err(|_| unsupported(expr)),
            _ => Err(unsupported(expr)),
        },
        _ => Err(unsupported(expr)),
    };
    let (limit, offset) = match clause {
        None => return Ok(relation),
        Some(LimitClause::LimitOffset { limit_by, .. }) if !limit_by.is_empty() => {
            return Err(unsupported("LIMIT BY"));
        }
        Some(LimitClause::LimitOffset { limit, offset, .. }) => (
            limit.as_ref().map(number).transpose()?,
            offset.as_ref().map(|offset| number(&offset.value)).transpose()?,
        ),
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(number(limit)?), Some(number(offset)?)),
    };
    Ok(Relation::Limit {
        input: Box::new(relation),
        count: limit.map_or(serde_json::json!(-1), |count| serde_json::json!(count)),
        offset: offset.unwrap_or(0),
    })
}

/// An entry of ORDER BY.
pub(super) fn order(order: &OrderByExpr, catalog: &Catalog) -> Result<Expression> {
    if order.with_fill.is_some() {
        return Err(unsupported("WITH FILL"));
    }
    let descending = matches!(order.options.sort, Some(OrderBySort::Desc));
    Ok(Expression::SortOrder {
        child: Box::new(expression(&order.expr, catalog)?),
        descending,
        // Spark's default: nulls first ascending, last descending.
        nulls_first: order.options.nulls_first.unwrap_or(!descending),
    })
}

/// One item of a select list.
pub(super) fn select_item(item: &SelectItem, catalog: &Catalog) -> Result<Expression> {
    Ok(match item {
        SelectItem::UnnamedExpr(expr) => expression(expr, catalog)?,
        SelectItem::ExprWithAlias { expr, alias } => Expression::Alias {
            child: Box::new(expression(expr, catalog)?),
            name: alias.value.clone(),
        },
        SelectItem::Wildcard(options) => {
            check_star(options)?;
            Expression::Star { target: None }
        }
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
            check_star(options)?;
            Expression::Star {
                target: Some(object_name(name)),
            }
        }
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expr), _) => return Err(unsupported(expr)),
        SelectItem::ExprWithAliases { expr, aliases } => Expression::MultiAlias {
            child: Box::new(expression(expr, catalog)?),
            names: aliases.iter().map(|alias| alias.value.clone()).collect(),
        },
    })
}

fn select_relation(select: &Select, orders: Vec<Expression>, catalog: &Catalog) -> Result<Relation> {
    check_select(select)?;
    let mut relation = from(&select.from, catalog)?;
    for view in &select.lateral_views {
        relation = lateral_view(relation, view, catalog)?;
    }
    if let Some(condition) = &select.selection {
        relation = filtered(relation, condition, catalog)?;
    }
    let items = select.projection.iter().map(|item| select_item(item, catalog));
    let items = items.collect::<Result<Vec<_>>>()?;
    let keys = group_by(select, &items, catalog)?;
    let having = select.having.as_ref().map(|condition| expression(condition, catalog));
    let having = having.transpose()?;
    let is_grouped = keys.is_some() || having.is_some() || items.iter().any(has_aggregate);
    let mut relation = if is_grouped {
        grouped(relation, keys.unwrap_or_default(), items, having, orders)?
    } else {
        ungrouped(relation, items, orders)
    };
    match &select.distinct {
        None | Some(Distinct::All) => {}
        Some(Distinct::Distinct) => {
            relation = Relation::Distinct {
                input: Box::new(relation),
            }
        }
        Some(other) => return Err(unsupported(other)),
    }
    Ok(relation)
}

/// ORDER BY may name what is selected and what is not: it is resolved over the output, and where a name is not there,
/// over the input.
fn ungrouped(relation: Relation, items: Vec<Expression>, orders: Vec<Expression>) -> Relation {
    let names: Vec<String> = items.iter().map(super::super::naming::output_name).collect();
    let has_star = items.iter().any(|item| matches!(item, Expression::Star { .. }));
    let is_output = |order: &Expression| match order {
        Expression::SortOrder { child, .. } => match child.as_ref() {
            Expression::Column { name } => has_star || names.iter().any(|output| output.eq_ignore_ascii_case(name)),
            Expression::Literal { .. } => true,
            _ => false,
        },
        _ => false,
    };
    let orders: Vec<Expression> = orders.into_iter().map(|order| by_ordinal(order, &names)).collect();
    if orders.iter().all(is_output) {
        let project = Relation::Project {
            input: Box::new(relation),
            expressions: items,
        };
        return sorted(project, orders);
    }
    Relation::Project {
        input: Box::new(sorted(relation, orders)),
        expressions: items,
    }
}

/// `ORDER BY 2` is the second column.
fn by_ordinal(order: Expression, names: &[String]) -> Expression {
    let Expression::SortOrder {
        child,
        descending,
        nulls_first,
    } = order
    else {
        return order;
    };
    let child = match child.as_ref() {
        Expression::Literal {
            value: serde_json::Value::String(digits),
            data_type,
        } if data_type == "int" => {
            match digits
                .parse::<usize>()
                .ok()
                .and_then(|ordinal| names.get(ordinal.wrapping_sub(1)))
            {
                Some(name) => Box::new(Expression::Column { name: quoted(name) }),
                None => child,
            }
        }
        _ => child,
    };
    Expression::SortOrder {
        child,
        descending,
        nulls_first,
    }
}

fn grouped(
    relation: Relation,
    GroupBy { keys, sets }: GroupBy,
    items: Vec<Expression>,
    having: Option<Expression>,
    orders: Vec<Expression>,
) -> Result<Relation> {
    let result_name = |index: usize| format!("__result{index}");
    let names: Vec<String> = items.iter().map(super::super::naming::output_name).collect();
    let by_name = |name: &str| {
        names
            .iter()
            .position(|output| output.eq_ignore_ascii_case(name.trim_matches('`')))
    };
    let mut aggregates: Vec<Expression> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if matches!(item, Expression::Star { .. }) {
            return Err(unsupported("* in a grouped SELECT"));
        }
        let result = match generator_arguments(item) {
            // What a generator is given is computed for the groups; its rows are made afterwards.
            Some(arguments) => call("struct", arguments.to_vec()),
            None => without_alias(item).clone(),
        };
        aggregates.push(Expression::Alias {
            child: Box::new(result),
            name: result_name(index),
        });
    }
    // HAVING and ORDER BY name results of the select list, or compute over groups themselves.
    let extra = |node: &Expression, aggregates: &mut Vec<Expression>| {
        let node = replace_names(node, &|name| {
            by_name(name).map(|index| without_alias(&items[index]).clone())
        });
        aggregates.push(Expression::Alias {
            child: Box::new(node),
            name: result_name(aggregates.len()),
        });
        Expression::Column {
            name: result_name(aggregates.len() - 1),
        }
    };
    let having = having.as_ref().map(|condition| extra(condition, &mut aggregates));
    let orders: Vec<Expression> = orders
        .into_iter()
        .map(|order| match by_ordinal(order, &names) {
            Expression::SortOrder {
                child,
                descending,
                nulls_first,
            } => {
                let child = match child.as_ref() {
                    Expression::Column { name } if by_name(name).is_some() => Expression::Column {
                        name: result_name(by_name(name).unwrap_or_default()),
                    },
                    other => extra(other, &mut aggregates),
                };
                Expression::SortOrder {
                    child: Box::new(child),
                    descending,
                    nulls_first,
                }
            }
            other => other,
        })
        .collect();
    let mut relation = Relation::Aggregate {
        input: Box::new(relation),
        keys,
        aggregates,
        grouping_sets: sets.map(|sets| serde_json::json!(sets)),
    };
    if let Some(condition) = having {
        relation = Relation::Filter {
            input: Box::new(relation),
            condition: Box::new(condition),
        };
    }
    let relation = sorted(relation, orders);
    let expressions = names
        .into_iter()
        .zip(&items)
        .enumerate()
        .map(|(index, (name, item))| {
            over_result(item, &result_name(index)).unwrap_or_else(|| Expression::Alias {
                child: Box::new(Expression::Column {
                    name: result_name(index),
                }),
                name,
            })
        })
        .collect();
    Ok(Relation::Project {
        input: Box::new(relation),
        expressions,
    })
}

/// The arguments of the generator that an item of the select list is.
fn generator_arguments(item: &Expression) -> Option<&[Expression]> {
    match item {
        Expression::Alias { child, .. } | Expression::MultiAlias { child, .. } => generator_arguments(child),
        Expression::Call { name, arguments, .. } if GENERATOR_NAMES.contains(&name.as_str()) => Some(arguments),
        _ => None,
    }
}

/// The item's generator over the struct of its arguments in the column `result`; none where it is no generator.
fn over_result(item: &Expression, result: &str) -> Option<Expression> {
    Some(match item {
        Expression::Alias { child, name } => Expression::Alias {
            child: Box::new(over_result(child, result)?),
            name: name.clone(),
        },
        Expression::MultiAlias { child, names } => Expression::MultiAlias {
            child: Box::new(over_result(child, result)?),
            names: names.clone(),
        },
        Expression::Call { name, arguments, .. } if GENERATOR_NAMES.contains(&name.as_str()) => {
            let column = Expression::Column {
                name: result.to_string(),
            };
            let argument = |(index, argument): (usize, &Expression)| match argument {
                // Constants stay: stack() wants one.
                Expression::Literal { .. } => argument.clone(),
                _ => call(
                    "getfield",
                    vec![column.clone(), text(&super::super::naming::field_name(index, argument))],
                ),
            };
            call(name, arguments.iter().enumerate().map(argument).collect())
        }
        _ => return None,
    })
}

pub(super) fn without_alias(node: &Expression) -> &Expression {
    match node {
        Expression::Alias { child, .. } => without_alias(child),
        other => other,
    }
}

/// Puts what `find` gives where a column of that name stands outside of aggregate calls.
fn replace_names(node: &Expression, find: &dyn Fn(&str) -> Option<Expression>) -> Expression {
    match node {
        aggregate if is_aggregate(aggregate) => aggregate.clone(),
        Expression::Column { name } => find(name).unwrap_or_else(|| node.clone()),
        Expression::Call {
            name,
            arguments,
            options,
            distinct,
            filter,
        } => Expression::Call {
            name: name.clone(),
            arguments: arguments.iter().map(|argument| replace_names(argument, find)).collect(),
            options: options.clone(),
            distinct: *distinct,
            filter: filter.clone(),
        },
        Expression::Cast {
            child,
            data_type,
            attempt,
        } => Expression::Cast {
            child: Box::new(replace_names(child, find)),
            data_type: data_type.clone(),
            attempt: *attempt,
        },
        other => other.clone(),
    }
}
