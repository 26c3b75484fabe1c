//! Which of the numbers of a call is for what: the rules' choice, made turn by turn, weighed beside all that was said around each number.
//! While the call goes on that tells how sure a choice is; at its end it moves the numbers to where they most likely belong.

use crate::fields::cue::Cue;
use crate::fields::ledger::{Claim, Held, Source, Strength};
use crate::fields::outcome::Code;
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::Value;
use crate::fields::weigh::{Before, Candidate, Uses};
use crate::fields::word_set::{WordSet, words};

use super::line::named;

/// What the rules' choice is worth beside the words, in the logarithm of odds. Chosen, coarsely, on dialogues that no rule had been tuned to.
const SEEN: f32 = 0.5;

/// What speaks against calling back on a number that the agent told the caller. Taken once, coarsely; sums over calls kept aside
/// bore it out.
const TOLD: f32 = 3.0;

/// A choice with this share of the odds by the words alone is borne out by them.
const BORNE_OUT: f32 = 0.5;

impl State {
    /// Notes the numbers that a turn speaks of.
    pub(in crate::fields::capture) fn note_numbers(&mut self, heard: &Heard) {
        let line = if heard.hits.has(Cue::ThisNumber) || heard.says(NAMES) {
            names_line(heard)
        } else {
            Vec::new()
        };
        let (asked, own) = self.turns_before(heard.speaker);
        let before = Before {
            asked: &asked,
            own: &own,
            line: self.ctx.caller_id.as_deref(),
        };
        self.roll.hear(heard, &line, before);
    }

    /// Weighs the numbers anew, where anything was said of them since.
    pub(in crate::fields) fn weigh_numbers(&mut self) {
        if self.roll.take_changed() {
            let has = Uses::OF.map(|name| self.field(name).is_some());
            self.uses = self.roll.weigh(self.ctx.caller_id.as_deref(), has);
        }
    }

    /// Whether the words around the numbers speak for those that the fields of the uses hold; `None` where there is nothing to choose.
    pub(in crate::fields) fn numbers_borne_out(&self) -> [Option<bool>; Uses::OF.len()] {
        let mut out = [None; Uses::OF.len()];
        if let Some((uses, chosen)) = self.weighed_uses() {
            for (at, number) in chosen.into_iter().enumerate() {
                out[at] = number.map(|n| uses.share(at, n) >= BORNE_OUT);
            }
        }
        out
    }

    /// The call is over: each number goes where rules and words together put it. What a person has set or the caller left open stays.
    pub(in crate::fields) fn allot_numbers(&mut self) {
        self.weigh_numbers();
        let Some((uses, chosen)) = self.weighed_uses() else {
            return;
        };
        let settled = |field: u8| {
            let ledger = self.ledger(field);
            ledger.lock.is_some() || ledger.held.as_ref().is_some_and(|h| h.rival.is_some())
        };
        let fields = Uses::OF.map(|name| self.field(name));
        if fields.into_iter().flatten().any(settled) {
            return;
        }
        let candidates = self.roll.candidates(self.ctx.caller_id.as_deref());
        // "One number for you though, Keauhou Roofing, 808 ...": said for the caller to dial, whoever says it back.
        let told: Vec<bool> = (candidates.iter())
            .map(|c| self.agent_numbers.contains(&c.number))
            .collect();
        let likeliest = uses.likeliest(|number, at| {
            let seen = if chosen[at] == Some(number) {
                SEEN
            } else {
                0.0
            };
            let told = if at == 0 && told.get(number) == Some(&true) {
                TOLD
            } else {
                0.0
            };
            seen - told
        });
        if likeliest == chosen {
            return;
        }
        let held: Vec<Held> = fields
            .into_iter()
            .flatten()
            .filter_map(|f| self.ledger(f).held.clone())
            .collect();
        for (at, field) in fields.into_iter().enumerate() {
            let Some(field) = field.filter(|_| likeliest[at] != chosen[at]) else {
                continue;
            };
            let kind = match likeliest[at].and_then(|n| candidates.get(n)) {
                Some(candidate) => self.ledger_mut(field).outweigh(moved(candidate, &held)),
                None => self.ledger_mut(field).withdraw(),
            };
            self.note(field, kind);
        }
    }

