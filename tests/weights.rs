//! The tables of learned weights (`src/fields/weigh`): `make weights` makes them anew from the labelled calls under
//! `fixtures/calls/tune`, the short dialogues under `fixtures/dialogues` and the samples under `fixtures/samples`; nothing that is kept
//! aside is read. As a test: the tables that ship fit the samples they come from.
//!
//! Multinomial logistic regression on the words and pairs of neighbours in the turns of each side, each counted once; where the rarer
//! options matter as much, they weigh as much as the frequent ones; quadratic penalty. Trained by full steps (Adam), without chance: the same
//! samples give the same table.

#[path = "weights/days.rs"]
mod days;
#[allow(dead_code)]
mod exchange;
#[path = "weights/names.rs"]
mod names;
#[path = "weights/numbers.rs"]
mod numbers;
#[path = "weights/parties.rs"]
mod parties;
#[path = "weights/places.rs"]
mod places;
#[path = "weights/ways.rs"]
mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use offhook::fields::extract::Verticals;
use offhook::fields::token::tokenize;
use offhook::fields::weigh::{self, AGENT, NUMBER, Phrase, STEM, Tally, Vocabulary, Weights};
use offhook::fields::{Business, Context, Extractor, Speaker, Turn, words_of_text};
use serde_json::{Value, json};

/// What was said, turn by turn, and what was to be held of it.
struct Sample {
    vertical: String,
    turns: Vec<(Speaker, String)>,
    labels: BTreeMap<String, String>,
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Where a table is kept.
fn path(table: &str) -> PathBuf {
    folder("src/fields/data/weights").join(format!("{table}.txt"))
}

/// Writes a table, and tells how much it was learned from.
fn keep(table: &str, samples: usize, text: &str) {
    // The first two lines are the options and the bias.
    let rows = text.lines().count() - 2;
    println!("{table}: {samples} samples, {rows} rows");
    std::fs::write(path(table), text).unwrap();
}

/// The files of a folder, by name.
fn files(path: &str, ending: &str) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder(path))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == ending))
        .collect();
    all.sort();
    all
}

fn sample(call: &Value, labels: BTreeMap<String, String>) -> Sample {
    let turns = call["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| {
            let speaker = match t["speaker"].as_str() {
                Some("agent") => Speaker::Agent,
                _ => Speaker::Caller,
            };
            (speaker, t["text"].as_str().unwrap().to_owned())
        })
        .collect();
    Sample {
        vertical: call["vertical"].as_str().unwrap().to_owned(),
        turns,
        labels,
    }
}

fn samples() -> Vec<Sample> {
    let mut out = Vec::new();
    for path in files("fixtures/calls/tune", "jsonl") {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let call: Value = serde_json::from_str(line).unwrap();
            let expected = &call["expected"];
            let fields = expected["fields"].as_object().unwrap().iter();
            let labels = fields
                .map(|(name, value)| (name.as_str(), value))
                .chain([("outcome", &expected["outcome"])])
                .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())));
            out.push(sample(&call, with_caller(labels)));
        }
    }
    for path in ["fixtures/dialogues", "fixtures/samples"]
        .iter()
        .flat_map(|f| files(f, "txt"))
    {
        for dialogue in exchange::read(&std::fs::read_to_string(path).unwrap()) {
            let labels = dialogue.wanted.iter().filter_map(|w| {
                let (name, value) = w.split_once(' ')?;
                Some((name.to_owned(), value.rsplit(' ').next()?.to_owned()))
            });
            out.push(sample(&dialogue.call, with_caller(labels)));
        }
    }
    out
}

/// The dialogues of the unit tests, in the form of the others: the call, and what must come of it.
fn unit_dialogues(verticals: &Verticals) -> Vec<(Value, Vec<String>)> {
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
    out.retain(|(call, _)| verticals.get(call["vertical"].as_str().unwrap()).is_some());
    out
}

/// Outcomes that are not weighed.
const OUTRIGHT: [&str; 4] = ["spam", "wrong_number", "voicemail", "unclassified"];

