//! The caller's side: wishes, answers to offers, refusals.

use super::answering::*;
use super::asking::*;
use super::call::bounded_below;
use super::purpose::{self, Purpose};
use super::wording::*;
use super::{Named, is_long};
use crate::fields::agenda::{Meant, Slot};
use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Reply};
use crate::fields::state::State;
use crate::fields::temporal::{self, Bound, TimeMention};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::word_set::words;

/// More words than this behind "let me check" are no answer given at once.
const MOST_WORDS: usize = 8;

impl State {
    /// Days and times in the caller's turn.
    pub fn caller_times(&mut self, heard: &mut Heard, reply: &Reply) {
        let Some(field) = self.time_field() else {
            return;
        };
        // "Would that be too early?" - "No, not at all."
        let taken = Reply {
            deny: false,
            accept: true,
            ..*reply
        };
        let no_takes = self.agenda.no_takes
            && (reply.deny || heard.word(0) == "not" || heard.says(words!["mind"]))
            && !heard.hits.has(Cue::NotFit)
            && !heard.says(words!["but", "can't", "cannot", "yes", "yeah", "kinda"]);
        let reply = if no_takes { &taken } else { reply };
        self.answer_call(reply);
        // "How many bedrooms?" - "three": a count, whatever was talked of before.
        let counted = self.last_agent.windows(2).any(|w| {
            w[0] == "how" && matches!(w[1].as_str(), "many" | "much" | "big" | "old" | "long")
        });
        let in_play = self.times_in_play() && !(counted && self.agenda.offers.is_empty());
        let asked = self.was_asked(field, 1);
        let mentions = temporal::mentions(heard, self.frame(), in_play);
        self.agenda.age = self.agenda.age.saturating_add(1);
        self.agenda.by_phone |= by_phone(heard);
        // "My movers just cancelled on me" gives up nothing that is made with us.
        let cancels = heard.hits.cue(Cue::Cancel).any(|h| {
            heard.word(h.end) != "on"
                && !heard.any(h.start.wrapping_sub(1), words!["they", "he", "she"])
        });
        let changes = heard.hits.has(Cue::ChangeTime)
            && heard.says(words!["appointment", "appt", "reschedule", "visit", "move"]);
        self.agenda.moving |= cancels || heard.hits.has(Cue::ChangeTime);
        let mut wishes: Vec<Named> = Vec::new();
        let dictates = dictates(heard);
        let mut habit = false;
        let mut named_to = None;
        for m in mentions.iter().filter(|m| !m.past) {
            let m = &self.as_offered(heard, m);
            // "Every Saturday, nine to one": the hours of a habit go with it.
            habit = recurs(heard, m) || habit && m.day.is_none();
            // "I work nights, so not before noon."
            if habit && self.agenda.about_call > 0 && bounded_below(heard, m) {
                self.wish_call(heard, m, Purpose::Call);
            }
            let price = m.day.is_none() && m.clock.is_some() && m.clock == self.agenda.price;
            if habit
                || price
                || describes(heard, m)
                || is_distance(heard, m)
                || self.is_held_date(heard, m)
                || self.mends_date(heard, m)
                || self.repeats_count(heard, m)
            {
                continue;
            }
            // The very hour that was offered is an answer, whatever else is told with it; so is its day, said with a yes.
            let yes =
                (reply.affirm || reply.accept || heard.hits.has(Cue::Affirm) || available(heard))
                    && !reply.deny;
            let offered = self.agenda.offers.iter().any(|o| {
                let hours = o.clock.is_some_and(|c| !c.part) && m.clock.is_some_and(|c| !c.part);
                (hours || yes && m.day.is_some()) && o.fits(&Slot::of(m))
            });
            // "Can you tell me by Friday": a deadline, whatever it is for.
            let of_call =
                self.agenda.about_call > 0 && !matches!(m.bound, Bound::By | Bound::Before);
            let purpose = match purpose::of(heard, m).in_talk(of_call) {
                Purpose::Open if self.agenda.about_call > 0 => Purpose::Call,
                // "Thursday by phone", of an hour by telephone that was offered.
                Purpose::Call
                    if self.agenda.by_phone
                        && self.agenda.offers.iter().any(|o| o.fits(&Slot::of(m))) =>
                {
                    Purpose::Open
                }
                Purpose::Other | Purpose::Story
                    if offered
                        || heads_answer(heard, m, asked)
                        || (in_play && is_exact(m)
                            || self.agenda.offers.iter().any(|o| o.fits(&Slot::of(m))))
                            && is_free(heard, m) =>
                {
                    Purpose::Open
                }
                // "I need to move my appointment, it's tomorrow at ten": what is to be moved, unless it is moved "to" it.
                Purpose::Open | Purpose::Visit
                    if changes
                        && self.agenda.standing.is_none()
                        && !in_play
                        && !heard.tokens[m.start.saturating_sub(3)..m.start]
                            .iter()
                            .any(|t| t.any(words!["to", "until", "do", "instead", "for"])) =>
                {
                    Purpose::Standing
                }
                Purpose::Open | Purpose::Visit if self.agenda.story_asked => Purpose::Story,
                _ if dictates.is_some_and(|at| at < m.start) => Purpose::Story,
                purpose => purpose,
            };
            // "The thirty first, because I get the keys on the thirtieth": why, where a time has been named that suits.
            let reason = named_to.is_some_and(|to| gives_reason(heard, to, m.start));
            named_to = Some(m.end);
            if reason && !offered {
                continue;
            }
            let said = self.with_day(Slot::of(m));
            self.wish_call(heard, m, purpose);
            if self.constrains(heard, m, purpose, asked || in_play) {
                heard.take(m.start, m.end);
                if m.negated {
                    self.turn_down(field, &said);
                }
                // Hours that suit are talk of times all the same.
                if asked || in_play {
                    self.agenda.age = 0;
                }
                continue;
            }
            if m.negated {
                self.turn_down(field, &said);
                continue;
            }
            // "We're moving in March": when it is about, no slot.
            let long = m.day.is_some_and(is_long);
            if long {
                if purpose == Purpose::Visit || purpose == Purpose::Open && in_play {
                    self.agenda.last = Some(Speaker::Caller);
                    self.agenda.age = 0;
                    self.talk_of(m.day);
                }
                continue;
            }
            // "I can only do evenings", "Tuesdays I have yoga at ten", "it usually comes Fridays": a habit, no day.
            if is_habit(heard, m)
                && (m.day.is_none()
                    || purpose == Purpose::Other && m.clock.is_none()
                    || heard.says(words![
                        "usually",
                        "normally",
                        "always",
                        "typically",
                        "generally"
                    ]))
            {
                continue;
            }
            match purpose {
                Purpose::Standing => {
                    // An appointment to be moved is talk of times; one that is only told of is not.
                    if self.agenda.moving {
                        self.agenda.last = self.agenda.last.or(Some(Speaker::Caller));
                    }
                    self.agenda.standing_told = true;
                    self.agenda.standing = Some(Slot::of(m));
                    self.agenda.age = 0;
                    heard.take(m.start, m.end);
                }
                _ if cancels && !in_play => {
                    self.agenda.standing = Some(Slot::of(m));
                    heard.take(m.start, m.end);
                }
                // "I'll be out fishing Friday" refuses what was offered for Friday.
                Purpose::Other if m.day.is_some() => {
                    self.busy_that_day(heard, m);
                    let taken = self.agenda.current.filter(|c| c.fits(&said));
                    self.agenda.refuse(&said);
                    self.drop_proposal(field, taken.as_slice());
                }
                // "When's the truck coming?": the day that a visit is counted from.
                Purpose::Story if self.agenda.event_asked && m.day.is_some() => {
                    self.agenda.last = Some(Speaker::Caller);
                    self.agenda.age = 0;
                    self.talk_of(m.day);
                }
                Purpose::Story | Purpose::Hours | Purpose::Call | Purpose::Other => {}
                // "He's in Tuesdays and Thursdays" - "this Thursday then"
                Purpose::Open
                    if !in_play
                        && !((self.agenda.weekly_said || is_exact(m))
                            && bare_offer(heard, m)
                            && !is_habit(heard, m)) => {}
                // What is agreed is changed by a change of mind; a day told for another reason changes nothing.
                Purpose::Open | Purpose::Visit
                    if m.day.is_some()
                        && self.agenda.agreed.is_some_and(|a| {
                            a.clock.is_some() && Some(a) == self.agenda.current && !a.fits(&said)
                        })
                        && (purpose == Purpose::Open
                            && self.agenda.last != Some(Speaker::Agent)
                            // "I'll ask him tonight"
                            || m.clock.is_none_or(|c| c.part)
                                && self.settled()
                                && self.agenda.meant(&said) == Meant::None)
                        && !offered
                        && !(if m.clock.is_none_or(|c| c.part) && self.settled() {
                            changes_mind_on_day(heard, reply, self.agenda.age <= 1)
                        } else {
                            changes_mind(heard, reply)
                        }) => {}
                // "Three twenty five, okay, we'll have the check ready": a number said back once the hour is agreed moves nothing.
                Purpose::Open | Purpose::Visit
                    if m.day.is_none()
                        && self
                            .agenda
                            .agreed
                            .is_some_and(|a| a.clock.is_some() && !a.fits(&said))
                        && !offered
                        && (heard.hits.has(Cue::Affirm)
                            || heard.hits.has(Cue::Accept)
                            || self.settled() && self.agenda.age > 1)
                        && !changes_mind(heard, reply) => {}
                // "I believe it's after six, I'll have to check": told of something else once the hour is agreed.
                Purpose::Open | Purpose::Visit | Purpose::Wish
                    if m.bound != Bound::At
                        && m.day.is_none()
                        && self.agenda.agreed.is_some_and(|a| {
                            a.clock.is_some_and(|c| !c.part) && !a.fits(&said)
                        })
                        && !offered
                        && !turns_away(heard, reply) => {}
                // "But after the twelfth it won't work": told of something else once all is agreed.
                Purpose::Open | Purpose::Visit | Purpose::Wish
                    if m.bound != Bound::At
                        && m.day.is_some()
                        && m.clock.is_none()
                        && self.agenda.agreed.is_some_and(|a| a.clock.is_some()) => {}
                Purpose::Visit if !in_play && !names_enough(m) => {}
                Purpose::Visit if !in_play && heard.unreal(m.start) && !politely(heard) => {}
                // "Any time between one and five, I've got the kids in the morning."
                Purpose::Visit | Purpose::Wish | Purpose::Open
                    if m.day.is_none()
                        && m.clock.is_some_and(|c| c.part)
                        && heard.says(words!["got", "have"])
                        && (wishes.last())
                            .is_some_and(|w| w.slot.clock.is_some_and(|c| !c.part)) => {}
                Purpose::Visit | Purpose::Wish | Purpose::Open => {
                    heard.take(m.start, m.end);
                    wishes.push(Named {
                        span: (m.start, m.end),
                        slot: Slot::of(m),
                    });
                }
            }
        }
        // "What hours would that be?" asks for those of the offer.
        self.agenda.hours_asked =
            asks_opening(heard) || asks_hours(heard) && self.agenda.offers.is_empty();
        self.deadline_before_that(heard, &mentions);
        self.agenda.hear(&mentions);
        let wish = self.last_wish(heard, reply, wishes);
        // "Let's take the first one, the two ten": the hour or the day says it more surely than the count.
        let named = wish.filter(|w| {
            (w.slot.clock.is_some_and(|c| !c.part) || w.slot.day.is_some())
                && self.agenda.offers.iter().any(|o| o.fits(&w.slot))
        });
        self.agenda.count_asked = heard
            .tokens
            .windows(2)
            .any(|w| w[0].is("how") && w[1].any(words!["many", "much", "big", "old"]));
        self.agenda.asked_back = named.is_none() && dialogue::question_after(heard, 0, None);
        if named.is_none()
            && let Some(slot) = self.picked(heard)
        {
            self.agree(field, slot, heard, (0, heard.tokens.len()));
            return;
        }
        match wish {
            Some(wish) => self.wish(field, heard, reply, wish),
            None => self.answer(field, heard, reply),
        }
    }

