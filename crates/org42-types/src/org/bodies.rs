//! The bodies that create and change an organization, and the states that the agents of its devices report.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Field, OrgGuid, OrgId, OrgUid};

/// The body that creates an organization. Fields that are [`Field::Absent`] are not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateOrgBody {
    /// The name: 3 to 220 characters.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub org_name: Field<String>,
    /// The external reference, such as a serial number or help desk issue.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub org_ext_ref: Field<String>,
    /// The notes, which are free text.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub notes: Field<String>,
    /// The parent, for the v3 route.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<OrgGuid>))]
    pub parent_org_guid: Field<OrgGuid>,
    /// The parent, for the v1 route.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<OrgUid>))]
    pub parent_org_uid: Field<OrgUid>,
    /// The parent, as the oldest clients send it to the v1 route.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<OrgId>))]
    pub parent_org_id: Field<OrgId>,
}

/// The body that changes an organization. Fields that are [`Field::Absent`] are not sent, and stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateOrgBody {
    /// The new name.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub org_name: Field<String>,
    /// The new external reference; `""` clears it.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub org_ext_ref: Field<String>,
    /// The new notes; `""` clears them.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub notes: Field<String>,
}

/// The value of one property that one device's agent reported last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AgentState {
    /// The device's guid, a decimal text.
    #[serde(default)]
    pub device_guid: String,
    /// The property, such as `fullDiskAccess`.
    #[serde(default)]
    pub name: String,
    /// The reported value; a text or a boolean, depending on the server.
    #[serde(default)]
    pub value: Value,
}
