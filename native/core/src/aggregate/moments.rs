//! Central moments of numbers and of pairs of numbers, by Spark's formulas in Spark's order of operations: the last bit
//! depends on it.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};

use super::{Moment, PairMoment};
use crate::state::{GroupTable, Slot};

/// Words of central moments: count, mean, and the sums of the second to fourth powers of distances from the mean.
pub const MOMENT_WORDS: usize = 5;
/// Words of moments of pairs: count, means of x and y, sums of products, of squares of x and of y.
pub const PAIR_WORDS: usize = 6;

fn read<const WORDS: usize>(table: &GroupTable, row: u32, slot: Slot) -> [f64; WORDS] {
    std::array::from_fn(|index| f64::from_bits(table.word(row, slot.word + index)))
}

fn write<const WORDS: usize>(table: &mut GroupTable, row: u32, slot: Slot, values: [f64; WORDS]) {
    for (index, value) in values.into_iter().enumerate() {
        *table.word_mut(row, slot.word + index) = value.to_bits();
    }
    table.set_flag(row, slot);
}

/// Adds numbers to their groups' moments.
pub fn add_values(table: &mut GroupTable, slot: Slot, groups: &[u32], array: &ArrayRef) {
    let values = array.as_primitive::<Float64Type>();
    for (row, &group) in groups.iter().enumerate() {
        if values.is_valid(row) {
            let state = add_value(read(table, group, slot), values.value(row));
            write(table, group, slot, state);
        }
    }
}

fn add_value([count, mean, m2, m3, m4]: [f64; MOMENT_WORDS], value: f64) -> [f64; MOMENT_WORDS] {
    let count = count + 1.0;
    let delta = value - mean;
    let delta_n = delta / count;
    let new_m2 = m2 + delta * (delta - delta_n);
    let delta2 = delta * delta;
    let delta_n2 = delta_n * delta_n;
    let new_m3 = m3 - 3.0 * delta_n * new_m2 + delta * (delta2 - delta_n2);
    let new_m4 = m4 - 4.0 * delta_n * new_m3 - 6.0 * delta_n2 * new_m2 + delta * (delta * delta2 - delta_n * delta_n2);
    [count, mean + delta_n, new_m2, new_m3, new_m4]
}

/// Puts the moments of a partial group into a group. An empty group takes part in the formulas, as in Spark.
pub fn merge_values(table: &mut GroupTable, row: u32, from: &GroupTable, from_row: u32, slot: Slot) {
    let [n1, mean1, m2_1, m3_1, m4_1] = read::<MOMENT_WORDS>(table, row, slot);
    let [n2, mean2, m2_2, m3_2, m4_2] = read::<MOMENT_WORDS>(from, from_row, slot);
    let count = n1 + n2;
    let delta = mean2 - mean1;
    let delta_n = if count == 0.0 { 0.0 } else { delta / count };
    let m2 = m2_1 + m2_2 + delta * delta_n * n1 * n2;
    let m3 = m3_1 + m3_2 + delta_n * delta_n * delta * n1 * n2 * (n1 - n2) + 3.0 * delta_n * (n1 * m2_2 - n2 * m2_1);
    let m4 = m4_1
        + m4_2
        + delta_n * delta_n * delta_n * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2)
        + 6.0 * delta_n * delta_n * (n1 * n1 * m2_2 + n2 * n2 * m2_1)
        + 4.0 * delta_n * (n1 * m3_2 - n2 * m3_1);
    write(table, row, slot, [count, mean1 + delta_n * n2, m2, m3, m4]);
}

/// The result; null where there are too few numbers.
pub fn finish_values(table: &GroupTable, row: u32, slot: Slot, moment: Moment) -> Option<f64> {
    let [count, _, m2, m3, m4] = read::<MOMENT_WORDS>(table, row, slot);
    if count == 0.0 {
        return None;
    }
    let of_sample = |value: f64| (count != 1.0).then_some(value);
    match moment {
        Moment::VariancePop => Some(m2 / count),
        Moment::VarianceSamp => of_sample(m2 / (count - 1.0)),
        Moment::StddevPop => Some((m2 / count).sqrt()),
        Moment::StddevSamp => of_sample((m2 / (count - 1.0)).sqrt()),
        Moment::Skewness => (m2 != 0.0).then(|| count.sqrt() * m3 / (m2 * m2 * m2).sqrt()),
        Moment::Kurtosis => (m2 != 0.0).then(|| count * m4 / (m2 * m2) - 3.0),
        Moment::SquareSum => Some(m2),
    }
}

