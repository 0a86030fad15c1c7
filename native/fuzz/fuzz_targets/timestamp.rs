//! Times in text, with a pattern (before the first line feed) and without: never a panic, and what a pattern without zones
//! writes of a time it reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use millrace_core::parse::{
    TimeZone, TimestampFormat, TimestampPattern, parse_date_text, parse_interval, parse_timestamp_ntz_text,
    parse_timestamp_text,
};

fuzz_target!(|bytes: &[u8]| {
    let utc = TimeZone::utc();
    let _ = parse_timestamp_text(bytes, &utc);
    let _ = parse_timestamp_ntz_text(bytes, true);
    let _ = parse_date_text(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = parse_interval(text);
    let (pattern, rest) = text.split_once('\n').unwrap_or(("dd-MM-yyyy-HH-mm", text));
    if let Ok(compiled) = TimestampPattern::compile(pattern, &utc) {
        let _ = compiled.parse(rest.as_bytes());
        let _ = compiled.parse_date(rest.as_bytes());
    }
    if let Ok(format) = TimestampFormat::compile(pattern, &utc) {
        let mut written = String::new();
        format.write(i64::from(rest.len() as u32) * 86_399_999_983, &mut written);
    }
});
