//! `org42 settings inherit`: replaces an organization's own values by its parent's.

use org42::{SettingsGroup, endpoints};
use org42_admin::{Change, SettingsEdit};

use super::set::{foreseen, plan, refused, rows, write};
use crate::args::Global;
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
    let change = Change::settings(org.parse()?, SettingsEdit::inherit(group));
    let plan = plan(tenant, org, change).await?;
    let place = match global.yes {
        true => tenant.name.as_str(),
        false => tenant.title().await,
    };
    let name = format!("{} in {place}", plan.subject());
    let preview = foreseen(global, &plan).await?;
    if preview.settings.is_empty() {
        printer.note(format_args!("{name} inherits {group} already"));
        return Ok(());
    }
    let what = format!("give up the own {group} settings of {name} for its parent's");
    if global.dry_run {
        rows(printer, &preview.rows)?;
        printer.note(format_args!(
            "would {what}; nothing was changed (--dry-run)"
        ));
        return refused(&preview);
    }
    if !global.yes {
        confirm(printer, &what)?;
    }
    write(tenant, plan).await
}
