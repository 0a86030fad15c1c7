//! Bytes that should be UTF-8: invalid ones become U+FFFD where Java's decoder puts it.

use std::borrow::Cow;

/// Valid UTF-8 of `bytes`, borrowed where it is valid already. Like Java, and unlike Rust, a three-byte surrogate
/// gives one replacement.
pub(crate) fn to_valid_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    let mut valid = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let good = match std::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        valid.extend_from_slice(&rest[..good]);
        rest = &rest[good..];
        if rest.is_empty() {
            break;
        }
        valid.extend_from_slice("\u{fffd}".as_bytes());
        rest = &rest[malformed_length(rest)..];
    }
    Cow::Owned(valid)
}

/// How many bytes one replacement stands for.
fn malformed_length(bytes: &[u8]) -> usize {
    if let [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] = bytes {
        return 3;
    }
    match std::str::from_utf8(bytes) {
        Err(error) => error.error_len().unwrap_or(bytes.len()).max(1),
        Ok(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_as_java_does() {
        let text = |bytes: &[u8]| String::from_utf8(to_valid_utf8(bytes).into_owned()).unwrap();
        assert_eq!(text(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(text(b"\xed\xa0\xbd!"), "\u{fffd}!");
        assert_eq!(text(b"\xe2\x82"), "\u{fffd}");
        assert_eq!(text(b"\xe0\x80\x80"), "\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(text("é".as_bytes()), "é");
    }
}
