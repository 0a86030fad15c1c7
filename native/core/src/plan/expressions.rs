//! Expressions get names and types: unresolved nodes become typed expressions over columns known by position.

use super::generators::nested_generator;
use super::naming::{field_name, sql_text};
use super::scope::{EventTime, Scope, ScopeColumn};
use super::{Branch, Expression};
use crate::aggregate::AGGREGATE_NAMES;
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
            Expression::Sql { text } => self.resolve(&super::parse_expression(text)?),
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
                            // Columns that a select list is still making have no names.
                            let is_named = |position: &usize| !self.scope.columns[*position].field.name.is_empty();
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

/// Whether an aggregate function is called anywhere in the expression.
pub(super) fn has_aggregate(node: &Expression) -> bool {
    match node {
        Expression::Call { name, arguments, .. } => {
            AGGREGATE_NAMES.contains(&name.as_str()) || arguments.iter().any(has_aggregate)
        }
        Expression::Alias { child, .. }
        | Expression::MultiAlias { child, .. }
        | Expression::Cast { child, .. }
        | Expression::SortOrder { child, .. } => has_aggregate(child),
        Expression::CaseWhen { branches, otherwise } => {
            branches
                .iter()
                .any(|branch| has_aggregate(&branch.when) || has_aggregate(&branch.then))
                || otherwise.as_deref().is_some_and(has_aggregate)
        }
        Expression::Lambda { .. }
        | Expression::Column { .. }
        | Expression::Star { .. }
        | Expression::Literal { .. }
        | Expression::Sql { .. } => false,
    }
}
