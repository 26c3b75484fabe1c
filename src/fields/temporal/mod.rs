//! Days and clock times as people say them, resolved against the call's start. Hand-written over the calendar of `jiff`: no library at
//! hand does "a week from Monday", opening hours and bare "one thirty" together.

mod bare_hour;
mod calendar;
mod clock;
mod day;
mod day_of_month;
mod from_now;
mod holiday;
mod mention;
mod naming;
mod one_day;
mod period;
mod polarity;
mod price;

use super::turn::{Heard, Speaker};
use crate::fields::token::{Num, Stop, Token};
use crate::fields::word_set::{WordSet, words};
use bare_hour::{bare_ok, counts_something};
pub(super) use calendar::month;
pub use calendar::{figures, weekday, weekday_name};
use clock::{clock_at, hour_minute, into_part, part_at};
use day::day_at;
pub(super) use day::nearest;
use day_of_month::numbered;
use from_now::from_now;
pub(super) use holiday::holiday;
pub use mention::{Bound, Clock, Days, Frame, Minute, TimeMention};
pub(super) use naming::months_before;
pub use naming::{every_week, names_month, names_time, names_weekday, ordinal_day, weekday_named};
pub use one_day::{future_date, past_date};
use polarity::{bound_before, excluded};
pub use price::last_price;

/// A day further ahead than this was meant in the past.
const FARTHEST_DAYS: i32 = 300;

/// From this minute of the day on "in the morning" is tomorrow's.
const EVENING: u16 = 17 * 60;

/// Words that make a bare hour after them a time.
const LEADS: &WordSet = words![
    "at", "after", "before", "by", "between", "tween", "around", "about", "until", "till", "til",
    "from", "say", "past", "like", "maybe", "noon", "or",
];

/// Words that may stand between a day and its time: "Thursday works, say, at three".
const BETWEEN: &WordSet = words![
    "at",
    "between",
    "in",
    "the",
    "from",
    "around",
    "about",
    "any",
    "time",
    "anytime",
    "sometime",
    "first",
    "thing",
    "like",
    "say",
    "maybe",
    "is",
    "for",
    "then",
    "would",
    "be",
    "works",
    "we",
    "have",
    "could",
    "do",
    "it's",
    "that's",
    "i",
    "right",
    "starting",
    "beginning",
    "start",
];

/// The days and times of a turn. `timely`: times are being talked about, so that a bare hour counts.
pub fn mentions(heard: &Heard, mut frame: Frame, timely: bool) -> Vec<TimeMention> {
    let mut out: Vec<TimeMention> = Vec::new();
    // "Friday eight to ten, and get him to your sister's tonight": the evening of another day.
    let other_day = || {
        let named = |t: &Token| t.is("tomorrow") || names_weekday(&t.text);
        heard.tokens.iter().any(named)
    };
    let evening = heard.says(words!["evening", "evenings"])
        || heard.says(words!["tonight"]) && !other_day()
        || frame.evening
            && !heard.says(words![
                "morning", "am", "tomorrow", "noon", "lunch", "ten", "eleven", "10", "11",
            ])
            && !heard.tokens.iter().any(|t| names_weekday(&t.text));
    // "Tomorrow at nine, or this evening between five and seven": the hours before the "or" are of another day.
    let or = heard.tokens.iter().position(|t| t.is("or"));
    let said = (heard.tokens.iter()).position(|t| t.any(words!["evening", "evenings"]));
    let before_or = or
        .zip(said)
        .filter(|(or, said)| or < said && other_day())
        .map(|(or, _)| or);
    let mut at = 0;
    while at < heard.tokens.len() {
        let evening = evening && before_or.is_none_or(|or| at > or);
        let found = (!heard.taken[at])
            .then(|| {
                from_now(heard, at, frame)
                    .or_else(|| day_first(heard, at, frame, timely, evening))
                    .or_else(|| clock_first(heard, at, frame, timely, evening))
                    .or_else(|| part_first(heard, at, frame, timely))
            })
            .flatten();
        at = match found {
            Some(m) => {
                let end = m.end.max(at + 1);
                // "Next Thursday or Friday": the Friday after it.
                let mut m = m;
                // "We finished on October twelfth", said in November: nobody books ten months ahead without a year.
                m.past |= heard.word(end - 1) == "ago" || is_over(&m, frame) || since(heard, &m);
                m.past |= m.day.is_some_and(|d| {
                    frame
                        .today
                        .until(d.start)
                        .is_ok_and(|s| s.get_days() > FARTHEST_DAYS)
                });
                // "Next week, Monday or Wednesday": all of that week.
                let within = |d: &Days| {
                    frame.named.is_some_and(|n| {
                        n.end.is_some_and(|end| n.start <= d.start && d.start < end)
                    })
                };
                if let Some(day) = m
                    .day
                    .filter(|d| d.start >= frame.today && !m.past && !within(d))
                {
                    frame.named = Some(day);
                }
                out.push(m);
                end
            }
            None => at + 1,
        };
    }
    out
}

