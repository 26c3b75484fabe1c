//! Notes for whoever comes or calls: how to get in, what waits there, how to be reached. A note begins at the words that make it one and
//! ends with the thought, so that it reads as one would write it down.

use crate::fields::cue::Cue;
use crate::fields::name::word::is_kin;
use crate::fields::state::State;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Words that the end of the thought is looked for in.
const LONGEST: usize = 9;

/// What somebody who comes is told about: places and things on the way in.
const ON_SITE: &WordSet = words![
    "door",
    "gate",
    "dog",
    "dogs",
    "key",
    "stairs",
    "steps",
    "basement",
    "crawl",
    "closet",
    "attic",
    "garage",
    "yard",
    "driveway",
    "walk's",
    "bell",
    "doorbell",
    "buzzer",
    "knock",
    "park",
    "alley",
    "fence",
    "porch",
    "ring",
    "icy",
    "lobby",
    "elevator",
    "shed",
    "panel",
    "meter",
    "shutoff",
    "valve",
    "upstairs",
    "downstairs",
    "tank",
    "barn",
    "honk",
    "entrance",
];

/// Whether the word names something on the way in.
pub(super) fn is_on_site(word: &str) -> bool {
    ON_SITE.has(word)
}

/// Animals that meet whoever comes.
const ANIMALS: &WordSet = words![
    "dog",
    "dogs",
    "puppy",
    "puppies",
    "shepherd",
    "pyrenees",
    "rottweiler",
    "pitbull",
    "doberman",
    "husky",
    "mastiff",
    "chihuahua",
    "terrier",
    "parrot",
    "bird",
    "goat",
    "goats",
    "geese",
    "rooster",
    "snake",
];

/// Words that what follows belongs to.
const HANGING: &WordSet = words![
    "when", "if", "before", "after", "once", "where", "as", "that", "who", "until", "till", "to",
    "at", "in", "on", "with", "for", "of", "by", "not", "call", "use", "text", "email", "try",
    "leave", "number", "phone", "up",
];

/// A note found: its first token, one past the words that make it one, and whether it says how to reach the caller.
struct Found {
    start: usize,
    end: usize,
    contact: bool,
}

impl State {
    /// The notes in the caller's turn.
    pub(super) fn site_notes(&mut self, heard: &Heard) {
        let mut found: Vec<Found> = heard
            .hits
            .cue(Cue::SiteNote)
            .filter(|h| {
                !heard.unreal(h.start)
                    || matches!(heard.word(h.start), "don't" | "dont" | "no" | "please")
            })
            .filter(|h| !idle(heard, h.start, h.end))
            .map(|h| Found {
                start: h.start,
                end: h.end,
                contact: reaches(heard, h.start, end_of(heard, h.start, h.end)),
            })
            .collect();
        found.extend((0..heard.tokens.len()).filter_map(|at| {
            told(heard, at)
                .or_else(|| animal(heard, at))
                .or_else(|| key_holder(heard, at))
                .or_else(|| stairs(heard, at))
                .or_else(|| line_of_kin(heard, at))
                .or_else(|| this_not_that(heard, at))
                .or_else(|| will_be_there(heard, at))
        }));
        found.sort_by_key(|f| (f.start, usize::MAX - f.end));
        let mut done = 0;
        // "Don't leave a voicemail. Text me." is one wish.
        let mut wish: Option<(usize, usize, String)> = None;
        for note in found {
            if note.start < done {
                continue;
            }
            let from = note.start + usize::from(heard.word(note.start) == "please");
            let to = end_of(heard, note.start, note.end);
            if heard.is_taken(from, to) || to <= from {
                continue;
            }
            done = to;
            let text = heard.text(from, to);
            if !note.contact {
                self.add_note(heard, (from, to), text);
                continue;
            }
            wish = Some(match wish.take() {
                Some((start, _, held)) => (start, to, format!("{held}, {text}")),
                None => (from, to, text),
            });
        }
        if let Some((from, to, text)) = wish {
            self.add_note(heard, (from, to), text);
        }
    }
}

