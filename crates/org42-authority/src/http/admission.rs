//! Decides which requests are handled, by the length of their target and body and by the number of requests in a
//! minute.
//!
//! [`take`] decides that for each request first, and [`decline`] answers the refused ones last. A layer between the
//! two sees every request as it was received, and knows whether it will be handled.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::access::{App, has_session, token_of};
use super::error_reply::ErrorReply;
use super::intake::{self, Held, NotTaken};
use super::spelling::{AsReceived, is_own};
use crate::domain::TenantRefusal;

/// The longest path with its query, in bytes.
const MAX_TARGET: usize = 8 * 1024;

/// The body of a request, as it was received.
#[derive(Clone, Debug)]
pub(crate) enum Received {
    /// The complete body.
    Whole(Bytes),
    /// A body that was refused; the number of bytes that came of it.
    Dropped(usize),
}

/// The mark of a request that is refused here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Declined {
    /// There were too many requests in this minute; the number is the seconds until the next one.
    TooManyRequests(u32),
    TargetTooLong,
    Body(NotTaken),
}

impl From<Declined> for ErrorReply {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::TooManyRequests(seconds) => Self::too_many_requests(seconds.into()),
            Declined::TargetTooLong => {
                let text = format!("The path with its query is longer than {MAX_TARGET} bytes");
                Self::new(StatusCode::URI_TOO_LONG, "SYSTEM", &text)
            }
            Declined::Body(NotTaken::TooLong) => {
                let text = format!("The body is longer than {} bytes", intake::LONGEST);
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "SYSTEM", &text)
            }
            Declined::Body(NotTaken::EndedEarly) => {
                Self::new(StatusCode::BAD_REQUEST, "SYSTEM", "The body ended early")
            }
            Declined::Body(NotTaken::Busy) => TenantRefusal::Busy(1).into(),
        }
    }
}

/// Returns the target of a request as the client sent it.
pub(crate) fn target(request: &Request) -> &Uri {
    let received = request.extensions().get::<AsReceived>();
    received.map_or(request.uri(), |AsReceived(uri)| uri)
}

/// Reads the body of a request and decides whether the request is handled. The budget that the body takes is free
/// again when the request is answered.
pub(super) async fn take(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let held = Held::default();
    let asks_first = parts
        .headers
        .get(header::EXPECT)
        .is_some_and(|wanted| wanted.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let is_known = has_session(&app, token_of(&parts));
    let taken = app.intake.take(body, &held, asks_first, is_known).await;
    parts.extensions.insert(held.clone());
    let (body, received, not_taken) = match taken {
        Ok(body) => (body.clone(), Received::Whole(body), None),
        Err((why, length)) => (
            Bytes::new(),
            Received::Dropped(length),
            Some(Declined::Body(why)),
        ),
    };
    let mut request = Request::from_parts(parts, Body::from(body));
    let declined = match is_own(request.uri().path()) {
        true => not_taken,
        false => too_many(&app).or(too_long(&request)).or(not_taken),
    };
    request.extensions_mut().insert(received);
    if let Some(declined) = declined {
        request.extensions_mut().insert(declined);
    }
    next.run(request).await
}

fn too_many(app: &App) -> Option<Declined> {
    let limit = app.fidelity().requests_per_minute;
    let seconds = app.rate.too_many(limit, app.machine.now())?;
    Some(Declined::TooManyRequests(seconds))
}

fn too_long(request: &Request) -> Option<Declined> {
    let target = target(request);
    let length = target.path().len() + target.query().unwrap_or_default().len();
    (length > MAX_TARGET).then_some(Declined::TargetTooLong)
}

/// Answers a request that was refused; passes on every other one.
pub(super) async fn decline(request: Request, next: Next) -> Response {
    match request.extensions().get::<Declined>() {
        Some(declined) => ErrorReply::from(*declined).into_response(),
        None => next.run(request).await,
    }
}
