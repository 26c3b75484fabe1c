//! The extractor: turns in, changes out, fields at any time. Pure: it knows no clock, no file and no thread, and gives the same for the
//! same turns on every machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::dialogue;
use super::evidence::{Evidence, Role};
use super::field::Field;
use super::ledger::{ChangeKind, Claim, Source, Status, Strength};
use super::state::{Change, Escalation, State};
use super::turn::{Heard, Speaker, Turn};
use super::value::{FieldType, Value, nanp};
use super::vertical::{Importance, Vertical};
use super::weigh::{Candidate, Day, Party, Places};

/// What kind of words are expected next, so that the recogniser can wait longer for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Nothing in particular.
    None,
    /// Digits.
    Number,
    /// Letters.
    Spelling,
    /// A name.
    Name,
}

/// The extractor of one call.
#[derive(Debug, Clone)]
pub struct Extractor {
    pub(super) state: State,
    keys: Keys,
}

/// Keys pressed on the caller's telephone, until they make a number.
#[derive(Debug, Clone, Default)]
struct Keys {
    digits: String,
    start_ms: u64,
    last_ms: u64,
}

/// Keys further apart than this belong to different numbers.
const KEY_PAUSE_MS: u64 = 8_000;

impl Extractor {
    /// A fresh extractor. Caller ID counts as an inferred callback number from the start.
    pub fn new(vertical: Arc<Vertical>, context: Context) -> Extractor {
        let caller_id = context.caller_id.clone();
        let mut extractor = Extractor {
            state: State::new(vertical, Arc::new(context)),
            keys: Keys::default(),
        };
        if let Some(number) = caller_id {
            extractor.learn_caller_id(number);
        }
        extractor
    }

    /// The provider names the caller's number, perhaps long after the call has begun: it counts as an inferred callback number where
    /// nothing is known yet, and takes nothing away that was said, keyed or set meanwhile.
    pub fn learn_caller_id(&mut self, number: String) -> Vec<Change> {
        Arc::make_mut(&mut self.state.ctx).caller_id = Some(number.clone());
        self.state.roll.touch();
        if let Some(field) = self.state.field("callback_number")
            && self.state.ledger(field).status() == Status::Missing
        {
            let claim = Claim {
                value: Value::Text(number),
                source: Source::CallerId,
                strength: Strength::Shape,
                inferred: true,
                p: 1.0,
                raw: String::new(),
                evidence: Vec::new(),
            };
            let kind = self.state.ledger_mut(field).claim(claim);
            self.state.note(field, kind);
        }
        std::mem::take(&mut self.state.changes)
    }

    /// The vertical in use.
    pub fn vertical(&self) -> &Vertical {
        &self.state.vertical
    }

    /// Hears a finished turn and says what changed.
    pub fn hear(&mut self, turn: &Turn<'_>) -> Vec<Change> {
        self.state.hear(Heard::new(turn, &self.state.vertical));
        self.state.derive();
        std::mem::take(&mut self.state.changes)
    }

    /// What would be known if the turn so far were all of it; changes nothing.
    pub fn preview(&self, turn: &Turn<'_>) -> Extractor {
        let mut ahead = self.clone();
        ahead.hear(turn);
        ahead
    }

    /// A key of the caller's telephone.
    pub fn key(&mut self, digit: char, at_ms: u64) -> Vec<Change> {
        if at_ms.saturating_sub(self.keys.last_ms) > KEY_PAUSE_MS {
            self.keys.digits.clear();
        }
        if self.keys.digits.is_empty() {
            self.keys.start_ms = at_ms;
        }
        self.keys.last_ms = at_ms;
        match digit {
            '0'..='9' => self.keys.digits.push(digit),
            _ => self.keys.digits.clear(),
        }
        if self.keys.digits.len() > 11 {
            self.keys.digits.remove(0);
        }
        let whole = if self.keys.digits.starts_with('1') {
            11
        } else {
            10
        };
        if self.keys.digits.len() == whole
            && let Some(number) = nanp(&self.keys.digits)
            && let Some(field) = self.state.field("callback_number").or_else(|| {
                self.state
                    .vertical
                    .first_of(FieldType::Phone)
                    .map(|i| i as u8)
            })
        {
            let evidence = Evidence {
                role: Role::Keyed,
                speaker: Speaker::Caller,
                turn: 0,
                word_from: 0,
                word_to: 0,
                start_ms: self.keys.start_ms,
                end_ms: at_ms,
                text: self.keys.digits.clone(),
            };
            let claim = Claim {
                value: Value::Text(number),
                source: Source::CallerSaid,
                strength: Strength::Repair,
                inferred: false,
                p: 1.0,
                raw: std::mem::take(&mut self.keys.digits),
                evidence: vec![evidence],
            };
            let kind = self.state.ledger_mut(field).claim(claim);
            self.state.note(field, kind);
            self.state.derive();
        }
        std::mem::take(&mut self.state.changes)
    }

