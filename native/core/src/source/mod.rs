//! Sources: splits of input to chunks of columns.
//!
//! Offsets and ranges are TypeScript's; here bytes become Arrow columns. Every chunk knows where its rows came from, so
//! that an error can name the place.

mod columns;
mod compressed;
mod csv_records;
mod file_metadata;
mod infer;
mod json_records;
mod kafka;
#[allow(
    dead_code,
    reason = "fetch tails and transactions are decoded and tested; the source asks for whole batches"
)]
mod kafka_batch;
mod kafka_compression;
mod kafka_headers;
mod kafka_varint;
mod line_ends;
mod line_format;
mod lines;
mod parquet_column;
mod parquet_rows;
mod partition_values;
mod place;
mod rate;
mod split;
mod undecoded;

pub use columns::{columns_of, input_columns, parts_of, tables_of};
pub use compressed::decompressor;
pub use file_metadata::{METADATA_COLUMN, metadata_type};
pub use infer::infer_file_schema;
pub use place::{Place, PlaceOfRow};
pub use split::{Chunk, ReadContext, Split, Undecodable, read_split};

use crate::column::{DataType, Field, StructType};
use crate::error::{Error, ErrorCode, Result};

/// Options of a reader, names in lower case.
pub type SourceOptions = std::collections::BTreeMap<String, String>;

/// The columns of a reader: fixed for most formats, `given` for files and columns. Fails with
/// _LEGACY_ERROR_TEMP_2048 or DATA_SOURCE_NOT_FOUND.
pub fn source_schema(format: &str, given: Option<StructType>, options: &SourceOptions) -> Result<StructType> {
    match format {
        // Columns that are in the names of folders stand behind the text.
        "text" => Ok(given.unwrap_or_else(|| StructType::new(vec![Field::new("value", DataType::String, true)]))),
        "kafka" => Ok(kafka::schema(includes_headers(options))),
        "rate" | "rate-micro-batch" => Ok(rate::schema()),
        "json" | "csv" | "parquet" | "columns" => {
            given.ok_or_else(|| Error::new(ErrorCode::LegacyErrorTemp2048).with("format", format))
        }
        other => Err(Error::new(ErrorCode::DataSourceNotFound)
            .with("provider", other)
            .with("formats", "text, json, csv, parquet, kafka, rate, rate-micro-batch")),
    }
}

/// Whether a Kafka reader has the column `headers`. That the option is true or false was checked before.
fn includes_headers(options: &SourceOptions) -> bool {
    options
        .get("includeheaders")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// The values in one Kafka batch, for tests of what writes batches.
#[cfg(test)]
pub fn decode_for_test(batch: &[u8]) -> Vec<Vec<u8>> {
    use kafka_batch::{DecodeOptions, DecodedRecords, OffsetRange, RecordSetDecoder, Tail};
    let options = DecodeOptions {
        bytes_max: 1 << 20,
        tail: Tail::Whole,
        headers: false,
        aborted: None,
    };
    let range = OffsetRange { from: 0, to: i64::MAX };
    let mut records = DecodedRecords::default();
    let mut decoder = RecordSetDecoder::new(batch, range, options);
    decoder
        .decode(usize::MAX, &mut records)
        .expect("a batch that can be read");
    let value = |range: &kafka_batch::ByteRange| range.of(&records.bytes).expect("a value").to_vec();
    records.values.iter().map(value).collect()
}
