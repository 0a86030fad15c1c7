//! Records that look as the one before them did, read field by field: one field of all rows of a block, then the next.
//!
//! What the rows have in common (the lead, the kind of value, where it goes) is then known outside the loop, and the rows of a
//! loop wait for nothing of each other. A row that looks different anywhere is left to be read alone.

use super::block::{BLOCK_ROWS, Block};
use super::digits::{POWERS, digit_count, leading_digits_16};
use super::lead::{LEAD_BYTES_MAX, Lead};
use super::{FastReader, Start, is_value_end, short_view};
use crate::column::{DataType, ViewPlace, long_view};
use crate::parse::stop_bytes::{LANES, stop_mask};

/// Bytes looked at in one place: a lead, a sign, a number or the first bytes of a text.
const HEAD_BYTES: usize = 64;
/// Blocks that are read row by row after one whose rows did not look alike.
const BLOCKS_PAUSED: usize = 15;

/// The range of a member that is no field.
const ANY_INTEGER: (i64, i64) = (i64::MIN, i64::MAX);

/// Where each row of a block is read on.
type Positions = [u32; BLOCK_ROWS];

impl FastReader<'_> {
    /// Reads what rows of the block look as the last record did into the block's cells; bit i: row i was read.
    pub(super) fn read_lockstep(&mut self, block: &Block<'_>) -> u64 {
        if self.paused > 0 {
            self.paused -= 1;
            return 0;
        }
        let read = self.read_alike(block);
        if (read.count_ones() as usize) < block.len() / 2 {
            self.paused = BLOCKS_PAUSED;
        }
        read
    }

    fn read_alike(&mut self, block: &Block<'_>) -> u64 {
        let mut at: Positions = [0; BLOCK_ROWS];
        for (at, (start, _)) in at.iter_mut().zip(block.spans()) {
            *at = *start;
        }
        let rows = block.len();
        let (mut failed, mut filled, mut never_null) = (0, 0u64, 0);
        self.valid[..rows].fill(0);
        for nth in 0..self.members {
            let Some((field, lead)) = self.guesses.get(nth).and_then(|guess| Some((guess.field, guess.lead?))) else {
                return 0;
            };
            let bit = field.map_or(0, |field| 1 << field);
            // The last of two values of a field counts, row by row.
            if filled & bit != 0 {
                return 0;
            }
            filled |= bit;
            let at = &mut at[..rows];
            let (is_text, is_wanted) = (bit & self.texts != 0, bit & self.wanted != 0);
            let range = field.and_then(|field| self.integers[field]);
            failed |= match (field, lead.quote, range) {
                (_, Some(quote), _) if field.is_none() || (is_text && !is_wanted) => {
                    pass_texts(block.buffer, &lead, quote, at)
                }
                (Some(_), None, Some(range)) if !is_wanted => pass_integers(block.buffer, &lead, range, at),
                (Some(field), Some(quote), _) if is_text => {
                    never_null |= bit;
                    read_texts(block, &lead, quote, at, self.column(field, rows))
                }
                (Some(field), None, Some(range)) => {
                    never_null |= bit;
                    read_integers(block.buffer, &lead, range, at, self.column(field, rows))
                }
                (None, None, _) => {
                    let others = pass_integers(block.buffer, &lead, ANY_INTEGER, at);
                    self.read_each(block, &lead, field, at, others)
                }
                _ => self.read_each(block, &lead, field, at, u64::MAX),
            };
        }
        for (row, (at, (_, end))) in at.iter().zip(block.spans()).enumerate() {
            // Positions only grow: where the last is within the record, all were.
            let ends = at < end && block.buffer.get(*at as usize) == Some(&b'}');
            failed |= u64::from(!ends) << row;
            self.valid[row] |= never_null;
        }
        !failed & (u64::MAX >> (BLOCK_ROWS - rows))
    }

    /// Any other value of those rows, as it is read alone.
    fn read_each(&mut self, block: &Block<'_>, lead: &Lead, field: Option<usize>, at: &mut [u32], rows: u64) -> u64 {
        let mut failed = 0;
        for (row, at) in at.iter_mut().enumerate().filter(|(row, _)| rows >> row & 1 == 1) {
            let record = block.record(row);
            let begin = (*at - record.place.offset) as usize;
            self.row = row;
            self.row_valid = self.valid[row];
            let mut non_ascii = false;
            let start = Start {
                field,
                at: begin + lead.length(),
                quote: lead.quote,
            };
            let is_like = lead.stands_at(record.window, begin);
            match is_like.then(|| self.value(record, start, &mut non_ascii)).flatten() {
                Some(end) if !non_ascii => *at += (end - begin) as u32,
                _ => failed |= 1 << row,
            }
            self.valid[row] = self.row_valid;
        }
        failed
    }
}

/// What stands from `at` on, where the lead does.
#[inline]
fn head_at<'a>(buffer: &'a [u8], lead: &Lead, at: u32) -> Option<&'a [u8; HEAD_BYTES]> {
    let head: &[u8; HEAD_BYTES] = buffer.get(at as usize..)?.first_chunk()?;
    lead.begins(head.first_chunk::<LEAD_BYTES_MAX>()?).then_some(head)
}

