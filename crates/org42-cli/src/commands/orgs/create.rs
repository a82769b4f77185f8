//! `org42 create`: creates an organization.

use org42_admin::Change;
use org42_admin::change::NewOrg;

use super::done;
use crate::args::{CreateOrgArgs, Global};
use crate::commands::dry_run;
use crate::connect::connect;
use crate::exit::Failure;
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
    let mut new = NewOrg::new(name);
    if let Some(parent) = &parent {
        new = new.below(parent.parse()?);
    }
    new = ext_ref.into_iter().fold(new, NewOrg::ext_ref);
    new = notes.into_iter().fold(new, NewOrg::notes);
    let planning = tenant.admin.plan(Change::create(new));
    let plan = printer.progress(tenant.listing(), planning).await?;
    if global.dry_run {
        let note = format!("would {plan} in {}", tenant.name);
        return dry_run::shown(printer, &plan.preview().await?, &note);
    }
    done(&plan.apply().await?, &tenant)
}
