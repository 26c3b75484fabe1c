//! The other side of a legal matter: a person or a firm, named after the words that say so or in answer to the question.

use crate::fields::cue::{Cue, Mark};
use crate::fields::dialogue::{self, Reply};
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Strength;
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::word::is_kin;
use crate::fields::state::State;
use crate::fields::token::{Stop, Token, possessor};
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value, same_text, title_case};
use crate::fields::word_set::{WordSet, words};

use super::answer::{answered_party, called_party, is_no_party};
use super::firm::{Party, Sure, ends_firm, party_at, recorded, written};
use super::place::{medical, place_party, street_like};
use super::role::stands_against;

/// Words between what announces the other side and its name.
const BETWEEN: &WordSet = words![
    "is", "was", "named", "called", "name", "name's", "a", "guy", "his", "her", "their", "the",
    "it's", "company", "at", "by", "are", "were", "for", "landlord", "man", "woman", "lady",
    "person", "with", "fella", "fellow", "from", "my", "old", "new", "that", "this", "store",
    "place", "boss", "business",
];

/// Who speaks for the other side or stands beside the caller, and is neither.
const BESIDE: &WordSet = words![
    "boss",
    "supervisor",
    "manager",
    "foreman",
    "friend",
    "buddy",
    "witness",
    "attorney",
    "lawyer",
    "officer",
];

impl State {
    /// The other side in the caller's turn.
    pub(super) fn opposing(&mut self, heard: &mut Heard, reply: &Reply) {
        let Some(field) = self.field("opposing_party") else {
            return;
        };
        if !matches!(self.ty(field), FieldType::PersonName | FieldType::Text) {
            return;
        }
        let asked = self.was_asked(field, 0);
        let held = self.ledger(field).held.is_some();
        // "And Randall's last name?": a part joins what is held, as with any person's name.
        let part = asked
            && held
            && self.asked_of(FieldType::PersonName, 0).is_some_and(|a| {
                a.field == field && matches!(a.part, dialogue::Part::First | dialogue::Part::Last)
            });
        // A given name alone ("my ex husband Randall") is waiting for the rest.
        let short = self
            .held_text("opposing_party")
            .filter(|h| !h.contains(' ') && tables().is_given(&h.to_lowercase()));
        let again = asked || reply.deny || reply.repair;
        if part || held && !again && short.is_none() {
            return;
        }
        // "Tri-County Builders. The owner's name is Vic Stadtler.": the answer, and more about it.
        let by_role = self.party_by_role(heard, asked);
        // "Elmhurst Holdings. Well, no, they're the management. The landlord is Gerald Famiglietti."
        let corrected = |p: &Party| {
            by_role.is_some_and(|r| {
                let between = || heard.tokens[p.end.min(r.start)..r.start].iter();
                between().any(|t| t.any(words!["no", "not", "only", "just", "wait", "actually"]))
                    // "But the guy is Craig Dussault": who speaks for the firm.
                    && !between().any(|t| t.any(words!["guy", "man", "lady", "woman", "fella"]))
            })
        };
        // "Rooftop Kings. Rick Danforth's the foreman.": the first sentence is the answer.
        let placed = asked
            .then(|| self.place_answered(heard))
            .flatten()
            .filter(|p| {
                p.start <= 1
                    && heard.tokens[p.end - 1].stop >= Stop::Sentence
                    && !tables().is_given(heard.word(p.start))
            });
        let answer = asked
            .then(|| answered_party(heard))
            .flatten()
            .filter(|p| p.start <= 2 && p.sure > Sure::Likely && !corrected(p))
            .filter(|p| placed.is_none_or(|q| p.start < q.end))
            .or(placed)
            // "And Renata is Renata Finch?" "Renata Finch, yes": put by the agent, and said again.
            .or_else(|| self.put_party(heard, field));
        let found = answer
            .or_else(|| acting_party(heard))
            .or(by_role)
            .map(|p| (p, Strength::Explicit))
            .or_else(|| {
                self.announced_party(heard, field)
                    .map(|p| (p, Strength::Explicit))
            })
            .or_else(|| {
                asked
                    .then(|| {
                        answered_party(heard)
                            .or_else(|| called_party(heard))
                            .or_else(|| self.place_answered(heard))
                    })
                    .flatten()
                    .map(|p| (p, Strength::Answer))
            })
            .or_else(|| self.namesake(heard).map(|p| (p, Strength::Answer)));
        // "It's a company, Ocean Crest Realty. The guy is Yossi, I don't know his last name": only what is plainly a name.
        let Some((party, strength)) =
            found.filter(|(p, _)| !(reply.dont_know && asked) || p.sure == Sure::Named)
        else {
            return;
        };
        // "A guy named Donnie", of the firm that was named before.
        let lone = party.end - party.start == 1 && tables().is_given(heard.word(party.start));
        if held && lone && short.is_none() && !reply.deny && !reply.repair {
            return;
        }
        // The caller is not the other side.
        if self
            .held_text("caller_name")
            .is_some_and(|c| c == written(heard, &party))
        {
            return;
        }
        let mut name = recorded(heard, &party);
        for s in crate::fields::spell::spelled(heard) {
            // "It's called Summit Peak Remodeling but the guy is Craig Dussault, D-U-S ...": letters of another name.
            let like = name
                .split(' ')
                .any(|w| strsim::jaro_winkler(&w.to_lowercase(), &s.word) >= 0.75);
            if like && s.start >= party.end && s.start <= party.end + 6 {
                name = crate::fields::name::with_spelling(Some(&name), &s, true);
                heard.take(s.start, s.end);
            }
        }
        let fuller = |h: &String| name.split(' ').any(|w| same_text(w, h));
        if !again && short.as_ref().is_some_and(|h| !fuller(h)) {
            return;
        }
        self.claim(
            field,
            heard,
            (party.start, party.end),
            Role::States,
            Value::Text(name),
            strength,
        );
        // Letters that follow spell a person's name, hardly a firm's.
        self.last_name_field = if party.firm { None } else { Some(field) };
        heard.take(party.start, party.end);
    }

