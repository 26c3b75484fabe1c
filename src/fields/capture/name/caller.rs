//! Names in the caller's turn: whose they are, and what they do to the name held.

use super::in_care::Patient;
use crate::fields::cue::Cue;
use crate::fields::dialogue::{Asked, Part, Reply};
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Strength;
use crate::fields::name::{self, Lead, NameMention, Setting, Whose, word};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, same_text, title_case};
use crate::fields::word_set::words;

use super::mention::{
    amended_beside, given_spelled, has_kin_behind, in_one_word, is_no_name, is_other_voice,
    is_passing, left_out, to_be_called,
};
use super::update::shares_word;
use super::value_of;

impl State {
    /// Names and spellings in the caller's turn.
    pub fn caller_names(&mut self, heard: &mut Heard, reply: &Reply) {
        let proposed = self
            .pending
            .iter()
            .find(|p| {
                // "Tim Ferris" "No, Tim Farris": only the given name was held.
                let more = reply.deny && self.value(p.field) != Some(&p.value);
                self.ty(p.field) == FieldType::PersonName && (self.value(p.field).is_none() || more)
            })
            .map(|p| Asked {
                field: p.field,
                age: 0,
                at: 0,
                spelling: false,
                part: Part::Whole,
            });
        let asked = self
            .asked_of(FieldType::PersonName, 1)
            .cloned()
            .or(proposed)
            .or_else(|| self.called_so(heard))
            // "Lone Pine Landscaping, it's just this one guy, Rusty Hale": the firm that was asked for has been taken from these words.
            .filter(|a| {
                self.name(a.field) != "opposing_party"
                    || !self.told_now(a.field, heard)
                    // "Svetlana, and she kept her own last name, which is Orlova"
                    || self.last_name_field == Some(a.field) && heard.hits.has(Cue::LastName)
            });
        let mut spelled = self.letters_of(heard, reply);
        // "dpagan55@example.com. D as in David, P-A-G-A-N, five five.": the letters are the address's.
        if heard.tokens.iter().any(|t| t.text.contains('@')) {
            spelled.clear();
        }
        for s in &spelled {
            heard.take(s.start, s.end);
        }
        let addressed = self.agent_name.clone();
        let setting = Setting {
            expected: asked.is_some(),
            own: asked
                .as_ref()
                .is_some_and(|a| Some(a.field) == self.field("caller_name")),
            surname: asked.as_ref().is_some_and(|a| a.part == Part::Last),
            opening: heard.segment <= 4 && self.held_text("caller_name").is_none(),
            unnamed: self.held_text("caller_name").is_none()
                && !self
                    .asked
                    .iter()
                    .any(|a| a.age <= 1 && self.ty(a.field) == FieldType::PersonName)
                && !self.last_agent.iter().any(|w| {
                    matches!(
                        w.as_str(),
                        "his" | "her" | "their" | "name" | "he" | "she" | "who's"
                    )
                }),
            addressed: addressed.as_deref(),
        };
        let mut mentions = name::mentions(heard, setting);
        // "L dot Arceneaux at Outlook dot com": letters of a mail address are no name's.
        let in_mail = |m: &NameMention| {
            (m.start.saturating_sub(1)..=m.end).any(|i| heard.any(i, words!["dot", "underscore"]))
        };
        mentions.retain(|m| m.spelled && !in_mail(m) || !heard.is_taken(m.start, m.end));
        if reply.decline && heard.tokens.len() <= 12 {
            // "Just Teresa. I'd rather not say the last name."
            let only = |m: &NameMention| {
                heard.any(m.start.wrapping_sub(1), words!["just", "only"])
                    && tables().is_given(&m.name.to_lowercase())
            };
            mentions.retain(|m| m.lead >= Lead::Strong || m.name.contains(' ') || only(m));
        }
        if self.held_text("caller_name").is_none() && mentions.is_empty() {
            mentions.extend(spelled.iter().find_map(|s| given_spelled(heard, s)));
        }
        let date_asked = asked.is_none() && self.asked_of(FieldType::Date, 0).is_some();
        mentions.retain(|m| !is_no_name(heard, m, date_asked));
        for mention in &mut mentions {
            in_one_word(heard, mention, &spelled);
            if has_kin_behind(heard, mention) {
                mention.whose = Whose::Other;
            }
        }
        self.repaired_mentions(heard, &mut mentions);
        let put = self
            .pending
            .iter()
            .filter(|p| self.ty(p.field) == FieldType::PersonName)
            .find_map(|p| p.value.text());
        for mention in &mut mentions {
            amended_beside(heard, mention, &spelled, put);
        }
        self.answers_to_name(heard, reply, setting, &mut mentions);
        let mut used_spelling = mentions.iter().any(|m| m.spelled);
        for mention in &mentions {
            self.name_mention(
                heard,
                mention,
                asked.as_ref().map(|a| (a.field, a.part)),
                reply,
            );
        }
        for s in &spelled {
            if used_spelling || self.spelled_of_another(heard, s) {
                break;
            }
            used_spelling =
                self.spelling(heard, s, asked.as_ref().map(|a| a.part), asked.is_some());
        }
        if mentions.is_empty() && spelled.is_empty() {
            self.amended_alone(heard, reply);
        }
        self.patient_spoken_of(heard);
        self.same_surname(heard);
        self.said_again(heard);
    }

