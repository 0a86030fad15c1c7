//! The rows that the stages work on, made by arithmetic: the same wherever and whenever they are made.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryViewArray, Int64Array, TimestampMicrosecondArray};

/// As many as are on their way through a pipeline at once.
pub const ROWS: usize = 8192;

const START_SECONDS: i64 = 1_767_225_600;
const KEYS: u64 = 1000;

/// The `salt`-th number of a row, below `count` (splitmix64).
pub fn draw(row: usize, salt: u64, count: u64) -> u64 {
    let mut mixed = (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % count
}

/// A trade as the profit job reads it: W1.
pub fn trade_line(row: usize) -> String {
    let kind = if draw(row, 1, 2) == 0 { "buy" } else { "sell" };
    let (key, amount, time) = (draw(row, 2, KEYS), draw(row, 3, 1000), minute_text(row));
    format!("{{\"id\":\"acct-{key}\",\"type\":\"{kind}\",\"amount\":{amount},\"time\":\"{time}\"}}")
}

/// An event of an advertisement: W2.
pub fn ad_line(row: usize) -> String {
    let kind = ["view", "click", "purchase"][draw(row, 1, 3) as usize];
    let id = |salt: u64| format!("{:016x}", draw(row, salt, KEYS) * 0x1234_5678_9abc);
    let at = (START_SECONDS + row as i64) * 1000;
    let (user, page, ad) = (id(2), id(3), draw(row, 4, KEYS));
    format!(
        "{{\"user_id\":\"{user}\",\"page_id\":\"{page}\",\"ad_id\":\"ad-{ad}\",\"ad_type\":\"banner\",\
         \"event_type\":\"{kind}\",\"event_time\":{at},\"ip_address\":\"10.0.0.{}\"}}",
        row % 256
    )
}

/// A time as the profit job writes it: about a minute in two hundred rows, some rows late.
pub fn minute_text(row: usize) -> String {
    let minutes = row as u64 / 200 + draw(row, 5, 10);
    format!("01-01-2026-{:02}-{:02}", minutes / 60 % 24, minutes % 60)
}

/// Texts, one a row.
pub fn texts(text: impl Fn(usize) -> String) -> ArrayRef {
    Arc::new(BinaryViewArray::from_iter_values((0..ROWS).map(text)))
}

/// Keys as texts; those of `salt`.
pub fn keys(salt: u64) -> ArrayRef {
    texts(move |row| format!("key-{}", draw(row, salt, KEYS)))
}

/// Times, a second in a hundred rows, some up to ten seconds late.
pub fn times() -> ArrayRef {
    let micros = |row: usize| (START_SECONDS + row as i64 / 100) * 1_000_000 - draw(row, 6, 10_000_000) as i64;
    Arc::new(TimestampMicrosecondArray::from_iter_values((0..ROWS).map(micros)).with_timezone("UTC"))
}

/// Whole numbers.
pub fn amounts() -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(
        (0..ROWS).map(|row| draw(row, 7, 1000) as i64 - 500),
    ))
}
