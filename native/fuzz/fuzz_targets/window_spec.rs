//! Durations of windows and times: what parses assigns every time to windows that hold it, and to all of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millrace_core::window::{PaneAssigner, WindowSpec};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut parts = text.split('\n');
    let time: i64 = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    let durations: Vec<&str> = parts.take(3).collect();
    if durations.is_empty() {
        return;
    }
    let Ok(spec) = WindowSpec::parse(&durations, "ts") else {
        return;
    };
    // The years 1 to 9999, which Spark's timestamps have in practice; beyond, windows saturate.
    let time = time.clamp(-62_135_596_800_000_000, 253_402_300_799_999_999);
    let starts: Vec<i64> = spec.starts_of(time).collect();
    for &start in &starts {
        let end = i128::from(start) + i128::from(spec.size_micros);
        assert!(start <= time && i128::from(time) < end, "{spec:?} {time} {start}");
    }
    assert!(starts.is_sorted_by(|left, right| i128::from(*left) - i128::from(*right) == i128::from(spec.slide_micros)));
    let pane = PaneAssigner::new(spec).pane_of(time);
    let (pane_micros, start_micros) = (i128::from(spec.pane_micros()), i128::from(spec.start_micros));
    let floor = (i128::from(time) - start_micros).div_euclid(pane_micros) * pane_micros + start_micros;
    assert_eq!(i128::from(pane), floor, "{spec:?} {time}");
    assert_eq!(spec.starts_of(pane).collect::<Vec<_>>(), starts);
});
