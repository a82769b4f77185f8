//! API clients, made and revoked by the administrator.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::App;
use super::caller::Admin;
use super::reply::{ErrorReply, bare, no_content};

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

pub(super) async fn create(State(app): State<App>, admin: Admin) -> Result<Response, ErrorReply> {
    let new = app
        .administer(admin, |tenant| tenant.create_api_client())
        .await?;
    Ok(bare(
        &json!({"clientId": new.client_id, "secret": new.secret}),
    ))
}

pub(super) async fn revoke(
    State(app): State<App>,
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<Response, ErrorReply> {
    app.administer(admin, move |tenant| tenant.revoke_api_client(&client_id))
        .await?;
    Ok(no_content())
}
