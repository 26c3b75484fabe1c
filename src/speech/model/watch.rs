//! Notices that a model's file is not any more the one that was loaded. The server goes on with what it has: whisper.cpp holds its own copy.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A model's file as it was when it was loaded.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    seen: Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Gone,
    There {
        len: u64,
        modified: Option<SystemTime>,
    },
}

impl Watch {
    /// To be made before the file is read: what changes in between is then noticed.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            seen: mark(path),
        }
    }

    /// The file, if it has changed since the last time this was asked.
    pub fn changed(&mut self) -> Option<&Path> {
        let now = mark(&self.path);
        (std::mem::replace(&mut self.seen, now) != now).then_some(self.path.as_path())
    }
}

fn mark(path: &Path) -> Mark {
    match fs::metadata(path) {
        Ok(metadata) => Mark::There {
            len: metadata.len(),
            modified: metadata.modified().ok(),
        },
        Err(_) => Mark::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_told_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m.bin");
        fs::write(&path, "one").unwrap();
        let mut watch = Watch::new(&path);
        assert_eq!(watch.changed(), None);
        fs::write(&path, "three").unwrap();
        assert_eq!(watch.changed(), Some(path.as_path()));
        assert_eq!(watch.changed(), None);
        fs::remove_file(&path).unwrap();
        assert!(watch.changed().is_some());
        assert_eq!(watch.changed(), None);
    }
}
