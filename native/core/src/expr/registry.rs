//! The one function registry: name, how its arguments are checked and typed, and the kernel that computes it.
//!
//! The fluent API and SQL text both come here with Spark's names. Aggregates have a registry of their own in
//! [`crate::aggregate`]; [`crate::plan::function_names`] lists all of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use arrow_array::Array;
use arrow_array::cast::AsArray;

use super::{
    Expr, LambdaArgument, arithmetic, array_sets, arrays, bitwise, cast, collation, comparison, concat, conditional,
    date_arithmetic, date_fields, datetime, format_string, hash, intervals, json, json_path, json_write, lambda, like,
    logic, maps, math, number_text, regexp, rounding, sentences, sequences, string_choose, string_encode, string_parts,
    strings, structs, unary,
};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::is_implicit;
use crate::session::Session;

/// A call that waits to be bound: its arguments are resolved, not yet coerced.
pub struct Call<'a> {
    /// Name in the registry.
    pub name: &'a str,
    /// The arguments.
    pub arguments: Vec<Expr>,
    /// Options such as those of from_json.
    pub options: &'a BTreeMap<String, String>,
    /// Spark's text of the call, for messages and column names.
    pub sql: String,
    /// Spark's text of each argument.
    pub argument_sql: Vec<String>,
    /// Names that the arguments have as fields of a struct.
    pub argument_names: Vec<String>,
    /// The lambdas among the arguments, in order; `arguments` holds the rest.
    pub lambdas: Vec<LambdaArgument<'a>>,
    /// The configurations.
    pub session: &'a Session,
}

/// Checks a call's arguments and gives it its type and kernel.
pub type Bind = fn(Call<'_>) -> Result<Expr>;

/// The functions of each room, by Spark's names.
const ROOMS: &[&[(&str, Bind)]] = &[
    arithmetic::FUNCTIONS,
    bitwise::FUNCTIONS,
    cast::FUNCTIONS,
    collation::FUNCTIONS,
    comparison::FUNCTIONS,
    concat::FUNCTIONS,
    conditional::FUNCTIONS,
    array_sets::FUNCTIONS,
    arrays::FUNCTIONS,
    date_arithmetic::FUNCTIONS,
    date_fields::FUNCTIONS,
    datetime::FUNCTIONS,
    format_string::FUNCTIONS,
    hash::FUNCTIONS,
    intervals::FUNCTIONS,
    json::FUNCTIONS,
    json_path::FUNCTIONS,
    json_write::FUNCTIONS,
    lambda::ROOMS[0],
    lambda::ROOMS[1],
    lambda::ROOMS[2],
    like::FUNCTIONS,
    maps::FUNCTIONS,
    regexp::FUNCTIONS,
    string_choose::FUNCTIONS,
    string_encode::FUNCTIONS,
    string_parts::FUNCTIONS,
    logic::FUNCTIONS,
    math::FUNCTIONS,
    number_text::FUNCTIONS,
    rounding::FUNCTIONS,
    sentences::FUNCTIONS,
    sequences::FUNCTIONS,
    strings::FUNCTIONS,
    structs::FUNCTIONS,
    unary::FUNCTIONS,
];

fn functions() -> &'static HashMap<&'static str, Bind> {
    static INDEX: OnceLock<HashMap<&'static str, Bind>> = OnceLock::new();
    INDEX.get_or_init(|| ROOMS.iter().flat_map(|room| room.iter().copied()).collect())
}

/// Types a call and gives it its kernel. Fails with UNRESOLVED_ROUTINE, WRONG_NUM_ARGS or DATATYPE_MISMATCH.
pub fn bind_call(call: Call<'_>) -> Result<Expr> {
    if !call.lambdas.is_empty() && !lambda::takes_lambdas(call.name) && functions().contains_key(call.name) {
        return Err(Error::new(ErrorCode::InvalidLambdaFunctionCallNonHigherOrderFunction)
            .with("class", format!("`{}`", call.name)));
    }
    match functions().get(call.name) {
        Some(bind) => bind(collation::by_keys(call)?),
        None => Err(Error::new(ErrorCode::UnresolvedRoutine)
            .with("routineName", format!("`{}`", call.name))
            .with(
                "searchPath",
                "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]",
            )),
    }
}

/// Names of all scalar functions and operators.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    ROOMS.iter().flat_map(|room| room.iter().map(|(name, _)| *name))
}

