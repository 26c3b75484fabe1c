//! What was promised on the way, by whom, and what the caller was told to do.

use super::clause::{condition_before, joined_end};
use super::errand::{is_deed, is_role, past_adverbs, subject_start};
use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{Owner, Promise, Value, same_text};

/// Promises kept.
const MAX_TASKS: usize = 12;

/// Verbs of promises, after "and" another promise: "call Brooke and send you the estimate".
const ACTIONS: &[&str] = &["send", "email", "text", "fax", "mail"];

/// Imperatives that begin another thought even where no mark of punctuation says so.
pub(super) const TELLS: &[&str] = &["keep", "bring", "tell", "don't", "wear", "please"];

/// What somebody else is said to do: "she'll call you", "the crew calls the night before".
const CONTACTS: &[&str] = &[
    "call", "text", "email", "reach", "give", "send", "contact", "phone", "ring", "follow", "fax",
    "mail",
];

impl State {
    /// What this turn promises, asks for, or tells the other side to do.
    pub(super) fn promises(&mut self, heard: &Heard, reply: &Reply) {
        if heard.hits.has(Cue::Voicemail) {
            return;
        }
        self.answer_offer(heard, reply);
        let mut found = self.own_promises(heard);
        if heard.speaker == Speaker::Agent {
            found.extend(self.others_promises(heard));
        }
        found.sort_unstable();
        let owner = match heard.speaker {
            Speaker::Agent => Owner::Agent,
            Speaker::Caller => Owner::Caller,
        };
        let mut done = 0;
        for (from, act) in found {
            if act < done {
                continue;
            }
            let end = joined_end(heard, act, |next| is_deed(heard, next));
            if end - from < 2 {
                continue;
            }
            done = end;
            let mut text = self.in_full(heard, from, end);
            if matches!(text.split(' ').next(), Some("him" | "her" | "them")) {
                text = format!("have {text}");
            }
            let known =
                owner == Owner::Agent && self.message.is_some() && delivers(heard, act, end);
            if empty(heard, act, end) && !known
                || owner == Owner::Caller && undecided(heard, act, end)
            {
                continue;
            }
            // "I'll leave it on her desk": what is left there is the message.
            if owner == Owner::Agent
                && delivers(heard, act, end)
                && let Some(message) = self.message.take()
            {
                text = message;
            } else if let Some((if_from, if_to)) = condition_before(heard, from) {
                text = format!("{text} {}", heard.text(if_from, if_to));
            }
            if (matches!(heard.word(from), "have" | "get" | "receive") || hears(heard, from))
                && heard.word(from.wrapping_sub(1)) == "you'll"
            {
                self.due(heard, (from, end), &text);
            } else {
                self.add_task(heard, (from, end), owner, text);
            }
        }
        if heard.speaker == Speaker::Agent {
            self.directions(heard);
        }
        self.offer_task(heard);
        self.keep_referents(heard);
    }