    /// "Yes! Dale Hargrove, he's got the protective order on him", said by Nkechi Hargrove: a grown person of the
    /// caller's surname.
    fn namesake(&self, heard: &Heard) -> Option<Party> {
        if matches!(
            self.choice("problem_category"),
            Some("estate_planning" | "immigration")
        ) {
            return None;
        }
        let caller = self.held_text("caller_name")?.to_lowercase();
        let (first, last) = caller.split_once(' ')?;
        let kin = |t: &Token| is_kin(&t.text) && !t.any(words!["husband", "wife"]);
        if heard.tokens.iter().any(kin) {
            return None;
        }
        (0..heard.tokens.len().saturating_sub(1))
            .filter(|at| heard.word(at + 1) == last && heard.word(*at) != first)
            .filter(|at| tables().is_given(heard.word(*at)))
            // Spoken of before, or now: not the caller's own name once more.
            .filter(|at| {
                self.last_agent.iter().any(|w| w == heard.word(*at))
                    || heard.says(words!["he", "he's", "his", "she's", "she", "him"])
            })
            .map(|at| Party {
                start: at,
                end: at + 2,
                sure: Sure::Named,
                firm: false,
            })
            .next()
    }

    /// The name that the agent has just put to the caller as the other side's, where the caller says it again.
    fn put_party(&self, heard: &Heard, field: u8) -> Option<Party> {
        let put = self.pending.iter().find(|p| p.field == field)?;
        let words: Vec<String> = (put.value.text()?.split(' ').map(str::to_lowercase)).collect();
        let whole = |at: &usize| (0..words.len()).all(|i| heard.word(at + i) == words[i]);
        let start = (0..heard.tokens.len()).find(whole)?;
        Some(Party {
            start,
            end: start + words.len(),
            sure: Sure::Named,
            firm: ends_firm(words.last()?),
        })
    }

