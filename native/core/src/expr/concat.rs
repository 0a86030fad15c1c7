//! Texts put one behind the other: concat, || and concat_ws.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryViewArray, ListArray};
use arrow_buffer::NullBuffer;

use super::cells::Cell;
use super::{Bind, Call, Expr, Value};
use crate::column::{DataType, TextColumn, append_text};
use crate::error::Result;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("concat", bind_concat),
    ("||", bind_concat),
    ("concat_ws", bind_concat_ws),
];

/// Binds concat() of texts or of binaries; null where any argument is. Of arrays it is the arrays' own.
fn bind_concat(mut call: Call<'_>) -> Result<Expr> {
    let mut arguments = call.arguments.iter();
    if arguments.any(|argument| matches!(argument.data_type, DataType::Array { .. })) {
        return super::arrays::bind_concat(call);
    }
    let mut arguments = call.arguments.iter();
    let is_binary = !call.arguments.is_empty() && arguments.all(|argument| argument.data_type == DataType::Binary);
    let data_type = if is_binary { DataType::Binary } else { DataType::String };
    if !is_binary {
        for index in 0..call.arguments.len() {
            call.coerce(index, &DataType::String)?;
        }
    }
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "concat",
        call.arguments,
        data_type,
        nullable,
        |values, rows| {
            joined(values, rows, |parts, column, rows| {
                let nulls = parts.iter().map(Part::nulls);
                let nulls = nulls.fold(None, |all, nulls| NullBuffer::union(all.as_ref(), nulls));
                let is_null = parts.iter().any(Part::is_void);
                for row in 0..rows {
                    if is_null || nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                        column.push_null();
                        continue;
                    }
                    column.push(|out| parts.iter().for_each(|part| part.append(row, out)));
                }
            })
        },
    ))
}

/// Binds concat_ws(separator, texts and arrays of texts...): nulls are left out.
fn bind_concat_ws(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, usize::MAX)?;
    for index in 0..call.arguments.len() {
        if !matches!(call.arguments[index].data_type, DataType::Array { .. }) {
            call.coerce(index, &DataType::String)?;
        }
    }
    let nullable = call.arguments[0].nullable;
    Ok(Expr::call(
        "concat_ws",
        call.arguments,
        DataType::String,
        nullable,
        |values, rows| {
            joined(values, rows, |parts, column, rows| {
                let Some((separator, parts)) = parts.split_first() else {
                    return;
                };
                // Texts everywhere, as mostly: nothing to ask of a row.
                let is_plain = std::iter::once(separator).chain(parts).all(Part::is_plain);
                for row in 0..rows {
                    if is_plain {
                        column.push(|out| separate_plain(separator, parts, row, out));
                    } else if separator.is_null(row) {
                        column.push_null();
                    } else {
                        column.push(|out| separate(separator, parts, row, out));
                    }
                }
            })
        },
    ))
}

/// The same as [`separate`] where all parts are plain.
#[inline]
fn separate_plain(separator: &Part<'_>, parts: &[Part<'_>], row: usize, out: &mut Vec<u8>) {
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            separator.append(row, out);
        }
        part.append(row, out);
    }
}

/// Writes the texts of a row that are not null, with the separator between them.
fn separate(separator: &Part<'_>, parts: &[Part<'_>], row: usize, out: &mut Vec<u8>) {
    let mut is_first = true;
    let mut separated = |out: &mut Vec<u8>| {
        if !is_first {
            separator.append(row, out);
        }
        is_first = false;
    };
    for part in parts.iter().filter(|part| !part.is_null(row)) {
        let Some(elements) = part.list(row) else {
            separated(out);
            part.append(row, out);
            continue;
        };
        for cell in Cell::all(&elements) {
            if let Cell::Taken(array, place) = cell
                && let Some(texts) = array.as_binary_view_opt()
            {
                separated(out);
                append_text(texts, place, out);
            }
        }
    }
}

