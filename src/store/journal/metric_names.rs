//! The names of the journal's metrics.

/// Seconds from the beginning of a commit to its end, the disk included.
pub const COMMIT_SECONDS: &str = "offhook_journal_commit_seconds";
/// Bytes made durable.
pub const BYTES_TOTAL: &str = "offhook_journal_bytes_total";
/// Entries made durable, seals included.
pub const ENTRIES_TOTAL: &str = "offhook_journal_entries_total";
/// Media frames lost because the disk did not keep up.
pub const LOST_FRAMES_TOTAL: &str = "offhook_journal_lost_frames_total";
/// Seconds from a media frame's arrival to its being durable: the oldest frame of every drained batch.
pub const FRAME_TO_DURABLE_SECONDS: &str = "offhook_journal_frame_to_durable_seconds";
/// Seconds from a media frame's arrival to its being written, safe from a crash of the process: the oldest frame of every batch.
pub const FRAME_TO_WRITTEN_SECONDS: &str = "offhook_journal_frame_to_written_seconds";
/// Files of the node log.
pub const SEGMENTS: &str = "offhook_journal_segments";
