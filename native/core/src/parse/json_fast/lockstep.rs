//! Records that look as the one before them did, read field by field: one field of all rows of a block, then the next.
//!
//! What the rows have in common (the lead, the kind of value, where it goes) is then known outside the loop, and the rows of a
//! loop wait for nothing of each other. A row that looks different anywhere is left to be read alone.

use super::block::{BLOCK_ROWS, Block};
use super::lead::{LEAD_BYTES_MAX, Lead};
use super::numbers::Numbers;
use super::{FastReader, Start, is_value_end};
use crate::column::{DataType, LENGTH_BYTES, VIEW_BYTES, ViewPlace, view_behind};
use crate::lanes::{BLOCK, Lanes, Work, plain_length, with_lanes};

/// Bytes looked at in one place: a lead, a sign, a number or the first bytes of a text.
type Head = [u8; LEAD_BYTES_MAX + BLOCK];
/// Blocks that are read row by row after one whose rows did not look alike.
const BLOCKS_PAUSED: usize = 15;

/// The range of a member that is no field.
const ANY_INTEGER: (i64, i64) = (i64::MIN, i64::MAX);

/// Where each row of a block is read on.
type Positions = [u32; BLOCK_ROWS];

/// Reading what rows of a block look as the last record did, compiled for this machine.
struct ReadAlike<'r, 'a, 'b> {
    reader: &'r mut FastReader<'a>,
    block: &'b Block<'b>,
}

impl Work for ReadAlike<'_, '_, '_> {
    type Output = u64;

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> u64 {
        self.reader.read_alike(lanes, self.block)
    }
}

impl FastReader<'_> {
    /// Reads what rows of the block look as the last record did into the block's cells; bit i: row i was read.
    pub(super) fn read_lockstep(&mut self, block: &Block<'_>) -> u64 {
        if self.paused > 0 {
            self.paused -= 1;
            return 0;
        }
        let read = with_lanes(ReadAlike { reader: self, block });
        if (read.count_ones() as usize) < block.len() / 2 {
            self.paused = BLOCKS_PAUSED;
        }
        read
    }

    #[inline(always)]
    fn read_alike<L: Lanes>(&mut self, lanes: L, block: &Block<'_>) -> u64 {
        let mut at: Positions = [0; BLOCK_ROWS];
        for (at, (start, _)) in at.iter_mut().zip(block.spans()) {
            *at = *start;
        }
        let rows = block.len();
        let (mut failed, mut filled, mut never_null) = (0, 0u64, 0);
        self.valid[..rows].fill(0);
        let mut numbers = Numbers::default();
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
                    pass_texts(lanes, block.buffer, &lead, quote, at)
                }
                (Some(_), None, Some(range)) if !is_wanted => {
                    pass_integers(lanes, block.buffer, &lead, range, at, &mut numbers)
                }
                (Some(field), Some(quote), _) if is_text => {
                    never_null |= bit;
                    read_texts(lanes, block, &lead, quote, at, self.column(field, rows))
                }
                (Some(field), None, Some(range)) => {
                    never_null |= bit;
                    read_integers(
                        lanes,
                        block.buffer,
                        &lead,
                        range,
                        (at, self.column(field, rows)),
                        &mut numbers,
                    )
                }
                (None, None, _) => {
                    let others = pass_integers(lanes, block.buffer, &lead, ANY_INTEGER, at, &mut numbers);
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
#[inline(always)]
fn head_at<'a>(lanes: impl Lanes, buffer: &'a [u8], lead: &Lead, at: u32) -> Option<&'a Head> {
    let head: &Head = buffer.get(at as usize..)?.first_chunk()?;
    lead.begins(lanes, head.first_chunk::<LEAD_BYTES_MAX>()?)
        .then_some(head)
}

#[inline]
fn chunk_at(head: &Head, at: usize) -> &[u8; VIEW_BYTES] {
    head.get(at..)
        .and_then(|rest| rest.first_chunk())
        .unwrap_or(&[0; VIEW_BYTES])
}

/// How many bytes the plain text behind the lead has, up to its quote.
#[inline(always)]
fn text_length(lanes: impl Lanes, buffer: &[u8], head: &Head, begin: usize, quote: u8, at: u32) -> Option<usize> {
    let stops = lanes.stops(head.get(begin..)?.first_chunk()?, quote);
    // All bits up to the first quote, or all.
    let within = stops.quotes ^ stops.quotes.wrapping_sub(1);
    if stops.others & within != 0 {
        return None;
    }
    if stops.quotes == 0 {
        return long_text_length(buffer, at as usize + begin, quote);
    }
    Some(stops.quotes.trailing_zeros() as usize)
}

