//! Tracing with redaction, and every metric with its unit and buckets.
//!
//! Owns the process-wide log subscriber and metrics recorder. Everybody may record through `tracing` and `metrics`; nobody else decides
//! where that goes. Callers' data reaches a log line only wrapped in [`Private`], which prints nothing of it.

pub mod metrics;
mod names;

use std::fmt;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A caller's datum (number, name, words) in a log line: it prints as `[private]`, whatever the log level.
///
/// ```
/// use offhook::telemetry::Private;
/// assert_eq!(format!("{} {:?}", Private("+15125550142"), Private(42)), "[private] [private]");
/// ```
#[derive(Clone, Copy)]
pub struct Private<T>(pub T);

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Installs the log subscriber on stderr and the metrics recorder. A second call changes nothing.
///
/// `OFFHOOK_LOG` (the syntax of `RUST_LOG`) overrides `default_filter`.
pub fn init(format: LogFormat, default_filter: &str) {
    metrics::install();
    let filter =
        EnvFilter::try_from_env("OFFHOOK_LOG").unwrap_or_else(|_| EnvFilter::new(default_filter));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false);
    let subscriber = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(may_be_shown));
    // An error means that a subscriber is there already: the first one stays.
    let _ = match format {
        LogFormat::Text => subscriber.with(lines).try_init(),
        LogFormat::Json => subscriber.with(lines.json()).try_init(),
    };
}

/// Libraries do not know what must never be logged: a WebSocket library traces whole messages, tokens and callers' data in them. So below
/// `INFO` only our own lines are shown, whatever the filter asks for.
fn may_be_shown(metadata: &Metadata<'_>) -> bool {
    let ours = metadata.target().split("::").next() == Some("offhook");
    ours || *metadata.level() <= Level::INFO
}
