//! Things to be moved.

use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::number::Run;
use crate::fields::state::State;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::{WordSet, words};

use super::thing::{KINDS, is_kind_of_next, singular, thing};

/// Before a thing that is not the caller's to be moved, or no thing at all: "the security desk", "in boxes", "kicking tires".
const NOT_OURS: &WordSet = words![
    "security",
    "front",
    "reception",
    "in",
    "kicking",
    "kick",
    "help",
    "your",
    "service",
    "to",
];

/// What befalls things in a claim.
const DAMAGE: &WordSet = words![
    "cracked",
    "scratched",
    "dented",
    "broke",
    "busted",
    "damaged",
    "gouged",
    "chipped",
    "scratch",
    "dent",
    "crack",
    "ripped",
    "tore",
    "smashed",
    "shattered",
];

/// "They cracked the glass on my china cabinet": a thing complained of.
fn damaged(heard: &Heard, at: usize) -> bool {
    let from = heard.clause_start(at).max(at.saturating_sub(8));
    (from..at).any(|i| heard.tokens[i].any(DAMAGE))
}

/// What movers sell and lend themselves.
const WARES: &WordSet = words!["box", "bin", "tote", "crate", "bag", "cart", "rack"];

/// Words of selling and lending.
const SALE: &WordSet = words![
    "sell", "sells", "selling", "sold", "rent", "provide", "supply", "stock", "buy", "purchase",
    "cost", "costs", "price", "prices", "charge", "include", "included", "bring", "deliver",
];

/// The agent speaks of prices.
const PRICES: &WordSet = words!["sell", "each", "apiece", "dollars", "bucks", "rent"];

/// "Do you sell boxes?", "and you bring the boxes": wares of the mover's, asked about.
fn for_sale(heard: &Heard, at: usize) -> bool {
    let from = heard.clause_start(at).max(at.saturating_sub(12));
    let sale = |i: usize| {
        heard.any(i, SALE) && (from..i).any(|j| heard.any(j, words!["you", "y'all", "i", "we"]))
            || heard.word(i) == "how" && heard.word(i + 1) == "much"
    };
    let counted = heard.runs.iter().any(|r| r.end <= at && at - r.end <= 2);
    !counted && (from..at).any(sale)
}

impl State {
    /// Things in the caller's turn.
    pub fn caller_items(&mut self, heard: &Heard) {
        let Some(field) = self.vertical.first_of(FieldType::ItemList).map(|i| i as u8) else {
            return;
        };
        if matches!(
            self.choice("problem_category"),
            Some("claim_damage" | "status_check")
        ) {
            // Things told before it came out that nothing is to be moved.
            let kind = self.ledger_mut(field).withdraw();
            self.note(field, kind);
            return;
        }
        let priced = self.last_agent.iter().any(|w| PRICES.has(w));
        let mut items = match self.value(field) {
            Some(Value::Items(i)) => i.clone(),
            _ => Vec::new(),
        };
        let mut span: Option<(usize, usize)> = None;
        for at in 0..heard.tokens.len() {
            let Some(base) = thing(heard, at) else {
                continue;
            };
            // "Not much, a futon": there is one.
            let much = (at.saturating_sub(5)..at).any(|i| {
                heard.word(i) == "not"
                    && (matches!(heard.word(i + 1), "much" | "too")
                        || heard.word(i + 1) == "a" && matches!(heard.word(i + 2), "lot" | "whole"))
            });
            // "A t v" may have been taken for the letters of a name.
            if heard.taken[at] && base != "tv"
                || heard.unreal(at) && !much && !heard.word(at.saturating_sub(1)).ends_with("ing")
            {
                continue;
            }
            // "dining table": the last noun of the stretch names the thing.
            if heard
                .tokens
                .get(at + 1)
                .is_some_and(|t| singular(&t.text).is_some())
                && KINDS.has(base)
                || is_kind_of_next(heard, at)
                || heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.any(words!["store", "number", "door", "leg", "room"]))
                || at >= 2
                    && contents(
                        heard,
                        at - 2,
                        singular(heard.word(at - 2)).unwrap_or_default(),
                    )
                    .is_some()
                || heard
                    .tokens
                    .get(at.wrapping_sub(1))
                    .is_some_and(|t| t.any(NOT_OURS))
                // "We're on the clock"
                || base == "clock" && heard.any(at.wrapping_sub(2), words!["on", "around", "round", "against", "off"])
                || damaged(heard, at)
                || WARES.has(base) && (priced || for_sale(heard, at))
            {
                continue;
            }
            let Item {
                from,
                name,
                text,
                count,
            } = item_at(heard, at, base);
            // "A bookcase, well, three bookcases"
            let loose = plural_of(&name, heard.word(at));
            if count.is_some()
                && let Some(same) = items.iter_mut().find(|i| **i == name || **i == loose)
            {
                *same = text;
                span = Some(span.map_or((from, at + 1), |(a, _)| (a, at + 1)));
                continue;
            }
            // "A piano ... a baby grand": said again, more closely.
            let kind_of = if base == "grand" { "piano" } else { base };
            if let Some(loose) = items
                .iter_mut()
                .find(|i| i.as_str() == kind_of && name != kind_of)
            {
                *loose = if base == "grand" {
                    format!("{text} piano")
                } else {
                    text
                };
                span = Some(span.map_or((from, at + 1), |(a, _)| (a, at + 1)));
                continue;
            }
            if items.len() < 40
                && !items.iter().any(|i| {
                    i == &text
                        || i.ends_with(&name)
                        || i.contains(base) && (i.split(' ').count() == 1 || name == base)
                })
            {
                items.push(text);
                span = Some(span.map_or((from, at + 1), |(a, _)| (a, at + 1)));
            }
        }
        let Some(span) = span else { return };
        let claim = Claim {
            value: Value::Items(items),
            source: Source::CallerSaid,
            strength: Strength::Answer,
            inferred: false,
            p: 1.0,
            raw: heard.text(span.0, span.1),
            evidence: vec![heard.evidence(Role::States, span.0, span.1)],
        };
        let kind = self.ledger_mut(field).grow(claim);
        self.note(field, kind);
    }
}

