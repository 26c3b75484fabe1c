//! Things to be moved.

use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::WordSet;

/// Things, singular; the table of the trade rather than of the language.
static THINGS: WordSet = WordSet::new(&[
    "bed",
    "couch",
    "sofa",
    "loveseat",
    "sectional",
    "dresser",
    "nightstand",
    "desk",
    "table",
    "chair",
    "recliner",
    "bookcase",
    "bookshelf",
    "bookshelves",
    "shelf",
    "piano",
    "safe",
    "treadmill",
    "elliptical",
    "washer",
    "dryer",
    "fridge",
    "refrigerator",
    "freezer",
    "stove",
    "dishwasher",
    "tv",
    "television",
    "box",
    "tote",
    "bin",
    "crib",
    "bike",
    "bicycle",
    "grill",
    "mattress",
    "futon",
    "armoire",
    "hutch",
    "cabinet",
    "wardrobe",
    "mirror",
    "lamp",
    "rug",
    "clock",
    "bench",
    "ottoman",
    "bunk bed",
    "bookshelf",
    "filing cabinet",
    "china",
    "book",
    "painting",
    "kayak",
    "motorcycle",
    "lawnmower",
    "mower",
    "workbench",
    "hot tub",
    "pool table",
    "aquarium",
    "stool",
    "trunk",
    "chest",
    "credenza",
    "vanity",
    "harp",
    "organ",
    "statue",
    "artwork",
    "computer",
    "monitor",
    "copier",
    "cubicle",
    "server",
    "plant",
    "stroller",
    "trampoline",
    "generator",
    "peloton",
    "daybed",
    "headboard",
    "buffet",
    "sideboard",
    "keyboard",
    "guitar",
    "dish",
    "toolbox",
    "microwave",
    "barstool",
    "dining table",
    "coffee table",
    "end table",
    "gun safe",
    "wheelchair",
    "loom",
    "kiln",
    "printer",
    "tub",
    "jacuzzi",
    "picture",
    "seat",
    "console",
    "tool",
    "crate",
    "canoe",
    "cooler",
    "stereo",
    "speaker",
    "vacuum",
    "ladder",
    "rack",
    "tire",
    "island",
    "machine",
    "stand",
    "chaise",
    "cot",
    "easel",
    "terrarium",
    "tank",
    "cart",
    "shed",
    "playset",
    "compressor",
    "scooter",
    "tractor",
    "pedestal",
    "sculpture",
    "suitcase",
    "instrument",
    "cello",
    "amp",
    "curio",
    "secretary",
    "glider",
    "hammock",
    "smoker",
    "heater",
    "set",
    "surfboard",
    "bag",
    "paddleboard",
    "snowblower",
    "dollhouse",
    "bassinet",
    "doghouse",
]);

/// Words that belong to a thing's name.
static KINDS: WordSet = WordSet::new(&[
    "queen",
    "king",
    "full",
    "twin",
    "double",
    "single",
    "upright",
    "grand",
    "baby",
    "dining",
    "kitchen",
    "coffee",
    "end",
    "side",
    "gun",
    "pool",
    "bunk",
    "leather",
    "antique",
    "patio",
    "office",
    "grandfather",
    "flat",
    "screen",
    "hot",
    "filing",
    "file",
    "conference",
    "rocking",
    "standing",
    "chest",
    "wardrobe",
    "exercise",
    "outdoor",
    "sleeper",
    "spinet",
    "china",
    "glass",
    "marble",
    "oak",
    "size",
    "sized",
    "bedroom",
    "lift",
    "tool",
    "love",
    "riding",
    "framed",
    "sleigh",
    "trundle",
    "platform",
    "deep",
    "bar",
    "card",
    "ping",
    "pong",
    "foosball",
    "air",
    "hockey",
    "sewing",
    "arcade",
    "vending",
    "pinball",
    "corner",
    "cedar",
    "curio",
    "lawn",
    "push",
    "sectional",
    "tv",
    "t",
    "v",
    "entertainment",
    "fish",
    "weight",
    "plant",
    "bean",
    "folding",
    "reclining",
    "electric",
    "dental",
    "exam",
    "massage",
    "drafting",
    "work",
    "server",
    "peloton",
    "dryer",
    "washer",
    "room",
    "drum",
    "swing",
]);

fn singular(word: &str) -> Option<&'static str> {
    let bases = [
        word,
        word.strip_suffix('s').unwrap_or(word),
        word.strip_suffix("es").unwrap_or(word),
    ];
    let shelves = if word == "bookshelves" {
        Some("bookshelf")
    } else {
        None
    };
    shelves.or_else(|| bases.iter().find_map(|b| THINGS.get(b)))
}

