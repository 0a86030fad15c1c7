//! Sums and means that are exact: decimals, intervals; and the bits of integers.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};

use super::{BitOperation, Overflow};
use crate::error::{Error, ErrorCode, Result};
use crate::state::{GroupTable, Slot};

/// Words of a sum of decimals: the sum, low word first; the number of values; 1 where the sum has overflowed.
pub const DECIMAL_WORDS: usize = 4;

/// Adds a value to a sum of BIGINT or of intervals. A sum that overflowed under [`Overflow::Null`] has its flag unset
/// and a word of 1.
#[inline(always)]
pub fn add_long(table: &mut GroupTable, group: u32, slot: Slot, value: i64, overflow: Overflow) -> Result<()> {
    let row = table.row_mut(group);
    let before = row[slot.word];
    let (sum, overflows) = (before as i64).overflowing_add(value);
    if overflows || (before != 0 && !slot.is_set(row)) {
        return add_overflowing_long(row, slot, value, overflow);
    }
    row[slot.word] = sum as u64;
    slot.set(row, true);
    Ok(())
}

/// As [`add_long`], where the sum overflows or has done so.
#[cold]
fn add_overflowing_long(row: &mut [u64], slot: Slot, value: i64, overflow: Overflow) -> Result<()> {
    if !slot.is_set(row) {
        return Ok(());
    }
    match overflow {
        Overflow::Raise => return Err(long_overflow()),
        Overflow::Wrap => row[slot.word] = row[slot.word].wrapping_add(value as u64),
        Overflow::Null => {
            row[slot.word] = 1;
            slot.set(row, false);
        }
    }
    Ok(())
}

/// Whether a sum under [`Overflow::Null`] has overflowed.
pub fn has_overflowed(table: &GroupTable, group: u32, slot: Slot) -> bool {
    !table.flag(group, slot) && table.word(group, slot.word) != 0
}

/// Makes a sum one that has overflowed.
pub fn set_overflowed(table: &mut GroupTable, group: u32, slot: Slot) {
    *table.word_mut(group, slot.word) = 1;
    table.clear_flag(group, slot);
}

fn long_overflow() -> Error {
    Error::new(ErrorCode::ArithmeticOverflow)
        .with("message", "long overflow")
        .with(
            "alternative",
            " Use 'try_sum' to tolerate overflow and return NULL instead.",
        )
        .with("config", "\"spark.sql.ansi.enabled\"")
}

/// INTERVAL_ARITHMETIC_OVERFLOW of sum() or avg() of intervals.
pub fn interval_overflow() -> Error {
    Error::new(ErrorCode::IntervalArithmeticOverflowWithSuggestion).with("functionName", "`try_add`")
}

/// Adds decimals to their groups' sums.
pub fn add_decimals(table: &mut GroupTable, slot: Slot, groups: &[u32], array: &ArrayRef, precision: u8) -> Result<()> {
    let values = array.as_primitive::<Decimal128Type>();
    for (row, &group) in groups.iter().enumerate() {
        if values.is_valid(row) {
            add_decimal(table, group, slot, Some(values.value(row)), 1, precision);
        }
    }
    Ok(())
}

/// Adds `value`, the sum of `count` values; none is a sum that has overflowed.
fn add_decimal(table: &mut GroupTable, group: u32, slot: Slot, value: Option<i128>, count: u64, precision: u8) {
    let (kept, before) = decimal_of(table, group, slot);
    let sum = match (kept, value) {
        (Some(kept), Some(value)) => kept.checked_add(value),
        _ => None,
    };
    // Spark keeps a sum of the full precision in a row that holds no more digits than that.
    let sum = sum.filter(|sum| fits(*sum, precision));
    let bits = sum.unwrap_or(0) as u128;
    *table.word_mut(group, slot.word) = bits as u64;
    *table.word_mut(group, slot.word + 1) = (bits >> 64) as u64;
    *table.word_mut(group, slot.word + 2) = before + count;
    *table.word_mut(group, slot.word + 3) = u64::from(sum.is_none());
    table.set_flag(group, slot);
}

/// The sum (none where it has overflowed) and the number of values.
pub fn decimal_of(table: &GroupTable, group: u32, slot: Slot) -> (Option<i128>, u64) {
    let low = u128::from(table.word(group, slot.word));
    let high = u128::from(table.word(group, slot.word + 1)) << 64;
    let has_overflowed = table.word(group, slot.word + 3) != 0;
    (
        (!has_overflowed).then_some((low | high) as i128),
        table.word(group, slot.word + 2),
    )
}

/// Puts the sum of a partial group into a group.
pub fn merge_decimal(table: &mut GroupTable, row: u32, from: &GroupTable, from_row: u32, slot: Slot, precision: u8) {
    let (sum, count) = decimal_of(from, from_row, slot);
    add_decimal(table, row, slot, sum, count, precision);
}

