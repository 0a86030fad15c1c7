//! A disk in memory that lies: live and durable bytes are kept apart, and a seed decides what fails and what survives a
//! loss of power.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Storage, StorageFile, folder_of};

/// What a disk writes whole.
const SECTOR_BYTES: usize = 512;

/// How often each fault happens, in chances of a thousand per operation.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Faults {
    /// A write, sync or rename fails.
    pub io_error: u32,
    /// A write stops half-way: the disk is full.
    pub no_space: u32,
    /// Bytes that can still be written; behind them the disk is full, for good.
    pub space_left: Option<usize>,
    /// A bit of what is read is flipped.
    pub bit_flip: u32,
    /// A write lands in another file.
    pub misdirected_write: u32,
    /// A read gives what the file held before its last write.
    pub stale_read: u32,
}

/// A storage in memory. Clones share the disk, as a restarted process does.
#[derive(Clone)]
pub struct Simulated {
    disk: Arc<Mutex<SimulatedDisk>>,
}

struct SimulatedDisk {
    files: Vec<Inode>,
    /// Names as programs see them.
    live: BTreeMap<String, usize>,
    /// Names that a loss of power leaves.
    durable: BTreeMap<String, usize>,
    /// Changes of names since their folder was synced, in order.
    unsynced_names: Vec<NameChange>,
    locks: BTreeSet<String>,
    faults: Faults,
    /// Operations that are left before the power goes.
    operations_left: Option<u64>,
    random: Random,
}

#[derive(Default)]
struct Inode {
    live: Vec<u8>,
    durable: Vec<u8>,
    /// What it held before its last write.
    previous: Vec<u8>,
    /// A sync failed: the pages are called clean, and later syncs write nothing.
    is_forgotten: bool,
}

struct NameChange {
    name: String,
    inode: Option<usize>,
}

impl Simulated {
    /// An empty disk.
    pub fn new(seed: u64, faults: Faults) -> Self {
        Self {
            disk: Arc::new(Mutex::new(SimulatedDisk {
                files: Vec::new(),
                live: BTreeMap::new(),
                durable: BTreeMap::new(),
                unsynced_names: Vec::new(),
                locks: BTreeSet::new(),
                faults,
                operations_left: None,
                random: Random(seed),
            })),
        }
    }

    /// The power goes: of what was not synced each part survives or not, torn at sectors, in any order.
    pub fn lose_power(&self) {
        let mut disk = self.disk.lock();
        let SimulatedDisk { files, random, .. } = &mut *disk;
        for file in files.iter_mut() {
            if file.live != file.durable {
                file.durable = survivors(&file.durable, &file.live, random);
            }
            file.live = file.durable.clone();
            file.is_forgotten = false;
        }
        let changes = std::mem::take(&mut disk.unsynced_names);
        for change in changes {
            // Names in a folder reach the disk in any order, with or without the bytes they stand for.
            if disk.random.chance(500) {
                disk.apply_durably(change);
            }
        }
        disk.live = disk.durable.clone();
        disk.locks.clear();
        disk.operations_left = None;
    }

    /// The power goes after this many operations: from then on all of them fail, until [`Self::lose_power`].
    pub fn cut_power_after(&self, operations: Option<u64>) {
        self.disk.lock().operations_left = operations;
    }

    /// Sets what fails from here on.
    pub fn set_faults(&self, faults: Faults) {
        self.disk.lock().faults = faults;
    }

    /// Every file by its path, as programs see it.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let disk = self.disk.lock();
        let bytes_of = |&inode: &usize| disk.files[inode].live.clone();
        disk.live
            .iter()
            .map(|(path, inode)| (path.clone(), bytes_of(inode)))
            .collect()
    }

    /// Puts other bytes into a file, durably: damage at rest.
    pub fn damage(&self, path: &str, bytes: &[u8]) {
        let mut disk = self.disk.lock();
        if let Some(&inode) = disk.live.get(path) {
            disk.files[inode].live = bytes.to_vec();
            disk.files[inode].durable = bytes.to_vec();
        }
    }
}

impl SimulatedDisk {
    fn find(&self, path: &str) -> io::Result<usize> {
        self.live
            .get(path)
            .copied()
            .ok_or_else(|| io::Error::from(ErrorKind::NotFound))
    }

