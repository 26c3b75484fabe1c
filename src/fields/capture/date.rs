//! Days that are no appointment: of birth, of an incident, in court; and date fields of a business's own.

use jiff::civil::Date;

use crate::fields::cue::{Cue, Mark};
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::number;
use crate::fields::state::State;
use crate::fields::temporal;
use crate::fields::token::{self, Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};

/// What a date field wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Birth,
    Past,
    Future,
    Any,
}

fn direction(name: &str) -> Direction {
    if name.contains("birth") {
        Direction::Birth
    } else if name.contains("incident") || name.contains("accident") || name.contains("last_") {
        Direction::Past
    } else if name.contains("court")
        || name.contains("hearing")
        || name.contains("move")
        || name.contains("deadline")
        || name.contains("next")
    {
        Direction::Future
    } else {
        Direction::Any
    }
}

fn read(heard: &Heard, at: usize, want: Direction, today: Date) -> Option<(Date, usize)> {
    match want {
        Direction::Birth => year_first(heard, at, today)
            .or_else(|| day_last(heard, at, today))
            .or_else(|| day_first(heard, at, today))
            .or_else(|| temporal::figures(heard, at, today)),
        Direction::Past => past(heard, at, today),
        Direction::Future => temporal::future_date(heard, at, today),
        Direction::Any => temporal::past_date(heard, at, today)
            .filter(|_| false)
            .or_else(|| temporal::future_date(heard, at, today))
            .or_else(|| temporal::past_date(heard, at, today)),
    }
}

/// A day gone by, with what stands behind it: "two weeks ago tomorrow" is a day less.
fn past(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    // "The fifth of this month", "the ninth of last month".
    if heard.word(at) == "the"
        && let Some(Num::Ordinal(day)) = heard.tokens.get(at + 1).map(|t| t.num)
        && heard.word(at + 2) == "of"
        && matches!(heard.word(at + 3), "this" | "last")
        && heard.word(at + 4) == "month"
    {
        let month = if heard.word(at + 3) == "last" {
            today.checked_sub(jiff::Span::new().months(1)).ok()?
        } else {
            today
        };
        let date = Date::new(month.year(), month.month(), i8::try_from(day).ok()?).ok()?;
        return (date <= today).then_some((date, 5));
    }
    let (date, used) = temporal::past_date(heard, at, today)?;
    let ago = heard.word(at + used - 1) == "ago";
    if ago && heard.word(at + used) == "tomorrow" {
        return Some((date.tomorrow().ok()?, used + 1));
    }
    Some((date, used))
}

/// How exactly a reading names its day: counted back by weeks least, by the figures of a calendar most.
fn exactness(heard: &Heard, at: usize, used: usize) -> u8 {
    let words = heard.tokens.get(at..at + used).unwrap_or_default();
    if words
        .iter()
        .any(|t| matches!(t.num, Num::Ordinal(_)) || t.num == Num::Literal)
        || words.iter().any(|t| temporal::month(&t.text).is_some()) && words.len() > 1
    {
        2
    } else if words
        .iter()
        .any(|t| t.any(&["week", "weeks", "month", "months", "couple", "few", "today"]))
    {
        0
    } else {
        1
    }
}

/// "Last month", "a couple of years ago", "a few weeks back": when about, no day.
fn is_vague(heard: &Heard, at: usize, used: usize) -> bool {
    let words = heard.tokens.get(at..at + used).unwrap_or_default();
    exactness(heard, at, used) < 2
        && words
            .iter()
            .any(|t| t.any(&["month", "months", "year", "years", "few", "other", "couple"]))
        && !words
            .iter()
            .any(|t| t.any(&["day", "days"]) || temporal::names_weekday(&t.text))
}

/// Whether the words name a day by the figures of a calendar.
fn is_calendar_day(raw: &str) -> bool {
    raw.split_whitespace().any(|w| {
        let word = w
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase();
        temporal::month(&word).is_some()
            || matches!(token::classify(&word), Num::Ordinal(_) | Num::Literal)
    })
}

