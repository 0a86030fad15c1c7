//! Files on a real disk: written whole or not at all, verified before a byte is used.
//!
//! ```text
//! | magic "MILLRACE" | format u32 | length u64 | CRC32C of the payload u32 | payload |
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::{Error, ErrorCode, Result};

const MAGIC: &[u8; 8] = b"MILLRACE";
const HEADER_BYTES: usize = 24;

/// Writes `payload` under a temporary name, syncs it, renames it to `path` and syncs the directory.
pub fn write_file(path: &Path, format: u32, payload: &[u8]) -> Result<()> {
    crate::fault::enter_stage("storage");
    let failed = |error: std::io::Error| {
        Error::new(ErrorCode::FileWriteFailed)
            .with("path", path.display().to_string())
            .with("reason", error.to_string())
    };
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = Path::new(&temporary);
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(temporary)?;
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&format.to_le_bytes());
        header.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        header.extend_from_slice(&crc32c::crc32c(payload).to_le_bytes());
        file.write_all(&header)?;
        file.write_all(payload)?;
        file.sync_all()?;
        fs::rename(temporary, path)?;
        let directory = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        // The rename is durable once the directory is.
        File::open(directory)?.sync_all()
    };
    write().map_err(|error| {
        // The half-written file is of no use; what matters is the first error.
        let _ = fs::remove_file(temporary);
        failed(error)
    })
}

/// The payload of a file that [`write_file`] wrote. Fails with STATE_FILE_CORRUPT where a byte is not as it was.
pub fn read_file(path: &Path, format: u32) -> Result<Vec<u8>> {
    crate::fault::enter_stage("storage");
    let corrupt = |reason: String| {
        Error::new(ErrorCode::StateFileCorrupt)
            .with("path", path.display().to_string())
            .with("reason", reason)
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|error| {
            Error::new(ErrorCode::FileReadFailed)
                .with("path", path.display().to_string())
                .with("reason", error.to_string())
        })?;
    let word = |at: usize| {
        bytes
            .get(at..at + 4)
            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    };
    if bytes.len() < HEADER_BYTES || &bytes[..8] != MAGIC {
        return Err(corrupt("it does not begin with millrace's mark".to_string()));
    }
    if word(8) != Some(format) {
        return Err(corrupt(format!("format {:?}, expected {format}", word(8))));
    }
    let length = u64::from(word(12).unwrap_or(0)) | u64::from(word(16).unwrap_or(0)) << 32;
    if length != (bytes.len() - HEADER_BYTES) as u64 {
        return Err(corrupt(format!(
            "{} bytes of payload, expected {length}",
            bytes.len() - HEADER_BYTES
        )));
    }
    let computed = crc32c::crc32c(&bytes[HEADER_BYTES..]);
    if word(20) != Some(computed) {
        return Err(corrupt(format!(
            "checksum {computed:08x}, expected {:08x}",
            word(20).unwrap_or(0)
        )));
    }
    bytes.drain(..HEADER_BYTES);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.bin");
        write_file(&path, 1, b"some payload").unwrap();
        assert_eq!(read_file(&path, 1).unwrap(), b"some payload");
        let whole = fs::read(&path).unwrap();
        for position in 0..whole.len() {
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[position] ^= 1 << bit;
                fs::write(&path, &flipped).unwrap();
                assert!(read_file(&path, 1).is_err(), "byte {position} bit {bit}");
            }
            fs::write(&path, &whole[..position]).unwrap();
            assert!(read_file(&path, 1).is_err(), "cut at {position}");
        }
    }
}
