//! Functions on maps: making, reading, joining. The order of entries is kept, keys are distinct.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, BinaryViewArray, Float32Array, Float64Array, UInt32Array};
use arrow_schema::DataType as ArrowType;
use arrow_select::take::take;
use std::sync::Arc;

use super::cells::{compare, equal};
use super::rows::{Cell, Nulls, Row, flag_call, nested_call};
use super::{Bind, Call, Expr, Value, ValueFormatter, literal};
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::java_text;
use crate::plan::coerce::common_type;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("map", bind_map),
    ("create_map", bind_map),
    ("map_from_arrays", bind_map_from_arrays),
    ("map_from_entries", bind_map_from_entries),
    ("map_concat", bind_map_concat),
    ("map_keys", bind_parts),
    ("map_values", bind_parts),
    ("map_entries", bind_parts),
    ("map_contains_key", bind_contains_key),
    ("str_to_map", bind_str_to_map),
];

/// The entries of a map.
pub(super) fn entries(row: &Row<'_>, index: usize) -> Vec<(Cell, Cell)> {
    let (array, place) = row.cell(index);
    let Some(maps) = array.as_map_opt() else {
        return Vec::new();
    };
    let entries = maps.value(place);
    Cell::all(entries.column(0))
        .into_iter()
        .zip(Cell::all(entries.column(1)))
        .collect()
}

pub(super) fn map_parts(call: &Call<'_>, index: usize) -> Result<(DataType, DataType, bool)> {
    match &call.arguments[index].data_type {
        DataType::Map {
            key,
            value,
            value_contains_null,
        } => Ok(((**key).clone(), (**value).clone(), *value_contains_null)),
        _ => Err(call.wrong_type(index, "\"MAP\"")),
    }
}

pub(super) fn map_of(key: DataType, value: DataType, value_contains_null: bool) -> DataType {
    DataType::Map {
        key: Box::new(key),
        value: Box::new(value),
        value_contains_null,
    }
}

/// A key as Spark keeps it: -0.0 becomes 0.0.
fn normal(key: Cell) -> Cell {
    match &key {
        Cell::Taken(array, place) => match array.data_type() {
            ArrowType::Float64 if array.as_primitive::<Float64Type>().value(*place) == 0.0 => {
                Cell::Taken(Arc::new(Float64Array::from(vec![0.0])), 0)
            }
            ArrowType::Float32 if array.as_primitive::<Float32Type>().value(*place) == 0.0 => {
                Cell::Taken(Arc::new(Float32Array::from(vec![0.0])), 0)
            }
            _ => key,
        },
        _ => key,
    }
}

/// A map of these entries. Fails with NULL_MAP_KEY, and with DUPLICATED_MAP_KEY unless the last one wins.
pub(super) fn built(given: Vec<(Cell, Cell)>, last_wins: bool, formatter: &ValueFormatter) -> Result<Cell> {
    let mut kept: Vec<(Cell, Cell)> = Vec::with_capacity(given.len());
    // Places in `kept`, in the order of their keys.
    let mut order: Vec<usize> = Vec::with_capacity(given.len());
    for (key, value) in given {
        if key.is_null() {
            return Err(Error::new(ErrorCode::NullMapKey));
        }
        let key = normal(key);
        match order.binary_search_by(|place| compare(&kept[*place].0, &key)) {
            Ok(found) if last_wins => kept[order[found]].1 = value,
            Ok(_) => {
                let mut text = String::new();
                if let Cell::Taken(array, place) = &key {
                    formatter.write(array, *place, &mut text);
                }
                return Err(Error::new(ErrorCode::DuplicatedMapKey)
                    .with("key", text)
                    .with("mapKeyDedupPolicy", "\"spark.sql.mapKeyDedupPolicy\""));
            }
            Err(place) => {
                order.insert(place, kept.len());
                kept.push((key, value));
            }
        }
    }
    Ok(Cell::Entries(kept))
}

