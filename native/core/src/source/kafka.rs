//! Kafka record sets to the columns of Spark's Kafka source.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, BinaryViewArray, Int32Array, Int64Array, NullArray, PrimitiveArray};
use arrow_buffer::{Buffer, NullBuffer};
use serde::Deserialize;

use super::kafka_headers::{header_column, headers_field};

use super::kafka_batch::{
    ByteRange, DecodeOptions, DecodedRecords, KafkaBatchError, OffsetRange, RecordSetDecoder, Tail,
};
use super::lines::view_of;
use super::{Chunk, Place};
use crate::column::{DataType, Field, StructType, view_array};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::{CHUNK_ROWS_MAX, SPLIT_DECODED_BYTES_MAX};

const KEY_COLUMN: usize = 0;
/// What a record is.
const VALUE_COLUMN: usize = 1;
const TOPIC_COLUMN: usize = 2;
const PARTITION_COLUMN: usize = 3;
const OFFSET_COLUMN: usize = 4;
const TIMESTAMP_COLUMN: usize = 5;
const TIMESTAMP_TYPE_COLUMN: usize = 6;
const HEADERS_COLUMN: usize = 7;

/// So many bytes of record batches are decoded and passed on before the next ones: they are still in the second-level cache then.
const PIECE_BYTES: usize = 512 * 1024;

/// Whole record batches of one partition: one of a split's buffers.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    topic: String,
    partition: i32,
    from_offset: i64,
    to_offset: i64,
}

/// key, value, topic, partition, offset, timestamp, timestampType, and headers where they are asked for: Spark's columns.
pub fn schema(include_headers: bool) -> StructType {
    let mut fields = vec![
        Field::new("key", DataType::Binary, true),
        Field::new("value", DataType::Binary, true),
        Field::new("topic", DataType::String, true),
        Field::new("partition", DataType::Int, true),
        Field::new("offset", DataType::BigInt, true),
        Field::new("timestamp", DataType::Timestamp, true),
        Field::new("timestampType", DataType::Int, true),
    ];
    if include_headers {
        fields.push(headers_field());
    }
    StructType::new(fields)
}

/// Decodes the segments, each of its own buffer, in order; of the columns those that are `wanted`. Fails with KAFKA_BATCH_CORRUPT,
/// KAFKA_BATCH_UNSUPPORTED or LIMIT_EXCEEDED.
pub fn read(
    buffers: &[&[u8]],
    segments: &[Segment],
    wanted: &[bool],
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    if buffers.len() != segments.len() {
        let reason = "there is not one buffer for each segment";
        return Err(Error::new(ErrorCode::BatchBorderInvalid).with("reason", reason));
    }
    let mut records = DecodedRecords::default();
    for (segment, input) in segments.iter().zip(buffers) {
        let options = DecodeOptions {
            bytes_max: SPLIT_DECODED_BYTES_MAX,
            tail: Tail::Whole,
            headers: wanted.get(HEADERS_COLUMN).copied().unwrap_or_default(),
            aborted: None,
        };
        let range = OffsetRange {
            from: segment.from_offset,
            to: segment.to_offset,
        };
        let mut decoder = RecordSetDecoder::new(input, range, options);
        while !decoder.is_done() {
            records.clear();
            decoder
                .decode(PIECE_BYTES, &mut records)
                .map_err(|error| batch_error(error, segment))?;
            emit(&mut records, segment, wanted, each)?;
        }
    }
    Ok(buffers.iter().map(|buffer| buffer.len() as u64).sum())
}

