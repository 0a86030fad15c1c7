//! Functions over windows of rows, `rank() OVER (PARTITION BY k ORDER BY t)`: which there are, what they are called in
//! Spark's words, and how a select list with some becomes a stage before it that adds a column for each.

use super::aggregate::bind_call_over_rows;
use super::coerce::cast_to;
use super::desugar::desugar;
use super::naming::output_name;
use super::resolve::Resolver;
use super::scope::{EventTime, ScopeColumn};
use super::window_text::{Over, ordered};
use super::{Branch, Expression, OperationKind, Operator, SortKey};
use crate::aggregate::{AggregateCall, refuse_folds};
use crate::column::{DataType, Field};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Expr, literal};

/// Names of the functions that need an OVER; aggregates can have one.
pub const WINDOW_FUNCTION_NAMES: &[&str] = &[
    "cume_dist",
    "dense_rank",
    "lag",
    "lead",
    "nth_value",
    "ntile",
    "percent_rank",
    "rank",
    "row_number",
];

/// Functions over the same windows: each adds a column.
#[derive(Clone, Debug)]
pub struct WindowFunctionsSpec {
    /// What the rows of a window have in common.
    pub partition_by: Vec<Expr>,
    /// The order of its rows.
    pub order_by: Vec<SortKey>,
    /// The functions.
    pub functions: Vec<WindowFunction>,
}

/// A function over a window.
#[derive(Clone, Debug)]
pub struct WindowFunction {
    /// What it computes.
    pub kind: WindowFunctionKind,
    /// Type of its values.
    pub data_type: DataType,
    /// Whether a value may be null.
    pub nullable: bool,
}

/// What a function over a window computes.
#[derive(Clone, Debug)]
pub enum WindowFunctionKind {
    /// row_number()
    RowNumber,
    /// rank()
    Rank,
    /// dense_rank()
    DenseRank,
    /// percent_rank()
    PercentRank,
    /// cume_dist()
    CumeDist,
    /// ntile()
    Ntile {
        /// Parts that the window is cut into.
        buckets: usize,
    },
    /// lag(), lead()
    Shift {
        /// What is looked at.
        value: Expr,
        /// Rows behind the row at hand; negative before it.
        rows: i64,
        /// What there is where there is no such row.
        default: Expr,
        /// Whether rows whose value is null are passed over.
        ignore_nulls: bool,
    },
    /// nth_value()
    Nth {
        /// What is looked at.
        value: Expr,
        /// Which row of the frame, from 1.
        number: usize,
        /// Whether rows whose value is null are passed over.
        ignore_nulls: bool,
        /// The rows of the window that each row sees.
        frame: Frame,
    },
    /// An aggregate.
    Aggregate {
        /// What it computes.
        call: Box<AggregateCall>,
        /// The rows of the window that each row sees.
        frame: Frame,
    },
}

/// Which rows of its window a row sees.
#[derive(Clone, Debug)]
pub enum Frame {
    /// From so many rows behind it to so many; none = without bound.
    Rows {
        /// The first.
        lower: Option<i64>,
        /// The last.
        upper: Option<i64>,
    },
    /// From a place in the order to another.
    Range {
        /// The first.
        lower: RangeBound,
        /// The last.
        upper: RangeBound,
    },
}

/// A place in the order of a window.
#[derive(Clone, Debug)]
pub enum RangeBound {
    /// Its end.
    Unbounded,
    /// The rows that are equal to the row at hand.
    Current,
    /// Where this value, computed for the row at hand, has its place.
    At(Box<Expr>),
}

/// The error of a window function where no column can be made of it.
pub(super) fn misplaced_window() -> Error {
    Error::new(ErrorCode::LegacyErrorTemp1034).with("clauseName", "GROUP BY, HAVING, ORDER BY or ON")
}

/// Name of a column that a window function makes before the select list picks it; no name that can be written is it.
fn hidden_name(index: usize) -> String {
    format!("{HIDDEN}window{index}")
}

