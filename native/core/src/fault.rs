//! Fault points: places where a test can make the core panic, so that every way a panic can leave is walked.
//!
//! Looking costs one relaxed load a batch; nothing is armed in normal life.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

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
    "sink",
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

/// Ends the process, as a crash would, at the crash point that MILLRACE_CRASH_AT counts down to. Crash points stand before
/// and between all steps that change what is durable.
pub fn crash_point() {
    static LEFT: OnceLock<Option<AtomicI64>> = OnceLock::new();
    let left = LEFT.get_or_init(|| {
        std::env::var("MILLRACE_CRASH_AT")
            .ok()?
            .parse()
            .ok()
            .map(AtomicI64::new)
    });
    if left
        .as_ref()
        .is_some_and(|left| left.fetch_sub(1, Ordering::SeqCst) == 1)
    {
        std::process::abort();
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
