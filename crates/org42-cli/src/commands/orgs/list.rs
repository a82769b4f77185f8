//! `org42 list`: lists organizations.

use org42::{GetAll, endpoints};

use crate::args::{Filter, Global, Output};
use crate::connect::{Tenant, connect};
use crate::exit::Failure;
use crate::printer::Printer;
use crate::rows::{self, OrgRows};

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
    match printer.form(Output::Table) {
        Output::Tree => as_tree(&tenant, filter, global).await,
        form => as_rows(&tenant, filter, form, global).await,
    }
}

/// Writes each page when it has come.
async fn as_rows(
    tenant: &Tenant,
    filter: Filter,
    form: Output,
    global: &Global,
) -> Result<(), Failure> {
    let printer = tenant.printer;
    let orgs = tenant.client.orgs();
    let mut pages = orgs.get_all_with(GetAll::new().allow_partial(true)).raw();
    let mut rows = OrgRows::new(form);
    let mut came = 0;
    while let Some(page) = printer.progress(tenant.listing(), pages.next()).await {
        let page = page?;
        came += page.orgs().len() as u64;
        let wanted = page
            .orgs()
            .filter(|org| filter.wants_state(org.active(), org.blocked()));
        rows.extend(wanted)?;
        if !printer.piece(rows.ready())? {
            return Ok(());
        }
        rows.written();
    }
    if rows.count() == 0 {
        printer.note("no organizations");
    }
    rows.end()?;
    printer.result(rows.ready())?;
    tenant.check_whole(came, pages.missing(), global)
}

async fn as_tree(tenant: &Tenant, filter: Filter, global: &Global) -> Result<(), Failure> {
    let tree = tenant.tree().await?;
    if !tree.orgs().any(|org| filter.wants(org)) {
        tenant.printer.note("no organizations");
    }
    tenant.printer.result(rows::tree(&tree, None, filter))?;
    tenant.check_whole(tree.len() as u64, tree.missing(), global)
}
