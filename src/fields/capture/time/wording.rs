//! How things are worded around a time: questions, refusals, requests, habits.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::temporal::{self, TimeMention};
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;

/// "Saturdays", "mornings": every week or every day, not this one.
pub(super) fn is_habit(heard: &Heard, m: &TimeMention) -> bool {
    (m.start..m.end).any(|i| {
        let word = heard.word(i);
        temporal::every_week(word) || matches!(word, "mornings" | "afternoons" | "evenings")
    })
}

/// Words with which an agent turns a wish down.
pub(super) const REFUSING: &[&str] = &[
    "full",
    "unfortunately",
    "afraid",
    "booked",
    "sorry",
    "taken",
    "slammed",
];

/// "Just tell her I'll be there at 8:45": where a message for somebody begins, whatever times it holds.
pub(super) fn dictates(heard: &Heard) -> Option<usize> {
    heard.tokens.iter().enumerate().position(|(i, t)| {
        t.any(&["tell", "let"])
            && matches!(
                heard.word(i + 1),
                "him" | "her" | "them" | "mr" | "ms" | "mrs" | "doctor" | "dr" | "miss" | "mister"
            )
    })
}

/// "Every Saturday", "most Tuesdays": whenever that day comes round.
pub(super) fn recurs(heard: &Heard, m: &TimeMention) -> bool {
    m.day.is_some()
        && matches!(
            heard.word(m.start.wrapping_sub(1)),
            "every" | "each" | "most" | "alternate" | "any"
        )
}

/// "That's a Thursday", "they're both the weekend": what kind of day one is that was named already.
pub(super) fn describes(heard: &Heard, m: &TimeMention) -> bool {
    let back = |n: usize| heard.word(m.start.wrapping_sub(n));
    let is = |n: usize| {
        matches!(
            back(n),
            "that's" | "it's" | "they're" | "is" | "are" | "was" | "which's" | "that'd"
        ) || back(n) == "be"
    };
    let article = matches!(back(1), "a" | "the") || heard.word(m.start) == "the";
    m.clock.is_none()
        && m.day.is_some_and(|d| d.weekday || d.end.is_some())
        && match back(1) {
            "a" => is(2),
            "both" => true,
            "the" => article && back(2) == "both",
            _ => false,
        }
}

/// "If you could come by tomorrow", "could I come in Monday": a request, not a case supposed.
pub(super) fn politely(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|i| match heard.word(i) {
        "if" => {
            matches!(heard.word(i + 1), "you" | "y'all" | "we" | "i")
                && matches!(
                    heard.word(i + 2),
                    "could" | "can" | "would" | "have" | "guys"
                )
        }
        "could" | "would" | "may" | "might" => matches!(
            heard.word(i + 1),
            "i" | "you" | "we" | "somebody" | "someone" | "they" | "he" | "she" | "it" | "y'all"
        ),
        _ => false,
    })
}

/// A day, or a clock time; "in the morning" alone is neither.
pub(super) fn names_enough(m: &TimeMention) -> bool {
    m.day.is_some() || m.clock.is_some_and(|c| !c.part)
}

/// "Wednesday the 28th?", "the 21st or the 28th": a sentence that is nothing but days and times offers them.
pub(super) fn bare_offer(heard: &Heard, m: &TimeMention) -> bool {
    let from = heard.clause_start(m.start);
    let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
    let rest = |range: std::ops::Range<usize>| {
        range
            .filter(|i| {
                let token = &heard.tokens[*i];
                token.num == Num::None
                    && !token.any(&[
                        "or", "and", "the", "at", "on", "okay", "ok", "so", "then", "this", "say",
                        "maybe", "alright", "in", "please", "um", "uh", "yeah", "how", "about",
                    ])
                    && !temporal::names_time(&token.text)
            })
            .count()
    };
    // A month makes it a date of any kind.
    let dated = (m.start..m.end).any(|i| temporal::names_month(heard.word(i)));
    !dated && rest(from..m.start) + rest(m.end..to) == 0
}

pub(super) fn ends_in_question(heard: &Heard) -> bool {
    heard
        .tokens
        .last()
        .is_some_and(|t| t.stop == Stop::Question)
}

