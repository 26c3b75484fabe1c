//! Telephone numbers: whose they are, in how many breaths they were said, and what a read-back makes of them.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::{Evidence, Role, word_probability};
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::phone::{self, Echo, Owner, Sequence};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, nanp};

impl State {
    /// The caller's digits.
    pub fn caller_phones(&mut self, heard: &mut Heard, reply: &Reply) {
        if self.field("callback_number").is_none()
            && self.vertical.first_of(FieldType::Phone).is_none()
        {
            return;
        }
        let sequences = phone::sequences(heard);
        let mut spoke_digits = false;
        for sequence in &sequences {
            spoke_digits |= self.caller_digits(heard, sequence, reply);
        }
        if !spoke_digits {
            self.this_number(heard, reply);
        }
    }

    /// Whether the digits were taken for a phone.
    fn caller_digits(&mut self, heard: &mut Heard, sequence: &Sequence, reply: &Reply) -> bool {
        let digits = sequence.digits.as_str();
        if digits.len() < 2 && !self.digits.is_open()
            || phone::is_quantity(heard, sequence)
            || matches!(digits, "911" | "411" | "311")
            || digits.len() < 7 && heard.hits.has(Cue::Budget)
        {
            return false;
        }
        // "... one two eight, not one eight two": what is denied is no number.
        if heard.word(sequence.start.wrapping_sub(1)) == "not" && digits.len() < 10 {
            heard.take(sequence.start, sequence.end);
            return false;
        }
        let code_before = heard
            .hits
            .before(Cue::CodeLead, sequence.start, 4)
            .is_some();
        let gate_before = heard
            .hits
            .before(Cue::GateCode, sequence.start, 4)
            .is_some();
        if code_before || gate_before && digits.len() < 10 {
            return false;
        }
        // The agent's own number, said back.
        if digits.len() >= 4 && self.agent_numbers.iter().any(|n| n.ends_with(digits)) {
            heard.take(sequence.start, sequence.end);
            return true;
        }
        let p = word_probability(&heard.tokens, sequence.start, sequence.end);
        let asked = self.asked_of(FieldType::Phone, 2).is_some();
        let from = heard
            .clause_start(sequence.start)
            .max(sequence.start.saturating_sub(6));
        let lead = heard
            .hits
            .cue(Cue::PhoneLead)
            .any(|h| h.start >= from && h.end <= sequence.start + 1);
        // The agent asked for a number of another kind: a model, a serial, a permit.
        if self.other_number_asked && !lead && !asked {
            return false;
        }
        let strength = if lead {
            Strength::Explicit
        } else if asked || self.digits.is_open() {
            Strength::Answer
        } else {
            Strength::Shape
        };
        let last_digits = heard
            .hits
            .before(Cue::LastDigits, sequence.start, 6)
            .is_some()
            || heard.hits.at(Cue::LastDigits, sequence.end).is_some();
        let area = (from..sequence.start)
            .any(|i| heard.word(i) == "area" && heard.word(i + 1) == "code")
            || (sequence.end..sequence.end + 4)
                .any(|i| heard.word(i) == "area" && heard.word(i + 1) == "code");
        if let Some(number) = nanp(digits) {
            let owner = phone::owner(heard, sequence);
            self.digits.clear();
            let evidence = vec![heard.evidence(Role::States, sequence.start, sequence.end)];
            let amended = heard
                .tokens
                .get(..sequence.start)
                .unwrap_or_default()
                .iter()
                .any(|t| {
                    t.any(&[
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
                    ])
                })
                && !heard
                    .tokens
                    .iter()
                    .any(|t| t.any(&["also", "another", "too", "second", "backup"]));
            let repair = amended
                || sequence.repaired
                || reply.repair
                || reply.deny && self.pending_phone().is_some();
            self.commit_phone(
                heard,
                owner,
                number,
                if repair { Strength::Repair } else { strength },
                false,
                evidence,
                heard.text(sequence.start, sequence.end),
                p,
            );
            self.note_extension(heard, sequence);
            heard.take(sequence.start, sequence.end);
            return true;
        }
        // A part of a number already held, corrected: "no, 0138", "the last four are 2266", "the area code is 737".
        let correcting = reply.deny
            || reply.repair
            || sequence.repaired
            || last_digits
            || heard
                .hits
                .cue(Cue::Repair)
                .any(|h| h.end <= sequence.start && sequence.start - h.end <= 4);
        if !self.digits.is_open()
            && (2..=7).contains(&digits.len())
            && let Some((field, base, awaited)) =
                self.phone_to_correct(asked || last_digits || area)
            && (correcting || area || awaited && (heard.tokens.len() <= digits.len() + 4))
        {
            let base = base.trim_start_matches("+1").to_owned();
            // The same digits again only underline what was said.
            let fixed = if phone::echo(&base, digits) == Echo::Part && !awaited {
                base.clone()
            } else {
                phone::repair(&base, digits, area && digits.len() == 3)
            };
            if let Some(number) = nanp(&fixed) {
                let claim = Claim {
                    value: Value::Text(number),
                    source: Source::CallerSaid,
                    strength: Strength::Repair,
                    inferred: false,
                    p,
                    raw: heard.text(sequence.start, sequence.end),
                    evidence: vec![heard.evidence(Role::States, sequence.start, sequence.end)],
                };
                let disputed = awaited && self.pending.iter().any(|r| r.field == field);
                self.pending.retain(|r| r.field != field);
                let kind = self.ledger_mut(field).claim(claim);
                self.note(field, kind);
                self.dispute(field, disputed);
                heard.take(sequence.start, sequence.end);
                return true;
            }
        }
        let own_area = self.ctx.area_code().map(str::to_owned);
        let local = digits.len() == 7
            && digits.as_bytes()[0] >= b'2'
            && own_area.as_deref() != digits.get(..3)
            && !self.digits.is_open();
        if local
            && (asked || lead)
            && let Some(number) = own_area
                .as_ref()
                .and_then(|a| nanp(&format!("{a}{digits}")))
        {
            let owner = phone::owner(heard, sequence);
            let evidence = vec![heard.evidence(Role::States, sequence.start, sequence.end)];
            self.commit_phone(
                heard,
                owner,
                number,
                strength,
                true,
                evidence,
                heard.text(sequence.start, sequence.end),
                p,
            );
            heard.take(sequence.start, sequence.end);
            return true;
        }
        // A breath of a longer number.
        let alone = heard.tokens.len() <= (sequence.end - sequence.start) + 4;
        if !(self.digits.is_open() && alone
            || (asked || lead) && (digits.len() >= 3 || alone && digits.len() >= 2))
            || digits.len() > 9 && !self.digits.is_open()
        {
            return false;
        }
        if !self.digits.is_open() {
            // "two fourteen barton hills drive" answers another question; a house number with a street is no phone.
            if self.address_follows(heard, sequence) {
                return false;
            }
            self.digits.owner = phone::owner(heard, sequence);
        }
        let repair = reply.deny
            || reply.repair
            || heard.hits.before(Cue::Repair, sequence.start, 2).is_some();
        let restart = self.digits.is_open()
            && digits.len() >= 3
            && self.digits.digits.starts_with(digits)
            && self.digits.digits.len() > digits.len();
        if restart {
            let owner = self.digits.owner;
            self.digits.clear();
            self.digits.owner = owner;
        }
        self.digits
            .push(heard, sequence, p, repair && self.digits.is_open());
        heard.take(sequence.start, sequence.end);
        if let Some(number) = nanp(&self.digits.digits) {
            let buffer = std::mem::take(&mut self.digits);
            self.commit_phone(
                heard,
                buffer.owner,
                number,
                Strength::Answer,
                false,
                buffer.evidence,
                buffer.raw,
                buffer.p,
            );
        } else if self.digits.digits.len() > 11 {
            self.digits.clear();
        }
        true
    }

