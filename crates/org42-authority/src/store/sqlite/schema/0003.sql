-- Tokens that were given back before their time, until it has come: ended is ended, in every process.

CREATE TABLE ended_token (
    digest      BLOB    NOT NULL PRIMARY KEY, -- SHA-256 of what is signed
    expires_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX ended_token_by_end ON ended_token (expires_at);
