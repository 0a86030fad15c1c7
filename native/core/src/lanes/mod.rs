//! Bytes that are looked at together: sixteen at a time, or sixty-four where the processor can.
//!
//! A hot loop is written once over [`Lanes`], and compiled for each kind of processor; [`with_lanes`] runs the one for this machine.
//! All kinds answer the same.

mod sixteen;
#[cfg(target_arch = "x86_64")]
mod sixty_four;

pub(crate) use self::sixteen::{Sixteen, plain_length};

/// Bytes of a block.
pub(crate) const BLOCK: usize = 64;

/// Of each byte of a block a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stops {
    /// The quote.
    pub quotes: u64,
    /// A backslash, a control character, or no ASCII.
    pub others: u64,
}

/// Of each byte of a block a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LineMasks {
    /// `\n`
    pub feeds: u64,
    /// `\r`
    pub returns: u64,
}

/// What a processor is asked about some bytes at once.
pub(crate) trait Lanes: Copy {
    /// What ends a plain text: the first of them, and perhaps some behind it.
    fn stops(self, text: &[u8; BLOCK], quote: u8) -> Stops;

    /// The ends of lines in a block.
    fn line_ends(self, block: &[u8; BLOCK]) -> LineMasks;

    /// Whether the bytes whose bits are set are the same on both sides.
    fn are_same(self, left: &[u8; 32], right: &[u8; 32], bits: u32) -> bool;
}

/// A loop over bytes. `run` must be `#[inline(always)]`, and what it calls in the loop: only then is it compiled for the processor.
pub(crate) trait Work {
    /// What comes out.
    type Output;

    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Does some work as fast as this machine can.
#[inline]
pub(crate) fn with_lanes<W: Work>(work: W) -> W::Output {
    #[cfg(test)]
    if tests::IS_ANY_MACHINE.get() {
        return work.run(Sixteen);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(lanes) = self::sixty_four::SixtyFour::of_machine() {
        return lanes.run(work);
    }
    work.run(Sixteen)
}

/// Does something as this machine does it, and as one that can nothing special: both must give the same.
#[cfg(test)]
pub(crate) fn both_ways<R: PartialEq + std::fmt::Debug>(work: impl Fn() -> R) -> R {
    let here = work();
    tests::IS_ANY_MACHINE.set(true);
    let anywhere = work();
    tests::IS_ANY_MACHINE.set(false);
    assert_eq!(here, anywhere);
    here
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    thread_local! {
        pub(super) static IS_ANY_MACHINE: Cell<bool> = const { Cell::new(false) };
    }

    fn bits_of(bytes: &[u8], is_set: impl Fn(u8) -> bool) -> u64 {
        let bits = bytes
            .iter()
            .enumerate()
            .map(|(at, byte)| u64::from(is_set(*byte)) << at);
        bits.sum()
    }

    /// What all kinds of lanes say of a block.
    struct Answers {
        block: [u8; BLOCK],
        other: [u8; 32],
        bits: u32,
        quote: u8,
    }

    impl Work for Answers {
        type Output = (Stops, LineMasks, bool);

        fn run<L: Lanes>(self, lanes: L) -> Self::Output {
            let first = self.block.first_chunk().unwrap();
            (
                lanes.stops(&self.block, self.quote),
                lanes.line_ends(&self.block),
                lanes.are_same(first, &self.other, self.bits),
            )
        }
    }

    impl Answers {
        fn expect(&self, answer: <Self as Work>::Output) {
            let (stops, ..) = answer;
            let is_odd = |byte: u8| byte == b'\\' || !(b' '..0x80).contains(&byte);
            let (quotes, others) = (
                bits_of(&self.block, |byte| byte == self.quote),
                bits_of(&self.block, is_odd),
            );
            assert_eq!(
                (stops.quotes | stops.others).trailing_zeros(),
                (quotes | others).trailing_zeros()
            );
            assert_eq!((stops.quotes & !quotes, stops.others & !others), (0, 0));
            let ends = LineMasks {
                feeds: bits_of(&self.block, |byte| byte == b'\n'),
                returns: bits_of(&self.block, |byte| byte == b'\r'),
            };
            let same = (0..32).all(|at| self.bits >> at & 1 == 0 || self.block[at] == self.other[at]);
            assert_eq!(answer, (stops, ends, same));
        }
    }

    proptest! {
        #[test]
        fn all_lanes_answer_as_their_naive_twins(
            block in proptest::collection::vec(prop_oneof![4 => b'a'..=b'c', 2 => b'\t'..=b'\r', 1 => any::<u8>()], BLOCK),
            changes in proptest::collection::vec(prop_oneof![9 => Just(0u8), 1 => any::<u8>()], 32),
            bits: u32,
            quote in prop_oneof![Just(b'"'), Just(b'\'')],
        ) {
            let block: [u8; BLOCK] = block.try_into().unwrap();
            let other = std::array::from_fn(|at| block[at] ^ changes[at]);
            let answers = || Answers { block, other, bits, quote };
            answers().expect(answers().run(Sixteen));
            answers().expect(with_lanes(answers()));
        }
    }
}
