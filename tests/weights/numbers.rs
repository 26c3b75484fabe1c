//! The table of what the numbers of a call are for. Its samples are whole calls: of all ways to allot the numbers to the uses, each number
//! to one at most, the right one is to be the likeliest. Where a dialogue says of one use only which number it has, all ways that have it so
//! are right together.

use std::collections::{BTreeMap, BTreeSet};

use offhook::fields::extract::Verticals;
use offhook::fields::weigh::{AGENT, Candidate, NUMBER, Uses, Vocabulary, Weights};
use offhook::fields::{Business, Context, Extractor, Speaker, Turn, words_of_text};
use serde_json::{Value, json};

use super::{WHOLE, descend, exchange, files, folder, written};

const TABLE: &str = "src/fields/data/weights/numbers.txt";

/// The inverse strength of the penalty.
const C: f64 = 0.3;
/// More numbers than this make too many ways to walk.
const MOST: usize = 6;

/// A number for each use, or none.
type Way = [Option<usize>; 3];

/// The features of each number of a call, and every way with whether it is right.
type Call = (Vec<Vec<usize>>, Vec<(Way, bool)>);

/// The numbers of a call and which of them is for what.
struct Sample {
    numbers: Vec<Candidate>,
    /// By use; `None` where nobody says.
    right: [Option<Option<String>>; 3],
}

impl Sample {
    fn is_right(&self, way: &Way) -> bool {
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

/// The numbers that the engine sees in a call.
fn numbers(call: &Value, verticals: &Verticals) -> Vec<Candidate> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let vertical = verticals.get(call["vertical"].as_str().unwrap()).unwrap();
    let context = Context {
        started_at: jiff::Timestamp::UNIX_EPOCH,
        timezone: jiff::tz::TimeZone::UTC,
        caller_id: text(&call["caller_id"]),
        business: Business {
            area_code: text(&call["business"]["area_code"]),
            ..Business::default()
        },
    };
    let mut extractor = Extractor::new(vertical.clone(), context);
    for (segment, turn) in (0u32..).zip(call["turns"].as_array().unwrap()) {
        let speaker = match turn["speaker"].as_str() {
            Some("agent") => Speaker::Agent,
            _ => Speaker::Caller,
        };
        let start_ms = u64::from(segment) * 5_000;
        let end_ms = start_ms + 4_000;
        let words = words_of_text(turn["text"].as_str().unwrap(), start_ms, end_ms);
        extractor.hear(&Turn {
            speaker,
            segment,
            start_ms,
            end_ms,
            words: &words,
        });
    }
    extractor.numbers()
}

fn samples() -> Vec<Sample> {
    let verticals = Verticals::load(None).unwrap();
    let mut out = Vec::new();
    for path in files("fixtures/calls/tune", "jsonl") {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let call: Value = serde_json::from_str(line).unwrap();
            let expected = &call["expected"];
            if matches!(expected["outcome"].as_str(), Some("spam" | "wrong_number")) {
                continue;
            }
            let right =
                Uses::OF.map(|name| Some(expected["fields"][name].as_str().map(str::to_owned)));
            let numbers = numbers(&call, &verticals);
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
            if right.iter().any(Option::is_some) {
                let numbers = numbers(&dialogue.call, &verticals);
                out.push(Sample { numbers, right });
            }
        }
    }
    for (call, wanted) in unit_dialogues() {
        let right = Uses::OF.map(|name| {
            wanted.iter().find_map(|w| {
                let mut parts = w.split(" | ").filter(|_| w.starts_with(name)).skip(1);
                let number = parts.next().filter(|n| *n == "-" || n.starts_with('+'))?;
                Some((number != "-").then(|| number.to_owned()))
            })
        });
        let numbers = numbers(&call, &verticals);
        out.push(Sample { numbers, right });
    }
    out.retain(|s| (2..=MOST).contains(&s.numbers.len()));
    out
}

/// The dialogues of the unit tests, in the form of the others: the call, and what must come of it.
fn unit_dialogues() -> Vec<(Value, Vec<String>)> {
    let text = std::fs::read_to_string(folder("src/fields/tests/dialogues.txt")).unwrap();
    let mut out: Vec<(Value, Vec<String>)> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("# ") {
            let words = || head.split(' ').skip(1);
            let line = words().find_map(|w| w.strip_prefix("cid="));
            let vertical = words().find(|w| !w.starts_with("cid="));
            let call = json!({ "vertical": vertical.unwrap_or("home_services"), "caller_id": line, "turns": [] });
            out.push((call, Vec::new()));
        } else if let (Some((call, wanted)), Some((mark, said))) =
            (out.last_mut(), line.split_once(' '))
        {
            match mark {
                "=" => wanted.push(said.to_owned()),
                "A" | "C" => {
                    let speaker = if mark == "A" { "agent" } else { "caller" };
                    let turns = call["turns"].as_array_mut().unwrap();
                    turns.push(json!({ "speaker": speaker, "text": said }));
                }
                _ => {}
            }
        }
    }
    out.retain(|(call, _)| {
        offhook::fields::Vertical::builtin(call["vertical"].as_str().unwrap()).is_some()
    });
    out
}

