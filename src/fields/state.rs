//! What the extractor remembers between turns: one ledger a field and the little dialogue state. Its size does not grow with the call.

use std::sync::Arc;

use jiff::civil::DateTime;

use super::address::AddressMention;
use super::agenda::Agenda;
use super::capture::learned::Learned;
use super::context::Context;
use super::dialogue::{Asked, ReadBack};
use super::evidence::{Evidence, Role, word_probability};
use super::ledger::{ChangeKind, Claim, Ledger, Source, Strength};
use super::outcome::CallSigns;
use super::phone::DigitBuffer;
use super::turn::{Heard, Speaker};
use super::value::{FieldType, Value};
use super::vertical::Vertical;
use super::weigh::{DaysGone, Parties, Places, Roll, Uses};

/// A field changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Change {
    /// Its name.
    pub field: String,
    /// How.
    pub kind: ChangeKind,
}

/// An alarm raised.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Escalation {
    /// The vertical's name for it.
    pub trigger: String,
    /// `critical`, `high` ...
    pub severity: String,
    /// What the agent should say.
    pub say: String,
    /// When, ms in the call.
    pub at_ms: u64,
    /// The words that raised it.
    pub evidence: Vec<Evidence>,
}

/// The state.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub vertical: Arc<Vertical>,
    pub ctx: Arc<Context>,
    /// When the call began, on the business's clock.
    pub began: DateTime,
    pub ledgers: Vec<Ledger>,
    pub asked: Vec<Asked>,
    pub pending: Vec<ReadBack>,
    pub digits: DigitBuffer,
    pub agent_digits: DigitBuffer,
    pub agent_name: Option<String>,
    pub agenda: Agenda,
    pub signs: CallSigns,
    /// Where the business is, as the agent said.
    pub agent_places: Vec<super::value::Address>,
    /// The town that the agent's question for a place named.
    pub town_asked: Option<super::value::Address>,
    /// Which end of a move the homes are that were spoken of.
    pub homes: super::capture::address::Homes,
    /// What speaks for each choice of `problem_category` so far.
    pub topics: Vec<u32>,
    pub escalations: Vec<Escalation>,
    /// A number the agent knows already and named ("is it still ...").
    pub known_number: Option<(String, Evidence)>,
    /// The agent asks whether the number of the call will do.
    pub this_number_asked: bool,
    /// The agent's last question was about somebody who is neither side of the call.
    pub another_in_talk: bool,
    /// The agent's last question was for a number that is no phone and no field.
    pub other_number_asked: bool,
    /// The agent asks for the area code of a number given without.
    pub area_asked: bool,
    /// The agent's last turn went on to a question about something else than what it read back.
    pub question_elsewhere: bool,
    /// How far the agent's read-back of a number has got.
    pub read_out: Option<super::capture::phone::ReadOut>,
    /// Numbers the agent gave the caller: an echo of one is no capture.
    pub agent_numbers: Vec<String>,
    /// The name field that was last added to, for a spelling that follows.
    pub last_name_field: Option<u8>,
    /// Letters of a name said so far, over several turns.
    pub letters: Option<super::capture::name::Letters>,
    /// A word or two of the caller's last turn that would be a name if the agent now calls the caller by it.
    pub maybe_name: Option<super::ledger::Claim>,
    /// A house told in a story, which is the caller's place if the agent now says it back.
    pub maybe_place: Option<super::ledger::Claim>,
    /// The short numbers of the caller's last turn, and the ZIP that it came to.
    pub told: super::capture::told::Told,
    /// The name the agent has just called a caller by who has not given one.
    pub called: Option<String>,
    /// The words of the agent's last turn.
    pub last_agent: Arc<[String]>,
    /// The words of the agent's turn before this one, and of the caller's: "it" may stand for something there.
    pub last_agent_before: Arc<[String]>,
    /// The words of the caller's last turn.
    pub last_caller: Arc<[String]>,
    /// Who was last spoken of by title or office: "he" may be him.
    pub last_person: Option<String>,
    /// What was last named of what is sent, brought or signed: "it" may be that.
    pub last_paper: Option<String>,
    /// The relation of the caller's who was spoken of last, where nobody else was since.
    pub last_kin: Option<String>,
    /// What the other side was asked to do, until the answer: a yes makes it a task.
    pub offered_task: Option<(super::value::Owner, String)>,
    /// What the caller wants somebody to be told, until the agent says that it will be.
    pub message: Option<String>,
    /// The part of the name that the agent spoke of last.
    pub named_part: Option<usize>,
    /// Letters or digits of a code said so far.
    pub code_parts: Option<(u8, String, Vec<Evidence>)>,
    /// A code that the caller has announced and not said yet.
    pub code_announced: Option<u8>,
    /// The last place said by the agent, which a yes would settle.
    pub changes: Vec<Change>,
    pub last_end_ms: u64,
    /// What the caller's words, all together, say of how urgent it is.
    pub haste: Option<Learned>,
    /// Words weighed so far.
    pub weighed: usize,
    /// And of what kind of trouble it is.
    pub trouble: Option<Learned>,
    /// And of what the call came to.
    pub ending: Learned,
    /// And of whether a customer calls.
    pub caller: Learned,
    /// And of the caller's name.
    pub naming: super::capture::name::Naming,
    /// The numbers of the call and what was said around each.
    pub roll: Roll,
    /// What they are for by those words; `None` where there is nothing to choose.
    pub uses: Option<Uses>,
    /// The places of the call and what was said around each; `None` where none is wanted but in a story.
    pub places: Option<Places>,
    /// The people and firms that the call names; `None` where nobody is wanted beside the caller.
    pub parties: Option<Parties>,
    /// The days gone by that the call names; `None` where nobody asks on which it happened.
    pub days: Option<DaysGone>,
    /// Who is the patient, as far as the talk has shown.
    pub patient: super::capture::name::Patient,
    /// When the caller would be called.
    pub call_time: super::capture::time::CallTime,
    /// The addresses found in the turn that is being heard.
    pub mentioned: Vec<AddressMention>,
}

