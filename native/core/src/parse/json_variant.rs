//! JSON under a VARIANT: the text that Spark's Variant.toJson would give of it, with names in order and numbers reprinted.

use super::decimal_text::decimal_shape;
use super::double_text::write_java_double;
use super::json_options::JsonOptions;
use super::json_print::write_quoted;
use super::json_token::{Token, Tokenizer};
use super::json_value::{Cause, Failure};

/// Digits that a decimal of a variant can have.
const DIGITS_MAX: usize = 38;

/// Appends the value at hand. Names that stand twice make the record malformed. Recursion follows the nesting, whose
/// depth the tokenizer bounds.
pub(crate) fn write_variant(
    tokenizer: &mut Tokenizer,
    input: &[u8],
    options: &JsonOptions,
    token: Token,
    out: &mut String,
) -> Result<(), Failure> {
    let malformed = || Failure::Bad(Cause::Other);
    match token {
        Token::ObjectStart => {
            let mut fields: Vec<(Vec<u8>, String)> = Vec::new();
            loop {
                if tokenizer.next(input, options)?.ok_or_else(malformed)? == Token::ObjectEnd {
                    break;
                }
                let name = tokenizer.current_name().unwrap_or_default().to_vec();
                let value = tokenizer.next(input, options)?.ok_or_else(malformed)?;
                let mut text = String::new();
                write_variant(tokenizer, input, options, value, &mut text)?;
                fields.push((name, text));
            }
            fields.sort_by(|left, right| left.0.cmp(&right.0));
            if fields.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return Err(malformed());
            }
            out.push('{');
            for (at, (name, text)) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_quoted(name, out)?;
                out.push(':');
                out.push_str(text);
            }
            out.push('}');
        }
        Token::ArrayStart => {
            out.push('[');
            let mut is_first = true;
            loop {
                let next = tokenizer.next(input, options)?.ok_or_else(malformed)?;
                if next == Token::ArrayEnd {
                    break;
                }
                if !std::mem::take(&mut is_first) {
                    out.push(',');
                }
                write_variant(tokenizer, input, options, next, out)?;
            }
            out.push(']');
        }
        Token::True => out.push_str("true"),
        Token::False => out.push_str("false"),
        Token::Null => out.push_str("null"),
        Token::Text => {
            let content = tokenizer.content(input, options)?;
            write_quoted(tokenizer.bytes(input, content), out)?;
        }
        Token::Integer | Token::Float => match tokenizer.special() {
            Some(special) => {
                out.push('"');
                write_java_double(special, out);
                out.push('"');
            }
            None => {
                let content = tokenizer.content(input, options)?;
                let text = std::str::from_utf8(tokenizer.bytes(input, content)).map_err(|_| malformed())?;
                write_number(text, out).ok_or_else(malformed)?;
            }
        },
        Token::ObjectEnd | Token::ArrayEnd | Token::Name => return Err(malformed()),
    }
    Ok(())
}

/// Plain digits are a decimal where they fit, without zeros at the end of their fraction; else a number is a double.
fn write_number(text: &str, out: &mut String) -> Option<()> {
    let (precision, scale) = decimal_shape(text.as_bytes())?;
    let scale = usize::try_from(scale).unwrap_or(usize::MAX);
    let is_plain = !text.contains(['e', 'E']) && precision.max(scale) <= DIGITS_MAX;
    if !is_plain {
        write_java_double(text.parse().ok()?, out);
        return Some(());
    }
    let text = match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
        None => text,
    };
    out.push_str(if text == "-0" { "0" } else { text });
    Some(())
}
