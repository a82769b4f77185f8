//! The verbs on organizations: a file for each, and one for the four that change a state.

mod agent_state;
mod create;
mod lifecycle;
mod list;
mod show;
mod tree;
mod update;

use org42_admin::Applied;
use org42_admin::change::Lifecycle;

use crate::args::{Global, OrgsCommand};
use crate::connect::Tenant;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    command: OrgsCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    match command {
        OrgsCommand::Tree(args) => tree::run(args, global, printer).await,
        OrgsCommand::List { filter } => list::run(filter, global, printer).await,
        OrgsCommand::Show { org } => show::run(&org, global, printer).await,
        OrgsCommand::Create(args) => create::run(args, global, printer).await,
        OrgsCommand::Update(args) => update::run(args, global, printer).await,
        OrgsCommand::Block { org } => lifecycle::run(global, printer, Lifecycle::Block, &org).await,
        OrgsCommand::Unblock { org } => {
            lifecycle::run(global, printer, Lifecycle::Unblock, &org).await
        }
        OrgsCommand::Deactivate { org } => {
            lifecycle::run(global, printer, Lifecycle::Deactivate, &org).await
        }
        OrgsCommand::Reactivate { org } => {
            lifecycle::run(global, printer, Lifecycle::Reactivate, &org).await
        }
        OrgsCommand::AgentState(args) => agent_state::run(args, global, printer).await,
    }
}

/// Notes what was done, and where; writes the organization as it is now.
fn done(applied: &Applied, tenant: &Tenant) -> Result<(), Failure> {
    let printer = tenant.printer;
    printer.note(format_args!("{applied} in {}", tenant.name));
    match applied.org() {
        Some(org) => printer.one(&org.document()),
        None => Ok(()),
    }
}
