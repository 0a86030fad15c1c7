#!/bin/sh
# rustc for fuzz targets (RUSTC_WORKSPACE_WRAPPER of scripts/fuzz.mjs): gives libFuzzer's coverage flags to what is millrace's, and to nothing else. Dependencies
# are those of npm run guard, and the fuzzer is not drawn into their branches. No sanitizer: the code is safe Rust, and runs several times as often in the same
# time.
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
