//! Twilio's form posts about a call: incoming, status, stream status.
//!
//! Every parameter is kept in order (the signature covers all of them, also those nobody announced); the typed views read from there.
//! <https://www.twilio.com/docs/voice/twiml#request-parameters>

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::settings::is_e164;

/// Most parameters read from one post; Twilio sends about forty.
pub const MAX_PARAMETERS: usize = 500;

/// Why a post cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormError {
    /// A parameter that every such post carries is missing.
    #[error("the request lacks the parameter {0}")]
    Missing(&'static str),
    /// A parameter is not what its name says.
    #[error("the request's parameter {0} cannot be read")]
    Wrong(&'static str),
    /// Far more parameters than a provider sends.
    #[error("the request has more than {MAX_PARAMETERS} parameters")]
    TooMany,
}

/// The parameters of a post, decoded, in order.
#[derive(Clone, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({} parameters)", self.pairs.len())
    }
}

impl Form {
    /// Reads `application/x-www-form-urlencoded` bytes, or a query.
    ///
    /// # Errors
    /// [`FormError::TooMany`].
    pub fn parse(bytes: &[u8]) -> Result<Form, FormError> {
        let mut pairs = Vec::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if pairs.len() == MAX_PARAMETERS {
                return Err(FormError::TooMany);
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Form { pairs })
    }

    /// All parameters in order, empty ones too: what [`super::signature::Verifier::webhook`] takes.
    pub fn parameters(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The first value of that name; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn required(&self, name: &'static str) -> Result<String, FormError> {
        self.text(name).ok_or(FormError::Missing(name))
    }

    fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, FormError> {
        self.get(name)
            .map(|text| text.trim().parse().map_err(|_| FormError::Wrong(name)))
            .transpose()
    }

    /// RFC 2822 (calls) or RFC 3339 (streams), as Unix milliseconds. An unreadable time is no time: the rest of the post still counts.
    fn time_ms(&self, name: &str) -> Option<i64> {
        let text = self.get(name)?;
        let timestamp = jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(text)
            .ok()
            .or_else(|| text.parse().ok())?;
        Some(timestamp.as_millisecond())
    }
}

/// How far a call has got, in Twilio's words. Nothing here is a business outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the provider's words, each its own explanation"
)]
pub enum CallStatus {
    Queued,
    Initiated,
    Ringing,
    InProgress,
    Completed,
    Busy,
    Failed,
    NoAnswer,
    Canceled,
}

impl CallStatus {
    /// Reads Twilio's spelling. `answered` is a subscription's name and comes as `in-progress`; SignalWire sends it as a status.
    pub fn from_wire(word: &str) -> Option<CallStatus> {
        Some(match word {
            "queued" => CallStatus::Queued,
            "initiated" => CallStatus::Initiated,
            "ringing" => CallStatus::Ringing,
            "in-progress" | "answered" => CallStatus::InProgress,
            "completed" => CallStatus::Completed,
            "busy" => CallStatus::Busy,
            "failed" => CallStatus::Failed,
            "no-answer" => CallStatus::NoAnswer,
            "canceled" => CallStatus::Canceled,
            _ => return None,
        })
    }

    /// Whether the call is over.
    pub fn is_terminal(self) -> bool {
        self.rank() == 4
    }

    /// 0 for queued to 4 for all ends.
    pub fn rank(self) -> u8 {
        match self {
            CallStatus::Queued => 0,
            CallStatus::Initiated => 1,
            CallStatus::Ringing => 2,
            CallStatus::InProgress => 3,
            CallStatus::Completed
            | CallStatus::Busy
            | CallStatus::Failed
            | CallStatus::NoAnswer
            | CallStatus::Canceled => 4,
        }
    }

    /// The status after `news`, which may have been delayed: a call never moves back, and its first end stays.
    #[must_use]
    pub fn advance(self, news: CallStatus) -> CallStatus {
        if news.rank() > self.rank() {
            news
        } else {
            self
        }
    }
}

