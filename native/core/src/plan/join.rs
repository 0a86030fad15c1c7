//! Joins: the condition is taken apart into keys, what one side alone decides, how far apart in time rows may be, and
//! the rest.

use super::flows::Resolved;
use super::join_times::{bound_of_side, event_time, event_time_columns, limit_of_side, watermark_of_keys};
use super::resolve::Resolver;
use super::scope::{Scope, ScopeColumn};
use super::{
    Expression, Flow, JoinBound, JoinSpec, JoinTimes, JoinType, OperationKind, Operator, Origin, Relation, StageInput,
    Step,
};
use crate::column::Field;
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, Kind, null_test};

/// Resolves a join and makes its output the scope. Fails with Spark's analysis errors.
pub(super) fn resolve_join(
    resolver: &mut Resolver<'_>,
    (left, right): (&Relation, &Relation),
    condition: Option<&Expression>,
    using: &[String],
    how: &str,
) -> Result<()> {
    let join_type = JoinType::parse(how)?;
    let left = resolver.relation(left)?;
    let right = resolver.relation(right)?;
    let is_stream_stream = left.is_streaming && right.is_streaming;
    let mut join = Join {
        width: left.scope.columns.len(),
        sides: [left, right],
        join_type,
        keys: Vec::new(),
        rest: Vec::new(),
        only: [Vec::new(), Vec::new()],
    };
    resolver.scope = join.joined_scope();
    for name in using {
        join.add_using(resolver, name)?;
    }
    if let Some(condition) = condition {
        let condition = resolver.condition(condition)?;
        join.add_conjuncts(condition);
    }
    let times = is_stream_stream.then(|| join.times());
    let is_bounded = times
        .as_ref()
        .is_some_and(|times| times.bounds_outer_rows(join.join_type));
    join.push_filters(resolver);
    let output = join.output_columns(using, resolver);
    let spec = join.spec(times);
    let inputs = join.sides.iter().map(|side| side.head).collect();
    let sides = join.sides.map(|side| StageInput {
        types: side.scope.types(),
        flows: side.flows,
    });
    resolver.begin_stage(Operator::Join(Box::new(spec)), sides.into());
    resolver.note_over(OperationKind::Join { join_type, is_bounded }, inputs);
    resolver.scope.columns = output.iter().map(|(column, _)| column.clone()).collect();
    let is_straight = output
        .iter()
        .enumerate()
        .all(|(position, (_, expr))| matches!(expr.kind, Kind::Column(found) if found == position));
    if !is_straight {
        resolver.push(Step::Project(output.into_iter().map(|(_, expr)| expr).collect()));
    }
    Ok(())
}

/// Both sides' rows meet where `left` = `right`; `null_safe` where null is a value like others.
struct Key {
    left: Expr,
    right: Expr,
    null_safe: bool,
}

struct Join {
    sides: [Resolved; 2],
    /// Columns of the left side.
    width: usize,
    join_type: JoinType,
    keys: Vec<Key>,
    /// Conditions on both sides, over the columns of both.
    rest: Vec<Expr>,
    /// Conditions on one side alone, over its columns.
    only: [Vec<Expr>; 2],
}

impl Join {
    /// The columns of both sides, nullable where rows without a partner come out.
    fn joined_scope(&self) -> Scope {
        let [left, right] = &self.sides;
        let nullable = |column: &ScopeColumn, is_outer: bool| {
            let mut column = column.clone();
            column.field.nullable |= is_outer;
            column
        };
        let left_columns = left
            .scope
            .columns
            .iter()
            .map(|column| nullable(column, self.join_type.keeps_right()));
        let right_columns = right
            .scope
            .columns
            .iter()
            .map(|column| nullable(column, self.join_type.keeps_left()));
        Scope {
            columns: left_columns.chain(right_columns).collect(),
            ..left.scope.clone()
        }
    }

