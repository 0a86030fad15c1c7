//! CAST and TRY_CAST: which casts there are, and how each is done.

mod functions;
mod interval;
mod nested;
mod numeric;
mod row;
mod rules;
mod text;

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64NanosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, new_null_array};

use super::{Expr, Value, ValueFormatter};
use crate::column::{DataType, TextColumn};
use crate::config_generated::ANSI_ENABLED;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::truncate_time;
use crate::session::Session;

pub use functions::{FUNCTIONS, is_cast_function};
use row::Types;
pub use row::out_of_range;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// How a cast meets what does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Without ANSI: numbers wrap or saturate, malformed text is null.
    Legacy,
    /// An error.
    Ansi,
    /// Null, whatever the session's mode.
    Try,
}

/// A cast between two types.
type CastKernel = Arc<dyn Fn(&ArrayRef) -> Result<ArrayRef> + Send + Sync>;

/// The expression as a `target`. `attempt` (try_cast) gives null where a value does not fit. Fails with
/// DATATYPE_MISMATCH.CAST_* where there is no such cast.
pub fn cast(expr: Expr, target: &DataType, session: &Session, attempt: bool) -> Result<Expr> {
    if expr.data_type == *target {
        return Ok(expr);
    }
    let mode = match (attempt, session.ansi) {
        (true, _) => Mode::Try,
        (false, true) => Mode::Ansi,
        (false, false) => Mode::Legacy,
    };
    let types = Types {
        source: expr.data_type.clone(),
        target: target.clone(),
        mode,
    };
    let allowed = rules::is_allowed(&expr.data_type, target, mode);
    let found = allowed.then(|| kernel(types, session)).flatten();
    let kernel = found.ok_or_else(|| no_such_cast(&expr, target, mode))?;
    let nullable = expr.nullable || mode != Mode::Ansi || expr.data_type == DataType::Void;
    Ok(Expr::call(
        "cast",
        vec![expr],
        target.clone(),
        nullable,
        move |values, _| {
            let array = kernel(values[0].array())?;
            Ok(if values[0].is_scalar() {
                Value::Scalar(array)
            } else {
                Value::Array(array)
            })
        },
    ))
}

/// Spark names a function to use instead, or the configuration that would allow the cast.
fn no_such_cast(expr: &Expr, target: &DataType, mode: Mode) -> Error {
    let source = &expr.data_type;
    let functions = if mode == Mode::Legacy {
        None
    } else {
        rules::suggested_functions(source, target)
    };
    let error = match functions {
        Some(names) => Error::new(ErrorCode::DatatypeMismatchCastWithFuncSuggestion).with("functionNames", names),
        None if mode == Mode::Ansi && rules::is_allowed(source, target, Mode::Legacy) => {
            Error::new(ErrorCode::DatatypeMismatchCastWithConfSuggestion)
                .with("config", format!("\"{ANSI_ENABLED}\""))
                .with("configVal", "'false'")
        }
        None => Error::new(ErrorCode::DatatypeMismatchCastWithoutSuggestion),
    };
    error
        .with("sqlExpr", format!("\"CAST({expr:?} AS {})\"", target.sql()))
        .with("srcType", source.quoted_sql())
        .with("targetType", target.quoted_sql())
}

/// The computation of an allowed cast. Recursion follows the types, whose depth is bounded.
fn kernel(types: Types, session: &Session) -> Option<CastKernel> {
    use DataType::*;
    let zone = session.zone.clone();
    if types.source == types.target {
        return Some(Arc::new(|array| Ok(Arc::clone(array))));
    }
    Some(match (&types.source, &types.target) {
        (Void, target) => {
            let arrow = target.to_arrow();
            Arc::new(move |array| Ok(new_null_array(&arrow, array.len())))
        }
        // Spark's strings are bytes: nothing changes.
        (Binary, String) | (String, Binary) => Arc::new(|array| Ok(Arc::clone(array))),
        (Variant, String) => variant_text(),
        (Time(_), Time(precision)) => {
            let precision = *precision;
            each::<Time64NanosecondType, Time64NanosecondType>(&types, move |nanos| truncate_time(nanos, precision))
        }
        (TinyInt, String) => integer_text::<Int8Type>(),
        (SmallInt, String) => integer_text::<Int16Type>(),
        (Int, String) => integer_text::<Int32Type>(),
        (BigInt, String) => integer_text::<Int64Type>(),
        (source, String) => {
            let plain = types.mode != Mode::Legacy;
            let formatter = ValueFormatter::new(source, &zone).with_plain_decimals(plain);
            Arc::new(move |array| format_all(array, &formatter))
        }
        (String, _) => text::kernel(types, zone)?,
        (Array { .. } | Map { .. } | Struct(_), _) => nested::nested(&types, session)?,
        (_, DayTimeInterval(_) | YearMonthInterval(_)) => interval::to_interval(&types)?,
        (TinyInt, _) => numeric::from_integer::<Int8Type>(&types)?,
        (SmallInt, _) => numeric::from_integer::<Int16Type>(&types)?,
        (Int, _) => numeric::from_integer::<Int32Type>(&types)?,
        (BigInt, _) => numeric::from_integer::<Int64Type>(&types)?,
        (Float, _) => numeric::from_float::<Float32Type>(&types)?,
        (Double, _) => numeric::from_float::<Float64Type>(&types)?,
        (Decimal { precision, scale }, _) => numeric::from_decimal(&types, (*precision, *scale))?,
        (Boolean, _) => numeric::from_boolean(&types)?,
        (DayTimeInterval(_) | YearMonthInterval(_), _) => interval::from_interval(&types)?,
        (Timestamp, Date) => each::<TimestampMicrosecondType, Date32Type>(&types, move |v| {
            zone.to_local_micros(v).div_euclid(MICROS_PER_DAY) as i32
        }),
        (Timestamp, TimestampNtz) => {
            each::<TimestampMicrosecondType, TimestampMicrosecondType>(&types, move |v| zone.to_local_micros(v))
        }
        (Timestamp, _) => numeric::from_timestamp(&types)?,
        (TimestampNtz, Timestamp) => {
            each::<TimestampMicrosecondType, TimestampMicrosecondType>(&types, move |v| zone.to_utc_micros(v))
        }
        (TimestampNtz, Date) => {
            each::<TimestampMicrosecondType, Date32Type>(&types, |v| v.div_euclid(MICROS_PER_DAY) as i32)
        }
        (Date, Timestamp) => midnights(&types, move |days| zone.instant_of(days, 0)),
        (Date, TimestampNtz) => midnights(&types, |days| days.checked_mul(MICROS_PER_DAY)),
        // Without ANSI dates have numbers and truths, all null.
        (Date, _) => numeric::nulls(&types),
        _ => return None,
    })
}