/// "He's had a fever since Sunday night": it has gone on from then until now.
fn since(heard: &Heard, m: &TimeMention) -> bool {
    let reason = heard.any(
        m.end,
        words![
            "is", "works", "won't", "doesn't", "isn't", "i", "we", "he", "she"
        ],
    );
    m.day.is_some() && heard.word(m.start.wrapping_sub(1)) == "since" && !reason
}

/// "Today at two o'clock", said at five.
fn is_over(m: &TimeMention, frame: Frame) -> bool {
    let today = m
        .day
        .is_some_and(|d| d.start == frame.today && d.end.is_none());
    today
        && !m.relative
        && m.bound == Bound::At
        && m.clock
            .is_some_and(|c| c.end.unwrap_or(c.start) <= frame.minute)
}

/// "Thursday between nine and eleven", "tomorrow morning at nine", "this afternoon".
fn day_first(
    heard: &Heard,
    at: usize,
    frame: Frame,
    timely: bool,
    evening: bool,
) -> Option<TimeMention> {
    let (mut day, used) =
        day_at(heard, at, frame).filter(|(_, used)| !heard.is_taken(at, at + used))?;
    let mut end = at + used;
    let mut clock = None;
    let mut bound = bound_before(heard, at);
    let mut j = end;
    while j < heard.tokens.len()
        && j < end + 4
        && !heard.tokens[j - 1].ends_clause()
        && BETWEEN.has(&heard.tokens[j].text)
        && !(heard.tokens[j].is("for") && hour_minute(heard, j + 1).is_none())
    {
        j += 1;
    }
    let open = match heard.word(j) {
        "after" if heard.word(j + 1) == "noon" && j == end => None,
        "after" | "past" => Some(Bound::After),
        "before" | "by" => Some(Bound::Before),
        _ => None,
    };
    if let Some(open) = open {
        if let Some((c, used)) = clock_at(heard, j + 1, true, evening) {
            clock = Some(c);
            bound = if c.end.is_some() { Bound::At } else { open };
            end = j + 1 + used;
        }
    } else if let Some((c, used)) = clock_at(
        heard,
        j,
        j > end || timely && heard.word(j) != "one",
        evening || heard.tokens[at].is("tonight"),
    )
    .filter(|(_, used)| !counts_something(heard, j, *used))
    {
        clock = Some(c);
        end = j + used;
    } else if let Some((c, used)) = part_at(heard, j) {
        clock = Some(c);
        end = j + used;
        // "Monday morning the twentieth"
        if day.weekday
            && heard.word(end) == "the"
            && let Some((number, used)) = ordinal_day(heard, end)
            && let Some(date) = numbered(frame, number, Some(day.start.weekday()))
                .filter(|date| date.weekday() == day.start.weekday())
        {
            day.start = date;
            day.weekday = false;
            end += used;
        }
        // "tomorrow morning at nine", "friday afternoon after three"
        let mut k = end;
        while heard.tokens.get(k).is_some_and(|t| {
            t.any(words![
                "at", "around", "between", "from", "like", "about", "say"
            ])
        }) {
            k += 1;
        }
        let after = usize::from(heard.word(k) == "after");
        if let Some((inner, used)) = clock_at(
            heard,
            k + after,
            k + after > end || timely,
            c.start >= 17 * 60,
        )
        .filter(|(_, used)| !counts_something(heard, k + after, *used))
        {
            clock = Some(into_part(inner, c));
            end = k + after + used;
            if after == 1 {
                bound = Bound::After;
            }
        }
    } else if heard.tokens[at].is("tonight") {
        clock = part_at(heard, at).map(|p| p.0);
    }
    if heard.tokens[at].is("this") && part_at(heard, at + 1).is_some() {
        let part = part_at(heard, at + 1).map(|p| p.0);
        clock = match (clock, part) {
            (Some(c), Some(p)) if !c.part => Some(into_part(c, p)),
            (c, p) => c.or(p),
        };
        end = end.max(at + 2);
    }
    // "mondays i teach", "wednesdays are out": every week.
    let busy = every_week(heard.word(at))
        && (end..heard.tokens.len().min(end + 4)).any(|i| {
            heard.tokens[i].any(words![
                "have", "work", "teach", "dialysis", "got", "can't", "busy", "class", "out",
            ])
        });
    Some(TimeMention {
        start: at,
        end,
        day: Some(day),
        clock,
        bound,
        negated: busy || excluded(heard, at, end),
        past: day.end.is_none() && day.start < frame.today,
        relative: false,
    })
}

