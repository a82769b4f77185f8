//! Turns a change of one setting into edits: settings that are coupled, groups that are switched, and undoing.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::settings::edit::org_settings::{OrgSettings, TEdit};
use crate::settings::keys::key::{SettingKey, Site};
use crate::settings::keys::places::{Place, SettingsGroup};
use crate::settings::keys::table::coupling;
use crate::settings::keys::value::SettingValue;

impl OrgSettings {
    pub(crate) fn put(&mut self, key: &SettingKey, value: SettingValue) {
        match value == self.as_read(key) {
            true => self.edits.remove(key),
            false => self.edits.insert(key.clone(), value),
        };
    }

    pub(crate) fn put_member(&mut self, key: &SettingKey, value: SettingValue) {
        let group = SettingsGroup::of(key.place());
        if let Some(group) = group.filter(|group| self.switches.get(group) == Some(&true)) {
            // The group was to be inherited and no longer is: the values that were then in force stay, as they do on
            // the server.
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

    pub(crate) fn turn(&mut self, group: SettingsGroup, inherited: bool) {
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

    pub(crate) fn set_t(&mut self, key: &SettingKey, value: SettingValue) -> Result<()> {
        let mut t_edits = self.t_edits.clone();
        let is_coupled = matches!(key.site(), Site::TSetting(wire) if coupling::is_coupled(wire));
        let is_back = value == self.as_read(key);
        let was_edited = t_edits.iter().any(|(edited, _)| edited == key);
        if !is_coupled || (is_back && was_edited) {
            t_edits.retain(|(edited, _)| edited != key);
        }
        if self.edited(&t_edits, key) != value {
            t_edits.push((key.clone(), value));
        }
        self.forget_idle(&mut t_edits);
        let edits = self.come_to(&t_edits);
        let locked = edits.keys().find(|key| self.is_locked_from_above(key));
        locked.map_or(Ok(()), |key| self.may_change(key))?;
        self.pins.remove(key);
        self.take_t_edits(t_edits);
        Ok(())
    }

    /// Undoes the edits of a t-setting, and those that changed it as a coupled setting.
    pub(crate) fn unset_t(&mut self, key: &SettingKey) {
        let mut t_edits = self.t_edits.clone();
        let touches = |edit: &TEdit| edit.0 == *key || taken_along(edit).any(|other| other == *key);
        t_edits.retain(|edit| !touches(edit));
        self.forget_idle(&mut t_edits);
        self.take_t_edits(t_edits);
    }

    fn take_t_edits(&mut self, t_edits: Vec<TEdit>) {
        let now = self.come_to(&t_edits);
        self.edits.retain(|key, _| key.place() != Place::TSetting);
        self.edits.extend(now);
        self.t_edits = t_edits;
    }

    /// Returns the values that edits of t-settings lead to, one after the other, where they differ from what was read.
    fn come_to(&self, t_edits: &[TEdit]) -> BTreeMap<SettingKey, SettingValue> {
        let mut now = BTreeMap::new();
        for edit in t_edits {
            now.insert(edit.0.clone(), edit.1.clone());
            now.extend(taken_along(edit).map(|other| (other, edit.1.clone())));
        }
        now.retain(|key, value| *value != self.as_read(key));
        now
    }

    fn edited(&self, t_edits: &[TEdit], key: &SettingKey) -> SettingValue {
        let mut now = self.come_to(t_edits);
        now.remove(key).unwrap_or_else(|| self.as_read(key))
    }

    /// Drops edits that a later edit overrides, and edits that restore what was read, unless another edit depends on
    /// them. A setting that was changed and changed back leaves nothing behind.
    fn forget_idle(&self, t_edits: &mut Vec<TEdit>) {
        let is_idle = |t_edits: &[TEdit], place: usize| {
            let (key, value) = &t_edits[place];
            let mut without = t_edits.to_vec();
            without.remove(place);
            let is_overridden = self.edited(t_edits, key) != *value;
            match is_overridden {
                true => self.come_to(t_edits) == self.come_to(&without),
                false => *value == self.as_read(key) && self.edited(&without, key) == *value,
            }
        };
        while let Some(place) = (0..t_edits.len())
            .rev()
            .find(|&place| is_idle(t_edits, place))
        {
            t_edits.remove(place);
        }
    }
}

fn taken_along((key, value): &TEdit) -> impl Iterator<Item = SettingKey> {
    let others = match (key.site(), value) {
        (Site::TSetting(wire), SettingValue::Bool(on)) => coupling::taken_along(wire, *on),
        _ => Vec::new(),
    };
    others.into_iter().map(SettingKey::t_setting)
}
