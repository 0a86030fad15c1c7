//! Sends rows into groups, and partial groups into groups, through the loop of each kind of accumulator.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    IntervalYearMonthType, Time64NanosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as ArrowType;

use super::sums::add_long;
use super::{
    AggregateCall, Function, beside_distinct, collect, distinct, extremes, fold, hyperloglog, moments, ranks, sketches,
    sums, value_hash,
};
use crate::error::{Error, Result};
use crate::state::{GroupTable, Slot, ValueCodec};

/// Seed of Spark's hash of values.
const HASH_SEED: u64 = 42;

/// Bits by which a sum of months is shifted.
pub(super) const MONTHS_SHIFT: u32 = 32;

/// Puts row `row` of `arguments` into group `groups[row]` for each row. Without an argument each row counts.
pub fn update(
    table: &mut GroupTable,
    index: usize,
    call: &AggregateCall,
    groups: &[u32],
    arguments: &[ArrayRef],
) -> Result<()> {
    let slot = table.slot(index);
    if call.distinct {
        return distinct::add_rows(table, slot, call, groups, arguments);
    }
    if !call.beside.is_empty() {
        return beside_distinct::add_rows(table, slot, call, groups, arguments);
    }
    let Some(array) = arguments.first() else {
        for &group in groups {
            *table.word_mut(group, slot.word) += 1;
        }
        return Ok(());
    };
    match &call.function {
        Function::Count => count(table, slot, groups, arguments),
        Function::CountIf => {
            let truth = crate::expr::true_rows(array.as_boolean());
            for (row, &group) in groups.iter().enumerate() {
                *table.word_mut(group, slot.word) += u64::from(truth.value(row));
            }
        }
        &Function::SumLong { overflow } => {
            let nulls = array.nulls();
            let mut add = |row: usize, value: i64| {
                if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                    return Ok(());
                }
                let added = add_long(table, groups[row], slot, value, overflow);
                added.map_err(|error| of_type(error, call).at_row(row))
            };
            match array.data_type() {
                // The commonest sum needs no column of longs first.
                ArrowType::Int32 => {
                    let mut values = array.as_primitive::<Int32Type>().values().iter().enumerate();
                    values.try_for_each(|(row, value)| add(row, i64::from(*value)))?;
                }
                _ => {
                    let values = sum_values(array)?;
                    values
                        .values()
                        .iter()
                        .enumerate()
                        .try_for_each(|(row, value)| add(row, *value))?;
                }
            }
        }
        Function::SumDouble => add_doubles(table, slot, groups, array, false),
        Function::AvgDouble => add_doubles(table, slot, groups, array, true),
        &Function::SumDecimal { precision, .. } => sums::add_decimals(table, slot, groups, array, precision)?,
        &Function::AvgInterval { overflow } => {
            sums::add_interval_mean(table, slot, groups, &sum_values(array)?, overflow)
                .map_err(|error| of_type(error, call))?;
        }
        Function::Product => sums::multiply(table, slot, groups, array),
        &Function::ExtremeLong { greatest } => {
            let values = long_values(array)?;
            for (row, (&group, &value)) in groups.iter().zip(values.values()).enumerate() {
                if values.is_valid(row) {
                    extremes::keep_long(table, group, slot, value, greatest);
                }
            }
        }
        &Function::ExtremeDouble { greatest } => {
            for (row, &group) in groups.iter().enumerate() {
                if array.is_valid(row) {
                    let value = match array.data_type() {
                        ArrowType::Float32 => f64::from(array.as_primitive::<Float32Type>().value(row)),
                        _ => array.as_primitive::<Float64Type>().value(row),
                    };
                    extremes::keep_double(table, group, slot, value, greatest);
                }
            }
        }
        &Function::ExtremeDecimal { greatest } => extremes::keep_decimals(table, slot, groups, array, greatest),
        &Function::ExtremeBytes { greatest } => {
            let values = array.as_binary_view();
            for (row, &group) in groups.iter().enumerate() {
                if values.is_valid(row) {
                    extremes::keep_bytes(table, group, slot, values.value(row), greatest)?;
                }
            }
        }
        &Function::Bits(operation) => {
            let values = long_values(array)?;
            for (row, &group) in groups.iter().enumerate() {
                if values.is_valid(row) {
                    sums::combine_bits(table, group, slot, values.value(row), operation);
                }
            }
        }
        Function::Moments(_) => moments::add_values(table, slot, groups, array),
        &Function::Pairs(moment) => {
            moments::add_pairs(table, slot, groups, array, second(arguments)?, moment);
        }
        &Function::ApproxCountDistinct { precision } => {
            for (row, &group) in groups.iter().enumerate() {
                if is_present(array, row) {
                    let registers = table.heap_bytes_mut(group, slot, 1 << precision)?;
                    hyperloglog::add_hash(registers, precision, value_hash::hash_value(array, row, HASH_SEED));
                }
            }
        }
        Function::Histogram { .. } | Function::CountMinSketch(_) => {
            sketches::add_rows(table, slot, call, groups, array)?;
        }
        Function::Percentile { .. } | Function::PercentileApprox { .. } | Function::Mode { .. } => {
            ranks::add_rows(table, slot, call, groups, arguments)?;
        }
        Function::ExtremeNested { .. }
        | Function::ExtremeBy { .. }
        | Function::ExtremesBy { .. }
        | Function::Edge { .. }
        | Function::CollectList
        | Function::CollectSet
        | Function::JoinTexts { .. } => collect::add_rows(table, slot, call, groups, arguments)?,
        Function::Fold(_) => fold::add_rows(table, slot, call, groups, arguments)?,
    }
    Ok(())
}