fn batch_error(error: KafkaBatchError, segment: &Segment) -> Error {
    let with_place = |code: ErrorCode, offset: i64, reason: String| {
        Error::new(code)
            .with("topic", &segment.topic)
            .with("partition", segment.partition.to_string())
            .with("offset", offset.to_string())
            .with("reason", reason)
    };
    let reason = error.to_string();
    match error {
        KafkaBatchError::Corrupt { offset, .. } => with_place(ErrorCode::KafkaBatchCorrupt, offset, reason),
        KafkaBatchError::Unsupported { offset, .. } => with_place(ErrorCode::KafkaBatchUnsupported, offset, reason),
        KafkaBatchError::Limit { bytes_max, .. } => Error::limit("unpacked bytes of a Kafka split", "more", bytes_max)
            .in_context("topic", segment.topic.clone())
            .in_context("partition", segment.partition),
        KafkaBatchError::Memory { bytes, .. } => Error::no_memory(bytes, "Kafka records"),
    }
}

/// Passes on what was decoded, a chunk at a time; what nobody keeps of its memory is decoded into again.
fn emit(
    records: &mut DecodedRecords,
    segment: &Segment,
    wanted: &[bool],
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<()> {
    let count = records.len();
    let bytes = Buffer::from_vec(std::mem::take(&mut records.bytes));
    let offsets = Int64Array::from(std::mem::take(&mut records.offsets));
    let topic: Arc<str> = segment.topic.as_str().into();
    for first in (0..count).step_by(CHUNK_ROWS_MAX) {
        let rows = first..count.min(first + CHUNK_ROWS_MAX);
        let offsets = offsets.slice(first, rows.len());
        let column = |position: usize| -> Result<ArrayRef> {
            Ok(match position {
                KEY_COLUMN => view_column(&records.keys[rows.clone()], &bytes)?,
                VALUE_COLUMN => view_column(&records.values[rows.clone()], &bytes)?,
                TOPIC_COLUMN => {
                    let topic = BinaryViewArray::from_iter_values([topic.as_bytes()]);
                    let views = vec![topic.views()[0]; rows.len()];
                    Arc::new(view_array(views, Arc::clone(topic.data_buffers()), None)?)
                }
                PARTITION_COLUMN => Arc::new(Int32Array::from(vec![segment.partition; rows.len()])),
                OFFSET_COLUMN => Arc::new(offsets.clone()),
                TIMESTAMP_COLUMN => {
                    let times = records.timestamps_ms[rows.clone()].iter();
                    let times = times.map(|ms| ms.saturating_mul(1000));
                    Arc::new(PrimitiveArray::<TimestampMicrosecondType>::from_iter_values(times).with_timezone("UTC"))
                }
                TIMESTAMP_TYPE_COLUMN => {
                    let types = records.timestamp_types[rows.clone()].iter();
                    Arc::new(Int32Array::from_iter_values(types.map(|&kind| i32::from(kind))))
                }
                _ => header_column(&records.headers, rows.clone(), &bytes)?,
            })
        };
        let columns = wanted.iter().enumerate().map(|(position, &wanted)| match wanted {
            true => column(position),
            false => Ok(Arc::new(NullArray::new(rows.len())) as ArrayRef),
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let raw = columns[VALUE_COLUMN].as_binary_view_opt().cloned();
        let place = Place::Kafka {
            topic: Arc::clone(&topic),
            partition: segment.partition,
            offsets: offsets.clone(),
        };
        let chunk = Chunk::new(columns, rows.len(), place);
        each(Chunk { raw, ..chunk })?;
    }
    records.bytes = bytes.into_vec().unwrap_or_default();
    Ok(())
}

/// Views of the ranges in `buffer`; a null range is a null.
pub(super) fn view_column(ranges: &[ByteRange], buffer: &Buffer) -> Result<ArrayRef> {
    let view = |range: &ByteRange| range.of(buffer).map_or(0, |bytes| view_of(bytes, range.start as usize));
    let views: Vec<u128> = ranges.iter().map(view).collect();
    let has_nulls = ranges.iter().any(|range| range.is_null());
    let nulls = has_nulls.then(|| ranges.iter().map(|range| !range.is_null()).collect::<NullBuffer>());
    Ok(Arc::new(view_array(views, [buffer.clone()].into(), nulls)?))
}
