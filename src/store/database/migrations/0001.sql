-- Times are milliseconds since 1970 (UTC). JSON columns hold the document as it was given, byte for byte.

-- [postgres]
-- SQLite has this one built in. The cast fails where the text is no JSON.
CREATE FUNCTION json_valid(text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1::json IS NOT NULL';
-- [both]

CREATE TABLE calls (
    id               TEXT PRIMARY KEY NOT NULL,
    provider         TEXT NOT NULL,
    provider_call_id TEXT,
    status           TEXT NOT NULL,
    started_at_ms    INTEGER NOT NULL,
    ended_at_ms      INTEGER,
    from_number      TEXT,
    to_number        TEXT,
    vertical         TEXT,
    location_id      TEXT,
    direction        TEXT NOT NULL,
    record_id        TEXT,
    version          INTEGER NOT NULL,
    call             TEXT NOT NULL CHECK (json_valid(call))
) STRICT;
-- Not unique: a provider that uses an id twice must not cost us a call.
CREATE INDEX calls_by_provider_call_id ON calls (provider_call_id) WHERE provider_call_id IS NOT NULL;
CREATE INDEX calls_by_start ON calls (started_at_ms DESC, id);

CREATE TABLE records (
    id            TEXT PRIMARY KEY NOT NULL,
    call_id       TEXT NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE,
    state         TEXT NOT NULL,
    version       INTEGER NOT NULL,
    -- Whether a person has changed it: from then on the engine does not touch it any more.
    edited        INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    record        TEXT NOT NULL CHECK (json_valid(record))
) STRICT;
CREATE INDEX records_by_creation ON records (created_at_ms DESC, id);
CREATE INDEX records_by_state ON records (state, created_at_ms DESC, id);

CREATE TABLE segments (
    call_id  TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    seq      INTEGER NOT NULL,
    track    TEXT NOT NULL,
    speaker  TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms   INTEGER NOT NULL,
    text     TEXT NOT NULL,
    segment  TEXT NOT NULL CHECK (json_valid(segment)),
    PRIMARY KEY (call_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE timeline (
    call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    at      TEXT NOT NULL,
    name    TEXT NOT NULL,
    data    TEXT NOT NULL CHECK (json_valid(data)),
    PRIMARY KEY (call_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal_marks (
    call_id TEXT PRIMARY KEY NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    path    TEXT NOT NULL,
    seal    TEXT NOT NULL,
    bytes   INTEGER NOT NULL,
    entries INTEGER NOT NULL
) STRICT;
