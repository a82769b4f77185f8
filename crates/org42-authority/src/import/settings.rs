//! The settings of a copy: what each organization has of its own, and the destinations.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::{Copying, FOUNDED, OrgSource, anonymous};
use crate::domain::settings::{
    Destination, FIELDS, Group, KeySetting, Own, OwnSettings, SettingField,
};
use crate::domain::{HoldDays, OrgRecord, RowChange, device_defaults};

impl Copying<'_> {
    pub(super) fn settings(
        &self,
        source: &[OrgSource],
        orgs: &[OrgRecord],
        known: &[Destination],
    ) -> Vec<RowChange> {
        let by_id: HashMap<u64, &OrgSource> = source
            .iter()
            .filter_map(|org| Some((org.document().get("orgId")?.as_u64()?, org)))
            .collect();
        let mut changes = Vec::new();
        for org in orgs {
            let Some(source) = by_id.get(&u64::from(org.id.get())) else {
                continue;
            };
            let own = self.own(source, org, known);
            if own == Own::default() {
                continue;
            }
            changes.extend(own.hold_days().map(|days| {
                RowChange::HoldDays(HoldDays {
                    org_id: org.id,
                    since: FOUNDED,
                    days: Some(days),
                })
            }));
            changes.push(RowChange::Settings(OwnSettings {
                org_id: org.id,
                own,
            }));
        }
        changes
    }

    /// Returns the settings that an organization has of its own.
    fn own(&self, source: &OrgSource, org: &OrgRecord, known: &[Destination]) -> Own {
        let is_top = org.parent_id.is_none();
        let document = source.document();
        let at = |key: &str| document.get(key).unwrap_or(&Value::Null);
        let (settings, inherited) = (at("settings"), at("settingsInherited"));
        let is_own = |switch: &str| is_top || settings[switch] == false;
        let group = |group: Group, switch: &str| -> Option<Map<String, Value>> {
            let fields = FIELDS.iter().filter(|field| field.group == group);
            let value = |field: &SettingField| {
                let shown = &settings[field.key];
                let value = match field.kind.takes(shown) {
                    true if self.anonymize && field.key == "recipients" => Value::Array(Vec::new()),
                    true => shown.clone(),
                    false => field.usual(),
                };
                (field.key.to_owned(), value)
            };
            (settings.is_object() && is_own(switch)).then(|| fields.map(value).collect())
        };
        let differs = |field: &&SettingField| {
            let shown = &settings[field.key];
            field.group == Group::None && field.kind.takes(shown) && *shown != inherited[field.key]
        };
        let fields = FIELDS.iter().filter(differs);
        let fields = fields.map(|field| (field.key.to_owned(), settings[field.key].clone()));
        let has_defaults = is_top || has_device_defaults(&document);
        let defaults =
            Some(at("deviceDefaults")).filter(|defaults| defaults.is_object() && has_defaults);
        let read = |defaults: &Value| {
            let read = device_defaults::read(defaults, known).unwrap_or_else(|_| defaults.clone());
            match self.anonymize {
                true => anonymous::device_defaults(&read),
                false => read,
            }
        };
        Own {
            quota: group(Group::Quota, "isUsingQuotaDefaults"),
            reporting: group(Group::Reporting, "isUsingReportingDefaults"),
            fields: fields.collect(),
            destinations: Some(guids(&settings["destinations"]))
                .filter(|_| settings.is_object() && is_own("isUsingDestinationDefaults")),
            device_defaults: defaults.map(read),
            by_key: self.own_by_key(source, org),
        }
    }

    fn own_by_key(&self, source: &OrgSource, org: &OrgRecord) -> BTreeMap<String, KeySetting> {
        let mut own = BTreeMap::new();
        for (key, setting) in &source.by_key() {
            if let (Some(value), true) = (setting["value"].as_str(), setting["id"] == org.id.get())
                && (!self.anonymize || anonymous::may_stay(key, value))
            {
                let locked = setting["locked"] == true;
                let value = value.to_owned();
                own.insert(key.clone(), KeySetting { value, locked });
            }
        }
        own
    }
}

/// Returns whether an organization other than the top one has device defaults of its own, by its document.
pub(super) fn has_device_defaults(document: &Map<String, Value>) -> bool {
    let at = |key: &str| document.get(key).unwrap_or(&Value::Null);
    let provider = &at("orgInheritDto")["orgIdProvidingDeviceDefaults"];
    let is_provider = provider.is_number() && *provider == *at("orgId");
    is_provider || at("customConfig") == true
}

fn guids(destinations: &Value) -> Vec<String> {
    let list = destinations.as_array().into_iter().flatten();
    list.filter_map(|destination| destination["guid"].as_str())
        .map(str::to_owned)
        .collect()
}

/// Returns every destination in the documents, in the order of first mention; those of a new tenant if there are
/// none.
pub(super) fn destinations(source: &[OrgSource], anonymize: bool) -> Vec<Destination> {
    let mut all: Vec<Destination> = Vec::new();
    for org in source {
        let document = org.document();
        let settings = document.get("settings").unwrap_or(&Value::Null);
        for list in ["allDestinations", "destinations"] {
            for found in settings[list].as_array().into_iter().flatten() {
                let id = found["destinationId"]
                    .as_u64()
                    .and_then(|id| u32::try_from(id).ok());
                let (Some(id), Some(guid)) = (id, found["guid"].as_str()) else {
                    continue;
                };
                if !all.iter().any(|known| known.guid == guid) {
                    all.push(Destination {
                        id,
                        guid: guid.to_owned(),
                        name: match found["destinationName"].as_str() {
                            Some(name) if !anonymize => name.to_owned(),
                            _ => format!("Destination {id}"),
                        },
                    });
                }
            }
        }
    }
    match all.is_empty() {
        true => Destination::of_new_tenant(),
        false => all,
    }
}
