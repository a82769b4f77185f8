//! `org42 show`: one organization.

use crate::args::{Global, Output};
use crate::commands::find::{find, whole};
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::print;
use crate::rows;

pub(super) async fn run(org: &str, global: &Global) -> Result<(), Failure> {
    let tenant = connect(global).await?;
    let found = find(&tenant, org).await?;
    // The listing knows less of an organization than its own route.
    let org = whole(&tenant, found).await?;
    let form = global.output.unwrap_or(Output::Table);
    print(&rows::one(&org.document(), form)?)
}