/// "nine on Thursday", "at three tomorrow", "between two and four".
fn clock_first(
    heard: &Heard,
    at: usize,
    frame: Frame,
    timely: bool,
    evening: bool,
) -> Option<TimeMention> {
    let hour = hour_minute(heard, at);
    if hour.is_none() && !matches!(heard.word(at), "too" | "to" | "for") {
        return None;
    }
    if in_number(heard, at) {
        return None;
    }
    let before = heard.word(at.wrapping_sub(1));
    let made = matches!(before, "it" | "that" | "this")
        && matches!(heard.word(at.wrapping_sub(2)), "make" | "made" | "call")
        || before == "for"
            && matches!(
                heard.word(at.wrapping_sub(2)),
                "down" | "set" | "booked" | "scheduled" | "in" | "confirmed"
            )
        || before == "to"
            && (at.saturating_sub(7)..at).any(|i| {
                heard.tokens[i].any(words![
                    "push", "move", "bump", "change", "switch", "moved", "pushed",
                ])
            });
    // "Five on Thursday", "eleven this Saturday"
    let dated = hour.is_some_and(|(_, _, used, _)| {
        let next = at + used;
        heard.any(next, words!["on", "this", "next", "coming"])
            && (names_weekday(heard.word(next + 1)) || ordinal_day(heard, next + 1).is_some())
    });
    // "Would ten or eleven be better?"
    let paired = timely
        && hour_minute(heard, at).is_some_and(|(_, _, used, _)| {
            heard.word(at + used) == "or" && hour_minute(heard, at + used + 1).is_some()
        });
    // "Friday at nine twenty and eleven"
    let listed = timely
        && heard.speaker == Speaker::Agent
        && before == "and"
        && at >= 2
        && heard.tokens[at - 2].num != Num::None;
    let led = made
        || dated
        || paired
        || listed
        || LEADS.has(before) && at > 0
        || timely && heard.word(at).ends_with("'s");
    let (mut clock, used) = clock_at(heard, at, led || timely && bare_ok(heard, at), evening)
        .filter(|(_, used)| !heard.is_taken(at, at + used))
        .filter(|(_, used)| !counts_something(heard, at, *used))?;
    let mut end = at + used;
    let negated = excluded(heard, at, end);
    let mut j = end;
    while j < heard.tokens.len()
        && j < end + 2
        && !heard.tokens[j - 1].ends_clause()
        && heard.tokens[j].any(words!["on", "this", "that"])
    {
        j += 1;
    }
    let mut day = None;
    if !heard.tokens[end - 1].ends_clause()
        && let Some((from, d, used)) = [j, end]
            .into_iter()
            .find_map(|i| day_at(heard, i, frame).map(|(d, used)| (i, d, used)))
        // "at nine or friday at eleven": the day after "or" has its own time.
        && !(heard.word(from + used) == "at" && hour_minute(heard, from + used + 1).is_some())
    {
        day = Some(d);
        end = from + used;
        // "Eight tomorrow morning", "two this afternoon"
        if let Some((part, used)) = part_at(heard, end).filter(|_| heard.word(end) != "first") {
            clock = into_part(clock, part);
            end += used;
        }
    }
    let bound = if clock.end.is_some() && bound_before(heard, at) == Bound::After {
        Bound::At
    } else {
        bound_before(heard, at)
    };
    Some(TimeMention {
        start: at,
        end,
        day,
        clock: Some(clock),
        bound,
        negated,
        past: day.is_some_and(|d| d.end.is_none() && d.start < frame.today),
        relative: false,
    })
}

