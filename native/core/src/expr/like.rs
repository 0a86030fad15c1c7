//! LIKE and ILIKE: `%` and `_`, with an escape character.

use super::rows::{Memo, Nulls, flag_call};
use super::string_parts::char_length;
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::java_text;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("like", bind_like), ("ilike", bind_like)];

/// A piece of a pattern.
#[derive(Debug, PartialEq)]
enum Piece {
    Literal(Vec<u8>),
    One,
    Many,
}

/// Binds like(text, pattern[, escape]) and ilike.
fn bind_like(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(2, 3)?;
    for index in 0..call.arguments.len() {
        call.coerce(index, &DataType::String)?;
    }
    let folds = call.name == "ilike";
    let patterns = Memo::new();
    let name = if folds { "ilike" } else { "like" };
    Ok(flag_call(call, name, false, Nulls::Pass, move |row| {
        let escape = if row.len() == 3 { row.bytes(2) } else { b"\\" };
        let mut key = escape.to_vec();
        key.push(0);
        key.extend_from_slice(row.bytes(1));
        let pieces = patterns.get(&key, || {
            if folds {
                pieces_of(java_text(row.bytes(1)).to_lowercase().as_bytes(), escape)
            } else {
                pieces_of(row.bytes(1), escape)
            }
        })?;
        Ok(Some(if folds {
            matches(&pieces, java_text(row.bytes(0)).to_lowercase().as_bytes())
        } else {
            matches(&pieces, row.bytes(0))
        }))
    }))
}

fn pieces_of(pattern: &[u8], escape: &[u8]) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    let format = || format!("'{}'", String::from_utf8_lossy(pattern));
    while let Some(&first) = rest.first() {
        let (character, after) = rest.split_at(char_length(first).min(rest.len()));
        rest = after;
        if character == escape {
            let Some(&next) = rest.first() else {
                return Err(Error::new(ErrorCode::InvalidFormatEscAtTheEnd).with("format", format()));
            };
            let (escaped, after) = rest.split_at(char_length(next).min(rest.len()));
            if escaped != b"%" && escaped != b"_" && escaped != escape {
                return Err(Error::new(ErrorCode::InvalidFormatEscInTheMiddle)
                    .with("format", format())
                    .with("char", format!("'{}'", String::from_utf8_lossy(escaped))));
            }
            rest = after;
            pieces.push(Piece::Literal(escaped.to_vec()));
            continue;
        }
        pieces.push(match character {
            b"%" => Piece::Many,
            b"_" => Piece::One,
            other => Piece::Literal(other.to_vec()),
        });
    }
    Ok(pieces)
}

/// Goes back to the last `%` only: time is the product of the lengths, at worst.
fn matches(pieces: &[Piece], text: &[u8]) -> bool {
    let (mut at, mut piece) = (0, 0);
    let mut last_many: Option<(usize, usize)> = None;
    loop {
        match pieces.get(piece) {
            None if at == text.len() => return true,
            Some(Piece::Many) => {
                last_many = Some((piece, at));
                piece += 1;
                continue;
            }
            Some(Piece::One) if at < text.len() => {
                at = (at + char_length(text[at])).min(text.len());
                piece += 1;
                continue;
            }
            Some(Piece::Literal(bytes)) if text[at..].starts_with(bytes) => {
                at += bytes.len();
                piece += 1;
                continue;
            }
            _ => {}
        }
        match last_many {
            Some((many, from)) if from < text.len() => {
                let next = (from + char_length(text[from])).min(text.len());
                last_many = Some((many, next));
                at = next;
                piece = many + 1;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::string_parts::characters;
    use proptest::prelude::*;

    /// Tries every length for every `%`.
    fn matches_naive(pieces: &[Piece], text: &[&[u8]]) -> bool {
        match pieces.split_first() {
            None => text.is_empty(),
            Some((Piece::Many, rest)) => (0..=text.len()).any(|skipped| matches_naive(rest, &text[skipped..])),
            Some((Piece::One, rest)) => !text.is_empty() && matches_naive(rest, &text[1..]),
            Some((Piece::Literal(bytes), rest)) => {
                text.first() == Some(&bytes.as_slice()) && matches_naive(rest, &text[1..])
            }
        }
    }

    proptest! {
        #[test]
        fn going_back_to_the_last_wildcard_is_enough(pattern in "[ab\u{e9}%_]{0,8}", text in "[ab\u{e9}]{0,10}") {
            let pieces = pieces_of(pattern.as_bytes(), b"\\").unwrap();
            let split: Vec<&[u8]> = characters(text.as_bytes()).collect();
            prop_assert_eq!(matches(&pieces, text.as_bytes()), matches_naive(&pieces, &split));
        }
    }

    #[test]
    fn wildcards_and_escapes() {
        let like = |text: &str, pattern: &str| matches(&pieces_of(pattern.as_bytes(), b"\\").unwrap(), text.as_bytes());
        assert!(like("abc", "a%c") && like("abc", "%") && like("é", "_") && like("a\nb", "a_b") && like("", ""));
        assert!(like("%_x", "\\%\\_x") && !like("ab", "a") && !like("", "_") && like("abcabd", "%ab_"));
        assert!(pieces_of(b"a\\b", b"\\").is_err() && pieces_of(b"a\\", b"\\").is_err());
    }
}
