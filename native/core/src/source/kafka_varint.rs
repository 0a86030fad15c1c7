//! Reads the variable-length integers of Kafka records from untrusted bytes.

/// A cursor over one record section. Every read is bounds-checked; `None` means that the bytes end or lie.
pub(super) struct VarintCursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> VarintCursor<'a> {
    /// Starts at `position` of `bytes`.
    pub(super) fn new(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    /// Where the next read begins.
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// One plain byte.
    #[inline(always)]
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.position)?;
        self.position += 1;
        Some(byte)
    }

    /// Steps over `length` bytes and gives where they began.
    #[inline(always)]
    pub(super) fn skip(&mut self, length: usize) -> Option<usize> {
        let start = self.position;
        let end = start.checked_add(length)?;
        if end > self.bytes.len() {
            return None;
        }
        self.position = end;
        Some(start)
    }

    /// A zigzag varint of at most 32 bits. More than five bytes, or bits that do not fit, are refused.
    #[inline(always)]
    pub(super) fn varint(&mut self) -> Option<i32> {
        let first = self.byte()?;
        // Lengths and deltas below 64 are the rule, so one byte is the common case.
        if first < 0x80 {
            return Some(zigzag_32(u32::from(first)));
        }
        self.varint_tail(first)
    }

    fn varint_tail(&mut self, first: u8) -> Option<i32> {
        let mut value = u32::from(first & 0x7f);
        for shift in [7, 14, 21] {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(zigzag_32(value));
            }
        }
        let last = self.byte()?;
        if last > 0x0f {
            return None;
        }
        Some(zigzag_32(value | u32::from(last) << 28))
    }

    /// A zigzag varint of at most 64 bits. More than ten bytes, or bits that do not fit, are refused.
    #[inline(always)]
    pub(super) fn varlong(&mut self) -> Option<i64> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(zigzag_64(u64::from(first)));
        }
        self.varlong_tail(first)
    }

    fn varlong_tail(&mut self, first: u8) -> Option<i64> {
        let mut value = u64::from(first & 0x7f);
        let mut shift = 7;
        while shift < 63 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(zigzag_64(value));
            }
            shift += 7;
        }
        let last = self.byte()?;
        if last > 0x01 {
            return None;
        }
        Some(zigzag_64(value | u64::from(last) << 63))
    }
}

#[inline(always)]
fn zigzag_32(value: u32) -> i32 {
    ((value >> 1) as i32) ^ -((value & 1) as i32)
}

#[inline(always)]
fn zigzag_64(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A varint of `bits` bits and the bytes that it takes, seven bits after seven bits.
    fn varint_naive(bytes: &[u8], bits: u32) -> Option<(i64, usize)> {
        let mut value = 0u128;
        for (index, byte) in bytes.iter().enumerate().take(bits.div_ceil(7) as usize) {
            value |= u128::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                let magnitude = i128::try_from(value >> 1).ok()?;
                let signed = if value & 1 == 0 { magnitude } else { -magnitude - 1 };
                return (value >> bits == 0).then_some((i64::try_from(signed).ok()?, index + 1));
            }
        }
        None
    }

    proptest! {
        #[test]
        fn varints_equal_their_naive_twin(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0x80u8..=0xff], 0..12)) {
            let mut cursor = VarintCursor::new(&bytes, 0);
            let found = cursor.varlong().map(|value| (value, cursor.position()));
            prop_assert_eq!(found, varint_naive(&bytes, 64));
            let mut cursor = VarintCursor::new(&bytes, 0);
            let found = cursor.varint().map(|value| (i64::from(value), cursor.position()));
            prop_assert_eq!(found, varint_naive(&bytes, 32));
        }
    }

    fn varint(bytes: &[u8]) -> Option<i32> {
        VarintCursor::new(bytes, 0).varint()
    }

    fn varlong(bytes: &[u8]) -> Option<i64> {
        VarintCursor::new(bytes, 0).varlong()
    }

    #[test]
    fn reads_the_edges() {
        assert_eq!(varint(&[0x00]), Some(0));
        assert_eq!(varint(&[0x01]), Some(-1));
        assert_eq!(varint(&[0x7f]), Some(-64));
        assert_eq!(varint(&[0x80, 0x01]), Some(64));
        assert_eq!(varint(&[0xfe, 0xff, 0xff, 0xff, 0x0f]), Some(i32::MAX));
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Some(i32::MIN));
        assert_eq!(
            varlong(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
            Some(i64::MIN)
        );
        assert_eq!(
            varlong(&[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
            Some(i64::MAX)
        );
    }

    #[test]
    fn refuses_what_is_too_long_or_cut() {
        assert_eq!(varint(&[]), None);
        assert_eq!(varint(&[0x80]), None);
        assert_eq!(varint(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), None);
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0x1f]), None);
        assert_eq!(varlong(&[0x80; 11]), None);
        assert_eq!(
            varlong(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]),
            None
        );
    }

    #[test]
    fn never_leaves_the_bytes() {
        let mut cursor = VarintCursor::new(&[1, 2, 3], 0);
        assert_eq!(cursor.skip(4), None);
        assert_eq!(cursor.skip(usize::MAX), None);
        assert_eq!(cursor.skip(3), Some(0));
        assert_eq!(cursor.byte(), None);
    }
}
