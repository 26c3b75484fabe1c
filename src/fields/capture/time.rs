//! The appointment: who proposed what, who took it; and hours that do not suit.

use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::ledger::{Source, Strength};
use crate::fields::state::State;
use crate::fields::temporal::{self, Bound, TimeMention};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{ConstraintKind, Value};

impl State {
    fn time_field(&self) -> Option<u8> {
        self.field("preferred_time").or_else(|| {
            self.vertical
                .first_of(crate::fields::value::FieldType::TimeWindow)
                .map(|i| i as u8)
        })
    }

    fn times_in_play(&self) -> bool {
        let asked = self.time_field().is_some_and(|f| self.was_asked(f, 1));
        asked
            || !self.agenda.offers.is_empty() && self.agenda.age <= 2
            || self.agenda.wanted.is_some() && self.agenda.age <= 2
    }

    /// Days and times in the caller's turn.
    pub fn caller_times(&mut self, heard: &mut Heard, reply: &Reply) {
        let Some(field) = self.time_field() else {
            return;
        };
        let today = self.today();
        let in_play = self.times_in_play();
        let mentions: Vec<TimeMention> = temporal::mentions(heard, today, in_play)
            .into_iter()
            .filter(|m| !m.past)
            .collect();
        self.agenda.age = self.agenda.age.saturating_add(1);
        let asked = self.was_asked(field, 1);
        let mut wishes: Vec<(TimeMention, Slot)> = Vec::new();
        for m in &mentions {
            if self.constrains(heard, m, asked) {
                heard.take(m.start, m.end);
                continue;
            }
            if m.negated {
                self.refuse_slot(m);
                continue;
            }
            let hours = heard
                .tokens
                .iter()
                .any(|t| t.any(&["open", "closed", "close", "hours"]))
                && !in_play;
            if hours || !in_play && !self.wants(heard, m) {
                continue;
            }
            heard.take(m.start, m.end);
            wishes.push((*m, Slot::of(m)));
        }
        let pick = self.ordinal_pick(heard);
        if let Some(slot) = pick {
            self.agree(field, slot, heard, (0, heard.tokens.len()));
            return;
        }
        // "friday at ten ... no wait, monday": the last wish stands; a clock alone joins the day before it.
        let mut wish: Option<(TimeMention, Slot)> = None;
        for (m, slot) in wishes {
            wish = Some(match wish {
                Some((first, held)) if joins(&held, &slot) => (
                    TimeMention {
                        end: m.end,
                        ..first
                    },
                    held.updated(&slot),
                ),
                Some((first, held))
                    if self.agenda.offers.iter().any(|o| o.fits(&held))
                        && !self.agenda.offers.iter().any(|o| o.fits(&slot))
                        && !heard
                            .hits
                            .cue(Cue::Repair)
                            .any(|h| h.start >= first.end && h.end <= m.start + 1)
                        && !reply.deny =>
                {
                    (first, held)
                }
                _ => (m, slot),
            });
        }
        let question = heard
            .tokens
            .last()
            .is_some_and(|t| t.stop == crate::fields::token::Stop::Question)
            || heard.hits.cue(Cue::InfoAsk).any(|h| h.start <= 2);
        match wish {
            Some((m, said)) => {
                let said = self.with_day(said, heard);
                let offer = self.agenda.offers.iter().find(|o| o.fits(&said)).copied();
                self.agenda.age = 0;
                self.agenda.last = Some(Speaker::Caller);
                if said.day.is_some() {
                    self.agenda.day = said.day;
                }
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
                        let narrowed = offer.clock.is_some_and(|c| c.part)
                            && said.clock.is_some_and(|c| !c.part);
                        if narrowed || question {
                            self.want(field, slot, heard, (m.start, m.end));
                        } else {
                            self.agree(field, slot, heard, (m.start, m.end));
                        }
                    }
                    _ => {
                        let keep = self.agenda.current.filter(|c| {
                            said.day.is_none()
                                || said.clock.is_none()
                                    && (heard.tokens.iter().any(|t| t.is("same"))
                                        && c.clock.is_some())
                        });
                        let slot = keep.map_or(said, |c| c.updated(&said));
                        self.agenda.offers.clear();
                        self.want(field, slot, heard, (m.start, m.end));
                    }
                }
            }
            None => {
                if reply.deny && !reply.accept && !heard.hits.has(Cue::NotDeny) {
                    if !self.agenda.offers.is_empty() && self.agenda.age <= 1 {
                        self.agenda.offers.clear();
                    }
                    return;
                }
                let yes = reply.affirm || reply.accept;
                if yes
                    && self.agenda.last == Some(Speaker::Agent)
                    && self.agenda.age <= 1
                    && self.agenda.offers.len() == 1
                    && !question
                {
                    let slot = self.agenda.offers[0];
                    self.agree(
                        field,
                        slot,
                        heard,
                        (0, heard.tokens.len().min(reply.rest.max(1))),
                    );
                } else if yes
                    && self.agenda.last == Some(Speaker::Agent)
                    && self.agenda.age <= 1
                    && self.agenda.offers.len() > 1
                    && heard
                        .tokens
                        .iter()
                        .any(|t| t.any(&["first", "earlier", "earliest", "sooner", "either"]))
                {
                    let slot = self.agenda.offers[0];
                    self.agree(field, slot, heard, (0, heard.tokens.len()));
                }
            }
        }
    }

    /// Whether a time said unasked is what the caller wants, and no part of the story.
    fn wants(&self, heard: &Heard, m: &TimeMention) -> bool {
        if m.day.is_none() && m.clock.is_none_or(|c| c.part) {
            return false;
        }
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(14));
        let words = heard.tokens.get(from..m.start).unwrap_or_default();
        let verb = words.iter().any(|t| {
            t.any(&[
                "come",
                "schedule",
                "reschedule",
                "book",
                "appointment",
                "move",
                "moving",
                "like",
                "looking",
                "hoping",
                "available",
                "could",
                "can",
                "set",
                "see",
                "wanna",
                "works",
                "free",
                "prefer",
                "someone",
                "somebody",
                "get",
                "need",
                "want",
                "moved",
                "possible",
                "load",
                "shooting",
                "thinking",
                "how's",
                "about",
            ])
        });
        let story = words.iter().any(|t| {
            t.any(&[
                "was",
                "were",
                "happened",
                "started",
                "since",
                "had",
                "got",
                "went",
                "came",
                "been",
                "did",
                "hearing",
                "court",
                "due",
                "called",
                "said",
                "expires",
                "closes",
                "happens",
                "told",
                "supposed",
                "last",
                "ago",
                "ran",
                "broke",
                "quit",
                "goes",
                "starts",
                "until",
                "gets",
                "leaves",
                "leaving",
                "back",
                "expire",
                "expired",
                "filed",
                "served",
                "trial",
                "deadline",
                "arraignment",
            ])
        });
        verb && !story && !heard.unreal(m.start)
            || heard
                .hits
                .cue(Cue::Offer)
                .any(|h| h.start >= from && h.end <= m.start && m.start - h.end <= 4)
    }

    /// "The second one", "the later one".
    fn ordinal_pick(&self, heard: &Heard) -> Option<Slot> {
        if self.agenda.offers.len() < 2 || self.agenda.age > 2 {
            return None;
        }
        for at in 0..heard.tokens.len() {
            let index = match heard.word(at) {
                "first" | "former" | "earlier" | "earliest" | "1st" => 0,
                "second" | "2nd" if heard.word(at.wrapping_sub(1)) == "the" => 1,
                "latter" | "later" | "last" => self.agenda.offers.len() - 1,
                "third" | "3rd" => 2,
                _ => continue,
            };
            let fits = matches!(
                heard.word(at + 1),
                "one" | "slot" | "option" | "time" | "appointment" | "works" | "is" | ""
            ) || heard.word(at.wrapping_sub(1)) == "the";
            if fits {
                return self.agenda.offers.get(index).copied();
            }
        }
        None
    }

    /// A time alone gets the day under discussion.
    fn with_day(&self, said: Slot, heard: &Heard) -> Slot {
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
        let day = day
            .or(self.agenda.wanted.and_then(|w| w.day))
            .or(self.agenda.current.and_then(|c| c.day))
            .or(self.agenda.day);
        let _ = heard;
        Slot { day, ..said }
    }

    fn refuse_slot(&mut self, m: &TimeMention) {
        let said = Slot::of(m);
        self.agenda.offers.retain(|o| !o.fits(&said));
        if self.agenda.wanted.is_some_and(|w| w.fits(&said)) {
            self.agenda.wanted = None;
        }
    }

    /// The caller wants the slot; nobody has agreed to it yet.
    fn want(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
        self.agenda.wanted = Some(slot);
        let Some(window) = slot.window(&self.ctx.timezone, &self.ctx.zone_name()) else {
            return;
        };
        self.agenda.current = Some(slot);
        let value = Value::Window(window);
        if self.value(field) == Some(&value) {
            return;
        }
        self.claim(field, heard, span, Role::States, value, Strength::Repair);
    }

    /// One side named the slot and the other takes it.
    fn agree(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
        let Some(window) = slot.window(&self.ctx.timezone, &self.ctx.zone_name()) else {
            return;
        };
        self.agenda.agreed = Some(slot);
        self.agenda.current = Some(slot);
        self.agenda.wanted = None;
        self.agenda.offers = vec![slot];
        self.agenda.age = 0;
        let evidence = vec![heard.evidence(Role::Confirms, span.0, span.1)];
        let kind = self
            .ledger_mut(field)
            .confirm(Some(Value::Window(window)), evidence);
        self.note(field, kind);
    }

    /// Days and times in the agent's turn.
    pub fn agent_times(&mut self, heard: &mut Heard) {
        let Some(field) = self.time_field() else {
            return;
        };
        let today = self.today();
        let in_play = self.times_in_play();
        let mentions: Vec<TimeMention> =
            temporal::mentions(heard, today, in_play || heard.hits.has(Cue::Offer))
                .into_iter()
                .filter(|m| {
                    !m.past
                        && !m.negated
                        && m.bound != Bound::By
                        && !(heard.word(m.start).ends_with("days") && heard.word(m.start) != "days")
                })
                .collect();
        if let Some(day) = mentions.iter().rev().find_map(|m| m.day) {
            self.agenda.day = Some(day);
        }
        self.agenda.age = self.agenda.age.saturating_add(1);
        let story = heard
            .tokens
            .iter()
            .any(|t| t.any(&["did", "was", "were", "happened", "born", "since"]));
        let deals = heard.hits.has(Cue::Offer)
            || heard.hits.has(Cue::Booked)
            || in_play
            || !story
                && mentions
                    .iter()
                    .any(|m| m.day.is_some() && m.clock.is_some_and(|c| !c.part))
            || !story
                && mentions.iter().any(|m| {
                    m.day.is_some()
                        && (m.clock.is_some()
                            || heard.tokens.iter().any(|t| t.is("or"))
                            || self.agenda.wanted.is_some())
                        && heard.tokens.iter().any(|t| {
                            t.any(&[
                                "has", "see", "i", "we", "i've", "we've", "we'll", "i'll", "can",
                                "could", "got", "how", "then", "or", "let's", "put",
                            ])
                        })
                });
        // A call back, a form, a test result at some time is no appointment.
        let elsewhere = (heard.hits.has(Cue::CallBack)
            || heard.hits.has(Cue::SendInfo) && !heard.hits.has(Cue::Offer))
            && !heard.hits.has(Cue::Booked)
            || heard.hits.has(Cue::CallBack)
                && heard
                    .tokens
                    .iter()
                    .any(|t| t.any(&["they'll", "he'll", "she'll", "he", "she", "they"]))
            || heard.hits.has(Cue::CallBack)
                && !heard.hits.has(Cue::Booked)
                && self.agenda.wanted.is_none()
            || heard
                .tokens
                .iter()
                .any(|t| t.any(&["open", "hours", "closed", "close"]))
                && !heard.hits.has(Cue::Offer)
                && self.agenda.wanted.is_none();
        let mut slots: Vec<(usize, usize, Slot)> = Vec::new();
        if deals && !elsewhere {
            for m in &mentions {
                let mut slot = Slot::of(m);
                if slot.day.is_none()
                    && slot.clock.is_some_and(|c| c.part)
                    && slots.is_empty()
                    && self.agenda.wanted.is_none()
                    && self.agenda.day.is_none()
                {
                    continue;
                }
                heard.take(m.start, m.end);
                if let Some((_, end, held)) = slots.last_mut() {
                    let between_or = (*end..m.start).any(|i| heard.tokens[i].any(&["or", "and"]));
                    if (joins(held, &slot)
                        || held.clock.is_none()
                            && held
                                .day
                                .zip(slot.day)
                                .is_some_and(|(a, b)| a.start == b.start))
                        && !between_or
                    {
                        *held = held.updated(&slot);
                        *end = m.end;
                        continue;
                    }
                    if slot.day.is_none() {
                        slot.day = held.day;
                    }
                }
                slots.push((m.start, m.end, slot));
            }
            // "tomorrow at nine or eleven": hours that nobody called times.
            for (_, _, slot) in &mut slots {
                if slot.day.is_none() {
                    slot.day = self
                        .agenda
                        .wanted
                        .and_then(|w| w.day)
                        .or(self.agenda.current.and_then(|c| c.day))
                        .or(self.agenda.day);
                }
            }
        }
        if slots.is_empty() {
            let reply = crate::fields::dialogue::reply(heard);
            let refuses = reply.deny
                || heard.hits.has(Cue::Cannot)
                || heard
                    .tokens
                    .iter()
                    .any(|t| t.any(&["full", "booked", "unfortunately", "afraid", "sorry"]))
                    && !heard.hits.has(Cue::Booked);
            let takes = (reply.affirm
                || heard.hits.has(Cue::Booked)
                || heard
                    .hits
                    .cue(Cue::Accept)
                    .any(|h| h.start <= 2 && h.end - h.start >= 2)
                || reply.accept && heard.tokens.len() <= 12)
                && !refuses;
            let question = heard
                .tokens
                .last()
                .is_some_and(|t| t.stop == crate::fields::token::Stop::Question);
            if takes
                && !question
                && self.agenda.age <= 2
                && let Some(slot) = self
                    .agenda
                    .wanted
                    .filter(|s| s.day.is_some_and(|d| d.end.is_none()))
                && (slot.clock.is_some() || heard.hits.has(Cue::Booked))
            {
                self.agree(field, slot, heard, (0, heard.tokens.len()));
                self.agenda.last = Some(Speaker::Agent);
            } else if refuses && self.agenda.wanted.is_some() && self.agenda.age <= 2 {
                self.agenda.offers.clear();
            }
            return;
        }
        if let [(_, _, slot)] = slots.as_mut_slice()
            && slot.clock.is_none()
            && heard.tokens.iter().any(|t| t.is("same"))
        {
            slot.clock = self.agenda.clock;
        }
        self.agenda.clock = slots
            .iter()
            .rev()
            .find_map(|s| s.2.clock)
            .or(self.agenda.clock);
        if let Some(day) = slots.last().and_then(|s| s.2.day) {
            self.agenda.day = Some(day);
        }
        self.agenda.last = Some(Speaker::Agent);
        self.agenda.age = 0;
        let booked = heard.hits.has(Cue::Booked);
        let refuses = heard
            .tokens
            .iter()
            .any(|t| t.any(&["full", "unfortunately", "afraid", "booked"]))
            && !booked;
        if let [(from, to, slot)] = slots.as_slice() {
            let (span, mut slot) = ((*from, *to), *slot);
            // The agent repeats what the caller asked for, or what was agreed: agreed, with what the agent made more exact.
            if let Some(wanted) = self.agenda.wanted.filter(|w| w.fits(&slot) && !refuses) {
                let question = heard
                    .tokens
                    .last()
                    .is_some_and(|t| t.stop == crate::fields::token::Stop::Question)
                    || heard.hits.has(Cue::Offer)
                        && !booked
                        && !crate::fields::dialogue::reply(heard).affirm;
                let merged = wanted.updated(&slot);
                let exact = merged == wanted
                    || wanted.clock.is_some_and(|c| !c.part) && merged.clock == wanted.clock;
                if (exact && !question || booked) && !heard.hits.has(Cue::CallBack) {
                    self.agree(field, merged, heard, span);
                    return;
                }
                slot = merged;
            } else if let Some(current) = self.agenda.current.filter(|c| c.fits(&slot)) {
                slot = current.updated(&slot);
                if self.agenda.agreed.is_some_and(|a| a == slot) {
                    return;
                }
                if booked && self.agenda.agreed.is_some() {
                    self.agree(field, slot, heard, span);
                    return;
                }
            } else if let Some(current) = self.agenda.current
                && slot.day.is_none()
            {
                slot = current.updated(&slot);
            }
            self.agenda.offers = vec![slot];
            if booked && slot.clock.is_some() && self.agenda.current.is_none() {
                // "I'll put you down for Monday at nine": named by one side; a yes makes it agreed.
                self.propose(field, slot, heard, span);
            } else if self.agenda.current.is_none() || self.agenda.wanted.is_some() {
                self.propose(field, slot, heard, span);
            }
            return;
        }
        // Several: an offer to choose from. One of them may be what was wanted.
        if let Some(wanted) = self.agenda.wanted
            && booked
            && let Some((from, to, slot)) = slots.iter().find(|s| wanted.fits(&s.2))
        {
            let merged = wanted.updated(slot);
            let span = (*from, *to);
            self.agree(field, merged, heard, span);
            return;
        }
        self.agenda.offers = slots.into_iter().map(|s| s.2).collect();
    }

    /// The agent's single offer stands as the last proposal until the caller answers.
    fn propose(&mut self, field: u8, slot: Slot, heard: &Heard, span: (usize, usize)) {
        let Some(window) = slot.window(&self.ctx.timezone, &self.ctx.zone_name()) else {
            return;
        };
        let value = Value::Window(window);
        if self.value(field) == Some(&value)
            || self
                .ledger(field)
                .held
                .as_ref()
                .is_some_and(|h| h.confirmed)
        {
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

    /// Whether the mention bounds the visit rather than names it; if so it is kept as a condition.
    fn constrains(&mut self, heard: &Heard, m: &TimeMention, asked: bool) -> bool {
        let hhmm = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(8));
        let words = heard.tokens.get(from..m.start).unwrap_or_default();
        let before = |w: &[&str]| words.iter().any(|t| t.any(w));
        let today = heard.tokens.iter().any(|t| t.any(&["today", "tonight"]));
        let away = !today
            && before(&[
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
            (Some(c), Bound::After) if m.day.is_none() && !c.part => {
                // "not after five" is the other way round.
                let not = heard.word(m.start.wrapping_sub(2)) == "not"
                    || before(&["no"]) && before(&["later"])
                    || before(&["nothing"])
                    || before(&["can't", "cannot", "won't"]) && !before(&["until", "home", "till"]);
                let kind = if not {
                    ConstraintKind::NotAfter
                } else {
                    ConstraintKind::NotBefore
                };
                if asked && !away && self.agenda.day.is_some() {
                    return false;
                }
                self.add_constraint(heard, (m.start, m.end), kind, hhmm(c.start));
                true
            }
            (Some(c), Bound::Before) if !c.part => {
                let word = heard.word(m.start.wrapping_sub(1));
                let until = matches!(word, "until" | "till" | "til");
                let not = before(&[
                    "not", "can't", "cannot", "won't", "nothing", "never", "isn't",
                ]) || until && away;
                let kind = if not {
                    ConstraintKind::NotBefore
                } else {
                    ConstraintKind::NotAfter
                };
                self.add_constraint(heard, (m.start, m.end), kind, hhmm(c.start));
                m.day.is_none() || until
            }
            (None, Bound::Before | Bound::By)
                if !before(&["night", "day", "week", "been", "ever", "never"]) =>
            {
                if let Some(day) = m.day {
                    let word = if m.bound == Bound::By { "by" } else { "before" };
                    let date = day.end.map_or(day.start, |e| e.yesterday().unwrap_or(e));
                    self.add_constraint(
                        heard,
                        (m.start.saturating_sub(1), m.end),
                        ConstraintKind::Deadline,
                        format!("{word} {date}"),
                    );
                }
                true
            }
            (None, Bound::Before | Bound::By) => true,
            (None, Bound::At) if m.negated => {
                if let Some(day) = m.day {
                    let value = if day.weekday {
                        temporal::weekday_name(day.start.weekday()).to_owned()
                    } else {
                        day.start.to_string()
                    };
                    // Refusing an offered day is an answer, not a rule.
                    if !self.agenda.offers.iter().any(|o| o.fits(&Slot::of(m))) {
                        self.add_constraint(heard, (m.start, m.end), ConstraintKind::NotOn, value);
                    } else {
                        return false;
                    }
                }
                true
            }
            _ => false,
        }
    }
}

/// A time alone joins a day alone.
fn joins(held: &Slot, next: &Slot) -> bool {
    held.clock.is_none() && next.day.is_none() || held.day.is_none() && next.clock.is_none()
}