/// Words and pairs around a number.
fn features(candidate: &Candidate) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for phrase in &candidate.phrases {
        let whose = match phrase.speaker {
            Speaker::Agent => AGENT.to_string(),
            Speaker::Caller => String::new(),
        };
        let words: Vec<&str> = phrase.words().collect();
        for word in words.iter().filter(|w| !w.ends_with(NUMBER)) {
            out.insert(format!("{whose}{word}"));
        }
        for pair in words.windows(2) {
            out.insert(format!("{whose}{}", pair.join(" ")));
        }
    }
    out
}

/// All ways to allot so many numbers.
fn ways(numbers: usize) -> Vec<Way> {
    let options: Vec<Option<usize>> = std::iter::once(None)
        .chain((0..numbers).map(Some))
        .collect();
    let mut out = Vec::new();
    for &a in &options {
        for &b in options.iter().filter(|b| b.is_none() || **b != a) {
            for &c in options
                .iter()
                .filter(|c| c.is_none() || **c != a && **c != b)
            {
                out.push([a, b, c]);
            }
        }
    }
    out
}

/// The table, as it is written.
fn train(samples: &[Sample]) -> String {
    let mut options = [Uses::OF[0], Uses::OF[1], Uses::OF[2], Uses::NONE];
    options.sort_unstable();
    let column = |name: &str| options.iter().position(|o| *o == name).unwrap();
    let uses = Uses::OF.map(column);
    let none = column(Uses::NONE);
    let k = options.len();
    let said: Vec<Vec<BTreeSet<String>>> = samples
        .iter()
        .map(|s| s.numbers.iter().map(features).collect())
        .collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in said.iter().flatten().flatten() {
        *seen.entry(feature).or_default() += 1;
    }
    let names: Vec<&str> = seen
        .iter()
        .filter(|(_, n)| **n >= WHOLE.least_samples)
        .map(|(name, _)| *name)
        .collect();
    let bias = names.len();
    let calls: Vec<Call> = samples
        .iter()
        .zip(&said)
        .map(|(sample, said)| {
            let rows = said
                .iter()
                .map(|features| {
                    let known = features
                        .iter()
                        .filter_map(|f| names.binary_search(&f.as_str()).ok());
                    known.chain([bias]).collect()
                })
                .collect();
            let ways = ways(sample.numbers.len())
                .into_iter()
                .map(|way| (way, sample.is_right(&way)))
                .collect();
            (rows, ways)
        })
        .collect();
    let weights = descend((bias + 1) * k, |w, slope| {
        for (slope, w) in slope.iter_mut().zip(w) {
            *slope = w / C;
        }
        slope[bias * k..].fill(0.0);
        for (rows, ways) in &calls {
            let scores: Vec<Vec<f64>> = rows
                .iter()
                .map(|row| {
                    (0..k)
                        .map(|o| row.iter().map(|f| w[f * k + o]).sum())
                        .collect()
                })
                .collect();
            let score = |way: &Way| -> f64 {
                let used = |(at, n): (usize, &Option<usize>)| {
                    n.map(|n| scores[n][uses[at]] - scores[n][none])
                };
                way.iter().enumerate().filter_map(used).sum()
            };
            let sums: Vec<f64> = ways.iter().map(|(way, _)| score(way)).collect();
            let top = sums.iter().copied().fold(f64::MIN, f64::max);
            let odds: Vec<f64> = sums.iter().map(|s| (s - top).exp()).collect();
            let all: f64 = odds.iter().sum();
            let right: f64 = odds
                .iter()
                .zip(ways)
                .filter(|(_, w)| w.1)
                .map(|(o, _)| o)
                .sum();
            let right = right.max(f64::MIN_POSITIVE);
            for (odds, (way, is_right)) in odds.iter().zip(ways) {
                let off = odds / all - if *is_right { odds / right } else { 0.0 };
                for (n, row) in rows.iter().enumerate() {
                    let option = way
                        .iter()
                        .position(|has| *has == Some(n))
                        .map_or(none, |at| uses[at]);
                    for feature in row {
                        slope[feature * k + option] += off;
                    }
                }
            }
        }
    });
    written(&options, &names, &weights)
}

#[test]
#[ignore = "`make weights` runs it: it writes the table"]
fn make_the_table_of_numbers() {
    let samples = samples();
    let table = train(&samples);
    println!(
        "numbers: {} samples, {} rows",
        samples.len(),
        table.lines().count() - 2
    );
    std::fs::write(folder(TABLE), table).unwrap();
}

#[test]
fn the_table_of_numbers_fits_its_samples() {
    let text = std::fs::read_to_string(folder(TABLE)).unwrap();
    let mut vocabulary = Vocabulary::default();
    let weights: &'static Weights =
        Box::leak(Box::new(Weights::parse(&text, &mut vocabulary).unwrap()));
    let samples = samples();
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
