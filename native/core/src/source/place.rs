//! Where a row came from, for error messages: nothing is kept per row, it is worked out when something failed.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::Int64Array;

use crate::error::Error;

/// The origin of a chunk's rows.
#[derive(Clone)]
pub enum Place {
    /// Lines of a file; `starts` has each line's first byte, from the file's beginning.
    File {
        /// The file.
        path: PathBuf,
        /// First byte of each row's line.
        starts: Vec<u64>,
    },
    /// Kafka records.
    Kafka {
        /// Their topic.
        topic: Arc<str>,
        /// Their partition.
        partition: i32,
        /// Offset of each row.
        offsets: Int64Array,
    },
    /// Rows of memory; the number of the chunk's first row.
    Memory {
        /// Number of the first row within its batch.
        first_row: usize,
    },
}

/// Where one record came from, as far as its source has such places.
#[derive(Clone, Debug, Default)]
pub struct PlaceOfRow {
    /// Kafka topic.
    pub topic: Option<Vec<u8>>,
    /// Kafka partition.
    pub partition: Option<i32>,
    /// Kafka offset.
    pub offset: Option<i64>,
    /// File.
    pub path: Option<String>,
    /// First byte in the file.
    pub byte: Option<i64>,
}

impl Place {
    /// The place of one row.
    pub fn of_row(&self, row: usize) -> PlaceOfRow {
        match self {
            Place::File { path, starts } => PlaceOfRow {
                path: Some(path.display().to_string()),
                byte: starts.get(row).map(|&byte| byte as i64),
                ..PlaceOfRow::default()
            },
            Place::Kafka {
                topic,
                partition,
                offsets,
            } => PlaceOfRow {
                topic: Some(topic.as_bytes().to_vec()),
                partition: Some(*partition),
                offset: Some(offsets.value(row)),
                ..PlaceOfRow::default()
            },
            Place::Memory { .. } => PlaceOfRow::default(),
        }
    }

    /// The place of these rows alone; Kafka records and memory are never taken apart before they are placed.
    pub fn of_rows(self, rows: &[usize]) -> Self {
        match self {
            Place::File { path, starts } => Place::File {
                path,
                starts: rows.iter().map(|&row| starts[row]).collect(),
            },
            other => other,
        }
    }

    /// Adds the place of `row` to an error.
    pub fn describe(&self, error: Error, row: usize) -> Error {
        match self {
            Place::File { path, starts } => {
                let byte = starts.get(row).copied().unwrap_or_default();
                let error = error
                    .in_context("path", path.display().to_string())
                    .in_context("byte", byte);
                match line_number(path, byte) {
                    Some(line) => error.in_context("line", line),
                    None => error,
                }
            }
            Place::Kafka {
                topic,
                partition,
                offsets,
            } => error
                .in_context("topic", topic.as_ref())
                .in_context("partition", *partition)
                .in_context("offset", offsets.value(row)),
            Place::Memory { first_row } => error.in_context("row", first_row + row),
        }
    }
}

/// Counts the lines before `byte` (from 1). The file is read again: this happens once, when a query fails.
fn line_number(path: &PathBuf, byte: u64) -> Option<u64> {
    use std::io::Read;
    let mut file = std::fs::File::open(path).ok()?.take(byte);
    let mut block = vec![0; 1 << 16];
    let mut lines = 1;
    loop {
        let count = file.read(&mut block).ok()?;
        if count == 0 {
            return Some(lines);
        }
        lines += memchr::memchr_iter(b'\n', &block[..count]).count() as u64;
    }
}
