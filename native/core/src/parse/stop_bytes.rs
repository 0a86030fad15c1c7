//! Finds what may end a JSON text: sixteen bytes at once.

use wide::u8x16;

/// Bytes looked at at once.
pub(super) const LANES: usize = 16;

/// Bit i: byte i is the quote, a backslash, a control character, or no ASCII.
#[inline]
pub(super) fn stop_mask(bytes: &[u8; LANES], quote: u8) -> u32 {
    let lanes = u8x16::new(*bytes);
    // From the blank on ASCII has 0x60 bytes.
    let from_blank = lanes - u8x16::splat(b' ');
    let is_odd = from_blank.max(u8x16::splat(0x60)).simd_eq(from_blank) | lanes.simd_eq(u8x16::splat(b'\\'));
    (is_odd | lanes.simd_eq(u8x16::splat(quote))).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_its_naive_twin(bytes: [u8; LANES], quote in prop_oneof![Just(b'"'), Just(b'\'')]) {
            let naive = bytes.iter().enumerate().filter(|(_, byte)| {
                **byte == quote || **byte == b'\\' || **byte < b' ' || **byte >= 0x80
            });
            let naive = naive.map(|(at, _)| 1u32 << at).sum::<u32>();
            prop_assert_eq!(stop_mask(&bytes, quote), naive);
        }
    }
}
