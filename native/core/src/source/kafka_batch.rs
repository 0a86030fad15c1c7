//! Decodes Kafka record batches (magic 2) out of raw fetch responses into plain columns, trusting no byte of them.
//!
//! ```text
//! input   | batch | batch | batch …            whole batches as the broker stores them
//! batch   | 21 bytes | attributes … count | record section (packed or not) |
//!                     └──────── covered by the CRC32C ────────┘
//! bytes   | section | section | …              unpacked; key and value ranges point in here
//! ```
//!
//! The base offset, the length and the leader epoch stand in front of the checksum. The length is checked against the input
//! and by the checksum that it bounds, the base offset against its neighbours and the range asked for; the epoch is not used.

mod records;

pub use records::{ByteRange, DecodedRecords, HeaderColumns};

use super::kafka_compression::{Compression, DecompressError, Decompressor};
use super::kafka_varint::VarintCursor;

/// Offsets from `from` up to and without `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetRange {
    /// First offset wanted.
    pub from: i64,
    /// First offset not wanted any more.
    pub to: i64,
}

/// What the end of the input may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// A fetch response: brokers cut the last batch where the size limit of the request falls, so a part of one is skipped.
    MayBeCut,
    /// Whole batches that overlap the range, as the segments of docs/design/border.md are: anything else is corrupt.
    Whole,
}

/// A transaction that was aborted, from the fetch response's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// Producer of the transaction.
    pub producer_id: i64,
    /// Its first offset in this partition.
    pub first_offset: i64,
}

/// How to decode.
#[derive(Clone, Copy, Debug)]
pub struct DecodeOptions<'a> {
    /// Bound on `DecodedRecords::bytes`: a decompression bomb ends here.
    pub bytes_max: usize,
    /// What the end of the input may look like.
    pub tail: Tail,
    /// Whether headers become columns too.
    pub headers: bool,
    /// read_committed: aborted transactions, whose records are left out. `None` reads everything, as Spark does by default.
    pub aborted: Option<&'a [AbortedTransaction]>,
}

/// Why a record set could not be decoded. `offset` is the base offset of the batch, or of the record where it is known.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KafkaBatchError {
    /// The bytes break the format or fail their checksum.
    #[error("{reason}")]
    Corrupt {
        /// Where.
        offset: i64,
        /// What is wrong.
        reason: String,
    },
    /// A format that is not read.
    #[error("{reason}")]
    Unsupported {
        /// Where.
        offset: i64,
        /// What it is.
        reason: String,
    },
    /// More bytes than allowed.
    #[error("the records unpack to more than {bytes_max} bytes")]
    Limit {
        /// Where.
        offset: i64,
        /// `DecodeOptions::bytes_max`.
        bytes_max: usize,
    },
    /// The allocator refused.
    #[error("no memory for {bytes} bytes")]
    Memory {
        /// Where.
        offset: i64,
        /// How many were asked for.
        bytes: usize,
    },
}

/// Bytes before the length field's reach: base offset and the length itself.
const LENGTH_END: usize = 12;
const MAGIC_AT: usize = 16;
const CHECKED_START: usize = 21;
const HEADER_BYTES: usize = 61;
/// Length, attributes, two deltas, two lengths and the header count take a byte each at least.
const RECORD_BYTES_MIN: usize = 7;
const ATTRIBUTE_LOG_APPEND: i16 = 0x08;
const ATTRIBUTE_TRANSACTIONAL: i16 = 0x10;
const ATTRIBUTE_CONTROL: i16 = 0x20;

/// The fixed part of a batch, after its checksum held.
struct BatchHeader {
    base_offset: i64,
    attributes: i16,
    last_offset_delta: i32,
    base_timestamp_ms: i64,
    max_timestamp_ms: i64,
    producer_id: i64,
    record_count: usize,
    compression: Compression,
}

impl BatchHeader {
    fn is(&self, attribute: i16) -> bool {
        self.attributes & attribute != 0
    }

    fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }
}

/// Decodes a record set, a few of its batches at a time.
pub struct RecordSetDecoder<'a> {
    input: &'a [u8],
    range: OffsetRange,
    options: DecodeOptions<'a>,
    decompressor: Decompressor,
    transactions: AbortedCursor,
    /// Where the next batch begins.
    position: usize,
    /// The first offset that it may have.
    offset_min: i64,
}

impl<'a> RecordSetDecoder<'a> {
    /// A decoder of the records of `input` whose offsets lie in `range`.
    pub fn new(input: &'a [u8], range: OffsetRange, options: DecodeOptions<'a>) -> Self {
        Self {
            input,
            range,
            options,
            decompressor: Decompressor::default(),
            transactions: AbortedCursor::new(options.aborted),
            position: 0,
            offset_min: 0,
        }
    }