/// What the names of columns begin with that a star does not stand for.
pub(super) const HIDDEN: char = '\0';

impl Resolver<'_> {
    /// Puts stages with the window functions of a select list before it; what is left of the list names their columns.
    pub(super) fn take_windows(&mut self, expressions: Vec<Expression>) -> Result<Vec<Expression>> {
        let mut found: Vec<(Expression, String)> = Vec::new();
        let rewritten: Vec<Expression> = expressions
            .into_iter()
            .map(|expression| {
                let (name, before) = (output_name(&expression), found.len());
                let replaced = replace_windows(expression, &name, &mut found);
                match replaced {
                    replaced if found.len() == before => replaced,
                    Expression::Alias { .. } => replaced,
                    child => Expression::Alias {
                        child: Box::new(child),
                        name,
                    },
                }
            })
            .collect();
        let mut waiting: Vec<usize> = (0..found.len()).collect();
        while let Some(&first) = waiting.first() {
            let same = |index: &usize| match (Over::of(&found[*index].0), Over::of(&found[first].0)) {
                (Some(one), Some(other)) => (one.partition_by, one.order_by) == (other.partition_by, other.order_by),
                _ => false,
            };
            let (together, rest): (Vec<usize>, Vec<usize>) = waiting.iter().partition(|index| same(index));
            self.push_windows(&together, &found)?;
            waiting = rest;
        }
        Ok(rewritten)
    }

    /// A stage of functions over the same windows.
    fn push_windows(&mut self, indices: &[usize], found: &[(Expression, String)]) -> Result<()> {
        let overs = indices
            .iter()
            .map(|&index| (index, &found[index].1, Over::of(&found[index].0)));
        let overs: Vec<(usize, &String, Over<'_>)> = overs
            .filter_map(|(index, name, over)| over.map(|over| (index, name, over)))
            .collect();
        let Some((_, _, window)) = overs.first() else {
            return Ok(());
        };
        let spec = WindowFunctionsSpec {
            partition_by: window
                .partition_by
                .iter()
                .map(|key| self.expression(key))
                .collect::<Result<_>>()?,
            order_by: window
                .order_by
                .iter()
                .map(|order| self.sort_key(order))
                .collect::<Result<_>>()?,
            functions: overs
                .iter()
                .map(|(_, _, over)| self.window_function(over))
                .collect::<Result<_>>()?,
        };
        let made: Vec<ScopeColumn> = spec
            .functions
            .iter()
            .zip(&overs)
            .map(|(function, (index, ..))| ScopeColumn {
                field: Field::new(hidden_name(*index), function.data_type.clone(), function.nullable),
                event_time: EventTime::default(),
                qualifier: None,
            })
            .collect();
        self.push_stage(Operator::Windows(Box::new(spec)));
        self.note(OperationKind::Windows {
            functions: overs.iter().map(|(_, _, over)| over.shown_function()).collect(),
            columns: overs.iter().map(|(_, name, _)| name.to_string()).collect(),
            windows: overs.iter().map(|(_, _, over)| over.window_text()).collect(),
        });
        self.scope.columns.extend(made);
        Ok(())
    }

    fn window_function(&self, over: &Over<'_>) -> Result<WindowFunction> {
        let (name, arguments) = over.call()?;
        let needs_order = WINDOW_FUNCTION_NAMES.contains(&name) && name != "nth_value";
        if needs_order && over.order_by.is_empty() {
            return Err(Error::new(ErrorCode::LegacyErrorTemp1037).with("wf", over.shown_function()));
        }
        let place = |kind: WindowFunctionKind, data_type: DataType| {
            over.check_fixed_frame()?;
            Ok(WindowFunction {
                kind,
                data_type,
                nullable: false,
            })
        };
        match name {
            "row_number" => return place(WindowFunctionKind::RowNumber, DataType::Int),
            "rank" => return place(WindowFunctionKind::Rank, DataType::Int),
            "dense_rank" => return place(WindowFunctionKind::DenseRank, DataType::Int),
            "percent_rank" => return place(WindowFunctionKind::PercentRank, DataType::Double),
            "cume_dist" => return place(WindowFunctionKind::CumeDist, DataType::Double),
            "ntile" => {
                let buckets = arguments.first().map_or(Some(1), whole_number);
                let buckets = buckets
                    .and_then(|buckets| usize::try_from(buckets).ok())
                    .filter(|&buckets| buckets > 0);
                let buckets = buckets.ok_or_else(|| invalid(name, "the number of parts must be a constant above 0"))?;
                return place(WindowFunctionKind::Ntile { buckets }, DataType::Int);
            }
            _ => {}
        }
        Ok(match name {
            "lag" | "lead" => self.shift(over, name, arguments)?,
            "nth_value" => {
                let [value, number, ..] = arguments else {
                    return Err(wrong_count(name, "2", arguments.len()));
                };
                let number = whole_number(number).and_then(|number| usize::try_from(number).ok());
                let number = number.filter(|&number| number > 0);
                let value = self.expression(value)?;
                WindowFunction {
                    data_type: value.data_type.clone(),
                    kind: WindowFunctionKind::Nth {
                        value,
                        number: number.ok_or_else(|| invalid(name, "the offset must be a constant above 0"))?,
                        ignore_nulls: over.ignores_nulls(),
                        frame: self.frame(over)?,
                    },
                    nullable: true,
                }
            }
            _ => {
                let call = bind_call_over_rows(self, over.function, name, arguments)?;
                refuse_folds(
                    std::iter::once(&call),
                    "it aggregates groups, not the rows of OVER (...)",
                )?;
                if call.distinct {
                    return Err(Error::new(ErrorCode::DistinctWindowFunctionUnsupported)
                        .with("windowExpr", format!("\"{}\"", over.text())));
                }
                WindowFunction {
                    data_type: call.data_type.clone(),
                    nullable: call.nullable,
                    kind: WindowFunctionKind::Aggregate {
                        call: Box::new(call),
                        frame: self.frame(over)?,
                    },
                }
            }
        })
    }

    /// lag(value[, rows[, default]]) and lead(): their frame is the one row that they look at.
    fn shift(&self, over: &Over<'_>, name: &str, arguments: &[Expression]) -> Result<WindowFunction> {
        if over.frame.is_some() {
            return Err(Error::new(ErrorCode::WindowFunctionAndFrameMismatch)
                .with("funcName", format!("\"{}\"", over.function_text()))
                .with("windowExpr", format!("\"{}\"", over.text())));
        }
        let Some(value) = arguments.first() else {
            return Err(wrong_count(name, "[1, 3]", 0));
        };
        let value = self.expression(value)?;
        let rows = arguments.get(1).map_or(Some(1), whole_number);
        let rows = rows.ok_or_else(|| invalid(name, "the offset must be a constant whole number"))?;
        let default = match arguments.get(2) {
            Some(default) => self.expression(default)?,
            None => literal(&serde_json::Value::Null, &DataType::Void)?,
        };
        let nullable = value.nullable || default.nullable;
        Ok(WindowFunction {
            data_type: value.data_type.clone(),
            kind: WindowFunctionKind::Shift {
                default: cast_to(default, &value.data_type, self.session)?,
                value,
                rows: if name == "lag" { -rows } else { rows },
                ignore_nulls: over.ignores_nulls(),
            },
            nullable,
        })
    }

    /// The rows that a function with a frame sees.
    fn frame(&self, over: &Over<'_>) -> Result<Frame> {
        let distance = |bound: Option<&Expression>| match bound {
            None => Ok(None),
            Some(bound) => whole_number(bound)
                .map(Some)
                .ok_or_else(|| invalid("OVER", "a bound of ROWS must be a constant whole number")),
        };
        Ok(match over.frame {
            Some("rows") => Frame::Rows {
                lower: distance(over.lower)?,
                upper: distance(over.upper)?,
            },
            Some(_) => Frame::Range {
                lower: self.range_bound(over, over.lower)?,
                upper: self.range_bound(over, over.upper)?,
            },
            None if over.order_by.is_empty() => Frame::Rows {
                lower: None,
                upper: None,
            },
            None => Frame::Range {
                lower: RangeBound::Unbounded,
                upper: RangeBound::Current,
            },
        })
    }

    fn range_bound(&self, over: &Over<'_>, bound: Option<&Expression>) -> Result<RangeBound> {
        let Some(bound) = bound else {
            return Ok(RangeBound::Unbounded);
        };
        if whole_number(bound) == Some(0) {
            return Ok(RangeBound::Current);
        }
        let [order] = over.order_by else {
            return Err(invalid(
                "OVER",
                "RANGE with a distance needs an order by one expression",
            ));
        };
        let order = desugar(order)?;
        let descending = matches!(order, Expression::SortOrder { descending: true, .. });
        // Behind in a descending order is less.
        let operator = if descending { "-" } else { "+" };
        let place = Expression::Call {
            name: operator.to_string(),
            arguments: vec![ordered(&order).clone(), bound.clone()],
            options: None,
            distinct: None,
            filter: None,
        };
        let data_type = self.expression(ordered(&order))?.data_type;
        let place = cast_to(self.expression(&place)?, &data_type, self.session)?;
        Ok(RangeBound::At(Box::new(place)))
    }
}

