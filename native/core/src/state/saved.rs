//! A query's whole state as one durable file of the user's choice, and back: records of all shards in the format of
//! state files, under a header that says which query wrote them.

use std::path::Path;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::ShardStore;
use crate::checkpoint::{Compression, RecordReader, RecordWriter, Versioned};
use crate::error::{Error, ErrorCode, Result};
use crate::storage::{Disk, Store};

/// The file may be moved: its checksums don't know its name.
const PATH: &str = "";

/// What a saved state says about the query that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// What the state is made of: keys, window and functions as explain prints them.
    pub shape: String,
    /// Shards.
    pub num_shards: usize,
    /// The watermark that the next batch runs under, milliseconds.
    pub watermark_ms: i64,
    /// The watermark that the next batch judges late rows by, milliseconds.
    pub late_watermark_ms: i64,
    /// The last batch in it.
    pub batch_id: u64,
}

/// Writes the state of `shards` to `path`, durably.
pub fn write_saved(path: &Path, header: &Header, shards: &[Mutex<ShardStore>]) -> Result<()> {
    let mut records = RecordWriter::new(PATH, header, Compression::Lz4)?;
    for shard in shards {
        shard.lock().write_all(&mut records)?;
    }
    let (store, name) = store_of(path);
    store.write(&name, &records.finish()?.0)
}

/// Reads a saved state into empty shards. Fails with STATE_FILE_CORRUPT, or STATE_FILE_MISMATCH where another query wrote it.
pub fn read_saved(path: &Path, expected: &Header, shards: &[Mutex<ShardStore>]) -> Result<Header> {
    let (store, name) = store_of(path);
    let file = store.read(&name)?.ok_or_else(|| {
        Error::new(ErrorCode::FileReadFailed)
            .with("path", path.display().to_string())
            .with("reason", "there is no such file")
    })?;
    let opened = RecordReader::open(PATH, &file, |_: &Header| Compression::Lz4);
    let (header, _, mut records) = opened.map_err(|damage| {
        Error::new(ErrorCode::StateFileCorrupt)
            .with("path", path.display().to_string())
            .with("reason", damage)
    })?;
    let mismatch = |difference: String| {
        Error::new(ErrorCode::StateFileMismatch)
            .with("path", path.display().to_string())
            .with("difference", difference)
    };
    if header.shape != expected.shape {
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
        shard.lock().apply(&mut records)?;
    }
    Ok(header)
}

/// The folder of a file as a store, and the file's name in it.
fn store_of(path: &Path) -> (Store, String) {
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let attempt = std::process::id().to_string();
    (Store::new(Box::new(Disk::new(folder)), attempt), name.into_owned())
}
