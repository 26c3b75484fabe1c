//! Where a page of a list ends: opaque to users, stable while rows come and go.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::DatabaseError;

/// The last row of a page, in lists ordered by time (newest first) and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The row's time.
    pub at_ms: i64,
    /// The row's id.
    pub id: String,
}

impl Cursor {
    /// As users see it.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}/{}", self.at_ms, self.id))
    }

    /// What a user gave back.
    pub fn decode(text: &str) -> Result<Self, DatabaseError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| DatabaseError::BadCursor)?;
        let plain = std::str::from_utf8(&bytes).map_err(|_| DatabaseError::BadCursor)?;
        let (at_ms, id) = plain.split_once('/').ok_or(DatabaseError::BadCursor)?;
        Ok(Self {
            at_ms: at_ms.parse().map_err(|_| DatabaseError::BadCursor)?,
            id: id.to_owned(),
        })
    }
}
