//! Spark's types as Parquet's: the schema of a file, and the Arrow types that carry its columns in and out.

use std::sync::Arc;

use arrow_data::ArrayData;
use arrow_schema::{DataType as ArrowType, Field as ArrowField, Fields, TimeUnit};
use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit as ParquetUnit, Type as Physical};
use parquet::errors::Result as ParquetResult;
use parquet::schema::types::{SchemaDescriptor, Type};

use super::{DataType, Field, StructType};

/// Where Spark keeps its own schema in a file.
pub const PARQUET_ROW_METADATA: &str = "org.apache.spark.sql.parquet.row.metadata";

/// The name that Spark gives the root.
const ROOT: &str = "spark_schema";

/// The schema of a file of these columns. All columns may be null, as in Spark's files.
pub fn parquet_schema(schema: &StructType) -> ParquetResult<SchemaDescriptor> {
    let fields = fields_of(schema)?;
    let root = Type::group_type_builder(ROOT).with_fields(fields).build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

fn fields_of(schema: &StructType) -> ParquetResult<Vec<Arc<Type>>> {
    (schema.fields.iter())
        .map(|field| node(&field.name, &field.data_type, Repetition::OPTIONAL).map(Arc::new))
        .collect()
}

/// Recursion follows the type, whose depth is bounded.
fn node(name: &str, data_type: &DataType, repetition: Repetition) -> ParquetResult<Type> {
    let integer = |bits| Some(LogicalType::integer(bits, true));
    let time = |is_adjusted| Some(LogicalType::timestamp(is_adjusted, ParquetUnit::MICROS));
    let (physical, logical) = match data_type {
        DataType::Boolean => (Physical::BOOLEAN, None),
        DataType::TinyInt => (Physical::INT32, integer(8)),
        DataType::SmallInt => (Physical::INT32, integer(16)),
        DataType::Int | DataType::YearMonthInterval(_) => (Physical::INT32, None),
        DataType::BigInt | DataType::DayTimeInterval(_) => (Physical::INT64, None),
        DataType::Float => (Physical::FLOAT, None),
        DataType::Double => (Physical::DOUBLE, None),
        DataType::Date => (Physical::INT32, Some(LogicalType::Date)),
        DataType::Timestamp => (Physical::INT64, time(true)),
        DataType::TimestampNtz => (Physical::INT64, time(false)),
        DataType::String => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        // Void, calendar intervals, variants and times are refused before.
        DataType::Binary | DataType::Void | DataType::CalendarInterval | DataType::Variant | DataType::Time(_) => {
            (Physical::BYTE_ARRAY, None)
        }
        DataType::Decimal { precision, scale } => {
            return decimal(name, *precision, *scale, repetition);
        }
        DataType::Array { element, .. } => {
            let element = node("element", element, Repetition::OPTIONAL)?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            return nested(name, repetition, LogicalType::List, list);
        }
        DataType::Map { key, value, .. } => {
            let key = node("key", key, Repetition::REQUIRED)?;
            let value = node("value", value, Repetition::OPTIONAL)?;
            let entries = Type::group_type_builder("key_value")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(key), Arc::new(value)])
                .build()?;
            return nested(name, repetition, LogicalType::Map, entries);
        }
        DataType::Struct(schema) => {
            return Type::group_type_builder(name)
                .with_repetition(repetition)
                .with_fields(fields_of(schema)?)
                .build();
        }
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()
}

fn nested(name: &str, repetition: Repetition, logical: LogicalType, inner: Type) -> ParquetResult<Type> {
    Type::group_type_builder(name)
        .with_repetition(repetition)
        .with_logical_type(Some(logical))
        .with_fields(vec![Arc::new(inner)])
        .build()
}

