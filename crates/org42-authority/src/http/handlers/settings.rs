//! The handlers for settings that are kept by key, and the reading of settings in a document that is written back.

use std::collections::BTreeMap;

use axum::extract::State;
use org42_types::endpoints;
use serde_json::{Map, Value};

use crate::domain::rules::{KeyEdit, OwnSettingsEdit};
use crate::domain::settings::{Destination, FIELDS, KeySetting, is_switch};
use crate::domain::{TenantRefusal, device_defaults};
use crate::http::access::{App, Scoped};
use crate::http::answer::{NoContent, V1};
use crate::http::body::Body;
use crate::http::dto::queries::SettingKeysQuery;
use crate::http::dto::settings::{PacketsBody, SettingByKey, SettingsByKey};
use crate::http::error_reply::ErrorReply;
use crate::http::query::Query;
use crate::store::OrgLookup;

crate::http::table::routes! {
    endpoints {
        ORG_SETTING_GET => get_by_key,
        ORG_SETTING_PUT => put_by_key,
    }
}

/// How long the value of a setting kept by key may be, in bytes.
const MAX_VALUE: usize = 64 * 1024;

/// How many settings kept by key one request may change.
const MAX_PACKETS: usize = 500;

/// Returns the edit of settings in a document that a client writes back. Fields that can only be read are ignored.
pub(super) fn edit(
    document: &Map<String, Value>,
    known: &[Destination],
    null_clears: bool,
) -> Result<OwnSettingsEdit, TenantRefusal> {
    let mut edit = OwnSettingsEdit {
        null_clears,
        ..OwnSettingsEdit::default()
    };
    match document.get("settings") {
        None | Some(Value::Null) => {}
        Some(Value::Object(settings)) => read_settings(settings, known, &mut edit)?,
        Some(_) => return Err(wanted("settings", "an object")),
    }
    match document.get("deviceDefaults") {
        None => {}
        Some(Value::Null) => edit.device_defaults = Some(Value::Null),
        Some(defaults) => {
            let read = device_defaults::read(defaults, known);
            edit.device_defaults = Some(read.map_err(TenantRefusal::Invalid)?);
        }
    }
    Ok(edit)
}

fn wanted(field: &str, what: &str) -> TenantRefusal {
    TenantRefusal::Invalid(format!("{field}: {what} is wanted"))
}

fn read_settings(
    settings: &Map<String, Value>,
    known: &[Destination],
    edit: &mut OwnSettingsEdit,
) -> Result<(), TenantRefusal> {
    let switch = |key: &str| match settings.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(on)) => Ok(Some(*on)),
        Some(_) => Err(wanted(&format!("settings.{key}"), "true or false")),
    };
    edit.quota_inherited = switch("isUsingQuotaDefaults")?;
    edit.reporting_inherited = switch("isUsingReportingDefaults")?;
    edit.destinations_inherited = switch("isUsingDestinationDefaults")?;
    for field in &FIELDS {
        let Some(value) = settings.get(field.key) else {
            continue;
        };
        if !value.is_null() && !field.kind.takes(value) {
            let name = format!("settings.{}", field.key);
            return Err(wanted(&name, field.kind.wanted()));
        }
        edit.fields.insert(field.key.to_owned(), value.clone());
    }
    if let Some(list) = settings.get("destinations").filter(|list| !list.is_null()) {
        edit.destinations = Some(read_destinations(list, known)?);
    }
    Ok(())
}

/// Returns the guids of destinations, which documents name by guid or by number.
fn read_destinations(list: &Value, all: &[Destination]) -> Result<Vec<String>, TenantRefusal> {
    const FIELD: &str = "settings.destinations";
    let list = list.as_array().ok_or_else(|| wanted(FIELD, "a list"))?;
    let known = |entry: &Value| {
        let found = all.iter().find(|known| match entry.get("guid") {
            Some(guid) => guid.as_str() == Some(&known.guid),
            None => entry.get("destinationId").and_then(Value::as_u64) == Some(known.id.into()),
        });
        let found = found.map(|known| known.guid.clone());
        found.ok_or_else(|| {
            TenantRefusal::Invalid(format!("{FIELD}: there is no destination {entry}"))
        })
    };
    let mut guids: Vec<String> = Vec::with_capacity(list.len().min(all.len()));
    for entry in list {
        let guid = known(entry)?;
        if guids.contains(&guid) {
            return Err(wanted(FIELD, "each destination once"));
        }
        guids.push(guid);
    }
    Ok(guids)
}

pub(in crate::http) async fn get_by_key(
    State(app): State<App>,
    org: Scoped<OrgLookup>,
    asked: Query<SettingKeysQuery>,
) -> Result<V1<SettingsByKey>, ErrorReply> {
    let finding = org.ask(|org| org.tenant.settings(&org.key));
    let in_force = finding.await?;
    let keys: Option<Vec<&str>> = asked.keys.as_deref().map(|keys| keys.split(',').collect());
    let wanted = |key: &str| keys.as_ref().is_none_or(|keys| keys.contains(&key));
    let settings: BTreeMap<String, SettingByKey> = (in_force.by_key.into_iter())
        .filter(|(key, _)| wanted(key))
        .map(|(key, (setting, id))| {
            let setting = SettingByKey {
                scope: "ORG",
                value: setting.value,
                locked: setting.locked,
                id,
            };
            (key, setting)
        })
        .collect();
    Ok(V1::new(&app, &asked.params, SettingsByKey(settings)))
}

pub(in crate::http) async fn put_by_key(
    org: Scoped<OrgLookup>,
    Body(body): Body<PacketsBody>,
) -> Result<NoContent, ErrorReply> {
    let edits = packets(&body.packets)?;
    org.change(move |org| org.tenant.update_keys(&org.key, &edits))
        .await?;
    Ok(NoContent)
}

fn packets(packets: &Value) -> Result<Vec<KeyEdit>, TenantRefusal> {
    let packets = packets
        .as_array()
        .ok_or_else(|| wanted("packets", "a list"))?;
    if packets.len() > MAX_PACKETS {
        return Err(wanted(
            "packets",
            &format!("a list of at most {MAX_PACKETS}"),
        ));
    }
    packets.iter().map(packet).collect()
}

fn packet(packet: &Value) -> Result<KeyEdit, TenantRefusal> {
    let key = packet.get("key").and_then(Value::as_str);
    let key = key.filter(|key| !key.trim().is_empty() && key.len() <= 200);
    let key = key.ok_or_else(|| wanted("packets.key", "a text of at most 200 characters"))?;
    let value = packet.get("value").and_then(Value::as_str);
    let value = value.filter(|value| value.len() <= MAX_VALUE);
    let value = value.ok_or_else(|| wanted(key, "a text of at most 64 KiB as value"))?;
    if is_switch(key) && !matches!(value, "true" | "false") {
        return Err(wanted(key, "\"true\" or \"false\""));
    }
    let locked = match packet.get("locked") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(locked)) => *locked,
        Some(_) => return Err(wanted(key, "true or false as locked")),
    };
    Ok(KeyEdit {
        key: key.to_owned(),
        setting: KeySetting {
            value: value.to_owned(),
            locked,
        },
    })
}
