//! What every story stands on: a site (a folder with a configuration), the engine in this process or as the real program, a desk that
//! asks over HTTP, and a line that speaks on the media socket as a provider (or a bad one) does.
//!
//! Nothing here sleeps for a fixed time: whoever waits, waits for something to become true ([`until`]).

mod line;
pub mod mail;
mod program;
mod reader;
pub mod receiver;

use std::future::Future;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use offhook::config::Config;
use offhook::dial::CallAudio;
use offhook::server::{self, Running, ServeError};
use offhook::store::StoreError;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

pub use line::{Line, call_sid, sound};
pub use program::{Program, offhook, run};
pub use reader::{Events, Reader};

/// Longest wait for anything. Only a story that fails waits that long, so it is long enough for the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until there is an answer.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Puts an end to a wait for something that never comes.
pub async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// A folder with a configuration and, once an engine has run there, its data.
pub struct Site {
    dir: TempDir,
    settings: String,
}

impl Site {
    /// A site without speech, on a free port; `more` are lines such as `server.max_calls = 2`.
    pub fn new(more: &str) -> Site {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = format!(
            "schema_version = 1\nserver.listen = \"127.0.0.1:0\"\nstore.data_dir = {:?}\n",
            dir.path().join("data")
        );
        // A story kills processes, never the machine: waiting for the disk would only make it slow.
        for (key, value) in [("speech.enabled", false), ("store.fsync", false)] {
            if !more.contains(key) {
                settings.push_str(&format!("{key} = {value}\n"));
            }
        }
        // Last, because it may end within a table.
        settings.push_str(more);
        std::fs::write(dir.path().join("offhook.toml"), &settings).unwrap();
        Site { dir, settings }
    }

    /// The configuration's file.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("offhook.toml")
    }

    /// The data's folder.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The configuration as the engine reads it.
    pub fn config(&self) -> Config {
        Config::parse(&self.settings, "offhook.toml").unwrap()
    }

    /// The journal of a call that is over.
    pub fn journal_of(&self, call_id: &str) -> PathBuf {
        self.data()
            .join("journal/calls")
            .join(format!("{call_id}.journal"))
    }
}

/// The engine in this process.
pub struct Engine {
    pub site: Site,
    pub desk: Desk,
    pub running: Running,
}

impl Deref for Engine {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl Engine {
    pub async fn start(more: &str) -> Engine {
        Engine::at(Site::new(more)).await
    }

    pub async fn at(site: Site) -> Engine {
        offhook::telemetry::metrics::install();
        // The last of an earlier engine's tasks may still be on its way out.
        let running = until(
            "the data directory to be free",
            async || match server::start(site.config()).await {
                Ok(running) => Some(running),
                Err(ServeError::Store(StoreError::InUse { .. })) => None,
                Err(error) => panic!("{error}"),
            },
        )
        .await;
        let desk = Desk::new(&running.address.to_string());
        Engine {
            site,
            desk,
            running,
        }
    }

    /// One that hears with this recogniser.
    pub async fn hearing(site: Site, speech: offhook::speech::Speech) -> Engine {
        offhook::telemetry::metrics::install();
        let running = server::start_hearing(site.config(), speech).await.unwrap();
        let desk = Desk::new(&running.address.to_string());
        Engine {
            site,
            desk,
            running,
        }
    }

