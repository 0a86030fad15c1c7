//! Lines of a file: a byte range, or what is in a compressed file, to columns of views into the bytes read.
//!
//! A block is read, its lines are passed on, and the line that it ends in goes to the front of the next: bytes are looked
//! at while they are in the cache, in memory that is used again unless somebody has kept a view of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Array, BinaryViewArray};
use arrow_buffer::Buffer;
use serde::Deserialize;

use super::compressed::open_compressed;
use super::line_ends::{LineEnds, behind_end};
use super::line_format::LineFormat;
use super::{Chunk, Place};
use crate::column::{TextsOf, ViewPlace, view_array};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::{CHUNK_ROWS_MAX, RECORD_BYTES_MAX};

/// Bytes read at once beyond the range's end, where its last line goes on.
const TAIL_BYTES: usize = 64 * 1024;
/// Bytes read at once: with what is made of them they stay in the second-level cache.
const BLOCK_BYTES: usize = 512 * 1024;
/// What editors and spreadsheets put before UTF-8: it is none of the first line, as in Hadoop's reader.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

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
        read_whole(range, whole_file(range)?, pass_on)
    } else {
        read_lines(range, pass_on)
    }
}

/// Passes on what is in the whole file as one text.
pub(super) fn read_whole(
    range: &FileRange,
    bytes: Vec<u8>,
    mut each: impl FnMut(BinaryViewArray, Place) -> Result<()>,
) -> Result<u64> {
    let length = bytes.len() as u64;
    let view = view_of(&bytes, 0);
    let texts = view_array(vec![view], [Buffer::from_vec(bytes)].into(), None)?;
    let place = Place::File {
        path: range.path.clone(),
        starts: vec![0],
    };
    each(texts, place)?;
    Ok(length)
}

/// Reads the lines as columns of text, a chunk at a time. Gives the bytes read.
pub(super) fn read_lines(range: &FileRange, mut each: impl FnMut(BinaryViewArray, Place) -> Result<()>) -> Result<u64> {
    if !range.format.is_usual() {
        return read_unusual(range, &mut each);
    }
    let failed = |error| failure(&range.path, &error);
    if let Some(stream) = open_compressed(&range.path).map_err(failed)? {
        return Blocks::new(stream, &range.path, 0).read(None, each);
    }
    let mut file = File::open(&range.path).map_err(failed)?;
    // The byte before tells whether a line begins at the first one.
    let begin = range.start.saturating_sub(1);
    file.seek(SeekFrom::Start(begin)).map_err(failed)?;
    Blocks::new(file, &range.path, begin).read(Some(range), each)
}

/// The bytes of a stream, block by block.
struct Blocks<'a, Stream> {
    stream: Stream,
    path: &'a Path,
    /// The byte of the file that the block begins with.
    base: u64,
    /// Room for the block; what is in it are the first `filled` bytes.
    room: Vec<u8>,
    filled: usize,
}

impl<'a, Stream: Read> Blocks<'a, Stream> {
    fn new(stream: Stream, path: &'a Path, base: u64) -> Self {
        Self {
            stream,
            path,
            base,
            room: Vec::new(),
            filled: 0,
        }
    }

