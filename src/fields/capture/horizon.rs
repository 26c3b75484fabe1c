//! By when the caller needs it: "before you close today", "out by six tonight", "in the next few days". What happened today, or is to
//! happen anyway, says nothing about that: of the words before a time the nearest that wants or tells decides.

use super::urgency::{SOON, URGENT};
use crate::fields::cue::Cue;
use crate::fields::temporal;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// So many tokens before a time may say what it is the time of.
const BEFORE: usize = 12;

/// Words that ask for something, or say that it must be.
const WANTS: &WordSet = words![
    "can",
    "could",
    "any",
    "anybody",
    "anyone",
    "anything",
    "somebody",
    "someone",
    "need",
    "needs",
    "needed",
    "want",
    "wants",
    "wanted",
    "hoping",
    "hope",
    "like",
    "love",
    "come",
    "look",
    "see",
    "seen",
    "squeeze",
    "fit",
    "send",
    "available",
    "opening",
    "openings",
    "gotta",
    "must",
    "way",
    "have",
    "has",
    "due",
    "filed",
    "supposed",
    "please",
    "get",
    "wait",
];

/// Words that tell what happened, or what is to happen anyway.
const TELLS: &WordSet = words![
    "since",
    "was",
    "were",
    "did",
    "didn't",
    "happened",
    "started",
    "began",
    "came",
    "woke",
    "went",
    "said",
    "told",
    "noticed",
    "been",
    "had",
    "picked",
    "served",
    "called",
    "took",
    "fired",
    "put",
    "quit",
    "broke",
    "fell",
    "hit",
    "found",
    "saw",
    "ago",
    "appointment",
    "appt",
    "work",
    "working",
    "works",
    "home",
    "moving",
    "tried",
    "arrested",
    "got",
    "booked",
    "call",
    "calling",
    "ring",
    "reach",
    "text",
    "scheduled",
    "closing",
    "up",
];

/// Words that deny a wanting.
const NOT: &WordSet = words![
    "not", "don't", "can't", "won't", "never", "doesn't", "didn't", "needn't", "isn't",
];

/// The nearest time by which the caller wants or needs it: how urgent that makes it, and the words.
pub(super) fn horizon(heard: &Heard, legal: bool) -> Option<(usize, usize, usize)> {
    (0..heard.tokens.len())
        .filter_map(|at| {
            let (rank, from, to) = deadline(heard, at, legal)
                .or_else(|| today(heard, at))
                .or_else(|| in_days(heard, at))
                .or_else(|| not_past(heard, at))?;
            (!supposed(heard, from)).then_some((rank, from, to))
        })
        .max_by_key(|(rank, from, _)| (*rank, std::cmp::Reverse(*from)))
}

/// "If you can't come today": nothing is said about today.
fn supposed(heard: &Heard, at: usize) -> bool {
    let near = at.saturating_sub(6).max(heard.clause_start(at));
    heard.hits.cue(Cue::Hypothetical).any(|h| {
        h.start >= near && h.end <= at && matches!(heard.word(h.start), "if" | "unless" | "might")
    }) && !heard.tokens[near..at].iter().any(|t| {
        t.any(words![
            "see",
            "possible",
            "wondering",
            "someone",
            "somebody",
            "you",
            "anybody",
        ])
    })
}

/// Whether the nearest telling word before the time asks for something.
fn wanted(heard: &Heard, at: usize) -> bool {
    (heard.clause_start(at).max(at.saturating_sub(BEFORE))..at)
        .rev()
        .find_map(|i| {
            let word = heard.word(i);
            // "Got to", "have to": it must be.
            let must = matches!(word, "got" | "have" | "has") && heard.word(i + 1) == "to";
            // "If I can get in", "get to see": an asking all the same; "we get home" tells.
            if must || WANTS.has(word) {
                let not = (i.saturating_sub(4)..i).any(|j| heard.any(j, NOT));
                Some(!not && !own(heard, i))
            } else if TELLS.has(word) || matches!(word, "not" | "don't" | "can't" | "won't" | "no")
            {
                Some(false)
            } else {
                None
            }
        })
        .unwrap_or(false)
}

/// "I can send it tonight", "I have a shift today": the caller's own affair.
fn own(heard: &Heard, at: usize) -> bool {
    let said = heard.word(at);
    let mine = matches!(
        heard.word(at.wrapping_sub(1)),
        "i" | "i'll" | "we" | "we'll"
    );
    mine && matches!(said, "can" | "could" | "have" | "send")
        && !matches!(heard.word(at + 1), "to" | "get" | "be" | "come" | "see")
}

/// "Today", "tonight", "this afternoon", or before the business closes, of what is wanted.
fn today(heard: &Heard, at: usize) -> Option<(usize, usize, usize)> {
    let end = match heard.word(at) {
        "today" | "tonight" => at + 1,
        "this" if matches!(heard.word(at + 1), "morning" | "afternoon" | "evening") => at + 2,
        "before" if matches!(heard.word(at + 1), "you" | "y'all" | "they" | "yall") => {
            (at + 2..at + 5).find(|i| {
                matches!(
                    heard.word(*i),
                    "close" | "leave" | "lock" | "go" | "quit" | "shut"
                )
            })? + 1
        }
        "day's" if matches!(heard.word(at + 1), "out" | "over" | "end") => at + 2,
        "till" | "until" if heard.word(at + 1) == "tomorrow" => {
            // "I'd rather not wait till tomorrow."
            let not = (at.saturating_sub(7)..at)
                .any(|i| matches!(heard.word(i), "not" | "can't" | "cannot" | "don't"));
            return not.then_some((URGENT, at, at + 2));
        }
        _ => return None,
    };
    wanted(heard, at).then_some((URGENT, at, end))
}

