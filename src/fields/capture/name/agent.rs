//! Names in the agent's turn: the agent's own, one proposed ("is this Mrs. Holloway?"), one read back or spelled back.

use crate::fields::cue::Cue;
use crate::fields::dialogue;
use crate::fields::evidence::{Evidence, Role};
use crate::fields::name::span::{Level, Span, name_at};
use crate::fields::name::{self, Lead, Setting, Whose};
use crate::fields::spell;
use crate::fields::state::State;
use crate::fields::token::possessor;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::words;

use super::value_of;

impl State {
    /// Names in the agent's turn.
    pub fn agent_names(&mut self, heard: &mut Heard) {
        self.agent_follows_letters(heard);
        self.named_part = None;
        let proposed = self.proposed_name(heard);
        self.call_caller(heard);
        if self.agent_name.is_none()
            && !proposed
            && heard.segment <= 4
            && let Some(own) = name::mentions(heard, Setting::default())
                .into_iter()
                .find(|m| m.lead >= Lead::Weak && m.whose != Whose::Other)
        {
            self.agent_name = Some(own.name.clone());
            heard.take(own.start, own.end);
        }
        self.called_by_name(heard);
        self.echoed_name(heard);
        self.put_surname(heard);
        let mut names: Vec<(bool, u8, String)> = (0..self.ledgers.len() as u8)
            .filter(|f| self.ty(*f) == FieldType::PersonName)
            .filter_map(|f| Some((f, self.value(f)?.text()?.to_owned())))
            .map(|(f, held)| {
                let given = held.split(' ').next().unwrap_or_default().to_lowercase();
                (!heard.has_word(&given), f, held)
            })
            .collect();
        // "Harper Price", of Will Price's daughter: hers, whose given name is said.
        names.sort_by_key(|(absent, field, _)| (*absent, *field));
        for (_, field, held) in names {
            if self.name_read_back(heard, field, &held) {
                return;
            }
        }
    }

    /// "Is it Brandt as well?", "same last name?": the family's surname, put to the one of whom only the given name is known.
    fn put_surname(&mut self, heard: &Heard) {
        let n = heard.tokens.len();
        let Some(at) = (0..n).find(|i| {
            heard.any(*i, words!["too", "also", "same"])
                || heard.word(*i) == "as" && heard.word(i + 1) == "well"
        }) else {
            return;
        };
        // "I'll tell Henry as well": no question.
        if n > 12
            || heard.says(words!["i", "i'll", "i've", "we", "we'll", "let"])
            || n > 4 && !heard.says(words!["is", "same", "name"])
        {
            return;
        }
        let single = |f: &u8| {
            self.ty(*f) == FieldType::PersonName
                && self
                    .value(*f)
                    .and_then(Value::text)
                    .is_some_and(|t| !t.contains(' '))
        };
        let of_family = || {
            let names = heard.word(at) == "same" && heard.hits.has(Cue::LastName);
            (0..self.ledgers.len() as u8)
                .filter(|f| self.ty(*f) == FieldType::PersonName)
                .filter_map(|f| self.value(f)?.text()?.rsplit_once(' '))
                .map(|(_, last)| last.to_lowercase())
                .find(|_| names)
        };
        let surname_held = |w: &str| {
            (0..self.ledgers.len() as u8)
                .filter(|f| self.ty(*f) == FieldType::PersonName)
                .filter_map(|f| self.value(f)?.text()?.rsplit_once(' '))
                .any(|(_, last)| last.eq_ignore_ascii_case(w))
        };
        let said = at.checked_sub(1).map(|i| &heard.tokens[i]).filter(|t| {
            name::word::nameness(t) >= name::word::Nameness::Both
                && self
                    .last_caller
                    .iter()
                    .chain(&*self.last_agent_before)
                    .any(|w| *w == t.text)
                || surname_held(&t.text)
                || name::word::nameness(t) == name::word::Nameness::Name
        });
        let Some(surname) = said.map(|t| t.text.clone()).or_else(of_family) else {
            return;
        };
        let field = self.last_name_field.filter(single).or_else(|| {
            (0..self.ledgers.len() as u8)
                .filter(|f| self.ledger(*f).held.is_some())
                .find(|f| single(f))
        });
        let Some((field, given)) = field.and_then(|f| Some((f, self.value(f)?.text()?.to_owned())))
        else {
            return;
        };
        if given.eq_ignore_ascii_case(&surname) {
            return;
        }
        let full = crate::fields::value::title_case(&format!("{given} {surname}"));
        let evidence = heard.evidence(Role::ReadsBack, at.saturating_sub(1), at + 1);
        self.await_yes(field, value_of(&full), true, evidence);
    }

