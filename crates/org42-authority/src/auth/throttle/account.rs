//! Whose credentials an attempt shows, and what can be wrong with them.

use sha2::{Digest as _, Sha256};

use crate::store::username_key;

/// An account that credentials are for, as a digest: however long a name is, neither it nor its length is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Account {
    pub(super) kind: Kind,
    digest: [u8; 32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    User,
    Program,
    Device,
}

impl Account {
    /// Returns a user's account by name; names that the tenant takes for the same are the same here.
    pub(crate) fn user(name: &str) -> Self {
        Self::new(Kind::User, &username_key(name.trim()))
    }

    /// Returns an API client's account by id.
    pub(crate) fn program(client_id: &str) -> Self {
        Self::new(Kind::Program, client_id)
    }

    /// Returns a device's account by guid.
    pub(crate) fn device(guid: &str) -> Self {
        Self::new(Kind::Device, guid)
    }

    fn new(kind: Kind, name: &str) -> Self {
        Self {
            kind,
            digest: Sha256::digest(name.as_bytes()).into(),
        }
    }
}

/// What was wrong with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    /// The name, the password or the secret, or a code was wanted and there was none.
    Secret,
    /// The password was right and the one-time code was not. There are so few codes that this is braked harder.
    Code,
}
