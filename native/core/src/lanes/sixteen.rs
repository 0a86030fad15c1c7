//! Sixteen bytes at a time: what every processor of the supported platforms can.

use wide::u8x16;

use super::{BLOCK, Lanes, LineMasks, Stops};

const LANES: usize = 16;

/// Sixteen bytes at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sixteen;

impl Lanes for Sixteen {
    #[inline(always)]
    fn stops(self, text: &[u8; BLOCK], quote: u8) -> Stops {
        let (lanes, _) = text.as_chunks::<LANES>();
        let mut stops = Stops::default();
        for (index, lane) in lanes.iter().enumerate() {
            let (quotes, others) = stops_of(u8x16::new(*lane), quote);
            // Most texts are short.
            if quotes | others != 0 {
                stops.quotes = u64::from(quotes) << (LANES * index);
                stops.others = u64::from(others) << (LANES * index);
                break;
            }
        }
        stops
    }

    #[inline(always)]
    fn line_ends(self, block: &[u8; BLOCK]) -> LineMasks {
        let (lanes, _) = block.as_chunks::<LANES>();
        // Both are low bytes, and hardly another byte of a text is one: most blocks of long lines have none.
        let least = lanes
            .iter()
            .fold(u8x16::splat(u8::MAX), |least, lane| least.min(u8x16::new(*lane)));
        let mut masks = LineMasks::default();
        if least.min(u8x16::splat(b'\r')).simd_eq(least).to_bitmask() == 0 {
            return masks;
        }
        for (index, lane) in lanes.iter().enumerate() {
            let mask_of =
                |byte: u8| u64::from(u8x16::new(*lane).simd_eq(u8x16::splat(byte)).to_bitmask()) << (LANES * index);
            masks.feeds |= mask_of(b'\n');
            masks.returns |= mask_of(b'\r');
        }
        masks
    }

    #[inline(always)]
    fn are_same(self, left: &[u8; 32], right: &[u8; 32], bits: u32) -> bool {
        let same_half = |from: usize| {
            let half = |bytes: &[u8; 32]| {
                bytes[from..]
                    .first_chunk()
                    .map_or(u8x16::ZERO, |half| u8x16::new(*half))
            };
            half(left).simd_eq(half(right)).to_bitmask()
        };
        let mut same = same_half(0);
        if bits >> LANES != 0 {
            same |= same_half(LANES) << LANES;
        }
        same & bits == bits
    }
}

/// The quotes among some bytes, and what else ends a plain text.
#[inline(always)]
fn stops_of(bytes: u8x16, quote: u8) -> (u32, u32) {
    // From the blank on ASCII has 0x60 bytes.
    let from_blank = bytes - u8x16::splat(b' ');
    let others = from_blank.max(u8x16::splat(0x60)).simd_eq(from_blank) | bytes.simd_eq(u8x16::splat(b'\\'));
    (bytes.simd_eq(u8x16::splat(quote)).to_bitmask(), others.to_bitmask())
}

/// How many bytes of a text are plain: all of them, or those before its first stop. Fewer than `BLOCK` may be left.
#[inline]
pub(crate) fn plain_length(text: &[u8], quote: u8) -> usize {
    let (lanes, rest) = text.as_chunks::<LANES>();
    let first_stop = |lane: &[u8; LANES]| {
        let (quotes, others) = stops_of(u8x16::new(*lane), quote);
        (quotes | others).trailing_zeros() as usize
    };
    for (index, lane) in lanes.iter().enumerate() {
        let length = first_stop(lane);
        if length < LANES {
            return LANES * index + length;
        }
    }
    // The noughts behind the rest are control characters: it stops there at the latest.
    let mut last = [0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    text.len() - rest.len() + first_stop(&last)
}
