//! Days, clock times and what a mention of them says, as the recognisers give them to the rest.

use jiff::civil::Date;

/// A day or a span of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The day, or the first of the span.
    pub start: Date,
    /// One past the last day, for a span.
    pub end: Option<Date>,
    /// Named by weekday alone, so that "Thursday" may match any offer on a Thursday.
    pub weekday: bool,
    /// Could be meant otherwise ("next Friday" said on a Wednesday).
    pub ambiguous: bool,
}

/// Minutes after midnight.
pub type Minute = u16;

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Start.
    pub start: Minute,
    /// End; none for a point.
    pub end: Option<Minute>,
    /// A part of the day rather than a time ("morning").
    pub part: bool,
}

impl Clock {
    /// Whether `time` begins within this span.
    pub fn covers(&self, time: Clock) -> bool {
        self.begins() <= time.start && self.end.is_some_and(|e| time.start < e)
    }

    /// The first minute that the words may mean: half past six is in the morning too, though nobody is sent for a morning before eight.
    pub fn begins(&self) -> Minute {
        if self.part && self.start == MORNING {
            DAWN
        } else {
            self.start
        }
    }
}

/// What days are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The day of the call.
    pub today: Date,
    /// The minute of the day at which the call began, for "in an hour".
    pub minute: Minute,
    /// A weekday or a day of the month alone is not before this: today, or the earliest day that there is.
    pub from: Date,
    /// The day or days spoken of last, for "the Tuesday after that"; far ahead, days alone are counted from there.
    pub named: Option<Days>,
    /// The day that a move has to be over by: a number alone is of the last such day until then.
    pub limit: Option<Date>,
    /// The hours being talked about are of an evening.
    pub evening: bool,
}

impl Frame {
    /// Nothing said yet, on that day.
    pub fn on(today: Date) -> Frame {
        Frame {
            today,
            minute: 0,
            from: today,
            named: None,
            limit: None,
            evening: false,
        }
    }

    /// The days spoken of last, if they are so far ahead that "Thursday" no longer means the coming one.
    pub(super) fn far(&self) -> Option<Days> {
        let length = |d: &Days| d.end.and_then(|e| d.start.until(e).ok());
        self.named.filter(|d| {
            self.today.until(d.start).is_ok_and(|s| s.get_days() >= 7)
                // "Anything next week?" - "Wednesday at nine."
                || d.start > self.today && length(d).is_some_and(|s| s.get_days() >= 5)
        })
    }
}

/// How a mention bounds what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// At, on, between.
    At,
    /// From then on.
    After,
    /// Up to then.
    Before,
    /// A deadline.
    By,
}

/// A day, a time, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeMention {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The day.
    pub day: Option<Days>,
    /// The time.
    pub clock: Option<Clock>,
    /// The bound.
    pub bound: Bound,
    /// Excluded: "not Tuesday", "can't do between one and three".
    pub negated: bool,
    /// A time back from the call.
    pub past: bool,
    /// Counted from now ("in an hour").
    pub relative: bool,
}

/// A morning as a window begins here, and no hour before that is called one.
const MORNING: Minute = 8 * 60;
const DAWN: Minute = 5 * 60;
