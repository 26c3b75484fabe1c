//! An engine that listens and hears, and asking it over HTTP what became of things.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use offhook::config::Config;
use offhook::dial::{Call, CallAudio};
use offhook::server::{self, Running};
use serde_json::Value;
use tempfile::TempDir;

use crate::pinned::{self, Pinned};

/// An engine in this process.
pub struct Desk {
    pub running: Running,
    _dir: TempDir,
    http: reqwest::Client,
}

impl Desk {
    /// Starts one; `speech` says whether it hears.
    pub async fn start(speech: bool) -> Desk {
        Desk::start_with(speech, "").await
    }

    /// Starts one that is told more: tables of its configuration.
    pub async fn start_with(speech: bool, more: &str) -> Desk {
        Desk::start_after(speech, more, &[]).await
    }

    /// Starts one that finds calls of an earlier run.
    pub async fn start_after(speech: bool, more: &str, past: &[Pinned]) -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let settings = format!(
            "schema_version = 1\nserver.listen = \"127.0.0.1:0\"\nstore.data_dir = {:?}\nstore.fsync = false\nspeech.enabled = {speech}\n\
            defaults.business_name = \"Acme Plumbing\"\n\
            [[locations]]\nid = \"acme_austin\"\nname = \"Acme Plumbing, Austin\"\nnumbers = [\"+15125550100\"]\ndepartments = [\"dispatch\"]\nvertical = \"home_services\"\n{more}",
            dir.path().join("data")
        );
        // The client's TLS takes what the program has chosen; nothing here speaks it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = Config::parse(&settings, "offhook.toml").unwrap();
        pinned::leave(&config, past).await;
        Desk {
            running: server::start(config).await.unwrap(),
            _dir: dir,
            http: reqwest::Client::new(),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    /// A bundled call, ready to be placed here.
    pub fn call(&self, name: &str) -> Call {
        call_to(&self.running.address.to_string(), name)
    }

    /// A JSON answer.
    pub async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.unwrap_or_else(|| panic!("{path}"))
    }

    /// A JSON answer, if there is one.
    pub async fn try_get(&self, path: &str) -> Option<Value> {
        let response = self.http.get(self.url(path)).send().await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        response.json().await.ok()
    }

    /// An act upon a record, on top of whatever was done to it before.
    pub async fn act(&self, record: &str, act: &str, body: &Value) {
        let path = format!("/v1/records/{record}");
        let version = self.get(&path).await["version"].clone();
        let response = self
            .http
            .post(self.url(&format!("{path}/{act}")))
            .header("if-match", format!("\"{version}\""))
            .json(body)
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{path}/{act}");
    }

    /// A change with the version it is made from.
    pub async fn put(&self, path: &str, version: &Value, body: &Value) -> Value {
        let response = self
            .http
            .put(self.url(path))
            .header("if-match", format!("\"{version}\""))
            .json(body)
            .send()
            .await
            .unwrap();
        assert!(response.status().is_success(), "{path}");
        response.json().await.unwrap()
    }
}

/// A bundled call, ready to be placed at an address.
pub fn call_to(address: &str, name: &str) -> Call {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/speech/rendered")
        .join(format!("{name}.wav"));
    let audio = Arc::new(CallAudio::from_files(&file, None).unwrap());
    let media = format!("ws://{}/twilio/media", address);
    let mut call = Call::new(media, audio).unwrap();
    for (name, value) in [("from", "+15125550142"), ("to", "+15125550100")] {
        call.parameters.push((name.to_owned(), value.to_owned()));
    }
    call
}
