//! Renders results as rows; the form never depends on a terminal.

mod orgs;

use std::error::Error;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde_json::Value;

use crate::args::Output;
use crate::exit::{Exit, Failure};

pub(crate) use orgs::orgs;

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

/// A text that cannot move a terminal's cursor.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// A value in a cell.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// How many letters of a text the table of a list shows: every line of it is as wide as its widest cell.
const CELL: usize = 120;
/// How many of one that is looked at by itself.
const LONG_CELL: usize = 4000;

/// A text as a table shows it. The forms for programs keep all of it.
fn shown(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => printable(text),
        Some((end, _)) => format!("{}…", printable(&text[..end])),
    }
}

pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    table_of(header, rows, CELL)
}

fn table_of(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>, most: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| shown(cell, most)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub(crate) fn csv(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<String, Failure> {
    let text = || -> Result<String, Box<dyn Error + Send + Sync>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(header)?;
        for row in rows {
            writer.write_record(row)?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    };
    text().map_err(|error| Failure::because(Exit::Failed, "cannot write CSV", error))
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|error| Failure::because(Exit::Failed, "cannot write JSON", error))
}

/// Writes one document, an organization or something like it.
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

/// Writes rows of any kind of document.
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
