//! `X-Twilio-Signature`: `base64(HMAC-SHA1(auth token, URL + every parameter's name and value, sorted))`.
//!
//! The URL is the one the provider was given, so it is built from the *configured* public address and never from request headers, which
//! the peer writes. Twilio has signed with and without the port, and the upgrade's spelling (scheme, trailing slash) is not documented:
//! the few candidates are tried and the one that matched is reported. <https://www.twilio.com/docs/usage/security#validating-requests>

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::Secret;

/// The header that carries the signature.
pub const HEADER: &str = "x-twilio-signature";

/// Why a request is not accepted as the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("the request carries no X-Twilio-Signature")]
    Missing,
    /// There is one, and it fits none of the spellings of the URL.
    #[error(
        "X-Twilio-Signature does not fit: check media.public_url and that media.auth_token is the account's primary token"
    )]
    Mismatch,
    /// The body is not the one whose hash was signed.
    #[error("the body does not have the signed bodySHA256")]
    BodyHash,
}

/// Why a public address cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublicUrlError {
    /// Not `https://` or `http://`.
    #[error("must begin with https:// (http:// for tests on one machine)")]
    Scheme,
    /// No host.
    #[error("has no host; write https://host[:port][/prefix]")]
    Host,
    /// Holds `?` or `#`: providers drop a stream URL's query.
    #[error("must not hold '?' or '#': a provider drops the query of a stream's address")]
    Query,
}

/// The address under which the provider reaches this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    secure: bool,
    /// Host, with the port if it was written.
    authority: String,
    /// Empty, or begins with `/` and does not end with it.
    prefix: String,
}

impl PublicUrl {
    /// Whether browsers reach us over TLS.
    pub fn is_https(&self) -> bool {
        self.secure
    }

    /// Reads `https://host[:port][/prefix]`.
    ///
    /// # Errors
    /// Says which part is missing or not allowed.
    pub fn parse(text: &str) -> Result<PublicUrl, PublicUrlError> {
        let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(PublicUrlError::Scheme),
        };
        if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
            return Err(PublicUrlError::Query);
        }
        let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() || authority.starts_with(':') {
            return Err(PublicUrlError::Host);
        }
        Ok(PublicUrl {
            secure,
            authority: authority.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
        })
    }

    /// This machine, without TLS: for tests on one machine, where nothing is configured.
    pub fn loopback() -> PublicUrl {
        PublicUrl {
            secure: false,
            authority: "127.0.0.1".into(),
            prefix: String::new(),
        }
    }

    /// The address of a page for a browser or a webhook.
    pub fn http(&self, path: &str) -> String {
        format!(
            "{}://{}{}{path}",
            if self.secure { "https" } else { "http" },
            self.authority,
            self.prefix
        )
    }

    /// The address of a WebSocket.
    pub fn ws(&self, path: &str) -> String {
        format!(
            "{}://{}{}{path}",
            if self.secure { "wss" } else { "ws" },
            self.authority,
            self.prefix
        )
    }

    /// The authority as written and with the port put in or taken away.
    fn authorities(&self) -> [Cow<'_, str>; 2] {
        // A colon inside brackets belongs to an IPv6 address.
        let port = self
            .authority
            .rfind(':')
            .filter(|&at| !self.authority[at..].contains(']'));
        let other = match port {
            Some(at) => Cow::Borrowed(&self.authority[..at]),
            None => Cow::Owned(format!(
                "{}:{}",
                self.authority,
                if self.secure { 443 } else { 80 }
            )),
        };
        [Cow::Borrowed(self.authority.as_str()), other]
    }
}

/// Checks the signatures of one account.
#[derive(Debug, Clone)]
pub struct Verifier {
    token: Secret,
    url: PublicUrl,
}

impl Verifier {
    /// For requests signed with `token` that were sent to `url`.
    pub fn new(token: Secret, url: PublicUrl) -> Verifier {
        Verifier { token, url }
    }

