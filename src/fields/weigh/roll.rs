//! The numbers of a call, whoever said them, and the line it comes from; and of each the words that stood around it ([`around`]) and in the
//! answer. What each number is for (where to call, where else, whose) is in those words more
//! often than in any phrase.
//!
//! Owns which number a turn speaks of and what is kept of the words around it. What they weigh, the table of numbers knows; what is
//! made of that, the telephones' rules.

use std::borrow::Cow;

use super::around::{Before, Phrase, answering, around, within};
use super::entry::Entry;
use super::{Tally, Uses, vocabulary};
use crate::fields::evidence::{Evidence, Role};
use crate::fields::phone::{self, Sequence};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::nanp;

/// Numbers kept: beyond them nobody asks which is which.
const MAX_NUMBERS: usize = 6;
/// Turns of anybody's that may lie between two breaths of a number.
const BREATH_TURNS: u32 = 4;

/// A number of the call.
#[derive(Debug, Clone)]
struct Said {
    /// In full.
    number: String,
    entry: Entry,
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
    said: Vec<Said>,
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
            line: Entry::new(super::numbers()),
            open: None,
            last: None,
            changed: false,
        }
    }
}

impl Roll {
    /// Notes the numbers that a turn speaks of; `line`: where it names the line the call is on.
    pub fn hear(&mut self, heard: &Heard, line: &[(usize, usize)], before: Before) {
        let mut sequences = phone::sequences(heard);
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
            let mut phrases = around(heard, &spans, (start, end), named, before);
            if named {
                phrases.extend(within(heard, (start, end), named));
            }
            phrases
        };
        for sequence in &sequences {
            let Some((number, begun)) = self.number(heard, sequence, before, &around) else {
                continue;
            };
            let Some(at) = self.entry(number) else {
                continue;
            };
            let phrases = || begun.unwrap_or_else(|| around(sequence.start, sequence.end, false));
            let said = &mut self.said[at].entry;
            self.changed |= said.hold(phrases);
            self.changed |= said.count(heard, sequence.start, sequence.end);
            self.last = Some((heard.speaker, Which::Said(at)));
        }
        for (start, end) in line {
            let digits = |s: &Sequence| s.start < *end && *start < s.end;
            if sequences.iter().any(digits) {
                continue;
            }
            self.changed |= self.line.hold(|| around(*start, *end, true));
            if heard.speaker == Speaker::Caller {
                self.line.evidence = Some(heard.evidence(Role::States, *start, *end));
            }
            self.last = Some((heard.speaker, Which::Line));
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
        self.said.push(Said {
            number,
            entry: Entry::new(super::numbers()),
        });
        Some(self.said.len() - 1)
    }

    /// The turn after one that spoke of a number says something of it.
    fn note_answer(&mut self, heard: &Heard, sequences: &[Sequence]) {
        let Some((speaker, which)) = self.last.take() else {
            return;
        };
        if !sequences.is_empty() && speaker == heard.speaker {
            return;
        }
        let entry = match which {
            Which::Line => &mut self.line,
            Which::Said(at) => &mut self.said[at].entry,
        };
        self.changed |= entry.hold(|| answering(heard, speaker, which == Which::Line));
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
    fn numbers<'a>(&'a self, line: Option<&'a str>) -> Vec<Number<'a>> {
        let own = line.map(|number| Number {
            number,
            is_line: true,
            entry: &self.line,
            said: (self.said.iter().find(|s| s.number == number)).map(|s| &s.entry),
        });
        let others = self.said.iter().filter(|s| Some(&*s.number) != line);
        own.into_iter()
            .chain(others.map(|said| Number {
                number: &said.number,
                is_line: false,
                entry: &said.entry,
                said: None,
            }))
            .collect()
    }

    /// The numbers of the call so far with all that was said around each.
    pub fn candidates(&self, line: Option<&str>) -> Vec<Candidate> {
        let numbers = self.numbers(line);
        let fact = |words: &str| Phrase {
            speaker: Speaker::Caller,
            words: words.into(),
        };
        numbers
            .iter()
            .enumerate()
            .map(|(at, number)| Candidate {
                number: number.number.to_owned(),
                phrases: std::iter::once(number.entry)
                    .chain(number.said)
                    .flat_map(|e| e.phrases.iter().cloned())
                    .chain(facts(&numbers, at).into_iter().map(fact))
                    .collect(),
                evidence: std::iter::once(number.digits())
                    .chain([number.entry])
                    .find_map(|e| e.evidence.clone()),
                p: number.entry.p,
            })
            .collect()
    }

    /// What the numbers are for by all that was said around them, of the uses that there are; `None` where there is nothing to choose.
    pub fn weigh(&self, line: Option<&str>, has: [bool; Uses::OF.len()]) -> Option<Uses> {
        let numbers = self.numbers(line);
        let weighed = |(at, number): (usize, &Number<'_>)| {
            let facts = facts(&numbers, at).into_iter();
            let ids = facts.filter_map(|f| vocabulary().id(f));
            (number.number.to_owned(), number.tally().scores_with(ids))
        };
        let weighed = numbers.iter().enumerate().map(weighed);
        (numbers.len() > 1).then(|| Uses::new(super::numbers(), has, weighed))
    }
}

/// A number with what is held of it.
struct Number<'a> {
    /// In full.
    number: &'a str,
    is_line: bool,
    entry: &'a Entry,
    /// The entry of the line's digits, where they were said, too.
    said: Option<&'a Entry>,
}

