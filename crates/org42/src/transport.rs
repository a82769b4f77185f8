//! One request and its answer: no retries, no tokens of its own, no redirects.

use std::sync::Arc;

use http::Request;
use hyper::body::Bytes;
use org42_types::{Endpoint, Method, problems_in};
use reqwest::Url;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use secrecy::{ExposeSecret, SecretString};

use crate::address::Address;
use crate::error::{Error, Result};
use crate::fault::{Fault, Refusal};
use crate::net::{Http, NoConnection, Unanswered, behind, forwarded};
use crate::redirect;
use crate::response::Answer;
use crate::retry::retry_after;

/// How much of a refusal's body an error keeps.
const KEPT_TEXT: usize = 8 * 1024;

#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) http: Http,
    pub(crate) address: Address,
    /// The most bytes that an answer may have once it is unpacked.
    pub(crate) answer_limit: usize,
}

/// What is sent, apart from who sends it.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) endpoint: Endpoint,
    pub(crate) path: Vec<(&'static str, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

/// The headers that say who is calling, and the texts in them that must not show up in an error.
#[derive(Clone, Default)]
pub(crate) struct Identity {
    headers: Vec<(HeaderName, HeaderValue)>,
    secrets: Arc<[SecretString]>,
}

impl Identity {
    /// Reads header values; none may be logged, and a text that no header can carry is refused.
    pub(crate) fn new(
        headers: impl IntoIterator<Item = (HeaderName, String)>,
        secrets: impl IntoIterator<Item = SecretString>,
    ) -> Result<Self> {
        let headers = headers.into_iter().map(|(name, text)| {
            let mut value = HeaderValue::try_from(text).map_err(|_| {
                Error::credentials("a credential has characters no header can carry")
            })?;
            value.set_sensitive(true);
            Ok((name, value))
        });
        Ok(Self {
            headers: headers.collect::<Result<_>>()?,
            secrets: secrets.into_iter().collect(),
        })
    }

    pub(crate) fn bearer(token: &SecretString) -> Result<Self> {
        let header = format!("Bearer {}", token.expose_secret());
        Self::new([(AUTHORIZATION, header)], [token.clone()])
    }

    /// The start of an answer's text as an error may keep it.
    pub(crate) fn shown(&self, text: &str) -> String {
        let mut shown = self.redact(text);
        shown.truncate(shown.floor_char_boundary(KEPT_TEXT));
        shown
    }

    /// Takes out what a server echoed of the credentials.
    fn redact(&self, text: &str) -> String {
        self.secrets
            .iter()
            .map(ExposeSecret::expose_secret)
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| {
                text.replace(secret, "[redacted]")
            })
    }
}

impl Call {
    pub(crate) fn new(endpoint: Endpoint, operation: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            endpoint,
            path: Vec::new(),
            query: Vec::new(),
            body: None,
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

    /// With several parameters of the path and of the query.
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
        self.body = Some(body);
        Ok(self)
    }

    pub(crate) fn failed(&self, fault: Fault) -> Error {
        Error::new(&*self.operation, fault).at(self.endpoint)
    }

    fn unconnected(&self, failure: NoConnection) -> Error {
        let fault = Fault::Connect {
            message: failure.message.clone(),
            lasting: failure.lasting,
        };
        self.told(fault, failure)
    }

    /// A proxy's own answer, perhaps to what it has forwarded already.
    fn refused_on_the_way(&self, failure: NoConnection, perhaps_done: bool) -> Error {
        let message = failure.message.clone();
        let fault = Fault::Proxy {
            message,
            perhaps_done,
        };
        self.told(fault, failure)
    }

    fn told(&self, fault: Fault, failure: NoConnection) -> Error {
        let mut error = self.failed(fault);
        if let Some(hint) = &failure.hint {
            error = error.with_hint(hint);
        }
        match failure.into_source() {
            Some(source) => error.because(source),
            None => error,
        }
    }
}

