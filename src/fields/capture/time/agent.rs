//! The agent's side: offers, answers to wishes, and the summing up of what was agreed.

use super::Named;
use super::asking::*;
use super::wording::*;
use crate::fields::agenda::Slot;
use crate::fields::capture::owed::call_owed;
use crate::fields::cue::Cue;
use crate::fields::dialogue::{self};
use crate::fields::state::State;
use crate::fields::temporal::{self, TimeMention};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::word_set::words;

/// For so many of the agent's turns, this one among them, the talk is of a call that was promised.
const CALL_TALK: u8 = 5;

impl State {
    /// Days and times in the agent's turn.
    pub fn agent_times(&mut self, heard: &mut Heard) {
        let Some(field) = self.time_field() else {
            return;
        };
        let in_play = self.times_in_play();
        let hours_asked = std::mem::take(&mut self.agenda.hours_asked);
        self.agenda.by_phone |= by_phone(heard);
        self.agenda.no_takes = no_takes(heard);
        self.agenda.put_down = heard.hits.has(Cue::Booked) && !ends_in_question(heard);
        self.agenda.price = temporal::last_price(heard);
        let event_asked = asks_of_others(heard);
        self.agenda.story_asked = event_asked || asks_for_story(heard);
        // When something runs out is the end of the days that will do, not the day that they are counted from.
        self.agenda.event_asked = event_asked
            && !heard.says(words![
                "run", "runs", "due", "expire", "expires", "up", "court", "hearing",
            ]);
        // A day given back is sooner than "the first I have".
        if heard.says(words!["cancellation", "cancelation"]) {
            self.agenda.from = None;
        }
        let mut mentions = temporal::mentions(
            heard,
            self.frame(),
            in_play || heard.hits.has(Cue::Offer) || heard.hits.has(Cue::Booked),
        );
        for m in &mut mentions {
            self.as_agreed(heard, m);
            self.as_named(m);
        }
        self.silence_is_consent(field, heard, &mentions);
        let echoed = self.agenda.named;
        self.agenda.age = self.agenda.age.saturating_add(1);
        self.deadline_said_back(heard, &mentions);
        self.agenda.deadline_asked = asks_deadline(heard);
        self.agenda.hear(&mentions);
        self.agenda.weekly_said = mentions
            .iter()
            .any(|m| m.day.is_some() && is_habit(heard, m));
        let mut slots = self.named_by_agent(field, heard, &mentions, in_play, echoed);
        // "What's y'all's hours?": what follows is when they are open; "till noon, but I have eleven this Saturday" offers.
        // "We're closed. Okay, Monday the sixth, ten or three thirty" offers, too.
        if hours_asked && !heard.says(words!["closed"]) {
            let offers = heard.hits.has(Cue::Offer) || heard.hits.has(Cue::Booked);
            slots.retain(|s| {
                offers
                    && s.slot.day.is_some()
                    && s.slot.clock.is_some_and(|c| !c.part && c.end.is_none())
            });
        }
        // "She'll call you. Mornings or afternoons?": the times that follow are the call's.
        self.agenda.about_call = if !slots.is_empty() || self.agenda.by_phone || invites(heard) {
            0
        } else if call_owed(heard, &self.people()).is_some()
            || heard.hits.has(Cue::WhenCall)
                && heard.says(words![
                    "will", "i'll", "he'll", "she'll", "they'll", "have", "should", "can", "could",
                    "gonna", "going",
                ])
            // "Is there a good time to call?"
            || heard.tokens.windows(3).any(|w| {
                w[0].is("time") && w[1].is("to") && w[2].any(words!["call", "reach"])
            })
        {
            let clock = mentions.iter().rev().find_map(|m| m.clock);
            self.agenda.call_at = clock.map(|clock| Slot {
                day: None,
                clock: Some(clock),
                open: false,
            });
            CALL_TALK
        } else if self.was_asked(field, 0) && !heard.hits.has(Cue::WhenCall) {
            // "She'll call you to schedule. Which day do you prefer?"
            0
        } else {
            self.agenda.about_call.saturating_sub(1)
        };
        // "Tomorrow morning, first thing, between 7:30 and 9:00": one slot, told ever closer.
        let closer = |a: &Named, b: &Named| {
            let vague =
                a.slot.clock.is_none_or(|c| c.part) && b.slot.clock.is_some_and(|c| !c.part);
            let same_day = b.slot.day.is_none() || b.slot.day == a.slot.day;
            let between = a.span.1..b.span.0;
            let apart = |i: usize| heard.any(i, words!["or", "and", "then", "also", "but"]);
            vague && same_day && between.len() <= 3 && !between.into_iter().any(apart)
        };
        let mut at = 0;
        while at + 1 < slots.len() {
            if closer(&slots[at], &slots[at + 1]) {
                slots.remove(at);
            } else {
                at += 1;
            }
        }
        if self.agenda.about_call == CALL_TALK {
            self.promise_call(heard, &mentions);
        }
        if slots.is_empty() {
            self.agent_answers(field, heard);
            return;
        }
        self.agenda.clock = slots
            .iter()
            .rev()
            .find_map(|s| s.slot.clock)
            .or(self.agenda.clock);
        self.talk_of(slots.last().and_then(|s| s.slot.day));
        if earliest(heard)
            && let Some(day) = slots.first().and_then(|s| s.slot.day)
        {
            self.agenda.from = Some(day.start);
        }
        self.agenda.last = Some(Speaker::Agent);
        self.agenda.age = 0;
        // An offer with a price may be too dear: silence takes only the others.
        // One that a call is to decide on waits for that.
        self.agenda.unanswered =
            slots.len() == 1 && !names_price(heard) && call_owed(heard, &self.people()).is_none();
        match slots.as_slice() {
            [one] => self.agent_names_one(field, heard, *one),
            many => {
                // Several are an offer to choose from; one of them may be what was wanted.
                let choice = (many[0].span.1..many[many.len() - 1].span.0)
                    .any(|i| heard.any(i, words!["or"]));
                if let Some(wanted) = self.agenda.wanted
                    && !choice
                    && heard.hits.has(Cue::Booked)
                    && let Some(fit) = many.iter().find(|s| wanted.fits(&s.slot))
                {
                    let merged = wanted.updated(&fit.slot);
                    self.agree(field, merged, heard, fit.span);
                    return;
                }
                self.agenda.offer(many.iter().map(|s| s.slot).collect());
            }
        }
    }

