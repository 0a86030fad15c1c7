//! The groups of a shard in state files.
//!
//! ```text
//! rows  | 1 | i64 end | i64 start | u32 rows | row .. |      groups of one window that are there now
//! gone  | 2 | i64 end | i64 start |                          a window that was closed
//! end   | 0 |
//! row   | u32 key length, or all ones for the null of a text key | key | accumulators' words |
//!       | for each accumulator that has a value on the heap: u32 length, bytes |
//! ```

use parking_lot::MutexGuard;

use super::{GroupTable, KeyView, ShardStore, Span};
use crate::checkpoint::{RecordReader, RecordWriter, Versioned};
use crate::error::{Error, Result};

const END: u8 = 0;
const ROWS: u8 = 1;
const GONE: u8 = 2;

const NULL_KEY: usize = u32::MAX as usize;

impl Versioned for MutexGuard<'_, ShardStore> {
    fn write_changes(&self, out: &mut RecordWriter) -> Result<()> {
        for &span in self.closed() {
            begin(out, GONE, span)?;
        }
        for (span, table) in self.windows() {
            write_rows(out, span, table, table.touched().iter().copied())?;
        }
        if out.records() > 0 {
            out.put_u8(END);
        }
        Ok(())
    }

    fn num_rows(&self) -> u64 {
        self.len()
    }

    fn write_all(&self, out: &mut RecordWriter) -> Result<()> {
        for (span, table) in self.windows() {
            write_rows(out, span, table, 0..table.len() as u32)?;
        }
        out.put_u8(END);
        Ok(())
    }

    fn expect_rows(&mut self, rows: u64) {
        self.expected_rows = rows as usize;
    }

    fn apply(&mut self, records: &mut RecordReader) -> Result<()> {
        loop {
            let kind = records.u8()?;
            if kind == END {
                return Ok(());
            }
            let end = records.u64()? as i64;
            let start = records.u64()? as i64;
            let span = Span { end, start };
            match kind {
                ROWS => {
                    let rows = records.count()?;
                    // How many groups there are in each of several windows is not known before they are read.
                    let expected = if span == Span::ALL { self.expected_rows } else { 0 };
                    let followed = self.followed_batch();
                    let table = self.window(span);
                    table.expect_rows(expected)?;
                    for _ in 0..rows {
                        let row = read_row(table, records)?;
                        if let Some(batch) = followed {
                            table.touch(row, batch);
                        }
                    }
                }
                GONE => self.forget(span),
                _ => return Err(Error::internal("a record of state is of no known kind")),
            }
        }
    }
}

fn begin(out: &mut RecordWriter, kind: u8, span: Span) -> Result<()> {
    out.begin_record()?;
    out.put_u8(kind);
    out.put_u64(span.end as u64);
    out.put_u64(span.start as u64);
    Ok(())
}

/// Rows of one window, in pieces that leave room for a block's end between them.
fn write_rows(
    out: &mut RecordWriter,
    span: Span,
    table: &GroupTable,
    rows: impl ExactSizeIterator<Item = u32>,
) -> Result<()> {
    const PIECE_ROWS: usize = 1024;
    let mut left = rows.len();
    for (index, row) in rows.enumerate() {
        if index % PIECE_ROWS == 0 {
            begin(out, ROWS, span)?;
            out.put_count(left.min(PIECE_ROWS));
            left -= left.min(PIECE_ROWS);
        }
        write_key(out, table.key(row));
        write_accumulators(out, table, row);
    }
    Ok(())
}

fn read_row(table: &mut GroupTable, records: &mut RecordReader) -> Result<u32> {
    let row = table.find_or_insert(read_key(records)?, 0)?;
    table.read_accumulators(row, records)?;
    Ok(row)
}

/// Writes a key: its length, or all ones for the null of a text key, and its bytes.
pub(super) fn write_key(out: &mut RecordWriter, key: KeyView<'_>) {
    key.with_bytes(|bytes| match bytes {
        Some(bytes) => out.put_bytes(bytes),
        None => out.put_count(NULL_KEY),
    });
}

/// Reads what [`write_key`] wrote.
pub(super) fn read_key(records: &mut RecordReader) -> Result<KeyView<'_>> {
    let length = records.count()?;
    if length == NULL_KEY {
        return Ok(KeyView::null());
    }
    Ok(KeyView::of(records.take(length)?))
}

/// Writes a row's accumulators and its values on the heap.
pub(super) fn write_accumulators(out: &mut RecordWriter, table: &GroupTable, row: u32) {
    out.put_words(table.accumulators(row));
    for value in table.heap_values_of(row) {
        out.put_bytes(&value.to_bytes());
    }
}