    /// A column that both sides have under this name.
    fn add_using(&mut self, resolver: &Resolver<'_>, name: &str) -> Result<()> {
        let of_side = |scope: &Scope| {
            let found = scope
                .columns
                .iter()
                .position(|column| scope.same_name(&column.field.name, name));
            found.ok_or_else(|| {
                let names: Vec<String> = scope
                    .columns
                    .iter()
                    .map(|column| format!("`{}`", column.field.name))
                    .collect();
                Error::new(ErrorCode::UnresolvedUsingColumnForJoin)
                    .with("colName", format!("`{name}`"))
                    .with("suggestion", names.join(", "))
            })
        };
        let left = of_side(&self.sides[0].scope)?;
        let right = of_side(&self.sides[1].scope)? + self.width;
        let at = |position: usize| resolver.column_at(position).expr;
        let equals = resolver.call("=", vec![at(left), at(right)])?;
        self.add_conjuncts(equals);
        Ok(())
    }

    /// Sorts the parts of a condition: keys, what is on one side, the rest.
    fn add_conjuncts(&mut self, condition: Expr) {
        for part in condition.conjuncts() {
            self.add_conjunct(part);
        }
    }

    fn add_conjunct(&mut self, part: Expr) {
        if let Kind::Call {
            name: name @ ("=" | "<=>"),
            arguments,
            ..
        } = &part.kind
            && let [one, other] = arguments.as_slice()
        {
            let null_safe = *name == "<=>";
            let pair = match (self.side_of(one), self.side_of(other)) {
                (Some(0), Some(1)) => Some((one.clone(), other.clone())),
                (Some(1), Some(0)) => Some((other.clone(), one.clone())),
                _ => None,
            };
            if let Some((left, right)) = pair {
                let right = right.shifted(self.width);
                self.keys.push(Key { left, right, null_safe });
                return;
            }
        }
        match self.side_of(&part) {
            Some(0) => self.only[0].push(part),
            Some(_) => self.only[1].push(part.shifted(self.width)),
            None => self.rest.push(part),
        }
    }

    /// The one side whose columns an expression names; none where it names both or no column at all.
    fn side_of(&self, expr: &Expr) -> Option<usize> {
        let names = |of_right: bool| {
            expr.any(&|part| matches!(part.kind, Kind::Column(position) if (position >= self.width) == of_right))
        };
        match (names(false), names(true)) {
            (true, false) => Some(0),
            (false, true) => Some(1),
            _ => None,
        }
    }

    /// How watermarks judge the rows of both sides.
    fn times(&self) -> JoinTimes {
        let scopes = [&self.sides[0].scope, &self.sides[1].scope];
        let several = scopes.into_iter().find(|scope| event_time_columns(scope).count() > 1);
        let ambiguous = several.map(|scope| {
            let names: Vec<&str> = event_time_columns(scope)
                .map(|(_, column)| column.field.name.as_str())
                .collect();
            names.join(",")
        });
        let keys: Vec<(&Expr, &Expr)> = self.keys.iter().map(|key| (&key.left, &key.right)).collect();
        let bounds = match watermark_of_keys(&keys, scopes) {
            Some(bounds) => bounds.map(Some),
            None => [0, 1].map(|side| {
                let bound = bound_of_side(side, &self.rest, scopes, self.width)?;
                let is_pushed = !self.join_type.keeps(side);
                Some(JoinBound {
                    limit_ms: if is_pushed {
                        None
                    } else {
                        limit_of_side(&self.only[side])
                    },
                    ..bound
                })
            }),
        };
        JoinTimes {
            event_times: scopes.map(event_time),
            ambiguous,
            bounds,
        }
    }

