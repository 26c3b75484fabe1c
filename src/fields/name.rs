//! Names of persons: who introduces whom, bare answers to "your name?", spelled and amended forms.

use super::cue::Cue;
use super::gazetteer::{Gazetteer, tables};
use super::spell::{self, Spelled};
use super::token::{Num, Stop, Token};
use super::turn::Heard;
use super::value::title_case;

/// A name said.
#[derive(Debug, Clone, PartialEq)]
pub struct NameMention {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The name as written in records.
    pub name: String,
    /// How it was introduced.
    pub lead: Lead,
    /// It was spelled out, in part or whole.
    pub spelled: bool,
}

/// How a name was introduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// Looks like one.
    Bare,
    /// "it's", "this is", "I'm".
    Weak,
    /// "my name is".
    Strong,
}

/// Words that are never part of a name although tables know people of that name.
const NEVER: &[&str] = &[
    "christmas",
    "easter",
    "thanksgiving",
    "eve",
    "new year's",
    "hyphen",
    "dash",
    "a",
    "about",
    "actually",
    "after",
    "again",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "back",
    "be",
    "been",
    "before",
    "but",
    "by",
    "bye",
    "call",
    "called",
    "calling",
    "can",
    "car",
    "cause",
    "come",
    "could",
    "day",
    "did",
    "do",
    "does",
    "doctor",
    "dr",
    "down",
    "for",
    "from",
    "get",
    "go",
    "going",
    "gonna",
    "good",
    "got",
    "great",
    "had",
    "has",
    "have",
    "he",
    "hello",
    "help",
    "her",
    "here",
    "hey",
    "hi",
    "him",
    "his",
    "home",
    "house",
    "how",
    "i",
    "if",
    "in",
    "is",
    "it",
    "its",
    "just",
    "know",
    "last",
    "let",
    "like",
    "little",
    "looking",
    "lot",
    "made",
    "make",
    "may",
    "maybe",
    "me",
    "mister",
    "more",
    "morning",
    "mr",
    "mrs",
    "ms",
    "miss",
    "much",
    "my",
    "name",
    "need",
    "new",
    "next",
    "nice",
    "no",
    "not",
    "now",
    "number",
    "of",
    "off",
    "oh",
    "ok",
    "okay",
    "on",
    "one",
    "only",
    "or",
    "our",
    "out",
    "over",
    "please",
    "problem",
    "really",
    "right",
    "said",
    "same",
    "say",
    "see",
    "she",
    "should",
    "sir",
    "so",
    "some",
    "sorry",
    "still",
    "sure",
    "take",
    "than",
    "thank",
    "thanks",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "they",
    "thing",
    "think",
    "this",
    "time",
    "to",
    "today",
    "tomorrow",
    "too",
    "trying",
    "two",
    "um",
    "under",
    "up",
    "us",
    "very",
    "wait",
    "want",
    "was",
    "way",
    "we",
    "well",
    "were",
    "what",
    "when",
    "where",
    "which",
    "who",
    "why",
    "will",
    "with",
    "work",
    "would",
    "yeah",
    "yep",
    "yes",
    "you",
    "your",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "july",
    "september",
    "october",
    "november",
    "december",
    "spelled",
    "spelling",
    "spell",
    "ma'am",
    "address",
    "phone",
    "street",
    "avenue",
    "road",
    "born",
    "birthday",
    "and's",
    "date",
    "email",
    "first",
    "surname",
    "full",
    "double",
    "triple",
    "hundred",
    "pm",
    "ms.",
    "speaking",
    "another",
    "other",
    "cell",
    "son",
    "daughter",
    "husband",
    "wife",
    "mom",
    "dad",
    "mother",
    "father",
    "landlord",
    "patient",
    "insurance",
    "perfect",
    "correct",
    "exactly",
    "alright",
    "anyway",
    "because",
    "having",
    "getting",
    "kind",
    "kinda",
    "sort",
    "mine",
    "hold",
    "hang",
    "second",
    "minute",
    "moment",
    "sick",
    "fine",
    "late",
    "early",
    "happy",
    "guess",
    "mean",
    "mm",
    "hm",
    "huh",
    "mhm",
    "yup",
    "nope",
    "nah",
    "ya",
    "ha",
    "gosh",
    "hon",
    "ma'am's",
    "ten",
    "lemme",
    "uh-huh",
    "it's",
    "that's",
    "i'm",
    "there's",
    "what's",
    "don't",
    "can't",
    "i'll",
    "i've",
    "we're",
    "he's",
    "she's",
    "they're",
    "let's",
    "ain't",
    "won't",
    "isn't",
    "you're",
    "i'd",
    "we've",
    "who's",
    "here's",
    "near",
    "off",
];

