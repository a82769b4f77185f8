//! The settings of an organization as they were read, and what somebody wants changed of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::backup_sets::{SetShape, is_locked, scalar, sets};
use super::document::{Document, path};
use super::effective::{Effective, Origin, SettingChange};
use super::keys::{Place, SetPart, SettingKey, SettingsGroup, Site};
use super::t_settings::{TSetting, TSettings};
use super::table::{Row, coupling};
use super::value::SettingValue;
use crate::error::{Error, Result};

/// The settings of one organization, to be read and changed; [`OrgService::update_settings`] writes the changes.
///
/// Got from [`OrgService::get_settings`]. It is plain data: changing it sends nothing, and a clone is a thing of its own.
/// Each property of py42's object has a getter and a setter of the same name; [`get`](Self::get) and [`set`](Self::set)
/// do the same for any [`SettingKey`], and tell where a value comes from.
///
/// ```no_run
/// # async fn run(client: org42::Client) -> Result<(), org42::Error> {
/// use org42::{Gigabytes, Limit};
///
/// let mut settings = client.orgs().get_settings(42).await?;
/// settings.set_archive_hold_days(30)?;
/// settings.set_user_backup_quota(Limit::Of(Gigabytes::new(250)))?;
/// for change in settings.changes() {
///     println!("{change}");
/// }
/// assert!(client.orgs().update_settings(&settings).await?.is_complete());
/// # Ok(()) }
/// ```
///
/// [`OrgService::get_settings`]: crate::OrgService::get_settings
/// [`OrgService::update_settings`]: crate::OrgService::update_settings
#[derive(Clone)]
pub struct OrgSettings {
    pub(crate) org_id: OrgId,
    pub(crate) org: Option<Arc<Document>>,
    pub(crate) by_key: Option<Arc<TSettings>>,
    /// What is to be in force instead of what was read.
    edits: BTreeMap<SettingKey, SettingValue>,
    /// Groups of which it was said, not merely implied, whether they are to be inherited; only where that is a change.
    switches: BTreeMap<SettingsGroup, bool>,
    /// What t-settings were set to, in order: what one takes along depends on it.
    wishes: Vec<(SettingKey, bool, SettingValue)>,
    /// T-settings that are to be the organization's own with the value they have.
    pins: BTreeSet<SettingKey>,
}

impl OrgSettings {
    pub(crate) fn new(org_id: OrgId, org: Option<Document>, by_key: Option<TSettings>) -> Self {
        Self {
            org_id,
            org: org.map(Arc::new),
            by_key: by_key.map(Arc::new),
            edits: BTreeMap::new(),
            switches: BTreeMap::new(),
            wishes: Vec::new(),
            pins: BTreeSet::new(),
        }
    }

    /// The organization's number.
    #[must_use]
    pub fn org_id(&self) -> OrgId {
        self.org_id
    }

    /// The organization's long number, if the server told it.
    #[must_use]
    pub fn org_uid(&self) -> Option<OrgUid> {
        self.field("orgUid")
    }

    /// The organization's opaque id, if the server told it.
    #[must_use]
    pub fn org_guid(&self) -> Option<OrgGuid> {
        self.field("orgGuid")
    }

    /// The key with which devices register, if the server told it.
    #[must_use]
    pub fn registration_key(&self) -> Option<RegistrationKey> {
        self.field("registrationKey")
    }

    fn field<T: DeserializeOwned>(&self, name: &'static str) -> Option<T> {
        T::deserialize(self.org.as_ref()?.get(&path(name))?).ok()
    }

    /// The organization's document as it was read, unknown fields included; none if only t-settings were read.
    #[must_use]
    pub fn document(&self) -> Option<&Map<String, Value>> {
        self.org.as_deref().map(Document::value)
    }

    /// The t-settings as they were read, by key; none if only the organization's document was.
    #[must_use]
    pub fn t_settings(&self) -> Option<&BTreeMap<String, TSetting>> {
        self.by_key.as_deref()
    }

