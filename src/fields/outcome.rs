//! What the call came to: one standard outcome, and what comes next.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::ledger::{Claim, Source, Strength};
use super::value::{FieldType, Value};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// The business outcome of a call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $variant),+ }

        impl Code {
            /// All of them.
            pub const ALL: [Code; 12] = [$(Code::$variant),+];

            /// The name in records.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name),+ }
            }
        }
    };
}

codes! {
    /// A visit, an appointment, a move is agreed, or somebody is on the way.
    Booked = "booked",
    /// The business owes a call.
    CallbackNeeded = "callback_needed",
    /// A message or request was passed on.
    MessageTaken = "message_taken",
    /// A person with more say, or the emergency services, was brought in.
    Escalated = "escalated",
    /// Put through.
    Transferred = "transferred",
    /// A question was answered.
    InformationGiven = "information_given",
    /// Out of area or scope.
    NotServed = "not_served",
    /// The caller left before the end.
    Abandoned = "abandoned",
    /// A pitch or a robot.
    Spam = "spam",
    /// Somebody else was meant.
    WrongNumber = "wrong_number",
    /// A machine took a message.
    Voicemail = "voicemail",
    /// Nothing above.
    Unclassified = "unclassified",
}

/// The outcome with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The standard code.
    pub code: Code,
    /// The vertical's own name for it, where it has one.
    pub local: Option<String>,
    /// How sure, 0..=1.
    pub confidence: f64,
    /// The words it rests on.
    pub evidence: Vec<Evidence>,
}

/// A sign of where the call is going: how often it was seen, when last, in which words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sign {
    /// How often.
    pub count: u8,
    /// Number of the turn that showed it last, counted over both speakers.
    pub turn: u32,
    /// The words.
    pub evidence: Option<Evidence>,
}

impl Sign {
    /// Seen again.
    pub fn see(&mut self, turn: u32, evidence: Evidence) {
        self.count = self.count.saturating_add(1);
        self.turn = turn;
        self.evidence = Some(evidence);
    }

    /// Seen at all.
    pub fn seen(&self) -> bool {
        self.count > 0
    }
}

/// Signs seen so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallSigns {
    /// When the last goodbye was said.
    pub goodbye_ms: Option<u64>,
    /// Turns heard with words in them, of the caller and of the agent.
    pub turns: [u32; 2],
    /// Somebody is sent.
    pub dispatch: Sign,
    /// Told to call the emergency services.
    pub call_911: Sign,
    /// Somebody with more say is brought in.
    pub escalate: Sign,
    /// Put through.
    pub transfer: Sign,
    /// A call is owed.
    pub call_back: Sign,
    /// The caller's last turn asked who this is.
    pub is_this_asked: bool,
    /// The agent's last turn asked whether somebody may call.
    pub call_offered: bool,
    /// The agent's last turn asked whether to put the caller through.
    pub transfer_offered: bool,
    /// The caller wants somebody to call.
    pub call_wanted: Sign,
    /// Somebody outside the business will call.
    pub other_calls: Sign,
    /// The agent named a price.
    pub priced: Sign,
    /// The agent's last turn asked something that has no answer yet.
    pub asked_last: bool,
    /// The caller says that it is no emergency.
    pub no_emergency: Sign,
    /// How urgent the caller's words made it, as a rank; facts may raise that, and fall back to it.
    pub told_urgency: Option<usize>,
    /// The caller is told to get out of danger.
    pub alarmed: Sign,
    /// What is wrong is seen to at once.
    pub hurried: Sign,
    /// The caller got it under control for now.
    pub contained: Sign,
    /// States of the cities a move is said to go from and to.
    pub moves: [Option<&'static str>; 2],
    /// A call will decide what was spoken of.
    pub call_decides: Sign,
    /// The agent says that a visit is on the books.
    pub booked: Sign,
    /// The agent named what house the caller has reached: the caller's turn then.
    pub named_itself: Option<u32>,
    /// Somebody answered, no machine.
    pub answered: bool,
    /// The caller waits for somebody who is under way already.
    pub awaits: bool,
    /// Told to call the emergency services, should it get worse.
    pub warned: Sign,
    /// The agent said what the business cannot do.
    pub refused: Sign,
    /// The caller has to think, look or ask somebody before agreeing.
    pub thinks: Sign,
    /// The caller's last turn asked who will call.
    pub call_asked: bool,
    /// A message is passed on.
    pub message: Sign,
    /// Something will be sent.
    pub send_info: Sign,
    /// Not done here.
    pub not_served: Sign,
    /// Pitch or robot.
    pub spam: Sign,
    /// The agent turns a pitch away.
    pub turned_away: Sign,
    /// Somebody else was meant.
    pub wrong_number: Sign,
    /// The agent asked for something all the same.
    pub asked_after_wrong: bool,
    /// A machine answers.
    pub voicemail: Sign,
    /// The agent spoke of hours that are over, or of somebody on call.
    pub after_hours: bool,
    /// The caller breaks off.
    pub breaks_off: Sign,
    /// The agent calls into silence.
    pub hello: Sign,
    /// The caller asked for information.
    pub info_asked: Sign,
    /// The caller spoke last.
    pub caller_last: bool,
    /// The call is over.
    pub ended: bool,
}

