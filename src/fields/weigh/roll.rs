//! The numbers of a call, whoever said them, and the line it comes from; and of each the words that stood around it ([`around`]) and in the
//! answer. What each number is for (where to call, where else, whose) is in those words more
//! often than in any phrase.
//!
//! Owns which number a turn speaks of and what is kept of the words around it. What they weigh, the table of numbers knows; what is
//! made of that, the telephones' rules.

use std::borrow::Cow;
use std::sync::Arc;

use super::around::{ANSWERED, Before, Phrase, around, marked, plain};
use super::{Tally, Uses};
use crate::fields::evidence::{Evidence, Role, word_probability};
use crate::fields::phone::{self, Sequence};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::nanp;

/// Numbers kept: beyond them nobody asks which is which.
const MAX_NUMBERS: usize = 6;
/// Phrases kept of each.
const MAX_PHRASES: usize = 40;
/// Turns of anybody's that may lie between two breaths of a number.
const BREATH_TURNS: u32 = 4;

/// A number of the call, or its line.
#[derive(Debug, Clone)]
struct Entry {
    /// In full; of the line's entry nothing.
    number: String,
    /// How often either side said its digits.
    times: [u8; 2],
    /// Who said it first.
    first: Option<Speaker>,
    phrases: Vec<Phrase>,
    /// What those weigh.
    tally: Tally,
    /// Where it was said, by the caller rather than by the agent.
    evidence: Option<Evidence>,
    p: f32,
}

impl Entry {
    fn new(number: String) -> Entry {
        Entry {
            number,
            times: [0; 2],
            first: None,
            phrases: Vec::new(),
            tally: Tally::new(super::numbers()),
            evidence: None,
            p: 1.0,
        }
    }

    fn hold(&mut self, phrases: Vec<Phrase>) {
        let room = MAX_PHRASES.saturating_sub(self.phrases.len());
        for phrase in phrases.into_iter().take(room) {
            self.tally
                .hear(phrase.speaker, &phrase.ids(super::vocabulary()));
            self.phrases.push(phrase);
        }
    }
}

/// One of the numbers that a call may be about.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// In full.
    pub number: String,
    /// What was said around it, and what is known of it otherwise.
    pub phrases: Vec<Phrase>,
    /// Where it was said; `None` of a line nobody spoke of.
    pub evidence: Option<Evidence>,
    /// Mean probability of the words.
    pub p: f32,
}

/// Which entry is meant; a place among those said stays, for none is ever taken out.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Which {
    Line,
    Said(usize),
}

/// A number begun and not ended.
#[derive(Debug, Clone)]
struct Opening {
    digits: String,
    phrases: Vec<Phrase>,
    turn: u32,
}

/// The numbers of a call.
#[derive(Debug, Clone)]
pub struct Roll {
    said: Vec<Entry>,
    line: Entry,
    open: Option<Opening>,
    /// What the turn before spoke of last, and who did.
    last: Option<(Speaker, Which)>,
    /// Something was added that nobody has looked at.
    changed: bool,
}

impl Default for Roll {
    fn default() -> Roll {
        Roll {
            said: Vec::new(),
            line: Entry::new(String::new()),
            open: None,
            last: None,
            changed: false,
        }
    }
}

impl Roll {
    /// Notes the numbers that a turn speaks of; `line`: where it names the line the call is on.
    pub fn hear(&mut self, heard: &Heard, line: &[(usize, usize)], before: Before) {
        let mut sequences = if heard.runs.is_empty() {
            Vec::new()
        } else {
            phone::sequences(heard)
        };
        if sequences.is_empty() && self.open.is_some() {
            sequences.extend(phone::lone_digits(heard));
        }
        self.note_answer(heard, &sequences);
        if sequences.is_empty() && line.is_empty() {
            return;
        }
        let spans: Vec<(usize, usize)> = sequences
            .iter()
            .map(|s| (s.start, s.end))
            .chain(line.iter().copied())
            .collect();
        let around = |start: usize, end: usize, named: bool| {
            around(heard, &spans, (start, end), named, before)
        };
        for sequence in &sequences {
            let Some((number, begun)) = self.number(heard, sequence, before, &around) else {
                continue;
            };
            let Some(at) = self.entry(number) else {
                continue;
            };
            let phrases = begun.unwrap_or_else(|| around(sequence.start, sequence.end, false));
            self.said[at].hold(phrases);
            self.count(at, heard, sequence);
            self.last = Some((heard.speaker, Which::Said(at)));
        }
        for (start, end) in line {
            let digits = |s: &Sequence| s.start < *end && *start < s.end;
            if sequences.iter().any(digits) {
                continue;
            }
            self.line.hold(around(*start, *end, true));
            if heard.speaker == Speaker::Caller {
                self.line.evidence = Some(heard.evidence(Role::States, *start, *end));
            }
            self.last = Some((heard.speaker, Which::Line));
            self.changed = true;
        }
    }

