//! The bodies that write changes: packets, and the organization's document with the changed places replaced.

use crate::error::{Error, Result};
use crate::settings::document::org_document::{Edit, path};
use crate::settings::document::t_settings::Packet;
use crate::settings::edit::effective::{SettingChange, SettingConflict};
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::key::{SetPart, SettingKey, Site};
use crate::settings::keys::places::{Place, SettingsGroup};
use crate::settings::keys::value::SettingValue;

/// Changes, sorted by the request that makes them.
pub(crate) struct Sorted {
    pub(crate) org: Vec<SettingChange>,
    pub(crate) by_key: Vec<SettingChange>,
}

impl OrgSettings {
    /// Returns the packets that an update would send for the t-settings if they have not changed on the server since
    /// they were read.
    #[must_use]
    pub fn packets(&self) -> Vec<Packet> {
        self.sorted()
            .by_key
            .iter()
            .map(|change| self.packet(change))
            .collect()
    }

    /// Returns the body that an update would send for the organization if it has not changed on the server since it
    /// was read: its document with the changes in it. Everything else stays the same, down to the digits of numbers.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when only t-settings were read.
    pub fn body(&self) -> Result<String> {
        self.body_with(&self.sorted().org, self)
    }

    pub(crate) fn sorted(&self) -> Sorted {
        let all = self.changes().into_iter();
        let (by_key, org) = all.partition(|change| change.key.place() == Place::TSetting);
        Sorted { org, by_key }
    }

    /// Returns the packet that makes a change to these t-settings. A lock that the organization has set itself stays.
    pub(crate) fn packet(&self, change: &SettingChange) -> Packet {
        let there = self.by_key(&change.key);
        let value = match (change.pins, there) {
            (true, Some(there)) => there.value.clone(),
            _ => change.key.kind().write_text(&change.new),
        };
        Packet {
            key: change.key.wire_name().to_owned(),
            value,
            locked: there.is_some_and(|there| there.locked),
        }
    }

    /// Returns this document with changes that were made to an older reading of it.
    pub(crate) fn body_with(&self, changes: &[SettingChange], wanted: &Self) -> Result<String> {
        let wrong = |why: String| {
            let operation = format!("write the settings of organization {}", self.org_id);
            Error::input(operation, why)
        };
        let mut edits = Vec::new();
        for change in changes {
            let found = self.edits_for(&change.key, wanted);
            let missing = || wrong(format!("the server no longer shows {}", change.key));
            edits.extend(found.ok_or_else(missing)?);
        }
        let document = self.org.as_ref();
        let document = document.ok_or_else(|| wrong("they were not read".to_owned()))?;
        document.with(&edits).map_err(|reason| {
            wrong("the document that was read cannot be written".to_owned()).because(reason)
        })
    }

    fn edits_for(&self, key: &SettingKey, wanted: &Self) -> Option<Vec<Edit>> {
        let value = wanted.now(key);
        match key.site() {
            Site::TSetting(_) => Some(Vec::new()),
            Site::BackupSet(id, part) => {
                let set = self.set_shape(id)?;
                let list = |part| match wanted.now(&SettingKey::backup_set(id, part)) {
                    SettingValue::List(items) => items,
                    _ => Vec::new(),
                };
                Some(vec![match part {
                    SetPart::IncludedFiles | SetPart::ExcludedFiles => {
                        // If only one of the two was changed, the other stays as it is on the server now.
                        let changed = |part| {
                            let key = SettingKey::backup_set(id, part);
                            wanted.now(&key) != wanted.as_read(&key)
                        };
                        let current = |part| match changed(part) {
                            true => list(part),
                            false => set.list(part),
                        };
                        let included = current(SetPart::IncludedFiles);
                        let excluded = current(SetPart::ExcludedFiles);
                        match included.is_empty() {
                            true => set.with_paths(&[], &[]),
                            false => set.with_paths(&included, &excluded),
                        }
                    }
                    SetPart::FilenameExclusions => set.with_patterns(&list(part)),
                    SetPart::Destinations => set.with_destinations(&list(part)),
                }])
            }
            Site::Row(row) if row.place == Place::DeviceDefaults => {
                let mut at = path("deviceDefaults.serviceBackupConfig");
                let there = self.org.as_ref()?.get(&at)?.get(row.wire)?;
                at.push(row.wire.into());
                if there.get("#text").is_some() {
                    at.push("#text".into());
                }
                Some(vec![(at, row.kind.write_text(&value).into())])
            }
            Site::Row(row) => {
                let mut edits = vec![(path(row.wire), row.kind.write_native(&value))];
                let group = SettingsGroup::of(row.place).and_then(SettingsGroup::switch);
                // The server ignores values of an inherited group, so writing a member also switches the group to own
                // values.
                if let Some(switch) = group.filter(|switch| switch != key)
                    && !self.as_read(&switch).is_null()
                {
                    edits.push((path_of(&switch)?, false.into()));
                }
                Some(edits)
            }
        }
    }

    /// Returns which settings were changed on the server since `wanted` was read and would be overwritten by these
    /// changes: the same settings, and every member of a group that is to be inherited.
    pub(crate) fn conflicts(
        &self,
        changes: &[SettingChange],
        wanted: &Self,
    ) -> Vec<SettingConflict> {
        let discarded = SettingsGroup::SWITCHED
            .into_iter()
            .filter(|group| wanted.switches.get(group) == Some(&true))
            .flat_map(SettingsGroup::members);
        let overwritten = changes.iter().map(|change| change.key.clone());
        let conflict = |key: SettingKey| {
            let (read, now) = (wanted.as_read(&key), self.as_read(&key));
            (now != read && now != wanted.now(&key)).then_some(SettingConflict { key, read, now })
        };
        overwritten.chain(discarded).filter_map(conflict).collect()
    }

    /// Returns whether a change is in force already, as read just now.
    pub(crate) fn has(&self, change: &SettingChange) -> bool {
        let is_own = || {
            self.get(&change.key)
                .is_ok_and(|now| now.inherited == Some(false))
        };
        self.as_read(&change.key) == change.new && (!change.pins || is_own())
    }
}

fn path_of(key: &SettingKey) -> Option<crate::settings::document::org_document::Path> {
    match key.site() {
        Site::Row(row) => Some(path(row.wire)),
        _ => None,
    }
}
