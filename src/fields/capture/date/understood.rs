//! The day that the agent understood: named at the head of the turn after the caller's, where the recogniser heard another or none.
//!
//! Takes such days for the date fields; it touches no other field and no time.

use jiff::civil::Date;

use super::reading::{Direction, is_grown, read};
use crate::fields::cue::Cue;
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::state::State;
use crate::fields::temporal;
use crate::fields::token::Num;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::Value;
use crate::fields::word_set::words;

impl State {
    /// "The 12th of June, no, the 11th, because the 12th I was in hospital." "June 11th.": a day with its month at the head of the agent's
    /// turn, after one that was asked for or told.
    pub(super) fn understood_day(
        &mut self,
        heard: &mut Heard,
        field: u8,
        want: Direction,
        today: Date,
    ) -> bool {
        if heard.hits.has(Cue::Offer) || heard.hits.has(Cue::Booked) {
            return false;
        }
        let at = usize::from(heard.any(0, words!["okay", "alright", "so", "a"]));
        let found = read(heard, at, want, today).filter(|(date, used)| {
            let month = (at..at + used).any(|i| temporal::names_month(heard.word(i)));
            // "A Monday night, the twenty seventh"
            let night = temporal::names_weekday(heard.word(at))
                && heard.any(at + 1, words!["night", "morning", "afternoon", "evening"]);
            (month || night)
                && (*date <= today) == (want == Direction::Past)
                && !heard.is_taken(at, at + used)
        });
        let Some((date, used)) = found else {
            return false;
        };
        let held = self.ledger(field).held.as_ref();
        let just_told = held
            .and_then(|h| h.evidence.last())
            .is_some_and(|e| e.turn + 1 >= heard.segment && e.speaker == Speaker::Caller);
        let of_court = || {
            let before = self.last_agent_before.iter().chain(self.last_caller.iter());
            let mut said = before.chain(self.last_agent.iter());
            said.any(|w| words!["court", "hearing"].has(w))
        };
        let asked = self.was_asked(field, 1);
        // "Friday, May 29th, at three thirty?" is on offer.
        let hour = heard.any(at + used, words!["at", "between", "from", "or"])
            || heard
                .tokens
                .get(at + used)
                .is_some_and(|t| t.num != Num::None);
        let fresh = held.is_none() && !hour && (want == Direction::Past || of_court());
        if held.is_some_and(|h| h.confirmed || h.value.text() == Some(&date.to_string()))
            || !(just_told || asked || fresh)
            || !self.told.figures
        {
            return false;
        }
        self.take_understood(heard, field, (at, used), date);
        true
    }

    /// "He's ate ate thirty nine." "August eighth, nineteen thirty nine, I've got him.": a birthday with its year at the head of the agent's
    /// turn, after figures of the caller's that the recogniser did not make one of.
    pub(super) fn understood_birthday(
        &mut self,
        heard: &mut Heard,
        field: u8,
        today: Date,
    ) -> bool {
        let at = usize::from(heard.any(0, words!["okay", "alright", "so"]));
        let found = read(heard, at, Direction::Birth, today).filter(|(date, used)| {
            let month = (at..at + used).any(|i| temporal::names_month(heard.word(i)));
            month && is_grown(*date, today) && !heard.is_taken(at, at + used)
        });
        let Some((date, used)) = found.filter(|_| self.told.figures) else {
            return false;
        };
        self.take_understood(heard, field, (at, used), date);
        true
    }

    /// Takes the day that the agent named in those words: where they begin, and how many they are.
    fn take_understood(
        &mut self,
        heard: &mut Heard,
        field: u8,
        (at, used): (usize, usize),
        date: Date,
    ) {
        let value = Value::Text(date.to_string());
        let span = (at, at + used);
        self.claim(field, heard, span, Role::ReadsBack, value, Strength::Repair);
        heard.take(at, at + used);
    }
}
