//! `org42 settings set`: says what will change, asks, writes, and says what became of it.

use std::collections::BTreeSet;

use org42::endpoints;
use org42_admin::report::RowResult;
use org42_admin::{
    Applied, Change, Error, Plan, Preview, SettingRow, SettingsEdit, SettingsReport,
};
use serde_json::{Value, json};

use crate::args::{Global, SetArgs};
use crate::connect::{Tenant, connect};
use crate::exit::{Exit, Failure};
use crate::interrupt::SignalClaim;
use crate::printer::Printer;
use crate::rows::printable;
use crate::terminal::confirm;

const COLUMNS: &[&str] = &["orgId", "orgName", "key", "old", "new", "result", "detail"];

pub(super) async fn run(args: SetArgs, global: &Global, printer: Printer) -> Result<(), Failure> {
    let SetArgs {
        org,
        values,
        recursive,
        own,
    } = args;
    let edit = SettingsEdit::set(values)?.own(own);
    let tenant = &connect(global, printer).await?;
    tenant.may_change(endpoints::ORG_SETTING_PUT, global.dry_run)?;
    let target = org.parse()?;
    match recursive {
        true => {
            tenant.tree().await?;
            let change = Change::subtree_settings(target, edit);
            below(global, tenant, tenant.admin.plan(change).await?).await
        }
        false => {
            let plan = plan(tenant, &org, Change::settings(target, edit)).await?;
            here(global, tenant, plan).await
        }
    }
}

/// Plans a change of one organization's settings, which are read for it.
pub(super) async fn plan(tenant: &Tenant, org: &str, change: Change) -> Result<Plan, Failure> {
    let what = format!("reading the settings of {org}");
    let planning = tenant.admin.plan(change);
    Ok(tenant.printer.progress(what, planning).await?)
}

/// Returns what a change comes to; for a dry run also what would refuse it.
pub(super) async fn foreseen(global: &Global, plan: &Plan) -> Result<Preview, Failure> {
    Ok(match global.dry_run {
        true => plan.preview().await?,
        false => plan.facts().await?,
    })
}

/// Fails where a run would not write everything.
pub(super) fn refused(foreseen: &Preview) -> Result<(), Failure> {
    let rows = foreseen.rows.iter();
    let refused = rows.filter(|row| row.result == RowResult::Refused).count();
    if refused == 0 {
        return Ok(foreseen.check()?);
    }
    let why: String = (foreseen.refusals.iter())
        .map(|refusal| format!("\n  {refusal}"))
        .collect();
    let message = format!("{refused} would be refused{why}");
    Err(Failure::new(Exit::Incomplete, message))
}

/// Sets one organization.
async fn here(global: &Global, tenant: &Tenant, plan: Plan) -> Result<(), Failure> {
    let printer = tenant.printer;
    let preview = foreseen(global, &plan).await?;
    let name = format!("{} in {}", plan.subject(), tenant.name);
    if preview.settings.is_empty() {
        printer.note(format_args!("unchanged: {name} has this already"));
        return rows(printer, &preview.rows);
    }
    printer.note(format_args!("settings of {name}:"));
    for change in &preview.settings {
        let (what, unit) = (printable(&change.to_string()), change.key.unit());
        printer.note(format_args!("  {what} {unit}"));
    }
    for consequence in &preview.consequences {
        printer.note(format_args!("  {consequence}"));
    }
    if global.dry_run {
        rows(printer, &preview.rows)?;
        printer.note("nothing was changed (--dry-run)");
        return refused(&preview);
    }
    if !global.yes {
        let place = tenant.title().await;
        confirm(
            printer,
            &format!("write this to {} in {place}", plan.subject()),
        )?;
    }
    write(tenant, plan).await
}

/// Carries out a plan for one organization, and says what became of each change.
pub(super) async fn write(tenant: &Tenant, plan: Plan) -> Result<(), Failure> {
    let printer = tenant.printer;
    let what = format!("writing the settings of {}", plan.subject());
    let applied = printer.progress(what, plan.apply()).await;
    let report = report(applied)?;
    rows(printer, &report.rows)?;
    match report.is_complete() {
        true => Ok(()),
        false => Err(Error::Partial(Box::new(report)).into()),
    }
}

/// Sets an organization and all below it.
async fn below(global: &Global, tenant: &Tenant, plan: Plan) -> Result<(), Failure> {
    let printer = tenant.printer;
    if !global.dry_run && !global.yes {
        let place = tenant.title().await;
        printer.note(
            "  organizations that have the value already, their own or inherited, are left alone; where another value is",
        );
        printer.note("  inherited, this ends the inheritance of its group");
        confirm(printer, &format!("{plan} in {place}"))?;
    }
    // How far it came is said where it is interrupted.
    let _claim = SignalClaim::interrupts();
    let counting = printer.counting();
    if global.dry_run {
        let foreseeing = plan.preview_with(&counting);
        let foreseen = counting.interruptible(foreseeing).await?;
        drop(counting);
        return would(printer, &foreseen);
    }
    let writing = plan.apply_with(&counting);
    let report = report(counting.interruptible(writing).await)?;
    drop(counting);
    rows(printer, &report.rows)?;
    match report.is_complete() {
        true => {
            let written = report.rows.iter();
            let written = written.filter(|row| row.result == RowResult::Written);
            let (changed, all) = (organizations(written), organizations(report.rows.iter()));
            printer.note(format_args!(
                "{report}; {changed} of {all} organizations changed"
            ));
            Ok(())
        }
        false if report.is_stopped => {
            let text = format!("interrupted: {report}");
            let failure = Failure::from(Error::Partial(Box::new(report)));
            Err(failure.under(text).ending(Exit::Interrupted))
        }
        false => Err(Error::Partial(Box::new(report)).into()),
    }
}

/// Writes what a run would do; fails where a run would not write everything.
fn would(printer: Printer, foreseen: &Preview) -> Result<(), Failure> {
    rows(printer, &foreseen.rows)?;
    for consequence in &foreseen.consequences {
        printer.note(format_args!("  {consequence}"));
    }
    let rows = &foreseen.rows;
    let count = |result| rows.iter().filter(|row| row.result == result).count();
    let (written, unchanged) = (RowResult::WouldBeWritten, RowResult::Unchanged);
    let not_written = count(RowResult::Refused);
    let changed = organizations(rows.iter().filter(|row| row.result == written));
    printer.note(format_args!(
        "{} {written}, {} {unchanged}, {not_written} refused; {changed} of {} organizations would change; nothing was \
         changed (--dry-run)",
        count(written),
        count(unchanged),
        organizations(rows.iter()),
    ));
    refused(foreseen)
}

/// Returns how many organizations the rows are of.
fn organizations<'a>(rows: impl Iterator<Item = &'a SettingRow>) -> usize {
    let ids: BTreeSet<_> = rows.map(|row| (row.org_id, &row.org_name)).collect();
    ids.len()
}

/// Returns the report of what was carried out, completely or not.
fn report(applied: Result<Applied, Error>) -> Result<SettingsReport, Failure> {
    match applied {
        Ok(Applied::Settings(report)) => Ok(report),
        Ok(_) => Ok(SettingsReport::default()),
        Err(Error::Partial(report)) => Ok(*report),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn rows(printer: Printer, rows: &[SettingRow]) -> Result<(), Failure> {
    let rows: Vec<Value> = rows.iter().map(|row| json!(row)).collect();
    printer.rows(COLUMNS, &rows)
}
