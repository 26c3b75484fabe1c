//! The people and firms that a call names, whoever spoke of them: each once, and of each the words that stood around it ([`around`]) and in
//! the answer. Who is on the other side of a matter, or who is the patient, is in those words more often than in any phrase.
//!
//! Owns which of the call's names are one party's and what is kept of the words around them. Where a name stands in a turn, the names' rules
//! say; what the words around it weigh, a table knows; what is made of that, again the rules.

use super::Weights;
use super::around::{Before, Phrase, answering, around};
use super::entry::Entry;
use crate::fields::gazetteer::tables;
use crate::fields::turn::{Heard, Speaker};

/// Parties kept: beyond them nobody asks who is who.
const MAX_PARTIES: usize = 12;
/// Ways kept in which one was said.
const MAX_NAMES: usize = 6;
/// The option of the tables that is no field.
const NONE: &str = "none";

/// A name in a turn.
#[derive(Debug, Clone)]
pub struct Spot {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// As a record has it.
    pub name: String,
    /// A firm's rather than a person's.
    pub firm: bool,
}

/// A person or firm of the call.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its names, the one that it is known by first.
    names: Vec<String>,
    firm: bool,
    /// How it was said.
    pub entry: Entry,
}

/// What else is known when the parties are weighed.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The caller's name.
    pub caller: Option<&'a str>,
    /// The agent's.
    pub agent: Option<&'a str>,
    /// What the call is about.
    pub matter: Option<&'a str>,
}

/// The parties of a call.
#[derive(Debug, Clone)]
pub struct Parties {
    weights: &'static Weights,
    all: Vec<Party>,
    /// What the turn before spoke of last, and who did.
    last: Option<(Speaker, usize)>,
}

impl Parties {
    /// None yet; `weights`: the table that says what a party is.
    pub fn new(weights: &'static Weights) -> Parties {
        Parties {
            weights,
            all: Vec::new(),
            last: None,
        }
    }

    /// The parties, in the order in which they were first said.
    pub fn all(&self) -> &[Party] {
        &self.all
    }

    /// Notes the names that a turn speaks of.
    pub fn hear(&mut self, heard: &Heard, spots: Vec<Spot>, before: Before) {
        self.note_answer(heard, spots.is_empty());
        let spans: Vec<(usize, usize)> = spots.iter().map(|s| (s.start, s.end)).collect();
        for spot in spots {
            let (start, end, firm) = (spot.start, spot.end, spot.firm);
            let Some(at) = self.party(spot) else {
                continue;
            };
            let entry = &mut self.all[at].entry;
            entry.hold(|| around(heard, &spans, (start, end), firm, before));
            entry.count(heard, start, end);
            self.last = Some((heard.speaker, at));
        }
    }

    /// The entry of a name, made where there is room.
    fn party(&mut self, spot: Spot) -> Option<usize> {
        let exact = |p: &Party| p.names.iter().any(|n| n.eq_ignore_ascii_case(&spot.name));
        let known = (self.all.iter().position(exact))
            .or_else(|| self.all.iter().rposition(|p| p.is(&spot.name)));
        if let Some(at) = known {
            self.all[at].say(spot);
            return Some(at);
        }
        if self.all.len() >= MAX_PARTIES {
            return None;
        }
        self.all.push(Party {
            names: vec![spot.name],
            firm: spot.firm,
            entry: Entry::new(self.weights),
        });
        Some(self.all.len() - 1)
    }

    /// The turn after one that named somebody says something of them.
    fn note_answer(&mut self, heard: &Heard, no_name: bool) {
        let Some((speaker, at)) = self.last.take() else {
            return;
        };
        if !no_name && speaker == heard.speaker {
            return;
        }
        let firm = self.all[at].firm;
        (self.all[at].entry).hold(|| answering(heard, speaker, firm));
    }

    /// What is known of a party besides the words around it.
    pub fn facts(&self, at: usize, known: Known) -> Vec<String> {
        let party = &self.all[at];
        let name = party.name();
        let words = name.split(' ').count();
        let kind = match (party.firm, words) {
            (true, 1) => "firm1",
            (true, _) => "firm",
            (false, 1) if tables().is_given(&name.to_lowercase()) => "given",
            (false, 1) => "surname",
            _ => "person",
        };
        let mut out: Vec<String> = (party.entry.facts().into_iter())
            .map(str::to_owned)
            .collect();
        out.push(format!("={kind}"));
        out.push(format!("=nth{}of{}", at.min(3), self.all.len().min(4)));
        if let Some(matter) = known.matter {
            out.push(format!("={kind}-{matter}"));
        }
        if let Some(caller) = known.caller {
            let last = |n: &str| n.rsplit(' ').next().unwrap_or_default().to_lowercase();
            if party.is(caller) {
                out.push("=caller".to_owned());
            } else if last(caller) == last(name) {
                out.push("=namesake".to_owned());
            }
        }
        if known.agent.is_some_and(|a| party.is(a)) {
            out.push("=agent".to_owned());
        }
        out
    }

    /// What each party weighs for that option of the table against being none, in the logarithm of odds; nothing where the table has no
    /// such option.
    pub fn scores(&self, option: &str, known: Known) -> Vec<f32> {
        let columns = (self.weights.column(option)).zip(self.weights.column(NONE));
        let Some(columns) = columns else {
            return Vec::new();
        };
        let score = |at: usize| self.all[at].entry.odds(&self.facts(at, known), columns);
        (0..self.all.len()).map(score).collect()
    }
}

impl Party {
    /// The name it is known by.
    pub fn name(&self) -> &str {
        &self.names[0]
    }

    /// A firm rather than a person.
    pub fn is_firm(&self) -> bool {
        self.firm
    }

    /// What was said around it.
    pub fn phrases(&self) -> &[Phrase] {
        &self.entry.phrases
    }

    /// Whether a name is this one's, in part or in full.
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|n| same_party(n, name))
    }

    /// Another way in which it was said; the longest is the name.
    fn say(&mut self, spot: Spot) {
        if self.names.contains(&spot.name) || self.names.len() >= MAX_NAMES {
            return;
        }
        self.firm |= spot.firm;
        if spot.name.split(' ').count() > self.name().split(' ').count() {
            self.names.insert(0, spot.name);
        } else {
            self.names.push(spot.name);
        }
    }
}

/// Whether two names may be one party's: all words of the shorter are the first or the last of the longer.
fn same_party(a: &str, b: &str) -> bool {
    let words =
        |s: &str| -> Vec<String> { s.to_lowercase().split(' ').map(str::to_owned).collect() };
    let (a, b) = (words(a), words(b));
    let (short, long) = if a.len() <= b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    let alike = |x: &[String], y: &[String]| {
        x.iter()
            .zip(y)
            .all(|(x, y)| x == y || x.len() > 3 && y.len() > 3 && strsim::osa_distance(x, y) <= 1)
    };
    alike(short, &long[..short.len()]) || alike(short, &long[long.len() - short.len()..])
}
