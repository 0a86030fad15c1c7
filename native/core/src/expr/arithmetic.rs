//! Arithmetic: `+ - * / % div pmod` and their try_ forms over integers, floats and decimals.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};

use super::cast::out_of_range;
use super::decimal::{DecimalOperator, compute, decimal_for, result_type};
use super::{Bind, Call, Expr, Value, interval_arithmetic, interval_scaling};
use crate::column::DataType;
use crate::config_generated::ANSI_ENABLED;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::{arithmetic_type, cast_to};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("+", bind),
    ("-", bind),
    ("*", bind),
    ("/", bind),
    ("%", bind),
    ("mod", bind),
    ("div", bind),
    ("pmod", bind),
    ("try_add", bind),
    ("try_subtract", bind),
    ("try_multiply", bind),
    ("try_divide", bind),
    ("try_mod", bind),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    PositiveRemainder,
    Quotient,
}

impl Operator {
    fn divides(self) -> bool {
        !matches!(self, Operator::Add | Operator::Subtract | Operator::Multiply)
    }

    fn of_decimals(self) -> DecimalOperator {
        match self {
            Operator::Add => DecimalOperator::Add,
            Operator::Subtract => DecimalOperator::Subtract,
            Operator::Multiply => DecimalOperator::Multiply,
            Operator::Divide => DecimalOperator::Divide,
            Operator::Remainder => DecimalOperator::Remainder,
            Operator::PositiveRemainder => DecimalOperator::PositiveRemainder,
            Operator::Quotient => DecimalOperator::Quotient,
        }
    }
}

/// An operator as it is bound: what fails raises, or gives null (or wraps).
#[derive(Clone, Copy)]
struct Bound {
    operator: Operator,
    raises: bool,
    /// Integers that overflow are null rather than wrapped.
    attempts: bool,
}

/// Binds a binary operator.
fn bind(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (name, operator) = match call.name {
        "+" => ("+", Operator::Add),
        "-" => ("-", Operator::Subtract),
        "*" => ("*", Operator::Multiply),
        "/" => ("/", Operator::Divide),
        "%" | "mod" => ("%", Operator::Remainder),
        "pmod" => ("pmod", Operator::PositiveRemainder),
        "div" => ("div", Operator::Quotient),
        "try_add" => ("try_add", Operator::Add),
        "try_subtract" => ("try_subtract", Operator::Subtract),
        "try_multiply" => ("try_multiply", Operator::Multiply),
        "try_divide" => ("try_divide", Operator::Divide),
        _ => ("try_mod", Operator::Remainder),
    };
    let attempts = name.starts_with("try_");
    let bound = Bound {
        operator,
        raises: call.session.ansi && !attempts,
        attempts,
    };
    let (left, right) = (&call.arguments[0].data_type, &call.arguments[1].data_type);
    match operator {
        Operator::Add | Operator::Subtract
            if interval_arithmetic::applies(left, right, operator == Operator::Subtract) =>
        {
            let subtracts = operator == Operator::Subtract;
            return interval_arithmetic::bind(call, interval_arithmetic::Way { subtracts, attempts });
        }
        Operator::Multiply | Operator::Divide
            if interval_scaling::applies(operator == Operator::Divide, left, right) =>
        {
            let divides = operator == Operator::Divide;
            return interval_scaling::bind(call, interval_scaling::Scaling { divides, attempts });
        }
        _ => {}
    }
    let common = arithmetic_type(left, right, call.session.ansi).ok_or_else(|| different_types(&call, left, right))?;
    if matches!(common, DataType::Decimal { .. }) {
        return bind_decimals(call, name, bound);
    }
    let data_type = match operator {
        // int / int is double in Spark, and so is float / float.
        Operator::Divide => DataType::Double,
        Operator::Quotient if common.is_integral() => DataType::BigInt,
        Operator::Quotient => return Err(no_quotient(&call, left, right)),
        _ => common,
    };
    let session = call.session;
    let nullable = call.any_nullable() || attempts || (!session.ansi && operator.divides());
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
            DataType::TinyInt => integers::<Int8Type>(values, rows, bound),
            DataType::SmallInt => integers::<Int16Type>(values, rows, bound),
            DataType::Int => integers::<Int32Type>(values, rows, bound),
            DataType::BigInt => integers::<Int64Type>(values, rows, bound),
            DataType::Float => floats::<Float32Type>(values, rows, bound),
            _ => floats::<Float64Type>(values, rows, bound),
        },
    ))
}

