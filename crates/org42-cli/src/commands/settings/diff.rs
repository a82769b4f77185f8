//! `org42 settings diff`: what two organizations have differently.

use org42::{Effective, endpoints};
use serde_json::{Value, json};

use super::{read, which};
use crate::args::Global;
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    left: &str,
    right: &str,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let tenant = connect(global, printer).await?;
    tenant.client.check(endpoints::ORG_SETTING_GET)?;
    let left = read(&tenant, &find(&tenant, left).await?, which(&[])).await?;
    let right = read(&tenant, &find(&tenant, right).await?, which(&[])).await?;
    let value = |side: &Option<Effective>| side.as_ref().map(|found| found.value.clone());
    let rows: Vec<Value> = left
        .diff(&right)
        .iter()
        .map(|found| {
            json!({
                "key": found.key,
                "left": value(&found.left),
                "right": value(&found.right),
                "unit": found.key.unit().to_string(),
            })
        })
        .collect();
    if rows.is_empty() {
        printer.note("no differences");
    }
    printer.rows(&["key", "left", "right", "unit"], &rows)
}
