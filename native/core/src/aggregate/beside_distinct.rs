//! Order-sensitive accumulators beside DISTINCT ones: Spark groups by key and distinct value first and puts the groups of
//! a key together then, which shows in the last bits of sums and moments and in the order of lists.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef};

use super::accumulate::{argument_codecs, each_encoded_row, merge, update};
use super::finish::finish;
use super::{AggregateCall, Function};
use crate::column::DataType;
use crate::error::Result;
use crate::expr::normalize_zero;
use crate::state::{Budget, GroupTable, KeyView, Layout, Slot, Tag, ValueCodec};

/// Gives the calls beside DISTINCT ones the values that Spark groups by first. Where there are several sets of DISTINCT
/// arguments, or conditions on them, Spark aggregates each on its own, and nothing is to be done.
pub fn arrange(calls: &mut [AggregateCall]) {
    let mut distinct = calls.iter().filter(|call| call.distinct);
    let Some(first) = distinct.next() else { return };
    let arguments = first.given.clone();
    let text = set_text(first);
    let is_one_set = first.filter.is_none() && distinct.all(|call| call.filter.is_none() && set_text(call) == text);
    if !is_one_set {
        return;
    }
    let keeps_objects = calls.iter().any(|call| call.function.keeps_objects());
    for call in calls
        .iter_mut()
        .filter(|call| !call.distinct && depends_on_order(&call.function))
    {
        call.beside = arguments.clone();
        call.sorts_many = keeps_objects;
    }
}

/// What tells sets of DISTINCT arguments apart. Spark adds small decimals up as whole numbers, which makes another set
/// of them beside the decimals themselves: up to 8 digits for sum(), up to 11 for avg().
fn set_text(call: &AggregateCall) -> String {
    let whole_digits = match call.function {
        Function::SumDecimal { mean: false, .. } => 8,
        Function::SumDecimal { mean: true, .. } => 11,
        _ => 0,
    };
    let is_whole = matches!(
        call.given.first().map(|argument| &argument.data_type),
        Some(DataType::Decimal { precision, .. }) if *precision <= whole_digits
    );
    format!("{is_whole} {:?}", call.given)
}

fn depends_on_order(function: &Function) -> bool {
    !function.is_exact()
        && !matches!(
            function,
            Function::CollectSet
                | Function::Mode { .. }
                | Function::Percentile { .. }
                | Function::SumDecimal { .. }
                | Function::Fold(_)
        )
}

fn codecs_of(call: &AggregateCall) -> Result<Vec<ValueCodec>> {
    let of_values = call.beside.iter().map(|expr| ValueCodec::new(&expr.data_type));
    Ok(of_values.chain(argument_codecs(call)?).collect())
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
    each_encoded_row(&codecs, &columns, groups, |group, row| {
        table.append_heap(group, slot, row)
    })
}

/// Groups by key and distinct value that Spark keeps in a map of objects before it sorts them.
const MAP_GROUPS_MAX: usize = 128;

