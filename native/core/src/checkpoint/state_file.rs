//! The format of state files: records in compressed blocks, each verified before a byte of it is used.
//!
//! ```text
//! file   | magic "MRSTATE1" | header: u32 length, JSON, u32 CRC32C | block .. | end |
//! block  | u32 raw length (not 0) | u32 stored length | u32 CRC32C | bytes, compressed |
//! end    | u32 0 | u32 number of blocks | u32 CRC32C: the file's mark |
//! ```
//!
//! Little-endian. The header's checksum covers the file's path within the checkpoint and the header; a block's covers
//! the checksum before it and the block's lengths and bytes; the end's covers the last and the number: blocks of other
//! files, or in another order, do not fit. The last checksum stands for the whole file.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::limits::STATE_BLOCK_BYTES;

const MAGIC: &[u8; 8] = b"MRSTATE1";

/// How blocks are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Fast.
    #[default]
    Lz4,
    /// Small.
    Zstd,
}

impl Compression {
    fn compress(self, raw: &[u8]) -> Result<Vec<u8>> {
        match self {
            Compression::Lz4 => Ok(lz4_flex::block::compress(raw)),
            Compression::Zstd => {
                zstd::bulk::compress(raw, 1).map_err(|error| Error::internal(format!("zstd: {error}")))
            }
        }
    }

    fn decompress(self, stored: &[u8], raw_length: usize) -> std::result::Result<Vec<u8>, String> {
        let raw = match self {
            Compression::Lz4 => lz4_flex::block::decompress(stored, raw_length).map_err(|error| error.to_string()),
            Compression::Zstd => zstd::bulk::decompress(stored, raw_length).map_err(|error| error.to_string()),
        }?;
        if raw.len() == raw_length {
            Ok(raw)
        } else {
            Err("a block has another length".to_string())
        }
    }
}

/// Writes the records of a state file.
pub struct RecordWriter {
    compression: Compression,
    file: Vec<u8>,
    raw: Vec<u8>,
    blocks: u32,
    mark: u32,
    records: u64,
}

impl RecordWriter {
    /// A file that will be at `path` and says `header` about itself.
    pub fn new(path: &str, header: &impl Serialize, compression: Compression) -> Result<Self> {
        let header = serde_json::to_vec(header).map_err(|error| Error::internal(error.to_string()))?;
        let mut file = MAGIC.to_vec();
        file.extend_from_slice(&(header.len() as u32).to_le_bytes());
        file.extend_from_slice(&header);
        let mark = crc32c::crc32c_append(crc32c::crc32c(path.as_bytes()), &file);
        file.extend_from_slice(&mark.to_le_bytes());
        Ok(Self {
            compression,
            file,
            raw: Vec::with_capacity(STATE_BLOCK_BYTES),
            blocks: 0,
            mark,
            records: 0,
        })
    }

    /// Begins a record. Files without a record need not be written.
    pub fn begin_record(&mut self) -> Result<()> {
        self.records += 1;
        if self.raw.len() >= STATE_BLOCK_BYTES {
            self.end_block()?;
        }
        Ok(())
    }

    /// Records so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Appends a byte.
    pub fn put_u8(&mut self, value: u8) {
        self.raw.push(value);
    }

    /// Appends a count or length.
    pub fn put_count(&mut self, value: usize) {
        self.raw.extend_from_slice(&(value as u32).to_le_bytes());
    }

    /// Appends a word.
    pub fn put_u64(&mut self, value: u64) {
        self.raw.extend_from_slice(&value.to_le_bytes());
    }

    /// Appends words.
    pub fn put_words(&mut self, words: &[u64]) {
        for word in words {
            self.raw.extend_from_slice(&word.to_le_bytes());
        }
    }

    /// Appends bytes with their length before them.
    pub fn put_bytes(&mut self, bytes: &[u8]) {
        self.put_count(bytes.len());
        self.raw.extend_from_slice(bytes);
    }

    fn end_block(&mut self) -> Result<()> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let stored = self.compression.compress(&self.raw)?;
        let start = self.file.len();
        self.file.extend_from_slice(&(self.raw.len() as u32).to_le_bytes());
        self.file.extend_from_slice(&(stored.len() as u32).to_le_bytes());
        let lengths = crc32c::crc32c_append(self.mark, &self.file[start..]);
        self.mark = crc32c::crc32c_append(lengths, &stored);
        self.file.extend_from_slice(&self.mark.to_le_bytes());
        self.file.extend_from_slice(&stored);
        self.raw.clear();
        self.blocks += 1;
        Ok(())
    }

    /// The file's bytes and its mark.
    pub fn finish(mut self) -> Result<(Vec<u8>, u32)> {
        self.end_block()?;
        let start = self.file.len();
        self.file.extend_from_slice(&0u32.to_le_bytes());
        self.file.extend_from_slice(&self.blocks.to_le_bytes());
        let mark = crc32c::crc32c_append(self.mark, &self.file[start..]);
        self.file.extend_from_slice(&mark.to_le_bytes());
        Ok((self.file, mark))
    }
}

