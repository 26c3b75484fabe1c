//! Health insurers and plans.

use crate::fields::cue::{Cue, Mark};
use crate::fields::dialogue::Reply;
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::{Source, Strength};
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::value::{Value, title_case};
use crate::fields::word_set::{WordSet, words};

use super::firm::{is_stop, stretch};
use crate::fields::name::word::is_closed;

/// Words of a plan after the insurer's name.
const PLAN: &WordSet = words![
    "ppo",
    "hmo",
    "epo",
    "pos",
    "hsa",
    "hdhp",
    "gold",
    "silver",
    "bronze",
    "platinum",
    "advantage",
    "plus",
    "choice",
    "select",
    "complete",
    "flex",
    "direct",
    "premier",
    "basic",
    "standard",
    "essential",
    "essentials",
    "dual",
    "value",
    "preferred",
    "premium",
    "enhanced",
    "community",
    "prime",
    "connect",
    "medicare",
];

/// What the names of insurers end with.
const INSURER_NOUNS: &WordSet = words![
    "health",
    "healthcare",
    "care",
    "mutual",
    "assurance",
    "medicaid",
    "cooperative",
];

/// Words before such a noun that name no insurer: "home care", "her mental health".
const EVERY_PLAN: &WordSet = words![
    "home",
    "day",
    "urgent",
    "primary",
    "child",
    "mental",
    "public",
    "good",
    "bad",
    "private",
    "health",
    "medical",
    "hospice",
    "nursing",
    "personal",
    "wound",
    "skin",
    "foot",
    "after",
    "prenatal",
    "regular",
    "routine",
    "follow",
    "emergency",
    "behavioral",
    "women's",
    "men's",
    "student",
    "home's",
    "dental",
    "vision",
    "long",
    "term",
    "great",
    "better",
    "poor",
    "own",
    "extra",
    "foster",
    "preventive",
    "preventative",
    "palliative",
    "intensive",
    "memory",
    "state",
];

/// Names written otherwise than with one capital.
const SPELLINGS: &[(&str, &str)] = &[
    ("Well Mark", "Wellmark"),
    ("Mvp", "MVP"),
    ("Umr", "UMR"),
    ("Iehp", "IEHP"),
    ("Ahcccs", "AHCCCS"),
    ("Caloptima", "CalOptima"),
    ("Kancare", "KanCare"),
    ("Wellsense", "WellSense"),
    ("Countycare", "CountyCare"),
    (" Epo", " EPO"),
    (" Hsa", " HSA"),
    (" Pos", " POS"),
    (" Of ", " of "),
    ("Carefirst", "CareFirst"),
    ("Care First", "CareFirst"),
    ("Health Care", "Healthcare"),
    ("Upmc", "UPMC"),
    (" Ppo", " PPO"),
    (" Hmo", " HMO"),
    ("Bcbs", "BCBS"),
    ("Badger Care", "BadgerCare"),
    ("Badgercare", "BadgerCare"),
    ("Soonercare", "SoonerCare"),
    ("Tenncare", "TennCare"),
    ("Masshealth", "MassHealth"),
    ("Mainecare", "MaineCare"),
    ("Peachcare", "PeachCare"),
    ("Caresource", "CareSource"),
    ("Connecticare", "ConnectiCare"),
    ("Healthpartners", "HealthPartners"),
    ("Cdphp", "CDPHP"),
    ("Aarp", "AARP"),
    ("Champva", "CHAMPVA"),
    ("Medi Cal", "Medi-Cal"),
    ("Selecthealth", "SelectHealth"),
];

