//! What is to be set.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use org42::{GetSettings, OrgSettings, SettingKey, SettingValue, SettingsGroup};

use crate::error::{Error, Result};

/// A setting and its value, as in `archive_hold_days=30`.
///
/// ```
/// use org42_admin::Assignment;
///
/// let days: Assignment = "archive_hold_days = 30".parse()?;
/// assert_eq!(days.to_string(), "archive_hold_days=30");
/// assert!("archive_hold_days=soon".parse::<Assignment>().is_err());
/// # Ok::<(), org42_admin::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assignment {
    /// Which setting.
    pub key: SettingKey,
    /// What it is to be.
    pub value: SettingValue,
}

impl Assignment {
    /// Assigns a value to a setting.
    ///
    /// # Errors
    ///
    /// [`Error::Call`] for what cannot be a value of this setting.
    pub fn new(key: SettingKey, value: SettingValue) -> Result<Self> {
        key.check(&value)?;
        Ok(Self { key, value })
    }
}

impl FromStr for Assignment {
    type Err = Error;

    /// Reads `KEY=VALUE`.
    fn from_str(text: &str) -> Result<Self> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Error::InvalidInput(format!("{text:?} is not KEY=VALUE")))?;
        let key: SettingKey = key.trim().parse()?;
        let value = key.parse_value(value.trim())?;
        Ok(Self { key, value })
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

/// What is to be changed about the settings of an organization.
///
/// ```
/// use org42_admin::SettingsEdit;
///
/// let edit = SettingsEdit::set(["archive_hold_days=30".parse()?])?.own(true);
/// assert_eq!(edit.values().len(), 1);
/// # Ok::<(), org42_admin::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct SettingsEdit {
    values: Vec<Assignment>,
    keys: Vec<SettingKey>,
    own: bool,
    inherit: Option<SettingsGroup>,
}

impl SettingsEdit {
    /// Sets these values.
    ///
    /// # Errors
    ///
    /// [`Error::NothingToDo`] without values; [`Error::InvalidInput`] where one setting is given more than once, and for
    /// one that can only be read.
    pub fn set(values: impl IntoIterator<Item = Assignment>) -> Result<Self> {
        let values: Vec<Assignment> = values.into_iter().collect();
        let keys: Vec<SettingKey> = values.iter().map(|value| value.key.clone()).collect();
        let distinct: BTreeSet<&SettingKey> = keys.iter().collect();
        if values.is_empty() {
            return Err(Error::NothingToDo("there is nothing to set".to_owned()));
        }
        if distinct.len() < keys.len() {
            let message = "a setting is given more than once";
            return Err(Error::InvalidInput(message.to_owned()));
        }
        if let Some(key) = keys.iter().find(|key| key.is_read_only()) {
            return Err(Error::InvalidInput(format!("{key} can only be read")));
        }
        if let Some((switch, key)) = contradiction(&values) {
            return Err(Error::InvalidInput(format!(
                "{switch}=true gives up the organization's own {key}: set one of the two"
            )));
        }
        Ok(Self {
            values,
            keys,
            own: false,
            inherit: None,
        })
    }

    /// Goes back to the parent's values of a whole group; the organization's own values will be discarded by the server.
    pub fn inherit(group: SettingsGroup) -> Self {
        let switch = group.switch();
        let on = |key: &SettingKey| Assignment {
            key: key.clone(),
            value: SettingValue::Bool(true),
        };
        Self {
            values: switch.iter().map(on).collect(),
            keys: switch.into_iter().collect(),
            own: false,
            inherit: Some(group),
        }
    }

    /// Makes the values the organization's own also where the same value is inherited, so that changes above no longer
    /// reach it.
    pub fn own(mut self, own: bool) -> Self {
        self.own = own;
        self
    }

    /// Returns the values that are to be in force; for a group that is to be inherited, its switch.
    #[must_use]
    pub fn values(&self) -> &[Assignment] {
        &self.values
    }

