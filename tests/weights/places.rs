//! The tables of what the places of a call are: which end of a move, or whether somebody is to come there. Each street and each town of a
//! call is a sample; where nobody says what it is, it is none.

use std::collections::{BTreeMap, BTreeSet};

use offhook::fields::extract::Verticals;
use offhook::fields::weigh::{self, Phrase};
use offhook::fields::{Address, Extractor};
use serde_json::Value;

use super::ways::{Call, Way, train, ways};
use super::{FITTED, around, exchange, files, heard, keep};

/// The town of the business in all samples.
const OWN: Option<&str> = Some("Austin");

const NONE: &str = "none";

/// The inverse strength of the penalty.
const C: f64 = 0.6;

/// A table to be made, and the fields of which it tells.
const TABLES: [(&str, &str, &[&str]); 2] = [
    ("ends", "moving", &["origin_address", "destination_address"]),
    ("sites", "home_services", &["service_address"]),
];

/// What a call's places are, by field; no entry where nobody says, `None` where there is none.
type Wanted = BTreeMap<String, Option<Address>>;

/// The calls of a vertical.
fn calls(vertical: &str) -> Vec<(Value, Wanted)> {
    let mut out = Vec::new();
    for path in files("fixtures/calls/tune", "jsonl") {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let call: Value = serde_json::from_str(line).unwrap();
            let wanted = call["expected"]["fields"]
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, _)| name.ends_with("_address"))
                .map(|(name, value)| (name.clone(), serde_json::from_value(value.clone()).unwrap()))
                .collect();
            out.push((call, wanted));
        }
    }
    for path in ["fixtures/dialogues", "fixtures/samples"]
        .iter()
        .flat_map(|f| files(f, "txt"))
    {
        for dialogue in exchange::read(&std::fs::read_to_string(path).unwrap()) {
            let wanted = dialogue.wanted.iter().filter_map(|w| wanted(w)).collect();
            out.push((dialogue.call, wanted));
        }
    }
    out.retain(|(call, wanted): &(Value, Wanted)| {
        call["vertical"] == vertical && !wanted.is_empty()
    });
    out
}

/// "service_address heard 27|Elm Street|-|Austin" and "!service_address"
fn wanted(line: &str) -> Option<(String, Option<Address>)> {
    let (name, value) = line.split_once(' ').unwrap_or((line, ""));
    if let Some(name) = name.strip_prefix('!') {
        return name.ends_with("_address").then(|| (name.to_owned(), None));
    }
    if !name.ends_with("_address") {
        return None;
    }
    let value = exchange::STATUSES
        .iter()
        .find_map(|s| value.strip_prefix(s)?.strip_prefix(' '))
        .unwrap_or(value);
    let mut parts = value.split('|').map(|p| (p != "-").then(|| p.to_owned()));
    let mut part = || parts.next().flatten();
    let address = Address {
        number: part(),
        street: part(),
        unit: part(),
        city: part(),
        state: part(),
        postal_code: part(),
    };
    Some((name.to_owned(), Some(address)))
}

/// The streets or the towns of a call: what stands around each, and what each field has.
struct Sample {
    features: Vec<BTreeSet<String>>,
    /// What each weighs for each option of the table that ships.
    scores: Vec<Vec<f32>>,
    /// By field, what may stand there; `None` where nobody says.
    right: Vec<Option<BTreeSet<Option<usize>>>>,
    /// Both fields may have the same.
    shared: bool,
}

impl Sample {
    fn is_right(&self, way: &[Option<usize>]) -> bool {
        let fits = |(has, right): (&Option<usize>, &Option<BTreeSet<Option<usize>>>)| {
            right.as_ref().is_none_or(|r| r.contains(has))
        };
        way.iter().zip(&self.right).all(fits)
    }

    fn ways(&self) -> Vec<Way> {
        ways(self.features.len(), self.right.len(), self.shared)
    }

