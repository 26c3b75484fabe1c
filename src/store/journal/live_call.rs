//! What the node log remembers of a call that is not over.

use super::chain::{Chain, SealValue};

/// A stretch of consecutive entries of one call in a synced part of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The segment's number.
    pub segment: u32,
    /// Where it begins in the segment.
    pub offset: u32,
    /// How long it is.
    pub bytes: u32,
}

/// A call that is still in the node log.
pub struct LiveCall {
    /// Sequence number of its last entry.
    pub last_sequence: u64,
    /// Time of its last entry.
    pub last_at_us: i64,
    /// Its hash chain.
    pub chain: Chain,
    /// The value of its last seal.
    pub last_seal: SealValue,
    /// How many entries it has; less than its last sequence number where some could not be read.
    pub entries: u64,
    /// Bytes of all its entries.
    pub bytes: u64,
    /// Frames refused because memory was full.
    pub lost_frames: u64,
    /// Its synced stretches, oldest first.
    pub runs: Vec<Run>,
    /// Bytes of the file of its own that older stretches have been carried into; 0 when there is none.
    pub part_bytes: u64,
    /// Whether stretches are being carried at the moment.
    pub carrying: bool,
    /// Whether it is being split out: nothing can be added any more.
    pub splitting: bool,
    /// Whether a seal is due at the next commit of any kind.
    pub closed: bool,
}

impl LiveCall {
    /// A call without entries.
    pub fn new() -> Self {
        Self {
            last_sequence: 0,
            last_at_us: 0,
            chain: Chain::new(),
            last_seal: [0; 32],
            entries: 0,
            bytes: 0,
            lost_frames: 0,
            runs: Vec::new(),
            part_bytes: 0,
            carrying: false,
            splitting: false,
            closed: false,
        }
    }
}
