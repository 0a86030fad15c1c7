//! Arithmetic: `+ - * / %`, negation and abs over integers and doubles, checked under ANSI.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};

use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::config_generated::ANSI_ENABLED;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::{cast_to, common_arithmetic_type};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("+", bind),
    ("-", bind),
    ("*", bind),
    ("/", bind),
    ("%", bind),
    ("negative", bind_negative),
    ("abs", bind_abs),
];

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Binds a binary operator.
fn bind(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (name, operator) = match call.name {
        "+" => ("+", Operator::Add),
        "-" => ("-", Operator::Subtract),
        "*" => ("*", Operator::Multiply),
        "/" => ("/", Operator::Divide),
        _ => ("%", Operator::Remainder),
    };
    let (left, right) = (&call.arguments[0].data_type, &call.arguments[1].data_type);
    let common = common_arithmetic_type(left, right, call.session.ansi).ok_or_else(|| {
        Error::new(ErrorCode::DatatypeMismatchBinaryOpDiffTypes)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("left", left.quoted_sql())
            .with("right", right.quoted_sql())
    })?;
    // int / int is double in Spark.
    let data_type = if operator == Operator::Divide && common.is_integral() {
        DataType::Double
    } else {
        common
    };
    let session = call.session;
    let ansi = session.ansi;
    // Division by zero is null without ANSI.
    let nullable = call.any_nullable() || (!ansi && matches!(operator, Operator::Divide | Operator::Remainder));
    let arguments = call
        .arguments
        .into_iter()
        .map(|argument| cast_to(argument, &data_type, session))
        .collect::<Result<Vec<_>>>()?;
    let kernel_type = data_type.clone();
    Ok(Expr::call(
        name,
        arguments,
        data_type,
        nullable,
        move |values, rows| match kernel_type {
            DataType::TinyInt => integers::<Int8Type>(values, rows, operator, ansi),
            DataType::SmallInt => integers::<Int16Type>(values, rows, operator, ansi),
            DataType::Int => integers::<Int32Type>(values, rows, operator, ansi),
            DataType::BigInt => integers::<Int64Type>(values, rows, operator, ansi),
            DataType::Float => floats::<Float32Type>(values, rows, operator, ansi),
            _ => floats::<Float64Type>(values, rows, operator, ansi),
        },
    ))
}

/// Binds unary minus: `0 - value` for integers, sign flip for floats.
fn bind_negative(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let argument = call.arguments.swap_remove(0);
    let (data_type, nullable, ansi) = (argument.data_type.clone(), argument.nullable, call.session.ansi);
    if !is_computable(&data_type) {
        call.arguments.push(argument);
        return Err(call.wrong_type(0, "\"NUMERIC\""));
    }
    let kernel_type = data_type.clone();
    Ok(Expr::call(
        "negative",
        vec![argument],
        data_type,
        nullable,
        move |values, _| {
            let array = values[0].array();
            let result: ArrayRef = match kernel_type {
                DataType::TinyInt => negate::<Int8Type>(array, ansi, i8::overflowing_neg)?,
                DataType::SmallInt => negate::<Int16Type>(array, ansi, i16::overflowing_neg)?,
                DataType::Int => negate::<Int32Type>(array, ansi, i32::overflowing_neg)?,
                DataType::BigInt => negate::<Int64Type>(array, ansi, i64::overflowing_neg)?,
                DataType::Float => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(|v| -v)),
                _ => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(|v| -v)),
            };
            Ok(if values[0].is_scalar() {
                Value::Scalar(result)
            } else {
                Value::Array(result)
            })
        },
    ))
}

