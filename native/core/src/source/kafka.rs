//! Kafka record sets to the columns of Spark's Kafka source.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, BinaryViewArray, Int32Array, Int64Array, PrimitiveArray};
use arrow_buffer::{Buffer, NullBuffer};
use serde::Deserialize;

use super::kafka_headers::{header_column, headers_field};

use super::kafka_batch::{
    ByteRange, DecodeOptions, DecodedRecords, KafkaBatchError, OffsetRange, Tail, decode_record_set,
};
use super::lines::view_of;
use super::{Chunk, Place};
use crate::column::{DataType, Field, StructType, view_array};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::{CHUNK_ROWS_MAX, SPLIT_DECODED_BYTES_MAX};

/// Position of `value`, which is what a record is.
const VALUE_COLUMN: usize = 1;

/// Whole record batches of one partition within a split's bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    topic: String,
    partition: i32,
    from_offset: i64,
    to_offset: i64,
    start: usize,
    end: usize,
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

/// Decodes the segments in order, the headers too where `include_headers` says so. Fails with KAFKA_BATCH_CORRUPT,
/// KAFKA_BATCH_UNSUPPORTED or LIMIT_EXCEEDED.
pub fn read(
    bytes: &[u8],
    segments: &[Segment],
    include_headers: bool,
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    for segment in segments {
        let input = bytes.get(segment.start..segment.end).ok_or_else(|| {
            Error::new(ErrorCode::BatchBorderInvalid).with("reason", "a segment lies outside its bytes")
        })?;
        let mut records = DecodedRecords::default();
        let options = DecodeOptions {
            bytes_max: SPLIT_DECODED_BYTES_MAX,
            tail: Tail::Whole,
            headers: include_headers,
            aborted: None,
        };
        let range = OffsetRange {
            from: segment.from_offset,
            to: segment.to_offset,
        };
        decode_record_set(input, range, &options, &mut records).map_err(|error| batch_error(error, segment))?;
        emit(records, segment, include_headers, each)?;
    }
    Ok(bytes.len() as u64)
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

fn emit(
    mut records: DecodedRecords,
    segment: &Segment,
    include_headers: bool,
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<()> {
    let buffer = Buffer::from_vec(std::mem::take(&mut records.bytes));
    let mut first = 0;
    while first < records.len() {
        let last = records.len().min(first + CHUNK_ROWS_MAX);
        let rows = last - first;
        let topic = BinaryViewArray::from_iter_values([segment.topic.as_bytes()]);
        let topics = view_array(vec![topic.views()[0]; rows], Arc::clone(topic.data_buffers()), None)?;
        let topics: ArrayRef = Arc::new(topics);
        let partitions: ArrayRef = Arc::new(Int32Array::from(vec![segment.partition; rows]));
        let offsets = Int64Array::from(records.offsets[first..last].to_vec());
        let times = records.timestamps_ms[first..last]
            .iter()
            .map(|ms| ms.saturating_mul(1000));
        let times = PrimitiveArray::<TimestampMicrosecondType>::from_iter_values(times).with_timezone("UTC");
        let types = records.timestamp_types[first..last].iter().map(|&kind| i32::from(kind));
        let mut columns = vec![
            view_column(&records.keys[first..last], &buffer)?,
            view_column(&records.values[first..last], &buffer)?,
            Arc::clone(&topics),
            Arc::clone(&partitions),
            Arc::new(offsets.clone()),
            Arc::new(times),
            Arc::new(Int32Array::from_iter_values(types)),
        ];
        if include_headers {
            columns.push(header_column(&records.headers, first..last, &buffer)?);
        }
        let raw = columns[VALUE_COLUMN].as_binary_view().clone();
        let place = Place::Kafka {
            topics,
            partitions,
            offsets,
        };
        each(Chunk::new(columns, rows, place).with_raw(&raw))?;
        first = last;
    }
    Ok(())
}

/// Views of the ranges in `buffer`; a null range is a null.
pub(super) fn view_column(ranges: &[ByteRange], buffer: &Buffer) -> Result<ArrayRef> {
    let view = |range: &ByteRange| range.of(buffer).map_or(0, |bytes| view_of(bytes, range.start as usize));
    let views: Vec<u128> = ranges.iter().map(view).collect();
    let nulls: NullBuffer = ranges.iter().map(|range| !range.is_null()).collect();
    let nulls = (nulls.null_count() > 0).then_some(nulls);
    Ok(Arc::new(view_array(views, [buffer.clone()].into(), nulls)?))
}