/// "Thursday morning any good to you": whether the clause asks if the time suits.
pub(super) fn asks_if_fits(heard: &Heard, m: &TimeMention) -> bool {
    let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
    heard.in_question(m.start)
        || (heard.clause_start(m.start)..to).any(|i| {
            heard.any(
                i,
                &[
                    "good",
                    "okay",
                    "ok",
                    "work",
                    "works",
                    "suit",
                    "suits",
                    "alright",
                    "fine",
                    "best",
                    "better",
                    "convenient",
                    "home",
                    "free",
                    "possible",
                ],
            )
        })
}

/// "Would 7:30 be too early?", "any problem with Friday?", "do you mind waiting?": a no takes the offer.
pub(super) fn no_takes(heard: &Heard) -> bool {
    let too = (0..heard.tokens.len()).any(|i| {
        heard.tokens[i].is("too")
            && heard.any(
                i + 1,
                &["early", "late", "soon", "far", "long", "short", "much"],
            )
    });
    let asks = ends_in_question(heard)
        || (0..heard.tokens.len()).any(|i| {
            heard.any(
                i,
                &["is", "would", "will", "does", "do", "any", "that", "it"],
            ) && (i == 0 || heard.any(i - 1, OPENERS) || heard.tokens[i - 1].ends_clause())
        });
    asks && (too
        || heard.says(&[
            "mind",
            "problem",
            "trouble",
            "issue",
            "conflict",
            "inconvenient",
            "objection",
            "objections",
        ]))
}

/// "Is there a date to sign it by?", "by when do you need it?", "what's the deadline?"
pub(super) fn asks_deadline(heard: &Heard) -> bool {
    let stranded = (0..heard.tokens.len()).any(|i| {
        heard.tokens[i].is("by")
            && (i + 1 == heard.tokens.len()
                || heard.tokens[i].ends_clause()
                || heard.any(i + 1, &["when", "what"]))
    });
    stranded && heard.says(&["when", "date", "day", "what"])
        || heard.says(&["deadline"]) && heard.says(&["what's", "when's", "is", "any", "there"])
}

/// Words before the real beginning of a turn.
pub(super) const OPENERS: &[&str] = &[
    "okay", "ok", "yeah", "yes", "sure", "um", "oh", "well", "and", "so", "alright", "great",
    "good", "perfect", "right", "cool", "hmm",
];

/// Whether the clause that holds the token asks something.
pub(super) fn asks_at(heard: &Heard, at: usize) -> bool {
    let from = heard.clause_start(at);
    let to = heard.clause_end(at);
    let first = (from..to).find(|i| !heard.tokens[*i].any(OPENERS));
    to > 0
        && heard
            .tokens
            .get(to - 1)
            .is_some_and(|t| t.stop == Stop::Question)
        || first.is_some_and(|i| {
            let subject = matches!(
                heard.word(i + 1),
                "you"
                    | "i"
                    | "we"
                    | "he"
                    | "she"
                    | "they"
                    | "it"
                    | "that"
                    | "this"
                    | "there"
                    | "the"
                    | "any"
                    | "anything"
                    | "y'all"
                    | "someone"
                    | "somebody"
                    | "your"
            ) || heard.word(i + 1).ends_with("day")
                || heard.word(i + 1).ends_with("morrow");
            heard.tokens[i].any(&["what", "what's", "when", "which", "how", "how's", "is", "are"])
                // "Do Thursday morning" asks for nothing.
                || heard.tokens[i].any(&["does", "can", "could", "would", "will"]) && subject
                || heard.tokens[i].is("do")
                    && matches!(heard.word(i + 1), "you" | "i" | "we" | "they" | "y'all")
        })
}

/// The caller asks about the time instead of answering: "okay what times", "do you have anything earlier?".
pub(super) fn asks_back(heard: &Heard) -> bool {
    let about_time = heard.hits.has(Cue::NotFit)
        || heard.says(&["time", "times", "when", "day", "morning", "afternoon"]);
    let asks = (0..heard.tokens.len())
        .filter(|i| *i == 0 || heard.tokens[i - 1].ends_clause())
        .any(|i| asks_at(heard, i));
    asks && (about_time || heard.tokens.len() <= 3)
}

