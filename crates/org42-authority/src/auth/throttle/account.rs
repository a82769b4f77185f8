//! The account that an attempt to log in is for, and the part of its credentials that can be wrong.

use sha2::{Digest as _, Sha256};

use crate::store::username_key;

/// An account, as a digest: however long a name is, neither it nor its length is kept.
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
    /// Returns a user's account by name; names that are the same to the tenant are the same here.
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

/// The part of the credentials that was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    /// The name, the password or the secret; or a code was needed and none was sent.
    Secret,
    /// The one-time code, while the password was right. There are so few codes that this is slowed down more.
    Code,
}