/// "A couple of weeks ago, a Friday, February twenty seventh", "in November, I think the fourteenth": of the days one thought names the most
/// exact, with the month named before it.
fn most_exact(heard: &Heard, first: (Date, usize, usize), today: Date) -> (Date, usize, usize) {
    let mut best = first;
    let mut at = first.1 + first.2;
    let limit = (at + 12).min(heard.tokens.len());
    while at < limit {
        let Some((date, used)) = past(heard, at, today).filter(|_| !heard.taken[at]) else {
            at += 1;
            continue;
        };
        // Another event has a day of its own; "a Thursday, so the 23rd" is one day.
        let same_day = date.weekday() == best.0.weekday() && exactness(heard, best.1, best.2) == 1;
        let other = !same_day
            && heard.tokens[best.1 + best.2..at].iter().any(|t| {
                t.any(&[
                    "and", "but", "then", "since", "until", "court", "hearing", "my", "by", "so",
                ])
            });
        if !other && exactness(heard, at, used) > exactness(heard, best.1, best.2) {
            best = (date, at, used);
        }
        at += used.max(1);
    }
    let (date, from, used) = best;
    let bare = heard.word(from) == "the"
        && !(from..from + used).any(|i| temporal::month(heard.word(i)).is_some());
    let named = (from.saturating_sub(8)..from)
        .rev()
        .find_map(|i| temporal::month(heard.word(i)));
    if let Some(number) = named.filter(|_| bare && used <= 3) {
        let year = if number > today.month() {
            today.year() - 1
        } else {
            today.year()
        };
        if let Ok(date) = Date::new(year, number, date.day()) {
            return (date, from, used);
        }
    }
    best
}

/// "Nineteen eighty two, December the first", "1982 December 1".
fn year_first(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let run = number::run_at(&heard.tokens, at)?;
    let year: i16 = run.with_len(4)?.digits.parse().ok()?;
    if !(1900..=today.year()).contains(&year) {
        return None;
    }
    let mut from = run.end;
    while matches!(heard.word(from), "on" | "and" | "in") {
        from += 1;
    }
    if heard.tokens.get(from)?.num != Num::None {
        return None;
    }
    let (date, used) = temporal::figures(heard, from, today)?;
    let date = Date::new(year, date.month(), date.day()).ok()?;
    Some((date, from + used - at))
}

/// "January nineteen fifty eight, the twenty second": the day behind its year.
fn day_last(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let month = temporal::month(heard.word(at))?;
    let run = number::run_at(&heard.tokens, at + 1)?;
    let year: i16 = run.with_len(4)?.digits.parse().ok()?;
    let day_at = run.end + usize::from(heard.word(run.end) == "on");
    let (day, used) = temporal::ordinal_day(heard, day_at)?;
    let known = (1900..=today.year()).contains(&year);
    let date = Date::new(year, month, day).ok().filter(|_| known)?;
    Some((date, day_at + used - at))
}

/// "Eleven March nineteen ninety two", "the 12th of June, 1979": the day before its month.
fn day_first(heard: &Heard, at: usize, today: Date) -> Option<(Date, usize)> {
    let (day, used) = match heard.tokens.get(at)?.num {
        Num::Ordinal(n) => (n, 1),
        Num::Tens(t) => match heard.tokens.get(at + 1)?.num {
            Num::Ordinal(n) if n < 10 => (u16::from(t) * 10 + n, 2),
            Num::Digit(d) if d > 0 => (u16::from(t) * 10 + u16::from(d), 2),
            _ => (u16::from(t) * 10, 1),
        },
        Num::Digit(d) => (d.into(), 1),
        Num::Teen(d) => (d.into(), 1),
        Num::Literal => (heard.word(at).parse().ok()?, 1),
        _ => return None,
    };
    let mut month_at = at + used;
    if heard.word(month_at) == "of" {
        month_at += 1;
    }
    let month = heard
        .tokens
        .get(month_at)
        .filter(|t| t.num == Num::None && t.text.len() >= 3)?;
    if !(1..=31).contains(&day) {
        return None;
    }
    // The same words in the order that dates are read in: month, day, year.
    let mut turned = heard.clone();
    turned.tokens = std::iter::once(month)
        .chain(heard.tokens.get(at..at + used)?)
        .chain(heard.tokens.iter().skip(month_at + 1).take(6))
        .cloned()
        .collect();
    for token in turned.tokens.iter_mut().take(1 + used) {
        token.stop = Stop::None;
        token.glue = None;
    }
    turned.taken = vec![false; turned.tokens.len()];
    turned.runs = number::runs(&turned.tokens);
    turned.hits.0.clear();
    let (date, read) = temporal::figures(&turned, 0, today)?;
    (read > 1 + used && date.day() == i8::try_from(day).ok()?)
        .then_some((date, month_at + read - used - at))
}

