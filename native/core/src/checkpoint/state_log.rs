//! Which files make up the state of one shard: deltas that each name the one before, and snapshots beside them.
//!
//! ```text
//! state/<operator>/<shard>/  1.delta <- 2.delta <- 5.delta <- 6.delta        the commit names the newest by version and mark
//!                                        5.snapshot                          the whole state after 5.delta
//! ```
//!
//! Version N + 1 is the state after batch N, as in Spark. A batch that changed nothing in a shard leaves no file there.

use serde::{Deserialize, Serialize};

use super::state_file::Damage;
use super::{Checkpoint, Compression, RecordReader, RecordWriter};
use crate::error::{Error, ErrorCode, Result};

/// A store of one shard whose contents can be kept in state files.
pub trait Versioned {
    /// Writes the rows that the last batch touched, and what went in it.
    fn write_changes(&self, out: &mut RecordWriter) -> Result<()>;

    /// Number of rows.
    fn num_rows(&self) -> u64;

    /// Writes all rows.
    fn write_all(&self, out: &mut RecordWriter) -> Result<()>;

    /// Says that a snapshot of `rows` rows is about to be read.
    fn expect_rows(&mut self, _rows: u64) {}

    /// Takes in what either wrote, up to the end.
    fn apply(&mut self, records: &mut RecordReader) -> Result<()>;
}

/// Names a delta: its version and its last checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMark {
    /// The version that the state has with it.
    pub version: u64,
    /// The checksum at its end, which stands for all of it.
    pub checksum: u32,
}

impl FileMark {
    /// `7:0badcafe`, as commits have it.
    pub fn to_text(self) -> String {
        format!("{}:{:08x}", self.version, self.checksum)
    }

    /// What a commit names for a shard; nothing where that has no file.
    pub fn named(text: Option<&str>) -> Result<Option<Self>> {
        let unreadable = |text: &str| Error::internal(format!("{text} names no state file"));
        text.map(|text| Self::parse(text).ok_or_else(|| unreadable(text)))
            .transpose()
    }

    /// What [`Self::to_text`] gave.
    fn parse(text: &str) -> Option<Self> {
        let (version, checksum) = text.split_once(':')?;
        Some(Self {
            version: version.parse().ok()?,
            checksum: u32::from_str_radix(checksum, 16).ok()?,
        })
    }
}

/// What a state file says about itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    format: u32,
    /// The start of the query that wrote it.
    attempt: String,
    compression: Compression,
    /// Of a delta: the one before, if any. Of a snapshot: the delta after which it is the state.
    after: Option<String>,
    /// Rows of the shard's state with it.
    num_rows: u64,
}

const FORMAT: u32 = 1;

/// A state file that is to be written.
pub struct EncodedFile {
    /// Where it goes.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// The delta that it is, or that it is the state after.
    pub mark: FileMark,
}

/// The files of one shard.
#[derive(Debug)]
pub struct ShardLog {
    folder: String,
    head: Option<FileMark>,
    deltas_since_snapshot: u32,
}

impl ShardLog {
    /// The log of a shard that has no files yet.
    pub fn new(operator: usize, shard: usize) -> Self {
        Self {
            folder: format!("state/{operator}/{shard}"),
            head: None,
            deltas_since_snapshot: 0,
        }
    }

    /// The newest delta.
    pub fn head(&self) -> Option<FileMark> {
        self.head
    }

    /// Deltas that a restart would read after the newest snapshot.
    pub fn deltas_since_snapshot(&self) -> u32 {
        self.deltas_since_snapshot
    }

    /// What the last batch changed, as a file of `version`; none where it changed nothing. [`Self::advance`] follows once
    /// the file is durable.
    pub fn encode_delta(
        &self,
        checkpoint: &Checkpoint,
        store: &dyn Versioned,
        version: u64,
        compression: Compression,
    ) -> Result<Option<EncodedFile>> {
        let path = format!("{}/{version}.delta", self.folder);
        let mut records = RecordWriter::new(
            &path,
            &header(checkpoint, compression, self.head, store.num_rows()),
            compression,
        )?;
        store.write_changes(&mut records)?;
        if records.records() == 0 {
            return Ok(None);
        }
        let (bytes, checksum) = records.finish()?;
        let mark = FileMark { version, checksum };
        Ok(Some(EncodedFile { path, bytes, mark }))
    }

