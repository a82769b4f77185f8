-- One file is one tenant. On a server shared by tenants the same tables have tenant_id as the first column of every
-- key and index. Nothing here, and no statement on it, goes beyond what the databases of the PostgreSQL family share.
--
-- created_at, modified_at and the like are milliseconds since 1970. Columns that hold a revision say so.

CREATE TABLE tenant (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    revision    INTEGER NOT NULL,
    tenant_uid  TEXT    NOT NULL,
    next_id     INTEGER NOT NULL,
    destinations TEXT   NOT NULL, -- JSON
    signing_key BLOB    NOT NULL
) STRICT;

CREATE TABLE org (
    org_id                  INTEGER PRIMARY KEY,
    org_uid                 TEXT    NOT NULL UNIQUE,
    org_guid                TEXT    NOT NULL UNIQUE,
    parent_id               INTEGER REFERENCES org (org_id),
    path                    TEXT    NOT NULL UNIQUE,
    name                    TEXT    NOT NULL,
    former_name             TEXT,
    ext_ref                 TEXT,
    notes                   TEXT,
    registration_key        TEXT    NOT NULL UNIQUE,
    created_at              INTEGER NOT NULL,
    modified_at             INTEGER NOT NULL,
    blocked_revision        INTEGER NOT NULL,
    unblocked_revision      INTEGER NOT NULL,
    deactivated_revision    INTEGER,
    deactivated_at          INTEGER,
    last_deactivation       INTEGER NOT NULL, -- a revision
    left_inactive           TEXT    NOT NULL, -- JSON: [[revision, time], ...]
    activated_revision      INTEGER NOT NULL,
    revived_revision        INTEGER NOT NULL,
    UNIQUE (parent_id, name)
) STRICT;

CREATE TABLE deactivation (
    org_id      INTEGER NOT NULL REFERENCES org (org_id),
    revision    INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (org_id, revision)
) STRICT;

CREATE TABLE hold_days (
    org_id      INTEGER NOT NULL REFERENCES org (org_id),
    revision    INTEGER NOT NULL,
    days        INTEGER, -- null: as above
    PRIMARY KEY (org_id, revision)
) STRICT;

CREATE TABLE org_settings (
    org_id      INTEGER PRIMARY KEY REFERENCES org (org_id),
    settings    TEXT    NOT NULL -- JSON
) STRICT;

CREATE TABLE org_user (
    user_id             INTEGER PRIMARY KEY,
    user_uid            TEXT    NOT NULL UNIQUE,
    username            TEXT    NOT NULL,
    username_key        TEXT    NOT NULL UNIQUE, -- in lower case
    email               TEXT,
    first_name          TEXT,
    last_name           TEXT,
    ext_ref             TEXT,
    notes               TEXT,
    org_id              INTEGER NOT NULL REFERENCES org (org_id),
    is_admin            INTEGER NOT NULL,
    password_hash       TEXT,
    totp_secret         BLOB,
    totp_last_step      INTEGER,
    created_at          INTEGER NOT NULL,
    modified_at         INTEGER NOT NULL,
    blocked             INTEGER NOT NULL,
    deactivated         INTEGER NOT NULL,
    unblocked_revision  INTEGER NOT NULL,
    activated_revision  INTEGER NOT NULL,
    sessions_end        INTEGER NOT NULL -- a revision
) STRICT;

CREATE INDEX org_user_by_org ON org_user (org_id);

CREATE TABLE device (
    device_id               INTEGER PRIMARY KEY,
    guid                    TEXT    NOT NULL UNIQUE,
    user_id                 INTEGER NOT NULL REFERENCES org_user (user_id),
    name                    TEXT    NOT NULL,
    os_name                 TEXT    NOT NULL,
    secret_hash             BLOB    NOT NULL,
    created_at              INTEGER NOT NULL,
    modified_at             INTEGER NOT NULL,
    last_connected          INTEGER,
    login_date              INTEGER,
    blocked                 INTEGER NOT NULL,
    deactivated             INTEGER NOT NULL,
    plan_uid                TEXT    NOT NULL,
    plan_started_revision   INTEGER NOT NULL,
    plan_stopped            INTEGER NOT NULL
) STRICT;

CREATE INDEX device_by_user ON device (user_id);

CREATE TABLE archive (
    guid            TEXT    PRIMARY KEY,
    device_id       INTEGER NOT NULL REFERENCES device (device_id),
    bytes           INTEGER NOT NULL,
    last_backup     INTEGER NOT NULL,
    cold_since      INTEGER,
    cold_hold_days  INTEGER,
    warm_revision   INTEGER NOT NULL
) STRICT;

CREATE INDEX archive_by_device ON archive (device_id);

CREATE TABLE agent_state (
    device_guid TEXT    NOT NULL REFERENCES device (guid),
    name        TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    PRIMARY KEY (device_guid, name)
) STRICT;

CREATE TABLE api_client (
    client_id   TEXT    PRIMARY KEY,
    secret_hash BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    revoked     INTEGER NOT NULL
) STRICT;
