//! The agent's digits: a read-back of the caller's number in one breath or several, a number known already, or one of the agent's own.

use crate::fields::cue::Cue;
use crate::fields::dialogue;
use crate::fields::evidence::Role;
use crate::fields::ledger::Source;
use crate::fields::phone::repair::Echo;
use crate::fields::phone::{self, Sequence, repair};
use crate::fields::state::State;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, nanp};
use crate::fields::word_set::{WordSet, words};

use super::ReadOut;
use super::caller::street_follows;

/// Lines of the caller's: "your office, 512 ...".
const LINES: &WordSet = words![
    "office", "cell", "home", "house", "work", "mobile", "landline", "shop", "direct", "desk",
];

impl State {
    /// The agent's digits.
    pub fn agent_phones(&mut self, heard: &mut Heard) {
        self.area_asked = false;
        if heard.tokens.len() > 3 || !dialogue::covered(heard, Cue::Backchannel) {
            self.this_number_asked = false;
        }
        self.note_another(heard);
        let sequences = phone::sequences(heard);
        // "And that's area code 512?" after seven digits in breaths: they are all there is.
        let area = |s: &Sequence| s.digits.len() == 3 && !self.digits.digits.contains(&s.digits);
        if self.digits.digits.len() == 7
            && (sequences.iter().any(area)
                || heard.says(words!["area"]) && heard.says(words!["code"]))
        {
            self.leave_partial(heard);
        }
        let area = self.area_code_in_question(heard, &sequences);
        for sequence in sequences.iter().filter(|_| !area) {
            if heard
                .hits
                .before(Cue::CodeLead, sequence.start, 4)
                .is_some()
                || phone::is_quantity(heard, sequence)
            {
                continue;
            }
            self.agent_sequence(heard, sequence);
        }
        self.agent_names_the_line(heard, sequences.iter().any(|s| s.digits.len() >= 7));
        if sequences.is_empty() {
            self.age_digits(heard);
        }
    }

    fn agent_sequence(&mut self, heard: &mut Heard, sequence: &Sequence) {
        let digits = sequence.digits.as_str();
        // Digits said while the caller is still saying them are an echo.
        if self.digits.is_open() && digits.len() < 10 {
            let alone = heard.tokens.len() <= sequence.end - sequence.start + 4;
            let held = &self.digits.digits;
            let tail = held
                .len()
                .checked_sub(digits.len())
                .and_then(|at| held.get(at..));
            let near =
                tail.is_some_and(|t| strsim::osa_distance(t, digits) <= 1) && digits.len() >= 2;
            if held.contains(digits) || alone && near {
                heard.take(sequence.start, sequence.end);
                return;
            }
        }
        // The number of the call, read out.
        if let Some(number) = nanp(digits)
            && self.ctx.caller_id.as_ref() == Some(&number)
            && let Some(field) = self.field("callback_number")
            && self
                .value(field)
                .and_then(Value::text)
                .is_none_or(|v| *v == number)
        {
            heard.take(sequence.start, sequence.end);
            let evidence = heard.evidence(Role::ReadsBack, sequence.start, sequence.end);
            self.await_yes(field, Value::Text(number), true, evidence);
            return;
        }
        // "Three eight, okay, oh one three eight": the end alone, and then its group; the group is what is read.
        let again = self.echo_of(heard, sequence).is_none();
        let group = last_group(sequence).filter(|_| again);
        let sequence = group.as_ref().unwrap_or(sequence);
        if let Some((field, held, echo)) = self.echo_of(heard, sequence) {
            self.read_back_number(heard, sequence, field, &held, echo);
        } else {
            self.unheard_number(heard, sequence);
        }
    }

