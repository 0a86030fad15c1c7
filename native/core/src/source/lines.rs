//! Lines of a file: a byte range, or what is in a compressed file, to a column of views into the bytes read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Array, BinaryViewArray};
use arrow_buffer::{Buffer, ScalarBuffer};
use arrow_data::ByteView;
use serde::Deserialize;

use super::compressed::open_compressed;
use super::line_format::LineFormat;
use super::{Chunk, Place};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::{CHUNK_ROWS_MAX, RECORD_BYTES_MAX};

/// Bytes read at once beyond the range's end, where its last line goes on.
const TAIL_BYTES: usize = 64 * 1024;
/// Bytes of a compressed file's contents that are looked at at once.
const STREAM_BLOCK_BYTES: usize = 8 << 20;

/// A byte range of a file. Lines that begin in it belong to it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileRange {
    /// The reader's number.
    pub source: u32,
    /// The file.
    pub path: PathBuf,
    /// First byte.
    pub start: u64,
    /// Byte after the last.
    pub end: u64,
    /// Columns whose values are in the names of the file's folders.
    #[serde(default)]
    pub partitions: BTreeMap<String, Option<String>>,
    /// The file's URL, size and time, for the column `_metadata`.
    #[serde(default)]
    pub file: FileStatus,
    /// How it is cut into lines.
    #[serde(skip)]
    pub format: LineFormat,
}

/// What is known of a file besides its contents.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileStatus {
    /// Its URL.
    pub url: String,
    /// Bytes.
    pub size: i64,
    /// When it was changed last, milliseconds since 1970.
    pub modified_ms: i64,
}

/// Reads the lines as one text column; as one text for the whole file where `is_whole`.
pub fn read_text(range: &FileRange, is_whole: bool, each: &mut impl FnMut(Chunk) -> Result<()>) -> Result<u64> {
    let pass_on = |texts: BinaryViewArray, place| {
        let rows = texts.len();
        let raw = texts.clone();
        each(Chunk::new(vec![Arc::new(texts)], rows, place).with_raw(&raw))
    };
    if is_whole {
        read_whole(range, pass_on)
    } else {
        read_lines(range, pass_on)
    }
}

/// Reads the whole file as one text.
pub(super) fn read_whole(range: &FileRange, mut each: impl FnMut(BinaryViewArray, Place) -> Result<()>) -> Result<u64> {
    let bytes = whole_file(range)?;
    let length = bytes.len() as u64;
    let view = view_of(&bytes, 0);
    let texts = BinaryViewArray::try_new(vec![view].into(), vec![Buffer::from_vec(bytes)], None)?;
    let place = Place::File {
        path: range.path.clone(),
        starts: vec![0],
    };
    each(texts, place)?;
    Ok(length)
}

/// Reads the lines as columns of text, a chunk at a time.
pub(super) fn read_lines(range: &FileRange, mut each: impl FnMut(BinaryViewArray, Place) -> Result<()>) -> Result<u64> {
    if !range.format.is_usual() {
        return read_unusual(range, &mut each);
    }
    let failed = |error| failure(&range.path, &error);
    if let Some(stream) = open_compressed(&range.path).map_err(failed)? {
        return read_stream(stream, &range.path, &mut each);
    }
    let (bytes, first, limit) = read_range(range)?;
    let length = bytes.len() as u64;
    // The byte in the file of the buffer's first one.
    let base = range.start - first.base_back;
    cut_lines(
        &Buffer::from_vec(bytes),
        (first.line, limit),
        (&range.path, base),
        &mut each,
    )?;
    Ok(length)
}

/// Lines of a stream, block by block: what is in a compressed file need not fit into memory.
fn read_stream(
    mut stream: Box<dyn Read>,
    path: &Path,
    each: &mut impl FnMut(BinaryViewArray, Place) -> Result<()>,
) -> Result<u64> {
    let mut block: Vec<u8> = Vec::new();
    let mut base = 0;
    loop {
        let before = block.len();
        if before > RECORD_BYTES_MAX {
            return Err(Error::limit("bytes of a line", before, RECORD_BYTES_MAX)
                .in_context("path", path.display().to_string()));
        }
        block
            .try_reserve(STREAM_BLOCK_BYTES)
            .map_err(|_| Error::no_memory(STREAM_BLOCK_BYTES, "a block of a compressed file"))?;
        let count = (&mut stream)
            .take(STREAM_BLOCK_BYTES as u64)
            .read_to_end(&mut block)
            .map_err(|error| failure(path, &error))?;
        if count < STREAM_BLOCK_BYTES {
            let length = block.len();
            cut_lines(&Buffer::from_vec(block), (0, length), (path, base), each)?;
            return Ok(base + length as u64);
        }
        // The last byte may be the first of a \r\n.
        let Some(last) = memchr::memrchr2(b'\n', b'\r', &block[..block.len() - 1]) else {
            continue;
        };
        let end = last + 1 + usize::from(block[last] == b'\r' && block[last + 1] == b'\n');
        let rest = block.split_off(end);
        cut_lines(
            &Buffer::from_vec(std::mem::replace(&mut block, rest)),
            (0, end),
            (path, base),
            each,
        )?;
        base += end as u64;
    }
}