    /// The changes, by key.
    #[must_use]
    pub fn changes(&self) -> Vec<SettingChange> {
        let switches = SettingsGroup::SWITCHED
            .into_iter()
            .filter_map(SettingsGroup::switch);
        // Without included files there are no excluded ones, whatever was said of them.
        let excluded = self.edits.keys().filter_map(|key| match key.site() {
            Site::BackupSet(id, SetPart::IncludedFiles) => {
                Some(SettingKey::backup_set(id, SetPart::ExcludedFiles))
            }
            _ => None,
        });
        let touched: BTreeSet<SettingKey> = self
            .edits
            .keys()
            .chain(&self.pins)
            .cloned()
            .chain(switches)
            .chain(excluded)
            .collect();
        let change = |key: SettingKey| {
            let (old, new) = (self.as_read(&key), self.now(&key));
            let pins = self.pins.contains(&key) && old == new;
            (pins || old != new).then_some(SettingChange {
                key,
                old,
                new,
                pins,
            })
        };
        touched.into_iter().filter_map(change).collect()
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.changes().is_empty()
    }

    /// Takes all changes back.
    pub fn undo_all(&mut self) {
        self.edits.clear();
        self.switches.clear();
        self.wishes.clear();
        self.pins.clear();
    }

    /// A setting as it is in force, with the changes of this object; whether it is inherited, and from where.
    ///
    /// A value is [`SettingValue::Null`] where the server did not tell it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for a setting that was not read, see
    /// [`GetSettings::only`](crate::GetSettings::only), and for a backup set that there is not.
    pub fn get(&self, key: &SettingKey) -> Result<Effective> {
        self.was_read("read", key)?;
        if let Site::BackupSet(id, _) = key.site() {
            self.found("read", id)?;
        }
        let (inherited, from) = self.origin(key);
        Ok(Effective {
            key: key.clone(),
            value: self.now(key),
            inherited,
            from,
            locked: self.is_locked(key),
        })
    }

    /// Changes a setting. A value equal to the one in force is no change, and setting what was read takes the change back.
    ///
    /// Setting a member of the quota or the reporting group makes the whole group the organization's own, see
    /// [`ends_inheritance`](Self::ends_inheritance); what was read of its other members stays in force. Endpoint
    /// monitoring takes along: off, also cloud, application, media and printer detection and the advanced detection; one
    /// of these or the collection of file metadata on, also the master switch and the advanced detection.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input), and nothing is changed: for a value of the wrong kind, a setting that
    /// can only be read or was not read, a t-setting that is locked from above, and the files of a locked backup set.
    pub fn set(&mut self, key: &SettingKey, value: SettingValue) -> Result<()> {
        let value = key.accept(value)?;
        self.was_read("set", key)?;
        if key.is_read_only() {
            return Err(self.refused("set", key, "it can only be read"));
        }
        self.is_there(key)?;
        if value == self.now(key) {
            return Ok(());
        }
        self.may_change(key)?;
        match key.site() {
            Site::TSetting(_) => self.wish(key, value),
            Site::BackupSet(id, part) => {
                self.fits(key, id, part, &value)?;
                self.put(key, value);
                Ok(())
            }
            Site::Row(_) => {
                match (key.switched(), value) {
                    (Some(group), SettingValue::Bool(on)) => self.turn(group, on),
                    (_, value) => self.put_member(key, value),
                }
                Ok(())
            }
        }
    }

    /// Takes the change of one setting back, with what it took along.
    pub fn undo(&mut self, key: &SettingKey) {
        self.pins.remove(key);
        match key.site() {
            Site::TSetting(_) => {
                self.wishes.retain(|(wished, ..)| wished != key);
                self.replay();
            }
            _ => {
                self.edits.remove(key);
            }
        }
        if let Some(group) = key.switched() {
            self.switches.remove(&group);
            group.members().for_each(|member| {
                self.edits.remove(&member);
            });
        }
    }

    /// Makes an inherited value the organization's own, so that changes above no longer reach it: of quota, reporting and
    /// destinations the whole group, a t-setting by itself. What is the organization's own already stays as it is.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) where the API has no way to do so, and for a t-setting that is locked
    /// from above or has no value.
    pub fn pin(&mut self, key: &SettingKey) -> Result<()> {
        self.was_read("pin", key)?;
        let inherited = self.get(key)?.inherited;
        let switch = SettingsGroup::of(key.place()).and_then(SettingsGroup::switch);
        match (key.site(), switch) {
            _ if inherited == Some(false) => Ok(()),
            (Site::TSetting(wire), _) => {
                if !self.by_key.iter().any(|all| all.contains_key(wire)) {
                    return Err(self.refused("pin", key, "it has no value"));
                }
                self.may_change(key)?;
                self.pins.insert(key.clone());
                Ok(())
            }
            (_, Some(switch)) => self.set(&switch, SettingValue::Bool(false)),
            (_, None) => {
                let why =
                    "the API has no way to make it the organization's own without changing it";
                Err(self.refused("pin", key, why))
            }
        }
    }

