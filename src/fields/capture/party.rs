//! Companies and persons that are not the caller: insurers, the other side.

use crate::fields::cue::Mark;
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Strength;
use crate::fields::state::State;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, title_case};

/// Words of company names and ordinary words that may stand in one.
const FIRM: &[&str] = &[
    "incorporated",
    "inc",
    "llc",
    "corporation",
    "corp",
    "company",
    "properties",
    "management",
    "financial",
    "packing",
    "logistics",
    "grocers",
    "fabrication",
    "marine",
    "group",
    "partners",
    "holdings",
    "foods",
    "market",
    "markets",
    "apartments",
    "realty",
    "insurance",
    "health",
    "medical",
    "hospital",
    "school",
    "district",
    "construction",
    "builders",
    "roofing",
    "industries",
    "services",
    "systems",
    "bank",
    "credit",
    "union",
    "university",
    "restaurant",
    "hotel",
    "motors",
    "transport",
    "trucking",
    "freight",
    "warehouse",
    "steel",
    "electric",
    "energy",
    "homes",
    "rentals",
    "leasing",
    "associates",
    "brothers",
    "sons",
    "supply",
    "stores",
    "depot",
    "farms",
    "grill",
    "cafe",
    "staffing",
    "security",
    "plumbing",
    "painting",
    "landscaping",
];

const STOPS: &[&str] = &[
    "and", "but", "so", "because", "he", "she", "they", "it", "it's", "i", "i'm", "we", "who",
    "that", "which", "my", "the", "is", "was", "in", "on", "at", "for", "with", "from", "about",
    "when", "they're", "he's", "she's", "through", "to", "a", "an", "of", "out", "over", "down",
    "just", "like", "um", "yeah", "yes", "no", "not", "um", "if", "or", "do", "don't", "does",
    "have", "has", "had", "are", "were", "will", "would", "member", "policy", "group", "right",
    "okay", "off", "since", "now", "then", "there", "here", "what", "how", "sure", "think", "know",
];

/// The stretch of name-like words at `at`.
fn firm_at(heard: &Heard, at: usize, most: usize) -> usize {
    let cased = crate::fields::name::is_cased(heard);
    let mut end = at;
    while let Some(token) = heard.tokens.get(end).filter(|_| end - at < most) {
        let text = token.text.as_str();
        let joins = matches!(text, "and" | "of" | "the")
            && end > at
            && heard
                .tokens
                .get(end + 1)
                .is_some_and(|t| t.upper || FIRM.contains(&t.text.as_str()) || text == "of");
        if heard.taken[end]
            || token.num != Num::None && !matches!(token.num, Num::Homophone(_))
            || !joins
                && (STOPS.contains(&text)
                    || text.chars().count() < 2 && !text.chars().all(char::is_alphabetic))
            || cased && !token.upper && !joins
        {
            break;
        }
        end += 1;
        if token.stop >= Stop::Comma {
            break;
        }
    }
    end
}

impl State {
    /// Other parties in the caller's turn.
    pub fn caller_parties(&mut self, heard: &mut Heard, reply: &Reply) {
        self.insurer(heard, reply);
        self.opposing(heard, reply);
    }

