//! Phrases to marks: one pass over a turn's tokens finds every phrase of the built-in cues and of the vertical.
//!
//! A phrase is words separated by spaces; `(a|b c)` is a choice, `[x]` and `(x)?` may be left out, `_` is any one word. Apostrophes do not count.

use rustc_hash::FxHashMap;

use super::token::Token;

/// More expansions than this in one phrase is a mistake.
const MAX_EXPANSIONS: usize = 65_536;

/// A phrase found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<M> {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What the phrase stands for.
    pub mark: M,
}

/// A phrase that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("phrase \"{phrase}\": {why}")]
pub struct PhraseError {
    /// The phrase.
    pub phrase: String,
    /// What is wrong.
    pub why: &'static str,
}

#[derive(Debug, Default, Clone)]
struct Node<M> {
    next: FxHashMap<u32, u32>,
    any: Option<u32>,
    marks: Vec<M>,
}

/// A trie over words.
#[derive(Debug, Clone)]
pub struct Lexicon<M> {
    ids: FxHashMap<String, u32>,
    nodes: Vec<Node<M>>,
}

impl<M: Copy + PartialEq> Default for Lexicon<M> {
    fn default() -> Self {
        Self {
            ids: FxHashMap::default(),
            nodes: vec![Node {
                next: FxHashMap::default(),
                any: None,
                marks: Vec::new(),
            }],
        }
    }
}

impl<M: Copy + PartialEq> Lexicon<M> {
    /// Adds a phrase.
    ///
    /// # Errors
    /// The phrase is empty, unbalanced or expands beyond all measure.
    pub fn add(&mut self, phrase: &str, mark: M) -> Result<(), PhraseError> {
        let fail = |why| PhraseError {
            phrase: phrase.to_owned(),
            why,
        };
        let lower = phrase.to_lowercase().replace(['\'', '\u{2019}'], "");
        let mut rest = lower.as_str();
        let expansions = sequence(&mut rest, 0).map_err(fail)?;
        if !rest.is_empty() {
            return Err(fail("an unmatched closing bracket"));
        }
        let mut added = false;
        for words in expansions {
            if words.is_empty() {
                continue;
            }
            added = true;
            self.insert(&words, mark);
        }
        if added {
            Ok(())
        } else {
            Err(fail("it has no words"))
        }
    }

    /// Adds a phrase, its last word also with the ending of several or of a third person: "hot tub" and "hot tubs".
    ///
    /// # Errors
    /// As [`Lexicon::add`].
    pub fn add_inflected(&mut self, phrase: &str, mark: M) -> Result<(), PhraseError> {
        self.add(phrase, mark)?;
        let lower = phrase.to_lowercase().replace(['\'', '\u{2019}'], "");
        for mut words in sequence(&mut lower.as_str(), 0).unwrap_or_default() {
            let Some(last) = words.last_mut().filter(|w| takes_s(w)) else {
                continue;
            };
            last.push('s');
            self.insert(&words, mark);
        }
        Ok(())
    }

    fn insert(&mut self, words: &[String], mark: M) {
        let mut node = 0usize;
        for word in words {
            let fresh = self.nodes.len() as u32;
            let child = if word == "_" {
                *self.nodes[node].any.get_or_insert(fresh)
            } else {
                let count = self.ids.len() as u32;
                let id = *self.ids.entry(word.clone()).or_insert(count);
                *self.nodes[node].next.entry(id).or_insert(fresh)
            };
            if child == fresh {
                self.nodes.push(Node {
                    next: FxHashMap::default(),
                    any: None,
                    marks: Vec::new(),
                });
            }
            node = child as usize;
        }
        if !self.nodes[node].marks.contains(&mark) {
            self.nodes[node].marks.push(mark);
        }
    }

    /// Every phrase in `tokens`, by start, then by end.
    pub fn find(&self, tokens: &[Token]) -> Vec<Hit<M>> {
        // A possessive matches both as written ("landlords") and without its ending ("landlord").
        let ids: Vec<[Option<u32>; 2]> = tokens
            .iter()
            .map(|t| {
                if t.text.bytes().any(|b| b == b'\'') {
                    let base = t
                        .text
                        .strip_suffix("'s")
                        .and_then(|b| self.ids.get(b))
                        .copied();
                    [self.ids.get(&t.text.replace('\'', "")).copied(), base]
                } else {
                    [self.ids.get(&t.text).copied(), None]
                }
            })
            .collect();
        let mut out = Vec::with_capacity(2 * tokens.len());
        for start in 0..tokens.len() {
            self.walk(&ids, tokens, 0, start, start, &mut out);
        }
        out
    }

