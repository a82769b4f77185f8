//! What `org42 profile …` does.

use org42::{Flavor, endpoints};
use serde_json::{Map, Value, json};

use super::file::SecretPlace;
use super::given::first_line;
use super::{Kind, Places, Profile, Profiles, Secrets, import};
use crate::args::{self, Global, Output, Secret};
use crate::connect::{SignIn, Tenant, builder, prompt, with_profile};
use crate::exit::Failure;
use crate::{output, print, say};

pub(crate) async fn run(command: args::Profile, global: &Global) -> Result<(), Failure> {
    if global.dry_run {
        let message = "profiles are this user's own; there is no dry run of them";
        return Err(Failure::new(Failure::USAGE, message));
    }
    let places = Places::of_user()?;
    let desk = Desk {
        profiles: Profiles::read(&places.config)?,
        secrets: Secrets::of(&places),
        places,
        global,
    };
    desk.run(command).await
}

/// Where a profile command works.
struct Desk<'a> {
    profiles: Profiles,
    secrets: Secrets,
    places: Places,
    global: &'a Global,
}

impl Desk<'_> {
    async fn run(mut self, command: args::Profile) -> Result<(), Failure> {
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
                let (Some(url), username) = (self.global.url.clone(), self.global.username.clone())
                else {
                    let message = "say where the tenant is: --url HOST";
                    return Err(Failure::new(Failure::USAGE, message));
                };
                if username.is_some() == api_client_id.is_some() {
                    let message =
                        "say who signs in: --username NAME or --api-client-id ID, one of the two";
                    return Err(Failure::new(Failure::USAGE, message));
                }
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
                let totp = totp_secret_file.as_deref().map(first_line).transpose()?;
                self.create(&name, profile, &secret, totp, !no_test).await
            }
            args::Profile::List => {
                let rows: Vec<Value> = (self.profiles.iter())
                    .map(|(name, profile)| Value::Object(self.document(name, profile)))
                    .collect();
                if rows.is_empty() {
                    say("no profiles; see org42 profile create --help");
                }
                let columns = &["name", "default", "url", "signsInAs", "secret", "readOnly"];
                print(&output::rows(columns, &rows, form)?)
            }
            args::Profile::Show { name } => {
                let name = self.named(name)?;
                let profile = self.profiles.get(&name)?;
                print(&output::one(&self.document(&name, profile), form)?)
            }
            args::Profile::Use { name } => {
                self.profiles.make_default(&name)?;
                self.profiles.write()?;
                say(&format!("{name} is the default now"));
                Ok(())
            }
            args::Profile::Test { name } => {
                let name = self.named(name)?;
                let profile = self.profiles.get(&name)?.clone();
                let password = self.secrets.get(&name, &profile, Kind::Password).await?;
                let totp = self.secrets.get(&name, &profile, Kind::Totp).await?;
                let tenant = with_profile(
                    self.global,
                    &self.places,
                    &name,
                    &profile,
                    password,
                    totp,
                    SignIn::ByToken,
                )?;
                print(&output::one(&tested(&tenant).await?, form)?)
            }
            args::Profile::Rename { name, new } => {
                let profile = self.profiles.get(&name)?.clone();
                self.profiles.rename(&name, &new)?;
                self.secrets.rename(&name, &new, &profile).await?;
                self.profiles.write()?;
                self.forget_token(&name);
                say(&format!("profile {name} is called {new} now"));
                Ok(())
            }
            args::Profile::SetSecret { name, secret } => {
                let profile = self.profiles.get(&name)?.clone();
                let new = self.secret_of(&name, profile.clone(), &secret)?;
                self.forget_token(&name);
                self.keep(&name, new.0, new.1, None).await
            }
            args::Profile::Delete { name } => {
                let profile = self.profiles.remove(&name)?;
                self.secrets.forget(&name, &profile).await?;
                self.profiles.write()?;
                self.forget_token(&name);
                say(&format!("profile {name} and its secrets are gone"));
                Ok(())
            }
            args::Profile::Import { from } => self.import(from),
        }
    }

    /// The profile that is meant when none is named.
    fn named(&self, name: Option<String>) -> Result<String, Failure> {
        let name = name
            .or_else(|| self.global.profile.clone())
            .or_else(|| self.profiles.default_name().map(str::to_owned));
        name.ok_or_else(|| {
            let message = "no profile is the default, so the embedded authority is: name a profile";
            Failure::new(Failure::USAGE, message)
        })
    }

    async fn create(
        &mut self,
        name: &str,
        profile: Profile,
        secret: &Secret,
        totp: Option<String>,
        test: bool,
    ) -> Result<(), Failure> {
        // Refused before anybody is asked for a password.
        self.profiles.add(name, profile.clone())?;
        let mut profile = profile;
        if test && profile.flavor.is_none() {
            profile.flavor = Some(asked(&profile).await?.to_string());
        }
        let (profile, password) = self.secret_of(name, profile, secret)?;
        if test {
            let got = match &password {
                Some(password) => Some(password.clone()),
                None => self.secrets.get(name, &profile, Kind::Password).await?,
            };
            let tenant = with_profile(
                self.global,
                &self.places,
                name,
                &profile,
                got,
                totp.clone(),
                SignIn::ByToken,
            );
            let about = match tenant {
                Ok(tenant) => tested(&tenant).await,
                Err(failure) => Err(failure),
            };
            let about = about.map_err(|failure| {
                let message = format!(
                    "{}\nno profile was made; --no-test makes it without signing in",
                    failure.message
                );
                Failure::new(failure.code, message)
            })?;
            say(&format!("signed in to {}", about["tenant"]));
        }
        self.keep(name, profile, password, totp).await?;
        if self.profiles.default_name() == Some(name) {
            say(&format!(
                "{name} is the default now: commands without --profile go there; org42 profile use embedded takes it back"
            ));
        }
        Ok(())
    }

    /// The profile with the place of its secret, and the secret if it is to be kept.
    fn secret_of(
        &self,
        name: &str,
        mut profile: Profile,
        given: &Secret,
    ) -> Result<(Profile, Option<String>), Failure> {
        profile.password_command.clone_from(&given.password_command);
        let mut password = None;
        profile.secret = if given.password_command.is_some() {
            SecretPlace::Command
        } else if given.no_password {
            SecretPlace::Ask
        } else {
            password = Some(match given.read()? {
                Some(given) => given,
                None => prompt("Password or secret", &format!("profile {name}"))?,
            });
            // Where it really is, is known once it is kept.
            SecretPlace::Ask
        };
        Ok((profile, password))
    }

    /// Keeps the secrets, and then the profile that says where they are.
    async fn keep(
        &mut self,
        name: &str,
        mut profile: Profile,
        password: Option<String>,
        totp: Option<String>,
    ) -> Result<(), Failure> {
        if let Some(password) = password {
            profile.secret = self.secrets.keep(name, Kind::Password, password).await?;
        }
        if let Some(totp) = totp {
            profile.totp = Some(self.secrets.keep(name, Kind::Totp, totp).await?);
        }
        say(&match profile.secret {
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
        self.profiles.put(name, profile);
        self.profiles.write()
    }

    fn import(&mut self, from: import::Tool) -> Result<(), Failure> {
        let home = etcetera::home_dir()
            .map_err(|error| Failure::new(1, format!("cannot tell the home directory: {error}")))?;
        let found = import::read(from, &home)?;
        let had_default = self.profiles.default_name().is_some();
        let mut taken = 0;
        for (name, profile) in found.profiles {
            match self.profiles.add(&name, profile) {
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
        if let Some(default) = found.default.filter(|_| !had_default) {
            // A default that was left out stays the other tool's alone.
            let _ = self.profiles.make_default(&default);
        }
        if taken == 0 {
            return Err(Failure::new(1, "no profile was taken over"));
        }
        self.profiles.write()?;
        say(
            "their secrets stay where they are: org42 asks for them, or keep them with org42 profile set-secret NAME",
        );
        Ok(())
    }

    /// What there is to say about a profile: no secret.
    fn document(&self, name: &str, profile: &Profile) -> Map<String, Value> {
        let who = profile.username.as_ref().or(profile.api_client_id.as_ref());
        let mut document = Map::new();
        let is_default = self.profiles.default_name() == Some(name);
        document.insert("name".to_owned(), json!(name));
        document.insert("default".to_owned(), json!(is_default));
        document.insert("url".to_owned(), json!(profile.url));
        document.insert("flavor".to_owned(), json!(profile.flavor));
        document.insert("signsInAs".to_owned(), json!(who));
        document.insert(
            "apiClient".to_owned(),
            json!(profile.api_client_id.is_some()),
        );
        document.insert("secret".to_owned(), json!(profile.secret));
        document.insert(
            "passwordCommand".to_owned(),
            json!(profile.password_command),
        );
        document.insert("totp".to_owned(), json!(profile.totp));
        document.insert("readOnly".to_owned(), json!(profile.read_only));
        document.insert("proxy".to_owned(), json!(profile.proxy));
        document.insert("caBundle".to_owned(), json!(profile.ca_bundle));
        document
    }

    fn forget_token(&self, name: &str) {
        // There may be none, and one that stays is good for half an hour at most.
        let _ = std::fs::remove_file(self.places.token(name));
    }
}

/// Asks the server of a profile which API it speaks.
async fn asked(profile: &Profile) -> Result<Flavor, Failure> {
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