fn different_types(call: &Call<'_>, left: &DataType, right: &DataType) -> Error {
    Error::new(ErrorCode::DatatypeMismatchBinaryOpDiffTypes)
        .with("sqlExpr", format!("\"{}\"", call.sql))
        .with("left", left.quoted_sql())
        .with("right", right.quoted_sql())
}

/// `div` takes no floats. Spark casts integers to BIGINT and a decimal beside a float to DOUBLE before it sees that.
fn no_quotient(call: &Call<'_>, left: &DataType, right: &DataType) -> Error {
    let is_double = |own: &DataType| matches!(own, DataType::Double | DataType::Decimal { .. } | DataType::String);
    if left == right || (is_double(left) && is_double(right)) {
        return Error::new(ErrorCode::DatatypeMismatchBinaryOpWrongType)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with(
                "inputType",
                "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\")",
            )
            .with("actualDataType", left.quoted_sql());
    }
    different_types(call, left, right)
}

/// The decimal that an operand counts as: an integer constant, but no TINYINT, counts as the digits that it has.
fn decimal_of(operand: &Expr) -> Option<(u8, i8)> {
    if !operand.data_type.is_integral() || operand.data_type == DataType::TinyInt {
        return decimal_for(&operand.data_type);
    }
    let Some(constant) = operand.as_literal().filter(|constant| constant.is_valid(0)) else {
        return decimal_for(&operand.data_type);
    };
    let value: i64 = match operand.data_type {
        DataType::SmallInt => constant.as_primitive::<Int16Type>().value(0).into(),
        DataType::Int => constant.as_primitive::<Int32Type>().value(0).into(),
        _ => constant.as_primitive::<Int64Type>().value(0),
    };
    Some((value.unsigned_abs().to_string().len() as u8, 0))
}

/// Binds an operator over decimals, each operand with its own digits.
fn bind_decimals(call: Call<'_>, name: &'static str, bound: Bound) -> Result<Expr> {
    let session = call.session;
    let nullable = call.any_nullable() || !bound.raises;
    let (left, right) = (decimal_of(&call.arguments[0]), decimal_of(&call.arguments[1]));
    // A bare NULL counts as the other side's type.
    let (left, right) = match (left, right) {
        (Some(left), Some(right)) => (left, right),
        (Some(only), None) | (None, Some(only)) => (only, only),
        (None, None) => return Err(Error::internal("decimal arithmetic without decimals")),
    };
    let operator = bound.operator.of_decimals();
    let (precision, scale) = result_type(operator, left, right, session.decimal_precision_loss);
    let is_quotient = bound.operator == Operator::Quotient;
    let data_type = if is_quotient {
        DataType::BigInt
    } else {
        DataType::Decimal { precision, scale }
    };
    let arguments = call
        .arguments
        .into_iter()
        .zip([left, right])
        .map(|(argument, (precision, scale))| cast_to(argument, &DataType::Decimal { precision, scale }, session))
        .collect::<Result<Vec<_>>>()?;
    let scales = (left.1, right.1);
    let arrow = data_type.to_arrow();
    Ok(Expr::call(name, arguments, data_type, nullable, move |values, rows| {
        let is_scalar = values.iter().all(Value::is_scalar);
        let compute_one = |a: i128, b: i128| compute(operator, (a, scales.0), (b, scales.1), precision, scale);
        let too_large = |a: i128, b: i128| {
            let exact = super::decimal::exact_text(operator, (a, scales.0), (b, scales.1));
            out_of_range(exact, precision, scale)
        };
        if is_quotient {
            let each = |a: i128, b: i128| match compute_one(a, b) {
                // Spark takes the low 64 bits.
                Some(whole) => Ok(Some(whole as i64)),
                None if bound.raises => Err(too_large(a, b)),
                None => Ok(None),
            };
            return pairs::<Decimal128Type, Int64Type>(values, rows, is_scalar, bound, |v| v == 0, each)
                .map(|array| wrap(is_scalar, array));
        }
        let each = |a: i128, b: i128| match compute_one(a, b) {
            Some(value) => Ok(Some(value)),
            None if bound.raises => Err(too_large(a, b)),
            None => Ok(None),
        };
        let array = pairs::<Decimal128Type, Decimal128Type>(values, rows, is_scalar, bound, |v| v == 0, each)?;
        Ok(wrap(is_scalar, array.with_data_type(arrow.clone())))
    }))
}