    /// A webhook: `path_and_query` as in the request line, and the decoded form parameters, all of them (none for GET).
    ///
    /// Returns the spelling of the URL that was signed.
    ///
    /// # Errors
    /// [`SignatureError`]; nothing of the request may then be acted on.
    pub fn webhook(
        &self,
        path_and_query: &str,
        parameters: &[(String, String)],
        signature: &str,
    ) -> Result<String, SignatureError> {
        let schemes: &[&str] = if self.url.secure {
            &["https"]
        } else {
            &["http"]
        };
        self.first_match(schemes, &[path_and_query], parameters, signature)
    }

    /// A webhook with a JSON body: its SHA-256 stands in the signed query as `bodySHA256`.
    ///
    /// # Errors
    /// As [`Verifier::webhook`], and [`SignatureError::BodyHash`].
    pub fn json(
        &self,
        path_and_query: &str,
        body: &[u8],
        signature: &str,
    ) -> Result<String, SignatureError> {
        let matched = self.webhook(path_and_query, &[], signature)?;
        let query = path_and_query
            .split_once('?')
            .map_or("", |(_, query)| query);
        let claimed = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("bodySHA256="))
            .ok_or(SignatureError::BodyHash)?;
        let actual: String = Sha256::digest(body)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if bool::from(
            actual
                .as_bytes()
                .ct_eq(claimed.to_ascii_lowercase().as_bytes()),
        ) {
            Ok(matched)
        } else {
            Err(SignatureError::BodyHash)
        }
    }

    /// The upgrade of a media stream: the URL alone, in one of eight spellings.
    ///
    /// # Errors
    /// [`SignatureError`]; the upgrade is then to be refused.
    pub fn upgrade(&self, path_and_query: &str, signature: &str) -> Result<String, SignatureError> {
        let schemes: &[&str] = if self.url.secure {
            &["wss", "https"]
        } else {
            &["ws", "http"]
        };
        let bare = path_and_query.trim_end_matches('/');
        self.first_match(schemes, &[bare, &format!("{bare}/")], &[], signature)
    }

    fn first_match(
        &self,
        schemes: &[&str],
        paths: &[&str],
        parameters: &[(String, String)],
        signature: &str,
    ) -> Result<String, SignatureError> {
        if signature.is_empty() {
            return Err(SignatureError::Missing);
        }
        let Ok(claimed) = STANDARD.decode(signature.trim()) else {
            return Err(SignatureError::Mismatch);
        };
        let sorted = sorted(parameters);
        for scheme in schemes {
            for authority in self.url.authorities() {
                for path in paths {
                    let url = format!("{scheme}://{authority}{}{path}", self.url.prefix);
                    // `verify_slice` compares in constant time.
                    if mac(&self.token, &url, &sorted)
                        .is_some_and(|mac| mac.verify_slice(&claimed).is_ok())
                    {
                        return Ok(url);
                    }
                }
            }
        }
        Err(SignatureError::Mismatch)
    }
}

/// The signature Twilio would send: for a caller that plays Twilio, and for tests.
pub fn sign(token: &Secret, url: &str, parameters: &[(String, String)]) -> String {
    mac(token, url, &sorted(parameters))
        .map(|mac| STANDARD.encode(mac.finalize().into_bytes()))
        .unwrap_or_default()
}

/// Sorted by name, then by value, each pair once: what the official libraries do with repeated names.
fn sorted(parameters: &[(String, String)]) -> Vec<&(String, String)> {
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted
}

