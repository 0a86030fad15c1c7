//! The kept rows of a join's shard in state files.
//!
//! ```text
//! rows     | 1 | side u8 | u32 rows | row .. |      rows that came
//! matched  | 2 | side u8 | u64 id |                 a row that has met another
//! gone     | 3 | side u8 | u64 id |                 a row that is not needed any more
//! end      | 0 |
//! row      | u64 id | flags u8: 1 has a key, 2 has met another, 4 has a time | i64 time | u32 length, its values encoded |
//!
//! Behind the values of a row stand those of its key where one of them is computed, for those who read the file without the query.
//! ```

use std::collections::HashMap;

use parking_lot::MutexGuard;

use super::ValueCodec;
use super::join::JoinState;
use super::join_index::RowRef;
use super::join_side::{Chunk, JoinSide};
use super::reading::{JoinRows, KeptRow, Wanted};
use crate::checkpoint::{RecordReader, RecordWriter, Versioned};
use crate::error::{Error, Result};

const END: u8 = 0;
const ROWS: u8 = 1;
const MATCHED: u8 = 2;
const GONE: u8 = 3;

const HAS_KEY: u8 = 1;
const IS_MATCHED: u8 = 2;
const HAS_TIME: u8 = 4;

/// Rows of a record: a block can end behind each.
const PIECE_ROWS: usize = 1024;

/// What a record is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinRecord {
    /// Rows that came: their number follows, then the rows.
    Rows,
    /// A row that has met another: its number follows.
    Matched,
    /// A row that is not needed any more: its number follows.
    Gone,
}

/// Reads what comes next and of which side; none at the end.
pub(super) fn read_kind(records: &mut RecordReader) -> Result<Option<(JoinRecord, usize)>> {
    let record = match records.u8()? {
        END => return Ok(None),
        ROWS => JoinRecord::Rows,
        MATCHED => JoinRecord::Matched,
        GONE => JoinRecord::Gone,
        _ => return Err(Error::internal("a record of state is of no known kind")),
    };
    let side = usize::from(records.u8()?);
    if side > 1 {
        return Err(Error::internal("a join has two sides"));
    }
    Ok(Some((record, side)))
}

/// A row as it is written.
pub(super) struct RowRecord<'a> {
    pub id: u64,
    pub has_key: bool,
    pub is_matched: bool,
    pub time: Option<i64>,
    /// Its columns, and its key where that is computed.
    pub values: &'a [u8],
}

/// Reads a row.
pub(super) fn read_row(records: &mut RecordReader) -> Result<RowRecord<'_>> {
    let id = records.u64()?;
    let flags = records.u8()?;
    let time = records.u64()? as i64;
    Ok(RowRecord {
        id,
        has_key: flags & HAS_KEY != 0,
        is_matched: flags & IS_MATCHED != 0,
        time: (flags & HAS_TIME != 0).then_some(time),
        values: records.bytes()?,
    })
}

/// A shard of a join, for its checkpoint.
pub struct JoinShard<'a> {
    /// The join.
    pub join: &'a JoinState,
    pub(super) sides: MutexGuard<'a, [JoinSide; 2]>,
}

impl Versioned for JoinShard<'_> {
    fn write_changes(&self, out: &mut RecordWriter) -> Result<()> {
        for (side, kept) in self.sides.iter().enumerate() {
            let changes = kept.changes();
            // A row may have met another and gone in the same batch: what is gone cannot be marked any more.
            for (kind, ids) in [(MATCHED, &changes.matched), (GONE, &changes.gone)] {
                for &id in ids {
                    begin(out, kind, side)?;
                    out.put_u64(id);
                }
            }
            self.write_rows(out, side, &kept.rows_since(changes.first_new))?;
        }
        if out.records() > 0 {
            out.put_u8(END);
        }
        Ok(())
    }

    fn num_rows(&self) -> u64 {
        self.sides.iter().map(|side| side.len() as u64).sum()
    }

    fn write_all(&self, out: &mut RecordWriter) -> Result<()> {
        for (side, kept) in self.sides.iter().enumerate() {
            self.write_rows(out, side, &kept.live_rows())?;
        }
        out.put_u8(END);
        Ok(())
    }

    fn apply(&mut self, records: &mut RecordReader) -> Result<()> {
        let mut places: [HashMap<u64, RowRef>; 2] = [0, 1].map(|side| {
            let kept: &JoinSide = &self.sides[side];
            kept.live_rows().into_iter().map(|at| (kept.id(at), at)).collect()
        });
        let mut gone = [Vec::new(), Vec::new()];
        let mut new_rows = Vec::new();
        while let Some((kind, side)) = read_kind(records)? {
            if kind == JoinRecord::Rows {
                new_rows.push(self.read_rows(side, records)?);
                continue;
            }
            let id = records.u64()?;
            let place = places[side].remove(&id);
            let at = place.ok_or_else(|| Error::internal(format!("there is no row {id}")))?;
            if kind == JoinRecord::Gone {
                gone[side].push(at);
            } else {
                self.sides[side].set_matched(at);
                places[side].insert(id, at);
            }
        }
        for (side, rows) in gone.iter().enumerate() {
            self.sides[side].remove(rows, |columns, rows| self.join.encode(side, columns, rows))?;
        }
        for (side, ids, chunk) in new_rows {
            self.sides[side].store_as(chunk, ids)?;
        }
        self.sides.iter_mut().for_each(|side| side.begin_batch(0));
        Ok(())
    }
}

