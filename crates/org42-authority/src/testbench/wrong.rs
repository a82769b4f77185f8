//! The answers to requests that run into a fault.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};
use org42_types::Timestamp;

use super::faults::Trouble;
use super::noted::noted;
use super::requests::Requests;
use crate::http::App;
use crate::http::connection::Peer;
use crate::http::error_reply::ErrorReply;
use crate::http::headers::{CHALLENGE, http_date, in_form};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json;charset=UTF-8";
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\
                    <body><h1>Sign in to the network</h1></body></html>\n";

/// The request that a fault has hit, and what is needed to answer it.
pub(super) struct Way {
    pub(super) app: App,
    pub(super) requests: Arc<Requests>,
    /// The number under which the request is noted.
    pub(super) number: u64,
    pub(super) uri: Uri,
    pub(super) peer: Option<Peer>,
}

impl Way {
    fn noted(&self, answer: Response) -> Response {
        noted(&self.requests, self.number, answer)
    }

    /// Resets the connection. The log shows the request without an answer.
    fn reset(&self) -> Response {
        if let Some(peer) = &self.peer {
            peer.reset();
        }
        Response::default()
    }
}

/// Returns the wrong answer in place of the right one. Where the right answer is only sent in a wrong way, the log
/// shows it as it was meant.
pub(super) async fn wrong(way: Way, trouble: Trouble, right: Response) -> Response {
    let wrong = match trouble {
        Trouble::Delay { millis } => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            right
        }
        Trouble::SlowBody {
            pieces,
            pause_millis,
        } => {
            return slow(
                way.noted(right),
                pieces,
                Duration::from_millis(pause_millis),
            )
            .await;
        }
        // An empty body cannot be cut in half.
        Trouble::TruncatedBody if right.body().is_end_stream() => return way.reset(),
        Trouble::TruncatedBody => return truncated(way.noted(right)).await,
        Trouble::Reset => return way.reset(),
        Trouble::Status {
            status,
            body,
            content_type,
        } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            typed(status, content_type.as_deref().unwrap_or(JSON), body)
        }
        Trouble::TooManyRequests {
            retry_after_seconds,
            as_date,
        } => {
            let text = "Too many requests".to_owned();
            let mut answer = typed(StatusCode::TOO_MANY_REQUESTS, HTML, text);
            let value = retry_after(way.app.now(), retry_after_seconds, as_date);
            answer
                .headers_mut()
                .extend(value.map(|value| (header::RETRY_AFTER, value)));
            answer
        }
        Trouble::ExpiredToken => {
            let refusal = ErrorReply::unauthorized().into_response();
            let mut answer = in_form(&way.app, &way.uri, refusal).await;
            let challenge = HeaderValue::from_static(CHALLENGE);
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
            answer
        }
        Trouble::InvalidJson => {
            let broken = r#"{"data": {"orgs": [{"orgId": 2, "#.to_owned();
            typed(StatusCode::OK, JSON, broken)
        }
        Trouble::HtmlPage => typed(StatusCode::OK, HTML, PAGE.to_owned()),
    };
    way.noted(wrong)
}

fn typed(status: StatusCode, kind: &str, body: String) -> Response {
    let mut answer = (status, body).into_response();
    let kind = HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static(HTML));
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

/// Returns the value of `Retry-After`. A date counts from the `Date` of the answer.
fn retry_after(now: Timestamp, seconds: u32, as_date: bool) -> Option<HeaderValue> {
    match as_date {
        true => http_date(now.plus_millis(i64::from(seconds) * 1000)),
        false => Some(HeaderValue::from(seconds)),
    }
}

/// Splits an answer into status, headers with the length of the whole body, and the body.
async fn whole(answer: Response) -> (StatusCode, HeaderMap, Bytes) {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    (parts.status, parts.headers, body)
}

async fn truncated(answer: Response) -> Response {
    let (status, headers, body) = whole(answer).await;
    let half = body.slice(..body.len() / 2);
    let half = stream::once(async { Ok(half) });
    let end = stream::once(async {
        // The first half is sent only when the next piece is not ready at once.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    let body = Body::from_stream(half.chain(end));
    (status, headers, body).into_response()
}

async fn slow(answer: Response, pieces: u32, pause: Duration) -> Response {
    let (status, headers, body) = whole(answer).await;
    let piece = body.len().div_ceil(pieces.max(1) as usize).max(1);
    let body = stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let part = rest.split_to(piece.min(rest.len()));
        Some((Ok::<_, io::Error>(part), rest))
    });
    (status, headers, Body::from_stream(body)).into_response()
}
