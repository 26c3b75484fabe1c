//! Words that a recogniser writes for others that sound the same: "ate" for eight, "too" for two, "won" for one, "know" for no,
//! "some one" for someone. One pass over a turn's tokens settles those that their neighbours make certain; those that may be either
//! ("for", "to") stay alternatives of the spoken number they may belong to.

use super::token::{Num, Stop, Token, classify};
use crate::fields::word_set::{WordSet, words};

/// Words after which a lone number word names something: "unit ate", "at won".
const NAMERS: &WordSet = words![
    "unit",
    "apartment",
    "apt",
    "suite",
    "number",
    "lot",
    "room",
    "building",
    "floor",
    "extension",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "o'clock",
];

/// Who eats and wins.
const EATERS: &WordSet = words![
    "i", "he", "she", "we", "they", "you", "it", "who", "just", "already", "last", "never", "dog",
    "cat", "kids", "mice", "rats", "termites", "that", "ever", "nobody", "has", "have", "had",
    "i've", "we've",
];

/// Settles the tokens of a turn.
pub(super) fn settle(tokens: &mut Vec<Token>) {
    join(tokens);
    words(tokens);
    digits(tokens);
}

/// "Some one", "week end", "to morrow": one word written as two.
fn join(tokens: &mut Vec<Token>) {
    let mut at = 1;
    while at < tokens.len() {
        let (Some(a), Some(b)) = (tokens.get(at - 1), tokens.get(at)) else {
            break;
        };
        let next = tokens.get(at + 1).map_or("", |t| t.text.as_str());
        let whole = match (a.text.as_str(), b.text.as_str()) {
            ("some", "one") if next != "of" => "someone",
            ("some", "body") => "somebody",
            ("some", "thing") => "something",
            ("some", "where") => "somewhere",
            ("any", "body") => "anybody",
            ("any", "thing") => "anything",
            ("no", "body") => "nobody",
            ("every", "thing") => "everything",
            ("week", "end") => "weekend",
            ("week", "ends") => "weekends",
            ("to", "morrow") => "tomorrow",
            ("to", "night") => "tonight",
            ("can", "not") => "cannot",
            ("for", "est") => "forest",
            ("after", "noons") => "afternoons",
            _ => {
                at += 1;
                continue;
            }
        };
        if a.stop != Stop::None || b.glue.is_some() {
            at += 1;
            continue;
        }
        let second = tokens.remove(at);
        if let Some(first) = tokens.get_mut(at - 1) {
            first.reword(whole);
            first.num = classify(whole);
            first.end_ms = second.end_ms;
            first.stop = second.stop;
            first.p = first.p.min(second.p);
        }
        at += 1;
    }
}

/// Words of talk: "know it ends in ...", "that's write", "in the mourning".
fn words(tokens: &mut [Token]) {
    for at in 0..tokens.len() {
        let text = |i: usize| tokens.get(i).map_or("", |t| t.text.as_str());
        let before = at.checked_sub(1).map_or("", text);
        let next = text(at + 1);
        let whole = tokens.len() <= 3;
        let better = match text(at) {
            "know"
                if (at == 0 || matches!(before, "oh" | "know" | "no" | "well"))
                    && !matches!(
                        next,
                        "what"
                            | "that"
                            | "how"
                            | "where"
                            | "when"
                            | "who"
                            | "if"
                            | "about"
                            | "of"
                            | "anybody"
                            | "anyone"
                            | "why"
                            | "your"
                            | "my"
                            | "her"
                            | "him"
                    ) =>
            {
                "no"
            }
            "write" if whole && at == 0 || matches!(before, "that's" | "thats" | "all") => "right",
            "mourning" if matches!(before, "the" | "this" | "good" | "tomorrow" | "monday") => {
                "morning"
            }
            "buy" if tokens.get(at + 1).is_some_and(is_number) && before != "to" => "by",
            "maam" | "mam" => "ma'am",
            // "An the date", "an your name".
            "an" if at == 0
                && matches!(
                    next,
                    "the"
                        | "a"
                        | "your"
                        | "you're"
                        | "what"
                        | "where"
                        | "when"
                        | "is"
                        | "how"
                        | "who"
                        | "to"
                ) =>
            {
                "and"
            }
            // "It's four Cody", "calling four my mother".
            "four"
                if matches!(before, "it's" | "calling" | "appointment" | "is" | "just")
                    && matches!(next, "my" | "our" | "his" | "her" | "the" | "a") =>
            {
                "for"
            }
            _ => continue,
        };
        if let Some(token) = tokens.get_mut(at) {
            token.reword(better);
            token.num = classify(better);
        }
    }
}