/// Whether a phrase that may begin a note begins none here: "can I leave a message for ...", "ask for her", "email me the card".
fn idle(heard: &Heard, start: usize, end: usize) -> bool {
    // "Don't call before nine": an hour, which the times keep.
    let hour = matches!(heard.word(end), "before" | "after" | "until" | "till")
        && heard
            .tokens
            .get(end + 1)
            .is_some_and(|t| t.num != Num::None);
    hour || match heard.word(end - 1) {
        "message" | "leave" => matches!(
            heard.word(end),
            "for" | "with" | "till" | "til" | "until" | "at"
        ),
        "her" | "him" | "you" | "them" | "a" | "the" | "it" | "help" | "my" => {
            heard.word(start).starts_with("ask")
        }
        "me" | "us" if matches!(heard.word(start), "text" | "email" | "ask" | "asking") => {
            heard.word(start).starts_with("ask")
                || matches!(
                    heard.word(end),
                    "the" | "a" | "an" | "that" | "it" | "my" | "those" | "some" | "your" | "back"
                )
        }
        "use" => {
            matches!(heard.word(end), "this" | "that")
                && matches!(heard.word(end + 1), "one" | "number" | "phone")
        }
        // "Don't call myself handy"
        "call" => matches!(heard.word(end), "myself" | "it"),
        "let" => matches!(heard.word(end), "that" | "it" | "me"),
        _ => false,
    }
}

/// Whether the words say how to reach the caller.
fn reaches(heard: &Heard, start: usize, end: usize) -> bool {
    (start..end).any(|i| {
        matches!(
            heard.word(i),
            "call"
                | "calling"
                | "text"
                | "email"
                | "emails"
                | "texts"
                | "texting"
                | "voicemail"
                | "voicemails"
                | "message"
                | "messages"
                | "details"
                | "ring"
        )
    }) || heard.word(start) == "leave"
}

/// "Tell him the heater's in the crawl space", "tell him to come by the front door".
fn told(heard: &Heard, at: usize) -> Option<Found> {
    let who = matches!(heard.word(at), "tell" | "have")
        && (matches!(heard.word(at + 1), "him" | "her" | "them")
            || heard.word(at + 1).starts_with("whoever")
            || heard.word(at + 1) == "the"
                && matches!(
                    heard.word(at + 2),
                    "guy" | "guys" | "driver" | "tech" | "crew" | "plumber" | "technician"
                ));
    if !who || matches!(heard.word(at.wrapping_sub(1)), "i'll" | "i" | "can" | "to") {
        return None;
    }
    let from = at
        + match heard.word(at + 1) {
            "the" | "whoever" | "whoever's" => 3,
            _ => 2,
        };
    let from = from + usize::from(matches!(heard.word(from), "that" | "to"));
    let end = heard.clause_end(at).min(from + LONGEST);
    let site = (from..end).find(|i| ON_SITE.has(possessor(heard.word(*i))))?;
    let speaks = matches!(
        heard.word(from),
        "i" | "i'm" | "i'll" | "hi" | "call" | "thanks"
    );
    (!speaks).then_some(Found {
        start: from,
        end: site + 1,
        contact: false,
    })
}

/// "I've got a big old Pyrenees", "there's a dog in the yard"; "a dog bite" is none.
fn animal(heard: &Heard, at: usize) -> Option<Found> {
    if !ANIMALS.has(heard.word(at))
        || matches!(
            heard.word(at + 1),
            "bite" | "bit" | "bites" | "attacked" | "attack" | "hair" | "food" | "door"
        )
    {
        return None;
    }
    let from = (at.saturating_sub(5)..at).rev().find(|i| {
        matches!(
            heard.word(*i),
            "have" | "has" | "got" | "there's" | "is" | "are" | "wife's" | "we've" | "i've"
        )
    })?;
    let start = (from + 1..at)
        .find(|i| !matches!(heard.word(*i), "a" | "an" | "got" | "some"))
        .unwrap_or(at);
    let real = !heard.unreal(from) && !(from + 1..at).any(|i| heard.tokens[i].ends_clause());
    (real && at > from + 1).then_some(Found {
        start,
        end: at + 1,
        contact: false,
    })
}

