//! `org42 update`: changes the fields that are mentioned, and no others.

use org42::UpdateOrg;

use super::done;
use crate::args::{Clearable, Global, UpdateOrgArgs};
use crate::commands::find::find;
use crate::connect::connect;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) async fn run(
    args: UpdateOrgArgs,
    global: &Global,
    printer: Printer,
) -> Result<(), Failure> {
    let named = args.org.clone();
    let edit = Edit::new(args)?;
    let tenant = connect(global, printer).await?;
    let org = find(&tenant, &named).await?;
    if global.dry_run {
        edit.change.check()?;
        printer.note(format_args!(
            "would set of {:?} (id {}) in {}: {}",
            org.org_name,
            org.key(),
            tenant.name,
            edit.words
        ));
        return Ok(());
    }
    let org = tenant.client.orgs().update_org(org, edit.change).await?;
    done("updated", &org, &tenant)
}

/// What an update changes, and the same in words.
struct Edit {
    change: UpdateOrg,
    words: String,
}

impl Edit {
    fn new(args: UpdateOrgArgs) -> Result<Self, Failure> {
        let UpdateOrgArgs {
            org: _,
            name,
            notes,
            ext_ref,
            clear,
        } = args;
        let cleared = |field| clear.contains(&field).then(String::new);
        if notes.is_some() && cleared(Clearable::Notes).is_some()
            || ext_ref.is_some() && cleared(Clearable::ExtRef).is_some()
        {
            let message = "a field is either set or cleared";
            return Err(Failure::usage(message));
        }
        let notes = notes.or_else(|| cleared(Clearable::Notes));
        let ext_ref = ext_ref.or_else(|| cleared(Clearable::ExtRef));
        let words: Vec<String> = [("name", &name), ("notes", &notes), ("ext-ref", &ext_ref)]
            .into_iter()
            .filter_map(|(field, value)| Some(format!("{field} to {:?}", value.as_ref()?)))
            .collect();
        if words.is_empty() {
            let message = "there is nothing to change: give --name, --notes, --ext-ref or --clear";
            return Err(Failure::usage(message));
        }
        let change = name.into_iter().fold(UpdateOrg::new(), UpdateOrg::name);
        let change = notes.into_iter().fold(change, UpdateOrg::notes);
        let change = ext_ref.into_iter().fold(change, UpdateOrg::ext_ref);
        Ok(Self {
            change,
            words: words.join(", "),
        })
    }
}
