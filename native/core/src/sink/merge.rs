//! Small files of past batches into larger ones, when the manifest is compacted: the compacted entry names the larger file where the small
//! ones stood, so that its readers change over at once. The small files stay for a while, for readers that have listed them.
//!
//! ```text
//! larger files durable -> N.compact durable -> the grace later: small files removed -> the next compacted entry forgets them
//! ```

use std::collections::BTreeMap;

use super::file_format::FileEncoder;
use super::file_url::path_in;
use super::folder_writer::part_name;
use super::manifest::{Merged, SinkFile};
use crate::error::Result;
use crate::storage::Store;

/// When files are merged.
#[derive(Clone, Copy, Debug)]
pub struct MergeRule {
    /// Files below so many bytes are merged into files of at most as many.
    pub bytes_max: u64,
    /// How long files that were merged stay on the disk, milliseconds.
    pub grace_ms: i64,
}

/// Merges the files of one output.
pub struct Merger<'a> {
    /// Where the files are.
    pub store: &'a Store,
    /// Which files fit together, and how.
    pub encoder: &'a FileEncoder,
    /// The folder as the URL that the manifest's paths begin with.
    pub url: &'a str,
    /// When.
    pub rule: MergeRule,
    /// Now, in milliseconds since 1970.
    pub now_ms: i64,
}

impl Merger<'_> {
    /// The same output in fewer files, which are durable; `seed` makes their names. Files whose grace is over are removed.
    pub fn merge(&self, seed: &str, mut files: Vec<SinkFile>) -> Result<Vec<SinkFile>> {
        for file in &mut files {
            self.remove_replaced(file)?;
        }
        let mut folders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, file) in files.iter().enumerate() {
            let is_small = file.size < self.rule.bytes_max
                && file.crc32c.is_some()
                && file.path.ends_with(&self.encoder.extension());
            let Some(path) = path_in(self.url, &file.path).filter(|_| is_small) else {
                continue;
            };
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
            folders.entry(folder).or_default().push(number);
        }
        let mut gone = vec![false; files.len()];
        let mut made = Vec::new();
        for (folder, members) in folders {
            let sizes: Vec<u64> = members.iter().map(|&number| files[number].size).collect();
            for (run, places) in runs_to_merge(&sizes, self.rule.bytes_max).into_iter().enumerate() {
                let numbers: Vec<usize> = places.into_iter().map(|place| members[place]).collect();
                let parts: Vec<&SinkFile> = numbers.iter().map(|&number| &files[number]).collect();
                if let Some(merged) = self.merge_run(&folder, &format!("{seed}/merged/{folder}"), run, &parts)? {
                    made.push(merged);
                    numbers.into_iter().for_each(|number| gone[number] = true);
                }
            }
        }
        let kept = files.into_iter().zip(gone).filter(|(_, is_gone)| !is_gone);
        Ok(kept.map(|(file, _)| file).chain(made).collect())
    }

    /// One file of the rows of several; none where they don't fit together, or were not read as the manifest has them: the next compaction tries again.
    fn merge_run(&self, folder: &str, seed: &str, run: usize, parts: &[&SinkFile]) -> Result<Option<SinkFile>> {
        let mut contents = Vec::with_capacity(parts.len());
        let mut replaces = Vec::with_capacity(parts.len());
        for part in parts {
            let Some(path) = path_in(self.url, &part.path) else {
                return Ok(None);
            };
            let Some(bytes) = self.store.read(&path)? else {
                return Ok(None);
            };
            if bytes.len() as u64 != part.size || part.crc32c != Some(crc32c::crc32c(&bytes)) {
                return Ok(None);
            }
            contents.push(bytes);
            replaces.extend(part.merged.iter().flat_map(|merged| merged.replaces.iter().cloned()));
            replaces.push(path);
        }
        let Some(bytes) = self.encoder.join(contents)? else {
            return Ok(None);
        };
        let path = part_name(folder, seed, run, &self.encoder.extension());
        self.store.write(&path, &bytes)?;
        Ok(Some(SinkFile {
            // The newest row's: what goes by the age of files must not lose it early.
            modification_time: parts
                .iter()
                .map(|part| part.modification_time)
                .max()
                .unwrap_or(self.now_ms),
            crc32c: Some(crc32c::crc32c(&bytes)),
            merged: Some(Merged {
                at_ms: self.now_ms,
                replaces,
            }),
            ..SinkFile::added(self.url, &path, bytes.len() as u64, self.now_ms)
        }))
    }

    fn remove_replaced(&self, file: &mut SinkFile) -> Result<()> {
        let Some(merged) = &mut file.merged else { return Ok(()) };
        if merged.replaces.is_empty() || self.now_ms.saturating_sub(merged.at_ms) < self.rule.grace_ms {
            return Ok(());
        }
        for path in merged.replaces.drain(..) {
            self.store.remove(&path)?;
        }
        Ok(())
    }
}

/// Which of files of these sizes become one, run by run, each in the order of the files: as many of the smallest as fit, and none that is larger than
/// the others of its run together. So whatever becomes larger doubles, and a row is written again only a few times.
fn runs_to_merge(sizes: &[u64], bytes_max: u64) -> Vec<Vec<usize>> {
    let mut by_size: Vec<usize> = (0..sizes.len()).collect();
    by_size.sort_by_key(|&place| sizes[place]);
    let mut runs = Vec::new();
    let mut rest = by_size.as_slice();
    loop {
        let (mut sum, mut length) = (0u64, 0);
        for (count, &place) in rest.iter().enumerate() {
            let size = sizes[place];
            if sum.saturating_add(size) > bytes_max {
                break;
            }
            if count > 0 && size <= sum {
                length = count + 1;
            }
            sum += size;
        }
        if length < 2 {
            return runs;
        }
        let mut run = rest[..length].to_vec();
        run.sort_unstable();
        runs.push(run);
        rest = &rest[length..];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_smallest_files_become_one_and_a_larger_one_waits_for_its_like() {
        assert_eq!(runs_to_merge(&[3, 3, 3], 100), [[0, 1, 2]]);
        assert_eq!(runs_to_merge(&[50, 3, 3], 100), [[1, 2]]);
        assert_eq!(runs_to_merge(&[6, 3, 3], 100), [[0, 1, 2]]);
        assert_eq!(runs_to_merge(&[40, 40, 40, 40], 100), [[0, 1], [2, 3]]);
        assert!(runs_to_merge(&[60, 60], 100).is_empty());
        assert!(runs_to_merge(&[7], 100).is_empty());
    }

    proptest! {
        #[test]
        fn runs_are_apart_fit_and_at_least_double_their_largest(sizes in proptest::collection::vec(0u64..100, 0..60)) {
            let mut seen = vec![false; sizes.len()];
            for run in runs_to_merge(&sizes, 150) {
                let sum: u64 = run.iter().map(|&place| sizes[place]).sum();
                let largest = run.iter().map(|&place| sizes[place]).max().unwrap_or_default();
                prop_assert!(run.len() > 1 && sum <= 150 && sum >= 2 * largest);
                for place in run {
                    prop_assert!(!std::mem::replace(&mut seen[place], true));
                }
            }
        }
    }
}