    /// After "other driver", "landlord", "worked at", "against", "a guy named".
    fn announced_party(&self, heard: &Heard, field: u8) -> Option<Party> {
        // In a will, an arrest or a visa nobody stands on the other side.
        let one_sided = matches!(
            self.choice("problem_category"),
            Some("dui" | "criminal_defense" | "estate_planning" | "immigration")
        );
        if one_sided && !self.was_asked(field, 1) && !heard.hits.has(Cue::Adversary) {
            return None;
        }
        let asked = self.was_asked(field, 1);
        let family = asked
            || heard.says(words![
                "divorce",
                "divorcing",
                "divorced",
                "custody",
                "separated",
                "separating",
                "separation",
                "splitting",
                "split",
                "marriage",
                "alimony",
                "cheated",
                "cheating",
            ])
            || matches!(
                self.choice("problem_category"),
                Some("divorce" | "custody" | "criminal_defense" | "other")
            );
        let mut leads: Vec<(usize, bool)> = heard
            .hits
            .all()
            .iter()
            .filter(|h| h.mark == Mark::Near(field) || h.mark == Mark::Cue(Cue::Adversary))
            // A husband is the other side of a divorce, not of a will.
            .filter(|h| {
                let spouse = |i| matches!(heard.word(i), "husband" | "wife");
                let ex = |i: usize| heard.word(i.wrapping_sub(1)) == "ex";
                family || !(h.start..h.end).any(|i| spouse(i) && !ex(i))
            })
            .filter(|h| asked || !(h.start..h.end).any(|i| heard.any(i, BESIDE)))
            .map(|h| (h.end, false))
            .collect();
        // "My neighbor, Phil Garrison"
        leads.extend(
            heard
                .hits
                .cue(Cue::Other)
                .filter(|h| {
                    heard.word(h.start.wrapping_sub(1)) == "my"
                        // The employer is the other side, not who speaks for it.
                        && !(h.start..h.end).any(|i| {
                            is_kin(heard.word(i))
                                || heard.any(i, BESIDE)
                        })
                        && !heard.word(h.end - 1).ends_with("'s")
                })
                .map(|h| (h.end, false)),
        );
        for at in 0..heard.tokens.len() {
            let back = heard.word(at.wrapping_sub(1));
            let deed = match heard.word(at) {
                "against" | "suing" | "sue" => true,
                "from" | "by" => matches!(
                    back,
                    "fired"
                        | "hurt"
                        | "evicted"
                        | "sued"
                        | "garnished"
                        | "hit"
                        | "scammed"
                        | "ended"
                        | "bitten"
                        | "harassed"
                        | "bit"
                        | "terminated"
                        | "off"
                        | "go"
                ),
                "for" | "at" => matches!(
                    back,
                    "work" | "worked" | "working" | "job" | "employed" | "jobs"
                ),
                "with" => matches!(
                    back,
                    "lease"
                        | "contract"
                        | "is"
                        | "dispute"
                        | "problem"
                        | "it's"
                        | "thing"
                        | "case"
                        | "matter"
                        | "battle"
                        | "fight"
                ),
                "to" => {
                    back == "sold"
                        || family && (at.saturating_sub(5)..at).any(|i| heard.word(i) == "married")
                }
                "divorcing" => true,
                "after" => matches!(back, "go" | "going" | "goes" | "went"),
                _ => false,
            };
            if deed {
                leads.push((at + 1, true));
            }
        }
        leads.sort_unstable();
        leads.dedup();
        let mut best: Option<Party> = None;
        for (lead, deed) in leads {
            let mut at = lead;
            let mut named = false;
            while at < lead + 6
                && (heard.any(at, BETWEEN)
                    // "Suing my brother in law Carl"
                    || deed && (is_kin(heard.word(at)) || matches!(heard.word(at), "in" | "law" | "ex" | "former")))
            {
                named |= matches!(
                    heard.word(at),
                    "named" | "called" | "name" | "name's" | "is" | "was"
                );
                at += 1;
            }
            let given = given_alone(heard, lead, at);
            let Some(party) = party_at(heard, at)
                .filter(|p| p.sure > Sure::Likely || given.is_none())
                .or(given)
                .filter(|p| !is_no_party(heard, p.start))
            else {
                continue;
            };
            let enough = match party.sure {
                _ if given == Some(party) => true,
                Sure::Named => true,
                Sure::Marked => named || deed || party.end - party.start >= 2,
                Sure::Likely => named && at > lead && heard.tokens[at..party.end].len() <= 3,
            };
            // What was sold to another, and the later of two, stands.
            if enough
                && best.is_none_or(|b| {
                    party.sure >= b.sure
                        && heard.tokens[b.end..party.start.max(b.end)]
                            .iter()
                            .any(|t| t.any(words!["but", "sold", "now"]))
                })
            {
                best = Some(party);
            }
        }
        best.or_else(|| place_party(heard))
            .or_else(|| only_firm(heard).filter(|_| heard.hits.has(Cue::Adversary)))
    }

