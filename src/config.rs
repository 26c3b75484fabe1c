//! `offhook.toml` becomes one validated tree; unknown keys and bad values are errors with line and hint.
//!
//! Owns what a user may set. Each table is the settings type of the folder it belongs to; this file adds who owns which number and ties
//! the verticals to their calls.

mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use error::ConfigError;

use crate::call::{Limits, Opening, Ownership, Rules, Sensitive};
use crate::desk::access;
use crate::fields::{Business, Context, Vertical};
use crate::media::signature::{PublicUrl, Verifier};
use crate::record::triage::ReviewSettings;
use crate::telemetry::LogFormat;
use crate::{delivery, media, speech, store};

/// Everything the engine can be told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Version of this file's form; 1 is the only one so far.
    pub schema_version: u32,
    /// Listener and limits of the process.
    pub server: Server,
    /// The telephone provider.
    pub media: media::Settings,
    /// The recogniser.
    pub speech: speech::Settings,
    /// Journal and database.
    pub store: store::Settings,
    /// How long a call may wait for what.
    pub limits: Limits,
    /// What holds where a location says nothing else.
    pub defaults: Defaults,
    /// How things leave.
    pub delivery: delivery::Settings,
    /// The only places data may go to.
    pub destinations: Vec<delivery::Destination>,
    /// How people and programs get in.
    pub access: access::Settings,
    /// How records are handed to people.
    pub review: ReviewSettings,
    /// What is masked, and how long what is kept.
    pub privacy: Privacy,
    /// How callers are asked before they are recorded.
    pub consent: media::ConsentSettings,
    /// Latency budgets.
    pub latency_budget_ms: Budgets,
    /// Who the locations belong to.
    pub clients: Vec<Client>,
    /// Where calls come in.
    pub locations: Vec<Location>,
    /// Business kinds declared here, beside the four that are built in; one of the same name replaces the built-in one.
    pub verticals: BTreeMap<String, toml::Table>,
    /// SHA-256 of the file the tree was read from; of nothing where there was none.
    #[serde(skip)]
    pub version: String,
    #[serde(skip)]
    compiled: Compiled,
}

/// What validation makes of the text, so that nothing needs to be parsed, or can fail, later.
#[derive(Debug, Clone, Default)]
struct Compiled {
    verticals: BTreeMap<String, Arc<Vertical>>,
    public_url: Option<PublicUrl>,
    verifier: Option<Verifier>,
    delivery: Arc<delivery::Rules>,
}

/// Listener and limits of the process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: String,
    /// Calls at once; the next one is refused with 503.
    pub max_calls: usize,
    /// How long calls may go on after SIGTERM, seconds.
    pub drain_s: u64,
    /// How log lines look.
    pub log_format: LogFormat,
}

impl Default for Server {
    fn default() -> Self {
        Server {
            listen: "127.0.0.1:8080".to_owned(),
            max_calls: 500,
            drain_s: 30,
            log_format: LogFormat::Text,
        }
    }
}

/// What holds where a location says nothing else.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Defaults {
    /// IANA zone in which "tomorrow at nine" is understood.
    pub timezone: String,
    /// Country of numbers without `+`, ISO 3166-1.
    pub country: String,
    /// Language spoken, BCP 47.
    pub language: String,
    /// The vertical of numbers that belong to no location.
    pub vertical: String,
    /// The business's name, as callers know it.
    pub business_name: Option<String>,
    /// Area code put before seven-digit numbers.
    pub area_code: Option<String>,
    /// City taken for addresses that name none.
    pub city: Option<String>,
    /// State of that city, two letters.
    pub state: Option<String>,
}

impl Default for Defaults {
    fn default() -> Self {
        Defaults {
            timezone: "America/Chicago".to_owned(),
            country: "US".to_owned(),
            language: "en-US".to_owned(),
            vertical: "home_services".to_owned(),
            business_name: None,
            area_code: None,
            city: None,
            state: None,
        }
    }
}

