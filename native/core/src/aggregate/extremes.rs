//! Least and greatest: of numbers, text and nested values, and of what stands beside them.

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use arrow_array::{Array, ArrayRef};

use crate::error::Result;
use crate::state::{GroupTable, Slot, ValueCodec, compare_doubles};

/// Keeps an integer where it is better than the kept one.
#[inline]
pub fn keep_long(table: &mut GroupTable, group: u32, slot: Slot, value: i64, greatest: bool) {
    let is_set = table.flag(group, slot);
    let word = table.word_mut(group, slot.word);
    let kept = *word as i64;
    if !is_set || (if greatest { value > kept } else { value < kept }) {
        *word = value as u64;
        table.set_flag(group, slot);
    }
}

/// Keeps a double where it is better; of two zeros the first stays.
#[inline]
pub fn keep_double(table: &mut GroupTable, group: u32, slot: Slot, value: f64, greatest: bool) {
    let is_set = table.flag(group, slot);
    let word = table.word_mut(group, slot.word);
    let order = compare_doubles(value, f64::from_bits(*word));
    if !is_set || is_better(order, greatest) {
        *word = value.to_bits();
        table.set_flag(group, slot);
    }
}

/// Keeps bytes where they are better.
pub fn keep_bytes(table: &mut GroupTable, group: u32, slot: Slot, value: &[u8], greatest: bool) -> Result<()> {
    if !table.flag(group, slot) || is_better(value.cmp(table.heap(group, slot)), greatest) {
        table.set_heap(group, slot, value)
    } else {
        Ok(())
    }
}

fn is_better(order: std::cmp::Ordering, greatest: bool) -> bool {
    if greatest { order.is_gt() } else { order.is_lt() }
}

/// Keeps decimals where they are better: two words, low first.
pub fn keep_decimals(table: &mut GroupTable, slot: Slot, groups: &[u32], array: &ArrayRef, greatest: bool) {
    let values = array.as_primitive::<Decimal128Type>();
    for (row, &group) in groups.iter().enumerate() {
        if values.is_valid(row) {
            keep_decimal(table, group, slot, values.value(row), greatest);
        }
    }
}

/// Keeps a decimal where it is better.
pub fn keep_decimal(table: &mut GroupTable, group: u32, slot: Slot, value: i128, greatest: bool) {
    if !table.flag(group, slot) || is_better(value.cmp(&decimal_of(table, group, slot)), greatest) {
        *table.word_mut(group, slot.word) = value as u64;
        *table.word_mut(group, slot.word + 1) = (value >> 64) as u64;
        table.set_flag(group, slot);
    }
}

/// The kept decimal.
pub fn decimal_of(table: &GroupTable, row: u32, slot: Slot) -> i128 {
    let low = u128::from(table.word(row, slot.word));
    (low | u128::from(table.word(row, slot.word + 1)) << 64) as i128
}

/// Keeps encoded values where they are better.
pub fn keep_encoded(
    table: &mut GroupTable,
    group: u32,
    slot: Slot,
    value: &[u8],
    greatest: bool,
    codec: &ValueCodec,
) -> Result<()> {
    if !table.flag(group, slot) || is_better(codec.compare(value, table.heap(group, slot))?, greatest) {
        table.set_heap(group, slot, value)?;
    }
    Ok(())
}

/// Keeps `pair`, an encoded value and behind it what comes with it, unless the kept value is strictly better: of equal
/// ones the last stays.
pub fn keep_pair(
    table: &mut GroupTable,
    group: u32,
    slot: Slot,
    pair: &[u8],
    greatest: bool,
    codec: &ValueCodec,
) -> Result<()> {
    if table.flag(group, slot) {
        // The order is decided by the value in front; the rest of the bytes is not looked at.
        let order = codec.compare(table.heap(group, slot), pair)?;
        if is_better(order, greatest) {
            return Ok(());
        }
    }
    table.set_heap(group, slot, pair)
}
