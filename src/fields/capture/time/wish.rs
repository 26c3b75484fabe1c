//! What the caller's times come to: read the way they were offered, several of one turn made one wish.

use super::{Named, joins};
use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::temporal::{self, Clock, Days, TimeMention};
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// Noon, in minutes of the day.
const NOON: u16 = 12 * 60;

impl State {
    /// An hour is agreed on, and the agent has named no other since.
    pub(super) fn settled(&self) -> bool {
        self.agenda.agreed.is_some_and(|a| {
            a.clock.is_some_and(|c| !c.part) && self.agenda.offers.iter().all(|o| *o == a)
        })
    }

    /// "We'll see you on the nineteenth", of the nineteenth that was agreed on, whatever month was spoken of since.
    pub(super) fn as_agreed(&self, heard: &Heard, m: &mut TimeMention) {
        let bare = !(m.start..m.end).any(|i| temporal::names_month(heard.word(i)));
        let single = |d: &Days| d.end.is_none() && !d.weekday;
        let agreed = self
            .agenda
            .agreed
            .and_then(|a| a.day)
            .filter(|d| d.end.is_none());
        if let (Some(said), Some(agreed)) = (m.day.filter(single), agreed)
            && bare
            && (m.start..m.end).any(|i| matches!(heard.tokens[i].num, Num::Ordinal(_)))
            && said.start.day() == agreed.start.day()
        {
            m.day = Some(agreed);
        }
    }

    /// "Thursday at eleven, at your apartment then?", of Thursday the 29th at eleven and the Tuesday after it: the Thursday offered.
    pub(super) fn as_named(&self, m: &mut TimeMention) {
        let exact = m.clock.filter(|c| !c.part);
        let (Some(day), Some(clock)) = (m.day.filter(|d| d.weekday && d.end.is_none()), exact)
        else {
            return;
        };
        let offer = self
            .agenda
            .offers
            .iter()
            .find(|o| o.clock.is_some_and(|c| c.start == clock.start))
            .and_then(|o| o.day)
            .filter(|d| d.end.is_none() && d.start.weekday() == day.start.weekday());
        m.day = offer.or(m.day);
    }

    /// "Eight thirty", to "I can be there at eight thirty tonight": the half of the day that was offered.
    pub(super) fn as_offered(&self, heard: &Heard, m: &TimeMention) -> TimeMention {
        let mut m = *m;
        let fits = |m: &TimeMention| self.agenda.offers.iter().any(|o| o.fits(&Slot::of(m)));
        let Some(clock) = m
            .clock
            .filter(|c| !c.part && c.end.is_none() && c.start < NOON)
        else {
            return m;
        };
        if fits(&m) || heard.says(words!["am", "morning", "a"]) {
            return m;
        }
        let mut later = m;
        later.clock = Some(Clock {
            start: clock.start + NOON,
            ..clock
        });
        if fits(&later) {
            m = later;
        }
        m
    }

    /// "Friday at ten ... no wait, Monday": the last wish stands; a clock alone joins the day before it.
    pub(super) fn last_wish(
        &self,
        heard: &Heard,
        reply: &Reply,
        wishes: Vec<Named>,
    ) -> Option<Named> {
        let offered = |slot: &Slot| self.agenda.offers.iter().any(|o| o.fits(slot));
        wishes.into_iter().reduce(|held, next| {
            if let Some(days) = self.either(heard, &held, &next) {
                return days;
            }
            // A time alone joins a day alone; "the 30th, that's a Thursday" is one day.
            let again = next.slot.clock.is_none() && held.slot.fits(&next.slot);
            if joins(&held.slot, &next.slot) || again || held.slot.holds(&next.slot) {
                return Named {
                    span: (held.span.0, next.span.1),
                    slot: held.slot.updated(&next.slot),
                };
            }
            let repaired = heard
                .hits
                .cue(Cue::Repair)
                .any(|h| h.start >= held.span.1 && h.end <= next.span.0 + 1);
            // "Noon, no, I'm in a meeting, how about two": taken back in other words.
            let repaired = repaired
                || (held.span.1..next.span.0).any(|i| {
                    heard.tokens[i].any(words!["no", "nope", "instead", "rather"])
                        // "Two o'clock, could he come at three?"
                        || heard.tokens[i].any(words!["could", "can", "would"])
                            && heard.any(i + 1, words!["he", "she", "we", "they", "you", "y'all", "i"])
                            && held.slot.clock.is_some()
                            && next.slot.clock.is_some()
                        || heard.tokens[i].any(words!["how", "what"]) && heard.word(i + 1) == "about"
                });
            // "Thursday's good, I'm off Friday too": the one that was offered is the answer.
            if offered(&held.slot) && !offered(&next.slot) && !repaired && !reply.deny {
                return held;
            }
            let day = next.slot.day.or(held.slot.day);
            Named {
                slot: Slot { day, ..next.slot },
                ..next
            }
        })
    }

    /// "The 25th or 26th": two days in a row, of which neither was offered, are the days from one through the other.
    fn either(&self, heard: &Heard, held: &Named, next: &Named) -> Option<Named> {
        let (a, b) = held.slot.day.zip(next.slot.day)?;
        let bare = held.slot.clock.is_none() && next.slot.clock.is_none() && a.end.is_none();
        let or = (held.span.1..next.span.0).all(|i| heard.tokens[i].any(words!["or", "the"]));
        if !bare
            || !or
            || !a.start.tomorrow().is_ok_and(|d| d == b.start)
            || !self.agenda.offers.is_empty()
        {
            return None;
        }
        let days = Days {
            start: a.start,
            end: b.start.tomorrow().ok(),
            weekday: false,
            ambiguous: false,
        };
        Some(Named {
            span: (held.span.0, next.span.1),
            slot: Slot {
                day: Some(days),
                ..held.slot
            },
        })
    }
}