/// What is masked, and how long what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// What is masked in texts before they are stored, and silenced where the call is played.
    pub redact: Vec<Sensitive>,
    /// What the recording pauses for by itself while it is spoken, on both tracks, until half a minute after the last word of it. For what
    /// is only in `redact`, the agent is told that it should pause.
    pub pause_recording_on: Vec<Sensitive>,
    /// Whether those who may see it can ask for the transcript as it was heard, without masks. It is made of the journal then.
    pub raw_transcript: bool,
    /// Months until the audio is deleted, also from the journal.
    pub recording_retention_months: u32,
    /// Months until the transcript and its place in the search are deleted. The words stay in the journal until that goes.
    pub transcript_retention_months: u32,
    /// Months until the journal is deleted. The record stays: it is the business's own.
    pub journal_retention_months: u32,
}

impl Default for Privacy {
    fn default() -> Self {
        Privacy {
            redact: vec![Sensitive::CardNumber, Sensitive::CardCvv, Sensitive::UsSsn],
            pause_recording_on: Vec::new(),
            raw_transcript: false,
            recording_retention_months: 6,
            transcript_retention_months: 12,
            journal_retention_months: 24,
        }
    }
}

/// Latency budgets by stage. A broken one is counted and shown.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budgets {
    /// Message text to samples in the ring, p99.
    pub frame: f64,
    /// Word end to first text, p95.
    pub stt_partial: f64,
    /// Utterance end to final text, p95, endpoint wait included.
    pub stt_final: f64,
    /// Final text to fields on the feed, p99.
    pub fields: f64,
    /// Hangup to draft readable, p95.
    pub draft: f64,
}

impl Default for Budgets {
    fn default() -> Self {
        Budgets {
            frame: 0.01,
            stt_partial: 800.0,
            stt_final: 1200.0,
            fields: 50.0,
            draft: 1000.0,
        }
    }
}

/// Whose locations they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Short name in records.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
}

/// Where calls come in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Short name in records.
    pub id: String,
    /// The client it belongs to.
    #[serde(default)]
    pub client: Option<String>,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// IANA zone; the default's where absent.
    #[serde(default)]
    pub timezone: Option<String>,
    /// Dialled numbers that ring here, E.164. A number belongs to one location.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Departments; the first receives new calls.
    #[serde(default)]
    pub departments: Vec<String>,
    /// The vertical; the default's where absent.
    #[serde(default)]
    pub vertical: Option<String>,
    /// Area code put before seven-digit numbers; else that of the location's first number.
    #[serde(default)]
    pub area_code: Option<String>,
    /// City taken for addresses that name none.
    #[serde(default)]
    pub city: Option<String>,
    /// State of that city, two letters.
    #[serde(default)]
    pub state: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        let mut config = Config {
            schema_version: 1,
            server: Server::default(),
            media: Default::default(),
            speech: Default::default(),
            store: Default::default(),
            limits: Limits::default(),
            defaults: Defaults::default(),
            delivery: Default::default(),
            destinations: Vec::new(),
            access: access::Settings::default(),
            review: ReviewSettings::default(),
            privacy: Privacy::default(),
            consent: Default::default(),
            latency_budget_ms: Budgets::default(),
            clients: Vec::new(),
            locations: Vec::new(),
            verticals: BTreeMap::new(),
            version: String::new(),
            compiled: Compiled::default(),
        };
        config.version = version_of("");
        config.compiled.verticals = builtin_verticals();
        // The shipped verticals name no destination that must exist, so nothing can be wrong.
        config.compiled.delivery = Arc::new(config.delivery_rules().unwrap_or_default());
        config
    }
}

fn version_of(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!(
        "sha256:{}",
        digest
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect::<String>()
    )
}

