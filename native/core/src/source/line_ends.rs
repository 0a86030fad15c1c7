//! Finds the bytes that end lines: sixty-four bytes at once.

use wide::u8x16;

const BLOCK: usize = 64;
const LANES: usize = 16;

/// The places of `\n` and `\r` in a text, in order.
pub(super) struct LineEnds<'a> {
    text: &'a [u8],
    /// Start of the block that `mask` is of.
    base: usize,
    /// Bit i: byte i of the block may end a line and was not looked at yet.
    mask: u64,
}

impl<'a> LineEnds<'a> {
    /// Those from `from` on, which is within `text`.
    pub(super) fn new(text: &'a [u8], from: usize) -> Self {
        let mut ends = Self {
            text,
            base: from,
            mask: 0,
        };
        ends.mask = ends.mask_at(from);
        ends
    }

    #[inline]
    fn mask_at(&self, base: usize) -> u64 {
        let rest = self.text.get(base..).unwrap_or_default();
        match rest.first_chunk::<BLOCK>() {
            Some(block) => block_mask(block),
            None => {
                let mut block = [0; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                block_mask(&block)
            }
        }
    }
}

impl Iterator for LineEnds<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            while self.mask == 0 {
                self.base += BLOCK;
                if self.base >= self.text.len() {
                    return None;
                }
                self.mask = self.mask_at(self.base);
            }
            let at = self.base + self.mask.trailing_zeros() as usize;
            self.mask &= self.mask - 1;
            // A tab, or what follows the text.
            if matches!(self.text.get(at), Some(b'\n' | b'\r')) {
                return Some(at);
            }
        }
    }
}

/// Bit i: byte i is `\r`, or less, as `\n` is and hardly another byte of a text.
#[inline]
fn block_mask(block: &[u8; BLOCK]) -> u64 {
    let (lanes, _) = block.as_chunks::<LANES>();
    let is_low = |bytes: u8x16| bytes.min(u8x16::splat(b'\r')).simd_eq(bytes);
    let least = lanes
        .iter()
        .fold(u8x16::splat(u8::MAX), |least, lane| least.min(u8x16::new(*lane)));
    if is_low(least).to_bitmask() == 0 {
        return 0;
    }
    let mut mask = 0;
    for (index, lane) in lanes.iter().enumerate() {
        mask |= u64::from(is_low(u8x16::new(*lane)).to_bitmask()) << (LANES * index);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_its_naive_twin(text in "[a\r\n\t]{0,200}|[a-z]{0,130}\n[a-z]{0,130}", from in 0usize..200) {
            let text = text.as_bytes();
            let from = from.min(text.len());
            let naive: Vec<usize> = (from..text.len()).filter(|&at| matches!(text[at], b'\n' | b'\r')).collect();
            prop_assert_eq!(LineEnds::new(text, from).collect::<Vec<_>>(), naive);
        }
    }
}
