//! Block, unblock, deactivate, reactivate: say what will be touched, ask, act.

use org42_admin::change::Lifecycle;
use org42_admin::{Change, Preview};

use crate::args::Global;
use crate::commands::dry_run;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::rows::printable;
use crate::terminal::confirm;

pub(super) async fn run(
    global: &Global,
    printer: Printer,
    lifecycle: Lifecycle,
    org: &str,
) -> Result<(), Failure> {
    let tenant = connect(global, printer).await?;
    tenant.may_change(lifecycle.endpoint(), global.dry_run)?;
    let change = Change::Lifecycle(lifecycle, org.parse()?);
    let asks = lifecycle != Lifecycle::Reactivate;
    let is_shown = asks || global.dry_run;
    if is_shown {
        // What is shown needs the listing, so the organization is looked for in it.
        tenant.tree().await?;
    }
    let planning = tenant.admin.plan(change);
    let plan = printer.progress(tenant.listing(), planning).await?;
    // A person who is asked, or wants to know, sees whose tenant it is.
    let place = match (asks && !global.yes) || global.dry_run {
        true => tenant.title().await,
        false => tenant.name.as_str(),
    };
    if is_shown {
        let preview = match global.dry_run {
            true => plan.preview().await?,
            false => plan.facts().await?,
        };
        show(printer, lifecycle, &preview, place);
        if global.dry_run {
            return dry_run::shown(printer, &preview, "nothing was changed (--dry-run)");
        }
    }
    let what = format!("{plan} in {place}");
    if asks && !global.yes {
        confirm(printer, &what)?;
    }
    let applied = printer.progress(what, plan.apply()).await?;
    printer.note(format_args!("{applied} in {place}"));
    match applied.org().filter(|_| printer.is_form_given()) {
        Some(org) => printer.one(&org.document()),
        None => Ok(()),
    }
}

/// Says what will be touched.
fn show(printer: Printer, lifecycle: Lifecycle, preview: &Preview, place: &str) {
    if let Some(reach) = &preview.reach {
        let (path, key) = (printable(&reach.path), &reach.key);
        printer.note(format_args!(
            "{lifecycle} {path} (id {key}) in {place}: {reach}"
        ));
    }
    for consequence in &preview.consequences {
        printer.note(format_args!("  {consequence}"));
    }
}
