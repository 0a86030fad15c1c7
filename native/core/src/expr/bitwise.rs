//! Bits: `& | ^ ~`, shifts, bit_count, bit_get.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray};

use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::arithmetic_type;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("&", bind_binary),
    ("|", bind_binary),
    ("^", bind_binary),
    ("~", bind_not),
    ("bitwise_not", bind_not),
    ("shiftleft", bind_shift),
    ("shiftright", bind_shift),
    ("shiftrightunsigned", bind_shift),
    ("<<", bind_shift),
    (">>", bind_shift),
    (">>>", bind_shift),
    ("bit_count", bind_count),
    ("bit_get", bind_get),
    ("getbit", bind_get),
];

/// Binds `&`, `|` and `^` over integers, in the wider type.
fn bind_binary(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (left, right) = (call.arguments[0].data_type.clone(), call.arguments[1].data_type.clone());
    let common = arithmetic_type(&left, &right, call.session.ansi).unwrap_or(DataType::Void);
    if !common.is_integral() {
        let code = if left == right {
            ErrorCode::DatatypeMismatchBinaryOpWrongType
        } else {
            ErrorCode::DatatypeMismatchBinaryOpDiffTypes
        };
        return Err(Error::new(code)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("inputType", "\"INTEGRAL\"")
            .with("actualDataType", left.quoted_sql())
            .with("left", left.quoted_sql())
            .with("right", right.quoted_sql()));
    }
    call.coerce(0, &common)?;
    call.coerce(1, &common)?;
    let (name, operation): (&'static str, fn(i64, i64) -> i64) = match call.name {
        "&" => ("&", |a, b| a & b),
        "|" => ("|", |a, b| a | b),
        _ => ("^", |a, b| a ^ b),
    };
    let nullable = call.any_nullable();
    let data_type = common.clone();
    Ok(Expr::call(
        name,
        call.arguments,
        common,
        nullable,
        move |values, rows| match data_type {
            DataType::TinyInt => {
                pairs::<Int8Type, Int8Type, Int8Type>(values, rows, |a, b| Ok(operation(a.into(), b.into()) as i8))
            }
            DataType::SmallInt => {
                pairs::<Int16Type, Int16Type, Int16Type>(values, rows, |a, b| Ok(operation(a.into(), b.into()) as i16))
            }
            DataType::Int => {
                pairs::<Int32Type, Int32Type, Int32Type>(values, rows, |a, b| Ok(operation(a.into(), b.into()) as i32))
            }
            _ => pairs::<Int64Type, Int64Type, Int64Type>(values, rows, |a, b| Ok(operation(a, b))),
        },
    ))
}

/// Computes the pairs that have no null.
fn pairs<L: ArrowPrimitiveType, R: ArrowPrimitiveType, O: ArrowPrimitiveType>(
    values: &[Value],
    rows: usize,
    each: impl Fn(L::Native, R::Native) -> Result<O::Native>,
) -> Result<Value> {
    let is_scalar = values.iter().all(Value::is_scalar);
    let rows = if is_scalar { 1 } else { rows };
    let (left, right) = (
        values[0].array().as_primitive::<L>(),
        values[1].array().as_primitive::<R>(),
    );
    let mut result = PrimitiveArray::<O>::builder(rows);
    for row in 0..rows {
        let (a, b) = (
            if values[0].is_scalar() { 0 } else { row },
            if values[1].is_scalar() { 0 } else { row },
        );
        if left.is_null(a) || right.is_null(b) {
            result.append_null();
        } else {
            result.append_value(each(left.value(a), right.value(b)).map_err(|error| error.at_row(row))?);
        }
    }
    let result: ArrayRef = Arc::new(result.finish());
    Ok(if is_scalar {
        Value::Scalar(result)
    } else {
        Value::Array(result)
    })
}

fn same_shape(value: &Value, array: ArrayRef) -> Value {
    if value.is_scalar() {
        Value::Scalar(array)
    } else {
        Value::Array(array)
    }
}

