//! The accumulators' loops: rows into groups, and partial groups into groups.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalYearMonthType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array};
use arrow_schema::DataType as ArrowType;

use super::Function;
use crate::error::{Error, ErrorCode, Result};
use crate::state::{GroupTable, ValueCodec};

/// Puts `argument[row]` into group `groups[row]` for each row. Without an argument each row counts.
pub fn update(
    table: &mut GroupTable,
    call: usize,
    function: Function,
    groups: &[u32],
    argument: Option<&ArrayRef>,
    codec: &ValueCodec,
) -> Result<()> {
    let slot = table.slot(call);
    let Some(array) = argument else {
        for &group in groups {
            *table.word_mut(group, slot.word) += 1;
        }
        return Ok(());
    };
    match function {
        Function::Count => match array.logical_nulls() {
            None => {
                for &group in groups {
                    *table.word_mut(group, slot.word) += 1;
                }
            }
            Some(nulls) => {
                for (row, &group) in groups.iter().enumerate() {
                    *table.word_mut(group, slot.word) += u64::from(nulls.is_valid(row));
                }
            }
        },
        Function::CountIf => {
            let truth = super::super::expr::true_rows(array.as_boolean());
            for (row, &group) in groups.iter().enumerate() {
                *table.word_mut(group, slot.word) += u64::from(truth.value(row));
            }
        }
        Function::SumLong { checked } => {
            let values = array.as_primitive::<Int64Type>();
            let nulls = values.nulls();
            for (row, (&group, &value)) in groups.iter().zip(values.values()).enumerate() {
                if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                    continue;
                }
                add_long(table, group, slot, value, checked).map_err(|error| error.at_row(row))?;
            }
        }
        Function::SumDouble | Function::AvgDouble => {
            let values = array.as_primitive::<Float64Type>();
            for (row, (&group, &value)) in groups.iter().zip(values.values()).enumerate() {
                if values.is_valid(row) {
                    add_double(table, group, slot.word, value);
                    table.set_flag(group, slot);
                    if function == Function::AvgDouble {
                        *table.word_mut(group, slot.word + 1) += 1;
                    }
                }
            }
        }
        Function::ExtremeLong { greatest } => {
            let values = long_values(array)?;
            for (row, (&group, &value)) in groups.iter().zip(values.values()).enumerate() {
                if values.is_valid(row) {
                    keep_long(table, group, slot, value, greatest);
                }
            }
        }
        Function::ExtremeDouble { greatest } => {
            for (row, &group) in groups.iter().enumerate() {
                if array.is_valid(row) {
                    let value = match array.data_type() {
                        ArrowType::Float32 => f64::from(array.as_primitive::<Float32Type>().value(row)),
                        _ => array.as_primitive::<Float64Type>().value(row),
                    };
                    keep_double(table, group, slot, value, greatest);
                }
            }
        }
        Function::ExtremeBytes { greatest } => {
            let values = array.as_binary_view();
            for (row, &group) in groups.iter().enumerate() {
                if values.is_valid(row) {
                    keep_bytes(table, group, slot, values.value(row), greatest)?;
                }
            }
        }
        Function::Edge { last, ignore_nulls } => {
            let mut encoded = Vec::new();
            for (row, &group) in groups.iter().enumerate() {
                let is_wanted = last || !table.flag(group, slot);
                if is_wanted && !(ignore_nulls && array.is_null(row)) {
                    encoded.clear();
                    codec.encode(array, row, &mut encoded);
                    table.set_heap(group, slot, &encoded)?;
                }
            }
        }
    }
    Ok(())
}

