//! Which way an hour bounds a visit. "Until three" ends the time of whoever is free till then and begins the time of whoever works till
//! then; "after three" the other way round: what is said of the one who waits decides, not the word before the hour. Days that never
//! suit are here too.

use crate::fields::name::word::is_kin;
use crate::fields::state::State;
use crate::fields::temporal::{self, Bound, Days, TimeMention};
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::value::{ConstraintKind, Value};
use crate::fields::word_set::{WordSet, words};

/// Tokens looked at before and after the hour.
const BEFORE: usize = 10;
const BEHIND: usize = 5;

/// Words that say somebody, or something, is there to be had.
const AVAILABLE: &WordSet = words![
    "home",
    "here",
    "there",
    "free",
    "open",
    "available",
    "around",
    "up",
    "awake",
    "in",
    "house",
    "reserved",
    "good",
    "have",
    "office",
];

/// Words that say it is not.
const SHUT: &WordSet = words!["closed", "locked", "blocked", "booked", "busy", "full"];

/// What fills somebody's time, where nobody is named.
const FILLED: &WordSet = words![
    "work",
    "working",
    "class",
    "school",
    "busy",
    "away",
    "gone",
    "asleep",
    "meeting",
    "meetings",
    "shift",
    "appointment",
    "court",
    "church",
    "practice",
    "therapy",
    "training",
    "dialysis",
    "surgery",
    "sleep",
    "teaching",
    "driving",
    "leave",
    "leaving",
    "out",
    "job",
];

/// What fills the same days of every week.
const FILLED_WEEKLY: &WordSet = words![
    "teach",
    "works",
    "classes",
    "office",
    "shifts",
    "chemo",
    "pt",
    "rehab",
    "gym",
    "golf",
    "watch",
    "babysit",
    "volunteer",
    "radiation",
    "daycare",
    "kids",
    "grandkids",
    "road",
    "travel",
];

const NEGATED: &WordSet = words![
    "not", "can't", "cannot", "cant", "won't", "don't", "dont", "doesn't", "never", "nothing",
    "isn't", "aren't", "couldn't", "unable", "no",
];

const PERSONS: &WordSet = words![
    "i",
    "i'm",
    "im",
    "i've",
    "i'll",
    "we",
    "we're",
    "we've",
    "we'll",
    "he",
    "he's",
    "she",
    "she's",
    "they",
    "they're",
    "he'll",
    "she'll",
    "everybody",
    "nobody",
];

/// Which limit an hour sets that the words before it bound.
pub(super) fn limit(heard: &Heard, m: &TimeMention) -> ConstraintKind {
    let from = thought_start(heard, m.start);
    let words = heard.tokens.get(from..m.start).unwrap_or_default();
    // "Till three I'm at the mill": what is said may come after.
    let subject_before = words.iter().any(|t| person(&t.text));
    let to = if !subject_before && person(heard.word(m.end)) {
        heard
            .clause_end(m.end.saturating_sub(1))
            .min(m.end + BEHIND)
    } else {
        m.end
    };
    let to = (m.end..to)
        .find(|i| heard.tokens[*i].any(words!["so", "but", "because", "cause", "though"]))
        .unwrap_or(to);
    let behind = heard.tokens.get(m.end..to).unwrap_or_default();
    let said = || words.iter().chain(behind);
    let any = |list: &WordSet| said().any(|t| list.has(&t.text));
    // "Isn't there anything after nine?" wishes for it.
    let wished = words
        .windows(2)
        .any(|w| w[0].any(words!["isn't", "aren't", "don't"]) && w[1].any(words!["there", "you"]));
    let negated = any(NEGATED) && !wished;
    let until = words.iter().any(|t| t.any(words!["until", "till", "til"]));
    let named = said().any(|t| person(&t.text));
    // "I have until three" has time, "I have class until three" has none.
    let last = heard.word(m.start.wrapping_sub(2));
    let has = last == "have" || last == "got";
    let there = has
        || said().any(|t| t.text != "have" && t.any(AVAILABLE))
            && (!any(words!["in"]) || matches!(last, "in" | "only"))
        || any(words!["in"]) && last == "in";
    // "I'll be home by three": from then on.
    let arrives = named
        && said().any(|t| t.any(words!["home", "back", "off", "there"]))
        && !any(words!["have", "gotta"]);
    match m.bound {
        Bound::By if arrives => ConstraintKind::NotBefore,
        Bound::After if until => ConstraintKind::NotBefore,
        Bound::After => {
            // "As long as it's after five, I'm at the school till then."
            let wanted = heard.any(m.start.wrapping_sub(2), words!["it's", "its", "be", "is"]);
            let filled = !wanted && named && !there && any(FILLED) && !any(words!["off", "get"]);
            if negated && !any(words!["get", "off"]) || filled {
                ConstraintKind::NotAfter
            } else {
                ConstraintKind::NotBefore
            }
        }
        _ if negated => ConstraintKind::NotBefore,
        _ if !until => ConstraintKind::NotAfter,
        _ if there => ConstraintKind::NotAfter,
        _ if named || any(FILLED) || any(SHUT) => ConstraintKind::NotBefore,
        _ => ConstraintKind::NotAfter,
    }
}

/// Whether the word is somebody: a pronoun, kin.
pub(super) fn person(word: &str) -> bool {
    PERSONS.has(word) || is_kin(word) || is_kin(possessor(word))
}