/// The result of a sum or mean of decimals in `precision` and `scale`; null where nothing was added.
pub fn finish_decimal(
    table: &GroupTable,
    row: u32,
    slot: Slot,
    mean: bool,
    sum_scale: i8,
    (precision, scale): (u8, i8),
    raises: bool,
) -> Result<Option<i128>> {
    let (sum, count) = decimal_of(table, row, slot);
    if count == 0 {
        return Ok(None);
    }
    let Some(sum) = sum else {
        return if raises {
            Err(decimal_sum_overflow(mean))
        } else {
            Ok(None)
        };
    };
    if !mean {
        return Ok(Some(sum));
    }
    let places = u32::try_from(i32::from(scale) - i32::from(sum_scale)).unwrap_or(0);
    let value = divide_half_up(sum, i128::from(count), places).filter(|&value| fits(value, precision));
    if value.is_none() && raises {
        return Err(Error::new(ErrorCode::NumericValueOutOfRangeWithSuggestion)
            .with("value", mean_text(sum, count, sum_scale))
            .with("precision", precision.to_string())
            .with("scale", scale.to_string())
            .with("config", "\"spark.sql.ansi.enabled\""));
    }
    Ok(value)
}

fn decimal_sum_overflow(mean: bool) -> Error {
    let hint = if mean { "try_avg" } else { "try_sum" };
    Error::new(ErrorCode::ArithmeticOverflow)
        .with("message", "Overflow in sum of decimals.")
        .with(
            "alternative",
            format!(" Use '{hint}' to tolerate overflow and return NULL instead."),
        )
        .with("config", "\"spark.sql.ansi.enabled\"")
}

/// The mean that is too long, for the message.
fn mean_text(sum: i128, count: u64, scale: i8) -> String {
    let whole = sum / i128::from(count.max(1));
    let digits = whole.unsigned_abs().to_string();
    let scale = usize::try_from(scale).unwrap_or(0);
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (before, after) = padded.split_at(padded.len() - scale);
    let sign = if whole < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{before}{point}{after}")
}

/// `value * 10^places / divisor`, halves away from zero; none on overflow.
pub fn divide_half_up(value: i128, divisor: i128, places: u32) -> Option<i128> {
    let factor = 10i128.checked_pow(places)?;
    let (quotient, rest) = (value.checked_div(divisor)?, value.checked_rem(divisor)?);
    // The rest is less than the divisor, a count of rows: with a few digits more it still fits.
    let scaled = rest.checked_mul(factor)?;
    let (more, rest) = (scaled / divisor, scaled % divisor);
    let away = if rest.abs().checked_mul(2)? >= divisor.abs() {
        if (value < 0) == (divisor < 0) { 1 } else { -1 }
    } else {
        0
    };
    quotient.checked_mul(factor)?.checked_add(more)?.checked_add(away)
}

/// Whether a number has at most `precision` digits.
pub fn fits(value: i128, precision: u8) -> bool {
    10u128
        .checked_pow(u32::from(precision))
        .is_some_and(|limit| value.unsigned_abs() < limit)
}

/// Puts bits together.
pub fn combine_bits(table: &mut GroupTable, group: u32, slot: Slot, value: i64, operation: BitOperation) {
    let is_set = table.flag(group, slot);
    let word = table.word_mut(group, slot.word);
    let value = value as u64;
    *word = match operation {
        _ if !is_set => value,
        BitOperation::And => *word & value,
        BitOperation::Or => *word | value,
        BitOperation::Xor => *word ^ value,
    };
    table.set_flag(group, slot);
}

/// Adds intervals to means: the word is the sum, the next the number of values.
pub fn add_interval_mean(
    table: &mut GroupTable,
    slot: Slot,
    groups: &[u32],
    values: &arrow_array::PrimitiveArray<Int64Type>,
    overflow: Overflow,
) -> Result<()> {
    for (row, &group) in groups.iter().enumerate() {
        if values.is_valid(row) {
            add_long(table, group, slot, values.value(row), overflow).map_err(|error| error.at_row(row))?;
            *table.word_mut(group, slot.word + 1) += 1;
        }
    }
    Ok(())
}

/// Multiplies doubles into their groups' products.
pub fn multiply(table: &mut GroupTable, slot: Slot, groups: &[u32], array: &ArrayRef) {
    let values = array.as_primitive::<Float64Type>();
    for (row, &group) in groups.iter().enumerate() {
        if values.is_valid(row) {
            multiply_one(table, group, slot, values.value(row));
        }
    }
}

/// Multiplies one double into a product, which begins with 1.
pub fn multiply_one(table: &mut GroupTable, group: u32, slot: Slot, value: f64) {
    let before = if table.flag(group, slot) {
        f64::from_bits(table.word(group, slot.word))
    } else {
        1.0
    };
    *table.word_mut(group, slot.word) = (before * value).to_bits();
    table.set_flag(group, slot);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_round_halves_away_from_zero() {
        assert_eq!(divide_half_up(5, 3, 4), Some(16_667));
        assert_eq!(divide_half_up(-1, 2, 0), Some(-1));
        assert_eq!(divide_half_up(1, 2, 0), Some(1));
        assert_eq!(divide_half_up(10i128.pow(37), 1, 4), None);
        assert!(fits(99, 2) && !fits(-100, 2));
    }
}
