//! Spark's XORShiftRandom: the random numbers of a seed, those of the JVM's own class bit for bit.

use super::murmur3;

/// Scala's seed for the hash of an array.
const ARRAY_SEED: u32 = 0x3c07_4a61;

/// A stream of random numbers that a seed determines.
#[derive(Clone, Debug)]
pub struct XorShiftRandom {
    state: u64,
}

impl XorShiftRandom {
    /// The numbers of a seed, which is hashed first: near seeds give numbers that are not alike.
    pub fn new(seed: i64) -> Self {
        let bytes = seed.to_be_bytes();
        let low = murmur3(&bytes, ARRAY_SEED);
        let high = murmur3(&bytes, low);
        Self {
            state: u64::from(high) << 32 | u64::from(low),
        }
    }

    /// The next number, evenly between 0 and 1, which is not among them.
    pub fn next_f64(&mut self) -> f64 {
        let bits = (self.next(26) << 27) + self.next(27);
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let whole = bits as f64;
        whole / (1_u64 << 53) as f64
    }

    /// The next `count` bits.
    fn next(&mut self, count: u32) -> u64 {
        self.state ^= self.state << 21;
        self.state ^= self.state >> 35;
        self.state ^= self.state << 4;
        self.state & ((1 << count) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Spark 4.3 gives for `rand(seed)` over a range of one partition.
    #[test]
    fn numbers_are_those_of_spark() {
        let numbers = |seed| {
            let mut random = XorShiftRandom::new(seed);
            [random.next_f64(), random.next_f64()]
        };
        assert_eq!(numbers(42), [0.619_189_370_225_301, 0.509_601_884_244_648_1]);
        assert_eq!(numbers(-1), [0.303_026_213_608_256_2, 0.321_137_967_709_295_37]);
    }
}
