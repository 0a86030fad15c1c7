//! What the program's functions keep for the keys of a shard, in state files.
//!
//! ```text
//! kept     | 1 | key | for each variable: u32 length, bytes as in `variable` | u32 timers | i64 time (ms) .. |
//! gone     | 2 | key |
//! end      | 0 |
//! ```

use parking_lot::MutexGuard;

use super::versioned::{read_key, write_key};
use super::{KeyView, VariableStore};
use crate::checkpoint::{RecordReader, RecordWriter, Versioned};
use crate::error::{Error, Result};

const END: u8 = 0;
const KEPT: u8 = 1;
const GONE: u8 = 2;

/// What a key is put down as that no batch has changed.
const NO_BATCH: u64 = u64::MAX;

impl Versioned for MutexGuard<'_, VariableStore> {
    fn write_changes(&self, out: &mut RecordWriter) -> Result<()> {
        for (key, row) in self.changed_keys() {
            match row {
                Some(row) => write_kept(self, key, row, out)?,
                None => {
                    out.begin_record()?;
                    out.put_u8(GONE);
                    write_key(out, key);
                }
            }
        }
        if out.records() > 0 {
            out.put_u8(END);
        }
        Ok(())
    }

    fn num_rows(&self) -> u64 {
        VariableStore::num_rows(self)
    }

    fn write_all(&self, out: &mut RecordWriter) -> Result<()> {
        self.all_keys()
            .try_for_each(|(key, row)| write_kept(self, key, row, out))?;
        out.put_u8(END);
        Ok(())
    }

    fn apply(&mut self, records: &mut RecordReader) -> Result<()> {
        loop {
            match records.u8()? {
                END => return Ok(()),
                KEPT => {
                    let row = self.row_of(NO_BATCH, read_key(records)?, None)?;
                    for variable in 0..self.num_variables() {
                        let bytes = records.bytes()?;
                        self.restore(row, variable, bytes)?;
                    }
                    self.clear_timers(row);
                    for _ in 0..records.count()? {
                        let time = records.u64()? as i64;
                        self.set_timer(row, time, true)?;
                    }
                }
                GONE => self.forget(read_key(records)?)?,
                _ => return Err(Error::internal("a record of state is of no known kind")),
            }
        }
    }
}

fn write_kept(store: &VariableStore, key: KeyView<'_>, row: u32, out: &mut RecordWriter) -> Result<()> {
    out.begin_record()?;
    out.put_u8(KEPT);
    write_key(out, key);
    for variable in 0..store.num_variables() {
        out.put_bytes(store.held(row, variable));
    }
    out.put_count(store.timers(row).len());
    for &time in store.timers(row) {
        out.put_u64(time as u64);
    }
    Ok(())
}
