//! Functions on arrays: element access, search, edits, slices. Sets and order are in [`super::array_sets`].

use arrow_array::Array;
use arrow_array::types::{Int32Type, Int64Type};

use super::cells::equal;
use super::rows::{Cell, Nulls, Row, bytes_call, flag_call, nested_call, number_call};
use super::{Bind, Call, Expr, ValueFormatter};
use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};
use crate::plan::coerce::{common_type, widest_type};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("array", bind_array),
    ("getitem", bind_get_item),
    ("get", bind_get_item),
    ("element_at", bind_get_item),
    ("try_element_at", bind_get_item),
    ("size", bind_size),
    ("cardinality", bind_size),
    ("array_size", bind_size),
    ("array_contains", bind_search),
    ("array_position", bind_search),
    ("array_remove", bind_edit),
    ("array_append", bind_edit),
    ("array_prepend", bind_edit),
    ("array_repeat", bind_repeat),
    ("array_insert", bind_insert),
    ("array_join", bind_join),
    ("arrays_zip", bind_zip),
    ("flatten", bind_flatten),
    ("slice", bind_slice),
];

/// Elements that one call may make out of small arguments.
pub(super) const ELEMENTS_MAX: i64 = 100_000_000;

pub(super) fn array_of(element: DataType, contains_null: bool) -> DataType {
    DataType::Array {
        element: Box::new(element),
        contains_null,
    }
}

/// The element type of argument `index`; DATATYPE_MISMATCH where it is no array.
pub(super) fn element_of(call: &Call<'_>, index: usize) -> Result<(DataType, bool)> {
    match &call.arguments[index].data_type {
        DataType::Array { element, contains_null } => Ok(((**element).clone(), *contains_null)),
        _ => Err(call.wrong_type(index, "\"ARRAY\"")),
    }
}

pub(super) fn cells(row: &Row<'_>, index: usize) -> Vec<Cell> {
    row.list(index).map(|values| Cell::all(&values)).unwrap_or_default()
}

fn cell(row: &Row<'_>, index: usize) -> Cell {
    let (array, place) = row.cell(index);
    Cell::at(array, place)
}

/// Makes the array at `array` and the value at `value` agree on a type.
fn match_value(call: &mut Call<'_>, array: usize, value: usize) -> Result<(DataType, bool)> {
    let (element, contains_null) = element_of(call, array)?;
    let found = call.arguments[value].data_type.clone();
    if found == DataType::Void && matches!(call.name, "array_contains" | "array_position") {
        return Err(Error::new(ErrorCode::DatatypeMismatchNullType)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("functionName", format!("`{}`", call.name)));
    }
    let is_text = |data_type: &DataType| *data_type == DataType::String;
    let common = common_type(&[element.clone(), found.clone()])
        .filter(|_| is_text(&element) == is_text(&found) || found == DataType::Void || element == DataType::Void);
    let Some(common) = common else {
        return Err(Error::new(ErrorCode::DatatypeMismatchArrayFunctionDiffTypes)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("functionName", format!("`{}`", call.name))
            .with("dataType", "\"ARRAY\"")
            .with("leftType", call.arguments[array].data_type.quoted_sql())
            .with("rightType", found.quoted_sql()));
    };
    call.coerce(value, &common)?;
    if element != common {
        call.coerce(array, &array_of(common.clone(), contains_null))?;
    }
    Ok((common, contains_null))
}

/// Binds array(values...).
fn bind_array(mut call: Call<'_>) -> Result<Expr> {
    let types: Vec<DataType> = call
        .arguments
        .iter()
        .map(|argument| argument.data_type.clone())
        .collect();
    let element = if types.is_empty() {
        DataType::Void
    } else {
        widest_type(&types, call.session.ansi).ok_or_else(|| {
            Error::new(ErrorCode::DatatypeMismatchDataDiffTypes)
                .with("sqlExpr", format!("\"{}\"", call.sql))
                .with("functionName", "`array`")
                .with(
                    "dataType",
                    types.iter().map(DataType::quoted_sql).collect::<Vec<_>>().join(", "),
                )
        })?
    };
    for index in 0..call.arguments.len() {
        call.coerce(index, &element)?;
    }
    let data_type = array_of(element, call.any_nullable());
    Ok(nested_call(call, "array", data_type, false, Nulls::Seen, |row| {
        Ok(Some(Cell::List((0..row.len()).map(|index| cell(row, index)).collect())))
    }))
}

