//! What the call came to: one standard outcome, and what comes next.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;

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

/// Signs seen so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallSigns {
    /// When the last goodbye was said.
    pub goodbye_ms: Option<u64>,
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
    /// By when, where said.
    pub due: Option<String>,
    /// The words.
    pub evidence: Vec<Evidence>,
}

impl super::extractor::Extractor {
    /// What the call came to, as far as it has come.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            code: Code::Unclassified,
            local: None,
            confidence: 0.0,
            evidence: Vec::new(),
        }
    }

    /// What comes next.
    pub fn next_action(&self) -> NextAction {
        NextAction {
            kind: "none".to_owned(),
            description: String::new(),
            owner: None,
            deadline: None,
            destination: None,
            evidence: Vec::new(),
        }
    }

    /// What was promised.
    pub fn tasks(&self) -> Vec<Task> {
        Vec::new()
    }
}

impl super::state::State {
    /// What follows from all fields together, after every turn.
    pub fn derive(&mut self) {}

    /// The call is over.
    pub fn finish(&mut self) {}
}
