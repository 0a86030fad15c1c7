//! Columns to a ResultBatch (schema/result.fbs): Arrow's layout, each buffer aligned to 64 bytes.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType as ArrowType;
use flatbuffers::{FlatBufferBuilder, Push, PushAlignment, Vector, WIPOffset};

use super::batch_generated::{ColumnData, ColumnDataArgs, InputBatch, InputBatchArgs, TableSet, TableSetArgs};
use super::result_generated::{
    ResultBatch, ResultBatchArgs, StateOperatorCounters, StateOperatorCountersArgs, finish_result_batch_buffer,
};
use crate::column::{StructType, schema_to_json};
use crate::error::{Error, Result};
use crate::limits::RESULT_ROWS_MAX;
use crate::query::{RowCounts, Rows};

/// What happened to the state of one operator; Spark's StateOperatorProgress.
#[derive(Clone, Debug, Default)]
pub struct StateCounters {
    /// Spark's name, such as `stateStoreSave`.
    pub operator_name: String,
    /// The shards' counters added up.
    pub shards: crate::state::ShardCounters,
    /// Input rows behind the watermark in all their windows.
    pub num_late_input_rows: u64,
    /// Shards of the operator.
    pub num_shards: u32,
}

/// What happened in a batch.
#[derive(Clone, Debug, Default)]
pub struct ResultCounters {
    /// The batch.
    pub batch_id: u64,
    /// The watermark in force, milliseconds.
    pub watermark_ms: i64,
    /// Rows that the sources gave.
    pub num_input_rows: u64,
    /// What became of them.
    pub rows: RowCounts,
    /// The stateful operators, the one nearest the sink first.
    pub state_operators: Vec<StateCounters>,
}

/// Encodes `rows` rows. Fails with LIMIT_EXCEEDED where a column passes 2^31 bytes.
pub fn encode_result(
    schema: &StructType,
    columns: &[ArrayRef],
    rows: usize,
    counters: &ResultCounters,
) -> Result<Vec<u8>> {
    if rows > RESULT_ROWS_MAX {
        return Err(Error::limit("rows of a result batch", rows, RESULT_ROWS_MAX));
    }
    let bytes: usize = columns.iter().map(|column| column.get_array_memory_size()).sum();
    let mut builder = FlatBufferBuilder::with_capacity((bytes + 4096).min(1 << 30));
    let columns = columns
        .iter()
        .map(|column| encode_column(column, &mut builder))
        .collect::<Result<Vec<_>>>()?;
    let columns = builder.create_vector(&columns);
    let schema = builder.create_string(&schema_to_json(schema));
    let operators: Vec<_> = counters
        .state_operators
        .iter()
        .map(|operator| {
            let name = builder.create_string(&operator.operator_name);
            StateOperatorCounters::create(
                &mut builder,
                &StateOperatorCountersArgs {
                    operator_name: Some(name),
                    num_rows_total: operator.shards.num_rows_total,
                    num_rows_updated: operator.shards.num_rows_updated,
                    num_rows_removed: operator.shards.num_rows_removed,
                    num_rows_dropped_by_watermark: operator.shards.num_rows_dropped_by_watermark,
                    num_late_input_rows: operator.num_late_input_rows,
                    num_dropped_duplicate_rows: operator.shards.num_dropped_duplicate_rows,
                    num_registered_timers: operator.shards.num_registered_timers,
                    num_deleted_timers: operator.shards.num_deleted_timers,
                    num_expired_timers: operator.shards.num_expired_timers,
                    memory_used_bytes: operator.shards.memory_used_bytes,
                    num_shards: operator.num_shards,
                },
            )
        })
        .collect();
    let operators = builder.create_vector(&operators);
    let batch = ResultBatch::create(
        &mut builder,
        &ResultBatchArgs {
            version: 1,
            batch_id: counters.batch_id,
            num_rows: rows as u32,
            schema: Some(schema),
            columns: Some(columns),
            watermark_ms: counters.watermark_ms,
            num_input_rows: counters.num_input_rows,
            num_filtered_rows: counters.rows.filtered,
            num_processed_rows: counters.rows.processed,
            num_late_rows: counters.rows.late,
            num_bad_rows: counters.rows.bad,
            state_operators: Some(operators),
        },
    );
    finish_result_batch_buffer(&mut builder, batch);
    Ok(builder.finished_data().to_vec())
}

/// Encodes several tables as one TableSet (schema/batch.fbs).
pub fn encode_tables(tables: &[Rows]) -> Result<Vec<u8>> {
    let columns = tables.iter().flat_map(|(columns, _)| columns);
    let bytes: usize = columns.map(|column| column.get_array_memory_size()).sum();
    let mut builder = FlatBufferBuilder::with_capacity((bytes + 4096).min(1 << 30));
    let mut written = Vec::with_capacity(tables.len());
    for (columns, rows) in tables {
        if *rows > RESULT_ROWS_MAX {
            return Err(Error::limit("rows of a batch", *rows, RESULT_ROWS_MAX));
        }
        let columns = columns
            .iter()
            .map(|column| encode_column(column, &mut builder))
            .collect::<Result<Vec<_>>>()?;
        let columns = Some(builder.create_vector(&columns));
        let num_rows = *rows as u32;
        written.push(InputBatch::create(&mut builder, &InputBatchArgs { num_rows, columns }));
    }
    let tables = Some(builder.create_vector(&written));
    let root = TableSet::create(&mut builder, &TableSetArgs { tables });
    builder.finish_minimal(root);
    Ok(builder.finished_data().to_vec())
}

