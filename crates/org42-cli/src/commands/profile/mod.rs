//! `org42 profile …`: makes, changes and tests profiles. A file for each verb.

mod about;
mod context;
mod create;
mod delete;
mod import;
mod list;
mod make_default;
mod other_tools;
mod rename;
mod set_secret;
mod show;
mod test;
mod update;

use crate::args::{Global, ProfileCommand};
use crate::exit::Failure;
use crate::printer::Printer;

use context::ProfileCommands;

pub(super) async fn run(
    command: ProfileCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let commands = ProfileCommands::new(global, printer);
    match command {
        ProfileCommand::Create(args) => commands.create(args).await,
        ProfileCommand::Update(args) => commands.update(args).await,
        ProfileCommand::List => commands.list(),
        ProfileCommand::Show { name } => commands.show(name),
        ProfileCommand::Use { name } => commands.make_default(&name),
        ProfileCommand::Test { name } => commands.test(name).await,
        ProfileCommand::Rename { name, new } => commands.rename(&name, &new).await,
        ProfileCommand::SetSecret {
            name,
            secret,
            totp_secret_file,
        } => {
            let totp = totp_secret_file.as_deref();
            commands.set_secret(&name, &secret, totp).await
        }
        ProfileCommand::Delete { name } => commands.delete(&name).await,
        ProfileCommand::Import { from } => commands.import(from),
    }
}
