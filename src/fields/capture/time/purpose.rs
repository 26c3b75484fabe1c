//! What a time in a sentence is the time of. The nearest cue in the same thought decides: "I was in on Monday, can you come Thursday"
//! has two times and two purposes.

use crate::fields::cue::Cue;
use crate::fields::name::word::is_kin;
use crate::fields::temporal::TimeMention;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::word_set::{WordSet, words};

/// What a time is the time of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A visit or an appointment to be made.
    Visit,
    /// An appointment made before this call.
    Standing,
    /// Something that happened.
    Story,
    /// Opening hours.
    Hours,
    /// Somebody's call.
    Call,
    /// Anything else: a hearing, a shift, a delivery.
    Other,
    /// Somebody wants it or is fine with it, whatever it is the time of.
    Wish,
    /// Nothing around says.
    Open,
}

impl Purpose {
    /// A time that only suits is one of a visit, unless the talk is of somebody's call.
    pub(super) fn in_talk(self, of_call: bool) -> Purpose {
        match self {
            Purpose::Wish if of_call => Purpose::Call,
            Purpose::Wish => Purpose::Visit,
            purpose => purpose,
        }
    }
}

/// Cues and their purposes; of two equally near the earlier in this list wins.
const CUES: [(Cue, Purpose); 9] = [
    (Cue::WhenStanding, Purpose::Standing),
    (Cue::WhenCall, Purpose::Call),
    (Cue::WhenOther, Purpose::Other),
    (Cue::WhenHours, Purpose::Hours),
    (Cue::WhenStory, Purpose::Story),
    (Cue::WhenVisit, Purpose::Visit),
    (Cue::WhenSuits, Purpose::Wish),
    (Cue::Offer, Purpose::Visit),
    (Cue::Booked, Purpose::Visit),
];

/// Cues further away than this many tokens before, or after, say nothing about a time.
const BEFORE: usize = 12;
const AFTER: usize = 5;
/// A cue after the time counts as that much further away, one beyond an "and" as that much.
const BEHIND: usize = 3;
const AND: usize = 4;

/// A cue found: where, how it ranks, what it says.
struct Found {
    start: usize,
    end: usize,
    rank: usize,
    purpose: Purpose,
}

