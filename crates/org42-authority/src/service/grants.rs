//! The rights that callers must have, and the things that they are required over.

use super::Caller;
use crate::domain::roles::Right;
use crate::store::{DeviceLookup, OrgLookup, UserLookup};

/// The thing that a right is required over.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Scope {
    /// An organization itself.
    Org(OrgLookup),
    /// The contents of an organization. Being in it oneself is no right over the others in it.
    Inside(OrgLookup),
    /// A user.
    User(UserLookup),
    /// A device.
    Device(DeviceLookup),
    /// The caller's own user, which every session that holds may look at.
    Caller,
}

impl From<&OrgLookup> for Scope {
    fn from(key: &OrgLookup) -> Self {
        Self::Org(key.clone())
    }
}

impl From<&UserLookup> for Scope {
    fn from(key: &UserLookup) -> Self {
        Self::User(key.clone())
    }
}

impl From<&DeviceLookup> for Scope {
    fn from(key: &DeviceLookup) -> Self {
        Self::Device(key.clone())
    }
}

/// A right that a caller must have for everything that is asked.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) caller: Caller,
    pub(super) right: Right,
    pub(super) over: Scope,
}
