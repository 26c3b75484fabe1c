//! Days that are no appointment: of birth, of an incident, in court; and date fields of a business's own.

mod reading;
mod understood;
mod weighed;

use crate::fields::word_set::words;
use jiff::civil::Date;

use crate::fields::cue::{Cue, Mark};
use crate::fields::dialogue::ReadBack;
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::state::State;
use crate::fields::temporal;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use reading::{
    Direction, concludes, direction, exactness, is_calendar_day, is_grown, is_not_it, is_vague,
    most_exact, near_day, part_anew, read, taken_back, year_apart,
};

pub(in crate::fields) use weighed::days_of;

/// Where words stand that a field's value is near to.
fn words_near(heard: &Heard, field: u8) -> Vec<(usize, usize)> {
    heard
        .hits
        .all()
        .iter()
        .filter(|h| h.mark == Mark::Near(field))
        // "No court, no nothing."
        .filter(|h| heard.word(h.start.wrapping_sub(1)) != "no")
        .map(|h| (h.start, h.end))
        .collect()
}

/// A day further from the one held than this many is another one.
const MOST_APART: i32 = 16;

/// Whether a birthday said anew puts right the one known: of that month, or of that day.
fn puts_right(known: Option<Date>, new: Date) -> bool {
    known.is_some_and(|k| k.month() == new.month() || k.day() == new.day())
}

/// More words than this do not only conclude.
const SHORT: usize = 8;

impl State {
    pub(in crate::fields) fn today(&self) -> Date {
        self.began.date()
    }

    /// Whether a yes to a day read back names another one for it.
    pub(in crate::fields::capture) fn other_day_said(
        &self,
        heard: &Heard,
        read_back: &ReadBack,
    ) -> bool {
        let Some(day) = read_back.value.text().and_then(|t| t.parse::<Date>().ok()) else {
            return false;
        };
        let want = direction(self.name(read_back.field));
        heard.says(words!["technically", "actually", "really", "though"])
            && (0..heard.tokens.len()).any(|at| {
                read(heard, at, want, self.today()).is_some_and(|(other, _)| {
                    other != day
                        && day
                            .until(other)
                            .is_ok_and(|s| s.get_days().abs() <= MOST_APART)
                })
            })
    }

    /// Days in the caller's turn.
    pub fn caller_dates(&mut self, heard: &mut Heard) {
        self.dates(heard);
    }

