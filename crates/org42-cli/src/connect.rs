//! Which tenant: one of a profile, one by its URL, or the embedded one.

use org42::{Client, ClientBuilder, LocalAccount, endpoints};
use tokio::sync::OnceCell;

use crate::access::{Access, Code, Hidden, Who, resolve};
use crate::args::Global;
use crate::around::Around;
use crate::ask::{Keeper, Whose, asking, asking_for_codes};
use crate::embedded::{Embedded, embedded};
use crate::environment::Environment;
use crate::exit::Failure;
use crate::forest::Forest;
use crate::profile::{Places, Profile, Profiles, Secrets};
use crate::progress::shown;
use crate::say;

/// A client, and the server behind it where that is embedded.
pub(crate) struct Tenant {
    pub(crate) client: Client,
    /// The tenant's name for people.
    pub(crate) name: String,
    pub(crate) is_user: bool,
    forest: OnceCell<Forest>,
    title: OnceCell<String>,
    /// What ends when this is dropped.
    _embedded: Option<Embedded>,
}

impl Tenant {
    pub(crate) fn new(
        client: Client,
        name: String,
        is_user: bool,
        embedded: Option<Embedded>,
    ) -> Self {
        Self {
            client,
            name,
            is_user,
            forest: OnceCell::new(),
            title: OnceCell::new(),
            _embedded: embedded,
        }
    }

    /// The name for those who are asked whether to change it: with what the tenant calls itself, since many have one
    /// address.
    pub(crate) async fn title(&self) -> &str {
        let read = || async {
            let customer = self.client.get(endpoints::CUSTOMER_MY, &[], &[]).await;
            // Who may not read that is told the address alone.
            match customer
                .as_ref()
                .ok()
                .and_then(|told| told["name"].as_str())
            {
                Some(name) => format!("{name:?}, {}", self.name),
                None => self.name.clone(),
            }
        };
        self.title.get_or_init(read).await
    }

    /// The whole listing, read once; the client learns the ids from it too.
    pub(crate) async fn forest(&self) -> Result<&Forest, Failure> {
        let read = || async {
            let what = format!("listing the organizations of {}", self.name);
            let orgs = shown(what, self.client.orgs().get_all().orgs().collect()).await?;
            self.client.orgs().set_org_id_map(orgs.iter().collect());
            Ok(Forest::new(orgs))
        };
        self.forest.get_or_try_init(read).await
    }
}

pub(crate) async fn connect(global: &Global) -> Result<Tenant, Failure> {
    connect_by(global, SignIn::ByToken, false).await
}

/// How requests say who sends them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignIn {
    ByToken,
    /// With name and password each, for an authority's own routes: they answer whatever goes wrong with others.
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
) -> Result<Tenant, Failure> {
    let environment = Environment::of_process();
    let places = Places::of_user(&environment);
    let around = Around {
        environment: &environment,
        profiles: &|| Profiles::read(&places),
    };
    let access = resolve(&global.said(), around)?;
    match access {
        // Refused before such a tenant is founded.
        Access::Embedded { .. } if is_elsewhere => Err(Failure::new(
            Failure::USAGE,
            "the embedded authority ends with this command: run org42 authority serve, and say which by --url or --profile",
        )),
        Access::Embedded { .. } if global.ca_bundle.is_some() => {
            let message =
                "the embedded tenant has no certificate: --ca-bundle goes with --url or --profile";
            Err(Failure::new(Failure::USAGE, message))
        }
        Access::Embedded { username } => {
            around.tell_unused(None)?;
            embedded(&places, username.as_deref()).await
        }
        Access::Url { url, flavor, who } => {
            around.tell_unused(Some(&who))?;
            let builder = flavor
                .into_iter()
                .fold(builder(&url), ClientBuilder::flavor);
            let bundle = global.ca_bundle.iter();
            let builder = bundle.fold(builder, ClientBuilder::ca_bundle);
            let (builder, is_user) = signing_in(builder, who, &url, None)?;
            let client = warned(sign_in.apply(builder).build()?);
            let name = client.url().to_owned();
            Ok(Tenant::new(client, name, is_user, None))
        }
        Access::Profile { name, profile, who } => {
            around.tell_unused(Some(&who))?;
            let profile = profile.trusting(global.ca_bundle.as_deref());
            with_profile(&places, &name, &profile, who, sign_in)
        }
    }
}

