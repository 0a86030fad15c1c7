//! A variable of the program's state in an operator's schema, as text and back.

use crate::column::{DataType, parse_data_type};
use crate::error::{Error, Result};
use crate::plan::{StateVariable, VariableKind};

/// A key's type where the program computes keys, in an operator's schema.
pub const COMPUTED: &str = "computed";

/// A variable in an operator's schema: its name in backquotes, its kind, the type of all it holds, and whether that expires.
pub fn variable_text(variable: &StateVariable) -> String {
    let ttl = if variable.ttl_ms.is_some() { WITH_TTL } else { "" };
    let name = variable.name.replace('`', "``");
    format!("`{name}` {:?} {}{ttl}", variable.kind, variable.column_type().sql())
}

const WITH_TTL: &str = " with ttl";

/// What [`variable_text`] gave; a time to live is one millisecond, since only whether there is one is known.
pub fn parse_variable(text: &str) -> Result<StateVariable> {
    let unreadable = || Error::internal(format!("{text} is no variable of state"));
    let (name, rest) = text
        .strip_prefix('`')
        .and_then(|rest| rest.rsplit_once("` "))
        .ok_or_else(unreadable)?;
    let (kind, rest) = rest.split_once(' ').ok_or_else(unreadable)?;
    let (type_text, ttl_ms) = match rest.strip_suffix(WITH_TTL) {
        Some(type_text) => (type_text, Some(1)),
        None => (rest, None),
    };
    let (kind, key_type, data_type) = match (kind, parse_data_type(type_text)?) {
        ("Value", data_type) => (VariableKind::Value, None, data_type),
        ("List", DataType::Array { element, .. }) => (VariableKind::List, None, *element),
        ("Map", DataType::Map { key, value, .. }) => (VariableKind::Map, Some(*key), *value),
        _ => return Err(unreadable()),
    };
    Ok(StateVariable {
        name: name.replace("``", "`"),
        kind,
        data_type,
        key_type,
        ttl_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_variable_is_the_variable() {
        for (kind, key_type) in [
            (VariableKind::Value, None),
            (VariableKind::List, None),
            (VariableKind::Map, Some(DataType::Int)),
        ] {
            let variable = StateVariable {
                name: "a `strange` Value name".to_string(),
                kind,
                data_type: parse_data_type("struct<a: int, b: array<string>>").unwrap(),
                key_type,
                ttl_ms: Some(1),
            };
            let back = parse_variable(&variable_text(&variable)).unwrap();
            assert_eq!(format!("{back:?}"), format!("{variable:?}"));
        }
        assert!(parse_variable("total BIGINT").is_err());
    }
}
