//! The tables of who the people and firms of a call are: the other side of a matter, or the patient. All names of a call are one sample;
//! where the call is said to have no such party, none of them is.

use std::collections::BTreeSet;

use offhook::fields::extract::Verticals;
use offhook::fields::weigh::Party;
use serde_json::Value;

use super::ways::{Call, train, ways};
use super::{FITTED, around, exchange, files, heard, keep};

const NONE: &str = "none";

/// The inverse strength of the penalty.
const C: f64 = 1.0;

/// A table to be made, the vertical and the field of which it tells.
const TABLES: [(&str, &str, &str); 2] = [
    ("against", "law_office", "opposing_party"),
    ("patient", "clinic", "patient_name"),
];

/// The calls of a vertical that say who the party is, or that there is none.
fn calls(vertical: &str, field: &str) -> Vec<(Value, Option<String>)> {
    let mut out = Vec::new();
    for path in files("fixtures/calls/tune", "jsonl") {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let call: Value = serde_json::from_str(line).unwrap();
            let name = call["expected"]["fields"][field]
                .as_str()
                .map(str::to_owned);
            let tagged = |tag: &str| call["tags"].as_array().unwrap().iter().any(|t| t == tag);
            let nobody = matches!(
                call["expected"]["outcome"].as_str(),
                Some("spam" | "wrong_number")
            );
            // A caller who is the patient may stand there or not.
            if name.is_some() || !tagged("patient_is_caller") && !nobody {
                out.push((call, name));
            }
        }
    }
    for path in ["fixtures/dialogues", "fixtures/samples"]
        .iter()
        .flat_map(|f| files(f, "txt"))
    {
        for dialogue in exchange::read(&std::fs::read_to_string(path).unwrap()) {
            let name = dialogue.wanted.iter().find_map(|w| {
                let (head, value) = w.split_once(' ').unwrap_or((w, ""));
                // A caller who is the patient may stand there or not.
                if value.starts_with("inferred ") {
                    return None;
                }
                if head.strip_prefix('!') == Some(field) {
                    return Some(None);
                }
                let value = exchange::STATUSES
                    .iter()
                    .find_map(|s| value.strip_prefix(s)?.strip_prefix(' '))
                    .unwrap_or(value);
                (head == field).then(|| Some(value.to_owned()))
            });
            if let Some(name) = name {
                out.push((dialogue.call, name));
            }
        }
    }
    out.retain(|(call, _)| call["vertical"] == vertical);
    out
}

/// The names of a call: what stands around each, what each weighs by the table that ships, and which of them are right.
struct Sample {
    features: Vec<BTreeSet<String>>,
    scores: Vec<f32>,
    right: BTreeSet<Option<usize>>,
}

/// The samples of a vertical, of every so many calls one; a call in which nobody found the name is none.
fn samples(vertical: &str, field: &str, every: usize) -> Vec<Sample> {
    let verticals = Verticals::load(None).unwrap();
    let sample = |(call, name): &(Value, Option<String>)| {
        let extractor = heard(call, &verticals);
        let parties = extractor.parties();
        let is = |same: &dyn Fn(&Party, &str) -> bool| -> BTreeSet<Option<usize>> {
            let all = parties.iter().enumerate();
            all.filter(|(_, (p, _))| name.as_ref().is_some_and(|n| same(p, n)))
                .map(|(at, _)| Some(at))
                .collect()
        };
        let mut right = is(&|p, n| p.name().eq_ignore_ascii_case(n));
        if right.is_empty() {
            right = is(&|p, n| p.is(n));
        }
        if name.is_none() {
            right.insert(None);
        }
        Sample {
            features: (parties.iter())
                .map(|(party, facts)| {
                    let mut out = around(party.phrases());
                    out.extend(facts.iter().cloned());
                    out
                })
                .collect(),
            scores: extractor.party_scores(field),
            right,
        }
    };
    let calls = calls(vertical, field);
    let mut out: Vec<Sample> = calls.iter().step_by(every).map(sample).collect();
    out.retain(|s| !s.right.is_empty() && !s.features.is_empty());
    out
}

#[test]
#[ignore = "`make weights` runs it: it writes the tables"]
fn make_the_tables_of_parties() {
    for (table, vertical, field) in TABLES {
        let calls: Vec<Call> = samples(vertical, field, 1)
            .into_iter()
            .map(|sample| Call {
                ways: ways(sample.features.len(), 1, false)
                    .into_iter()
                    .map(|way| {
                        let right = sample.right.contains(&way[0]);
                        (way, right)
                    })
                    .collect(),
                features: sample.features,
            })
            .collect();
        let text = train(&calls, &[field], NONE, C);
        keep(table, calls.len(), &text);
    }
}

#[test]
fn the_tables_of_parties_fit_their_samples() {
    for (table, vertical, field) in TABLES {
        let samples = samples(vertical, field, FITTED);
        let is_right = |s: &&Sample| {
            let scores = s.scores.iter().enumerate();
            let best = scores.max_by(|a, b| a.1.total_cmp(b.1));
            s.right
                .contains(&best.filter(|(_, s)| **s > 0.0).map(|(at, _)| at))
        };
        let right = samples.iter().filter(is_right).count();
        assert!(
            right * 10 >= samples.len() * 9,
            "{table}: {right} of {} samples; make weights",
            samples.len()
        );
    }
}