/// Reads the records of a state file that was verified as a whole.
pub struct RecordReader {
    raw: Vec<u8>,
    position: usize,
}

/// What is wrong with a file.
pub type Damage = String;

impl RecordReader {
    /// Verifies the bytes of the file at `path`; gives its header, its mark and its records.
    pub fn open<H: DeserializeOwned>(
        path: &str,
        file: &[u8],
        compression: impl FnOnce(&H) -> Compression,
    ) -> std::result::Result<(H, u32, Self), Damage> {
        let mut rest = file;
        if take(&mut rest, MAGIC.len())? != MAGIC {
            return Err("it does not begin with the mark of a state file".to_string());
        }
        let length = take_u32(&mut rest)? as usize;
        let header = take(&mut rest, length)?;
        let mut mark = crc32c::crc32c_append(crc32c::crc32c(path.as_bytes()), &file[..MAGIC.len() + 4 + length]);
        verify(&mut rest, mark, "header")?;
        let header: H = serde_json::from_slice(header).map_err(|error| format!("its header: {error}"))?;
        let compression = compression(&header);
        let mut raw = Vec::new();
        let mut blocks = 0;
        loop {
            let lengths = rest;
            let raw_length = take_u32(&mut rest)? as usize;
            let stored_length = take_u32(&mut rest)? as usize;
            mark = crc32c::crc32c_append(mark, &lengths[..8]);
            if raw_length == 0 {
                verify(&mut rest, mark, "end")?;
                if stored_length != blocks || !rest.is_empty() {
                    return Err("it does not end where it should".to_string());
                }
                return Ok((header, mark, Self { raw, position: 0 }));
            }
            let stored = rest
                .get(4..)
                .and_then(|bytes| bytes.get(..stored_length))
                .ok_or("it is cut off")?;
            mark = crc32c::crc32c_append(mark, stored);
            verify(&mut rest, mark, "block")?;
            rest = &rest[stored_length..];
            raw.extend_from_slice(&compression.decompress(stored, raw_length)?);
            blocks += 1;
        }
    }

    /// Whether all records have been read.
    pub fn is_at_end(&self) -> bool {
        self.position == self.raw.len()
    }

    /// A byte.
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    /// A count or length.
    pub fn count(&mut self) -> Result<usize> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
    }

    /// A word.
    pub fn u64(&mut self) -> Result<u64> {
        let mut word = [0; 8];
        word.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(word))
    }

    /// As many words as `words` has.
    pub fn words(&mut self, words: &mut [u64]) -> Result<()> {
        let bytes = self.take(words.len() * 8)?;
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Ok(())
    }

    /// Bytes with their length before them.
    pub fn bytes(&mut self) -> Result<&[u8]> {
        let length = self.count()?;
        self.take(length)
    }

    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&[u8]> {
        let bytes = self.raw[self.position..].get(..count);
        let bytes = bytes.ok_or_else(|| Error::internal("a record of a state file is cut off"))?;
        self.position += count;
        Ok(bytes)
    }
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> std::result::Result<&'a [u8], Damage> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or("it is cut off")?;
    *bytes = rest;
    Ok(taken)
}

fn take_u32(bytes: &mut &[u8]) -> std::result::Result<u32, Damage> {
    let taken = take(bytes, 4)?;
    Ok(u32::from_le_bytes([taken[0], taken[1], taken[2], taken[3]]))
}

fn verify(bytes: &mut &[u8], computed: u32, what: &str) -> std::result::Result<(), Damage> {
    let stored = take_u32(bytes)?;
    if stored == computed {
        Ok(())
    } else {
        Err(format!(
            "the checksum of its {what} is {computed:08x}, it says {stored:08x}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &str, file: &[u8]) -> std::result::Result<(String, u32, RecordReader), Damage> {
        RecordReader::open::<String>(path, file, |header| match header.as_str() {
            "zstd" => Compression::Zstd,
            _ => Compression::Lz4,
        })
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        for (compression, header) in [(Compression::Lz4, "lz4"), (Compression::Zstd, "zstd")] {
            let mut writer = RecordWriter::new("state/0/1/2.delta", &header, compression).unwrap();
            for number in 0..3u64 {
                writer.begin_record().unwrap();
                writer.put_u64(number);
                writer.put_bytes(b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
                writer.end_block().unwrap();
            }
            let (file, mark) = writer.finish().unwrap();
            let (_, read_mark, mut records) = open("state/0/1/2.delta", &file).unwrap();
            assert_eq!((read_mark, records.u64().unwrap()), (mark, 0));
            assert!(open("state/0/1/3.delta", &file).is_err());
            for position in 0..file.len() {
                for bit in 0..8 {
                    let mut flipped = file.clone();
                    flipped[position] ^= 1 << bit;
                    assert!(
                        open("state/0/1/2.delta", &flipped).is_err(),
                        "byte {position} bit {bit}"
                    );
                }
                assert!(
                    open("state/0/1/2.delta", &file[..position]).is_err(),
                    "cut at {position}"
                );
            }
            assert!(open("state/0/1/2.delta", &[file.as_slice(), b"x"].concat()).is_err());
        }
    }
}
