//! GROUP BY: keys by expression, ordinal or alias, and the sets of keys of ROLLUP, CUBE and GROUPING SETS.

use sqlparser::ast::{Expr, GroupByExpr, GroupByWithModifier, Select};

use super::super::Expression;
use super::super::expressions::has_aggregate;
use super::expression::expression;
use super::query::without_alias;
use super::{Catalog, unsupported};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::GROUPING_SETS_MAX;

/// What rows are grouped by.
#[derive(Default)]
pub(super) struct GroupBy {
    pub keys: Vec<Expression>,
    /// Sets of keys by their positions; one set of all keys where there are none.
    pub sets: Option<Vec<Vec<usize>>>,
}

/// The keys of GROUP BY; none where there is no GROUP BY. Ordinals and aliases of the select list are looked up.
pub(super) fn group_by(select: &Select, items: &[Expression], catalog: &Catalog) -> Result<Option<GroupBy>> {
    let (exprs, modifiers) = match &select.group_by {
        GroupByExpr::Expressions(exprs, modifiers) => (exprs, modifiers),
        GroupByExpr::All(_) => {
            let keys = items
                .iter()
                .filter(|item| !has_aggregate(item))
                .map(|item| without_alias(item).clone());
            return Ok(Some(GroupBy {
                keys: keys.collect(),
                sets: None,
            }));
        }
    };
    if exprs.is_empty() && modifiers.is_empty() {
        return Ok(None);
    }
    let mut keys = Keys {
        items,
        catalog,
        keys: Vec::new(),
    };
    // What GROUP BY lists is multiplied: GROUP BY a, ROLLUP(b) is GROUPING SETS ((a, b), (a)).
    let mut sets = vec![Vec::new()];
    let mut is_plain = true;
    for expr in exprs {
        let part = match expr {
            Expr::Rollup(parts) => rollup(&keys.add_all(parts)?),
            Expr::Cube(parts) => cube(&keys.add_all(parts)?)?,
            Expr::GroupingSets(parts) => keys.add_all(parts)?,
            plain => {
                sets.iter_mut().try_for_each(|set: &mut Vec<usize>| {
                    set.push(keys.add(plain)?);
                    Ok::<_, Error>(())
                })?;
                continue;
            }
        };
        is_plain = false;
        sets = multiplied(&sets, &part)?;
    }
    for modifier in modifiers {
        is_plain = false;
        let each: Vec<Vec<usize>> = (0..keys.keys.len()).map(|key| vec![key]).collect();
        sets = match modifier {
            GroupByWithModifier::Rollup => rollup(&each),
            GroupByWithModifier::Cube => cube(&each)?,
            GroupByWithModifier::GroupingSets(Expr::GroupingSets(parts)) => keys.add_all(parts)?,
            other => return Err(unsupported(other)),
        };
    }
    Ok(Some(GroupBy {
        keys: keys.keys,
        sets: (!is_plain).then_some(sets),
    }))
}

fn multiplied(left: &[Vec<usize>], right: &[Vec<usize>]) -> Result<Vec<Vec<usize>>> {
    let count = left.len().saturating_mul(right.len());
    if count > GROUPING_SETS_MAX {
        return Err(Error::limit("grouping sets", count, GROUPING_SETS_MAX));
    }
    let pairs = left
        .iter()
        .flat_map(|left| right.iter().map(move |right| [left.as_slice(), right].concat()));
    Ok(pairs.collect())
}

/// All of the parts, then without the last one, and so on down to none.
fn rollup(parts: &[Vec<usize>]) -> Vec<Vec<usize>> {
    (0..=parts.len()).rev().map(|count| parts[..count].concat()).collect()
}

/// Every choice of the parts.
fn cube(parts: &[Vec<usize>]) -> Result<Vec<Vec<usize>>> {
    let mut sets = vec![Vec::new()];
    for part in parts {
        sets = multiplied(&sets, &[part.clone(), Vec::new()])?;
    }
    Ok(sets)
}

/// The keys found so far, each once.
struct Keys<'a> {
    items: &'a [Expression],
    catalog: &'a Catalog,
    keys: Vec<Expression>,
}

impl Keys<'_> {
    fn add_all(&mut self, parts: &[Vec<Expr>]) -> Result<Vec<Vec<usize>>> {
        parts
            .iter()
            .map(|part| part.iter().map(|expr| self.add(expr)).collect())
            .collect()
    }

    fn add(&mut self, expr: &Expr) -> Result<usize> {
        let key = self.named(expression(expr, self.catalog)?)?;
        Ok(self.keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        }))
    }

    /// An ordinal or an alias is what it stands for in the select list.
    fn named(&self, key: Expression) -> Result<Expression> {
        Ok(match &key {
            Expression::Literal {
                value: serde_json::Value::String(digits),
                data_type,
            } if data_type == "int" => {
                let item = digits
                    .parse::<usize>()
                    .ok()
                    .and_then(|ordinal| self.items.get(ordinal.wrapping_sub(1)));
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
                            .with("size", self.items.len().to_string()));
                    }
                }
            }
            Expression::Column { name } => {
                let alias = self.items.iter().find_map(|item| match item {
                    Expression::Alias { child, name: alias } if alias.eq_ignore_ascii_case(name) => Some(child),
                    _ => None,
                });
                // A column of that name would come first in Spark; an alias that hides a column is rare.
                alias.map_or(key.clone(), |child| child.as_ref().clone())
            }
            _ => key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_keys() {
        let parts = [vec![0], vec![1, 2]];
        assert_eq!(rollup(&parts), [vec![0, 1, 2], vec![0], vec![]]);
        assert_eq!(cube(&parts).unwrap(), [vec![0, 1, 2], vec![0], vec![1, 2], vec![]]);
        assert!(cube(&(0..13).map(|key| vec![key]).collect::<Vec<_>>()).is_err());
        assert_eq!(
            multiplied(&[vec![0]], &rollup(&[vec![1]])).unwrap(),
            [vec![0, 1], vec![0]]
        );
    }
}
