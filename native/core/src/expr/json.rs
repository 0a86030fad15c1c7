//! from_json: JSON text to a struct.

use std::sync::Arc;

use arrow_array::cast::AsArray;

use super::{Bind, Call, Expr, Value};
use crate::column::{DataType, parse_schema};
use crate::error::Result;
use crate::parse::JsonReader;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("from_json", bind_from_json)];

/// Binds from_json(text, 'ddl' [, options]). What is malformed becomes a null struct (mode PERMISSIVE).
fn bind_from_json(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    if call.arguments[0].data_type != DataType::String {
        return Err(call.wrong_type(0, "\"STRING\""));
    }
    let mut fields = parse_schema(&call.text_argument(1)?)?;
    // Spark reads every field of from_json as nullable.
    for field in &mut fields.fields {
        field.nullable = true;
    }
    let reader = JsonReader::new(&fields, call.options, &call.session.zone)?;
    call.arguments.truncate(1);
    Ok(Expr::call(
        "from_json",
        call.arguments,
        DataType::Struct(fields),
        true,
        move |values, _| {
            crate::fault::enter_stage("parse");
            let records = Arc::new(reader.read(values[0].array().as_binary_view())?);
            Ok(if values[0].is_scalar() {
                Value::Scalar(records)
            } else {
                Value::Array(records)
            })
        },
    ))
}