    /// "I'll email the forms", "let me talk to my sister and call you back": where the words of the promise and its verb stand.
    fn own_promises(&self, heard: &Heard) -> Vec<(usize, usize)> {
        let agent = heard.speaker == Speaker::Agent;
        let cue = if agent {
            Cue::AgentPromise
        } else {
            Cue::CallerPromise
        };
        let mut out = Vec::new();
        for hit in heard.hits.cue(cue) {
            let head = heard.word(hit.start);
            // "Well, you're not alone" promises nothing.
            let well = head == "well"
                && (hit.start == 0
                    || heard.tokens[hit.start - 1].ends_clause()
                    || matches!(
                        heard.word(hit.start + 1),
                        "you"
                            | "you're"
                            | "i"
                            | "i'm"
                            | "that"
                            | "that's"
                            | "it's"
                            | "the"
                            | "okay"
                            | "if"
                    ));
            if well {
                continue;
            }
            let act = past_adverbs(heard, hit.start + lead_len(heard, hit.start));
            let now = head == "let"
                && agent
                && !matches!(heard.word(act), "send" | "email" | "text" | "have" | "get");
            if now || !is_deed(heard, act) {
                continue;
            }
            // The caller's errands are those that somebody waits for.
            let errand = agent
                || matches!(
                    heard.word(act),
                    "bring"
                        | "send"
                        | "call"
                        | "drop"
                        | "email"
                        | "fax"
                        | "text"
                        | "mail"
                        | "ask"
                        | "talk"
                        | "tell"
                        | "let"
                        | "check"
                        | "save"
                        | "dig"
                        | "scan"
                        | "upload"
                        | "forward"
                        | "fill"
                        | "sign"
                        | "get"
                        | "give"
                        | "have"
                );
            // "I can do it", "I'll call nine one one", "I'll have to call around": no errand for the record.
            // "So I can send the forms to ...?" says what a question is for; who is told is told.
            let purpose =
                head == "so" && !matches!(heard.word(act), "let" | "tell" | "page" | "give");
            let idle = purpose
                || !agent
                    && (head == "i"
                        && heard.word(hit.start + 1) == "can"
                        && !matches!(heard.word(act), "bring" | "send" | "email" | "drop" | "fax")
                        || matches!(heard.word(act), "get" | "have" | "give")
                            && !matches!(
                                heard.word(act + 1),
                                "you" | "y'all" | "him" | "her" | "it" | "them"
                            )
                        || heard.word(act) == "call" && !call_with_purpose(heard, act));
            if !errand || idle {
                continue;
            }
            let from = if agent
                && matches!(heard.word(act), "have" | "get" | "ask")
                && person_called(heard, act)
            {
                act + 1
            } else {
                act
            };
            out.push((from, act));
        }
        out
    }

    /// Third persons of the business: "he'll call", "the attorney will call you tomorrow", "you'll have it by Monday".
    fn others_promises(&self, heard: &Heard) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for at in 0..heard.tokens.len() {
            if let Some((from, act)) = said_of_another(heard, at) {
                out.push((from.min(act), act));
            }
            let word = heard.word(at);
            // "The crew calls the night before"
            if matches!(word, "calls" | "texts" | "emails")
                && matches!(
                    heard.word(at + 1),
                    "you" | "the" | "a" | "when" | "half" | "before"
                )
                && at > 0
                && is_role(heard.word(at - 1))
            {
                out.push((subject_start(heard, at), at));
            }
            // "You'll have the bid by Thursday"
            let due = word == "you'll"
                && (matches!(heard.word(at + 1), "have" | "get" | "receive")
                    || hears(heard, at + 1))
                && heard.tokens[at + 2
                    ..heard
                        .clause_end(at)
                        .min(at + 9)
                        .max(at + 2)
                        .min(heard.tokens.len())]
                    .iter()
                    .any(|t| t.any(&["by", "today", "tonight", "tomorrow", "shortly", "within"]));
            if due {
                out.push((at + 1, at + 1));
            }
        }
        out
    }

    /// "You'll have the bid by Thursday": when what was promised comes, or a promise of its own.
    fn due(&mut self, heard: &Heard, span: (usize, usize), text: &str) {
        let by = text.split(' ').position(|w| {
            matches!(
                w,
                "by" | "today" | "tonight" | "tomorrow" | "shortly" | "within"
            )
        });
        let tail = by.map_or(String::new(), |at| {
            text.split(' ').skip(at).collect::<Vec<_>>().join(" ")
        });
        let sent = self.field("tasks").and_then(|f| match self.value(f) {
            Some(Value::Tasks(all)) => all.iter().rev().find(|p| {
                p.owner == Owner::Agent
                    && if hears(heard, span.0) {
                        calls_caller(&p.text)
                    } else {
                        p.text.split(' ').next().is_some_and(|v| {
                            ACTIONS.contains(&v) || matches!(v, "put" | "work" | "draw")
                        })
                    }
            }),
            _ => None,
        });
        let full = match sent {
            Some(promise) if promise.text.contains(&tail) => return,
            Some(promise) => format!("{} {tail}", promise.text),
            None if hears(heard, span.0) => format!("call you {tail}"),
            None => format!(
                "send {}",
                text.split(' ').skip(1).collect::<Vec<_>>().join(" ")
            ),
        };
        let old = sent.map(|p| p.text.clone());
        if let Some(old) = old {
            self.drop_task(&old);
        }
        self.add_task(heard, span, Owner::Agent, full);
    }

    /// Takes a promise off the list, for its longer form to take its place.
    fn drop_task(&mut self, text: &str) {
        if let Some(field) = self.field("tasks")
            && let Some(Value::Tasks(all)) =
                self.ledger_mut(field).held.as_mut().map(|h| &mut h.value)
        {
            all.retain(|p| p.text != text);
        }
    }

    pub(super) fn add_task(
        &mut self,
        heard: &Heard,
        span: (usize, usize),
        owner: Owner,
        text: String,
    ) {
        let Some(field) = self.field("tasks") else {
            return;
        };
        let mut all = match self.value(field) {
            Some(Value::Tasks(t)) => t.clone(),
            _ => Vec::new(),
        };
        // The same promise again, perhaps longer.
        let words = |t: &str| {
            t.split(' ')
                .filter(|w| w.len() > 3)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let new = words(&text);
        let known = all.iter().position(|p| {
            let old = words(&p.text);
            p.owner == owner
                && (same_text(&p.text, &text)
                    || p.text.contains("911") && text.contains("911")
                    || calls_caller(&p.text) && calls_caller(&text)
                    || !new.is_empty()
                        && new.iter().filter(|w| old.contains(w)).count() * 2
                            > new.len().min(old.len()).max(1))
        });
        match known {
            Some(at) => {
                // Said again with as much, it is said better: "nine o'clock is that ok", then "tomorrow she'll call you at ten".
                let enough = text.split(' ').count() >= 5
                    && text.len() * 3 >= all[at].text.len() * 2
                    && !all[at].text.contains(&text);
                if text.len() > all[at].text.len() || enough {
                    all[at].text = text;
                } else {
                    return;
                }
            }
            None => {
                if all.len() >= MAX_TASKS {
                    return;
                }
                all.push(Promise { owner, text });
            }
        }
        self.replace_list(field, heard, span, Value::Tasks(all));
    }
}

