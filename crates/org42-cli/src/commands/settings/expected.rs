//! What settings are expected to be, from a file.

use std::path::Path;

use org42::{SettingKey, SettingValue};
use serde_json::Value;

use crate::args::Assignment;
use crate::exit::{Exit, Failure};
use crate::input;

pub(crate) type Expected = Vec<(SettingKey, SettingValue)>;

/// Reads `KEY=VALUE` lines, a JSON object, or the array that `settings show -o json` writes.
pub(crate) fn read(file: &Path) -> Result<Expected, Failure> {
    parse(&input::named(file)?).map_err(|reason| {
        let message = format!("cannot use {}", file.display());
        Failure::because(Exit::Usage, message, reason)
    })
}

fn parse(text: &str) -> Result<Expected, String> {
    let expected = match text.trim_start().starts_with(['{', '[']) {
        true => from_json(&serde_json::from_str(text).map_err(|error| error.to_string())?)?,
        false => from_lines(text)?,
    };
    match expected.is_empty() {
        true => Err("nothing is expected in it".to_owned()),
        false => Ok(expected),
    }
}

fn from_lines(text: &str) -> Result<Expected, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            line.parse()
                .map(|assignment: Assignment| (assignment.key, assignment.value))
        })
        .collect()
}

fn from_json(document: &Value) -> Result<Expected, String> {
    let read = |key: &str, value: &Value| {
        let key: SettingKey = key
            .parse()
            .map_err(|error: org42::Error| error.to_string())?;
        let value = match value {
            Value::Null => SettingValue::Null,
            value => key
                .value_from_json(value)
                .map_err(|error| error.to_string())?,
        };
        Ok((key, value))
    };
    match document {
        Value::Object(keys) => keys.iter().map(|(key, value)| read(key, value)).collect(),
        Value::Array(rows) => rows
            .iter()
            .map(|row| match row["key"].as_str() {
                Some(key) => read(key, &row["value"]),
                None => Err("a row has no key".to_owned()),
            })
            .collect(),
        _ => Err("it is neither an object nor an array".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_say_the_same() {
        let lines =
            parse("# retention\narchive_hold_days = 30\n\nweb_restore_enabled=true\n").unwrap();
        let object = parse(r#"{"archive_hold_days": 30, "web_restore_enabled": true}"#).unwrap();
        let rows = parse(
            r#"[{"key": "archive_hold_days", "value": 30}, {"key": "web_restore_enabled", "value": true}]"#,
        )
        .unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines, &lines), (&object, &rows));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for text in [
            "",
            "{}",
            "[1]",
            "no_such_key=1",
            "archive_hold_days=x",
            "{",
            "archive_hold_days",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
