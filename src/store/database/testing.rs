//! Runs a test on both databases: SQLite in a folder of its own, and PostgreSQL in a schema of its own.
//!
//! A test is an `async fn name(database: Database)`; `on_both!(name, other_name)` makes `sqlite::name` and `postgres::name` of it.

mod server;

use super::{Database, DatabaseError};
use crate::secret::Secret;

pub use server::fresh_schema;

/// A database of its own for one test, and what must live as long.
pub struct Fresh {
    /// The database.
    pub database: Database,
    place: Place,
}

enum Place {
    File(tempfile::TempDir),
    Server(Secret),
}

impl Fresh {
    /// An empty SQLite file.
    pub fn sqlite() -> Self {
        let place = Place::File(tempfile::tempdir().unwrap());
        let database = place.open().unwrap();
        Self { database, place }
    }

    /// An empty schema of a PostgreSQL server; `None` where there is no PostgreSQL, which has been said then.
    pub fn postgres() -> Option<Self> {
        let place = Place::Server(Secret::new(fresh_schema()?));
        let database = place.open().unwrap();
        Some(Self { database, place })
    }

    /// Closes the database and opens it again.
    pub fn reopen(self) -> Self {
        drop(self.database);
        let database = self.place.open().unwrap();
        Self {
            database,
            place: self.place,
        }
    }

    /// Another node on the same database. SQLite has one writer at a time, so only PostgreSQL has this.
    pub fn another_node(&self) -> Database {
        self.place.open().unwrap()
    }
}

impl Place {
    fn open(&self) -> Result<Database, DatabaseError> {
        match self {
            Place::File(dir) => Database::open(&dir.path().join("offhook.db")),
            Place::Server(url) => Database::connect(url),
        }
    }
}

/// Makes two tests of each function named: one on SQLite, one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let fresh = $crate::store::database::testing::Fresh::sqlite();
                super::$name(fresh.database.clone()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(fresh) = $crate::store::database::testing::Fresh::postgres() {
                    super::$name(fresh.database.clone()).await;
                }
            })*
        }
    };
}
pub(crate) use on_both;
