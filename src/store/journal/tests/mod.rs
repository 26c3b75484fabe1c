//! The journal as its users see it.

mod crash;
mod faults;
mod story;

use std::path::Path;

use super::*;

pub fn key(number: u8) -> CallId {
    CallId::from_bytes([number; 16])
}

pub fn frame(sequence: u64, payload: &[u8]) -> Media<'_> {
    Media {
        stream: 0,
        track: (sequence % 2) as u8,
        sequence,
        timestamp_ms: 10 * sequence as i64,
        payload,
    }
}

pub fn open(dir: &Path) -> (Journal, Recovery) {
    Journal::open(dir, &JournalSettings::default()).unwrap()
}

/// The entries of a sound source other than seals.
pub fn entries<R: Read>(reader: Reader<R>) -> Vec<Entry> {
    reader
        .map(|item| item.unwrap())
        .filter(|entry| entry.kind != Kind::Seal)
        .collect()
}

/// Names of the files in `dir`, in order.
pub fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Copies the journal below `from` as it stands, as a crash would leave it.
pub fn copy(from: &Path, to: &Path) {
    for dir in ["node", "calls"] {
        std::fs::create_dir_all(to.join(dir)).unwrap();
        for name in files(&from.join(dir)) {
            std::fs::copy(from.join(dir).join(&name), to.join(dir).join(&name)).unwrap();
        }
    }
}

/// The node log below `dir` by itself, without threads.
pub fn log(dir: &Path, disk: Box<dyn Disk>, settings: &JournalSettings) -> NodeLog {
    let paths = Paths::new(dir);
    let found = recovery::recover(&paths, false).unwrap();
    NodeLog::open(
        paths,
        settings.clone(),
        disk,
        found.calls,
        found.segments,
        found.next_segment,
    )
    .unwrap()
}
