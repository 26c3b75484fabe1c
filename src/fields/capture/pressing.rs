//! What presses though no word of haste is said: the only one of what a home cannot do without, a door that locks nobody out, water where
//! it should not be, a day that is too far off. What presses a clinic is told in `ailing`.

use super::ailing::{ailing, fails};
use super::urgency::{SOON, URGENT};
use crate::fields::temporal::names_weekday;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Where the call goes: an ailment presses a clinic, a blocked door a plumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trade {
    /// Bodies are seen to; `true` where the talk is of medicine.
    Body(bool),
    /// Houses are seen to.
    House,
    /// Wrongs are seen to.
    Law,
    /// Things are moved.
    Moves,
}

/// What presses in the caller's turn: how urgent that is, and the words.
pub(super) fn pressing(heard: &Heard, trade: Trade) -> Option<(usize, usize, usize)> {
    let whole = heard.tokens.len();
    let turn = match trade {
        Trade::Body(_) if fails(heard) => Some(URGENT),
        Trade::House if only_one(heard) => Some(URGENT),
        _ => None,
    };
    (0..whole)
        .filter_map(|at| {
            let rank = match trade {
                Trade::Body(medicine) => ailing(heard, at, medicine)?,
                Trade::House => house(heard, at)?,
                Trade::Law => wronged(heard, at)?,
                Trade::Moves => return None,
            };
            Some((rank, at.saturating_sub(3), (at + 2).min(whole)))
        })
        .chain(turn.map(|rank| (rank, 0, whole)))
        .max_by_key(|(rank, from, _)| (*rank, std::cmp::Reverse(*from)))
        .or_else(|| impatient(heard))
}

/// What a home has one of at the least.
const NEEDED: &WordSet = words![
    "toilet",
    "toilets",
    "toilet's",
    "bathroom",
    "bathrooms",
    "bathroom's",
    "commode",
    "restroom",
    "john",
    "potty",
    "flush",
    "flushes",
    "flushing",
    "bath",
];

/// "It's the only one in the house", "we just got the one bathroom": there is no other to go to.
fn only_one(heard: &Heard) -> bool {
    heard.says(words![
        "only", "one", "another", "other", "1", "both", "all", "every", "neither", "whole", "no",
    ]) && heard.says(NEEDED)
        && (0..heard.tokens.len()).any(|at| {
            let near = |n: usize, words: &WordSet| (at + 1..=at + n).any(|i| heard.any(i, words));
            let not = heard.any(at.wrapping_sub(1), words!["not"])
                || heard.any(at.wrapping_sub(2), words!["not"]);
            match heard.word(at) {
                "only" => {
                    !not && (near(
                        1,
                        words![
                            "one", "toilet", "toilet's", "bathroom", "commode", "restroom",
                        ],
                    ) || near(3, words!["one", "1"])
                        && near(5, words!["bathroom", "toilet", "house", "commode", "home"]))
                }
                "just" => {
                    near(4, words!["the"]) && near(5, words!["one"])
                        || near(2, words!["one"]) && near(3, NEEDED)
                }
                // "A one bathroom house", "one bathroom for the five of us."
                "one" => {
                    let has = heard.any(
                        at.wrapping_sub(1),
                        words!["got", "have", "there's", "has", "only", "just", "a"],
                    );
                    near(1, words!["bathroom", "toilet", "bath"])
                        && (has || near(2, words!["house", "for", "here", "home", "apartment"]))
                }
                "both" | "all" | "every" | "neither" | "toilets" => {
                    let fails = heard.says(words![
                        "backed",
                        "backing",
                        "overflowing",
                        "clogged",
                        "stopped",
                        "flush",
                        "plugged",
                    ]);
                    fails
                        && (heard.word(at) == "toilets"
                            && heard.says(words!["whole", "all", "both"])
                            || near(3, words!["toilets", "bathrooms", "toilet"]))
                }
                "no" => near(1, words!["toilet", "toilets", "bathroom", "working"]),
                "another" | "other" => {
                    near(1, words!["one", "bathroom", "toilet"])
                        && (at.saturating_sub(4)..at)
                            .any(|i| heard.any(i, words!["no", "don't", "ain't", "isn't", "not"]))
                }
                _ => false,
            }
        })
}

/// Where water does harm.
const WHERE_WATER_HARMS: &WordSet = words![
    "floor",
    "floors",
    "ceiling",
    "ceilings",
    "wall",
    "walls",
    "basement",
    "carpet",
    "cabinet",
    "bottom",
    "onto",
    "closet",
    "hallway",
    "towels",
    "bucket",
    "puddle",
    "downstairs",
    "through",
    "under",
];

/// Where somebody could come in.
const ENTRANCES: &WordSet = words![
    "door", "doors", "window", "windows", "lock", "locks", "gate", "frame", "glass",
];

