//! The loop under every cast that may fail: a value at a time, null or an error where it does not fit.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use std::sync::Arc;

use super::super::ValueFormatter;
use super::Mode;
use crate::column::DataType;
use crate::config_generated::ANSI_ENABLED;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::TimeZone;

/// How a value of one row does not fit.
pub enum Misfit {
    /// Outside the range of the target.
    Overflow,
    /// A decimal with more digits than the target has.
    Digits,
    /// Not of the target's syntax.
    Malformed,
    /// Null in every mode.
    Null,
    /// An error even without ANSI; null only for try_cast.
    Always(Box<Error>),
}

/// The types of a cast, for its messages, and its mode.
#[derive(Clone)]
pub struct Types {
    /// What is cast.
    pub source: DataType,
    /// What it is cast to.
    pub target: DataType,
    /// How a failure is met.
    pub mode: Mode,
}

impl Types {
    /// The error of a misfit, or none where it gives null.
    pub fn failure(&self, misfit: Misfit, array: &dyn Array, row: usize) -> Option<Error> {
        // An interval with too many digits for a decimal is an error even without ANSI.
        let raises = matches!(misfit, Misfit::Digits) && self.source.is_ansi_interval() && self.mode == Mode::Legacy;
        let error = match misfit {
            Misfit::Null => return None,
            Misfit::Always(error) if self.mode != Mode::Try => return Some(error.at_row(row)),
            _ if self.mode != Mode::Ansi && !raises => return None,
            Misfit::Always(error) => *error,
            Misfit::Overflow => Error::new(ErrorCode::CastOverflow)
                .with("value", value_sql(array, row, &self.source))
                .with("sourceType", self.source.quoted_sql())
                .with("targetType", self.target.quoted_sql()),
            Misfit::Malformed => Error::new(ErrorCode::CastInvalidInput)
                .with("expression", value_sql(array, row, &self.source))
                .with("sourceType", self.source.quoted_sql())
                .with("targetType", self.target.quoted_sql()),
            Misfit::Digits => {
                let mut text = String::new();
                ValueFormatter::for_show(&self.source, &TimeZone::utc(), crate::expr::BinaryStyle::HexDiscrete)
                    .write(array, row, &mut text);
                let (precision, scale) = match self.target {
                    DataType::Decimal { precision, scale } => (precision, scale),
                    _ => (38, 0),
                };
                out_of_range(text, precision, scale)
            }
        };
        Some(error.at_row(row))
    }

    /// CAST_OVERFLOW, which intervals raise even without ANSI.
    pub fn overflow_always(&self, array: &dyn Array, row: usize) -> Misfit {
        Misfit::Always(Box::new(
            Error::new(ErrorCode::CastOverflow)
                .with("value", value_sql(array, row, &self.source))
                .with("sourceType", self.source.quoted_sql())
                .with("targetType", self.target.quoted_sql()),
        ))
    }
}

/// NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION for a decimal that needs more digits.
pub fn out_of_range(value: String, precision: u8, scale: i8) -> Error {
    Error::new(ErrorCode::NumericValueOutOfRangeWithSuggestion)
        .with("value", value)
        .with("precision", precision.to_string())
        .with("scale", scale.to_string())
        .with("config", format!("\"{ANSI_ENABLED}\""))
}

/// A value as Spark writes it in SQL: `128S`, `5L`, `1.5D`, `'x'`.
fn value_sql(array: &dyn Array, row: usize, data_type: &DataType) -> String {
    let mut text = String::new();
    ValueFormatter::new(data_type, &TimeZone::utc()).write(array, row, &mut text);
    match data_type {
        DataType::TinyInt => text + "Y",
        DataType::SmallInt => text + "S",
        DataType::BigInt => text + "L",
        DataType::Double => text + "D",
        DataType::Decimal { .. } => text + "BD",
        DataType::String => format!("'{text}'"),
        DataType::Date => format!("DATE '{text}'"),
        DataType::Timestamp => format!("TIMESTAMP '{text}'"),
        DataType::TimestampNtz => format!("TIMESTAMP_NTZ '{text}'"),
        _ => text,
    }
}

/// Casts a column of numbers a value at a time.
pub fn convert<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    array: &ArrayRef,
    types: &Types,
    each: impl Fn(S::Native) -> std::result::Result<T::Native, Misfit>,
) -> Result<ArrayRef> {
    let values = array.as_primitive::<S>();
    collect::<T>(array, types, |row| each(values.value(row)))
}

/// Casts the rows of a column that are not null.
pub fn collect<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    types: &Types,
    each: impl Fn(usize) -> std::result::Result<T::Native, Misfit>,
) -> Result<ArrayRef> {
    let mut result = PrimitiveArray::<T>::builder(array.len());
    for row in 0..array.len() {
        if array.is_null(row) {
            result.append_null();
            continue;
        }
        match each(row) {
            Ok(value) => result.append_value(value),
            Err(misfit) => match types.failure(misfit, array, row) {
                Some(error) => return Err(error),
                None => result.append_null(),
            },
        }
    }
    Ok(Arc::new(result.finish().with_data_type(types.target.to_arrow())))
}
