//! What a word can be in a name.

use crate::fields::gazetteer::{Gazetteer, tables};
use crate::fields::token::{Num, Token};

/// Words that are never part of a name although tables know people of that name: grammar, talk, and what calls are about.
const CLOSED: &[&str] = &[
    "a", "able", "about", "absolutely", "actually", "address", "afraid", "after", "afternoon", "again",
    "ain't", "all", "allergic", "already", "alright", "alrighty", "also", "always", "am", "an", "and",
    "and's", "another", "any", "anybody", "anything", "anyway", "apartment", "appointment", "are", "as",
    "asking", "at", "available", "avenue", "awesome", "baby", "back", "bad", "basement", "basically",
    "bathroom", "be", "because", "bed", "been", "before", "between", "big", "birthday", "born", "both",
    "boy", "broke", "broken", "building", "busy", "but", "by", "bye", "call", "called", "calling", "calls",
    "can", "can't", "car", "cars", "cause", "cell", "christmas", "clogged", "cold", "come", "coming",
    "company", "concerned", "concerning", "confused", "cool", "correct", "couch", "could", "currently",
    "dad", "dash", "date", "daughter", "day", "days", "december", "definitely", "did", "disabled",
    "divorced", "do", "doctor", "does", "doing", "don't", "double", "down", "downstairs", "dr", "dry",
    "dunno", "during", "each", "early", "easter", "either", "email", "emergency", "engaged", "estimate",
    "even", "evening", "ever", "every", "everybody", "everyone", "everything", "exactly", "excellent",
    "father", "february", "fine", "first", "folks", "for", "fortunately", "frankly", "free", "friday",
    "from", "full", "furniture", "garage", "get", "getting", "girl", "go", "going", "gonna", "good",
    "goodbye", "gosh", "got", "gotta", "great", "guess", "guy", "guys", "ha", "had", "hang", "happy",
    "has", "have", "having", "he", "he's", "hello", "help", "her", "here", "here's", "hey", "hi", "high",
    "him", "his", "hiya", "hm", "hold", "home", "hon", "honestly", "hopefully", "hoping", "hot", "hour",
    "hours", "house", "house's", "how", "huh", "hundred", "husband", "hyphen", "i", "i'd", "i'll", "i'm",
    "i've", "if", "in", "inside", "insurance", "interested", "is", "isn't", "it", "it's", "its", "january",
    "july", "just", "kid", "kids", "kind", "kinda", "kitchen", "know", "lady", "landlord", "landlord's",
    "last", "late", "leak", "leaking", "leaving", "lemme", "let", "let's", "like", "literally", "little",
    "living", "located", "long", "looking", "lot", "lot's", "low", "ma", "ma'am", "ma'am's", "made",
    "make", "making", "man", "manager", "march", "married", "may", "maybe", "me", "mean", "mhm", "mine",
    "minute", "minutes", "miss", "mister", "mm", "mom", "moment", "monday", "month", "months", "more",
    "morning", "mother", "moving", "mr", "mrs", "ms", "ms.", "much", "my", "nah", "name", "near", "need",
    "needing", "neighbor", "neighbor's", "neither", "never", "new", "next", "nice", "night", "no",
    "nobody", "nope", "not", "nothing", "november", "now", "number", "number's", "obviously", "october",
    "of", "off", "office", "oh", "ok", "okay", "okey", "old", "on", "one", "only", "or", "other", "our",
    "out", "outside", "over", "own", "owner", "patient", "perfect", "phone", "phones", "please", "pls",
    "pm", "pregnant", "probably", "problem", "question", "questions", "quote", "reach", "reaching",
    "ready", "really", "recently", "regarding", "renter", "retired", "right", "road", "roof", "room",
    "said", "same", "saturday", "say", "saying", "schedule", "second", "see", "september", "seriously",
    "she", "she's", "short", "should", "sick", "since", "single", "sir", "sirs", "small", "so", "some",
    "someone", "something", "son", "sorry", "sort", "speaking", "spell", "spelled", "spelling", "staying",
    "still", "street", "stuck", "such", "sunday", "supposed", "sure", "surname", "take", "taking",
    "talking", "telling", "ten", "tenant", "texting", "texts", "than", "thank", "thanks", "thanksgiving",
    "that", "that's", "the", "their", "them", "then", "there", "there's", "these", "they", "they're",
    "thing", "think", "thinking", "this", "those", "though", "thursday", "thx", "till", "time", "to",
    "today", "tomorrow", "tonight", "too", "totally", "triple", "truck", "trying", "tuesday", "two",
    "uh-huh", "um", "unable", "under", "unfortunately", "until", "up", "upstairs", "urgent", "us",
    "usually", "very", "visit", "wait", "wanna", "want", "wanting", "was", "way", "we", "we're", "we've",
    "wednesday", "week", "weeks", "well", "were", "wet", "what", "what's", "whatever", "when", "where",
    "which", "whichever", "while", "who", "who's", "whom", "whose", "why", "wife", "will", "with", "woman",
    "won't", "wonderful", "wondering", "work", "worked", "working", "works", "worried", "would", "y'all",
    "ya", "yard", "yeah", "year", "years", "yep", "yes", "yesterday", "yet", "you", "you're", "young",
    "your", "yup",
];