fn wrap<T: ArrowPrimitiveType>(is_scalar: bool, array: PrimitiveArray<T>) -> Value {
    if is_scalar {
        Value::Scalar(Arc::new(array))
    } else {
        Value::Array(Arc::new(array))
    }
}

/// Integer operations that say whether they overflowed.
trait Overflowing: ArrowNativeType + std::fmt::Display {
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
                    // Only the least value divided by -1 overflows.
                    Operator::Divide | Operator::Quotient => self.overflowing_div(other),
                    // MIN % -1 is 0, not an overflow, as in Java.
                    Operator::Remainder => (self.wrapping_rem(other), false),
                    Operator::PositiveRemainder => {
                        let rest = self.wrapping_rem(other);
                        if rest >= 0 {
                            return (rest, false);
                        }
                        // Java adds bytes and shorts as ints, so only ints and longs wrap.
                        let sum = i128::from(rest) + i128::from(other);
                        let sum = match size_of::<Self>() {
                            4 => i128::from(sum as i32),
                            8 => i128::from(sum as i64),
                            _ => sum,
                        };
                        ((sum % i128::from(other)) as Self, false)
                    }
                }
            }
            #[inline]
            fn is_zero(self) -> bool { self == 0 }
        }
    )*};
}
overflowing!(i8, i16, i32, i64);

fn integers<T>(values: &[Value], rows: usize, bound: Bound) -> Result<Value>
where
    T: ArrowPrimitiveType,
    T::Native: Overflowing,
{
    let is_scalar = values.iter().all(Value::is_scalar);
    let operator = bound.operator;
    if operator.divides() || bound.attempts {
        let each = |a: T::Native, b: T::Native| match a.compute(b, operator) {
            (_, true) if bound.attempts => Ok(None),
            (_, true) if bound.raises => Err(overflow::<T>(a, b, operator)),
            (value, _) => Ok(Some(value)),
        };
        let array = pairs::<T, T>(values, rows, is_scalar, bound, T::Native::is_zero, each)?;
        return Ok(wrap(is_scalar, array));
    }
    // One loop an operator: the operator is a constant inside each.
    let (result, overflowed) = match operator {
        Operator::Add => combine::<T>(values, rows, |a, b| a.compute(b, Operator::Add)),
        Operator::Subtract => combine::<T>(values, rows, |a, b| a.compute(b, Operator::Subtract)),
        _ => combine::<T>(values, rows, |a, b| a.compute(b, Operator::Multiply)),
    };
    if overflowed && bound.raises {
        let (left, right) = (
            values[0].array().as_primitive::<T>(),
            values[1].array().as_primitive::<T>(),
        );
        let at = |array: &PrimitiveArray<T>, row: usize| array.value(if array.len() == 1 { 0 } else { row });
        let guilty =
            (0..result.len()).find(|&row| result.is_valid(row) && at(left, row).compute(at(right, row), operator).1);
        if let Some(row) = guilty {
            return Err(overflow::<T>(at(left, row), at(right, row), operator).at_row(row));
        }
    }
    Ok(wrap(is_scalar, result))
}