/// Encodes columns as the InputBatch (schema/batch.fbs) that a source of columns reads.
pub fn encode_input((columns, rows): &Rows) -> Result<Vec<u8>> {
    let mut builder = FlatBufferBuilder::new();
    let columns = columns
        .iter()
        .map(|column| encode_column(column, &mut builder))
        .collect::<Result<Vec<_>>>()?;
    let columns = Some(builder.create_vector(&columns));
    let num_rows = *rows as u32;
    let root = InputBatch::create(&mut builder, &InputBatchArgs { num_rows, columns });
    builder.finish_minimal(root);
    Ok(builder.finished_data().to_vec())
}

type Bytes<'a> = WIPOffset<Vector<'a, u8>>;

/// A byte of a vector that begins on a multiple of 64.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct AlignedByte(u8);

impl Push for AlignedByte {
    type Output = u8;

    // SAFETY: the trait's contract is that `dst` is `size()` = 1 byte long; one byte is written.
    unsafe fn push(&self, dst: &mut [u8], _written_len: usize) {
        dst[0] = self.0;
    }

    fn alignment() -> PushAlignment {
        PushAlignment::new(64)
    }
}

fn aligned<'a>(bytes: &[u8], builder: &mut FlatBufferBuilder<'a>) -> Bytes<'a> {
    // SAFETY: `AlignedByte` is a transparent wrapper of `u8`: same size, same alignment, every value valid.
    let bytes = unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast::<AlignedByte>(), bytes.len()) };
    builder.create_vector(bytes)
}

/// A bitmap that begins at bit 0.
fn bitmap<'a>(bits: &BooleanBuffer, builder: &mut FlatBufferBuilder<'a>) -> Bytes<'a> {
    let packed = bits.sliced();
    let bytes = bits.len().div_ceil(8);
    aligned(&packed.as_slice()[..bytes], builder)
}

fn offset_bytes<'a>(offsets: &[i32], builder: &mut FlatBufferBuilder<'a>) -> Bytes<'a> {
    let first = offsets.first().copied().unwrap_or(0);
    let bytes: Vec<u8> = offsets
        .iter()
        .flat_map(|offset| (offset - first).to_le_bytes())
        .collect();
    aligned(&bytes, builder)
}

fn encode_column<'a>(column: &ArrayRef, builder: &mut FlatBufferBuilder<'a>) -> Result<WIPOffset<ColumnData<'a>>> {
    let nulls = column.logical_nulls().filter(|nulls| nulls.null_count() > 0);
    let null_count = nulls.as_ref().map_or(0, |nulls| nulls.null_count());
    let validity = nulls.map(|nulls| bitmap(nulls.inner(), builder));
    let mut offsets = None;
    let mut values = None;
    let mut children: Vec<WIPOffset<ColumnData<'a>>> = Vec::new();
    match column.data_type() {
        ArrowType::Null => {}
        ArrowType::Boolean => values = Some(bitmap(column.as_boolean().values(), builder)),
        ArrowType::BinaryView => {
            let texts = column.as_binary_view();
            let mut bytes = Vec::new();
            let mut ends = Vec::with_capacity(texts.len() + 1);
            ends.push(0i32);
            for text in texts.iter() {
                bytes.extend_from_slice(text.unwrap_or_default());
                let end = i32::try_from(bytes.len())
                    .map_err(|_| Error::limit("bytes of a result column", bytes.len(), i32::MAX))?;
                ends.push(end);
            }
            offsets = Some(offset_bytes(&ends, builder));
            values = Some(aligned(&bytes, builder));
        }
        ArrowType::Struct(_) => {
            for child in column.as_struct().columns() {
                children.push(encode_column(child, builder)?);
            }
        }
        ArrowType::List(_) => {
            let list = column.as_list::<i32>();
            offsets = Some(offset_bytes(list.offsets(), builder));
            let (first, last) = range_of(list.offsets());
            children.push(encode_column(&list.values().slice(first, last - first), builder)?);
        }
        ArrowType::Map(..) => {
            let map = column.as_map();
            offsets = Some(offset_bytes(map.offsets(), builder));
            let (first, last) = range_of(map.offsets());
            let entries: ArrayRef = std::sync::Arc::new(map.entries().slice(first, last - first));
            children.push(encode_column(&entries, builder)?);
        }
        fixed => {
            let width = fixed
                .primitive_width()
                .ok_or_else(|| Error::internal(format!("a result column of {fixed}")))?;
            let data = column.to_data();
            let start = data.offset() * width;
            values = Some(aligned(
                &data.buffers()[0].as_slice()[start..start + column.len() * width],
                builder,
            ));
        }
    }
    let children = (!children.is_empty()).then(|| builder.create_vector(&children));
    Ok(ColumnData::create(
        builder,
        &ColumnDataArgs {
            validity,
            offsets,
            values,
            children,
            null_count: null_count as u32,
        },
    ))
}

fn range_of(offsets: &[i32]) -> (usize, usize) {
    let end = |offset: Option<&i32>| offset.copied().unwrap_or(0) as usize;
    (end(offsets.first()), end(offsets.last()))
}
