//! Options of readers and writers: text by name, where upper and lower case are the same.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorCode, Result};
use crate::parse::TimeZone;

/// Options as they crossed the border.
#[derive(Clone, Copy)]
pub struct Options<'a>(&'a BTreeMap<String, String>);

impl<'a> Options<'a> {
    /// Looks into a map of options.
    pub fn new(options: &'a BTreeMap<String, String>) -> Self {
        Self(options)
    }

    /// The text of an option.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The text of the first of these names that is given: Spark has two names for some options.
    pub fn any(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.text(name))
    }

    /// true or false. Fails with OPTION_INVALID.
    pub fn flag(&self, name: &'static str, default: bool) -> Result<bool> {
        match self.text(name) {
            None => Ok(default),
            Some(value) if value.trim().eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.trim().eq_ignore_ascii_case("false") => Ok(false),
            Some(value) => Err(option_invalid(name, value, "it is neither true nor false")),
        }
    }

    /// One byte that marks something, none where the option is the empty text. Fails with OPTION_INVALID.
    pub fn mark(&self, name: &'static str, default: Option<u8>) -> Result<Option<u8>> {
        match self.text(name).map(str::as_bytes) {
            None => Ok(default),
            Some([]) | Some([0]) => Ok(None),
            Some([mark]) => Ok(Some(*mark)),
            Some(_) => Err(option_invalid(
                name,
                self.text(name).unwrap_or_default(),
                "it must be one character of ASCII",
            )),
        }
    }

    /// What stands between the fields of csv: `sep` or `delimiter`, where a backslash and a letter are a control character.
    /// Fails with OPTION_INVALID.
    pub fn separator(&self) -> Result<Vec<u8>> {
        let text = self.any(&["sep", "delimiter"]).unwrap_or(",");
        let invalid = |reason| option_invalid("sep", text, reason);
        let mut separator = Vec::with_capacity(text.len());
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            separator.push(match byte {
                b'\\' => match bytes.next() {
                    Some(b't') => b'\t',
                    Some(b'r') => b'\r',
                    Some(b'b') => 8,
                    Some(b'f') => 12,
                    Some(mark @ (b'\\' | b'"' | b'\'')) => mark,
                    _ => return Err(invalid("a backslash stands before t, r, b, f, a quote or a backslash")),
                },
                byte => byte,
            });
        }
        if separator.is_empty() {
            return Err(invalid("it must not be empty"));
        }
        Ok(separator)
    }

    /// The option `timeZone`, else the session's zone.
    pub fn zone(&self, session_zone: &TimeZone) -> Result<TimeZone> {
        self.text("timeZone")
            .map_or_else(|| Ok(session_zone.clone()), TimeZone::parse)
    }

    /// Refuses encodings other than UTF-8, the only one that is read and written.
    pub fn check_encoding(&self) -> Result<()> {
        match self.any(&["encoding", "charset"]) {
            Some(name) if !["utf-8", "utf8", "us-ascii"].contains(&name.to_ascii_lowercase().as_str()) => {
                Err(option_invalid("encoding", name, "files are read and written in UTF-8"))
            }
            _ => Ok(()),
        }
    }
}

/// OPTION_INVALID.
pub fn option_invalid(name: &str, value: &str, reason: &str) -> Error {
    Error::new(ErrorCode::OptionInvalid)
        .with("name", name)
        .with("value", value)
        .with("reason", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_never_empty_and_may_be_escaped() {
        let separator = |text: &str| {
            let options = BTreeMap::from([("SEP".to_string(), text.to_string())]);
            Options::new(&options).separator().map_err(|error| error.code())
        };
        assert_eq!(separator("\\t"), Ok(b"\t".to_vec()));
        assert_eq!(separator("||"), Ok(b"||".to_vec()));
        assert_eq!(separator("\\\\"), Ok(b"\\".to_vec()));
        assert_eq!(separator(""), Err(ErrorCode::OptionInvalid));
        assert_eq!(separator("\\x"), Err(ErrorCode::OptionInvalid));
    }
}