/// Binds a[i], get, element_at and try_element_at of arrays, and their like of maps and structs.
fn bind_get_item(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    match &call.arguments[0].data_type {
        DataType::Map { .. } => return super::maps::bind_map_value(call),
        DataType::Struct(_) => return super::structs::bind_get_field(call),
        DataType::Array { .. } => {}
        other if call.name == "getitem" => {
            return Err(Error::new(ErrorCode::InvalidExtractBaseFieldType)
                .with("base", format!("\"{}\"", call.argument_sql[0]))
                .with("other", other.quoted_sql()));
        }
        _ => {}
    }
    let (element, _) = element_of(&call, 0)?;
    let from_one = call.name.ends_with("element_at");
    if call.arguments[1].data_type == DataType::String && !from_one {
        return super::structs::bind_get_field(call);
    }
    let is_index = match &call.arguments[1].data_type {
        DataType::Void => true,
        found => found.is_integral() && !(from_one && *found == DataType::BigInt),
    };
    if !is_index {
        return Err(call.wrong_type(1, if from_one { "\"INT\"" } else { "\"INTEGRAL\"" }));
    }
    call.coerce(1, &DataType::Int)?;
    let raises = call.session.ansi && matches!(call.name, "getitem" | "element_at");
    let name = if from_one { "element_at" } else { "getitem" };
    Ok(nested_call(call, name, element, true, Nulls::Pass, move |row| {
        let Some(values) = row.list(0) else { return Ok(None) };
        let index = i64::from(row.number::<Int32Type>(1));
        let place = match (from_one, index) {
            (true, 0) => return Err(Error::new(ErrorCode::InvalidIndexOfZero)),
            (true, 1..) => index - 1,
            (true, _) => values.len() as i64 + index,
            (false, _) => index,
        };
        match usize::try_from(place).ok().filter(|place| *place < values.len()) {
            Some(place) => Ok(Some(Cell::at(&values, place))),
            None if raises => {
                let code = if from_one {
                    ErrorCode::InvalidArrayIndexInElementAt
                } else {
                    ErrorCode::InvalidArrayIndex
                };
                Err(Error::new(code)
                    .with("indexValue", index.to_string())
                    .with("arraySize", values.len().to_string()))
            }
            None => Ok(None),
        }
    }))
}

/// Binds size, cardinality and array_size; without ANSI the first two give -1 for null.
fn bind_size(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let is_map = matches!(call.arguments[0].data_type, DataType::Map { .. });
    if !is_map {
        element_of(&call, 0).map_err(|_| call.wrong_type(0, "(\"ARRAY\" or \"MAP\")"))?;
    }
    let of_null = (!call.session.ansi && call.name != "array_size").then_some(-1);
    let nullable = of_null.is_none() && call.any_nullable();
    Ok(number_call::<Int32Type>(
        call,
        "size",
        DataType::Int,
        nullable,
        Nulls::Seen,
        move |row| {
            if row.is_null(0) {
                return Ok(of_null);
            }
            let length = match row.list(0) {
                Some(values) => values.len(),
                None => super::maps::entries(row, 0).len(),
            };
            Ok(i32::try_from(length).ok())
        },
    ))
}

fn bind_search(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (_, contains_null) = match_value(&mut call, 0, 1)?;
    if call.name == "array_position" {
        return Ok(number_call::<Int64Type>(
            call,
            "array_position",
            DataType::BigInt,
            false,
            Nulls::Pass,
            |row| {
                let wanted = cell(row, 1);
                let place = cells(row, 0).iter().position(|value| equal(value, &wanted));
                Ok(Some(place.map_or(0, |place| place as i64 + 1)))
            },
        ));
    }
    Ok(flag_call(call, "array_contains", contains_null, Nulls::Pass, |row| {
        let (wanted, values) = (cell(row, 1), cells(row, 0));
        if values.iter().any(|value| equal(value, &wanted)) {
            return Ok(Some(true));
        }
        Ok((!values.iter().any(Cell::is_null)).then_some(false))
    }))
}

