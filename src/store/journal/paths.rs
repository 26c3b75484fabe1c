//! Where the journal's files are, and what they are called.
//!
//! ```text
//! DIR/node/000001.log            a segment of the node log
//! DIR/node/call_<uuid>.part      the older entries of a long live call, carried out of the node log
//! DIR/calls/call_<uuid>.journal  a call that is over
//! ```

use std::path::{Path, PathBuf};

use super::id::CallId;

/// The journal's folders.
#[derive(Debug, Clone)]
pub struct Paths {
    node: PathBuf,
    calls: PathBuf,
}

impl Paths {
    /// Those below `dir`.
    pub fn new(dir: &Path) -> Self {
        Self {
            node: dir.join("node"),
            calls: dir.join("calls"),
        }
    }

    /// The folder of the node log.
    pub fn node_dir(&self) -> &Path {
        &self.node
    }

    /// The folder of the calls that are over.
    pub fn calls_dir(&self) -> &Path {
        &self.calls
    }

    /// A segment of the node log.
    pub fn segment(&self, number: u32) -> PathBuf {
        self.node.join(format!("{number:06}.log"))
    }

    /// What has been carried out of the node log for a live call.
    pub fn part(&self, key: CallId) -> PathBuf {
        self.node.join(format!("{key}.part"))
    }

    /// The journal of a call that is over.
    pub fn call_file(&self, key: CallId) -> PathBuf {
        self.calls.join(format!("{key}.journal"))
    }

    /// The number of the segment at this path, if it is one.
    pub fn segment_number(path: &Path) -> Option<u32> {
        path.file_name()?
            .to_str()?
            .strip_suffix(".log")?
            .parse()
            .ok()
    }

    /// The call whose part is at this path, if it is one.
    pub fn part_key(path: &Path) -> Option<CallId> {
        path.file_name()?
            .to_str()?
            .strip_suffix(".part")?
            .parse()
            .ok()
    }
}
