//! A file while it is incomplete: `NAME.partial` beside its place, kept between attempts, renamed only when it is whole and right.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The incomplete file with the sum of what it holds. Locked: a second process that fetches the same file is turned away.
pub struct Partial {
    path: PathBuf,
    file: File,
    hash: Sha256,
    len: u64,
}

/// Why there is no partial file.
#[derive(Debug)]
pub enum OpenError {
    /// Another process is at it.
    Busy,
    /// The disk.
    Disk(io::Error),
}

impl Partial {
    /// Opens or makes the partial file of `target` and reads what an earlier attempt left.
    ///
    /// # Errors
    /// Another process holds it, or the disk.
    pub fn open(target: &Path) -> Result<Self, OpenError> {
        let path = path_of(target);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(OpenError::Disk)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Busy),
            Err(TryLockError::Error(error)) => return Err(OpenError::Disk(error)),
        }
        let mut partial = Self {
            path,
            file,
            hash: Sha256::new(),
            len: 0,
        };
        partial.read_back().map_err(OpenError::Disk)?;
        Ok(partial)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes it holds.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// SHA-256 of what it holds, lower-case hexadecimal.
    pub fn sum(&self) -> String {
        hex(&self.hash.clone().finalize())
    }

    /// Appends.
    ///
    /// # Errors
    /// The disk; what was written before stays.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(bytes) {
            // A part may have been written: only whole pieces count, so that file and sum agree.
            let _ = self.file.set_len(self.len);
            return Err(error);
        }
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Forgets everything it holds.
    ///
    /// # Errors
    /// The disk.
    pub fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hash = Sha256::new();
        self.len = 0;
        Ok(())
    }

    /// Deletes it: what it holds is of no use to anybody.
    pub fn discard(self) {
        // If even that fails, the next attempt finds the wrong sum and begins anew.
        let _ = fs::remove_file(&self.path);
    }

    /// Puts it in its place: on disk first, then renamed, then the folder on disk. A reader sees the old file or the whole new one.
    ///
    /// # Errors
    /// The disk.
    pub fn settle(self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        match target.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            Some(dir) => File::open(dir)?.sync_all(),
            None => File::open(".")?.sync_all(),
        }
    }

    fn read_back(&mut self) -> io::Result<()> {
        self.len = add(&mut self.file, &mut self.hash)?;
        Ok(())
    }
}

/// Adds the rest of a file to a sum; answers its length.
fn add(file: &mut File, hash: &mut Sha256) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 20];
    let mut len = 0;
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(len);
        };
        hash.update(bytes);
        len += read as u64;
    }
}

/// The partial file of `target`.
pub fn path_of(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of a file, lower-case hexadecimal.
///
/// # Errors
/// It cannot be read.
pub fn sum_of(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    add(&mut File::open(path)?, &mut hash)?;
    Ok(hex(&hash.finalize()))
}
