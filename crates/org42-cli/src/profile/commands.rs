//! What `org42 profile …` does.

use org42::{Flavor, endpoints};
use serde_json::{Map, Value, json};

use super::file::SecretPlace;
use super::places::home;
use super::{EMBEDDED, Kind, Places, Profile, Profiles, Secrets, import};
use crate::access::{Code, Hidden, NO_CODES, Said, Source, Who, of_profile};
use crate::args::{self, Global, Output, Secret};
use crate::ask::prompt;
use crate::connect::{SignIn, Tenant, builder, with_profile};
use crate::environment::{Environment, PROFILE};
use crate::exit::Failure;
use crate::verbs::confirm;
use crate::{output, print, reading, say};

pub(crate) async fn run(command: args::Profile, global: &Global) -> Result<(), Failure> {
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
    async fn run(self, command: args::Profile) -> Result<(), Failure> {
        let form = self.global.output.unwrap_or(Output::Table);
        match command {
            args::Profile::Create(words) => self.create(words).await,
            args::Profile::Update(words) => self.update(words).await,
            args::Profile::List => {
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
            args::Profile::Show { name } => {
                let profiles = self.profiles()?;
                let name = self.named(&profiles, name)?;
                let profile = profiles.get(&name)?;
                print(&output::one(&document(&profiles, &name, profile), form)?)
            }
            args::Profile::Use { name } => {
                let mut profiles = self.edit()?;
                profiles.make_default(&name)?;
                profiles.write()?;
                say(&format!("{name} is the default now"));
                self.print_one(&profiles, &name)
            }
            args::Profile::Test { name } => {
                let profiles = self.profiles()?;
                let name = self.named(&profiles, name)?;
                let about = self.test(&name, profiles.get(&name)?.clone()).await?;
                print(&output::one(&about, form)?)
            }
            args::Profile::Rename { name, new } => {
                let mut profiles = self.edit()?;
                let profile = profiles.get(&name)?.clone();
                profiles.rename(&name, &new)?;
                let mut done = self.secrets.copy(&name, &new, &profile).await;
                if done.is_ok() {
                    done = profiles.write();
                }
                if let Err(failure) = done {
                    // A secret of no profile is nobody's.
                    self.secrets.forget(&new, &profile).await?;
                    return Err(failure);
                }
                self.forget_token(&name);
                self.forgotten(&name, &profile).await?;
                say(&format!("profile {name} is called {new} now"));
                self.print_one(&profiles, &new)
            }
            args::Profile::SetSecret {
                name,
                secret,
                totp_secret_file,
            } => {
                let totp = totp_secret_file.as_deref().map(reading::secret);
                let totp = totp.transpose()?;
                self.set_secret(&name, &secret, totp).await
            }
            args::Profile::Delete { name } => self.delete(&name).await,
            args::Profile::Import { from } => self.import(from),
        }
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
                asked_about.url,
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
        of_profile(&self.global.said(), &self.environment, name, &profile)?;
        let mut profile = profile;
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
        let who = of_profile(&self.global.said(), &self.environment, name, &profile)?;
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
        self.secrets.forget_moved(name, &old, &profile).await?;
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

/// What there is to say about a profile: no secret.
pub(super) fn document(profiles: &Profiles, name: &str, profile: &Profile) -> Map<String, Value> {
    let who = profile.username.as_ref().or(profile.api_client_id.as_ref());
    let fields = [
        ("name", json!(name)),
        ("default", json!(profiles.default_name() == Some(name))),
        ("url", json!(profile.url)),
        ("flavor", json!(profile.flavor)),
        ("signsInAs", json!(who)),
        ("apiClient", json!(profile.api_client_id.is_some())),
        ("secret", json!(profile.secret_place())),
        ("passwordCommand", json!(profile.password_command)),
        ("totp", json!(profile.totp)),
        ("readOnly", json!(profile.read_only)),
        ("proxy", json!(profile.proxy)),
        ("caBundle", json!(profile.ca_bundle)),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value));
    fields.into_iter().collect()
}

/// What is deleted together with a profile.
fn going_along(profile: &Profile) -> &'static str {
    match (profile.secret_place(), profile.totp) {
        (SecretPlace::Keyring, _) | (_, Some(SecretPlace::Keyring)) => {
            ", its secrets in the keyring and its token"
        }
        (SecretPlace::File, _) | (_, Some(SecretPlace::File)) => ", its secrets and its token",
        _ => " and its token",
    }
}

/// Who a profile signs in with a password, or a secret, that is at hand.
pub(super) fn signing_in(
    name: &str,
    profile: &Profile,
    password: String,
    totp: Option<&str>,
) -> Result<Who, Failure> {
    let none = Environment::none();
    let without_codes = Profile {
        totp: None,
        ..profile.clone()
    };
    match (
        of_profile(&Said::default(), &none, name, &without_codes)?,
        totp,
    ) {
        (Who::Person { username, .. }, totp) => Ok(Who::Person {
            username,
            password: Source::at_hand(Some(password)),
            code: match totp {
                Some(secret) => Code::Secret(Hidden(secret.to_owned())),
                None if profile.totp.is_some() => Code::Kept,
                None => Code::None,
            },
        }),
        (Who::ApiClient { .. }, Some(_)) => Err(Failure::new(Failure::USAGE, NO_CODES)),
        (Who::ApiClient { .. }, None) if profile.totp.is_some() => {
            Err(Failure::new(Failure::USAGE, NO_CODES))
        }
        (Who::ApiClient { id, .. }, None) => Ok(Who::ApiClient {
            id,
            secret: Source::at_hand(Some(password)),
        }),
    }
}

/// Asks the server of a profile which API it speaks.
pub(super) async fn asked(profile: &Profile) -> Result<Flavor, Failure> {
    let mut builder = builder(&profile.url);
    if let Some(proxy) = &profile.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(file) = &profile.ca_bundle {
        builder = builder.ca_bundle(file);
    }
    Ok(builder.detect_flavor().await?)
}

/// Signs in and says to what.
pub(super) async fn tested(tenant: &Tenant) -> Result<Map<String, Value>, Failure> {
    let customer = tenant.client.get(endpoints::CUSTOMER_MY, &[], &[]).await?;
    let mut about = Map::new();
    about.insert("url".to_owned(), json!(tenant.client.url()));
    let flavor = tenant.client.flavor().to_string();
    about.insert("flavor".to_owned(), json!(flavor));
    about.extend(named(&customer));
    Ok(about)
}

/// The tenant's name and id, which the gateway calls otherwise.
pub(crate) fn named(customer: &Value) -> Map<String, Value> {
    let uid = customer.get("tenantUid").or(customer.get("tenantId"));
    let mut named = Map::new();
    named.insert("tenant".to_owned(), customer["name"].clone());
    named.insert("tenantUid".to_owned(), uid.cloned().unwrap_or_default());
    named
}