/// Binds array_remove, array_append and array_prepend.
fn bind_edit(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    let (element, contains_null) = match_value(&mut call, 0, 1)?;
    if call.name == "array_remove" {
        let data_type = array_of(element, contains_null);
        return Ok(nested_call(
            call,
            "array_remove",
            data_type,
            false,
            Nulls::Pass,
            |row| {
                let wanted = cell(row, 1);
                let mut values = cells(row, 0);
                values.retain(|value| !equal(value, &wanted));
                Ok(Some(Cell::List(values)))
            },
        ));
    }
    let appends = call.name == "array_append";
    let data_type = array_of(element, contains_null || call.arguments[1].nullable);
    let nullable = call.arguments[0].nullable;
    let name = if appends { "array_append" } else { "array_prepend" };
    Ok(nested_call(call, name, data_type, nullable, Nulls::Seen, move |row| {
        if row.is_null(0) {
            return Ok(None);
        }
        let mut values = cells(row, 0);
        values.insert(if appends { values.len() } else { 0 }, cell(row, 1));
        Ok(Some(Cell::List(values)))
    }))
}

fn bind_repeat(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(1, &DataType::Int)?;
    let data_type = array_of(call.arguments[0].data_type.clone(), call.arguments[0].nullable);
    let nullable = call.arguments[1].nullable;
    Ok(nested_call(
        call,
        "array_repeat",
        data_type,
        nullable,
        Nulls::Seen,
        |row| {
            if row.is_null(1) {
                return Ok(None);
            }
            let count = i64::from(row.number::<Int32Type>(1)).max(0);
            if count > ELEMENTS_MAX {
                return Err(Error::limit("elements of an array", count, ELEMENTS_MAX));
            }
            Ok(Some(Cell::List(vec![cell(row, 0); count as usize])))
        },
    ))
}

/// Binds array_insert(array, place, value): gaps are filled with nulls.
fn bind_insert(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    call.coerce(1, &DataType::Int)?;
    let (element, _) = match_value(&mut call, 0, 2)?;
    let nullable = call.arguments[0].nullable || call.arguments[1].nullable;
    Ok(nested_call(
        call,
        "array_insert",
        array_of(element, true),
        nullable,
        Nulls::Seen,
        |row| {
            if row.is_null(0) || row.is_null(1) {
                return Ok(None);
            }
            let mut values = cells(row, 0);
            let place = i64::from(row.number::<Int32Type>(1));
            let length = values.len() as i64;
            if place.abs() > ELEMENTS_MAX {
                return Err(Error::limit("elements of an array", place, ELEMENTS_MAX));
            }
            match place {
                0 => return Err(Error::new(ErrorCode::InvalidIndexOfZero)),
                1.. => {
                    while (values.len() as i64) < place - 1 {
                        values.push(Cell::Null);
                    }
                    values.insert((place - 1) as usize, cell(row, 2));
                }
                _ => {
                    // -1 puts the value behind the last element.
                    let at = length + place + 1;
                    if at >= 0 {
                        values.insert(at as usize, cell(row, 2));
                    } else {
                        let mut longer = vec![cell(row, 2)];
                        longer.extend(std::iter::repeat_n(Cell::Null, (-at) as usize));
                        longer.append(&mut values);
                        values = longer;
                    }
                }
            }
            Ok(Some(Cell::List(values)))
        },
    ))
}

/// Binds array_join(array, separator[, text of nulls]).
fn bind_join(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, 3)?;
    let (element, _) = element_of(&call, 0)?;
    for index in 1..call.arguments.len() {
        call.coerce(index, &DataType::String)?;
    }
    let formatter = ValueFormatter::new(&element, &call.session.zone).with_plain_decimals(call.session.ansi);
    let is_text = matches!(element, DataType::String | DataType::Binary);
    Ok(bytes_call(
        call,
        "array_join",
        DataType::String,
        false,
        Nulls::Pass,
        move |row, out| {
            let mut is_first = true;
            for value in cells(row, 0) {
                if value.is_null() && row.len() < 3 {
                    continue;
                }
                if !is_first {
                    out.extend_from_slice(row.bytes(1));
                }
                is_first = false;
                match value {
                    Cell::Taken(array, place) if is_text => {
                        if let Some(texts) = arrow_array::cast::AsArray::as_binary_view_opt(&array) {
                            out.extend_from_slice(texts.value(place));
                        }
                    }
                    Cell::Taken(array, place) => {
                        let mut text = String::new();
                        formatter.write(&array, place, &mut text);
                        out.extend_from_slice(text.as_bytes());
                    }
                    _ => out.extend_from_slice(row.bytes(2)),
                }
            }
            Ok(true)
        },
    ))
}

