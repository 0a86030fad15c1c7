//! The manifest of a file sink: which files each batch added, in Spark's `_spark_metadata` (FileStreamSinkLog).
//!
//! ```text
//! _spark_metadata/0 1 2 … 8 9.compact 10 11 …      "v1", then a line of JSON for each file
//! ```
//!
//! Every tenth entry has all before it. A file that no entry names is none of the output: it was left by an attempt that
//! crashed before its batch was through. Entries that millrace wrote carry a checksum in their first line; one without
//! files has no such line, and ends in `\r\n`, which Spark takes for an end of a line and no cut of another entry has.

use serde::{Deserialize, Serialize};

use super::file_url::url_path;
use crate::checkpoint::log_text;
use crate::error::{Error, ErrorCode, Result};
use crate::storage::Store;

/// The manifest's folder within the output folder.
pub const FOLDER: &str = "_spark_metadata";
/// Spark's spark.sql.streaming.fileSink.log.compactInterval.
const COMPACT_INTERVAL: u64 = 10;
/// What Hadoop says of every local file.
const BLOCK_BYTES: u64 = 32 << 20;
const COMPACT: &str = ".compact";
const VERSION: &str = "v1";
const NO_FILES: &str = "v1\r\n";

/// A file of the output: Spark's SinkFileStatus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SinkFile {
    /// A URL.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Spark's; always false.
    pub is_dir: bool,
    /// Milliseconds since 1970.
    pub modification_time: i64,
    /// Hadoop's.
    pub block_replication: u32,
    /// Hadoop's.
    pub block_size: u64,
    /// Always `add`.
    pub action: String,
    /// Ours, which Spark passes over, of files that may be merged: what they hold, so that a misread byte is not copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc32c: Option<u32>,
    /// Ours, too: the file was made of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
}

/// What a file was made of that was merged from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merged {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// The files that it stands for and that are still on the disk, within the folder.
    pub replaces: Vec<String>,
}

impl SinkFile {
    /// A file of the output in the folder `folder_url`.
    pub fn added(folder_url: &str, path: &str, size: u64, now_ms: i64) -> Self {
        Self {
            path: format!("{folder_url}/{}", url_path(path)),
            size,
            is_dir: false,
            modification_time: now_ms,
            block_replication: 1,
            block_size: BLOCK_BYTES,
            action: "add".to_string(),
            crc32c: None,
            merged: None,
        }
    }
}

/// What a compacted entry makes of all files of the output, by its batch.
pub type Compaction<'a> = dyn Fn(u64, Vec<SinkFile>) -> Result<Vec<SinkFile>> + 'a;

/// What an entry's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct EntryName {
    batch_id: u64,
    is_compact: bool,
}

impl EntryName {
    fn parse(name: &str) -> Option<Self> {
        let (digits, is_compact) = match name.strip_suffix(COMPACT) {
            Some(digits) => (digits, true),
            None => (name, false),
        };
        let batch_id = digits.parse().ok()?;
        Some(Self { batch_id, is_compact })
    }

    fn path(self) -> String {
        let suffix = if self.is_compact { COMPACT } else { "" };
        format!("{FOLDER}/{}{suffix}", self.batch_id)
    }
}

/// What an entry holds.
struct Entry {
    files: Vec<SinkFile>,
    /// Whether it is known to be as millrace wrote it.
    is_sealed: bool,
    /// Whether there is nothing in it but the version.
    is_bare: bool,
}

/// The manifest in the folder of a store.
pub struct Manifest<'a> {
    store: &'a Store,
}

impl<'a> Manifest<'a> {
    /// The manifest of the output in `store`.
    pub fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The newest batch that is through; none before the first.
    pub fn latest(&self) -> Result<Option<u64>> {
        Ok(self.names()?.last().map(|name| name.batch_id))
    }

    /// Which query wrote the newest entry that says so.
    pub fn query(&self) -> Result<Option<String>> {
        for name in self.names()?.into_iter().rev() {
            let text = self.text(name)?;
            if let Some(attempt) = text.lines().find_map(log_text::attempt_of) {
                return Ok(attempt.split('.').next().map(str::to_string));
            }
        }
        Ok(None)
    }

