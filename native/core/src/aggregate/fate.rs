//! What became of the rows of a chunk at a grouping, where not all were taken in.

use arrow_array::PrimitiveArray;
use arrow_array::types::TimestampMicrosecondType;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It has no event time: it is in no window.
    Timeless,
    /// It is behind the watermark in all its windows.
    Late,
    /// It was taken in.
    Kept,
}

/// The rows' fates, with their event times.
pub struct Fates {
    /// A fate a row.
    pub fates: Vec<Fate>,
    /// The event times.
    pub times: PrimitiveArray<TimestampMicrosecondType>,
}

impl Fates {
    /// Of rows with these times; none where all were taken in.
    pub fn of(times: &PrimitiveArray<TimestampMicrosecondType>, is_late: impl Fn(i64) -> bool) -> Option<Self> {
        if !times.iter().any(|time| time.is_none_or(&is_late)) {
            return None;
        }
        let fate = |time: Option<i64>| match time {
            None => Fate::Timeless,
            Some(time) if is_late(time) => Fate::Late,
            Some(_) => Fate::Kept,
        };
        Some(Self {
            fates: times.iter().map(fate).collect(),
            times: times.clone(),
        })
    }
}
