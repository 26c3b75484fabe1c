//! The caller's digits: a whole number, a breath of one, or a correction; and whose number it is.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::{Role, word_probability};
use crate::fields::ledger::{Source, Strength};
use crate::fields::number::Run;
use crate::fields::phone::{self, Owner, Sequence};
use crate::fields::state::State;
use crate::fields::token::Num;
use crate::fields::turn::{Heard, Speaker, Turn};
use crate::fields::value::{FieldType, Value, nanp};
use crate::fields::word_set::{WordSet, words};

use super::commit::Said;

/// Words that say a number takes another's place.
const AMENDS: &WordSet = words![
    "old",
    "wrong",
    "instead",
    "change",
    "changed",
    "different",
    "actually",
    "wait",
    "disconnected",
    "mistake",
    "rather",
];

/// What the words around a sequence say about it.
struct Setting {
    /// A number was asked for.
    asked: bool,
    /// "My number is", "reach me at".
    lead: bool,
    /// An area code is meant.
    area: bool,
    strength: Strength,
    p: f32,
}

impl State {
    /// The caller's digits.
    pub fn caller_phones(&mut self, heard: &mut Heard, reply: &Reply) {
        if self.field("callback_number").is_none()
            && self.vertical.first_of(FieldType::Phone).is_none()
        {
            return;
        }
        let mut sequences = phone::sequences(heard);
        if sequences.is_empty() && self.digits.is_open() {
            sequences.extend(phone::lone_digits(heard));
        }
        // "Two one seven, but the rest is new, it's five five five ...": one number in two parts.
        if let [head, tail] = sequences.as_slice()
            && matches!((head.digits.len(), tail.digits.len()), (3, 7) | (6, 4))
            && tail.start - head.end <= 8
            && !is_denied(heard, tail)
            && let Some(number) = nanp(&format!("{}{}", head.digits, tail.digits))
        {
            let whole = Sequence {
                start: head.start,
                end: tail.end,
                digits: number.trim_start_matches("+1").to_owned(),
                repaired: false,
                extension: tail.extension.clone(),
            };
            sequences = vec![whole];
        }
        self.second_line(heard, reply, &sequences);
        self.line_and_another(heard, reply, &sequences);
        if sequences.is_empty() {
            self.line_chosen(heard);
        }
        let mut spoke_digits = false;
        let mut floor = 0;
        for (at, sequence) in sequences.iter().enumerate() {
            let denied = sequences
                .get(at + 1)
                .filter(|next| is_denied(heard, next) && next.start <= sequence.end + 1);
            spoke_digits |= self.caller_digits(heard, sequence, denied, floor, reply);
            floor = sequence.end;
        }
        // "..., it's this one": the number said is the one of the call. "Yes, but if I don't answer try my wife ...": a yes, and another's.
        let same = self
            .held_text("callback_number")
            .is_some_and(|n| self.ctx.caller_id.as_ref() == Some(&n));
        if !spoke_digits || same {
            self.this_number(heard, reply, spoke_digits);
        }
        self.leave_undecided(heard);
    }

