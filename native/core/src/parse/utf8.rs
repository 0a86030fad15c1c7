//! Bytes that should be UTF-8: invalid ones become U+FFFD where Java's decoder puts it.

use std::borrow::Cow;

/// Valid UTF-8 of `bytes`, borrowed where it is valid already.
pub(crate) fn to_valid_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match java_text(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The text that Java makes of `bytes`. Like Java, and unlike Rust, a three-byte surrogate gives one replacement.
pub(crate) fn java_text(bytes: &[u8]) -> Cow<'_, str> {
    let mut rest = match std::str::from_utf8(bytes) {
        Ok(text) => return Cow::Borrowed(text),
        Err(_) => bytes,
    };
    let mut valid = String::with_capacity(bytes.len());
    while !rest.is_empty() {
        let (good, bad) = match std::str::from_utf8(rest) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (good, bad) = rest.split_at(error.valid_up_to());
                (std::str::from_utf8(good).unwrap_or_default(), bad)
            }
        };
        valid.push_str(good);
        if bad.is_empty() {
            break;
        }
        valid.push('\u{fffd}');
        rest = &bad[malformed_length(bad)..];
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_that_is_valid_is_the_same_on_the_slow_way(text in "\\PC{0,20}") {
            let mut bytes = text.clone().into_bytes();
            bytes.push(0xff);
            prop_assert_eq!(java_text(text.as_bytes()), text.as_str());
            prop_assert_eq!(java_text(&bytes), format!("{text}\u{fffd}"));
        }
    }

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
