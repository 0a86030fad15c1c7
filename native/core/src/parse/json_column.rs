//! Values to Arrow columns. Text lies in the records' own buffers where it can; what had to be made goes behind them.

use std::sync::Arc;

use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, IntervalYearMonthType, Time64NanosecondType, TimestampMicrosecondType,
};
use arrow_array::{
    ArrayRef, ArrowPrimitiveType, BinaryViewArray, BooleanArray, ListArray, MapArray, PrimitiveArray, StructArray,
    new_null_array,
};
use arrow_buffer::{BooleanBufferBuilder, Buffer, IntervalMonthDayNano, NullBufferBuilder, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType as ArrowType, Fields};

use super::json_value::Value;
use crate::column::{DataType, INLINE_MAX, ViewPlace, view_array, view_of};
use crate::error::{Error, Result};

/// A buffer of made text is closed at this size: views have 31-bit offsets.
const BLOCK_BYTES: usize = 1 << 28;

/// Buffers that the text columns of one result share: the records' own, then made text.
#[derive(Debug)]
pub(crate) struct Texts {
    buffers: Vec<Buffer>,
    made: Vec<u8>,
}

impl Texts {
    /// Begins behind the buffers of the records.
    pub(crate) fn new(records: &BinaryViewArray) -> Self {
        Self {
            buffers: records.data_buffers().to_vec(),
            made: Vec::new(),
        }
    }

    /// A view of bytes that lie nowhere else.
    pub(crate) fn keep(&mut self, bytes: &[u8]) -> Result<u128> {
        if bytes.len() > INLINE_MAX {
            if self.made.len() + bytes.len() > BLOCK_BYTES && !self.made.is_empty() {
                self.buffers.push(Buffer::from_vec(std::mem::take(&mut self.made)));
            }
            self.made
                .try_reserve(bytes.len())
                .map_err(|_| Error::no_memory(bytes.len(), "text"))?;
        }
        let size = |value: usize| u32::try_from(value).map_err(|_| Error::limit("bytes of text", value, u32::MAX));
        let place = ViewPlace {
            buffer: size(self.buffers.len())?,
            offset: size(self.made.len())?,
        };
        size(bytes.len())?;
        if bytes.len() > INLINE_MAX {
            self.made.extend_from_slice(bytes);
        }
        Ok(view_of(bytes, place))
    }

    /// All buffers, in the order that views number them.
    pub(crate) fn finish(mut self) -> Arc<[Buffer]> {
        if !self.made.is_empty() {
            self.buffers.push(Buffer::from_vec(self.made));
        }
        self.buffers.into()
    }
}

/// The record that values are pushed from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub bytes: &'a [u8],
    /// None where slices of the record must be copied.
    pub place: Option<ViewPlace>,
}

/// A column that grows.
#[derive(Debug)]
pub(crate) struct Column {
    arrow_type: ArrowType,
    nulls: NullBufferBuilder,
    cells: Cells,
}

#[derive(Debug)]
enum Cells {
    Nothing,
    Bits(BooleanBufferBuilder),
    Int8(Vec<i8>),
    Int16(Vec<i16>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int128(Vec<i128>),
    Float32(Vec<f32>),
    Float64(Vec<f64>),
    Intervals(Vec<IntervalMonthDayNano>),
    Views(Vec<u128>),
    Struct(Vec<Column>),
    List(Vec<i32>, Box<Column>),
    Map(Vec<i32>, Box<Column>, Box<Column>),
}

impl Column {
    /// An empty column with room for `rows`.
    pub(crate) fn new(data_type: &DataType, rows: usize) -> Result<Self> {
        fn room<T>(rows: usize) -> Result<Vec<T>> {
            let mut cells = Vec::new();
            cells
                .try_reserve_exact(rows)
                .map_err(|_| Error::no_memory(rows * size_of::<T>(), "a column"))?;
            Ok(cells)
        }
        let offsets = || -> Result<Vec<i32>> {
            let mut offsets = room(rows + 1)?;
            offsets.push(0);
            Ok(offsets)
        };
        let cells = match data_type {
            DataType::Void => Cells::Nothing,
            DataType::Boolean => Cells::Bits(BooleanBufferBuilder::new(rows)),
            DataType::TinyInt => Cells::Int8(room(rows)?),
            DataType::SmallInt => Cells::Int16(room(rows)?),
            DataType::Int | DataType::Date | DataType::YearMonthInterval(_) => Cells::Int32(room(rows)?),
            DataType::BigInt
            | DataType::Timestamp
            | DataType::TimestampNtz
            | DataType::Time(_)
            | DataType::DayTimeInterval(_) => Cells::Int64(room(rows)?),
            DataType::CalendarInterval => Cells::Intervals(room(rows)?),
            DataType::Float => Cells::Float32(room(rows)?),
            DataType::Double => Cells::Float64(room(rows)?),
            DataType::Decimal { .. } => Cells::Int128(room(rows)?),
            DataType::String | DataType::Binary | DataType::Variant => Cells::Views(room(rows)?),
            DataType::Struct(fields) => {
                let columns = fields.fields.iter().map(|field| Self::new(&field.data_type, rows));
                Cells::Struct(columns.collect::<Result<_>>()?)
            }
            DataType::Array { element, .. } => Cells::List(offsets()?, Box::new(Self::new(element, 0)?)),
            DataType::Map { key, value, .. } => {
                Cells::Map(offsets()?, Box::new(Self::new(key, 0)?), Box::new(Self::new(value, 0)?))
            }
        };
        Ok(Self {
            arrow_type: data_type.to_arrow(),
            nulls: NullBufferBuilder::new(rows),
            cells,
        })
    }