    /// The number held that the digits repeat, wholly, in part or nearly.
    fn echo_of(&self, heard: &Heard, sequence: &Sequence) -> Option<(u8, String, Echo)> {
        let digits = sequence.digits.as_str();
        let alone = heard.tokens.len() <= sequence.end - sequence.start + 6;
        let mut best: Option<(u32, u8, String, Echo)> = None;
        for (index, spec) in self.vertical.fields.iter().enumerate() {
            let field = index as u8;
            let Some(held) = self.ledgers[index]
                .held
                .as_ref()
                .filter(|_| spec.ty == FieldType::Phone)
            else {
                continue;
            };
            let Some(number) = held
                .value
                .text()
                .map(|t| t.trim_start_matches("+1").to_owned())
            else {
                continue;
            };
            let going = self.read_out.as_ref().filter(|r| r.field == field);
            let next = going.map_or(0, |r| r.span.1 % 10);
            let Some(echo) = repair::align(&number, digits, next) else {
                continue;
            };
            let by_id = held.source == Source::CallerId;
            let length = echo.end - echo.at;
            // Only what was said a moment ago is read back in parts or with mistakes.
            let last = held.evidence.last().map_or(0, |e| e.turn);
            let fresh = going.is_some_and(|r| r.age == 0) || last + 3 >= heard.segment;
            // A part read wrongly: right after the number, in a turn with nothing else in it.
            let dated = heard.tokens.iter().any(|t| {
                matches!(t.num, Num::Ordinal(_))
                    || t.text.ends_with("day")
                    || t.any(words![
                        "tomorrow",
                        "morning",
                        "afternoon",
                        "noon",
                        "o'clock"
                    ])
            });
            let part_wrong = !echo.exact && length < 7;
            if part_wrong && (dated || last + 1 < heard.segment) {
                continue;
            }
            let about = fresh || spec.name == "callback_number" && self.is_callers(heard, sequence);
            let sure = length >= 7 && echo.exact
                || length == 10 && about && !is_anothers(heard, sequence)
                || echo.exact
                    && length >= 4
                    && (fresh || ends(heard, sequence))
                    && !street_follows(heard, sequence)
                || fresh && alone && !street_follows(heard, sequence);
            // Another number that merely resembles the one of the call is another number.
            let short = length < 7 && !ends(heard, sequence) && !(length >= 4 && reaches(heard));
            let called = by_id && length >= 4 && echo.exact && reaches(heard);
            if !(sure || called) || by_id && (!echo.exact || short) {
                continue;
            }
            let rank = length as u32 + if echo.exact { 20 } else { 0 } + u32::from(going.is_some());
            if best.as_ref().is_none_or(|b| rank > b.0) {
                best = Some((rank, field, number, echo));
            }
        }
        best.map(|(_, field, number, echo)| (field, number, echo))
    }

    fn read_back_number(
        &mut self,
        heard: &mut Heard,
        sequence: &Sequence,
        field: u8,
        held: &str,
        echo: Echo,
    ) {
        heard.take(sequence.start, sequence.end);
        self.agent_digits.clear();
        let evidence = heard.evidence(Role::ReadsBack, sequence.start, sequence.end);
        let digits = match sequence.digits.len() {
            11 => &sequence.digits[1..],
            _ => sequence.digits.as_str(),
        };
        let mut read = self
            .read_out
            .take()
            .filter(|r| r.field == field)
            .unwrap_or_else(|| ReadOut::begin(field, held));
        read.read((echo.at, echo.end), digits);
        let whole = read.is_whole();
        let said = read.said.clone();
        self.read_out = Some(read);
        self.ledger_mut(field).read_back(evidence.clone());
        let disputed = self.ledger(field).held.as_ref().is_some_and(|h| h.disputed);
        if said != held {
            // Seven digits were given, and the agent knows the area code better.
            let completed = self.ledger(field).held.as_ref().is_some_and(|h| h.inferred)
                && said.get(3..) == held.get(3..);
            if let Some(number) = nanp(&said) {
                self.await_yes(field, Value::Text(number), completed && whole, evidence);
            }
            return;
        }
        if disputed && echo.end - echo.at >= 2 {
            let kind = self.ledger_mut(field).confirm(None, vec![evidence.clone()]);
            self.note(field, kind);
        }
        if let Some(value) = self.value(field).cloned().filter(|_| whole) {
            self.await_yes(field, value, true, evidence);
        }
    }

