//! `org42 profile create`: makes a profile, and signs in to see that it works.

use super::about::{asked, signing_in, tested};
use super::context::ProfileCommands;
use crate::args::CreateProfile;
use crate::connect::{
    AccessOptions, CodeSource, Credentials, Hidden, Identity, NO_CODES, check_username, identity,
};
use crate::env::URL;
use crate::exit::{Exit, Failure};
use crate::input;
use crate::profile::Profile;

impl ProfileCommands<'_> {
    pub(super) async fn create(&self, args: CreateProfile) -> Result<(), Failure> {
        let name = args.name.as_str();
        let mut profile = self.described(&args)?;
        let totp = args.way.totp_secret_file.as_deref().map(input::secret);
        let totp = totp.transpose()?;
        // Refused before anybody is asked for a password.
        self.profiles()?.check_new(name)?;
        self.check(name, &profile, totp.as_deref())?;
        let test = !args.no_test;
        if test && args.way.secret.no_password {
            let who = self.signing_in_now(name, &profile, None, totp.as_deref())?;
            self.show_unused(&who)?;
        }
        if test && profile.flavor.is_none() {
            profile.flavor = Some(asked(&profile).await?.to_string());
        }
        let password = self.secret_of(name, &mut profile, &args.way.secret)?;
        if test {
            self.forget_token(name);
            let who = self.signing_in_now(name, &profile, password.as_deref(), totp.as_deref())?;
            let about = match self.tenant(name, &profile, who) {
                Ok(tenant) => tested(&tenant).await,
                Err(failure) => Err(failure),
            };
            let about = about.map_err(|failure| {
                self.forget_token(name);
                let failure = failure.under("no profile was made");
                match failure.exit {
                    Exit::Usage => failure,
                    _ => failure.advising("--no-test makes it without signing in"),
                }
            })?;
            self.printer
                .note(format_args!("signed in to {}", about["tenant"]));
        }
        let mut profiles = self.edit()?;
        // Another process may have been faster.
        profiles.check_new(name)?;
        let mut done = self.keep(name, &mut profile, password, totp).await;
        if done.is_ok() {
            done = profiles.add(name, profile.clone());
        }
        if done.is_ok() {
            done = profiles.write();
        }
        if let Err(failure) = done {
            // A secret, or a token, of no profile is nobody's.
            self.forget_token(name);
            return Err(match self.secrets.forget(name, &profile).await {
                Ok(()) => failure,
                Err(kept) => {
                    failure.advising(format!("its secret is still kept: {}", kept.clause()))
                }
            });
        }
        if profiles.default_name() == Some(name) {
            self.printer.note(format_args!(
                "{name} is the default now: commands without --profile go there; org42 profile use embedded takes it back"
            ));
        }
        self.print_one(&profiles, name)
    }

    /// Returns the profile that the arguments and the environment describe.
    fn described(&self, args: &CreateProfile) -> Result<Profile, Failure> {
        let usage = |message: &str| Failure::usage(message);
        let url = match &self.global.url {
            Some(url) => Some(url.clone()),
            None => self.environment.get(&URL)?,
        };
        let url = url.ok_or_else(|| usage("say where the tenant is: --url HOST"))?;
        let options = AccessOptions::of(self.global);
        let named = match (&args.way.api_client_id, options.username) {
            (Some(_), Some(_)) => Identity::Nobody,
            (Some(id), None) => Identity::ApiClient(id.clone()),
            (None, _) => identity(&options, &self.environment)?,
        };
        let (username, api_client_id) = match named {
            Identity::Person(username) => (Some(username), None),
            Identity::ApiClient(id) => (None, Some(id)),
            Identity::Nobody => {
                return Err(usage(
                    "say who signs in: --username NAME or --api-client-id ID, one of the two",
                ));
            }
        };
        check_username(username.as_deref())?;
        check_proxy(args.way.proxy.as_deref())?;
        if api_client_id.is_some() && options.totp.is_some() {
            return Err(usage(NO_CODES));
        }
        Ok(Profile {
            url,
            flavor: options.flavor.map(|flavor| flavor.to_string()),
            username,
            api_client_id,
            read_only: args.read_only,
            proxy: args.way.proxy.clone(),
            ca_bundle: self.global.ca_bundle.clone(),
            ..Profile::default()
        }
        .silent_for(self.global.silence))
    }

    /// Returns the credentials of the trial: those given, or else those that every command will use.
    fn signing_in_now(
        &self,
        name: &str,
        profile: &Profile,
        password: Option<&str>,
        totp: Option<&str>,
    ) -> Result<Credentials, Failure> {
        let options = AccessOptions::of(self.global);
        let mut who = match password {
            Some(password) => signing_in(name, profile, password.to_owned(), totp)?,
            None => {
                // The flavour is the new profile's own.
                let options = AccessOptions {
                    flavor: None,
                    ..options
                };
                self.caller(&options, name, profile)?
            }
        };
        if let Credentials::Person { code, .. } = &mut who {
            match (options.totp, totp) {
                (Some(once), _) => *code = CodeSource::Once(Hidden(once.to_owned())),
                (None, Some(secret)) => *code = CodeSource::Secret(Hidden(secret.to_owned())),
                (None, None) => {}
            }
        }
        Ok(who)
    }
}

/// Refuses the address of a proxy with a password in it: a profile keeps no secrets.
pub(super) fn check_proxy(proxy: Option<&str>) -> Result<(), Failure> {
    let has_password = proxy.is_some_and(|url| {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        authority.contains('@')
    });
    match has_password {
        true => Err(Failure::usage(
            "a proxy that wants a password is set in HTTPS_PROXY: a profile keeps no secrets",
        )),
        false => Ok(()),
    }
}