/// What the table of callers is of: whether a customer calls, somebody who sells, or nobody who meant to.
const CALLER: &str = "caller";

/// The labels, and who calls by what the call came to.
fn with_caller(labels: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut labels: BTreeMap<String, String> = labels.collect();
    if let Some(outcome) = labels.get("outcome") {
        let caller = match outcome.as_str() {
            "spam" | "wrong_number" => outcome.as_str(),
            _ => "customer",
        };
        labels.insert(CALLER.to_owned(), caller.to_owned());
    }
    labels.retain(|name, value| name == CALLER || !OUTRIGHT.contains(&value.as_str()));
    labels
}

/// A table to be made.
struct Table {
    /// The name of its file.
    name: String,
    /// The label that it tells.
    field: &'static str,
    /// Of all verticals where none is named.
    vertical: Option<&'static str>,
    recipe: Recipe,
}

fn tables() -> Vec<Table> {
    let table = |name: &str, field, vertical, recipe| Table {
        name: name.to_owned(),
        field,
        vertical,
        recipe,
    };
    let mut out = vec![
        table("urgency", "urgency", None, WHOLE),
        table("outcome", "outcome", None, WHOLE),
        table("caller", CALLER, None, CALLERS),
    ];
    for vertical in ["home_services", "clinic", "law_office", "moving"] {
        let name = format!("{vertical}-category");
        out.push(table(&name, "problem_category", Some(vertical), CATEGORY));
    }
    out
}

/// Words that mean nothing alone; beside others they may.
const SMALL: &str = "# i the and a to of it in is my that you for on at so we me was but be he she they this with or as it's i'm just \
    like have got do not no yes yeah okay if then there that's his her him our your from are an up out all what can";

/// Words and pairs of a sample, and what else the recipe wants of them.
fn features(sample: &Sample, recipe: &Recipe) -> BTreeSet<String> {
    let small: BTreeSet<&str> = SMALL.split_whitespace().collect();
    let mut out = BTreeSet::new();
    for (speaker, turn) in &sample.turns {
        let whose = match speaker {
            Speaker::Agent => AGENT.to_string(),
            Speaker::Caller => String::new(),
        };
        let tokens = tokenize(&words_of_text(turn, 0, 1000));
        if weigh::dictates(&tokens) {
            continue;
        }
        let words: Vec<&str> = weigh::words(&tokens).collect();
        let telling = words.iter().filter(|w| !small.contains(*w));
        out.extend(telling.map(|w| format!("{whose}{w}")));
        for pair in words.windows(2) {
            if pair != [NUMBER, NUMBER] {
                out.insert(format!("{whose}{}", pair.join(" ")));
            }
        }
        if recipe.stems {
            let stems = words.iter().filter_map(|w| weigh::stem(w));
            out.extend(stems.map(|stem| format!("{whose}{stem}{STEM}")));
        }
    }
    out
}

/// Of so many calls that the engine has to hear one is looked at where a table is held to its samples.
const FITTED: usize = 4;