    /// All files of the output, oldest batch first. Fails with CHECKPOINT_CORRUPT, and CHECKPOINT_INCOMPLETE where an entry
    /// in the middle is missing.
    pub fn files(&self) -> Result<Vec<SinkFile>> {
        let names = self.names()?;
        let newest_compact = names.iter().rposition(|name| name.is_compact);
        let names = &names[newest_compact.unwrap_or(0)..];
        let mut files = Vec::new();
        let mut is_sealed_before = false;
        for (position, &name) in names.iter().enumerate() {
            let expected = names[0].batch_id + position as u64;
            if name.batch_id != expected {
                return Err(Error::new(ErrorCode::CheckpointIncomplete)
                    .with("path", self.store.describe(FOLDER))
                    .with("missing", format!("{FOLDER}/{expected}")));
            }
            let entry = self.read(name)?;
            // Spark's entry of no files is what a cut leaves of another. Among entries of ours it can only be that.
            if entry.is_bare && is_sealed_before {
                return Err(self.corrupt(name, "its end is missing".to_string()));
            }
            is_sealed_before |= entry.is_sealed;
            files.extend(entry.files);
        }
        Ok(files)
    }

    /// Says that a batch is through and has these files. Batches that wrote to another folder have entries without files.
    pub fn add(&self, batch_id: u64, files: &[SinkFile], compaction: &Compaction<'_>) -> Result<()> {
        if let Some(latest) = self.latest()? {
            for skipped in latest + 1..batch_id {
                self.write(skipped, Vec::new(), compaction)?;
            }
        }
        self.write(batch_id, files.to_vec(), compaction)
    }

    fn write(&self, batch_id: u64, files: Vec<SinkFile>, compaction: &Compaction<'_>) -> Result<()> {
        let is_compact = (batch_id + 1).is_multiple_of(COMPACT_INTERVAL);
        let name = EntryName { batch_id, is_compact };
        if !is_compact {
            return self.write_entry(name, &files);
        }
        let mut all = self.files()?;
        all.extend(files);
        self.write_entry(name, &compaction(batch_id, all)?)?;
        // What the compacted entry before this one has stays: a reader may be at it.
        let is_old = |name: &EntryName| name.batch_id + COMPACT_INTERVAL < batch_id;
        let old: Vec<String> = (self.names()?.into_iter().filter(is_old))
            .map(|name| name.path().split_off(FOLDER.len() + 1))
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        self.store.remove_durably(FOLDER, &old)
    }

    fn write_entry(&self, name: EntryName, files: &[SinkFile]) -> Result<()> {
        let mut text = VERSION.to_string();
        for file in files {
            text.push('\n');
            text.push_str(&serde_json::to_string(file).map_err(|error| Error::internal(error.to_string()))?);
        }
        let path = name.path();
        let sealed = log_text::seal(&path, &text, self.store.attempt()).unwrap_or_else(|| NO_FILES.to_string());
        self.store.write(&path, sealed.as_bytes())
    }

    fn read(&self, name: EntryName) -> Result<Entry> {
        let text = self.text(name)?;
        if text == NO_FILES {
            return Ok(Entry {
                files: Vec::new(),
                is_sealed: true,
                is_bare: false,
            });
        }
        // Entries that Spark wrote have no checksum.
        let is_sealed = text.contains(log_text::MEMBER);
        let text = if is_sealed {
            log_text::open(&name.path(), text.into_bytes()).map_err(|reason| self.corrupt(name, reason))?
        } else {
            text
        };
        let mut lines = text.lines();
        let version = lines.next().unwrap_or_default();
        if version != VERSION {
            return Err(self.corrupt(name, format!("it begins with {version:?}, not with v1")));
        }
        let files: Vec<SinkFile> = lines
            .map(|line| serde_json::from_str(line).map_err(|error| self.corrupt(name, error.to_string())))
            .collect::<Result<_>>()?;
        Ok(Entry {
            is_bare: files.is_empty(),
            is_sealed,
            files,
        })
    }

    fn corrupt(&self, name: EntryName, reason: String) -> Error {
        Error::new(ErrorCode::CheckpointCorrupt)
            .with("path", self.store.describe(&name.path()))
            .with("reason", reason)
    }

    fn text(&self, name: EntryName) -> Result<String> {
        let bytes = self.store.read(&name.path())?.unwrap_or_default();
        String::from_utf8(bytes).map_err(|_| self.corrupt(name, "it is not UTF-8".to_string()))
    }

    /// The entries by batch; of a batch that has two the compacted one is the later.
    fn names(&self) -> Result<Vec<EntryName>> {
        let names = self.store.list(FOLDER)?;
        let mut names: Vec<EntryName> = names.iter().filter_map(|name| EntryName::parse(name)).collect();
        names.sort_unstable();
        Ok(names)
    }
}

/// How long files stay in the manifest.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
    /// Files that were written longer ago are left out of the next compacted entry; none: never.
    pub keep_ms: Option<i64>,
}

impl Retention {
    /// Those of the files that stay. A file whose parts are still on the disk does: they are removed by its entry.
    pub fn kept(&self, mut files: Vec<SinkFile>) -> Vec<SinkFile> {
        let is_young = |file: &SinkFile| {
            self.keep_ms
                .is_none_or(|keep_ms| self.now_ms.saturating_sub(file.modification_time) <= keep_ms)
        };
        let has_parts = |file: &SinkFile| file.merged.as_ref().is_some_and(|merged| !merged.replaces.is_empty());
        files.retain(|file| is_young(file) || has_parts(file));
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Faults, Simulated};