fn bind_map(mut call: Call<'_>) -> Result<Expr> {
    if !call.arguments.len().is_multiple_of(2) {
        return call
            .expect_arguments(call.arguments.len() + 1)
            .and(Err(call.wrong_type(0, "\"MAP\"")));
    }
    let common = |call: &Call<'_>, first: usize| -> Result<DataType> {
        let types: Vec<DataType> = call
            .arguments
            .iter()
            .skip(first)
            .step_by(2)
            .map(|argument| argument.data_type.clone())
            .collect();
        if types.is_empty() {
            return Ok(DataType::Void);
        }
        common_type(&types).ok_or_else(|| call.wrong_type(first, &types[0].quoted_sql()))
    };
    let (key, value) = (common(&call, 0)?, common(&call, 1)?);
    for index in 0..call.arguments.len() {
        let target = if index % 2 == 0 { key.clone() } else { value.clone() };
        call.coerce(index, &target)?;
    }
    let has_null = call
        .arguments
        .iter()
        .skip(1)
        .step_by(2)
        .any(|argument| argument.nullable);
    let formatter = ValueFormatter::new(&key, &call.session.zone);
    let last_wins = call.session.last_map_key_wins;
    Ok(nested_call(
        call,
        "map",
        map_of(key, value, has_null),
        false,
        Nulls::Seen,
        move |row| {
            let cell = |index: usize| {
                let (array, place) = row.cell(index);
                Cell::at(array, place)
            };
            let pairs = (0..row.len() / 2).map(|pair| (cell(pair * 2), cell(pair * 2 + 1)));
            built(pairs.collect(), last_wins, &formatter).map(Some)
        },
    ))
}

fn bind_map_from_arrays(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (DataType::Array { element: key, .. }, DataType::Array { element, contains_null }) =
        (&call.arguments[0].data_type, &call.arguments[1].data_type)
    else {
        return Err(call.wrong_type(0, "\"ARRAY\""));
    };
    let data_type = map_of((**key).clone(), (**element).clone(), *contains_null);
    let formatter = ValueFormatter::new(key, &call.session.zone);
    let last_wins = call.session.last_map_key_wins;
    Ok(nested_call(
        call,
        "map_from_arrays",
        data_type,
        false,
        Nulls::Pass,
        move |row| {
            let (Some(keys), Some(values)) = (row.list(0), row.list(1)) else {
                return Ok(None);
            };
            if keys.len() != values.len() {
                return Err(Error::new(ErrorCode::LegacyErrorTemp2128));
            }
            let pairs = Cell::all(&keys).into_iter().zip(Cell::all(&values));
            built(pairs.collect(), last_wins, &formatter).map(Some)
        },
    ))
}

fn bind_map_from_entries(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let wrong = || call.wrong_type(0, "\"ARRAY\" of pair \"STRUCT\"");
    let DataType::Array { element, contains_null } = &call.arguments[0].data_type else {
        return Err(wrong());
    };
    let DataType::Struct(StructType { fields }) = &**element else {
        return Err(wrong());
    };
    let [key, value] = fields.as_slice() else {
        return Err(wrong());
    };
    let data_type = map_of(key.data_type.clone(), value.data_type.clone(), value.nullable);
    let formatter = ValueFormatter::new(&key.data_type, &call.session.zone);
    let (last_wins, nullable) = (call.session.last_map_key_wins, *contains_null);
    Ok(nested_call(
        call,
        "map_from_entries",
        data_type,
        nullable,
        Nulls::Pass,
        move |row| {
            let Some(values) = row.list(0) else { return Ok(None) };
            if values.null_count() > 0 {
                return Ok(None);
            }
            let Some(pairs) = values.as_struct_opt() else {
                return Ok(None);
            };
            let pairs = (0..values.len()).map(|at| (Cell::at(pairs.column(0), at), Cell::at(pairs.column(1), at)));
            built(pairs.collect(), last_wins, &formatter).map(Some)
        },
    ))
}

fn bind_map_concat(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.is_empty() {
        return bind_map(call);
    }
    let (mut keys, mut values, mut has_null) = (Vec::new(), Vec::new(), false);
    for index in 0..call.arguments.len() {
        let (key, value, null) = map_parts(&call, index)?;
        keys.push(key);
        values.push(value);
        has_null |= null;
    }
    let (Some(key), Some(value)) = (common_type(&keys), common_type(&values)) else {
        return Err(call.wrong_type(0, "maps of one type"));
    };
    let data_type = map_of(key.clone(), value.clone(), has_null);
    for index in 0..call.arguments.len() {
        if keys[index] != key || values[index] != value {
            call.coerce(index, &data_type)?;
        }
    }
    let formatter = ValueFormatter::new(&key, &call.session.zone);
    let last_wins = call.session.last_map_key_wins;
    Ok(nested_call(
        call,
        "map_concat",
        data_type,
        false,
        Nulls::Pass,
        move |row| {
            let all = (0..row.len()).flat_map(|index| entries(row, index));
            built(all.collect(), last_wins, &formatter).map(Some)
        },
    ))
}

