//! A split: one map task's input, as it crosses the border, and how it is read in chunks.

use arrow_array::ArrayRef;
use serde::Deserialize;

use super::{Place, columns, json_records, kafka, lines, rate};
use crate::error::{Error, Result};
use crate::parse::TimeZone;
use crate::plan::SourceSpec;

/// The SplitSpec of docs/design/border.md.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "format", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Split {
    /// Lines of a byte range of a file, one text a row.
    Text(lines::FileRange),
    /// Lines of a byte range of a file, one JSON document a row.
    Json(lines::FileRange),
    /// An InputBatch in the bytes beside it.
    Columns {
        /// The reader's number.
        source: u32,
    },
    /// Kafka record sets in the bytes beside it.
    Kafka {
        /// The reader's number.
        source: u32,
        /// Where they are.
        segments: Vec<kafka::Segment>,
    },
    /// Numbers made up.
    Rate(rate::RateRange),
}

/// Rows on their way through a pipeline: at most `CHUNK_ROWS_MAX`.
pub struct Chunk {
    /// The columns, in the order of the reader's schema.
    pub columns: Vec<ArrayRef>,
    /// Rows in each.
    pub rows: usize,
    /// Where they came from.
    pub place: Place,
}

/// Reads a split, a chunk at a time. Returns the bytes of input looked at.
pub fn read_split(
    split: &Split,
    bytes: Option<&[u8]>,
    source: &SourceSpec,
    zone: &TimeZone,
    mut each: impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    let missing = || Error::internal("the split has no bytes");
    match split {
        Split::Text(range) => lines::read_text(range, &mut each),
        Split::Json(range) => json_records::read_json(range, &source.schema, &source.options, zone, &mut each),
        Split::Columns { .. } => columns::read(bytes.ok_or_else(missing)?, &source.schema, &mut each),
        Split::Kafka { segments, .. } => kafka::read(bytes.ok_or_else(missing)?, segments, &mut each),
        Split::Rate(range) => rate::read(range, &mut each),
    }
}

impl Split {
    /// The reader's number.
    pub fn source(&self) -> u32 {
        match self {
            Split::Text(range) | Split::Json(range) => range.source,
            Split::Columns { source } | Split::Kafka { source, .. } => *source,
            Split::Rate(range) => range.source,
        }
    }
}
