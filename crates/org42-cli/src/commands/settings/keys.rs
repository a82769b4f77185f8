//! `org42 settings keys`: every setting that there is.

use org42::SettingKey;
use serde_json::{Value, json};

use crate::args::{Global, Output};
use crate::exit::Failure;
use crate::printer::print;
use crate::rows;

pub(super) fn run(global: &Global) -> Result<(), Failure> {
    let form = global.output.unwrap_or(Output::Table);
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
    let columns: &[&str] = match form {
        Output::Table => &["key", "unit", "place", "meaning"],
        _ => &["key", "unit", "place", "readOnly", "wireName", "meaning"],
    };
    print(&rows::rows(columns, &rows, form)?)
}
