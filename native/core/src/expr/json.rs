//! from_json: JSON text to a struct, an array or a map.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, new_null_array};

use super::{Bind, Call, Expr, Kernel, StructUse, Value};
use crate::column::{DataType, parse_schema, schema_from_json, type_from_json, whole_type};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::JsonReader;
use crate::parse::TimeParserPolicy;
use crate::session::Session;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("from_json", bind_from_json)];

/// Binds from_json(text, 'ddl' [, options]). What is malformed becomes a null struct (mode PERMISSIVE).
fn bind_from_json(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.expect_text(0)?;
    let data_type = as_nullable(schema_of(&call.text_argument(1)?)?);
    if !data_type.is_nested() && data_type != DataType::Variant {
        return Err(Error::new(ErrorCode::DatatypeMismatchInvalidJsonSchema)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("schema", data_type.quoted_sql()));
    }
    // Spark looks at the mode and the time zone when the first record comes.
    let reader = match JsonReader::of_type(&data_type, &json_options(&call), &call.session.zone) {
        Err(error)
            if !matches!(
                error.code(),
                ErrorCode::ParseModeUnsupported | ErrorCode::InvalidTimezone
            ) =>
        {
            return Err(error);
        }
        reader => reader,
    };
    call.arguments.truncate(1);
    Ok(match reader {
        Ok(reader) => {
            let narrowed = reader.clone();
            let narrow = move |wanted: &[bool]| -> Kernel { Arc::new(read_by(narrowed.clone().wanting(wanted))) };
            Expr::call("from_json", call.arguments, data_type, true, read_by(reader))
                .with_struct_use(StructUse::Makes(Arc::new(narrow)))
        }
        Err(error) => {
            let nothing = data_type.to_arrow();
            Expr::call("from_json", call.arguments, data_type, true, move |values, rows| {
                let texts = values[0].array();
                match (0..texts.len()).find(|&row| texts.is_valid(row)) {
                    Some(row) => Err(error.clone().at_row(row)),
                    None => Ok(Value::Array(new_null_array(&nothing, rows))),
                }
            })
        }
    })
}

/// The computation of from_json.
fn read_by(reader: JsonReader) -> impl Fn(&[Value], usize) -> Result<Value> {
    move |values, _| {
        crate::fault::enter_stage("parse");
        let records = reader.read_any(values[0].array().as_binary_view())?;
        Ok(if values[0].is_scalar() {
            Value::Scalar(records)
        } else {
            Value::Array(records)
        })
    }
}

/// The call's options, with what the session's configurations say beside them.
pub(super) fn json_options(call: &Call<'_>) -> Arc<BTreeMap<String, String>> {
    let mut options = call.options.clone();
    let Session {
        json_partial_results,
        corrupt_record_column,
        time_parser_policy,
        ..
    } = call.session;
    options.insert(
        "spark.sql.json.enablePartialResults".into(),
        json_partial_results.to_string(),
    );
    options.insert(
        "spark.sql.columnNameOfCorruptRecord".into(),
        corrupt_record_column.clone(),
    );
    let policy = match time_parser_policy {
        TimeParserPolicy::Corrected => "CORRECTED",
        TimeParserPolicy::Exception => "EXCEPTION",
        TimeParserPolicy::Legacy => "LEGACY",
    };
    options.insert("spark.sql.legacy.timeParserPolicy".into(), policy.into());
    Arc::new(options)
}

/// A schema is a row type's columns, one type, or Spark's JSON of a type.
fn schema_of(text: &str) -> Result<DataType> {
    if text.trim_start().starts_with('{') {
        return match schema_from_json(text) {
            Ok(fields) => Ok(DataType::Struct(fields)),
            Err(error) => type_from_json(text).map_err(|_| error),
        };
    }
    match whole_type(text) {
        Some(data_type) => Ok(data_type),
        None => Ok(DataType::Struct(parse_schema(text)?)),
    }
}

/// Spark reads every part of from_json as nullable. Recursion follows the type, whose depth is bounded.
fn as_nullable(data_type: DataType) -> DataType {
    match data_type {
        DataType::Struct(mut fields) => {
            for field in &mut fields.fields {
                field.nullable = true;
                field.data_type = as_nullable(field.data_type.clone());
            }
            DataType::Struct(fields)
        }
        DataType::Array { element, .. } => DataType::Array {
            element: Box::new(as_nullable(*element)),
            contains_null: true,
        },
        DataType::Map { key, value, .. } => DataType::Map {
            key: Box::new(as_nullable(*key)),
            value: Box::new(as_nullable(*value)),
            value_contains_null: true,
        },
        other => other,
    }
}
