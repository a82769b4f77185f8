//! `org42 tree`: organizations as a tree.

use org42::Org;

use crate::args::{Global, Output, TreeArgs};
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::print;
use crate::rows;

pub(super) async fn run(args: TreeArgs, global: &Global) -> Result<(), Failure> {
    let TreeArgs { org, filter } = args;
    let form = global.output.unwrap_or(Output::Tree);
    let tenant = &connect(global).await?;
    let root = match &org {
        Some(org) => Some(find(tenant, org).await?),
        None => None,
    };
    let forest = tenant.forest().await?;
    if form == Output::Tree {
        return print(&forest.draw(root, filter));
    }
    let shown = root.map_or_else(|| forest.orgs().collect(), |root| forest.subtree(root));
    let wanted: Vec<&Org> = shown.into_iter().filter(|org| filter.wants(org)).collect();
    print(&rows::orgs(&wanted, forest, filter, form)?)
}