/// A thing as it is told.
struct Item {
    /// First token of its name.
    from: usize,
    /// What it is called.
    name: String,
    /// The same with its count or its size.
    text: String,
    /// How many, where there are more than one.
    count: Option<u64>,
}

/// Words between a number and a thing that say that something else was counted: "two bedroom", "the two of us, a couch".
const COUNTED: &WordSet = words![
    "and", "or", "of", "with", "in", "on", "to", "for", "at", "the", "a", "an", "my", "our", "his",
    "her", "their", "but", "is", "are", "so", "that", "then", "plus", "from", "just", "like", "us",
    "people", "guys", "men", "movers", "hours", "days", "weeks", "months", "years", "flights",
    "stairs", "trips", "trucks", "o'clock", "am", "pm", "bedroom", "bedrooms", "bathroom", "story",
    "car", "floor", "inch", "inches", "foot", "bed", "room",
];

/// The thing whose noun is at `at`, with the words that belong to it.
fn item_at(heard: &Heard, at: usize, base: &str) -> Item {
    let letters = base == "tv" && heard.word(at) == "v";
    let plural = heard.word(at) != base && !letters;
    let head = at - usize::from(letters);
    let mut from = head;
    // The kitchen and the dining room are where the dishes are.
    while from > 0
        && base != "dish"
        && (KINDS.has(heard.word(from - 1))
            || from == head && heard.word(from - 1) != "of" && is_kind_of_next(heard, from - 1)
            || heard.word(from - 1) == "bed" && heard.word(from) == "room")
    {
        from -= 1;
    }
    let mut name: String = heard.tokens[from..head]
        .iter()
        .map(|t| t.text.as_str())
        .filter(|w| !matches!(*w, "size" | "sized"))
        .map(|w| format!("{w} "))
        .collect();
    name.push_str(base);
    // "Two big copiers": a word or two between the count and the thing.
    let described = |r: &Run| {
        r.end < from
            && from - r.end <= 2
            && (r.end..from).all(|i| {
                let token = &heard.tokens[i];
                token.num == Num::None
                    && heard.tokens[i - 1].stop == Stop::None
                    && thing(heard, i).is_none()
                    && !token.any(COUNTED)
            })
    };
    let run = heard.runs.iter().find(|r| {
        r.end == from
            || heard.word(r.end) == "or" && r.end + 2 >= from && r.end < from
            || described(r)
    });
    let couple = heard
        .tokens
        .get(from.saturating_sub(3)..from)
        .is_some_and(|w| w.iter().any(|t| t.is("couple")));
    // "A king bed, to twin beds": two, as the recogniser wrote it, where things are listed and there are several.
    let listed = from >= 2 && (heard.word(from - 2) == "and" || thing(heard, from - 2).is_some());
    let misheard = match heard.tokens.get(from.wrapping_sub(1)).map(|t| t.num) {
        Some(Num::Homophone(n)) if plural && listed && n > 1 => Some(u64::from(n)),
        _ => None,
    };
    let count = run
        .and_then(|r| r.cardinal.or_else(|| r.digits().parse().ok()))
        .or(misheard)
        .or(couple.then_some(2))
        .filter(|n| (2..=500).contains(n));
    let several = match plural {
        true => plural_of(&name, heard.word(at)),
        false => name.clone(),
    };
    // "Forty boxes of books"
    let several = match contents(heard, at, base) {
        Some(what) => format!("{several} of {what}"),
        None => several,
    };
    let inches = heard
        .runs
        .iter()
        .find(|r| base == "tv" && r.end + 1 == from && heard.any(r.end, words!["inch", "inches"]));
    let text = match (count, inches) {
        (_, Some(size)) => format!("{} inch {several}", size.digits()),
        (Some(n), None) => format!("{n} {several}"),
        (None, None) => several,
    };
    Item {
        from,
        name,
        text,
        count,
    }
}

/// What is in the boxes.
fn contents<'h>(heard: &'h Heard, at: usize, base: &str) -> Option<&'h str> {
    let what = heard.word(at + 2);
    let said = WARES.has(base)
        && heard.word(at + 1) == "of"
        && what.ends_with('s')
        && !matches!(what, "his" | "hers" | "ours" | "yours" | "theirs" | "this");
    said.then_some(what)
}

fn plural_of(name: &str, said: &str) -> String {
    match name.rsplit_once(' ') {
        Some((head, _)) => format!("{head} {said}"),
        None => said.to_owned(),
    }
}