    /// A column of nulls, whatever is pushed.
    pub(crate) fn of_nulls(data_type: &DataType) -> Self {
        Self {
            arrow_type: data_type.to_arrow(),
            nulls: NullBufferBuilder::new(0),
            cells: Cells::Nothing,
        }
    }

    /// Appends a null.
    #[inline]
    pub(crate) fn push_null(&mut self) {
        self.nulls.append_null();
        match &mut self.cells {
            Cells::Nothing => {}
            Cells::Bits(bits) => bits.append(false),
            Cells::Int8(cells) => cells.push(0),
            Cells::Int16(cells) => cells.push(0),
            Cells::Int32(cells) => cells.push(0),
            Cells::Int64(cells) => cells.push(0),
            Cells::Int128(cells) => cells.push(0),
            Cells::Float32(cells) => cells.push(0.0),
            Cells::Float64(cells) => cells.push(0.0),
            Cells::Intervals(cells) => cells.push(IntervalMonthDayNano::ZERO),
            Cells::Views(cells) => cells.push(0),
            Cells::Struct(columns) => columns.iter_mut().for_each(Column::push_null),
            Cells::List(offsets, _) | Cells::Map(offsets, _, _) => {
                offsets.push(offsets.last().copied().unwrap_or(0));
            }
        }
    }

    /// Appends a scalar as the fast reader makes it: an integer, the bits of a float, a decimal or a view.
    #[inline]
    pub(crate) fn push_raw(&mut self, raw: u128) {
        self.nulls.append_non_null();
        match &mut self.cells {
            Cells::Views(cells) => cells.push(raw),
            Cells::Int64(cells) => cells.push(raw as i64),
            Cells::Int32(cells) => cells.push(raw as i32),
            Cells::Float64(cells) => cells.push(f64::from_bits(raw as u64)),
            Cells::Bits(bits) => bits.append(raw != 0),
            Cells::Int8(cells) => cells.push(raw as i8),
            Cells::Int16(cells) => cells.push(raw as i16),
            Cells::Int128(cells) => cells.push(raw as i128),
            Cells::Float32(cells) => cells.push(f32::from_bits(raw as u32)),
            // The fast reader makes scalars only.
            Cells::Nothing | Cells::Intervals(_) | Cells::Struct(_) | Cells::List(..) | Cells::Map(..) => {}
        }
    }

    /// Appends scalars as the fast reader makes them. Those are null whose bit `field` is not in their row's `valid`.
    pub(crate) fn extend_raw(&mut self, raws: &[u128], valid: &[u64], field: usize) {
        if matches!(self.cells, Cells::Nothing) {
            self.nulls.append_n_non_nulls(raws.len());
            return;
        }
        let is_valid = |bits: u64| bits >> field & 1 == 1;
        if !is_valid(valid.iter().fold(u64::MAX, |all, bits| all & bits)) {
            for (raw, bits) in raws.iter().zip(valid) {
                if is_valid(*bits) {
                    self.push_raw(*raw)
                } else {
                    self.push_null()
                }
            }
            return;
        }
        let raws_of = raws.iter().copied();
        match &mut self.cells {
            Cells::Views(cells) => cells.extend_from_slice(raws),
            Cells::Int64(cells) => cells.extend(raws_of.map(|raw| raw as i64)),
            Cells::Int32(cells) => cells.extend(raws_of.map(|raw| raw as i32)),
            Cells::Float64(cells) => cells.extend(raws_of.map(|raw| f64::from_bits(raw as u64))),
            _ => {
                raws_of.for_each(|raw| self.push_raw(raw));
                return;
            }
        }
        self.nulls.append_n_non_nulls(raws.len());
    }

