//! What presses though no word of haste is said: a supply that gives out, the only one of what a home cannot do without, an ailment
//! that grows worse, a wound that heals badly, eyes that fail of a sudden.

use crate::fields::cue::Cue;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::WordSet;

/// Ranks of urgency.
const SOON: usize = 1;
const URGENT: usize = 2;

/// More than so many are a stock.
const FEW: u16 = 14;

/// Where the call goes: an ailment presses a clinic, a blocked door a plumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trade {
    /// Bodies are seen to; `true` where the talk is of medicine.
    Body(bool),
    /// Houses are seen to.
    House,
    /// Neither.
    Other,
}

/// What presses in the caller's turn: how urgent that is, and the words.
pub(super) fn pressing(heard: &Heard, trade: Trade) -> Option<(usize, usize, usize)> {
    let whole = heard.tokens.len();
    let turn = match trade {
        Trade::Body(_) if heals_badly(heard) || sight_fails(heard) => Some((URGENT, 0, whole)),
        Trade::House if only_one(heard) => Some((URGENT, 0, whole)),
        _ => None,
    };
    (0..whole)
        .filter_map(|at| {
            let (rank, span) = match trade {
                Trade::Body(medicine) => {
                    let found = supply(heard, at).filter(|_| medicine);
                    (found.or_else(|| ails(heard, at).then_some(SOON))?, 3)
                }
                Trade::House => (shut(heard, at)?, 4),
                Trade::Other => return None,
            };
            Some((rank, at.saturating_sub(span), (at + 2).min(whole)))
        })
        .chain(turn)
        .max_by_key(|(rank, from, _)| (*rank, std::cmp::Reverse(*from)))
        .or_else(|| impatient(heard))
}

/// Words by which a supply is told.
static STOCK: WordSet = WordSet::new(&[
    "left", "out", "last", "enough", "any", "none", "empty", "gone", "worth", "missed", "skipped",
    "low",
]);

