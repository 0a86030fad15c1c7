//! Open checkpoints by handle, for the callers across the border.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::RwLock;

use super::Checkpoint;
use crate::error::{Error, Result};

type Registry = RwLock<HashMap<u32, Arc<Checkpoint>>>;

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(Registry::default)
}

/// Keeps a checkpoint and gives its handle.
pub fn open(checkpoint: Checkpoint) -> u32 {
    static NEXT_HANDLE: AtomicU32 = AtomicU32::new(1);
    let handle = NEXT_HANDLE.fetch_add(1, Ordering::SeqCst);
    registry().write().insert(handle, Arc::new(checkpoint));
    handle
}

/// The checkpoint with this handle.
pub fn get(handle: u32) -> Result<Arc<Checkpoint>> {
    let found = registry().read().get(&handle).cloned();
    found.ok_or_else(|| Error::internal(format!("checkpoint #{handle} is not open")))
}

/// Closes a checkpoint: its lock is free once the last call on it has ended.
pub fn close(handle: u32) {
    registry().write().remove(&handle);
}
