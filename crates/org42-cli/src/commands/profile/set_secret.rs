//! `org42 profile set-secret`: keeps another password, API client secret or secret of one-time codes.

use std::path::Path;

use super::context::ProfileCommands;
use crate::args::Secret;
use crate::exit::Failure;
use crate::input;
use crate::profile::Profile;

impl ProfileCommands<'_> {
    pub(super) async fn set_secret(
        &self,
        name: &str,
        secret: &Secret,
        totp: Option<&Path>,
    ) -> Result<(), Failure> {
        let totp = totp.map(input::secret).transpose()?;
        let only_totp = totp.is_some() && !secret.is_given();
        let mut asked = self.profiles()?.get(name)?.clone();
        // What no client can be made of is not kept.
        self.check(name, &asked, totp.as_deref())?;
        let password = match only_totp {
            true => None,
            false => self.secret_of(name, &mut asked, secret)?,
        };
        let mut profiles = self.edit()?;
        let old = profiles.get(name)?.clone();
        let mut profile = match only_totp {
            true => old.clone(),
            false => Profile {
                secret: asked.secret,
                password_command: asked.password_command,
                ..old.clone()
            },
        };
        self.keep(name, &mut profile, password, totp).await?;
        profiles.put(name, profile.clone())?;
        profiles.write()?;
        self.forget_token(name);
        self.forgotten_moved(name, &old, &profile).await?;
        self.print_one(&profiles, name)
    }
}