/// What an argument puts into each row.
enum Part<'a> {
    /// The same text in all rows.
    Constant(&'a [u8]),
    /// A text a row.
    Texts(&'a BinaryViewArray),
    /// An array of texts a row, or the same in all rows.
    Lists(&'a ListArray, bool),
    /// Null in all rows.
    Void,
}

impl<'a> Part<'a> {
    fn of(value: &'a Value) -> Self {
        let array = value.array();
        if let Some(lists) = array.as_list_opt() {
            return Part::Lists(lists, value.is_scalar());
        }
        match array.as_binary_view_opt() {
            Some(texts) if !value.is_scalar() => Part::Texts(texts),
            Some(texts) if texts.is_valid(0) => Part::Constant(texts.value(0)),
            _ => Part::Void,
        }
    }

    fn is_void(&self) -> bool {
        matches!(self, Part::Void)
    }

    /// The nulls of a column of texts.
    fn nulls(&self) -> Option<&'a NullBuffer> {
        match self {
            Part::Texts(texts) => Array::nulls(*texts),
            _ => None,
        }
    }

    /// Whether it has one text in every row.
    fn is_plain(&self) -> bool {
        match self {
            Part::Constant(_) => true,
            Part::Texts(texts) => texts.null_count() == 0,
            Part::Lists(..) | Part::Void => false,
        }
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Part::Constant(_) => false,
            Part::Texts(texts) => texts.is_null(row),
            Part::Lists(lists, is_constant) => lists.is_null(if *is_constant { 0 } else { row }),
            Part::Void => true,
        }
    }

    /// Appends the text of a row that is not null and no array.
    #[inline]
    fn append(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Part::Constant([byte]) => out.push(*byte),
            Part::Constant(text) => out.extend_from_slice(text),
            Part::Texts(texts) => append_text(texts, row, out),
            Part::Lists(..) | Part::Void => {}
        }
    }

    fn list(&self, row: usize) -> Option<ArrayRef> {
        match self {
            Part::Lists(lists, is_constant) => Some(lists.value(if *is_constant { 0 } else { row })),
            _ => None,
        }
    }
}

/// A column that `write` makes of the arguments' parts; one value where all of them are constants.
fn joined(values: &[Value], rows: usize, write: impl FnOnce(&[Part<'_>], &mut TextColumn, usize)) -> Result<Value> {
    let is_constant = values.iter().all(Value::is_scalar);
    let rows = if is_constant { 1 } else { rows };
    let parts: Vec<Part<'_>> = values.iter().map(Part::of).collect();
    let mut column = TextColumn::with_capacity(rows);
    write(&parts, &mut column, rows);
    let array = Arc::new(column.finish()?);
    Ok(if is_constant {
        Value::Scalar(array)
    } else {
        Value::Array(array)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_everywhere_are_joined_as_others_are(
            rows in proptest::collection::vec(("[a-z]{0,15}", "[a-z]{0,15}"), 1..20),
            constant in "[a-z]{0,3}",
            separator in "[,;]{0,2}",
        ) {
            let text = |text: &str| Value::Scalar(Arc::new(BinaryViewArray::from_iter_values([text])));
            let first = BinaryViewArray::from_iter_values(rows.iter().map(|row| &row.0));
            let second = BinaryViewArray::from_iter_values(rows.iter().map(|row| &row.1));
            let values = [text(&separator), Value::Array(Arc::new(first)), text(&constant), Value::Array(Arc::new(second))];
            let parts: Vec<Part<'_>> = values.iter().map(Part::of).collect();
            prop_assert!(parts.iter().all(Part::is_plain));
            for (row, (first, second)) in rows.iter().enumerate() {
                let (mut plain, mut any) = (Vec::new(), Vec::new());
                separate_plain(&parts[0], &parts[1..], row, &mut plain);
                separate(&parts[0], &parts[1..], row, &mut any);
                prop_assert_eq!(&plain, &any);
                prop_assert_eq!(plain, [first.as_str(), &constant, second].join(&separator).into_bytes());
            }
        }
    }
}