    const FOREVER: &Compaction<'static> = &|_, files| Ok(files);

    fn file(name: &str) -> SinkFile {
        SinkFile::added("file:///out", name, 7, 1)
    }

    fn store(disk: &Simulated) -> Store {
        Store::new(Box::new(disk.clone()), "q.1")
    }

    fn paths(manifest: &Manifest) -> Vec<String> {
        let files = manifest.files().unwrap();
        files.into_iter().map(|file| file.path).collect()
    }

    #[test]
    fn every_tenth_entry_has_all_and_old_ones_go() {
        let disk = Simulated::new(1, Faults::default());
        let store = store(&disk);
        let manifest = Manifest::new(&store);
        let mut expected = Vec::new();
        for batch in 0..35 {
            let files = [file(&format!("{batch}a")), file(&format!("{batch}b"))];
            let files = if batch % 4 == 0 { &files[..0] } else { &files[..] };
            manifest.add(batch, files, FOREVER).unwrap();
            expected.extend(files.iter().map(|file| file.path.clone()));
            assert_eq!(paths(&manifest), expected, "after batch {batch}");
            assert_eq!(manifest.latest().unwrap(), Some(batch));
        }
        let names = store.list(FOLDER).unwrap();
        assert!(
            names.contains(&"29.compact".to_string()) && !names.contains(&"9.compact".to_string()),
            "{names:?}"
        );
        assert_eq!(manifest.query().unwrap().as_deref(), Some("q"));
        let text = String::from_utf8(disk.files()["_spark_metadata/33"].clone()).unwrap();
        assert!(text.starts_with("v1\n{\"path\":\"file:///out/33a\",\"size\":7,\"isDir\":false,\"modificationTime\":1,\"blockReplication\":1,\"blockSize\":33554432,\"action\":\"add\",\"millrace\":{"), "{text}");
    }

    #[test]
    fn what_is_lost_or_damaged_is_said() {
        let disk = Simulated::new(1, Faults::default());
        let store = store(&disk);
        let manifest = Manifest::new(&store);
        for batch in 0..3 {
            manifest.add(batch, &[file(&batch.to_string())], FOREVER).unwrap();
        }
        let text = disk.files()["_spark_metadata/1"].clone();
        for position in 0..text.len() {
            let mut flipped = text.clone();
            flipped[position] ^= 4;
            disk.damage("_spark_metadata/1", &flipped);
            let is_told = manifest.files().map_err(|error| error.code());
            // A flipped bit in the name of the checksum's member hides the checksum and changes nothing else.
            let is_same = is_told
                .as_ref()
                .is_ok_and(|files| files[..] == [file("0"), file("1"), file("2")]);
            assert!(
                is_told == Err(ErrorCode::CheckpointCorrupt) || is_same,
                "byte {position}"
            );
            disk.damage("_spark_metadata/1", &text[..position]);
            assert!(manifest.files().is_err(), "cut at {position}");
        }
        store.remove("_spark_metadata/1").unwrap();
        assert_eq!(manifest.files().unwrap_err().code(), ErrorCode::CheckpointIncomplete);
    }

    #[test]
    fn entries_of_spark_are_read_and_batches_that_went_elsewhere_leave_no_hole() {
        let disk = Simulated::new(1, Faults::default());
        let store = store(&disk);
        let spark = "v1\n{\"path\":\"file:///out/a\",\"size\":7,\"isDir\":false,\"modificationTime\":1,\"blockReplication\":1,\"blockSize\":33554432,\"action\":\"add\"}";
        store.write("_spark_metadata/0", spark.as_bytes()).unwrap();
        let manifest = Manifest::new(&store);
        manifest.add(3, &[file("c")], FOREVER).unwrap();
        assert_eq!(paths(&manifest), ["file:///out/a", "file:///out/c"]);
    }

    #[test]
    fn retention_lets_files_go_when_entries_are_compacted() {
        let disk = Simulated::new(1, Faults::default());
        let store = store(&disk);
        let manifest = Manifest::new(&store);
        let retention = Retention {
            now_ms: 1000,
            keep_ms: Some(500),
        };
        let retain: &Compaction<'_> = &|_, files| Ok(retention.kept(files));
        for batch in 0..9 {
            manifest.add(batch, &[file(&batch.to_string())], retain).unwrap();
        }
        let young = SinkFile {
            modification_time: 900,
            ..file("young")
        };
        manifest.add(9, &[young], retain).unwrap();
        assert_eq!(paths(&manifest), ["file:///out/young"]);
    }
}
