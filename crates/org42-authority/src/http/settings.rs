//! Settings on the wire: the blocks of an organization's document, and the settings that are kept by key.

use axum::extract::{Path, State};
use axum::response::Response;
use org42_types::UpdateOrgBody;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::App;
use super::body::Body;
use super::caller::Authenticated;
use super::params::Params;
use super::reply::{ErrorReply, no_content, v1};
use crate::domain::roles::Right;
use crate::domain::rules::{KeyEdit, SettingsEdit};
use crate::domain::settings::{Destination, FIELDS, InForce, TSetting, is_switch};
use crate::domain::{TenantRefusal, device_defaults};
use crate::service::{OrgView, SettingsView, With};

/// How long the value of a setting kept by key may be.
const MAX_VALUE: usize = 64 * 1024;

/// How many settings kept by key one request may change.
const MAX_PACKETS: usize = 500;

/// Fields that show null in an organization that has none of its own, whatever is in force.
const NULL_UNLESS_OWN: [&str; 3] = [
    "ldapServerIds",
    "radiusServerIds",
    "ssoIdentityProviderUids",
];

/// What a request wants to be told beside the organization itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    counts: bool,
    settings: bool,
    device_defaults: bool,
    origins: bool,
    usmt: bool,
}

impl Asked {
    pub(super) fn of(params: &Params) -> Result<Self, TenantRefusal> {
        let flag = |name| Ok::<_, TenantRefusal>(params.flag(name)?.unwrap_or(false));
        Ok(Self {
            counts: flag("incCounts")?,
            settings: flag("incSettings")?,
            device_defaults: flag("incDeviceDefaults")?,
            origins: flag("incInheritedOrgInfo")?,
            usmt: flag("incWindowsUsmtFiles")?,
        })
    }

    pub(super) fn with(self) -> With {
        With {
            counts: self.counts,
            settings: self.settings || self.device_defaults || self.origins,
        }
    }

    /// An organization's document with what was asked for in it.
    pub(super) fn told(self, mut org: Value, view: &OrgView) -> Value {
        if let (Some(fields), Some(settings)) = (org.as_object_mut(), &view.settings) {
            if self.settings {
                fields.insert("settings".to_owned(), own(settings, view.parent.is_none()));
                fields.insert(
                    "settingsInherited".to_owned(),
                    block(settings, &settings.inherited),
                );
                fields.insert("settingsSummary".to_owned(), summary(settings));
            }
            if self.origins {
                fields.insert("orgInheritDto".to_owned(), origins(view, settings));
            }
            if self.device_defaults {
                let defaults = settings.in_force.device_defaults.clone();
                fields.insert("deviceDefaults".to_owned(), defaults);
            }
            let has_own = settings.own.device_defaults.is_some();
            fields.insert("customConfig".to_owned(), has_own.into());
        }
        if let (true, Some(fields)) = (self.usmt, org.as_object_mut()) {
            let none = json!({"filename": ""});
            let files = ["USER", "APP", "DOCS", "CONFIG", "CUSTOM"];
            let files: Map<_, _> = files
                .map(|kind| (kind.to_owned(), none.clone()))
                .into_iter()
                .collect();
            fields.insert("windowsUsmtFiles".to_owned(), files.into());
        }
        org
    }
}

/// Destinations by guid, as documents list them.
fn destinations(view: &SettingsView, guids: &[String]) -> Value {
    let find = |guid: &String| view.destinations.iter().find(|known| known.guid == *guid);
    guids
        .iter()
        .filter_map(find)
        .map(Destination::document)
        .collect()
}

/// `settingsInherited`: what is in force above.
fn block(view: &SettingsView, in_force: &InForce) -> Value {
    let mut fields = in_force.fields.clone();
    let offered = destinations(view, &in_force.destinations);
    fields.insert("destinations".to_owned(), offered);
    Value::Object(fields)
}

/// `settingsSummary`: what is in force. Of destinations it shows those from above, as the recording does.
fn summary(view: &SettingsView) -> Value {
    let mut fields = view.in_force.fields.clone();
    let from_above = destinations(view, &view.inherited.destinations);
    fields.insert("destinations".to_owned(), from_above);
    fields.insert("reportLastSent".to_owned(), Value::Null);
    Value::Object(fields)
}

