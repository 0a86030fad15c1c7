//! CAST and TRY_CAST: which casts there are, and how each is done.

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray, new_null_array};

use super::{Expr, Value, ValueFormatter};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{TimeZone, parse_date_text, parse_timestamp_text};
use crate::session::Session;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// How a value of one row that can't be cast is met.
#[derive(Clone, Copy, PartialEq)]
enum Failure {
    Raise,
    Null,
}

/// A cast between two types.
type CastKernel = Arc<dyn Fn(&ArrayRef) -> Result<ArrayRef> + Send + Sync>;

/// The expression as a `target`. `attempt` (try_cast) gives null where a value does not fit, as every cast does without
/// ANSI. Fails with DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION where there is no such cast.
pub fn cast(expr: Expr, target: &DataType, session: &Session, attempt: bool) -> Result<Expr> {
    if expr.data_type == *target {
        return Ok(expr);
    }
    let failure = if session.ansi && !attempt {
        Failure::Raise
    } else {
        Failure::Null
    };
    let kernel = kernel(&expr.data_type, target, session, failure).ok_or_else(|| {
        Error::new(ErrorCode::DatatypeMismatchCastWithoutSuggestion)
            .with("sqlExpr", format!("\"CAST({expr:?} AS {})\"", target.sql()))
            .with("srcType", expr.data_type.quoted_sql())
            .with("targetType", target.quoted_sql())
    })?;
    let nullable = expr.nullable || failure == Failure::Null;
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

fn kernel(source: &DataType, target: &DataType, session: &Session, failure: Failure) -> Option<CastKernel> {
    use DataType::*;
    let zone = session.zone.clone();
    Some(match (source, target) {
        (Void, _) => {
            let arrow = target.to_arrow();
            Arc::new(move |array| Ok(new_null_array(&arrow, array.len())))
        }
        // Spark's strings are bytes: nothing changes.
        (Binary, String) | (String, Binary) => Arc::new(|array| Ok(Arc::clone(array))),
        (_, String) => {
            let source = source.clone();
            Arc::new(move |array| format_all(array, &source, &zone))
        }
        (String, TinyInt) => integer_text::<Int8Type>(failure, target),
        (String, SmallInt) => integer_text::<Int16Type>(failure, target),
        (String, Int) => integer_text::<Int32Type>(failure, target),
        (String, BigInt) => integer_text::<Int64Type>(failure, target),
        (String, Float) => text::<Float32Type>(failure, target, |bytes| parse_float(bytes).map(|v| v as f32)),
        (String, Double) => text::<Float64Type>(failure, target, parse_float),
        (String, Boolean) => {
            let target = target.clone();
            Arc::new(move |array| boolean_text(array, failure, &target))
        }
        (String, Timestamp) => {
            let inner =
                text::<TimestampMicrosecondType>(failure, target, move |bytes| parse_timestamp_text(bytes, &zone));
            Arc::new(move |array| with_utc(&inner(array)?))
        }
        (String, Date) => text::<Date32Type>(failure, target, parse_date_text),
        (TinyInt, _) if target.is_numeric() => from_integer::<Int8Type>(target, failure, source)?,
        (SmallInt, _) if target.is_numeric() => from_integer::<Int16Type>(target, failure, source)?,
        (Int, _) if target.is_numeric() => from_integer::<Int32Type>(target, failure, source)?,
        (BigInt, _) if target.is_numeric() => from_integer::<Int64Type>(target, failure, source)?,
        (Float, Double) => Arc::new(|array| {
            Ok(Arc::new(
                array.as_primitive::<Float32Type>().unary::<_, Float64Type>(f64::from),
            ))
        }),
        (Double, Float) => Arc::new(|array| {
            Ok(Arc::new(
                array
                    .as_primitive::<Float64Type>()
                    .unary::<_, Float32Type>(|v| v as f32),
            ))
        }),
        (Float, _) if target.is_integral() => from_float::<Float32Type>(target, failure, source, f64::from)?,
        (Double, _) if target.is_integral() => from_float::<Float64Type>(target, failure, source, |v| v)?,
        (BigInt, Timestamp) => Arc::new(|array| {
            // Seconds; overflow saturates, as Java's TimeUnit does.
            let micros = array
                .as_primitive::<Int64Type>()
                .unary::<_, TimestampMicrosecondType>(|v| v.saturating_mul(MICROS_PER_SECOND));
            with_utc(&(Arc::new(micros) as ArrayRef))
        }),
        (Timestamp, BigInt) => Arc::new(|array| {
            Ok(Arc::new(
                array
                    .as_primitive::<TimestampMicrosecondType>()
                    .unary::<_, Int64Type>(|v| v.div_euclid(MICROS_PER_SECOND)),
            ))
        }),
        (Timestamp, Double) => Arc::new(|array| {
            Ok(Arc::new(
                array
                    .as_primitive::<TimestampMicrosecondType>()
                    .unary::<_, Float64Type>(|v| v as f64 / MICROS_PER_SECOND as f64),
            ))
        }),
        (Timestamp, Date) => Arc::new(move |array| {
            let days = |v: i64| zone.to_local_micros(v).div_euclid(MICROS_PER_DAY) as i32;
            Ok(Arc::new(
                array
                    .as_primitive::<TimestampMicrosecondType>()
                    .unary::<_, Date32Type>(days),
            ))
        }),
        (Date, Timestamp) => Arc::new(move |array| {
            let micros = |v: i32| zone.to_utc_micros(i64::from(v) * MICROS_PER_DAY);
            with_utc(
                &(Arc::new(
                    array
                        .as_primitive::<Date32Type>()
                        .unary::<_, TimestampMicrosecondType>(micros),
                ) as ArrayRef),
            )
        }),
        _ => return None,
    })
}

/// Timestamps carry the zone "UTC" in their Arrow type.
fn with_utc(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(Arc::new(
        array
            .as_primitive::<TimestampMicrosecondType>()
            .clone()
            .with_timezone("UTC"),
    ))
}

fn format_all(array: &ArrayRef, source: &DataType, zone: &TimeZone) -> Result<ArrayRef> {
    let formatter = ValueFormatter::new(source, zone);
    let mut texts = BinaryViewBuilder::with_capacity(array.len());
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            texts.append_null();
        } else {
            text.clear();
            formatter.write(array, row, &mut text);
            texts.append_value(text.as_bytes());
        }
    }
    Ok(Arc::new(texts.finish()))
}

