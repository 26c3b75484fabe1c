//! What is wrong, in the caller's words and as a category.

use crate::fields::cue::{Cue, Mark};
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::{Claim, Held, Source, Strength};
use crate::fields::lexicon::Hit;
use crate::fields::outcome::Code;
use crate::fields::state::State;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{FieldType, Value};
use crate::fields::word_set::{WordSet, words};

/// So many times less said of a choice is enough for what gives way to it to count for it.
const ENOUGH: u32 = 3;

/// What the category that phrases led to is worth beside the weights of all words, in the logarithm of odds.
const LED: f32 = 0.8;
/// Without a phrase, a category is held before the end of the call once it is as likely as that.
const LIKELY: f32 = 0.6;

impl State {
    /// Problem and urgency in the caller's turn.
    pub fn caller_problem(&mut self, heard: &Heard) {
        for (from, state) in bound(heard) {
            self.signs.moves[usize::from(!from)] = Some(state);
        }
        self.category(heard);
        self.tell(heard);
        self.urgency(heard);
    }

    /// The agent names the trouble: "a garage door spring, okay". Questions do not count.
    pub fn agent_problem(&mut self, heard: &Heard) {
        let asks = heard
            .tokens
            .last()
            .is_some_and(|t| t.stop == Stop::Question)
            || heard.tokens.iter().take(3).any(|t| {
                t.any(words![
                    "is", "are", "do", "does", "did", "can", "could", "how", "what", "what's",
                    "was", "any", "have", "has", "which", "or",
                ])
            });
        if !asks && heard.tokens.len() <= 16 && self.signs.turns[0] > 0 {
            self.category(heard);
        }
    }

    /// Phrases of all turns speak for the categories, the caller's first turns loudest; the category is the one with most behind it.
    fn category(&mut self, heard: &Heard) {
        let Some(field) = self.field("problem_category") else {
            return;
        };
        let caller = heard.speaker == Speaker::Caller;
        let weight = match (self.signs.turns[0], caller) {
            (0..=3, true) => 3,
            (4..=6, true) => 2,
            (0..=4, false) | (7..=10, true) => 1,
            _ => return,
        };
        let choices = self.vertical.fields[usize::from(field)].choices.len();
        self.topics.resize(choices, 0);
        let spoken = |h: &Hit<Mark>| matches!(h.mark, Mark::Choice(f, _) if f == field);
        if !heard.hits.all().iter().any(spoken) {
            return;
        }
        let mut best_here: Option<(usize, (usize, usize))> = None;
        for choice in 0..choices {
            let mut spans: Vec<(usize, usize)> = heard
                .hits
                .all()
                .iter()
                .filter(|h| {
                    h.mark == Mark::Choice(field, choice as u8)
                        && !denied(heard, h.start)
                        && !in_letters(heard, h.start, h.end)
                })
                .map(|h| (h.start, h.end))
                .collect();
            // Of overlapping phrases of one choice the longest counts.
            spans.sort_by_key(|(s, e)| std::cmp::Reverse(e - s));
            let mut kept: Vec<(usize, usize)> = Vec::new();
            for span in spans {
                if !kept.iter().any(|k| k.0 < span.1 && span.0 < k.1) {
                    kept.push(span);
                }
            }
            let score: usize = kept.iter().map(|(s, e)| 1 + 2 * (e - s - 1).min(2)).sum();
            if score == 0 {
                continue;
            }
            self.topics[choice] += weight * score.min(9) as u32;
            if best_here.is_none_or(|(c, _)| self.behind(field, choice) > self.behind(field, c))
                && let Some(span) = kept.first()
            {
                best_here = Some((choice, *span));
            }
        }
        let Some((choice, span)) = best_here else {
            return;
        };
        // Only what this turn speaks for can take the lead, and only by leading.
        let held = self.choice("problem_category").and_then(|id| {
            self.vertical.fields[usize::from(field)]
                .choices
                .iter()
                .position(|c| c.id == id)
        });
        let leads =
            held.is_none_or(|h| h != choice && self.behind(field, choice) > self.behind(field, h));
        if !leads {
            return;
        }
        let id = self.vertical.fields[usize::from(field)].choices[choice]
            .id
            .clone();
        let source = if caller {
            Source::CallerSaid
        } else {
            Source::AgentSaid
        };
        let strength = if held.is_some() {
            Strength::Repair
        } else {
            Strength::Answer
        };
        self.claim_with(
            field,
            heard,
            span,
            Role::States,
            Value::Text(id),
            strength,
            source,
            false,
        );
    }

    /// What speaks for a choice: its own phrases and, once there is enough of those, the phrases of what gives way to it.
    fn behind(&self, field: u8, choice: usize) -> u32 {
        let choices = &self.vertical.fields[usize::from(field)].choices;
        let own = self.topics.get(choice).copied().unwrap_or(0);
        if own == 0 {
            return 0;
        }
        let lesser = choices.get(choice).map_or(0, |c| {
            c.before
                .iter()
                .filter_map(|b| choices.iter().position(|o| o.id == *b))
                .filter_map(|at| self.topics.get(at))
                .copied()
                .filter(|other| own * ENOUGH >= *other)
                .max()
                .unwrap_or(0)
        });
        own + lesser
    }

