//! What each command does: a file for each verb, by noun. This one only says which.

mod authority;
mod completion;
mod find;
mod orgs;
mod profile;
mod pull;
mod settings;
mod whoami;

use crate::args::{Cli, Verb};
use crate::exit::Failure;

pub(crate) async fn run(cli: Cli) -> Result<(), Failure> {
    let checked = cli.checked(std::env::args_os());
    let (global, verb) = checked.map_err(|why| Failure::new(Failure::USAGE, why))?;
    match verb {
        Verb::Orgs(command) => orgs::run(command, &global).await,
        Verb::Settings(command) => settings::run(command, &global).await,
        Verb::Whoami => whoami::run(&global).await,
        Verb::Pull(args) => pull::run(args, &global).await,
        Verb::Profile(command) => profile::run(command, &global).await,
        Verb::Completion { shell } => completion::run(shell),
        Verb::Authority(command) => authority::run(command, &global).await,
    }
}
