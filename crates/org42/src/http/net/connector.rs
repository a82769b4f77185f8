//! Opens connections: directly or through a proxy, encrypted or not.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::failure::{BoxError, End, NoConnection};
use super::link::{AnyStream, Link};
use super::proxy::{Kind, Proxy};
use super::target::{Target, authority};
use super::tunnel;
use crate::http::deadline::Deadline;

#[derive(Clone)]
pub(crate) struct Connector(Arc<Route>);

/// The settings by which connections are opened.
pub(crate) struct Route {
    pub(crate) tcp: HttpConnector,
    /// The encryption; `None` if neither the tenant nor a proxy uses it.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    pub(crate) proxy: Option<Proxy>,
    /// How long opening a connection may take altogether.
    pub(crate) patience: Duration,
    pub(crate) user_agent: HeaderValue,
}

impl Connector {
    pub(crate) fn new(route: Route) -> Self {
        Self(Arc::new(route))
    }

    pub(crate) fn route(&self) -> &Route {
        &self.0
    }
}

impl Service<Uri> for Connector {
    type Response = Link;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Link, NoConnection>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), NoConnection>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let route = Arc::clone(&self.0);
        Box::pin(async move { route.connect(&Target::of(&uri)).await })
    }
}

impl Route {
    async fn connect(&self, target: &Target) -> Result<Link, NoConnection> {
        let until = &Deadline::after(self.patience);
        let tenant = End::Tenant(&target.host);
        let (stream, forwarded) = match &self.proxy {
            None => {
                let reached = self.reach(&tenant, &target.host, target.port, until);
                (reached.await?, false)
            }
            Some(proxy) => self.through(proxy, target, until).await?,
        };
        let stream = match target.is_https {
            true => {
                let encrypted = self.encrypt(&tenant, &target.host, stream, until).await;
                encrypted.map_err(|failure| match &self.proxy {
                    Some(proxy) => failure.through(proxy),
                    None => failure,
                })?
            }
            false => stream,
        };
        Ok(Link::new(stream, forwarded))
    }

    /// Connects to a proxy. Returns a stream to the tenant, or one to a proxy that reads and forwards requests itself.
    async fn through(
        &self,
        proxy: &Proxy,
        target: &Target,
        until: &Deadline,
    ) -> Result<(AnyStream, bool), NoConnection> {
        let end = End::Proxy(proxy);
        let stream = self.reach(&end, &proxy.host, proxy.port, until).await?;
        let stream = match proxy.kind {
            Kind::Https => self.encrypt(&end, &proxy.host, stream, until).await?,
            _ => stream,
        };
        let opening: Pin<Box<dyn Future<Output = _> + Send>> = match proxy.kind {
            Kind::Http | Kind::Https if !target.is_https => return Ok((stream, true)),
            Kind::Http | Kind::Https => {
                Box::pin(tunnel::by_connect(stream, proxy, target, &self.user_agent))
            }
            Kind::Socks4 { names } => Box::pin(tunnel::by_socks(stream, proxy, target, (4, names))),
            Kind::Socks5 { names } => Box::pin(tunnel::by_socks(stream, proxy, target, (5, names))),
        };
        let opened = until.within(opening).await;
        Ok((opened.map_err(|_| end.silent())??, false))
    }

    async fn reach(
        &self,
        end: &End<'_>,
        host: &str,
        port: u16,
        until: &Deadline,
    ) -> Result<AnyStream, NoConnection> {
        let uri: Uri = format!("http://{}/", authority(host, port))
            .parse()
            .map_err(|error: http::uri::InvalidUri| end.unknown().because(error))?;
        let reached = until.within(self.tcp.clone().call(uri)).await;
        let stream = reached.map_err(|_| end.silent())?.map_err(|error| {
            let error: BoxError = error.into();
            // The connector's error shows a failed name look-up only by its text.
            match error.to_string().starts_with("dns") {
                true => end.unknown().because(error),
                false => end.unreachable().because(error),
            }
        })?;
        Ok(Box::new(stream.into_inner()))
    }

    async fn encrypt(
        &self,
        end: &End<'_>,
        host: &str,
        stream: AnyStream,
        until: &Deadline,
    ) -> Result<AnyStream, NoConnection> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| end.unknown().because(io::Error::other(error)))?;
        let tls = self.tls.as_ref().ok_or_else(|| end.unreachable())?;
        let config = match end {
            End::Tenant(_) => Arc::clone(tls),
            // The protocol of the answers is negotiated with the tenant alone.
            End::Proxy(_) => {
                let mut config = ClientConfig::clone(tls);
                config.alpn_protocols.clear();
                Arc::new(config)
            }
        };
        let encrypted = until
            .within(TlsConnector::from(config).connect(name, stream))
            .await;
        match encrypted {
            Err(_) => Err(end.silent()),
            Ok(Err(error)) => Err(end.unencrypted(error)),
            Ok(Ok(stream)) => Ok(Box::new(stream)),
        }
    }
}