    /// The caller names a time.
    fn wish(&mut self, field: u8, heard: &Heard, reply: &Reply, wish: Named) {
        // "Can you hold on, okay, yeah, eleven forty's fine": a yes ends what was asked before it.
        let answered = [Cue::Affirm, Cue::Accept].iter().any(|cue| {
            heard
                .hits
                .cue(*cue)
                .any(|h| h.start > 2 && h.end <= wish.span.0 && wish.span.0 - h.end <= 2)
        });
        // "Nothing in the morning?"
        let sought = wish.slot.clock.is_none_or(|c| c.part)
            && (heard.clause_start(wish.span.0)..wish.span.0)
                .any(|i| heard.any(i, words!["nothing", "anything", "any"]));
        let question = (asks_at(heard, wish.span.0) || sought) && !answered;
        self.agenda.unanswered = false;
        let mut said = self.with_day(wish.slot);
        // "One and three's good": the end of the hours offered, said back with their start.
        if let [one] = self.agenda.offers.as_slice()
            && let (Some(hours), Some(clock)) = (one.clock, said.clock)
            && !hours.part
            && hours.end == Some(clock.start)
            && !said.open
            && matches!(
                heard.word(wish.span.0.wrapping_sub(1)),
                "and" | "to" | "till" | "through"
            )
        {
            said.clock = Some(hours);
        }
        // "The 18th through the 20th works": the last of the days offered, said with the others.
        if let [one] = self.agenda.offers.as_slice()
            && let (Some(days), Some(day)) = (one.day, said.day)
            && days.end.and_then(|e| e.yesterday().ok()) == Some(day.start)
            && heard.says(words!["through", "thru", "to", "and"])
        {
            said.day = Some(days);
        }
        let said = said;
        let offer = self.agenda.meant(&said);
        self.agenda.age = 0;
        self.agenda.last = Some(Speaker::Caller);
        self.talk_of(said.day);
        // "No, that's my kid's conference, okay, the Wednesday then": no to one offer, yes to another.
        let other = |offer: &Slot| {
            self.agenda.current != Some(*offer)
                && (self.agenda.current.is_some() || self.agenda.offers.len() > 1)
        };
        match offer {
            // "Monday's great", of two hours on Monday: which of them is still to be said.
            Meant::Several => {
                self.agenda.narrow(&said);
                let common = Slot {
                    day: said.day.or_else(|| self.agenda.day_of(&said).flatten()),
                    ..said
                };
                self.want(field, common, heard, wish.span);
            }
            Meant::One(offer) if !reply.deny || reply.accept || reply.affirm || other(&offer) => {
                // "After one Thursday" - "one thirty"
                let within = offer.open
                    && !said.open
                    && said.clock.is_some_and(|c| !c.part)
                    && said.clock != offer.clock;
                let slot = if within || offer.clock.is_none_or(|c| c.part) {
                    offer.updated(&said)
                } else {
                    offer.narrowed(&said)
                };
                let narrowed =
                    offer.clock.is_some_and(|c| c.part) && said.clock.is_some_and(|c| !c.part);
                if narrowed || within || question || tentative(heard, wish.span.0) {
                    self.want(field, slot, heard, wish.span);
                } else {
                    self.agree(field, slot, heard, wish.span);
                }
            }
            _ => {
                let same_time = heard.says(words!["same"]);
                // An hour that waits for its day.
                let waiting = self
                    .agenda
                    .wanted
                    .filter(|w| w.day.is_none() && said.clock.is_none());
                let keep = self.agenda.current.or(waiting).filter(|c| {
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
        // "What time?": whatever hours the agent names now are the answer.
        if question && self.agenda.last.is_some() {
            self.agenda.age = 0;
        }
        let unfit = heard
            .hits
            .cue(Cue::NotFit)
            .any(|h| !question || h.start < 3);
        // "I'm working from home" is there.
        let unfit = (unfit && !works_at_home(heard)) || has_own_use(heard);
        let after_all = yes_after_all(heard, unfit || reply.deny);
        let denied = reply.deny && !reply.accept && !heard.hits.has(Cue::NotDeny);
        if (denied || unfit) && !after_all {
            self.agenda.unanswered = false;
            if self.agenda.age <= 1 && !seeks_other(heard) {
                let refused = self.agenda.offers.clone();
                self.agenda.offer(Vec::new());
                self.drop_proposal(field, &refused);
            }
            self.agenda.sought = seeks_other(heard);
            return;
        }
        // A plain yes answers what was just said; words that take something mean the offer, also after other talk.
        let fresh = self.agenda.last == Some(Speaker::Agent)
            && self.agenda.age
                <= if takes_it(heard) || self.agenda.sought {
                    3
                } else {
                    1
                };
        // Thanks for the time that was asked for take it.
        let thanks = (self.agenda.wanted.is_some() || self.agenda.put_down)
            && heard.tokens.first().is_some_and(|t| {
                t.any(words![
                    "thank",
                    "thanks",
                    "appreciate",
                    "preciate",
                    "obliged"
                ])
            });
        // "Let me check my calendar, yeah okay" is a yes after all.
        let yes_at = [Cue::Affirm, Cue::Accept]
            .iter()
            .flat_map(|cue| heard.hits.cue(*cue))
            .map(|h| h.start)
            .max();
        let hesitates = |cue| {
            heard.hits.cue(cue).any(|h| {
                yes_at.is_none_or(|yes| yes < h.end) || heard.tokens.len() > h.end + MOST_WORDS
            })
        };
        let thinks = hesitates(Cue::ThinkOver);
        let unsure = reply.dont_know && hesitates(Cue::DontKnow);
        let decided = (heard.hits.has(Cue::ThinkOver) || reply.dont_know) && !thinks && !unsure;
        let undecided = question
            || thinks
            || reply.decline
            || unsure
            || heard
                .tokens
                .iter()
                .any(|t| t.glue == Some('$') || t.any(words!["hundred", "dollars", "bucks"]));
        if undecided {
            self.agenda.unanswered = false;
        }
        // "Let me talk to my wife and call you back" takes nothing yet.
        if thinks && self.agenda.age <= 3 {
            self.agenda.agreed = None;
        }
        // "We're home all day" to an offer.
        let pleads = heard.word(0) == "please" && heard.tokens.len() <= 2;
        let there = pleads
            || (available(heard) || accepts_late(heard) || echoes_verb(heard)) && !reply.deny
            || after_all;
        if !(reply.affirm || reply.accept || thanks || decided || there) || !fresh || undecided {
            return;
        }
        let span = (0, heard.tokens.len().min(reply.rest.max(1)));
        match self.agenda.offers.as_slice() {
            [slot] => {
                let slot = *slot;
                self.agree(field, slot, heard, span);
            }
            [slot, ..]
                if heard.says(words![
                    "first",
                    "earlier",
                    "earliest",
                    "sooner",
                    "either",
                    "whichever",
                ]) =>
            {
                let slot = *slot;
                self.agree(field, slot, heard, span);
            }
            _ => {}
        }
    }
}

/// "From nine thirty to eleven tomorrow, I have a Zoom at eleven": the hours with which the answer to the question for them begins,
/// whatever is told behind them.
fn heads_answer(heard: &Heard, m: &TimeMention, asked: bool) -> bool {
    asked
        && m.clock.is_some_and(|c| !c.part)
        && (0..m.start).all(|i| {
            heard.tokens[i].any(OPENERS)
                || heard.tokens[i].any(words![
                    "from", "between", "at", "around", "about", "like", "say"
                ])
        })
}

/// A day and an hour: "Monday at two".
fn is_exact(m: &TimeMention) -> bool {
    m.day.is_some_and(|d| d.end.is_none()) && m.clock.is_some_and(|c| !c.part)
}
