//! A value that is never shown.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// A token, key or password from the configuration: compared and used, but `Debug` and serialisation show `***`.
///
/// In a configuration it is written as it is, as `${env:NAME}` (a variable of the environment) or as `${file:PATH}` (what a file holds,
/// without the line's end).
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(String);

impl Secret {
    /// Wraps a value, as it is.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    /// The value itself: for the one place that needs it, never for a message.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<String> for Secret {
    type Error = String;

    fn try_from(written: String) -> Result<Secret, String> {
        let Some(reference) = written
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
        else {
            return Ok(Secret(written));
        };
        match reference.split_once(':') {
            Some(("env", name)) => std::env::var(name).map(Secret).map_err(|_| {
                format!("${{env:{name}}}: the environment has no variable {name}; set it")
            }),
            Some(("file", path)) => std::fs::read_to_string(path)
                .map(|text| Secret(text.trim_end_matches(['\r', '\n']).to_owned()))
                .map_err(|error| format!("${{file:{path}}}: {error}")),
            // What is in the braces may be a secret itself, so it is not repeated.
            _ => Err("a secret in ${...} is ${env:NAME} or ${file:PATH}".to_owned()),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_json_show_it() {
        let secret: Secret = serde_json::from_str("\"hunter2\"").unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(
            format!("{secret:?} {}", serde_json::to_string(&secret).unwrap()),
            "*** \"***\""
        );
    }

    #[test]
    fn it_may_lie_elsewhere() {
        let read = |text: &str| Secret::try_from(text.to_owned());
        let path = std::env::var("PATH").unwrap();
        assert_eq!(read("${env:PATH}").unwrap().expose(), path);
        let error = read("${env:OFFHOOK_NO_SUCH_VARIABLE}").unwrap_err();
        assert!(error.contains("OFFHOOK_NO_SUCH_VARIABLE"), "{error}");
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        std::fs::write(&file, "hunter2\n").unwrap();
        let reference = format!("${{file:{}}}", file.display());
        assert_eq!(read(&reference).unwrap().expose(), "hunter2");
        assert!(
            read("${file:/nowhere/key}")
                .unwrap_err()
                .contains("/nowhere/key")
        );
        assert!(!read("${hunter2}").unwrap_err().contains("hunter2"));
    }
}
