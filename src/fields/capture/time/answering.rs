//! How a caller answers an offer in other words than yes and no: being there, leaning that way, having other plans, changing one's mind.

use crate::fields::cue::Cue;
use crate::fields::dialogue::Reply;
use crate::fields::temporal::TimeMention;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

use super::asking::ends_in_question;

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

/// Words that say how a day suits, well or badly: "Monday's the best", "Friday's pretty tight".
pub(super) fn judges(word: &str) -> bool {
    JUDGING.has(word)
}

const JUDGING: &WordSet = words![
    "my",
    "our",
    "ideal",
    "lovely",
    "wonderful",
    "easier",
    "easiest",
    "first",
    "only",
    "earliest",
    "soonest",
    "preferable",
    "sooner",
    "out",
    "bad",
    "not",
    "tough",
    "hard",
    "full",
    "booked",
    "gone",
    "tight",
    "too",
    "kinda",
    "pretty",
    "when",
    "cool",
    "alright",
    "possible",
    "all",
    "super",
    "really",
    "so",
    "i",
    "we",
    "she",
    "he",
    "the",
    "us",
    "me",
];

/// "That's my granddaughter's wedding", "that's right when school lets out": what fills the time that was offered.
pub(super) fn has_own_use(heard: &Heard) -> bool {
    let fills = (0..heard.tokens.len().min(4)).any(|i| {
        let is = usize::from(heard.word(i) == "that" && heard.word(i + 1) == "is");
        let around = usize::from(heard.any(i + is + 1, words!["right", "just", "about", "around"]));
        (is > 0 || heard.any(i, words!["that's", "thats", "it's"]))
            && heard.any(
                i + is + around + 1,
                words![
                    "my", "our", "his", "her", "their", "when", "while", "during",
                ],
            )
    });
    fills
        && !heard.says(words![
            "off",
            "home",
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

/// "That's a wide window but alright", "oof that's soon, okay": a yes at the end, whatever was sighed before it. After a refusal only
/// a "but" or the like turns it.
pub(super) fn yes_after_all(heard: &Heard, refused: bool) -> bool {
    let n = heard.tokens.len();
    let last = [Cue::Affirm, Cue::Accept]
        .iter()
        .flat_map(|cue| heard.hits.cue(*cue))
        .filter(|h| h.end == n)
        .map(|h| h.start)
        .min();
    let Some(at) = last else { return false };
    let turned = (at.saturating_sub(2)..at).any(|i| {
        heard.any(
            i,
            words!["but", "well", "then", "though", "so", "guess", "anyway"],
        )
    });
    at > 0
        && (turned || !refused)
        && !ends_in_question(heard)
        && !heard
            .hits
            .cue(Cue::ConfirmAsk)
            .any(|h| h.end == n && h.end - h.start > 1)
        && !heard.hits.has(Cue::ThinkOver)
        && !heard.unreal(at)
}

/// "I sure would", "we will", "yes, it does": the verb of the question said back.
pub(super) fn echoes_verb(heard: &Heard) -> bool {
    (0..heard.tokens.len().min(3)).any(|i| {
        let sure = usize::from(heard.any(
            i + 1,
            words![
                "sure",
                "certainly",
                "definitely",
                "probably",
                "surely",
                "think",
                "can",
            ],
        ));
        let verb = i + 1 + sure;
        heard.any(
            i,
            words!["i", "we", "he", "she", "they", "it", "that", "you"],
        ) && heard.any(
            verb,
            words![
                "am", "is", "are", "do", "does", "can", "could", "will", "would", "should",
                "might",
            ],
        ) && (verb + 1 == heard.tokens.len()
            || heard.tokens[verb].ends_clause()
            || heard.any(
                verb + 1,
                words!["thanks", "thank", "yes", "yeah", "and", "that's"],
            ))
    })
}

/// "Put me down", "book it", "okay I'll take it then": words that can only mean a slot.
pub(super) fn takes_it(heard: &Heard) -> bool {
    !ends_in_question(heard)
        && heard.hits.cue(Cue::Accept).any(|h| {
            h.end - h.start >= 2
                && (h.start..h.end).any(|i| {
                    heard.any(
                        i,
                        words!["take", "book", "put", "do", "there", "grab", "sign", "lock"],
                    )
                })
        })
}

/// "Anything earlier?", "is there something before that": asked for another, so that what was offered stays on the table.
pub(super) fn seeks_other(heard: &Heard) -> bool {
    heard.says(words![
        "anything",
        "something",
        "nothing",
        "any",
        "another",
        "other",
        "else",
    ]) && !heard.says(words![
        "can't", "cannot", "doesn't", "won't", "not", "too", "don't"
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
        && !heard.says(words!["but", "if", "not", "no"])
}

/// "We're home all day", "I'm off Thursdays", "somebody's always here": whoever waits can be there, with no hour that bounds it.
pub(super) fn available(heard: &Heard) -> bool {
    let there = |i: usize| {
        let next = i + usize::from(heard.any(i, words!["be", "always", "just", "usually", "all"]));
        heard.any(
            next,
            words![
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
            words![
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
            || heard.any(*i, words!["i", "we"])
                && heard.any(i + 1, words!["am", "are", "will"])
                && there(i + 2)
    });
    at.is_some()
        && !heard.hits.has(Cue::Cannot)
        && !heard.hits.has(Cue::NotFit)
        && !heard.says(words![
            "until", "till", "til", "after", "before", "by", "but", "not", "only", "never", "if",
        ])
        && !ends_in_question(heard)
}

/// "I'm working from home that day", "I work at home".
pub(super) fn works_at_home(heard: &Heard) -> bool {
    heard.tokens.windows(3).any(|w| {
        w[0].any(words!["work", "working"]) && w[1].any(words!["from", "at"]) && w[2].is("home")
    })
}

/// Whether the words between two times make the second the reason for the first.
pub(super) fn gives_reason(heard: &Heard, from: usize, to: usize) -> bool {
    let why = words!["because", "cause", "cuz", "'cause", "since"];
    (from..to)
        .rev()
        .find(|i| heard.any(*i, why))
        .is_some_and(|at| {
            !(at..to).any(|i| heard.any(i, words!["but", "so", "or", "instead", "no"]))
        })
}

/// "If I can get a sitter I'd want the Friday one", "don't book it yet": leaning that way is no agreement.
pub(super) fn tentative(heard: &Heard, at: usize) -> bool {
    let unbooked = (0..heard.tokens.len()).any(|i| {
        heard.tokens[i].any(words!["don't", "dont"])
            && heard.any(
                i + 1,
                words![
                    "book", "schedule", "put", "set", "confirm", "write", "reserve",
                ],
            )
    });
    let supposed = (heard.clause_start(at)..at).any(|i| {
        heard.word(i) == "if"
            && heard.any(i + 1, words!["i", "we", "she", "he", "they", "my"])
            && !heard.any(i + 2, words!["could", "would"])
    });
    unbooked || supposed || heard.says(words!["tentatively", "tentative", "pencil"])
}

/// The same of a day, or of a part of one, without its hour. Such are told for other reasons, too: a "can" has to ask for something
/// ("my cousin can do that this morning"), and a no to be one `to_time` ("no, that's my sister's, I'm staying with her this week").
pub(super) fn changes_mind_on_day(heard: &Heard, reply: &Reply, to_time: bool) -> bool {
    let asks = |i: usize| {
        let whom = words!["we", "i", "you", "y'all", "ya"];
        heard.any(i, words!["can", "could"])
            && (heard.any(i + 1, whom) || heard.any(i.wrapping_sub(1), whom))
    };
    (reply.deny || reply.repair) && to_time
        || heard.hits.has(Cue::NotFit)
        || heard.hits.has(Cue::ChangeTime)
        || heard.says(words![
            "instead", "rather", "better", "actually", "make", "how", "give"
        ])
        || (0..heard.tokens.len()).any(|i| asks(i) || or_another(heard, i))
}

/// "Actually, could we do Friday": words that take back what was agreed.
pub(super) fn changes_mind(heard: &Heard, reply: &Reply) -> bool {
    turns_away(heard, reply)
        || heard.hits.has(Cue::Repair)
        || heard.says(words!["then", "how"])
        || (0..heard.tokens.len()).any(|i| or_another(heard, i))
}

/// Words that give up what was agreed, rather than tell of something else beside it.
pub(super) fn turns_away(heard: &Heard, reply: &Reply) -> bool {
    reply.deny
        || reply.repair
        || heard.hits.has(Cue::Cannot)
        || heard.hits.has(Cue::NotFit)
        || heard.hits.has(Cue::ChangeTime)
        || heard.says(words![
            "instead", "rather", "better", "could", "can", "make", "actually"
        ])
}

/// "Or Friday", but not "the eighteenth or so".
fn or_another(heard: &Heard, at: usize) -> bool {
    heard.word(at) == "or" && heard.word(at + 1) != "so"
}

/// "The sixth, I'm off work by then", "the tenth, he's got no school": why the day that was offered suits.
pub(super) fn is_free(heard: &Heard, m: &TimeMention) -> bool {
    let to = heard
        .clause_end(m.end.saturating_sub(1).max(m.start))
        .min(m.end + 6);
    m.day.is_some()
        && (m.end..to).any(|i| {
            heard.any(i, words!["off", "free", "home", "open"])
                || heard.any(i, words!["no", "nothing"])
                    && heard.any(
                        i - 1,
                        words!["got", "have", "has", "he's", "she's", "there's"],
                    )
        })
        && !(m.end..to).any(|i| heard.any(i, words!["until", "till", "til", "can't", "not", "but"]))
}
