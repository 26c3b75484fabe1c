//! A model file from the hub, a mirror or a path: resumed where an earlier attempt ended, compared with its SHA-256, put in place at once
//! or not at all.
//!
//! A server is trusted with nothing: not with the length, not with the range it says it sends, not with the contents. What is wrong for
//! good (no such file, another size, another sum) ends the pull; what may pass (a broken connection, a busy server) is tried again while
//! there is progress, and what has arrived is kept for the next time.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, RANGE};
use reqwest::{Client, Response, StatusCode};

use super::partial::{OpenError, Partial, path_of, sum_of};
use crate::speech::model::{ModelError, ModelFile};

/// No model is larger; a server that does not stop is stopped here if nothing else says how long the file is.
const LARGEST_BYTES: u64 = 8 << 30;
/// An attempt that brought at least this much counts as progress.
const PROGRESS_BYTES: u64 = 64 << 10;
const PIECE_BYTES: usize = 1 << 20;

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `http://` or `https://`.
    Web(String),
    /// A file: a mounted share, a stick.
    File(PathBuf),
}

impl Source {
    /// From what a person typed: an address, a `file://` address or a path.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Web(text.to_owned())
        } else {
            Self::File(PathBuf::from(text.strip_prefix("file://").unwrap_or(text)))
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Web(url) => f.write_str(url),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// What shall come where.
#[derive(Debug, Clone)]
pub struct Order {
    /// From where.
    pub source: Source,
    /// The file that it shall be.
    pub target: PathBuf,
    /// SHA-256 that it must have, lower-case hexadecimal.
    pub sha256: String,
    /// Bytes that it must have, where they are known.
    pub size_bytes: Option<u64>,
}

/// How long a pull waits for a server.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Attempts without progress before it gives up.
    pub attempts: u32,
    /// Pause behind the first vain attempt; it doubles with each further one.
    pub pause: Duration,
    /// Without a byte for this long an attempt is over.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            pause: Duration::from_secs(1),
            silence: Duration::from_secs(30),
        }
    }
}

/// What became of a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulled {
    /// It was there already, with the right sum.
    AlreadyThere,
    /// It came; this much of it was there from an earlier attempt.
    Fetched {
        /// Bytes.
        resumed_bytes: u64,
    },
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are here.
    pub done_bytes: u64,
    /// Bytes of the whole, where they are known.
    pub total_bytes: Option<u64>,
}

/// Why no file came. Every message says what of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// Another process fetches the same file.
    #[error("{} is being fetched by another process; wait for it, or end it and try again", path.display())]
    Busy {
        /// The partial file.
        path: PathBuf,
    },
    /// The disk.
    #[error("{} cannot be written: {cause}; what has arrived is kept in {}, the same command goes on from there", target.display(), path_of(target).display())]
    Disk {
        /// The file.
        target: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A path that cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The server has no such file, or refuses it.
    #[error("{url} answers {status}; check the name, or give another place with --url")]
    Refused {
        /// The address.
        url: String,
        /// The status.
        status: StatusCode,
    },
    /// The server offers something of another length: another file, or a page that says why.
    #[error(
        "{source_is} offers {offered} bytes{kind}, the file has {expected}: this is another file"
    )]
    OtherSize {
        /// From where.
        source_is: String,
        /// What it offers.
        offered: u64,
        /// What the file has.
        expected: u64,
        /// What the server calls it.
        kind: String,
    },
    /// More than the file has.
    #[error("{source_is} sends more than the {expected} bytes of the file; nothing of it is kept")]
    TooMuch {
        /// From where.
        source_is: String,
        /// What the file has.
        expected: u64,
    },
    /// It is whole, and it is not the file.
    #[error(
        "what came from {source_is} has sha256 {found}, expected {expected}; nothing of it is kept"
    )]
    OtherSum {
        /// From where.
        source_is: String,
        /// Its sum.
        found: String,
        /// The file's.
        expected: String,
    },
    /// It is what was asked for, and no model.
    #[error(transparent)]
    NoModel(#[from] ModelError),
    /// The connection.
    #[error(
        "{source_is}: {cause}; {done_bytes} bytes are kept, the same command goes on from there"
    )]
    GaveUp {
        /// From where.
        source_is: String,
        /// What happened last.
        cause: String,
        /// What is kept.
        done_bytes: u64,
    },
}

/// What one attempt met.
enum Fault {
    /// May pass.
    Again(String),
    /// Will not.
    Final(PullError),
}

