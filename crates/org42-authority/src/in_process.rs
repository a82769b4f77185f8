//! The API within the process: requests come as values, without a port and without bytes of HTTP. What a connection
//! would add to a request or know of it is added here; everything else is `http`.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Request, Response, Uri, header};
use tower::Service;

use crate::authority::Authority;
use crate::http::connection::Peer;
use crate::http::edge::Edge;
use crate::http::guard::{Scheme, Via};
use crate::http::hosts::Hosts;

/// A service that answers requests of its own process for an authority; made by [`Authority::service`].
///
/// It is a [`tower::Service`]; clones share the authority. It needs a running Tokio runtime, and answers as an
/// unencrypted loopback port does: requests name a loopback host, such as `http://localhost/api/v1/Org`; for the
/// throttle on guessing and the log of requests they come from 127.0.0.1; and faults of the test bench apply to them
/// too. Limits on connections do not apply, since there are none.
///
/// ```
/// use axum::http::Request;
/// use org42_authority::{Authority, DEFAULT_ADMIN, Options, Sample};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let authority = Authority::in_memory(Sample::None, DEFAULT_ADMIN, Options::default())?;
/// let request = Request::get("http://localhost/api/v3/LoginConfiguration?username=a").body("")?;
/// let answer = authority.service().answer(request).await?;
/// assert_eq!(answer.status(), 200);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct AuthorityService(Arc<Edge>);

impl Authority {
    /// Returns a service that answers requests of this process, without a port.
    #[must_use]
    pub fn service(&self) -> AuthorityService {
        AuthorityService(Arc::new(self.edge(Hosts::default())))
    }
}

impl AuthorityService {
    /// Answers one request.
    ///
    /// # Errors
    ///
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset) where a fault of the test bench would reset the connection.
    pub async fn answer<B: Into<Body>>(&self, request: Request<B>) -> io::Result<Response<Body>> {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let via = Via {
            local,
            scheme: Scheme::Http,
        };
        let peer = Peer::new((local, 0).into());
        let request = as_over_a_connection(request.map(Into::into));
        let answer = self.0.answer(request, via, peer.clone()).await;
        match peer.is_reset() {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(answer),
        }
    }
}

/// Adds the headers that an HTTP/1.1 client adds, and reduces the address to the path and query that it sends.
fn as_over_a_connection(mut request: Request<Body>) -> Request<Body> {
    let uri = std::mem::take(request.uri_mut());
    let host = uri.authority().map(|authority| authority.as_str());
    let host = host.and_then(|host| HeaderValue::from_str(host).ok());
    let length = request.body().size_hint().exact();
    let headers = request.headers_mut();
    if let Some(host) = host {
        headers.entry(header::HOST).or_insert(host);
    }
    if let Some(length) = length.filter(|length| *length > 0) {
        headers
            .entry(header::CONTENT_LENGTH)
            .or_insert(length.into());
    }
    let target = uri.path_and_query().cloned();
    *request.uri_mut() = Uri::from(target.unwrap_or(PathAndQuery::from_static("/")));
    request
}

impl<B> Service<Request<B>> for AuthorityService
where
    B: HttpBody<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Response<Body>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { this.answer(request.map(Body::new)).await })
    }
}

impl fmt::Debug for AuthorityService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorityService")
    }
}
