//! Single values of any type: taken out of columns, compared, put together to columns again. For functions on arrays, maps and structs.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, ListArray, MapArray, NullArray, StructArray, UInt32Array, new_empty_array,
    new_null_array,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType as ArrowType, SortOptions};
use arrow_select::concat::concat;

use crate::column::DataType;
use crate::error::{Error, Result};

/// A value of a row, on its way into a column.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// Null.
    Null,
    /// The value at a place of a column.
    Taken(ArrayRef, usize),
    /// An array of values.
    List(Vec<Cell>),
    /// A map's entries.
    Entries(Vec<(Cell, Cell)>),
    /// A struct's fields.
    Fields(Vec<Cell>),
}

impl Cell {
    /// The value at `row` of `array`.
    pub(super) fn at(array: &ArrayRef, row: usize) -> Self {
        if row >= array.len() || array.is_null(row) || *array.data_type() == ArrowType::Null {
            Cell::Null
        } else {
            Cell::Taken(Arc::clone(array), row)
        }
    }

    /// All values of `array`.
    pub(super) fn all(array: &ArrayRef) -> Vec<Self> {
        (0..array.len()).map(|row| Self::at(array, row)).collect()
    }

    /// Whether it is null.
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }
}

/// A column of `data_type` that holds `cells`. Recursion follows the type.
pub(super) fn column_of(data_type: &DataType, cells: &[Cell]) -> Result<ArrayRef> {
    let valid = || NullBuffer::from_iter(cells.iter().map(|cell| !cell.is_null()));
    let offset = |length: usize| {
        i32::try_from(length).map_err(|_| Error::limit("elements of a column's arrays", length, i32::MAX))
    };
    if cells.iter().all(Cell::is_null) {
        return Ok(match data_type {
            DataType::Void => Arc::new(NullArray::new(cells.len())),
            _ => new_null_array(&data_type.to_arrow(), cells.len()),
        });
    }
    if cells.iter().all(|cell| matches!(cell, Cell::Null | Cell::Taken(..))) {
        return gather(&data_type.to_arrow(), cells);
    }
    match data_type {
        DataType::Array { element, .. } => {
            let mut offsets = vec![0];
            let mut elements = Vec::new();
            for cell in cells {
                match cell {
                    Cell::List(values) => elements.extend(values.iter().cloned()),
                    Cell::Taken(array, row) => elements.extend(Cell::all(&array.as_list::<i32>().value(*row))),
                    _ => {}
                }
                offsets.push(offset(elements.len())?);
            }
            let ArrowType::List(field) = data_type.to_arrow() else {
                return Err(Error::internal("list column"));
            };
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            Ok(Arc::new(ListArray::try_new(field, offsets, column_of(element, &elements)?, Some(valid()))?))
        }
        DataType::Map { key, value, .. } => {
            let mut offsets = vec![0];
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            for cell in cells {
                match cell {
                    Cell::Entries(entries) => {
                        for (key, value) in entries {
                            keys.push(key.clone());
                            values.push(value.clone());
                        }
                    }
                    Cell::Taken(array, row) => {
                        let entries = array.as_map().value(*row);
                        keys.extend(Cell::all(entries.column(0)));
                        values.extend(Cell::all(entries.column(1)));
                    }
                    _ => {}
                }
                offsets.push(offset(keys.len())?);
            }
            let ArrowType::Map(field, sorted) = data_type.to_arrow() else {
                return Err(Error::internal("map column"));
            };
            let ArrowType::Struct(fields) = field.data_type() else {
                return Err(Error::internal("map entries"));
            };
            let children = vec![column_of(key, &keys)?, column_of(value, &values)?];
            let entries = StructArray::try_new(fields.clone(), children, None)?;
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
            Ok(Arc::new(MapArray::try_new(field, offsets, entries, Some(valid()), sorted)?))
        }
        DataType::Struct(fields) => {
            let mut children = Vec::with_capacity(fields.fields.len());
            for (index, field) in fields.fields.iter().enumerate() {
                let column: Vec<Cell> = cells
                    .iter()
                    .map(|cell| match cell {
                        Cell::Fields(values) => values.get(index).cloned().unwrap_or(Cell::Null),
                        Cell::Taken(array, row) => Cell::at(array.as_struct().column(index), *row),
                        _ => Cell::Null,
                    })
                    .collect();
                children.push(column_of(&field.data_type, &column)?);
            }
            if children.is_empty() {
                return Ok(Arc::new(StructArray::new_empty_fields(cells.len(), Some(valid()))));
            }
            Ok(Arc::new(StructArray::try_new(fields.to_arrow(), children, Some(valid()))?))
        }
        _ => Err(Error::internal("a scalar column out of nested cells")),
    }
}

