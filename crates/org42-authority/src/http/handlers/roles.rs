//! The handlers for roles, and for the roles of users.

use axum::extract::State;
use org42_types::endpoints;

use crate::domain::roles::{ROLES, Role};
use crate::http::access::{App, Scoped, SignedIn};
use crate::http::answer::{V1, V3};
use crate::http::body::Body;
use crate::http::dto::queries::NoQuery;
use crate::http::dto::roles::{Roles, RolesAssigned, RolesBody};
use crate::http::error_reply::ErrorReply;
use crate::http::query::Query;
use crate::store::UserLookup;

crate::http::table::routes! {
    endpoints {
        ROLE_LIST => list,
        USERS_ROLES => of_user,
        USERS_ROLES_SET => set,
    }
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    _: SignedIn,
    query: Query<NoQuery>,
) -> V1<Roles> {
    V1::new(&app, &query.params, ROLES.iter().collect())
}

pub(in crate::http) async fn of_user(user: Scoped<UserLookup>) -> Result<V3<Roles>, ErrorReply> {
    let finding = user.ask(|user| Ok(user.tenant.user(&user.key)?.user.roles));
    let ids = finding.await?;
    let roles = ids.iter().filter_map(|id| Role::find(id));
    Ok(V3::new(roles.collect()))
}

pub(in crate::http) async fn set(
    user: Scoped<UserLookup>,
    Body(RolesBody { role_ids }): Body<RolesBody>,
) -> Result<V3<RolesAssigned>, ErrorReply> {
    let wanted = role_ids.clone();
    let setting = user.change(move |user| user.tenant.set_roles(&user.caller, &user.key, &wanted));
    Ok(V3::new(RolesAssigned::of(role_ids, setting.await?)))
}
