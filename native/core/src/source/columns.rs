//! Columns from JavaScript: an InputBatch (schema/batch.fbs) to Arrow arrays. Nothing in its bytes is trusted.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, ListArray, MapArray, NullArray, StructArray, make_array};
use arrow_buffer::{BooleanBuffer, Buffer, MutableBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::DataType as ArrowType;

use super::{Chunk, Place};
use crate::column::{StructType, view_array};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::CHUNK_ROWS_MAX;
use crate::query::Rows;
use crate::result::{ColumnData, InputBatch, TableSet, root_as_input_batch};

/// The columns of an encoded batch, as a vector that may be absent.
type ColumnVector<'a> = Option<flatbuffers::Vector<'a, flatbuffers::ForwardsUOffset<ColumnData<'a>>>>;

/// Reads an InputBatch in chunks.
pub fn read(bytes: &[u8], schema: &StructType, each: &mut impl FnMut(Chunk) -> Result<()>) -> Result<u64> {
    let (columns, rows) = input_columns(bytes, schema)?;
    let mut first = 0;
    while first < rows {
        let count = (rows - first).min(CHUNK_ROWS_MAX);
        let columns = columns
            .iter()
            .map(|column: &ArrayRef| column.slice(first, count))
            .collect();
        each(Chunk::new(columns, count, Place::Memory { first_row: first }))?;
        first += count;
    }
    Ok(bytes.len() as u64)
}

/// Reads a TableSet whose tables have these columns. Nothing in its bytes is trusted.
pub fn tables_of(bytes: &[u8], schemas: &[StructType]) -> Result<Vec<Rows>> {
    let tables = parts_of(bytes, schemas, &[])?;
    if tables.len() != schemas.len() {
        return Err(invalid(format!("{} tables are expected", schemas.len())));
    }
    Ok(tables)
}

/// Reads a TableSet of tables with the columns `first`, and behind them any number of parts, whose tables have the columns `part`.
pub fn parts_of(bytes: &[u8], first: &[StructType], part: &[StructType]) -> Result<Vec<Rows>> {
    let copy = aligned_copy(bytes);
    let set = flatbuffers::root::<TableSet<'_>>(&copy).map_err(|error| invalid(error.to_string()))?;
    let tables = set.tables().ok_or_else(|| invalid("tables are expected"))?;
    let in_parts = tables.len().checked_sub(first.len());
    if !in_parts.is_some_and(|count| count == 0 || (!part.is_empty() && count.is_multiple_of(part.len()))) {
        return Err(invalid(format!(
            "{} tables, not {} and whole parts of {}",
            tables.len(),
            first.len(),
            part.len()
        )));
    }
    let read = |(table, schema): (InputBatch<'_>, &StructType)| {
        let rows = table.num_rows() as usize;
        Ok((decode_columns(table.columns(), schema, rows, &copy)?, rows))
    };
    tables
        .iter()
        .zip(first.iter().chain(part.iter().cycle()))
        .map(read)
        .collect()
}

/// Reads an InputBatch whole.
pub fn input_columns(bytes: &[u8], schema: &StructType) -> Result<Rows> {
    let (_, columns, rows) = columns_of(bytes, |copy| {
        let batch = root_as_input_batch(copy).map_err(|error| invalid(error.to_string()))?;
        Ok((schema.clone(), batch.columns(), batch.num_rows() as usize))
    })?;
    Ok((columns, rows))
}

/// Decodes the columns of a FlatBuffers batch that `open` finds the root of. The bytes may be shared with JavaScript, so
/// they are copied before anything is looked at.
pub fn columns_of(
    bytes: &[u8],
    open: impl for<'a> FnOnce(&'a [u8]) -> Result<(StructType, ColumnVector<'a>, usize)>,
) -> Result<(StructType, Vec<ArrayRef>, usize)> {
    let copy = aligned_copy(bytes);
    let (schema, vector, rows) = open(&copy)?;
    let columns = decode_columns(vector, &schema, rows, &copy)?;
    Ok((schema, columns, rows))
}

/// A copy that is aligned as Arrow wants its buffers.
fn aligned_copy(bytes: &[u8]) -> Buffer {
    let mut copy = MutableBuffer::new(bytes.len());
    copy.extend_from_slice(bytes);
    copy.into()
}

fn decode_columns(vector: ColumnVector<'_>, schema: &StructType, rows: usize, copy: &Buffer) -> Result<Vec<ArrayRef>> {
    let given = vector.map_or(0, |columns| columns.len());
    if given != schema.fields.len() {
        return Err(invalid(format!(
            "{given} columns where the schema has {}",
            schema.fields.len()
        )));
    }
    let mut columns = Vec::with_capacity(given);
    if let Some(vector) = vector {
        for (index, field) in schema.fields.iter().enumerate() {
            columns.push(array(&vector.get(index), &field.data_type.to_arrow(), rows, copy)?);
        }
    }
    Ok(columns)
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::new(ErrorCode::BatchBorderInvalid).with("reason", reason)
}

/// The bytes of a FlatBuffers vector as a part of the buffer that holds it.
fn part(vector: Option<flatbuffers::Vector<'_, u8>>, whole: &Buffer) -> Buffer {
    match vector {
        None => Buffer::from(&[]),
        Some(vector) => {
            let bytes = vector.bytes();
            let start = bytes.as_ptr() as usize - whole.as_ptr() as usize;
            whole.slice_with_length(start, bytes.len())
        }
    }
}

fn bits(buffer: Buffer, rows: usize) -> Result<BooleanBuffer> {
    if buffer.len() < rows.div_ceil(8) {
        return Err(invalid("a bitmap is too short"));
    }
    Ok(BooleanBuffer::new(buffer, 0, rows))
}

/// One column; recursion follows the type, whose depth is bounded.
fn array(column: &ColumnData<'_>, arrow: &ArrowType, rows: usize, whole: &Buffer) -> Result<ArrayRef> {
    let nulls = match column.validity() {
        None => None,
        Some(validity) => Some(NullBuffer::new(bits(part(Some(validity), whole), rows)?)),
    };
    let child = |index: usize| -> Result<ColumnData<'_>> {
        match column.children() {
            Some(children) if index < children.len() => Ok(children.get(index)),
            _ => Err(invalid("a nested column lacks a child")),
        }
    };
    let offsets = || -> Result<OffsetBuffer<i32>> {
        let offsets = part(column.offsets(), whole);
        if offsets.len() < (rows + 1) * 4 || offsets.as_ptr().align_offset(4) != 0 {
            return Err(invalid("offsets are too short"));
        }
        let offsets = ScalarBuffer::<i32>::new(offsets, 0, rows + 1);
        let ascending = offsets[0] >= 0 && offsets.windows(2).all(|pair| pair[0] <= pair[1]);
        if !ascending {
            return Err(invalid("offsets do not ascend"));
        }
        Ok(OffsetBuffer::new(offsets))
    };
    Ok(match arrow {
        ArrowType::Null => Arc::new(NullArray::new(rows)),
        ArrowType::Boolean => Arc::new(BooleanArray::new(bits(part(column.values(), whole), rows)?, nulls)),
        ArrowType::BinaryView => {
            let (offsets, values) = (offsets()?, part(column.values(), whole));
            let mut views = Vec::with_capacity(rows);
            for pair in offsets.windows(2) {
                let (start, end) = (pair[0] as usize, pair[1] as usize);
                let bytes = values
                    .as_slice()
                    .get(start..end)
                    .ok_or_else(|| invalid("text lies outside its bytes"))?;
                views.push(super::lines::view_of(bytes, start));
            }
            Arc::new(view_array(views, [values].into(), nulls)?)
        }
        ArrowType::Struct(fields) => {
            let children = fields
                .iter()
                .enumerate()
                .map(|(index, field)| array(&child(index)?, field.data_type(), rows, whole))
                .collect::<Result<Vec<_>>>()?;
            if children.is_empty() {
                Arc::new(StructArray::new_empty_fields(rows, nulls))
            } else {
                Arc::new(StructArray::try_new(fields.clone(), children, nulls)?)
            }
        }
        ArrowType::List(field) => {
            let offsets = offsets()?;
            let count = offsets[rows] as usize;
            let values = array(&child(0)?, field.data_type(), count, whole)?;
            Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?)
        }
        ArrowType::Map(field, sorted) => {
            let offsets = offsets()?;
            let count = offsets[rows] as usize;
            let entries = array(&child(0)?, field.data_type(), count, whole)?;
            let entries = arrow_array::cast::AsArray::as_struct(&entries).clone();
            Arc::new(MapArray::try_new(Arc::clone(field), offsets, entries, nulls, *sorted)?)
        }
        fixed => {
            let width = fixed
                .primitive_width()
                .ok_or_else(|| invalid(format!("a column of {fixed}")))?;
            let values = part(column.values(), whole);
            if values.len() < rows * width {
                return Err(invalid("a column is too short"));
            }
            let data = ArrayData::builder(fixed.clone())
                .len(rows)
                .add_buffer(values)
                .nulls(nulls)
                .align_buffers(true)
                .build()?;
            make_array(data)
        }
    })
}
