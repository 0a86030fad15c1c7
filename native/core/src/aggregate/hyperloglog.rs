//! approx_count_distinct: HyperLogLog++ with the registers, thresholds and bias correction of Spark's.

use super::hyperloglog_biases::BIASES;
use super::hyperloglog_estimates::RAW_ESTIMATES;

/// Estimates that the bias is averaged over.
const NEIGHBOURS: usize = 6;

/// Estimates from which on linear counting is not used, by precision from 4.
const THRESHOLDS: [f64; 15] = [
    10.0, 20.0, 40.0, 80.0, 220.0, 400.0, 900.0, 1800.0, 3100.0, 6500.0, 15500.0, 20000.0, 50000.0, 120_000.0,
    350_000.0,
];

/// Bits of a hash that pick a register, for a relative standard deviation; none where it asks for too few or too many
/// registers.
pub fn precision_of(relative_sd: f64) -> Option<u8> {
    let bits = (2.0 * (1.106 / relative_sd).ln() / 2f64.ln()).ceil();
    (4.0..=24.0).contains(&bits).then_some(bits as u8)
}

/// Notes a hash in the registers, one byte each.
#[inline]
pub fn add_hash(registers: &mut [u8], precision: u8, hash: u64) {
    let index = (hash >> (64 - u32::from(precision))) as usize;
    let padding = 1u64 << (precision - 1);
    let zeros = ((hash << precision) | padding).leading_zeros() as u8 + 1;
    if let Some(register) = registers.get_mut(index) {
        *register = (*register).max(zeros);
    }
}

/// The estimate that the registers give.
pub fn estimate(registers: &[u8], precision: u8) -> i64 {
    let count = registers.len() as f64;
    let mut inverse = 0.0;
    let mut zeros = 0.0;
    for &register in registers {
        inverse += 1.0 / (1u64 << register) as f64;
        if register == 0 {
            zeros += 1.0;
        }
    }
    let alpha = match precision {
        4 => 0.673,
        5 => 0.697,
        6 => 0.709,
        _ => 0.7213 / (1.0 + 1.079 / count),
    };
    let raw = alpha * count * count / inverse;
    let table = usize::from(precision) - 4;
    let corrected = || {
        if precision < 19 && raw < 5.0 * count {
            raw - bias(raw, table)
        } else {
            raw
        }
    };
    let value = if zeros > 0.0 {
        let linear = count * (count / zeros).ln();
        let is_small = THRESHOLDS.get(table).is_some_and(|&threshold| linear <= threshold);
        if is_small || raw <= 2.5 * count {
            linear
        } else {
            corrected()
        }
    } else {
        corrected()
    };
    (value + 0.5).floor() as i64
}

/// The mean bias of the estimates nearest to `raw`.
fn bias(raw: f64, table: usize) -> f64 {
    let estimates = RAW_ESTIMATES[table];
    let nearest = match estimates.binary_search_by(|estimate| estimate.total_cmp(&raw)) {
        Ok(index) | Err(index) => index,
    };
    let distance = |index: usize| (raw - estimates[index]) * (raw - estimates[index]);
    let mut low = (nearest + 1).saturating_sub(NEIGHBOURS);
    let mut high = (low + NEIGHBOURS).min(estimates.len());
    while high < estimates.len() && distance(high) < distance(low) {
        low += 1;
        high += 1;
    }
    let sum: f64 = BIASES[table][low..high].iter().sum();
    sum / (high - low) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh64::xxh64;

    #[test]
    fn estimates_stay_near_the_truth_at_every_size() {
        assert_eq!(precision_of(0.05), Some(9));
        assert_eq!(precision_of(0.5), None);
        for precision in [4, 9, 14] {
            let mut registers = vec![0; 1 << precision];
            assert_eq!(estimate(&registers, precision), 0);
            let mut added = 0u64;
            for size in [5u64, 100, 1500, 40_000] {
                while added < size {
                    add_hash(&mut registers, precision, xxh64(&added.to_le_bytes(), 42));
                    added += 1;
                }
                let error = (estimate(&registers, precision) as f64 - size as f64).abs() / size as f64;
                assert!(
                    error < 4.0 * 1.04 / (registers.len() as f64).sqrt(),
                    "{precision} {size}: {error}"
                );
            }
        }
    }
}
