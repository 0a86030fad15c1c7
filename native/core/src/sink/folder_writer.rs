//! A batch's rows as files of a folder: by partition, by the most rows of a file, each file durable by itself.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;
use serde::Deserialize;

use super::file_format::FileEncoder;
use super::partition::Partitioning;
use crate::column::{StructType, schema_from_json};
use crate::error::Result;
use crate::parse::TimeZone;
use crate::storage::Store;

/// What a writer of files is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileSinkSettings {
    /// `json`, `csv`, `text` or `parquet`.
    pub format: String,
    /// The options of the format.
    pub options: BTreeMap<String, String>,
    /// The columns that folders are named after.
    pub partition_by: Vec<String>,
    /// The row type as Spark's JSON.
    pub schema: String,
    /// The session's.
    pub time_zone: String,
    /// The most rows of a file; 0: any number.
    pub max_records_per_file: u64,
    /// The most bytes of a file, but for one of a single row; 0: any number.
    #[serde(default)]
    pub max_bytes_per_file: u64,
    /// Files below so many bytes are merged; none: never.
    #[serde(default)]
    pub merge_bytes: Option<u64>,
    /// How long files that were merged stay on the disk, milliseconds.
    #[serde(default)]
    pub merge_grace_ms: i64,
    /// How long files stay in the manifest; none: for ever.
    pub retention_ms: Option<i64>,
    /// The query, which stays the same over restarts: part of the names of its files.
    pub query_id: String,
    /// This start of it.
    pub attempt: String,
    /// The output folder as the URL that the manifest's paths begin with.
    pub url: String,
}

/// A file that was written.
pub struct WrittenFile {
    /// Within the folder.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Their checksum.
    pub crc32c: u32,
}

/// Rows of one schema to files.
pub struct FolderWriter {
    partitioning: Partitioning,
    /// Which columns go into the files.
    kept: Vec<usize>,
    encoder: FileEncoder,
    rows_max: Option<usize>,
    bytes_max: Option<usize>,
}

impl FolderWriter {
    /// Checks columns and options without touching the disk. Fails with Spark's errors.
    pub fn new(settings: &FileSinkSettings) -> Result<Self> {
        let schema = schema_from_json(&settings.schema)?;
        let zone = TimeZone::parse(&settings.time_zone)?;
        let partitioning = Partitioning::new(&settings.partition_by, &schema, &zone)?;
        let kept: Vec<usize> = (0..schema.fields.len())
            .filter(|&position| !partitioning.holds(position))
            .collect();
        let of_files = StructType::new(kept.iter().map(|&position| schema.fields[position].clone()).collect());
        Ok(Self {
            encoder: FileEncoder::new(&settings.format, &of_files, &settings.options, &zone)?,
            partitioning,
            kept,
            rows_max: usize::try_from(settings.max_records_per_file)
                .ok()
                .filter(|&most| most > 0),
            bytes_max: usize::try_from(settings.max_bytes_per_file)
                .ok()
                .filter(|&most| most > 0),
        })
    }

    /// Writes rows, durably, into files whose names are made of `seed`: the same seed gives the same names. Without rows there
    /// are no files.
    pub fn write(&self, store: &Store, seed: &str, columns: &[ArrayRef], rows: usize) -> Result<Vec<WrittenFile>> {
        let mut files = Vec::new();
        if rows == 0 {
            return Ok(files);
        }
        for (folder, picked) in self.partitioning.split(columns, rows)? {
            let (columns, rows) = self.columns_of_files(columns, rows, picked.as_ref())?;
            let mut rows_max = self.rows_max.unwrap_or(rows).max(1);
            let (mut first, mut number) = (0, 0);
            while first < rows {
                let (bytes, count) = self.next_file(&columns, first, rows_max.min(rows - first))?;
                // Rows that did not fit were too many for the next file, too.
                if first + count < rows {
                    rows_max = count;
                }
                first += count;
                let path = part_name(&folder, seed, number, &self.encoder.extension());
                store.write(&path, &bytes)?;
                files.push(WrittenFile {
                    path,
                    size: bytes.len() as u64,
                    crc32c: crc32c::crc32c(&bytes),
                });
                number += 1;
            }
        }
        Ok(files)
    }

    /// Rows to the bytes of files.
    pub fn encoder(&self) -> &FileEncoder {
        &self.encoder
    }

    /// A file of the rows from `first` on: `count` of them, or as many as its bound of bytes allows.
    fn next_file(&self, columns: &[ArrayRef], first: usize, mut count: usize) -> Result<(Vec<u8>, usize)> {
        loop {
            let part: Vec<ArrayRef> = columns.iter().map(|column| column.slice(first, count)).collect();
            let bytes = self.encoder.encode(&part, count)?;
            match self.bytes_max {
                Some(most) if bytes.len() > most && count > 1 => {
                    // Rows of about one size come out right at the second try.
                    let fitting = count as f64 * most as f64 / bytes.len() as f64;
                    count = (fitting as usize).clamp(1, count - 1);
                }
                _ => return Ok((bytes, count)),
            }
        }
    }

    fn columns_of_files(
        &self,
        columns: &[ArrayRef],
        rows: usize,
        picked: Option<&UInt32Array>,
    ) -> Result<(Vec<ArrayRef>, usize)> {
        let kept = self.kept.iter().map(|&position| &columns[position]);
        Ok(match picked {
            None => (kept.cloned().collect(), rows),
            Some(picked) => {
                let taken = kept.map(|column| Ok(take(column, picked, None)?));
                (taken.collect::<Result<_>>()?, picked.len())
            }
        })
    }
}

/// The path of file `number` of those that `seed` names.
pub fn part_name(folder: &str, seed: &str, number: usize, extension: &str) -> String {
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}part-00000-{}-c{number:03}{extension}", id_of(seed))
}

/// What Spark's names have of a random id.
fn id_of(seed: &str) -> String {
    let id = format!("{:032x}", xxhash_rust::xxh3::xxh3_128(seed.as_bytes()));
    [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-")
}

/// Now, in milliseconds since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}