/// "Has to be filed by tomorrow at five", "keys over by six tonight", "done before Saturday".
fn deadline(heard: &Heard, at: usize, legal: bool) -> Option<(usize, usize, usize)> {
    let until = matches!(heard.word(at), "until" | "till") && legal;
    if !matches!(heard.word(at), "by" | "before") && !until {
        return None;
    }
    let to = (at + 6).min(heard.clause_end(at));
    let clock = matches!(
        heard.tokens.get(at + 1).map(|t| t.num),
        Some(Num::Digit(_) | Num::Teen(_) | Num::Literal | Num::Homophone(_))
    ) || heard.word(at + 1) == "noon";
    let near = (at + 1..to).find(|i| matches!(heard.word(*i), "today" | "tonight" | "tomorrow"));
    let of_today = near.filter(|i| *i == at + 1 || clock);
    if let Some(day) = of_today {
        return wanted(heard, at).then_some((URGENT, at, day + 1));
    }
    let next = if matches!(heard.word(at + 1), "the" | "this") {
        at + 2
    } else {
        at + 1
    };
    // "Before my mother's surgery next Tuesday": a day by what falls on it.
    let event = heard.word(at) == "before"
        && (next + 1..to).any(|i| temporal::names_weekday(heard.word(i)));
    let days = event
        || temporal::names_weekday(heard.word(next))
        || matches!(heard.word(next), "weekend")
        || heard.word(next) == "end" && (next + 1..next + 4).any(|i| heard.word(i) == "week");
    // What is due at law by a day of this week cannot wait, whoever would rather.
    let due = legal
        && (heard.clause_start(at).max(at.saturating_sub(6))..at)
            .any(|i| matches!(heard.word(i), "gotta" | "must" | "due" | "filed" | "answer"))
        || until
            && (at..to + 4).any(|i| {
                matches!(
                    heard.word(i),
                    "answer" | "respond" | "reply" | "file" | "sign" | "appeal" | "object"
                )
            });
    if until && !due {
        return None;
    }
    let rank = if due { URGENT } else { SOON };
    (days && (until || wanted(heard, at))).then_some((rank, at, next + 1))
}

/// "I wouldn't want them out there more than a few nights", "not past the weekend": days, and no more.
fn not_past(heard: &Heard, at: usize) -> Option<(usize, usize, usize)> {
    let end = match heard.word(at) {
        "past" | "beyond" => at + 3,
        "longer" | "more" if heard.word(at + 1) == "than" => at + 6,
        _ => return None,
    };
    let days = (at + 1..end).any(|i| {
        heard.any(i, words!["weekend", "week", "days", "nights", "night"])
            || temporal::names_weekday(heard.word(i))
    });
    let not = (heard.clause_start(at).max(at.saturating_sub(10))..at)
        .any(|i| heard.any(i, NOT) || heard.any(i, words!["wouldn't", "cannot", "rather"]));
    (days && not).then_some((SOON, at, end.min(heard.tokens.len())))
}

/// "In the next several days", "within the week", "this week some time", "can wait a couple of days".
fn in_days(heard: &Heard, at: usize) -> Option<(usize, usize, usize)> {
    let word = heard.word(at);
    if matches!(word, "week") {
        let this = heard.word(at.wrapping_sub(1)) == "this" && wanted(heard, at - 1);
        let within = matches!(heard.word(at.wrapping_sub(1)), "the" | "a" | "one")
            && matches!(heard.word(at.wrapping_sub(2)), "within" | "inside");
        let or_so = heard.word(at + 1) == "or"
            && heard.word(at + 2) == "so"
            && heard.word(at.wrapping_sub(1)) == "next";
        return (this || within || or_so).then_some((SOON, at.saturating_sub(2), at + 1));
    }
    if !matches!(word, "days" | "day") {
        return None;
    }
    let counts = |i: usize| {
        matches!(
            heard.word(i),
            "couple" | "few" | "several" | "of" | "or" | "two" | "day" | "next" | "coming"
        ) || matches!(
            heard.tokens.get(i).map(|t| t.num),
            Some(Num::Digit(_) | Num::Literal | Num::Homophone(_))
        )
    };
    let mut from = at;
    while from > 0 && at - from < 6 && counts(from - 1) {
        from -= 1;
    }
    if from == at {
        return None;
    }
    let coming = (from..at).any(|i| matches!(heard.word(i), "next" | "coming"));
    while from > 0 && matches!(heard.word(from - 1), "the" | "a" | "about" | "like") {
        from -= 1;
    }
    let ahead = coming
        || matches!(
            heard.word(from.wrapping_sub(1)),
            "in" | "within" | "inside" | "wait" | "manage" | "hold" | "last"
        );
    let past = matches!(heard.word(at + 1), "ago" | "now" | "straight" | "early")
        || heard.word(at + 1) == "before" && !coming
        || matches!(heard.word(from.wrapping_sub(2)), "past" | "last");
    (ahead && !past).then_some((SOON, from, at + 1))
}
