//! Spark's xxHash64 of a value of any type: what approx_count_distinct counts by.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float32Type, Float64Type};
use arrow_array::{Array, downcast_primitive_array};
use arrow_buffer::ToByteSlice;
use arrow_schema::DataType as ArrowType;
use xxhash_rust::xxh64::xxh64;

/// Precision up to which Spark holds a decimal as a long.
const LONG_DECIMAL_PRECISION: u8 = 18;

/// The hash of the value in `row`, with the hash of what came before as the seed; null leaves the seed. Nesting is
/// bounded by the type's.
pub fn hash_value(array: &dyn Array, row: usize, seed: u64) -> u64 {
    if array.is_null(row) {
        return seed;
    }
    let long = |value: i64| xxh64(&value.to_le_bytes(), seed);
    let int = |value: i32| xxh64(&value.to_le_bytes(), seed);
    match array.data_type() {
        ArrowType::Null => seed,
        ArrowType::Boolean => int(i32::from(array.as_boolean().value(row))),
        ArrowType::Int8 => int(i32::from(
            array.as_primitive::<arrow_array::types::Int8Type>().value(row),
        )),
        ArrowType::Int16 => int(i32::from(
            array.as_primitive::<arrow_array::types::Int16Type>().value(row),
        )),
        // Zeros are one value and so are all NaNs.
        ArrowType::Float32 => {
            let value = array.as_primitive::<Float32Type>().value(row);
            int(if value.is_nan() { f32::NAN } else { value + 0.0 }.to_bits() as i32)
        }
        ArrowType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            long(if value.is_nan() { f64::NAN } else { value + 0.0 }.to_bits() as i64)
        }
        ArrowType::Decimal128(precision, _) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            if *precision <= LONG_DECIMAL_PRECISION {
                long(value as i64)
            } else {
                xxh64(shortest(&value.to_be_bytes()), seed)
            }
        }
        ArrowType::BinaryView => xxh64(array.as_binary_view().value(row), seed),
        ArrowType::List(_) => {
            let values = array.as_list::<i32>().value(row);
            (0..values.len()).fold(seed, |hash, at| hash_value(values.as_ref(), at, hash))
        }
        ArrowType::Map(..) => {
            let entries = array.as_map().value(row);
            (0..entries.len()).fold(seed, |hash, at| {
                let hash = hash_value(entries.column(0).as_ref(), at, hash);
                hash_value(entries.column(1).as_ref(), at, hash)
            })
        }
        ArrowType::Struct(_) => array
            .as_struct()
            .columns()
            .iter()
            .fold(seed, |hash, column| hash_value(column.as_ref(), row, hash)),
        // Four or eight bytes: integers, dates, times and intervals.
        _ => downcast_primitive_array! {
            array => xxh64(array.value(row).to_byte_slice(), seed),
            _ => seed,
        },
    }
}

/// The bytes of Java's BigInteger.toByteArray: no more than the sign needs.
fn shortest(bytes: &[u8; 16]) -> &[u8] {
    let mut start = 0;
    while start < 15 {
        let (sign, next) = (bytes[start], bytes[start + 1]);
        let is_repeated = (sign == 0 && next < 0x80) || (sign == 0xff && next >= 0x80);
        if !is_repeated {
            break;
        }
        start += 1;
    }
    &bytes[start..]
}
