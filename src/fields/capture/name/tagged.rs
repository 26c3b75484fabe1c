//! The caller's name by all words of the call, each weighed as part of it ([`crate::fields::name::tag`]): it takes the place of a name that
//! no phrase announced, that was caught in part, or that the weighing does not bear out; and tells how sure the name held is.

use crate::fields::evidence::{Evidence, Role, word_probability};
use crate::fields::gazetteer::tables;
use crate::fields::ledger::{Claim, Source, Status, Strength};
use crate::fields::name::tag::{self, Memory, Said};
use crate::fields::name::word::{Nameness, is_endearing, nameness};
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{same_text, title_case};

use super::update::shares_word;
use super::value_of;

/// A word of at least this probability is taken for part of a name.
const HEEDED: f32 = 0.3;
/// A word of another turn joins a name that was said in two turns from this certainty on.
const JOINED: f32 = 0.6;
/// How sure every word of a name must be to stand where none is held, beside a part of it, and in the place of another.
const FILLS: f32 = 0.75;
const COMPLETES: f32 = 0.85;
const REPLACES: f32 = 0.8;
/// A name held is borne out where its words are this certain on average; below the second it may be replaced.
const BORNE_OUT: f32 = 0.4;
const DOUBTED: f32 = 0.3;

/// So many runs are kept; a call names its caller early and often.
const MOST_RUNS: usize = 24;

/// What the weighing of words has found of the caller's name so far.
#[derive(Debug, Clone)]
pub struct Naming {
    weights: &'static tag::Weights,
    memory: Memory,
    runs: Vec<Run>,
}

/// Words side by side that may be the caller's name.
#[derive(Debug, Clone)]
struct Run {
    words: Vec<Word>,
    evidence: Evidence,
    p: f32,
}

#[derive(Debug, Clone)]
struct Word {
    /// Lower case, without a possessive.
    text: String,
    /// The given name just before it in its clause.
    given: Option<String>,
    /// The character that joins it to the word before.
    glue: Option<char>,
    probability: f32,
}

/// The likeliest name.
struct Pick<'a> {
    words: Vec<&'a Word>,
    runs: Vec<&'a Run>,
    /// How sure the least sure of its words is.
    certainty: f32,
}

impl Pick<'_> {
    fn name(&self) -> String {
        let mut out = String::new();
        for word in &self.words {
            if !out.is_empty() {
                out.push(if word.glue == Some('-') { '-' } else { ' ' });
            }
            out.push_str(&word.text);
        }
        title_case(&out)
    }
}

impl Naming {
    /// Nothing heard yet.
    pub fn new() -> Naming {
        Naming {
            weights: tag::weights(),
            memory: Memory::default(),
            runs: Vec::new(),
        }
    }

    /// Weighs the words of a turn.
    fn hear(&mut self, heard: &Heard) {
        let said = Said::new(heard.speaker, &heard.tokens, heard.cased);
        let mut run: Option<(usize, usize, Vec<Word>)> = None;
        let mut runs = Vec::new();
        for at in self.memory.candidates(&said) {
            let probability = self.memory.probability(self.weights, &said, at);
            if probability < HEEDED {
                continue;
            }
            let token = &heard.tokens[at];
            // "L dot Arceneaux at Outlook dot com": a mail address.
            if token.is("dot") || at > 0 && heard.word(at - 1) == "dot" {
                continue;
            }
            let word = Word {
                text: tag::bare(token).to_owned(),
                given: given_before(heard, at),
                glue: token.glue,
                probability,
            };
            match &mut run {
                // "Wilhelmina Fontenot, Beau's mom"
                Some((_, end, words))
                    if *end == at
                        && !heard.tokens[at - 1].ends_clause()
                        && !(words.len() >= 2 && token.text.ends_with("'s")) =>
                {
                    *end += 1;
                    words.push(word);
                }
                _ => runs.extend(run.replace((at, at + 1, vec![word]))),
            }
        }
        runs.extend(run);
        for (from, to, words) in runs {
            if self.runs.len() < MOST_RUNS {
                self.runs.push(Run {
                    words,
                    evidence: heard.evidence(Role::States, from, to),
                    p: word_probability(&heard.tokens, from, to),
                });
            }
        }
        self.memory.hear(&said);
    }

