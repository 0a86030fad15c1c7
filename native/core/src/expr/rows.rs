//! Kernels written a row at a time: what a function does with one row's arguments, made into a column.

use std::sync::Arc;

use arrow_array::builder::{BinaryViewBuilder, BooleanBuilder, PrimitiveBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use parking_lot::Mutex;

use super::{Call, Expr, Value};
use crate::column::DataType;
use crate::error::Result;

/// The arguments of one row.
pub(super) struct Row<'a> {
    values: &'a [Value],
    row: usize,
}

impl<'a> Row<'a> {
    /// The array of argument `index` and the place of this row's value in it.
    pub(super) fn cell(&self, index: usize) -> (&'a ArrayRef, usize) {
        let value = &self.values[index];
        (value.array(), if value.is_scalar() { 0 } else { self.row })
    }

    /// How many arguments there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether argument `index` is null.
    pub(super) fn is_null(&self, index: usize) -> bool {
        let (array, row) = self.cell(index);
        array.is_null(row) || *array.data_type() == arrow_schema::DataType::Null
    }

    /// Bytes of a STRING or BINARY.
    pub(super) fn bytes(&self, index: usize) -> &'a [u8] {
        let (array, row) = self.cell(index);
        array.as_binary_view_opt().map_or(b"", |array| array.value(row))
    }

    /// A number, date or time.
    pub(super) fn number<T: ArrowPrimitiveType>(&self, index: usize) -> T::Native {
        let (array, row) = self.cell(index);
        array
            .as_primitive_opt::<T>()
            .map_or_else(T::default_value, |array| array.value(row))
    }

    /// A truth value.
    pub(super) fn flag(&self, index: usize) -> bool {
        let (array, row) = self.cell(index);
        array.as_boolean_opt().is_some_and(|array| array.value(row))
    }

    /// The elements of an array.
    pub(super) fn list(&self, index: usize) -> Option<ArrayRef> {
        let (array, row) = self.cell(index);
        array.as_list_opt::<i32>().map(|array| array.value(row))
    }
}

/// Whether a null argument makes the result null before the function is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    /// Null in, null out.
    Pass,
    /// The function sees them.
    Seen,
}

