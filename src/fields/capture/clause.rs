//! How far a promise or an imperative reaches: where its words end, the condition it hangs on, the deeds joined to it by "and".

use crate::fields::temporal;
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// Verbs of promises, after "and" another promise: "call Brooke and send you the estimate".
pub(super) const ACTIONS: &WordSet = words!["send", "email", "text", "fax", "mail"];

/// Imperatives that begin another thought even where no mark of punctuation says so.
pub(super) const TELLS: &WordSet = words!["keep", "bring", "tell", "don't", "wear", "please"];

/// A condition is looked for this many tokens back.
const CONDITION: usize = 14;

/// "If somebody cancels, | I'll call you": the span of the condition right before the subject and verb at `at`.
pub(super) fn condition_before(heard: &Heard, at: usize) -> Option<(usize, usize)> {
    let start = heard.clause_start(at).max(at.saturating_sub(CONDITION));
    let from = (start..at)
        .rev()
        .find(|i| matches!(heard.word(*i), "if" | "once" | "when" | "unless"))?;
    // It begins a thought of its own; "I'll see if he can, and call you" has none.
    let opens = from == start
        || heard.tokens[from - 1].stop >= Stop::Comma
        || matches!(
            heard.word(from - 1),
            "and" | "but" | "so" | "okay" | "now" | "minutes"
        );
    // It ends where its own subject has had its verb: "if you see flame | you get out and call".
    let mut to = (from + 3..at)
        .find(|i| {
            heard.tokens[*i - 1].stop >= Stop::Comma
                || matches!(heard.word(*i), "you" | "i" | "hang")
                    && !matches!(heard.word(*i - 1), "to" | "and" | "or")
        })
        .unwrap_or(at);
    while to > from
        && matches!(
            heard.word(to - 1),
            "then" | "please" | "just" | "and" | "so" | "i'll" | "we'll" | "you" | "i" | "we"
        )
    {
        to -= 1;
    }
    let another = (from + 1..to).any(|i| {
        heard.word(i).ends_with("'ll") || matches!(heard.word(i), "will" | "okay" | "but")
    });
    (opens && !another && to >= from + 3).then_some((from, to))
}

/// Where the deed at `at` ends, with what "and" joins to it: "scan the contract and email it", "ask her and call you". What does not go
/// on from the first is a deed of its own. `deed` says whether one stands at a token.
pub(super) fn joined_end(heard: &Heard, at: usize, deed: impl Fn(usize) -> bool) -> usize {
    let mut end = phrase_end(heard, at);
    while is_and(heard, end) {
        let mut next = end + 1;
        while matches!(heard.word(next), "then" | "just" | "also" | "please") {
            next += 1;
        }
        let goes_on = heard.word(next) == "call"
            || heard.any(next, words!["tell", "let"]) && heard.word(next + 1) == "you"
            || matches!(
                heard.word(next + 1),
                "it" | "them" | "that" | "those" | "this"
            );
        if next - at > 16 || !goes_on || !deed(next) {
            break;
        }
        end = phrase_end(heard, next);
    }
    end
}

/// "And", which recognisers also write "an", before what no "an" stands before.
fn is_and(heard: &Heard, at: usize) -> bool {
    match heard.word(at) {
        "and" => true,
        "an" => !heard
            .word(at + 1)
            .starts_with(['a', 'e', 'i', 'o', 'u', 'h']),
        _ => false,
    }
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
                    | "anything"
                    | "everything"
                    | "stuff"
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
            || matches!(word, "what" | "where" | "which" | "how")
                && matches!(
                    heard.word(end + 1),
                    "number" | "time" | "is" | "should" | "can" | "are" | "do" | "else" | "one"
                )
            || word == "see" && matches!(heard.word(end + 1), "you" | "ya" | "y'all")
            || word == "is" && matches!(heard.word(end + 1), "that" | "this" | "it" | "there")
            // "... in ten minutes | can he call this phone"
            || matches!(word, "can" | "may" | "could" | "do" | "does" | "did" | "should")
                && end > at + 1
                && matches!(heard.word(end + 1), "i" | "you" | "he" | "she" | "they" | "we")
                && !matches!(heard.word(end - 1), "i" | "you" | "he" | "she" | "they" | "we")
            // "I'll email it tonight | sign it and send it back"
            || word == "sign"
                && heard.any(end + 1, words!["it", "them", "that"])
                && temporal::names_time(heard.word(end - 1))
            || matches!(word, "thank" | "ma'am" | "sir");
        if other {
            break;
        }
        let another = matches!(word, "and" | "an") && is_and(heard, end);
        let action = another
            && (heard.any(end + 1, ACTIONS)
                || heard.any(end + 1, TELLS)
                || heard.word(end + 1) == "then" && heard.any(end + 2, ACTIONS));
        let tells = TELLS.has(word)
            && !matches!(
                heard.word(end - 1),
                "and" | "to" | "you" | "can" | "or" | "not" | "please" | "i" | "we" | "they"
            );
        if action
            || tells
            // "In a day or so" ends where it ends.
            || (another || matches!(word, "but" | "so" | "okay" | "because" | "or"))
                && (subject || end + 1 >= limit)
                && !(matches!(word, "so" | "two") && heard.word(end - 1) == "or")
                && !(word == "or" && heard.any(end + 1, words!["so", "two"]))
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
    // "... within half an hour if | he doesn't": what goes on from there is another thought.
    while end > at + 2
        && matches!(
            heard.word(end - 1),
            "if" | "and" | "but" | "so" | "or" | "when" | "can" | "which"
        )
        && !(heard.word(end - 1) == "so" && heard.word(end - 2) == "or")
    {
        end -= 1;
    }
    end
}