    fn address_follows(&self, heard: &Heard, sequence: &Sequence) -> bool {
        (sequence.end..heard.tokens.len().min(sequence.end + 4)).any(|i| {
            crate::fields::gazetteer::tables()
                .suffix(heard.word(i))
                .is_some()
        })
    }

    fn pending_phone(&self) -> Option<(u8, String)> {
        self.pending
            .iter()
            .find(|p| self.ty(p.field) == FieldType::Phone)
            .and_then(|p| p.value.text().map(|t| (p.field, t.to_owned())))
    }

    /// The number that a few corrected digits belong to: the one just read back, else one the agent named, else the one held.
    fn phone_to_correct(&self, in_question: bool) -> Option<(u8, String, bool)> {
        if let Some((field, value)) = self.pending_phone() {
            return Some((field, value, true));
        }
        let field = self.field("callback_number")?;
        if let Some((number, _)) = &self.known_number {
            return Some((field, number.clone(), true));
        }
        let held = self.value(field)?.text()?.to_owned();
        let fresh = self
            .ledger(field)
            .held
            .as_ref()
            .is_some_and(|h| h.source != Source::CallerId);
        {
            let recent = self
                .ledger(field)
                .held
                .as_ref()
                .and_then(|h| h.evidence.last())
                .is_some_and(|e| e.turn + 3 >= self.signs.heard);
            let elsewhere = self
                .asked
                .iter()
                .any(|a| a.age == 0 && self.ty(a.field) != FieldType::Phone);
            fresh && (in_question || recent && !elsewhere)
        }
        .then_some((field, held, false))
    }

