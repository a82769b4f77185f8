//! How a change of one setting becomes edits: couplings, switches of groups, and taking back.

use std::collections::BTreeMap;

use super::keys::{SettingKey, Site};
use super::org_settings::OrgSettings;
use super::places::{Place, SettingsGroup};
use super::table::coupling;
use super::value::SettingValue;
use crate::error::Result;

impl OrgSettings {
    pub(super) fn put(&mut self, key: &SettingKey, value: SettingValue) {
        match value == self.as_read(key) {
            true => self.edits.remove(key),
            false => self.edits.insert(key.clone(), value),
        };
    }

    pub(super) fn put_member(&mut self, key: &SettingKey, value: SettingValue) {
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

    pub(super) fn turn(&mut self, group: SettingsGroup, inherited: bool) {
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

    pub(super) fn wish(&mut self, key: &SettingKey, value: SettingValue) -> Result<()> {
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
    pub(super) fn replay(&mut self) {
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
    pub(super) fn drop_idle_wishes(&mut self) {
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
}