    /// Days in the agent's turn: read-backs.
    pub fn agent_dates(&mut self, heard: &mut Heard) {
        let today = self.today();
        // A day that is held is rather read back than a new one worked out.
        let dates = self.vertical.all_of(FieldType::Date).iter().copied();
        let (known, open): (Vec<u8>, Vec<u8>) = dates.partition(|f| self.value(*f).is_some());
        // "The fifteenth" alone can only be the one day that is held, while no appointment is talked about.
        let alone = known.len() == 1 && self.agenda.last.is_none();
        for field in known.into_iter().chain(open) {
            let want = direction(self.name(field));
            if matches!(want, Direction::Past | Direction::Future)
                && self.understood_day(heard, field, want, today)
            {
                continue;
            }
            let Some(held) = self
                .value(field)
                .and_then(Value::text)
                .and_then(|t| t.parse::<Date>().ok())
            else {
                self.works_out_date(heard, field, want, today);
                continue;
            };
            if want == Direction::Birth
                && (!is_grown(held, today) || self.told.repaired || self.told.sounds)
                && self.understood_birthday(heard, field, today)
            {
                continue;
            }
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
                    && (concludes(heard, at) || alone && at == 0 && heard.tokens.len() <= used + 1)
                    && exactness(heard, at, used) == 2
                    && held
                        .until(date)
                        .is_ok_and(|s| s.get_days().abs() <= MOST_APART);
                // "Thursday at three or Friday at nine": days on offer, whatever happened on a Friday.
                let offered = want == Direction::Past
                    && exactness(heard, at, used) < 2
                    && (heard.hits.has(Cue::Offer) || heard.hits.has(Cue::Booked));
                if offered {
                    continue;
                }
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
        if want == Direction::Future {
            self.names_day_in_court(heard, field, today);
            return;
        }
        let asked = self.was_asked(field, 2);
        let concluding = concludes(heard, heard.tokens.len()) && heard.tokens.len() <= SHORT
            || heard.tokens.iter().any(|t| {
                t.any(words!["was", "ago", "past", "last", "happened"]) || asked && t.is("that's")
            }) && !heard.says(words!["by", "until", "before", "court", "hearing"]);
        let told = asked || self.signs.turns[0] <= 3;
        // "So Tuesday at four": of the appointment that is talked about.
        let visit = !asked && self.agenda.last.is_some() && self.agenda.age <= 2
            || heard.hits.has(Cue::Offer)
            || heard.hits.has(Cue::Booked);
        if want != Direction::Past || !concluding || !told || visit {
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

    /// "He'll be in court tomorrow then, Monday the fifteenth": the agent knows the day; a yes makes it known.
    fn names_day_in_court(&mut self, heard: &mut Heard, field: u8, today: Date) {
        let near = words_near(heard, field);
        if near.is_empty() || heard.hits.has(Cue::Offer) {
            return;
        }
        let found = (0..heard.tokens.len())
            .filter(|at| !heard.taken[*at] && !heard.in_question(*at))
            .find_map(|at| {
                let (date, used) = read(heard, at, Direction::Future, today)?;
                // "He's in court Friday" is the lawyer.
                let theirs = |s: usize| {
                    (s.saturating_sub(3)..s).any(|i| {
                        heard.any(
                            i,
                            words!["be", "your", "his", "her", "their", "go", "goes", "due"],
                        )
                    })
                };
                let close = near
                    .iter()
                    .any(|(s, e)| *e <= at && at - e <= 2 && theirs(*s));
                close.then_some((date, at, used))
            });
        if let Some((date, at, used)) = found {
            let evidence = heard.evidence(Role::ReadsBack, at, at + used);
            heard.take(at, at + used);
            self.await_yes(field, Value::Text(date.to_string()), true, evidence);
        }
    }

    /// "April first forty nine": a birthday that the agent has heard and the recogniser has not; said alone, a yes makes it known.
    fn understands_birthday(&mut self, heard: &mut Heard, field: u8, today: Date) {
        if self.understood_birthday(heard, field, today) {
            return;
        }
        // Figures behind a letter are rather those of a number on some card.
        let asked = self.was_asked(field, 2);
        let found = (0..heard.tokens.len().min(4)).find_map(|at| {
            read(heard, at, Direction::Birth, today)
                .filter(|_| asked || at == 0 || heard.word(at - 1).len() > 1)
                .filter(|(date, used)| is_grown(*date, today) && !heard.is_taken(at, at + used))
                .map(|(date, used)| (date, at, used))
        });
        // "I've got his birthday as June fourth": named as one, wherever it stands.
        let on_file = || {
            let named = words_near(heard, field).first().map(|(_, end)| *end)?;
            (named..heard.tokens.len().min(named + 4)).find_map(|at| {
                read(heard, at, Direction::Birth, today)
                    .filter(|(date, used)| is_grown(*date, today) && !heard.is_taken(at, at + used))
                    .map(|(date, used)| (date, at, used))
            })
        };
        let alone = found.filter(|(.., used)| heard.tokens.len() <= used + 4);
        if let Some((date, at, used)) = alone.or_else(on_file) {
            let evidence = heard.evidence(Role::ReadsBack, at, at + used);
            heard.take(at, at + used);
            self.await_yes(field, Value::Text(date.to_string()), true, evidence);
        }
    }

    /// "The twins' birthday is November second?" - "The third": the part of the day read back that is put right.
    fn part_of_birthday(&mut self, heard: &mut Heard, field: u8, today: Date) {
        let base = self
            .pending
            .iter()
            .find(|p| p.field == field)
            .and_then(|p| p.value.text())
            .and_then(|t| t.parse::<Date>().ok());
        // "How strong is the tablet?" "Fifty. Five zero milligrams.": an answer to something else.
        let corrects = heard.tokens.len() <= 4
            || heard.hits.has(Cue::Deny)
            || heard.hits.has(Cue::Repair)
            || self.pending.iter().any(|p| p.field == field && !p.matches);
        let Some(base) = base.filter(|_| corrects && heard.tokens.len() <= SHORT * 2) else {
            return;
        };
        let found = (0..heard.tokens.len())
            .filter(|at| !heard.taken[*at])
            .find_map(|at| {
                let (date, used) = part_anew(heard, at, base, Direction::Birth, today)?;
                Some((date, at, used))
            });
        if let Some((date, at, used)) = found.filter(|(date, ..)| *date != base) {
            self.pending.retain(|p| p.field != field);
            let value = Value::Text(date.to_string());
            self.claim(
                field,
                heard,
                (at, at + used),
                Role::States,
                value,
                Strength::Repair,
            );
            heard.take(at, at + used);
        }
    }

    /// "I've got a court date coming up." - "When?"
    fn asked_when(&self) -> bool {
        let words = &self.last_agent;
        words.len() <= SHORT / 2
            && words
                .iter()
                .any(|w| matches!(w.as_str(), "when" | "when's" | "date" | "day"))
    }

    fn dates(&mut self, heard: &mut Heard) {
        let today = self.today();
        let vertical = self.vertical.clone();
        let dates = vertical.all_of(FieldType::Date);
        let told = (dates.iter().copied())
            .find(|f| self.value(*f).is_none() && !words_near(heard, *f).is_empty());
        for &field in dates {
            let want = direction(self.name(field));
            let asked = self.was_asked(field, if want == Direction::Birth { 1 } else { 0 })
                || self.agenda.date_told == Some(field) && self.asked_when();
            let pending = self.pending.iter().any(|p| p.field == field);
            let near = words_near(heard, field);
            // "I'd rather not get into it today" is no answer.
            let declined = asked && heard.hits.has(Cue::Decline);
            // "Tuesday the twenty fourth. Is there a hearing date on it?": the answer is the hearing's.
            let other_asked = pending
                && !asked
                && near.is_empty()
                && !heard.hits.has(Cue::Deny)
                && dates.iter().any(|f| *f != field && self.was_asked(*f, 0));
            if !asked && near.is_empty() && !pending || declined || other_asked {
                continue;
            }
            if pending
                && want == Direction::Birth
                && !(0..heard.tokens.len()).any(|at| read(heard, at, want, today).is_some())
            {
                self.part_of_birthday(heard, field, today);
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
                // "It wasn't this past Sunday, it was the one before."
                if is_not_it(heard, at) {
                    at += used;
                    continue;
                }
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
                // "I missed court on the ninth": a day gone by.
                let over = want == Direction::Future
                    && near.iter().any(|(s, _)| {
                        (s.saturating_sub(3)..*s).any(|i| {
                            heard.any(i, words!["missed", "mist", "was", "had", "went", "were"])
                        })
                    });
                // "They filed on the sixteenth and the hearing is this Friday": the day behind the word, not the one before the "and".
                let behind = want == Direction::Future
                    && !asked
                    && near.iter().all(|(_, e)| *e > at)
                    && near.iter().any(|(s, e)| {
                        (at + used..*s).any(|i| heard.any(i, words!["and", "but", "so"]))
                            && (*e..heard.tokens.len().min(e + 6))
                                .any(|i| read(heard, i, want, today).is_some())
                    });
                // "In August, 15 August 1975": the reading that has a year.
                let yearless = want == Direction::Birth
                    && !is_grown(date, today)
                    && (at + 1..heard.tokens.len()).any(|i| {
                        read(heard, i, want, today).is_some_and(|(d, _)| is_grown(d, today))
                    });
                if behind || yearless {
                    at += 1;
                    continue;
                }
                let other_court = offering
                    || over && !asked
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
                    .all()
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
                if let Some(last) = taken_back(heard, (date, end), want, today) {
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
                // "No, eleventh": the month is that of the day it puts right.
                let base = self
                    .pending
                    .iter()
                    .find(|p| p.field == field)
                    .and_then(|p| p.value.text())
                    .or_else(|| self.value(field).and_then(Value::text))
                    .and_then(|t| t.parse::<Date>().ok());
                if want == Direction::Future
                    && used == 1
                    && matches!(heard.tokens.get(from).map(|t| t.num), Some(Num::Ordinal(_)))
                    && let Some(base) = base
                {
                    date = Date::new(base.year(), base.month(), date.day()).unwrap_or(date);
                }
                if want == Direction::Birth && !is_grown(date, today) {
                    // "August 19th, he just had the party. 2021.": the year by itself.
                    let apart = year_apart(heard, (from, from + used), today);
                    let year =
                        apart.or_else(|| base.filter(|b| is_grown(*b, today)).map(Date::year));
                    let whole = year.and_then(|y| Date::new(y, date.month(), date.day()).ok());
                    // "December 2nd", where the year of the birth is known, answers something else unless the day is put right.
                    let right = |whole| apart.is_some() || pending && puts_right(base, whole);
                    match whole {
                        Some(whole) if right(whole) => date = whole,
                        Some(_) => {
                            at = from + used;
                            continue;
                        }
                        None => {}
                    }
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
        self.agenda.date_told = told;
    }
}