/// Whether a word could be a name at all, and how likely: 0 no, 1 unknown word, 2 in a table but ordinary too, 3 a name.
fn nameness(token: &Token, tables: &Gazetteer) -> u8 {
    let text = token.text.as_str();
    if token.num != Num::None && !matches!(token.num, Num::Homophone(_))
        || text.chars().count() < 2
        || !text.chars().all(|c| c.is_alphabetic() || c == '\'')
        || NEVER.contains(&text)
    {
        return 0;
    }
    let base = text.strip_suffix("'s").unwrap_or(text);
    let known = tables.is_given(base) || tables.is_surname(base);
    let word = tables.is_word(base);
    match (known, word) {
        (true, false) => 3,
        (true, true) => 2,
        (false, false) => 1,
        (false, true) => 0,
    }
}

/// Whether a turn is written with capitals in the middle, so that a lower-case word is no name.
pub fn is_cased(heard: &Heard) -> bool {
    let mut sentence = true;
    let mut capitals = 0;
    for token in &heard.tokens {
        if token.upper && (!sentence || token.text == "i") {
            capitals += 1;
        }
        sentence = token.ends_clause();
    }
    capitals > 0
        || heard.tokens.first().is_some_and(|t| t.upper)
            && heard.tokens.iter().any(|t| t.stop >= Stop::Comma)
}

/// The name at `start`, if one stands there: up to four words. `expected`: a name was asked for or announced, so that unknown and
/// ordinary words may be one.
fn name_at(heard: &Heard, start: usize, expected: bool) -> Option<(usize, Vec<String>)> {
    let tables = tables();
    let cased = is_cased(heard);
    let mut at = start;
    let mut words: Vec<String> = Vec::new();
    if heard.tokens.get(at)?.any(&[
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
        "pastor",
        "father",
        "sister",
        "captain",
        "sergeant",
        "officer",
        "judge",
        "coach",
        "professor",
        "rabbi",
        "chief",
        "lieutenant",
    ]) {
        at += 1;
    }
    while words.len() < 4 {
        let Some(token) = heard.tokens.get(at) else {
            break;
        };
        if heard.taken.get(at).copied().unwrap_or(false) {
            break;
        }
        // "lindqvist hyphen moreau"
        if token.any(&["hyphen", "dash"])
            && !words.is_empty()
            && heard
                .tokens
                .get(at + 1)
                .is_some_and(|t| nameness(t, tables) >= 1)
        {
            if let (Some(last), Some(next)) = (words.last_mut(), heard.tokens.get(at + 1)) {
                last.push('-');
                last.push_str(&next.text);
            }
            at += 2;
            continue;
        }
        let glued = token.glue == Some('-') && !words.is_empty();
        let score = nameness(token, tables);
        let first = words.is_empty();
        // Letters: a middle initial inside a name, or the start of a spelling.
        if !first && token.text.chars().count() == 1 && token.text != "i" && token.text != "a" {
            let next = heard.tokens.get(at + 1);
            let initial = next
                .is_some_and(|t| nameness(t, tables) >= 2 && t.text.chars().count() > 1)
                && words.len() == 1;
            if initial {
                words.push(token.text.clone());
                at += 1;
                continue;
            }
            break;
        }
        let ends = heard.tokens.get(at + 1).is_none_or(|t| {
            NEVER.contains(&t.text.as_str()) || t.text.chars().count() == 1 || t.num != Num::None
        }) || token.stop >= Stop::Comma;
        let accept = if glued {
            true
        } else if cased && !token.upper {
            false
        } else if cased {
            score >= 1
                || expected
                    && token.text.chars().count() > 1
                    && token.num == Num::None
                    && !NEVER.contains(&token.text.as_str())
        } else if first {
            match score {
                3 => true,
                2 => expected,
                1 => expected,
                _ => false,
            }
        } else {
            match score {
                3 | 1 => true,
                2 => {
                    tables.is_surname(&token.text) && ends
                        || tables.is_given(&token.text)
                            && words.len() == 1
                            && expected
                            && !tables.is_word(&token.text)
                }
                // "de la", "van der" inside a name
                _ => {
                    matches!(
                        token.text.as_str(),
                        "de" | "la"
                            | "van"
                            | "von"
                            | "der"
                            | "den"
                            | "del"
                            | "al"
                            | "el"
                            | "st"
                            | "bin"
                            | "di"
                            | "da"
                    ) && heard
                        .tokens
                        .get(at + 1)
                        .is_some_and(|t| nameness(t, tables) >= 1)
                }
            }
        };
        if !accept {
            break;
        }
        let mut text = token.text.clone();
        let possessive = text.ends_with("'s");
        if possessive {
            text.truncate(text.len() - 2);
        }
        if glued {
            if let Some(last) = words.last_mut() {
                last.push('-');
                last.push_str(&text);
            }
        } else {
            words.push(text);
        }
        at += 1;
        let next_glued = heard.tokens.get(at).is_some_and(|t| t.glue == Some('-'));
        if possessive || token.stop >= Stop::Comma && !next_glued {
            break;
        }
    }
    if words.last().is_some_and(|w| w.chars().count() == 1) {
        words.pop();
        at -= 1;
    }
    // A lone unknown word in lower-case text is a name only where one is expected.
    (!words.is_empty()).then_some((at, words))
}