/// How Spark's messages name the parameter at `index`, from 0.
pub fn ordinal(index: usize) -> &'static str {
    const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
    ORDINALS.get(index).copied().unwrap_or("next")
}

impl Call<'_> {
    /// WRONG_NUM_ARGS unless there are `count` arguments.
    pub fn expect_arguments(&self, count: usize) -> Result<()> {
        self.expect_arguments_between(count, count)
    }

    /// WRONG_NUM_ARGS unless there are `least` to `most` arguments.
    pub fn expect_arguments_between(&self, least: usize, most: usize) -> Result<()> {
        if (least..=most).contains(&self.arguments.len()) {
            return Ok(());
        }
        let expected = if least == most {
            least.to_string()
        } else {
            format!("[{least}, {most}]")
        };
        Err(self.wrong_count(&expected, self.arguments.len()))
    }

    /// WRONG_NUM_ARGS.
    pub fn wrong_count(&self, expected: &str, actual: usize) -> Error {
        Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
            .with("functionName", format!("`{}`", self.name))
            .with("expectedNum", expected)
            .with("actualNum", actual.to_string())
    }

    /// Whether any argument may be null.
    pub fn any_nullable(&self) -> bool {
        self.arguments.iter().any(|argument| argument.nullable)
    }

    /// Makes every argument a `data_type`, where it is void; DATATYPE_MISMATCH where it is something else.
    pub fn expect_all(&self, data_type: &DataType) -> Result<()> {
        for (index, argument) in self.arguments.iter().enumerate() {
            if argument.data_type != *data_type {
                return Err(self.wrong_type(index, &data_type.quoted_sql()));
            }
        }
        Ok(())
    }

    /// DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE for argument `index`; `required` is Spark's text of what it takes.
    pub fn wrong_type(&self, index: usize, required: &str) -> Error {
        Error::new(ErrorCode::DatatypeMismatchUnexpectedInputType)
            .with("sqlExpr", format!("\"{}\"", self.sql))
            .with("paramIndex", ordinal(index))
            .with("requiredType", required)
            .with("inputSql", format!("\"{}\"", self.argument_sql[index]))
            .with("inputType", self.arguments[index].data_type.quoted_sql())
    }

    /// DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE unless argument `index` is text or void: functions that cast nothing.
    pub fn expect_text(&mut self, index: usize) -> Result<()> {
        if !matches!(self.arguments[index].data_type, DataType::String | DataType::Void) {
            return Err(self.wrong_type(index, &DataType::String.quoted_sql()));
        }
        self.coerce(index, &DataType::String)
    }

    /// The constant text that argument `index` must be; DATATYPE_MISMATCH.NON_FOLDABLE_INPUT where it is none.
    pub fn text_argument(&self, index: usize) -> Result<String> {
        let argument = &self.arguments[index];
        match argument.as_literal() {
            Some(array) if argument.data_type == DataType::String && !array.is_null(0) => {
                Ok(String::from_utf8_lossy(array.as_binary_view().value(0)).into_owned())
            }
            _ => Err(Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
                .with("sqlExpr", format!("\"{}\"", self.sql))
                .with("inputName", format!("`argument {}`", index + 1))
                .with("inputType", "\"STRING\"")
                .with("inputExpr", format!("\"{}\"", self.argument_sql[index]))),
        }
    }

    /// Casts argument `index` to `data_type` implicitly; DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE where Spark's coercion
    /// would not.
    pub fn coerce(&mut self, index: usize, data_type: &DataType) -> Result<()> {
        if !is_implicit(&self.arguments[index].data_type, data_type, self.session.ansi) {
            return Err(self.wrong_type(index, &data_type.quoted_sql()));
        }
        if self.arguments[index].data_type != *data_type {
            let argument = self.arguments[index].clone();
            self.arguments[index] = cast(argument, data_type, self.session, false)?;
        }
        Ok(())
    }
}