impl CallSigns {
    /// Turns heard with words in them, of both sides.
    pub fn heard(&self) -> u32 {
        self.turns[0] + self.turns[1]
    }
}

/// What comes next, who owes it, until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextAction {
    /// `none`, `call_back`, `visit_scheduled`, `dispatch`, `transfer`, `send_info`, `call_911`.
    pub kind: String,
    /// In words.
    pub description: String,
    /// Department, by the vertical's routes.
    pub owner: Option<String>,
    /// By when, RFC 3339 local.
    pub deadline: Option<String>,
    /// Where it goes, by the vertical's routes.
    pub destination: Option<String>,
    /// The words it rests on.
    pub evidence: Vec<Evidence>,
}

/// Something promised in the call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Who.
    pub owner: super::value::Owner,
    /// What.
    pub text: String,
    /// The words.
    pub evidence: Vec<Evidence>,
}

impl super::state::State {
    /// The outcome by the signs, the strongest first.
    pub fn outcome_by_signs(&self) -> (Code, f64, Option<&Evidence>) {
        let s = &self.signs;
        // An appointment made before and only asked about is not made by this call.
        let stood =
            self.agenda
                .standing
                .zip(self.agenda.agreed)
                .is_some_and(|(standing, agreed)| {
                    self.agenda.standing_told
                        && !self.agenda.moving
                        && standing.day.is_some()
                        && standing.fits(&agreed)
                });
        let agreed =
            self.agenda.agreed.is_some() && self.agenda.agreed == self.agenda.current && !stood;
        // Gas, sparks, smoke: whoever is sent then, and whenever, somebody with more say than the desk was brought in.
        let danger = s.escalate.seen()
            && self.escalations.iter().any(|e| e.severity == "critical")
            && self.choice("urgency") == Some("emergency");
        let time_evidence = || {
            self.vertical
                .first_of(FieldType::TimeWindow)
                .and_then(|i| self.ledgers[i].held.as_ref())
                .and_then(|h| h.evidence.last())
        };
        let problem = self.choice("problem_category").is_some();
        if s.voicemail.seen() && !s.answered {
            return (Code::Voicemail, 0.95, s.voicemail.evidence.as_ref());
        }
        if let Some((code, evidence)) = self.no_customer(agreed, problem) {
            return (code, 0.9, evidence);
        }
        if s.call_911.seen() {
            return (Code::Escalated, 0.95, s.call_911.evidence.as_ref());
        }
        let emergency = self.choice("urgency") == Some("emergency");
        // "I'm getting the nurse on now, connecting you": brought in, not merely put through.
        let brought_in = s.escalate.seen() && emergency && s.escalate.turn >= s.transfer.turn;
        if s.transfer.seen() && s.transfer.turn + 8 > s.heard() && !brought_in {
            return (Code::Transferred, 0.9, s.transfer.evidence.as_ref());
        }
        // The agent calls into the silence after a slot nobody put on the books.
        if agreed && self.fell_silent() && !s.booked.seen() {
            return (Code::Abandoned, 0.7, s.hello.evidence.as_ref());
        }
        // "I'm sending him right now": somebody comes, whatever it took to get him.
        let sent = s.dispatch.seen() && s.dispatch.turn >= s.escalate.turn;
        if s.escalate.seen() && (!agreed || danger) && !sent {
            return (Code::Escalated, 0.8, s.escalate.evidence.as_ref());
        }
        // "Tuesday, if the part comes in; I'll call to confirm": nothing is booked yet.
        let open = s.call_decides.seen() && s.call_decides.turn > s.booked.turn;
        if agreed && open {
            return (Code::CallbackNeeded, 0.75, s.call_decides.evidence.as_ref());
        }
        // "Tomorrow, Friday. Let me ask my brother-in-law and call you back": a day without an hour, and a call to come.
        let vague = agreed && self.agenda.agreed.is_some_and(|a| a.clock.is_none());
        if vague && s.call_back.seen() && !s.booked.seen() {
            return (Code::CallbackNeeded, 0.75, s.call_back.evidence.as_ref());
        }
        if agreed {
            return (Code::Booked, 0.93, time_evidence());
        }
        // "He's about thirty minutes out", to "where's my truck?": under way before this call.
        let under_way = s.awaits
            || self
                .choice("problem_category")
                .is_some_and(crate::fields::capture::urgency::reports_back);
        if s.dispatch.seen() && !under_way {
            return (Code::Booked, 0.85, s.dispatch.evidence.as_ref());
        }
        // "We don't do the cars", after all else was answered, turns down a side question.
        let answered = s.priced.seen() && s.info_asked.seen() && s.priced.turn < s.not_served.turn;
        if s.not_served.seen() && !s.call_back.seen() && !answered {
            return (Code::NotServed, 0.85, s.not_served.evidence.as_ref());
        }
        // A refill or a referral is asked for and passed on; a call by somebody else changes nothing about that.
        let request = matches!(self.choice("problem_category"), Some("refill" | "referral"));
        let called = s.call_back.seen() || s.other_calls.seen() && !request;
        let call = if s.call_back.seen() {
            &s.call_back
        } else {
            &s.other_calls
        };
        // "I'll give her the message, she'll call you": a message for a person, however it is answered.
        let for_person = s.message.evidence.as_ref().is_some_and(|e| {
            ["tell", "know", "message", "give", "pass"]
                .iter()
                .any(|w| e.text.contains(w))
        });
        // "I can have him call you ... I'll tell him, after ten": the call was promised first.
        let call_first =
            called && call.count > 0 && call.turn < s.message.turn && s.message.count == 1;
        if s.message.seen()
            && !call_first
            && (for_person || !(called && call.turn >= s.message.turn))
        {
            return (Code::MessageTaken, 0.75, s.message.evidence.as_ref());
        }
        if called {
            return (Code::CallbackNeeded, 0.85, call.evidence.as_ref());
        }
        if s.booked.seen() && !stood && !self.agenda.standing_told && !self.fell_silent() {
            return (Code::Booked, 0.7, s.booked.evidence.as_ref());
        }
        if self.slot_stands() {
            return (Code::Booked, 0.7, time_evidence());
        }
        if let Some(evidence) = self.gone_early() {
            // Nothing was understood at all: neither left nor finished.
            let nothing = !problem
                && !s.info_asked.seen()
                && self.held_text("caller_name").is_none()
                && s.turns[0] >= 3
                && !s.breaks_off.seen();
            return if nothing {
                (Code::Unclassified, 0.4, evidence)
            } else {
                (Code::Abandoned, 0.8, evidence)
            };
        }
        let promised = self.field("tasks").and_then(|f| self.value(f)).is_some();
        if request && s.ended && promised && !s.send_info.seen() {
            return (Code::MessageTaken, 0.6, None);
        }
        let told = [&s.info_asked, &s.send_info, &s.priced]
            .into_iter()
            .find(|x| x.seen());
        if let Some(told) = told {
            return (Code::InformationGiven, 0.7, told.evidence.as_ref());
        }
        if s.ended && (problem || stood || s.thinks.seen()) && s.turns[1] >= 2 {
            return (Code::InformationGiven, 0.4, None);
        }
        (Code::Unclassified, 0.4, None)
    }

