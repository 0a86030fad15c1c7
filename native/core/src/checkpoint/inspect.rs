//! Looks at every file of a checkpoint, without the query that it is of.

use serde::Serialize;

use super::state_log::{self, FileMark};
use super::{Checkpoint, log_text};
use crate::error::Result;

/// A file and whether it is as it was written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Within the checkpoint.
    pub path: String,
    /// Its length.
    pub bytes: usize,
    /// `log`, `delta`, `snapshot`, or `other` for what is none of ours.
    pub kind: &'static str,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Of a delta: its name in commits.
    pub mark: Option<String>,
    /// Of a state file: the delta before it, or the one it is the state after.
    pub after: Option<String>,
    /// Of a state file: rows of the shard's state with it.
    pub num_rows: Option<u64>,
}

impl Checkpoint {
    /// Reads every byte of every file. Folders are looked into in order.
    pub fn inspect(&self) -> Result<Vec<FileReport>> {
        let mut reports = Vec::new();
        for folder in super::folders(self.store())? {
            for name in self.store().list(&folder)? {
                let path = if folder.is_empty() {
                    name.clone()
                } else {
                    format!("{folder}/{name}")
                };
                // A name that is a folder cannot be read as a file.
                let Ok(Some(bytes)) = self.store().read(&path) else {
                    continue;
                };
                reports.push(report(path, &name, bytes));
            }
        }
        Ok(reports)
    }
}

fn report(path: String, name: &str, bytes: Vec<u8>) -> FileReport {
    let mut report = FileReport {
        bytes: bytes.len(),
        kind: kind_of(&path, name),
        problem: None,
        mark: None,
        after: None,
        num_rows: None,
        path,
    };
    match report.kind {
        "log" => report.problem = log_text::open(&report.path, bytes).err(),
        "delta" | "snapshot" => match state_log::open_file(&report.path, &bytes) {
            Ok(file) => {
                let version = name.split('.').next().and_then(|version| version.parse().ok());
                let mark = version.map(|version| FileMark {
                    version,
                    checksum: file.checksum,
                });
                report.mark = mark.map(FileMark::to_text);
                report.after = file.after.map(FileMark::to_text);
                report.num_rows = Some(file.num_rows);
            }
            Err(problem) => report.problem = Some(problem),
        },
        _ => {}
    }
    report
}

fn kind_of(path: &str, name: &str) -> &'static str {
    let is_entry = |name: &str| name.parse::<u64>().is_ok();
    let folder = path.split('/').next().unwrap_or_default();
    match folder {
        "metadata" => "log",
        "offsets" | "commits" if is_entry(name) => "log",
        "sources" if is_entry(name.strip_suffix(".compact").unwrap_or(name)) => "log",
        "state" if name == "metadata" => "log",
        "state" if name.strip_suffix(".delta").is_some_and(is_entry) => "delta",
        "state" if name.strip_suffix(".snapshot").is_some_and(is_entry) => "snapshot",
        _ => "other",
    }
}
