//! The elements of arrays and maps as a table of their own, a row an element, so that a lambda runs over all of them
//! at once.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, Int32Array, ListArray, MapArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::DataType as ArrowType;
use arrow_select::take::take;

use super::lambda::BoundLambda;
use super::{Call, Expr, Value, true_rows};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// The arguments of a higher-order function as columns of one length.
pub(super) struct Arguments {
    /// The columns.
    pub columns: Vec<ArrayRef>,
    /// Rows of each.
    pub rows: usize,
    scalar: bool,
}

impl Arguments {
    /// Constants alone are one row.
    pub fn new(values: &[Value], rows: usize) -> Result<Self> {
        let scalar = values.iter().all(Value::is_scalar);
        let rows = if scalar { 1 } else { rows };
        let columns = values
            .iter()
            .map(|value| value.clone().into_array(rows))
            .collect::<Result<_>>()?;
        Ok(Self { columns, rows, scalar })
    }

    /// The result, a constant where the arguments were.
    pub fn value(&self, array: ArrayRef) -> Value {
        if self.scalar {
            Value::Scalar(array)
        } else {
            Value::Array(array)
        }
    }
}

/// Elements of a column of arrays or maps, those of null rows left out.
pub(super) struct Elements {
    /// The elements; of maps the keys, then the values.
    pub columns: Vec<ArrayRef>,
    /// The row that each element is of.
    pub parents: UInt32Array,
    /// Where each row's elements are.
    pub offsets: OffsetBuffer<i32>,
    /// Rows that are null.
    pub nulls: Option<NullBuffer>,
}

impl Elements {
    /// Of a column of arrays or maps.
    pub fn of(array: &ArrayRef) -> Result<Self> {
        let (offsets, children) = match array.data_type() {
            ArrowType::Map(..) => {
                let maps = array.as_map();
                (maps.offsets(), vec![Arc::clone(maps.keys()), Arc::clone(maps.values())])
            }
            ArrowType::List(_) => {
                let lists = array.as_list::<i32>();
                (lists.offsets(), vec![Arc::clone(lists.values())])
            }
            other => return Err(Error::internal(format!("elements of {other}"))),
        };
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0).cloned();
        let mut parents = Vec::with_capacity(children[0].len());
        let mut places = Vec::with_capacity(children[0].len());
        let lengths: Vec<usize> = (0..array.len())
            .map(|row| {
                if array.is_null(row) {
                    return 0;
                }
                let (start, end) = (offsets[row], offsets[row + 1]);
                places.extend(start as u32..end as u32);
                parents.resize(places.len(), row as u32);
                (end - start) as usize
            })
            .collect();
        let is_all = places.len() == children[0].len();
        let places = UInt32Array::from(places);
        let columns = if is_all {
            children
        } else {
            children
                .iter()
                .map(|child| Ok(take(child, &places, None)?))
                .collect::<Result<_>>()?
        };
        Ok(Self {
            columns,
            parents: parents.into(),
            offsets: OffsetBuffer::from_lengths(lengths),
            nulls,
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// Number of each element in its row, from 0.
    pub fn indices(&self) -> ArrayRef {
        let numbers = self
            .offsets
            .windows(2)
            .flat_map(|ends| 0..ends[1] - ends[0])
            .collect::<Vec<i32>>();
        Arc::new(Int32Array::from(numbers))
    }

    /// The lambda over all elements: `parameters` are columns with a row an element, `captured` with a row a row.
    /// An error names the row whose element raised it.
    pub fn apply(&self, body: &Expr, parameters: Vec<ArrayRef>, captured: &[ArrayRef]) -> Result<ArrayRef> {
        if self.len() == 0 {
            return Ok(arrow_array::new_empty_array(&body.data_type.to_arrow()));
        }
        let mut columns = parameters;
        for column in captured {
            columns.push(take(column, &self.parents, None)?);
        }
        body.evaluate(&columns, self.len())
            .and_then(|value| value.into_array(self.len()))
            .map_err(|error| error.map_row(|element| self.parents.value(element) as usize))
    }

    /// Keeps the elements where the lambda was true.
    pub fn retain(mut self, keep: &BooleanArray) -> Result<Self> {
        let kept = true_rows(keep);
        let places: UInt32Array = kept.set_indices().map(|place| place as u32).collect::<Vec<_>>().into();
        let lengths: Vec<usize> = self
            .offsets
            .windows(2)
            .map(|ends| {
                kept.slice(ends[0] as usize, (ends[1] - ends[0]) as usize)
                    .count_set_bits()
            })
            .collect();
        for column in &mut self.columns {
            *column = take(column, &places, None)?;
        }
        self.offsets = OffsetBuffer::from_lengths(lengths);
        Ok(self)
    }

    /// The column of arrays of these elements.
    pub fn lists(&self, data_type: &DataType, elements: ArrayRef) -> Result<ArrayRef> {
        let ArrowType::List(field) = data_type.to_arrow() else {
            return Err(Error::internal("a list column of another type"));
        };
        Ok(Arc::new(ListArray::try_new(
            field,
            self.offsets.clone(),
            elements,
            self.nulls.clone(),
        )?))
    }

    /// The column of maps with these keys and values.
    pub fn maps(&self, data_type: &DataType, keys: ArrayRef, values: ArrayRef) -> Result<ArrayRef> {
        let ArrowType::Map(field, sorted) = data_type.to_arrow() else {
            return Err(Error::internal("a map column of another type"));
        };
        let ArrowType::Struct(fields) = field.data_type() else {
            return Err(Error::internal("map entries"));
        };
        let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
        Ok(Arc::new(MapArray::try_new(
            field,
            self.offsets.clone(),
            entries,
            self.nulls.clone(),
            sorted,
        )?))
    }
}

/// The lambda's result must be of this type; DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE where it is none. `index` is its
/// place among the call's arguments.
pub(super) fn expect_result(call: &Call<'_>, index: usize, lambda: &BoundLambda, expected: &DataType) -> Result<()> {
    let found = &lambda.body.data_type;
    if found == expected {
        return Ok(());
    }
    Err(Error::new(ErrorCode::DatatypeMismatchUnexpectedInputType)
        .with("sqlExpr", format!("\"{}\"", call.sql))
        .with("paramIndex", super::registry::ordinal(index))
        .with("requiredType", expected.quoted_sql())
        .with("inputSql", format!("\"{}\"", call.argument_sql[index]))
        .with("inputType", found.quoted_sql()))
}
