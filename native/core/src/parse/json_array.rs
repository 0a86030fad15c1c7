//! An array of objects as the records that it holds: what the json data source makes rows of.

use std::ops::Range;

use super::JsonReader;
use super::json_token::{Step, SyntaxError, Token, Tokenizer};

/// Where the objects of an array lie in its text; none where the text is malformed, or holds anything else.
pub fn array_elements(reader: &JsonReader, text: &[u8]) -> Option<Vec<Range<usize>>> {
    elements(reader, text).ok()
}

fn elements(reader: &JsonReader, text: &[u8]) -> Step<Vec<Range<usize>>> {
    let options = reader.options();
    let mut tokenizer = Tokenizer::default();
    tokenizer.reset();
    let mut found = Vec::new();
    if tokenizer.next(text, options)? != Some(Token::ArrayStart) {
        return Err(SyntaxError);
    }
    loop {
        match tokenizer.next(text, options)? {
            Some(Token::ArrayEnd) => return Ok(found),
            Some(Token::ObjectStart) => {
                let start = tokenizer.position - 1;
                tokenizer.skip_children(text, options)?;
                found.push(start..tokenizer.position);
            }
            _ => return Err(SyntaxError),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::column::parse_schema;
    use crate::parse::TimeZone;

    fn parts(text: &str) -> Option<Vec<&str>> {
        let schema = parse_schema("a INT").unwrap();
        let reader = JsonReader::new(&schema, &BTreeMap::new(), &TimeZone::utc()).unwrap();
        let elements = array_elements(&reader, text.as_bytes())?;
        Some(elements.into_iter().map(|element| &text[element]).collect())
    }

    #[test]
    fn objects_lie_between_their_braces() {
        assert_eq!(parts("[]"), Some(vec![]));
        assert_eq!(
            parts(r#" [ {"a":1} , {"b":{"c":"]}"}},{'d':[2]} ]"#),
            Some(vec![r#"{"a":1}"#, r#"{"b":{"c":"]}"}}"#, "{'d':[2]}"])
        );
    }

    #[test]
    fn anything_else_is_one_record() {
        for text in ["[1]", "[{},2]", "[[{}]]", "[{}", "[{]", "{}", ""] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