    /// Whether the digits were taken for a phone.
    fn caller_digits(
        &mut self,
        heard: &mut Heard,
        sequence: &Sequence,
        denied: Option<&Sequence>,
        floor: usize,
        reply: &Reply,
    ) -> bool {
        // "No, sixty three. Zero one six three.": the end of what was misheard, and then all of it.
        let mut restated = sequence.clone();
        let other_read = self
            .pending
            .iter()
            .any(|p| !p.matches && self.ty(p.field) == FieldType::Phone);
        if reply.deny || reply.repair || sequence.repaired || other_read {
            let within = |r: &&Run| sequence.start <= r.start && r.end <= sequence.end;
            let mut runs = heard.runs.iter().filter(within);
            let first = runs.next().into_iter().flat_map(|r| &r.readings);
            let rest: String = runs.map(Run::digits).collect();
            let mut whole = first.map(|r| format!("{}{rest}", r.digits));
            if let Some(part) =
                whole.find_map(|d| phone::repair::end_then_whole(&d).map(str::to_owned))
            {
                restated.digits = part;
            }
        }
        let sequence = &restated;
        let digits = sequence.digits.as_str();
        if digits.is_empty()
            || phone::is_quantity(heard, sequence)
            || matches!(digits, "911" | "411" | "311" | "211")
            || digits.len() < 7 && heard.hits.has(Cue::Budget)
        {
            return false;
        }
        // "... one two eight, not one eight two", "don't call me at 512 ...": what is denied is no number.
        if is_denied(heard, sequence) && digits.len() < 10
            || digits.len() >= 7 && is_forbidden(heard, sequence)
        {
            heard.take(sequence.start, sequence.end);
            return false;
        }
        if heard
            .hits
            .before(Cue::CodeLead, sequence.start, 4)
            .is_some()
            || heard
                .hits
                .before(Cue::GateCode, sequence.start, 4)
                .is_some()
                && digits.len() < 10
        {
            return false;
        }
        // The agent's own number, said back.
        if digits.len() >= 3 && self.agent_numbers.iter().any(|n| n.ends_with(digits))
            || digits.len() >= 3
                && !self.digits.is_open()
                && self.asked_of(FieldType::Phone, 2).is_none()
                && self.agent_numbers.iter().any(|n| n.contains(digits))
        {
            heard.take(sequence.start, sequence.end);
            return true;
        }
        // "... no, seven eight, I always mess that up, oh one seven eight": the end of the number just said, once more.
        if (2..10).contains(&digits.len())
            && floor > 0
            && self
                .said_now(heard)
                .is_some_and(|number| number.ends_with(digits))
        {
            heard.take(sequence.start, sequence.end);
            return true;
        }
        let setting = self.setting(heard, sequence);
        // The agent asked for a number of another kind: a model, a serial, a permit.
        if self.other_number_asked && !setting.lead && !setting.asked {
            return false;
        }
        if let Some(number) = nanp(digits) {
            return self.whole_number(heard, sequence, number, &setting, floor, reply);
        }
        if self.continue_local(heard, sequence, &setting) {
            return true;
        }
        if self.correct_number(heard, sequence, denied, setting.area, reply, setting.p) {
            return true;
        }
        if self.local_number(heard, sequence, &setting, floor) {
            return true;
        }
        self.breath(heard, sequence, &setting, floor, reply)
    }

    /// The number that the caller has given in this very turn.
    fn said_now(&self, heard: &Heard) -> Option<&str> {
        self.ledgers
            .iter()
            .filter(|l| l.ty == FieldType::Phone)
            .filter_map(|l| l.held.as_ref())
            .find(|h| h.evidence.last().is_some_and(|e| e.turn == heard.segment))
            .and_then(|h| h.value.text())
    }

    fn setting(&self, heard: &Heard, sequence: &Sequence) -> Setting {
        let from = heard
            .clause_start(sequence.start)
            .max(sequence.start.saturating_sub(6));
        let asked = self.asked_of(FieldType::Phone, 2).is_some();
        let lead = heard
            .hits
            .cue(Cue::PhoneLead)
            .any(|h| h.start >= from && h.end <= sequence.start + 1);
        let code = |i: usize| heard.word(i) == "area" && heard.word(i + 1) == "code";
        Setting {
            asked,
            lead,
            area: (from..sequence.start).any(code)
                || (sequence.end..sequence.end + 4).any(code)
                || self.area_asked && sequence.digits.len() == 3,
            strength: if lead {
                Strength::Explicit
            } else if asked || self.digits.is_open() {
                Strength::Answer
            } else {
                Strength::Shape
            },
            p: word_probability(&heard.tokens, sequence.start, sequence.end),
        }
    }

    fn whole_number(
        &mut self,
        heard: &mut Heard,
        sequence: &Sequence,
        number: String,
        setting: &Setting,
        floor: usize,
        reply: &Reply,
    ) -> bool {
        let owner = match phone::owner::owner(heard, sequence, floor) {
            Owner::Callback | Owner::Unsaid | Owner::Kin if self.line_settled(heard) => {
                Owner::Alternate
            }
            Owner::Callback | Owner::Unsaid if self.is_of_one_named(heard, sequence.start) => {
                Owner::Third
            }
            owner => owner,
        };
        self.digits.clear();
        let before = heard.tokens.get(..sequence.start).unwrap_or_default();
        let amended = before.iter().any(|t| t.any(AMENDS))
            && !heard.says(words!["also", "another", "too", "second", "backup"]);
        let repair = amended
            || sequence.repaired
            || reply.repair
            || reply.deny && self.number_in_question().is_some();
        let said = Said {
            owner,
            number,
            floor,
            strength: if repair {
                Strength::Repair
            } else {
                setting.strength
            },
            inferred: false,
            evidence: vec![heard.evidence(Role::States, sequence.start, sequence.end)],
            raw: heard.text(sequence.start, sequence.end),
            p: setting.p,
        };
        self.commit_phone(heard, said);
        if let Some(extension) = &sequence.extension {
            self.add_note(
                heard,
                (sequence.start, sequence.end),
                format!("extension {extension}"),
            );
        }
        heard.take(sequence.start, sequence.end);
        true
    }

