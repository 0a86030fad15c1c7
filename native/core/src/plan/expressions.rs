//! Expressions get names and types: unresolved nodes become typed expressions over columns known by position.

use super::desugar::desugar;
use super::generators::nested_generator;
use super::naming::{field_name, sql_text};
use super::scope::{EventTime, Scope, ScopeColumn};
use super::window_functions::{HIDDEN, WINDOW_FUNCTION_NAMES, misplaced_window};
use super::{Branch, Expression};
use crate::aggregate::{AGGREGATE_NAMES, is_fold};
use crate::column::{DataType, Field, parse_cast_type, parse_data_type};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Call, Expr, GENERATOR_NAMES, LambdaArgument, bind_call, case_when, cast, literal};
use crate::session::Session;

/// Resolves expressions over the columns of a scope.
#[derive(Clone, Copy)]
pub(super) struct Expressions<'a> {
    pub session: &'a Session,
    pub scope: &'a Scope,
}

impl Expressions<'_> {
    /// Resolves an expression that makes one value a row. Fails with Spark's analysis errors.
    pub fn resolve(&self, expression: &Expression) -> Result<Expr> {
        match expression {
            Expression::Column { name } => Ok(self.scope.lookup(name)?.0),
            Expression::Star { .. } => Err(Error::new(ErrorCode::ArgumentInvalid).with("function", "*").with(
                "reason",
                "a star stands for several columns and can't be a part of an expression",
            )),
            Expression::Literal { value, data_type } => literal(value, &parse_data_type(data_type)?),
            Expression::Alias { child, .. } | Expression::MultiAlias { child, .. } => self.resolve(child),
            Expression::Cast {
                child,
                data_type,
                attempt,
            } => cast(
                self.resolve(child)?,
                &parse_cast_type(data_type)?,
                self.session,
                *attempt,
            ),
            Expression::CaseWhen { branches, otherwise } => {
                let branches = branches
                    .iter()
                    .enumerate()
                    .map(|(index, branch)| self.branch(index, branch, expression))
                    .collect::<Result<Vec<_>>>()?;
                let otherwise = otherwise
                    .as_deref()
                    .map(|expression| self.resolve(expression))
                    .transpose()?;
                case_when(branches, otherwise, self.session, &sql_text(expression))
            }
            Expression::Lambda { .. } => Err(Error::new(ErrorCode::UnexpectedOperatorLambda)
                .with("sqlExpr", format!("\"{}\"", sql_text(expression)))),
            Expression::SortOrder { child, .. } => self.resolve(child),
            Expression::Over { .. } => Err(misplaced_window()),
            Expression::Sql { .. } => self.resolve(&desugar(expression)?),
            Expression::Call { name, .. } if WINDOW_FUNCTION_NAMES.contains(&name.as_str()) => {
                Err(Error::new(ErrorCode::WindowFunctionWithoutOverClause)
                    .with("funcName", format!("\"{}\"", sql_text(expression))))
            }
            Expression::Call { name, .. } if GENERATOR_NAMES.contains(&name.as_str()) => {
                Err(nested_generator(expression))
            }
            Expression::Call {
                name,
                arguments,
                options,
                ..
            } => {
                let mut resolved = Vec::with_capacity(arguments.len());
                let mut lambdas = Vec::new();
                for argument in arguments {
                    match argument {
                        Expression::Lambda { parameters, body } => lambdas.push(self.lambda(parameters, body)),
                        Expression::Star { target: None } => {
                            // Columns that a select list is still making have no names, or hidden ones.
                            let name_of = |position: &usize| self.scope.columns[*position].field.name.as_str();
                            let is_named =
                                |position: &usize| !matches!(name_of(position).chars().next(), None | Some(HIDDEN));
                            let positions = (0..self.scope.columns.len()).filter(is_named);
                            resolved.extend(positions.map(|position| self.scope.column(position)));
                        }
                        other => resolved.push(self.resolve(other)?),
                    }
                }
                bind_call(Call {
                    name,
                    arguments: resolved,
                    options: options.as_ref().unwrap_or(&Default::default()),
                    sql: sql_text(expression),
                    argument_sql: arguments.iter().map(sql_text).collect(),
                    argument_names: arguments
                        .iter()
                        .enumerate()
                        .map(|(index, argument)| field_name(index, argument))
                        .collect(),
                    lambdas,
                    session: self.session,
                })
            }
        }
    }

    /// A branch of CASE; its condition is a BOOLEAN, and not a bare NULL either.
    fn branch(&self, index: usize, Branch { when, then }: &Branch, case: &Expression) -> Result<(Expr, Expr)> {
        let condition = self.resolve(when)?;
        if condition.data_type != DataType::Boolean {
            return Err(Error::new(ErrorCode::DatatypeMismatchUnexpectedInputType)
                .with("sqlExpr", format!("\"{}\"", sql_text(case)))
                .with("paramIndex", crate::expr::ordinal(index))
                .with("requiredType", "\"BOOLEAN\"")
                .with("inputSql", format!("\"{}\"", sql_text(when)))
                .with("inputType", condition.data_type.quoted_sql()));
        }
        Ok((condition, self.resolve(then)?))
    }

    /// A lambda of this scope: its parameters hide columns of the same names.
    fn lambda<'b>(&'b self, parameters: &'b [String], body: &'b Expression) -> LambdaArgument<'b> {
        let outer_columns = self.scope.columns.len();
        let resolve = move |types: &[(DataType, bool)]| {
            let mut scope = self.scope.clone();
            for column in &mut scope.columns {
                if parameters
                    .iter()
                    .any(|parameter| self.scope.same_name(parameter, &column.field.name))
                {
                    column.field.name.clear();
                }
            }
            for (parameter, (data_type, nullable)) in parameters.iter().zip(types) {
                scope.columns.push(ScopeColumn {
                    field: Field::new(parameter, data_type.clone(), *nullable),
                    event_time: EventTime::default(),
                    qualifier: None,
                });
            }
            Expressions {
                session: self.session,
                scope: &scope,
            }
            .resolve(body)
        };
        LambdaArgument {
            parameters,
            resolve: Box::new(resolve),
            outer_columns,
        }
    }
}

