//! Order-sensitive accumulators beside DISTINCT ones: Spark groups by key and distinct value first and puts the groups of
//! a key together then, which shows in the last bits of sums and moments and in the order of lists.

use std::sync::Arc;

use arrow_array::ArrayRef;

use super::accumulate::{codec_of, merge, update};
use super::finish::finish;
use super::{AggregateCall, Function};
use crate::error::Result;
use crate::expr::{Expr, normalize_zero};
use crate::state::{Budget, GroupTable, KeyView, Layout, Slot, Tag, ValueCodec};

/// Gives the calls beside DISTINCT ones the values that Spark groups by first. Where there are several sets of DISTINCT
/// arguments, or conditions on them, Spark aggregates each on its own, and nothing is to be done.
pub fn arrange(calls: &mut [AggregateCall]) {
    let mut distinct = calls.iter().filter(|call| call.distinct);
    let Some(first) = distinct.next() else { return };
    let arguments = first.given.clone();
    let text = format!("{arguments:?}");
    let is_one_set =
        first.filter.is_none() && distinct.all(|call| call.filter.is_none() && format!("{:?}", call.given) == text);
    if !is_one_set {
        return;
    }
    for call in calls
        .iter_mut()
        .filter(|call| !call.distinct && depends_on_order(&call.function))
    {
        call.beside = arguments.clone();
    }
}

fn depends_on_order(function: &Function) -> bool {
    !function.is_exact()
        && !matches!(
            function,
            Function::CollectSet | Function::Mode { .. } | Function::Percentile { .. } | Function::SumDecimal { .. }
        )
}

fn codecs_of(call: &AggregateCall) -> Result<Vec<ValueCodec>> {
    let of_arguments = (0..call.arguments.len()).map(|index| codec_of(call, index));
    let of_values = call
        .beside
        .iter()
        .map(|expr: &Expr| Ok(ValueCodec::new(&expr.data_type)));
    of_values.chain(of_arguments).collect()
}

/// Keeps the rows: `columns` are the values that are grouped by, then the arguments.
pub fn add_rows(
    table: &mut GroupTable,
    slot: Slot,
    call: &AggregateCall,
    groups: &[u32],
    columns: &[ArrayRef],
) -> Result<()> {
    let codecs = codecs_of(call)?;
    let mut columns = columns.to_vec();
    for column in columns.iter_mut().take(call.beside.len()) {
        *column = normalize_zero(column);
    }
    let mut encoded = Vec::new();
    for (row, &group) in groups.iter().enumerate() {
        encoded.clear();
        for (codec, column) in codecs.iter().zip(&columns) {
            codec.encode(column, row, &mut encoded);
        }
        table.append_heap(group, slot, &encoded)?;
    }
    Ok(())
}

/// The results: rows go into groups of their own by value, and those are merged into one group.
pub fn finish_rows(table: &GroupTable, rows: &[u32], slot: Slot, call: &AggregateCall) -> Result<ArrayRef> {
    let plain = AggregateCall {
        beside: Vec::new(),
        ..call.clone()
    };
    let codecs = codecs_of(call)?;
    let layout = Layout::new(std::slice::from_ref(&plain));
    let new_table = || GroupTable::new(layout.clone(), Tag::Batch, Arc::new(Budget::new(0)));
    let (mut by_value, mut merged, mut whole) = (new_table(), new_table(), new_table());
    let mut columns: Vec<_> = codecs[call.beside.len()..].iter().map(ValueCodec::builder).collect();
    let (mut groups, mut parents, mut results) = (Vec::new(), Vec::new(), Vec::with_capacity(rows.len()));
    for (position, &row) in rows.iter().enumerate() {
        let position = (position as u64).to_le_bytes();
        let parent = whole.find_or_insert(KeyView::of(&position), 0)?;
        results.push(parent);
        let mut bytes = table.heap(row, slot);
        while !bytes.is_empty() {
            let mut key = position.to_vec();
            for codec in &codecs[..call.beside.len()] {
                key.extend_from_slice(codec.split(&mut bytes)?);
            }
            let group = by_value.find_or_insert(KeyView::of(&key), 0)?;
            if group as usize == parents.len() {
                merged.find_or_insert(KeyView::of(&key), 0)?;
                parents.push(parent);
            }
            groups.push(group);
            for column in &mut columns {
                column.push(&mut bytes)?;
            }
        }
    }
    let arguments = columns
        .into_iter()
        .map(|column| column.finish())
        .collect::<Result<Vec<_>>>()?;
    update(&mut by_value, 0, &plain, &groups, &arguments)?;
    let all: Vec<u32> = (0..parents.len() as u32).collect();
    merge(&mut merged, &all, &by_value, &all, 0, &plain)?;
    merge(&mut whole, &parents, &merged, &all, 0, &plain)?;
    finish(&whole, &results, 0, &plain)
}