/// Tokens of "I'll", "I will", "I'm going to", "we're gonna", "let me", "I can" at `at`.
fn lead_len(heard: &Heard, at: usize) -> usize {
    let word = |n: usize| heard.word(at + n);
    match word(0) {
        "i'm" | "we're" | "i" | "we" if matches!(word(1), "gonna" | "will" | "can") => 2,
        "i'm" | "we're" if word(1) == "going" && word(2) == "to" => 3,
        "i" | "we" if matches!(word(1), "am" | "are") && word(2) == "gonna" => 3,
        "i" | "we" if matches!(word(1), "am" | "are") && word(2) == "going" => 4,
        "let" => 2,
        "so" => 3,
        _ => 1,
    }
}

/// "Leave it on her desk", "give him the message", "let her know": the message goes where it belongs.
fn delivers(heard: &Heard, act: usize, end: usize) -> bool {
    let words = heard.tokens.get(act..end).unwrap_or_default();
    match heard.word(act) {
        "tell" => matches!(heard.word(act + 1), "him" | "her" | "them"),
        "let" => words.iter().any(|t| t.is("know")) && heard.word(act + 1) != "you",
        "put" | "leave" | "give" | "pass" | "get" | "relay" => words.iter().any(|t| {
            t.any(&[
                "desk", "box", "inbox", "message", "note", "word", "her", "him", "them",
            ])
        }),
        _ => false,
    }
}

/// "Tell him", "email you": nothing says what.
fn empty(heard: &Heard, act: usize, end: usize) -> bool {
    end == act + 2
        && matches!(
            heard.word(act),
            "tell" | "ask" | "email" | "text" | "send" | "fax" | "mail"
        )
        && matches!(heard.word(act + 1), "him" | "her" | "them" | "you")
}

/// "Let me talk to my husband first", "I'll let you know": the caller puts off; only a call back is a promise.
fn undecided(heard: &Heard, act: usize, end: usize) -> bool {
    let asks = matches!(heard.word(act), "talk" | "ask" | "check")
        && heard.word(act + 1) != "back"
        && !(act + 1..end).any(|i| heard.word(i) == "call");
    asks || heard.word(act) == "let" && heard.word(act + 1) == "you"
}

