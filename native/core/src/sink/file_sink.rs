//! The file sink: each batch's rows as files, durable before the manifest names them, and no batch twice.
//!
//! ```text
//! files of batch N durable  ->  _spark_metadata/N durable      a crash between them: the batch runs again and writes
//!                                                              files of the same names
//! ```

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;
use serde::{Deserialize, Serialize};

use super::file_format::FileEncoder;
use super::manifest::{FOLDER, Manifest, Retention, SinkFile};
use super::partition::Partitioning;
use crate::column::{StructType, schema_from_json};
use crate::error::{Error, ErrorCode, Result};
use crate::parse::TimeZone;
use crate::storage::{Storage, Store};

/// What Hadoop says of every local file.
const BLOCK_BYTES: u64 = 32 << 20;

/// What a file sink is told when it opens.
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
    /// How long files stay in the manifest; none: for ever.
    pub retention_ms: Option<i64>,
    /// The query, which stays the same over restarts: part of the names of its files.
    pub query_id: String,
    /// This start of it.
    pub attempt: String,
    /// The output folder as the URL that the manifest's paths begin with.
    pub url: String,
}

/// What came of a batch.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WrittenBatch {
    /// Rows written; none where the batch was written before.
    pub num_rows: u64,
    /// Files written.
    pub num_files: u64,
}

/// An output folder that a query writes to.
pub struct FileSink {
    store: Store,
    settings: FileSinkSettings,
    partitioning: Partitioning,
    /// Which columns go into the files.
    kept: Vec<usize>,
    encoder: FileEncoder,
    /// Held as long as the sink is open.
    _lock: Box<dyn Send + Sync>,
}

impl FileSink {
    /// Checks columns and options without touching the disk. Fails with Spark's errors.
    pub fn check(settings: &FileSinkSettings) -> Result<()> {
        parts_of(settings).map(|_| ())
    }

    /// Takes an output folder. Fails with FILE_SINK_IN_USE where somebody writes to it, with FILE_SINK_OF_ANOTHER_QUERY where
    /// somebody else's batches are in it, and as [`Self::check`] does.
    pub fn open(storage: Box<dyn Storage>, settings: FileSinkSettings) -> Result<Self> {
        let (partitioning, kept, encoder) = parts_of(&settings)?;
        let store = Store::new(storage, format!("{}.{}", settings.query_id, settings.attempt));
        let path = store.describe("");
        let Some(lock) = store.lock(&format!("{FOLDER}/.lock"))? else {
            return Err(Error::new(ErrorCode::FileSinkInUse).with("path", path));
        };
        sweep(&store)?;
        match Manifest::new(&store).query()? {
            Some(query) if query != settings.query_id => {
                return Err(Error::new(ErrorCode::FileSinkOfAnotherQuery)
                    .with("path", path)
                    .with("query", query));
            }
            _ => {}
        }
        Ok(Self {
            store,
            settings,
            partitioning,
            kept,
            encoder,
            _lock: lock,
        })
    }

    /// Writes a batch, durably; does nothing where it is through already.
    pub fn write(&self, batch_id: u64, columns: &[ArrayRef], rows: usize) -> Result<WrittenBatch> {
        crate::fault::enter_stage("sink");
        let manifest = Manifest::new(&self.store);
        if manifest.latest()?.is_some_and(|latest| batch_id <= latest) {
            return Ok(WrittenBatch {
                num_rows: 0,
                num_files: 0,
            });
        }
        let now_ms = now_ms();
        let mut files = Vec::new();
        // A batch without rows has no files: Spark writes one of no rows, which nobody misses.
        if rows > 0 {
            for (folder, rows_of_folder) in self.partitioning.split(columns, rows)? {
                self.write_folder(batch_id, &folder, rows_of_folder, (columns, rows), now_ms, &mut files)?;
            }
        }
        let retention = Retention {
            now_ms,
            keep_ms: self.settings.retention_ms,
        };
        manifest.add(batch_id, &files, retention)?;
        Ok(WrittenBatch {
            num_rows: rows as u64,
            num_files: files.len() as u64,
        })
    }

