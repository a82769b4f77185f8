//! The keys by which organizations, users and devices are found, and windows of lists.

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey};

/// A key of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrgLookup {
    /// The organization without a parent.
    Top,
    /// `orgId`.
    Id(OrgId),
    /// `orgUid`.
    Uid(OrgUid),
    /// `orgGuid`.
    Guid(OrgGuid),
    /// `registrationKey`.
    RegistrationKey(RegistrationKey),
}

/// A key of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserLookup {
    /// `userId`.
    Id(u32),
    /// `userUid`.
    Uid(String),
    /// `username`, whatever the case of its letters.
    Username(String),
}

/// A key of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceLookup {
    /// `computerId`.
    Id(u32),
    /// `guid`.
    Guid(String),
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many rows to skip.
    pub offset: u64,
    /// How many rows to return at most.
    pub limit: u64,
}

/// Returns a username in the form in which it is compared: the case of its letters does not count.
#[must_use]
pub fn username_key(username: &str) -> String {
    username.to_lowercase()
}
