//! The file sink: each batch's rows as files, durable before the manifest names them, and no batch twice.
//!
//! ```text
//! files of batch N durable  ->  _spark_metadata/N durable      a crash between them: the batch runs again and writes
//!                                                              files of the same names
//! ```

use arrow_array::ArrayRef;
use serde::Serialize;

use super::folder_writer::{FileSinkSettings, FolderWriter, WrittenFile, now_ms};
use super::manifest::{FOLDER, Manifest, Retention, SinkFile};
use super::merge::{MergeRule, Merger};
use crate::error::{Error, ErrorCode, Result};
use crate::storage::{Storage, Store};

/// What Hadoop leaves where all files of a batch are there.
const SUCCESS: &str = "_SUCCESS";

/// What came of a batch.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WrittenBatch {
    /// Files written, within the folder; none where the batch was written before.
    pub files: Vec<String>,
}

impl WrittenBatch {
    fn of(files: &[WrittenFile]) -> Self {
        Self {
            files: files.iter().map(|file| file.path.clone()).collect(),
        }
    }
}

/// An output folder that a query writes to.
pub struct FileSink {
    store: Store,
    settings: FileSinkSettings,
    writer: FolderWriter,
    /// Held as long as the sink is open.
    _lock: Box<dyn Send + Sync>,
}

impl FileSink {
    /// Takes an output folder. Fails with FILE_SINK_IN_USE where somebody writes to it, with FILE_SINK_OF_ANOTHER_QUERY where
    /// somebody else's batches are in it, and as [`FolderWriter::new`] does.
    pub fn open(storage: Box<dyn Storage>, settings: FileSinkSettings) -> Result<Self> {
        let writer = FolderWriter::new(&settings)?;
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
            writer,
            _lock: lock,
        })
    }

    /// Writes a batch, durably; does nothing where it is through already.
    pub fn write(&self, batch_id: u64, columns: &[ArrayRef], rows: usize) -> Result<WrittenBatch> {
        crate::fault::enter_stage("sink");
        let manifest = Manifest::new(&self.store);
        if manifest.latest()?.is_some_and(|latest| batch_id <= latest) {
            return Ok(WrittenBatch { files: Vec::new() });
        }
        let seed = format!("{}/{batch_id}", self.settings.query_id);
        let written = self.writer.write(&self.store, &seed, columns, rows)?;
        let now_ms = now_ms();
        let url = &self.settings.url;
        let files: Vec<SinkFile> = (written.iter())
            .map(|file| SinkFile {
                crc32c: self.merge_bytes().map(|_| file.crc32c),
                ..SinkFile::added(url, &file.path, file.size, now_ms)
            })
            .collect();
        manifest.add(batch_id, &files, &|entry, files| self.compact(entry, files, now_ms))?;
        Ok(WrittenBatch::of(&written))
    }

    /// Below how many bytes files are merged, where that is asked for.
    fn merge_bytes(&self) -> Option<u64> {
        self.settings.merge_bytes.filter(|&most| most > 0)
    }

    /// What the compacted entry of a batch names of the output's files: what is retained, small files merged where that is asked for.
    fn compact(&self, batch_id: u64, files: Vec<SinkFile>, now_ms: i64) -> Result<Vec<SinkFile>> {
        let keep_ms = self.settings.retention_ms;
        let files = Retention { now_ms, keep_ms }.kept(files);
        let Some(bytes_max) = self.merge_bytes() else {
            return Ok(files);
        };
        let merger = Merger {
            store: &self.store,
            encoder: self.writer.encoder(),
            url: &self.settings.url,
            rule: MergeRule {
                bytes_max,
                grace_ms: self.settings.merge_grace_ms,
            },
            now_ms,
        };
        merger.merge(&format!("{}/{batch_id}", self.settings.query_id), files)
    }
}

