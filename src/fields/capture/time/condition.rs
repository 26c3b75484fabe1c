//! Hours and days that do not suit: kept as conditions, never as the appointment.

use super::deadline::{counts_back, must};
use super::purpose::Purpose;
use crate::fields::agenda::Slot;
use crate::fields::capture::hours;
use crate::fields::cue::Cue;
use crate::fields::state::State;
use crate::fields::temporal::{self, Bound, TimeMention};
use crate::fields::token::{Num, Stop, Token};
use crate::fields::turn::Heard;
use crate::fields::value::ConstraintKind;
use crate::fields::word_set::{WordSet, words};

impl State {
    /// Whether the mention bounds the visit rather than names it; if so it is kept as a condition.
    pub(super) fn constrains(
        &mut self,
        heard: &Heard,
        m: &TimeMention,
        purpose: Purpose,
        asked: bool,
    ) -> bool {
        // What happened, is open or stands already bounds nothing; of calls only hours ("call me after four").
        let bounded_call = purpose == Purpose::Call
            && m.day.is_none()
            && (matches!(m.bound, Bound::After | Bound::Before)
                || m.negated && m.clock.is_some_and(|c| c.end.is_some()));
        if self.ruled_out(heard, m)
            || self.answers_deadline(heard, m)
            || self.deadline_of_event(heard, m)
            || self.deadline_told(heard, m, purpose)
        {
            return true;
        }
        if matches!(purpose, Purpose::Story | Purpose::Hours | Purpose::Standing)
            || purpose == Purpose::Call && !bounded_call
        {
            return false;
        }
        if hours::is_size(heard, m) || self.busy_weekday(heard, m, purpose) {
            return true;
        }
        // "I don't leave till ten": there until then, and no limit.
        let stays = (m.start.saturating_sub(4)..m.start)
            .any(|i| heard.word(i) == "leave" && heard.word(i.wrapping_sub(1)).ends_with("n't"));
        if stays {
            return true;
        }
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(6));
        // "It can wait til Monday" limits nothing.
        if m.bound == Bound::Before
            && (from..m.start).any(|i| matches!(heard.word(i), "wait" | "waits" | "hold"))
        {
            return true;
        }
        // "I get off at three thirty", "I start work at one": when the caller's time begins or ends.
        if let Some(clock) = m.clock.filter(|c| !c.part && c.end.is_none())
            && m.bound == Bound::At
            && m.day.is_none()
            && let Some(kind) = own_hours(heard, from, m.start)
        {
            let value = format!("{:02}:{:02}", clock.start / 60, clock.start % 60);
            self.add_constraint(heard, (from, m.end), kind, value);
            return true;
        }
        let hhmm = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(8));
        let words = heard.tokens.get(from..m.start).unwrap_or_default();
        let before = |w: &WordSet| words.iter().any(|t| t.any(w));
        let today = heard.says(words!["today", "tonight"]);
        let away = !today
            && before(words![
                "work",
                "until",
                "till",
                "home",
                "not",
                "can't",
                "cannot",
                "won't",
                "off",
                "class",
                "leave",
                "don't",
                "never",
                "school",
                "busy",
                "available",
                "isn't",
            ])
            || heard
                .hits
                .cue(Cue::Cannot)
                .any(|h| h.start >= from && h.end <= m.start + 1);
        match (m.clock, m.bound) {
            (Some(c), _) if m.negated && c.end.is_some() && !c.part => {
                let end = c.end.unwrap_or(c.start);
                self.add_constraint(
                    heard,
                    (m.start, m.end),
                    ConstraintKind::NotBetween,
                    format!("{}-{}", hhmm(c.start), hhmm(end)),
                );
                true
            }
            // "She's on calls eleven to one", "two to three thirty I'm out": hours that are filled.
            (Some(c), Bound::At)
                if c.end.is_some() && !c.part && m.day.is_none() && fills(heard, m) =>
            {
                let end = c.end.unwrap_or(c.start);
                let value = format!("{}-{}", hhmm(c.start), hhmm(end));
                self.add_constraint(heard, (m.start, m.end), ConstraintKind::NotBetween, value);
                true
            }
            (Some(c), Bound::After) if m.day.is_none() && !c.part => {
                let kind = hours::limit(heard, m);
                if asked && !away && self.agenda.day.is_some() {
                    return false;
                }
                self.add_constraint(heard, (m.start, m.end), kind, hhmm(c.start));
                true
            }
            (Some(c), Bound::Before) if !c.part => {
                let word = heard.word(m.start.wrapping_sub(1));
                let until = matches!(word, "until" | "till" | "til");
                if let Some(day) = m.day.filter(|_| !until && must(heard, from, m.start)) {
                    let clock = hhmm(c.start);
                    self.add_constraint(
                        heard,
                        (m.start.saturating_sub(1), m.end),
                        ConstraintKind::Deadline,
                        format!("before {clock} {}", day.start),
                    );
                    return true;
                }
                let kind = hours::limit(heard, m);
                self.add_constraint(heard, (m.start, m.end), kind, hhmm(c.start));
                m.day.is_none() || until
            }
            // "He's in Laredo till Friday", "a lease until January": the end of a state is no deadline.
            (None, Bound::Before)
                if matches!(
                    heard.word(m.start.wrapping_sub(1)),
                    "until" | "till" | "til"
                ) && !before(words!["only", "good"]) =>
            {
                true
            }
            (None, Bound::Before | Bound::By) if m.bound == Bound::By || !counts_back(heard, m) => {
                if let Some(day) = m.day {
                    let word = if m.bound == Bound::By { "by" } else { "before" };
                    let date = day.end.map_or(day.start, |e| e.yesterday().unwrap_or(e));
                    self.add_deadline(heard, (m.start.saturating_sub(1), m.end), word, date);
                }
                true
            }
            (None, Bound::Before | Bound::By) => true,
            // "It has to be done by four", "out by noon on the sixteenth", "by tomorrow night"; an hour told back is none.
            (Some(c), Bound::By) => {
                match m.day {
                    Some(day) if must(heard, from, m.start) => self.add_deadline(
                        heard,
                        (m.start.saturating_sub(1), m.end),
                        "by",
                        day.start,
                    ),
                    None if !c.part => self.add_constraint(
                        heard,
                        (m.start.saturating_sub(1), m.end),
                        hours::limit(heard, m),
                        hhmm(c.start),
                    ),
                    _ => return false,
                }
                true
            }
            (None, Bound::At) if m.negated => {
                if let Some(day) = m.day {
                    // Refusing an offered day is an answer, not a rule.
                    if !self.agenda.offers.iter().any(|o| o.fits(&Slot::of(m))) {
                        self.never_on(heard, m);
                    } else {
                        // With its reason it is a rule all the same: "Monday I work a double".
                        if day.weekday && words_around(heard, m).any(|t| BUSY.has(&t.text)) {
                            self.never_on(heard, m);
                        }
                        return false;
                    }
                }
                true
            }
            _ => false,
        }
    }

    /// "I teach Thursdays", "he's at dialysis on Fridays": a weekday that never suits.
    fn busy_weekday(&mut self, heard: &Heard, m: &TimeMention, purpose: Purpose) -> bool {
        let weekly = (m.start..m.end).any(|i| temporal::every_week(heard.word(i)));
        if !weekly || m.day.is_none() || m.clock.is_some() {
            return false;
        }
        let from = heard.clause_start(m.start);
        let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
        // "Tuesdays I have my chair yoga at ten": an hour of the day is taken, not the day.
        let hour = (m.end..to.min(m.end + 10)).any(|i| {
            heard.word(i) == "at" && heard.tokens.get(i + 1).is_some_and(|t| t.num != Num::None)
        });
        if hour {
            return false;
        }
        let words = || heard.tokens[from..to].iter();
        let good = words().any(|t| {
            t.any(words![
                "off",
                "free",
                "good",
                "best",
                "works",
                "fine",
                "available",
                "open",
                "can",
                "better",
                "great",
                "prefer",
                "could",
                "only",
            ])
        });
        let busy = purpose == Purpose::Other
            || m.negated
            || words().any(|t| BUSY.has(&t.text))
            || words().any(|t| t.any(words!["at", "i", "he's", "she's"]))
                && !self.agenda.offers.is_empty();
        // "It usually comes Fridays" is of something else.
        let others = words().any(|t| t.is("comes"));
        if good && !m.negated || !busy || others {
            return false;
        }
        self.never_on(heard, m);
        true
    }

    /// "Friday we both work", "I'm in Laredo Thursday", of a day that was offered: it does not suit.
    pub(super) fn busy_that_day(&mut self, heard: &Heard, m: &TimeMention) {
        if !m.day.is_some_and(|d| d.weekday && d.end.is_none()) || m.clock.is_some() {
            return;
        }
        let own = (heard.clause_start(m.start)..heard.clause_end(m.start)).any(|i| {
            heard.tokens[i].any(words!["i", "i'm", "we", "we're", "i've", "we've", "i'll"])
        });
        // A dentist or a wedding fills one day; work comes round every week, and "until four" leaves the rest of the day.
        let weekly = words_around(heard, m).any(|t| WEEKLY.has(&t.text))
            && !heard.says(words!["until", "till", "til"]);
        if own
            && weekly
            && self
                .agenda
                .offers
                .iter()
                .chain(&self.agenda.passed)
                .any(|o| o.fits(&Slot::of(m)))
        {
            self.never_on(heard, m);
        }
    }
}

