//! `org42 authority api-client …`, on the tenant's file.

use org42_authority::{Authority, DEFAULT_ADMIN, Options, Sample};
use serde_json::{Value, json};

use super::serve::open;
use super::words::ApiClient;
use crate::args::Output;
use crate::embedded::default_data;
use crate::exit::Failure;
use crate::{output, print, say};

pub(super) async fn run(command: ApiClient, form: Output) -> Result<(), Failure> {
    let data = match &command {
        ApiClient::Create { data } | ApiClient::List { data } | ApiClient::Revoke { data, .. } => {
            data.clone()
        }
    };
    // Whoever names a directory means the tenant in it, and nobody lists or revokes in a tenant yet to be founded.
    let founds = data.is_none() && matches!(command, ApiClient::Create { .. });
    let data = data.map_or_else(default_data, Ok)?;
    if !founds && !Authority::is_in(&data) {
        let message = format!(
            "there is no tenant in {}; org42 authority serve --data DIR founds one",
            data.display()
        );
        return Err(Failure::new(Failure::NOT_FOUND, message));
    }
    say(&format!(
        "org42: API clients of the tenant in {}",
        data.display()
    ));
    let tenant = open(data, Sample::Small, DEFAULT_ADMIN, Options::default())
        .await?
        .tenant()
        .clone();
    let refused = |refusal| Failure::from(org42_authority::StartError::from(refusal));
    match command {
        ApiClient::Create { .. } => {
            let new = tenant.create_api_client().map_err(refused)?;
            let document = json!({"clientId": new.client_id, "secret": new.secret});
            let document = document.as_object().cloned().unwrap_or_default();
            print(&output::one(&document, form)?)
        }
        ApiClient::List { .. } => {
            let clients = tenant.api_clients().map_err(refused)?;
            let row = |client: &org42_authority::tree::ApiClient| {
                json!({
                    "clientId": client.client_id,
                    "creationDate": client.created_at.to_string(),
                    "revoked": client.revoked,
                })
            };
            let rows: Vec<Value> = clients.iter().map(row).collect();
            print(&output::rows(
                &["clientId", "creationDate", "revoked"],
                &rows,
                form,
            )?)
        }
        ApiClient::Revoke { client_id, .. } => {
            tenant.revoke_api_client(&client_id).map_err(refused)?;
            say(&format!("revoked {client_id}"));
            Ok(())
        }
    }
}