    /// How sure it is that a word belongs to the name: each time that it was said adds to it.
    fn certainty(&self, text: &str) -> f32 {
        let words = self.runs.iter().flat_map(|r| &r.words);
        1.0 - words
            .filter(|w| w.text == text)
            .map(|w| 1.0 - w.probability)
            .product::<f32>()
    }

    /// How sure the words of a name are on average, each by the word most like it.
    fn support(&self, name: &str) -> f32 {
        let like = |a: &str, b: &str| {
            a == b
                || a.chars().count().min(b.chars().count()) > 3
                    && (a.contains(b) || b.contains(a) || strsim::jaro_winkler(a, b) > 0.88)
        };
        let lower = name.to_lowercase();
        let (mut sum, mut n) = (0.0, 0.0);
        for part in lower.split([' ', '-']) {
            let words = self.runs.iter().flat_map(|r| &r.words);
            sum += words
                .filter(|w| like(&w.text, part))
                .map(|w| self.certainty(&w.text))
                .fold(0.0, f32::max);
            n += 1.0;
        }
        sum / n
    }

    /// The name picked, with the given name that stood before it once where it is a surname alone.
    fn whole(&self, pick: &Pick<'_>) -> String {
        let name = pick.name();
        let [only] = pick.words[..] else {
            return name;
        };
        let same = self.runs.iter().filter(|r| r.words[0].text == only.text);
        let given = same.filter_map(|r| r.words[0].given.as_ref()).next();
        given.map_or(name.clone(), |g| format!("{} {name}", title_case(g)))
    }

    /// The likeliest name: the run whose different words are surest, all in all; a single word with another one said elsewhere.
    fn pick(&self) -> Option<Pick<'_>> {
        let mut best: Option<(f32, Vec<&Word>, &Run)> = None;
        for run in &self.runs {
            let mut words: Vec<&Word> = Vec::new();
            // "Liz, Elizabeth, Elizabeth Crane": first as friends say it.
            let short = matches!(&run.words[..], [a, b, _, ..] if a.text != b.text && b.text.contains(&a.text));
            for word in &run.words[usize::from(short)..] {
                if !words.iter().any(|w| w.text == word.text) {
                    words.push(word);
                }
            }
            let sum = words.iter().map(|w| self.certainty(&w.text)).sum::<f32>();
            // The first of about the same.
            if best.as_ref().is_none_or(|(most, ..)| sum > most + 0.05) {
                best = Some((sum, words, run));
            }
        }
        let (_, mut words, run) = best?;
        let mut runs = vec![run];
        if let [only] = words[..] {
            let alone = |r: &&Run| r.words.iter().all(|w| w.text == r.words[0].text);
            let other = self
                .runs
                .iter()
                .filter(alone)
                .map(|r| (self.certainty(&r.words[0].text), r))
                .filter(|(sure, r)| *sure > JOINED && r.words[0].text != only.text)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, other)) = other {
                // "Ms. Duquette?" "Odile": the given name comes first where the lists know which it is.
                let given = |w: &Word| tables().is_given(&w.text);
                let no_surname = |w: &Word| given(w) && !tables().is_surname(&w.text);
                let turn = |r: &Run| (r.evidence.turn, r.evidence.word_from);
                let pair = |is: &dyn Fn(&Word) -> bool| (is(&other.words[0]), is(only));
                let leads = match (pair(&given), pair(&no_surname)) {
                    ((true, false), _) | (_, (true, false)) => true,
                    ((false, true), _) | (_, (false, true)) => false,
                    _ => turn(other) < turn(run),
                };
                let first = usize::from(!leads);
                words.insert(first, &other.words[0]);
                runs.insert(first, other);
            }
        }
        let certainty = words
            .iter()
            .map(|w| self.certainty(&w.text))
            .fold(1.0, f32::min);
        Some(Pick {
            words,
            runs,
            certainty,
        })
    }
}

/// "Daughter. Rosalind Tierney.": the given name just before the word, for a name of which the weighing knows the surname alone.
fn given_before(heard: &Heard, at: usize) -> Option<String> {
    let before = heard.tokens.get(at.checked_sub(1)?)?;
    let given = tables().is_given(&before.text) && nameness(before) >= Nameness::Both;
    (given && !before.ends_clause()).then(|| before.text.clone())
}

