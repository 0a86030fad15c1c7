//! The fast way through plain records: one pass over their bytes, names guessed from the record before.
//!
//! It reads flat objects of scalars without escapes, those that look alike together (lockstep), others alone. At the first
//! surprise it gives up, and the exact reader takes the whole record: what is returned here must be what that reader would
//! return.

mod block;
mod digits;
mod lead;
mod lockstep;
mod numbers;

use std::collections::HashMap;
use std::ops::Range;

pub(crate) use self::block::Block;
use self::block::{BLOCK_ROWS, Record};
use self::digits::leading_digits;
use self::lead::{Guess, Lead};
use self::lockstep::integer_range;
use super::decimal_text::parse_decimal_text;
use super::json_convert::time_value;
use super::json_options::JsonOptions;
use super::json_value::Shape;
use crate::column::{DataType, LENGTH_BYTES, ViewPlace, view_behind, view_of};
use crate::lanes::plain_length;

/// Names longer than this take the exact way, which knows their limit.
const NAME_BYTES_MAX: usize = 4096;
/// Floats longer than this take the exact way.
const FLOAT_BYTES_MAX: usize = 64;
/// Fields that the set of what was seen has room for.
const FIELDS_MAX: usize = 64;
/// What stands where a member of an object may.
enum Member {
    /// A value, whose name was read.
    Value(Start),
    /// Nothing more: the object ended before this position.
    End(usize),
}

/// Where a value begins, and the quote it begins behind where it is a text.
#[derive(Clone, Copy, Debug)]
struct Start {
    field: Option<usize>,
    at: usize,
    quote: Option<u8>,
}

/// Reads plain records of one schema into blocks of rows. Holds the names of the last record in their order.
#[derive(Debug)]
pub(crate) struct FastReader<'a> {
    kinds: Vec<DataType>,
    /// Bit i: field i is a text, the commonest kind.
    texts: u64,
    /// Bit i: somebody looks at field i.
    wanted: u64,
    names: &'a HashMap<Box<[u8]>, usize>,
    options: &'a JsonOptions,
    guesses: Vec<Guess>,
    last_time: Vec<(Vec<u8>, i64)>,
    /// For each field the range of its type, where that is one of integers.
    integers: Vec<Option<(i64, i64)>>,
    /// Members of the record that was read alone last.
    members: usize,
    /// Blocks to come that are read row by row.
    paused: usize,
    /// Raw cells of the block, field by field.
    cells: Vec<u128>,
    /// For each row of the block, bit i: field i is not null.
    valid: [u64; BLOCK_ROWS],
    /// The row being read alone, and those bits of it.
    row: usize,
    row_valid: u64,
}

impl<'a> FastReader<'a> {
    /// A reader of these fields, or none where the schema is too wide. The cells of those that are not `wanted` are anything.
    pub(crate) fn new(shape: &'a Shape, options: &'a JsonOptions, wanted: impl Iterator<Item = bool>) -> Option<Self> {
        if shape.children.len() > FIELDS_MAX {
            return None;
        }
        let kinds: Vec<DataType> = shape.children.iter().map(|child| child.data_type.clone()).collect();
        Some(Self {
            texts: mask_of(kinds.iter().map(|kind| *kind == DataType::String)),
            wanted: mask_of(wanted),
            integers: kinds.iter().map(integer_range).collect(),
            names: &shape.names,
            options,
            guesses: Vec::new(),
            last_time: vec![(Vec::new(), 0); kinds.len()],
            members: 0,
            paused: 0,
            cells: vec![0; kinds.len() * BLOCK_ROWS],
            valid: [0; BLOCK_ROWS],
            row: 0,
            row_valid: 0,
            kinds,
        })
    }

    /// Reads the records of a block; bit i: record i was read, else the exact reader must take it.
    pub(crate) fn read(&mut self, block: &Block<'_>) -> u64 {
        // The first record shows what the others may look like.
        if self.members == 0 && block.len() > 1 {
            self.read_alone(block, 0);
        }
        let mut read = match self.members {
            0 => 0,
            _ => self.read_lockstep(block),
        };
        for row in 0..block.len() {
            if read >> row & 1 == 0 {
                read |= u64::from(self.read_alone(block, row)) << row;
            }
        }
        read
    }

    /// For each of the rows of the block, which were read, the bits of the fields that are not null.
    pub(crate) fn valid(&self, rows: Range<usize>) -> &[u64] {
        &self.valid[rows]
    }

