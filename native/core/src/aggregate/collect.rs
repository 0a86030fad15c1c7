//! Accumulators that hold values as they are: first and last, nested extremes, what stands beside an extreme, lists,
//! sets, joined texts.

use std::cmp::Ordering;

use arrow_array::ArrayRef;

use super::accumulate::{codec_of, is_present, second};
use super::extremes::{keep_encoded, keep_pair};
use super::{AggregateCall, Function};
use crate::error::{Error, Result};
use crate::expr::normalize_zero;
use crate::state::{GroupTable, Slot, ValueCodec};

/// Puts rows into groups.
pub fn add_rows(
    table: &mut GroupTable,
    slot: Slot,
    call: &AggregateCall,
    groups: &[u32],
    arguments: &[ArrayRef],
) -> Result<()> {
    let Some(array) = arguments.first() else { return Ok(()) };
    let codec = codec_of(call, 0)?;
    let mut encoded = Vec::new();
    match &call.function {
        &Function::Edge { last, ignore_nulls } => {
            for (row, &group) in groups.iter().enumerate() {
                let is_wanted = last || !table.flag(group, slot);
                if is_wanted && (!ignore_nulls || is_present(array, row)) {
                    encoded.clear();
                    codec.encode(array, row, &mut encoded);
                    table.set_heap(group, slot, &encoded)?;
                }
            }
        }
        &Function::ExtremeNested { greatest } => {
            for (row, &group) in groups.iter().enumerate() {
                if is_present(array, row) {
                    encoded.clear();
                    codec.encode(array, row, &mut encoded);
                    keep_encoded(table, group, slot, &encoded, greatest, &codec)?;
                }
            }
        }
        Function::ExtremeBy { .. } | Function::ExtremesBy { .. } => {
            let (order, order_codec) = (second(arguments)?, codec_of(call, 1)?);
            for (row, &group) in groups.iter().enumerate() {
                if is_present(order, row) {
                    encoded.clear();
                    order_codec.encode(order, row, &mut encoded);
                    codec.encode(array, row, &mut encoded);
                    keep_beside(table, group, slot, &encoded, call)?;
                }
            }
        }
        Function::CollectList | Function::JoinTexts { .. } => {
            let keys = arguments
                .iter()
                .enumerate()
                .skip(1)
                .map(|(index, key)| Ok((key, codec_of(call, index)?)))
                .collect::<Result<Vec<_>>>()?;
            for (row, &group) in groups.iter().enumerate() {
                if is_present(array, row) {
                    encoded.clear();
                    codec.encode(array, row, &mut encoded);
                    for (key, codec) in &keys {
                        codec.encode(key, row, &mut encoded);
                    }
                    append(table, group, slot, &encoded, 1)?;
                }
            }
        }
        Function::CollectSet => {
            let array = normalize_zero(array);
            for (row, &group) in groups.iter().enumerate() {
                if is_present(&array, row) {
                    encoded.clear();
                    codec.encode(&array, row, &mut encoded);
                    table.add_to_bag(group, slot, &encoded, 1)?;
                }
            }
        }
        other => return Err(Error::internal(format!("{other:?} keeps no values"))),
    }
    Ok(())
}

/// Puts a partial group, which has had a value, into a group.
pub fn merge_one(
    table: &mut GroupTable,
    row: u32,
    from: &GroupTable,
    from_row: u32,
    slot: Slot,
    call: &AggregateCall,
) -> Result<()> {
    let bytes = from.heap(from_row, slot);
    match &call.function {
        &Function::Edge { last, .. } => {
            if last || !table.flag(row, slot) {
                table.set_heap(row, slot, bytes)?;
            }
        }
        &Function::ExtremeNested { greatest } => {
            keep_encoded(table, row, slot, bytes, greatest, &codec_of(call, 0)?)?;
        }
        Function::ExtremeBy { .. } => keep_beside(table, row, slot, bytes, call)?,
        Function::ExtremesBy { .. } => {
            for pair in split_pairs(bytes, call)? {
                keep_beside(table, row, slot, pair, call)?;
            }
        }
        Function::CollectList | Function::JoinTexts { .. } => {
            append(table, row, slot, bytes, from.word(from_row, slot.word + 1))?;
        }
        other => return Err(Error::internal(format!("{other:?} keeps no values"))),
    }
    Ok(())
}