/// Binds `~`.
fn bind_not(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    if call.arguments[0].data_type == DataType::Void {
        call.coerce(0, &DataType::Int)?;
    }
    let data_type = call.arguments[0].data_type.clone();
    if !data_type.is_integral() {
        return Err(call.wrong_type(0, "\"INTEGRAL\""));
    }
    let nullable = call.any_nullable();
    let kernel_type = data_type.clone();
    Ok(Expr::call(
        "~",
        call.arguments,
        data_type,
        nullable,
        move |values, _| {
            let array = values[0].array();
            let result: ArrayRef = match kernel_type {
                DataType::TinyInt => Arc::new(array.as_primitive::<Int8Type>().unary::<_, Int8Type>(|v| !v)),
                DataType::SmallInt => Arc::new(array.as_primitive::<Int16Type>().unary::<_, Int16Type>(|v| !v)),
                DataType::Int => Arc::new(array.as_primitive::<Int32Type>().unary::<_, Int32Type>(|v| !v)),
                _ => Arc::new(array.as_primitive::<Int64Type>().unary::<_, Int64Type>(|v| !v)),
            };
            Ok(same_shape(&values[0], result))
        },
    ))
}

/// Binds the shifts: INT or BIGINT by an INT, of which only the low bits count, as in Java.
fn bind_shift(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let is_long = call.arguments[0].data_type == DataType::BigInt;
    if !is_long {
        call.coerce(0, &DataType::Int)?;
    }
    call.coerce(1, &DataType::Int)?;
    let nullable = call.any_nullable();
    let data_type = if is_long { DataType::BigInt } else { DataType::Int };
    type Shifts = (&'static str, fn(i32, u32) -> i32, fn(i64, u32) -> i64);
    let (name, of_int, of_long): Shifts = match call.name {
        "shiftleft" | "<<" => ("shiftleft", i32::wrapping_shl, i64::wrapping_shl),
        "shiftright" | ">>" => ("shiftright", i32::wrapping_shr, i64::wrapping_shr),
        _ => (
            "shiftrightunsigned",
            |v, by| (v as u32).wrapping_shr(by) as i32,
            |v, by| (v as u64).wrapping_shr(by) as i64,
        ),
    };
    Ok(Expr::call(
        name,
        call.arguments,
        data_type,
        nullable,
        move |values, rows| {
            if is_long {
                pairs::<Int64Type, Int32Type, Int64Type>(values, rows, |v, by| Ok(of_long(v, by as u32)))
            } else {
                pairs::<Int32Type, Int32Type, Int32Type>(values, rows, |v, by| Ok(of_int(v, by as u32)))
            }
        },
    ))
}

/// Binds bit_count of an integer (as a BIGINT, so a negative one has many) or boolean.
fn bind_count(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let found = &call.arguments[0].data_type;
    if !found.is_integral() && !matches!(found, DataType::Boolean | DataType::Void) {
        return Err(call.wrong_type(0, "(\"INTEGRAL\" or \"BOOLEAN\")"));
    }
    call.coerce(0, &DataType::BigInt)?;
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "bit_count",
        call.arguments,
        DataType::Int,
        nullable,
        |values, _| {
            let bits = values[0].array().as_primitive::<Int64Type>();
            let counts = bits.unary::<_, Int32Type>(|v| v.count_ones() as i32);
            Ok(same_shape(&values[0], Arc::new(counts)))
        },
    ))
}

/// Binds bit_get(value, position): the bit, a TINYINT.
fn bind_get(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let width = match call.arguments[0].data_type {
        DataType::TinyInt => 8,
        DataType::SmallInt => 16,
        DataType::Int => 32,
        DataType::BigInt | DataType::Void => 64,
        _ => return Err(call.wrong_type(0, "\"INTEGRAL\"")),
    };
    call.coerce(0, &DataType::BigInt)?;
    call.coerce(1, &DataType::Int)?;
    let nullable = call.any_nullable();
    let name = if call.name == "getbit" { "getbit" } else { "bit_get" };
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::TinyInt,
        nullable,
        move |values, rows| {
            pairs::<Int64Type, Int32Type, Int8Type>(values, rows, |bits, position| {
                if (0..width).contains(&position) {
                    return Ok((bits >> position & 1) as i8);
                }
                Err(Error::new(ErrorCode::InvalidParameterValueBitPositionRange)
                    .with("functionName", format!("`{name}`"))
                    .with("upper", width.to_string())
                    .with("invalidValue", position.to_string()))
            })
        },
    ))
}
