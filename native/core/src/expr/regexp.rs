//! Regular expressions as Java's: rlike, regexp_extract, regexp_replace, split and their kin.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, BinaryViewArray};
use fancy_regex::{Captures, Regex, RegexBuilder};

use super::cells::Cell;
use super::rows::{Memo, Nulls, Row, bytes_call, flag_call, nested_call, number_call};
use super::string_parts::char_length;
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, ErrorCode, Result};
use crate::parse::java_text;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[
    ("rlike", bind_rlike),
    ("regexp", bind_rlike),
    ("regexp_like", bind_rlike),
    ("regexp_extract", bind_extract),
    ("regexp_extract_all", bind_extract_all),
    ("regexp_replace", bind_replace),
    ("regexp_count", bind_count),
    ("regexp_instr", bind_instr),
    ("regexp_substr", bind_substr),
    ("split", bind_split),
];

/// Steps of backtracking after which a match is given up.
const BACKTRACK_MAX: usize = 1_000_000;

/// What Java's `\h` takes, and its `\v`.
const HORIZONTAL_SPACE: &str = " \\t\\x{A0}\\x{1680}\\x{180E}\\x{2000}-\\x{200A}\\x{202F}\\x{205F}\\x{3000}";
const VERTICAL_SPACE: &str = "\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}";

/// The pattern, compiled. Fails with INVALID_PARAMETER_VALUE.PATTERN.
pub(super) fn compiled(pattern: &[u8], function: &str) -> Result<Regex> {
    let text = String::from_utf8_lossy(pattern);
    RegexBuilder::new(&from_java(&text))
        .backtrack_limit(BACKTRACK_MAX)
        .build()
        .map_err(|_| {
            Error::new(ErrorCode::InvalidParameterValuePattern)
                .with("parameter", "`regexp`")
                .with("functionName", format!("`{function}`"))
                .with("value", format!("'{text}'"))
        })
}

/// Java's pattern in this engine's words: ASCII classes, quoting, line ends, units of UTF-16.
fn from_java(pattern: &str) -> String {
    let dot_takes_all = pattern.contains("(?s") || pattern.contains("(?is");
    let is_multiline = pattern.contains("(?m");
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let (mut at, mut class_depth) = (0, 0usize);
    while let Some(&letter) = chars.get(at) {
        at += 1;
        match letter {
            '\\' => {
                let Some(&escaped) = chars.get(at) else {
                    out.push('\\');
                    break;
                };
                at += 1;
                let class = |inner: &str, negated: bool| match (class_depth > 0, negated) {
                    (true, false) => inner.to_string(),
                    (_, false) => format!("[{inner}]"),
                    (_, true) => format!("[^{inner}]"),
                };
                match escaped {
                    'd' | 'D' => out += &class("0-9", escaped == 'D'),
                    'w' | 'W' => out += &class("a-zA-Z0-9_", escaped == 'W'),
                    's' | 'S' => out += &class(" \\t\\n\\x0B\\f\\r", escaped == 'S'),
                    'h' | 'H' => out += &class(HORIZONTAL_SPACE, escaped == 'H'),
                    'v' | 'V' => out += &class(VERTICAL_SPACE, escaped == 'V'),
                    'R' => out += &format!("(?:\\r\\n|[{VERTICAL_SPACE}])"),
                    'Q' => {
                        let rest: String = chars[at..].iter().collect();
                        let length = rest.find("\\E").unwrap_or(rest.len());
                        out += &fancy_regex::escape(&rest[..length]);
                        at += rest[..length].chars().count() + if length < rest.len() { 2 } else { 0 };
                    }
                    'u' => {
                        let digits: String = chars[at..].iter().take(4).collect();
                        match u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4) {
                            // Half a pair is in no valid text: a pattern that nothing matches.
                            Some(0xD800..=0xDFFF) => out += "(?!)",
                            Some(code) => out += &format!("\\x{{{code:X}}}"),
                            None => out += "\\u",
                        }
                        at += digits.len().min(4);
                    }
                    'Z' => out += "(?=\\n?\\z)",
                    other => {
                        out.push('\\');
                        out.push(other);
                    }
                }
            }
            '[' => {
                class_depth += 1;
                out.push('[');
            }
            ']' => {
                class_depth = class_depth.saturating_sub(1);
                out.push(']');
            }
            '.' if class_depth == 0 && !dot_takes_all => out += "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]",
            '$' if class_depth == 0 && !is_multiline => {
                out += "(?=(?:\\r\\n|[\\n\\r\\x{85}\\x{2028}\\x{2029}])?\\z)";
            }
            other => out.push(other),
        }
    }
    out
}

