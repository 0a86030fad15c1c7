//! The system's allocator, with a count of what is asked of it, and the same work for the same calls.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Counts allocations; one that is made longer counts again.
pub struct CountingAllocator;

impl CountingAllocator {
    /// Allocations so far.
    pub fn count(&self) -> u64 {
        COUNT.load(Ordering::Relaxed)
    }
}

// `alloc_zeroed` and `realloc` stay `GlobalAlloc`'s own: they zero and copy whatever memory they get. The system's do so
// only where the heap's history asks for it, and the length of the program's path is part of that history.
// SAFETY: every call is handed on as it came; counting allocates nothing.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}