    #[allow(clippy::too_many_arguments)]
    fn commit_phone(
        &mut self,
        heard: &Heard,
        owner: Owner,
        number: String,
        strength: Strength,
        inferred: bool,
        evidence: Vec<Evidence>,
        raw: String,
        p: f32,
    ) {
        let asked = self.asked_of(FieldType::Phone, 1).map(|a| a.field);
        let name = match owner {
            Owner::Callback => match asked.map(|f| self.name(f).to_owned()) {
                // The question says whose number it is, unless the answer says "my".
                Some(name) if name != "callback_number" && !mine(heard) => name,
                _ => "callback_number".to_owned(),
            },
            Owner::Alternate => "alternate_number".to_owned(),
            // The number of somebody at home, given for the asking, is where to call.
            Owner::Third
                if asked.is_some_and(|f| self.name(f) == "callback_number")
                    && self
                        .field("callback_number")
                        .and_then(|f| self.ledger(f).held.as_ref())
                        .is_none_or(|h| h.source == Source::CallerId)
                    && heard.tokens.iter().any(|t| {
                        t.any(&[
                            "husband's",
                            "wife's",
                            "husband",
                            "wife",
                            "daughter's",
                            "son's",
                            "daughter",
                            "son",
                            "mom's",
                            "dad's",
                            "roommate's",
                            "partner's",
                            "boyfriend's",
                            "girlfriend's",
                        ])
                    }) =>
            {
                "callback_number".to_owned()
            }
            Owner::Third => "third_party_number".to_owned(),
        };
        let Some(mut field) = self
            .field(&name)
            .or_else(|| {
                self.field("callback_number")
                    .filter(|_| owner == Owner::Callback)
            })
            .or_else(|| {
                self.vertical
                    .first_of(FieldType::Phone)
                    .map(|i| i as u8)
                    .filter(|_| owner == Owner::Callback)
            })
        else {
            return;
        };
        let value = Value::Text(number);
        // A second number of the caller's own that corrects nothing is another number, not a better one.
        if name == "callback_number"
            && strength < Strength::Repair
            && let Some(held) = self.ledger(field).held.as_ref()
            && held.value != value
            && !held.inferred
            && held.source == Source::CallerSaid
            && !heard.hits.has(Cue::Prefer)
            && !self.was_asked(field, 0)
            && let Some(other) = self.field("alternate_number")
        {
            field = other;
        }
        // A number that an agent's read-back got wrong and the caller now says again in full.
        let disputed = self.pending.iter().any(|r| r.field == field && !r.matches)
            || strength == Strength::Repair && self.pending.iter().any(|r| r.field == field);
        self.pending.retain(|r| r.field != field);
        let strength = if self.value(field).is_some_and(|v| *v != value) && self.was_asked(field, 1)
        {
            strength.max(Strength::Explicit)
        } else {
            strength
        };
        let kind = self.ledger_mut(field).claim(Claim {
            value,
            source: Source::CallerSaid,
            strength,
            inferred,
            p,
            raw,
            evidence,
        });
        self.note(field, kind);
        self.dispute(field, disputed);
    }