/// Lines of a whole file that is written or cut otherwise: places are those of its text as UTF-8.
fn read_unusual(range: &FileRange, each: &mut impl FnMut(BinaryViewArray, Place) -> Result<()>) -> Result<u64> {
    let text = Buffer::from_vec(whole_file(range)?);
    let mut at = 0;
    while at < text.len() {
        let (mut views, mut starts) = (Vec::new(), Vec::new());
        while at < text.len() && views.len() < CHUNK_ROWS_MAX {
            let (end, next) = range.format.line_at(&text, at);
            views.push(view_of(&text[at..end], at));
            starts.push(at as u64);
            at = next;
        }
        let texts = BinaryViewArray::try_new(views.into(), vec![text.clone()], None)?;
        let path = range.path.clone();
        each(texts, Place::File { path, starts })?;
    }
    Ok(text.len() as u64)
}

/// The text of a file as UTF-8, unpacked.
pub(super) fn whole_file(range: &FileRange) -> Result<Vec<u8>> {
    let path = range.path.as_path();
    let failed = |error: io::Error| failure(path, &error);
    let stream = match open_compressed(path).map_err(failed)? {
        Some(stream) => stream,
        None => Box::new(File::open(path).map_err(failed)?),
    };
    let mut bytes = Vec::new();
    let read = stream
        .take(RECORD_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if read > RECORD_BYTES_MAX {
        return Err(
            Error::limit("bytes of a file that is one record", read, RECORD_BYTES_MAX)
                .in_context("path", path.display().to_string()),
        );
    }
    range.format.encoding.decode(bytes)
}

/// Cuts the lines that begin in a range of a buffer, whose first byte is byte `base` of the file.
fn cut_lines(
    buffer: &Buffer,
    (first, limit): (usize, usize),
    (path, base): (&Path, u64),
    each: &mut impl FnMut(BinaryViewArray, Place) -> Result<()>,
) -> Result<()> {
    let text = buffer.as_slice();
    let mut views: Vec<u128> = Vec::with_capacity(CHUNK_ROWS_MAX);
    let mut starts: Vec<u64> = Vec::with_capacity(CHUNK_ROWS_MAX);
    let mut flush = |views: &mut Vec<u128>, starts: &mut Vec<u64>| -> Result<()> {
        let views = std::mem::replace(views, Vec::with_capacity(CHUNK_ROWS_MAX));
        let starts = std::mem::replace(starts, Vec::with_capacity(CHUNK_ROWS_MAX));
        let texts = BinaryViewArray::try_new(ScalarBuffer::from(views), vec![buffer.clone()], None)?;
        let path = path.to_path_buf();
        each(texts, Place::File { path, starts })
    };
    let mut start = first;
    let mut terminators = memchr::memchr2_iter(b'\n', b'\r', &text[start.min(text.len())..]).map(|found| found + first);
    while start < limit {
        let (end, next) = match terminators.next() {
            // \r\n is one terminator, and the \n of a \r\n that was looked at already is none.
            Some(at) if at < start => continue,
            Some(at) if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') => (at, at + 2),
            Some(at) => (at, at + 1),
            None => (text.len(), text.len()),
        };
        views.push(view_of(&text[start..end], start));
        starts.push(base + start as u64);
        start = next;
        if views.len() == CHUNK_ROWS_MAX {
            flush(&mut views, &mut starts)?;
        }
    }
    if !views.is_empty() {
        flush(&mut views, &mut starts)?;
    }
    Ok(())
}

/// Arrow's view of `bytes`, which stand at `place` of the only buffer.
#[inline]
pub(super) fn view_of(bytes: &[u8], place: usize) -> u128 {
    let length = bytes.len();
    if length <= 12 {
        let mut view = [0u8; 16];
        view[..4].copy_from_slice(&(length as u32).to_le_bytes());
        view[4..4 + length].copy_from_slice(bytes);
        return u128::from_le_bytes(view);
    }
    let prefix = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    ByteView {
        length: length as u32,
        prefix,
        buffer_index: 0,
        offset: place as u32,
    }
    .as_u128()
}

fn failure(path: &Path, error: &io::Error) -> Error {
    let code = match error.kind() {
        io::ErrorKind::NotFound => ErrorCode::PathNotFound,
        _ => ErrorCode::FileReadFailed,
    };
    Error::new(code)
        .with("path", path.display().to_string())
        .with("reason", error.to_string())
}

/// Where the first line of a range begins in the bytes read, and how many bytes before the range were read.
struct First {
    line: usize,
    base_back: u64,
}

/// Reads the range, the byte before it and the rest of its last line. Also says where lines must begin to belong to it.
fn read_range(range: &FileRange) -> Result<(Vec<u8>, First, usize)> {
    let failed = |error: io::Error| failure(&range.path, &error);
    let mut file = File::open(&range.path).map_err(failed)?;
    // The byte before tells whether a line begins at the first one.
    let base_back = u64::from(range.start > 0);
    file.seek(SeekFrom::Start(range.start - base_back)).map_err(failed)?;
    let wanted = usize::try_from(range.end.saturating_sub(range.start) + base_back)
        .ok()
        .filter(|&wanted| wanted <= RECORD_BYTES_MAX)
        .ok_or_else(|| Error::limit("bytes of a split", range.end, RECORD_BYTES_MAX))?;
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(wanted + TAIL_BYTES)
        .map_err(|_| Error::no_memory(wanted, "a split of a file"))?;
    (&mut file)
        .take(wanted as u64)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let limit = bytes.len();
    if limit < wanted {
        // It was longer when the batch was planned: the rows that are gone must not be passed over in silence.
        return Err(failed(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!(
                "it ends at byte {}, it had {} before",
                range.start - base_back + limit as u64,
                range.end
            ),
        )));
    }
    let line = if base_back == 0 {
        0
    } else {
        // A \r\n that the cut goes through ends the line before the range.
        match (bytes.first(), bytes.get(1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\n' | b'\r'), _) => 1,
            (Some(_), _) => match memchr::memchr2(b'\n', b'\r', &bytes) {
                Some(at) if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') => at + 2,
                Some(at) => at + 1,
                None => limit,
            },
            (None, _) => limit,
        }
    };
    // The last line goes on after the range.
    let ends_in_line = limit > 0 && !matches!(bytes[limit - 1], b'\n');
    if ends_in_line && line < limit {
        loop {
            let before = bytes.len();
            if before > RECORD_BYTES_MAX {
                return Err(Error::limit("bytes of a line", before, RECORD_BYTES_MAX)
                    .in_context("path", range.path.display().to_string()));
            }
            bytes
                .try_reserve(TAIL_BYTES)
                .map_err(|_| Error::no_memory(TAIL_BYTES, "the rest of a line"))?;
            let count = (&mut file)
                .take(TAIL_BYTES as u64)
                .read_to_end(&mut bytes)
                .map_err(failed)?;
            if count == 0 || memchr::memchr2(b'\n', b'\r', &bytes[before..]).is_some() {
                break;
            }
        }
    }
    Ok((bytes, First { line, base_back }, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn lines_of(path: &std::path::Path, start: u64, end: u64) -> Vec<(Vec<u8>, u64)> {
        let mut found = Vec::new();
        let range = FileRange {
            source: 0,
            path: path.to_path_buf(),
            start,
            end,
            partitions: BTreeMap::new(),
            file: FileStatus::default(),
            format: LineFormat::default(),
        };
        read_lines(&range, |texts, place| {
            let Place::File { starts, .. } = place else {
                panic!("no file")
            };
            for (row, start) in starts.into_iter().enumerate() {
                found.push((texts.value(row).to_vec(), start));
            }
            Ok(())
        })
        .unwrap();
        found
    }

    /// The obvious way: one byte after the other.
    fn naive_lines(text: &[u8]) -> Vec<(Vec<u8>, u64)> {
        let (mut found, mut line, mut start, mut at) = (Vec::new(), Vec::new(), 0, 0);
        while at < text.len() {
            if text[at] == b'\n' || text[at] == b'\r' {
                at += if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') {
                    2
                } else {
                    1
                };
                found.push((std::mem::take(&mut line), start));
                start = at as u64;
            } else {
                line.push(text[at]);
                at += 1;
            }
        }
        if start < text.len() as u64 {
            found.push((line, start));
        }
        found
    }

    proptest! {
        #[test]
        fn any_cut_gives_each_line_once(text in "[ab\r\n]{0,40}", cut in 0usize..41) {
            let text = text.as_bytes();
            let cut = cut.min(text.len()) as u64;
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text).unwrap();
            let length = text.len() as u64;
            let mut found = lines_of(file.path(), 0, cut);
            found.extend(lines_of(file.path(), cut, length));
            prop_assert_eq!(found, naive_lines(text));
        }
    }
}
