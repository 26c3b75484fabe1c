//! What presses a clinic though no word of haste is said: a supply that gives out, an ailment that grows worse, a wound that heals badly,
//! eyes that fail of a sudden.

use super::urgency::{SOON, URGENT};
use crate::fields::cue::Cue;
use crate::fields::temporal::names_weekday;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// More than so many are a stock.
const FEW: u16 = 14;

/// What presses in the turn at `at`. `medicine`: the talk is of medicine.
pub(super) fn ailing(heard: &Heard, at: usize, medicine: bool) -> Option<usize> {
    let runs_out = if medicine { supply(heard, at) } else { None };
    runs_out
        .or_else(|| {
            let strained = matches!(heard.word(at), "sprained" | "twisted");
            hurt(heard, at).then_some(if strained { SOON } else { URGENT })
        })
        .or_else(|| ails(heard, at).then_some(SOON))
}

/// What presses in the turn as a whole.
pub(super) fn fails(heard: &Heard) -> bool {
    heals_badly(heard) || sight_fails(heard)
}

/// Words by which a supply is told.
const STOCK: &WordSet = words![
    "left", "out", "last", "enough", "any", "none", "empty", "gone", "worth", "missed", "skipped",
    "low", "down", "nothing",
];

/// What medicine is counted in.
const DOSES: &WordSet = words![
    "pill",
    "pills",
    "tablet",
    "tablets",
    "dose",
    "doses",
    "day",
    "days",
    "day's",
    "days'",
    "puffs",
    "pen",
    "pens",
    "patch",
    "patches",
    "vial",
    "vials",
    "inhaler",
    "strip",
    "strips",
    "bottle",
    "pack",
    "box",
    "one",
    "ones",
    "couple",
    "few",
    "week",
    "capsules",
    "drops",
    "shot",
    "injection",
];

/// Words that put what is said ahead of now.
const AHEAD: &WordSet = words![
    "running", "almost", "nearly", "about", "gonna", "going", "will", "i'll", "we'll", "he'll",
    "she'll", "before", "then", "soon", "guess", "run", "be", "when",
];

/// Times that come before a pharmacy can be asked twice.
const SHORTLY: &WordSet = words![
    "today",
    "tonight",
    "tomorrow",
    "supper",
    "dinner",
    "breakfast",
    "lunch",
    "bedtime",
    "morning",
];

/// "Three left", "I'm out", "just enough for tonight": how long the caller's medicine lasts.
fn supply(heard: &Heard, at: usize) -> Option<usize> {
    let word = heard.word(at);
    if !STOCK.has(word) {
        return None;
    }
    let from = heard.clause_start(at).max(at.saturating_sub(7));
    let to = heard.clause_end(at).min(at + 8);
    let before = |n: usize, words: &WordSet| {
        (at.saturating_sub(n).max(from)..at).any(|i| heard.any(i, words))
    };
    let after =
        |n: usize, words: &WordSet| (at + 1..to.min(at + 1 + n)).any(|i| heard.any(i, words));
    // The bottle has no refills left: of pills nothing is said.
    if before(4, words!["refill", "refills"]) || after(3, words!["refill", "refills"]) {
        return None;
    }
    let now = after(7, SHORTLY) || before(6, SHORTLY);
    let by_then = if now { URGENT } else { SOON };
    let few = || (at.saturating_sub(5).max(from)..at).any(|i| is_few(heard, i));
    match word {
        "left" if before(3, words!["none", "nothing", "no", "any", "zero"]) => Some(URGENT),
        "left" | "worth"
            if few()
                && (word == "worth"
                    || before(2, DOSES)
                    || is_few(heard, at - 1)
                    || after(2, words!["of", "in"])) =>
        {
            Some(by_then)
        }
        "out" => {
            let ran = before(
                3,
                words![
                    "ran",
                    "run",
                    "running",
                    "runs",
                    "been",
                    "i'm",
                    "he's",
                    "she's",
                    "we're",
                    "is",
                    "am",
                    "are",
                    "all",
                    "completely",
                    "totally",
                    "be",
                ],
            );
            let elsewhere = heard.word(at + 1) == "of"
                && after(
                    4,
                    words![
                        "town", "state", "work", "office", "network", "country", "pocket",
                        "hospital", "school", "surgery", "bed", "control",
                    ],
                );
            let of = heard.word(at + 1) == "of"
                || at + 1 == to
                || before(2, words!["ran", "run", "running", "runs"])
                || after(2, words!["since"]);
            let ahead = (before(4, AHEAD)
                || (at.saturating_sub(3)..at).any(|i| names_weekday(heard.word(i))))
                && !before(3, words!["ran", "have", "i've", "has"]);
            (ran && of && !elsewhere).then_some(if ahead { by_then } else { URGENT })
        }
        "last" => {
            let dose = (at + 1..at + 5).any(|i| heard.any(i, DOSES) || is_few(heard, i))
                || heard.any(at + 1, words!["yesterday", "night", "today"])
                    && before(3, words!["took"]);
            let of_it = heard.word(at + 1) != "week" || heard.word(at + 2) == "of";
            let taken = before(5, words!["took", "take", "used", "was"])
                || after(
                    4,
                    words!["ago", "yesterday", "today", "tonight", "night", "morning"],
                )
                || heard.says(words!["none"]);
            (dose && of_it).then_some(if taken { URGENT } else { SOON })
        }
        "enough" => {
            let today = after(7, words!["today", "tonight"]) && !heard.says(words!["tomorrow"]);
            let lasts = after(
                4,
                words!["through", "threw", "thru", "till", "til", "until", "for"],
            );
            (lasts && !heard.says(words!["plenty"])).then_some(if today { URGENT } else { SOON })
        }
        "any" => (before(
            3,
            words![
                "don't", "haven't", "hasn't", "doesn't", "not", "ain't", "without",
            ],
        ) && (after(2, words!["more", "left"]) || now))
            .then_some(URGENT),
        "missed" | "skipped" => (after(3, DOSES) && !after(4, words!["period"])).then_some(URGENT),
        // "Down to three."
        "down" => (heard.word(at + 1) == "to"
            && (at + 2..at + 6).any(|i| is_few(heard, i) || heard.word(i) == "last"))
        .then_some(by_then),
        "low" => {
            before(2, words!["running", "getting", "pretty", "real", "really"]).then_some(SOON)
        }
        "empty" | "gone" => before(
            5,
            words![
                "bottle", "pill's", "pills", "drops", "inhaler", "box", "insulin", "they're",
                "bottle's", "bottles",
            ],
        )
        .then_some(SOON),
        "none" | "nothing" => now.then_some(URGENT),
        _ => None,
    }
}

