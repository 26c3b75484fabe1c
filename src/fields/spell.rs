//! Spelled words: letters one by one, "B as in boy", "double L", and the amendments people make instead ("Clark with an E").

use super::name::word::{Nameness, nameness};
use super::token::{Num, Stop};
use super::turn::{Heard, Speaker};
use crate::fields::word_set::{WordSet, words};

/// A word spelled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelled {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The word.
    pub word: String,
    /// Letters were explained ("as in").
    pub explained: bool,
}

/// The letter a token names, `loose` also by the words that letters sound like.
pub(in crate::fields) fn letter(text: &str, loose: bool) -> Option<char> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return c.is_ascii_lowercase().then_some(c);
    }
    if !loose {
        return None;
    }
    Some(match text.as_bytes() {
        b"ay" => 'a',
        b"bee" | b"be" => 'b',
        b"see" | b"sea" | b"cee" => 'c',
        b"dee" => 'd',
        b"ee" => 'e',
        b"eff" | b"ef" => 'f',
        b"gee" | b"jee" => 'g',
        b"aitch" | b"haitch" => 'h',
        b"eye" => 'i',
        b"jay" => 'j',
        b"kay" => 'k',
        b"el" | b"ell" => 'l',
        b"em" => 'm',
        b"en" => 'n',
        b"oh" => 'o',
        b"pea" | b"pee" => 'p',
        b"queue" | b"cue" => 'q',
        b"are" | b"ar" => 'r',
        b"ess" | b"es" => 's',
        b"tea" | b"tee" => 't',
        b"you" => 'u',
        b"vee" => 'v',
        b"ex" => 'x',
        b"why" => 'y',
        b"zee" | b"zed" => 'z',
        _ => return None,
    })
}

/// One letter item at `at`: the letters it stands for, the tokens it uses, whether it is explained.
pub(in crate::fields) fn item(
    heard: &Heard,
    at: usize,
    loose: bool,
) -> Option<(String, usize, bool)> {
    let word = heard.word(at);
    if word == "apostrophe" {
        return Some(("'".to_owned(), 1, false));
    }
    if matches!(word, "two" | "2")
        && heard.word(at + 1).ends_with('s')
        && heard.word(at + 1).len() > 1
    {
        return None;
    }
    // "Is that one L or two?" "Two. C-O-G ...": a count at the head of the letters doubles nothing.
    let counts = matches!(word, "two" | "2")
        && at > 0
        && heard.word(at - 1).len() == 1
        && heard.tokens[at].stop < Stop::Comma;
    if word == "double" || counts {
        let next = heard.word(at + 1);
        let bare = next
            .strip_suffix("'s")
            .or_else(|| next.strip_suffix('s').filter(|b| b.len() == 1))
            .unwrap_or(next);
        if word == "double" && bare == "u" && !matches!(heard.word(at + 2), "as") {
            return Some(("w".to_owned(), 2, false));
        }
        let c = letter(bare, true)?;
        return Some((format!("{c}{c}"), 2, false));
    }
    let explained = |i: usize| {
        matches!(heard.word(i), "as" if heard.word(i + 1) == "in")
            || matches!(heard.word(i), "like" | "for")
                && heard.word(i + 1).chars().next() == heard.word(at).chars().next()
                && heard.word(i + 1).len() > 2
    };
    let c = letter(word, loose)?;
    if explained(at + 1) {
        let used = if heard.word(at + 1) == "as" { 4 } else { 3 };
        if at + used <= heard.tokens.len() {
            // The example settles the letter where they differ ("b as in victor" is a v): the ear errs, the example does not.
            let example = heard
                .word(at + used - 1)
                .chars()
                .next()
                .filter(char::is_ascii_lowercase);
            return Some((example.unwrap_or(c).to_string(), used, true));
        }
    }
    Some((c.to_string(), 1, false))
}

/// Words that are said as letters and spell no name.
const ABBREVIATIONS: &WordSet = words![
    "hoa", "llc", "dui", "dwi", "dmv", "irs", "ups", "usps", "hvac", "fmla", "cps", "ssi", "hud",
    "osha", "eeoc", "hmo", "ppo", "pcp", "mri", "obgyn", "aarp", "usaa", "ada", "nda", "gfci",
    "adhd", "ptsd", "uti", "iep", "poa", "atm", "suv", "rsv", "ehr",
];

/// Verbs after which an "i" is the speaker and no letter.
const SELF_VERBS: &WordSet = words![
    "was", "am", "have", "had", "need", "want", "wanted", "live", "called", "think", "would",
    "can", "could", "just", "got", "will", "do", "don't", "know", "work", "wanna", "hurt",
    "slipped", "fell",
];

