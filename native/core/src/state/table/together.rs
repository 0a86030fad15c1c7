//! Keys that are looked for together: none waits for the memory of another.

use super::{GroupTable, spread};
use crate::error::Result;
use crate::state::KeyView;

/// Keys that are looked for at once.
const SOUGHT_AT_ONCE: usize = 64;

/// A key that is looked for, and the row that is likely its own.
#[derive(Clone, Copy, Default)]
struct Sought<'a> {
    key: KeyView<'a>,
    tag: u64,
    mark: u32,
    row: Option<u32>,
}

/// Which marks rows have been made for; may say so of others.
#[derive(Default)]
struct Made([u64; 4]);

impl Made {
    /// Adds a mark; whether it is certainly new.
    #[inline]
    fn add(&mut self, mark: u32) -> bool {
        let (word, bit) = (mark as usize / 64 % 4, 1 << (mark % 64));
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }
}

impl GroupTable {
    /// As [`GroupTable::find_or_insert`] for one key with `count` tags, in order: most are like the one before.
    pub fn find_or_insert_tags(
        &mut self,
        count: usize,
        key: KeyView<'_>,
        mut tag_of: impl FnMut(usize) -> u64,
        found: &mut Vec<u32>,
    ) -> Result<()> {
        let mut last = None;
        for nth in 0..count {
            let tag = tag_of(nth);
            let row = match last {
                Some((last, row)) if last == tag => row,
                _ => self.find_or_insert(key, tag)?,
            };
            last = Some((tag, row));
            found.push(row);
        }
        Ok(())
    }

    /// As [`GroupTable::find_or_insert`] for `count` keys, in order. Some at a time are read, then looked for, then looked at: none
    /// waits for the memory of another.
    pub fn find_or_insert_all<'a>(
        &mut self,
        count: usize,
        key_of: impl Fn(usize) -> KeyView<'a>,
        mut tag_of: impl FnMut(usize) -> u64,
        found: &mut Vec<u32>,
    ) -> Result<()> {
        found.reserve(count);
        let mut sought = [Sought::default(); SOUGHT_AT_ONCE];
        for first in (0..count).step_by(SOUGHT_AT_ONCE) {
            let sought = &mut sought[..SOUGHT_AT_ONCE.min(count - first)];
            for (nth, sought) in (first..).zip(sought.iter_mut()) {
                let (key, tag) = (key_of(nth), tag_of(nth));
                let mark = self.tag.mark(key.hash, tag);
                *sought = Sought {
                    key,
                    tag,
                    mark,
                    row: None,
                };
            }
            for Sought { mark, row, .. } in &mut *sought {
                let entry = self.index.iter_hash(spread(*mark)).find(|entry| entry.mark == *mark);
                *row = entry.map(|entry| entry.row);
            }
            let mut made = Made::default();
            for &Sought { key, tag, mark, row } in &*sought {
                found.push(match row {
                    Some(row) if self.is_row_of(row, &key, tag) => row,
                    None if made.add(mark) => self.insert(key, mark, tag)?,
                    _ => self.find_or_insert(key, tag)?,
                });
            }
        }
        Ok(())
    }
}
