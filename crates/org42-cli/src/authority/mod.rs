//! Running a tenant of one's own, and using it as a test bench.

mod api_clients;
mod bench;
mod door;
mod restoration;
mod serve;
mod users;
pub(crate) mod words;

use crate::args::Global;
use crate::exit::Failure;
use words::Authority;

pub(crate) async fn run(command: Authority, global: &Global) -> Result<(), Failure> {
    match command {
        Authority::Serve(words) => serve::run(words).await,
        Authority::ApiClient(command) => api_clients::run(command, global).await,
        Authority::User(command) => users::run(command, global).await,
        Authority::Seed { sample, place } => bench::seed(global, sample, place).await,
        Authority::Reset { sample, place } => bench::reset(global, sample, place).await,
        Authority::Snapshot(command) => bench::snapshot(global, command).await,
        Authority::Requests { forget } => bench::requests(global, forget).await,
        Authority::Faults(command) => bench::faults(global, command).await,
        Authority::Clock(command) => bench::clock(global, command).await,
        Authority::Fidelity { switches, reset } => bench::fidelity(global, &switches, reset).await,
    }
}
