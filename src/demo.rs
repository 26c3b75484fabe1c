//! `offhook demo`: a server on a free port, bundled calls over a real socket, transcript and fields growing in the terminal.
//!
//! Owns what the demonstration shows. Everything it shows is the server's own: the calls come through the media socket, the lines from the
//! live feed, the draft from the API's store.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::bundled;
use crate::call::CallId;
use crate::config::Config;
use crate::dial::{Call, CallAudio, DialError};
use crate::server::{self, Edge, Running, ServeError};
use crate::store::database::DatabaseError;

/// The calls in the order in which they are shown.
const CALLS: [&str; 5] = [
    "home-services-leak",
    "home-services-gas-hangup",
    "clinic-new-patient",
    "law-car-accident",
    "moving-two-bedroom",
];
/// Where they lie.
const FOLDER: &str = "fixtures/speech/rendered";
/// How long a draft may take before the demonstration says that something is wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// Arguments of `offhook demo`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// 1 is real time; recognition keeps up with 2 on most machines
    #[arg(long, default_value_t = 1.0, value_name = "X")]
    speed: f64,
    /// Do not open the live page in a browser
    #[arg(long)]
    no_browser: bool,
    /// One call only, then end
    #[arg(long)]
    once: bool,
}

/// Why the demonstration ends early.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The server.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The caller.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The bundled calls are not there.
    #[error(
        "the bundled calls are missing: {FOLDER}/{0} is neither here nor beside the program; run it in the project's folder"
    )]
    NoCalls(String),
    /// A call's description cannot be read.
    #[error("{file}: {problem}")]
    Sidecar {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// No folder for the data.
    #[error("no folder for the demonstration's data: {0}")]
    Folder(std::io::Error),
    /// The draft did not come.
    #[error("the draft of {call} did not come within {} s of the call's end", PATIENCE.as_secs())]
    NoDraft {
        /// The call.
        call: String,
    },
    /// The store.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Runs the demonstration.
///
/// # Errors
/// When the server does not start, a call cannot be placed or its draft does not come.
pub async fn run(args: Args) -> Result<(), DemoError> {
    let screen = Screen {
        color: std::io::stdout().is_terminal(),
    };
    let data_dir = std::env::temp_dir().join(format!("offhook-demo-{}", std::process::id()));
    std::fs::create_dir_all(&data_dir).map_err(DemoError::Folder)?;
    let calls: &[&str] = if args.once { &CALLS[..1] } else { &CALLS };
    let sidecars = calls
        .iter()
        .map(|name| Sidecar::load(name))
        .collect::<Result<Vec<_>, _>>()?;
    let mut config = config_for(&sidecars);
    config.store.data_dir.clone_from(&data_dir);
    let running = server::start(config).await?;
    println!(
        "{}",
        screen.bold(&format!("Offhook listens on http://{}/", running.address))
    );
    println!("Open it to see the calls live; here is the same in the terminal.");
    if !args.no_browser && screen.color {
        open_browser(&format!("http://{}/", running.address));
    }
    for sidecar in &sidecars {
        show_call(&running, sidecar, args.speed, &screen).await?;
    }
    if screen.color && !args.once {
        println!("\nThe pages stay up until you press Ctrl-C.");
        // An error means that Ctrl-C cannot be watched: then there is nothing to wait for.
        let _ = tokio::signal::ctrl_c().await;
    }
    running.close().await?;
    // What is left behind in the temporary folder is the system's to clean.
    let _ = std::fs::remove_dir_all(&data_dir);
    Ok(())
}

/// One bundled call: its sound and what is said of it.
struct Sidecar {
    name: String,
    wav: PathBuf,
    about: Value,
}

impl Sidecar {
    fn load(name: &str) -> Result<Sidecar, DemoError> {
        let place = |ending: &str| {
            let file = format!("{name}.{ending}");
            bundled::find(Path::new(FOLDER).join(&file)).ok_or(DemoError::NoCalls(file))
        };
        let (json, wav) = (place("json")?, place("wav")?);
        let failed = |problem: String| DemoError::Sidecar {
            file: json.display().to_string(),
            problem,
        };
        let text = std::fs::read_to_string(&json).map_err(|e| failed(e.to_string()))?;
        let about = serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?;
        Ok(Sidecar {
            name: name.to_owned(),
            wav,
            about,
        })
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.about.pointer(pointer).and_then(Value::as_str)
    }
}

/// A configuration with one location a call, as a business with several numbers would write it.
fn config_for(sidecars: &[Sidecar]) -> Config {
    let mut toml = String::from("schema_version = 1\n");
    for sidecar in sidecars {
        let mut location = toml::Table::new();
        location.insert("id".to_owned(), sidecar.name.clone().into());
        for (key, pointer) in [
            ("name", "/business/name"),
            ("timezone", "/timezone"),
            ("vertical", "/vertical"),
            ("area_code", "/business/area_code"),
            ("city", "/business/city"),
            ("state", "/business/state"),
        ] {
            if let Some(text) = sidecar.text(pointer) {
                location.insert(key.to_owned(), text.into());
            }
        }
        let numbers: Vec<toml::Value> = sidecar.text("/to").map(Into::into).into_iter().collect();
        location.insert("numbers".to_owned(), numbers.into());
        toml.push_str("[[locations]]\n");
        // A table of strings and lists of strings: writing it cannot fail.
        toml.push_str(&toml::to_string(&location).unwrap_or_default());
    }
    let mut config = Config::parse(&toml, "the demonstration's configuration").unwrap_or_default();
    config.server.listen = "127.0.0.1:0".to_owned();
    if let Some(model) = bundled::find(&config.speech.model) {
        config.speech.model = model;
    }
    config
}

async fn show_call(
    running: &Running,
    sidecar: &Sidecar,
    speed: f64,
    screen: &Screen,
) -> Result<(), DemoError> {
    println!(
        "\n{}",
        screen.bold(&format!(
            "{} ({})",
            sidecar.name.replace('-', " "),
            sidecar.text("/vertical").unwrap_or("")
        ))
    );
    if let Some(about) = sidecar.text("/about") {
        println!("{}", screen.dim(about));
    }
    let audio = Arc::new(CallAudio::from_files(&sidecar.wav, None)?);
    let mut call = Call::new(format!("ws://{}/twilio/media", running.address), audio)?;
    call.speed = speed;
    for (name, pointer) in [("from", "/from"), ("to", "/to")] {
        if let Some(number) = sidecar.text(pointer) {
            call.parameters.push((name.to_owned(), number.to_owned()));
        }
    }
    let sid = call.call_sid.clone();
    let edge = Arc::clone(running.edge());
    let deltas = edge.feed.subscribe();
    let placed = tokio::spawn(async move { call.place().await });
    let shown = tokio::time::timeout(
        PATIENCE + audio_length(sidecar, speed),
        follow(&edge, deltas, screen),
    )
    .await;
    // The caller ends when the server closes its socket, which it has done by now, or not at all.
    match placed.await {
        Ok(outcome) => {
            outcome?;
        }
        Err(_) => return Err(DemoError::NoDraft { call: sid }),
    }
    let record_id = shown
        .ok()
        .flatten()
        .ok_or(DemoError::NoDraft { call: sid })?;
    let record = edge
        .store
        .database
        .record(&record_id)
        .await?
        .ok_or(DemoError::NoDraft { call: record_id })?;
    screen.draft(&serde_json::from_str(&record.record).unwrap_or_default());
    println!(
        "  {}",
        screen.dim(&format!(
            "http://{}/v1/records/{}",
            running.address, record.id
        ))
    );
    Ok(())
}

fn audio_length(sidecar: &Sidecar, speed: f64) -> Duration {
    let ms = sidecar
        .about
        .pointer("/audio/duration_ms")
        .and_then(Value::as_u64)
        .unwrap_or(120_000) as f64;
    Duration::from_secs_f64(ms / 1000.0 / speed.max(0.1))
}

/// Prints the feed of the one call that goes on until its draft is there; gives back the record's id.
async fn follow(
    edge: &Edge,
    mut deltas: tokio::sync::broadcast::Receiver<Arc<crate::desk::feed::Delta>>,
    screen: &Screen,
) -> Option<String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let delta = match deltas.recv().await {
            Ok(delta) => delta,
            Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => continue,
            Err(_) => return None,
        };
        let Ok(event) = serde_json::from_str::<Value>(&delta.json) else {
            continue;
        };
        let data = &event["data"];
        match delta.kind {
            "transcript.partial" => screen.partial(data),
            "transcript.final" => screen.line(data),
            "field.updated" if data["change"] != "provisional" => {
                let shown = format!(
                    "{} ({})",
                    display(data),
                    data["status"].as_str().unwrap_or("")
                );
                let name = data["name"].as_str().unwrap_or("").to_owned();
                if fields.insert(name.clone(), shown.clone()).as_ref() != Some(&shown) {
                    screen.field(&name, data);
                }
            }
            "escalation.raised" => screen.escalation(&data["items"]),
            "record.drafted" => {
                // The caller of this call alone is on the line; a call that is gone from the registry has its draft stored.
                wait_until_gone(edge, delta.call_id).await;
                return data["record_id"].as_str().map(str::to_owned);
            }
            _ => {}
        }
    }
}