    /// Seven digits, completed with the area code of the business.
    fn local_number(
        &mut self,
        heard: &mut Heard,
        sequence: &Sequence,
        setting: &Setting,
        floor: usize,
    ) -> bool {
        let digits = sequence.digits.as_str();
        if self.digits.is_open()
            || digits.len() != 7
            || !(setting.asked || setting.lead)
            || street_follows(heard, sequence)
        {
            return false;
        }
        let Some(number) = self.with_own_area(digits) else {
            return false;
        };
        let said = Said {
            owner: phone::owner::owner(heard, sequence, floor),
            number,
            floor,
            strength: setting.strength,
            inferred: true,
            evidence: vec![heard.evidence(Role::States, sequence.start, sequence.end)],
            raw: heard.text(sequence.start, sequence.end),
            p: setting.p,
        };
        self.commit_phone(heard, said);
        heard.take(sequence.start, sequence.end);
        true
    }

    /// Three more digits after seven, with nothing but listening between: they were no local number but the head of a long one. Behind
    /// an exchange that is no area code they are the area code.
    fn continue_local(
        &mut self,
        heard: &mut Heard,
        sequence: &Sequence,
        setting: &Setting,
    ) -> bool {
        if sequence.digits.len() != 3
            || setting.area
            || sequence.repaired
            || self.last_agent.len() > 3
            || self.last_agent.iter().any(|w| w == "code" || w == "area")
        {
            return false;
        }
        let found = self.ledgers.iter().enumerate().find_map(|(at, ledger)| {
            let held = ledger.held.as_ref().filter(|h| {
                h.inferred && h.source == Source::CallerSaid && ledger.ty == FieldType::Phone
            })?;
            let last = held.evidence.last()?;
            let seven = held.value.text()?.get(5..)?;
            let whole = nanp(&format!("{seven}{}", sequence.digits))?;
            (last.turn + 2 >= heard.segment && !seven.starts_with("555"))
                .then_some((at as u8, whole))
        });
        let Some((field, whole)) = found else {
            return false;
        };
        heard.take(sequence.start, sequence.end);
        self.claim(
            field,
            heard,
            (sequence.start, sequence.end),
            Role::States,
            Value::Text(whole),
            Strength::Repair,
        );
        true
    }

    /// Seven digits with the area code of the business before them, unless they begin with an area code themselves.
    fn with_own_area(&self, digits: &str) -> Option<String> {
        let area = self.ctx.area_code()?;
        (digits.len() == 7 && digits.get(..3) != Some(area))
            .then(|| nanp(&format!("{area}{digits}")))
            .flatten()
    }

    /// A breath of a longer number.
    fn breath(
        &mut self,
        heard: &mut Heard,
        sequence: &Sequence,
        setting: &Setting,
        floor: usize,
        reply: &Reply,
    ) -> bool {
        let digits = sequence.digits.as_str();
        let open = self.digits.is_open();
        let alone = heard.tokens.len() <= (sequence.end - sequence.start) + 4;
        let begins = (setting.asked || setting.lead)
            && (digits.len() >= 3 || alone && digits.len() >= 2)
            && digits.len() <= 9;
        if !(open && alone || begins)
            || !open
                && (phone::is_time(heard, sequence) || self.names_offered_hour(&sequence.digits))
                && !setting.lead
        {
            return false;
        }
        if !open {
            // "two fourteen barton hills drive" answers another question; a house number with a street is no phone.
            if street_follows(heard, sequence) {
                return false;
            }
            self.digits.owner = phone::owner::owner(heard, sequence, floor);
        }
        let repair = reply.deny
            || reply.repair
            || heard.hits.before(Cue::Repair, sequence.start, 2).is_some();
        // "No, eight two", of an echo that had it wrong: it was said before.
        if open && repair && digits.len() >= 2 && self.digits.digits.ends_with(digits) {
            heard.take(sequence.start, sequence.end);
            self.digits.age = 0;
            return true;
        }
        let restart = open
            && digits.len() >= 3
            && self.digits.digits.starts_with(digits)
            && self.digits.digits.len() > digits.len();
        if restart {
            let owner = self.digits.owner;
            self.digits.clear();
            self.digits.owner = owner;
        }
        self.digits
            .push(heard, sequence, setting.p, repair && self.digits.is_open());
        heard.take(sequence.start, sequence.end);
        if let Some(number) = nanp(&self.digits.digits) {
            let buffer = std::mem::take(&mut self.digits);
            let said = Said {
                owner: buffer.owner,
                number,
                floor: 0,
                strength: Strength::Answer,
                inferred: false,
                evidence: buffer.evidence,
                raw: buffer.raw,
                p: buffer.p,
            };
            self.commit_phone(heard, said);
        } else if self.digits.digits.len() > 11 {
            self.digits.clear();
        }
        true
    }

