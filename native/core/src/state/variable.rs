//! What a variable of the program's state holds for one key, as bytes.
//!
//! ```text
//! value | entry |                        list | entry .. |                        map | key, entry .. |
//! entry | i64 expiry (ms), where the variable has a time to live | the value, as `codec` writes it |
//! ```
//!
//! No bytes = nothing held. Lists grow at their end; a map is written anew when it changes.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};

use super::ValueCodec;
use super::codec::{ColumnBuilder, take};
use crate::error::{Error, Result};
use crate::plan::{StateVariable, VariableKind};

/// Reads and writes what one variable holds.
pub struct VariableCodec {
    kind: VariableKind,
    value: ValueCodec,
    key: Option<ValueCodec>,
    /// How long a value stays.
    ttl_ms: Option<i64>,
    /// Of all that it holds for a key, as one value.
    column: ValueCodec,
}

/// One entry of what a variable holds.
struct Entry<'a> {
    key: &'a [u8],
    expiry_ms: i64,
    value: &'a [u8],
    /// Its bytes as they stand.
    whole: &'a [u8],
}

/// When an entry expires that never does.
pub const NO_EXPIRY: i64 = i64::MAX;

impl VariableCodec {
    /// For a variable.
    pub fn new(variable: &StateVariable) -> Self {
        Self {
            kind: variable.kind,
            value: ValueCodec::new(&variable.data_type),
            key: variable.key_type.as_ref().map(ValueCodec::new),
            ttl_ms: variable.ttl_ms,
            column: ValueCodec::new(&variable.column_type()),
        }
    }

    /// Whether entries expire.
    pub fn expires(&self) -> bool {
        self.ttl_ms.is_some()
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        self.kind == VariableKind::Map
    }

    /// A column of what keys hold.
    pub fn builder(&self) -> ColumnBuilder {
        self.column.builder()
    }

    /// Adds what a key holds to a column, null for nothing; what has expired by `now_ms` is not shown.
    pub fn push(&self, held: &[u8], now_ms: i64, column: &mut ColumnBuilder) -> Result<()> {
        if held.is_empty() {
            column.push_null();
            return Ok(());
        }
        if self.kind == VariableKind::Value && self.ttl_ms.is_none() {
            return column.push(&mut { held });
        }
        let mut shown: Vec<u8> = Vec::with_capacity(held.len() + 5);
        let mut count = 0u32;
        for entry in self.entries(held) {
            let entry = entry?;
            if entry.expiry_ms > now_ms {
                shown.extend_from_slice(entry.key);
                shown.extend_from_slice(entry.value);
                count += 1;
            }
        }
        if count == 0 {
            column.push_null();
            return Ok(());
        }
        if self.kind != VariableKind::Value {
            let [a, b, c, d] = count.to_le_bytes();
            shown.splice(0..0, [1, a, b, c, d]);
        }
        column.push(&mut shown.as_slice())
    }

    /// Spark's number of rows of state: one for a value, one for a list, one for each entry of a map.
    pub fn num_rows(&self, held: &[u8]) -> u64 {
        match self.kind {
            VariableKind::Value | VariableKind::List => u64::from(!held.is_empty()),
            VariableKind::Map => self.entries(held).count() as u64,
        }
    }

    /// Writes row `row` of `column` into what a key holds: instead of all that it held (`replaces`), else beside it.
    /// A null clears a value; an entry of a map whose value is null is taken out.
    pub fn write(&self, held: &mut Vec<u8>, column: &ArrayRef, row: usize, replaces: bool, now_ms: i64) -> Result<()> {
        let expiry_ms = self.ttl_ms.map_or(NO_EXPIRY, |ttl_ms| now_ms.saturating_add(ttl_ms));
        let is_null = column.is_null(row);
        if replaces || self.kind == VariableKind::Value {
            held.clear();
        }
        match self.kind {
            _ if is_null => {}
            VariableKind::Value => self.append(held, &[], expiry_ms, column, row),
            VariableKind::List => {
                let values = column.as_list::<i32>().value(row);
                for row in 0..values.len() {
                    self.append(held, &[], expiry_ms, &values, row);
                }
            }
            VariableKind::Map => self.write_entries(held, column, row, expiry_ms)?,
        }
        Ok(())
    }

