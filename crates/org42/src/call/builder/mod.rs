//! The settings of a client: general ones here; those about credentials, connections and limits in the files beside
//! this one.

mod connection;
mod credentials;
mod limits;

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use http::HeaderValue;
use org42_types::endpoints;

use crate::answer::limits::Limits;
use crate::call::auth::credentials::Credentials;
use crate::call::auth::session::Session;
#[cfg(feature = "token-file")]
use crate::call::auth::token_file::TokenFile;
use crate::call::client::{Client, Shared};
use crate::call::exchange::Exchange;
use crate::call::flavor::{Flavor, detected};
use crate::call::pace::Pace;
use crate::call::retry::Retry;
use crate::call::single_flight::SingleFlight;
use crate::error::{Error, Result};
use crate::http::address::Address;
use crate::http::buffers::Buffers;
use crate::http::net::proxy::Proxy;
use crate::http::transport::AnyTransport;
use crate::redact::Secrets;

const BUILD: &str = "build the client";
/// How many changes are under way at the same time unless another number is set.
const CHANGES_AT_ONCE: NonZeroU8 = NonZeroU8::MIN.saturating_add(3);

/// Describes a client: the host, the credentials, and settings. Nothing is sent while it is built.
///
/// Created by [`Client::builder`] or [`blocking::Client::builder`](crate::blocking::Client::builder); `build` ends it.
///
/// Over `http://` credentials and tokens are sent unencrypted. That is safe on loopback; elsewhere use it only in a
/// network that you control.
///
/// ```
/// use std::time::Duration;
/// use org42::{Client, LocalAccount};
///
/// let client = Client::builder("https://console.us.code42.com")
///     .local_account(LocalAccount::new("admin@example.com", "correct horse"))
///     .silence(Duration::from_secs(180))
///     .user_agent_suffix("nightly-report/1.0")
///     .items_per_page(250)
///     .build()?;
/// assert_eq!(client.url(), "https://console.us.code42.com");
/// # Ok::<(), org42::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder<C = Client> {
    host: String,
    credentials: Option<Credentials>,
    proxy: Option<String>,
    proxy_from_environment: bool,
    ca_files: Vec<PathBuf>,
    ca_pem: Vec<Vec<u8>>,
    accept_invalid_certificates: bool,
    transport: Option<Arc<dyn AnyTransport>>,
    silence: Duration,
    call_timeout: Option<Duration>,
    connect_timeout: Duration,
    user_agent_prefix: Option<String>,
    user_agent_suffix: Option<String>,
    items_per_page: u32,
    pages_at_once: Option<u8>,
    changes_at_once: NonZeroU8,
    limits: Limits,
    flavor: Option<Flavor>,
    retry: Retry,
    #[cfg(feature = "token-file")]
    token_file: Option<PathBuf>,
    basic: bool,
    read_only: bool,
    builds: PhantomData<fn() -> C>,
}

impl Client {
    /// Begins to describe a client for a host: `console.us.code42.com` (https), or a URL such as
    /// `http://127.0.0.1:4200`. A path in the URL is put before every route.
    pub fn builder(host: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(host.into())
    }
}

impl<C> ClientBuilder<C> {
    pub(crate) fn new(host: String) -> Self {
        Self {
            host,
            credentials: None,
            proxy: None,
            proxy_from_environment: true,
            ca_files: Vec::new(),
            ca_pem: Vec::new(),
            accept_invalid_certificates: false,
            transport: None,
            silence: Duration::from_secs(60),
            call_timeout: None,
            connect_timeout: Duration::from_secs(5),
            user_agent_prefix: None,
            user_agent_suffix: None,
            items_per_page: 500,
            pages_at_once: None,
            changes_at_once: CHANGES_AT_ONCE,
            limits: Limits::default(),
            flavor: None,
            retry: Retry::default(),
            #[cfg(feature = "token-file")]
            token_file: None,
            basic: false,
            read_only: false,
            builds: PhantomData,
        }
    }

