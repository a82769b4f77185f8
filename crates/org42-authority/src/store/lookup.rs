//! By what rows are found.

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey};

/// By what an organization is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgLookup {
    /// The one without a parent.
    Top,
    /// By `orgId`.
    Id(OrgId),
    /// By `orgUid`.
    Uid(OrgUid),
    /// By `orgGuid`.
    Guid(OrgGuid),
    /// By registration key.
    RegistrationKey(RegistrationKey),
}

/// By what a user is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserLookup {
    /// By `userId`.
    Id(u32),
    /// By `userUid`.
    Uid(String),
    /// By `username`, whatever the case of its letters.
    Username(String),
}

/// By what a device is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceLookup {
    /// By `computerId`.
    Id(u32),
    /// By `guid`.
    Guid(String),
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many to pass over.
    pub offset: u64,
    /// How many to take at most.
    pub limit: u64,
}

/// A username the way it is compared: the case of its letters does not count.
#[must_use]
pub fn username_key(username: &str) -> String {
    username.to_lowercase()
}
