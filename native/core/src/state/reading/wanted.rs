//! Which rows of a running query's state are looked at: those of one key, those whose event time lies in a range.

use crate::state::KeyView;

/// The rows that are looked at.
#[derive(Debug)]
pub struct Wanted {
    /// The key without its event time, as [`crate::state::KeyCodec`] has it; all keys where there is none.
    pub key: Option<Option<Vec<u8>>>,
    /// Windows and sessions that end after this (micros).
    pub after: i64,
    /// Windows and sessions that begin before this (micros).
    pub before: i64,
}

impl Wanted {
    /// All rows.
    pub const ALL: Wanted = Wanted {
        key: None,
        after: i64::MIN,
        before: i64::MAX,
    };

    /// The key that is looked for.
    pub fn key(&self) -> Option<KeyView<'_>> {
        self.key
            .as_ref()
            .map(|key| key.as_deref().map_or(KeyView::null(), KeyView::of))
    }

    /// Whether something that lasts from `start` to `end` (micros) is among them.
    pub fn has_span(&self, start: i64, end: i64) -> bool {
        end > self.after && (start < self.before || self.before == i64::MAX)
    }
}
