//! Where the rows of a shard are read from: the stores of a running query, or stores that files are read into.

use parking_lot::Mutex;

use super::join_rows::{JoinRows, StoredJoin};
use crate::checkpoint::Versioned;
use crate::error::Result;
use crate::state::{SeenKeys, SessionStore, ShardStore, VariableStore};

/// The state of a shard, to be looked at.
#[derive(Clone, Copy)]
pub enum ShardView<'a> {
    /// Groups.
    Groups(&'a ShardStore),
    /// Sessions.
    Sessions(&'a SessionStore),
    /// Keys that were seen.
    Keys(&'a SeenKeys),
    /// What the program's functions keep.
    Program(&'a VariableStore),
    /// Rows of a join's sides.
    Join(&'a dyn JoinRows),
}

/// A store that the files of a shard are read into.
pub enum StoredShard {
    /// Groups.
    Groups(Mutex<ShardStore>),
    /// Sessions.
    Sessions(Mutex<SessionStore>),
    /// Keys that were seen.
    Keys(Mutex<SeenKeys>),
    /// What the program's functions keep.
    Program(Mutex<VariableStore>),
    /// Rows of a join's sides.
    Join(Mutex<StoredJoin>),
}

impl StoredShard {
    /// Lets `restore` bring the store to a state.
    pub fn restore<T>(&self, restore: impl FnOnce(&mut dyn Versioned) -> Result<T>) -> Result<T> {
        match self {
            StoredShard::Groups(store) => restore(&mut store.lock()),
            StoredShard::Sessions(store) => restore(&mut store.lock()),
            StoredShard::Keys(store) => restore(&mut store.lock()),
            StoredShard::Program(store) => restore(&mut store.lock()),
            StoredShard::Join(store) => restore(&mut *store.lock()),
        }
    }

    /// Lets what is restored from now on count as changed by a batch, in stores that note that.
    pub fn follow(&self, batch: u64) -> Result<()> {
        match self {
            StoredShard::Groups(store) => store.lock().follow(batch),
            StoredShard::Sessions(store) => store.lock().follow(batch)?,
            StoredShard::Keys(store) => store.lock().follow(batch)?,
            StoredShard::Program(_) | StoredShard::Join(_) => {}
        }
        Ok(())
    }

    /// Lets `look` see the state.
    pub fn look<T>(&self, look: impl FnOnce(ShardView<'_>) -> Result<T>) -> Result<T> {
        match self {
            StoredShard::Groups(store) => look(ShardView::Groups(&store.lock())),
            StoredShard::Sessions(store) => look(ShardView::Sessions(&store.lock())),
            StoredShard::Keys(store) => look(ShardView::Keys(&store.lock())),
            StoredShard::Program(store) => look(ShardView::Program(&store.lock())),
            StoredShard::Join(store) => look(ShardView::Join(&*store.lock())),
        }
    }
}
