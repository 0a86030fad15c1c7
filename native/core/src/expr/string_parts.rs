//! Parts of texts and their places: substring, trim, pad, locate, replace, split_part and their kin. Characters are code points; bytes that are no UTF-8 survive.

use arrow_array::types::Int32Type;
use memchr::memmem;

use super::rows::{Nulls, Row, bytes_call, flag_call, number_call};
use super::{Bind, Call, Expr, literal};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("substring", bind_substring),
    ("substr", bind_substring),
    ("left", bind_side),
    ("right", bind_side),
    ("trim", bind_trim),
    ("ltrim", bind_trim),
    ("rtrim", bind_trim),
    ("btrim", bind_trim),
    ("lpad", bind_pad),
    ("rpad", bind_pad),
    ("repeat", bind_repeat),
    ("space", bind_space),
    ("reverse", bind_reverse),
    ("instr", bind_locate),
    ("locate", bind_locate),
    ("position", bind_locate),
    ("charindex", bind_locate),
    ("contains", bind_contains),
    ("startswith", bind_contains),
    ("endswith", bind_contains),
    ("replace", bind_replace),
    ("translate", bind_translate),
    ("overlay", bind_overlay),
    ("split_part", bind_split_part),
    ("substring_index", bind_substring_index),
    ("find_in_set", bind_find_in_set),
    ("levenshtein", bind_levenshtein),
];

/// Bytes of a result that one call may make out of a small argument.
pub(super) const RESULT_BYTES_MAX: usize = 1 << 30;

/// Bytes of the character that begins with `first`, as Spark counts: what is no first byte stands alone.
pub(super) fn char_length(first: u8) -> usize {
    match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    }
}

/// The characters of a text.
pub(super) fn characters(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        let (character, after) = rest.split_at(char_length(first).min(rest.len()));
        rest = after;
        Some(character)
    })
}

/// How many characters a text has.
pub(super) fn character_count(text: &[u8]) -> usize {
    characters(text).count()
}

/// Spark's substring(start, until), in characters from 0.
fn slice(text: &[u8], start: i64, until: i64) -> &[u8] {
    if until <= start || start >= text.len() as i64 {
        return b"";
    }
    let mut at = 0;
    let (mut from, mut to) = (None, text.len());
    for (index, character) in characters(text).enumerate() {
        if index as i64 >= start && from.is_none() {
            from = Some(at);
        }
        if index as i64 >= until {
            to = at;
            break;
        }
        at += character.len();
    }
    from.map_or(b"", |from| &text[from..to.max(from)])
}

/// SQL's substring: positions from 1, negative ones from the end.
fn substring(text: &[u8], position: i64, length: i64) -> &[u8] {
    if length <= 0 {
        return b"";
    }
    let start = match position {
        1.. => position - 1,
        0 => 0,
        _ => character_count(text) as i64 + position,
    };
    slice(text, start, start.saturating_add(length))
}

/// Casts arguments to text, those of `numbers` to INT.
fn prepare(call: &mut Call<'_>, least: usize, most: usize, numbers: &[usize]) -> Result<()> {
    call.expect_arguments_between(least, most)?;
    for index in 0..call.arguments.len() {
        let target = if numbers.contains(&index) {
            DataType::Int
        } else {
            DataType::String
        };
        call.coerce(index, &target)?;
    }
    Ok(())
}

fn int(row: &Row<'_>, index: usize) -> i64 {
    i64::from(row.number::<Int32Type>(index))
}

