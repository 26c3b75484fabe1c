//! What an agent says to nobody who wants anything of the business: to those who sell, and to a line that has gone dead.

use crate::fields::turn::Heard;

/// More words than this are no short way of hanging up.
const BRIEF: usize = 12;

/// Whether the agent turns a pitch away; some words do so only where a pitch was heard. `turns` are those of the caller and the agent.
pub(super) fn turns_away(heard: &Heard, pitched: bool, turns: [u32; 2]) -> bool {
    let pair = |first: &[&str], second: &[&str]| {
        heard
            .tokens
            .windows(2)
            .any(|w| w[0].any(first) && w[1].any(second))
    };
    let negative = || heard.says(&["don't", "doesn't", "no", "not"]);
    let all_set = pitched
        && heard.tokens.len() <= 8
        && heard.says(&["set", "good"])
        && heard.says(&["we're", "all", "i'm"]);
    let no_interest = heard.says(&["interested", "scam"]) && heard.says(&["not", "no", "aren't"]);
    let off_list = pair(&["take"], &["us", "me"]) && heard.says(&["off"]);
    // "Please don't call again", "stop calling here".
    let never_again = turns[1] > 1
        && heard.tokens.len() <= BRIEF
        && heard.tokens.windows(3).any(|w| {
            w[0].any(&["don't", "not", "stop", "quit"])
                && w[1].any(&["call", "calling"])
                && w[2].any(&["again", "anymore", "here"])
        });
    // "She doesn't take sales calls", "we don't buy leads".
    let no_sales = (pair(
        &["sales", "solicitation"],
        &["call", "calls", "pitch", "pitches"],
    ) || heard.says(&["solicitors", "telemarketers", "leads"]))
        && negative();
    // "We don't buy over the phone".
    let no_buying = pitched
        && turns[0] <= 3
        && pair(
            &["don't", "stop"],
            &["buy", "call", "calling", "solicit", "need"],
        )
        && heard.says(&[
            "buy", "again", "here", "anymore", "solicit", "calling", "any",
        ]);
    all_set
        || no_interest
        || off_list
        || never_again
        || no_sales
        || no_buying
        || pair(&["nice"], &["try"])
        || pair(&["hanging"], &["up"])
        || heard.tokens.windows(3).any(|w| {
            w[0].any(&["we", "don't"])
                && w[1].any(&["don't", "buy"])
                && w[2].any(&["buy", "over", "from"])
        })
}

/// "Hello?", "ma'am, are you there?", "hello, are you there, I think we lost the line": the agent calls into silence.
pub(super) fn calls_into_silence(heard: &Heard) -> bool {
    let calls_out = heard.tokens.len() <= BRIEF
        && heard.says(&["hello"])
        && heard
            .tokens
            .windows(2)
            .any(|w| w[0].is("you") && w[1].is("there"));
    calls_out
        || heard.tokens.len() <= 8
            && heard.says(&["hello", "sir", "ma'am", "there"])
            && (heard.tokens.len() <= 3 && !heard.says(&["it", "goes", "go"])
                || heard.says(&["hello", "you", "anybody"]))
            && !heard.says(&["thanks", "thank", "okay", "yes", "no"])
}
