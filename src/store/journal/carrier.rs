//! Moves a call's entries out of the node log into a file of its own, on a thread of its own: a part of them while the call is still
//! live and long, all of them when it is over (the *split*).
//!
//! The file grows under a temporary name. If anything fails it is cut back to what it was; the log still has everything.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::disk::sync_dir;
use super::error::JournalError;
use super::format::{FILE_HEADER_BYTES, file_header};
use super::id::CallId;
use super::live_call::Run;
use super::paths::Paths;

/// How much is copied at once.
const COPY_BYTES: usize = 256 << 10;

/// What to carry.
pub struct Job {
    /// Whose entries.
    pub key: CallId,
    /// The stretches to append to the call's own file, in order.
    pub runs: Vec<(Arc<File>, Run)>,
    /// How long that file is so far; 0 when there is none.
    pub part_bytes: u64,
    /// Whether the call is over, so that the file gets its final name.
    pub finish: bool,
}

/// What came of a [`Job`].
pub struct Carried {
    /// Whose entries.
    pub key: CallId,
    /// How many of the call's oldest runs are now in its own file.
    pub runs: usize,
    /// Whether the call was over.
    pub finish: bool,
    /// The new length of the file.
    pub result: Result<u64, JournalError>,
}

/// Does one job.
pub fn carry(job: &Job, paths: &Paths, fsync: bool) -> Carried {
    let part = paths.part(job.key);
    let result = append(job, &part, fsync).and_then(|bytes| {
        if job.finish {
            let path = paths.call_file(job.key);
            std::fs::rename(&part, &path)
                .map_err(|error| JournalError::io("give its final name to", &path, error))?;
            for dir in [paths.calls_dir(), paths.node_dir()]
                .into_iter()
                .filter(|_| fsync)
            {
                if let Err(error) = sync_dir(dir) {
                    // Back to where the next attempt, or the next start, will look for it.
                    let _ = std::fs::rename(&path, &part);
                    return Err(JournalError::io("sync", dir, error));
                }
            }
        } else if fsync && job.part_bytes == 0 {
            sync_dir(paths.node_dir())
                .map_err(|error| JournalError::io("sync", paths.node_dir(), error))?;
        }
        Ok(bytes)
    });
    Carried {
        key: job.key,
        runs: job.runs.len(),
        finish: job.finish,
        result,
    }
}

/// Appends the job's runs to the file at `part` and returns its new length.
fn append(job: &Job, part: &Path, fsync: bool) -> Result<u64, JournalError> {
    let failed = |error| JournalError::io("write the call's journal to", part, error);
    let fresh = job.part_bytes == 0;
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(part)
        .map_err(failed)?;
    if file.metadata().map_err(failed)?.len() < job.part_bytes {
        return Err(failed(io::Error::other(
            "the entries that were there before are gone",
        )));
    }
    let copied = file.set_len(job.part_bytes).and_then(|()| {
        io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
        if fresh {
            file.write_all(&file_header())?;
        }
        copy_runs(&job.runs, &mut file)?;
        if fsync {
            file.sync_all()?;
        }
        let runs: u64 = job.runs.iter().map(|(_, run)| u64::from(run.bytes)).sum();
        Ok(runs
            + if fresh {
                FILE_HEADER_BYTES as u64
            } else {
                job.part_bytes
            })
    });
    copied.map_err(|error| {
        // Best effort: the next attempt cuts it back again before it writes.
        let _ = if fresh {
            std::fs::remove_file(part)
        } else {
            file.set_len(job.part_bytes)
        };
        failed(error)
    })
}

fn copy_runs(runs: &[(Arc<File>, Run)], out: &mut File) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(COPY_BYTES);
    for (segment, run) in runs {
        let (mut offset, end) = (
            u64::from(run.offset),
            u64::from(run.offset) + u64::from(run.bytes),
        );
        while offset < end {
            let bytes = (COPY_BYTES - buffer.len()).min((end - offset) as usize);
            let held = buffer.len();
            buffer.resize(held + bytes, 0);
            segment.read_exact_at(&mut buffer[held..], offset)?;
            offset += bytes as u64;
            if buffer.len() == COPY_BYTES {
                out.write_all(&buffer)?;
                buffer.clear();
            }
        }
    }
    out.write_all(&buffer)
}
