//! A webhook on the wire: one signed POST, no redirects, and no more of the answer than is needed.

use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::address::{PrivateAddress, PublicOnly};
use super::outbox::{Attempt, Verdict};
use super::schedule::retry_after_ms;
use super::settings::Destination;
use super::signature::{self, SigningKey};

/// Most of an answer's body that is read, bytes.
const MAX_ANSWER_BYTES: usize = 2 * 1024;
/// Longest the answer's body is waited for once its head is there: it decides nothing.
const ANSWER_BODY_TIMEOUT: Duration = Duration::from_secs(1);
/// Most of an answer that is kept, characters.
pub(super) const EXCERPT_CHARS: usize = 256;
/// How we introduce ourselves.
const USER_AGENT: &str = concat!("Offhook/", env!("CARGO_PKG_VERSION"));

/// Why a sender cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// A file of certificates cannot be used.
    #[error("{place}: {file}: {problem}")]
    Certificates {
        /// The key in the configuration.
        place: String,
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// The TLS or HTTP library refuses.
    #[error("{place}: {problem}")]
    Library {
        /// What it was for.
        place: String,
        /// The library's words.
        problem: String,
    },
}

/// Sends to one destination.
#[derive(Debug, Clone)]
pub struct Webhook {
    url: String,
    client: Client,
    timeout: Duration,
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The event's id: the same for ever.
    pub id: &'a str,
    /// When this attempt is made, ms since 1970 (UTC).
    pub at_ms: i64,
    /// The body.
    pub body: &'a str,
}

/// An HTTP client that trusts the well-known certificates and those in `ca_file`, follows nothing and uses no proxy.
pub(super) fn client(
    place: &str,
    ca_file: Option<&Path>,
    public_only: bool,
    timeout: Duration,
) -> Result<Client, SenderError> {
    let library = |problem: String| SenderError::Library {
        place: place.to_owned(),
        problem,
    };
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(file) = ca_file {
        let wrong = |problem: String| SenderError::Certificates {
            place: format!("{place}.ca_file"),
            file: file.display().to_string(),
            problem,
        };
        for certificate in CertificateDer::pem_file_iter(file).map_err(|e| wrong(e.to_string()))? {
            let certificate = certificate.map_err(|e| wrong(e.to_string()))?;
            roots.add(certificate).map_err(|e| wrong(e.to_string()))?;
        }
    }
    let tls =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| library(e.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        // A proxy would connect where nobody has checked the address.
        .no_proxy()
        .user_agent(USER_AGENT)
        .connect_timeout(timeout)
        .timeout(timeout);
    if public_only {
        builder = builder.dns_resolver(PublicOnly::shared());
    }
    builder.build().map_err(|e| library(chain(&e)))
}

impl Webhook {
    /// A sender for a destination.
    ///
    /// # Errors
    /// When its certificates cannot be used.
    pub fn new(destination: &Destination) -> Result<Webhook, SenderError> {
        let timeout = destination.timeout.unsigned_abs();
        let place = format!("destinations.{}", destination.id);
        Ok(Webhook {
            url: destination.url.clone().unwrap_or_default(),
            client: client(
                &place,
                destination.ca_file.as_deref(),
                !destination.allow_private,
                timeout,
            )?,
            timeout,
        })
    }

    /// Sends, and says how it went.
    pub async fn send(&self, keys: &[SigningKey], message: Message<'_>) -> Attempt {
        let timestamp_s = message.at_ms / 1000;
        let request = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", timestamp_s.to_string())
            .header(
                "webhook-signature",
                signature::header(keys, message.id, timestamp_s, message.body),
            )
            .body(message.body.to_owned())
            .send();
        match request.await {
            Ok(response) => {
                let mut attempt = judge(response.status(), response.headers(), message.at_ms);
                attempt.excerpt = excerpt(response).await;
                attempt
            }
            Err(error) => failure(&error, self.timeout),
        }
    }
}

/// What an answer means (Standard Webhooks: 2xx is success, 3xx is failure, 410 disables, 429, 502 and 504 throttle).
fn judge(status: StatusCode, headers: &HeaderMap, now_ms: i64) -> Attempt {
    let code = Some(status.as_u16());
    let retry_after = headers
        .get(RETRY_AFTER)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| retry_after_ms(v, now_ms));
    let verdict = match status.as_u16() {
        200..=299 => return Attempt::taken(code, None),
        410 => Verdict::Gone,
        429 | 502 | 504 => Verdict::Throttled,
        // Unavailable for so long: that holds for the next one as well.
        503 if retry_after.is_some() => Verdict::Throttled,
        _ => Verdict::Temporary,
    };
    let error = match status.as_u16() {
        300..=399 => format!(
            "it answered {status}; redirects are not followed: give the address it leads to"
        ),
        _ => format!("it answered {status}"),
    };
    Attempt {
        retry_after_ms: retry_after,
        ..Attempt::failed(verdict, code, error)
    }
}

