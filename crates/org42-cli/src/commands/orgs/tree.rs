//! `org42 tree`: draws organizations as a tree.

use org42::Org;
use org42_admin::Target;

use crate::args::{Global, Output, TreeArgs};
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::rows;

pub(super) async fn run(args: TreeArgs, global: &Global, printer: Printer) -> Result<(), Failure> {
    let TreeArgs { org, filter } = args;
    let form = printer.form(Output::Tree);
    // What came is written before anything is said to be missing.
    let tenant = &connect(global, printer).await?.allowing_partial(true);
    let target: Option<Target> = org.map(|org| org.parse()).transpose()?;
    let all = tenant.tree().await?;
    let root = match &target {
        Some(target) => Some(tenant.admin.find(target).await?),
        None => None,
    };
    if form == Output::Tree {
        printer.result(rows::tree(&all, root.as_ref(), filter))?;
        return tenant.check_whole(all.len() as u64, all.missing(), global);
    }
    let shown = match &root {
        Some(root) => all.subtree(root),
        None => all.orgs().collect(),
    };
    let wanted: Vec<&Org> = shown.into_iter().filter(|org| filter.wants(org)).collect();
    printer.result(&rows::orgs(&wanted, &all, filter, form)?)?;
    tenant.check_whole(all.len() as u64, all.missing(), global)
}