    /// "This number", "the one I'm calling from".
    fn this_number(&mut self, heard: &Heard, reply: &Reply) {
        let Some(field) = self.field("callback_number") else {
            return;
        };
        let asked = self.asked_of(FieldType::Phone, 2).is_some() || self.this_number_asked;
        let said = heard
            .hits
            .cue(Cue::ThisNumber)
            .filter(|h| !self.number_is_denied(heard, h.start, h.end))
            .map(|h| (h.start, h.end))
            .max_by_key(|h| h.1 - h.0);
        let wished = heard.tokens.iter().any(|t| {
            t.any(&[
                "call", "reach", "use", "best", "good", "fine", "works", "contact", "text", "back",
                "okay", "great", "yes", "yeah", "sure", "this", "just",
            ])
        });
        let explicit = said
            .is_some_and(|(s, e)| e - s >= 3 && wished || asked || heard.hits.has(Cue::PhoneLead));
        let agreed = self.this_number_asked
            && (reply.affirm || reply.accept)
            && !reply.deny
            && heard
                .hits
                .cue(Cue::Repair)
                .next()
                .is_none_or(|_| said.is_some());
        if !(said.is_some() && explicit && !reply.deny || agreed) {
            return;
        }
        let Some(number) = self.ctx.caller_id.clone() else {
            return;
        };
        let (from, to) = said.unwrap_or((0, heard.tokens.len()));
        let evidence = vec![heard.evidence(Role::Confirms, from, to)];
        if self
            .ledger(field)
            .held
            .as_ref()
            .is_some_and(|h| h.source == Source::CallerSaid && h.value.text() != Some(&number))
            && !asked
        {
            return;
        }
        let kind = self
            .ledger_mut(field)
            .confirm(Some(Value::Text(number)), evidence);
        if let Some(held) = self.ledger_mut(field).held.as_mut() {
            held.source = Source::CallerSaid;
        }
        self.note(field, kind);
        self.this_number_asked = false;
        self.asked.retain(|a| a.field != field);
    }

    fn number_is_denied(&self, heard: &Heard, start: usize, end: usize) -> bool {
        let from = heard.clause_start(start).max(start.saturating_sub(5));
        let not = (from..start)
            .any(|i| heard.tokens[i].any(&["not", "isn't", "don't", "can't", "never", "isnt"]));
        let after = heard.word(end);
        // "The number I'm calling from is my husband's": somebody else's.
        let others = (end..heard.tokens.len().min(end + 4)).any(|i| {
            heard.tokens[i].any(&[
                "husband's",
                "wife's",
                "friend's",
                "neighbor's",
                "work",
                "office",
                "mom's",
                "dad's",
                "borrowed",
                "somebody's",
                "someone's",
                "coworker's",
                "boss's",
                "daughter's",
                "son's",
                "hotel",
                "payphone",
            ])
        });
        if others && matches!(after, "is" | "belongs" | "it's" | "was" | "isn't") {
            return true;
        }
        not || matches!(after, "isn't" | "won't" | "doesn't" | "isnt")
            || after == "is" && heard.word(end + 1) == "not"
    }

    fn note_extension(&mut self, heard: &Heard, sequence: &Sequence) {
        if let Some(extension) = &sequence.extension {
            self.add_note(
                heard,
                (sequence.start, sequence.end),
                format!("extension {extension}"),
            );
        }
    }

