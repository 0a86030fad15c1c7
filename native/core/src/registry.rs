//! Things that live as long as their handle: what callers across the border hold is a number.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::RwLock;

use crate::error::{Error, Result};

/// Open things by handle, for any thread.
pub struct Registry<T> {
    /// What errors call one.
    name: &'static str,
    open: RwLock<HashMap<u32, Arc<T>>>,
    next_handle: AtomicU32,
}

impl<T> Registry<T> {
    /// An empty registry of what errors call `name`.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            open: RwLock::default(),
            next_handle: AtomicU32::new(1),
        }
    }

    /// Keeps a thing and gives its handle.
    pub fn open(&self, thing: T) -> u32 {
        let handle = self.next_handle.fetch_add(1, Ordering::SeqCst);
        self.open.write().insert(handle, Arc::new(thing));
        handle
    }

    /// The thing with this handle.
    pub fn get(&self, handle: u32) -> Result<Arc<T>> {
        let found = self.open.read().get(&handle).cloned();
        found.ok_or_else(|| Error::internal(format!("{} #{handle} is not open", self.name)))
    }

    /// Lets go of a thing: it ends with the last call on it.
    pub fn close(&self, handle: u32) {
        self.open.write().remove(&handle);
    }
}
