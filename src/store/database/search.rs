//! Full-text search over transcripts: each call is one document, written in the transaction that stores its draft.
//!
//! A question is words, all of which must have been said in the call: `leak` also finds "leaking"; `"gate code"` in quotes finds exactly
//! these words in this order; `-word` leaves out calls with that word. Words are runs of letters and digits, whatever their case, on both
//! databases alike.

use super::error::DatabaseError;
use super::rows::SegmentRow;
use super::sql::{Dialect, Sql, params};

/// Most terms of a question that are looked at.
const MAX_TERMS: usize = 16;

/// The words of a text as the index has them.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// A part of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    /// Exactly these words, rather than words that begin so.
    exact: bool,
    /// Only calls without it.
    without: bool,
}

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question(Vec<Term>);

impl Question {
    /// Reads a question; `None` where it has no word to look for.
    pub fn parse(text: &str) -> Option<Self> {
        let mut terms = Vec::new();
        for (number, part) in text.split('"').enumerate() {
            if number % 2 == 1 {
                // A minus right before the quotes belongs to them.
                let without = text.split('"').nth(number - 1).is_some_and(|before| {
                    before.ends_with('-')
                        && !before
                            .trim_end_matches('-')
                            .ends_with(char::is_alphanumeric)
                });
                terms.push(Term {
                    words: words(part).collect(),
                    exact: true,
                    without,
                });
                continue;
            }
            terms.extend(part.split_whitespace().map(|word| Term {
                words: words(word).collect(),
                exact: false,
                without: word.starts_with('-'),
            }));
        }
        terms.retain(|term| !term.words.is_empty());
        terms.truncate(MAX_TERMS);
        terms
            .iter()
            .any(|term| !term.without)
            .then_some(Self(terms))
    }

    /// As FTS5 asks.
    fn fts5(&self) -> String {
        let phrase = |term: &Term| {
            let star = if term.exact { "" } else { "*" };
            format!("\"{}\"{star}", term.words.join(" "))
        };
        let join = |without: bool, with: &str| {
            let terms: Vec<String> = self
                .0
                .iter()
                .filter(|term| term.without == without)
                .map(phrase)
                .collect();
            terms.join(with)
        };
        let without = join(true, " OR ");
        let wanted = join(false, " AND ");
        if without.is_empty() {
            wanted
        } else {
            format!("({wanted}) NOT ({without})")
        }
    }

    /// As PostgreSQL's `to_tsquery` asks. The words are letters and digits, so that nothing in them is an operator.
    fn tsquery(&self) -> String {
        let terms: Vec<String> = self
            .0
            .iter()
            .map(|term| {
                let (not, star) = (
                    if term.without { "!" } else { "" },
                    if term.exact { "" } else { ":*" },
                );
                format!("{not}({}{star})", term.words.join(" <-> "))
            })
            .collect();
        terms.join(" & ")
    }

    /// How one of the databases asks.
    pub fn in_dialect(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Sqlite => self.fts5(),
            Dialect::Postgres => self.tsquery(),
        }
    }

    /// Whether a text has one of the words that are looked for: to show where in a call.
    pub fn touches(&self, text: &str) -> bool {
        let said: Vec<String> = words(text).collect();
        self.0.iter().filter(|term| !term.without).any(|term| {
            said.windows(term.words.len()).any(|window| {
                let mut pairs = window.iter().zip(&term.words).peekable();
                while let Some((said, wanted)) = pairs.next() {
                    let begins = !term.exact && pairs.peek().is_none() && said.starts_with(wanted);
                    if said != wanted && !begins {
                        return false;
                    }
                }
                true
            })
        })
    }
}

/// The condition on `calls` that a question makes; its one parameter is [`Question::in_dialect`].
pub fn condition(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "calls.id IN (SELECT call_id FROM transcript_documents WHERE document IN (SELECT rowid FROM transcript_index WHERE transcript_index MATCH ?))"
        }
        Dialect::Postgres => {
            "calls.id IN (SELECT call_id FROM transcript_index WHERE words @@ to_tsquery('simple', ?))"
        }
    }
}

/// Puts a call's transcript in the index, in place of what was there of it.
pub fn index(
    sql: &mut dyn Sql,
    call_id: &str,
    segments: &[SegmentRow],
) -> Result<(), DatabaseError> {
    let text: Vec<String> = segments
        .iter()
        .flat_map(|segment| words(&segment.text))
        .collect();
    let text = text.join(" ");
    forget(sql, call_id)?;
    if text.is_empty() {
        return Ok(());
    }
    match sql.dialect() {
        Dialect::Sqlite => {
            let document: i64 = sql
                .query_first(
                    "INSERT INTO transcript_documents (call_id) VALUES (?1) RETURNING document",
                    params![call_id],
                )?
                .map_or(Err(DatabaseError::Closed), |row| row.get(0))?;
            sql.execute(
                "INSERT INTO transcript_index (rowid, words) VALUES (?1, ?2)",
                params![document, &text],
            )?;
        }
        Dialect::Postgres => {
            sql.execute(
                "INSERT INTO transcript_index (call_id, words) VALUES (?1, to_tsvector('simple', ?2))",
                params![call_id, &text],
            )?;
        }
    }
    Ok(())
}

/// Puts all stored transcripts in the index: those that were stored before there was one.
pub fn index_all(sql: &mut dyn Sql) -> Result<(), DatabaseError> {
    for row in sql.query(
        "SELECT DISTINCT call_id FROM segments ORDER BY call_id",
        params![],
    )? {
        let call_id: String = row.get(0)?;
        let segments = sql
            .query(
                "SELECT seq, track, speaker, start_ms, end_ms, text, segment FROM segments WHERE call_id = ?1 ORDER BY seq",
                params![&call_id],
            )?
            .iter()
            .map(SegmentRow::read)
            .collect::<Result<Vec<_>, _>>()?;
        index(sql, &call_id, &segments)?;
    }
    Ok(())
}

/// Takes a call's transcript out of the index.
pub fn forget(sql: &mut dyn Sql, call_id: &str) -> Result<(), DatabaseError> {
    match sql.dialect() {
        Dialect::Sqlite => {
            sql.execute(
                "DELETE FROM transcript_index WHERE rowid IN (SELECT document FROM transcript_documents WHERE call_id = ?1)",
                params![call_id],
            )?;
            sql.execute(
                "DELETE FROM transcript_documents WHERE call_id = ?1",
                params![call_id],
            )?;
        }
        Dialect::Postgres => {
            sql.execute(
                "DELETE FROM transcript_index WHERE call_id = ?1",
                params![call_id],
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> Question {
        Question::parse(text).unwrap()
    }

    #[test]
    fn a_question_is_read() {
        let asked = question("Leak \"gate code\" -spam don't -\"wrong number\"");
        assert_eq!(
            asked.fts5(),
            "(\"leak\"* AND \"gate code\" AND \"don t\"*) NOT (\"spam\"* OR \"wrong number\")"
        );
        assert_eq!(
            asked.tsquery(),
            "(leak:*) & (gate <-> code) & !(spam:*) & (don <-> t:*) & !(wrong <-> number)"
        );
        for nothing in ["", "  ", "-spam", "\"\"", "'*&|!():"] {
            assert_eq!(Question::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_place_of_a_word_is_found() {
        let asked = question("leak \"gate code\"");
        assert!(asked.touches("It's LEAKING everywhere"));
        assert!(asked.touches("the gate code is four"));
        assert!(!asked.touches("the code of the gate"));
        assert!(!question("-leak sink").touches("a leak"));
    }
}
