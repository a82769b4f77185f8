//! Settings in force and where they come from, and the differences between two of them.

use std::fmt;

use org42_types::{OrgId, OrgUid};
use serde::Serialize;

use crate::settings::keys::key::SettingKey;
use crate::settings::keys::value::SettingValue;

/// A setting as it is in force for an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Effective {
    /// The setting.
    pub key: SettingKey,
    /// The value in force.
    pub value: SettingValue,
    /// Whether the value comes from an organization above; `None` if the API does not show it.
    pub inherited: Option<bool>,
    /// The organization that provides the value, as far as the API shows it.
    pub from: Option<Origin>,
    /// Whether the setting is locked: a t-setting for the organizations below the one that provides it, a device
    /// default for the users of devices, a backup set for everyone.
    pub locked: bool,
}

/// An organization that provides a setting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Origin {
    /// The organization's number.
    pub org_id: Option<OrgId>,
    /// The organization's long number.
    pub org_uid: Option<OrgUid>,
    /// The organization's name.
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

/// A change in an [`OrgSettings`](crate::OrgSettings) that is not sent yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SettingChange {
    /// The setting.
    pub key: SettingKey,
    /// The value in force when it was read.
    pub old: SettingValue,
    /// The value that is to be in force.
    pub new: SettingValue,
    /// Whether an inherited value becomes the organization's own; `new` equals `old` then.
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

/// A setting that differs between two organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SettingDifference {
    /// The setting.
    pub key: SettingKey,
    /// The setting of the first organization; `None` if it has none.
    pub left: Option<Effective>,
    /// The setting of the second organization; `None` if it has none.
    pub right: Option<Effective>,
}

/// A change on the server that an update would have overwritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SettingConflict {
    /// The setting.
    pub key: SettingKey,
    /// The value when it was read.
    pub read: SettingValue,
    /// The value on the server now.
    pub now: SettingValue,
}

impl fmt::Display for SettingConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was {} and is {} now", self.key, self.read, self.now)
    }
}
