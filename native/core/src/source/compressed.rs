//! Compressed files, known by the ends of their names, as streams of what is in them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::limits::COMPRESSED_BLOCK_BYTES_MAX;

/// The bytes in a compressed file; none where its name says that it is not compressed.
pub fn open_compressed(path: &Path) -> io::Result<Option<Box<dyn Read>>> {
    match codec_of(path) {
        None => Ok(None),
        Some(extension) => decompressor(extension, BufReader::new(File::open(path)?)),
    }
}

/// What is in a file of this extension; none where that names no codec.
pub fn decompressor<'a>(extension: &str, file: impl BufRead + 'a) -> io::Result<Option<Box<dyn Read + 'a>>> {
    Ok(Some(match extension {
        "gz" => Box::new(MultiGzDecoder::new(file)),
        "deflate" => Box::new(ZlibDecoder::new(file)),
        "zst" => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
        "snappy" => Box::new(HadoopBlocks::new(file, |compressed, _| {
            snap::raw::Decoder::new()
                .decompress_vec(compressed)
                .map_err(|error| error.to_string())
        })),
        "lz4" => Box::new(HadoopBlocks::new(file, |compressed, length| {
            lz4_flex::block::decompress(compressed, length).map_err(|error| error.to_string())
        })),
        _ => return Ok(None),
    }))
}

/// Whether a file is a stream from its first byte to its last.
pub fn is_compressed(path: &Path) -> bool {
    codec_of(path).is_some()
}

fn codec_of(path: &Path) -> Option<&str> {
    let extension = path.extension()?.to_str()?;
    ["gz", "zst", "deflate", "snappy", "lz4"]
        .contains(&extension)
        .then_some(extension)
}

type Decompress = fn(&[u8], usize) -> Result<Vec<u8>, String>;

/// Hadoop's blocks: a block's length, then pieces of it, each behind its compressed length; lengths big-endian.
struct HadoopBlocks<R> {
    file: R,
    decompress: Decompress,
    piece: Vec<u8>,
    at: usize,
    /// Bytes of the block that are in pieces to come.
    left: usize,
}

impl<R: Read> HadoopBlocks<R> {
    fn new(file: R, decompress: Decompress) -> Self {
        Self {
            file,
            decompress,
            piece: Vec::new(),
            at: 0,
            left: 0,
        }
    }

    /// The next four bytes as a length; none at the end of the file.
    fn length(&mut self) -> io::Result<Option<usize>> {
        let mut bytes = [0; 4];
        let mut filled = 0;
        while filled < 4 {
            match self.file.read(&mut bytes[filled..])? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => filled += count,
            }
        }
        let length = u32::from_be_bytes(bytes) as usize;
        if length > COMPRESSED_BLOCK_BYTES_MAX {
            return Err(damaged(format!("a block of {length} bytes")));
        }
        Ok(Some(length))
    }

    /// Unpacks the next piece; false at the end of the file.
    fn next_piece(&mut self) -> io::Result<bool> {
        while self.left == 0 {
            match self.length()? {
                None => return Ok(false),
                Some(length) => self.left = length,
            }
        }
        let length = self.length()?.ok_or(ErrorKind::UnexpectedEof)?;
        let mut compressed = Vec::new();
        let read = (&mut self.file).take(length as u64).read_to_end(&mut compressed)?;
        if read < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.piece = (self.decompress)(&compressed, self.left).map_err(damaged)?;
        self.at = 0;
        if self.piece.is_empty() || self.piece.len() > self.left {
            return Err(damaged("a piece that is not of its block".to_string()));
        }
        self.left -= self.piece.len();
        Ok(true)
    }
}

impl<R: Read> Read for HadoopBlocks<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() && !self.next_piece()? {
            return Ok(0);
        }
        let count = out.len().min(self.piece.len() - self.at);
        out[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn damaged(reason: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}
