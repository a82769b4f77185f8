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
use crate::printer::Printer;

pub(crate) async fn run(cli: Cli, printer: Printer) -> Result<(), Failure> {
    let checked = cli.checked(std::env::args_os());
    let (global, verb) = checked.map_err(Failure::usage)?;
    match verb {
        Verb::Orgs(command) => orgs::run(command, &global, printer).await,
        Verb::Settings(command) => settings::run(command, &global, printer).await,
        Verb::Whoami => whoami::run(&global, printer).await,
        Verb::Pull(args) => pull::run(args, &global, printer).await,
        Verb::Profile(command) => profile::run(command, &global, printer).await,
        Verb::Completion { shell } => completion::run(shell, printer),
        Verb::Authority(command) => authority::run(command, &global, printer).await,
    }
}