    /// An unfinished number: seven digits are a local one, fewer are no value, and half a number helps nobody.
    pub fn leave_partial(&mut self, heard: &Heard) {
        let buffer = std::mem::take(&mut self.digits);
        if let Some(number) = self.with_own_area(&buffer.digits) {
            let said = Said {
                owner: buffer.owner,
                number,
                floor: 0,
                strength: Strength::Answer,
                inferred: true,
                evidence: buffer.evidence,
                raw: buffer.raw,
                p: buffer.p,
            };
            self.commit_phone(heard, said);
        }
    }

    /// The same at the end of the call.
    pub fn leave_partial_at_end(&mut self) {
        let nothing = Turn {
            speaker: Speaker::Caller,
            segment: u32::MAX,
            start_ms: self.last_end_ms,
            end_ms: self.last_end_ms,
            words: &[],
        };
        let heard = Heard::new(&nothing, &self.vertical);
        self.leave_partial(&heard);
    }
}

/// "Don't call me at 512 ...": a number that is not to be called.
fn is_forbidden(heard: &Heard, sequence: &Sequence) -> bool {
    let from = heard
        .clause_start(sequence.start)
        .max(sequence.start.saturating_sub(6));
    (from..sequence.start).any(|i| {
        heard.any(i, words!["don't", "never", "not", "quit", "stop"])
            && !heard.any(
                i.wrapping_sub(1),
                words!["why", "if", "i", "when", "they", "or"],
            )
            && heard.any(
                i + 1,
                words![
                    "call", "use", "ring", "text", "dial", "calling", "using", "texting",
                ],
            )
            && (i + 2..sequence.start).all(|j| {
                heard.any(
                    j,
                    words![
                        "me", "at", "on", "the", "that", "this", "old", "number", "my", "work",
                        "one",
                    ],
                )
            })
    })
}

/// Digits that are said not to be meant: "... not one eight two".
fn is_denied(heard: &Heard, sequence: &Sequence) -> bool {
    heard.word(sequence.start.wrapping_sub(1)) == "not"
        && heard.word(sequence.start.wrapping_sub(2)) != "or"
}

/// "The last four are".
pub(super) fn last_digits(heard: &Heard, sequence: &Sequence) -> bool {
    // "The lease ends the thirty first"
    let day = heard
        .tokens
        .get(sequence.end)
        .is_some_and(|t| matches!(t.num, Num::Ordinal(_)));
    if day {
        return false;
    }
    heard
        .hits
        .before(Cue::LastDigits, sequence.start, 6)
        .is_some()
        || heard.hits.at(Cue::LastDigits, sequence.end).is_some()
}

/// A street type soon after the digits: they are a house number.
pub(super) fn street_follows(heard: &Heard, sequence: &Sequence) -> bool {
    // "She's on Hoyt Street, three eighteen Hoyt": its name again, without its type.
    let again = (1..sequence.start).any(|i| {
        heard.word(i - 1) == heard.word(sequence.end)
            && crate::fields::address::street_type(heard.word(i)).is_some()
    });
    again
        || (sequence.end..heard.tokens.len().min(sequence.end + 4)).any(|i| {
        crate::fields::gazetteer::tables()
            .suffix(heard.word(i))
            .is_some()
            // Words that are street types only on an envelope.
            && !matches!(heard.word(i), "way" | "is" | "row" | "run" | "pass" | "key" | "well" | "rest")
    })
}
