//! What the agent's times come to: the slots on offer, those that are gone, and what is no slot at all.

use super::asking::*;
use super::purpose::{self, Purpose};
use super::wording::*;
use super::{Named, is_long, joins};
use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::state::State;
use crate::fields::temporal::{Bound, Days, TimeMention};
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// An agent who names a day further off than so many days, and no hour, reads from the books.
const HALF_A_YEAR: i32 = 190;

impl State {
    /// The slots that the agent names: what is on offer, was booked, or is repeated; not what happened, is open, or will be rung.
    pub(super) fn named_by_agent(
        &mut self,
        field: u8,
        heard: &mut Heard,
        mentions: &[TimeMention],
        in_play: bool,
        echoed: Option<Days>,
    ) -> Vec<Named> {
        let mut slots: Vec<Named> = Vec::new();
        let none_free = none_free(heard);
        let of_call = self.agenda.about_call > 0;
        let deals = mentions.iter().any(|m| {
            purpose::of(heard, m).in_talk(of_call) == Purpose::Visit
                && !m.past
                && !is_habit(heard, m)
        });
        // "First thing tomorrow, yes, between seven and nine": a day and a span of hours.
        let open = |m: &&TimeMention| {
            purpose::of(heard, m) == Purpose::Open && !m.past && !is_habit(heard, m)
        };
        let deals = deals
            || self.date_in_talk(heard).is_none()
                && mentions.iter().filter(open).any(|m| m.day.is_some())
                && mentions
                    .iter()
                    .filter(open)
                    .any(|m| m.clock.is_some_and(|c| !c.part && c.end.is_some()));
        // "Could be the 29th or the 30th": days to choose from.
        let choice = mentions.windows(2).any(|w| match w {
            [a, b] => {
                open(&a)
                    && open(&b)
                    && a.day.is_some()
                    && b.day.is_some()
                    && heard.any(b.start.wrapping_sub(1), words!["or"])
            }
            _ => false,
        });
        let deals = deals || choice && self.date_in_talk(heard).is_none();
        let mut gone_to = None;
        let mut habit = false;
        for m in mentions {
            let wish_well = heard
                .hits
                .cue(Cue::Goodbye)
                .any(|h| h.start <= m.start && m.end <= h.end + 1 && heard.word(h.start) == "have");
            // A month or more is when, not an appointment.
            let long = m.day.is_some_and(is_long);
            // "Walk-ins every Saturday, nine to one": the hours of a habit go with it.
            habit = recurs(heard, m) || habit && m.day.is_none();
            // "What day in March?": days alone are of that month from now on.
            if long && !m.past {
                self.talk_of(m.day);
            }
            if habit
                || is_distance(heard, m)
                || describes(heard, m)
                || self.is_held_date(heard, m)
                || m.past
                || m.relative
                || wish_well
                || m.bound == Bound::By && !there_by(heard, m)
                || self.agenda.count_asked && bare_count(heard, m)
                || is_habit(heard, m)
                || long
            {
                continue;
            }
            // "I have it, April 14th", said in September: when something was done.
            let far = m.clock.is_none()
                && m.day.is_some_and(|d| {
                    self.today()
                        .until(d.start)
                        .is_ok_and(|s| s.get_days() > HALF_A_YEAR)
                });
            // "Moving you from the sixth to Thursday the thirtieth": the day given up.
            if far || moved_from(heard, m) || asks_of_after(heard, m) {
                continue;
            }
            // "Monday nine to eleven, and Friday the thirteenth is off"
            if heard.word(m.end) == "is"
                && heard.any(m.end + 1, words!["off", "cancelled", "canceled"])
            {
                continue;
            }
            let exact = m.clock.is_some_and(|c| !c.part);
            let today = m
                .day
                .is_some_and(|d| d.start == self.today() && d.end.is_none());
            // "I'm paging him and he's coming to you tonight": somebody sent now, no appointment.
            if !exact
                && today
                && (heard.hits.has(Cue::Dispatch) || heard.hits.has(Cue::Escalate))
                && !heard.hits.has(Cue::Offer)
            {
                continue;
            }
            // "Friday at ten, it's gonna be three twenty five": the price.
            if m.day.is_none()
                && slots.last().is_some_and(|s| {
                    s.slot.clock.is_some_and(|c| !c.part) && priced(heard, s.span.1, m)
                })
            {
                self.agenda.price = m.clock;
                continue;
            }
            // "It's two fifty", "call after three", once an hour is agreed on: what something costs, or when somebody answers.
            let elsewhere = m.day.is_none()
                && m.clock.is_some_and(|c| !c.part && c.end.is_none())
                && self
                    .agenda
                    .agreed
                    .is_some_and(|a| a.clock.is_some_and(|c| !c.part) && !a.fits(&Slot::of(m)))
                && !heard.hits.has(Cue::Booked);
            let bounded = m.bound == Bound::After && !heard.hits.has(Cue::Offer);
            if elsewhere && bounded {
                continue;
            }
            if elsewhere && priced(heard, m.start.saturating_sub(2), m) {
                self.agenda.price = m.clock;
                continue;
            }
            // "I can take a message and he'll see it Tuesday": when somebody reads it.
            let message = !exact
                && !in_play
                && heard.hits.has(Cue::Message)
                && !heard.hits.has(Cue::Offer)
                && !heard.hits.has(Cue::Booked);
            // "Two o'clock or three": another hour of the same offer.
            let listed = m.day.is_none()
                && exact
                && heard.word(m.start.wrapping_sub(1)) == "or"
                && slots.last().is_some_and(|s| s.slot.clock.is_some());
            let purpose = purpose::of(heard, m).in_talk(of_call);
            // "Noon today, keep your phone near you", of a call promised for noon: the call's hour again.
            let slot = Slot::of(m);
            let of_that_call =
                of_call && m.clock.is_some() && self.agenda.call_at.is_some_and(|c| c.fits(&slot));
            let named = match purpose {
                _ if message || of_that_call => false,
                _ if m.bound == Bound::By || listed => true,
                // "She's in today": no offer unless the words make it one.
                Purpose::Visit => {
                    exact
                        || in_play
                        || !today
                        || heard.hits.has(Cue::Offer)
                        || heard.hits.has(Cue::Booked)
                }
                Purpose::Open if self.agenda.about_call > 0 => {
                    m.day.is_some() && exact && m.bound == Bound::At
                }
                Purpose::Open => {
                    in_play
                        || deals
                        || m.day.is_some() && self.agenda.no_takes
                        || m.day.is_some()
                            && (exact
                                || m.clock.is_some() && !today && asks_if_fits(heard, m)
                                || asks_of_day(heard, m))
                            && self.date_in_talk(heard).is_none()
                        || m.day.is_some()
                            && (m.day.map(|d| d.start) != echoed.map(|d| d.start)
                                || m.day.is_some_and(|d| d.end.is_some()))
                            && bare_offer(heard, m)
                            && self.date_in_talk(heard).is_none()
                }
                Purpose::Call => exact && (self.agenda.by_phone || offers_call(heard)),
                // "We're booked this week": full, nobody's appointment.
                Purpose::Standing if none_free.is_some_and(|at| near(heard, at, m)) => true,
                Purpose::Standing => {
                    self.agenda.standing = Some(Slot::of(m));
                    !self.agenda.moving
                }
                Purpose::Story | Purpose::Hours | Purpose::Other | Purpose::Wish => false,
            };
            if !named {
                continue;
            }
            // "Thursday at four, and she should arrive at three forty five": behind a whole slot only what is offered beside it is one.
            let beside = slots.last().is_none_or(|s| {
                s.slot.day.is_none()
                    || s.slot.clock.is_none_or(|c| c.part)
                    || offered_beside(heard, s.span.1, m)
            });
            if !beside {
                continue;
            }
            let mut slot = Slot::of(m);
            // "Before noon Tuesday" says no more than the day.
            let from_then = free_from(heard, m);
            if m.bound == Bound::Before && !from_then {
                slot.clock = None;
                if slot.day.is_none() || m.clock.is_none() {
                    continue;
                }
            }
            // "Full today and tomorrow"
            let also = gone_to.is_some_and(|to: usize| {
                !heard.tokens[to - 1].ends_clause()
                    && (to..m.start).all(|i| heard.any(i, words!["and", "or", "nor", "even"]))
            });
            if m.negated && !from_then || also || none_free.is_some_and(|at| near(heard, at, m)) {
                gone_to = Some(m.end);
                let gone = self.with_day(slot);
                if self.agenda.agreed.is_some() {
                    self.turn_down(field, &gone);
                } else {
                    self.agenda.refuse(&gone);
                }
                continue;
            }
            // The appointment that is to be moved is not on offer; "at eleven, right?" says more exactly which it is.
            if self.agenda.moving
                && let Some(standing) = self.agenda.standing.filter(|s| s.day.is_some())
            {
                let day = slot.day.or(slots.last().and_then(|s| s.slot.day));
                let whole = self.with_day(Slot { day, ..slot });
                let again =
                    slot.day.is_some() || standing.clock.is_none() && self.agenda.offers.is_empty();
                let same_day = standing.day.map(|d| d.start) == whole.day.map(|d| d.start);
                if again && same_day && standing.fits(&whole) {
                    self.agenda.standing = Some(standing.updated(&whole));
                    continue;
                }
            }
            // "In the morning" with no day anywhere names nothing.
            if slot.day.is_none()
                && !exact
                && slots.is_empty()
                && self.agenda.wanted.is_none()
                && self.agenda.day.is_none()
            {
                continue;
            }
            heard.take(m.start, m.end);
            if let Some(held) = slots.last_mut() {
                // "Saturday at eight, if he works the weekend."
                if slot.clock.is_none()
                    && slot.day.is_some_and(|d| d.end.is_some())
                    && held.slot.clock.is_some()
                    && held.slot.fits(&slot)
                {
                    continue;
                }
                // "Eleven today, then, Friday": the day said again.
                if slot.clock.is_none()
                    && held.slot.clock.is_some()
                    && held.slot.day.is_some()
                    && held.slot.day.map(|d| (d.start, d.end)) == slot.day.map(|d| (d.start, d.end))
                {
                    continue;
                }
                // "Between four and six in the afternoon": the part of the day that it lies in.
                if slot.day.is_none()
                    && held
                        .slot
                        .clock
                        .zip(slot.clock)
                        .is_some_and(|(a, b)| !a.part && b.part && b.covers(a))
                {
                    continue;
                }
                // "Lunchtime Friday, like twelve fifteen": the same hour, more exactly.
                let closer = m.day.is_none()
                    && held.span.1 < m.start
                    && (held.span.1..m.start).all(|i| {
                        heard.tokens[i].any(words!["like", "say", "around", "about", "maybe"])
                    });
                let apart =
                    (held.span.1..m.start).any(|i| heard.tokens[i].any(words!["or", "and"]));
                let same_day = held.slot.clock.is_none()
                    && held
                        .slot
                        .day
                        .zip(slot.day)
                        .is_some_and(|(a, b)| a.start == b.start);
                if (joins(&held.slot, &slot) || same_day || closer || held.slot.holds(&slot))
                    && !apart
                {
                    held.slot = held.slot.updated(&slot);
                    held.span.1 = m.end;
                    continue;
                }
                if slot.day.is_none() {
                    slot.day = held.slot.day;
                }
            }
            slots.push(Named {
                span: (m.start, m.end),
                slot,
            });
        }
        self.one_by_one(heard, slots, echoed)
    }

