//! How bytes of text files become lines where that is not the usual way: other encodings than UTF-8, other ends of lines.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::limits::RECORD_BYTES_MAX;
use crate::options::{Options, option_invalid};

/// How the characters of a file are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, which is what rows carry.
    #[default]
    Utf8,
    /// A byte a character.
    Latin1,
    /// Two bytes or four, the greater first unless a mark at the beginning says otherwise.
    Utf16,
    /// The same, the greater first.
    Utf16Be,
    /// The same, the smaller first.
    Utf16Le,
}

impl Encoding {
    /// By Java's names. Fails with OPTION_INVALID.
    fn named(name: &str) -> Result<Self> {
        Ok(match name.trim().to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" | "US-ASCII" | "ASCII" => Encoding::Utf8,
            "ISO-8859-1" | "ISO8859-1" | "LATIN1" => Encoding::Latin1,
            "UTF-16" => Encoding::Utf16,
            "UTF-16BE" => Encoding::Utf16Be,
            "UTF-16LE" => Encoding::Utf16Le,
            _ => {
                let known = "it is none of UTF-8, US-ASCII, ISO-8859-1, UTF-16, UTF-16BE, UTF-16LE";
                return Err(option_invalid("encoding", name, known));
            }
        })
    }

    /// The text as UTF-8. What is no character becomes U+FFFD, as in Java.
    pub fn decode(self, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let text = match self {
            Encoding::Utf8 => return Ok(bytes),
            Encoding::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect::<String>(),
            Encoding::Utf16Be => utf16(&bytes, u16::from_be_bytes),
            Encoding::Utf16Le => utf16(&bytes, u16::from_le_bytes),
            Encoding::Utf16 => match bytes.as_slice() {
                [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
                [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
                rest => utf16(rest, u16::from_be_bytes),
            },
        };
        match text.len() <= RECORD_BYTES_MAX {
            true => Ok(text.into_bytes()),
            false => Err(Error::limit("bytes of a file as UTF-8", text.len(), RECORD_BYTES_MAX)),
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| unit(pair));
    let decoded = char::decode_utf16(units).map(|found| found.unwrap_or(char::REPLACEMENT_CHARACTER));
    let torn = (!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER);
    decoded.chain(torn).collect()
}

/// How a file is cut into lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineFormat {
    /// What ends a line; any of `\n`, `\r` and `\r\n` where there is none.
    pub separator: Option<Vec<u8>>,
    /// How characters are written.
    pub encoding: Encoding,
}

impl LineFormat {
    /// Reads `lineSep` and `encoding` (or `charset`). Fails with OPTION_INVALID.
    pub fn of(options: &BTreeMap<String, String>) -> Result<Self> {
        let options = Options::new(options);
        let separator = match options.text("lineSep") {
            Some("") => return Err(option_invalid("lineSep", "", "it must not be empty")),
            // The usual way takes it for an end too, and can be cut between workers.
            None | Some("\n") => None,
            Some(separator) => Some(separator.as_bytes().to_vec()),
        };
        let encoding = options.any(&["encoding", "charset"]);
        Ok(Self {
            separator,
            encoding: encoding.map(Encoding::named).transpose()?.unwrap_or_default(),
        })
    }

    /// Whether lines are found in the bytes as they are, so that a file can be cut anywhere.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The next line from `start` on: where it ends, and where the one behind it begins.
    pub fn line_at(&self, text: &[u8], start: usize) -> (usize, usize) {
        let rest = &text[start..];
        let found = match &self.separator {
            Some(separator) => memchr::memmem::find(rest, separator).map(|at| (at, separator.len())),
            None => memchr::memchr2(b'\n', b'\r', rest).map(|at| match rest[at..].starts_with(b"\r\n") {
                true => (at, 2),
                false => (at, 1),
            }),
        };
        match found {
            Some((at, length)) => (start + at, start + at + length),
            None => (text.len(), text.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(format: &LineFormat, text: &[u8]) -> Vec<String> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at < text.len() {
            let (end, next) = format.line_at(text, at);
            found.push(String::from_utf8_lossy(&text[at..end]).into_owned());
            at = next;
        }
        found
    }

    fn format(name: &str, value: &str) -> Result<LineFormat> {
        LineFormat::of(&BTreeMap::from([(name.to_string(), value.to_string())]))
    }

    #[test]
    fn lines_end_where_the_option_says_and_nowhere_else() {
        assert_eq!(
            lines(&format("lineSep", "||").unwrap(), b"a\nb||c|d||"),
            ["a\nb", "c|d"]
        );
        assert_eq!(
            lines(&LineFormat::default(), b"a\r\nb\rc\n\nd"),
            ["a", "b", "c", "", "d"]
        );
        assert!(format("linesep", "\n").unwrap().is_usual());
        assert!(format("lineSep", "").is_err());
    }

    #[test]
    fn text_becomes_utf8_whatever_it_was() {
        let decoded = |name: &str, bytes: &[u8]| {
            let encoding = format("encoding", name).unwrap().encoding;
            String::from_utf8(encoding.decode(bytes.to_vec()).unwrap()).unwrap()
        };
        assert_eq!(decoded("ISO-8859-1", b"caf\xe9"), "café");
        assert_eq!(decoded("utf-16le", b"h\0\xac\x20"), "h€");
        assert_eq!(decoded("UTF-16", b"\xff\xfeh\0"), "h");
        assert_eq!(decoded("UTF-16", b"\0h"), "h");
        assert_eq!(decoded("UTF-16BE", b"\xd8\0\0h\0"), "\u{fffd}h\u{fffd}");
        assert!(format("charset", "EBCDIC").is_err());
    }
}