    /// Appends a value of this column's type; recursion follows the type.
    pub(crate) fn push(&mut self, value: &Value, source: Source<'_>, texts: &mut Texts) -> Result<()> {
        let raw = match (value, &mut self.cells) {
            (Value::Struct(row), Cells::Struct(columns)) => {
                for (column, value) in columns.iter_mut().zip(row) {
                    column.push(value, source, texts)?;
                }
                self.nulls.append_non_null();
                return Ok(());
            }
            (Value::Array(values), Cells::List(offsets, child)) => {
                for value in values {
                    child.push(value, source, texts)?;
                }
                offsets.push(next_offset(offsets, values.len())?);
                self.nulls.append_non_null();
                return Ok(());
            }
            (Value::Map(entries), Cells::Map(offsets, keys, values)) => {
                for (key, value) in entries {
                    keys.push(key, source, texts)?;
                    values.push(value, source, texts)?;
                }
                offsets.push(next_offset(offsets, entries.len())?);
                self.nulls.append_non_null();
                return Ok(());
            }
            (Value::Interval(interval), Cells::Intervals(cells)) => {
                cells.push((*interval).into());
                self.nulls.append_non_null();
                return Ok(());
            }
            (Value::Boolean(value), _) => u128::from(*value),
            (Value::Integer(value), _) => *value as u128,
            (Value::Float(value), _) => u128::from(value.to_bits()),
            (Value::Double(value), _) => u128::from(value.to_bits()),
            (Value::Decimal(value), _) => *value as u128,
            (Value::Bytes(bytes), _) => texts.keep(bytes)?,
            (Value::Slice(start, end), _) => {
                let bytes = source.bytes.get(*start..*end).unwrap_or_default();
                match source.place {
                    Some(ViewPlace { buffer, offset }) => view_of(
                        bytes,
                        ViewPlace {
                            buffer,
                            offset: offset.wrapping_add(*start as u32),
                        },
                    ),
                    None => texts.keep(bytes)?,
                }
            }
            _ => {
                self.push_null();
                return Ok(());
            }
        };
        self.push_raw(raw);
        Ok(())
    }

    /// The Arrow array.
    pub(crate) fn finish(mut self, buffers: &Arc<[Buffer]>) -> Result<ArrayRef> {
        let length = self.nulls.len();
        let nulls = self.nulls.finish();
        let arrow_type = self.arrow_type;
        macro_rules! primitive {
            ($kind:ty, $cells:expr) => {{
                let cells: Vec<<$kind as ArrowPrimitiveType>::Native> = $cells;
                let array = PrimitiveArray::<$kind>::try_new(ScalarBuffer::from(cells), nulls)?;
                Arc::new(array.with_data_type(arrow_type)) as ArrayRef
            }};
        }
        Ok(match self.cells {
            Cells::Nothing => new_null_array(&arrow_type, length),
            Cells::Bits(mut bits) => Arc::new(BooleanArray::new(bits.finish(), nulls)),
            Cells::Int8(cells) => primitive!(Int8Type, cells),
            Cells::Int16(cells) => primitive!(Int16Type, cells),
            Cells::Int32(cells) => match arrow_type {
                ArrowType::Date32 => primitive!(Date32Type, cells),
                ArrowType::Interval(_) => primitive!(IntervalYearMonthType, cells),
                _ => primitive!(Int32Type, cells),
            },
            Cells::Int64(cells) => match arrow_type {
                ArrowType::Timestamp(..) => primitive!(TimestampMicrosecondType, cells),
                ArrowType::Duration(_) => primitive!(DurationMicrosecondType, cells),
                ArrowType::Time64(_) => primitive!(Time64NanosecondType, cells),
                _ => primitive!(Int64Type, cells),
            },
            Cells::Int128(cells) => primitive!(Decimal128Type, cells),
            Cells::Intervals(cells) => primitive!(IntervalMonthDayNanoType, cells),
            Cells::Float32(cells) => primitive!(Float32Type, cells),
            Cells::Float64(cells) => primitive!(Float64Type, cells),
            Cells::Views(cells) => Arc::new(view_array(cells, Arc::clone(buffers), nulls)?),
            Cells::Struct(columns) => {
                let ArrowType::Struct(fields) = arrow_type else {
                    return Err(Error::internal("struct column"));
                };
                let children = columns
                    .into_iter()
                    .map(|column| column.finish(buffers))
                    .collect::<Result<_>>()?;
                Arc::new(struct_array(fields, children, nulls, length)?)
            }
            Cells::List(offsets, child) => {
                let ArrowType::List(field) = arrow_type else {
                    return Err(Error::internal("list column"));
                };
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(ListArray::try_new(field, offsets, child.finish(buffers)?, nulls)?)
            }
            Cells::Map(offsets, keys, values) => {
                let ArrowType::Map(field, sorted) = arrow_type else {
                    return Err(Error::internal("map column"));
                };
                let ArrowType::Struct(fields) = field.data_type() else {
                    return Err(Error::internal("map entries"));
                };
                let children = vec![keys.finish(buffers)?, values.finish(buffers)?];
                let entries = StructArray::try_new(fields.clone(), children, None)?;
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(MapArray::try_new(field, offsets, entries, nulls, sorted)?)
            }
        })
    }
}

/// A struct array that may have no fields.
pub(crate) fn struct_array(
    fields: Fields,
    children: Vec<ArrayRef>,
    nulls: Option<arrow_buffer::NullBuffer>,
    length: usize,
) -> Result<StructArray> {
    if fields.is_empty() {
        return Ok(StructArray::new_empty_fields(length, nulls));
    }
    Ok(StructArray::try_new(fields, children, nulls)?)
}

fn next_offset(offsets: &[i32], length: usize) -> Result<i32> {
    let last = offsets.last().copied().unwrap_or(0);
    let length = i32::try_from(length).ok();
    length
        .and_then(|length| last.checked_add(length))
        .ok_or_else(|| Error::limit("elements of a column's arrays", last, i32::MAX))
}
