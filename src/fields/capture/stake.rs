//! What waits for a day that will not move: court on Thursday, the keys handed over by six, a house full of guests at Thanksgiving. The
//! thing at stake says how near such a day has to be before it presses.

use super::urgency::{SOON, URGENT};
use crate::fields::temporal::{future_date, holiday};
use crate::fields::token::{Num, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};
use jiff::civil::Date;

/// A day farther from what is at stake than so many tokens is a day of something else.
const NEAR: usize = 12;

/// How near the day has to be, in days: to be urgent, and to be wanted soon.
#[derive(Debug, Clone, Copy)]
struct Reach {
    urgent: i32,
    soon: i32,
}

/// A judge does not wait, and a lawyer needs days to prepare.
const COURT: Reach = Reach {
    urgent: 10,
    soon: 17,
};

/// What the law wants by a day.
const PAPERS: Reach = Reach {
    urgent: 7,
    soon: 17,
};

/// A home, a thing or money is gone after it.
const LOSS: Reach = Reach {
    urgent: 4,
    soon: 21,
};

/// Something that people look forward to, or that has to be done first.
const EVENT: Reach = Reach {
    urgent: 1,
    soon: 21,
};

/// Before a judge.
const IN_COURT: &WordSet = words![
    "judge",
    "court",
    "hearing",
    "arraignment",
    "arraigned",
    "trial",
    "sentencing",
];

/// What falls on a day and takes something away.
const LOSSES: &WordSet = words![
    "auction",
    "auctioned",
    "auctioning",
    "foreclose",
    "foreclosing",
    "foreclosure",
    "lockout",
    "evicted",
    "eviction",
    "evict",
    "evicting",
    "curb",
    "vacate",
    "collections",
    "repossess",
    "repossessing",
    "repo",
    "disconnect",
    "disconnected",
    "disconnecting",
    "condemned",
    "deported",
    "deport",
    "deporting",
    "deportation",
    "demolish",
    "demolishing",
    "bulldoze",
];

/// What falls on a day, and for which something has to be in order.
const EVENTS: &WordSet = words![
    "guests",
    "company",
    "feeding",
    "hosting",
    "party",
    "wedding",
    "reception",
    "funeral",
    "memorial",
    "graduation",
    "quinceanera",
    "shower",
    "christening",
    "baptism",
    "reunion",
    "holidays",
    "thanksgiving",
    "christmas",
    "easter",
    "passover",
    "inspection",
    "inspector",
    "appraisal",
    "closing",
    "showing",
    "tenant",
    "tenants",
    "renters",
    "surgery",
    "operation",
    "airport",
    "tryouts",
    "tournament",
    "deployment",
    "deploying",
    "expires",
    "expire",
    "lapses",
    "deadline",
    "due",
];

/// Who comes to stay.
const GUESTS: &WordSet = words![
    "people",
    "family",
    "folks",
    "parents",
    "inlaws",
    "laws",
    "law",
    "kids",
    "grandkids",
    "relatives",
    "friends",
    "everybody",
    "everyone",
    "husband",
    "wife",
    "mother",
    "mom",
    "mama",
    "father",
    "dad",
    "sister",
    "brother",
    "son",
    "daughter",
    "aunt",
    "uncle",
    "cousin",
    "cousins",
    "grandma",
    "grandmother",
    "grandson",
    "granddaughter",
    "guest",
    "guests",
    "company",
    "tenant",
    "renter",
    "roommate",
    "boss",
    "niece",
    "nephew",
];

/// Words before the keys that hand them over.
const HAND_OVER: &WordSet = words![
    "hand",
    "turn",
    "give",
    "return",
    "surrender",
    "drop",
    "want",
    "wants",
    "back",
    "over",
    "getting",
    "gets",
];

/// Words before a day that has gone by.
const TOLD: &WordSet = words![
    "last", "since", "fired", "served", "happened", "hit", "fell", "arrested", "told", "said",
    "quit", "came", "went", "gave", "took", "called", "died", "passed", "was", "were", "had",
    "did", "started",
];

