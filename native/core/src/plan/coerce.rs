//! Spark's implicit type coercion: the type that two or more types have in common, and the casts that get there.

use crate::column::DataType;
use crate::error::Result;
use crate::expr::{Expr, cast};
use crate::session::Session;

/// The expression as a `data_type`, cast implicitly where it is something else.
pub fn cast_to(expr: Expr, data_type: &DataType, session: &Session) -> Result<Expr> {
    if expr.data_type == *data_type {
        Ok(expr)
    } else {
        cast(expr, data_type, session, false)
    }
}

/// The type that branches of a CASE or arguments of coalesce share; none where they share none.
pub fn common_type(types: &[DataType]) -> Option<DataType> {
    let mut common = types.first()?.clone();
    for data_type in &types[1..] {
        common = wider(&common, data_type)?;
    }
    Some(common)
}

/// The type in which two values are compared.
pub fn common_comparison_type(left: &DataType, right: &DataType) -> Option<DataType> {
    wider(left, right)
}

/// The type in which two numbers are added; text counts as BIGINT beside an integer and as DOUBLE beside a float under
/// ANSI, as DOUBLE without it.
pub fn common_arithmetic_type(left: &DataType, right: &DataType, ansi: bool) -> Option<DataType> {
    let as_number = |text: &DataType, other: &DataType| match (text, other) {
        (DataType::String, other) if ansi && other.is_integral() => DataType::BigInt,
        (DataType::String, _) => DataType::Double,
        (DataType::Void, DataType::Void) => DataType::Double,
        (found, _) => found.clone(),
    };
    let (left, right) = (as_number(left, right), as_number(right, left));
    let common = wider(&left, &right)?;
    (common.is_numeric() && !matches!(common, DataType::Decimal { .. })).then_some(common)
}

/// The narrower of Spark's wider types that both fit in.
fn wider(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::*;
    if left == right {
        return Some(left.clone());
    }
    let rank = |data_type: &DataType| match data_type {
        TinyInt => Some(1),
        SmallInt => Some(2),
        Int => Some(3),
        BigInt => Some(4),
        Float => Some(5),
        Double => Some(6),
        _ => None,
    };
    match (left, right) {
        (Void, other) | (other, Void) => Some(other.clone()),
        (Date, Timestamp) | (Timestamp, Date) => Some(Timestamp),
        (Date, TimestampNtz) | (TimestampNtz, Date) => Some(TimestampNtz),
        (TimestampNtz, Timestamp) | (Timestamp, TimestampNtz) => Some(Timestamp),
        // Text takes the other side's type; beside an integer it is read as a BIGINT, beside a float as a DOUBLE.
        (String, other) | (other, String) => match other {
            TinyInt | SmallInt | Int | BigInt => Some(BigInt),
            Float | Double | Decimal { .. } => Some(Double),
            Boolean | Date | Timestamp | TimestampNtz | Binary => Some(other.clone()),
            _ => None,
        },
        // A float beside an integer that it can't hold exactly becomes a double.
        (Float, Int | BigInt) | (Int | BigInt, Float) => Some(Double),
        (Struct(a), Struct(b)) if a.fields.len() == b.fields.len() => {
            let mut fields = a.fields.clone();
            for (field, other) in fields.iter_mut().zip(&b.fields) {
                field.data_type = wider(&field.data_type, &other.data_type)?;
                field.nullable |= other.nullable;
            }
            Some(Struct(crate::column::StructType::new(fields)))
        }
        _ => {
            let (a, b) = (rank(left)?, rank(right)?);
            Some(if a > b { left.clone() } else { right.clone() })
        }
    }
}
