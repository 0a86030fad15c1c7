//! Values of any type to bytes and back: group keys, accumulators without a fixed size, state files.
//!
//! A value is a byte that says whether it is there, then: fixed width little-endian; text a 32-bit length and bytes;
//! lists and maps a 32-bit count and their parts; structs their fields. Equal values have equal bytes (floats are
//! normalised before they come here).

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, ListArray, MapArray, NullArray, StructArray, downcast_primitive_array, make_array,
};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ToByteSlice};
use arrow_data::ArrayData;
use arrow_schema::{DataType as ArrowType, Field as ArrowField, Fields};

use crate::error::{Error, Result};

/// The byte before a value that is there.
pub(super) const PRESENT: u8 = 1;
/// The byte in place of one that is not.
pub(super) const ABSENT: u8 = 0;

/// Encodes and decodes values of one type.
#[derive(Clone, Debug)]
pub struct ValueCodec {
    arrow: ArrowType,
}

impl ValueCodec {
    /// For values of `data_type`.
    pub fn new(data_type: &crate::column::DataType) -> Self {
        Self {
            arrow: data_type.to_arrow(),
        }
    }

    /// Appends the value in `row` of `array`.
    pub fn encode(&self, array: &ArrayRef, row: usize, out: &mut Vec<u8>) {
        encode(array.as_ref(), row, out);
    }

    /// Which of two encoded values Spark orders first: null before all, NaN behind all, zeros equal, nested values part by
    /// part.
    pub fn compare(&self, left: &[u8], right: &[u8]) -> Result<Ordering> {
        super::order::compare_encoded(&self.arrow, &mut { left }, &mut { right })
    }

    /// Takes the bytes of one encoded value off the front of `bytes`.
    pub fn split<'a>(&self, bytes: &mut &'a [u8]) -> Result<&'a [u8]> {
        let whole = *bytes;
        super::order::skip_encoded(&self.arrow, bytes)?;
        Ok(&whole[..whole.len() - bytes.len()])
    }

    /// A column that encoded values are pushed onto.
    pub fn builder(&self) -> ColumnBuilder {
        ColumnBuilder::new(&self.arrow)
    }

    /// The column of these encoded values; none is null.
    pub fn decode_all<'a>(&self, values: impl Iterator<Item = Option<&'a [u8]>>) -> Result<ArrayRef> {
        let mut column = self.builder();
        for value in values {
            match value {
                Some(mut bytes) => column.push(&mut bytes)?,
                None => column.push_null(),
            }
        }
        column.finish()
    }
}

/// Appends the value in a row. Nesting is bounded by the type's, which is bounded where types are read.
pub(super) fn encode(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    if array.is_null(row) || array.data_type() == &ArrowType::Null {
        out.push(ABSENT);
        return;
    }
    out.push(PRESENT);
    match array.data_type() {
        ArrowType::Boolean => out.push(u8::from(array.as_boolean().value(row))),
        ArrowType::BinaryView => extend_text(out, array.as_binary_view().value(row)),
        ArrowType::List(_) => encode_list(&array.as_list::<i32>().value(row), out),
        ArrowType::Map(..) => {
            let entries = array.as_map().value(row);
            out.extend_from_slice(&(entries.len() as u32).to_le_bytes());
            for entry in 0..entries.len() {
                encode(entries.column(0).as_ref(), entry, out);
                encode(entries.column(1).as_ref(), entry, out);
            }
        }
        ArrowType::Struct(_) => {
            for column in array.as_struct().columns() {
                encode(column.as_ref(), row, out);
            }
        }
        _ => downcast_primitive_array! {
            array => out.extend_from_slice(array.value(row).to_byte_slice()),
            _ => {}
        },
    }
}

fn encode_list(values: &ArrayRef, out: &mut Vec<u8>) {
    out.extend_from_slice(&(values.len() as u32).to_le_bytes());
    for row in 0..values.len() {
        encode(values.as_ref(), row, out);
    }
}

/// A column under construction out of encoded values.
pub struct ColumnBuilder {
    arrow: ArrowType,
    present: BooleanBufferBuilder,
    parts: Parts,
}

enum Parts {
    Nothing,
    Fixed {
        bytes: Vec<u8>,
        width: usize,
    },
    Truth(BooleanBufferBuilder),
    Views(BinaryViewBuilder),
    Struct(Vec<ColumnBuilder>),
    /// Offsets and the builders of one entry: the element, or key and value.
    List {
        ends: Vec<i32>,
        entry: Vec<ColumnBuilder>,
    },
}

impl ColumnBuilder {
    fn new(arrow: &ArrowType) -> Self {
        let parts = match arrow {
            ArrowType::Null => Parts::Nothing,
            ArrowType::Boolean => Parts::Truth(BooleanBufferBuilder::new(0)),
            ArrowType::BinaryView => Parts::Views(BinaryViewBuilder::new()),
            ArrowType::Struct(fields) => Parts::Struct(
                fields
                    .iter()
                    .map(|field| ColumnBuilder::new(field.data_type()))
                    .collect(),
            ),
            ArrowType::List(field) => Parts::List {
                ends: vec![0],
                entry: vec![ColumnBuilder::new(field.data_type())],
            },
            ArrowType::Map(field, _) => {
                let entry = match field.data_type() {
                    ArrowType::Struct(fields) => fields
                        .iter()
                        .map(|field| ColumnBuilder::new(field.data_type()))
                        .collect(),
                    _ => Vec::new(),
                };
                Parts::List { ends: vec![0], entry }
            }
            fixed => Parts::Fixed {
                bytes: Vec::new(),
                width: fixed.primitive_width().unwrap_or(0),
            },
        };
        Self {
            arrow: arrow.clone(),
            present: BooleanBufferBuilder::new(0),
            parts,
        }
    }