/// "My sister is gonna have the key", "she has to buzz you in": who opens.
fn key_holder(heard: &Heard, at: usize) -> Option<Found> {
    let holds = matches!(heard.word(at), "key" | "keys")
        && (at.saturating_sub(3)..at).any(|i| {
            matches!(
                heard.word(i),
                "has" | "have" | "keeps" | "keep" | "holds" | "got" | "carries" | "leaves"
            )
        });
    let opens = matches!(heard.word(at), "in" | "up")
        && matches!(heard.word(at.wrapping_sub(2)), "buzz" | "let")
        && matches!(
            heard.word(at.wrapping_sub(1)),
            "you" | "him" | "them" | "y'all" | "her"
        );
    if !(holds || opens) {
        return None;
    }
    let from = heard.clause_start(at).max(at.saturating_sub(9));
    let start = (from..at).find(|i| {
        is_kin(heard.word(*i))
            || heard.tokens[*i].any(words![
                "she",
                "he",
                "they",
                "neighbor",
                "tenant",
                "super",
                "manager",
                "janitor",
                "doorman",
                "seller",
                "landlord",
                "realtor",
                "secretary",
                "guard",
            ])
    })?;
    let start = if matches!(heard.word(start.wrapping_sub(1)), "my" | "the" | "our") {
        start - 1
    } else {
        start
    };
    (!heard.unreal(at)).then_some(Found {
        start,
        end: at + 1,
        contact: false,
    })
}

/// "Four steps up to the porch"; recognisers write "for steps" and "to steps".
fn stairs(heard: &Heard, at: usize) -> Option<Found> {
    let before = heard.tokens.get(at.checked_sub(1)?)?;
    let steps = heard.tokens[at].any(words!["steps", "stairs", "flights"])
        && (before.num != Num::None && !matches!(before.num, Num::Ordinal(_)))
        && !matches!(heard.word(at + 1), "away" | "ahead" | "back" | "later");
    steps.then_some(Found {
        start: at - 1,
        end: at + 1,
        contact: false,
    })
}

/// "Call my husband's cell", "if something changes call my wife": another person's line.
fn line_of_kin(heard: &Heard, at: usize) -> Option<Found> {
    let calls = matches!(heard.word(at), "call" | "use" | "text" | "try")
        && matches!(heard.word(at + 1), "my" | "our");
    if !calls
        || matches!(
            heard.word(at.wrapping_sub(1)),
            "i" | "to" | "i'll" | "not" | "didn't" | "don't"
        )
    {
        return None;
    }
    let of = heard.word(at + 2);
    let kin = is_kin(of) || is_kin(possessor(of));
    let line = matches!(
        heard.word(at + 3),
        "cell" | "phone" | "number" | "house" | "mobile" | "line" | "work"
    );
    let from = (at.saturating_sub(6).max(heard.clause_start(at))..at)
        .rev()
        .find(|i| heard.word(*i) == "if");
    // "If I don't pick up, call my daughter": a second number, which has its own field.
    let second = from.is_some_and(|f| {
        (f..at).any(|i| heard.word(i).ends_with("n't") || matches!(heard.word(i), "not" | "cannot"))
    });
    if second {
        return None;
    }
    (kin && (line || from.is_some() || heard.word(at) == "call")).then_some(Found {
        start: from.unwrap_or(at),
        end: at + 3 + usize::from(line),
        contact: true,
    })
}

