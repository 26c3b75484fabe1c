//! The table of what the numbers of a call are for.

use offhook::fields::extract::Verticals;
use offhook::fields::weigh::{Candidate, Uses, Vocabulary, Weights};
use serde_json::Value;

use super::ways::{Call, train, ways};
use super::{FITTED, around, exchange, files, heard, keep, path, unit_dialogues};

/// The inverse strength of the penalty.
const C: f64 = 0.6;
/// More numbers than this make too many ways to walk.
const MOST: usize = 6;

/// The numbers of a call and which of them is for what.
struct Sample {
    numbers: Vec<Candidate>,
    /// By use; `None` where nobody says.
    right: [Option<Option<String>>; 3],
}

impl Sample {
    fn is_right(&self, way: &[Option<usize>]) -> bool {
        way.iter().zip(&self.right).all(|(has, wanted)| {
            wanted.as_ref().is_none_or(|wanted| {
                let has = has.map(|n| self.numbers[n].number.as_str());
                let known = wanted
                    .as_deref()
                    .filter(|w| self.numbers.iter().any(|c| c.number == *w));
                has == known
            })
        })
    }
}

/// The samples, of every so many calls one.
fn samples(every: usize) -> Vec<Sample> {
    let mut turn = 0;
    let mut skip = move || {
        turn += 1;
        turn % every != 0
    };
    let verticals = Verticals::load(None).unwrap();
    let mut out = Vec::new();
    for path in files("fixtures/calls/tune", "jsonl") {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let call: Value = serde_json::from_str(line).unwrap();
            let expected = &call["expected"];
            if matches!(expected["outcome"].as_str(), Some("spam" | "wrong_number")) {
                continue;
            }
            if skip() {
                continue;
            }
            let right =
                Uses::OF.map(|name| Some(expected["fields"][name].as_str().map(str::to_owned)));
            let numbers = heard(&call, &verticals).numbers();
            out.push(Sample { numbers, right });
        }
    }
    for path in ["fixtures/dialogues", "fixtures/samples"]
        .iter()
        .flat_map(|f| files(f, "txt"))
    {
        for dialogue in exchange::read(&std::fs::read_to_string(path).unwrap()) {
            let right = Uses::OF.map(|name| {
                dialogue.wanted.iter().find_map(|w| {
                    if let Some(not) = w.strip_prefix('!') {
                        return (not == name).then_some(None);
                    }
                    let number = w.strip_prefix(name)?.rsplit(' ').next()?;
                    number.starts_with('+').then(|| Some(number.to_owned()))
                })
            });
            if right.iter().any(Option::is_some) && !skip() {
                let numbers = heard(&dialogue.call, &verticals).numbers();
                out.push(Sample { numbers, right });
            }
        }
    }
    for (call, wanted) in unit_dialogues(&verticals) {
        let right = Uses::OF.map(|name| {
            wanted.iter().find_map(|w| {
                let mut parts = w.split(" | ").filter(|_| w.starts_with(name)).skip(1);
                let number = parts.next().filter(|n| *n == "-" || n.starts_with('+'))?;
                Some((number != "-").then(|| number.to_owned()))
            })
        });
        let numbers = heard(&call, &verticals).numbers();
        out.push(Sample { numbers, right });
    }
    out.retain(|s| (2..=MOST).contains(&s.numbers.len()));
    out
}

/// The table, as it is written.
fn table(samples: &[Sample]) -> String {
    let calls: Vec<Call> = samples
        .iter()
        .map(|sample| Call {
            features: (sample.numbers.iter())
                .map(|n| around(&n.phrases))
                .collect(),
            ways: ways(sample.numbers.len(), Uses::OF.len(), false)
                .into_iter()
                .map(|way| {
                    let right = sample.is_right(&way);
                    (way, right)
                })
                .collect(),
        })
        .collect();
    train(&calls, &Uses::OF, Uses::NONE, C)
}

#[test]
#[ignore = "`make weights` runs it: it writes the table"]
fn make_the_table_of_numbers() {
    let samples = samples(1);
    let table = table(&samples);
    keep("numbers", samples.len(), &table);
}

#[test]
fn the_table_of_numbers_fits_its_samples() {
    let text = std::fs::read_to_string(path("numbers")).unwrap();
    let mut vocabulary = Vocabulary::default();
    let weights: &'static Weights =
        Box::leak(Box::new(Weights::parse(&text, &mut vocabulary).unwrap()));
    let samples = samples(FITTED);
    let right = samples
        .iter()
        .filter(|s| s.is_right(&Uses::by(weights, &vocabulary, &s.numbers).likeliest(|_, _| 0.0)))
        .count();
    assert!(
        right * 10 >= samples.len() * 9,
        "{right} of {} samples; make weights",
        samples.len()
    );
}