    /// What comes next, by the outcome.
    pub fn next_kind(&self, code: Code) -> &'static str {
        let s = &self.signs;
        let number = self
            .field("callback_number")
            .and_then(|f| self.value(f))
            .is_some();
        match code {
            Code::Booked
                if self.agenda.agreed.is_some() && self.agenda.agreed == self.agenda.current
                    || !s.dispatch.seen() =>
            {
                "visit_scheduled"
            }
            Code::Booked => "dispatch",
            Code::Escalated if s.call_911.seen() => "call_911",
            Code::Escalated if s.dispatch.seen() => "dispatch",
            Code::Escalated if s.transfer.seen() && s.transfer.turn + 8 > s.heard() => "transfer",
            Code::Escalated | Code::CallbackNeeded | Code::Voicemail => "call_back",
            Code::Transferred => "transfer",
            Code::MessageTaken if s.call_back.seen() || s.call_wanted.seen() => "call_back",
            Code::Abandoned
                if number && !(s.breaks_off.seen() && s.breaks_off.turn + 3 > s.heard()) =>
            {
                "call_back"
            }
            Code::InformationGiven if s.send_info.seen() => "send_info",
            _ => "none",
        }
    }

    /// What follows from all fields together, after every turn.
    pub fn derive(&mut self) {
        self.infer_category();
        self.infer_urgency();
        self.take_likeliest_name();
        self.caller_is_patient();
        self.caller_is_family();
        self.compare();
        let Some(field) = self.field("next_action") else {
            return;
        };
        let (code, _, evidence) = self.outcome_code();
        if matches!(code, Code::Spam | Code::WrongNumber)
            || code == Code::Unclassified && !self.signs.ended
        {
            return;
        }
        let kind = self.next_kind(code);
        let held = self.value(field);
        if held.and_then(Value::text) == Some(kind)
            || kind == "none" && !self.signs.ended && held.is_none()
        {
            return;
        }
        let claim = Claim {
            value: Value::Text(kind.to_owned()),
            source: Source::Rule,
            strength: Strength::Repair,
            inferred: true,
            p: 1.0,
            raw: String::new(),
            evidence: evidence.into_iter().cloned().collect(),
        };
        let kind = self.ledger_mut(field).claim(claim);
        self.note(field, kind);
    }

    /// The call is over: what was left open is closed.
    pub fn finish(&mut self) {
        if self.signs.ended {
            return;
        }
        self.signs.ended = true;
        if self.digits.is_open() {
            self.leave_partial_at_end();
        }
        self.close_times();
        self.allot_numbers();
        self.keep_referral();
        self.allot_places();
        self.allot_parties();
        self.allot_days();
    }

    /// Whether nothing said in this call belongs on a record.
    pub fn excluded(&self) -> bool {
        matches!(self.outcome_by_signs().0, Code::Spam | Code::WrongNumber)
    }
}
