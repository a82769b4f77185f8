//! What settings are expected to be, and where they are not.

use std::str::FromStr;

use org42::{Effective, GetSettings, OrgSettings, SettingKey, SettingValue};
use serde_json::Value;

use super::edit::Assignment;
use crate::error::{Error, Result};

/// What the settings of an organization are expected to be.
///
/// Read from `KEY=VALUE` lines, a JSON object, or an array of objects with `key` and `value`.
///
/// ```
/// use org42_admin::Expected;
///
/// let lines: Expected = "# retention\narchive_hold_days = 30\n".parse()?;
/// let object: Expected = r#"{"archive_hold_days": 30}"#.parse()?;
/// let rows: Expected = r#"[{"key": "archive_hold_days", "value": 30}]"#.parse()?;
/// assert!(lines == object && object == rows);
/// # Ok::<(), org42_admin::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected(Vec<(SettingKey, SettingValue)>);

/// A setting that is not what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deviation {
    /// What is in force.
    pub found: Effective,
    /// What is expected.
    pub expected: SettingValue,
}

impl Expected {
    /// Returns how many settings are expected to be something.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether nothing is expected; what was read from a text always expects something.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the settings that are expected to be something, and what.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SettingKey, &SettingValue)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Returns what has to be read of an organization to compare it.
    pub fn needs(&self) -> GetSettings {
        GetSettings::new().only(self.0.iter().map(|(key, _)| key))
    }

    /// Compares with what an organization has.
    ///
    /// ```no_run
    /// # async fn run(client: org42::Client, expected: org42_admin::Expected) -> Result<(), org42_admin::Error> {
    /// let settings = client.orgs().get_settings_with(42, expected.needs()).await?;
    /// for deviation in expected.compare(&settings)? {
    ///     println!("{} is {}", deviation.found.key, deviation.found.value);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Call`] for a setting that was not read, and for a backup set that there is not.
    pub fn compare(&self, settings: &OrgSettings) -> Result<Vec<Deviation>> {
        let mut deviations = Vec::new();
        for (key, expected) in &self.0 {
            let found = settings.get(key)?;
            if found.value != *expected {
                let expected = expected.clone();
                deviations.push(Deviation { found, expected });
            }
        }
        Ok(deviations)
    }
}

impl FromStr for Expected {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let expected = match text.trim_start().starts_with(['{', '[']) {
            true => from_json(text)?,
            false => from_lines(text)?,
        };
        match expected.is_empty() {
            true => Err(Error::InvalidInput("nothing is expected in it".to_owned())),
            false => Ok(Self(expected)),
        }
    }
}

fn from_lines(text: &str) -> Result<Vec<(SettingKey, SettingValue)>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let Assignment { key, value } = line.parse()?;
            Ok((key, value))
        })
        .collect()
}

fn from_json(text: &str) -> Result<Vec<(SettingKey, SettingValue)>> {
    let document =
        serde_json::from_str(text).map_err(|error| Error::InvalidInput(error.to_string()))?;
    let read = |key: &str, value: &Value| {
        let key: SettingKey = key.parse()?;
        let value = match value {
            Value::Null => SettingValue::Null,
            value => key.value_from_json(value)?,
        };
        Ok((key, value))
    };
    let wrong = |what: &str| Error::InvalidInput(what.to_owned());
    match &document {
        Value::Object(keys) => keys.iter().map(|(key, value)| read(key, value)).collect(),
        Value::Array(rows) => rows
            .iter()
            .map(|row| match row["key"].as_str() {
                Some(key) => read(key, &row["value"]),
                None => Err(wrong("a row has no key")),
            })
            .collect(),
        _ => Err(wrong("it is neither an object nor an array")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Expected> {
        text.parse()
    }

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
