//! `org42 list`: lists organizations.

use org42::{Org, endpoints};

use crate::args::{Filter, Global, Output};
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::rows;

pub(super) async fn run(filter: Filter, global: &Global, printer: Printer) -> Result<(), Failure> {
    // What came is written before anything is said to be missing.
    let tenant = connect(global, printer).await?.allowing_partial(true);
    if filter.blocked {
        // The gateway does not say which organizations are blocked.
        tenant
            .client
            .check(endpoints::ORGS_BLOCK)
            .or_else(|error| match error.is_read_only() {
                true => Ok(()),
                false => Err(error),
            })?;
    }
    let tree = tenant.tree().await?;
    let wanted: Vec<&Org> = tree.orgs().filter(|org| filter.wants(org)).collect();
    if wanted.is_empty() {
        printer.note("no organizations");
    }
    let form = printer.form(Output::Table);
    printer.result(&rows::orgs(&wanted, &tree, filter, form)?)?;
    tenant.check_whole(&tree, global)
}