/// The same for one that has no end among its first `BLOCK` bytes.
#[inline(never)]
fn long_text_length(buffer: &[u8], begin: usize, quote: u8) -> Option<usize> {
    let rest = buffer.get(begin + BLOCK..)?;
    let length = plain_length(rest, quote);
    (rest.get(length) == Some(&quote)).then_some(BLOCK + length)
}

#[inline(always)]
fn pass_texts(lanes: impl Lanes, buffer: &[u8], lead: &Lead, quote: u8, at: &mut [u32]) -> u64 {
    let mut failed = 0;
    let begin = lead.length();
    for (row, at) in at.iter_mut().enumerate() {
        let head = head_at(lanes, buffer, lead, *at);
        match head.and_then(|head| text_length(lanes, buffer, head, begin, quote, *at)) {
            Some(length) => *at += (begin + length + 1) as u32,
            None => failed |= 1 << row,
        }
    }
    failed
}

#[inline(always)]
fn read_texts(lanes: impl Lanes, block: &Block<'_>, lead: &Lead, quote: u8, at: &mut [u32], cells: &mut [u128]) -> u64 {
    let mut failed = 0;
    let (buffer, begin) = (block.buffer, lead.length());
    // No lead that ends in a quote is shorter: `{"":"`.
    let Some(before) = begin.checked_sub(LENGTH_BYTES) else {
        return u64::MAX;
    };
    for (row, (at, cell)) in at.iter_mut().zip(cells).enumerate() {
        let head = head_at(lanes, buffer, lead, *at);
        let text = head.and_then(|head| Some((head, text_length(lanes, buffer, head, begin, quote, *at)?)));
        let Some((head, length)) = text else {
            failed |= 1 << row;
            continue;
        };
        let place = ViewPlace {
            buffer: block.index,
            offset: *at + begin as u32,
        };
        *cell = view_behind(chunk_at(head, before % LEAD_BYTES_MAX), length, place);
        *at = place.offset + length as u32 + 1;
    }
    failed
}

/// Reads the whole numbers behind the leads.
#[inline(always)]
fn read_numbers(lanes: impl Lanes, buffer: &[u8], lead: &Lead, at: &[u32], numbers: &mut Numbers) {
    let begin = lead.length();
    for (row, at) in at.iter().enumerate() {
        // Where no lead stands no digits are.
        let Some(head) = head_at(lanes, buffer, lead, *at) else {
            numbers.put(row, false, &[0; VIEW_BYTES]);
            continue;
        };
        let negative = head[begin] == b'-';
        numbers.put(row, negative, chunk_at(head, begin + usize::from(negative)));
    }
    numbers.read();
}

#[inline(always)]
fn read_integers(
    lanes: impl Lanes,
    buffer: &[u8],
    lead: &Lead,
    range: (i64, i64),
    (at, cells): (&mut [u32], &mut [u128]),
    numbers: &mut Numbers,
) -> u64 {
    read_numbers(lanes, buffer, lead, at, numbers);
    let mut failed = 0;
    for (row, (at, cell)) in at.iter_mut().zip(cells).enumerate() {
        let (value, is_plain) = numbers.get(row, range);
        failed |= u64::from(!is_plain) << row;
        *cell = value as u128;
        *at += (lead.length() + numbers.length(row)) as u32;
    }
    failed
}

/// Passes over integers that nobody looks at: they must be some of their type all the same. Bit i: row i has none, and stays where
/// it is.
#[inline(always)]
fn pass_integers(
    lanes: impl Lanes,
    buffer: &[u8],
    lead: &Lead,
    range: (i64, i64),
    at: &mut [u32],
    numbers: &mut Numbers,
) -> u64 {
    read_numbers(lanes, buffer, lead, at, numbers);
    let mut others = 0;
    for (row, at) in at.iter_mut().enumerate() {
        let end = *at + (lead.length() + numbers.length(row)) as u32;
        let ends = buffer.get(end as usize).is_some_and(|byte| is_value_end(*byte));
        let (_, is_plain) = numbers.get(row, range);
        let passes = is_plain & ends;
        others |= u64::from(!passes) << row;
        *at = if passes { end } else { *at };
    }
    others
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
