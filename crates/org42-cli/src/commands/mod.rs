//! What each command does: a folder for each noun, a file for each verb. Belongs here: arguments turned into calls of the
//! libraries, questions and results. Does not: how arguments are read, or how results are rendered. This file only says
//! which verb is which.

mod authority;
mod completion;
mod dry_run;
mod find;
mod orgs;
mod profile;
mod pull;
mod settings;
mod whoami;

use crate::args::{Cli, Global, Verb};
use crate::exit::Failure;
use crate::interrupt;
use crate::logs;
use crate::printer::Printer;

/// Does what the command line asks for.
pub(crate) async fn run(cli: Cli, printer: Printer) -> Result<(), Failure> {
    let checked = cli.checked(std::env::args_os());
    let (global, verb) = checked.map_err(Failure::usage)?;
    logs::begin(&global)?;
    interrupt::begin(global.timeout, printer);
    let named = verb.organization().map(str::to_owned);
    let done = Box::pin(dispatch(verb, &global, printer)).await;
    interrupt::ended(done).map_err(|failure| failure.about(named.as_deref()))
}

async fn dispatch(verb: Verb, global: &Global, printer: Printer) -> Result<(), Failure> {
    match verb {
        Verb::Orgs(command) => orgs::run(command, global, printer).await,
        Verb::Settings(command) => settings::run(command, global, printer).await,
        Verb::Whoami => whoami::run(global, printer).await,
        Verb::Pull(args) => pull::run(args, global, printer).await,
        Verb::Profile(command) => profile::run(command, global, printer).await,
        Verb::Completion { shell } => completion::run(shell, printer),
        Verb::Authority(command) => authority::run(command, global, printer).await,
    }
}
