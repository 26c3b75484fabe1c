//! What a user says about delivery: `[delivery]`, `[[destinations]]`, and the `actions` of a vertical.

use std::path::PathBuf;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::event::EventType;
use crate::fields::vertical::When;
use crate::secret::Secret;

/// The most actions a vertical may have, so that no call sets off more.
pub const MAX_ACTIONS: usize = 10;
/// Longest a receiver may take to answer by default (Standard Webhooks: 15 to 30 s).
pub const TIMEOUT: SignedDuration = SignedDuration::from_secs(15);
/// Deliveries to one destination at once, by default.
pub const MAX_IN_FLIGHT: u32 = 4;

/// How things leave: `[delivery]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address under which people reach the pages (`https://desk.example.com`), for links; `media.public_url` where absent.
    pub base_url: Option<String>,
    /// The mail server that takes our mail.
    pub smtp: Option<Smtp>,
    /// The account that sends our SMS.
    pub twilio: Option<Twilio>,
}

/// How the connection to the mail server is made safe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// Begins in the clear and must change to TLS (port 587).
    #[default]
    Starttls,
    /// TLS from the first byte (port 465).
    Implicit,
    /// In the clear: for a mail server on the same machine or network.
    None,
}

/// The mail server: `[delivery.smtp]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port; 587, 465 or 25 by `tls` where absent.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is made safe.
    #[serde(default)]
    pub tls: SmtpTls,
    /// Who we are to it.
    #[serde(default)]
    pub username: Option<String>,
    /// And the password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Sender of all mail, such as `Acme Calls <calls@acme.example>`.
    pub from: String,
    /// Certificates (PEM) that are trusted beside the well-known ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

impl Smtp {
    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            SmtpTls::Starttls => 587,
            SmtpTls::Implicit => 465,
            SmtpTls::None => 25,
        })
    }
}

/// The Twilio account that sends SMS: `[delivery.twilio]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    /// `AC...`.
    pub account_sid: String,
    /// Its token.
    pub auth_token: Secret,
    /// The sending number, E.164.
    #[serde(default)]
    pub from: Option<String>,
    /// A messaging service (`MG...`) in place of a number.
    #[serde(default)]
    pub messaging_service_sid: Option<String>,
    /// Where the API is.
    #[serde(default = "twilio_api")]
    pub base_url: String,
}

fn twilio_api() -> String {
    "https://api.twilio.com".to_owned()
}

/// By what something leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A signed HTTP request.
    Webhook,
    /// Mail.
    Email,
    /// A text message.
    Sms,
}

impl Channel {
    /// The name in configuration and database.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Webhook => "webhook",
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }

    /// The channel of a name.
    pub fn from_name(name: &str) -> Option<Channel> {
        [Channel::Webhook, Channel::Email, Channel::Sms]
            .into_iter()
            .find(|c| c.as_str() == name)
    }
}

/// How a webhook carries the transcript.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TranscriptMode {
    /// By its address, behind sign-in.
    #[default]
    Url,
    /// Its text in the body. It holds whatever was said.
    Inline,
    /// Not at all.
    None,
}

/// A place data may go to: one of `[[destinations]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// Short name.
    pub id: String,
    /// By what it is reached.
    pub kind: Channel,
    /// For webhooks: where the request goes.
    #[serde(default)]
    pub url: Option<String>,
    /// For webhooks: `whsec_...`, best as `"${env:NAME}"` or `"${file:PATH}"`.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// For mail and SMS: addresses or numbers; `"{callback_number}"` is the value of that field.
    #[serde(default)]
    pub to: Vec<String>,
    /// Events it hears of, beside those that actions send it. Webhooks that say nothing hear of `record.approved`.
    #[serde(default)]
    pub events: Option<Vec<EventType>>,
    /// Fields it may see. `"*"` is every field but the sensitive ones, which must be named.
    #[serde(default)]
    pub allow_fields: Vec<String>,
    /// Locations it hears of; all where absent.
    #[serde(default)]
    pub locations: Vec<String>,
    /// Longest it may take to answer, as `"PT15S"` or `"15s"`.
    #[serde(default = "default_timeout")]
    pub timeout: SignedDuration,
    /// Deliveries to it at once.
    #[serde(default = "default_in_flight")]
    pub max_in_flight: u32,
    /// For webhooks: whether it may lie in a private network or on this machine.
    #[serde(default)]
    pub allow_private: bool,
    /// For webhooks: certificates (PEM) that are trusted beside the well-known ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// For webhooks: how the transcript is carried.
    #[serde(default)]
    pub transcript: TranscriptMode,
    /// For mail: the subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// For mail and SMS: the text, where the action has none.
    #[serde(default)]
    pub template: Option<String>,
    /// For mail: the HTML part, where the action has none.
    #[serde(default)]
    pub html: Option<String>,
}

