//! `org42 settings …`: reads, changes and compares settings. A file for each verb.

mod check;
mod diff;
mod inherit;
mod keys;
mod set;
mod show;

use org42::{Effective, GetSettings, Org, OrgSettings, SettingKey};
use serde_json::{Value, json};

use crate::args::{Global, SettingsCommand};
use crate::connect::Tenant;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    command: SettingsCommand,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    match command {
        SettingsCommand::Show(args) => show::run(args, global, printer).await,
        SettingsCommand::Set(args) => set::run(args, global, printer).await,
        SettingsCommand::Inherit { org, group } => inherit::run(&org, group, global, printer).await,
        SettingsCommand::Diff { left, right } => diff::run(&left, &right, global, printer).await,
        SettingsCommand::Check { org, expect } => check::run(&org, &expect, global, printer).await,
        SettingsCommand::Keys => keys::run(printer),
    }
}

/// Returns which settings to read for `keys`; all of them where there are none.
fn which(keys: &[SettingKey]) -> GetSettings {
    match keys {
        [] => GetSettings::new(),
        keys => GetSettings::new().only(keys),
    }
}

async fn read(tenant: &Tenant, org: &Org, which: GetSettings) -> Result<OrgSettings, Failure> {
    let what = format!("reading the settings of {:?}", org.org_name);
    let orgs = tenant.client.orgs();
    let reading = Box::pin(orgs.get_settings_with(org, which));
    Ok(tenant.printer.progress(what, reading).await?)
}

fn row(found: &Effective) -> Value {
    let from = found.from.as_ref();
    json!({
        "key": found.key,
        "value": found.value,
        "unit": found.key.unit().to_string(),
        "inherited": found.inherited,
        "fromOrgId": from.and_then(|from| from.org_id),
        "fromOrgName": from.and_then(|from| from.org_name.as_ref()),
        "locked": found.locked,
    })
}
