//! Who did what, when and to what: a chain of events that cannot be changed unseen.
//!
//! An event is appended in the same transaction as what it records. It holds hashes of what was there before and after, never the values
//! themselves, so that it can stay when they are erased. Each event's hash is SHA-256 over the compact JSON array
//! `[seq, at_ms, actor_kind, actor_id, actor_ip, action, resource, before_hash, after_hash, reason, prev_hash]`, hexadecimal; the first
//! event's `prev_hash` is 64 zeros. Anybody who has kept an earlier event's number and hash can check that the chain still goes through it.

use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::database::sql::{Conditions, Row, Sql, params};
use super::database::{Database, DatabaseError, MAX_PAGE_ROWS, Page};
use super::hex;

/// Events read at a time when the chain is walked.
const WALK_ROWS: i64 = 2000;
/// Most characters of a reason that are kept.
const MAX_REASON_CHARS: usize = 500;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// `user`, `api_key`, `engine`, or `local` (this machine, where nobody signs in).
    pub kind: String,
    /// Which one.
    pub id: Option<String>,
    /// From where.
    pub ip: Option<String>,
}

impl Actor {
    /// The engine itself.
    pub fn engine() -> Self {
        Self {
            kind: "engine".to_owned(),
            id: None,
            ip: None,
        }
    }
}

/// Something to be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// Who.
    pub actor: Actor,
    /// What, as `noun.verb`: `record.approve`, `recording.view`, `config.load`.
    pub action: &'static str,
    /// To what: its id.
    pub resource: String,
    /// [`fingerprint`] of it before.
    pub before: Option<String>,
    /// [`fingerprint`] of it after.
    pub after: Option<String>,
    /// Why, in a few words. Not a place for what a caller said.
    pub reason: Option<String>,
}

impl Event {
    /// An act without a change, such as a view.
    pub fn new(
        at_ms: i64,
        actor: Actor,
        action: &'static str,
        resource: impl Into<String>,
    ) -> Self {
        Self {
            at_ms,
            actor,
            action,
            resource: resource.into(),
            before: None,
            after: None,
            reason: None,
        }
    }

    /// With what was there before and what is there now.
    #[must_use]
    pub fn changing(mut self, before: Option<&str>, after: Option<&str>) -> Self {
        self.before = before.map(fingerprint);
        self.after = after.map(fingerprint);
        self
    }

    /// With a reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// SHA-256 of a document, hexadecimal.
pub fn fingerprint(document: &str) -> String {
    hex(&Sha256::digest(document.as_bytes()))
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEvent {
    /// Its number, from 1 without holes.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// When, in milliseconds since 1970 (UTC).
    #[serde(skip)]
    pub at_ms: i64,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: String,
    /// To what.
    pub resource: String,
    /// Hash of it before.
    pub before_hash: Option<String>,
    /// Hash of it after.
    pub after_hash: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The hash of the event before.
    pub prev_hash: String,
    /// The hash of this event.
    pub hash: String,
}

const COLUMNS: &str = "seq, id, at_ms, actor_kind, actor_id, actor_ip, action, resource, before_hash, after_hash, reason, prev_hash, hash";

impl AuditEvent {
    fn read(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            seq: row.get(0)?,
            id: row.get(1)?,
            at_ms: row.get(2)?,
            actor: Actor {
                kind: row.get(3)?,
                id: row.get(4)?,
                ip: row.get(5)?,
            },
            action: row.get(6)?,
            resource: row.get(7)?,
            before_hash: row.get(8)?,
            after_hash: row.get(9)?,
            reason: row.get(10)?,
            prev_hash: row.get(11)?,
            hash: row.get(12)?,
        })
    }

    /// The hash that this event must have.
    fn computed_hash(&self) -> String {
        let Self { actor, .. } = self;
        let canonical = json!([
            self.seq,
            self.at_ms,
            actor.kind,
            actor.id,
            actor.ip,
            self.action,
            self.resource,
            self.before_hash,
            self.after_hash,
            self.reason,
            self.prev_hash,
        ]);
        fingerprint(&canonical.to_string())
    }
}

fn id_of(seq: i64) -> String {
    format!("aud_{seq:010}")
}