/// Binds abs().
fn bind_abs(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let argument = call.arguments.swap_remove(0);
    let (data_type, nullable, ansi) = (argument.data_type.clone(), argument.nullable, call.session.ansi);
    if !is_computable(&data_type) {
        call.arguments.push(argument);
        return Err(call.wrong_type(0, "\"NUMERIC\""));
    }
    let kernel_type = data_type.clone();
    Ok(Expr::call(
        "abs",
        vec![argument],
        data_type,
        nullable,
        move |values, _| {
            let array = values[0].array();
            let result: ArrayRef = match kernel_type {
                DataType::TinyInt => {
                    negate::<Int8Type>(array, ansi, |v| if v < 0 { v.overflowing_neg() } else { (v, false) })?
                }
                DataType::SmallInt => {
                    negate::<Int16Type>(array, ansi, |v| if v < 0 { v.overflowing_neg() } else { (v, false) })?
                }
                DataType::Int => {
                    negate::<Int32Type>(array, ansi, |v| if v < 0 { v.overflowing_neg() } else { (v, false) })?
                }
                DataType::BigInt => {
                    negate::<Int64Type>(array, ansi, |v| if v < 0 { v.overflowing_neg() } else { (v, false) })?
                }
                DataType::Float => Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float32Type>(f32::abs)),
                _ => Arc::new(array.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::abs)),
            };
            Ok(if values[0].is_scalar() {
                Value::Scalar(result)
            } else {
                Value::Array(result)
            })
        },
    ))
}

fn is_computable(data_type: &DataType) -> bool {
    data_type.is_integral() || matches!(data_type, DataType::Float | DataType::Double)
}

/// Integer operations that say whether they overflowed.
trait Overflowing: ArrowNativeType {
    fn compute(self, other: Self, operator: Operator) -> (Self, bool);
    fn is_zero(self) -> bool;
}

macro_rules! overflowing {
    ($($native:ty),*) => {$(
        impl Overflowing for $native {
            #[inline]
            fn compute(self, other: Self, operator: Operator) -> (Self, bool) {
                match operator {
                    Operator::Add => self.overflowing_add(other),
                    Operator::Subtract => self.overflowing_sub(other),
                    Operator::Multiply => self.overflowing_mul(other),
                    // MIN % -1 is 0, not an overflow, as in Java.
                    Operator::Divide | Operator::Remainder => (self.wrapping_rem(other), false),
                }
            }
            #[inline]
            fn is_zero(self) -> bool { self == 0 }
        }
    )*};
}
overflowing!(i8, i16, i32, i64);

fn integers<T>(values: &[Value], rows: usize, operator: Operator, ansi: bool) -> Result<Value>
where
    T: ArrowPrimitiveType,
    T::Native: Overflowing,
{
    if operator == Operator::Remainder {
        return divide::<T>(values, rows, ansi, T::Native::is_zero, |a, b| {
            a.compute(b, Operator::Remainder).0
        });
    }
    // One loop an operator: the operator is a constant inside each.
    let (result, overflowed) = match operator {
        Operator::Add => combine::<T>(values, rows, |a, b| a.compute(b, Operator::Add)),
        Operator::Subtract => combine::<T>(values, rows, |a, b| a.compute(b, Operator::Subtract)),
        _ => combine::<T>(values, rows, |a, b| a.compute(b, Operator::Multiply)),
    };
    if overflowed && ansi {
        let (left, right) = (
            values[0].array().as_primitive::<T>(),
            values[1].array().as_primitive::<T>(),
        );
        let at = |array: &PrimitiveArray<T>, row: usize| array.value(if array.len() == 1 { 0 } else { row });
        let guilty =
            (0..result.len()).find(|&row| result.is_valid(row) && at(left, row).compute(at(right, row), operator).1);
        if let Some(row) = guilty {
            return Err(overflow::<T>().at_row(row));
        }
    }
    let scalar = values.iter().all(Value::is_scalar);
    Ok(if scalar {
        Value::Scalar(Arc::new(result))
    } else {
        Value::Array(Arc::new(result))
    })
}

fn floats<T>(values: &[Value], rows: usize, operator: Operator, ansi: bool) -> Result<Value>
where
    T: ArrowPrimitiveType,
    T::Native: std::ops::Add<Output = T::Native>
        + std::ops::Sub<Output = T::Native>
        + std::ops::Mul<Output = T::Native>
        + std::ops::Div<Output = T::Native>
        + std::ops::Rem<Output = T::Native>
        + Default,
{
    let is_zero = |v: T::Native| v == T::Native::default();
    let result = match operator {
        Operator::Add => combine::<T>(values, rows, |a, b| (a + b, false)).0,
        Operator::Subtract => combine::<T>(values, rows, |a, b| (a - b, false)).0,
        Operator::Multiply => combine::<T>(values, rows, |a, b| (a * b, false)).0,
        Operator::Divide => return divide::<T>(values, rows, ansi, is_zero, |a, b| a / b),
        Operator::Remainder => return divide::<T>(values, rows, ansi, is_zero, |a, b| a % b),
    };
    let scalar = values.iter().all(Value::is_scalar);
    Ok(if scalar {
        Value::Scalar(Arc::new(result))
    } else {
        Value::Array(Arc::new(result))
    })
}

