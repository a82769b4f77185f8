//! `org42 profile use`: makes a profile the default.

use super::context::ProfileCommands;
use crate::exit::Failure;

impl ProfileCommands<'_> {
    pub(super) fn make_default(&self, name: &str) -> Result<(), Failure> {
        let mut profiles = self.edit()?;
        profiles.make_default(name)?;
        profiles.write()?;
        self.printer.note(format_args!("{name} is the default now"));
        self.print_one(&profiles, name)
    }
}
