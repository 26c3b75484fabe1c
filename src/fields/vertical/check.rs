//! Mistakes that a vertical's file can be read with and that its author did not mean: names that do not exist in a trigger, a choice or
//! a phrase given twice, a placeholder that nothing fills.

use std::collections::BTreeMap;

use super::build::{error_at, error_at_last, nearest};
use super::{FieldSpec, File, VerticalError, When};
use crate::fields::ledger::Status;

/// Where a value may come from, as `sources` names it.
const SOURCES: [&str; 5] = ["caller_said", "agent_said", "caller_id", "rule", "operator"];

/// Parts of an address, as `parts_required` names them.
const PARTS: [&str; 7] = [
    "line1",
    "number",
    "street",
    "unit",
    "city",
    "state",
    "postal_code",
];

/// Forms of a value in a sentence, as `{value:FORM}` names them.
const FORMS: [&str; 9] = [
    "grouped",
    "digits",
    "spelled",
    "line1",
    "locality",
    "month_day_year",
    "when",
    "first",
    "label",
];

/// Statuses, as a condition names them.
const STATUSES: [Status; 7] = [
    Status::Missing,
    Status::Heard,
    Status::Inferred,
    Status::Conflicting,
    Status::Confirmed,
    Status::Declined,
    Status::NotApplicable,
];

/// The mistakes in the fields as declared, before anything is inherited.
pub(super) fn declared(
    name: &str,
    fields: &[FieldSpec],
    text: &str,
    errors: &mut Vec<VerticalError>,
) {
    for spec in fields {
        let place = format!("field \"{}\" in [verticals.{name}]", spec.name);
        named(
            &spec.sources,
            &SOURCES,
            &format!("{place}: source"),
            text,
            errors,
        );
        named(
            &spec.parts_required,
            &PARTS,
            &format!("{place}: address part"),
            text,
            errors,
        );
        for sentence in [&spec.read_back, &spec.read_back_again] {
            placeholders(sentence, &place, text, errors);
        }
        if !spec.pattern.is_empty() && !is_pattern(&spec.pattern) {
            let message = format!(
                "{place}: pattern \"{}\" cannot be read; it is one class and a count, such as ^[A-Z0-9]{{6,15}}$",
                spec.pattern
            );
            errors.push(error_at(text, &spec.pattern, message, None));
        }
        choices(spec, &place, text, errors);
    }
}

/// The same choice twice, and a phrase that speaks for two of them.
fn choices(spec: &FieldSpec, place: &str, text: &str, errors: &mut Vec<VerticalError>) {
    let mut ids: Vec<&str> = Vec::new();
    let mut phrases: BTreeMap<&str, &str> = BTreeMap::new();
    for choice in &spec.choices {
        if ids.contains(&choice.id.as_str()) {
            let message = format!("{place} has the choice \"{}\" twice", choice.id);
            errors.push(error_at_last(text, &choice.id, message));
        }
        ids.push(&choice.id);
        for phrase in &choice.phrases {
            if let Some(before) = phrases.insert(phrase, &choice.id) {
                let message = if before == choice.id {
                    format!("{place}: choice \"{before}\" has the phrase \"{phrase}\" twice")
                } else {
                    format!(
                        "{place}: the phrase \"{phrase}\" stands for \"{before}\" and for \"{}\"; give it to one of them",
                        choice.id
                    )
                };
                errors.push(error_at_last(text, phrase, message));
            }
        }
    }
}

/// Conditions of alarms, routes and outcomes.
pub(super) fn conditions(
    name: &str,
    file: &File,
    fields: &[FieldSpec],
    text: &str,
    errors: &mut Vec<VerticalError>,
) {
    let mut ids: Vec<&str> = Vec::new();
    for escalation in &file.escalations {
        if ids.contains(&escalation.id.as_str()) {
            let message = format!(
                "escalation \"{}\" in [verticals.{name}] is declared twice",
                escalation.id
            );
            errors.push(error_at_last(text, &escalation.id, message));
        }
        ids.push(&escalation.id);
        let place = format!("escalation \"{}\" in [verticals.{name}]", escalation.id);
        let when = &escalation.when;
        if when.any_phrase.is_empty() && when.field.is_none() && !when.otherwise {
            let message = format!(
                "{place} has nothing to wait for; its when needs any_phrase = [...] or field = \"...\""
            );
            errors.push(error_at(text, &escalation.id, message, None));
        }
        condition(when, &place, fields, text, errors);
    }
    for route in &file.routes {
        condition(
            &route.when,
            &format!("a route in [verticals.{name}]"),
            fields,
            text,
            errors,
        );
    }
    for outcome in &file.outcomes {
        let place = format!("outcome \"{}\" in [verticals.{name}]", outcome.id);
        condition(&outcome.when, &place, fields, text, errors);
    }
}

