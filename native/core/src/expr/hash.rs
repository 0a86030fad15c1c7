//! Hashes: hash (murmur3), xxhash64, md5, sha1, sha2 and crc32, as Spark computes them.

use std::sync::Arc;

use arrow_array::builder::BinaryViewBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalMonthDayNanoType, IntervalYearMonthType, Time64NanosecondType, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, Int32Array, Int64Array};
use num_bigint::BigInt;
use sha2::Digest;
use xxhash_rust::xxh64::xxh64;

use super::{Bind, Call, Expr, Value};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("hash", bind_hash),
    ("xxhash64", bind_hash),
    ("md5", bind_digest),
    ("sha", bind_digest),
    ("sha1", bind_digest),
    ("sha2", bind_sha2),
    ("crc32", bind_crc32),
];

/// Spark's seed of both hashes.
const SEED: i64 = 42;
/// Decimals with at most as many digits are hashed as longs.
const COMPACT_DIGITS: u8 = 18;

/// A hash that goes from value to value: the hash so far is the seed of the next.
trait Hash {
    fn of_int(value: i32, seed: i64) -> i64;
    fn of_long(value: i64, seed: i64) -> i64;
    fn of_bytes(bytes: &[u8], seed: i64) -> i64;
}

/// The murmur3 hash of bytes.
pub fn murmur3(bytes: &[u8], seed: u32) -> u32 {
    Murmur3::of_bytes(bytes, i64::from(seed)) as u32
}

/// Spark's murmur3 of 32 bits, which mixes the bytes after the last whole word one at a time.
struct Murmur3;

impl Murmur3 {
    fn mix(hash: u32, word: u32) -> u32 {
        let word = word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        (hash ^ word).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    }

    fn finish(hash: u32, length: u32) -> i64 {
        let mut hash = hash ^ length;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        i64::from((hash ^ (hash >> 16)) as i32)
    }
}

impl Hash for Murmur3 {
    fn of_int(value: i32, seed: i64) -> i64 {
        Self::finish(Self::mix(seed as u32, value as u32), 4)
    }

    fn of_long(value: i64, seed: i64) -> i64 {
        let low = Self::mix(seed as u32, value as u32);
        Self::finish(Self::mix(low, (value >> 32) as u32), 8)
    }

    fn of_bytes(bytes: &[u8], seed: i64) -> i64 {
        let (words, rest) = bytes.as_chunks::<4>();
        let hash = words
            .iter()
            .fold(seed as u32, |hash, word| Self::mix(hash, u32::from_le_bytes(*word)));
        let hash = rest.iter().fold(hash, |hash, byte| Self::mix(hash, *byte as i8 as u32));
        Self::finish(hash, bytes.len() as u32)
    }
}

/// XXH64.
struct Xxh64;

impl Hash for Xxh64 {
    fn of_int(value: i32, seed: i64) -> i64 {
        xxh64(&value.to_le_bytes(), seed as u64) as i64
    }

    fn of_long(value: i64, seed: i64) -> i64 {
        xxh64(&value.to_le_bytes(), seed as u64) as i64
    }

    fn of_bytes(bytes: &[u8], seed: i64) -> i64 {
        xxh64(bytes, seed as u64) as i64
    }
}

