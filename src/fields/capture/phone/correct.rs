//! A few digits that correct a number already said: "no, one four six", "the last four are 2266", "zero one, not one zero".

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::phone::{self, Sequence, repair};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, nanp};
use crate::fields::word_set::words;

use super::caller::{last_digits, street_follows};

/// The number that a few digits may belong to.
pub(super) struct InQuestion {
    field: u8,
    /// Its ten digits as the agent said them last, or as held.
    said: String,
    /// As the caller gave it, where the caller did.
    held: Option<String>,
    /// The part that the agent read last.
    span: Option<(usize, usize)>,
    /// The agent has just said it.
    awaited: bool,
}

impl State {
    /// The number that the agent has just said and that waits for a yes or a no; one that another question has overtaken no longer does.
    pub(super) fn number_in_question(&self) -> Option<InQuestion> {
        let ten = |text: &str| text.trim_start_matches("+1").to_owned();
        let held = |field: u8| {
            self.ledger(field)
                .held
                .as_ref()
                .filter(|h| h.source != Source::CallerId)
                .and_then(|h| h.value.text())
                .map(ten)
        };
        if let Some(read) = self
            .pending
            .iter()
            .find(|p| self.ty(p.field) == FieldType::Phone)
        {
            let said = ten(read.value.text()?);
            return Some(InQuestion {
                field: read.field,
                span: self
                    .read_out
                    .as_ref()
                    .filter(|r| r.field == read.field)
                    .map(|r| r.span),
                held: held(read.field),
                said,
                awaited: !read.overtaken,
            });
        }
        if let Some(read) = self.read_out.as_ref().filter(|r| r.age == 0) {
            return Some(InQuestion {
                field: read.field,
                said: read.said.clone(),
                held: held(read.field),
                span: Some(read.span),
                awaited: true,
            });
        }
        let field = self.field("callback_number")?;
        if let Some((number, _)) = &self.known_number {
            return Some(InQuestion {
                field,
                said: ten(number),
                held: held(field),
                span: None,
                awaited: true,
            });
        }
        None
    }

    /// The number held, while it is still what is talked about.
    fn number_just_given(&self, heard: &Heard, named: bool, tail: bool) -> Option<InQuestion> {
        let field = self.field("callback_number")?;
        let held = self
            .ledger(field)
            .held
            .as_ref()
            .filter(|h| h.source != Source::CallerId || tail)?;
        let recent = held
            .evidence
            .last()
            .is_some_and(|e| e.turn + 2 >= heard.segment);
        let elsewhere = self
            .asked
            .iter()
            .any(|a| a.age == 0 && self.ty(a.field) != FieldType::Phone)
            || self.question_elsewhere;
        let text = held.value.text()?.trim_start_matches("+1").to_owned();
        (named || recent && !elsewhere).then_some(InQuestion {
            field,
            said: text.clone(),
            held: Some(text),
            span: None,
            awaited: false,
        })
    }