fn is_number(token: &Token) -> bool {
    matches!(
        token.num,
        Num::Digit(_) | Num::Teen(_) | Num::Tens(_) | Num::Literal | Num::Oh | Num::Repeat(_)
    )
}

/// "Ate", "won", "too", "fore" beside other digits, or after a word that a number follows, are digits.
fn digits(tokens: &mut [Token]) {
    for at in 0..tokens.len() {
        let Some(digit) = sure_homophone(tokens, at) else {
            continue;
        };
        if let Some(token) = tokens.get_mut(at) {
            token.num = Num::Digit(digit);
        }
    }
}

fn sure_homophone(tokens: &[Token], at: usize) -> Option<u8> {
    let token = tokens.get(at)?;
    let Num::Homophone(digit) = token.num else {
        return None;
    };
    let before = at.checked_sub(1).and_then(|i| tokens.get(i));
    let joined = before.filter(|t| t.stop < Stop::Sentence);
    let next = tokens.get(at + 1).filter(|_| token.stop < Stop::Sentence);
    // "Two thousand won", "won hundred".
    let counts = |t: &Token| is_number(t) || is_scale(t);
    let before_number = joined.is_some_and(|t| counts(t) && t.text != "a");
    let next_number = next.is_some_and(counts);
    let named = joined.is_some_and(|t| NAMERS.has(&t.text));
    match token.text.as_str() {
        "won" | "ate" => {
            let at_hour = joined
                .is_some_and(|t| t.any(words!["at", "around", "by", "until", "till"]))
                && (token.text == "won"
                    || next.is_none_or(|t| {
                        is_number(t) || t.any(words!["o'clock", "pm", "am", "p", "a"])
                    }));
            let eats = joined.is_some_and(|t| EATERS.has(&t.text));
            // "Ate oh one too", "too ate oh": digits on, whatever they are written as.
            let more = next.is_some_and(|t| matches!(t.num, Num::Homophone(_)));
            (!eats
                && (before_number || next_number || named || at_hour || more && joined.is_none()))
            .then_some(digit)
        }
        "too" | "fore" => {
            // "This one too", "me too": a pronoun or a word before it.
            let spoken = |t: &Token| is_number(t) || matches!(t.num, Num::Homophone(_));
            let one = joined.is_some_and(|t| t.is("one"))
                && !(at >= 2 && tokens.get(at - 2).is_some_and(spoken));
            (before_number && !one || next_number && joined.is_none_or(|t| !is_word(t)) || named)
                .then_some(digit)
        }
        // "For hundred and ten", "to thousand": nothing is for or to a hundred without its article.
        "for" | "to" => next.is_some_and(is_scale).then_some(digit),
        _ => None,
    }
}

fn is_scale(token: &Token) -> bool {
    matches!(token.num, Num::Hundred | Num::Thousand)
}

/// Words after which "too" is only "too".
fn is_word(token: &Token) -> bool {
    token.any(words![
        "me", "you", "him", "her", "us", "them", "it", "that", "this", "way", "not", "far",
    ])
}

#[cfg(test)]
mod tests {
    use super::super::token::{self, Num};

    fn texts(said: &str) -> Vec<String> {
        token::tokenize(&token::words_of_text(said, 0, 1000))
            .into_iter()
            .map(|t| match t.num {
                Num::Digit(d) => d.to_string(),
                _ => t.text,
            })
            .collect()
    }

    #[test]
    fn digits_spelt_as_words_are_digits_beside_digits() {
        assert_eq!(texts("ate oh one too north").join(" "), "8 oh 1 2 north");
        assert_eq!(texts("unit ate").join(" "), "unit 8");
        assert_eq!(texts("saturday at won p m").join(" "), "saturday at 1 p m");
        assert_eq!(
            texts("five five five ate too ate oh").join(" "),
            "5 5 5 8 2 8 oh"
        );
    }

    #[test]
    fn elsewhere_they_are_words() {
        assert_eq!(texts("my dog ate one").join(" "), "my dog ate 1");
        assert_eq!(texts("me too").join(" "), "me too");
        assert_eq!(texts("i need this one too").join(" "), "i need this 1 too");
        assert_eq!(texts("we won the case").join(" "), "we won the case");
        assert_eq!(texts("know that's wrong").join(" "), "no that's wrong");
        assert_eq!(texts("know what i mean").join(" "), "know what i mean");
        assert_eq!(texts("can some one come").join(" "), "can someone come");
    }
}
