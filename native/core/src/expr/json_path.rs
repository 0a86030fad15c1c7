//! get_json_object, json_array_length, json_object_keys and schema_of_json: questions about JSON text.

use std::collections::BTreeMap;

use arrow_array::types::Int32Type;

use super::rows::Cell;
use super::rows::{Memo, Nulls, bytes_call, nested_call, number_call};
use super::{Bind, Call, Expr, literal};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::{JsonDocument, JsonOptions, JsonPath, infer_json_type};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("get_json_object", bind_get_json_object),
    ("json_array_length", bind_json_array_length),
    ("json_object_keys", bind_json_object_keys),
    ("schema_of_json", bind_schema_of_json),
];

/// The options of these functions: unlike from_json they take no NaN and no Infinity.
fn plain_options(call: &Call<'_>) -> Result<JsonOptions> {
    Ok(JsonOptions {
        allow_non_numeric: false,
        ..JsonOptions::new(&BTreeMap::new(), &call.session.zone)?
    })
}

/// Binds get_json_object(text, path); null where the path leads nowhere, or is none.
fn bind_get_json_object(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.expect_text(0)?;
    call.expect_text(1)?;
    let options = plain_options(&call)?;
    let paths = Memo::new();
    Ok(bytes_call(
        call,
        "get_json_object",
        DataType::String,
        true,
        Nulls::Pass,
        move |row, out| {
            let path = paths.get(row.bytes(1), || Ok(JsonPath::parse(row.bytes(1))))?;
            let Some(path) = path.as_ref() else { return Ok(false) };
            match path.find(row.bytes(0), &options) {
                Some(text) => {
                    out.extend_from_slice(text.as_bytes());
                    Ok(true)
                }
                None => Ok(false),
            }
        },
    ))
}

/// Binds json_array_length(text); null where it is no array.
fn bind_json_array_length(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.expect_text(0)?;
    let options = plain_options(&call)?;
    Ok(number_call::<Int32Type>(
        call,
        "json_array_length",
        DataType::Int,
        true,
        Nulls::Pass,
        move |row| Ok(JsonDocument::array_length(row.bytes(0), &options).and_then(|length| i32::try_from(length).ok())),
    ))
}

/// Binds json_object_keys(text); null where it is no object.
fn bind_json_object_keys(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.expect_text(0)?;
    let options = plain_options(&call)?;
    let data_type = DataType::Array {
        element: Box::new(DataType::String),
        contains_null: true,
    };
    Ok(nested_call(
        call,
        "json_object_keys",
        data_type,
        true,
        Nulls::Pass,
        move |row| {
            let keys = JsonDocument::object_keys(row.bytes(0), &options);
            Ok(keys.map(|keys| {
                let array: arrow_array::ArrayRef =
                    std::sync::Arc::new(arrow_array::BinaryViewArray::from_iter_values(keys));
                Cell::List(Cell::all(&array))
            }))
        },
    ))
}

/// Binds schema_of_json('text'): the type of a constant document, as DDL.
fn bind_schema_of_json(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let text = call.text_argument(0)?;
    let options = JsonOptions::new(call.options, &call.session.zone)?;
    let data_type = infer_json_type(text.as_bytes(), &options).ok_or_else(|| {
        Error::new(ErrorCode::MalformedRecordInParsingWithoutSuggestion)
            .with("badRecord", text.clone())
            .with("failFastMode", "FAILFAST")
    })?;
    literal(&serde_json::Value::String(data_type.sql()), &DataType::String)
}