/// The agent speaks of an appointment held by telephone, so that "she'll call you at three" is one.
pub(super) fn by_phone(heard: &Heard) -> bool {
    heard.says(&[
        "consultation",
        "consult",
        "telehealth",
        "televisit",
        "telephone",
    ]) || heard.tokens.windows(2).any(|w| {
        w[0].any(&["phone", "video", "by", "intake"])
            && w[1].any(&["appointment", "visit", "consult", "phone", "interview"])
    })
}

/// "The attorney can call you at noon": a call offered in place of a visit, not one that is owed.
pub(super) fn offers_call(heard: &Heard) -> bool {
    heard
        .tokens
        .windows(2)
        .any(|w| w[0].any(&["can", "could"]) && w[1].any(&["call", "talk", "speak", "phone"]))
        && !heard.says(&["back"])
}

/// Where the agent says that nothing is free.
pub(super) fn none_free(heard: &Heard) -> Option<usize> {
    heard.tokens.iter().enumerate().position(|(i, t)| {
        t.any(&["nothing", "none"])
            && !heard
                .tokens
                .get(i + 1)
                .is_some_and(|t| t.any(&["before", "until", "till"]))
            || t.any(&["full", "booked", "slammed"])
                && heard.tokens.get(i.wrapping_sub(1)).is_some_and(|p| {
                    p.any(&[
                        "we're",
                        "i'm",
                        "he's",
                        "she's",
                        "are",
                        "am",
                        "all",
                        "completely",
                        "totally",
                        "fully",
                        "pretty",
                        "already",
                    ])
                })
                && !heard.tokens.get(i + 1).is_some_and(|n| n.is("you"))
            || t.is("no")
                && heard.tokens.get(i + 1).is_some_and(|n| {
                    n.any(&[
                        "openings",
                        "opening",
                        "availability",
                        "appointments",
                        "slots",
                        "spots",
                    ])
                })
            || t.any(&["don't", "haven't"])
                && heard
                    .tokens
                    .get(i + 2)
                    .is_some_and(|n| n.any(&["anything", "any"]))
    })
}

/// "I got nothing till Thursday", "we're booked through Friday": what is free begins with that day.
pub(super) fn free_from(heard: &Heard, m: &TimeMention) -> bool {
    heard.any(m.start.wrapping_sub(1), &["until", "till", "til", "before"])
        && (m.start.saturating_sub(7)..m.start).any(|i| {
            heard.any(
                i,
                &[
                    "nothing", "none", "booked", "full", "out", "closed", "slammed", "anything",
                    "nobody", "swamped", "backed",
                ],
            )
        })
}

/// Whether nothing else stands between the word and the time.
pub(super) fn near(heard: &Heard, at: usize, m: &TimeMention) -> bool {
    let (from, to) = if at < m.start {
        (at + 1, m.start)
    } else {
        (m.end, at)
    };
    let same_clause = !(at..to).any(|i| i < m.start && heard.tokens[i].ends_clause());
    // "Nothing today, tomorrow looks like eleven": the day between is the full one.
    let another = at < m.start && (from..to).any(|i| temporal::names_time(heard.word(i)));
    to.saturating_sub(from) <= 4
        && same_clause
        && !another
        && !(from..to).any(|i| {
            heard.tokens[i].any(&[
                "but", "until", "till", "have", "could", "can", "so", "how", "how's", "what",
                "what's", "then",
            ]) || heard.tokens[i].stop >= Stop::Comma && at > m.end
        })
}

/// "The earliest I have is Monday", "Monday's the first I've got".
pub(super) fn earliest(heard: &Heard) -> bool {
    heard.tokens.iter().enumerate().any(|(i, t)| {
        t.any(&["earliest", "soonest", "until", "till"])
            || t.any(&["first", "next"])
                && heard.tokens.get(i + 1).is_some_and(|n| {
                    n.any(&[
                        "i",
                        "i've",
                        "we",
                        "we've",
                        "one",
                        "available",
                        "opening",
                        "thing",
                    ])
                })
                && !heard.tokens.get(i + 1).is_some_and(|n| n.is("thing"))
    })
}