    /// The agent names the other side and asks whether that is it.
    pub fn agent_parties(&mut self, heard: &Heard) {
        let Some(field) = self.field("opposing_party").filter(|f| {
            let text = self.value(*f).and_then(Value::text);
            text.is_none_or(|t| !t.contains(' ') && tables().is_given(&t.to_lowercase()))
        }) else {
            return;
        };
        let about = heard.tokens.iter().any(|t| {
            matches!(
                possessor(&t.text),
                "against"
                    | "filing"
                    | "filed"
                    | "versus"
                    | "suing"
                    | "sued"
                    | "side"
                    | "landlord"
                    | "employer"
                    | "driver"
            )
        });
        // "And Renata is Renata Finch?", of the one from whom the caller parts.
        let parted = matches!(self.choice("problem_category"), Some("divorce" | "custody"));
        let known = |p: &Party| {
            let named = |w: &String| w == heard.word(p.start) && tables().is_given(w);
            let callers = self.held_text("caller_name").unwrap_or_default();
            !p.firm
                && self.last_caller.iter().any(named)
                && !same_text(&callers, &heard.text(p.start, p.end))
        };
        if !about && !parted {
            return;
        }
        let party = (0..heard.tokens.len())
            // "Your employer's still Ransome Steel": the name comes after.
            .filter(|at| !stands_against(heard.word(*at)))
            .filter_map(|at| party_at(heard, at))
            .find(|p| p.sure == Sure::Named && (about || known(p)));
        // "Okay, Dominion Timber is the employer."
        let stated = (1..heard.tokens.len()).find_map(|at| {
            let is = heard.word(at) == "is"
                && matches!(heard.word(at + 1), "the" | "your")
                && (at + 2..at + 4).any(|i| {
                    matches!(
                        heard.word(i),
                        "employer" | "landlord" | "driver" | "company" | "party" | "contractor"
                    )
                });
            let from = (0..at).find(|i| {
                !heard.tokens[*i].any(words!["okay", "ok", "so", "and", "alright", "got", "it"])
            })?;
            (is && at - from <= 4).then_some(Party {
                start: from,
                end: at,
                sure: Sure::Marked,
                firm: true,
            })
        });
        if let Some(party) = stated {
            let name = title_case(&heard.text(party.start, party.end));
            let evidence = heard.evidence(Role::ReadsBack, party.start, party.end);
            self.await_yes(field, Value::Text(name), true, evidence);
            return;
        }
        let caller = self.held_text("caller_name");
        if let Some(party) = party {
            let name = title_case(&heard.text(party.start, party.end));
            let asks = dialogue::confirm_asked(heard, party.end)
                || heard
                    .tokens
                    .last()
                    .is_some_and(|t| t.stop == Stop::Question)
                // "So this would be against Walmart"
                || party.end == heard.tokens.len();
            if asks && caller.as_deref() != Some(name.as_str()) {
                let evidence = heard.evidence(Role::ReadsBack, party.start, party.end);
                self.await_yes(field, Value::Text(name), true, evidence);
            }
        }
    }
}

/// "Suing the apartment I live in, Willow Bend Apartments": the one firm in a turn about a quarrel.
fn only_firm(heard: &Heard) -> Option<Party> {
    let mut only = None;
    let mut at = 0;
    while at < heard.tokens.len() {
        let party = party_at(heard, at).filter(|p| p.firm && p.sure == Sure::Named);
        at = party.map_or(at + 1, |p| p.end.max(at + 1));
        if party.is_some() && only.is_some() {
            return None;
        }
        only = only.or(party);
    }
    only.filter(|p| !is_no_party(heard, p.start) && !medical(heard, p) && !street_like(heard, p))
}