/// The spelled words of a turn. At least three letters, or two where one is explained.
pub fn spelled(heard: &Heard) -> Vec<Spelled> {
    let mut out = Vec::new();
    let n = heard.tokens.len();
    let mut at = 0;
    while at < n {
        // A run begins with a plain letter; sound-alikes count only inside it.
        let first = heard.word(at);
        // "with a y b y r o n": the amendment's letter is not the first of the spelling.
        if first.len() == 1
            && (heard.any(at.wrapping_sub(1), words!["with"])
                || heard.any(at.wrapping_sub(1), words!["no"])
                    && heard.tokens[at].stop >= Stop::Comma
                || matches!(heard.word(at.wrapping_sub(1)), "a" | "an")
                    && heard.word(at.wrapping_sub(2)) == "with")
        {
            at += 1;
            continue;
        }
        let strict = letter(first, false).is_some() || first == "double";
        let Some((mut word, used, mut explained)) =
            strict.then(|| item(heard, at, false)).flatten()
        else {
            at += 1;
            continue;
        };
        let mut end = at + used;
        let mut letters = 1;
        while end < n {
            let next = &heard.tokens[end];
            if heard.tokens[end - 1].ends_clause()
                && next.glue.is_none()
                && heard.tokens[end - 1].text.len() > 1
            {
                break;
            }
            // "T-H-U-Y, N-G-U-Y-E-N": letters in groups are words of their own.
            let grouped = heard.tokens[end - 1].stop == Stop::Comma
                && next.glue.is_none()
                && letters >= 2
                && heard.tokens[end - 1].glue == Some('-')
                && heard
                    .tokens
                    .get(end + 1)
                    .is_some_and(|t| t.glue == Some('-'));
            if grouped {
                break;
            }
            let loose = next.text.len() > 1 && loose_fits(heard, end, letters);
            match item(heard, end, loose) {
                Some((more, used, why)) => {
                    // "... b e a u x i was calling": the caller speaks of himself again.
                    if next.text == "i"
                        && next.glue.is_none()
                        && letters >= 3
                        && heard.any(end + 1, SELF_VERBS)
                    {
                        break;
                    }
                    // "a" and "i" as words end a run unless letters follow.
                    if matches!(next.text.as_str(), "a" | "i")
                        && end + 1 < n
                        && letter(heard.word(end + 1), false).is_none()
                        && next.glue.is_none()
                        && !why
                        && heard.word(end + 1) != "double"
                        && letters < 2
                    {
                        break;
                    }
                    word.push_str(&more);
                    end += used;
                    letters += 1;
                    explained |= why;
                }
                None => break,
            }
        }
        // "j m c a f e e five zero", "p d e s a i at": a mail name or a code, no name.
        let coded = heard.tokens.get(end).is_some_and(|t| {
            matches!(
                t.num,
                Num::Digit(_) | Num::Teen(_) | Num::Tens(_) | Num::Literal
            ) && heard.tokens[end - 1].stop < Stop::Comma
                || t.is("at") && heard.tokens[end..].iter().take(8).any(|t| t.is("dot"))
        });
        if coded && (heard.speaker == Speaker::Agent || heard.word(end) == "at") {
            at = end;
            continue;
        }
        if !explained && ABBREVIATIONS.has(word.as_str()) {
            at = end;
            continue;
        }
        if letters >= 3 || explained && letters >= 2 {
            out.push(Spelled {
                start: at,
                end,
                word,
                explained,
            });
            at = end;
        } else {
            at += 1;
        }
    }
    out
}

/// The letters of a turn that is nothing but letters, however few: a breath of a longer spelling.
pub fn only_letters(heard: &Heard) -> Option<Spelled> {
    const LEAD: &WordSet = words![
        "it's", "that's", "yeah", "yes", "okay", "ok", "so", "and", "then", "sure", "capital",
        "oh", "well", "no", "just", "is", "it", "spelled",
    ];
    let n = heard.tokens.len();
    let mut at = 0;
    while at < n && heard.any(at, LEAD) {
        at += 1;
    }
    let start = at;
    let mut word = String::new();
    let mut explained = false;
    while at < n {
        let loose = !word.is_empty() && heard.word(at).len() > 1;
        let (letters, used, why) = item(heard, at, loose)?;
        word.push_str(&letters);
        explained |= why;
        at += used;
    }
    (!word.is_empty()).then_some(Spelled {
        start,
        end: n,
        word,
        explained,
    })
}

/// Whether a sound-alike word is a letter here: letters stand on both sides, or the run goes on to the end of the turn.
fn loose_fits(heard: &Heard, at: usize, letters: usize) -> bool {
    let before = letters >= 1;
    let after = heard.tokens.get(at + 1).is_none_or(|t| {
        t.text.len() == 1 && !matches!(t.text.as_str(), "i" | "a")
            || letter(&t.text, true).is_some()
                && heard.tokens.get(at + 2).is_none_or(|u| u.text.len() == 1)
    });
    before && letters >= 2 && after
}

