//! Constants: the JSON form that crosses the border, as an array of one row.

use std::sync::Arc;

use arrow_array::types::{
    DurationMicrosecondType, IntervalYearMonthType, Time64NanosecondType, TimestampMicrosecondType,
};
use arrow_array::{
    ArrayRef, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array,
    Int16Array, Int32Array, Int64Array, PrimitiveArray, new_null_array,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;

use super::{Expr, Kind};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// The constant `value` of type `data_type`. Fails with ARGUMENT_INVALID where the value is none of the type's.
pub fn literal(value: &Json, data_type: &DataType) -> Result<Expr> {
    let wrong = || {
        Error::new(ErrorCode::ArgumentInvalid)
            .with("function", "lit")
            .with("reason", format!("{value} is not a {data_type}"))
    };
    let nullable = value.is_null();
    // Numbers come as JSON numbers or, where they may pass 2^53, as text.
    let integer = || -> Result<i64> {
        value
            .as_i64()
            .or_else(|| value.as_str()?.parse().ok())
            .ok_or_else(wrong)
    };
    let float = || -> Result<f64> {
        value
            .as_f64()
            .or_else(|| value.as_str()?.parse().ok())
            .ok_or_else(wrong)
    };
    let text = || value.as_str().ok_or_else(wrong);
    let array: ArrayRef = if nullable {
        new_null_array(&data_type.to_arrow(), 1)
    } else {
        match data_type {
            DataType::Boolean => Arc::new(BooleanArray::from(vec![value.as_bool().ok_or_else(wrong)?])),
            DataType::TinyInt => Arc::new(Int8Array::from(vec![i8::try_from(integer()?).map_err(|_| wrong())?])),
            DataType::SmallInt => Arc::new(Int16Array::from(vec![i16::try_from(integer()?).map_err(|_| wrong())?])),
            DataType::Int => Arc::new(Int32Array::from(vec![i32::try_from(integer()?).map_err(|_| wrong())?])),
            DataType::BigInt => Arc::new(Int64Array::from(vec![integer()?])),
            DataType::Float => Arc::new(Float32Array::from(vec![float()? as f32])),
            DataType::Double => Arc::new(Float64Array::from(vec![float()?])),
            DataType::Decimal { precision, scale } => {
                let unscaled = unscaled_of(text()?, *scale).ok_or_else(wrong)?;
                Arc::new(Decimal128Array::from(vec![unscaled]).with_precision_and_scale(*precision, *scale)?)
            }
            DataType::String => Arc::new(BinaryViewArray::from_iter_values([text()?.as_bytes()])),
            DataType::Binary => Arc::new(BinaryViewArray::from_iter_values([BASE64
                .decode(text()?)
                .map_err(|_| wrong())?])),
            DataType::Date => Arc::new(Date32Array::from(vec![i32::try_from(integer()?).map_err(|_| wrong())?])),
            DataType::Timestamp => {
                Arc::new(PrimitiveArray::<TimestampMicrosecondType>::from(vec![integer()?]).with_timezone("UTC"))
            }
            DataType::TimestampNtz => Arc::new(PrimitiveArray::<TimestampMicrosecondType>::from(vec![integer()?])),
            DataType::Time(_) => Arc::new(PrimitiveArray::<Time64NanosecondType>::from(vec![integer()?])),
            DataType::DayTimeInterval(_) => Arc::new(PrimitiveArray::<DurationMicrosecondType>::from(vec![integer()?])),
            DataType::YearMonthInterval(_) => Arc::new(PrimitiveArray::<IntervalYearMonthType>::from(vec![
                i32::try_from(integer()?).map_err(|_| wrong())?,
            ])),
            _ => return Err(wrong()),
        }
    };
    Ok(Expr {
        kind: Kind::Literal(array),
        data_type: data_type.clone(),
        nullable,
    })
}

/// The digits of a plain decimal text at `scale`, none where it has more digits than the scale allows.
fn unscaled_of(text: &str, scale: i8) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let scale = usize::try_from(scale).ok()?;
    if fraction.len() > scale {
        return None;
    }
    let unscaled: i128 = format!("{whole}{fraction:0<scale$}").parse().ok()?;
    Some(if negative { -unscaled } else { unscaled })
}
