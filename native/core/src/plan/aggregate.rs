//! Grouping: splits `groupBy(keys).agg(results)` into keys, accumulators, and results over both.

use super::desugar::desugar;
use super::expressions::{Expressions, has_aggregate, is_aggregate};
use super::grouping_sets::{GroupingSets, replace_grouping};
use super::naming::{field_name, output_name, sql_text};
use super::resolve::{Named, Resolver};
use super::scope::{EventTime, Scope, ScopeColumn, WindowKind};
use super::{AggregateSpec, Branch, Expression, Flow, OperationKind, Operator, Origin, SessionSpec};
use crate::aggregate::{AggregateCall, AggregateRequest, OrderKey, arrange_distinct, bind_aggregate, require_merge};
use crate::column::{DataType, Field};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, Kind, get_field, null_test};
use crate::window::EventTimeKey;

/// The name of a key in Spark's state: that of a column or a window, whatever it is called in the grouping. What is computed has none.
fn state_name(key: &Expression, column: &Named) -> String {
    let key = without_alias(key);
    match key {
        Expression::Call { name, .. } if name == "window" || name == "session_window" => name.clone(),
        Expression::Column { .. } if matches!(column.expr.kind, Kind::Column(_)) => output_name(key),
        _ => "_groupingexpression".to_string(),
    }
}

