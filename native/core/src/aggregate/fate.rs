//! What became of the rows of a chunk at a stage, where not all were taken in.

use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, PrimitiveArray};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It has no event time: it is in no window.
    Timeless,
    /// It is behind the watermark, in all its windows where there are some.
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
    /// Of rows with these times, `timeless` being that of a row without one; none where all were taken in.
    pub fn of(
        times: &PrimitiveArray<TimestampMicrosecondType>,
        timeless: Fate,
        is_late: impl Fn(i64) -> bool,
    ) -> Option<Self> {
        let fate = |time: Option<i64>| match time {
            None => timeless,
            Some(time) if is_late(time) => Fate::Late,
            Some(_) => Fate::Kept,
        };
        if times.iter().all(|time| fate(time) == Fate::Kept) {
            return None;
        }
        Some(Self {
            fates: times.iter().map(fate).collect(),
            times: times.clone(),
        })
    }
}

/// What became of rows of which others were made: each has the best fate of those that were made of it.
pub struct BestFates(Vec<Option<(Fate, Option<i64>)>>);

impl BestFates {
    /// Of so many rows, nothing noted yet.
    pub fn of(rows: usize) -> Self {
        Self(vec![None; rows])
    }

    /// Notes what became of rows that were made of those in `origins`; all were taken in where there are no fates.
    pub fn note(&mut self, origins: impl Iterator<Item = usize>, fates: Option<&Fates>) {
        for (row, origin) in origins.enumerate() {
            let (fate, time) = fates.map_or((Fate::Kept, None), |fates| {
                let time = fates.times.is_valid(row).then(|| fates.times.value(row));
                (fates.fates[row], time)
            });
            if self.0[origin].is_none_or(|(known, _)| known < fate) {
                self.0[origin] = Some((fate, time));
            }
        }
    }

    /// By row its fate and, where it is late, the event time that made it so; none where nothing was made of it.
    pub fn iter(&self) -> impl Iterator<Item = Option<(Fate, Option<i64>)>> {
        self.0.iter().copied()
    }

    /// The fates, where rows of which nothing was made count as taken in.
    pub fn into_fates(self) -> Fates {
        Fates {
            fates: self
                .iter()
                .map(|best| best.map_or(Fate::Kept, |(fate, _)| fate))
                .collect(),
            times: self.iter().map(|best| best.and_then(|(_, time)| time)).collect(),
        }
    }
}
