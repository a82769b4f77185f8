//! What is in force, and where it comes from.

use std::fmt;

use org42_types::{OrgId, OrgUid};
use serde::Serialize;

use crate::settings::keys::key::SettingKey;
use crate::settings::keys::value::SettingValue;

/// A setting as it is in force for an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Effective {
    /// Which setting.
    pub key: SettingKey,
    /// What is in force.
    pub value: SettingValue,
    /// Whether it comes from an organization above; none where the API does not tell.
    pub inherited: Option<bool>,
    /// Which organization provides it, as far as the API tells.
    pub from: Option<Origin>,
    /// Whether it is locked: a t-setting for the organizations below the one that provides it, a device default for the
    /// users of devices, a backup set for everybody.
    pub locked: bool,
}

/// An organization that provides a setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Origin {
    /// Its number.
    pub org_id: Option<OrgId>,
    /// Its long number.
    pub org_uid: Option<OrgUid>,
    /// Its name.
    pub org_name: Option<String>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.org_name, &self.org_id) {
            (Some(name), Some(id)) => f.pad(&format!("{name} ({id})")),
            (Some(name), None) => f.pad(name),
            (None, Some(id)) => f.pad(&id.to_string()),
            (None, None) => match &self.org_uid {
                Some(uid) => f.pad(uid.as_str()),
                None => f.pad("not told"),
            },
        }
    }
}

/// A change that was made to an object and is not sent yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SettingChange {
    /// Which setting.
    pub key: SettingKey,
    /// What was in force when it was read.
    pub old: SettingValue,
    /// What is to be in force.
    pub new: SettingValue,
    /// Whether an inherited value becomes the organization's own; then `new` is `old`.
    pub pins: bool,
}

impl fmt::Display for SettingChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pins {
            true => write!(f, "{}: {} becomes its own", self.key, self.new),
            false => write!(f, "{}: {} -> {}", self.key, self.old, self.new),
        }
    }
}

/// A setting that two organizations have differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SettingDifference {
    /// Which setting.
    pub key: SettingKey,
    /// What the one has; none where it has no such setting.
    pub left: Option<Effective>,
    /// What the other has; none where it has no such setting.
    pub right: Option<Effective>,
}

/// A change of somebody else that an update would have overwritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SettingConflict {
    /// Which setting.
    pub key: SettingKey,
    /// What it was when it was read.
    pub read: SettingValue,
    /// What it is now.
    pub now: SettingValue,
}

impl fmt::Display for SettingConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was {} and is {} now", self.key, self.read, self.now)
    }
}
