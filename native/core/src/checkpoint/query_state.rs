//! The state of a whole query in its checkpoint: saved version by version, restored, snapshot in a thread of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::state_log::EncodedFile;
use super::{Checkpoint, Compression, FileMark, ShardLog};
use crate::error::{Error, ErrorCode, Result};
use crate::query::{StageState, StreamingQuery};
use crate::state::StateShape;

/// The newest state files: for each operator one entry a shard, null where the shard has no file.
pub type FileMarks = BTreeMap<usize, Vec<Option<String>>>;

/// How and how often state is written; see schema/config.toml.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateSettings {
    /// How files are compressed.
    pub compression: Compression,
    /// Deltas of a shard after which it gets a snapshot.
    pub min_deltas_for_snapshot: u32,
}

/// Snapshots that are asked for.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotRequest {
    /// The version that they are of.
    pub version: u64,
    /// What no version from this one on needs is removed.
    pub version_min: u64,
}

/// A stateful operator as a checkpoint knows it: two queries that agree here can take over each other's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorSchema {
    /// Spark's name.
    pub name: String,
    /// Shards.
    pub num_shards: usize,
    /// Types of what rows are found by.
    pub keys: Vec<String>,
    /// What is kept for each key.
    pub values: Vec<String>,
    /// By what rules it is kept: those under which the same bytes would mean something else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
    /// How it reads as rows.
    #[serde(default)]
    pub rows: StateShape,
}

/// What a restore found.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// Rows of state.
    pub num_rows: u64,
    /// Snapshots that were damaged and passed over for older ones.
    pub damaged: Vec<String>,
}

const NO_VERSION: u64 = u64::MAX;

/// What a query knows about its state files.
#[derive(Default)]
pub struct StateFiles {
    logs: Mutex<BTreeMap<(usize, usize), ShardLog>>,
    saved_version: AtomicU64,
    snapshots: Mutex<SnapshotWork>,
}

/// Who writes snapshots, and of what.
#[derive(Default)]
struct SnapshotWork {
    thread: Option<JoinHandle<Result<()>>>,
    /// What was asked for last, until the thread begins with it.
    wanted: Option<SnapshotRequest>,
    /// Whether the thread will look again at what is wanted.
    is_looking: bool,
}

impl StateFiles {
    /// A batch begins to change the state: what is in memory is no saved version any more.
    pub fn begin_changes(&self) {
        self.saved_version.store(NO_VERSION, Ordering::SeqCst);
    }

    /// Asks for snapshots; whether nobody is there to write them.
    fn want_snapshots(&self, request: SnapshotRequest) -> bool {
        let mut work = self.snapshots.lock();
        work.wanted = Some(request);
        !std::mem::replace(&mut work.is_looking, true)
    }

    /// What the thread that writes snapshots does next; without anything it ends.
    fn next_wanted(&self) -> Option<SnapshotRequest> {
        let mut work = self.snapshots.lock();
        let wanted = work.wanted.take();
        work.is_looking = wanted.is_some();
        wanted
    }

    /// The outcome of the thread that writes snapshots, where it has ended.
    fn take_finished_snapshots(&self) -> Result<()> {
        let is_at_work = |thread: &JoinHandle<Result<()>>| !thread.is_finished();
        if self.snapshots.lock().thread.as_ref().is_some_and(is_at_work) {
            Ok(())
        } else {
            self.join_snapshots()
        }
    }

    fn join_snapshots(&self) -> Result<()> {
        let thread = self.snapshots.lock().thread.take();
        match thread.map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(Error::internal("the thread that writes snapshots panicked")),
        }
    }
}

impl StreamingQuery {
    /// The stateful operators as a checkpoint knows them, in the order of their stages.
    pub fn operator_schemas(&self) -> Vec<OperatorSchema> {
        self.stages.iter().filter_map(StageState::operator_schema).collect()
    }

    fn stateful(&self) -> impl Iterator<Item = (usize, &StageState)> {
        let stages = self.stages.iter().filter(|stage| stage.operator_schema().is_some());
        stages.enumerate()
    }

    /// Writes what the last batch changed as `version`, durably. Returns what a commit must name. Fails with the first
    /// write that failed, a snapshot's included; then the query is not used again.
    pub fn save_version(&self, checkpoint: &Checkpoint, version: u64, settings: StateSettings) -> Result<FileMarks> {
        self.check_usable()?;
        self.state_files.take_finished_snapshots()?;
        let mut logs = self.state_files.logs.lock();
        let mut files = Vec::new();
        for (operator, stage) in self.stateful() {
            for shard in 0..stage.num_shards() {
                let Some(store) = stage.lock_shard(shard) else { continue };
                let log = logs
                    .entry((operator, shard))
                    .or_insert_with(|| ShardLog::new(operator, shard));
                let encoded = log.encode_delta(checkpoint, &*store, version, settings.compression)?;
                files.extend(encoded.map(|file| ((operator, shard), file)));
            }
        }
        write_side_by_side(checkpoint, &files).inspect_err(|_| self.poison())?;
        for (place, file) in files {
            if let Some(log) = logs.get_mut(&place) {
                log.advance(file.mark);
            }
        }
        self.state_files.saved_version.store(version, Ordering::SeqCst);
        let mark_of = |operator, shard| {
            logs.get(&(operator, shard))
                .and_then(ShardLog::head)
                .map(FileMark::to_text)
        };
        let marks_of = |(operator, stage): (usize, &StageState)| {
            (
                operator,
                (0..stage.num_shards()).map(|shard| mark_of(operator, shard)).collect(),
            )
        };
        Ok(self.stateful().map(marks_of).collect())
    }