fn text_call(
    call: Call<'_>,
    name: &'static str,
    of: impl Fn(&Row<'_>, &mut Vec<u8>) -> Result<()> + Send + Sync + 'static,
) -> Expr {
    bytes_call(call, name, DataType::String, false, Nulls::Pass, move |row, out| {
        of(row, out)?;
        Ok(true)
    })
}

fn bind_substring(mut call: Call<'_>) -> Result<Expr> {
    if call
        .arguments
        .first()
        .is_some_and(|argument| argument.data_type == DataType::Binary)
    {
        call.expect_arguments_between(2, 3)?;
        for index in 1..call.arguments.len() {
            call.coerce(index, &DataType::Int)?;
        }
        return Ok(bytes_call(
            call,
            "substring",
            DataType::Binary,
            false,
            Nulls::Pass,
            |row, out| {
                let bytes = row.bytes(0);
                let length = bytes.len() as i64;
                let position = int(row, 1);
                let start = match position {
                    1.. => position - 1,
                    0 => 0,
                    _ => length + position,
                };
                let wanted = if row.len() > 2 {
                    int(row, 2)
                } else {
                    i64::from(i32::MAX)
                };
                let until = start.saturating_add(wanted).clamp(0, length);
                let start = start.clamp(0, length);
                if start < until {
                    out.extend_from_slice(&bytes[start as usize..until as usize]);
                }
                Ok(true)
            },
        ));
    }
    prepare(&mut call, 2, 3, &[1, 2])?;
    Ok(text_call(call, "substring", |row, out| {
        let length = if row.len() > 2 {
            int(row, 2)
        } else {
            i64::from(i32::MAX)
        };
        out.extend_from_slice(substring(row.bytes(0), int(row, 1), length));
        Ok(())
    }))
}

fn bind_side(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 2, 2, &[1])?;
    let is_left = call.name == "left";
    Ok(text_call(
        call,
        if is_left { "left" } else { "right" },
        move |row, out| {
            let (text, length) = (row.bytes(0), int(row, 1));
            out.extend_from_slice(if is_left {
                substring(text, 1, length)
            } else if length > 0 {
                slice(text, (character_count(text) as i64 - length).max(0), i64::MAX)
            } else {
                b""
            });
            Ok(())
        },
    ))
}

/// Binds trim(text[, characters]) and its kin; without characters spaces go.
fn bind_trim(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 1, 2, &[])?;
    let (name, left, right) = match call.name {
        "ltrim" => ("ltrim", true, false),
        "rtrim" => ("rtrim", false, true),
        "btrim" => ("btrim", true, true),
        _ => ("trim", true, true),
    };
    Ok(text_call(call, name, move |row, out| {
        let text = row.bytes(0);
        let trimmed: Vec<&[u8]> = if row.len() > 1 {
            characters(row.bytes(1)).collect()
        } else {
            vec![b" "]
        };
        let parts: Vec<&[u8]> = characters(text).collect();
        let goes = |part: &&&[u8]| trimmed.contains(*part);
        let start = if left { parts.iter().take_while(goes).count() } else { 0 };
        let end = if right {
            parts.iter().rev().take_while(goes).count()
        } else {
            0
        };
        for part in parts.iter().take(parts.len().saturating_sub(end)).skip(start) {
            out.extend_from_slice(part);
        }
        Ok(())
    }))
}

fn too_long(length: usize) -> Error {
    Error::limit("bytes of a text", length, RESULT_BYTES_MAX)
}

/// Binds lpad(text, length[, pad]) and rpad.
fn bind_pad(mut call: Call<'_>) -> Result<Expr> {
    if call.arguments.len() == 2 {
        call.arguments.push(literal(&" ".into(), &DataType::String)?);
        call.argument_sql.push(" ".into());
    }
    prepare(&mut call, 3, 3, &[1])?;
    let is_left = call.name == "lpad";
    Ok(text_call(
        call,
        if is_left { "lpad" } else { "rpad" },
        move |row, out| {
            let (text, pad) = (row.bytes(0), row.bytes(2));
            let wanted = usize::try_from(int(row, 1)).unwrap_or(0);
            let count = character_count(text);
            if count >= wanted || pad.is_empty() {
                out.extend_from_slice(slice(text, 0, wanted as i64));
                return Ok(());
            }
            if wanted > RESULT_BYTES_MAX / 4 {
                return Err(too_long(wanted));
            }
            let mut padding = Vec::new();
            let characters: Vec<&[u8]> = characters(pad).collect();
            for character in characters.iter().cycle().take(wanted - count) {
                padding.extend_from_slice(character);
            }
            if is_left {
                out.extend_from_slice(&padding);
                out.extend_from_slice(text);
            } else {
                out.extend_from_slice(text);
                out.extend_from_slice(&padding);
            }
            Ok(())
        },
    ))
}

fn repeated(text: &[u8], times: i64, out: &mut Vec<u8>) -> Result<()> {
    let times = usize::try_from(times).unwrap_or(0);
    let length = text.len().saturating_mul(times);
    if length > RESULT_BYTES_MAX {
        return Err(too_long(length));
    }
    out.try_reserve(length).map_err(|_| Error::no_memory(length, "text"))?;
    for _ in 0..times {
        out.extend_from_slice(text);
    }
    Ok(())
}

fn bind_repeat(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 2, 2, &[1])?;
    Ok(text_call(call, "repeat", |row, out| {
        repeated(row.bytes(0), int(row, 1), out)
    }))
}

