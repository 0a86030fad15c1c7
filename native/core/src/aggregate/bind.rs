//! Aggregate functions by name: argument types, result types, accumulators.

use super::{AggregateCall, Function};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::expr::Expr;
use crate::plan::coerce::cast_to;
use crate::session::Session;

/// Names of the aggregate functions.
pub const AGGREGATE_NAMES: &[&str] = &[
    "sum",
    "count",
    "count_if",
    "min",
    "max",
    "avg",
    "mean",
    "first",
    "first_value",
    "last",
    "last_value",
];

/// Types an aggregate call. `sql` is Spark's text of it. Fails with WRONG_NUM_ARGS or DATATYPE_MISMATCH.
pub fn bind_aggregate(
    name: &str,
    mut arguments: Vec<Expr>,
    sql: &str,
    argument_sql: &[String],
    session: &Session,
) -> Result<AggregateCall> {
    let wrong_type = |argument: &Expr, required: &str| {
        Error::new(ErrorCode::DatatypeMismatchUnexpectedInputType)
            .with("sqlExpr", format!("\"{sql}\""))
            .with("paramIndex", "first")
            .with("requiredType", required)
            .with(
                "inputSql",
                format!("\"{}\"", argument_sql.first().map_or("", String::as_str)),
            )
            .with("inputType", argument.data_type.quoted_sql())
    };
    let wrong_count = |expected: &str| {
        Error::new(ErrorCode::WrongNumArgsWithoutSuggestion)
            .with("functionName", format!("`{name}`"))
            .with("expectedNum", expected)
            .with("actualNum", arguments.len().to_string())
    };
    if name == "count" && arguments.is_empty() {
        return Ok(AggregateCall {
            function: Function::Count,
            argument: None,
            data_type: DataType::BigInt,
            nullable: false,
        });
    }
    let takes_flag = matches!(name, "first" | "last" | "first_value" | "last_value");
    if arguments.is_empty() || arguments.len() > if takes_flag { 2 } else { 1 } {
        return Err(wrong_count(if takes_flag { "[1, 2]" } else { "1" }));
    }
    let ignore_nulls = match arguments.get(1).map(|flag| (flag.as_literal(), &flag.data_type)) {
        None => false,
        Some((Some(array), DataType::Boolean)) => {
            use arrow_array::cast::AsArray;
            array.as_boolean().value(0)
        }
        Some(_) => {
            return Err(Error::new(ErrorCode::DatatypeMismatchNonFoldableInput)
                .with("sqlExpr", format!("\"{sql}\""))
                .with("inputName", "`ignoreNulls`")
                .with("inputType", "\"BOOLEAN\"")
                .with(
                    "inputExpr",
                    format!("\"{}\"", argument_sql.get(1).map_or("", String::as_str)),
                ));
        }
    };
    let argument = arguments.swap_remove(0);
    let source = argument.data_type.clone();
    let is_long_like = |data_type: &DataType| {
        data_type.is_integral()
            || matches!(
                data_type,
                DataType::Boolean
                    | DataType::Date
                    | DataType::Timestamp
                    | DataType::TimestampNtz
                    | DataType::DayTimeInterval
                    | DataType::YearMonthInterval
            )
    };
    let (function, argument, data_type, nullable) = match name {
        "count" => (Function::Count, argument, DataType::BigInt, false),
        "count_if" => {
            if !matches!(source, DataType::Boolean | DataType::Void) {
                return Err(wrong_type(&argument, "\"BOOLEAN\""));
            }
            (
                Function::CountIf,
                cast_to(argument, &DataType::Boolean, session)?,
                DataType::BigInt,
                false,
            )
        }
        "sum" if source.is_integral() => {
            let argument = cast_to(argument, &DataType::BigInt, session)?;
            (
                Function::SumLong { checked: session.ansi },
                argument,
                DataType::BigInt,
                true,
            )
        }
        "sum" | "avg" | "mean" => {
            let is_number = source.is_integral()
                || matches!(
                    source,
                    DataType::Float | DataType::Double | DataType::String | DataType::Void
                );
            if !is_number {
                return Err(wrong_type(&argument, "(\"NUMERIC\" or \"ANSI INTERVAL\")"));
            }
            let function = if name == "sum" {
                Function::SumDouble
            } else {
                Function::AvgDouble
            };
            (
                function,
                cast_to(argument, &DataType::Double, session)?,
                DataType::Double,
                true,
            )
        }
        "min" | "max" => {
            let greatest = name == "max";
            let function = match &source {
                DataType::Float | DataType::Double => Function::ExtremeDouble { greatest },
                DataType::String | DataType::Binary => Function::ExtremeBytes { greatest },
                other if is_long_like(other) => Function::ExtremeLong { greatest },
                _ => {
                    return Err(wrong_type(
                        &argument,
                        "\"ORDERABLE\" type that is no decimal and not nested",
                    ));
                }
            };
            (function, argument, source, true)
        }
        _ => {
            let last = name.starts_with("last");
            (Function::Edge { last, ignore_nulls }, argument, source, true)
        }
    };
    // A constant that is never null counts every row.
    let counts_all = function == Function::Count && argument.as_literal().is_some() && !argument.nullable;
    let argument = if counts_all { None } else { Some(argument) };
    Ok(AggregateCall {
        function,
        argument,
        data_type,
        nullable,
    })
}
