//! Sources: splits of input to chunks of columns.
//!
//! Offsets and ranges are TypeScript's; here bytes become Arrow columns. Every chunk knows where its rows came from, so
//! that an error can name the place.

mod columns;
mod compressed;
mod csv_records;
mod infer;
mod json_records;
mod kafka;
#[allow(
    dead_code,
    reason = "fetch tails and transactions are decoded and tested; the source asks for whole batches"
)]
mod kafka_batch;
mod kafka_compression;
mod kafka_varint;
mod lines;
mod parquet_column;
mod parquet_rows;
mod partition_values;
mod place;
mod rate;
mod split;

pub use columns::{columns_of, tables_of};
pub use infer::infer_file_schema;
pub use place::Place;
pub use split::{Chunk, Split, read_split};

use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};

/// The columns of a reader: fixed for most formats, `given` for files and columns. Fails with
/// _LEGACY_ERROR_TEMP_2048 or DATA_SOURCE_NOT_FOUND.
pub fn source_schema(format: &str, given: Option<StructType>) -> Result<StructType> {
    match format {
        // Columns that are in the names of folders stand behind the text.
        "text" => Ok(given.unwrap_or_else(|| StructType::new(vec![Field::new("value", DataType::String, true)]))),
        "kafka" => Ok(kafka::schema()),
        "rate" | "rate-micro-batch" => Ok(rate::schema()),
        "json" | "csv" | "parquet" | "columns" => {
            given.ok_or_else(|| Error::new(ErrorCode::LegacyErrorTemp2048).with("format", format))
        }
        other => Err(Error::new(ErrorCode::DataSourceNotFound)
            .with("provider", other)
            .with("formats", "text, json, csv, parquet, kafka, rate, rate-micro-batch")),
    }
}
