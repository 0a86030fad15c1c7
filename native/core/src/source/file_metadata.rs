//! The hidden column `_metadata` of files: what is known of the file and of the part of it that a row was read with.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryViewArray, Int64Array, StructArray, TimestampMicrosecondArray};

use super::lines::FileRange;
use crate::column::{DataType, Field, StructType};
use crate::error::Result;

/// Its name.
pub const METADATA_COLUMN: &str = "_metadata";

/// Spark's fields.
pub fn metadata_type() -> StructType {
    StructType::new(vec![
        Field::new("file_path", DataType::String, false),
        Field::new("file_name", DataType::String, false),
        Field::new("file_size", DataType::BigInt, false),
        Field::new("file_block_start", DataType::BigInt, false),
        Field::new("file_block_length", DataType::BigInt, false),
        Field::new("file_modification_time", DataType::Timestamp, false),
    ])
}

/// The one value that all rows of a range have.
pub(super) fn metadata_value(range: &FileRange) -> Result<ArrayRef> {
    let text = |text: &str| -> ArrayRef { Arc::new(BinaryViewArray::from_iter_values([text.as_bytes()])) };
    let number = |number: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![number])) };
    let modified = TimestampMicrosecondArray::from(vec![range.file.modified_ms.saturating_mul(1000)]);
    let name = range.path.file_name().unwrap_or_default().to_string_lossy();
    let fields = vec![
        text(&range.file.url),
        text(&name),
        number(range.file.size),
        number(range.start as i64),
        number(range.end.saturating_sub(range.start) as i64),
        Arc::new(modified.with_timezone("UTC")),
    ];
    Ok(Arc::new(StructArray::try_new(
        metadata_type().to_arrow(),
        fields,
        None,
    )?))
}
