//! Comparisons: `= <=> < <= > >=` and IN, with Spark's order of floats (NaN greatest and equal to itself, -0.0 = 0.0).

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Datum, Scalar};
use arrow_ord::cmp;
use arrow_schema::DataType as ArrowType;

use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::{cast_to, common_comparison_type};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("=", bind),
    ("<=>", bind),
    ("<", bind),
    ("<=", bind),
    (">", bind),
    (">=", bind),
    ("in", bind_in),
];

/// Binds a comparison operator.
pub fn bind(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (left, right) = (&call.arguments[0].data_type, &call.arguments[1].data_type);
    let data_type = common_comparison_type(left, right).ok_or_else(|| {
        Error::new(ErrorCode::DatatypeMismatchBinaryOpDiffTypes)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("left", left.quoted_sql())
            .with("right", right.quoted_sql())
    })?;
    if matches!(data_type, DataType::Map { .. }) {
        return Err(Error::new(ErrorCode::DatatypeMismatchBinaryOpWrongType)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("inputType", "all comparable types")
            .with("actualDataType", data_type.quoted_sql()));
    }
    let null_safe = call.name == "<=>";
    let nullable = !null_safe && call.any_nullable();
    type Compare = fn(&dyn Datum, &dyn Datum) -> std::result::Result<BooleanArray, arrow_schema::ArrowError>;
    let (name, compare): (&'static str, Compare) = match call.name {
        "=" => ("=", cmp::eq),
        "<=>" => ("<=>", cmp::not_distinct),
        "<" => ("<", cmp::lt),
        "<=" => ("<=", cmp::lt_eq),
        ">" => (">", cmp::gt),
        _ => (">=", cmp::gt_eq),
    };
    let session = call.session;
    let arguments = call
        .arguments
        .into_iter()
        .map(|argument| cast_to(argument, &data_type, session))
        .collect::<Result<Vec<_>>>()?;
    Ok(Expr::call(
        name,
        arguments,
        DataType::Boolean,
        nullable,
        move |values, _| {
            let (left, right) = (normalize_zero(values[0].array()), normalize_zero(values[1].array()));
            Ok(match (values[0].is_scalar(), values[1].is_scalar()) {
                (true, true) => Value::Scalar(Arc::new(compare(&left, &right)?)),
                (true, false) => Value::Array(Arc::new(compare(&Scalar::new(left), &right)?)),
                (false, true) => Value::Array(Arc::new(compare(&left, &Scalar::new(right))?)),
                (false, false) => Value::Array(Arc::new(compare(&left, &right)?)),
            })
        },
    ))
}

/// Binds `value in (a, b, ...)` as a chain of equalities, which has SQL's rule for nulls.
fn bind_in(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, usize::MAX)?;
    let Call {
        name: _,
        mut arguments,
        options,
        sql,
        mut argument_sql,
        session,
        ..
    } = call;
    let candidates = arguments.split_off(1);
    let candidate_sql = argument_sql.split_off(1);
    let value = arguments.swap_remove(0);
    let mut result: Option<Expr> = None;
    for (candidate, text) in candidates.into_iter().zip(candidate_sql) {
        let equal = bind(Call {
            name: "=",
            arguments: vec![value.clone(), candidate],
            options,
            sql: sql.clone(),
            argument_sql: vec![argument_sql[0].clone(), text],
            lambdas: Vec::new(),
            session,
        })?;
        result = Some(match result {
            None => equal,
            Some(earlier) => super::logic::bind_binary(Call {
                name: "or",
                arguments: vec![earlier, equal],
                options,
                sql: sql.clone(),
                argument_sql: vec![sql.clone(), sql.clone()],
                lambdas: Vec::new(),
                session,
            })?,
        });
    }
    result.ok_or_else(|| Error::internal("IN without candidates"))
}

/// Floats with -0.0 made 0.0 and one NaN, which is how Spark compares and groups them; other columns as they are.
pub fn normalize_zero(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        ArrowType::Float32 => Arc::new(
            array
                .as_primitive::<Float32Type>()
                .unary::<_, Float32Type>(|v| if v.is_nan() { f32::NAN } else { v + 0.0 }),
        ),
        ArrowType::Float64 => Arc::new(
            array
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(|v| if v.is_nan() { f64::NAN } else { v + 0.0 }),
        ),
        _ => Arc::clone(array),
    }
}
