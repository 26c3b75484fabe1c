//! Cues: phrases that carry a dialogue act or a meaning that no single field owns. They live in `data/cues.txt`, by name.

use crate::fields::word_set::{WordSet, words};
use std::sync::LazyLock;

use super::lexicon::{Hit, Lexicon};

macro_rules! cues {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What a built-in phrase means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cue { $($(#[$doc])* $variant),+ }

        impl Cue {
            /// The cue of a section in the cue file.
            fn from_name(name: &str) -> Option<Cue> {
                match name { $($name => Some(Cue::$variant),)+ _ => None }
            }

            /// The cue's bit in a set of cues.
            const fn bit(self) -> u128 {
                1 << self as u32
            }
        }
    };
}

cues! {
    /// Yes, in its strong forms.
    Affirm = "affirm",
    /// Fine by me: takes an offer.
    Accept = "accept",
    /// I am listening.
    Backchannel = "backchannel",
    /// No.
    Deny = "deny",
    /// Begins with "no" and denies nothing.
    NotDeny = "not_deny",
    /// What follows replaces what was said.
    Repair = "repair",
    /// Will not tell.
    Decline = "decline",
    /// Cannot tell.
    DontKnow = "dont_know",
    /// The number the call comes from.
    ThisNumber = "this_number",
    /// The number is a second one.
    Alternate = "alternate",
    /// This number before the other.
    Prefer = "prefer",
    /// A phone number follows and it is the caller's.
    PhoneLead = "phone_lead",
    /// The last digits only.
    LastDigits = "last_digits",
    /// Somebody else's: nouns of people and places.
    Other = "other_party",
    /// A number that is no phone: price, dose, size, year.
    NotPhone = "not_phone",
    /// An identifier of some kind precedes.
    CodeLead = "code_lead",
    /// Asks whether it is right.
    ConfirmAsk = "confirm_ask",
    /// Introduces the speaker.
    SelfName = "self_name",
    /// Asks how it is spelled.
    SpellAsk = "spell_ask",
    /// A surname is meant.
    LastName = "last_name",
    /// A given name is meant.
    FirstName = "first_name",
    /// Not a field's "name" or "number".
    AskBlock = "ask_block",
    /// The end of the call.
    Goodbye = "goodbye",
    /// Thanks, which close a call only where nothing follows.
    Thanks = "thanks",
    /// The agent winds up.
    AnythingElse = "anything_else",
    /// Hypothetical: what follows is not so.
    Hypothetical = "hypothetical",
    /// Negates what follows.
    Negation = "negation",
    /// Told about another time.
    Past = "past",
    /// Life or limb.
    Emergency = "emergency",
    /// A house that burns, floods or may blow up.
    HouseEmergency = "house_emergency",
    /// Today, now.
    Urgent = "urgent",
    /// In the coming days.
    Soon = "soon",
    /// No hurry.
    Routine = "routine",
    /// Under control.
    Lowered = "lowered",
    /// Somebody frail, a baby.
    Vulnerable = "vulnerable",
    /// The agent promises.
    AgentPromise = "agent_promise",
    /// The caller promises.
    CallerPromise = "caller_promise",
    /// The agent tells the caller to do something.
    AgentDirects = "agent_directs",
    /// The agent offers a time.
    Offer = "offer",
    /// Agreed.
    Booked = "booked",
    /// Somebody is on the way.
    Dispatch = "dispatch",
    /// Somebody will call back.
    CallBack = "call_back",
    /// A message is taken.
    Message = "message",
    /// Connecting now.
    Transfer = "transfer",
    /// Something will be sent.
    SendInfo = "send_info",
    /// Call the emergency services.
    Call911 = "call_911",
    /// The agent tells the caller to get out of danger.
    Alarm = "alarm",
    /// Not done here.
    NotServed = "not_served",
    /// Sales pitch, robot.
    Spam = "spam",
    /// Meant somebody else.
    WrongNumber = "wrong_number",
    /// An answering machine.
    Voicemail = "voicemail",
    /// The agent's side escalates.
    Escalate = "escalate",
    /// Call ends early.
    Abandon = "abandon",
    /// The caller wants information only.
    InfoAsk = "info_ask",
    /// The caller's relation to the one concerned.
    OnBehalf = "on_behalf",
    /// Cannot.
    Cannot = "cannot",
    /// Money limit.
    Budget = "budget",
    /// Quoted elsewhere.
    Quoted = "quoted",
    /// A code for a gate, a door, a box.
    GateCode = "gate_code",
    /// Something to know on site.
    SiteNote = "site_note",
    /// Opposing side.
    Adversary = "adversary",
    /// Day of an incident.
    Incident = "incident",
    /// Cancel or drop.
    Cancel = "cancel",
    /// An appointment is to be moved.
    ChangeTime = "change_time",
    /// The time named does not suit.
    NotFit = "not_fit",
    /// Puts the decision off.
    ThinkOver = "think_over",
    /// The time of a visit or an appointment to be made.
    WhenVisit = "when_visit",
    /// Whether a time suits, of a visit or of a call.
    WhenSuits = "when_suits",
    /// The time of an appointment made before.
    WhenStanding = "when_standing",
    /// The time at which something happened.
    WhenStory = "when_story",
    /// Opening hours.
    WhenHours = "when_hours",
    /// The time at which somebody calls.
    WhenCall = "when_call",
    /// The time of something else: a hearing, a shift, a delivery.
    WhenOther = "when_other",
    /// Start of an origin.
    Origin = "origin",
    /// Start of a destination.
    Destination = "destination",
    /// Another place than the service address.
    OtherPlace = "other_place",
    /// Address follows.
    AddressLead = "address_lead",
}

/// What a phrase of a vertical's lexicon stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A built-in cue.
    Cue(Cue),
    /// Asks for the field with this index.
    Ask(u8),
    /// The field's value is near.
    Near(u8),
    /// The field's choice.
    Choice(u8, u8),
    /// The escalation with this index.
    Escalation(u8),
}

static BASE: LazyLock<Lexicon<Mark>> = LazyLock::new(|| {
    let mut lexicon = Lexicon::default();
    // A test reads the file strictly; here a bad line would only be left out.
    for (name, phrase) in entries() {
        if let Some(cue) = Cue::from_name(name) {
            let _ = lexicon.add(phrase, Mark::Cue(cue));
        }
    }
    lexicon
});

/// The lexicon of the built-in cues, for a vertical to add to.
pub(super) fn base_lexicon() -> Lexicon<Mark> {
    BASE.clone()
}

/// Section name and phrase of every line.
fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    include_str!("data/cues.txt")
        .lines()
        .filter_map(move |line| {
            let line = line.trim();
            if let Some(name) = line.strip_prefix('@') {
                section = name;
                return None;
            }
            (!line.is_empty() && !line.starts_with('#')).then_some((section, line))
        })
}

