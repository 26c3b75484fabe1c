//! From a vertical's file to a vertical ready for use: inheritance from the well-known fields, phrases compiled, every mistake named
//! with its line and the nearest name that would be right.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{check, *};
use crate::fields::cue::{self, Mark};
use crate::fields::gazetteer;
use crate::fields::lexicon::{Lexicon, PhraseError};
use crate::fields::value::FieldType;

pub(super) fn build(
    name: &str,
    mut file: File,
    text: &str,
) -> Result<Vertical, Vec<VerticalError>> {
    let mut errors = Vec::new();
    let mut fields: Vec<FieldSpec> = Vec::new();
    let known = known_fields();
    if file.fields.is_empty() {
        let names = Vertical::builtin_names().collect::<Vec<_>>().join(", ");
        errors.push(VerticalError {
            line: None,
            message: format!("[verticals.{name}] has no fields; only what adds to a vertical that ships ({names}) may leave them out"),
            hint: nearest(name, Vertical::builtin_names()),
        });
    }
    check::declared(name, &file.fields, text, &mut errors);
    for mut spec in std::mem::take(&mut file.fields) {
        if spec.name.is_empty()
            || !spec
                .name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            errors.push(error_at(
                text,
                &spec.name,
                format!(
                    "field name \"{}\" in [verticals.{name}] must be lower_snake_case",
                    spec.name
                ),
                None,
            ));
            continue;
        }
        if fields.iter().any(|f| f.name == spec.name) {
            errors.push(error_at_last(
                text,
                &spec.name,
                format!(
                    "field \"{}\" in [verticals.{name}] is declared twice",
                    spec.name
                ),
            ));
            continue;
        }
        if let Some(known) = known.get(&spec.name) {
            inherit(&mut spec, known);
        }
        if spec.label.is_empty() {
            spec.label = crate::fields::value::sentence_case(&spec.name.replace('_', " "));
        }
        if matches!(spec.ty, FieldType::Choice | FieldType::MultiChoice)
            && spec.choices.is_empty()
            && spec.name != "next_action"
        {
            errors.push(error_at(
                text,
                &spec.name,
                format!(
                    "field \"{}\" in [verticals.{name}] is a choice without choices",
                    spec.name
                ),
                None,
            ));
        }
        if !(0.0..=1.0).contains(&spec.min_confidence) {
            errors.push(error_at(
                text,
                &spec.name,
                format!(
                    "min_confidence of \"{}\" in [verticals.{name}] must lie between 0 and 1",
                    spec.name
                ),
                None,
            ));
        }
        fields.push(spec);
    }
    // What every business wants to know about a call, declared or not.
    for implied in ["constraints", "tasks", "next_action"] {
        if !fields.iter().any(|f| f.name == implied)
            && let Some(known) = known.get(implied)
        {
            fields.push(known.clone());
        }
    }
    if fields.len() > usize::from(u8::MAX) {
        errors.push(VerticalError {
            line: None,
            message: format!("[verticals.{name}] has more than 255 fields"),
            hint: None,
        });
        return Err(errors);
    }
    let names: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
    for wanted in &file.summary_order {
        if !names.contains(&wanted.as_str())
            && !matches!(wanted.as_str(), "next_action" | "outcome")
        {
            errors.push(error_at(text, wanted, format!("summary_order in [verticals.{name}] names the field \"{wanted}\", which is not declared"), nearest(wanted, names.iter().copied())));
        }
    }
    check::conditions(name, &file, &fields, text, &mut errors);
    check::message(name, &file.confirmation, &fields, text, &mut errors);
    for outcome in &file.outcomes {
        if serde_json::from_value::<crate::fields::outcome::Code>(serde_json::Value::String(
            outcome.maps_to.clone(),
        ))
        .is_err()
        {
            let codes = crate::fields::outcome::Code::ALL.map(crate::fields::outcome::Code::as_str);
            errors.push(error_at(text, &outcome.maps_to, format!("outcome \"{}\" in [verticals.{name}] maps to \"{}\", which is no standard outcome", outcome.id, outcome.maps_to), nearest(&outcome.maps_to, codes.into_iter())));
        }
    }
    if !file.routes.is_empty() && !file.routes.last().is_some_and(|r| r.when.otherwise) {
        errors.push(VerticalError {
            line: None,
            message: format!(
                "the last route in [verticals.{name}] must be when = {{ otherwise = true }}"
            ),
            hint: None,
        });
    }
    let lexicon = compile(&fields, &file.escalations, text, &mut errors);
    // Loaded here so that no call waits for it.
    let _ = gazetteer::tables();
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Vertical {
        index: Index::of(&fields),
        name: name.to_owned(),
        title: if file.title.is_empty() {
            crate::fields::value::sentence_case(&name.replace('_', " "))
        } else {
            file.title
        },
        greeting_hint: file.greeting_hint,
        store_transcript: file.store_transcript,
        summary_order: file.summary_order,
        confirmation: file.confirmation,
        fields,
        escalations: file.escalations,
        routes: file.routes,
        outcomes: file.outcomes,
        actions: file.actions,
        lexicon,
    })
}

