//! The one door to the disk: every durable byte is written and read through [`Storage`].
//!
//! `disk` is the real thing, `simulated` a disk that lies from a seed, `store` the protocol by which a file is there
//! whole or not at all, `location` finds the storage of a location. `sync_place` lets tests leave out each sync.

mod disk;
mod location;
mod simulated;
mod store;
mod sync_place;
#[cfg(all(test, target_os = "linux"))]
mod system_calls;

use std::io;

pub use disk::Disk;
pub use location::{forget_disk, open_location, simulate_disk, simulated_disk, simulated_file};
pub use simulated::{Faults, Simulated};
pub use store::Store;

/// A folder of files with durability made explicit: nothing is durable before it was synced. Paths are relative to the
/// folder and use `/`.
pub trait Storage: Send + Sync {
    /// What errors call a file: its path on a real disk.
    fn describe(&self, path: &str) -> String;

    /// Makes a folder and those above it, durably.
    fn create_folder(&self, path: &str) -> io::Result<()>;

    /// Opens a file to be written from its start; what it held is gone.
    fn create(&self, path: &str) -> io::Result<Box<dyn StorageFile>>;

    /// Gives a file another name; what had that name is gone. Durable once the folder is.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_folder(&self, path: &str) -> io::Result<()>;

    /// All bytes of a file.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// Names in a folder, folders included, in no order; none where there is no such folder.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Removes a file.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Takes the lock that `path` stands for; `None` where somebody has it. It is free again when the guard or the
    /// process ends.
    fn lock(&self, path: &str) -> io::Result<Option<Box<dyn Send + Sync>>>;
}

/// A file that is being written.
pub trait StorageFile {
    /// Appends bytes.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes the bytes written so far durable. After a failure nothing is known about them, and a later success proves
    /// nothing.
    fn sync(&mut self) -> io::Result<()>;
}

/// The folder that a path is in; empty for the root.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