    /// The call is over, and the business does not do what was asked: the number that the agent told instead is somebody else's.
    pub(in crate::fields) fn keep_referral(&mut self) {
        let Some(field) = self.field("third_party_number") else {
            return;
        };
        let ledger = self.ledger(field);
        if ledger.held.is_some()
            || ledger.lock.is_some()
            || self.outcome_code().0 != Code::NotServed
        {
            return;
        }
        let Some(number) = self.agent_numbers.last().cloned() else {
            return;
        };
        let candidates = self.roll.candidates(self.ctx.caller_id.as_deref());
        let Some(told) = candidates.iter().find(|c| c.number == number) else {
            return;
        };
        let taken = Uses::OF
            .iter()
            .filter_map(|name| self.held_text(name))
            .any(|held| held == number);
        if !taken {
            let claim = Claim::concluded(Value::Text(number), told.evidence.as_ref(), told.p);
            let kind = self.ledger_mut(field).claim(claim);
            self.note(field, kind);
        }
    }

    /// The numbers weighed, and which of them the fields hold; `None` where a field holds one that is not among them.
    fn weighed_uses(&self) -> Option<(&Uses, [Option<usize>; 3])> {
        let uses = self.uses.as_ref()?;
        let mut chosen = [None; 3];
        for (chosen, name) in chosen.iter_mut().zip(Uses::OF) {
            let held = self.field(name).and_then(|f| self.value(f));
            if let Some(number) = held.and_then(Value::text) {
                *chosen = Some(uses.position(number)?);
            }
        }
        Some((uses, chosen))
    }
}

/// The claim of a number for another use than before. However well its digits are known: that it is for this was only weighed.
fn moved(candidate: &Candidate, held: &[Held]) -> Claim {
    let number = Value::Text(candidate.number.clone());
    if let Some(held) = held.iter().find(|h| h.value == number) {
        return Claim {
            value: number,
            source: held.source,
            strength: Strength::Shape,
            inferred: held.inferred,
            p: held.p,
            raw: held.raw.clone(),
            evidence: held.evidence.clone(),
        };
    }
    let source = candidate.evidence.as_ref().map(|e| e.speaker);
    Claim {
        value: number,
        source: match source {
            Some(Speaker::Caller) => Source::CallerSaid,
            Some(Speaker::Agent) => Source::AgentSaid,
            None => Source::CallerId,
        },
        strength: Strength::Shape,
        inferred: source.is_none(),
        p: candidate.p,
        raw: candidate
            .evidence
            .as_ref()
            .map_or_else(String::new, |e| e.text.clone()),
        evidence: candidate.evidence.iter().cloned().collect(),
    }
}

/// One of these is in every turn that names the line.
const NAMES: &WordSet = words![
    "this", "same", "number", "phone", "line", "cell", "mobile", "one", "calling", "called",
    "here", "i'm", "you're", "we're", "caller", "screen", "display", "end",
];

/// Where a turn may speak of the line that the call is on, asked or said or denied: wherever a phrase names it, and where it only may.
fn names_line(heard: &Heard) -> Vec<(usize, usize)> {
    let mut spans = named(heard);
    for at in 0..heard.tokens.len() {
        let next = |words: &WordSet| heard.any(at + 1, words);
        let then = |words: &WordSet| heard.any(at + 2, words);
        let end = match heard.word(at) {
            "this" if heard.any(at.wrapping_sub(1), words!["on", "at", "from", "to"]) => at + 1,
            "this" if next(words!["one's", "one"]) => at + 2,
            "this" if next(words!["is"]) && then(words!["my", "the", "a", "our", "it", "me"]) => {
                at + 3
            }
            "calling" | "called" if next(words!["from", "on", "in", "with"]) => at + 2,
            "on" | "in"
                if next(words!["my", "your", "the", "our"])
                    && then(words!["screen", "display", "caller", "end"]) =>
            {
                at + 3
            }
            "caller" if next(words!["id", "i"]) => at + 2,
            "i'm" | "you're" | "we're" if next(words!["on", "using"]) => at + 2,
            "i" if next(words!["see", "show", "have", "got"])
                && then(words!["here", "on", "now"]) =>
            {
                at + 3
            }
            _ => continue,
        };
        spans.push((at, end));
    }
    spans.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match apart.last_mut().filter(|last| start <= last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => apart.push((start, end)),
        }
    }
    apart
}