/// Whole numbers as text, without a type to look at for each. Windows and the like are one number for many rows: it is written once.
fn integer_text<T: ArrowPrimitiveType<Native: itoa::Integer>>() -> CastKernel {
    Arc::new(|array| {
        let values = array.as_primitive::<T>();
        let mut texts = TextColumn::with_capacity(values.len());
        let mut digits = itoa::Buffer::new();
        let mut last = None;
        for value in values {
            match value {
                Some(_) if value == last => texts.push_again(),
                Some(value) => texts.push(|out| out.extend_from_slice(digits.format(value).as_bytes())),
                None => texts.push_null(),
            }
            last = value;
        }
        Ok(Arc::new(texts.finish()?))
    })
}

/// A variant as text: a text without its quotes, null for a variant's null, anything else as JSON.
fn variant_text() -> CastKernel {
    Arc::new(|array| {
        let values = array.as_binary_view();
        let mut texts = BinaryViewBuilder::with_capacity(values.len());
        for value in values {
            match value {
                None | Some(b"null") => texts.append_null(),
                Some(json @ [b'"', ..]) => {
                    let text: std::result::Result<std::string::String, _> = serde_json::from_slice(json);
                    texts.append_option(text.ok());
                }
                Some(json) => texts.append_value(json),
            }
        }
        Ok(Arc::new(texts.finish()))
    })
}

/// A cast whose every value fits.
fn each<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    types: &Types,
    convert: impl Fn(S::Native) -> T::Native + Send + Sync + 'static,
) -> CastKernel {
    let arrow = types.target.to_arrow();
    Arc::new(move |array| {
        let values: PrimitiveArray<T> = array.as_primitive::<S>().unary(&convert);
        Ok(Arc::new(values.with_data_type(arrow.clone())))
    })
}

/// The midnights of days. What 64 bits do not hold is an error whatever the ANSI mode, as Math.multiplyExact raises it.
fn midnights(types: &Types, midnight: impl Fn(i64) -> Option<i64> + Send + Sync + 'static) -> CastKernel {
    let arrow = types.target.to_arrow();
    Arc::new(move |array| {
        let days = array.as_primitive::<Date32Type>();
        let values: PrimitiveArray<TimestampMicrosecondType> =
            days.try_unary(|days| midnight(i64::from(days)).ok_or_else(Error::long_overflow))?;
        Ok(Arc::new(values.with_data_type(arrow.clone())))
    })
}

fn format_all(array: &ArrayRef, formatter: &ValueFormatter) -> Result<ArrayRef> {
    let mut texts = TextColumn::with_capacity(array.len());
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            texts.push_null();
        } else {
            text.clear();
            formatter.write(array, row, &mut text);
            texts.push(|out| out.extend_from_slice(text.as_bytes()));
        }
    }
    Ok(Arc::new(texts.finish()?))
}

#[cfg(test)]
mod tests {
    use arrow_array::Int32Array;
    use arrow_array::types::Int32Type;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_that_come_again_have_their_texts(runs in proptest::collection::vec((any::<Option<i32>>(), 1usize..4), 0..40)) {
            let values: Vec<Option<i32>> = runs.iter().flat_map(|(value, times)| std::iter::repeat_n(*value, *times)).collect();
            let column: ArrayRef = Arc::new(Int32Array::from(values.clone()));
            let texts = integer_text::<Int32Type>()(&column).unwrap();
            let texts = texts.as_binary_view().iter().map(|text| text.map(<[u8]>::to_vec)).collect::<Vec<_>>();
            prop_assert_eq!(texts, values.iter().map(|value| value.map(|value| value.to_string().into_bytes())).collect::<Vec<_>>());
        }
    }
}
