//! Keys of any values as bytes: what the codec of each column writes, one key behind the other. Where all values have a fixed width
//! and are there, as those of windows and numbers are, they are written column by column.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryViewArray, downcast_primitive_array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as ArrowType;

use super::codec::{ABSENT, PRESENT, encode, extend_fixed, extend_text};
use super::{GroupKeys, KeyView};

/// The keys of all rows.
pub(super) fn keys_of(columns: &[ArrayRef], rows: usize) -> GroupKeys {
    let cells: Vec<Cells<'_>> = columns.iter().map(|column| Cells::of(column.as_ref())).collect();
    if let Some(width) = cells.iter().map(Cells::fixed_width).sum::<Option<usize>>() {
        let mut bytes = vec![PRESENT; rows * width];
        let mut at = 0;
        for cells in &cells {
            cells.fill(&mut bytes, width, &mut at);
        }
        let ends = (1..=rows).map(|row| row * width).collect();
        return with_hashes(bytes, ends);
    }
    let mut bytes = Vec::with_capacity(rows * columns.len() * 9);
    let mut ends = Vec::with_capacity(rows);
    for row in 0..rows {
        for cells in &cells {
            cells.append(row, &mut bytes);
        }
        ends.push(bytes.len());
    }
    with_hashes(bytes, ends)
}

fn with_hashes(bytes: Vec<u8>, ends: Vec<usize>) -> GroupKeys {
    let mut start = 0;
    let hashes = ends
        .iter()
        .map(|&end| KeyView::of(&bytes[std::mem::replace(&mut start, end)..end]).hash);
    GroupKeys::Values {
        hashes: hashes.collect(),
        bytes,
        ends,
    }
}

