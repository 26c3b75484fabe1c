//! How the journal trades memory, disk and time.

use std::time::Duration;

/// The journal's settings. The default suits every machine that can hold its own calls; only the first two are for users to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalSettings {
    /// Longest time until an entry that nobody waits for is durable.
    pub commit_interval: Duration,
    /// Whether commits wait for the disk.
    pub fsync: bool,
    /// A segment of the node log is full at this size; less than 2 GiB.
    pub segment_bytes: u64,
    /// Beyond this many segments, the calls that keep the oldest one alive are carried out of it.
    pub segments: usize,
    /// Beyond this many separate stretches in the log (12 bytes of memory each), a call is carried out of it.
    pub runs: usize,
    /// Memory for what cannot be written while the disk refuses; less than 1 GiB.
    pub buffer_bytes: usize,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            commit_interval: Duration::from_millis(200),
            fsync: true,
            segment_bytes: 64 << 20,
            segments: 32,
            runs: 20_000,
            buffer_bytes: 64 << 20,
        }
    }
}