    fn append(&self, held: &mut Vec<u8>, key: &[u8], expiry_ms: i64, values: &ArrayRef, row: usize) {
        held.extend_from_slice(key);
        if self.expires() {
            held.extend_from_slice(&expiry_ms.to_le_bytes());
        }
        self.value.encode(values, row, held);
    }

    fn write_entries(&self, held: &mut Vec<u8>, column: &ArrayRef, row: usize, expiry_ms: i64) -> Result<()> {
        let Some(codec) = &self.key else {
            return Err(Error::internal("a map without a type of keys"));
        };
        let changes = column.as_map().value(row);
        let (keys, values) = (changes.column(0), changes.column(1));
        let mut key_bytes = Vec::new();
        let mut changed: std::collections::HashMap<Vec<u8>, usize> = std::collections::HashMap::new();
        for row in 0..changes.len() {
            key_bytes.clear();
            codec.encode(keys, row, &mut key_bytes);
            changed.insert(key_bytes.clone(), row);
        }
        let before = std::mem::take(held);
        // Entries stay where they are; new ones come behind.
        for entry in self.entries(&before) {
            let entry = entry?;
            match changed.remove(entry.key) {
                None => held.extend_from_slice(entry.whole),
                Some(row) if values.is_null(row) => {}
                Some(row) => self.append(held, entry.key, expiry_ms, values, row),
            }
        }
        let mut added: Vec<_> = changed.into_iter().filter(|&(_, row)| !values.is_null(row)).collect();
        added.sort_unstable_by_key(|&(_, row)| row);
        for (key, row) in added {
            self.append(held, &key, expiry_ms, values, row);
        }
        Ok(())
    }

    /// Takes out what has expired by `now_ms`. Returns how many entries that were.
    pub fn expire(&self, held: &mut Vec<u8>, now_ms: i64) -> Result<u64> {
        let before = std::mem::take(held);
        let mut expired = 0;
        for entry in self.entries(&before) {
            let entry = entry?;
            if entry.expiry_ms <= now_ms {
                expired += 1;
            } else {
                held.extend_from_slice(entry.whole);
            }
        }
        Ok(expired)
    }

    /// When the first of the entries expires. Those of a list are in the order in which they do.
    pub fn first_expiry(&self, held: &[u8]) -> Result<i64> {
        if !self.expires() {
            return Ok(NO_EXPIRY);
        }
        let count = if self.is_map() { usize::MAX } else { 1 };
        let mut entries = self.entries(held).take(count);
        entries.try_fold(NO_EXPIRY, |first, entry| Ok(first.min(entry?.expiry_ms)))
    }

    /// Calls `visit` with the key, the value and the expiry of each entry; the key of a list's or a value's is empty.
    pub fn each(&self, held: &[u8], mut visit: impl FnMut(&[u8], &[u8], i64) -> Result<()>) -> Result<()> {
        self.entries(held).try_for_each(|entry| {
            let entry = entry?;
            visit(entry.key, entry.value, entry.expiry_ms)
        })
    }

    fn entries<'a>(&'a self, held: &'a [u8]) -> impl Iterator<Item = Result<Entry<'a>>> {
        let mut rest = held;
        std::iter::from_fn(move || (!rest.is_empty()).then(|| self.take_entry(&mut rest)))
    }

    fn take_entry<'a>(&self, rest: &mut &'a [u8]) -> Result<Entry<'a>> {
        let start = *rest;
        let taken = self.take_parts(rest);
        if taken.is_err() {
            // An entry that cannot be read is the last one.
            *rest = &[];
        }
        let (key, expiry_ms, value) = taken?;
        Ok(Entry {
            key,
            expiry_ms,
            value,
            whole: &start[..start.len() - rest.len()],
        })
    }

    fn take_parts<'a>(&self, rest: &mut &'a [u8]) -> Result<(&'a [u8], i64, &'a [u8])> {
        let key = match &self.key {
            Some(codec) => codec.split(rest)?,
            None => &[],
        };
        let expiry_ms = if self.expires() {
            let bytes = take(rest, 8)?.try_into();
            i64::from_le_bytes(bytes.map_err(|_| Error::internal("an expiry is cut off"))?)
        } else {
            NO_EXPIRY
        };
        Ok((key, expiry_ms, self.value.split(rest)?))
    }
}