fn head(sql: &mut dyn Sql) -> Result<(i64, String), DatabaseError> {
    let row = sql.query_first(
        "SELECT seq, hash FROM audit_head WHERE chain = 1",
        params![],
    )?;
    // The migration puts the row there; without it every walk fails, which is what a missing one deserves.
    row.map_or_else(
        || Ok((0, String::new())),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Appends an event to the chain, as part of the caller's transaction; returns its id.
///
/// # Errors
/// When the database refuses.
pub fn append(sql: &mut dyn Sql, event: &Event) -> Result<String, DatabaseError> {
    let (last, prev_hash) = head(sql)?;
    let mut row = AuditEvent {
        seq: last + 1,
        id: id_of(last + 1),
        at_ms: event.at_ms,
        actor: event.actor.clone(),
        action: event.action.to_owned(),
        resource: event.resource.clone(),
        before_hash: event.before.clone(),
        after_hash: event.after.clone(),
        reason: event
            .reason
            .as_ref()
            .map(|reason| reason.chars().take(MAX_REASON_CHARS).collect()),
        prev_hash,
        hash: String::new(),
    };
    row.hash = row.computed_hash();
    sql.execute(
        "INSERT INTO audit_events (seq, id, at_ms, actor_kind, actor_id, actor_ip, action, resource, before_hash, after_hash, reason,
            prev_hash, hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            row.seq, &row.id, row.at_ms, &row.actor.kind, &row.actor.id, &row.actor.ip, &row.action, &row.resource, &row.before_hash,
            &row.after_hash, &row.reason, &row.prev_hash, &row.hash,
        ],
    )?;
    sql.execute(
        "UPDATE audit_head SET seq = ?1, hash = ?2 WHERE chain = 1",
        params![row.seq, &row.hash],
    )?;
    Ok(row.id)
}

/// Which events to list. `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only of this user or key.
    pub actor_id: Option<String>,
    /// Only this act; one that ends with `.` stands for all that begin so.
    pub action: Option<String>,
    /// Only to this.
    pub resource: Option<String>,
    /// Only at this moment or later.
    pub from_ms: Option<i64>,
    /// Only before this moment.
    pub before_ms: Option<i64>,
}

/// What walking the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether every link holds.
    pub ok: bool,
    /// How many events were walked.
    pub events: i64,
    /// The number of the last event: to be kept elsewhere, and given as `seq` another day.
    pub head_seq: i64,
    /// The hash of the last event: to be kept elsewhere, and given as `hash` another day.
    pub head_hash: String,
    /// The first link that does not hold.
    pub broken: Option<Broken>,
}

/// A link that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Where.
    pub seq: i64,
    /// The event there, if there is one.
    pub id: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl Database {
    /// Remembers something that changes nothing else, such as a view.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit(&self, event: Event) -> Result<String, DatabaseError> {
        self.write(move |sql| append(sql, &event)).await
    }

    /// Events, newest first. `limit` is 1 to [`MAX_PAGE_ROWS`]; what is outside is brought inside.
    ///
    /// # Errors
    /// When the cursor is none, or the database refuses.
    pub async fn audit_events(
        &self,
        filter: AuditFilter,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEvent>, DatabaseError> {
        let before: Option<i64> = cursor
            .map(|cursor| cursor.parse().map_err(|_| DatabaseError::BadCursor))
            .transpose()?;
        self.read(move |sql| list(sql, &filter, limit, before))
            .await
    }

    /// Walks the whole chain. With `anchor`, an event's number and hash that were kept elsewhere, also says whether the chain still goes
    /// through it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn verify_audit(
        &self,
        anchor: Option<(i64, String)>,
    ) -> Result<Verification, DatabaseError> {
        self.read(move |sql| verify(sql, anchor.as_ref())).await
    }
}

fn list(
    sql: &mut dyn Sql,
    filter: &AuditFilter,
    limit: usize,
    before: Option<i64>,
) -> Result<Page<AuditEvent>, DatabaseError> {
    let mut wanted = Conditions::default();
    let family = filter
        .action
        .as_deref()
        .filter(|action| action.ends_with('.'));
    wanted
        .add_if("actor_id = ?", filter.actor_id.as_deref())
        .add_if("resource = ?", filter.resource.as_deref())
        .add_if("at_ms >= ?", filter.from_ms)
        .add_if("at_ms < ?", filter.before_ms)
        .add_if("seq < ?", before);
    match family {
        Some(family) => wanted.add("substr(action, 1, length(?)) = ?", family),
        None => wanted.add_if("action = ?", filter.action.as_deref()),
    };
    let limit = limit.clamp(1, MAX_PAGE_ROWS);
    let rows = wanted.param(limit as i64 + 1);
    let statement = format!(
        "SELECT {COLUMNS} FROM audit_events{} ORDER BY seq DESC LIMIT {rows}",
        wanted.sql()
    );
    let mut rows = sql
        .query(&statement, wanted.params())?
        .iter()
        .map(AuditEvent::read)
        .collect::<Result<Vec<_>, _>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|event| event.seq.to_string());
    Ok(Page { rows, next_cursor })
}