    /// Appends a null.
    pub fn push_null(&mut self) {
        self.present.append(false);
        match &mut self.parts {
            Parts::Nothing => {}
            Parts::Fixed { bytes, width } => bytes.resize(bytes.len() + *width, 0),
            Parts::Truth(bits) => bits.append(false),
            Parts::Views(views) => views.append_null(),
            Parts::Struct(fields) => fields.iter_mut().for_each(ColumnBuilder::push_null),
            Parts::List { ends, .. } => ends.push(ends.last().copied().unwrap_or(0)),
        }
    }

    /// Takes one encoded value off the front of `bytes`. Fails with INTERNAL_ERROR where they are none.
    pub fn push(&mut self, bytes: &mut &[u8]) -> Result<()> {
        if take(bytes, 1)?[0] == ABSENT {
            self.push_null();
            return Ok(());
        }
        self.present.append(true);
        match &mut self.parts {
            Parts::Nothing => {}
            Parts::Fixed { bytes: values, width } => extend_fixed(values, take(bytes, *width)?),
            Parts::Truth(bits) => bits.append(take(bytes, 1)?[0] != 0),
            Parts::Views(views) => {
                let length = take_count(bytes)?;
                views.append_value(take(bytes, length)?);
            }
            Parts::Struct(fields) => {
                for field in fields {
                    field.push(bytes)?;
                }
            }
            Parts::List { ends, entry } => {
                let count = take_count(bytes)?;
                for _ in 0..count {
                    for part in entry.iter_mut() {
                        part.push(bytes)?;
                    }
                }
                let end = ends.last().copied().unwrap_or(0) as usize + count;
                ends.push(i32::try_from(end).map_err(|_| Error::limit("elements of a column", end, i32::MAX))?);
            }
        }
        Ok(())
    }

    /// The column.
    pub fn finish(mut self) -> Result<ArrayRef> {
        let rows = self.present.len();
        let nulls = NullBuffer::new(self.present.finish());
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        Ok(match (self.parts, &self.arrow) {
            (Parts::Nothing, _) => Arc::new(NullArray::new(rows)),
            (Parts::Truth(mut bits), _) => Arc::new(BooleanArray::new(bits.finish(), nulls)),
            (Parts::Views(mut views), _) => Arc::new(views.finish()),
            (Parts::Struct(fields), ArrowType::Struct(types)) => {
                let columns = fields
                    .into_iter()
                    .map(ColumnBuilder::finish)
                    .collect::<Result<Vec<_>>>()?;
                if columns.is_empty() {
                    Arc::new(StructArray::new_empty_fields(rows, nulls))
                } else {
                    Arc::new(StructArray::try_new(types.clone(), columns, nulls)?)
                }
            }
            (Parts::List { ends, entry }, ArrowType::List(field)) => {
                let mut entry = entry
                    .into_iter()
                    .map(ColumnBuilder::finish)
                    .collect::<Result<Vec<_>>>()?;
                let values = entry.pop().ok_or_else(|| Error::internal("a list without elements"))?;
                Arc::new(ListArray::try_new(
                    Arc::clone(field),
                    OffsetBuffer::new(ends.into()),
                    values,
                    nulls,
                )?)
            }
            (Parts::List { ends, entry }, ArrowType::Map(field, sorted)) => {
                let columns = entry
                    .into_iter()
                    .map(ColumnBuilder::finish)
                    .collect::<Result<Vec<_>>>()?;
                let fields = entry_fields(field)?;
                let entries = StructArray::try_new(fields, columns, None)?;
                Arc::new(MapArray::try_new(
                    Arc::clone(field),
                    OffsetBuffer::new(ends.into()),
                    entries,
                    nulls,
                    *sorted,
                )?)
            }
            (Parts::Fixed { bytes, .. }, arrow) => {
                let data = ArrayData::builder(arrow.clone())
                    .len(rows)
                    .add_buffer(Buffer::from_vec(bytes))
                    .nulls(nulls)
                    .align_buffers(true)
                    .build()?;
                make_array(data)
            }
            _ => return Err(Error::internal("a column builder of another type")),
        })
    }
}

/// Appends a text or bytes.
#[inline]
pub(super) fn extend_text(values: &mut Vec<u8>, text: &[u8]) {
    values.extend_from_slice(&(text.len() as u32).to_le_bytes());
    values.extend_from_slice(text);
}

/// Appends a value of fixed width. The commonest widths are copied as words, without a call.
#[inline]
pub(super) fn extend_fixed(values: &mut Vec<u8>, value: &[u8]) {
    if let Ok(long) = <&[u8; 8]>::try_from(value) {
        values.extend_from_slice(long);
    } else if let Ok(int) = <&[u8; 4]>::try_from(value) {
        values.extend_from_slice(int);
    } else {
        values.extend_from_slice(value);
    }
}

fn entry_fields(field: &Arc<ArrowField>) -> Result<Fields> {
    match field.data_type() {
        ArrowType::Struct(fields) => Ok(fields.clone()),
        _ => Err(Error::internal("a map's entries are structs")),
    }
}

pub(super) fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes
        .split_at_checked(count)
        .ok_or_else(|| Error::internal("an encoded value is cut off"))?;
    *bytes = rest;
    Ok(taken)
}

pub(super) fn take_count(bytes: &mut &[u8]) -> Result<usize> {
    let taken = take(bytes, 4)?;
    Ok(u32::from_le_bytes([taken[0], taken[1], taken[2], taken[3]]) as usize)
}
