//! API clients, made and revoked by the administrator.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::App;
use super::caller::Admin;
use super::reply::{ErrorReply, bare, no_content};
use crate::domain::roles::Right;
use crate::service::{Caller, TenantDraft};
use crate::store::OrgLookup;

pub(super) async fn list(State(app): State<App>, _: Admin) -> Result<Response, ErrorReply> {
    let clients = app.ask(|tenant| tenant.api_clients()).await?;
    let shown = clients.iter().map(|client| {
        json!({
            "clientId": client.client_id,
            "creationDate": client.created_at.to_string(),
            "revoked": client.revoked,
        })
    });
    let shown: Vec<Value> = shown.collect();
    Ok(bare(&json!({"apiClients": shown})))
}

pub(super) async fn create(
    State(app): State<App>,
    Admin(caller): Admin,
) -> Result<Response, ErrorReply> {
    let new = app
        .change(move |tenant| allowed(tenant, &caller).create_api_client())
        .await?;
    Ok(bare(
        &json!({"clientId": new.client_id, "secret": new.secret}),
    ))
}

pub(super) async fn revoke(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(client_id): Path<String>,
) -> Result<Response, ErrorReply> {
    app.change(move |tenant| allowed(tenant, &caller).revoke_api_client(&client_id))
        .await?;
    Ok(no_content())
}

/// The caller is an administrator still when it is decided.
fn allowed<'t>(tenant: &TenantDraft<'t>, caller: &Caller) -> TenantDraft<'t> {
    tenant.allowing(caller, Right::Administer, &OrgLookup::Top)
}
