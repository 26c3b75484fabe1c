//! The appointment: who proposed what, who took it. What a time in a sentence is the time of says [`purpose`]; hours that do not suit
//! are kept by [`condition`]; offers, wishes and agreements stand on the [`Agenda`](crate::fields::agenda::Agenda).

mod condition;
mod purpose;

use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Reply};
use crate::fields::evidence::Role;
use crate::fields::ledger::{Source, Strength};
use crate::fields::state::State;
use crate::fields::temporal::{self, Bound, Days, Frame, TimeMention};
use crate::fields::token::{Num, Stop};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{FieldType, Value};
use purpose::Purpose;

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
        let now = self.ctx.now();
        let today = now.date();
        Frame {
            today,
            minute: (now.hour() as u16) * 60 + now.minute() as u16,
            from: self.agenda.from.map_or(today, |f| f.max(today)),
            named: self.agenda.day,
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

    /// Days and times in the caller's turn.
    pub fn caller_times(&mut self, heard: &mut Heard, reply: &Reply) {
        let Some(field) = self.time_field() else {
            return;
        };
        let in_play = self.times_in_play();
        let asked = self.was_asked(field, 1);
        let mentions = temporal::mentions(heard, self.frame(), in_play);
        self.agenda.age = self.agenda.age.saturating_add(1);
        self.agenda.by_phone |= by_phone(heard);
        let cancels = heard.hits.has(Cue::Cancel);
        let changes = heard.hits.has(Cue::ChangeTime)
            && heard
                .tokens
                .iter()
                .any(|t| t.any(&["appointment", "appt", "reschedule", "visit", "move"]));
        self.agenda.moving |= cancels || heard.hits.has(Cue::ChangeTime);
        let mut wishes: Vec<Named> = Vec::new();
        let dictates = dictates(heard);
        for m in mentions.iter().filter(|m| !m.past) {
            // The very hour that was offered is an answer, whatever else is told with it.
            let offered = self.agenda.offers.iter().any(|o| {
                o.clock.is_some_and(|c| !c.part)
                    && m.clock.is_some_and(|c| !c.part)
                    && o.fits(&Slot::of(m))
            });
            let purpose = match purpose::of(heard, m) {
                Purpose::Open if self.agenda.about_call > 0 => Purpose::Call,
                Purpose::Other | Purpose::Story if offered => Purpose::Open,
                // "I need to move my appointment, it's tomorrow at ten": what is to be moved, unless it is moved "to" it.
                Purpose::Open | Purpose::Visit
                    if changes
                        && self.agenda.standing.is_none()
                        && !in_play
                        && !heard.tokens[m.start.saturating_sub(3)..m.start]
                            .iter()
                            .any(|t| t.any(&["to", "until", "do", "instead", "for"])) =>
                {
                    Purpose::Standing
                }
                _ if dictates => Purpose::Story,
                purpose => purpose,
            };
            let said = self.with_day(Slot::of(m));
            if self.constrains(heard, m, purpose, asked || in_play) {
                heard.take(m.start, m.end);
                if m.negated {
                    self.turn_down(field, &said);
                }
                continue;
            }
            if m.negated {
                self.turn_down(field, &said);
                continue;
            }
            // "I can only do evenings": a habit, no day.
            if m.day.is_none() && is_habit(heard, m) {
                continue;
            }
            match purpose {
                Purpose::Standing => {
                    self.agenda.standing = Some(Slot::of(m));
                    self.agenda.age = 0;
                    heard.take(m.start, m.end);
                }
                _ if cancels && !in_play => {
                    self.agenda.standing = Some(Slot::of(m));
                    heard.take(m.start, m.end);
                }
                // "I'll be out fishing Friday" refuses what was offered for Friday.
                Purpose::Other if m.day.is_some() => self.agenda.refuse(&said),
                Purpose::Story | Purpose::Hours | Purpose::Call | Purpose::Other => {}
                Purpose::Open if !in_play => {}
                Purpose::Visit if !in_play && !names_enough(m) => {}
                Purpose::Visit if !in_play && heard.unreal(m.start) && !politely(heard) => {}
                Purpose::Visit | Purpose::Open => {
                    heard.take(m.start, m.end);
                    wishes.push(Named {
                        span: (m.start, m.end),
                        slot: Slot::of(m),
                    });
                }
            }
        }
        self.deadline_before_that(heard, &mentions);
        self.agenda.named = mentions
            .iter()
            .rev()
            .filter(|m| !m.past)
            .find_map(|m| m.day)
            .or(self.agenda.named);
        if let Some(slot) = self.ordinal_pick(heard) {
            self.agree(field, slot, heard, (0, heard.tokens.len()));
            return;
        }
        match self.last_wish(heard, reply, wishes) {
            Some(wish) => self.wish(field, heard, reply, wish),
            None => self.answer(field, heard, reply),
        }
    }

    /// "Friday at ten ... no wait, Monday": the last wish stands; a clock alone joins the day before it.
    fn last_wish(&self, heard: &Heard, reply: &Reply, wishes: Vec<Named>) -> Option<Named> {
        let offered = |slot: &Slot| self.agenda.offers.iter().any(|o| o.fits(slot));
        wishes.into_iter().reduce(|held, next| {
            // A time alone joins a day alone; "the 30th, that's a Thursday" is one day.
            let again = next.slot.clock.is_none() && held.slot.fits(&next.slot);
            if joins(&held.slot, &next.slot) || again {
                return Named {
                    span: (held.span.0, next.span.1),
                    slot: held.slot.updated(&next.slot),
                };
            }
            let repaired = heard
                .hits
                .cue(Cue::Repair)
                .any(|h| h.start >= held.span.1 && h.end <= next.span.0 + 1);
            // "Thursday's good, I'm off Friday too": the one that was offered is the answer.
            if offered(&held.slot) && !offered(&next.slot) && !repaired && !reply.deny {
                held
            } else {
                next
            }
        })
    }

    /// The caller names a time.
    fn wish(&mut self, field: u8, heard: &Heard, reply: &Reply, wish: Named) {
        let question = asks_at(heard, wish.span.0);
        self.agenda.unanswered = false;
        let said = self.with_day(wish.slot);
        let offer = self.agenda.meant(&said);
        self.agenda.age = 0;
        self.agenda.last = Some(Speaker::Caller);
        self.talk_of(said.day);
        match offer {
            Some(offer) if !reply.deny || reply.accept || reply.affirm => {
                let slot = if offer.clock.is_none_or(|c| c.part) {
                    offer.updated(&said)
                } else {
                    Slot {
                        day: offer.day.or(said.day),
                        ..offer
                    }
                };
                let narrowed =
                    offer.clock.is_some_and(|c| c.part) && said.clock.is_some_and(|c| !c.part);
                if narrowed || question {
                    self.want(field, slot, heard, wish.span);
                } else {
                    self.agree(field, slot, heard, wish.span);
                }
            }
            _ => {
                let same_time = heard.tokens.iter().any(|t| t.is("same"));
                let keep = self.agenda.current.filter(|c| {
                    said.day.is_none()
                        || said.clock.is_none() && same_time && c.clock.is_some()
                        || c.fits(&said)
                });
                let slot = keep.map_or(said, |c| c.updated(&said));
                self.agenda.offer(Vec::new());
                self.want(field, slot, heard, wish.span);
            }
        }
    }

    /// The caller answers an offer without naming a time.
    fn answer(&mut self, field: u8, heard: &Heard, reply: &Reply) {
        let question = asks_back(heard);
        let unfit = heard
            .hits
            .cue(Cue::NotFit)
            .any(|h| !question || h.start < 3);
        if reply.deny && !reply.accept && !heard.hits.has(Cue::NotDeny) || unfit {
            self.agenda.unanswered = false;
            if self.agenda.age <= 1 {
                let refused = std::mem::take(&mut self.agenda.offers);
                self.drop_proposal(field, &refused);
            }
            return;
        }
        let fresh = self.agenda.last == Some(Speaker::Agent) && self.agenda.age <= 1;
        // Thanks for the time that was asked for take it.
        let thanks = self.agenda.wanted.is_some()
            && heard
                .tokens
                .first()
                .is_some_and(|t| t.any(&["thank", "thanks"]));
        let undecided = question
            || heard.hits.has(Cue::ThinkOver)
            || reply.decline
            || reply.dont_know
            || heard
                .tokens
                .iter()
                .any(|t| t.glue == Some('$') || t.any(&["hundred", "dollars", "bucks"]));
        if undecided {
            self.agenda.unanswered = false;
        }
        // "Let me talk to my wife and call you back" takes nothing yet.
        if heard.hits.has(Cue::ThinkOver) && self.agenda.age <= 3 {
            self.agenda.agreed = None;
        }
        if !(reply.affirm || reply.accept || thanks) || !fresh || undecided {
            return;
        }
        let span = (0, heard.tokens.len().min(reply.rest.max(1)));
        match self.agenda.offers.as_slice() {
            [slot] => {
                let slot = *slot;
                self.agree(field, slot, heard, span);
            }
            [slot, ..]
                if heard.tokens.iter().any(|t| {
                    t.any(&[
                        "first",
                        "earlier",
                        "earliest",
                        "sooner",
                        "either",
                        "whichever",
                    ])
                }) =>
            {
                let slot = *slot;
                self.agree(field, slot, heard, span);
            }
            _ => {}
        }
    }

    /// "The second one", "the later one".
    fn ordinal_pick(&self, heard: &Heard) -> Option<Slot> {
        let offers = &self.agenda.offers;
        if offers.len() < 2 || self.agenda.age > 2 || heard.hits.has(Cue::NotFit) {
            return None;
        }
        // "The second", where an offer is for the second: that day, not the second offer.
        let dated = offers.iter().find(|o| {
            o.day.is_some_and(|d| {
                let number = Num::Ordinal(d.start.day() as u16);
                heard.tokens.iter().any(|t| t.num == number)
            })
        });
        if let Some(slot) = dated {
            return (!asks_back(heard)).then_some(*slot);
        }
        for at in 0..heard.tokens.len() {
            let the = heard.word(at.wrapping_sub(1)) == "the";
            let index = match heard.word(at) {
                "first" | "former" | "earlier" | "earliest" | "1st" => 0,
                "second" | "2nd" if the => 1,
                "latter" | "later" | "last" => offers.len() - 1,
                "third" | "3rd" => 2,
                _ => continue,
            };
            let one = matches!(
                heard.word(at + 1),
                "one" | "slot" | "option" | "time" | "appointment" | "works" | "is" | ""
            );
            if one && heard.word(at + 1) != "thing" || the {
                return offers.get(index).copied();
            }
        }
        None
    }

    /// A time alone gets the day under discussion.
    fn with_day(&self, said: Slot) -> Slot {
        if said.day.is_some() {
            return said;
        }
        let day = match self.agenda.offers.as_slice() {
            [one] => one.day,
            many => many
                .iter()
                .find(|o| o.clock == said.clock)
                .and_then(|o| o.day),
        };
        Slot {
            day: day.or_else(|| self.day_in_talk()),
            ..said
        }
    }

    /// The day that times are being named for.
    fn day_in_talk(&self) -> Option<Days> {
        self.agenda
            .wanted
            .and_then(|w| w.day)
            .or(self.agenda.current.and_then(|c| c.day))
            .or(self.agenda.day)
            .or(self.agenda.standing.and_then(|s| s.day))
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

    fn window_of(&self, slot: Slot) -> Option<Value> {
        slot.window(&self.ctx.timezone, &self.ctx.zone_name())
            .map(Value::Window)
    }

    /// The caller wants the slot; nobody has agreed to it yet.
    fn want(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
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
        let frame = self.frame();
        // "We can be there between two and four", with no day in the whole talk: today.
        let day = slot.day.or_else(|| {
            slot.clock
                .filter(|c| !c.part && c.start > frame.minute)
                .map(|_| Days {
                    start: frame.today,
                    end: None,
                    weekday: false,
                    ambiguous: false,
                })
        });
        let slot = Slot { day, ..slot };
        let Some(value) = self.window_of(slot) else {
            return;
        };
        self.agenda.settle(slot);
        let evidence = vec![heard.evidence(Role::Confirms, span.0, span.1)];
        let kind = self.ledger_mut(field).confirm(Some(value), evidence);
        self.note(field, kind);
    }

    /// The agent's single offer stands as the last proposal until the caller answers.
    fn propose(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
        let Some(value) = self.window_of(slot) else {
            return;
        };
        let held = self.ledger(field).held.as_ref();
        // What was agreed stands, unless this only says at what time.
        let closer = self
            .agenda
            .agreed
            .is_some_and(|a| a.clock.is_none() && slot.clock.is_some() && a.fits(&slot));
        if held.is_some_and(|h| h.confirmed && !closer || h.value == value) {
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

    /// Days and times in the agent's turn.
    pub fn agent_times(&mut self, heard: &mut Heard) {
        let Some(field) = self.time_field() else {
            return;
        };
        let in_play = self.times_in_play();
        self.agenda.by_phone |= by_phone(heard);
        self.silence_is_consent(field, heard);
        let mentions = temporal::mentions(
            heard,
            self.frame(),
            in_play || heard.hits.has(Cue::Offer) || heard.hits.has(Cue::Booked),
        );
        self.agenda.age = self.agenda.age.saturating_add(1);
        self.agenda.named = mentions
            .iter()
            .rev()
            .filter(|m| !m.past)
            .find_map(|m| m.day)
            .or(self.agenda.named);
        let slots = self.named_by_agent(heard, &mentions, in_play);
        // "She'll call you. Mornings or afternoons?": the times that follow are the call's.
        self.agenda.about_call = if !slots.is_empty() || self.agenda.by_phone {
            0
        } else if heard.hits.has(Cue::WhenCall)
            && heard.tokens.iter().any(|t| {
                t.any(&[
                    "will", "i'll", "he'll", "she'll", "they'll", "have", "should",
                ])
            })
        {
            3
        } else {
            self.agenda.about_call.saturating_sub(1)
        };
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
        self.agenda.unanswered = slots.len() == 1;
        match slots.as_slice() {
            [one] => self.agent_names_one(field, heard, *one),
            many => {
                // Several are an offer to choose from; one of them may be what was wanted.
                if let Some(wanted) = self.agenda.wanted
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
    fn silence_is_consent(&mut self, field: u8, heard: &Heard) {
        let unanswered = std::mem::take(&mut self.agenda.unanswered);
        if !unanswered || self.agenda.last != Some(Speaker::Agent) || self.agenda.age != 1 {
            return;
        }
        let again = heard.hits.has(Cue::Offer) || heard.hits.has(Cue::Cannot);
        if let [slot] = self.agenda.offers.as_slice()
            && slot.clock.is_some()
            && !again
            && self.agenda.agreed != Some(*slot)
            && self.agenda.current == Some(*slot)
        {
            let slot = *slot;
            self.agree(field, slot, heard, (0, heard.tokens.len()));
            self.agenda.age = 1;
        }
    }

    /// The slots that the agent names: what is on offer, was booked, or is repeated; not what happened, is open, or will be rung.
    fn named_by_agent(
        &mut self,
        heard: &mut Heard,
        mentions: &[TimeMention],
        in_play: bool,
    ) -> Vec<Named> {
        let mut slots: Vec<Named> = Vec::new();
        let none_free = none_free(heard);
        let deals = mentions
            .iter()
            .any(|m| purpose::of(heard, m) == Purpose::Visit && !m.past && !is_habit(heard, m));
        for m in mentions {
            let wish_well = heard
                .hits
                .cue(Cue::Goodbye)
                .any(|h| h.start <= m.start && m.end <= h.end + 1 && heard.word(h.start) == "have");
            if m.past || m.relative || wish_well || m.bound == Bound::By || is_habit(heard, m) {
                continue;
            }
            let exact = m.clock.is_some_and(|c| !c.part);
            let named = match purpose::of(heard, m) {
                Purpose::Visit => true,
                Purpose::Open if self.agenda.about_call > 0 => m.day.is_some() && exact,
                Purpose::Open => in_play || deals || m.day.is_some() && exact,
                Purpose::Call => exact && (self.agenda.by_phone || offers_call(heard)),
                Purpose::Standing => {
                    self.agenda.standing = Some(Slot::of(m));
                    !self.agenda.moving
                }
                Purpose::Story | Purpose::Hours | Purpose::Other => false,
            };
            if !named {
                continue;
            }
            let mut slot = Slot::of(m);
            // "Before noon Tuesday" says no more than the day.
            if m.bound == Bound::Before {
                slot.clock = None;
                if slot.day.is_none() || m.clock.is_none() {
                    continue;
                }
            }
            if m.negated || none_free.is_some_and(|at| near(heard, at, m)) {
                self.agenda.refuse(&self.with_day(slot));
                continue;
            }
            // The appointment that is to be moved is not on offer.
            if self.agenda.moving && self.agenda.standing.is_some_and(|s| s == slot) {
                continue;
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
                let apart = (held.span.1..m.start).any(|i| heard.tokens[i].any(&["or", "and"]));
                let same_day = held.slot.clock.is_none()
                    && held
                        .slot
                        .day
                        .zip(slot.day)
                        .is_some_and(|(a, b)| a.start == b.start);
                if (joins(&held.slot, &slot) || same_day) && !apart {
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
        for named in &mut slots {
            if named.slot.day.is_none() {
                named.slot.day = self.day_in_talk();
            }
        }
        if let [one] = slots.as_mut_slice()
            && one.slot.clock.is_none()
            && heard.tokens.iter().any(|t| t.is("same"))
        {
            one.slot.clock = self.agenda.clock;
        }
        slots
    }

    /// The agent answers a wish without naming a time.
    fn agent_answers(&mut self, field: u8, heard: &Heard) {
        let reply = dialogue::reply(heard);
        let booked = heard.hits.has(Cue::Booked)
            || heard.tokens.len() <= 3
                && heard
                    .tokens
                    .iter()
                    .any(|t| t.any(&["booked", "done", "deal", "scheduled"]));
        let refuses = reply.deny
            || heard.hits.has(Cue::Cannot)
            || none_free(heard).is_some()
            || !booked && heard.tokens.iter().any(|t| t.any(REFUSING));
        let takes = !refuses
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
            .filter(|_| !self.agenda.moving && heard.hits.has(Cue::Booked));
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
        let refuses = !booked && heard.tokens.iter().any(|t| t.any(&REFUSING[..3]));
        if let Some(wanted) = self.agenda.wanted.filter(|w| w.fits(&slot) && !refuses) {
            // The agent repeats what the caller asked for, with what the agent made more exact.
            let question = in_question(heard, span.0)
                || heard.hits.has(Cue::Offer) && !booked && !dialogue::reply(heard).affirm;
            let merged = wanted.updated(&slot);
            let reply = dialogue::reply(heard);
            let exact = merged == wanted
                || wanted.clock.is_some_and(|c| !c.part) && merged.clock == wanted.clock
                || reply.affirm;
            if exact && !question || booked {
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
            let closer = self
                .agenda
                .agreed
                .is_some_and(|a| a.fits(&slot) && a.clock.is_none_or(|c| c.part))
                && !in_question(heard, span.0)
                && !heard.hits.has(Cue::Offer)
                && (dialogue::reply(heard).affirm || dialogue::reply(heard).accept);
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
            && self.agenda.offers.contains(&slot)
            && slot.clock.is_some()
            && !in_question(heard, span.0)
            && !refuses;
        if chosen {
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

/// "Saturdays", "mornings": every week or every day, not this one.
fn is_habit(heard: &Heard, m: &TimeMention) -> bool {
    (m.start..m.end).any(|i| {
        let word = heard.word(i);
        temporal::every_week(word) || matches!(word, "mornings" | "afternoons" | "evenings")
    })
}

/// Words with which an agent turns a wish down.
const REFUSING: &[&str] = &[
    "full",
    "unfortunately",
    "afraid",
    "booked",
    "sorry",
    "taken",
    "slammed",
];

/// A time alone joins a day alone.
fn joins(held: &Slot, next: &Slot) -> bool {
    let vague = held.clock.is_none_or(|c| c.part) && next.clock.is_some_and(|c| !c.part);
    (held.clock.is_none() || vague) && next.day.is_none()
        || held.day.is_none() && next.clock.is_none()
}

/// "Just tell her I'll be there at 8:45": a message for somebody, whatever times it holds.
fn dictates(heard: &Heard) -> bool {
    heard.tokens.iter().take(6).enumerate().any(|(i, t)| {
        t.any(&["tell", "let"])
            && matches!(
                heard.word(i + 1),
                "him" | "her" | "them" | "mr" | "ms" | "mrs" | "doctor" | "dr" | "miss" | "mister"
            )
    })
}

/// "If you could come by tomorrow", "could I come in Monday": a request, not a case supposed.
fn politely(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|i| match heard.word(i) {
        "if" => {
            matches!(heard.word(i + 1), "you" | "y'all" | "we" | "i")
                && matches!(
                    heard.word(i + 2),
                    "could" | "can" | "would" | "have" | "guys"
                )
        }
        "could" | "would" | "may" | "might" => matches!(
            heard.word(i + 1),
            "i" | "you" | "we" | "somebody" | "someone" | "they" | "he" | "she" | "it" | "y'all"
        ),
        _ => false,
    })
}

/// A day, or a clock time; "in the morning" alone is neither.
fn names_enough(m: &TimeMention) -> bool {
    m.day.is_some() || m.clock.is_some_and(|c| !c.part)
}

/// Whether the clause that holds the token is a question by its mark.
fn in_question(heard: &Heard, at: usize) -> bool {
    heard
        .tokens
        .get(heard.clause_end(at).saturating_sub(1))
        .is_some_and(|t| t.stop == Stop::Question)
}

fn ends_in_question(heard: &Heard) -> bool {
    heard
        .tokens
        .last()
        .is_some_and(|t| t.stop == Stop::Question)
}

/// Words before the real beginning of a turn.
const OPENERS: &[&str] = &[
    "okay", "ok", "yeah", "yes", "sure", "um", "oh", "well", "and", "so", "alright", "great",
    "good", "perfect", "right", "cool", "hmm",
];

/// Whether the clause that holds the token asks something.
fn asks_at(heard: &Heard, at: usize) -> bool {
    let from = heard.clause_start(at);
    let to = heard.clause_end(at);
    let first = (from..to).find(|i| !heard.tokens[*i].any(OPENERS));
    to > 0
        && heard
            .tokens
            .get(to - 1)
            .is_some_and(|t| t.stop == Stop::Question)
        || first.is_some_and(|i| {
            heard.tokens[i].any(&[
                "what", "what's", "when", "which", "how", "how's", "do", "does", "is", "are",
                "can", "could", "would", "will",
            ])
        })
}

/// The caller asks about the time instead of answering: "okay what times", "do you have anything earlier?".
fn asks_back(heard: &Heard) -> bool {
    let about_time = heard.hits.has(Cue::NotFit)
        || heard
            .tokens
            .iter()
            .any(|t| t.any(&["time", "times", "when", "day", "morning", "afternoon"]));
    let asks = (0..heard.tokens.len())
        .filter(|i| *i == 0 || heard.tokens[i - 1].ends_clause())
        .any(|i| asks_at(heard, i));
    asks && (about_time || heard.tokens.len() <= 3)
}

/// The agent speaks of an appointment held by telephone, so that "she'll call you at three" is one.
fn by_phone(heard: &Heard) -> bool {
    heard.tokens.iter().any(|t| {
        t.any(&[
            "consultation",
            "consult",
            "telehealth",
            "televisit",
            "telephone",
        ])
    }) || heard.tokens.windows(2).any(|w| {
        w[0].any(&["phone", "video", "by", "intake"])
            && w[1].any(&["appointment", "visit", "consult", "phone", "interview"])
    })
}

/// "The attorney can call you at noon": a call offered in place of a visit, not one that is owed.
fn offers_call(heard: &Heard) -> bool {
    heard
        .tokens
        .windows(2)
        .any(|w| w[0].any(&["can", "could"]) && w[1].any(&["call", "talk", "speak", "phone"]))
        && !heard.tokens.iter().any(|t| t.is("back"))
}

/// Where the agent says that nothing is free.
fn none_free(heard: &Heard) -> Option<usize> {
    heard.tokens.iter().enumerate().position(|(i, t)| {
        t.is("nothing")
            && !heard
                .tokens
                .get(i + 1)
                .is_some_and(|t| t.any(&["before", "until", "till"]))
            || t.any(&["full", "booked", "slammed"])
                && heard.tokens.get(i.wrapping_sub(1)).is_some_and(|p| {
                    p.any(&[
                        "we're",
                        "i'm",
                        "he's",
                        "she's",
                        "are",
                        "am",
                        "all",
                        "completely",
                        "totally",
                        "fully",
                        "pretty",
                        "already",
                    ])
                })
                && !heard.tokens.get(i + 1).is_some_and(|n| n.is("you"))
            || t.is("no")
                && heard.tokens.get(i + 1).is_some_and(|n| {
                    n.any(&[
                        "openings",
                        "opening",
                        "availability",
                        "appointments",
                        "slots",
                        "spots",
                    ])
                })
            || t.any(&["don't", "haven't"])
                && heard
                    .tokens
                    .get(i + 2)
                    .is_some_and(|n| n.any(&["anything", "any"]))
    })
}

/// Whether nothing else stands between the word and the time.
fn near(heard: &Heard, at: usize, m: &TimeMention) -> bool {
    let (from, to) = if at < m.start {
        (at + 1, m.start)
    } else {
        (m.end, at)
    };
    to.saturating_sub(from) <= 4
        && !(from..to).any(|i| {
            heard.tokens[i].any(&["but", "until", "till", "have", "could", "can", "so", "how"])
                || heard.tokens[i].stop >= Stop::Comma && at > m.end
        })
}

/// "The earliest I have is Monday", "Monday's the first I've got".
fn earliest(heard: &Heard) -> bool {
    heard.tokens.iter().enumerate().any(|(i, t)| {
        t.any(&["earliest", "soonest", "until", "till"])
            || t.any(&["first", "next"])
                && heard.tokens.get(i + 1).is_some_and(|n| {
                    n.any(&[
                        "i",
                        "i've",
                        "we",
                        "we've",
                        "one",
                        "available",
                        "opening",
                        "thing",
                    ])
                })
                && !heard.tokens.get(i + 1).is_some_and(|n| n.is("thing"))
    })
}

/// The agent sums up what both sides know: "you're all set for", "see you Thursday".
fn summed_up(heard: &Heard) -> bool {
    heard.hits.cue(Cue::Booked).any(|h| {
        matches!(
            heard.word(h.start),
            "you're"
                | "youre"
                | "you"
                | "see"
                | "appointment"
                | "it's"
                | "look"
                | "moved"
                | "switched"
                | "changed"
                | "rescheduled"
                | "bumped"
        )
    }) && !ends_in_question(heard)
}