impl From<PullError> for Fault {
    fn from(error: PullError) -> Self {
        Self::Final(error)
    }
}

/// Fetches a file.
///
/// # Errors
/// See [`PullError`].
pub async fn pull(
    order: &Order,
    patience: &Patience,
    progress: &mut dyn FnMut(Progress),
) -> Result<Pulled, PullError> {
    let target = &order.target;
    let disk = |cause| PullError::Disk {
        target: target.clone(),
        cause,
    };
    if target.is_file() && sum_of(target).map_err(disk)? == order.sha256 {
        return Ok(Pulled::AlreadyThere);
    }
    if let Some(dir) = target.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir).map_err(disk)?;
    }
    let mut partial = Partial::open(target).map_err(|error| match error {
        OpenError::Busy => PullError::Busy {
            path: path_of(target),
        },
        OpenError::Disk(cause) => disk(cause),
    })?;
    if partial.len() > order.size_bytes.unwrap_or(LARGEST_BYTES) {
        partial.restart().map_err(disk)?;
    }
    let mut resumed_bytes = partial.len();
    loop {
        fetch(order, patience, &mut partial, progress).await?;
        let found = partial.sum();
        if found == order.sha256 {
            break;
        }
        if resumed_bytes == 0 {
            partial.discard();
            return Err(PullError::OtherSum {
                source_is: order.source.to_string(),
                found,
                expected: order.sha256.clone(),
            });
        }
        // What an earlier attempt left may be of another file: once more from the beginning.
        partial.restart().map_err(disk)?;
        resumed_bytes = 0;
    }
    if order.size_bytes.is_none() {
        // No sum of ours stands for it: look at what it is before it bears a model's name.
        if let Err(error) = ModelFile::read(partial.path()) {
            partial.discard();
            return Err(error.into());
        }
    }
    partial.settle(target).map_err(disk)?;
    Ok(Pulled::Fetched { resumed_bytes })
}

/// Attempts until the file is whole.
async fn fetch(
    order: &Order,
    patience: &Patience,
    partial: &mut Partial,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), PullError> {
    let client = match &order.source {
        Source::Web(url) => Some((client(patience, url)?, url.as_str())),
        Source::File(_) => None,
    };
    let mut in_vain = 0;
    loop {
        let before = partial.len();
        let met = match (&client, &order.source) {
            (Some((client, url)), _) => attempt_web(client, url, order, partial, progress).await,
            (None, Source::File(path)) => attempt_file(path, order, partial, progress),
            (None, Source::Web(_)) => return Ok(()),
        };
        let cause = match met {
            Ok(()) => return Ok(()),
            Err(Fault::Final(error)) => return Err(error),
            Err(Fault::Again(cause)) => cause,
        };
        if partial.len() >= before + PROGRESS_BYTES {
            in_vain = 0;
        }
        in_vain += 1;
        if in_vain >= patience.attempts {
            return Err(PullError::GaveUp {
                source_is: order.source.to_string(),
                cause,
                done_bytes: partial.len(),
            });
        }
        tracing::warn!(%cause, done_bytes = partial.len(), "trying again");
        tokio::time::sleep(patience.pause * 2u32.pow(in_vain - 1)).await;
    }
}

