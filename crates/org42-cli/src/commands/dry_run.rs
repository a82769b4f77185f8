//! What a dry run writes: what would be done, or why it would be refused.

use org42_admin::Preview;
use serde_json::{Map, Value, json};

use crate::exit::Failure;
use crate::printer::Printer;

/// Fails as the change would, or writes what it comes to: a note for people, and a document where a form was asked for.
pub(super) fn shown(printer: Printer, preview: &Preview, note: &str) -> Result<(), Failure> {
    preview.check()?;
    printer.note(note);
    match printer.is_form_given() {
        true => printer.one(&document(preview)),
        false => Ok(()),
    }
}

fn document(preview: &Preview) -> Map<String, Value> {
    let texts = |lines: Vec<String>| -> Value { lines.into() };
    let fields = preview.fields.iter().map(
        |change| json!({"field": change.field.to_string(), "old": change.old, "new": change.new}),
    );
    let reach = preview.reach.as_ref().map(|reach| {
        json!({"id": reach.key, "path": reach.path, "organizationsBelow": reach.organizations_below,
            "users": reach.users, "devices": reach.devices})
    });
    let consequences = preview.consequences.iter().map(ToString::to_string);
    let members = [
        ("dryRun", json!(true)),
        ("would", json!(preview.title)),
        ("reach", json!(reach)),
        ("fields", fields.collect()),
        ("consequences", texts(consequences.collect())),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
