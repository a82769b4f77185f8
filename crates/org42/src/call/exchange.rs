//! Sends one request and receives its answer: without retries, sign-ins and redirects.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http_body_util::BodyExt as _;
use tokio::time::Instant;
use url::Url;

use crate::answer::limits::{Limits, Size};
use crate::answer::response::Answer;
use crate::call::auth::identity::Identity;
use crate::call::keys::KeyTaking;
use crate::call::pace::Pace;
use crate::call::request::Call;
use crate::call::runtime::runtime;
use crate::call::trace::Span;
use crate::error::fault::Fault;
use crate::error::refusal::{KEPT_TEXT, Refusal};
use crate::error::{Error, Result};
use crate::http::address::Address;
use crate::http::body::{Body, Stop, forget_packing};
use crate::http::buffers::Buffers;
use crate::http::clock::ServerClock;
use crate::http::deadline::{Deadline, Elapsed};
use crate::http::net::failure::{BoxError, NoConnection, behind, forwarded};
use crate::http::net::proxy::Proxy;
use crate::http::redirect;
use crate::http::text::decoded;
use crate::http::transport::{AnyTransport, Failure, ResponseBody, TransportError};
use crate::redact::Secrets;

/// The path to a tenant, and the settings of every request on it.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) transport: Arc<dyn AnyTransport>,
    /// The proxy that reads requests and may answer them itself, if there is one.
    pub(crate) forwarder: Option<Arc<Proxy>>,
    pub(crate) address: Address,
    pub(crate) user_agent: HeaderValue,
    /// How long nothing may come of an answer before it is given up.
    pub(crate) silence: Duration,
    pub(crate) limits: Limits,
    pub(crate) pace: Arc<Pace>,
    /// Whether the server takes idempotency keys.
    pub(crate) keys: Arc<KeyTaking>,
    /// What the server's clock shows.
    pub(crate) clock: Arc<ServerClock>,
    pub(crate) buffers: Buffers,
    /// The secrets that requests of this client have carried.
    pub(crate) secrets: Arc<Secrets>,
}

/// How many bytes a second of a body have to come, in each span of time that may pass in silence.
const LEAST_RATE: u64 = 10;

type Cause = Arc<dyn StdError + Send + Sync>;

/// The reason why a body was not read to its end.
enum Cut {
    Off(BoxError),
    Short(Elapsed),
    Wrong(Stop),
}

impl Exchange {
    /// Sends one request and returns its answer, if it is complete and has a success status.
    pub(crate) async fn send(
        &self,
        call: &Call,
        identity: &Identity,
        deadline: &Deadline,
    ) -> Result<Answer> {
        runtime(&call.operation)?;
        self.keep_pace(call, deadline).await?;
        // Before the request is handed over, it is certain that it was not sent.
        if let Some(elapsed) = deadline.elapsed() {
            return Err(call.unsent(elapsed));
        }
        self.secrets.learn(&*identity.secrets);
        let url = self
            .address
            .of(call.endpoint.route, &call.path, &call.query)
            .map_err(|reason| Error::input(&*call.operation, reason))?;
        let request = call
            .request(&url, identity, &self.user_agent)
            .map_err(|error| self.unanswered(call, Failure::Unwritable(error.into())))?;
        let silence = deadline.or_after(self.silence);
        let begun = Instant::now();
        let sent = match silence.within(self.transport.send_boxed(request)).await {
            Ok(sent) => sent,
            Err(Elapsed::Late) => {
                self.pace.was_silent();
                Err(TransportError(Failure::Timeout))
            }
            Err(Elapsed::Stopped) => return Err(call.failed(Fault::Stopped { sent: true })),
        };
        let (mut head, mut body) = sent
            .map_err(|TransportError(failure)| self.unanswered(call, failure))?
            .into_parts();
        self.pace.answered();
        self.clock.learn(&head.headers);
        self.keys.learn(&head.headers, head.status);
        let status = head.status;
        let bounds = self.limits.of(Size::of(call.endpoint, &call.query));
        let limit = match status.is_success() {
            true => bounds.text,
            false => self.limits.refusal.min(self.limits.answer),
        };
        let mut taken = Body::new(&head.headers, limit, &self.buffers);
        let read = self.read_body(&mut body, &mut taken, deadline).await;
        // Text in another encoding grows when it is decoded, and hardly any server sends much of it, so its limit is
        // lower.
        let text_limit = limit.min(self.limits.document);
        let text = decoded(taken.into_bytes(), text_limit, &self.buffers);
        if !status.is_success() {
            // A failure status counts even if its body was cut off.
            return Err(self.refused(call, &url, &head, &text.unwrap_or_default()));
        }
        let malformed = |message: String| {
            call.failed(Fault::Malformed {
                status: status.as_u16(),
                message,
                text: String::new(),
            })
        };
        let too_long = |limit: usize| Err(malformed(format!("with more than {limit} bytes")));
        let text = match (read, text) {
            (Err(Cut::Short(Elapsed::Late)), _) => {
                self.pace.was_silent();
                return Err(call.failed(Fault::Timeout));
            }
            (Err(Cut::Short(Elapsed::Stopped)), _) => {
                return Err(call.failed(Fault::Stopped { sent: true }));
            }
            (Err(Cut::Off(reason)), _) => {
                let status = Some(status.as_u16());
                return Err(self.because(call.failed(Fault::Interrupted { status }), reason));
            }
            (Err(Cut::Wrong(Stop::Damaged)), _) => {
                return Err(malformed("not packed as its header says".to_owned()));
            }
            (Err(Cut::Wrong(Stop::Unknown(packing))), _) => {
                let message = format!("packed as {packing}, which was not asked for");
                return Err(malformed(message));
            }
            (Err(Cut::Wrong(Stop::TooLong)), _) => return too_long(limit),
            (Ok(()), None) => return too_long(text_limit),
            (Ok(()), Some(text)) => text,
        };
        forget_packing(&mut head.headers);
        Ok(Answer {
            operation: call.operation.clone(),
            endpoint: call.endpoint,
            attempts: 1,
            status: status.as_u16(),
            url: String::from(url),
            headers: head.headers,
            text,
            took: begun.elapsed(),
            bounds,
            secrets: Arc::clone(&self.secrets),
        })
    }

