//! `org42 profile list`: lists the profiles.

use serde_json::Value;

use super::about::document;
use super::context::ProfileCommands;
use crate::exit::Failure;

impl ProfileCommands<'_> {
    pub(super) fn list(&self) -> Result<(), Failure> {
        let profiles = self.profiles()?;
        let rows: Vec<Value> = profiles
            .iter()
            .map(|(name, profile)| Value::Object(document(&profiles, name, profile)))
            .collect();
        match profiles.why_none() {
            Some(why) => self.printer.note(format_args!("no profiles: {why}")),
            None if rows.is_empty() => self
                .printer
                .note("no profiles; see org42 profile create --help"),
            None => {}
        }
        let columns = &["name", "default", "url", "signsInAs", "secret", "readOnly"];
        self.printer.rows(columns, &rows)
    }
}
