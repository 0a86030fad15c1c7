//! Rows as a Parquet file, with the schema that Spark gives it.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, make_array, new_null_array};
use arrow_schema::{DataType as ArrowType, Field as ArrowField, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;

use super::compression::codec_not_available;
use crate::column::{PARQUET_ROW_METADATA, StructType, parquet_schema, retyped, schema_to_json, stored_type};
use crate::error::{Error, Result};

/// The names that the option `compression` takes for Parquet.
const NAMES: &str = "gzip, lz4_raw, none, snappy, uncompressed, zstd";

/// How Parquet files are written.
pub struct ParquetStyle {
    schema: StructType,
    arrow: Arc<Schema>,
    compression: Compression,
    extension: &'static str,
}

impl ParquetStyle {
    /// Files of these columns. Fails with Spark's CODEC_NOT_AVAILABLE.
    pub fn new(schema: &StructType, compression: Option<&str>) -> Result<Self> {
        let (compression, extension) = match compression.unwrap_or("snappy").to_ascii_lowercase().as_str() {
            "none" | "uncompressed" => (Compression::UNCOMPRESSED, ".parquet"),
            "snappy" => (Compression::SNAPPY, ".snappy.parquet"),
            "gzip" => (Compression::GZIP(GzipLevel::default()), ".gz.parquet"),
            "zstd" => (Compression::ZSTD(ZstdLevel::default()), ".zstd.parquet"),
            "lz4_raw" | "lz4raw" => (Compression::LZ4_RAW, ".lz4raw.parquet"),
            other => return Err(codec_not_available(other, NAMES)),
        };
        let fields = schema.to_arrow();
        let stored: Vec<ArrowField> = (fields.iter())
            .map(|field| (**field).clone().with_data_type(stored_type(field.data_type())))
            .collect();
        Ok(Self {
            schema: schema.clone(),
            arrow: Arc::new(Schema::new(stored)),
            compression,
            extension,
        })
    }

    /// What a file's name ends in.
    pub fn extension(&self) -> &'static str {
        self.extension
    }

    /// The bytes of a file of these rows.
    pub fn encode(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<u8>> {
        let failed = |error: parquet::errors::ParquetError| Error::internal(format!("parquet: {error}"));
        let options = ArrowWriterOptions::new()
            .with_properties(self.properties())
            .with_skip_arrow_metadata(true)
            .with_parquet_schema(parquet_schema(&self.schema).map_err(failed)?);
        let stored = (columns.iter().zip(self.arrow.fields()))
            .map(|(column, field)| stored_column(column, field.data_type()))
            .collect::<Result<Vec<_>>>()?;
        let options_of_rows = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.arrow), stored, &options_of_rows)?;
        let mut writer =
            ArrowWriter::try_new_with_options(Vec::new(), Arc::clone(&self.arrow), options).map_err(failed)?;
        writer.write(&batch).map_err(failed)?;
        writer.into_inner().map_err(failed)
    }
}

impl ParquetStyle {
    /// One file of the row groups of several, as they are; none where their columns differ.
    pub fn join(&self, files: Vec<Vec<u8>>) -> Result<Option<Vec<u8>>> {
        let failed = |error: parquet::errors::ParquetError| Error::internal(format!("parquet: {error}"));
        let schema = parquet_schema(&self.schema).map_err(failed)?;
        let properties = Arc::new(self.properties());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema.root_schema_ptr(), properties).map_err(failed)?;
        for file in files {
            let file = Bytes::from(file);
            let reader = SerializedFileReader::new(file.clone()).map_err(failed)?;
            if reader.metadata().file_metadata().schema() != schema.root_schema() {
                return Ok(None);
            }
            for group in reader.metadata().row_groups() {
                let mut out = writer.next_row_group().map_err(failed)?;
                for column in group.columns() {
                    let chunk = ColumnCloseResult {
                        bytes_written: column.compressed_size() as u64,
                        rows_written: group.num_rows() as u64,
                        metadata: column.clone(),
                        bloom_filter: None,
                        column_index: None,
                        offset_index: None,
                    };
                    out.append_column(&file, chunk).map_err(failed)?;
                }
                out.close().map_err(failed)?;
            }
        }
        writer.into_inner().map(Some).map_err(failed)
    }

    fn properties(&self) -> WriterProperties {
        let row_metadata = KeyValue::new(PARQUET_ROW_METADATA.to_string(), schema_to_json(&self.schema));
        WriterProperties::builder()
            .set_created_by(format!("millrace version {}", env!("CARGO_PKG_VERSION")))
            .set_compression(self.compression)
            .set_key_value_metadata(Some(vec![row_metadata]))
            .build()
    }
}

fn stored_column(column: &ArrayRef, arrow: &ArrowType) -> Result<ArrayRef> {
    if column.data_type() == arrow {
        return Ok(Arc::clone(column));
    }
    if *column.data_type() == ArrowType::Null {
        return Ok(new_null_array(arrow, column.len()));
    }
    Ok(make_array(retyped(column.to_data(), arrow)?))
}
