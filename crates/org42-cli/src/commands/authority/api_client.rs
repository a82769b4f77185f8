//! `org42 authority api-client …`, through the authority's own routes.

use org42::endpoints::authority as own;

use super::test_bench::TestBench;
use crate::args::{ApiClientCommand, Global};
use crate::exit::Failure;
use crate::printer::say;

pub(super) async fn run(command: ApiClientCommand, global: &Global) -> Result<(), Failure> {
    match command {
        ApiClientCommand::Create { place } => {
            let bench = TestBench::at(global, place).await?;
            let new = bench.send(own::API_CLIENTS_CREATE, &[], None).await?;
            say(&format!(
                "org42: an API client of {}; its secret is shown this once",
                bench.tenant.name
            ));
            bench.print_one(&new)
        }
        ApiClientCommand::List { place } => {
            let bench = TestBench::at(global, place).await?;
            let all = bench.get(own::API_CLIENTS).await?;
            bench.print_rows(&["clientId", "creationDate", "revoked"], &all["apiClients"])
        }
        ApiClientCommand::Revoke { client_id, place } => {
            let bench = TestBench::at(global, place).await?;
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