/// Things that are one only with the word before them: a "tub" alone stays in the house, a "stand" is a verb.
const BY_KIND: &[(&str, &[&str])] = &[
    ("tub", &["hot"]),
    ("seat", &["love"]),
    ("stand", &["tv", "v", "plant", "night"]),
    (
        "machine",
        &[
            "sewing", "washing", "vending", "pinball", "arcade", "rowing", "weight",
        ],
    ),
    ("island", &["kitchen"]),
    ("tank", &["fish"]),
    ("tool", &["power", "of"]),
    (
        "rack",
        &["weight", "wine", "coat", "server", "shoe", "bike", "gun"],
    ),
    (
        "set",
        &[
            "dining", "bedroom", "room", "drum", "swing", "patio", "dryer", "table", "train",
        ],
    ),
    ("bag", &["of", "duffel", "golf", "garment"]),
    ("heater", &["patio", "space"]),
    ("secretary", &["antique"]),
    ("amp", &["guitar"]),
    ("cart", &["golf", "bar"]),
    ("shed", &["garden"]),
];

/// The thing that the word at `at` names, "baby grand" and "t v" among them.
fn thing(heard: &Heard, at: usize) -> Option<&'static str> {
    let back = heard.word(at.wrapping_sub(1));
    match heard.word(at) {
        "grand" if back == "baby" && singular(heard.word(at + 1)).is_none() => {
            return Some("grand");
        }
        // "Book two movers", "on the books"
        "book" => return None,
        "books" if matches!(back, "the" | "your" | "our" | "on" | "he" | "she") => return None,
        "box" if heard.word(at + 1) == "up" => return None,
        "v" if back == "t" && singular(heard.word(at + 1)).is_none() => return Some("tv"),
        _ => {}
    }
    let base = singular(heard.word(at))?;
    match BY_KIND.iter().find(|(b, _)| *b == base) {
        Some((_, kinds)) => kinds.contains(&back).then_some(base),
        None => Some(base),
    }
}

/// Before a thing that is not the caller's to be moved, or no thing at all: "the security desk", "in boxes", "kicking tires".
const NOT_OURS: &[&str] = &[
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
const DAMAGE: &[&str] = &[
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

impl State {
    /// Things in the caller's turn.
    pub fn caller_items(&mut self, heard: &Heard) {
        let Some(field) = self.vertical.first_of(FieldType::ItemList).map(|i| i as u8) else {
            return;
        };
        if self.choice("problem_category") == Some("claim_damage")
            || self.choice("problem_category") == Some("status_check")
        {
            return;
        }
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
            if heard.taken[at]
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
                || heard
                    .tokens
                    .get(at + 1)
                    .is_some_and(|t| t.any(&["store", "number", "door", "leg", "room"]))
                || heard
                    .tokens
                    .get(at.wrapping_sub(1))
                    .is_some_and(|t| t.any(NOT_OURS))
                || damaged(heard, at)
            {
                continue;
            }
            let letters = base == "tv" && heard.word(at) == "v";
            let plural = heard.word(at) != base && heard.word(at) != "dishes" && !letters;
            let mut from = at - usize::from(letters);
            while from > 0
                && (KINDS.has(heard.word(from - 1))
                    || heard.word(from - 1) == "bed" && heard.word(from) == "room")
            {
                from -= 1;
            }
            let mut name: String = heard.tokens[from..at - usize::from(letters)]
                .iter()
                .map(|t| t.text.as_str())
                .filter(|w| !matches!(*w, "size" | "sized"))
                .map(|w| format!("{w} "))
                .collect();
            name.push_str(base);
            let run = heard.runs.iter().find(|r| {
                r.end == from || heard.word(r.end) == "or" && r.end + 2 >= from && r.end < from
            });
            let couple = heard
                .tokens
                .get(from.saturating_sub(3)..from)
                .is_some_and(|w| w.iter().any(|t| t.is("couple")));
            let count = run
                .and_then(|r| r.cardinal.or_else(|| r.digits().parse().ok()))
                .or(couple.then_some(2))
                .filter(|n| (2..=500).contains(n));
            let text = match count {
                Some(n) => format!(
                    "{n} {}",
                    if plural {
                        plural_of(&name, heard.word(at))
                    } else {
                        name.clone()
                    }
                ),
                None if plural => plural_of(&name, heard.word(at)),
                None => name.clone(),
            };
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

fn plural_of(name: &str, said: &str) -> String {
    match name.rsplit_once(' ') {
        Some((head, _)) => format!("{head} {said}"),
        None => said.to_owned(),
    }
}
