//! The headers that the real server puts on its answers.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::spelling::AsTyped;

pub(super) async fn add_headers(request: Request, next: Next) -> Response {
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
    let mut response = next.run(request).await;
    let ok = response.status().is_success();
    let status = response.status();
    let headers = response.headers_mut();
    if ok {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        if let (Some(AsTyped(typed)), Some(host)) = (typed, host)
            && typed.starts_with("/api/v1/")
            && let Ok(location) = HeaderValue::from_str(&format!("http://{host}{typed}"))
        {
            headers.insert(header::CONTENT_LOCATION, location);
        }
    }
    if status == StatusCode::UNAUTHORIZED && !quiet {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"org42\""),
        );
    }
    response
}
