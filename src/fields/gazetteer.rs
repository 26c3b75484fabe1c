//! The tables of names that recognisers look words up in. Compiled in; loaded once, when the first vertical is built.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::token::Token;

/// The tables.
pub struct Gazetteer {
    /// Every word of the lists that most words of a call are looked up in.
    kinds: FxHashMap<&'static str, Kinds>,
    suffixes: FxHashMap<&'static str, &'static str>,
    states: FxHashMap<&'static str, &'static str>,
    codes: FxHashSet<String>,
    cities: FxHashSet<&'static str>,
    /// The first word of each.
    city_heads: FxHashSet<&'static str>,
    city_states: FxHashMap<&'static str, &'static str>,
    insurers: FxHashSet<&'static str>,
    companies: FxHashSet<&'static str>,
    firm: FxHashSet<&'static str>,
}

/// Lists that a word is in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kinds {
    /// A common given name.
    pub given: bool,
    /// A common surname.
    pub surname: bool,
    /// A word that is never part of a person's name.
    pub closed: bool,
    /// A word of the language, as the list has it.
    word: bool,
}

static TABLES: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::load);

/// The tables, loaded on first use; building a vertical uses them, so that no call waits for it.
pub fn tables() -> &'static Gazetteer {
    &TABLES
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
}

impl Gazetteer {
    fn load() -> Self {
        let mut suffixes = FxHashMap::default();
        for line in lines(include_str!("data/suffixes.txt")) {
            if let Some((name, aliases)) = line.split_once(':') {
                suffixes.insert(name, name);
                for alias in aliases.split_whitespace() {
                    suffixes.insert(alias, name);
                }
            }
        }
        let mut states = FxHashMap::default();
        for line in lines(include_str!("data/states.txt")) {
            if let Some((code, name)) = line.split_once(' ') {
                states.insert(name, code);
            }
        }
        let mut city_states = FxHashMap::default();
        for line in lines(include_str!("data/city_states.txt")) {
            if let Some((code, names)) = line.split_once(' ') {
                city_states.extend(names.split(',').map(|name| (name.trim(), code)));
            }
        }
        let mut kinds: FxHashMap<&str, Kinds> = FxHashMap::default();
        let mut mark = |text, mark: fn(&mut Kinds)| {
            for line in lines(text) {
                mark(kinds.entry(line).or_default());
            }
        };
        mark(include_str!("data/words.txt"), |k| k.word = true);
        mark(include_str!("data/given_names.txt"), |k| k.given = true);
        mark(include_str!("data/surnames.txt"), |k| k.surname = true);
        mark(include_str!("data/closed_words.txt"), |k| k.closed = true);
        let codes = states.values().map(|c| c.to_lowercase()).collect();
        Self {
            kinds,
            suffixes,
            states,
            codes,
            cities: lines(include_str!("data/cities.txt")).collect(),
            city_heads: lines(include_str!("data/cities.txt"))
                .filter_map(|l| l.split(' ').next())
                .collect(),
            city_states,
            insurers: lines(include_str!("data/insurers.txt")).collect(),
            companies: lines(include_str!("data/companies.txt")).collect(),
            firm: lines(include_str!("data/firm_words.txt")).collect(),
        }
    }

    /// All at once of what follows.
    pub fn kinds(&self, word: &str) -> Kinds {
        self.kinds.get(word).copied().unwrap_or_default()
    }

    /// A common given name.
    pub fn is_given(&self, word: &str) -> bool {
        self.kinds(word).given
    }

    /// A common surname.
    pub fn is_surname(&self, word: &str) -> bool {
        self.kinds(word).surname
    }

    /// A word that is never part of a person's name.
    pub fn is_closed(&self, word: &str) -> bool {
        self.kinds(word).closed
    }

    /// A word that ends or fills the name of a firm, of one or of several.
    pub fn is_firm_word(&self, word: &str) -> bool {
        self.firm.contains(word)
            || word
                .strip_suffix('s')
                .is_some_and(|one| one.len() >= 4 && self.firm.contains(one))
    }

    /// An ordinary English word, inflected or not.
    pub fn is_word(&self, word: &str) -> bool {
        self.is_word_of(word, self.kinds(word))
    }

