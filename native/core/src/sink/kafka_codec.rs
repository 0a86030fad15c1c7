//! Packs the record section of a Kafka batch as Java's clients do, so that every consumer can read it.

use std::io::Write;

use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
use serde::Deserialize;

use crate::error::{Error, Result};

/// `kafka.compression.type`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum KafkaCodec {
    /// As it is.
    None,
    /// RFC 1952.
    Gzip,
    /// Snappy blocks in the framing of snappy-java.
    Snappy,
    /// An LZ4 frame of independent blocks: Java reads no others.
    Lz4,
    /// A Zstandard frame.
    Zstd,
}

/// Magic, version and lowest compatible version of snappy-java's stream.
const XERIAL_HEADER: [u8; 16] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];
/// Bytes of a block in it.
const XERIAL_BLOCK_BYTES: usize = 32 << 10;

impl KafkaCodec {
    /// The low three bits of a batch's attributes.
    pub fn attributes(self) -> i16 {
        match self {
            KafkaCodec::None => 0,
            KafkaCodec::Gzip => 1,
            KafkaCodec::Snappy => 2,
            KafkaCodec::Lz4 => 3,
            KafkaCodec::Zstd => 4,
        }
    }

    /// Appends the packed section to `out`.
    pub fn pack(self, section: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match self {
            KafkaCodec::None => out.extend_from_slice(section),
            KafkaCodec::Gzip => {
                let mut encoder = GzEncoder::new(out, flate2::Compression::default());
                encoder
                    .write_all(section)
                    .and_then(|()| encoder.try_finish())
                    .map_err(failed)?;
            }
            KafkaCodec::Snappy => {
                out.extend_from_slice(&XERIAL_HEADER);
                let mut encoder = snap::raw::Encoder::new();
                for block in section.chunks(XERIAL_BLOCK_BYTES) {
                    let packed = encoder.compress_vec(block).map_err(failed)?;
                    out.extend_from_slice(&(packed.len() as u32).to_be_bytes());
                    out.extend_from_slice(&packed);
                }
            }
            KafkaCodec::Lz4 => {
                let info = FrameInfo::new()
                    .block_mode(BlockMode::Independent)
                    .block_size(BlockSize::Max64KB);
                let mut encoder = FrameEncoder::with_frame_info(info, out);
                encoder.write_all(section).map_err(failed)?;
                encoder.finish().map_err(failed)?;
            }
            KafkaCodec::Zstd => {
                zstd::stream::copy_encode(section, out, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("packing Kafka records: {error}"))
}