fn condition(
    when: &When,
    place: &str,
    fields: &[FieldSpec],
    text: &str,
    errors: &mut Vec<VerticalError>,
) {
    if let Some(status) = &when.status {
        let known: Vec<String> = STATUSES
            .iter()
            .filter_map(|s| serde_json::to_value(s).ok()?.as_str().map(str::to_owned))
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        named(
            std::slice::from_ref(status),
            &known,
            &format!("{place}: status"),
            text,
            errors,
        );
    }
    let Some(wanted) = &when.field else { return };
    // What follows from the call itself is no declared field.
    if matches!(wanted.as_str(), "next_action" | "outcome") {
        return;
    }
    let Some(spec) = fields.iter().find(|f| f.name == *wanted) else {
        let message = format!("{place} names the field \"{wanted}\", which is not declared");
        let hint = nearest(wanted, fields.iter().map(|f| f.name.as_str()));
        errors.push(error_at_last(text, wanted, message).hinted(hint));
        return;
    };
    let ids: Vec<&str> = spec.choices.iter().map(|c| c.id.as_str()).collect();
    if !ids.is_empty() {
        named(
            &when.one_of,
            &ids,
            &format!("{place}: \"{wanted}\" has no choice"),
            text,
            errors,
        );
    }
}

/// Each of `given` must be one of `known`.
fn named(
    given: &[String],
    known: &[&str],
    what: &str,
    text: &str,
    errors: &mut Vec<VerticalError>,
) {
    for name in given {
        if !known.contains(&name.as_str()) {
            let message = format!("{what} \"{name}\" is none of {}", known.join(", "));
            errors.push(
                error_at_last(text, name, message).hinted(nearest(name, known.iter().copied())),
            );
        }
    }
}

/// `{value}` and `{value:FORM}` are all that a sentence about a field can hold.
fn placeholders(sentence: &str, place: &str, text: &str, errors: &mut Vec<VerticalError>) {
    for part in sentence.split('{').skip(1) {
        let inside = part.split('}').next().unwrap_or_default();
        let good = match inside.split_once(':') {
            Some((name, form)) => name == "value" && FORMS.contains(&form),
            None => inside == "value",
        };
        if !good {
            let forms: Vec<String> = FORMS.iter().map(|f| format!("value:{f}")).collect();
            let all = std::iter::once("value").chain(forms.iter().map(String::as_str));
            let message = format!("{place}: nothing fills {{{inside}}} in \"{sentence}\"");
            errors.push(error_at(text, sentence, message, None).hinted(nearest(inside, all)));
        }
    }
}

/// The message to the caller holds `{business}` and fields, each with a form perhaps.
pub(super) fn message(
    name: &str,
    text_of: &str,
    fields: &[FieldSpec],
    text: &str,
    errors: &mut Vec<VerticalError>,
) {
    for part in text_of.split('{').skip(1) {
        let inside = part.split('}').next().unwrap_or_default();
        let (field, form) = inside.split_once(':').unwrap_or((inside, ""));
        let known = field == "business" || fields.iter().any(|f| f.name == field);
        if !known {
            let message = format!(
                "confirmation in [verticals.{name}] names the field \"{field}\", which is not declared"
            );
            let names = std::iter::once("business").chain(fields.iter().map(|f| f.name.as_str()));
            errors.push(error_at(text, text_of, message, nearest(field, names)));
        } else if !form.is_empty() && !FORMS.contains(&form) {
            let message = format!(
                "confirmation in [verticals.{name}]: \"{form}\" is no form of a value; there are {}",
                FORMS.join(", ")
            );
            errors.push(error_at(
                text,
                text_of,
                message,
                nearest(form, FORMS.into_iter()),
            ));
        }
    }
}

/// A class and a count: `^[A-Z0-9]{6,15}$`.
fn is_pattern(pattern: &str) -> bool {
    let body = pattern
        .strip_prefix("^[")
        .and_then(|p| p.strip_suffix("}$"));
    body.and_then(|b| b.split_once("]{"))
        .is_some_and(|(class, count)| {
            let number = |n: &str| n.parse::<usize>().is_ok();
            !class.is_empty()
                && count
                    .split_once(',')
                    .map_or(number(count), |(a, b)| number(a) && number(b))
        })
}
