-- What people make of records: the order of the review queue, tasks, how right the engine was, and answers already given.

ALTER TABLE records ADD COLUMN risk INTEGER NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN due_at_ms INTEGER;
ALTER TABLE records ADD COLUMN assigned_to TEXT;
ALTER TABLE records ADD COLUMN location_id TEXT;
ALTER TABLE records ADD COLUMN department_id TEXT;
ALTER TABLE records ADD COLUMN outcome TEXT;
-- What reports count, a JSON document.
ALTER TABLE records ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';
-- The reasons for review, each between two line feeds.
ALTER TABLE records ADD COLUMN reasons TEXT NOT NULL DEFAULT '';
CREATE INDEX records_by_risk ON records (state, risk DESC, id);

-- Things somebody owes: what was promised in a call, and what comes next after it.
CREATE TABLE tasks (
    id              TEXT PRIMARY KEY NOT NULL,
    record_id       TEXT NOT NULL,
    call_id         TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    location_id     TEXT,
    department_id   TEXT,
    -- `task` or `next_action`.
    kind            TEXT NOT NULL,
    title           TEXT NOT NULL,
    -- `caller` or `agent`.
    promised_by     TEXT,
    status          TEXT NOT NULL,
    due_at_ms       INTEGER,
    -- Whether its being late has been told.
    overdue_told    INTEGER NOT NULL DEFAULT 0,
    done_at_ms      INTEGER,
    done_by         TEXT,
    created_at_ms   INTEGER NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1,
    task            TEXT NOT NULL
) STRICT;
CREATE INDEX tasks_by_status ON tasks (status, created_at_ms DESC, id);
CREATE INDEX tasks_by_call ON tasks (call_id);

-- Whether the engine was right, known once a person has released a record.
CREATE TABLE field_verdicts (
    record_id   TEXT NOT NULL REFERENCES records (id) ON DELETE CASCADE,
    field       TEXT NOT NULL,
    status      TEXT NOT NULL,
    confidence  REAL NOT NULL,
    correct     INTEGER NOT NULL,
    sampled     INTEGER NOT NULL,
    location_id TEXT,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX field_verdicts_by_time ON field_verdicts (at_ms);

-- Answers to requests that carried an `Idempotency-Key`, kept for a day.
CREATE TABLE idempotency_keys (
    principal_id  TEXT NOT NULL,
    key           TEXT NOT NULL,
    request_hash  TEXT NOT NULL,
    status        INTEGER NOT NULL,
    etag          TEXT,
    body          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (principal_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at_ms);