/// Applies an amendment to the last word of a name: "with an e [on the end]", "with a k", "with two l's", "no h".
/// `part`: which of its words is meant, where the other side has just named one.
pub fn amend(
    name: &str,
    heard: &Heard,
    from: usize,
    part: Option<usize>,
) -> Option<(String, usize, usize)> {
    let n = heard.tokens.len();
    for at in from..n {
        let word = heard.word(at);
        let (with, mut i) = match word {
            "with" => (true, at + 1),
            "extra" => (true, at),
            "without" | "no" => (false, at + 1),
            _ => continue,
        };
        let mut double = false;
        if word == "extra" {
            i = at + 1;
        }
        match heard.word(i) {
            "a" | "an" | "the" => i += 1,
            "two" | "double" | "2" => {
                double = true;
                i += 1;
            }
            _ => {}
        }
        let text = heard.word(i);
        let bare = text
            .strip_suffix("'s")
            .or_else(|| text.strip_suffix('s').filter(|b| b.len() == 1))
            .unwrap_or(text);
        let Some(c) = letter(
            bare,
            bare.len() > 1 && text != "see" && text != "you" && text != "are",
        ) else {
            continue;
        };
        if letter(heard.word(i + 1), false).is_some()
            && heard.word(i + 1) != "a"
            && heard.word(i + 1) != "i"
        {
            continue;
        }
        // "No, oh seven": a digit put right, no letter.
        if word == "no" && heard.tokens.get(i + 1).is_some_and(|t| t.num != Num::None) {
            continue;
        }
        // "Lukas with a k", said of somebody else than the one whose name is held.
        let of_another = word == "with"
            && at
                .checked_sub(1)
                .map(|i| &heard.tokens[i])
                .is_some_and(|t| nameness(t) >= Nameness::Unknown && !is_like_part(name, &t.text));
        if of_another {
            continue;
        }
        // "No, I don't": no letter.
        if word == "no" && matches!(text, "i" | "a") && i + 1 < n {
            continue;
        }
        let words: Vec<&str> = name.split(' ').collect();
        let meant = part.unwrap_or(words.len() - 1).min(words.len() - 1);
        let lower = words[meant].to_lowercase();
        let at_end = matches!(
            (heard.word(i + 1), heard.word(i + 2), heard.word(i + 3)),
            ("on" | "at", "the", "end") | ("at", "end", _)
        ) || heard.word(i + 1) == "end";
        // "Tomasz Wrobel, with a z at the end"; "Pembrook, no e at the end": the name is so already.
        let ends = |w: &&str| w.to_lowercase().ends_with(c);
        if at_end && !double && (with && words.iter().any(ends) || !with && !ends(&words[meant])) {
            return None;
        }
        let changed = change(&lower, c, with, double, at_end)?;
        // "Brandi Sorensen with an I": the part that ends so already is meant, unless the change makes a surname of the other.
        let told = part.is_none()
            && with
            && !double
            && !at_end
            && words[..words.len() - 1]
                .iter()
                .any(|w| w.to_lowercase().ends_with(c) || w.to_lowercase().starts_with(c))
            && !super::gazetteer::tables().is_surname(&changed);
        if told {
            return None;
        }
        let end = if at_end { (i + 4).min(n) } else { i + 1 };
        let joined = words
            .iter()
            .enumerate()
            .map(|(i, w)| {
                if i == meant {
                    super::value::title_case(&changed)
                } else {
                    (*w).to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join(" ");
        return Some((joined, at, end));
    }
    None
}

/// Whether the word sounds like a part of the name.
fn is_like_part(name: &str, word: &str) -> bool {
    name.split([' ', '-'])
        .any(|part| strsim::jaro_winkler(&part.to_lowercase(), word) >= 0.6)
}

fn change(word: &str, c: char, with: bool, double: bool, at_end: bool) -> Option<String> {
    if double {
        // "two l's": the single letter becomes two.
        let at = word.rfind(c)?;
        return (!word.contains(&format!("{c}{c}")))
            .then(|| format!("{}{c}{}", &word[..at], &word[at..]));
    }
    if !with {
        let at = word.rfind(c)?;
        return Some(format!("{}{}", &word[..at], &word[at + 1..]));
    }
    if at_end {
        return (!word.ends_with(c)).then(|| format!("{word}{c}"));
    }
    // A letter that stands for the same sound takes its place: "Kathryn with a C".
    if word.contains(c) && c != 'e' {
        // It is there already.
        return None;
    }
    const ALIKE: &[(char, &str)] = &[
        ('c', "k"),
        ('k', "c"),
        ('s', "cz"),
        ('z', "s"),
        ('j', "g"),
        ('g', "j"),
        ('y', "i"),
        ('i', "ye"),
        ('f', "p"),
        ('x', "c"),
    ];
    if let Some((_, others)) = ALIKE.iter().find(|(l, _)| *l == c) {
        if word.starts_with(c) {
            return None;
        }
        if let Some(first) = word.chars().next()
            && others.contains(first)
        {
            // "Chris with a K" is Kris.
            let rest = &word[1..];
            let rest = rest.strip_prefix('h').filter(|_| c == 'k').unwrap_or(rest);
            return Some(format!("{c}{rest}"));
        }
        if let Some(at) = word.rfind(|w| others.contains(w)) {
            return Some(format!("{}{c}{}", &word[..at], &word[at + 1..]));
        }
    }
    // "Green with an e" is Greene, "Allen with an e" is Allen.
    if c == 'e' && !word.ends_with('e') {
        let longer = format!("{word}e");
        let tables = super::gazetteer::tables();
        let known = tables.is_surname(&longer) || tables.is_given(&longer);
        return (known || !word.contains('e')).then_some(longer);
    }
    None
}