    /// What Spark's optimizer moves below a join: conditions on a side whose rows come out only with a partner, and keys
    /// and compared columns that must not be null.
    fn push_filters(&mut self, resolver: &mut Resolver<'_>) {
        let filterable = [!self.join_type.keeps_left(), !self.join_type.keeps_right()];
        for side in [0, 1] {
            let is_anti_left = self.join_type == JoinType::LeftAnti && side == 0;
            if !filterable[side] || is_anti_left {
                continue;
            }
            let mut conditions = std::mem::take(&mut self.only[side]);
            let keys = self.keys.iter().filter(|key| !key.null_safe);
            conditions.extend(
                keys.map(|key| if side == 0 { &key.left } else { &key.right })
                    .filter(|key| key.nullable)
                    .map(|key| null_test(key.clone(), false)),
            );
            let compared = self.rest.iter().flat_map(|part| self.compared_columns(part, side));
            conditions.extend(compared.collect::<Vec<_>>());
            for condition in conditions {
                resolver.push_filter_into(&mut self.sides[side].flows, &condition);
            }
        }
    }

    /// That the columns of one side in a comparison are not null: it would not hold for them.
    fn compared_columns(&self, part: &Expr, side: usize) -> Vec<Expr> {
        let is_comparison = matches!(
            part.kind,
            Kind::Call {
                name: "<" | "<=" | ">" | ">=" | "=",
                ..
            }
        );
        if !is_comparison {
            return Vec::new();
        }
        let columns = &self.sides[side].scope.columns;
        let offset = if side == 0 { 0 } else { self.width };
        (0..columns.len())
            .filter(|position| columns[*position].field.nullable && part.names_column(offset + position))
            .map(|position| {
                null_test(
                    Expr::column(position, columns[position].field.data_type.clone(), true),
                    false,
                )
            })
            .collect()
    }

    /// What comes out, over the joined columns: all of both sides, or of the left one; columns of USING once, in front.
    fn output_columns(&self, using: &[String], resolver: &Resolver<'_>) -> Vec<(ScopeColumn, Expr)> {
        let scope = &resolver.scope;
        let width = if self.join_type.is_left_only() {
            self.width
        } else {
            scope.columns.len()
        };
        let at = |position: usize| (scope.columns[position].clone(), resolver.column_at(position).expr);
        let same = |position: usize, name: &String| scope.same_name(&scope.columns[position].field.name, name);
        let find = |range: std::ops::Range<usize>, name: &String| range.clone().find(|&position| same(position, name));
        let mut output = Vec::with_capacity(width);
        for name in using {
            let Some(left) = find(0..self.width, name) else {
                continue;
            };
            let right = find(self.width..width, name);
            output.push(match (self.join_type, right) {
                (JoinType::RightOuter, Some(right)) => at(right),
                (JoinType::FullOuter, Some(right)) => {
                    let (mut column, left) = at(left);
                    let expr = resolver
                        .call("coalesce", vec![left.clone(), at(right).1])
                        .unwrap_or(left);
                    column.field = Field::new(&column.field.name, expr.data_type.clone(), expr.nullable);
                    (column, expr)
                }
                _ => at(left),
            });
        }
        let is_using = |position: usize| using.iter().any(|name| same(position, name));
        output.extend((0..width).filter(|&position| !is_using(position)).map(at));
        output
    }

    /// Rows of a right side that is read as it stands are all there when the first ones of a stream come.
    fn is_broadcast(&self) -> bool {
        let [left, right] = &self.sides;
        let is_read = |flow: &Flow| matches!(flow.origin, Origin::Source(_));
        left.is_streaming && !right.is_streaming && right.flows.iter().all(is_read) && !self.join_type.keeps_right()
    }

    fn spec(&mut self, times: Option<JoinTimes>) -> JoinSpec {
        let keys = std::mem::take(&mut self.keys);
        let null_safe = keys.iter().map(|key| key.null_safe).collect();
        let (left_keys, right_keys) = keys.into_iter().map(|key| (key.left, key.right)).unzip();
        JoinSpec {
            join_type: self.join_type,
            keys: [left_keys, right_keys],
            null_safe,
            conditions: std::mem::take(&mut self.rest),
            side_conditions: std::mem::take(&mut self.only),
            types: self.sides.each_ref().map(|side| side.scope.types()),
            names: self.sides.each_ref().map(|side| {
                let columns = side.scope.columns.iter();
                columns.map(|column| column.field.name.clone()).collect()
            }),
            is_broadcast: self.is_broadcast(),
            times,
        }
    }
}