async fn wait_until_gone(edge: &Edge, id: CallId) {
    while edge.registry.get(id).is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A field's value in words.
fn display(field: &Value) -> String {
    if let Some(text) = field["display"].as_str().filter(|t| !t.is_empty()) {
        return text.to_owned();
    }
    match &field["value"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The terminal. Without one (a pipe, a log) it prints no colours and no partials.
struct Screen {
    color: bool,
}

impl Screen {
    fn paint(&self, code: &str, text: &str) -> String {
        if self.color {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    fn clear_line(&self) {
        if self.color {
            print!("\r\x1b[2K");
        }
    }

    fn partial(&self, data: &Value) {
        if self.color {
            let text = [&data["stable"], &data["unstable"]]
                .iter()
                .filter_map(|v| v.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            let text: String = text.chars().take(90).collect();
            print!(
                "\r\x1b[2K  \x1b[2;3m{}: {text}\x1b[0m",
                data["speaker"].as_str().unwrap_or("")
            );
            // A terminal that is gone is noticed by the next line.
            let _ = std::io::stdout().flush();
        }
    }

    fn line(&self, data: &Value) {
        self.clear_line();
        let seconds = data["start_ms"].as_u64().unwrap_or(0) / 1000;
        let speaker = match data["speaker"].as_str() {
            Some("agent") => self.paint("36", "agent "),
            _ => self.paint("33", "caller"),
        };
        println!(
            "  {} {speaker}  {}",
            self.dim(&format!("{:02}:{:02}", seconds / 60, seconds % 60)),
            data["text"].as_str().unwrap_or("")
        );
    }

    fn field(&self, name: &str, data: &Value) {
        self.clear_line();
        let value = display(data);
        if !value.is_empty() {
            println!(
                "                 {} {name} = {} {}",
                self.paint("32", "+"),
                self.bold(&value),
                self.status(data)
            );
        }
    }

    fn status(&self, field: &Value) -> String {
        let status = field["status"].as_str().unwrap_or("missing");
        let code = match status {
            "confirmed" => "32",
            "conflicting" | "missing" => "31",
            _ => "33",
        };
        let confidence = field["confidence"]
            .as_f64()
            .filter(|_| status != "missing")
            .map(|c| format!(" {c:.2}"))
            .unwrap_or_default();
        self.paint(code, &format!("{status}{confidence}"))
    }

    fn escalation(&self, items: &Value) {
        self.clear_line();
        for item in items.as_array().into_iter().flatten() {
            println!(
                "  {} {}",
                self.paint("1;31", "ESCALATION"),
                item["say"].as_str().or(item["id"].as_str()).unwrap_or("")
            );
        }
    }

    fn draft(&self, record: &Value) {
        println!("  {}", self.bold("Draft"));
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        if let Some(fields) = record["fields"].as_object() {
            for (name, field) in fields.iter().filter(|(_, f)| f["status"] != "missing") {
                let review = if field["needs_review"] == true {
                    self.paint("33", "  to be reviewed")
                } else {
                    String::new()
                };
                println!(
                    "    {name:<20} {:<44} {}{review}",
                    display(field),
                    self.status(field)
                );
            }
        }
        if let Some(missing) = record["missing_required"]
            .as_array()
            .filter(|m| !m.is_empty())
        {
            let names: Vec<&str> = missing.iter().filter_map(Value::as_str).collect();
            println!(
                "    {:<20} {}",
                "missing",
                self.paint("31", &names.join(", "))
            );
        }
        println!("    {:<20} {}", "outcome", text(&record["outcome"]["code"]));
        println!("    {:<20} {}", "summary", text(&record["summary"]["text"]));
        if let Some(ms) = record["latency"]["hangup_to_draft_ms"].as_u64() {
            println!("    {:<20} {ms} ms after hangup", "ready");
        }
    }
}

/// Opens the page in the user's browser, if there is a command for it.
fn open_browser(url: &str) {
    // Without one the address stands in the terminal.
    let _ = std::process::Command::new("xdg-open")
        .arg(url)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
}
