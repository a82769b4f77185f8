//! The headers that the real server adds to its answers, and the forms of refusals that the switches choose.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::fmt::rfc2822::DateTimePrinter;
use org42_types::Timestamp;
use serde_json::{Value, json};

use super::access::App;
use super::error_reply::{BrokenRule, ErrorReply, Refused};
use super::guard::Scheme;
use super::spelling::AsTyped;
use crate::fidelity::V3Errors;

/// The header by which a client is asked for credentials.
pub(crate) const CHALLENGE: &str = "Basic realm=\"org42\"";

/// Returns a time as headers have it.
pub(crate) fn http_date(time: Timestamp) -> Option<HeaderValue> {
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?;
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&time);
    HeaderValue::from_str(&text.ok()?).ok()
}

pub(super) async fn add_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let typed = request.extensions().get::<AsTyped>().cloned();
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .map(str::to_owned);
    let quiet = request
        .headers()
        .get("authorization-challenge")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"false"));
    let scheme = request.extensions().get::<Scheme>().copied();
    let scheme = scheme.unwrap_or(Scheme::Http).as_str();
    let answer = as_refusal(next.run(request).await);
    let mut response = in_form(&app, &uri, answer).await;
    let ok = response.status().is_success();
    let status = response.status();
    let headers = response.headers_mut();
    if ok {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        if let (Some(AsTyped(typed)), Some(host)) = (typed, host)
            && typed.starts_with("/api/v1/")
            && let Ok(location) = HeaderValue::from_str(&format!("{scheme}://{host}{typed}"))
        {
            headers.insert(header::CONTENT_LOCATION, location);
        }
    }
    if status == StatusCode::UNAUTHORIZED && !quiet {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(CHALLENGE),
        );
    }
    response
}

/// Rewrites a refusal of the framework, such as of a path that is not text, in the form of all other refusals.
fn as_refusal(answer: Response) -> Response {
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    match is_error && answer.extensions().get::<Refused>().is_none() {
        true => ErrorReply::new(status, "SYSTEM", "Invalid request").into_response(),
        false => answer,
    }
}

/// Returns an answer in the form that the switches choose.
pub(crate) async fn in_form(app: &App, uri: &Uri, mut answer: Response) -> Response {
    let fidelity = app.fidelity();
    if answer.extensions().get::<BrokenRule>().is_some() {
        *answer.status_mut() =
            StatusCode::from_u16(fidelity.rule_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let is_v3 = uri.path().starts_with("/api/v3/");
    match is_v3 && !answer.status().is_success() && fidelity.v3_errors == V3Errors::Envelope {
        true => in_envelope(answer).await,
        false => answer,
    }
}

/// Returns a refusal in the envelope of v3.
async fn in_envelope(refusal: Response) -> Response {
    let (mut parts, body) = refusal.into_parts();
    // The authority's own refusals are in memory already.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let problems: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let enveloped = json!({"data": null, "error": problems, "warnings": null});
    // The marks of the refusal are kept, so that a switch may still change its content type.
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(enveloped.to_string()))
}