    /// Waits as long as the server has asked for. What the deadline does not allow is not waited for at all.
    async fn keep_pace(&self, call: &Call, deadline: &Deadline) -> Result<()> {
        let Some(wait) = self.pace.wait() else {
            return Ok(());
        };
        if !deadline.leaves(wait) {
            return Err(call.failed(Fault::Paused(wait)));
        }
        let waiting = deadline.within(tokio::time::sleep(wait));
        let waited = Span::wait(wait).around(waiting).await;
        waited.map_err(|elapsed| call.unsent(elapsed))
    }

    /// Reads until the end, or until there is more than the limit. Counting the bytes that come and those that are
    /// unpacked keeps a small malicious answer from filling the memory; and a body that keeps coming may take its time,
    /// if it comes at a rate at all.
    async fn read_body(
        &self,
        body: &mut ResponseBody,
        taken: &mut Body,
        deadline: &Deadline,
    ) -> Result<(), Cut> {
        let mut window = Instant::now();
        let mut came = 0;
        let least = self.silence.as_secs().saturating_mul(LEAST_RATE);
        loop {
            let frame = deadline.or_after(self.silence).within(body.frame()).await;
            let Some(frame) = frame.map_err(Cut::Short)? else {
                break;
            };
            if let Some(data) = frame.map_err(Cut::Off)?.data_ref() {
                taken.push(data).map_err(Cut::Wrong)?;
                came += data.len() as u64;
            }
            if window.elapsed() >= self.silence {
                if came < least {
                    return Err(Cut::Short(Elapsed::Late));
                }
                (window, came) = (Instant::now(), 0);
            }
        }
        taken.end().map_err(Cut::Wrong)
    }

    /// Returns the error for an answer with a failure status, whether the tenant sent it or a proxy on the way.
    fn refused(&self, call: &Call, url: &Url, head: &http::response::Parts, text: &str) -> Error {
        let status = head.status;
        let forwarder = self.forwarder.as_deref();
        if let Some(own) = forwarder.and_then(|proxy| forwarded(proxy, status, text)) {
            return refused_on_the_way(call, own, status.is_server_error());
        }
        let place = match status.is_redirection() {
            true => redirect::place(&head.headers, url, &self.secrets),
            false => None,
        };
        let place = place.map(|place| self.secrets.start_of(&place, KEPT_TEXT));
        if let (Some(proxy), Some(place)) = (forwarder, &place) {
            let answer = format!("answered {status} and pointed to {place}, which is not followed");
            return refused_on_the_way(call, behind(proxy, &answer), false);
        }
        let mut refusal = Refusal::new(status.as_u16(), &head.headers, text, &self.secrets);
        refusal.location = place;
        call.failed(Fault::Refused(refusal))
    }

    /// Returns the error for a request without an answer: one that was surely not sent, or one of which nothing is
    /// known.
    fn unanswered(&self, call: &Call, failure: Failure) -> Error {
        match (self.forwarder.as_deref(), failure) {
            (_, Failure::NoConnection(failure)) => {
                let fault = Fault::Connect {
                    message: failure.message.clone(),
                    lasting: failure.lasting,
                };
                let error = hinted(call.failed(fault), &failure);
                match failure.into_source() {
                    Some(source) => self.because(error, source),
                    None => error,
                }
            }
            (_, Failure::Unwritable(reason)) => {
                let fault = Fault::Input("the request cannot be built".to_owned());
                self.because(call.failed(fault), reason)
            }
            (Some(proxy), Failure::Timeout) => {
                refused_on_the_way(call, behind(proxy, "did not answer in time"), true)
            }
            (Some(proxy), Failure::Interrupted(reason)) => {
                let broken = behind(proxy, "broke off, or does not speak HTTP");
                self.because(refused_on_the_way(call, broken, true), reason)
            }
            (None, Failure::Timeout) => call.failed(Fault::Timeout),
            (None, Failure::Interrupted(reason)) => {
                self.because(call.failed(Fault::Interrupted { status: None }), reason)
            }
        }
    }

    /// Adds the cause that a transport reported; if the cause would show a secret, only its redacted text.
    fn because(&self, error: Error, cause: impl Into<Cause>) -> Error {
        let cause = cause.into();
        let mut shown = format!("{cause:?}");
        let mut next: Option<&dyn StdError> = Some(&*cause);
        while let Some(this) = next {
            shown = format!("{shown} {this}");
            next = this.source();
        }
        match self.secrets.redact(&shown) == shown {
            true => error.because_of(cause),
            false => error.because(self.secrets.reason(&cause)),
        }
    }
}

/// Returns the error for an answer that a proxy made itself, perhaps after it had forwarded the request.
fn refused_on_the_way(call: &Call, failure: NoConnection, perhaps_done: bool) -> Error {
    let fault = Fault::Proxy {
        message: failure.message.clone(),
        perhaps_done,
    };
    hinted(call.failed(fault), &failure)
}

fn hinted(error: Error, failure: &NoConnection) -> Error {
    match &failure.hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
