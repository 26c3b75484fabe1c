//! What of an event one destination may see. Everything that leaves is made of this and of nothing else.
//!
//! A field leaves when the destination is allowed it, the policy lets it go at this moment, and nobody keeps it back. What is withheld is
//! marked as withheld; words that give a withheld value away are taken out of the texts around it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::event::{Event, EventType};
use super::settings::Destination;

/// Shortest text that is looked for in other texts, bytes: a shorter one stands in too many words by chance.
const SHORTEST: usize = 3;
/// What stands where words were taken out.
const MASK: &str = "[withheld]";

/// What a destination sees of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The event's data with what is withheld taken out.
    pub data: Value,
    /// Names of the fields whose values are in it.
    pub fields_sent: Vec<String>,
}

/// Why a field is withheld; in the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Withheld {
    NotAllowed,
    Sensitive,
    Draft,
    AwaitsApproval,
    Rejected,
}

impl Withheld {
    fn reason(self, destination: &str) -> String {
        match self {
            Withheld::NotAllowed => format!("{destination} is not allowed this field"),
            Withheld::Sensitive => format!(
                "sensitive field: {destination} allows \"*\", which never includes sensitive fields"
            ),
            Withheld::Draft => "stays in the draft".to_owned(),
            Withheld::AwaitsApproval => "waits for a person's approval".to_owned(),
            Withheld::Rejected => "was not approved".to_owned(),
        }
    }
}

/// What `destination` may see of `event`. `is_sensitive` says of a field's name whether it must be named to be seen.
pub fn of(event: &Event, destination: &Destination, is_sensitive: impl Fn(&str) -> bool) -> View {
    let mut data = event.data.clone();
    let mut fields_sent = Vec::new();
    let mut secrets = Secrets::default();
    if let Some(fields) = data.get_mut("fields").and_then(Value::as_object_mut) {
        for (name, field) in fields.iter_mut() {
            let sensitive = is_sensitive(name) || field["sensitive"] == true;
            match withheld(event.kind, name, field, destination, sensitive) {
                Some(why) => {
                    secrets.learn(field);
                    *field = mask(field, &why.reason(&destination.id));
                }
                None => {
                    keep_own_sync(field, &destination.id);
                    if !field["value"].is_null() {
                        fields_sent.push(name.clone());
                    }
                }
            }
        }
    }
    // The value before a correction is the same field's.
    let previous = data["previous"]["field"].as_str().map(str::to_owned);
    if let Some(name) = previous
        && !fields_sent.contains(&name)
        && let Some(previous) = data["previous"].as_object_mut()
    {
        previous.insert("value".to_owned(), Value::Null);
    }
    if !destination
        .allow_fields
        .iter()
        .any(|a| a == "*" || a == "contact_data")
        && data["caller"].is_object()
    {
        secrets.text(&data["caller"]["contact_name"]);
        data["caller"]["contact_data"] = json!({});
        data["caller"]["contact_name"] = Value::Null;
        data["caller"]["external_ids"] = json!({});
    }
    if event.kind != EventType::RecordApproved {
        // Made of all fields, so approved with them.
        if data["confirmation"].is_object() || data["confirmation"].is_string() {
            data["confirmation"] = Value::Null;
        }
    }
    if !secrets.is_empty() {
        if let Some(summary) = data.get_mut("summary") {
            drop_sentences(summary, &secrets);
        }
        if let Some(object) = data.as_object_mut() {
            for (key, value) in object.iter_mut() {
                if !matches!(
                    key.as_str(),
                    "fields" | "id" | "call_id" | "record_id" | "links" | "vertical" | "ownership"
                ) {
                    secrets.scrub(value);
                }
            }
        }
    }
    View { data, fields_sent }
}

fn withheld(
    kind: EventType,
    name: &str,
    field: &Value,
    destination: &Destination,
    sensitive: bool,
) -> Option<Withheld> {
    if !destination.may_see(name, sensitive) {
        let wildcard = sensitive && destination.may_see(name, false);
        return Some(if wildcard {
            Withheld::Sensitive
        } else {
            Withheld::NotAllowed
        });
    }
    let applied = field["policy"]["applied"].as_str();
    let declared = field["policy"]["declared"].as_str();
    if applied == Some("draft") && !(field["status"] == "conflicting" && declared == Some("sync")) {
        return Some(Withheld::Draft);
    }
    if field["review"]["state"] == "rejected" {
        return Some(Withheld::Rejected);
    }
    let may_go = match kind {
        // A person has released it.
        EventType::RecordApproved | EventType::FieldSynced | EventType::FieldCorrected => {
            applied != Some("draft")
        }
        // It cannot wait for a person: what was declared to leave by itself goes even where it is doubtful, with its status beside it.
        EventType::EscalationRaised => declared == Some("sync"),
        _ => applied == Some("sync"),
    };
    (!may_go).then_some(Withheld::AwaitsApproval)
}

/// A field without anything of its value.
fn mask(field: &Value, reason: &str) -> Value {
    json!({
        "value": null,
        "type": field["type"],
        "label": field["label"],
        "status": "withheld_from_destination",
        "needs_review": false,
        "policy": { "declared": field["policy"]["declared"], "applied": field["policy"]["applied"], "reason": reason },
        "evidence": [],
        "history": [],
    })
}