/// `settings`: what is in force, with null for some fields that are not the organization's own, and the switches.
fn own(view: &SettingsView, is_top: bool) -> Value {
    let mut fields = view.in_force.fields.clone();
    for key in NULL_UNLESS_OWN {
        if !view.own.fields.contains_key(key) {
            fields.insert(key.to_owned(), Value::Null);
        }
    }
    let all: Value = (view.destinations.iter())
        .map(Destination::document)
        .collect();
    let more = json!({
        "reportLastSent": null,
        "destinations": destinations(view, &view.in_force.destinations),
        "allDestinations": all,
        "isDefaultRolesInherited": !view.own.fields.contains_key("defaultRoles"),
        "isUsingDestinationDefaults": !is_top && view.own.destinations.is_none(),
        "isUsingQuotaDefaults": !is_top && view.own.quota.is_none(),
        "isUsingReportingDefaults": !is_top && view.own.reporting.is_none(),
        "isNativeClientsEnabled": true,
        "securityKeyInherit": !view.own.fields.contains_key("securityKeyType"),
    });
    fields.extend(more.as_object().cloned().unwrap_or_default());
    Value::Object(fields)
}

/// `orgInheritDto`: which organizations provide destinations and device defaults.
fn origins(view: &OrgView, settings: &SettingsView) -> Value {
    let (places, defaults) = (&settings.destinations_from, &settings.device_defaults_from);
    json!({
        "orgId": view.org.id,
        "orgUid": view.org.uid,
        "orgIdProvidingOrg": null,
        "orgUidProvidingOrg": null,
        "orgNameProvidingOrg": null,
        "orgIdProvidingDestinations": places.id,
        "orgUidProvidingDestinations": places.uid,
        "orgNameProvidingDestinations": places.name,
        "orgIdProvidingDeviceDefaults": defaults.id,
        "orgUidProvidingDeviceDefaults": defaults.uid,
        "orgNameProvidingDeviceDefaults": defaults.name,
    })
}

/// Name, external reference and notes in a document that a client writes back.
pub(super) fn names(document: &Map<String, Value>) -> Result<UpdateOrgBody, TenantRefusal> {
    UpdateOrgBody::deserialize(Value::Object(document.clone()))
        .map_err(|error| TenantRefusal::Invalid(format!("Invalid request: {error}")))
}

/// What a document that a client writes back changes about settings. What can only be read is ignored.
pub(super) fn edit(
    document: &Map<String, Value>,
    known: &[Destination],
    null_clears: bool,
) -> Result<SettingsEdit, TenantRefusal> {
    let mut edit = SettingsEdit {
        null_clears,
        ..SettingsEdit::default()
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
    edit: &mut SettingsEdit,
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

/// Destinations as documents list them, by guid or by number.
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

/// The settings kept by key, each with who provides it.
pub(super) async fn get_by_key(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ErrorReply> {
    let named = params.org_named(&id, &caller)?;
    let in_force = app.ask(move |tenant| {
        let key = named.key(tenant)?;
        tenant.allowing(&caller, Right::See, &key).settings(&key)
    });
    let in_force = in_force.await?;
    let asked: Option<Vec<&str>> = params.text("keys").map(|keys| keys.split(',').collect());
    let wanted = |key: &str| asked.as_ref().is_none_or(|asked| asked.contains(&key));
    let settings: Map<String, Value> = (in_force.by_key.iter())
        .filter(|(key, _)| wanted(key))
        .map(|(key, (setting, from))| {
            let value = json!({
                "scope": "ORG",
                "value": setting.value,
                "locked": setting.locked,
                "id": from,
            });
            (key.clone(), value)
        })
        .collect();
    Ok(v1(app.tenant.clock().now(), &params, &settings.into()))
}

/// Changes settings that are kept by key.
pub(super) async fn put_by_key(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
    params: Params,
    Body(body): Body<Map<String, Value>>,
) -> Result<Response, ErrorReply> {
    let named = params.org_named(&id, &caller)?;
    let edits = packets(&body)?;
    app.change(move |tenant| {
        let key = named.key(tenant)?;
        tenant
            .allowing(&caller, Right::Settings, &key)
            .update_keys(&key, &edits)
    })
    .await?;
    Ok(no_content())
}

fn packets(body: &Map<String, Value>) -> Result<Vec<KeyEdit>, TenantRefusal> {
    let packets = body.get("packets").and_then(Value::as_array);
    let packets = packets.ok_or_else(|| wanted("packets", "a list"))?;
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
        setting: TSetting {
            value: value.to_owned(),
            locked,
        },
    })
}