impl State {
    /// The insurer in the caller's turn.
    pub(super) fn insurer(&mut self, heard: &mut Heard, reply: &Reply) {
        let Some(field) = self.field("insurance").filter(|_| !reply.decline) else {
            return;
        };
        let asked = self.was_asked(field, 1);
        let near = heard.hits.all().iter().any(|h| h.mark == Mark::Near(field))
            || heard.says(words![
                "insurance",
                "insured",
                "covered",
                "coverage",
                "plan"
            ]);
        let plan = last_plan(heard);
        if let Some((from, to)) = plan
            && (asked || near || self.value(field).is_none() && !self.was_asked(field, 2))
        {
            let strength = if asked || reply.deny {
                Strength::Answer
            } else {
                Strength::Explicit
            };
            let value = Value::Text(written(&heard.text(from, to)));
            self.claim(field, heard, (from, to), Role::States, value, strength);
            heard.take(from, to);
            return;
        }
        if self.ledger(field).held.is_none() && self.insurer_in_doubt(heard, field) {
            return;
        }
        if self.ledger(field).held.is_none() && self.insurer_by_noun(heard, field) {
            return;
        }
        if self.was_asked(field, 0) && self.ledger(field).held.is_none() && !reply.deny {
            self.unlisted_insurer(heard, field);
        }
    }

    /// "Do you take Oscar?": whoever asks has it. Everyday words are no plan: "do you take walk ins".
    fn insurer_in_doubt(&mut self, heard: &mut Heard, field: u8) -> bool {
        if !heard.says(words!["take", "takes", "accept", "accepts"]) {
            return false;
        }
        let Some(start) = (2..heard.tokens.len()).find(|i| {
            heard.any(i - 1, words!["take", "takes", "accept", "accepts"])
                && (i.saturating_sub(6)..*i)
                    .any(|j| heard.any(j, words!["do", "does", "would", "will", "if", "can"]))
        }) else {
            return false;
        };
        let end = stretch(heard, start, 4);
        let strange =
            (start..end).any(|i| !tables().is_word(heard.word(i)) || heard.tokens[i].upper);
        if end == start || !strange || is_closed(heard.word(start)) {
            return false;
        }
        self.take_insurer(heard, field, (start, end));
        true
    }

    /// Takes the words of the span for the insurer's name.
    fn take_insurer(&mut self, heard: &mut Heard, field: u8, span: (usize, usize)) {
        let value = Value::Text(written(&heard.text(span.0, span.1)));
        self.claim(field, heard, span, Role::States, value, Strength::Answer);
        heard.take(span.0, span.1);
    }

    /// "We've got the People's Health plan", "it's Prairie States Mutual": a name in no list that ends as insurers' names do, where
    /// insurance is spoken of.
    fn insurer_by_noun(&mut self, heard: &mut Heard, field: u8) -> bool {
        let n = heard.tokens.len();
        let talk = words!["insurance", "insured", "coverage", "covered", "carrier"];
        let spoken_of = self.was_asked(field, 0)
            || heard.says(talk)
            || heard.says(words!["take", "accept"])
            || self.last_agent.iter().any(|w| talk.has(w));
        if !spoken_of {
            return false;
        }
        let found = (0..n).find_map(|noun| {
            if !INSURER_NOUNS.has(heard.word(noun)) {
                return None;
            }
            let start = (noun.saturating_sub(4)..noun)
                .rev()
                .take_while(|i| {
                    !is_stop(heard.word(*i))
                        && !is_closed(heard.word(*i))
                        && heard.tokens[*i].stop == Stop::None
                        && !heard.any(*i, words!["got", "through", "called"])
                })
                .last()?;
            let any = (start..noun).all(|i| EVERY_PLAN.has(heard.word(i)));
            (!any && !is_former(heard, start)).then_some((start, noun + 1))
        });
        let Some((start, end)) = found else {
            return false;
        };
        self.take_insurer(heard, field, (start, end));
        true
    }

    /// A name in no list, in answer to the question.
    fn unlisted_insurer(&mut self, heard: &mut Heard, field: u8) {
        let Some(start) = (0..heard.tokens.len()).find(|i| {
            !matches!(
                heard.word(*i),
                "it's"
                    | "it"
                    | "i"
                    | "have"
                    | "we"
                    | "yes"
                    | "yeah"
                    | "that's"
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
                    | "they're"
                    | "he's"
                    | "she's"
                    | "on"
                    | "a"
                    | "called"
                    | "state"
            )
        }) else {
            return;
        };
        let end = stretch(heard, start, 5);
        if end > start
            && (!tables().is_word(heard.word(start)) || heard.tokens[start].upper && start > 0)
        {
            self.take_insurer(heard, field, (start, end));
        }
    }