/// Connects as a profile says; what is not given of its secrets is looked for when a login needs it.
pub(crate) fn with_profile(
    places: &Places,
    name: &str,
    profile: &Profile,
    who: Who,
    sign_in: SignIn,
) -> Result<Tenant, Failure> {
    let mut builder = builder(&profile.url).read_only(profile.read_only);
    if let Some(file) = places.token(name) {
        builder = builder.token_file(file);
    }
    if let Some(flavor) = &profile.flavor {
        builder = builder.flavor(flavor.parse()?);
    }
    if let Some(proxy) = &profile.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(file) = &profile.ca_bundle {
        builder = builder.ca_bundle(file);
    }
    let keeper = Keeper {
        secrets: Secrets::of(places),
        name: name.to_owned(),
        profile: profile.clone(),
    };
    let (builder, is_user) = signing_in(builder, who, &profile.url, Some(keeper))?;
    let client = warned(sign_in.apply(builder).build()?);
    let shown_name = format!("profile {name} ({})", client.url());
    Ok(Tenant::new(client, shown_name, is_user, None))
}

/// The builder of a client that signs in as this one, and whether that is a person.
fn signing_in(
    builder: ClientBuilder,
    who: Who,
    url: &str,
    keeper: Option<Keeper>,
) -> Result<(ClientBuilder, bool), Failure> {
    match who {
        Who::Person {
            username,
            password,
            code,
        } => {
            let whose = Whose::Person(username.clone(), url.to_owned());
            let account = LocalAccount::asking(username, asking(password, whose, keeper.clone()));
            let account = match (code, keeper) {
                (Code::Once(Hidden(code)), _) => account.totp(code),
                (Code::Secret(Hidden(secret)), _) => account.totp_secret(secret)?,
                (Code::Kept { at_hand }, Some(keeper)) => {
                    account.totp_secret_asking(asking_for_codes(keeper, at_hand))
                }
                (Code::Kept { .. } | Code::None, _) => account,
            };
            Ok((builder.local_account(account), true))
        }
        Who::ApiClient { id, secret } => {
            let ask = asking(secret, Whose::ApiClient(id.clone()), keeper);
            Ok((builder.api_client_asking(id, ask), false))
        }
    }
}

pub(crate) fn builder(url: &str) -> ClientBuilder {
    Client::builder(url).user_agent_suffix(concat!("org42-cli/", env!("CARGO_PKG_VERSION")))
}

/// Warns where passwords could be read on the way.
fn warned(client: Client) -> Client {
    // What the client has understood has no name and no password in it.
    let url = client.url();
    if is_open(url) {
        say(&format!(
            "org42: warning: to {url} passwords travel without encryption, and others on the network can read them"
        ));
    }
    client
}

/// Whether passwords could be read on the way.
fn is_open(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host
        .parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    !is_loopback && host != "localhost"
}

/// Connects to an authority to use its own routes.
pub(crate) async fn bench(global: &Global) -> Result<Tenant, Failure> {
    connect_by(global, SignIn::EachTime, false).await
}

/// Connects to a tenant that is served by another process: what a test bench notes lives as long as that.
pub(crate) async fn served(global: &Global) -> Result<Tenant, Failure> {
    connect_by(global, SignIn::EachTime, true).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached_without_encryption_and_without_a_warning() {
        for url in [
            "http://127.0.0.1:4200",
            "http://[::1]:4200/x",
            "http://localhost",
            "https://a",
            "a.b",
        ] {
            assert!(!is_open(url), "{url}");
        }
        for url in [
            "http://console:4280",
            "http://10.0.0.1",
            "http://[fd00::1]:80",
        ] {
            assert!(is_open(url), "{url}");
        }
    }
}
