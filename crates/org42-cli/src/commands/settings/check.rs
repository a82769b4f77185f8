//! `org42 settings check`: compares with what is expected.

use std::path::Path;

use org42::{SettingKey, endpoints};
use serde_json::json;

use super::{expected, read, row, which};
use crate::args::Global;
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(super) async fn run(
    org: &str,
    file: &Path,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let expected = &expected::read(file)?;
    let tenant = &connect(global, printer).await?;
    tenant.client.check(endpoints::ORG_SETTING_GET)?;
    let keys: Vec<SettingKey> = expected.iter().map(|(key, _)| key.clone()).collect();
    let with_origins = which(&keys).origins(true);
    let settings = read(tenant, find(tenant, org).await?, with_origins).await?;
    let mut rows = Vec::new();
    for (key, value) in expected {
        let found = settings.get(key)?;
        if found.value != *value {
            let mut row = row(&found);
            row["expected"] = json!(value);
            rows.push(row);
        }
    }
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