    /// Whether no batch is left.
    pub fn is_done(&self) -> bool {
        self.position >= self.input.len()
    }

    /// Appends the records of the next batches to `out`, until so many bytes of the input were read. After an error `out` is as
    /// it was before.
    pub fn decode(&mut self, bytes: usize, out: &mut DecodedRecords) -> Result<(), KafkaBatchError> {
        let mark = out.mark();
        let outcome = self.decode_batches(bytes, out);
        if outcome.is_err() {
            out.truncate(mark);
        }
        outcome
    }

    fn decode_batches(&mut self, bytes: usize, out: &mut DecodedRecords) -> Result<(), KafkaBatchError> {
        let end = self.input.len().min(self.position.saturating_add(bytes));
        // What is not packed has this size; what is grows.
        let room = (end - self.position).min(self.options.bytes_max);
        out.bytes.try_reserve(room).map_err(|_| KafkaBatchError::Memory {
            offset: self.range.from,
            bytes: room,
        })?;
        while self.position < end {
            let Some(batch) = next_batch(&self.input[self.position..], self.range, self.options.tail)? else {
                self.position = self.input.len();
                break;
            };
            self.position += batch.len();
            self.take(batch, out)?;
        }
        Ok(())
    }

    fn take(&mut self, batch: &[u8], out: &mut DecodedRecords) -> Result<(), KafkaBatchError> {
        let range = self.range;
        let header = check_header(batch)?;
        if header.base_offset < self.offset_min {
            return Err(corrupt(
                header.base_offset,
                format!(
                    "the batch overlaps the one before, which ends at {}",
                    self.offset_min - 1
                ),
            ));
        }
        self.offset_min = header.last_offset() + 1;
        let outside = header.last_offset() < range.from || header.base_offset >= range.to;
        if outside && self.options.tail == Tail::Whole {
            return Err(corrupt(
                header.base_offset,
                format!(
                    "the batch lies outside of the offsets {} to {} asked for",
                    range.from, range.to
                ),
            ));
        }
        let is_aborted = self.transactions.is_aborted(&header);
        if outside || is_aborted || header.is(ATTRIBUTE_CONTROL) || header.record_count == 0 {
            return Ok(());
        }
        decode_batch(batch, &header, range, &self.options, &mut self.decompressor, out)
    }
}

/// The next whole batch, or `None` where a cut tail may be ignored.
fn next_batch(rest: &[u8], range: OffsetRange, tail: Tail) -> Result<Option<&[u8]>, KafkaBatchError> {
    let cut = |offset: i64| match tail {
        Tail::MayBeCut => Ok(None),
        Tail::Whole => Err(corrupt(offset, "the batch is cut".to_owned())),
    };
    let Some(base_offset) = read_i64(rest, 0) else {
        return cut(range.from);
    };
    // The magic stands at the same place in all formats, so an old one is named before its different layout misleads.
    if let Some(magic) = rest.get(MAGIC_AT)
        && *magic != 2
    {
        let reason = format!("its format is magic {magic}, only 2 is read");
        return Err(if *magic < 2 {
            KafkaBatchError::Unsupported {
                offset: base_offset,
                reason,
            }
        } else {
            corrupt(base_offset, reason)
        });
    }
    let Some(length) = read_i32(rest, 8) else {
        return cut(base_offset);
    };
    let whole_length = usize::try_from(length)
        .ok()
        .filter(|length| *length >= HEADER_BYTES - LENGTH_END)
        .and_then(|length| length.checked_add(LENGTH_END))
        .ok_or_else(|| corrupt(base_offset, format!("the length {length} is too short for a batch")))?;
    match rest.get(..whole_length) {
        Some(batch) => Ok(Some(batch)),
        None => cut(base_offset),
    }
}

