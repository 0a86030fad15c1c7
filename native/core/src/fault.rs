//! Fault points: places where a test can make the core panic, so that every way a panic can leave is walked.
//!
//! Looking costs one relaxed load a batch; nothing is armed in normal life.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

static ARMED: AtomicBool = AtomicBool::new(false);
static POINT: Mutex<String> = Mutex::new(String::new());

/// The stages that can be made to panic, as `stage:<name>`.
pub const STAGES: &[&str] = &[
    "source",
    "parse",
    "expr",
    "window",
    "aggregate",
    "state",
    "result",
    "storage",
];

/// Arms `point`: the next time it is entered it panics, once. Empty disarms.
pub fn arm(point: &str) {
    *POINT.lock() = point.to_string();
    ARMED.store(!point.is_empty(), Ordering::SeqCst);
}

/// Panics where this point is armed.
#[inline]
pub fn enter(point: &str) {
    if ARMED.load(Ordering::Relaxed) {
        enter_slow(point);
    }
}

/// Panics where this stage is armed.
#[inline]
pub fn enter_stage(stage: &str) {
    if ARMED.load(Ordering::Relaxed) {
        enter_slow(&format!("stage:{stage}"));
    }
}

#[cold]
fn enter_slow(point: &str) {
    let mut armed = POINT.lock();
    if *armed == point {
        armed.clear();
        ARMED.store(false, Ordering::SeqCst);
        drop(armed);
        panic!("injected panic at {point}");
    }
}
