//! The settings that new devices of an organization start with, and the backup sets among them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::error::{Error, Result};
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::key::{SetPart, SettingKey};
use crate::settings::keys::kind::guid_in;
use crate::settings::keys::value::SettingValue;

/// The settings that new devices of an organization start with: `S` is a reference to its settings, `&mut` to change
/// them.
///
/// Returned by [`OrgSettings::device_defaults`] and [`OrgSettings::device_defaults_mut`].
pub struct DeviceDefaults<S> {
    pub(crate) settings: S,
}

/// A backup set that new devices of an organization start with: `S` is a reference to the organization's settings.
///
/// The files of a locked set cannot be changed, its destinations can. Sets of legal holds are not shown; they stay in
/// the document.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// let mut settings = client.orgs().get_settings(42).await?;
/// let mut set = settings.device_defaults_mut().backup_set("1")?;
/// let mut paths = set.included_files();
/// paths.push("C:/Projects".to_owned());
/// set.set_included_files(paths)?;
/// set.add_destination("43")?;
/// set.lock_destination("43")?;
/// client.orgs().update_settings(&settings).await?;
/// # Ok(()) }
/// ```
pub struct BackupSet<S> {
    settings: S,
    id: String,
}

/// A destination that a backup set uses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupDestination {
    /// The destination's guid.
    pub guid: String,
    /// The destination's name; `None` if it is not among those that are offered to the organization.
    pub name: Option<String>,
    /// Whether users cannot remove it.
    pub locked: bool,
}

impl<S: Deref<Target = OrgSettings>> DeviceDefaults<S> {
    pub(crate) fn new(settings: S) -> Self {
        Self { settings }
    }

    /// Returns the destinations that are offered to devices: guid and name.
    #[must_use]
    pub fn available_destinations(&self) -> BTreeMap<String, String> {
        self.settings.offered().into_iter().collect()
    }

    /// Returns the backup set with this id.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when there is no such set.
    pub fn backup_set(self, id: &str) -> Result<BackupSet<S>> {
        self.settings
            .get(&SettingKey::backup_set(id, SetPart::Destinations))?;
        Ok(BackupSet {
            settings: self.settings,
            id: id.to_owned(),
        })
    }
}

impl<'a> DeviceDefaults<&'a OrgSettings> {
    /// Returns the backup sets in the server's order, without those of legal holds.
    #[must_use]
    pub fn backup_sets(&self) -> Vec<BackupSet<&'a OrgSettings>> {
        let sets = self.settings.set_shapes();
        sets.into_iter()
            .map(|set| BackupSet {
                settings: self.settings,
                id: set.id,
            })
            .collect()
    }
}

impl<S: Deref<Target = OrgSettings>> BackupSet<S> {
    /// Returns the id; `#` and the place in the list if the set has no id of its own.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> String {
        let shape = self.settings.set_shape(&self.id);
        shape.map_or_else(String::new, |set| set.name().to_owned())
    }

    /// Returns whether the files of this set are locked and cannot be changed.
    #[must_use]
    pub fn locked(&self) -> bool {
        let shape = self.settings.set_shape(&self.id);
        shape.is_some_and(|set| set.is_locked())
    }

    /// Returns the files and folders that are backed up, in order.
    #[must_use]
    pub fn included_files(&self) -> Vec<String> {
        self.list(SetPart::IncludedFiles)
    }

    /// Returns the files and folders among them that are left out, in order.
    #[must_use]
    pub fn excluded_files(&self) -> Vec<String> {
        self.list(SetPart::ExcludedFiles)
    }

    /// Returns the patterns of file names that are left out, in order.
    #[must_use]
    pub fn filename_exclusions(&self) -> Vec<String> {
        self.list(SetPart::FilenameExclusions)
    }

    /// Returns the destinations that the set backs up to, by guid.
    #[must_use]
    pub fn destinations(&self) -> Vec<BackupDestination> {
        let offered = self.settings.offered();
        let destination = |item: String| {
            let guid = guid_in(&item).to_owned();
            let offered = offered.iter().find(|(offered, _)| *offered == guid);
            BackupDestination {
                name: offered.map(|(_, name)| name.clone()),
                locked: guid != item,
                guid,
            }
        };
        let used = self.list(SetPart::Destinations);
        used.into_iter().map(destination).collect()
    }

    fn list(&self, part: SetPart) -> Vec<String> {
        match self.settings.now(&SettingKey::backup_set(&self.id, part)) {
            SettingValue::List(items) => items,
            _ => Vec::new(),
        }
    }
}

