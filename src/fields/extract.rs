//! `offhook extract`: transcripts to fields, without audio. One call a line in, one call a line out.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::context::{Business, Context};
use super::extractor::Extractor;
use super::ledger::Status;
use super::turn::{Speaker, Turn, words_of_text};
use super::vertical::{Vertical, nearest};

/// Arguments of `offhook extract`.
#[derive(Debug, Clone, clap::Args)]
pub struct ExtractArgs {
    /// Calls, one JSON object a line; `-` reads standard input.
    pub file: PathBuf,
    /// Configuration whose `[verticals.NAME]` tables are used beside the built-in ones.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Also the fields after every turn.
    #[arg(long)]
    pub every_turn: bool,
    /// Also everything the recognisers saw, whoever said it and whatever it is for.
    #[arg(long)]
    pub mentions: bool,
}

/// A line of input.
#[derive(Debug, Clone, Deserialize)]
struct InputCall {
    id: String,
    vertical: String,
    started_at: jiff::Timestamp,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    caller_id: Option<String>,
    #[serde(default)]
    business: Option<InputBusiness>,
    turns: Vec<InputTurn>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct InputBusiness {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    area_code: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    tz: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct InputTurn {
    speaker: Speaker,
    text: String,
    #[serde(default)]
    t_ms: u64,
}

/// A line of output.
#[derive(Debug, Clone, Serialize)]
struct OutputCall {
    id: String,
    fields: BTreeMap<String, Json>,
    outcome: super::outcome::Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoints: Option<Vec<Json>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mentions: Option<Json>,
}

/// Why a call cannot be read.
#[derive(Debug, thiserror::Error)]
enum LineError {
    #[error("not a call: {0}")]
    Json(#[from] serde_json::Error),
    #[error("call \"{id}\": there is no vertical \"{name}\"{}; known are {known}", hint.as_ref().map_or_else(String::new, |h| format!(" (did you mean \"{h}\"?)")))]
    Vertical {
        id: String,
        name: String,
        hint: Option<String>,
        known: String,
    },
    #[error(
        "call \"{id}\": unknown time zone \"{zone}\"; give an IANA name such as America/Chicago"
    )]
    Zone { id: String, zone: String },
}

/// The verticals by name: those that ship, and the user's over them.
pub struct Verticals(BTreeMap<String, Arc<Vertical>>);

impl Verticals {
    /// Those that ship and those of a configuration text.
    ///
    /// # Errors
    /// The mistakes in the configuration.
    pub fn load(config: Option<&str>) -> Result<Verticals, Vec<super::vertical::VerticalError>> {
        let mut all: BTreeMap<String, Arc<Vertical>> = Vertical::builtin_names()
            .filter_map(|n| Vertical::builtin(n).map(|v| (n.to_owned(), v)))
            .collect();
        if let Some(text) = config {
            all.extend(Vertical::all_from_toml(text)?);
        }
        Ok(Verticals(all))
    }

    /// The vertical of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Vertical>> {
        self.0.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Runs the command: reads calls from the file or standard input, writes to `out`, errors to `err`. The exit code is 0, or 1 where a
/// line or a file could not be read.
pub fn run(args: &ExtractArgs, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let config = match &args.config {
        None => None,
        Some(path) => match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(e) => {
                let _ = writeln!(err, "cannot read {}: {e}", path.display());
                return 1;
            }
        },
    };
    let verticals = match Verticals::load(config.as_deref()) {
        Ok(v) => v,
        Err(errors) => {
            for e in errors {
                let _ = writeln!(
                    err,
                    "{}: {e}",
                    args.config
                        .as_deref()
                        .unwrap_or(std::path::Path::new("built-in verticals"))
                        .display()
                );
            }
            return 1;
        }
    };
    let input: Box<dyn BufRead> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        match std::fs::File::open(&args.file) {
            Ok(file) => Box::new(std::io::BufReader::new(file)),
            Err(e) => {
                let _ = writeln!(err, "cannot read {}: {e}", args.file.display());
                return 1;
            }
        }
    };
    lines(input, &verticals, args.every_turn, args.mentions, out, err)
}

