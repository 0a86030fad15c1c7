//! Collations: COLLATE and collation(). Texts are compared by their bytes, or here by a key that the collation makes of them.
//!
//! A collated text is known by its expression, not by its type, so it goes into comparisons and searches and no further:
//! what would give a column a collation is refused.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use serde_json::Value as Json;

use super::{Bind, Call, Expr, Kind, Value, literal};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::java_text;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("collate", bind_collate), ("collation", bind_collation)];

/// The collation of texts that name none.
const BINARY: &str = "UTF8_BINARY";

/// How a collation compares.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Collation {
    /// Spark's name.
    name: &'static str,
    /// Letters count in lower case.
    folds: bool,
    /// Blanks at the end do not count.
    trims: bool,
}

/// The collations that are more than a comparison of bytes.
const COLLATIONS: [Collation; 3] = [
    Collation {
        name: "UTF8_LCASE",
        folds: true,
        trims: false,
    },
    Collation {
        name: "UTF8_BINARY_RTRIM",
        folds: false,
        trims: true,
    },
    Collation {
        name: "UTF8_LCASE_RTRIM",
        folds: true,
        trims: true,
    },
];

/// What compares texts by their collation.
const COMPARING: [&str; 12] = [
    "=",
    "<=>",
    "equal_null",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "between",
    "contains",
    "startswith",
    "endswith",
];
/// What is the same for a text in any collation.
const INDIFFERENT: [&str; 7] = [
    "isnull",
    "isnotnull",
    "length",
    "char_length",
    "character_length",
    "octet_length",
    "bit_length",
];

impl Collation {
    /// The texts that are equal in this collation have equal keys, in its order.
    fn key<'a>(self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let text = if self.trims { without_blanks(text) } else { text };
        if !self.folds {
            return Cow::Borrowed(text);
        }
        let mut key = String::with_capacity(text.len());
        for character in java_text(text).chars() {
            match character {
                // Both small sigmas are one letter.
                'ς' => key.push('σ'),
                character => key.extend(character.to_lowercase()),
            }
        }
        Cow::Owned(key.into_bytes())
    }
}

/// Without the blanks at the end.
fn without_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &text[..end]
}

/// The collation that an expression was given, where it was.
fn collation_of(expr: &Expr) -> Option<Collation> {
    match &expr.kind {
        Kind::Call { name, .. } => COLLATIONS.into_iter().find(|collation| collation.name == *name),
        _ => None,
    }
}

/// Binds collate(text, 'NAME'). Fails with COLLATION_INVALID_NAME.
fn bind_collate(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::String)?;
    let name = call.text_argument(1)?;
    let text = plain(call.arguments.swap_remove(0));
    let upper = name.to_uppercase();
    let upper = upper.strip_prefix("SYSTEM.BUILTIN.").unwrap_or(&upper);
    if upper == BINARY {
        return Ok(text);
    }
    let Some(collation) = COLLATIONS.into_iter().find(|collation| collation.name == upper) else {
        let is_known = upper.starts_with("UNICODE") || upper.split('_').next().is_some_and(|tag| tag.len() <= 3);
        return Err(if is_known {
            unsupported(&name, "COLLATE")
        } else {
            Error::new(ErrorCode::CollationInvalidName)
                .with("collationName", name)
                .with("proposals", "UTF8_BINARY, UTF8_LCASE")
        });
    };
    let nullable = text.nullable;
    Ok(Expr::call(
        collation.name,
        vec![text],
        DataType::String,
        nullable,
        |values, _| Ok(values[0].clone()),
    ))
}

/// Binds collation(text): the name of its collation, whatever the text.
fn bind_collation(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let name = collation_of(&call.arguments[0]).map_or(BINARY, |collation| collation.name);
    call.coerce(0, &DataType::String)?;
    literal(&Json::from(format!("SYSTEM.BUILTIN.{name}")), &DataType::String)
}

fn unsupported(collation: &str, function: &str) -> Error {
    Error::new(ErrorCode::UnsupportedCollationForFunction)
        .with("collationNames", collation)
        .with("functionName", format!("`{function}`"))
}

/// The expression without the collation that it was given.
fn plain(expr: Expr) -> Expr {
    match (collation_of(&expr), expr) {
        (
            Some(_),
            Expr {
                kind: Kind::Call { mut arguments, .. },
                ..
            },
        ) if arguments.len() == 1 => arguments.swap_remove(0),
        (_, expr) => expr,
    }
}

/// The call with keys in the place of collated texts. Fails with COLLATION_MISMATCH.EXPLICIT where two collations meet,
/// with UNSUPPORTED_COLLATION.FOR_FUNCTION where the function knows none.
pub(super) fn by_keys(mut call: Call<'_>) -> Result<Call<'_>> {
    let mut found = call.arguments.iter().filter_map(collation_of);
    let Some(collation) = found.next() else {
        return Ok(call);
    };
    if let Some(other) = found.find(|other| *other != collation) {
        return Err(Error::new(ErrorCode::CollationMismatchExplicit).with(
            "explicitTypes",
            format!(
                "\"STRING COLLATE {}\", \"STRING COLLATE {}\"",
                collation.name, other.name
            ),
        ));
    }
    if matches!(call.name, "collate" | "collation") {
        return Ok(call);
    }
    let compares = COMPARING.contains(&call.name);
    if !compares && !INDIFFERENT.contains(&call.name) {
        return Err(unsupported(collation.name, call.name));
    }
    call.arguments = call
        .arguments
        .into_iter()
        .map(|argument| {
            let is_text = argument.data_type == DataType::String;
            let argument = plain(argument);
            if compares && is_text {
                key_of(argument, collation)
            } else {
                argument
            }
        })
        .collect();
    Ok(call)
}

fn key_of(text: Expr, collation: Collation) -> Expr {
    let nullable = text.nullable;
    Expr::call(
        "collation_key",
        vec![text],
        DataType::String,
        nullable,
        move |values, _| {
            let texts = values[0].array().as_binary_view();
            let mut keys = BinaryViewBuilder::with_capacity(texts.len());
            for text in texts {
                keys.append_option(text.map(|text| collation.key(text)));
            }
            let keys: ArrayRef = Arc::new(keys.finish());
            Ok(if values[0].is_scalar() {
                Value::Scalar(keys)
            } else {
                Value::Array(keys)
            })
        },
    )
}

/// Refuses an expression that would give a column a collation.
pub fn check_uncollated(expr: &Expr) -> Result<()> {
    let leaked = COLLATIONS
        .into_iter()
        .find(|collation| expr.any(&|part| collation_of(part) == Some(*collation)));
    match leaked {
        None => Ok(()),
        Some(collation) => Err(unsupported(collation.name, "COLLATE")),
    }
}
