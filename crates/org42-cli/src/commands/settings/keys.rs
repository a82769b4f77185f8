//! `org42 settings keys`: every setting that there is.

use org42::SettingKey;
use serde_json::{Value, json};

use crate::args::Output;
use crate::exit::Failure;
use crate::printer::Printer;

pub(super) fn run(printer: Printer) -> Result<(), Failure> {
    let rows: Vec<Value> = SettingKey::all()
        .map(|key| {
            json!({
                "key": key,
                "unit": key.unit().to_string(),
                "place": key.place().to_string(),
                "readOnly": key.is_read_only(),
                "wireName": key.wire_name(),
                "meaning": key.meaning(),
            })
        })
        .collect();
    let columns: &[&str] = match printer.form(Output::Table) {
        Output::Table => &["key", "unit", "place", "meaning"],
        _ => &["key", "unit", "place", "readOnly", "wireName", "meaning"],
    };
    printer.rows(columns, &rows)
}