fn finish(words: &[String]) -> String {
    title_case(&words.join(" "))
}

/// The names in a turn. `expected`: a name was asked for.
pub fn mentions(heard: &Heard, expected: bool) -> Vec<NameMention> {
    let mut out: Vec<NameMention> = Vec::new();
    let n = heard.tokens.len();
    let mut leads: Vec<(usize, Lead)> = Vec::new();
    for hit in heard.hits.cue(Cue::SelfName) {
        let words = heard.tokens.get(hit.start..hit.end).unwrap_or_default();
        let strong = words
            .iter()
            .any(|t| t.any(&["name", "names", "name's", "under"]));
        leads.push((hit.end, if strong { Lead::Strong } else { Lead::Weak }));
    }
    // "my daughter Ellie Novak"
    for hit in heard.hits.cue(Cue::Other) {
        if matches!(heard.word(hit.start.wrapping_sub(1)), "my" | "our")
            && tables().is_given(heard.word(hit.end))
            && !tables().is_word(heard.word(hit.end))
        {
            leads.push((hit.end, Lead::Weak));
        }
    }
    leads.sort();
    leads.dedup_by(|b, a| {
        let same = a.0 == b.0;
        if same {
            a.1 = a.1.max(b.1);
        }
        same
    });
    for (at, lead) in leads {
        if out.iter().any(|m| m.start <= at && at < m.end) {
            continue;
        }
        if heard.hits.cue(Cue::Negation).any(|h| h.end == at) {
            continue;
        }
        let at_name = if lead == Lead::Strong && heard.word(at) == "is" {
            at + 1
        } else {
            at
        };
        // "I'm her mother Rubina": the relation stands between.
        let mut at_name = at_name;
        if matches!(heard.word(at_name), "her" | "his" | "their" | "the")
            && heard.hits.at(Cue::Other, at_name + 1).is_some()
        {
            at_name += 2;
        }
        let this = matches!(heard.word(at_name.wrapping_sub(1)), "is")
            && matches!(heard.word(at_name.wrapping_sub(2)), "this" | "name");
        if let Some((end, words)) =
            name_at(heard, at_name, lead == Lead::Strong || expected || this)
        {
            // A second "it's" in one breath is rarely a second name.
            if lead == Lead::Weak && !out.is_empty() {
                continue;
            }
            if lead == Lead::Weak && !expected && !introduces(heard, at_name, end, &words) {
                continue;
            }
            out.push(NameMention {
                start: at_name,
                end,
                name: finish(&words),
                lead,
                spelled: false,
            });
        }
    }
    // "Boris Melnyk speaking", "Maria here": the name comes first.
    for at in 0..n {
        if heard.tokens[at].any(&["speaking", "here", "calling"]) && at > 0 {
            for start in at.saturating_sub(3)..at {
                if out.iter().any(|m| m.start <= start && start < m.end) {
                    break;
                }
                if let Some((end, words)) = name_at(heard, start, false)
                    && end == at
                    && tables().is_given(&words[0])
                    && start <= 3
                {
                    out.push(NameMention {
                        start,
                        end,
                        name: finish(&words),
                        lead: Lead::Weak,
                        spelled: false,
                    });
                    break;
                }
            }
        }
    }
    if expected {
        bare_answer(heard, &mut out);
    }
    // "Dutton, first name Wyatt": the surname came first.
    if expected
        && let [only] = out.as_mut_slice()
        && heard.word(only.start.wrapping_sub(2)) == "first"
        && !only.name.contains(' ')
        && let Some(start) = (0..only.start).find(|i| nameness(&heard.tokens[*i], tables()) >= 1)
        && start <= 3
        && let Some((_, words)) = name_at(heard, start, true)
        && words.len() == 1
    {
        only.name = format!("{} {}", only.name, finish(&words));
        only.start = start;
    }
    for mention in &mut out {
        // "O'Malley, Patrick O'Malley"
        let words: Vec<&str> = mention.name.split(' ').collect();
        if words.len() == 3 && words[0] == words[2] {
            mention.name = words[1..].join(" ");
        }
    }
    out.sort_by_key(|m| m.start);
    out
}