fn bind_space(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 1, 1, &[0])?;
    Ok(text_call(call, "space", |row, out| repeated(b" ", int(row, 0), out)))
}

fn bind_reverse(mut call: Call<'_>) -> Result<Expr> {
    match call.arguments.first().map(|argument| &argument.data_type) {
        Some(DataType::Array { .. }) => return super::arrays::bind_reverse(call),
        Some(DataType::Binary) => return super::string_encode::bind_reverse(call),
        _ => {}
    }
    prepare(&mut call, 1, 1, &[])?;
    Ok(text_call(call, "reverse", |row, out| {
        let parts: Vec<&[u8]> = characters(row.bytes(0)).collect();
        parts.iter().rev().for_each(|part| out.extend_from_slice(part));
        Ok(())
    }))
}

/// Place of `part` from character `start` on, from 1; 0 where it is not there.
fn locate(text: &[u8], part: &[u8], start: usize) -> i32 {
    let skipped: usize = characters(text).take(start).map(<[u8]>::len).sum();
    match memmem::find(&text[skipped..], part) {
        Some(at) => (character_count(&text[..skipped + at]) + 1) as i32,
        None => 0,
    }
}

fn bind_locate(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 2, 3, &[2])?;
    let (text, part) = if call.name == "instr" { (0, 1) } else { (1, 0) };
    let has_start = call.arguments.len() == 3;
    let nulls = if has_start { Nulls::Seen } else { Nulls::Pass };
    let nullable = call.any_nullable();
    Ok(number_call::<Int32Type>(
        call,
        "locate",
        DataType::Int,
        nullable,
        nulls,
        move |row| {
            if has_start && row.is_null(2) {
                return Ok(Some(0));
            }
            if row.is_null(0) || row.is_null(1) {
                return Ok(None);
            }
            let start = if has_start { int(row, 2) } else { 1 };
            Ok(Some(match usize::try_from(start) {
                Ok(start @ 1..) => locate(row.bytes(text), row.bytes(part), start - 1),
                _ => 0,
            }))
        },
    ))
}

fn bind_contains(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 2, 2, &[])?;
    type Test = fn(&[u8], &[u8]) -> bool;
    let (name, test): (_, Test) = match call.name {
        "startswith" => ("startswith", |text, part| text.starts_with(part)),
        "endswith" => ("endswith", |text, part| text.ends_with(part)),
        _ => ("contains", |text, part| memmem::find(text, part).is_some()),
    };
    Ok(flag_call(call, name, false, Nulls::Pass, move |row| {
        Ok(Some(test(row.bytes(0), row.bytes(1))))
    }))
}

fn bind_replace(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 2, 3, &[])?;
    Ok(text_call(call, "replace", |row, out| {
        let (text, part) = (row.bytes(0), row.bytes(1));
        let by = if row.len() > 2 { row.bytes(2) } else { b"" };
        if part.is_empty() {
            out.extend_from_slice(text);
            return Ok(());
        }
        let mut last = 0;
        for at in memmem::find_iter(text, part) {
            out.extend_from_slice(&text[last..at]);
            out.extend_from_slice(by);
            last = at + part.len();
        }
        out.extend_from_slice(&text[last..]);
        Ok(())
    }))
}

fn bind_translate(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 3, 3, &[])?;
    Ok(text_call(call, "translate", |row, out| {
        let from: Vec<&[u8]> = characters(row.bytes(1)).collect();
        let to: Vec<&[u8]> = characters(row.bytes(2)).collect();
        for character in characters(row.bytes(0)) {
            match from.iter().position(|known| *known == character) {
                None => out.extend_from_slice(character),
                Some(index) => out.extend_from_slice(to.get(index).copied().unwrap_or(b"")),
            }
        }
        Ok(())
    }))
}

/// Binds overlay(text, replacement, position[, length]).
fn bind_overlay(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 3, 4, &[2, 3])?;
    Ok(text_call(call, "overlay", |row, out| {
        let (text, by, position) = (row.bytes(0), row.bytes(1), int(row, 2));
        let length = if row.len() > 3 && int(row, 3) >= 0 {
            int(row, 3)
        } else {
            character_count(by) as i64
        };
        out.extend_from_slice(substring(text, 1, position - 1));
        out.extend_from_slice(by);
        out.extend_from_slice(substring(text, position + length, i64::from(i32::MAX)));
        Ok(())
    }))
}

