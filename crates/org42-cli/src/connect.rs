//! Which tenant: a real one by its URL, or the embedded one.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use org42::{Client, LocalAccount};
use org42_authority::store::OrgKey;
use org42_authority::tenant::{PageOf, UserQuery};
use org42_authority::{Authority, DEFAULT_ADMIN, Options, Running, Sample, StartError};
use tokio::sync::OnceCell;

use crate::args::Global;
use crate::exit::Failure;
use crate::forest::Forest;
use crate::progress::shown;
use crate::say;

/// A client, and the server behind it where that is embedded.
pub(crate) struct Tenant {
    pub(crate) client: Client,
    /// The tenant's name for people.
    pub(crate) name: String,
    pub(crate) is_user: bool,
    forest: OnceCell<Forest>,
    _embedded: Option<Running>,
}

impl Tenant {
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
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub(crate) async fn connect(global: &Global) -> Result<Tenant, Failure> {
    match &global.url {
        Some(url) => real(global, url),
        None if global.username.is_some() || variable("ORG42_API_CLIENT_ID").is_some() => {
            Err(Failure::new(
                Failure::USAGE,
                "there are credentials but no tenant: give --url or set ORG42_URL",
            ))
        }
        None => embedded().await,
    }
}

fn real(global: &Global, url: &str) -> Result<Tenant, Failure> {
    let builder =
        Client::builder(url).user_agent_suffix(concat!("org42-cli/", env!("CARGO_PKG_VERSION")));
    let api_client = variable("ORG42_API_CLIENT_ID").zip(variable("ORG42_API_CLIENT_SECRET"));
    let (builder, is_user) = match (&global.username, api_client) {
        (Some(username), _) => {
            let account = LocalAccount::new(username, password(username, url)?);
            let account = match &global.totp {
                Some(code) => account.totp(code.as_str()),
                None => account,
            };
            (builder.local_account(account), true)
        }
        (None, Some((id, secret))) => (builder.api_client(id, secret), false),
        (None, None) => {
            let message = "no credentials: set ORG42_USERNAME and ORG42_PASSWORD, or ORG42_API_CLIENT_ID and \
                           ORG42_API_CLIENT_SECRET";
            return Err(Failure::new(Failure::NOT_ALLOWED, message));
        }
    };
    let client = builder.build()?;
    let name = client.url().to_owned();
    Ok(Tenant {
        client,
        name,
        is_user,
        forest: OnceCell::new(),
        _embedded: None,
    })
}

fn password(username: &str, url: &str) -> Result<String, Failure> {
    if let Some(password) = variable("ORG42_PASSWORD") {
        return Ok(password);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            Failure::NOT_ALLOWED,
            format!("no password for {username}: set ORG42_PASSWORD"),
        ));
    }
    rpassword::prompt_password(format!("Password of {username} at {url}: ")).map_err(|error| {
        Failure::new(
            Failure::NOT_ALLOWED,
            format!("cannot read the password: {error}"),
        )
    })
}

/// Where the tenant is kept that commands use without a URL.
pub(crate) fn default_data() -> Result<PathBuf, Failure> {
    let base = etcetera::choose_base_strategy().map_err(|error| {
        Failure::new(1, format!("cannot tell the user's data directory: {error}"))
    })?;
    Ok(base.data_dir().join("org42"))
}

/// The administrator's name: whoever founded this tenant with `authority serve` may have chosen another.
fn administrator(authority: &Authority) -> Result<String, Failure> {
    let query = UserQuery {
        under: Some(OrgKey::Top),
        active: Some(true),
        page: PageOf { num: 1, size: 1000 },
        ..UserQuery::default()
    };
    let users = authority
        .tenant()
        .list_users(&query)
        .map_err(StartError::from)?;
    let mut names = users
        .rows
        .into_iter()
        .map(|view| view.user)
        .filter(|user| user.is_admin);
    let first = names.next().map(|user| user.username);
    let is_default = names.any(|user| user.username == DEFAULT_ADMIN);
    match first {
        Some(name) if !is_default => Ok(name),
        _ => Ok(DEFAULT_ADMIN.to_owned()),
    }
}

async fn embedded() -> Result<Tenant, Failure> {
    let data = default_data()?;
    say(&format!(
        "org42: using the embedded authority in {}; for a real tenant give --url HOST and ORG42_USERNAME, or see --help",
        data.display()
    ));
    let opening = move || Authority::open(&data, Sample::Small, DEFAULT_ADMIN, Options::default());
    let opened = tokio::task::spawn_blocking(opening).await;
    let authority =
        opened.map_err(|gone| Failure::new(1, format!("embedded authority: {gone}")))??;
    let admin = administrator(&authority)?;
    let running = authority.clone().listen(([127, 0, 0, 1], 0).into()).await?;
    let client = Client::builder(running.url())
        .token_provider_blocking(move || authority.admin_token(&admin))
        .build()?;
    Ok(Tenant {
        client,
        name: "the embedded authority".to_owned(),
        is_user: true,
        forest: OnceCell::new(),
        _embedded: Some(running),
    })
}
