//! How the rows of a table are laid out: where each accumulator has its words and its flag.

use std::sync::Arc;

use super::HEADER_WORDS;
use crate::aggregate::{AccumulatorShape, AggregateCall};

const FLAG_BITS: usize = 64;

/// Where an accumulator stands in a row.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Its first word.
    pub word: usize,
    pub(super) flag_word: usize,
    pub(super) flag_bit: u32,
    /// Whether the word is the place of a value on the heap.
    pub(super) is_on_heap: bool,
}

/// How the rows of a table are laid out; the same for all tables of a query.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Words of a row.
    pub(super) stride: usize,
    /// The first word that is the owner's.
    pub(super) first_extra: usize,
    /// Where the accumulators stand.
    pub(super) slots: Arc<[Slot]>,
}

impl Layout {
    /// Rows for these accumulators.
    pub fn new(calls: &[AggregateCall]) -> Self {
        Self::with_extra(calls, 0)
    }

    /// Rows for these accumulators and `extra` further words that the table's owner keeps in each row.
    pub fn with_extra(calls: &[AggregateCall], extra: usize) -> Self {
        Self::of(calls.iter().map(|call| (call.words(), call.is_on_heap())), extra)
    }

    /// The rows that a query with accumulators of these shapes has.
    pub fn of_shapes(shapes: &[AccumulatorShape], extra: usize) -> Self {
        Self::of(shapes.iter().map(|shape| (shape.words, shape.on_heap)), extra)
    }

    /// Rows for accumulators of so many words, each with whether the first is the place of a value on the heap.
    fn of(accumulators: impl ExactSizeIterator<Item = (usize, bool)>, extra: usize) -> Self {
        let flag_words = accumulators.len().div_ceil(FLAG_BITS);
        let mut word = HEADER_WORDS + flag_words;
        let slots = accumulators
            .enumerate()
            .map(|(index, (words, is_on_heap))| {
                let slot = Slot {
                    word,
                    flag_word: HEADER_WORDS + index / FLAG_BITS,
                    flag_bit: (index % FLAG_BITS) as u32,
                    is_on_heap,
                };
                word += words;
                slot
            })
            .collect();
        Self {
            stride: word + extra,
            first_extra: word,
            slots,
        }
    }

    /// Words of a row that are accumulators and their flags.
    pub fn accumulator_words(&self) -> usize {
        self.first_extra - HEADER_WORDS
    }
}

impl Slot {
    /// Whether the accumulator of a row has had a value.
    #[inline]
    pub fn is_set(self, row: &[u64]) -> bool {
        row[self.flag_word] >> self.flag_bit & 1 == 1
    }

    /// Says whether the accumulator of a row has had a value.
    #[inline]
    pub fn set(self, row: &mut [u64], has_value: bool) {
        let bit = 1 << self.flag_bit;
        row[self.flag_word] = row[self.flag_word] & !bit | u64::from(has_value) << self.flag_bit;
    }
}