/// Verifies the checksum, then reads the fixed part.
fn check_header(batch: &[u8]) -> Result<BatchHeader, KafkaBatchError> {
    let base_offset = read_i64(batch, 0).unwrap_or(-1);
    let cut = || corrupt(base_offset, "the batch header is cut".to_owned());
    let checked = batch.get(CHECKED_START..).ok_or_else(cut)?;
    let expected = read_i32(batch, 17).ok_or_else(cut)? as u32;
    let computed = crc32c::crc32c(checked);
    if expected != computed {
        return Err(corrupt(
            base_offset,
            format!("its CRC32C is {computed:08x}, the header says {expected:08x}"),
        ));
    }
    let attributes = batch
        .get(21..23)
        .and_then(|bytes| bytes.try_into().ok())
        .map(i16::from_be_bytes)
        .ok_or_else(cut)?;
    let last_offset_delta = read_i32(batch, 23).ok_or_else(cut)?;
    let record_count = read_i32(batch, 57).ok_or_else(cut)?;
    if base_offset < 0 || last_offset_delta < 0 || base_offset.checked_add(i64::from(last_offset_delta) + 1).is_none() {
        return Err(corrupt(
            base_offset,
            format!("the last offset is {last_offset_delta} above the base offset"),
        ));
    }
    Ok(BatchHeader {
        base_offset,
        attributes,
        last_offset_delta,
        base_timestamp_ms: read_i64(batch, 27).ok_or_else(cut)?,
        max_timestamp_ms: read_i64(batch, 35).ok_or_else(cut)?,
        producer_id: read_i64(batch, 43).ok_or_else(cut)?,
        record_count: usize::try_from(record_count)
            .map_err(|_| corrupt(base_offset, format!("the record count is {record_count}")))?,
        compression: Compression::of_attributes(attributes)
            .ok_or_else(|| corrupt(base_offset, format!("there is no codec {}", attributes & 0x07)))?,
    })
}

fn decode_batch(
    batch: &[u8],
    header: &BatchHeader,
    range: OffsetRange,
    options: &DecodeOptions<'_>,
    decompressor: &mut Decompressor,
    out: &mut DecodedRecords,
) -> Result<(), KafkaBatchError> {
    let offset = header.base_offset;
    let bytes_max = options.bytes_max.min(ByteRange::NULL_LENGTH as usize - 1);
    let section_start = out.bytes.len();
    decompressor
        .append(header.compression, &batch[HEADER_BYTES..], &mut out.bytes, bytes_max)
        .map_err(|error| match error {
            DecompressError::Corrupt(reason) => corrupt(offset, reason),
            DecompressError::Limit => KafkaBatchError::Limit { offset, bytes_max },
            DecompressError::Memory(bytes) => KafkaBatchError::Memory { offset, bytes },
        })?;
    let section_bytes = out.bytes.len() - section_start;
    let count = header.record_count;
    if count > section_bytes / RECORD_BYTES_MIN {
        return Err(corrupt(
            offset,
            format!("{count} records do not fit into {section_bytes} bytes"),
        ));
    }
    out.try_reserve_records(count, options.headers)
        .map_err(|_| KafkaBatchError::Memory {
            offset,
            bytes: count * size_of::<ByteRange>(),
        })?;
    // Taken out, so that the loop may read the bytes while it fills the other columns.
    let bytes = std::mem::take(&mut out.bytes);
    let outcome = decode_records(&bytes, section_start, header, range, options.headers, out);
    out.bytes = bytes;
    outcome
}

/// The hot loop: one turn per record, no allocation but the columns' own.
fn decode_records(
    bytes: &[u8],
    section_start: usize,
    header: &BatchHeader,
    range: OffsetRange,
    wants_headers: bool,
    out: &mut DecodedRecords,
) -> Result<(), KafkaBatchError> {
    let log_append = header.is(ATTRIBUTE_LOG_APPEND);
    let timestamp_type = i8::from(log_append);
    let mut cursor = VarintCursor::new(bytes, section_start);
    let mut delta_min = 0_i64;
    for _ in 0..header.record_count {
        let record = read_record(&mut cursor).ok_or_else(|| lying(header, delta_min))?;
        // Offsets ascend inside a batch; compaction leaves gaps but never turns them round.
        if record.offset_delta < delta_min || record.offset_delta > i64::from(header.last_offset_delta) {
            return Err(corrupt(
                header.base_offset,
                format!("a record has the offset delta {}", record.offset_delta),
            ));
        }
        delta_min = record.offset_delta + 1;
        let offset = header.base_offset + record.offset_delta;
        let is_wanted = offset >= range.from && offset < range.to;
        let header_sink = if wants_headers && is_wanted {
            Some(&mut out.headers)
        } else {
            None
        };
        read_headers(&mut cursor, record.end, header_sink).ok_or_else(|| lying(header, record.offset_delta))?;
        if !is_wanted {
            continue;
        }
        let timestamp_ms = if log_append {
            header.max_timestamp_ms
        } else {
            header
                .base_timestamp_ms
                .checked_add(record.timestamp_delta_ms)
                .ok_or_else(|| lying(header, record.offset_delta))?
        };
        out.keys.push(record.key);
        out.values.push(record.value);
        out.offsets.push(offset);
        out.timestamps_ms.push(timestamp_ms);
        out.timestamp_types.push(timestamp_type);
    }
    if cursor.position() != bytes.len() {
        return Err(corrupt(
            header.base_offset,
            format!("{} bytes follow the last record", bytes.len() - cursor.position()),
        ));
    }
    Ok(())
}

