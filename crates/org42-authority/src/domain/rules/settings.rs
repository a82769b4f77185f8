//! The rules of settings: edits of an organization's own fields, and of settings kept by key.

use serde_json::{Map, Value};

use crate::domain::settings::{FIELDS, Group, InForce, KeySetting, Own, OwnSettings};
use crate::domain::{HoldDays, OrgRecord, RowChange, Stamp, TenantRefusal};

/// An edit of an organization's settings.
///
/// Values have been checked to be of their kind; `None` leaves things as they are.
#[derive(Clone, Debug, Default)]
pub struct OwnSettingsEdit {
    /// The values by field; null as [`null_clears`](Self::null_clears) says.
    pub fields: Map<String, Value>,
    /// Whether the quota group is to be inherited.
    pub quota_inherited: Option<bool>,
    /// Whether the reporting group is to be inherited.
    pub reporting_inherited: Option<bool>,
    /// Whether the destinations are to be inherited.
    pub destinations_inherited: Option<bool>,
    /// The guids of the destinations to offer, if they are not inherited.
    pub destinations: Option<Vec<String>>,
    /// The device defaults, as [`device_defaults::read`](crate::domain::device_defaults::read) returns them; null as
    /// [`null_clears`](Self::null_clears) says.
    pub device_defaults: Option<Value>,
    /// Whether null removes a value of the organization's own; otherwise it has no effect.
    pub null_clears: bool,
}

/// How many settings kept by key an organization may have of its own, so that reading them stays quick.
const MAX_KEYS: usize = 1000;
/// How many bytes the settings by key of one organization may have, since they are read and shown together.
const MAX_TOGETHER: usize = 1024 * 1024;

/// An edit of one setting kept by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEdit {
    /// The key.
    pub key: String,
    /// The value, and whether organizations below are bound to it.
    pub setting: KeySetting,
}

/// Changes settings. `inherited` is what is in force above.
///
/// A group that is inherited ignores values for it. One that stops being inherited starts with the values from above;
/// one that is inherited again loses its own. Device defaults that are equal to the inherited ones stay inherited.
pub fn update_settings(
    org: &OrgRecord,
    inherited: &InForce,
    own: &Own,
    edit: &OwnSettingsEdit,
    stamp: Stamp,
) -> Vec<RowChange> {
    let is_top = org.parent_id.is_none();
    let mut new = own.clone();
    for (group, switch) in [
        (Group::Quota, edit.quota_inherited),
        (Group::Reporting, edit.reporting_inherited),
    ] {
        let Some(values) = new.group(group) else {
            continue;
        };
        match switch {
            // The top organization has nothing to inherit from, so whatever is set there is its own.
            _ if is_top => *values = values.take().or_else(|| Some(inherited.group(group))),
            Some(true) => *values = None,
            Some(false) if values.is_none() => *values = Some(inherited.group(group)),
            _ => {}
        }
    }
    for field in &FIELDS {
        let Some(value) = edit.fields.get(field.key) else {
            continue;
        };
        let from_above = inherited.fields.get(field.key).cloned().unwrap_or_default();
        match new.group(field.group) {
            Some(None) => {}
            Some(Some(values)) => match value {
                Value::Null if !edit.null_clears => {}
                Value::Null => drop(values.insert(field.key.to_owned(), from_above)),
                value => drop(values.insert(field.key.to_owned(), value.clone())),
            },
            // A field in no group becomes the organization's own when it is set to another value than the inherited
            // one.
            None => match value {
                Value::Null if !edit.null_clears => {}
                Value::Null => drop(new.fields.remove(field.key)),
                value if *value == from_above && !new.fields.contains_key(field.key) => {}
                value => drop(new.fields.insert(field.key.to_owned(), value.clone())),
            },
        }
    }
    match edit.destinations_inherited {
        _ if is_top => {
            new.destinations = Some(
                own.destinations
                    .clone()
                    .unwrap_or_else(|| inherited.destinations.clone()),
            )
        }
        Some(true) => new.destinations = None,
        Some(false) if new.destinations.is_none() => {
            new.destinations = Some(inherited.destinations.clone());
        }
        _ => {}
    }
    if let (Some(own), Some(destinations)) = (&mut new.destinations, &edit.destinations) {
        own.clone_from(destinations);
    }
    match &edit.device_defaults {
        None => {}
        Some(Value::Null) => drop(new.device_defaults.take_if(|_| edit.null_clears)),
        Some(same) if new.device_defaults.is_none() && *same == inherited.device_defaults => {}
        Some(defaults) => new.device_defaults = Some(defaults.clone()),
    }
    if is_top {
        forget_defaults(&mut new, inherited);
    }
    written(org, own, new, stamp)
}

/// Removes from the top organization's own settings what every new tenant has.
fn forget_defaults(own: &mut Own, defaults: &InForce) {
    for group in [Group::Quota, Group::Reporting] {
        if let Some(values) = own.group(group) {
            values.take_if(|values| *values == defaults.group(group));
        }
    }
    own.destinations
        .take_if(|own| *own == defaults.destinations);
    own.device_defaults
        .take_if(|own| *own == defaults.device_defaults);
}

/// Changes settings that are kept by key; the others stay.
///
/// # Errors
///
/// When one of them is locked above, or the organization would have more settings of its own than are allowed.
pub fn update_keys(
    org: &OrgRecord,
    inherited: &InForce,
    own: &Own,
    edits: &[KeyEdit],
    stamp: Stamp,
) -> Result<Vec<RowChange>, TenantRefusal> {
    let mut new = own.clone();
    for KeyEdit { key, setting } in edits {
        if inherited.locks(key) {
            let above = inherited.by_key.get(key);
            if above.is_some_and(|(above, _)| above.value == setting.value) {
                // It is in force already, and clients send unchanged settings along with changed ones.
                continue;
            }
            return Err(TenantRefusal::SettingLocked(key.clone()));
        }
        new.by_key.insert(key.clone(), setting.clone());
    }
    if new.by_key.len() > MAX_KEYS {
        return Err(TenantRefusal::Invalid(format!(
            "packets: an organization has at most {MAX_KEYS} settings of its own"
        )));
    }
    let values = new.by_key.values().map(|setting| setting.value.len());
    let keys = new.by_key.keys().map(String::len);
    if keys.chain(values).sum::<usize>() > MAX_TOGETHER {
        return Err(TenantRefusal::Invalid(format!(
            "packets: the settings of an organization's own have at most {MAX_TOGETHER} bytes together"
        )));
    }
    Ok(written(org, own, new, stamp))
}

fn written(org: &OrgRecord, old: &Own, new: Own, stamp: Stamp) -> Vec<RowChange> {
    if *old == new {
        return Vec::new();
    }
    let (before, after) = (old.hold_days(), new.hold_days());
    let mut changes = vec![RowChange::Settings(OwnSettings {
        org_id: org.id,
        own: new,
    })];
    if before != after {
        changes.push(RowChange::HoldDays(HoldDays {
            org_id: org.id,
            since: stamp.revision,
            days: after,
        }));
    }
    changes
}