/// Puts taken values behind each other.
fn gather(arrow_type: &ArrowType, cells: &[Cell]) -> Result<ArrayRef> {
    // Distinct source columns first, so that rows of one column are taken together.
    let mut sources: Vec<&ArrayRef> = Vec::new();
    let mut places: Vec<(usize, usize)> = Vec::with_capacity(cells.len());
    let none = new_null_array(arrow_type, 1);
    sources.push(&none);
    for cell in cells {
        match cell {
            Cell::Taken(array, row) => {
                let last = sources.len() - 1;
                let index = if last > 0 && Arc::ptr_eq(sources[last], array) {
                    last
                } else {
                    sources.push(array);
                    last + 1
                };
                places.push((index, *row));
            }
            _ => places.push((0, 0)),
        }
    }
    let starts: Vec<usize> = sources
        .iter()
        .scan(0, |start, array| {
            let found = *start;
            *start += array.len();
            Some(found)
        })
        .collect();
    let references: Vec<&dyn Array> = sources.iter().map(|array| array.as_ref()).collect();
    let all = concat(&references)?;
    let indices: UInt32Array = places
        .iter()
        .map(|(source, row)| u32::try_from(starts[*source] + row).unwrap_or(u32::MAX))
        .collect::<Vec<u32>>()
        .into();
    Ok(arrow_select::take::take(&all, &indices, None)?)
}

/// Spark's order of values: NaN is the largest and equal to itself, -0.0 equals 0.0, nulls are `null_order` of the rest.
pub(super) fn compare(left: &Cell, right: &Cell) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        _ => {}
    }
    if let (Cell::Taken(left, a), Cell::Taken(right, b)) = (left, right) {
        return compare_at(left, *a, right, *b);
    }
    let (left, right) = (parts(left), parts(right));
    for (a, b) in left.iter().zip(&right) {
        let order = compare(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len())
}

/// The parts of a nested value, in order.
fn parts(cell: &Cell) -> Vec<Cell> {
    match cell {
        Cell::List(values) | Cell::Fields(values) => values.clone(),
        Cell::Entries(entries) => entries.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect(),
        Cell::Taken(array, row) => match array.data_type() {
            ArrowType::List(_) => Cell::all(&array.as_list::<i32>().value(*row)),
            ArrowType::Struct(_) => array.as_struct().columns().iter().map(|child| Cell::at(child, *row)).collect(),
            _ => Vec::new(),
        },
        Cell::Null => Vec::new(),
    }
}

fn compare_at(left: &ArrayRef, a: usize, right: &ArrayRef, b: usize) -> Ordering {
    fn floats(left: f64, right: f64) -> Ordering {
        left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
    }
    match left.data_type() {
        ArrowType::Float64 => floats(left.as_primitive::<Float64Type>().value(a), right.as_primitive::<Float64Type>().value(b)),
        ArrowType::Float32 => floats(
            f64::from(left.as_primitive::<Float32Type>().value(a)),
            f64::from(right.as_primitive::<Float32Type>().value(b)),
        ),
        ArrowType::List(_) | ArrowType::Struct(_) => {
            let (left, right) = (parts(&Cell::at(left, a)), parts(&Cell::at(right, b)));
            for (x, y) in left.iter().zip(&right) {
                let order = compare(x, y);
                if order != Ordering::Equal {
                    return order;
                }
            }
            left.len().cmp(&right.len())
        }
        _ => match arrow_ord::ord::make_comparator(left, right, SortOptions::default()) {
            Ok(comparator) => comparator(a, b),
            Err(_) => Ordering::Equal,
        },
    }
}

/// Whether two values are equal; nulls are equal to each other only.
pub(super) fn equal(left: &Cell, right: &Cell) -> bool {
    compare(left, right) == Ordering::Equal
}

/// An array without elements, for a column that has none.
pub(super) fn empty(data_type: &DataType) -> ArrayRef {
    new_empty_array(&data_type.to_arrow())
}

/// A constant TRUE or FALSE as a cell.
pub(super) fn flag(value: bool) -> Cell {
    Cell::Taken(Arc::new(BooleanArray::from(vec![value])), 0)
}
