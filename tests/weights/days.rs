//! The table of on which of the days that a call names it happened. All days of a call are one sample; where the call is said to have no
//! such day, or is whole and says nothing of one, none of them is.

use std::collections::BTreeSet;

use offhook::fields::extract::Verticals;
use serde_json::Value;

use super::ways::{Call, train, ways};
use super::{FITTED, WHOLE_TURNS, around, exchange, files, heard, keep};

const TABLE: &str = "days";
const VERTICAL: &str = "law_office";
const FIELD: &str = "incident_date";
const NONE: &str = "none";

/// The inverse strength of the penalty.
const C: f64 = 1.0;

/// The calls that say when it happened, or that nothing did.
fn calls() -> Vec<(Value, Option<String>)> {
    let mut out = Vec::new();
    for path in files("fixtures/calls/tune", "jsonl") {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let call: Value = serde_json::from_str(line).unwrap();
            let day = call["expected"]["fields"][FIELD].as_str();
            let day = day.map(str::to_owned);
            out.push((call, day));
        }
    }
    for path in ["fixtures/dialogues", "fixtures/samples"]
        .iter()
        .flat_map(|f| files(f, "txt"))
    {
        for dialogue in exchange::read(&std::fs::read_to_string(&path).unwrap()) {
            // Of calls judged from outside only what they say counts.
            let outside = path.ends_with("outside.txt");
            let turns = dialogue.call["turns"].as_array().unwrap().len();
            let whole = turns >= WHOLE_TURNS && !outside;
            let said = dialogue.wanted.iter().find_map(|w| {
                let (head, value) = w.split_once(' ').unwrap_or((w, ""));
                if head.strip_prefix('!') == Some(FIELD) {
                    return Some(None);
                }
                (head == FIELD).then(|| value.rsplit(' ').next().map(str::to_owned))
            });
            if let Some(day) = said.or(whole.then_some(None)) {
                out.push((dialogue.call, day));
            }
        }
    }
    out.retain(|(call, _)| call["vertical"] == VERTICAL);
    out
}

/// The days of a call: what stands around each, what each weighs by the table that ships, and which of them is right.
struct Sample {
    features: Vec<BTreeSet<String>>,
    scores: Vec<f32>,
    right: Option<usize>,
}

/// Of every so many calls one; a call in which nobody found the day is none.
fn samples(every: usize) -> Vec<Sample> {
    let verticals = Verticals::load(None).unwrap();
    let sample = |(call, day): &(Value, Option<String>)| {
        let extractor = heard(call, &verticals);
        let days = extractor.days();
        let right = |day: &String| days.iter().position(|(d, _)| d.date.to_string() == *day);
        let right = match day {
            Some(day) => Some(right(day)?),
            None => None,
        };
        let features: Vec<BTreeSet<String>> = (days.iter())
            .map(|(day, facts)| {
                let mut out = around(day.phrases());
                out.extend(facts.iter().cloned());
                out
            })
            .collect();
        (!features.is_empty()).then(|| Sample {
            features,
            scores: extractor.day_scores(),
            right,
        })
    };
    calls().iter().step_by(every).filter_map(sample).collect()
}

#[test]
#[ignore = "`make weights` runs it: it writes the table"]
fn make_the_table_of_days() {
    let calls: Vec<Call> = samples(1)
        .into_iter()
        .map(|sample| Call {
            ways: ways(sample.features.len(), 1, false)
                .into_iter()
                .map(|way| {
                    let right = way[0] == sample.right;
                    (way, right)
                })
                .collect(),
            features: sample.features,
        })
        .collect();
    let text = train(&calls, &[FIELD], NONE, C);
    keep(TABLE, calls.len(), &text);
}

#[test]
fn the_table_of_days_fits_its_samples() {
    let samples = samples(FITTED);
    let is_right = |s: &&Sample| {
        let scores = s.scores.iter().enumerate();
        let best = scores.max_by(|a, b| a.1.total_cmp(b.1));
        s.right == best.filter(|(_, s)| **s > 0.0).map(|(at, _)| at)
    };
    let right = samples.iter().filter(is_right).count();
    assert!(
        right * 10 >= samples.len() * 9,
        "{right} of {} samples; make weights",
        samples.len()
    );
}
