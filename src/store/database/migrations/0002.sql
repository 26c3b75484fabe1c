-- Who did what: each row holds the hash of the one before, so that no row can be changed, taken out or put in unseen.
CREATE TABLE audit_events (
    seq         INTEGER PRIMARY KEY NOT NULL,
    id          TEXT NOT NULL UNIQUE,
    at_ms       INTEGER NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT,
    actor_ip    TEXT,
    action      TEXT NOT NULL,
    resource    TEXT NOT NULL,
    before_hash TEXT,
    after_hash  TEXT,
    reason      TEXT,
    prev_hash   TEXT NOT NULL,
    hash        TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_by_resource ON audit_events (resource, seq);
CREATE INDEX audit_events_by_action ON audit_events (action, seq);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id, seq);

-- The chain's end, kept apart so that cutting off its last rows is seen.
CREATE TABLE audit_head (
    chain INTEGER PRIMARY KEY NOT NULL CHECK (chain = 1),
    seq   INTEGER NOT NULL,
    hash  TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (chain, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- The words of a call's transcript, to search by. SQLite's index knows numbers, not texts.
-- [sqlite]
CREATE TABLE transcript_documents (
    document INTEGER PRIMARY KEY NOT NULL,
    call_id  TEXT NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE
) STRICT;
CREATE VIRTUAL TABLE transcript_index USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0", prefix = '2 3');
-- [postgres]
CREATE TABLE transcript_index (
    call_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    words   TSVECTOR NOT NULL
);
CREATE INDEX transcript_index_by_word ON transcript_index USING gin (words);
-- [both]

CREATE INDEX calls_by_from_number ON calls (from_number, started_at_ms DESC);
CREATE INDEX calls_by_location ON calls (location_id, started_at_ms DESC, id);
CREATE INDEX calls_by_status ON calls (status, started_at_ms DESC, id);
CREATE INDEX calls_by_vertical ON calls (vertical, started_at_ms DESC, id);

-- Who the business knows. The document holds what it loaded; the keys are what a contact is found by.
CREATE TABLE contacts (
    id            TEXT PRIMARY KEY NOT NULL,
    client_id     TEXT,
    name          TEXT,
    version       INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    contact       TEXT NOT NULL CHECK (json_valid(contact))
) STRICT;
CREATE INDEX contacts_by_change ON contacts (updated_at_ms DESC, id);
CREATE TABLE contact_keys (
    -- 'phone' (E.164), 'email' (lower case), or the name of a system and its id.
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, value, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_keys_by_contact ON contact_keys (contact_id);

-- What is kept of a call, and until when: a hold keeps all of it, whatever its age.
CREATE TABLE call_retention (
    call_id                  TEXT PRIMARY KEY NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    legal_hold               INTEGER NOT NULL DEFAULT 0,
    recording_deleted_at_ms  INTEGER,
    transcript_deleted_at_ms INTEGER,
    journal_deleted_at_ms    INTEGER
) STRICT;

-- What was to be forgotten. A number is kept as a keyed hash only: enough to tell that it was asked for, not who it was.
CREATE TABLE erasures (
    id            TEXT PRIMARY KEY NOT NULL,
    kind          TEXT NOT NULL,
    subject       TEXT NOT NULL,
    state         TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    -- While it is pending: what is still to be removed.
    work          TEXT,
    report        TEXT NOT NULL CHECK (json_valid(report))
) STRICT;
CREATE INDEX erasures_by_creation ON erasures (created_at_ms DESC, id);
CREATE INDEX erasures_by_state ON erasures (state);