/// Hashes a value of a column; a null leaves the hash as it is. Recursion follows the type, whose depth is bounded.
fn value_hash<H: Hash>(data_type: &DataType, array: &dyn Array, row: usize, seed: i64) -> i64 {
    if *data_type == DataType::Void || array.is_null(row) {
        return seed;
    }
    match data_type {
        DataType::Boolean => H::of_int(i32::from(array.as_boolean().value(row)), seed),
        DataType::TinyInt => H::of_int(array.as_primitive::<Int8Type>().value(row).into(), seed),
        DataType::SmallInt => H::of_int(array.as_primitive::<Int16Type>().value(row).into(), seed),
        DataType::Int => H::of_int(array.as_primitive::<Int32Type>().value(row), seed),
        DataType::Date => H::of_int(array.as_primitive::<Date32Type>().value(row), seed),
        DataType::YearMonthInterval(_) => H::of_int(array.as_primitive::<IntervalYearMonthType>().value(row), seed),
        DataType::BigInt => H::of_long(array.as_primitive::<Int64Type>().value(row), seed),
        DataType::Timestamp | DataType::TimestampNtz => {
            H::of_long(array.as_primitive::<TimestampMicrosecondType>().value(row), seed)
        }
        DataType::Time(_) => H::of_long(array.as_primitive::<Time64NanosecondType>().value(row), seed),
        DataType::DayTimeInterval(_) => H::of_long(array.as_primitive::<DurationMicrosecondType>().value(row), seed),
        DataType::CalendarInterval => {
            let interval = array.as_primitive::<IntervalMonthDayNanoType>().value(row);
            let seed = H::of_int(interval.days, H::of_long(interval.nanoseconds, seed));
            H::of_int(interval.months, seed)
        }
        DataType::Float => {
            let value = array.as_primitive::<Float32Type>().value(row);
            // -0.0 counts as 0.0, and there is one NaN.
            let value = if value.is_nan() {
                f32::from_bits(0x7fc0_0000)
            } else {
                value + 0.0
            };
            H::of_int(value.to_bits() as i32, seed)
        }
        DataType::Double => {
            let value = array.as_primitive::<Float64Type>().value(row);
            let value = if value.is_nan() {
                f64::from_bits(0x7ff8_0000_0000_0000)
            } else {
                value + 0.0
            };
            H::of_long(value.to_bits() as i64, seed)
        }
        DataType::Decimal { precision, .. } => {
            let unscaled = array.as_primitive::<Decimal128Type>().value(row);
            if *precision <= COMPACT_DIGITS {
                H::of_long(unscaled as i64, seed)
            } else {
                H::of_bytes(&BigInt::from(unscaled).to_signed_bytes_be(), seed)
            }
        }
        DataType::String | DataType::Binary | DataType::Variant => H::of_bytes(array.as_binary_view().value(row), seed),
        DataType::Array { element, .. } => {
            let values = array.as_list::<i32>().value(row);
            (0..values.len()).fold(seed, |seed, index| value_hash::<H>(element, &values, index, seed))
        }
        DataType::Struct(fields) => fields
            .fields
            .iter()
            .zip(array.as_struct().columns())
            .fold(seed, |seed, (field, column)| {
                value_hash::<H>(&field.data_type, column, row, seed)
            }),
        // Refused when the call was bound.
        DataType::Map { .. } | DataType::Void => seed,
    }
}

/// Binds hash and xxhash64 of any number of values.
fn bind_hash(call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, usize::MAX)?;
    let is_long = call.name == "xxhash64";
    let name = if is_long { "xxhash64" } else { "hash" };
    if call.arguments.iter().any(|argument| !argument.data_type.is_orderable()) {
        return Err(Error::new(ErrorCode::DatatypeMismatchHashMapType)
            .with("sqlExpr", format!("\"{}\"", call.sql))
            .with("functionName", name));
    }
    let types: Vec<DataType> = call
        .arguments
        .iter()
        .map(|argument| argument.data_type.clone())
        .collect();
    let data_type = if is_long { DataType::BigInt } else { DataType::Int };
    Ok(Expr::call(
        name,
        call.arguments,
        data_type,
        false,
        move |values, rows| {
            let is_scalar = values.iter().all(Value::is_scalar);
            let rows = if is_scalar { 1 } else { rows };
            let hashes = (0..rows).map(|row| {
                values.iter().zip(&types).fold(SEED, |seed, (value, data_type)| {
                    let place = if value.is_scalar() { 0 } else { row };
                    if is_long {
                        value_hash::<Xxh64>(data_type, value.array(), place, seed)
                    } else {
                        value_hash::<Murmur3>(data_type, value.array(), place, seed)
                    }
                })
            });
            let array: ArrayRef = if is_long {
                Arc::new(Int64Array::from_iter_values(hashes))
            } else {
                Arc::new(Int32Array::from_iter_values(hashes.map(|hash| hash as i32)))
            };
            Ok(if is_scalar {
                Value::Scalar(array)
            } else {
                Value::Array(array)
            })
        },
    ))
}

