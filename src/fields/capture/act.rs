//! What the agent's side does about the call, in whatever words: somebody sets out, whoever is on call is brought in, word is passed on,
//! a paper goes out. Who does it, what the verb is, and whom it goes to decide; not the sentence.

use super::errand::is_role;
use crate::fields::name::word::{Nameness, is_title, nameness};
use crate::fields::temporal;
use crate::fields::token::possessor;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Those who are sent, told or brought in, besides people named by name or office.
const THIRD: &WordSet = words![
    "he",
    "she",
    "they",
    "him",
    "her",
    "them",
    "he's",
    "she's",
    "they're",
    "he'll",
    "she'll",
    "they'll",
    "somebody",
    "someone",
    "guy",
    "guys",
    "man",
    "men",
    "fella",
    "crew",
    "team",
    "truck",
    "van",
    "wrecker",
    "everybody",
    "boss",
    "desk",
    "department",
    "office",
    "folks",
    "'em",
    "em",
];

/// Whether the word is, or stands for, a third person.
pub(super) fn third(heard: &Heard, at: usize) -> bool {
    let word = heard.word(at);
    let bare = possessor(word).trim_end_matches("'ll");
    THIRD.has(word)
        || is_role(bare)
        || is_title(bare)
        || THIRD.has(bare)
        || word != "will"
            && heard.tokens.get(at).is_some_and(|t| {
                let inside = at > 0 && !heard.tokens[at - 1].ends_clause();
                t.text.len() > 2
                    && match nameness(t) {
                        Nameness::Name => true,
                        Nameness::None => false,
                        _ => t.upper && inside,
                    }
            })
}

/// A third person within so many tokens before `at`, in the same clause.
fn third_before(heard: &Heard, at: usize, within: usize) -> bool {
    (heard.clause_start(at).max(at.saturating_sub(within))..at).any(|i| third(heard, i))
}

/// One past the last token that belongs to the thought at `at`.
fn thought_end(heard: &Heard, at: usize, within: usize) -> usize {
    heard.clause_end(at).min(at + within)
}

/// Whether something puts what is said off: another day, a condition, a thing to come first.
fn put_off(heard: &Heard, from: usize, to: usize) -> bool {
    (from..to).any(|i| {
        temporal::names_weekday(heard.word(i))
            || matches!(
                heard.word(i),
                "tomorrow" | "later" | "if" | "unless" | "morning" | "week" | "would" | "could"
            )
    })
}

/// Ways of setting out.
const SETS_OUT: &WordSet = words![
    "leaving", "heading", "headed", "coming", "driving", "rolling", "pulling", "turning",
    "swinging", "running", "hopping", "jumping", "getting", "walking",
];

/// Ways of having somebody set out.
const SENDS: &WordSet = words![
    "send",
    "sending",
    "dispatch",
    "dispatching",
    "rolling",
    "running",
    "routing",
    "rerouting",
    "diverting",
    "pulling",
    "shooting",
    "bringing",
    "pointing",
    "swinging",
    "scrambling",
];

/// Words that say it happens now, or where it goes.
const NOW_OR_HERE: &WordSet = words![
    "now", "already", "minute", "second", "minutes", "you", "your", "yours", "there", "over",
    "truck", "van", "door",
];

/// Whether the words are of what the speaker's side does.
fn ours(heard: &Heard, from: usize, to: usize) -> bool {
    (from..to).any(|i| {
        matches!(
            heard.word(i),
            "i'm" | "we're" | "i'll" | "we'll" | "gonna" | "me" | "am" | "are"
        )
    })
}