    /// Audio of a speaker was lost: nothing that rests on it counts as confirmed.
    pub fn gap(&mut self, speaker: Speaker, start_ms: u64, end_ms: u64) -> Vec<Change> {
        for index in 0..self.state.ledgers.len() {
            if self.state.ledgers[index].gap(start_ms, end_ms, speaker) {
                self.state.note(index as u8, Some(ChangeKind::Refined));
            }
        }
        std::mem::take(&mut self.state.changes)
    }

    /// The call is over: what was left open is closed.
    pub fn finish(&mut self) -> Vec<Change> {
        self.state.finish();
        self.state.derive();
        std::mem::take(&mut self.state.changes)
    }

    /// All fields of the vertical, in declared order.
    pub fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        // A pitch or a misdialled call leaves nothing on a record, whatever was said in it.
        let excluded = self.state.excluded();
        self.state
            .vertical
            .fields
            .iter()
            .zip(&self.state.ledgers)
            .map(move |(spec, ledger)| {
                let mut field = Field::of(spec, ledger);
                if excluded && field.locked.is_none() {
                    field.exclude();
                }
                field
            })
    }

    /// The numbers of the call so far, and what was said around each.
    pub fn numbers(&self) -> Vec<Candidate> {
        self.state
            .roll
            .candidates(self.state.ctx.caller_id.as_deref())
    }

    /// The places of the call so far, and what was said around each; `None` where places belong to a story.
    pub fn places(&self) -> Option<&Places> {
        self.state.places.as_ref()
    }

    /// The people and firms that the call names so far, in the order in which they were named, each with what else is known of it; none
    /// where nobody is wanted beside the caller.
    pub fn parties(&self) -> Vec<(&Party, Vec<String>)> {
        let all = self.state.parties.iter().flat_map(|p| p.all());
        all.zip(self.state.party_facts()).collect()
    }

    /// What each of them weighs for that field against being none, in the logarithm of odds.
    pub fn party_scores(&self, field: &str) -> Vec<f32> {
        self.state.party_scores(field)
    }

    /// The days gone by that the call names so far, in the order in which they were named, each with what else is known of it; none where
    /// nobody asks on which of them it happened.
    pub fn days(&self) -> Vec<(&Day, Vec<String>)> {
        let all = self.state.days.iter().flat_map(|d| d.all());
        all.zip(self.state.day_facts()).collect()
    }

    /// What each of them weighs for the day on which it happened against being none, in the logarithm of odds.
    pub fn day_scores(&self) -> Vec<f32> {
        self.state.day_scores()
    }

    /// One field by name.
    pub fn field(&self, name: &str) -> Option<Field> {
        self.fields().find(|f| f.name == name)
    }

    /// All fields by name.
    pub fn fields_by_name(&self) -> BTreeMap<String, Field> {
        self.fields().map(|f| (f.name.clone(), f)).collect()
    }

    /// Alarms raised so far.
    pub fn escalations(&self) -> &[Escalation] {
        &self.state.escalations
    }

    /// Required fields that are not known.
    pub fn missing_required(&self) -> Vec<String> {
        self.fields()
            .filter(|f| f.required && matches!(f.status, Status::Missing))
            .map(|f| f.name)
            .collect()
    }

    /// Fields whose loss would cost work and that nobody has confirmed.
    pub fn unconfirmed_important(&self) -> Vec<String> {
        self.fields()
            .filter(|f| {
                f.importance >= Importance::Important
                    && matches!(
                        f.status,
                        Status::Heard | Status::Inferred | Status::Conflicting
                    )
            })
            .map(|f| f.name)
            .collect()
    }

    /// Fields on which the two sides disagree.
    pub fn contradictions(&self) -> Vec<String> {
        self.fields()
            .filter(|f| f.status == Status::Conflicting)
            .map(|f| f.name)
            .collect()
    }

    /// What a speaker is likely to say next.
    pub fn expects(&self, speaker: Speaker) -> Expectation {
        if speaker == Speaker::Agent {
            return Expectation::None;
        }
        if self.state.digits.is_open() || self.state.this_number_asked {
            return Expectation::Number;
        }
        let Some(asked) = self.state.asked.iter().rev().find(|a| a.age == 0) else {
            return Expectation::None;
        };
        if asked.spelling {
            return Expectation::Spelling;
        }
        match self.state.ty(asked.field) {
            FieldType::Phone | FieldType::Code | FieldType::Address | FieldType::Date => {
                Expectation::Number
            }
            FieldType::PersonName => Expectation::Name,
            FieldType::Email => Expectation::Spelling,
            _ => Expectation::None,
        }
    }

    /// Whether somebody has begun to say goodbye.
    pub fn saying_goodbye(&self) -> bool {
        self.state
            .signs
            .goodbye_ms
            .is_some_and(|at| self.state.last_end_ms.saturating_sub(at) < 15_000)
    }
}

/// Whether a turn is only a sign of listening; the call's timeline uses it.
pub fn is_backchannel(turn: &Turn<'_>, vertical: &Vertical) -> bool {
    dialogue::covered(&Heard::new(turn, vertical), super::cue::Cue::Backchannel)
}