/// Whether an expression is a call of an aggregate function: Spark's, or the program's own.
pub(super) fn is_aggregate(node: &Expression) -> bool {
    matches!(node, Expression::Call { name, options, .. } if AGGREGATE_NAMES.contains(&name.as_str()) || is_fold(options.as_ref()))
}

/// Whether an aggregate function is called anywhere in the expression.
pub(super) fn has_aggregate(node: &Expression) -> bool {
    !aggregates_of(node).is_empty()
}

/// The calls of aggregates in an expression, in the order of its text; those inside another are part of it.
pub(super) fn aggregates_of(node: &Expression) -> Vec<&Expression> {
    let mut found = Vec::new();
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match node {
            call if is_aggregate(call) => found.push(call),
            Expression::Call { arguments, .. } => waiting.extend(arguments.iter().rev()),
            Expression::Alias { child, .. }
            | Expression::MultiAlias { child, .. }
            | Expression::Cast { child, .. }
            | Expression::SortOrder { child, .. } => waiting.push(child),
            // A function over a window is no aggregate of the grouping, but may be given one.
            Expression::Over {
                function,
                partition_by,
                order_by,
                ..
            } => {
                waiting.extend(partition_by.iter().chain(order_by).rev());
                if let Expression::Call { arguments, .. } = function.as_ref() {
                    waiting.extend(arguments.iter().rev());
                }
            }
            Expression::CaseWhen { branches, otherwise } => {
                waiting.extend(otherwise.as_deref());
                let parts = branches.iter().rev().flat_map(|branch| [&branch.then, &branch.when]);
                waiting.extend(parts);
            }
            Expression::Lambda { .. }
            | Expression::Column { .. }
            | Expression::Star { .. }
            | Expression::Literal { .. }
            | Expression::Sql { .. } => {}
        }
    }
    found
}