/// What other destinations were told is none of this one's business.
fn keep_own_sync(field: &mut Value, destination: &str) {
    if let Some(sync) = field.get_mut("sync").and_then(Value::as_object_mut) {
        sync.retain(|id, _| id == destination);
    }
}

/// Texts that give withheld values away, and where they were said.
#[derive(Debug, Default)]
struct Secrets {
    texts: BTreeSet<String>,
    /// Turn, first and last word of evidence.
    spoken: Vec<(u64, u64, u64)>,
}

impl Secrets {
    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.spoken.is_empty()
    }

    fn text(&mut self, value: &Value) {
        if let Some(text) = value.as_str() {
            let text = text.trim().to_lowercase();
            // The mask itself must not be taken for a secret: it would be replaced for ever.
            if text.len() >= SHORTEST && !MASK.contains(&text) {
                self.texts.insert(text);
            }
        }
    }

    /// Every text in a value: the parts of an address, the items of a list.
    fn texts_in(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|v| self.texts_in(v)),
            Value::Object(parts) => parts.values().for_each(|v| self.texts_in(v)),
            other => self.text(other),
        }
    }

    fn learn(&mut self, field: &Value) {
        self.texts_in(&field["value"]);
        for key in ["display", "raw"] {
            self.text(&field[key]);
        }
        for past in field["history"].as_array().into_iter().flatten() {
            self.texts_in(&past["value"]);
            self.text(&past["raw"]);
        }
        for key in ["rival", "suggestion"] {
            self.texts_in(&field[key]);
        }
        for evidence in field["evidence"].as_array().into_iter().flatten() {
            if evidence["role"] != "confirms" {
                self.text(&evidence["text"]);
            }
            if let (Some(turn), Some(from), Some(to)) = (
                evidence["turn"].as_u64(),
                evidence["word_from"].as_u64(),
                evidence["word_to"].as_u64(),
            ) {
                self.spoken.push((turn, from, to));
            }
        }
    }

    /// Whether words of a withheld value lie in this evidence.
    fn heard_in(&self, evidence: &Value) -> bool {
        let at = |key: &str| evidence[key].as_u64();
        let (Some(turn), Some(from), Some(to)) = (at("turn"), at("word_from"), at("word_to"))
        else {
            return false;
        };
        self.spoken
            .iter()
            .any(|(t, f, e)| *t == turn && *f < to && from < *e)
    }

    fn scrub(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|v| self.scrub(v)),
            Value::Object(parts) => {
                if self.heard_in(&Value::Object(parts.clone())) && parts.contains_key("text") {
                    parts.insert("text".to_owned(), Value::from(MASK));
                }
                parts.values_mut().for_each(|v| self.scrub(v));
            }
            Value::String(text) => {
                if let Some(clean) = self.without(text) {
                    *text = clean;
                }
            }
            _ => {}
        }
    }

    /// The text with withheld words taken out; `None` when there are none in it.
    fn without(&self, text: &str) -> Option<String> {
        let mut clean: Option<String> = None;
        // Longest first: a whole address before its street.
        let mut texts: Vec<&String> = self.texts.iter().collect();
        texts.sort_by_key(|t| std::cmp::Reverse(t.len()));
        for secret in texts {
            while let Some((begin, end)) = find_words(clean.as_deref().unwrap_or(text), secret) {
                let mut shorter = clean.take().unwrap_or_else(|| text.to_owned());
                shorter.replace_range(begin..end, MASK);
                clean = Some(shorter);
            }
        }
        clean
    }
}

/// Where `needle` (lower case) stands in `text` as whole words, whatever its case.
fn find_words(text: &str, needle: &str) -> Option<(usize, usize)> {
    let lower: String = text.to_lowercase();
    if lower.len() != text.len() {
        // Lower case moved the letters: better too much taken out than too little.
        return (lower.contains(needle) && text != MASK).then_some((0, text.len()));
    }
    let word = |c: char| c.is_alphanumeric();
    lower.match_indices(needle).find_map(|(begin, found)| {
        let end = begin + found.len();
        let apart = !lower[..begin].ends_with(word) && !lower[end..].starts_with(word);
        (apart && text.is_char_boundary(begin) && text.is_char_boundary(end))
            .then_some((begin, end))
    })
}

/// Leaves only those sentences that rest on nothing withheld.
fn drop_sentences(summary: &mut Value, secrets: &Secrets) {
    let Some(Value::Array(sentences)) = summary.get_mut("sentences") else {
        return;
    };
    sentences.retain(|sentence| {
        !sentence["evidence"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|e| secrets.heard_in(e))
    });
    let text: Vec<&str> = sentences
        .iter()
        .filter_map(|s| s["text"].as_str())
        .collect();
    let text = text.join(" ");
    if let Some(object) = summary.as_object_mut() {
        // Sections are made of the same words, but nobody knows of which.
        object.retain(|key, _| key != "sections");
        object.insert("text".to_owned(), Value::String(text));
    }
}

/// The names of fields in a view, with their JSON.
pub fn fields(data: &Value) -> Option<&Map<String, Value>> {
    data["fields"].as_object()
}

#[cfg(test)]
mod tests;