/// The results: rows go into groups of their own by value, and those are merged into one group.
pub fn finish_rows(table: &GroupTable, rows: &[u32], slot: Slot, call: &AggregateCall) -> Result<ArrayRef> {
    let mut grouped = ByValue::read(table, rows, slot, call)?;
    let plain = AggregateCall {
        beside: Vec::new(),
        ..call.clone()
    };
    let layout = Layout::new(std::slice::from_ref(&plain));
    let new_table = |keys: &[Vec<u8>]| -> Result<GroupTable> {
        let mut table = GroupTable::new(layout.clone(), Tag::Batch, Arc::new(Budget::new(0)));
        for key in keys {
            table.find_or_insert(KeyView::of(key), 0)?;
        }
        Ok(table)
    };
    let mut by_value = new_table(&grouped.keys)?;
    let count = grouped.keys.len() as u32;
    let all: Vec<u32> = (0..count).collect();
    let mut merged;
    if call.sorts_many && grouped.keys.len() >= MAP_GROUPS_MAX {
        // What came after the map was full is grouped first, then what is in the map is merged into it.
        let (groups, arguments) = (&grouped.groups, &grouped.arguments);
        let full = groups.iter().position(|&group| group as usize == MAP_GROUPS_MAX - 1);
        let (early, late) = groups.split_at(full.map_or(groups.len(), |row| row + 1));
        let part = |from: usize, rows: usize| -> Vec<ArrayRef> {
            arguments.iter().map(|argument| argument.slice(from, rows)).collect()
        };
        update(&mut by_value, 0, &plain, early, &part(0, early.len()))?;
        let mut sorted = new_table(&grouped.keys)?;
        let kept: Vec<u32> = (0..MAP_GROUPS_MAX as u32).collect();
        update(&mut sorted, 0, &plain, late, &part(early.len(), late.len()))?;
        merge(&mut sorted, &kept, &by_value, &kept, 0, &plain)?;
        // The next step reads them in order, and again has a map for the first ones.
        let order = grouped.sorted()?;
        let (first, rest) = order.split_at(MAP_GROUPS_MAX);
        let mut mapped = new_table(&grouped.keys)?;
        merge(&mut mapped, first, &sorted, first, 0, &plain)?;
        merged = new_table(&grouped.keys)?;
        merge(&mut merged, first, &mapped, first, 0, &plain)?;
        merge(&mut merged, rest, &sorted, rest, 0, &plain)?;
        grouped.order = order;
    } else {
        update(&mut by_value, 0, &plain, &grouped.groups, &grouped.arguments)?;
        merged = new_table(&grouped.keys)?;
        merge(&mut merged, &all, &by_value, &all, 0, &plain)?;
        grouped.order = all;
    }
    let wholes: Vec<Vec<u8>> = (0..rows.len() as u64).map(|row| row.to_le_bytes().to_vec()).collect();
    let mut whole = new_table(&wholes)?;
    let parents: Vec<u32> = grouped
        .order
        .iter()
        .map(|&group| grouped.parents[group as usize])
        .collect();
    merge(&mut whole, &parents, &merged, &grouped.order, 0, &plain)?;
    let results: Vec<u32> = (0..rows.len() as u32).collect();
    finish(&whole, &results, 0, &plain)
}

/// The rows of some groups, by group and distinct value.
struct ByValue {
    codecs: Vec<ValueCodec>,
    /// Of each group by value: its key, which is the number of its parent and the value.
    keys: Vec<Vec<u8>>,
    /// Of each group by value: the group that it is a part of.
    parents: Vec<u32>,
    /// Of each row: its group by value.
    groups: Vec<u32>,
    /// The arguments of the rows.
    arguments: Vec<ArrayRef>,
    /// The groups by value as they are merged.
    order: Vec<u32>,
}

impl ByValue {
    fn read(table: &GroupTable, rows: &[u32], slot: Slot, call: &AggregateCall) -> Result<Self> {
        let mut codecs = codecs_of(call)?;
        let argument_codecs = codecs.split_off(call.beside.len());
        let mut columns: Vec<_> = argument_codecs.iter().map(ValueCodec::builder).collect();
        let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
        let (mut keys, mut parents, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for (position, &row) in rows.iter().enumerate() {
            let mut bytes = table.heap(row, slot);
            while !bytes.is_empty() {
                let mut key = (position as u64).to_le_bytes().to_vec();
                for codec in &codecs {
                    key.extend_from_slice(codec.split(&mut bytes)?);
                }
                let group = *known.entry(key).or_insert_with_key(|key| {
                    keys.push(key.clone());
                    parents.push(position as u32);
                    keys.len() as u32 - 1
                });
                groups.push(group);
                for column in &mut columns {
                    column.push(&mut bytes)?;
                }
            }
        }
        Ok(Self {
            codecs,
            keys,
            parents,
            groups,
            arguments: columns
                .into_iter()
                .map(|column| column.finish())
                .collect::<Result<_>>()?,
            order: Vec::new(),
        })
    }

    /// The groups by value in the order of their values, parent by parent.
    fn sorted(&self) -> Result<Vec<u32>> {
        let mut failure = None;
        let compare = |left: u32, right: u32| -> Result<Ordering> {
            let (mut left, mut right) = (&self.keys[left as usize][8..], &self.keys[right as usize][8..]);
            for codec in &self.codecs {
                let order = codec.compare(codec.split(&mut left)?, codec.split(&mut right)?)?;
                if order != Ordering::Equal {
                    return Ok(order);
                }
            }
            Ok(Ordering::Equal)
        };
        let mut order: Vec<u32> = (0..self.keys.len() as u32).collect();
        order.sort_by(|&left, &right| {
            let parents = self.parents[left as usize].cmp(&self.parents[right as usize]);
            parents.then_with(|| {
                compare(left, right).unwrap_or_else(|error| {
                    failure = Some(error);
                    Ordering::Equal
                })
            })
        });
        match failure {
            Some(error) => Err(error),
            None => Ok(order),
        }
    }
}
