//! Users as the routes show them, and the bodies that change them.

use org42_types::{OrgId, OrgUid, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::schemas;
use crate::domain::roles::Role;
use crate::http::listing::{Rows, Total};
use crate::service::UserView;

/// A user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(in crate::http) struct UserDocument {
    user_id: u32,
    user_uid: String,
    /// The state in words.
    status: &'static str,
    username: String,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// Always -1: no limit.
    quota_in_bytes: i64,
    org_id: OrgId,
    org_uid: OrgUid,
    org_name: String,
    user_ext_ref: Option<String>,
    notes: Option<String>,
    /// Whether neither the user nor the user's organization is deactivated.
    active: bool,
    /// Whether the user or the user's organization is blocked.
    blocked: bool,
    email_promo: bool,
    invited: bool,
    org_type: &'static str,
    username_is_an_email: bool,
    creation_date: Timestamp,
    modification_date: Timestamp,
    password_reset: bool,
    local_authentication_only: bool,
    /// Always empty.
    licenses: Vec<String>,
    /// The names of the user's roles; with `incRoles`.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<&'static str>>,
}

impl UserDocument {
    pub(in crate::http) fn of(view: UserView, with_roles: bool) -> Self {
        let UserView {
            user, state, org, ..
        } = view;
        let names = || {
            let roles = user.roles.iter().filter_map(|id| Role::find(id));
            roles.map(|role| role.name).collect()
        };
        Self {
            roles: with_roles.then(names),
            user_id: user.id,
            user_uid: user.uid,
            status: state.status(),
            username_is_an_email: user.username.contains('@'),
            username: user.username,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            quota_in_bytes: -1,
            org_id: org.id,
            org_uid: org.uid,
            org_name: org.name,
            user_ext_ref: user.ext_ref,
            notes: user.notes,
            active: state.active,
            blocked: state.blocked,
            email_promo: true,
            invited: false,
            org_type: "ENTERPRISE",
            creation_date: user.created_at,
            modification_date: user.modified_at,
            password_reset: false,
            local_authentication_only: false,
            licenses: Vec::new(),
        }
    }
}

/// A page of users.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct UserPage {
    #[schema(value_type = Vec<UserDocument>)]
    pub(in crate::http) users: Rows<UserDocument>,
    /// How many there are on all pages.
    #[schema(value_type = u64)]
    pub(in crate::http) total_count: Total,
}

/// The body that creates or changes a user; what it does not mention, or mentions as null, stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct UserBody {
    /// The organization of a new user; the top one unless given.
    pub(in crate::http) org_uid: Option<OrgUid>,
    /// The same by number.
    pub(in crate::http) org_id: Option<OrgId>,
    /// The address unless given.
    pub(in crate::http) username: Option<String>,
    pub(in crate::http) email: Option<String>,
    /// At least 8 characters.
    pub(in crate::http) password: Option<String>,
    pub(in crate::http) first_name: Option<String>,
    pub(in crate::http) last_name: Option<String>,
    pub(in crate::http) notes: Option<String>,
}

/// The body that deactivates a user.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct DeactivationBody {
    /// Whether to block the user too.
    block: Option<bool>,
    /// The same, in the older form.
    block_user: Option<bool>,
}

impl DeactivationBody {
    pub(in crate::http) fn block(&self) -> bool {
        self.block.or(self.block_user).unwrap_or(false)
    }
}

/// The body that reactivates a user.
#[derive(Deserialize, ToSchema)]
pub(in crate::http) struct ActivationBody {
    /// Whether to unblock the user too.
    pub(in crate::http) unblock: Option<bool>,
}

/// The body that moves a user.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct MoveBody {
    /// The organization to move to; required.
    pub(in crate::http) org_id: Option<OrgId>,
}

/// The body that moves a user, in the older form: both ids are uids in newer servers and numbers in older ones.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct MoveProcessBody {
    #[schema(schema_with = schemas::number_or_text)]
    pub(in crate::http) user_id: Value,
    #[schema(schema_with = schemas::number_or_text)]
    pub(in crate::http) parent_org_id: Value,
}