/// "He's pulling out now", "Raul's turning around, be there in ten", "I'm sending Terrence over": somebody sets out at once.
pub(super) fn sets_out(heard: &Heard) -> Option<(usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        let word = heard.word(at);
        let end = thought_end(heard, at, 9);
        let from = heard.clause_start(at).max(at.saturating_sub(6));
        let told = match word {
            _ if SENDS.has(word) && ours(heard, from, at) => {
                (at + 1..at + 4).any(|i| third(heard, i))
                    && (at + 1..end).any(|i| {
                        heard.any(i, NOW_OR_HERE)
                            || matches!(heard.word(i), "out" | "right" | "straight" | "he's")
                    })
            }
            _ if SETS_OUT.has(word) => {
                // "He's getting in his truck", "she's running a bit late": only some go with any verb.
                let goes = match word {
                    "getting" => (at + 1..at + 4).any(|i| matches!(heard.word(i), "truck" | "van")),
                    "running" | "walking" | "turning" | "pulling" => {
                        (at + 1..at + 3).any(|i| matches!(heard.word(i), "out" | "around" | "over"))
                    }
                    _ => true,
                };
                goes && third_before(heard, at, 6)
                    && (at + 1..end).any(|i| heard.any(i, NOW_OR_HERE))
            }
            // "He'll be over there inside the hour."
            "be" => {
                third_before(heard, at, 3)
                    && (at + 1..at + 4)
                        .any(|i| matches!(heard.word(i), "there" | "over" | "out" | "you" | "your"))
                    && (at + 2..end).any(|i| matches!(heard.word(i), "minutes" | "hour" | "minute"))
            }
            // "He'll head right over", "they can run straight out."
            "head" | "come" | "swing" | "drive" | "run" | "shoot" | "scoot" | "go" => {
                let straight = matches!(heard.word(at + 1), "right" | "straight")
                    && matches!(heard.word(at + 2), "over" | "out" | "there" | "to" | "by");
                let next = matches!(heard.word(at + 1), "over" | "out" | "there" | "by")
                    && (at + 2..end).any(|i| {
                        heard.any(
                            i,
                            words!["next", "now", "directly", "shortly", "momentarily"],
                        ) && heard.word(i + 1) != "week"
                    });
                third_before(heard, at, 3) && (straight || next)
            }
            _ => false,
        };
        (told && !heard.unreal(at) && !heard.in_question(at) && !put_off(heard, from, end))
            .then_some((from, end))
    })
}

/// Verbs by which whoever is on call is reached.
const REACHES: &WordSet = words![
    "page", "paging", "paged", "reach", "reached", "reaching", "get", "getting", "got", "wake",
    "woke", "waking", "call", "calling", "ring", "ringing", "radio", "radioing", "alert",
    "alerting", "send", "sending", "put", "putting", "pass", "passing", "have", "raise", "raising",
    "he's", "she's", "he'll", "she'll", "they'll", "grab", "grabbing", "rang", "coming", "will",
];

/// Whoever is on call, on duty or standing by is brought in, somebody is paged, or a colleague of standing is interrupted this minute.
pub(super) fn brings_in(heard: &Heard) -> Option<(usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        let word = heard.word(at);
        let end = thought_end(heard, at, 10);
        let from = heard.clause_start(at).max(at.saturating_sub(10));
        let person = |from: usize, to: usize| {
            (from..to).any(|i| {
                is_role(heard.word(i))
                    || matches!(
                        heard.word(i),
                        "man" | "guy" | "person" | "one" | "team" | "crew" | "vet"
                    )
            })
        };
        let duty = match word {
            "on" => {
                matches!(heard.word(at + 1), "call" | "duty")
                    && (person(at + 2, at + 4)
                        || person(at.saturating_sub(2), at)
                        || matches!(heard.word(at.wrapping_sub(1)), "our" | "my" | "the")
                        || heard.word(at + 2) == "tonight")
            }
            "standby" => person(at + 1, at + 3),
            "stand" => heard.word(at + 1) == "by" && person(at + 2, at + 4),
            "emergency" | "weekend" | "night" => person(at + 1, at + 2),
            _ => false,
        };
        let duty = duty && (from..end).any(|i| REACHES.has(heard.word(i)));
        let paged = matches!(word, "page" | "paging" | "paged")
            && (at + 1..at + 4).any(|i| third(heard, i))
            && (from..at).any(|i| {
                matches!(
                    heard.word(i),
                    "i" | "i'm" | "i'll" | "we're" | "we'll" | "i've" | "me" | "just"
                )
            });
        let at_once = matches!(
            word,
            "putting"
                | "passing"
                | "getting"
                | "handing"
                | "messaging"
                | "taking"
                | "walking"
                | "running"
                | "grabbing"
                | "pulling"
                | "interrupting"
        ) && heard.word(at + 1) != "you"
            && (at + 1..end).any(|i| is_role(heard.word(i)))
            && (at + 1..end + 3).any(|i| {
                heard.word(i) == "now"
                    || heard.word(i) == "this"
                        && matches!(heard.word(i + 1), "minute" | "second" | "instant")
            });
        // "Let me see if I can raise him": tried at once.
        let trying = || (from..at).any(|i| heard.word(i) == "see" && heard.word(i + 1) == "if");
        ((duty || paged || at_once) && (trying() || !heard.unreal(at)) && !heard.in_question(at))
            .then_some((from, end))
    })
}

