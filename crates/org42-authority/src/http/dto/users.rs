//! Users as the routes show them, and the bodies that change them.

use org42_types::{OrgId, OrgUid, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::schemas;
use crate::domain::roles::Role;
use crate::http::answer::Shown;
use crate::http::listing::{Rows, Total};
use crate::service::UserView;

/// A user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(in crate::http) struct UserDocument {
    /// The number of the user.
    user_id: u32,
    /// The uid of the user.
    user_uid: String,
    /// The state in words.
    status: &'static str,
    /// The name to sign in with.
    username: String,
    /// The mail address.
    email: Option<String>,
    /// The first name.
    first_name: Option<String>,
    /// The last name.
    last_name: Option<String>,
    /// Always -1: no limit.
    quota_in_bytes: i64,
    /// The number of the organization.
    org_id: OrgId,
    /// The uid of the organization.
    org_uid: OrgUid,
    /// The name of the organization.
    org_name: String,
    /// The external reference.
    user_ext_ref: Option<String>,
    /// Free text.
    notes: Option<String>,
    /// Whether neither the user nor the user's organization is deactivated.
    active: bool,
    /// Whether the user or the user's organization is blocked.
    blocked: bool,
    /// Always true.
    email_promo: bool,
    /// Always false.
    invited: bool,
    /// Always `ENTERPRISE`.
    org_type: &'static str,
    /// Whether the name to sign in with is a mail address.
    username_is_an_email: bool,
    /// When it was created.
    creation_date: Timestamp,
    /// When it was last changed.
    modification_date: Timestamp,
    /// Always false.
    password_reset: bool,
    /// Always false.
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
    /// The users of this page.
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
    /// The mail address.
    pub(in crate::http) email: Option<String>,
    /// At least 8 characters.
    pub(in crate::http) password: Option<String>,
    /// The first name.
    pub(in crate::http) first_name: Option<String>,
    /// The last name.
    pub(in crate::http) last_name: Option<String>,
    /// Free text.
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
    /// The organization to move to.
    #[schema(value_type = OrgId, required = true)]
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

impl Shown for UserDocument {}
