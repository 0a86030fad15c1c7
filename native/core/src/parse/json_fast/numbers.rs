//! Whole numbers of a block of rows, read together: what is the same for all of them is done some rows at a time.

use super::block::BLOCK_ROWS;
use super::digits::{POWERS, leading_digits};

/// The numbers of a block. Rows are below `BLOCK_ROWS`: the remainder spares their loops a check.
#[derive(Debug)]
pub(super) struct Numbers {
    /// What stands behind the sign: eight bytes, and the next eight.
    words: [[u64; BLOCK_ROWS]; 2],
    /// Whether there is a sign: all bits, or none.
    signs: [i64; BLOCK_ROWS],
    values: [i64; BLOCK_ROWS],
    /// How many digits; none where the number is not plain.
    digits: [usize; BLOCK_ROWS],
}

impl Default for Numbers {
    #[inline(always)]
    fn default() -> Self {
        Self {
            words: [[0; BLOCK_ROWS]; 2],
            signs: [0; BLOCK_ROWS],
            values: [0; BLOCK_ROWS],
            digits: [0; BLOCK_ROWS],
        }
    }
}

impl Numbers {
    /// The bytes of a row, behind the sign.
    #[inline(always)]
    pub fn put(&mut self, row: usize, is_negative: bool, bytes: &[u8; 16]) {
        let row = row % BLOCK_ROWS;
        let words = u128::from_le_bytes(*bytes);
        self.words[0][row] = words as u64;
        self.words[1][row] = (words >> 64) as u64;
        self.signs[row] = -i64::from(is_negative);
    }

    /// Reads all of them.
    #[inline(always)]
    pub fn read(&mut self) {
        let mut longest = 0;
        for row in 0..BLOCK_ROWS {
            let (value, digits) = leading_digits(self.words[0][row]);
            self.values[row] = value;
            self.digits[row] = digits;
            longest = longest.max(digits);
        }
        if longest == 8 {
            for row in 0..BLOCK_ROWS {
                let (rest, more) = leading_digits(self.words[1][row]);
                let more = if self.digits[row] == 8 { more } else { 0 };
                let value = self.values[row] * POWERS[more];
                self.values[row] = value + if more == 0 { 0 } else { rest };
                self.digits[row] += more;
            }
        }
        for row in 0..BLOCK_ROWS {
            let (sign, digits) = (self.signs[row], self.digits[row]);
            self.values[row] = (self.values[row] ^ sign) - sign;
            // Leading zeros and long ones are for the exact reader.
            let has_zero = (digits > 1) & (self.words[0][row] as u8 == b'0');
            let is_plain = (digits < 16) & !has_zero;
            self.digits[row] = if is_plain { digits } else { 0 };
        }
    }

    /// The number of a row, and whether it is a plain one of that range.
    #[inline(always)]
    pub fn get(&self, row: usize, (least, most): (i64, i64)) -> (i64, bool) {
        let row = row % BLOCK_ROWS;
        let value = self.values[row];
        (value, (self.digits[row] > 0) & (least <= value) & (value <= most))
    }

    /// Its bytes, the sign included.
    #[inline(always)]
    pub fn length(&self, row: usize) -> usize {
        let row = row % BLOCK_ROWS;
        self.digits[row] + usize::from(self.signs[row] != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The number at the start of a text, the obvious way.
    fn naive(text: &str) -> (i64, usize) {
        let digits = text.bytes().take(16).take_while(u8::is_ascii_digit).count();
        let is_plain = digits < 16 && !(digits > 1 && text.starts_with('0'));
        match is_plain {
            true => (text[..digits].parse().unwrap_or(0), digits),
            false => (0, 0),
        }
    }

    proptest! {
        #[test]
        fn numbers_of_a_block_equal_their_naive_twins(
            range in prop_oneof![Just(i64::MIN..=i64::MAX), Just(-128..=127)],
            rows in proptest::collection::vec((any::<bool>(), "[0-9]{0,17},[ -~]{16}"), 0..=BLOCK_ROWS),
        ) {
            let mut numbers = Numbers::default();
            for (row, (is_negative, text)) in rows.iter().enumerate() {
                numbers.put(row, *is_negative, text.as_bytes().first_chunk().unwrap());
            }
            numbers.read();
            for (row, (is_negative, text)) in rows.iter().enumerate() {
                let (value, digits) = naive(text);
                let value = if *is_negative { -value } else { value };
                let (found, is_plain) = numbers.get(row, (*range.start(), *range.end()));
                prop_assert_eq!(is_plain, digits > 0 && range.contains(&value));
                prop_assert!(digits == 0 || found == value);
                prop_assert!(digits == 0 || numbers.length(row) == digits + usize::from(*is_negative));
            }
        }
    }
}
