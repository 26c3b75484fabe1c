//! PostgreSQL: a server that several nodes share.
//!
//! Each connection has a thread of its own and comes back by itself after a loss. Changes are serialisable transactions: what is right
//! for SQLite's single writer is right here, and the database asks for another run where two nodes came between each other.

mod tls;

use std::collections::HashMap;
use std::error::Error as _;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::types::{FromSql, ToSql, Type};
use postgres::{Client, Config, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::DatabaseError;
use super::migrate;
use super::pool::{Connection, Pool, READERS, Work};
use super::sql::{Cell, Dialect, Param, Row, Sql};
use crate::secret::Secret;

/// How often a transaction that others came between is run before that is an error.
const ATTEMPTS: u32 = 50;
/// How long to wait for the server to take a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long sent bytes may stay unacknowledged until the connection counts as lost.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(20);
/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;
/// Durable commits, whatever the server's default; no statement that hangs for ever; numbers as written.
const SESSION: &str =
    "SET synchronous_commit = on; SET statement_timeout = '60s'; SET extra_float_digits = 1";

/// Connects to the server that `url` names, migrating its schema if need be. Blocks on the network.
pub fn open(url: &Secret) -> Result<Pool, DatabaseError> {
    let bad = |detail: String| DatabaseError::BadUrl { detail };
    let (address, root) = tls::split_root(url.expose());
    let mut config: Config = address.parse().map_err(|error: postgres::Error| {
        bad(error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string))
    })?;
    config
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_user_timeout(NETWORK_TIMEOUT)
        .keepalives_idle(NETWORK_TIMEOUT)
        .application_name("offhook");
    let tls = tls::connector(&mut config, root.as_deref()).map_err(bad)?;
    let place = place(&config);
    let connect = |access| PostgresConnection {
        client: None,
        config: config.clone(),
        tls: tls.clone(),
        place: place.clone(),
        access,
    };
    let (opened, answer) = std::sync::mpsc::channel();
    let mut writer = connect("ISOLATION LEVEL SERIALIZABLE");
    let name = place.clone();
    // The client brings its own runtime, which may not be started on a thread of another.
    let opener = std::thread::Builder::new()
        .name("database-opener".into())
        .spawn(move || {
            let migrated = migrate::run(&mut writer, &name).map(|()| writer);
            let _ = opened.send(migrated);
        });
    opener.map_err(|error| DatabaseError::NoThread { error })?;
    let writer = answer.recv().map_err(|_| DatabaseError::Closed)??;
    let readers = (0..READERS)
        .map(|_| {
            Box::new(connect("ISOLATION LEVEL REPEATABLE READ READ ONLY")) as Box<dyn Connection>
        })
        .collect();
    Pool::start(Box::new(writer), readers).map_err(|error| DatabaseError::NoThread { error })
}

/// Where the database is, for messages: never with the password.
fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(postgres::config::Host::Tcp(host)) => host.clone(),
        Some(postgres::config::Host::Unix(path)) => path.display().to_string(),
        None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let name = config
        .get_dbname()
        .or_else(|| config.get_user())
        .unwrap_or("");
    format!("{name} on {host}:{port}")
}

struct PostgresConnection {
    /// `None` before the first use and after a loss.
    client: Option<Session>,
    config: Config,
    /// How it is encrypted; `None` in clear.
    tls: Option<MakeRustlsConnect>,
    place: String,
    /// How its transactions begin.
    access: &'static str,
}

struct Session {
    client: Client,
    statements: HashMap<(String, Vec<Type>), Statement>,
}

impl PostgresConnection {
    /// The open connection; opens it if there is none. It is taken out, so that whatever ends a transaction halfway also ends it.
    fn take(&mut self) -> Result<Session, DatabaseError> {
        if let Some(session) = self
            .client
            .take()
            .filter(|session| !session.client.is_closed())
        {
            return Ok(session);
        }
        let failed = |error: postgres::Error| DatabaseError::Unreachable {
            place: self.place.clone(),
            detail: words(&error),
        };
        let mut client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        }
        .map_err(failed)?;
        client.batch_execute(SESSION).map_err(failed)?;
        Ok(Session {
            client,
            statements: HashMap::new(),
        })
    }
}

impl Connection for PostgresConnection {
    fn transaction(&mut self, work: Work<'_>) -> Result<(), DatabaseError> {
        let begin = format!("BEGIN {}", self.access);
        let mut lost_before = false;
        for attempt in 1.. {
            let mut session = self.take()?;
            let begun = session.client.batch_execute(&begin);
            let mut sql = PostgresTransaction {
                session: &mut session,
                place: &self.place,
                failure: begun.err().map(|error| Failure::of(&error)),
            };
            let done = if sql.failure.is_none() {
                work(&mut sql)
            } else {
                Err(())
            };
            let failure = sql.failure.take();
            if done.is_ok() {
                match session.client.batch_execute("COMMIT") {
                    Ok(()) => {
                        self.client = Some(session);
                        return Ok(());
                    }
                    Err(error) if Failure::of(&error) == Failure::Again && attempt < ATTEMPTS => {
                        self.client = Some(session);
                    }
                    // The connection may have been lost after the commit was done, so it is not run again.
                    Err(error) => return Err(DatabaseError::of_postgres(&self.place, &error)),
                }
            } else {
                match failure {
                    Some(Failure::Again) if attempt < ATTEMPTS => {
                        if session.client.batch_execute("ROLLBACK").is_ok() {
                            self.client = Some(session);
                        }
                    }
                    // Lost before the commit, so nothing was done: once more on a new connection.
                    Some(Failure::Lost) if !lost_before => lost_before = true,
                    _ => {
                        if session.client.batch_execute("ROLLBACK").is_ok() {
                            self.client = Some(session);
                        }
                        return Ok(());
                    }
                }
            }
            // Two that keep coming between each other part by waiting differently long.
            let wait_us = u64::from(attempt.min(10)) * (100 + u64::from(std::process::id() % 400));
            std::thread::sleep(Duration::from_micros(wait_us));
        }
        Ok(())
    }

