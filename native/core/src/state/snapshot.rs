//! A query's whole state as one durable file, and back.
//!
//! Payload, little-endian: u32 length and JSON of [`Header`]; then per shard u32 windows; per window i64 start, u32
//! groups, per group u32 key length (`u32::MAX` for the null of a text key), key bytes, accumulator words; u32 heap
//! values, each u32 length and bytes of a `HeapValue`. Format 2.

use std::path::Path;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::heap::HeapValue;
use super::{KeyView, ShardStore};
use crate::error::{Error, ErrorCode, Result};
use crate::storage;

const FORMAT: u32 = 2;
const NULL_KEY: u32 = u32::MAX;

/// What a snapshot says about the query that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// What the state is made of: keys, window and functions as explain prints them.
    pub shape: String,
    /// Shards.
    pub num_shards: usize,
    /// Words of accumulators in a group.
    pub words: usize,
    /// The watermark that the next batch runs under, milliseconds.
    pub watermark_ms: i64,
    /// The watermark that the next batch judges late rows by, milliseconds.
    pub late_watermark_ms: i64,
    /// The last batch in it.
    pub batch_id: u64,
}

/// Writes the state of `shards` to `path`, durably.
pub fn write_snapshot(path: &Path, header: &Header, shards: &[Mutex<ShardStore>]) -> Result<()> {
    let mut payload = Vec::new();
    let text = serde_json::to_vec(header).map_err(|error| Error::internal(error.to_string()))?;
    put_bytes(&mut payload, &text);
    for shard in shards {
        let shard = shard.lock();
        put_count(&mut payload, shard.windows().count());
        for (start, table) in shard.windows() {
            payload.extend_from_slice(&start.to_le_bytes());
            put_count(&mut payload, table.len());
            for row in 0..table.len() as u32 {
                table.key(row).with_bytes(|key| match key {
                    Some(bytes) => put_bytes(&mut payload, bytes),
                    None => payload.extend_from_slice(&NULL_KEY.to_le_bytes()),
                });
                for word in table.accumulators(row) {
                    payload.extend_from_slice(&word.to_le_bytes());
                }
            }
            put_count(&mut payload, table.heap_values().len());
            for value in table.heap_values() {
                put_bytes(&mut payload, &value.to_bytes());
            }
        }
    }
    storage::write_file(path, FORMAT, &payload)
}

/// Reads a snapshot into empty shards. Fails with STATE_FILE_CORRUPT, or STATE_FILE_MISMATCH where another query wrote it.
pub fn read_snapshot(path: &Path, expected: &Header, shards: &[Mutex<ShardStore>]) -> Result<Header> {
    let payload = storage::read_file(path, FORMAT)?;
    let mut cursor = Cursor { rest: &payload, path };
    let text = cursor.bytes()?;
    let header: Header = serde_json::from_slice(text).map_err(|error| cursor.corrupt(&error.to_string()))?;
    let mismatch = |difference: String| {
        Error::new(ErrorCode::StateFileMismatch)
            .with("path", path.display().to_string())
            .with("difference", difference)
    };
    if header.shape != expected.shape || header.words != expected.words {
        return Err(mismatch(format!(
            "it keeps {}, this query keeps {}",
            header.shape, expected.shape
        )));
    }
    if header.num_shards != shards.len() {
        return Err(mismatch(format!(
            "it has {} shards, this query has {}",
            header.num_shards,
            shards.len()
        )));
    }
    for shard in shards {
        let mut shard = shard.lock();
        for _ in 0..cursor.count()? {
            let start = cursor.long()?;
            let table = shard.window(start);
            for _ in 0..cursor.count()? {
                let length = cursor.count()?;
                let key = if length == NULL_KEY as usize {
                    KeyView::null()
                } else {
                    KeyView::of(cursor.take(length)?)
                };
                let row = table.find_or_insert(key, 0)?;
                let mut words = Vec::with_capacity(header.words);
                for _ in 0..header.words {
                    words.push(cursor.long()? as u64);
                }
                table.set_accumulators(row, &words);
            }
            for _ in 0..cursor.count()? {
                table.push_heap_value(HeapValue::from_bytes(cursor.bytes()?)?)?;
            }
        }
    }
    Ok(header)
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_count(out, bytes.len());
    out.extend_from_slice(bytes);
}

struct Cursor<'a> {
    rest: &'a [u8],
    path: &'a Path,
}

impl<'a> Cursor<'a> {
    fn corrupt(&self, reason: &str) -> Error {
        Error::new(ErrorCode::StateFileCorrupt)
            .with("path", self.path.display().to_string())
            .with("reason", reason)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| self.corrupt("it is cut off"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn count(&mut self) -> Result<usize> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
    }

    fn long(&mut self) -> Result<i64> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(i64::from_le_bytes(bytes))
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.count()?;
        self.take(length)
    }
}