/// The agent sums up what both sides know: "you're all set for", "see you Thursday".
pub(super) fn summed_up(heard: &Heard) -> bool {
    heard.hits.cue(Cue::Booked).any(|h| {
        matches!(
            heard.word(h.start),
            "you're"
                | "youre"
                | "you"
                | "see"
                | "appointment"
                | "it's"
                | "look"
                | "moved"
                | "switched"
                | "changed"
                | "rescheduled"
                | "bumped"
        )
    }) && !ends_in_question(heard)
}

/// "It's gonna be three twenty five flat": a number that the words around make a price.
pub(super) fn priced(heard: &Heard, from: usize, m: &TimeMention) -> bool {
    (from..m.start).any(|i| {
        heard.tokens[i].any(&[
            "gonna", "going", "total", "price", "charge", "cost", "costs", "runs", "rate", "fee",
            "it'll", "it'd", "that'll", "that'd", "estimate", "quote", "deposit", "it's",
        ])
    }) || matches!(heard.word(m.end), "flat" | "even" | "plus" | "total")
}

/// "When did it quit?", "how long has it been doing that?": the times that answer this are the story's.
pub(super) fn asks_for_story(heard: &Heard) -> bool {
    (0..heard.tokens.len()).any(|i| {
        let word = |n: usize| heard.word(i + n);
        // "What day were you thinking?" asks for a wish.
        let wished = (i + 1..i + 5).any(|j| {
            heard.any(
                j,
                &[
                    "thinking",
                    "hoping",
                    "looking",
                    "wanting",
                    "wanted",
                    "planning",
                    "want",
                    "aiming",
                    "shooting",
                    "considering",
                ],
            )
        });
        if wished {
            return false;
        }
        match word(0) {
            "when" | "when's" => matches!(word(1), "did" | "was" | "were" | "has" | "have"),
            "how" => {
                word(1) == "long"
                    && !matches!(word(2), "will" | "would" | "do" | "does" | "is" | "can")
            }
            "what" => {
                matches!(word(1), "time" | "day" | "date")
                    && matches!(word(2), "did" | "was" | "were")
            }
            "since" => word(1) == "when",
            _ => false,
        }
    })
}

/// "When does he run out?", "when's the rent due?": the day of something else than a visit.
pub(super) fn asks_of_others(heard: &Heard) -> bool {
    let asked = (0..heard.tokens.len()).any(|i| {
        let verb = match heard.word(i) {
            "when's" => i,
            "when" if heard.any(i + 1, &["does", "is", "are", "do"]) => i + 1,
            _ => return false,
        };
        heard.any(
            verb + 1,
            &[
                "he", "she", "it", "they", "his", "her", "their", "the", "your",
            ],
        )
    });
    asked
        && !heard.says(&[
            "move",
            "moving",
            "visit",
            "appointment",
            "pickup",
            "delivery",
            "good",
            "best",
            "better",
            "convenient",
            "time",
            "day",
            "work",
            "works",
            "suit",
            "come",
            "available",
            "free",
            "earliest",
            "soonest",
            "next",
        ])
}

/// "That's my granddaughter's wedding", "that's my bowling night": what fills the time that was offered.
pub(super) fn has_own_use(heard: &Heard) -> bool {
    let fills = (0..heard.tokens.len().min(4)).any(|i| {
        let is = usize::from(heard.word(i) == "that" && heard.word(i + 1) == "is");
        (is > 0 || heard.any(i, &["that's", "thats", "it's"]))
            && heard.any(i + is + 1, &["my", "our", "his", "her", "their"])
    });
    fills
        && !heard.says(&[
            "off",
            "free",
            "favorite",
            "best",
            "good",
            "perfect",
            "fine",
            "works",
            "number",
            "cell",
            "phone",
            "lunch",
            "preference",
            "first",
            "choice",
        ])
}