    /// Returns the settings that are touched.
    #[must_use]
    pub fn keys(&self) -> &[SettingKey] {
        &self.keys
    }

    /// Returns whether values become the organization's own also where they are inherited.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Returns the group that is to be inherited, if that is the change.
    #[must_use]
    pub fn inherits(&self) -> Option<SettingsGroup> {
        self.inherit
    }

    /// Returns which settings have to be read for it.
    pub(crate) fn needs(&self) -> GetSettings {
        match self.keys[..] {
            [] => GetSettings::new(),
            _ => GetSettings::new().only(&self.keys),
        }
    }

    /// Makes the changes on an object; returns what cannot be set, and why.
    pub(crate) fn apply(
        &self,
        settings: &mut OrgSettings,
    ) -> Vec<(Option<SettingKey>, org42::Error)> {
        if let Some(group) = self.inherit {
            let error = settings.inherit(group).err();
            return error
                .map(|error| (self.keys.first().cloned(), error))
                .into_iter()
                .collect();
        }
        let mut refused = Vec::new();
        for Assignment { key, value } in &self.values {
            let mut set = settings.set(key, value.clone());
            let is_changed = settings.changes().iter().any(|change| change.key == *key);
            if set.is_ok() && self.own && !is_changed && !is_switch(key) {
                set = match settings.get(key) {
                    Ok(found) if found.inherited == Some(false) => Ok(()),
                    _ => settings.pin(key),
                };
            }
            if let Err(error) = set {
                refused.push((Some(key.clone()), error));
            }
        }
        // One value may take another along, which then is not what it was to be.
        for Assignment { key, value } in &self.values {
            let is_lost = settings.get(key).is_ok_and(|found| found.value != *value);
            if is_lost && !refused.iter().any(|(other, _)| other.as_ref() == Some(key)) {
                let operation = format!("set {key} to {value}");
                let message = "another of the given values changes it back";
                refused.push((
                    Some(key.clone()),
                    org42::Error::invalid_input(operation, message),
                ));
            }
        }
        refused
    }
}

/// Returns whether a key says of a group whether it is inherited, and so is no value to have of one's own.
pub(super) fn is_switch(key: &SettingKey) -> bool {
    let group = SettingsGroup::of(key.place());
    group.and_then(SettingsGroup::switch).as_ref() == Some(key)
}

/// Finds a group that is to be inherited, and a value of its own that it is to have all the same.
fn contradiction(values: &[Assignment]) -> Option<(&SettingKey, &SettingKey)> {
    let on = SettingValue::Bool(true);
    let switches = values.iter().filter(|value| value.value == on);
    switches
        .filter_map(|switch| {
            let group = SettingsGroup::of(switch.key.place())?;
            let in_it = |value: &&Assignment| {
                value.key != switch.key && SettingsGroup::of(value.key.place()) == Some(group)
            };
            let own = values
                .iter()
                .find(in_it)
                .filter(|_| is_switch(&switch.key))?;
            Some((&switch.key, &own.key))
        })
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_edit_is_refused() {
        let of = |texts: &[&str]| {
            let values = texts.iter().map(|text| text.parse::<Assignment>().unwrap());
            SettingsEdit::set(values)
        };
        assert!(matches!(of(&[]), Err(Error::NothingToDo(_))));
        for texts in [
            &["archive_hold_days=1", "archive_hold_days=2"][..],
            &["org_id=7"],
        ] {
            assert!(
                matches!(of(texts), Err(Error::InvalidInput(_))),
                "{texts:?}"
            );
        }
        assert!(of(&["archive_hold_days=1", "web_restore_enabled=true"]).is_ok());
    }

    #[test]
    fn a_group_that_is_inherited_is_its_switch() {
        let edit = SettingsEdit::inherit(SettingsGroup::Quota);
        assert_eq!(edit.keys(), [SettingsGroup::Quota.switch().unwrap()]);
        assert_eq!(edit.values()[0].value, SettingValue::Bool(true));
        assert_eq!(edit.inherits(), Some(SettingsGroup::Quota));
    }
}