/// Verbs that hand something on.
const HANDS_ON: &WordSet = words![
    "pass", "relay", "forward", "give", "send", "hand", "get", "run", "take", "walk", "leave",
    "put", "write", "jot", "note", "set", "stick", "tape", "drop", "slip", "bring", "carry", "lay",
    "place", "pin", "clip",
];

/// Where word for somebody is left.
const LEFT_AT: &WordSet = words![
    "his", "desk", "inbox", "box", "chart", "keyboard", "chair", "door", "tray", "folder", "board",
    "mailbox", "sheet", "file", "screen",
];

/// What is handed on when word is.
const WORD: &WordSet = words![
    "it", "this", "that", "word", "message", "note", "request", "these", "them",
];

/// "I'll leave that on his desk", "I'll see that she gets word", "I'll put it in front of the doctor": word for somebody.
pub(super) fn passes_word(heard: &Heard) -> Option<(usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        let word = heard.word(at);
        let end = thought_end(heard, at, 9);
        let from = heard.clause_start(at).max(at.saturating_sub(4));
        let promised = || {
            (from..at).any(|i| {
                matches!(
                    heard.word(i),
                    "i'll"
                        | "we'll"
                        | "me"
                        | "gonna"
                        | "i'm"
                        | "we're"
                        | "lemme"
                        | "will"
                        | "i"
                        | "and"
                )
            }) && !(from..at).any(|i| {
                matches!(
                    heard.word(i),
                    "you" | "can" | "could" | "should" | "he" | "she"
                )
            })
        };
        let told = match word {
            "tell" | "remind" | "inform" | "notify" => promised() && third(heard, at + 1),
            "let" => {
                promised()
                    && (at + 1..at + 4).any(|i| third(heard, i))
                    && (at + 2..at + 6).any(|i| heard.word(i) == "know")
            }
            // "Make sure he sees it", "see that she gets word."
            "gets" | "sees" | "knows" | "hears" => {
                third_before(heard, at, 3)
                    && (from.saturating_sub(3)..at).any(|i| matches!(heard.word(i), "see" | "sure"))
            }
            // "She'll have the note."
            "have" | "get" | "see" | "find"
                if (heard.word(at.wrapping_sub(1)).ends_with("'ll")
                    || heard.word(at.wrapping_sub(1)) == "will")
                    && third_before(heard, at, 2) =>
            {
                (at + 1..at + 4).any(|i| matches!(heard.word(i), "note" | "message" | "word"))
            }
            // "I'll text Ray."
            "text" | "message" | "email" | "ping" => {
                heard.any(at.wrapping_sub(1), words!["i'll", "we'll", "me", "just"])
                    && third(heard, at + 1)
            }
            // "I'll shoot him a note."
            "shoot" | "drop" | "send" | "slip" | "leave" if third(heard, at + 1) => {
                promised()
                    && (at + 2..at + 4).any(|i| heard.any(i, words!["note", "message", "word"]))
            }
            _ if HANDS_ON.has(word) => {
                let what = (at + 1..at + 4).find(|i| heard.any(*i, WORD));
                promised()
                    && what.is_some_and(|w| {
                        let along = matches!(heard.word(w + 1), "on" | "along")
                            && matches!(word, "pass" | "send" | "relay");
                        along
                            || (w + 1..end).any(|i| {
                                matches!(heard.word(i), "to" | "for" | "on" | "in" | "with" | "by")
                                    && (i + 1..i + 5)
                                        .any(|j| third(heard, j) || heard.any(j, LEFT_AT))
                            })
                    })
            }
            _ => false,
        };
        (told && !heard.unreal(at) && !heard.in_question(at)).then_some((from, end))
    })
}

/// "He's here, want me to buzz him?": putting the caller through is offered.
pub(super) fn offers_to_put_through(heard: &Heard) -> bool {
    (2..heard.tokens.len()).any(|at| {
        heard.any(at, FETCHES)
            && third(heard, at + 1)
            && (heard.any(at - 1, words!["to"]) && heard.word(at - 2) == "me"
                || heard.word(at - 1) == "i" && heard.any(at - 2, words!["should", "shall"]))
            && !heard.says(words!["call", "back", "later", "message"])
    })
}