    /// Goes back to the parent's values of a whole group. The changes of its members are taken back, and the
    /// organization's own values will be discarded by the server.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for [`SettingsGroup::DeviceDefaults`], for which the API has no way
    /// back, and where the server did not tell whether the group is inherited.
    pub fn inherit(&mut self, group: SettingsGroup) -> Result<()> {
        match group.switch() {
            Some(switch) => self.set(&switch, SettingValue::Bool(true)),
            None => {
                let operation = format!("inherit {group} of organization {}", self.org_id);
                Err(
                    Error::input(operation, "the API has no way back to the parent's values")
                        .with_hint("set them one by one to what the parent has"),
                )
            }
        }
    }

    /// The group that is inherited now and would become the organization's own if this setting was given another value.
    #[must_use]
    pub fn ends_inheritance(&self, key: &SettingKey) -> Option<SettingsGroup> {
        let group = SettingsGroup::of(key.place()).filter(|_| !key.is_read_only())?;
        let inherited = self.get(key).ok()?.inherited;
        (inherited == Some(true)).then_some(group)
    }
}

/// Reading.
impl OrgSettings {
    /// What is in force with the changes.
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

    /// What was in force when it was read.
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
                // A row of its own may leave to the blocks of computed values what is not set in it.
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

    /// What the organizations above give.
    fn parents(&self, key: &SettingKey) -> SettingValue {
        match key.wire_name().strip_prefix("settings.") {
            Some(member) => self.in_block(key, "settingsInherited", member),
            None => SettingValue::Null,
        }
    }

    fn native(&self, key: &SettingKey, keys: &'static str) -> SettingValue {
        let value = self.org.as_ref().and_then(|org| org.get(&path(keys)));
        value.map_or(SettingValue::Null, |value| key.kind().read_native(value))
    }

    fn in_block(&self, key: &SettingKey, block: &'static str, member: &str) -> SettingValue {
        let block = self.org.as_ref().and_then(|org| org.get(&path(block)));
        let value = block.and_then(|block| block.get(member));
        value.map_or(SettingValue::Null, |value| key.kind().read_native(value))
    }

    fn device_default(&self, row: &Row) -> Option<&Value> {
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

    /// Whether a group is to be inherited, with the changes.
    fn is_inherited(&self, group: SettingsGroup) -> Option<bool> {
        let is_edited = || {
            group
                .members()
                .any(|member| self.edits.contains_key(&member))
        };
        match self.switches.get(&group) {
            Some(on) => Some(*on),
            None if is_edited() => Some(false),
            None => self.was_inherited(group),
        }
    }

    fn was_inherited(&self, group: SettingsGroup) -> Option<bool> {
        match self.as_read(&group.switch()?) {
            SettingValue::Bool(on) => Some(on),
            _ => None,
        }
    }

    fn origin(&self, key: &SettingKey) -> (Option<bool>, Option<Origin>) {
        let own = (Some(false), Some(self.itself()));
        match key.place() {
            Place::Organization if key.is_identity() => own,
            // The web-restore limits: no switch, no provider.
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
                        let provider = self.provider(what);
                        let above =
                            provider.filter(|from| !from.org_id.is_some_and(|id| self.is_own(id)));
                        (Some(true), above)
                    }
                }
            }
        }
    }

    fn origin_of_device_defaults(&self) -> (Option<bool>, Option<Origin>) {
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

    fn itself(&self) -> Origin {
        Origin {
            org_id: Some(self.org_id),
            org_uid: self.org_uid(),
            org_name: self.field("orgName"),
        }
    }

    /// Whether a number is this organization's.
    fn is_own(&self, id: OrgId) -> bool {
        id == self.org_id || self.inherit_info("orgId") == Some(id)
    }

    fn inherit_info<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let all = self.org.as_ref()?.get(&path("orgInheritDto"))?;
        T::deserialize(all.get(name)?).ok()
    }

    /// Who provides something, as the document has it; none where it is null.
    fn provider(&self, what: &str) -> Option<Origin> {
        let origin = Origin {
            org_id: self.inherit_info(&format!("orgIdProviding{what}")),
            org_uid: self.inherit_info(&format!("orgUidProviding{what}")),
            org_name: self.inherit_info(&format!("orgNameProviding{what}")),
        };
        (origin != Origin::default()).then_some(origin)
    }

    /// What is known of an organization above of which only the number is told.
    fn named(&self, id: OrgId) -> Origin {
        let known = ["Org", "Destinations", "DeviceDefaults"]
            .into_iter()
            .filter_map(|what| self.provider(what))
            .find(|origin| origin.org_id == Some(id));
        known.unwrap_or(Origin {
            org_id: Some(id),
            ..Origin::default()
        })
    }

    fn is_locked(&self, key: &SettingKey) -> bool {
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

    /// A t-setting that an organization above has locked.
    fn is_locked_from_above(&self, key: &SettingKey) -> bool {
        self.by_key(key)
            .is_some_and(|set| set.locked && !set.id.is_some_and(|id| self.is_own(id)))
    }
}