    /// Whether the field's value has been taken from this turn.
    fn told_now(&self, field: u8, heard: &Heard) -> bool {
        self.ledger(field)
            .held
            .as_ref()
            .and_then(|h| h.evidence.last())
            .is_some_and(|e| e.turn == heard.segment)
    }

    /// "It's under Pam, well, Pamela": the later of two names for one person stands.
    fn repaired_mentions(&self, heard: &Heard, mentions: &mut Vec<NameMention>) {
        if let Some(first) = mentions.first().cloned() {
            let mut at = first.end;
            let mut repaired = false;
            while at < heard.tokens.len() && at < first.end + 6 {
                if let Some(end) = heard.hits.at(Cue::Repair, at) {
                    repaired = true;
                    at = end;
                } else if heard.tokens[at].any(words![
                    "well", "no", "it's", "actually", "really", "or", "just", "put", "make", "say",
                    "that's", "i", "mean",
                ]) {
                    repaired |= heard.tokens[at].any(words!["well", "no"]);
                    at += 1;
                } else {
                    break;
                }
            }
            // "Earp, no relation": no name, whatever the "no" is.
            let better = name::after_repair(heard, at).filter(|b| {
                let first = heard.tokens.get(b.start);
                heard.cased || first.is_some_and(|t| word::nameness(t) >= word::Nameness::Unknown)
            });
            if repaired && let Some(mut better) = better {
                let words = first.name.split(' ').count();
                if better.name.split(' ').count() == 1 && words >= 2 {
                    // A part said again replaces the part it resembles, the surname in doubt.
                    let mut parts: Vec<String> = first.name.split(' ').map(str::to_owned).collect();
                    let like = |p: &str| {
                        strsim::jaro_winkler(&p.to_lowercase(), &better.name.to_lowercase())
                    };
                    let at = (0..words)
                        .max_by(|a, b| like(&parts[*a]).total_cmp(&like(&parts[*b])))
                        .unwrap_or(words - 1);
                    parts[at].clone_from(&better.name);
                    better.name = parts.join(" ");
                }
                // "Renee Bilotta, well, Renee Bilotta Carter, but Renee Carter is what's on everything"
                mentions.retain(|m| m.start < first.start || m.start >= better.end);
                mentions.push(better);
                mentions.sort_by_key(|m| m.start);
            }
        }
    }