fn client(patience: &Patience, url: &str) -> Result<Client, PullError> {
    // An error means that a provider was chosen before: any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let proxy = proxies.iter().find_map(|name| std::env::var(name).ok());
    let mut builder = Client::builder();
    if let Some(proxy) = proxy.filter(|_| url.starts_with("https://"))
        && let Ok(proxy) = reqwest::Proxy::https(&proxy)
    {
        builder = builder.proxy(proxy);
    }
    builder
        .user_agent(concat!("offhook/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(patience.silence)
        .read_timeout(patience.silence)
        .build()
        .map_err(|error| PullError::GaveUp {
            source_is: url.to_owned(),
            cause: causes(&error),
            done_bytes: 0,
        })
}

async fn attempt_web(
    client: &Client,
    url: &str,
    order: &Order,
    partial: &mut Partial,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Fault> {
    let disk = |cause| PullError::Disk {
        target: order.target.clone(),
        cause,
    };
    if order.size_bytes == Some(partial.len()) {
        return Ok(());
    }
    let mut request = client.get(url);
    if !partial.is_empty() {
        request = request.header(RANGE, format!("bytes={}-", partial.len()));
    }
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_builder() => {
            return Err(PullError::GaveUp {
                source_is: url.to_owned(),
                cause: causes(&error),
                done_bytes: partial.len(),
            }
            .into());
        }
        Err(error) => return Err(Fault::Again(causes(&error))),
    };
    let status = response.status();
    match status {
        StatusCode::PARTIAL_CONTENT => {
            if range_start(&response) != Some(partial.len()) {
                // Another range than the one asked for would end up in the wrong place.
                partial.restart().map_err(disk)?;
                return Err(Fault::Again(
                    "the server sent another range than the one asked for".to_owned(),
                ));
            }
        }
        StatusCode::OK => {
            if !partial.is_empty() {
                // It knows no ranges and begins anew.
                partial.restart().map_err(disk)?;
            }
        }
        StatusCode::RANGE_NOT_SATISFIABLE if !partial.is_empty() => {
            if order.size_bytes.is_none() && partial.sum() == order.sha256 {
                return Ok(());
            }
            partial.restart().map_err(disk)?;
            return Err(Fault::Again(
                "the server has less than what is here".to_owned(),
            ));
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            return Err(Fault::Again(format!("the server answers {status}")));
        }
        _ if status.is_server_error() => {
            return Err(Fault::Again(format!("the server answers {status}")));
        }
        _ => {
            return Err(PullError::Refused {
                url: url.to_owned(),
                status,
            }
            .into());
        }
    }
    let offered = response.content_length().map(|rest| partial.len() + rest);
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .filter(|kind| kind.starts_with("text/"))
        .map_or(String::new(), |kind| format!(" of {kind}"));
    let limit = accept(order, offered, kind)?;
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) => return Err(Fault::Again(causes(&error))),
        };
        take(order, partial, &chunk, limit)?;
        progress(Progress {
            done_bytes: partial.len(),
            total_bytes: order.size_bytes.or(offered),
        });
    }
    whole(order, partial)
}

fn attempt_file(
    path: &Path,
    order: &Order,
    partial: &mut Partial,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Fault> {
    let unreadable = |cause| PullError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()).into());
    }
    let offered = metadata.len();
    let limit = accept(order, Some(offered), String::new())?;
    if partial.len() > offered {
        partial.restart().map_err(|cause| PullError::Disk {
            target: order.target.clone(),
            cause,
        })?;
    }
    file.seek(SeekFrom::Start(partial.len()))
        .map_err(unreadable)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = file.read(&mut piece).map_err(unreadable)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        take(order, partial, bytes, limit)?;
        progress(Progress {
            done_bytes: partial.len(),
            total_bytes: Some(offered),
        });
    }
    whole(order, partial)
}

/// Is what is offered as long as the file? Answers how much may come.
fn accept(order: &Order, offered: Option<u64>, kind: String) -> Result<u64, PullError> {
    let other = |offered, expected| PullError::OtherSize {
        source_is: order.source.to_string(),
        offered,
        expected,
        kind,
    };
    match (order.size_bytes, offered) {
        (Some(expected), Some(offered)) if offered != expected => Err(other(offered, expected)),
        (Some(expected), _) => Ok(expected),
        (None, Some(offered)) if offered > LARGEST_BYTES => Err(other(offered, LARGEST_BYTES)),
        (None, Some(offered)) => Ok(offered),
        (None, None) => Ok(LARGEST_BYTES),
    }
}

fn take(order: &Order, partial: &mut Partial, bytes: &[u8], limit: u64) -> Result<(), PullError> {
    if partial.len() + bytes.len() as u64 > limit {
        // What came before it is as doubtful: the next attempt begins anew.
        let _ = partial.restart();
        return Err(PullError::TooMuch {
            source_is: order.source.to_string(),
            expected: limit,
        });
    }
    partial.write(bytes).map_err(|cause| PullError::Disk {
        target: order.target.clone(),
        cause,
    })
}

/// The answer has ended: has everything come?
fn whole(order: &Order, partial: &Partial) -> Result<(), Fault> {
    match order.size_bytes {
        Some(expected) if partial.len() < expected => Err(Fault::Again(format!(
            "it ended after {} of {expected} bytes",
            partial.len()
        ))),
        _ => Ok(()),
    }
}

/// Where a `Content-Range: bytes 100-199/200` begins.
fn range_start(response: &Response) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range
        .strip_prefix("bytes ")?
        .split('-')
        .next()?
        .parse()
        .ok()
}

/// An error with what caused it: reqwest's own text names the address alone.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
