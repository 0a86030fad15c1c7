//! Row types as Spark's JSON: `{"type":"struct","fields":[{"name":..,"type":..,"nullable":..,"metadata":{}}]}`.

use serde_json::{Map, Value, json};

use super::{DataType, Field, StructType, parse_data_type};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::TYPE_DEPTH_MAX;

/// Reads a row type that is DDL or Spark's JSON.
pub fn schema_from_text(text: &str) -> Result<StructType> {
    if text.trim_start().starts_with('{') {
        schema_from_json(text)
    } else {
        super::parse_schema(text)
    }
}

/// The row type as Spark's JSON text.
pub fn schema_to_json(schema: &StructType) -> String {
    struct_value(schema).to_string()
}

/// The row type in Spark's JSON text. Fails with PARSE_SYNTAX_ERROR or UNSUPPORTED_DATATYPE.
pub fn schema_from_json(text: &str) -> Result<StructType> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Error::new(ErrorCode::ParseSyntaxError)
            .with("error", format!("'{}'", text.chars().take(40).collect::<String>()))
            .with("hint", format!(": {error}"))
    })?;
    struct_from(&value, 0)
}

/// Any type in Spark's JSON text. Fails with PARSE_SYNTAX_ERROR or UNSUPPORTED_DATATYPE.
pub fn type_from_json(text: &str) -> Result<DataType> {
    let value: Value = serde_json::from_str(text).map_err(|_| malformed(&Value::Null))?;
    type_from(&value, 0)
}

fn struct_value(schema: &StructType) -> Value {
    let fields: Vec<Value> = schema
        .fields
        .iter()
        .map(|field| {
            json!({
                "name": field.name,
                "type": type_value(&field.data_type),
                "nullable": field.nullable,
                "metadata": metadata_of(field),
            })
        })
        .collect();
    json!({ "type": "struct", "fields": fields })
}

fn metadata_of(field: &Field) -> Value {
    let mut metadata = Map::new();
    if let Some(mark) = field.metadata {
        metadata.insert(mark.to_string(), Value::Bool(true));
    }
    if let Some(comment) = &field.comment {
        metadata.insert("comment".into(), Value::from(comment.as_ref()));
    }
    Value::Object(metadata)
}

fn type_value(data_type: &DataType) -> Value {
    match data_type {
        DataType::TinyInt => json!("byte"),
        DataType::SmallInt => json!("short"),
        DataType::Int => json!("integer"),
        DataType::BigInt => json!("long"),
        DataType::Array { element, contains_null } => json!({
            "type": "array", "elementType": type_value(element), "containsNull": contains_null,
        }),
        DataType::Map {
            key,
            value,
            value_contains_null,
        } => json!({
            "type": "map", "keyType": type_value(key), "valueType": type_value(value),
            "valueContainsNull": value_contains_null,
        }),
        DataType::Struct(fields) => struct_value(fields),
        other => json!(other.to_string()),
    }
}

fn struct_from(value: &Value, depth: usize) -> Result<StructType> {
    let fields = value
        .get("fields")
        .and_then(Value::as_array)
        .ok_or_else(|| malformed(value))?;
    let fields = fields
        .iter()
        .map(|field| {
            let name = field
                .get("name")
                .and_then(Value::as_str)
                .ok_or_else(|| malformed(field))?;
            let data_type = type_from(field.get("type").ok_or_else(|| malformed(field))?, depth)?;
            let nullable = field.get("nullable").and_then(Value::as_bool).unwrap_or(true);
            let comment = field.pointer("/metadata/comment").and_then(Value::as_str);
            Ok(Field {
                comment: comment.map(Into::into),
                ..Field::new(name, data_type, nullable)
            })
        })
        .collect::<Result<Vec<Field>>>()?;
    Ok(StructType::new(fields))
}

fn type_from(value: &Value, depth: usize) -> Result<DataType> {
    if depth > TYPE_DEPTH_MAX {
        return Err(Error::limit("nesting depth of a type", depth, TYPE_DEPTH_MAX));
    }
    if let Some(name) = value.as_str() {
        return parse_data_type(match name {
            "byte" => "tinyint",
            "short" => "smallint",
            "integer" => "int",
            "long" => "bigint",
            other => other,
        });
    }
    let flag = |name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(true);
    let part = |name: &str| -> Result<Box<DataType>> {
        let inner = value.get(name).ok_or_else(|| malformed(value))?;
        Ok(Box::new(type_from(inner, depth + 1)?))
    };
    match value.get("type").and_then(Value::as_str) {
        Some("struct") => Ok(DataType::Struct(struct_from(value, depth + 1)?)),
        Some("array") => Ok(DataType::Array {
            element: part("elementType")?,
            contains_null: flag("containsNull"),
        }),
        Some("map") => Ok(DataType::Map {
            key: part("keyType")?,
            value: part("valueType")?,
            value_contains_null: flag("valueContainsNull"),
        }),
        _ => Err(malformed(value)),
    }
}

fn malformed(value: &Value) -> Error {
    let text: String = value.to_string().chars().take(60).collect();
    Error::new(ErrorCode::UnsupportedDatatype).with("typeName", text)
}