    /// One slot was offered, the caller said neither yes nor no nor anything about time, and the agent goes on: taken.
    fn silence_is_consent(&mut self, field: u8, heard: &Heard, mentions: &[TimeMention]) {
        let unanswered = std::mem::take(&mut self.agenda.unanswered);
        if !unanswered || self.agenda.last != Some(Speaker::Agent) || self.agenda.age != 1 {
            return;
        }
        let again = heard.hits.has(Cue::Offer) || heard.hits.has(Cue::Cannot);
        if let [slot] = self.agenda.offers.as_slice()
            && slot.clock.is_some_and(|c| !c.part)
            && !again
            && self.agenda.agreed != Some(*slot)
            && self.agenda.current == Some(*slot)
            // "Make it three": the agent now names another hour.
            && mentions
                .iter()
                .filter(|m| m.clock.is_some_and(|c| !c.part))
                .all(|m| slot.fits(&Slot::of(m)))
        {
            let slot = *slot;
            self.agree(field, slot, heard, (0, heard.tokens.len()));
            self.agenda.age = 1;
        }
    }

    /// The agent answers a wish without naming a time.
    fn agent_answers(&mut self, field: u8, heard: &Heard) {
        let reply = dialogue::reply(heard);
        let booked = heard.hits.has(Cue::Booked)
            || heard.tokens.len() <= 3 && heard.says(words!["booked", "done", "deal", "scheduled"]);
        let refuses = reply.deny
            || heard.hits.has(Cue::Cannot)
            || none_free(heard).is_some()
            || !booked && heard.says(REFUSING);
        // "Okay, do you know where he is?" has only heard it.
        let goes_on = !booked && !reply.affirm && dialogue::question_after(heard, 0, Some(field));
        let takes = !refuses
            && !goes_on
            && (reply.affirm
                || booked
                || heard
                    .hits
                    .cue(Cue::Accept)
                    .any(|h| h.start <= 2 && h.end - h.start >= 2)
                || reply.accept && heard.tokens.len() <= 12);
        if refuses {
            if self.agenda.wanted.is_some() && self.agenda.age <= 2 {
                self.agenda.offers.clear();
            }
            return;
        }
        // "Same time": the day agreed gets the hour named before.
        if let Some(current) = self.agenda.current.filter(|c| c.clock.is_none())
            && heard
                .tokens
                .windows(2)
                .any(|w| w[0].is("same") && w[1].is("time"))
            && self.agenda.clock.is_some()
        {
            let slot = Slot {
                clock: self.agenda.clock,
                ..current
            };
            self.agree(field, slot, heard, (0, heard.tokens.len()));
            return;
        }
        // "I'm calling to confirm tomorrow at two" - "yes": what stood before stands.
        let stands = self
            .agenda
            .standing
            .filter(|_| !self.agenda.moving && self.agenda.agreed.is_none())
            .filter(|_| heard.hits.has(Cue::Booked));
        let wanted = self
            .agenda
            .wanted
            .or(stands)
            .filter(|s| s.day.is_some_and(|d| d.end.is_none()))
            .filter(|s| s.clock.is_some() || booked);
        if let Some(slot) = wanted
            && takes
            && !ends_in_question(heard)
            && self.agenda.age <= 2
        {
            self.agree(field, slot, heard, (0, heard.tokens.len()));
            self.agenda.last = Some(Speaker::Agent);
        }
    }

