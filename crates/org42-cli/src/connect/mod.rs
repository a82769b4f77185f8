//! The connection to a tenant: that of a profile, one by its URL, or the embedded one. Belongs here: which tenant, as whom,
//! with which secret, and the client for that. Does not: what a command does with it.

mod access;
mod address;
mod credentials;
mod embedded;
mod login;
mod surroundings;
mod tenant;

use org42::{Client, ClientBuilder, LocalAccount};

use crate::args::Global;
use crate::env::Environment;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::profile::{Places, Profile, Profiles, Secrets};

use access::{Access, resolve};
use embedded::embedded;
use login::{Keeper, SecretOwner, asking, asking_for_codes};

pub(crate) use access::{Identity, NO_CODES, identity, of_profile};
pub(crate) use address::{same_url, shown_url};
pub(crate) use credentials::{
    AccessOptions, CodeSource, Credentials, Hidden, SecretSource, check_username, same_name,
};
pub(crate) use embedded::{default_data, in_directory, open, or_elsewhere, show_notes};
pub(crate) use surroundings::Surroundings;
pub(crate) use tenant::Tenant;

/// Connects to the tenant that the options, the environment or the default profile name.
pub(crate) async fn connect(global: &Global, printer: Printer) -> Result<Tenant, Failure> {
    let tenant = connect_by(global, SignIn::ByToken, false, printer).await?;
    Ok(tenant.allowing_partial(global.allow_partial))
}

/// How requests are authenticated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// With a token.
    ByToken,
    /// With name and password each time, for an authority's own routes: they answer whatever goes wrong with others.
    EachTime,
}

impl SignIn {
    fn apply(self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            Self::ByToken => builder,
            Self::EachTime => builder.basic(),
        }
    }
}

async fn connect_by(
    global: &Global,
    sign_in: SignIn,
    is_elsewhere: bool,
    printer: Printer,
) -> Result<Tenant, Failure> {
    let environment = Environment::of_process();
    let places = Places::of_user(&environment);
    let surroundings = Surroundings {
        environment: &environment,
        profiles: &|| Profiles::read(&places),
    };
    let access = resolve(&AccessOptions::of(global), surroundings)?;
    match access {
        // Refused before such a tenant is founded.
        Access::Embedded { .. } if is_elsewhere => Err(Failure::usage(
            "the embedded authority ends with this command: run org42 authority serve, and say which by --url or --profile",
        )),
        Access::Embedded { .. } if global.ca_bundle.is_some() => {
            let message =
                "the embedded tenant has no certificate: --ca-bundle goes with --url or --profile";
            Err(Failure::usage(message))
        }
        Access::Embedded { username } => {
            surroundings.show_unused(None, printer)?;
            embedded(&places, username.as_deref(), printer).await
        }
        Access::Url { url, flavor, who } => {
            surroundings.show_unused(Some(&who), printer)?;
            let builder = flavor
                .into_iter()
                .fold(builder(&url), ClientBuilder::flavor);
            let bundle = global.ca_bundle.iter();
            let builder = bundle.fold(builder, ClientBuilder::ca_bundle);
            let builder = global
                .silence
                .into_iter()
                .fold(builder, ClientBuilder::silence);
            let (builder, is_user) = signing_in(builder, who, &url, None, printer)?;
            let client = warned(sign_in.apply(builder).build()?, printer);
            let name = client.url().to_owned();
            Ok(Tenant::new(client, name, is_user, None, printer))
        }
        Access::Profile { name, profile, who } => {
            surroundings.show_unused(Some(&who), printer)?;
            let profile = profile.trusting(global.ca_bundle.as_deref());
            let profile = profile.silent_for(global.silence);
            with_profile(&places, &name, &profile, who, sign_in, printer)
        }
    }
}

