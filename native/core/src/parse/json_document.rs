//! Questions about one JSON document: its value at a path, its length, its keys.
//!
//! What follows the nesting of a document does so at most to the tokenizer's depth limit, which no option raises above
//! `JSON_DEPTH_MAX`.

use super::json_options::JsonOptions;
use super::json_print::print_current;
use super::json_token::{Token, Tokenizer};
use super::utf8::to_valid_utf8;

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Name(Vec<u8>),
    Index(u64),
    Wildcard,
    /// `.*` and `['*']`: takes no object's fields in Spark.
    NameWildcard,
}

/// A path such as `$.a[0].b[*]`.
#[derive(Clone, Debug)]
pub struct JsonPath {
    steps: Vec<Step>,
}

impl JsonPath {
    /// Reads a path; none where it is none.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut rest = text.strip_prefix(b"$")?;
        let mut steps = Vec::new();
        while let Some((&first, after)) = rest.split_first() {
            if first == b'.' {
                let length = after.iter().take_while(|byte| !matches!(byte, b'.' | b'[')).count();
                let (name, next) = after.split_at(length);
                if name.is_empty() {
                    return None;
                }
                steps.push(if name == b"*" {
                    Step::NameWildcard
                } else {
                    Step::Name(name.to_vec())
                });
                rest = next;
            } else if first == b'[' && after.first() == Some(&b'\'') {
                let name = &after[1..];
                let length = name.iter().take_while(|byte| !matches!(byte, b'\'' | b'?')).count();
                let (name, next) = name.split_at(length);
                if name.is_empty() {
                    return None;
                }
                rest = next.strip_prefix(b"']")?;
                steps.push(if name == b"*" {
                    Step::NameWildcard
                } else {
                    Step::Name(name.to_vec())
                });
            } else if first == b'[' {
                let length = after.iter().take_while(|byte| **byte != b']').count();
                let inner = std::str::from_utf8(&after[..length]).ok()?;
                rest = after.get(length + 1..)?;
                steps.push(if inner == "*" {
                    Step::Wildcard
                } else if !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit()) {
                    Step::Index(inner.parse().ok()?)
                } else {
                    return None;
                });
            } else {
                return None;
            }
        }
        Some(Self { steps })
    }

    /// The value there as text: bare text without quotes, the rest as JSON.
    pub fn find(&self, document: &[u8], options: &JsonOptions) -> Option<String> {
        let input = to_valid_utf8(document);
        let mut walk = Walk::new(&input, options);
        walk.next()??;
        let mut out = Output::default();
        walk.evaluate(&self.steps, Style::Raw, &mut out)?.then_some(out.text)
    }
}

/// How a value that was found is written.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    Raw,
    Quoted,
    Flatten,
}

/// Text with commas between the values of an array.
#[derive(Default)]
struct Output {
    text: String,
    /// For each open array whether a value stands in it.
    open: Vec<bool>,
}

impl Output {
    fn before_value(&mut self) {
        if let Some(has_value) = self.open.last_mut() {
            if *has_value {
                self.text.push(',');
            }
            *has_value = true;
        }
    }

    fn start_array(&mut self) {
        self.before_value();
        self.text.push('[');
        self.open.push(false);
    }

    fn end_array(&mut self) {
        self.open.pop();
        self.text.push(']');
    }

    fn raw(&mut self, text: &str) {
        self.before_value();
        self.text.push_str(text);
    }
}

struct Walk<'a> {
    tokenizer: Tokenizer,
    input: &'a [u8],
    options: &'a JsonOptions,
}

impl<'a> Walk<'a> {
    /// At the beginning of `input`.
    fn new(input: &'a [u8], options: &'a JsonOptions) -> Self {
        let mut tokenizer = Tokenizer::default();
        tokenizer.reset();
        Self {
            tokenizer,
            input,
            options,
        }
    }

    /// The next token; outer none where the document is malformed.
    fn next(&mut self) -> Option<Option<Token>> {
        self.tokenizer.next(self.input, self.options).ok()
    }

    fn skip(&mut self) -> Option<()> {
        self.tokenizer.skip_children(self.input, self.options).ok()
    }

    fn print(&mut self, token: Token) -> Option<String> {
        let mut text = String::new();
        print_current(&mut self.tokenizer, self.input, self.options, token, &mut text).ok()?;
        Some(text)
    }

