//! The table of the words that are the caller's name (`src/fields/name/tag.rs`), from the calls and dialogues that say what the caller's
//! name is: its words are examples wherever they are said, all others that could be names are examples of what it is not. The share itself
//! is wanted here, so that the rarer option weighs no more than it is frequent.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use offhook::fields::extract::Verticals;
use offhook::fields::name::tag::{self, Memory, Said};
use offhook::fields::token::{is_cased, tokenize};
use offhook::fields::{Speaker, words_of_text};
use serde_json::Value;

use super::{
    Example, LEAST_SPREAD, Recipe, WHOLE, WHOLE_TURNS, exchange, files, fit, folder, hundredths,
    sample, unit_dialogues,
};

/// The table of the words that are the caller's name.
const NAMES: &str = "src/fields/data/weights/caller_name.txt";

/// A call or dialogue that says what the caller's name is: the turns, the words of the name, and how much it counts.
type Named = (Vec<(Speaker, String)>, Vec<String>, f64);

/// Whole calls, and the dialogues that the engine must hold, count more than samples, which were written for the traps in them.
const FIRST: f64 = 3.0;

/// The calls and dialogues that say what the caller's name is, or that it is not said.
fn named() -> Vec<Named> {
    let parts = |name: &str| {
        let lower = name.to_lowercase();
        let mut parts: Vec<String> = lower.split([' ', '-']).map(str::to_owned).collect();
        parts.extend(lower.split(' ').map(str::to_owned));
        parts.retain(|p| p.chars().count() > 1);
        parts
    };
    let mut out = Vec::new();
    for path in files("fixtures/calls/tune", "jsonl") {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let call: Value = serde_json::from_str(line).unwrap();
            let name = &call["expected"]["fields"]["caller_name"];
            out.push((
                sample(&call, BTreeMap::new()).turns,
                name.as_str().map(parts).unwrap_or_default(),
                FIRST,
            ));
        }
    }
    for path in ["fixtures/dialogues", "fixtures/samples"]
        .iter()
        .flat_map(|f| files(f, "txt"))
    {
        let held = path.parent().is_some_and(|p| p.ends_with("dialogues"));
        for dialogue in exchange::read(&std::fs::read_to_string(path).unwrap()) {
            let name = dialogue.wanted.iter().find_map(|w| {
                if w == "!caller_name" {
                    return Some("");
                }
                let name = w.strip_prefix("caller_name ")?;
                let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
                // What was completed from another's name says nothing of what is said around one's own.
                if first == "inferred" {
                    return None;
                }
                let status = ["heard", "confirmed", "conflicting", "declined"];
                Some(if status.contains(&first) { rest } else { name })
            });
            if let Some(name) = name {
                let turns = sample(&dialogue.call, BTreeMap::new()).turns;
                let whole = turns.len() >= WHOLE_TURNS;
                let count = if whole || held { FIRST } else { 1.0 };
                out.push((turns, parts(name), count));
            }
        }
    }
    for (call, wanted) in unit_dialogues(&Verticals::load(None).unwrap()) {
        let mut names = wanted
            .iter()
            .filter_map(|w| w.strip_prefix("caller_name | "))
            .filter(|name| !name.ends_with(" | inferred"));
        if let Some(name) = names.next() {
            let name = name.split(" | ").next().filter(|n| *n != "-");
            let turns = sample(&call, BTreeMap::new()).turns;
            out.push((turns, name.map(parts).unwrap_or_default(), FIRST));
        }
    }
    out
}

/// Every word of a call that could be a name, by its features, and whether it is a word of the caller's.
fn words_of(call: &Named) -> Vec<Example> {
    let mut memory = Memory::default();
    let mut out = Vec::new();
    for (speaker, turn) in &call.0 {
        let tokens = tokenize(&words_of_text(turn, 0, 1000));
        let said = Said::new(*speaker, &tokens, is_cased(&tokens));
        for at in memory.candidates(&said) {
            let mut features = BTreeSet::new();
            memory.features(&said, at, |parts| {
                let parts: Vec<&str> = parts.iter().map(|p| p.text).collect();
                features.insert(parts.join(" "));
            });
            let text = tag::bare(&tokens[at]);
            let own = call.1.iter().any(|p| p == text);
            let label = if own { "own" } else { "other" };
            out.push((features, label.to_owned(), call.2));
        }
        memory.hear(&said);
    }
    out
}

/// The table of the words that are the caller's name, as it is written.
fn train_names(words: &[Example]) -> String {
    let fitted = fit(
        words,
        &Recipe {
            c: 0.3,
            least_samples: 3,
            balanced: false,
            ..WHOLE
        },
    );
    let own = fitted.options.iter().position(|o| *o == "own").unwrap();
    let weight = |row: &[f64]| row[own] - row[1 - own];
    let mut out = String::new();
    let bias = &fitted.weights[fitted.names.len() * 2..];
    writeln!(out, "\t{}", hundredths(weight(bias))).unwrap();
    for (name, row) in fitted.names.iter().zip(fitted.weights.chunks(2)) {
        if weight(row).abs() >= LEAST_SPREAD {
            writeln!(out, "{name}\t{}", hundredths(weight(row))).unwrap();
        }
    }
    out
}

#[test]
#[ignore = "`make weights` runs it: it writes the table"]
fn make_the_table_of_names() {
    let words: Vec<_> = named().iter().flat_map(words_of).collect();
    let table = train_names(&words);
    println!(
        "caller_name: {} words, {} rows",
        words.len(),
        table.lines().count() - 1
    );
    std::fs::write(folder(NAMES), table).unwrap();
}

#[test]
fn the_table_of_names_fits_its_words() {
    let weights = tag::Weights::parse(&std::fs::read_to_string(folder(NAMES)).unwrap()).unwrap();
    let (mut right, mut all) = (0, 0);
    for (turns, name, _) in named() {
        let mut memory = Memory::default();
        for (speaker, turn) in &turns {
            let tokens = tokenize(&words_of_text(turn, 0, 1000));
            let said = Said::new(*speaker, &tokens, is_cased(&tokens));
            for at in memory.candidates(&said) {
                let text = tag::bare(&tokens[at]);
                let own = name.iter().any(|p| p == text);
                all += 1;
                right += u32::from((memory.probability(&weights, &said, at) >= 0.5) == own);
            }
            memory.hear(&said);
        }
    }
    assert!(
        f64::from(right) >= 0.95 * f64::from(all),
        "{right} of {all} words; make weights"
    );
}