/// The purpose of a time.
pub(super) fn of(heard: &Heard, m: &TimeMention) -> Purpose {
    let from = heard.clause_start(m.start);
    let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
    // "I have" offers a time in the agent's mouth only.
    let cues = match heard.speaker {
        Speaker::Agent => &CUES[..],
        Speaker::Caller => &CUES[..7],
    };
    let mut found: Vec<Found> = cues
        .iter()
        .enumerate()
        .flat_map(|(rank, (cue, purpose))| {
            heard.hits.cue(*cue).map(move |h| Found {
                start: h.start,
                end: h.end,
                rank,
                purpose: *purpose,
            })
        })
        .filter(|f| f.start >= from && f.end <= to)
        // "The last Saturday in April": what names the day says nothing of what it is for.
        .filter(|f| !(m.start <= f.start && f.end <= m.end))
        .collect();
    // "My son comes on the second", "the septic guy's coming": somebody else's coming, no visit of the business.
    if heard.speaker == Speaker::Agent {
        // "The nineteenth's a Thursday, I can do that": taken.
        found.retain(|f| f.purpose != Purpose::Other || heard.word(f.start + 1) != "can");
        // "The crew arrives at seven" is when they come.
        for f in &mut found {
            // "I've got a crew that's open from eleven"
            if f.purpose == Purpose::Hours
                && heard.word(f.start) == "open"
                && (f.start.saturating_sub(3)..f.start).any(|i| {
                    heard.any(
                        i,
                        words![
                            "crew", "truck", "guy", "team", "slot", "i'm", "he's", "she's",
                        ],
                    )
                })
            {
                f.purpose = Purpose::Visit;
            }
            if f.purpose == Purpose::Other
                && heard.any(
                    f.start,
                    words!["arrive", "arrives", "start", "starts", "begin", "begins"],
                )
            {
                f.purpose = Purpose::Visit;
            }
        }
        found.extend(could(heard, m));
    } else {
        for f in &mut found {
            // "My check comes on the third"
            let comes = heard.word(f.start) == "comes";
            // "They put it in a cast Sunday"
            if f.purpose == Purpose::Visit
                && heard.word(f.start) == "put"
                && heard.any(
                    f.start.wrapping_sub(1),
                    words!["they", "he", "she", "doctor"],
                )
            {
                f.purpose = Purpose::Story;
            }
            if f.purpose == Purpose::Visit
                && (comes || heard.word(f.start).starts_with("com") && others_come(heard, f.start))
            {
                f.purpose = Purpose::Other;
            }
        }
        found.retain(|f| !is_thing(heard, f));
        found.extend(asks_for(heard, m));
        found.extend(own_event(heard, m));
        found.extend(fills_day(heard, m));
        found.extend(others_plan(heard, m));
    }
    // "supposed to come in", "i said": what stands inside a longer thing belongs to it.
    let spans: Vec<(usize, usize)> = found.iter().map(|f| (f.start, f.end)).collect();
    found.retain(|f| {
        !spans
            .iter()
            .any(|(s, e)| e - s > f.end - f.start && *s <= f.start && f.start < *e && *e >= f.end)
    });
    found
        .iter()
        .filter_map(|f| {
            let distance = if f.start < m.start {
                let gap = m.start.saturating_sub(f.end);
                (gap <= BEFORE && !turns(heard, f.end.min(m.start), m.start))
                    .then(|| gap + AND * ands(heard, f.end.min(m.start), m.start))
            } else {
                let gap = f.start.saturating_sub(m.end);
                let to = f.start.max(m.end);
                // What comes after a pause is about something else.
                let another = (m.end..to).any(|i| heard.word(i).ends_with("'ll"))
                    || f.purpose == Purpose::Other && heard.word(f.start).ends_with("'ll");
                let pause = another
                    || (m.end.saturating_sub(1)..to.saturating_sub(1))
                        .any(|i| heard.tokens[i].stop >= Stop::Comma);
                // "Tomorrow at two, and our office closes at five": a day and an hour need no cue that belongs to the next thought.
                let whole = heard.speaker == Speaker::Agent
                    && m.day.is_some_and(|d| d.end.is_none())
                    && m.clock.is_some_and(|c| !c.part);
                let pause = pause || whole && (m.end..to).any(|i| NEXT_THOUGHT.has(heard.word(i)));
                (gap <= AFTER && !pause && !turns(heard, m.end, to))
                    .then(|| gap + BEHIND + AND * ands(heard, m.end, to))
            }?;
            Some((distance, f.rank, f.purpose))
        })
        .min_by_key(|(distance, rank, _)| (*distance, *rank))
        .map_or(Purpose::Open, |(_, _, purpose)| purpose)
}

/// "Could I get Thursday", "can we do Monday at nine": a slot asked for by name.
fn asks_for(heard: &Heard, m: &TimeMention) -> Option<Found> {
    let back = |n: usize| heard.word(m.start.wrapping_sub(n));
    let asks = matches!(back(1), "get" | "do" | "have" | "take" | "make" | "try")
        && matches!(back(2), "i" | "we")
        && matches!(back(3), "can" | "could" | "may");
    // "I was hoping for the first week of November"
    let hopes = back(1) == "for" && matches!(back(2), "hoping" | "shooting" | "aiming");
    (asks || hopes).then(|| Found {
        start: m.start - 2,
        end: m.start,
        rank: CUES.len(),
        purpose: Purpose::Visit,
    })
}

/// "I had blood work on Friday": work that somebody has or does, no time that works.
fn is_thing(heard: &Heard, f: &Found) -> bool {
    f.purpose == Purpose::Wish
        && f.end == f.start + 1
        && heard.word(f.start) == "work"
        && heard.any(
            f.start.wrapping_sub(1),
            words![
                "blood", "lab", "paper", "dental", "yard", "body", "bridge", "the", "some", "my",
                "of",
            ],
        )
}