/// A column, looked into once.
enum Cells<'a> {
    Fixed {
        bytes: &'a [u8],
        width: usize,
        nulls: Option<&'a NullBuffer>,
    },
    Text(&'a BinaryViewArray),
    Struct {
        fields: Vec<Cells<'a>>,
        nulls: Option<&'a NullBuffer>,
    },
    /// Anything else, by the codec.
    Any(&'a dyn Array),
}

impl<'a> Cells<'a> {
    fn of(array: &'a dyn Array) -> Self {
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        match array.data_type() {
            ArrowType::BinaryView => Self::Text(array.as_binary_view()),
            ArrowType::Struct(_) => Self::Struct {
                fields: array
                    .as_struct()
                    .columns()
                    .iter()
                    .map(|column| Self::of(column.as_ref()))
                    .collect(),
                nulls,
            },
            other => match other.primitive_width() {
                Some(width) => downcast_primitive_array! {
                    array => Self::Fixed { bytes: array.values().inner(), width, nulls },
                    _ => Self::Any(array),
                },
                None => Self::Any(array),
            },
        }
    }

    /// Bytes of each of its values, where all have as many.
    fn fixed_width(&self) -> Option<usize> {
        match self {
            Self::Fixed { width, nulls: None, .. } => Some(1 + width),
            Self::Struct { fields, nulls: None } => {
                Some(1 + fields.iter().map(Self::fixed_width).sum::<Option<usize>>()?)
            }
            _ => None,
        }
    }

    /// Writes its values from byte `at` of each key of `stride` bytes on, whose bytes are `PRESENT`; moves `at` behind them.
    fn fill(&self, keys: &mut [u8], stride: usize, at: &mut usize) {
        *at += 1;
        match self {
            Self::Fixed { bytes, width, .. } => {
                match width {
                    8 => fill_values(keys, stride, *at, bytes, 8),
                    4 => fill_values(keys, stride, *at, bytes, 4),
                    width => fill_values(keys, stride, *at, bytes, *width),
                }
                *at += width;
            }
            Self::Struct { fields, .. } => fields.iter().for_each(|field| field.fill(keys, stride, at)),
            // They have no fixed width.
            Self::Text(_) | Self::Any(_) => {}
        }
    }

    /// Appends the value of a row.
    fn append(&self, row: usize, out: &mut Vec<u8>) {
        let is_null = |nulls: &Option<&NullBuffer>| nulls.is_some_and(|nulls| nulls.is_null(row));
        match self {
            Self::Any(array) => encode(*array, row, out),
            Self::Text(texts) if texts.is_null(row) => out.push(ABSENT),
            Self::Fixed { nulls, .. } | Self::Struct { nulls, .. } if is_null(nulls) => out.push(ABSENT),
            Self::Text(texts) => {
                out.push(PRESENT);
                extend_text(out, texts.value(row));
            }
            Self::Fixed { bytes, width, .. } => {
                out.push(PRESENT);
                extend_fixed(out, &bytes[row * width..][..*width]);
            }
            Self::Struct { fields, .. } => {
                out.push(PRESENT);
                fields.iter().for_each(|field| field.append(row, out));
            }
        }
    }
}

/// Writes values of `width` bytes, one into each key. Inlined: where the width is known a value is copied as a word.
#[inline(always)]
fn fill_values(keys: &mut [u8], stride: usize, at: usize, values: &[u8], width: usize) {
    for (key, value) in keys.chunks_exact_mut(stride).zip(values.chunks_exact(width)) {
        key[at..at + width].copy_from_slice(value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{BooleanArray, Int16Array, Int64Array, StructArray, TimestampMicrosecondArray};
    use arrow_schema::Field;
    use proptest::prelude::*;

    use super::*;

    fn window(starts: Vec<Option<i64>>, nulls: Option<NullBuffer>) -> ArrayRef {
        let ends = starts.iter().map(|start| start.map(|start| start + 10));
        let ends: ArrayRef = Arc::new(ends.collect::<TimestampMicrosecondArray>());
        let starts: ArrayRef = Arc::new(TimestampMicrosecondArray::from(starts));
        let fields = ["start", "end"].map(|name| Field::new(name, starts.data_type().clone(), true));
        Arc::new(StructArray::new(fields.to_vec().into(), vec![starts, ends], nulls))
    }

    proptest! {
        #[test]
        fn keys_are_those_that_the_codec_writes(
            rows in proptest::collection::vec(
                (any::<Option<i64>>(), any::<Option<i16>>(), proptest::option::of(0i64..1 << 40), any::<bool>(), "[a-z]{0,20}"), 0..20),
            is_full: bool,
            wanted in proptest::collection::vec(0usize..6, 1..5),
            from in 0usize..3,
        ) {
            let full = |is_there: bool| is_full || is_there;
            let of_window: Vec<Option<i64>> = rows.iter().map(|row| row.2.or(is_full.then_some(7))).collect();
            let nulls = NullBuffer::from_iter(rows.iter().map(|row| full(row.3)));
            let columns: [ArrayRef; 6] = [
                Arc::new(rows.iter().map(|row| row.0.or(is_full.then_some(1))).collect::<Int64Array>()),
                Arc::new(rows.iter().map(|row| row.1.or(is_full.then_some(2))).collect::<Int16Array>()),
                window(of_window.clone(), (nulls.null_count() > 0).then(|| nulls.clone())),
                window(of_window, None),
                Arc::new(rows.iter().map(|row| row.3.then_some(row.4.as_bytes())).collect::<BinaryViewArray>()),
                Arc::new(rows.iter().map(|row| row.0.map(|_| row.3)).collect::<BooleanArray>()),
            ];
            let from = from.min(rows.len());
            let columns: Vec<ArrayRef> = wanted.iter().map(|&column| columns[column].slice(from, rows.len() - from)).collect();
            let keys = keys_of(&columns, rows.len() - from);
            for row in 0..rows.len() - from {
                let mut expected = Vec::new();
                columns.iter().for_each(|column| encode(column.as_ref(), row, &mut expected));
                prop_assert_eq!(keys.get(row).with_bytes(|bytes| bytes.map(<[u8]>::to_vec)), Some(expected));
            }
        }
    }
}