    /// The agent's digits: a read-back, a number known already, or a number of the agent's own.
    pub fn agent_phones(&mut self, heard: &mut Heard) {
        let sequences = phone::sequences(heard);
        let mut spoke = false;
        for sequence in &sequences {
            if heard
                .hits
                .before(Cue::CodeLead, sequence.start, 4)
                .is_some()
                || phone::is_quantity(heard, sequence)
            {
                continue;
            }
            spoke |= self.agent_sequence(heard, sequence);
        }
        let ours = heard
            .tokens
            .iter()
            .any(|t| t.any(&["us", "our", "my", "me"]));
        let question = !ours
            && heard.hits.has(Cue::ThisNumber)
            && !heard
                .hits
                .cue(Cue::ThisNumber)
                .all(|h| self.number_is_denied(heard, h.start, h.end));
        if question {
            self.this_number_asked = true;
        }
        if let Some(known) = self.ending_in(heard) {
            let field = self.field("callback_number");
            if let Some(field) = field {
                self.await_yes(
                    field,
                    Value::Text(known),
                    true,
                    heard.whole(Role::ReadsBack),
                );
            }
        }
        if !spoke && !sequences.is_empty() {
            return;
        }
        if sequences.is_empty() {
            self.age_digits(heard);
        }
    }

    fn agent_sequence(&mut self, heard: &mut Heard, sequence: &Sequence) -> bool {
        let digits = sequence.digits.as_str();
        // Digits said while the caller is still saying them are an echo.
        if self.digits.is_open() {
            let echo = digits.len() >= 2
                && (self.digits.digits.ends_with(digits)
                    || self.digits.digits.starts_with(digits)
                    || self.digits.digits.contains(digits));
            if echo {
                heard.take(sequence.start, sequence.end);
                return true;
            }
        }
        let joined = if self.agent_digits.is_open() && digits.len() < 10 {
            format!("{}{digits}", self.agent_digits.digits)
        } else {
            digits.to_owned()
        };
        let mut best: Option<(u8, String, Echo)> = None;
        for (index, spec) in self.vertical.fields.iter().enumerate() {
            if spec.ty != FieldType::Phone {
                continue;
            }
            let Some(held) = self.ledgers[index].value().and_then(Value::text) else {
                continue;
            };
            let bare = held.trim_start_matches("+1");
            for said in [digits, joined.as_str()] {
                let echo = phone::echo(bare, said);
                let by_id = self.ledgers[index]
                    .held
                    .as_ref()
                    .is_some_and(|h| h.source == Source::CallerId);
                if by_id && echo == Echo::Wrong {
                    continue;
                }
                let rank = |e: Echo| match e {
                    Echo::Whole => 3,
                    Echo::Part => 2,
                    Echo::Wrong => 1,
                    Echo::Other => 0,
                };
                if best.as_ref().is_none_or(|(_, _, b)| rank(echo) > rank(*b)) {
                    best = Some((index as u8, said.to_owned(), echo));
                }
            }
        }
        let evidence = heard.evidence(Role::ReadsBack, sequence.start, sequence.end);
        match best {
            Some((field, said, echo @ (Echo::Whole | Echo::Part))) => {
                let caller_id_only = self
                    .ledger(field)
                    .held
                    .as_ref()
                    .is_some_and(|h| h.source == Source::CallerId);
                if echo == Echo::Part && (said.len() < 4 || caller_id_only && said.len() < 7) {
                    // A group repeated in passing; collected, for the whole may follow in the next breath.
                    self.agent_digits.push(heard, sequence, 1.0, false);
                    return true;
                }
                heard.take(sequence.start, sequence.end);
                self.ledger_mut(field).read_back(evidence.clone());
                let value = self.value(field).cloned();
                let repeated_repair = self.ledger(field).held.as_ref().is_some_and(|h| h.disputed);
                if repeated_repair {
                    let kind = self.ledger_mut(field).confirm(None, vec![evidence.clone()]);
                    self.note(field, kind);
                }
                if let Some(value) = value {
                    self.await_yes(field, value, true, evidence);
                }
                self.agent_digits.clear();
                true
            }
            Some((field, said, Echo::Wrong)) => {
                heard.take(sequence.start, sequence.end);
                let held = self
                    .value(field)
                    .and_then(Value::text)
                    .unwrap_or_default()
                    .trim_start_matches("+1")
                    .to_owned();
                let whole = if said.len() >= 10 {
                    said
                } else {
                    phone::repair(&held, &said, false)
                };
                if let Some(number) = nanp(&whole) {
                    self.await_yes(field, Value::Text(number), false, evidence);
                }
                self.agent_digits.clear();
                true
            }
            _ => {
                if let Some(number) = nanp(&joined) {
                    heard.take(sequence.start, sequence.end);
                    self.agent_digits.clear();
                    let about_caller = heard.hits.has(Cue::ConfirmAsk)
                        && heard
                            .tokens
                            .iter()
                            .any(|t| t.any(&["your", "you", "still", "number"]))
                        || (0..sequence.start).any(|i| {
                            heard.word(i) == "your" && heard.word(i + 1).starts_with("number")
                                || matches!(heard.word(i), "still" | "best" | "callback")
                        });
                    let own =
                        heard.tokens.iter().any(|t| {
                            t.any(&["our", "my", "their", "his", "her", "fax", "company's"])
                        }) || heard.hits.before(Cue::Other, sequence.start, 5).is_some()
                            && !heard.tokens.iter().any(|t| t.any(&["your", "still"]));
                    if about_caller
                        && !own
                        && let Some(field) = self.field("callback_number")
                    {
                        self.known_number = Some((number.clone(), evidence.clone()));
                        self.await_yes(field, Value::Text(number), true, evidence);
                    } else if self.agent_numbers.len() < 8 {
                        self.agent_numbers.push(number);
                    }
                    return true;
                }
                if digits.len() >= 2
                    && digits.len() < 10
                    && heard.tokens.len() <= sequence.end - sequence.start + 5
                {
                    self.agent_digits.push(heard, sequence, 1.0, false);
                    if self.agent_digits.digits.len() > 11 {
                        self.agent_digits.clear();
                    }
                    return true;
                }
                false
            }
        }
    }