/// Words between those that bound an hour and the hour.
const LEADING: &WordSet = words![
    "at", "by", "around", "about", "like", "work", "home", "school", "class", "from", "of", "the",
    "usually", "there", "here", "for", "my", "job", "be", "to", "till", "until", "only", "every",
    "day", "in", "and", "shift", "always", "office",
];

/// Which way the caller's working hours bound a visit, by the words before the time.
fn own_hours(heard: &Heard, from: usize, to: usize) -> Option<ConstraintKind> {
    // "I'm back, sorry, yeah, eleven forty": the hour stands near the words that bound it.
    let pair = |a: &WordSet, b: &WordSet| {
        (from..to).any(|i| {
            heard.tokens[i].any(a)
                && b.has(heard.word(i + 1))
                && (i + 2..to).all(|j| heard.any(j, LEADING))
        })
    };
    let mine = (from..to).any(|i| {
        matches!(
            heard.word(i),
            "i" | "we" | "he" | "she" | "my" | "wife" | "husband" | "gotta" | "i'm"
        )
    });
    if !mine {
        None
    } else if pair(
        words![
            "get", "gets", "getting", "be", "i'm", "we're", "he's", "she's",
        ],
        words!["off", "home", "out", "back"],
    ) {
        Some(ConstraintKind::NotBefore)
    } else if pair(
        words!["start", "starts", "leave", "leaves"],
        words!["work", "at", "for", "my"],
    ) || pair(words!["at", "for"], words!["work"])
        && pair(words!["have", "gotta", "got"], words!["to", "be", "leave"])
    {
        Some(ConstraintKind::NotAfter)
    } else {
        None
    }
}

