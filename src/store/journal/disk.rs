//! The few things the node log asks of a disk, behind a trait so that tests can let each of them fail.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A disk that log files are written to.
pub trait Disk: Send + 'static {
    /// A new, empty file; an old one of that name is emptied.
    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>>;

    /// Makes the names in `dir` durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// A file that is only ever appended to.
pub trait LogFile: Send {
    /// Appends; an error may leave a part of `bytes` behind.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything appended is durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to `bytes`.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

/// The disk of this machine.
pub struct RealDisk {
    /// Whether to wait for the disk at all. Without, a power loss may take what was acknowledged; a crash of the process may not.
    pub fsync: bool,
}

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        Ok(Box::new(RealFile {
            file,
            fsync: self.fsync,
        }))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        if self.fsync { sync_dir(dir) } else { Ok(()) }
    }
}

/// Makes the names in `dir` durable.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

struct RealFile {
    file: File,
    fsync: bool,
}

impl LogFile for RealFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.fsync {
            self.file.sync_data()
        } else {
            Ok(())
        }
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.file.set_len(bytes)
    }
}
