//! `org42 authority api-client …`: makes, lists and revokes API clients.

use org42::endpoints::authority as own;

use super::test_bench::TestBench;
use crate::args::{ApiClientCommand, Global};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(super) async fn run(
    command: ApiClientCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    match command {
        ApiClientCommand::Create { place } => {
            let bench = TestBench::at(global, printer, place).await?;
            let new = bench.send(own::API_CLIENTS_CREATE, &[], None).await?;
            printer.remark(format_args!(
                "an API client of {}; its secret is shown this once",
                bench.tenant.name
            ));
            bench.print_one(&new)
        }
        ApiClientCommand::List { place } => {
            let bench = TestBench::at(global, printer, place).await?;
            let all = bench.get(own::API_CLIENTS).await?;
            bench.print_rows(&["clientId", "creationDate", "revoked"], &all["apiClients"])
        }
        ApiClientCommand::Revoke { client_id, place } => {
            let bench = TestBench::at(global, printer, place).await?;
            let path = [("clientId", client_id.as_str())];
            let revoked = bench.send(own::API_CLIENTS_REVOKE, &path, None).await;
            revoked.map_err(|failure| match failure.exit {
                // No organization and no profile is missing.
                Exit::NotFound => failure.ending(Exit::Failed),
                _ => failure,
            })?;
            printer.note(format_args!("revoked {client_id} of {}", bench.tenant.name));
            Ok(())
        }
    }
}
