//! Open checkpoints by handle, for the callers across the border.

use std::sync::{Arc, OnceLock};

use super::Checkpoint;
use crate::error::Result;
use crate::registry::Registry;

fn registry() -> &'static Registry<Checkpoint> {
    static REGISTRY: OnceLock<Registry<Checkpoint>> = OnceLock::new();
    REGISTRY.get_or_init(|| Registry::new("checkpoint"))
}

/// Keeps a checkpoint and gives its handle.
pub fn open(checkpoint: Checkpoint) -> u32 {
    registry().open(checkpoint)
}

/// The checkpoint with this handle.
pub fn get(handle: u32) -> Result<Arc<Checkpoint>> {
    registry().get(handle)
}

/// Closes a checkpoint: its lock is free once the last call on it has ended.
pub fn close(handle: u32) {
    registry().close(handle);
}