/// "My ex husband Randall": a given name alone, of one of whom there is only one.
fn given_alone(heard: &Heard, lead: usize, at: usize) -> Option<Party> {
    let only = heard.any(
        lead.checked_sub(1)?,
        words![
            "husband",
            "wife",
            "ex",
            "spouse",
            "landlord",
            "landlady",
            "neighbor",
            "roommate",
            "driver",
            "partner",
            "boyfriend",
            "girlfriend",
            "fiance",
            "fiancee",
            "stepbrother",
            "stepsister",
            "contractor",
        ],
    );
    // "The custody thing with Shayla", "divorcing Renata", "married twenty years to Renata"
    let parted = match heard.word(lead - 1) {
        "with" => {
            heard.any(
                lead.wrapping_sub(2),
                words![
                    "thing", "case", "matter", "battle", "fight", "custody", "divorce",
                ],
            ) && heard.says(words!["custody", "divorce"])
        }
        "divorcing" => true,
        "to" => (lead.saturating_sub(6)..lead).any(|i| heard.word(i) == "married"),
        _ => false,
    };
    // "An ex named Trish"
    let named = heard.word(lead - 1) == "named"
        && matches!(
            heard.word(lead.wrapping_sub(2)),
            "ex" | "husband" | "wife" | "neighbor" | "landlord" | "roommate"
        );
    let span = name_at(heard, at, Level::Introduced)
        .filter(|s| (only || named || parted) && s.start == at)?;
    let given = span.words.len() == 1 && span.is_given() && !tables().is_word(&span.words[0]);
    let whole = heard.word(span.end - 1) == span.words[0];
    (given && whole).then_some(Party {
        start: span.start,
        end: span.end,
        sure: Sure::Likely,
        firm: false,
    })
}

/// "Capital Harbor Bank is suing me", "Dominion Timber fired me": who does it to the caller.
fn acting_party(heard: &Heard) -> Option<Party> {
    (1..heard.tokens.len()).find_map(|at| {
        let me = heard.any(at + 1, words!["me", "us", "my", "our"]);
        let deed = match heard.word(at) {
            "suing" | "evicting" | "garnishing" | "harassing" | "sues" | "owes" | "stiffed"
            | "cheated" | "scammed" | "repossessed" | "towed" => me,
            "sued" | "evicted" | "fired" | "garnished" | "terminated" => {
                me && !matches!(
                    heard.word(at.wrapping_sub(1)),
                    "was" | "got" | "been" | "being" | "be"
                )
            }
            // "The Department of Family Services, they took him"
            "took" | "removed" => me || heard.any(at + 1, words!["him", "her", "them", "his"]),
            // "The client, Meridian Candle Company, still hasn't paid"
            "hasn't" | "haven't" | "won't" | "didn't" | "doesn't" | "refuses" | "refused"
            | "never" => (at + 1..at + 4).any(|i| heard.any(i, AGREED)),
            _ => false,
        };
        let firms = heard.any(at, words!["took", "removed"]);
        if !deed {
            return None;
        }
        let mut end = at;
        while end > 0
            && matches!(
                heard.word(end - 1),
                "is" | "are"
                    | "just"
                    | "has"
                    | "already"
                    | "now"
                    | "keeps"
                    | "still"
                    | "they"
                    | "then"
            )
        {
            end -= 1;
        }
        (end.saturating_sub(6)..end)
            // "My customer, Quarry Stone Bakery": the name comes after.
            .filter(|from| {
                let word = heard.word(*from);
                !stands_against(word)
                    && !matches!(word, "client" | "customer" | "vendor" | "supplier")
            })
            .filter_map(|from| party_at(heard, from))
            .find(|p| p.end == end && p.sure > Sure::Likely && (p.firm || !firms))
    })
}

/// What somebody has agreed to do who does not do it.
const AGREED: &WordSet = words![
    "pay",
    "paid",
    "paying",
    "return",
    "returned",
    "refund",
    "refunded",
    "fix",
    "fixed",
    "finish",
    "finished",
    "honor",
    "deliver",
    "delivered",
    "reimburse",
];