    /// "Okay Sokha, ...", "... and a number there, Jolene": the agent takes the caller's last words for the caller's name.
    fn called_by_name(&mut self, heard: &Heard) {
        let Some(claim) = self.maybe_name.take() else {
            return;
        };
        let Some(field) = self
            .field("caller_name")
            .filter(|f| self.value(*f).is_none())
        else {
            return;
        };
        let n = heard.tokens.len();
        let ordinary = heard
            .tokens
            .iter()
            .any(|t| claim.raw == t.text && name::word::nameness(t) == name::word::Nameness::Both);
        let names = claim.value.text().unwrap_or_default().to_lowercase();
        let called = (0..n).any(|at| {
            names.split(' ').any(|w| w == heard.word(at))
                && (at + 1 == n
                    && n > 1
                    && !ordinary
                    && !matches!(
                        heard.word(at.wrapping_sub(1)),
                        "a" | "an" | "the" | "of" | "for" | "in"
                    )
                    || (0..at).all(|i| {
                        heard.hits.covers(Cue::Backchannel, i)
                            || heard.hits.covers(Cue::Accept, i)
                            || matches!(
                                heard.word(i),
                                "thanks"
                                    | "thank"
                                    | "you"
                                    | "hi"
                                    | "hello"
                                    | "mr"
                                    | "mrs"
                                    | "ms"
                                    | "miss"
                                    | "mister"
                            )
                    }))
        });
        // "Could you spell the last name?": it was a name.
        let to_spell =
            heard.hits.has(Cue::SpellAsk) && n <= 12 && !heard.says(words!["street", "road"]);
        if called || to_spell {
            let kind = self.ledger_mut(field).claim(claim);
            self.note(field, kind);
            self.last_name_field = Some(field);
        }
    }

    /// Whether letters of the name held were read back: then nothing else in the turn is.
    fn name_read_back(&mut self, heard: &mut Heard, field: u8, held: &str) -> bool {
        let parts: Vec<String> = held
            .to_lowercase()
            .split([' ', '-'])
            .map(str::to_owned)
            .collect();
        for s in &spell::spelled(heard) {
            // Letters of something else.
            if heard.is_taken(s.start, s.end) {
                continue;
            }
            if !parts
                .iter()
                .any(|p| strsim::jaro_winkler(p, &s.word) >= 0.75)
            {
                continue;
            }
            // "V-A-M-O?", after "8400 Vamo Road": letters of the street just named.
            let of_street = !parts.contains(&s.word)
                && self.last_was_street()
                && self
                    .last_address_field()
                    .and_then(|f| self.value(f)?.address()?.street.clone())
                    .is_some_and(|street| {
                        street.split(' ').any(|w| w.eq_ignore_ascii_case(&s.word))
                    });
            if of_street {
                heard.take(s.start, s.end);
                continue;
            }
            // "Got it. V-O-L-K-O-V-A for Anya.": somebody else's.
            let people = self.people();
            let others = [s.end, s.end.saturating_sub(2)].into_iter().any(|at| {
                let other = heard.word(at + 1);
                heard.word(at) == "for"
                    && people.iter().any(|p| p == other)
                    && !parts.iter().any(|p| p == other)
            });
            if others {
                continue;
            }
            heard.take(s.start, s.end);
            let exact = parts.contains(&s.word);
            if exact && parts.len() >= 2 && parts[0] == s.word {
                return true;
            }
            let value = name::with_spelling(Some(held), s, true);
            let bare = |t: &str| t.replace('\'', "").to_lowercase();
            let exact = exact || bare(&value) == bare(held);
            // Letters that only the agent has said spell better than the recogniser does; a yes to them settles it.
            let spelled_by_caller = self
                .ledger(field)
                .held
                .as_ref()
                .is_some_and(|h| h.evidence.iter().any(|e| e.role == Role::Spells));
            if !exact && !spelled_by_caller {
                let evidence = heard.evidence(Role::ReadsBack, s.start, s.end);
                self.await_yes(field, value_of(&value), true, evidence);
                return true;
            }
            let value = if exact { held.to_owned() } else { value };
            let evidence = heard.evidence(Role::ReadsBack, s.start, s.end);
            self.ledger_mut(field).read_back(evidence.clone());
            self.settle_or_await(field, value, exact, evidence);
            return true;
        }
        self.named_part = (0..heard.tokens.len()).find_map(|at| {
            parts
                .iter()
                .position(|p| strsim::jaro_winkler(p, heard.word(at)) >= 0.85)
        });
        // "And Green with an e at the end?": put to the caller.
        if self.named_part.is_some()
            && let Some((amended, from, to)) = spell::amend(held, heard, 0, self.named_part)
            && amended != held
        {
            let evidence = heard.evidence(Role::ReadsBack, from, to);
            self.await_yes(field, value_of(&amended), true, evidence);
            return false;
        }
        // The whole name said back, or part of it as a question.
        if let Some((start, end, whole)) = said_back(heard, &parts) {
            // "4155550168, Jocelyn": called by it, not asked for it.
            let alone = heard.tokens.len() <= end - start + 2 && heard.runs.is_empty();
            let question = dialogue::confirm_asked(heard, end) || alone;
            if whole && parts.len() >= 2
                || question && (whole || parts.len() >= 2 && heard.tokens.len() <= 6)
            {
                let evidence = heard.evidence(Role::ReadsBack, start, end);
                self.ledger_mut(field).read_back(evidence.clone());
                // A part alone is no read-back of the whole.
                if whole {
                    self.settle_or_await(field, held.to_owned(), true, evidence);
                }
            }
            if parts.len() == 1
                && heard.tokens.len() <= 12
                && let Some(full) =
                    fuller(heard, start).filter(|s| !self.puts_another(heard, field, s))
            {
                let evidence = heard.evidence(Role::ReadsBack, full.start, full.end);
                self.await_yes(field, value_of(&full.name()), true, evidence);
            }
            heard.take(start, end);
            return false;
        }
        false
    }