fn verify(
    sql: &mut dyn Sql,
    anchor: Option<&(i64, String)>,
) -> Result<Verification, DatabaseError> {
    let (head_seq, head_hash) = head(sql)?;
    let mut found = Verification {
        ok: true,
        events: 0,
        head_seq,
        head_hash,
        broken: None,
    };
    let mut last = (0, "0".repeat(64));
    let mut anchored = anchor.is_none();
    loop {
        let statement =
            format!("SELECT {COLUMNS} FROM audit_events WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        let rows = sql.query(&statement, params![last.0, WALK_ROWS])?;
        for row in &rows {
            let event = AuditEvent::read(row)?;
            found.events += 1;
            let wrong = if event.seq != last.0 + 1 {
                Some(format!("event {} is missing", last.0 + 1))
            } else if event.id != id_of(event.seq) {
                Some("its id does not fit its number".to_owned())
            } else if event.prev_hash != last.1 {
                Some("it does not follow on the event before it".to_owned())
            } else if event.hash != event.computed_hash() {
                Some("it was changed: its hash does not fit".to_owned())
            } else if anchor.is_some_and(|(seq, hash)| *seq == event.seq && *hash != event.hash) {
                Some("it is not the event that was here when its hash was kept".to_owned())
            } else {
                None
            };
            if let Some(reason) = wrong {
                return Ok(broken(found, event.seq, Some(event.id), reason));
            }
            anchored |= anchor.is_some_and(|(seq, _)| *seq == event.seq);
            last = (event.seq, event.hash);
        }
        if rows.is_empty() {
            break;
        }
    }
    if last != (found.head_seq, found.head_hash.clone()) {
        let reason = format!(
            "the chain ends here, but its end was event {}",
            found.head_seq
        );
        return Ok(broken(found, last.0 + 1, None, reason));
    }
    if let Some((seq, _)) = anchor.filter(|_| !anchored) {
        let reason = "the event whose hash was kept is not there".to_owned();
        return Ok(broken(found, *seq, None, reason));
    }
    Ok(found)
}

fn broken(found: Verification, seq: i64, id: Option<String>, reason: String) -> Verification {
    Verification {
        ok: false,
        broken: Some(Broken { seq, id, reason }),
        ..found
    }
}

#[cfg(test)]
mod tests {
    use super::super::database::testing::on_both;
    use super::*;

    fn event(number: i64) -> Event {
        let actor = Actor {
            kind: "user".into(),
            id: Some(format!("usr_{}", number % 3)),
            ip: Some("127.0.0.1".into()),
        };
        Event::new(
            1_000 * number,
            actor,
            "record.edit",
            format!("rec_{number}"),
        )
        .changing(Some("{\"a\":1}"), Some("{\"a\":2}"))
        .because("typo")
    }

    async fn filled(database: &Database) -> Verification {
        for number in 1..=25 {
            let id = database.audit(event(number)).await.unwrap();
            assert_eq!(id, format!("aud_{number:010}"));
        }
        let found = database.verify_audit(None).await.unwrap();
        assert!(found.ok && found.events == 25, "{found:?}");
        found
    }

    /// Does what nobody should, and says where the walk finds it.
    async fn tampered(database: &Database, statement: &'static str) -> Broken {
        database
            .write(move |sql| sql.execute(statement, params![]))
            .await
            .unwrap();
        let found = database.verify_audit(None).await.unwrap();
        assert!(!found.ok);
        found.broken.unwrap()
    }

    async fn a_changed_byte_is_found(database: Database) {
        filled(&database).await;
        let statement = "UPDATE audit_events SET reason = 'typO' WHERE seq = 7";
        let broken = tampered(&database, statement).await;
        assert_eq!(
            (broken.seq, broken.id.as_deref()),
            (7, Some("aud_0000000007"))
        );
    }

    async fn a_changed_event_with_a_new_hash_is_found(database: Database) {
        filled(&database).await;
        let row = database.audit_events(
            AuditFilter {
                resource: Some("rec_7".into()),
                ..AuditFilter::default()
            },
            1,
            None,
        );
        let mut row = row.await.unwrap().rows.remove(0);
        row.actor.id = Some("usr_other".into());
        let hash = row.computed_hash();
        let change = move |sql: &mut dyn Sql| {
            sql.execute(
                "UPDATE audit_events SET actor_id = 'usr_other', hash = ?1 WHERE seq = 7",
                params![&hash],
            )
        };
        database.write(change).await.unwrap();
        let found = database.verify_audit(None).await.unwrap();
        assert_eq!(found.broken.unwrap().seq, 8);
    }

    async fn a_removed_event_is_found(database: Database) {
        filled(&database).await;
        let broken = tampered(&database, "DELETE FROM audit_events WHERE seq = 7").await;
        assert_eq!(
            (broken.seq, broken.reason.as_str()),
            (8, "event 7 is missing")
        );
    }

    async fn a_removed_end_is_found(database: Database) {
        filled(&database).await;
        let broken = tampered(&database, "DELETE FROM audit_events WHERE seq > 20").await;
        assert_eq!((broken.seq, broken.id), (21, None));
    }

    async fn an_inserted_event_is_found(database: Database) {
        filled(&database).await;
        let statement = "INSERT INTO audit_events (seq, id, at_ms, actor_kind, action, resource, prev_hash, hash)
            SELECT 26, 'aud_0000000026', 1, 'engine', 'a.b', 'c', hash, hash FROM audit_events WHERE seq = 25";
        assert_eq!(tampered(&database, statement).await.seq, 26);
    }

    async fn a_chain_written_anew_does_not_go_through_an_anchor(database: Database) {
        let before = filled(&database).await;
        let anchor = Some((before.head_seq, before.head_hash));
        assert!(database.verify_audit(anchor.clone()).await.unwrap().ok);
        let forget = |sql: &mut dyn Sql| {
            sql.execute("DELETE FROM audit_events", params![])?;
            sql.execute(
                "UPDATE audit_head SET seq = 0, hash = ?1",
                params![&"0".repeat(64)],
            )
        };
        database.write(forget).await.unwrap();
        for number in 101..=125 {
            database.audit(event(number)).await.unwrap();
        }
        assert!(database.verify_audit(None).await.unwrap().ok);
        let found = database.verify_audit(anchor).await.unwrap();
        assert_eq!(found.broken.unwrap().seq, 25);
    }

    async fn what_fails_leaves_no_event(database: Database) {
        let failed: Result<(), DatabaseError> = database
            .write(|sql| {
                append(sql, &event(1))?;
                Err(DatabaseError::BadCursor)
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(database.verify_audit(None).await.unwrap().events, 0);
    }

    async fn events_are_listed_by_what_is_asked(database: Database) {
        filled(&database).await;
        let list = |filter, limit, cursor: Option<String>| {
            let database = database.clone();
            async move {
                let page = database
                    .audit_events(filter, limit, cursor.as_deref())
                    .await
                    .unwrap();
                let seqs: Vec<i64> = page.rows.iter().map(|event| event.seq).collect();
                (seqs, page.next_cursor)
            }
        };
        let of_user = AuditFilter {
            actor_id: Some("usr_1".into()),
            action: Some("record.".into()),
            from_ms: Some(5_000),
            ..AuditFilter::default()
        };
        let (first, cursor) = list(of_user.clone(), 4, None).await;
        assert_eq!(first, [25, 22, 19, 16]);
        let (second, cursor) = list(of_user, 4, cursor).await;
        assert_eq!((second, cursor), (vec![13, 10, 7], None));
        let one = AuditFilter {
            resource: Some("rec_3".into()),
            action: Some("record.edit".into()),
            ..AuditFilter::default()
        };
        assert_eq!(list(one, 4, None).await.0, [3]);
        let none = AuditFilter {
            action: Some("record".into()),
            ..AuditFilter::default()
        };
        assert_eq!(list(none, 4, None).await.0, Vec::<i64>::new());
    }

    on_both!(
        a_changed_byte_is_found,
        a_changed_event_with_a_new_hash_is_found,
        a_removed_event_is_found,
        a_removed_end_is_found,
        an_inserted_event_is_found,
        a_chain_written_anew_does_not_go_through_an_anchor,
        what_fails_leaves_no_event,
        events_are_listed_by_what_is_asked,
    );

    #[test]
    fn the_hash_is_as_documented() {
        let event = AuditEvent {
            seq: 1,
            id: "aud_0000000001".into(),
            at_ms: 5,
            actor: Actor::engine(),
            action: "config.load".into(),
            resource: "config".into(),
            before_hash: None,
            after_hash: Some("ab".into()),
            reason: None,
            prev_hash: "0".into(),
            hash: String::new(),
        };
        let canonical = r#"[1,5,"engine",null,null,"config.load","config",null,"ab",null,"0"]"#;
        assert_eq!(event.computed_hash(), fingerprint(canonical));
    }
}