fn hexadecimal(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Binds md5, sha and sha1 of bytes.
fn bind_digest(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::Binary)?;
    let (name, digest): (&'static str, fn(&[u8]) -> String) = match call.name {
        "md5" => ("md5", |bytes| hexadecimal(md5::Md5::digest(bytes))),
        _ => ("sha1", |bytes| hexadecimal(sha1::Sha1::digest(bytes))),
    };
    let nullable = call.any_nullable();
    Ok(Expr::call(
        name,
        call.arguments,
        DataType::String,
        nullable,
        move |values, _| {
            let bytes = values[0].array().as_binary_view();
            let mut results = BinaryViewBuilder::with_capacity(bytes.len());
            for value in bytes {
                results.append_option(value.map(digest));
            }
            let results: ArrayRef = Arc::new(results.finish());
            Ok(if values[0].is_scalar() {
                Value::Scalar(results)
            } else {
                Value::Array(results)
            })
        },
    ))
}

/// Binds sha2(bytes, bits): null for a number of bits that is none of SHA-2's; 0 means 256.
fn bind_sha2(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(2)?;
    call.coerce(0, &DataType::Binary)?;
    call.coerce(1, &DataType::Int)?;
    Ok(Expr::call(
        "sha2",
        call.arguments,
        DataType::String,
        true,
        |values, rows| {
            let is_scalar = values.iter().all(Value::is_scalar);
            let rows = if is_scalar { 1 } else { rows };
            let (bytes, bits) = (values[0].clone().into_array(rows)?, values[1].clone().into_array(rows)?);
            let (bytes, bits) = (bytes.as_binary_view(), bits.as_primitive::<Int32Type>());
            let mut results = BinaryViewBuilder::with_capacity(rows);
            for (value, bits) in bytes.iter().zip(bits) {
                results.append_option(value.zip(bits).and_then(|(value, bits)| match bits {
                    224 => Some(hexadecimal(sha2::Sha224::digest(value))),
                    0 | 256 => Some(hexadecimal(sha2::Sha256::digest(value))),
                    384 => Some(hexadecimal(sha2::Sha384::digest(value))),
                    512 => Some(hexadecimal(sha2::Sha512::digest(value))),
                    _ => None,
                }));
            }
            let results: ArrayRef = Arc::new(results.finish());
            Ok(if is_scalar {
                Value::Scalar(results)
            } else {
                Value::Array(results)
            })
        },
    ))
}

/// Binds crc32 of bytes.
fn bind_crc32(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(1)?;
    call.coerce(0, &DataType::Binary)?;
    let nullable = call.any_nullable();
    Ok(Expr::call(
        "crc32",
        call.arguments,
        DataType::BigInt,
        nullable,
        |values, _| {
            let bytes = values[0].array().as_binary_view();
            let sums: Int64Array = bytes
                .iter()
                .map(|value| value.map(|value| i64::from(crc32fast::hash(value))))
                .collect();
            let sums: ArrayRef = Arc::new(sums);
            Ok(if values[0].is_scalar() {
                Value::Scalar(sums)
            } else {
                Value::Array(sums)
            })
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_mixed_byte_by_byte() {
        // Spark: hash('abc') and hash(1).
        assert_eq!(Murmur3::of_bytes(b"abc", SEED), 1_322_437_556);
        assert_eq!(Murmur3::of_int(1, SEED), -559_580_957);
        assert_eq!(Xxh64::of_long(1, SEED), -7_001_672_635_703_045_582);
    }
}
