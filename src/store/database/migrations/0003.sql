-- The outbox: what happened, to whom it is told, and how that went. Written in the transaction of whatever happened.

CREATE TABLE events (
    id          TEXT PRIMARY KEY NOT NULL,
    type        TEXT NOT NULL,
    -- What the events are numbered by, so that receivers can put them in order: the call, or what an event of no call is about.
    subject     TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    call_id     TEXT,
    record_id   TEXT,
    vertical    TEXT NOT NULL,
    location_id TEXT,
    at_ms       INTEGER NOT NULL,
    data        TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_subject ON events (subject, sequence);
CREATE INDEX events_by_call ON events (call_id);

CREATE TABLE deliveries (
    id                 TEXT PRIMARY KEY NOT NULL,
    event_id           TEXT NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    event_type         TEXT NOT NULL,
    destination_id     TEXT NOT NULL,
    action_id          TEXT,
    kind               TEXT NOT NULL,
    recipient          TEXT,
    call_id            TEXT,
    record_id          TEXT,
    location_id        TEXT,
    -- Deliveries of one key to one destination go one after the other; null goes at any time.
    order_key          TEXT,
    sequence           INTEGER NOT NULL,
    state              TEXT NOT NULL,
    attempts           INTEGER NOT NULL,
    -- Attempts before a person asked for it again: from then on the schedule begins anew.
    attempts_before    INTEGER NOT NULL,
    next_attempt_at_ms INTEGER NOT NULL,
    -- Until then it waits for the event's messages, whose results go with it.
    hold_until_ms      INTEGER NOT NULL,
    lease_until_ms     INTEGER NOT NULL,
    -- What is sent, made at the first attempt and the same from then on.
    payload            TEXT,
    payload_sha256     TEXT,
    fields_sent        TEXT,
    last_status        INTEGER,
    last_error         TEXT,
    ack_ref            TEXT,
    created_at_ms      INTEGER NOT NULL,
    updated_at_ms      INTEGER NOT NULL,
    finished_at_ms     INTEGER
) STRICT;
CREATE INDEX deliveries_by_due ON deliveries (destination_id, state, next_attempt_at_ms);
CREATE INDEX deliveries_by_next ON deliveries (state, next_attempt_at_ms);
CREATE INDEX deliveries_by_hold ON deliveries (hold_until_ms) WHERE state = 'queued';
CREATE INDEX deliveries_by_order ON deliveries (destination_id, order_key, sequence);
CREATE INDEX deliveries_by_event ON deliveries (event_id);
CREATE INDEX deliveries_by_call ON deliveries (call_id);
CREATE INDEX deliveries_by_creation ON deliveries (created_at_ms DESC, id);
CREATE INDEX deliveries_by_state ON deliveries (state, created_at_ms DESC, id);

CREATE TABLE delivery_attempts (
    delivery_id      TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    n                INTEGER NOT NULL,
    at_ms            INTEGER NOT NULL,
    status_code      INTEGER,
    error            TEXT,
    latency_ms       INTEGER NOT NULL,
    response_excerpt TEXT,
    PRIMARY KEY (delivery_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE destinations_state (
    id                  TEXT PRIMARY KEY NOT NULL,
    -- Why nothing is sent to it any more; null while it works.
    disabled_reason     TEXT,
    disabled_at_ms      INTEGER,
    -- It asked to be left alone until then.
    paused_until_ms     INTEGER NOT NULL,
    failures            INTEGER NOT NULL,
    last_success_at_ms  INTEGER,
    last_failure_at_ms  INTEGER,
    last_error          TEXT,
    -- A signing secret made here, in clear: like the rest of the database it is kept from others by the rights of the file or server.
    secret              TEXT,
    secret_made_at_ms   INTEGER,
    -- Until then the configured secret signs as well.
    old_secret_until_ms INTEGER
) STRICT;
