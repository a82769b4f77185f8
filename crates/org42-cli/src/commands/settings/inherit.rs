//! `org42 settings inherit`: gives up an organization's own values for its parent's.

use org42::{SettingKey, SettingsGroup, endpoints};

use super::{read, set, which};
use crate::args::Global;
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::terminal::confirm;

pub(super) async fn run(
    org: &str,
    group: SettingsGroup,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let tenant = &connect(global, printer).await?;
    tenant.may_change(endpoints::ORG_UPDATE, global.dry_run)?;
    let org = find(tenant, org).await?;
    let switch: Vec<SettingKey> = group.switch().into_iter().collect();
    let mut settings = read(tenant, org, which(&switch)).await?;
    settings.inherit(group)?;
    let place = match global.yes {
        true => tenant.name.as_str(),
        false => tenant.title().await,
    };
    let name = format!("{:?} (id {}) in {place}", org.org_name, org.key());
    if settings.is_unchanged() {
        printer.note(format_args!("{name} inherits {group} already"));
        return Ok(());
    }
    let what = format!("give up the own {group} settings of {name} for its parent's");
    if global.dry_run {
        printer.note(format_args!(
            "would {what}; nothing was changed (--dry-run)"
        ));
        return Ok(());
    }
    if !global.yes {
        confirm(printer, &what)?;
    }
    set::write(tenant, org, settings).await
}
