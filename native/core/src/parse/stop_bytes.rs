//! Finds what may end a JSON text: sixteen bytes at once.

use wide::u8x16;

/// Bytes looked at at once.
pub(super) const LANES: usize = 16;

/// Bit i of the first: byte i is the quote. Bit i of the second: it is that, a backslash, a control character, or no ASCII.
#[inline]
pub(super) fn stop_masks(bytes: &[u8; LANES], quote: u8) -> (u32, u32) {
    let lanes = u8x16::new(*bytes);
    let is_control = lanes.min(u8x16::splat(b' ' - 1)).simd_eq(lanes);
    let is_beyond_ascii = lanes.max(u8x16::splat(0x80)).simd_eq(lanes);
    let is_quote = lanes.simd_eq(u8x16::splat(quote));
    let is_other = lanes.simd_eq(u8x16::splat(b'\\')) | is_control | is_beyond_ascii;
    (is_quote.to_bitmask(), (is_quote | is_other).to_bitmask())
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
            let quotes = bytes.iter().enumerate().filter(|(_, byte)| **byte == quote);
            let mask = |found: &mut dyn Iterator<Item = (usize, &u8)>| found.map(|(at, _)| 1u32 << at).sum::<u32>();
            prop_assert_eq!(stop_masks(&bytes, quote), (mask(&mut { quotes }), mask(&mut { naive })));
        }
    }
}
