//! Mathematical functions of doubles, and factorial, hex, bin, width_bucket.
//!
//! Spark computes with Java's StrictMath, which is fdlibm: the libm crate has the same algorithms, and [`fdlibm`] those
//! that it changed.

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, PrimitiveArray};

use super::{Bind, Call, Expr, Kind, Value, fdlibm};
use crate::column::DataType;
use crate::error::Result;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("sqrt", bind_unary),
    ("cbrt", bind_unary),
    ("exp", bind_unary),
    ("expm1", bind_unary),
    ("ln", bind_unary),
    ("log10", bind_unary),
    ("log2", bind_unary),
    ("log1p", bind_unary),
    ("sin", bind_unary),
    ("cos", bind_unary),
    ("tan", bind_unary),
    ("cot", bind_unary),
    ("sec", bind_unary),
    ("csc", bind_unary),
    ("asin", bind_unary),
    ("acos", bind_unary),
    ("atan", bind_unary),
    ("sinh", bind_unary),
    ("cosh", bind_unary),
    ("tanh", bind_unary),
    ("asinh", bind_unary),
    ("acosh", bind_unary),
    ("atanh", bind_unary),
    ("degrees", bind_unary),
    ("radians", bind_unary),
    ("rint", bind_unary),
    ("log", bind_log),
    ("pow", bind_binary),
    ("power", bind_binary),
    ("atan2", bind_binary),
    ("hypot", bind_binary),
    ("e", bind_constant),
    ("pi", bind_constant),
    ("isnan", bind_isnan),
    ("nanvl", bind_nanvl),
    ("factorial", bind_factorial),
    ("hex", bind_hex),
    ("bin", bind_bin),
    ("width_bucket", bind_width_bucket),
];

type Function = (&'static str, fn(f64) -> Option<f64>);

/// What is outside a logarithm's domain is null, also under ANSI.
fn log_above(edge: f64, value: f64, log: fn(f64) -> f64) -> Option<f64> {
    if value <= edge { None } else { Some(log(value)) }
}

const UNARY: &[Function] = &[
    ("sqrt", |v| Some(v.sqrt())),
    ("cbrt", |v| Some(fdlibm::cbrt(v))),
    ("exp", |v| Some(libm::exp(v))),
    ("expm1", |v| Some(libm::expm1(v))),
    ("ln", |v| log_above(0.0, v, libm::log)),
    ("log10", |v| log_above(0.0, v, fdlibm::log10)),
    ("log2", |v| log_above(0.0, v, |v| libm::log(v) / libm::log(2.0))),
    ("log1p", |v| log_above(-1.0, v, libm::log1p)),
    ("sin", |v| Some(libm::sin(v))),
    ("cos", |v| Some(libm::cos(v))),
    ("tan", |v| Some(libm::tan(v))),
    ("cot", |v| Some(1.0 / libm::tan(v))),
    ("sec", |v| Some(1.0 / libm::cos(v))),
    ("csc", |v| Some(1.0 / libm::sin(v))),
    ("asin", |v| Some(libm::asin(v))),
    ("acos", |v| Some(libm::acos(v))),
    ("atan", |v| Some(libm::atan(v))),
    ("sinh", |v| Some(fdlibm::sinh(v))),
    ("cosh", |v| Some(fdlibm::cosh(v))),
    ("tanh", |v| Some(fdlibm::tanh(v))),
    ("asinh", |v| Some(libm::asinh(v))),
    ("acosh", |v| Some(libm::acosh(v))),
    ("atanh", |v| Some(0.5 * (libm::log1p(v) - libm::log1p(-v)))),
    // Java's constants and the order in which it multiplies.
    ("degrees", |v| Some(v * 57.295_779_513_082_32)),
    ("radians", |v| Some(v * 0.017_453_292_519_943_295)),
    ("rint", |v| Some(v.round_ties_even())),
];

fn same_shape(is_scalar: bool, array: ArrayRef) -> Value {
    if is_scalar {
        Value::Scalar(array)
    } else {
        Value::Array(array)
    }
}

fn bind_unary(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::Double)?;
    unary(call)
}

fn unary(call: Call<'_>) -> Result<Expr> {
    let wanted = if call.name == "log" { "ln" } else { call.name };
    let Some(&(name, function)) = UNARY.iter().find(|(name, _)| *name == wanted) else {
        return Err(crate::error::Error::internal("a function without its computation"));
    };
    let nullable = call.any_nullable() || matches!(name, "ln" | "log10" | "log2" | "log1p");
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::Double,
        nullable,
        move |values, _| {
            let numbers = values[0].array().as_primitive::<Float64Type>();
            let results: Float64Array = numbers.iter().map(|value| value.and_then(function)).collect();
            Ok(same_shape(values[0].is_scalar(), Arc::new(results)))
        },
    ))
}