    /// "The one ending 8812": the number known that ends so.
    fn ending_in(&self, heard: &Heard) -> Option<String> {
        let hit = heard.hits.cue(Cue::LastDigits).find(|h| {
            heard.tokens[h.start..h.end]
                .iter()
                .any(|t| t.any(&["ending", "ends", "end", "ending"]))
        })?;
        let run = heard
            .runs
            .iter()
            .find(|r| r.start >= hit.end && r.start <= hit.end + 2)?;
        let digits = run.digits();
        if digits.len() < 2 {
            return None;
        }
        let held = self
            .field("callback_number")
            .and_then(|f| self.value(f))
            .and_then(Value::text)
            .map(str::to_owned);
        [held, self.ctx.caller_id.clone()]
            .into_iter()
            .flatten()
            .find(|n| n.ends_with(digits))
    }

    /// The other side's turn without digits: listening keeps an unfinished number open, a new subject ends it.
    fn age_digits(&mut self, heard: &Heard) {
        if !self.digits.is_open() {
            return;
        }
        if crate::fields::dialogue::covered(heard, Cue::Backchannel) || heard.tokens.len() <= 3 {
            return;
        }
        self.digits.age += 1;
        let about_number = heard.tokens.iter().any(|t| {
            t.any(&[
                "number", "digits", "rest", "last", "phone", "ahead", "repeat", "again",
            ])
        });
        if self.digits.age >= 3
            || !about_number
                && self.digits.age >= 1
                && !self
                    .asked
                    .iter()
                    .any(|a| a.age == 0 && self.ty(a.field) == FieldType::Phone)
                && self.asked.iter().any(|a| a.age == 0)
        {
            self.leave_partial(heard);
        }
    }
}

/// The answer claims the number: "my cell is".
fn mine(heard: &Heard) -> bool {
    heard.tokens.iter().any(|t| t.any(&["my", "mine", "me"]))
}
