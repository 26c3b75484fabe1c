//! Keeps two processes out of one data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::StoreError;

/// Held for as long as the data directory is in use; the system lets go of it when the process ends, however it ends.
pub struct DataDirLock(#[expect(dead_code, reason = "the lock is on the open file")] File);

impl DataDirLock {
    /// Locks `dir`, which must exist.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("offhook.lock");
        let failed = |error| StoreError::Dir {
            path: path.clone(),
            error,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                // Not knowing the number is no reason to say less.
                let _ = file.take(20).read_to_string(&mut process);
                let process = process.trim().parse().ok();
                return Err(StoreError::InUse {
                    dir: dir.to_owned(),
                    process,
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(failed)?;
        Ok(Self(file))
    }
}