fn default_timeout() -> SignedDuration {
    TIMEOUT
}

fn default_in_flight() -> u32 {
    MAX_IN_FLIGHT
}

impl Destination {
    /// Whether it hears of an event by itself.
    pub fn hears_of(&self, kind: EventType) -> bool {
        match (&self.events, self.kind) {
            (Some(events), _) => events.contains(&kind),
            (None, Channel::Webhook) => kind == EventType::RecordApproved,
            (None, _) => false,
        }
    }

    /// Whether it hears of a location.
    pub fn serves(&self, location_id: Option<&str>) -> bool {
        self.locations.is_empty()
            || location_id.is_some_and(|id| self.locations.iter().any(|l| l == id))
    }

    /// Whether it may see a field.
    pub fn may_see(&self, field: &str, sensitive: bool) -> bool {
        self.allow_fields
            .iter()
            .any(|allowed| allowed == field || (allowed == "*" && !sensitive))
    }

    /// Whether messages go to whoever a field names: to the caller, not to staff.
    pub fn goes_to_a_field(&self) -> bool {
        self.to.iter().any(|to| field_of(to).is_some())
    }
}

/// The field in a `to` such as `"{callback_number}"`.
pub fn field_of(to: &str) -> Option<&str> {
    to.strip_prefix('{')?.strip_suffix('}').map(str::trim)
}

/// What is done when something happens: one of `[[verticals.NAME.actions]]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Short name.
    pub id: String,
    /// By what; must be the destination's.
    pub kind: Channel,
    /// To whom.
    pub destination: String,
    /// What sets it off.
    pub on: EventType,
    /// Only under this condition.
    #[serde(default)]
    pub when: Option<When>,
    /// For mail and SMS: the text.
    #[serde(default)]
    pub template: Option<String>,
    /// For mail: the subject.
    #[serde(default)]
    pub subject: Option<String>,
    /// For mail: the HTML part.
    #[serde(default)]
    pub html: Option<String>,
}

impl Settings {
    /// What is wrong with them, each as a sentence that says where.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let address = |key: &str, text: &str| {
            reqwest::Url::parse(text)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .is_none()
                .then(|| {
                    format!(
                        "{key} = \"{text}\": write an address like \"https://desk.example.com\""
                    )
                })
        };
        problems.extend(
            self.base_url
                .as_deref()
                .and_then(|url| address("delivery.base_url", url)),
        );
        if let Some(smtp) = &self.smtp {
            if smtp.from.parse::<lettre::message::Mailbox>().is_err() {
                problems.push(format!(
                    "delivery.smtp.from = \"{}\": write it like \"Acme Calls <calls@acme.example>\"",
                    smtp.from
                ));
            }
            if smtp.username.is_some() != smtp.password.is_some() {
                problems.push("delivery.smtp: username and password come together".to_owned());
            }
            if smtp.tls == SmtpTls::None && smtp.password.is_some() {
                problems.push(
                    "delivery.smtp: tls = \"none\" would show the password to the network"
                        .to_owned(),
                );
            }
        }
        if let Some(twilio) = &self.twilio {
            problems.extend(address("delivery.twilio.base_url", &twilio.base_url));
            if twilio.from.is_some() == twilio.messaging_service_sid.is_some() {
                problems.push(
                    "delivery.twilio: give either from (a number) or messaging_service_sid"
                        .to_owned(),
                );
            }
            if !twilio.account_sid.starts_with("AC") {
                problems.push("delivery.twilio.account_sid: it begins with AC".to_owned());
            }
        }
        problems
    }
}
