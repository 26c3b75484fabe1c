//! The appointment: who proposed what, who took it. What a time in a sentence is the time of says [`purpose`]; hours that do not suit
//! are kept by [`condition`], days by which all has to be done by [`deadline`]; offers, wishes and agreements stand on the [`Agenda`](crate::fields::agenda::Agenda).

mod agent;
mod answering;
mod asking;
mod call;
mod caller;
mod condition;
mod deadline;
mod held;
mod offered;
mod pick;
mod purpose;
mod wish;
mod wording;

pub(in crate::fields) use call::CallTime;

use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::evidence::Role;
use crate::fields::ledger::{Source, Strength};
use crate::fields::outcome::Code;
use crate::fields::state::State;
use crate::fields::temporal::{Clock, Days, Frame};
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::words;

/// From this minute of the day on it is evening.
const EVENING: u16 = 17 * 60;

/// A longer span of days is no slot.
const MOST_DAYS: i32 = 10;

/// A slot and where in the turn it was named.
#[derive(Clone, Copy)]
struct Named {
    span: (usize, usize),
    slot: Slot,
}

impl State {
    fn time_field(&self) -> Option<u8> {
        self.field("preferred_time").or_else(|| {
            self.vertical
                .first_of(FieldType::TimeWindow)
                .map(|i| i as u8)
        })
    }

    /// What days are counted from at this point of the talk.
    pub fn frame(&self) -> Frame {
        let (now, today) = (self.began, self.today());
        let moving = self.field("origin_address").is_some();
        Frame {
            today,
            minute: (now.hour() as u16) * 60 + now.minute() as u16,
            from: self.agenda.from.map_or(today, |f| f.max(today)),
            named: self.agenda.day,
            limit: self
                .agenda
                .limit
                .or_else(|| self.deadline().filter(|_| moving)),
            evening: self
                .agenda
                .current
                .and_then(|c| c.clock)
                .is_some_and(|c| c.start >= EVENING),
        }
    }

    /// Whether the numbers of a turn are rather a time than anything else: times were named a moment ago and no longer number is begun.
    pub fn times_come_first(&self, heard: &Heard) -> bool {
        self.agenda.last.is_some()
            && self.agenda.age == 0
            && !self.digits.is_open()
            && !heard.hits.has(Cue::Budget)
            && !self.asked.iter().any(|a| {
                a.age == 0
                    && !matches!(
                        self.ty(a.field),
                        FieldType::TimeWindow | FieldType::QuoteList
                    )
                    && !matches!(
                        self.name(a.field),
                        "urgency" | "problem_text" | "problem_category"
                    )
            })
            && heard.runs.iter().all(|r| r.digits().len() <= 4)
            && heard.runs.iter().map(|r| r.digits().len()).sum::<usize>() <= 6
    }

    /// Whether a bare "three" would be a time: one was asked for or named a moment ago.
    fn times_in_play(&self) -> bool {
        let asked = self.time_field().is_some_and(|f| self.was_asked(f, 1));
        asked || self.agenda.last.is_some() && self.agenda.age <= 2
    }

    /// A time alone gets the day under discussion.
    fn with_day(&self, said: Slot) -> Slot {
        if said.day.is_some() {
            return said;
        }
        let day = match self.agenda.day_of(&said) {
            Some(None) if self.agenda.offers.len() > 1 => None,
            Some(Some(day)) => Some(day),
            _ => self.day_in_talk(),
        };
        Slot { day, ..said }
    }

    /// The day that times are being named for.
    fn day_in_talk(&self) -> Option<Days> {
        self.agenda
            .wanted
            .and_then(|w| w.day)
            .or(self.agenda.current.and_then(|c| c.day))
            .or(self.agenda.day.filter(|d| !is_long(*d)))
            .or(self.agenda.standing.and_then(|s| s.day))
    }

    /// At the end of the call: a time that nobody agreed to stands as what was last proposed, unless the call came to something else than
    /// an appointment.
    pub fn close_times(&mut self) {
        let Some(field) = self.time_field() else {
            return;
        };
        let open = self.ledger(field).held.as_ref().is_some_and(|h| {
            !h.confirmed && matches!(h.source, Source::CallerSaid | Source::AgentSaid)
        });
        let code = self.outcome_code().0;
        // What is booked without a word that took it is the slot that stands.
        let elsewhere = code == Code::Booked && !self.slot_stands()
            || matches!(
                code,
                Code::Transferred | Code::Escalated | Code::MessageTaken | Code::NotServed
            );
        // "I'd like to be seen today", and the line went dead; "this week if y'all can", and somebody will call: how soon, no slot.
        let unheard = self.agenda.offers.is_empty()
            && self.agenda.current.is_some_and(|c| {
                let vague = c.clock.is_none()
                    || code == Code::CallbackNeeded && c.clock.is_some_and(|c| c.part);
                vague
                    && c.day.is_some_and(|d| {
                        d.start == self.today()
                            && (code == Code::Abandoned
                                || c.clock.is_some()
                                || d.end.is_some()
                                    && matches!(
                                        code,
                                        Code::CallbackNeeded | Code::MessageTaken | Code::Voicemail
                                    ))
                    })
            });
        // A day that the message asks for stands with it.
        let asked_for = code == Code::MessageTaken
            && self.agenda.wanted.is_some()
            && self.agenda.wanted == self.agenda.current;
        if open && (elsewhere && !asked_for || unheard) || self.not_booked_after_all() {
            self.agenda.current = None;
            self.agenda.agreed = None;
            let kind = self.ledger_mut(field).withdraw();
            self.note(field, kind);
        }
        self.prefer_call(field, code);
    }

