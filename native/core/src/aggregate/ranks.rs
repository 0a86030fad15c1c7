//! Accumulators that look at ranks and frequencies: mode, exact percentiles, approximate percentiles.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};

use super::accumulate::{codec_of, is_present, long_values};
use super::{AggregateCall, Function};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::state::{GroupTable, HeapValue, Slot, ValueBag, ValueCodec};

/// Puts rows into groups.
pub fn add_rows(
    table: &mut GroupTable,
    slot: Slot,
    call: &AggregateCall,
    groups: &[u32],
    arguments: &[ArrayRef],
) -> Result<()> {
    let Some(array) = arguments.first() else { return Ok(()) };
    if let &Function::PercentileApprox { relative_error, .. } = &call.function {
        let values = array.as_primitive::<Float64Type>();
        for (row, &group) in groups.iter().enumerate() {
            if values.is_valid(row) {
                table.with_quantiles(group, slot, relative_error, |summary| summary.insert(values.value(row)))?;
            }
        }
        return Ok(());
    }
    let codec = codec_of(call, 0)?;
    let array = match call.function {
        // What is most frequent, zeros are one value.
        Function::Mode { .. } => crate::expr::normalize_zero(array),
        _ => array.clone(),
    };
    let frequencies = arguments.get(1).map(|column| column.as_primitive::<Int64Type>());
    let mut encoded = Vec::new();
    for (row, &group) in groups.iter().enumerate() {
        if !is_present(&array, row) {
            continue;
        }
        let frequency = match frequencies {
            None => 1,
            Some(frequencies) if frequencies.is_null(row) => continue,
            Some(frequencies) => frequencies.value(row),
        };
        let frequency = u64::try_from(frequency).map_err(|_| negative_frequency(frequency).at_row(row))?;
        if frequency > 0 {
            encoded.clear();
            codec.encode(&array, row, &mut encoded);
            table.add_to_bag(group, slot, &encoded, frequency)?;
        }
    }
    Ok(())
}

fn negative_frequency(frequency: i64) -> Error {
    Error::new(ErrorCode::ArgumentInvalid)
        .with("function", "percentile")
        .with("reason", format!("the frequency {frequency} is negative"))
}

/// Puts the summary of a partial group into a group.
pub fn merge_summary(
    table: &mut GroupTable,
    row: u32,
    from: &GroupTable,
    from_row: u32,
    slot: Slot,
    call: &AggregateCall,
) -> Result<()> {
    match (&call.function, from.heap_value(from_row, slot)) {
        (&Function::PercentileApprox { relative_error, .. }, Some(HeapValue::Quantiles(other))) => {
            table.with_quantiles(row, slot, relative_error, |summary| summary.merge(other))
        }
        _ => Err(Error::internal("a summary of quantiles is missing")),
    }
}

/// The most frequent value of a group, encoded; none where there is none.
pub fn finish_mode(table: &GroupTable, row: u32, slot: Slot, call: &AggregateCall) -> Result<Option<Vec<u8>>> {
    let Some(bag) = table.bag(row, slot) else {
        return Ok(None);
    };
    let greatest = match call.function {
        Function::Mode { greatest } => greatest,
        _ => None,
    };
    let codec = codec_of(call, 0)?;
    let mut best: Option<(&[u8], u64)> = None;
    for (value, count) in bag.iter() {
        let is_better = match (best, greatest) {
            (None, _) => true,
            (Some((kept, most)), Some(greatest)) if count == most => {
                let order = codec.compare(value, kept)?;
                if greatest { order.is_gt() } else { order.is_lt() }
            }
            (Some((_, most)), _) => count > most,
        };
        if is_better {
            best = Some((value, count));
        }
    }
    Ok(best.map(|(value, _)| value.to_vec()))
}

