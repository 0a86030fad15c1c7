//! A split: one map task's input, as it crosses the border, and how it is read in chunks.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BinaryViewArray, BooleanArray};
use arrow_select::filter::filter;
use serde::Deserialize;

use super::line_format::LineFormat;
use super::partition_values::PartitionValues;
use super::{Place, columns, csv_records, json_records, kafka, lines, parquet_rows, rate};
use crate::error::{Error, ErrorCode, Result};
use crate::expr::filter_columns;
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
    /// An InputBatch in the buffer beside it.
    Columns {
        /// The reader's number.
        source: u32,
    },
    /// Kafka record sets in the buffers beside it, one for each segment.
    Kafka {
        /// The reader's number.
        source: u32,
        /// What they are.
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
    /// The records' own bytes, where they came as records.
    pub raw: Option<BinaryViewArray>,
    /// The chunk is one record without columns, which could not be decoded: why.
    pub undecoded: Option<Error>,
}

impl Chunk {
    /// A chunk of columns.
    pub fn new(columns: Vec<ArrayRef>, rows: usize, place: Place) -> Self {
        Chunk {
            columns,
            rows,
            place,
            raw: None,
            undecoded: None,
        }
    }

    /// With the bytes of its records.
    pub fn with_raw(self, raw: &BinaryViewArray) -> Self {
        Chunk {
            raw: Some(raw.clone()),
            ..self
        }
    }

    /// A record that could not be decoded.
    pub fn undecoded(records: &BinaryViewArray, row: usize, place: &Place, error: Error) -> Self {
        Chunk {
            undecoded: Some(error),
            ..Chunk::new(Vec::new(), 1, place.clone().of_rows(&[row])).with_raw(&records.slice(row, 1))
        }
    }

    /// A chunk of the rows that are marked.
    pub fn of_kept(columns: &[ArrayRef], kept: Vec<bool>, place: Place, raw: &BinaryViewArray) -> Result<Self> {
        let rows: Vec<usize> = (0..kept.len()).filter(|&row| kept[row]).collect();
        let mask = BooleanArray::from(kept);
        let columns = filter_columns(columns, &mask)?;
        let raw = filter(raw, &mask)?;
        Ok(Chunk::new(columns, rows.len(), place.of_rows(&rows)).with_raw(raw.as_binary_view()))
    }
}

/// What a reader does with a record that its mode says to raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// It raises.
    Raise,
    /// It comes as a chunk of its own: [`Chunk::undecoded`].
    Hand,
}

/// How the splits of a reader are read.
pub struct ReadContext<'a> {
    /// The reader.
    pub source: &'a SourceSpec,
    /// Configurations that matter.
    pub session: &'a Session,
    /// Which of its columns are looked at; in the place of others there may be nulls without a type.
    pub wanted: &'a [bool],
    /// What becomes of records that can't be decoded.
    pub undecodable: Undecodable,
}

/// Reads a split and the buffers that came with it, a chunk at a time. Returns the bytes of input looked at.
pub fn read_split(
    split: &Split,
    buffers: &[&[u8]],
    context: &ReadContext<'_>,
    mut each: impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    match split {
        Split::Text(range) | Split::Json(range) | Split::Csv(range) | Split::Parquet(range) => {
            read_file(split, range, context, &mut each)
        }
        Split::Columns { .. } => {
            let input = buffers
                .first()
                .ok_or_else(|| Error::internal("the split has no bytes"))?;
            columns::read(input, &context.source.schema, &mut each)
        }
        Split::Kafka { segments, .. } => kafka::read(buffers, segments, context.wanted, &mut each),
        Split::Rate(range) => rate::read(range, &mut each),
    }
}

/// Reads a file's part, and puts what the names of its folders say beside it.
fn read_file(
    split: &Split,
    range: &lines::FileRange,
    context: &ReadContext<'_>,
    each: &mut impl FnMut(Chunk) -> Result<()>,
) -> Result<u64> {
    let &ReadContext {
        source,
        session,
        wanted,
        undecodable,
    } = context;
    let range = &lines::FileRange {
        format: LineFormat::of(&source.options)?,
        ..range.clone()
    };
    let partitions = PartitionValues::new(range, source, session)?;
    let (schema, options, zone) = (partitions.file_schema(), &source.options, &session.zone);
    let mut each = |chunk: Chunk| each(partitions.add_to(chunk)?);
    let leniency = FileLeniency::of(options)?;
    let read = match split {
        Split::Json(_) => {
            let wanted = partitions.of_file(wanted);
            json_records::read_json(range, (schema, options, zone), &wanted, undecodable, &mut each)
        }
        Split::Csv(_) => csv_records::read_csv(range, (schema, options, zone), undecodable, &mut each),
        Split::Parquet(_) => parquet_rows::read_parquet(range, schema, &partitions.of_file(wanted), &mut each),
        _ => lines::read_text(range, Options::new(options).flag("wholetext", false)?, &mut each),
    };
    // As in Spark the rows before the damage count.
    read.or_else(|error| {
        if leniency.passes_over(&error) {
            Ok(0)
        } else {
            Err(error)
        }
    })
}

/// Which files are passed over: Spark's options `ignoreMissingFiles` and `ignoreCorruptFiles`.
struct FileLeniency {
    ignores_missing: bool,
    ignores_corrupt: bool,
}

impl FileLeniency {
    fn of(options: &BTreeMap<String, String>) -> Result<Self> {
        let named = Options::new(options);
        Ok(Self {
            ignores_missing: named.flag("ignoreMissingFiles", false)?,
            ignores_corrupt: named.flag("ignoreCorruptFiles", false)?,
        })
    }

    fn passes_over(&self, error: &Error) -> bool {
        match error.code() {
            ErrorCode::PathNotFound => self.ignores_missing,
            ErrorCode::FileReadFailed => self.ignores_corrupt,
            _ => false,
        }
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