    /// Stops at once; calls that go on are finalised.
    pub async fn close(self) -> Site {
        self.running.close().await.unwrap();
        self.site
    }
}

/// Asks an engine over HTTP.
#[derive(Clone)]
pub struct Desk {
    pub address: String,
    http: reqwest::Client,
}

impl Desk {
    fn new(address: &str) -> Desk {
        // The client wants a TLS provider even where it speaks plain HTTP; an error means that it has one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Desk {
            address: address.to_owned(),
            http: reqwest::Client::new(),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The address of the media socket.
    pub fn media(&self) -> String {
        format!("ws://{}/twilio/media", self.address)
    }

    pub async fn ask(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    pub async fn ask_with(&self, path: &str, header: (&str, &str)) -> Response {
        self.http
            .get(self.url(path))
            .header(header.0, header.1)
            .send()
            .await
            .unwrap()
    }

    /// Any request with a JSON body.
    pub async fn request(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Response {
        let mut request = self.http.request(method, self.url(path)).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    /// A JSON answer that must be one.
    pub async fn get(&self, path: &str) -> Value {
        let response = self.ask(path).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let response = self.ask(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.bytes().await.unwrap().to_vec()
    }

    /// Posts a form as the provider does, signed if there is a signature.
    pub async fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
        signature: Option<&str>,
    ) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = self
            .http
            .post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        request.send().await.unwrap()
    }

    /// Posts a form to an engine that may be dead by then; whether it was taken.
    pub async fn try_post(&self, path: &str, form: &[(&str, &str)]) -> bool {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self.http.post(self.url(path)).body(body);
        request.send().await.is_ok_and(|r| r.status().is_success())
    }

    /// Asks an engine that may be dead by then.
    pub async fn try_get(&self, path: &str) -> Option<Value> {
        let response = self.http.get(self.url(path)).send().await.ok()?;
        response.json().await.ok()
    }

    /// The call object, as soon as its record is stored.
    pub async fn call(&self, call_sid: &str) -> Value {
        until(&format!("the draft of {call_sid}"), async || {
            let response = self.ask(&format!("/v1/calls/{call_sid}")).await;
            let call: Value = response.json().await.ok()?;
            call["record_id"].is_string().then_some(call)
        })
        .await
    }

    /// The record of a call, as soon as it is stored.
    pub async fn record(&self, call_sid: &str) -> Value {
        let call = self.call(call_sid).await;
        self.get(&format!(
            "/v1/records/{}",
            call["record_id"].as_str().unwrap()
        ))
        .await
    }

    /// The live state of a call, as soon as `fits` likes it.
    pub async fn live(&self, call_sid: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(what, async || {
            let response = self.ask(&format!("/v1/calls/{call_sid}")).await;
            let call: Value = response.json().await.ok()?;
            (call["live"].is_object() && fits(&call["live"])).then(|| call["live"].clone())
        })
        .await
    }

    /// The journal's entries, media in runs; none as long as there is no such call.
    pub async fn journal(&self, call_sid: &str) -> Vec<Value> {
        let response = self.ask(&format!("/v1/calls/{call_sid}/journal")).await;
        if response.status() == StatusCode::NOT_FOUND {
            return Vec::new();
        }
        assert_eq!(response.status(), StatusCode::OK);
        let text = response.text().await.unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Frames of a call that have reached the journal, both tracks.
    pub async fn frames_journalled(&self, call_sid: &str) -> u64 {
        let frames = |entry: &Value| {
            ["inbound", "outbound"]
                .iter()
                .map(|track| entry["body"]["frames"][track].as_u64().unwrap_or(0))
                .sum::<u64>()
        };
        self.journal(call_sid).await.iter().map(frames).sum()
    }

    /// A counter or gauge, all its labels that contain `label` together.
    pub async fn metric(&self, name: &str, label: &str) -> f64 {
        let text = self.ask("/metrics").await.text().await.unwrap();
        let of = |line: &str| {
            let (key, value) = line.rsplit_once(' ')?;
            let labels = key.strip_prefix(name)?;
            (labels.is_empty() || labels.starts_with('{'))
                .then_some(labels)
                .filter(|l| l.contains(label))?;
            value.parse::<f64>().ok()
        };
        text.lines().filter_map(of).sum()
    }

    /// Waits until a counter has reached a value.
    pub async fn metric_reaches(&self, name: &str, label: &str, value: f64) {
        until(&format!("{name}{{{label}}} to reach {value}"), async || {
            (self.metric(name, label).await >= value).then_some(())
        })
        .await;
    }
}

/// A bundled call: its recording, and what is known of it.
pub struct Bundled {
    pub name: String,
    pub wav: PathBuf,
    pub about: Value,
}

/// All bundled calls by name.
pub fn bundled_calls() -> Vec<Bundled> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/speech/rendered");
    let mut calls: Vec<Bundled> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "wav"))
        .map(|wav| Bundled {
            name: wav.file_stem().unwrap().to_str().unwrap().to_owned(),
            about: serde_json::from_str(
                &std::fs::read_to_string(wav.with_extension("json")).unwrap(),
            )
            .unwrap(),
            wav,
        })
        .collect();
    calls.sort_by(|a, b| a.name.cmp(&b.name));
    calls
}

/// One bundled call.
pub fn bundled(name: &str) -> Bundled {
    bundled_calls()
        .into_iter()
        .find(|call| call.name == name)
        .unwrap()
}

impl Bundled {
    /// The call, ready to be placed at an engine.
    pub fn dial(&self, desk: &Desk) -> offhook::dial::Call {
        let audio = Arc::new(CallAudio::from_files(&self.wav, None).unwrap());
        offhook::dial::Call::new(desk.media(), audio).unwrap()
    }
}