/// The next match at or behind `from`; Java's find goes on one character behind an empty match.
fn next_match<'t>(regex: &Regex, text: &'t str, from: usize) -> Result<Option<Captures<'t>>> {
    if from > text.len() {
        return Ok(None);
    }
    regex
        .captures_from_pos(text, from)
        .map_err(|_| Error::limit("steps of a regular expression", "more", BACKTRACK_MAX))
}

/// Every match.
fn each_match<'t>(regex: &Regex, text: &'t str, mut see: impl FnMut(&Captures<'t>) -> Result<()>) -> Result<()> {
    let mut from = 0;
    while let Some(captures) = next_match(regex, text, from)? {
        let Some(whole) = captures.get(0) else { break };
        see(&captures)?;
        from = if whole.end() > whole.start() {
            whole.end()
        } else {
            whole.end() + text[whole.end()..].chars().next().map_or(1, char::len_utf8)
        };
    }
    Ok(())
}

fn text_of<'a>(row: &Row<'a>, index: usize) -> Cow<'a, str> {
    java_text(row.bytes(index))
}

/// Casts the first two arguments to text.
fn texts(call: &mut Call<'_>, least: usize, most: usize) -> Result<Memo<Regex>> {
    call.expect_arguments_between(least, most)?;
    call.coerce(0, &DataType::String)?;
    call.coerce(1, &DataType::String)?;
    Ok(Memo::new())
}

fn bind_rlike(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 2, 2)?;
    Ok(flag_call(call, "rlike", false, Nulls::Pass, move |row| {
        let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "rlike"))?;
        Ok(Some(next_match(&regex, &text_of(row, 0), 0)?.is_some()))
    }))
}

/// The group that the call asks for: 1 where it says nothing.
fn group_of(row: &Row<'_>, regex: &Regex, function: &str) -> Result<usize> {
    let group = if row.len() > 2 { row.number::<Int32Type>(2) } else { 1 };
    let count = regex.captures_len() - 1;
    match usize::try_from(group) {
        Ok(group) if group <= count => Ok(group),
        _ => Err(Error::new(ErrorCode::InvalidParameterValueRegexGroupIndex)
            .with("functionName", format!("`{function}`"))
            .with("groupCount", count.to_string())
            .with("groupIndex", group.to_string())),
    }
}

fn bind_extract(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 2, 3)?;
    if call.arguments.len() == 3 {
        call.coerce(2, &DataType::Int)?;
    }
    Ok(bytes_call(
        call,
        "regexp_extract",
        DataType::String,
        false,
        Nulls::Pass,
        move |row, out| {
            let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "regexp_extract"))?;
            let text = text_of(row, 0);
            if let Some(captures) = next_match(&regex, &text, 0)? {
                let group = group_of(row, &regex, "regexp_extract")?;
                out.extend_from_slice(captures.get(group).map_or("", |found| found.as_str()).as_bytes());
            }
            Ok(true)
        },
    ))
}

fn string_array() -> DataType {
    DataType::Array {
        element: Box::new(DataType::String),
        contains_null: true,
    }
}

