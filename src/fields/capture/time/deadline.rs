//! Days by which something has to be done: told ("they gave me till the 24th"), asked for, said back, or set by an end that comes
//! anyway: a lease, a card, a closing.

use crate::fields::word_set::{WordSet, words};
use jiff::civil::Date;

use super::purpose::Purpose;
use crate::fields::state::State;
use crate::fields::temporal::{self, Bound, TimeMention};
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{ConstraintKind, Value};

/// Words right before "until" that make what follows the end of a grace rather than of a stay.
const GRACE: &WordSet = words![
    "only", "good", "got", "have", "has", "gave", "give", "given", "just",
];

/// Whoever is given one.
const GIVEN: &WordSet = words![
    "me", "us", "him", "her", "them", "you", "it", "hold", "holding",
];

/// Ways of saying that a day was set by somebody else.
const SAID: &WordSet = words![
    "said", "says", "say", "told", "wants", "want", "need", "needs", "asked", "has", "have",
    "must", "gotta",
];

/// What days are counted in.
const COUNTED: &WordSet = words![
    "night", "nights", "day", "days", "week", "weeks", "months", "been", "ever", "never",
];

/// What has to be left, reached or finished in a move.
const OUT: &WordSet = words![
    "out", "in", "gone", "moved", "vacated", "cleared", "empty", "emptied",
];

impl State {
    /// The nearest day by which or before which something has to be done.
    pub fn deadline(&self) -> Option<Date> {
        let Some(Value::Constraints(all)) = self.value(self.field("constraints")?) else {
            return None;
        };
        all.iter()
            .filter(|c| c.kind == ConstraintKind::Deadline)
            .filter_map(|c| c.value.rsplit(' ').next()?.parse::<Date>().ok())
            .min()
    }