/// Whether kin or somebody named by what they do stands right before the verb.
fn others_come(heard: &Heard, verb: usize) -> bool {
    (verb.saturating_sub(2)..verb).any(|i| {
        let word = heard.word(i);
        is_kin(possessor(word))
            || is_kin(word)
            || matches!(possessor(word), "guy" | "family" | "company" | "parents")
    })
}

/// "He's got soccer on Thursday", "I have a thing at school Tuesday": what fills somebody's time that day.
fn own_event(heard: &Heard, m: &TimeMention) -> Option<Found> {
    let from = heard.clause_start(m.start).max(m.start.saturating_sub(6));
    let has = (from..m.start).rev().find(|i| {
        heard.tokens[*i].any(words![
            "got", "has", "have", "he's", "she's", "i've", "we've"
        ])
    })?;
    let asks = heard.word(has.wrapping_sub(1)) == "you";
    let between = heard.tokens.get(has + 1..m.start).unwrap_or_default();
    let thing = !between.is_empty()
        && between.len() <= 4
        && !between.iter().any(|t| {
            t.any(words![
                "to",
                "appointment",
                "appt",
                "opening",
                "openings",
                "available",
                "free",
                "time",
                "until",
                "till",
                "you",
                "somebody",
                "someone",
                "be",
                "anything",
                "something",
                "it",
                "been",
                "not",
                "off",
                "any",
            ])
        });
    let on = matches!(heard.word(m.start.wrapping_sub(1)), "on" | "at");
    // "She's got dance camp Monday"
    let owns = heard.tokens[has].any(words!["he's", "she's", "i've", "we've"])
        || heard.any(
            has.wrapping_sub(1),
            words!["he's", "she's", "i've", "we've", "they've"],
        )
        || heard.any(has.wrapping_sub(1), words!["i", "we", "he", "she"])
            && heard.any(
                has.wrapping_sub(2),
                words!["", "and", "but", "because", "cause", "so"],
            );
    let on = on || owns && m.day.is_some() && m.clock.is_none();
    (thing && on && !asks).then_some(Found {
        start: has,
        end: has + 1,
        rank: CUES.len(),
        purpose: Purpose::Other,
    })
}

/// What makes a day named first one that suits: "Monday I can do", "Thursday we're home".
const SUITING: &WordSet = words![
    "no",
    "can",
    "could",
    "works",
    "work",
    "fine",
    "good",
    "great",
    "free",
    "off",
    "home",
    "open",
    "available",
    "prefer",
    "want",
    "would",
    "i'd",
    "we'd",
    "like",
    "rather",
    "take",
    "do",
    "better",
    "best",
    "think",
    "guess",
    "need",
    "i'll",
    "we'll",
    "around",
    "here",
    "till",
    "until",
    "after",
    "before",
    "by",
    "nothing",
    "perfect",
    "okay",
    "please",
    "that",
    "it",
];

/// "Monday I've got the dentist", "Thursday we're at the lake": a day named first, and what fills it.
fn fills_day(heard: &Heard, m: &TimeMention) -> Option<Found> {
    m.day.filter(|_| m.clock.is_none())?;
    if let Some(named) = is_event(heard, m) {
        return Some(named);
    }
    let next = m.end;
    let to = heard
        .clause_end(m.end.saturating_sub(1).max(m.start))
        .min(next + 8);
    let verb = match heard.word(next) {
        "i've" | "we've" | "he's" | "she's" | "they've" => {
            heard.any(next + 1, words!["got", "at", "in", "on"])
        }
        "i'm" | "we're" | "they're" => true,
        "i" | "we" | "he" | "she" => heard.any(
            next + 1,
            words![
                "have", "has", "got", "gotta", "am", "are", "is", "go", "goes", "take", "drive",
            ],
        ),
        _ => false,
    };
    let suits = (next + 1..to).any(|i| SUITING.has(heard.word(i)));
    (verb && !heard.tokens[m.end - 1].ends_clause() && !suits).then_some(Found {
        start: m.end,
        end: m.end + 1,
        rank: 0,
        purpose: Purpose::Other,
    })
}

