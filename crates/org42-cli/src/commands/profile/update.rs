//! `org42 profile update`: changes a profile. Its secrets are for its tenant and its caller, and never go to another.

use super::context::{ProfileCommands, not_done};
use super::create::check_proxy;
use crate::args::{ProfileField, UpdateProfile};
use crate::connect::{AccessOptions, check_username, same_name, same_url, shown_url};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::profile::{Profile, SecretPlace};

impl ProfileCommands<'_> {
    pub(super) async fn update(&self, args: UpdateProfile) -> Result<(), Failure> {
        let name = args.name.as_str();
        let before = self.profiles()?.get(name)?.clone();
        let mut profile = self.changed(&before, &args)?;
        let gives_secret = args.way.secret.is_given();
        if profile == before && !gives_secret && args.way.totp_secret_file.is_none() {
            let message = format!(
                "there is nothing to change: profile {name} is like that already, or nothing was given; see org42 \
                 profile update --help"
            );
            return match args.is_empty() && !self.says_anything() {
                true => Err(Failure::usage(message)),
                false => {
                    self.printer
                        .note(format_args!("profile {name} is like that already"));
                    self.print_one(&self.profiles()?, name)
                }
            };
        }
        let is_other = is_other(&before, &profile);
        if is_other {
            profile.secret = Some(SecretPlace::Ask);
            profile.password_command = None;
            profile.totp = None;
        }
        let totp = args.way.totp_secret_file.as_deref().map(input::secret);
        let totp = totp.transpose()?;
        // What no client can be made of is no profile.
        self.check(name, &profile, totp.as_deref())?;
        let password = match gives_secret {
            true => self.secret_of(name, &mut profile, &args.way.secret)?,
            false => None,
        };
        let mut profiles = self.edit()?;
        if *profiles.get(name)? != before {
            let message = format!("profile {name} was changed meanwhile; it was not changed here");
            return Err(Failure::new(Exit::Conflict, message));
        }
        if is_other {
            // Gone before the new address is there: whatever fails from here on, they are not sent to it.
            self.forget_token(name);
            let forgotten = self.secrets.forget(name, &before).await;
            forgotten.map_err(|failure| not_done(name, failure, "was not changed"))?;
        }
        if gives_secret || totp.is_some() {
            self.keep(name, &mut profile, password, totp).await?;
        }
        profiles.put(name, profile.clone())?;
        profiles.write()?;
        self.forget_token(name);
        if !is_other {
            self.forgotten_moved(name, &before, &profile).await?;
        }
        self.printer.note(format_args!(
            "profile {name} is changed; org42 profile test {name} signs in to see that it works"
        ));
        if is_other && !gives_secret && before.secret_place() != SecretPlace::Ask {
            self.printer.note(format_args!(
                "its secret was for {} and is kept no more: org42 profile set-secret {name} keeps another",
                shown_url(&before.url)
            ));
        }
        self.print_one(&profiles, name)
    }

    /// Returns whether a global option says anything about the profile.
    fn says_anything(&self) -> bool {
        let options = AccessOptions::of(self.global);
        options.url.is_some()
            || options.username.is_some()
            || options.flavor.is_some()
            || self.global.ca_bundle.is_some()
            || self.global.silence.is_some()
    }

    /// Returns the profile with the given values in place of those it had.
    fn changed(&self, before: &Profile, args: &UpdateProfile) -> Result<Profile, Failure> {
        let options = AccessOptions::of(self.global);
        let usage = |message: &str| Err(Failure::usage(message));
        if options.username.is_some() && args.way.api_client_id.is_some() {
            return usage("--username and --api-client-id: only one of the two signs in");
        }
        check_username(options.username)?;
        check_proxy(args.way.proxy.as_deref())?;
        let both = [
            (ProfileField::Flavor, options.flavor.is_some()),
            (ProfileField::Proxy, args.way.proxy.is_some()),
            (ProfileField::CaBundle, self.global.ca_bundle.is_some()),
            (ProfileField::Totp, args.way.totp_secret_file.is_some()),
            (ProfileField::Silence, self.global.silence.is_some()),
        ];
        if both
            .iter()
            .any(|(field, given)| *given && args.clear.contains(field))
        {
            return usage("a field is either set or cleared");
        }
        let mut profile = before.clone();
        if let Some(url) = options.url {
            // What the old server speaks says nothing about another.
            if !same_url(url, &before.url) {
                profile.flavor = None;
            }
            url.clone_into(&mut profile.url);
        }
        if let Some(username) = options.username {
            profile.username = Some(username.to_owned());
            profile.api_client_id = None;
        }
        if let Some(id) = &args.way.api_client_id {
            profile.api_client_id = Some(id.clone());
            profile.username = None;
        }
        if let Some(flavor) = options.flavor {
            profile.flavor = Some(flavor.to_string());
        }
        if let Some(proxy) = &args.way.proxy {
            profile.proxy = Some(proxy.clone());
        }
        if let Some(file) = &self.global.ca_bundle {
            profile.ca_bundle = Some(file.clone());
        }
        profile = profile.silent_for(self.global.silence);
        if let Some(read_only) = args.read_only {
            profile.read_only = read_only;
        }
        for field in &args.clear {
            match field {
                ProfileField::Flavor => profile.flavor = None,
                ProfileField::Proxy => profile.proxy = None,
                ProfileField::CaBundle => profile.ca_bundle = None,
                ProfileField::Totp => profile.totp = None,
                ProfileField::Silence => profile.silence = None,
            }
        }
        Ok(profile)
    }
}

/// Returns whether the profile is for another tenant or another caller now.
fn is_other(before: &Profile, after: &Profile) -> bool {
    let same_person = match (&before.username, &after.username) {
        (Some(before), Some(after)) => same_name(before, after),
        (before, after) => before == after,
    };
    !same_url(&before.url, &after.url)
        || !same_person
        || before.api_client_id != after.api_client_id
}