/// STIR/SHAKEN attestation of the caller's number (US): `StirVerstat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Verification {
    /// The carrier knows the caller and their right to the number.
    A,
    /// The carrier knows the caller, not their right to the number.
    B,
    /// The carrier only knows where the call entered its network.
    C,
    /// Not verified, failed, or not said.
    #[default]
    #[serde(rename = "none")]
    None,
}

impl Verification {
    /// Reads `TN-Validation-Passed-A`, `...-Diverted`; anything that did not pass is [`Verification::None`].
    pub fn from_wire(word: &str) -> Verification {
        let Some(level) = word.strip_prefix("TN-Validation-Passed-") else {
            return Verification::None;
        };
        if level.contains("Failed") {
            return Verification::None;
        }
        match level.as_bytes().first() {
            Some(b'A') => Verification::A,
            Some(b'B') => Verification::B,
            Some(b'C') => Verification::C,
            _ => Verification::None,
        }
    }
}

/// Who is on the other end of a leg.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// E.164, or none.
    pub number: Option<String>,
    /// The number is hidden.
    pub withheld: bool,
    /// What is neither: `client:...`, `sip:...`, a short code.
    pub address: Option<String>,
}

impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A number is a caller's: logs get to know only that there is one.
        let number = self.number.as_ref().map(|_| "***");
        f.debug_struct("Party")
            .field("number", &number)
            .field("withheld", &self.withheld)
            .finish_non_exhaustive()
    }
}

impl Party {
    /// Reads `From` or `To`. Hidden numbers come as words, or as those words typed on a telephone's keys.
    pub fn from_wire(text: Option<&str>) -> Party {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            return Party {
                withheld: true,
                ..Party::default()
            };
        };
        let word = text.trim_start_matches('+').to_ascii_lowercase();
        let hidden = [
            "anonymous",
            "restricted",
            "blocked",
            "unknown",
            "unavailable",
            "private", // in letters
            "266696687",
            "7378742833",
            "2562533",
            "8656696",
            "86282452253", // ANONYMOUS RESTRICTED BLOCKED UNKNOWN UNAVAILABLE on keys
        ];
        let user = word
            .strip_prefix("sip:")
            .or_else(|| word.strip_prefix("sips:"))
            .and_then(|rest| rest.split('@').next());
        if hidden.contains(&word.as_str()) || user.is_some_and(|user| hidden.contains(&user)) {
            return Party {
                withheld: true,
                ..Party::default()
            };
        }
        if is_e164(text) {
            return Party {
                number: Some(text.to_owned()),
                ..Party::default()
            };
        }
        Party {
            address: Some(text.to_owned()),
            ..Party::default()
        }
    }
}

/// `POST /twilio/voice`: a call has come in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncomingCall {
    /// CallSid.
    pub call: String,
    /// AccountSid.
    pub account: Option<String>,
    /// Who calls.
    pub from: Party,
    /// Who is called.
    pub to: Party,
    /// How far the call has got.
    pub status: CallStatus,
    /// `inbound`, `outbound-api`, `outbound-dial`.
    pub direction: String,
    /// The carrier's name for the number (only with caller-name lookup).
    pub caller_name: Option<String>,
    /// The number that forwarded the call here (carrier-dependent).
    pub forwarded_from: Option<String>,
    /// The call this is a leg of.
    pub parent_call: Option<String>,
    /// How far the caller's number is attested.
    pub verification: Verification,
}

impl IncomingCall {
    /// Reads the post.
    ///
    /// # Errors
    /// When it has no CallSid.
    pub fn read(form: &Form) -> Result<IncomingCall, FormError> {
        Ok(IncomingCall {
            call: form.required("CallSid")?,
            account: form.text("AccountSid"),
            from: Party::from_wire(form.get("From").or_else(|| form.get("Caller"))),
            to: Party::from_wire(form.get("To").or_else(|| form.get("Called"))),
            status: form
                .get("CallStatus")
                .and_then(CallStatus::from_wire)
                .unwrap_or(CallStatus::Ringing),
            direction: form.text("Direction").unwrap_or_else(|| "inbound".into()),
            caller_name: form.text("CallerName"),
            forwarded_from: form.text("ForwardedFrom"),
            parent_call: form.text("ParentCallSid"),
            verification: form
                .get("StirVerstat")
                .map(Verification::from_wire)
                .unwrap_or_default(),
        })
    }
}

