//! Paths of an output's files within the URLs that its manifest has.

/// A path within a URL: all but the characters that may stand there are escaped.
pub fn url_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/=!$&'()*+,;:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The path within the folder `folder_url` that a URL names; none where it is elsewhere.
pub fn path_in(folder_url: &str, url: &str) -> Option<String> {
    let mut rest = url.strip_prefix(folder_url)?.strip_prefix('/')?.as_bytes();
    let mut path = Vec::with_capacity(rest.len());
    while let [first, behind @ ..] = rest {
        let (byte, behind) = match (first, behind) {
            (b'%', [high, low, behind @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                ((digit(*high)? * 16 + digit(*low)?) as u8, behind)
            }
            _ => (*first, behind),
        };
        path.push(byte);
        rest = behind;
    }
    String::from_utf8(path).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_path_comes_back_out_of_its_url(path in "\\PC{0,40}") {
            let url = format!("file:///out/{}", url_path(&path));
            prop_assert_eq!(path_in("file:///out", &url), Some(path));
        }
    }

    #[test]
    fn other_folders_and_broken_escapes_are_none() {
        assert_eq!(path_in("file:///out", "file:///outer/a"), None);
        assert_eq!(path_in("file:///out", "file:///out/a%4"), Some("a%4".to_string()));
        assert_eq!(path_in("file:///out", "file:///out/a%zz"), None);
    }
}
