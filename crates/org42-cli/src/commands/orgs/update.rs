//! `org42 update`: changes the fields that are mentioned, and no others.

use org42_admin::Change;
use org42_admin::change::OrgEdit;

use super::done;
use crate::args::{Clearable, Global, UpdateOrgArgs};
use crate::commands::dry_run;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    args: UpdateOrgArgs,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let named = args.org.clone();
    let edit = edit(args)?;
    let tenant = connect(global, printer).await?;
    let change = Change::update(named.parse()?, edit);
    let planning = tenant.admin.plan(change);
    let plan = printer.progress(tenant.listing(), planning).await?;
    if global.dry_run {
        let preview = plan.preview().await?;
        let fields: Vec<String> = preview.fields.iter().map(ToString::to_string).collect();
        let (subject, fields) = (plan.subject(), fields.join(", "));
        let note = format!("would set of {subject} in {}: {fields}", tenant.name);
        return dry_run::shown(printer, &preview, &note);
    }
    done(&plan.apply().await?, &tenant)
}

fn edit(args: UpdateOrgArgs) -> Result<OrgEdit, Failure> {
    let UpdateOrgArgs {
        org: _,
        name,
        notes,
        ext_ref,
        clear,
    } = args;
    let is_cleared = |field| clear.contains(&field);
    if notes.is_some() && is_cleared(Clearable::Notes)
        || ext_ref.is_some() && is_cleared(Clearable::ExtRef)
    {
        return Err(Failure::usage("a field is either set or cleared"));
    }
    let edit = name.into_iter().fold(OrgEdit::new(), OrgEdit::name);
    let edit = notes.into_iter().fold(edit, OrgEdit::notes);
    let edit = ext_ref.into_iter().fold(edit, OrgEdit::ext_ref);
    let edit = clear.into_iter().fold(edit, |edit, field| match field {
        Clearable::Notes => edit.clear_notes(),
        Clearable::ExtRef => edit.clear_ext_ref(),
    });
    match edit.is_empty() {
        true => Err(Failure::usage(
            "there is nothing to change: give --name, --notes, --ext-ref or --clear",
        )),
        false => Ok(edit),
    }
}
