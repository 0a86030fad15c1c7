//! Compression of whole text files, by the names and in the framings that Hadoop gives them.

use std::io::{Cursor, Read, Write};

use flate2::Compression as Level;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::error::{Error, ErrorCode, Result};
use crate::source::decompressor;

/// Bytes of a block of Hadoop's framing for codecs that have none of their own.
const BLOCK_BYTES: usize = 256 << 10;
/// The names that the option `compression` takes for text files.
const NAMES: &str = "deflate, gzip, lz4, none, snappy, uncompressed, zstd";

/// How a text file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextCodec {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// zlib.
    Deflate,
    /// Zstandard frames.
    Zstd,
    /// Snappy in Hadoop's blocks.
    Snappy,
    /// LZ4 in Hadoop's blocks.
    Lz4,
}

impl TextCodec {
    /// Reads the option `compression`. Fails with Spark's CODEC_NOT_AVAILABLE.
    pub fn parse(name: Option<&str>) -> Result<Self> {
        Ok(match name.unwrap_or("none").to_ascii_lowercase().as_str() {
            "none" | "uncompressed" => TextCodec::None,
            "gzip" => TextCodec::Gzip,
            "deflate" => TextCodec::Deflate,
            "zstd" => TextCodec::Zstd,
            "snappy" => TextCodec::Snappy,
            "lz4" => TextCodec::Lz4,
            other => return Err(codec_not_available(other, NAMES)),
        })
    }

    /// What a file's name ends in.
    pub fn extension(self) -> &'static str {
        match self {
            TextCodec::None => "",
            TextCodec::Gzip => ".gz",
            TextCodec::Deflate => ".deflate",
            TextCodec::Zstd => ".zst",
            TextCodec::Snappy => ".snappy",
            TextCodec::Lz4 => ".lz4",
        }
    }

    /// The bytes of the file.
    pub fn compress(self, text: Vec<u8>) -> Result<Vec<u8>> {
        let failed = |error: std::io::Error| Error::internal(format!("compression: {error}"));
        match self {
            TextCodec::None => Ok(text),
            TextCodec::Gzip => {
                let mut out = GzEncoder::new(Vec::new(), Level::default());
                out.write_all(&text).map_err(failed)?;
                out.finish().map_err(failed)
            }
            TextCodec::Deflate => {
                let mut out = ZlibEncoder::new(Vec::new(), Level::default());
                out.write_all(&text).map_err(failed)?;
                out.finish().map_err(failed)
            }
            TextCodec::Zstd => zstd::encode_all(text.as_slice(), 0).map_err(failed),
            TextCodec::Snappy => framed(&text, |block| {
                let compressed = snap::raw::Encoder::new().compress_vec(block);
                compressed.map_err(|error| Error::internal(format!("compression: {error}")))
            }),
            TextCodec::Lz4 => framed(&text, |block| Ok(lz4_flex::block::compress(block))),
        }
    }
}

impl TextCodec {
    /// The text of a file that was compressed in this way.
    pub fn decompress(self, file: Vec<u8>) -> Result<Vec<u8>> {
        let failed = |error: std::io::Error| Error::internal(format!("compression: {error}"));
        let extension = self.extension().trim_start_matches('.');
        let Some(mut stream) = decompressor(extension, Cursor::new(file.as_slice())).map_err(failed)? else {
            return Ok(file);
        };
        let mut text = Vec::new();
        stream.read_to_end(&mut text).map_err(failed)?;
        drop(stream);
        Ok(text)
    }
}

/// CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION.
pub fn codec_not_available(name: &str, available: &str) -> Error {
    Error::new(ErrorCode::CodecNotAvailableWithAvailableCodecsSuggestion)
        .with("codecName", name)
        .with("availableCodecs", available)
}

/// Hadoop's blocks: the block's length, then its compressed length and bytes, lengths big-endian.
fn framed(text: &[u8], compress: impl Fn(&[u8]) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    for block in text.chunks(BLOCK_BYTES) {
        let compressed = compress(block)?;
        out.extend_from_slice(&(block.len() as u32).to_be_bytes());
        out.extend_from_slice(&(compressed.len() as u32).to_be_bytes());
        out.extend_from_slice(&compressed);
    }
    Ok(out)
}