    /// "You want their number?" - "sure, go ahead"; "would you have their number": what the agent says next is somebody else's.
    fn referral_wanted(&self) -> bool {
        let theirs = |words: &[String], verbs: &WordSet| {
            words
                .windows(3)
                .any(|w| verbs.has(&w[0]) && w[1] == "their" && w[2].starts_with("number"))
        };
        theirs(
            &self.last_caller,
            words!["have", "got", "know", "get", "need"],
        ) || theirs(&self.last_agent, words!["want", "like", "need"])
    }

    /// A number that nobody has given: one the agent knows of the caller, or one of the agent's own.
    fn unheard_number(&mut self, heard: &mut Heard, sequence: &Sequence) {
        let digits = sequence.digits.as_str();
        let joined = if self.agent_digits.is_open() && digits.len() < 10 {
            format!("{}{digits}", self.agent_digits.digits)
        } else {
            digits.to_owned()
        };
        if let Some(number) = nanp(&joined) {
            heard.take(sequence.start, sequence.end);
            self.agent_digits.clear();
            let evidence = heard.evidence(Role::ReadsBack, sequence.start, sequence.end);
            if self.is_callers(heard, sequence)
                && let Some(field) = self.field("callback_number")
            {
                self.known_number = Some((number.clone(), evidence.clone()));
                self.await_yes(field, Value::Text(number), true, evidence);
            } else if self.agent_numbers.len() < 8 {
                self.agent_numbers.push(number);
            }
            return;
        }
        if (2..10).contains(&digits.len())
            && heard.tokens.len() <= sequence.end - sequence.start + 5
        {
            self.agent_digits.push(heard, sequence, 1.0, false);
            if self.agent_digits.digits.len() > 11 {
                self.agent_digits.clear();
            }
        }
    }

    /// Whether a number that the agent names is the caller's: it was asked for just now, or the words say so.
    fn is_callers(&self, heard: &Heard, sequence: &Sequence) -> bool {
        if reaches(heard)
            || (0..sequence.start).any(|i| heard.word(i) == "use" && i + 4 >= sequence.start)
        {
            return !(sequence.start.saturating_sub(5)..sequence.start)
                .any(|i| matches!(heard.word(i), "my" | "our" | "fax"));
        }
        if is_anothers(heard, sequence) || self.referral_wanted() {
            return false;
        }
        // "I'll read that back, 512 ...": what else would it be?
        let reads = (0..sequence.start).any(|i| {
            matches!(
                heard.word(i),
                "read" | "repeat" | "verify" | "confirm" | "say"
            ) && heard.any(i + 1, words!["that", "it", "this", "your", "the", "back"])
        });
        let asked = reads
            || self.asked_of(FieldType::Phone, 2).is_some()
            // "That number is 207 ..." announces one of somebody else's.
            || super::line::named(heard)
                .iter()
                .any(|(from, to)| !(*to == sequence.start && heard.word(*from) == "that"))
            || heard
                .tokens
                .get(sequence.end - 1)
                .is_some_and(|t| t.stop == Stop::Question);
        let named = heard.hits.has(Cue::ConfirmAsk)
            && (0..heard.tokens.len()).any(|i| {
                heard.tokens[i].any(words!["your", "you", "still"])
                    || heard.word(i) == "number"
                        && !matches!(heard.word(i.wrapping_sub(1)), "that" | "their" | "the")
            })
            || (0..heard.tokens.len()).any(|i| {
                let next = heard.word(i + 1);
                heard.word(i) == "your" && (next.starts_with("number") || LINES.has(next))
                    || matches!(heard.word(i), "still" | "best" | "callback")
                    || heard.word(i) == "on" && matches!(next, "file" | "record")
                    || i < sequence.start
                        && matches!(heard.word(i), "i" | "we" | "i've" | "we've")
                        && matches!(next, "have" | "got" | "show" | "see")
            });
        asked || named
    }

