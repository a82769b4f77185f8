//! The bodies that devices' agents send, and the answers to them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::schemas;
use crate::service::{AgentIds, AgentPass, DeviceView};

/// The body that registers a device.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct RegisterBody {
    /// The registration key of an organization.
    pub(in crate::http) registration_key: String,
    /// The user; a new one where nobody has this name.
    pub(in crate::http) username: String,
    /// The password of the user.
    pub(in crate::http) password: String,
    /// The name of the device.
    pub(in crate::http) device_name: String,
    /// The operating system.
    pub(in crate::http) os_name: String,
}

/// A device that is registered; the answer is the only one that shows its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Registered {
    /// The number of the device.
    computer_id: u32,
    /// The guid of the device, a decimal text.
    guid: String,
    /// The secret of the device.
    secret: String,
}

impl Registered {
    pub(in crate::http) fn of(ids: AgentIds, secret: String) -> Self {
        Self {
            computer_id: ids.computer_id,
            guid: ids.guid,
            secret,
        }
    }
}

/// What proves a device.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct PassBody {
    /// The guid of the device, a decimal text.
    guid: String,
    /// The secret of the device.
    secret: String,
}

impl From<PassBody> for AgentPass {
    fn from(PassBody { guid, secret }: PassBody) -> Self {
        Self { guid, secret }
    }
}

/// The body that backs a device up.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct BackupBody {
    /// The guid of the device, a decimal text.
    pub(in crate::http) guid: String,
    /// The secret of the device.
    pub(in crate::http) secret: String,
    /// How large the archive is then.
    pub(in crate::http) bytes: u64,
}

/// The body that reports a property of a device.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct StateBody {
    /// The guid of the device, a decimal text.
    pub(in crate::http) guid: String,
    /// The secret of the device.
    pub(in crate::http) secret: String,
    /// The property, such as `fullDiskAccess`.
    pub(in crate::http) name: String,
    #[schema(schema_with = schemas::scalar)]
    pub(in crate::http) value: Value,
}

/// What agents hear about their device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct AgentDocument {
    /// The number of the device.
    computer_id: u32,
    /// The guid of the device, a decimal text.
    guid: String,
    /// Whether neither the device, its user nor an organization above is deactivated.
    active: bool,
    /// Whether the device, its user or an organization above is blocked.
    blocked: bool,
    /// The backup plans; always one.
    plans: [PlanDocument; 1],
}

/// A backup plan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PlanDocument {
    /// The uid of the plan, a decimal text.
    plan_uid: String,
    /// Whether it backs up.
    running: bool,
}

impl From<DeviceView> for AgentDocument {
    fn from(view: DeviceView) -> Self {
        Self {
            computer_id: view.device.id,
            guid: view.device.guid,
            active: view.state.active,
            blocked: view.state.blocked,
            plans: [PlanDocument {
                plan_uid: view.device.plan.uid,
                running: view.state.plan_runs,
            }],
        }
    }
}
