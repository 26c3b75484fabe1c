//! What is known before the first word: when and where the call takes place, who is called, what caller ID shows.

use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// The business that is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Business {
    /// Name.
    pub name: String,
    /// Three digits that local numbers are completed with.
    pub area_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Two-letter state.
    pub state: Option<String>,
    /// First opening hour of the day.
    pub opens: Option<i8>,
    /// Closing hour of the day.
    pub closes: Option<i8>,
}

/// The call's circumstances.
#[derive(Debug, Clone)]
pub struct Context {
    /// When the call began.
    pub started_at: Timestamp,
    /// Where the business is.
    pub timezone: TimeZone,
    /// Caller ID, E.164; absent when withheld.
    pub caller_id: Option<String>,
    /// The business.
    pub business: Business,
}

impl Context {
    /// The call's start on the business's clock.
    pub fn now(&self) -> Zoned {
        self.started_at.to_zoned(self.timezone.clone())
    }

    /// The IANA name of the zone.
    pub fn zone_name(&self) -> String {
        self.timezone.iana_name().unwrap_or("UTC").to_owned()
    }

    /// The area code that seven digits are completed with: the business's, else that of caller ID.
    pub fn area_code(&self) -> Option<&str> {
        let own = self
            .business
            .area_code
            .as_deref()
            .filter(|a| a.len() == 3 && a.bytes().all(|b| b.is_ascii_digit()));
        own.or_else(|| {
            self.caller_id
                .as_deref()
                .and_then(|c| c.strip_prefix("+1"))
                .and_then(|c| c.get(..3))
        })
    }
}
