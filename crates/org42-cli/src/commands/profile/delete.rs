//! `org42 profile delete`: forgets a profile and its secrets.

use super::about::going_along;
use super::context::ProfileCommands;
use crate::connect::shown_url;
use crate::exit::{Exit, Failure};
use crate::terminal::confirm;

impl ProfileCommands<'_> {
    pub(super) async fn delete(&self, name: &str) -> Result<(), Failure> {
        let asked_about = self.profiles()?.get(name)?.clone();
        if !self.global.yes {
            let who = (asked_about.username.as_ref()).or(asked_about.api_client_id.as_ref());
            confirm(
                self.printer,
                &format!(
                    "delete the profile {name} ({} as {}){}",
                    shown_url(&asked_about.url),
                    who.map_or("nobody", String::as_str),
                    going_along(&asked_about)
                ),
            )?;
        }
        // The file is not locked while a question is open.
        let mut profiles = self.edit()?;
        if *profiles.get(name)? != asked_about {
            let message = format!("profile {name} was changed meanwhile; it was not deleted");
            return Err(Failure::new(Exit::Conflict, message));
        }
        let was_default = profiles.default_name() == Some(name);
        let profile = profiles.remove(name)?;
        profiles.write()?;
        self.forget_token(name);
        self.forgotten(name, &profile).await?;
        self.printer
            .note(format_args!("profile {name} and its secrets are gone"));
        if was_default {
            self.printer.note(
                "it was the default: commands without --profile use the embedded authority now",
            );
        }
        Ok(())
    }
}