    /// The caller's own words about it: the first turn that says more than hello.
    fn tell(&mut self, heard: &Heard) {
        let Some(field) = self.field("problem_text") else {
            return;
        };
        let words = heard.tokens.len();
        let Some(held) = self.value(field).and_then(Value::text) else {
            let category = self.choice("problem_category").is_some();
            let told = || {
                heard.says(words![
                    "need", "want", "wanna", "my", "our", "calling", "looking", "trying", "got",
                    "have", "i've", "broke", "help", "sue", "quit",
                ])
            };
            if category || words >= 6 && self.signs.turns[0] <= 3 && told() {
                // "Hi there's a leak": the greeting is no part of it.
                let from = heard
                    .tokens
                    .iter()
                    .position(|t| !t.any(words!["hi", "hello", "hey", "yes", "yeah"]))
                    .unwrap_or(0);
                let said = Value::Text(heard.text(from, words));
                let span = (from, words);
                self.claim(field, heard, span, Role::States, said, Strength::Answer);
            }
            return;
        };
        let asked = |names: &[&str], is: bool| {
            let mut fresh = self.asked.iter().filter(|a| a.age == 0);
            fresh.any(|a| names.contains(&self.name(a.field)) == is)
        };
        let answering = || asked(&["problem_text", "problem_category", "caller_name"], false);
        // "What's going on?" "My knee is swollen."
        let about_it = || asked(&["problem_text", "problem_category"], true);
        // Details in the next turns, while nothing else was asked and answered.
        if self.signs.turns[0] <= 3
            && held.len() < 220
            && words >= if about_it() { 3 } else { 5 }
            && !answering()
            && !(words <= 16 && self.names_someone(heard))
        {
            let value = Value::Text(format!("{held}; {}", heard.text(0, words)));
            self.replace_list(field, heard, (0, words), value);
        }
    }

    /// Whether the turn gave a name.
    fn names_someone(&self, heard: &Heard) -> bool {
        let mut persons = self.vertical.all_of(FieldType::PersonName).iter();
        persons.any(|f| {
            let held = self.ledger(*f).held.as_ref();
            held.is_some_and(|h| h.evidence.iter().any(|e| e.turn == heard.segment))
        })
    }

    /// Whether the call was about something that somebody may still have to see to.
    fn told_something(&self) -> bool {
        let told = self
            .held_text("problem_text")
            .is_some_and(|t| t.split(' ').count() >= 6);
        let code = self.outcome_code().0;
        told && code != Code::Unclassified
            && (code != Code::InformationGiven || self.held_text("caller_name").is_some())
    }

    /// A problem was told and nothing says of what kind: at the end of the call it is one of the others. A move between states is a
    /// long one.
    pub fn infer_category(&mut self) {
        let Some(field) = self.field("problem_category") else {
            return;
        };
        let has = |id: &str| {
            self.vertical.fields[usize::from(field)]
                .choices
                .iter()
                .any(|c| c.id == id)
        };
        let state = |name: &str| {
            self.field(name)
                .and_then(|f| self.value(f))
                .and_then(Value::address)
                .and_then(|a| a.state.as_deref())
        };
        let home = self.ctx.business.state.as_deref();
        let origin = state("origin_address").or(self.signs.moves[0]);
        let from = origin.or(home);
        let away = state("destination_address")
            .or(self.signs.moves[1])
            .or(origin.and(home))
            .is_some_and(|to| from.is_some_and(|f| !f.eq_ignore_ascii_case(to)));
        // From one place to another is a move, whatever it was called about.
        let both = ["origin_address", "destination_address"]
            .iter()
            .all(|n| self.field(n).is_some_and(|f| self.ledger(f).held.is_some()));
        let held = self.choice("problem_category");
        let led = self.led(field);
        let items = match self.field("inventory").and_then(|f| self.value(f)) {
            Some(Value::Items(items)) => items.len(),
            _ => 0,
        };
        // Whoever names several things has no single one.
        let led = match led {
            Some("single_item") if items > 2 && has("local_move") => Some("local_move"),
            led => led,
        };
        // From what was said alone, not from what is held: else the next turn would undo what this one infers.
        let id = match led {
            None | Some("local_move" | "single_item") if away && has("long_distance") => {
                "long_distance"
            }
            None if both && items == 1 && has("single_item") => "single_item",
            None if both && has("local_move") => "local_move",
            _ => match self.weighed_category(led, held.is_some()) {
                Some(id) => id,
                None if held.is_none()
                    && self.signs.ended
                    && has("other")
                    && self.told_something() =>
                {
                    "other"
                }
                None => return,
            },
        };
        if held == Some(id) {
            return;
        }
        // What a person has set stands.
        let set = |h: &Held| h.source == Source::Operator;
        if self.ledger(field).held.as_ref().is_some_and(set) {
            return;
        }
        let loudest = self.trouble.as_ref().and_then(|t| t.words_for(id));
        let evidence = match loudest.filter(|_| id != "long_distance") {
            Some(words) => vec![words.clone()],
            None => self
                .field(if away {
                    "destination_address"
                } else {
                    "problem_text"
                })
                .and_then(|f| self.ledger(f).held.as_ref())
                .map(|h| h.evidence.clone())
                .unwrap_or_default(),
        };
        let claim = Claim {
            value: Value::Text(id.to_owned()),
            source: Source::Rule,
            strength: Strength::Repair,
            inferred: true,
            p: 1.0,
            raw: String::new(),
            evidence,
        };
        let kind = self.ledger_mut(field).claim(claim);
        self.note(field, kind);
    }
}

