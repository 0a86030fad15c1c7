//! Remembers what texts of times were read as: event times repeat, though not always one right after the other.

/// Entries; each text has one place.
const ENTRIES: usize = 256;
/// Texts of these lengths are remembered: two words hold them, overlapping in the middle.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=32;
/// Looks after which a memo is judged.
const TRIAL: u32 = 2048;

/// The bytes of a text: its first and its last half, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key(u128, u128, usize);

impl Key {
    #[inline]
    fn of(text: &[u8]) -> Option<Self> {
        if !LENGTHS.contains(&text.len()) {
            return None;
        }
        match (text.first_chunk::<16>(), text.last_chunk::<16>()) {
            (Some(first), Some(last)) => Some(Self(
                u128::from_le_bytes(*first),
                u128::from_le_bytes(*last),
                text.len(),
            )),
            _ => {
                let (first, last) = (text.first_chunk::<8>()?, text.last_chunk::<8>()?);
                Some(Self(
                    u64::from_le_bytes(*first).into(),
                    u64::from_le_bytes(*last).into(),
                    text.len(),
                ))
            }
        }
    }

    #[inline]
    fn place(self) -> usize {
        // A folded product: every byte of the text moves the place.
        let fold = |wide: u128| wide as u64 ^ (wide >> 64) as u64;
        let word = fold(self.0 ^ self.1.rotate_left(32));
        let mixed = fold(u128::from(word) * 0x9e37_79b9_7f4a_7c15);
        (mixed >> 40) as usize % ENTRIES
    }
}

/// What texts were read as by one reader.
pub(super) struct TimeMemo {
    entries: Vec<(Key, Option<i64>)>,
    num_looks: u32,
    num_hits: u32,
}

impl TimeMemo {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            entries: vec![(Key(0, 0, 0), None); ENTRIES],
            num_looks: 0,
            num_hits: 0,
        }
    }

    /// What `read` makes of `text`, or made of it before.
    #[inline]
    pub(super) fn get_or_read(&mut self, text: &[u8], read: impl FnOnce(&[u8]) -> Option<i64>) -> Option<i64> {
        // Times that do not come again are only slowed down.
        if self.num_looks >= TRIAL && self.num_hits < self.num_looks / 4 {
            return read(text);
        }
        let Some(key) = Key::of(text) else {
            return read(text);
        };
        self.num_looks += 1;
        let entry = &mut self.entries[key.place()];
        if entry.0 == key {
            self.num_hits += 1;
            return entry.1;
        }
        *entry = (key, read(text));
        entry.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_never_taken_for_another(texts in proptest::collection::vec("[0-2]{6,10}|[0-1]{30,34}|[0-9]{16}", 1..400)) {
            let naive = |text: &[u8]| text.iter().fold(text.len() as i64, |sum, byte| sum.wrapping_mul(31) + i64::from(*byte));
            let mut memo = TimeMemo::new();
            for text in texts {
                let text = text.as_bytes();
                prop_assert_eq!(memo.get_or_read(text, |text| Some(naive(text))), Some(naive(text)));
            }
        }
    }
}
