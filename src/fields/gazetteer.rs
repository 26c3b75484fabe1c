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
    city_states: FxHashMap<&'static str, &'static str>,
    insurers: FxHashSet<&'static str>,
    companies: FxHashSet<&'static str>,
    firm: FxHashSet<&'static str>,
}

/// Names of several words that a word begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Begins {
    city: bool,
    state: bool,
    insurer: bool,
    company: bool,
}

/// Lists that a word is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// A common given name.
    pub given: bool,
    /// A common surname.
    pub surname: bool,
    /// A word that is never part of a person's name.
    pub closed: bool,
    /// A word of the language, as the list has it.
    word: bool,
    /// The first word of a city, a state, a company or an insurer: most words are of none, and nothing longer need be looked up.
    begins: Begins,
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
        let mut begin = |text, mark: fn(&mut Begins)| {
            for line in lines(text) {
                let head = line.split(' ').next().unwrap_or_default();
                mark(&mut kinds.entry(head).or_default().begins);
            }
        };
        begin(include_str!("data/cities.txt"), |b| b.city = true);
        begin(include_str!("data/insurers.txt"), |b| b.insurer = true);
        begin(include_str!("data/companies.txt"), |b| b.company = true);
        for name in states.keys().copied().chain(["d", "dc"]) {
            let head = name.split(' ').next().unwrap_or_default();
            kinds.entry(head).or_default().begins.state = true;
        }
        let codes = states.values().map(|c| c.to_lowercase()).collect();
        Self {
            kinds,
            suffixes,
            states,
            codes,
            cities: lines(include_str!("data/cities.txt")).collect(),
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
        let token = tokens.get(at)?;
        let mut found = None;
        if token.kinds().begins.state {
            found = self.state_in_full(tokens, at);
        }
        if found.is_none() && codes && token.text.len() == 2 && self.codes.contains(&token.text) {
            return Some((token.text.to_uppercase(), 1));
        }
        found
    }

    fn state_in_full(&self, tokens: &[Token], at: usize) -> Option<(String, usize)> {
        let mut name = String::new();
        let mut found = None;
        for (used, token) in (1..=3).zip(&tokens[at..]) {
            if used > 1 {
                name.push(' ');
            }
            name.push_str(&token.text);
            if let Some(code) = self.states.get(name.as_str()) {
                found = Some(((*code).to_owned(), used));
            }
        }
        let district = || match &tokens[at..] {
            [dc, ..] if dc.is("dc") => Some(1),
            [d, c, ..] if d.is("d") && c.is("c") => Some(2),
            _ => None,
        };
        found.or_else(|| district().map(|used| ("DC".to_owned(), used)))
    }

    /// The number of tokens of the longest known city that starts at `at`.
    pub fn city(&self, tokens: &[Token], at: usize) -> Option<usize> {
        let begins = tokens.get(at)?.kinds().begins.city;
        begins.then(|| longest(&self.cities, tokens, at)).flatten()
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
        let begins = tokens.get(at)?.kinds().begins.insurer;
        begins
            .then(|| longest(&self.insurers, tokens, at))
            .flatten()
    }

    /// The number of tokens of the longest well-known company that starts at `at`.
    pub fn company(&self, tokens: &[Token], at: usize) -> Option<usize> {
        let begins = tokens.get(at)?.kinds().begins.company;
        begins
            .then(|| longest(&self.companies, tokens, at))
            .flatten()
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
