//! Three-valued logic: and, or, not, is null, is not null.

use std::sync::Arc;

use arrow_arith::boolean;
use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray};

use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("and", bind_binary),
    ("or", bind_binary),
    ("not", bind_not),
    ("isnull", bind_null_test),
    ("isnotnull", bind_null_test),
];

/// Binds `and` and `or`.
pub fn bind_binary(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    expect_booleans(&mut call)?;
    let nullable = call.any_nullable();
    let conjunction = call.name == "and";
    Ok(Expr::call(
        if conjunction { "and" } else { "or" },
        call.arguments,
        DataType::Boolean,
        nullable,
        move |values, rows| {
            let left = values[0].clone().into_array(rows)?;
            let right = values[1].clone().into_array(rows)?;
            let (left, right) = (left.as_boolean(), right.as_boolean());
            let array = if conjunction {
                boolean::and_kleene(left, right)?
            } else {
                boolean::or_kleene(left, right)?
            };
            Ok(Value::Array(Arc::new(array)))
        },
    ))
}

/// A bare NULL counts as a boolean, and under ANSI text beside a boolean does too.
fn expect_booleans(call: &mut Call<'_>) -> Result<()> {
    let is_boolean = |expr: &Expr| matches!(expr.data_type, DataType::Boolean | DataType::Void);
    let any_boolean = call.arguments.iter().any(is_boolean);
    for index in 0..call.arguments.len() {
        let found = &call.arguments[index].data_type;
        let counts = match found {
            DataType::Boolean => continue,
            DataType::Void => true,
            DataType::String => call.session.ansi && any_boolean,
            _ => false,
        };
        if !counts {
            let (left, right) = (&call.arguments[0].data_type, &call.arguments[1].data_type);
            let code = if left == right {
                ErrorCode::DatatypeMismatchBinaryOpWrongType
            } else {
                ErrorCode::DatatypeMismatchBinaryOpDiffTypes
            };
            return Err(Error::new(code)
                .with("sqlExpr", format!("\"{}\"", call.sql))
                .with("inputType", DataType::Boolean.quoted_sql())
                .with("actualDataType", left.quoted_sql())
                .with("left", left.quoted_sql())
                .with("right", right.quoted_sql()));
        }
        call.coerce(index, &DataType::Boolean)?;
    }
    Ok(())
}

/// Binds `not`.
fn bind_not(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    if call.arguments[0].data_type == DataType::Void
        || (call.session.ansi && call.arguments[0].data_type == DataType::String)
    {
        call.coerce(0, &DataType::Boolean)?;
    }
    call.expect_all(&DataType::Boolean)?;
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "not",
        call.arguments,
        DataType::Boolean,
        nullable,
        |values, _| {
            let array = Arc::new(boolean::not(values[0].array().as_boolean())?);
            Ok(if values[0].is_scalar() {
                Value::Scalar(array)
            } else {
                Value::Array(array)
            })
        },
    ))
}

/// Binds `isnull` and `isnotnull`.
fn bind_null_test(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    Ok(null_test(call.arguments.swap_remove(0), call.name == "isnull"))
}

/// Whether a value is null (or, with `wants_null` false, is not).
pub fn null_test(argument: Expr, wants_null: bool) -> Expr {
    let name = if wants_null { "isnull" } else { "isnotnull" };
    Expr::call(name, vec![argument], DataType::Boolean, false, move |values, _| {
        let array = values[0].array();
        let result = match array.logical_nulls() {
            Some(nulls) if wants_null => BooleanArray::new(!nulls.inner(), None),
            Some(nulls) => BooleanArray::new(nulls.inner().clone(), None),
            None => BooleanArray::from(vec![!wants_null; array.len()]),
        };
        let result = Arc::new(result);
        Ok(if values[0].is_scalar() {
            Value::Scalar(result)
        } else {
            Value::Array(result)
        })
    })
}