    /// "Is that a five oh three number?", "area code?": about the part of a number that the caller left out.
    fn area_code_in_question(&mut self, heard: &Heard, sequences: &[Sequence]) -> bool {
        let Some(field) = self.field("callback_number") else {
            return false;
        };
        let Some(held) = self
            .ledger(field)
            .held
            .as_ref()
            .filter(|h| h.inferred && h.source == Source::CallerSaid)
            .and_then(|h| h.value.text())
            .map(|t| t.trim_start_matches("+1").to_owned())
        else {
            return false;
        };
        let named = heard
            .tokens
            .windows(2)
            .any(|w| w[0].is("area") && w[1].is("code"));
        match sequences {
            [area] if area.digits.len() == 3 => {
                let evidence = heard.evidence(Role::ReadsBack, area.start, area.end);
                let mut read = ReadOut::begin(field, &held);
                read.read((0, 3), &area.digits);
                let number = nanp(&read.said);
                self.read_out = Some(read);
                self.area_asked = true;
                if let Some(number) = number {
                    self.await_yes(field, Value::Text(number), true, evidence);
                }
                true
            }
            _ => {
                self.area_asked = named && sequences.is_empty();
                false
            }
        }
    }

    /// The other side's turn without digits: listening keeps an unfinished number open, a new subject ends it.
    fn age_digits(&mut self, heard: &Heard) {
        if !self.digits.is_open() {
            return;
        }
        if dialogue::covered(heard, Cue::Backchannel) || heard.tokens.len() <= 3 {
            return;
        }
        self.digits.age += 1;
        let about_number = heard.says(words![
            "number", "digits", "digit", "rest", "last", "phone", "ahead", "repeat", "again",
            "missing", "time", "more",
        ]);
        let asks = |phone: bool| {
            self.asked
                .iter()
                .any(|a| a.age == 0 && (self.ty(a.field) == FieldType::Phone) == phone)
        };
        if self.digits.age >= 3 || !about_number && !asks(true) && asks(false) {
            self.leave_partial(heard);
        }
    }
}

/// "We'd call you at 503 ...": the caller's number, no matter what else is said.
fn reaches(heard: &Heard) -> bool {
    heard.tokens.windows(2).any(|w| {
        w[0].any(words!["call", "reach", "text", "contact", "get"])
            && w[1].any(words!["you", "y'all"])
            || w[0].any(words!["you're", "are"]) && w[1].any(words!["at", "on"])
    })
}

/// The last four digits, where the digits before them are their end.
fn last_group(sequence: &Sequence) -> Option<Sequence> {
    let digits = sequence.digits.as_str();
    let at = digits
        .len()
        .checked_sub(4)
        .filter(|at| (2..=4).contains(at))?;
    let (head, group) = (digits.get(..at)?, digits.get(at..)?);
    group.ends_with(head).then(|| Sequence {
        digits: group.to_owned(),
        ..sequence.clone()
    })
}

/// A number that belongs to the business or to somebody else, or that the caller is told to dial.
fn is_anothers(heard: &Heard, sequence: &Sequence) -> bool {
    let theirs = heard.says(words![
        "our",
        "my",
        "their",
        "his",
        "her",
        "fax",
        "company's",
        "us",
        "him",
        "them",
    ]) || heard.hits.before(Cue::Other, sequence.start, 5).is_some()
        && !heard.says(words!["your", "still"]);
    // "You can call 503 ...", "dial 503 ...": told what to dial.
    let told = (sequence.start.saturating_sub(3)..sequence.start).any(|i| {
        matches!(heard.word(i), "dial" | "call") && !heard.any(i + 1, words!["you", "your"])
    });
    theirs || told
}

/// "Ending in", "the last four": the end of a number is meant.
fn ends(heard: &Heard, sequence: &Sequence) -> bool {
    heard
        .hits
        .before(Cue::LastDigits, sequence.start, 3)
        .is_some()
        || heard.hits.at(Cue::LastDigits, sequence.end).is_some()
        // "Is the oh one one one number good?", "number ending triple one"
        || sequence.digits.len() == 4
            && (heard.word(sequence.end) == "number" || heard.word(sequence.end) == "one")
}