fn builtin_verticals() -> BTreeMap<String, Arc<Vertical>> {
    Vertical::builtin_names()
        .filter_map(|name| Vertical::builtin(name).map(|v| (name.to_owned(), v)))
        .collect()
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// When it cannot be read, or says something that cannot be.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            file: file.clone(),
            source,
        })?;
        Config::parse(&text, &file)
    }

    /// Checks the text of a file; `file` is its name for messages.
    ///
    /// # Errors
    /// When it says something that cannot be: every mistake of meaning at once, or the first one of form.
    pub fn parse(text: &str, file: &str) -> Result<Config, ConfigError> {
        let mut config: Config =
            toml::from_str(text).map_err(|e| ConfigError::form(file, text, &e))?;
        config.version = version_of(text);
        let problems = config.compile(text);
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError::Meaning {
                file: file.to_owned(),
                problems,
            })
        }
    }

    /// Checks what types cannot, and prepares what the engine needs. Returns every problem found.
    fn compile(&mut self, text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        if self.schema_version != 1 {
            problems.push(format!(
                "schema_version = {}: this engine reads version 1",
                self.schema_version
            ));
        }
        problems.extend(self.speech.validate().err());
        problems.extend(self.store.validate().err());
        problems.extend(self.media.validate().err().map(|e| e.to_string()));
        problems.extend(self.consent.validate().err().map(|e| e.to_string()));
        self.compiled.public_url = self
            .media
            .public_url
            .as_deref()
            .and_then(|url| PublicUrl::parse(url).ok());
        self.compiled.verifier = self
            .media
            .auth_token
            .clone()
            .zip(self.compiled.public_url.clone())
            .map(|(token, url)| Verifier::new(token, url));
        self.compiled.verticals = builtin_verticals();
        match Vertical::all_from_toml(text) {
            Ok(own) => self.compiled.verticals.extend(own),
            Err(errors) => problems.extend(errors.iter().map(ToString::to_string)),
        }
        let known = self
            .compiled
            .verticals
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>();
        let vertical = |key: &str, name: &str| {
            (!known.contains(&name)).then(|| {
                format!(
                    "{key} = \"{name}\": no such vertical{}; there are {}",
                    error::did_you_mean(name, &known),
                    known.join(", ")
                )
            })
        };
        let zone = |key: &str, name: &str| {
            TimeZone::get(name).is_err().then(|| {
                format!("{key} = \"{name}\": no such time zone; write one like \"America/Chicago\"")
            })
        };
        problems.extend(vertical("defaults.vertical", &self.defaults.vertical));
        problems.extend(zone("defaults.timezone", &self.defaults.timezone));
        let clients: Vec<&str> = self.clients.iter().map(|c| c.id.as_str()).collect();
        let mut numbers = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for location in &self.locations {
            let key = |field: &str| format!("locations.{}.{field}", location.id);
            if !ids.insert(&location.id) {
                problems.push(format!("locations.{}: this id stands twice", location.id));
            }
            if let Some(client) = location.client.as_deref().filter(|c| !clients.contains(c)) {
                problems.push(format!(
                    "{} = \"{client}\": no such client{}",
                    key("client"),
                    error::did_you_mean(client, &clients)
                ));
            }
            problems.extend(
                location
                    .vertical
                    .as_deref()
                    .and_then(|v| vertical(&key("vertical"), v)),
            );
            problems.extend(
                location
                    .timezone
                    .as_deref()
                    .and_then(|z| zone(&key("timezone"), z)),
            );
            for number in &location.numbers {
                if !number.starts_with('+') || !number[1..].bytes().all(|b| b.is_ascii_digit()) {
                    problems.push(format!(
                        "{}: \"{number}\" is no E.164 number; write it like \"+15125550100\"",
                        key("numbers")
                    ));
                }
                if let Some(other) = numbers.insert(number, &location.id) {
                    problems.push(format!(
                        "{}: \"{number}\" belongs to {other} already; a number has one location",
                        key("numbers")
                    ));
                }
            }
        }
        match self.delivery_rules() {
            Ok(rules) => self.compiled.delivery = Arc::new(rules),
            Err(found) => problems.extend(found),
        }
        if self.review.sample_percent > 100 {
            problems.push(format!(
                "review.sample_percent = {}: a share of a hundred, 0 to 100",
                self.review.sample_percent
            ));
        }
        if self.server.max_calls == 0 {
            problems.push("server.max_calls = 0: no call could be taken".to_owned());
        }
        problems
    }

    /// The vertical and location of a call to `to`; a vertical that the stream names itself wins where it exists.
    pub fn assign(&self, to: Option<&str>, wanted: Option<&str>) -> (String, Option<String>) {
        let location = to.and_then(|to| {
            self.locations
                .iter()
                .find(|l| l.numbers.iter().any(|n| n == to))
        });
        let vertical = wanted
            .filter(|v| self.compiled.verticals.contains_key(*v))
            .or(location.and_then(|l| l.vertical.as_deref()))
            .unwrap_or(&self.defaults.vertical);
        (vertical.to_owned(), location.map(|l| l.id.clone()))
    }

    /// The rules for a call that was opened under these facts.
    ///
    /// # Errors
    /// When the configuration has no such vertical.
    pub fn rules(&self, opening: &Opening) -> Result<Arc<Rules>, String> {
        let vertical = self
            .compiled
            .verticals
            .get(&opening.vertical)
            .cloned()
            .ok_or_else(|| format!("the vertical \"{}\" is not configured; give the configuration the call ran under", opening.vertical))?;
        let location = opening
            .location
            .as_deref()
            .and_then(|id| self.locations.iter().find(|l| l.id == id));
        let own = |of: fn(&Location) -> Option<String>, default: &Option<String>| {
            location.and_then(of).or_else(|| default.clone())
        };
        let zone = location
            .and_then(|l| l.timezone.as_deref())
            .unwrap_or(&self.defaults.timezone);
        let business = Business {
            name: location
                .map(|l| l.name.clone())
                .filter(|n| !n.is_empty())
                .or_else(|| self.defaults.business_name.clone())
                .unwrap_or_default(),
            area_code: own(area_code, &self.defaults.area_code),
            city: own(|l| l.city.clone(), &self.defaults.city),
            state: own(|l| l.state.clone(), &self.defaults.state),
            opens: None,
            closes: None,
        };
        let synced_to = self
            .compiled
            .delivery
            .synced_to(&vertical, opening.location.as_deref());
        Ok(Arc::new(Rules {
            vertical,
            synced_to,
            context: Context {
                // The call fills in when it began.
                started_at: Timestamp::UNIX_EPOCH,
                // Checked at load.
                timezone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
                caller_id: None,
                business,
            },
            ownership: Ownership {
                client_id: location.and_then(|l| l.client.clone()),
                location_id: opening.location.clone(),
                department_id: location.and_then(|l| l.departments.first().cloned()),
            },
            other_cities: self.other_cities(opening.location.as_deref()),
            redact: self.privacy.redact.clone(),
            pause_recording_on: self.privacy.pause_recording_on.clone(),
            limits: self.limits,
            review: self.review,
        }))
    }

    fn delivery_rules(&self) -> Result<delivery::Rules, Vec<String>> {
        let own = self.verticals.keys().cloned().collect();
        let locations = self
            .locations
            .iter()
            .map(|l| (l.id.clone(), l.name.clone()))
            .collect();
        let around = delivery::rules::Surroundings {
            verticals: &self.compiled.verticals,
            own_verticals: &own,
            locations: &locations,
            business: self.defaults.business_name.as_deref(),
            base_url: self.media.public_url.as_deref(),
        };
        delivery::Rules::compile(&self.delivery, &self.destinations, around)
    }

    /// Who hears of what, and how.
    pub fn delivery(&self) -> &Arc<delivery::Rules> {
        &self.compiled.delivery
    }

    /// Cities, lower case, of the locations other than this one, and which location serves each.
    fn other_cities(&self, own: Option<&str>) -> BTreeMap<String, String> {
        self.locations
            .iter()
            .filter(|l| Some(l.id.as_str()) != own)
            .filter_map(|l| Some((l.city.as_ref()?.to_lowercase(), l.id.clone())))
            .collect()
    }

    /// All verticals by name.
    pub fn verticals(&self) -> &BTreeMap<String, Arc<Vertical>> {
        &self.compiled.verticals
    }

    /// The address under which the provider reaches us.
    pub fn public_url(&self) -> Option<&PublicUrl> {
        self.compiled.public_url.as_ref()
    }

    /// Checks provider signatures; `None` without an auth token.
    pub fn verifier(&self) -> Option<&Verifier> {
        self.compiled.verifier.as_ref()
    }

    /// Puts a data directory given on the command line in place of the file's.
    pub fn set_data_dir(&mut self, dir: PathBuf) {
        self.store.data_dir = dir;
    }
}

/// The area code put before seven-digit numbers: the location's own, else that of its first North American number.
fn area_code(location: &Location) -> Option<String> {
    location.area_code.clone().or_else(|| {
        location
            .numbers
            .iter()
            .find_map(|n| n.strip_prefix("+1")?.get(..3).map(str::to_owned))
    })
}

#[cfg(test)]
mod tests;