/// Puts the partial groups `from_rows` of `from` into the groups `rows` of `table`, pair by pair.
pub fn merge(
    table: &mut GroupTable,
    rows: &[u32],
    from: &GroupTable,
    from_rows: &[u32],
    call: usize,
    function: Function,
) -> Result<()> {
    let slot = table.slot(call);
    for (&row, &from_row) in rows.iter().zip(from_rows) {
        if matches!(function, Function::Count | Function::CountIf) {
            *table.word_mut(row, slot.word) += from.word(from_row, slot.word);
            continue;
        }
        if !from.flag(from_row, slot) {
            continue;
        }
        let word = from.word(from_row, slot.word);
        match function {
            Function::Count | Function::CountIf => {}
            Function::SumLong { checked } => add_long(table, row, slot, word as i64, checked)?,
            Function::SumDouble | Function::AvgDouble => {
                add_double(table, row, slot.word, f64::from_bits(word));
                table.set_flag(row, slot);
                if function == Function::AvgDouble {
                    *table.word_mut(row, slot.word + 1) += from.word(from_row, slot.word + 1);
                }
            }
            Function::ExtremeLong { greatest } => keep_long(table, row, slot, word as i64, greatest),
            Function::ExtremeDouble { greatest } => keep_double(table, row, slot, f64::from_bits(word), greatest),
            Function::ExtremeBytes { greatest } => {
                keep_bytes(table, row, slot, from.heap(from_row, slot), greatest)?;
            }
            Function::Edge { last, .. } => {
                if last || !table.flag(row, slot) {
                    table.set_heap(row, slot, from.heap(from_row, slot))?;
                }
            }
        }
    }
    Ok(())
}

type Slot = crate::state::Slot;

#[inline]
fn add_long(table: &mut GroupTable, group: u32, slot: Slot, value: i64, checked: bool) -> Result<()> {
    let word = table.word_mut(group, slot.word);
    let (sum, overflowed) = (*word as i64).overflowing_add(value);
    if overflowed && checked {
        return Err(Error::new(ErrorCode::ArithmeticOverflow)
            .with("message", "long overflow")
            .with(
                "alternative",
                " Use 'try_sum' to tolerate overflow and return NULL instead.",
            )
            .with("config", "\"spark.sql.ansi.enabled\""));
    }
    *word = sum as u64;
    table.set_flag(group, slot);
    Ok(())
}

#[inline]
fn add_double(table: &mut GroupTable, group: u32, word: usize, value: f64) {
    let word = table.word_mut(group, word);
    *word = (f64::from_bits(*word) + value).to_bits();
}

#[inline]
fn keep_long(table: &mut GroupTable, group: u32, slot: Slot, value: i64, greatest: bool) {
    let is_set = table.flag(group, slot);
    let word = table.word_mut(group, slot.word);
    let kept = *word as i64;
    if !is_set || (if greatest { value > kept } else { value < kept }) {
        *word = value as u64;
        table.set_flag(group, slot);
    }
}

#[inline]
fn keep_double(table: &mut GroupTable, group: u32, slot: Slot, value: f64, greatest: bool) {
    let is_set = table.flag(group, slot);
    let word = table.word_mut(group, slot.word);
    let kept = f64::from_bits(*word);
    // Spark's order: NaN is equal to itself and greater than everything; of two zeros the first stays.
    let is_less = |a: f64, b: f64| a < b || (!a.is_nan() && b.is_nan());
    if !is_set
        || (if greatest {
            is_less(kept, value)
        } else {
            is_less(value, kept)
        })
    {
        *word = value.to_bits();
        table.set_flag(group, slot);
    }
}

fn keep_bytes(table: &mut GroupTable, group: u32, slot: Slot, value: &[u8], greatest: bool) -> Result<()> {
    let is_better = !table.flag(group, slot) || {
        let kept = table.heap(group, slot);
        if greatest { value > kept } else { value < kept }
    };
    if is_better {
        table.set_heap(group, slot, value)
    } else {
        Ok(())
    }
}

/// A column of a type that fits 64 bits as integers of 64 bits.
fn long_values(array: &ArrayRef) -> Result<Int64Array> {
    Ok(match array.data_type() {
        ArrowType::Int64 => array.as_primitive::<Int64Type>().clone(),
        ArrowType::Int32 => array.as_primitive::<Int32Type>().unary(i64::from),
        ArrowType::Int16 => array.as_primitive::<Int16Type>().unary(i64::from),
        ArrowType::Int8 => array.as_primitive::<Int8Type>().unary(i64::from),
        ArrowType::Date32 => array.as_primitive::<Date32Type>().unary(i64::from),
        ArrowType::Timestamp(..) => array.as_primitive::<TimestampMicrosecondType>().unary(|v| v),
        ArrowType::Duration(_) => array.as_primitive::<DurationMicrosecondType>().unary(|v| v),
        ArrowType::Interval(_) => array.as_primitive::<IntervalYearMonthType>().unary(i64::from),
        ArrowType::Boolean => {
            let flags: &BooleanArray = array.as_boolean();
            flags.iter().map(|flag| flag.map(i64::from)).collect()
        }
        other => return Err(Error::internal(format!("min or max of {other}"))),
    })
}