    /// Passes on the lines that begin in `range`, or all of them. Gives the bytes read.
    fn read(
        mut self,
        range: Option<&FileRange>,
        mut each: impl FnMut(BinaryViewArray, Place) -> Result<()>,
    ) -> Result<u64> {
        let mut left = range.map_or(u64::MAX, |range| range.end.saturating_sub(self.base));
        // What stands before the first line belongs to the range before.
        let mut skips = range.is_some_and(|range| range.start > 0);
        let mut total = 0;
        loop {
            let wanted = usize::try_from(left).unwrap_or(BLOCK_BYTES).min(BLOCK_BYTES);
            let count = self.fill(wanted)?;
            total += count as u64;
            left -= count as u64;
            let is_last = left == 0 || count < wanted;
            if is_last && range.is_some() && left > 0 {
                return Err(self.shrunk(left));
            }
            // What a last \r means is not known before the byte behind it.
            let known = self.filled - usize::from(!is_last && self.filled > 0);
            let mut first = 0;
            if skips {
                first = match LineEnds::new(self.bytes(), 0).next().filter(|&at| at < known) {
                    Some(at) => behind_end(self.bytes(), at),
                    None if is_last => return Ok(total),
                    None => continue,
                };
            }
            if is_last {
                let limit = self.filled;
                if range.is_some() && first < limit && self.bytes().last() != Some(&b'\n') {
                    total += self.finish_line()?;
                }
                self.cut(first, self.filled, limit, &mut each)?;
                return Ok(total);
            }
            let Some(last) = memchr::memrchr2(b'\n', b'\r', &self.bytes()[..known]) else {
                continue;
            };
            let end = behind_end(self.bytes(), last);
            self.cut(first.min(end), end, end, &mut each)?;
            skips = false;
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.room[..self.filled]
    }

    /// Reads `wanted` bytes behind what is there, fewer only at the end of the stream.
    fn fill(&mut self, wanted: usize) -> Result<usize> {
        let failed = |error: io::Error| failure(self.path, &error);
        if self.filled > RECORD_BYTES_MAX {
            return Err(Error::limit("bytes of a line", self.filled, RECORD_BYTES_MAX)
                .in_context("path", self.path.display().to_string()));
        }
        let end = self.filled + wanted;
        if self.room.len() < end {
            // Twice as much at least: a long line must not be copied for each of its blocks.
            let room = (end + TAIL_BYTES).max(2 * self.filled);
            self.room
                .try_reserve_exact(room - self.room.len())
                .map_err(|_| Error::no_memory(room, "a block of a file"))?;
            self.room.resize(room, 0);
        }
        let mut count = 0;
        while count < wanted {
            match self.stream.read(&mut self.room[self.filled + count..end]) {
                Ok(0) => break,
                Ok(read) => count += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
        self.filled += count;
        Ok(count)
    }

    /// Reads on to the end of the line that the block ends in.
    fn finish_line(&mut self) -> Result<u64> {
        let mut total = 0;
        loop {
            let before = self.filled;
            let count = self.fill(TAIL_BYTES)?;
            total += count as u64;
            if count == 0 || memchr::memchr2(b'\n', b'\r', &self.bytes()[before..]).is_some() {
                return Ok(total);
            }
        }
    }

    /// Passes on the lines of the block that begin in `first..limit`; what stands from `end` on begins the next block.
    fn cut(
        &mut self,
        first: usize,
        end: usize,
        limit: usize,
        each: &mut impl FnMut(BinaryViewArray, Place) -> Result<()>,
    ) -> Result<()> {
        let buffer = Buffer::from_vec(std::mem::take(&mut self.room));
        let text = &buffer[..self.filled];
        // The mark is none of the first line, which begins in the range all the same.
        let (first, limit) = match self.base == 0 && first == 0 && text.starts_with(BYTE_ORDER_MARK) {
            true => (
                BYTE_ORDER_MARK.len(),
                limit.max(BYTE_ORDER_MARK.len() + 1).min(self.filled),
            ),
            false => (first, limit),
        };
        cut_lines(&buffer, text, (first, limit), (self.path, self.base), each)?;
        let rest = end..self.filled;
        (self.filled, self.base) = (rest.len(), self.base + end as u64);
        match buffer.into_vec::<u8>() {
            Ok(mut room) => {
                room.copy_within(rest, 0);
                self.room = room;
            }
            // Somebody holds a view of it.
            Err(buffer) => self.room.extend_from_slice(&buffer[rest]),
        }
        Ok(())
    }

    /// The file was longer when the batch was planned: the rows that are gone must not be passed over in silence.
    fn shrunk(&self, left: u64) -> Error {
        let end = self.base + self.filled as u64;
        let reason = format!("it ends at byte {end}, it had {} before", end + left);
        failure(self.path, &io::Error::new(io::ErrorKind::UnexpectedEof, reason))
    }
}

/// Lines of a whole file that is written or cut otherwise: places are those of its text as UTF-8.
fn read_unusual(range: &FileRange, each: &mut impl FnMut(BinaryViewArray, Place) -> Result<()>) -> Result<u64> {
    let text = Buffer::from_vec(whole_text(range)?);
    let cut = |at: usize| range.format.line_at(&text, at);
    cut_texts(&text, (0, text.len()), (&range.path, 0), cut, each)?;
    Ok(text.len() as u64)
}

/// The text of a file, without a mark of its encoding before it.
pub(super) fn whole_text(range: &FileRange) -> Result<Vec<u8>> {
    let mut bytes = whole_file(range)?;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// The text of a file as UTF-8, unpacked.
fn whole_file(range: &FileRange) -> Result<Vec<u8>> {
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

/// Cuts the lines that begin in a range of `text`, which a buffer begins with; its first byte is byte `base` of the file.
fn cut_lines(
    buffer: &Buffer,
    text: &[u8],
    (first, limit): (usize, usize),
    (path, base): (&Path, u64),
    each: &mut impl FnMut(BinaryViewArray, Place) -> Result<()>,
) -> Result<()> {
    let mut ends = LineEnds::new(text, first.min(text.len()));
    cut_texts(buffer, (first, limit), (path, base), |start| ends.cut(start), each)
}

/// Passes on the texts of a buffer that begin in `first..limit`, a chunk at a time. `cut` says where the text that begins at a
/// place ends, and where the next one begins; the buffer begins at byte `base` of the file.
pub(super) fn cut_texts(
    buffer: &Buffer,
    (first, limit): (usize, usize),
    (path, base): (&Path, u64),
    mut cut: impl FnMut(usize) -> (usize, usize),
    each: &mut impl FnMut(BinaryViewArray, Place) -> Result<()>,
) -> Result<()> {
    let mut at = first;
    while at < limit {
        let mut texts = TextsOf::with_capacity(buffer, CHUNK_ROWS_MAX)?;
        let mut starts: Vec<u64> = Vec::with_capacity(CHUNK_ROWS_MAX);
        while at < limit && texts.len() < CHUNK_ROWS_MAX {
            let (end, next) = cut(at);
            texts.push(at..end);
            starts.push(base + at as u64);
            at = next;
        }
        let path = path.to_path_buf();
        each(texts.finish(), Place::File { path, starts })?;
    }
    Ok(())
}

/// Arrow's view of `bytes`, which stand at `place` of the only buffer.
#[inline]
pub(super) fn view_of(bytes: &[u8], place: usize) -> u128 {
    let (buffer, offset) = (0, place as u32);
    crate::column::view_of(bytes, ViewPlace { buffer, offset })
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
        fn any_cut_gives_each_line_once(text in "[ab\r\n]{0,40}|[a\r\n]{300,700}", cut in 0usize..700, is_marked: bool) {
            let mark = if is_marked { BYTE_ORDER_MARK } else { b"" };
            let expected: Vec<_> = naive_lines(text.as_bytes())
                .into_iter()
                .map(|(line, start)| (line, start + mark.len() as u64))
                .collect();
            let text = [mark, text.as_bytes()].concat();
            let text = text.as_slice();
            let cut = cut.min(text.len()) as u64;
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(text).unwrap();
            let length = text.len() as u64;
            let mut found = lines_of(file.path(), 0, cut);
            found.extend(lines_of(file.path(), cut, length));
            prop_assert_eq!(found, expected);
        }
    }
}
