//! A vertical: which fields a kind of business wants, how they are asked for and read back, what raises an alarm. Read from TOML; the
//! four that ship are files beside this one. A field with a well-known name inherits what `verticals/known.toml` says about it.

mod build;
mod check;
mod index;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::fields::cue::Mark;
use crate::fields::lexicon::Lexicon;
use crate::fields::value::FieldType;
pub use build::nearest;
use build::{build, parse};
use index::Index;

/// How much a wrong value costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// Nice to have.
    #[default]
    Normal,
    /// Should be right.
    Important,
    /// Work is lost if wrong.
    Critical,
}

/// When a field is read back to the caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// Every time.
    Always,
    /// When confidence is not high.
    #[default]
    WhenUncertain,
    /// Not at all.
    Never,
}

/// What may leave without a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// May be sent as soon as it is good enough.
    Sync,
    /// A person approves.
    #[default]
    Approve,
    /// Stays in the draft.
    Draft,
}

/// One of a choice field's values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stored value.
    pub id: String,
    /// For pages.
    #[serde(default)]
    pub label: String,
    /// Phrases that mean it.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Choices that give way to it where both are spoken of: a leaking roof is the roofer's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
}

/// A field as the file declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSpec {
    /// Name in records.
    pub name: String,
    /// Kind of value.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// A record without it is incomplete.
    #[serde(default)]
    pub required: bool,
    /// How much a wrong value costs.
    #[serde(default)]
    pub importance: Importance,
    /// When it is read back.
    #[serde(default)]
    pub confirm: Confirm,
    /// What may leave without a person.
    #[serde(default)]
    pub policy: Policy,
    /// Below this it counts as uncertain.
    #[serde(default = "default_confidence")]
    pub min_confidence: f64,
    /// Kept out of logs, messages and wildcards.
    #[serde(default)]
    pub sensitive: bool,
    /// For pages; from the name if absent.
    #[serde(default)]
    pub label: String,
    /// What the agent can say to get it.
    #[serde(default)]
    pub ask: String,
    /// What the agent can say to confirm it; `{value}` stands for the value.
    #[serde(default)]
    pub read_back: String,
    /// The same, slower, after a refusal.
    #[serde(default)]
    pub read_back_again: String,
    /// Where it may come from, in order of trust.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Values of a choice.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Words near which the value is found ("court date").
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Words with which an agent asks for it.
    #[serde(default)]
    pub asked_by: Vec<String>,
    /// Form of a code: a simple pattern of classes and counts such as `^[A-Z0-9]{6,15}$`.
    #[serde(default)]
    pub pattern: String,
    /// Parts without which an address is incomplete.
    #[serde(default)]
    pub parts_required: Vec<String>,
}

fn default_confidence() -> f64 {
    0.8
}

/// A condition, as a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Any of these phrases was said by the caller and not denied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any_phrase: Vec<String>,
    /// A field ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// ... has one of these values ...
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// ... or this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Severity of an escalation (for actions).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Always.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub otherwise: bool,
}

/// What raises an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationSpec {
    /// Name.
    pub id: String,
    /// Trigger.
    pub when: When,
    /// `critical`, `high` ...
    #[serde(default = "default_severity")]
    pub severity: String,
    /// What the agent should say.
    #[serde(default)]
    pub say: String,
    /// Destinations to tell.
    #[serde(default)]
    pub notify: Vec<String>,
}

fn default_severity() -> String {
    "high".to_owned()
}

/// Who owns what comes next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteOwner {
    /// Department.
    #[serde(default)]
    pub department: String,
    /// Person.
    #[serde(default)]
    pub user: String,
}

/// What comes next on a route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteAction {
    /// Kind, in the business's words.
    #[serde(default)]
    pub kind: String,
    /// ISO 8601 duration from the call's end.
    #[serde(default)]
    pub deadline: String,
    /// Where it goes.
    #[serde(default)]
    pub destination: String,
}

/// A rule that decides owner and deadline; the first that matches wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// Condition.
    pub when: When,
    /// Owner.
    #[serde(default)]
    pub owner: RouteOwner,
    /// Next action.
    #[serde(default)]
    pub next_action: RouteAction,
}

/// A local name for an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeSpec {
    /// Local name.
    pub id: String,
    /// Standard code.
    pub maps_to: String,
    /// Condition.
    #[serde(default)]
    pub when: When,
}

/// A vertical's file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    title: String,
    #[serde(default)]
    greeting_hint: String,
    #[serde(default)]
    store_transcript: String,
    #[serde(default)]
    summary_order: Vec<String>,
    /// Text of the message to the caller after the call.
    #[serde(default)]
    confirmation: String,
    #[serde(default)]
    fields: Vec<FieldSpec>,
    #[serde(default)]
    escalations: Vec<EscalationSpec>,
    #[serde(default)]
    routes: Vec<Route>,
    #[serde(default)]
    outcomes: Vec<OutcomeSpec>,
    /// What happens after the call; the delivery side reads it, extraction does not.
    #[serde(default)]
    actions: Vec<toml::Table>,
}

