//! A column of a Parquet file as the type that was asked for: the same, or one that holds all its values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, UInt8Type, UInt16Type,
    UInt32Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryViewArray, ListArray, MapArray, PrimitiveArray, StructArray, make_array, new_null_array,
};
use arrow_schema::{DataType as ArrowType, TimeUnit};

use crate::column::{DataType, retyped};
use crate::parse::MICROS_PER_DAY;

/// The column as `target`; none where its values are of another kind. Recursion follows the type, whose depth is bounded.
pub fn fitted(column: &ArrayRef, target: &DataType) -> Option<ArrayRef> {
    let arrow = target.to_arrow();
    if *column.data_type() == arrow {
        return Some(Arc::clone(column));
    }
    match (target, column.data_type()) {
        (DataType::Struct(schema), ArrowType::Struct(fields)) => {
            let whole = column.as_struct();
            let children = (schema.fields.iter())
                .map(|field| {
                    let found = fields
                        .iter()
                        .position(|own| own.name().eq_ignore_ascii_case(&field.name));
                    match found {
                        None => Some(new_null_array(&field.data_type.to_arrow(), column.len())),
                        Some(position) => fitted(whole.column(position), &field.data_type),
                    }
                })
                .collect::<Option<Vec<_>>>()?;
            let fitted = StructArray::try_new(schema.to_arrow(), children, whole.nulls().cloned());
            Some(Arc::new(fitted.ok()?))
        }
        (DataType::Array { element, .. }, ArrowType::List(_)) => {
            let list = column.as_list::<i32>();
            let ArrowType::List(field) = arrow else { return None };
            let values = fitted(list.values(), element)?;
            let fitted = ListArray::try_new(field, list.offsets().clone(), values, list.nulls().cloned());
            Some(Arc::new(fitted.ok()?))
        }
        (DataType::Map { key, value, .. }, ArrowType::Map(..)) => {
            let map = column.as_map();
            let ArrowType::Map(field, sorted) = arrow else {
                return None;
            };
            let ArrowType::Struct(fields) = field.data_type() else {
                return None;
            };
            let entries = vec![fitted(map.keys(), key)?, fitted(map.values(), value)?];
            let entries = StructArray::try_new(fields.clone(), entries, None).ok()?;
            let fitted = MapArray::try_new(field, map.offsets().clone(), entries, map.nulls().cloned(), sorted);
            Some(Arc::new(fitted.ok()?))
        }
        _ => fitted_leaf(column, target, &arrow),
    }
}

fn fitted_leaf(column: &ArrayRef, target: &DataType, arrow: &ArrowType) -> Option<ArrayRef> {
    use ArrowType as A;
    use DataType as D;
    Some(match (column.data_type(), target) {
        (A::Int32, D::YearMonthInterval(_)) | (A::Int64, D::DayTimeInterval(_)) => {
            make_array(retyped(column.to_data(), arrow).ok()?)
        }
        (A::Int8, D::SmallInt) => widened::<Int8Type, Int16Type>(column, i16::from),
        (A::Int8, D::Int) => widened::<Int8Type, Int32Type>(column, i32::from),
        (A::Int8, D::BigInt) => widened::<Int8Type, Int64Type>(column, i64::from),
        (A::Int16, D::Int) => widened::<Int16Type, Int32Type>(column, i32::from),
        (A::Int16, D::BigInt) => widened::<Int16Type, Int64Type>(column, i64::from),
        (A::Int32, D::BigInt) => widened::<Int32Type, Int64Type>(column, i64::from),
        (A::Int32, D::Double) => widened::<Int32Type, Float64Type>(column, f64::from),
        (A::UInt8, D::SmallInt) => widened::<UInt8Type, Int16Type>(column, i16::from),
        (A::UInt16, D::Int) => widened::<UInt16Type, Int32Type>(column, i32::from),
        (A::UInt32, D::BigInt) => widened::<UInt32Type, Int64Type>(column, i64::from),
        (A::Float32, D::Double) => widened::<Float32Type, Float64Type>(column, f64::from),
        // Spark reads an integer as a narrower one where a file was written with the wider: it keeps the low bits.
        (A::Int32, D::SmallInt) => widened::<Int32Type, Int16Type>(column, |value| value as i16),
        (A::Int32, D::TinyInt) => widened::<Int32Type, Int8Type>(column, |value| value as i8),
        (
            A::Decimal128(precision, scale),
            D::Decimal {
                precision: wanted,
                scale: wanted_scale,
            },
        ) if scale == wanted_scale && precision <= wanted => {
            retagged(column.as_primitive::<Decimal128Type>().clone(), arrow)
        }
        (A::Date32, D::TimestampNtz) => {
            let days = column.as_primitive::<Date32Type>();
            retagged(
                days.unary::<_, TimestampMicrosecondType>(|days| i64::from(days) * MICROS_PER_DAY),
                arrow,
            )
        }
        (A::Timestamp(unit, _), D::Timestamp | D::TimestampNtz) => {
            let micros = match unit {
                TimeUnit::Microsecond => column.as_primitive::<TimestampMicrosecondType>().clone(),
                TimeUnit::Millisecond => column
                    .as_primitive::<TimestampMillisecondType>()
                    .unary(|millis| millis.saturating_mul(1000)),
                TimeUnit::Nanosecond => column
                    .as_primitive::<TimestampNanosecondType>()
                    .unary(|nanos| nanos.div_euclid(1000)),
                TimeUnit::Second => return None,
            };
            retagged(micros, arrow)
        }
        (A::FixedSizeBinary(_), D::Binary | D::String) => {
            let fixed = column.as_fixed_size_binary();
            let values = (0..fixed.len()).map(|row| fixed.is_valid(row).then(|| fixed.value(row)));
            Arc::new(BinaryViewArray::from_iter(values))
        }
        _ => return None,
    })
}

fn widened<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    column: &ArrayRef,
    convert: impl Fn(S::Native) -> T::Native,
) -> ArrayRef {
    Arc::new(column.as_primitive::<S>().unary::<_, T>(convert))
}

fn retagged<T: ArrowPrimitiveType>(values: PrimitiveArray<T>, arrow: &ArrowType) -> ArrayRef {
    Arc::new(values.with_data_type(arrow.clone()))
}
