//! `org42 profile show`: one of them; no secret is shown.

use super::about::document;
use super::context::ProfileCommands;
use crate::args::Output;
use crate::exit::Failure;
use crate::printer::print;
use crate::rows;

impl ProfileCommands<'_> {
    pub(super) fn show(&self, name: Option<String>) -> Result<(), Failure> {
        let profiles = self.profiles()?;
        let name = self.named(&profiles, name)?;
        let profile = profiles.get(&name)?;
        let form = self.global.output.unwrap_or(Output::Table);
        print(&rows::one(&document(&profiles, &name, profile), form)?)
    }
}