/// "Tuesday's election day", "Thursday's market prep", "tomorrow's the holiday": what a day is, where no word says that it suits.
fn is_event(heard: &Heard, m: &TimeMention) -> Option<Found> {
    let to = heard
        .clause_end(m.end.saturating_sub(1).max(m.start))
        .min(m.end + 5);
    let is = heard.word(m.end - 1).ends_with("'s") && !heard.tokens[m.end - 1].ends_clause();
    let thing = (m.end..to).len() >= 2
        && !(m.end..to).any(|i| {
            SUITING.has(heard.word(i))
                || heard.tokens[i].num != Num::None
                || super::answering::judges(heard.word(i))
        });
    (is && thing).then_some(Found {
        start: m.end,
        end: m.end + 1,
        rank: 0,
        purpose: Purpose::Other,
    })
}

/// "They're going to move him tonight", "it'll rain Sunday": what others will do, whatever verb says it.
fn others_plan(heard: &Heard, m: &TimeMention) -> Option<Found> {
    let from = heard.clause_start(m.start).max(m.start.saturating_sub(8));
    let at = (from..m.start).rev().find(|i| match heard.word(*i) {
        "they'll" | "it'll" => true,
        "they" | "they're" | "it's" | "it" => {
            let next = *i + 1 + usize::from(heard.any(i + 1, words!["are", "is"]));
            heard.any(next, words!["going", "gonna", "will", "supposed"])
        }
        _ => false,
    })?;
    (!turns(heard, at, m.start)).then_some(Found {
        start: at,
        end: m.start,
        rank: CUES.len(),
        purpose: Purpose::Other,
    })
}

/// What an agent says somebody could do that is no visit: told, sent, looked up.
const TELLING: &WordSet = words![
    "call", "phone", "ring", "text", "email", "mail", "send", "fax", "tell", "ask", "check", "let",
    "find", "look", "leave", "pass", "note", "confirm", "try", "transfer", "say", "take", "talk",
    "speak", "reach", "page", "wait",
];

/// "I could get Troy out tomorrow", "he'd show up between one and three", "I might manage eight": what the business could do is on
/// offer, in whatever words.
fn could(heard: &Heard, m: &TimeMention) -> Option<Found> {
    let from = heard.clause_start(m.start).max(m.start.saturating_sub(8));
    let at = (from..m.start).rev().find(|i| {
        let subject = |i: usize| {
            matches!(
                heard.word(i),
                "i" | "we" | "he" | "she" | "they" | "somebody" | "someone"
            )
        };
        match heard.word(*i) {
            "could" | "can" | "might" => *i > 0 && subject(*i - 1),
            "he'd" | "she'd" | "they'd" | "we'd" => true,
            _ => false,
        }
    })?;
    let told = (at + 1..m.start.min(at + 5)).any(|i| heard.tokens[i].any(TELLING));
    (!told).then_some(Found {
        start: at,
        end: at + 1,
        rank: CUES.len(),
        purpose: Purpose::Visit,
    })
}

/// Words that begin something new behind a time, where no mark of punctuation does.
const NEXT_THOUGHT: &WordSet = words![
    "and", "please", "it", "it's", "now", "we'll", "he'll", "she'll", "they'll", "our", "we",
    "what's", "what", "can", "could", "may", "is", "then", "your", "you'll", "just",
];

/// Whether a new thought starts between two tokens.
fn turns(heard: &Heard, from: usize, to: usize) -> bool {
    (from..to).any(|i| heard.tokens[i].any(words!["but", "so", "because", "cause", "though"]))
}

/// How often "and" stands between two tokens.
fn ands(heard: &Heard, from: usize, to: usize) -> usize {
    (from..to).filter(|i| heard.tokens[*i].is("and")).count()
}