    /// What may stand at each field, where `is` says which of so many a wanted address is; what nobody found is not asked for.
    fn right(
        fields: &[&str],
        wanted: &Wanted,
        count: usize,
        is: impl Fn(usize, &Address) -> Option<bool>,
    ) -> Vec<Option<BTreeSet<Option<usize>>>> {
        let of = |address: &Option<Address>| {
            let Some(address) = address else {
                return Some(BTreeSet::from([None]));
            };
            let mut out = BTreeSet::new();
            for at in 0..count {
                match is(at, address) {
                    None => return Some(BTreeSet::from([None])),
                    Some(true) => {
                        out.insert(Some(at));
                    }
                    Some(false) => {}
                }
            }
            (!out.is_empty()).then_some(out)
        };
        fields.iter().map(|f| wanted.get(*f).and_then(of)).collect()
    }
}

/// The samples of a call.
fn of_call(extractor: &Extractor, fields: &[&str], wanted: &Wanted) -> Vec<Sample> {
    let Some(places) = extractor.places() else {
        return Vec::new();
    };
    let (streets, towns) = (places.streets(), places.towns());
    let known = |phrases: &[Phrase], facts: Vec<String>| {
        let mut out = around(phrases);
        out.extend(facts);
        out
    };
    let streets = Sample {
        features: (streets.iter().enumerate())
            .map(|(at, s)| known(&s.entry.phrases, places.street_facts(at)))
            .collect(),
        scores: (0..streets.len())
            .map(|at| places.weigh_street(at))
            .collect(),
        right: Sample::right(fields, wanted, streets.len(), |at, a| {
            a.street.as_ref().map(|_| streets[at].is(a))
        }),
        shared: false,
    };
    let towns = Sample {
        features: (towns.iter().enumerate())
            .map(|(at, t)| known(&t.entry.phrases, places.town_facts(at, OWN)))
            .collect(),
        scores: (0..towns.len())
            .map(|at| places.weigh_town(at, OWN))
            .collect(),
        right: Sample::right(fields, wanted, towns.len(), |at, a| {
            a.city
                .as_ref()
                .map(|c| c.eq_ignore_ascii_case(&towns[at].name))
        }),
        shared: true,
    };
    let mut out = vec![streets, towns];
    out.retain(|s| !s.features.is_empty() && s.right.iter().any(Option::is_some));
    out
}

/// The samples of a vertical, of every so many calls one.
fn samples(vertical: &str, fields: &[&str], every: usize) -> Vec<Sample> {
    let verticals = Verticals::load(None).unwrap();
    let mut out: Vec<Sample> = calls(vertical)
        .iter()
        .step_by(every)
        .flat_map(|(call, wanted)| of_call(&heard(call, &verticals), fields, wanted))
        .collect();
    out.retain(|s| s.ways().iter().any(|way| s.is_right(way)));
    out
}

#[test]
#[ignore = "`make weights` runs it: it writes the tables"]
fn make_the_tables_of_places() {
    for (table, vertical, fields) in TABLES {
        let samples = samples(vertical, fields, 1);
        let calls: Vec<Call> = samples
            .into_iter()
            .map(|sample| Call {
                ways: (sample.ways().into_iter())
                    .map(|way| {
                        let right = sample.is_right(&way);
                        (way, right)
                    })
                    .collect(),
                features: sample.features,
            })
            .collect();
        let text = train(&calls, fields, NONE, C);
        keep(table, calls.len(), &text);
    }
}

#[test]
fn the_tables_of_places_fit_their_samples() {
    for (table, vertical, fields) in TABLES {
        let weights = match vertical {
            "moving" => weigh::ends(),
            _ => weigh::sites(),
        };
        let option = |name: &str| weights.options().iter().position(|o| o == name).unwrap();
        let samples = samples(vertical, fields, FITTED);
        let is_right = |s: &&Sample| {
            let score = |way: &Way| -> f32 {
                let used = way
                    .iter()
                    .zip(fields)
                    .filter_map(|(has, f)| Some((s.scores.get((*has)?)?, f)));
                used.map(|(scores, f)| scores[option(f)] - scores[option(NONE)])
                    .sum()
            };
            let ways = s.ways();
            let best = ways.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
            best.is_some_and(|way| s.is_right(way))
        };
        let right = samples.iter().filter(is_right).count();
        assert!(
            right * 10 >= samples.len() * 9,
            "{table}: {right} of {} samples; make weights",
            samples.len()
        );
    }
}
