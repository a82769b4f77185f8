-- The answers to changes that were asked for with an idempotency key, until they are forgotten.

CREATE TABLE keyed_answer (
    digest        BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of who asked and of the key
    asked         BLOB    NOT NULL,             -- SHA-256 of what was asked
    status        INTEGER NOT NULL,
    content_type  TEXT    NOT NULL,
    document      BLOB,                         -- none if it holds a secret, or is too long
    expires_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX keyed_answer_by_end ON keyed_answer (expires_at);
