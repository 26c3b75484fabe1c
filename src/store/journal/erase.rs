//! Taking things out of journals: the audio of a call, or all of it. The only places where the journal forgets.
//!
//! A call that is over lies in one file of its own; the node log still has its bytes until the segment they lie in is deleted, which
//! happens by itself when no live call needs it. [`Journal::residue`] says whether it has.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;
use tokio::sync::oneshot;

use super::chain::{Chain, SealValue};
use super::disk::sync_dir;
use super::error::JournalError;
use super::format::{Head, Kind, encode_entry, file_header};
use super::id::CallId;
use super::messages::{Command, Split};
use super::paths::Paths;
use super::reader::read_file;
use super::{Entry, Journal};

/// What became of a call's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// It is gone.
    Gone,
    /// There was none (any more).
    NotThere,
    /// The call goes on, or is not in a file of its own yet: try again later.
    InUse,
}

impl Journal {
    /// Deletes the journal of a call that is over, durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn erase(&self, key: CallId) -> Result<Erased, JournalError> {
        if self.is_live(key).await? {
            return Ok(Erased::InUse);
        }
        let paths = self.0.paths.clone();
        on_disk(move || {
            let path = paths.call_file(key);
            // What a crash may have left of taking the audio out.
            let _ = std::fs::remove_file(rewritten(&path));
            match std::fs::remove_file(&path) {
                Ok(()) => {
                    sync_dir(paths.calls_dir())
                        .map_err(|error| JournalError::io("sync", paths.calls_dir(), error))?;
                    Ok(Erased::Gone)
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Erased::NotThere),
                Err(error) => Err(JournalError::io("delete", &path, error)),
            }
        })
        .await
    }

    /// Takes the audio out of the journal of a call that is over. Everything else stays and gives the same record; an entry says what was
    /// taken, under which seal, and the chain of seals is made anew. Returns the journal as it is then; `None` when it never had audio, or
    /// the call is not over.
    ///
    /// # Errors
    /// When there is no such journal, or the disk refuses; the journal is as it was then.
    pub async fn strip_audio(
        &self,
        key: CallId,
        at_us: i64,
    ) -> Result<Option<Split>, JournalError> {
        if self.is_live(key).await? {
            return Ok(None);
        }
        let paths = self.0.paths.clone();
        on_disk(move || strip(&paths, key, at_us)).await
    }

    /// Whether the node log still has bytes of a call that is over.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn residue(&self, key: CallId) -> Result<bool, JournalError> {
        let paths = self.0.paths.clone();
        on_disk(move || {
            let listing = |error| JournalError::io("list", paths.node_dir(), error);
            for file in std::fs::read_dir(paths.node_dir()).map_err(listing)? {
                let path = file.map_err(listing)?.path();
                let segment = Paths::segment_number(&path).is_some();
                if Paths::part_key(&path) == Some(key) || (segment && holds(&path, key)?) {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await
    }

    /// Whether the node log holds a call as one that is not over yet.
    async fn is_live(&self, key: CallId) -> Result<bool, JournalError> {
        let ticket = self.0.tickets.take();
        let (done, answer) = oneshot::channel();
        self.0
            .commands
            .send(Command::Find { ticket, key, done })
            .map_err(|_| JournalError::Stopped)?;
        Ok(answer.await.map_err(|_| JournalError::Stopped)?.is_some())
    }
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, JournalError> + Send + 'static,
) -> Result<T, JournalError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| JournalError::Stopped)?
}

/// Whether a segment has entries of a call that say anything.
fn holds(path: &Path, key: CallId) -> Result<bool, JournalError> {
    let mut reader = match read_file(path) {
        Ok(reader) => reader,
        // Deleted since it was listed.
        Err(_) if !path.exists() => return Ok(false),
        Err(error) => return Err(error),
    };
    while let Some(entry) = reader.next_raw() {
        if entry.is_ok_and(|entry| entry.head.key == key && entry.head.kind != Kind::Split) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where a journal is written anew before it takes the old one's place.
fn rewritten(path: &Path) -> PathBuf {
    path.with_extension("journal.new")
}

fn strip(paths: &Paths, key: CallId, at_us: i64) -> Result<Option<Split>, JournalError> {
    let path = paths.call_file(key);
    if !path.exists() {
        return Err(JournalError::UnknownCall { key });
    }
    let entries: Vec<Entry> = read_file(&path)?.filter_map(Result::ok).collect();
    let frames = entries.iter().filter(|e| e.kind == Kind::Media).count();
    let seal = entries.iter().rev().find(|e| e.kind == Kind::Seal);
    let seal: SealValue = seal
        .and_then(|seal| seal.body.as_slice().try_into().ok())
        .unwrap_or_default();
    if frames == 0 {
        // Done before a crash that kept it from being noted.
        let stripped = entries.iter().any(|entry| entry.kind == Kind::Stripped);
        let bytes = std::fs::metadata(&path).map_err(|e| JournalError::io("read", &path, e))?;
        return Ok(stripped.then_some(Split {
            path,
            entries: entries.len() as u64,
            seal,
            bytes: bytes.len(),
            lost_frames: 0,
        }));
    }
    let seal = crate::store::hex(&seal);
    let mut out = file_header().to_vec();
    let mut chain = Chain::new();
    let mut sequence = 0;
    let mut add = |out: &mut Vec<u8>, kind: Kind, at_us: i64, body: &[u8]| {
        sequence += 1;
        let head = Head {
            key,
            sequence,
            at_us,
            kind,
            body_bytes: 0,
        };
        let start = out.len();
        encode_entry(out, &head, &[body]);
        start
    };
    let note = json!({ "frames": frames, "seal": seal, "at_us": at_us }).to_string();
    let mut last_us = at_us;
    let kept = entries
        .iter()
        .filter(|entry| !matches!(entry.kind, Kind::Media | Kind::Seal));
    let mut noted = false;
    for entry in kept {
        // The note stands before the closing mark, which ends a journal.
        if entry.kind == Kind::Closed && !noted {
            noted = true;
            let start = add(&mut out, Kind::Stripped, entry.at_us, note.as_bytes());
            // `start` was the end a moment ago.
            chain.add(&out[start..]);
        }
        let start = add(&mut out, entry.kind, entry.at_us, &entry.body);
        chain.add(&out[start..]);
        last_us = entry.at_us;
    }
    if !noted {
        let start = add(&mut out, Kind::Stripped, last_us, note.as_bytes());
        chain.add(&out[start..]);
    }
    let value = chain.value();
    add(&mut out, Kind::Seal, last_us, &value);
    let temporary = rewritten(&path);
    let failed = |error| JournalError::io("rewrite", &path, error);
    let written = File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(&out)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&temporary, &path))
        .and_then(|()| sync_dir(paths.calls_dir()));
    if let Err(error) = written {
        let _ = std::fs::remove_file(&temporary);
        return Err(failed(error));
    }
    Ok(Some(Split {
        path,
        entries: sequence,
        seal: value,
        bytes: out.len() as u64,
        lost_frames: 0,
    }))
}