/// Resolves a grouping and makes its output the scope. Fails with Spark's analysis errors, MISSING_AGGREGATION among them.
pub(super) fn resolve_aggregate(
    resolver: &mut Resolver<'_>,
    keys: &[Expression],
    aggregates: &[Expression],
    sets: Option<&GroupingSets>,
) -> Result<()> {
    let mut keys: Vec<Expression> = keys.iter().map(desugar).collect::<Result<_>>()?;
    let aggregates: Vec<(String, Expression)> = aggregates
        .iter()
        .map(|aggregate| {
            let aggregate = desugar(aggregate)?;
            let given: Vec<Expression> = keys.iter().map(|key| without_alias(key).clone()).collect();
            let name = output_name(&aggregate);
            Ok((name, replace_grouping(without_alias(&aggregate), &given, sets)?))
        })
        .collect::<Result<_>>()?;
    let mut key_columns: Vec<Named> = Vec::with_capacity(keys.len());
    let visible_keys = keys.len();
    if let Some(sets) = sets {
        key_columns = sets.expand(resolver, &keys)?;
        keys.extend(sets.hidden_keys());
    }
    let keys = keys.as_slice();
    let mut event_time = None;
    let mut session = None;
    let mut event_time_position = 0;
    for (position, key) in keys.iter().enumerate().skip(key_columns.len()) {
        match resolver.window_call(key)? {
            Some(_) if event_time.is_some() || session.is_some() => {
                return Err(Error::new(ErrorCode::LegacyErrorTemp1039));
            }
            Some((window, event)) => {
                event_time_position = position;
                key_columns.push(Named {
                    name: output_name(key),
                    expr: Expr::column(position, window.data_type(), window.is_nullable()),
                    event_time: event,
                });
                event_time = Some(window);
            }
            None => {
                let column = match resolver.session_call(key)? {
                    Some(column) => column,
                    None => resolver.named(key)?,
                };
                check_key(&column.expr.data_type, key)?;
                // Sessions that were made before are joined as well.
                if column.event_time.window == Some(WindowKind::Session) {
                    if event_time.is_some() || session.is_some() {
                        return Err(Error::new(ErrorCode::LegacyErrorTemp1039));
                    }
                    event_time_position = position;
                    session = Some(column.expr.clone());
                }
                key_columns.push(column);
            }
        }
    }
    if event_time.is_none() && session.is_none() {
        let mut keys = key_columns.iter().enumerate();
        if let Some((position, key)) = keys.find_map(|(position, key)| Some((position, event_time_of(key)?))) {
            event_time = Some(key);
            event_time_position = position;
        }
    }
    // A row without a time is in no window: Spark asks for one where the rows come from, below a join too.
    if let (
        Some(EventTimeKey::Window { time, .. }),
        [
            Flow {
                origin: Origin::Stage(_),
                ..
            },
        ],
    ) = (&event_time, resolver.flows.as_slice())
        && time.nullable
    {
        resolver.push_filter(null_test(time.clone(), false));
    }
    let has_event_time = event_time.is_some() || session.is_some();
    let is_bounded = has_event_time && key_columns[event_time_position].event_time.watermark.is_some();

    resolver.note_event_times(&key_columns);
    let mut split = Split {
        resolver,
        keys,
        key_scope: Scope {
            columns: key_columns
                .iter()
                .map(|key| ScopeColumn {
                    field: Field::new(&key.name, key.expr.data_type.clone(), key.expr.nullable),
                    event_time: key.event_time,
                    qualifier: None,
                })
                .collect(),
            case_sensitive: resolver.session.case_sensitive,
        },
        calls: Vec::new(),
        call_expressions: Vec::new(),
    };
    let mut columns = split.key_scope.columns.clone();
    let mut output: Vec<Expr> = columns
        .iter()
        .enumerate()
        .map(|(position, column)| Expr::column(position, column.field.data_type.clone(), column.field.nullable))
        .collect();
    for (name, aggregate) in aggregates {
        let expr = split.result(&aggregate)?;
        // A key that is selected again is still the event time it was.
        let event_time = match expr.kind {
            Kind::Column(position) if position < keys.len() => split.key_scope.columns[position].event_time,
            _ => EventTime::default(),
        };
        columns.push(ScopeColumn {
            field: Field::new(name, expr.data_type.clone(), expr.nullable),
            event_time,
            qualifier: None,
        });
        output.push(expr);
    }
    let keys_len = keys.len();
    let key_names = keys
        .iter()
        .zip(&key_columns)
        .map(|(key, column)| state_name(key, column))
        .collect();
    let mut calls = split.calls;
    arrange_distinct(&mut calls);
    let keys = key_columns
        .into_iter()
        .enumerate()
        .filter(|(position, _)| !has_event_time || *position != event_time_position)
        .map(|(_, key)| key.expr)
        .collect();
    let spec = AggregateSpec {
        keys,
        event_time,
        event_time_position,
        key_names,
        is_bounded,
        group_filters: Vec::new(),
        calls,
        output,
    };
    let kind = OperationKind::Aggregate {
        is_bounded: spec.is_bounded,
        has_distinct: spec.calls.iter().any(|call| call.distinct),
        has_session: session.is_some(),
    };
    if session.is_some() {
        require_merge(spec.calls.iter())?;
    }
    resolver.push_stage(match session {
        Some(window) => Operator::Sessions(Box::new(SessionSpec {
            window,
            groups: spec,
            merges_early: resolver.session.merges_sessions_early,
        })),
        None => Operator::Aggregate(Box::new(spec)),
    });
    resolver.note(kind);
    let hidden = visible_keys..keys_len;
    resolver.scope.columns = columns;
    if !hidden.is_empty() {
        let width = resolver.scope.columns.len();
        let shown = (0..width).filter(|position| !hidden.contains(position));
        let shown = shown.map(|position| resolver.column_at(position)).collect();
        resolver.project(shown);
    }
    Ok(())
}

/// A key that is event time itself is closed time by time, one that holds windows window by window.
fn event_time_of(key: &Named) -> Option<EventTimeKey> {
    key.event_time.watermark?;
    match (&key.expr.data_type, key.event_time.window_size_micros) {
        (DataType::Timestamp, _) => Some(EventTimeKey::Instant { time: key.expr.clone() }),
        (DataType::Struct(_), Some(size_micros)) => Some(EventTimeKey::Held {
            time: get_field(key.expr.clone(), 0).ok()?,
            size_micros,
        }),
        _ => None,
    }
}