impl Transport {
    /// Sends one request and gives its answer, if that is a success and complete.
    pub(crate) async fn exchange(&self, call: &Call, identity: &Identity) -> Result<Answer> {
        let url = self
            .address
            .of(call.endpoint.route, &call.path, &call.query)
            .map_err(|reason| Error::input(&*call.operation, reason))?;
        let request = request(call, &url, identity)
            .map_err(|error| unanswered(call, Unanswered::Unwritable(error.into())))?;
        let sent = self.http.send(&url, request).await;
        let forwarder = self.http.forwarder(&url);
        let mut response = sent.map_err(|error| match (forwarder, error) {
            (Some(proxy), Unanswered::Timeout) => {
                call.refused_on_the_way(behind(proxy, "did not answer in time"), true)
            }
            (Some(proxy), Unanswered::Interrupted(reason)) => {
                let broken = behind(proxy, "broke off, or does not speak HTTP");
                call.refused_on_the_way(broken.because(reason), true)
            }
            (_, error) => unanswered(call, error),
        })?;
        let status = response.status();
        let mut body = Vec::new();
        let read = self.read_body(&mut response, &mut body).await;
        if !status.is_success() {
            // Even half a refusal is a refusal.
            let text = String::from_utf8_lossy(&body);
            if let Some(own) = forwarder.and_then(|proxy| forwarded(proxy, status, &text)) {
                return Err(call.refused_on_the_way(own, status.is_server_error()));
            }
            let mut refusal = Refusal::new(status.as_u16(), response.headers(), &text, identity);
            if status.is_redirection() {
                let place = redirect::place(response.headers(), &url);
                refusal.location = place.map(|place| identity.redact(&place));
            }
            return Err(call.failed(Fault::Refused(refusal)));
        }
        match read {
            Err(error) => Err(interrupted(call, status.as_u16(), error)),
            Ok(false) => Err(call.failed(Fault::Malformed {
                status: status.as_u16(),
                message: format!("with more than {} bytes", self.answer_limit),
                text: String::new(),
                done: false,
            })),
            Ok(true) => Ok(Answer {
                operation: call.operation.clone(),
                endpoint: call.endpoint,
                status: status.as_u16(),
                url: String::from(response.url().clone()),
                headers: std::mem::take(response.headers_mut()),
                text: lossless(body),
                identity: identity.clone(),
            }),
        }
    }

    /// Reads until the end, or until there is more than the limit: then `false`. Counting what is unpacked, and stopping,
    /// is what keeps a small malicious answer from filling the memory.
    async fn read_body(
        &self,
        response: &mut reqwest::Response,
        body: &mut Vec<u8>,
    ) -> reqwest::Result<bool> {
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > self.answer_limit {
                return Ok(false);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(true)
    }
}

fn request(call: &Call, url: &Url, identity: &Identity) -> http::Result<Request<Bytes>> {
    let method = match call.endpoint.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
    };
    let request = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(ACCEPT, "application/json");
    let request = match &call.body {
        Some(_) => request.header(CONTENT_TYPE, "application/json"),
        None if call.endpoint.method.is_read() => request,
        None => request.header(CONTENT_LENGTH, "0"),
    };
    identity
        .headers
        .iter()
        .fold(request, |request, (name, value)| {
            request.header(name, value)
        })
        .body(call.body.clone().unwrap_or_default().into())
}

/// Tells a request that was surely not sent from one whose fate is unknown.
fn unanswered(call: &Call, error: Unanswered) -> Error {
    match error {
        Unanswered::NoConnection(failure) => call.unconnected(failure),
        Unanswered::Timeout => call.failed(Fault::Timeout),
        Unanswered::Unwritable(reason) => {
            let fault = Fault::Input("the request cannot be built".to_owned());
            call.failed(fault).because(reason)
        }
        Unanswered::Interrupted(reason) => {
            let fault = Fault::Interrupted { status: None };
            call.failed(fault).because(reason)
        }
    }
}

/// An answer whose end did not come.
fn interrupted(call: &Call, status: u16, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let fault = match error.is_timeout() {
        true => Fault::Timeout,
        false => Fault::Interrupted {
            status: Some(status),
        },
    };
    call.failed(fault).because(error)
}

impl Refusal {
    pub(crate) fn new(status: u16, headers: &HeaderMap, text: &str, identity: &Identity) -> Self {
        let mut problems = problems_in(&identity.redact(text));
        problems.truncate(32);
        Self {
            status,
            problems,
            text: identity.shown(text),
            retry_after: retry_after(headers),
            location: None,
        }
    }
}

/// The body as text: UTF-8 whatever the charset says, which is how the servers mean it, and without a byte order mark.
fn lossless(body: Vec<u8>) -> String {
    let text = String::from_utf8(body)
        .unwrap_or_else(|not_utf8| String::from_utf8_lossy(not_utf8.as_bytes()).into_owned());
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}
