//! Names: whose, spelled how, and what a read-back makes of them.

use crate::fields::cue::Cue;
use crate::fields::dialogue::{Part, Reply};
use crate::fields::evidence::Role;
use crate::fields::ledger::Strength;
use crate::fields::name::{self, Lead, NameMention};
use crate::fields::spell::{self, Spelled};
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, same_text};

impl State {
    /// Names and spellings in the caller's turn.
    pub fn caller_names(&mut self, heard: &mut Heard, reply: &Reply) {
        let spelled: Vec<Spelled> = spell::spelled(heard)
            .into_iter()
            .filter(|s| !heard.is_taken(s.start, s.end))
            .collect();
        let asked = self.asked_of(FieldType::PersonName, 1).cloned();
        for s in &spelled {
            heard.take(s.start, s.end);
        }
        let expected = asked.is_some();
        let mut mentions = name::mentions(heard, expected);
        mentions.retain(|m| !heard.is_taken(m.start, m.end));
        self.repaired_mentions(heard, &mut mentions);
        for mention in &mut mentions {
            // Letters right after a name spell it.
            if let Some(s) = spelled
                .iter()
                .find(|s| s.start >= mention.end && s.start - mention.end <= 6)
            {
                let fixed = name::with_spelling(Some(&mention.name), s, true);
                if fixed != mention.name || mention.name.split(' ').any(|w| same_text(w, &s.word)) {
                    mention.name = fixed;
                    mention.spelled = true;
                }
            }
            if let Some((amended, _, end)) = spell::amend(&mention.name, heard, mention.end)
                .filter(|(_, at, _)| *at <= mention.end + 2)
            {
                mention.name = amended;
                mention.spelled = true;
                mention.end = end;
            }
        }
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
            if used_spelling {
                break;
            }
            used_spelling = self.spelling(heard, s, asked.as_ref().map(|a| a.part), expected);
        }
        if mentions.is_empty()
            && spelled.is_empty()
            && let Some(field) = self.last_name_field
            && let Some(held) = self.value(field).and_then(Value::text).map(str::to_owned)
            && let Some((amended, from, to)) = spell::amend(&held, heard, 0)
            && (heard.tokens.len() <= 10 || self.asked.iter().any(|a| a.spelling && a.age <= 1))
        {
            self.claim(
                field,
                heard,
                (from, to),
                Role::Spells,
                Value::Text(amended),
                Strength::Repair,
            );
        }
    }

    /// "It's under Pam, well, Pamela": the later of two names for one person stands.
    fn repaired_mentions(&self, heard: &Heard, mentions: &mut Vec<NameMention>) {
        if let Some(first) = mentions.first().cloned() {
            let mut at = first.end;
            let mut repaired = false;
            while at < heard.tokens.len() && at < first.end + 4 {
                if let Some(end) = heard.hits.at(Cue::Repair, at) {
                    repaired = true;
                    at = end;
                } else if heard.tokens[at].any(&["well", "no", "it's", "actually", "really", "or"])
                {
                    repaired |= heard.tokens[at].any(&["well", "no"]);
                    at += 1;
                } else {
                    break;
                }
            }
            if repaired && let Some(better) = name::after_repair(heard, at) {
                let mut better = better;
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
                mentions.retain(|m| m.start < first.start);
                mentions.push(better);
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
        if self
            .agent_name
            .as_deref()
            .is_some_and(|a| same_text(a, &mention.name))
            && mention.lead < Lead::Strong
            && asked.is_none()
        {
            return;
        }
        let Some(field) = self.name_owner(heard, mention, asked.map(|a| a.0)) else {
            return;
        };
        let part = asked.filter(|a| a.0 == field).map_or(Part::Whole, |a| a.1);
        let said = heard
            .tokens
            .get(mention.start.saturating_sub(4)..mention.start)
            .unwrap_or_default();
        let part = if said.iter().any(|t| t.any(&["last", "surname"])) {
            Part::Last
        } else if said.iter().any(|t| t.is("first")) {
            Part::First
        } else {
            part
        };
        let held = self.value(field).and_then(Value::text).map(str::to_owned);
        let words = mention.name.split(' ').count();
        let mut strength = match mention.lead {
            Lead::Strong => Strength::Explicit,
            Lead::Weak => Strength::Answer,
            Lead::Bare => Strength::Answer,
        };
        let value = match (&held, part) {
            (Some(held), Part::Last) if words == 1 => {
                let given = held.split(' ').next().unwrap_or_default();
                // "Adeyemi" after "Ifeoma": the surname joins, or replaces one misheard.
                format!("{given} {}", mention.name)
            }
            (Some(held), Part::First) if words == 1 => match held.rsplit_once(' ') {
                Some((_, last)) => format!("{} {last}", mention.name),
                // The surname came first.
                None => format!("{} {held}", mention.name),
            },
            (Some(held), _)
                if words == 1 && !held.split(' ').any(|w| same_text(w, &mention.name)) =>
            {
                self.one_word_update(held, mention, reply)
            }
            _ => mention.name.clone(),
        };
        if held.as_deref().is_some_and(|h| !same_text(h, &value)) {
            strength = if reply.deny || reply.repair || mention.spelled || part != Part::Whole {
                Strength::Repair
            } else {
                strength
            };
        }
        if part == Part::Last && held.is_none() {
            // A surname alone is kept; the given name joins it later.
            strength = Strength::Answer;
        }
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
            Value::Text(value),
            strength,
        );
        self.last_name_field = Some(field);
        heard.take(mention.start, mention.end);
    }

    /// One word where a name is held: a surname that completes it, or a part said better.
    fn one_word_update(&self, held: &str, mention: &NameMention, reply: &Reply) -> String {
        let parts: Vec<&str> = held.split(' ').collect();
        let new = mention.name.as_str();
        let like = |a: &str| strsim::jaro_winkler(&a.to_lowercase(), &new.to_lowercase());
        let (best, score) = parts
            .iter()
            .enumerate()
            .map(|(i, p)| (i, like(p)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((0, 0.0));
        if score >= 0.75 {
            let mut out = parts.clone();
            out[best] = new;
            return out.join(" ");
        }
        if parts.len() == 1
            && !reply.deny
            && !reply.repair
            && !crate::fields::gazetteer::tables().is_given(&new.to_lowercase())
        {
            return format!("{held} {new}");
        }
        if parts.len() == 1
            && !reply.deny
            && !reply.repair
            && crate::fields::gazetteer::tables().is_surname(&new.to_lowercase())
        {
            return format!("{held} {new}");
        }
        if parts.len() >= 2 && reply.deny {
            // "No, it's Brody": a surname by table replaces the surname, a given name the given name.
            let tables = crate::fields::gazetteer::tables();
            let lower = new.to_lowercase();
            if tables.is_given(&lower) && !tables.is_surname(&lower) {
                return format!("{new} {}", parts[1..].join(" "));
            }
            return format!("{} {new}", parts[0]);
        }
        new.to_owned()
    }

    /// Whose name it is.
    fn name_owner(&self, heard: &Heard, mention: &NameMention, asked: Option<u8>) -> Option<u8> {
        let caller = self.field("caller_name");
        let patient = self.field("patient_name");
        let from = heard
            .clause_start(mention.start)
            .max(mention.start.saturating_sub(7));
        let before = heard.tokens.get(from..mention.start).unwrap_or_default();
        let own = before.iter().any(|t| t.is("my"))
            && before.iter().any(|t| t.any(&["name", "name's", "names"]))
            && !before.iter().any(|t| {
                t.any(&[
                    "son's",
                    "daughter's",
                    "wife's",
                    "husband's",
                    "mother's",
                    "father's",
                    "mom's",
                    "dad's",
                ])
            });
        let my = before.iter().any(|t| t.any(&["my", "our", "for"]));
        if before.iter().any(|t| t.any(&["i'm", "am"])) && !my {
            return caller.or(asked);
        }
        let relation = my
            && (heard
                .hits
                .cue(Cue::OnBehalf)
                .any(|h| h.start >= from && h.end <= mention.start && mention.start - h.end <= 3)
                || heard.hits.cue(Cue::Other).any(|h| {
                    h.start >= from && h.end <= mention.start && mention.start - h.end <= 3
                }));
        if before.len() >= 2
            && before[before.len() - 1].any(&["name's", "name", "names", "is"])
            && before
                .iter()
                .rev()
                .take(3)
                .any(|t| t.any(&["his", "her", "their"]))
        {
            return match asked {
                Some(field) if Some(field) != caller => Some(field),
                _ => patient,
            };
        }
        let hers = asked != caller
            && before
                .iter()
                .rev()
                .take(3)
                .any(|t| t.any(&["her", "his", "their", "she's", "he's"]));
        if own
            || mention.lead == Lead::Weak
                && before.iter().any(|t| t.any(&["i'm", "this"]))
                && !relation
                && !hers
        {
            return caller.or(asked);
        }
        if relation || hers && mention.lead >= Lead::Weak {
            // Somebody else: the patient of a clinic, nobody's field elsewhere, unless that very name was asked for.
            return match asked {
                Some(field) if Some(field) != caller => Some(field),
                _ => patient,
            };
        }
        asked.or(caller)
    }

    /// Letters with no name beside them.
    fn spelling(
        &mut self,
        heard: &Heard,
        spelled: &Spelled,
        asked: Option<Part>,
        expected: bool,
    ) -> bool {
        // A street read back or just said may be what is spelled.
        if self.last_was_street()
            && let Some(field) = self.last_address_field()
            && let Some(address) = self.value(field).and_then(Value::address)
            && let Some(fixed) = crate::fields::address::with_spelling(address, spelled)
        {
            self.claim(
                field,
                heard,
                (spelled.start, spelled.end),
                Role::Spells,
                Value::Address(fixed),
                Strength::Repair,
            );
            return true;
        }
        let spell_asked = self.asked.iter().any(|a| a.spelling && a.age <= 1);
        let pending = self
            .pending
            .iter()
            .find(|p| self.ty(p.field) == FieldType::PersonName)
            .map(|p| p.field);
        let recent = self.last_name_field.filter(|f| {
            self.ledger(*f)
                .held
                .as_ref()
                .is_some_and(|h| self.last_end_ms.saturating_sub(h.at_ms) < 30_000)
        });
        let field = if expected {
            self.asked_of(FieldType::PersonName, 1).map(|a| a.field)
        } else {
            None
        };
        let Some(field) = field.or(pending).or(recent).or(if spell_asked {
            self.last_name_field
        } else {
            None
        }) else {
            return false;
        };
        let held = self.value(field).and_then(Value::text).map(str::to_owned);
        let surname = asked == Some(Part::Last)
            || heard.hits.before(Cue::LastName, spelled.start, 4).is_some()
            || spell_asked;
        let value = name::with_spelling(held.as_deref(), spelled, surname);
        self.claim(
            field,
            heard,
            (spelled.start, spelled.end),
            Role::Spells,
            Value::Text(value),
            Strength::Repair,
        );
        let disputed = pending == Some(field);
        self.pending.retain(|p| p.field != field || !disputed);
        self.dispute(field, disputed);
        self.last_name_field = Some(field);
        true
    }

    /// Names in the agent's turn: a read-back, or the agent's own.
    pub fn agent_names(&mut self, heard: &mut Heard) {
        if self.agent_name.is_none()
            && heard.segment <= 4
            && let Some(own) = name::mentions(heard, false)
                .into_iter()
                .find(|m| m.lead >= Lead::Weak)
        {
            self.agent_name = Some(own.name.clone());
            heard.take(own.start, own.end);
        }
        let spelled = spell::spelled(heard);
        // A name the agent has on file, asked about before the caller gave one.
        if let Some(field) = self.field("caller_name")
            && self.value(field).is_none()
            && heard.hits.has(Cue::ConfirmAsk)
            && let Some(m) = (0..heard.tokens.len())
                .filter_map(|at| name::after_repair(heard, at))
                .find(|m| {
                    m.name.split(' ').count() == 2
                        && m.name.split(' ').all(|w| {
                            let w = w.to_lowercase();
                            let t = crate::fields::gazetteer::tables();
                            t.is_given(&w) || t.is_surname(&w)
                        })
                        && crate::fields::gazetteer::tables()
                            .is_given(&m.name.split(' ').next().unwrap_or_default().to_lowercase())
                        && self.agent_name.as_deref() != Some(m.name.as_str())
                })
        {
            let evidence = heard.evidence(Role::ReadsBack, m.start, m.end);
            self.await_yes(field, value_of(&m.name), true, evidence);
        }
        for index in 0..self.ledgers.len() {
            let field = index as u8;
            if self.ty(field) != FieldType::PersonName {
                continue;
            }
            let Some(held) = self.value(field).and_then(Value::text).map(str::to_owned) else {
                continue;
            };
            let parts: Vec<String> = held
                .to_lowercase()
                .split([' ', '-'])
                .map(str::to_owned)
                .collect();
            // Spelled: the letters of a part, right or nearly.
            for s in &spelled {
                let near = parts
                    .iter()
                    .any(|p| strsim::jaro_winkler(p, &s.word) >= 0.75);
                if !near {
                    continue;
                }
                heard.take(s.start, s.end);
                let exact = parts.contains(&s.word);
                if exact && parts.len() >= 2 && parts[0] == s.word {
                    return;
                }
                let value = name::with_spelling(Some(&held), s, true);
                let bare = |t: &str| t.replace('\'', "").to_lowercase();
                let exact = exact || bare(&value) == bare(&held);
                let value = if exact { held.clone() } else { value };
                let evidence = heard.evidence(Role::ReadsBack, s.start, s.end);
                self.ledger_mut(field).read_back(evidence.clone());
                self.settle_or_await(field, value, exact, evidence);
                return;
            }
            // The whole name said back, or part of it as a question.
            if let Some((start, end, whole)) = said_back(heard, &parts) {
                let question = heard.hits.has(Cue::ConfirmAsk)
                    || heard
                        .tokens
                        .get(end.saturating_sub(1))
                        .is_some_and(|t| t.stop == crate::fields::token::Stop::Question)
                    || heard.tokens.len() <= end - start + 2;
                if whole && parts.len() >= 2
                    || question && (whole || parts.len() >= 2 && heard.tokens.len() <= 6)
                {
                    let evidence = heard.evidence(Role::ReadsBack, start, end);
                    self.ledger_mut(field).read_back(evidence.clone());
                    self.settle_or_await(field, held.clone(), true, evidence);
                }
                if parts.len() == 1
                    && let Some(full) = name::after_repair(heard, start).filter(|m| {
                        m.name.split(' ').count() == 2
                            && m.name.to_lowercase().starts_with(parts[0].as_str())
                    })
                    && heard.tokens.len() <= 12
                {
                    let evidence = heard.evidence(Role::ReadsBack, full.start, full.end);
                    self.await_yes(field, value_of(&full.name), true, evidence);
                }
                heard.take(start, end);
                continue;
            }
            // A name the agent has on file and the caller's part of it: "I show Odell Dubose".
            // An amendment said back: "Clarke with an e".
            if let Some((start, end)) = near_name(heard, &parts) {
                let said: Vec<String> = heard.tokens[start..end]
                    .iter()
                    .map(|t| t.text.clone())
                    .collect();
                let question = heard.hits.has(Cue::ConfirmAsk)
                    || heard
                        .tokens
                        .get(end - 1)
                        .is_some_and(|t| t.stop == crate::fields::token::Stop::Question);
                if question && said.len() == parts.len() {
                    let value = crate::fields::value::title_case(&said.join(" "));
                    let evidence = heard.evidence(Role::ReadsBack, start, end);
                    self.await_yes(field, value_of(&value), false, evidence);
                }
            }
        }
    }

    /// A read-back that repeats what came out of a denied one settles it; any other awaits a yes.
    pub fn settle_or_await(
        &mut self,
        field: u8,
        value: String,
        matches: bool,
        evidence: crate::fields::evidence::Evidence,
    ) {
        if matches && self.ledger(field).held.as_ref().is_some_and(|h| h.disputed) {
            let kind = self.ledger_mut(field).confirm(None, vec![evidence.clone()]);
            self.note(field, kind);
        }
        self.await_yes(field, value_of(&value), matches, evidence);
    }
}

fn value_of(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Where the parts of a name stand in a turn: all of them in a row, or one.
fn said_back(heard: &Heard, parts: &[String]) -> Option<(usize, usize, bool)> {
    let n = heard.tokens.len();
    for at in 0..n {
        if parts
            .iter()
            .enumerate()
            .all(|(i, p)| heard.word(at + i).trim_end_matches("'s") == p)
        {
            return Some((at, at + parts.len(), true));
        }
    }
    (0..n)
        .find(|at| heard.word(*at).len() > 2 && parts.iter().any(|p| p == heard.word(*at)))
        .map(|at| (at, at + 1, false))
}

/// Words that come near all parts of a name without being it.
fn near_name(heard: &Heard, parts: &[String]) -> Option<(usize, usize)> {
    (0..heard.tokens.len().saturating_sub(parts.len() - 1))
        .map(|at| (at, at + parts.len()))
        .find(|(at, end)| {
            *end <= heard.tokens.len()
                && parts.len() >= 2
                && parts
                    .iter()
                    .enumerate()
                    .all(|(i, p)| strsim::jaro_winkler(heard.word(at + i), p) >= 0.8)
        })
}
