-- +goose Up
-- Every table has a tenant, first in its key. Times are milliseconds since 1970, UTC.

CREATE TABLE tenants (
    tenant      TEXT PRIMARY KEY,
    next_number INTEGER NOT NULL DEFAULT 1001, -- the ticket number people say aloud
    name        TEXT NOT NULL DEFAULT '',      -- who receives tickets, and how else to reach them
    phone       TEXT NOT NULL DEFAULT '',
    mail        TEXT NOT NULL DEFAULT '',
    chat        TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO tenants (tenant) VALUES ('school');

CREATE TABLE enroll_keys (
    tenant     TEXT NOT NULL REFERENCES tenants,
    key_hash   BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses_left  INTEGER NOT NULL,
    PRIMARY KEY (tenant, key_hash)
) STRICT;
CREATE UNIQUE INDEX enroll_keys_by_hash ON enroll_keys (key_hash);

CREATE TABLE devices (
    tenant      TEXT NOT NULL REFERENCES tenants,
    id          TEXT NOT NULL,
    token_hash  BLOB NOT NULL,
    signing_key BLOB NOT NULL,
    computer    TEXT NOT NULL,
    os          TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE UNIQUE INDEX devices_by_token ON devices (token_hash);

CREATE TABLE tickets (
    tenant      TEXT NOT NULL REFERENCES tenants,
    id          TEXT NOT NULL,
    number      INTEGER NOT NULL,
    device      TEXT NOT NULL,
    body        TEXT NOT NULL, -- the ticket as it was accepted; never changes
    body_hash   BLOB NOT NULL, -- of its canonical form
    priority    TEXT NOT NULL,
    state       TEXT NOT NULL,
    agent       TEXT NOT NULL DEFAULT '',
    received_at INTEGER NOT NULL,
    clock_from  INTEGER NOT NULL, -- received, or opened again: the deadline counts from here
    due         INTEGER,          -- NULL: no deadline known
    met_at      INTEGER,
    seq         INTEGER NOT NULL, -- number of the ticket's last event
    search      TEXT NOT NULL,    -- lower case: who, where, words, computer
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, device) REFERENCES devices (tenant, id)
) STRICT;
CREATE UNIQUE INDEX tickets_by_number ON tickets (tenant, number);
CREATE INDEX tickets_by_device ON tickets (tenant, device, received_at);
CREATE INDEX tickets_open ON tickets (tenant, state, due);

CREATE TABLE steps (
    tenant TEXT NOT NULL,
    ticket TEXT NOT NULL,
    n      INTEGER NOT NULL,
    state  TEXT NOT NULL,
    at     INTEGER NOT NULL,
    by     TEXT NOT NULL,
    PRIMARY KEY (tenant, ticket, n),
    FOREIGN KEY (tenant, ticket) REFERENCES tickets (tenant, id)
) STRICT;

CREATE TABLE messages (
    tenant TEXT NOT NULL,
    ticket TEXT NOT NULL,
    id     TEXT NOT NULL, -- made by the sender: sending it twice says it once
    n      INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    sender TEXT NOT NULL, -- "user" or "technician"
    name   TEXT NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (tenant, ticket, id),
    FOREIGN KEY (tenant, ticket) REFERENCES tickets (tenant, id)
) STRICT;

CREATE TABLE reports (
    tenant  TEXT NOT NULL,
    ticket  TEXT NOT NULL,
    version INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    body    TEXT NOT NULL,
    hash    BLOB NOT NULL,
    PRIMARY KEY (tenant, ticket, version),
    FOREIGN KEY (tenant, ticket) REFERENCES tickets (tenant, id)
) STRICT;

CREATE TABLE blobs (
    tenant TEXT NOT NULL REFERENCES tenants,
    sha256 TEXT NOT NULL,
    bytes  INTEGER NOT NULL,
    body   BLOB, -- NULL: large, a file of its own
    at     INTEGER NOT NULL,
    PRIMARY KEY (tenant, sha256)
) STRICT;

-- A computer sees only what it has sent itself, even if the bytes are the same.
CREATE TABLE blob_owners (
    tenant TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    device TEXT NOT NULL,
    PRIMARY KEY (tenant, sha256, device),
    FOREIGN KEY (tenant, sha256) REFERENCES blobs (tenant, sha256)
) STRICT;

CREATE TABLE files (
    tenant TEXT NOT NULL,
    ticket TEXT NOT NULL,
    name   TEXT NOT NULL,
    type   TEXT NOT NULL,
    bytes  INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    at     INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (tenant, ticket, name),
    FOREIGN KEY (tenant, ticket) REFERENCES tickets (tenant, id),
    FOREIGN KEY (tenant, sha256) REFERENCES blobs (tenant, sha256)
) STRICT;

-- n orders the events of all tickets; there is one writer, so it has no holes
-- that fill later. seq counts within the ticket, without gaps.
CREATE TABLE events (
    n       INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant  TEXT NOT NULL,
    ticket  TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    at      INTEGER NOT NULL,
    message TEXT, -- id, for kind "message"
    status  TEXT NOT NULL,
    FOREIGN KEY (tenant, ticket) REFERENCES tickets (tenant, id)
) STRICT;
CREATE UNIQUE INDEX events_of_ticket ON events (tenant, ticket, seq);

CREATE TABLE accounts (
    tenant     TEXT NOT NULL REFERENCES tenants,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    password   TEXT NOT NULL, -- argon2id, in its usual form
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;

CREATE TABLE sessions (
    tenant     TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    name       TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, token_hash),
    FOREIGN KEY (tenant, name) REFERENCES accounts (tenant, name) ON DELETE CASCADE
) STRICT;

-- +goose Down
DROP TABLE sessions;
DROP TABLE accounts;
DROP TABLE events;
DROP TABLE files;
DROP TABLE blob_owners;
DROP TABLE blobs;
DROP TABLE reports;
DROP TABLE messages;
DROP TABLE steps;
DROP TABLE tickets;
DROP TABLE devices;
DROP TABLE enroll_keys;
DROP TABLE tenants;
