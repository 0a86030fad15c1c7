//! The fields of a CSV record, as univocity tells them apart for Spark.

use super::csv_options::CsvOptions;

/// Where a field's text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CsvField {
    /// Nothing at all.
    Absent,
    /// Two quotes with nothing between.
    Empty,
    /// A piece of the record.
    Piece(std::ops::Range<usize>),
    /// Text that is not in the record as it is, since something was escaped.
    Made(Vec<u8>),
}

impl CsvField {
    /// The field's text, where the record is this.
    pub fn text<'a>(&'a self, record: &'a [u8]) -> &'a [u8] {
        match self {
            CsvField::Absent | CsvField::Empty => b"",
            CsvField::Piece(range) => &record[range.clone()],
            CsvField::Made(text) => text,
        }
    }
}

/// Finds the fields of a record; `fields` gets them in their order.
pub fn split_record(record: &[u8], options: &CsvOptions, fields: &mut Vec<CsvField>) {
    fields.clear();
    let mut at = 0;
    loop {
        if options.trims_start {
            at += blanks(&record[at..], options);
        }
        let (field, end) = match options.quote {
            Some(quote) if record.get(at) == Some(&quote) => quoted(record, at, quote, options),
            _ => plain(record, at, at, options),
        };
        fields.push(field);
        if end == record.len() {
            return;
        }
        at = end + options.separator.len();
    }
}

/// Where each record of a text ends that may have line feeds within quotes: the byte behind it, and the next one's first.
pub fn record_ends(text: &[u8], start: usize, options: &CsvOptions) -> (usize, usize) {
    let mut in_quotes = false;
    let mut begins_field = true;
    let mut at = start;
    while at < text.len() {
        let byte = text[at];
        if in_quotes {
            if Some(byte) == options.escape && options.escape != options.quote {
                at += 1;
            } else if Some(byte) == options.quote {
                in_quotes = false;
            }
        } else if byte == b'\n' {
            return (at, at + 1);
        } else if byte == b'\r' {
            let next = at + 1 + usize::from(text.get(at + 1) == Some(&b'\n'));
            return (at, next);
        } else if Some(byte) == options.quote && begins_field {
            in_quotes = true;
        } else if Some(byte) == options.quote && options.escape == options.quote && at > start && text[at - 1] == byte {
            // A doubled quote: the one before it was no end.
            in_quotes = true;
        }
        begins_field = text[..=at.min(text.len() - 1)].ends_with(&options.separator);
        at += 1;
    }
    (text.len(), text.len())
}

fn blanks(text: &[u8], options: &CsvOptions) -> usize {
    let is_blank = |byte: &u8| *byte <= b' ' && options.separator.first() != Some(byte);
    text.iter().take_while(|byte| is_blank(byte)).count()
}

/// A field without quotes that begins at `start`; its separator is looked for from `from` on.
fn plain(record: &[u8], start: usize, from: usize, options: &CsvOptions) -> (CsvField, usize) {
    let found = memchr::memmem::find(&record[from..], &options.separator);
    let end = found.map_or(record.len(), |found| from + found);
    let mut last = end;
    while options.trims_end && last > start && record[last - 1] <= b' ' {
        last -= 1;
    }
    let field = if last == start {
        CsvField::Absent
    } else {
        CsvField::Piece(start..last)
    };
    (field, end)
}

/// A field that begins with a quote at `start`.
fn quoted(record: &[u8], start: usize, quote: u8, options: &CsvOptions) -> (CsvField, usize) {
    let mut made: Option<Vec<u8>> = None;
    let first = start + 1;
    let mut at = first;
    while at < record.len() {
        let byte = record[at];
        let next = record.get(at + 1).copied();
        let escapes_quote = Some(byte) == options.escape && next == Some(quote);
        let escapes_escape = Some(byte) == options.escape_escape && next.is_some() && next == options.escape;
        if escapes_quote || escapes_escape {
            // What `""` at the end of a field means where quotes escape quotes is the same: one quote.
            made.get_or_insert_with(|| record[first..at].to_vec()).extend(next);
            at += 2;
            continue;
        }
        if byte == quote {
            let behind = at + 1 + blanks(&record[at + 1..], options);
            if behind == record.len() || record[behind..].starts_with(&options.separator) {
                let field = match made {
                    Some(text) => CsvField::Made(text),
                    None if at == first => CsvField::Empty,
                    None => CsvField::Piece(first..at),
                };
                return (field, behind);
            }
            // STOP_AT_DELIMITER: a quote that is no end means that the field had no quotes.
            return plain(record, start, at + 1, options);
        }
        if let Some(text) = &mut made {
            text.push(byte);
        }
        at += 1;
    }
    // The closing quote is missing: the rest of the record is the field.
    let field = match made {
        Some(text) => CsvField::Made(text),
        None if first == record.len() => CsvField::Absent,
        None => CsvField::Piece(first..record.len()),
    };
    (field, record.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::parse::TimeZone;

    fn options(pairs: &[(&str, &str)]) -> CsvOptions {
        let pairs: BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        CsvOptions::new(&pairs, &TimeZone::parse("UTC").unwrap()).unwrap()
    }

    fn fields(record: &str, pairs: &[(&str, &str)]) -> Vec<Option<String>> {
        let mut fields = Vec::new();
        split_record(record.as_bytes(), &options(pairs), &mut fields);
        let text = |field: &CsvField| match field {
            CsvField::Absent => None,
            CsvField::Empty => Some(String::new()),
            CsvField::Piece(range) => Some(record[range.clone()].to_string()),
            CsvField::Made(text) => Some(String::from_utf8(text.clone()).unwrap()),
        };
        fields.iter().map(text).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some(text.to_string())).collect()
    }

    #[test]
    fn quotes_escapes_and_what_is_neither() {
        assert_eq!(fields("a,b c,d", &[]), some(&["a", "b c", "d"]));
        assert_eq!(fields(r#""a,b","c\"d","e\\""#, &[]), some(&["a,b", "c\"d", "e\\"]));
        assert_eq!(fields(r#"a\b,"x"  ,y"#, &[]), some(&["a\\b", "x", "y"]));
        assert_eq!(fields(r#""a"b,c"#, &[]), some(&["\"a\"b", "c"]));
        assert_eq!(fields("\"abc", &[]), some(&["abc"]));
        assert_eq!(fields(r#""a""b",c"#, &[("escape", "\"")]), some(&["a\"b", "c"]));
        assert_eq!(fields(",\"\",", &[]), [None, Some(String::new()), None]);
        assert_eq!(
            fields(" a | b ", &[("sep", "|"), ("ignoreLeadingWhiteSpace", "true")]),
            some(&["a ", "b "])
        );
        assert_eq!(fields("a||b", &[("delimiter", "||")]), some(&["a", "b"]));
    }

    #[test]
    fn records_may_have_line_feeds_within_quotes() {
        let text = b"a,\"b\nc\"\r\nd,\"e\\\"\nf\"\n\"x\"\"\ny\"";
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let (end, next) = record_ends(text, at, &options(&[]));
            found.push(&text[at..end]);
            at = next;
        }
        assert_eq!(found[0], b"a,\"b\nc\"");
        assert_eq!(found[1], b"d,\"e\\\"\nf\"");
        let doubled = options(&[("escape", "\"")]);
        assert_eq!(record_ends(b"\"x\"\"\ny\",1\nz", 0, &doubled), (9, 10));
    }
}