    fn name_mention(
        &mut self,
        heard: &mut Heard,
        mention: &NameMention,
        asked: Option<(u8, Part)>,
        reply: &Reply,
    ) {
        // "Thanks, Rachel": the agent's own name said back.
        if self.agent_name.as_deref().is_some_and(|a| {
            same_text(a, &mention.name) || a.split(' ').any(|p| same_text(p, &mention.name))
        }) && mention.lead < Lead::Strong
            && asked.is_none()
            // "Hey Todd, this is also Todd"
            && !(mention.whose == Whose::Own && heard.says(words!["also", "too", "another"]))
        {
            return;
        }
        let Some(field) = self.name_owner(heard, mention, asked.map(|a| a.0)) else {
            return;
        };
        let part = asked.filter(|a| a.0 == field).map_or(Part::Whole, |a| a.1);
        // "and the last name is ..."
        let part = if heard.hits.before(Cue::LastName, mention.start, 2).is_some() {
            Part::Last
        } else if heard
            .hits
            .before(Cue::FirstName, mention.start, 2)
            .is_some()
        {
            Part::First
        } else {
            part
        };
        let held = self
            .value(field)
            .and_then(crate::fields::value::Value::text)
            .map(str::to_owned);
        let pending = self
            .pending
            .iter()
            .find(|p| p.field == field && held.is_none() && !mention.name.contains(' '))
            .and_then(|p| p.value.text());
        let lower = mention.name.to_lowercase();
        let like = |w: &str| strsim::jaro_winkler(&w.to_lowercase(), &lower);
        // "So I have Shawn Smith." "Shaun with a U.": one part of it put right.
        let mended = pending
            .filter(|t| t.contains(' ') && t.split(' ').any(|w| like(w) >= 0.75))
            .map(|t| self.updated(t, mention, Part::Whole, reply));
        // "You're Mrs. Duquette?" "Odile": the agent had the surname. "Mister Gaines?" "Haynes." puts it right.
        let surname = tables().is_surname(&lower) && !tables().is_given(&lower);
        let held = held.or_else(|| {
            pending
                .filter(|t| !t.contains(' ') && !surname && !reply.deny && like(t) < 0.7)
                .map(str::to_owned)
        });
        let surname_known = held.is_some() && self.value(field).is_none();
        let mut strength = match mention.lead {
            Lead::Strong => Strength::Explicit,
            Lead::Weak | Lead::Bare => Strength::Answer,
        };
        let part = if surname_known { Part::First } else { part };
        let value = match &held {
            Some(held) => self.updated(held, mention, part, reply),
            None => mended
                .or_else(|| self.beside_given_asked(mention))
                .unwrap_or_else(|| mention.name.clone()),
        };
        // "I go by Annalise Rao", "only Graciela Montemayor": the caller leaves words of their own name out.
        if held.as_deref().is_some_and(|h| left_out(heard, mention, h)) {
            let evidence = heard.evidence(Role::States, mention.start, mention.end);
            let kind = self
                .ledger_mut(field)
                .confirm(Some(value_of(&value)), vec![evidence]);
            self.note(field, kind);
            heard.take(mention.start, mention.end);
            return;
        }
        if held.as_deref().is_some_and(|h| !same_text(h, &value)) {
            // Somebody named in passing does not push out the name that was given for the asking.
            let other_voice =
                is_other_voice(heard, mention) && Some(field) == self.field("caller_name");
            if asked.is_none()
                && !other_voice
                && mention.lead < Lead::Strong
                && !mention.spelled
                && !((reply.deny || reply.repair) && self.name_in_talk(field))
                && held.as_deref().is_some_and(|h| !shares_word(h, &value))
            {
                return;
            }
            // "The man's name is Dale Pruitt", "the card says it's P-F-L-U-E-G-E-R": somebody else, once the caller's name was told in full.
            let whole = Some(field) == self.field("caller_name")
                && held
                    .as_deref()
                    .is_some_and(|h| h.contains(' ') && !shares_word(h, &value));
            if whole
                && !other_voice
                && (mention.whose != Whose::Own || mention.spelled && mention.lead < Lead::Strong)
                && !(self.asked.iter())
                    .any(|a| a.field == field && a.age <= 1 && !(a.spelling && mention.spelled))
                && !((reply.deny || reply.repair) && self.name_in_talk(field))
            {
                return;
            }
            if held
                .as_deref()
                .is_some_and(|h| is_passing(heard, mention, h))
            {
                return;
            }
            // "Yes, but I go by Peggy": what friends say is no other name.
            let back = |n: usize| heard.word(mention.start.wrapping_sub(n));
            let friends = back(1) == "by" && back(2).starts_with("go")
                || back(1) == "me" && back(2).starts_with("call");
            if friends
                && !mention.name.contains(' ')
                && held.as_deref().is_some_and(|h| h.contains(' '))
            {
                return;
            }
            // "A guy named Donnie", of the firm that was named before.
            let of_firm = self.name(field) == "opposing_party"
                && !mention.name.contains(' ')
                && held
                    .as_deref()
                    .is_some_and(|h| h.contains(' ') && !shares_word(h, &value));
            if of_firm && part == Part::Whole && !reply.deny && !reply.repair {
                return;
            }
            if reply.deny || reply.repair || mention.spelled || other_voice || part != Part::Whole {
                strength = Strength::Repair;
            }
        }
        if part == Part::Last && held.is_none() {
            // A surname alone is kept; the given name joins it later.
            strength = Strength::Answer;
        }
        // "I have you as Alex Porter", "Alejandro Porter": the agent's repeating it settles it.
        let disputed = self
            .pending
            .iter()
            .any(|p| p.field == field && p.value.text().is_some_and(|t| !same_text(t, &value)));
        let role = if mention.spelled {
            Role::Spells
        } else {
            Role::States
        };
        self.claim(
            field,
            heard,
            (mention.start, mention.end),
            role,
            value_of(&value),
            strength,
        );
        self.dispute(field, disputed);
        // "The patient's name?" "It's for me, Lorraine Pruitt": both.
        let self_named = heard.tokens[..mention.start]
            .iter()
            .any(|t| t.any(words!["me", "myself", "mine"]));
        if let Some((other, Part::Whole)) = asked
            && other != field
            && Some(other) == self.field("patient_name")
            && mention.whose == Whose::Own
            && self_named
        {
            let span = (mention.start, mention.end);
            self.claim(other, heard, span, role, value_of(&value), strength);
        }
        self.last_name_field = Some(field);
        heard.take(mention.start, mention.end);
    }