    fn walk(
        &self,
        ids: &[[Option<u32>; 2]],
        tokens: &[Token],
        node: usize,
        start: usize,
        at: usize,
        out: &mut Vec<Hit<M>>,
    ) {
        let Some(both) = ids.get(at) else {
            return;
        };
        // A phrase does not run across the end of a sentence.
        if at > start && tokens[at - 1].ends_clause() {
            return;
        }
        let here = &self.nodes[node];
        let mut step = |child: u32| {
            let child = child as usize;
            for mark in &self.nodes[child].marks {
                out.push(Hit {
                    start,
                    end: at + 1,
                    mark: *mark,
                });
            }
            self.walk(ids, tokens, child, start, at + 1, out);
        };
        for id in both.iter().flatten() {
            if let Some(child) = here.next.get(id) {
                step(*child);
            }
        }
        if let Some(child) = here.any {
            step(child);
        }
    }
}

/// Whether the ending is a plain "s": short words, and those that end in one or in "y", have none or another.
fn takes_s(word: &str) -> bool {
    word.len() > 3
        && word.bytes().all(|b| b.is_ascii_lowercase())
        && !["s", "x", "z", "y", "ing", "ed", "sh", "ch"]
            .iter()
            .any(|end| word.ends_with(end))
}

type Expansions = Vec<Vec<String>>;

fn sequence(rest: &mut &str, depth: usize) -> Result<Expansions, &'static str> {
    if depth > 8 {
        return Err("brackets are nested too deep");
    }
    let mut done: Expansions = Vec::new();
    let mut current: Expansions = vec![Vec::new()];
    loop {
        *rest = rest.trim_start();
        let Some(c) = rest.chars().next() else { break };
        let options: Expansions = match c {
            ')' | ']' => break,
            '|' => {
                *rest = &rest[1..];
                done.append(&mut current);
                current = vec![Vec::new()];
                continue;
            }
            '(' | '[' => {
                *rest = &rest[1..];
                let mut inner = sequence(rest, depth + 1)?;
                let close = if c == '(' { ')' } else { ']' };
                *rest = rest.strip_prefix(close).ok_or("a bracket is not closed")?;
                let optional = rest.strip_prefix('?');
                *rest = optional.unwrap_or(rest);
                if c == '[' || optional.is_some() {
                    inner.push(Vec::new());
                }
                inner
            }
            _ => {
                let end = rest
                    .find(|c: char| c.is_whitespace() || "()[]|".contains(c))
                    .unwrap_or(rest.len());
                let word = &rest[..end];
                *rest = &rest[end..];
                // Written phrases may hold hyphens and slashes; tokens do not.
                vec![
                    word.split(['-', '/', ',', '.', '?', '!'])
                        .filter(|w| !w.is_empty())
                        .map(str::to_owned)
                        .collect(),
                ]
            }
        };
        if current.len() * options.len() > MAX_EXPANSIONS {
            return Err("it expands to too many phrases");
        }
        current = current
            .iter()
            .flat_map(|head| {
                options.iter().map(move |tail| {
                    let mut both = head.clone();
                    both.extend(tail.iter().cloned());
                    both
                })
            })
            .collect();
    }
    done.append(&mut current);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::super::token::of;
    use super::*;

    #[test]
    fn choices_options_and_wildcards() {
        let mut lexicon = Lexicon::default();
        lexicon.add("(best|good) number [to reach you]", 1).unwrap();
        lexicon.add("press _ to", 2).unwrap();
        let marks = |text: &str| {
            lexicon
                .find(&of(text))
                .iter()
                .map(|h| (h.start, h.end, h.mark))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            marks("what's a good number to reach you"),
            [(2, 4, 1), (2, 7, 1)]
        );
        assert_eq!(marks("press nine to talk"), [(0, 3, 2)]);
        assert_eq!(marks("good. number"), []);
        assert!(lexicon.add("(a", 3).is_err());
        assert!(lexicon.add("a)", 3).is_err());
        assert!(lexicon.add(" ", 3).is_err());
    }
}
