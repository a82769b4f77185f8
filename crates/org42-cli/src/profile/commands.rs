//! What `org42 profile …` does.

use org42::{Flavor, endpoints};
use serde_json::{Map, Value, json};

use super::file::SecretPlace;
use super::given::first_line;
use super::{Kind, Places, Profile, Profiles, Secrets, import};
use crate::args::{self, Global, Output, Secret};
use crate::ask::prompt;
use crate::connect::{Given, SignIn, Tenant, builder, variable, with_profile};
use crate::exit::Failure;
use crate::{output, print, say};

pub(crate) async fn run(command: args::Profile, global: &Global) -> Result<(), Failure> {
    if global.dry_run {
        let message = "profiles are this user's own; there is no dry run of them";
        return Err(Failure::new(Failure::USAGE, message));
    }
    let places = Places::of_user()?;
    let desk = Desk {
        secrets: Secrets::of(&places),
        places,
        global,
    };
    desk.run(command).await
}

/// Where a profile command works.
struct Desk<'a> {
    secrets: Secrets,
    places: Places,
    global: &'a Global,
}

/// What a profile is made from, beside the profile.
struct New<'a> {
    secret: &'a Secret,
    totp: Option<String>,
    test: bool,
}

impl Desk<'_> {
    async fn run(self, command: args::Profile) -> Result<(), Failure> {
        let form = self.global.output.unwrap_or(Output::Table);
        match command {
            args::Profile::Create {
                name,
                api_client_id,
                secret,
                totp_secret_file,
                read_only,
                proxy,
                ca_bundle,
                no_test,
            } => {
                let url = self.global.url.clone().or_else(|| variable("ORG42_URL"));
                let url = url.ok_or_else(|| {
                    Failure::new(Failure::USAGE, "say where the tenant is: --url HOST")
                })?;
                let username = match (&self.global.username, &api_client_id) {
                    (None, None) => variable("ORG42_USERNAME"),
                    (given, _) => given.clone(),
                };
                if username.is_some() == api_client_id.is_some() {
                    let message =
                        "say who signs in: --username NAME or --api-client-id ID, one of the two";
                    return Err(Failure::new(Failure::USAGE, message));
                }
                check_username(username.as_deref())?;
                check_proxy(proxy.as_deref())?;
                let flavor = self.global.flavor.map(|flavor| flavor.to_string());
                let profile = Profile {
                    url,
                    flavor,
                    username,
                    api_client_id,
                    read_only,
                    proxy,
                    ca_bundle,
                    ..Profile::default()
                };
                let new = New {
                    secret: &secret,
                    totp: totp_secret_file.as_deref().map(first_line).transpose()?,
                    test: !no_test,
                };
                self.create(&name, profile, new).await
            }
            args::Profile::List => {
                let profiles = self.profiles()?;
                let rows: Vec<Value> = profiles
                    .iter()
                    .map(|(name, profile)| Value::Object(document(&profiles, name, profile)))
                    .collect();
                if rows.is_empty() {
                    say("no profiles; see org42 profile create --help");
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
                Ok(())
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
                Ok(())
            }
            args::Profile::SetSecret {
                name,
                secret,
                totp_secret_file,
            } => {
                let totp = totp_secret_file.as_deref().map(first_line).transpose()?;
                self.set_secret(&name, &secret, totp).await
            }
            args::Profile::Delete { name } => {
                let mut profiles = self.edit()?;
                let was_default = profiles.default_name() == Some(&name);
                let profile = profiles.remove(&name)?;
                profiles.write()?;
                self.forget_token(&name);
                self.forgotten(&name, &profile).await?;
                say(&format!("profile {name} and its secrets are gone"));
                if was_default {
                    say(
                        "it was the default: commands without --profile use the embedded authority now",
                    );
                }
                Ok(())
            }
            args::Profile::Import { from } => self.import(from),
        }
    }

    /// The profiles as they are.
    fn profiles(&self) -> Result<Profiles, Failure> {
        Profiles::read(&self.places.config)
    }

    /// The profiles, which no other process changes meanwhile.
    fn edit(&self) -> Result<Profiles, Failure> {
        Profiles::edit(&self.places.config)
    }

    /// The profile that is meant when none is named.
    fn named(&self, profiles: &Profiles, name: Option<String>) -> Result<String, Failure> {
        let name = name
            .or_else(|| self.global.profile.clone())
            .or_else(|| variable("ORG42_PROFILE"))
            .or_else(|| profiles.default_name().map(str::to_owned));
        name.ok_or_else(|| {
            let message = "no profile is the default, so the embedded authority is: name a profile";
            Failure::new(Failure::USAGE, message)
        })
    }

    async fn create(&self, name: &str, profile: Profile, new: New<'_>) -> Result<(), Failure> {
        // Refused before anybody is asked for a password.
        self.profiles()?.check_new(name)?;
        let mut profile = profile;
        // Builds a client and sends nothing: what no client can be made of is no profile.
        let connect = |profile: &Profile, password: Option<String>| {
            with_profile(
                self.global,
                &self.places,
                name,
                profile,
                Given {
                    password,
                    totp: new.totp.clone(),
                },
                SignIn::ByToken,
            )
        };
        connect(&profile, Some(String::new()))?;
        if new.test && profile.flavor.is_none() {
            profile.flavor = Some(asked(self.global, &profile).await?.to_string());
        }
        let password = self.secret_of(name, &mut profile, new.secret)?;
        if new.test {
            self.forget_token(name);
            let about = match connect(&profile, password.clone()) {
                Ok(tenant) => tested(&tenant).await,
                Err(failure) => Err(failure),
            };
            let about = about.map_err(|failure| {
                self.forget_token(name);
                let otherwise = match failure.code {
                    Failure::USAGE => "",
                    _ => "; --no-test makes it without signing in",
                };
                let message = format!("{}\nno profile was made{otherwise}", failure.message);
                Failure::new(failure.code, message)
            })?;
            say(&format!("signed in to {}", about["tenant"]));
        }
        let mut profiles = self.edit()?;
        // Somebody may have been faster.
        profiles.check_new(name)?;
        let mut done = self
            .keep(name, &mut profile, password, new.totp.clone())
            .await;
        if done.is_ok() {
            done = profiles.add(name, profile.clone());
        }
        if done.is_ok() {
            done = profiles.write();
        }
        if let Err(failure) = done {
            // A secret, or a token, of no profile is nobody's.
            self.forget_token(name);
            self.secrets.forget(name, &profile).await?;
            return Err(failure);
        }
        if profiles.default_name() == Some(name) {
            say(&format!(
                "{name} is the default now: commands without --profile go there; org42 profile use embedded takes it back"
            ));
        }
        Ok(())
    }

    /// Asks the server what it speaks, signs in anew, and keeps what it speaks.
    async fn test(&self, name: &str, profile: Profile) -> Result<Map<String, Value>, Failure> {
        let mut profile = profile;
        let flavor = match (asked(self.global, &profile).await, &profile.flavor) {
            (Ok(flavor), _) => Some(flavor.to_string()),
            // What was said once counts where the server does not tell.
            (Err(failure), Some(known)) if failure.code == Failure::CONFLICT => Some(known.clone()),
            (Err(failure), _) => return Err(failure),
        };
        if profile.flavor != flavor {
            let mut profiles = self.edit()?;
            let mut kept = profiles.get(name)?.clone();
            kept.flavor.clone_from(&flavor);
            profiles.put(name, kept);
            profiles.write()?;
            profile.flavor = flavor;
        }
        self.forget_token(name);
        let tenant = with_profile(
            self.global,
            &self.places,
            name,
            &profile,
            Given::default(),
            SignIn::ByToken,
        )?;
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
        let given = Given {
            password: Some(String::new()),
            totp: totp.clone(),
        };
        // What no client can be made of is not kept.
        with_profile(
            self.global,
            &self.places,
            name,
            &asked,
            given,
            SignIn::ByToken,
        )?;
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
        profiles.put(name, profile.clone());
        profiles.write()?;
        self.forget_token(name);
        self.secrets.forget_moved(name, &old, &profile).await
    }

    /// The secret if it is to be kept; the profile is told where it comes from otherwise.
    fn secret_of(
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
    async fn keep(
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
                self.secrets.file().display()
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
        let home = etcetera::home_dir()
            .map_err(|error| Failure::new(1, format!("cannot tell the home directory: {error}")))?;
        let found = import::read(from, &home)?;
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

    fn forget_token(&self, name: &str) {
        // There may be none, and one that stays is good for half an hour at most.
        let _ = std::fs::remove_file(self.places.token(name));
    }
}

/// What there is to say about a profile: no secret.
fn document(profiles: &Profiles, name: &str, profile: &Profile) -> Map<String, Value> {
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

/// No header carries a name with a colon, and nobody is called nothing.
pub(crate) fn check_username(name: Option<&str>) -> Result<(), Failure> {
    match name {
        Some(name) if name.is_empty() || name.contains(':') => {
            let message =
                format!("{name:?} cannot sign in: a user name is not empty and has no colon");
            Err(Failure::new(Failure::USAGE, message))
        }
        _ => Ok(()),
    }
}

/// A profile has no secrets, and neither has the address of its proxy.
fn check_proxy(proxy: Option<&str>) -> Result<(), Failure> {
    let has_password = proxy.is_some_and(|url| {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        authority.contains('@')
    });
    match has_password {
        true => Err(Failure::new(
            Failure::USAGE,
            "a proxy that wants a password is set in HTTPS_PROXY: a profile keeps no secrets",
        )),
        false => Ok(()),
    }
}

/// Asks the server of a profile which API it speaks.
async fn asked(global: &Global, profile: &Profile) -> Result<Flavor, Failure> {
    let mut builder = builder(&profile.url);
    if let Some(proxy) = &profile.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(file) = global.ca_bundle.as_ref().or(profile.ca_bundle.as_ref()) {
        builder = builder.ca_bundle(file);
    }
    Ok(builder.detect_flavor().await?)
}

/// Signs in and says to what.
async fn tested(tenant: &Tenant) -> Result<Map<String, Value>, Failure> {
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