/// Changing.
impl OrgSettings {
    fn put(&mut self, key: &SettingKey, value: SettingValue) {
        match value == self.as_read(key) {
            true => self.edits.remove(key),
            false => self.edits.insert(key.clone(), value),
        };
    }

    fn put_member(&mut self, key: &SettingKey, value: SettingValue) {
        let group = SettingsGroup::of(key.place());
        if let Some(group) = group.filter(|group| self.switches.get(group) == Some(&true)) {
            // It was to be inherited and is not any more: what was in force with that stays, as on the wire.
            let others: Vec<_> = group
                .members()
                .map(|member| (self.now(&member), member))
                .collect();
            self.switches.remove(&group);
            for (value, member) in others {
                self.put(&member, value);
            }
        }
        self.put(key, value);
    }

    fn turn(&mut self, group: SettingsGroup, inherited: bool) {
        if inherited {
            group.members().for_each(|member| {
                self.edits.remove(&member);
            });
        }
        match self.was_inherited(group) == Some(inherited) {
            true => self.switches.remove(&group),
            false => self.switches.insert(group, inherited),
        };
    }

    fn wish(&mut self, key: &SettingKey, value: SettingValue) -> Result<()> {
        let before = self.clone();
        let is_coupled = matches!(key.site(), Site::TSetting(wire) if coupling::is_coupled(wire));
        let is_back = value == self.as_read(key);
        let was_wished = self.wishes.iter().any(|(wished, ..)| wished == key);
        if !is_coupled || (is_back && was_wished) {
            self.wishes.retain(|(wished, ..)| wished != key);
            self.replay();
        }
        if self.now(key) != value {
            self.wishes.push((key.clone(), is_coupled, value));
            self.replay();
        }
        self.drop_idle_wishes();
        self.pins.remove(key);
        let locked = self.edits.keys().find(|key| self.is_locked_from_above(key));
        match locked.map(|key| self.may_change(key)) {
            Some(Err(error)) => {
                *self = before;
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Works out what the wishes come to, one after the other.
    fn replay(&mut self) {
        let mut now: BTreeMap<SettingKey, SettingValue> = BTreeMap::new();
        for (key, is_coupled, value) in &self.wishes {
            now.insert(key.clone(), value.clone());
            if let (true, Site::TSetting(wire), SettingValue::Bool(on)) =
                (is_coupled, key.site(), value)
            {
                for other in coupling::taken_along(wire, *on) {
                    now.insert(SettingKey::t_setting(other), value.clone());
                }
            }
        }
        self.edits.retain(|key, _| key.place() != Place::TSetting);
        for (key, value) in now {
            self.put(&key, value);
        }
    }

    /// Forgets wishes for what was read anyway, as long as they are not needed against another one.
    fn drop_idle_wishes(&mut self) {
        for place in (0..self.wishes.len()).rev() {
            let (key, _, value) = self.wishes[place].clone();
            let is_last = self.wishes[place + 1..]
                .iter()
                .all(|(later, ..)| *later != key);
            if !is_last || value != self.as_read(&key) {
                continue;
            }
            let wish = self.wishes.remove(place);
            self.replay();
            if self.now(&key) != value {
                self.wishes.insert(place, wish);
                self.replay();
            }
        }
    }

    fn was_read(&self, verb: &str, key: &SettingKey) -> Result<()> {
        let was_read = match key.place() {
            Place::TSetting => self.by_key.is_some(),
            _ => self.org.is_some(),
        };
        match was_read {
            true => Ok(()),
            false => Err(self
                .refused(verb, key, "it was left out when the settings were read")
                .with_hint("read it too, see GetSettings::only")),
        }
    }

    fn found(&self, verb: &str, id: &str) -> Result<SetShape<'_>> {
        self.set_shape(id).ok_or_else(|| {
            let operation = format!("{verb} a backup set of organization {}", self.org_id);
            let known: Vec<_> = self.set_shapes().into_iter().map(|set| set.id).collect();
            let error = Error::input(operation, format!("there is none with the id {id:?}"));
            match known.is_empty() {
                true => error,
                false => error.with_hint(format!("there is {}", known.join(", "))),
            }
        })
    }

    /// Whether there is a place for the setting in the document.
    fn is_there(&self, key: &SettingKey) -> Result<()> {
        let is_there = match key.site() {
            Site::TSetting(_) => true,
            Site::BackupSet(id, part) => self.found("set", id)?.has(part),
            Site::Row(_) if key.is_identity() => true,
            Site::Row(row) if row.place == Place::DeviceDefaults => {
                self.device_default(row).is_some()
            }
            Site::Row(row) => self
                .org
                .as_ref()
                .is_some_and(|org| org.get(&path(row.wire)).is_some()),
        };
        match is_there {
            true => Ok(()),
            false => Err(self.refused("set", key, "the server sent no such setting")),
        }
    }

    /// Refuses what is locked.
    pub(crate) fn may_change(&self, key: &SettingKey) -> Result<()> {
        match key.site() {
            Site::TSetting(_) if self.is_locked_from_above(key) => {
                let from = self
                    .by_key(key)
                    .and_then(|set| set.id)
                    .map(|id| self.named(id));
                let by = from.map_or(String::new(), |from| format!(" by organization {from}"));
                Err(self.refused("set", key, &format!("it is locked from above{by}")))
            }
            Site::BackupSet(..) if self.is_locked(key) => Err(self
                .refused("set", key, "the backup set is locked")
                .with_hint("its destinations can be changed, nothing else")),
            _ => Ok(()),
        }
    }

    /// Refuses destinations that are not offered, and exclusions from nothing.
    fn fits(&self, key: &SettingKey, id: &str, part: SetPart, value: &SettingValue) -> Result<()> {
        let SettingValue::List(items) = value else {
            return Ok(());
        };
        match part {
            SetPart::Destinations => {
                let used = self.found("set", id)?.list(part);
                let offered = self.offered();
                let guid = super::kind::guid_in;
                let is_known = |item: &&String| {
                    offered.iter().any(|(known, _)| known == guid(item))
                        || used.iter().any(|known| guid(known) == guid(item))
                };
                match items.iter().find(|item| !is_known(item)) {
                    None => Ok(()),
                    Some(unknown) => {
                        let why = format!(
                            "the destination {:?} is not offered to the organization",
                            guid(unknown)
                        );
                        let offered: Vec<_> = offered
                            .iter()
                            .map(|(guid, name)| format!("{guid} ({name})"))
                            .collect();
                        Err(self
                            .refused("set", key, &why)
                            .with_hint(format!("offered are {}", offered.join(", "))))
                    }
                }
            }
            SetPart::ExcludedFiles if !items.is_empty() => {
                let included = SettingKey::backup_set(id, SetPart::IncludedFiles);
                match self.now(&included) == SettingValue::List(Vec::new()) {
                    true => Err(self.refused(
                        "set",
                        key,
                        "the backup set includes nothing that could be left out",
                    )),
                    false => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// The destinations that are offered: guid and name, in the server's order.
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

    fn refused(&self, verb: &str, key: &SettingKey, why: &str) -> Error {
        Error::input(format!("{verb} {key} of organization {}", self.org_id), why)
    }
}

/// Which organization, and what is changed; the document holds the registration key.
impl fmt::Debug for OrgSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgSettings")
            .field("org_id", &self.org_id)
            .field("changes", &self.changes())
            .finish_non_exhaustive()
    }
}
