//! The user's settings for delivery, checked as a whole: whoever holds [`Rules`] holds only destinations that exist, templates that may
//! name what they name, and secrets that sign.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use reqwest::Url;

use super::address;
use super::settings::{
    Action, Channel, Destination, MAX_ACTIONS, Settings, TranscriptMode, field_of,
};
use super::signature::SigningKey;
use super::template::Template;
use crate::fields::Vertical;
use crate::fields::vertical::nearest;

/// Names that `allow_fields` may hold beside those of fields.
const NOT_FIELDS: [&str; 2] = ["*", "contact_data"];

/// The rules in force.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// How things leave.
    pub settings: Settings,
    destinations: BTreeMap<String, Arc<Receiver>>,
    actions: BTreeMap<String, Vec<Arc<Deed>>>,
    /// By vertical and escalation: whom to tell.
    notify: BTreeMap<(String, String), Vec<String>>,
    /// Vertical and field.
    sensitive: BTreeSet<(String, String)>,
    /// Names of locations by id.
    locations: BTreeMap<String, String>,
    business: Option<String>,
    base_url: Option<String>,
}

/// A destination, ready for use.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// As declared.
    pub destination: Destination,
    /// The configured signing key of a webhook.
    pub key: Option<SigningKey>,
    /// Its texts.
    pub texts: Texts,
}

/// An action, ready for use.
#[derive(Debug, Clone)]
pub struct Deed {
    /// As declared.
    pub action: Action,
    /// Its texts.
    pub texts: Texts,
}

/// Texts that a user wrote.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// The plain text.
    pub text: Option<Template>,
    /// The subject of a mail.
    pub subject: Option<Template>,
    /// The HTML part of a mail.
    pub html: Option<Template>,
}

/// What the rest of the configuration says that the rules have to fit.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Every vertical.
    pub verticals: &'a BTreeMap<String, Arc<Vertical>>,
    /// The verticals that this file declares: what they name must exist. Those that ship name destinations that a user may have.
    pub own_verticals: &'a BTreeSet<String>,
    /// Every location's id and name.
    pub locations: &'a BTreeMap<String, String>,
    /// The business's name, for calls of no location.
    pub business: Option<&'a str>,
    /// Where pages are reached, where `delivery.base_url` does not say.
    pub base_url: Option<&'a str>,
}

impl Rules {
    /// Checks the settings and makes rules of them.
    ///
    /// # Errors
    /// Every mistake, as a sentence that says where it is.
    pub fn compile(
        settings: &Settings,
        destinations: &[Destination],
        around: Surroundings<'_>,
    ) -> Result<Rules, Vec<String>> {
        let mut rules = Rules {
            settings: settings.clone(),
            locations: around.locations.clone(),
            business: around.business.map(str::to_owned),
            base_url: settings
                .base_url
                .clone()
                .or_else(|| around.base_url.map(str::to_owned)),
            ..Rules::default()
        };
        let mut problems = settings.problems();
        for (name, vertical) in around.verticals {
            for field in vertical.fields.iter().filter(|f| f.sensitive) {
                rules.sensitive.insert((name.clone(), field.name.clone()));
            }
        }
        let ids: Vec<&str> = destinations.iter().map(|d| d.id.as_str()).collect();
        for destination in destinations {
            if rules.destinations.contains_key(&destination.id) {
                problems.push(format!(
                    "destinations.{}: this id stands twice",
                    destination.id
                ));
                continue;
            }
            let receiver = receiver(destination, settings, around, &mut problems);
            rules
                .destinations
                .insert(destination.id.clone(), Arc::new(receiver));
        }
        for (name, vertical) in around.verticals {
            let deeds = deeds(name, vertical, &rules, &ids, &mut problems);
            rules.actions.insert(name.clone(), deeds);
            for escalation in &vertical.escalations {
                let known = escalation
                    .notify
                    .iter()
                    .filter(|d| ids.contains(&d.as_str()));
                rules.notify.insert(
                    (name.clone(), escalation.id.clone()),
                    known.cloned().collect(),
                );
                let ships =
                    Vertical::builtin(name).is_some_and(|v| v.escalations.contains(escalation));
                if ships || !around.own_verticals.contains(name) || ids.is_empty() {
                    continue;
                }
                for unknown in escalation
                    .notify
                    .iter()
                    .filter(|d| !ids.contains(&d.as_str()))
                {
                    problems.push(format!(
                        "verticals.{name}.escalations.{}.notify: {}",
                        escalation.id,
                        no_destination(unknown, &ids)
                    ));
                }
            }
        }
        if problems.is_empty() {
            Ok(rules)
        } else {
            Err(problems)
        }
    }