/// The name that stands after a repair cue, at `at`.
pub fn after_repair(heard: &Heard, at: usize) -> Option<NameMention> {
    let (end, words) = name_at(heard, at, true)?;
    Some(NameMention {
        start: at,
        end,
        name: finish(&words),
        lead: Lead::Strong,
        spelled: false,
    })
}

/// "this is", "I'm" introduce a person only if what follows is one: a known given name, or capitalised, and no trade or town.
fn introduces(heard: &Heard, start: usize, end: usize, words: &[String]) -> bool {
    let tables = tables();
    let Some(first) = words.first() else {
        return false;
    };
    let upper = heard.tokens.get(start).is_some_and(|t| t.upper) && is_cased(heard);
    let given = tables.is_given(first);
    let plain = !tables.is_word(first);
    if given && (plain || upper) {
        return true;
    }
    let followed = heard.tokens.get(end).is_some_and(|t| {
        t.any(&[
            "calling", "from", "with", "over", "at", "here", "speaking", "again", "and",
        ])
    }) || heard
        .tokens
        .get(end - 1)
        .is_some_and(|t| t.stop >= Stop::Comma)
        || end == heard.tokens.len();
    let lead = heard.word(start.saturating_sub(1));
    // "i'm <unknown>" is as likely a participle the tables lack; "this is <unknown unknown>" is a person or a firm.
    let verb = first.ends_with("ing") || first.ends_with("ed");
    !verb
        && followed
        && (upper
            || plain && (lead == "is" || lead == "this")
            || given && words.len() >= 2 && tables.is_surname(&words[1]))
}