/// Texts as an array's cells.
fn list_of(values: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Cell {
    let array: ArrayRef = Arc::new(BinaryViewArray::from_iter_values(values));
    Cell::List(Cell::all(&array))
}

fn bind_extract_all(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 2, 3)?;
    if call.arguments.len() == 3 {
        call.coerce(2, &DataType::Int)?;
    }
    Ok(nested_call(
        call,
        "regexp_extract_all",
        string_array(),
        false,
        Nulls::Pass,
        move |row| {
            let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "regexp_extract_all"))?;
            let text = text_of(row, 0);
            let mut found = Vec::new();
            each_match(&regex, &text, |captures| {
                let group = group_of(row, &regex, "regexp_extract_all")?;
                found.push(captures.get(group).map_or("", |part| part.as_str()).to_string());
                Ok(())
            })?;
            Ok(Some(list_of(found)))
        },
    ))
}

/// Writes Java's replacement: `$1`, `\x`. None where it is malformed.
fn expand(replacement: &str, captures: &Captures<'_>, groups: usize, out: &mut String) -> Option<()> {
    let mut chars = replacement.chars().peekable();
    while let Some(letter) = chars.next() {
        match letter {
            '\\' => out.push(chars.next()?),
            '$' => {
                if chars.peek() == Some(&'{') {
                    chars.next();
                    let mut name = String::new();
                    loop {
                        match chars.next()? {
                            '}' => break,
                            other => name.push(other),
                        }
                    }
                    out.push_str(captures.name(&name)?.as_str());
                    continue;
                }
                let mut group = chars.next()?.to_digit(10)? as usize;
                if group > groups {
                    return None;
                }
                // More digits belong to it while there is such a group.
                while let Some(digit) = chars.peek().and_then(|next| next.to_digit(10)) {
                    let longer = group * 10 + digit as usize;
                    if longer > groups {
                        break;
                    }
                    group = longer;
                    chars.next();
                }
                out.push_str(captures.get(group).map_or("", |found| found.as_str()));
            }
            other => out.push(other),
        }
    }
    Some(())
}

fn bind_replace(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 3, 4)?;
    call.coerce(2, &DataType::String)?;
    if call.arguments.len() == 4 {
        call.coerce(3, &DataType::Int)?;
    }
    Ok(bytes_call(
        call,
        "regexp_replace",
        DataType::String,
        false,
        Nulls::Pass,
        move |row, out| {
            let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "regexp_replace"))?;
            let (text, replacement) = (text_of(row, 0), text_of(row, 2));
            let position = if row.len() == 4 { row.number::<Int32Type>(3) } else { 1 };
            let skipped = usize::try_from(position - 1).unwrap_or(0);
            // Spark leaves a text alone that is shorter than the position, and looks for matches behind it only.
            let Some(from) = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skipped) else {
                out.extend_from_slice(text.as_bytes());
                return Ok(true);
            };
            if skipped > 0 && from >= text.len() {
                out.extend_from_slice(text.as_bytes());
                return Ok(true);
            }
            let region = &text[from..];
            let groups = regex.captures_len() - 1;
            let mut result = text[..from].to_string();
            let mut last = 0;
            each_match(&regex, region, |captures| {
                let Some(whole) = captures.get(0) else { return Ok(()) };
                result.push_str(&region[last..whole.start()]);
                last = whole.end();
                expand(&replacement, captures, groups, &mut result).ok_or_else(|| {
                    Error::new(ErrorCode::InvalidRegexpReplace)
                        .with("source", format!("\"{text}\""))
                        .with("pattern", format!("\"{}\"", text_of(row, 1)))
                        .with("replacement", format!("\"{replacement}\""))
                        .with("position", position.to_string())
                })
            })?;
            result.push_str(&region[last..]);
            out.extend_from_slice(result.as_bytes());
            Ok(true)
        },
    ))
}

fn bind_count(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 2, 2)?;
    Ok(number_call::<Int32Type>(
        call,
        "regexp_count",
        DataType::Int,
        false,
        Nulls::Pass,
        move |row| {
            let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "regexp_count"))?;
            let mut count = 0;
            each_match(&regex, &text_of(row, 0), |_| {
                count += 1;
                Ok(())
            })?;
            Ok(Some(count))
        },
    ))
}