/// Takes result expressions apart: aggregate calls become accumulators, the rest is computed over keys and results.
struct Split<'a, 'b> {
    resolver: &'a Resolver<'b>,
    keys: &'a [Expression],
    key_scope: Scope,
    calls: Vec<AggregateCall>,
    call_expressions: Vec<Expression>,
}

impl Split<'_, '_> {
    fn result(&mut self, expression: &Expression) -> Result<Expr> {
        if let Some(position) = self
            .keys
            .iter()
            .position(|key| without_alias(key) == without_alias(expression))
        {
            let field = &self.key_scope.columns[position].field;
            return Ok(Expr::column(position, field.data_type.clone(), field.nullable));
        }
        match expression {
            Expression::Call { name, arguments, .. } if is_aggregate(expression) => {
                self.aggregate_call(expression, name, arguments)
            }
            Expression::Column { name } => match self.key_scope.lookup(name) {
                Ok((expr, _)) => Ok(expr),
                // A column that exists but is no key: Spark's own message.
                Err(missing) => match self.resolver.scope.lookup(name) {
                    Ok(_) if self.keys.is_empty() => Err(Error::new(ErrorCode::MissingGroupBy)),
                    Ok(_) => Err(Error::new(ErrorCode::MissingAggregation)
                        .with("expression", format!("\"{}\"", sql_text(expression)))
                        .with("expressionAnyValue", format!("\"any_value({})\"", sql_text(expression)))),
                    Err(_) => Err(missing),
                },
            },
            Expression::Alias { child, .. } => self.result(child),
            other => self.computed(other),
        }
    }

    /// An expression over results: its parts are made first, then it is resolved over a scope that holds them.
    fn computed(&mut self, expression: &Expression) -> Result<Expr> {
        let mut parts = Vec::new();
        let rewritten = self.rewrite(expression, &mut parts);
        let rewritten = rewritten.map_err(|missing| self.unknown_routine(expression).unwrap_or(missing))?;
        let scope = Scope {
            columns: parts
                .iter()
                .enumerate()
                .map(|(index, expr): (usize, &Expr)| ScopeColumn {
                    field: Field::new(part_name(index), expr.data_type.clone(), expr.nullable),
                    event_time: EventTime::default(),
                    qualifier: None,
                })
                .collect(),
            case_sensitive: true,
        };
        let expr = Expressions {
            session: self.resolver.session,
            scope: &scope,
        }
        .resolve(&rewritten)?;
        Ok(expr.over(&parts))
    }

    /// Spark finds functions before it looks at what is grouped: an unknown one is what is wrong with an expression.
    fn unknown_routine(&self, expression: &Expression) -> Option<Error> {
        if has_aggregate(expression) {
            return None;
        }
        let over_input = Expressions {
            session: self.resolver.session,
            scope: &self.resolver.scope,
        };
        let outcome = over_input.resolve(expression).err();
        outcome.filter(|error| error.code() == ErrorCode::UnresolvedRoutine)
    }

