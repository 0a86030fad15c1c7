//! Casts that are written as functions: `int(x)`, `timestamp(x)`.

use super::super::{Bind, Call, Expr};
use super::cast;
use crate::column::parse_data_type;
use crate::error::Result;

/// The functions of this room: each has the name of the type that it casts to.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("bigint", bind),
    ("binary", bind),
    ("boolean", bind),
    ("date", bind),
    ("decimal", bind),
    ("double", bind),
    ("float", bind),
    ("int", bind),
    ("smallint", bind),
    ("string", bind),
    ("timestamp", bind),
    ("tinyint", bind),
];

fn bind(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    let target = parse_data_type(call.name)?;
    cast(call.arguments.swap_remove(0), &target, call.session, false)
}

/// Whether a function is a cast, which Spark leaves out of the names of columns.
pub fn is_cast_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, _)| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_type() {
        for (name, _) in FUNCTIONS {
            assert!(parse_data_type(name).is_ok(), "{name}");
        }
        assert!(is_cast_function("int") && !is_cast_function("abs"));
    }
}
