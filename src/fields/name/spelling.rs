//! A spelled word put where it belongs in a name.

use crate::fields::spell::Spelled;
use crate::fields::value::title_case;

/// Puts a spelled word where it belongs in a name: in place of the part it resembles, else as the part asked for.
pub fn with_spelling(name: Option<&str>, spelled: &Spelled, surname: bool) -> String {
    let word = title_case(&spelled.word);
    let Some(name) = name else { return word };
    let parts: Vec<&str> = name.split(' ').collect();
    // Letters have no accents; the name written with them stays. A beginning of a longer word spells no more than that.
    let same = |p: &str| {
        plain(p) == spelled.word || {
            let p = plain(p);
            p.starts_with(&spelled.word) && p.len() >= spelled.word.len() + 2
        }
    };
    if parts.iter().any(|p| p.split('-').any(same)) {
        return name.to_owned();
    }
    // "With two n's and then e l i s e": the rest of a name whose beginning was told otherwise.
    if spelled.word.chars().count() >= 4
        && parts.iter().any(|p| {
            let p = plain(p);
            p.ends_with(&spelled.word) && p.len() >= spelled.word.len() + 2
        })
    {
        return name.to_owned();
    }
    if let Some(fixed) = with_ending(&parts, &spelled.word) {
        return fixed;
    }
    if let Some(joined) = with_joined(&parts, spelled, &word) {
        return joined;
    }
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
    // "Sung Min, S-U-N-G, M-I-N": two names spelled one after the other.
    let two = |w: &[&str]| plain(w[0]) + &plain(w[1]) == spelled.word;
    if parts.windows(2).any(two) {
        return name.to_owned();
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

/// "H-A-L-V-O-R-S-E-N?" "O-R-S-O-N": the letters put the ending of a part right that begins alike and is longer than they are.
fn with_ending(parts: &[&str], word: &str) -> Option<String> {
    let n = word.chars().count();
    let (at, kept) = parts.iter().enumerate().find_map(|(at, part)| {
        let lower = plain(part);
        let kept = lower.chars().count().checked_sub(n).filter(|k| *k >= 2)?;
        let ending: String = lower.chars().skip(kept).collect();
        let differs = ending
            .chars()
            .zip(word.chars())
            .filter(|(a, b)| a != b)
            .count();
        let alike = ending.chars().next() == word.chars().next() && n >= 3 && differs <= n / 3;
        alike.then_some((at, kept))
    })?;
    let stem: String = plain(parts[at]).chars().take(kept).collect();
    let fixed = title_case(&format!("{stem}{word}"));
    let mut out = parts.to_vec();
    out[at] = &fixed;
    Some(out.join(" "))
}

/// "Cho Vanek, C-H-O-V-A-N-E-K": one name that the recogniser wrote as two words. A given name before the letters' own is none of them.
fn with_joined(parts: &[&str], spelled: &Spelled, word: &str) -> Option<String> {
    let whole: Vec<String> = parts.iter().map(|p| plain(p)).collect();
    let (from, to, score) = (0..parts.len())
        .flat_map(|from| (from + 2..=parts.len()).map(move |to| (from, to)))
        .filter(|(from, to)| {
            // "Craig Hollister" spelled in one go is two names.
            let given =
                crate::fields::gazetteer::tables().is_given(&whole[0]) && whole[0].len() >= 3;
            !(*from == 0 && (given && to - from == 2 || *to == parts.len()))
        })
        .map(|(from, to)| {
            let joined = whole[from..to].concat();
            (from, to, strsim::jaro_winkler(&joined, &spelled.word))
        })
        .max_by(|a, b| a.2.total_cmp(&b.2))?;
    let best_single = whole
        .iter()
        .map(|p| strsim::jaro_winkler(p, &spelled.word))
        .fold(0.0, f64::max);
    if score < 0.9 || score <= best_single {
        return None;
    }
    // "Tau Fa Ow, T-A-U-F-A": a last piece that the letters do without.
    let to = whole
        .get(to)
        .filter(|p| p.len() <= 3 && !crate::fields::gazetteer::tables().is_surname(p))
        .map_or(to, |_| to + 1);
    let mut out: Vec<&str> = parts[..from].to_vec();
    out.push(word);
    out.extend(&parts[to..]);
    Some(out.join(" "))
}

/// Lower case without accents and apostrophes.
fn plain(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter(|c| *c != '\'')
        .map(|c| match c {
            '\u{e0}'..='\u{e5}' => 'a',
            '\u{e7}' => 'c',
            '\u{e8}'..='\u{eb}' => 'e',
            '\u{ec}'..='\u{ef}' => 'i',
            '\u{f1}' => 'n',
            '\u{f2}'..='\u{f6}' | '\u{f8}' => 'o',
            '\u{f9}'..='\u{fc}' => 'u',
            '\u{fd}' | '\u{ff}' => 'y',
            c => c,
        })
        .collect()
}