/// A small number, a couple, a few.
fn is_few(heard: &Heard, at: usize) -> bool {
    let Some(token) = heard.tokens.get(at) else {
        return false;
    };
    match token.num {
        Num::Digit(_) | Num::Homophone(_) => !token.any(words!["to", "too"]),
        Num::Teen(n) => u16::from(n) <= FEW,
        Num::Literal => token.text.parse::<u16>().is_ok_and(|n| n <= FEW),
        _ => token.any(words!["couple", "few", "handful", "one", "only"]),
    }
}

/// Words of ailments that want to be seen within days.
const AILING: &WordSet = words![
    "worse",
    "better",
    "fever",
    "fevers",
    "temperature",
    "feverish",
    "infection",
    "infected",
    "uti",
    "uti's",
    "pink",
    "strep",
    "pneumonia",
    "bronchitis",
    "vomiting",
    "throwing",
    "puking",
    "diarrhea",
    "night",
    "nights",
    "spreading",
    "home",
    "days",
    "hardly",
    "barely",
];

/// "It's getting worse", "not any better", "he's had a fever", "up all night with it": an illness that does not pass by itself.
fn ails(heard: &Heard, at: usize) -> bool {
    let word = heard.word(at);
    if !AILING.has(word) {
        return false;
    }
    let before = |n: usize, words: &WordSet| {
        (heard.clause_start(at).max(at.saturating_sub(n))..at).any(|i| heard.any(i, words))
    };
    let denied = before(
        3,
        words![
            "no", "not", "any", "without", "isn't", "hasn't", "didn't", "doesn't", "never", "if",
            "don't",
        ],
    );
    match word {
        "worse" => {
            before(
                3,
                words![
                    "getting", "gotten", "got", "gets", "is", "it's", "been", "much", "way", "lot",
                    "and", "feels", "any",
                ],
            ) && !denied
        }
        "better" => {
            denied
                && before(
                    4,
                    words![
                        "get", "getting", "gotten", "any", "feel", "feeling", "much", "got",
                    ],
                )
        }
        "pink" => heard.word(at + 1) == "eye",
        "throwing" => heard.word(at + 1) == "up" && !denied,
        "fever" => {
            !denied
                && !before(2, words!["after"])
                && !before(1, words!["yellow", "hay", "scarlet", "dengue"])
        }
        // "Eleven days now."
        "days" => {
            matches!(heard.word(at + 1), "now" | "straight") || matches!(heard.word(at + 2), "row")
        }
        "night" | "nights" => {
            before(3, words!["up"])
                && before(
                    2,
                    words!["all", "every", "two", "three", "four", "several", "couple"],
                )
        }
        // "The school sent him home with it."
        "home" => {
            before(4, words!["sent", "send"])
                && before(
                    8,
                    words!["school", "daycare", "nurse", "teacher", "preschool"],
                )
        }
        "hardly" | "barely" => (at + 1..at + 3).any(|i| {
            matches!(
                heard.word(i),
                "walk"
                    | "move"
                    | "bend"
                    | "stand"
                    | "sit"
                    | "lift"
                    | "tie"
                    | "talk"
                    | "eat"
                    | "sleep"
                    | "swallow"
                    | "turn"
            )
        }),
        "infection" | "infected" | "uti" | "uti's" | "strep" | "pneumonia" | "bronchitis" => {
            !denied && !before(2, words!["had"])
        }
        _ => !denied,
    }
}

