//! Columns: Spark's data types and how they lie in memory as Arrow arrays.

mod data_type;
mod ddl;
mod interval_fields;
mod parquet_schema;
mod schema_json;
mod schema_merge;
mod texts;
mod views;

pub use data_type::{DataType, Field, StructType};
pub use ddl::{parse_cast_type, parse_data_type, parse_schema, whole_type};
pub use interval_fields::{DayTimeField, FieldRange, IntervalField, YearMonthField};
pub use parquet_schema::{
    PARQUET_ROW_METADATA, asked_type, has_int96, parquet_schema, retyped, schema_from_arrow, stored_type,
    without_text_types,
};
pub use schema_json::{schema_from_json, schema_from_text, schema_to_json, type_from_json};
pub(crate) use texts::{TextColumn, append_text};
pub use views::view_array;
pub(crate) use views::{
    INLINE_MAX, LENGTH_BYTES, TextsOf, VIEW_BYTES, ViewPlace, length_of, place_of, view_behind, view_of,
};
