//! The files that pages load. A release carries them within; a debug build reads them from the source tree at every request, so that a
//! change shows without a build.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::desk::Problem;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// An embedded file.
struct Asset {
    name: &'static str,
    kind: &'static str,
    body: &'static str,
}

macro_rules! assets {
    ($($name:literal: $kind:expr),+ $(,)?) => {
        [$(Asset { name: $name, kind: $kind, body: include_str!(concat!("assets/", $name)) }),+]
    };
}

const ASSETS: &[Asset] = &assets![
    "offhook.css": CSS,
    "icon.svg": SVG,
    "theme.js": SCRIPT,
    "shell.js": SCRIPT,
    "dom.js": SCRIPT,
    "words.js": SCRIPT,
    "api.js": SCRIPT,
    "feed.js": SCRIPT,
    "sound.js": SCRIPT,
    "tone.js": SCRIPT,
    "keys.js": SCRIPT,
    "editor.js": SCRIPT,
    "fields.js": SCRIPT,
    "transcript.js": SCRIPT,
    "waveform.js": SCRIPT,
    "deliveries.js": SCRIPT,
    "player.js": SCRIPT,
    "health.js": SCRIPT,
    "queue.js": SCRIPT,
    "changes.js": SCRIPT,
    "board.js": SCRIPT,
    "live.js": SCRIPT,
    "review.js": SCRIPT,
    "call.js": SCRIPT,
    "calls.js": SCRIPT,
    "reports.js": SCRIPT,
    "numbers.js": SCRIPT,
    "keypanel.js": SCRIPT,
    "settings.js": SCRIPT,
];

#[cfg(debug_assertions)]
fn body(asset: &Asset) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/desk/pages/assets")
        .join(asset.name);
    // Where the source tree is gone, what was compiled in is as good.
    std::fs::read_to_string(file).unwrap_or_else(|_| asset.body.to_owned())
}

#[cfg(not(debug_assertions))]
fn body(asset: &Asset) -> &'static str {
    asset.body
}

/// `GET /assets/{name}`: a browser keeps it and asks whether it has changed.
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|a| a.name == name) else {
        return Problem::not_found("file").into_response();
    };
    let body = body(asset);
    let hash = Sha256::digest(body.as_bytes());
    let etag: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
    let etag = format!("\"{etag}\"");
    let kept = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|v| v.as_bytes() == etag.as_bytes());
    let mut response = if kept {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, asset.kind)], body).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}
