//! Results as text, in the form that was asked for. What is shown is decided by the commands, never by a terminal.

mod columns;
mod orgs;
mod text;
mod tree;

use serde_json::Value;

use crate::args::Output;
use crate::exit::Failure;

pub(crate) use orgs::orgs;
pub(crate) use text::printable;
pub(crate) use tree::tree;

use text::{LONG_CELL, cell, csv, pretty, table, table_of};

/// The columns of organizations in CSV, which come first wherever a document has them.
const CSV: &[&str] = &[
    "orgId",
    "orgUid",
    "orgGuid",
    "orgName",
    "orgExtRef",
    "notes",
    "status",
    "active",
    "blocked",
    "parentOrgId",
    "parentOrgUid",
    "parentOrgGuid",
    "creationDate",
    "modificationDate",
    "deactivationDate",
];

/// Returns one document, an organization or another, as text.
pub(crate) fn one(
    document: &serde_json::Map<String, Value>,
    output: Output,
) -> Result<String, Failure> {
    let line = |key: &String| vec![key.clone(), cell(document.get(key))];
    Ok(match output {
        Output::Json => pretty(document)?,
        Output::Jsonl => format!("{}\n", Value::Object(document.clone())),
        Output::Ids => format!(
            "{}\n",
            cell(document.get("orgId").or(document.get("orgGuid")))
        ),
        Output::Csv => {
            let header: Vec<&str> = document.keys().map(String::as_str).collect();
            csv(
                &header,
                [document.values().map(|value| cell(Some(value))).collect()],
            )?
        }
        Output::Table | Output::Wide | Output::Tree => {
            let in_order = CSV
                .iter()
                .map(|key| (*key).to_owned())
                .filter(|key| document.contains_key(key));
            let others = document
                .keys()
                .filter(|key| !CSV.contains(&key.as_str()))
                .cloned();
            table_of(
                &["FIELD", "VALUE"],
                in_order.chain(others).map(|key| line(&key)),
                LONG_CELL,
            )
        }
    })
}

/// Returns documents as rows with these columns.
pub(crate) fn rows(
    header: &'static [&'static str],
    rows: &[Value],
    output: Output,
) -> Result<String, Failure> {
    let cells = rows
        .iter()
        .map(|row| header.iter().map(|key| cell(row.get(*key))).collect());
    Ok(match output {
        Output::Json => pretty(&rows)?,
        Output::Jsonl => rows.iter().map(|row| format!("{row}\n")).collect(),
        Output::Csv => csv(header, cells)?,
        Output::Ids => rows
            .iter()
            .map(|row| format!("{}\n", cell(row.get(header[0]))))
            .collect(),
        Output::Table | Output::Wide | Output::Tree => table(header, cells),
    })
}