/// Puts the partial groups `from_rows` of `from` into the groups `rows` of `table`, pair by pair.
pub fn merge(
    table: &mut GroupTable,
    rows: &[u32],
    from: &GroupTable,
    from_rows: &[u32],
    index: usize,
    call: &AggregateCall,
) -> Result<()> {
    let slot = table.slot(index);
    if call.distinct {
        return merge_bags(table, rows, from, from_rows, slot);
    }
    if !call.beside.is_empty() {
        for (&row, &from_row) in rows.iter().zip(from_rows) {
            if from.flag(from_row, slot) {
                table.append_heap(row, slot, from.heap(from_row, slot))?;
            }
        }
        return Ok(());
    }
    if call.fold().is_some() {
        // What the program makes of the values is put into the groups when all of them are there.
        return Ok(());
    }
    if matches!(call.function, Function::Count | Function::CountIf) {
        for (&row, &from_row) in rows.iter().zip(from_rows) {
            *table.word_mut(row, slot.word) += from.word(from_row, slot.word);
        }
        return Ok(());
    }
    if matches!(
        call.function,
        Function::CollectSet | Function::Mode { .. } | Function::Percentile { .. }
    ) {
        return merge_bags(table, rows, from, from_rows, slot);
    }
    for (&row, &from_row) in rows.iter().zip(from_rows) {
        if from.flag(from_row, slot) {
            merge_one(table, row, from, from_row, slot, call)?;
        } else if sums::has_overflowed(from, from_row, slot)
            && matches!(call.function, Function::SumLong { .. } | Function::AvgInterval { .. })
        {
            sums::set_overflowed(table, row, slot);
        }
    }
    Ok(())
}

#[inline]
fn merge_one(
    table: &mut GroupTable,
    row: u32,
    from: &GroupTable,
    from_row: u32,
    slot: Slot,
    call: &AggregateCall,
) -> Result<()> {
    let word = from.word(from_row, slot.word);
    match &call.function {
        &Function::SumLong { overflow } => {
            add_long(table, row, slot, word as i64, overflow).map_err(|error| of_type(error, call))?;
        }
        &Function::AvgInterval { overflow } => {
            add_long(table, row, slot, word as i64, overflow).map_err(|error| of_type(error, call))?;
            *table.word_mut(row, slot.word + 1) += from.word(from_row, slot.word + 1);
        }
        Function::SumDouble => {
            add_double(table, row, slot.word, f64::from_bits(word));
            table.set_flag(row, slot);
        }
        Function::AvgDouble => {
            add_double(table, row, slot.word, f64::from_bits(word));
            table.set_flag(row, slot);
            *table.word_mut(row, slot.word + 1) += from.word(from_row, slot.word + 1);
        }
        &Function::SumDecimal { precision, .. } => {
            sums::merge_decimal(table, row, from, from_row, slot, precision);
        }
        Function::Product => sums::multiply_one(table, row, slot, f64::from_bits(word)),
        &Function::ExtremeLong { greatest } => extremes::keep_long(table, row, slot, word as i64, greatest),
        &Function::ExtremeDouble { greatest } => {
            extremes::keep_double(table, row, slot, f64::from_bits(word), greatest);
        }
        &Function::ExtremeDecimal { greatest } => {
            extremes::keep_decimal(table, row, slot, extremes::decimal_of(from, from_row, slot), greatest);
        }
        &Function::ExtremeBytes { greatest } => {
            extremes::keep_bytes(table, row, slot, from.heap(from_row, slot), greatest)?;
        }
        &Function::Bits(operation) => sums::combine_bits(table, row, slot, word as i64, operation),
        Function::Moments(_) => moments::merge_values(table, row, from, from_row, slot),
        Function::Pairs(_) => moments::merge_pairs(table, row, from, from_row, slot),
        &Function::ApproxCountDistinct { precision } => {
            let registers = table.heap_bytes_mut(row, slot, 1 << precision)?;
            for (register, &other) in registers.iter_mut().zip(from.heap(from_row, slot)) {
                *register = (*register).max(other);
            }
        }
        Function::PercentileApprox { .. } => ranks::merge_summary(table, row, from, from_row, slot, call)?,
        Function::Histogram { .. } | Function::CountMinSketch(_) => {
            sketches::merge_one(table, row, from, from_row, slot, &call.function)?;
        }
        _ => collect::merge_one(table, row, from, from_row, slot, call)?,
    }
    Ok(())
}