/// Applies `operation` to every pair, nulls included (their slots hold anything), and says whether any overflowed.
fn combine<T: ArrowPrimitiveType>(
    values: &[Value],
    rows: usize,
    operation: impl Fn(T::Native, T::Native) -> (T::Native, bool),
) -> (PrimitiveArray<T>, bool) {
    let (left, right) = (
        values[0].array().as_primitive::<T>(),
        values[1].array().as_primitive::<T>(),
    );
    let mut overflowed = false;
    let mut apply = |(a, b): (T::Native, T::Native)| {
        let (value, over) = operation(a, b);
        overflowed |= over;
        value
    };
    let (buffer, nulls): (ScalarBuffer<T::Native>, Option<NullBuffer>) =
        match (values[0].is_scalar(), values[1].is_scalar()) {
            (false, true) => {
                let b = right.value(0);
                let nulls = if right.is_null(0) {
                    Some(NullBuffer::new_null(rows))
                } else {
                    left.nulls().cloned()
                };
                (left.values().iter().map(|&a| apply((a, b))).collect(), nulls)
            }
            (true, false) => {
                let a = left.value(0);
                let nulls = if left.is_null(0) {
                    Some(NullBuffer::new_null(rows))
                } else {
                    right.nulls().cloned()
                };
                (right.values().iter().map(|&b| apply((a, b))).collect(), nulls)
            }
            _ => (
                left.values()
                    .iter()
                    .zip(right.values())
                    .map(|(&a, &b)| apply((a, b)))
                    .collect(),
                NullBuffer::union(left.nulls(), right.nulls()),
            ),
        };
    (PrimitiveArray::new(buffer, nulls), overflowed)
}

/// Division and remainder: a zero divisor raises under ANSI and gives null without.
fn divide<T: ArrowPrimitiveType>(
    values: &[Value],
    rows: usize,
    ansi: bool,
    is_zero: impl Fn(T::Native) -> bool,
    operation: impl Fn(T::Native, T::Native) -> T::Native,
) -> Result<Value> {
    let scalar = values.iter().all(Value::is_scalar);
    let rows = if scalar { 1 } else { rows };
    let (left, right) = (values[0].clone().into_array(rows)?, values[1].clone().into_array(rows)?);
    let (left, right) = (left.as_primitive::<T>(), right.as_primitive::<T>());
    let mut result = PrimitiveArray::<T>::builder(rows);
    for row in 0..rows {
        if left.is_null(row) || right.is_null(row) {
            result.append_null();
        } else if is_zero(right.value(row)) {
            if ansi {
                return Err(Error::new(ErrorCode::DivideByZero)
                    .with("config", quoted_config())
                    .at_row(row));
            }
            result.append_null();
        } else {
            result.append_value(operation(left.value(row), right.value(row)));
        }
    }
    let result = Arc::new(result.finish());
    Ok(if scalar {
        Value::Scalar(result)
    } else {
        Value::Array(result)
    })
}

/// Applies a unary operation that may overflow.
fn negate<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    ansi: bool,
    operation: impl Fn(T::Native) -> (T::Native, bool),
) -> Result<ArrayRef> {
    let array = array.as_primitive::<T>();
    if ansi {
        let guilty = (0..array.len()).find(|&row| array.is_valid(row) && operation(array.value(row)).1);
        if let Some(row) = guilty {
            return Err(overflow::<T>().at_row(row));
        }
    }
    Ok(Arc::new(array.unary::<_, T>(|v| operation(v).0)))
}

fn overflow<T: ArrowPrimitiveType>() -> Error {
    let name = match std::mem::size_of::<T::Native>() {
        1 => "byte",
        2 => "short",
        4 => "integer",
        _ => "long",
    };
    Error::new(ErrorCode::ArithmeticOverflow)
        .with("message", format!("{name} overflow"))
        .with("alternative", "")
        .with("config", quoted_config())
}

fn quoted_config() -> String {
    format!("\"{ANSI_ENABLED}\"")
}