/// Binds map_keys, map_values and map_entries.
fn bind_parts(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let (key, value, has_null) = map_parts(&call, 0)?;
    let (name, element, contains_null): (&'static str, _, _) = match call.name {
        "map_keys" => ("map_keys", key, false),
        "map_values" => ("map_values", value, has_null),
        _ => {
            let fields = vec![Field::new("key", key, false), Field::new("value", value, has_null)];
            ("map_entries", DataType::Struct(StructType::new(fields)), false)
        }
    };
    let data_type = DataType::Array {
        element: Box::new(element),
        contains_null,
    };
    Ok(nested_call(call, name, data_type, false, Nulls::Pass, move |row| {
        let parts = entries(row, 0).into_iter().map(|(key, value)| match name {
            "map_keys" => key,
            "map_values" => value,
            _ => Cell::Fields(vec![key, value]),
        });
        Ok(Some(Cell::List(parts.collect())))
    }))
}

/// Casts the key argument to the map's key type.
fn match_key(call: &mut Call<'_>) -> Result<DataType> {
    call.expect_arguments(2)?;
    let (key, value, _) = map_parts(call, 0)?;
    call.coerce(1, &key)?;
    Ok(value)
}

fn bind_contains_key(mut call: Call<'_>) -> Result<Expr> {
    match_key(&mut call)?;
    Ok(flag_call(call, "map_contains_key", false, Nulls::Pass, |row| {
        let (array, place) = row.cell(1);
        let wanted = Cell::at(array, place);
        Ok(Some(entries(row, 0).iter().any(|(key, _)| equal(key, &wanted))))
    }))
}

/// Binds map[key] and element_at(map, key): the first entry of that key, null where there is none.
pub(super) fn bind_map_value(mut call: Call<'_>) -> Result<Expr> {
    let value = match_key(&mut call)?;
    Ok(nested_call(call, "getitem", value, true, Nulls::Pass, |row| {
        let (array, place) = row.cell(1);
        let wanted = Cell::at(array, place);
        let found = entries(row, 0).into_iter().find(|(key, _)| equal(key, &wanted));
        Ok(found.map(|(_, value)| value))
    }))
}

/// The value of the text key `name`; null where there is none.
pub(super) fn map_value(base: Expr, name: &str) -> Result<Expr> {
    let DataType::Map { value, .. } = &base.data_type else {
        return Err(Error::internal("the value of something that is no map"));
    };
    let (value, empty) = ((**value).clone(), super::cells::empty(&base.data_type));
    let name = name.as_bytes().to_vec();
    Ok(Expr::call("getitem", vec![base], value, true, move |values, _| {
        let maps = values[0].array().as_map_opt().unwrap_or(empty.as_map());
        let keys = maps.keys().as_binary_view();
        let places: UInt32Array = (0..maps.len())
            .map(|row| {
                let mut range = maps.offsets()[row] as usize..maps.offsets()[row + 1] as usize;
                let found = range.find(|place| keys.value(*place) == name)?;
                maps.is_valid(row).then_some(found as u32)
            })
            .collect();
        let found = take(maps.values(), &places, None)?;
        Ok(if values[0].is_scalar() {
            Value::Scalar(found)
        } else {
            Value::Array(found)
        })
    }))
}

/// Binds str_to_map(text[, pair delimiter[, key delimiter]]); delimiters are regular expressions.
fn bind_str_to_map(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 3)?;
    for text in [",", ":"].iter().skip(call.arguments.len() - 1) {
        call.arguments.push(literal(&(*text).into(), &DataType::String)?);
        call.argument_sql.push((*text).into());
    }
    for index in 0..3 {
        call.coerce(index, &DataType::String)?;
    }
    let formatter = ValueFormatter::new(&DataType::String, &call.session.zone);
    let last_wins = call.session.last_map_key_wins;
    let (pairs, keys) = (super::rows::Memo::new(), super::rows::Memo::new());
    let data_type = map_of(DataType::String, DataType::String, true);
    Ok(nested_call(
        call,
        "str_to_map",
        data_type,
        false,
        Nulls::Pass,
        move |row| {
            let pair_regex = pairs.get(row.bytes(1), || super::regexp::compiled(row.bytes(1), "str_to_map"))?;
            let key_regex = keys.get(row.bytes(2), || super::regexp::compiled(row.bytes(2), "str_to_map"))?;
            let text = java_text(row.bytes(0));
            let cell_of = |part: &str| {
                let array: ArrayRef = Arc::new(BinaryViewArray::from_iter_values([part]));
                Cell::Taken(array, 0)
            };
            let mut given = Vec::new();
            for pair in super::regexp::split_text(&pair_regex, &text, usize::MAX)? {
                let parts = super::regexp::split_text(&key_regex, &pair, 2)?;
                let key = parts.first().map_or("", String::as_str);
                given.push((cell_of(key), parts.get(1).map_or(Cell::Null, |value| cell_of(value))));
            }
            built(given, last_wins, &formatter).map(Some)
        },
    ))
}
