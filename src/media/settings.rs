//! How the provider reaches us and what it is answered.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Secret;
use super::signature::PublicUrl;

/// The `[media]` part of the configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The provider account's primary auth token. With it every webhook and every stream is authenticated; without it only loopback peers
    /// are accepted.
    pub auth_token: Option<Secret>,
    /// The address under which the provider reaches this server, `https://host[:port][/prefix]`: what signatures are made over and where
    /// streams are sent. Never taken from request headers.
    pub public_url: Option<String>,
    /// Longest WebSocket message and frame taken, bytes.
    pub max_message_bytes: usize,
    /// Language of what is said, as `<Say language>` takes it.
    pub say_language: String,
    /// Who is rung when a call comes in: an E.164 number, `sip:...` or `client:...`. Without it the caller is asked to leave a message.
    pub dial_number: Option<String>,
    /// How long the agent's telephone rings, seconds.
    pub dial_timeout_s: u32,
    /// What the caller hears when there is nobody to ring.
    pub message_text: String,
    /// How long a caller without an agent may speak, seconds.
    pub message_length_s: u32,
    /// How long a stream token may wait for its stream, seconds (the announcement plays in between).
    pub stream_token_ttl_s: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            auth_token: None,
            public_url: None,
            max_message_bytes: 65_536,
            say_language: "en-US".into(),
            dial_number: None,
            dial_timeout_s: 30,
            message_text: "Thank you for calling. Please tell us your name, your number and how we can help. Hang up when you are done.".into(),
            message_length_s: 180,
            stream_token_ttl_s: 300,
        }
    }
}

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{key}: {problem}")]
pub struct SettingsError {
    /// The key in the file, `media.public_url` for instance.
    pub key: &'static str,
    /// What is wrong and what to do.
    pub problem: String,
}

impl Settings {
    /// Checks what types cannot.
    ///
    /// # Errors
    /// The first setting that cannot work.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let wrong = |key, problem: &str| {
            Err(SettingsError {
                key,
                problem: problem.to_owned(),
            })
        };
        if let Some(url) = &self.public_url
            && let Err(error) = PublicUrl::parse(url)
        {
            return wrong("media.public_url", &error.to_string());
        }
        if let Some(token) = &self.auth_token {
            if token.is_empty() {
                return wrong(
                    "media.auth_token",
                    "is empty; give the account's primary auth token or leave the line out",
                );
            }
            if self.public_url.is_none() {
                return wrong(
                    "media.auth_token",
                    "needs media.public_url as well: signatures are made over the public address",
                );
            }
        }
        if !(4_096..=1_048_576).contains(&self.max_message_bytes) {
            return wrong("media.max_message_bytes", "must be 4096 to 1048576");
        }
        if let Some(number) = &self.dial_number
            && !(is_e164(number) || number.starts_with("sip:") || number.starts_with("client:"))
        {
            return wrong(
                "media.dial_number",
                "must be an E.164 number such as +15125550100, sip:user@host or client:name",
            );
        }
        if !(5..=600).contains(&self.dial_timeout_s) {
            return wrong(
                "media.dial_timeout_s",
                "must be 5 to 600 (what <Dial timeout> takes)",
            );
        }
        if !(10..=14_400).contains(&self.message_length_s) {
            return wrong("media.message_length_s", "must be 10 to 14400");
        }
        if !(10..=3_600).contains(&self.stream_token_ttl_s) {
            return wrong("media.stream_token_ttl_s", "must be 10 to 3600");
        }
        Ok(())
    }
}

/// Whether a text is an E.164 number: `+`, a country code that does not begin with 0, 7 to 15 digits in all.
pub(super) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_a_typo_is_an_error() {
        assert_eq!(Settings::default().validate(), Ok(()));
        assert!(
            toml::from_str::<Settings>("auth_tokn = \"x\"")
                .unwrap_err()
                .to_string()
                .contains("auth_tokn")
        );
    }

    #[test]
    fn a_bad_value_is_named_with_its_key() {
        for (line, key) in [
            ("public_url = \"example.com\"", "media.public_url"),
            ("auth_token = \"x\"", "media.auth_token"),
            ("dial_number = \"5125550100\"", "media.dial_number"),
            ("max_message_bytes = 1", "media.max_message_bytes"),
        ] {
            assert_eq!(
                toml::from_str::<Settings>(line)
                    .unwrap()
                    .validate()
                    .unwrap_err()
                    .key,
                key
            );
        }
    }
}