impl JoinRows for JoinShard<'_> {
    fn each(&self, side: usize, wanted: &Wanted, visit: &mut dyn FnMut(KeptRow<'_>) -> Result<()>) -> Result<()> {
        let kept = &self.sides[side];
        let codecs: Vec<ValueCodec> = kept.types().iter().map(ValueCodec::new).collect();
        let key_cells = self.join.key_cells();
        let rows = match wanted.key() {
            Some(key) => kept.rows_of_key(key),
            None => kept.live_rows(),
        };
        let (mut key, mut values) = (Vec::new(), Vec::new());
        for at in rows {
            let (chunk, row) = kept.row(at);
            key.clear();
            key_cells.put_columns(chunk.keys.get(row), &mut key);
            values.clear();
            for (codec, column) in codecs.iter().zip(&chunk.columns) {
                codec.encode(column, row, &mut values);
            }
            visit(KeptRow {
                key: &key,
                is_matched: chunk.is_matched[row],
                values: &values,
            })?;
        }
        Ok(())
    }
}

impl JoinShard<'_> {
    fn write_rows(&self, out: &mut RecordWriter, side: usize, rows: &[RowRef]) -> Result<()> {
        let kept = &self.sides[side];
        let codecs: Vec<ValueCodec> = kept.types().iter().map(ValueCodec::new).collect();
        let key_cells = (!self.join.side_shape(side).holds_keys()).then(|| self.join.key_cells());
        let mut values = Vec::new();
        for piece in rows.chunks(PIECE_ROWS) {
            begin(out, ROWS, side)?;
            out.put_count(piece.len());
            for &at in piece {
                let (chunk, row) = kept.row(at);
                let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
                let flags = flag(chunk.has_key[row], HAS_KEY)
                    | flag(chunk.is_matched[row], IS_MATCHED)
                    | flag(chunk.times[row].is_some(), HAS_TIME);
                out.put_u64(kept.id(at));
                out.put_u8(flags);
                out.put_u64(chunk.times[row].unwrap_or(0) as u64);
                values.clear();
                for (codec, column) in codecs.iter().zip(&chunk.columns) {
                    codec.encode(column, row, &mut values);
                }
                if let Some(key_cells) = &key_cells {
                    key_cells.put_columns(chunk.keys.get(row), &mut values);
                }
                out.put_bytes(&values);
            }
        }
        Ok(())
    }

    fn read_rows(&self, side: usize, records: &mut RecordReader) -> Result<(usize, Vec<u64>, Chunk)> {
        let rows = records.count()?;
        let codecs = self.sides[side].types().iter().map(ValueCodec::new);
        let mut columns: Vec<_> = codecs.map(|codec| codec.builder()).collect();
        let (mut ids, mut has_key, mut is_matched, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rows {
            let row = read_row(records)?;
            ids.push(row.id);
            has_key.push(row.has_key);
            is_matched.push(row.is_matched);
            times.push(row.time);
            let mut values = row.values;
            for column in &mut columns {
                column.push(&mut values)?;
            }
        }
        let columns = columns
            .into_iter()
            .map(|column| column.finish())
            .collect::<Result<Vec<_>>>()?;
        let keys = self.join.encode(side, &columns, rows)?;
        let chunk = Chunk {
            columns,
            rows,
            keys,
            has_key,
            times,
            is_matched,
        };
        Ok((side, ids, chunk))
    }
}

fn begin(out: &mut RecordWriter, kind: u8, side: usize) -> Result<()> {
    out.begin_record()?;
    out.put_u8(kind);
    out.put_u8(side as u8);
    Ok(())
}
