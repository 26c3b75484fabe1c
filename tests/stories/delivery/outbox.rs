//! An outbox without an engine around it: a real database, real sockets, and a clock that the story sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use offhook::config::Config;
use offhook::delivery::{Event, EventType, Worker};
use offhook::store::Database;
use serde_json::json;
use tempfile::TempDir;

/// When every story begins: 2026-11-21T00:00:00Z.
pub const BEGIN_MS: i64 = 1_795_219_200_000;

/// The outbox.
pub struct Outbox {
    pub database: Database,
    config: Config,
    clock: Arc<AtomicI64>,
    _dir: TempDir,
}

impl Outbox {
    pub fn new(settings: &str) -> Outbox {
        let dir = tempfile::tempdir().unwrap();
        Outbox {
            database: Database::open(&dir.path().join("offhook.db")).unwrap(),
            config: Config::parse(settings, "offhook.toml").unwrap_or_else(|e| panic!("{e}")),
            clock: Arc::new(AtomicI64::new(BEGIN_MS)),
            _dir: dir,
        }
    }

    /// A worker as a process has one; another one is another process's.
    pub fn worker(&self) -> Worker {
        let clock = Arc::clone(&self.clock);
        Worker::new(
            self.database.clone(),
            Arc::clone(self.config.delivery()),
            Arc::new(move || clock.load(Ordering::SeqCst)),
            Arc::new(|| 0.5),
        )
        .unwrap()
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn set_clock(&self, now_ms: i64) {
        self.clock.store(now_ms, Ordering::SeqCst);
    }

    pub fn pass(&self, ms: i64) {
        self.set_clock(self.now_ms() + ms);
    }
}

/// A released record of a call.
pub fn approved(call: &str, version: i64, at_ms: i64) -> Event {
    let record = json!({
        "id": call.replacen("call", "rec", 1), "call_id": call, "vertical": "home_services", "call": { "id": call },
        "fields": { "caller_name": { "value": "Maria Gonzalez", "display": "Maria Gonzalez", "type": "person_name", "status": "confirmed" } },
    });
    Event::of_record(EventType::RecordApproved, &record, version, at_ms)
}
