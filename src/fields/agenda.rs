//! Times offered, refused, countered and agreed: a slot is agreed when one side named it and the other accepted. What was agreed last
//! wins; conditions never fill the slot.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::temporal::{Bound, Clock, Days, TimeMention};
use super::turn::Speaker;
use super::value::Window;

/// A slot under discussion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The day, if one was named.
    pub day: Option<Days>,
    /// The time, if one was named.
    pub clock: Option<Clock>,
    /// From the time on, rather than at it.
    pub open: bool,
}

/// Which offer words name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// None of those made.
    None,
    /// This one.
    One(Slot),
    /// More than one, so that nothing is agreed yet.
    Several,
}

/// The offers on the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agenda {
    /// What the agent offered last, in order.
    pub offers: Vec<Slot>,
    /// What the agent offered before that and nobody refused: "let's do the fourth after all".
    pub passed: Vec<Slot>,
    /// What the caller asked for last and nobody has answered.
    pub wanted: Option<Slot>,
    /// What both sides agreed on last.
    pub agreed: Option<Slot>,
    /// The slot in the ledger.
    pub current: Option<Slot>,
    /// Who spoke of time last.
    pub last: Option<Speaker>,
    /// Turns since.
    pub age: u8,
    /// The day last named by anybody.
    pub day: Option<Days>,
    /// The day last named for anything at all, for "before that".
    pub named: Option<Days>,
    /// The clock time last named by anybody, for "same time".
    pub clock: Option<Clock>,
    /// The first day there is, once the agent has said which.
    pub from: Option<Date>,
    /// The day that a move has to be over by.
    pub limit: Option<Date>,
    /// For so many of the agent's turns the talk is of somebody's call rather than of a visit.
    pub about_call: u8,
    /// The hour for which a call was promised.
    pub call_at: Option<Slot>,
    /// An appointment made before this call.
    pub standing: Option<Slot>,
    /// The caller told of it.
    pub standing_told: bool,
    /// That appointment is to be moved or dropped.
    pub moving: bool,
    /// The appointment is held by telephone.
    pub by_phone: bool,
    /// The agent's last turn asked when something happened.
    pub story_asked: bool,
    /// It asked by when something has to be done.
    pub deadline_asked: bool,
    /// It asked when something else than a visit is: "when's the truck coming?"
    pub event_asked: bool,
    /// The caller's last turn asked when they are open.
    pub hours_asked: bool,
    /// The agent's last turn asked so that a no takes the offer: "would that be too early?"
    pub no_takes: bool,
    /// A price of the agent's last turn that sounds like an hour.
    pub price: Option<Clock>,
    /// The caller's last turn asked something instead of choosing: "what was the last one again?"
    pub asked_back: bool,
    /// The agent's last turn told days of every week.
    pub weekly_said: bool,
    /// The agent's one offer has had no answer yet.
    pub unanswered: bool,
    /// The date field that the caller's last turn spoke of, when it had no day yet.
    pub date_told: Option<u8>,
    /// The agent's last turn put the caller down for something.
    pub put_down: bool,
    /// The caller asked for other times, so that what was offered stands until some are named.
    pub sought: bool,
    /// The caller's last turn asked how many or how much.
    pub count_asked: bool,
}

/// Earlier offers kept.
const MAX_PASSED: usize = 6;

impl Agenda {
    /// Other offers take the place of those on the table, which may still be taken up later.
    pub fn offer(&mut self, slots: Vec<Slot>) {
        self.sought = false;
        let before = std::mem::replace(&mut self.offers, slots);
        for slot in before {
            if !self.passed.contains(&slot) && !self.offers.contains(&slot) {
                self.passed.push(slot);
            }
        }
        if self.passed.len() > MAX_PASSED {
            self.passed.remove(0);
        }
    }

    /// Remembers the day that a turn named last, for "before that".
    pub fn hear(&mut self, mentions: &[TimeMention]) {
        let last = mentions
            .iter()
            .rev()
            .filter(|m| !m.past)
            .find_map(|m| m.day);
        self.named = last.or(self.named);
    }

    /// The offer that the words name: one on the table, or an earlier one by its day.
    pub fn meant(&self, said: &Slot) -> Meant {
        let mut fitting = self.offers.iter().filter(|o| o.fits(said));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => return Meant::One(*one),
            (Some(_), Some(_)) => {
                // Said exactly as offered it is that one, whatever wider offer it lies in.
                let mut exact = self.offers.iter().filter(|o| {
                    o.fits(said) && said.clock.is_some_and(|c| !c.part) && o.clock == said.clock
                });
                return match (exact.next(), exact.next()) {
                    (Some(one), None) => Meant::One(*one),
                    _ => Meant::Several,
                };
            }
            _ => {}
        }
        let named = |o: &&Slot| {
            o.day.is_some()
                && said.day.is_some()
                && (o.clock.is_some() || said.clock.is_none())
                && o.fits(said)
        };
        match self.passed.iter().rev().find(named) {
            Some(before) => Meant::One(*before),
            None => Meant::None,
        }
    }

    /// The whole of a slot of which the words name only the day: the one offer ever made for it that has an hour, if what the caller
    /// wants does not speak against it.
    pub fn completed(&self, said: &Slot) -> Option<Slot> {
        let suits = |o: &&Slot| {
            o.clock.is_some_and(|c| !c.part)
                && o.day.is_some()
                && o.fits(said)
                && self.wanted.is_none_or(|w| o.fits(&w))
        };
        let exact = |s: Slot| s.clock.is_some_and(|c| !c.part);
        if self.wanted.is_some_and(exact) || self.current.is_some_and(exact) {
            return None;
        }
        let mut fitting = self.offers.iter().chain(&self.passed).filter(suits);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Some(*one),
            _ => None,
        }
    }

    /// The offers that the words leave open.
    pub fn narrow(&mut self, said: &Slot) {
        self.offers.retain(|o| o.fits(said));
    }

    /// The one day of the offers that the hour fits, or of all of them; none where they are of several days.
    pub fn day_of(&self, said: &Slot) -> Option<Option<Days>> {
        let fit = |o: &&Slot| o.fits(said);
        let any = self.offers.iter().any(|o| o.fits(said));
        let mut days = self.offers.iter().filter(|o| !any || fit(o)).map(|o| o.day);
        let first = days.next()?;
        let same = days.all(|d| d.map(|d| d.start) == first.map(|d| d.start));
        match (same, any) {
            (true, _) => Some(first),
            // One hour on several days: nobody knows which is meant.
            (false, true) => Some(None),
            (false, false) => None,
        }
    }

    /// The words exclude a slot.
    pub fn refuse(&mut self, said: &Slot) {
        // An hour that has no day yet is not refused with a day.
        let hit = |o: &Slot| o.fits(said) && (o.day.is_some() || said.day.is_none());
        self.offers.retain(|o| !hit(o));
        self.passed.retain(|o| !hit(o));
        if self.wanted.is_some_and(|w| hit(&w)) {
            self.wanted = None;
        }
    }

    /// Both sides take the slot.
    pub fn settle(&mut self, slot: Slot) {
        self.offer(vec![slot]);
        self.agreed = Some(slot);
        self.current = Some(slot);
        self.wanted = None;
        self.age = 0;
    }
}