    /// Each slot once, with the day that it is of.
    fn one_by_one(&self, heard: &Heard, mut slots: Vec<Named>, echoed: Option<Days>) -> Vec<Named> {
        // "10 is fine. Thursday the 22nd at 10.": the hour and then all of it are one slot.
        if let [first, second] = slots.as_slice()
            && first.slot.clock == second.slot.clock
            && (first.slot.day.is_none() || second.slot.day.is_none())
        {
            let whole = Named {
                span: (first.span.0, second.span.1),
                slot: first.slot.updated(&second.slot),
            };
            slots = vec![whole];
        }
        // "4 tomorrow, yeah, he can do 4" names one slot.
        let mut once: Vec<Named> = Vec::with_capacity(slots.len());
        for named in slots {
            let again = named.slot.clock.is_some()
                && once
                    .iter()
                    .any(|o| o.slot.clock == named.slot.clock && o.slot.fits(&named.slot));
            if !again {
                once.push(named);
            }
        }
        let mut slots = once;
        // "Ten thirty or eleven fifteen Thursday": both on that day; "okay, one to three?", of a day that did not suit as offered.
        let soon = |d: &Days| d.end.is_none() && d.start > self.today();
        let day = self
            .day_in_talk()
            .or_else(|| slots.iter().find_map(|n| n.slot.day))
            .or(echoed.filter(soon));
        for named in &mut slots {
            named.slot.day = named.slot.day.or(day);
        }
        if let [one] = slots.as_mut_slice()
            && one.slot.clock.is_none()
            && heard.says(words!["same"])
        {
            one.slot.clock = self
                .agenda
                .clock
                .or(self.agenda.standing.and_then(|s| s.clock));
        }
        slots
    }
}