struct Record {
    end: usize,
    offset_delta: i64,
    timestamp_delta_ms: i64,
    key: ByteRange,
    value: ByteRange,
}

/// Everything of a record but its headers. `None`: a length lies or the bytes end.
#[inline(always)]
fn read_record(cursor: &mut VarintCursor<'_>) -> Option<Record> {
    let length = usize::try_from(cursor.varint()?).ok()?;
    let end = cursor.position().checked_add(length)?;
    let _attributes = cursor.byte()?;
    let timestamp_delta_ms = cursor.varlong()?;
    let offset_delta = i64::from(cursor.varint()?);
    let key = read_range(cursor)?;
    let value = read_range(cursor)?;
    Some(Record {
        end,
        offset_delta,
        timestamp_delta_ms,
        key,
        value,
    })
}

/// Reads the headers, which must end where the record's length says. Without a sink they are only checked.
#[inline(always)]
fn read_headers(cursor: &mut VarintCursor<'_>, end: usize, sink: Option<&mut HeaderColumns>) -> Option<()> {
    let count = cursor.varint()?;
    if count != 0 || sink.is_some() {
        read_header_list(cursor, count, end, sink)?;
    }
    (cursor.position() == end).then_some(())
}

fn read_header_list(
    cursor: &mut VarintCursor<'_>,
    count: i32,
    end: usize,
    mut sink: Option<&mut HeaderColumns>,
) -> Option<()> {
    let count = usize::try_from(count).ok()?;
    // A header takes two bytes at least, so the count is bounded before anything is reserved.
    if count > end.checked_sub(cursor.position())? / 2 {
        return None;
    }
    if let Some(sink) = sink.as_deref_mut() {
        sink.keys.try_reserve(count).ok()?;
        sink.values.try_reserve(count).ok()?;
    }
    for _ in 0..count {
        let key = read_range(cursor)?;
        if key.is_null() {
            return None;
        }
        let value = read_range(cursor)?;
        if let Some(sink) = sink.as_deref_mut() {
            sink.keys.push(key);
            sink.values.push(value);
        }
    }
    if let Some(sink) = sink {
        sink.ends.push(u32::try_from(sink.keys.len()).ok()?);
    }
    Some(())
}

/// A length and that many bytes; -1 is null, anything below is a lie.
#[inline(always)]
fn read_range(cursor: &mut VarintCursor<'_>) -> Option<ByteRange> {
    let length = cursor.varint()?;
    if length < 0 {
        return (length == -1).then_some(ByteRange::NULL);
    }
    let start = cursor.skip(length as usize)?;
    Some(ByteRange {
        start: start as u32,
        length: length as u32,
    })
}

/// Walks the aborted transactions along with the batches, as the Java consumer does.
struct AbortedCursor {
    /// Descending by first offset, so that the next one is the last.
    waiting: Vec<AbortedTransaction>,
    open_producers: Vec<i64>,
}

impl AbortedCursor {
    fn new(aborted: Option<&[AbortedTransaction]>) -> Self {
        let mut waiting = aborted.unwrap_or_default().to_vec();
        waiting.sort_unstable_by_key(|transaction| std::cmp::Reverse(transaction.first_offset));
        Self {
            waiting,
            open_producers: Vec::new(),
        }
    }

    fn is_aborted(&mut self, header: &BatchHeader) -> bool {
        while let Some(transaction) = self.waiting.pop_if(|next| next.first_offset <= header.last_offset()) {
            self.open_producers.push(transaction.producer_id);
        }
        if header.is(ATTRIBUTE_CONTROL) {
            // An aborted transaction ends with its marker; what the producer writes afterwards is another one.
            self.open_producers
                .retain(|producer_id| *producer_id != header.producer_id);
            return false;
        }
        header.is(ATTRIBUTE_TRANSACTIONAL) && self.open_producers.contains(&header.producer_id)
    }
}

fn corrupt(offset: i64, reason: String) -> KafkaBatchError {
    KafkaBatchError::Corrupt { offset, reason }
}

#[cold]
fn lying(header: &BatchHeader, offset_delta: i64) -> KafkaBatchError {
    corrupt(
        header.base_offset + offset_delta,
        "a length in the record leads out of it".to_owned(),
    )
}

fn read_i64(bytes: &[u8], at: usize) -> Option<i64> {
    Some(i64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn read_i32(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests;
