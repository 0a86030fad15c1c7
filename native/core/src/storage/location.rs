//! From the text of a location to the storage behind it: a folder, or a simulated disk of a test.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;

use super::{Disk, Faults, Simulated, Storage};
use crate::error::{Error, Result};

/// What the location of a simulated disk begins with; its number follows.
const SIMULATED: &str = "simulated:";

type Disks = Mutex<HashMap<u32, Simulated>>;

fn disks() -> &'static Disks {
    static DISKS: OnceLock<Disks> = OnceLock::new();
    DISKS.get_or_init(Disks::default)
}

/// The storage of a location.
pub fn open_location(location: &str) -> Result<Box<dyn Storage>> {
    match location.strip_prefix(SIMULATED).map(str::parse) {
        Some(Ok(number)) => Ok(Box::new(simulated_disk(number)?)),
        _ => Ok(Box::new(Disk::new(location))),
    }
}

/// Makes a simulated disk; gives its number.
pub fn simulate_disk(seed: u64) -> u32 {
    static NEXT_NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NEXT_NUMBER.fetch_add(1, Ordering::SeqCst);
    disks().lock().insert(number, Simulated::new(seed, Faults::default()));
    number
}

/// The simulated disk with this number.
pub fn simulated_disk(number: u32) -> Result<Simulated> {
    let found = disks().lock().get(&number).cloned();
    found.ok_or_else(|| Error::internal(format!("there is no simulated disk {number}")))
}

/// The bytes of a file on the simulated disk with this number.
pub fn simulated_file(number: u32, path: &str) -> Result<Vec<u8>> {
    let bytes = simulated_disk(number)?.read(path);
    bytes.map_err(|error| Error::internal(format!("simulated disk {number}: {path}: {error}")))
}

/// Lets go of a simulated disk.
pub fn forget_disk(number: u32) {
    disks().lock().remove(&number);
}
