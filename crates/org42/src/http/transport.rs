//! The transport trait: the seam below a client, through which one request goes down and one answer comes up.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};

use crate::http::net::failure::{BoxError, NoConnection};

/// Carries requests to the tenant and answers back.
///
/// A client sends over connections of its own, with pools, proxies and TLS. [`ClientBuilder::transport`] replaces
/// them: by a tenant within the process, a recording, a server that fails on purpose.
///
/// Everything else stays above the transport and works with each: addresses, headers, tokens, time limits, retries,
/// limits on the size of answers, unpacking of gzip, redirects (which are not followed), and secrets that are kept out
/// of errors. A transport sends each request once, and unchanged.
///
/// The crate `org42-authority` has a whole tenant for tests: `Authority::start` serves one on a port,
/// `Authority::service` answers requests without one.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, StatusCode};
/// use org42::{Client, ResponseBody, Transport, TransportError};
///
/// /// A tenant with one organization, of which nobody signs in.
/// struct Tiny;
///
/// impl Transport for Tiny {
///     async fn send(
///         &self,
///         request: Request<Bytes>,
///     ) -> Result<http::Response<ResponseBody>, TransportError> {
///         let body = match request.uri().path() {
///             "/api/v3/orgs/guid-7" => r#"{"data":{"orgGuid":"guid-7","orgName":"Paris"}}"#,
///             _ => return Err(TransportError::not_sent("there is no such route here").lasting()),
///         };
///         Ok(http::Response::new(body.into()))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), org42::Error> {
/// let client = Client::builder("http://tenant.test")
///     .token_provider(|| async { Ok::<_, org42::Error>("a token") })
///     .transport(Tiny)
///     .build()?;
/// assert_eq!(client.orgs().get_by_guid("guid-7").await?.org_name, "Paris");
/// assert!(client.orgs().get_by_guid("guid-8").await.unwrap_err().is_connect());
/// # Ok(()) }
/// ```
///
/// [`ClientBuilder::transport`]: crate::ClientBuilder::transport
pub trait Transport: Send + Sync + 'static {
    /// Sends a request and returns the answer as soon as its head has come.
    ///
    /// The address is absolute, such as `https://console.us.code42.com/api/v1/Org?pgNum=1`. If its protocol needs the
    /// header `Host`, the transport adds it. A future that is dropped stops the work that it waits for.
    ///
    /// # Errors
    ///
    /// When there is no answer. The kind of the error decides whether the request is tried again, so one of which a
    /// part may have arrived is never [not sent](TransportError::not_sent).
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<ResponseBody>, TransportError>> + Send;
}

impl<T: Transport> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> impl Future<Output = Result<http::Response<ResponseBody>, TransportError>> + Send {
        (**self).send(request)
    }
}

/// The body of an answer, which comes in frames.
///
/// Created from a text or bytes by `into`, from any other body by [`new`](Self::new); empty by default.
#[derive(Default)]
pub struct ResponseBody(UnsyncBoxBody<Bytes, BoxError>);

impl ResponseBody {
    /// Wraps a body that arrives in parts. Its reader stops at the client's limits.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(body.map_err(Into::into).boxed_unsync())
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self::new(Full::new(bytes))
    }
}

impl From<Vec<u8>> for ResponseBody {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for ResponseBody {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for ResponseBody {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseBody")
    }
}

/// The reason why a [`Transport`] has no answer to a request.
///
/// The kind decides what happens next: a change is sent again only if it was [not sent](Self::not_sent), a read after
/// every failure that is not [lasting](Self::lasting).
#[derive(Debug)]
pub struct TransportError(pub(crate) Failure);

/// The kind of a [`TransportError`].
#[derive(Debug)]
pub(crate) enum Failure {
    NoConnection(NoConnection),
    /// The request cannot be written in HTTP.
    Unwritable(BoxError),
    Timeout,
    /// The request was sent, in part or whole.
    Interrupted(BoxError),
}

impl TransportError {
    /// Creates the failure of a request of which certainly nothing was sent:
    /// [`Verdict::NotSent`](crate::Verdict::NotSent), and [`is_connect`](crate::Error::is_connect).
    #[must_use]
    pub fn not_sent(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let failure = NoConnection::passing("no connection".to_owned()).because(reason);
        Self(Failure::NoConnection(failure))
    }

    /// Creates the failure of a request that was sent, in part or whole, and whose fate is not known:
    /// [`Verdict::Unknown`](crate::Verdict::Unknown).
    #[must_use]
    pub fn fate_unknown(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Failure::Interrupted(reason.into()))
    }

    /// Creates the failure of a request without an answer within the time that the transport itself allows:
    /// [`is_timeout`](crate::Error::is_timeout), and [`Verdict::Unknown`](crate::Verdict::Unknown). The client's own
    /// limits hold without this.
    #[must_use]
    pub fn timed_out() -> Self {
        Self(Failure::Timeout)
    }

    /// Marks a request that was not sent as one that would fail again, so that it is not repeated.
    #[must_use]
    pub fn lasting(self) -> Self {
        let Self(mut failure) = self;
        if let Failure::NoConnection(failure) = &mut failure {
            failure.lasting = true;
        }
        Self(failure)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Failure::NoConnection(failure) => failure.fmt(f),
            Failure::Unwritable(_) => f.write_str("the request cannot be built"),
            Failure::Timeout => f.write_str("no answer came in time"),
            Failure::Interrupted(_) => f.write_str("what became of the request is not known"),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Failure::NoConnection(failure) => failure.source(),
            Failure::Unwritable(reason) | Failure::Interrupted(reason) => Some(&**reason),
            Failure::Timeout => None,
        }
    }
}

/// A [`Transport`] whose type is erased.
pub(crate) trait AnyTransport: Send + Sync {
    fn send_boxed(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>>;
}

impl<T: Transport> AnyTransport for T {
    fn send_boxed(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(self.send(request))
    }
}
