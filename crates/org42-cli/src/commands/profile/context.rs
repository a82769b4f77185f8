//! What the verbs on profiles share: the file of profiles, its secrets, the environment.

use serde_json::json;

use super::about::{document, signing_in};
use crate::args::{Global, Secret};
use crate::connect::{
    AccessOptions, Credentials, SignIn, Surroundings, Tenant, of_profile, with_profile,
};
use crate::env::{Environment, PROFILE};
use crate::exit::{Exit, Failure};
use crate::input;
use crate::printer::Printer;
use crate::profile::{
    EMBEDDED, Places, Profile, Profiles, SecretKind, SecretPlace, Secrets, from_command,
};
use crate::terminal::prompt;

/// What commands on profiles work with.
pub(super) struct ProfileCommands<'a> {
    pub(super) secrets: Secrets,
    pub(super) places: Places,
    pub(super) environment: Environment,
    pub(super) global: &'a Global,
    pub(super) printer: Printer,
}

impl<'a> ProfileCommands<'a> {
    pub(super) fn new(global: &'a Global, printer: Printer) -> Self {
        let environment = Environment::of_process();
        let places = Places::of_user(&environment);
        Self {
            secrets: Secrets::of(&places, printer),
            places,
            environment,
            global,
            printer,
        }
    }

    /// Returns the credentials of a profile with these options and the environment.
    pub(super) fn caller(
        &self,
        options: &AccessOptions<'_>,
        name: &str,
        profile: &Profile,
    ) -> Result<Credentials, Failure> {
        let surroundings = Surroundings {
            environment: &self.environment,
            profiles: &|| self.profiles(),
        };
        of_profile(options, surroundings, name, profile)
    }

    /// Notes which variables are set and not used.
    pub(super) fn show_unused(&self, who: &Credentials) -> Result<(), Failure> {
        let surroundings = Surroundings {
            environment: &self.environment,
            profiles: &|| self.profiles(),
        };
        surroundings.show_unused(Some(who), self.printer)
    }

    /// Connects to the tenant of a profile.
    pub(super) fn tenant(
        &self,
        name: &str,
        profile: &Profile,
        who: Credentials,
    ) -> Result<Tenant, Failure> {
        let by = SignIn::ByToken;
        with_profile(&self.places, name, profile, who, by, self.printer)
    }

    /// Returns the profiles as they are.
    pub(super) fn profiles(&self) -> Result<Profiles, Failure> {
        Profiles::read(&self.places)
    }

    /// Returns the profiles for a change; no other process changes them meanwhile.
    pub(super) fn edit(&self) -> Result<Profiles, Failure> {
        Profiles::edit(&self.places)
    }

    /// Returns the name of the profile that is meant, which is the default where none is named.
    pub(super) fn named(
        &self,
        profiles: &Profiles,
        name: Option<String>,
    ) -> Result<String, Failure> {
        let name = match name.or_else(|| self.global.profile.clone()) {
            Some(name) => Some(name),
            None => self.environment.get(&PROFILE)?,
        };
        let name = name.or_else(|| profiles.default_name().map(str::to_owned));
        name.ok_or_else(|| match profiles.why_none() {
            Some(why) => Failure::new(Exit::NotFound, format!("there are no profiles: {why}")),
            None => Failure::usage(
                "no profile is the default, so the embedded authority is: name a profile",
            ),
        })
    }

    /// Writes a profile as it is now, where a form was asked for.
    pub(super) fn print_one(&self, profiles: &Profiles, name: &str) -> Result<(), Failure> {
        if !self.printer.is_form_given() {
            return Ok(());
        }
        if name == EMBEDDED {
            let embedded = json!({"name": name, "default": true});
            let embedded = embedded.as_object().cloned().unwrap_or_default();
            return self.printer.one(&embedded);
        }
        let profile = profiles.get(name)?;
        self.printer.one(&document(profiles, name, profile))
    }

    /// Refuses a profile of which no client can be built; nothing is sent.
    pub(super) fn check(
        &self,
        name: &str,
        profile: &Profile,
        totp: Option<&str>,
    ) -> Result<(), Failure> {
        let who = signing_in(name, profile, String::new(), totp)?;
        self.tenant(name, profile, who).map(drop)
    }