/// Words before a name that are no part of it.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mister", "missus", "doctor", "dr", "deacon", "reverend", "rev", "pastor", "father",
    "sister", "brother", "captain", "sergeant", "staff", "sgt", "officer", "deputy", "sheriff", "detective", "judge", "coach",
    "professor", "rabbi", "imam", "chief", "lieutenant", "colonel", "major", "corporal", "private", "principal",
    "attorney", "nurse", "senor", "senora", "madam", "madame",
];

/// Words inside a surname: "de la Cruz", "van der Berg".
const PARTICLES: &[&str] = &[
    "de", "la", "las", "los", "van", "von", "der", "den", "del", "al", "el", "bin", "ben", "ibn", "di", "da", "dos", "das",
    "du", "le", "ter", "te", "st", "san", "santa", "mac", "abu", "y", "e",
];

/// What a word can be in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nameness {
    /// Nothing.
    None,
    /// An ordinary word; only the surname of somebody whose given name stands before it, or the answer to the question.
    Word,
    /// A word that no table knows.
    Unknown,
    /// A name that is a word too: Will, Hope, Price.
    Both,
    /// A name.
    Name,
}

/// People one lives with or looks after.
const KIN: &[&str] = &[
    "husband", "wife", "daughter", "son", "mom", "mum", "mother", "dad", "father", "roommate", "partner",
    "boyfriend", "girlfriend", "fiance", "fiancee", "spouse", "sister", "brother", "grandson",
    "granddaughter", "caregiver", "aunt", "uncle", "cousin", "kid", "parents", "grandma", "grandpa", "grandmother",
    "grandfather", "stepson", "stepdaughter", "nephew", "niece",
];

/// Whether the word, a possessive or a plural too, names somebody of the speaker's family or household.
pub fn is_kin(text: &str) -> bool {
    let noun = text.strip_suffix("'s").unwrap_or(text);
    KIN.contains(&noun) || noun.strip_suffix('s').is_some_and(|n| KIN.contains(&n))
}

/// Whether the word belongs to grammar and talk.
pub fn is_closed(text: &str) -> bool {
    CLOSED.binary_search(&text).is_ok()
}

/// Whether the word is a title.
pub fn is_title(text: &str) -> bool {
    TITLES.contains(&text)
}

/// Whether the word may stand inside a surname.
pub fn is_particle(text: &str) -> bool {
    PARTICLES.contains(&text)
}

/// What a token can be in a name.
pub fn nameness(token: &Token) -> Nameness {
    let text = token.text.as_str();
    if token.num != Num::None && !matches!(token.num, Num::Homophone(_))
        || text.chars().count() < 2
        || !text.chars().all(|c| c.is_alphabetic() || c == '\'')
        || is_closed(text)
    {
        return Nameness::None;
    }
    let tables: &Gazetteer = tables();
    let base = text.strip_suffix("'s").unwrap_or(text);
    if is_closed(base) {
        return Nameness::None;
    }
    match (
        tables.is_given(base) || tables.is_surname(base),
        tables.is_word(base),
    ) {
        (true, false) => Nameness::Name,
        (true, true) => Nameness::Both,
        (false, false) => Nameness::Unknown,
        (false, true) => Nameness::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closed_words_are_sorted() {
        assert!(CLOSED.windows(2).all(|w| w[0] < w[1]));
    }
}
