//! What a query keeps on disk so that it can go on after a restart, in files that can be told from damaged ones.
//!
//! `log_text` seals the text files that Spark reads too, `state_file` is the format of state, `state_log` which files make
//! up a version of a shard, `query_state` saves and restores those of a query,
//! `inspect` looks at files without their query. docs/design/checkpoint.md has the layout byte by byte.

mod inspect;
pub(crate) mod log_text;
mod query_state;
mod registry;
mod state_file;
mod state_log;

pub use inspect::FileReport;
pub use query_state::{FileMarks, OperatorSchema, Restored, SnapshotRequest, StateFiles, StateSettings};
pub use registry::{close, get, open};
pub use state_file::{Compression, RecordReader, RecordWriter};
pub use state_log::{Delta, FileMark, ShardLog, Versioned};

use crate::error::{Error, ErrorCode, Result};
use crate::storage::{Storage, Store};

const LOCK: &str = ".lock";
const OWNER: &str = ".owner";

/// Who has a checkpoint open.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Owner {
    /// Names this start of the query among all starts.
    pub attempt: String,
    /// Its process.
    pub pid: u32,
    /// The host that it runs on.
    pub host: String,
}

/// A checkpoint directory that this process owns, or only looks at.
pub struct Checkpoint {
    store: Store,
    /// Held as long as the checkpoint is open; none where it is only looked at.
    lock: Option<Box<dyn Send + Sync>>,
}

impl Checkpoint {
    /// Takes a checkpoint for a query that will write to it. Fails with CHECKPOINT_LOCKED where somebody has it.
    pub fn own(storage: Box<dyn Storage>, owner: &Owner) -> Result<Self> {
        let store = Store::new(storage, owner.attempt.clone());
        let Some(lock) = store.lock(LOCK)? else {
            return Err(named(ErrorCode::CheckpointLocked, &store, &read_owner(&store)));
        };
        let text = serde_json::to_string(owner).map_err(|error| Error::internal(error.to_string()))?;
        store.write(OWNER, text.as_bytes())?;
        // A zombie whose file goes here can see whose the checkpoint is.
        for folder in folders(&store)? {
            store.sweep(&folder)?;
        }
        Ok(Self {
            store,
            lock: Some(lock),
        })
    }

    /// Opens a checkpoint to be read.
    pub fn look_at(storage: Box<dyn Storage>) -> Self {
        Self {
            store: Store::new(storage, "reader"),
            lock: None,
        }
    }

    /// The files.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Fails with CHECKPOINT_FENCED where another attempt owns the checkpoint now, as can happen on file systems whose
    /// locks do not reach every host. Asked before each change, so that a zombie overwrites nothing.
    fn check_owned(&self) -> Result<()> {
        if self.lock.is_none() {
            return Err(Error::internal("a checkpoint that is only looked at cannot be written"));
        }
        match read_owner(&self.store) {
            Some(owner) if owner.attempt == self.store.attempt() => Ok(()),
            owner => Err(named(ErrorCode::CheckpointFenced, &self.store, &owner)),
        }
    }

    /// Writes a file, durably.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.write_if(path, bytes, || self.check_owned())
    }

    /// Whoever takes a checkpoint over sweeps what is half written: where that was the reason, it is named instead of the file.
    fn write_if(&self, path: &str, bytes: &[u8], may_write: impl Fn() -> Result<()>) -> Result<()> {
        let outcome = self.store.write_if(path, bytes, may_write);
        outcome.map_err(|error| match read_owner(&self.store) {
            Some(owner) if owner.attempt != self.store.attempt() => {
                named(ErrorCode::CheckpointFenced, &self.store, &Some(owner))
            }
            _ => error,
        })
    }

    /// Removes a file that no retained version needs.
    pub fn remove(&self, path: &str) -> Result<()> {
        self.check_owned()?;
        self.store.remove(path)
    }

    /// Writes an entry of a log: text whose JSON line gets a checksum.
    pub fn write_log(&self, path: &str, text: &str) -> Result<()> {
        let sealed = log_text::seal(path, text, self.store.attempt())
            .ok_or_else(|| Error::internal(format!("the entry {path} has no JSON object")))?;
        self.write(path, sealed.as_bytes())
    }

    /// The text of a log's entry as it was written; none where there is none. Fails with CHECKPOINT_CORRUPT.
    pub fn read_log(&self, path: &str) -> Result<Option<String>> {
        let Some(bytes) = self.store.read(path)? else {
            return Ok(None);
        };
        log_text::open(path, bytes).map(Some).map_err(|reason| {
            Error::new(ErrorCode::CheckpointCorrupt)
                .with("path", self.store.describe(path))
                .with("reason", reason)
        })
    }

    /// Removes entries of a log.
    pub fn remove_logs(&self, folder: &str, names: &[String]) -> Result<()> {
        self.check_owned()?;
        self.store.remove_durably(folder, names)
    }
}

