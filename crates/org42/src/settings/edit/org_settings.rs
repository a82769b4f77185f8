//! The settings of an organization as they were read, and the changes that a caller makes to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use org42_types::{OrgGuid, OrgId, OrgUid, RegistrationKey};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::settings::document::above::Above;
use crate::settings::document::org_document::{Document, path};
use crate::settings::document::t_settings::{TSetting, TSettings};
use crate::settings::edit::effective::{Effective, SettingChange};
use crate::settings::keys::key::{SetPart, SettingKey, Site};
use crate::settings::keys::places::SettingsGroup;
use crate::settings::keys::value::SettingValue;

/// A t-setting and the value that it was set to.
pub(crate) type TEdit = (SettingKey, SettingValue);

/// The settings of one organization, to be read and changed; [`OrgService::update_settings`] writes the changes.
///
/// Returned by [`OrgService::get_settings`]. It is plain data: changing it sends nothing, and a clone is independent
/// of it. Each property of py42's object has a getter and a setter of the same name; [`get`](Self::get) and
/// [`set`](Self::set) do the same for any [`SettingKey`], and `get` also returns where a value comes from.
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
    pub(crate) above: Arc<Above>,
    /// The values that are to be in force instead of those that were read.
    pub(crate) edits: BTreeMap<SettingKey, SettingValue>,
    /// The groups whose inheritance was set explicitly, if that is a change.
    pub(crate) switches: BTreeMap<SettingsGroup, bool>,
    /// The values that t-settings were set to, in order, since coupled settings depend on it.
    pub(crate) t_edits: Vec<TEdit>,
    /// The t-settings that are to become the organization's own with the value they have.
    pub(crate) pins: BTreeSet<SettingKey>,
}

impl OrgSettings {
    pub(crate) fn new(org_id: OrgId, org: Option<Document>, by_key: Option<TSettings>) -> Self {
        Self {
            org_id,
            org: org.map(Arc::new),
            by_key: by_key.map(Arc::new),
            above: Arc::default(),
            edits: BTreeMap::new(),
            switches: BTreeMap::new(),
            t_edits: Vec::new(),
            pins: BTreeSet::new(),
        }
    }

    /// Returns the organization's number.
    #[must_use]
    pub fn org_id(&self) -> OrgId {
        self.org_id
    }

    /// Returns the organization's long number, if the server sent it.
    #[must_use]
    pub fn org_uid(&self) -> Option<OrgUid> {
        self.field("orgUid")
    }

    /// Returns the organization's opaque id, if the server sent it.
    #[must_use]
    pub fn org_guid(&self) -> Option<OrgGuid> {
        self.field("orgGuid")
    }

    /// Returns the key with which devices register, if the server sent it.
    #[must_use]
    pub fn registration_key(&self) -> Option<RegistrationKey> {
        self.field("registrationKey")
    }

    pub(crate) fn field<T: DeserializeOwned>(&self, name: &'static str) -> Option<T> {
        T::deserialize(self.org.as_ref()?.get(&path(name))?).ok()
    }

    /// Returns the organization's document as it was read, unknown fields included; `None` if only t-settings were
    /// read.
    #[must_use]
    pub fn document(&self) -> Option<&Map<String, Value>> {
        self.org.as_deref().map(Document::value)
    }

    /// Returns the t-settings as they were read, by key; `None` if only the organization's document was read.
    #[must_use]
    pub fn t_settings(&self) -> Option<&BTreeMap<String, TSetting>> {
        self.by_key.as_deref()
    }

    /// Returns the changes that are not written yet, by key.
    #[must_use]
    pub fn changes(&self) -> Vec<SettingChange> {
        let switches = SettingsGroup::SWITCHED
            .into_iter()
            .filter_map(SettingsGroup::switch);
        // Without included files there are no excluded ones, whatever they were set to.
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

    /// Returns whether there is nothing to write.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.changes().is_empty()
    }

    /// Undoes all changes.
    pub fn undo_all(&mut self) {
        self.edits.clear();
        self.switches.clear();
        self.t_edits.clear();
        self.pins.clear();
    }

    /// Returns a setting as it is in force with the changes of this object; whether it is inherited, and from which
    /// organization.
    ///
    /// The value is [`SettingValue::Null`] if the server did not send it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for a setting that was not read, see
    /// [`GetSettings::only`](crate::GetSettings::only), and for a backup set that does not exist.
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

    /// Changes a setting. Setting the value in force changes nothing; setting the value that was read undoes the
    /// change.
    ///
    /// Setting a member of the quota or the reporting group makes the whole group the organization's own, see
    /// [`ends_inheritance`](Self::ends_inheritance); its other members keep the values that were read. Endpoint
    /// monitoring is coupled with others: turning it off also turns off cloud, application, media and printer
    /// detection and the advanced detection; turning on one of these, or the collection of file metadata, also turns
    /// on the master switch and the advanced detection.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input), and nothing is changed: for a value of the wrong kind, a setting
    /// that can only be read or was not read, a t-setting that is locked from above, and the files of a locked backup
    /// set.
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
            Site::TSetting(_) => {
                self.keeps_form(key, &value)?;
                self.set_t(key, value)
            }
            Site::BackupSet(id, part) => {
                self.fits(key, id, part, &value)?;
                if part == SetPart::IncludedFiles && value == SettingValue::List(Vec::new()) {
                    self.edits
                        .remove(&SettingKey::backup_set(id, SetPart::ExcludedFiles));
                }
                self.put(key, value);
                Ok(())
            }
            Site::Row(_) => {
                match (key.switched(), value) {
                    (Some(_), SettingValue::Bool(true)) if self.is_top() => {
                        return Err(self.refused("set", key, "no organization is above it"));
                    }
                    (Some(group), SettingValue::Bool(on)) => self.turn(group, on),
                    (_, value) => self.put_member(key, value),
                }
                Ok(())
            }
        }
    }

    /// Undoes the change of one setting, with the settings coupled to it.
    pub fn undo(&mut self, key: &SettingKey) {
        self.pins.remove(key);
        match key.site() {
            Site::TSetting(_) => self.unset_t(key),
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

    /// Makes an inherited value the organization's own, so that changes above no longer reach it: the whole group for
    /// quota, reporting and destinations, a t-setting by itself. A value that is the organization's own already stays
    /// as it is.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) if the API has no way to do so, and for a t-setting that is
    /// locked from above or has no value.
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

    /// Lets a whole group inherit the parent's values again. The changes of its members are undone, and the server
    /// will discard the organization's own values.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) for [`SettingsGroup::DeviceDefaults`], for which the API has no
    /// way back, and if the server did not send whether the group is inherited.
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

    /// Returns the group that is inherited now and would become the organization's own if this setting was set to
    /// another value.
    #[must_use]
    pub fn ends_inheritance(&self, key: &SettingKey) -> Option<SettingsGroup> {
        let group = SettingsGroup::of(key.place()).filter(|_| !key.is_read_only())?;
        let inherited = self.get(key).ok()?.inherited;
        (inherited == Some(true)).then_some(group)
    }
}

/// Shows the organization and the changes; the document contains the registration key.
impl fmt::Debug for OrgSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrgSettings")
            .field("org_id", &self.org_id)
            .field("changes", &self.changes())
            .finish_non_exhaustive()
    }
}
