//! `org42 profile show`: shows a profile without its secrets.

use super::about::document;
use super::context::ProfileCommands;
use crate::exit::Failure;

impl ProfileCommands<'_> {
    pub(super) fn show(&self, name: Option<String>) -> Result<(), Failure> {
        let profiles = self.profiles()?;
        let name = self.named(&profiles, name)?;
        let profile = profiles.get(&name)?;
        self.printer.one(&document(&profiles, &name, profile))
    }
}