impl<S: DerefMut<Target = OrgSettings>> BackupSet<S> {
    /// Changes which files and folders are backed up. An empty list also empties the files that are left out.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the set is locked.
    pub fn set_included_files<T: Into<String>>(
        &mut self,
        paths: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        self.put(SetPart::IncludedFiles, paths)
    }

    /// Changes which files and folders are left out.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the set is locked or includes nothing.
    pub fn set_excluded_files<T: Into<String>>(
        &mut self,
        paths: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        self.put(SetPart::ExcludedFiles, paths)
    }

    /// Changes which patterns of file names are left out.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the set is locked.
    pub fn set_filename_exclusions<T: Into<String>>(
        &mut self,
        patterns: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        self.put(SetPart::FilenameExclusions, patterns)
    }

    /// Adds a destination to back up to. If the set uses it already, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when it is not offered to the organization.
    pub fn add_destination(&mut self, guid: &str) -> Result<()> {
        let mut used = self.list(SetPart::Destinations);
        if !used.iter().any(|item| guid_in(item) == guid) {
            used.push(guid.to_owned());
        }
        self.put(SetPart::Destinations, used)
    }

    /// Removes a destination. If the set does not use it, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the settings were not read.
    pub fn remove_destination(&mut self, guid: &str) -> Result<()> {
        let mut used = self.list(SetPart::Destinations);
        used.retain(|item| guid_in(item) != guid);
        self.put(SetPart::Destinations, used)
    }

    /// Keeps users from removing a destination. If it is locked already, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the backup set does not use the destination.
    pub fn lock_destination(&mut self, guid: &str) -> Result<()> {
        self.relock("lock", guid, format!("{guid}:locked"))
    }

    /// Lets users remove a destination. If it is not locked, nothing changes.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the backup set does not use the destination.
    pub fn unlock_destination(&mut self, guid: &str) -> Result<()> {
        self.relock("unlock", guid, guid.to_owned())
    }

    fn relock(&mut self, verb: &str, guid: &str, item: String) -> Result<()> {
        let mut used = self.list(SetPart::Destinations);
        match used.iter_mut().find(|used| guid_in(used) == guid) {
            Some(used) => *used = item,
            None => {
                let operation = format!(
                    "{verb} destination {guid:?} of backup set {:?} of organization {}",
                    self.id,
                    self.settings.org_id()
                );
                return Err(Error::input(operation, "the backup set does not use it")
                    .with_hint("add it first"));
            }
        }
        self.put(SetPart::Destinations, used)
    }

    fn put<T: Into<String>>(
        &mut self,
        part: SetPart,
        items: impl IntoIterator<Item = T>,
    ) -> Result<()> {
        let items = items.into_iter().map(Into::into).collect();
        let key = SettingKey::backup_set(&self.id, part);
        self.settings.set(&key, SettingValue::List(items))
    }
}

impl<S: Deref<Target = OrgSettings>> fmt::Debug for DeviceDefaults<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceDefaults")
            .field("org_id", &self.settings.org_id())
            .finish_non_exhaustive()
    }
}

impl<S: Deref<Target = OrgSettings>> fmt::Debug for BackupSet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackupSet")
            .field("id", &self.id)
            .field("name", &self.name())
            .field("locked", &self.locked())
            .finish_non_exhaustive()
    }
}