/// Binds split_part(text, delimiter, number).
fn bind_split_part(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 3, 3, &[2])?;
    Ok(text_call(call, "split_part", |row, out| {
        let (text, delimiter, number) = (row.bytes(0), row.bytes(1), int(row, 2));
        if number == 0 {
            return Err(Error::new(ErrorCode::InvalidIndexOfZero));
        }
        let mut parts = Vec::new();
        let mut last = 0;
        if !delimiter.is_empty() {
            for at in memmem::find_iter(text, delimiter) {
                parts.push(&text[last..at]);
                last = at + delimiter.len();
            }
        }
        parts.push(&text[last..]);
        let index = if number > 0 {
            number - 1
        } else {
            parts.len() as i64 + number
        };
        let part = usize::try_from(index).ok().and_then(|index| parts.get(index));
        out.extend_from_slice(part.copied().unwrap_or(b""));
        Ok(())
    }))
}

/// Binds substring_index(text, delimiter, count).
fn bind_substring_index(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 3, 3, &[2])?;
    Ok(text_call(call, "substring_index", |row, out| {
        let (text, delimiter, count) = (row.bytes(0), row.bytes(1), int(row, 2));
        if delimiter.is_empty() || count == 0 {
            return Ok(());
        }
        let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        // Matches may overlap, as Spark looks for the next one a byte further on.
        out.extend_from_slice(if count > 0 {
            let mut from = 0;
            let mut end = None;
            for _ in 0..wanted {
                end = memmem::find(text.get(from..).unwrap_or(b""), delimiter).map(|at| from + at);
                match end {
                    Some(at) => from = at + 1,
                    None => break,
                }
            }
            end.map_or(text, |end| &text[..end])
        } else {
            let mut until = text.len();
            let mut start = None;
            for _ in 0..wanted {
                start = memmem::rfind(&text[..until], delimiter);
                match start {
                    Some(at) => until = (at + delimiter.len()).saturating_sub(1),
                    None => break,
                }
            }
            start.map_or(text, |start| &text[start + delimiter.len()..])
        });
        Ok(())
    }))
}

fn bind_find_in_set(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 2, 2, &[])?;
    Ok(number_call::<Int32Type>(
        call,
        "find_in_set",
        DataType::Int,
        false,
        Nulls::Pass,
        |row| {
            let wanted = row.bytes(0);
            let place = row.bytes(1).split(|byte| *byte == b',').position(|part| part == wanted);
            Ok(Some(match place {
                Some(index) if !wanted.contains(&b',') => index as i32 + 1,
                _ => 0,
            }))
        },
    ))
}

/// Binds levenshtein(a, b[, threshold]): -1 beyond the threshold.
fn bind_levenshtein(mut call: Call<'_>) -> Result<Expr> {
    prepare(&mut call, 2, 3, &[2])?;
    Ok(number_call::<Int32Type>(
        call,
        "levenshtein",
        DataType::Int,
        false,
        Nulls::Pass,
        |row| {
            let left: Vec<&[u8]> = characters(row.bytes(0)).collect();
            let right: Vec<&[u8]> = characters(row.bytes(1)).collect();
            let distance = strsim::generic_levenshtein(&left, &right) as i64;
            let is_beyond = row.len() > 2 && distance > int(row, 2);
            Ok(Some(if is_beyond { -1 } else { distance as i32 }))
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_count_characters() {
        assert_eq!(substring("héllo".as_bytes(), 2, 2), "él".as_bytes());
        assert_eq!(substring(b"abc", -2, 5), b"bc");
        assert_eq!(substring(b"abc", -5, 3), b"a");
        assert_eq!(substring(b"abc", 0, 2), b"ab");
        assert_eq!(locate("é1é".as_bytes(), "é".as_bytes(), 1), 3);
    }

    proptest! {
        #[test]
        fn a_substring_is_the_characters_between(
            text in prop_oneof!["[a\u{e9}\u{4e2d}\u{1f600}]{0,8}".prop_map(String::into_bytes), any::<Vec<u8>>()],
            position in prop_oneof![-12i64..12, any::<i32>().prop_map(i64::from)], length in prop_oneof![-2i64..12, any::<i32>().prop_map(i64::from)],
        ) {
            let all: Vec<&[u8]> = characters(&text).collect();
            let start = if position > 0 { position - 1 } else if position == 0 { 0 } else { all.len() as i64 + position };
            let expected: Vec<&[u8]> = (0..).zip(all).filter(|(at, _)| (start..start + length).contains(at)).map(|(_, one)| one).collect();
            prop_assert_eq!(substring(&text, position, length), expected.concat());
        }
    }
}