fn floats<T>(values: &[Value], rows: usize, bound: Bound) -> Result<Value>
where
    T: ArrowPrimitiveType,
    T::Native: std::ops::Add<Output = T::Native>
        + std::ops::Sub<Output = T::Native>
        + std::ops::Mul<Output = T::Native>
        + std::ops::Div<Output = T::Native>
        + std::ops::Rem<Output = T::Native>
        + Default,
{
    let zero = T::Native::default();
    let is_zero = |v: T::Native| v == zero;
    let is_scalar = values.iter().all(Value::is_scalar);
    let result = match bound.operator {
        Operator::Add => combine::<T>(values, rows, |a, b| (a + b, false)).0,
        Operator::Subtract => combine::<T>(values, rows, |a, b| (a - b, false)).0,
        Operator::Multiply => combine::<T>(values, rows, |a, b| (a * b, false)).0,
        Operator::Divide | Operator::Quotient => {
            pairs::<T, T>(values, rows, is_scalar, bound, is_zero, |a, b| Ok(Some(a / b)))?
        }
        Operator::Remainder => pairs::<T, T>(values, rows, is_scalar, bound, is_zero, |a, b| Ok(Some(a % b)))?,
        Operator::PositiveRemainder => pairs::<T, T>(values, rows, is_scalar, bound, is_zero, |a, b| {
            let rest = a % b;
            Ok(Some(if rest < zero { (rest + b) % b } else { rest }))
        })?,
    };
    Ok(wrap(is_scalar, result))
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

/// Computes the pairs that have no null, one by one: what divides by zero raises or is null, `each` says what else does.
fn pairs<T: ArrowPrimitiveType, R: ArrowPrimitiveType>(
    values: &[Value],
    rows: usize,
    is_scalar: bool,
    bound: Bound,
    is_zero: impl Fn(T::Native) -> bool,
    each: impl Fn(T::Native, T::Native) -> Result<Option<R::Native>>,
) -> Result<PrimitiveArray<R>> {
    let rows = if is_scalar { 1 } else { rows };
    let (left, right) = (
        values[0].array().as_primitive::<T>(),
        values[1].array().as_primitive::<T>(),
    );
    let place = |value: &Value, row: usize| if value.is_scalar() { 0 } else { row };
    let divides = bound.operator.divides();
    let mut result = PrimitiveArray::<R>::builder(rows);
    for row in 0..rows {
        let (a, b) = (place(&values[0], row), place(&values[1], row));
        if left.is_null(a) || right.is_null(b) {
            result.append_null();
        } else if divides && is_zero(right.value(b)) {
            if bound.raises {
                return Err(by_zero(bound.operator).at_row(row));
            }
            result.append_null();
        } else {
            let value = each(left.value(a), right.value(b)).map_err(|error| error.at_row(row))?;
            result.append_option(value);
        }
    }
    Ok(result.finish())
}

fn by_zero(operator: Operator) -> Error {
    let code = match operator {
        Operator::Remainder | Operator::PositiveRemainder => ErrorCode::RemainderByZero,
        _ => ErrorCode::DivideByZero,
    };
    Error::new(code).with("config", quoted_config())
}

/// Spark names bytes and shorts in an error of their own.
fn overflow<T: ArrowPrimitiveType>(left: T::Native, right: T::Native, operator: Operator) -> Error
where
    T::Native: std::fmt::Display,
{
    let (symbol, instead) = match operator {
        Operator::Add => ("+", "try_add"),
        Operator::Subtract => ("-", "try_subtract"),
        Operator::Multiply => ("*", "try_multiply"),
        _ => ("div", "try_divide"),
    };
    let suffix = match size_of::<T::Native>() {
        1 => "Y",
        2 => "S",
        _ => {
            return Error::new(ErrorCode::ArithmeticOverflow)
                .with("message", "overflow")
                .with(
                    "alternative",
                    format!(" Use '{instead}' to tolerate overflow and return NULL instead."),
                )
                .with("config", quoted_config());
        }
    };
    Error::new(ErrorCode::BinaryArithmeticOverflow)
        .with("value1", format!("{left}{suffix}"))
        .with("symbol", symbol)
        .with("value2", format!("{right}{suffix}"))
        .with("functionName", instead)
}

fn quoted_config() -> String {
    format!("\"{ANSI_ENABLED}\"")
}
