//! How things are worded around a time: habits, refusals, prices, what is full and what is free.

use super::asking::ends_in_question;
use crate::fields::cue::Cue;
use crate::fields::temporal::{self, TimeMention};
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// "Saturdays", "mornings": every week or every day, not this one.
pub(super) fn is_habit(heard: &Heard, m: &TimeMention) -> bool {
    // "Okay, mornings, Tuesday the seventh at eight thirty": that one.
    let dated = m.day.is_some_and(|d| !d.weekday);
    (m.start..m.end).any(|i| {
        let word = heard.word(i);
        temporal::every_week(word)
            || !dated && matches!(word, "mornings" | "afternoons" | "evenings")
    })
}

/// Words that turn a wish down whatever is said beside them.
pub(super) const REFUSING_OUTRIGHT: &WordSet = words!["full", "unfortunately", "afraid"];

/// Words with which an agent turns a wish down.
pub(super) const REFUSING: &WordSet = words![
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
        t.any(words!["tell", "let"])
            && matches!(
                heard.word(i + 1),
                "him" | "her" | "them" | "mr" | "ms" | "mrs" | "doctor" | "dr" | "miss" | "mister"
            )
    })
}

/// "Every Saturday", "most Tuesdays": whenever that day comes round.
pub(super) fn recurs(heard: &Heard, m: &TimeMention) -> bool {
    // "Any morning that week"
    (m.day.is_some() || m.clock.is_some_and(|c| c.part))
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
    // "How's your Wednesday going?", "tomorrow's the holiday": how or what a day is.
    let greets = back(1) == "your" && heard.word(m.end) == "going";
    let holiday = heard.word(m.end.wrapping_sub(1)).ends_with("'s")
        && (m.end..m.end + 4).any(|i| heard.any(i, words!["holiday", "birthday", "anniversary"]));
    if m.clock.is_none() && (greets || holiday) {
        return true;
    }
    m.clock.is_none()
        && m.day.is_some_and(|d| d.weekday || d.end.is_some())
        && match back(1) {
            "a" => is(2),
            "both" => true,
            "the" => article && back(2) == "both",
            _ => false,
        }
}

/// "We'll move you from the sixth to Thursday": the day or hour that an appointment is moved away from.
pub(super) fn moved_from(heard: &Heard, m: &TimeMention) -> bool {
    let from = m.start.wrapping_sub(1);
    heard.word(from) == "from"
        && heard.word(m.end) == "to"
        && (from.saturating_sub(5)..from).any(|i| {
            heard.any(
                i,
                words![
                    "move",
                    "moving",
                    "moved",
                    "switch",
                    "switching",
                    "switched",
                    "change",
                    "changing",
                    "changed",
                    "bump",
                    "bumping",
                    "bumped",
                    "push",
                    "pushing",
                    "pushed",
                ],
            )
        })
        && !heard.any(from.wrapping_sub(1), words!["house", "apartment", "home"])
}

