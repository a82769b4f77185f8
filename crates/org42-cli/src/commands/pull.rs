//! `org42 pull`: a tenant of one's own that is like another, to rehearse on.

use std::path::Path;

use org42::endpoints;
use org42_admin::copy::{Kept, SourceOrg};
use org42_authority::import::{OrgSource, Source};
use org42_authority::{Authority, DEFAULT_ADMIN, Options};

use crate::args::{Global, PullArgs};
use crate::connect::{Tenant, connect};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::profile::private_directory;

pub(super) async fn run(args: PullArgs, global: &Global, printer: Printer) -> Result<(), Failure> {
    let PullArgs { into, anonymize } = args;
    let into = into.as_path();
    if Authority::is_in(into) {
        let message = format!("{} holds a tenant already", into.display());
        return Err(Failure::new(Exit::Conflict, message));
    }
    let is_new = |step: &&Path| !step.as_os_str().is_empty() && !step.exists();
    let new: Vec<&Path> = into.ancestors().take_while(is_new).collect();
    let copied = copy(global, printer, into, anonymize).await;
    if copied.is_err() && !Authority::is_in(into) {
        for dir in new {
            // It goes only if nothing is in it.
            let _ = std::fs::remove_dir(dir);
        }
    }
    copied
}

async fn copy(
    global: &Global,
    printer: Printer,
    into: &Path,
    anonymize: bool,
) -> Result<(), Failure> {
    if !global.dry_run {
        // Known before everything is read: whether there is a place for it.
        private_directory(into).map_err(|error| {
            let message = format!("cannot make the directory {}", into.display());
            Failure::because(Exit::Usage, message, error)
        })?;
    }
    let tenant = connect(global, printer).await?;
    // Without these there is not enough to copy.
    tenant.client.check(endpoints::ORG_SETTING_GET)?;
    let source = read(&tenant).await?;
    let (orgs, users, devices) = (source.orgs.len(), source.users.len(), source.devices.len());
    let what = format!(
        "{orgs} organizations, {users} users and {devices} devices of {}",
        tenant.name
    );
    if global.dry_run {
        printer.note(format_args!(
            "would copy {what}; nothing was written (--dry-run)"
        ));
        return Ok(());
    }
    let dir = into.to_owned();
    let writing =
        move || Authority::copy_into(&dir, &source, anonymize, DEFAULT_ADMIN, &Options::default());
    let written = printer.progress(
        "writing the copy".to_owned(),
        tokio::task::spawn_blocking(writing),
    );
    let left_out = written
        .await
        .map_err(|gone| Failure::of(Exit::Failed, gone))??;
    printer.note(format_args!(
        "copied {what}\nserve it with: org42 authority serve --data {}",
        into.display()
    ));
    if left_out.is_empty() {
        return Ok(());
    }
    let message = format!("these were left out:\n  {}", left_out.join("\n  "));
    Err(Failure::new(Exit::Incomplete, message))
}

async fn read(tenant: &Tenant) -> Result<Source, Failure> {
    tenant.tree().await?;
    let keep = |org: SourceOrg| {
        let value = OrgSource::new(org.document, org.t_settings, org.is_top);
        let memory = value.memory();
        Kept::new(value, memory)
    };
    let counting = tenant.printer.counting();
    let read = Box::pin(tenant.admin.read_tenant(keep, &counting)).await?;
    Ok(Source {
        tenant_uid: read.tenant_uid,
        orgs: read.orgs,
        users: read.users,
        devices: read.devices,
    })
}
