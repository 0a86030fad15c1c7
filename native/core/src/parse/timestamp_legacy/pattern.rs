//! Patterns as java.text.SimpleDateFormat reads them: runs of letters, quotes, and everything else as it stands.

/// The months, whose short names are the first three letters.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The days of the week, shortened likewise.
pub(super) const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A character that stands for itself.
    Literal(char),
    /// A letter and how often it stands in a row.
    Letters(char, usize),
}

/// The parts of a pattern; none where SimpleDateFormat refuses it: an unknown letter, an open quote, more than three X.
pub(super) fn parts_of(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut in_quotes = false;
    let mut chars = pattern.chars().peekable();
    while let Some(letter) = chars.next() {
        match letter {
            '\'' if chars.peek() == Some(&'\'') => {
                chars.next();
                parts.push(Part::Literal('\''));
            }
            '\'' => in_quotes = !in_quotes,
            _ if in_quotes || !letter.is_ascii_alphabetic() => parts.push(Part::Literal(letter)),
            _ => {
                let mut count = 1;
                while chars.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                let is_known = "GyMdkHmsSEDFwWahKzZYuXL".contains(letter) && (letter != 'X' || count <= 3);
                parts.push(is_known.then_some(Part::Letters(letter, count))?);
            }
        }
    }
    (!in_quotes).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_java_takes() {
        for pattern in ["yyyy[-MM", "'o''c'", "''", "aaaa", "{}#", "YYYY-ww-u", ""] {
            assert!(parts_of(pattern).is_some(), "{pattern}");
        }
        for pattern in ["e", "'", "XXXX", "VV", "yyyy Q", "x"] {
            assert!(parts_of(pattern).is_none(), "{pattern}");
        }
        assert_eq!(parts_of("''").unwrap(), [Part::Literal('\'')]);
    }
}