/// The beginning of an answer, for people.
async fn excerpt(mut response: reqwest::Response) -> Option<String> {
    let mut bytes = Vec::new();
    let read = async {
        while bytes.len() < MAX_ANSWER_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
    };
    // What has come until then is enough.
    let _ = tokio::time::timeout(ANSWER_BODY_TIMEOUT, read).await;
    bytes.truncate(MAX_ANSWER_BYTES);
    printable(&String::from_utf8_lossy(&bytes))
}

/// A text without control characters, as much of it as is kept; `None` for nothing.
pub(super) fn printable(text: &str) -> Option<String> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(EXCERPT_CHARS)
        .collect();
    (!text.is_empty()).then_some(text)
}

/// What it means that no answer came.
pub(super) fn failure(error: &reqwest::Error, timeout: Duration) -> Attempt {
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.downcast_ref::<PrivateAddress>().is_some() {
            return Attempt::failed(Verdict::Final, None, PrivateAddress.to_string());
        }
        source = inner.source();
    }
    let what = if error.is_timeout() {
        format!("no answer within {} s", timeout.as_secs())
    } else if error.is_connect() {
        format!("cannot connect: {}", chain(error))
    } else {
        chain(error)
    };
    Attempt::failed(Verdict::Temporary, None, what)
}

/// What lies under an error, without the address: a query may hold a secret.
fn chain(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !words.last().is_some_and(|last| last.contains(&text)) {
            words.push(text);
        }
        source = inner.source();
    }
    if words.is_empty() {
        return "the request failed".to_owned();
    }
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_means_what_standard_webhooks_say() {
        let verdict =
            |code: u16| judge(StatusCode::from_u16(code).unwrap(), &HeaderMap::new(), 0).verdict;
        for code in [200, 201, 202, 204, 299] {
            assert_eq!(verdict(code), Verdict::Taken, "{code}");
        }
        for code in [301, 302, 307, 308, 400, 401, 404, 500, 503] {
            assert_eq!(verdict(code), Verdict::Temporary, "{code}");
        }
        for code in [429, 502, 504] {
            assert_eq!(verdict(code), Verdict::Throttled, "{code}");
        }
        assert_eq!(verdict(410), Verdict::Gone);
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "90".parse().unwrap())]);
        let busy = judge(StatusCode::SERVICE_UNAVAILABLE, &headers, 0);
        assert_eq!(
            (busy.verdict, busy.retry_after_ms),
            (Verdict::Throttled, Some(90_000))
        );
    }

    #[test]
    fn an_excerpt_is_short_and_harmless() {
        assert_eq!(printable(" \u{1b}[31mno\r\n "), Some("[31mno".to_owned()));
        assert_eq!(printable("\n"), None);
        assert_eq!(printable(&"x".repeat(9_999)).unwrap().len(), EXCERPT_CHARS);
    }
}
