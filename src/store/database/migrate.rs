//! Brings the schema to what this build knows. A migration is one SQL file for both databases; a new one gets the next number and a line
//! in [`MIGRATIONS`]. A file that has been released is never changed.
//!
//! Files are written in SQLite's words. For PostgreSQL the types are translated (`INTEGER` is a `BIGINT`, a `TEXT` is compared byte by
//! byte) and `STRICT` and `WITHOUT ROWID` left away. Where the two differ in more than that, a line `-- [sqlite]` or `-- [postgres]`
//! begins a part for one of them, and `-- [both]` ends it.

use std::collections::BTreeSet;

use super::error::DatabaseError;
use super::pool::Connection;
use super::search;
use super::sql::{Dialect, Sql, params};

/// The schema's changes, by number.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("migrations/0001.sql")),
    (2, include_str!("migrations/0002.sql")),
    (3, include_str!("migrations/0003.sql")),
    (4, include_str!("migrations/0004.sql")),
    (5, include_str!("migrations/0005.sql")),
];

/// The version that brought the search, which calls of before are not in yet.
const INDEXED: i64 = 2;

/// Any number that nobody else takes for a lock in the same database.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7226873142)";

/// Applies what `connection`'s database lacks, all or nothing; `place` is its name for messages.
pub fn run(connection: &mut dyn Connection, place: &str) -> Result<(), DatabaseError> {
    let mut outcome = Ok(());
    connection.transaction(&mut |sql| {
        outcome = apply(sql, place);
        outcome.as_ref().map(|_| ()).map_err(|_| ())
    })?;
    outcome
}

fn apply(sql: &mut dyn Sql, place: &str) -> Result<(), DatabaseError> {
    let sqlite = sql.dialect() == Dialect::Sqlite;
    if !sqlite {
        // Several nodes may start at once.
        sql.execute_script(LOCK)?;
    }
    sql.execute_script(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY NOT NULL)",
    )?;
    let mut applied = sql
        .query("SELECT version FROM schema_migrations", params![])?
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<BTreeSet<i64>, _>>()?;
    if sqlite {
        // Files made before there was a table of migrations say their version only here; and a build from then looks only here.
        let version: i64 = sql
            .query_first("PRAGMA user_version", params![])?
            .map_or(Ok(0), |row| row.get(0))?;
        if applied.is_empty() {
            for version in 1..=version {
                record(sql, version)?;
                applied.insert(version);
            }
        }
    }
    let known = MIGRATIONS
        .iter()
        .map(|(version, _)| *version)
        .max()
        .unwrap_or(0);
    if let Some(&found) = applied.last().filter(|found| **found > known) {
        return Err(DatabaseError::NewerSchema {
            place: place.to_owned(),
            found,
            known,
        });
    }
    for (version, text) in MIGRATIONS {
        if !applied.contains(version) {
            sql.execute_script(&in_dialect(text, sql.dialect()))?;
            if *version == INDEXED {
                search::index_all(sql)?;
            }
            record(sql, *version)?;
        }
    }
    if sqlite {
        sql.execute_script(&format!("PRAGMA user_version = {known}"))?;
    }
    Ok(())
}

fn record(sql: &mut dyn Sql, version: i64) -> Result<(), DatabaseError> {
    sql.execute(
        "INSERT INTO schema_migrations (version) VALUES (?1)",
        params![version],
    )?;
    Ok(())
}

/// A migration as one of the databases understands it.
fn in_dialect(text: &str, dialect: Dialect) -> String {
    let mut out = String::with_capacity(text.len());
    let mut part = None;
    for line in text.lines() {
        match line.trim() {
            "-- [sqlite]" => part = Some(Dialect::Sqlite),
            "-- [postgres]" => part = Some(Dialect::Postgres),
            "-- [both]" => part = None,
            comment if comment.starts_with("--") => {}
            _ if part.is_some_and(|part| part != dialect) => {}
            _ if part.is_none() && dialect == Dialect::Postgres => {
                out.push_str(&translated(line));
                out.push('\n');
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

fn translated(line: &str) -> String {
    let line = line
        .replace(") STRICT, WITHOUT ROWID;", ");")
        .replace(") STRICT;", ");");
    line.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .map(|piece| {
            let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let rest = &piece[word.len()..];
            let word = match word {
                "INTEGER" => "BIGINT",
                "REAL" => "DOUBLE PRECISION",
                "BLOB" => "BYTEA",
                "TEXT" => "TEXT COLLATE \"C\"",
                other => other,
            };
            format!("{word}{rest}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_serves_both() {
        let text = "CREATE TABLE a (\n    b INTEGER NOT NULL, c TEXT, d BLOB -- INTEGER_TEXT\n) STRICT, WITHOUT ROWID;\n\
            -- [sqlite]\nCREATE VIRTUAL TABLE e USING fts5 (f);\n-- [postgres]\nCREATE TABLE e (f TEXT);\n-- [both]\n-- A word.\nSELECT 1;\n";
        assert_eq!(
            in_dialect(text, Dialect::Sqlite),
            "CREATE TABLE a (\n    b INTEGER NOT NULL, c TEXT, d BLOB -- INTEGER_TEXT\n) STRICT, WITHOUT ROWID;\n\
            CREATE VIRTUAL TABLE e USING fts5 (f);\nSELECT 1;\n"
        );
        assert_eq!(
            in_dialect(text, Dialect::Postgres),
            "CREATE TABLE a (\n    b BIGINT NOT NULL, c TEXT COLLATE \"C\", d BYTEA -- INTEGER_TEXT\n);\n\
            CREATE TABLE e (f TEXT);\nSELECT 1;\n"
        );
    }

    #[test]
    fn migrations_are_numbered_upwards() {
        assert!(MIGRATIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