/// "My car's trapped in there", "the front door won't lock", "it's dripping onto the floor", "the sink's backed up", "no hot water".
fn house(heard: &Heard, at: usize) -> Option<usize> {
    let near =
        |n: usize, words: &WordSet| (at.saturating_sub(n)..=at + n).any(|i| heard.any(i, words));
    match heard.word(at) {
        "trapped" | "stuck" | "blocked" => {
            let car = near(
                4,
                words!["car", "cars", "truck", "van", "car's", "truck's", "vehicle"],
            );
            (car && near(6, words!["garage", "in", "inside", "behind"])).then_some(URGENT)
        }
        "lock" | "latch" | "locks" | "locking" => {
            (near(3, words!["won't", "can't", "doesn't", "cannot", "not"])
                && heard.says(words!["door", "doors", "gate", "window"]))
            .then_some(URGENT)
        }
        "leaking" | "dripping" | "leaks" | "drips" | "leak" | "water" => {
            let harms = (at + 1..at + 6).any(|i| heard.any(i, WHERE_WATER_HARMS));
            (harms && !heard.unreal(at)).then_some(SOON)
        }
        // "My door got kicked in", "the window's wide open": anybody can walk in.
        "kicked" | "busted" | "broke" | "broken" | "smashed" | "pried" => {
            let into = heard.any(at + 1, words!["in", "into", "out", "open"]);
            (into && heard.says(ENTRANCES) && !heard.says(words!["years", "car"])).then_some(URGENT)
        }
        "wide" => (heard.word(at + 1) == "open" && heard.says(ENTRANCES)).then_some(URGENT),
        // "Not a drop in the house."
        "drop" => (heard.any(at.wrapping_sub(2), words!["not"])
            && near(
                3,
                words![
                    "house", "home", "water", "left", "anywhere", "faucet", "tap",
                ],
            ))
        .then_some(URGENT),
        "worse" => near(3, words!["getting", "gets", "gotten"]).then_some(URGENT),
        "spreading" => Some(SOON),
        "backed" | "backs" | "backing" => {
            (heard.word(at + 1) == "up" && !heard.unreal(at)).then_some(SOON)
        }
        // "My power's been out since this morning."
        "power" | "power's" | "electricity" | "electricity's" => ((at + 1..at + 4)
            .any(|i| heard.any(i, words!["out", "off", "gone"]))
            && heard.any(
                at.wrapping_sub(1),
                words!["my", "our", "the", "all", "lost"],
            )
            && !heard.says(words!["goes", "keeps", "flickers", "wash", "washed"]))
        .then_some(URGENT),
        "fridge" | "refrigerator" | "freezer" | "fridge's" => (heard.says(words![
            "food",
            "groceries",
            "meat",
            "milk",
            "formula",
            "insulin",
            "spoil",
            "spoiling",
            "thawing",
        ]) && heard.says(words![
            "quit", "died", "dead", "out", "stopped", "warm", "broke", "down", "won't", "not",
            "isn't",
        ]))
        .then_some(URGENT),
        "hot" => (heard.word(at + 1) == "water"
            && heard.any(at.wrapping_sub(1), words!["no", "any", "without"]))
        .then_some(SOON),
        _ => None,
    }
}

/// "He took the kids last night and she won't answer", "they turned off the lights on us": a wrong that is being done.
fn wronged(heard: &Heard, at: usize) -> Option<usize> {
    let before =
        |n: usize, words: &WordSet| (at.saturating_sub(n)..at).any(|i| heard.any(i, words));
    match heard.word(at) {
        "kids" | "children" | "son" | "daughter" | "baby" | "boys" | "girls" | "kid" => {
            let kept = before(
                4,
                words![
                    "took", "taken", "take", "taking", "has", "kept", "keeping", "got", "return",
                ],
            );
            let now = heard.says(words![
                "yesterday",
                "tonight",
                "today",
                "now",
                "morning",
                "night"
            ]) && heard.says(words![
                "answer",
                "answering",
                "where",
                "back",
                "state",
                "gone",
                "won't",
                "without",
            ]);
            (kept && now).then_some(URGENT)
        }
        "off" => {
            let cut = before(
                5,
                words!["turned", "shut", "cut", "turning", "shutting", "cutting"],
            );
            let whose = heard.says(words![
                "landlord",
                "landlady",
                "landlord's",
                "owner",
                "manager"
            ]);
            let what = (at.saturating_sub(5)..at + 5).any(|i| {
                heard.any(
                    i,
                    words![
                        "lights",
                        "power",
                        "water",
                        "electric",
                        "electricity",
                        "gas",
                        "heat",
                    ],
                )
            });
            (cut && whose && what).then_some(URGENT)
        }
        _ => None,
    }
}

/// "It's a hundred and twelve out", "ninety four in the house".
pub(super) fn sweltering(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|at| {
        let hot = match heard.tokens[at].num {
            Num::Tens(n) => n == 9,
            Num::Hundred => true,
            Num::Literal => heard
                .word(at)
                .parse::<u16>()
                .is_ok_and(|n| (90..=125).contains(&n)),
            _ => false,
        };
        hot && (at + 1..at + 5).any(|i| {
            heard.any(
                i,
                words!["degrees", "out", "outside", "inside", "here", "in"],
            )
        })
    })
}

/// "Is there anything sooner?", "I don't want to wait", "I can hold on till Thursday": days, and no more.
fn impatient(heard: &Heard) -> Option<(usize, usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        let before =
            |n: usize, words: &WordSet| (at.saturating_sub(n)..at).any(|i| heard.any(i, words));
        let presses = match heard.word(at) {
            "sooner" => {
                before(
                    5,
                    words![
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
            // "I can hold on till Thursday", "we'll get by until the weekend."
            "till" | "until" | "til" => {
                let day = (at + 1..at + 3).any(|i| {
                    names_weekday(heard.word(i)) || heard.any(i, words!["weekend", "tomorrow"])
                });
                day && before(
                    8,
                    words![
                        "hold", "get", "getting", "manage", "hang", "do", "last", "survive",
                    ],
                ) && before(9, words!["can", "could", "we'll", "i'll", "should"])
            }
            "wait" => {
                before(4, words!["don't", "not", "hate", "rather", "won't"])
                    && before(3, words!["to", "not", "rather", "won't"])
                    && !before(3, words!["mind", "have", "need"])
            }
            _ => false,
        };
        presses.then_some((SOON, at.saturating_sub(3), at + 1))
    })
}