/// "Fifty nine, no wait, what am I saying, September ninth sixty one", "Tuesday, no, he said Wednesday": after a "no" or a "wait"
/// anywhere in the rest of the turn the last date said stands.
fn taken_back(
    heard: &Heard,
    from: usize,
    want: Direction,
    today: Date,
) -> Option<(Date, usize, usize)> {
    let n = heard.tokens.len();
    let back = (from..n.min(from + 8)).find(|i| {
        heard.hits.at(Cue::Repair, *i).is_some()
            || heard.tokens[*i].any(&["no", "wait", "sorry", "actually"])
    })?;
    let mut last = None;
    let mut at = back;
    while at < n {
        match read(heard, at, want, today) {
            // Without a year of its own a birthday is half said.
            Some((date, used)) if want != Direction::Birth || is_grown(date, today) => {
                last = Some((date, at, used));
                at += used.max(1);
            }
            _ => at += 1,
        }
    }
    last
}

/// Within two weeks of the day held.
fn near_day(held: &Value, date: Date) -> bool {
    held.text()
        .and_then(|t| t.parse::<Date>().ok())
        .and_then(|h| h.until(date).ok())
        .is_some_and(|s| s.get_days().abs() <= 14)
}

/// Born more than a year ago, so that the year was said.
fn is_grown(date: Date, today: Date) -> bool {
    date.until(today).is_ok_and(|s| s.get_days() > 366)
}

impl State {
    pub(in crate::fields) fn today(&self) -> Date {
        self.ctx.now().date()
    }

    /// Days in the caller's turn.
    pub fn caller_dates(&mut self, heard: &mut Heard) {
        self.dates(heard, true);
    }

    /// Days in the agent's turn: read-backs.
    pub fn agent_dates(&mut self, heard: &mut Heard) {
        let today = self.today();
        for index in 0..self.ledgers.len() {
            let field = index as u8;
            if self.ty(field) != FieldType::Date {
                continue;
            }
            let want = direction(self.name(field));
            let Some(held) = self
                .value(field)
                .and_then(Value::text)
                .and_then(|t| t.parse::<Date>().ok())
            else {
                self.works_out_date(heard, field, want, today);
                continue;
            };
            for at in 0..heard.tokens.len() {
                if heard.taken[at] {
                    continue;
                }
                let Some((date, used)) = read(heard, at, want, today) else {
                    continue;
                };
                let matches = date == held;
                let near = date.month() == held.month() && date.day() == held.day()
                    || date.year() == held.year()
                        && (date.month() == held.month() || date.day() == held.day());
                // "So August second, okay": the agent has understood another day than the recogniser wrote; a yes makes it that.
                let understood = !matches
                    && want != Direction::Birth
                    && heard.word(0) == "so"
                    && heard.tokens.len() <= 8
                    && held.until(date).is_ok_and(|s| s.get_days().abs() <= 10);
                if understood {
                    let evidence = heard.evidence(Role::ReadsBack, at, at + used);
                    heard.take(at, at + used);
                    self.await_yes(field, Value::Text(date.to_string()), true, evidence);
                    break;
                }
                if matches || near && want == Direction::Birth {
                    let evidence = heard.evidence(Role::ReadsBack, at, at + used);
                    self.ledger_mut(field).read_back(evidence.clone());
                    heard.take(at, at + used);
                    self.settle_or_await(field, date.to_string(), matches, evidence);
                    break;
                }
            }
        }
    }

