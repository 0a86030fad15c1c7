//! Arrays as sets and in order: distinct, sort, extremes, union, intersect, except, overlap.

use std::cmp::Ordering;

use super::arrays::{array_of, cells, element_of};
use super::cells::{compare, equal};
use super::rows::{Cell, Nulls, flag_call, nested_call};
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::common_type;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("array_compact", bind_arrange),
    ("array_distinct", bind_arrange),
    ("array_sort", bind_arrange),
    ("sort_array", bind_arrange),
    ("array_max", bind_extreme),
    ("array_min", bind_extreme),
    ("array_union", bind_sets),
    ("array_intersect", bind_sets),
    ("array_except", bind_sets),
    ("arrays_overlap", bind_overlap),
];

fn distinct(values: Vec<Cell>) -> Vec<Cell> {
    let mut kept: Vec<Cell> = Vec::new();
    // Sorted once, then each value is looked up in what was seen: no quadratic time.
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| compare(&values[*a], &values[*b]).then(a.cmp(b)));
    let mut is_first = vec![false; values.len()];
    for (index, place) in order.iter().enumerate() {
        is_first[*place] = index == 0 || !equal(&values[order[index - 1]], &values[*place]);
    }
    for (value, first) in values.into_iter().zip(is_first) {
        if first {
            kept.push(value);
        }
    }
    kept
}

/// Binds array_compact, array_distinct, array_sort and sort_array.
fn bind_arrange(mut call: Call<'_>) -> Result<Expr> {
    if !call.lambdas.is_empty() {
        return super::lambda::bind_sort_by(call);
    }
    let most = if call.name == "sort_array" { 2 } else { 1 };
    call.expect_arguments_between(1, most)?;
    let (element, contains_null) = element_of(&call, 0)?;
    if call.arguments.len() == 2 {
        call.coerce(1, &DataType::Boolean)?;
    }
    let (name, contains_null): (&'static str, bool) = match call.name {
        "array_compact" => ("array_compact", false),
        "array_distinct" => ("array_distinct", contains_null),
        "array_sort" => ("array_sort", contains_null),
        _ => ("sort_array", contains_null),
    };
    Ok(nested_call(
        call,
        name,
        array_of(element, contains_null),
        false,
        Nulls::Pass,
        move |row| {
            let mut values = cells(row, 0);
            match name {
                "array_compact" => values.retain(|value| !value.is_null()),
                "array_distinct" => values = distinct(values),
                "array_sort" => values.sort_by(|a, b| match (a.is_null(), b.is_null()) {
                    (true, true) => Ordering::Equal,
                    (true, false) => Ordering::Greater,
                    (false, true) => Ordering::Less,
                    _ => compare(a, b),
                }),
                _ if row.len() > 1 && !row.flag(1) => values.sort_by(|a, b| compare(b, a)),
                _ => values.sort_by(compare),
            }
            Ok(Some(Cell::List(values)))
        },
    ))
}

fn bind_extreme(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let (element, _) = element_of(&call, 0)?;
    let wanted = if call.name == "array_max" {
        Ordering::Greater
    } else {
        Ordering::Less
    };
    let name = if call.name == "array_max" {
        "array_max"
    } else {
        "array_min"
    };
    Ok(nested_call(call, name, element, true, Nulls::Pass, move |row| {
        let values = cells(row, 0).into_iter().filter(|value| !value.is_null());
        // Of equal values the first stays.
        Ok(values.reduce(|best, value| if compare(&value, &best) == wanted { value } else { best }))
    }))
}

/// Makes both arguments arrays of one type.
fn match_arrays(call: &mut Call<'_>) -> Result<(DataType, bool, bool)> {
    call.expect_arguments(2)?;
    let (left, left_null) = element_of(call, 0)?;
    let (right, right_null) = element_of(call, 1)?;
    let common = common_type(&[left.clone(), right.clone()]).ok_or_else(|| {
        Error::new(ErrorCode::DatatypeMismatchBinaryOpDiffTypes)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("left", call.arguments[0].data_type.quoted_sql())
            .with("right", call.arguments[1].data_type.quoted_sql())
    })?;
    if left != common {
        call.coerce(0, &array_of(common.clone(), left_null))?;
    }
    if right != common {
        call.coerce(1, &array_of(common.clone(), right_null))?;
    }
    Ok((common, left_null, right_null))
}

/// Binds array_union, array_intersect and array_except.
fn bind_sets(mut call: Call<'_>) -> Result<Expr> {
    let (element, left_null, right_null) = match_arrays(&mut call)?;
    let (name, contains_null): (&'static str, bool) = match call.name {
        "array_union" => ("array_union", left_null || right_null),
        "array_intersect" => ("array_intersect", left_null && right_null),
        _ => ("array_except", left_null),
    };
    Ok(nested_call(
        call,
        name,
        array_of(element, contains_null),
        false,
        Nulls::Pass,
        move |row| {
            let (mut left, mut right) = (cells(row, 0), cells(row, 1));
            if name == "array_union" {
                left.append(&mut right);
                return Ok(Some(Cell::List(distinct(left))));
            }
            right.sort_by(compare);
            let keeps = name == "array_intersect";
            left.retain(|value| right.binary_search_by(|other| compare(other, value)).is_ok() == keeps);
            Ok(Some(Cell::List(distinct(left))))
        },
    ))
}

fn bind_overlap(mut call: Call<'_>) -> Result<Expr> {
    let (_, left_null, right_null) = match_arrays(&mut call)?;
    Ok(flag_call(
        call,
        "arrays_overlap",
        left_null || right_null,
        Nulls::Pass,
        |row| {
            let (left, mut right) = (cells(row, 0), cells(row, 1));
            if left.is_empty() || right.is_empty() {
                return Ok(Some(false));
            }
            let has_null = left.iter().chain(&right).any(Cell::is_null);
            right.retain(|value| !value.is_null());
            right.sort_by(compare);
            let meets =
                |value: &&Cell| !value.is_null() && right.binary_search_by(|other| compare(other, value)).is_ok();
            let overlaps = left.iter().any(|value| meets(&value));
            Ok(if overlaps {
                Some(true)
            } else {
                (!has_null).then_some(false)
            })
        },
    ))
}