/// "Six ninety two", "five one two": the last of a number that the caller dictates, no hour.
fn in_number(heard: &Heard, at: usize) -> bool {
    let behind = at > 0
        && heard.tokens[at - 1].stop == Stop::None
        && matches!(
            heard.tokens[at - 1].num,
            Num::Digit(_) | Num::Tens(_) | Num::Oh
        );
    let ahead = heard.tokens[at].stop == Stop::None
        && heard
            .tokens
            .get(at + 1)
            .is_some_and(|t| matches!(t.num, Num::Digit(_)));
    heard.speaker == Speaker::Caller
        && (behind || ahead)
        && heard.tokens[at].glue.is_none()
        && matches!(heard.tokens[at].num, Num::Digit(_))
        && hour_minute(heard, at).is_some_and(|(_, _, used, _)| used == 1)
}

/// "the morning at nine", "afternoon on Friday", "first thing Monday".
fn part_first(heard: &Heard, at: usize, frame: Frame, timely: bool) -> Option<TimeMention> {
    let before = heard.word(at.wrapping_sub(1));
    let (part, used) = part_at(heard, at)?;
    if matches!(before, "good" | "this" | "last")
        || heard.tokens[at].is("night")
        || heard.tokens[at].is("first")
            && !timely
            && heard.speaker == Speaker::Caller
            && !before.is_empty()
            && day_at(heard, at + used, frame).is_none()
    {
        return None;
    }
    let mut end = at + used;
    let mut clock = part;
    // "First thing in the morning", in the agent's mouth: tomorrow, unless it says a day too.
    let dated = (heard.clause_start(at)..at)
        .any(|i| names_weekday(heard.word(i)) || names_month(heard.word(i)));
    // Said in the evening, so is "in the morning".
    let tomorrow = frame.minute >= EVENING
        && before == "the"
        && heard.any(at.wrapping_sub(2), words!["in"])
        && part.start < 12 * 60;
    let mut day = ((heard.tokens[at].is("first") && heard.speaker == Speaker::Agent
        || tomorrow && heard.speaker == Speaker::Caller)
        && !dated)
        .then(|| frame.today.tomorrow().ok())
        .flatten()
        .map(|start| Days {
            start,
            end: None,
            weekday: false,
            ambiguous: false,
        });
    let mut j = end;
    while heard
        .tokens
        .get(j)
        .is_some_and(|t| j < end + 2 && t.any(words!["on", "at", "like", "around", "in", "of"]))
    {
        j += 1;
    }
    if let Some((inner, used)) = clock_at(heard, j, j > end, part.start >= 17 * 60) {
        clock = into_part(inner, part);
        end = j + used;
    } else if let Some((d, used)) =
        day_at(heard, j, frame).filter(|_| !heard.tokens[end - 1].ends_clause())
    {
        day = Some(d);
        end = j + used;
    }
    Some(TimeMention {
        start: at,
        end,
        day,
        clock: Some(clock),
        bound: bound_before(heard, at),
        negated: excluded(heard, at, end),
        past: false,
        relative: false,
    })
}
