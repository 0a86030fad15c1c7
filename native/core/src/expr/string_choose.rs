//! Functions that pick or renumber texts: elt and conv.

use arrow_array::types::Int32Type;

use super::rows::{Nulls, bytes_call};
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("elt", bind_elt), ("conv", bind_conv)];

/// Binds elt(n, text1, text2, ...): the n-th text, from 1. Out of range is null, or INVALID_ARRAY_INDEX under ANSI.
fn bind_elt(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.len() < 2 {
        call.expect_arguments(2)?;
    }
    call.coerce(0, &DataType::Int)?;
    let are_bytes = call.arguments[1..]
        .iter()
        .all(|argument| argument.data_type == DataType::Binary);
    let data_type = if are_bytes { DataType::Binary } else { DataType::String };
    for index in 1..call.arguments.len() {
        call.coerce(index, &data_type)?;
    }
    let ansi = call.session.ansi;
    Ok(bytes_call(
        call,
        "elt",
        data_type,
        true,
        Nulls::Seen,
        move |row, out| {
            if row.is_null(0) {
                return Ok(false);
            }
            let number = row.number::<Int32Type>(0);
            let index = usize::try_from(number)
                .ok()
                .filter(|index| (1..row.len()).contains(index));
            match index {
                Some(index) if row.is_null(index) => Ok(false),
                Some(index) => {
                    out.extend_from_slice(row.bytes(index));
                    Ok(true)
                }
                None if ansi => Err(Error::new(ErrorCode::InvalidArrayIndex)
                    .with("indexValue", number.to_string())
                    .with("arraySize", (row.len() - 1).to_string())),
                None => Ok(false),
            }
        },
    ))
}

/// Binds conv(number, from, to): the digits that fit `from` at the text's beginning, as 64 bits, in base `to`; signed
/// where `to` is negative. Null for a base that is not 2 to 36.
fn bind_conv(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments(3)?;
    call.coerce(0, &DataType::String)?;
    call.coerce(1, &DataType::Int)?;
    call.coerce(2, &DataType::Int)?;
    let ansi = call.session.ansi;
    Ok(bytes_call(
        call,
        "conv",
        DataType::String,
        true,
        Nulls::Pass,
        move |row, out| {
            let (from, to) = (row.number::<Int32Type>(1), row.number::<Int32Type>(2));
            let base = 2..=36;
            if !base.contains(&from) || !to.checked_abs().is_some_and(|to| base.contains(&to)) {
                return Ok(false);
            }
            match converted(row.bytes(0), from.unsigned_abs(), to) {
                Some(Ok(text)) => out.extend_from_slice(text.as_bytes()),
                Some(Err(text)) if !ansi => out.extend_from_slice(text.as_bytes()),
                Some(Err(_)) => return Err(Error::arithmetic_overflow("Overflow in function conv()")),
                None => return Ok(false),
            }
            Ok(true)
        },
    ))
}

/// The number in its new base, as an error where 64 bits do not hold it; none for blank text.
fn converted(text: &[u8], from: u32, to: i32) -> Option<Result<String, String>> {
    let text = text.trim_ascii();
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    let mut digits = digits.iter().map_while(|byte| char::from(*byte).to_digit(from));
    let value = digits.try_fold(0u64, |value, digit| {
        value.checked_mul(u64::from(from))?.checked_add(u64::from(digit))
    });
    let has_overflow = value.is_none();
    // Too large a number is -1, all bits, before its sign is looked at.
    let mut value = value.unwrap_or(u64::MAX);
    let mut shows_sign = false;
    if negative && to > 0 {
        value = if (value as i64) < 0 {
            u64::MAX
        } else {
            value.wrapping_neg()
        };
    } else if to < 0 && (value as i64) < 0 {
        value = value.wrapping_neg();
        shows_sign = true;
    }
    shows_sign |= to < 0 && negative;
    let base = u64::from(to.unsigned_abs());
    let mut reversed = Vec::new();
    while value > 0 || reversed.is_empty() {
        let digit = u32::try_from(value % base).unwrap_or(0);
        reversed.extend(char::from_digit(digit, 36).map(|digit| digit.to_ascii_uppercase()));
        value /= base;
    }
    let sign = if shows_sign { "-" } else { "" };
    let number = format!("{sign}{}", reversed.into_iter().rev().collect::<String>());
    Some(if has_overflow { Err(number) } else { Ok(number) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        let of = |text: &str, from, to| converted(text.as_bytes(), from, to).map(|found| found.unwrap());
        assert_eq!(of("100", 2, 10).as_deref(), Some("4"));
        assert_eq!(of("-10", 16, -10).as_deref(), Some("-16"));
        assert_eq!(of("-1", 10, 16).as_deref(), Some("FFFFFFFFFFFFFFFF"));
        assert_eq!(of("1.5", 10, 16).as_deref(), Some("1"));
        assert_eq!(of("x", 10, 16).as_deref(), Some("0"));
        assert_eq!(converted(b"  ", 10, 16), None);
        assert!(converted(b"99999999999999999999", 10, 16).unwrap().is_err());
    }
}
