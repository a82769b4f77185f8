//! The differences between the settings of two organizations.

use std::collections::BTreeSet;

use crate::settings::edit::effective::{Effective, SettingDifference};
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::key::{SetPart, SettingKey};
use crate::settings::keys::places::Place;

impl OrgSettings {
    /// Returns the settings in force that differ from another organization's, by key: everything that has a name,
    /// every t-setting that either has, and the backup sets by id. Settings that identify the organization, such as
    /// its name and notes, are left out, and so are those that were not read of one of the two. The changes of both
    /// objects count.
    #[must_use]
    pub fn diff(&self, other: &Self) -> Vec<SettingDifference> {
        let keys: BTreeSet<SettingKey> = self.keys().chain(other.keys()).collect();
        let was_read = |key: &SettingKey| self.tells(key) && other.tells(key);
        let difference = |key: SettingKey| {
            let (left, right) = (self.had(&key), other.had(&key));
            let value = |side: &Option<Effective>| side.as_ref().map(|found| found.value.clone());
            (value(&left) != value(&right)).then_some(SettingDifference { key, left, right })
        };
        keys.into_iter()
            .filter(|key| !key.is_identity() && was_read(key))
            .filter_map(difference)
            .collect()
    }

    /// Returns every setting that this organization has: those with a name, its t-settings, its backup sets.
    pub fn keys(&self) -> impl Iterator<Item = SettingKey> {
        let by_key = self.t_settings().into_iter().flatten();
        let by_key = by_key.map(|(key, _)| SettingKey::t_setting(key));
        let sets = self.set_shapes().into_iter().flat_map(|set| {
            SetPart::ALL
                .into_iter()
                .map(move |part| SettingKey::backup_set(&set.id, part))
        });
        let all: BTreeSet<_> = SettingKey::all().chain(by_key).chain(sets).collect();
        all.into_iter()
    }

    /// Returns whether the part that holds this setting was read.
    fn tells(&self, key: &SettingKey) -> bool {
        match key.place() {
            Place::TSetting => self.t_settings().is_some(),
            _ => self.document().is_some(),
        }
    }

    /// Returns a setting if it has a value.
    fn had(&self, key: &SettingKey) -> Option<Effective> {
        self.get(key).ok().filter(|found| !found.value.is_null())
    }
}