    /// Two sides agreed on an hour, but by all the words nothing is to happen then: it is the hour of an answer, or of something else.
    fn not_booked_after_all(&self) -> bool {
        self.agenda.agreed.is_some()
            && self.outcome_by_signs().0 == Code::Booked
            && matches!(
                self.outcome_code().0,
                Code::InformationGiven | Code::Escalated | Code::Transferred | Code::NotServed
            )
            && self.time_field().is_some_and(|f| {
                self.ledger(f)
                    .held
                    .as_ref()
                    .is_some_and(|h| matches!(h.source, Source::CallerSaid | Source::AgentSaid))
            })
    }

    /// Remembers the day spoken of.
    fn talk_of(&mut self, day: Option<Days>) {
        self.agenda.day = day.or(self.agenda.day);
    }

    /// The caller cannot at that time: offers for it are off, and so is what was agreed.
    fn turn_down(&mut self, field: u8, said: &Slot) {
        self.agenda.refuse(said);
        if self
            .agenda
            .current
            .is_some_and(|c| said.day.is_some() && c.fits(said))
        {
            self.agenda.current = None;
            self.agenda.agreed = None;
            let kind = self.ledger_mut(field).withdraw();
            self.note(field, kind);
        }
    }

    /// The agent's proposal, if it is still what is held, was turned down and nobody wants it.
    fn drop_proposal(&mut self, field: u8, refused: &[Slot]) {
        let proposed = self
            .ledger(field)
            .held
            .as_ref()
            .is_some_and(|h| h.source == Source::AgentSaid && !h.confirmed);
        if proposed && self.agenda.current.is_some_and(|c| refused.contains(&c)) {
            self.agenda.current = None;
            let kind = self.ledger_mut(field).withdraw();
            self.note(field, kind);
        }
    }

    /// "I'm tied up till dark. I can be there in the morning, eight to ten.": of hours that are over today, tomorrow's.
    fn ahead(&self, slot: Slot) -> Slot {
        let frame = self.frame();
        let over = |c: Clock| c.end.unwrap_or(c.start) <= frame.minute;
        let day = slot
            .day
            .filter(|d| d.end.is_none() && d.start == frame.today);
        match (day, slot.clock.filter(|c| over(*c))) {
            (Some(day), Some(_)) if !slot.open => Slot {
                day: day.start.tomorrow().ok().map(|start| Days { start, ..day }),
                ..slot
            },
            _ => slot,
        }
    }

    fn window_of(&self, slot: Slot) -> Option<Value> {
        slot.window(&self.ctx.timezone, &self.ctx.zone_name())
            .map(Value::Window)
    }

    /// The caller wants the slot; nobody has agreed to it yet.
    fn want(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
        let slot = self.ahead(slot);
        self.agenda.wanted = Some(slot);
        let Some(value) = self.window_of(slot) else {
            return;
        };
        self.agenda.current = Some(slot);
        if self.value(field) != Some(&value) {
            self.claim(field, heard, span, Role::States, value, Strength::Repair);
        }
    }

    /// One side named the slot and the other takes it.
    fn agree(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
        let slot = self.ahead(slot);
        let frame = self.frame();
        // "We can be there between two and four", with no day in the whole talk: today.
        let day_open = heard.says(words!["day", "days", "date"]);
        let day = slot.day.or_else(|| {
            slot.clock
                .filter(|c| !day_open && !c.part && c.start > frame.minute)
                .map(|_| Days {
                    start: frame.today,
                    end: None,
                    weekday: false,
                    ambiguous: false,
                })
        });
        let slot = Slot { day, ..slot };
        let Some(value) = self.window_of(slot) else {
            // "One is fine, which day?": the hour waits for its day.
            self.agenda.wanted = Some(slot);
            return;
        };
        self.agenda.settle(slot);
        if let Some(day) = slot.day.filter(|d| d.end.is_none()) {
            self.suits_after_all(day);
        }
        let evidence = vec![heard.evidence(Role::Confirms, span.0, span.1)];
        let kind = self.ledger_mut(field).confirm(Some(value), evidence);
        self.note(field, kind);
    }

    /// The agent's single offer stands as the last proposal until the caller answers.
    fn propose(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
        let slot = self.ahead(slot);
        let Some(value) = self.window_of(slot) else {
            return;
        };
        let held = self.ledger(field).held.as_ref();
        // What was agreed stands, unless this only says at what time.
        let closer = self
            .agenda
            .agreed
            .is_some_and(|a| a.clock.is_none() && slot.clock.is_some() && a.fits(&slot));
        let settled = self.agenda.agreed.is_some() && !closer;
        if held.is_some_and(|h| h.confirmed && settled || h.value == value) {
            return;
        }
        self.agenda.current = Some(slot);
        self.claim_with(
            field,
            heard,
            span,
            Role::States,
            value,
            Strength::Repair,
            Source::AgentSaid,
            false,
        );
    }
}

/// A month or more is when, not an appointment.
fn is_long(days: Days) -> bool {
    days.end
        .and_then(|end| days.start.until(end).ok())
        .is_some_and(|span| span.get_days() > MOST_DAYS)
}

/// A time alone joins a day alone.
fn joins(held: &Slot, next: &Slot) -> bool {
    let vague = held.clock.is_none_or(|c| c.part) && next.clock.is_some_and(|c| !c.part);
    (held.clock.is_none() || vague) && next.day.is_none()
        || held.day.is_none() && next.clock.is_none()
}
