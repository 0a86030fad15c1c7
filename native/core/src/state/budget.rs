//! The cap on native state memory: every arena charges its bytes here before it grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorCode, Result};

/// Bytes of state of one query or of one of its stages, and how many there may be.
#[derive(Debug, Default)]
pub struct Budget {
    used: AtomicU64,
    limit: u64,
    /// What its bytes count against as well.
    whole: Option<Arc<Budget>>,
}

impl Budget {
    /// A budget of `limit` bytes; 0 = no cap.
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// A part of `whole`: no cap of its own, its bytes count against that of the whole.
    pub fn part_of(whole: &Arc<Budget>) -> Self {
        Self {
            whole: Some(Arc::clone(whole)),
            ..Self::default()
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
        if let Some(whole) = &self.whole {
            whole.charge(bytes).inspect_err(|_| {
                self.used.fetch_sub(bytes, Ordering::Relaxed);
            })?;
        }
        Ok(())
    }

    /// Gives `bytes` back.
    pub fn release(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            whole.release(bytes);
        }
    }

    /// Bytes in use.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
}
