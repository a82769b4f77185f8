//! Sends requests over kept connections.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, header};
use http_body::{Body, Frame};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use reqwest::header::HeaderValue;
use reqwest::{Response, ResponseBuilderExt as _, Url};
use rustls::ClientConfig;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::connector::{Connector, Route};
use super::failure::{BoxError, NoConnection};
use super::proxy::Proxy;

/// What a client is set to.
pub(crate) struct Settings {
    pub(crate) tls: ClientConfig,
    pub(crate) proxy: Option<Proxy>,
    /// How long one request may take, to the end of its answer.
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) user_agent: HeaderValue,
}

#[derive(Clone)]
pub(crate) struct Http {
    pool: Pool<Connector, Full<Bytes>>,
    connector: Connector,
    timeout: Duration,
}

/// A request without an answer.
pub(crate) enum Unanswered {
    NoConnection(NoConnection),
    /// It cannot be written at all.
    Unwritable(BoxError),
    Timeout,
    /// It was sent, or a part of it.
    Interrupted(BoxError),
}

impl Http {
    pub(crate) fn new(settings: Settings) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        let connector = Connector::new(Route {
            tcp,
            tls: Arc::new(settings.tls),
            proxy: settings.proxy,
            patience: settings.connect_timeout,
            user_agent: settings.user_agent,
        });
        let pool = Pool::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector.clone());
        Self {
            pool,
            connector,
            timeout: settings.timeout,
        }
    }

    /// The proxy that reads requests to this address and may answer them itself.
    pub(crate) fn forwarder(&self, url: &Url) -> Option<&Proxy> {
        let proxy = self.connector.route().proxy.as_ref();
        proxy.filter(|proxy| proxy.kind.is_http() && url.scheme() == "http")
    }

    pub(crate) async fn send(
        &self,
        url: &Url,
        mut request: Request<Bytes>,
    ) -> Result<Response, Unanswered> {
        let until = Instant::now() + self.timeout;
        let headers = request.headers_mut();
        let route = self.connector.route();
        headers.insert(header::USER_AGENT, route.user_agent.clone());
        if let Some(login) = self.forwarder(url).and_then(Proxy::authorization) {
            headers.insert(header::PROXY_AUTHORIZATION, login);
        }
        let sent = self.pool.request(request.map(Full::new));
        let (parts, body) = match timeout_at(until, Box::pin(sent)).await {
            Err(_) => return Err(Unanswered::Timeout),
            Ok(Err(error)) => return Err(of_pool(error)),
            Ok(Ok(response)) => response.into_parts(),
        };
        let mut response = http::Response::builder()
            .url(url.clone())
            .status(parts.status)
            .body(reqwest::Body::wrap(Timed {
                body: Box::pin(body),
                until: Box::pin(sleep_until(until)),
            }))
            .map_err(|error| Unanswered::Interrupted(error.into()))?;
        *response.headers_mut() = parts.headers;
        Ok(response.into())
    }
}

fn of_pool(error: hyper_util::client::legacy::Error) -> Unanswered {
    match NoConnection::within(&error) {
        Some(failure) => Unanswered::NoConnection(failure.clone()),
        None if error.is_connect() => {
            let failure = NoConnection::passing("no connection".to_owned());
            Unanswered::NoConnection(failure.because(error))
        }
        None if is_unwritable(&error) => Unanswered::Unwritable(error.into()),
        None => Unanswered::Interrupted(error.into()),
    }
}

fn is_unwritable(error: &hyper_util::client::legacy::Error) -> bool {
    error
        .source()
        .and_then(|source| source.downcast_ref::<hyper::Error>())
        .is_some_and(hyper::Error::is_user)
}

/// A body that has to end in time, however steadily it drips.
struct Timed<B> {
    body: Pin<Box<B>>,
    until: Pin<Box<Sleep>>,
}

impl<B: Body> Body for Timed<B>
where
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, BoxError>>> {
        if self.until.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())));
        }
        let frame = ready!(self.body.as_mut().poll_frame(context));
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
