//! Settings about the way to the tenant: the transport, proxies, certificates, and time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use rustls::pki_types::CertificateDer;

use super::{BUILD, ClientBuilder};
use crate::error::{Error, Result};
use crate::http::address::Address;
use crate::http::net::environment::proxy_for;
use crate::http::net::pool::{Pool, Settings};
use crate::http::net::proxy::{Kind, Proxy};
use crate::http::tls::{self, Trust};
use crate::http::transport::Transport;

impl<C> ClientBuilder<C> {
    /// Sends requests through `transport` instead of the client's own connections: to a tenant within the process, a
    /// recording, or a server that fails on purpose. See [`Transport`] for an example.
    ///
    /// Settings about proxies, certificates and [`connect_timeout`](Self::connect_timeout) have no effect then, and no
    /// environment variable about them is read. All other settings still apply.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sends everything through this proxy, such as `http://proxy.example.com:3128` or `socks5h://127.0.0.1:1080`.
    ///
    /// The schemes are `http`, `https`, `socks5`, `socks5h`, `socks4` and `socks4a`, with `USER:PASSWORD@` before the
    /// host if the proxy requires it. With `socks5h` and `socks4a` the proxy looks up the tenant's name. A proxy that
    /// refuses, or that cannot be reached, is asked once.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Sets whether `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case, are honoured;
    /// they are, unless the host is loopback or [`proxy`](Self::proxy) names another.
    ///
    /// An empty variable counts as not set. A variable that is not the address of a proxy is an error, even if it
    /// would not count for this host.
    pub fn proxy_from_environment(mut self, honoured: bool) -> Self {
        self.proxy_from_environment = honoured;
        self
    }

    /// Trusts the certificates in this file, PEM or DER, or in the files of this directory, and no others: neither the
    /// system's nor those of variables.
    ///
    /// Authorities among them are trusted with the certificates that they have issued. Any other certificate, such as
    /// a self-signed one, is trusted as that server's own, as long as it is valid and names the host; certificates
    /// that it has signed are not trusted.
    ///
    /// Unless this is called, the certificates of `SSL_CERT_FILE` (and `SSL_CERT_DIR`), else of `REQUESTS_CA_BUNDLE`,
    /// else of `CURL_CA_BUNDLE` are trusted in the same way, and those of the system where none of these is set. An
    /// empty variable counts as not set.
    pub fn ca_bundle(mut self, file: impl Into<PathBuf>) -> Self {
        self.ca_files.push(file.into());
        self
    }

    /// Works like [`ca_bundle`](Self::ca_bundle), with the content of such a file.
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

    /// Sets how long a server may be silent: how long nothing of an answer may come, from its first byte to its last,
    /// before the attempt is given up; 60 s unless set. Large tenants may need more: some servers work on a page for
    /// minutes before its first byte.
    ///
    /// An answer that keeps coming may take as long as it takes, if at least 10 bytes a second come. After silence a
    /// read is tried once more, and a change is not; so a dead server is given up after twice this time.
    /// [`call_timeout`](Self::call_timeout) bounds everything.
    pub fn silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// Sets how long a request may take with everything that belongs to it: signing in, all attempts, and the pauses
    /// between them. No limit unless set.
    ///
    /// When the time is over, the call fails as one that was [not answered in time](Error::is_timeout); an attempt
    /// that would have to wait longer than is left is not made. A method that sends several requests, such as one for
    /// each page of a listing, has that long for each of them.
    ///
    /// ```
    /// use std::time::Duration;
    /// use org42::Client;
    ///
    /// let client = Client::builder("console.us.code42.com")
    ///     .api_client("key-42-…", "secret")
    ///     .silence(Duration::from_secs(10))
    ///     .call_timeout(Duration::from_secs(15))
    ///     .build()?;
    /// # Ok::<(), org42::Error>(())
    /// ```
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = Some(timeout);
        self
    }

    /// Sets how long connecting may take, with looking up the name and encryption; 5 s unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    pub(super) fn pool(
        &self,
        address: &Address,
        proxy: Option<Proxy>,
        user_agent: HeaderValue,
    ) -> Result<Pool> {
        let is_encrypted = |proxy: &Proxy| proxy.kind == Kind::Https;
        let encrypts = address.is_https() || proxy.as_ref().is_some_and(is_encrypted);
        let own = self.certificates()?;
        let trust = match own.is_empty() {
            _ if self.accept_invalid_certificates => Trust::Anybody,
            true => Trust::Usual,
            false => Trust::Only(own),
        };
        Ok(Pool::new(Settings {
            // Reading the system's certificates would fail on a machine that has none.
            tls: match encrypts {
                true => Some(tls::config(BUILD, trust)?),
                false => None,
            },
            proxy,
            connect_timeout: self.connect_timeout,
            user_agent,
        }))
    }

    pub(super) fn proxy_to(&self, address: &Address) -> Result<Option<Proxy>> {
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
}