fn invalid_input(text: &[u8], target: &DataType, row: usize) -> Error {
    Error::new(ErrorCode::CastInvalidInput)
        .with("expression", format!("'{}'", String::from_utf8_lossy(text)))
        .with("sourceType", DataType::String.quoted_sql())
        .with("targetType", target.quoted_sql())
        .at_row(row)
}

/// Text to a primitive type by `parse`, which gives none where the text is malformed.
fn text<T: ArrowPrimitiveType>(
    failure: Failure,
    target: &DataType,
    parse: impl Fn(&[u8]) -> Option<T::Native> + Send + Sync + 'static,
) -> CastKernel {
    let target = target.clone();
    Arc::new(move |array| {
        let texts = array.as_binary_view();
        let mut values = PrimitiveArray::<T>::builder(texts.len());
        for row in 0..texts.len() {
            match (texts.is_valid(row)).then(|| texts.value(row)) {
                None => values.append_null(),
                Some(bytes) => match parse(bytes) {
                    Some(value) => values.append_value(value),
                    None if failure == Failure::Raise => return Err(invalid_input(bytes, &target, row)),
                    None => values.append_null(),
                },
            }
        }
        Ok(Arc::new(values.finish()))
    })
}

fn integer_text<T>(failure: Failure, target: &DataType) -> CastKernel
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64>,
{
    // '12.7' is malformed under ANSI and 12 without.
    text::<T>(failure, target, move |bytes| {
        parse_integer(bytes, failure == Failure::Null).and_then(|value| T::Native::try_from(value).ok())
    })
}

