//! The default transport of clients: sends requests over connections that are kept open.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper_util::client::legacy::Client as Legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;

use super::connector::{Connector, Route};
use super::failure::NoConnection;
use super::proxy::Proxy;
use crate::http::transport::{Failure, ResponseBody, Transport, TransportError};

/// How long a connection may have been idle to be used again. A firewall on the way may drop one that is idle without a
/// word, and a change that is sent into it is one of unknown fate.
const IDLE: Duration = Duration::from_secs(5);

/// How many bytes are read at once. A larger buffer would come from the system for each page of a listing, cleared.
const READ: usize = 96 * 1024;

/// The settings by which connections are opened.
pub(crate) struct Settings {
    /// The encryption; `None` if neither the tenant nor the proxy uses it.
    pub(crate) tls: Option<ClientConfig>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) connect_timeout: Duration,
    /// The `User-Agent` that is sent to proxies in `CONNECT`.
    pub(crate) user_agent: HeaderValue,
}

pub(crate) struct Pool {
    kept: Legacy<Connector, Full<Bytes>>,
    connector: Connector,
}

impl Pool {
    pub(crate) fn new(settings: Settings) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        let connector = Connector::new(Route {
            tcp,
            tls: settings.tls.map(Arc::new),
            proxy: settings.proxy,
            patience: settings.connect_timeout,
            user_agent: settings.user_agent,
        });
        let kept = Legacy::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .http1_max_buf_size(READ)
            .build(connector.clone());
        Self { kept, connector }
    }
}

impl Transport for Pool {
    async fn send(
        &self,
        mut request: Request<Bytes>,
    ) -> Result<Response<ResponseBody>, TransportError> {
        let is_plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let proxy = self.connector.route().proxy.as_ref();
        let reader = proxy.filter(|proxy| is_plain && proxy.kind.is_http());
        if let Some(login) = reader.and_then(Proxy::authorization) {
            request
                .headers_mut()
                .insert(header::PROXY_AUTHORIZATION, login);
        }
        match self.kept.request(request.map(Full::new)).await {
            Ok(answer) => Ok(answer.map(ResponseBody::new)),
            Err(error) => Err(TransportError(failure(error))),
        }
    }
}

fn failure(error: hyper_util::client::legacy::Error) -> Failure {
    match NoConnection::within(&error) {
        Some(failure) => Failure::NoConnection(failure.clone()),
        None if error.is_connect() => {
            let failure = NoConnection::passing("no connection".to_owned());
            Failure::NoConnection(failure.because(error))
        }
        None if is_unwritable(&error) => Failure::Unwritable(error.into()),
        None => Failure::Interrupted(error.into()),
    }
}

fn is_unwritable(error: &hyper_util::client::legacy::Error) -> bool {
    error
        .source()
        .and_then(|source| source.downcast_ref::<hyper::Error>())
        .is_some_and(hyper::Error::is_user)
}
