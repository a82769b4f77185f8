//! The content of a request, apart from its sender and the host.

use bytes::Bytes;
use http::Request;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, USER_AGENT,
};
use org42_types::{Endpoint, idempotency};
use url::Url;

use crate::call::auth::identity::Identity;
use crate::call::keys::key_for;
use crate::error::fault::Fault;
use crate::error::{Error, Result};
use crate::http::deadline::Elapsed;

/// The content of one request: endpoint, parameters and body.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) endpoint: Endpoint,
    pub(crate) path: Vec<(&'static str, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Bytes>,
    /// The idempotency key, the same in each attempt; it is sent to servers that take keys.
    pub(crate) key: Option<HeaderValue>,
}

impl Call {
    pub(crate) fn new(endpoint: Endpoint, operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            endpoint,
            path: Vec::new(),
            query: Vec::new(),
            body: None,
            key: key_for(endpoint),
        }
    }

    pub(crate) fn path(mut self, name: &'static str, value: impl ToString) -> Self {
        self.path.push((name, value.to_string()));
        self
    }

    pub(crate) fn query(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// Adds several parameters to the path and to the query.
    pub(crate) fn with(self, path: &[(&'static str, &str)], query: &[(&str, &str)]) -> Self {
        let call = path
            .iter()
            .fold(self, |call, (name, value)| call.path(name, value));
        query
            .iter()
            .fold(call, |call, (name, value)| call.query(*name, value))
    }

    pub(crate) fn json(mut self, body: &impl serde::Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body)
            .map_err(|reason| Error::input(&*self.operation, "unwritable body").because(reason))?;
        self.body = Some(body.into());
        Ok(self)
    }

    pub(crate) fn failed(&self, fault: Fault) -> Error {
        Error::new(&*self.operation, fault).at(self.endpoint)
    }

    /// Returns the error of a call whose time was over before it was sent.
    pub(crate) fn unsent(&self, elapsed: Elapsed) -> Error {
        self.failed(match elapsed {
            Elapsed::Late => Fault::Late,
            Elapsed::Stopped => Fault::Stopped { sent: false },
        })
    }

    /// Builds the request that a transport sends.
    pub(crate) fn request(
        &self,
        url: &Url,
        identity: &Identity,
        user_agent: &HeaderValue,
    ) -> http::Result<Request<Bytes>> {
        let request = Request::builder()
            .method(self.endpoint.method.as_str())
            .uri(url.as_str())
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "gzip")
            .header(USER_AGENT, user_agent);
        let request = match &self.body {
            Some(_) => request.header(CONTENT_TYPE, "application/json"),
            None if self.endpoint.method.is_read() => request,
            None => request.header(CONTENT_LENGTH, "0"),
        };
        let request = match &self.key {
            Some(key) => request.header(idempotency::KEY, key),
            None => request,
        };
        identity
            .headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(name, value)
            })
            .body(self.body.clone().unwrap_or_default())
    }
}
