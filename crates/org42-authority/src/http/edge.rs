//! The entrance of the API: the first checks of every request, and the last changes to every answer.

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt as _;

use super::access::App;
use super::connection::Peer;
use super::error_reply::{ErrorReply, Refused};
use super::guard::{self, Via};
use super::headers::http_date;
use super::hosts::Hosts;
use super::keyed;
use super::routes::Service;
use crate::fidelity::ErrorType;
use crate::service::LIFETIME;

const HTML: HeaderValue = HeaderValue::from_static("text/html;charset=ISO-8859-1");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// The API behind the checks that keep web pages away.
pub(crate) struct Edge {
    app: App,
    service: Service,
    hosts: Hosts,
}

impl Edge {
    /// Returns an entrance to `service`, which answers under these hosts.
    pub(crate) fn new(app: App, service: Service, hosts: Hosts) -> Self {
        Self {
            app,
            service,
            hosts,
        }
    }

    pub(crate) async fn answer(&self, request: Request, via: Via, peer: Peer) -> Response {
        let (parts, body) = request.into_parts();
        let answer = match guard::check(&parts, via, &self.hosts) {
            Err(no) => no.into_response(),
            Ok(()) => {
                let mut request = Request::from_parts(parts, body);
                request.extensions_mut().insert(ConnectInfo(peer.address));
                request.extensions_mut().insert(peer);
                request.extensions_mut().insert(via.scheme);
                let answered = self.service.clone().oneshot(request).await;
                answered.unwrap_or_else(|never| match never {})
            }
        };
        self.finished(answer).await
    }

    /// Returns the bytes of an answer to a request that did not arrive, or is not HTTP.
    pub(crate) async fn last_words(&self, status: StatusCode, text: &str) -> Vec<u8> {
        let name = match status.is_server_error() {
            true => "",
            false => "SYSTEM",
        };
        let no = ErrorReply::new(status, name, text).into_response();
        let (parts, body) = self.finished(no).await.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let mut words = format!("HTTP/1.1 {status}\r\n").into_bytes();
        if status.is_server_error() {
            words.extend_from_slice(b"retry-after: 1\r\n");
        }
        for (name, value) in &parts.headers {
            words.extend_from_slice(name.as_str().as_bytes());
            words.extend_from_slice(b": ");
            words.extend_from_slice(value.as_bytes());
            words.extend_from_slice(b"\r\n");
        }
        let length = body.len();
        words.extend_from_slice(
            format!("content-length: {length}\r\nconnection: close\r\n\r\n").as_bytes(),
        );
        words.extend_from_slice(&body);
        words
    }

    async fn finished(&self, mut answer: Response) -> Response {
        let headers = answer.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        // By the tenant's clock, which all other times in answers go by.
        if let Some(date) = http_date(self.app.now()) {
            headers.insert(header::DATE, date);
        }
        if self.app.fidelity().idempotency_keys {
            headers.insert(keyed::LIFETIME, HeaderValue::from(LIFETIME));
        }
        let is_refusal = answer.extensions().get::<Refused>().is_some();
        match is_refusal && self.app.fidelity().error_type == ErrorType::Html {
            true => as_html(answer).await,
            false => answer,
        }
    }
}

/// Returns a refusal with the recorded content type. It stays the same document, but contains nothing that a browser
/// takes for markup.
async fn as_html(refusal: Response) -> Response {
    let (mut parts, body) = refusal.into_parts();
    // The authority's own refusals are in memory already.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body = escaped(&String::from_utf8_lossy(&body));
    parts.headers.insert(header::CONTENT_TYPE, HTML);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// Returns a JSON text in ASCII without `<`, `>` and `&`, which only occur within its strings.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    let mut units = [0; 2];
    for letter in json.chars() {
        if letter.is_ascii() && !matches!(letter, '<' | '>' | '&') {
            escaped.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut units) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_document_is_the_same_document() {
        let document = serde_json::json!([{"description": "<script>&\u{e4}\u{1f600}\"\\"}]);
        let text = escaped(&document.to_string());
        assert!(text.is_ascii() && !text.contains(['<', '>', '&']), "{text}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            document
        );
    }
}