impl State {
    /// The category that the phrases of all turns lead to, if any.
    fn led(&self, field: u8) -> Option<&str> {
        let choices = &self.vertical.fields[usize::from(field)].choices;
        (0..choices.len())
            .map(|c| (self.behind(field, c), c))
            .filter(|(behind, _)| *behind > 0)
            .max_by_key(|(behind, c)| (*behind, std::cmp::Reverse(*c)))
            .map(|(_, c)| choices[c].id.as_str())
    }

    /// The category that all words together make the likeliest beside the one that phrases led to, if any: at the end of a call in which
    /// something was told whatever is likeliest, before that, unless one is held, only what is likelier than not.
    fn weighed_category(&self, led: Option<&str>, held: bool) -> Option<&'static str> {
        let trouble = self.trouble.as_ref()?;
        let worth = |option: &str| Some(if led == Some(option) { LED } else { 0.0 });
        let due = self.signs.ended && self.told_something();
        if led.is_some() || due || held || trouble.share(worth) >= LIKELY {
            return trouble.likeliest(worth);
        }
        None
    }

    /// Whether all words together speak for the category held.
    pub fn category_borne_out(&self) -> Option<bool> {
        let best = self.trouble.as_ref()?.likeliest(|_| Some(0.0))?;
        Some(self.choice("problem_category")? == best)
    }
}

/// "I'm moving to Tucson", "from Spokane to Boise": cities of known states that a move goes from (`true`) or to.
fn bound(heard: &Heard) -> Vec<(bool, &'static str)> {
    const MOVES: &WordSet = words![
        "move",
        "moves",
        "moved",
        "moving",
        "relocate",
        "relocating",
        "headed",
        "heading",
        "going",
        "haul",
        "ship",
        "shipped",
        "transferred",
        "stuff",
        "things",
        "furniture",
        "bedroom",
        "apartment",
        "house",
        "be",
        "job",
    ];
    (1..heard.tokens.len())
        .filter_map(|at| {
            let from = match heard.word(at - 1) {
                "from" => true,
                "to" | "for" => false,
                // "We have to be in Boise by then."
                "in" if heard.any(
                    at.wrapping_sub(2),
                    words!["be", "live", "job", "school", "college"],
                ) =>
                {
                    false
                }
                _ => return None,
            };
            let state = tables().city_state(&heard.tokens, at)?;
            let moves = heard.tokens[at.saturating_sub(10)..at]
                .iter()
                .any(|t| t.any(MOVES));
            moves.then_some((from, state))
        })
        .collect()
}

/// Whether the span is part of a spelling: the "d a" of "A-D-A-E-Z-E" is no district attorney.
fn in_letters(heard: &Heard, from: usize, to: usize) -> bool {
    let letter = |i: usize| heard.word(i).chars().count() == 1;
    // "I got a D U I": the article is no letter of it.
    let before = from > 0 && letter(from - 1) && !matches!(heard.word(from - 1), "a" | "i");
    (from..to).all(letter) && (before || letter(to))
}

/// Whether a phrase of a category is denied ("it's not the toilet", "no leak") or only supposed. "Haven't sent the referral" is
/// about the referral all the same.
fn denied(heard: &Heard, at: usize) -> bool {
    let near = at.saturating_sub(3).max(heard.clause_start(at));
    let no = (near..at).any(|i| {
        heard.tokens[i].any(words!["not", "isn't", "ain't", "wasn't"])
            && !heard.tokens[i + 1..at]
                .iter()
                .any(|t| t.any(words!["but", "just", "only", "sure"]))
    }) || at > 0 && matches!(heard.word(at - 1), "no" | "without");
    let supposed = heard.hits.cue(Cue::Hypothetical).any(|h| {
        h.end <= at
            && h.start >= heard.clause_start(at)
            && at - h.end <= 6
            && heard.word(h.start) == "if"
            // "I'm wondering if the results are back" asks about them.
            && !matches!(
                heard.word(h.start.wrapping_sub(1)),
                "wondering" | "see" | "know" | "check" | "checking" | "asking" | "sure" | "curious"
            )
    });
    // "Behind my washing machine" says where, not what.
    let mut before = at;
    while before > 0 && heard.tokens[before - 1].any(words!["the", "my", "our", "his", "her", "a"])
    {
        before -= 1;
    }
    let place = before < at
        && before > 0
        && heard.tokens[before - 1].any(words![
            "behind", "beside", "near", "above", "below", "by", "beneath",
            // "Every time we run the washer": when, not what.
            "run", "running", "using", "use",
        ]);
    no || supposed || place
}
