//! String functions.

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, Int32Array};

use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::error::Result;
use crate::parse::java_text;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("upper", bind_case), ("lower", bind_case), ("length", bind_length)];

/// Binds upper() and lower().
fn bind_case(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::String)?;
    let nullable = call.any_nullable();
    let to_upper = call.name == "upper";
    let name = if to_upper { "upper" } else { "lower" };
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::String,
        nullable,
        move |values, _| {
            let texts = values[0].array().as_binary_view();
            let mut changed = BinaryViewBuilder::with_capacity(texts.len());
            for text in texts.iter() {
                match text {
                    None => changed.append_null(),
                    Some(bytes) if bytes.is_ascii() => {
                        changed.append_value(if to_upper {
                            bytes.to_ascii_uppercase()
                        } else {
                            bytes.to_ascii_lowercase()
                        });
                    }
                    Some(bytes) => {
                        let text = java_text(bytes);
                        changed.append_value(if to_upper {
                            text.to_uppercase()
                        } else {
                            text.to_lowercase()
                        });
                    }
                }
            }
            let changed = Arc::new(changed.finish());
            Ok(if values[0].is_scalar() {
                Value::Scalar(changed)
            } else {
                Value::Array(changed)
            })
        },
    ))
}

/// Binds length(): characters of text, bytes of binary.
fn bind_length(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let is_binary = call.arguments[0].data_type == DataType::Binary;
    if !is_binary {
        call.coerce(0, &DataType::String)?;
    }
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "length",
        call.arguments,
        DataType::Int,
        nullable,
        move |values, _| {
            // A character starts at every byte that does not continue one.
            let count = |bytes: &[u8]| {
                let continued = if is_binary {
                    0
                } else {
                    bytes.iter().filter(|&&b| b & 0xc0 == 0x80).count()
                };
                (bytes.len() - continued) as i32
            };
            let lengths: Int32Array = values[0]
                .array()
                .as_binary_view()
                .iter()
                .map(|text| text.map(count))
                .collect();
            Ok(if values[0].is_scalar() {
                Value::Scalar(Arc::new(lengths))
            } else {
                Value::Array(Arc::new(lengths))
            })
        },
    ))
}
