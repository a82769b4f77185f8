//! How organizations, users, devices and archives look on the wire.

use org42_types::Timestamp;
use serde_json::{Map, Value, json};

use crate::domain::AgentStateRow;
use crate::domain::roles::Role;
use crate::fidelity::{GatewayCounts, V3Dates};
use crate::service::{ArchiveView, DeviceView, OrgView, UserView};

const UNLIMITED: i64 = -1;

/// An organization of the v1 routes.
pub(crate) fn org_v1(view: &OrgView) -> Value {
    let mut org = org(view, |time| time.to_string());
    org.insert("externalId".to_owned(), json!(view.org.uid));
    Value::Object(org)
}

/// An organization of the v3 routes, which write dates in another way and have no `externalId`.
pub(super) fn org_v3(view: &OrgView, dates: V3Dates) -> Value {
    Value::Object(match dates {
        V3Dates::Java => org(view, Timestamp::to_java_string),
        V3Dates::Iso => org(view, |time| time.to_string()),
    })
}

fn org(view: &OrgView, date: impl Fn(Timestamp) -> String) -> Map<String, Value> {
    let OrgView {
        org,
        state,
        parent,
        counts,
        ..
    } = view;
    let parent = parent.as_ref();
    // The recorded oddity: null where nothing is set here, "" where nothing is computed.
    let (own, inherited, summary) = match parent {
        None => (json!(UNLIMITED), json!(""), json!(UNLIMITED)),
        Some(_) => (Value::Null, json!(""), json!("")),
    };
    let quotas = |value: &Value| json!({"maxSeats": value, "maxBytes": value});
    let mut fields = object(json!({
        "orgId": org.id,
        "orgUid": org.uid,
        "orgGuid": org.guid,
        "orgName": org.name,
        "orgExtRef": org.ext_ref,
        "notes": org.notes,
        "status": state.status(),
        "active": state.active,
        "blocked": state.blocked,
        "parentOrgId": parent.map(|parent| parent.id),
        "parentOrgUid": parent.map(|parent| &parent.uid),
        "parentOrgGuid": parent.map(|parent| &parent.guid),
        "type": "ENTERPRISE",
        "classification": "BASIC",
        "hierarchyCounts": {},
        "configInheritanceCounts": {},
        "creationDate": date(org.created_at),
        "modificationDate": date(org.modified_at),
        "deactivationDate": state.inactive_since.map(date),
        "settings": quotas(&own),
        "settingsInherited": quotas(&inherited),
        "settingsSummary": quotas(&summary),
        "registrationKey": org.registration_key,
        "reporting": {"orgManagers": []},
        "customConfig": false,
    }));
    if let Some(counts) = counts {
        fields.extend(object(json!({
            "orgCount": counts.orgs,
            "userCount": counts.users,
            "licensedUserCount": counts.users,
            "computerCount": counts.devices,
            "backupComputerCount": counts.devices,
            "backupDeviceCount": counts.devices,
            "shareDeviceCount": 0,
            "planCount": counts.plans,
        })));
    }
    fields
}

