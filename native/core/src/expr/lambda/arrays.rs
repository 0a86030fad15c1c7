//! Higher-order functions of arrays: transform, filter, exists, forall, zip_with.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_select::take::take;

use super::super::arrays::{array_of, element_of};
use super::super::elements::{Elements, expect_result};
use super::super::{Bind, Call, Expr};
use super::{BoundLambda, higher_order, take_lambdas};
use crate::column::DataType;
use crate::error::Result;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("transform", bind_transform),
    ("filter", bind_filter),
    ("exists", bind_exists),
    ("forall", bind_forall),
    ("zip_with", bind_zip_with),
];

/// The lambda of a function that hands it each element, and its index where there is a second parameter.
fn element_lambda(call: &mut Call<'_>, takes_index: bool) -> Result<(BoundLambda, bool)> {
    let [lambda] = take_lambdas(call, 1)?;
    let mut types = vec![element_of(call, 0)?];
    let has_index = takes_index && lambda.parameters.len() == 2;
    if has_index {
        types.push((DataType::Int, false));
    }
    Ok((lambda.bind(&types)?, has_index))
}

fn parameters(elements: &Elements, has_index: bool) -> Vec<ArrayRef> {
    let mut parameters = elements.columns.clone();
    if has_index {
        parameters.push(elements.indices());
    }
    parameters
}

fn bind_transform(mut call: Call<'_>) -> Result<Expr> {
    let (BoundLambda { body, captured }, has_index) = element_lambda(&mut call, true)?;
    let data_type = array_of(body.data_type.clone(), body.nullable);
    let nullable = call.any_nullable();
    Ok(higher_order(
        call,
        "transform",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let elements = Elements::of(&arguments.columns[0])?;
            let made = elements.apply(&body, parameters(&elements, has_index), &arguments.columns[1..])?;
            elements.lists(result, made)
        },
    ))
}

fn bind_filter(mut call: Call<'_>) -> Result<Expr> {
    let (lambda, has_index) = element_lambda(&mut call, true)?;
    expect_result(&call, 1, &lambda, &DataType::Boolean)?;
    let BoundLambda { body, captured } = lambda;
    let data_type = call.arguments[0].data_type.clone();
    let nullable = call.any_nullable();
    Ok(higher_order(
        call,
        "filter",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let elements = Elements::of(&arguments.columns[0])?;
            let keep = elements.apply(&body, parameters(&elements, has_index), &arguments.columns[1..])?;
            let kept = elements.retain(keep.as_boolean())?;
            kept.lists(result, Arc::clone(&kept.columns[0]))
        },
    ))
}

fn bind_exists(call: Call<'_>) -> Result<Expr> {
    bind_search(call, "exists", true)
}

fn bind_forall(call: Call<'_>) -> Result<Expr> {
    bind_search(call, "forall", false)
}

/// exists looks for a true, forall for a false; where there is none, a null leaves the answer open.
fn bind_search(mut call: Call<'_>, name: &'static str, wanted: bool) -> Result<Expr> {
    let (lambda, _) = element_lambda(&mut call, false)?;
    expect_result(&call, 1, &lambda, &DataType::Boolean)?;
    let BoundLambda { body, captured } = lambda;
    let nullable = call.any_nullable() || body.nullable;
    Ok(higher_order(
        call,
        name,
        captured,
        (DataType::Boolean, nullable),
        move |arguments, _| {
            let elements = Elements::of(&arguments.columns[0])?;
            let captured = &arguments.columns[1..];
            let tests = match elements.apply(&body, elements.columns.clone(), captured) {
                Ok(tests) => tests.as_boolean().clone(),
                // Spark stops at the element that decides: what a later one raises is never seen.
                Err(_) => test_in_turn(&elements, &body, captured, wanted)?,
            };
            Ok(Arc::new(search(&elements, &tests, wanted)))
        },
    ))
}

