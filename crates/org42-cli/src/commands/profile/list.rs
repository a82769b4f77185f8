//! `org42 profile list`: all of them.

use serde_json::Value;

use super::about::document;
use super::context::ProfileCommands;
use crate::args::Output;
use crate::exit::Failure;
use crate::printer::{print, say};
use crate::rows;

impl ProfileCommands<'_> {
    pub(super) fn list(&self) -> Result<(), Failure> {
        let profiles = self.profiles()?;
        let rows: Vec<Value> = profiles
            .iter()
            .map(|(name, profile)| Value::Object(document(&profiles, name, profile)))
            .collect();
        match profiles.why_none() {
            Some(why) => say(&format!("no profiles: {why}")),
            None if rows.is_empty() => say("no profiles; see org42 profile create --help"),
            None => {}
        }
        let columns = &["name", "default", "url", "signsInAs", "secret", "readOnly"];
        let form = self.global.output.unwrap_or(Output::Table);
        print(&rows::rows(columns, &rows, form)?)
    }
}
