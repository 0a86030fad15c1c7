//! Columns to a ResultBatch (schema/result.fbs): Arrow's layout, each buffer aligned to 64 bytes.

use std::borrow::Cow;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryViewArray, ListArray, MapArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, ToByteSlice};
use arrow_schema::DataType as ArrowType;
use arrow_select::concat::concat;
use flatbuffers::{FlatBufferBuilder, Push, PushAlignment, Vector, WIPOffset};

use super::batch_generated::{ColumnData, ColumnDataArgs, InputBatch, InputBatchArgs, TableSet, TableSetArgs};
use super::result_generated::{
    ResultBatch, ResultBatchArgs, StateOperatorCounters, StateOperatorCountersArgs, finish_result_batch_buffer,
};
use crate::column::{INLINE_MAX, StructType, append_text, length_of, schema_to_json};
use crate::error::{Error, Result};
use crate::limits::RESULT_ROWS_MAX;
use crate::query::{RowCounts, Rows};

/// Texts that are put together before they are written: few enough that they lie in the first-level cache.
const TEXTS_AT_ONCE: usize = 512;
/// Room for a table, its vtable and the alignment of three vectors.
const COLUMN_OVERHEAD_BYTES: usize = 320;

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

/// Encodes `rows` rows, whose columns come in parts, at least one each. Fails with LIMIT_EXCEEDED where a column passes
/// 2^31 bytes.
pub fn encode_result(
    schema: &StructType,
    columns: &[Vec<ArrayRef>],
    rows: usize,
    counters: &ResultCounters,
) -> Result<Vec<u8>> {
    if rows > RESULT_ROWS_MAX {
        return Err(Error::limit("rows of a result batch", rows, RESULT_ROWS_MAX));
    }
    let mut builder = builder_for(columns.iter().flatten());
    let columns = columns
        .iter()
        .map(|parts| encode_column(parts, &mut builder))
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
    Ok(finished(builder))
}

/// A builder with room for these columns.
fn builder_for<'a, 'b>(columns: impl Iterator<Item = &'b ArrayRef>) -> FlatBufferBuilder<'a> {
    let bytes: usize = columns.map(encoded_bytes).sum();
    FlatBufferBuilder::with_capacity((bytes + 4096).min(1 << 30))
}

/// About how many bytes a column takes. Not what its arrays hold: theirs may be parts of buffers that are many times as large.
fn encoded_bytes(column: &ArrayRef) -> usize {
    let rows = column.len();
    let offsets = (rows + 1) * size_of::<i32>();
    let own = match column.data_type() {
        ArrowType::BinaryView => offsets + text_bytes(column),
        ArrowType::Struct(_) => column.as_struct().columns().iter().map(encoded_bytes).sum(),
        ArrowType::List(_) => offsets + encoded_bytes(&values_of(column.as_list())),
        ArrowType::Map(..) => offsets + encoded_bytes(&entries_of(column.as_map())),
        fixed => rows * fixed.primitive_width().unwrap_or(1),
    };
    own + rows.div_ceil(8) + COLUMN_OVERHEAD_BYTES
}

/// Bytes of the texts of a column.
fn text_bytes(column: &ArrayRef) -> usize {
    bytes_of(column.as_binary_view().views())
}

/// Bytes of the texts that views name.
fn bytes_of(views: &[u128]) -> usize {
    views.iter().map(|&view| length_of(view)).sum()
}

/// The elements of the lists of a column.
fn values_of(list: &ListArray) -> ArrayRef {
    let (start, end) = range_of(list.offsets());
    list.values().slice(start, end - start)
}

/// The entries of the maps of a column.
fn entries_of(map: &MapArray) -> ArrayRef {
    let (start, end) = range_of(map.offsets());
    std::sync::Arc::new(map.entries().slice(start, end - start))
}

/// What was built, in the builder's own memory.
fn finished(builder: FlatBufferBuilder<'_>) -> Vec<u8> {
    let (mut bytes, head) = builder.collapse();
    bytes.drain(..head);
    bytes
}

/// Encodes several tables as one TableSet (schema/batch.fbs).
pub fn encode_tables(tables: &[Rows]) -> Result<Vec<u8>> {
    let mut builder = builder_for(tables.iter().flat_map(|(columns, _)| columns));
    let mut written = Vec::with_capacity(tables.len());
    for (columns, rows) in tables {
        if *rows > RESULT_ROWS_MAX {
            return Err(Error::limit("rows of a batch", *rows, RESULT_ROWS_MAX));
        }
        let columns = columns
            .iter()
            .map(|column| encode_column(std::slice::from_ref(column), &mut builder))
            .collect::<Result<Vec<_>>>()?;
        let columns = Some(builder.create_vector(&columns));
        let num_rows = *rows as u32;
        written.push(InputBatch::create(&mut builder, &InputBatchArgs { num_rows, columns }));
    }
    let tables = Some(builder.create_vector(&written));
    let root = TableSet::create(&mut builder, &TableSetArgs { tables });
    builder.finish_minimal(root);
    Ok(finished(builder))
}

/// Encodes columns as the InputBatch (schema/batch.fbs) that a source of columns reads.
pub fn encode_input((columns, rows): &Rows) -> Result<Vec<u8>> {
    let mut builder = FlatBufferBuilder::new();
    let columns = columns
        .iter()
        .map(|column| encode_column(std::slice::from_ref(column), &mut builder))
        .collect::<Result<Vec<_>>>()?;
    let columns = Some(builder.create_vector(&columns));
    let num_rows = *rows as u32;
    let root = InputBatch::create(&mut builder, &InputBatchArgs { num_rows, columns });
    builder.finish_minimal(root);
    Ok(finished(builder))
}

type Bytes<'a> = WIPOffset<Vector<'a, u8>>;

/// A byte of a vector that begins on a multiple of 64.
struct AlignedByte;

impl Push for AlignedByte {
    type Output = u8;

    // SAFETY: nothing is written; it only stands for the alignment of the vector.
    unsafe fn push(&self, _dst: &mut [u8], _written_len: usize) {}

    fn alignment() -> PushAlignment {
        PushAlignment::new(64)
    }
}

/// Bytes that are copied at once.
struct Block<'a, const N: usize>(&'a [u8; N]);

