//! `org42 settings check`: compares with what is expected.

use std::path::Path;

use org42::{SettingKey, endpoints};
use serde_json::json;

use super::{expected, read, row, which};
use crate::args::{Global, Output};
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::print;
use crate::rows;

pub(super) async fn run(org: &str, file: &Path, global: &Global) -> Result<(), Failure> {
    let expected = &expected::read(file)?;
    let tenant = &connect(global).await?;
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
    let form = global.output.unwrap_or(Output::Table);
    print(&rows::rows(columns, &rows, form)?)?;
    match rows.len() {
        0 => Ok(()),
        count => Err(Failure::new(
            Failure::DIFFERENT,
            format!(
                "{count} of {} settings differ from {}",
                expected.len(),
                file.display()
            ),
        )),
    }
}