impl State {
    /// The last turn of the other side, and the speaker's own before this one.
    pub fn turns_before(&self, speaker: Speaker) -> (Arc<[String]>, Arc<[String]>) {
        let (agent, caller) = (self.last_agent.clone(), self.last_caller.clone());
        match speaker {
            Speaker::Caller => (agent, caller),
            Speaker::Agent => (caller, agent),
        }
    }

    pub fn new(vertical: Arc<Vertical>, ctx: Arc<Context>) -> State {
        let ledgers = vertical.fields.iter().map(|f| Ledger::new(f.ty)).collect();
        State {
            haste: Learned::urgency(&vertical),
            trouble: Learned::category(&vertical),
            ending: Learned::ending(),
            caller: Learned::caller(),
            roll: Roll::default(),
            uses: None,
            places: super::capture::address::places_of(&vertical),
            parties: super::capture::party::parties_of(&vertical),
            days: super::capture::date::days_of(&vertical, ctx.now().date()),
            patient: Default::default(),
            call_time: Default::default(),
            mentioned: Vec::new(),
            vertical,
            began: ctx.now().datetime(),
            ctx,
            ledgers,
            asked: Vec::new(),
            pending: Vec::new(),
            digits: DigitBuffer::default(),
            agent_digits: DigitBuffer::default(),
            agent_name: None,
            agenda: Agenda::default(),
            weighed: 0,
            naming: super::capture::name::Naming::new(),
            signs: CallSigns::default(),
            agent_places: Vec::new(),
            town_asked: None,
            homes: Default::default(),
            topics: Vec::new(),
            escalations: Vec::new(),
            known_number: None,
            this_number_asked: false,
            another_in_talk: false,
            other_number_asked: false,
            area_asked: false,
            question_elsewhere: false,
            read_out: None,
            agent_numbers: Vec::new(),
            last_name_field: None,
            letters: None,
            maybe_name: None,
            maybe_place: None,
            told: super::capture::told::Told::default(),
            called: None,
            last_agent: Arc::default(),
            last_agent_before: Arc::default(),
            last_caller: Arc::default(),
            last_person: None,
            last_paper: None,
            last_kin: None,
            offered_task: None,
            message: None,
            named_part: None,
            code_parts: None,
            code_announced: None,
            changes: Vec::new(),
            last_end_ms: 0,
        }
    }