/// Connects to the tenant of a profile. Secrets that are not at hand are looked for when a login needs them.
pub(crate) fn with_profile(
    places: &Places,
    name: &str,
    profile: &Profile,
    who: Credentials,
    sign_in: SignIn,
    printer: Printer,
) -> Result<Tenant, Failure> {
    let mut builder = builder(&profile.url).read_only(profile.read_only);
    if let Some(file) = places.token(name) {
        builder = builder.token_file(file);
    }
    if let Some(flavor) = &profile.flavor {
        builder = builder.flavor(flavor.parse()?);
    }
    if let Some(silence) = profile.silence()? {
        builder = builder.silence(silence);
    }
    if let Some(proxy) = &profile.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(file) = &profile.ca_bundle {
        builder = builder.ca_bundle(file);
    }
    let keeper = Keeper {
        secrets: Secrets::of(places, printer),
        name: name.to_owned(),
        profile: profile.clone(),
    };
    let (builder, is_user) = signing_in(builder, who, &profile.url, Some(keeper), printer)?;
    let client = warned(sign_in.apply(builder).build()?, printer);
    let shown_name = format!("profile {name} ({})", client.url());
    Ok(Tenant::new(client, shown_name, is_user, None, printer))
}

/// Returns the builder of a client with these credentials, and whether they are a person's.
fn signing_in(
    builder: ClientBuilder,
    who: Credentials,
    url: &str,
    keeper: Option<Keeper>,
    printer: Printer,
) -> Result<(ClientBuilder, bool), Failure> {
    match who {
        Credentials::Person {
            username,
            password,
            code,
        } => {
            let whose = SecretOwner::Person(username.clone(), url.to_owned());
            let account =
                LocalAccount::asking(username, asking(password, whose, keeper.clone(), printer));
            let account = match (code, keeper) {
                (CodeSource::Once(Hidden(code)), _) => account.totp(code),
                (CodeSource::Secret(Hidden(secret)), _) => account.totp_secret(secret)?,
                (CodeSource::Kept { at_hand }, Some(keeper)) => {
                    account.totp_secret_asking(asking_for_codes(keeper, at_hand, printer))
                }
                (CodeSource::Kept { .. } | CodeSource::None, _) => account,
            };
            Ok((builder.local_account(account), true))
        }
        Credentials::ApiClient { id, secret } => {
            let ask = asking(secret, SecretOwner::ApiClient(id.clone()), keeper, printer);
            Ok((builder.api_client_asking(id, ask), false))
        }
    }
}

/// Returns the builder of a client that says which program it belongs to.
pub(crate) fn builder(url: &str) -> ClientBuilder {
    Client::builder(url).user_agent_suffix(concat!("org42-cli/", env!("CARGO_PKG_VERSION")))
}

/// Warns where others on the network could read passwords.
fn warned(client: Client, printer: Printer) -> Client {
    if client.is_exposed() {
        // What the client has understood has no name and no password in it.
        let url = client.url();
        printer.warning(format_args!(
            "to {url} passwords travel without encryption, and others on the network can read them"
        ));
    }
    client
}

/// Connects to an authority, to use its own routes.
pub(crate) async fn authority(global: &Global, printer: Printer) -> Result<Tenant, Failure> {
    connect_by(global, SignIn::EachTime, false, printer).await
}

/// Connects to an authority that another process serves: what a test bench notes lives as long as that process.
pub(crate) async fn served_authority(global: &Global, printer: Printer) -> Result<Tenant, Failure> {
    connect_by(global, SignIn::EachTime, true, printer).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached_without_encryption_and_without_a_warning() {
        let is_exposed = |url: &str| {
            let client = builder(url).api_client("key-42", "s3cret").build();
            client.unwrap().is_exposed()
        };
        for url in [
            "http://127.0.0.1:4200",
            "http://[::1]:4200/x",
            "http://localhost",
            "https://a",
            "a.b",
        ] {
            assert!(!is_exposed(url), "{url}");
        }
        for url in [
            "http://console:4280",
            "http://10.0.0.1",
            "http://[fd00::1]:80",
        ] {
            assert!(is_exposed(url), "{url}");
        }
    }
}