/// Goes through the rows; `each` gets none where a null passes.
pub(super) fn over_rows(
    values: &[Value],
    rows: usize,
    nulls: Nulls,
    mut each: impl FnMut(Option<Row<'_>>) -> Result<()>,
) -> Result<bool> {
    let scalar = !values.is_empty() && values.iter().all(Value::is_scalar);
    let count = if scalar { 1 } else { rows };
    let may_pass = nulls == Nulls::Pass && values.iter().any(|value| value.array().logical_null_count() > 0);
    for row in 0..count {
        let arguments = Row { values, row };
        let passes = may_pass && (0..values.len()).any(|index| arguments.is_null(index));
        each((!passes).then_some(arguments)).map_err(|error| error.at_row(row))?;
    }
    Ok(scalar)
}

fn value_of(array: ArrayRef, scalar: bool) -> Value {
    if scalar {
        Value::Scalar(array)
    } else {
        Value::Array(array)
    }
}

/// A function that writes a STRING or BINARY; false means null.
pub(super) fn bytes_call(
    call: Call<'_>,
    name: &'static str,
    data_type: DataType,
    nullable: bool,
    nulls: Nulls,
    of: impl Fn(&Row<'_>, &mut Vec<u8>) -> Result<bool> + Send + Sync + 'static,
) -> Expr {
    let nullable = nullable || (nulls == Nulls::Pass && call.any_nullable());
    Expr::call(name, call.arguments, data_type, nullable, move |values, rows| {
        let mut out = BinaryViewBuilder::with_capacity(rows);
        let mut text = Vec::new();
        let scalar = over_rows(values, rows, nulls, |row| {
            text.clear();
            match row {
                Some(row) if of(&row, &mut text)? => out.append_value(&text),
                _ => out.append_null(),
            }
            Ok(())
        })?;
        Ok(value_of(Arc::new(out.finish()), scalar))
    })
}

/// A function that makes a number, date or time.
pub(super) fn number_call<T: ArrowPrimitiveType>(
    call: Call<'_>,
    name: &'static str,
    data_type: DataType,
    nullable: bool,
    nulls: Nulls,
    of: impl Fn(&Row<'_>) -> Result<Option<T::Native>> + Send + Sync + 'static,
) -> Expr {
    let nullable = nullable || (nulls == Nulls::Pass && call.any_nullable());
    let arrow_type = data_type.to_arrow();
    Expr::call(name, call.arguments, data_type, nullable, move |values, rows| {
        let mut out = PrimitiveBuilder::<T>::with_capacity(rows);
        let scalar = over_rows(values, rows, nulls, |row| {
            out.append_option(row.map(|row| of(&row)).transpose()?.flatten());
            Ok(())
        })?;
        let array: PrimitiveArray<T> = out.finish().with_data_type(arrow_type.clone());
        Ok(value_of(Arc::new(array), scalar))
    })
}

/// A function of one number, date or time that knows an answer for each; null for a null.
pub(super) fn unary_call<S: ArrowPrimitiveType, T: ArrowPrimitiveType>(
    call: Call<'_>,
    name: &'static str,
    data_type: DataType,
    of: impl Fn(S::Native) -> T::Native + Send + Sync + 'static,
) -> Expr {
    let nullable = call.any_nullable();
    let arrow_type = data_type.to_arrow();
    Expr::call(name, call.arguments, data_type, nullable, move |values, _| {
        let array: PrimitiveArray<T> = values[0].array().as_primitive::<S>().unary(&of);
        let array = Arc::new(array.with_data_type(arrow_type.clone()));
        Ok(value_of(array, values[0].is_scalar()))
    })
}

/// A function that makes a truth value.
pub(super) fn flag_call(
    call: Call<'_>,
    name: &'static str,
    nullable: bool,
    nulls: Nulls,
    of: impl Fn(&Row<'_>) -> Result<Option<bool>> + Send + Sync + 'static,
) -> Expr {
    let nullable = nullable || (nulls == Nulls::Pass && call.any_nullable());
    Expr::call(
        name,
        call.arguments,
        DataType::Boolean,
        nullable,
        move |values, rows| {
            let mut out = BooleanBuilder::with_capacity(rows);
            let scalar = over_rows(values, rows, nulls, |row| {
                out.append_option(row.map(|row| of(&row)).transpose()?.flatten());
                Ok(())
            })?;
            let array: BooleanArray = out.finish();
            Ok(value_of(Arc::new(array), scalar))
        },
    )
}

/// A function that makes a nested value by appending its parts to a column.
pub(super) fn nested_call(
    call: Call<'_>,
    name: &'static str,
    data_type: DataType,
    nullable: bool,
    nulls: Nulls,
    of: impl Fn(&Row<'_>) -> Result<Option<Cell>> + Send + Sync + 'static,
) -> Expr {
    let nullable = nullable || (nulls == Nulls::Pass && call.any_nullable());
    let shape = data_type.clone();
    Expr::call(name, call.arguments, data_type, nullable, move |values, rows| {
        let mut cells = Vec::new();
        let scalar = over_rows(values, rows, nulls, |row| {
            cells.push(row.map(|row| of(&row)).transpose()?.flatten().unwrap_or(Cell::Null));
            Ok(())
        })?;
        Ok(value_of(super::cells::column_of(&shape, &cells)?, scalar))
    })
}

pub(super) use super::cells::Cell;

/// What was made of the last key: patterns are mostly the same for every row.
pub(super) struct Memo<V>(Mutex<Option<(Vec<u8>, Arc<V>)>>);

impl<V> Memo<V> {
    /// Knows nothing.
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The value of `key`, made where the last one was another.
    pub(super) fn get(&self, key: &[u8], make: impl FnOnce() -> Result<V>) -> Result<Arc<V>> {
        let mut last = self.0.lock();
        if let Some((known, value)) = last.as_ref()
            && known == key
        {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(make()?);
        *last = Some((key.to_vec(), Arc::clone(&value)));
        Ok(value)
    }
}
