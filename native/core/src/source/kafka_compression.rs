//! Decompresses the record section of a Kafka batch into the end of a buffer, never past a limit.

use std::io::Read;

use zstd::stream::raw::{Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

/// How a batch's record section is packed: the low three bits of its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    None,
    /// RFC 1952, one or more members.
    Gzip,
    /// Snappy, raw or in the framing of snappy-java ("xerial"), which Java producers write.
    Snappy,
    /// An LZ4 frame.
    Lz4,
    /// Zstandard frames.
    Zstd,
}

impl Compression {
    /// The codec of an attributes value, `None` for the three numbers that nothing stands behind.
    pub fn of_attributes(attributes: i16) -> Option<Self> {
        match attributes & 0x07 {
            0 => Some(Self::None),
            1 => Some(Self::Gzip),
            2 => Some(Self::Snappy),
            3 => Some(Self::Lz4),
            4 => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Why a section could not be unpacked.
#[derive(Debug)]
pub(super) enum DecompressError {
    /// The packed bytes break their format.
    Corrupt(String),
    /// The output would pass the limit.
    Limit,
    /// The allocator refused this many bytes.
    Memory(usize),
}

/// Output is made in steps of this size, so that a short section never costs a large allocation.
const STEP_BYTES: usize = 64 * 1024;
const XERIAL_MAGIC: &[u8] = &[0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
/// Magic, version and lowest compatible version.
const XERIAL_HEADER_BYTES: usize = 16;

/// The codecs' working memory, kept over the batches of a record set.
#[derive(Default)]
pub(super) struct Decompressor {
    snappy: snap::raw::Decoder,
    zstd: Option<ZstdDecoder<'static>>,
}

impl Decompressor {
    /// Appends the unpacked `section` to `out`, which may not grow beyond `len_max` bytes.
    pub(super) fn append(
        &mut self,
        compression: Compression,
        section: &[u8],
        out: &mut Vec<u8>,
        len_max: usize,
    ) -> Result<(), DecompressError> {
        match compression {
            Compression::None => append_plain(section, out, len_max),
            Compression::Gzip => append_read(flate2::read::MultiGzDecoder::new(section), out, len_max),
            Compression::Snappy => self.append_snappy(section, out, len_max),
            Compression::Lz4 => append_read(lz4_flex::frame::FrameDecoder::new(section), out, len_max),
            Compression::Zstd => self.append_zstd(section, out, len_max),
        }
    }

    fn append_snappy(&mut self, section: &[u8], out: &mut Vec<u8>, len_max: usize) -> Result<(), DecompressError> {
        if section.get(..XERIAL_MAGIC.len()) != Some(XERIAL_MAGIC) {
            return self.append_snappy_block(section, out, len_max);
        }
        let mut rest = section
            .get(XERIAL_HEADER_BYTES..)
            .ok_or_else(|| corrupt("the snappy header is cut"))?;
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(i32::from_be_bytes(*length))
                .map_err(|_| corrupt("a snappy block has a negative length"))?;
            let block = tail.get(..length).ok_or_else(|| corrupt("a snappy block is cut"))?;
            self.append_snappy_block(block, out, len_max)?;
            rest = &tail[length..];
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(corrupt("bytes follow the last snappy block"))
        }
    }

    fn append_snappy_block(&mut self, block: &[u8], out: &mut Vec<u8>, len_max: usize) -> Result<(), DecompressError> {
        let length = snap::raw::decompress_len(block).map_err(|error| corrupt(error.to_string()))?;
        // A snappy element makes at most 64 bytes out of two, so a longer claim is a lie and is not allocated.
        if length > block.len().saturating_mul(64) {
            return Err(corrupt("a snappy block claims more bytes than it can hold"));
        }
        let start = grow(out, length, len_max)?;
        let written = self
            .snappy
            .decompress(block, &mut out[start..])
            .map_err(|error| corrupt(error.to_string()))?;
        out.truncate(start + written);
        Ok(())
    }

    fn append_zstd(&mut self, section: &[u8], out: &mut Vec<u8>, len_max: usize) -> Result<(), DecompressError> {
        let decoder = match &mut self.zstd {
            Some(decoder) => {
                decoder.reinit().map_err(|error| corrupt(error.to_string()))?;
                decoder
            }
            empty => empty.insert(ZstdDecoder::new().map_err(|error| corrupt(error.to_string()))?),
        };
        let mut input = InBuffer::around(section);
        let mut frame_is_done = true;
        loop {
            let input_is_done = input.pos() == section.len();
            if input_is_done && frame_is_done {
                return Ok(());
            }
            let start = out.len();
            // At the limit a probe byte tells an end that lies on it from one beyond.
            let step = STEP_BYTES.min(len_max.saturating_sub(start));
            let mut probe = [0_u8; 1];
            let target = if step == 0 {
                &mut probe[..]
            } else {
                let start = grow(out, step, len_max)?;
                &mut out[start..]
            };
            let mut output = OutBuffer::around(target);
            let before = input.pos();
            let hint = decoder
                .run(&mut input, &mut output)
                .map_err(|error| corrupt(error.to_string()))?;
            let written = output.pos();
            if step == 0 && written > 0 {
                return Err(DecompressError::Limit);
            }
            out.truncate(start + written);
            frame_is_done = hint == 0;
            if !frame_is_done && written == 0 && input.pos() == before {
                return Err(corrupt("the zstd frame is cut"));
            }
        }
    }
}

fn append_plain(section: &[u8], out: &mut Vec<u8>, len_max: usize) -> Result<(), DecompressError> {
    if section.len() > len_max.saturating_sub(out.len()) {
        return Err(DecompressError::Limit);
    }
    out.try_reserve(section.len())
        .map_err(|_| DecompressError::Memory(section.len()))?;
    out.extend_from_slice(section);
    Ok(())
}

/// Reads to the end in steps. The limit is passed only by a read that brings bytes, so a section that ends on it is fine.
fn append_read(mut reader: impl Read, out: &mut Vec<u8>, len_max: usize) -> Result<(), DecompressError> {
    loop {
        let start = out.len();
        let step = STEP_BYTES.min(len_max.saturating_sub(start));
        if step == 0 {
            let mut probe = [0_u8; 1];
            return match reader.read(&mut probe) {
                Ok(0) => Ok(()),
                Ok(_) => Err(DecompressError::Limit),
                Err(error) => Err(corrupt(error.to_string())),
            };
        }
        grow(out, step, len_max)?;
        let read = reader
            .read(&mut out[start..])
            .map_err(|error| corrupt(error.to_string()));
        out.truncate(start + *read.as_ref().unwrap_or(&0));
        if read? == 0 {
            return Ok(());
        }
    }
}

/// Makes room for `length` more bytes and gives where they begin.
fn grow(out: &mut Vec<u8>, length: usize, len_max: usize) -> Result<usize, DecompressError> {
    let start = out.len();
    if length > len_max.saturating_sub(start) {
        return Err(DecompressError::Limit);
    }
    out.try_reserve(length).map_err(|_| DecompressError::Memory(length))?;
    out.resize(start + length, 0);
    Ok(start)
}

fn corrupt(reason: impl Into<String>) -> DecompressError {
    DecompressError::Corrupt(reason.into())
}