/// Computes the pairs of doubles that have no null.
fn doubles(values: &[Value], rows: usize, each: impl Fn(f64, f64) -> Option<f64>) -> Result<Value> {
    let is_scalar = values.iter().all(Value::is_scalar);
    let rows = if is_scalar { 1 } else { rows };
    let (left, right) = (values[0].clone().into_array(rows)?, values[1].clone().into_array(rows)?);
    let (left, right) = (left.as_primitive::<Float64Type>(), right.as_primitive::<Float64Type>());
    let results: Float64Array = left.iter().zip(right).map(|(a, b)| each(a?, b?)).collect();
    Ok(same_shape(is_scalar, Arc::new(results)))
}

/// Binds log(value) and log(base, value).
fn bind_log(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 2)?;
    call.coerce(0, &DataType::Double)?;
    if call.arguments.len() == 1 {
        return unary(call);
    }
    call.coerce(1, &DataType::Double)?;
    Ok(Expr::call(
        "log",
        call.arguments,
        DataType::Double,
        true,
        |values, rows| {
            doubles(values, rows, |base, value| {
                if base <= 0.0 || value <= 0.0 {
                    None
                } else {
                    Some(libm::log(value) / libm::log(base))
                }
            })
        },
    ))
}

fn bind_binary(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::Double)?;
    call.coerce(1, &DataType::Double)?;
    let (name, function): (&'static str, fn(f64, f64) -> f64) = match call.name {
        "atan2" => ("atan2", |y, x| libm::atan2(y + 0.0, x + 0.0)),
        "hypot" => ("hypot", fdlibm::hypot),
        _ => ("pow", java_pow),
    };
    let nullable = call.any_nullable();
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::Double,
        nullable,
        move |values, rows| doubles(values, rows, |a, b| Some(function(a, b))),
    ))
}

/// Java gives NaN where C gives 1: a base of 1 or -1 and an exponent that is NaN or infinite.
fn java_pow(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (exponent.is_infinite() && base.abs() == 1.0) {
        return f64::NAN;
    }
    libm::pow(base, exponent)
}

/// Binds e() and pi().
fn bind_constant(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(0)?;
    let value = if call.name == "e" {
        std::f64::consts::E
    } else {
        std::f64::consts::PI
    };
    Ok(Expr {
        kind: Kind::Literal(Arc::new(Float64Array::from(vec![value]))),
        data_type: DataType::Double,
        nullable: false,
    })
}

/// Binds isnan: false for null.
fn bind_isnan(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::Double)?;
    Ok(Expr::call(
        "isnan",
        call.arguments,
        DataType::Boolean,
        false,
        |values, _| {
            let numbers = values[0].array().as_primitive::<Float64Type>();
            let results: BooleanArray = numbers
                .iter()
                .map(|value| Some(value.is_some_and(f64::is_nan)))
                .collect();
            Ok(same_shape(values[0].is_scalar(), Arc::new(results)))
        },
    ))
}

/// Binds nanvl(value, other): the other where the value is NaN.
fn bind_nanvl(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let is_float = call
        .arguments
        .iter()
        .all(|argument| argument.data_type == DataType::Float);
    let data_type = if is_float { DataType::Float } else { DataType::Double };
    call.coerce(0, &data_type)?;
    call.coerce(1, &data_type)?;
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "nanvl",
        call.arguments,
        data_type,
        nullable,
        move |values, rows| {
            if is_float {
                replace_nan::<Float32Type>(values, rows, f32::is_nan)
            } else {
                replace_nan::<Float64Type>(values, rows, f64::is_nan)
            }
        },
    ))
}

fn replace_nan<T: ArrowPrimitiveType>(values: &[Value], rows: usize, is_nan: fn(T::Native) -> bool) -> Result<Value> {
    let is_scalar = values.iter().all(Value::is_scalar);
    let rows = if is_scalar { 1 } else { rows };
    let (left, right) = (values[0].clone().into_array(rows)?, values[1].clone().into_array(rows)?);
    let (left, right) = (left.as_primitive::<T>(), right.as_primitive::<T>());
    let chosen = left.iter().zip(right).map(|(value, other)| match value {
        Some(value) if is_nan(value) => other,
        value => value,
    });
    let results: PrimitiveArray<T> = chosen.collect();
    Ok(same_shape(is_scalar, Arc::new(results)))
}

