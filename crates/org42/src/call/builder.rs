//! The settings of a client.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use org42_types::endpoints;
use reqwest::header::HeaderValue;
use rustls::pki_types::CertificateDer;
use secrecy::SecretString;

use crate::answer::limits::Limits;
use crate::call::auth::credentials::{Credentials, LocalAccount, Secret, in_own_thread};
use crate::call::auth::session::Session;
use crate::call::auth::token_file::TokenFile;
use crate::call::client::{Client, Shared};
use crate::call::exchange::Transport;
use crate::call::flavor::{Flavor, detected};
use crate::call::redact::{Secrets, proxy_secrets};
use crate::call::retry::Retry;
use crate::call::single_flight::SingleFlight;
use crate::error::{Error, Result};
use crate::http::address::Address;
use crate::http::net::{Http, Kind, Proxy, Settings, proxy_for};
use crate::http::tls::{self, Trust};

const BUILD: &str = "build the client";

/// Describes a client: the host, who is calling, and settings. Nothing is sent while it is built.
///
/// Made by [`Client::builder`] or [`blocking::Client::builder`](crate::blocking::Client::builder); the last call is
/// `build`.
///
/// Over `http://` credentials and tokens travel unprotected. That is fine on loopback; use it elsewhere only where the
/// network is yours.
///
/// ```
/// use std::time::Duration;
/// use org42::{Client, LocalAccount};
///
/// let client = Client::builder("https://console.us.code42.com")
///     .local_account(LocalAccount::new("admin@example.com", "correct horse"))
///     .timeout(Duration::from_secs(300))
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
    timeout: Duration,
    connect_timeout: Duration,
    user_agent_prefix: Option<String>,
    user_agent_suffix: Option<String>,
    items_per_page: u32,
    limits: Limits,
    flavor: Option<Flavor>,
    retry: Retry,
    token_file: Option<PathBuf>,
    basic: bool,
    read_only: bool,
    builds: PhantomData<fn() -> C>,
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
            timeout: Duration::from_secs(180),
            connect_timeout: Duration::from_secs(10),
            user_agent_prefix: None,
            user_agent_suffix: None,
            items_per_page: 500,
            limits: Limits::default(),
            flavor: None,
            retry: Retry::default(),
            token_file: None,
            basic: false,
            read_only: false,
            builds: PhantomData,
        }
    }

    /// Signs in as a person, with a password of the console's own.
    pub fn local_account(mut self, account: LocalAccount) -> Self {
        self.credentials = Some(Credentials::LocalAccount(account));
        self
    }

    /// Signs in as an API client. It has no organization of its own, so
    /// [`get_current`](crate::OrgService::get_current) needs another way to sign in.
    pub fn api_client(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.credentials = Some(Credentials::ApiClient {
            id: id.into(),
            secret: Secret::Known(secret.into()),
        });
        self
    }

    /// Signs in as an API client whose secret is asked for when a login needs it: not at all, where a
    /// [kept token](Self::token_file) is good still.
    pub fn api_client_asking<F, T, E>(
        mut self,
        id: impl Into<String>,
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        self.credentials = Some(Credentials::ApiClient {
            id: id.into(),
            secret: Secret::ask(ask),
        });
        self
    }

    /// Takes tokens from a callback: when there is none yet, shortly before the last one expires (if it is a JWT with an
    /// `exp`), and once when the server refuses it.
    ///
    /// ```
    /// use org42::Client;
    ///
    /// let client = Client::builder("console.us.code42.com")
    ///     .token_provider(|| async { std::fs::read_to_string("/run/token") })
    ///     .build()?;
    /// # Ok::<(), org42::Error>(())
    /// ```
    pub fn token_provider<F, T, E>(mut self, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Into<SecretString> + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        self.credentials = Some(Credentials::token_provider(ask));
        self
    }

    /// Like [`token_provider`](Self::token_provider), with a callback that may block.
    pub fn token_provider_blocking<T, E>(
        self,
        ask: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        T: Into<SecretString> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
    {
        self.token_provider(in_own_thread(ask))
    }

    /// Sends everything through this proxy, such as `http://proxy.example.com:3128` or `socks5h://127.0.0.1:1080`.
    ///
    /// There are `http`, `https`, `socks5`, `socks5h`, `socks4` and `socks4a`, with `USER:PASSWORD@` before the host
    /// where the proxy wants that; at those with an `h` or an `a` behind the number the proxy looks up the tenant's name.
    /// A proxy that refuses, or is not there, is asked once.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Whether `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not, are honoured; they are, unless
    /// the host is loopback or [`proxy`](Self::proxy) names another.
    ///
    /// One that is empty is as if it were not there; one that is no address of a proxy is an error, whatever the host.
    pub fn proxy_from_environment(mut self, honoured: bool) -> Self {
        self.proxy_from_environment = honoured;
        self
    }

    /// Trusts the certificates in this file, PEM or DER, or in the files of this directory, and no others: neither the
    /// system's nor those of variables.
    ///
    /// Authorities among them vouch for what they have issued. Any other, such as the one that a server has signed itself,
    /// is believed where it is shown as it is, as long as it is valid and names the host; it vouches for nothing else.
    ///
    /// Unless this is called, the certificates of `SSL_CERT_FILE` (and `SSL_CERT_DIR`), else of `REQUESTS_CA_BUNDLE`, else
    /// of `CURL_CA_BUNDLE` are trusted in the same way, and those of the system where none of these is set. A variable that
    /// is empty is as if it were not there.
    pub fn ca_bundle(mut self, file: impl Into<PathBuf>) -> Self {
        self.ca_files.push(file.into());
        self
    }

    /// Like [`ca_bundle`](Self::ca_bundle), with what would be in the file.
    pub fn ca_bundle_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem.push(pem.into());
        self
    }

    /// Dangerous: accepts any certificate, so that anyone on the way can read the password and act with the token. Only
    /// for tests; for a company's own authority use [`ca_bundle`](Self::ca_bundle).
    pub fn danger_accept_invalid_certificates(mut self, accept: bool) -> Self {
        self.accept_invalid_certificates = accept;
        self
    }

    /// How long one request may take, from its start to the end of its answer; 180 s unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a connection may take to come about; 10 s unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Goes before `org42/VERSION` in the `User-Agent`.
    pub fn user_agent_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.user_agent_prefix = Some(prefix.into());
        self
    }

    /// Goes after `org42/VERSION` in the `User-Agent`.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent_suffix = Some(suffix.into());
        self
    }

    /// How many items to ask for per page, where a call does not say; 500 unless set, and not 0.
    pub fn items_per_page(mut self, items: u32) -> Self {
        self.items_per_page = items;
        self
    }

    /// The most bytes that any answer may have, on the wire and once unpacked; 64 MiB unless set. A greater one is an
    /// error. It is what a listing that comes as a whole may have; a [document](Self::document_limit), a page and a
    /// [refusal](Self::refusal_limit) have narrower limits.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.limits.answer = bytes;
        self
    }

    /// The most bytes that one document may have, and that it may take in memory once it is built, which is estimated
    /// before it is; 8 MiB unless set. An organization with all of its settings takes a hundredth of that.
    ///
    /// A page may have 32 KiB more for each row that was asked for. Each row may take as much as a document; all rows
    /// together may take four times this limit, and four bytes for each byte of their text. A list of unknown length may
    /// have, and take, four times this limit.
    pub fn document_limit(mut self, bytes: usize) -> Self {
        self.limits.document = bytes;
        self
    }

    /// The most bytes of an answer that is no success, and of one with a token, that are read; 256 KiB unless set. What
    /// comes after them is left unread: the status counts all the same.
    pub fn refusal_limit(mut self, bytes: usize) -> Self {
        self.limits.refusal = bytes;
        self
    }

    /// The most bytes of memory that a listing may take which is [collected](crate::Orgs::try_collect), as the map of ids is;
    /// 512 MiB unless set, enough for some 250,000 organizations. A listing may take less while fewer have come: a 16th
    /// of this, and 2 KiB for each organization that has come (or as much more as this is more than 512 MiB). One that
    /// the server counts as short may take no more than a 32nd, and 4 KiB for each that is counted; one that is not
    /// counted an eighth.
    pub fn listing_limit(mut self, bytes: usize) -> Self {
        self.limits.listing = bytes;
        self
    }

    /// Which API the server speaks; told from the host's name unless set.
    pub fn flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = Some(flavor);
        self
    }

    /// Asks the server which API it speaks. Sends up to three reads without credentials, each once.
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
    /// [`is_unsupported`](Error::is_unsupported) when it speaks none of them; whatever keeps it from being asked.
    pub async fn detect_flavor(&self) -> Result<Flavor> {
        detected(&self.transport()?).await
    }

    /// How often requests are tried, and how long to pause in between.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Keeps the token in this file, readable by its owner alone, so that the next process that calls as the same person
    /// or API client need not sign in again. Of many processes at once only one signs in. Tokens of a
    /// [`token_provider`](Self::token_provider) are not kept.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    /// Sends name and password, or id and secret, with each request, and asks for no token.
    ///
    /// For servers and routes that are older than tokens: those under `/api/v1`, and an authority's own. All others
    /// refuse it. Who has one-time codes, or a token provider, signs in for a token all the same.
    pub fn basic(mut self) -> Self {
        self.basic = true;
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

    fn transport(&self) -> Result<Transport> {
        let address = Address::parse(&self.host)?;
        let secrets = Secrets::default();
        secrets.learn(&proxy_secrets(self.proxy.as_deref()));
        if let Some(credentials) = &self.credentials {
            secrets.learn(&credentials.known());
        }
        Ok(Transport {
            http: self.http_client(&address)?,
            address,
            limits: self.limits,
            secrets: Arc::new(secrets),
        })
    }

    pub(crate) fn build_client(self) -> Result<Client> {
        if self.items_per_page == 0 {
            return Err(Error::input(BUILD, "a page of 0 items never ends"));
        }
        let transport = self.transport()?;
        let flavor = self
            .flavor
            .unwrap_or_else(|| Flavor::of_host(transport.address.host()));
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
        let token_file = self.token_file.zip(credentials.owner()).map(|(path, who)| {
            let owner = format!("{who} at {}", transport.address.as_str());
            TokenFile { path, owner }
        });
        Ok(Client(Arc::new(Shared {
            session: Session::new(
                credentials,
                transport.clone(),
                self.retry,
                flavor,
                token_file,
                each_request,
            ),
            read_only: self.read_only,
            transport,
            retry: self.retry,
            items_per_page: self.items_per_page,
            flavor,
            ids: SingleFlight::new(),
        })))
    }

    fn http_client(&self, address: &Address) -> Result<Http> {
        let user_agent = HeaderValue::try_from(self.user_agent()).map_err(|reason| {
            Error::input(BUILD, "the user agent has characters no header can carry").because(reason)
        })?;
        let proxy = self.proxy_to(address)?;
        let is_encrypted = |proxy: &Proxy| proxy.kind == Kind::Https;
        let encrypts = address.is_https() || proxy.as_ref().is_some_and(is_encrypted);
        let own = self.certificates()?;
        let trust = match own.is_empty() {
            _ if self.accept_invalid_certificates => Trust::Anybody,
            true if encrypts => Trust::Usual,
            // Reading the system's certificates would fail on a machine that has none.
            _ => Trust::Only(own),
        };
        Ok(Http::new(Settings {
            tls: tls::config(BUILD, trust)?,
            proxy,
            timeout: self.timeout,
            connect_timeout: self.connect_timeout,
            user_agent,
        }))
    }

    fn proxy_to(&self, address: &Address) -> Result<Option<Proxy>> {
        match &self.proxy {
            Some(text) => Ok(Some(Proxy::parse(text).map_err(|reason| {
                Error::input(BUILD, format!("the address of the proxy {reason}"))
                    .with_hint("write it like http://proxy.example.com:3128")
            })?)),
            None if self.proxy_from_environment => {
                proxy_for(BUILD, &address.uri()?, address.is_loopback())
            }
            None => Ok(None),
        }
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>> {
        let mut all = Vec::new();
        for pem in &self.ca_pem {
            all.extend(tls::certificates(pem).map_err(|unusable| {
                Error::input(BUILD, format!("a CA bundle {}", unusable.words()))
            })?);
        }
        for file in &self.ca_files {
            all.extend(tls::bundle(BUILD, None, file)?);
        }
        Ok(all)
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