    /// "So that was two weeks ago Monday?", "that's the twenty fourth of November": the agent works out what the caller told; a yes
    /// makes it known.
    fn works_out_date(&mut self, heard: &mut Heard, field: u8, want: Direction, today: Date) {
        if want == Direction::Birth {
            self.understands_birthday(heard, field, today);
            return;
        }
        let asked = self.was_asked(field, 2);
        let concluding =
            heard.tokens.iter().any(|t| {
                t.any(&["was", "ago", "past", "last", "happened"]) || asked && t.is("that's")
            }) && !heard
                .tokens
                .iter()
                .any(|t| t.any(&["by", "until", "before", "court", "hearing"]));
        let told = self.was_asked(field, 2) || self.signs.turns[0] <= 3;
        if want != Direction::Past || !concluding || !told {
            return;
        }
        for at in 0..heard.tokens.len() {
            if heard.taken[at] {
                continue;
            }
            let Some((date, used)) = read(heard, at, want, today) else {
                continue;
            };
            let evidence = heard.evidence(Role::ReadsBack, at, at + used);
            heard.take(at, at + used);
            self.await_yes(field, Value::Text(date.to_string()), true, evidence);
            return;
        }
    }

    /// "April first forty nine": a birthday that the agent has heard and the recogniser has not; said alone, a yes makes it known.
    fn understands_birthday(&mut self, heard: &mut Heard, field: u8, today: Date) {
        let found = (0..heard.tokens.len().min(4)).find_map(|at| {
            read(heard, at, Direction::Birth, today)
                .filter(|(date, used)| is_grown(*date, today) && !heard.is_taken(at, at + used))
                .map(|(date, used)| (date, at, used))
        });
        if let Some((date, at, used)) = found
            && heard.tokens.len() <= used + 4
        {
            let evidence = heard.evidence(Role::ReadsBack, at, at + used);
            heard.take(at, at + used);
            self.await_yes(field, Value::Text(date.to_string()), true, evidence);
        }
    }

