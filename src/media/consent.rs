//! Consent to be recorded, as it is asked for on the telephone.

use serde::{Deserialize, Serialize};

use super::settings::SettingsError;

/// How a caller is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentMode {
    /// Not at all: nothing is announced.
    Off,
    /// It is announced; who stays on the line agrees.
    #[default]
    Announce,
    /// It is announced; who presses 1 agrees.
    #[serde(rename = "press_1")]
    Press1,
}

/// The `[consent]` part of the configuration. It holds for calls that this server answers; a stream that somebody else's instructions
/// start has had its announcement there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsentSettings {
    /// How callers are asked.
    pub mode: ConsentMode,
    /// What they hear.
    pub text: String,
    /// What they hear after it where they are to press 1.
    pub press_1_text: String,
    /// How long they may take to press it, seconds.
    pub press_1_timeout_s: u32,
    /// Whether the recording begins with the announcement. Without it there is no recording of a call whose caller has not heard the
    /// announcement to its end: half a prompt is no consent.
    pub record_before_consent: bool,
}

impl Default for ConsentSettings {
    fn default() -> Self {
        ConsentSettings {
            mode: ConsentMode::Announce,
            text: "This call is recorded and transcribed.".into(),
            press_1_text: "To agree, press 1. To go on without being recorded, stay on the line."
                .into(),
            press_1_timeout_s: 5,
            record_before_consent: false,
        }
    }
}

impl ConsentSettings {
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
        if self.mode != ConsentMode::Off && self.text.trim().is_empty() {
            return wrong(
                "consent.text",
                "is empty; give a text, or say consent.mode = \"off\"",
            );
        }
        if !(1..=60).contains(&self.press_1_timeout_s) {
            return wrong("consent.press_1_timeout_s", "must be 1 to 60");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_written_as_in_the_file() {
        for (text, mode) in [
            ("off", ConsentMode::Off),
            ("announce", ConsentMode::Announce),
            ("press_1", ConsentMode::Press1),
        ] {
            let read: ConsentSettings = toml::from_str(&format!("mode = \"{text}\"")).unwrap();
            assert_eq!(read.mode, mode);
            assert_eq!(read.validate(), Ok(()));
        }
        assert!(toml::from_str::<ConsentSettings>("mode = \"press_2\"").is_err());
    }

    #[test]
    fn an_announcement_needs_a_text() {
        let silent: ConsentSettings = toml::from_str("text = \" \"").unwrap();
        assert_eq!(silent.validate().unwrap_err().key, "consent.text");
        let off: ConsentSettings = toml::from_str("text = \"\"\nmode = \"off\"").unwrap();
        assert_eq!(off.validate(), Ok(()));
    }
}