    fn write_folder(
        &self,
        batch_id: u64,
        folder: &str,
        picked: Option<UInt32Array>,
        (columns, rows): (&[ArrayRef], usize),
        now_ms: i64,
        files: &mut Vec<SinkFile>,
    ) -> Result<()> {
        let kept: Vec<ArrayRef> = (self.kept.iter())
            .map(|&position| match &picked {
                Some(picked) => Ok(take(&columns[position], picked, None)?),
                None => Ok(columns[position].clone()),
            })
            .collect::<Result<_>>()?;
        let rows = picked.map_or(rows, |picked| picked.len());
        let rows_max = match self.settings.max_records_per_file {
            0 => rows,
            most => usize::try_from(most).unwrap_or(rows),
        };
        for (number, first) in (0..rows).step_by(rows_max.max(1)).enumerate() {
            let count = rows_max.min(rows - first);
            let part: Vec<ArrayRef> = kept.iter().map(|column| column.slice(first, count)).collect();
            let bytes = self.encoder.encode(&part, count)?;
            let path = self.path_of(batch_id, folder, number);
            self.store.write(&path, &bytes)?;
            files.push(SinkFile {
                path: format!("{}/{}", self.settings.url, url_path(&path)),
                size: bytes.len() as u64,
                is_dir: false,
                modification_time: now_ms,
                block_replication: 1,
                block_size: BLOCK_BYTES,
                action: "add".to_string(),
            });
        }
        Ok(())
    }

    /// Spark's form of a name. What it has of a random id is made of query and batch, so that a batch that runs again
    /// replaces what an attempt left that crashed.
    fn path_of(&self, batch_id: u64, folder: &str, number: usize) -> String {
        let seed = format!("{}/{batch_id}", self.settings.query_id);
        let id = xxhash_rust::xxh3::xxh3_128(seed.as_bytes());
        let id = format!("{id:032x}");
        let id = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-");
        let slash = if folder.is_empty() { "" } else { "/" };
        let extension = self.encoder.extension();
        format!("{folder}{slash}part-00000-{id}-c{number:03}{extension}")
    }
}

type Parts = (Partitioning, Vec<usize>, FileEncoder);

fn parts_of(settings: &FileSinkSettings) -> Result<Parts> {
    let schema = schema_from_json(&settings.schema)?;
    let zone = TimeZone::parse(&settings.time_zone)?;
    let partitioning = Partitioning::new(&settings.partition_by, &schema, &zone)?;
    let kept: Vec<usize> = (0..schema.fields.len())
        .filter(|&position| !partitioning.holds(position))
        .collect();
    let of_files = StructType::new(kept.iter().map(|&position| schema.fields[position].clone()).collect());
    let encoder = FileEncoder::new(&settings.format, &of_files, &settings.options, &zone)?;
    Ok((partitioning, kept, encoder))
}

/// The files of an output as its manifest has them; none where there is no manifest.
pub fn read_manifest(storage: Box<dyn Storage>) -> Result<Option<Vec<SinkFile>>> {
    let store = Store::new(storage, "reader");
    let manifest = Manifest::new(&store);
    match manifest.latest()? {
        None => Ok(None),
        Some(_) => manifest.files().map(Some),
    }
}

/// Removes files in the making from the output folder and those of its partitions.
fn sweep(store: &Store) -> Result<()> {
    let mut folders = vec![String::new(), FOLDER.to_string()];
    let mut looked_at = 0;
    while looked_at < folders.len() {
        let folder = folders[looked_at].clone();
        looked_at += 1;
        store.sweep(&folder)?;
        let inner = store.list(&folder)?.into_iter().filter(|name| name.contains('='));
        let slash = if folder.is_empty() { "" } else { "/" };
        folders.extend(inner.map(|name| format!("{folder}{slash}{name}")));
    }
    Ok(())
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

/// A path within a URL: all but the characters that may stand there are escaped.
fn url_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/=!$&'()*+,;:@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
