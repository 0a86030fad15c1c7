//! array_sort() with a comparator: merge sorts of all rows in step, so that a comparator runs over many pairs at once.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_buffer::OffsetBuffer;
use arrow_select::take::take;

use super::super::arrays::element_of;
use super::super::elements::{Elements, expect_result};
use super::super::{Call, Expr};
use super::{BoundLambda, higher_order, take_lambdas};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// Binds array_sort(array, (left, right) -> order): negative, 0 or positive.
pub fn bind_sort_by(mut call: Call<'_>) -> Result<Expr> {
    let [lambda] = take_lambdas(&mut call, 1)?;
    let element = element_of(&call, 0)?;
    let lambda = lambda.bind(&[element.clone(), element])?;
    expect_result(&call, 1, &lambda, &DataType::Int)?;
    let BoundLambda { body, captured } = lambda;
    let data_type = call.arguments[0].data_type.clone();
    let nullable = call.any_nullable();
    Ok(higher_order(
        call,
        "array_sort",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let elements = Elements::of(&arguments.columns[0])?;
            let order = sorted(&elements, &body, &arguments.columns[1..])?;
            let sorted = take(&elements.columns[0], &order, None)?;
            elements.lists(result, sorted)
        },
    ))
}

/// Two sorted runs of one row on their way into one.
struct Merge {
    row: u32,
    left: std::ops::Range<usize>,
    right: std::ops::Range<usize>,
    out: usize,
}

/// The places of the elements in their rows' orders: runs of 1, 2, 4, ... elements are merged until each row is one.
fn sorted(elements: &Elements, body: &Expr, captured: &[ArrayRef]) -> Result<UInt32Array> {
    let longest = elements
        .offsets
        .windows(2)
        .map(|ends| (ends[1] - ends[0]) as usize)
        .max()
        .unwrap_or(0);
    let mut order: Vec<u32> = (0..elements.len() as u32).collect();
    let mut width = 1;
    while width < longest {
        let mut merged = order.clone();
        let mut open = Vec::new();
        for (row, ends) in elements.offsets.windows(2).enumerate() {
            let (start, end) = (ends[0] as usize, ends[1] as usize);
            for left in (start..end).step_by(2 * width) {
                let middle = (left + width).min(end);
                open.push(Merge {
                    row: row as u32,
                    left: left..middle,
                    right: middle..(middle + width).min(end),
                    out: left,
                });
            }
        }
        loop {
            // A run that is at its end needs no more comparisons: what stood in `order` behind it is in place.
            open.retain_mut(|merge| {
                if !merge.left.is_empty() && !merge.right.is_empty() {
                    return true;
                }
                let rest = if merge.left.is_empty() {
                    &merge.right
                } else {
                    &merge.left
                };
                let length = rest.len();
                merged[merge.out..merge.out + length].copy_from_slice(&order[rest.clone()]);
                false
            });
            if open.is_empty() {
                break;
            }
            let answers = compare(elements, body, captured, &order, &open)?;
            for (merge, answer) in open.iter_mut().zip(answers) {
                // Equal elements keep their order.
                let from = if answer > 0 { &mut merge.right } else { &mut merge.left };
                merged[merge.out] = order[from.start];
                from.start += 1;
                merge.out += 1;
            }
        }
        order = merged;
        width *= 2;
    }
    Ok(order.into())
}

fn compare(elements: &Elements, body: &Expr, captured: &[ArrayRef], order: &[u32], open: &[Merge]) -> Result<Vec<i32>> {
    let side = |start: &dyn Fn(&Merge) -> usize| -> Result<ArrayRef> {
        let places: UInt32Array = open.iter().map(|merge| order[start(merge)]).collect::<Vec<_>>().into();
        Ok(take(&elements.columns[0], &places, None)?)
    };
    let pairs = Elements {
        columns: vec![side(&|merge| merge.left.start)?, side(&|merge| merge.right.start)?],
        parents: open.iter().map(|merge| merge.row).collect::<Vec<_>>().into(),
        offsets: OffsetBuffer::new_zeroed(0),
        nulls: None,
    };
    let answers = pairs.apply(body, pairs.columns.clone(), captured)?;
    let answers = Arc::new(answers.as_primitive::<Int32Type>().clone());
    if answers.null_count() > 0 {
        return Err(Error::new(ErrorCode::ComparatorReturnsNull).with("functionName", "`array_sort`"));
    }
    Ok(answers.values().to_vec())
}
