//! Must fail: it shows that a crash is found and reported.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    assert!(!bytes.starts_with(b"ca"), "the canary sings");
});