impl State {
    /// Weighs the words of a turn as parts of the caller's name.
    pub(in crate::fields) fn tag_names(&mut self, heard: &Heard) {
        if self.field("caller_name").is_some() {
            self.naming.hear(heard);
        }
    }

    /// At the end of the call, takes the name that all words make likeliest where the one held, or none, is less likely.
    pub(in crate::fields) fn take_likeliest_name(&mut self) {
        // Before the end the name may still come, and the rules find it better where it does.
        if !self.signs.ended {
            return;
        }
        let Some(field) = self.field("caller_name") else {
            return;
        };
        let Some(pick) = self.naming.pick() else {
            return;
        };
        if self.is_anothers(&pick) || is_endearing(&pick.name().to_lowercase()) {
            return;
        }
        let ledger = self.ledger(field);
        match ledger.status() {
            Status::Missing if pick.certainty > FILLS => {}
            Status::Heard | Status::Inferred | Status::Conflicting => {
                let held = self.held_text("caller_name").unwrap_or_default();
                let spelled = ledger
                    .held
                    .as_ref()
                    .is_some_and(|h| h.evidence.iter().any(|e| e.role == Role::Spells));
                let parts: Vec<String> =
                    held.to_lowercase().split(' ').map(str::to_owned).collect();
                let in_part = parts.len() < pick.words.len()
                    && parts
                        .iter()
                        .all(|p| pick.words.iter().any(|w| w.text == *p));
                let other = self.naming.support(&held) < DOUBTED && !spelled;
                if !(in_part && pick.certainty > COMPLETES || other && pick.certainty > REPLACES) {
                    return;
                }
            }
            _ => return,
        }
        let name = self.naming.whole(&pick);
        if self
            .held_text("caller_name")
            .is_some_and(|h| same_text(&h, &name))
        {
            return;
        }
        let source = match pick
            .runs
            .iter()
            .all(|r| r.evidence.speaker == Speaker::Agent)
        {
            true => Source::AgentSaid,
            false => Source::CallerSaid,
        };
        let raw: Vec<&str> = pick.runs.iter().map(|r| r.evidence.text.as_str()).collect();
        let claim = Claim {
            value: value_of(&name),
            source,
            strength: Strength::Answer,
            inferred: false,
            p: pick.runs.iter().map(|r| r.p).fold(1.0, f32::min),
            raw: raw.join(" "),
            evidence: pick.runs.iter().map(|r| r.evidence.clone()).collect(),
        };
        let kind = self.ledger_mut(field).outweigh(claim);
        self.note(field, kind);
    }

    /// Whether the agent is called by a word of it, or the other side of the matter or somebody else's patient by all of them.
    fn is_anothers(&self, pick: &Pick<'_>) -> bool {
        let in_name =
            |name: &str, word: &Word| name.split([' ', '-']).any(|p| same_text(p, &word.text));
        let agent = self.agent_name.as_deref().unwrap_or_default();
        let against = self.held_text("opposing_party").unwrap_or_default();
        // The patient of whom somebody else speaks is not who calls.
        let patient = self.held_text("patient_name").filter(|p| {
            self.last_kin.is_some()
                || self
                    .held_text("caller_name")
                    .is_some_and(|c| !shares_word(&c, p))
        });
        // "Hi Adaeze, Winifred who?": the given name of the patient is not part of the caller's.
        let first = |p: &String| {
            let given = p.split(' ').next().unwrap_or_default().to_owned();
            let held = self.held_text("caller_name");
            pick.words.iter().any(|w| same_text(&given, &w.text))
                && held.is_some_and(|h| !shares_word(&h, &given))
        };
        pick.words.iter().any(|w| in_name(agent, w))
            || patient.as_ref().is_some_and(first)
            || pick.words.iter().all(|w| in_name(&against, w))
            || patient.is_some_and(|p| pick.words.iter().all(|w| in_name(&p, w)))
    }

    /// Whether all words together speak for the name held.
    pub(in crate::fields) fn name_borne_out(&self) -> Option<bool> {
        let held = self.held_text("caller_name")?;
        Some(self.naming.support(&held) >= BORNE_OUT)
    }
}
