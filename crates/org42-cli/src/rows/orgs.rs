//! Organizations as rows.

use org42::Org;
use org42_admin::Tree;
use serde_json::Value;

use super::CSV;
use super::text::{cell, csv, pretty, table};
use super::tree::tree;
use crate::args::{Filter, Output};
use crate::exit::Failure;

const NARROW: &[&str] = &["orgId", "orgName", "status", "parentOrgId"];
/// The columns where organizations have no numbers.
const NARROW_GATEWAY: &[&str] = &["orgGuid", "orgName", "active", "parentOrgGuid"];
const WIDE: &[&str] = &[
    "orgId",
    "orgUid",
    "orgGuid",
    "orgName",
    "status",
    "parentOrgId",
    "orgExtRef",
    "notes",
    "creationDate",
];

fn row(org: &Org, columns: &[&str]) -> Vec<String> {
    // Of one at a time: the fields of all of them would take many times what they are kept in.
    let document = org.document();
    columns
        .iter()
        .map(|column| cell(document.get(*column)))
        .collect()
}

/// Returns organizations as text; `filter` narrows a tree.
pub(crate) fn orgs(
    orgs: &[&Org],
    all: &Tree,
    filter: Filter,
    output: Output,
) -> Result<String, Failure> {
    let rows = |columns: &'static [&'static str]| orgs.iter().map(move |org| row(org, columns));
    let have_numbers = orgs.iter().any(|org| org.org_id.is_some());
    let narrow = match have_numbers || orgs.is_empty() {
        true => NARROW,
        false => NARROW_GATEWAY,
    };
    Ok(match output {
        Output::Table => table(narrow, rows(narrow)),
        Output::Wide => table(WIDE, rows(WIDE)),
        Output::Csv => csv(CSV, rows(CSV))?,
        Output::Json => pretty(&orgs)?,
        Output::Jsonl => orgs
            .iter()
            .map(|org| format!("{}\n", Value::Object(org.document())))
            .collect(),
        Output::Tree => tree(all, None, filter),
        Output::Ids => orgs.iter().map(|org| format!("{}\n", org.key())).collect(),
    })
}
