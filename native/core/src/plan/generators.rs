//! Generators in plans: explode() and its like in a select list, and LATERAL VIEW.

use super::Expression;
use super::Step;
use super::desugar::desugar;
use super::naming::sql_text;
use super::resolve::{Named, Resolver};
use super::scope::{EventTime, ScopeColumn};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::{Call, GENERATOR_NAMES, Generator, bind_generator};

/// The generator call that `expression` is, with the names that its columns shall have; none where it is none.
fn generator_call(expression: &Expression) -> Option<(&Expression, Vec<String>)> {
    let mut inner = expression;
    let mut names = Vec::new();
    loop {
        match inner {
            Expression::Alias { child, name } => {
                if names.is_empty() {
                    names.push(name.clone());
                }
                inner = child;
            }
            Expression::MultiAlias { child, names: given } => {
                if names.is_empty() {
                    names.clone_from(given);
                }
                inner = child;
            }
            Expression::Call { name, .. } if GENERATOR_NAMES.contains(&name.as_str()) => return Some((inner, names)),
            _ => return None,
        }
    }
}

/// Whether the expression is a generator's call, named or not.
pub(super) fn is_generator(expression: &Expression) -> bool {
    generator_call(expression).is_some()
}

/// UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS.
pub(super) fn nested_generator(expression: &Expression) -> Error {
    Error::new(ErrorCode::UnsupportedGeneratorNestedInExpressions)
        .with("expression", format!("\"{}\"", sql_text(expression)))
}

/// The error of a generator where no rows can be made of one: Spark names the operation there.
pub(super) fn outside_select(error: Error, operation: &str) -> Error {
    if error.code() == ErrorCode::UnsupportedGeneratorNestedInExpressions {
        Error::new(ErrorCode::UnsupportedGeneratorOutsideSelect).with("plan", operation)
    } else {
        error
    }
}

impl Resolver<'_> {
    /// The columns of a generator in a select list, made by a step of their own; none where it is no generator.
    pub(super) fn generated(&mut self, expression: &Expression) -> Result<Option<Vec<Named>>> {
        let Some((call, names)) = generator_call(expression) else {
            return match expression {
                Expression::MultiAlias { child, names } => Err(Error::new(ErrorCode::MultiAliasWithoutGenerator)
                    .with("expr", format!("\"{}\"", sql_text(child)))
                    .with("names", names.join(", "))),
                _ => Ok(None),
            };
        };
        let generator = self.generator(call, false)?;
        let names = column_names(&generator, names)?;
        let width = self.scope.columns.len();
        let columns = generator
            .fields
            .iter()
            .zip(names)
            .enumerate()
            .map(|(index, (field, name))| Named {
                name,
                expr: crate::expr::Expr::column(width + index, field.data_type.clone(), field.nullable),
                event_time: EventTime::default(),
            })
            .collect();
        // Nothing else in the list can name them: they have no names until the list is done.
        let hidden = generator.fields.len();
        self.generate(generator, vec![String::new(); hidden], None);
        Ok(Some(columns))
    }

    /// LATERAL VIEW: the rows beside what a generator makes of each.
    pub(super) fn lateral_view(
        &mut self,
        call: &Expression,
        outer: bool,
        qualifier: Option<&String>,
        names: &[String],
    ) -> Result<()> {
        let call = desugar(call)?;
        if !is_generator(&call) {
            return Err(Error::new(ErrorCode::UnsupportedGeneratorNotGenerator)
                .with("functionName", format!("`{}`", sql_text(&call)))
                .with("classCanonicalName", "a function that makes one value"));
        }
        let generator = self.generator(&call, outer)?;
        let names = column_names(&generator, names.to_vec())?;
        self.generate(generator, names, qualifier);
        Ok(())
    }

    fn generator(&self, call: &Expression, outer: bool) -> Result<Generator> {
        let Expression::Call { name, arguments, .. } = call else {
            return Err(Error::internal("a generator that is no call"));
        };
        let resolved = arguments
            .iter()
            .map(|argument| self.expression(argument))
            .collect::<Result<Vec<_>>>()?;
        let call = Call {
            name,
            arguments: resolved,
            options: &Default::default(),
            sql: sql_text(call),
            argument_sql: arguments.iter().map(sql_text).collect(),
            argument_names: Vec::new(),
            lambdas: Vec::new(),
            session: self.session,
        };
        bind_generator(call, outer)
    }

    fn generate(&mut self, generator: Generator, names: Vec<String>, qualifier: Option<&String>) {
        let width = self.scope.columns.len();
        for (field, name) in generator.fields.iter().zip(names) {
            let mut field = field.clone();
            field.name = name;
            self.scope.columns.push(ScopeColumn {
                field,
                event_time: EventTime::default(),
                qualifier: qualifier.cloned(),
            });
        }
        let generator = Box::new(generator);
        self.push(Step::Generate { generator, width });
    }
}

/// The names that a generator's columns were given, or its own.
fn column_names(generator: &Generator, names: Vec<String>) -> Result<Vec<String>> {
    if names.is_empty() {
        return Ok(generator.fields.iter().map(|field| field.name.clone()).collect());
    }
    if names.len() == generator.fields.len() {
        return Ok(names);
    }
    Err(Error::new(ErrorCode::UdtfAliasNumberMismatch)
        .with("aliasesSize", generator.fields.len().to_string())
        .with("aliasesNames", names.join(",")))
}
