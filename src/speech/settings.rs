//! How the recogniser is set up; the `[speech]` table of the configuration.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The `[speech]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Off: calls are recorded and finalised without a transcript.
    pub enabled: bool,
    /// A whisper.cpp model file.
    pub model: PathBuf,
    /// Decoding threads, one whisper state each; 0 takes one fewer than the machine's cores, at least one.
    pub workers: usize,
    /// Language code spoken on the line. Only multilingual models take another one than `en`.
    pub language: String,
    /// Silence that ends an utterance, ms.
    pub endpoint_ms: u32,
    /// Silence that ends an utterance while a number or a spelling is being said, ms: people pause inside those.
    pub number_endpoint_ms: u32,
    /// Speech between two partials while the workers keep up, ms; they stretch it under load.
    pub cadence_ms: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            model: PathBuf::from("models/offhook-phone-en.bin"),
            workers: 0,
            language: "en".to_owned(),
            endpoint_ms: 500,
            number_endpoint_ms: 900,
            cadence_ms: 400,
        }
    }
}

impl Settings {
    /// Checks the values.
    ///
    /// # Errors
    /// One sentence that names the key, the value and the allowed range.
    pub fn validate(&self) -> Result<(), String> {
        within("speech.endpoint_ms", self.endpoint_ms, 300, 3_000)?;
        within(
            "speech.number_endpoint_ms",
            self.number_endpoint_ms,
            self.endpoint_ms,
            5_000,
        )?;
        within("speech.cadence_ms", self.cadence_ms, 200, 5_000)?;
        if self.workers > 256 {
            return Err(format!(
                "speech.workers = {}: at most 256; 0 chooses from the cores",
                self.workers
            ));
        }
        let code = self.language.as_bytes();
        if !(2..=3).contains(&code.len()) || !code.iter().all(u8::is_ascii_lowercase) {
            return Err(format!(
                "speech.language = {:?}: give a language code such as \"en\"",
                self.language
            ));
        }
        Ok(())
    }

    /// The number of decoding threads to start.
    pub fn worker_count(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism()
                .map_or(1, |cores| cores.get().saturating_sub(1).max(1)),
            n => n,
        }
    }
}

fn within(key: &str, value: u32, low: u32, high: u32) -> Result<(), String> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(format!("{key} = {value}: must be {low} to {high} ms"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_typos_are_not() {
        Settings::default().validate().unwrap();
        assert!(toml::from_str::<Settings>("endpoint = 3").is_err());
        let settings: Settings = toml::from_str("endpoint_ms = 50").unwrap();
        assert!(
            settings
                .validate()
                .unwrap_err()
                .contains("speech.endpoint_ms = 50")
        );
        let settings: Settings = toml::from_str("language = \"English\"").unwrap();
        assert!(settings.validate().unwrap_err().contains("language"));
    }
}
