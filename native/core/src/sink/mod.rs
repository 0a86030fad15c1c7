//! Sinks: result rows to files that are durable, whole, and there once; and records to Kafka's batches (`kafka_batch`).
//!
//! `file_sink` is the order of things, `folder_writer` rows to files, `manifest` what is part of the output, `merge` small files to larger ones, `partition` which folder a row goes to,
//! `file_format` and the files behind it rows to bytes. docs/design/files.md has the formats.

mod compression;
mod csv_text;
mod file_format;
mod file_sink;
mod file_url;
mod folder_writer;
mod kafka_batch;
mod kafka_codec;
mod manifest;
mod merge;
mod parquet_file;
mod partition;

use std::sync::{Arc, OnceLock};

pub use file_sink::{FileSink, WrittenBatch, read_manifest, write_folder};
pub use folder_writer::{FileSinkSettings, FolderWriter};
pub use kafka_batch::{KafkaBatchHeader, seal_kafka_batch};
pub use manifest::SinkFile;

use crate::error::Result;
use crate::registry::Registry;

fn registry() -> &'static Registry<FileSink> {
    static REGISTRY: OnceLock<Registry<FileSink>> = OnceLock::new();
    REGISTRY.get_or_init(|| Registry::new("file sink"))
}

/// Keeps a sink and gives its handle.
pub fn open(sink: FileSink) -> u32 {
    registry().open(sink)
}

/// The sink with this handle.
pub fn get(handle: u32) -> Result<Arc<FileSink>> {
    registry().get(handle)
}

/// Closes a sink: its folder is free once the last call on it has ended.
pub fn close(handle: u32) {
    registry().close(handle);
}

/// For tests of what reads files.
#[cfg(test)]
pub mod testing {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, BinaryViewArray, Int32Array};

    use super::parquet_file::ParquetStyle;
    use crate::column::StructType;

    /// The bytes of a Parquet file of a number and a text a row.
    pub fn parquet_file(schema: &StructType, rows: usize) -> Vec<u8> {
        let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..rows as i32));
        let texts = (0..rows).map(|row| (row % 3 > 0).then(|| format!("text number {row}").into_bytes()));
        let texts: ArrayRef = Arc::new(BinaryViewArray::from_iter(texts));
        let style = ParquetStyle::new(schema, Some("snappy")).unwrap();
        style.encode(&[numbers, texts], rows).unwrap()
    }
}
