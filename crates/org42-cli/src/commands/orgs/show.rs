//! `org42 show`: shows one organization.

use crate::args::Global;
use crate::commands::find::{find, whole};
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(org: &str, global: &Global, printer: Printer) -> Result<(), Failure> {
    let tenant = connect(global, printer).await?;
    let found = find(&tenant, org).await?;
    // The listing knows less of an organization than its own route.
    let org = whole(&tenant, found).await?;
    printer.one(&org.document())
}