    /// Takes the digits for a correction, if they are one.
    pub(super) fn correct_number(
        &mut self,
        heard: &mut Heard,
        sequence: &Sequence,
        denied: Option<&Sequence>,
        area: bool,
        reply: &Reply,
        p: f32,
    ) -> bool {
        let denied_now = reply.deny || reply.repair || sequence.repaired;
        let digits = sequence.digits.as_str();
        if self.digits.is_open()
            || !(1..=9).contains(&digits.len())
            || street_follows(heard, sequence)
        {
            return false;
        }
        let tail = last_digits(heard, sequence);
        // "Not the one that ends in 0188, use the one I'm calling from."
        if tail
            && heard.hits.has(Cue::ThisNumber)
            && (0..sequence.start).any(|i| heard.tokens[i].is("not"))
        {
            heard.take(sequence.start, sequence.end);
            return false;
        }
        let denies = denied_now || denied.is_some();
        // The telephone number is named, so that the digits cannot be a house's.
        let named = tail
            || area
            || heard.says(words!["digit", "digits", "phone", "callback"])
            || heard.word(sequence.start.wrapping_sub(2)) == "number"
            || self.asked_of(FieldType::Phone, 0).is_some() && digits.len() < 7;
        // "Sorry, and yours?": the digits that follow are another number's.
        let others = |field: u8| {
            !denies
                && self
                    .asked
                    .iter()
                    .any(|a| a.age == 0 && a.field != field && self.ty(a.field) == FieldType::Phone)
        };
        let Some(found) = self
            .number_in_question()
            .filter(|q| (q.awaited || named) && !others(q.field))
            .or_else(|| self.number_just_given(heard, named, tail))
        else {
            return false;
        };
        // Asked for once more, the caller begins again.
        let begins_again = !denies
            && !tail
            && !area
            && digits.len() >= 3
            && self.asked_of(FieldType::Phone, 0).is_some()
            && found.held.as_deref().is_some_and(|h| h.starts_with(digits));
        if begins_again {
            return false;
        }
        let undecided = !denies
            && (sequence.start.saturating_sub(4)..sequence.start).any(|i| heard.word(i) == "or");
        let amends = denies
            || tail
            || area
            || undecided && found.awaited
            || heard
                .hits
                .cue(Cue::Repair)
                .any(|h| h.end <= sequence.start && sequence.start - h.end <= 4);
        // The fewer digits, the fewer other words.
        let spare = if digits.len() <= 2 { 2 } else { 4 };
        let mostly_digits = heard.tokens.len() <= (sequence.end - sequence.start) + spare
            || digits.len() >= 3 && sequence.start <= 2;
        let a_time = phone::is_time(heard, sequence);
        if a_time && !tail {
            return false;
        }
        if !(amends || found.awaited && mostly_digits)
            || digits.len() == 1 && !(found.awaited && (amends || mostly_digits))
        {
            return false;
        }
        let held = found.held.as_deref();
        let fixed = match denied {
            Some(wrong) => repair::contrast(&found.said, digits, &wrong.digits)
                .or_else(|| repair::contrast(held.unwrap_or(""), digits, &wrong.digits)),
            None => None,
        };
        let prefix = area && digits.len() == 3;
        let fixed = fixed.unwrap_or_else(|| {
            let wrong = held.is_some_and(|h| h != found.said);
            if prefix {
                repair::repair(&found.said, digits, true)
            } else if !wrong && !tail && contains_group(&found.said, digits) {
                // The same digits again only underline what was said.
                found.said.clone()
            } else {
                repair::correct(&found.said, held, found.span, digits)
            }
        });
        let Some(number) = nanp(&fixed) else {
            return false;
        };
        heard.take(sequence.start, sequence.end);
        let evidence = heard.evidence(Role::States, sequence.start, sequence.end);
        let pending = self.pending.iter().any(|r| r.field == found.field);
        let disputed = pending
            || self
                .read_out
                .as_ref()
                .is_some_and(|r| r.field == found.field);
        if held == Some(fixed.as_str()) && !amends && held == Some(found.said.as_str()) {
            // "Three oh seven three, yeah": a yes with what it is a yes to.
            if heard.hits.at(Cue::Affirm, sequence.end).is_some()
                && let Some(at) = self
                    .pending
                    .iter()
                    .position(|p| p.field == found.field && p.matches)
            {
                let read = self.pending.remove(at);
                let kind = self
                    .ledger_mut(found.field)
                    .confirm(Some(read.value), vec![read.evidence, evidence]);
                self.note(found.field, kind);
            }
            return true;
        }
        self.pending.retain(|r| r.field != found.field);
        if let Some(read) = self.read_out.as_mut().filter(|r| r.field == found.field) {
            // What was read before the mistake stays read; the part in question is read again or not at all.
            let (_, end) = read.span;
            for at in end.saturating_sub(digits.len())..end {
                read.covered &= !(1u16 << at.min(15));
            }
            read.said.clone_from(&fixed);
        }
        if held == Some(fixed.as_str()) {
            // A part said again is no second statement of the whole: it only holds against the agent's version.
            self.ledger_mut(found.field).read_back(evidence);
            self.dispute(found.field, disputed);
            return true;
        }
        let claim = Claim {
            value: Value::Text(number),
            source: Source::CallerSaid,
            strength: Strength::Repair,
            inferred: false,
            p,
            raw: heard.text(sequence.start, sequence.end),
            evidence: vec![evidence],
        };
        let before = self.value(found.field).cloned();
        let rival = heard.evidence(Role::Contradicts, sequence.start, sequence.end);
        let kind = self.ledger_mut(found.field).claim(claim);
        self.note(found.field, kind);
        // "Or is it 0196?": the caller has two and cannot tell.
        if undecided && let Some(before) = before {
            let kind = self.ledger_mut(found.field).contradict(before, rival);
            self.note(found.field, kind);
        } else {
            self.dispute(found.field, disputed);
        }
        true
    }
}

/// Whether the digits are a group of the number as it is said: its end, its beginning, its middle.
fn contains_group(number: &str, digits: &str) -> bool {
    digits.len() >= 2
        && (number.ends_with(digits)
            || number.starts_with(digits)
            || digits.len() >= 3 && number.get(3..3 + digits.len()) == Some(digits))
}