/// "Call me, not her", "text instead of calling", "use the cell, not this": which of two ways to reach somebody.
fn this_not_that(heard: &Heard, at: usize) -> Option<Found> {
    if !matches!(heard.word(at), "call" | "text" | "email" | "ring" | "reach") {
        return None;
    }
    let told = at == 0
        || heard.tokens[at - 1].stop >= Stop::Comma
        || !heard.any(
            at - 1,
            words![
                "i", "you", "he", "she", "they", "we", "can", "could", "will", "would", "not",
                "i'll", "we'll", "don't", "didn't", "a", "the", "your", "my", "that", "this",
            ],
        );
    let not = (at + 1..at + 6).find(|i| {
        heard.any(*i, words!["not", "never"])
            || heard.any(*i, words!["instead", "rather"]) && heard.any(i + 1, words!["of", "than"])
    })?;
    let whom = (not + 1..not + 3).any(|i| {
        is_kin(heard.word(i))
            || heard.any(
                i,
                words![
                    "me", "him", "her", "them", "calling", "texting", "this", "that", "email",
                    "home", "house", "cell", "work", "office", "landline", "text", "call",
                ],
            )
            || heard.tokens.get(i).is_some_and(|t| t.upper)
    });
    (told && whom).then_some(Found {
        start: at,
        end: not + 2,
        contact: true,
    })
}

/// "My wife Marisela will be the one home", "the tenant's there all day": who is met there.
fn will_be_there(heard: &Heard, at: usize) -> Option<Found> {
    if !matches!(heard.word(at), "home" | "there" | "here") || heard.unreal(at) {
        return None;
    }
    let from = heard.clause_start(at).max(at.saturating_sub(7));
    let be = (from..at)
        .rev()
        .find(|i| matches!(heard.word(*i), "be") || heard.word(*i).ends_with("'ll"))?;
    let who = (from..=be).rev().find(|i| {
        let word = possessor(heard.word(*i).trim_end_matches("'ll"));
        is_kin(word)
            || matches!(
                word,
                "tenant"
                    | "neighbor"
                    | "super"
                    | "roommate"
                    | "landlord"
                    | "caretaker"
                    | "sitter"
                    | "nanny"
                    | "housekeeper"
                    | "foreman"
                    | "manager"
            )
    })?;
    let start = who
        - usize::from(heard.any(
            who.wrapping_sub(1),
            words!["my", "the", "our", "her", "his"],
        ));
    let asked = heard.in_question(at) || heard.any(at + 1, words!["until", "till"]);
    (!asked && at - be <= 4).then_some(Found {
        start,
        end: at + 1,
        contact: false,
    })
}

/// Where the thought of a note ends: at the clause, or at words that begin another.
fn end_of(heard: &Heard, start: usize, end: usize) -> usize {
    let limit = heard
        .clause_end(end.saturating_sub(1).max(start))
        .min(end + LONGEST);
    (end..limit)
        .find(|i| {
            let back = heard.word(*i - 1);
            let hangs = HANGING.has(&heard.tokens[*i - 1].text)
                && !(matches!(back, "in" | "up")
                    && matches!(heard.word(i.wrapping_sub(2)), "you" | "him" | "them"));
            match heard.word(*i) {
                "so" | "but" | "because" | "cause" | "okay" | "mine" | "thanks" | "please" => true,
                // "No spray in the kitchen, my wife's got a bird": why is part of it where written so.
                "and" => !heard
                    .tokens
                    .get(*i + 1)
                    .is_some_and(|t| t.any(words!["leave", "ask", "hit", "press", "knock"])),
                "i" | "i'm" | "i've" | "i'll" | "she" | "she's" | "they" | "we" | "we're"
                | "my" | "his" | "he's" | "it's" | "its" | "that's" => {
                    !hangs && heard.tokens[*i - 1].stop == Stop::None
                }
                "tell" | "call" | "text" => !hangs && *i > end,
                _ => {
                    heard.tokens[*i].num != Num::None
                        && *i + 3 < heard.tokens.len()
                        && heard.tokens[*i + 1].num != Num::None
                        && heard.tokens[*i + 2].num != Num::None
                }
            }
        })
        .unwrap_or(limit)
}
