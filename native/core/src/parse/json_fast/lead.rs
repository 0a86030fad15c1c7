//! What stands between the values of records, remembered from the record before.

use crate::lanes::{Lanes, Sixteen};

/// Bytes of a lead that is remembered.
pub(super) const LEAD_BYTES_MAX: usize = 32;

/// What stands between two values, its name included: `,"amount":`. In the same state of the same grammar the same
/// bytes mean the same, so one comparison takes the place of reading them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead {
    /// Zeros follow them.
    bytes: [u8; LEAD_BYTES_MAX],
    /// Bit i: byte i is one of it.
    bits: u32,
    length: usize,
    /// The quote it ends with where a text follows.
    pub quote: Option<u8>,
}

impl Lead {
    /// None where the bytes are too many to be remembered.
    pub fn new(bytes: &[u8], quote: Option<u8>) -> Option<Self> {
        let mut padded = [0; LEAD_BYTES_MAX];
        padded.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self {
            bytes: padded,
            bits: ((1u64 << bytes.len()) - 1) as u32,
            length: bytes.len(),
            quote,
        })
    }

    /// Its bytes: up to `LEAD_BYTES_MAX`.
    #[inline]
    pub fn length(&self) -> usize {
        self.length.min(LEAD_BYTES_MAX)
    }

    /// Whether `chunk` begins with it.
    #[inline(always)]
    pub fn begins(&self, lanes: impl Lanes, chunk: &[u8; LEAD_BYTES_MAX]) -> bool {
        lanes.are_same(chunk, &self.bytes, self.bits)
    }

    /// Whether it stands in `window` from `at` on; may say no near the end of the window.
    #[inline]
    pub fn stands_at(&self, window: &[u8], at: usize) -> bool {
        let chunk = window.get(at..).and_then(|rest| rest.first_chunk());
        chunk.is_some_and(|chunk| self.begins(Sixteen, chunk))
    }
}

/// A name met in a record, and the field it means.
#[derive(Clone, Debug)]
pub(super) struct Guess {
    pub name: Box<[u8]>,
    pub field: Option<usize>,
    /// None where it is too long.
    pub lead: Option<Lead>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_lead_stands_where_its_bytes_do(
            lead in proptest::collection::vec(any::<u8>(), 0..34),
            tail in proptest::collection::vec(any::<u8>(), 40),
            damage in proptest::option::of((0usize..34, 1u8..)),
        ) {
            let mut window = [lead.as_slice(), &tail].concat();
            if let Some((at, bits)) = damage {
                window[at] ^= bits;
            }
            let Some(remembered) = Lead::new(&lead, None) else {
                prop_assert!(lead.len() > LEAD_BYTES_MAX);
                return Ok(());
            };
            prop_assert_eq!(remembered.stands_at(&window, 0), window.starts_with(&lead));
            prop_assert!(!remembered.stands_at(&window, window.len() - 3));
        }
    }
}