impl<'a> Number<'a> {
    /// What is held of its digits.
    fn digits(&self) -> &'a Entry {
        self.said.unwrap_or(self.entry)
    }

    fn is_callers(&self) -> bool {
        self.digits().times[Speaker::Caller.index()] > 0
    }

    /// What its phrases weigh.
    fn tally(&self) -> Cow<'a, Tally> {
        let mut tally = Cow::Borrowed(&self.entry.tally);
        if let Some(said) = self.said {
            tally.to_mut().add(&said.tally);
        }
        tally
    }
}

/// What is known of a number besides the words around it: who said it, how often, in which order, beside which others.
fn facts(numbers: &[Number<'_>], at: usize) -> Vec<&'static str> {
    const TOLD: [&str; 3] = ["=line-caller's0", "=line-caller's1", "=line-caller's2"];
    const SAID: [&str; 3] = ["=line-others0", "=line-others1", "=line-others2"];
    const TIMES: [&str; 4] = ["=times0", "=times1", "=times2", "=times3"];
    const NTH: [[&str; 3]; 3] = [
        ["=nth0of1", "=nth0of2", "=nth0of3"],
        ["=nth1of1", "=nth1of2", "=nth1of3"],
        ["=nth2of1", "=nth2of2", "=nth2of3"],
    ];
    let number = &numbers[at];
    let line = numbers[0].is_line;
    let times = number.digits().times;
    let mut out = Vec::with_capacity(12);
    out.push(
        match (number.is_callers(), times[Speaker::Agent.index()] > 0) {
            (true, true) => "=by-both",
            (true, false) => "=by-caller",
            (false, true) => "=by-agent",
            (false, false) => "=by-nobody",
        },
    );
    if number.is_line {
        let told = numbers[1..].iter().filter(|n| n.is_callers()).count();
        out.extend(["=line", TOLD[told.min(2)], SAID[(numbers.len() - 1).min(2)]]);
    } else {
        out.extend([if line { "=other-true" } else { "=other-false" }, "=other"]);
    }
    if let Some(first) = number.digits().first {
        out.push(match first {
            Speaker::Caller => "=first-caller",
            Speaker::Agent => "=first-agent",
        });
    }
    let times = times.iter().map(|t| usize::from(*t)).sum::<usize>();
    out.push(TIMES[times.min(3)]);
    if number.is_callers() {
        let callers = |n: &[Number<'_>]| n.iter().filter(|n| n.is_callers()).count();
        let (nth, told) = (callers(&numbers[..at]), callers(numbers));
        out.push(NTH[nth.min(2)][told.min(3) - 1]);
        if nth + 1 == told {
            out.push("=last");
        }
    }
    let near = |n: &Number<'_>| one_slip(n.number, number.number);
    if !number.is_line && numbers[at + 1..].iter().any(near) {
        out.push("=near-later");
    }
    if numbers[..at].iter().any(near) {
        out.push("=near-before");
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