fn search(elements: &Elements, tests: &BooleanArray, wanted: bool) -> BooleanArray {
    let rows = elements.offsets.len() - 1;
    (0..rows)
        .map(|row| {
            if elements.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                return None;
            }
            let mut range = elements.offsets[row] as usize..elements.offsets[row + 1] as usize;
            if range.clone().any(|at| tests.is_valid(at) && tests.value(at) == wanted) {
                return Some(wanted);
            }
            range.all(|at| tests.is_valid(at)).then_some(!wanted)
        })
        .collect()
}

/// The test of the first elements of all rows, then of the second ones, and so on; rows that are decided drop out.
fn test_in_turn(elements: &Elements, body: &Expr, captured: &[ArrayRef], wanted: bool) -> Result<BooleanArray> {
    let mut tests: Vec<Option<bool>> = vec![Some(!wanted); elements.len()];
    let mut open: Vec<usize> = (0..elements.offsets.len() - 1).collect();
    let mut turn = 0;
    loop {
        open.retain(|&row| elements.offsets[row] + turn < elements.offsets[row + 1]);
        if open.is_empty() {
            return Ok(tests.into_iter().collect());
        }
        let places: UInt32Array = open
            .iter()
            .map(|&row| (elements.offsets[row] + turn) as u32)
            .collect::<Vec<_>>()
            .into();
        let now = Elements {
            columns: vec![take(&elements.columns[0], &places, None)?],
            parents: open.iter().map(|&row| row as u32).collect::<Vec<_>>().into(),
            offsets: OffsetBuffer::new_zeroed(0),
            nulls: None,
        };
        let answers = now.apply(body, now.columns.clone(), captured)?;
        let answers = answers.as_boolean();
        for (index, place) in places.values().iter().enumerate() {
            tests[*place as usize] = answers.is_valid(index).then(|| answers.value(index));
        }
        let mut index = 0;
        open.retain(|_| {
            index += 1;
            !(answers.is_valid(index - 1) && answers.value(index - 1) == wanted)
        });
        turn += 1;
    }
}

/// Elements of two arrays side by side; the shorter one is filled up with nulls.
fn bind_zip_with(mut call: Call<'_>) -> Result<Expr> {
    let [lambda] = take_lambdas(&mut call, 2)?;
    let (left, right) = (element_of(&call, 0)?.0, element_of(&call, 1)?.0);
    let BoundLambda { body, captured } = lambda.bind(&[(left, true), (right, true)])?;
    let data_type = array_of(body.data_type.clone(), body.nullable);
    let nullable = call.any_nullable();
    Ok(higher_order(
        call,
        "zip_with",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let (left, right) = (
                Elements::of(&arguments.columns[0])?,
                Elements::of(&arguments.columns[1])?,
            );
            let zipped = zip(&left, &right)?;
            let made = zipped.apply(&body, zipped.columns.clone(), &arguments.columns[2..])?;
            zipped.lists(result, made)
        },
    ))
}

fn zip(left: &Elements, right: &Elements) -> Result<Elements> {
    let rows = left.offsets.len() - 1;
    let nulls = NullBuffer::union(left.nulls.as_ref(), right.nulls.as_ref());
    let (mut left_places, mut right_places, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    let mut lengths = Vec::with_capacity(rows);
    for row in 0..rows {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            lengths.push(0);
            continue;
        }
        let length_of = |side: &Elements| side.offsets[row + 1] - side.offsets[row];
        let length = length_of(left).max(length_of(right));
        for (side, places) in [(left, &mut left_places), (right, &mut right_places)] {
            places.extend((0..length).map(|at| (at < length_of(side)).then(|| (side.offsets[row] + at) as u32)));
        }
        parents.resize(left_places.len(), row as u32);
        lengths.push(length as usize);
    }
    Ok(Elements {
        columns: vec![
            take(&left.columns[0], &UInt32Array::from(left_places), None)?,
            take(&right.columns[0], &UInt32Array::from(right_places), None)?,
        ],
        parents: parents.into(),
        offsets: OffsetBuffer::from_lengths(lengths),
        nulls,
    })
}
