//! How a change of one setting becomes edits: couplings, switches of groups, and taking back.

use std::collections::BTreeMap;

use super::keys::{SettingKey, Site};
use super::org_settings::OrgSettings;
use super::places::{Place, SettingsGroup};
use super::table::coupling;
use super::value::SettingValue;
use crate::error::Result;

/// A t-setting and what it was set to.
pub(super) type Wish = (SettingKey, SettingValue);

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
        let mut wishes = self.wishes.clone();
        let is_coupled = matches!(key.site(), Site::TSetting(wire) if coupling::is_coupled(wire));
        let is_back = value == self.as_read(key);
        let was_wished = wishes.iter().any(|(wished, _)| wished == key);
        if !is_coupled || (is_back && was_wished) {
            wishes.retain(|(wished, _)| wished != key);
        }
        if self.wished(&wishes, key) != value {
            wishes.push((key.clone(), value));
        }
        self.forget_idle(&mut wishes);
        let edits = self.come_to(&wishes);
        let locked = edits.keys().find(|key| self.is_locked_from_above(key));
        locked.map_or(Ok(()), |key| self.may_change(key))?;
        self.pins.remove(key);
        self.take_wishes(wishes);
        Ok(())
    }

    /// Takes back what a t-setting was set to, and whatever else took it along.
    pub(super) fn unwish(&mut self, key: &SettingKey) {
        let mut wishes = self.wishes.clone();
        let touches = |wish: &Wish| wish.0 == *key || taken_along(wish).any(|other| other == *key);
        wishes.retain(|wish| !touches(wish));
        self.forget_idle(&mut wishes);
        self.take_wishes(wishes);
    }

    fn take_wishes(&mut self, wishes: Vec<Wish>) {
        let now = self.come_to(&wishes);
        self.edits.retain(|key, _| key.place() != Place::TSetting);
        self.edits.extend(now);
        self.wishes = wishes;
    }

    /// What wishes come to, one after the other, where that differs from what was read.
    fn come_to(&self, wishes: &[Wish]) -> BTreeMap<SettingKey, SettingValue> {
        let mut now = BTreeMap::new();
        for wish in wishes {
            now.insert(wish.0.clone(), wish.1.clone());
            now.extend(taken_along(wish).map(|other| (other, wish.1.clone())));
        }
        now.retain(|key, value| *value != self.as_read(key));
        now
    }

    fn wished(&self, wishes: &[Wish], key: &SettingKey) -> SettingValue {
        let mut now = self.come_to(wishes);
        now.remove(key).unwrap_or_else(|| self.as_read(key))
    }

    /// Forgets wishes that later ones have made meaningless, and wishes for what was read anyway that are not needed
    /// against another one; so nothing is left of what was taken back in a roundabout way.
    fn forget_idle(&self, wishes: &mut Vec<Wish>) {
        let is_idle = |wishes: &[Wish], place: usize| {
            let (key, value) = &wishes[place];
            let mut without = wishes.to_vec();
            without.remove(place);
            let is_overridden = self.wished(wishes, key) != *value;
            match is_overridden {
                true => self.come_to(wishes) == self.come_to(&without),
                false => *value == self.as_read(key) && self.wished(&without, key) == *value,
            }
        };
        while let Some(place) = (0..wishes.len())
            .rev()
            .find(|&place| is_idle(wishes, place))
        {
            wishes.remove(place);
        }
    }
}

fn taken_along((key, value): &Wish) -> impl Iterator<Item = SettingKey> {
    let others = match (key.site(), value) {
        (Site::TSetting(wire), SettingValue::Bool(on)) => coupling::taken_along(wire, *on),
        _ => Vec::new(),
    };
    others.into_iter().map(SettingKey::t_setting)
}
