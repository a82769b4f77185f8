//! What is kept of callers: programs that sign in, sessions that were ended, and answers that were given.

use std::fmt;

use org42_types::Timestamp;

/// A program that may use the API, with the rights of the administrator.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiClient {
    /// The id, which is public.
    pub client_id: String,
    /// The SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// Whether it may no longer log in.
    pub revoked: bool,
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A token that was ended before it expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedToken {
    /// The SHA-256 of its signed part, which is the same however the token is written.
    pub digest: Vec<u8>,
    /// The time at which it expires.
    pub expires: Timestamp,
}

/// The answer to a change that was asked for with an idempotency key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyedAnswer {
    /// The SHA-256 of who asked, and of the key.
    pub digest: Vec<u8>,
    /// The SHA-256 of what was asked.
    pub asked: Vec<u8>,
    /// The status.
    pub status: u16,
    /// The `Content-Type`.
    pub content_type: String,
    /// The document; none if it was not kept.
    pub document: Option<Vec<u8>>,
    /// The time at which it is forgotten.
    pub expires: Timestamp,
}

impl fmt::Debug for KeyedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyedAnswer")
            .field("status", &self.status)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
