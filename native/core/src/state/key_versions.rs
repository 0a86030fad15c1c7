//! The seen keys of a shard in state files.
//!
//! ```text
//! kept     | 1 | u32 keys | key, i64 expiry .. |      keys that are there now
//! gone     | 2 | key |                                 a key that was forgotten
//! end      | 0 |
//! ```

use parking_lot::MutexGuard;

use super::versioned::{read_key, write_key};
use super::{KeyView, SeenKeys};
use crate::checkpoint::{RecordReader, RecordWriter, Versioned};
use crate::error::{Error, Result};

const END: u8 = 0;
const KEPT: u8 = 1;
const GONE: u8 = 2;

/// Keys of a record: a block can end behind each.
const PIECE_KEYS: usize = 1024;

impl Versioned for MutexGuard<'_, SeenKeys> {
    fn write_changes(&self, out: &mut RecordWriter) -> Result<()> {
        let mut kept = Vec::new();
        for (key, expiry) in self.changed_keys() {
            match expiry {
                Some(expiry) => kept.push((key, expiry)),
                None => {
                    out.begin_record()?;
                    out.put_u8(GONE);
                    write_key(out, key);
                }
            }
        }
        write_kept(&kept, out)?;
        if out.records() > 0 {
            out.put_u8(END);
        }
        Ok(())
    }

    fn num_rows(&self) -> u64 {
        self.len()
    }

    fn write_all(&self, out: &mut RecordWriter) -> Result<()> {
        let kept: Vec<_> = self.all_keys().collect();
        write_kept(&kept, out)?;
        out.put_u8(END);
        Ok(())
    }

    fn apply(&mut self, records: &mut RecordReader) -> Result<()> {
        let mut key = Vec::new();
        loop {
            match records.u8()? {
                END => return Ok(()),
                KEPT => {
                    for _ in 0..records.count()? {
                        // The expiry stands behind the key, which is only lent.
                        let is_null = read_key(records)?.with_bytes(|bytes| {
                            key.clear();
                            key.extend_from_slice(bytes.unwrap_or_default());
                            bytes.is_none()
                        });
                        let expiry = records.u64()? as i64;
                        let key = if is_null { KeyView::null() } else { KeyView::of(&key) };
                        self.restore(key, Some(expiry))?;
                    }
                }
                GONE => self.restore(read_key(records)?, None)?,
                _ => return Err(Error::internal("a record of state is of no known kind")),
            }
        }
    }
}

fn write_kept(kept: &[(KeyView<'_>, i64)], out: &mut RecordWriter) -> Result<()> {
    for piece in kept.chunks(PIECE_KEYS) {
        out.begin_record()?;
        out.put_u8(KEPT);
        out.put_count(piece.len());
        for &(key, expiry) in piece {
            write_key(out, key);
            out.put_u64(expiry as u64);
        }
    }
    Ok(())
}