/// What is at stake at `at`.
fn at_stake(heard: &Heard, at: usize, legal: bool, moving: bool) -> Option<Reach> {
    let word = possessor(heard.word(at));
    // Of other things than their own matter callers of a lawyer tell, and a move has its day anyway.
    let event = |needs: bool| {
        let wanted = !(needs || legal)
            || heard.says(words!["before", "by", "need", "needs", "gotta", "airport"]);
        (!moving && wanted).then_some(EVENT)
    };
    let before =
        |n: usize, words: &WordSet| (at.saturating_sub(n)..at).any(|i| heard.any(i, words));
    let after = |n: usize, words: &WordSet| (at + 1..=at + n).any(|i| heard.any(i, words));
    match word {
        "keys" | "key" => {
            (before(5, HAND_OVER) || after(2, words!["back", "over"])).then_some(LOSS)
        }
        // "Gotta be out by Thursday", "they want us out Friday".
        "out" => {
            let leaves = matches!(
                heard.word(at.wrapping_sub(1)),
                "be" | "get" | "move" | "us" | "me" | "moved" | "everything" | "stuff" | "things"
            );
            let must = before(
                8,
                words![
                    "gotta", "must", "need", "needs", "have", "has", "got", "supposed", "put",
                    "puts", "putting", "days", "hours", "throw", "throwing", "want", "wants",
                    "kick", "kicking",
                ],
            ) || after(3, words!["by", "before"]);
            (leaves && must).then_some(LOSS)
        }
        // "The bank's selling my house Monday", "they're taking my kids tomorrow".
        "selling" | "sell" => (before(4, words!["bank", "bank's", "they're", "county", "lender"])
            && after(3, words!["house", "home", "place"]))
        .then_some(LOSS),
        "taking" | "take" | "removing" | "remove" | "picking" => (before(
            4,
            words!["they're", "they", "cps", "state", "gonna", "he's", "she's"],
        ) && after(
            3,
            words!["kids", "children", "baby", "son", "daughter", "grandkids"],
        ))
        .then_some(LOSS),
        "closing" if moving => after(3, words!["moved", "is", "bumped", "pushed"]).then_some(LOSS),
        "close" if moving => (before(
            1,
            words![
                "we", "they", "i", "owners", "buyers", "buyer", "sellers", "who",
            ],
        ) && heard.word(at + 1) != "to")
            .then_some(LOSS),
        // "The movers bailed on us."
        "cancelled" | "canceled" | "bailed" | "ghosted" | "flaked" if moving => before(
            5,
            words![
                "movers", "mover", "company", "guys", "crew", "they", "truck",
            ],
        )
        .then_some(LOSS),
        "due" if legal => Some(PAPERS),
        "lease" => after(3, words!["up", "ends", "over", "expires", "done"]).then_some(LOSS),
        "power" | "water" | "gas" | "lights" | "electric" => {
            (before(4, words!["shut", "shutting", "cut", "cutting"])
                && (before(3, words!["off"]) || after(3, words!["off"]))
                && before(
                    6,
                    words!["they", "they're", "city", "company", "gonna", "will"],
                ))
            .then_some(LOSS)
        }
        // "Or they cancel me", "or she gives it to the next person".
        "cancel" | "gives" | "sells" | "parked" => before(
            3,
            words!["or", "they", "she", "he", "they'll", "she'll", "he'll"],
        )
        .then_some(EVENT),
        // "People coming", "my in-laws are coming", "family's staying with us".
        "coming" | "staying" | "visiting" | "arriving" | "flying" | "driving"
            if word != "flying" && word != "driving"
                || heard.any(at + 1, words!["in", "up", "down", "over"]) =>
        {
            (at.saturating_sub(4)..at)
                .any(|i| GUESTS.has(possessor(heard.word(i))))
                .then_some(EVENT)
        }
        // "Forty women get here at four", "the inspector will be here at noon": somebody comes, whatever is not ready.
        "here" if !moving && !legal => {
            (before(2, words!["get", "gets", "be", "arrive", "getting"])
                && before(
                    7,
                    words![
                        "people",
                        "women",
                        "guests",
                        "folks",
                        "everybody",
                        "everyone",
                        "company",
                        "family",
                        "kids",
                        "inspector",
                        "tenants",
                        "tenant",
                        "renters",
                        "buyers",
                        "customers",
                        "they",
                        "they're",
                        "parents",
                        "laws",
                    ],
                ))
            .then_some(EVENT)
        }
        // "It has to be in by the fifteenth", "the answer is due Friday".
        "sign" | "respond" | "answer" | "file" | "filed" | "appeal" | "object" | "reply"
            if legal =>
        {
            before(8, words!["to", "gotta", "must", "be", "days", "due"]).then_some(PAPERS)
        }
        // "Before school starts."
        "school" | "daycare" | "camp" | "college" => (!moving
            && (before(3, words!["before", "goes", "back"])
                || after(2, words!["starts", "begins"])))
        .then_some(EVENT),
        _ if legal && IN_COURT.has(word) => Some(COURT),
        _ if LOSSES.has(word) => Some(LOSS),
        // "I fly out Thursday" may only say when somebody is away.
        "fly" | "flying" | "flight" | "leave" | "leaving" | "trip" | "travel" | "traveling"
        | "vacation" => event(true),
        _ if EVENTS.has(word) => event(false),
        _ => None,
    }
}

