//! `/settings`: what this server runs under, and, for admins, who gets in.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::page;
use super::shell::Shell;
use crate::desk::access::{ApiScope, Permission, Principal, Role};
use crate::fields::vertical::{FieldSpec, Importance, Policy};
use crate::models::shelf;
use crate::server::Edge;

/// A line of facts.
struct Fact {
    name: &'static str,
    value: String,
}

struct Location {
    id: String,
    name: String,
    numbers: String,
    vertical: String,
    departments: String,
    timezone: String,
}

struct VerticalRow {
    name: String,
    title: String,
    /// Labels of the fields that cost most if wrong.
    critical: String,
    fields: Vec<FieldRow>,
}

/// A field as its vertical declares it, in words.
struct FieldRow {
    label: String,
    name: String,
    kind: String,
    required: bool,
    importance: String,
    confirm: String,
    policy: String,
    sensitive: bool,
}

impl FieldRow {
    fn new(spec: &FieldSpec) -> FieldRow {
        FieldRow {
            label: spec.label.clone(),
            name: spec.name.clone(),
            kind: plain(spec.ty),
            required: spec.required,
            importance: plain(spec.importance),
            confirm: plain(spec.confirm),
            policy: match spec.policy {
                Policy::Sync => format!("by itself, from {}", spec.min_confidence),
                Policy::Approve => "once approved".to_owned(),
                Policy::Draft => "never".to_owned(),
            },
            sensitive: spec.sensitive,
        }
    }
}

/// A word of the configuration without its underscores.
fn plain(word: impl Serialize) -> String {
    let word = serde_json::to_value(word).unwrap_or_default();
    word.as_str().unwrap_or_default().replace('_', " ")
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings {
    shell: Shell,
    administers: bool,
    ready: bool,
    state: String,
    facts: Vec<Fact>,
    locations: Vec<Location>,
    verticals: Vec<VerticalRow>,
    roles: Vec<&'static str>,
    scopes: Vec<String>,
    config_version: String,
}

fn fact(name: &'static str, value: impl Into<String>) -> Fact {
    Fact {
        name,
        value: value.into(),
    }
}

fn facts(edge: &Edge) -> Vec<Fact> {
    let config = &edge.config;
    let speech = &config.speech;
    let model = speech
        .model
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let budgets = &config.latency_budget_ms;
    let privacy = &config.privacy;
    let masked: Vec<String> = privacy.redact.iter().map(plain).collect();
    let models: Vec<String> = shelf::present(&shelf::folders())
        .iter()
        .filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    vec![
        fact(
            "Speech",
            if edge.speech.is_some() {
                format!("on, model {model}")
            } else {
                "off: calls are kept without a transcript".to_owned()
            },
        ),
        fact(
            "Models on this machine",
            if models.is_empty() {
                "none".to_owned()
            } else {
                models.join(", ")
            },
        ),
        fact("Language", speech.language.clone()),
        fact(
            "Calls at once, at most",
            config.server.max_calls.to_string(),
        ),
        fact("Calls going on", edge.registry.len().to_string()),
        fact(
            "Requests of the telephone provider",
            if config.media.auth_token.is_some() {
                "signed, checked"
            } else {
                "only from this machine: no auth token is configured"
            },
        ),
        fact(
            "Database",
            if config.store.database.is_some() {
                "PostgreSQL"
            } else {
                "SQLite, in the data folder"
            },
        ),
        fact(
            "A draft is overdue after",
            format!("{} min", config.review.due_min),
        ),
        fact(
            "Of records that need nobody, shown all the same",
            format!("{} %", config.review.sample_percent),
        ),
        fact(
            "Latency budgets",
            format!(
                "first text {} ms, final text {} ms, fields {} ms, draft {} ms",
                budgets.stt_partial, budgets.stt_final, budgets.fields, budgets.draft
            ),
        ),
        fact(
            "Kept",
            format!(
                "recordings {} months, transcripts {} months, journals {} months; records stay",
                privacy.recording_retention_months,
                privacy.transcript_retention_months,
                privacy.journal_retention_months
            ),
        ),
        fact(
            "Masked in transcripts, silenced in recordings",
            if masked.is_empty() {
                "nothing".to_owned()
            } else {
                masked.join(", ")
            },
        ),
        fact("Version", env!("CARGO_PKG_VERSION")),
    ]
}

/// `GET /settings`.
pub(super) async fn show(State(edge): State<Arc<Edge>>, principal: Principal) -> Response {
    let config = &edge.config;
    let (ready, state) = match edge.check() {
        Ok(()) => (true, "A new call would be taken now.".to_owned()),
        Err(busy) => (false, format!("No new call would be taken: {busy}")),
    };
    let locations = config
        .locations
        .iter()
        .filter(|l| principal.sight.sees(Some(&l.id)))
        .map(|l| Location {
            id: l.id.clone(),
            name: if l.name.is_empty() {
                l.id.clone()
            } else {
                l.name.clone()
            },
            numbers: l.numbers.join(", "),
            vertical: l
                .vertical
                .clone()
                .unwrap_or_else(|| config.defaults.vertical.clone()),
            departments: l.departments.join(", "),
            timezone: l
                .timezone
                .clone()
                .unwrap_or_else(|| config.defaults.timezone.clone()),
        })
        .collect();
    let verticals = config
        .verticals()
        .iter()
        .map(|(name, vertical)| VerticalRow {
            name: name.clone(),
            title: vertical.title.clone(),
            fields: vertical.fields.iter().map(FieldRow::new).collect(),
            critical: vertical
                .fields
                .iter()
                .filter(|f| f.importance == Importance::Critical)
                .map(|f| f.label.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
        .collect();
    let template = Settings {
        shell: Shell::new(&principal, "/settings"),
        administers: principal.may(Permission::Administer),
        ready,
        state,
        facts: facts(&edge),
        locations,
        verticals,
        roles: Role::ALL.iter().map(|r| r.as_str()).collect(),
        scopes: ApiScope::ALL
            .iter()
            .filter_map(|s| serde_json::to_value(s).ok()?.as_str().map(str::to_owned))
            .collect(),
        config_version: config.version.clone(),
    };
    page(StatusCode::OK, &template)
}