    fn set_name(&mut self, name: &str, inode: Option<usize>) {
        match inode {
            Some(inode) => self.live.insert(name.to_string(), inode),
            None => self.live.remove(name),
        };
        self.unsynced_names.push(NameChange {
            name: name.to_string(),
            inode,
        });
    }

    fn apply_durably(&mut self, change: NameChange) {
        match change.inode {
            Some(inode) => self.durable.insert(change.name, inode),
            None => self.durable.remove(&change.name),
        };
    }

    /// Every change begins here.
    fn fail_sometimes(&mut self) -> io::Result<()> {
        self.check_power()?;
        if let Some(left) = &mut self.operations_left {
            *left -= 1;
        }
        if self.random.chance(self.faults.io_error) {
            return Err(io::Error::other("injected EIO"));
        }
        Ok(())
    }

    fn check_power(&self) -> io::Result<()> {
        if self.operations_left == Some(0) {
            return Err(io::Error::other("injected loss of power"));
        }
        Ok(())
    }
}

impl Storage for Simulated {
    fn describe(&self, path: &str) -> String {
        format!("simulated:{path}")
    }

    /// Folders are as durable as the names in them.
    fn create_folder(&self, _path: &str) -> io::Result<()> {
        Ok(())
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn StorageFile>> {
        let mut disk = self.disk.lock();
        disk.fail_sometimes()?;
        let inode = disk.files.len();
        disk.files.push(Inode::default());
        disk.set_name(path, Some(inode));
        Ok(Box::new(SimulatedFile {
            disk: Arc::clone(&self.disk),
            inode,
        }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.fail_sometimes()?;
        let inode = disk.find(from)?;
        // A rename is one change: the old name goes where the new one comes.
        if let Some(replaced) = disk.live.get(to).copied() {
            disk.files[inode].previous = disk.files[replaced].live.clone();
        }
        disk.set_name(to, Some(inode));
        disk.set_name(from, None);
        Ok(())
    }

    fn sync_folder(&self, path: &str) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.fail_sometimes()?;
        let changes = std::mem::take(&mut disk.unsynced_names);
        for change in changes {
            if folder_of(&change.name) == path {
                disk.apply_durably(change);
            } else {
                disk.unsynced_names.push(change);
            }
        }
        Ok(())
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut disk = self.disk.lock();
        let inode = disk.find(path)?;
        let Faults {
            stale_read, bit_flip, ..
        } = disk.faults;
        let mut bytes = if disk.random.chance(stale_read) {
            disk.files[inode].previous.clone()
        } else {
            disk.files[inode].live.clone()
        };
        if !bytes.is_empty() && disk.random.chance(bit_flip) {
            let bit = disk.random.below(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        Ok(bytes)
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let disk = self.disk.lock();
        let names: BTreeSet<String> = disk
            .live
            .keys()
            .filter_map(|name| {
                let rest = if path.is_empty() {
                    name.as_str()
                } else {
                    name.strip_prefix(path)?.strip_prefix('/')?
                };
                Some(rest.split('/').next().unwrap_or(rest).to_string())
            })
            .collect();
        Ok(names.into_iter().collect())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.fail_sometimes()?;
        disk.find(path)?;
        disk.set_name(path, None);
        Ok(())
    }

    fn lock(&self, path: &str) -> io::Result<Option<Box<dyn Send + Sync>>> {
        let mut disk = self.disk.lock();
        let is_free = disk.locks.insert(path.to_string());
        Ok(is_free.then(|| -> Box<dyn Send + Sync> {
            Box::new(SimulatedLock {
                disk: Arc::clone(&self.disk),
                path: path.to_string(),
            })
        }))
    }
}

struct SimulatedLock {
    disk: Arc<Mutex<SimulatedDisk>>,
    path: String,
}

impl Drop for SimulatedLock {
    fn drop(&mut self) {
        self.disk.lock().locks.remove(&self.path);
    }
}

struct SimulatedFile {
    disk: Arc<Mutex<SimulatedDisk>>,
    inode: usize,
}

impl StorageFile for SimulatedFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.lock();
        disk.fail_sometimes()?;
        let Faults {
            no_space,
            misdirected_write,
            ..
        } = disk.faults;
        let mut length = if disk.random.chance(no_space) {
            disk.random.below(bytes.len().max(1))
        } else {
            bytes.len()
        };
        if let Some(left) = &mut disk.faults.space_left {
            length = length.min(*left);
            *left -= length;
        }
        let target = if disk.random.chance(misdirected_write) {
            let files = disk.files.len();
            disk.random.below(files)
        } else {
            self.inode
        };
        disk.files[target].live.extend_from_slice(&bytes[..length]);
        if length < bytes.len() {
            return Err(io::Error::from(ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.disk.lock();
        if let Err(error) = disk.fail_sometimes() {
            disk.files[self.inode].is_forgotten = true;
            return Err(error);
        }
        let file = &mut disk.files[self.inode];
        if !file.is_forgotten {
            file.durable = file.live.clone();
        }
        Ok(())
    }
}

/// What of the unsynced bytes a loss of power leaves: each sector is the new one, the old one, or zeros.
fn survivors(durable: &[u8], live: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = durable.to_vec();
    bytes.resize(
        random.between(durable.len().min(live.len()), live.len().max(durable.len())),
        0,
    );
    for (number, sector) in live.chunks(SECTOR_BYTES).enumerate() {
        let start = number * SECTOR_BYTES;
        let end = (start + sector.len()).min(bytes.len());
        if start < end && random.chance(500) {
            bytes[start..end].copy_from_slice(&sector[..end - start]);
        }
    }
    bytes
}

/// Numbers from a seed (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    fn chance(&mut self, in_a_thousand: u32) -> bool {
        in_a_thousand > 0 && self.below(1000) < in_a_thousand as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::storage::Store;

    #[test]
    fn what_was_written_by_the_protocol_survives_and_what_was_not_may_not() {
        let mut lost = 0;
        for seed in 0..200 {
            let disk = Simulated::new(seed, Faults::default());
            let store = Store::new(Box::new(disk.clone()), "a");
            store.write("folder/one", &[1; 2000]).unwrap();
            let mut file = disk.create("folder/two").unwrap();
            file.write_all(&[2; 2000]).unwrap();
            disk.lose_power();
            assert_eq!(disk.read("folder/one").unwrap(), [1; 2000]);
            lost += u32::from(disk.read("folder/two").map_or(true, |bytes| bytes != [2; 2000]));
        }
        assert!(lost > 100, "{lost}");
    }

    #[test]
    fn a_failed_write_closes_the_store_and_leaves_the_old_file() {
        for fault in [
            Faults {
                io_error: 300,
                ..Faults::default()
            },
            Faults {
                no_space: 300,
                ..Faults::default()
            },
        ] {
            for seed in 0..200 {
                let disk = Simulated::new(seed, Faults::default());
                let store = Store::new(Box::new(disk.clone()), "a");
                store.write("file", b"old").unwrap();
                disk.set_faults(fault);
                let outcome = store.write("file", b"new");
                disk.set_faults(Faults::default());
                if let Err(failure) = &outcome {
                    let refusal = store.write("other", b"more").err().unwrap();
                    assert_eq!(refusal.code(), ErrorCode::CheckpointPoisoned, "seed {seed}");
                    assert_eq!(refusal.parameter("reason"), Some(failure.to_string().as_str()));
                }
                disk.lose_power();
                let bytes = disk.read("file").unwrap();
                let expected: &[&[u8]] = if outcome.is_ok() { &[b"new"] } else { &[b"old", b"new"] };
                assert!(expected.contains(&bytes.as_slice()), "seed {seed}: {bytes:?}");
            }
        }
    }

    #[test]
    fn a_full_disk_takes_what_fits_and_stays_full() {
        let disk = Simulated::new(1, Faults::default());
        disk.set_faults(Faults {
            space_left: Some(5),
            ..Faults::default()
        });
        let mut file = disk.create("file").unwrap();
        file.write_all(b"abc").unwrap();
        for _ in 0..2 {
            assert_eq!(file.write_all(b"defg").unwrap_err().kind(), ErrorKind::StorageFull);
        }
        assert_eq!(disk.read("file").unwrap(), b"abcde");
        disk.set_faults(Faults::default());
        file.write_all(b"f").unwrap();
        assert_eq!(disk.read("file").unwrap(), b"abcdef");
    }
}
