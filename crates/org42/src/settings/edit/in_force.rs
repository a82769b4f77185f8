//! The settings in force for an organization: as they were read, with the changes, and where they come from.

use org42_types::OrgId;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::settings::document::above::Above;
use crate::settings::document::backup_sets::{SetShape, is_locked, scalar, sets};
use crate::settings::document::org_document::path;
use crate::settings::document::t_settings::TSetting;
use crate::settings::edit::effective::Origin;
use crate::settings::edit::org_settings::OrgSettings;
use crate::settings::keys::key::{SetPart, SettingKey, Site};
use crate::settings::keys::places::{Place, SettingsGroup};
use crate::settings::keys::table::Row;
use crate::settings::keys::value::SettingValue;

impl OrgSettings {
    /// Returns the value in force with the changes.
    pub(crate) fn now(&self, key: &SettingKey) -> SettingValue {
        if let Site::BackupSet(id, SetPart::ExcludedFiles) = key.site() {
            let included = SettingKey::backup_set(id, SetPart::IncludedFiles);
            if self.edits.get(&included) == Some(&SettingValue::List(Vec::new())) {
                return SettingValue::List(Vec::new());
            }
        }
        if let Some(edit) = self.edits.get(key) {
            return edit.clone();
        }
        let group = SettingsGroup::of(key.place());
        match (key.switched(), group) {
            (Some(group), _) => self
                .is_inherited(group)
                .map_or(SettingValue::Null, SettingValue::Bool),
            (None, Some(group)) if self.switches.get(&group) == Some(&true) => {
                match self.parents(key) {
                    SettingValue::Null => self.as_read(key),
                    value => value,
                }
            }
            _ => self.as_read(key),
        }
    }

    /// Returns the value that was in force when the setting was read.
    pub(crate) fn as_read(&self, key: &SettingKey) -> SettingValue {
        match key.site() {
            Site::TSetting(wire) => self
                .by_key
                .as_ref()
                .and_then(|all| all.get(wire))
                .map_or(SettingValue::Null, |set| key.kind().read_text(&set.value)),
            Site::BackupSet(id, part) => self
                .set_shape(id)
                .map_or(SettingValue::Null, |set| SettingValue::List(set.list(part))),
            Site::Row(row) if row.place == Place::DeviceDefaults => {
                match self.device_default(row) {
                    None | Some(Value::Null) => SettingValue::Null,
                    Some(value) if value.get("@nil").is_some() => SettingValue::Null,
                    Some(value) => match scalar(value) {
                        Some(text) => key.kind().read_text(text),
                        None => SettingValue::Text(value.to_string()),
                    },
                }
            }
            Site::Row(row) => {
                let here = self.native(key, row.wire);
                let Some(member) = row.wire.strip_prefix("settings.") else {
                    return here;
                };
                // The organization's own row may leave a value out that only the blocks of computed values have.
                let computed = ["settingsSummary", "settingsInherited"];
                let elsewhere = computed
                    .iter()
                    .map(|block| self.in_block(key, block, member));
                let is_told = |value: &SettingValue| !value.is_null();
                match here.is_null() && key.switched().is_none() {
                    true => elsewhere.into_iter().find(is_told).unwrap_or(here),
                    false => here,
                }
            }
        }
    }

    /// Returns the value that would be inherited from the organizations above.
    pub(crate) fn parents(&self, key: &SettingKey) -> SettingValue {
        match key.wire_name().strip_prefix("settings.") {
            Some(member) => self.in_block(key, "settingsInherited", member),
            None => SettingValue::Null,
        }
    }

    pub(crate) fn native(&self, key: &SettingKey, keys: &'static str) -> SettingValue {
        let value = self.org.as_ref().and_then(|org| org.get(&path(keys)));
        value.map_or(SettingValue::Null, |value| key.kind().read_native(value))
    }

    pub(crate) fn in_block(
        &self,
        key: &SettingKey,
        block: &'static str,
        member: &str,
    ) -> SettingValue {
        let block = self.org.as_ref().and_then(|org| org.get(&path(block)));
        let value = block.and_then(|block| block.get(member));
        value.map_or(SettingValue::Null, |value| key.kind().read_native(value))
    }

    pub(crate) fn device_default(&self, row: &Row) -> Option<&Value> {
        let all = path("deviceDefaults.serviceBackupConfig");
        self.org.as_ref()?.get(&all)?.get(row.wire)
    }