    /// The index of a field of that name, if the vertical has it.
    pub fn field(&self, name: &str) -> Option<u8> {
        self.vertical.index(name).map(|i| i as u8)
    }

    pub fn ty(&self, field: u8) -> FieldType {
        self.vertical.fields[usize::from(field)].ty
    }

    pub fn name(&self, field: u8) -> &str {
        &self.vertical.fields[usize::from(field)].name
    }

    pub fn ledger(&self, field: u8) -> &Ledger {
        &self.ledgers[usize::from(field)]
    }

    pub fn ledger_mut(&mut self, field: u8) -> &mut Ledger {
        &mut self.ledgers[usize::from(field)]
    }

    pub fn value(&self, field: u8) -> Option<&Value> {
        self.ledger(field).value()
    }

    pub fn held_text(&self, name: &str) -> Option<String> {
        let field = self.field(name)?;
        self.value(field)?.text().map(str::to_owned)
    }

    /// Notes a change under its field.
    pub fn note(&mut self, field: u8, kind: Option<ChangeKind>) {
        if let Some(kind) = kind {
            let field = self.name(field).to_owned();
            match self.changes.iter_mut().find(|c| c.field == field) {
                Some(change) => change.kind = change.kind.max(kind),
                None => self.changes.push(Change { field, kind }),
            }
        }
    }

    /// A claim of the caller's from a span of the turn.
    pub fn claim(
        &mut self,
        field: u8,
        heard: &Heard,
        span: (usize, usize),
        role: Role,
        value: Value,
        strength: Strength,
    ) {
        self.claim_with(
            field,
            heard,
            span,
            role,
            value,
            strength,
            Source::CallerSaid,
            false,
        );
    }

    #[allow(clippy::too_many_arguments)]
    pub fn claim_with(
        &mut self,
        field: u8,
        heard: &Heard,
        span: (usize, usize),
        role: Role,
        value: Value,
        strength: Strength,
        source: Source,
        inferred: bool,
    ) {
        let claim = Claim {
            value,
            source,
            strength,
            inferred,
            p: word_probability(&heard.tokens, span.0, span.1),
            raw: heard.text(span.0, span.1),
            evidence: vec![heard.evidence(role, span.0, span.1)],
        };
        let kind = self.ledger_mut(field).claim(claim);
        self.note(field, kind);
    }

    /// Whether the field was asked for no longer ago than `age` of the caller's turns.
    pub fn was_asked(&self, field: u8, age: u8) -> bool {
        self.asked.iter().any(|a| a.field == field && a.age <= age)
    }

    /// The most recently asked field of a type.
    pub fn asked_of(&self, ty: FieldType, age: u8) -> Option<&Asked> {
        self.asked
            .iter()
            .rev()
            .find(|a| a.age <= age && self.ty(a.field) == ty)
    }

    /// Awaits a yes to a value the agent said.
    pub fn await_yes(&mut self, field: u8, value: Value, matches: bool, evidence: Evidence) {
        self.pending.retain(|p| p.field != field);
        self.pending.push(ReadBack {
            field,
            value,
            matches,
            overtaken: false,
            evidence,
            age: 0,
        });
    }

    /// Marks that the value held came out of a denied read-back.
    pub fn dispute(&mut self, field: u8, disputed: bool) {
        if disputed && let Some(held) = self.ledger_mut(field).held.as_mut() {
            held.disputed = true;
        }
    }
}
