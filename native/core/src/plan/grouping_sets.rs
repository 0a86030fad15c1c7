//! ROLLUP, CUBE and GROUPING SETS: each row is given once for each set, without the keys that the set does not have.

use super::naming::sql_text;
use super::resolve::{Named, Resolver};
use super::scope::{EventTime, ScopeColumn};
use super::{Branch, Expression, Step};
use crate::column::{DataType, Field};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, literal};
use crate::limits::GROUPING_SETS_MAX;

/// The sets of keys to group by, each as positions among the keys.
pub(super) struct GroupingSets(Vec<Vec<usize>>);

impl GroupingSets {
    /// Reads what the plan says of `keys` keys. Fails with LIMIT_EXCEEDED, and INTERNAL_ERROR where a key is not there.
    pub fn read(sets: &serde_json::Value, keys: usize) -> Result<Self> {
        let sets: Vec<Vec<usize>> =
            serde_json::from_value(sets.clone()).map_err(|error| Error::internal(format!("grouping sets: {error}")))?;
        if sets.len() > GROUPING_SETS_MAX || keys >= 64 {
            return Err(Error::limit("grouping sets", sets.len(), GROUPING_SETS_MAX));
        }
        if sets.iter().flatten().any(|key| *key >= keys) {
            return Err(Error::internal("a grouping set of a key that is not there"));
        }
        Ok(Self(sets))
    }

    /// Whether the same set is there twice: its rows are then groups of their own.
    fn has_duplicates(&self) -> bool {
        let mut sorted: Vec<Vec<usize>> = self.0.clone();
        sorted.iter_mut().for_each(|set| set.sort_unstable());
        sorted.sort_unstable();
        sorted.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The keys that stand behind the given ones: which set a row is of.
    pub fn hidden_keys(&self) -> Vec<Expression> {
        let mut keys = vec![call("grouping_id", Vec::new())];
        if self.has_duplicates() {
            keys.push(call("grouping_set", Vec::new()));
        }
        keys
    }

    /// Makes the step that gives each row once for each set. Returns the key columns, the hidden ones behind them.
    pub fn expand(&self, resolver: &mut Resolver<'_>, keys: &[Expression]) -> Result<Vec<Named>> {
        let named = resolver.named_all(keys)?;
        let width = resolver.scope.columns.len();
        let has_duplicates = self.has_duplicates();
        let projections = self
            .0
            .iter()
            .enumerate()
            .map(|(index, set)| {
                let mut columns: Vec<Expr> = (0..width).map(|position| resolver.scope.column(position)).collect();
                let mut id = 0_i64;
                for (position, key) in named.iter().enumerate() {
                    id <<= 1;
                    if set.contains(&position) {
                        columns.push(key.expr.clone());
                    } else {
                        id |= 1;
                        columns.push(literal(&serde_json::Value::Null, &key.expr.data_type)?);
                    }
                }
                columns.push(literal(&id.to_string().into(), &DataType::BigInt)?);
                if has_duplicates {
                    columns.push(literal(&index.to_string().into(), &DataType::BigInt)?);
                }
                Ok(columns)
            })
            .collect::<Result<Vec<_>>>()?;
        resolver.push(Step::Expand(projections));
        let mut columns: Vec<Named> = named
            .into_iter()
            .enumerate()
            .map(|(position, key)| Named {
                name: key.name,
                expr: Expr::column(
                    width + position,
                    key.expr.data_type,
                    // Null stands for a key that the set has not.
                    key.expr.nullable || self.0.iter().any(|set| !set.contains(&position)),
                ),
                // Groups of a set without the event time have null for it, and never end.
                event_time: key.event_time,
            })
            .collect();
        for hidden in 0..self.hidden_keys().len() {
            columns.push(Named {
                name: String::new(),
                expr: Expr::column(width + keys.len() + hidden, DataType::BigInt, false),
                event_time: EventTime::default(),
            });
        }
        // Aggregates are over the rows as they were: the key columns have no names.
        resolver.scope.columns.extend(columns.iter().map(|column| ScopeColumn {
            field: Field::new("", column.expr.data_type.clone(), column.expr.nullable),
            event_time: column.event_time,
            qualifier: None,
        }));
        Ok(columns)
    }
}

fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call {
        name: name.to_string(),
        arguments,
        options: None,
        distinct: None,
        filter: None,
    }
}

fn number(value: usize) -> Expression {
    Expression::Literal {
        value: value.to_string().into(),
        data_type: "int".to_string(),
    }
}

/// Puts what they mean in the place of `grouping(key)` and `grouping_id(keys...)`. Fails with
/// UNSUPPORTED_GROUPING_EXPRESSION where there are no grouping sets, GROUPING_COLUMN_MISMATCH where it is no key.
pub(super) fn replace_grouping(
    expression: &Expression,
    keys: &[Expression],
    sets: Option<&GroupingSets>,
) -> Result<Expression> {
    let of = |expression: &Expression| replace_grouping(expression, keys, sets);
    let boxed = |expression: &Expression| of(expression).map(Box::new);
    Ok(match expression {
        Expression::Call { name, arguments, .. } if matches!(name.as_str(), "grouping" | "grouping_id") => {
            if sets.is_none() {
                return Err(Error::new(ErrorCode::UnsupportedGroupingExpression));
            }
            let position_of = |argument: &Expression| {
                keys.iter().position(|key| key == argument).ok_or_else(|| {
                    let keys: Vec<String> = keys.iter().map(sql_text).collect();
                    Error::new(ErrorCode::GroupingColumnMismatch)
                        .with("grouping", sql_text(argument))
                        .with("groupingColumns", keys.join(", "))
                })
            };
            let positions = arguments.iter().map(position_of).collect::<Result<Vec<_>>>()?;
            let id = call("grouping_id", Vec::new());
            match (name.as_str(), positions.as_slice()) {
                ("grouping", [position]) => call("bit_get", vec![id, number(keys.len() - 1 - position)]),
                ("grouping_id", []) => id,
                ("grouping_id", given) if given.iter().copied().eq(0..keys.len()) => id,
                _ => {
                    let given: Vec<String> = arguments.iter().map(sql_text).collect();
                    let keys: Vec<String> = keys.iter().map(sql_text).collect();
                    return Err(Error::new(ErrorCode::GroupingIdColumnMismatch)
                        .with("groupingIdColumn", given.join(", "))
                        .with("groupByColumns", keys.join(", ")));
                }
            }
        }
        Expression::Call {
            name,
            arguments,
            options,
            distinct,
            filter,
        } => Expression::Call {
            name: name.clone(),
            arguments: arguments.iter().map(of).collect::<Result<_>>()?,
            options: options.clone(),
            distinct: *distinct,
            filter: filter.clone(),
        },
        Expression::Alias { child, name } => Expression::Alias {
            child: boxed(child)?,
            name: name.clone(),
        },
        Expression::Cast {
            child,
            data_type,
            attempt,
        } => Expression::Cast {
            child: boxed(child)?,
            data_type: data_type.clone(),
            attempt: *attempt,
        },
        Expression::CaseWhen { branches, otherwise } => Expression::CaseWhen {
            branches: branches
                .iter()
                .map(|Branch { when, then }| {
                    Ok(Branch {
                        when: of(when)?,
                        then: of(then)?,
                    })
                })
                .collect::<Result<_>>()?,
            otherwise: otherwise.as_deref().map(boxed).transpose()?,
        },
        other => other.clone(),
    })
}
