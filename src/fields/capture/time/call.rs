//! The time at which the caller would be called: "call me after five", "between three and five is best". Where no visit is agreed that is
//! the time the caller prefers; when somebody else promises to call by is the task's affair alone.

use super::is_long;
use super::purpose::Purpose;
use crate::fields::agenda::Slot;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::{Evidence, Role, word_probability};
use crate::fields::ledger::{Claim, Status};
use crate::fields::outcome::Code;
use crate::fields::state::State;
use crate::fields::temporal::{Bound, Days, TimeMention};
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// What has been said of when to call.
#[derive(Debug, Clone, Default)]
pub(in crate::fields) struct CallTime {
    /// What the caller wishes.
    wish: Option<Slot>,
    /// The day for which the call was promised.
    day: Option<Days>,
    /// The caller's last turn named an hour, whatever it is the hour of.
    hour_told: bool,
    /// The hour for which the agent's last turn asked leave to call.
    asked: Option<(Slot, Evidence, f32)>,
    /// Where the wish was said.
    said: Option<Evidence>,
    /// Mean probability of its words.
    p: f32,
}

/// "After three", "not before noon".
pub(super) fn bounded_below(heard: &Heard, m: &TimeMention) -> bool {
    let denied = m.negated || heard.any(m.start.wrapping_sub(2), words!["not", "never", "nothing"]);
    m.bound == Bound::After || denied && m.bound == Bound::Before
}

/// The slot that a mention leaves for a call: at it, or from it on. "By Friday" is a deadline.
fn slot_of(heard: &Heard, m: &TimeMention) -> Option<Slot> {
    let from = bounded_below(heard, m);
    let at = m.bound == Bound::At && !m.negated;
    let day = m.day.filter(|d| !is_long(*d) && d.end.is_none());
    (!m.past && (from || at) && (day.is_some() || m.clock.is_some())).then_some(Slot {
        day,
        clock: m.clock,
        open: from,
    })
}

/// "Can he call you around one?", "could she ring you at four".
fn asks_to_call(heard: &Heard) -> bool {
    heard.tokens.windows(3).any(|w| {
        w[0].any(words!["can", "could", "may", "should", "shall"])
            && w[1].any(words![
                "i", "he", "she", "they", "we", "somebody", "someone"
            ])
            && w[2].any(words!["call", "ring", "phone", "reach"])
    })
}

impl State {
    /// The caller names a time in talk of a call.
    pub(super) fn wish_call(&mut self, heard: &Heard, m: &TimeMention, purpose: Purpose) {
        self.call_time.hour_told |= m.clock.is_some_and(|c| !c.part);
        // "I'm in a meeting from one to two, so not then."
        let busy = (m.start.saturating_sub(4)..m.start).any(|i| {
            heard.any(
                i,
                words!["meeting", "class", "shift", "appointment", "court"],
            )
        }) || heard.word(m.end) == "so" && heard.word(m.end + 1) == "not";
        // "Don't call on a Tuesday."
        let refused = m.bound == Bound::At
            && (m.start.saturating_sub(4)..m.start)
                .any(|i| heard.any(i, words!["don't", "not", "can't", "won't", "never"]));
        // "I work nights, so not before noon."
        let of_call = purpose == Purpose::Call
            || bounded_below(heard, m) && self.agenda.about_call > 0 && purpose == Purpose::Other;
        let wished = of_call && !busy && !refused;
        let Some(slot) = slot_of(heard, m).filter(|_| wished) else {
            return;
        };
        let time = &mut self.call_time;
        time.wish = Some(match time.wish {
            Some(held) if slot.day.is_none() || slot.clock.is_none() => held.updated(&slot),
            _ => slot,
        });
        time.said = Some(heard.evidence(Role::States, m.start, m.end));
        time.p = word_probability(&heard.tokens, m.start, m.end);
    }

    /// "Can he call you around one?" - "yeah, I'll step out": the hour suits whoever is to be called.
    pub(super) fn answer_call(&mut self, reply: &Reply) {
        let Some((slot, said, p)) = self.call_time.asked.take() else {
            return;
        };
        if (reply.affirm || reply.accept) && !reply.deny {
            self.call_time.wish = Some(slot);
            self.call_time.said = Some(said);
            self.call_time.p = p;
        }
    }

    /// The agent promises a call: its day, and the hour where that is what the caller has just said of theirs.
    pub(super) fn promise_call(&mut self, heard: &Heard, mentions: &[TimeMention]) {
        let told = std::mem::take(&mut self.call_time.hour_told);
        let asks = asks_to_call(heard);
        for (m, slot) in mentions
            .iter()
            .filter_map(|m| Some((m, slot_of(heard, m)?)))
        {
            let time = &mut self.call_time;
            time.day = slot.day.or(time.day);
            let hour = slot.clock.is_some_and(|c| !c.part);
            if asks && hour {
                let said = heard.evidence(Role::States, m.start, m.end);
                let p = word_probability(&heard.tokens, m.start, m.end);
                time.asked = Some((slot, said, p));
            }
            match &mut time.wish {
                Some(wish) => {
                    wish.day = wish.day.or(slot.day);
                    if wish.clock.is_none() && hour {
                        wish.clock = slot.clock;
                        wish.open = slot.open;
                    }
                }
                None if told && hour => {
                    time.wish = Some(slot);
                    time.said = Some(heard.evidence(Role::States, m.start, m.end));
                    time.p = word_probability(&heard.tokens, m.start, m.end);
                }
                None => {}
            }
        }
    }

    /// The call is over and somebody will call: when the caller would have that, unless a visit was agreed.
    pub(super) fn prefer_call(&mut self, field: u8, code: Code) {
        let owed = matches!(
            code,
            Code::CallbackNeeded | Code::MessageTaken | Code::Voicemail
        );
        let ledger = self.ledger(field);
        if !owed || ledger.status() != Status::Missing || ledger.lock.is_some() {
            return;
        }
        let frame = self.frame();
        let time = &self.call_time;
        let Some(wish) = time.wish else {
            return;
        };
        let today = Days {
            start: frame.today,
            end: None,
            weekday: false,
            ambiguous: false,
        };
        let ahead = wish.clock.is_some_and(|c| c.start > frame.minute);
        let day = wish.day.or(time.day).or(ahead.then_some(today));
        let Some(value) = self.window_of(Slot { day, ..wish }) else {
            return;
        };
        let claim = Claim::concluded(value, time.said.as_ref(), time.p);
        let kind = self.ledger_mut(field).claim(claim);
        self.note(field, kind);
    }
}
