//! Keys of a few numbers, column by column: what fits a view is put into it, and nothing else is kept of it.

use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, downcast_primitive_array};
use arrow_buffer::ToByteSlice;

use super::codec::PRESENT;
use crate::column::INLINE_MAX;

/// Where a view's bytes begin, behind the length.
const FIRST_BIT: u32 = 32;

/// The views of the keys of these columns; none where they are no numbers, or take more bytes than a view has. They hold what the
/// codec of each column writes: whether there is a value, and the value.
pub(super) fn views_of(columns: &[ArrayRef], rows: usize) -> Option<Vec<u128>> {
    let bytes = columns
        .iter()
        .map(|column| column.data_type().primitive_width().map(|width| 1 + width));
    if bytes.sum::<Option<usize>>()? > INLINE_MAX {
        return None;
    }
    let mut views = Vec::new();
    for column in columns {
        let column = column.as_ref();
        downcast_primitive_array! {
            column => append(&mut views, column),
            _ => return None,
        }
    }
    // Without columns a key has no bytes.
    views.resize(rows, 0);
    Some(views)
}

/// Adds a column to the views: makes them where it is the first.
fn append<T: ArrowPrimitiveType>(views: &mut Vec<u128>, column: &PrimitiveArray<T>) {
    let nulls = column.nulls().filter(|nulls| nulls.null_count() > 0);
    if views.is_empty() && nulls.is_none() {
        let length = 1 + size_of::<T::Native>() as u128;
        let view_of = |value: &T::Native| length | bytes_of(*value) << FIRST_BIT;
        views.extend(column.values().iter().map(view_of));
        return;
    }
    views.resize(column.len(), 0);
    let cells = views.iter_mut().zip(column.values());
    let Some(nulls) = nulls else {
        return cells.for_each(|(view, value)| append_one(view, *value));
    };
    for ((view, value), is_valid) in cells.zip(nulls) {
        if is_valid {
            append_one(view, *value);
        } else {
            // The byte of what is absent is zero.
            *view += 1;
        }
    }
}

#[inline]
fn append_one<V: ToByteSlice>(view: &mut u128, value: V) {
    let length = *view as u32;
    *view |= bytes_of(value) << (FIRST_BIT + 8 * length);
    *view += 1 + size_of::<V>() as u128;
}

/// What the codec writes of a value that is there, which is far shorter than a view.
#[inline]
fn bytes_of<V: ToByteSlice>(value: V) -> u128 {
    let mut bytes = [0; 16];
    bytes[0] = PRESENT;
    if let Some(room) = bytes.get_mut(1..=size_of::<V>()) {
        room.copy_from_slice(value.to_byte_slice());
    }
    u128::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int16Array, Int32Array, Int64Array};
    use proptest::prelude::*;

    use super::super::codec::ValueCodec;
    use super::super::key::KeyView;
    use super::*;
    use crate::column::DataType;

    /// The key of a row, value after value.
    fn key_naive(types: &[DataType], columns: &[ArrayRef], row: usize) -> (u64, [u64; 2]) {
        let mut bytes = Vec::new();
        for (data_type, column) in types.iter().zip(columns) {
            ValueCodec::new(data_type).encode(column, row, &mut bytes);
        }
        let key = KeyView::of(&bytes);
        (key.hash, key.words)
    }

    proptest! {
        #[test]
        fn keys_are_those_that_the_codec_writes(
            longs in proptest::collection::vec(any::<Option<i64>>(), 20),
            ints in proptest::collection::vec(any::<Option<i32>>(), 20),
            shorts in proptest::collection::vec(any::<Option<i16>>(), 20),
        ) {
            let columns: [ArrayRef; 3] = [
                Arc::new(Int64Array::from(longs)),
                Arc::new(Int32Array::from(ints)),
                Arc::new(Int16Array::from(shorts)),
            ];
            let types = [DataType::BigInt, DataType::Int, DataType::SmallInt];
            for chosen in [vec![0], vec![1], vec![0, 2], vec![2, 1], vec![1, 2, 2], vec![2, 2, 2, 2]] {
                let columns: Vec<ArrayRef> = chosen.iter().map(|&index: &usize| Arc::clone(&columns[index])).collect();
                let types: Vec<DataType> = chosen.iter().map(|&index| types[index].clone()).collect();
                let views = views_of(&columns, 20).unwrap();
                for (row, view) in views.into_iter().enumerate() {
                    let key = KeyView::of_short(view);
                    prop_assert_eq!((key.hash, key.words), key_naive(&types, &columns, row));
                }
            }
        }
    }

    #[test]
    fn keys_that_do_not_fit_are_left_to_the_codec() {
        let longs: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        assert!(views_of(&[Arc::clone(&longs), longs], 2).is_none());
        let texts: ArrayRef = Arc::new(arrow_array::BinaryViewArray::from_iter_values([b"a", b"b"]));
        assert!(views_of(&[texts], 2).is_none());
    }
}
