//! Whether Spark 2 would parse a text by a pattern: commons-lang's FastDateFormat in its lenient default, as data sources
//! use it, or a strict SimpleDateFormat, as functions do.
//!
//! Only asked under `spark.sql.legacy.timeParserPolicy=EXCEPTION`, after the present parser refused the text.

use super::calendar::days_in_month;

/// Whether the whole beginning of `text` fits `pattern` as Spark 2 read it; what follows is ignored, as there.
pub(super) fn legacy_parses(pattern: &str, text: &[u8], is_lenient: bool) -> bool {
    let mut numbers = Vec::new();
    parse(pattern, text, &mut numbers).is_some() && (is_lenient || exist(&numbers))
}

/// Whether a strict calendar has the fields that were read.
fn exist(numbers: &[(char, i64)]) -> bool {
    let of = |wanted: &[char]| {
        numbers
            .iter()
            .rev()
            .find(|(letter, _)| wanted.contains(letter))
            .map(|(_, value)| *value)
    };
    let in_range = |(letter, value): &(char, i64)| match letter {
        'M' | 'L' => (1..=12).contains(value),
        'd' => (1..=31).contains(value),
        'D' => (1..=366).contains(value),
        'H' => (0..=23).contains(value),
        'k' => (1..=24).contains(value),
        'K' => (0..=11).contains(value),
        'h' => (1..=12).contains(value),
        'm' | 's' => (0..=59).contains(value),
        'S' => (0..=999).contains(value),
        _ => true,
    };
    let year = of(&['y', 'Y']).unwrap_or(1970);
    // Without a number the month may be a name: the day is then within 31.
    let month_length = of(&['M', 'L']).map_or(31, |month| days_in_month(year, month));
    numbers.iter().all(in_range) && of(&['d']).is_none_or(|day| day <= month_length)
}

fn parse(pattern: &str, text: &[u8], numbers: &mut Vec<(char, i64)>) -> Option<usize> {
    let letters: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    let mut index = 0;
    let mut in_quotes = false;
    while let Some(&letter) = letters.get(index) {
        if letter == '\'' {
            if letters.get(index + 1) == Some(&'\'') {
                at = literal('\'', text, at)?;
                index += 2;
            } else {
                in_quotes = !in_quotes;
                index += 1;
            }
            continue;
        }
        if in_quotes || !letter.is_ascii_alphabetic() {
            at = literal(letter, text, at)?;
            index += 1;
            continue;
        }
        let count = letters[index..].iter().take_while(|next| **next == letter).count();
        index += count;
        // A number right before another number keeps to its width.
        let number_follows = letters.get(index).is_some_and(|next| is_number(*next));
        at = match letter {
            'M' | 'L' if count >= 3 => word(text, at)?,
            'a' | 'E' | 'G' => word(text, at)?,
            'z' | 'Z' | 'X' => zone(text, at)?,
            _ if is_number(letter) => {
                let end = number(text, at, number_follows.then_some(count))?;
                let digits = text.get(at..end)?.trim_ascii();
                // More digits than a number holds are out of every range.
                let value = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
                numbers.push((letter, value.unwrap_or(i64::MAX)));
                end
            }
            _ => return None,
        };
    }
    Some(at)
}

fn is_number(letter: char) -> bool {
    matches!(
        letter,
        'y' | 'Y' | 'M' | 'L' | 'd' | 'D' | 'F' | 'H' | 'h' | 'K' | 'k' | 'm' | 's' | 'S' | 'u' | 'w' | 'W'
    )
}

fn literal(letter: char, text: &[u8], at: usize) -> Option<usize> {
    let mut buffer = [0; 4];
    let bytes = letter.encode_utf8(&mut buffer).as_bytes();
    text.get(at..)?.starts_with(bytes).then(|| at + bytes.len())
}

/// Blanks, then digits: as many as `width`, or as there are.
fn number(text: &[u8], at: usize, width: Option<usize>) -> Option<usize> {
    let blanks = match width {
        None => text
            .get(at..)?
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count(),
        Some(_) => 0,
    };
    let start = at + blanks;
    let digits = text
        .get(start..)?
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let taken = width.map_or(digits, |width| digits.min(width));
    (taken > 0).then(|| start + taken)
}

fn word(text: &[u8], at: usize) -> Option<usize> {
    let length = text
        .get(at..)?
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    (length > 0).then(|| at + length)
}

fn zone(text: &[u8], at: usize) -> Option<usize> {
    let named = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b':' | b'/' | b'_');
    let length = text.get(at..)?.iter().take_while(named).count();
    (length > 0).then(|| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_lenient() {
        let fits = |text: &str| legacy_parses("dd-MM-yyyy-HH-mm", text.as_bytes(), true);
        assert!(fits("2-11-2026-12-05") && fits("31-02-2026-24-60") && fits(" 22-11-2026-12-05 "));
        assert!(!fits("22/11/2026-12-05") && !fits("") && !fits("22-11-2026"));
        assert!(legacy_parses("yyyyMMdd", b"20260101", true));
    }

    #[test]
    fn is_strict_for_functions() {
        let fits = |pattern: &str, text: &str| legacy_parses(pattern, text.as_bytes(), false);
        assert!(fits("dd-MM-yyyy-HH-mm", "2-11-2026-12-05") && fits("ss.SSS", "6.1"));
        assert!(!fits("dd-MM-yyyy-HH-mm", "31-02-2026-00-00") && !fits("ss.SSS", "6.1234") && !fits("MM", "13"));
    }
}
