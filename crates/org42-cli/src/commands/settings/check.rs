//! `org42 settings check`: compares with what is expected.

use std::path::Path;

use org42::endpoints;
use org42_admin::settings::Deviation;
use org42_admin::{Error, Expected};
use serde_json::{Value, json};

use super::{read, row};
use crate::args::Global;
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::printer::Printer;

pub(super) async fn run(
    org: &str,
    file: &Path,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let expected = expected_in(file)?;
    let tenant = &connect(global, printer).await?;
    tenant.client.check(endpoints::ORG_SETTING_GET)?;
    let with_origins = expected.needs().origins(true);
    let settings = read(tenant, &find(tenant, org).await?, with_origins).await?;
    let deviations = expected.compare(&settings)?;
    let rows: Vec<Value> = deviations.iter().map(deviating).collect();
    let columns = &["key", "expected", "value", "unit", "inherited", "fromOrgId"];
    printer.rows(columns, &rows)?;
    match rows.len() {
        0 => Ok(()),
        count => Err(Failure::new(
            Exit::Different,
            format!(
                "{count} of {} settings differ from {}",
                expected.len(),
                file.display()
            ),
        )),
    }
}

/// Reads `KEY=VALUE` lines, a JSON object, or the array that `settings show -o json` writes.
fn expected_in(file: &Path) -> Result<Expected, Failure> {
    input::named(file)?.parse().map_err(|reason: Error| {
        let message = format!("cannot use {}", file.display());
        Failure::because(Exit::Usage, message, reason)
    })
}

fn deviating(deviation: &Deviation) -> Value {
    let mut row = row(&deviation.found);
    row["expected"] = json!(deviation.expected);
    row
}