/// A call as the engine hears it, to the end of its last turn.
fn heard(call: &Value, verticals: &Verticals) -> Extractor {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let vertical = verticals.get(call["vertical"].as_str().unwrap()).unwrap();
    let began = call["started_at"].as_str();
    let zone = call["timezone"].as_str();
    let context = Context {
        started_at: began.map_or(jiff::Timestamp::UNIX_EPOCH, |t| t.parse().unwrap()),
        timezone: zone.map_or(jiff::tz::TimeZone::UTC, |z| {
            jiff::tz::TimeZone::get(z).unwrap()
        }),
        caller_id: text(&call["caller_id"]),
        business: Business {
            area_code: text(&call["business"]["area_code"]),
            city: text(&call["business"]["city"]),
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
    extractor
}

/// Words and pairs around a number or place.
fn around(phrases: &[Phrase]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for phrase in phrases {
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

const STEPS: i32 = 500;
const RATE: f64 = 0.03;
/// A row whose weights lie closer together says nothing.
const LEAST_SPREAD: f64 = 0.06;

/// What is learned: for each feature, and for none, the weight of every option.
struct Fitted<'a> {
    options: Vec<&'a str>,
    names: Vec<&'a str>,
    /// Row after row, the bias last.
    weights: Vec<f64>,
}

/// What is learned from: its features, its label, and how much it counts.
type Example = (BTreeSet<String>, String, f64);

/// How a table is learned.
struct Recipe {
    /// The inverse strength of the penalty, as in the literature's `C`.
    c: f64,
    /// A feature of fewer samples is chance.
    least_samples: usize,
    /// The rarer options weigh as much as the frequent ones.
    balanced: bool,
    /// The beginnings of long words are features, too.
    stems: bool,
    /// How much a whole call counts beside a short one.
    whole: f64,
}

/// A call of so many turns is whole.
const WHOLE_TURNS: usize = 10;

fn fit<'a>(samples: &'a [Example], recipe: &Recipe) -> Fitted<'a> {
    let options: Vec<&str> = samples
        .iter()
        .map(|s| s.1.as_str())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in samples.iter().flat_map(|s| &s.0) {
        *seen.entry(feature).or_default() += 1;
    }
    let names: Vec<&str> = seen
        .iter()
        .filter(|(_, n)| **n >= recipe.least_samples)
        .map(|(name, _)| *name)
        .collect();
    let (k, width) = (options.len(), names.len() + 1);
    let share = |label: &str| {
        let own = samples.iter().filter(|s| s.1 == label).count();
        samples.len() as f64 / (k * own) as f64
    };
    let balance: Vec<f64> = options
        .iter()
        .map(|label| if recipe.balanced { share(label) } else { 1.0 })
        .collect();
    let rows: Vec<(Vec<usize>, usize, f64)> = samples
        .iter()
        .map(|(features, label, count)| {
            let mut row: Vec<usize> = features
                .iter()
                .filter_map(|f| names.binary_search(&f.as_str()).ok())
                .collect();
            // The bias comes last.
            row.push(width - 1);
            let label = options.binary_search(&label.as_str()).unwrap();
            (row, label, balance[label] * count)
        })
        .collect();
    let w = descend(width * k, |w, slope| {
        for (slope, w) in slope.iter_mut().zip(w) {
            *slope = w / recipe.c;
        }
        slope[(width - 1) * k..].fill(0.0);
        for (row, label, weight) in &rows {
            let mut scores = vec![0.0; k];
            for feature in row {
                for (score, w) in scores.iter_mut().zip(&w[feature * k..]) {
                    *score += w;
                }
            }
            let top = scores.iter().copied().fold(f64::MIN, f64::max);
            let sum: f64 = scores.iter().map(|s| (s - top).exp()).sum();
            for (option, score) in scores.iter_mut().enumerate() {
                *score =
                    weight * ((*score - top).exp() / sum - f64::from(u8::from(option == *label)));
            }
            for feature in row {
                for (slope, score) in slope[feature * k..].iter_mut().zip(&scores) {
                    *slope += score;
                }
            }
        }
    });
    Fitted {
        options,
        names,
        weights: w,
    }
}

/// The weights where the penalised loss is least, by full steps along its slope.
fn descend(count: usize, mut slope_at: impl FnMut(&[f64], &mut [f64])) -> Vec<f64> {
    let mut w = vec![0.0_f64; count];
    let mut slope = w.clone();
    let (mut mean, mut square) = (w.clone(), w.clone());
    for step in 1..=STEPS {
        slope_at(&w, &mut slope);
        let rate = RATE * (1.0 - f64::from(step - 1) / f64::from(STEPS));
        for (at, g) in slope.iter().enumerate() {
            mean[at] = 0.9 * mean[at] + 0.1 * g;
            square[at] = 0.999 * square[at] + 0.001 * g * g;
            let m = mean[at] / (1.0 - 0.9_f64.powi(step));
            let s = square[at] / (1.0 - 0.999_f64.powi(step));
            w[at] -= rate * m / (s.sqrt() + 1e-9);
        }
    }
    w
}

fn hundredths(weight: f64) -> String {
    let text = format!("{:.0}", weight * 100.0);
    if text == "-0" { "0".to_owned() } else { text }
}

/// How the tables of whole calls are learned where nothing else is better on calls that nothing was learned from; beginnings of words are for
/// what a call is about. Words with another one between them were no better for anything.
const WHOLE: Recipe = Recipe {
    c: 0.05,
    least_samples: 2,
    balanced: true,
    stems: false,
    whole: 1.0,
};

const CATEGORY: Recipe = Recipe {
    stems: true,
    whole: 2.0,
    ..WHOLE
};

/// Few who call are no customers, and the table is to know that.
const CALLERS: Recipe = Recipe {
    c: 0.5,
    balanced: false,
    ..WHOLE
};

/// A table of what words say for each option, as it is written.
fn train(samples: &[Example], recipe: &Recipe) -> String {
    let fitted = fit(samples, recipe);
    written(&fitted.options, &fitted.names, &fitted.weights)
}

/// A table as it is written: `w` row after row, that of the biases last.
fn written(options: &[&str], names: &[&str], w: &[f64]) -> String {
    let k = options.len();
    let mut out = format!("@ {}\n", options.join("\t"));
    let mut line = |name: &str, weights: &[f64]| {
        let weights: Vec<String> = weights.iter().copied().map(hundredths).collect();
        writeln!(out, "{name}\t{}", weights.join("\t")).unwrap();
    };
    line("", &w[names.len() * k..]);
    for (name, weights) in names.iter().zip(w.chunks(k)) {
        let spread = weights.iter().copied().fold(f64::MIN, f64::max)
            - weights.iter().copied().fold(f64::MAX, f64::min);
        if spread >= LEAST_SPREAD {
            line(name, weights);
        }
    }
    out
}

/// The samples of a table with its label.
fn labelled(samples: &[Sample], table: &Table) -> Vec<Example> {
    let counts = |sample: &Sample| match sample.turns.len() >= WHOLE_TURNS {
        true => table.recipe.whole,
        false => 1.0,
    };
    samples
        .iter()
        .filter(|s| table.vertical.is_none_or(|v| v == s.vertical))
        .filter_map(|s| {
            let label = s.labels.get(table.field)?.clone();
            Some((features(s, &table.recipe), label, counts(s)))
        })
        .collect()
}

#[test]
#[ignore = "`make weights` runs it: it writes the tables"]
fn make_the_tables() {
    let samples = samples();
    for table in tables() {
        let labelled = labelled(&samples, &table);
        let text = train(&labelled, &table.recipe);
        keep(&table.name, labelled.len(), &text);
    }
}

#[test]
fn the_tables_fit_their_samples() {
    let samples = samples();
    for Table {
        name,
        field,
        vertical,
        ..
    } in tables()
    {
        let text = std::fs::read_to_string(path(&name)).unwrap();
        let mut vocabulary = Vocabulary::default();
        let weights = Weights::parse(&text, &mut vocabulary).unwrap();
        let weights: &'static Weights = Box::leak(Box::new(weights));
        let (mut right, mut all) = (0, 0);
        for sample in samples
            .iter()
            .filter(|s| vertical.is_none_or(|v| v == s.vertical))
        {
            let Some(label) = sample.labels.get(field) else {
                continue;
            };
            let mut tally = Tally::new(weights);
            for (speaker, turn) in &sample.turns {
                let tokens = tokenize(&words_of_text(turn, 0, 1000));
                if !weigh::dictates(&tokens) {
                    tally.hear(*speaker, &vocabulary.ids(weigh::words(&tokens)));
                }
            }
            let best = (0..weights.options().len())
                .max_by(|a, b| tally.scores()[*a].total_cmp(&tally.scores()[*b]))
                .unwrap();
            all += 1;
            right += u32::from(weights.options()[best] == *label);
        }
        assert!(
            f64::from(right) >= 0.9 * f64::from(all),
            "{name}: {right} of {all} samples; make weights"
        );
    }
}
