//! Accounts, sessions, keys and one-time links. Each function is part of its caller's transaction.

use super::error::DatabaseError;
use super::sql::{Row, Sql, params};

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// `usr_...`.
    pub id: String,
    /// What the person signs in with, lower case.
    pub login: String,
    /// For people.
    pub name: String,
    /// Role.
    pub role: String,
    /// JSON list of location ids; all where absent.
    pub locations: Option<String>,
    /// The password's hash; absent until one is set.
    pub password_hash: Option<String>,
    /// May not sign in.
    pub disabled: bool,
    /// When it was made, milliseconds since 1970 (UTC).
    pub created_at_ms: i64,
    /// Counts its changes, from 1.
    pub version: i64,
}

const USER_COLUMNS: &str =
    "id, login, name, role, locations, password_hash, disabled, created_at_ms, version";

impl UserRow {
    fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(UserRow {
            id: row.get(0)?,
            login: row.get(1)?,
            name: row.get(2)?,
            role: row.get(3)?,
            locations: row.get(4)?,
            password_hash: row.get(5)?,
            disabled: row.get(6)?,
            created_at_ms: row.get(7)?,
            version: row.get(8)?,
        })
    }
}

/// A program's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// `key_...`.
    pub id: String,
    /// For people.
    pub name: String,
    /// Its first letters.
    pub start: String,
    /// JSON list.
    pub scopes: String,
    /// JSON list of location ids; all where absent.
    pub locations: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at_ms: i64,
    /// When it ends, if ever.
    pub expires_at_ms: Option<i64>,
    /// When it was used last.
    pub used_at_ms: Option<i64>,
    /// No longer taken.
    pub revoked: bool,
}

const KEY_COLUMNS: &str = "id, name, start, scopes, locations, created_by, created_at_ms, expires_at_ms, used_at_ms, revoked";

impl KeyRow {
    fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(KeyRow {
            id: row.get(0)?,
            name: row.get(1)?,
            start: row.get(2)?,
            scopes: row.get(3)?,
            locations: row.get(4)?,
            created_by: row.get(5)?,
            created_at_ms: row.get(6)?,
            expires_at_ms: row.get(7)?,
            used_at_ms: row.get(8)?,
            revoked: row.get(9)?,
        })
    }
}

/// How often a session's or a key's last use is written down, milliseconds: more often would make every request a write.
const SEEN_EVERY_MS: i64 = 5 * 60_000;

/// Whether anybody has an account.
pub(crate) fn any_user(sql: &mut dyn Sql) -> Result<bool, DatabaseError> {
    Ok(sql
        .query_first("SELECT id FROM users LIMIT 1", params![])?
        .is_some())
}

/// Makes an account. The login must be free.
pub(crate) fn insert_user(sql: &mut dyn Sql, user: &UserRow) -> Result<(), DatabaseError> {
    sql.execute(
        "INSERT INTO users (id, login, name, role, locations, password_hash, disabled, created_at_ms, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)",
        params![
            &user.id, &user.login, &user.name, &user.role, &user.locations, &user.password_hash, user.disabled, user.created_at_ms,
        ],
    )?;
    Ok(())
}

/// Changes an account's name, role, locations and whether it is disabled, if it still has this version.
pub(crate) fn update_user(sql: &mut dyn Sql, user: &UserRow) -> Result<bool, DatabaseError> {
    let changed = sql.execute(
        "UPDATE users SET name = ?2, role = ?3, locations = ?4, disabled = ?5, version = version + 1 WHERE id = ?1 AND version = ?6",
        params![&user.id, &user.name, &user.role, &user.locations, user.disabled, user.version],
    )?;
    if user.disabled {
        end_sessions(sql, &user.id)?;
    }
    Ok(changed == 1)
}

/// The account that signs in with this.
pub(crate) fn user_by_login(
    sql: &mut dyn Sql,
    login: &str,
) -> Result<Option<UserRow>, DatabaseError> {
    sql.query_first(
        &format!("SELECT {USER_COLUMNS} FROM users WHERE login = ?1"),
        params![login],
    )?
    .as_ref()
    .map(UserRow::read)
    .transpose()
}

/// The account with this id.
pub(crate) fn user(sql: &mut dyn Sql, id: &str) -> Result<Option<UserRow>, DatabaseError> {
    sql.query_first(
        &format!("SELECT {USER_COLUMNS} FROM users WHERE id = ?1"),
        params![id],
    )?
    .as_ref()
    .map(UserRow::read)
    .transpose()
}

/// All accounts by login. A business has tens of them.
pub(crate) fn users(sql: &mut dyn Sql) -> Result<Vec<UserRow>, DatabaseError> {
    sql.query(
        &format!("SELECT {USER_COLUMNS} FROM users ORDER BY login"),
        params![],
    )?
    .iter()
    .map(UserRow::read)
    .collect()
}

