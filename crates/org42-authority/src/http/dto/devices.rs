//! Devices and the states of their agents as the routes show them.

use org42_types::{OrgId, OrgUid, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::AgentStateRow;
use crate::http::answer::Null;
use crate::http::listing::{Rows, Total};
use crate::service::DeviceView;

/// A device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Computer)]
pub(in crate::http) struct ComputerDocument {
    /// The number of the device.
    computer_id: u32,
    /// The name of the device.
    name: String,
    /// The same as the name.
    os_hostname: String,
    /// The guid of the device, a decimal text.
    guid: String,
    /// Always `COMPUTER`.
    r#type: &'static str,
    /// The state in words.
    status: &'static str,
    /// Whether neither the device, its user nor an organization above is deactivated.
    active: bool,
    /// Whether the device, its user or an organization above is blocked.
    blocked: bool,
    /// Always 0.
    alert_state: u32,
    /// Always `OK` alone.
    alert_states: [&'static str; 1],
    /// The number of the user.
    user_id: u32,
    /// The uid of the user.
    user_uid: String,
    /// The number of the organization.
    org_id: OrgId,
    /// The uid of the organization.
    org_uid: OrgUid,
    computer_ext_ref: Null,
    /// Free text.
    notes: Null,
    parent_computer_id: Null,
    parent_computer_guid: Null,
    /// When it last logged in.
    last_connected: Option<Timestamp>,
    /// The operating system, as the agent named it.
    os_name: String,
    os_version: Null,
    os_arch: Null,
    address: Null,
    remote_address: Null,
    /// Always empty.
    java_version: &'static str,
    /// Always empty.
    model_info: &'static str,
    /// Always `Etc/UTC`.
    time_zone: &'static str,
    /// Always 0.
    version: u32,
    product_version: Null,
    /// Always 0.
    build_version: u32,
    /// When it was created.
    creation_date: Timestamp,
    /// When it was last changed.
    modification_date: Timestamp,
    /// When it last logged in.
    login_date: Option<Timestamp>,
    /// Always `CrashPlan`.
    service: &'static str,
    org_settings: ComputerOrgSettings,
}

/// What a device shows of the settings of its organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ComputerOrgSettings {
    /// Always true.
    security_key_locked: bool,
}

impl From<DeviceView> for ComputerDocument {
    fn from(view: DeviceView) -> Self {
        let DeviceView {
            device,
            state,
            user,
        } = view;
        Self {
            computer_id: device.id,
            name: device.name.clone(),
            os_hostname: device.name,
            guid: device.guid,
            r#type: "COMPUTER",
            status: state.status(),
            active: state.active,
            blocked: state.blocked,
            alert_state: 0,
            alert_states: ["OK"],
            user_id: user.user.id,
            user_uid: user.user.uid,
            org_id: user.org.id,
            org_uid: user.org.uid,
            computer_ext_ref: Null,
            notes: Null,
            parent_computer_id: Null,
            parent_computer_guid: Null,
            last_connected: device.last_connected,
            os_name: device.os_name,
            os_version: Null,
            os_arch: Null,
            address: Null,
            remote_address: Null,
            java_version: "",
            model_info: "",
            time_zone: "Etc/UTC",
            version: 0,
            product_version: Null,
            build_version: 0,
            creation_date: device.created_at,
            modification_date: device.modified_at,
            login_date: device.login_date,
            service: "CrashPlan",
            org_settings: ComputerOrgSettings {
                security_key_locked: true,
            },
        }
    }
}

/// A page of devices.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ComputerPage {
    /// The devices of this page.
    #[schema(value_type = Vec<ComputerDocument>)]
    pub(in crate::http) computers: Rows<ComputerDocument>,
    #[serde(flatten)]
    #[schema(value_type = ComputerCounts)]
    pub(in crate::http) counts: Option<ComputerCounts>,
}

/// How many devices there are on all pages; with `incCounts`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ComputerCounts {
    /// How many there are on all pages.
    #[schema(value_type = u64, required = false)]
    pub(in crate::http) total_count: Total,
    /// Always 0.
    #[schema(required = false)]
    pub(in crate::http) warning_count: u32,
    /// Always 0.
    #[schema(required = false)]
    pub(in crate::http) critical_count: u32,
}

/// The body that deactivates or reactivates a device.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct ComputerBody {
    /// The device's number.
    pub(in crate::http) id: u32,
}

/// What an agent has reported.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentState)]
pub(in crate::http) struct AgentStateDocument {
    /// The guid of the device, a decimal text.
    device_guid: String,
    /// The property.
    name: String,
    /// What was reported.
    value: String,
}

impl From<AgentStateRow> for AgentStateDocument {
    fn from(row: AgentStateRow) -> Self {
        Self {
            device_guid: row.device_guid,
            name: row.name,
            value: row.value,
        }
    }
}

/// What agents have reported.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Vec<AgentStateDocument>)]
pub(in crate::http) struct AgentStates(pub(in crate::http) Rows<AgentStateDocument>);

/// What one agent has reported: a list of one.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub(in crate::http) struct OneAgentState(pub(in crate::http) [AgentStateDocument; 1]);
