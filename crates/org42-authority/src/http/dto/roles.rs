//! Roles as the routes show them, and the body that assigns them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::roles::{Right, Role};
use crate::service::RoleChange;

/// A role.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Role)]
pub(in crate::http) struct RoleDocument {
    /// The id of the role.
    role_id: &'static str,
    /// The name of the role.
    role_name: &'static str,
    /// Always the beginning of 2014.
    creation_date: &'static str,
    /// Always the beginning of 2014.
    modification_date: &'static str,
    /// The names of its permissions.
    permission_ids: Vec<String>,
}

impl From<&'static Role> for RoleDocument {
    fn from(role: &'static Role) -> Self {
        Self {
            role_id: role.id,
            role_name: role.name,
            creation_date: "2014-01-01T00:00:00.000+00:00",
            modification_date: "2014-01-01T00:00:00.000+00:00",
            permission_ids: permissions(role),
        }
    }
}

/// Returns the names of a role's permissions, as they were recorded.
fn permissions(role: &Role) -> Vec<String> {
    let all = if role.is_everywhere { "all" } else { "" };
    let names = role.rights.iter().flat_map(|right| match right {
        Right::See => vec![format!("admin.{all}org.read")],
        Right::Create => vec![format!("admin.{all}org.create")],
        Right::Change => vec![format!("admin.{all}org.update_basic")],
        Right::Settings => vec![format!("admin.{all}org.update_restricted")],
        Right::Deactivate => vec![format!("admin.{all}org.delete")],
        Right::People => vec![format!("admin.{all}user"), format!("admin.{all}computer")],
        Right::Administer => vec!["admin".to_owned()],
        _ => Vec::new(),
    });
    names.collect()
}

/// Several roles.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
pub(in crate::http) struct Roles(pub(in crate::http) Vec<RoleDocument>);

impl FromIterator<&'static Role> for Roles {
    fn from_iter<I: IntoIterator<Item = &'static Role>>(roles: I) -> Self {
        Self(roles.into_iter().map(RoleDocument::from).collect())
    }
}

/// The roles that a user is to have in place of all others.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct RolesBody {
    /// The ids of all roles that the user is to have.
    pub(in crate::http) role_ids: Vec<String>,
}

/// What assigning roles came to, by id.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct RolesAssigned {
    /// Those of the request that there are.
    processed_replacement_role_ids: Vec<String>,
    /// Those that the user had not had.
    newly_assigned_role_ids: Vec<String>,
    /// Those that the user has no more.
    unassigned_role_ids: Vec<String>,
    /// Those of the request that there are not.
    ignored_role_ids: Vec<String>,
}

impl RolesAssigned {
    pub(in crate::http) fn of(mut asked: Vec<String>, change: RoleChange) -> Self {
        asked.retain(|id| !change.unknown.contains(id));
        Self {
            processed_replacement_role_ids: asked,
            newly_assigned_role_ids: change.given,
            unassigned_role_ids: change.taken,
            ignored_role_ids: change.unknown,
        }
    }
}