/// Spark trims control characters and blanks around a number.
fn trim(bytes: &[u8]) -> &[u8] {
    let is_blank = |b: &u8| *b <= b' ' || *b == 0x7f;
    let start = bytes.iter().position(|b| !is_blank(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !is_blank(b)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

fn parse_integer(bytes: &[u8], allows_fraction: bool) -> Option<i64> {
    let text = std::str::from_utf8(trim(bytes)).ok()?;
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if allows_fraction && fraction.bytes().all(|b| b.is_ascii_digit()) => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

fn parse_float(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(trim(bytes)).ok()?;
    match text.to_ascii_lowercase().as_str() {
        "nan" => return Some(f64::NAN),
        "inf" | "+inf" | "infinity" | "+infinity" => return Some(f64::INFINITY),
        "-inf" | "-infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    // Java's parser takes a type suffix: '1d', '1.5f'.
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    if !digits.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

fn boolean_text(array: &ArrayRef, failure: Failure, target: &DataType) -> Result<ArrayRef> {
    let texts = array.as_binary_view();
    let mut values: Vec<Option<bool>> = Vec::with_capacity(texts.len());
    for row in 0..texts.len() {
        if texts.is_null(row) {
            values.push(None);
            continue;
        }
        let bytes = texts.value(row);
        values.push(match trim(bytes).to_ascii_lowercase().as_slice() {
            b"t" | b"true" | b"y" | b"yes" | b"1" => Some(true),
            b"f" | b"false" | b"n" | b"no" | b"0" => Some(false),
            _ if failure == Failure::Raise => return Err(invalid_input(bytes, target, row)),
            _ => None,
        });
    }
    Ok(Arc::new(BooleanArray::from(values)))
}

fn cast_overflow(value: String, source: &DataType, target: &DataType, row: usize) -> Error {
    Error::new(ErrorCode::CastOverflow)
        .with("value", value)
        .with("sourceType", source.quoted_sql())
        .with("targetType", target.quoted_sql())
        .at_row(row)
}

fn from_integer<S>(target: &DataType, failure: Failure, source: &DataType) -> Option<CastKernel>
where
    S: ArrowPrimitiveType,
    S::Native: Into<i64>,
{
    fn narrow<S, T>(failure: Failure, source: &DataType, target: &DataType, wrap: fn(i64) -> T::Native) -> CastKernel
    where
        S: ArrowPrimitiveType,
        S::Native: Into<i64>,
        T: ArrowPrimitiveType,
        T::Native: TryFrom<i64>,
    {
        let (source, target) = (source.clone(), target.clone());
        Arc::new(move |array| {
            let values = array.as_primitive::<S>();
            if failure == Failure::Raise {
                let fits = |row: usize| T::Native::try_from(values.value(row).into()).is_ok();
                if let Some(row) = (0..values.len()).find(|&row| values.is_valid(row) && !fits(row)) {
                    let value: i64 = values.value(row).into();
                    return Err(cast_overflow(value.to_string(), &source, &target, row));
                }
            }
            // Without ANSI a narrowing cast wraps, as in Java.
            Ok(Arc::new(values.unary::<_, T>(|v| wrap(v.into()))))
        })
    }
    Some(match target {
        DataType::TinyInt => narrow::<S, Int8Type>(failure, source, target, |v| v as i8),
        DataType::SmallInt => narrow::<S, Int16Type>(failure, source, target, |v| v as i16),
        DataType::Int => narrow::<S, Int32Type>(failure, source, target, |v| v as i32),
        DataType::BigInt => narrow::<S, Int64Type>(failure, source, target, |v| v),
        DataType::Float => Arc::new(|array| {
            Ok(Arc::new(array.as_primitive::<S>().unary::<_, Float32Type>(|v| {
                let v: i64 = v.into();
                v as f32
            })))
        }),
        DataType::Double => Arc::new(|array| {
            Ok(Arc::new(array.as_primitive::<S>().unary::<_, Float64Type>(|v| {
                let v: i64 = v.into();
                v as f64
            })))
        }),
        _ => return None,
    })
}

fn from_float<S: ArrowPrimitiveType>(
    target: &DataType,
    failure: Failure,
    source: &DataType,
    widen: fn(S::Native) -> f64,
) -> Option<CastKernel> {
    fn truncate<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
        failure: Failure,
        types: (DataType, DataType),
        widen: fn(S::Native) -> f64,
        bounds: (f64, f64),
        convert: fn(f64) -> T::Native,
    ) -> CastKernel {
        Arc::new(move |array| {
            let values = array.as_primitive::<S>();
            if failure == Failure::Raise {
                let fits = |v: f64| v.floor() <= bounds.1 && v.ceil() >= bounds.0;
                if let Some(row) =
                    (0..values.len()).find(|&row| values.is_valid(row) && !fits(widen(values.value(row))))
                {
                    let mut text = String::new();
                    ValueFormatter::new(&types.0, &TimeZone::utc()).write(array, row, &mut text);
                    return Err(cast_overflow(text, &types.0, &types.1, row));
                }
            }
            Ok(Arc::new(values.unary::<_, T>(|v| convert(widen(v)))))
        })
    }
    let types = (source.clone(), target.clone());
    // Without ANSI: to int and long saturate; to byte and short go through int and wrap.
    Some(match target {
        DataType::TinyInt => truncate::<S, Int8Type>(failure, types, widen, (-128.0, 127.0), |v| v as i32 as i8),
        DataType::SmallInt => truncate::<S, Int16Type>(failure, types, widen, (-32768.0, 32767.0), |v| v as i32 as i16),
        DataType::Int => {
            truncate::<S, Int32Type>(failure, types, widen, (i32::MIN as f64, i32::MAX as f64), |v| v as i32)
        }
        DataType::BigInt => {
            truncate::<S, Int64Type>(failure, types, widen, (i64::MIN as f64, i64::MAX as f64), |v| v as i64)
        }
        _ => return None,
    })
}
