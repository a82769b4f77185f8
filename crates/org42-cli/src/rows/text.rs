//! Cells, and the texts that are made of them: tables, CSV, JSON.

use std::error::Error;

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

/// Returns the failure of rows that cannot be written as CSV.
pub(super) fn no_csv(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::because(Exit::Failed, "cannot write CSV", error)
}

/// Returns comma-separated rows below a header.
pub(super) fn csv(
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<Vec<u8>, Failure> {
    let text = || -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(header)?;
        for row in rows {
            writer.write_record(row)?;
        }
        Ok(writer.into_inner()?)
    };
    text().map_err(no_csv)
}

/// Returns indented JSON.
pub(super) fn pretty(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n").map_err(no_json)
}

pub(super) fn no_json(error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::because(Exit::Failed, "cannot write JSON", error)
}
