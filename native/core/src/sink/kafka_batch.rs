//! Seals records into a Kafka batch (magic 2): packs them, puts the header before them, and the CRC32C into it.
//!
//! ```text
//! base offset 8 | length 4 | leader epoch 4 | magic 1 | CRC32C 4 | attributes 2 … record count 4 | records, packed
//!                                                                └────────── covered by the CRC32C ──────────┘
//! ```

use serde::Deserialize;

use super::kafka_codec::KafkaCodec;
use crate::error::{Error, Result};

/// What the header of a batch says beside what its records say.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KafkaBatchHeader {
    /// How the records are packed.
    pub codec: KafkaCodec,
    /// Records in it.
    pub record_count: i32,
    /// Milliseconds that the records' deltas count from.
    pub base_timestamp_ms: i64,
    /// The newest record's time.
    pub max_timestamp_ms: i64,
    /// -1 where the producer is not idempotent.
    pub producer_id: i64,
    /// -1 where the producer is not idempotent.
    pub producer_epoch: i16,
    /// Number of the first record in what the producer writes to the partition; -1 where the producer is not idempotent.
    pub base_sequence: i32,
}

const HEADER_BYTES: usize = 61;
/// Bytes before the length field's reach.
const LENGTH_END: usize = 12;
const CHECKSUM_AT: usize = 17;
const CHECKED_START: usize = 21;
const MAGIC: u8 = 2;

/// The batch of `records`, which are encoded one after the other.
pub fn seal_kafka_batch(header: &KafkaBatchHeader, records: &[u8]) -> Result<Vec<u8>> {
    let mut batch = Vec::with_capacity(HEADER_BYTES + records.len());
    batch.extend_from_slice(&0_i64.to_be_bytes());
    batch.extend_from_slice(&0_i32.to_be_bytes());
    batch.extend_from_slice(&(-1_i32).to_be_bytes());
    batch.push(MAGIC);
    batch.extend_from_slice(&0_u32.to_be_bytes());
    batch.extend_from_slice(&header.codec.attributes().to_be_bytes());
    batch.extend_from_slice(&(header.record_count - 1).to_be_bytes());
    batch.extend_from_slice(&header.base_timestamp_ms.to_be_bytes());
    batch.extend_from_slice(&header.max_timestamp_ms.to_be_bytes());
    batch.extend_from_slice(&header.producer_id.to_be_bytes());
    batch.extend_from_slice(&header.producer_epoch.to_be_bytes());
    batch.extend_from_slice(&header.base_sequence.to_be_bytes());
    batch.extend_from_slice(&header.record_count.to_be_bytes());
    header.codec.pack(records, &mut batch)?;
    let length = i32::try_from(batch.len() - LENGTH_END).map_err(|_| Error::internal("a Kafka batch above 2 GiB"))?;
    batch[8..LENGTH_END].copy_from_slice(&length.to_be_bytes());
    let checksum = crc32c::crc32c(&batch[CHECKED_START..]);
    batch[CHECKSUM_AT..CHECKED_START].copy_from_slice(&checksum.to_be_bytes());
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::decode_for_test;

    /// A record of a value only: length, attributes, two deltas, no key, the value, no headers.
    fn record(offset_delta: u8, value: &[u8]) -> Vec<u8> {
        let mut body = vec![0, 0, offset_delta << 1, 1, (value.len() as u8) << 1];
        body.extend_from_slice(value);
        body.push(0);
        let mut whole = vec![(body.len() as u8) << 1];
        whole.append(&mut body);
        whole
    }

    #[test]
    fn the_decoder_reads_what_was_sealed_with_every_codec() {
        use KafkaCodec::{Gzip, Lz4, None, Snappy, Zstd};
        let records: Vec<u8> = (0..3)
            .flat_map(|delta| record(delta, b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
            .collect();
        for codec in [None, Gzip, Snappy, Lz4, Zstd] {
            let header = KafkaBatchHeader {
                codec,
                record_count: 3,
                base_timestamp_ms: 5,
                max_timestamp_ms: 5,
                producer_id: 7,
                producer_epoch: 0,
                base_sequence: 12,
            };
            let batch = seal_kafka_batch(&header, &records).expect("a batch");
            assert_eq!(
                decode_for_test(&batch),
                vec![b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_vec(); 3],
                "{codec:?}"
            );
        }
    }
}