impl Slot {
    /// The slot of a mention.
    pub fn of(m: &TimeMention) -> Slot {
        Slot {
            day: m.day,
            clock: m.clock,
            open: m.bound == Bound::After,
        }
    }

    /// Whether what `said` names is part of this slot: the same day, the same hour, or both.
    pub fn fits(&self, said: &Slot) -> bool {
        let day = match (self.day, said.day) {
            (Some(a), Some(b)) => {
                a.start == b.start
                    || b.weekday && a.start.weekday() == b.start.weekday() && b.end.is_none()
                    || a.end.is_some_and(|e| a.start <= b.start && b.start < e)
                    || b.end.is_some_and(|e| b.start <= a.start && a.start < e)
            }
            _ => true,
        };
        let clock = match (self.clock, said.clock) {
            (Some(a), Some(b)) => {
                a.start == b.start
                    || self.open && !b.part && a.start <= b.start
                    || b.part && b.begins() <= a.start && b.end.is_some_and(|e| a.start < e)
                    || a.end
                        .is_some_and(|e| a.part && a.start <= b.start && b.start < e)
            }
            _ => true,
        };
        day && clock
    }

    /// A span of days that `said` names one day of.
    pub fn holds(&self, said: &Slot) -> bool {
        let within = |a: Days, b: Days| {
            b.end.is_none() && a.end.is_some_and(|e| a.start <= b.start && b.start < e)
        };
        self.clock.is_none() && self.day.zip(said.day).is_some_and(|(a, b)| within(a, b))
    }

    /// This slot with a day of its own where it only had several and `said` names one of them.
    pub fn narrowed(self, said: &Slot) -> Slot {
        let day = match (self.day, said.day) {
            (Some(a), Some(b)) if a.end.is_some() && b.end.is_none() => Some(b),
            (a, b) => a.or(b),
        };
        Slot { day, ..self }
    }

    /// What `newer` adds to or changes of this slot.
    pub fn updated(&self, newer: &Slot) -> Slot {
        let day = match (self.day, newer.day) {
            // A weekday that names the same day keeps the date worked out before; a day inside a span narrows it.
            (Some(a), Some(b))
                if b.weekday && a.end.is_none() && a.start.weekday() == b.start.weekday() =>
            {
                Some(a)
            }
            // "Saturday, if he works the weekend" stays Saturday.
            (Some(a), Some(b))
                if a.end.is_none()
                    && b.start <= a.start
                    && b.end.is_some_and(|end| a.start < end) =>
            {
                Some(a)
            }
            (a, b) => b.or(a),
        };
        // "Tonight" after "tonight at eight" leaves the hour as it is.
        let vaguer = match (self.clock, newer.clock) {
            (Some(a), Some(b)) => b.part && !a.part && b.covers(a) && day == self.day,
            (_, None) => true,
            _ => false,
        };
        Slot {
            day,
            clock: if vaguer { self.clock } else { newer.clock },
            open: if vaguer { self.open } else { newer.open },
        }
    }

    /// The slot as a value, if it names a day.
    pub fn window(&self, zone: &TimeZone, zone_name: &str) -> Option<Window> {
        let day = self.day?;
        let Some(clock) = self.clock else {
            return Some(Window {
                start: Some(day.start.to_string()),
                end: day.end.map(|e| e.to_string()),
                timezone: zone_name.to_owned(),
            });
        };
        if day.end.is_some() {
            return Some(Window {
                start: Some(day.start.to_string()),
                end: day.end.map(|e| e.to_string()),
                timezone: zone_name.to_owned(),
            });
        }
        let start = instant(day.start, clock.start, zone)?;
        let end = match clock.end {
            Some(end) => instant(day.start, end, zone),
            None if self.open => None,
            None => instant(day.start, clock.start + 60, zone),
        };
        Some(Window {
            start: Some(start),
            end,
            timezone: zone_name.to_owned(),
        })
    }
}

/// RFC 3339 with the offset that the zone has then.
pub fn instant(date: Date, minute: u16, zone: &TimeZone) -> Option<String> {
    let (date, minute) = if minute >= 1440 {
        (date.tomorrow().ok()?, minute - 1440)
    } else {
        (date, minute)
    };
    let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).ok()?;
    let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}
