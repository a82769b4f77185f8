//! Organizations: a file for each verb.

mod agent_state;
mod create;
mod lifecycle;
mod list;
mod show;
mod tree;
mod update;

use org42::Org;

use crate::args::{Global, OrgsCommand, Output};
use crate::connect::Tenant;
use crate::exit::Failure;
use crate::printer::{print, say};
use crate::rows;

use lifecycle::Act;

pub(super) async fn run(command: OrgsCommand, global: &Global) -> Result<(), Failure> {
    match command {
        OrgsCommand::Tree(args) => tree::run(args, global).await,
        OrgsCommand::List { filter } => list::run(filter, global).await,
        OrgsCommand::Show { org } => show::run(&org, global).await,
        OrgsCommand::Create(args) => create::run(args, global).await,
        OrgsCommand::Update(args) => update::run(args, global).await,
        OrgsCommand::Block { org } => lifecycle::run(global, Act::Block, &org).await,
        OrgsCommand::Unblock { org } => lifecycle::run(global, Act::Unblock, &org).await,
        OrgsCommand::Deactivate { org } => lifecycle::run(global, Act::Deactivate, &org).await,
        OrgsCommand::Reactivate { org } => lifecycle::run(global, Act::Reactivate, &org).await,
        OrgsCommand::AgentState(args) => agent_state::run(args, global).await,
    }
}

/// Notes what was done, and where; writes the organization as it is now.
fn done(what: &str, org: &Org, tenant: &Tenant, global: &Global) -> Result<(), Failure> {
    say(&format!(
        "{what} {:?} (id {}) in {}",
        org.org_name,
        org.key(),
        tenant.name
    ));
    let form = global.output.unwrap_or(Output::Table);
    print(&rows::one(&org.document(), form)?)
}