/// "And after one, what do we do?": asked about the time that follows, no slot.
pub(super) fn asks_of_after(heard: &Heard, m: &TimeMention) -> bool {
    m.bound != temporal::Bound::At
        && heard.any(m.end, words!["what", "who", "where", "which", "how"])
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
                    && !token.any(words![
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

/// Words before the real beginning of a turn.
pub(super) const OPENERS: &WordSet = words![
    "okay", "ok", "yeah", "yes", "sure", "um", "oh", "well", "and", "so", "alright", "great",
    "good", "perfect", "right", "cool", "hmm",
];

/// The agent speaks of an appointment held by telephone, so that "she'll call you at three" is one.
pub(super) fn by_phone(heard: &Heard) -> bool {
    heard.says(words![
        "consultation",
        "consult",
        "telehealth",
        "televisit",
        "telephone",
    ]) || heard.tokens.windows(2).any(|w| {
        w[0].any(words!["phone", "video", "by", "intake"])
            && w[1].any(words![
                "appointment",
                "visit",
                "consult",
                "phone",
                "interview"
            ])
    })
}

/// "The attorney can call you at noon": a call offered in place of a visit, not one that is owed.
pub(super) fn offers_call(heard: &Heard) -> bool {
    heard.tokens.windows(2).any(|w| {
        w[0].any(words!["can", "could"]) && w[1].any(words!["call", "talk", "speak", "phone"])
    }) && !heard.says(words!["back"])
}

/// Where the agent says that nothing is free.
pub(super) fn none_free(heard: &Heard) -> Option<usize> {
    heard.tokens.iter().enumerate().position(|(i, t)| {
        t.any(words!["nothing", "none"])
            && !heard
                .tokens
                .get(i + 1)
                .is_some_and(|t| t.any(words!["before", "until", "till"]))
            || t.any(words![
                "full", "booked", "slammed", "tight", "swamped", "jammed"
            ]) && heard.tokens.get(i.wrapping_sub(1)).is_some_and(|p| {
                p.any(words![
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
            }) && !heard.tokens.get(i + 1).is_some_and(|n| n.is("you"))
            || t.is("no")
                && heard.tokens.get(i + 1).is_some_and(|n| {
                    n.any(words![
                        "openings",
                        "opening",
                        "availability",
                        "appointments",
                        "slots",
                        "spots",
                    ])
                })
            || t.any(words!["don't", "haven't"])
                // "Don't move anything out of the bedroom"
                && heard.any(i + 1, words!["have", "got", "see", "show", "find", "had", "even"])
                && heard
                    .tokens
                    .get(i + 2)
                    .is_some_and(|n| n.any(words!["anything", "any"]))
    })
}

/// "I got nothing till Thursday", "we can't make it till five": what is free begins then.
pub(super) fn free_from(heard: &Heard, m: &TimeMention) -> bool {
    heard.any(
        m.start.wrapping_sub(1),
        words!["until", "till", "til", "before"],
    ) && (m.start.saturating_sub(7)..m.start).any(|i| {
        heard.any(
            i,
            words![
                "can't", "cannot", "won't", "not", "nothing", "none", "booked", "full", "out",
                "closed", "slammed", "anything", "nobody", "swamped", "backed",
            ],
        )
    })
}

/// "We're about two weeks out", "more than a week away", "after the first of the year": how far off something is, no day.
pub(super) fn is_distance(heard: &Heard, m: &TimeMention) -> bool {
    let counted = (m.start..m.end).any(|i| heard.any(i, words!["week", "weeks", "days", "months"]));
    let year = ["of", "the", "year"];
    // "I haven't slept in a week."
    let since = heard.word(m.start) == "in"
        && (m.start.saturating_sub(4)..m.start)
            .any(|i| heard.any(i, words!["haven't", "hasn't", "hadn't", "never", "ain't"]));
    since
        || counted && (m.end - 1..=m.end).any(|i| heard.any(i, words!["out", "away"]))
        || (0..3).all(|i| heard.word(m.end + i) == year[i])
        || (1..=3).all(|i| heard.word(m.end.wrapping_sub(i)) == year[3 - i])
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
            heard.tokens[i].any(words![
                "but", "until", "till", "have", "could", "can", "so", "how", "how's", "what",
                "what's", "then",
            ]) || heard.tokens[i].stop >= Stop::Comma && at > m.end
        })
}

/// "The earliest I have is Monday", "Monday's the first I've got".
pub(super) fn earliest(heard: &Heard) -> bool {
    heard.tokens.iter().enumerate().any(|(i, t)| {
        t.any(words!["earliest", "soonest", "until", "till"])
            || t.any(words!["first", "next"])
                && heard.tokens.get(i + 1).is_some_and(|n| {
                    n.any(words![
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
        heard.tokens[i].any(words![
            "gonna", "going", "total", "price", "charge", "cost", "costs", "runs", "rate", "fee",
            "it'll", "it'd", "that'll", "that'd", "estimate", "quote", "deposit", "it's",
        ])
    }) || matches!(heard.word(m.end), "flat" | "even" | "plus" | "total")
}

/// "It'd be two seventy", "that's a hundred and ten": a price goes with the offer.
pub(super) fn names_price(heard: &Heard) -> bool {
    heard.tokens.iter().enumerate().any(|(i, t)| {
        t.glue == Some('$')
            || t.any(words![
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

/// "He could be there by one", "can you be home by four": an hour to be there, no deadline.
pub(super) fn there_by(heard: &Heard, m: &TimeMention) -> bool {
    let near = m.start.saturating_sub(5)..m.start;
    m.clock.is_some_and(|c| !c.part)
        && near.clone().any(|i| {
            heard.any(
                i,
                words!["there", "home", "here", "out", "over", "arrive", "come"],
            )
        })
        && !near.into_iter().any(|i| {
            heard.any(
                i,
                words!["must", "need", "have", "has", "call", "gotta", "from"],
            )
        })
}

/// "How many guys?" - "Three.": a number that nothing makes an hour.
pub(super) fn bare_count(heard: &Heard, m: &TimeMention) -> bool {
    m.day.is_none()
        && m.clock.is_some_and(|c| !c.part && c.start % 60 == 0)
        && m.end == m.start + 1
        && !heard.any(
            m.start.wrapping_sub(1),
            words![
                "at", "around", "about", "between", "from", "till", "until", "after", "before",
            ],
        )
}

/// "Or Friday at two", "and I've got one on Monday": whether what stands between a slot and the next time makes that one more offer, the
/// same slot said again, or its end.
pub(super) fn offered_beside(heard: &Heard, from: usize, m: &TimeMention) -> bool {
    let between = from..m.start;
    between.clone().all(|i| JOINING.has(heard.word(i)))
        || between.clone().any(|i| {
            heard.any(i, words!["or", "otherwise", "else"]) || heard.tokens[i].ends_clause()
        })
        || [Cue::Offer, Cue::Booked, Cue::WhenVisit, Cue::WhenSuits]
            .iter()
            .flat_map(|cue| heard.hits.cue(*cue))
            .any(|h| between.contains(&h.start) && !heard.any(h.start, words!["free", "come"]))
}

/// Words that only join two times.
const JOINING: &WordSet = words![
    "first", "second", "third", "one", "other", "next", "and", "or", "the", "on", "at", "then",
    "also", "maybe", "even", "either", "another", "a", "of", "this", "in", "so", "yes", "yeah",
    "okay", "like", "say", "around", "about", "between", "that", "that's", "again", "is", "for",
    "to", "with", "from", "till", "until", "through",
];