/// Words that fill somebody's time.
const BUSY: &WordSet = words![
    "work",
    "works",
    "working",
    "class",
    "school",
    "busy",
    "away",
    "gone",
    "out",
    "asleep",
    "dialysis",
    "teach",
    "kids",
    "meeting",
    "shift",
    "pool",
    "appointment",
    "back",
    "off",
    "court",
    "church",
    "practice",
    "therapy",
    "rehearsal",
    "training",
    "nap",
    "sleep",
    "meetings",
    "office",
    "infusion",
    "golf",
    "gym",
    "volunteer",
    "babysit",
    "chemo",
    "daycare",
];

/// What fills the same day of every week.
const WEEKLY: &WordSet = words![
    "work",
    "works",
    "working",
    "teach",
    "teaching",
    "class",
    "classes",
    "shift",
    "job",
    "office",
    "clinic",
    "school",
    "dialysis",
    "chemo",
    "always",
    "church",
    "volunteer",
    "babysit",
];

/// Whether somebody's time is filled by what is said around the hours: a person, something that fills it, nothing that frees it, and no
/// one day ("Friday we've got a delivery between eight and noon").
fn fills(heard: &Heard, m: &TimeMention) -> bool {
    let from = hours::thought_start(heard, m.start);
    let to = (m.end..heard.clause_end(m.end.saturating_sub(1)))
        .find(|i| heard.tokens[i - 1].stop >= Stop::Comma || heard.any(*i, words!["so", "but"]))
        .unwrap_or_else(|| heard.clause_end(m.end.saturating_sub(1)));
    let said = |words: &WordSet| (from..to.max(m.end)).any(|i| heard.any(i, words));
    let person = (from..to.max(m.end)).any(|i| hours::person(heard.word(i)))
        || said(words!["tenant", "they're", "baby"]);
    let busy = (from..to.max(m.end)).any(|i| BUSY.has(heard.word(i)))
        || said(words![
            "calls", "call", "nights", "lunch", "naps", "sleeps", "can't", "cannot", "won't",
        ]);
    let free = said(FREE)
        || (from..to.max(m.end))
            .any(|i| temporal::names_time(heard.word(i)) && heard.word(i) != "noon");
    person && busy && !free
}

/// What says that hours suit.
const FREE: &WordSet = words![
    "free",
    "home",
    "open",
    "available",
    "here",
    "good",
    "works",
    "anytime",
    "best",
    "can",
    "could",
    "come",
    "better",
    "around",
];

/// The words of the clause that holds the mention.
fn words_around<'a>(heard: &'a Heard, m: &TimeMention) -> impl Iterator<Item = &'a Token> {
    let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
    heard.tokens[heard.clause_start(m.start).min(to)..to].iter()
}