impl<const N: usize> Push for Block<'_, N> {
    type Output = u8;

    // SAFETY: the trait's contract is that `dst` is `size()` = N bytes long; so many are written.
    unsafe fn push(&self, dst: &mut [u8], _written_len: usize) {
        dst.copy_from_slice(self.0);
    }

    fn size() -> usize {
        N
    }

    fn alignment() -> PushAlignment {
        PushAlignment::new(1)
    }
}

/// A vector of the bytes of all parts. The builder writes from the end to the start, and its own vectors byte by byte.
fn aligned<'a>(parts: &[&[u8]], builder: &mut FlatBufferBuilder<'a>) -> Bytes<'a> {
    let length = parts.iter().map(|part| part.len()).sum();
    builder.start_vector::<AlignedByte>(length);
    for part in parts.iter().rev() {
        push_bytes(part, builder);
    }
    vector_end(length, builder)
}

/// Puts bytes before those of the vector that were written.
fn push_bytes(bytes: &[u8], builder: &mut FlatBufferBuilder<'_>) {
    let (rest, pages) = bytes.as_rchunks::<4096>();
    let (rest, lines) = rest.as_rchunks::<64>();
    for page in pages.iter().rev() {
        builder.push(Block(page));
    }
    for line in lines.iter().rev() {
        builder.push(Block(line));
    }
    for byte in rest.iter().rev() {
        builder.push(*byte);
    }
}

fn vector_end<'a>(length: usize, builder: &mut FlatBufferBuilder<'a>) -> Bytes<'a> {
    WIPOffset::new(builder.end_vector::<AlignedByte>(length).value())
}

/// A bitmap of the bits of all parts.
fn bitmap<'a>(bits: BooleanBufferBuilder, builder: &mut FlatBufferBuilder<'a>) -> Bytes<'a> {
    let mut bits = bits;
    let packed = bits.finish();
    aligned(&[&packed.values()[..packed.len().div_ceil(8)]], builder)
}

fn offset_bytes<'a>(offsets: &[i32], builder: &mut FlatBufferBuilder<'a>) -> Bytes<'a> {
    let first = offsets.first().copied().unwrap_or(0);
    if first == 0 {
        return aligned(&[offsets.to_byte_slice()], builder);
    }
    let offsets: Vec<i32> = offsets.iter().map(|offset| offset - first).collect();
    aligned(&[Buffer::from_vec(offsets).as_slice()], builder)
}

/// The texts of one part of a column, with views of nothing where they are null.
struct Texts<'a> {
    array: &'a BinaryViewArray,
    views: Cow<'a, [u128]>,
}

