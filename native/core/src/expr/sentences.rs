//! sentences(): text cut into sentences and words where Java's BreakIterator cuts it.

use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, BinaryViewArray};
use fancy_regex::Regex;

use super::rows::{Cell, Nulls, nested_call};
use super::{Bind, Call, Expr};
use crate::column::DataType;
use crate::error::{Error, Result};
use crate::parse::java_text;

/// The functions of this room.
pub const FUNCTIONS: &[(&str, Bind)] = &[("sentences", bind_sentences)];

/// Binds sentences(text[, language[, country]]). Java's rules are the same for all languages written with spaces.
fn bind_sentences(mut call: Call<'_>) -> Result<Expr> {
    call.expect_arguments_between(1, 3)?;
    for index in 0..call.arguments.len() {
        call.coerce(index, &DataType::String)?;
    }
    let array_of = |element: DataType| DataType::Array {
        element: Box::new(element),
        contains_null: false,
    };
    call.arguments.truncate(1);
    let data_type = array_of(array_of(DataType::String));
    Ok(nested_call(call, "sentences", data_type, false, Nulls::Pass, |row| {
        let text = java_text(row.bytes(0));
        let sentences = sentences_of(&text)?.into_iter().map(|words| {
            let words: ArrayRef = Arc::new(BinaryViewArray::from_iter_values(words));
            Cell::List(Cell::all(&words))
        });
        Ok(Some(Cell::List(sentences.collect())))
    }))
}

/// What ends a sentence, with the blanks behind it: a paragraph's end; a danda; a period before blanks and a letter that
/// is no small one; a mark that is always an end.
fn sentence_end() -> Result<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    compiled(&PATTERN, || {
        let blank = r"[\t\r\f\n\x{2028}\p{Zs}]";
        let end = r#"\p{Pe}\p{Pf}"'"#;
        let period = r"\.\x{ff0e}";
        let term = r"!?\x{3002}\x{ff01}\x{ff1f}";
        let start = r#"[^\p{L}\p{N}\p{Zs}\t\r\f\n\x{2028}\x{2029}\p{Pe}\p{Pf}.\x{ff0e}!?\x{3002}\x{ff01}\x{ff1f}\p{Mn}\p{Me}\p{Cf}]|["']"#;
        format!(
            r"(?:\x{{2029}}|[\x{{964}}\x{{965}}]{blank}*|[{period}][{period}{end}]*{blank}*\x{{2029}}|[{period}][{period}{end}]*{blank}+(?=(?:{start})*[\p{{L}}&&[^\p{{Ll}}]])|[{term}][{term}{period}{end}]*{blank}*\x{{2029}}?)"
        )
    })
}

/// One piece of a sentence: words and numbers that stand together, a run of kana or kanji, or a single character.
fn piece() -> Result<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    compiled(&PATTERN, || {
        // Marks and format characters belong to what they follow.
        let ignored = r"[\p{M}\p{Cf}]*";
        let (kanji, kata, hira) = (
            r"\x{3005}\x{4e00}-\x{9fa5}\x{f900}-\x{fa2d}",
            r"\x{3099}-\x{309c}\x{30a1}-\x{30fe}",
            r"\x{3041}-\x{309e}\x{30fc}",
        );
        let letters = format!(r"(?:[\p{{L}}&&[^{kanji}{kata}{hira}]]{ignored})+");
        let middle = format!(r#"[\p{{Pd}}\p{{Pc}}\x{{ad}}\x{{2027}}"'.]{ignored}"#);
        let word = format!(r"{letters}(?:{middle}{letters})*[\x{{964}}\x{{965}}]?");
        let digits = format!(r"(?:\p{{N}}{ignored})+");
        let number = format!(r#"{digits}(?:["',\x{{66b}}.]{ignored}{digits})*"#);
        let behind = r"[\x{a2}%\x{66a}\x{2030}\x{2031}&]";
        let before = r"[\p{Sc}#.&&[^\x{a2}]]";
        let tail = format!(r"(?:{number}{word})*(?:{number}{behind}?)?");
        format!(
            r"(?s)\A(?:{word}{tail}|{number}{word}{tail}|{number}{behind}?|{before}{tail}|[{kata}]+|[{hira}]+|[{kanji}]+|.{ignored})"
        )
    })
}

fn compiled(cell: &'static OnceLock<Option<Regex>>, pattern: impl FnOnce() -> String) -> Result<&'static Regex> {
    let compiled = cell.get_or_init(|| Regex::new(&pattern()).ok());
    (compiled.as_ref()).ok_or_else(|| Error::internal("a pattern of sentences does not compile"))
}

/// The words of each sentence: pieces that begin with a letter or a decimal digit.
fn sentences_of(text: &str) -> Result<Vec<Vec<&str>>> {
    let broken = |error: fancy_regex::Error| Error::internal(format!("sentences: {error}"));
    let mut sentences = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = sentence_end()?
            .find(rest)
            .map_err(broken)?
            .map_or(rest.len(), |end| end.end());
        let (sentence, others) = rest.split_at(end);
        sentences.push(words_of(sentence)?);
        rest = others;
    }
    Ok(sentences)
}

fn words_of(sentence: &str) -> Result<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = sentence;
    while let Some(first) = rest.chars().next() {
        let found = piece()?.find(rest);
        let found = found.map_err(|error| Error::internal(format!("sentences: {error}")))?;
        let length = found.map_or(first.len_utf8(), |found| found.end().max(first.len_utf8()));
        let (word, others) = rest.split_at(length);
        // Java asks the first UTF-16 unit, and half a pair is no letter.
        let is_word = (first.is_alphabetic() || is_digit(first)) && u32::from(first) < 0x1_0000;
        if is_word {
            words.push(word);
        }
        rest = others;
    }
    Ok(words)
}

/// Whether it is a decimal digit of some script.
fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || crate::parse::decimal_digit(character).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_where_java_cuts() {
        let of = |text: &str| {
            let sentences = sentences_of(text).unwrap();
            let sentences: Vec<String> = sentences.iter().map(|words| words.join("|")).collect();
            sentences.join(" / ")
        };
        for (text, expected) in [
            ("", ""),
            ("a,b,,c,", "a|b|c"),
            ("a.b.c %_x a_b", "a.b.c|x|a_b"),
            ("well-known fact, a--b", "well-known|fact|a|b"),
            ("100% $100 #1 a1b 1,234.5", "100%|a1b|1,234.5"),
            ("Hi there! Good morning.", "Hi|there / Good|morning"),
            ("He said. she went. She did.", "He|said|she|went / She|did"),
            ("A.B x.  (Yes) no", "A.B|x / Yes|no"),
            ("日本語テキストです。次", "日本語|テキスト|です / 次"),
            ("e\u{301}a don't \"q\"", "e\u{301}a|don't|q"),
            ("a\u{2029}b", "a / b"),
            ("x. 1 y x... Y", "x|1|y|x / Y"),
            ("a😀b ½ ²x", "a|b"),
            ("x@y.com http://a.b/c?d=e", "x|y.com|http|a.b|c / d|e"),
            ("नमस्ते। दुनिया", "नमस्ते। / दुनिया"),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
        assert_eq!(sentences_of(" ").unwrap(), vec![Vec::<&str>::new()]);
    }
}