pub(super) fn known_fields() -> BTreeMap<String, FieldSpec> {
    #[derive(Deserialize)]
    struct Known {
        fields: Vec<FieldSpec>,
    }
    toml::from_str::<Known>(KNOWN)
        .map(|k| k.fields.into_iter().map(|f| (f.name.clone(), f)).collect())
        .unwrap_or_default()
}

/// What the file leaves out comes from the well-known field of that name.
pub(super) fn inherit(spec: &mut FieldSpec, known: &FieldSpec) {
    for (mine, theirs) in [
        (&mut spec.label, &known.label),
        (&mut spec.ask, &known.ask),
        (&mut spec.read_back, &known.read_back),
        (&mut spec.read_back_again, &known.read_back_again),
        (&mut spec.pattern, &known.pattern),
    ] {
        if mine.is_empty() {
            mine.clone_from(theirs);
        }
    }
    if spec.ty == known.ty {
        // Extra phrases add to the known ones: a business has its own words beside everybody's.
        spec.phrases.extend(known.phrases.iter().cloned());
        spec.asked_by.extend(known.asked_by.iter().cloned());
        if spec.choices.is_empty() {
            spec.choices.clone_from(&known.choices);
        } else {
            for choice in &mut spec.choices {
                if choice.phrases.is_empty()
                    && let Some(k) = known.choices.iter().find(|k| k.id == choice.id)
                {
                    choice.phrases.clone_from(&k.phrases);
                }
            }
        }
    }
}

pub(super) fn compile(
    fields: &[FieldSpec],
    escalations: &[EscalationSpec],
    text: &str,
    errors: &mut Vec<VerticalError>,
) -> Lexicon<Mark> {
    let mut unknown = Vec::new();
    for spec in fields {
        let ids = || spec.choices.iter().map(|c| c.id.as_str());
        for choice in &spec.choices {
            for other in choice
                .before
                .iter()
                .filter(|b| !ids().any(|i| i == b.as_str()))
            {
                let what = format!(
                    "choice \"{}\" of \"{}\" goes before \"{other}\", which is no choice of it",
                    choice.id, spec.name
                );
                unknown.push(error_at(text, other, what, nearest(other, ids())));
            }
        }
    }
    errors.append(&mut unknown);
    let mut lexicon = cue::base_lexicon();
    let mut add = |phrase: &str, mark: Mark| {
        // What trouble is called is said of one and of several.
        let added = match mark {
            Mark::Choice(..) => lexicon.add_inflected(phrase, mark),
            _ => lexicon.add(phrase, mark),
        };
        if let Err(PhraseError { phrase, why }) = added {
            errors.push(error_at(
                text,
                &phrase,
                format!("phrase \"{phrase}\": {why}"),
                None,
            ));
        }
    };
    for (index, spec) in fields.iter().enumerate() {
        let field = index as u8;
        for phrase in &spec.asked_by {
            add(phrase, Mark::Ask(field));
        }
        for phrase in &spec.phrases {
            add(phrase, Mark::Near(field));
        }
        if spec.asked_by.is_empty() {
            // A field of the user's own: its name and the content words of its question tell when it is asked for.
            let words = spec.name.replace('_', " ");
            add(&words, Mark::Ask(field));
            add(&words, Mark::Near(field));
            for phrase in cue::content_phrases(&spec.ask) {
                add(&phrase, Mark::Ask(field));
            }
        }
        for (at, choice) in spec.choices.iter().enumerate() {
            for phrase in &choice.phrases {
                add(phrase, Mark::Choice(field, at as u8));
            }
            if choice.phrases.is_empty() && choice.id != "other" && spec.name != "next_action" {
                add(&choice.id.replace('_', " "), Mark::Choice(field, at as u8));
            }
        }
    }
    for (index, escalation) in escalations.iter().enumerate() {
        for phrase in &escalation.when.any_phrase {
            add(phrase, Mark::Escalation(index as u8));
        }
    }
    lexicon
}