    fn insurer(&mut self, heard: &mut Heard, reply: &Reply) {
        let Some(field) = self.field("insurance") else {
            return;
        };
        const KNOWN: &[&[&str]] = &[
            &["blue", "cross", "blue", "shield"],
            &["blue", "cross"],
            &["blue", "shield"],
            &["united", "healthcare"],
            &["united", "health", "care"],
            &["united"],
            &["aetna"],
            &["cigna"],
            &["humana"],
            &["kaiser", "permanente"],
            &["kaiser"],
            &["medicare"],
            &["medicaid"],
            &["tricare"],
            &["carefirst"],
            &["care", "first"],
            &["anthem"],
            &["highmark"],
            &["wellmark"],
            &["well", "mark"],
            &["molina"],
            &["ambetter"],
            &["oscar"],
            &["centene"],
            &["premera"],
            &["regence"],
            &["geisinger"],
            &["upmc"],
            &["health", "net"],
            &["medical", "mutual"],
            &["priority", "health"],
            &["harvard", "pilgrim"],
            &["tufts"],
            &["medi", "cal"],
            &["bcbs"],
            &["healthpartners"],
            &["health", "partners"],
            &["emblem", "health"],
            &["fidelis"],
            &["wellcare"],
            &["amerigroup"],
            &["florida", "blue"],
            &["horizon"],
            &["independence", "blue", "cross"],
            &["delta", "dental"],
            &["metlife"],
        ];
        let asked = self.was_asked(field, 1);
        let near = heard.hits.0.iter().any(|h| h.mark == Mark::Near(field));
        if !(asked || near || heard.tokens.iter().any(|t| t.is("insurance"))) || reply.decline {
            return;
        }
        for at in 0..heard.tokens.len() {
            let Some(name) = KNOWN
                .iter()
                .find(|n| n.iter().enumerate().all(|(i, w)| heard.word(at + i) == *w))
            else {
                continue;
            };
            let mut from = at;
            let mut end = at + name.len();
            // "Wellmark Blue Cross", "Blue Cross Blue Shield of Wyoming", "Aetna PPO"
            while let Some(more) = KNOWN
                .iter()
                .find(|n| n.iter().enumerate().all(|(i, w)| heard.word(end + i) == *w))
            {
                end += more.len();
            }
            if heard.word(end) == "of"
                && let Some((_, used)) = tables().state(&heard.tokens, end + 1, false)
            {
                end += 1 + used;
            }
            while heard.tokens.get(end).is_some_and(|t| {
                t.any(&[
                    "ppo",
                    "hmo",
                    "gold",
                    "silver",
                    "advantage",
                    "plus",
                    "choice",
                    "select",
                ])
            }) {
                end += 1;
            }
            while from > 0
                && heard.tokens[from - 1].text.len() > 3
                && !STOPS.contains(&heard.word(from - 1))
                && !tables().is_word(heard.word(from - 1))
            {
                from -= 1;
            }
            let text = title_case(&heard.text(from, end))
                .replace("Well Mark", "Wellmark")
                .replace(" Of ", " of ")
                .replace("Carefirst", "CareFirst")
                .replace("Care First", "CareFirst")
                .replace("Health Care", "Healthcare")
                .replace("Upmc", "UPMC")
                .replace("Ppo", "PPO")
                .replace("Hmo", "HMO")
                .replace("Bcbs", "BCBS");
            self.claim(
                field,
                heard,
                (from, end),
                Role::States,
                Value::Text(text),
                if asked {
                    Strength::Answer
                } else {
                    Strength::Explicit
                },
            );
            heard.take(from, end);
            return;
        }
        if asked && self.ledger(field).held.is_none() && !reply.deny {
            let start = (0..heard.tokens.len()).find(|i| {
                !matches!(
                    heard.word(*i),
                    "it's"
                        | "its"
                        | "i"
                        | "have"
                        | "we"
                        | "yes"
                        | "yeah"
                        | "um"
                        | "that's"
                        | "uh"
                        | "through"
                        | "the"
                        | "sure"
                        | "oh"
                        | "my"
                        | "insurance"
                        | "is"
                        | "with"
                        | "got"
                        | "okay"
                        | "so"
                        | "i've"
                        | "we've"
                )
            });
            if let Some(start) = start {
                let end = firm_at(heard, start, 5);
                if end > start && !tables().is_word(heard.word(start)) | heard.tokens[start].upper {
                    let text = title_case(&heard.text(start, end));
                    self.claim(
                        field,
                        heard,
                        (start, end),
                        Role::States,
                        Value::Text(text),
                        Strength::Answer,
                    );
                    heard.take(start, end);
                }
            }
        }
    }

