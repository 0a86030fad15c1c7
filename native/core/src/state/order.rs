//! Spark's order of encoded values, without decoding them into columns.

use std::cmp::Ordering;

use arrow_schema::DataType as ArrowType;

use super::codec::{take, take_count};
use crate::error::{Error, Result};

/// Compares the values at the front of `left` and `right` and takes both off. Nesting is bounded by the type's.
pub(super) fn compare_encoded(arrow: &ArrowType, left: &mut &[u8], right: &mut &[u8]) -> Result<Ordering> {
    let (left_present, right_present) = (take(left, 1)?[0] != 0, take(right, 1)?[0] != 0);
    match (left_present, right_present) {
        (false, false) => return Ok(Ordering::Equal),
        (true, true) => {}
        (present, _) => {
            if present {
                skip_present(arrow, left)?;
            } else {
                skip_present(arrow, right)?;
            }
            return Ok(left_present.cmp(&right_present));
        }
    }
    Ok(match arrow {
        ArrowType::Null => Ordering::Equal,
        ArrowType::BinaryView => {
            let left_length = take_count(left)?;
            let left_bytes = take(left, left_length)?;
            let right_length = take_count(right)?;
            left_bytes.cmp(take(right, right_length)?)
        }
        ArrowType::Float32 => {
            let (a, b) = (f32::from_le_bytes(word(left)?), f32::from_le_bytes(word(right)?));
            compare_doubles(f64::from(a), f64::from(b))
        }
        ArrowType::Float64 => compare_doubles(f64::from_le_bytes(word(left)?), f64::from_le_bytes(word(right)?)),
        ArrowType::List(field) => {
            let (left_count, right_count) = (take_count(left)?, take_count(right)?);
            let mut order = Ordering::Equal;
            for _ in 0..left_count.min(right_count) {
                let next = compare_encoded(field.data_type(), left, right)?;
                order = order.then(next);
            }
            for _ in right_count..left_count {
                skip_encoded(field.data_type(), left)?;
            }
            for _ in left_count..right_count {
                skip_encoded(field.data_type(), right)?;
            }
            order.then(left_count.cmp(&right_count))
        }
        ArrowType::Struct(fields) => {
            let mut order = Ordering::Equal;
            for field in fields {
                let next = compare_encoded(field.data_type(), left, right)?;
                order = order.then(next);
            }
            order
        }
        // Integers of any width; dates, times and intervals among them.
        fixed => integer(fixed, left)?.cmp(&integer(fixed, right)?),
    })
}

/// Takes one encoded value off the front of `bytes`.
pub(super) fn skip_encoded(arrow: &ArrowType, bytes: &mut &[u8]) -> Result<()> {
    if take(bytes, 1)?[0] == 0 {
        return Ok(());
    }
    skip_present(arrow, bytes)
}

fn skip_present(arrow: &ArrowType, bytes: &mut &[u8]) -> Result<()> {
    match arrow {
        ArrowType::Null => {}
        ArrowType::BinaryView => {
            let length = take_count(bytes)?;
            take(bytes, length)?;
        }
        ArrowType::List(field) => {
            for _ in 0..take_count(bytes)? {
                skip_encoded(field.data_type(), bytes)?;
            }
        }
        ArrowType::Map(field, _) => {
            for _ in 0..take_count(bytes)? {
                if let ArrowType::Struct(fields) = field.data_type() {
                    for field in fields {
                        skip_encoded(field.data_type(), bytes)?;
                    }
                }
            }
        }
        ArrowType::Struct(fields) => {
            for field in fields {
                skip_encoded(field.data_type(), bytes)?;
            }
        }
        fixed => {
            take(bytes, width_of(fixed)?)?;
        }
    }
    Ok(())
}

/// Spark's order of doubles: NaN is equal to itself and behind everything, zeros are equal.
pub fn compare_doubles(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right)
        .unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

fn width_of(arrow: &ArrowType) -> Result<usize> {
    match arrow {
        ArrowType::Boolean => Ok(1),
        fixed => fixed
            .primitive_width()
            .ok_or_else(|| Error::internal(format!("values of {fixed} have no order"))),
    }
}

fn word<const WIDTH: usize>(bytes: &mut &[u8]) -> Result<[u8; WIDTH]> {
    take(bytes, WIDTH)?
        .try_into()
        .map_err(|_| Error::internal("an encoded value is cut off"))
}

fn integer(arrow: &ArrowType, bytes: &mut &[u8]) -> Result<i128> {
    Ok(match width_of(arrow)? {
        1 => i128::from(i8::from_le_bytes(word(bytes)?)),
        2 => i128::from(i16::from_le_bytes(word(bytes)?)),
        4 => i128::from(i32::from_le_bytes(word(bytes)?)),
        8 => i128::from(i64::from_le_bytes(word(bytes)?)),
        16 => i128::from_le_bytes(word(bytes)?),
        other => return Err(Error::internal(format!("an integer of {other} bytes"))),
    })
}