/// Hits of a turn with questions about them answered.
#[derive(Debug, Clone, Default)]
pub struct Hits {
    all: Vec<Hit<Mark>>,
    /// A bit for each cue that is there, since most are not and every rule asks.
    cues: u128,
}

impl Hits {
    /// The hits of a turn, put in order of start and end.
    pub fn new(mut all: Vec<Hit<Mark>>) -> Hits {
        all.sort_by_key(|h| (h.start, h.end));
        let cues = all.iter().fold(0, |bits, h| match h.mark {
            Mark::Cue(cue) => bits | cue.bit(),
            _ => bits,
        });
        Hits { all, cues }
    }

    /// All of them, by start, then by end.
    pub fn all(&self) -> &[Hit<Mark>] {
        &self.all
    }

    /// Keeps the hits for which `keep` holds.
    pub fn retain(&mut self, keep: impl FnMut(&Hit<Mark>) -> bool) {
        self.all.retain(keep);
    }

    /// The hits of one cue.
    pub fn cue(&self, cue: Cue) -> impl Iterator<Item = &Hit<Mark>> {
        let all = if self.cues & cue.bit() == 0 {
            &[]
        } else {
            self.all.as_slice()
        };
        all.iter().filter(move |h| h.mark == Mark::Cue(cue))
    }

    /// Whether the cue was said.
    pub fn has(&self, cue: Cue) -> bool {
        self.cue(cue).next().is_some()
    }

    /// Whether a hit of the cue covers the token.
    pub fn covers(&self, cue: Cue, at: usize) -> bool {
        self.up_to(cue, at).any(|h| at < h.end)
    }

    /// The longest hit of the cue that starts at `at`: its end.
    pub fn at(&self, cue: Cue, at: usize) -> Option<usize> {
        let here = self.up_to(cue, at).filter(|h| h.start == at);
        here.map(|h| h.end).last()
    }

    /// The end of the last hit of the cue that ends at or before `at` and no more than `within` tokens away.
    pub fn before(&self, cue: Cue, at: usize, within: usize) -> Option<usize> {
        self.up_to(cue, at)
            .filter(|h| h.end <= at && at - h.end <= within)
            .map(|h| h.end)
            .max()
    }

    /// The hits of one cue that start at or before `at`.
    fn up_to(&self, cue: Cue, at: usize) -> impl Iterator<Item = &Hit<Mark>> {
        self.cue(cue).take_while(move |h| h.start <= at)
    }
}

/// Pairs of content words of a question, in its order: "what breed is your dog" gives "breed _ _ dog" and the single words that
/// are telling enough.
pub(super) fn content_phrases(question: &str) -> Vec<String> {
    const EMPTY: &WordSet = words![
        "what", "whats", "which", "who", "when", "where", "how", "is", "are", "was", "the", "a",
        "an", "your", "you", "to", "of", "for", "in", "on", "at", "it", "may", "i", "can", "could",
        "would", "have", "has", "do", "does", "did", "please", "we", "us", "me", "my", "be",
        "should", "and", "or", "get", "tell", "give", "need", "that", "this", "there", "with",
        "from", "like", "want", "any", "much", "many", "kind", "type", "name", "number", "address",
        "best", "good", "time", "come", "right", "full",
    ];
    let words: Vec<String> = question
        .to_lowercase()
        .replace(['\'', '\u{2019}'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    let content: Vec<(usize, &String)> = words
        .iter()
        .enumerate()
        .filter(|(_, w)| !EMPTY.has(w) && !w.starts_with('{'))
        .collect();
    let mut out: Vec<String> = Vec::new();
    for pair in content.windows(2) {
        if let [(a, first), (b, second)] = pair {
            let gap = vec!["_"; b - a - 1].join(" ");
            out.push(format!("{first} {gap} {second}"));
        }
    }
    if content.len() <= 2 {
        out.extend(
            content
                .iter()
                .filter(|(_, w)| w.len() >= 4)
                .map(|(_, w)| (*w).clone()),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_cue_file_is_read() {
        let mut lexicon = Lexicon::default();
        for (name, phrase) in entries() {
            let cue = Cue::from_name(name).unwrap_or_else(|| panic!("no cue is called {name}"));
            lexicon.add(phrase, Mark::Cue(cue)).unwrap();
        }
    }

    #[test]
    fn a_question_gives_its_telling_words() {
        assert_eq!(
            content_phrases("What breed is your dog?"),
            ["breed _ _ dog", "breed"]
        );
    }
}
