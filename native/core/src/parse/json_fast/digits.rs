//! Whole numbers of up to eight digits without a loop over them.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Powers of ten, by their number of noughts.
pub(super) const POWERS: [i64; 9] = {
    let mut powers = [1; 9];
    let mut noughts = 1;
    while noughts < powers.len() {
        powers[noughts] = 10 * powers[noughts - 1];
        noughts += 1;
    }
    powers
};

/// The number that up to eight digits at the start of eight bytes make, and how many they are; behind eight it may go on. Without a
/// branch: a loop over many is done some at a time.
#[inline(always)]
pub(super) fn leading_digits(bytes: u64) -> (i64, usize) {
    let digits = bytes ^ (ONES * u64::from(b'0'));
    // A byte above nine carries into its highest bit, or has it.
    let others = (digits.wrapping_add(ONES * 0x76) | digits) & HIGHS;
    let count = others.trailing_zeros() / 8;
    // Zeros go before them, then neighbours are put together: digits to pairs, pairs to fours, fours to eight.
    let digits = digits.checked_shl(64 - 8 * count).unwrap_or(0);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
    (eight as i64, count as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leading_digits_equal_their_naive_twin(text in "[0-9]{0,8}[^0-9].{8}") {
            let bytes = text.as_bytes();
            let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let value = text[..count].parse().unwrap_or(0);
            prop_assert_eq!(leading_digits(u64::from_le_bytes(*bytes.first_chunk().unwrap())), (value, count));
        }
    }
}