/// Names the columns that window functions will be where they stand; `name` is that of the column they stand in.
fn replace_windows(node: Expression, name: &str, found: &mut Vec<(Expression, String)>) -> Expression {
    let mut boxed = |child: Box<Expression>| Box::new(replace_windows(*child, name, found));
    match node {
        Expression::Over { .. } => {
            let index = found.iter().position(|(known, _)| *known == node);
            let index = index.unwrap_or_else(|| {
                found.push((node, name.to_string()));
                found.len() - 1
            });
            Expression::Column {
                name: format!("`{}`", hidden_name(index)),
            }
        }
        Expression::Alias { child, name } => Expression::Alias {
            child: boxed(child),
            name,
        },
        Expression::Cast {
            child,
            data_type,
            attempt,
        } => Expression::Cast {
            child: boxed(child),
            data_type,
            attempt,
        },
        Expression::Call {
            name: function,
            arguments,
            options,
            distinct,
            filter,
        } => Expression::Call {
            name: function,
            arguments: arguments
                .into_iter()
                .map(|argument| replace_windows(argument, name, found))
                .collect(),
            options,
            distinct,
            filter,
        },
        Expression::CaseWhen { branches, otherwise } => Expression::CaseWhen {
            branches: branches
                .into_iter()
                .map(|Branch { when, then }| Branch {
                    when: replace_windows(when, name, found),
                    then: replace_windows(then, name, found),
                })
                .collect(),
            otherwise: otherwise.map(|node| Box::new(replace_windows(*node, name, found))),
        },
        other => other,
    }
}

/// A constant whole number, negated or not.
fn whole_number(expression: &Expression) -> Option<i64> {
    match expression {
        Expression::Literal { value, .. } => match value {
            serde_json::Value::String(digits) => digits.parse().ok(),
            value => value.as_i64(),
        },
        Expression::Call { name, arguments, .. } if name == "negative" => {
            whole_number(arguments.first()?).and_then(i64::checked_neg)
        }
        _ => None,
    }
}

fn invalid(function: &str, reason: &str) -> Error {
    Error::new(ErrorCode::ArgumentInvalid)
        .with("function", function)
        .with("reason", reason)
}

fn wrong_count(name: &str, expected: &str, actual: usize) -> Error {
    Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
        .with("functionName", format!("`{name}`"))
        .with("expectedNum", expected)
        .with("actualNum", actual.to_string())
}