    /// The delta `mark` is durable.
    pub fn advance(&mut self, mark: FileMark) {
        self.head = Some(mark);
        self.deltas_since_snapshot += 1;
    }

    /// The snapshot of a store that stands after the newest delta: to be written at leisure.
    pub fn encode_snapshot(
        &mut self,
        checkpoint: &Checkpoint,
        store: &dyn Versioned,
        compression: Compression,
    ) -> Result<Option<EncodedFile>> {
        let Some(mark) = self.head else { return Ok(None) };
        let path = format!("{}/{}.snapshot", self.folder, mark.version);
        let mut records = RecordWriter::new(
            &path,
            &header(checkpoint, compression, self.head, store.num_rows()),
            compression,
        )?;
        store.write_all(&mut records)?;
        self.deltas_since_snapshot = 0;
        let (bytes, _) = records.finish()?;
        Ok(Some(EncodedFile { path, bytes, mark }))
    }

    /// Brings an empty store to the state after the delta `head`. `damaged` gets the paths of snapshots that had to be
    /// passed over for an older one. Fails with CHECKPOINT_CORRUPT.
    pub fn restore(
        operator: usize,
        shard: usize,
        checkpoint: &Checkpoint,
        head: Option<FileMark>,
        store: &mut dyn Versioned,
        damaged: &mut Vec<String>,
    ) -> Result<Self> {
        let mut log = Self::new(operator, shard);
        log.head = head;
        log.replay(checkpoint, u64::MAX, store, damaged)?;
        Ok(log)
    }

    /// The same from the newest snapshot of a version up to `version_max`. Fails with
    /// CANNOT_LOAD_STATE_STORE.CANNOT_READ_MISSING_SNAPSHOT_FILE where there is none.
    pub fn restore_from(
        operator: usize,
        shard: usize,
        checkpoint: &Checkpoint,
        head: Option<FileMark>,
        version_max: u64,
        store: &mut dyn Versioned,
    ) -> Result<()> {
        let mut log = Self::new(operator, shard);
        log.head = head;
        if log.replay(checkpoint, version_max, store, &mut Vec::new())? {
            return Ok(());
        }
        let path = format!("{}/{version_max}.snapshot", log.folder);
        Err(Error::new(ErrorCode::CannotLoadStateStoreCannotReadMissingSnapshotFile)
            .with("fileToRead", checkpoint.store().describe(&path))
            .with("clazz", "ShardLog"))
    }

    /// The deltas of versions from `version_min` on, up to `head`, in order, and the newest delta before them.
    pub fn deltas_since(
        operator: usize,
        shard: usize,
        checkpoint: &Checkpoint,
        head: Option<FileMark>,
        version_min: u64,
    ) -> Result<(Option<FileMark>, Vec<Delta>)> {
        let log = Self::new(operator, shard);
        let (mut at, mut deltas) = (head, Vec::new());
        while let Some(mark) = at.filter(|mark| mark.version >= version_min) {
            let (after, delta) = log.read_delta(checkpoint, mark)?;
            at = after;
            deltas.push(delta);
        }
        deltas.reverse();
        Ok((at, deltas))
    }

    /// Reads a snapshot of a version up to `version_max` and the deltas behind it, or all deltas. Whether there was a snapshot.
    fn replay(
        &mut self,
        checkpoint: &Checkpoint,
        version_max: u64,
        store: &mut dyn Versioned,
        damaged: &mut Vec<String>,
    ) -> Result<bool> {
        let (mut deltas, mut at, mut has_snapshot) = (Vec::new(), self.head, false);
        while let Some(mark) = at {
            let path = format!("{}/{}.snapshot", self.folder, mark.version);
            let snapshot = if mark.version <= version_max {
                read(checkpoint, &path)
            } else {
                Ok(None)
            };
            match snapshot {
                Ok(Some(mut snapshot)) if snapshot.after == Some(mark) => {
                    store.expect_rows(snapshot.num_rows);
                    apply(checkpoint, &path, &mut snapshot.records, store)?;
                    has_snapshot = true;
                    break;
                }
                Ok(None) => {}
                Ok(Some(_)) => damaged.push(path),
                Err(error) if error.code() == ErrorCode::CheckpointCorrupt => damaged.push(path),
                Err(error) => return Err(error),
            }
            let (after, delta) = self.read_delta(checkpoint, mark)?;
            at = after;
            deltas.push(delta);
        }
        self.deltas_since_snapshot = deltas.len() as u32;
        deltas
            .into_iter()
            .rev()
            .try_for_each(|delta| delta.apply(checkpoint, store))?;
        Ok(has_snapshot)
    }