    /// The number that the digits are, end or end with, and what was said around its beginning where that was in another turn.
    fn number(
        &mut self,
        heard: &Heard,
        sequence: &Sequence,
        before: Before,
        around: &impl Fn(usize, usize, bool) -> Vec<Phrase>,
    ) -> Option<(String, Option<Vec<Phrase>>)> {
        let digits = sequence.digits.as_str();
        let caller = heard.speaker == Speaker::Caller;
        if let Some(number) = nanp(digits) {
            if caller {
                self.open = None;
            }
            return Some((number, None));
        }
        let ends = |number: &str| digits.len() >= 4 && number.ends_with(digits);
        let known = self
            .said
            .iter()
            .rev()
            .map(|e| e.number.as_str())
            .chain(before.line)
            .find(|n| ends(n))
            .map(str::to_owned);
        if caller
            && known.is_none()
            && let Some(mut open) = self.open.take()
            && open.turn + BREATH_TURNS >= heard.segment
            && open.digits.len() + digits.len() <= 11
        {
            if digits.len() >= 3 && open.digits.starts_with(digits) {
                open.digits.clear();
            }
            open.digits.push_str(digits);
            open.turn = heard.segment;
            if let Some(number) = nanp(&open.digits) {
                return Some((number, Some(open.phrases)));
            }
            self.open = Some(open);
            return None;
        }
        if known.is_some() {
            return known.map(|n| (n, None));
        }
        if !caller || !(2..10).contains(&digits.len()) {
            return None;
        }
        let phrases = around(sequence.start, sequence.end, false);
        self.open = Some(Opening {
            digits: digits.to_owned(),
            phrases,
            turn: heard.segment,
        });
        None
    }

    /// The entry of a number, made where there is room.
    fn entry(&mut self, number: String) -> Option<usize> {
        if let Some(at) = self.said.iter().position(|e| e.number == number) {
            return Some(at);
        }
        if self.said.len() >= MAX_NUMBERS {
            return None;
        }
        self.said.push(Entry::new(number));
        Some(self.said.len() - 1)
    }

    fn count(&mut self, at: usize, heard: &Heard, sequence: &Sequence) {
        self.changed = true;
        let entry = &mut self.said[at];
        let side = heard.speaker.index();
        entry.times[side] = entry.times[side].saturating_add(1);
        entry.first.get_or_insert(heard.speaker);
        if entry.evidence.is_none() || heard.speaker == Speaker::Caller && entry.times[side] == 1 {
            entry.evidence = Some(heard.evidence(Role::States, sequence.start, sequence.end));
            entry.p = word_probability(&heard.tokens, sequence.start, sequence.end);
        }
    }

    /// The turn after one that spoke of a number says something of it.
    fn note_answer(&mut self, heard: &Heard, sequences: &[Sequence]) {
        let Some((speaker, which)) = self.last.take() else {
            return;
        };
        if !sequences.is_empty() && speaker == heard.speaker {
            return;
        }
        let mut words = plain(heard.tokens.iter().map(|t| t.text.as_str()));
        words.truncate(ANSWERED);
        let phrases = marked(speaker, which == Which::Line, '!', &words);
        let entry = match which {
            Which::Line => &mut self.line,
            Which::Said(at) => &mut self.said[at],
        };
        entry.hold(phrases);
        self.changed = true;
    }

    /// The line has become known.
    pub fn touch(&mut self) {
        self.changed = true;
    }