    /// Returns the secret that is to be kept, and notes in the profile where it comes from otherwise.
    pub(super) fn secret_of(
        &self,
        name: &str,
        profile: &mut Profile,
        given: &Secret,
    ) -> Result<Option<String>, Failure> {
        profile.password_command.clone_from(&given.password_command);
        if given.password_command.is_some() {
            profile.secret = Some(SecretPlace::Command);
            return Ok(None);
        }
        // Where it really is, is known once it is kept.
        profile.secret = Some(SecretPlace::Ask);
        if given.no_password {
            return Ok(None);
        }
        match read(given)? {
            Some(given) => Ok(Some(given)),
            None => match prompt("Password or secret", &format!("profile {name}")) {
                Ok(typed) => Ok(Some(typed)),
                Err(failure) => Err(failure.advising(
                    "give --password-stdin, --password-file, --password-command or --no-password",
                )),
            },
        }
    }

    /// Keeps the secrets, and notes in the profile and for the user where.
    pub(super) async fn keep(
        &self,
        name: &str,
        profile: &mut Profile,
        password: Option<String>,
        totp: Option<String>,
    ) -> Result<(), Failure> {
        if let Some(password) = password {
            let place = self
                .secrets
                .keep(name, SecretKind::Password, password)
                .await?;
            profile.secret = Some(place);
        }
        if let Some(totp) = totp {
            profile.totp = Some(self.secrets.keep(name, SecretKind::Totp, totp).await?);
        }
        self.printer.note(&match profile.secret_place() {
            SecretPlace::Keyring => "the secret is in the system's keyring".to_owned(),
            SecretPlace::File => format!(
                "there is no keyring here: the secret is in {}, unencrypted, readable by you alone",
                self.secrets.file()?.display()
            ),
            SecretPlace::Command => {
                "the secret comes from the command, whenever it is needed".to_owned()
            }
            SecretPlace::Ask => {
                "no secret is kept: it comes from the environment or is asked for".to_owned()
            }
        });
        Ok(())
    }

    /// Forgets the secrets that a changed profile does not use any more.
    pub(super) async fn forgotten_moved(
        &self,
        name: &str,
        old: &Profile,
        new: &Profile,
    ) -> Result<(), Failure> {
        let forgotten = self.secrets.forget_moved(name, old, new).await;
        forgotten.map_err(|failure| {
            let message = format!("profile {name} is changed, but its former secret is still kept");
            let failure = failure.under(message).ending(Exit::Incomplete);
            failure.advising(format!(
                "nothing uses it any more: take {name} of the service org42 out of the keyring, or the file, when it is \
                 there"
            ))
        })
    }

    /// Forgets the secrets of a profile that is gone.
    pub(super) async fn forgotten(&self, name: &str, profile: &Profile) -> Result<(), Failure> {
        let forgotten = self.secrets.forget(name, profile).await;
        forgotten.map_err(|failure| {
            let message = format!("the profile {name} is gone, but its secrets are still kept");
            failure.under(message).ending(Exit::Incomplete)
        })
    }

    /// Forgets the token of a profile.
    pub(super) fn forget_token(&self, name: &str) {
        // There may be none, and one that stays is good for half an hour at most.
        if let Some(file) = self.places.token(name) {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Returns the secret, where an option says how to come by it.
fn read(given: &Secret) -> Result<Option<String>, Failure> {
    match &given.password_command {
        Some(command) => from_command(command).map(Some),
        None => input::secret_given(given.password_file.as_deref(), given.password_stdin),
    }
}

/// Returns the failure of a change that needs a secret which cannot be had, with advice.
pub(super) fn not_done(name: &str, failure: Failure, what: &str) -> Failure {
    let failure = failure.under(format!("profile {name} {what} and is as it was"));
    failure.advising(format!(
        "unlock or start what keeps its secret, or have it keep none with org42 profile update {name} --no-password \
         --clear totp"
    ))
}
