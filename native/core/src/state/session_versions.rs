//! The sessions of a shard in state files.
//!
//! ```text
//! key      | 1 | u32 sessions | key | session .. |      all sessions that the key has now; none where they are gone
//! end      | 0 |
//! session  | i64 start | i64 end | accumulators as in `versioned` |
//! ```

use parking_lot::MutexGuard;

use super::versioned::{read_key, write_accumulators, write_key};
use super::{KeyView, SessionStore};
use crate::checkpoint::{RecordReader, RecordWriter, Versioned};
use crate::error::{Error, Result};

const END: u8 = 0;
const KEY: u8 = 1;

impl Versioned for MutexGuard<'_, SessionStore> {
    fn write_changes(&self, out: &mut RecordWriter) -> Result<()> {
        self.changed_keys().try_for_each(|key| write_sessions(self, key, out))?;
        if out.records() > 0 {
            out.put_u8(END);
        }
        Ok(())
    }

    fn num_rows(&self) -> u64 {
        self.len()
    }

    fn write_all(&self, out: &mut RecordWriter) -> Result<()> {
        self.all_keys().try_for_each(|key| write_sessions(self, key, out))?;
        out.put_u8(END);
        Ok(())
    }

    fn apply(&mut self, records: &mut RecordReader) -> Result<()> {
        loop {
            match records.u8()? {
                END => return Ok(()),
                KEY => {
                    let count = records.count()?;
                    let rows = self.replace(read_key(records)?, count)?;
                    for row in rows {
                        let (start, end) = (records.u64()? as i64, records.u64()? as i64);
                        self.restore(row, start, end, records)?;
                    }
                }
                _ => return Err(Error::internal("a record of state is of no known kind")),
            }
        }
    }
}

fn write_sessions(store: &SessionStore, key: KeyView<'_>, out: &mut RecordWriter) -> Result<()> {
    let rows = store.sessions_of(key);
    out.begin_record()?;
    out.put_u8(KEY);
    out.put_count(rows.len());
    write_key(out, key);
    for row in rows {
        out.put_u64(store.start(row) as u64);
        out.put_u64(store.end(row) as u64);
        write_accumulators(out, store.table(), row);
    }
    Ok(())
}
