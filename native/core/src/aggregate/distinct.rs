//! DISTINCT: the different rows of arguments are kept, and given to the function when its result is made.

use std::sync::Arc;

use arrow_array::ArrayRef;

use super::AggregateCall;
use super::accumulate::{argument_codecs, codec_of, each_encoded_row, update};
use super::finish::finish;
use crate::error::Result;
use crate::expr::normalize_zero;
use crate::state::{Budget, GroupTable, KeyView, Layout, Slot, Tag};

/// Keeps the rows of arguments that are new to their groups.
pub fn add_rows(
    table: &mut GroupTable,
    slot: Slot,
    call: &AggregateCall,
    groups: &[u32],
    arguments: &[ArrayRef],
) -> Result<()> {
    // As keys of groups, zeros are one value and so are all NaNs.
    let columns: Vec<ArrayRef> = arguments.iter().map(normalize_zero).collect();
    each_encoded_row(&argument_codecs(call)?, &columns, groups, |group, row| {
        table.add_to_bag(group, slot, row, 1)
    })
}

/// The results: the kept rows of all groups go through the function in a table of their own.
pub fn finish_rows(table: &GroupTable, rows: &[u32], slot: Slot, call: &AggregateCall) -> Result<ArrayRef> {
    let plain = AggregateCall {
        distinct: false,
        ..call.clone()
    };
    let mut columns = (0..call.arguments.len())
        .map(|index| Ok(codec_of(call, index)?.builder()))
        .collect::<Result<Vec<_>>>()?;
    let mut scratch = GroupTable::new(
        Layout::new(std::slice::from_ref(&plain)),
        Tag::Batch,
        Arc::new(Budget::new(0)),
    );
    let mut groups = Vec::new();
    let mut results = Vec::with_capacity(rows.len());
    for (position, &row) in rows.iter().enumerate() {
        let group = scratch.find_or_insert(KeyView::of(&(position as u64).to_le_bytes()), 0)?;
        results.push(group);
        let Some(bag) = table.bag(row, slot) else { continue };
        for (mut value, _) in bag.iter() {
            for column in &mut columns {
                column.push(&mut value)?;
            }
            groups.push(group);
        }
    }
    let arguments = columns
        .into_iter()
        .map(|column| column.finish())
        .collect::<Result<Vec<_>>>()?;
    update(&mut scratch, 0, &plain, &groups, &arguments)?;
    finish(&scratch, &results, 0, &plain)
}
