//! JSON under a string column, written out again as Jackson's generator does: no white space, numbers reprinted.

use super::double_text::write_java_double;
use super::json_convert::parse_integer;
use super::json_options::JsonOptions;
use super::json_token::{Token, Tokenizer};
use super::json_value::{Cause, Failure};

/// Appends the value at hand, brackets with all they hold.
pub(crate) fn print_current(
    tokenizer: &mut Tokenizer,
    input: &[u8],
    options: &JsonOptions,
    token: Token,
    out: &mut String,
) -> Result<(), Failure> {
    if matches!(token, Token::ObjectEnd | Token::ArrayEnd | Token::Name) {
        return Err(Failure::Bad(Cause::Other));
    }
    let mut depth = 0usize;
    let mut token = token;
    // Whether the next entry needs a comma before it.
    let mut follows = false;
    loop {
        let closes = matches!(token, Token::ObjectEnd | Token::ArrayEnd);
        if follows && !closes {
            out.push(',');
        }
        follows = true;
        match token {
            Token::ObjectStart | Token::ArrayStart => {
                out.push(if token == Token::ObjectStart { '{' } else { '[' });
                depth += 1;
                follows = false;
            }
            Token::ObjectEnd | Token::ArrayEnd => {
                out.push(if token == Token::ObjectEnd { '}' } else { ']' });
                depth -= 1;
            }
            Token::Name => {
                write_quoted(tokenizer.current_name().unwrap_or_default(), out)?;
                out.push(':');
                follows = false;
            }
            _ => print_scalar(tokenizer, input, options, token, out)?,
        }
        if depth == 0 {
            return Ok(());
        }
        match tokenizer.next(input, options)? {
            Some(next) => token = next,
            None => return Ok(()),
        }
    }
}

fn print_scalar(
    tokenizer: &mut Tokenizer,
    input: &[u8],
    options: &JsonOptions,
    token: Token,
    out: &mut String,
) -> Result<(), Failure> {
    match token {
        Token::True => out.push_str("true"),
        Token::False => out.push_str("false"),
        Token::Null => out.push_str("null"),
        Token::Text => {
            let content = tokenizer.content(input, options)?;
            write_quoted(tokenizer.bytes(input, content), out)?;
        }
        Token::Integer => {
            let content = tokenizer.content(input, options)?;
            let bytes = tokenizer.bytes(input, content);
            match parse_integer(bytes) {
                Some(value) => out.push_str(&value.to_string()),
                None => out.push_str(&String::from_utf8_lossy(bytes)),
            }
        }
        _ => {
            let value = match tokenizer.special() {
                Some(value) => value,
                None => {
                    let content = tokenizer.content(input, options)?;
                    let text = std::str::from_utf8(tokenizer.bytes(input, content));
                    text.ok()
                        .and_then(|text| text.parse().ok())
                        .ok_or(Failure::Bad(Cause::Other))?
                }
            };
            // What is no number stands in quotes.
            let quote = if value.is_finite() { "" } else { "\"" };
            out.push_str(quote);
            write_java_double(value, out);
            out.push_str(quote);
        }
    }
    Ok(())
}

/// Appends a quoted text. Half a surrogate pair cannot be written.
pub(crate) fn write_quoted(bytes: &[u8], out: &mut String) -> Result<(), Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| Failure::Bad(Cause::Other))?;
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..' ' => out.push_str(&format!("\\u{:04X}", u32::from(character))),
            other => out.push(other),
        }
    }
    out.push('"');
    Ok(())
}