/// Where the thought begins that bounds the hour: not before a mark, a "so" or a "but".
pub(super) fn thought_start(heard: &Heard, at: usize) -> usize {
    let from = heard.clause_start(at).max(at.saturating_sub(BEFORE));
    (from..at.saturating_sub(1))
        .rev()
        .find(|i| {
            heard.tokens[*i].stop >= Stop::Comma
                || heard.tokens[*i].any(words!["so", "but", "because", "cause", "and", "though"])
        })
        .map_or(from, |i| i + 1)
}

/// Whether somebody's days are filled: somebody is named, what fills them too, and nothing says that they suit.
fn filled(heard: &Heard, from: usize, to: usize) -> bool {
    let start = heard.clause_start(from).max(from.saturating_sub(8));
    let end = heard.clause_end(to.saturating_sub(1)).min(to + 6);
    let said = |list: &WordSet| heard.tokens[start..end].iter().any(|t| t.any(list));
    let busy = said(FILLED) || said(FILLED_WEEKLY);
    let somebody = heard.tokens[start..end].iter().any(|t| person(&t.text));
    let free = heard.tokens[start..from]
        .iter()
        .any(|t| t.any(words!["or", "like", "only", "could", "can"]))
        || said(words![
            "free",
            "good",
            "works",
            "fine",
            "best",
            "available",
            "open",
            "home",
            "off",
        ]);
    // "I don't work Wednesday and Friday": those suit.
    let idle = (start..from)
        .any(|i| heard.word(i).ends_with("n't") && heard.word(i + 1).starts_with("work"));
    busy && somebody && !free && !idle
}

/// Whether "by" before the hour says how large a thing is: "ten by ten".
pub(super) fn is_size(heard: &Heard, m: &TimeMention) -> bool {
    m.bound == Bound::By
        && m.day.is_none()
        && heard
            .tokens
            .get(m.start.wrapping_sub(2))
            .is_some_and(|t| t.num != Num::None)
        && heard.word(m.start.wrapping_sub(1)) == "by"
}

impl State {
    /// Keeps the day as one that never suits, and the weekdays joined to it: "I work Monday and Tuesday".
    pub(super) fn never_on(&mut self, heard: &Heard, m: &TimeMention) {
        let Some(day) = m.day else { return };
        let name = |day: &Days| temporal::weekday_name(day.start.weekday()).to_owned();
        // "Not today", "not this Friday, the one after" is an answer, no rule.
        let calendar = (m.start..m.end).any(|i| {
            temporal::names_month(heard.word(i))
                || matches!(heard.tokens[i].num, Num::Ordinal(_) | Num::Literal)
        });
        if !day.weekday && !calendar {
            return;
        }
        let value = if day.weekday {
            name(&day)
        } else {
            day.start.to_string()
        };
        self.add_constraint(heard, (m.start, m.end), ConstraintKind::NotOn, value);
        let joined = day.weekday && matches!(heard.word(m.end), "and" | "or");
        if joined && let Some(next) = temporal::weekday_named(heard.word(m.end + 1)) {
            let span = (m.end + 1, m.end + 2);
            self.add_constraint(heard, span, ConstraintKind::NotOn, next.to_owned());
        }
    }

    /// "No move-ins on Mondays", "not on Tuesdays": a rule about a weekday, whoever tells it.
    pub(super) fn ruled_out(&mut self, heard: &Heard, m: &TimeMention) -> bool {
        let weekly = (m.start..m.end).any(|i| temporal::every_week(heard.word(i)));
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(5));
        let ruled = weekly
            && m.clock.is_none()
            && heard.word(m.start.wrapping_sub(1)) == "on"
            && (from..m.start)
                .any(|i| matches!(heard.word(i), "no" | "not" | "never" | "closed" | "nothing"));
        if ruled {
            self.never_on(heard, m);
        }
        ruled
    }

    /// "She has dialysis Monday, Wednesday, Friday", "I'm in the office Mondays and Tuesdays": days in a row that something fills.
    pub(super) fn filled_days(&mut self, heard: &Heard) {
        let mut at = 0;
        while at < heard.tokens.len() {
            let Some(first) = temporal::weekday_named(heard.word(at)) else {
                at += 1;
                continue;
            };
            let (from, mut days) = (at, vec![first]);
            at += 1;
            while let Some(next) = (at..at + 2).find_map(|i| {
                (i == at || words!["and", "on"].has(heard.word(at)))
                    .then(|| temporal::weekday_named(heard.word(i)).map(|d| (d, i + 1)))
                    .flatten()
            }) {
                days.push(next.0);
                at = next.1;
            }
            if days.len() < 2 || !filled(heard, from, at) {
                continue;
            }
            for day in days {
                self.add_constraint(heard, (from, at), ConstraintKind::NotOn, day.to_owned());
            }
        }
    }

    /// A day agreed to suits after all: what was said against it is off the list.
    pub(super) fn suits_after_all(&mut self, day: Days) {
        let Some(field) = self.field("constraints") else {
            return;
        };
        let name = temporal::weekday_name(day.start.weekday());
        let date = day.start.to_string();
        if let Some(Value::Constraints(all)) =
            self.ledger_mut(field).held.as_mut().map(|h| &mut h.value)
        {
            all.retain(|c| c.kind != ConstraintKind::NotOn || c.value != name && c.value != date);
            if all.is_empty() {
                let kind = self.ledger_mut(field).withdraw();
                self.note(field, kind);
            }
        }
    }
}
