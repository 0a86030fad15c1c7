//! What an expression yields: a column, or one value that stands for a whole column.

use arrow_array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow_select::take::take;

use crate::error::Result;

/// A column of values, or a constant.
#[derive(Clone, Debug)]
pub enum Value {
    /// One value a row.
    Array(ArrayRef),
    /// One value for all rows; the array has length 1.
    Scalar(ArrayRef),
}

impl Value {
    /// The values behind it: one a row, or just one.
    pub fn array(&self) -> &ArrayRef {
        match self {
            Value::Array(array) | Value::Scalar(array) => array,
        }
    }

    /// A column of `rows` values.
    pub fn into_array(self, rows: usize) -> Result<ArrayRef> {
        match self {
            Value::Array(array) => Ok(array),
            Value::Scalar(array) if rows == 1 => Ok(array),
            // What stands for a column that nobody needs: every chunk has some.
            Value::Scalar(array) if array.is_null(0) => Ok(new_null_array(array.data_type(), rows)),
            Value::Scalar(array) => Ok(take(&array, &UInt32Array::from(vec![0; rows]), None)?),
        }
    }

    /// Whether it is a constant.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Value::Scalar(_))
    }
}