/// "I'll pop them in the mail", "we'll get it over to your email": something goes out to the caller, whatever the verb.
pub(super) fn goes_out(heard: &Heard) -> Option<(usize, usize)> {
    (2..heard.tokens.len()).find_map(|at| {
        let there = match heard.word(at) {
            "mail" | "post" => {
                heard.word(at - 1) == "the" && heard.any(at - 2, words!["in", "into"])
            }
            "email" | "text" => {
                heard.any(at - 1, words!["an", "a", "your"])
                    && heard.any(at - 2, words!["in", "into", "to", "you"])
                    || heard.any(at - 1, words!["by", "via"])
            }
            "inbox" | "phone" => {
                heard.word(at - 1) == "your" && heard.any(at - 2, words!["to", "in", "into"])
            }
            _ => false,
        };
        let from = heard.clause_start(at).max(at.saturating_sub(9));
        let ours = || {
            (from..at)
                .find(|i| heard.any(*i, words!["i'll", "we'll", "gonna", "lemme", "me", "will"]))
        };
        (there && !heard.unreal(at) && !heard.in_question(at))
            .then(ours)
            .flatten()
            .map(|start| (start, at + 1))
    })
}

/// Verbs by which a colleague is got to the phone.
const FETCHES: &WordSet = words![
    "ring", "get", "grab", "buzz", "fetch", "find", "try", "dial", "raise", "call", "holler",
];

/// "Hang on, I'll ring them for you", "she's picking up, go ahead", "you'll hear a click and that's her": the caller is put on.
pub(super) fn puts_through(heard: &Heard) -> Option<(usize, usize)> {
    let waits = heard.says(words![
        "hang", "hold", "moment", "second", "sec", "stay", "minute"
    ]);
    let rings = heard.says(words![
        "click", "clicks", "ring", "rings", "beep", "music", "silence",
    ]);
    (1..heard.tokens.len()).find_map(|at| {
        let next = heard.word(at + 1);
        let told = match heard.word(at) {
            verb if waits && FETCHES.has(verb) => {
                let person = (at + 1..at + 4).find(|i| third(heard, *i));
                let ours = heard.any(
                    at - 1,
                    words!["i'll", "me", "we'll", "lemme", "gonna", "and", "just"],
                );
                ours && person.is_some_and(|p| {
                    heard.tokens[p].ends_clause()
                        || p + 1 >= heard.tokens.len()
                        || heard.any(p + 1, words!["for", "on"])
                            && heard.any(p + 2, words!["you", "the", "line"])
                })
            }
            "picking" => {
                next == "up"
                    && (at + 2 >= heard.tokens.len()
                        || heard.any(at + 2, words!["now", "go"])
                        || heard.tokens[at + 1].ends_clause())
            }
            "that's" | "there's" | "that'll" | "it's" => {
                rings
                    && (matches!(next, "him" | "her" | "them")
                        || next == "be" && third(heard, at + 2))
            }
            "here" => {
                matches!(next, "he" | "she" | "they") && heard.any(at + 2, words!["is", "are"])
            }
            _ => false,
        };
        (told && !heard.supposed(at) && !heard.in_question(at))
            .then_some((at - 1, thought_end(heard, at, 6)))
    })
}

/// What offices call themselves: "this is a law firm".
const HOUSES: &WordSet = words![
    "office",
    "firm",
    "company",
    "clinic",
    "practice",
    "shop",
    "store",
    "plumber",
    "electrician",
    "lawyer",
    "lawyers",
    "dentist",
    "movers",
    "mover",
    "business",
    "plumbing",
    "contractor",
    "doctor's",
    "lawyer's",
    "movers'",
    "roofer",
    "roofing",
    "service",
    "outfit",
    "law",
];

/// "You've got a moving company, sir", "nobody here by that name": to a caller who wants another house.
pub(super) fn names_itself(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|at| {
        let is = matches!(
            heard.word(at),
            "is" | "got" | "reached" | "called" | "this's"
        ) && matches!(heard.word(at + 1), "a" | "an")
            && (at.saturating_sub(2)..at)
                .any(|i| matches!(heard.word(i), "this" | "you've" | "you" | "here"));
        is && (at + 2..at + 6).any(|i| heard.any(i, HOUSES))
    }) || (0..heard.tokens.len()).any(|at| {
        matches!(heard.word(at), "nobody" | "one" | "person")
            && (at + 1..at + 4).any(|i| heard.word(i) == "by")
            && (at + 2..at + 6).any(|i| heard.word(i) == "name")
    })
}