/// `POST /twilio/status`: a leg has moved on, or `<Dial>` is over. Order of delivery is not guaranteed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// CallSid of the leg.
    pub call: String,
    /// CallSid of the call it is a leg of.
    pub parent_call: Option<String>,
    /// Where the leg is now.
    pub status: CallStatus,
    /// When, Unix ms (Twilio's resolution is one second).
    pub at_ms: Option<i64>,
    /// Counts the updates of a leg from 0: with the CallSid the key against repeats.
    pub sequence: Option<u64>,
    /// Seconds the leg lasted; on the last update only.
    pub duration_s: Option<u32>,
    /// How the signalling ended (200, 486, ...).
    pub sip_code: Option<u16>,
    /// What became of `<Dial>`, when this is its `action` request.
    pub dial: Option<DialResult>,
    /// `inbound`, `outbound-api`, `outbound-dial`.
    pub direction: Option<String>,
    /// Who calls on this leg.
    pub from: Party,
    /// Who is called on this leg.
    pub to: Party,
}

/// How ringing the agent ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialResult {
    /// `completed` when the agent talked.
    pub status: CallStatus,
    /// CallSid of the agent's leg.
    pub call: Option<String>,
    /// Seconds the agent talked (this, not the parent's duration, is talk time).
    pub duration_s: Option<u32>,
}

impl StatusUpdate {
    /// Reads the post.
    ///
    /// # Errors
    /// When it has no CallSid, no known CallStatus, or a number that is none.
    pub fn read(form: &Form) -> Result<StatusUpdate, FormError> {
        let status = |name: &'static str| {
            form.get(name)
                .map(|word| CallStatus::from_wire(word).ok_or(FormError::Wrong(name)))
                .transpose()
        };
        let dial = match status("DialCallStatus")? {
            Some(status) => Some(DialResult {
                status,
                call: form.text("DialCallSid"),
                duration_s: form.number("DialCallDuration")?,
            }),
            None => None,
        };
        Ok(StatusUpdate {
            call: form.required("CallSid")?,
            parent_call: form.text("ParentCallSid"),
            status: status("CallStatus")?.ok_or(FormError::Missing("CallStatus"))?,
            at_ms: form.time_ms("Timestamp"),
            sequence: form.number("SequenceNumber")?,
            // `Duration` is billed minutes: never that one.
            duration_s: form.number("CallDuration")?,
            sip_code: form.number("SipResponseCode")?,
            dial,
            direction: form.text("Direction"),
            from: Party::from_wire(form.get("From")),
            to: Party::from_wire(form.get("To")),
        })
    }
}

/// What happened to a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the provider's words")]
pub enum StreamEvent {
    Started,
    Stopped,
    Error,
}

/// `POST /twilio/stream-status`: the only place where a failed connection of a stream becomes visible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamUpdate {
    /// CallSid.
    pub call: String,
    /// StreamSid.
    pub stream: Option<String>,
    /// What happened.
    pub event: StreamEvent,
    /// The provider's words for the error.
    pub error: Option<String>,
    /// When, Unix ms.
    pub at_ms: Option<i64>,
}

impl StreamUpdate {
    /// Reads the post.
    ///
    /// # Errors
    /// When it has no CallSid or no known StreamEvent.
    pub fn read(form: &Form) -> Result<StreamUpdate, FormError> {
        Ok(StreamUpdate {
            call: form.required("CallSid")?,
            stream: form.text("StreamSid"),
            event: match form.get("StreamEvent") {
                Some("stream-started") => StreamEvent::Started,
                Some("stream-stopped") => StreamEvent::Stopped,
                Some("stream-error" | "stream-failed") => StreamEvent::Error,
                Some(_) => return Err(FormError::Wrong("StreamEvent")),
                None => return Err(FormError::Missing("StreamEvent")),
            },
            error: form.text("StreamError"),
            at_ms: form.time_ms("Timestamp"),
        })
    }
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
