//! Roles, and who has which.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::body::Body;
use super::caller::{Admin, Authenticated};
use super::params::Params;
use super::reply::{ErrorReply, v1, v3};
use crate::domain::roles::{ROLES, Right, Role};
use crate::store::UserLookup;

/// A role as the API shows it.
fn role(role: &Role) -> Value {
    json!({
        "roleId": role.id,
        "roleName": role.name,
        "creationDate": "2014-01-01T00:00:00.000+00:00",
        "modificationDate": "2014-01-01T00:00:00.000+00:00",
        "permissionIds": permissions(role),
    })
}

/// The names of a role's permissions, as they were recorded.
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

pub(super) async fn list(State(app): State<App>, _: Authenticated, params: Params) -> Response {
    let all: Vec<Value> = ROLES.iter().map(role).collect();
    v1(app.tenant.clock().now(), &params, &json!(all))
}

pub(super) async fn of_user(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Path(uid): Path<String>,
) -> Result<Response, ErrorReply> {
    let found = app.ask(move |tenant| {
        let key = UserLookup::Uid(uid);
        let view = tenant.allowing(&caller, Right::See, &key).user(&key)?;
        Ok(view.user.roles)
    });
    let ids = found.await?;
    let roles = ids.iter().filter_map(|id| Role::find(id)).map(role);
    Ok(v3(&json!(roles.collect::<Vec<_>>())))
}

/// The roles that a user is to have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RolesBody {
    role_ids: Vec<String>,
}

pub(super) async fn set(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(uid): Path<String>,
    Body(body): Body<RolesBody>,
) -> Result<Response, ErrorReply> {
    let (key, wanted) = (UserLookup::Uid(uid), body.role_ids.clone());
    let changing = app.change(move |tenant| {
        let tenant = tenant.allowing(&caller, Right::Administer, &key);
        tenant.set_roles(&caller, &key, &wanted)
    });
    let change = changing.await?;
    let processed = body
        .role_ids
        .iter()
        .filter(|id| !change.unknown.contains(id));
    Ok(v3(&json!({
        "processedReplacementRoleIds": processed.collect::<Vec<_>>(),
        "newlyAssignedRoleIds": change.given,
        "unassignedRoleIds": change.taken,
        "ignoredRoleIds": change.unknown,
    })))
}
