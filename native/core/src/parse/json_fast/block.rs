//! Records that are read together.

use arrow_array::{Array, BinaryViewArray};

use crate::column::{INLINE_MAX, ViewPlace, length_of, place_of};

/// Rows of a block at most: its cells stay in the first-level cache, and a word has a bit for each.
pub(super) const BLOCK_ROWS: usize = 64;

/// Records to be read together, all of one buffer.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    pub(super) buffer: &'a [u8],
    pub(super) index: u32,
    /// Where each begins and ends.
    spans: [(u32, u32); BLOCK_ROWS],
    length: usize,
}

impl<'a> Block<'a> {
    /// The records that one block takes from row `from` on, which is not null: up to one that is, or lies elsewhere.
    pub(crate) fn of(records: &'a BinaryViewArray, from: usize) -> Self {
        let views = records.views().get(from..).unwrap_or_default();
        let first = views.first().copied().unwrap_or_default();
        let index = place_of(first).buffer;
        let mut block = Self {
            buffer: records.data_buffers().get(index as usize).map_or(&[], |buffer| buffer),
            index,
            spans: [(0, 0); BLOCK_ROWS],
            length: 0,
        };
        if length_of(first) <= INLINE_MAX {
            block.buffer = records.value(from);
            block.spans[0].1 = length_of(first) as u32;
            block.length = 1;
            return block;
        }
        let nulls = records.nulls();
        for ((row, view), span) in (from..).zip(views).zip(&mut block.spans) {
            let place = place_of(*view);
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
            if is_null || length_of(*view) <= INLINE_MAX || place.buffer != index {
                break;
            }
            *span = (place.offset, place.offset + length_of(*view) as u32);
            block.length += 1;
        }
        block
    }

    /// How many records it has.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(super) fn spans(&self) -> &[(u32, u32)] {
        &self.spans[..self.length]
    }

    /// The record of a row.
    pub(super) fn record(&self, row: usize) -> Record<'a> {
        let (start, end) = self.spans[row];
        let window = self.buffer.get(start as usize..).unwrap_or_default();
        Record {
            bytes: window.get(..(end - start) as usize).unwrap_or_default(),
            window,
            place: ViewPlace {
                buffer: self.index,
                offset: start,
            },
        }
    }
}

/// A record to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The same, and what stands behind them in their buffer: it may be looked at together with them.
    pub window: &'a [u8],
    /// Where it lies.
    pub place: ViewPlace,
}