/// What is at stake in the caller's turn and the day it falls on: how urgent that is, and the words. `legal`: the caller wants a
/// lawyer. `moving`: a day to be out by is what every move has, so that it presses only when it is near.
pub(super) fn at_stake_soon(
    heard: &Heard,
    legal: bool,
    moving: bool,
    now: Date,
) -> Option<(usize, usize, usize)> {
    (0..heard.tokens.len())
        .filter_map(|at| {
            let reach = at_stake(heard, at, legal, moving)?;
            if over(heard, at) {
                return None;
            }
            let (day, ahead) = nearest_day(heard, at, now)?;
            let soon = if moving { 6 } else { reach.soon };
            let rank = match ahead {
                n if n <= reach.urgent => URGENT,
                n if n <= soon => SOON,
                _ => return None,
            };
            Some((rank, at.min(day), at.max(day) + 1))
        })
        .max_by_key(|(rank, from, _)| (*rank, std::cmp::Reverse(*from)))
}

/// The day to come that is said nearest to `at`, in days from now, and where it is said.
fn nearest_day(heard: &Heard, at: usize, now: Date) -> Option<(usize, i32)> {
    let from = heard.clause_start(at).max(at.saturating_sub(NEAR));
    let to = heard.clause_end(at).min(at + NEAR);
    let mut near: Vec<usize> = (from..to).collect();
    near.sort_by_key(|i| i.abs_diff(at));
    let named = near.iter().find_map(|i| {
        if heard.word(*i) == "week" && heard.word(i.wrapping_sub(1)) == "next" {
            return Some((*i, 7));
        }
        // "Ten days to get out."
        if matches!(heard.word(*i), "days" | "hours") && heard.word(i + 1) != "ago" {
            let num = |at: usize| heard.tokens.get(at).map_or(Num::None, |t| t.num);
            let tens = match num(i.wrapping_sub(2)) {
                Num::Tens(tens) => i32::from(tens) * 10,
                _ => 0,
            };
            let count = match num(i.wrapping_sub(1)) {
                Num::Digit(n) => tens + i32::from(n),
                Num::Teen(n) => i32::from(n),
                Num::Tens(n) => i32::from(n) * 10,
                _ => return None,
            };
            let days = if heard.word(*i) == "days" {
                count
            } else {
                count / 24
            };
            return (heard.any(i + 1, words!["to", "from", "left"])
                || heard.any(i.wrapping_sub(2), words!["in", "within"]))
            .then_some((*i, days));
        }
        let (day, _) = future_date(heard, *i, now).or_else(|| holiday(heard, *i, now))?;
        let ahead = now.until(day).ok()?.get_days();
        let past = (i.saturating_sub(3)..*i).any(|j| TOLD.has(heard.word(j)));
        (ahead >= 0 && !past).then_some((*i, ahead))
    });
    // "Keys back by six": today.
    named.or_else(|| {
        near.into_iter()
            .find(|i| {
                matches!(heard.word(*i), "noon" | "midnight")
                    || matches!(heard.word(*i), "at" | "by" | "before")
                        && matches!(
                            heard.tokens.get(i + 1).map(|t| t.num),
                            Some(Num::Digit(_) | Num::Teen(_) | Num::Literal)
                        )
                        && !matches!(heard.word(i + 2), "days" | "weeks" | "day" | "hundred")
            })
            .map(|i| (i, 0))
    })
}

/// "I had surgery Monday", "we went to court last week": it is behind them.
fn over(heard: &Heard, at: usize) -> bool {
    (heard.clause_start(at).max(at.saturating_sub(5))..at).any(|i| {
        // "I've got till Friday to get out": that much time is left.
        let left = heard.any(i, words!["till", "until"])
            && (i.saturating_sub(3)..i)
                .any(|j| heard.any(j, words!["got", "have", "only", "gave"]));
        !left
            && words![
                "had", "was", "were", "went", "last", "missed", "since", "after", "didn't",
                "don't", "until", "till", "not",
            ]
            .has(heard.word(i))
    })
}
