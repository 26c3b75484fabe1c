//! The name of a call inside the store.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The 16 bytes behind a `call_...` id: a UUID, version 7 for calls the engine opens, so that ids sort by time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(Uuid);

impl CallId {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The key of this UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// A new key from the milliseconds since 1970 and ten random bytes, both given by the edge.
    pub fn new(unix_ms: u64, random: [u8; 10]) -> Self {
        Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
    }

    /// The id of something that belongs to this call: `prefix`, and the same UUID. So a replay names things alike.
    pub fn derived(&self, prefix: &str) -> String {
        format!("{prefix}_{}", self.0.hyphenated())
    }

    /// The 16 bytes as they stand in a journal entry.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "call_{}", self.0.hyphenated())
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A text that is not a call id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a call id: expected `call_` and a UUID")]
pub struct NotACallId(String);

impl Serialize for CallId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CallId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl FromStr for CallId {
    type Err = NotACallId;

    /// Reads `call_<uuid>`.
    fn from_str(text: &str) -> Result<Self, NotACallId> {
        text.strip_prefix("call_")
            .and_then(|uuid| Uuid::try_parse(uuid).ok())
            .map(Self)
            .ok_or_else(|| NotACallId(text.chars().take(80).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_reads_back_and_anything_else_is_refused() {
        let key = CallId::from_bytes([7; 16]);
        assert_eq!(key.to_string(), "call_07070707-0707-0707-0707-070707070707");
        assert_eq!(key.to_string().parse(), Ok(key));
        for wrong in [
            "",
            "call_",
            "07070707-0707-0707-0707-070707070707",
            "call_../../etc/passwd",
        ] {
            assert!(wrong.parse::<CallId>().is_err(), "{wrong}");
        }
    }
}
