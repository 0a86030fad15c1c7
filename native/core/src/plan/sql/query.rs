//! SELECT to relations.
//!
//! A grouped SELECT becomes an aggregate whose results have names of their own, then a projection that picks and names
//! what was selected; HAVING and ORDER BY see the results by those names.

use std::collections::BTreeMap;

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, GroupByWithModifier, LateralView, LimitClause, OrderByExpr, OrderByKind, OrderBySort,
    Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor, TableWithJoins, Value,
};

use super::super::expressions::has_aggregate;
use super::super::{Expression, Relation};
use super::expression::{expression, object_name, quoted};
use super::unsupported;
use crate::aggregate::AGGREGATE_NAMES;
use crate::error::{Error, ErrorCode, Result};

type Views = BTreeMap<String, Relation>;

/// The relation of a query.
pub(super) fn query(query: &Query, views: &Views) -> Result<Relation> {
    if query.with.is_some() {
        return Err(unsupported("WITH"));
    }
    let orders = match &query.order_by {
        None => Vec::new(),
        Some(order_by) => match &order_by.kind {
            OrderByKind::Expressions(orders) => orders.iter().map(order).collect::<Result<Vec<_>>>()?,
            OrderByKind::All(_) => return Err(unsupported("ORDER BY ALL")),
        },
    };
    let relation = match query.body.as_ref() {
        SetExpr::Select(select) => select_relation(select, orders, views)?,
        SetExpr::Query(inner) => sorted(self::query(inner, views)?, orders),
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

fn order(order: &OrderByExpr) -> Result<Expression> {
    let descending = matches!(order.options.sort, Some(OrderBySort::Desc));
    Ok(Expression::SortOrder {
        child: Box::new(expression(&order.expr)?),
        descending,
        // Spark's default: nulls first ascending, last descending.
        nulls_first: order.options.nulls_first.unwrap_or(!descending),
    })
}

/// One item of a select list.
pub(super) fn select_item(item: &SelectItem) -> Result<Expression> {
    Ok(match item {
        SelectItem::UnnamedExpr(expr) => expression(expr)?,
        SelectItem::ExprWithAlias { expr, alias } => Expression::Alias {
            child: Box::new(expression(expr)?),
            name: alias.value.clone(),
        },
        SelectItem::Wildcard(_) => Expression::Star { target: None },
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => Expression::Star {
            target: Some(object_name(name)),
        },
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(expr), _) => return Err(unsupported(expr)),
        SelectItem::ExprWithAliases { expr, .. } => return Err(unsupported(expr)),
    })
}

fn select_relation(select: &Select, orders: Vec<Expression>, views: &Views) -> Result<Relation> {
    let mut relation = from(&select.from, views)?;
    for view in &select.lateral_views {
        relation = lateral_view(relation, view)?;
    }
    if let Some(condition) = &select.selection {
        relation = Relation::Filter {
            input: Box::new(relation),
            condition: Box::new(expression(condition)?),
        };
    }
    let items = select.projection.iter().map(select_item).collect::<Result<Vec<_>>>()?;
    let keys = group_keys(select, &items)?;
    let having = select.having.as_ref().map(expression).transpose()?;
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
    keys: Vec<Expression>,
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
        aggregates.push(Expression::Alias {
            child: Box::new(without_alias(item).clone()),
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
        .enumerate()
        .map(|(index, name)| Expression::Alias {
            child: Box::new(Expression::Column {
                name: result_name(index),
            }),
            name,
        })
        .collect();
    Ok(Relation::Project {
        input: Box::new(relation),
        expressions,
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
        Expression::Column { name } => find(name).unwrap_or_else(|| node.clone()),
        Expression::Call {
            name,
            arguments,
            options,
            distinct,
            filter,
        } if !AGGREGATE_NAMES.contains(&name.as_str()) => Expression::Call {
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

/// The keys of GROUP BY; none where there is no GROUP BY. Ordinals and aliases of the select list are looked up.
fn group_keys(select: &Select, items: &[Expression]) -> Result<Option<Vec<Expression>>> {
    let (exprs, modifiers) = match &select.group_by {
        GroupByExpr::Expressions(exprs, modifiers) => (exprs, modifiers),
        GroupByExpr::All(_) => {
            let keys = items
                .iter()
                .filter(|item| !has_aggregate(item))
                .map(|item| without_alias(item).clone());
            return Ok(Some(keys.collect()));
        }
    };
    if let Some(modifier) = modifiers.first() {
        return Err(unsupported(match modifier {
            GroupByWithModifier::Rollup => "WITH ROLLUP".to_string(),
            GroupByWithModifier::Cube => "WITH CUBE".to_string(),
            other => other.to_string(),
        }));
    }
    if exprs.is_empty() {
        return Ok(None);
    }
    let keys = exprs
        .iter()
        .map(|expr| {
            let key = expression(expr)?;
            Ok(match &key {
                Expression::Literal {
                    value: serde_json::Value::String(digits),
                    data_type,
                } if data_type == "int" => {
                    let item = digits
                        .parse::<usize>()
                        .ok()
                        .and_then(|ordinal| items.get(ordinal.wrapping_sub(1)));
                    match item {
                        Some(item) if has_aggregate(item) => {
                            return Err(Error::new(ErrorCode::GroupByPosAggregate)
                                .with("index", digits)
                                .with("aggExpr", super::super::naming::output_name(item)));
                        }
                        Some(item) => without_alias(item).clone(),
                        None => {
                            return Err(Error::new(ErrorCode::GroupByPosOutOfRange)
                                .with("index", digits)
                                .with("size", items.len().to_string()));
                        }
                    }
                }
                Expression::Column { name } => {
                    let alias = items.iter().find_map(|item| match item {
                        Expression::Alias { child, name: alias } if alias.eq_ignore_ascii_case(name) => Some(child),
                        _ => None,
                    });
                    // A column of that name would come first in Spark; an alias that hides a column is rare.
                    alias.map_or(key.clone(), |child| child.as_ref().clone())
                }
                _ => key,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Some(keys))
}

fn from(tables: &[TableWithJoins], views: &Views) -> Result<Relation> {
    let table = match tables {
        [] => return Ok(Relation::OneRow {}),
        [table] => table,
        _ => return Err(unsupported("a join")),
    };
    if !table.joins.is_empty() {
        return Err(unsupported("JOIN"));
    }
    match &table.relation {
        TableFactor::Table {
            name,
            alias,
            args: None,
            ..
        } => {
            let name = object_name(name);
            let relation = views
                .iter()
                .find(|(view, _)| view.eq_ignore_ascii_case(&name))
                .map(|(_, view)| view.clone());
            let relation = relation
                .ok_or_else(|| Error::new(ErrorCode::TableOrViewNotFound).with("relationName", format!("`{name}`")))?;
            let alias = alias.as_ref().map_or(name, |alias| alias.name.value.clone());
            Ok(Relation::SubqueryAlias {
                input: Box::new(relation),
                alias,
            })
        }
        TableFactor::Derived { subquery, alias, .. } => {
            let relation = query(subquery, views)?;
            Ok(match alias {
                None => relation,
                Some(alias) => Relation::SubqueryAlias {
                    input: Box::new(relation),
                    alias: alias.name.value.clone(),
                },
            })
        }
        other => Err(unsupported(other)),
    }
}

fn lateral_view(_input: Relation, view: &LateralView) -> Result<Relation> {
    Err(unsupported(format!("LATERAL VIEW {}", view.lateral_view)))
}