    /// The raw cells of a field in the rows of the block, which were read.
    pub(crate) fn cells(&self, field: usize, rows: Range<usize>) -> &[u128] {
        &self.cells[field * BLOCK_ROWS..][rows]
    }

    /// The cells of a field in the block's first `rows` rows.
    fn column(&mut self, field: usize, rows: usize) -> &mut [u128] {
        &mut self.cells[field * BLOCK_ROWS..][..rows]
    }

    fn read_alone(&mut self, block: &Block<'_>, row: usize) -> bool {
        (self.row, self.row_valid) = (row, 0);
        let members = self.read_object(block.record(row));
        if let Some(members) = members {
            self.valid[row] = self.row_valid;
            self.members = members;
        }
        members.is_some()
    }

    /// Gives how many members the object has.
    #[inline]
    fn read_object(&mut self, record: Record<'_>) -> Option<usize> {
        let mut non_ascii = false;
        let (mut at, mut nth) = (0, 0);
        loop {
            let guess = self
                .guesses
                .get(nth)
                .and_then(|guess| Some((guess.field, guess.lead.as_ref()?)));
            let start = match guess {
                Some((field, lead)) if lead.stands_at(record.window, at) => Start {
                    field,
                    at: at + lead.length(),
                    quote: lead.quote,
                },
                None if nth > 0 && record.bytes.get(at) == Some(&b'}') => {
                    at += 1;
                    break;
                }
                _ => match self.member(record, at, nth, &mut non_ascii)? {
                    Member::Value(start) => start,
                    Member::End(end) => {
                        at = end;
                        break;
                    }
                },
            };
            at = self.value(record, start, &mut non_ascii)?;
            nth += 1;
        }
        // What follows the object is ignored.
        if non_ascii && std::str::from_utf8(&record.bytes[..at]).is_err() {
            return None;
        }
        Some(nth)
    }

    /// What stands before the value of member `nth`, or the end of the object, from `begin` on: where the member before ended.
    fn member(&mut self, record: Record<'_>, begin: usize, nth: usize, non_ascii: &mut bool) -> Option<Member> {
        let bytes = record.bytes;
        let mut at = skip_blanks(bytes, begin);
        match (nth, *bytes.get(at)?) {
            (0, b'{') => {
                at = skip_blanks(bytes, at + 1);
                if *bytes.get(at)? == b'}' {
                    return Some(Member::End(at + 1));
                }
            }
            (1.., b',') => at = skip_blanks(bytes, at + 1),
            (1.., b'}') => return Some(Member::End(at + 1)),
            _ => return None,
        }
        let quote = self.quote(*bytes.get(at)?)?;
        let end = text_end(record, at + 1, quote, non_ascii)?;
        let name = &bytes[at + 1..end];
        // A guess is compared as bytes later: it must be plain.
        if name.len() > NAME_BYTES_MAX || !name.is_ascii() {
            return None;
        }
        at = skip_blanks(bytes, end + 1);
        if *bytes.get(at)? != b':' {
            return None;
        }
        at = skip_blanks(bytes, at + 1);
        let quote = self.quote(*bytes.get(at)?);
        at += usize::from(quote.is_some());
        let lead = Lead::new(bytes.get(begin..at)?, quote);
        let field = match self.guesses.get_mut(nth) {
            Some(guess) if *guess.name == *name => {
                guess.lead = lead;
                guess.field
            }
            other => {
                let field = self.names.get(name).copied();
                let guess = Guess {
                    name: name.into(),
                    field,
                    lead,
                };
                match other {
                    Some(other) => *other = guess,
                    None if nth < 4 * FIELDS_MAX => self.guesses.push(guess),
                    None => {}
                }
                field
            }
        };
        Some(Member::Value(Start { field, at, quote }))
    }

    #[inline]
    fn quote(&self, byte: u8) -> Option<u8> {
        (byte == b'"' || (byte == b'\'' && self.options.allow_single_quotes)).then_some(byte)
    }

    /// Reads a value; gives the position behind it.
    #[inline]
    fn value(&mut self, record: Record<'_>, start: Start, non_ascii: &mut bool) -> Option<usize> {
        let Start { field, at, quote } = start;
        if let Some(quote) = quote {
            let end = text_end(record, at, quote, non_ascii)?;
            if let Some(field) = field {
                self.text(record, at, end, field)?;
            }
            return Some(end + 1);
        }
        match *record.bytes.get(at)? {
            b'-' | b'0'..=b'9' => self.number(record, at, field),
            b't' => self.literal(record.bytes, at, b"true", field, Some(1)),
            b'f' => self.literal(record.bytes, at, b"false", field, Some(0)),
            b'n' => self.literal(record.bytes, at, b"null", field, None),
            _ => None,
        }
    }

