//! Organizations as rows.

use org42::Org;
use org42_admin::Tree;

use super::CSV;
use super::columns::cells;
use super::text::{csv, lines, pretty, table};
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

/// Returns organizations as text; `filter` narrows a tree.
pub(crate) fn orgs(
    orgs: &[&Org],
    all: &Tree,
    filter: Filter,
    output: Output,
) -> Result<String, Failure> {
    let rows = |columns: &'static [&'static str]| {
        let row = move |org: &&Org| cells(org.as_json(), columns);
        orgs.iter().map(row)
    };
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
        Output::Jsonl => lines(orgs)?,
        Output::Tree => tree(all, None, filter),
        Output::Ids => orgs.iter().map(|org| format!("{}\n", org.key())).collect(),
    })
}
