//! `org42 authority …`: serves a tenant, and uses it as a test bench. A file for each verb.

mod api_client;
mod clock;
mod door;
mod faults;
mod fidelity;
mod openapi;
mod requests;
mod reset;
mod restoration;
mod seed;
mod serve;
mod snapshot;
mod test_bench;
mod user;

use crate::args::{AuthorityCommand, Global};
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    command: AuthorityCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    match command {
        AuthorityCommand::Serve(args) => serve::run(args, printer).await,
        AuthorityCommand::ApiClient(command) => api_client::run(command, global, printer).await,
        AuthorityCommand::User(command) => user::run(command, global, printer).await,
        AuthorityCommand::Seed { sample, place } => seed::run(global, printer, sample, place).await,
        AuthorityCommand::Reset { sample, place } => {
            reset::run(global, printer, sample, place).await
        }
        AuthorityCommand::Snapshot(command) => snapshot::run(command, global, printer).await,
        AuthorityCommand::Requests { forget } => requests::run(global, printer, forget).await,
        AuthorityCommand::Faults(command) => faults::run(command, global, printer).await,
        AuthorityCommand::Clock(command) => clock::run(command, global, printer).await,
        AuthorityCommand::Fidelity { switches, reset } => {
            fidelity::run(global, printer, &switches, reset).await
        }
        AuthorityCommand::Openapi => openapi::run(printer),
    }
}