fn mac(token: &Secret, url: &str, sorted: &[&(String, String)]) -> Option<Hmac<Sha1>> {
    // HMAC takes keys of any length, so this is always `Some`; the type of the library says otherwise.
    let mut mac = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes()).ok()?;
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verifier(url: &str) -> Verifier {
        Verifier::new(Secret::new("12345"), PublicUrl::parse(url).unwrap())
    }

    fn parameters(from: &str) -> Vec<(String, String)> {
        [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", from),
            ("Digits", "1234"),
            ("From", from),
            ("To", "+18005551212"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// The two vectors Twilio and its libraries publish.
    #[test]
    fn published_vectors() {
        let verifier = verifier("https://mycompany.com");
        for (from, signature) in [
            ("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("+14158675310", "GvWf1cFY/Q7PnoempGyD5oXAezc="),
        ] {
            let mut parameters = parameters(from);
            parameters.reverse();
            assert_eq!(
                sign(
                    &Secret::new("12345"),
                    "https://mycompany.com/myapp.php?foo=1&bar=2",
                    &parameters
                ),
                signature
            );
            assert_eq!(
                verifier
                    .webhook("/myapp.php?foo=1&bar=2", &parameters, signature)
                    .as_deref(),
                Ok("https://mycompany.com/myapp.php?foo=1&bar=2")
            );
            parameters[0].1.push(' ');
            assert_eq!(
                verifier.webhook("/myapp.php?foo=1&bar=2", &parameters, signature),
                Err(SignatureError::Mismatch)
            );
        }
    }

    #[test]
    fn repeated_names_are_sorted_and_counted_once() {
        let pair = |value: &str| ("SipHeader".to_owned(), value.to_owned());
        let once = sign(&Secret::new("k"), "https://h/p", &[pair("a"), pair("b")]);
        assert_eq!(
            sign(
                &Secret::new("k"),
                "https://h/p",
                &[pair("b"), pair("a"), pair("b")]
            ),
            once
        );
    }

    #[test]
    fn a_get_is_signed_over_its_url_alone() {
        let signature = sign(
            &Secret::new("12345"),
            "https://h.example:443/twilio/voice?CallSid=CA1",
            &[],
        );
        assert!(
            verifier("https://h.example")
                .webhook("/twilio/voice?CallSid=CA1", &[], &signature)
                .is_ok()
        );
    }

    #[test]
    fn every_spelling_of_the_upgrade_is_found_and_no_other() {
        let verifier = verifier("https://h.example/offhook/");
        for scheme in ["wss", "https"] {
            for authority in ["h.example", "h.example:443"] {
                for slash in ["", "/"] {
                    let url = format!("{scheme}://{authority}/offhook/twilio/media{slash}");
                    let signature = sign(&Secret::new("12345"), &url, &[]);
                    assert_eq!(verifier.upgrade("/twilio/media", &signature), Ok(url));
                }
            }
        }
        for url in [
            "ws://h.example/offhook/twilio/media",
            "wss://evil.example/offhook/twilio/media",
            "wss://h.example/twilio/media",
        ] {
            let signature = sign(&Secret::new("12345"), url, &[]);
            assert_eq!(
                verifier.upgrade("/twilio/media", &signature),
                Err(SignatureError::Mismatch)
            );
        }
        assert_eq!(
            verifier.upgrade("/twilio/media", ""),
            Err(SignatureError::Missing)
        );
        assert_eq!(
            verifier.upgrade("/twilio/media", "not base64!"),
            Err(SignatureError::Mismatch)
        );
    }

    #[test]
    fn a_written_port_may_be_signed_or_left_out() {
        let verifier = verifier("https://[::1]:8443");
        for url in ["wss://[::1]:8443/m", "wss://[::1]/m"] {
            assert!(
                verifier
                    .upgrade("/m", &sign(&Secret::new("12345"), url, &[]))
                    .is_ok()
            );
        }
    }

    #[test]
    fn a_json_body_is_bound_by_its_hash() {
        // SHA-256 of "{}".
        let path =
            "/hook?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        let signature = sign(
            &Secret::new("12345"),
            &format!("https://h.example{path}"),
            &[],
        );
        let verifier = verifier("https://h.example");
        assert!(verifier.json(path, b"{}", &signature).is_ok());
        assert_eq!(
            verifier.json(path, b"{ }", &signature),
            Err(SignatureError::BodyHash)
        );
        let plain = sign(&Secret::new("12345"), "https://h.example/hook", &[]);
        assert_eq!(
            verifier.json("/hook", b"{}", &plain),
            Err(SignatureError::BodyHash)
        );
    }

    #[test]
    fn addresses_that_cannot_work_are_refused() {
        assert_eq!(PublicUrl::parse("h.example"), Err(PublicUrlError::Scheme));
        assert_eq!(PublicUrl::parse("https://"), Err(PublicUrlError::Host));
        assert_eq!(PublicUrl::parse("https://h/?x"), Err(PublicUrlError::Query));
        assert_eq!(
            PublicUrl::parse("https://h.example/a/")
                .unwrap()
                .ws("/twilio/media"),
            "wss://h.example/a/twilio/media"
        );
    }
}
