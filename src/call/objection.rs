//! "Don't record me": whether a caller objects to being recorded.
//!
//! Found by how it is said, around a word for recording: what stands before it must forbid, refuse or wish it away, said by the caller of
//! themselves or to whoever records, and what stands after it must be the call and not something that is written down. "Did you record
//! my number?", "I don't mind being recorded" and "they don't record calls" are no objections. Every rule is a line below, so that each
//! finding can be explained.

use crate::speech::Word;

/// Words for recording.
const RECORD: [&str; 9] = [
    "record",
    "recording",
    "recorded",
    "tape",
    "taping",
    "taped",
    "transcribe",
    "transcribing",
    "transcribed",
];
/// Things that record; switched off rather than told not to.
const RECORDERS: [&str; 4] = ["recording", "recordings", "recorder", "recorders"];
/// What may stand between a word that forbids and the word for recording.
const BETWEEN: [&str; 14] = [
    "to", "be", "being", "get", "getting", "please", "ever", "me", "us", "even", "try", "keep",
    "start", "continue",
];
/// What may stand between a wish and the word for recording besides: who records, and what.
const WISHED: [&str; 24] = [
    "you",
    "this",
    "that",
    "the",
    "a",
    "call",
    "phone",
    "it",
    "my",
    "our",
    "voice",
    "conversation",
    "with",
    "about",
    "of",
    "anyone",
    "anybody",
    "anything",
    "everything",
    "having",
    "your",
    "for",
    "on",
    "any",
];
/// Wishes, which a negation turns into an objection.
const WISHES: [&str; 5] = ["want", "wanna", "wanted", "like", "wish"];
/// Agreements, which a negation turns into one too; their object may be "the recording" itself.
const AGREEMENTS: [&str; 10] = [
    "consent",
    "consented",
    "agree",
    "agreed",
    "permission",
    "allow",
    "comfortable",
    "okay",
    "ok",
    "happy",
];
/// Words that deny a wish.
const DENIALS: [&str; 7] = [
    "don't", "not", "never", "won't", "can't", "didn't", "wouldn't",
];
/// Words that make a request of "not" or "you don't".
const REQUESTS: [&str; 14] = [
    "rather",
    "prefer",
    "preferred",
    "like",
    "appreciate",
    "please",
    "if",
    "want",
    "ask",
    "asking",
    "asked",
    "wish",
    "could",
    "can",
];
/// What is recorded when a call is.
const THE_CALL: [&str; 12] = [
    "call",
    "calls",
    "conversation",
    "conversations",
    "voice",
    "phone",
    "audio",
    "line",
    "discussion",
    "talk",
    "chat",
    "part",
];
/// What may follow the word for recording when nothing else is recorded than the call.
const FOLLOWING: [&str; 35] = [
    "me",
    "us",
    "it",
    "anything",
    "everything",
    "what",
    "please",
    "anymore",
    "any",
    "more",
    "now",
    "today",
    "right",
    "okay",
    "ok",
    "thanks",
    "thank",
    "because",
    "and",
    "but",
    "i",
    "i'm",
    "if",
    "while",
    "when",
    "you",
    "during",
    "at",
    "for",
    "on",
    "here",
    "either",
    "though",
    "or",
    "so",
];

/// A caller's objection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Objection {
    /// The word for recording: its number.
    pub(super) word: usize,
    /// Where it ends, ms.
    pub(super) end_ms: u64,
}

/// Words in lower case without punctuation.
pub(super) fn normalised(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| plain(&word.w)).collect()
}