fn bind_instr(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 2, 3)?;
    Ok(number_call::<Int32Type>(
        call,
        "regexp_instr",
        DataType::Int,
        false,
        Nulls::Pass,
        move |row| {
            let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "regexp_instr"))?;
            let text = text_of(row, 0);
            let found = next_match(&regex, &text, 0)?.and_then(|captures| captures.get(0).map(|whole| whole.start()));
            // Java counts units of UTF-16.
            let place = found.map_or(0, |start| text[..start].encode_utf16().count() + 1);
            Ok(i32::try_from(place).ok())
        },
    ))
}

fn bind_substr(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 2, 2)?;
    Ok(bytes_call(
        call,
        "regexp_substr",
        DataType::String,
        true,
        Nulls::Pass,
        move |row, out| {
            let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "regexp_substr"))?;
            let text = text_of(row, 0);
            let found = next_match(&regex, &text, 0)?.and_then(|captures| captures.get(0));
            // Spark takes an empty match for none.
            match found.filter(|found| !found.as_str().is_empty()) {
                Some(found) => {
                    out.extend_from_slice(found.as_str().as_bytes());
                    Ok(true)
                }
                None => Ok(false),
            }
        },
    ))
}

/// Binds split(text, regex[, limit]).
fn bind_split(mut call: Call<'_>) -> Result<Expr> {
    let regexes = texts(&mut call, 2, 3)?;
    if call.arguments.len() == 3 {
        call.coerce(2, &DataType::Int)?;
    }
    let data_type = DataType::Array {
        element: Box::new(DataType::String),
        contains_null: false,
    };
    Ok(nested_call(call, "split", data_type, false, Nulls::Pass, move |row| {
        let limit = if row.len() > 2 { row.number::<Int32Type>(2) } else { -1 };
        let limit = usize::try_from(limit)
            .ok()
            .filter(|limit| *limit > 0)
            .unwrap_or(usize::MAX);
        let bytes = row.bytes(0);
        if row.bytes(1).is_empty() && !bytes.is_empty() {
            let mut parts = Vec::new();
            let mut rest = bytes;
            while let Some(&first) = rest.first()
                && parts.len() < limit
            {
                let (character, after) = rest.split_at(char_length(first).min(rest.len()));
                parts.push(character);
                rest = after;
            }
            return Ok(Some(list_of(parts)));
        }
        let regex = regexes.get(row.bytes(1), || compiled(row.bytes(1), "split"))?;
        let text = text_of(row, 0);
        let parts = split_text(&regex, &text, limit)?;
        Ok(Some(list_of(parts)))
    }))
}

/// The parts between matches, `limit` at most.
pub(super) fn split_text(regex: &Regex, text: &str, limit: usize) -> Result<Vec<String>> {
    let mut parts = Vec::new();
    let mut last = 0;
    each_match(regex, text, |captures| {
        let Some(whole) = captures.get(0) else { return Ok(()) };
        // An empty match at the beginning parts nothing.
        if parts.len() + 1 < limit && whole.end() > 0 {
            parts.push(text[last..whole.start()].to_string());
            last = whole.end();
        }
        Ok(())
    })?;
    parts.push(text[last..].to_string());
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javas_words() {
        let finds = |pattern: &str, text: &str| compiled(pattern.as_bytes(), "rlike").unwrap().is_match(text).unwrap();
        assert!(finds("c$", "abc\n") && !finds("^.$", "\n") && finds("(.)\\1", "aa") && finds("\\Qa.b\\E", "a.b"));
        assert!(!finds("\\w", "é") && finds("\\W", "é") && finds("[\\d]", "1") && !finds("\\uD83D", "😀"));
        assert!(finds("\\h", "a b") && !finds("\\h", "ab12") && finds("[\\v]", "\n") && finds("^a\\Rb$", "a\r\nb"));
        assert!(compiled(b"[", "rlike").is_err());
    }
}
