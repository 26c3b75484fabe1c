//! What an agent says to nobody who wants anything of the business: to those who sell, and to a line that has gone dead.

use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// More words than this are no short way of hanging up.
const BRIEF: usize = 12;

/// Whether the agent turns a pitch away; some words do so only where a pitch was heard. `turns` are those of the caller and the agent.
pub(super) fn turns_away(heard: &Heard, pitched: bool, turns: [u32; 2]) -> bool {
    let pair = |first: &WordSet, second: &WordSet| {
        heard
            .tokens
            .windows(2)
            .any(|w| w[0].any(first) && w[1].any(second))
    };
    let negative = || heard.says(words!["don't", "doesn't", "no", "not"]);
    let all_set = pitched
        && heard.tokens.len() <= 8
        && heard.says(words!["set", "good"])
        && heard.says(words!["we're", "all", "i'm"]);
    let no_interest =
        heard.says(words!["interested", "scam"]) && heard.says(words!["not", "no", "aren't"]);
    let off_list = pair(words!["take"], words!["us", "me"]) && heard.says(words!["off"]);
    // "Please don't call again", "stop calling here".
    let never_again = turns[1] > 1
        && heard.tokens.len() <= BRIEF
        && heard.tokens.windows(3).any(|w| {
            w[0].any(words!["don't", "not", "stop", "quit"])
                && w[1].any(words!["call", "calling"])
                && w[2].any(words!["again", "anymore", "here"])
        });
    // "She doesn't take sales calls", "we don't buy leads".
    let no_sales = (pair(
        words!["sales", "solicitation"],
        words!["call", "calls", "pitch", "pitches"],
    ) || heard.says(words!["solicitors", "telemarketers", "leads"]))
        && negative();
    // "We don't buy over the phone".
    let no_buying = pitched
        && turns[0] <= 3
        && pair(
            words!["don't", "stop"],
            words!["buy", "call", "calling", "solicit", "need"],
        )
        && heard.says(words![
            "buy", "again", "here", "anymore", "solicit", "calling", "any",
        ]);
    all_set
        || no_interest
        || off_list
        || never_again
        || no_sales
        || no_buying
        || pair(words!["nice"], words!["try"])
        || pair(words!["hanging"], words!["up"])
        || heard.tokens.windows(3).any(|w| {
            w[0].any(words!["we", "don't"])
                && w[1].any(words!["don't", "buy"])
                && w[2].any(words!["buy", "over", "from"])
        })
}

/// "Hello?", "ma'am, are you there?", "hello, are you there, I think we lost the line": the agent calls into silence.
pub(super) fn calls_into_silence(heard: &Heard) -> bool {
    let calls_out = heard.tokens.len() <= BRIEF
        && heard.says(words!["hello"])
        && heard
            .tokens
            .windows(2)
            .any(|w| w[0].is("you") && w[1].is("there"));
    calls_out
        || heard.tokens.len() <= 8
            && heard.says(words!["hello", "sir", "ma'am", "there"])
            && (heard.tokens.len() <= 3 && !heard.says(words!["it", "goes", "go"])
                || heard.says(words!["hello", "you", "anybody"]))
            && !heard.says(words!["thanks", "thank", "okay", "yes", "no"])
}