    /// Spark's GetJsonObject.evaluatePath: whether something was written. Outer none ends the whole search with null.
    /// Recursion follows the path, but for flattened arrays, whose depth the tokenizer bounds.
    fn evaluate(&mut self, path: &[Step], style: Style, out: &mut Output) -> Option<bool> {
        let token = self.tokenizer.current()?;
        match (token, path) {
            (Token::Text, []) if style == Style::Raw => {
                let content = self.tokenizer.content(self.input, self.options).ok()?;
                let bytes = self.tokenizer.bytes(self.input, content);
                if bytes.is_empty() && out.open.is_empty() {
                    // An empty text is text, too.
                    return Some(true);
                }
                let text = String::from_utf8_lossy(bytes).into_owned();
                out.raw(&text);
                Some(true)
            }
            (Token::ArrayStart, []) if style == Style::Flatten => {
                let mut dirty = false;
                while self.next()?? != Token::ArrayEnd {
                    dirty |= self.evaluate(&[], style, out)?;
                }
                Some(dirty)
            }
            (_, []) => {
                let text = self.print(token)?;
                out.raw(&text);
                Some(true)
            }
            (Token::ObjectStart, [Step::Name(name), rest @ ..]) => {
                let mut dirty = false;
                loop {
                    let token = self.next()??;
                    if token == Token::ObjectEnd {
                        return Some(dirty);
                    }
                    if dirty {
                        self.skip()?;
                        continue;
                    }
                    let matches = self.tokenizer.current_name() == Some(name.as_slice());
                    let value = self.next()??;
                    if matches && value != Token::Null {
                        dirty = self.evaluate(rest, style, out)?;
                    } else {
                        self.skip()?;
                    }
                }
            }
            (Token::ArrayStart, [Step::Wildcard, Step::Wildcard, rest @ ..]) => {
                // Two in a row flatten.
                out.start_array();
                let mut dirty = false;
                while self.next()?? != Token::ArrayEnd {
                    dirty |= self.evaluate(rest, Style::Flatten, out)?;
                }
                out.end_array();
                Some(dirty)
            }
            (Token::ArrayStart, [Step::Wildcard, rest @ ..]) if style != Style::Quoted => {
                let next_style = if style == Style::Raw { Style::Quoted } else { style };
                // One match stands alone, more are an array.
                let mut inner = Output::default();
                inner.open.push(false);
                let mut found = 0;
                while self.next()?? != Token::ArrayEnd {
                    found += usize::from(self.evaluate(rest, next_style, &mut inner)?);
                }
                match found {
                    0 => {}
                    1 => out.raw(&inner.text),
                    _ => out.raw(&format!("[{}]", inner.text)),
                }
                Some(found > 0)
            }
            (Token::ArrayStart, [Step::Wildcard, rest @ ..]) => {
                out.start_array();
                let mut dirty = false;
                while self.next()?? != Token::ArrayEnd {
                    dirty |= self.evaluate(rest, style, out)?;
                }
                out.end_array();
                Some(dirty)
            }
            (Token::ArrayStart, [Step::Index(index), rest @ ..]) => {
                let style = if matches!(rest.first(), Some(Step::Wildcard)) {
                    Style::Quoted
                } else {
                    style
                };
                let mut at = 0;
                let mut dirty = false;
                while self.next()?? != Token::ArrayEnd {
                    if at == *index {
                        dirty = self.evaluate(rest, style, out)?;
                    } else {
                        self.skip()?;
                    }
                    at += 1;
                }
                Some(dirty)
            }
            _ => {
                self.skip()?;
                Some(false)
            }
        }
    }
}

/// Questions about a document as a whole.
pub struct JsonDocument;

impl JsonDocument {
    /// How many elements the array has; none where it is no array or malformed.
    pub fn array_length(document: &[u8], options: &JsonOptions) -> Option<usize> {
        let input = to_valid_utf8(document);
        let mut walk = Walk::new(&input, options);
        if walk.next()?? != Token::ArrayStart {
            return None;
        }
        let mut length = 0;
        while walk.next()?? != Token::ArrayEnd {
            walk.skip()?;
            length += 1;
        }
        Some(length)
    }

    /// The names of the object's fields in order; none where it is no object or malformed.
    pub fn object_keys(document: &[u8], options: &JsonOptions) -> Option<Vec<Vec<u8>>> {
        let input = to_valid_utf8(document);
        let mut walk = Walk::new(&input, options);
        if walk.next()?? != Token::ObjectStart {
            return None;
        }
        let mut keys = Vec::new();
        while walk.next()?? != Token::ObjectEnd {
            keys.push(walk.tokenizer.current_name()?.to_vec());
            walk.next()??;
            walk.skip()?;
        }
        Some(keys)
    }

    /// The values of an object's fields as text, as a path gives them; none where it is no object or malformed. Other than on a path the
    /// last field of a name counts, nulls aside.
    pub fn fields(document: &[u8], names: &[Option<&[u8]>], options: &JsonOptions) -> Option<Vec<Option<String>>> {
        let input = to_valid_utf8(document);
        let mut walk = Walk::new(&input, options);
        if walk.next()?? != Token::ObjectStart {
            return None;
        }
        let mut found = vec![None; names.len()];
        while walk.next()?? != Token::ObjectEnd {
            let name = walk.tokenizer.current_name()?;
            let wanted: Vec<usize> = (0..names.len()).filter(|at| names[*at] == Some(name)).collect();
            if walk.next()?? == Token::Null || wanted.is_empty() {
                walk.skip()?;
                continue;
            }
            let mut out = Output::default();
            walk.evaluate(&[], Style::Raw, &mut out)?;
            for at in wanted {
                found[at] = Some(out.text.clone());
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::parse::TimeZone;

    #[test]
    fn of_fields_with_one_name_the_last_counts() {
        let options = JsonOptions::new(&BTreeMap::new(), &TimeZone::utc()).unwrap();
        let of = |document: &str| JsonDocument::fields(document.as_bytes(), &[Some(b"a"), Some(b"b"), None], &options);
        let text = |text: &str| Some(text.to_string());
        assert_eq!(
            of(r#"{"a":1,"b":"x","a":[2]} trash"#),
            Some(vec![text("[2]"), text("x"), None])
        );
        assert_eq!(of(r#"{"a":1,"a":null}"#), Some(vec![text("1"), None, None]));
        assert_eq!(of(r#"{"a":1,"b":"#), None);
        assert_eq!(of("[1]"), None);
    }
}