/// The encoded result of a group; none where it is null.
pub fn finish_one(table: &GroupTable, row: u32, slot: Slot, call: &AggregateCall) -> Result<Option<Vec<u8>>> {
    let bytes = table.heap(row, slot);
    match &call.function {
        Function::Edge { .. } | Function::ExtremeNested { .. } => Ok(table.flag(row, slot).then(|| bytes.to_vec())),
        Function::ExtremeBy { .. } => {
            if !table.flag(row, slot) {
                return Ok(None);
            }
            let mut rest = bytes;
            codec_of(call, 1)?.split(&mut rest)?;
            Ok(Some(rest.to_vec()))
        }
        Function::ExtremesBy { .. } => {
            let order_codec = codec_of(call, 1)?;
            let pairs = split_pairs(bytes, call)?;
            if pairs.is_empty() {
                return Ok(None);
            }
            let mut values = Vec::new();
            for mut pair in pairs.iter().copied() {
                order_codec.split(&mut pair)?;
                values.extend_from_slice(pair);
            }
            Ok(Some(list_of(pairs.len(), &values)))
        }
        Function::CollectList => Ok(Some(list_of(table.word(row, slot.word + 1) as usize, bytes))),
        Function::CollectSet => Ok(Some(match table.bag(row, slot) {
            Some(bag) => list_of(bag.len(), bag.bytes()),
            None => list_of(0, &[]),
        })),
        Function::JoinTexts { delimiter, orders } => {
            if !table.flag(row, slot) {
                return Ok(None);
            }
            join(bytes, delimiter, orders, call).map(Some)
        }
        other => Err(Error::internal(format!("{other:?} keeps no values"))),
    }
}

fn append(table: &mut GroupTable, group: u32, slot: Slot, encoded: &[u8], count: u64) -> Result<()> {
    table.append_heap(group, slot, encoded)?;
    *table.word_mut(group, slot.word + 1) += count;
    Ok(())
}

/// The encoding of a list of `count` encoded values.
fn list_of(count: usize, values: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.len() + 5);
    out.push(1);
    out.extend_from_slice(&(count as u32).to_le_bytes());
    out.extend_from_slice(values);
    out
}

/// Keeps `pair`, what is ordered by and the value beside it, as the function says.
fn keep_beside(table: &mut GroupTable, group: u32, slot: Slot, pair: &[u8], call: &AggregateCall) -> Result<()> {
    let codec = codec_of(call, 1)?;
    match call.function {
        Function::ExtremeBy { greatest } => keep_pair(table, group, slot, pair, greatest, &codec),
        Function::ExtremesBy { greatest, count } => {
            let mut kept = split_pairs(table.heap(group, slot), call)?;
            let mut place = kept.len();
            for (index, other) in kept.iter().enumerate() {
                let order = codec.compare(pair, other)?;
                if if greatest { order.is_gt() } else { order.is_lt() } {
                    place = index;
                    break;
                }
            }
            if place >= count {
                return Ok(());
            }
            kept.insert(place, pair);
            kept.truncate(count);
            let bytes = kept.concat();
            table.set_heap(group, slot, &bytes)
        }
        _ => Ok(()),
    }
}

/// The pairs that bytes hold one after the other.
fn split_pairs<'a>(mut bytes: &'a [u8], call: &AggregateCall) -> Result<Vec<&'a [u8]>> {
    let (codec, order_codec) = (codec_of(call, 0)?, codec_of(call, 1)?);
    let mut pairs = Vec::new();
    while !bytes.is_empty() {
        let whole = bytes;
        order_codec.split(&mut bytes)?;
        codec.split(&mut bytes)?;
        pairs.push(&whole[..whole.len() - bytes.len()]);
    }
    Ok(pairs)
}

/// Joins texts in the order of the keys that stand behind each.
fn join(mut bytes: &[u8], delimiter: &[u8], orders: &[(bool, bool)], call: &AggregateCall) -> Result<Vec<u8>> {
    let text_codec = codec_of(call, 0)?;
    let codecs = (1..call.arguments.len())
        .map(|index| codec_of(call, index))
        .collect::<Result<Vec<_>>>()?;
    let mut texts = Vec::new();
    while !bytes.is_empty() {
        let text = text_codec.split(&mut bytes)?;
        let keys = codecs
            .iter()
            .map(|codec| codec.split(&mut bytes))
            .collect::<Result<Vec<_>>>()?;
        texts.push((text, keys));
    }
    let mut failure = None;
    texts.sort_by(|(_, left), (_, right)| {
        compare_keys(left, right, &codecs, orders).unwrap_or_else(|error| {
            failure = Some(error);
            Ordering::Equal
        })
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let mut joined = Vec::new();
    for (index, (text, _)) in texts.iter().enumerate() {
        if index > 0 {
            joined.extend_from_slice(delimiter);
        }
        // Behind the byte that says it is there and its length.
        joined.extend_from_slice(text.get(5..).unwrap_or_default());
    }
    let mut out = list_of(joined.len(), &[]);
    out.extend_from_slice(&joined);
    Ok(out)
}

fn compare_keys(left: &[&[u8]], right: &[&[u8]], codecs: &[ValueCodec], orders: &[(bool, bool)]) -> Result<Ordering> {
    for (index, (codec, &(descending, nulls_first))) in codecs.iter().zip(orders).enumerate() {
        let (left, right) = (left[index], right[index]);
        let is_null = |bytes: &[u8]| bytes.first() == Some(&0);
        let order = match (is_null(left), is_null(right)) {
            (true, true) => Ordering::Equal,
            (true, false) if nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) if descending => codec.compare(right, left)?,
            (false, false) => codec.compare(left, right)?,
        };
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}