    #[inline]
    fn set(&mut self, field: usize, raw: u128) {
        self.cells[field * BLOCK_ROWS + self.row] = raw;
        self.row_valid |= 1 << field;
    }

    #[inline]
    fn text(&mut self, record: Record<'_>, start: usize, end: usize, field: usize) -> Option<()> {
        if self.texts >> field & 1 == 1 {
            self.set(field, text_view(record, start, end));
            return Some(());
        }
        match &self.kinds[field] {
            kind @ (DataType::Timestamp | DataType::TimestampNtz | DataType::Date) => {
                let text = &record.bytes[start..end];
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
            (Some(field), None) => self.row_valid &= !(1 << field),
            (Some(field), Some(bit)) if self.kinds[field] == DataType::Boolean => self.set(field, u128::from(bit)),
            _ => return None,
        }
        Some(end)
    }

    #[inline]
    fn number(&mut self, whole: Record<'_>, start: usize, field: Option<usize>) -> Option<usize> {
        let Record {
            bytes: record, window, ..
        } = whole;
        let negative = record[start] == b'-';
        let first = start + usize::from(negative);
        let (mut value, digits) = match window.get(first..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(chunk) => leading_digits(u64::from_le_bytes(*chunk)),
            None => (0, 0),
        };
        let mut at = first + digits;
        while let Some(digit) = record
            .get(at)
            .map(|byte| byte.wrapping_sub(b'0'))
            .filter(|digit| *digit < 10)
        {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            at += 1;
        }
        let digits = at - first;
        let follower = *record.get(at)?;
        // Leading zeros and long integers are for the exact reader.
        if digits == 0 || digits > 18 || (digits > 1 && record[first] == b'0') {
            return None;
        }
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
        let raw = match (&self.kinds[field], self.integers[field]) {
            (_, Some((least, most))) => (least..=most).contains(&value).then_some(value as u128)?,
            (DataType::Double, _) => u128::from((value as f64).to_bits()),
            (DataType::Float, _) => u128::from((value as f32).to_bits()),
            (DataType::Timestamp, _) => value.wrapping_mul(1_000_000) as u128,
            (DataType::Decimal { precision, scale }, _) => {
                parse_decimal_text(&record[start..at], *precision, *scale)? as u128
            }
            // Integers keep their digits under a string column; a negative zero does not.
            (DataType::String, _) if !(negative && value == 0) => text_view(whole, start, at),
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

/// Bit i: what is said of field i.
fn mask_of(fields: impl Iterator<Item = bool>) -> u64 {
    (0..).zip(fields).map(|(field, bit)| u64::from(bit) << field).sum()
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

/// The view of `record.bytes[start..end]`.
#[inline]
fn text_view(record: Record<'_>, start: usize, end: usize) -> u128 {
    let place = ViewPlace {
        buffer: record.place.buffer,
        offset: record.place.offset.wrapping_add(start as u32),
    };
    let before = start.checked_sub(LENGTH_BYTES).and_then(|at| record.window.get(at..));
    match before.and_then(|rest| rest.first_chunk()) {
        Some(chunk) => view_behind(chunk, end - start, place),
        None => view_of(record.bytes.get(start..end).unwrap_or_default(), place),
    }
}

/// Where the quote stands that ends the text from `at` on; none at an escape, a control character or the end.
#[inline]
fn text_end(record: Record<'_>, mut at: usize, quote: u8, non_ascii: &mut bool) -> Option<usize> {
    loop {
        at += plain_length(record.window.get(at..)?, quote);
        let byte = *record.bytes.get(at)?;
        if byte == quote {
            return Some(at);
        }
        if byte == b'\\' || byte < b' ' {
            return None;
        }
        *non_ascii = true;
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
            behind in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let mut non_ascii = false;
            let window = [record.as_slice(), &behind].concat();
            let place = ViewPlace { buffer: 0, offset: 0 };
            let whole = Record { bytes: &record, window: &window, place };
            prop_assert_eq!(text_end(whole, at, b'"', &mut non_ascii), text_end_naive(&record, at, b'"'));
        }
    }
}
