//! Finds the organization that an ORG argument names.

use org42::Org;

use crate::connect::Tenant;
use crate::exit::Failure;

/// Returns the organization that a text names.
pub(crate) async fn find(tenant: &Tenant, text: &str) -> Result<Org, Failure> {
    let target = text.parse()?;
    let finding = Box::pin(tenant.admin.find(&target));
    Ok(tenant.printer.progress(tenant.listing(), finding).await?)
}
