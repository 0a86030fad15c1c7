//! Runs one hot stage of millrace on data that is always the same, and counts what it allocates.
//!
//! `millrace-guard` names the stages; `millrace-guard STAGE` runs one and prints `{"rows":…,"allocations":…}`. Under
//! `valgrind --tool=callgrind --toggle-collect='*count_this_stage*'` the instructions of the same run are counted.
//! `scripts/guard.mjs` does both. `data` makes the rows, `query` runs a query by its steps, `stages` are the stages.

mod counting_allocator;
mod data;
mod query;
mod stages;

use counting_allocator::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Runs until nothing is made for the first time any more.
const WARM_UPS: usize = 3;

fn main() {
    let stages = stages::all();
    let Some(wanted) = std::env::args().nth(1) else {
        let names: Vec<&str> = stages.iter().map(|(name, _)| *name).collect();
        println!("{}", serde_json::json!({ "machine": machine(), "stages": names }));
        return;
    };
    let Some((_, open)) = stages.into_iter().find(|(name, _)| *name == wanted) else {
        eprintln!("there is no stage {wanted}");
        std::process::exit(2);
    };
    let mut stage = open();
    for _ in 0..WARM_UPS {
        (stage.before)();
        (stage.run)();
    }
    (stage.before)();
    let before = ALLOCATOR.count();
    count_this_stage(&mut *stage.run);
    let allocations = ALLOCATOR.count() - before;
    println!(
        "{}",
        serde_json::json!({ "rows": stage.rows, "allocations": allocations })
    );
}

/// A function of its own, so that callgrind can be told to count while it runs.
#[inline(never)]
fn count_this_stage(run: &mut dyn FnMut()) {
    run();
    // Not a jump into `run`: callgrind would see this function end before it.
    std::hint::black_box(());
}

/// What decides which instructions run, beside the compiler: fast paths that are chosen by processor.
fn machine() -> String {
    #[cfg(target_arch = "x86_64")]
    let features = if std::is_x86_feature_detected!("avx2") {
        " with AVX2"
    } else {
        ""
    };
    #[cfg(not(target_arch = "x86_64"))]
    let features = "";
    format!("{} {}{features}", std::env::consts::OS, std::env::consts::ARCH)
}