/// How many admins could sign in.
pub(crate) fn admins(sql: &mut dyn Sql) -> Result<i64, DatabaseError> {
    let row = sql.query_first(
        "SELECT count(*) FROM users WHERE role = 'admin' AND disabled = 0",
        params![],
    )?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// Sets a password and ends the sessions that were signed in with the old one.
pub(crate) fn set_password(
    sql: &mut dyn Sql,
    user_id: &str,
    hash: &str,
) -> Result<(), DatabaseError> {
    sql.execute(
        "UPDATE users SET password_hash = ?2, version = version + 1 WHERE id = ?1",
        params![user_id, hash],
    )?;
    end_sessions(sql, user_id)
}

/// Begins a session.
pub(crate) fn insert_session(
    sql: &mut dyn Sql,
    token_hash: &str,
    user_id: &str,
    now_ms: i64,
    expires_at_ms: i64,
    ip: Option<&str>,
    agent: Option<&str>,
) -> Result<(), DatabaseError> {
    sql.execute(
        "DELETE FROM sessions WHERE expires_at_ms <= ?1",
        params![now_ms],
    )?;
    sql.execute(
        "INSERT INTO sessions (token_hash, user_id, created_at_ms, seen_at_ms, expires_at_ms, ip, agent) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)",
        params![token_hash, user_id, now_ms, expires_at_ms, ip, agent],
    )?;
    Ok(())
}

/// Whose session this is, while it lasts, and when it was seen last.
pub(crate) fn session_user(
    sql: &mut dyn Sql,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<(UserRow, i64)>, DatabaseError> {
    let columns = USER_COLUMNS
        .split(", ")
        .map(|c| format!("users.{c}"))
        .collect::<Vec<_>>()
        .join(", ");
    let row = sql.query_first(
        &format!(
            "SELECT {columns}, sessions.seen_at_ms FROM sessions JOIN users ON users.id = sessions.user_id
            WHERE sessions.token_hash = ?1 AND sessions.expires_at_ms > ?2 AND users.disabled = 0"
        ),
        params![token_hash, now_ms],
    )?;
    row.map(|row| Ok((UserRow::read(&row)?, row.get(9)?)))
        .transpose()
}

/// Whether the last use is long enough ago to be written down anew.
pub(crate) fn seen_is_old(seen_at_ms: i64, now_ms: i64) -> bool {
    now_ms - seen_at_ms >= SEEN_EVERY_MS
}

/// A session is in use: it lasts until `expires_at_ms` now.
pub(crate) fn touch_session(
    sql: &mut dyn Sql,
    token_hash: &str,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<(), DatabaseError> {
    sql.execute(
        "UPDATE sessions SET seen_at_ms = ?2, expires_at_ms = ?3 WHERE token_hash = ?1",
        params![token_hash, now_ms, expires_at_ms],
    )?;
    Ok(())
}

/// Ends a session.
pub(crate) fn end_session(sql: &mut dyn Sql, token_hash: &str) -> Result<(), DatabaseError> {
    sql.execute(
        "DELETE FROM sessions WHERE token_hash = ?1",
        params![token_hash],
    )?;
    Ok(())
}

/// Ends all sessions of an account.
pub(crate) fn end_sessions(sql: &mut dyn Sql, user_id: &str) -> Result<(), DatabaseError> {
    sql.execute("DELETE FROM sessions WHERE user_id = ?1", params![user_id])?;
    Ok(())
}

/// Makes a one-time link; earlier ones of the account end.
pub(crate) fn insert_link(
    sql: &mut dyn Sql,
    token_hash: &str,
    user_id: &str,
    expires_at_ms: i64,
) -> Result<(), DatabaseError> {
    sql.execute(
        "DELETE FROM password_links WHERE user_id = ?1",
        params![user_id],
    )?;
    sql.execute(
        "INSERT INTO password_links (token_hash, user_id, expires_at_ms) VALUES (?1, ?2, ?3)",
        params![token_hash, user_id, expires_at_ms],
    )?;
    Ok(())
}

/// Uses a one-time link up; the account it was for.
pub(crate) fn take_link(
    sql: &mut dyn Sql,
    token_hash: &str,
    now_ms: i64,
) -> Result<Option<String>, DatabaseError> {
    let row = sql.query_first(
        "DELETE FROM password_links WHERE token_hash = ?1 AND expires_at_ms > ?2 RETURNING user_id",
        params![token_hash, now_ms],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Makes a key.
pub(crate) fn insert_key(
    sql: &mut dyn Sql,
    key: &KeyRow,
    key_hash: &str,
) -> Result<(), DatabaseError> {
    sql.execute(
        "INSERT INTO api_keys (id, name, start, key_hash, scopes, locations, created_by, created_at_ms, expires_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            &key.id, &key.name, &key.start, key_hash, &key.scopes, &key.locations, &key.created_by, key.created_at_ms,
            key.expires_at_ms,
        ],
    )?;
    Ok(())
}

/// The key with this hash, while it is taken.
pub(crate) fn key_by_hash(
    sql: &mut dyn Sql,
    key_hash: &str,
    now_ms: i64,
) -> Result<Option<KeyRow>, DatabaseError> {
    sql.query_first(
        &format!(
            "SELECT {KEY_COLUMNS} FROM api_keys WHERE key_hash = ?1 AND revoked = 0 AND (expires_at_ms IS NULL OR expires_at_ms > ?2)"
        ),
        params![key_hash, now_ms],
    )?
    .as_ref()
    .map(KeyRow::read)
    .transpose()
}

/// All keys, newest first.
pub(crate) fn keys(sql: &mut dyn Sql) -> Result<Vec<KeyRow>, DatabaseError> {
    sql.query(
        &format!("SELECT {KEY_COLUMNS} FROM api_keys ORDER BY created_at_ms DESC, id"),
        params![],
    )?
    .iter()
    .map(KeyRow::read)
    .collect()
}

/// A key was used.
pub(crate) fn touch_key(sql: &mut dyn Sql, id: &str, now_ms: i64) -> Result<(), DatabaseError> {
    sql.execute(
        "UPDATE api_keys SET used_at_ms = ?2 WHERE id = ?1",
        params![id, now_ms],
    )?;
    Ok(())
}

/// Takes a key no more; whether there was one.
pub(crate) fn revoke_key(sql: &mut dyn Sql, id: &str) -> Result<bool, DatabaseError> {
    Ok(sql.execute(
        "UPDATE api_keys SET revoked = 1 WHERE id = ?1 AND revoked = 0",
        params![id],
    )? == 1)
}