/// Writes the rows of a batch query into a folder, and what says that all are there.
pub fn write_folder(
    storage: Box<dyn Storage>,
    settings: &FileSinkSettings,
    columns: &[ArrayRef],
    rows: usize,
) -> Result<WrittenBatch> {
    let store = Store::new(storage, settings.attempt.clone());
    let written = FolderWriter::new(settings)?.write(&store, &settings.attempt, columns, rows)?;
    store.write(SUCCESS, &[])?;
    let mut batch = WrittenBatch::of(&written);
    batch.files.push(SUCCESS.to_string());
    Ok(batch)
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
        // What can't be listed is no folder.
        let Ok(names) = store.list(&folder) else { continue };
        store.sweep(&folder)?;
        let inner = names.into_iter().filter(|name| name.contains('='));
        let slash = if folder.is_empty() { "" } else { "/" };
        folders.extend(inner.map(|name| format!("{folder}{slash}{name}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use arrow_array::Int32Array;

    use super::*;
    use crate::storage::{Faults, Simulated};

    const BATCHES: u64 = 23;
    const ATTEMPTS_MAX: u64 = 40;

    fn settings(attempt: u64, merge_bytes: Option<u64>) -> FileSinkSettings {
        FileSinkSettings {
            format: "csv".to_string(),
            options: BTreeMap::new(),
            partition_by: vec!["k".to_string()],
            schema: r#"{"type":"struct","fields":[{"name":"n","type":"integer","nullable":true,"metadata":{}},{"name":"k","type":"integer","nullable":true,"metadata":{}}]}"#.to_string(),
            time_zone: "UTC".to_string(),
            max_records_per_file: 2,
            max_bytes_per_file: 0,
            merge_bytes,
            merge_grace_ms: 0,
            retention_ms: None,
            query_id: "q".to_string(),
            attempt: attempt.to_string(),
            url: "file:///out".to_string(),
        }
    }

    /// Some batches are empty; the others have numbers of their own.
    fn numbers_of(batch: u64) -> Vec<i32> {
        let count = (batch * 7 % 6) as i32;
        (0..count).map(|row| batch as i32 * 100 + row).collect()
    }

    fn write(sink: &FileSink, batch: u64) -> Result<WrittenBatch> {
        let numbers = numbers_of(batch);
        let rows = numbers.len();
        let keys = numbers.iter().map(|number| number % 2).collect::<Vec<_>>();
        let columns: Vec<ArrayRef> = vec![Arc::new(Int32Array::from(numbers)), Arc::new(Int32Array::from(keys))];
        sink.write(batch, &columns, rows)
    }

    /// What readers of the manifest see.
    fn output(disk: &Simulated) -> Vec<i32> {
        let files = read_manifest(Box::new(disk.clone())).unwrap().unwrap_or_default();
        let mut numbers = Vec::new();
        for file in files {
            let bytes = disk.read(file.path.strip_prefix("file:///out/").unwrap()).unwrap();
            assert_eq!(bytes.len() as u64, file.size, "{}", file.path);
            numbers.extend(
                String::from_utf8(bytes)
                    .unwrap()
                    .lines()
                    .map(|line| line.parse::<i32>().unwrap()),
            );
        }
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn whatever_the_disk_does_each_row_is_there_once() {
        let expected: Vec<i32> = (0..BATCHES).flat_map(numbers_of).collect();
        let faults = [
            Faults {
                io_error: 30,
                ..Faults::default()
            },
            Faults {
                no_space: 30,
                ..Faults::default()
            },
            Faults {
                bit_flip: 50,
                stale_read: 50,
                ..Faults::default()
            },
            Faults::default(),
        ];
        let mut failures = 0;
        for seed in 0..240u64 {
            let disk = Simulated::new(seed, Faults::default());
            let merge_bytes = [None, Some(24), Some(1000)][seed as usize % 3];
            let mut batch = 0;
            for attempt in 0.. {
                // Numbers from the seed, good enough to tell attempts apart.
                let dice = (seed * 31 + attempt * 17 + batch * 7) % 97;
                if attempt < ATTEMPTS_MAX {
                    disk.set_faults(faults[dice as usize % faults.len()]);
                    disk.cut_power_after((dice % 3 == 0).then_some(dice));
                }
                let run = || -> Result<u64> {
                    let sink = FileSink::open(Box::new(disk.clone()), settings(attempt, merge_bytes))?;
                    let mut done = batch;
                    while done < BATCHES {
                        write(&sink, done)?;
                        done += 1;
                        if dice % 5 == 0 {
                            break;
                        }
                    }
                    Ok(done)
                };
                let outcome = run();
                disk.set_faults(Faults::default());
                disk.cut_power_after(None);
                if outcome.is_err() || dice % 4 == 0 {
                    disk.lose_power();
                }
                // At any time readers see the batches that are through, each once.
                let store = Store::new(Box::new(disk.clone()), "reader");
                let through = Manifest::new(&store).latest().unwrap().map_or(0, |latest| latest + 1);
                let seen: Vec<i32> = (0..through).flat_map(numbers_of).collect();
                assert_eq!(output(&disk), seen, "seed {seed}, attempt {attempt}");
                match outcome {
                    // The checkpoint may be a batch behind the sink.
                    Ok(done) => batch = done - u64::from(dice % 7 == 0 && done < BATCHES && done > batch),
                    Err(_) => failures += 1,
                }
                if batch == BATCHES {
                    break;
                }
            }
            assert_eq!(output(&disk), expected, "seed {seed}");
        }
        assert!(failures > 240, "{failures}");
    }
}