/// The nearest of `names`, if one is near enough to be meant.
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    names
        .map(|n| (strsim::jaro_winkler(wanted, n), n))
        .filter(|(score, _)| *score >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, n)| n.to_owned())
}

pub(super) fn error_at(
    text: &str,
    needle: &str,
    message: String,
    hint: Option<String>,
) -> VerticalError {
    let quoted = format!("\"{needle}\"");
    let line = text
        .lines()
        .position(|l| l.contains(&quoted))
        .map(|i| i + 1);
    VerticalError {
        line,
        message,
        hint,
    }
}

/// The same, at the last line that holds the words: of two the second is the mistake.
pub(super) fn error_at_last(text: &str, needle: &str, message: String) -> VerticalError {
    let quoted = format!("\"{needle}\"");
    let line = text
        .lines()
        .enumerate()
        .filter(|(_, l)| l.contains(&quoted))
        .last()
        .map(|(i, _)| i + 1);
    VerticalError {
        line,
        message,
        hint: None,
    }
}

impl VerticalError {
    /// With the nearest name that would be right.
    pub(super) fn hinted(mut self, hint: Option<String>) -> VerticalError {
        self.hint = hint;
        self
    }
}

/// Words that people write for a type that has another name here.
const TYPES: [(&str, &str); 10] = [
    ("string", "text"),
    ("str", "text"),
    ("number", "integer"),
    ("numbr", "integer"),
    ("int", "integer"),
    ("float", "decimal"),
    ("bool", "boolean"),
    ("enum", "choice"),
    ("name", "person_name"),
    ("list", "item_list"),
];

/// Mistakes listed of one file that cannot be read; more of them help nobody.
const MOST_ERRORS: usize = 20;

/// Reads a file, or lists all its mistakes: a line that cannot be read is left out, and the rest is read again.
pub(super) fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Vec<VerticalError>> {
    let first = match toml::from_str::<T>(text) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let mut errors = vec![toml_error(&first, text)];
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    while errors.len() < MOST_ERRORS {
        let Some(last) = errors.last() else { break };
        let one_line = last.message.starts_with("unknown field")
            || last.message.starts_with("unknown variant");
        let Some(line) = last
            .line
            .filter(|_| one_line)
            .and_then(|l| lines.get_mut(l - 1))
        else {
            break;
        };
        // A heading takes its whole table with it; a type is needed.
        let key = line.split('=').next().unwrap_or_default().trim().to_owned();
        if line.trim_start().starts_with('[') || !line.contains('=') {
            break;
        }
        *line = if key == "type" {
            "type = \"text\"".to_owned()
        } else {
            String::new()
        };
        let rest = lines.join("\n");
        match toml::from_str::<T>(&rest) {
            Ok(_) => break,
            // What is missing now may be what was left out.
            Err(error) if error.message().starts_with("missing field") => break,
            Err(error) => errors.push(toml_error(&error, &rest)),
        }
    }
    errors.sort_by_key(|e| e.line);
    Err(errors)
}

pub(super) fn toml_error(error: &toml::de::Error, text: &str) -> VerticalError {
    let line = error.span().map(|span| {
        text.get(..span.start)
            .map_or(1, |t| t.matches('\n').count() + 1)
    });
    let message = error.message().to_owned();
    // serde lists the names it expected; the nearest of them is the hint.
    let hint = message
        .split_once("expected")
        .and_then(|(found, expected)| {
            let wanted = found.split('`').nth(1)?;
            nearest(wanted, expected.split('`').skip(1).step_by(2))
        });
    let message = match message.strip_prefix("invalid type: map, expected a sequence") {
        Some(rest) => format!(
            "one table where a list of them is wanted; write its heading with two brackets, [[...]]{rest}"
        ),
        None => message,
    };
    let found = message.split('`').nth(1).unwrap_or_default();
    let hint = hint.or_else(|| {
        let (_, ours) = TYPES.iter().find(|(n, _)| *n == found)?;
        message
            .contains("`person_name`")
            .then(|| (*ours).to_owned())
    });
    VerticalError {
        line,
        message,
        hint,
    }
}
