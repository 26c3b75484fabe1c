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

/// The offers on the table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Agenda {
    /// What the agent offered last, in order.
    pub offers: Vec<Slot>,
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
    /// The clock time last named by anybody, for "same time".
    pub clock: Option<Clock>,
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
            }
            _ => true,
        };
        let clock = match (self.clock, said.clock) {
            (Some(a), Some(b)) => {
                a.start == b.start
                    || b.part && b.start <= a.start && b.end.is_some_and(|e| a.start < e)
                    || a.end
                        .is_some_and(|e| a.part && a.start <= b.start && b.start < e)
            }
            _ => true,
        };
        day && clock
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
            (a, b) => b.or(a),
        };
        Slot {
            day,
            clock: newer.clock.or(self.clock),
            open: if newer.clock.is_some() {
                newer.open
            } else {
                self.open
            },
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
