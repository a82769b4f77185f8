//! `org42 profile rename`: renames a profile and its secrets.

use super::context::{ProfileCommands, not_done};
use crate::exit::Failure;

impl ProfileCommands<'_> {
    pub(super) async fn rename(&self, name: &str, new: &str) -> Result<(), Failure> {
        let mut profiles = self.edit()?;
        let profile = profiles.get(name)?.clone();
        profiles.rename(name, new)?;
        let copied = self.secrets.copy(name, new, &profile).await;
        let done = match copied {
            Ok(()) => profiles.write(),
            Err(failure) => Err(not_done(name, failure, "was not renamed")),
        };
        if let Err(failure) = done {
            // A secret of no profile is nobody's. Where it cannot be had, there is none either.
            let _ = self.secrets.forget(new, &profile).await;
            return Err(failure);
        }
        self.forget_token(name);
        self.forgotten(name, &profile).await?;
        self.printer
            .note(format_args!("profile {name} is called {new} now"));
        self.print_one(&profiles, new)
    }
}