/// Binds factorial: null outside 0 to 20.
fn bind_factorial(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::Int)?;
    Ok(Expr::call(
        "factorial",
        call.arguments,
        DataType::BigInt,
        true,
        |values, _| {
            let numbers = values[0].array().as_primitive::<Int32Type>();
            let factorial = |value: i32| (0..=20).contains(&value).then(|| (1..=i64::from(value)).product());
            let results: Int64Array = numbers.iter().map(|value| value.and_then(factorial)).collect();
            Ok(same_shape(values[0].is_scalar(), Arc::new(results)))
        },
    ))
}

fn texts(value: &Value, data_type: &DataType, write: impl Fn(&ArrayRef, usize, &mut String)) -> Value {
    let array = value.array();
    debug_assert_eq!(*array.data_type(), data_type.to_arrow());
    let mut results = BinaryViewBuilder::with_capacity(array.len());
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            results.append_null();
        } else {
            text.clear();
            write(array, row, &mut text);
            results.append_value(text.as_bytes());
        }
    }
    same_shape(value.is_scalar(), Arc::new(results.finish()))
}

/// Binds hex of a BIGINT, of text or of bytes.
fn bind_hex(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let given = &call.arguments[0].data_type;
    let is_number = given.is_numeric() || *given == DataType::Void;
    if is_number {
        call.coerce(0, &DataType::BigInt)?;
    } else if *given != DataType::Binary {
        call.coerce(0, &DataType::String)?;
    }
    let is_bytes = !is_number;
    let nullable = call.any_nullable();
    let data_type = call.arguments[0].data_type.clone();
    Ok(Expr::call(
        "hex",
        call.arguments,
        DataType::String,
        nullable,
        move |values, _| {
            use std::fmt::Write;
            Ok(texts(&values[0], &data_type, |array, row, text| {
                // Writing to a String does not fail.
                if is_bytes {
                    for byte in array.as_binary_view().value(row) {
                        let _ = write!(text, "{byte:02X}");
                    }
                } else {
                    let _ = write!(text, "{:X}", array.as_primitive::<Int64Type>().value(row));
                }
            }))
        },
    ))
}

/// Binds bin of a BIGINT.
fn bind_bin(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::BigInt)?;
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "bin",
        call.arguments,
        DataType::String,
        nullable,
        |values, _| {
            Ok(texts(&values[0], &DataType::BigInt, |array, row, text| {
                text.push_str(&format!("{:b}", array.as_primitive::<Int64Type>().value(row)));
            }))
        },
    ))
}

/// Binds width_bucket(value, least, greatest, buckets).
fn bind_width_bucket(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(4)?;
    for index in 0..3 {
        call.coerce(index, &DataType::Double)?;
    }
    call.coerce(3, &DataType::BigInt)?;
    Ok(Expr::call(
        "width_bucket",
        call.arguments,
        DataType::BigInt,
        true,
        |values, rows| {
            let is_scalar = values.iter().all(Value::is_scalar);
            let rows = if is_scalar { 1 } else { rows };
            let columns = values
                .iter()
                .map(|value| value.clone().into_array(rows))
                .collect::<Result<Vec<_>>>()?;
            let number = |index: usize, row: usize| {
                let column = columns[index].as_primitive::<Float64Type>();
                column.is_valid(row).then(|| column.value(row))
            };
            let buckets = columns[3].as_primitive::<Int64Type>();
            let results: Int64Array = (0..rows)
                .map(|row| {
                    let count = buckets.is_valid(row).then(|| buckets.value(row))?;
                    bucket(number(0, row)?, number(1, row)?, number(2, row)?, count)
                })
                .collect();
            Ok(same_shape(is_scalar, Arc::new(results)))
        },
    ))
}

fn bucket(value: f64, first: f64, last: f64, count: i64) -> Option<i64> {
    if count <= 0 || count == i64::MAX || value.is_nan() || first == last || !first.is_finite() || !last.is_finite() {
        return None;
    }
    let (lower, upper) = (first.min(last), first.max(last));
    let (before, after, distance) = if first < last {
        (value < lower, value >= upper, value - lower)
    } else {
        (value > upper, value <= lower, upper - value)
    };
    Some(match (before, after) {
        (true, _) => 0,
        (_, true) => count + 1,
        _ => (count as f64 * distance / (upper - lower)) as i64 + 1,
    })
}