/// All lines of a reader.
pub fn lines(
    mut input: Box<dyn BufRead>,
    verticals: &Verticals,
    every_turn: bool,
    mentions: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let mut code = 0;
    let mut number = 0usize;
    let mut raw = Vec::new();
    loop {
        raw.clear();
        number += 1;
        match input.read_until(b'\n', &mut raw) {
            Ok(0) => return code,
            Ok(_) => {}
            Err(e) => {
                let _ = writeln!(err, "line {number}: {e}");
                return 1;
            }
        }
        let text = String::from_utf8_lossy(&raw);
        let line = text.trim();
        if line.is_empty() {
            continue;
        }
        match one(line, verticals, every_turn, mentions) {
            Ok(call) => match serde_json::to_string(&call) {
                Ok(text) => {
                    if writeln!(out, "{text}").is_err() {
                        return 1;
                    }
                }
                Err(e) => {
                    let _ = writeln!(err, "line {number}: {e}");
                    code = 1;
                }
            },
            Err(e) => {
                let _ = writeln!(err, "line {number}: {e}");
                code = 1;
            }
        }
    }
}

fn one(
    line: &str,
    verticals: &Verticals,
    every_turn: bool,
    mentions: bool,
) -> Result<OutputCall, LineError> {
    let call: InputCall = serde_json::from_str(line)?;
    let vertical = verticals
        .get(&call.vertical)
        .cloned()
        .ok_or_else(|| LineError::Vertical {
            id: call.id.clone(),
            name: call.vertical.clone(),
            hint: nearest(&call.vertical, verticals.names()),
            known: verticals.names().collect::<Vec<_>>().join(", "),
        })?;
    let business = call.business.unwrap_or_default();
    let zone = call
        .timezone
        .or(business.tz)
        .unwrap_or_else(|| "UTC".to_owned());
    let timezone = jiff::tz::TimeZone::get(&zone).map_err(|_| LineError::Zone {
        id: call.id.clone(),
        zone,
    })?;
    let context = Context {
        started_at: call.started_at,
        timezone,
        caller_id: call.caller_id,
        business: Business {
            name: business.name.unwrap_or_default(),
            area_code: business.area_code,
            city: business.city,
            state: business.state,
            opens: None,
            closes: None,
        },
    };
    let mut extractor = Extractor::new(vertical, context);
    let mut checkpoints = Vec::new();
    let mut seen = Mentions::default();
    for (index, turn) in call.turns.iter().enumerate() {
        let words_ms = 300
            * turn
                .text
                .split_whitespace()
                .take(super::token::MAX_WORDS)
                .count() as u64;
        let end_ms = call.turns.get(index + 1).map_or(turn.t_ms + words_ms, |n| {
            (turn.t_ms + words_ms).min(n.t_ms.max(turn.t_ms))
        });
        let words = words_of_text(&turn.text, turn.t_ms, end_ms);
        let turn = Turn {
            speaker: turn.speaker,
            segment: index as u32,
            start_ms: turn.t_ms,
            end_ms,
            words: &words,
        };
        if mentions {
            seen.add(&extractor, &turn);
        }
        extractor.hear(&turn);
        if every_turn {
            checkpoints.push(json!({ "after_turn": index, "fields": output(&extractor) }));
        }
    }
    extractor.finish();
    Ok(OutputCall {
        id: call.id,
        fields: output(&extractor),
        outcome: extractor.outcome().code,
        checkpoints: every_turn.then_some(checkpoints),
        mentions: mentions.then(|| seen.into_json()),
    })
}

/// The fields that are there, in the command's form.
fn output(extractor: &Extractor) -> BTreeMap<String, Json> {
    let mut out = BTreeMap::new();
    for field in extractor.fields() {
        if matches!(field.status, Status::Missing | Status::NotApplicable) {
            continue;
        }
        let evidence: Vec<Json> = field
            .evidence
            .iter()
            .filter_map(|e| serde_json::to_value(e).ok())
            .collect();
        out.insert(field.name.clone(), json!({ "value": field.value, "status": field.status, "confidence": field.confidence, "evidence": evidence, "raw": field.raw }));
    }
    out
}

/// What the recognisers saw, whatever became of it.
#[derive(Debug, Default)]
struct Mentions {
    phone: Vec<String>,
    address: Vec<Json>,
    person_name: Vec<String>,
    date: Vec<String>,
    time: Vec<String>,
}

impl Mentions {
    fn add(&mut self, extractor: &Extractor, turn: &Turn<'_>) {
        let seen = extractor.mentions(turn);
        self.phone.extend(seen.phone);
        self.address.extend(
            seen.address
                .into_iter()
                .filter_map(|a| serde_json::to_value(a).ok()),
        );
        self.person_name.extend(seen.person_name);
        self.date.extend(seen.date);
        self.time.extend(seen.time);
    }

    fn into_json(self) -> Json {
        json!({ "phone": self.phone, "address": self.address, "person_name": self.person_name, "date": self.date, "time": self.time })
    }
}
