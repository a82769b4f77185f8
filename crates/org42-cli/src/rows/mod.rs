//! Results as text, in the form that was asked for. What is shown is decided by the commands, never by a terminal.

mod orgs;
mod table;
mod text;
mod tree;

use serde_json::Value;

use crate::args::Output;
use crate::exit::Failure;

pub(crate) use orgs::{OrgRows, orgs};
pub(crate) use text::printable;
pub(crate) use tree::tree;

use orgs::CSV;
use table::{LONG_CELL, table, table_of};
use text::{cell, csv, pretty};

/// Returns one document, an organization or another, as text.
pub(crate) fn one(
    document: &serde_json::Map<String, Value>,
    output: Output,
) -> Result<Vec<u8>, Failure> {
    let line = |key: &String| vec![key.clone(), cell(document.get(key))];
    Ok(match output {
        Output::Json => pretty(document)?.into_bytes(),
        Output::Jsonl => format!("{}\n", Value::Object(document.clone())).into_bytes(),
        Output::Ids => format!(
            "{}\n",
            cell(document.get("orgId").or(document.get("orgGuid")))
        )
        .into_bytes(),
        Output::Csv => {
            let header: Vec<&str> = document.keys().map(String::as_str).collect();
            csv(
                &header,
                [document.values().map(|value| cell(Some(value))).collect()],
            )?
        }
        Output::Table | Output::Wide | Output::Tree => {
            let in_order = CSV.iter().map(|member| member.name().to_owned());
            let in_order = in_order.filter(|key| document.contains_key(key));
            let is_other = |key: &&String| !CSV.iter().any(|member| member.name() == *key);
            let others = document.keys().filter(is_other).cloned();
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
) -> Result<Vec<u8>, Failure> {
    let cells = rows
        .iter()
        .map(|row| header.iter().map(|key| cell(row.get(*key))).collect());
    Ok(match output {
        Output::Json => pretty(&rows)?.into_bytes(),
        Output::Jsonl => rows
            .iter()
            .map(|row| format!("{row}\n"))
            .collect::<String>()
            .into_bytes(),
        Output::Csv => csv(header, cells)?,
        Output::Ids => rows
            .iter()
            .map(|row| format!("{}\n", cell(row.get(header[0]))))
            .collect::<String>()
            .into_bytes(),
        Output::Table | Output::Wide | Output::Tree => table(header, cells),
    })
}
