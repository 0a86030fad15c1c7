//! Checksums in the text files that Spark reads too.
//!
//! The first line that is a JSON object gets a last member, which Spark's reader passes over:
//! `"millrace":{"attempt":"…","crc32c":"xxxxxxxx"}`. The checksum covers the file's path within the checkpoint, a line
//! feed, and the file's bytes with the eight digits as zeros: a file in another file's place is found out too.

/// What the checksum's member begins with.
pub const MEMBER: &str = "\"millrace\":{\"attempt\":\"";
const DIGITS: &str = "\",\"crc32c\":\"";
const NO_DIGITS: &str = "00000000";
const END: &str = "\"}}";

/// The text with its checksum; none where no line is a JSON object.
pub fn seal(path: &str, text: &str, attempt: &str) -> Option<String> {
    let (start, end) = object_line(text)?;
    let brace = end - 1;
    let comma = if text[start + 1..brace].trim().is_empty() {
        ""
    } else {
        ","
    };
    let head = format!("{}{comma}{MEMBER}{attempt}{DIGITS}", &text[..brace]);
    let tail = format!("{END}{}", &text[end..]);
    let checksum = checksum(path, &head, &tail);
    Some(format!("{head}{checksum}{tail}"))
}

/// The text as it was sealed. Fails with what is wrong with it.
pub fn open(path: &str, bytes: Vec<u8>) -> Result<String, String> {
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_string())?;
    let no_checksum =
        || "it has no checksum (files of Spark's have none: see `millrace checkpoint import-offsets`)".to_string();
    let (start, end) = object_line(&text).ok_or_else(no_checksum)?;
    let line = &text[start..end];
    let digits = line.strip_suffix(END).ok_or_else(no_checksum)?;
    let digits_start = digits.rfind(DIGITS).ok_or_else(no_checksum)? + DIGITS.len();
    let member = line.rfind(MEMBER).ok_or_else(no_checksum)?;
    let (head, stored, tail) = (
        &text[..start + digits_start],
        &digits[digits_start..],
        &text[end - END.len()..],
    );
    let computed = checksum(path, head, tail);
    if computed != stored {
        return Err(format!("its checksum is {computed}, it says {stored}"));
    }
    let kept = text[start..start + member].strip_suffix(',').unwrap_or(&line[..member]);
    Ok(format!("{}{kept}}}{}", &text[..start], &text[end..]))
}

/// Which attempt sealed this line; none where it is no sealed one.
pub fn attempt_of(line: &str) -> Option<&str> {
    let (_, member) = line.rsplit_once(MEMBER)?;
    member.split_once(DIGITS).map(|(attempt, _)| attempt)
}

fn checksum(path: &str, head: &str, tail: &str) -> String {
    let parts = [path, "\n", head, NO_DIGITS, tail];
    let checksum = parts
        .iter()
        .fold(0, |checksum, part| crc32c::crc32c_append(checksum, part.as_bytes()));
    format!("{checksum:08x}")
}

/// Where the first line that is a JSON object starts and ends.
fn object_line(text: &str) -> Option<(usize, usize)> {
    let mut start = 0;
    for line in text.split('\n') {
        if line.starts_with('{') && line.ends_with('}') {
            return Some((start, start + line.len()));
        }
        start += line.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: [&str; 4] = [
        "v1\n{}",
        "v1\n{\"nextBatchWatermarkMs\":7}",
        "v1\n{\"batchWatermarkMs\":0,\"conf\":{\"a\":\"b\"}}\n{\"logOffset\":0}\n-",
        "{\"id\":\"x\"}",
    ];

    #[test]
    fn what_was_sealed_comes_back_and_is_json() {
        for text in ENTRIES {
            let sealed = seal("commits/1", text, "a-1").unwrap();
            assert_eq!(open("commits/1", sealed.clone().into_bytes()).unwrap(), text);
            assert!(open("commits/2", sealed.clone().into_bytes()).is_err());
            let line = sealed.lines().find(|line| line.starts_with('{')).unwrap();
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(value["millrace"]["attempt"], "a-1");
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        for text in ENTRIES {
            let sealed = seal("offsets/1", text, "a").unwrap().into_bytes();
            for position in 0..sealed.len() {
                for bit in 0..8 {
                    let mut flipped = sealed.clone();
                    flipped[position] ^= 1 << bit;
                    assert!(
                        open("offsets/1", flipped).is_err(),
                        "byte {position} bit {bit} of {text}"
                    );
                }
                assert!(
                    open("offsets/1", sealed[..position].to_vec()).is_err(),
                    "cut at {position}"
                );
            }
            assert!(open("offsets/1", [sealed.as_slice(), b"\n"].concat()).is_err());
        }
        assert!(open("commits/0", b"v1\n{\"nextBatchWatermarkMs\":7}".to_vec()).is_err());
    }
}
