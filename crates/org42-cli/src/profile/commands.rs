//! What `org42 profile …` does.

use serde_json::{Map, Value, json};

use super::about::{asked, document, going_along, signing_in, tested};
use super::file::SecretPlace;
use super::places::home;
use super::words::{Profile as Words, Secret};
use super::{EMBEDDED, Kind, Places, Profile, Profiles, Secrets, import};
use crate::access::{Said, Who, of_profile};
use crate::args::{Global, Output};
use crate::around::{Around, shown_url};
use crate::ask::prompt;
use crate::connect::{SignIn, with_profile};
use crate::environment::{Environment, PROFILE};
use crate::exit::Failure;
use crate::verbs::confirm;
use crate::{output, print, reading, say};

pub(crate) async fn run(command: Words, global: &Global) -> Result<(), Failure> {
    let environment = Environment::of_process();
    let places = Places::of_user(&environment);
    let desk = Desk {
        secrets: Secrets::of(&places),
        places,
        environment,
        global,
    };
    desk.run(command).await
}

/// Where a profile command works.
pub(super) struct Desk<'a> {
    pub(super) secrets: Secrets,
    pub(super) places: Places,
    pub(super) environment: Environment,
    pub(super) global: &'a Global,
}

impl Desk<'_> {
    async fn run(self, command: Words) -> Result<(), Failure> {
        let form = self.global.output.unwrap_or(Output::Table);
        match command {
            Words::Create(words) => self.create(words).await,
            Words::Update(words) => self.update(words).await,
            Words::List => {
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
                print(&output::rows(columns, &rows, form)?)
            }
            Words::Show { name } => {
                let profiles = self.profiles()?;
                let name = self.named(&profiles, name)?;
                let profile = profiles.get(&name)?;
                print(&output::one(&document(&profiles, &name, profile), form)?)
            }
            Words::Use { name } => {
                let mut profiles = self.edit()?;
                profiles.make_default(&name)?;
                profiles.write()?;
                say(&format!("{name} is the default now"));
                self.print_one(&profiles, &name)
            }
            Words::Test { name } => {
                let profiles = self.profiles()?;
                let name = self.named(&profiles, name)?;
                let about = self.test(&name, profiles.get(&name)?.clone()).await?;
                print(&output::one(&about, form)?)
            }
            Words::Rename { name, new } => {
                let mut profiles = self.edit()?;
                let profile = profiles.get(&name)?.clone();
                profiles.rename(&name, &new)?;
                let copied = self.secrets.copy(&name, &new, &profile).await;
                let done = match copied {
                    Ok(()) => profiles.write(),
                    Err(failure) => Err(not_done(&name, &failure, "was not renamed")),
                };
                if let Err(failure) = done {
                    // A secret of no profile is nobody's. Where it cannot be had, there is none either.
                    let _ = self.secrets.forget(&new, &profile).await;
                    return Err(failure);
                }
                self.forget_token(&name);
                self.forgotten(&name, &profile).await?;
                say(&format!("profile {name} is called {new} now"));
                self.print_one(&profiles, &new)
            }
            Words::SetSecret {
                name,
                secret,
                totp_secret_file,
            } => {
                let totp = totp_secret_file.as_deref().map(reading::secret);
                let totp = totp.transpose()?;
                self.set_secret(&name, &secret, totp).await
            }
            Words::Delete { name } => self.delete(&name).await,
            Words::Import { from } => self.import(from),
        }
    }

    /// Who a profile signs in with what is said and set.
    pub(super) fn caller(
        &self,
        said: &Said<'_>,
        name: &str,
        profile: &Profile,
    ) -> Result<Who, Failure> {
        let around = Around {
            environment: &self.environment,
            profiles: &|| self.profiles(),
        };
        of_profile(said, around, name, profile)
    }

    /// Tells what is set and not used.
    pub(super) fn tell_unused(&self, who: &Who) -> Result<(), Failure> {
        let around = Around {
            environment: &self.environment,
            profiles: &|| self.profiles(),
        };
        around.tell_unused(Some(who))
    }

    /// The profiles as they are.
    pub(super) fn profiles(&self) -> Result<Profiles, Failure> {
        Profiles::read(&self.places)
    }

    /// The profiles, which no other process changes meanwhile.
    pub(super) fn edit(&self) -> Result<Profiles, Failure> {
        Profiles::edit(&self.places)
    }

    /// The profile that is meant when none is named.
    fn named(&self, profiles: &Profiles, name: Option<String>) -> Result<String, Failure> {
        let name = match name.or_else(|| self.global.profile.clone()) {
            Some(name) => Some(name),
            None => self.environment.get(&PROFILE)?,
        };
        let name = name.or_else(|| profiles.default_name().map(str::to_owned));
        name.ok_or_else(|| match profiles.why_none() {
            Some(why) => Failure::new(Failure::NOT_FOUND, format!("there are no profiles: {why}")),
            None => Failure::new(
                Failure::USAGE,
                "no profile is the default, so the embedded authority is: name a profile",
            ),
        })
    }

    /// Writes a profile as it is now, where somebody wants it in a form.
    pub(super) fn print_one(&self, profiles: &Profiles, name: &str) -> Result<(), Failure> {
        match self.global.output {
            Some(form) if name == EMBEDDED => {
                let embedded = json!({"name": name, "default": true});
                let embedded = embedded.as_object().cloned().unwrap_or_default();
                print(&output::one(&embedded, form)?)
            }
            Some(form) => {
                let profile = profiles.get(name)?;
                print(&output::one(&document(profiles, name, profile), form)?)
            }
            None => Ok(()),
        }
    }

    async fn delete(&self, name: &str) -> Result<(), Failure> {
        let asked_about = self.profiles()?.get(name)?.clone();
        if !self.global.yes {
            let who = (asked_about.username.as_ref()).or(asked_about.api_client_id.as_ref());
            confirm(&format!(
                "delete the profile {name} ({} as {}){}",
                shown_url(&asked_about.url),
                who.map_or("nobody", String::as_str),
                going_along(&asked_about)
            ))?;
        }
        // Nobody waits for an answer with the file locked.
        let mut profiles = self.edit()?;
        if *profiles.get(name)? != asked_about {
            let message = format!("profile {name} was changed meanwhile; it was not deleted");
            return Err(Failure::new(Failure::CONFLICT, message));
        }
        let was_default = profiles.default_name() == Some(name);
        let profile = profiles.remove(name)?;
        profiles.write()?;
        self.forget_token(name);
        self.forgotten(name, &profile).await?;
        say(&format!("profile {name} and its secrets are gone"));
        if was_default {
            say("it was the default: commands without --profile use the embedded authority now");
        }
        Ok(())
    }

    /// Asks the server what it speaks, signs in anew, and keeps what it speaks.
    async fn test(&self, name: &str, profile: Profile) -> Result<Map<String, Value>, Failure> {
        // Refused before anything is sent.
        let said = self.global.said();
        self.tell_unused(&self.caller(&said, name, &profile)?)?;
        let mut profile = profile.trusting(self.global.ca_bundle.as_deref());
        let flavor = match (asked(&profile).await, &profile.flavor) {
            (Ok(flavor), _) => Some(flavor.to_string()),
            // What was said once counts where the server does not tell.
            (Err(failure), Some(known)) if failure.code == Failure::CONFLICT => Some(known.clone()),
            (Err(failure), _) => return Err(failure),
        };
        if profile.flavor != flavor {
            let mut profiles = self.edit()?;
            let mut kept = profiles.get(name)?.clone();
            kept.flavor.clone_from(&flavor);
            profiles.put(name, kept)?;
            profiles.write()?;
            profile.flavor = flavor;
        }
        self.forget_token(name);
        let who = self.caller(&said, name, &profile)?;
        let tenant = with_profile(&self.places, name, &profile, who, SignIn::ByToken)?;
        tested(&tenant).await
    }

    async fn set_secret(
        &self,
        name: &str,
        secret: &Secret,
        totp: Option<String>,
    ) -> Result<(), Failure> {
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

    /// Builds a client, which sends nothing: what none can be made of is no profile.
    pub(super) fn check(
        &self,
        name: &str,
        profile: &Profile,
        totp: Option<&str>,
    ) -> Result<(), Failure> {
        let who = signing_in(name, profile, String::new(), totp)?;
        with_profile(&self.places, name, profile, who, SignIn::ByToken).map(drop)
    }

    /// The secret if it is to be kept; the profile is told where it comes from otherwise.
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
        match given.read()? {
            Some(given) => Ok(Some(given)),
            None => match prompt("Password or secret", &format!("profile {name}")) {
                Ok(typed) => Ok(Some(typed)),
                Err(failure) => {
                    let message = format!(
                        "{}: give --password-stdin, --password-file, --password-command or --no-password",
                        failure.message
                    );
                    Err(Failure::new(failure.code, message))
                }
            },
        }
    }

    /// Keeps the secrets, notes in the profile where, and says so.
    pub(super) async fn keep(
        &self,
        name: &str,
        profile: &mut Profile,
        password: Option<String>,
        totp: Option<String>,
    ) -> Result<(), Failure> {
        if let Some(password) = password {
            let place = self.secrets.keep(name, Kind::Password, password).await?;
            profile.secret = Some(place);
        }
        if let Some(totp) = totp {
            profile.totp = Some(self.secrets.keep(name, Kind::Totp, totp).await?);
        }
        say(&match profile.secret_place() {
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

    fn import(&self, from: import::Tool) -> Result<(), Failure> {
        let home = home(&self.environment).map_err(|why| {
            let message =
                format!("there is no home in which another tool's profiles could be: {why}");
            Failure::new(1, message)
        })?;
        let found = import::read(from, &home, &self.environment)?;
        let mut profiles = self.edit()?;
        let was_empty = profiles.iter().next().is_none();
        let mut taken = 0;
        for (name, profile) in found.profiles {
            match profiles.add(&name, profile) {
                Ok(()) => {
                    taken += 1;
                    say(&format!("profile {name} is taken over"));
                }
                Err(failure) => say(&format!("profile {name} is left out: {}", failure.message)),
            }
        }
        for remark in found.remarks {
            say(&remark);
        }
        if taken == 0 {
            return Err(Failure::new(1, "no profile was taken over"));
        }
        if was_empty {
            // Which tenant commands go to is for people to say, or what they have said to the other tool.
            let default = found.default.unwrap_or_default();
            if profiles.make_default(&default).is_err() {
                profiles.make_default(super::EMBEDDED)?;
            }
        }
        profiles.write()?;
        say(&match profiles.default_name() {
            Some(default) => {
                format!("{default} is the default: commands without --profile go there")
            }
            None => "no profile is the default; org42 profile use NAME makes one it".to_owned(),
        });
        say(
            "their secrets stay where they are: org42 asks for them, or keep them with org42 profile set-secret NAME",
        );
        Ok(())
    }

    /// Forgets those secrets of a changed profile that are for nothing any more.
    pub(super) async fn forgotten_moved(
        &self,
        name: &str,
        old: &Profile,
        new: &Profile,
    ) -> Result<(), Failure> {
        let forgotten = self.secrets.forget_moved(name, old, new).await;
        forgotten.map_err(|failure| {
            let message = format!(
                "profile {name} is changed, but its former secret is still kept: {}; nothing uses it any more: take {name} of \
                 the service org42 out of the keyring, or the file, when it is there",
                failure.message
            );
            Failure::new(Failure::INCOMPLETE, message)
        })
    }

    /// Forgets the secrets of a profile that is not there any more.
    async fn forgotten(&self, name: &str, profile: &Profile) -> Result<(), Failure> {
        let forgotten = self.secrets.forget(name, profile).await;
        forgotten.map_err(|failure| {
            let message = format!(
                "the profile {name} is gone, but its secrets are still kept: {}",
                failure.message
            );
            Failure::new(Failure::INCOMPLETE, message)
        })
    }

    pub(super) fn forget_token(&self, name: &str) {
        // There may be none, and one that stays is good for half an hour at most.
        if let Some(file) = self.places.token(name) {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// What became of a profile whose secret cannot be had, and the ways on.
pub(super) fn not_done(name: &str, failure: &Failure, what: &str) -> Failure {
    let message = format!(
        "profile {name} {what} and is as it was: {}; unlock or start what keeps its secret, or have it keep none with \
         org42 profile update {name} --no-password --clear totp",
        failure.message
    );
    Failure::new(failure.code, message)
}
