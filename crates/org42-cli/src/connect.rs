//! Which tenant: one of a profile, one by its URL, or the embedded one.

use org42::{Client, ClientBuilder, LocalAccount, endpoints};
use tokio::sync::OnceCell;

use crate::args::Global;
use crate::ask::{ask_password, asking, one_time_code};
use crate::embedded::{Embedded, embedded};
use crate::exit::Failure;
use crate::forest::Forest;
use crate::profile::{EMBEDDED, Kind, Places, Profile, Profiles};
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
    embedded: Option<Embedded>,
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
            embedded,
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

/// An environment variable that is there and not empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Which tenant is meant, from what stands nearest: options, then variables, then the default profile.
enum Choice {
    Profile(String),
    Url(String),
    Embedded,
}

fn choice(global: &Global, profiles: &Profiles) -> Result<Choice, Failure> {
    if let Some(url) = &global.url {
        return Ok(Choice::Url(url.clone()));
    }
    let usage = |message: &str| Err(Failure::new(Failure::USAGE, message));
    let named = match (
        &global.profile,
        variable("ORG42_PROFILE"),
        variable("ORG42_URL"),
    ) {
        (Some(name), ..) => Some(name.clone()),
        (None, Some(_), Some(_)) => {
            return usage(
                "ORG42_PROFILE and ORG42_URL are both set: say which by --profile or --url",
            );
        }
        (None, None, Some(url)) => return Ok(Choice::Url(url)),
        (None, named, None) => named.or_else(|| profiles.default_name().map(str::to_owned)),
    };
    match named {
        Some(name) if name == EMBEDDED => Ok(Choice::Embedded),
        Some(name) => Ok(Choice::Profile(name)),
        None if username(global).is_some() || variable("ORG42_API_CLIENT_ID").is_some() => usage(
            "there are credentials but no tenant: give --url, set ORG42_URL, or make a profile",
        ),
        None => Ok(Choice::Embedded),
    }
}

fn username(global: &Global) -> Option<String> {
    global
        .username
        .clone()
        .or_else(|| variable("ORG42_USERNAME"))
}

pub(crate) async fn connect(global: &Global) -> Result<Tenant, Failure> {
    connect_by(global, SignIn::ByToken).await
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

async fn connect_by(global: &Global, sign_in: SignIn) -> Result<Tenant, Failure> {
    let places = Places::of_user()?;
    let profiles = Profiles::read(&places.config)?;
    match choice(global, &profiles)? {
        Choice::Url(url) => at_url(global, &url, sign_in),
        Choice::Profile(name) => {
            let profile = profiles.get(&name)?;
            if global.username.is_some() || global.flavor.is_some() {
                let message = "a profile says who signs in, and to what: --username and --flavor go with --url";
                return Err(Failure::new(Failure::USAGE, message));
            }
            with_profile(global, &places, &name, profile, Given::default(), sign_in)
        }
        Choice::Embedded => embedded().await,
    }
}

/// The secrets of a profile, where they are at hand.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) password: Option<String>,
    pub(crate) totp: Option<String>,
}

/// Connects as a profile says; what is not given of its secrets is looked for when a login needs it.
pub(crate) fn with_profile(
    global: &Global,
    places: &Places,
    name: &str,
    profile: &Profile,
    given: Given,
    sign_in: SignIn,
) -> Result<Tenant, Failure> {
    let Given { password, totp } = given;
    let mut builder = builder(&profile.url)
        .read_only(profile.read_only)
        .token_file(places.token(name));
    if let Some(flavor) = &profile.flavor {
        builder = builder.flavor(flavor.parse()?);
    }
    if let Some(proxy) = &profile.proxy {
        builder = builder.proxy(proxy);
    }
    if let Some(file) = &profile.ca_bundle {
        builder = builder.ca_bundle(file);
    }
    let (builder, is_user) = match (&profile.username, &profile.api_client_id) {
        (Some(username), None) => {
            let account = match password {
                Some(password) => LocalAccount::new(username, password),
                None => {
                    LocalAccount::asking(username, asking(places, name, profile, Kind::Password))
                }
            };
            let account = match (one_time_code(global), totp) {
                (Some(code), _) => account.totp(code),
                (None, Some(secret)) => account.totp_secret(secret)?,
                (None, None) if profile.totp.is_some() => {
                    account.totp_secret_asking(asking(places, name, profile, Kind::Totp))
                }
                (None, None) => account,
            };
            (builder.local_account(account), true)
        }
        (None, Some(_))
            if totp.is_some() || profile.totp.is_some() || one_time_code(global).is_some() =>
        {
            let message = "an API client signs in without one-time codes";
            return Err(Failure::new(Failure::USAGE, message));
        }
        (None, Some(id)) => {
            let builder = match password {
                Some(secret) => builder.api_client(id, secret),
                None => {
                    let ask = asking(places, name, profile, Kind::Password);
                    builder.api_client_asking(id, ask)
                }
            };
            (builder, false)
        }
        _ => {
            let message =
                format!("profile {name} needs a username or an api_client_id, one of the two");
            return Err(Failure::new(Failure::USAGE, message));
        }
    };
    let client = warned(sign_in.apply(builder).build()?);
    let shown_name = format!("profile {name} ({})", client.url());
    Ok(Tenant::new(client, shown_name, is_user, None))
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

fn at_url(global: &Global, url: &str, sign_in: SignIn) -> Result<Tenant, Failure> {
    let mut builder = builder(url);
    if let Some(flavor) = global.flavor {
        builder = builder.flavor(flavor);
    }
    let api_client = variable("ORG42_API_CLIENT_ID").zip(variable("ORG42_API_CLIENT_SECRET"));
    let (builder, is_user) = match (username(global), api_client) {
        (Some(username), _) => {
            let account = LocalAccount::new(&username, ask_password(&username, url)?);
            let account = match one_time_code(global) {
                Some(code) => account.totp(code),
                None => account,
            };
            (builder.local_account(account), true)
        }
        (None, Some(_)) if global.totp.is_some() => {
            let message =
                "an API client signs in without one-time codes; --totp goes with --username";
            return Err(Failure::new(Failure::USAGE, message));
        }
        (None, Some((id, secret))) => (builder.api_client(id, secret), false),
        (None, None) if variable("ORG42_API_CLIENT_ID").is_some() => {
            let message = "ORG42_API_CLIENT_ID is set and ORG42_API_CLIENT_SECRET is not";
            return Err(Failure::new(Failure::NOT_ALLOWED, message));
        }
        (None, None) => {
            let message = "no credentials: set ORG42_USERNAME and ORG42_PASSWORD, or ORG42_API_CLIENT_ID and \
                           ORG42_API_CLIENT_SECRET";
            return Err(Failure::new(Failure::NOT_ALLOWED, message));
        }
    };
    let client = warned(sign_in.apply(builder).build()?);
    let name = client.url().to_owned();
    Ok(Tenant::new(client, name, is_user, None))
}

/// Connects to an authority to use its own routes.
pub(crate) async fn bench(global: &Global) -> Result<Tenant, Failure> {
    connect_by(global, SignIn::EachTime).await
}

/// Connects to a tenant that is served by another process: what a test bench notes lives as long as that.
pub(crate) async fn served(global: &Global) -> Result<Tenant, Failure> {
    let tenant = connect_by(global, SignIn::EachTime).await?;
    match tenant.embedded {
        None => Ok(tenant),
        Some(_) => Err(Failure::new(
            Failure::USAGE,
            "the embedded authority ends with this command: run org42 authority serve, and say which by --url or --profile",
        )),
    }
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