#[inline]
fn chunk_at(head: &[u8; HEAD_BYTES], at: usize) -> &[u8; LANES] {
    head.get(at..)
        .and_then(|rest| rest.first_chunk())
        .unwrap_or(&[0; LANES])
}

/// How many bytes the plain text behind the lead has.
#[inline]
fn text_length(buffer: &[u8], head: &[u8; HEAD_BYTES], lead: &Lead, quote: u8, at: u32) -> Option<usize> {
    let begin = lead.length();
    let stops = stop_mask(chunk_at(head, begin), quote);
    if stops != 0 {
        let length = stops.trailing_zeros() as usize;
        return (head[(begin + length) % HEAD_BYTES] == quote).then_some(length);
    }
    let text = buffer.get(at as usize + begin..)?;
    let mut length = LANES;
    loop {
        let stops = stop_mask(text.get(length..)?.first_chunk()?, quote);
        if stops != 0 {
            length += stops.trailing_zeros() as usize;
            return (text.get(length) == Some(&quote)).then_some(length);
        }
        length += LANES;
    }
}

fn pass_texts(buffer: &[u8], lead: &Lead, quote: u8, at: &mut [u32]) -> u64 {
    let mut failed = 0;
    for (row, at) in at.iter_mut().enumerate() {
        let head = head_at(buffer, lead, *at);
        match head.and_then(|head| text_length(buffer, head, lead, quote, *at)) {
            Some(length) => *at += (lead.length() + length + 1) as u32,
            None => failed |= 1 << row,
        }
    }
    failed
}

fn read_texts(block: &Block<'_>, lead: &Lead, quote: u8, at: &mut [u32], cells: &mut [u128]) -> u64 {
    let mut failed = 0;
    let begin = lead.length();
    for (row, (at, cell)) in at.iter_mut().zip(cells).enumerate() {
        let head = head_at(block.buffer, lead, *at);
        let text = head.and_then(|head| Some((head, text_length(block.buffer, head, lead, quote, *at)?)));
        let Some((head, length)) = text else {
            failed |= 1 << row;
            continue;
        };
        let chunk = chunk_at(head, begin);
        let [a, b, c, d, ..] = *chunk;
        let place = ViewPlace {
            buffer: block.index,
            offset: *at + begin as u32,
        };
        *cell = short_view(chunk, length).unwrap_or_else(|| long_view(length, [a, b, c, d], place));
        *at = place.offset + length as u32 + 1;
    }
    failed
}

fn read_integers(buffer: &[u8], lead: &Lead, (least, most): (i64, i64), at: &mut [u32], cells: &mut [u128]) -> u64 {
    let mut failed = 0;
    let begin = lead.length();
    for (row, (at, cell)) in at.iter_mut().zip(cells).enumerate() {
        let Some(head) = head_at(buffer, lead, *at) else {
            failed |= 1 << row;
            continue;
        };
        let negative = head[begin] == b'-';
        let first = begin + usize::from(negative);
        let chunk = chunk_at(head, first);
        let (value, digits) = leading_digits_16(chunk);
        let value = if negative { -value } else { value };
        let is_within = (least <= value) & (value <= most);
        failed |= u64::from(!(is_plain(chunk, digits) & is_within)) << row;
        *cell = value as u128;
        *at += (first + digits) as u32;
    }
    failed
}

/// Passes over integers that nobody looks at: they must be some of their type all the same. Bit i: row i has none, and stays where
/// it is.
fn pass_integers(buffer: &[u8], lead: &Lead, (least, most): (i64, i64), at: &mut [u32]) -> u64 {
    let mut others = 0;
    let begin = lead.length();
    for (row, at) in at.iter_mut().enumerate() {
        let Some(head) = head_at(buffer, lead, *at) else {
            others |= 1 << row;
            continue;
        };
        let first = begin + usize::from(head[begin] == b'-');
        let chunk = chunk_at(head, first);
        let digits = digit_count(chunk);
        // So many digits are less than the greatest of the type has.
        let is_within = POWERS[digits % POWERS.len()] <= most || {
            let (value, _) = leading_digits_16(chunk);
            let value = if first > begin { -value } else { value };
            (least..=most).contains(&value)
        };
        let passes = is_plain(chunk, digits) & is_within && is_value_end(chunk[digits % LANES]);
        others |= u64::from(!passes) << row;
        *at += if passes { (first + digits) as u32 } else { 0 };
    }
    others
}

/// Whether so many digits at the start of a chunk are a number: leading zeros and long ones are for the exact reader. What follows
/// must be what the next lead begins with.
#[inline]
fn is_plain(chunk: &[u8; LANES], digits: usize) -> bool {
    (1..16).contains(&digits) & !(digits > 1 && chunk[0] == b'0')
}

/// The range of an integer type.
pub(super) fn integer_range(data_type: &DataType) -> Option<(i64, i64)> {
    match data_type {
        DataType::TinyInt => Some((i64::from(i8::MIN), i64::from(i8::MAX))),
        DataType::SmallInt => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
        DataType::Int => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        DataType::BigInt => Some((i64::MIN, i64::MAX)),
        _ => None,
    }
}
