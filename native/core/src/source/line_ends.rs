//! Finds the bytes that end lines: sixty-four bytes at once, and some hundred lines before the first is asked for.

use crate::lanes::{BLOCK, Lanes, Work, with_lanes};

/// Ends found at once at most.
const FOUND_MAX: usize = 256;

/// The places of `\n` and `\r` in a text, in order.
pub(super) struct LineEnds<'a> {
    text: &'a [u8],
    /// What was not looked at yet.
    from: usize,
    found: [usize; FOUND_MAX],
    count: usize,
    taken: usize,
    /// Whether a `\r` is among those found so far.
    has_returns: bool,
}

impl<'a> LineEnds<'a> {
    /// Those from `from` on, which is within `text`.
    pub(super) fn new(text: &'a [u8], from: usize) -> Self {
        Self {
            text,
            from,
            found: [0; FOUND_MAX],
            count: 0,
            taken: 0,
            has_returns: false,
        }
    }

    /// Where the line that begins at `start` ends, and where the one behind it begins: \r\n is one end. Starts must grow.
    #[inline]
    pub(super) fn cut(&mut self, start: usize) -> (usize, usize) {
        match self.next() {
            Some(at) if !self.has_returns => (at, at + 1),
            Some(at) => self.cut_at(at, start),
            None => (self.text.len(), self.text.len()),
        }
    }

    #[cold]
    fn cut_at(&mut self, first: usize, start: usize) -> (usize, usize) {
        // The \n of a \r\n that was looked at already is none.
        let is_end = |at: &usize| *at >= start;
        match Some(first).filter(is_end).or_else(|| self.find(is_end)) {
            Some(at) => (at, behind_end(self.text, at)),
            None => (self.text.len(), self.text.len()),
        }
    }
}

/// The position behind the end of a line that stands at `at`: \r\n is one.
pub(super) fn behind_end(text: &[u8], at: usize) -> usize {
    let is_pair = text[at] == b'\r' && text.get(at + 1) == Some(&b'\n');
    at + 1 + usize::from(is_pair)
}

impl Iterator for LineEnds<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.taken == self.count {
            if self.from >= self.text.len() {
                return None;
            }
            with_lanes(FindMore(self));
        }
        let at = self.found[self.taken % FOUND_MAX];
        self.taken += 1;
        Some(at)
    }
}

/// Looks for some ends more, compiled for this machine.
struct FindMore<'e, 'a>(&'e mut LineEnds<'a>);

impl Work for FindMore<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self(ends) = self;
        let (mut count, mut returns) = (0, 0);
        while ends.from < ends.text.len() && count + BLOCK <= FOUND_MAX {
            let rest = &ends.text[ends.from..];
            let masks = match rest.first_chunk() {
                Some(block) => lanes.line_ends(block),
                None => {
                    let mut block = [0; BLOCK];
                    block[..rest.len()].copy_from_slice(rest);
                    lanes.line_ends(&block)
                }
            };
            returns |= masks.returns;
            let mut mask = masks.feeds | masks.returns;
            let ones = mask.count_ones() as usize;
            // Hardly a block has more than two: a loop over none, one or two would miss its end.
            for place in count..count + ones.max(2) {
                ends.found[place % FOUND_MAX] = ends.from + mask.trailing_zeros() as usize;
                mask &= mask.wrapping_sub(1);
            }
            count += ones;
            ends.from += BLOCK;
        }
        (ends.count, ends.taken) = (count, 0);
        ends.has_returns |= returns != 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::both_ways;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_its_naive_twin(text in "[a\r\n\t]{0,900}|[a-z]{0,130}\n[a-z]{0,130}", from in 0usize..200) {
            let text = text.as_bytes();
            let from = from.min(text.len());
            let naive: Vec<usize> = (from..text.len()).filter(|&at| matches!(text[at], b'\n' | b'\r')).collect();
            prop_assert_eq!(both_ways(|| LineEnds::new(text, from).collect::<Vec<_>>()), naive);
        }
    }
}