/// "They'll send the fire department": what others than the business do.
fn elsewhere(heard: &Heard, from: usize, act: usize) -> bool {
    heard.word(from) == "they'll"
        && heard.word(act) == "send"
        && heard.tokens[act..].iter().take(4).any(|t| {
            t.any(&[
                "fire",
                "police",
                "ambulance",
                "paramedics",
                "deputy",
                "sheriff",
                "officer",
            ])
        })
}

/// "Hear from me": recognisers write "here".
fn hears(heard: &Heard, at: usize) -> bool {
    matches!(heard.word(at), "hear" | "here") && heard.word(at + 1) == "from"
}

/// "He'll call you", "the attorney will email it", "she'd call you later", "somebody from claims has to call you": where the words of a
/// third person's promise begin, and its verb.
fn said_of_another(heard: &Heard, at: usize) -> Option<(usize, usize)> {
    let word = heard.word(at);
    let back = heard.word(at.wrapping_sub(1));
    // Recognisers write "shell" and "hell" for "she'll" and "he'll".
    let pronoun = matches!(
        word,
        "he'll" | "she'll" | "they'll" | "he'd" | "she'd" | "they'd" | "shell" | "hell" | "theyll"
    );
    let short = pronoun
        || word.ends_with("'ll")
            && !matches!(
                word,
                "i'll" | "we'll" | "you'll" | "it'll" | "that'll" | "there'll"
            );
    let other = !matches!(back, "i" | "you" | "we" | "it" | "that" | "which" | "who");
    let firm =
        (word == "will" || short && !word.ends_with("'d") && !word.ends_with("ell")) && other;
    let loose = !firm
        && other
        && (short
            || word == "would"
            || matches!(word, "has" | "needs") && heard.word(at + 1) == "to"
            || matches!(word, "gonna" | "going")
                && (matches!(back, "is" | "are") || back.ends_with("'s")));
    if !(firm || loose) || back == "who" {
        return None;
    }
    let has_to = matches!(heard.word(at + 1), "have" | "need") && heard.word(at + 2) == "to";
    let act = past_adverbs(heard, if has_to { at + 3 } else { at + 1 });
    let contact = CONTACTS.contains(&heard.word(act))
        && (firm
            || matches!(
                heard.word(act + 1),
                "you" | "him" | "her" | "them" | "back" | "by" | "y'all"
            ) && !heard.unreal(at));
    if !contact || elsewhere(heard, at, act) {
        return None;
    }
    let from = if pronoun {
        at
    } else {
        subject_start(heard, at)
    };
    Some((from, act))
}

/// "Have the nurse call you", "ask him to call Anya": somebody is to do it for the agent.
fn person_called(heard: &Heard, at: usize) -> bool {
    !matches!(heard.word(at + 1), "your" | "this" | "that" | "it" | "you")
        && (at + 2..at + 7)
            .take_while(|i| heard.word(*i) != "and")
            .any(|i| {
                CONTACTS.contains(&heard.word(i))
                    || matches!(heard.word(i), "sign" | "review" | "look")
            })
}

/// "Call you back", "call the city": somebody is called for something; "I'll call around" is nobody's business.
fn call_with_purpose(heard: &Heard, at: usize) -> bool {
    matches!(
        heard.word(at + 1),
        "you" | "the" | "my" | "him" | "her" | "them" | "back" | "tomorrow" | "y'all"
    ) && !(heard.word(at + 1) == "the" && matches!(heard.word(at + 2), "police" | "other"))
}

