//! `org42 show`: shows one organization.

use crate::args::Global;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(org: &str, global: &Global, printer: Printer) -> Result<(), Failure> {
    let tenant = connect(global, printer).await?;
    let target = org.parse()?;
    let reading = Box::pin(tenant.admin.read(&target));
    let org = printer.progress(tenant.listing(), reading).await?;
    printer.one(&org.document())
}
