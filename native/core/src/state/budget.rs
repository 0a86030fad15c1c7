//! The cap on native state memory: every arena charges its bytes here before it grows.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorCode, Result};

/// Bytes of state of one query, and how many there may be.
#[derive(Debug, Default)]
pub struct Budget {
    used: AtomicU64,
    limit: u64,
}

impl Budget {
    /// A budget of `limit` bytes; 0 = no cap.
    pub fn new(limit: u64) -> Self {
        Self {
            used: AtomicU64::new(0),
            limit,
        }
    }

    /// Takes `bytes` out of the budget. Fails with STATE_MEMORY_LIMIT_EXCEEDED and takes nothing.
    pub fn charge(&self, bytes: u64) -> Result<()> {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        if self.limit > 0 && before + bytes > self.limit {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Error::new(ErrorCode::StateMemoryLimitExceeded)
                .with("required", (before + bytes).to_string())
                .with("limit", self.limit.to_string()));
        }
        Ok(())
    }

    /// Gives `bytes` back.
    pub fn release(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Bytes in use.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
}
