//! `org42 profile import`: takes over the profiles of another tool.

use super::context::ProfileCommands;
use super::other_tools::read;
use crate::args::Tool;
use crate::exit::{Exit, Failure};
use crate::profile::{EMBEDDED, home};

impl ProfileCommands<'_> {
    pub(super) fn import(&self, from: Tool) -> Result<(), Failure> {
        let home = home(&self.environment).map_err(|why| {
            let message = "there is no home in which another tool's profiles could be";
            Failure::because(Exit::Failed, message, why)
        })?;
        let found = read(from, &home, &self.environment)?;
        let mut profiles = self.edit()?;
        let was_empty = profiles.iter().next().is_none();
        let mut taken = 0;
        for (name, profile) in found.profiles {
            match profiles.add(&name, profile) {
                Ok(()) => {
                    taken += 1;
                    self.printer
                        .note(format_args!("profile {name} is taken over"));
                }
                Err(failure) => self.printer.note(format_args!(
                    "profile {name} is left out: {}",
                    failure.clause()
                )),
            }
        }
        for remark in found.remarks {
            self.printer.note(&remark);
        }
        if taken == 0 {
            return Err(Failure::failed("no profile was taken over"));
        }
        if was_empty {
            // Which tenant commands go to is for people to say, or what they have said to the other tool.
            let default = found.default.unwrap_or_default();
            if profiles.make_default(&default).is_err() {
                profiles.make_default(EMBEDDED)?;
            }
        }
        profiles.write()?;
        self.printer.note(&match profiles.default_name() {
            Some(default) => {
                format!("{default} is the default: commands without --profile go there")
            }
            None => "no profile is the default; org42 profile use NAME makes one it".to_owned(),
        });
        self.printer.note(
            "their secrets stay where they are: org42 asks for them, or keep them with org42 profile set-secret NAME",
        );
        Ok(())
    }
}
