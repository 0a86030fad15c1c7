//! to_json: structs, arrays and maps as JSON text.

use super::json_text::{JsonStyle, JsonText};
use super::rows::{Nulls, bytes_call};
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::Result;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("to_json", bind_to_json)];

/// Binds to_json(value[, options]).
fn bind_to_json(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let data_type = call.arguments[0].data_type.clone();
    if !data_type.is_nested() {
        return Err(call.wrong_type(0, "\"STRUCT\" or \"ARRAY\" or \"MAP\""));
    }
    // Spark looks at the options when the first value comes.
    let style = JsonStyle::of(call.options, &call.session.zone);
    Ok(bytes_call(
        call,
        "to_json",
        DataType::String,
        false,
        Nulls::Pass,
        move |row, out| {
            let (array, place) = row.cell(0);
            let mut json = JsonText::new(style.as_ref().map_err(Clone::clone)?);
            json.value(&data_type, array, place);
            out.extend_from_slice(json.text().as_bytes());
            Ok(true)
        },
    ))
}
