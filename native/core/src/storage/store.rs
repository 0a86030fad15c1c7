//! The protocol of durable files: written whole or not at all, and nothing more after a failure.

use std::io::{self, ErrorKind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sync_place::sync_here;
use super::{Storage, folder_of};
use crate::error::{Error, ErrorCode, Result};
use crate::fault::crash_point;

/// What marks files in the making.
const TEMPORARY_SUFFIX: &str = ".tmp";

/// A storage that is written by the protocol. After a failed write or sync it is closed to writes: the kernel may have
/// dropped the bytes and call the next sync a success.
pub struct Store {
    storage: Box<dyn Storage>,
    /// Sets temporary names of this process's attempt apart from those of others.
    attempt: String,
    next_temporary: AtomicU64,
    /// What the first write or sync that failed said.
    first_failure: OnceLock<String>,
}

impl Store {
    /// Writes to `storage` as `attempt`.
    pub fn new(storage: Box<dyn Storage>, attempt: impl Into<String>) -> Self {
        Self {
            storage,
            attempt: attempt.into(),
            next_temporary: AtomicU64::new(0),
            first_failure: OnceLock::new(),
        }
    }

    /// What this start of the query is called.
    pub fn attempt(&self) -> &str {
        &self.attempt
    }

    /// What errors call a file.
    pub fn describe(&self, path: &str) -> String {
        self.storage.describe(path)
    }

    /// Writes `bytes` under a temporary name, syncs, renames to `path` and syncs the folder: when this returns the file
    /// is durable, and if it never returns `path` is as it was.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<()> {
        self.write_if(path, bytes, || Ok(()))
    }

    /// Writes as [`Self::write`] does where `may_write` agrees at its beginning and again before the file gets its name.
    pub fn write_if(&self, path: &str, bytes: &[u8], may_write: impl Fn() -> Result<()>) -> Result<()> {
        crate::fault::enter_stage("storage");
        self.check_usable()?;
        may_write()?;
        let folder = folder_of(path);
        let name = &path[if folder.is_empty() { 0 } else { folder.len() + 1 }..];
        let number = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        let slash = if folder.is_empty() { "" } else { "/" };
        let temporary = format!("{folder}{slash}.{name}.{}.{number}{TEMPORARY_SUFFIX}", self.attempt);
        let make = || -> io::Result<()> {
            crash_point();
            let mut file = match self.storage.create(&temporary) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.storage.create_folder(folder)?;
                    self.storage.create(&temporary)?
                }
                file => file?,
            };
            let (first, second) = bytes.split_at(bytes.len() / 2);
            file.write_all(first)?;
            crash_point();
            file.write_all(second)?;
            crash_point();
            sync_here(|| file.sync())?;
            crash_point();
            Ok(())
        };
        let name_it = || -> io::Result<()> {
            self.storage.rename(&temporary, path)?;
            crash_point();
            sync_here(|| self.storage.sync_folder(folder))?;
            crash_point();
            Ok(())
        };
        let failed = |error: io::Error| self.failed(ErrorCode::FileWriteFailed, path, &error);
        let outcome = make()
            .map_err(failed)
            .and_then(|()| may_write())
            .and_then(|()| name_it().map_err(failed));
        outcome.inspect_err(|error| {
            self.poison(error);
            // The half-written file is of no use; what matters is the first error.
            let _ = self.storage.remove(&temporary);
        })
    }

    /// The bytes of a file; none where there is no such file. What they say must be verified by the caller.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        crate::fault::enter_stage("storage");
        match self.storage.read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(ErrorCode::FileReadFailed, path, &error)),
        }
    }

    /// Names in a folder, sorted, without files in the making and what else begins with a dot.
    pub fn list(&self, folder: &str) -> Result<Vec<String>> {
        let mut names = self
            .storage
            .list(folder)
            .map_err(|error| self.failed(ErrorCode::FileReadFailed, folder, &error))?;
        names.retain(|name| !name.starts_with('.'));
        names.sort_unstable();
        Ok(names)
    }

    /// Removes a file, if it is there. The removal need not survive a crash: what is removed is of no use any more.
    pub fn remove(&self, path: &str) -> Result<()> {
        self.check_usable()?;
        crash_point();
        match self.storage.remove(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(self.failed(ErrorCode::FileWriteFailed, path, &error))
            }
            _ => Ok(()),
        }
    }

    /// Removes files, and makes that durable: what they said must not come back.
    pub fn remove_durably(&self, folder: &str, names: &[String]) -> Result<()> {
        let path = |name: &String| format!("{folder}/{name}");
        names.iter().try_for_each(|name| self.remove(&path(name)))?;
        sync_here(|| self.storage.sync_folder(folder))
            .map_err(|error| self.failed(ErrorCode::FileWriteFailed, folder, &error))
            .inspect_err(|error| self.poison(error))
    }

    /// Removes what crashed attempts have left in the making in a folder, and makes durable what is there: a file whose last
    /// sync failed has its name already, and this attempt builds on it.
    pub fn sweep(&self, folder: &str) -> Result<()> {
        let names = self
            .storage
            .list(folder)
            .map_err(|error| self.failed(ErrorCode::FileReadFailed, folder, &error))?;
        for name in names {
            if name.starts_with('.') && name.ends_with(TEMPORARY_SUFFIX) {
                let slash = if folder.is_empty() { "" } else { "/" };
                self.remove(&format!("{folder}{slash}{name}"))?;
            }
        }
        match sync_here(|| self.storage.sync_folder(folder)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let error = self.failed(ErrorCode::FileWriteFailed, folder, &error);
                self.poison(&error);
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Takes a lock; `None` where somebody has it.
    pub fn lock(&self, path: &str) -> Result<Option<Box<dyn Send + Sync>>> {
        self.storage
            .lock(path)
            .map_err(|error| self.failed(ErrorCode::FileWriteFailed, path, &error))
    }

    fn check_usable(&self) -> Result<()> {
        match self.first_failure.get() {
            None => Ok(()),
            Some(failure) => Err(Error::new(ErrorCode::CheckpointPoisoned)
                .with("path", self.describe(""))
                .with("reason", failure.as_str())),
        }
    }

    fn poison(&self, failure: &Error) {
        // Of several the first is the one that counts: it may be a snapshot's, which nobody waits for.
        let _ = self.first_failure.set(failure.to_string());
    }

    fn failed(&self, code: ErrorCode, path: &str, error: &io::Error) -> Error {
        Error::new(code)
            .with("path", self.describe(path))
            .with("reason", error.to_string())
    }
}
