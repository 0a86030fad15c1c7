//! aggregate() and reduce(): an array folded from its first element to its last, all rows in step.

use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::concat::concat;
use arrow_select::take::take;

use super::super::arrays::element_of;
use super::super::elements::{Elements, expect_result};
use super::super::{Bind, Call, Expr};
use super::{BoundLambda, higher_order, take_lambdas};
use crate::error::{Error, Result};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("aggregate", bind_aggregate), ("reduce", bind_aggregate)];

/// Binds aggregate(array, start, merge[, finish]).
fn bind_aggregate(mut call: Call<'_>) -> Result<Expr> {
    let (merge, finish) = if call.lambdas.len() > 1 {
        let [merge, finish] = take_lambdas(&mut call, 2)?;
        (merge, Some(finish))
    } else {
        let [merge] = take_lambdas(&mut call, 2)?;
        (merge, None)
    };
    let start = call.arguments[1].data_type.clone();
    let merge = merge.bind(&[(start.clone(), true), element_of(&call, 0)?])?;
    expect_result(&call, 2, &merge, &start)?;
    let finish = finish.map(|finish| finish.bind(&[(start.clone(), true)])).transpose()?;
    let finish_captures = 2 + merge.captured.len();
    let nullable = call.any_nullable() || finish.as_ref().is_none_or(|finish| finish.body.nullable);
    let BoundLambda {
        body: merge,
        mut captured,
    } = merge;
    let finish = finish.map(|finish| {
        captured.extend(finish.captured);
        finish.body
    });
    let data_type = finish.as_ref().map_or(start, |finish| finish.data_type.clone());
    Ok(higher_order(
        call,
        "aggregate",
        captured,
        (data_type, nullable),
        move |arguments, _| {
            let (order, folded) = fold(&arguments.columns[..finish_captures], &merge)?;
            let folded = match &finish {
                Some(finish) => finished(finish, folded, &arguments.columns[finish_captures..], &order)?,
                None => folded,
            };
            // Back to where the rows were; null arrays give null.
            let mut places: Vec<Option<u32>> = vec![None; arguments.rows];
            for (place, row) in order.values().iter().enumerate() {
                places[*row as usize] = Some(place as u32);
            }
            Ok(take(&folded, &UInt32Array::from(places), None)?)
        },
    ))
}

/// Folds the arrays in the first column from the starts in the second. Returns the rows that have an array, longest
/// first, and their results in that order.
fn fold(columns: &[ArrayRef], merge: &Expr) -> Result<(UInt32Array, ArrayRef)> {
    let elements = Elements::of(&columns[0])?;
    let length_of = |row: u32| (elements.offsets[row as usize + 1] - elements.offsets[row as usize]) as usize;
    let mut order: Vec<u32> = (0..columns[0].len() as u32)
        .filter(|row| columns[0].is_valid(*row as usize))
        .collect();
    // Longest first: the rows that still have elements are always the first ones.
    order.sort_by_key(|row| std::cmp::Reverse(length_of(*row)));
    let rows = UInt32Array::from(order);
    let order = rows.values();
    let mut kept = columns[1..]
        .iter()
        .map(|column| Ok(take(column, &rows, None)?))
        .collect::<Result<Vec<_>>>()?;
    let mut state = kept.remove(0);
    let mut done = Vec::new();
    let mut turn = 0;
    loop {
        let open = order.partition_point(|row| length_of(*row) > turn);
        if open < state.len() {
            done.push(state.slice(open, state.len() - open));
        }
        if open == 0 {
            break;
        }
        let places: UInt32Array = order[..open]
            .iter()
            .map(|row| elements.offsets[*row as usize] as u32 + turn as u32)
            .collect::<Vec<_>>()
            .into();
        let mut inputs = vec![state.slice(0, open), take(&elements.columns[0], &places, None)?];
        inputs.extend(kept.iter().map(|column| column.slice(0, open)));
        state = evaluate(merge, &inputs, order)?;
        turn += 1;
    }
    let pieces: Vec<&dyn Array> = done.iter().rev().map(AsRef::as_ref).collect();
    let folded = match pieces.as_slice() {
        [] => state.slice(0, 0),
        pieces => concat(pieces)?,
    };
    Ok((rows, folded))
}

fn finished(finish: &Expr, folded: ArrayRef, captured: &[ArrayRef], order: &UInt32Array) -> Result<ArrayRef> {
    let mut inputs = vec![folded];
    for column in captured {
        inputs.push(take(column, order, None)?);
    }
    evaluate(finish, &inputs, order.values())
}

/// The lambda over rows that stand in `order`; an error names the row as it was.
fn evaluate(body: &Expr, inputs: &[ArrayRef], order: &[u32]) -> Result<ArrayRef> {
    let rows = inputs[0].len();
    body.evaluate(inputs, rows)
        .and_then(|value| value.into_array(rows))
        .map_err(|error: Error| error.map_row(|place| order[place] as usize))
}
