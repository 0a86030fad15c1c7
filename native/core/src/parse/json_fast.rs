//! The fast way through a plain record: one pass over its bytes, names guessed from the record before.
//!
//! It reads flat objects of scalars without escapes. At the first surprise it gives up, and the exact reader takes
//! the whole record: what is returned here must be what that reader would return.

use std::collections::HashMap;

use super::decimal_text::parse_decimal_text;
use super::json_column::{Place, view_of};
use super::json_convert::time_value;
use super::json_options::JsonOptions;
use super::json_value::Shape;
use crate::column::DataType;

/// Names longer than this take the exact way, which knows their limit.
const NAME_BYTES_MAX: usize = 4096;
/// Floats longer than this take the exact way.
const FLOAT_BYTES_MAX: usize = 64;
/// Fields that the set of what was seen has room for.
const FIELDS_MAX: usize = 64;

/// A name met in a record, and the field it means.
#[derive(Clone, Debug)]
struct Guess {
    name: Box<[u8]>,
    field: Option<usize>,
}

/// Reads plain records of one schema. Holds the names of the last record in their order.
#[derive(Debug)]
pub(crate) struct FastReader<'a> {
    kinds: Vec<DataType>,
    names: &'a HashMap<Box<[u8]>, usize>,
    options: &'a JsonOptions,
    guesses: Vec<Guess>,
    last_time: Vec<(Vec<u8>, i64)>,
    /// A raw cell for each field.
    pub cells: Vec<u128>,
    /// Bit i: field i is not null.
    pub valid: u64,
}

impl<'a> FastReader<'a> {
    /// A reader of these fields, or none where the schema is too wide.
    pub(crate) fn new(shape: &'a Shape, options: &'a JsonOptions) -> Option<Self> {
        if shape.children.len() > FIELDS_MAX {
            return None;
        }
        Some(Self {
            kinds: shape.children.iter().map(|child| child.data_type.clone()).collect(),
            names: &shape.names,
            options,
            guesses: Vec::new(),
            last_time: vec![(Vec::new(), 0); shape.children.len()],
            cells: vec![0; shape.children.len()],
            valid: 0,
        })
    }

    /// Reads a record into `cells` and `valid`; false where the exact reader must.
    #[inline]
    pub(crate) fn read(&mut self, record: &[u8], place: Place) -> bool {
        self.read_object(record, place).is_some()
    }

    #[inline]
    fn read_object(&mut self, record: &[u8], place: Place) -> Option<()> {
        self.valid = 0;
        let mut non_ascii = false;
        let mut at = skip_blanks(record, 0);
        if *record.get(at)? != b'{' {
            return None;
        }
        at = skip_blanks(record, at + 1);
        if *record.get(at)? == b'}' {
            return Some(());
        }
        let mut nth = 0;
        loop {
            let quote = self.quote(*record.get(at)?)?;
            let (field, end) = self.name(record, at + 1, quote, nth, &mut non_ascii)?;
            nth += 1;
            at = skip_blanks(record, end + 1);
            if *record.get(at)? != b':' {
                return None;
            }
            at = skip_blanks(record, at + 1);
            at = self.value(record, at, field, place, &mut non_ascii)?;
            at = skip_blanks(record, at);
            match *record.get(at)? {
                b',' => at = skip_blanks(record, at + 1),
                b'}' => break,
                _ => return None,
            }
        }
        // What follows the object is ignored.
        if non_ascii && std::str::from_utf8(&record[..at]).is_err() {
            return None;
        }
        Some(())
    }

    #[inline]
    fn quote(&self, byte: u8) -> Option<u8> {
        (byte == b'"' || (byte == b'\'' && self.options.allow_single_quotes)).then_some(byte)
    }

    /// The field that the name at `at` means, and where its closing quote stands.
    #[inline]
    fn name(
        &mut self,
        record: &[u8],
        at: usize,
        quote: u8,
        nth: usize,
        non_ascii: &mut bool,
    ) -> Option<(Option<usize>, usize)> {
        if let Some(guess) = self.guesses.get(nth) {
            let end = at + guess.name.len();
            if record.get(end) == Some(&quote) && record[at..end] == *guess.name {
                return Some((guess.field, end));
            }
        }
        let end = text_end(record, at, quote, non_ascii)?;
        let name = &record[at..end];
        // A guess is compared as bytes later: it must be plain.
        if name.len() > NAME_BYTES_MAX || !name.is_ascii() {
            return None;
        }
        let guess = Guess {
            name: name.into(),
            field: self.names.get(name).copied(),
        };
        let field = guess.field;
        if nth < self.guesses.len() {
            self.guesses[nth] = guess;
        } else if nth == self.guesses.len() && nth < 4 * FIELDS_MAX {
            self.guesses.push(guess);
        }
        Some((field, end))
    }