    fn dates(&mut self, heard: &mut Heard, _caller: bool) {
        let today = self.today();
        for index in 0..self.ledgers.len() {
            let field = index as u8;
            if self.ty(field) != FieldType::Date {
                continue;
            }
            let want = direction(self.name(field));
            let asked = self.was_asked(field, if want == Direction::Birth { 1 } else { 0 });
            let pending = self.pending.iter().any(|p| p.field == field);
            let near: Vec<(usize, usize)> = heard
                .hits
                .0
                .iter()
                .filter(|h| h.mark == Mark::Near(field))
                .map(|h| (h.start, h.end))
                .collect();
            // "I'd rather not get into it today" is no answer.
            let declined = asked && heard.hits.has(Cue::Decline);
            if !asked && near.is_empty() && !pending || declined {
                continue;
            }
            let mut at = 0;
            while at < heard.tokens.len() {
                if heard.taken[at]
                    || heard.runs.iter().any(|r| r.start < at && at < r.end)
                        && want == Direction::Birth
                        && near.is_empty()
                {
                    at += 1;
                    continue;
                }
                let Some((date, used)) = read(heard, at, want, today) else {
                    at += 1;
                    continue;
                };
                // The cue stands in the same thought, not far from the date.
                let close = near.iter().any(|(s, e)| {
                    *e <= at && at - e <= 8 || *s >= at + used && s - (at + used) <= 8
                });
                // Times are being offered: "Wednesday I've got court on the other thing".
                let offering = want == Direction::Future
                    && !asked
                    && self.agenda.last.is_some()
                    && self.agenda.age <= 1;
                // "I have to answer by April 25th": a deadline, no day in court.
                let deadline = want == Direction::Future
                    && (at.saturating_sub(3)..at).any(|i| matches!(heard.word(i), "by" | "until"))
                    && (at.saturating_sub(8)..at).any(|i| {
                        matches!(
                            heard.word(i),
                            "answer" | "respond" | "reply" | "file" | "sign" | "pay" | "move"
                        )
                    });
                // "Today, okay. It happened January third": the day of the call is seldom the day it happened.
                let only_today = want == Direction::Past
                    && heard.word(at) == "today"
                    && (at + 1..heard.tokens.len()).any(|i| read(heard, i, want, today).is_some());
                // "My surgery was March second and they canned me the Friday after": asked when, the day beside what happened.
                let told_later = asked
                    && want == Direction::Past
                    && near.iter().all(|(_, e)| *e > at)
                    && near.iter().any(|(s, e)| {
                        (at + used..*s).any(|i| heard.tokens[i].is("and"))
                            && (*e..heard.tokens.len().min(e + 8))
                                .any(|i| read(heard, i, want, today).is_some())
                    });
                let other_court = offering
                    || told_later
                    || only_today
                    || deadline
                    || heard.hits.cue(Cue::Offer).any(|h| h.end == at) && want == Direction::Future;
                // "A court date on April 14th for a DUI": the date belongs to the nearest of the things named.
                let distance = |s: usize, e: usize| {
                    if e <= at {
                        at - e
                    } else {
                        s.saturating_sub(at + used)
                    }
                };
                let mine = near.iter().map(|(s, e)| distance(*s, *e)).min();
                let others = heard
                    .hits
                    .0
                    .iter()
                    .filter(|h| {
                        // Of a day to come nobody says that it happened.
                        matches!(h.mark, Mark::Near(f) if f != field && self.ty(f) == FieldType::Date
                            && read(heard, at, direction(self.name(f)), today).is_some())
                    })
                    .map(|h| distance(h.start, h.end))
                    .min();
                let nearer = !asked && !pending && others.zip(mine).is_some_and(|(o, m)| o < m);
                if !(asked || pending || close) || other_court || nearer {
                    at += used;
                    continue;
                }
                let mut chosen = (date, at, used);
                let end = at + used;
                // "A couple weeks ago, Friday, February twenty seventh": the day itself, after about when.
                let vague = (at..end).any(|i| heard.word(i) == "ago");
                if vague
                    && let Some(exact) = (end..heard.tokens.len().min(end + 6)).find_map(|i| {
                        let (date, used) = read(heard, i, want, today)?;
                        (i..i + used)
                            .any(|j| temporal::names_month(heard.word(j)))
                            .then_some((date, i, used))
                    })
                {
                    chosen = exact;
                }
                if let Some(last) = taken_back(heard, end, want, today) {
                    chosen = last;
                } else if let Some(next) = (end..heard.tokens.len().min(end + 3))
                    .find_map(|i| heard.hits.at(Cue::Repair, i))
                    && let Some((again, next, used)) = (next..heard.tokens.len().min(next + 8))
                        .find_map(|i| read(heard, i, want, today).map(|(d, u)| (d, i, u)))
                {
                    chosen = (again, next, used);
                }
                if want == Direction::Past && chosen.1 == at {
                    chosen = most_exact(heard, chosen, today);
                }
                let (mut date, from, used) = chosen;
                // "Monday, yes", of the ninth, a Monday: that day.
                if let Some(day) = self
                    .value(field)
                    .and_then(Value::text)
                    .and_then(|t| t.parse::<Date>().ok())
                    .filter(|d| d.weekday() == date.weekday())
                    && used == 1
                    && temporal::names_weekday(heard.word(from))
                {
                    date = day;
                }
                if want == Direction::Past && is_vague(heard, from, used) {
                    at = from + used;
                    continue;
                }
                let strength = if close && !asked {
                    Strength::Explicit
                } else {
                    Strength::Answer
                };
                let repair = pending
                    || heard
                        .hits
                        .cue(Cue::Repair)
                        .any(|h| h.end <= from && from - h.end <= 2);
                let held_differs = self
                    .value(field)
                    .and_then(Value::text)
                    .is_some_and(|t| t != date.to_string());
                // "A week ago" and then "it was the 23rd": the same day, now exactly.
                let exact = want == Direction::Past
                    && exactness(heard, from, used) == 2
                    && self.ledger(field).held.as_ref().is_some_and(|h| {
                        !h.confirmed && !is_calendar_day(&h.raw) && near_day(&h.value, date)
                    });
                if held_differs && !(asked || repair || exact) {
                    break;
                }
                // Asked for it afresh, the caller knows better than the story did.
                let strength = match (repair, asked) {
                    (true, _) if held_differs => Strength::Repair,
                    (false, _) if held_differs => strength.max(Strength::Explicit),
                    _ => strength,
                };
                self.pending.retain(|p| p.field != field);
                self.claim(
                    field,
                    heard,
                    (from, from + used),
                    Role::States,
                    Value::Text(date.to_string()),
                    strength,
                );
                self.dispute(field, pending);
                heard.take(at, (from + used).max(at + used));
                break;
            }
        }
    }
}