    /// The insurer in the agent's turn: one the agent has on file is put to the caller.
    pub fn agent_insurer(&mut self, heard: &Heard) {
        let Some(field) = self.field("insurance") else {
            return;
        };
        let Some((from, to)) = (0..heard.tokens.len()).find_map(|at| plan_at(heard, at)) else {
            return;
        };
        let value = Value::Text(written(&heard.text(from, to)));
        let evidence = heard.evidence(Role::ReadsBack, from, to);
        match self.value(field) {
            Some(held) if *held == value => {
                self.ledger_mut(field).read_back(evidence.clone());
                self.await_yes(field, value, true, evidence);
            }
            Some(_) => {}
            // "Your Medicare number": known to both.
            None if heard.word(from.wrapping_sub(1)) == "your"
                && matches!(heard.word(to), "number" | "card" | "i" | "id" | "member") =>
            {
                self.claim_with(
                    field,
                    heard,
                    (from, to),
                    Role::States,
                    value,
                    Strength::Shape,
                    Source::AgentSaid,
                    false,
                );
            }
            None => self.await_yes(field, value, true, evidence),
        }
    }
}

/// The plan named last that the caller still has.
fn last_plan(heard: &Heard) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut last = None;
    while at < heard.tokens.len() {
        match plan_at(heard, at) {
            Some((from, to)) => {
                if !is_former(heard, from) {
                    last = Some((from, to));
                }
                at = to.max(at + 1);
            }
            None => at += 1,
        }
    }
    last
}

/// The plan named at `at`: its first token and one past its last.
fn plan_at(heard: &Heard, at: usize) -> Option<(usize, usize)> {
    let used = tables().insurer(&heard.tokens, at)?;
    let mut from = at;
    let mut end = at + used;
    // "Wellmark Blue Cross", "Blue Cross Blue Shield of Wyoming", "Aetna PPO"
    while let Some(more) = tables().insurer(&heard.tokens, end) {
        end += more;
    }
    if heard.word(end) == "of"
        && let Some((_, used)) = tables().state(&heard.tokens, end + 1, false)
    {
        end += 1 + used;
    }
    while heard.tokens.get(end).is_some_and(|t| PLAN.has(&t.text)) {
        end += 1;
    }
    let letters: String = (end..end + 3).map(|i| heard.word(i)).collect();
    if letters.len() == 3 && PLAN.has(&letters) {
        end += 3;
    }
    // "Evergreen Health Partners": everyday words before an entry that begins like the end of a name.
    let generic = INSURER_NOUNS.has(heard.word(at));
    while generic
        && from + 2 > at
        && from > 0
        && heard.tokens[from - 1].stop == Stop::None
        && !is_stop(heard.word(from - 1))
        && !is_closed(heard.word(from - 1))
        && !EVERY_PLAN.has(heard.word(from - 1))
        && !heard.any(
            from - 1,
            words!["through", "says", "called", "plan", "card"],
        )
    {
        from -= 1;
    }
    while from > 0
        && heard.tokens[from - 1].text.len() > 3
        && heard.tokens[from - 1].stop == Stop::None
        && !is_stop(heard.word(from - 1))
        && !tables().is_word(heard.word(from - 1))
        && !tables().is_given(heard.word(from - 1))
    {
        from -= 1;
    }
    Some((from, end))
}

/// "I used to have", "switched from": not the plan of today.
fn is_former(heard: &Heard, from: usize) -> bool {
    (from.saturating_sub(4)..from).any(|i| {
        matches!(
            heard.word(i),
            "not" | "dropped" | "lost" | "left" | "had" | "former" | "old" | "off"
        ) || heard.word(i) == "used" && heard.word(i + 1) == "to"
            || heard.word(i) == "switched" && heard.word(i + 1) == "from"
    }) || heard.hits.cue(Cue::Negation).any(|h| h.end == from)
}

fn written(text: &str) -> String {
    let mut out = title_case(text);
    // "Aetna P P O"
    for (said, letters) in [
        (" P P O", " PPO"),
        (" H M O", " HMO"),
        (" E P O", " EPO"),
        (" H S A", " HSA"),
    ] {
        out = out.replace(said, letters);
    }
    for (from, to) in SPELLINGS {
        out = out.replace(from, to);
    }
    out
}