fn merge_bags(table: &mut GroupTable, rows: &[u32], from: &GroupTable, from_rows: &[u32], slot: Slot) -> Result<()> {
    for (&row, &from_row) in rows.iter().zip(from_rows) {
        if let Some(bag) = from.bag(from_row, slot) {
            for (value, count) in bag.iter() {
                table.add_to_bag(row, slot, value, count)?;
            }
        }
    }
    Ok(())
}

/// Rows none of whose arguments is null.
fn count(table: &mut GroupTable, slot: Slot, groups: &[u32], arguments: &[ArrayRef]) {
    let nulls = arguments.iter().fold(None, |nulls, array| {
        NullBuffer::union(nulls.as_ref(), array.logical_nulls().as_ref())
    });
    match nulls {
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
    }
}

fn add_doubles(table: &mut GroupTable, slot: Slot, groups: &[u32], array: &ArrayRef, counts: bool) {
    let values = array.as_primitive::<Float64Type>();
    for (row, (&group, &value)) in groups.iter().zip(values.values()).enumerate() {
        if values.is_valid(row) {
            add_double(table, group, slot.word, value);
            table.set_flag(group, slot);
            if counts {
                *table.word_mut(group, slot.word + 1) += 1;
            }
        }
    }
}

#[inline]
fn add_double(table: &mut GroupTable, group: u32, word: usize, value: f64) {
    let word = table.word_mut(group, word);
    *word = (f64::from_bits(*word) + value).to_bits();
}

/// The overflow of a sum of intervals is one of its own.
fn of_type(error: Error, call: &AggregateCall) -> Error {
    if call.data_type.is_integral() {
        error
    } else {
        sums::interval_overflow()
    }
}

/// The second argument, which binding has seen to.
pub(super) fn second(arguments: &[ArrayRef]) -> Result<&ArrayRef> {
    arguments
        .get(1)
        .ok_or_else(|| Error::internal("an aggregate lacks its second argument"))
}

/// Whether a value is there; a column of nulls has no bits that say so.
#[inline]
pub(super) fn is_present(array: &ArrayRef, row: usize) -> bool {
    array.data_type() != &ArrowType::Null && array.is_valid(row)
}

/// The codec of argument `index`.
pub(super) fn codec_of(call: &AggregateCall, index: usize) -> Result<ValueCodec> {
    call.arguments
        .get(index)
        .map(|argument| ValueCodec::new(&argument.data_type))
        .ok_or_else(|| Error::internal("an aggregate lacks an argument"))
}

/// What encodes each argument of a call.
pub(super) fn argument_codecs(call: &AggregateCall) -> Result<Vec<ValueCodec>> {
    (0..call.arguments.len()).map(|index| codec_of(call, index)).collect()
}

/// Gives each row, encoded, with its group.
pub(super) fn each_encoded_row(
    codecs: &[ValueCodec],
    columns: &[ArrayRef],
    groups: &[u32],
    mut put: impl FnMut(u32, &[u8]) -> Result<()>,
) -> Result<()> {
    let mut encoded = Vec::new();
    for (row, &group) in groups.iter().enumerate() {
        encoded.clear();
        for (codec, column) in codecs.iter().zip(columns) {
            codec.encode(column, row, &mut encoded);
        }
        put(group, &encoded)?;
    }
    Ok(())
}

/// The numbers that a sum adds. Months stand in the upper half of a word, so that a sum of them overflows as Spark's,
/// which has 32 bits.
fn sum_values(array: &ArrayRef) -> Result<Int64Array> {
    match array.data_type() {
        ArrowType::Interval(_) => Ok(array
            .as_primitive::<IntervalYearMonthType>()
            .unary(|months| i64::from(months) << MONTHS_SHIFT)),
        _ => long_values(array),
    }
}

/// A column of a type that fits 64 bits as integers of 64 bits.
pub(super) fn long_values(array: &ArrayRef) -> Result<Int64Array> {
    Ok(match array.data_type() {
        ArrowType::Int64 => array.as_primitive::<Int64Type>().clone(),
        ArrowType::Int32 => array.as_primitive::<Int32Type>().unary(i64::from),
        ArrowType::Int16 => array.as_primitive::<Int16Type>().unary(i64::from),
        ArrowType::Int8 => array.as_primitive::<Int8Type>().unary(i64::from),
        ArrowType::Date32 => array.as_primitive::<Date32Type>().unary(i64::from),
        ArrowType::Timestamp(..) => array.as_primitive::<TimestampMicrosecondType>().unary(|v| v),
        ArrowType::Time64(_) => array.as_primitive::<Time64NanosecondType>().unary(|v| v),
        ArrowType::Duration(_) => array.as_primitive::<DurationMicrosecondType>().unary(|v| v),
        ArrowType::Interval(_) => array.as_primitive::<IntervalYearMonthType>().unary(i64::from),
        ArrowType::Boolean => {
            let flags: &BooleanArray = array.as_boolean();
            flags.iter().map(|flag| flag.map(i64::from)).collect()
        }
        other => return Err(Error::internal(format!("min or max of {other}"))),
    })
}