impl<'a> Texts<'a> {
    fn of(array: &'a BinaryViewArray) -> Self {
        let mut views = Cow::Borrowed(&array.views()[..]);
        if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
            let all = views.to_mut().iter_mut().zip(nulls.iter());
            all.filter(|(_, is_valid)| !is_valid).for_each(|(view, _)| *view = 0);
        }
        Self { array, views }
    }
}

/// Texts: where each ends in the bytes of all, and these. Both are written block by block, from the last one on, so that they are
/// nowhere else as a whole.
fn encode_texts<'a>(parts: &[ArrayRef], builder: &mut FlatBufferBuilder<'a>) -> Result<(Bytes<'a>, Bytes<'a>)> {
    let parts: Vec<Texts> = parts.iter().map(|part| Texts::of(part.as_binary_view())).collect();
    let rows: usize = parts.iter().map(|texts| texts.views.len()).sum();
    let bytes: usize = parts.iter().map(|texts| bytes_of(&texts.views)).sum();
    if i32::try_from(bytes).is_err() {
        return Err(Error::limit("bytes of a result column", bytes, i32::MAX));
    }
    let ends_bytes = (rows + 1) * size_of::<i32>();
    builder.start_vector::<AlignedByte>(ends_bytes);
    let mut first = bytes;
    let mut ends = [0i32; TEXTS_AT_ONCE];
    for (texts, rows) in blocks_from_last(&parts) {
        let views = &texts.views[rows];
        first -= bytes_of(views);
        let mut end = first as i32;
        let ends = &mut ends[..views.len()];
        for (place, &view) in ends.iter_mut().zip(views) {
            end += length_of(view) as i32;
            *place = end;
        }
        push_bytes(ends.to_byte_slice(), builder);
    }
    push_bytes([0i32].to_byte_slice(), builder);
    let offsets = vector_end(ends_bytes, builder);
    builder.start_vector::<AlignedByte>(bytes);
    let mut block = Vec::with_capacity(TEXTS_AT_ONCE * 2 * INLINE_MAX);
    for (texts, rows) in blocks_from_last(&parts) {
        block.clear();
        for row in rows.filter(|&row| texts.views[row] != 0) {
            append_text(texts.array, row, &mut block);
        }
        push_bytes(&block, builder);
    }
    Ok((offsets, vector_end(bytes, builder)))
}

/// The rows of all parts in blocks of `TEXTS_AT_ONCE` at most, the last ones first.
fn blocks_from_last<'a>(parts: &'a [Texts<'a>]) -> impl Iterator<Item = (&'a Texts<'a>, Range<usize>)> {
    parts.iter().rev().flat_map(|texts| {
        let rows = texts.views.len();
        let starts = (0..rows).step_by(TEXTS_AT_ONCE).rev();
        starts.map(move |start| (texts, start..rows.min(start + TEXTS_AT_ONCE)))
    })
}

