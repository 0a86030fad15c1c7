//! Whole numbers of up to sixteen digits without a loop over them.

use wide::u8x16;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Powers of ten, by their number of noughts.
pub(super) const POWERS: [i64; 17] = {
    let mut powers = [1; 17];
    let mut noughts = 1;
    while noughts < powers.len() {
        powers[noughts] = 10 * powers[noughts - 1];
        noughts += 1;
    }
    powers
};

/// The number that up to eight digits at the start of eight bytes make, and how many they are; behind eight it may go on.
#[inline]
pub(super) fn leading_digits(bytes: u64) -> (i64, usize) {
    let digits = bytes ^ (ONES * u64::from(b'0'));
    // A byte above nine carries into its highest bit, or has it.
    let others = (digits.wrapping_add(ONES * 0x76) | digits) & HIGHS;
    let count = (others.trailing_zeros() / 8) as usize;
    if count == 0 {
        return (0, 0);
    }
    // Zeros go before them, then neighbours are put together: digits to pairs, pairs to fours, fours to eight.
    let digits = digits << (64 - 8 * count);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    (eight as i64, count)
}

/// As `leading_digits`, for up to sixteen.
#[inline]
pub(super) fn leading_digits_16(chunk: &[u8; 16]) -> (i64, usize) {
    let words = u128::from_le_bytes(*chunk);
    let (value, count) = leading_digits(words as u64);
    if count < 8 {
        return (value, count);
    }
    let (rest, more) = leading_digits((words >> 64) as u64);
    (value * POWERS[more.min(8)] + rest, count + more)
}

/// How many digits stand at the start of sixteen bytes.
#[inline]
pub(super) fn digit_count(chunk: &[u8; 16]) -> usize {
    let digits = u8x16::new(*chunk) - u8x16::splat(b'0');
    let others = digits.max(u8x16::splat(10)).simd_eq(digits).to_bitmask();
    (others | 1 << 16).trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leading_digits_equal_their_naive_twin(text in "[0-9]{0,16}[^0-9].{16}") {
            let bytes = text.as_bytes();
            let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let naive = |most: usize| {
                let count = count.min(most);
                (text[..count].parse().unwrap_or(0), count)
            };
            prop_assert_eq!(leading_digits(u64::from_le_bytes(*bytes.first_chunk().unwrap())), naive(8));
            prop_assert_eq!(leading_digits_16(bytes.first_chunk().unwrap()), naive(16));
            prop_assert_eq!(digit_count(bytes.first_chunk().unwrap()), count);
        }
    }
}
