//! What a word can be in a name.

use crate::fields::gazetteer::{Gazetteer, tables};
use crate::fields::token::{Num, Token};
use crate::fields::word_set::{WordSet, words};

/// Words before a name that are no part of it.
const TITLES: &WordSet = words![
    "mr",
    "mrs",
    "ms",
    "miss",
    "mister",
    "missus",
    "doctor",
    "dr",
    "deacon",
    "reverend",
    "rev",
    "pastor",
    "father",
    "sister",
    "brother",
    "captain",
    "sergeant",
    "staff",
    "sgt",
    "officer",
    "deputy",
    "sheriff",
    "detective",
    "judge",
    "coach",
    "professor",
    "rabbi",
    "imam",
    "chief",
    "lieutenant",
    "colonel",
    "major",
    "corporal",
    "private",
    "principal",
    "attorney",
    "nurse",
    "senor",
    "senora",
    "madam",
    "madame",
    "petty",
    "specialist",
    "airman",
    "seaman",
    "commander",
    "gunnery",
    "lance",
    "trooper",
];

/// Words inside a surname: "de la Cruz", "van der Berg".
const PARTICLES: &WordSet = words![
    "de", "la", "las", "los", "van", "von", "der", "den", "del", "al", "el", "bin", "ben", "ibn",
    "di", "da", "dos", "das", "du", "le", "ter", "te", "st", "saint", "san", "santa", "mac", "abu",
    "y", "e",
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
const KIN: &WordSet = words![
    "husband",
    "wife",
    "daughter",
    "son",
    "mom",
    "mum",
    "mother",
    "dad",
    "father",
    "roommate",
    "partner",
    "boyfriend",
    "girlfriend",
    "fiance",
    "fiancee",
    "fianc\u{e9}",
    "fianc\u{e9}e",
    "spouse",
    "sister",
    "brother",
    "grandson",
    "granddaughter",
    "caregiver",
    "aunt",
    "uncle",
    "cousin",
    "kid",
    "parents",
    "grandma",
    "grandpa",
    "grandmother",
    "grandfather",
    "stepson",
    "stepdaughter",
    "nephew",
    "niece",
    "granny",
    "nana",
    "stepmom",
    "stepdad",
    "stepmother",
    "stepfather",
    "stepbrother",
    "stepsister",
    "godson",
    "goddaughter",
    "godmother",
    "godfather",
];

/// Whether the word, a possessive or a plural too, names somebody of the speaker's family or household.
pub fn is_kin(text: &str) -> bool {
    let noun = text.strip_suffix("'s").unwrap_or(text);
    KIN.has(noun) || noun.strip_suffix('s').is_some_and(|n| KIN.has(n))
}

/// Whether the word belongs to grammar and talk.
pub fn is_closed(text: &str) -> bool {
    tables().is_closed(text)
}

/// Whether the word is a title.
pub fn is_title(text: &str) -> bool {
    TITLES.has(text)
}

/// Whether the word may stand inside a surname.
pub fn is_particle(text: &str) -> bool {
    PARTICLES.has(text)
}

/// Words of grammar and of the calendar that people are given as a first name.
const WORD_GIVEN: &WordSet = words![
    "will", "may", "april", "june", "august", "january", "sunday", "friday", "easter", "guy",
    "young", "long", "early",
];

/// Words of grammar and talk that are common surnames.
const WORD_SURNAMES: &WordSet = words![
    "born",
    "christmas",
    "couch",
    "darling",
    "dash",
    "day",
    "early",
    "easter",
    "friday",
    "guy",
    "january",
    "little",
    "long",
    "low",
    "may",
    "monday",
    "short",
    "small",
    "sunday",
    "will",
    "young",
];

/// Whether the word tells the listener what to do with a name: "just put Kamala", "write Lenora".
pub fn is_bidding(text: &str) -> bool {
    matches!(
        text,
        "put"
            | "write"
            | "list"
            | "say"
            | "use"
            | "type"
            | "enter"
            | "spell"
            | "try"
            | "ask"
            | "call"
    )
}

/// Whether the word, in other places grammar or a day, may begin a name.
pub fn is_word_given(text: &str) -> bool {
    WORD_GIVEN.has(text)
}

/// Whether the word, in other places grammar or talk, may be the surname after a given name.
pub fn is_word_surname(text: &str) -> bool {
    WORD_SURNAMES.has(text)
}

/// What a token can be in a name.
pub fn nameness(token: &Token) -> Nameness {
    let text = token.text.as_str();
    if token.num != Num::None && !matches!(token.num, Num::Homophone(_))
        || text.chars().nth(1).is_none()
        || !text.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'')
            && !text.chars().all(|c| c.is_alphabetic() || c == '\'')
    {
        return Nameness::None;
    }
    let tables: &Gazetteer = tables();
    let mut kinds = token.kinds();
    let base = text.strip_suffix("'s").unwrap_or(text);
    if !kinds.closed && base.len() < text.len() {
        kinds = tables.kinds(base);
    }
    if kinds.closed {
        return Nameness::None;
    }
    match (kinds.given || kinds.surname, tables.is_word_of(base, kinds)) {
        (true, false) => Nameness::Name,
        (true, true) => Nameness::Both,
        (false, false) => Nameness::Unknown,
        (false, true) => Nameness::Word,
    }
}

/// Whether a name holds what people call those whose names they do not know: "mi amor", "mija".
pub fn is_endearing(name: &str) -> bool {
    const DEAR: &WordSet = words!["amor", "mija", "mijo", "mami", "papi", "mamita"];
    name.split(' ').any(|w| DEAR.has(w))
}