/// A column of all parts, which have one type.
fn encode_column<'a>(parts: &[ArrayRef], builder: &mut FlatBufferBuilder<'a>) -> Result<WIPOffset<ColumnData<'a>>> {
    let first = parts
        .first()
        .ok_or_else(|| Error::internal("a result column without a part"))?;
    let (validity, null_count) = encode_validity(parts, builder);
    let mut offsets = None;
    let mut values = None;
    let mut children: Vec<WIPOffset<ColumnData<'a>>> = Vec::new();
    match first.data_type() {
        ArrowType::Null => {}
        ArrowType::Boolean => {
            let mut bits = BooleanBufferBuilder::new(0);
            parts
                .iter()
                .for_each(|part| bits.append_buffer(part.as_boolean().values()));
            values = Some(bitmap(bits, builder));
        }
        ArrowType::BinaryView => {
            let (ends, bytes) = encode_texts(parts, builder)?;
            (offsets, values) = (Some(ends), Some(bytes));
        }
        ArrowType::Struct(fields) => {
            for field in 0..fields.len() {
                let of_field: Vec<ArrayRef> = parts
                    .iter()
                    .map(|part| part.as_struct().column(field).clone())
                    .collect();
                children.push(encode_column(&of_field, builder)?);
            }
        }
        ArrowType::List(_) | ArrowType::Map(..) if parts.len() > 1 => {
            let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
            return encode_column(&[concat(&parts)?], builder);
        }
        ArrowType::List(_) => {
            let list = first.as_list::<i32>();
            offsets = Some(offset_bytes(list.offsets(), builder));
            children.push(encode_column(&[values_of(list)], builder)?);
        }
        ArrowType::Map(..) => {
            let map = first.as_map();
            offsets = Some(offset_bytes(map.offsets(), builder));
            children.push(encode_column(&[entries_of(map)], builder)?);
        }
        fixed => {
            let width = fixed
                .primitive_width()
                .ok_or_else(|| Error::internal(format!("a result column of {fixed}")))?;
            let data: Vec<_> = parts.iter().map(|part| part.to_data()).collect();
            let bytes = data.iter().map(|data| {
                let start = data.offset() * width;
                &data.buffers()[0].as_slice()[start..start + data.len() * width]
            });
            values = Some(aligned(&bytes.collect::<Vec<_>>(), builder));
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

/// The validity of all parts, none where nothing is null, and how many rows are null.
fn encode_validity<'a>(parts: &[ArrayRef], builder: &mut FlatBufferBuilder<'a>) -> (Option<Bytes<'a>>, usize) {
    let nulls: Vec<_> = parts.iter().map(|part| part.logical_nulls()).collect();
    let null_count = nulls.iter().flatten().map(|nulls| nulls.null_count()).sum();
    if null_count == 0 {
        return (None, 0);
    }
    let mut bits = BooleanBufferBuilder::new(parts.iter().map(|part| part.len()).sum());
    for (part, nulls) in parts.iter().zip(&nulls) {
        match nulls {
            Some(nulls) => bits.append_buffer(nulls.inner()),
            None => bits.append_n(part.len(), true),
        }
    }
    (Some(bitmap(bits, builder)), null_count)
}

fn range_of(offsets: &[i32]) -> (usize, usize) {
    let end = |offset: Option<&i32>| offset.copied().unwrap_or(0) as usize;
    (end(offsets.first()), end(offsets.last()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{BinaryViewArray, Int64Array, StructArray};
    use proptest::prelude::*;

    use super::*;
    use crate::column::parse_schema;
    use crate::result::decode_result;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn texts_of_all_parts_come_back(
            parts in prop::collection::vec((prop::collection::vec(prop::option::weighted(0.9, "[a-zé]{0,20}"), 0..1300), 0usize..40), 1..4),
        ) {
            let arrays = parts.iter().map(|(texts, from)| {
                let array = BinaryViewArray::from_iter(texts.iter().map(|text| text.as_ref().map(String::as_bytes)));
                let from = (*from).min(texts.len());
                Arc::new(array.slice(from, texts.len() - from)) as ArrayRef
            });
            let arrays: Vec<ArrayRef> = arrays.collect();
            let given: Vec<Option<Vec<u8>>> = arrays.iter().flat_map(|array| {
                let texts = array.as_binary_view();
                texts.iter().map(|text| text.map(<[u8]>::to_vec)).collect::<Vec<_>>()
            }).collect();
            let schema = parse_schema("text STRING").unwrap();
            let bytes = encode_result(&schema, &[arrays], given.len(), &ResultCounters::default()).unwrap();
            let (_, columns, rows) = decode_result(&bytes).unwrap();
            prop_assert_eq!(rows, given.len());
            let back: Vec<Option<Vec<u8>>> = columns[0].as_binary_view().iter().map(|text| text.map(<[u8]>::to_vec)).collect();
            prop_assert_eq!(back, given);
        }
    }

    #[test]
    fn parts_of_large_columns_are_given_the_room_that_they_take() {
        let rows = 100_000;
        let texts: ArrayRef = Arc::new(BinaryViewArray::from_iter_values(
            (0..rows).map(|_| "a text that is in a buffer"),
        ));
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        let lists: ArrayRef = Arc::new(ListArray::new(
            Arc::new(arrow_schema::Field::new("element", ArrowType::Int64, true)),
            arrow_buffer::OffsetBuffer::from_lengths((0..rows).map(|_| 1)),
            Arc::clone(&numbers),
            None,
        ));
        let field = |name: &str, column: &ArrayRef| {
            let field = arrow_schema::Field::new(name, column.data_type().clone(), true);
            (Arc::new(field), Arc::clone(column))
        };
        let both: ArrayRef = Arc::new(StructArray::from(vec![field("text", &texts), field("list", &lists)]));
        for column in [texts, numbers, lists, both] {
            let part = column.slice(70_000, 10);
            let bytes = encode_tables(&[(vec![part; 3], 10)]).unwrap();
            assert!(
                bytes.capacity() < 16 * 1024,
                "{} for {:?}",
                bytes.capacity(),
                column.data_type()
            );
        }
    }
}