    fn scrub(&mut self) -> Result<bool, DatabaseError> {
        let mut session = self.take()?;
        session
            .client
            .batch_execute("VACUUM")
            .map_err(|error| DatabaseError::of_postgres(&self.place, &error))?;
        self.client = Some(session);
        Ok(true)
    }
}

/// Why a statement failed, as far as running the transaction again goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// Others came between; run it again.
    Again,
    /// The connection is gone.
    Lost,
    /// Anything else.
    Other,
}

impl Failure {
    fn of(error: &postgres::Error) -> Self {
        match error.code() {
            Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
                Self::Again
            }
            // The server said so while it went away.
            Some(
                &SqlState::ADMIN_SHUTDOWN
                | &SqlState::CRASH_SHUTDOWN
                | &SqlState::CANNOT_CONNECT_NOW,
            ) => Self::Lost,
            Some(_) => Self::Other,
            None if error.is_closed() || is_io(error) => Self::Lost,
            None => Self::Other,
        }
    }
}

fn is_io(error: &postgres::Error) -> bool {
    error
        .source()
        .is_some_and(|source| source.is::<std::io::Error>())
}

/// The server's words, without the details that may quote values.
pub(super) fn words(error: &postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => format!("{} ({})", said.message(), said.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

struct PostgresTransaction<'a> {
    session: &'a mut Session,
    place: &'a str,
    /// What went wrong first; later statements of the same transaction only say that it is aborted.
    failure: Option<Failure>,
}

impl PostgresTransaction<'_> {
    fn failed(&mut self, error: &postgres::Error) -> DatabaseError {
        self.failure.get_or_insert(Failure::of(error));
        DatabaseError::of_postgres(self.place, error)
    }

    fn statement(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Statement, postgres::Error> {
        let types: Vec<Type> = params.iter().map(kind).collect();
        let key = (numbered(sql), types);
        if let Some(statement) = self.session.statements.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self.session.client.prepare_typed(&key.0, &key.1)?;
        if self.session.statements.len() >= STATEMENTS {
            self.session.statements.clear();
        }
        self.session.statements.insert(key, statement.clone());
        Ok(statement)
    }
}

impl Sql for PostgresTransaction<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, DatabaseError> {
        self.statement(sql, params)
            .and_then(|statement| self.session.client.execute(&statement, &bound(params)))
            .map_err(|error| self.failed(&error))
    }

    fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, DatabaseError> {
        let rows = self
            .statement(sql, params)
            .and_then(|statement| self.session.client.query(&statement, &bound(params)))
            .and_then(|rows| rows.iter().map(row).collect());
        rows.map_err(|error| self.failed(&error))
    }

    fn execute_script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.session
            .client
            .batch_execute(sql)
            .map_err(|error| self.failed(&error))
    }
}

/// `?1` as PostgreSQL writes it: `$1`. No statement of ours has a question mark before a digit in a text.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        let parameter = c == '?' && rest.peek().is_some_and(char::is_ascii_digit);
        out.push(if parameter { '$' } else { c });
    }
    out
}

fn kind(param: &Param<'_>) -> Type {
    match param {
        Param::Int(_) => Type::INT8,
        Param::Real(_) => Type::FLOAT8,
        Param::Text(_) => Type::TEXT,
        Param::Bytes(_) => Type::BYTEA,
    }
}

fn bound<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    params
        .iter()
        .map(|param| match param {
            Param::Int(value) => value as &(dyn ToSql + Sync),
            Param::Real(value) => value as &(dyn ToSql + Sync),
            Param::Text(value) => value as &(dyn ToSql + Sync),
            Param::Bytes(value) => value as &(dyn ToSql + Sync),
        })
        .collect()
}

fn row(row: &postgres::Row) -> Result<Row, postgres::Error> {
    (0..row.len())
        .map(|column| row.try_get::<_, AnyCell>(column).map(|cell| cell.0))
        .collect::<Result<_, _>>()
        .map(Row)
}

/// A [`Cell`] of whatever type the column has.
struct AnyCell(Cell);

impl<'a> FromSql<'a> for AnyCell {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let cell = match *kind {
            Type::INT8 => Cell::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Cell::Int(i32::from_sql(kind, raw)?.into()),
            Type::BOOL => Cell::Int(bool::from_sql(kind, raw)?.into()),
            Type::FLOAT8 => Cell::Real(f64::from_sql(kind, raw)?),
            Type::FLOAT4 => Cell::Real(f32::from_sql(kind, raw)?.into()),
            Type::BYTEA => Cell::Bytes(raw.to_vec()),
            _ => Cell::Text(String::from_sql(kind, raw)?),
        };
        Ok(Self(cell))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Cell::Null))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::INT8
                | Type::INT4
                | Type::BOOL
                | Type::FLOAT8
                | Type::FLOAT4
                | Type::BYTEA
                | Type::TEXT
                | Type::VARCHAR
                | Type::NAME
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_the_servers_way() {
        assert_eq!(
            numbered("a = ?1 AND b ? '?' OR c = ?12"),
            "a = $1 AND b ? '?' OR c = $12"
        );
    }

    #[test]
    fn messages_say_where_but_not_the_password() {
        let config: Config = "postgres://me:hunter2@db.example:6000/offhook"
            .parse()
            .unwrap();
        assert_eq!(place(&config), "offhook on db.example:6000");
        let error = open(&Secret::new("postgres://me:hunter2@db:x/offhook"))
            .err()
            .unwrap()
            .to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
