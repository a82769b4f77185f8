//! `org42 authority api-client …`, through the authority's own routes.

use org42::endpoints::authority as own;

use super::bench::Bench;
use super::words::ApiClient;
use crate::args::Global;
use crate::exit::Failure;
use crate::say;

pub(super) async fn run(command: ApiClient, global: &Global) -> Result<(), Failure> {
    match command {
        ApiClient::Create { place } => {
            let bench = Bench::at(global, place).await?;
            let new = bench.send(own::API_CLIENTS_CREATE, &[], None).await?;
            say(&format!(
                "org42: an API client of {}; its secret is shown this once",
                bench.tenant.name
            ));
            bench.print_one(&new)
        }
        ApiClient::List { place } => {
            let bench = Bench::at(global, place).await?;
            let all = bench.get(own::API_CLIENTS).await?;
            bench.print_rows(&["clientId", "creationDate", "revoked"], &all["apiClients"])
        }
        ApiClient::Revoke { client_id, place } => {
            let bench = Bench::at(global, place).await?;
            let path = [("clientId", client_id.as_str())];
            let revoked = bench.send(own::API_CLIENTS_REVOKE, &path, None).await;
            revoked.map_err(|failure| match failure.code {
                // No organization and no profile is missing.
                Failure::NOT_FOUND => Failure::new(1, failure.message),
                _ => failure,
            })?;
            say(&format!("revoked {client_id} of {}", bench.tenant.name));
            Ok(())
        }
    }
}