/// The percentiles of a group; none where it has no value.
pub fn finish_percentiles(table: &GroupTable, row: u32, slot: Slot, call: &AggregateCall) -> Result<Option<Vec<f64>>> {
    match &call.function {
        Function::PercentileApprox { percentages, .. } => match table.heap_value(row, slot) {
            Some(HeapValue::Quantiles(summary)) => Ok(percentages
                .iter()
                .map(|&percentage| summary.query(percentage))
                .collect::<Option<Vec<_>>>()),
            _ => Ok(None),
        },
        Function::Percentile {
            percentages,
            descending,
            discrete,
        } => {
            let Some(bag) = table.bag(row, slot).filter(|bag| !bag.is_empty()) else {
                return Ok(None);
            };
            let argument = call
                .arguments
                .first()
                .ok_or_else(|| Error::internal("a percentile lacks its argument"))?;
            let ranks = accumulated(bag, &argument.data_type, *descending)?;
            Ok(Some(
                percentages
                    .iter()
                    .map(|&percentage| {
                        if *discrete {
                            discrete_at(&ranks, percentage)
                        } else {
                            interpolated_at(&ranks, percentage)
                        }
                    })
                    .collect(),
            ))
        }
        _ => Err(Error::internal("no percentile")),
    }
}

/// The values in order, each with the number of values up to it.
fn accumulated(bag: &ValueBag, data_type: &DataType, descending: bool) -> Result<Vec<(f64, u64)>> {
    let codec = ValueCodec::new(data_type);
    let mut entries: Vec<(&[u8], u64)> = bag.iter().collect();
    let mut failure = None;
    entries.sort_by(|(left, _), (right, _)| {
        let order = codec.compare(left, right).unwrap_or_else(|error| {
            failure = Some(error);
            std::cmp::Ordering::Equal
        });
        // Of two zeros, which are equal, the negative one stands first: its last byte is the greater one.
        order.then_with(|| right.cmp(left))
    });
    if let Some(error) = failure {
        return Err(error);
    }
    if descending {
        entries.reverse();
    }
    let values = codec.decode_all(entries.iter().map(|(value, _)| Some(*value)))?;
    let numbers = doubles_of(&values, data_type)?;
    let mut total = 0u64;
    Ok(numbers
        .into_iter()
        .zip(&entries)
        .map(|(number, (_, count))| {
            total = total.saturating_add(*count);
            (number, total)
        })
        .collect())
}

/// The values of a column as doubles.
pub fn doubles_of(values: &ArrayRef, data_type: &DataType) -> Result<Vec<f64>> {
    Ok(match data_type {
        DataType::Decimal { scale, .. } => {
            let decimals = values.as_primitive::<Decimal128Type>().values();
            decimals.iter().map(|&value| decimal_to_double(value, *scale)).collect()
        }
        DataType::Float => {
            let floats = values.as_primitive::<Float32Type>().values();
            floats.iter().map(|&value| f64::from(value)).collect()
        }
        DataType::Double => values.as_primitive::<Float64Type>().values().to_vec(),
        _ => long_values(values)?
            .values()
            .iter()
            .map(|&value| value as f64)
            .collect(),
    })
}

/// The double nearest to a decimal.
fn decimal_to_double(value: i128, scale: i8) -> f64 {
    format!("{value}e{}", -i32::from(scale)).parse().unwrap_or(f64::NAN)
}

fn value_at(ranks: &[(f64, u64)], rank: u64) -> f64 {
    let index = ranks.partition_point(|&(_, total)| total < rank).min(ranks.len() - 1);
    ranks[index].0
}

/// Between the two values that stand around the position, in Spark's order of operations.
fn interpolated_at(ranks: &[(f64, u64)], percentage: f64) -> f64 {
    let last = ranks.last().map_or(0, |&(_, total)| total - 1);
    let position = last as f64 * percentage;
    let (lower, higher) = (position.floor(), position.ceil());
    let (low, high) = (value_at(ranks, lower as u64 + 1), value_at(ranks, higher as u64 + 1));
    if lower == higher || low == high {
        low
    } else {
        low + (high - low) * (position - lower)
    }
}

/// The first value that at least the percentage of all values stand at or before.
fn discrete_at(ranks: &[(f64, u64)], percentage: f64) -> f64 {
    let total = ranks.last().map_or(0, |&(_, total)| total);
    value_at(ranks, (total as f64 * percentage).ceil() as u64)
}