    /// Brings the state of a new query to what a commit names. Fails with CHECKPOINT_CORRUPT.
    pub fn restore_version(&self, checkpoint: &Checkpoint, marks: &FileMarks) -> Result<Restored> {
        self.check_usable()?;
        let mut restored = Restored::default();
        let mut logs = self.state_files.logs.lock();
        for (operator, stage) in self.stateful() {
            for shard in 0..stage.num_shards() {
                let Some(mut store) = stage.lock_shard(shard) else {
                    continue;
                };
                let mark = marks.get(&operator).and_then(|marks| marks.get(shard)?.as_deref());
                let mark = FileMark::named(mark)?;
                let damaged = &mut restored.damaged;
                let log = ShardLog::restore(operator, shard, checkpoint, mark, &mut *store, damaged)
                    .inspect_err(|_| self.poison())?;
                restored.num_rows += store.num_rows();
                logs.insert((operator, shard), log);
            }
        }
        Ok(restored)
    }

    /// Lets a thread write snapshots of the shards that have many deltas, and remove what no retained version needs.
    /// Only state that still is of the version is taken: a batch that begins meanwhile goes first.
    pub fn snapshot_in_background(
        self: &Arc<Self>,
        checkpoint: &Arc<Checkpoint>,
        request: SnapshotRequest,
        settings: StateSettings,
    ) -> Result<()> {
        let is_due = |log: &ShardLog| log.deltas_since_snapshot() >= settings.min_deltas_for_snapshot;
        if !self.state_files.logs.lock().values().any(is_due) || !self.state_files.want_snapshots(request) {
            return Ok(());
        }
        self.state_files.join_snapshots()?;
        let (query, checkpoint) = (Arc::clone(self), Arc::clone(checkpoint));
        let work = move || {
            while let Some(request) = query.state_files.next_wanted() {
                query.write_snapshots(&checkpoint, request, settings)?;
            }
            Ok(())
        };
        let thread = std::thread::Builder::new()
            .name("millrace-snapshots".to_string())
            .spawn(work)
            .map_err(|error| Error::internal(format!("a thread for snapshots: {error}")))?;
        self.state_files.snapshots.lock().thread = Some(thread);
        Ok(())
    }

    fn write_snapshots(
        &self,
        checkpoint: &Checkpoint,
        request: SnapshotRequest,
        settings: StateSettings,
    ) -> Result<()> {
        for (operator, stage) in self.stateful() {
            for shard in 0..stage.num_shards() {
                let Some(store) = stage.lock_shard(shard) else { continue };
                if self.state_files.saved_version.load(Ordering::SeqCst) != request.version {
                    return Ok(());
                }
                let encoded = match self.state_files.logs.lock().get_mut(&(operator, shard)) {
                    Some(log) if log.deltas_since_snapshot() >= settings.min_deltas_for_snapshot => {
                        log.encode_snapshot(checkpoint, &*store, settings.compression)?
                    }
                    _ => None,
                };
                drop(store);
                let Some(file) = encoded else { continue };
                checkpoint.write(&file.path, &file.bytes)?;
                let folder = ShardLog::new(operator, shard);
                folder.purge(checkpoint, request.version_min)?;
            }
        }
        Ok(())
    }

    /// Waits for the thread that writes snapshots.
    pub fn finish_snapshots(&self) -> Result<()> {
        self.state_files.join_snapshots()
    }
}

/// How many files are written at once: a sync waits for the disk, not for a core.
const WRITERS_MAX: usize = 16;

fn write_side_by_side(checkpoint: &Checkpoint, files: &[((usize, usize), EncodedFile)]) -> Result<()> {
    let write = |files: &[((usize, usize), EncodedFile)]| -> Result<()> {
        let mut files = files.iter();
        files.try_for_each(|(_, file)| checkpoint.write(&file.path, &file.bytes))
    };
    if files.len() <= 1 {
        return write(files);
    }
    let outcomes: Vec<Result<()>> = std::thread::scope(|scope| {
        let writers: Vec<_> = files
            .chunks(files.len().div_ceil(WRITERS_MAX))
            .map(|files| scope.spawn(move || write(files)))
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    // Writes that began after one had failed say only that: the failure itself is what counts.
    let mut failures = outcomes.into_iter().filter_map(Result::err).collect::<Vec<_>>();
    failures.sort_by_key(|error| error.code() == ErrorCode::CheckpointPoisoned);
    failures.into_iter().next().map_or(Ok(()), Err)
}