impl File {
    /// A table without fields adds to the vertical that ships under its name: what it says takes the place of what that one says, its
    /// actions, escalations and outcomes stand beside those.
    fn completed(self, name: &str) -> File {
        let shipped = Vertical::builtin_source(name)
            .filter(|_| self.fields.is_empty())
            .and_then(|source| toml::from_str::<File>(source).ok());
        let Some(mut file) = shipped else {
            return self;
        };
        for (shipped, own) in [
            (&mut file.title, self.title),
            (&mut file.greeting_hint, self.greeting_hint),
            (&mut file.store_transcript, self.store_transcript),
            (&mut file.confirmation, self.confirmation),
        ] {
            if !own.is_empty() {
                *shipped = own;
            }
        }
        if !self.summary_order.is_empty() {
            file.summary_order = self.summary_order;
        }
        if !self.routes.is_empty() {
            file.routes = self.routes;
        }
        file.escalations.extend(self.escalations);
        file.outcomes.extend(self.outcomes);
        file.actions.extend(self.actions);
        file
    }
}

/// A vertical ready for use: the declaration and its phrases compiled.
#[derive(Debug, Clone)]
pub struct Vertical {
    /// Its name.
    pub name: String,
    /// For pages.
    pub title: String,
    /// What the agent greets with.
    pub greeting_hint: String,
    /// When the transcript may be kept ("until_conflict_check").
    pub store_transcript: String,
    /// Fields in the order of the summary.
    pub summary_order: Vec<String>,
    /// Text of the message to the caller after the call.
    pub confirmation: String,
    /// Fields in declared order.
    pub fields: Vec<FieldSpec>,
    /// Alarms.
    pub escalations: Vec<EscalationSpec>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Local outcome names.
    pub outcomes: Vec<OutcomeSpec>,
    /// Actions, as declared.
    pub actions: Vec<toml::Table>,
    pub(super) lexicon: Lexicon<Mark>,
    index: Index,
}

/// A mistake in a vertical's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}{}", line_prefix(*line), hint_suffix(hint.as_deref()))]
pub struct VerticalError {
    /// Line in the file, from 1, where known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// The nearest name that would be right.
    pub hint: Option<String>,
}

fn line_prefix(line: Option<usize>) -> String {
    line.map_or_else(String::new, |l| format!("line {l}: "))
}

fn hint_suffix(hint: Option<&str>) -> String {
    hint.map_or_else(String::new, |h| format!(" (did you mean \"{h}\"?)"))
}

const BUILTIN: [(&str, &str); 4] = [
    (
        "home_services",
        include_str!("../verticals/home_services.toml"),
    ),
    ("clinic", include_str!("../verticals/clinic.toml")),
    ("law_office", include_str!("../verticals/law_office.toml")),
    ("moving", include_str!("../verticals/moving.toml")),
];

const KNOWN: &str = include_str!("../verticals/known.toml");

impl Vertical {
    /// The names of the verticals that ship.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// The TOML of a vertical that ships.
    pub fn builtin_source(name: &str) -> Option<&'static str> {
        BUILTIN.iter().find(|(n, _)| *n == name).map(|(_, s)| *s)
    }

    /// A vertical that ships; built when it is first asked for.
    pub fn builtin(name: &str) -> Option<Arc<Vertical>> {
        static BUILT: [OnceLock<Option<Arc<Vertical>>>; BUILTIN.len()] =
            [const { OnceLock::new() }; BUILTIN.len()];
        let at = BUILTIN.iter().position(|(n, _)| *n == name)?;
        // A test loads all four, so a mistake in a shipped file never reaches a user.
        let build = || Self::from_toml(name, BUILTIN[at].1).ok().map(Arc::new);
        BUILT[at].get_or_init(build).clone()
    }

    /// One vertical from its own table's text (the part under `[verticals.NAME]`, with that prefix left out).
    ///
    /// # Errors
    /// Every mistake found: unknown keys, wrong types, names that do not exist, phrases that cannot be read.
    pub fn from_toml(name: &str, text: &str) -> Result<Vertical, Vec<VerticalError>> {
        let file: File = parse(text)?;
        build(name, file, text)
    }

    /// The verticals of a whole configuration file: its `[verticals.NAME]` tables. Other tables are somebody else's.
    ///
    /// # Errors
    /// Every mistake found, with the line in the whole file.
    pub fn all_from_toml(
        text: &str,
    ) -> Result<BTreeMap<String, Arc<Vertical>>, Vec<VerticalError>> {
        #[derive(Deserialize)]
        struct Whole {
            #[serde(default)]
            verticals: BTreeMap<String, File>,
        }
        let whole: Whole = parse(text)?;
        let mut out = BTreeMap::new();
        let mut errors = Vec::new();
        for (name, file) in whole.verticals {
            match build(&name, file.completed(&name), text) {
                Ok(vertical) => {
                    out.insert(name, Arc::new(vertical));
                }
                Err(mut e) => errors.append(&mut e),
            }
        }
        if errors.is_empty() {
            Ok(out)
        } else {
            Err(errors)
        }
    }

    /// The index of a field.
    pub fn index(&self, name: &str) -> Option<usize> {
        let mut alike = self.index.like(name).iter().map(|i| usize::from(*i));
        alike.find(|i| self.fields[*i].name == name)
    }

    /// The first field of a type.
    pub fn first_of(&self, ty: FieldType) -> Option<usize> {
        self.all_of(ty).first().copied().map(usize::from)
    }

    /// The fields of a type, in declared order.
    pub fn all_of(&self, ty: FieldType) -> &[u8] {
        self.index.of_type(ty)
    }
}