    /// Replaces keys, columns and aggregate calls by names of `parts`.
    fn rewrite(&mut self, expression: &Expression, parts: &mut Vec<Expr>) -> Result<Expression> {
        let is_key = self.keys.iter().any(|key| without_alias(key) == expression);
        let is_part = match expression {
            Expression::Column { .. } => true,
            call => is_aggregate(call),
        };
        if is_key || is_part {
            parts.push(self.result(expression)?);
            return Ok(Expression::Column {
                name: part_name(parts.len() - 1),
            });
        }
        Ok(match expression {
            Expression::Call {
                name,
                arguments,
                options,
                distinct,
                filter,
            } => Expression::Call {
                name: name.clone(),
                arguments: arguments
                    .iter()
                    .enumerate()
                    .map(|(index, argument)| {
                        let rewritten = self.rewrite(argument, parts)?;
                        // A struct's fields keep the names that they have by what stood there.
                        Ok(match name.as_str() {
                            "struct" => Expression::Alias {
                                child: Box::new(rewritten),
                                name: field_name(index, argument),
                            },
                            _ => rewritten,
                        })
                    })
                    .collect::<Result<_>>()?,
                options: options.clone(),
                distinct: *distinct,
                filter: filter.clone(),
            },
            Expression::Cast {
                child,
                data_type,
                attempt,
            } => Expression::Cast {
                child: Box::new(self.rewrite(child, parts)?),
                data_type: data_type.clone(),
                attempt: *attempt,
            },
            Expression::Alias { child, .. } => self.rewrite(child, parts)?,
            Expression::CaseWhen { branches, otherwise } => Expression::CaseWhen {
                branches: branches
                    .iter()
                    .map(|Branch { when, then }| {
                        Ok(Branch {
                            when: self.rewrite(when, parts)?,
                            then: self.rewrite(then, parts)?,
                        })
                    })
                    .collect::<Result<_>>()?,
                otherwise: match otherwise {
                    Some(expression) => Some(Box::new(self.rewrite(expression, parts)?)),
                    None => None,
                },
            },
            other => other.clone(),
        })
    }

    fn aggregate_call(&mut self, expression: &Expression, name: &str, arguments: &[Expression]) -> Result<Expr> {
        if arguments.iter().any(has_aggregate) {
            return Err(Error::new(ErrorCode::NestedAggregateFunction));
        }
        // The same call twice is one accumulator.
        let index = match self.call_expressions.iter().position(|known| known == expression) {
            Some(index) => index,
            None => {
                self.calls
                    .push(bind_call_over_rows(self.resolver, expression, name, arguments)?);
                self.call_expressions.push(expression.clone());
                self.calls.len() - 1
            }
        };
        let call = &self.calls[index];
        Ok(Expr::column(
            self.keys.len() + index,
            call.data_type.clone(),
            call.nullable,
        ))
    }
}

/// An aggregate call over the rows in scope.
pub(super) fn bind_call_over_rows(
    resolver: &Resolver<'_>,
    expression: &Expression,
    name: &str,
    arguments: &[Expression],
) -> Result<AggregateCall> {
    let mut resolved = Vec::with_capacity(arguments.len());
    let mut order_by = Vec::new();
    for argument in arguments {
        match argument {
            Expression::Star { .. } => {}
            Expression::SortOrder {
                child,
                descending,
                nulls_first,
            } => order_by.push(OrderKey {
                expr: resolver.expression(child)?,
                descending: *descending,
                nulls_first: *nulls_first,
            }),
            argument => resolved.push(resolver.expression(argument)?),
        }
    }
    let argument_sql: Vec<String> = arguments.iter().map(sql_text).collect();
    let (distinct, filter, options) = match expression {
        Expression::Call {
            distinct,
            filter,
            options,
            ..
        } => (distinct.unwrap_or(false), filter.as_deref(), options.as_ref()),
        _ => (false, None, None),
    };
    let filter = filter.map(|filter| resolver.expression(filter)).transpose()?;
    bind_aggregate(AggregateRequest {
        name,
        arguments: resolved,
        distinct,
        filter,
        options,
        order_by,
        sql: &sql_text(expression),
        argument_sql: &argument_sql,
        session: resolver.session,
    })
}

fn part_name(index: usize) -> String {
    format!("part{index}")
}

pub(super) fn without_alias(expression: &Expression) -> &Expression {
    let mut inner = expression;
    while let Expression::Alias { child, .. } = inner {
        inner = child;
    }
    inner
}

/// Keys are compared by their order. Maps have none either, but Spark groups by them with their entries sorted.
fn check_key(data_type: &DataType, key: &Expression) -> Result<()> {
    if data_type.is_orderable() || data_type.contains_map() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::GroupExpressionTypeIsNotOrderable)
        .with("sqlExpr", format!("\"{}\"", sql_text(key)))
        .with("dataType", data_type.quoted_sql()))
}