    /// The other side: a person or a firm, named after the words that say so or in answer to the question.
    fn opposing(&mut self, heard: &mut Heard, reply: &Reply) {
        let Some(field) = self.field("opposing_party") else {
            return;
        };
        if self.ty(field) != FieldType::PersonName && self.ty(field) != FieldType::Text {
            return;
        }
        let asked = self.was_asked(field, 1)
            && self
                .asked
                .iter()
                .rev()
                .find(|a| a.age <= 1)
                .is_some_and(|a| a.field == field);
        let tables = tables();
        let held = self.ledger(field).held.is_some();
        // After "other driver", "landlord", "employer" ... with "is", "was", "named" or nothing between.
        let mut leads: Vec<usize> = heard
            .hits
            .0
            .iter()
            .filter(|h| {
                h.mark == Mark::Near(field)
                    || h.mark == Mark::Cue(crate::fields::cue::Cue::Adversary)
            })
            .map(|h| h.end)
            .collect();
        leads.sort_unstable();
        leads.dedup();
        let mut found: Option<(usize, usize, Strength)> = None;
        for lead in leads {
            let mut at = lead;
            let mut named = false;
            while matches!(
                heard.word(at),
                "is" | "was"
                    | "named"
                    | "called"
                    | "name"
                    | "name's"
                    | "a"
                    | "guy"
                    | "his"
                    | "her"
                    | "their"
                    | "the"
                    | "it's"
                    | "company"
                    | "at"
                    | "by"
                    | "are"
                    | "were"
                    | "for"
                    | "landlord"
                    | "man"
                    | "woman"
                    | "lady"
                    | "person"
                    | "with"
            ) && at < lead + 5
            {
                named |= matches!(
                    heard.word(at),
                    "named" | "called" | "name" | "name's" | "is" | "was"
                );
                at += 1;
            }
            let end = firm_at(heard, at, 4);
            if end == at || heard.is_taken(at, end) {
                continue;
            }
            let words = &heard.tokens[at..end];
            let strange = words.iter().filter(|t| !tables.is_word(&t.text)).count();
            let firm = words.len() >= 2 && words.iter().any(|t| FIRM.contains(&t.text.as_str()));
            let person = words.len() >= 2
                && tables.is_given(&words[0].text)
                && !words[1..]
                    .iter()
                    .all(|t| tables.is_word(&t.text) && !tables.is_surname(&t.text));
            let upper = words
                .iter()
                .all(|t| t.upper || matches!(t.text.as_str(), "and" | "of" | "the"))
                && crate::fields::name::is_cased(heard);
            if firm && strange >= 1
                || person
                || upper && (words.len() >= 2 || named)
                || named && strange == words.len() && words.len() <= 3
            {
                found = Some((at, end, Strength::Explicit));
                break;
            }
        }
        if found.is_none() && asked && !reply.dont_know {
            let at = (0..heard.tokens.len()).find(|i| {
                !matches!(
                    heard.word(*i),
                    "it's"
                        | "its"
                        | "um"
                        | "yes"
                        | "yeah"
                        | "the"
                        | "his"
                        | "her"
                        | "their"
                        | "name"
                        | "is"
                        | "name's"
                        | "that's"
                        | "sure"
                        | "oh"
                        | "company"
                        | "uh"
                        | "that"
                        | "would"
                        | "be"
                        | "he's"
                        | "she's"
                        | "they're"
                        | "called"
                        | "landlord"
                        | "was"
                        | "my"
                        | "boss"
                        | "driver"
                        | "other"
                        | "okay"
                        | "a"
                        | "well"
                        | "mister"
                        | "mr"
                        | "mrs"
                        | "ms"
                        | "i"
                        | "worked"
                        | "work"
                        | "for"
                )
            });
            if let Some(at) = at {
                let end = firm_at(heard, at, 4);
                let words = heard.tokens.get(at..end).unwrap_or_default();
                let like = words.iter().any(|t| {
                    !tables.is_word(&t.text)
                        || t.upper && crate::fields::name::is_cased(heard)
                        || tables.is_surname(&t.text)
                }) || words.iter().any(|t| FIRM.contains(&t.text.as_str()));
                if !words.is_empty() && like {
                    found = Some((at, end, Strength::Answer));
                }
            }
        }
        if found.is_none() && asked {
            // Anywhere in the answer: a given name and a surname side by side.
            found = (0..heard.tokens.len().saturating_sub(1))
                .find(|at| {
                    let (a, b) = (heard.word(*at), heard.word(at + 1));
                    !heard.taken[*at]
                        && tables.is_given(a)
                        && !tables.is_word(a)
                        && !STOPS.contains(&b)
                        && (tables.is_surname(b) || !tables.is_word(b))
                        && b.len() > 2
                })
                .map(|at| (at, at + 2, Strength::Answer));
        }
        // "My business partner Rodney Pike": the name begins at the given name.
        if let Some((from, to, strength)) = found
            && let Some(at) = (from..to)
                .find(|i| tables.is_given(heard.word(*i)) && !tables.is_word(heard.word(*i)))
            && at > from
            && (from..at).all(|i| tables.is_word(heard.word(i)) && !heard.tokens[i].upper)
        {
            found = Some((at, to, strength));
        }
        let Some((from, to, strength)) = found else {
            return;
        };
        if held && !(asked || reply.deny || reply.repair) {
            return;
        }
        let mut name = title_case(heard.text(from, to).trim_end_matches("'s"))
            .replace(" Of ", " of ")
            .replace(" And ", " and ");
        for s in crate::fields::spell::spelled(heard) {
            if s.start >= to && s.start <= to + 6 {
                name = crate::fields::name::with_spelling(Some(&name), &s, true);
                heard.take(s.start, s.end);
            }
        }
        self.claim(
            field,
            heard,
            (from, to),
            Role::States,
            Value::Text(name),
            strength,
        );
        self.last_name_field = Some(field);
        heard.take(from, to);
    }
}
