//! One-use stream tokens: what ties a media stream to the call it was announced for.
//!
//! A signature has no nonce and can be replayed; and a provider drops the query of a stream's URL. So the voice webhook puts a token into
//! a `<Parameter>`, and the stream that brings it back with the same call id, once and in time, is the one that was asked for.

use std::collections::{BTreeMap, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Why a token is not good for a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Never issued here, or issued so long ago that it is forgotten.
    #[error(
        "the stream's token is unknown: it was not issued here, or the server has been restarted since"
    )]
    Unknown,
    /// Issued, and its time is over.
    #[error("the stream's token has expired (media.stream_token_ttl_s)")]
    Expired,
    /// Already spent on a stream.
    #[error("the stream's token was used before; each stream needs its own")]
    Used,
    /// Issued for another call.
    #[error("the stream's token belongs to another call")]
    OtherCall,
}

#[derive(Debug)]
struct Entry {
    call: String,
    expires_ms: u64,
    used: bool,
}

/// The tokens issued and not yet forgotten. Memory is bounded by the rate of voice webhooks times twice the time to live.
#[derive(Debug)]
pub struct StreamTokens {
    ttl_ms: u64,
    // Looked up by hash: how long a lookup takes tells nothing about the token.
    entries: BTreeMap<[u8; 32], Entry>,
    by_age: VecDeque<(u64, [u8; 32])>,
}

impl StreamTokens {
    /// Tokens that live for `ttl_ms`.
    pub fn new(ttl_ms: u64) -> StreamTokens {
        StreamTokens {
            ttl_ms,
            entries: BTreeMap::new(),
            by_age: VecDeque::new(),
        }
    }

    /// A token for `call`: 43 URL-safe characters. `random` must come from the operating system's generator, new each time.
    pub fn issue(&mut self, call: &str, random: [u8; 32], now_ms: u64) -> String {
        self.forget(now_ms);
        let token = URL_SAFE_NO_PAD.encode(random);
        let expires_ms = now_ms.saturating_add(self.ttl_ms);
        let key = hash(&token);
        self.entries.insert(
            key,
            Entry {
                call: call.to_owned(),
                expires_ms,
                used: false,
            },
        );
        self.by_age.push_back((expires_ms, key));
        token
    }

    /// Spends a token on a stream of `call`.
    ///
    /// # Errors
    /// Why it is not good. A token presented for another call is not spent.
    pub fn redeem(&mut self, token: &str, call: &str, now_ms: u64) -> Result<(), TokenError> {
        self.forget(now_ms);
        let entry = self
            .entries
            .get_mut(&hash(token))
            .ok_or(TokenError::Unknown)?;
        if entry.call != call {
            return Err(TokenError::OtherCall);
        }
        if entry.used {
            return Err(TokenError::Used);
        }
        if now_ms >= entry.expires_ms {
            return Err(TokenError::Expired);
        }
        entry.used = true;
        Ok(())
    }

    /// Drops what expired a whole time to live ago: until then the reason for a refusal can still be told.
    fn forget(&mut self, now_ms: u64) {
        while let Some((expires_ms, key)) = self.by_age.front().copied() {
            if now_ms < expires_ms.saturating_add(self.ttl_ms) {
                break;
            }
            self.by_age.pop_front();
            self.entries.remove(&key);
        }
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_once_for_its_call_and_in_time() {
        let mut tokens = StreamTokens::new(1_000);
        let first = tokens.issue("CA1", [1; 32], 0);
        let late = tokens.issue("CA1", [2; 32], 0);
        assert_eq!(first.len(), 43);
        assert_eq!(tokens.redeem("guess", "CA1", 1), Err(TokenError::Unknown));
        assert_eq!(tokens.redeem(&first, "CA2", 1), Err(TokenError::OtherCall));
        assert_eq!(tokens.redeem(&first, "CA1", 999), Ok(()));
        assert_eq!(tokens.redeem(&first, "CA1", 999), Err(TokenError::Used));
        assert_eq!(tokens.redeem(&late, "CA1", 1_000), Err(TokenError::Expired));
        assert_eq!(tokens.redeem(&late, "CA1", 2_000), Err(TokenError::Unknown));
    }

    #[test]
    fn old_tokens_are_forgotten() {
        let mut tokens = StreamTokens::new(1_000);
        for n in 0..1_000u64 {
            let mut random = [0; 32];
            random[..8].copy_from_slice(&n.to_le_bytes());
            tokens.issue("CA", random, n * 100);
        }
        assert!(tokens.entries.len() <= 21, "{}", tokens.entries.len());
        assert_eq!(tokens.entries.len(), tokens.by_age.len());
    }
}