/// What breaks, tears or pierces.
const HURTS: &WordSet = words![
    "broken",
    "broke",
    "fractured",
    "dislocated",
    "cut",
    "sliced",
    "gashed",
    "bit",
    "bitten",
    "burned",
    "burnt",
    "stepped",
    "punctured",
    "fell",
    "sprained",
    "twisted",
    "knocked",
];

/// Parts of a body.
const LIMBS: &WordSet = words![
    "wrist",
    "arm",
    "leg",
    "ankle",
    "foot",
    "hand",
    "finger",
    "fingers",
    "toe",
    "toes",
    "hip",
    "elbow",
    "collarbone",
    "shoulder",
    "nose",
    "rib",
    "ribs",
    "jaw",
    "knee",
    "head",
    "face",
    "thumb",
    "tooth",
    "teeth",
];

/// Words that make a wound fresh or deep.
const FRESH: &WordSet = words![
    "today", "morning", "just", "tonight", "hour", "hours", "deep", "stitches", "bad", "badly",
    "swollen", "nail", "rusty", "crooked", "swelled", "gushing",
];

/// "I think my wrist is broken, it's swollen up", "stepped on a rusty nail this morning": a wound of today.
fn hurt(heard: &Heard, at: usize) -> bool {
    HURTS.has(heard.word(at))
        && (heard.word(at) == "stepped" && heard.says(words!["nail", "glass", "needle", "tack"])
            || heard.word(at) == "knocked" && heard.says(words!["tooth", "teeth"])
            || heard.says(LIMBS) && heard.says(FRESH))
        && !heard.unreal(at)
        && !heard.says(words![
            "weeks", "months", "years", "year", "cast", "surgery"
        ])
}

/// Where a knife or a needle has been.
const OPERATED: &WordSet = words![
    "surgery",
    "surgical",
    "operation",
    "operated",
    "incision",
    "incisions",
    "stitches",
    "stitch",
    "staples",
    "sutures",
    "suture",
    "bunion",
    "section",
    "implant",
    "implants",
    "drain",
    "graft",
    "cast",
    "wisdom",
    "extraction",
    "procedure",
    "biopsy",
    "hernia",
    "gallbladder",
    "appendix",
    "tonsils",
    "hysterectomy",
    "replacement",
    "replaced",
    "catheter",
    "wound",
];

/// How a wound should not look.
const FESTERS: &WordSet = words![
    "red", "pus", "oozing", "oozes", "ooze", "yellow", "green", "swollen", "swelling", "swelled",
    "leaking", "draining", "drainage", "hot", "fever", "opened", "popped", "split", "bleeding",
    "bled", "smells", "stinks", "infected", "streaks", "numb",
];

/// "Did my bunion Tuesday and it's gone all red": a wound made by a doctor that does not heal.
fn heals_badly(heard: &Heard) -> bool {
    heard.tokens.iter().any(|t| OPERATED.has(&t.text))
        && (0..heard.tokens.len()).any(|i| {
            FESTERS.has(heard.word(i))
                && !heard
                    .hits
                    .cue(Cue::Negation)
                    .any(|h| h.end <= i && i - h.end < 3)
        })
}

/// "There's a gray shade coming down in my left eye", "all of a sudden I can't see out of it".
fn sight_fails(heard: &Heard) -> bool {
    heard.says(words!["eye", "eyes", "vision", "sight", "see", "seeing"])
        && (heard.says(words!["sparks", "flashes", "curtain", "shade", "veil"])
            || heard.says(words![
                "blurry", "blind", "double", "can't", "cannot", "lost", "gone",
            ]) && heard.says(words!["sudden", "suddenly"])
                && heard.says(words!["eye", "eyes", "vision", "sight"]))
}