    /// The same of a word whose kinds are known.
    pub fn is_word_of(&self, word: &str, kinds: Kinds) -> bool {
        if kinds.word {
            return true;
        }
        let listed = |word: &str| self.kinds(word).word;
        const ENDINGS: [(&str, &[&str]); 12] = [
            ("n't", &["", "n"]),
            ("'s", &[""]),
            ("'re", &[""]),
            ("'ve", &[""]),
            ("'ll", &[""]),
            ("ies", &["y"]),
            ("es", &["", "e"]),
            ("s", &[""]),
            ("ed", &["", "e"]),
            ("ing", &["", "e"]),
            ("ly", &["", "le"]),
            ("er", &["", "e"]),
        ];
        for (ending, bases) in ENDINGS {
            if let Some(stem) = word.strip_suffix(ending)
                && stem.len() >= 2
            {
                for base in bases {
                    if base.is_empty() && listed(stem) {
                        return true;
                    }
                    if !base.is_empty() && listed(&format!("{stem}{base}")) {
                        return true;
                    }
                }
                let doubled = stem.len() >= 3
                    && stem.as_bytes().last() == stem.as_bytes().get(stem.len() - 2);
                if doubled && stem.is_ascii() && listed(&stem[..stem.len() - 1]) {
                    return true;
                }
            }
        }
        false
    }

    /// The street type a word stands for, written out: "st" is "street".
    pub fn suffix(&self, word: &str) -> Option<&'static str> {
        self.suffixes.get(word).copied()
    }

    /// The state named at `at`: its code and the tokens used. Two-letter codes count only where `codes` says so ("in", "or", "me").
    pub fn state(&self, tokens: &[Token], at: usize, codes: bool) -> Option<(String, usize)> {
        let mut name = String::new();
        let mut found = None;
        for used in 1..=3 {
            let Some(token) = tokens.get(at + used - 1) else {
                break;
            };
            if used > 1 {
                name.push(' ');
            }
            name.push_str(&token.text);
            if let Some(code) = self.states.get(name.as_str()) {
                found = Some(((*code).to_owned(), used));
            }
        }
        if found.is_none() && codes {
            let token = tokens.get(at)?;
            if token.text.len() == 2 && self.codes.contains(&token.text) {
                return Some((token.text.to_uppercase(), 1));
            }
        }
        if found.is_none()
            && tokens.get(at).is_some_and(|t| t.any(&["d", "dc"]))
            && (tokens[at].is("dc") || tokens.get(at + 1).is_some_and(|t| t.is("c")))
        {
            return Some(("DC".to_owned(), if tokens[at].is("dc") { 1 } else { 2 }));
        }
        found
    }

    /// The number of tokens of the longest known city that starts at `at`.
    pub fn city(&self, tokens: &[Token], at: usize) -> Option<usize> {
        longest(&self.cities, tokens, at)
    }

    /// Whether any known city begins with the word.
    pub fn begins_city(&self, word: &str) -> bool {
        self.city_heads.contains(word)
    }

    /// The state of the well-known city that starts at `at`.
    pub fn city_state(&self, tokens: &[Token], at: usize) -> Option<&'static str> {
        (1..=3).rev().find_map(|used| {
            let words = tokens.get(at..at + used)?;
            let name = words
                .iter()
                .map(|t| t.text.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            self.city_states.get(name.as_str()).copied()
        })
    }

    /// The number of tokens of the longest health insurer or public plan that starts at `at`.
    pub fn insurer(&self, tokens: &[Token], at: usize) -> Option<usize> {
        longest(&self.insurers, tokens, at)
    }

    /// The number of tokens of the longest well-known company that starts at `at`.
    pub fn company(&self, tokens: &[Token], at: usize) -> Option<usize> {
        longest(&self.companies, tokens, at)
    }
}

/// The number of tokens of the longest entry that starts at `at`, four words at most, within one clause.
fn longest(entries: &FxHashSet<&'static str>, tokens: &[Token], at: usize) -> Option<usize> {
    let mut name = String::new();
    let mut found = None;
    for used in 1..=4 {
        let Some(token) = tokens.get(at + used - 1) else {
            break;
        };
        if used > 1 {
            if tokens[at + used - 2].ends_clause() {
                break;
            }
            name.push(' ');
        }
        name.push_str(&token.text);
        if entries.contains(name.as_str()) {
            found = Some(used);
        }
    }
    found
}