    /// Whether anything was added since the last time that this was asked.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// The numbers of the call so far, the line it comes from first.
    fn entries(&self, line: Option<&str>) -> Vec<Cow<'_, Entry>> {
        let mut entries: Vec<Cow<'_, Entry>> = Vec::with_capacity(self.said.len() + 1);
        if let Some(number) = line {
            let mut own = self.line.clone();
            number.clone_into(&mut own.number);
            own.p = 1.0;
            entries.push(Cow::Owned(own));
        }
        for entry in &self.said {
            match entries.first_mut().filter(|e| e.number == entry.number) {
                Some(own) => {
                    let own = own.to_mut();
                    own.times = entry.times;
                    own.first = entry.first;
                    own.evidence = entry.evidence.clone().or_else(|| own.evidence.take());
                    for phrase in &entry.phrases {
                        own.tally
                            .hear(phrase.speaker, &phrase.ids(super::vocabulary()));
                    }
                    own.phrases.extend(entry.phrases.iter().cloned());
                }
                None => entries.push(Cow::Borrowed(entry)),
            }
        }
        entries
    }

    /// The numbers of the call so far with all that was said around each.
    pub fn candidates(&self, line: Option<&str>) -> Vec<Candidate> {
        let entries = self.entries(line);
        let fact = |text: Cow<'static, str>| Phrase {
            speaker: Speaker::Caller,
            words: Arc::from([text.into_owned()]),
        };
        entries
            .iter()
            .enumerate()
            .map(|(at, entry)| Candidate {
                number: entry.number.clone(),
                phrases: entry
                    .phrases
                    .iter()
                    .cloned()
                    .chain(facts(&entries, at, line).into_iter().map(fact))
                    .collect(),
                evidence: entry.evidence.clone(),
                p: entry.p,
            })
            .collect()
    }

    /// What the numbers are for by all that was said around them; `None` where there is nothing to choose.
    pub fn weigh(&self, line: Option<&str>) -> Option<Uses> {
        let entries = self.entries(line);
        let weighed = |(at, entry): (usize, &Cow<'_, Entry>)| {
            let mut tally = entry.tally.clone();
            for fact in facts(&entries, at, line) {
                let id = super::vocabulary().ids_of(std::iter::once(fact.as_ref()));
                tally.hear(Speaker::Caller, &id);
            }
            (entry.number.clone(), tally)
        };
        (entries.len() > 1).then(|| Uses::new(entries.iter().enumerate().map(weighed)))
    }
}

/// What is known of a number besides the words around it: who said it, how often, in which order, beside which others.
fn facts(entries: &[Cow<'_, Entry>], at: usize, line: Option<&str>) -> Vec<Cow<'static, str>> {
    let entry = &entries[at];
    let caller = Speaker::Caller.index();
    let of_caller = |e: &&Cow<'_, Entry>| e.times[caller] > 0;
    let mut out = Vec::new();
    let mut fact = |text: Cow<'static, str>| out.push(text);
    let by = match (entry.times[caller] > 0, entry.times[1 - caller] > 0) {
        (true, true) => "=by-both",
        (true, false) => "=by-caller",
        (false, true) => "=by-agent",
        (false, false) => "=by-nobody",
    };
    fact(by.into());
    let rest = |e: &&Cow<'_, Entry>| e.number != entry.number;
    if line == Some(&entry.number) {
        let told = entries.iter().filter(rest).filter(of_caller).count();
        let said = entries.iter().filter(rest).count();
        fact("=line".into());
        fact(["=line-caller's0", "=line-caller's1", "=line-caller's2"][told.min(2)].into());
        fact(["=line-others0", "=line-others1", "=line-others2"][said.min(2)].into());
    } else {
        fact(
            if line.is_some() {
                "=other-true"
            } else {
                "=other-false"
            }
            .into(),
        );
        fact("=other".into());
    }
    if let Some(first) = entry.first {
        fact(match first {
            Speaker::Caller => "=first-caller".into(),
            Speaker::Agent => "=first-agent".into(),
        });
    }
    let times = entry.times.iter().map(|t| u32::from(*t)).sum::<u32>();
    fact(["=times0", "=times1", "=times2", "=times3"][times.min(3) as usize].into());
    let told: Vec<&Cow<'_, Entry>> = entries.iter().filter(of_caller).collect();
    if let Some(nth) = told.iter().position(|e| e.number == entry.number) {
        fact(format!("=nth{}of{}", nth.min(2), told.len().min(3)).into());
        if nth + 1 == told.len() {
            fact("=last".into());
        }
    }
    let near = |e: &Cow<'_, Entry>| one_slip(&e.number, &entry.number);
    if entries[at + 1..].iter().any(near) && line != Some(&entry.number) {
        fact("=near-later".into());
    }
    if entries[..at].iter().any(near) {
        fact("=near-before".into());
    }
    out
}

/// Whether two different numbers of the same length are apart by one digit, or by two neighbours that changed places.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut apart = (0..a.len()).filter(|i| a.get(*i) != b.get(*i));
    a.len() == b.len()
        && match (apart.next(), apart.next(), apart.next()) {
            (Some(_), None, _) => true,
            (Some(i), Some(j), None) => j == i + 1 && a[i] == b[j] && a[j] == b[i],
            _ => false,
        }
}
