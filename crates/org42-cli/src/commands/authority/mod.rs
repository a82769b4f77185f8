//! A tenant of one's own, served and used as a test bench: a file for each verb.

mod api_client;
mod clock;
mod door;
mod faults;
mod fidelity;
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

pub(super) async fn run(command: AuthorityCommand, global: &Global) -> Result<(), Failure> {
    match command {
        AuthorityCommand::Serve(args) => serve::run(args).await,
        AuthorityCommand::ApiClient(command) => api_client::run(command, global).await,
        AuthorityCommand::User(command) => user::run(command, global).await,
        AuthorityCommand::Seed { sample, place } => seed::run(global, sample, place).await,
        AuthorityCommand::Reset { sample, place } => reset::run(global, sample, place).await,
        AuthorityCommand::Snapshot(command) => snapshot::run(command, global).await,
        AuthorityCommand::Requests { forget } => requests::run(global, forget).await,
        AuthorityCommand::Faults(command) => faults::run(command, global).await,
        AuthorityCommand::Clock(command) => clock::run(command, global).await,
        AuthorityCommand::Fidelity { switches, reset } => {
            fidelity::run(global, &switches, reset).await
        }
    }
}