    /// "Hi Marcy, Ramon Gutierrez?": words of the name just put to the caller as somebody else's.
    fn puts_another(&self, heard: &Heard, field: u8, span: &Span) -> bool {
        self.pending
            .iter()
            .filter(|p| p.field != field && p.evidence.turn == heard.segment)
            .filter_map(|p| p.value.text())
            .any(|t| {
                t.split(' ')
                    .all(|w| span.words.iter().any(|x| x.eq_ignore_ascii_case(w)))
            })
    }

    /// A read-back that repeats what came out of a denied one settles it; any other awaits a yes.
    pub fn settle_or_await(&mut self, field: u8, value: String, matches: bool, evidence: Evidence) {
        if matches && self.ledger(field).held.as_ref().is_some_and(|h| h.disputed) {
            let kind = self.ledger_mut(field).confirm(None, vec![evidence.clone()]);
            self.note(field, kind);
        }
        self.await_yes(field, value_of(&value), matches, evidence);
    }
}

/// Where the parts of a name stand in a turn: all of them in a row, or one.
fn said_back(heard: &Heard, parts: &[String]) -> Option<(usize, usize, bool)> {
    let n = heard.tokens.len();
    for at in 0..n {
        if parts
            .iter()
            .enumerate()
            .all(|(i, p)| possessor(heard.word(at + i)) == p)
        {
            return Some((at, at + parts.len(), true));
        }
    }
    (0..n)
        .find(|at| heard.word(*at).len() > 2 && parts.iter().any(|p| p == heard.word(*at)))
        .map(|at| (at, at + 1, false))
}

/// The full name that the word at `at` is part of: "Mister Ramon Bautista?", where the surname alone was held.
fn fuller(heard: &Heard, at: usize) -> Option<Span> {
    (at.saturating_sub(2)..=at)
        .filter_map(|from| name_at(heard, from, Level::Named))
        .find(|s| {
            s.start <= at
                && at < s.end
                // "Hi Adaeze, Winifred who?": somebody else's is asked for.
                && !heard.any(s.end, words!["who", "what"])
                && (2..=3).contains(&s.words.len())
                && (s.is_given() || s.start == at)
        })
}