/// What medicine is counted in.
const DOSES: &[&str] = &[
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
const AHEAD: &[&str] = &[
    "running", "almost", "nearly", "about", "gonna", "going", "will", "i'll", "we'll", "he'll",
    "she'll", "before", "then", "soon", "guess", "run", "be", "when",
];

/// "Three left", "I'm out", "just enough for tonight": how long the caller's medicine lasts.
fn supply(heard: &Heard, at: usize) -> Option<usize> {
    let word = heard.word(at);
    if !STOCK.has(word) {
        return None;
    }
    let from = heard.clause_start(at).max(at.saturating_sub(7));
    let to = heard.clause_end(at).min(at + 8);
    let before = |n: usize, words: &[&str]| {
        (at.saturating_sub(n).max(from)..at).any(|i| heard.any(i, words))
    };
    let after =
        |n: usize, words: &[&str]| (at + 1..to.min(at + 1 + n)).any(|i| heard.any(i, words));
    // The bottle has no refills left: of pills nothing is said.
    if before(4, &["refill", "refills"]) || after(3, &["refill", "refills"]) {
        return None;
    }
    let now =
        after(7, &["today", "tonight", "tomorrow"]) || before(6, &["today", "tonight", "tomorrow"]);
    let by_then = if now { URGENT } else { SOON };
    let few = || (at.saturating_sub(3).max(from)..at).any(|i| is_few(heard, i));
    match word {
        "left" if before(3, &["none", "nothing", "no", "any", "zero"]) => Some(URGENT),
        "left" | "worth"
            if few()
                && (word == "worth"
                    || before(2, DOSES)
                    || is_few(heard, at - 1)
                    || after(2, &["of", "in"])) =>
        {
            Some(by_then)
        }
        "out" => {
            let ran = before(
                3,
                &[
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
                    &[
                        "town", "state", "work", "office", "network", "country", "pocket",
                        "hospital", "school", "surgery", "bed", "control",
                    ],
                );
            let of = heard.word(at + 1) == "of"
                || before(2, &["ran", "run", "running", "runs"])
                || after(2, &["since"]);
            let ahead = before(4, AHEAD) && !before(3, &["ran", "have", "i've", "has"]);
            (ran && of && !elsewhere).then_some(if ahead { by_then } else { URGENT })
        }
        "last" => {
            let dose = (at + 1..at + 3).any(|i| heard.any(i, DOSES));
            let of_it = heard.word(at + 1) != "week" || heard.word(at + 2) == "of";
            let taken = before(5, &["took", "take", "used", "was"])
                || after(
                    4,
                    &["ago", "yesterday", "today", "tonight", "night", "morning"],
                )
                || heard.says(&["none"]);
            (dose && of_it).then_some(if taken { URGENT } else { SOON })
        }
        "enough" => {
            let lasts = after(
                4,
                &["through", "threw", "thru", "till", "til", "until", "for"],
            );
            (lasts && !heard.says(&["plenty"])).then_some(by_then)
        }
        "any" => (before(
            3,
            &[
                "don't", "haven't", "hasn't", "doesn't", "not", "ain't", "without",
            ],
        ) && (after(2, &["more", "left"]) || now))
            .then_some(URGENT),
        "missed" | "skipped" => (after(3, DOSES) && !after(4, &["period"])).then_some(URGENT),
        "low" => before(2, &["running", "getting", "pretty", "real", "really"]).then_some(SOON),
        "empty" | "gone" => before(
            5,
            &[
                "bottle", "pills", "drops", "inhaler", "box", "insulin", "they're", "bottle's",
            ],
        )
        .then_some(SOON),
        "none" => now.then_some(URGENT),
        _ => None,
    }
}

/// A small number, a couple, a few.
fn is_few(heard: &Heard, at: usize) -> bool {
    let Some(token) = heard.tokens.get(at) else {
        return false;
    };
    match token.num {
        Num::Digit(_) | Num::Homophone(_) => !token.any(&["to", "too"]),
        Num::Teen(n) => u16::from(n) <= FEW,
        Num::Literal => token.text.parse::<u16>().is_ok_and(|n| n <= FEW),
        _ => token.any(&["couple", "few", "handful", "one", "only"]),
    }
}

/// Words of ailments that want to be seen within days.
static AILING: WordSet = WordSet::new(&[
    "worse",
    "better",
    "fever",
    "fevers",
    "temperature",
    "feverish",
    "infection",
    "infected",
    "vomiting",
    "throwing",
    "puking",
    "diarrhea",
    "night",
    "nights",
    "spreading",
    "home",
    "hardly",
    "barely",
]);

/// "It's getting worse", "not any better", "he's had a fever", "up all night with it": an illness that does not pass by itself.
fn ails(heard: &Heard, at: usize) -> bool {
    let word = heard.word(at);
    if !AILING.has(word) {
        return false;
    }
    let before = |n: usize, words: &[&str]| {
        (heard.clause_start(at).max(at.saturating_sub(n))..at).any(|i| heard.any(i, words))
    };
    let denied = before(
        3,
        &[
            "no", "not", "any", "without", "isn't", "hasn't", "didn't", "doesn't", "never", "if",
            "don't",
        ],
    );
    match word {
        "worse" => {
            before(
                3,
                &[
                    "getting", "gotten", "got", "gets", "is", "it's", "been", "much", "way", "lot",
                    "and", "feels", "any",
                ],
            ) && !denied
        }
        "better" => {
            denied
                && before(
                    4,
                    &[
                        "get", "getting", "gotten", "any", "feel", "feeling", "much", "got",
                    ],
                )
        }
        "throwing" => heard.word(at + 1) == "up" && !denied,
        "fever" => !denied && !before(1, &["yellow", "hay", "scarlet", "dengue"]),
        // "Eleven days now."
        "days" => {
            matches!(heard.word(at + 1), "now" | "straight") || matches!(heard.word(at + 2), "row")
        }
        "night" | "nights" => {
            before(3, &["up"])
                && before(
                    2,
                    &["all", "every", "two", "three", "four", "several", "couple"],
                )
        }
        // "The school sent him home with it."
        "home" => {
            before(4, &["sent", "send"])
                && before(8, &["school", "daycare", "nurse", "teacher", "preschool"])
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
        "infection" | "infected" => !denied && !before(2, &["had"]),
        _ => !denied,
    }
}

/// Where a knife or a needle has been.
static OPERATED: WordSet = WordSet::new(&[
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
]);

/// How a wound should not look.
static FESTERS: WordSet = WordSet::new(&[
    "red", "pus", "oozing", "oozes", "ooze", "yellow", "green", "swollen", "swelling", "swelled",
    "leaking", "draining", "drainage", "hot", "fever", "opened", "popped", "split", "bleeding",
    "bled", "smells", "stinks", "infected", "streaks", "numb",
]);

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
    heard.says(&["eye", "eyes", "vision", "sight", "see", "seeing"])
        && (heard.says(&["sparks", "flashes", "curtain", "shade", "veil"])
            || heard.says(&[
                "blurry", "blind", "double", "can't", "cannot", "lost", "gone",
            ]) && heard.says(&["sudden", "suddenly"])
                && heard.says(&["eye", "eyes", "vision", "sight"]))
}

/// What a home has one of at the least.
const NEEDED: &[&str] = &[
    "toilet",
    "toilets",
    "bathroom",
    "bathrooms",
    "commode",
    "restroom",
    "john",
    "potty",
    "flush",
    "flushes",
    "flushing",
];

/// "It's the only one in the house", "we just got the one bathroom": there is no other to go to.
fn only_one(heard: &Heard) -> bool {
    heard.says(&["only", "one", "another", "other", "1"])
        && heard.says(NEEDED)
        && (0..heard.tokens.len()).any(|at| {
            let near = |n: usize, words: &[&str]| (at + 1..=at + n).any(|i| heard.any(i, words));
            let not =
                heard.any(at.wrapping_sub(1), &["not"]) || heard.any(at.wrapping_sub(2), &["not"]);
            match heard.word(at) {
                "only" => {
                    !not && (near(
                        1,
                        &[
                            "one", "toilet", "toilet's", "bathroom", "commode", "restroom",
                        ],
                    ) || near(3, &["one", "1"])
                        && near(5, &["bathroom", "toilet", "house", "commode", "home"]))
                }
                "just" => {
                    near(4, &["the"]) && near(5, &["one"]) || near(2, &["one"]) && near(3, NEEDED)
                }
                // "A one bathroom house", "one bathroom for the five of us."
                "one" => {
                    near(1, &["bathroom", "toilet", "bath"])
                        && near(2, &["house", "for", "here", "home", "apartment"])
                }
                "another" | "other" => {
                    near(1, &["one", "bathroom", "toilet"])
                        && (at.saturating_sub(4)..at)
                            .any(|i| heard.any(i, &["no", "don't", "ain't", "isn't", "not"]))
                }
                _ => false,
            }
        })
}

/// "My car's trapped in there", "the front door won't lock": somebody cannot get out, or anybody can get in.
fn shut(heard: &Heard, at: usize) -> Option<usize> {
    let near =
        |n: usize, words: &[&str]| (at.saturating_sub(n)..=at + n).any(|i| heard.any(i, words));
    let rank = match heard.word(at) {
        "trapped" | "stuck" | "blocked" => {
            near(
                4,
                &["car", "cars", "truck", "van", "car's", "truck's", "vehicle"],
            ) && near(6, &["garage", "in", "inside", "behind"])
        }
        "lock" | "latch" | "locks" | "locking" => {
            near(3, &["won't", "can't", "doesn't", "cannot", "not"])
                && heard.says(&["door", "doors", "gate", "window"])
        }
        _ => false,
    };
    rank.then_some(URGENT)
}

/// "Is there anything sooner?", "I don't want to wait": the day offered, or feared, is too far.
fn impatient(heard: &Heard) -> Option<(usize, usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        let before =
            |n: usize, words: &[&str]| (at.saturating_sub(n)..at).any(|i| heard.any(i, words));
        let presses = match heard.word(at) {
            "sooner" => {
                before(
                    5,
                    &[
                        "anything",
                        "any",
                        "something",
                        "nothing",
                        "way",
                        "get",
                        "can",
                        "could",
                    ],
                ) && !matches!(heard.word(at + 1), "in" | "that" | "than" | "or")
            }
            "wait" => {
                before(4, &["don't", "not", "hate", "rather", "won't"])
                    && before(3, &["to", "not", "rather", "won't"])
                    && !before(3, &["mind", "have", "need"])
            }
            _ => false,
        };
        presses.then_some((SOON, at.saturating_sub(3), at + 1))
    })
}
