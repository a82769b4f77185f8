//! One request and its answer: no retries, no tokens of its own, no redirects.

use std::sync::Arc;

use http::Request;
use hyper::body::Bytes;
use org42_types::{ByteString, Endpoint};
use reqwest::Url;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue,
};
use secrecy::{ExposeSecret, SecretString};

use crate::answer::limits::{Limits, Size};
use crate::answer::response::Answer;
use crate::call::redact::Secrets;
use crate::error::fault::Fault;
use crate::error::refusal::{KEPT_TEXT, Refusal};
use crate::error::{Error, Result};
use crate::http::address::Address;
use crate::http::body::{Body, Stop, forget_packing, text_of};
use crate::http::net::{Http, NoConnection, Unanswered, behind, forwarded};
use crate::http::redirect;

#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) http: Http,
    pub(crate) address: Address,
    pub(crate) limits: Limits,
    /// What was sent to say who is calling, by any request of this client.
    pub(crate) secrets: Arc<Secrets>,
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
        self.secrets.learn(&*identity.secrets);
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
        let bounds = self.limits.of(Size::of(call.endpoint, &call.query));
        let limit = match status.is_success() {
            true => bounds.text,
            false => self.limits.refusal.min(self.limits.answer),
        };
        let mut body = Body::new(response.headers(), limit);
        let read = read_body(&mut response, &mut body).await;
        // What is no UTF-8 grows while it is read; nobody sends much of it.
        let text = text_of(body.into_bytes(), limit.min(self.limits.document));
        if !status.is_success() {
            // Even half a refusal is a refusal.
            let text = text.unwrap_or_default();
            if let Some(own) = forwarder.and_then(|proxy| forwarded(proxy, status, &text)) {
                return Err(call.refused_on_the_way(own, status.is_server_error()));
            }
            let place = match status.is_redirection() {
                true => redirect::place(response.headers(), &url, &self.secrets),
                false => None,
            };
            let place = place.map(|place| self.secrets.start_of(&place, KEPT_TEXT));
            if let (Some(proxy), Some(place)) = (forwarder, &place) {
                let answer =
                    format!("answered {status} and pointed to {place}, which is not followed");
                return Err(call.refused_on_the_way(behind(proxy, &answer), false));
            }
            let mut refusal =
                Refusal::new(status.as_u16(), response.headers(), &text, &self.secrets);
            refusal.location = place;
            return Err(call.failed(Fault::Refused(refusal)));
        }
        let malformed = |message: String| {
            call.failed(Fault::Malformed {
                status: status.as_u16(),
                message,
                text: String::new(),
                done: false,
            })
        };
        let text = match (read, text) {
            (Err(Cut::Off(error)), _) => {
                return Err(interrupted(call, status.as_u16(), error));
            }
            (Err(Cut::Short(Stop::Damaged)), _) => {
                return Err(malformed("not packed as its header says".to_owned()));
            }
            (Err(Cut::Short(Stop::Unknown(packing))), _) => {
                let message = format!("packed as {packing}, which was not asked for");
                return Err(malformed(message));
            }
            (Err(Cut::Short(Stop::TooLong)), _) | (Ok(()), None) => {
                return Err(malformed(format!("with more than {limit} bytes")));
            }
            (Ok(()), Some(mut text)) => {
                // It may be kept for long: organizations are slices of it.
                text.shrink_to_fit();
                ByteString::from(text)
            }
        };
        let mut headers = std::mem::take(response.headers_mut());
        forget_packing(&mut headers);
        Ok(Answer {
            operation: call.operation.clone(),
            endpoint: call.endpoint,
            status: status.as_u16(),
            url: String::from(response.url().clone()),
            headers,
            text,
            bounds,
            secrets: Arc::clone(&self.secrets),
        })
    }
}

fn request(call: &Call, url: &Url, identity: &Identity) -> http::Result<Request<Bytes>> {
    let request = Request::builder()
        .method(call.endpoint.method.as_str())
        .uri(url.as_str())
        .header(ACCEPT, "application/json")
        .header(ACCEPT_ENCODING, "gzip");
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

/// Why a body was not read to its end.
enum Cut {
    Off(reqwest::Error),
    Short(Stop),
}

/// Reads until the end, or until there is more than the limit. Counting what comes and what is unpacked, and stopping, is
/// what keeps a small malicious answer from filling the memory.
async fn read_body(response: &mut reqwest::Response, body: &mut Body) -> Result<(), Cut> {
    while let Some(chunk) = response.chunk().await.map_err(Cut::Off)? {
        body.push(&chunk).map_err(Cut::Short)?;
    }
    body.end().map_err(Cut::Short)
}
