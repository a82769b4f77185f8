//! `org42 create`: creates an organization.

use org42::{CreateOrg, Org};

use super::done;
use crate::args::{CreateOrgArgs, Global};
use crate::commands::find::find;
use crate::connect::{Tenant, connect};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(super) async fn run(
    args: CreateOrgArgs,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let CreateOrgArgs {
        name,
        parent,
        ext_ref,
        notes,
    } = args;
    let tenant = connect(global, printer).await?;
    let mut new = CreateOrg::new();
    let mut below = "the top organization".to_owned();
    if let Some(parent) = &parent {
        let parent = find(&tenant, parent).await?;
        if global.dry_run {
            foresee_child(&tenant, parent, &name).await?;
        }
        below = format!("{:?} (id {})", parent.org_name, parent.key());
        new = new.parent(parent);
    }
    new = ext_ref.into_iter().fold(new, CreateOrg::ext_ref);
    new = notes.into_iter().fold(new, CreateOrg::notes);
    if global.dry_run {
        new.check(&name)?;
        printer.note(format_args!(
            "would create {name:?} below {below} in {}",
            tenant.name
        ));
        return Ok(());
    }
    let org = tenant.client.orgs().create_org(name, new).await?;
    done("created", &org, &tenant)
}

/// Refuses what the listing shows would be refused, so that a dry run does not promise it.
async fn foresee_child(tenant: &Tenant, parent: &Org, name: &str) -> Result<(), Failure> {
    let refuse = |why: String| Err(Failure::new(Exit::Conflict, why));
    if parent.active == Some(false) || parent.blocked == Some(true) {
        let state = if parent.active == Some(false) {
            "deactivated"
        } else {
            "blocked"
        };
        return refuse(format!(
            "{:?} is {state}, so nothing can be created below it",
            parent.org_name
        ));
    }
    let siblings = tenant.forest().await?.children(parent);
    match siblings
        .iter()
        .any(|sibling| sibling.org_name == name.trim())
    {
        true => refuse(format!(
            "{:?} has a child called {name:?} already",
            parent.org_name
        )),
        false => Ok(()),
    }
}
