//! Names that nothing in the caller's own words makes sure of: the agent's words before or after do.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::{Role, word_probability};
use crate::fields::gazetteer::tables;
use crate::fields::ledger::{Claim, Source, Strength};
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::{Lead, NameMention, Setting, Whose, word};
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{Value, title_case};
use crate::fields::word_set::words;

use super::update::continued;
use super::value_of;

impl State {
    /// "It says Midland versus Dolores Tijerina." "And are you Dolores?" "Yes": what the caller had read out is the caller's own name.
    fn said_in_full_before(&mut self, heard: &Heard, reply: &Reply) {
        let Some(field) = self.field("caller_name").filter(|_| reply.affirm) else {
            return;
        };
        let agents = self.ledger(field).held.as_ref().is_some_and(|h| {
            h.source == Source::AgentSaid && h.evidence.iter().any(|e| e.turn == heard.segment)
        });
        let Some(given) = self
            .held_text("caller_name")
            .filter(|h| agents && !h.contains(' '))
        else {
            return;
        };
        let surname = self.last_caller.windows(2).find_map(|w| {
            let name = w[0].eq_ignore_ascii_case(&given)
                && !word::is_closed(&w[1])
                && w[1].chars().all(char::is_alphabetic)
                && (tables().is_surname(&w[1]) || !tables().is_word(&w[1]));
            name.then(|| w[1].clone())
        });
        if let Some(surname) = surname {
            let full = title_case(&format!("{given} {surname}"));
            let span = (0, heard.tokens.len().min(1));
            let value = value_of(&full);
            self.claim(field, heard, span, Role::States, value, Strength::Repair);
        }
    }

    /// Names that only the agent's words make likely: "Castellano?" "Yes, Fiorella Castellano"; and what would be a name if the agent now
    /// calls the caller by it.
    pub(super) fn answers_to_name(
        &mut self,
        heard: &Heard,
        reply: &Reply,
        setting: Setting<'_>,
        mentions: &mut Vec<NameMention>,
    ) {
        self.maybe_name = None;
        self.said_in_full_before(heard, reply);
        if let Some(held) = self.held_text("caller_name")
            && mentions.is_empty()
            && let Some(longer) = continued(heard, &held)
        {
            mentions.push(longer);
            return;
        }
        // "Clarence" "Clarence Odom": the patient's, of whom the talk is.
        if mentions.is_empty()
            && let Some(field) = self.last_name_field
            && let Some(held) = self.value(field).and_then(Value::text).map(str::to_owned)
            && let Some(longer) = continued(heard, &held)
        {
            let span = (longer.start, longer.end);
            let value = value_of(&longer.name);
            self.claim(field, heard, span, Role::States, value, Strength::Repair);
            return;
        }
        let wanted = self
            .field("caller_name")
            .is_some_and(|f| self.value(f).is_none());
        // "Thibodeaux?" "Augustin Thibodeaux, that's right. Now ...": the head of the turn is the answer.
        let head_answers = || {
            name_at(heard, 0, Level::Named).is_some_and(|s| {
                s.start == 0
                    && s.words.len() >= 2
                    && s.is_given()
                    && heard.tokens[s.end - 1].stop >= Stop::Comma
            })
        };
        if !wanted || !mentions.is_empty() || heard.tokens.len() > 8 && !head_answers() {
            return;
        }
        // "Is this Martha?": the one called.
        if heard
            .tokens
            .windows(2)
            .any(|w| w[0].is("is") && w[1].any(words!["this", "that"]))
        {
            return;
        }
        let at = (0..heard.tokens.len())
            .find(|i| {
                !matches!(
                    heard.word(*i),
                    "it's"
                        | "i'm"
                        | "this"
                        | "is"
                        | "yeah"
                        | "yes"
                        | "hi"
                        | "oh"
                        | "okay"
                        | "um"
                        | "well"
                        | "so"
                        | "me"
                        | "just"
                )
            })
            .unwrap_or(0);
        // "Haywood, yes, Clint Haywood": the full name further on.
        let full = (at + 1..heard.tokens.len())
            .filter_map(|i| name_at(heard, i, Level::Named))
            .find(|s| s.words.len() >= 2 && s.words.last().is_some_and(|w| w == heard.word(at)));
        let Some(span) = full.or_else(|| name_at(heard, at, Level::Named)) else {
            return;
        };
        let echoed = span.words.len() >= 2
            && span
                .words
                .last()
                .and_then(|w| self.last_agent.iter().position(|a| a == w))
                // "And you're in Austin?" "South Austin": a place.
                .is_some_and(|at| {
                    at == 0
                        || !matches!(
                            self.last_agent[at - 1].as_str(),
                            "in" | "at"
                                | "from"
                                | "near"
                                | "to"
                                | "of"
                                | "on"
                                | "with"
                                | "see"
                                | "by"
                                | "contact"
                                | "there"
                                | "doctor"
                                | "our"
                        )
                })
            && (reply.affirm || heard.hits.has(Cue::Affirm));
        if echoed {
            mentions.push(NameMention {
                start: span.start,
                end: span.end,
                name: span.name(),
                lead: Lead::Weak,
                whose: Whose::Own,
                spelled: false,
            });
        } else if (setting.expected || setting.unnamed)
            && span.end == heard.tokens.len()
            && heard.tokens[span.start..span.end]
                .iter()
                .all(|t| word::nameness(t) >= word::Nameness::Unknown)
        {
            self.maybe_name = Some(Claim {
                value: value_of(&span.name()),
                source: Source::CallerSaid,
                strength: Strength::Answer,
                inferred: false,
                p: word_probability(&heard.tokens, span.start, span.end),
                raw: heard.text(span.start, span.end),
                evidence: vec![heard.evidence(Role::States, span.start, span.end)],
            });
        }
    }
}
