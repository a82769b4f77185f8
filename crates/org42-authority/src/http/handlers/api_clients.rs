//! The handlers for API clients, which the administrator creates and revokes.

use axum::extract::Path;
use org42_types::endpoints::authority;

use crate::http::access::Admin;
use crate::http::answer::{Bare, NoContent};
use crate::http::carried::Carried;
use crate::http::dto::administration::{ApiClientCreated, ApiClientDocument, ApiClients};
use crate::http::error_reply::ErrorReply;

crate::http::table::routes! {
    authority {
        API_CLIENTS => list,
        API_CLIENTS_CREATE => create,
        API_CLIENTS_REVOKE => revoke,
    }
}

pub(in crate::http) async fn list(admin: Admin) -> Result<Bare<ApiClients>, ErrorReply> {
    let clients = admin.ask(|tenant| tenant.api_clients()).await?;
    let shown = clients.into_iter().map(|client| ApiClientDocument {
        client_id: client.client_id,
        creation_date: client.created_at,
        revoked: client.revoked,
    });
    let api_clients = shown.collect();
    Ok(Bare(ApiClients { api_clients }))
}

pub(in crate::http) async fn create(
    admin: Admin,
) -> Result<Carried<Bare<ApiClientCreated>>, ErrorReply> {
    let creating = admin.carry_out(|tenant| {
        let new = tenant.create_api_client()?;
        Ok(Bare(ApiClientCreated {
            client_id: new.client_id,
            secret: new.secret,
        }))
    });
    Ok(creating.await?)
}

pub(in crate::http) async fn revoke(
    admin: Admin,
    Path(client_id): Path<String>,
) -> Result<NoContent, ErrorReply> {
    admin
        .change(move |tenant| tenant.revoke_api_client(&client_id))
        .await?;
    Ok(NoContent)
}