/// Where a promise ends: at the clause, at a new subject, or after enough words.
pub(super) fn phrase_end(heard: &Heard, at: usize) -> usize {
    let mut end = at + 1;
    let limit = heard.clause_end(at).min(at + 14);
    while end < limit {
        let word = heard.word(end);
        let subject = matches!(
            heard.word(end + 1),
            "i" | "i'll"
                | "we"
                | "we'll"
                | "he"
                | "he'll"
                | "she"
                | "she'll"
                | "they"
                | "they'll"
                | "you"
                | "you'll"
                | "what"
                | "can"
                | "is"
                | "your"
                | "that"
                | "it"
                | "i'm"
                | "he's"
                | "she's"
                | "they're"
                | "there's"
                | "if"
        );
        // "Call her at home first | she gets upset": a new subject.
        let fresh = matches!(
            word,
            "she" | "he" | "they" | "she's" | "he's" | "they're" | "i've" | "you're" | "you've"
        ) && end > at + 1
            && !matches!(
                heard.word(end - 1),
                "if" | "when"
                    | "that"
                    | "as"
                    | "before"
                    | "until"
                    | "once"
                    | "after"
                    | "than"
                    | "because"
                    | "where"
                    | "who"
                    | "what"
                    | "how"
                    | "so"
                    | "while"
                    | "till"
                    | "whatever"
                    | "and"
                    | "or"
            );
        // "Wear short sleeves | it goes quicker", "call now | those are signs of a stroke"
        let remark = end > at + 1
            && match word {
                "it" => {
                    !matches!(
                        heard.word(end - 1),
                        "if" | "when"
                            | "once"
                            | "before"
                            | "after"
                            | "as"
                            | "that"
                            | "until"
                            | "so"
                            | "how"
                    ) && matches!(
                        heard.word(end + 1),
                        "goes" | "takes" | "usually" | "should" | "is" | "was" | "will"
                    )
                }
                "those" | "these" => heard.word(end + 1) == "are",
                "it's" | "there's" => {
                    heard.word(end - 1) != "if"
                        && heard.word(end - 1) != "when"
                        && heard.word(end - 1) != "once"
                }
                // "... will call you then | have that notice in front of you"
                "have" => {
                    matches!(heard.word(end + 1), "the" | "your" | "that" | "those")
                        && !matches!(
                            heard.word(end - 1),
                            "to" | "i" | "we" | "you" | "they" | "will" | "and" | "i'll" | "we'll"
                        )
                }
                _ => false,
            };
        if fresh || remark {
            break;
        }
        // "... and one of the attorneys will call", "... what number?", "... see you then", "... thank you": another thought.
        let other = word == "and"
            && (end + 2..end + 7)
                .any(|i| heard.word(i) == "will" || heard.word(i).ends_with("'ll"))
            || matches!(word, "what" | "where" | "which")
                && matches!(
                    heard.word(end + 1),
                    "number" | "time" | "is" | "should" | "can" | "are" | "do" | "else"
                )
            || word == "see" && matches!(heard.word(end + 1), "you" | "ya" | "y'all")
            || word == "is" && matches!(heard.word(end + 1), "that" | "this" | "it" | "there")
            || matches!(word, "can" | "may" | "could") && heard.word(end + 1) == "i"
            || matches!(word, "thank" | "ma'am" | "sir");
        if other {
            break;
        }
        let action = word == "and"
            && (ACTIONS.contains(&heard.word(end + 1))
                || TELLS.contains(&heard.word(end + 1))
                || heard.word(end + 1) == "then" && ACTIONS.contains(&heard.word(end + 2)));
        let tells = TELLS.contains(&word)
            && !matches!(
                heard.word(end - 1),
                "and" | "to" | "you" | "can" | "or" | "not" | "please" | "i" | "we" | "they"
            );
        if action
            || tells
            || matches!(word, "and" | "but" | "so" | "okay" | "because" | "or")
                && (subject || end + 1 >= limit)
            || matches!(
                word,
                "okay"
                    | "alright"
                    | "bye"
                    | "thanks"
                    | "i'm"
                    | "we're"
                    | "i'll"
                    | "we'll"
                    | "he'll"
                    | "she'll"
                    | "that's"
                    | "what's"
            )
        {
            break;
        }
        end += 1;
    }
    end
}

/// "Call you back", "Mr. Lindgren will call you by Friday": the caller is called, however often that is said.
fn calls_caller(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    words.windows(2).any(|w| {
        matches!(w[0], "call" | "calls" | "ring" | "phone") && matches!(w[1], "you" | "back")
    })
}