    /// Sets a text that is put before `org42/VERSION` in the `User-Agent`.
    pub fn user_agent_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.user_agent_prefix = Some(prefix.into());
        self
    }

    /// Sets a text that is put after `org42/VERSION` in the `User-Agent`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// Sets how many items to request per page unless a call sets another number; 500 unless set, and not 0.
    pub fn items_per_page(mut self, items: u32) -> Self {
        self.items_per_page = items;
        self
    }

    /// Sets how many changes of [`change_all`](crate::OrgService::change_all) are under way at once, at most; 4 unless set.
    /// With the way to the server 50 ms long, 4 make 80 changes in a second. What became of so many can be unknown at once
    /// when the connection breaks.
    pub fn changes_at_once(mut self, most: NonZeroU8) -> Self {
        self.changes_at_once = most;
        self
    }

    /// Sets how many pages of a listing are requested at once, at most. Unless it is set, that is decided from the first
    /// page of each listing: a few, or up to 12 if the way to the server is long.
    pub fn pages_at_once(mut self, most: u8) -> Self {
        self.pages_at_once = Some(most);
        self
    }

    /// Sets which API the server speaks; derived from the host's name unless set.
    pub fn flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = Some(flavor);
        self
    }

    /// Asks the server which API it speaks. Sends up to three reads without credentials, each once; none if the host's
    /// name shows the API.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), org42::Error> {
    /// let flavor = org42::Client::builder("http://127.0.0.1:4200").detect_flavor().await?;
    /// println!("{flavor}");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](Error::is_unsupported) when the server speaks none of them, or answers the same for all;
    /// other errors when it cannot be asked.
    pub async fn detect_flavor(&self) -> Result<Flavor> {
        detected(&self.exchange()?).await
    }

    /// Sets how often requests are tried, and how long to pause between attempts.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Refuses every call that would change something on the server, before anything is sent.
    ///
    /// ```
    /// # async fn run() -> Result<(), org42::Error> {
    /// use org42::Client;
    ///
    /// let client = Client::builder("console.us.code42.com")
    ///     .api_client("key-42-…", "secret")
    ///     .read_only(true)
    ///     .build()?;
    /// assert!(client.orgs().block(42).await.unwrap_err().is_read_only());
    /// # Ok(()) }
    /// ```
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    fn exchange(&self) -> Result<Exchange> {
        let address = Address::parse(&self.host)?;
        let secrets = Secrets::default();
        if let Some(credentials) = &self.credentials {
            secrets.learn(&credentials.known());
        }
        let user_agent = HeaderValue::try_from(self.user_agent()).map_err(|reason| {
            Error::input(BUILD, "the user agent has characters no header can carry").because(reason)
        })?;
        let (transport, forwarder) = match &self.transport {
            Some(own) => (Arc::clone(own), None),
            None => {
                let proxy = self.proxy_to(&address)?;
                let is_reader = !address.is_https();
                let reader = proxy
                    .clone()
                    .filter(|proxy| is_reader && proxy.kind.is_http());
                secrets.learn(&proxy.iter().flat_map(Proxy::secrets).collect::<Vec<_>>());
                let pool = self.pool(&address, proxy, user_agent.clone())?;
                (
                    Arc::new(pool) as Arc<dyn AnyTransport>,
                    reader.map(Arc::new),
                )
            }
        };
        Ok(Exchange {
            pace: Pace::of(address.as_str()),
            clock: Arc::default(),
            keys: Arc::default(),
            transport,
            forwarder,
            address,
            user_agent,
            silence: self.silence,
            limits: self.limits,
            buffers: Buffers::default(),
            secrets: Arc::new(secrets),
        })
    }

    pub(crate) fn build_client(self) -> Result<Client> {
        if self.items_per_page == 0 {
            return Err(Error::input(BUILD, "a page of 0 items never ends"));
        }
        self.retry.check(BUILD)?;
        let exchange = self.exchange()?;
        let flavor = self
            .flavor
            .unwrap_or_else(|| Flavor::of_host(exchange.address.host()));
        let credentials = self.credentials.ok_or_else(|| {
            Error::input(BUILD, "there are no credentials")
                .with_hint("give a local account, an API client or a token provider")
        })?;
        credentials.check()?;
        if matches!(credentials, Credentials::LocalAccount(_))
            && flavor.route(endpoints::AUTH_JWT).is_none()
        {
            let message = format!("the {flavor} API signs in API clients alone");
            return Err(Error::input(BUILD, message)
                .with_hint("give an API client, or use the tenant's console"));
        }
        let each_request = self.basic && credentials.fit_each_request();
        #[cfg(feature = "token-file")]
        let token_file = self.token_file.zip(credentials.owner()).map(|(path, who)| {
            let owner = format!("{who} at {}", exchange.address.as_str());
            TokenFile { path, owner }
        });
        Ok(Client(Arc::new(Shared {
            session: Session::new(
                credentials,
                exchange.clone(),
                self.retry,
                flavor,
                #[cfg(feature = "token-file")]
                token_file,
                each_request,
            ),
            read_only: self.read_only,
            exchange,
            call_timeout: self.call_timeout,
            retry: self.retry,
            items_per_page: self.items_per_page,
            pages_at_once: self.pages_at_once,
            changes_at_once: self.changes_at_once,
            flavor,
            ids: SingleFlight::new(),
            learned: std::sync::Mutex::default(),
            stop: Arc::default(),
            changes: AtomicUsize::new(0),
        })))
    }

    fn user_agent(&self) -> String {
        let own = concat!("org42/", env!("CARGO_PKG_VERSION"));
        [
            self.user_agent_prefix.as_deref(),
            Some(own),
            self.user_agent_suffix.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
    }
}

impl ClientBuilder<Client> {
    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the host or a setting cannot be used, or there are no
    /// credentials.
    pub fn build(self) -> Result<Client> {
        self.build_client()
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