/// A name said in answer to a question: at the head of the turn after the usual lead-ins.
fn bare_answer(heard: &Heard, out: &mut Vec<NameMention>) {
    const LEAD: &[&str] = &[
        "you've",
        "got",
        "tell",
        "them",
        "with",
        "probably",
        "everybody",
        "calls",
        "down",
        "can",
        "her",
        "his",
        "their",
        "i",
        "am",
        "mom",
        "dad",
        "mother",
        "father",
        "wife",
        "husband",
        "daughter",
        "son",
        "grandmother",
        "grandfather",
        "grandma",
        "grandpa",
        "sister",
        "brother",
        "aunt",
        "uncle",
        "go",
        "by",
        "use",
        "say",
        "guess",
        "yes",
        "yeah",
        "sure",
        "it's",
        "its",
        "it",
        "is",
        "that's",
        "that",
        "would",
        "be",
        "uh",
        "um",
        "okay",
        "ok",
        "oh",
        "well",
        "so",
        "ma'am",
        "sir",
        "the",
        "first",
        "last",
        "name",
        "name's",
        "and",
        "hi",
        "of",
        "course",
        "absolutely",
        "yep",
        "this",
        "i'm",
        "under",
        "you",
        "can",
        "call",
        "me",
        "my",
        "um",
        "mr",
        "mrs",
        "ms",
        "miss",
        "actually",
        "patient",
        "her",
        "his",
        "full",
        "just",
        "no",
        "problem",
        "put",
        "please",
        "under",
    ];
    if out.iter().any(|m| m.lead >= Lead::Weak && m.start <= 8) {
        return;
    }
    let mut at = 0;
    while at < heard.tokens.len() && at < 8 && LEAD.contains(&heard.word(at)) && !heard.taken[at] {
        at += 1;
    }
    if let Some((end, words)) = name_at(heard, at, true) {
        let tables = tables();
        let known = words
            .iter()
            .any(|w| tables.is_given(w) || tables.is_surname(w));
        let followed_by_letters = spell::spelled(heard)
            .iter()
            .any(|s| s.start >= end && s.start <= end + 3);
        let whole = end >= heard.tokens.len()
            || heard.tokens[end - 1].stop >= Stop::Comma
            || heard
                .tokens
                .get(end)
                .is_some_and(|t| NEVER.contains(&t.text.as_str()) || t.num != Num::None);
        // An ordinary word alone ("plumber") needs to be a name too; unknown words count when they fill the answer.
        if known || followed_by_letters || whole && words.iter().all(|w| !tables.is_word(w)) {
            out.push(NameMention {
                start: at,
                end,
                name: finish(&words),
                lead: Lead::Bare,
                spelled: false,
            });
        }
    }
}

/// Puts a spelled word where it belongs in a name: in place of the part it resembles, else as the part asked for.
pub fn with_spelling(name: Option<&str>, spelled: &Spelled, surname: bool) -> String {
    let word = title_case(&spelled.word);
    let Some(name) = name else { return word };
    let parts: Vec<&str> = name.split(' ').collect();
    // Given name and surname spelled in one go: the letters are cut where both halves fit best.
    if let [given, last] = parts.as_slice()
        && spelled.word.is_ascii()
        && spelled.word.len() + 3 >= given.len() + last.len()
        && spelled.word.len() > given.len().max(last.len()) + 2
    {
        let fit = |i: usize| {
            strsim::jaro_winkler(&spelled.word[..i], &given.to_lowercase())
                + strsim::jaro_winkler(&spelled.word[i..], &last.to_lowercase())
        };
        if let Some(cut) = (2..spelled.word.len() - 1).max_by(|a, b| fit(*a).total_cmp(&fit(*b)))
            && fit(cut) > 1.6
        {
            return format!(
                "{} {}",
                title_case(&spelled.word[..cut]),
                title_case(&spelled.word[cut..])
            );
        }
    }
    let likeness = |part: &str| {
        let part = part.to_lowercase();
        let same_start = part.chars().next() == spelled.word.chars().next();
        strsim::jaro_winkler(&part, &spelled.word) + if same_start { 0.1 } else { 0.0 }
    };
    let best = parts
        .iter()
        .enumerate()
        .map(|(i, p)| (i, likeness(p)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match best {
        Some((i, score)) if score >= 0.72 => {
            let mut out: Vec<&str> = parts.clone();
            out[i] = &word;
            out.join(" ")
        }
        _ if parts.len() == 1 => format!("{name} {word}"),
        _ if surname => {
            let mut out = parts.clone();
            if let Some(last) = out.last_mut() {
                *last = &word;
            }
            out.join(" ")
        }
        _ => name.to_owned(),
    }
}
