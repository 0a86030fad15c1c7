//! The rows of a shard put together by their keys.

use std::ops::Range;
use std::sync::Arc;

use super::key_list::KeyList;
use super::{Budget, GroupKeys, GroupTable, Layout, Tag};
use crate::error::Result;

/// The groups of a shard.
pub(super) struct FoundGroups {
    /// Where a key's group is looked up.
    pub table: GroupTable,
    /// The groups' keys, in the order they came.
    pub keys: KeyList,
}

impl FoundGroups {
    /// None yet, of so many rows at most.
    pub fn new(rows: usize) -> Result<Self> {
        let mut table = GroupTable::new(Layout::with_extra(&[], 0), Tag::Batch, Arc::new(Budget::new(0)));
        table.expect_rows(rows)?;
        Ok(Self {
            table,
            keys: KeyList::default(),
        })
    }

    /// Finds the groups of rows; gives the group of each row that is not late, in the order they came.
    pub fn add(&mut self, keys: &GroupKeys, rows: Range<usize>, late: &[bool]) -> Result<Vec<(u32, u32)>> {
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            if late.get(row).copied().unwrap_or(false) {
                continue;
            }
            let key = keys.get(row);
            let group = self.table.find_or_insert(key, 0)?;
            if group as usize == self.keys.len() {
                self.keys.push(key);
            }
            found.push((group, row as u32));
        }
        Ok(found)
    }
}

/// Rows group by group, and where those of each group end.
#[derive(Default)]
pub(super) struct RowOrder {
    /// The rows.
    pub rows: Vec<u32>,
    /// Where each group's rows end.
    pub ends: Vec<i32>,
}

impl RowOrder {
    /// Appends rows that are given with their groups, in this order of groups.
    pub fn append(&mut self, sorted: &[u32], rows: &[(u32, u32)]) {
        let mut places = vec![0usize; sorted.len()];
        for &(group, _) in rows {
            places[group as usize] += 1;
        }
        let mut end = self.rows.len();
        for &group in sorted {
            let count = std::mem::replace(&mut places[group as usize], end);
            end += count;
            self.ends.push(end as i32);
        }
        self.rows.resize(end, 0);
        for &(group, row) in rows {
            let place = &mut places[group as usize];
            self.rows[*place] = row;
            *place += 1;
        }
    }

    /// The groups up to `count` that have not come yet have no rows.
    pub fn add_groups_without_rows(&mut self, count: usize) {
        self.ends.resize(count, self.rows.len() as i32);
    }
}