    /// "She said by Sunday or it goes to the next", "I only got till the 24th to give it back", "we have to be in Boise on the first":
    /// a day to come that limits all, whatever else the sentence tells.
    pub(super) fn deadline_told(
        &mut self,
        heard: &Heard,
        m: &TimeMention,
        purpose: Purpose,
    ) -> bool {
        let Some(day) = m
            .day
            .filter(|d| d.start > self.today() && !m.past && m.clock.is_none())
        else {
            return false;
        };
        // "Not before the tenth": the first day that suits.
        let back = |n: usize| heard.word(m.start.wrapping_sub(n));
        if m.bound == Bound::Before
            && back(1) == "before"
            && day.end.is_none()
            && (m.negated
                || words!["not", "nothing", "never"].has(back(2))
                || words!["not", "nothing", "never"].has(back(3)))
        {
            let value = day.start.to_string();
            self.add_constraint(heard, (m.start, m.end), ConstraintKind::NotBefore, value);
            return true;
        }
        let last = day.end.map_or(day.start, |e| e.yesterday().unwrap_or(e));
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(8));
        let said = |words: &WordSet| (from..m.start).any(|i| heard.any(i, words));
        let set = match m.bound {
            Bound::By => {
                let told = (m.end..heard.clause_end(m.end.saturating_sub(1)).min(m.end + 3))
                    .any(|i| heard.any(i, SAID));
                purpose == Purpose::Story && (said(SAID) || told)
            }
            Bound::Before if words!["until", "till", "til"].has(back(1)) => {
                GRACE.has(back(2))
                    || GIVEN.has(back(2)) && (said(GRACE) || words!["hold", "holding"].has(back(3)))
            }
            // A move is planned from its end.
            Bound::At if self.field("origin_address").is_none() || m.negated => false,
            Bound::At => {
                self.asked_when_out()
                    || (from..m.start).any(|i| {
                        heard.word(i) == "be"
                            && heard.any(i.wrapping_sub(1), words!["to", "gotta", "must"])
                            && heard.any(
                                i.wrapping_sub(2),
                                words!["have", "has", "got", "need", "needs", "we", "i", "ve"],
                            )
                            && heard.any(i + 1, OUT)
                    })
            }
            _ => false,
        };
        if set {
            let span = (m.start.saturating_sub(1), m.end);
            self.add_deadline(heard, span, "by", last);
        }
        set
    }

    /// Whether the agent just asked: "when do you have to be out?"
    fn asked_when_out(&self) -> bool {
        let said = &self.last_agent;
        said.iter()
            .any(|w| words!["when", "when's", "date", "day"].has(w))
            && said.windows(2).any(|w| w[0] == "be" && OUT.has(&w[1]))
            && said
                .iter()
                .any(|w| words!["have", "need", "got", "gotta", "needs", "has"].has(w))
    }

    /// Keeps a day that everything has to be over by.
    pub(super) fn add_deadline(
        &mut self,
        heard: &Heard,
        span: (usize, usize),
        word: &str,
        day: Date,
    ) {
        // A move is planned from its end.
        if self.field("origin_address").is_some() {
            self.agenda.limit = Some(day);
        }
        let value = format!("{word} {day}");
        self.add_constraint(heard, span, ConstraintKind::Deadline, value);
    }

    /// "My card runs out on the thirtieth", "the lease is up the first", "closing is the ninth": a day by which it has to be done.
    pub(in crate::fields::capture) fn runs_out(&mut self, heard: &mut Heard) {
        let today = self.today();
        let moves = self.field("origin_address").is_some();
        for at in 0..heard.tokens.len() {
            let next = heard.word(at + 1);
            // "Before Thanksgiving", "by Mother's Day".
            if let word @ ("by" | "before") = heard.word(at)
                && !heard.any(at.wrapping_sub(1), COUNTED)
                && let Some((date, used)) = temporal::holiday(heard, at + 1, today)
                && date > today
            {
                self.add_deadline(
                    heard,
                    (at, at + 1 + used),
                    if word == "by" { "by" } else { "before" },
                    date,
                );
                continue;
            }
            let behind = match heard.word(at) {
                "runs" | "run" if next == "out" => 2,
                "expires" | "expire" | "expiring" | "due" | "deadline" => 1,
                "is" | "lease's" if next == "up" || next == "due" => 2,
                "that's" | "it's" | "they're" if next == "up" => 2,
                "lease" if matches!(next, "ends" | "end" | "expires") => 2,
                // "The buyers come in on the fifteenth."
                "buyers" | "owners" | "tenants" if moves => 1,
                _ => continue,
            };
            if heard.unreal(at) {
                continue;
            }
            let from = at + behind;
            let far = from + if moves { 7 } else { 4 };
            let limit = heard.clause_end(at).min(far);
            let found = (from..limit)
                .filter(|i| !heard.taken[*i])
                .find_map(|i| temporal::future_date(heard, i, today).map(|(d, used)| (d, i, used)));
            if let Some((date, i, used)) = found {
                self.add_deadline(heard, (at, i + used), "by", date);
                heard.take(i, i + used);
                return;
            }
        }
    }

    /// "Before school starts on August 19th", "before my appointment on Wednesday": the day of what it has to be done before.
    pub(super) fn deadline_of_event(&mut self, heard: &Heard, m: &TimeMention) -> bool {
        let Some(day) = m.day.filter(|d| d.start > self.today()) else {
            return false;
        };
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(7));
        let before = (from..m.start.saturating_sub(1))
            .rev()
            .find(|i| heard.word(*i) == "before");
        let Some(before) = before.filter(|b| m.bound == Bound::At && b + 2 < m.start) else {
            return false;
        };
        // "Two days before, on the third", "before that I had": no event behind.
        let event = !matches!(
            heard.word(before + 1),
            "that" | "then" | "and" | "so" | "but" | "i" | "noon"
        ) && !matches!(
            heard.word(before.wrapping_sub(1)),
            "day" | "days" | "week" | "weeks" | "month" | "night" | "been" | "not"
        ) && !(before..m.start).any(|i| {
            heard.tokens[i].stop >= Stop::Comma || matches!(heard.word(i), "so" | "but" | "and")
        });
        if event {
            let value = format!("before {}", day.start);
            self.add_constraint(heard, (before, m.end), ConstraintKind::Deadline, value);
        }
        event
    }

    /// "Okay, so before Thursday": the agent says whose day it is that the caller named.
    pub(super) fn deadline_said_back(&mut self, heard: &Heard, mentions: &[TimeMention]) {
        for m in mentions {
            let word = match m.bound {
                Bound::Before => "before",
                Bound::By => "by",
                _ => continue,
            };
            let until = heard.any(m.start.wrapping_sub(1), words!["until", "till", "til"]);
            let own = heard.says(words![
                "i'll", "we'll", "he'll", "she'll", "you'll", "they'll"
            ]);
            let Some(day) = m
                .day
                .filter(|_| m.clock.is_none() && !m.past && !until && !own)
            else {
                continue;
            };
            if self
                .agenda
                .named
                .is_some_and(|n| n.start == day.start && n.start > self.today())
            {
                let span = (m.start.saturating_sub(1), m.end);
                self.add_deadline(heard, span, word, day.start);
            }
        }
    }

    /// "Did they give you a date to sign it by?" - "April third".
    pub(super) fn answers_deadline(&mut self, heard: &Heard, m: &TimeMention) -> bool {
        let day = m
            .day
            .filter(|d| self.agenda.deadline_asked && d.end.is_none() && d.start > self.today());
        let Some(day) = day else { return false };
        // "We close on the first, so I'd want to load that Friday": when it is to be, asked for or not.
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(6));
        if (from..m.start).any(|i| heard.any(i, words!["want", "like", "rather", "prefer"])) {
            return false;
        }
        self.agenda.deadline_asked = false;
        self.add_deadline(heard, (m.start, m.end), "by", day.start);
        true
    }

    /// "I start on the fourteenth, so I have to be in before that": a deadline by the day named just before.
    pub(super) fn deadline_before_that(&mut self, heard: &Heard, mentions: &[TimeMention]) {
        for at in 1..heard.tokens.len() {
            let word = match heard.word(at - 1) {
                "before" => "before",
                "by" => "by",
                "after"
                    if heard.any(
                        at.wrapping_sub(2),
                        words!["time", "anytime", "so", "only", "anything", "sometime"],
                    ) =>
                {
                    "after"
                }
                _ => continue,
            };
            // "We report on the second, so before that."
            let bare = heard.any(
                at.wrapping_sub(2),
                words!["so", "sometime", "anytime", "well", "maybe"],
            );
            if !heard.tokens[at].any(words!["that", "then"])
                || !(bare || word == "after" || must(heard, at.saturating_sub(10), at))
                || heard.word(at) == "that"
                    && heard.tokens.get(at + 1).is_some_and(|t| {
                        heard.tokens[at].stop == Stop::None
                            && !t.any(words!["so", "but", "and", "if", "right", "like"])
                    })
            {
                continue;
            }
            let mut said = mentions.iter().rev().filter(|m| m.start < at && !m.past);
            // "I pick up my kids at three, so before then": an hour.
            if let Some(clock) = said.clone().next().and_then(|m| m.clock) {
                let kind = match word {
                    "after" => ConstraintKind::NotBefore,
                    _ => ConstraintKind::NotAfter,
                };
                let due = || {
                    (at.saturating_sub(10)..at).any(|i| {
                        heard.any(
                            i,
                            words![
                                "need", "needs", "must", "gotta", "gone", "done", "out",
                                "finished",
                            ],
                        )
                    })
                };
                if !clock.part && (word == "after" || due()) {
                    let value = format!("{:02}:{:02}", clock.start / 60, clock.start % 60);
                    self.add_constraint(heard, (at - 1, at + 1), kind, value);
                }
                continue;
            }
            // "The hearing's the fourteenth": a date that another field holds.
            let day = said
                .find_map(|m| m.day.map(|d| d.start))
                .or_else(|| self.date_in_talk(heard))
                .or_else(|| self.agenda.named.map(|d| d.start));
            let span = (at - 1, at + 1);
            match day {
                // "He gets his keys on the eleventh, so any time after that."
                Some(day) if word == "after" => {
                    self.add_constraint(heard, span, ConstraintKind::NotBefore, day.to_string());
                }
                Some(day) => self.add_deadline(heard, span, word, day),
                None => {}
            }
        }
    }
}

/// "The day before Friday", "two weeks before the tenth", "ever before": no limit, a time counted from another or an old story.
pub(super) fn counts_back(heard: &Heard, m: &TimeMention) -> bool {
    heard.any(m.start.wrapping_sub(2), COUNTED)
}

/// Whether the words say that something has to be.
pub(super) fn must(heard: &Heard, from: usize, to: usize) -> bool {
    heard.tokens[from..to].iter().any(|t| {
        t.any(words![
            "have", "has", "need", "needs", "must", "gotta", "got", "want", "done", "due", "out",
            "signed", "i'd", "in", "be",
        ])
    })
}
