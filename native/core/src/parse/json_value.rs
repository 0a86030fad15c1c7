//! A value that the exact reader made, before it goes into a column; and what it is read by.

use std::collections::HashMap;

use super::interval::Interval;
use super::json_options::JsonOptions;
use super::timestamp_legacy::TimeParserPolicy;
use crate::column::{DataType, StructType};
use crate::error::{Error, ErrorCode, Result};

/// One value of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    /// Integers, dates, timestamps and ANSI intervals.
    Integer(i64),
    Float(f32),
    Double(f64),
    Decimal(i128),
    /// A calendar interval.
    Interval(Interval),
    /// Bytes of the record: text without escapes.
    Slice(usize, usize),
    /// Bytes of their own.
    Bytes(Vec<u8>),
    Struct(Vec<Value>),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

/// A type to read, with names looked up by hash.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub data_type: DataType,
    pub children: Vec<Shape>,
    /// Index of a struct's field by name; of fields with one name the last is meant.
    pub names: HashMap<Box<[u8]>, usize>,
}

impl Shape {
    /// The shape of a row type. Fails where a map has keys other than strings.
    pub(crate) fn of_fields(fields: &StructType) -> Result<Self> {
        Self::of(&DataType::Struct(fields.clone()))
    }

    /// The shape of a type. Its depth is bounded by TYPE_DEPTH_MAX, where types are parsed.
    pub(crate) fn of(data_type: &DataType) -> Result<Self> {
        let mut names = HashMap::new();
        let children = match data_type {
            DataType::Struct(fields) => {
                for (index, field) in fields.fields.iter().enumerate() {
                    names.insert(field.name.as_bytes().into(), index);
                }
                fields
                    .fields
                    .iter()
                    .map(|field| Self::of(&field.data_type))
                    .collect::<Result<_>>()?
            }
            DataType::Array { element, .. } => vec![Self::of(element)?],
            DataType::Map { key, value, .. } => {
                if **key != DataType::String {
                    return Err(Error::new(ErrorCode::DatatypeMismatchInvalidJsonMapKeyType)
                        .with("schema", data_type.quoted_sql()));
                }
                vec![Self::of(value)?]
            }
            _ => Vec::new(),
        };
        Ok(Self {
            data_type: data_type.clone(),
            children,
            names,
        })
    }

    /// Nulls for every field.
    pub(crate) fn null_row(&self) -> Vec<Value> {
        vec![Value::Null; self.children.len()]
    }
}

/// Why a record counts as corrupt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cause {
    /// Anything that has no condition of its own.
    Other,
    /// An array where a struct was expected.
    ArrayAsStruct,
    /// Text where a floating point number was expected: field, text, type.
    TextAsNumber(String, String, &'static str),
}

/// A value that could not be read, or only in part.
#[derive(Debug)]
pub(crate) enum Failure {
    Bad(Cause),
    Partial(Value, Cause),
    /// An error whatever the mode.
    Fatal(Error),
}

impl From<super::json_token::SyntaxError> for Failure {
    fn from(_: super::json_token::SyntaxError) -> Self {
        Failure::Bad(Cause::Other)
    }
}

/// Whether texts that do not fit a given format may still be read as Spark 1 and 2 read them.
pub(crate) fn has_fallback(options: &JsonOptions, has_pattern: bool) -> bool {
    options
        .fallback
        .unwrap_or(!has_pattern || options.policy == TimeParserPolicy::Legacy)
}
