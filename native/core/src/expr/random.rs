//! Chance as Spark has it: XORShiftRandom, which a seed decides to the bit, and the Bernoulli sampler over it.

use arrow_array::{ArrayRef, BooleanArray};

use super::{filter_columns, murmur3};
use crate::error::Result;
use crate::query::Rows;

/// What Scala's MurmurHash3 begins the hash of an array with.
const ARRAY_SEED: u32 = 0x3c07_4a61;

/// Spark's XORShiftRandom.
struct XorShift {
    state: i64,
}

impl XorShift {
    /// Seeds close to each other begin far apart: the state is a hash of the seed.
    fn new(seed: i64) -> Self {
        let low = murmur3(&seed.to_be_bytes(), ARRAY_SEED);
        let high = murmur3(&seed.to_be_bytes(), low);
        Self {
            state: (i64::from(high) << 32) | i64::from(low),
        }
    }

    fn next_bits(&mut self, bits: u32) -> i64 {
        let mut next = self.state ^ (self.state << 21);
        next ^= ((next as u64) >> 35) as i64;
        next ^= next << 4;
        self.state = next;
        next & ((1 << bits) - 1)
    }

    /// Java's `Random.nextDouble`: 53 bits in [0, 1).
    fn next_double(&mut self) -> f64 {
        let bits = (self.next_bits(26) << 27) + self.next_bits(27);
        bits as f64 / (1_i64 << 53) as f64
    }
}

/// Each row with the probability `fraction`: what Spark keeps of a DataFrame of one partition.
pub fn sample_rows(fraction: f64, seed: i64, columns: &[ArrayRef], rows: usize) -> Result<Rows> {
    let mut random = XorShift::new(seed);
    let kept: BooleanArray = (0..rows)
        .map(|_| Some(fraction > 0.0 && random.next_double() < fraction))
        .collect();
    Ok((filter_columns(columns, &kept)?, kept.true_count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_numbers_of_spark() {
        // rand(0) of Spark 3 and later.
        assert_eq!(XorShift::new(0).next_double(), 0.7604953758285915);
        let mut random = XorShift::new(42);
        assert_eq!(random.next_double(), 0.619189370225301);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.next_double())));
    }

    #[test]
    fn everything_and_nothing_are_fractions() {
        let sampled = |fraction| sample_rows(fraction, 7, &[], 100).unwrap().1;
        assert_eq!((sampled(0.0), sampled(1.0)), (0, 100));
        assert!((30..70).contains(&sampled(0.5)));
    }
}
