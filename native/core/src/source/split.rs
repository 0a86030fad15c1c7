//! A split: one map task's input, as it crosses the border, and how it is read in chunks.

use arrow_array::{ArrayRef, BooleanArray};
use arrow_select::filter::filter;
use serde::Deserialize;

use super::partition_values::PartitionValues;
use super::{Place, columns, csv_records, includes_headers, json_records, kafka, lines, parquet_rows, rate};
use crate::error::{Error, Result};
use crate::options::Options;
use crate::plan::SourceSpec;
use crate::session::Session;

/// The SplitSpec of docs/design/border.md.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "format", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Split {
    /// Lines of a byte range of a file, one text a row.
    Text(lines::FileRange),
    /// Lines of a byte range of a file, one JSON document a row.
    Json(lines::FileRange),
    /// Lines of a byte range of a file, one record of separated values a row.
    Csv(lines::FileRange),
    /// The row groups of a byte range of a file.
    Parquet(lines::FileRange),
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

impl Chunk {
    /// A chunk of the rows that are marked.
    pub fn of_kept(columns: &[ArrayRef], kept: Vec<bool>, place: Place) -> Result<Self> {
        let rows: Vec<usize> = (0..kept.len()).filter(|&row| kept[row]).collect();
        let mask = BooleanArray::from(kept);
        let columns = columns
            .iter()
            .map(|column| Ok(filter(column, &mask)?))
            .collect::<Result<Vec<_>>>()?;
        Ok(Chunk {
            columns,
            rows: rows.len(),
            place: place.of_rows(&rows),
        })
    }
}

/// Reads a split, a chunk at a time. Returns the bytes of input looked at.
pub fn read_split(
    split: &Split,
    bytes: Option<&[u8]>,
    source: &SourceSpec,
    session: &Session,
    mut each: impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    let missing = || Error::internal("the split has no bytes");
    match split {
        Split::Text(range) | Split::Json(range) | Split::Csv(range) | Split::Parquet(range) => {
            read_file(split, range, source, session, &mut each)
        }
        Split::Columns { .. } => columns::read(bytes.ok_or_else(missing)?, &source.schema, &mut each),
        Split::Kafka { segments, .. } => {
            let include_headers = includes_headers(&source.options);
            kafka::read(bytes.ok_or_else(missing)?, segments, include_headers, &mut each)
        }
        Split::Rate(range) => rate::read(range, &mut each),
    }
}

/// Reads a file's part, and puts what the names of its folders say beside it.
fn read_file(
    split: &Split,
    range: &lines::FileRange,
    source: &SourceSpec,
    session: &Session,
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    let partitions = PartitionValues::new(range, &source.schema, session)?;
    let (schema, options, zone) = (partitions.file_schema(), &source.options, &session.zone);
    let mut each = |chunk: Chunk| each(partitions.add_to(chunk)?);
    match split {
        Split::Json(_) => json_records::read_json(range, schema, options, zone, &mut each),
        Split::Csv(_) => csv_records::read_csv(range, schema, options, zone, &mut each),
        Split::Parquet(_) => parquet_rows::read_parquet(range, schema, &mut each),
        _ => lines::read_text(range, Options::new(options).flag("wholetext", false)?, &mut each),
    }
}

impl Split {
    /// The reader's number.
    pub fn source(&self) -> u32 {
        match self {
            Split::Text(range) | Split::Json(range) | Split::Csv(range) | Split::Parquet(range) => range.source,
            Split::Columns { source } | Split::Kafka { source, .. } => *source,
            Split::Rate(range) => range.source,
        }
    }
}
