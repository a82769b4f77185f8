//! `org42 tree`: draws organizations as a tree.

use org42::Org;

use crate::args::{Global, Output, TreeArgs};
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::rows;

pub(super) async fn run(args: TreeArgs, global: &Global, printer: Printer) -> Result<(), Failure> {
    let TreeArgs { org, filter } = args;
    let form = printer.form(Output::Tree);
    let tenant = &connect(global, printer).await?;
    let root = match &org {
        Some(org) => Some(find(tenant, org).await?),
        None => None,
    };
    let forest = tenant.forest().await?;
    if form == Output::Tree {
        return printer.result(&forest.draw(root, filter));
    }
    let shown = root.map_or_else(|| forest.orgs().collect(), |root| forest.subtree(root));
    let wanted: Vec<&Org> = shown.into_iter().filter(|org| filter.wants(org)).collect();
    printer.result(&rows::orgs(&wanted, forest, filter, form)?)
}
