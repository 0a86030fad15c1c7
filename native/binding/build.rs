//! Linker flags of a Node addon.

use std::env;

fn main() {
    napi_build::setup();
    // Set for what is published (scripts/native/portable-build.mjs). Function names stay for the stack of a panic; line tables would
    // treble the size. That the variable is watched also makes cargo link anew when the toolchain changes with it.
    println!("cargo::rerun-if-env-changed=MILLRACE_PORTABLE");
    let is_linux = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux");
    if is_linux && env::var_os("MILLRACE_PORTABLE").is_some() {
        println!("cargo::rustc-cdylib-link-arg=-Wl,--strip-debug");
    }
}