    /// The agent names one slot: takes the caller's wish, sums up what was agreed, or offers.
    fn agent_names_one(&mut self, field: u8, heard: &Heard, named: Named) {
        let Named { span, mut slot } = named;
        let booked = heard.hits.has(Cue::Booked);
        let refuses = !booked && heard.says(REFUSING_OUTRIGHT);
        // "Bring that letter about Tuesday": a day told for another reason moves nothing that is agreed.
        let told = !booked
            && slot.clock.is_none_or(|c| c.part)
            && slot.day.is_some()
            && self.settled()
            && self.agenda.wanted.is_none()
            && self
                .agenda
                .agreed
                .is_some_and(|a| a.day.is_some() && !a.fits(&slot))
            && !dialogue::reply(heard).deny
            && !heard.hits.has(Cue::Offer)
            && !heard.hits.has(Cue::ChangeTime)
            && !heard.hits.has(Cue::Repair)
            && !heard.in_question(span.0);
        if told {
            return;
        }
        // "Wednesday then", of Wednesday at eight and Thursday at one: the slot of that day.
        // "Today" - "no, tomorrow": the hour stays.
        let corrects = slot.clock.is_none()
            && slot.day.is_some_and(|d| d.end.is_none())
            && dialogue::reply(heard).deny;
        if corrects
            && let Some(agreed) = self.agenda.agreed.filter(|a| !a.fits(&slot))
            && agreed.clock.is_some()
        {
            slot.clock = agreed.clock;
            self.agenda.agreed = None;
        }
        // "Thursday the fifth, 11:15", of 11:15 to 11:45 agreed on: its beginning said again.
        if let Some(agreed) = self.agenda.agreed.or(self.agenda.current)
            && let (Some(hours), Some(start)) = (agreed.clock, slot.clock)
            && hours.end.is_some()
            && !hours.part
            && start.end.is_none()
            && hours.start == start.start
            && agreed.fits(&slot)
        {
            slot.clock = agreed.clock;
        }
        // "See you Thursday at two", after talk of other days: the Thursday agreed on.
        let known = |a: &Slot| a.clock.is_some() && a.clock == slot.clock && a.fits(&slot);
        let passed = || self.agenda.passed.iter().rev().copied().find(known);
        if slot.day.is_some_and(|d| d.weekday)
            && summed_up(heard)
            && let Some(agreed) = self.agenda.agreed.filter(known).or_else(passed)
        {
            self.agree(field, agreed.updated(&slot), heard, span);
            return;
        }
        let chosen = self
            .agenda
            .completed(&slot)
            .filter(|_| slot.clock.is_none_or(|c| c.part) && slot.day.is_some())
            .filter(|_| self.agenda.agreed.is_none());
        slot = chosen.unwrap_or(slot);
        // "I'm calling to confirm Friday at ten" - "yes, Friday at ten".
        let stands = self.agenda.standing_told
            && !self.agenda.moving
            && !heard.in_question(span.0)
            && self.agenda.standing.is_some_and(|s| {
                s.fits(&slot) && s.clock.is_some() && slot.clock.is_some() && s.day.is_some()
            });
        if stands {
            self.agree(field, slot, heard, span);
            return;
        }
        if let Some(wanted) = self.agenda.wanted.filter(|w| w.fits(&slot) && !refuses) {
            // "The Wednesday then" - "Wednesday eleven thirty": as it was offered before.
            let offered_before = self.agenda.passed.contains(&slot) && !heard.in_question(span.0);
            // The agent repeats what the caller asked for, with what the agent made more exact.
            let question = heard.in_question(span.0)
                || asks_at_end(heard)
                || heard.hits.has(Cue::Offer) && !booked && !dialogue::reply(heard).affirm;
            let merged = wanted.updated(&slot);
            let reply = dialogue::reply(heard);
            let exact = merged == wanted
                || wanted.clock.is_some_and(|c| !c.part) && merged.clock == wanted.clock
                || reply.affirm;
            if (exact || offered_before) && !question || booked {
                self.agree(field, merged, heard, span);
                return;
            }
            slot = merged;
            self.agenda.wanted = Some(merged);
        } else if let Some(current) = self.agenda.current.filter(|c| c.fits(&slot)) {
            slot = current.updated(&slot);
            if self.agenda.agreed.is_some_and(|a| a == slot) {
                return;
            }
            // "Perfect, Friday between eight and eleven": what was agreed, said more exactly.
            let vague = self
                .agenda
                .agreed
                .filter(|a| a.fits(&slot) && a.clock.is_none_or(|c| c.part));
            let reply = dialogue::reply(heard);
            // "I'll put you at eight to ten": the hours of the morning agreed on.
            let put =
                vague.is_some_and(|a| a.clock.is_some()) && slot.clock.is_some_and(|c| !c.part);
            let closer = vague.is_some()
                && !heard.in_question(span.0)
                && (!heard.hits.has(Cue::Offer) || put && !asks_leave(heard))
                && (reply.affirm || reply.accept || put);
            if booked && self.agenda.agreed.is_some() || summed_up(heard) || closer {
                self.agree(field, slot, heard, span);
                return;
            }
        } else if let Some(current) = self.agenda.current
            && slot.day.is_none()
        {
            slot = current.updated(&slot);
        }
        // One of several offers, repeated once the caller has spoken, is the one that was chosen.
        let chosen = self.agenda.offers.len() > 1
            && !self.agenda.asked_back
            && self.agenda.offers.contains(&slot)
            && slot.clock.is_some()
            && !heard.in_question(span.0)
            && !refuses;
        if chosen {
            self.agree(field, slot, heard, span);
            return;
        }
        // "Okay, Thursday at ten then", right after a choice that was heard as Thursday at two: the agent heard it better.
        let other = self.agenda.age <= 1
            && self
                .agenda
                .agreed
                .is_some_and(|a| a.day.map(|d| d.start) == slot.day.map(|d| d.start))
            && self.agenda.passed.iter().any(|o| {
                o.clock.is_some_and(|c| !c.part) && o.clock == slot.clock && o.fits(&slot)
            })
            && (dialogue::reply(heard).affirm || dialogue::reply(heard).accept)
            && !heard.in_question(span.0)
            && !refuses;
        if other {
            self.agree(field, slot, heard, span);
            return;
        }
        self.agenda.offer(vec![slot]);
        if summed_up(heard) && slot.clock.is_some() {
            self.agree(field, slot, heard, span);
        } else if self.agenda.current.is_none()
            || self.agenda.wanted.is_some()
            || self
                .agenda
                .agreed
                .is_none_or(|a| a.clock.is_none() && a.fits(&slot))
        {
            self.propose(field, slot, heard, span);
        }
    }
}
