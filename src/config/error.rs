//! What is wrong with a configuration, so that whoever wrote it can mend it: file, line, what, and what was probably meant.

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is no TOML, or has a key or a type that cannot be there.
    #[error("{file}:{line}: {problem}")]
    Form {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what was probably meant.
        problem: String,
    },
    /// It says things that cannot be.
    #[error("{file}: {}", problems.join("\n  "))]
    Meaning {
        /// The file.
        file: String,
        /// Everything that was found.
        problems: Vec<String>,
    },
}

impl ConfigError {
    pub(super) fn form(file: &str, text: &str, error: &toml::de::Error) -> ConfigError {
        let offset = error.span().map_or(0, |s| s.start).min(text.len());
        let line = text.as_bytes()[..offset]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
            + 1;
        let message = error.message();
        ConfigError::Form {
            file: file.to_owned(),
            line,
            problem: format!("{message}{}", nearest_key(message)),
        }
    }
}

/// For serde's "unknown field `x`, expected one of `a`, `b`": the nearest of the expected names.
fn nearest_key(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown field"), quoted.next()) {
        (true, Some(unknown)) => did_you_mean(unknown, &quoted.collect::<Vec<_>>()),
        _ => String::new(),
    }
}

/// `; did you mean "x"?` for the name nearest to `wrong`, if one is near enough to be meant.
pub(super) fn did_you_mean(wrong: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().max(wrong.len()) / 3 + 1)
        .map(|(_, name)| format!("; did you mean \"{name}\"?"))
        .unwrap_or_default()
}