    /// Reads the value at `at`; gives the position behind it.
    #[inline]
    fn value(
        &mut self,
        record: &[u8],
        at: usize,
        field: Option<usize>,
        place: Place,
        non_ascii: &mut bool,
    ) -> Option<usize> {
        match *record.get(at)? {
            quote @ (b'"' | b'\'') => {
                self.quote(quote)?;
                let end = text_end(record, at + 1, quote, non_ascii)?;
                if let Some(field) = field {
                    self.text(record, at + 1, end, field, place)?;
                }
                Some(end + 1)
            }
            b'-' | b'0'..=b'9' => self.number(record, at, field, place),
            b't' => self.literal(record, at, b"true", field, Some(1)),
            b'f' => self.literal(record, at, b"false", field, Some(0)),
            b'n' => self.literal(record, at, b"null", field, None),
            _ => None,
        }
    }

    #[inline]
    fn set(&mut self, field: usize, raw: u128) {
        self.cells[field] = raw;
        self.valid |= 1 << field;
    }

    #[inline]
    fn text(&mut self, record: &[u8], start: usize, end: usize, field: usize, place: Place) -> Option<()> {
        match &self.kinds[field] {
            DataType::String => {
                let view = text_view(record, start, end, place);
                self.set(field, view);
                Some(())
            }
            kind @ (DataType::Timestamp | DataType::TimestampNtz | DataType::Date) => {
                let text = &record[start..end];
                let (last, value) = &self.last_time[field];
                let value = if last == text && !text.is_empty() {
                    *value
                } else {
                    // An empty or bad time makes the record corrupt.
                    if text.is_empty() {
                        return None;
                    }
                    if self.options.pattern_error(kind).is_some() {
                        return None;
                    }
                    let value = time_value(kind, text, self.options).ok()??;
                    let (last, last_value) = &mut self.last_time[field];
                    last.clear();
                    last.extend_from_slice(text);
                    *last_value = value;
                    value
                };
                self.set(field, value as u128);
                Some(())
            }
            _ => None,
        }
    }

    fn literal(
        &mut self,
        record: &[u8],
        at: usize,
        word: &[u8],
        field: Option<usize>,
        bit: Option<u8>,
    ) -> Option<usize> {
        let end = at + word.len();
        if record.get(at..end)? != word || !is_value_end(*record.get(end)?) {
            return None;
        }
        match (field, bit) {
            (None, _) => {}
            (Some(field), None) => self.valid &= !(1 << field),
            (Some(field), Some(bit)) if self.kinds[field] == DataType::Boolean => self.set(field, u128::from(bit)),
            _ => return None,
        }
        Some(end)
    }

    #[inline]
    fn number(&mut self, record: &[u8], start: usize, field: Option<usize>, place: Place) -> Option<usize> {
        let negative = record[start] == b'-';
        let first = start + usize::from(negative);
        let mut at = first;
        let mut value = 0i64;
        while let Some(digit) = record
            .get(at)
            .map(|byte| byte.wrapping_sub(b'0'))
            .filter(|digit| *digit < 10)
        {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            at += 1;
        }
        let digits = at - first;
        // Leading zeros and long integers are for the exact reader.
        if digits == 0 || digits > 18 || (digits > 1 && record[first] == b'0') {
            return None;
        }
        let follower = *record.get(at)?;
        if !is_value_end(follower) {
            return if matches!(follower, b'.' | b'e' | b'E') {
                self.float(record, start, at, field)
            } else {
                None
            };
        }
        let Some(field) = field else { return Some(at) };
        if negative {
            value = -value;
        }
        let within = |first: i64, last: i64| (first..=last).contains(&value).then_some(value as u128);
        let raw = match &self.kinds[field] {
            DataType::Int => within(i64::from(i32::MIN), i64::from(i32::MAX))?,
            DataType::BigInt => value as u128,
            DataType::SmallInt => within(i64::from(i16::MIN), i64::from(i16::MAX))?,
            DataType::TinyInt => within(-128, 127)?,
            DataType::Double => u128::from((value as f64).to_bits()),
            DataType::Float => u128::from((value as f32).to_bits()),
            DataType::Timestamp => value.wrapping_mul(1_000_000) as u128,
            DataType::Decimal { precision, scale } => {
                parse_decimal_text(&record[start..at], *precision, *scale)? as u128
            }
            // Integers keep their digits under a string column; a negative zero does not.
            DataType::String if !(negative && value == 0) => text_view(record, start, at, place),
            _ => return None,
        };
        self.set(field, raw);
        Some(at)
    }