/// Spark takes the smallest integer that has the digits, and as few bytes as hold them beyond 64 bits.
fn decimal(name: &str, precision: u8, scale: i8, repetition: Repetition) -> ParquetResult<Type> {
    let (precision, scale) = (i32::from(precision), i32::from(scale));
    let (physical, length) = match precision {
        ..=9 => (Physical::INT32, -1),
        10..=18 => (Physical::INT64, -1),
        _ => {
            // 10^p < 2^(8n - 1), in bits: p * log2(10) rounded up, and the sign.
            let bits = (f64::from(precision) * std::f64::consts::LOG2_10).ceil() as i32 + 1;
            (Physical::FIXED_LEN_BYTE_ARRAY, (bits + 7) / 8)
        }
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_length(length)
        .with_precision(precision)
        .with_scale(scale)
        .with_logical_type(Some(LogicalType::decimal(scale, precision)))
        .build()
}

/// The Arrow type that goes into a file: intervals as the integers that Spark writes.
pub fn stored_type(arrow: &ArrowType) -> ArrowType {
    mapped(arrow, &|leaf| match leaf {
        ArrowType::Interval(_) => ArrowType::Int32,
        ArrowType::Duration(_) => ArrowType::Int64,
        ArrowType::Null => ArrowType::BinaryView,
        other => other.clone(),
    })
}

/// The Arrow type that is asked of a file whose own is `arrow`: bytes as views, and times of INT96, whose nanoseconds go no
/// further than 2262, in microseconds.
pub fn asked_type(arrow: &ArrowType, has_int96: bool) -> ArrowType {
    mapped(arrow, &|leaf| match leaf {
        ArrowType::Binary => ArrowType::BinaryView,
        ArrowType::Timestamp(TimeUnit::Nanosecond, None) if has_int96 => {
            ArrowType::Timestamp(TimeUnit::Microsecond, None)
        }
        other => other.clone(),
    })
}

/// Whether a file has times in the form that Hive and old Sparks write.
pub fn has_int96(schema: &SchemaDescriptor) -> bool {
    (schema.columns().iter()).any(|column| column.physical_type() == Physical::INT96)
}

/// The schema with bytes where it has text: Spark's strings need not be UTF-8.
pub fn without_text_types(schema: &SchemaDescriptor) -> ParquetResult<SchemaDescriptor> {
    let root = without_text(schema.root_schema())?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

/// Recursion follows the schema, whose depth the reader of footers bounds.
fn without_text(node: &Type) -> ParquetResult<Type> {
    let info = node.get_basic_info();
    match node {
        Type::GroupType { fields, .. } => {
            let fields: Vec<Arc<Type>> = (fields.iter())
                .map(|field| without_text(field).map(Arc::new))
                .collect::<ParquetResult<_>>()?;
            let mut builder = Type::group_type_builder(info.name())
                .with_fields(fields)
                .with_converted_type(info.converted_type())
                .with_logical_type(info.logical_type_ref().cloned());
            if info.has_repetition() {
                builder = builder.with_repetition(info.repetition());
            }
            builder.build()
        }
        Type::PrimitiveType { physical_type, .. } if *physical_type == Physical::BYTE_ARRAY => {
            let is_text = matches!(
                info.converted_type(),
                ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON | ConvertedType::BSON
            ) || matches!(
                info.logical_type_ref(),
                Some(LogicalType::String | LogicalType::Json | LogicalType::Enum)
            );
            if !is_text {
                return Ok(node.clone());
            }
            Type::primitive_type_builder(info.name(), Physical::BYTE_ARRAY)
                .with_repetition(info.repetition())
                .build()
        }
        _ => Ok(node.clone()),
    }
}

/// The columns that Arrow's types of a file stand for; none where Spark has no such type. Times of INT96 are instants.
pub fn schema_from_arrow(fields: &Fields, has_int96: bool) -> Option<StructType> {
    let field = |field: &Arc<ArrowField>| {
        let data_type = type_from_arrow(field.data_type(), has_int96)?;
        Some(Field::new(field.name(), data_type, true))
    };
    Some(StructType::new(fields.iter().map(field).collect::<Option<_>>()?))
}

/// Recursion follows the type.
fn type_from_arrow(arrow: &ArrowType, has_int96: bool) -> Option<DataType> {
    Some(match arrow {
        ArrowType::Boolean => DataType::Boolean,
        ArrowType::Int8 => DataType::TinyInt,
        ArrowType::Int16 | ArrowType::UInt8 => DataType::SmallInt,
        ArrowType::Int32 | ArrowType::UInt16 => DataType::Int,
        ArrowType::Int64 | ArrowType::UInt32 => DataType::BigInt,
        ArrowType::Float32 => DataType::Float,
        ArrowType::Float64 => DataType::Double,
        ArrowType::Utf8 => DataType::String,
        ArrowType::Binary | ArrowType::FixedSizeBinary(_) => DataType::Binary,
        ArrowType::Date32 => DataType::Date,
        ArrowType::Timestamp(TimeUnit::Nanosecond, None) if has_int96 => DataType::Timestamp,
        ArrowType::Timestamp(_, Some(_)) => DataType::Timestamp,
        ArrowType::Timestamp(_, None) => DataType::TimestampNtz,
        ArrowType::Decimal128(precision, scale) => DataType::Decimal {
            precision: *precision,
            scale: *scale,
        },
        ArrowType::Struct(fields) => DataType::Struct(schema_from_arrow(fields, has_int96)?),
        ArrowType::List(element) => DataType::Array {
            element: Box::new(type_from_arrow(element.data_type(), has_int96)?),
            contains_null: true,
        },
        ArrowType::Map(entries, _) => {
            let ArrowType::Struct(fields) = entries.data_type() else {
                return None;
            };
            DataType::Map {
                key: Box::new(type_from_arrow(fields.first()?.data_type(), has_int96)?),
                value: Box::new(type_from_arrow(fields.get(1)?.data_type(), has_int96)?),
                value_contains_null: true,
            }
        }
        _ => return None,
    })
}

/// A type with other leaves. Recursion follows the type, whose depth is bounded.
fn mapped(arrow: &ArrowType, leaf: &impl Fn(&ArrowType) -> ArrowType) -> ArrowType {
    let field = |field: &Arc<ArrowField>| -> Arc<ArrowField> {
        Arc::new((**field).clone().with_data_type(mapped(field.data_type(), leaf)))
    };
    match arrow {
        ArrowType::Struct(fields) => ArrowType::Struct(fields.iter().map(field).collect::<Fields>()),
        ArrowType::List(element) => ArrowType::List(field(element)),
        ArrowType::Map(entries, sorted) => ArrowType::Map(field(entries), *sorted),
        other => leaf(other),
    }
}

/// The same bytes under another type of the same layout. Recursion follows the type.
pub fn retyped(data: ArrayData, arrow: &ArrowType) -> Result<ArrayData, arrow_schema::ArrowError> {
    let children: Vec<&ArrowType> = match arrow {
        ArrowType::Struct(fields) => fields.iter().map(|field| field.data_type()).collect(),
        ArrowType::List(field) | ArrowType::Map(field, _) => vec![field.data_type()],
        _ => Vec::new(),
    };
    let children = (data.child_data().iter())
        .zip(children)
        .map(|(child, arrow)| retyped(child.clone(), arrow))
        .collect::<Result<Vec<_>, _>>()?;
    data.into_builder()
        .data_type(arrow.clone())
        .child_data(children)
        .build()
}