/// An organization of the gateway, whose counts are of what is below.
pub(super) fn org_of_gateway(view: &OrgView, form: GatewayCounts) -> Value {
    let OrgView {
        org,
        state,
        parent,
        counts,
        ..
    } = view;
    let mut fields = object(json!({
        "orgGuid": org.guid,
        "orgName": org.name,
        "orgExtRef": org.ext_ref,
        "notes": org.notes,
        "parentOrgGuid": parent.as_ref().map(|parent| &parent.guid),
        "active": state.active,
        "creationDate": org.created_at.to_string(),
        "modificationDate": org.modified_at.to_string(),
        "deactivationDate": state.inactive_since.map(|time| time.to_string()),
        "registrationKey": org.registration_key,
    }));
    if let Some(counts) = counts {
        let itself = u64::from(state.active);
        let count = |count: u64| match form {
            GatewayCounts::Numbers => json!(count),
            GatewayCounts::Texts => json!(count.to_string()),
        };
        fields.extend(object(json!({
            "userCount": count(counts.users),
            "computerCount": count(counts.devices),
            "orgCount": count(counts.orgs.saturating_sub(itself)),
        })));
    }
    Value::Object(fields)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A user of the v1 routes.
pub(super) fn user(view: &UserView, with_roles: bool) -> Value {
    let UserView {
        user, state, org, ..
    } = view;
    let mut fields = object(json!({
        "userId": user.id,
        "userUid": user.uid,
        "status": state.status(),
        "username": user.username,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "quotaInBytes": UNLIMITED,
        "orgId": org.id,
        "orgUid": org.uid,
        "orgName": org.name,
        "userExtRef": user.ext_ref,
        "notes": user.notes,
        "active": state.active,
        "blocked": state.blocked,
        "emailPromo": true,
        "invited": false,
        "orgType": "ENTERPRISE",
        "usernameIsAnEmail": user.username.contains('@'),
        "creationDate": user.created_at,
        "modificationDate": user.modified_at,
        "passwordReset": false,
        "localAuthenticationOnly": false,
        "licenses": [],
    }));
    if with_roles {
        let roles = user.roles.iter().filter_map(|id| Role::find(id));
        let names: Vec<&str> = roles.map(|role| role.name).collect();
        fields.insert("roles".to_owned(), json!(names));
    }
    Value::Object(fields)
}

/// A device of the v1 routes.
pub(super) fn computer(view: &DeviceView) -> Value {
    let DeviceView {
        device,
        state,
        user,
    } = view;
    json!({
        "computerId": device.id,
        "name": device.name,
        "osHostname": device.name,
        "guid": device.guid,
        "type": "COMPUTER",
        "status": state.status(),
        "active": state.active,
        "blocked": state.blocked,
        "alertState": 0,
        "alertStates": ["OK"],
        "userId": user.user.id,
        "userUid": user.user.uid,
        "orgId": user.org.id,
        "orgUid": user.org.uid,
        "computerExtRef": null,
        "notes": null,
        "parentComputerId": null,
        "parentComputerGuid": null,
        "lastConnected": device.last_connected,
        "osName": device.os_name,
        "osVersion": null,
        "osArch": null,
        "address": null,
        "remoteAddress": null,
        "javaVersion": "",
        "modelInfo": "",
        "timeZone": "Etc/UTC",
        "version": 0,
        "productVersion": null,
        "buildVersion": 0,
        "creationDate": device.created_at,
        "modificationDate": device.modified_at,
        "loginDate": device.login_date,
        "service": "CrashPlan",
        "orgSettings": {"securityKeyLocked": true},
    })
}

/// What agents are told about their device.
pub(super) fn agent(view: &DeviceView) -> Value {
    json!({
        "computerId": view.device.id,
        "guid": view.device.guid,
        "active": view.state.active,
        "blocked": view.state.blocked,
        "plans": [{"planUid": view.device.plan.uid, "running": view.state.plan_runs}],
    })
}

/// What an agent has reported.
pub(super) fn agent_state(row: &AgentStateRow) -> Value {
    json!({"deviceGuid": row.device_guid, "name": row.name, "value": row.value})
}

/// An archive of the v1 routes.
pub(super) fn archive(view: &ArchiveView) -> Value {
    json!({
        "archiveGuid": view.archive.guid,
        "backupSourceGuid": view.device.guid,
        "userId": view.user.id,
        "userUid": view.user.uid,
        "archiveBytes": view.archive.bytes,
        "targetGuid": view.destination,
        "lastCompletedBackup": view.archive.last_backup,
        "isColdStorage": view.purge_at.is_some(),
        "lastMaintained": null,
        "maintenanceDuration": null,
        "compactBytesRemoved": null,
        "storePointId": 1,
        "selectedBytes": view.archive.bytes,
        "selectedFiles": null,
        "todoBytes": 0,
        "format": "ARCHIVE_V1",
    })
}

/// A row of the cold storage of an organization.
pub(super) fn cold_storage_row(view: &ArchiveView) -> Value {
    json!({
        "archiveGuid": view.archive.guid,
        "archiveBytes": view.archive.bytes,
        "archiveHoldExpireDate": view.purge_at,
        "orgId": view.org.id,
        "orgName": view.org.name,
        "mountPointId": 1,
        "mountPointName": "org42",
        "serverName": "org42 authority",
        "archiveType": "BACKUP",
        "fcuId": null,
        "sourceUserId": view.user.id,
        "sourceUserFirstName": view.user.first_name,
        "sourceUserLastName": view.user.last_name,
        "sourceUserUserName": view.user.username,
        "sourceUserEmail": view.user.email,
        "sourceComputerId": view.device.id,
        "sourceComputerGuid": view.device.guid,
        "sourceComputerName": view.device.name,
        "sourceComputerOsHostname": view.device.name,
        "sourceComputerService": "CrashPlan",
    })
}
