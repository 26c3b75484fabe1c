//! Standard Webhooks signatures (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>, "Signature
//! scheme"): HMAC-SHA256 over `id.timestamp.body`, base64, `v1,` before it; several of them, space-separated, while a secret is rotated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// Bytes of a secret that is made here; the specification asks for 24 to 64.
pub const SECRET_BYTES: usize = 32;

/// The key inside a `whsec_...` secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Vec<u8>);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A text is no signing secret. The text is not in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Not base64.
    #[error("is not base64 after the whsec_; make one with: echo whsec_$(openssl rand -base64 32)")]
    NotBase64,
    /// Too short to be safe, or longer than receivers take.
    #[error(
        "holds {0} bytes, but 24 to 64 are wanted; make one with: echo whsec_$(openssl rand -base64 32)"
    )]
    Length(usize),
}

impl SigningKey {
    /// Reads a secret; the `whsec_` may be left out, as the reference libraries allow.
    ///
    /// # Errors
    /// When it is not base64 of 24 to 64 bytes.
    pub fn parse(secret: &Secret) -> Result<SigningKey, BadSecret> {
        let text = secret.expose().trim();
        let key = STANDARD
            .decode(text.strip_prefix("whsec_").unwrap_or(text))
            .map_err(|_| BadSecret::NotBase64)?;
        match key.len() {
            24..=64 => Ok(SigningKey(key)),
            other => Err(BadSecret::Length(other)),
        }
    }

    fn sign(&self, id: &str, timestamp_s: i64, body: &str) -> String {
        // HMAC takes keys of any length, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp_s.to_string().as_bytes());
        mac.update(b".");
        mac.update(body.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The `webhook-signature` header: a signature by each key, newest first.
pub fn header(keys: &[SigningKey], id: &str, timestamp_s: i64, body: &str) -> String {
    let signatures: Vec<String> = keys
        .iter()
        .map(|key| key.sign(id, timestamp_s, body))
        .collect();
    signatures.join(" ")
}

/// A new secret from random bytes.
pub fn new_secret(random: [u8; SECRET_BYTES]) -> Secret {
    Secret::new(format!("whsec_{}", STANDARD.encode(random)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn key(text: &str) -> SigningKey {
        SigningKey::parse(&Secret::new(text)).unwrap()
    }

    /// The vector of the specification's reference libraries.
    #[test]
    fn the_official_vector() {
        let signed = header(
            &[key(SECRET)],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(key(SECRET.strip_prefix("whsec_").unwrap()), key(SECRET));
    }

    #[test]
    fn a_rotated_secret_signs_beside_the_new_one() {
        let new = new_secret([7; SECRET_BYTES]);
        let keys = [SigningKey::parse(&new).unwrap(), key(SECRET)];
        let both = header(&keys, "evt_1", 5, "{}");
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!(first, header(&keys[..1], "evt_1", 5, "{}"));
        assert_eq!(second, header(&keys[1..], "evt_1", 5, "{}"));
        assert_ne!(first, second);
    }

    #[test]
    fn a_bad_secret_is_refused_without_showing_it() {
        for bad in ["%%%", "c2hvcnQ=", "hunter2"] {
            let error = SigningKey::parse(&Secret::new(format!("whsec_{bad}"))).unwrap_err();
            assert!(!error.to_string().contains(bad), "{error}");
        }
        assert_eq!(format!("{:?}", key(SECRET)), "***");
    }
}