    /// A number with a fraction or an exponent whose integer digits end at `point`.
    fn float(&mut self, record: &[u8], start: usize, point: usize, field: Option<usize>) -> Option<usize> {
        let digits = |from: usize| {
            let length = record
                .get(from..)?
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            (length > 0).then_some(from + length)
        };
        let mut at = point;
        if record.get(at) == Some(&b'.') {
            at = digits(at + 1)?;
        }
        if matches!(record.get(at), Some(b'e' | b'E')) {
            let signed = matches!(record.get(at + 1), Some(b'+' | b'-'));
            at = digits(at + 1 + usize::from(signed))?;
        }
        if !is_value_end(*record.get(at)?) || at - start > FLOAT_BYTES_MAX {
            return None;
        }
        let Some(field) = field else { return Some(at) };
        let text = record.get(start..at)?;
        let raw = match &self.kinds[field] {
            DataType::Double => u128::from(std::str::from_utf8(text).ok()?.parse::<f64>().ok()?.to_bits()),
            DataType::Float => u128::from(std::str::from_utf8(text).ok()?.parse::<f32>().ok()?.to_bits()),
            DataType::Decimal { precision, scale } => parse_decimal_text(text, *precision, *scale)? as u128,
            _ => return None,
        };
        self.set(field, raw);
        Some(at)
    }
}

/// What may stand right behind a number or a word within an object.
#[inline]
fn is_value_end(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b' ' | b'\n' | b'\r' | b'\t')
}

#[inline]
fn skip_blanks(record: &[u8], mut at: usize) -> usize {
    while matches!(record.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// The view of `record[start..end]`.
#[inline]
fn text_view(record: &[u8], start: usize, end: usize, place: Place) -> u128 {
    let length = end - start;
    if length <= 12
        && let Some(chunk) = record.get(start..).and_then(|rest| rest.first_chunk::<16>())
    {
        // Sixteen bytes are read at once and those behind the text masked out.
        let mask = (1u128 << (8 * length)) - 1;
        return (u128::from_le_bytes(*chunk) & mask) << 32 | length as u128;
    }
    let offset = place.offset.wrapping_add(start as u32);
    view_of(
        record.get(start..end).unwrap_or_default(),
        Place {
            buffer: place.buffer,
            offset,
        },
    )
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where the quote stands that ends the text from `at` on; none at an escape, a control character or the end.
#[inline]
fn text_end(record: &[u8], mut at: usize, quote: u8, non_ascii: &mut bool) -> Option<usize> {
    let quotes = ONES * u64::from(quote);
    loop {
        while let Some(chunk) = record.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*chunk);
            // A byte that is zero, or below 32, borrows into its highest bit; the lowest such bit is never a false one.
            let zero = |difference: u64| difference.wrapping_sub(ONES) & !difference;
            let control = word.wrapping_sub(ONES * 32) & !word;
            let hits = (zero(word ^ quotes) | zero(word ^ (ONES * u64::from(b'\\'))) | control | word) & HIGHS;
            if hits != 0 {
                at += (hits.trailing_zeros() / 8) as usize;
                break;
            }
            at += 8;
        }
        let byte = *record.get(at)?;
        if byte == quote {
            return Some(at);
        }
        if byte == b'\\' || byte < b' ' {
            return None;
        }
        *non_ascii |= byte >= 0x80;
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What `text_end` is to find, the obvious way.
    fn text_end_naive(record: &[u8], at: usize, quote: u8) -> Option<usize> {
        let stop = record
            .iter()
            .skip(at)
            .position(|byte| *byte == quote || *byte == b'\\' || *byte < b' ')?;
        (record[at + stop] == quote).then_some(at + stop)
    }

    proptest! {
        #[test]
        fn text_end_equals_its_naive_twin(
            record in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'\\'), Just(b'a'), Just(0x80)], 0..40),
            at in 0usize..10,
        ) {
            let mut non_ascii = false;
            prop_assert_eq!(text_end(&record, at, b'"', &mut non_ascii), text_end_naive(&record, at, b'"'));
        }
    }
}
