//! Cells, and the texts that are made of them: tables, CSV, JSON.

use std::error::Error;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;
use serde_json::Value;

use crate::exit::{Exit, Failure};

/// Returns a text without what could move a terminal's cursor.
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

/// Returns a value as a cell has it.
pub(super) fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The most letters of a cell in a table of rows, whose lines are all as wide as the widest.
const CELL: usize = 120;
/// The most letters of a cell in the table of one document.
pub(super) const LONG_CELL: usize = 4000;

/// Returns a text cut for a table. The forms for programs keep all of it.
fn shown(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => printable(text),
        Some((end, _)) => format!("{}…", printable(&text[..end])),
    }
}

/// Returns a table of rows.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    table_of(header, rows, CELL)
}

pub(super) fn table_of(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    most: usize,
) -> String {
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

/// Returns comma-separated rows below a header.
pub(super) fn csv(
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

/// Returns indented JSON.
pub(super) fn pretty(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n").map_err(no_json)
}

/// Returns each value as JSON on a line of its own.
pub(super) fn lines(values: &[impl Serialize]) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    for value in values {
        serde_json::to_writer(&mut bytes, value).map_err(no_json)?;
        bytes.push(b'\n');
    }
    String::from_utf8(bytes).map_err(no_json)
}

fn no_json(error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::because(Exit::Failed, "cannot write JSON", error)
}
