//! Higher-order functions of maps: map_filter, transform_keys, transform_values, map_zip_with.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::{NullBuffer, OffsetBuffer};

use super::super::cells::{Cell, column_of, equal};
use super::super::elements::{Elements, expect_result};
use super::super::maps::{built, map_of, map_parts};
use super::super::{Bind, Call, Expr, ValueFormatter};
use super::{BoundLambda, higher_order, take_lambdas};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::common_type;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("map_filter", bind_map_filter),
    ("transform_keys", bind_transform_keys),
    ("transform_values", bind_transform_values),
    ("map_zip_with", bind_map_zip_with),
];

/// The lambda of a function that hands it each key and value.
fn entry_lambda(call: &mut Call<'_>) -> Result<BoundLambda> {
    let [lambda] = take_lambdas(call, 1)?;
    let (key, value, value_contains_null) = map_parts(call, 0)?;
    lambda.bind(&[(key, false), (value, value_contains_null)])
}

fn bind_map_filter(mut call: Call<'_>) -> Result<Expr> {
    let lambda = entry_lambda(&mut call)?;
    expect_result(&call, 1, &lambda, &DataType::Boolean)?;
    let BoundLambda { body, captured } = lambda;
    let data_type = call.arguments[0].data_type.clone();
    let nullable = call.any_nullable();
    Ok(higher_order(
        call,
        "map_filter",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let entries = Elements::of(&arguments.columns[0])?;
            let keep = entries.apply(&body, entries.columns.clone(), &arguments.columns[1..])?;
            let kept = entries.retain(keep.as_boolean())?;
            kept.maps(result, Arc::clone(&kept.columns[0]), Arc::clone(&kept.columns[1]))
        },
    ))
}

fn bind_transform_values(mut call: Call<'_>) -> Result<Expr> {
    let BoundLambda { body, captured } = entry_lambda(&mut call)?;
    let (key, ..) = map_parts(&call, 0)?;
    let data_type = map_of(key, body.data_type.clone(), body.nullable);
    let nullable = call.any_nullable();
    Ok(higher_order(
        call,
        "transform_values",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let entries = Elements::of(&arguments.columns[0])?;
            let made = entries.apply(&body, entries.columns.clone(), &arguments.columns[1..])?;
            entries.maps(result, Arc::clone(&entries.columns[0]), made)
        },
    ))
}

/// New keys can be null or come twice, so that each row's map is built anew.
fn bind_transform_keys(mut call: Call<'_>) -> Result<Expr> {
    let BoundLambda { body, captured } = entry_lambda(&mut call)?;
    let (_, value, value_contains_null) = map_parts(&call, 0)?;
    let formatter = ValueFormatter::new(&body.data_type, &call.session.zone);
    let last_wins = call.session.last_map_key_wins;
    let data_type = map_of(body.data_type.clone(), value, value_contains_null);
    let nullable = call.any_nullable();
    Ok(higher_order(
        call,
        "transform_keys",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let entries = Elements::of(&arguments.columns[0])?;
            let keys = entries.apply(&body, entries.columns.clone(), &arguments.columns[1..])?;
            let cells = (0..arguments.rows)
                .map(|row| {
                    if arguments.columns[0].is_null(row) {
                        return Ok(Cell::Null);
                    }
                    let range = entries.offsets[row] as usize..entries.offsets[row + 1] as usize;
                    let given = range.map(|at| (Cell::at(&keys, at), Cell::at(&entries.columns[1], at)));
                    built(given.collect(), last_wins, &formatter).map_err(|error| error.at_row(row))
                })
                .collect::<Result<Vec<_>>>()?;
            column_of(result, &cells)
        },
    ))
}

/// Binds map_zip_with(left, right, (key, left value, right value) -> value) over the keys of either map.
fn bind_map_zip_with(mut call: Call<'_>) -> Result<Expr> {
    let [lambda] = take_lambdas(&mut call, 2)?;
    let (left_key, left_value, left_null) = map_parts(&call, 0)?;
    let (right_key, right_value, right_null) = map_parts(&call, 1)?;
    let key = common_type(&[left_key.clone(), right_key.clone()]).ok_or_else(|| {
        Error::new(ErrorCode::DatatypeMismatchMapZipWithDiffTypes)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("functionName", "`map_zip_with`")
            .with("leftType", left_key.quoted_sql())
            .with("rightType", right_key.quoted_sql())
    })?;
    call.coerce(0, &map_of(key.clone(), left_value.clone(), left_null))?;
    call.coerce(1, &map_of(key.clone(), right_value.clone(), right_null))?;
    let types = [
        (key.clone(), false),
        (left_value.clone(), true),
        (right_value.clone(), true),
    ];
    let BoundLambda { body, captured } = lambda.bind(&types)?;
    let data_type = map_of(key, body.data_type.clone(), body.nullable);
    let nullable = call.any_nullable();
    let types = types.map(|(data_type, _)| data_type);
    Ok(higher_order(
        call,
        "map_zip_with",
        captured,
        (data_type, nullable),
        move |arguments, result| {
            let (left, right) = (
                Elements::of(&arguments.columns[0])?,
                Elements::of(&arguments.columns[1])?,
            );
            let zipped = zip(&left, &right, &types)?;
            let made = zipped.apply(&body, zipped.columns.clone(), &arguments.columns[2..])?;
            zipped.maps(result, Arc::clone(&zipped.columns[0]), made)
        },
    ))
}

/// Keys in the order of the left map, then the right map's own; values where a map has the key, else null.
fn zip(left: &Elements, right: &Elements, types: &[DataType; 3]) -> Result<Elements> {
    let nulls = NullBuffer::union(left.nulls.as_ref(), right.nulls.as_ref());
    let mut parts: [Vec<Cell>; 3] = Default::default();
    let mut parents = Vec::new();
    let mut lengths = Vec::new();
    for row in 0..left.offsets.len() - 1 {
        let mut rows: Vec<[Cell; 3]> = Vec::new();
        if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
            for (side, entries) in [left, right].into_iter().enumerate() {
                for at in entries.offsets[row] as usize..entries.offsets[row + 1] as usize {
                    let (key, value) = (Cell::at(&entries.columns[0], at), Cell::at(&entries.columns[1], at));
                    match rows.iter_mut().find(|known| equal(&known[0], &key)) {
                        Some(known) => known[1 + side] = value,
                        None => {
                            let mut added = [key, Cell::Null, Cell::Null];
                            added[1 + side] = value;
                            rows.push(added);
                        }
                    }
                }
            }
        }
        lengths.push(rows.len());
        parents.resize(parents.len() + rows.len(), row as u32);
        for row in rows {
            for (part, cell) in parts.iter_mut().zip(row) {
                part.push(cell);
            }
        }
    }
    let columns = types
        .iter()
        .zip(&parts)
        .map(|(data_type, cells)| column_of(data_type, cells))
        .collect::<Result<Vec<ArrayRef>>>()?;
    Ok(Elements {
        columns,
        parents: parents.into(),
        offsets: OffsetBuffer::from_lengths(lengths),
        nulls,
    })
}