    /// The delta that `mark` names, and the one before it.
    fn read_delta(&self, checkpoint: &Checkpoint, mark: FileMark) -> Result<(Option<FileMark>, Delta)> {
        let path = format!("{}/{}.delta", self.folder, mark.version);
        let file = read(checkpoint, &path)?.ok_or_else(|| corrupt(checkpoint, &path, "it is not there"))?;
        if file.checksum != mark.checksum {
            return Err(corrupt(checkpoint, &path, "it is another batch's or another start's"));
        }
        let (version, records) = (mark.version, file.records);
        Ok((file.after, Delta { version, path, records }))
    }

    /// Removes what no version from `version_min` on needs.
    pub fn purge(&self, checkpoint: &Checkpoint, version_min: u64) -> Result<()> {
        let files = checkpoint.store().list(&self.folder)?;
        let version_of = |name: &str| -> Option<(u64, bool)> {
            let (version, kind) = name.split_once('.')?;
            Some((version.parse().ok()?, kind == "snapshot"))
        };
        let newest_needed = files
            .iter()
            .filter_map(|name| version_of(name))
            .filter(|&(version, is_snapshot)| is_snapshot && version <= version_min)
            .map(|(version, _)| version)
            .max();
        let Some(newest_needed) = newest_needed else {
            return Ok(());
        };
        for name in files {
            if version_of(&name).is_some_and(|(version, _)| version < newest_needed) {
                checkpoint.remove(&format!("{}/{name}", self.folder))?;
            }
        }
        Ok(())
    }
}

fn header(checkpoint: &Checkpoint, compression: Compression, after: Option<FileMark>, num_rows: u64) -> Header {
    Header {
        format: FORMAT,
        attempt: checkpoint.store().attempt().to_string(),
        compression,
        after: after.map(FileMark::to_text),
        num_rows,
    }
}

/// What a batch changed, verified.
pub struct Delta {
    version: u64,
    path: String,
    records: RecordReader,
}

impl Delta {
    /// The version that the state has with it.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Brings a store from the version before to this one.
    pub fn apply(mut self, checkpoint: &Checkpoint, store: &mut dyn Versioned) -> Result<()> {
        apply(checkpoint, &self.path, &mut self.records, store)
    }
}

/// A verified state file.
pub(super) struct StateFile {
    pub checksum: u32,
    pub after: Option<FileMark>,
    pub num_rows: u64,
    records: RecordReader,
}

/// A verified file; none where there is none.
fn read(checkpoint: &Checkpoint, path: &str) -> Result<Option<StateFile>> {
    let Some(bytes) = checkpoint.store().read(path)? else {
        return Ok(None);
    };
    let opened = open_file(path, &bytes);
    opened.map(Some).map_err(|damage| corrupt(checkpoint, path, &damage))
}

/// Verifies the bytes of the file at `path`.
pub(super) fn open_file(path: &str, bytes: &[u8]) -> std::result::Result<StateFile, Damage> {
    let (header, checksum, records) = RecordReader::open(path, bytes, |header: &Header| header.compression)?;
    if header.format != FORMAT {
        return Err(format!("it has format {}, expected {FORMAT}", header.format));
    }
    Ok(StateFile {
        checksum,
        after: header.after.as_deref().and_then(FileMark::parse),
        num_rows: header.num_rows,
        records,
    })
}

fn apply(checkpoint: &Checkpoint, path: &str, records: &mut RecordReader, store: &mut dyn Versioned) -> Result<()> {
    // The file is as it was written: records that make no sense are a bug or another query's.
    store.apply(records).map_err(|error| {
        if error.code() == ErrorCode::InternalError {
            corrupt(checkpoint, path, &error.message())
        } else {
            error
        }
    })
}

fn corrupt(checkpoint: &Checkpoint, path: &str, reason: &str) -> Error {
    Error::new(ErrorCode::CheckpointCorrupt)
        .with("path", checkpoint.store().describe(path))
        .with("reason", reason)
}