/// Adds pairs to their groups' moments; a pair with a null is no pair.
pub fn add_pairs(table: &mut GroupTable, slot: Slot, groups: &[u32], x: &ArrayRef, y: &ArrayRef, moment: PairMoment) {
    let is_regression = matches!(moment, PairMoment::Slope | PairMoment::Intercept);
    let (xs, ys) = (x.as_primitive::<Float64Type>(), y.as_primitive::<Float64Type>());
    for (row, &group) in groups.iter().enumerate() {
        if xs.is_valid(row) && ys.is_valid(row) {
            let state = add_pair(read(table, group, slot), xs.value(row), ys.value(row), is_regression);
            write(table, group, slot, state);
        }
    }
}

/// Spark's regressions take the squares of x as its variances do, its correlations in another order of operations.
fn add_pair(
    [count, x_mean, y_mean, ck, x_mk, y_mk]: [f64; PAIR_WORDS],
    x: f64,
    y: f64,
    is_regression: bool,
) -> [f64; PAIR_WORDS] {
    let count = count + 1.0;
    let (dx, dy) = (x - x_mean, y - y_mean);
    let x_mean = x_mean + dx / count;
    let y_mean = y_mean + dy / count;
    [
        count,
        x_mean,
        y_mean,
        ck + dx * (y - y_mean),
        x_mk + dx * if is_regression { dx - dx / count } else { x - x_mean },
        y_mk + dy * (y - y_mean),
    ]
}

/// Puts the moments of a partial group of pairs into a group.
pub fn merge_pairs(table: &mut GroupTable, row: u32, from: &GroupTable, from_row: u32, slot: Slot) {
    let [n1, x1, y1, ck1, xm1, ym1] = read::<PAIR_WORDS>(table, row, slot);
    let [n2, x2, y2, ck2, xm2, ym2] = read::<PAIR_WORDS>(from, from_row, slot);
    let count = n1 + n2;
    let (dx, dy) = (x2 - x1, y2 - y1);
    let part = |delta: f64| if count == 0.0 { 0.0 } else { delta / count };
    let (dx_n, dy_n) = (part(dx), part(dy));
    write(
        table,
        row,
        slot,
        [
            count,
            x1 + dx_n * n2,
            y1 + dy_n * n2,
            ck1 + ck2 + dx * dy_n * n1 * n2,
            xm1 + xm2 + dx * dx_n * n1 * n2,
            ym1 + ym2 + dy * dy_n * n1 * n2,
        ],
    );
}

/// The result; null where there are too few pairs.
pub fn finish_pairs(table: &GroupTable, row: u32, slot: Slot, moment: PairMoment) -> Option<f64> {
    let [count, first_mean, second_mean, ck, first_mk, second_mk] = read::<PAIR_WORDS>(table, row, slot);
    if count == 0.0 {
        return None;
    }
    match moment {
        PairMoment::CovariancePop => Some(ck / count),
        PairMoment::CovarianceSamp => (count != 1.0).then(|| ck / (count - 1.0)),
        PairMoment::Correlation => (count != 1.0).then(|| ck / (first_mk * second_mk).sqrt()),
        PairMoment::R2 if second_mk == 0.0 => None,
        PairMoment::R2 if first_mk == 0.0 => Some(1.0),
        PairMoment::R2 => {
            let correlation = ck / (first_mk * second_mk).sqrt();
            Some(correlation * correlation)
        }
        PairMoment::Slope => (first_mk != 0.0).then(|| ck / first_mk),
        PairMoment::Intercept => (first_mk != 0.0).then(|| second_mean - ck / first_mk * first_mean),
        PairMoment::ProductSum => Some(ck),
    }
}