/// "Oh, would you, that'd be wonderful": words of more than one that take an offer, wherever they stand.
pub(super) fn accepts_late(heard: &Heard) -> bool {
    heard.tokens.len() <= 16
        && heard
            .hits
            .cue(Cue::Accept)
            .any(|h| h.end - h.start >= 2 && !heard.unreal(h.start))
        && !heard.hits.has(Cue::Cannot)
        && !heard.hits.has(Cue::NotFit)
        && !heard.says(&["but", "if", "not", "no"])
}

/// "We're home all day", "I'm off Thursdays", "somebody's always here": whoever waits can be there, with no hour that bounds it.
pub(super) fn available(heard: &Heard) -> bool {
    let there = |i: usize| {
        let next = i + usize::from(heard.any(i, &["be", "always", "just", "usually", "all"]));
        heard.any(
            next,
            &[
                "home",
                "off",
                "free",
                "around",
                "here",
                "available",
                "open",
                "retired",
                "flexible",
            ],
        )
    };
    let at = (0..heard.tokens.len()).find(|i| {
        heard.any(
            *i,
            &[
                "i'm",
                "im",
                "we're",
                "i'll",
                "we'll",
                "somebody's",
                "someone's",
                "somebody'll",
            ],
        ) && there(i + 1)
            || heard.any(*i, &["i", "we"])
                && heard.any(i + 1, &["am", "are", "will"])
                && there(i + 2)
    });
    at.is_some()
        && !heard.hits.has(Cue::Cannot)
        && !heard.hits.has(Cue::NotFit)
        && !heard.says(&[
            "until", "till", "til", "after", "before", "by", "but", "not", "only", "never", "if",
        ])
        && !ends_in_question(heard)
}

/// "If I can get a sitter I'd want the Friday one", "don't book it yet": leaning that way is no agreement.
pub(super) fn tentative(heard: &Heard, at: usize) -> bool {
    let unbooked = (0..heard.tokens.len()).any(|i| {
        heard.tokens[i].any(&["don't", "dont"])
            && heard.any(
                i + 1,
                &[
                    "book", "schedule", "put", "set", "confirm", "write", "reserve",
                ],
            )
    });
    let supposed = (heard.clause_start(at)..at).any(|i| {
        heard.word(i) == "if"
            && heard.any(i + 1, &["i", "we", "she", "he", "they", "my"])
            && !heard.any(i + 2, &["could", "would"])
    });
    unbooked || supposed || heard.says(&["tentatively", "tentative", "pencil"])
}

/// "What's y'all's hours?", "are you open Saturdays?"
pub(super) fn asks_hours(heard: &Heard) -> bool {
    heard.says(&["hours"]) && heard.says(&["what", "what's", "your", "you", "guys"])
        || heard.tokens.windows(2).any(|w| {
            w[0].any(&["you", "y'all", "guys", "when", "late"])
                && w[1].any(&["open", "close", "closed"])
        })
}

/// "Actually, could we do Friday": words that take back what was agreed.
pub(super) fn changes_mind(heard: &Heard, reply: &Reply) -> bool {
    reply.deny
        || reply.repair
        || heard.hits.has(Cue::Cannot)
        || heard.hits.has(Cue::NotFit)
        || heard.hits.has(Cue::ChangeTime)
        || heard.hits.has(Cue::Repair)
        || heard.says(&[
            "instead", "rather", "better", "could", "can", "make", "actually", "or", "how",
        ])
}

/// "It'd be two seventy", "that's a hundred and ten": a price goes with the offer.
pub(super) fn names_price(heard: &Heard) -> bool {
    heard.tokens.iter().enumerate().any(|(i, t)| {
        t.glue == Some('$')
            || t.any(&[
                "dollars", "bucks", "hundred", "minimum", "fee", "charge", "extra",
            ])
            || matches!(
                t.text.as_str(),
                "it'd" | "it's" | "that's" | "that'd" | "it'll"
            ) && matches!(heard.word(i + 1), "be" | "gonna" | "going")
                && heard.tokens[i + 2..]
                    .iter()
                    .take(3)
                    .any(|n| n.num != Num::None)
    })
}

/// "Could I put you at nine?": asked, not stated.
pub(super) fn asks_leave(heard: &Heard) -> bool {
    heard.says(&["could", "can", "would", "how", "or", "maybe"])
}