fn plain(word: &str) -> String {
    word.replace('\u{2019}', "'")
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

/// The first objection in a caller's words.
pub(super) fn find(words: &[Word]) -> Option<Objection> {
    let mut tokens: Vec<(String, usize)> = Vec::with_capacity(words.len());
    for (at, text) in normalised(words).into_iter().enumerate() {
        let joined = match (tokens.last().map(|(t, _)| t.as_str()), text.as_str()) {
            (Some("do"), "not") => "don't",
            (Some("did"), "not") => "didn't",
            (Some("would"), "not") => "wouldn't",
            _ => "",
        };
        if !joined.is_empty() {
            tokens.pop();
            tokens.push((joined.to_owned(), at));
        } else if !text.is_empty() {
            let text = match text.as_str() {
                "dont" => "don't".to_owned(),
                "cannot" => "can't".to_owned(),
                _ => text,
            };
            tokens.push((text, at));
        }
    }
    let said: Vec<&str> = tokens.iter().map(|(text, _)| text.as_str()).collect();
    let at = (0..said.len()).find(|at| objects(&said, *at))?;
    let word = tokens.get(at)?.1;
    Some(Objection {
        word,
        end_ms: words.get(word)?.end_ms,
    })
}

fn any(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// Whether the word at `at` is what somebody objects to.
fn objects(said: &[&str], at: usize) -> bool {
    let word = said.get(at).copied().unwrap_or("");
    let before = said.get(..at).unwrap_or_default();
    let after = said.get(at + 1..).unwrap_or_default();
    if any(&RECORDERS, word) && is_switched_off(before, after) {
        return true;
    }
    any(&RECORD, word) && is_the_call(after) && is_unwanted(before, word, after)
}

/// "turn off the recording", "turn that recorder off", "stop the recording".
fn is_switched_off(before: &[&str], after: &[&str]) -> bool {
    let Some((_, verb)) = before
        .split_last()
        .filter(|(the, _)| any(&["the", "this", "that", "your", "any"], the))
    else {
        return false;
    };
    let off = |verbs: &[&str]| {
        verbs
            .split_last()
            .is_some_and(|(verb, rest)| any(&["turn", "switch", "shut"], verb) && !is_denied(rest))
    };
    match verb.split_last() {
        Some((&"off", rest)) => off(rest),
        Some((&("stop" | "end" | "quit" | "cancel"), rest)) => is_command(rest),
        _ => after.first() == Some(&"off") && off(verb),
    }
}

/// Whether what stands before a command takes it back or asks about it.
fn is_denied(before: &[&str]) -> bool {
    before
        .last()
        .is_some_and(|w| any(&["don't", "not", "didn't", "doesn't", "never"], w))
}

/// "stop ..." as a command or a request, and neither a report nor a question about it.
fn is_command(before: &[&str]) -> bool {
    let asked = matches!(
        before,
        [
            ..,
            "did" | "do" | "does" | "have" | "when",
            "you" | "they" | "it" | "we"
        ]
    );
    let told = before
        .last()
        .is_some_and(|w| any(&["they", "it", "he", "she", "does", "did", "i", "we"], w));
    !is_denied(before) && !asked && !told
}

/// Whether what follows says that the call is recorded, and not something that is taken down.
fn is_the_call(after: &[&str]) -> bool {
    match after {
        [] => true,
        ["this" | "that" | "the" | "my" | "our", what, ..] if any(&THE_CALL, what) => true,
        ["this" | "that"] => true,
        ["this" | "that", next, ..] => any(&FOLLOWING, next) || *next == "phone",
        [next, ..] => any(&FOLLOWING, next) || any(&THE_CALL, next),
    }
}

/// Whether what stands before says that it shall not be.
fn is_unwanted(before: &[&str], word: &str, after: &[&str]) -> bool {
    let reach = before
        .iter()
        .rposition(|w| !any(&BETWEEN, w))
        .and_then(|at| Some((*before.get(at)?, before.get(..at)?)));
    if let Some((what, rest)) = reach {
        let last = rest.last().copied().unwrap_or("");
        let requested = || rest.iter().rev().take(7).any(|w| any(&REQUESTS, w));
        let forbidden = match what {
            // Of others one only reports; "you don't" is a request where it was wished for.
            "don't" | "didn't" => match last {
                "they" | "we" | "he" | "she" | "it" | "who" | "people" | "i" => false,
                "you" => requested(),
                _ => what == "don't",
            },
            "isn't" | "wasn't" | "weren't" => {
                rest.iter().any(|w| any(&["rather", "prefer", "wish"], w))
            }
            // "is this not recorded", "it is not being recorded": a question, a report.
            "not" => {
                let states = |w: &str| any(&["is", "am", "are", "was", "were", "i'm", "it's"], w);
                let reported = states(last)
                    || rest.len() >= 2 && rest.get(rest.len() - 2).is_some_and(|w| states(w));
                !reported && (requested() || last.is_empty())
            }
            "never" => any(&["", "please"], last),
            "stop" | "quit" | "cease" => word.ends_with("ing") && is_command(rest),
            "without" => rest.iter().rev().take(7).any(|w| {
                any(
                    &[
                        "talk", "speak", "do", "continue", "go", "proceed", "discuss", "chat",
                    ],
                    w,
                )
            }),
            "no" => {
                word == "recording"
                    && (after.is_empty() || after.first() == Some(&"please"))
                    && rest.len() <= 2
            }
            "object" | "refuse" | "decline" => any(&["i", "we"], last),
            _ => false,
        };
        if forbidden {
            return true;
        }
    }
    is_not_wished(before, word)
}

/// "I don't want to be recorded", "I do not consent to the recording".
fn is_not_wished(before: &[&str], word: &str) -> bool {
    let Some(at) = before
        .iter()
        .rposition(|w| !any(&BETWEEN, w) && !any(&WISHED, w))
    else {
        return false;
    };
    let (Some(wish), Some(rest)) = (before.get(at), before.get(..at)) else {
        return false;
    };
    if *wish == "object" {
        return rest.last().is_some_and(|w| any(&["i", "we"], w));
    }
    let is_thing = before
        .last()
        .is_some_and(|w| any(&["the", "a", "that", "your", "any"], w));
    let fits = if is_thing {
        word == "recording" && any(&AGREEMENTS, wish)
    } else {
        any(&WISHES, wish) || any(&AGREEMENTS, wish)
    };
    let denial = rest.iter().rposition(|w| any(&DENIALS, w));
    let denied = denial.is_some_and(|denial| {
        let subject = denial.checked_sub(1).and_then(|at| rest.get(at));
        // Of themselves; "you don't want to record" is about somebody else.
        let own = subject.is_none_or(|w| {
            any(
                &[
                    "i", "we", "i'm", "we're", "i'd", "really", "just", "still", "and", "but", "no",
                ],
                w,
            )
        });
        own && rest.len() - denial <= 4 && rest.get(denial + 1) != Some(&"you")
    });
    fits && denied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::words_of_text;

    fn objects(text: &str) -> bool {
        find(&words_of_text(text, 0, 4_000)).is_some()
    }

    #[test]
    fn objections_are_found_however_they_are_put() {
        for text in [
            "don't record me",
            "Please don't record this call.",
            "please do not record this",
            "I don't want to be recorded",
            "I do not want to be recorded, okay?",
            "hey i really don't want this call to be recorded",
            "i don't want you recording this",
            "i don't want my voice recorded",
            "i do not consent to being recorded",
            "I don't consent to the recording",
            "i don't agree to be recorded",
            "i don't give you permission to record me",
            "i'm not comfortable being recorded",
            "i'm not okay with being recorded",
            "stop recording",
            "stop recording me",
            "can you stop recording please",
            "could you stop the recording",
            "please turn off the recording",
            "can you turn that recorder off",
            "i'd rather not be recorded",
            "i would prefer not to be recorded",
            "i'd prefer it if you didn't record this",
            "i'd rather you don't record me",
            "could you not record this please",
            "can we talk without being recorded",
            "i object to being recorded",
            "i refuse to be recorded",
            "no recording please",
            "don\u{2019}t tape this conversation",
            "yeah so my name is maria and please don't record this",
            "do not transcribe this call",
        ] {
            assert!(objects(text), "{text}");
        }
    }

    #[test]
    fn other_words_about_recording_are_no_objection() {
        for text in [
            "did you record my number",
            "please don't record my number wrong",
            "did you record that",
            "is this call recorded",
            "is this not being recorded",
            "am i being recorded",
            "this is not recorded right",
            "i don't mind being recorded",
            "i don't mind if you record this",
            "yes you can record me",
            "that's fine record away",
            "i don't have a record of that",
            "i don't want a record of that payment on my account",
            "for the record i was never told",
            "they don't record calls do they",
            "you don't record these do you",
            "don't you record these calls",
            "don't stop recording",
            "did you stop recording",
            "when do you stop recording",
            "i have the medical record",
            "he said he doesn't like the recording",
            "i don't want to listen to the recording again",
            "my record player is broken",
            "it's a recorded delivery",
            "you want me to send the recording",
            "the court record is not here",
            "i don't know if you recorded my address",
            "we had record rain and the tape on the duct came off",
            "the tape didn't hold",
            "don't tape the box",
            "i recorded a video of the leak",
        ] {
            assert!(!objects(text), "{text}");
        }
    }

    #[test]
    fn the_word_that_is_objected_to_is_named() {
        let words = words_of_text("my name is maria please don't record me", 0, 8_000);
        let found = find(&words).unwrap();
        assert_eq!(words[found.word].w, "record");
        assert_eq!(found.end_ms, words[found.word].end_ms);
    }
}
