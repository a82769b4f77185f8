//! `org42 settings show`: what is in force, and where it comes from.

use org42::{Effective, endpoints};
use serde_json::Value;

use super::{read, row, which};
use crate::args::{Global, ShowArgs};
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(args: ShowArgs, global: &Global, printer: Printer) -> Result<(), Failure> {
    let ShowArgs { org, keys, own } = args;
    let tenant = &connect(global, printer).await?;
    tenant.client.check(endpoints::ORG_SETTING_GET)?;
    let with_origins = which(&keys).origins(true);
    let settings = read(tenant, &find(tenant, &org).await?, with_origins).await?;
    let found: Vec<Effective> = match &keys[..] {
        // Not every server has every setting.
        [] => settings
            .keys()
            .filter_map(|key| settings.get(&key).ok())
            .collect(),
        keys => keys
            .iter()
            .map(|key| settings.get(key))
            .collect::<Result<_, _>>()?,
    };
    let rows: Vec<Value> = found
        .iter()
        .filter(|found| !own || (found.inherited != Some(true) && !found.value.is_null()))
        .map(row)
        .collect();
    let columns = &[
        "key",
        "value",
        "unit",
        "inherited",
        "fromOrgId",
        "fromOrgName",
        "locked",
    ];
    printer.rows(columns, &rows)
}