    pub(crate) fn set_shapes(&self) -> Vec<SetShape<'_>> {
        self.org.as_deref().map(sets).unwrap_or_default()
    }

    pub(crate) fn set_shape(&self, id: &str) -> Option<SetShape<'_>> {
        self.set_shapes().into_iter().find(|set| set.id == id)
    }

    pub(crate) fn by_key(&self, key: &SettingKey) -> Option<&TSetting> {
        match key.site() {
            Site::TSetting(wire) => self.by_key.as_ref()?.get(wire),
            _ => None,
        }
    }

    /// Returns whether a group is to be inherited, with the changes.
    pub(crate) fn is_inherited(&self, group: SettingsGroup) -> Option<bool> {
        let was = self.was_inherited(group)?;
        let is_edited = || {
            let mut members = group.members();
            members.any(|member| self.edits.contains_key(&member))
        };
        let said = self.switches.get(&group).copied();
        Some(said.unwrap_or_else(|| was && !is_edited()))
    }

    /// Returns whether an inherited group has no known source.
    pub(crate) fn misses_an_origin(&self, above: &Above) -> bool {
        let misses = |group: SettingsGroup| {
            self.was_inherited(group) == Some(true) && above.provider(group).is_none()
        };
        let told = self.provider("Org").is_some();
        let at_all = [SettingsGroup::Quota, SettingsGroup::Reporting];
        !told && at_all.into_iter().any(misses)
    }

    pub(crate) fn was_inherited(&self, group: SettingsGroup) -> Option<bool> {
        match self.as_read(&group.switch()?) {
            SettingValue::Bool(on) => Some(on),
            _ => None,
        }
    }

    pub(crate) fn origin(&self, key: &SettingKey) -> (Option<bool>, Option<Origin>) {
        let own = (Some(false), Some(self.itself()));
        match key.place() {
            Place::Organization if key.is_identity() => own,
            // The web-restore limits have no switch and no provider.
            Place::Organization => (None, None),
            Place::TSetting if self.edits.contains_key(key) || self.pins.contains(key) => own,
            Place::TSetting => match self.by_key(key).and_then(|set| set.id) {
                None => (None, None),
                Some(id) if self.is_own(id) => own,
                Some(id) => (Some(true), Some(self.named(id))),
            },
            Place::DeviceDefaults => self.origin_of_device_defaults(),
            Place::Quota | Place::Reporting | Place::Destinations => {
                let group = SettingsGroup::of(key.place());
                match group.and_then(|group| self.is_inherited(group)) {
                    None => (None, None),
                    Some(false) => own,
                    Some(true) => {
                        let what = match key.place() {
                            Place::Destinations => "Destinations",
                            _ => "Org",
                        };
                        let is_above =
                            |from: &Origin| !from.org_id.is_some_and(|id| self.is_own(id));
                        let told = self.provider(what).filter(is_above);
                        let found = || group.and_then(|group| self.above.provider(group));
                        (Some(true), told.or_else(found))
                    }
                }
            }
        }
    }

    pub(crate) fn origin_of_device_defaults(&self) -> (Option<bool>, Option<Origin>) {
        let own = (Some(false), Some(self.itself()));
        let is_edited = |key: &SettingKey| key.place() == Place::DeviceDefaults;
        if self.edits.keys().any(is_edited) {
            return own;
        }
        match self.provider("DeviceDefaults") {
            Some(from) if from.org_id.is_some_and(|id| self.is_own(id)) => own,
            Some(from) => (Some(true), Some(from)),
            None => match self.field("customConfig") {
                Some(true) => own,
                _ => (None, None),
            },
        }
    }

    pub(crate) fn itself(&self) -> Origin {
        Origin {
            org_id: Some(self.org_id),
            org_uid: self.org_uid(),
            org_name: self.field("orgName"),
        }
    }

    /// Returns whether a number is this organization's.
    pub(crate) fn is_own(&self, id: OrgId) -> bool {
        id == self.org_id || self.inherit_info("orgId") == Some(id)
    }

    pub(crate) fn inherit_info<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let all = self.org.as_ref()?.get(&path("orgInheritDto"))?;
        T::deserialize(all.get(name)?).ok()
    }

    /// Returns the organization that provides `what`, as the document has it; `None` where that is null.
    pub(crate) fn provider(&self, what: &str) -> Option<Origin> {
        let origin = Origin {
            org_id: self.inherit_info(&format!("orgIdProviding{what}")),
            org_uid: self.inherit_info(&format!("orgUidProviding{what}")),
            org_name: self.inherit_info(&format!("orgNameProviding{what}")),
        };
        (origin != Origin::default()).then_some(origin)
    }

    /// Returns what is known of an organization above that the server has named by its number alone.
    pub(crate) fn named(&self, id: OrgId) -> Origin {
        let known = ["Org", "Destinations", "DeviceDefaults"]
            .into_iter()
            .filter_map(|what| self.provider(what))
            .find(|origin| origin.org_id == Some(id));
        known
            .or_else(|| self.above.named(id))
            .unwrap_or_else(|| Origin {
                org_id: Some(id),
                ..Origin::default()
            })
    }

    pub(crate) fn is_locked(&self, key: &SettingKey) -> bool {
        match key.site() {
            Site::TSetting(_) => self.by_key(key).is_some_and(|set| set.locked),
            Site::BackupSet(_, SetPart::Destinations) => false,
            Site::BackupSet(id, _) => self.set_shape(id).is_some_and(|set| set.is_locked()),
            Site::Row(row) if row.place == Place::DeviceDefaults => {
                self.device_default(row).is_some_and(is_locked)
            }
            Site::Row(_) => false,
        }
    }

    /// Returns whether an organization above has locked a t-setting.
    pub(crate) fn is_locked_from_above(&self, key: &SettingKey) -> bool {
        self.by_key(key)
            .is_some_and(|set| set.locked && !set.id.is_some_and(|id| self.is_own(id)))
    }

    /// Returns the destinations that are offered, guid and name, in the server's order.
    pub(crate) fn offered(&self) -> Vec<(String, String)> {
        let all = self
            .org
            .as_ref()
            .and_then(|org| org.get(&path("settings.destinations")));
        let text = |item: &Value, name: &str| item.get(name)?.as_str().map(str::to_owned);
        let one = |item: &Value| {
            Some((
                text(item, "guid")?,
                text(item, "destinationName").unwrap_or_default(),
            ))
        };
        let all = all.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        all.iter().filter_map(one).collect()
    }
}