    /// "Samantha what?" "Brightwater.": the given name that the agent asked on from.
    fn beside_given_asked(&self, mention: &NameMention) -> Option<String> {
        let [.., given, what] = &*self.last_agent else {
            return None;
        };
        let asks = matches!(what.as_str(), "what" | "who") && tables().is_given(given);
        let rest = !mention.name.contains(' ') && !same_text(given, &mention.name);
        (asks && rest).then(|| title_case(&format!("{given} {}", mention.name)))
    }

    /// "What's his full name?": the agent's last question was for the name of somebody who has no place on the record.
    fn another_was_asked(&self) -> bool {
        let words = &self.last_agent;
        let name = words.iter().position(|w| w.starts_with("name"));
        name.is_some_and(|at| {
            let of = words
                .iter()
                .take(at)
                .rev()
                .find(|w| !matches!(w.as_str(), "full" | "first" | "last" | "legal" | "and"));
            of.is_some_and(|w| matches!(w.as_str(), "his" | "her" | "their") || word::is_kin(w))
        })
    }

    /// Whether the agent has just said the name, so that a "no" or a "wait" may be about it.
    fn name_in_talk(&self, field: u8) -> bool {
        self.named_part.is_some()
            || self.pending.iter().any(|p| p.field == field)
            || self.asked_of(FieldType::PersonName, 2).is_some()
    }

    /// Whose name it is.
    fn name_owner(&self, heard: &Heard, mention: &NameMention, asked: Option<u8>) -> Option<u8> {
        let caller = self.field("caller_name");
        let patient = self.field("patient_name");
        let asked_other = asked.filter(|f| Some(*f) != caller);
        match mention.whose {
            Whose::Own => caller.or(asked),
            Whose::Open
                if asked.is_none()
                    && self.another_was_asked()
                    && !heard.tokens[mention.start.saturating_sub(4)..mention.start]
                        .iter()
                        .any(|t| t.any(words!["me", "mine", "my", "myself", "put", "i'm"])) =>
            {
                None
            }
            Whose::Open => asked.or(caller),
            // Somebody else: the patient of a clinic, nobody's field elsewhere, unless that very name was asked for.
            Whose::Other => {
                let from = mention.start.saturating_sub(5);
                // "Her mom's name is Kaitlyn": the patient's mother.
                let of_theirs = (from + 1..mention.start).any(|i| {
                    word::is_kin(heard.word(i))
                        && heard.any(i - 1, words!["her", "his", "their"])
                        // "He's under his dad's last name, Milo Pruitt"
                        && !heard.any(i + 1, words!["last", "surname", "family"])
                });
                if (of_theirs || to_be_called(heard, mention)) && asked_other.is_none() {
                    return None;
                }
                let near = (from..mention.start).any(|i| {
                    word::is_kin(heard.word(i))
                        || matches!(
                            heard.word(i),
                            "his"
                                | "her"
                                | "their"
                                | "patient"
                                | "he's"
                                | "she's"
                                | "child"
                                | "baby"
                        )
                });
                // "An appointment for Tyrell Benally, he's got a rash"
                let spoken_of =
                    matches!(heard.word(mention.start.wrapping_sub(1)), "for" | "about")
                        && (mention.end..mention.end + 4).any(|i| {
                            matches!(
                                heard.word(i),
                                "he" | "she" | "he's" | "she's" | "his" | "her"
                            )
                        });
                // "Calling for Jalen Deveaux, his birthday is"
                let called_for =
                    matches!(heard.word(mention.start.wrapping_sub(1)), "for" | "about")
                        && heard
                            .word(mention.start.wrapping_sub(2))
                            .starts_with("call");
                let behind = has_kin_behind(heard, mention);
                // "My wife Denise", asked whom to call in an emergency: the patient is the caller.
                let own = self.patient == Patient::Caller;
                let of_patient = !own && (near || called_for || spoken_of || behind);
                asked_other.or(patient.filter(|_| of_patient))
            }
        }
    }
}