    /// A destination.
    pub fn receiver(&self, id: &str) -> Option<&Arc<Receiver>> {
        self.destinations.get(id)
    }

    /// Every destination, by id.
    pub fn receivers(&self) -> impl Iterator<Item = &Arc<Receiver>> {
        self.destinations.values()
    }

    /// The actions of a vertical.
    pub fn deeds(&self, vertical: &str) -> &[Arc<Deed>] {
        self.actions.get(vertical).map_or(&[], Vec::as_slice)
    }

    /// What a place is called: the location, or the business.
    pub fn place(&self, location_id: Option<&str>) -> Option<&str> {
        location_id
            .and_then(|id| self.locations.get(id))
            .filter(|name| !name.is_empty())
            .or(self.business.as_ref())
            .map(String::as_str)
    }

    /// Put before the paths of links, where anybody knows it.
    pub fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    /// Whom a vertical's escalation names.
    pub fn told_of(&self, vertical: &str, escalation: &str) -> &[String] {
        self.notify
            .get(&(vertical.to_owned(), escalation.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether a field must be named to be seen.
    pub fn is_sensitive(&self, vertical: &str, field: &str) -> bool {
        self.sensitive
            .contains(&(vertical.to_owned(), field.to_owned()))
    }

    /// For each field of a vertical, the destinations that hear of it during the call.
    pub fn synced_to(
        &self,
        vertical: &Vertical,
        location_id: Option<&str>,
    ) -> BTreeMap<String, Vec<String>> {
        let hear: Vec<&Destination> = self
            .destinations
            .values()
            .map(|r| &r.destination)
            .filter(|d| d.serves(location_id))
            .filter(|d| {
                d.hears_of(super::EventType::FieldSynced)
                    || self.deeds(&vertical.name).iter().any(|deed| {
                        deed.action.on == super::EventType::FieldSynced
                            && deed.action.destination == d.id
                    })
            })
            .collect();
        let to = |field: &crate::fields::vertical::FieldSpec| {
            hear.iter()
                .filter(|d| d.may_see(&field.name, field.sensitive))
                .map(|d| d.id.clone())
                .collect::<Vec<_>>()
        };
        vertical
            .fields
            .iter()
            .map(|f| (f.name.clone(), to(f)))
            .filter(|(_, to)| !to.is_empty())
            .collect()
    }
}

fn no_destination(wanted: &str, ids: &[&str]) -> String {
    let hint = nearest(wanted, ids.iter().copied())
        .map_or_else(String::new, |h| format!(" (did you mean \"{h}\"?)"));
    format!("there is no destination \"{wanted}\"{hint}")
}

/// Whether any vertical declares the field.
fn declared(field: &str, around: Surroundings<'_>) -> bool {
    around.verticals.values().any(|v| v.index(field).is_some())
}

fn receiver(
    destination: &Destination,
    settings: &Settings,
    around: Surroundings<'_>,
    problems: &mut Vec<String>,
) -> Receiver {
    let place = format!("destinations.{}", destination.id);
    let mut complain = |problem: String| problems.push(format!("{place}{problem}"));
    let mut key = None;
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if destination.id.is_empty() || !destination.id.bytes().all(word) {
        complain(": an id is made of letters, digits, _ and -".to_owned());
    }
    match destination.kind {
        Channel::Webhook => {
            match destination.url.as_deref().map(Url::parse) {
                None => complain(": a webhook needs a url".to_owned()),
                Some(Err(error)) => complain(format!(".url: {error}")),
                Some(Ok(url)) => {
                    if let Some(problem) = address::url_problem(&url, destination.allow_private) {
                        complain(format!(".url: {problem}"));
                    }
                }
            }
            match destination.secret.as_ref().map(SigningKey::parse) {
                None => complain(
                    ": a webhook needs a secret; make one with: echo whsec_$(openssl rand -base64 32)"
                        .to_owned(),
                ),
                Some(Err(error)) => complain(format!(".secret {error}")),
                Some(Ok(good)) => key = Some(good),
            }
            if !destination.to.is_empty() {
                complain(".to: a webhook goes to its url".to_owned());
            }
        }
        Channel::Email | Channel::Sms => {
            if destination.url.is_some() || destination.secret.is_some() {
                complain(": url and secret are for webhooks".to_owned());
            }
            if destination.to.is_empty() {
                complain(".to: to whom?".to_owned());
            }
            for to in &destination.to {
                match field_of(to) {
                    Some(field) if !declared(field, around) => {
                        complain(format!(".to: no vertical declares the field \"{field}\""));
                    }
                    Some(_) => {}
                    None if destination.kind == Channel::Sms && !address::is_e164(to) => complain(
                        format!(".to: \"{to}\" is no E.164 number; write it like \"+15125550100\""),
                    ),
                    None if destination.kind == Channel::Email
                        && to.parse::<lettre::message::Mailbox>().is_err() =>
                    {
                        complain(format!(".to: \"{to}\" is no mail address"));
                    }
                    None => {}
                }
            }
            let (missing, table) = match destination.kind {
                Channel::Email => (settings.smtp.is_none(), "[delivery.smtp]"),
                _ => (settings.twilio.is_none(), "[delivery.twilio]"),
            };
            if missing {
                complain(format!(": {} needs {table}", destination.kind.as_str()));
            }
        }
    }
    for field in &destination.allow_fields {
        if !NOT_FIELDS.contains(&field.as_str()) && !declared(field, around) {
            let names = around
                .verticals
                .values()
                .flat_map(|v| v.fields.iter().map(|f| f.name.as_str()));
            let hint = nearest(field, names)
                .map_or_else(String::new, |h| format!(" (did you mean \"{h}\"?)"));
            complain(format!(
                ".allow_fields: no vertical declares the field \"{field}\"{hint}"
            ));
        }
    }
    for location in &destination.locations {
        if !around.locations.contains_key(location) {
            complain(format!(".locations: there is no location \"{location}\""));
        }
    }
    if destination.transcript == TranscriptMode::Inline
        && !destination.allow_fields.iter().any(|f| f == "*")
    {
        complain(
            ".transcript = \"inline\": a transcript holds whatever was said, so allow_fields must be [\"*\"]"
                .to_owned(),
        );
    }
    if destination.max_in_flight == 0 || destination.timeout.as_millis() <= 0 {
        complain(": max_in_flight and timeout must be more than 0".to_owned());
    }
    let texts = texts(
        [
            &destination.template,
            &destination.subject,
            &destination.html,
        ],
        destination.kind,
        |field| refused_anywhere(field, destination, around),
        |what, problem| complain(format!(".{what}: {problem}")),
    );
    Receiver {
        destination: destination.clone(),
        key,
        texts,
    }
}

/// Why a destination's own template, which serves every vertical, may not name a field.
fn refused_anywhere(
    field: &str,
    destination: &Destination,
    around: Surroundings<'_>,
) -> Option<String> {
    let specs = around
        .verticals
        .values()
        .filter_map(|v| v.index(field).and_then(|i| v.fields.get(i)));
    let mut known = false;
    for spec in specs {
        known = true;
        if !destination.may_see(field, spec.sensitive) {
            return Some(not_allowed(field, destination));
        }
    }
    (!known).then(|| format!("no vertical declares the field \"{field}\""))
}

fn not_allowed(field: &str, destination: &Destination) -> String {
    format!(
        "the destination \"{}\" may not see \"{field}\"; name it in its allow_fields if it should",
        destination.id
    )
}

fn texts(
    sources: [&Option<String>; 3],
    channel: Channel,
    refused: impl Fn(&str) -> Option<String>,
    mut complain: impl FnMut(&str, String),
) -> Texts {
    let mut one = |what: &'static str, source: &Option<String>, fits: bool| {
        let source = source.as_deref()?;
        if !fits {
            complain(what, format!("a {} has none", channel.as_str()));
            return None;
        }
        match Template::parse(source, what == "html") {
            Ok(template) => {
                for problem in template.check(&refused) {
                    complain(what, problem);
                }
                Some(template)
            }
            Err(error) => {
                complain(what, error.to_string());
                None
            }
        }
    };
    let [text, subject, html] = sources;
    Texts {
        text: one("template", text, channel != Channel::Webhook),
        subject: one("subject", subject, channel == Channel::Email),
        html: one("html", html, channel == Channel::Email),
    }
}

fn deeds(
    name: &str,
    vertical: &Vertical,
    rules: &Rules,
    ids: &[&str],
    problems: &mut Vec<String>,
) -> Vec<Arc<Deed>> {
    let mut deeds: Vec<Arc<Deed>> = Vec::new();
    if vertical.actions.len() > MAX_ACTIONS {
        problems.push(format!(
            "verticals.{name}.actions: {} actions; one call may set off {MAX_ACTIONS} at most",
            vertical.actions.len()
        ));
    }
    for table in &vertical.actions {
        let id = table.get("id").and_then(|v| v.as_str()).unwrap_or("?");
        let place = format!("verticals.{name}.actions.{id}");
        let action: Action = match table.clone().try_into() {
            Ok(action) => action,
            Err(error) => {
                problems.push(format!("{place}: {}", error.message()));
                continue;
            }
        };
        if deeds.iter().any(|d| d.action.id == action.id) {
            problems.push(format!("{place}: this id stands twice"));
        }
        let Some(receiver) = rules.receiver(&action.destination) else {
            problems.push(format!(
                "{place}.destination: {}",
                no_destination(&action.destination, ids)
            ));
            continue;
        };
        let destination = &receiver.destination;
        if destination.kind != action.kind {
            problems.push(format!(
                "{place}.kind = \"{}\": the destination \"{}\" is reached by {}",
                action.kind.as_str(),
                destination.id,
                destination.kind.as_str()
            ));
        }
        let same =
            |d: &&Arc<Deed>| d.action.destination == action.destination && d.action.on == action.on;
        if action.kind == Channel::Webhook
            && let Some(other) = deeds.iter().find(same)
        {
            problems.push(format!(
                "{place}: \"{}\" gets {} from the action \"{}\" already; a receiver is told of an event once",
                destination.id, action.on, other.action.id
            ));
        }
        if let Some(when) = &action.when {
            if !when.any_phrase.is_empty() {
                problems.push(format!("{place}.when.any_phrase: phrases raise escalations; let the action be on = \"escalation.raised\""));
            }
            if let Some(field) = when
                .field
                .as_deref()
                .filter(|f| vertical.index(f).is_none())
            {
                problems.push(format!(
                    "{place}.when: the field \"{field}\" is not declared"
                ));
            }
        }
        let refused = |field: &str| {
            let Some(spec) = vertical.index(field).and_then(|i| vertical.fields.get(i)) else {
                let hint = nearest(field, vertical.fields.iter().map(|f| f.name.as_str()))
                    .map_or_else(String::new, |h| format!(" (did you mean \"{h}\"?)"));
                return Some(format!("the field \"{field}\" is not declared{hint}"));
            };
            (!destination.may_see(field, spec.sensitive)).then(|| not_allowed(field, destination))
        };
        let texts = texts(
            [&action.template, &action.subject, &action.html],
            action.kind,
            refused,
            |what, problem| problems.push(format!("{place}.{what}: {problem}")),
        );
        deeds.push(Arc::new(Deed { action, texts }));
    }
    deeds
}

#[cfg(test)]
pub(super) mod tests;
