-- Who may: accounts, sessions, keys, one-time links. Secrets are stored as hashes.

CREATE TABLE users (
    id            TEXT PRIMARY KEY NOT NULL,
    -- What a person signs in with, lower case.
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    -- JSON list of location ids; null sees all.
    locations     TEXT,
    -- Null until the person has set one.
    password_hash TEXT,
    disabled      INTEGER NOT NULL DEFAULT 0,
    created_at_ms INTEGER NOT NULL,
    version       INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE sessions (
    token_hash    TEXT PRIMARY KEY NOT NULL,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at_ms INTEGER NOT NULL,
    seen_at_ms    INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    ip            TEXT,
    agent         TEXT
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_keys (
    id            TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL,
    -- The first letters, so that people recognise a key.
    start         TEXT NOT NULL,
    key_hash      TEXT NOT NULL UNIQUE,
    -- JSON list.
    scopes        TEXT NOT NULL,
    locations     TEXT,
    created_by    TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    used_at_ms    INTEGER,
    revoked       INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One-time links by which a person sets a password.
CREATE TABLE password_links (
    token_hash    TEXT PRIMARY KEY NOT NULL,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at_ms INTEGER NOT NULL
) STRICT;