/// The folders that a checkpoint may have files in.
fn folders(store: &Store) -> Result<Vec<String>> {
    let mut folders: Vec<String> = ["", "offsets", "commits", "sources", "state"]
        .map(str::to_string)
        .to_vec();
    for source in store.list("sources")? {
        folders.push(format!("sources/{source}"));
    }
    for operator in store.list("state")? {
        folders.push(format!("state/{operator}"));
        folders.push(format!("state/{operator}/_metadata"));
        let mut shards = store.list(&format!("state/{operator}"))?;
        shards.retain(|shard| shard.parse::<u64>().is_ok());
        folders.extend(shards.iter().map(|shard| format!("state/{operator}/{shard}")));
    }
    Ok(folders)
}

/// Who says to own a checkpoint; nobody where the note cannot be read.
fn read_owner(store: &Store) -> Option<Owner> {
    let bytes = store.read(OWNER).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn named(code: ErrorCode, store: &Store, owner: &Option<Owner>) -> Error {
    let (pid, host) = owner.as_ref().map_or(("?".to_string(), "?".to_string()), |owner| {
        (owner.pid.to_string(), owner.host.clone())
    });
    Error::new(code)
        .with("path", store.describe(""))
        .with("pid", pid)
        .with("host", host)
}

/// For tests of what is kept in checkpoints.
#[cfg(test)]
pub mod testing {
    use super::{Compression, RecordReader, RecordWriter};
    use crate::error::Result;

    /// Lets `read` have what `write` writes, by way of a state file; nothing where there is no record.
    pub fn through_a_file(
        write: impl FnOnce(&mut RecordWriter) -> Result<()>,
        read: impl FnOnce(&mut RecordReader) -> Result<()>,
    ) {
        let mut out = RecordWriter::new("test", &"", Compression::Lz4).unwrap();
        write(&mut out).unwrap();
        if out.records() == 0 {
            return;
        }
        let (file, _) = out.finish().unwrap();
        let opened = RecordReader::open::<String>("test", &file, |_| Compression::Lz4);
        let (_, _, mut records) = opened.unwrap();
        read(&mut records).unwrap();
        assert!(records.is_at_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Faults, Simulated};

    fn owner(attempt: &str) -> Owner {
        Owner {
            attempt: attempt.to_string(),
            pid: 1,
            host: "h".to_string(),
        }
    }

    #[test]
    fn one_owner_at_a_time_and_a_zombie_writes_nothing() {
        let disk = Simulated::new(1, Faults::default());
        let own = |attempt: &str| Checkpoint::own(Box::new(disk.clone()), &owner(attempt));
        let first = own("a").unwrap();
        first.write_log("commits/0", "v1\n{}").unwrap();
        let refusal = own("b").err().unwrap();
        assert_eq!(refusal.code(), ErrorCode::CheckpointLocked);
        assert_eq!(refusal.parameter("pid"), Some("1"));
        // Where locks do not hold, the second comes through; the first is told before it writes.
        disk.lose_power();
        let second = own("b").unwrap();
        assert_eq!(
            first.write_log("commits/1", "v1\n{}").err().unwrap().code(),
            ErrorCode::CheckpointFenced
        );
        second.write_log("commits/1", "v1\n{}").unwrap();
        assert_eq!(second.read_log("commits/0").unwrap().as_deref(), Some("v1\n{}"));
    }

    #[test]
    fn a_zombie_whose_file_was_swept_is_told_whose_the_checkpoint_is() {
        let disk = Simulated::new(1, Faults::default());
        let own = |attempt: &str| Checkpoint::own(Box::new(disk.clone()), &owner(attempt)).unwrap();
        let first = own("a");
        first.write("state/0/0/1.delta", b"before").unwrap();
        let questions = std::cell::Cell::new(0);
        let outcome = first.write_if("state/0/0/2.delta", b"a zombie's", || {
            questions.set(questions.get() + 1);
            let answer = first.check_owned();
            if questions.get() == 2 {
                // Right behind the answer, before the file gets its name.
                disk.lose_power();
                own("b");
            }
            answer
        });
        assert_eq!(outcome.err().unwrap().code(), ErrorCode::CheckpointFenced);
        assert!(disk.read("state/0/0/2.delta").is_err());
    }

    #[test]
    fn what_is_taken_over_while_a_file_is_made_is_not_overwritten() {
        let disk = Simulated::new(1, Faults::default());
        let own = |attempt: &str| Checkpoint::own(Box::new(disk.clone()), &owner(attempt)).unwrap();
        let first = own("a");
        let questions = std::cell::Cell::new(0);
        let outcome = first.store.write_if("state/0/0/1.delta", b"a zombie's", || {
            questions.set(questions.get() + 1);
            if questions.get() == 2 {
                // The bytes are on the disk, under another name.
                disk.lose_power();
                own("b").write("state/0/0/1.delta", b"the owner's").unwrap();
            }
            first.check_owned()
        });
        assert_eq!(outcome.err().unwrap().code(), ErrorCode::CheckpointFenced);
        assert_eq!(questions.get(), 2);
        assert_eq!(disk.read("state/0/0/1.delta").unwrap(), b"the owner's");
        assert_eq!(
            first.remove("state/0/0/1.delta").err().unwrap().code(),
            ErrorCode::CheckpointFenced
        );
    }
}