/// Binds arrays_zip(arrays...): rows as long as the longest; columns lend their names.
fn bind_zip(call: Call<'_>) -> Result<Expr> {
    let mut fields = Vec::new();
    for index in 0..call.arguments.len() {
        let (element, _) = element_of(&call, index)?;
        let is_name = matches!(call.arguments[index].kind, super::Kind::Column(_));
        let name = if is_name {
            call.argument_sql[index].clone()
        } else {
            index.to_string()
        };
        fields.push(Field::new(name, element, true));
    }
    let data_type = array_of(DataType::Struct(StructType::new(fields)), false);
    Ok(nested_call(call, "arrays_zip", data_type, false, Nulls::Pass, |row| {
        let columns: Vec<Vec<Cell>> = (0..row.len()).map(|index| cells(row, index)).collect();
        let length = columns.iter().map(Vec::len).max().unwrap_or(0);
        let rows = (0..length).map(|place| {
            let fields = columns
                .iter()
                .map(|column| column.get(place).cloned().unwrap_or(Cell::Null));
            Cell::Fields(fields.collect())
        });
        Ok(Some(Cell::List(rows.collect())))
    }))
}

fn bind_flatten(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let (element, contains_null) = element_of(&call, 0)?;
    let DataType::Array { .. } = element else {
        return Err(call.wrong_type(0, "\"ARRAY\" of \"ARRAY\""));
    };
    Ok(nested_call(
        call,
        "flatten",
        element,
        contains_null,
        Nulls::Pass,
        |row| {
            let mut values = Vec::new();
            for inner in cells(row, 0) {
                let Cell::Taken(array, place) = inner else {
                    return Ok(None);
                };
                if let Some(lists) = arrow_array::cast::AsArray::as_list_opt::<i32>(&array) {
                    values.extend(Cell::all(&lists.value(place)));
                }
            }
            Ok(Some(Cell::List(values)))
        },
    ))
}

/// reverse() of an array.
pub(super) fn bind_reverse(call: Call<'_>) -> Result<Expr> {
    let data_type = call.arguments[0].data_type.clone();
    Ok(nested_call(call, "reverse", data_type, false, Nulls::Pass, |row| {
        let mut values = cells(row, 0);
        values.reverse();
        Ok(Some(Cell::List(values)))
    }))
}

/// concat() of arrays.
pub(super) fn bind_concat(mut call: Call<'_>) -> Result<Expr> {
    let types: Vec<DataType> = call
        .arguments
        .iter()
        .map(|argument| argument.data_type.clone())
        .collect();
    let mut contains_null = false;
    let mut elements = Vec::new();
    for index in 0..types.len() {
        let (element, null) = element_of(&call, index)?;
        elements.push(element);
        contains_null |= null;
    }
    let element = common_type(&elements).ok_or_else(|| call.wrong_type(0, "\"ARRAY\""))?;
    let data_type = array_of(element, contains_null);
    for (index, found) in elements.iter().enumerate() {
        if array_of(found.clone(), contains_null) != data_type {
            call.coerce(index, &data_type)?;
        }
    }
    Ok(nested_call(call, "concat", data_type, false, Nulls::Pass, |row| {
        Ok(Some(Cell::List(
            (0..row.len()).flat_map(|index| cells(row, index)).collect(),
        )))
    }))
}

/// Binds slice(array, start, length).
fn bind_slice(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    element_of(&call, 0)?;
    call.coerce(1, &DataType::Int)?;
    call.coerce(2, &DataType::Int)?;
    let data_type = call.arguments[0].data_type.clone();
    Ok(nested_call(call, "slice", data_type, false, Nulls::Pass, |row| {
        let values = cells(row, 0);
        let (start, length) = (
            i64::from(row.number::<Int32Type>(1)),
            i64::from(row.number::<Int32Type>(2)),
        );
        if start == 0 {
            return Err(Error::new(ErrorCode::InvalidParameterValueStart).with("functionName", "`slice`"));
        }
        if length < 0 {
            return Err(Error::new(ErrorCode::InvalidParameterValueLength)
                .with("functionName", "`slice`")
                .with("length", length.to_string()));
        }
        let first = if start > 0 {
            start - 1
        } else {
            values.len() as i64 + start
        };
        let kept = match usize::try_from(first) {
            Ok(first) => values.into_iter().skip(first).take(length as usize).collect(),
            Err(_) => Vec::new(),
        };
        Ok(Some(Cell::List(kept)))
    }))
}
